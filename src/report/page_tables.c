/* The lists behind the story: findings by rule, what belongs together, what could not be read,
 * indicators, the evidence. Each is bounded, and what is left out is counted. */
#include "event/event.h"
#include "report/page.h"

static void section(struct page *p, const char *id, const char *title)
{
    page_rawf(p, "<section aria-labelledby=\"%s\">\n<h2 id=\"%s\">", id, id);
    page_say(p, title);
    page_raw(p, "</h2>\n");
}

static void columns(struct page *p, const char *const *ids, size_t n)
{
    page_raw(p, "<div class=\"scroll\" tabindex=\"0\"><table><thead><tr>");
    for (size_t i = 0; i < n; i++) {
        page_raw(p, "<th scope=\"col\">");
        page_say(p, ids[i]);
        page_raw(p, "</th>");
    }
    page_raw(p, "</tr></thead><tbody>\n");
}

static void end_columns(struct page *p)
{
    page_raw(p, "</tbody></table></div>\n");
}

static void left_out(struct page *p, const char *text, uint64_t n)
{
    if (n == 0)
        return;
    page_raw(p, "<p>");
    page_count(p, text, n);
    page_raw(p, "</p>\n");
}

static void number(struct page *p, uint64_t n)
{
    page_rawf(p, "%llu", (unsigned long long)n);
}

/* --- clusters ----------------------------------------------------------------------------------- */

static void intrusion(struct page *p, const struct json *i)
{
    page_raw(p, "<li>");
    page_evidence(p, doc_text(i, "host"));
    page_raw(p, ", <code>");
    html_text(p->out, doc_text(i, "campaign"));
    page_raw(p, "</code>, ");
    page_put_span(p, doc_time(i, "first"), doc_time(i, "last"));
    page_raw(p, " ");
    if (doc_text(i, "kind").n) {
        page_word(p, "share.", doc_text(i, "kind"));
        page_raw(p, " ");
        page_evidence(p, doc_text(i, "value"));
    }
    page_put_ids(p, doc_list(i, "facts"), 12);
    page_raw(p, "</li>\n");
}

static void one_cluster(struct page *p, const struct json *c)
{
    page_raw(p, "<article><h3><code>");
    html_text(p->out, doc_text(c, "id"));
    page_raw(p, "</code></h3>\n<ul>\n");
    for (const struct json *i = doc_list(c, "intrusions"); i; i = i->next)
        intrusion(p, i);
    page_raw(p, "</ul>\n<p>");
    page_say(p, "cluster.share");
    page_raw(p, "</p>\n<ul>\n");
    for (const struct json *s = doc_list(c, "shared"); s; s = s->next) {
        page_raw(p, "<li>");
        page_word(p, "share.", doc_text(s, "kind"));
        page_raw(p, " ");
        page_evidence(p, doc_text(s, "value"));
        page_raw(p, " (");
        page_count(p, "cluster.n", doc_number(s, "intrusions"));
        page_raw(p, ")</li>\n");
    }
    page_raw(p, "</ul>\n");
    if (doc_list(c, "alternatives")) {
        page_raw(p, "<p>");
        page_say(p, "cluster.others");
        page_raw(p, "</p>\n<ul>\n");
        for (const struct json *i = doc_list(c, "alternatives"); i; i = i->next)
            intrusion(p, i);
        page_raw(p, "</ul>\n");
    }
    page_raw(p, "</article>\n");
}

static void clusters(struct page *p)
{
    const struct json *c = doc_list(p->in->document, "clusters");
    size_t n = 0;
    if (!c)
        return;
    section(p, "clusters", "cluster.title");
    page_raw(p, "<p>");
    page_say(p, "cluster.note");
    page_raw(p, "</p>\n");
    for (; c; c = c->next)
        if (n++ < PAGE_LIST / 10)
            one_cluster(p, c);
    left_out(p, "more", n > PAGE_LIST / 10 ? n - PAGE_LIST / 10 : 0);
    page_raw(p, "</section>\n");
}

/* --- findings ------------------------------------------------------------------------------------ */

static void one_rule(struct page *p, const struct case_rule *r)
{
    page_raw(p, "<tr><td>");
    page_word(p, "level.", r->level);
    page_raw(p, "</td><td class=\"n\">");
    number(p, r->n);
    page_raw(p, "</td><th scope=\"row\">");
    page_sentence(p, r->title);
    page_raw(p, "</th><td>");
    page_evidence(p, r->host);
    page_raw(p, "</td><td class=\"t\">");
    page_put_span(p, r->first, r->last);
    page_raw(p, "</td><td>");
    page_word(p, "by.", r->rule_source);
    page_raw(p, " <code>");
    html_text(p->out, r->rule_id);
    page_raw(p, "</code></td></tr>\n");
}

/* Findings by host, level and rule. */
static int rules(struct page *p, struct err *err)
{
    static const char *const ids[] = {"col.level", "col.n",    "col.rule",
                                      "col.host",  "col.when", "col.by"};
    struct case_filter all = CASE_FILTER_ALL;
    struct case_rows rows = {0};
    all.host = p->in->host;
    struct case_rule r;
    uint64_t left = 0;
    size_t n = 0;
    int got;
    if (case_rules(p->in->reader, &all, &rows, err) < 0)
        return -1;
    columns(p, ids, 6);
    while ((got = case_rules_next(&rows, &r, err)) == 1) {
        if (n < PAGE_RULES)
            one_rule(p, &r);
        else
            left++;
        n++;
    }
    end_columns(p);
    left_out(p, "findings.rules_left", left);
    case_rows_close(&rows);
    return got;
}

static void marks_of(struct page *p, unsigned marks)
{
    for (unsigned bit = 1; bit && bit <= marks; bit <<= 1) {
        if (!(marks & bit))
            continue;
        page_raw(p, " · ");
        page_word(p, "mark.", page_u64(p, bit));
    }
}

static void one_finding(struct page *p, const struct case_finding *f)
{
    page_raw(p, "<tr><td><code class=\"id\">");
    html_text(p->out, f->id);
    page_raw(p, "</code></td><td class=\"t\">");
    page_put_time(p, case_finding_when(f));
    page_raw(p, "</td><td>");
    page_word(p, "level.", f->level);
    page_raw(p, "</td><td>");
    page_sentence(p, f->title);
    marks_of(p, f->marks);
    if (f->how.n) {
        page_raw(p, "<br>");
        page_sentence(p, f->how);
    }
    if (f->indicator.n) {
        page_raw(p, "<br>");
        page_evidence(p, f->indicator);
    }
    page_raw(p, "</td><td>");
    page_evidence(p, f->path);
    if (f->record)
        PAGE_SAY(p, "fact.record", {"n", page_u64(p, f->record)});
    else if (f->offset)
        PAGE_SAY(p, "fact.offset", {"n", page_u64(p, f->offset)});
    page_raw(p, "</td></tr>\n");
}

/* The first findings of a level. *left: how many more may be shown. */
static int of_level(struct page *p, enum level level, const char *name, size_t *left,
                    struct err *err)
{
    struct case_filter filter = CASE_FILTER_ALL;
    struct case_rows rows = {0};
    struct case_finding f;
    int got = 0;
    filter.level = level;
    filter.host = p->in->host;
    if (case_findings(p->in->reader, &filter, &rows, err) < 0)
        return -1;
    while (*left && (got = case_findings_next(&rows, &f, err)) == 1) {
        if (!str_eq(f.level, str_of(name)))
            continue;
        struct arena_mark before = arena_mark(p->arena);
        one_finding(p, &f);
        arena_back(p->arena, &before);
        --*left;
    }
    case_rows_close(&rows);
    return got < 0 ? -1 : 0;
}

static int findings(struct page *p, struct err *err)
{
    static const char *const ids[] = {"col.id", "col.time", "col.level", "col.rule",
                                      "col.place"};
    uint64_t all = doc_number(json_get(p->in->document, "stats"), "findings");
    size_t left = PAGE_FINDINGS;
    section(p, "findings", "findings.title");
    page_raw(p, "<p>");
    page_count(p, "findings.note", all);
    page_raw(p, "</p>\n");
    if (rules(p, err) < 0)
        return -1;
    page_raw(p, "<details><summary>");
    page_count(p, "findings.first", all < PAGE_FINDINGS ? all : PAGE_FINDINGS);
    page_raw(p, "</summary>\n");
    columns(p, ids, 5);
    if (of_level(p, LEVEL_CRITICAL, "critical", &left, err) < 0 ||
        of_level(p, LEVEL_HIGH, "high", &left, err) < 0 ||
        of_level(p, LEVEL_MEDIUM, "medium", &left, err) < 0 ||
        of_level(p, LEVEL_LOW, "low", &left, err) < 0 ||
        of_level(p, LEVEL_INFORMATIONAL, "informational", &left, err) < 0)
        return -1;
    end_columns(p);
    page_raw(p, "</details>\n<p>");
    page_say(p, "findings.all");
    page_raw(p, "</p>\n");
    return 0;
}

/* Matches beyond those kept; findings that tuning put aside. */
static void more_findings(struct page *p)
{
    static const char *const lists[] = {"counted", "suppressed"};
    static const char *const titles[] = {"findings.counted", "findings.suppressed"};
    for (size_t i = 0; i < 2; i++) {
        const struct json *c = doc_list(p->in->document, lists[i]);
        size_t n = 0;
        if (!c)
            continue;
        page_raw(p, "<h3>");
        page_say(p, titles[i]);
        page_raw(p, "</h3>\n<ul>\n");
        for (; c; c = c->next) {
            if (n++ >= PAGE_LIST)
                continue;
            page_raw(p, "<li>");
            number(p, doc_number(c, "count"));
            page_raw(p, " · ");
            page_word(p, "level.", doc_text(json_get(c, "rule"), "level"));
            page_raw(p, " · ");
            page_sentence(p, doc_text(json_get(c, "rule"), "title"));
            page_raw(p, " <code>");
            html_text(p->out, doc_text(json_get(c, "rule"), "id"));
            page_raw(p, "</code> · ");
            page_evidence(p, i ? doc_text(c, "reason") : doc_text(c, "path"));
            page_raw(p, "</li>\n");
        }
        page_raw(p, "</ul>\n");
        left_out(p, "more", n > PAGE_LIST ? n - PAGE_LIST : 0);
    }
}

static void correlations(struct page *p)
{
    static const char *const keys[] = {"matches",       "copies",        "without_time",
                                       "without_group", "without_value", "lost",
                                       "results"};
    static const char *const ids[] = {
        "col.rule",           "corr.matches",       "corr.copies", "corr.without_time",
        "corr.without_group", "corr.without_value", "corr.lost",   "corr.results"};
    const struct json *c = doc_list(p->in->document, "correlations");
    size_t n = 0;
    if (!c)
        return;
    page_raw(p, "<h3>");
    page_say(p, "corr.title");
    page_raw(p, "</h3>\n");
    columns(p, ids, 8);
    for (; c && n < PAGE_LIST; c = c->next, n++) {
        page_raw(p, "<tr><th scope=\"row\">");
        page_evidence(p, doc_text(c, "title"));
        page_raw(p, " <code>");
        html_text(p->out, doc_text(c, "id"));
        page_raw(p, "</code>");
        if (doc_text(c, "failed").n) {
            page_raw(p, "<br><strong>");
            page_say(p, "corr.failed");
            page_raw(p, "</strong> ");
            page_evidence(p, doc_text(c, "failed"));
        }
        page_raw(p, "</th>");
        for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
            page_raw(p, "<td class=\"n\">");
            number(p, doc_number(c, keys[i]));
            page_raw(p, "</td>");
        }
        page_raw(p, "</tr>\n");
    }
    end_columns(p);
}

/* --- indicators ------------------------------------------------------------------------------------ */

static void refusals(struct page *p, const struct json *list, const char *key,
                     const char *label)
{
    const struct json *r = doc_list(list, key);
    if (!r)
        return;
    page_raw(p, "<details><summary>");
    page_say(p, label);
    page_raw(p, "</summary><ul>\n");
    for (; r; r = r->next) {
        page_raw(p, "<li>");
        number(p, doc_number(r, "place"));
        page_raw(p, ": ");
        page_evidence(p, doc_text(r, "value"));
        page_raw(p, ": ");
        page_sentence(p, doc_text(r, "why"));
        page_raw(p, "</li>\n");
    }
    page_raw(p, "</ul></details>\n");
}

static void indicators(struct page *p)
{
    static const char *const keys[] = {"indicators",     "valid_for_a_time", "repeated",
                                       "not_looked_for", "refused",          "doubtful"};
    const struct json *all = json_get(p->in->document, "indicators");
    if (!all || all->type != JSON_OBJECT)
        return;
    section(p, "indicators", "ioc.title");
    if (doc_text(all, "tlp").n) {
        page_raw(p, "<p>");
        PAGE_SAY(p, "ioc.tlp", {"tlp", doc_text(all, "tlp")});
        page_raw(p, "</p>\n");
    }
    for (const struct json *l = doc_list(all, "lists"); l; l = l->next) {
        page_raw(p, "<h3>");
        page_evidence(p, doc_text(l, "path"));
        page_raw(p, "</h3>\n<p>");
        page_evidence(p, doc_text(l, "form"));
        for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
            page_raw(p, " · ");
            page_count(p, arena_printf(p->arena, "ioc.%s", keys[i]).p, doc_number(l, keys[i]));
        }
        page_raw(p, "</p>\n");
        refusals(p, l, "refusals", "ioc.refusals");
        refusals(p, l, "doubts", "ioc.doubts");
    }
    page_raw(p, "</section>\n");
}

/* --- what could not be read, the evidence ------------------------------------------------------------ */

static void gaps(struct page *p)
{
    const struct json *g = doc_list(p->in->document, "gaps");
    size_t n = 0;
    section(p, "gaps", "gaps.title");
    if (!g) {
        page_raw(p, "<p>");
        page_say(p, "gaps.none");
        page_raw(p, "</p></section>\n");
        return;
    }
    page_raw(p, "<p>");
    page_say(p, "gaps.note");
    page_raw(p, "</p>\n<ul>\n");
    for (; g; g = g->next) {
        const struct json *to = json_get(g, "to");
        if (n++ >= PAGE_LIST)
            continue;
        page_raw(p, "<li>");
        page_evidence(p, doc_text(g, "path"));
        if (to && to->type == JSON_NUMBER)
            PAGE_SAY(p, "gaps.bytes", {"from", page_u64(p, doc_number(g, "from"))},
                     {"to", to->text});
        page_raw(p, ": ");
        page_sentence(p, doc_text(g, "why"));
        page_raw(p, "</li>\n");
    }
    page_raw(p, "</ul>\n");
    left_out(p, "more", n > PAGE_LIST ? n - PAGE_LIST : 0);
    page_raw(p, "</section>\n");
}

struct format_sum {
    struct str format;
    uint64_t files, bytes, events;
};

enum { FORMATS = 64 };

static void add_format(struct page *p, struct format_sum *sums, size_t *n,
                       const struct case_evidence *e)
{
    size_t i = 0;
    while (i < *n && !str_eq(sums[i].format, e->format))
        i++;
    if (i == FORMATS)
        i--;
    else if (i == *n)
        sums[(*n)++] = (struct format_sum){.format = arena_str(p->arena, e->format)};
    sums[i].files++;
    sums[i].bytes += e->bytes;
    sums[i].events += e->events;
}

static void one_file(struct page *p, const struct case_evidence *e, bool with_id)
{
    page_raw(p, "<tr><th scope=\"row\">");
    page_evidence(p, e->path);
    page_raw(p, "</th><td><code");
    if (with_id) {
        page_raw(p, " id=\"e-");
        html_id(p->out, e->sha256);
        page_raw(p, "\"");
    }
    page_raw(p, ">");
    html_text(p->out, e->sha256.n ? e->sha256 : lang_text(p->lang, "evidence.no_digest"));
    page_raw(p, "</code></td><td class=\"n\">");
    number(p, e->bytes);
    page_raw(p, "</td><td>");
    page_evidence(p, e->format);
    page_raw(p, "</td><td class=\"n\">");
    number(p, e->events);
    if (e->recovered + e->unreadable) {
        page_raw(p, "<br>");
        PAGE_SAY(p, "evidence.recovered", {"n", page_u64(p, e->recovered)},
                 {"bad", page_u64(p, e->unreadable)});
    }
    page_raw(p, "</td><td class=\"t\">");
    page_put_span(p, e->first == INSTANT_NONE ? e->modified : e->first, e->last);
    page_raw(p, "</td></tr>\n");
}

struct listing {
    struct names seen; /* digests of files that facts cite, in this pass */
    size_t shown;
    uint64_t left;
};

/* Files that facts cite stand first. Of two with one digest the first has the place that links
 * go to. */
static void list_file(struct page *p, struct listing *l, const struct case_evidence *e,
                      bool cited)
{
    bool is_cited = e->sha256.n && names_find(&p->evidence, e->sha256) != SIZE_MAX &&
                    names_find(&l->seen, e->sha256) == SIZE_MAX;
    if (is_cited)
        (void)names_number(&l->seen, arena_str(p->arena, e->sha256), p->arena);
    if (is_cited != cited)
        return;
    if (cited || l->shown < (p->many ? PAGE_EVIDENCE_MANY : PAGE_EVIDENCE)) {
        one_file(p, e, cited);
        l->shown++;
    } else {
        l->left++;
    }
}

static void formats(struct page *p, const struct format_sum *sums, size_t n)
{
    static const char *const ids[] = {"col.format", "col.files", "col.bytes", "col.events"};
    columns(p, ids, 4);
    for (size_t i = 0; i < n; i++) {
        page_raw(p, "<tr><th scope=\"row\">");
        if (sums[i].format.n)
            page_evidence(p, sums[i].format);
        else
            page_say(p, "evidence.not_looked");
        page_raw(p, "</th><td class=\"n\">");
        number(p, sums[i].files);
        page_raw(p, "</td><td class=\"n\">");
        number(p, sums[i].bytes);
        page_raw(p, "</td><td class=\"n\">");
        number(p, sums[i].events);
        page_raw(p, "</td></tr>\n");
    }
    end_columns(p);
}

static int read_files(struct page *p, struct listing *l, bool cited, struct err *err)
{
    struct case_rows rows = {0};
    struct case_evidence e;
    int got;
    l->seen = (struct names){.n = 0};
    if (case_evidence(p->in->reader, &rows, err) < 0)
        return -1;
    while ((got = case_evidence_next(&rows, &e, err)) == 1) {
        struct arena_mark before = arena_mark(p->arena);
        size_t seen = l->seen.n;
        list_file(p, l, &e, cited);
        if (l->seen.n == seen)
            arena_back(p->arena, &before);
    }
    case_rows_close(&rows);
    return got;
}

static int evidence(struct page *p, struct err *err)
{
    static const char *const ids[] = {"col.file",   "col.sha256", "col.bytes",
                                      "col.format", "col.events", "col.when"};
    struct format_sum sums[FORMATS];
    struct listing l = {.shown = 0};
    struct case_rows rows = {0};
    struct case_evidence e;
    size_t n = 0;
    int got;
    section(p, "evidence", "evidence.title");
    if (case_evidence(p->in->reader, &rows, err) < 0)
        return -1;
    while ((got = case_evidence_next(&rows, &e, err)) == 1)
        add_format(p, sums, &n, &e);
    case_rows_close(&rows);
    if (got < 0)
        return -1;
    page_raw(p, "<p>");
    page_say(p, "evidence.note");
    page_raw(p, "</p>\n");
    formats(p, sums, n);
    page_raw(p, "<details><summary>");
    page_say(p, "evidence.files");
    page_raw(p, "</summary>\n");
    columns(p, ids, 6);
    if (read_files(p, &l, true, err) < 0 || read_files(p, &l, false, err) < 0)
        return -1;
    end_columns(p);
    left_out(p, "evidence.left", l.left);
    page_raw(p, "</details>\n</section>\n");
    return 0;
}

int page_tables(struct page *p, struct err *err)
{
    clusters(p);
    if (findings(p, err) < 0)
        return -1;
    more_findings(p);
    correlations(p);
    page_raw(p, "</section>\n");
    indicators(p);
    gaps(p);
    return evidence(p, err);
}
