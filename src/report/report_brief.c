#include "report/report_brief.h"

#include "base/buf.h"
#include "report/wrap.h"

enum { LINE_TEXT = 4096 };

bool brief_is(const struct campaign *c)
{
    return c->entry.answer <= ANSWER_PROBED && c->n_items == 0 &&
           c->action.answer <= ANSWER_NONE_SEEN && c->loss.answer <= ANSWER_NONE_SEEN;
}

/* A general pack's needs count only where it is judged like a campaign. */
static bool needs_count(const struct campaign *c)
{
    return !c->pack->general || c->stands;
}

/* "ProxyLogon" of "ProxyLogon: Exchange Server entered through its front end (2021)". */
static struct str short_title(const struct pack *pack)
{
    size_t colon = str_find(pack->title, STR(":"), 0);
    return colon == SIZE_MAX ? pack->title : str_part(pack->title, 0, colon);
}

static void add_exposure(const struct campaign *c, struct buf *b)
{
    const struct exposure_interval *v =
        c->n_intervals ? &c->intervals[c->n_intervals - 1] : NULL;
    char at[INSTANT_TEXT];
    switch ((int)c->exposure.answer) {
    case ANSWER_FIXED:
        if (c->ends_with_fix)
            buf_addf(b, "; fixed on %.10s", instant_text(c->to, at).p);
        else
            buf_add_cstr(b, "; fixed all that time");
        break;
    case ANSWER_NOT_AFFECTED:
        buf_add_cstr(b, "; its builds are not affected");
        break;
    case ANSWER_MITIGATED:
        buf_add_cstr(b, "; mitigated, not fixed");
        break;
    case ANSWER_EXPOSED:
        buf_add_cstr(b, "; the flaw was OPEN at the end");
        break;
    default:
        buf_add_cstr(b, "; whether the flaw was open is not known");
        return;
    }
    if (v && v->build.n)
        buf_addf(b, ", build %.*s", STR_ARG(v->build));
}

static bool is_among(const struct str *all, size_t n, struct str text)
{
    for (size_t i = 0; i < n; i++)
        if (str_eq(all[i], text))
            return true;
    return false;
}

static bool is_complete(const struct campaign *c, const struct pack_source *s)
{
    for (size_t i = 0; i < c->n_coverage; i++) {
        const struct coverage *v = &c->coverage[i];
        bool meant = s->n_parts ? is_among(s->parts, s->n_parts, v->part) : v->part.n == 0;
        if (str_eq(v->source, s->source) && meant && !v->complete)
            return false;
    }
    return true;
}

static bool is_met(const struct campaign *c, const struct pack_need *need)
{
    for (size_t k = 0; k < need->n; k++)
        if (is_complete(c, &need->any_of[k]))
            return true;
    return false;
}

/* The sources that keep the verdict from being complete, each once. */
static void missing(const struct campaign *c, struct buf *out)
{
    enum { SHOWN = 12 };
    struct str told[SHOWN];
    struct buf b = buf_new(LINE_TEXT);
    size_t n = 0;
    for (size_t axis = PACK_EXPOSURE; axis < PACK_AXES; axis++) {
        for (size_t i = 0; i < c->pack->n_needs[axis]; i++) {
            const struct pack_need *need = &c->pack->needs[axis][i];
            struct str first = need->n ? need->any_of[0].source : STR("");
            if (n == SHOWN || is_met(c, need) || is_among(told, n, first))
                continue;
            buf_addf(&b, "%s%.*s", n ? ", " : "missing or incomplete: ", STR_ARG(first));
            told[n++] = first;
            for (size_t k = 1; k < need->n; k++)
                buf_addf(&b, " or %.*s", STR_ARG(need->any_of[k].source));
        }
    }
    if (n)
        wrap_text(out, "    ", 4, buf_str(&b));
    buf_free(&b);
}

static void probes(const struct campaign *c, struct buf *out)
{
    char from[INSTANT_TEXT];
    char to[INSTANT_TEXT];
    struct buf b = buf_new(LINE_TEXT);
    struct str first = instant_text_plain(c->entry.first, from);
    struct str last = instant_text_plain(c->entry.last, to);
    buf_addf(&b, "probed from %zu %s", c->n_initiators,
             c->n_initiators == 1 ? "address" : "addresses");
    if (first.n && str_eq(first, last))
        buf_addf(&b, ", %.*s", STR_ARG(first));
    else if (first.n)
        buf_addf(&b, ", %.*s to %.*s", STR_ARG(first), STR_ARG(last));
    for (size_t i = 0; i < c->n_initiators && i < 3; i++)
        buf_addf(&b, "%s%.*s", i ? ", " : ": ",
                 STR_ARG(str_part(c->initiators[i].value, 0, 100)));
    buf_add_cstr(&b, c->n_initiators > 3 ? ", ..." : "");
    wrap_text(out, "    ", 4, buf_str(&b));
    buf_free(&b);
}

bool brief_is_noise(const struct campaign *c)
{
    return brief_is(c) && c->pack->general && !c->stands && c->entry.answer == ANSWER_PROBED;
}

void brief_noise(const struct campaign *c, struct buf *out)
{
    char from[INSTANT_TEXT];
    char to[INSTANT_TEXT];
    struct buf b = buf_new(LINE_TEXT);
    buf_addf(&b, "Nothing answered to %zu %s that looked for weak places, as at any server",
             c->n_initiators, c->n_initiators == 1 ? "address" : "addresses");
    if (c->entry.first != INSTANT_NONE)
        buf_addf(&b, " (%.10s to %.10s)", instant_text(c->entry.first, from).p,
                 instant_text(c->entry.last, to).p);
    buf_add_char(&b, '.');
    wrap_text(out, "", 4, buf_str(&b));
    buf_free(&b);
}

void brief_campaign(const struct campaign *c, const char *colour, const char *plain,
                    struct buf *out)
{
    struct buf b = buf_new(LINE_TEXT);
    buf_addf(&b, "%.*s: %.*s", STR_ARG(short_title(c->pack)), STR_ARG(c->headline));
    if (!c->pack->general)
        add_exposure(c, &b);
    buf_add_cstr(out, colour);
    wrap_text(out, ">>> ", 4, buf_str(&b));
    buf_add_cstr(out, plain);
    buf_free(&b);
    if (c->entry.answer == ANSWER_PROBED)
        probes(c, out);
    if (!c->covered && needs_count(c))
        missing(c, out);
}

/* A server that was shut down is told as it is; of one whose later logs may be somewhere, nothing
 * comforting is said. */
static void end_of_not_yet(const struct left_out *l, struct buf *b)
{
    char at[INSTANT_TEXT];
    if (l->ended)
        buf_add_cstr(b, ". The server's own disk tells of nothing later.");
    else
        buf_addf(b,
                 ". If the server ran on after %.10s, collect later logs: this is NO sign that"
                 " these did not happen.",
                 instant_text(l->end, at).p);
}

void brief_not_yet(const struct host_verdict *h, struct buf *out)
{
    struct buf b = buf_new(LINE_TEXT);
    char at[INSTANT_TEXT];
    const struct left_out *last = NULL;
    for (size_t i = 0; i < h->n_left_out; i++) {
        const struct pack *pack = h->left_out[i].pack;
        if (h->left_out[i].in_time)
            continue;
        buf_addf(&b, "%s%.*s (%.10s)",
                 b.n ? ", " : "Not known yet when this evidence ends, and not judged: ",
                 STR_ARG(short_title(pack)), instant_text(pack->phases[0].from, at).p);
        last = &h->left_out[i];
    }
    if (last)
        end_of_not_yet(last, &b);
    if (b.n)
        wrap_text(out, "", 4, buf_str(&b));
    buf_free(&b);
}

static bool same_source(const struct coverage *a, const struct coverage *b)
{
    return str_eq(a->source, b->source) && str_eq(a->part, b->part);
}

/* The more is missing, the worse. */
static bool is_worse(const struct coverage *a, const struct coverage *b)
{
    if (a->complete != b->complete)
        return b->complete;
    return a->gaps.n + a->holes.n + a->damaged > b->gaps.n + b->holes.n + b->damaged;
}

static bool told_in_section(const struct host_verdict *h, const struct coverage *v)
{
    for (size_t i = 0; i < h->n_campaigns; i++) {
        const struct campaign *c = &h->campaigns[i];
        for (size_t k = 0; k < c->n_coverage && !brief_is(c); k++)
            if (same_source(&c->coverage[k], v))
                return true;
    }
    return false;
}

static bool has_sections(const struct host_verdict *h)
{
    for (size_t i = 0; i < h->n_campaigns; i++)
        if (!brief_is(&h->campaigns[i]))
            return true;
    return false;
}

const struct coverage **brief_coverage(const struct host_verdict *h, struct arena *arena,
                                       size_t *ret_n)
{
    const struct coverage **all = NULL;
    size_t n = 0;
    size_t cap = 0;
    bool sections = has_sections(h);
    for (size_t i = 0; i < h->n_campaigns; i++) {
        const struct campaign *c = &h->campaigns[i];
        for (size_t k = 0; k < c->n_coverage && brief_is(c) && needs_count(c); k++) {
            const struct coverage *v = &c->coverage[k];
            size_t at = 0;
            while (at < n && !same_source(all[at], v))
                at++;
            if (sections && (v->complete || told_in_section(h, v)))
                continue;
            if (at < n) {
                all[at] = is_worse(v, all[at]) ? v : all[at];
                continue;
            }
            all = arena_grow(arena, all, n, &cap, sizeof *all);
            all[n++] = v;
        }
    }
    *ret_n = n;
    return all;
}

bool brief_window(const struct host_verdict *h, instant *ret_from, instant *ret_to)
{
    bool any = false;
    for (size_t i = 0; i < h->n_campaigns; i++) {
        const struct campaign *c = &h->campaigns[i];
        if (!brief_is(c) || !needs_count(c))
            continue;
        *ret_from = !any || c->from < *ret_from ? c->from : *ret_from;
        *ret_to = !any || c->to > *ret_to ? c->to : *ret_to;
        any = true;
    }
    return any;
}

static bool advised_in_section(const struct host_verdict *h, struct str id)
{
    for (size_t i = 0; i < h->n_campaigns; i++) {
        const struct campaign *c = &h->campaigns[i];
        for (size_t k = 0; k < c->n_advice && !brief_is(c); k++)
            if (str_eq(c->advice[k]->id, id))
                return true;
    }
    return false;
}

const struct pack_advice **brief_advice(const struct host_verdict *h, struct arena *arena,
                                        size_t *ret_n)
{
    const struct pack_advice **all = NULL;
    instant *since = NULL;
    size_t n = 0;
    size_t cap = 0;
    size_t cap_since = 0;
    for (size_t i = 0; i < h->n_campaigns; i++) {
        const struct campaign *c = &h->campaigns[i];
        for (size_t k = 0; k < c->n_advice && brief_is(c); k++) {
            const struct pack_advice *a = c->advice[k];
            instant from = c->pack->general ? INSTANT_NONE : c->pack->phases[0].from;
            size_t at = 0;
            while (at < n && !str_eq(all[at]->id, a->id))
                at++;
            if (advised_in_section(h, a->id) || (at < n && since[at] >= from))
                continue;
            if (at == n) {
                all = arena_grow(arena, all, n, &cap, sizeof *all);
                since = arena_grow(arena, since, n, &cap_since, sizeof *since);
                n++;
            }
            all[at] = a;
            since[at] = from;
        }
    }
    *ret_n = n;
    return all;
}
