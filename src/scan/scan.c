#include "scan/scan.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/limits.h"
#include "rule/indicator.h"
#include "scan/again.h"
#include "scan/listing.h"
#include "scan/recover.h"
#include "scan/work.h"
#include "sys/file.h"
#include "sys/proc.h"

enum {
    SPANS_MAX = 1 << 16,        /* of one file: 64 GiB of an event log */
    LOOKAHEAD_FILES = 512,      /* how far ahead of the oldest unfinished file work goes */
    KEPT_HITS_PER_RULE = 10000, /* of a user's rule; the rest is counted */
    KEPT_HITS_PER_INDICATOR = 1000,
    KEPT_HITS_PER_LIST = 100000, /* of indicators of one level */
    KEPT_HITS_PER_PACK_RULE = 20000,
    KEPT_HITS_PER_GRAVE_RULE = 200000, /* of a pack, from level high up */
};

static const size_t STORED_REPLIES_MAX = (size_t)512 << 20;
static const size_t LATER_BYTES_MAX = (size_t)256 << 20;
enum { LATER_COST = 2048 }; /* memory for something to be done later, besides its text */

enum piece_state { PIECE_TODO, PIECE_SENT, PIECE_DONE };

struct piece {
    struct work work;
    enum piece_state state;
    struct buf reply;
    struct str died; /* why the worker died on it; "" if it did not */
};

struct job {               /* one evidence file on its way through the workers */
    struct piece **pieces; /* each stays where it is: a worker may be at it */
    size_t n, cap;
    size_t merged; /* so many of them */
};

struct scan {
    const struct scan_options *options;
    struct arena *arena;  /* owns the result */
    struct arena *window; /* pieces; lives as long as the scan */
    struct findings *findings;
    struct proc_pool *pool;
    struct job *jobs;
    struct piece **running;      /* per worker */
    size_t head;                 /* first file that is not merged */
    size_t stored;               /* bytes of replies waiting to be merged */
    uint64_t *kept;              /* hits kept, per rule */
    uint32_t *met;               /* per indicator: findings of it */
    uint64_t *dropped;           /* hits of a rule beyond that, per rule, of the file in hand */
    bool again;                  /* in a later phase than the first */
    bool last;                   /* in the last one */
    uint64_t later_bytes;        /* kept for it */
    bool later_full;             /* a gap tells that, the last one */
    struct correlate *correlate; /* NULL: no rule asks for it */
    struct recover_known *known;
    bool templates_full; /* that was told */
    struct scan_progress progress;
};

static void add_gap(struct scan *s, size_t evidence, uint64_t from, uint64_t to, struct str why)
{
    size_t before = s->findings->n_gaps;
    listing_gap(s->findings, s->arena, evidence, from, to, why);
    if (s->findings->n_gaps != before)
        s->later_full = false;
}

/* --- pieces of work --------------------------------------------------------------------- */

static void add_work(struct scan *s, const struct work *work)
{
    struct job *job = &s->jobs[work->evidence];
    job->pieces = arena_grow(s->window, job->pieces, job->n, &job->cap, sizeof *job->pieces);
    struct piece *p = ARENA_NEW(s->window, struct piece);
    *p = (struct piece){.work = *work, .reply = buf_new(WORK_REPLY_MAX)};
    job->pieces[job->n++] = p;
}

static void add_piece(struct scan *s, size_t evidence, enum work_kind kind, struct span span)
{
    add_work(s, &(struct work){.kind = kind, .evidence = evidence, .span = span});
}

/* Bytes of one span of a file; those of a very large file, which may be mostly hole, grow with
 * it, so that their number has a bound. */
static uint64_t span_of(uint64_t size, uint64_t usual)
{
    return usual * (1 + size / (usual * SPANS_MAX));
}

static void plan_evtx(struct scan *s, size_t i, uint64_t size)
{
    enum { FILE_HEADER = 4096 };
    uint64_t span = span_of(size, WORK_EVTX_SPAN);
    uint64_t from = 0;
    while (from < size) {
        uint64_t to = (from ? from : FILE_HEADER) + span;
        to = to < size ? to : size;
        add_piece(s, i, WORK_SPAN, (struct span){.from = from, .to = to});
        from = to;
    }
}

/* Any file may hold event records: an image, a page file. */
static void plan_seek(struct scan *s, size_t i, uint64_t size)
{
    uint64_t span = span_of(size, WORK_SEEK_SPAN);
    for (uint64_t from = 0; s->options->carve && from < size; from += span) {
        uint64_t to = from + span < size ? from + span : size;
        add_piece(s, i, WORK_SEEK, (struct span){.from = from, .to = to});
    }
}

/* Which pieces of work a file is. The cuts of a large text log are found by a worker. */
static void plan(struct scan *s, size_t i)
{
    const struct evidence *e = &s->findings->evidence[i];
    struct span whole = {.from = 0, .to = e->size};
    bool events = format_has_events(e->format);
    if (events && e->size <= WORK_SMALL) {
        add_piece(s, i, WORK_WHOLE, whole);
        return;
    }
    add_piece(s, i, WORK_FILE, whole);
    if (!events) {
        plan_seek(s, i, e->size);
        return;
    }
    if (e->format == FORMAT_EVTX)
        plan_evtx(s, i, e->size);
    else if (format_is_lines(e->format))
        add_piece(s, i, WORK_CUT, whole);
    else
        add_piece(s, i, WORK_SPAN, whole);
}

/* --- replies ---------------------------------------------------------------------------- */

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
static bool keep_hit(struct scan *s, const struct signal *signal, size_t evidence)
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
        add_gap(s, evidence, 0, 0,
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
    add_gap(s, evidence, signal->b, to,
            STR("too much is in parts: this was looked at alone only"));
    s->later_full = true;
    return true;
}

static bool keep_later(struct scan *s, const struct signal *signal, size_t evidence)
{
    struct findings *f = s->findings;
    if (s->last || (s->again && signal->later != LATER_PART))
        return false; /* no phase comes that would look at it */
    if (signal->later == LATER_TEMPLATE && !is_wanted(s, signal, evidence))
        return s->templates_full; /* a gap may have been told */
    if (signal->later == LATER_PART && s->later_bytes > LATER_BYTES_MAX)
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
        return keep_hit(s, signal, evidence);
    case SIGNAL_COVER:
    case SIGNAL_BUILD:
    case SIGNAL_VOTES:
    case SIGNAL_HOST:
    case SIGNAL_PUBLIC:
    case SIGNAL_IDS:
        keep_noted(s, signal, evidence);
        break;
    case SIGNAL_GAP:
        add_gap(s, evidence, signal->a, signal->b, signal->text);
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

static void merge_piece(struct scan *s, struct piece *p)
{
    struct err err = {0};
    struct cur in = cur_of(str_bytes(buf_str(&p->reply)), 0);
    struct signal signal;
    int got = 0;
    if (p->died.n)
        add_gap(s, p->work.evidence, p->work.span.from, p->work.span.to, p->died);
    for (;;) {
        struct arena_mark before = arena_mark(s->arena);
        got = signal_read(&in, s->arena, &signal, &err);
        if (got <= 0)
            break;
        if (!keep(s, &signal, p->work.evidence))
            arena_back(s->arena, &before);
    }
    if (got < 0)
        add_gap(s, p->work.evidence, p->work.span.from, p->work.span.to, str_of(err.msg));
    s->stored -= p->reply.n;
    buf_free(&p->reply);
}

static void count_dropped(struct scan *s, size_t evidence)
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

static void count_file(struct scan *s, bool read)
{
    uint64_t size = s->findings->evidence[s->head].size;
    s->progress.files_done++;
    s->progress.bytes_done += size;
    s->findings->bytes += read ? size : 0;
}

/* Takes over the pieces of a file that are there, in their order. Whether it is complete. */
static bool merge_file(struct scan *s, struct job *job)
{
    while (job->merged < job->n && job->pieces[job->merged]->state == PIECE_DONE)
        merge_piece(s, job->pieces[job->merged++]);
    return job->merged == job->n;
}

/* Takes over the results at the head, in the order of the evidence. */
static void merge(struct scan *s)
{
    while (s->head < s->findings->n_evidence && merge_file(s, &s->jobs[s->head])) {
        struct job *job = &s->jobs[s->head];
        count_dropped(s, s->head);
        if (!s->again)
            count_file(s, job->n > 0);
        s->head++;
        if (s->options->progress)
            s->options->progress(s->options->context, &s->progress);
    }
}

/* --- handing out ------------------------------------------------------------------------ */

static struct piece *next_piece(struct scan *s)
{
    size_t end = s->head + LOOKAHEAD_FILES;
    end = end < s->findings->n_evidence ? end : s->findings->n_evidence;
    bool full = s->stored > STORED_REPLIES_MAX; /* then the one that all others wait for */
    for (size_t i = s->head; i < end; i++) {
        for (size_t k = s->jobs[i].merged; k < s->jobs[i].n; k++) {
            if (s->jobs[i].pieces[k]->state == PIECE_TODO)
                return s->jobs[i].pieces[k];
            if (full)
                return NULL;
        }
    }
    return NULL;
}

/* Adds the spans that a worker found in a large text log; it may lie, but not add very many. */
static void take_cuts(struct scan *s, const struct piece *cut)
{
    struct err err = {0};
    size_t evidence = cut->work.evidence;
    uint64_t size = s->findings->evidence[evidence].size;
    struct cur in = cur_of(str_bytes(buf_str(&cut->reply)), 0);
    struct signal signal;
    uint64_t least = span_of(size, WORK_TEXT_SPAN);
    struct span span = {.from = 0, .to = size};
    while (signal_read(&in, s->window, &signal, &err) > 0) {
        bool apart = signal.a > span.from && signal.a - span.from >= least;
        if (signal.type != SIGNAL_CUT || !apart || signal.a >= size)
            continue;
        span.to = signal.a;
        add_piece(s, evidence, WORK_SPAN, span);
        span = (struct span){.from = signal.a, .to = size, .layout = signal.b};
    }
    add_piece(s, evidence, WORK_SPAN, span);
}

static void finish(struct scan *s, struct piece *p, const struct err *died)
{
    p->state = PIECE_DONE;
    s->stored += p->reply.n;
    if (died)
        p->died = arena_str(s->arena, str_of(died->msg));
    else if (p->work.kind == WORK_CUT)
        take_cuts(s, p);
}

/* A worker can open nothing: it is handed the file, open for reading. */
static int hand_out(struct scan *s, int worker, struct piece *p, struct err *err)
{
    const struct evidence *e = &s->findings->evidence[p->work.evidence];
    struct proc_task task = {.request = {(const uint8_t *)&p->work, sizeof p->work},
                             .file = PROC_NO_FILE,
                             .seconds = work_seconds(&p->work, e)};
    struct err why = {0};
    if (work_needs_file(&p->work) && file_open(e->path.p, &task.file, &why) < 0) {
        struct signal gap = {.type = SIGNAL_GAP, .text = str_of(why.msg)};
        signal_write(&p->reply, &gap);
        finish(s, p, NULL);
        merge(s);
        return 0;
    }
    p->state = PIECE_SENT;
    s->running[worker] = p;
    int sent = proc_send(s->pool, worker, &task, err);
    file_close(task.file);
    return sent;
}

static int send_work(struct scan *s, struct err *err)
{
    for (;;) {
        int worker = proc_idle(s->pool);
        struct piece *p = worker < 0 ? NULL : next_piece(s);
        if (!p)
            return 0;
        if (hand_out(s, worker, p, err) < 0)
            return -1;
    }
}

static int run(struct scan *s, struct err *err)
{
    for (;;) {
        int worker = -1;
        struct err died = {0};
        merge(s);
        if (send_work(s, err) < 0)
            return -1;
        int got = proc_wait(s->pool, &worker, &died);
        if (got == 0)
            return 0;
        if (worker < 0) {
            *err = died;
            return -1;
        }
        struct piece *p = s->running[worker];
        s->running[worker] = NULL;
        if (got > 0)
            p->reply = proc_reply(s->pool, worker);
        finish(s, p, got < 0 ? &died : NULL);
    }
}

static size_t processors(void)
{
    long n = sysconf(_SC_NPROCESSORS_ONLN);
    return n < 1 ? 1 : n > PROC_WORKERS_MAX ? PROC_WORKERS_MAX : (size_t)n;
}

/* Hands out the pieces of one phase to workers of its own, forked now: they see all that was
 * found before. */
static int run_phase(struct scan *s, size_t jobs, struct work_shared *shared, struct err *err)
{
    s->head = 0;
    work_prepare();
    int failed = proc_open(jobs, work_answer, shared, WORK_REPLY_MAX, &s->pool, err);
    if (failed == 0) {
        s->findings->jail = proc_jail(s->pool);
        failed = run(s, err);
    }
    proc_close(s->pool);
    s->pool = NULL;
    return failed;
}

static int first_phase(struct scan *s, size_t jobs, struct work_shared *shared, struct err *err)
{
    const struct findings *f = s->findings;
    s->jobs = ARENA_ARRAY(s->window, struct job, f->n_evidence);
    s->running = ARENA_ARRAY(s->window, struct piece *, jobs);
    for (size_t i = 0; i < f->n_evidence; i++)
        if (f->evidence[i].format != FORMATS)
            plan(s, i);
    return run_phase(s, jobs, shared, err);
}

static int later_phase(struct scan *s, enum again_phase phase, size_t jobs,
                       struct work_shared *shared, struct err *err)
{
    struct again *again = ARENA_NEW(s->arena, struct again);
    again_plan(s->findings, phase, s->arena, again);
    if (again->n == 0)
        return 0;
    for (size_t i = 0; i < s->findings->n_hits && phase == AGAIN_RECOVER; i++)
        (void)recover_tells_again(s->known, &s->findings->hits[i].hit);
    shared->again = again;
    s->again = true;
    s->last = phase == AGAIN_JOIN;
    s->jobs = ARENA_ARRAY(s->window, struct job, s->findings->n_evidence);
    for (size_t i = 0; i < again->n; i++)
        add_work(s, &again->work[i]);
    int failed = run_phase(s, jobs, shared, err);
    again_close(again);
    return failed;
}

/* --- correlations ----------------------------------------------------------------------- */

struct content { /* a piece of evidence by what it holds */
    const struct evidence *e;
    size_t at;
};

static int by_content(const void *x, const void *y)
{
    const struct content *a = x;
    const struct content *b = y;
    int d = memcmp(a->e->sha256, b->e->sha256, sizeof a->e->sha256);
    return d ? d : a->at < b->at ? -1 : a->at > b->at;
}

/* For each piece of evidence, the first one with the same content. */
static const size_t *same_content(struct scan *s)
{
    const struct findings *f = s->findings;
    struct content *all = ARENA_ARRAY(s->window, struct content, f->n_evidence);
    size_t *same = ARENA_ARRAY(s->window, size_t, f->n_evidence);
    size_t n = 0;
    for (size_t i = 0; i < f->n_evidence; i++) {
        same[i] = i;
        if (f->evidence[i].read)
            all[n++] = (struct content){&f->evidence[i], i};
    }
    if (n)
        qsort(all, n, sizeof *all, by_content);
    for (size_t i = 1; i < n; i++)
        if (memcmp(all[i].e->sha256, all[i - 1].e->sha256, sizeof all[i].e->sha256) == 0)
            same[all[i].at] = same[all[i - 1].at];
    return same;
}

/* A result is a finding at the place of its first event. */
static void keep_result(struct scan *s, const struct correlate_result *r)
{
    const struct correlated *found = r->found;
    const struct correlated_event *first = &found->events[0];
    struct signal signal = {.type = SIGNAL_HIT};
    if (found->n_events == 0)
        return;
    signal.hit = (struct hit){.rule = r->rule,
                              .kind = first->kind,
                              .time = found->first,
                              .offset = first->offset,
                              .size = first->size,
                              .record = first->record,
                              .host = first->host,
                              .source = first->source,
                              .excerpt = STR(""),
                              .how = correlated_text(found, s->arena),
                              .decoded = STR(""),
                              .correlated = found};
    for (size_t i = 0; i < found->n_events; i++)
        signal.hit.marks |= found->events[i].marks;
    (void)keep_hit(s, &signal, first->evidence);
}

/* Those beyond what is kept are counted, neighbours in one file together. */
static void keep_results(struct scan *s, const struct correlate_result *results, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        size_t evidence = results[i].found->n_events ? results[i].found->events[0].evidence : 0;
        bool last = i + 1 == n || results[i + 1].rule != results[i].rule ||
                    results[i + 1].found->n_events == 0 ||
                    results[i + 1].found->events[0].evidence != evidence;
        keep_result(s, &results[i]);
        if (last && s->dropped[results[i].rule])
            count_dropped(s, evidence);
    }
}

static void run_correlations(struct scan *s)
{
    struct correlate_result *results = NULL;
    struct err err = {0};
    size_t n = 0;
    if (!s->correlate)
        return;
    if (correlate_run(s->correlate, same_content(s), &results, &n, &err) < 0)
        s->findings->correlations_failed = arena_str(s->arena, str_of(err.msg));
    keep_results(s, results, n);
    s->findings->n_correlations = correlate_told(s->correlate, &s->findings->correlations);
    s->findings->part_matches = NULL;
    s->findings->n_part_matches = 0;
}

static bool has_correlations(const struct ruleset *rules)
{
    for (size_t i = ruleset_count(rules); i > 0; i--)
        if (ruleset_get(rules, i - 1)->correlation)
            return true;
    return false;
}

int scan_run(const struct scan_options *options, struct arena *arena, struct findings *ret,
             struct err *err)
{
    struct findings findings = {0};
    size_t n_rules = ruleset_count(options->detect->rules);
    const struct indicators *set = options->detect->indicator_set;
    size_t jobs = options->jobs ? options->jobs : processors();
    struct scan s = {
        .options = options,
        .arena = arena,
        .window = arena_new(),
        .findings = &findings,
        .kept = ARENA_ARRAY(arena, uint64_t, n_rules),
        .met = ARENA_ARRAY(arena, uint32_t, set ? set->n : 0),
        .dropped = ARENA_ARRAY(arena, uint64_t, n_rules),
    };
    s.known = recover_known_new(s.window);
    if (has_correlations(options->detect->rules))
        s.correlate = correlate_new(options->detect->rules, &options->correlate, arena);
    struct work_shared shared = {
        .detect = options->detect, .findings = &findings, .recover = !options->no_recover};

    int failed = listing_make(options->paths, options->n_paths, arena, &findings, err);
    for (size_t i = 0; failed == 0 && i < findings.n_evidence; i++)
        s.progress.bytes += findings.evidence[i].size;
    s.progress.files = findings.n_evidence;
    if (failed == 0)
        failed = first_phase(&s, jobs, &shared, err);
    for (int phase = 0; phase < AGAIN_PHASES && failed == 0; phase++)
        failed = later_phase(&s, (enum again_phase)phase, jobs, &shared, err);
    if (failed == 0)
        run_correlations(&s);
    correlate_free(s.correlate);
    arena_free(s.window);
    if (failed == 0)
        *ret = findings;
    return failed;
}
