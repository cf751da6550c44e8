/* What a command line does to the environment of the program it runs. */
#include "analyze/control_plane/component.h"

bool component_assigns(struct str word, struct str *name, struct str *value, bool *adds)
{
    size_t n = 0;
    while (n < word.n &&
           ((word.p[n] >= 'a' && word.p[n] <= 'z') || (word.p[n] >= 'A' && word.p[n] <= 'Z') ||
            word.p[n] == '_' || (n && word.p[n] >= '0' && word.p[n] <= '9')))
        n++;
    *adds = n + 1 < word.n && word.p[n] == '+';
    size_t equals = n + *adds;
    if (!n || equals >= word.n || word.p[equals] != '=')
        return false;
    *name = str_sub(word, 0, n);
    *value = str_sub(word, equals + 1, word.n);
    return true;
}

void component_env_set(struct component_words *w, struct arena *a, struct str name,
                       const struct str *text)
{
    struct value v =
        text ? value_str(*text)
             : value_error(a, VALUE_ERROR_UNAVAILABLE, UINT32_MAX,
                           "the shell script may set %.*s, to what cannot be told", STR_ARG(name));
    *VEC_PUSH(&w->set, a) = (struct component_variable){ .name = name, .value = v };
}

static void doubt(struct component_words *w, const char *text)
{
    if (!w->env_doubt.n)
        w->env_doubt = str_from_c(text);
}

static bool is_program(struct str word, const char *name)
{
    size_t slash = str_find_last_char(word, '/');
    return str_eq_c(slash == SIZE_MAX ? word : str_sub(word, slash + 1, word.n), name);
}

/* At a word behind env; false when it is what env runs. Source: GNU coreutils, env invocation. */
static bool read_env_word(struct component_words *w, struct arena *a, struct str word)
{
    struct str name, value;
    bool adds;
    if (component_assigns(word, &name, &value, &adds) && !adds) {
        component_env_set(w, a, name, &value);
        return true;
    }
    if (!str_has_prefix(word, STR("-")))
        return false;
    if (!str_eq_c(word, "--"))
        doubt(w, "env is given options, which may take variables away or read them from elsewhere");
    return true;
}

void component_env_front(struct component_words *w, struct arena *a, size_t at)
{
    bool env = false, login = false;
    for (size_t i = 0; i < at && i < w->word.count; i++) {
        struct str word = w->word.item[i];
        env = env && read_env_word(w, a, word);
        env = env || is_program(word, "env");
        login = login || is_program(word, "runuser");
        if (str_eq_c(word, "exec") && i + 1 < at && str_has_prefix(w->word.item[i + 1], STR("-")))
            doubt(w, "exec is given options, which may take its environment away");
        if (login &&
            (str_eq_c(word, "-") || str_has_prefix(word, STR("-l")) || str_eq_c(word, "--login")))
            doubt(w, "it is run as by a login, whose files may set variables");
    }
}
