/* Any bytes as a control-plane command line: as a shell's script, as arguments one a line, and as both in
 * a mirror pod. */
#include "analyze/control_plane/component.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_flags(struct value flags, bool dashes)
{
    INVARIANT(flags.kind == VALUE_MAP);
    for (uint32_t i = 0; i < flags.n; i++) {
        struct str name = value_text(flags.as.map->entry[i].key);
        struct value v = flags.as.map->entry[i].val;
        INVARIANT(name.n > 0 && (!dashes || str_find_char(name, '_', 0) == SIZE_MAX));
        INVARIANT(v.kind == VALUE_STRING || (v.kind == VALUE_ERROR && v.as.error->code == VALUE_ERROR_UNAVAILABLE));
    }
}

static struct value texts(struct arena *a, const struct str *text, size_t count)
{
    struct value_builder b;
    value_builder_init(&b, a);
    for (size_t i = 0; i < count; i++)
        value_builder_push(&b, value_str(text[i]));
    return value_builder_list(&b);
}

static struct value map_of(struct arena *a, const char *key, struct value v)
{
    struct value_builder b;
    value_builder_init(&b, a);
    value_builder_set(&b, key, v);
    return value_builder_map(&b);
}

/* A mirror pod whose one container has this command, and the first word as $X. */
static struct value mirror_pod(struct arena *a, const struct str *word, size_t count)
{
    struct value_builder b, meta, env, pod;
    struct value owner = map_of(a, "kind", value_cstr("Node"));
    value_builder_init(&env, a);
    value_builder_set(&env, "name", value_cstr("X"));
    value_builder_set(&env, "value", count ? value_str(word[0]) : value_cstr(""));
    struct value variable = value_builder_map(&env);
    value_builder_init(&b, a);
    value_builder_set(&b, "command", texts(a, word, count));
    value_builder_set(&b, "env", value_list(&variable, 1));
    struct value container = value_builder_map(&b);
    value_builder_init(&meta, a);
    value_builder_set(&meta, "annotations", map_of(a, "kubernetes.io/config.mirror", value_cstr("x")));
    value_builder_set(&meta, "ownerReferences", value_dup(a, value_list(&owner, 1)));
    value_builder_init(&pod, a);
    value_builder_set(&pod, "metadata", value_builder_map(&meta));
    value_builder_set(&pod, "spec", map_of(a, "containers", value_list(&container, 1)));
    return value_dup(a, value_builder_map(&pod));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena a = { 0 };
    struct str text = str_of((const char *)data, size), rest = text, line;
    struct component_words words;
    struct component c;
    VEC(struct str) arg = { 0 };
    struct value env = map_of(&a, "X", value_cstr("--a=1 --b"));
    component_split_shell(&words, &a, text, env);
    INVARIANT(words.word.count <= COMPONENT_WORDS_MAX);
    check_flags(component_flags(&a, words.word.item, words.word.count), true);
    while (str_next_field(&rest, '\n', &line))
        *VEC_PUSH(&arg, &a) = line;
    check_flags(component_flags(&a, arg.item, arg.count), true);
    check_flags(component_go_flags(&a, arg.item, arg.count), false);
    if (component_of_pod(&c, &a, mirror_pod(&a, arg.item, arg.count)))
        check_flags(c.flags, c.kind != COMPONENT_ETCD);
    struct str script[] = { STR_INIT("/bin/sh"), STR_INIT("-c"), text };
    if (component_of_pod(&c, &a, mirror_pod(&a, script, 3)))
        check_flags(c.flags, c.kind != COMPONENT_ETCD);
    arena_release(&a);
    return 0;
}
