/* The first screen: for somebody who owns servers and knows nothing of logs. */
#include "report/page.h"

enum { FIRST_ADVICE = 5, FIRST_MISSING = 4, FIRST_OTHERS = 6 };

static const char *const AXES[] = {"exposure", "entry", "backdoor", "action", "loss"};
enum { N_AXES = sizeof AXES / sizeof *AXES };

/* --- the five questions ----------------------------------------------------------------------- */

/* How far a state is from nothing, among all campaigns of a host: something that was seen, then
 * what cannot be said, then what is partly known. */
static int state_rank(struct str state)
{
    static const char *const order[] = {
        "none_seen", "not_affected", "none_seen_partial", "not_assessable", "probed",
        "fixed",     "mitigated",    "attempted",         "removed",        "reached",
        "written",   "exposed",      "present",           "exploited",      "seen",
        "bounds",
    };
    for (size_t i = 0; i < sizeof order / sizeof *order; i++)
        if (str_eq(state, str_of(order[i])))
            return (int)i;
    return 0;
}

/* The answer of the worst campaign for exposure; of others, the furthest state of any. */
const struct json *page_answer(const struct json *host, const struct json *worst,
                               const char *axis)
{
    const struct json *best = worst ? json_get(worst, axis) : NULL;
    if (str_eq(str_of(axis), STR("exposure")) && best)
        return best;
    for (const struct json *c = doc_list(host, "campaigns"); c; c = c->next) {
        const struct json *a = json_get(c, axis);
        if (a &&
            (!best || state_rank(doc_text(a, "state")) > state_rank(doc_text(best, "state"))))
            best = a;
    }
    return best;
}

const char *page_answer_class(struct str state)
{
    static const struct {
        const char *state, *class;
    } classes[] = {
        {"none_seen", "good"}, {"not_affected", "good"},         {"fixed", "good"},
        {"probed", "tried"},   {"attempted", "tried"},           {"mitigated", "open"},
        {"exposed", "bad"},    {"none_seen_partial", "unknown"}, {"not_assessable", "unknown"},
    };
    for (size_t i = 0; i < sizeof classes / sizeof *classes; i++)
        if (str_eq(state, str_of(classes[i].state)))
            return classes[i].class;
    return "bad";
}

static void questions(struct page *p, const struct json *host, const struct json *worst)
{
    page_raw(p, "<dl class=\"five\">\n");
    for (size_t i = 0; i < N_AXES; i++) {
        const struct json *a = page_answer(host, worst, AXES[i]);
        if (!a)
            continue;
        struct str id = arena_printf(p->arena, "five.%s.", AXES[i]);
        struct str state = doc_text(a, "state");
        page_rawf(p, "<div class=\"%s\"><dt>", page_answer_class(state));
        page_word(p, "question.", str_of(AXES[i]));
        page_raw(p, "</dt><dd>");
        page_word(p, id.p, state);
        page_raw(p, "</dd></div>\n");
    }
    page_raw(p, "</dl>\n");
}

/* --- what to do ------------------------------------------------------------------------------- */

const struct json *page_find_advice(const struct page *p, struct str pack, struct str id)
{
    for (const struct json *a = doc_list(p->in->document, "advice"); a; a = a->next)
        if (str_eq(doc_text(a, "id"), id) && str_eq(doc_text(a, "pack"), pack))
            return a;
    return NULL;
}

static bool is_told(struct str *told, size_t n, struct str id)
{
    for (size_t i = 0; i < n; i++)
        if (str_eq(told[i], id))
            return true;
    return false;
}

static size_t advise(struct page *p, const struct json *campaign, struct str *told, size_t n)
{
    for (const struct json *id = doc_list(campaign, "advice"); id && n < FIRST_ADVICE;
         id = id->next) {
        const struct json *a = page_find_advice(p, doc_text(campaign, "id"), id->text);
        if (!a || is_told(told, n, id->text))
            continue;
        told[n++] = id->text;
        page_raw(p, "<li>");
        page_prose(p, doc_text(a, "text"));
        page_raw(p, "</li>\n");
    }
    return n;
}

static void what_to_do(struct page *p, const struct page_host *h, const struct json *worst)
{
    struct str told[FIRST_ADVICE];
    size_t n = 0;
    page_raw(p, "<div><h4>");
    page_say(p, "first.do");
    page_raw(p, "</h4>\n<ol>\n");
    n = worst ? advise(p, worst, told, n) : 0;
    for (const struct json *c = doc_list(h->json, "campaigns"); c; c = c->next)
        if (c != worst && outcome_of(c).weight > 30)
            n = advise(p, c, told, n);
    if (n == 0) {
        page_raw(p, "<li>");
        page_say(p, worst ? "first.do_nothing" : "first.do_collect");
        page_raw(p, "</li>\n");
    }
    page_rawf(p, "</ol>\n<p><a href=\"#h%zu-do\">", h->number);
    page_say(p, "first.do_all");
    page_raw(p, "</a></p></div>\n");
}

/* --- what could not be seen -------------------------------------------------------------------- */

/* Whether an answer that the campaign owes lacks this source. */
static bool is_missed(const struct json *campaign, const struct json *row)
{
    if (doc_true(row, "complete"))
        return false;
    for (const struct json *need = doc_list(row, "needed_for"); need; need = need->next) {
        for (size_t i = 0; i < N_AXES; i++) {
            const struct json *a = json_get(campaign, AXES[i]);
            if (!str_eq(need->text, str_of(AXES[i])) || !a || doc_is(a, "state", "none_seen"))
                continue;
            bool nothing =
                doc_is(a, "state", "none_seen_partial") || doc_is(a, "state", "not_assessable");
            if (!nothing || i == 0 ||
                str_find(doc_text(a, "reason"), doc_text(row, "source"), 0) != SIZE_MAX)
                return true;
        }
    }
    return false;
}

void page_put_source(struct page *p, struct str source, struct str part)
{
    struct str words;
    struct str windows = STR("windows:");
    if (lang_find(p->lang, "source.", source, &words))
        page_word(p, "source.", source);
    else if (str_starts(source, windows))
        PAGE_SAY(p, "source.windows", {"log", str_part(source, windows.n, source.n)});
    else
        page_evidence(p, source);
    if (part.n) {
        page_raw(p, " ");
        PAGE_SAY(p, "source.part", {"part", part});
    }
}

static struct str campaign_title(struct page *p, const struct json *campaign)
{
    struct str title;
    (void)lang_sentence(p->lang, doc_text(campaign, "title"), p->arena, &title);
    return title;
}

/* "2020-02-25 to 2021-01-02" where it is about days: the first screen is not for seconds. */
static void put_days(struct page *p, instant from, instant to)
{
    char a[INSTANT_TEXT];
    char b[INSTANT_TEXT];
    enum { DAY_TEXT = 10 };
    if (from == INSTANT_NONE || to == INSTANT_NONE || to - from < 2 * INSTANT_DAY)
        page_put_span(p, from, to);
    else
        PAGE_SAY(p, "time.span", {"from", str_part(instant_text(from, a), 0, DAY_TEXT)},
                 {"to", str_part(instant_text(to, b), 0, DAY_TEXT)});
}

/* How a record is missing, and when. */
static void put_missing(struct page *p, const struct json *row)
{
    enum { TIMES = 2 };
    size_t n = 0;
    const struct json *gap = doc_list(row, "gaps");
    if (!doc_true(row, "present")) {
        page_say(p, "missing.absent");
    } else if (gap) {
        page_say(p, "missing.gap");
        for (; gap && n < TIMES; gap = gap->next, n++) {
            page_raw(p, n ? "; " : " ");
            put_days(p, doc_time(gap, "from"), doc_time(gap, "to"));
        }
        if (doc_count(row, "gaps") > TIMES) {
            page_raw(p, " ");
            page_count(p, "more", doc_count(row, "gaps") - TIMES);
        }
    } else if (doc_list(row, "holes")) {
        page_count(p, "missing.holes", doc_count(row, "holes"));
    } else if (doc_number(row, "damaged")) {
        page_count(p, "missing.damaged", doc_number(row, "damaged"));
    } else if (doc_text(row, "doubt").n) {
        page_sentence(p, doc_text(row, "doubt"));
    } else {
        page_say(p, "missing.partly");
    }
}

/* The same as a text, for comparison. */
static struct str missing_text(struct page *p, const struct json *row)
{
    struct buf text = buf_new(SIZE_MAX / 4);
    struct buf *out = p->out;
    p->out = &text;
    put_missing(p, row);
    p->out = out;
    struct str ret = arena_str(p->arena, buf_str(&text));
    buf_free(&text);
    return ret;
}

enum { MISSING_KEYS = 64 };

struct missing {
    struct str keys[MISSING_KEYS]; /* sources that were told already */
    size_t n, shown;
    size_t lines;
};

struct missing_line { /* of a campaign: what is missing in one way */
    struct str how;
    const struct json *rows[MISSING_KEYS];
    size_t n;
};

static bool is_new(struct page *p, struct missing *m, const struct json *row)
{
    struct str key = arena_printf(p->arena, "%.*s|%.*s", STR_ARG(doc_text(row, "source")),
                                  STR_ARG(doc_text(row, "part")));
    if (is_told(m->keys, m->n < MISSING_KEYS ? m->n : MISSING_KEYS, key))
        return false;
    if (m->n < MISSING_KEYS)
        m->keys[m->n] = key;
    m->n++;
    return true;
}

static void put_missing_line(struct page *p, const struct missing_line *l)
{
    page_raw(p, "<li>");
    for (size_t i = 0; i < l->n; i++) {
        page_raw(p, i ? "; " : "");
        page_put_source(p, doc_text(l->rows[i], "source"), doc_text(l->rows[i], "part"));
    }
    page_raw(p, ": ");
    put_missing(p, l->rows[0]);
    page_raw(p, "</li>\n");
}

/* The line that says of a row how it is missing; NULL where there is room for no more. */
static struct missing_line *line_for(struct page *p, struct missing_line *lines, size_t *n,
                                     size_t most, const struct json *row)
{
    struct str how = missing_text(p, row);
    size_t i = 0;
    while (i < *n && !str_eq(lines[i].how, how))
        i++;
    if (i == most)
        return NULL;
    if (i == *n)
        lines[(*n)++].how = how;
    return lines[i].n < MISSING_KEYS ? &lines[i] : NULL;
}

/* What a campaign's answers lack, under its name: what is missing in one way in one line. */
static void missing_of(struct page *p, const struct json *campaign, struct missing *m)
{
    struct missing_line *lines = ARENA_ARRAY(p->arena, struct missing_line, FIRST_MISSING);
    size_t n = 0;
    for (const struct json *row = doc_list(campaign, "coverage"); row; row = row->next) {
        if (!is_missed(campaign, row) || !is_new(p, m, row))
            continue;
        struct missing_line *l = line_for(p, lines, &n, FIRST_MISSING - m->lines, row);
        if (!l)
            continue;
        l->rows[l->n++] = row;
        m->shown++;
    }
    if (n == 0)
        return;
    page_raw(p, "<p class=\"quiet\">");
    PAGE_SAY(p, "first.unseen_for", {"what", campaign_title(p, campaign)});
    page_raw(p, "</p>\n<ul>\n");
    for (size_t i = 0; i < n; i++)
        put_missing_line(p, &lines[i]);
    page_raw(p, "</ul>\n");
    m->lines += n;
}

/* Facts that speak against the logs themselves. */
static void doubtful_logs(struct page *p, const struct page_host *h)
{
    size_t n = 0;
    for (const struct json *id = doc_list(h->json, "logging"); id; id = id->next) {
        size_t at = names_find(&h->ids, id->text);
        if (at == SIZE_MAX || n >= 3)
            continue;
        page_raw(p, n++ ? "<li>" : "<ul>\n<li>");
        page_sentence(p, doc_text(h->facts[at].json, "what"));
        page_raw(p, " ");
        page_put_id(p, h->facts[at].id);
        page_raw(p, "</li>\n");
    }
    if (n)
        page_raw(p, "</ul>\n");
}

static void what_was_not_seen(struct page *p, const struct page_host *h,
                              const struct json *worst)
{
    struct missing m = {.n = 0};
    page_raw(p, "<div><h4>");
    page_say(p, "first.unseen");
    page_raw(p, "</h4>\n");
    size_t empty = p->out->n;
    doubtful_logs(p, h);
    if (worst)
        missing_of(p, worst, &m);
    for (const struct json *c = doc_list(h->json, "campaigns"); c; c = c->next)
        if (c != worst)
            missing_of(p, c, &m);
    bool none = p->out->n == empty;
    if (m.n > m.shown || none) {
        page_raw(p, "<p>");
        if (none)
            page_say(p, worst ? "first.unseen_nothing" : "first.unseen_all");
        else
            page_count(p, "first.unseen_more", m.n - m.shown);
        page_raw(p, "</p>\n");
    }
    if (h->full) {
        page_rawf(p, "<p><a href=\"#h%zu-coverage\">", h->number);
        page_say(p, "first.unseen_all_rows");
        page_raw(p, "</a></p>");
    }
    page_raw(p, "</div>\n");
}

/* --- a host ------------------------------------------------------------------------------------ */

static struct str sure_of(const struct json *worst)
{
    static const char *const order[] = {"entry", "backdoor", "action", "loss"};
    for (size_t i = 0; worst && i < sizeof order / sizeof *order; i++) {
        struct str sure = doc_text(json_get(worst, order[i]), "confidence");
        if (sure.n)
            return sure;
    }
    return STR("");
}

static void how_sure(struct page *p, const struct json *worst, const struct outcome *o)
{
    page_raw(p, "<p class=\"sure\"><strong>");
    page_say(p, "first.sure");
    page_raw(p, "</strong> ");
    if (o->tone == TONE_BAD)
        page_word(p, "sure.", sure_of(worst));
    else
        page_word(p, "sure_tone.", str_of(tone_class(o->tone)));
    page_raw(p, "</p>\n");
}

/* When it began, from where; what a reader asks next. */
static void when_and_who(struct page *p, const struct json *worst)
{
    const struct json *entry = worst ? json_get(worst, "entry") : NULL;
    size_t intruders = 0;
    struct str first = STR("");
    bool process = false;
    for (const struct json *i = doc_list(entry, "initiators"); i; i = i->next) {
        if (!doc_is(i, "role", "intruder"))
            continue;
        process = intruders ? process : doc_is(i, "kind", "process");
        first = intruders++ ? first : doc_text(i, "value");
    }
    instant from = doc_time(entry, "first");
    instant to = doc_time(entry, "last");
    if (from == INSTANT_NONE && intruders == 0)
        return;
    page_raw(p, "<p>");
    if (from != INSTANT_NONE)
        PAGE_SAY(
            p, from / INSTANT_SECOND == to / INSTANT_SECOND ? "first.when_once" : "first.when",
            {"from", page_time(p, from)}, {"to", page_time(p, to)});
    if (intruders) {
        page_raw(p, " ");
        PAGE_SAY(p,
                 intruders > 1 ? "first.who_more"
                 : process     ? "first.who_process"
                               : "first.who",
                 {"who", first}, {"n", page_u64(p, intruders - 1)});
    }
    page_raw(p, "</p>\n");
}

/* A line for each of the other campaigns: what each comes to. */
static void others(struct page *p, const struct page_host *h, const struct json *worst)
{
    if (doc_count(h->json, "campaigns") < 1)
        return;
    size_t n = 0;
    page_raw(p, "<p class=\"quiet\">");
    page_say(p, "first.looked_for");
    page_raw(p, "</p>\n<ul class=\"quiet looked\">\n");
    for (const struct json *c = doc_list(h->json, "campaigns"); c; c = c->next) {
        if (n++ >= FIRST_OTHERS && c != worst)
            continue;
        struct outcome o = outcome_of(c);
        page_raw(p, "<li>");
        page_sentence(p, doc_text(c, "title"));
        page_raw(p, ": ");
        page_word(p, "tone.", str_of(tone_class(o.tone)));
        page_raw(p, "</li>\n");
    }
    if (n > FIRST_OTHERS) {
        page_raw(p, "<li>");
        page_count(p, "more", n - FIRST_OTHERS);
        page_raw(p, "</li>\n");
    }
    page_raw(p, "</ul>\n");
}

/* What earlier scans of other evidence said of the server. */
static void earlier_scans(struct page *p, const struct json *host)
{
    if (doc_text(host, "scanned").n) {
        page_raw(p, "<p class=\"quiet\">");
        PAGE_SAY(p, "first.scanned", {"paths", doc_text(host, "scanned")});
        page_raw(p, "</p>\n");
    }
    for (const struct json *e = doc_list(host, "earlier"); e; e = e->next) {
        struct outcome o;
        const struct json *worst = outcome_worst(e, &o);
        page_raw(p, "<p>");
        PAGE_SAY(p, "first.earlier", {"paths", doc_text(e, "scanned")});
        page_raw(p, " <strong>");
        page_word(p, "tone.", str_of(tone_class(o.tone)));
        page_raw(p, "</strong>: ");
        if (o.text)
            page_say(p, o.text);
        else
            page_sentence(p, doc_text(worst, "headline"));
        page_raw(p, "</p>\n");
    }
}

enum { BRIEF_MOST = 12 };

static void brief_intruders(struct page *p, const struct json *campaign, size_t *n)
{
    const struct json *i = doc_list(json_get(campaign, "entry"), "initiators");
    for (; i; i = i->next) {
        if (!doc_is(i, "role", "intruder") || (*n)++ >= BRIEF_MOST)
            continue;
        page_raw(p, "<li>");
        page_word(p, "role.", doc_text(i, "role"));
        page_raw(p, ": ");
        page_evidence(p, doc_text(i, "value"));
        page_raw(p, " <span class=\"t\">");
        page_put_span(p, doc_time(i, "first"), doc_time(i, "last"));
        page_raw(p, "</span></li>\n");
    }
}

static void brief_doors(struct page *p, const struct json *campaign, size_t *n)
{
    const struct json *d = doc_list(json_get(campaign, "backdoor"), "items");
    for (; d; d = d->next) {
        if ((*n)++ >= BRIEF_MOST)
            continue;
        page_raw(p, "<li>");
        page_word(p, "axis.", STR("backdoor"));
        page_raw(p, ": ");
        if (doc_text(d, "where").n)
            page_evidence(p, doc_text(d, "where"));
        else
            page_sentence(p, doc_text(d, "what"));
        page_raw(p, ". ");
        page_say(p, "door.presence");
        page_raw(p, " ");
        page_word(p, "presence.", doc_text(json_get(d, "presence"), "state"));
        page_raw(p, "</li>\n");
    }
}

/* Where there are many servers: who came in, and what is left behind; advice is told once. */
static void brief(struct page *p, const struct page_host *h)
{
    size_t n = 0;
    page_raw(p, "<div><h4>");
    page_say(p, "many.brief");
    page_raw(p, "</h4>\n<ul>\n");
    for (const struct json *c = doc_list(h->json, "campaigns"); c; c = c->next) {
        brief_intruders(p, c, &n);
        brief_doors(p, c, &n);
    }
    if (n == 0 || n > BRIEF_MOST) {
        page_raw(p, "<li>");
        if (n == 0)
            page_say(p, "many.brief_none");
        else
            page_count(p, "more", n - BRIEF_MOST);
        page_raw(p, "</li>\n");
    }
    page_raw(p, "</ul></div>\n");
}

void page_card(struct page *p, const struct page_host *h)
{
    struct outcome o;
    const struct json *worst = outcome_worst(h->json, &o);
    page_rawf(p, "<article class=\"card %s\" aria-labelledby=\"s%zu\">\n", tone_class(o.tone),
              h->number);
    page_rawf(p, "<p class=\"label\"><span class=\"sign\" aria-hidden=\"true\"></span>");
    page_word(p, "tone.", str_of(tone_class(o.tone)));
    page_rawf(p, "</p>\n<h3 id=\"s%zu\">", h->number);
    if (h->full)
        page_rawf(p, "<a href=\"#h%zu\">", h->number);
    page_evidence(p, doc_text(h->json, "host"));
    page_raw(p, h->full ? "</a></h3>\n<p class=\"verdict\">" : "</h3>\n<p class=\"verdict\">");
    if (o.text)
        page_say(p, o.text);
    else
        page_sentence(p, doc_text(worst, "headline"));
    page_raw(p, "</p>\n");
    if (o.tone == TONE_BAD)
        when_and_who(p, worst);
    how_sure(p, worst, &o);
    earlier_scans(p, h->json);
    questions(p, h->json, worst);
    page_raw(p, "<div class=\"two\">\n");
    if (p->many)
        brief(p, h);
    else
        what_to_do(p, h, worst);
    what_was_not_seen(p, h, worst);
    page_raw(p, "</div>\n");
    others(p, h, worst);
    page_raw(p, "</article>\n");
}

static void nothing_at_all(struct page *p)
{
    page_raw(p, "<article class=\"card unknown\"><p class=\"label\"><span class=\"sign\" "
                "aria-hidden=\"true\"></span>");
    page_word(p, "tone.", STR("unknown"));
    page_raw(p, "</p>\n<h3>");
    page_say(p, "first.no_host");
    page_raw(p, "</h3>\n<p class=\"verdict\">");
    page_say(p, "head.no_evidence");
    page_raw(p, "</p>\n</article>\n");
}

void page_first(struct page *p, const struct page_host *hosts, size_t n)
{
    page_raw(p,
             "<section id=\"summary\" aria-labelledby=\"summary-h\">\n<h2 id=\"summary-h\">");
    page_say(p, "first.title");
    page_raw(p, "</h2>\n");
    if (n > 1) {
        size_t bad = 0;
        for (size_t i = 0; i < n; i++) {
            struct outcome o;
            (void)outcome_worst(hosts[i].json, &o);
            bad += o.tone == TONE_BAD;
        }
        page_raw(p, "<p>");
        PAGE_SAY(p, "first.hosts", {"n", page_u64(p, n)}, {"bad", page_u64(p, bad)});
        page_raw(p, "</p>\n");
    }
    for (size_t i = 0; i < n; i++)
        page_card(p, &hosts[i]);
    if (n == 0)
        nothing_at_all(p);
    page_raw(p, "</section>\n");
}
