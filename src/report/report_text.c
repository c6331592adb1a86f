#include "report/report_text.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/safe.h"
#include "report/report_brief.h"
#include "report/report_indicators.h"
#include "report/wrap.h"

enum {
    SHOWN_FACTS = 60, /* of a campaign; all of them are in the JSON */
    SHOWN_GAPS = 12,
    SHOWN_RULES = 20,
    SHOWN_INITIATORS = 10,
    LABEL = 14, /* columns of the left margin of an answer */
};

struct text {
    const struct report_input *in;
    struct buf *out;
    bool colour;
};

static const char *paint(const struct text *t, const char *code)
{
    return t->colour ? code : "";
}

static const char *bold(const struct text *t)
{
    return paint(t, "\x1b[1m");
}

static const char *plain(const struct text *t)
{
    return paint(t, "\x1b[0m");
}

static void heading(const struct text *t, const char *words)
{
    buf_addf(t->out, "\n  %s%s%s\n", bold(t), words, plain(t));
}

/* A line of an answer: its label at the left, or blanks where it goes on. */
static void line(const struct text *t, const char *label, struct str words)
{
    char first[32];
    (void)snprintf(first, sizeof first, "  %-*s", LABEL - 2, label);
    wrap_text(t->out, first, LABEL, words);
}

static struct str when(instant from, instant to, char out[2 * INSTANT_TEXT + 8])
{
    char a[INSTANT_TEXT];
    char b[INSTANT_TEXT];
    struct str first = instant_text_plain(from, a);
    struct str last = instant_text_plain(to, b);
    bool one = last.n == 0 || str_eq(first, last);
    int n = snprintf(out, 2 * INSTANT_TEXT + 8, "%.*s%s%.*s", STR_ARG(first), one ? "" : " to ",
                     STR_ARG(one ? STR("") : last));
    return (struct str){out, n < 0 ? 0 : (size_t)n};
}

/* The words for a state, as a person would say them. */
static const char *in_words(enum answer answer)
{
    static const char *const words[ANSWERS] = {
        [ANSWER_NOT_ASSESSABLE] = "CANNOT BE SAID (not_assessable)",
        [ANSWER_NONE_SEEN_PARTIAL] =
            "nothing seen, BUT evidence is missing (none_seen_partial)",
        [ANSWER_NONE_SEEN] = "nothing seen, evidence complete (none_seen)",
        [ANSWER_PROBED] = "probed: somebody looked whether the flaw is there",
        [ANSWER_ATTEMPTED] = "attempted: tried, no answer of the flaw recorded",
        [ANSWER_REACHED] = "REACHED: the flaw answered; no effect is recorded",
        [ANSWER_EXPLOITED] = "EXPLOITED",
        [ANSWER_REMOVED] = "removed: a back door was there and is gone",
        [ANSWER_WRITTEN] = "WRITTEN: made; whether it is still there is not known",
        [ANSWER_PRESENT] = "PRESENT",
        [ANSWER_SEEN] = "SEEN",
        [ANSWER_BOUNDS] = "DATA LEFT",
        [ANSWER_EXPOSED] = "EXPOSED",
        [ANSWER_FIXED] = "fixed",
        [ANSWER_MITIGATED] = "mitigated, not fixed",
        [ANSWER_NOT_AFFECTED] = "not affected",
    };
    return words[answer];
}

static void answer_line(const struct text *t, const char *label, const struct axis_verdict *a)
{
    enum { ANSWER_TEXT = 400 };
    struct buf b = buf_new(ANSWER_TEXT);
    buf_add_cstr(&b, in_words(a->answer));
    if (a->inferred)
        buf_add_cstr(&b, ", inferred from its effects");
    if (a->answer > ANSWER_NONE_SEEN && a->confidence)
        buf_addf(&b, " (%s)", confidence_name(a->confidence));
    line(t, label, buf_str(&b));
    buf_free(&b);
    if (a->answer <= ANSWER_NONE_SEEN_PARTIAL && a->reason.n)
        line(t, "", a->reason);
}

static void exposure(const struct text *t, const struct campaign *c)
{
    answer_line(t, "exposed?", &c->exposure);
    for (size_t i = 0; i < c->n_intervals; i++) {
        const struct exposure_interval *v = &c->intervals[i];
        enum { LINE_TEXT = 300 };
        char time[2 * INSTANT_TEXT + 8];
        struct buf b = buf_new(LINE_TEXT);
        buf_add_str(&b, when(v->from, v->to, time));
        buf_addf(&b, ": %s",
                 v->answer == ANSWER_EXPOSED ? "vulnerable" : answer_name(v->answer));
        if (v->build.n)
            buf_addf(&b, ", build %.*s", STR_ARG(v->build));
        if (v->name.n)
            buf_addf(&b, " (%.*s)", STR_ARG(v->name));
        if (v->weak)
            buf_add_cstr(&b, "; sources disagree about this build");
        if (v->inferred)
            buf_add_cstr(&b, ", because the flaw answered; no build is named in the evidence");
        line(t, "", buf_str(&b));
        buf_free(&b);
    }
    line(t, "",
         c->reachable == ANSWER_SEEN ? STR("requests from public addresses reached it")
                                     : STR("whether it was reachable from outside is "
                                           "not known"));
}

/* " (NL, AS64500 Example)" behind an address that the user's databases know. */
static void put_geo(const struct text *t, struct str address, struct buf *b)
{
    struct geoip_place p;
    struct arena *scratch = arena_new();
    if (geoip_find_text(t->in->geoip, address, scratch, &p))
        buf_addf(b, " (%.*s)", STR_ARG(geoip_text(&p, scratch)));
    arena_free(scratch);
}

static const char *role_words(enum role role)
{
    static const char *const words[ROLES] = {
        [ROLE_INTRUDER] = "",
        [ROLE_SCANNER] = "a scanner, ",
        [ROLE_GUESSER] = "a guesser of names of shells, ",
        [ROLE_HEALTH_PROBE] = "the product's own monitoring, ",
        [ROLE_ADMINISTRATOR] = "everyday administration, ",
    };
    return words[role];
}

static void entry(const struct text *t, const struct campaign *c)
{
    char time[2 * INSTANT_TEXT + 8];
    answer_line(t, "entered?", &c->entry);
    if (c->entry.first != INSTANT_NONE && c->entry.answer > ANSWER_NONE_SEEN)
        line(t, "", when(c->entry.first, c->entry.last, time));
    else if (c->entry.inferred)
        line(t, "", STR("when: no record tells; files say when they were last changed"));
    for (size_t i = 0; i < c->n_candidates; i++) {
        enum { LINE_TEXT = 400 };
        struct buf b = buf_new(LINE_TEXT);
        buf_addf(&b, "%s %.*s", i ? "or" : "which way is not known; it may have been",
                 STR_ARG(c->candidates[i]->title));
        line(t, "", buf_str(&b));
        buf_free(&b);
    }
    for (size_t i = 0; i < c->n_initiators && i < SHOWN_INITIATORS; i++) {
        const struct initiator *it = &c->initiators[i];
        enum { LINE_TEXT = 2400 };
        struct buf b = buf_new(LINE_TEXT);
        buf_addf(&b, "%s %.*s", str_eq(it->kind, STR("process")) ? "local process" : "from",
                 STR_ARG(str_part(it->value, 0, 600)));
        put_geo(t, it->value, &b);
        buf_addf(&b, ": %s%s, ", role_words(it->role), state_name(it->state));
        buf_add_str(&b, when(it->first, it->last, time));
        line(t, "", buf_str(&b));
        buf_free(&b);
    }
    if (c->n_initiators > SHOWN_INITIATORS) {
        char more[64];
        int n = snprintf(more, sizeof more, "and %zu more", c->n_initiators - SHOWN_INITIATORS);
        line(t, "", (struct str){more, n < 0 ? 0 : (size_t)n});
    }
}

static const char *presence_words(enum answer presence)
{
    return presence == ANSWER_PRESENT   ? "still there: yes"
           : presence == ANSWER_REMOVED ? "still there: no"
                                        : "still there: not known";
}

static void use_words(const struct item *it, struct buf *b)
{
    char time[2 * INSTANT_TEXT + 8];
    if (it->use == ANSWER_SEEN) {
        buf_add_cstr(b, "used: ");
        buf_add_str(b, when(it->use_first, it->use_last, time));
        if (it->use_first == INSTANT_NONE)
            buf_add_cstr(b, "yes, when is not known");
    } else {
        buf_addf(b, "used: %s",
                 it->use == ANSWER_NONE_SEEN           ? "no use seen, web log complete"
                 : it->use == ANSWER_NONE_SEEN_PARTIAL ? "no use seen, but the web log has gaps"
                                                       : "cannot be said from what is here");
    }
}

static void backdoor(const struct text *t, const struct campaign *c)
{
    answer_line(t, "back door?", &c->backdoor);
    for (size_t i = 0; i < c->n_items; i++) {
        const struct item *it = &c->items[i];
        enum { LINE_TEXT = 4096 };
        char time[2 * INSTANT_TEXT + 8];
        struct buf b = buf_new(LINE_TEXT);
        buf_add_str(&b, it->where.n ? it->where : STR("(place not recorded)"));
        buf_add_cstr(&b, ": ");
        buf_add_str(&b, str_part(it->what, 0, 1500));
        line(t, "", buf_str(&b));
        buf_clear(&b);
        buf_add_cstr(&b, "- written: ");
        buf_add_str(&b, it->written == INSTANT_NONE ? STR("not recorded")
                                                    : when(it->written, INSTANT_NONE, time));
        line(t, "", buf_str(&b));
        buf_clear(&b);
        buf_addf(&b, "- %s: %.*s", presence_words(it->presence), STR_ARG(it->presence_why));
        line(t, "", buf_str(&b));
        buf_clear(&b);
        buf_add_cstr(&b, "- ");
        use_words(it, &b);
        line(t, "", buf_str(&b));
        buf_free(&b);
    }
}

static void action(const struct text *t, const struct campaign *c)
{
    enum { LINE_TEXT = 400 };
    answer_line(t, "what did", &c->action);
    if (c->action.answer != ANSWER_SEEN)
        return;
    struct buf b = buf_new(LINE_TEXT);
    for (size_t i = 0; i < c->n_kinds; i++)
        buf_addf(&b, "%s%.*s", i ? ", " : "kinds: ", STR_ARG(c->kinds[i]));
    line(t, "they do?", buf_str(&b));
    buf_free(&b);
}

static void put_bounds(struct buf *b, const struct bounds *bounds, const char *unit)
{
    if (bounds->bounded && bounds->low == bounds->high)
        buf_addf(b, "%" PRIu64 " %s", bounds->low, unit);
    else if (bounds->bounded)
        buf_addf(b, "%" PRIu64 " to %" PRIu64 " %s", bounds->low, bounds->high, unit);
    else if (bounds->low)
        buf_addf(b, "at least %" PRIu64 " %s", bounds->low, unit);
    else
        buf_addf(b, "an unknown number of %s", unit);
}

static void loss_bounds(const struct text *t, const struct campaign *c)
{
    enum { LINE_TEXT = 8 * 1024 };
    struct buf b = buf_new(LINE_TEXT);
    put_bounds(&b, &c->bytes, "bytes");
    if (c->mailboxes.low || c->mailboxes.high || !c->mailboxes.bounded) {
        buf_add_cstr(&b, "; ");
        put_bounds(&b, &c->mailboxes, "mailboxes");
    }
    line(t, "", buf_str(&b));
    if (c->loss_why.n && !(c->bytes.bounded && c->mailboxes.bounded)) {
        buf_clear(&b);
        buf_addf(&b, "no upper bound: %.*s", STR_ARG(c->loss_why));
        line(t, "", buf_str(&b));
    }
    buf_free(&b);
}

static void loss(const struct text *t, const struct campaign *c)
{
    enum { LINE_TEXT = 4096, SHOWN_ARCHIVES = 5 };
    struct buf b = buf_new(LINE_TEXT);
    answer_line(t, "what left?", &c->loss);
    if (c->loss.answer == ANSWER_BOUNDS)
        loss_bounds(t, c);
    for (size_t i = 0; i < c->n_archives && i < SHOWN_ARCHIVES; i++) {
        buf_clear(&b);
        buf_add_cstr(&b, c->archives[i].fetched ? "fetched: " : "lay ready: ");
        buf_add_str(&b, str_part(c->archives[i].where, 0, 600));
        line(t, "", buf_str(&b));
    }
    if (c->encrypted.n)
        line(t, "", STR("files were encrypted"));
    buf_clear(&b);
    for (unsigned i = 0; i < SECRETS; i++)
        if (c->secrets[i].n)
            buf_addf(&b, "%s%s",
                     b.n ? "; " : "consider stolen: ", secret_words((enum secret)i));
    if (b.n)
        line(t, "", buf_str(&b));
    buf_free(&b);
}

static void one_coverage(const struct text *t, const struct coverage *v)
{
    enum { LINE_TEXT = 600 };
    char time[2 * INSTANT_TEXT + 8];
    struct buf b = buf_new(LINE_TEXT);
    buf_add_str(&b, v->source);
    if (v->part.n)
        buf_addf(&b, " (%.*s)", STR_ARG(v->part));
    if (v->cleared.n)
        buf_addf(&b, "; %.*s", STR_ARG(v->cleared));
    if (!v->present) {
        line(t, "ABSENT", buf_str(&b));
        buf_free(&b);
        return;
    }
    for (size_t i = 0; i < v->gaps.n && i < 3; i++) {
        buf_add_cstr(&b, i ? "; " : ": nothing ");
        buf_add_str(&b, when(v->gaps.at[i].from, v->gaps.at[i].to, time));
    }
    for (size_t i = 0; i < v->holes.n && i < 3; i++) {
        buf_add_cstr(&b, i ? "; " : ": records missing ");
        buf_add_str(&b, when(v->holes.at[i].from, v->holes.at[i].to, time));
    }
    if (v->gaps.n + v->holes.n > 3)
        buf_addf(&b, "; %zu stretches in all", v->gaps.n + v->holes.n);
    if (v->damaged)
        buf_addf(&b, "; %zu stretches could not be read", v->damaged);
    if (v->doubt.n)
        buf_addf(&b, "; %.*s", STR_ARG(v->doubt));
    line(t, v->complete ? "complete" : "PARTIAL", buf_str(&b));
    buf_free(&b);
}

static bool is_complete(const struct campaign *c, const struct pack_source *s)
{
    size_t wanted = s->n_parts ? s->n_parts : 1;
    size_t n = 0;
    for (size_t p = 0; p < wanted; p++)
        for (size_t i = 0; i < c->n_coverage; i++)
            n += str_eq(c->coverage[i].source, s->source) && c->coverage[i].complete &&
                 str_eq(c->coverage[i].part, s->n_parts ? s->parts[p] : STR(""));
    return n >= wanted;
}

/* Whether a row of needs that names this source and part goes without it: another is complete. */
static bool is_met_without(const struct campaign *c, const struct pack_need *need,
                           const struct coverage *v, bool *named)
{
    bool met = false;
    bool here = false;
    for (size_t k = 0; k < need->n; k++) {
        const struct pack_source *s = &need->any_of[k];
        for (size_t p = 0; p < (s->n_parts ? s->n_parts : 1); p++)
            here = here || (str_eq(s->source, v->source) &&
                            str_eq(s->n_parts ? s->parts[p] : STR(""), v->part));
        met = met || is_complete(c, s);
    }
    *named = *named || here;
    return met || !here;
}

/* What is not whole and missed by nothing need not be told: it is one of several, another of which
 * is complete. */
static bool is_spare(const struct campaign *c, const struct coverage *v)
{
    bool named = false;
    for (size_t axis = 0; axis < PACK_AXES; axis++)
        for (size_t i = 0; i < c->pack->n_needs[axis]; i++)
            if (!is_met_without(c, &c->pack->needs[axis][i], v, &named))
                return false;
    return named && !v->complete;
}

static void coverage(const struct text *t, const struct campaign *c)
{
    enum { LINE_TEXT = 300 };
    char time[2 * INSTANT_TEXT + 8];
    heading(t, "What the evidence covers");
    struct buf b = buf_new(LINE_TEXT);
    buf_add_str(&b, when(c->from, c->to, time));
    buf_addf(&b, ", %.*s", STR_ARG(c->window_why));
    line(t, "window", buf_str(&b));
    buf_free(&b);
    for (size_t i = 0; i < c->n_coverage; i++)
        if (!is_spare(c, &c->coverage[i]))
            one_coverage(t, &c->coverage[i]);
}

static bool is_shown(const struct fact *f, size_t host, const struct campaign *c)
{
    bool beside = f->state == STATE_TRACE || f->state == STATE_BUILD || /* told as exposure */
                  f->state == STATE_EFFECT; /* of something else, as it seems */
    return f->host == host && str_eq(f->pack, c->pack->id) && !beside &&
           (f->axis != AXIS_ENTRY || f->state > STATE_PROBED ||
            c->entry.answer == ANSWER_PROBED) &&
           (f->axis != AXIS_CONTEXT || c->entry.answer >= ANSWER_REACHED);
}

/* What had to be decoded or joined to tell a fact; "" if a record says it as it stands. */
static struct str how_of(const struct text *t, const struct fact *f)
{
    const struct found_hit *hits = t->in->findings->hits;
    for (size_t i = 0; i < f->n_hits; i++)
        if (hits[f->hits[i]].hit.how.n == 0)
            return STR("");
    return f->n_hits ? str_part(hits[f->hits[0]].hit.how, 0, 500) : STR("");
}

/* The time of a fact; local time, of an offset that nobody told, is said to be that. */
static void put_time_of(const struct text *t, const struct fact *f, struct buf *b)
{
    char time[INSTANT_TEXT];
    struct str utc = STR(" UTC");
    struct str at = instant_text_plain(f->first, time);
    bool local = f->n_hits > 0;
    for (size_t i = 0; i < f->n_hits; i++)
        local = local && (t->in->findings->hits[f->hits[i]].hit.marks & MARK_NO_ZONE);
    if (local && str_iends(at, utc))
        buf_addf(b, "%.*s local time", STR_ARG(str_part(at, 0, at.n - utc.n)));
    else
        buf_add_str(b, at.n ? at : STR("(no time)"));
}

/* Whether a fact rests on nothing but records that their logs have no more. */
static bool is_recovered(const struct text *t, const struct fact *f)
{
    const struct found_hit *hits = t->in->findings->hits;
    for (size_t i = 0; i < f->n_hits; i++)
        if (!(hits[f->hits[i]].hit.marks & MARK_RECOVERED))
            return false;
    return f->n_hits > 0;
}

static void one_fact(const struct text *t, const struct fact *f)
{
    enum { LINE_TEXT = 16 * 1024 };
    struct buf b = buf_new(LINE_TEXT);
    put_time_of(t, f, &b);
    buf_addf(&b, "  %s %s", axis_name(f->axis), state_name(f->state));
    if (f->confidence)
        buf_addf(&b, ", %s", confidence_name(f->confidence));
    if (f->n_sources > 1)
        buf_addf(&b, ", %zu sources", f->n_sources);
    buf_addf(&b, "  [%s]\n", f->id);
    buf_add_cstr(t->out, "  ");
    buf_add_str(t->out, buf_str(&b));
    wrap_text(t->out, "      ", 6, str_part(f->what, 0, 2000));
    struct str how = how_of(t, f);
    if (how.n) {
        buf_clear(&b);
        buf_addf(&b, "read in what was hidden or split: %.*s", STR_ARG(how));
        wrap_text(t->out, "      ", 6, buf_str(&b));
    }
    if (f->of_change)
        wrap_text(t->out, "      ", 6,
                  STR("dated by a file's own last change, not by a record"));
    if (is_recovered(t, f))
        wrap_text(t->out, "      ", 6,
                  STR("recovered: it lies outside of what a log counts as its records"));
    buf_free(&b);
}

static void facts(const struct text *t, size_t host, const struct campaign *c)
{
    const struct verdict *v = t->in->verdict;
    size_t n = 0;
    for (size_t i = 0; i < v->n_facts; i++)
        n += is_shown(&v->facts[i], host, c);
    if (n == 0)
        return;
    heading(t, "What happened, oldest first");
    size_t shown = 0;
    for (size_t i = 0; i < v->n_facts && shown < SHOWN_FACTS; i++) {
        if (!is_shown(&v->facts[i], host, c))
            continue;
        one_fact(t, &v->facts[i]);
        shown++;
    }
    if (n > shown)
        buf_addf(t->out, "  ... and %zu more; --format json has them all\n", n - shown);
}

static void advice(const struct text *t, const struct pack_advice *const *all, size_t n)
{
    if (n == 0)
        return;
    heading(t, "What to do now");
    for (size_t i = 0; i < n; i++) {
        char first[32];
        (void)snprintf(first, sizeof first, "  %2zu. ", i + 1);
        wrap_text(t->out, first, 6, all[i]->text);
    }
}

static void hints(const struct text *t, const struct campaign *c)
{
    enum { LINE_TEXT = 2048, SHOWN_HINTS = 8 };
    struct buf b = buf_new(LINE_TEXT);
    if (c->n_hints)
        heading(t, "Who it may have been: hints, no proof");
    for (size_t i = 0; i < c->n_hints && i < SHOWN_HINTS; i++) {
        const struct pack_hint *h = c->hints[i].of;
        buf_clear(&b);
        buf_addf(&b, "%.*s is said to have used %.*s (%.*s)", STR_ARG(h->actor),
                 STR_ARG(h->value), STR_ARG(h->source));
        wrap_text(t->out, "  - ", 4, buf_str(&b));
    }
    if (c->n_hints)
        wrap_text(
            t->out, "  ", 2,
            STR("Names, keys and addresses were shared and reused; others may have done it."));
    buf_free(&b);
}

static const char *headline_colour(const struct campaign *c)
{
    bool bad = c->entry.answer >= ANSWER_REACHED || c->n_items;
    bool good = c->entry.answer == ANSWER_NONE_SEEN;
    return bad ? "\x1b[1;31m" : good ? "\x1b[1;32m" : "\x1b[1;33m";
}

static void campaign(const struct text *t, size_t host, const struct campaign *c)
{
    bool judged = !c->pack->general || c->stands;
    buf_add_char(t->out, '\n');
    wrap_text(t->out, "", 0, c->pack->title);
    buf_add_cstr(t->out, paint(t, headline_colour(c)));
    wrap_text(t->out, ">>> ", 4, c->headline);
    buf_add_cstr(t->out, plain(t));
    buf_add_char(t->out, '\n');
    if (!c->pack->general)
        exposure(t, c);
    entry(t, c);
    backdoor(t, c);
    if (judged || c->action.facts.n)
        action(t, c);
    if (judged || c->loss.facts.n)
        loss(t, c);
    if (judged)
        coverage(t, c);
    facts(t, host, c);
    hints(t, c);
    advice(t, c->advice, c->n_advice);
}

/* Campaigns of which nothing is seen: a line or a few each, then what is said of all of them. */
static void briefly(const struct text *t, const struct host_verdict *h)
{
    struct arena *arena = arena_new();
    char time[2 * INSTANT_TEXT + 8];
    instant from = INSTANT_NONE;
    instant to = INSTANT_NONE;
    buf_add_char(t->out, '\n');
    for (size_t i = 0; i < h->n_campaigns; i++) {
        const struct campaign *c = &h->campaigns[i];
        if (brief_is(c) && !brief_is_noise(c))
            brief_campaign(c, paint(t, headline_colour(c)), plain(t), t->out);
    }
    for (size_t i = 0; i < h->n_campaigns; i++)
        if (brief_is_noise(&h->campaigns[i]))
            brief_noise(&h->campaigns[i], t->out);
    brief_not_yet(h, t->out);
    size_t n;
    const struct coverage **rows = brief_coverage(h, arena, &n);
    if (n && brief_window(h, &from, &to)) {
        heading(t, "What the evidence covers");
        line(t, "window", when(from, to, time));
        for (size_t i = 0; i < n; i++)
            one_coverage(t, rows[i]);
    }
    const struct pack_advice **all = brief_advice(h, arena, &n);
    advice(t, all, n);
    arena_free(arena);
}

/* What speaks against the logs themselves. */
static void logging(const struct text *t, const struct host_verdict *h)
{
    enum { SHOWN_LOGGING = 10 };
    if (h->logging.n == 0)
        return;
    heading(t, "What speaks against the logs");
    for (size_t i = 0; i < h->logging.n && i < SHOWN_LOGGING; i++)
        one_fact(t, &t->in->verdict->facts[h->logging.at[i]]);
    if (h->logging.n > SHOWN_LOGGING)
        buf_addf(t->out, "  ... and %zu more; --format json has them all\n",
                 h->logging.n - SHOWN_LOGGING);
}

/* How far its clock is from those of other servers. */
static void skews(const struct text *t, const struct host_verdict *h)
{
    enum { LINE_TEXT = 1024 };
    struct buf b = buf_new(LINE_TEXT);
    for (size_t i = 0; i < h->n_skews; i++) {
        int64_t s = h->skews[i].ahead / INSTANT_SECOND;
        buf_clear(&b);
        buf_addf(&b, "its clock is %lld seconds %s that of %.*s, as %zu %s show",
                 (long long)(s < 0 ? -s : s), s < 0 ? "behind" : "ahead of",
                 STR_ARG(str_part(t->in->verdict->hosts[h->skews[i].host].name, 0, 200)),
                 h->skews[i].n, h->skews[i].n == 1 ? "request" : "requests");
        wrap_text(t->out, "  Note: ", 8, buf_str(&b));
    }
    buf_free(&b);
}

static void host_text(const struct text *t, const struct host_verdict *h)
{
    const struct verdict *v = t->in->verdict;
    buf_add_char(t->out, '\n');
    buf_add_cstr(t->out, bold(t));
    wrap_text(t->out, "HOST ", 5, v->hosts[h->host].name);
    buf_add_cstr(t->out, plain(t));
    if (h->corrected.n)
        wrap_text(t->out, "  Note: ", 8, h->corrected);
    skews(t, h);
    for (size_t i = 0; i < h->n_campaigns; i++)
        if (!brief_is(&h->campaigns[i]))
            campaign(t, h->host, &h->campaigns[i]);
    briefly(t, h);
    if (h->n_campaigns == 0)
        wrap_text(t->out, "  ", 2,
                  STR("No pack applies: no trace of a product that a pack is about was seen in "
                      "this host's evidence, within the time of its campaign."));
    logging(t, h);
    if (h->unattributed.n)
        buf_addf(t->out, "\n  %zu %s that no campaign claims (findings of rules, below)\n",
                 h->unattributed.n, h->unattributed.n == 1 ? "fact" : "facts");
}

/* --- intrusions that belong together ---------------------------------------------------------- */

static void one_cluster(const struct text *t, const struct cluster *c)
{
    enum { LINE_TEXT = 16 * 1024, SHOWN = 8 };
    const struct verdict *v = t->in->verdict;
    struct buf b = buf_new(LINE_TEXT);
    char time[2 * INSTANT_TEXT + 8];
    for (size_t i = 0; i < c->n && i < SHOWN; i++) {
        const struct intrusion *it = &v->intrusions[c->members[i]];
        buf_clear(&b);
        buf_addf(&b, "%.*s, %.*s", STR_ARG(str_part(v->hosts[it->host].name, 0, 200)),
                 STR_ARG(it->campaign->pack->id));
        if (it->first != INSTANT_NONE) {
            buf_add_cstr(&b, ", ");
            buf_add_str(&b, when(it->first, it->last, time));
        }
        wrap_text(t->out, "  - ", 4, buf_str(&b));
    }
    if (c->n > SHOWN)
        buf_addf(t->out, "  - and %zu more\n", c->n - SHOWN);
    buf_clear(&b);
    buf_add_cstr(&b, "they share: ");
    for (size_t i = 0; i < c->n_shared && i < SHOWN; i++)
        buf_addf(&b, "%s%s %.*s", i ? ", " : "", share_name(c->shared[i].kind),
                 STR_ARG(str_part(c->shared[i].value, 0, 120)));
    if (c->n_shared > SHOWN)
        buf_addf(&b, " and %zu more", c->n_shared - SHOWN);
    wrap_text(t->out, "    ", 4, buf_str(&b));
    buf_free(&b);
}

static void clusters(const struct text *t)
{
    enum { SHOWN_CLUSTERS = 10 };
    const struct verdict *v = t->in->verdict;
    for (size_t i = 0; i < v->n_clusters && i < SHOWN_CLUSTERS; i++) {
        buf_add_cstr(t->out, bold(t));
        buf_add_cstr(t->out, "\nINTRUSIONS THAT BELONG TOGETHER");
        buf_add_cstr(t->out, plain(t));
        buf_add_cstr(t->out, "  by what they share; not who it was\n");
        one_cluster(t, &v->clusters[i]);
    }
}

/* --- the rest: findings of rules, gaps, evidence ---------------------------------------------- */

enum { LEVELS = LEVEL_CRITICAL + 1 };

struct rule_tally { /* findings of one rule at one level */
    uint64_t hits;
    uint64_t windows;               /* of a correlation */
    uint64_t hidden;                /* in text that was encoded or split */
    const struct tune_entry *tuned; /* gave them this level; the first that did */
};

static struct rule_tally *tally_rules(const struct report_input *in, struct arena *arena)
{
    const struct findings *f = in->findings;
    struct rule_tally *all =
        ARENA_ARRAY(arena, struct rule_tally, ruleset_count(in->rules) * LEVELS);
    for (size_t i = 0; i < f->n_hits; i++) {
        const struct found_hit *h = &f->hits[i];
        enum level level = tune_level(h->tuned, ruleset_get(in->rules, h->hit.rule));
        struct rule_tally *t = &all[h->hit.rule * (size_t)LEVELS + level];
        t->hits++;
        t->windows += h->hit.correlated != NULL;
        t->hidden += h->hit.how.n > 0 && !h->hit.correlated;
        t->tuned = t->tuned ? t->tuned : h->tuned;
    }
    for (size_t i = 0; i < f->n_counted; i++) {
        const struct counted *c = &f->counted[i];
        enum level level = tune_level(c->tuned, ruleset_get(in->rules, c->rule));
        struct rule_tally *t = &all[c->rule * (size_t)LEVELS + level];
        t->hits += c->count;
        t->tuned = t->tuned ? t->tuned : c->tuned;
    }
    return all;
}

static void one_rule(const struct text *t, enum level level, const struct rule *rule,
                     const struct rule_tally *n, struct arena *arena)
{
    char first[64];
    struct str words = rule->title;
    (void)snprintf(first, sizeof first, "  %-13s %7" PRIu64 "  ", level_name(level), n->hits);
    if (n->hidden)
        words = arena_printf(arena, "%.*s (%" PRIu64 " in text that was encoded or split)",
                             STR_ARG(words), n->hidden);
    if (n->windows)
        words = arena_printf(arena, "%.*s (correlation)", STR_ARG(words));
    if (n->tuned)
        words =
            arena_printf(arena, "%.*s (tuned from %s: %.*s)", STR_ARG(words),
                         level_name(rule->level), STR_ARG(str_part(n->tuned->reason, 0, 300)));
    wrap_text(t->out, first, 25, words);
}

static void rule_findings(const struct text *t)
{
    size_t n_rules = ruleset_count(t->in->rules);
    struct arena *arena = arena_new();
    const struct rule_tally *all = tally_rules(t->in, arena);
    size_t shown = 0;
    size_t more = 0;
    for (int level = LEVEL_CRITICAL; level >= LEVEL_INFORMATIONAL; level--) {
        for (size_t i = 0; i < n_rules; i++) {
            const struct rule *rule = ruleset_get(t->in->rules, i);
            const struct rule_tally *n = &all[i * LEVELS + (size_t)level];
            if (n->hits == 0 || rule->pack.n || rule->indicators)
                continue;
            if (shown >= SHOWN_RULES) {
                more++;
                continue;
            }
            if (shown++ == 0)
                buf_addf(t->out, "\n%sFINDINGS OF RULES%s\n", bold(t), plain(t));
            one_rule(t, (enum level)level, rule, n, arena);
        }
    }
    if (more)
        buf_addf(t->out, "  ... and %zu more %s; --format jsonl has every finding\n", more,
                 more == 1 ? "rule" : "rules");
    arena_free(arena);
}

/* What correlations did not count: that nothing was found there proves nothing. */
static void correlations(const struct text *t)
{
    const struct findings *f = t->in->findings;
    struct arena *arena = arena_new();
    size_t shown = 0;
    if (f->correlations_failed.n)
        buf_addf(t->out, "\n%sCORRELATIONS WERE NOT EVALUATED%s  %.*s\n", bold(t), plain(t),
                 STR_ARG(f->correlations_failed));
    for (size_t i = 0; i < f->n_correlations; i++) {
        const struct correlate_told *c = &f->correlations[i];
        const struct rule *rule = ruleset_get(t->in->rules, c->rule);
        if (c->without_time + c->without_group + c->without_value + c->lost == 0)
            continue;
        if (shown++ == SHOWN_RULES)
            break;
        if (shown == 1)
            buf_addf(t->out, "\n%sNOT COUNTED IN CORRELATIONS%s\n", bold(t), plain(t));
        wrap_text(t->out, "  ", 4,
                  arena_printf(arena,
                               "%.*s: matches without time: %" PRIu64
                               ", without a field of group-by: %" PRIu64
                               ", without the value: %" PRIu64 ", beyond a limit: %" PRIu64,
                               STR_ARG(rule->title), c->without_time, c->without_group,
                               c->without_value, c->lost));
    }
    if (shown > SHOWN_RULES)
        buf_add_cstr(t->out, "  ... and more; --format json has them all\n");
    arena_free(arena);
}

/* What a person chose not to see is still told of. */
static void suppressed(const struct text *t)
{
    const struct findings *f = t->in->findings;
    struct arena *arena = arena_new();
    if (f->n_suppressed)
        buf_addf(t->out, "\n%sSUPPRESSED BY TUNING%s  findings: %" PRIu64 "\n", bold(t),
                 plain(t), report_suppressed(t->in));
    for (size_t i = 0; i < f->n_suppressed && i < SHOWN_RULES; i++) {
        const struct suppressed *s = &f->suppressed[i];
        const struct rule *rule = ruleset_get(t->in->rules, s->rule);
        char first[64];
        (void)snprintf(first, sizeof first, "  %-13s %7" PRIu64 "  ", level_name(rule->level),
                       s->count);
        wrap_text(t->out, first, 25,
                  arena_printf(arena, "%.*s: %.*s", STR_ARG(rule->title),
                               STR_ARG(str_part(s->by->reason, 0, 300))));
    }
    if (f->n_suppressed > SHOWN_RULES)
        buf_addf(t->out, "  ... and more of %zu rules; --format json has them all\n",
                 f->n_suppressed - SHOWN_RULES);
    arena_free(arena);
}

static void gaps(const struct text *t)
{
    const struct findings *f = t->in->findings;
    if (f->n_gaps == 0)
        return;
    buf_addf(t->out, "\n%sCOULD NOT BE READ%s\n", bold(t), plain(t));
    for (size_t i = 0; i < f->n_gaps && i < SHOWN_GAPS; i++) {
        enum { LINE_TEXT = 8192 };
        struct buf b = buf_new(LINE_TEXT);
        buf_add_str(&b, f->evidence[f->gaps[i].evidence].path);
        if (f->gaps[i].to)
            buf_addf(&b, ", bytes %" PRIu64 " to %" PRIu64, f->gaps[i].from, f->gaps[i].to);
        buf_addf(&b, ": %.*s", STR_ARG(f->gaps[i].why));
        wrap_text(t->out, "  ", 4, buf_str(&b));
        buf_free(&b);
    }
    if (f->n_gaps > SHOWN_GAPS)
        buf_addf(t->out, "  ... and %zu more; --format json has them all\n",
                 f->n_gaps - SHOWN_GAPS);
}

/* What lay outside the chunks of event logs. */
static void recovered(const struct text *t)
{
    const struct findings *f = t->in->findings;
    uint64_t records = 0;
    uint64_t unreadable = 0;
    size_t logs = 0;
    for (size_t i = 0; i < f->n_evidence; i++) {
        const struct evidence *e = &f->evidence[i];
        records += e->recovered;
        unreadable += e->unreadable;
        logs += e->recovered + e->unreadable > 0;
    }
    if (logs)
        buf_addf(t->out,
                 "  recovered event records: %" PRIu64 ", not readable: %" PRIu64
                 " (in files: %zu)\n",
                 records, unreadable, logs);
}

static void evidence(const struct text *t)
{
    const struct findings *f = t->in->findings;
    size_t logs = 0;
    for (size_t i = 0; i < f->n_evidence; i++)
        logs += f->evidence[i].events > 0;
    buf_addf(t->out,
             "\n%sEVIDENCE%s  files: %zu (logs: %zu), %.1f MB, events: %" PRIu64
             ", rules: %zu\n",
             bold(t), plain(t), f->n_evidence, logs, (double)f->bytes / 1e6, f->events,
             ruleset_given(t->in->rules));
    recovered(t);
    const struct refusal *refused;
    size_t n = ruleset_refusals(t->in->rules, &refused);
    if (n)
        buf_addf(t->out,
                 "  %zu %s could not be used; `assay rules list --rules ...` says why\n", n,
                 n == 1 ? "rule" : "rules");
    if (ruleset_left_out(t->in->rules))
        buf_addf(t->out, "  rules left out: %zu (not chosen by level, status, tag or source)\n",
                 ruleset_left_out(t->in->rules));
    if (t->in->verdict->n_facts)
        wrap_text(t->out, "  ", 2,
                  STR("Raw evidence behind any [id]: assay explain CASE-OR-PATH ID"));
}

/* What the verdict was made with; the knowledge of each pack has a date. */
static void head_text(struct text *t)
{
    enum { PACK_TEXT = 200, FEW_PACKS = 3 };
    const struct verdict *v = t->in->verdict;
    struct buf packs = buf_new(PACK_TEXT * (v->n_packs + 1));
    struct str oldest = STR("");
    for (size_t i = 0; i < v->n_packs; i++)
        if (oldest.n == 0 || str_cmp(v->packs[i].as_of, oldest) < 0)
            oldest = v->packs[i].as_of;
    for (size_t i = 0; i < v->n_packs && v->n_packs <= FEW_PACKS; i++)
        buf_addf(&packs, "%s%.*s as of %.*s", i ? ", " : "knowledge: ", STR_ARG(v->packs[i].id),
                 STR_ARG(v->packs[i].as_of));
    if (v->n_packs > FEW_PACKS)
        buf_addf(&packs, "knowledge: %zu packs as of %.*s or later (assay packs list)",
                 v->n_packs, STR_ARG(oldest));
    buf_addf(t->out, "%sassay %s%s  what the evidence says\n", bold(t), t->in->version,
             plain(t));
    if (v->n_packs)
        wrap_text(t->out, "", 2, buf_str(&packs));
    buf_free(&packs);
}

/* Evidence of one server that does not say so is judged apart from the rest. */
static void nameless(struct text *t)
{
    const struct verdict *v = t->in->verdict;
    size_t n = 0;
    for (size_t i = 0; i < v->n_hosts; i++)
        n += str_starts(v->hosts[i].name, STR("unnamed ("));
    if (n && v->n_hosts > 1)
        wrap_text(
            t->out, "\n", 2,
            STR("Evidence that names no server (\"unnamed\") is judged by itself. If it is "
                "all of one server, say which: assay scan --host NAME ..."));
}

void report_text(const struct report_input *input, bool colour, struct buf *out)
{
    struct text t = {.in = input, .out = out, .colour = colour};
    const struct verdict *v = input->verdict;
    head_text(&t);
    for (size_t i = 0; i < v->n_hosts; i++)
        host_text(&t, &v->per_host[i]);
    nameless(&t);
    clusters(&t);
    if (v->n_hosts == 0)
        buf_add_cstr(out, "\nThere is no evidence here: nothing can be said.\n");
    rule_findings(&t);
    correlations(&t);
    indicators_text(input, colour, out);
    suppressed(&t);
    gaps(&t);
    evidence(&t);
}
