#include "scan/scan.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/limits.h"
#include "rule/indicator.h"
#include "scan/again.h"
#include "scan/listing.h"
#include "scan/scan_int.h"
#include "sys/file.h"
#include "sys/memory.h"

enum {
    SPANS_MAX = 1 << 16,   /* of one file: 64 GiB of an event log */
    LOOKAHEAD_FILES = 512, /* how far ahead of the oldest unfinished file work goes */
};

static const size_t STORED_REPLIES_MAX = (size_t)512 << 20;

/* --- the queue ------------------------------------------------------------------------------- */

struct job *scan_job(struct scan *s, size_t evidence, struct ported *member)
{
    struct job *job = ARENA_NEW(s->window, struct job);
    *job = (struct job){.evidence = evidence, .member = member, .numbered = member == NULL};
    job->pieces = &job->one;
    job->cap = 1;
    return job;
}

void scan_append(struct scan *s, struct job *job)
{
    if (s->last_job)
        s->last_job->next = job;
    else
        s->head = job;
    s->last_job = job;
}

void scan_insert(struct scan *s, struct job *behind, struct job *job)
{
    job->next = behind->next;
    behind->next = job;
    if (s->head == job->next) /* all before it is taken over already */
        s->head = job;
    if (s->last_job == behind)
        s->last_job = job;
}

struct piece *scan_piece(struct scan *s, struct job *job, const struct work *work)
{
    job->pieces = arena_grow(s->window, job->pieces, job->n, &job->cap, sizeof *job->pieces);
    struct piece *p = ARENA_NEW(s->window, struct piece);
    *p = (struct piece){.work = *work, .job = job, .reply = buf_new(WORK_REPLY_MAX)};
    job->pieces[job->n++] = p;
    job->undone++;
    return p;
}

void scan_gap_piece(struct scan *s, struct job *job, uint64_t from, uint64_t to, struct str why)
{
    struct piece *p = scan_piece(s, job, &(struct work){0});
    signal_write(&p->reply,
                 &(struct signal){.type = SIGNAL_GAP, .a = from, .b = to, .text = why});
    p->state = PIECE_DONE;
    s->stored += p->reply.n;
    job->undone--;
}

static void add_piece(struct scan *s, struct job *job, enum work_kind kind, struct span span)
{
    (void)scan_piece(s, job, &(struct work){.kind = kind, .span = span});
}

/* Bytes of one span of a file; those of a very large file, which may be mostly hole, grow with
 * it, so that their number has a bound. */
static uint64_t span_of(uint64_t size, uint64_t usual)
{
    return usual * (1 + size / (usual * SPANS_MAX));
}

static void plan_evtx(struct scan *s, struct job *job, uint64_t size)
{
    enum { FILE_HEADER = 4096 };
    uint64_t span = span_of(size, WORK_EVTX_SPAN);
    uint64_t from = 0;
    while (from < size) {
        uint64_t to = (from ? from : FILE_HEADER) + span;
        to = to < size ? to : size;
        add_piece(s, job, WORK_SPAN, (struct span){.from = from, .to = to});
        from = to;
    }
}

/* Any file may hold event records: an image, a page file. */
static void plan_seek(struct scan *s, struct job *job, uint64_t size)
{
    uint64_t span = span_of(size, WORK_SEEK_SPAN);
    for (uint64_t from = 0; s->options->carve && from < size; from += span) {
        uint64_t to = from + span < size ? from + span : size;
        add_piece(s, job, WORK_SEEK, (struct span){.from = from, .to = to});
    }
}

/* The cuts of a large text log are found by a worker. */
void scan_plan(struct scan *s, struct job *job, const struct evidence *e)
{
    struct span whole = {.from = 0, .to = e->size};
    bool events = format_has_events(e->format);
    if (events && e->size <= WORK_SMALL) {
        add_piece(s, job, WORK_WHOLE, whole);
        return;
    }
    add_piece(s, job, WORK_FILE, whole);
    if (!events) {
        plan_seek(s, job, e->size);
        return;
    }
    if (e->format == FORMAT_EVTX)
        plan_evtx(s, job, e->size);
    else if (format_is_lines(e->format))
        add_piece(s, job, WORK_CUT, whole);
    else
        add_piece(s, job, WORK_SPAN, whole);
}

/* --- taking over ----------------------------------------------------------------------------- */

/* The turn of a member has come: it is evidence as files are. */
static void give_number(struct scan *s, struct job *job)
{
    struct findings *f = s->findings;
    if (job->of)
        job->evidence = job->of->evidence;
    if (job->numbered || job->of)
        return;
    f->evidence =
        arena_grow(s->arena, f->evidence, f->n_evidence, &f->cap_evidence, sizeof *f->evidence);
    struct evidence e = job->member->evidence; /* its texts are the queue's */
    size_t above = e.path.n - e.below.n;
    const struct job *in = job->member->in ? job->member->in->of : NULL;
    e.carrier = 1 + (in ? in->evidence : job->member->top);
    e.path = arena_str(s->arena, e.path);
    e.below = str_part(e.path, above, e.path.n);
    job->evidence = f->n_evidence;
    f->evidence[f->n_evidence++] = e;
    s->members = arena_grow(s->window, s->members, s->n_members, &s->cap_members,
                            sizeof(struct ported *));
    s->members[s->n_members++] = job->member;
    job->numbered = true;
}

static void count_file(struct scan *s, const struct job *job)
{
    struct evidence *e = &s->findings->evidence[job->evidence];
    if (job->of)
        return;
    if (job->member)
        e->size = job->member->evidence.size;
    s->progress.files_done++;
    s->progress.bytes_done += e->size - job->read; /* the rest; what is too much goes back */
    s->findings->bytes += job->n > 0 ? e->size : 0;
}

/* Takes over the pieces of a file that are there, in their order. Whether it is complete. */
static bool merge_file(struct scan *s, struct job *job)
{
    give_number(s, job);
    while (job->merged < job->n && job->pieces[job->merged]->state == PIECE_DONE)
        scan_merge_piece(s, job->pieces[job->merged++]);
    return job->merged == job->n && !job->open;
}

/* Takes over the results at the head, in the order of the evidence. */
static void merge(struct scan *s)
{
    while (s->head && merge_file(s, s->head)) {
        struct job *job = s->head;
        scan_count_dropped(s, job->evidence);
        if (!s->again)
            count_file(s, job);
        s->head = job->next;
    }
}

static void tell_progress(struct scan *s)
{
    if (!s->options->progress)
        return;
    s->progress.events = s->findings->events;
    s->progress.growing = s->porting && !porting_over(s->porting);
    s->progress.finishing = s->again;
    s->options->progress(s->options->context, &s->progress);
}

/* --- handing out ------------------------------------------------------------------------ */

static struct piece *next_piece(struct scan *s)
{
    bool full = s->stored > s->memory.stored; /* then the one that all others wait for */
    size_t ahead = 0;
    for (struct job *job = s->head; job && ahead < LOOKAHEAD_FILES; job = job->next, ahead++) {
        if (job->waits)
            continue;
        for (size_t k = job->undone ? job->merged : job->n; k < job->n; k++) {
            if (job->pieces[k]->state == PIECE_TODO)
                return job->pieces[k];
            if (full)
                return NULL;
        }
        if (full && job->open)
            return NULL;
    }
    return NULL;
}

/* Adds the spans that a worker found in a large text log; it may lie, but not add very many. */
static void take_cuts(struct scan *s, const struct piece *cut)
{
    struct err err = {0};
    struct job *job = cut->job;
    uint64_t size = cut->work.span.to;
    struct cur in = cur_of(str_bytes(buf_str(&cut->reply)), 0);
    struct signal signal;
    uint64_t least = span_of(size, WORK_TEXT_SPAN);
    struct span span = {.from = 0, .to = size};
    while (signal_read(&in, s->window, &signal, &err) > 0) {
        bool apart = signal.a > span.from && signal.a - span.from >= least;
        if (signal.type != SIGNAL_CUT || !apart || signal.a >= size)
            continue;
        span.to = signal.a;
        add_piece(s, job, WORK_SPAN, span);
        span = (struct span){.from = signal.a, .to = size, .layout = signal.b};
    }
    add_piece(s, job, WORK_SPAN, span);
}

/* A file of events is read in spans, besides being hashed: these are counted. */
static void count_read(struct scan *s, const struct piece *p)
{
    bool spans = p->work.kind == WORK_SPAN || p->work.kind == WORK_WHOLE;
    uint64_t n = spans && !s->again ? p->work.span.to - p->work.span.from : 0;
    p->job->read += n;
    s->progress.bytes_done += n;
}

static void finish(struct scan *s, struct piece *p, const struct err *died)
{
    p->state = PIECE_DONE;
    count_read(s, p);
    s->stored += p->reply.n;
    if (died)
        p->died = arena_str(s->arena, str_of(died->msg));
    else if (p->work.kind == WORK_CUT)
        take_cuts(s, p);
    p->job->undone--;
    if (p->job->member)
        scan_carry_done(s, p);
}

static const struct evidence *evidence_of(const struct scan *s, const struct job *job)
{
    return job->member ? &job->member->evidence : &s->findings->evidence[job->evidence];
}

/* Opens what a piece of work reads. The file of a member is open already. */
static int open_for(const struct scan *s, const struct piece *p, int *ret,
                    struct file_id *ret_id, struct err *err)
{
    const struct ported *m = p->job->member;
    if (!work_needs_file(&p->work))
        return 0;
    if (!m)
        return file_open_known(evidence_of(s, p->job)->opened.p, ret, ret_id, err);
    if (m->file < 0)
        return err_set(err, ERR_IO, "its bytes are not there any more");
    *ret = m->file;
    return 0;
}

/* Rules of which nothing more is kept. Which of them a worker is told of depends on when it is
 * asked; what is kept does not. */
static struct bytes full_of(const struct scan *s)
{
    bool counted_alike = !s->again && !s->options->tuning; /* entries may tell hit from hit */
    size_t n = counted_alike ? (ruleset_count(s->options->detect->rules) + 7) / 8 : 0;
    return (struct bytes){s->full, n};
}

/* A worker can open nothing: it is handed the file, open for reading. */
static int hand_out(struct scan *s, int worker, struct piece *p, struct err *err)
{
    enum { REQUEST_MAX = 60 * 1024 };
    const struct evidence *e = evidence_of(s, p->job);
    struct buf request = buf_new(REQUEST_MAX);
    struct proc_task task = {.file = PROC_NO_FILE, .seconds = work_seconds(&p->work, e)};
    struct file_id id = {0};
    struct err why = {0};
    p->work.evidence = p->job->evidence;
    if (scan_journal_take(s, p, e, full_of(s))) {
        finish(s, p, NULL);
        merge(s);
        return 0;
    }
    if (open_for(s, p, &task.file, &id, &why) < 0) {
        struct signal gap = {.type = SIGNAL_GAP, .text = str_of(why.msg)};
        signal_write(&p->reply, &gap);
        finish(s, p, NULL);
        merge(s);
        return 0;
    }
    bool opened = task.file != PROC_NO_FILE && !p->job->member;
    scan_journal_note(s, p, e, opened ? &id : NULL, full_of(s));
    p->state = PIECE_SENT;
    s->progress.path = e->path;
    s->running[worker] = p;
    work_request(&p->work, e, full_of(s), &request);
    task.request = str_bytes(buf_str(&request));
    int sent = proc_send(s->pool, worker, &task, err);
    buf_free(&request);
    if (!p->job->member)
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
        tell_progress(s);
        if (s->porting && porting_ask(s->porting, err) < 0)
            return -1;
        if (send_work(s, err) < 0)
            return -1;
        int got = proc_wait(s->pool, &worker, &died);
        if (got == 0 && s->porting && !porting_over(s->porting))
            continue;
        if (got == 0)
            return 0;
        if (worker < 0) {
            *err = died;
            return -1;
        }
        if (s->porting && porting_is(s->porting, worker)) {
            porting_hear(s->porting, worker, got < 0 ? &died : NULL);
            continue;
        }
        struct piece *p = s->running[worker];
        s->running[worker] = NULL;
        if (got > 0)
            p->reply = proc_reply(s->pool, worker);
        if (got > 0)
            scan_journal_keep(s, p);
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
static int run_phase(struct scan *s, struct work_shared *shared, struct err *err)
{
    work_prepare();
    struct proc_limits limits = {s->memory.reply, s->memory.worker, s->memory.arriving};
    int failed = proc_open_within(s->memory.jobs, work_answer, shared, &limits, &s->pool, err);
    if (failed == 0) {
        s->findings->jail = proc_jail(s->pool);
        if (s->again)
            scan_carry_again(s);
        else
            scan_carry_start(s);
        failed = run(s, err);
    }
    porting_close(s->porting);
    proc_close(s->pool);
    s->porting = NULL;
    s->pool = NULL;
    return failed;
}

static int first_phase(struct scan *s, struct work_shared *shared, struct err *err)
{
    const struct findings *f = s->findings;
    s->n_files = f->n_evidence;
    s->running = ARENA_ARRAY(s->window, struct piece *, s->memory.jobs);
    for (size_t i = 0; i < f->n_evidence; i++) {
        struct job *job = scan_job(s, i, NULL);
        if (f->evidence[i].format != FORMATS)
            scan_plan(s, job, &f->evidence[i]);
        scan_append(s, job);
    }
    return run_phase(s, shared, err);
}

static int later_phase(struct scan *s, enum again_phase phase, struct work_shared *shared,
                       struct err *err)
{
    struct again *again = ARENA_NEW(s->arena, struct again);
    again_plan(s->findings, phase, s->arena, again);
    if (again->n == 0)
        return 0;
    for (size_t i = 0; i < s->findings->n_hits && phase == AGAIN_RECOVER; i++)
        (void)recover_tells_again(s->known, &s->findings->hits[i].hit);
    if (again->hives && scan_carry_logs(s, again->hives, err) < 0) {
        again_close(again);
        return -1;
    }
    shared->again = again;
    s->again = true;
    s->last = phase == AGAIN_JOIN;
    s->head = s->last_job = NULL;
    for (size_t i = 0; i < again->n; i++) {
        if (!s->last_job || s->last_job->evidence != again->work[i].evidence)
            scan_append(s, scan_job(s, again->work[i].evidence, NULL));
        (void)scan_piece(s, s->last_job, &again->work[i]);
    }
    int failed = run_phase(s, shared, err);
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
    (void)scan_keep_hit(s, &signal, first->evidence);
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
            scan_count_dropped(s, evidence);
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

static bool has_carriers(const struct findings *f)
{
    for (size_t i = 0; i < f->n_evidence; i++)
        if (format_is_carrier(f->evidence[i].format))
            return true;
    return false;
}

static size_t least(size_t given, size_t usual, size_t most)
{
    size_t n = given ? given : usual;
    return most && most < n ? most : n;
}

/* How much of everything there may be, and correlations within it. */
static int share_memory(struct scan *s, struct err *err)
{
    const struct scan_options *o = s->options;
    struct correlate_limits limits = o->correlate;
    struct memory_need need = {.limit = o->max_memory,
                               .in_use = memory_in_use(),
                               .jobs = o->jobs ? o->jobs : processors(),
                               .reply = WORK_REPLY_MAX,
                               .stored = STORED_REPLIES_MAX,
                               .carriers = has_carriers(s->findings),
                               .correlations = has_correlations(o->detect->rules)};
    if (memory_divide(&need, &s->memory, err) < 0)
        return -1;
    if (s->memory.parent)
        memory_limit(s->memory.parent, SCAN_NO_MEMORY);
    limits.memory = least(limits.memory, CORRELATE_MEMORY, s->memory.correlate);
    limits.texts = least(limits.texts, CORRELATE_TEXTS, s->memory.texts);
    if (need.correlations)
        s->correlate = correlate_new(o->detect->rules, &limits, s->arena);
    return 0;
}

int scan_run(const struct scan_options *options, struct arena *arena, struct findings *ret,
             struct err *err)
{
    struct findings findings = {0};
    size_t n_rules = ruleset_count(options->detect->rules);
    const struct indicators *set = options->detect->indicator_set;
    struct scan s = {
        .options = options,
        .arena = arena,
        .window = arena_new(),
        .findings = &findings,
        .kept = ARENA_ARRAY(arena, uint64_t, n_rules),
        .full = ARENA_ARRAY(arena, uint8_t, n_rules / 8 + 1),
        .met = ARENA_ARRAY(arena, uint32_t, set ? set->n : 0),
        .dropped = ARENA_ARRAY(arena, uint64_t, n_rules),
    };
    s.known = recover_known_new(s.window);
    struct work_shared shared = {
        .detect = options->detect, .findings = &findings, .recover = !options->no_recover};

    int failed = listing_make(options->paths, options->names, options->n_paths,
                              options->leave_out, arena, &findings, err);
    for (size_t i = 0; failed == 0 && i < findings.n_evidence; i++)
        s.progress.bytes += findings.evidence[i].size;
    s.progress.files = findings.n_evidence;
    findings.cap_evidence = findings.n_evidence;
    if (failed == 0)
        failed = share_memory(&s, err);
    if (failed == 0)
        failed = first_phase(&s, &shared, err);
    for (int phase = 0; phase < AGAIN_PHASES && failed == 0; phase++)
        failed = later_phase(&s, (enum again_phase)phase, &shared, err);
    if (failed == 0)
        run_correlations(&s);
    correlate_free(s.correlate);
    arena_free(s.window);
    if (options->max_memory) /* the workers are gone */
        memory_limit(options->max_memory, SCAN_NO_MEMORY);
    if (failed == 0)
        *ret = findings;
    return failed;
}
