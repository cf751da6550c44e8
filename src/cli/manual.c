/* The manual pages, out of the tables: kubevouch(1), kubevouch-cel(7),
 * kubevouch-benchmark(5); kubevouch-report(5) is in manual_report.c. */
#include "analyze/podsecurity/admission_config.h"
#include "analyze/secrets/encryption.h"
#include "analyze/shape.h"
#include "audit/result.h"
#include "bench/policy_benchmark.h"
#include "bench/sources.h"
#include "bench/statements.h"
#include "cel/overload.h"
#include "cli/command.h"
#include "cli/reach_end.h"
#include "cli/roff.h"
#include "cluster/manifest_files.h"
#include "cluster/manifest_set.h"
#include "cluster/node_facts_read.h"
#include "cluster/third_party_read.h"
#include "evidence/bundle.h"
#include "evidence/document.h"
#include "evidence/ledger.h"
#include "evidence/tar.h"
#include "kube/exec_plugin.h"
#include "tls/probe.h"

static void man_options(struct buf *out, unsigned bit)
{
    struct arena a CLEANUP(arena_release) = { 0 };
    for (size_t k = 0; k < option_info_count; k++) {
        const struct option_info *i = &option_info[k];
        if (!(i->commands & bit))
            continue;
        buf_addf(out, ".TP\n");
        if (i->short_name)
            buf_addf(out, "\\fB\\-%c\\fR, ", i->short_name);
        buf_addf(out, "\\fB\\-\\-");
        roff_text(out, i->name);
        buf_addf(out, "\\fR");
        if (i->value) {
            buf_addf(out, "=\\fI");
            roff_text(out, i->value);
            buf_addf(out, "\\fR");
        }
        buf_add_char(out, '\n');
        roff_text(out, str_to_c(&a, option_help(&a, i)));
        buf_add_char(out, '\n');
    }
}

static const struct {
    unsigned command;
    const char *words, *does;
} example[] = {
#define EXAMPLE(command, words, does) { command, words, does },
#include "cli/example.def"
#undef EXAMPLE
};

static void man_examples(struct buf *out, unsigned bit)
{
    for (size_t i = 0; i < sizeof example / sizeof *example; i++) {
        if (!(example[i].command & bit))
            continue;
        buf_addf(out, ".TP\n\\fB");
        roff_text(out, example[i].words);
        buf_addf(out, "\\fR\n");
        roff_text(out, example[i].does);
        buf_add_char(out, '\n');
    }
}

void usage_examples(unsigned bit)
{
    const char *head = "\nExamples:\n";
    for (size_t i = 0; i < sizeof example / sizeof *example; i++) {
        if (!(example[i].command & bit))
            continue;
        printf("%s  %s\n", head, example[i].words);
        head = "";
        if (example[i].does[0]) {
            printf("      ");
            usage_wrap(str_from_c(example[i].does), 6, 110);
        }
    }
}

static void man_limits(struct buf *out)
{
    static const struct {
        const char *of;
        unsigned long long most;
        const char *unit;
    } limit[] = {
#define LIMIT(of, most, unit) { of, most, unit },
#include "cli/limit.def"
#undef LIMIT
    };
    buf_add_c(out, ".SH LIMITS\nOptions under Limits of each command have their ranges and "
                   "defaults beside them. Besides these:\n");
    for (size_t i = 0; i < COUNT_OF(limit); i++) {
        bool mib = limit[i].unit[0] == 'b' && limit[i].most % (1u << 20) == 0;
        buf_addf(out, ".TP\n\\fB%llu%s%s\\fR\n", mib ? limit[i].most >> 20 : limit[i].most,
                 limit[i].unit[0] ? " " : "", mib ? "MiB" : limit[i].unit);
        roff_text(out, limit[i].of);
        buf_add_char(out, '\n');
    }
}

static void usage_man(struct buf *out)
{
    buf_addf(out,
             ".\\\" Made by: kubevouch help man\n.TH KUBEVOUCH 1 \"\" \"kubevouch %s\" \"User "
             "Commands\"\n.SH NAME\n"
             "kubevouch \\- audit a Kubernetes cluster's configuration through its API server\n.SH "
             "SYNOPSIS\n",
             PACKAGE_VERSION);
    for (size_t i = 0; i < command_count; i++)
        buf_addf(out, ".B kubevouch %s\n[\\fIOPTION\\fR]... %s%s%s\n.br\n", command[i].name,
                 command[i].arguments[0] ? "\\fI" : "", command[i].arguments,
                 command[i].arguments[0] ? "\\fR" : "");
    buf_addf(out, ".SH DESCRIPTION\nReads a cluster's objects through the kube\\-apiserver's REST "
                  "API, judges them by a benchmark written in YAML, "
                  "and writes reports. It sends GET requests and three kinds of self\\-review, "
                  "nothing else; it puts nothing on nodes. "
                  "What it could not see is UNKNOWN, never PASS.\n.SH COMMANDS\n");
    for (size_t i = 0; i < command_count; i++) {
        buf_addf(out, ".SS %s\n", command[i].name);
        roff_text(out, command[i].description);
        buf_add_char(out, '\n');
        man_options(out, command[i].bit & ~(unsigned)IN_DEMO ? command[i].bit : IN_DEMO);
    }
    man_limits(out);
    buf_addf(out,
             ".SH EXIT STATUS\n.TP\n.B 0\nDone.\n.TP\n.B 1\nA check failed at or above "
             "\\fB\\-\\-fail\\-on\\fR.\n.TP\n.B 2\nWrong usage, or a faulty "
             "benchmark or parameter.\n.TP\n.B 3\nAnswers broke off: pods, namespaces, roles or "
             "bindings could not be read whole, or most checks lack evidence for such a reason "
             "(not with \\fB\\-\\-allow\\-incomplete\\fR). Or evidence that a check needs could "
             "not be had, with \\fB\\-\\-strict\\-coverage\\fR.\n.TP\n.B 4\n"
             "The audit could not run; reports of an earlier run are left as they were.\n"
             ".SH CAUSES OF UNKNOWN\nThe word that reports have beside each reason "
             "(\\fBcause\\fR), and what it means.\n");
    for (size_t c = CAUSE_NONE + 1; c < CAUSE_COUNT; c++) {
        buf_addf(out, ".TP\n.B ");
        roff_text(out, cause_name((enum cause)c));
        buf_addf(out, "\n");
        roff_text(out, cause_text((enum cause)c));
        buf_addf(out, ".\n");
    }
    buf_addf(out, ".SH ENVIRONMENT\n.TP\n.B KUBECONFIG\nA list of kubeconfig files, parted by "
                  "colons; the first that names an entry wins it.\n.TP\n"
                  ".B NO_COLOR\nNo colours when set and not empty.\n.TP\n.B HTTPS_PROXY, "
                  "NO_PROXY\nThe proxy when the kubeconfig names none.\n.TP\n"
                  ".B KUBEVOUCH_DATA_DIR\nWhere benchmarks and the recorded cluster are, instead "
                  "of the installed place.\n"
                  ".SH EXAMPLES\n");
    for (size_t i = 0; i < command_count; i++)
        man_examples(out, command[i].bit);
    buf_addf(out, ".SH SEE ALSO\nkubevouch\\-benchmark(5), kubevouch\\-cel(7), "
                  "kubevouch\\-report(5), kubectl(1)\n");
}

/* ---- kubevouch-cel(7) */

static const char *const style_name[] = {
    [OVERLOAD_GLOBAL] = "function", [OVERLOAD_MEMBER] = "member", [OVERLOAD_OPERATOR] = "operator"
};

static void print_example(struct buf *out, const char *source, const char *result)
{
    buf_addf(out, ".TP\n\\fB");
    roff_text(out, source);
    buf_addf(out, "\\fR is \\fB");
    roff_text(out, result);
    buf_addf(out, "\\fR\n");
}

static void usage_man_cel(struct buf *out)
{
    buf_addf(
        out,
        ".\\\" Made by: kubevouch help cel\n.TH KUBEVOUCH-CEL 7 \"\" \"kubevouch %s\" "
        "\"Miscellaneous\"\n.SH NAME\nkubevouch\\-cel \\- the expression "
        "language of checks\n.SH DESCRIPTION\nThe language is CEL, the Common Expression Language, "
        "with the libraries of Kubernetes: what a "
        "ValidatingAdmissionPolicy may say means the same here. Each row below is run as a test.\n"
        ".SH LIMITS\nA source has at most %u bytes, a tree %u levels and %u parts; an evaluation "
        "costs at most %u, and all of a check over one object %u. Beyond them is an error value: "
        "the verdict is UNKNOWN.\n",
        PACKAGE_VERSION, CEL_SOURCE_BYTES_MAX, CEL_DEPTH_MAX, CEL_NODES_MAX, CEL_COST_MAX,
        CEL_COST_TOTAL_MAX);
    buf_addf(out, ".SH FORMS AND MACROS\n");
    for (size_t i = 0; i < cel_form_count; i++) {
        print_example(out, cel_form[i].example, cel_form[i].result);
        roff_text(out, cel_form[i].form);
        buf_addf(out, ": ");
        roff_text(out, cel_form[i].summary);
        buf_add_char(out, '\n');
    }
    buf_addf(out, ".SH FUNCTIONS\n");
    for (size_t i = 0; i < overload_count; i++) {
        print_example(out, overload[i].example, overload[i].result);
        buf_addf(out, "%s ", style_name[overload[i].style]);
        roff_text(out, overload[i].name);
        buf_addf(out, ": ");
        roff_text(out, overload[i].summary);
        buf_add_char(out, '\n');
    }
    buf_addf(out, ".SH DIFFERENCES FROM CEL\n");
    for (size_t i = 0; i < cel_difference_count; i++) {
        buf_addf(out, ".IP \\(bu 2\n");
        roff_text(out, cel_difference[i].summary);
        if (cel_difference[i].example) {
            buf_addf(out, " \\fB");
            roff_text(out, cel_difference[i].example);
            buf_addf(out, "\\fR is \\fB");
            roff_text(out, cel_difference[i].result);
            buf_addf(out, "\\fR.");
        }
        buf_add_char(out, '\n');
    }
    buf_addf(out, ".SH SEE ALSO\nkubevouch(1), kubevouch\\-benchmark(5)\n");
}

/* ---- kubevouch-benchmark(5) */

static void print_statement_keys(struct buf *out)
{
    static const struct {
        const char *name, *meaning;
    } key[] = {
        { "attestations",
          "each with check (an id), by (who, in which role), date, expires (a day or an RFC 3339 "
          "time), conclusion (satisfied or not-satisfied), statement; optional cluster. A MANUAL "
          "check becomes ATTESTED, which is no PASS and outside the score, or FAIL where the "
          "conclusion is not-satisfied" },
        { "waivers",
          "each with check (ids, with globs, but not every check), owner (or by), reason, expires; "
          "approver (another person; without one the waiver stands in the report as unapproved); "
          "optional object (\"Kind namespace/name\", with globs), created, ticket, "
          "compensatingControl and cluster. It ends at most 366 days after created, or from now "
          "where that is not given. What fails becomes WAIVED, which counts as not passed" },
        { "parameters",
          "that a parameter accepts more than its own value does: each with parameter, value (the "
          "item of a list, or the value), owner, approver, reason, created, expires; optional "
          "ticket, compensatingControl and cluster. What is accepted without one stands in the "
          "report as unapproved; an item that names nothing (\"Group:*\") is refused" },
        { "cluster", "the UID of namespace kube-system, or what --cluster-name says: elsewhere the "
                     "statement is void" },
    };
    buf_addf(
        out,
        ".SH STATEMENTS\nWhat named persons attest and waive, in the YAML files of --attestations. "
        "One that is expired, of another cluster or of no use is told in the report's notes.\n");
    for (size_t i = 0; i < sizeof key / sizeof *key; i++)
        roff_row(out, key[i].name, key[i].meaning);
}

/* Between .EX and .EE lines stand as they are. */
static void roff_lines(struct buf *out, const char *text)
{
    struct arena a CLEANUP(arena_release) = { 0 };
    struct str rest = str_from_c(text), line;
    while (str_next_field(&rest, '\n', &line)) {
        roff_text(out, str_to_c(&a, line));
        if (rest.n)
            buf_add_char(out, '\n');
    }
    buf_add_char(out, '\n');
}

static void print_file_examples(struct buf *out)
{
    static const struct {
        const char *name, *is, *text;
    } file[] = {
#define FILE_EXAMPLE(name, is, text) { name, is, text },
#include "cli/file_example.def"
#undef FILE_EXAMPLE
    };
    buf_addf(out, ".SH EXAMPLES\n");
    for (size_t i = 0; i < sizeof file / sizeof *file; i++) {
        buf_addf(out, ".PP\n\\fB");
        roff_text(out, file[i].name);
        buf_addf(out, "\\fR: ");
        roff_text(out, file[i].is);
        buf_addf(out, "\n.PP\n.EX\n");
        roff_lines(out, file[i].text);
        buf_addf(out, ".EE\n");
    }
}

static void print_framework_keys(struct buf *out)
{
    static const struct {
        const char *name, *meaning;
    } key[] = {
        { "framework, title, version, source",
          "what it is, and where the numbers of its requirements come from" },
        { "conclusions", "columns that the report leaves empty for whoever assesses" },
        { "marks", "each with id and text: what a reader must know of the requirements that bear "
                   "it, such as that they are for service providers only" },
        { "parameters",
          "each with name, value, requirement, reason: parameters of checks as this framework asks "
          "for them; they are in force with --framework, unless --param gives another value" },
        { "requirements",
          "each with id, title (own words, no two alike) and evidence: contributes (a check is "
          "evidence, or with run: strength and rationale the run itself), possible (a cluster "
          "could show something of it, and no check does) or none, with the reason (documents, "
          "acts, premises, data, elsewhere, organisation). notShown says what stays open, or would "
          "have to be looked at; optional when (a condition that a run cannot see), marks, "
          "subjects (the kinds of subject it is about)" },
    };
    buf_addf(out, ".SH FRAMEWORKS\nbenchmarks/frameworks/ID.yaml lists a framework's requirements. "
                  "A requirement has no verdict: reports say what was tested and found.\n");
    for (size_t i = 0; i < sizeof key / sizeof *key; i++)
        roff_row(out, key[i].name, key[i].meaning);
}

static void forged_row(struct buf *out, const char *name, const char *meaning,
                       struct forger_set forgers)
{
    struct arena a CLEANUP(arena_release) = { 0 };
    roff_row(out, name, meaning);
    buf_addf(out, "Written by: %.*s.\n", STR_ARG(forger_set_text(&a, forgers)));
}

static const struct {
    const char *name, *meaning;
} benchmark_key[] = {
    { "benchmark, version, title, kubernetes, description",
      "what it is, and the range of Kubernetes versions it is written for" },
    { "supersededBy",
      "a newer edition that the publisher has: title, version, kubernetes (the range it is written "
      "for); optional published (year, or year-month), benchmark (the name of a file beside this "
      "one that holds it) and note (why it is not judged by). Reports, explain and --benchmark "
      "auto tell it; lint wants the version newer and the file there" },
    { "sections, profiles, params, variables",
      "lists; a parameter has a name, a description, a default that --param may replace, and "
      "widens: more or less where a change that way (an item more, true, a higher or a lower "
      "number) accepts more and so needs an approval; a variable is usable in every check as "
      "variables.NAME" },
    { "kinds", "custom resources of your own that checks range over, each with group (it has a "
               "dot), versions (those that the checks are written for, the one to ask for first), "
               "resource (the plural name), kind, scope (Namespaced, Cluster). They are asked for "
               "only where the cluster serves them: where it does not, a check over them is NOT "
               "APPLICABLE; where they are forbidden, or served in other versions only, it is "
               "UNKNOWN. Their fields are not typed. over takes the plural name, or with the group "
               "where another kind has it: services.factory.example.com. At most 8 in one run; "
               "what is collected anyway is refused, and so are the API's own groups. kubevouch "
               "rbac names them. Objects are kept in memory while they are judged, and what they "
               "hold may stand in evidence: take no kind that holds credentials" },
    { "include", "files beside this one that hold params, variables and checks of this benchmark "
                 "too, each with its own tests; checks are reported in the order of their ids" },
    { "checks",
      "each with id, section, title, level, role, severity (info, low, medium, high, "
      "critical), assessment (manual, automated: what the publisher says of it), "
      "rationale, remediation; optional description, questions, tags, attack, commands, noCommand, "
      "references (addresses of public documentation, https://...; where one check has "
      "them, each must), requirements, attestation (true: a person must decide)" },
    { "base, like",
      "base names another benchmark's file below this one's folder. A check with like: ID (like: "
      "BENCHMARK/ID of a base of the base) then takes from that check every key that it does not "
      "give itself; giving over, parts, attestation or unanswered replaces the way it judges "
      "whole. The base's params and variables are there too; a parameter of the base may be given "
      "another default. A check that is judged as its like needs no tests of its own. kubevouch "
      "crosswalk follows these rows" },
    { "unanswered", "instead of over: the Kubernetes API does not show what this check asks. The "
                    "verdict is UNKNOWN, and this text says what would give the evidence" },
    { "notApplicable", "a list of rules: checks (ids with globs), expression over facts and params "
                       "alone, reason. Where the expression is true these checks are NOT "
                       "APPLICABLE for that reason, unless a failure was seen all the same. A "
                       "base's rules hold for the checks that are like those they name" },
    { "over", "the population: the plural name of a resource that is collected, or a table below" },
    { "matchConditions", "all must be true for an object to be in the population" },
    { "exceptions", "one that is true excepts the object: it is listed, not judged" },
    { "variables", "of the part; each sees those before it" },
    { "validations", "each must be true: expression, and message or messageExpression; otherwise: "
                     "manual makes a false one a question for a person" },
    { "evidence", "named expressions whose values stand beside a finding" },
    { "seen, wanted, defaulted",
      "what the report shows of every row, passing ones too: an expression for the value seen; a "
      "text for the value wanted, {params.NAME} in it replaced; an expression that is true when "
      "the value is a default" },
    { "provenance", "an expression for {grade, source, instance}: where the evidence comes from; "
                    "without it derived.evidence. grade is observed (in effect: a metric, a "
                    "probe), effective (the configuration in force) or declared (intent): declared "
                    "evidence alone makes every verdict UNKNOWN" },
    { "parts", "instead of over: several populations of one check, each with a name" },
    { "commands",
      "what a reader may paste to mend a finding: each with run, and of (a kind of object; the "
      "first "
      "that is of the finding's kind, or of none, is for it). In run, outside of quotes, {object} "
      "is kind, name and -n namespace, {workload} the same of one whose pod template can be "
      "changed, {kind}, {name}, {namespace} and {evidence.NAME} are single words, and {pod:JSON} "
      "is the merge patch of the pod template's spec; each is quoted for the shell. A finding "
      "whose names cannot be pasted has no command" },
    { "noCommand", "why there is no command, or none for some findings; where one check of a "
                   "benchmark has commands or noCommand, each must" },
    { "attack", "techniques of MITRE ATT&CK for containers that the check stands in the way of, "
                "each with technique (T1610) and reason (a sentence); lint refuses one that "
                "kubevouch does not know. --tag attack:T1610 selects by them" },
    { "requirements",
      "what the check is evidence for, if for anything: framework, requirement, strength (direct: "
      "what it asks of this component is what is tested; partial: part of it, or for part of the "
      "components; support: an input that decides nothing), rationale (a sentence of its own: why "
      "this check is evidence); optional only and when, each with text (in words) and expression: "
      "only (over a row, true of those that are evidence; the requirement then has the verdict of "
      "these rows, and a row of which it cannot be told is UNKNOWN; not over pods), when (over "
      "facts and params: where it does not hold, or cannot be seen, the check is told of and not "
      "counted)" },
};

static void usage_man_benchmark(struct buf *out)
{
    buf_addf(out,
             ".\\\" Made by: kubevouch help benchmark\n.TH KUBEVOUCH-BENCHMARK 5 \"\" \"kubevouch "
             "%s\" \"File Formats\"\n.SH NAME\nkubevouch\\-benchmark \\- benchmarks "
             "in YAML\n.SH DESCRIPTION\nA benchmark is a YAML file of checks. A check has the "
             "shape of a ValidatingAdmissionPolicy; its expressions are those of "
             "kubevouch\\-cel(7). Unknown keys are errors. Beside NAME.yaml stands NAME.test.yaml "
             "with objects that pass and fail each check; "
             "kubevouch lint NAME.yaml reads both and runs the tests.\n.SH KEYS\n",
             PACKAGE_VERSION);
    for (size_t i = 0; i < sizeof benchmark_key / sizeof *benchmark_key; i++)
        roff_row(out, benchmark_key[i].name, benchmark_key[i].meaning);
    buf_addf(
        out,
        ".SH VARIABLES\nobject (the object judged), params, derived (what the table derives for "
        "the object), namespaceObject, facts.NAME, variables.NAME.\n"
        ".PP\nkubevouch lint knows the fields of every kind, of derived, params, facts and "
        "variables, and refuses an expression that asks for another one, or that can only fail.\n"
        ".SH SHAPES\n[T] is a list of T, {a: T, b, c: U} a map with these fields (b is a U too), "
        "{name: T} a map from any names; T? is T or null, "
        "T! is T or unavailable: then the verdict is UNKNOWN and names the missing right. Shapes "
        "with a name:\n");
    for (size_t i = 0; i < shape_count; i++)
        roff_row(out, shape_info[i].name, shape_info[i].shape);
    buf_addf(out, ".SH TABLES\nBehind each: who can write what it rests on.\n");
    for (size_t i = 0; i < table_count; i++)
        forged_row(out, table_info[i].name, table_info[i].summary, table_info[i].forgers);
    buf_addf(out, ".SH FACTS\nBehind each: who can write what it rests on.\n");
    for (size_t i = 0; i < fact_count; i++)
        forged_row(out, fact_info[i].name, fact_info[i].summary, fact_info[i].forgers);
    print_framework_keys(out);
    print_statement_keys(out);
    buf_addf(out, ".SH FUNCTIONS\nBeside those of kubevouch\\-cel(7):\n");
    for (size_t i = 0; i < facts_function_count; i++)
        roff_row(out, facts_function[i].name, facts_function[i].summary);
    print_file_examples(out);
    buf_addf(out, ".SH SEE ALSO\nkubevouch(1), kubevouch\\-cel(7), kubevouch\\-report(5)\n");
}

const struct page manual[] = { { "man", usage_man },
                               { "cel", usage_man_cel },
                               { "benchmark", usage_man_benchmark },
                               { "report", manual_report } };
const size_t manual_count = sizeof manual / sizeof *manual;
