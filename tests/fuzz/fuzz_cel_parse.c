/* The expression language's text to a tree. What parses must, written as text again, parse to the same
 * tree, and that text must be the same when it is written once more. */
#include "cel/parse.h"
#include "cel/unparse.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void round_trip(struct arena *a, const struct ast *root)
{
    struct str text, again;
    struct ast *second;
    struct err err = { 0 };
    if (!unparse(&text, a, root, &err))
        return; /* too long */
    struct cel_limits limits = { .source_bytes = UINT32_MAX, .depth = CEL_DEPTH_MAX + 2, .nodes = CEL_NODES_MAX };
    if (!parse_expression(&second, a, text, &limits, &err)) {
        fprintf(stderr, "%.*s\n%s\n", STR_ARG(text), err.text);
        INVARIANT(false);
    }
    INVARIANT(unparse_same(root, second));
    INVARIANT(unparse(&again, a, second, &err));
    INVARIANT(str_eq(text, again));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena a = { 0 };
    struct str source = str_of((const char *)data, size);
    struct cel_limits limits = { 0 };
    struct ast *root;
    struct err err = { 0 };
    if (parse_expression(&root, &a, source, &limits, &err))
        round_trip(&a, root);
    else
        INVARIANT(err.code != ERR_NONE && err.text[0]);
    arena_release(&a);
    return 0;
}
