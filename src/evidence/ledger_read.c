/* A ledger read back: each line's hash, the chain, the order, and what held after each run. */
#include "evidence/ledger.h"

#include "value/json_read.h"

#define SIGNATURE_BYTES_MAX ((size_t)8 << 10)

struct ledger_reading {
    struct ledger *l;
    struct verify *v;
    const struct sign_key *key;
    struct arena *a;
};

/* ---- one line ---- */

/* "KEY":"TEXT" at the beginning of *rest, without a backslash; taken off. */
static bool take_text(struct str *out, struct str *rest, const char *lead)
{
    struct str head = str_from_c(lead);
    if (!str_has_prefix(*rest, head))
        return false;
    size_t end = str_find_char(*rest, '"', head.n);
    if (end == SIZE_MAX)
        return false;
    *out = str_sub(*rest, head.n, end);
    *rest = str_sub(*rest, end + 1, rest->n);
    return str_find_char(*out, '\\', 0) == SIZE_MAX;
}

/* What is hashed, and what may follow it: nothing else, or it would be believed unhashed. */
static bool take_apart(struct ledger_run *run, struct str line)
{
    size_t at = str_find(line, STR(",\"hash\":\""), 0);
    if (at == SIZE_MAX)
        return false;
    struct str rest = str_sub(line, at, line.n);
    run->hashed = str_sub(line, 0, at);
    if (!take_text(&run->hash, &rest, ",\"hash\":\""))
        return false;
    if (take_text(&run->key_id, &rest, ",\"keyId\":\"") &&
        !take_text(&run->signature, &rest, ",\"signature\":\""))
        return false;
    return str_eq_c(rest, "}");
}

static bool is_hashed_so(const struct ledger_run *run)
{
    uint8_t digest[SHA256_BYTES];
    char hex[SHA256_HEX_BYTES];
    sha256_of(run->hashed, digest);
    sha256_hex(digest, hex);
    return str_eq_c(run->hash, hex);
}

static bool is_whole(struct str line)
{
    struct ledger_run run;
    return take_apart(&run, line) && is_hashed_so(&run);
}

static bool read_objects(struct ledger_check *c, struct arena *a, const struct value *list)
{
    if (!list || list->kind != VALUE_LIST || list->n > LEDGER_OBJECTS_MAX)
        return false;
    c->object = arena_array(a, struct ledger_object, list->n);
    for (uint32_t i = 0; i < list->n; i++) {
        struct value o = value_item(*list, i);
        c->object[c->object_count++] = (struct ledger_object){ value_text_at(o, "kind", NULL),
                                                               value_text_at(o, "namespace", NULL),
                                                               value_text_at(o, "name", NULL) };
    }
    return true;
}

static bool read_changed(struct ledger_check *c, struct arena *a, struct value v)
{
    struct str word = value_text_at(v, "verdict", NULL);
    *c = (struct ledger_check){ .id = value_text_at(v, "check", NULL),
                                .title = value_text_at(v, "title", NULL),
                                .severity = value_text_at(v, "severity", NULL),
                                .verdict = document_verdict(word),
                                .objects_sha256 = value_text_at(v, "objectsSha256", NULL) };
    if (!c->id.n || (c->verdict == VERDICT_COUNT && !str_eq_c(word, LEDGER_NOT_RUN)))
        return false;
    if (c->verdict != VERDICT_FAIL && c->verdict != VERDICT_WAIVED)
        return !c->objects_sha256.n;
    int64_t findings = value_int_at(v, -1, "findings", NULL);
    c->findings = (uint64_t)findings;
    return findings >= 0 && read_objects(c, a, value_get(v, STR("objects")));
}

static bool read_fields(struct ledger_run *run, struct arena *a, struct value v)
{
    const struct value *changed = value_get(v, STR("changed"));
    int64_t sequence = value_int_at(v, 0, "sequence", NULL);
    run->sequence = (uint64_t)sequence;
    run->run_id = value_text_at(v, "runId", NULL);
    run->cluster = value_text_at(v, "cluster", NULL);
    run->cluster_id = value_text_at(v, "clusterId", NULL);
    run->benchmark = value_text_at(v, "benchmark", NULL);
    run->rules = str_printf(a, "%.*s %.*s", STR_ARG(value_text_at(v, "benchmarkSha256", NULL)),
                            STR_ARG(value_text_at(v, "paramsSha256", NULL)));
    run->report_sha256 = value_text_at(v, "report", "sha256", NULL);
    run->previous = value_text_at(v, "previous", NULL);
    run->whole = value_bool_at(v, false, "coverage", "complete", NULL);
    if (sequence < 1 || !run->run_id.n || !run->benchmark.n || !run->previous.n ||
        !clock_parse_rfc3339(value_text_at(v, "observed", NULL), &run->observed) || !changed ||
        changed->kind != VALUE_LIST)
        return false;
    run->changed = arena_array(a, struct ledger_check, changed->n);
    for (; run->changed_count < changed->n; run->changed_count++)
        if (!read_changed(&run->changed[run->changed_count], a,
                          value_item(*changed, run->changed_count)))
            return false;
    return true;
}

static bool is_signed_by(struct ledger_reading *r, const struct ledger_run *run)
{
    struct buf signature CLEANUP(buf_release) = BUF_INIT(SIGNATURE_BYTES_MAX);
    return enc_base64_decode(&signature, run->signature, false) &&
           sign_check(r->key, ledger_signed_text(r->a, run->hash), buf_str(&signature));
}

static void check_signature(struct ledger_reading *r, const struct ledger_run *run, size_t number)
{
    if (!r->key)
        return;
    if (!run->signature.n)
        verify_tell(r->v, FAULT_INCOMPLETE, "line %zu has no signature", number);
    else if (!is_signed_by(r, run) && str_eq_c(run->key_id, r->key->id))
        verify_tell(r->v, FAULT_ALTERED, "line %zu names this key, and its signature does not hold",
                    number);
    else if (!is_signed_by(r, run))
        verify_tell(r->v, FAULT_OTHER_SIGNER, "line %zu names key %.*s; the key given is %s",
                    number, STR_ARG(run->key_id), r->key->id);
}

/* A line whose bytes are not what its hash says tells nothing: NULL. */
static struct ledger_run *read_line(struct ledger_reading *r, struct str line, size_t number)
{
    struct ledger_run *run = arena_new(r->a, struct ledger_run);
    struct err bad = { 0 };
    struct value v;
    if (!take_apart(run, line) || !is_hashed_so(run)) {
        verify_tell(r->v, FAULT_ALTERED, "line %zu is not as its hash says", number);
        return NULL;
    }
    if (!json_read(&v, r->a, str_printf(r->a, "%.*s}", STR_ARG(run->hashed)), NULL, NULL, 0,
                   &bad) ||
        !read_fields(run, r->a, v)) {
        verify_tell(r->v, FAULT_ALTERED,
                    "line %zu has its hash, and is no line that kubevouch writes", number);
        return NULL;
    }
    check_signature(r, run, number);
    return run;
}

/* ---- the chain ---- */

static int by_sequence(const void *a, const void *b)
{
    const struct ledger_run *x = *(struct ledger_run *const *)a,
                            *y = *(struct ledger_run *const *)b;
    return (x->sequence > y->sequence) - (x->sequence < y->sequence);
}

static void tell_missing(struct ledger_reading *r, uint64_t from, uint64_t to)
{
    if (from == to)
        verify_tell(r->v, FAULT_INCOMPLETE, "run %llu is missing", (unsigned long long)from);
    else
        verify_tell(r->v, FAULT_INCOMPLETE, "runs %llu to %llu are missing",
                    (unsigned long long)from, (unsigned long long)to);
}

static void check_order(struct ledger_reading *r)
{
    uint64_t greatest = 0;
    for (size_t i = 0; i < r->l->run.count; i++) {
        uint64_t sequence = r->l->run.item[i]->sequence;
        if (sequence < greatest)
            verify_tell(r->v, FAULT_REORDERED, "run %llu stands after run %llu",
                        (unsigned long long)sequence, (unsigned long long)greatest);
        greatest = sequence > greatest ? sequence : greatest;
    }
}

/* bad: lines that are not counted, as they are altered: what is missing may be one of them. */
static void check_chain(struct ledger_reading *r, size_t bad)
{
    static const char no_line[] =
        "0000000000000000000000000000000000000000000000000000000000000000";
    size_t count = r->l->run.count;
    struct ledger_run **sorted = arena_array(r->a, struct ledger_run *, count);
    struct str previous = str_from_c(no_line);
    uint64_t last = 0;
    for (size_t i = 0; i < count; i++)
        sorted[i] = r->l->run.item[i];
    if (count)
        qsort(sorted, count, sizeof *sorted, by_sequence);
    for (size_t i = 0; i < count; i++) {
        const struct ledger_run *run = sorted[i];
        uint64_t absent = run->sequence > last + 1 ? run->sequence - last - 1 : 0;
        if (run->sequence == last)
            verify_tell(r->v, FAULT_ALTERED, "run %llu stands there twice",
                        (unsigned long long)run->sequence);
        else if (absent > bad)
            tell_missing(r, last + 1, run->sequence - 1);
        else if (!absent && !str_eq(run->previous, previous))
            verify_tell(r->v, FAULT_ALTERED,
                        "run %llu follows another line than the one that stands before it: one of "
                        "the two was made anew",
                        (unsigned long long)run->sequence);
        bad -= absent && absent <= bad ? (size_t)absent : 0;
        last = run->sequence;
        previous = run->hash;
    }
}

/* ---- what held ---- */

static void apply(struct ledger_stream *s, struct ledger_run *run)
{
    for (size_t i = 0; i < run->changed_count; i++)
        map_put(&s->state, run->changed[i].id, &run->changed[i]);
    if (s->last)
        s->last->next = run;
    else
        s->first = run;
    s->last = run;
    s->count++;
}

static void replay(struct ledger_reading *r)
{
    struct ledger *l = r->l;
    for (size_t i = 0; i < l->run.count; i++) {
        struct ledger_run *run = l->run.item[i];
        void **at =
            map_at(&l->stream,
                   ledger_stream_key(r->a, run->cluster_id, run->cluster, run->benchmark), NULL);
        if (!*at) {
            struct ledger_stream *s = arena_new(r->a, struct ledger_stream);
            map_init(&s->state, r->a);
            *at = s;
        }
        apply(*at, run);
    }
}

void ledger_read(struct ledger *out, struct arena *a, struct str text, const struct sign_key *key,
                 struct verify *v)
{
    struct ledger_reading r = { out, v, key, a };
    size_t number = 0, bad = 0;
    *out = (struct ledger){ .arena = a };
    map_init(&out->stream, a);
    while (text.n) {
        size_t end = str_find_char(text, '\n', 0);
        out->is_open = end == SIZE_MAX && is_whole(text);
        if (end == SIZE_MAX && !out->is_open) {
            out->torn_bytes = text.n;
            break;
        }
        end = end == SIZE_MAX ? text.n : end;
        struct ledger_run *run = read_line(&r, str_sub(text, 0, end), ++number);
        if (run)
            *VEC_PUSH(&out->run, a) = run;
        else
            bad++;
        text = str_sub(text, end + 1, text.n);
    }
    check_order(&r);
    check_chain(&r, bad);
    replay(&r);
}
