/* Recorded EncryptionConfiguration files, what the API server says of them, and who writes Secrets. */
#include "cases/cases.h"

#include "analyze/secrets/encryption.h"

/* The original has two steps, each with tests of its own that leave the other out: field errors, and
 * rules hidden by earlier ones. Files go through both. */
enum step { STEP_FIELDS, STEP_MASKING, STEP_BOTH };

static enum step step_of(struct value row)
{
    struct str source = value_text_at(row, "source", NULL);
    if (str_contains(source, STR("validation_encryption_test.go")))
        return STEP_FIELDS;
    return str_contains(source, STR("config_test.go TestWildcard")) ? STEP_MASKING : STEP_BOTH;
}

static bool is_valid(const struct encryption_config *config, enum step step)
{
    return step == STEP_FIELDS ? config->error.count == 0 : step == STEP_MASKING ? config->masked.n == 0 : encryption_is_valid(config);
}

/* Every error expected is there, in order, and no other. */
static bool same_errors(const struct encryption_config *config, enum step step, struct value expect)
{
    struct str all[2] = { config->masked };
    const struct str *error = step == STEP_MASKING ? all : config->error.item;
    size_t count = step == STEP_MASKING ? config->masked.n > 0 : config->error.count;
    if (expect.kind != VALUE_LIST || expect.n != count)
        return false;
    for (uint32_t i = 0; i < expect.n; i++) {
        if (!str_eq(error[i], value_text(value_item(expect, i))))
            return false;
    }
    return true;
}

static bool index_case(struct cases *c, struct value row, struct arena *a)
{
    const struct value *files = value_get(row, STR("input_files")), *expect = value_get(row, STR("expect"));
    if (!files || !expect || files->kind != VALUE_LIST || files->n != 1)
        return false;
    struct str name = value_text(value_item(*files, 0));
    struct encryption_config config;
    struct err err = { 0 };
    bool reload = value_bool_at(row, false, "params", "reload", NULL);
    bool read = encryption_read(&config, a, cases_file(c, a, "encryption", name), str_to_c(a, name), reload, &err);
    enum step step = step_of(row);
    bool valid = read && is_valid(&config, step);
    if (valid != value_bool_at(*expect, false, "valid", NULL))
        return false;
    const struct value *errors = value_get(*expect, STR("errors"));
    if (errors && (!read || !same_errors(&config, step, *errors)))
        return false;
    struct str first = value_text_at(*expect, "secrets_first_provider", NULL);
    if (!first.n)
        return true;
    const struct encryption_provider *p = read ? encryption_writer(&config, STR(""), STR("secrets")) : NULL;
    return p && str_eq_c(first, encryption_kind_name(p->kind));
}

int main(int argc, char **argv)
{
    struct cases c;
    if (!cases_open(&c, argc, argv))
        return 2;
    cases_run(&c, "encryption/index", index_case);
    return cases_close(&c);
}
