/* Which checks of a benchmark are run: profiles, ids with globs, tags. */
#include "base/names.h"
#include "base/vec.h"
#include "bench/attack.h"
#include "bench/benchmark.h"
#include "value/faults.h"
#include "value/yaml.h"

bool section_holds(struct str section, const struct check *c)
{
    struct str in = c->section;
    return str_eq(in, section) ||
           (in.n > section.n && in.p[section.n] == '.' && str_has_prefix(in, section));
}

const struct check *benchmark_find(const struct benchmark *b, struct str id)
{
    for (size_t i = 0; i < b->check_count; i++)
        if (str_eq(b->check[i].id, id))
            return &b->check[i];
    return NULL;
}

static const struct framework *find_framework(const struct framework *f, size_t count,
                                              struct str id)
{
    for (size_t i = 0; i < count; i++)
        if (str_eq(f[i].id, id))
            return &f[i];
    return NULL;
}

static bool can_have_evidence(const struct requirement *q)
{
    return q && q->evidenceable == EVIDENCE_CONTRIBUTES;
}

static void check_requirement(const struct benchmark *b, const struct requirement_ref *q,
                              const struct framework *f, size_t framework_count, struct arena *a,
                              struct faults *faults)
{
    struct reading r = benchmark_reading(b, q->pos, a, faults);
    const struct framework *in = find_framework(f, framework_count, q->framework);
    const char **known = arena_array(a, const char *, framework_count);
    for (size_t i = 0; i < framework_count; i++)
        known[i] = str_to_c(a, f[i].id);
    if (!in && q->framework_pos.line)
        (void)fault_at(&r, q->framework_pos, "no framework \"%.*s\"%.*s", STR_ARG(q->framework),
                       STR_ARG(fault_hint(&r, known, framework_count, q->framework)));
    else if (in && q->pos.line && !can_have_evidence(framework_find(in, q->requirement)))
        (void)fault_at(
            &r, q->pos,
            "%.*s has no requirement \"%.*s\" that configuration can evidence; %.*s lists them",
            STR_ARG(q->framework), STR_ARG(q->requirement), STR_ARG(in->file));
}

bool benchmark_check_frameworks(const struct benchmark *b, const struct framework *f,
                                size_t framework_count, struct arena *a, struct faults *faults)
{
    size_t before = faults->item.count;
    for (size_t c = 0; c < b->check_count; c++)
        for (size_t r = 0; r < b->check[c].requirement_count; r++)
            check_requirement(b, &b->check[c].requirement[r], f, framework_count, a, faults);
    return faults->item.count == before;
}

static const struct profile *find_profile(const struct benchmark *b, struct str id)
{
    for (size_t i = 0; i < b->profile_count; i++)
        if (str_eq_nocase(b->profile[i].id, id))
            return &b->profile[i];
    return NULL;
}

static bool no_profile(const struct benchmark *b, struct str given, struct arena *scratch,
                       struct err *err)
{
    struct str *id = arena_array(scratch, struct str, b->profile_count);
    for (size_t i = 0; i < b->profile_count; i++)
        id[i] = b->profile[i].id;
    struct str all = str_join(scratch, id, b->profile_count, STR(", "));
    return err_set(err, ERR_USAGE, "--profile: %.*s has no profile \"%.*s\"; there are %.*s",
                   STR_ARG(b->id), STR_ARG(given), STR_ARG(all));
}

/* A pattern names a check by its id, or by a section that it stands in, or below: "5.2" is all
 * of 5.2.1 to 5.2.12. */
static bool names_check(struct str pattern, const struct check *c)
{
    return str_glob(pattern, c->id) || section_holds(pattern, c);
}

/* Marks the checks that one of the patterns names; a pattern that names none is a slip. */
static bool mark(const struct benchmark *b, const struct str *pattern, size_t count, bool *marked,
                 struct err *err)
{
    for (size_t p = 0; p < count; p++) {
        bool any = false;
        for (size_t i = 0; i < b->check_count; i++) {
            if (!names_check(pattern[p], &b->check[i]))
                continue;
            marked[i] = any = true;
        }
        if (!any)
            return err_set(err, ERR_USAGE,
                           "no check of %.*s matches \"%.*s\"; kubevouch explain lists them",
                           STR_ARG(b->id), STR_ARG(pattern[p]));
    }
    return true;
}

static bool bears(const struct check *c, struct str tag)
{
    bool any = false;
    for (size_t i = 0; i < c->tag_count; i++)
        any |= str_glob(tag, c->tag[i]);
    for (size_t i = 0; i < c->attack_count; i++)
        any |= attack_asked(tag, c->attack[i].technique);
    return any;
}

/* Marks the checks that bear one of the tags; one that none bears is a slip. */
static bool mark_tagged(const struct benchmark *b, const struct selection *s, bool *marked,
                        struct err *err)
{
    for (size_t t = 0; t < s->tag_count; t++) {
        bool any = false;
        for (size_t i = 0; i < b->check_count; i++)
            if (bears(&b->check[i], s->tag[t]))
                marked[i] = any = true;
        if (!any)
            return err_set(err, ERR_USAGE,
                           "--tag: no check of %.*s bears \"%.*s\"; kubevouch explain CHECK tells "
                           "the tags of one",
                           STR_ARG(b->id), STR_ARG(s->tag[t]));
    }
    return true;
}

bool benchmark_select(const struct benchmark *b, const struct selection *s, bool *selected,
                      struct err *err)
{
    struct arena scratch CLEANUP(arena_release) = { 0 };
    bool *in = arena_array(&scratch, bool, b->check_count),
         *out = arena_array(&scratch, bool, b->check_count),
         *tagged = arena_array(&scratch, bool, b->check_count);
    const struct profile *p = s->profile.n ? find_profile(b, s->profile) : NULL;
    if (s->profile.n && !p)
        return no_profile(b, s->profile, &scratch, err);
    if (!mark(b, s->include, s->include_count, in, err) ||
        !mark(b, s->exclude, s->exclude_count, out, err) || !mark_tagged(b, s, tagged, err))
        return false;
    bool any = false;
    for (size_t i = 0; i < b->check_count; i++) {
        selected[i] = (!s->include_count || in[i]) && (!s->tag_count || tagged[i]) && !out[i] &&
                      (!p || b->check[i].level <= p->level);
        any |= selected[i];
    }
    return any || err_set(err, ERR_USAGE,
                          "the profile, patterns and tags given leave no check of %.*s to judge",
                          STR_ARG(b->id));
}

/* "Group:*", "ServiceAccount:*:*": nothing in it names anything. */
static bool names_nothing(struct str item)
{
    size_t at = str_find(item, STR(":"), 0);
    struct str rest = at == SIZE_MAX ? item : str_sub(item, at + 1, item.n);
    for (size_t i = 0; i < rest.n; i++)
        if (!strchr("*?:/.-", rest.p[i]))
            return false;
    return rest.n > 0 && str_find(rest, STR("*"), 0) != SIZE_MAX;
}

/* A parameter that accepts more may name what it accepts, and not everything there is. */
static bool refuse_everything(const struct param *p, struct value v, struct err *err)
{
    for (uint32_t i = 0; p->widens != WIDENS_NOT && v.kind == VALUE_LIST && i < v.n; i++) {
        struct value item = value_item(v, i);
        if (item.kind == VALUE_STRING && names_nothing(value_text(item)))
            return err_set(
                err, ERR_USAGE,
                "--param %.*s: \"%.*s\" accepts every one there is; name those that are meant",
                STR_ARG(p->name), STR_ARG(value_text(item)));
    }
    return true;
}

static bool set_param(const struct benchmark *b, struct str setting, struct value *param,
                      struct arena *a, struct err *err)
{
    struct str name, text;
    struct node *doc;
    size_t docs;
    if (!str_cut(setting, '=', &name, &text))
        return err_set(err, ERR_USAGE, "--param \"%.*s\": expected NAME=VALUE", STR_ARG(setting));
    size_t i = 0;
    while (i < b->param_count && !str_eq(b->param[i].name, name))
        i++;
    if (i == b->param_count) {
        const char **known = arena_array(a, const char *, b->param_count);
        for (size_t k = 0; k < b->param_count; k++)
            known[k] = str_to_c(a, b->param[k].name);
        const char *near = names_nearest(known, b->param_count, name);
        return err_set(err, ERR_USAGE, "%.*s has no parameter \"%.*s\"%s%s%s", STR_ARG(b->id),
                       STR_ARG(name), near ? "; did you mean \"" : "", near ? near : "",
                       near ? "\"?" : "");
    }
    if (!yaml_read(&doc, &docs, a, text, str_to_c(a, str_printf(a, "--param %.*s", STR_ARG(name))),
                   err))
        return false;
    struct value v = docs ? node_value(a, &doc[0]) : value_null();
    if (v.kind != b->param[i].def.kind)
        return err_set(err, ERR_USAGE, "--param %.*s: its default is of type %s, got type %s",
                       STR_ARG(name), value_kind_name((enum value_kind)b->param[i].def.kind),
                       value_kind_name((enum value_kind)v.kind));
    param[i] = v;
    return refuse_everything(&b->param[i], v, err);
}

/* What the leading framework asks for. A benchmark without the parameter has nothing that asks it.
 */
static bool set_framework_params(const struct benchmark *b, const struct framework *f,
                                 struct value *param, struct err *err)
{
    for (size_t k = 0; f && k < f->param_count; k++) {
        for (size_t i = 0; i < b->param_count; i++) {
            if (!str_eq(b->param[i].name, f->param[k].name))
                continue;
            if (f->param[k].value.kind != b->param[i].def.kind)
                return err_set(
                    err, ERR_INPUT, "%.*s: parameter %.*s is of type %s in %.*s, not of type %s",
                    STR_ARG(f->file), STR_ARG(f->param[k].name),
                    value_kind_name((enum value_kind)b->param[i].def.kind), STR_ARG(b->id),
                    value_kind_name((enum value_kind)f->param[k].value.kind));
            param[i] = f->param[k].value;
        }
    }
    return true;
}

bool benchmark_params(const struct benchmark *b, const struct str *setting, size_t setting_count,
                      struct arena *a, struct value *out, struct err *err)
{
    return benchmark_params_for(b, NULL, setting, setting_count, a, out, err);
}

bool benchmark_params_for(const struct benchmark *b, const struct framework *f,
                          const struct str *setting, size_t setting_count, struct arena *a,
                          struct value *out, struct err *err)
{
    struct value *param = arena_array(a, struct value, b->param_count);
    struct value_builder map;
    for (size_t i = 0; i < b->param_count; i++)
        param[i] = b->param[i].def;
    if (!set_framework_params(b, f, param, err))
        return false;
    for (size_t i = 0; i < setting_count; i++)
        if (!set_param(b, setting[i], param, a, err))
            return false;
    value_builder_init(&map, a);
    for (size_t i = 0; i < b->param_count; i++)
        value_builder_put(&map, value_str(b->param[i].name), param[i]);
    *out = value_builder_map(&map);
    return true;
}

bool check_reads_kind(const struct check *c, enum kind k)
{
    bool reads = false;
    for (size_t p = 0; p < c->part_count; p++)
        reads |= kind_set_has(c->part[p].reads, k);
    return reads;
}

bool check_reads_endpoint(const struct check *c, enum endpoint e)
{
    bool reads = false;
    for (size_t p = 0; p < c->part_count; p++)
        reads |= endpoint_set_has(c->part[p].endpoints, e);
    return reads;
}

struct bench_reads benchmark_reads(const struct benchmark *b, const bool *selected)
{
    struct bench_reads r = { 0 };
    kind_set_add(&r.kinds, KIND_NAMESPACES); /* kube-system's UID tells which cluster it is */
    for (size_t i = 0; i < b->check_count; i++) {
        for (size_t p = 0; (!selected || selected[i]) && p < b->check[i].part_count; p++) {
            kind_set_merge(&r.kinds, b->check[i].part[p].reads);
            endpoint_set_merge(&r.endpoints, b->check[i].part[p].endpoints);
        }
        for (size_t n = 0; (!selected || selected[i]) && n < b->check[i].not_applicable_count;
             n++) {
            kind_set_merge(&r.kinds, b->check[i].not_applicable[n]->kinds);
            endpoint_set_merge(&r.endpoints, b->check[i].not_applicable[n]->endpoints);
        }
        for (size_t q = 0; (!selected || selected[i]) && q < b->check[i].requirement_count; q++) {
            const struct not_applicable *when = b->check[i].requirement[q].when;
            kind_set_merge(&r.kinds, when ? when->kinds : (struct kind_set){ 0 });
            endpoint_set_merge(&r.endpoints, when ? when->endpoints : (struct endpoint_set){ 0 });
        }
    }
    return r;
}

static bool follows(const struct check_at *c)
{
    return c[1].place == c[0].place + 1 && str_eq(c[1].check->section, c[0].check->section);
}

struct str check_ids_text(struct arena *a, const struct check_at *c, size_t count)
{
    VEC(struct str) part = { 0 };
    for (size_t i = 0, n; i < count; i += n) {
        for (n = 1; i + n < count && follows(&c[i + n - 1]); n++)
            ;
        n = n < 3 ? 1 : n;
        struct str first = c[i].check->id, last = c[i + n - 1].check->id;
        *VEC_PUSH(&part, a) =
            n == 1 ? first : str_printf(a, "%.*s - %.*s", STR_ARG(first), STR_ARG(last));
    }
    return str_join(a, part.item, part.count, STR(", "));
}
