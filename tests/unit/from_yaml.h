/* Values written as YAML in a test. */
#ifndef KUBEVOUCH_TESTS_FROM_YAML_H
#define KUBEVOUCH_TESTS_FROM_YAML_H

#include "base/log.h"
#include "value/yaml.h"

#include <check.h>

/* Every document of text as a list. A text that cannot be read fails the test. */
static inline struct value from_yaml_all(struct arena *a, const char *text)
{
    struct node *doc;
    size_t count;
    struct err err = { 0 };
    struct value_builder b;
    bool ok = yaml_read(&doc, &count, a, str_from_c(text), "test", &err);
    ck_assert_msg(ok, "%s in: %s", err.text, text);
    value_builder_init(&b, a);
    for (size_t i = 0; i < count; i++)
        value_builder_push(&b, node_value(a, &doc[i]));
    return value_builder_list(&b);
}

static inline struct value from_yaml(struct arena *a, const char *text)
{
    struct value all = from_yaml_all(a, text);
    ck_assert_uint_eq(all.n, 1);
    return value_item(all, 0);
}

#define ck_assert_text(got, want)                                                                                         \
    do {                                                                                                                  \
        struct str got_text = (got), want_text = str_from_c(want);                                                        \
        ck_assert_msg(str_eq(got_text, want_text), "got \"%.*s\", want \"%.*s\"", STR_ARG(got_text), STR_ARG(want_text)); \
    } while (0)

#endif
