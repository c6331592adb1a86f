/* scan_keep.c - the answers of workers, read as untrusted bytes and kept in findings. */
#include "scan/scan_int.h"

#include <string.h>

#include "base/limits.h"
#include "rule/indicator.h"
#include "scan/listing.h"

enum {
    KEPT_HITS_PER_RULE = 10000, /* of a user's rule; the rest is counted */
    KEPT_HITS_PER_INDICATOR = 1000,
    KEPT_HITS_PER_LIST = 100000, /* of indicators of one level */
    KEPT_HITS_PER_PACK_RULE = 20000,
    KEPT_HITS_PER_GRAVE_RULE = 200000, /* of a pack, from level high up */
};

static const size_t LATER_BYTES_MAX = (size_t)256 << 20;
enum { LATER_COST = 2048 }; /* memory for something to be done later, besides its text */

void scan_keep_gap(struct scan *s, size_t evidence, uint64_t from, uint64_t to, struct str why)
{
    size_t before = s->findings->n_gaps;
    listing_gap(s->findings, s->arena, evidence, from, to, why);
    if (s->findings->n_gaps != before)
        s->later_full = false;
}

static uint64_t most_hits(const struct rule *rule)
{
    if (rule->indicators)
        return KEPT_HITS_PER_LIST;
    if (rule->pack.n == 0)
        return KEPT_HITS_PER_RULE;
    return rule->level < LEVEL_HIGH ? KEPT_HITS_PER_PACK_RULE : KEPT_HITS_PER_GRAVE_RULE;
}

static void count_suppressed(struct scan *s, uint32_t rule, const struct tune_entry *by,
                             uint64_t count)
{
    struct findings *f = s->findings;
    for (size_t i = 0; i < f->n_suppressed; i++) {
        if (f->suppressed[i].rule == rule && f->suppressed[i].by == by) {
            f->suppressed[i].count += count;
            return;
        }
    }
    f->suppressed = arena_grow(s->arena, f->suppressed, f->n_suppressed, &f->cap_suppressed,
                               sizeof *f->suppressed);
    f->suppressed[f->n_suppressed++] = (struct suppressed){rule, by, count};
}

static const struct tune_entry *tuned(const struct scan *s, const struct hit *hit,
                                      const struct evidence *e)
{
    const struct tune_subject subject = {hit->host, e->path, e->below, hit->time};
    return tune_find(s->options->tuning, hit->rule, &subject);
}

/* Whether an indicator that a worker names can be one of that rule's. */
static bool is_of_rule(const struct rule *rule, uint32_t indicator)
{
    return rule->indicators ? indicator > 0 && indicator <= rule->indicators->n
                            : indicator == 0;
}

/* Whether an indicator was met so often that further findings of it are only counted: others of
 * the same list are to be told too. */
static bool is_too_often(struct scan *s, const struct hit *hit)
{
    return hit->indicator && ++s->met[hit->indicator - 1] > KEPT_HITS_PER_INDICATOR;
}

/* Whether it is kept, or something is that it names. */
bool scan_keep_hit(struct scan *s, const struct signal *signal, size_t evidence)
{
    struct findings *f = s->findings;
    const struct ruleset *rules = s->options->detect->rules;
    uint32_t rule = signal->hit.rule;
    if (rule >= ruleset_count(rules) ||
        !is_of_rule(ruleset_get(rules, rule), signal->hit.indicator))
        return false;
    if (s->again && !s->last && signal->hit.marks & MARK_RECOVERED &&
        recover_tells_again(s->known, &signal->hit))
        return false;
    const struct tune_entry *by = tuned(s, &signal->hit, &f->evidence[evidence]);
    if (by && by->suppress) {
        count_suppressed(s, rule, by, 1);
        return true;
    }
    if (s->kept[rule] >= most_hits(ruleset_get(rules, rule)) || is_too_often(s, &signal->hit)) {
        s->dropped[rule]++;
        return false;
    }
    s->kept[rule]++;
    if (s->kept[rule] >= most_hits(ruleset_get(rules, rule)))
        s->full[rule / 8] |= (uint8_t)(1U << rule % 8);
    s->progress.hits++;
    f->hits = arena_grow(s->arena, f->hits, f->n_hits, &f->cap_hits, sizeof *f->hits);
    f->hits[f->n_hits++] = (struct found_hit){signal->hit, evidence, by};
    return true;
}

/* Matches that a worker only counted: what is not surely meant by an entry stays. */
static void keep_more(struct scan *s, const struct signal *signal, size_t evidence)
{
    const struct evidence *e = &s->findings->evidence[evidence];
    if (signal->a >= ruleset_count(s->options->detect->rules))
        return;
    uint32_t rule = (uint32_t)signal->a;
    const struct tune_entry *by =
        tune_find_counted(s->options->tuning, rule, e->path, e->below);
    if (by && by->suppress)
        count_suppressed(s, rule, by, signal->b);
    else
        s->dropped[rule] += signal->b;
}

static void keep_noted(struct scan *s, const struct signal *signal, size_t evidence)
{
    struct findings *f = s->findings;
    f->noted = arena_grow(s->arena, f->noted, f->n_noted, &f->cap_noted, sizeof *f->noted);
    f->noted[f->n_noted++] = (struct noted){
        .type = signal->type,
        .evidence = evidence,
        .host = signal->host,
        .text = signal->text,
        .from = signal->from,
        .to = signal->to,
        .count = signal->a,
        .first_id = signal->a,
        .last_id = signal->b,
        .offset = signal->offset,
    };
}

static void keep_span(struct scan *s, const struct signal *signal, struct evidence *e)
{
    e->events += signal->a;
    s->findings->events += signal->a;
    if (signal->from != INSTANT_NONE && (e->first == INSTANT_NONE || signal->from < e->first))
        e->first = signal->from;
    if (signal->to != INSTANT_NONE && (e->last == INSTANT_NONE || signal->to > e->last))
        e->last = signal->to;
}

static void keep_file(const struct signal *signal, struct evidence *e)
{
    e->read = true;
    memcpy(e->sha256, signal->digest, sizeof e->sha256);
    static const char hex[] = "0123456789abcdef";
    for (size_t i = 0; i < sizeof e->sha256; i++) {
        e->sha256_text[2 * i] = hex[e->sha256[i] >> 4];
        e->sha256_text[2 * i + 1] = hex[e->sha256[i] & 15];
    }
    e->windows_path = signal->text;
    e->web_path = signal->format;
}

/* Definitions that say the same are kept once for each host. */
static bool is_wanted(struct scan *s, const struct signal *signal, size_t evidence)
{
    int wanted = recover_template(s->known, signal);
    if (wanted < 0 && !s->templates_full)
        scan_keep_gap(s, evidence, 0, 0,
                      STR("too many event templates: records may not be recovered"));
    s->templates_full |= wanted < 0;
    return wanted > 0;
}

/* What is in parts and is not kept for later: from the first of a file to the last. */
static bool tell_later_full(struct scan *s, const struct signal *signal, size_t evidence)
{
    const struct findings *f = s->findings;
    struct gap *last = f->n_gaps ? &f->gaps[f->n_gaps - 1] : NULL;
    uint64_t to = signal->b + signal->c;
    if (s->later_full && last && last->evidence == evidence) {
        last->to = last->to > to ? last->to : to;
        return false;
    }
    scan_keep_gap(
        s, evidence, signal->b, to,
        STR("too much is in parts or told by several sources: this was looked at alone only"));
    s->later_full = true;
    return true;
}

static bool keep_later(struct scan *s, const struct signal *signal, size_t evidence)
{
    struct findings *f = s->findings;
    bool still = signal->later == LATER_PART || signal->later == LATER_SIDE;
    if (s->last || (s->again && !still))
        return false; /* no phase comes that would look at it */
    if (signal->later == LATER_TEMPLATE && !is_wanted(s, signal, evidence))
        return s->templates_full; /* a gap may have been told */
    if (still && s->later_bytes > LATER_BYTES_MAX)
        return tell_later_full(s, signal, evidence);
    s->later_bytes += signal->text.n + signal->format.n + LATER_COST;
    f->later = arena_grow(s->arena, f->later, f->n_later, &f->cap_later, sizeof *f->later);
    f->later[f->n_later++] = (struct kept_later){*signal, evidence};
    return true;
}

static void keep_recovered(const struct signal *signal, struct evidence *e)
{
    e->recovered += signal->a;
    e->copies += signal->b;
    e->unreadable += signal->c;
}

/* What correlations count. A part of a script is remembered: its whole is no second match. */
static void keep_match(struct scan *s, const struct matched *m, size_t evidence)
{
    struct findings *f = s->findings;
    if (!s->correlate || m->rule >= ruleset_count(s->options->detect->rules))
        return;
    correlate_add(s->correlate, m, evidence);
    if (!m->part || s->last)
        return;
    f->part_matches = arena_grow(s->window, f->part_matches, f->n_part_matches,
                                 &f->cap_part_matches, sizeof *f->part_matches);
    f->part_matches[f->n_part_matches++] = (struct part_match){evidence, m->offset, m->rule};
}

/* False if nothing of the signal's own memory is needed any more. */
static bool keep(struct scan *s, const struct signal *signal, size_t evidence)
{
    struct findings *f = s->findings;
    switch (signal->type) {
    case SIGNAL_HIT:
        return scan_keep_hit(s, signal, evidence);
    case SIGNAL_COVER:
    case SIGNAL_BUILD:
    case SIGNAL_VOTES:
    case SIGNAL_HOST:
    case SIGNAL_PUBLIC:
    case SIGNAL_IDS:
    case SIGNAL_ALIVE:
        keep_noted(s, signal, evidence);
        break;
    case SIGNAL_GAP:
        scan_keep_gap(s, evidence, signal->a, signal->b, signal->text);
        break;
    case SIGNAL_SPAN:
        keep_span(s, signal, &f->evidence[evidence]);
        return false;
    case SIGNAL_FILE:
        keep_file(signal, &f->evidence[evidence]);
        break;
    case SIGNAL_MORE:
        keep_more(s, signal, evidence);
        break;
    case SIGNAL_LATER:
        return keep_later(s, signal, evidence);
    case SIGNAL_RECOVERED:
        keep_recovered(signal, &f->evidence[evidence]);
        return false;
    case SIGNAL_MATCH:
        keep_match(s, &signal->matched, evidence);
        return false;
    case SIGNAL_UNMATCHED:
        if (s->correlate && signal->a < ruleset_count(s->options->detect->rules))
            correlate_lost(s->correlate, (uint32_t)signal->a, signal->b);
        return false;
    case SIGNAL_CUT:
    case SIGNALS:
        return false;
    }
    return true;
}

void scan_merge_piece(struct scan *s, struct piece *p)
{
    struct err err = {0};
    struct cur in = cur_of(str_bytes(buf_str(&p->reply)), 0);
    struct signal signal;
    int got = 0;
    if (p->died.n)
        scan_keep_gap(s, p->job->evidence, p->work.span.from, p->work.span.to, p->died);
    for (;;) {
        struct arena_mark before = arena_mark(s->arena);
        got = signal_read(&in, s->arena, &signal, &err);
        if (got <= 0)
            break;
        if (!keep(s, &signal, p->job->evidence))
            arena_back(s->arena, &before);
    }
    if (got < 0)
        scan_keep_gap(s, p->job->evidence, p->work.span.from, p->work.span.to, str_of(err.msg));
    s->stored -= p->reply.n;
    buf_free(&p->reply);
}

void scan_count_dropped(struct scan *s, size_t evidence)
{
    struct findings *f = s->findings;
    for (uint32_t i = 0; i < ruleset_count(s->options->detect->rules); i++) {
        if (!s->dropped[i])
            continue;
        f->counted =
            arena_grow(s->arena, f->counted, f->n_counted, &f->cap_counted, sizeof *f->counted);
        f->counted[f->n_counted++] = (struct counted){
            evidence, i, s->dropped[i],
            tune_find_counted(s->options->tuning, i, f->evidence[evidence].path,
                              f->evidence[evidence].below)};
        s->dropped[i] = 0;
    }
}
