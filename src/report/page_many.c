/* The first screen where there are many servers: how many of each outcome, what to do told once,
 * then all of them in a table. */
#include <stdlib.h>

#include "report/page.h"

enum { MANY_ADVICE = 7, ADVICE_KINDS = 400, ADVICE_HOSTS = 100 };

static const char *const AXES[] = {"exposure", "entry", "backdoor", "action", "loss"};
enum { N_AXES = sizeof AXES / sizeof *AXES };

/* --- how many of each ------------------------------------------------------------------------- */

static void outcomes(struct page *p, const struct page_host *hosts, size_t n)
{
    static const enum tone order[] = {TONE_BAD, TONE_UNKNOWN, TONE_OPEN, TONE_TRIED, TONE_GOOD};
    page_raw(p, "<dl class=\"five\">\n");
    for (size_t k = 0; k < sizeof order / sizeof *order; k++) {
        size_t count = 0;
        for (size_t i = 0; i < n; i++) {
            struct outcome o;
            (void)outcome_worst(hosts[i].json, &o);
            count += o.tone == order[k];
        }
        page_rawf(p, "<div class=\"%s\"><dt>", tone_class(order[k]));
        page_word(p, "tone.", str_of(tone_class(order[k])));
        page_raw(p, "</dt><dd>");
        page_count(p, "many.count", count);
        page_raw(p, "</dd></div>\n");
    }
    page_raw(p, "</dl>\n");
}

/* --- what to do, once -------------------------------------------------------------------------- */

struct told {
    const struct json *advice;
    const struct page_host *hosts[ADVICE_HOSTS]; /* the first that it is for */
    size_t n;
    int weight;  /* of the worst outcome that it is for */
    size_t last; /* number of the host counted last */
};

static struct told *told_of(struct told *list, size_t *n, const struct json *advice)
{
    for (size_t i = 0; i < *n; i++)
        if (list[i].advice == advice)
            return &list[i];
    if (*n == ADVICE_KINDS)
        return NULL;
    list[*n].advice = advice;
    return &list[(*n)++];
}

/* Of a host each id once, in the words of its worst campaign. */
static bool is_told(const struct told *list, size_t n, const struct page_host *h, struct str id)
{
    for (size_t i = 0; i < n; i++)
        if (list[i].last == h->number && str_eq(doc_text(list[i].advice, "id"), id))
            return true;
    return false;
}

static void take_advice(struct page *p, const struct page_host *h, const struct json *c,
                        struct told *list, size_t *n)
{
    int weight = outcome_of(c).weight;
    for (const struct json *id = doc_list(c, "advice"); id; id = id->next) {
        const struct json *a = page_find_advice(p, doc_text(c, "id"), id->text);
        struct told *t = a && !is_told(list, *n, h, id->text) ? told_of(list, n, a) : NULL;
        if (!t)
            continue;
        t->weight = weight > t->weight ? weight : t->weight;
        t->last = h->number;
        if (t->n < ADVICE_HOSTS)
            t->hosts[t->n] = h;
        t->n++;
    }
}

static void take_host(struct page *p, const struct page_host *h, struct told *list, size_t *n)
{
    for (int weight = 100; weight >= 0; weight--) /* the worst first */
        for (const struct json *c = doc_list(h->json, "campaigns"); c; c = c->next)
            if (outcome_of(c).weight == weight)
                take_advice(p, h, c, list, n);
}

/* Of what is for the worst outcomes first, in the order of their packs. */
static int more_urgent(const void *a, const void *b)
{
    const struct told *x = *(const struct told *const *)a;
    const struct told *y = *(const struct told *const *)b;
    if (x->weight != y->weight)
        return x->weight > y->weight ? -1 : 1;
    return x < y ? -1 : x > y;
}

static void one_advice(struct page *p, const struct told *t)
{
    size_t shown = t->n < ADVICE_HOSTS ? t->n : ADVICE_HOSTS;
    page_raw(p, "<li>");
    page_prose(p, doc_text(t->advice, "text"));
    page_raw(p, "\n<details><summary>");
    page_count(p, "many.advice_for", t->n);
    page_raw(p, "</summary><p class=\"quiet\">");
    for (size_t i = 0; i < shown; i++) {
        page_rawf(p, "%s<a href=\"#s%zu\">", i ? ", " : "", t->hosts[i]->number);
        page_evidence(p, doc_text(t->hosts[i]->json, "host"));
        page_raw(p, "</a>");
    }
    if (t->n > shown) {
        page_raw(p, " ");
        page_count(p, "more", t->n - shown);
    }
    page_raw(p, "</p></details></li>\n");
}

static void advice(struct page *p, const struct page_host *hosts, size_t n)
{
    struct told *list = ARENA_ARRAY(p->arena, struct told, ADVICE_KINDS);
    const struct told **order = ARENA_ARRAY(p->arena, const struct told *, ADVICE_KINDS);
    size_t kinds = 0;
    for (size_t i = 0; i < n; i++)
        take_host(p, &hosts[i], list, &kinds);
    for (size_t i = 0; i < kinds; i++)
        order[i] = &list[i];
    qsort(order, kinds, sizeof *order, more_urgent);
    page_raw(p, "<h3>");
    page_say(p, "first.do");
    page_raw(p, "</h3>\n<ol class=\"advice\">\n");
    for (size_t i = 0; i < kinds && i < MANY_ADVICE; i++)
        one_advice(p, order[i]);
    page_raw(p, "</ol>\n");
    if (kinds > MANY_ADVICE) {
        page_raw(p, "<details><summary>");
        page_count(p, "many.advice_more", kinds - MANY_ADVICE);
        page_rawf(p, "</summary><ol class=\"advice\" start=\"%d\">\n", MANY_ADVICE + 1);
        for (size_t i = MANY_ADVICE; i < kinds; i++)
            one_advice(p, order[i]);
        page_raw(p, "</ol></details>\n");
    }
    if (kinds == 0) {
        page_raw(p, "<p>");
        page_say(p, "first.do_collect");
        page_raw(p, "</p>\n");
    }
}

/* --- all of them --------------------------------------------------------------------------------- */

static void row(struct page *p, const struct page_host *h)
{
    struct outcome o;
    const struct json *worst = outcome_worst(h->json, &o);
    bool linked = h->number <= PAGE_HOSTS;
    page_raw(p, "<tr><th scope=\"row\">");
    if (linked)
        page_rawf(p, "<a href=\"#%c%zu\">", h->full ? 'h' : 's', h->number);
    page_evidence(p, doc_text(h->json, "host"));
    page_rawf(p, "%s</th><td class=\"%s\"><strong>", linked ? "</a>" : "", tone_class(o.tone));
    page_word(p, "tone.", str_of(tone_class(o.tone)));
    page_raw(p, "</strong></td>");
    for (size_t i = 0; i < N_AXES; i++) {
        const struct json *a = page_answer(h->json, worst, AXES[i]);
        struct str state = doc_text(a, "state");
        page_rawf(p, "<td class=\"%s\">", a ? page_answer_class(state) : "unknown");
        if (a)
            page_word(p, arena_printf(p->arena, "five.%s.", AXES[i]).p, state);
        page_raw(p, "</td>");
    }
    page_raw(p, "</tr>\n");
}

static void table(struct page *p, const struct page_host *hosts, size_t n)
{
    static const char *const columns[] = {"col.host",   "col.verdict",   "axis.exposure",
                                          "axis.entry", "axis.backdoor", "axis.action",
                                          "axis.loss"};
    page_raw(p, "<h3 id=\"servers\">");
    page_say(p, "many.servers");
    page_raw(p, "</h3>\n<div class=\"scroll\" tabindex=\"0\"><table class=\"servers\">"
                "<thead><tr>");
    for (size_t i = 0; i < sizeof columns / sizeof *columns; i++) {
        page_raw(p, "<th scope=\"col\">");
        page_say(p, columns[i]);
        page_raw(p, "</th>");
    }
    page_raw(p, "</tr></thead><tbody>\n");
    for (size_t i = 0; i < n && i < PAGE_LIST; i++)
        row(p, &hosts[i]);
    page_raw(p, "</tbody></table></div>\n");
    if (n > PAGE_LIST) {
        page_raw(p, "<p>");
        page_count(p, "more", n - PAGE_LIST);
        page_raw(p, "</p>\n");
    }
}

void page_many(struct page *p, const struct page_host *hosts, size_t n)
{
    size_t bad = 0;
    for (size_t i = 0; i < n; i++) {
        struct outcome o;
        (void)outcome_worst(hosts[i].json, &o);
        bad += o.tone == TONE_BAD;
    }
    page_raw(p,
             "<section id=\"summary\" aria-labelledby=\"summary-h\">\n<h2 id=\"summary-h\">");
    page_say(p, "first.title");
    page_raw(p, "</h2>\n<p class=\"verdict\">");
    PAGE_SAY(p, "first.hosts", {"n", page_u64(p, n)}, {"bad", page_u64(p, bad)});
    page_raw(p, "</p>\n");
    outcomes(p, hosts, n);
    advice(p, hosts, n);
    table(p, hosts, n);
    page_raw(p, "</section>\n");
}
