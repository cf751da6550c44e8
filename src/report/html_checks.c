/* The checks in report.html: verdict, what was seen, findings, how it was judged. */
#include "audit/third_party.h"
#include "bench/attack.h"
#include "report/html.h"
#include "report/undecided.h"

static bool is_bad(struct str verdict)
{
    return str_eq_nocase(verdict, STR("fail")) || str_eq_nocase(verdict, STR("failed"));
}

/* Said by others, and marked as such; what they call failed stands first. */
static void put_third_party(struct html *h, const struct check_result *c)
{
    enum { SHOWN = 50 };
    size_t shown = 0;
    if (!c->third_party_count)
        return;
    html_raw(h, "<p>Third-party evidence, which decides nothing here:</p>\n<ul>\n");
    for (int bad = 1; bad >= 0; bad--)
        for (size_t i = 0; i < c->third_party_count && shown < SHOWN; i++) {
            const struct third_party_result *x = &h->r->third_party->result.item[c->third_party[i]];
            if (is_bad(x->verdict) != bad)
                continue;
            html_raw(h, "<li>");
            html_text(h, third_party_text(&h->scratch, x));
            html_raw(h, "</li>\n");
            shown++;
        }
    if (shown < c->third_party_count) {
        html_raw(h, "<li>and ");
        html_number(h, c->third_party_count - shown);
        html_raw(h, " more, in report.json</li>\n");
    }
    html_raw(h, "</ul>\n");
}

static void put_expression(struct html *h, const char *what, struct str name, struct str text)
{
    html_raw(h, "<p class=\"small soft\">");
    html_c(h, what);
    if (name.n) {
        html_raw(h, " <em>");
        html_text(h, name);
        html_raw(h, "</em>");
    }
    html_raw(h, "</p><pre><code>");
    html_text(h, text);
    html_raw(h, "</code></pre>\n");
}

static void put_part(struct html *h, const struct check_part *d, const struct part_result *p)
{
    html_heading(h, 1);
    html_raw(h, "Population: ");
    html_text(h, d->over);
    if (d->name.n) {
        html_raw(h, " (");
        html_text(h, d->name);
        html_raw(h, ")");
    }
    html_heading_end(h, 1);
    html_raw(h, "<p class=\"small\">");
    html_verdict(h, p->verdict);
    html_raw(h, " ");
    html_number(h, p->population);
    html_raw(h, " judged");
    if (p->templates) {
        html_raw(h, " (");
        html_number(h, p->templates);
        html_raw(h, " of them workload templates)");
    }
    html_raw(h, ": ");
    html_number(h, p->passed);
    html_raw(h, " passed, ");
    html_number(h, p->failed);
    html_raw(h, " failed, ");
    html_number(h, p->unknown);
    html_raw(h, " unknown, ");
    html_number(h, p->manual);
    html_raw(h, " to attest; ");
    html_number(h, p->excepted);
    html_raw(h, " excepted");
    for (size_t i = 0;
         i < sizeof p->excepted_name / sizeof *p->excepted_name && p->excepted_name[i].n; i++) {
        html_add(h, i ? STR(", ") : STR(": "));
        html_text(h, p->excepted_name[i]);
    }
    html_raw(h, "</p>\n");
    for (size_t i = 0; i < d->match_count; i++)
        put_expression(h, "Only where", d->match[i].name, d->match[i].text);
    for (size_t i = 0; i < d->except_count; i++)
        put_expression(h, "Except", d->except[i].name, d->except[i].text);
    for (size_t i = 0; i < d->variable_count; i++)
        put_expression(h, "Let", d->variable[i].name, d->variable[i].text);
    for (size_t i = 0; i < d->validation_count; i++)
        put_expression(h,
                       d->validation[i].otherwise == OTHERWISE_MANUAL
                           ? "Must hold, otherwise a person decides"
                           : "Must hold",
                       (struct str){ 0 }, d->validation[i].expression.text);
}

static void put_observation(struct html *h, const struct observation *o)
{
    html_raw(h, "<tr><td class=\"keep\">");
    html_verdict(h, o->outcome);
    html_raw(h, "</td><td>");
    for (size_t i = 0; i < sizeof o->instance / sizeof *o->instance && o->instance[i].n; i++) {
        html_add(h, i ? STR(", ") : STR(""));
        html_text(h, o->instance[i]);
    }
    if (o->count > 1) {
        html_raw(h, " <span class=\"soft\">(");
        html_number(h, o->count);
        html_raw(h, " in all)</span>");
    }
    html_raw(h, "</td><td>");
    html_text(h, o->grade);
    html_add(h, o->grade.n && o->source.n ? STR(", ") : STR(""));
    html_text(h, o->source);
    html_raw(h, "</td><td class=\"mono\">");
    html_text(h, o->has_seen ? o->seen : STR("not known"));
    html_add(h, o->defaulted > 0 ? STR(" <span class=\"soft\">(default)</span>") : STR(""));
    html_raw(h, "</td></tr>\n");
    html_flush(h);
}

/* No row says more than that nothing was seen. */
static bool saw_nothing(const struct part_result *p)
{
    bool nothing = true;
    for (size_t i = 0; i < p->observation_count; i++)
        nothing = nothing && !p->observation[i].has_seen && !p->observation[i].source.n;
    return nothing;
}

/* Of a part; where there are more, each verdict is cut by itself, what fails first. */
#define OBSERVATIONS_SHOWN 60u

static uint64_t observations_max(const struct html *h)
{
    return h->is_extract ? h->rows_per_part : OBSERVATIONS_SHOWN;
}

static void put_worst_observations(struct html *h, const struct part_result *p)
{
    for (int v = VERDICT_COUNT - 1; v >= 0; v--) {
        size_t shown = 0;
        for (size_t i = 0; i < p->observation_count && shown < observations_max(h); i++)
            if ((int)p->observation[i].outcome == v) {
                put_observation(h, &p->observation[i]);
                shown++;
            }
    }
}

/* What of the rows that a table of this length leaves out is of which verdict. */
static void put_observations_left_out(struct html *h, const struct part_result *p)
{
    uint64_t count[VERDICT_COUNT] = { 0 };
    bool any = false;
    for (size_t i = 0; i < p->observation_count; i++)
        count[p->observation[i].outcome]++;
    for (int v = VERDICT_COUNT - 1; v >= 0; v--) {
        if (count[v] <= observations_max(h))
            continue;
        html_add(h, any ? STR(", ") : STR("; left out here: "));
        any = true;
        html_number(h, count[v] - observations_max(h));
        html_raw(h, " ");
        html_verdict(h, (enum verdict)v);
    }
}

/* What each instance showed, passing ones too. */
static void put_observations(struct html *h, const struct part_result *p)
{
    if (saw_nothing(p))
        return;
    html_raw(h, "<div class=\"wide\"><table class=\"stack\"><caption>What was seen");
    if (p->wanted.n) {
        html_raw(h, "; wanted: ");
        html_text(h, p->wanted);
    }
    if (p->observations_left_out) {
        html_raw(h, "; ");
        html_number(h, p->observations_left_out);
        html_raw(h, " more are left out");
    }
    put_observations_left_out(h, p);
    html_raw(h, "</caption><thead><tr><th scope=\"col\">Verdict</th><th "
                "scope=\"col\">Instance</th><th scope=\"col\">Evidence</th>"
                "<th scope=\"col\">Seen</th></tr></thead><tbody>\n");
    if (p->observation_count <= observations_max(h))
        for (size_t i = 0; i < p->observation_count; i++)
            put_observation(h, &p->observation[i]);
    else
        put_worst_observations(h, p);
    html_raw(h, "</tbody></table></div>\n");
}

static void put_requirement(struct html *h, const struct requirement_ref *q)
{
    html_raw(h, "<li><strong>");
    html_text(h, q->framework);
    html_raw(h, " ");
    html_text(h, q->requirement);
    html_raw(h, "</strong> ");
    if (q->only.n || q->when) {
        html_raw(h, "<span class=\"soft\">");
        html_c(h, q->only.n ? "only " : "");
        html_text(h, q->only);
        html_c(h, q->only.n && q->when ? ", " : "");
        html_c(h, q->when ? "only where " : "");
        html_text(h, q->when ? q->when->reason : (struct str){ 0 });
        html_raw(h, ":</span> ");
    }
    html_text(h, q->rationale);
    html_raw(h, "</li>\n");
}

/* Those of the framework that leads, or of all others. */
static size_t put_requirements_of(struct html *h, const struct check *d, bool leading, bool is_put)
{
    size_t count = 0;
    for (size_t i = 0; i < d->requirement_count; i++) {
        if (str_eq(d->requirement[i].framework, h->r->run.leading_framework) != leading)
            continue;
        if (is_put && !count)
            html_raw(h, "<ul class=\"small\">\n");
        count++;
        if (is_put)
            put_requirement(h, &d->requirement[i]);
    }
    if (is_put && count)
        html_raw(h, "</ul>\n");
    return count;
}

static void put_requirements(struct html *h, const struct check *d)
{
    size_t others = put_requirements_of(h, d, false, false);
    if (!d->requirement_count)
        return;
    html_heading(h, 1);
    html_raw(h, "Evidence for");
    html_heading_end(h, 1);
    (void)put_requirements_of(h, d, true, true);
    if (!others)
        return;
    html_raw(h, "<details class=\"brief\"><summary><span>");
    html_number(h, others);
    html_c(h, others == 1 ? " requirement" : " requirements");
    html_c(h, others < d->requirement_count ? " of other frameworks" : "");
    html_raw(h, "</span></summary><div class=\"body\">");
    (void)put_requirements_of(h, d, false, true);
    html_raw(h, "</div></details>\n");
}

static void put_attack(struct html *h, const struct check *d)
{
    if (!d->attack_count)
        return;
    html_heading(h, 1);
    html_raw(h, "In the way of attackers (MITRE ATT&amp;CK)");
    html_heading_end(h, 1);
    html_raw(h, "<ul class=\"small\">\n");
    for (size_t i = 0; i < d->attack_count; i++) {
        html_raw(h, "<li><strong>");
        html_text(h, d->attack[i].technique);
        html_raw(h, " ");
        html_c(h, attack_name(d->attack[i].technique));
        html_raw(h, "</strong> ");
        html_text(h, d->attack[i].reason);
        html_raw(h, "</li>\n");
    }
    html_raw(h, "</ul>\n");
}

static void put_calls(struct html *h, const struct check_result *c)
{
    if (!c->call_count)
        return;
    html_raw(h, "<p class=\"small\">From calls ");
    for (size_t i = 0; i < c->call_count; i++) {
        html_add(h, i ? STR(", ") : STR(""));
        html_raw(h, "<a href=\"#call-");
        buf_addf(&h->b, "%u\">%u</a>", c->call[i], c->call[i]);
    }
    html_raw(h, "</p>\n");
}

static void put_questions(struct html *h, const struct check *d)
{
    if (!d->question_count)
        return;
    html_heading(h, 1);
    html_raw(h, "What a person must answer");
    html_heading_end(h, 1);
    html_raw(h, "<ol>\n");
    for (size_t i = 0; i < d->question_count; i++) {
        html_raw(h, "<li>");
        html_text(h, d->question[i]);
        html_raw(h, "</li>\n");
    }
    html_raw(h, "</ol>\n");
}

/* The address is the text of its link, so that paper has it too; what is none is no link. */
static void put_references(struct html *h, const struct check *c)
{
    for (size_t i = 0; i < c->reference_count; i++) {
        bool links = reference_is_address(c->reference[i]);
        html_add(h, i ? STR(", ") : STR("<p class=\"small refs\">Documentation: "));
        html_add(h, links ? STR("<a rel=\"noreferrer\" href=\"") : STR("<span>"));
        if (links) {
            html_text(h, c->reference[i]);
            html_raw(h, "\">");
        }
        html_text(h, c->reference[i]);
        html_add(h, links ? STR("</a>") : STR("</span>"));
    }
    if (c->reference_count)
        html_raw(h, "</p>\n");
}

void html_remedy(struct html *h, const struct check *c)
{
    html_raw(h, "<p><strong>Remedy.</strong> ");
    html_text(h, c->remediation);
    html_raw(h, "</p>\n");
    if (c->no_command.n) {
        html_add(h, c->command_count ? STR("<p class=\"small\">No command for some: ")
                                     : STR("<p class=\"small\">No command to paste: "));
        html_text(h, c->no_command);
        html_raw(h, ".</p>\n");
    }
    put_references(h, c);
}

enum unfolded { CLOSED, OPEN, BRIEF }; /* BRIEF: closed, and on paper the heading alone */

static void put_ways_back(struct html *h)
{
    html_raw(h, "<p class=\"small screen ways\">");
    html_add(h, h->is_extract
                    ? STR("<a href=\"#leading\">Requirements</a>")
                    : STR("<a href=\"#sections\">All checks</a> <a href=\"#filter\">Choose</a>"));
    html_raw(h, " <a href=\"#top\">Top</a></p>\n");
}

/* What a reader of the headings alone wants to know of a failing check. */
static void put_finding_count(struct html *h, const struct check_result *c)
{
    if (!c->finding_count)
        return;
    html_raw(h, "<span class=\"sev\">");
    html_number(h, c->finding_count);
    html_add(h, c->finding_count == 1 ? STR(" finding</span>") : STR(" findings</span>"));
}

static void put_check(struct html *h, const struct check_result *c, enum unfolded how)
{
    static const char *const attributes[] = {
        [CLOSED] = "\"", [OPEN] = "\" open", [BRIEF] = " brief\""
    };
    const struct check *d = c->check;
    html_raw(h, "<details id=\"");
    html_check_anchor(h, d->id);
    html_raw(h, "\" class=\"");
    html_filter_class(h, c);
    html_filter_places(h, c);
    html_add(h, str_from_c(attributes[how]));
    html_raw(h, "><summary>");
    html_verdict(h, c->verdict);
    html_heading(h, 0);
    html_raw(h, "<span class=\"id\">");
    html_text(h, d->id);
    html_raw(h, "</span> ");
    html_text(h, d->title);
    html_heading_end(h, 0);
    html_raw(h, "<span class=\"sev\">");
    html_c(h, severity_name[d->severity]);
    html_raw(h, "</span>");
    put_finding_count(h, c);
    html_raw(h, "</summary>\n<div class=\"body\">\n<p><strong>");
    html_text(h, c->reason);
    html_raw(h, ".</strong></p>\n");
    if (c->remedy.n && c->verdict == VERDICT_UNKNOWN) {
        html_raw(h, "<p>To decide it: ");
        html_text(h, c->remedy);
        html_raw(h, ".</p>\n");
    }
    put_third_party(h, c);
    html_raw(h, "<p>");
    html_text(h, d->rationale);
    html_raw(h, "</p>\n");
    html_remedy(h, d);
    put_questions(h, d);
    for (size_t i = 0; i < d->part_count; i++)
        put_observations(h, &c->part[i]);
    html_findings(h, c);
    put_calls(h, c);
    html_raw(h, "<details class=\"how\"><summary>How it was judged, and what it is evidence "
                "for</summary><div class=\"body\">\n");
    if (d->description.n) {
        html_raw(h, "<p>");
        html_text(h, d->description);
        html_raw(h, "</p>\n");
    }
    for (size_t i = 0; i < d->part_count; i++)
        put_part(h, &d->part[i], &c->part[i]);
    put_attack(h, d);
    put_requirements(h, d);
    html_raw(h, "</div></details>\n");
    put_ways_back(h);
    html_raw(h, "</div></details>\n");
    html_flush(h);
}

void html_check(struct html *h, const struct check_result *c)
{
    put_check(h, c, CLOSED);
}

static void put_none(struct html *h, size_t shown, const char *text)
{
    if (shown)
        return;
    html_raw(h, "<p>");
    html_c(h, text);
    html_raw(h, "</p>\n");
}

static void put_failures(struct html *h)
{
    size_t shown = 0;
    html_part(h, "failures", "Failures by severity");
    h->check_level = 4; /* under the severity's */
    for (int s = SEVERITY_COUNT - 1; s >= 0; s--) {
        bool heading = false;
        for (size_t i = 0; i < h->r->check_count; i++) {
            const struct check_result *c = &h->r->check[i];
            if (c->verdict != VERDICT_FAIL || (int)c->check->severity != s)
                continue;
            if (!heading) {
                html_raw(h, "<h3>Severity ");
                html_c(h, severity_name[s]);
                html_raw(h, "</h3>\n");
            }
            heading = true;
            put_check(h, c, s == SEVERITY_CRITICAL ? OPEN : CLOSED);
            shown++;
        }
    }
    put_none(h, shown, "No check failed.");
    h->check_level = 3;
}

static void put_verdict_list(struct html *h, enum verdict v, const char *none, enum unfolded how)
{
    size_t shown = 0;
    for (size_t i = 0; i < h->r->check_count; i++) {
        if (h->r->check[i].verdict != v || h->r->check[i].is_outside)
            continue;
        put_check(h, &h->r->check[i], how);
        shown++;
    }
    put_none(h, shown, none);
}

/* Checks that lack the same stand under one heading, which says it once. */
static void put_undecided(struct html *h)
{
    struct arena a CLEANUP(arena_release) = { 0 };
    struct undecided *group;
    size_t count = undecided_groups(&a, h->r, &group);
    html_part(h, "unknown", "Not decided for want of evidence");
    for (size_t i = 0; i < count; i++) {
        h->check_level = group[i].count > 1 ? 4 : 3;
        if (group[i].count > 1) {
            html_raw(h, "<h3>");
            html_number(h, group[i].count);
            html_raw(h, " checks for one reason: ");
            html_text(h, undecided_ids(&a, &group[i]));
            html_raw(h, "</h3>\n<div class=\"gap\">");
            html_lacking(h, group[i].reason, group[i].remedy);
            html_raw(h, "</div>\n");
        }
        for (size_t k = 0; k < group[i].count; k++)
            put_check(h, group[i].check[k], group[i].count > 1 ? BRIEF : OPEN);
    }
    put_none(h, count, "Every check had its evidence.");
    h->check_level = 3;
}

static void put_section_rows(struct html *h, const struct section *s)
{
    for (size_t i = 0; i < h->r->check_count; i++) {
        const struct check_result *c = &h->r->check[i];
        if (!str_eq(c->check->section, s->id))
            continue;
        html_raw(h, "<tr class=\"");
        html_filter_class(h, c);
        html_raw(h, "\"><td class=\"keep\">");
        html_verdict(h, c->verdict);
        html_raw(h, "</td><th scope=\"row\" class=\"keep\">");
        html_check_link(h, c->check);
        html_raw(h, "</th><td>");
        html_text(h, c->check->title);
        html_raw(h, "</td><td class=\"keep\">L");
        html_number(h, (uint64_t)c->check->level);
        html_raw(h, ", ");
        html_c(h, severity_name[c->check->severity]);
        html_raw(h, "</td><td>");
        html_text(h, c->reason);
        html_raw(h, "</td></tr>\n");
    }
}

static void put_sections(struct html *h)
{
    html_part(h, "sections", "All checks by section");
    for (size_t s = 0; s < h->r->bench->section_count; s++) {
        const struct section *x = &h->r->bench->section[s];
        const struct score *score = &h->r->section_score[s];
        bool any = false;
        for (size_t i = 0; i < h->r->check_count; i++)
            any |= str_eq(h->r->check[i].check->section, x->id);
        if (!any)
            continue;
        html_raw(h, "<div class=\"wide\"><table class=\"stack\"><caption><strong>");
        html_text(h, x->id);
        html_raw(h, " ");
        html_text(h, x->title);
        html_raw(h, "</strong>");
        if (score->has_score) {
            html_raw(h, ": score ");
            html_percent(h, score->low_permille);
            if (score->high_permille != score->low_permille) {
                html_raw(h, " \xe2\x80\x93 ");
                html_percent(h, score->high_permille);
            }
        }
        html_raw(h, "</caption><thead><tr><th scope=\"col\">Verdict</th><th "
                    "scope=\"col\">Check</th><th scope=\"col\">Title</th>"
                    "<th scope=\"col\">Level</th><th scope=\"col\">Why</th></tr></thead><tbody>\n");
        put_section_rows(h, x);
        html_raw(h, "</tbody></table></div>\n");
        html_flush(h);
    }
}

void html_checks(struct html *h)
{
    put_failures(h);
    put_undecided(h);
    put_sections(h);
    html_part(h, "passed", "Passed");
    put_verdict_list(h, VERDICT_PASS, "No check passed.", CLOSED);
    html_part(h, "manual", "To attest");
    put_verdict_list(h, VERDICT_MANUAL, "No check waits for a person.", OPEN);
    if (h->r->score.count[VERDICT_ATTESTED])
        html_part(h, "attested", "Attested by a person");
    put_verdict_list(h, VERDICT_ATTESTED, "", OPEN);
    if (h->r->score.count[VERDICT_WAIVED])
        html_part(h, "waived", "Failing, and waived by a person");
    put_verdict_list(h, VERDICT_WAIVED, "", OPEN);
    html_part(h, "not-applicable", "Not applicable");
    put_verdict_list(h, VERDICT_NOT_APPLICABLE, "Every check applies.", CLOSED);
}
