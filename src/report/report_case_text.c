/* The report of a case for a terminal: what matters, in the words of the page. */
#include <stdio.h>

#include "report/page.h"
#include "report/wrap.h"

enum {
    TEXT_CAMPAIGNS = 30,
    TEXT_MISSING = 8,
    TEXT_RULES = 20,
    LINE_BYTES = 1 << 16,
};

struct text {
    struct page page; /* language, arena, document */
    struct buf *out;
    bool colour;
};

/* --- lines --------------------------------------------------------------------------------------- */

static struct str words(const struct text *t, const char *id)
{
    return lang_text(t->page.lang, id);
}

static struct str word_of(const struct text *t, const char *head, struct str tail)
{
    struct str found = tail;
    (void)lang_find(t->page.lang, head, tail, &found);
    return found;
}

static struct str sentence(const struct text *t, struct str english)
{
    struct str found;
    (void)lang_sentence(t->page.lang, english, t->page.arena, &found);
    return found;
}

static struct str filled(const struct text *t, const char *id, const struct hole_value *holes,
                         size_t n)
{
    struct buf b = buf_new(LINE_BYTES);
    struct lang_piece piece;
    struct str text = words(t, id);
    for (size_t at = 0; lang_next(text, &at, &piece);) {
        if (!piece.hole)
            buf_add_str(&b, piece.text);
        for (size_t i = 0; piece.hole && i < n; i++)
            if (str_eq(str_of(holes[i].name), piece.text))
                buf_add_str(&b, str_part(holes[i].value, 0, PAGE_TEXT));
    }
    struct str made = arena_str(t->page.arena, buf_str(&b));
    buf_free(&b);
    return made;
}
#define FILL(t, id, ...)                                        \
    filled((t), (id), (const struct hole_value[]){__VA_ARGS__}, \
           sizeof((const struct hole_value[]){__VA_ARGS__}) / sizeof(struct hole_value))

static void line(const struct text *t, const char *first, size_t indent, struct str text)
{
    wrap_text(t->out, first, indent, text);
}

static void heading(const struct text *t, struct str text)
{
    buf_add_cstr(t->out, t->colour ? "\n\x1b[1m" : "\n");
    line(t, "", 0, text);
    if (t->colour)
        buf_add_cstr(t->out, "\x1b[0m");
}

static struct str span(const struct text *t, instant from, instant to)
{
    char a[INSTANT_TEXT];
    char b[INSTANT_TEXT];
    if (from == INSTANT_NONE)
        return words(t, "time.unknown");
    if (to == INSTANT_NONE || to / INSTANT_SECOND == from / INSTANT_SECOND)
        return arena_str(t->page.arena, instant_text_plain(from, a));
    return FILL(t, "time.span", {"from", instant_text_plain(from, a)},
                {"to", instant_text_plain(to, b)});
}

/* --- a host ---------------------------------------------------------------------------------------- */

static void five(const struct text *t, const struct json *campaign)
{
    static const char *const axes[] = {"exposure", "entry", "backdoor", "action", "loss"};
    for (size_t i = 0; i < sizeof axes / sizeof *axes; i++) {
        const struct json *a = json_get(campaign, axes[i]);
        struct str state = doc_text(a, "state");
        struct str id = arena_printf(t->page.arena, "five.%s.", axes[i]);
        struct str sure = doc_text(a, "confidence");
        struct str text =
            arena_printf(t->page.arena, "%.*s %.*s (%.*s%s%.*s)",
                         STR_ARG(word_of(t, "question.", str_of(axes[i]))),
                         STR_ARG(word_of(t, id.p, state)), STR_ARG(state), sure.n ? ", " : "",
                         STR_ARG(sure.n ? word_of(t, "sure_word.", sure) : STR("")));
        line(t, "  - ", 4, text);
        if (doc_text(a, "reason").n)
            line(t, "    ", 4, sentence(t, doc_text(a, "reason")));
        if (doc_time(a, "first") != INSTANT_NONE)
            line(t, "    ", 4, span(t, doc_time(a, "first"), doc_time(a, "last")));
    }
}

static void door(const struct text *t, const struct json *item)
{
    const struct json *use = json_get(item, "use");
    struct str where = str_part(doc_text(item, "where"), 0, PAGE_TEXT);
    struct str what = sentence(t, str_part(doc_text(item, "what"), 0, PAGE_TEXT));
    struct str presence =
        word_of(t, "presence.", doc_text(json_get(item, "presence"), "state"));
    struct str used = word_of(t, "use.", doc_text(use, "state"));
    struct str when = doc_is(use, "state", "seen")
                          ? span(t, doc_time(use, "first"), doc_time(use, "last"))
                          : STR("");
    if (where.n == 0)
        where = words(t, "door.nowhere");
    line(t, "  * ", 4,
         arena_printf(t->page.arena, "%.*s: %.*s", STR_ARG(where), STR_ARG(what)));
    line(t, "    ", 4,
         arena_printf(t->page.arena, "%.*s %.*s %.*s %.*s%s%.*s",
                      STR_ARG(words(t, "door.presence")), STR_ARG(presence),
                      STR_ARG(words(t, "door.use")), STR_ARG(used), when.n ? " " : "",
                      STR_ARG(when)));
}

static void doors(const struct text *t, const struct json *campaign)
{
    for (const struct json *i = doc_list(json_get(campaign, "backdoor"), "items"); i;
         i = i->next)
        door(t, i);
}

static void who(const struct text *t, const struct json *campaign)
{
    size_t n = 0;
    for (const struct json *i = doc_list(json_get(campaign, "entry"), "initiators"); i;
         i = i->next) {
        if (!doc_is(i, "role", "intruder") || n++ >= 10)
            continue;
        line(t, "  * ", 4,
             arena_printf(t->page.arena, "%.*s %.*s: %.*s, %.*s",
                          STR_ARG(word_of(t, "who.", doc_text(i, "kind"))),
                          STR_ARG(str_part(doc_text(i, "value"), 0, PAGE_TEXT)),
                          STR_ARG(word_of(t, "state.", doc_text(i, "state"))),
                          STR_ARG(span(t, doc_time(i, "first"), doc_time(i, "last")))));
    }
    if (n > 10)
        line(t, "  * ", 4, FILL(t, "more", {"n", arena_printf(t->page.arena, "%zu", n - 10)}));
}

/* How a record is missing. */
static struct str how_missing(const struct text *t, const struct json *row)
{
    const struct json *gap = doc_list(row, "gaps");
    if (!doc_true(row, "present"))
        return words(t, "missing.absent");
    if (gap)
        return arena_printf(t->page.arena, "%.*s %.*s", STR_ARG(words(t, "missing.gap")),
                            STR_ARG(span(t, doc_time(gap, "from"), doc_time(gap, "to"))));
    return doc_text(row, "doubt").n ? sentence(t, doc_text(row, "doubt"))
                                    : words(t, "missing.partly");
}

static void missing_line(const struct text *t, const struct json *row)
{
    struct str part = doc_text(row, "part");
    struct str source = word_of(t, "source.", doc_text(row, "source"));
    struct str how = how_missing(t, row);
    line(t, "  - ", 4,
         arena_printf(t->page.arena, "%.*s%s%.*s%s: %.*s", STR_ARG(source), part.n ? " (" : "",
                      STR_ARG(part), part.n ? ")" : "", STR_ARG(how)));
}

static void missing(const struct text *t, const struct json *campaign)
{
    size_t n = 0;
    for (const struct json *r = doc_list(campaign, "coverage"); r; r = r->next)
        if (!doc_true(r, "complete") && n++ < TEXT_MISSING)
            missing_line(t, r);
    if (n > TEXT_MISSING)
        line(t, "  - ", 4,
             FILL(t, "more", {"n", arena_printf(t->page.arena, "%zu", n - TEXT_MISSING)}));
    if (n == 0 && doc_list(campaign, "coverage"))
        line(t, "  - ", 4, words(t, "first.unseen_nothing"));
}

static void advice(const struct text *t, const struct json *campaign)
{
    size_t n = 0;
    for (const struct json *id = doc_list(campaign, "advice"); id; id = id->next)
        for (const struct json *a = doc_list(t->page.in->document, "advice"); a; a = a->next) {
            if (!str_eq(doc_text(a, "id"), id->text) ||
                !str_eq(doc_text(a, "pack"), doc_text(campaign, "id")))
                continue;
            char number[24];
            (void)snprintf(number, sizeof number, "  %zu. ", ++n);
            line(t, number, 5, sentence(t, doc_text(a, "text")));
        }
}

static void campaign_lines(const struct text *t, const struct json *worst, const struct json *c)
{
    struct outcome o = outcome_of(c);
    line(t, ">>> ", 4,
         arena_printf(t->page.arena, "%.*s: %.*s", STR_ARG(sentence(t, doc_text(c, "title"))),
                      STR_ARG(sentence(t, doc_text(c, "headline")))));
    if (c != worst && o.tone != TONE_BAD)
        return;
    five(t, c);
    doors(t, c);
    who(t, c);
    heading(t, words(t, "first.unseen"));
    missing(t, c);
    heading(t, words(t, "first.do"));
    advice(t, c);
    buf_add_cstr(t->out, "\n");
}

static void facts_against_logs(const struct text *t, const struct json *host)
{
    for (const struct json *id = doc_list(host, "logging"); id; id = id->next)
        for (const struct json *f = doc_list(host, "facts"); f; f = f->next)
            if (str_eq(doc_text(f, "id"), id->text))
                line(t, "  ! ", 4,
                     arena_printf(
                         t->page.arena, "%.*s [%.*s]",
                         STR_ARG(sentence(t, str_part(doc_text(f, "what"), 0, PAGE_TEXT))),
                         STR_ARG(id->text)));
}

/* What earlier scans of other evidence said of the server. */
static void earlier_scans(const struct text *t, const struct json *host)
{
    if (doc_text(host, "scanned").n)
        line(t, "", 0, FILL(t, "first.scanned", {"paths", doc_text(host, "scanned")}));
    for (const struct json *e = doc_list(host, "earlier"); e; e = e->next) {
        struct outcome o;
        const struct json *worst = outcome_worst(e, &o);
        struct str said = FILL(t, "first.earlier", {"paths", doc_text(e, "scanned")});
        struct str tone = word_of(t, "tone.", str_of(tone_class(o.tone)));
        struct str what = o.text ? words(t, o.text) : sentence(t, doc_text(worst, "headline"));
        line(t, "", 0,
             arena_printf(t->page.arena, "%.*s %.*s: %.*s", STR_ARG(said), STR_ARG(tone),
                          STR_ARG(what)));
    }
}

static void one_host(const struct text *t, const struct json *host)
{
    struct outcome o;
    const struct json *worst = outcome_worst(host, &o);
    size_t n = 0;
    heading(t, FILL(t, "text.host", {"host", doc_text(host, "host")}));
    line(t, "", 0,
         arena_printf(
             t->page.arena, "%.*s: %.*s",
             STR_ARG(word_of(t, "tone.", str_of(tone_class(o.tone)))),
             STR_ARG(o.text ? words(t, o.text) : sentence(t, doc_text(worst, "headline")))));
    if (o.tone == TONE_BAD)
        line(t, "", 0,
             arena_printf(t->page.arena, "%.*s %.*s", STR_ARG(words(t, "first.sure")),
                          STR_ARG(word_of(t, "sure.",
                                          doc_text(json_get(worst, "entry"), "confidence")))));
    else
        line(t, "", 0,
             arena_printf(t->page.arena, "%.*s %.*s", STR_ARG(words(t, "first.sure")),
                          STR_ARG(word_of(t, "sure_tone.", str_of(tone_class(o.tone))))));
    earlier_scans(t, host);
    buf_add_cstr(t->out, "\n");
    for (int weight = 100; weight >= 0; weight--)
        for (const struct json *c = doc_list(host, "campaigns"); c; c = c->next)
            if (outcome_of(c).weight == weight && n++ < TEXT_CAMPAIGNS)
                campaign_lines(t, worst, c);
    facts_against_logs(t, host);
}

/* --- the rest ---------------------------------------------------------------------------------------- */

static int rules(const struct text *t, struct err *err)
{
    struct case_filter all = CASE_FILTER_ALL;
    struct case_rows rows = {0};
    all.host = t->page.in->host;
    struct case_rule r;
    uint64_t left = 0;
    size_t n = 0;
    int got;
    if (case_rules(t->page.in->reader, &all, &rows, err) < 0)
        return -1;
    heading(t, words(t, "text.findings"));
    while ((got = case_rules_next(&rows, &r, err)) == 1) {
        if (n++ >= TEXT_RULES) {
            left++;
            continue;
        }
        struct str level = word_of(t, "level.", r.level);
        line(t, "  ", 4,
             arena_printf(t->page.arena, "%llu  %.*s  %.*s", (unsigned long long)r.n,
                          STR_ARG(level), STR_ARG(sentence(t, r.title))));
    }
    if (left)
        line(t, "  ", 4,
             FILL(t, "findings.rules_left",
                  {"n", arena_printf(t->page.arena, "%llu", (unsigned long long)left)}));
    case_rows_close(&rows);
    return got;
}

static struct str amount(const struct text *t, const char *key)
{
    uint64_t n = doc_number(json_get(t->page.in->document, "stats"), key);
    return arena_printf(t->page.arena, "%llu", (unsigned long long)n);
}

static void last_lines(const struct text *t)
{
    const struct report_case *in = t->page.in;
    size_t gaps = doc_count(in->document, "gaps");
    buf_add_cstr(t->out, "\n");
    if (gaps)
        line(t, "", 2, FILL(t, "text.gaps", {"n", arena_printf(in->arena, "%zu", gaps)}));
    line(t, "", 2,
         FILL(t, "text.evidence", {"files", amount(t, "files")}, {"bytes", amount(t, "bytes")},
              {"events", amount(t, "events")}, {"facts", amount(t, "facts")},
              {"findings", amount(t, "findings")}));
    line(t, "", 2,
         FILL(t, "text.digest", {"digest", in->reader->digest}, {"tool", in->reader->tool}));
    line(t, "", 2, words(t, "text.ids"));
    line(t, "", 2, words(t, "text.more"));
}

int report_case_text(const struct report_case *in, bool colour, struct buf *out,
                     struct err *err)
{
    struct text t = {
        .page = {.lang = in->lang, .arena = in->arena, .in = in}, .out = out, .colour = colour};
    const struct json *hosts = doc_list(in->document, "hosts");
    line(&t, "", 0, words(&t, "page.title"));
    for (int weight = 100; weight >= 0; weight--)
        for (const struct json *h = hosts; h; h = h->next) {
            struct outcome o;
            (void)outcome_worst(h, &o);
            if (o.weight == weight)
                one_host(&t, h);
        }
    if (!hosts)
        line(&t, "\n", 0, words(&t, "head.no_evidence"));
    if (rules(&t, err) < 0)
        return -1;
    last_lines(&t);
    return out->full ? err_set(err, ERR_LIMIT, "the report is too large") : 0;
}
