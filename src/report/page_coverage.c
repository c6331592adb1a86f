/* What the evidence covers: a bar for each source against the time that is judged. */
#include "report/page.h"

enum { BAR = 1000, TIMES_SHOWN = 8, PARTS = 500 };

struct bar {
    struct page *p;
    instant from, to;
};

static double part_of(const struct bar *b, instant t)
{
    if (t <= b->from)
        return 0;
    return t >= b->to ? BAR : (double)(t - b->from) / (double)(b->to - b->from) * BAR;
}

static void stretches(const struct bar *b, const struct json *list, const char *class)
{
    size_t n = 0;
    for (; list && n++ < PARTS; list = list->next) {
        instant from = doc_time(list, "from");
        instant to = doc_time(list, "to");
        double x = part_of(b, from == INSTANT_NONE ? b->from : from);
        double w = part_of(b, to == INSTANT_NONE ? b->to : to) - x;
        if (w < 0)
            continue;
        page_rawf(b->p, "<rect class=\"%s\" x=\"%.1f\" y=\"0\" width=\"%.1f\" height=\"12\"/>",
                  class, x, w < 3 ? 3 : w);
    }
}

/* A log that was emptied is told in the words for what is wrong with it. */
static void bar_of(const struct bar *b, const struct json *row, struct str words)
{
    struct page *p = b->p;
    bool snapshot = doc_list(row, "intervals") == NULL && doc_true(row, "present");
    page_raw(p, "<svg class=\"bar\" viewBox=\"0 0 1000 12\" preserveAspectRatio=\"none\" "
                "role=\"img\" aria-label=\"");
    html_attribute(p->out, words);
    page_raw(p, "\"><rect class=\"absent\" x=\"0\" y=\"0\" width=\"1000\" height=\"12\"/>");
    if (snapshot)
        page_raw(p, "<rect class=\"covered\" x=\"0\" y=\"0\" width=\"1000\" height=\"12\"/>");
    stretches(b, doc_list(row, "intervals"), "covered");
    stretches(b, doc_list(row, "gaps"), "gap");
    stretches(b, doc_list(row, "holes"), "hole");
    page_raw(p, "</svg>");
}

static void times(struct page *p, const struct json *list, const char *label)
{
    size_t n = 0;
    size_t all = 0;
    if (!list)
        return;
    page_raw(p, "<br>");
    page_say(p, label);
    for (; list; list = list->next, all++) {
        if (n >= TIMES_SHOWN)
            continue;
        page_raw(p, n++ ? "; <span class=\"t\">" : " <span class=\"t\">");
        page_put_span(p, doc_time(list, "from"), doc_time(list, "to"));
        page_raw(p, "</span>");
    }
    if (all > n) {
        page_raw(p, " ");
        page_count(p, "more", all - n);
    }
}

static const char *state_text(const struct json *row)
{
    return !doc_true(row, "present")   ? "coverage.absent"
           : doc_true(row, "complete") ? "coverage.complete"
                                       : "coverage.partial";
}

static void put_tolerance(struct page *p, uint64_t seconds)
{
    const uint64_t hour = 3600;
    if (seconds < 2 * hour)
        page_count(p, "coverage.tolerance_minutes", seconds / 60);
    else
        page_count(p, "coverage.tolerance", seconds / hour);
}

static void one_row(const struct bar *b, const struct json *row)
{
    struct page *p = b->p;
    struct str state = lang_text(p->lang, state_text(row));
    page_raw(p, "<tr><th scope=\"row\">");
    page_put_source(p, doc_text(row, "source"), doc_text(row, "part"));
    page_raw(p, "<br><code>");
    html_text(p->out, doc_text(row, "source"));
    page_raw(p, "</code></th><td>");
    bar_of(b, row, state);
    page_rawf(p, "<strong class=\"%s\">",
              doc_true(row, "complete")  ? "ok"
              : doc_true(row, "present") ? "part"
                                         : "no");
    page_say(p, state_text(row));
    page_raw(p, "</strong>");
    times(p, doc_list(row, "intervals"), "coverage.covered");
    times(p, doc_list(row, "gaps"), "coverage.gaps");
    times(p, doc_list(row, "holes"), "coverage.holes");
    if (doc_number(row, "damaged")) {
        page_raw(p, "<br>");
        page_count(p, "missing.damaged", doc_number(row, "damaged"));
    }
    if (doc_text(row, "doubt").n) {
        page_raw(p, "<br>");
        page_sentence(p, doc_text(row, "doubt"));
    }
    page_raw(p, "<br><span class=\"quiet\">");
    page_say(p, "coverage.needed");
    for (const struct json *n = doc_list(row, "needed_for"); n; n = n->next) {
        page_raw(p, n == doc_list(row, "needed_for") ? " " : ", ");
        page_word(p, "axis.", n->text);
    }
    const struct json *tolerance = json_get(row, "tolerance_seconds");
    page_raw(p, " · ");
    if (tolerance && tolerance->type == JSON_NUMBER)
        put_tolerance(p, doc_number(row, "tolerance_seconds"));
    else
        page_say(p, "coverage.snapshot");
    page_raw(p, "</span></td></tr>\n");
}

/* The window; where it has no times, from the first to the last that is covered. */
static void window_of(const struct json *campaign, struct bar *b)
{
    const struct json *w = json_get(campaign, "window");
    b->from = doc_time(w, "from");
    b->to = doc_time(w, "to");
    for (const struct json *r = doc_list(campaign, "coverage"); r; r = r->next)
        for (const struct json *i = doc_list(r, "intervals"); i; i = i->next) {
            instant from = doc_time(i, "from");
            instant to = doc_time(i, "to");
            if (b->from == INSTANT_NONE && from != INSTANT_NONE)
                b->from = from;
            if (doc_time(w, "to") == INSTANT_NONE && to != INSTANT_NONE &&
                (b->to == INSTANT_NONE || to > b->to))
                b->to = to;
        }
    if (b->from == INSTANT_NONE)
        b->from = 0;
    if (b->to == INSTANT_NONE || b->to <= b->from)
        b->to = b->from + INSTANT_DAY;
}

static void of_campaign(struct page *p, const struct json *campaign, bool open)
{
    struct bar b = {.p = p};
    window_of(campaign, &b);
    size_t whole = 0;
    for (const struct json *r = doc_list(campaign, "coverage"); r; r = r->next)
        whole += doc_true(r, "complete");
    page_raw(p, open ? "<details open><summary>" : "<details><summary>");
    page_sentence(p, doc_text(campaign, "title"));
    page_raw(p, " · ");
    PAGE_SAY(p, "coverage.summary", {"n", page_u64(p, whole)},
             {"all", page_u64(p, doc_count(campaign, "coverage"))});
    page_raw(p, "</summary>\n<p class=\"quiet\">");
    page_say(p, "coverage.bar");
    page_raw(p, " ");
    page_put_span(p, b.from, b.to);
    page_raw(p, "</p>\n<table class=\"coverage\"><thead><tr><th scope=\"col\">");
    page_say(p, "col.source");
    page_raw(p, "</th><th scope=\"col\">");
    page_say(p, "col.covered");
    page_raw(p, "</th></tr></thead><tbody>\n");
    for (const struct json *r = doc_list(campaign, "coverage"); r; r = r->next)
        one_row(&b, r);
    page_raw(p, "</tbody></table></details>\n");
}

void page_coverage(struct page *p, const struct page_host *h)
{
    struct outcome o;
    const struct json *worst = outcome_worst(h->json, &o);
    page_rawf(p, "<section aria-labelledby=\"h%zu-coverage\">\n<h3 id=\"h%zu-coverage\">",
              h->number, h->number);
    page_say(p, "coverage.title");
    page_raw(p, "</h3>\n<p>");
    page_say(p, worst ? "coverage.note" : "first.unseen_all");
    page_raw(p, "</p>\n<p class=\"legend\"><span class=\"swatch covered\"></span> ");
    page_say(p, "bar.covered");
    page_raw(p, " <span class=\"swatch gap\"></span> ");
    page_say(p, "bar.gap");
    page_raw(p, " <span class=\"swatch hole\"></span> ");
    page_say(p, "bar.hole");
    page_raw(p, " <span class=\"swatch absent\"></span> ");
    page_say(p, "bar.absent");
    page_raw(p, "</p>\n");
    for (const struct json *c = doc_list(h->json, "campaigns"); c; c = c->next)
        if (doc_list(c, "coverage"))
            of_campaign(p, c, c == worst);
    page_raw(p, "</section>\n");
}
