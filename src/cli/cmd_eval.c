/* eval: an expression over a population of a cluster, without a benchmark's check. */
#include "base/file.h"
#include "base/names.h"
#include "bench/asked.h"
#include "cli/auditing.h"
#include "cli/data.h"
#include "cli/terminal.h"
#include "cluster/taint.h"
#include "value/json_doc.h"
#include "value/scalar.h"
#include "value/yaml.h"

#include <unistd.h>

#define FILE_BYTES_MAX       ((size_t)64 << 20)
#define VALUE_TEXT_BYTES_MAX ((size_t)64 << 20)
#define SHOWN_BYTES_MAX      200u

const char *const print_name[PRINT_COUNT] = { "json", "cel", "jsonl" };

/* What is asked, and what has been told of it so far. */
struct evaluating {
    const struct options *options;
    struct arena *run;
    struct benchmark bench, asked;
    struct value params;
    struct str expression;
    enum print_form form;
    bool many; /* values have their objects' names in front */
    size_t failed;
};

/* ---- telling */

static void put_value(struct evaluating *ev, struct value v)
{
    struct arena scratch CLEANUP(arena_release) = { 0 };
    struct buf text CLEANUP(buf_release) = BUF_INIT(VALUE_TEXT_BYTES_MAX);
    if (ev->form == PRINT_CEL)
        buf_add(&text, cel_value_text(&scratch, v, VALUE_TEXT_BYTES_MAX));
    else
        json_doc_write(&text, v, 0);
    terminal_put(stdout, ev->options->stdout_is_terminal, buf_str(&text));
    putchar('\n');
}

static void put_row(struct evaluating *ev, struct object_ref ref, struct value v)
{
    struct arena scratch CLEANUP(arena_release) = { 0 };
    struct value_builder b;
    value_builder_init(&b, &scratch);
    value_builder_set(&b, "kind", value_str(ref.kind));
    value_builder_set(&b, "namespace", value_str(ref.ns));
    value_builder_set(&b, "name", value_str(ref.name));
    value_builder_set(&b, value_is_error(v) ? "error" : "value", v);
    put_value(ev, value_builder_map(&b));
}

/* Each subexpression's value under it: a line for each, that underlines it in the text above. */
static void put_explained(struct evaluating *ev, const struct cel_explained *row, size_t count)
{
    struct arena scratch CLEANUP(arena_release) = { 0 };
    struct str source = ev->expression;
    char *line = str_to_c(&scratch, source);
    for (size_t i = 0; i < source.n; i++)
        line[i] = line[i] == '\n' || line[i] == '\t' || line[i] == '\r' ? ' ' : line[i];
    terminal_put(stdout, true, str_of(line, source.n));
    putchar('\n');
    for (size_t i = 0; i < count; i++) {
        if (str_eq_c(str_sub(source, row[i].offset, (size_t)row[i].offset + row[i].length),
                     "object"))
            continue; /* all of it is known, and would fill the screen */
        size_t from = str_utf8_length(str_sub(source, 0, row[i].offset));
        size_t width =
            str_utf8_length(str_sub(source, row[i].offset, (size_t)row[i].offset + row[i].length));
        printf("%*s", (int)from, "");
        for (size_t k = 0; k < width; k++)
            putchar(k == 0 || k + 1 == width ? '^' : '-');
        struct str text = value_is_error(row[i].value)
                              ? row[i].value.as.error->text
                              : cel_value_text(&scratch, row[i].value, SHOWN_BYTES_MAX);
        printf(" %s", value_is_error(row[i].value) ? "error: " : "");
        terminal_put(stdout, true, str_sub(text, 0, SHOWN_BYTES_MAX));
        putchar('\n');
    }
}

static void put_error(struct evaluating *ev, struct str who, const struct value_error *e)
{
    struct arena scratch CLEANUP(arena_release) = { 0 };
    struct pos pos = { "EXPRESSION", 1, 1 };
    for (size_t i = 0; i < e->offset && i < ev->expression.n; i++) {
        pos.column++;
        if (ev->expression.p[i] == '\n')
            pos = (struct pos){ "EXPRESSION", pos.line + 1, 1 };
    }
    terminal_put(stderr, true, who);
    fputs(who.n ? ": " : "", stderr);
    if (e->offset <= ev->expression.n)
        fprintf(stderr, "EXPRESSION:%u:%u: ", pos.line, pos.column);
    terminal_put(stderr, true, e->text);
    fputc('\n', stderr);
    if (e->offset > ev->expression.n)
        return;
    struct str excerpt = scalar_excerpt(&scratch, ev->expression, pos), line;
    while (str_next_field(&excerpt, '\n', &line)) {
        terminal_put(stderr, true, line);
        fputc('\n', stderr);
    }
}

static void told(void *ctx, const struct audit_answer *a)
{
    struct evaluating *ev = ctx;
    struct str who = ev->many ? object_ref_text(ev->run, a->ref) : STR("");
    bool error = value_is_error(a->value);
    ev->failed += error;
    if (ev->form == PRINT_JSONL) {
        put_row(ev, a->ref, a->value);
        return;
    }
    if (error) {
        put_error(ev, who, a->value.as.error);
    } else {
        terminal_put(stdout, true, who);
        fputs(who.n ? ": " : "", stdout);
        put_value(ev, a->value);
    }
    if (ev->options->explain)
        put_explained(ev, a->row, a->row_count);
}

/* ---- objects of files */

/* One object's values: those that need a cluster are unavailable. */
struct of_file {
    struct evaluating *ev;
    struct value object; /* an error: there is none */
    struct value *slot;
    bool *made;
    struct cel_activation act;
};

static struct value make_slot(struct of_file *f, uint32_t slot, struct arena *scratch)
{
    if (slot == SLOT_OBJECT)
        return f->object;
    if (slot == SLOT_PARAMS)
        return f->ev->params;
    if (slot < SLOT_FIXED_COUNT + fact_count)
        return value_error(scratch, VALUE_ERROR_UNAVAILABLE, UINT32_MAX,
                           "%s needs a cluster: use --over",
                           slot == SLOT_DERIVED            ? "derived"
                           : slot == SLOT_NAMESPACE_OBJECT ? "namespaceObject"
                                                           : "a fact");
    f->slot[slot] =
        value_error(scratch, VALUE_ERROR_EVAL, UINT32_MAX, "a variable is defined by itself");
    f->made[slot] = true;
    return cel_eval(f->ev->asked.variable[slot - SLOT_FIXED_COUNT - fact_count].program, &f->act,
                    scratch);
}

static bool resolve(void *ctx, uint32_t slot, struct value *out, struct arena *scratch)
{
    struct of_file *f = ctx;
    if (!f->made[slot]) {
        f->slot[slot] = make_slot(f, slot, scratch);
        f->made[slot] = true;
    }
    *out = f->slot[slot];
    return true;
}

static void evaluate_one(struct evaluating *ev, struct value object, struct object_ref ref)
{
    enum { ROWS_MAX = 64 };
    struct arena scratch CLEANUP(arena_release) = { 0 };
    size_t slots = SLOT_FIXED_COUNT + fact_count + ev->asked.variable_count;
    struct of_file f = { .ev = ev,
                         .object = object,
                         .slot = arena_array(&scratch, struct value, slots),
                         .made = arena_array(&scratch, bool, slots) };
    struct cel_explained *row = arena_array(&scratch, struct cel_explained, ROWS_MAX);
    const struct cel_program *p = asked_part(&ev->asked)->validation[0].expression.program;
    struct audit_answer a = { .ref = ref, .row = row };
    f.act = (struct cel_activation){
        .var = f.slot, .resolve = resolve, .ctx = &f, .cost_left = CEL_COST_MAX
    };
    a.value = cel_eval(p, &f.act, &scratch);
    f.act.cost_left = CEL_COST_MAX;
    if (ev->options->explain)
        a.row_count = cel_explain(p, &f.act, &scratch, row, ROWS_MAX);
    a.row_count = a.row_count < ROWS_MAX ? a.row_count : ROWS_MAX;
    told(ev, &a);
}

/* For objects of one kind the expression is compiled for it: a misspelt field is a fault of the
 * expression. */
static bool ask(struct evaluating *ev, struct str over, enum kind kind, struct err *err)
{
    struct faults faults = { 0 };
    if (benchmark_ask(&ev->asked, &ev->bench, ev->run, over, kind, ev->expression, &faults))
        return true;
    (void)data_tell_faults(&faults, "EXPRESSION", err);
    err->code = ERR_USAGE;
    return false;
}

struct objects {
    VEC(struct value) item;
};

static void add_objects(struct objects *to, struct arena *a, struct value v)
{
    const struct value *items = value_get(v, STR("items"));
    bool list = items && items->kind == VALUE_LIST &&
                str_has_suffix(value_text_at(v, "kind", NULL), STR("List"));
    if (!list && v.kind != VALUE_NULL)
        *VEC_PUSH(&to->item, a) = v;
    for (uint32_t i = 0; list && i < items->n; i++)
        *VEC_PUSH(&to->item, a) = value_item(*items, i);
}

/* What is an object of Kubernetes; other documents are whatever their author means. */
static struct value marked(struct arena *a, struct value v)
{
    return value_text_at(v, "apiVersion", NULL).n && value_text_at(v, "kind", NULL).n
               ? taint_object(a, v)
               : v;
}

static bool read_objects(struct objects *to, struct arena *a, struct str path, struct err *err)
{
    struct buf text CLEANUP(buf_release) = BUF_INIT(FILE_BYTES_MAX);
    struct yaml_limits limits = { .bytes = FILE_BYTES_MAX, .nodes = YAML_NODES_MAX };
    bool standard = str_eq_c(path, "-");
    const char *name = standard ? "-" : str_to_c(a, path);
    struct node *doc;
    size_t count;
    if (!file_read(standard ? "/dev/stdin" : name, &text, err) ||
        !yaml_read_within(&doc, &count, a, buf_str(&text), name, &limits, err))
        return false;
    for (size_t i = 0; i < count; i++)
        add_objects(to, a, marked(a, node_value(a, &doc[i])));
    return true;
}

/* KIND_NONE: they are of several, or of one that is not known. */
static enum kind common_kind(const struct objects *o)
{
    enum kind common = KIND_NONE;
    for (size_t i = 0; i < o->item.count; i++) {
        struct value v = o->item.item[i];
        enum kind kind =
            kind_by_api(value_text_at(v, "apiVersion", NULL), value_text_at(v, "kind", NULL));
        if (i && kind != common)
            return KIND_NONE;
        common = kind;
    }
    return common;
}

static bool evaluate_files(struct evaluating *ev, struct err *err)
{
    const struct option_strs *argument = &ev->options->argument;
    struct objects objects = { 0 };
    for (size_t i = 1; i < argument->count; i++)
        if (!read_objects(&objects, ev->run, argument->item[i], err))
            return false;
    if (!ask(ev, STR(""), common_kind(&objects), err))
        return false;
    ev->many = objects.item.count > 1;
    for (size_t i = 0; i < objects.item.count; i++)
        evaluate_one(ev, objects.item.item[i], object_ref_of(objects.item.item[i]));
    if (argument->count > 1 && !objects.item.count)
        return err_set(err, ERR_INPUT, "there is no object in what was given");
    if (argument->count == 1)
        evaluate_one(ev,
                     value_error(ev->run, VALUE_ERROR_UNAVAILABLE, UINT32_MAX,
                                 "there is no object: name a file, - for standard input, or a "
                                 "population with --over"),
                     (struct object_ref){ 0 });
    return true;
}

/* ---- the command */

static enum exit_status evaluate_over(struct evaluating *ev, struct err *err)
{
    const struct audit_asking asking = { .told = told, .ctx = ev, .explain = ev->options->explain };
    if (ev->options->argument.count > 1) {
        (void)err_set(err, ERR_USAGE, "eval takes files or --over, not both");
        return EXIT_USAGE;
    }
    if (!ask(ev, ev->options->over, KIND_NONE, err))
        return EXIT_USAGE;
    ev->many = true;
    return auditing_ask(ev->options, &ev->asked, ev->params, &asking, ev->run, err);
}

enum exit_status cmd_eval(const struct options *o, struct arena *run, struct err *err)
{
    struct evaluating *ev = arena_new(run, struct evaluating);
    enum exit_status status = EXIT_DONE;
    ev->options = o;
    ev->run = run;
    if (!o->argument.count) {
        (void)err_set(err, ERR_USAGE,
                      "eval needs an expression: kubevouch eval 'object.metadata.name' FILE...");
        return EXIT_USAGE;
    }
    ev->expression = o->argument.item[0];
    ev->form =
        o->print.n ? (enum print_form)names_find(print_name, PRINT_COUNT, o->print) : PRINT_JSON;
    if (!data_benchmark(&ev->bench, run, o->benchmark, err) ||
        !benchmark_params(&ev->bench, o->param.item, o->param.count, run, &ev->params, err))
        return EXIT_USAGE;
    if (o->over.n)
        status = evaluate_over(ev, err);
    else if (!evaluate_files(ev, err))
        return EXIT_USAGE;
    return status == EXIT_DONE && ev->failed ? EXIT_CHECK_FAILED : status;
}
