#include "report/report_indicators.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "report/wrap.h"
#include "rule/indicator.h"

enum {
    SHOWN = 25,      /* indicators; all are in the JSON */
    SHOWN_NOTES = 5, /* refusals of a list */
    NAME_SHOWN = 60,
};

struct seen { /* what was found of one indicator */
    uint32_t indicator;
    bool outdated;
    enum level level;
    uint64_t hits;
    instant first, last;
    struct str field; /* of the first finding */
};

static int by_weight(const void *x, const void *y)
{
    const struct seen *a = x;
    const struct seen *b = y;
    if (a->level != b->level)
        return a->level > b->level ? -1 : 1;
    if (a->outdated != b->outdated)
        return a->outdated ? 1 : -1;
    return a->indicator < b->indicator ? -1 : a->indicator > b->indicator;
}

static void add(struct seen *s, const struct hit *h, enum level level, bool outdated)
{
    if (s->hits++ == 0) {
        s->indicator = h->indicator - 1;
        s->outdated = outdated;
        s->level = level;
        s->first = s->last = h->time;
        s->field = h->field;
        return;
    }
    s->level = level > s->level ? level : s->level;
    if (h->time == INSTANT_NONE)
        return;
    s->first = s->first == INSTANT_NONE || h->time < s->first ? h->time : s->first;
    s->last = s->last == INSTANT_NONE || h->time > s->last ? h->time : s->last;
}

static bool is_outdated(const struct indicators *set, const struct hit *h)
{
    return h->rule == set->lists[set->list[h->indicator - 1].list].outdated &&
           indicator_is_outdated(&set->list[h->indicator - 1], h->time);
}

/* What was found, in the order in which it is told; those out of date apart. */
static struct seen *gather(const struct report_input *in, struct arena *arena, size_t *ret_n)
{
    const struct indicators *set = in->indicators;
    const struct findings *f = in->findings;
    uint32_t *place = ARENA_ARRAY(arena, uint32_t, 2 * set->n + 1);
    struct seen *all = NULL;
    size_t n = 0;
    size_t cap = 0;
    for (size_t i = 0; i < f->n_hits; i++) {
        const struct hit *h = &f->hits[i].hit;
        if (!h->indicator)
            continue;
        bool outdated = is_outdated(set, h);
        uint32_t *at = &place[2 * (size_t)(h->indicator - 1) + outdated];
        if (*at == 0) {
            all = arena_grow(arena, all, n, &cap, sizeof *all);
            *at = (uint32_t)++n;
        }
        enum level level = tune_level(f->hits[i].tuned, ruleset_get(in->rules, h->rule));
        add(&all[*at - 1], h, level, outdated);
    }
    if (n)
        qsort(all, n, sizeof *all, by_weight);
    *ret_n = n;
    return all;
}

static enum tlp strictest(const struct report_input *in)
{
    enum tlp tlp = TLP_NONE;
    for (size_t i = 0; i < in->findings->n_hits; i++) {
        uint32_t number = in->findings->hits[i].hit.indicator;
        enum tlp of = number ? (enum tlp)in->indicators->list[number - 1].tlp : TLP_NONE;
        tlp = of > tlp ? of : tlp;
    }
    return tlp;
}

static void put_when(const struct seen *s, struct buf *b)
{
    char first[INSTANT_TEXT];
    char last[INSTANT_TEXT];
    struct str a = instant_text_plain(s->first, first);
    struct str z = instant_text_plain(s->last, last);
    if (a.n)
        buf_addf(b, "; %.*s", STR_ARG(a));
    if (a.n && s->last != s->first)
        buf_addf(b, " to %.*s", STR_ARG(z));
}

static void one_indicator(const struct report_input *in, const struct seen *s,
                          struct arena *arena, struct buf *out)
{
    enum { LINE_TEXT = 4096 };
    const struct indicators *set = in->indicators;
    const struct indicator *it = &set->list[s->indicator];
    char first[64];
    struct buf b = buf_new(LINE_TEXT);
    (void)snprintf(first, sizeof first, "  %-13s %7" PRIu64 "  ", level_name(s->level),
                   s->hits);
    buf_add_str(&b, indicator_words(set, s->indicator, arena));
    buf_addf(&b, " (%.*s:%u%s%s)", STR_ARG(set->lists[it->list].name), it->place,
             it->tlp ? ", " : "", tlp_name((enum tlp)it->tlp));
    if (s->outdated)
        buf_add_cstr(&b, ", OUT OF DATE when it was met");
    if (it->known)
        buf_add_cstr(&b, ", a value that harmless systems have too");
    buf_addf(&b, "; in %.*s", STR_ARG(str_part(s->field, 0, NAME_SHOWN)));
    put_when(s, &b);
    if (it->about.n)
        buf_addf(&b, "; the list says: %.*s", STR_ARG(it->about));
    wrap_text(out, first, 25, buf_str(&b));
    buf_free(&b);
}

/* Findings of indicators that were only counted. */
static uint64_t not_kept(const struct report_input *in)
{
    uint64_t n = 0;
    for (size_t i = 0; i < in->findings->n_counted; i++)
        if (ruleset_get(in->rules, in->findings->counted[i].rule)->indicators)
            n += in->findings->counted[i].count;
    return n;
}

static void put_lists(const struct report_input *in, struct arena *arena, struct buf *out)
{
    const struct indicators *set = in->indicators;
    size_t refused = 0;
    size_t warned = 0;
    size_t ending = 0;
    for (size_t i = 0; i < set->n_lists; i++) {
        refused += set->lists[i].refused.n;
        warned += set->lists[i].warnings.n;
        ending += set->lists[i].ending;
    }
    struct str words =
        arena_printf(arena, "looked for: %zu, in lists: %zu; valid for a time only: %zu",
                     set->n, set->n_lists, ending);
    if (refused + warned)
        words =
            arena_printf(arena,
                         "%.*s; lines or objects that could not be used: %zu, doubtful: %zu "
                         "(`assay indicators check` says which)",
                         STR_ARG(words), refused, warned);
    wrap_text(out, "  ", 2, words);
}

void indicators_text(const struct report_input *in, bool colour, struct buf *out)
{
    size_t n = 0;
    if (!in->indicators)
        return;
    struct arena *arena = arena_new();
    const struct seen *all = gather(in, arena, &n);
    enum tlp tlp = strictest(in);
    buf_addf(out, "\n%sINDICATORS SEEN%s\n", colour ? "\x1b[1m" : "", colour ? "\x1b[0m" : "");
    for (size_t i = 0; i < n && i < SHOWN; i++)
        one_indicator(in, &all[i], arena, out);
    if (n == 0)
        buf_add_cstr(out, "  none, in what could be read\n");
    if (n > SHOWN)
        buf_addf(out, "  ... and %zu more; --format jsonl has every finding\n", n - SHOWN);
    if (not_kept(in))
        buf_addf(out,
                 "  and further findings of the same lists, which were only counted: %" PRIu64
                 "\n",
                 not_kept(in));
    put_lists(in, arena, out);
    if (n)
        wrap_text(
            out, "  ", 2,
            STR("That a value was met says neither that an attack worked nor whose it was."));
    if (tlp)
        wrap_text(out, "  ", 2,
                  arena_printf(arena,
                               "Pass this on only as %s allows: indicators named here "
                               "were received under it.",
                               tlp_name(tlp)));
    arena_free(arena);
}

/* --- for programs --------------------------------------------------------------------------- */

static void put_text(struct json_out *j, const char *key, struct str text)
{
    json_key(j, key);
    json_text(j, text);
}

static void put_number(struct json_out *j, const char *key, uint64_t n)
{
    json_key(j, key);
    json_u64(j, n);
}

static void put_flag(struct json_out *j, const char *key, bool is)
{
    json_key(j, key);
    json_bool(j, is);
}

static void put_tlp(struct json_out *j, enum tlp tlp)
{
    put_text(j, "tlp", str_of(tlp_name(tlp)));
}

void indicator_json(struct json_report *r, const struct hit *h)
{
    struct json_out *j = &r->j;
    json_key(j, "indicator");
    if (!h->indicator) {
        json_null(j);
        return;
    }
    const struct indicators *set = ruleset_get(r->in->rules, h->rule)->indicators;
    const struct indicator *it = &set->list[h->indicator - 1];
    json_begin(j, '{');
    put_text(j, "type", str_of(indicator_type_name((enum indicator_type)it->type)));
    put_text(j, "value", it->value);
    put_text(j, "about", it->about);
    put_tlp(j, (enum tlp)it->tlp);
    put_text(j, "list", set->lists[it->list].path);
    put_number(j, "place", it->place);
    put_text(j, "field", h->field);
    put_text(j, "found", h->found);
    json_key(j, "valid_from");
    json_time(j, it->from);
    json_key(j, "valid_until");
    json_time(j, it->until);
    put_flag(j, "outdated", is_outdated(set, h));
    put_flag(j, "well_known", it->known);
    json_end(j, '}');
}

static void put_notes(struct json_out *j, const char *key, const struct indicator_notes *notes)
{
    json_key(j, key);
    json_begin(j, '[');
    for (size_t i = 0; i < notes->n && i < SHOWN_NOTES; i++) {
        json_begin(j, '{');
        put_number(j, "place", notes->list[i].place);
        put_text(j, "value", notes->list[i].value);
        put_text(j, "why", str_of(notes->list[i].why));
        json_end(j, '}');
    }
    json_end(j, ']');
}

static void put_list(struct json_out *j, const struct indicator_list *list)
{
    json_begin(j, '{');
    put_text(j, "path", list->path);
    put_text(j, "form", str_of(list->form));
    put_number(j, "indicators", list->n);
    put_number(j, "valid_for_a_time", list->ending);
    put_number(j, "repeated", list->repeated);
    put_number(j, "not_looked_for", list->left);
    put_number(j, "refused", list->refused.n);
    put_number(j, "doubtful", list->warnings.n);
    put_notes(j, "refusals", &list->refused);
    put_notes(j, "doubts", &list->warnings);
    json_end(j, '}');
}

void indicators_json(struct json_report *r)
{
    struct json_out *j = &r->j;
    const struct indicators *set = r->in->indicators;
    json_key(j, "indicators");
    if (!set) {
        json_null(j);
        return;
    }
    json_begin(j, '{');
    put_tlp(j, strictest(r->in));
    json_key(j, "lists");
    json_begin(j, '[');
    for (size_t i = 0; i < set->n_lists; i++)
        put_list(j, &set->lists[i]);
    json_end(j, ']');
    json_end(j, '}');
}
