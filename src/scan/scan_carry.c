/* scan_carry.c - members of carriers in the queue of evidence. */
#include "scan/listing.h"
#include "scan/scan_int.h"

static struct job *job_of(struct ported *m)
{
    return m->of;
}

/* Behind all that came of this carrier before. */
static void put(struct scan *s, size_t top, struct job *job)
{
    scan_insert(s, s->before[top], job);
    s->before[top] = job;
}

static void met(void *context, struct ported *m)
{
    struct scan *s = context;
    struct job *job = scan_job(s, 0, m);
    job->open = !m->told;
    m->of = job;
    put(s, m->top, job);
    s->progress.files++;
}

static void tell_unread(struct scan *s, struct job *job)
{
    struct str why = listing_unread(&job->member->evidence);
    if (why.n)
        scan_gap_piece(s, job, 0, 0, why);
}

static void ready(void *context, struct ported *m)
{
    struct scan *s = context;
    struct job *job = job_of(m);
    s->progress.bytes += m->evidence.size;
    scan_plan(s, job, &m->evidence);
    tell_unread(s, job);
    job->open = false;
}

static void span(void *context, struct ported *m, struct span span)
{
    struct scan *s = context;
    struct job *job = job_of(m);
    job->windows = true;
    (void)scan_piece(s, job,
                     &(struct work){.kind = WORK_SPAN, .span = span, .seen = m->filled});
}

static void ended(void *context, struct ported *m)
{
    struct scan *s = context;
    struct job *job = job_of(m);
    struct work work = {.kind = WORK_FILE, .seen = m->head, .hashed = true};
    job->windows = true;
    job->open = false;
    s->progress.bytes += m->evidence.size;
    memcpy(work.sha256, m->sha256, sizeof work.sha256);
    if (m->hashed)
        (void)scan_piece(s, job, &work);
    else
        porting_done(s->porting, m, UINT64_MAX, 0);
    tell_unread(s, job);
    if (s->options->carve)
        scan_gap_piece(
            s, job, 0, 0,
            STR("a large member of an archive: it was not searched for event records"));
}

static void gap(void *context, size_t top, struct ported *m, uint64_t from, uint64_t to,
                struct str why)
{
    struct scan *s = context;
    struct job *of = m ? job_of(m) : s->ends[top]->of;
    if (m && of->open) {
        scan_gap_piece(s, of, from, to, why);
        return;
    }
    struct job *job = scan_job(s, 0, NULL);
    job->of = of;
    put(s, top, job);
    scan_gap_piece(s, job, from, to, why);
}

static void closed(void *context, size_t top)
{
    struct scan *s = context;
    s->ends[top]->open = false;
}

/* Carriers are read in memory of a size that the run has. */
static struct porting *new_porting(struct scan *s, const struct porting_calls *calls)
{
    struct porting *p =
        porting_new(s->pool, s->memory.lanes, s->options->password, calls, s, s->window);
    porting_hold(p, s->memory.held);
    return p;
}

void scan_carry_start(struct scan *s)
{
    static const struct porting_calls calls = {met, ready, span, ended, gap, closed};
    const struct findings *f = s->findings;
    s->ends = ARENA_ARRAY(s->window, struct job *, f->n_evidence);
    s->before = ARENA_ARRAY(s->window, struct job *, f->n_evidence);
    for (struct job *job = s->head; job; job = job->next) {
        if (job->of || !format_is_carrier(f->evidence[job->evidence].format))
            continue;
        if (!s->porting)
            s->porting = new_porting(s, &calls);
        struct job *before = s->last_job;
        struct job *end = scan_job(s, job->evidence, NULL);
        end->of = job;
        end->open = true;
        scan_append(s, end);
        s->ends[job->evidence] = end;
        s->before[job->evidence] = before;
        scan_journal_carrier(s, job->evidence);
        porting_add(s->porting, job->evidence, f);
    }
}

/* The pieces of a member that is read in windows are done in any order: what lies before the
 * first that is not may go. */
static void done_span(struct scan *s, struct job *job)
{
    uint64_t to = 0;
    uint64_t layout = job->member->next_layout;
    for (; job->let_go < job->n && job->pieces[job->let_go]->state == PIECE_DONE; job->let_go++)
        if (job->pieces[job->let_go]->work.span.to > to)
            to = job->pieces[job->let_go]->work.span.to;
    if (job->let_go < job->n && job->pieces[job->let_go]->work.kind == WORK_SPAN)
        layout = job->pieces[job->let_go]->work.span.layout;
    porting_done(s->porting, job->member, to, layout);
}

void scan_carry_done(struct scan *s, const struct piece *p)
{
    struct job *job = p->job;
    if (job->windows && p->work.kind == WORK_SPAN)
        done_span(s, job);
    else if (job->windows || job->undone == 0)
        porting_done(s->porting, job->member, UINT64_MAX, 0);
}

/* --- later phases --------------------------------------------------------------------------- */

/* The job that waits for a member; NULL if there is none. */
static struct job *waiting_for(struct scan *s, const struct ported *m)
{
    for (struct job *job = s->head; job; job = job->next)
        if (job->waits && s->members[job->evidence - s->n_files] == m->first)
            return job;
    return NULL;
}

static void fail_waiting(struct job *job, struct str why)
{
    job->waits = false;
    for (size_t i = 0; i < job->n; i++) {
        struct piece *p = job->pieces[i];
        p->state = PIECE_DONE;
        job->undone--;
        if (i == 0)
            signal_write(&p->reply, &(struct signal){.type = SIGNAL_GAP, .text = why});
    }
}

static void met_again(void *context, struct ported *m)
{
    (void)context, (void)m;
}

static void ready_again(void *context, struct ported *m)
{
    struct scan *s = context;
    struct job *job = waiting_for(s, m);
    if (!job) {
        porting_done(s->porting, m, UINT64_MAX, 0);
        return;
    }
    m->of = job;
    job->member = m;
    job->waits = false;
}

static void span_again(void *context, struct ported *m, struct span span)
{
    (void)context, (void)m, (void)span;
}

static void ended_again(void *context, struct ported *m)
{
    struct scan *s = context;
    porting_done(s->porting, m, UINT64_MAX, 0);
}

/* All that can be wrong was told in the first phase, but for what is wrong now. */
static void gap_again(void *context, size_t top, struct ported *m, uint64_t from, uint64_t to,
                      struct str why)
{
    (void)context, (void)top, (void)m, (void)from, (void)to, (void)why;
}

static size_t top_of(const struct scan *s, size_t evidence)
{
    return s->members[evidence - s->n_files]->top;
}

static struct str why_not_again(const struct job *job)
{
    if (job->pieces[0]->work.kind == WORK_HIVE)
        return STR("this hive in an archive could not be read a second time, with its logs: "
                   "nothing of it was read");
    return STR("this member of an archive could not be read a second time: records outside "
               "its chunks were not looked for");
}

static void closed_again(void *context, size_t top)
{
    struct scan *s = context;
    for (struct job *job = s->head; job; job = job->next)
        if (job->waits && top_of(s, job->evidence) == top)
            fail_waiting(job, why_not_again(job));
}

/* The members of one carrier that jobs from `first` on wait for. */
static size_t gather(struct scan *s, struct job *first, struct ported **ret)
{
    size_t n = 0;
    size_t top = top_of(s, first->evidence);
    for (struct job *job = first; job; job = job->next)
        if (job->waits && top_of(s, job->evidence) == top) {
            if (ret)
                ret[n] = s->members[job->evidence - s->n_files];
            n++;
        }
    return n;
}

void scan_carry_again(struct scan *s)
{
    static const struct porting_calls calls = {met_again,   ready_again, span_again,
                                               ended_again, gap_again,   closed_again};
    size_t last = SIZE_MAX;
    for (struct job *job = s->head; job; job = job->next)
        job->waits =
            job->evidence >= s->n_files && job->n && work_needs_file(&job->pieces[0]->work);
    for (struct job *job = s->head; job; job = job->next) {
        if (!job->waits || top_of(s, job->evidence) == last)
            continue;
        last = top_of(s, job->evidence);
        if (!s->porting)
            s->porting = new_porting(s, &calls);
        size_t n = gather(s, job, NULL);
        struct ported **some = ARENA_ARRAY(s->window, struct ported *, n);
        (void)gather(s, job, some);
        porting_add_some(s->porting, last, s->findings, some, n);
    }
}

/* --- logs of hives ------------------------------------------------------------------------- */

struct fetching {
    struct scan *scan;
    struct hives *hives;
    struct porting *porting;
    struct proc_pool *pool;
    const size_t *wanted; /* evidence */
    size_t n;
};

/* The file stays with the hive. */
static void ready_log(void *context, struct ported *m)
{
    struct fetching *f = context;
    for (size_t i = 0; i < f->n; i++)
        if (f->scan->members[f->wanted[i] - f->scan->n_files] == m->first && m->file >= 0) {
            hives_give(f->hives, f->wanted[i], m->file);
            m->file = -1;
        }
    porting_done(f->porting, m, UINT64_MAX, 0);
}

static void ended_log(void *context, struct ported *m)
{
    struct fetching *f = context;
    porting_done(f->porting, m, UINT64_MAX, 0);
}

/* A hive without its logs says so itself. */
static void closed_log(void *context, size_t top)
{
    (void)context, (void)top;
}

static int fetch(struct fetching *f, struct err *err)
{
    while (!porting_over(f->porting)) {
        int worker = -1;
        struct err died = {0};
        if (porting_ask(f->porting, err) < 0)
            return -1;
        int got = proc_wait(f->pool, &worker, &died);
        if (got == 0)
            continue;
        if (worker < 0) {
            *err = died;
            return -1;
        }
        if (porting_is(f->porting, worker))
            porting_hear(f->porting, worker, got < 0 ? &died : NULL);
    }
    return 0;
}

/* The porters are the pool's special workers; it has no others to ask. */
static void answer_nothing(void *context, struct bytes request, int file, struct buf *reply)
{
    (void)context, (void)request, (void)file, (void)reply;
}

int scan_carry_logs(struct scan *s, struct hives *hives, struct err *err)
{
    enum { REPLY_MAX = 16 << 20 };
    static const struct porting_calls calls = {met_again, ready_log, span_again,
                                               ended_log, gap_again, closed_log};
    struct fetching f = {.scan = s, .hives = hives};
    size_t *wanted = NULL;
    f.n = hives_missing(hives, s->window, &wanted);
    f.wanted = wanted;
    if (f.n == 0)
        return 0;
    struct proc_limits limits = {REPLY_MAX, s->memory.worker, s->memory.arriving};
    if (proc_open_within(1, answer_nothing, NULL, &limits, &f.pool, err) < 0)
        return -1;
    f.porting = porting_new(f.pool, 1, s->options->password, &calls, &f, s->window);
    struct ported **some = ARENA_ARRAY(s->window, struct ported *, f.n);
    for (size_t from = 0, to = 0; from < f.n; from = to) {
        size_t top = top_of(s, wanted[from]);
        for (to = from; to < f.n && top_of(s, wanted[to]) == top; to++)
            some[to] = s->members[wanted[to] - s->n_files];
        porting_add_some(f.porting, top, s->findings, some + from, to - from);
    }
    int failed = fetch(&f, err);
    porting_close(f.porting);
    proc_close(f.pool);
    return failed;
}
