#include "scan/sweep.h"

#include <unistd.h>

#include "base/cur.h"
#include "base/limits.h"
#include "detect/signal.h"
#include "event/event_wire.h"
#include "scan/listing.h"
#include "scan/sweep_int.h"
#include "sys/file.h"
#include "sys/memory.h"

enum {
    ROOM = 32 << 20,                    /* bytes of a reply after which no event is read */
    REPLY_MAX = ROOM + SWEEP_ITEMS * 2, /* what an event and the end may add */
    STORED_MAX = 128 << 20,             /* bytes of replies waiting for those before them */
    AHEAD_MAX = 512,                    /* pieces sent and not taken over */
    GAPS_TOLD = 200,                    /* of one stretch; further ones are one gap */
};

void sweep_note(struct buf *out, const struct note *n)
{
    wire_number(out, (uint64_t)n->type, 1);
    wire_number(out, n->a, sizeof n->a);
    wire_number(out, n->b, sizeof n->b);
    wire_number(out, (uint64_t)n->first, sizeof n->first);
    wire_number(out, (uint64_t)n->last, sizeof n->last);
    wire_text(out, n->text);
}

/* returns 1, 0 at the end, -1 if the bytes are no note */
static int read_note(struct cur *in, struct note *ret)
{
    if (cur_left(in) == 0)
        return 0;
    ret->type = (enum note_type)cur_u8(in);
    ret->a = cur_u64(in);
    ret->b = cur_u64(in);
    ret->first = (instant)cur_u64(in);
    ret->last = (instant)cur_u64(in);
    ret->text = wire_read_text(in);
    return in->bad || ret->type < NOTE_ITEM || ret->type > NOTE_SHELLS ? -1 : 1;
}

void sweep_give(struct buf *out, struct str item)
{
    if (item.n < SWEEP_ITEMS)
        sweep_note(out, &(struct note){.type = NOTE_ITEM, .text = item});
}

/* --- workers ------------------------------------------------------------------------------ */

struct reading {
    const struct sweep_reader *reader;
    void *state;
    struct arena *record;
    size_t room;
    struct buf *out;
    uint64_t skip;
    struct note count;
    size_t gaps;
};

static void tell_gap(struct reading *r, const struct span *gap, const struct err *why)
{
    if (r->gaps++ < GAPS_TOLD)
        sweep_note(r->out, &(struct note){.type = NOTE_GAP,
                                          .a = gap->from,
                                          .b = gap->to,
                                          .text = str_of(why->msg)});
    else if (r->gaps == GAPS_TOLD + 1)
        sweep_note(r->out,
                   &(struct note){.type = NOTE_GAP,
                                  .a = gap->from,
                                  .b = gap->to,
                                  .text = STR("many unreadable stretches from here on; the "
                                              "last one told")});
}

static void count(struct note *n, const struct event *ev)
{
    if (ev->marks & MARK_RECOVERED) {
        n->b++;
        return;
    }
    n->a++;
    if (ev->time == INSTANT_NONE)
        return;
    n->first = n->first == INSTANT_NONE || ev->time < n->first ? ev->time : n->first;
    n->last = n->last == INSTANT_NONE || ev->time > n->last ? ev->time : n->last;
}

/* Reads events until the end, or until the reply is full. A turn that goes on where another
 * one ended reads the heads before that again; what they told is told already. */
static void read_events(struct reading *r, struct source *source)
{
    uint64_t n = 0;
    for (;;) {
        struct event ev = {0};
        struct span gap = {0};
        struct err err = {0};
        arena_reset(r->record);
        int got = source_next(source, r->record, &ev, &gap, &err);
        if (got == 0)
            return;
        if (got < 0) {
            if (n >= r->skip)
                tell_gap(r, &gap, &err);
            continue;
        }
        if (n++ < r->skip)
            continue;
        if (r->out->n > r->room) {
            sweep_note(r->out, &(struct note){.type = NOTE_MORE, .a = n - 1});
            return;
        }
        count(&r->count, &ev);
        r->reader->event(r->state, source, &ev, r->record);
    }
}

/* The records outside the chunks of a log, behind its own: the whole of it is passed once
 * more, for the templates that they need. */
static void read_recovered(struct reading *r, struct source *read, struct arena *arena)
{
    struct event ev;
    struct span gap;
    struct err err;
    for (;;) {
        arena_reset(r->record);
        if (source_next(read, r->record, &ev, &gap, &err) == 0)
            break;
    }
    struct source *source = source_recover(read, NULL, arena);
    if (!source)
        return;
    read_events(r, source);
    source_close(source);
}

static void read_span(const struct sweep_options *options, const struct turn *t,
                      const struct evidence *e, struct bytes file, struct arena *arena,
                      struct buf *out)
{
    bool raw = e->format != FORMAT_GZIP && e->format != FORMAT_ZSTD && e->format != FORMAT_EVTX;
    struct reading r = {
        .reader = options->reader,
        .record = arena_new(),
        .room = options->room,
        .out = out,
        .skip = t->skip,
        .count = {.type = NOTE_COUNT, .first = INSTANT_NONE, .last = INSTANT_NONE},
    };
    struct source *source = source_open(file, e->format, e->path, t->span, arena);
    r.state = r.reader->begin(options->context, e, raw ? file : (struct bytes){0}, arena, out);
    if (t->kind == TURN_RECOVER)
        read_recovered(&r, source, arena);
    else
        read_events(&r, source);
    r.reader->end(r.state);
    sweep_note(out, &r.count);
    if (t->kind == TURN_SPAN && !options->no_recover && source_has_shells(source))
        sweep_note(out, &(struct note){.type = NOTE_SHELLS});
    source_close(source);
    arena_free(r.record);
}

static void write_request(const struct turn *turn, const struct evidence *e, struct buf *out)
{
    buf_add(out, turn, sizeof *turn);
    work_tell_evidence(e, out);
}

static bool read_request(struct bytes request, struct turn *ret, struct evidence *ret_evidence)
{
    struct cur in = cur_of(request, 0);
    struct bytes turn = cur_take(&in, sizeof *ret);
    if (in.bad)
        return false;
    memcpy(ret, turn.p, sizeof *ret);
    *ret_evidence = work_read_evidence(&in);
    return !in.bad;
}

static void answer(void *context, struct bytes request, int file, struct buf *reply)
{
    const struct sweep_options *options = context;
    struct turn t;
    struct evidence e;
    struct file_map map = {0};
    struct err err = {0};
    if (!read_request(request, &t, &e))
        return;
    if (file_map_open(file, &map, &err) < 0) {
        sweep_note(reply, &(struct note){.type = NOTE_GAP, .text = str_of(err.msg)});
        return;
    }
    struct arena *arena = arena_new();
    struct bytes file_bytes = map.bytes;
    if (t.seen && t.seen < file_bytes.n) /* windows that come later may or may not be there */
        file_bytes.n = (size_t)t.seen;
    if (file_bytes.n < t.span.to)
        sweep_note(reply, &(struct note){.type = NOTE_GAP,
                                         .a = file_bytes.n,
                                         .b = t.span.to,
                                         .text = STR("the file shrank while it was read")});
    t.span.to = t.span.to < file_bytes.n ? t.span.to : file_bytes.n;
    if (t.kind == TURN_CUT)
        work_cuts(file_bytes, arena, reply);
    else
        read_span(options, &t, &e, file_bytes, arena, reply);
    arena_free(arena);
    file_unmap(&map);
}

/* --- the parent: the queue ---------------------------------------------------------------- */

static struct piece *new_piece(struct sweep *s, struct subject *of, const struct turn *turn)
{
    struct piece *p = ARENA_NEW(s->pieces, struct piece);
    *p = (struct piece){.of = of, .turn = *turn, .reply = buf_new(REPLY_MAX)};
    p->sent = p->done = turn->kind == TURN_NONE;
    of->undone += turn->kind != TURN_NONE;
    if (!p->sent)
        s->from = NULL;
    return p;
}

/* before, behind: NULL where there is none */
static struct piece *put_between(struct sweep *s, struct piece *p, struct piece *before,
                                 struct piece *behind)
{
    p->prev = before;
    p->next = behind;
    *(before ? &before->next : &s->head) = p;
    *(behind ? &behind->prev : &s->tail) = p;
    return p;
}

struct piece *sweep_add(struct sweep *s, struct piece *end, struct subject *of,
                        const struct turn *turn)
{
    return put_between(s, new_piece(s, of, turn), end ? end->prev : s->tail, end);
}

static struct piece *add_behind(struct sweep *s, struct piece *before, const struct turn *turn)
{
    return put_between(s, new_piece(s, before->of, turn), before, before->next);
}

struct subject *sweep_subject(struct sweep *s, size_t evidence, struct ported *member)
{
    struct subject *of = ARENA_NEW(s->pieces, struct subject);
    *of = (struct subject){.evidence = evidence, .member = member, .numbered = !member};
    return of;
}

static void plan_evtx(struct sweep *s, struct piece *end, struct subject *of, uint64_t size)
{
    enum { FILE_HEADER = 4096 };
    for (uint64_t from = 0; from < size;) {
        uint64_t to = (from ? from : FILE_HEADER) + WORK_EVTX_SPAN;
        to = to < size ? to : size;
        (void)sweep_add(s, end, of, &(struct turn){.kind = TURN_SPAN, .span = {from, to, 0}});
        from = to;
    }
}

void sweep_plan(struct sweep *s, struct piece *end, struct subject *of,
                const struct evidence *e)
{
    struct turn whole = {.kind = TURN_SPAN, .span = {0, e->size, 0}};
    if (e->format == FORMATS || !format_has_events(e->format))
        return;
    if (e->format == FORMAT_EVTX && e->size > WORK_SMALL) {
        plan_evtx(s, end, of, e->size);
        return;
    }
    if (e->size > WORK_SMALL && format_is_lines(e->format))
        whole.kind = TURN_CUT;
    (void)sweep_add(s, end, of, &whole);
}

static void plan_next(struct sweep *s)
{
    size_t i = s->planned++;
    const struct evidence *e = &s->listed->evidence[i];
    if (format_is_carrier(e->format))
        sweep_carry(s, i);
    else
        sweep_plan(s, NULL, sweep_subject(s, i, NULL), e);
}

/* The spans that a worker found in a large text log stand in place of the search for them. */
static void take_cuts(struct sweep *s, struct piece *cut)
{
    struct err err = {0};
    struct cur in = cur_of(str_bytes(buf_str(&cut->reply)), 0);
    struct signal signal;
    struct turn turn = {.kind = TURN_SPAN, .span = cut->turn.span};
    uint64_t size = turn.span.to;
    struct piece *last = cut;
    while (signal_read(&in, s->pieces, &signal, &err) > 0) {
        if (signal.type != SIGNAL_CUT || signal.a <= turn.span.from || signal.a >= size)
            continue;
        turn.span.to = signal.a;
        last = add_behind(s, last, &turn);
        turn.span = (struct span){.from = signal.a, .to = size, .layout = signal.b};
    }
    (void)add_behind(s, last, &turn);
    buf_free(&cut->reply);
}

/* --- the parent: taking over --------------------------------------------------------------- */

static void add_counts(struct evidence *e, const struct note *n)
{
    e->events += n->a;
    e->recovered += n->b;
    if (n->first != INSTANT_NONE && (e->first == INSTANT_NONE || n->first < e->first))
        e->first = n->first;
    if (n->last != INSTANT_NONE && (e->last == INSTANT_NONE || n->last > e->last))
        e->last = n->last;
}

static int take_note(struct sweep *s, struct piece *p, const struct note *n, struct err *err)
{
    size_t i = p->of->evidence;
    struct evidence *e = &s->listed->evidence[i];
    struct turn more = p->turn;
    int got = 0;
    switch (n->type) {
    case NOTE_ITEM:
        got = s->options->take(s->options->context, e, n->text, err);
        s->enough = got != 0;
        break;
    case NOTE_GAP:
        listing_gap(s->listed, s->arena, i, n->a, n->b, n->text);
        break;
    case NOTE_COUNT:
        add_counts(e, n);
        s->progress.events += n->a + n->b;
        break;
    case NOTE_MORE:
        more.skip = n->a;
        if (n->a > p->turn.skip && !p->more) /* else it would never end */
            p->more = add_behind(s, p, &more);
        break;
    case NOTE_SHELLS:
        p->of->shells = true;
        break;
    }
    return got < 0 ? -1 : 0;
}

void sweep_count(struct sweep *s, struct subject *of)
{
    if (of->undone == 0 && !of->counted) {
        of->counted = true;
        s->progress.files_done++;
    }
}

/* A turn is taken over. Behind a log's last one comes what lies outside its chunks. */
static void end_turn(struct sweep *s, struct piece *p)
{
    struct subject *of = p->of;
    if (p->turn.kind == TURN_NONE)
        return;
    of->undone--;
    sweep_count(s, of);
    if (of->undone == 0 && of->shells && !of->windows && !of->recovered) {
        struct span whole = {.from = 0, .to = s->listed->evidence[of->evidence].size};
        of->recovered = true;
        (void)add_behind(s, p, &(struct turn){.kind = TURN_RECOVER, .span = whole});
    }
    if (of->member)
        sweep_carry_done(s, p);
}

static int take_piece(struct sweep *s, struct piece *p, struct err *err)
{
    struct cur in = cur_of(str_bytes(buf_str(&p->reply)), 0);
    struct note note;
    int got = 0;
    const struct span *span = &p->turn.span;
    if (p->of->member)
        sweep_carry_number(s, p->of);
    if (p->died.n)
        listing_gap(s->listed, s->arena, p->of->evidence, span->from, span->to, p->died);
    while (!s->enough && (got = read_note(&in, &note)) > 0)
        if (take_note(s, p, &note, err) < 0)
            return -1;
    if (got < 0)
        listing_gap(s->listed, s->arena, p->of->evidence, span->from, span->to,
                    STR("a worker's answer makes no sense"));
    s->progress.bytes_done +=
        p->turn.kind == TURN_SPAN && !p->turn.skip ? span->to - span->from : 0;
    if (p->turn.kind != TURN_NONE) {
        s->stored -= p->reply.n;
        s->ahead--;
    }
    buf_free(&p->reply);
    end_turn(s, p);
    return 0;
}

/* Takes over what is complete, in order. */
static int take_done(struct sweep *s, struct err *err)
{
    while (s->head && s->head->done && !s->head->open && !s->enough) {
        if (take_piece(s, s->head, err) < 0)
            return -1;
        if (s->from == s->head)
            s->from = NULL;
        s->head = s->head->next;
        *(s->head ? &s->head->prev : &s->tail) = NULL;
    }
    return 0;
}

static void tell_progress(struct sweep *s)
{
    if (!s->options->progress)
        return;
    s->progress.growing = s->porting && !porting_over(s->porting);
    s->options->progress(s->options->display, &s->progress);
}

/* --- the parent: handing out --------------------------------------------------------------- */

static struct piece *first_to_send(struct sweep *s)
{
    struct piece *p = s->from ? s->from : s->head;
    while (p && p->sent)
        p = p->next;
    s->from = p ? p : s->tail;
    return p;
}

static struct piece *next_piece(struct sweep *s)
{
    struct piece *p = first_to_send(s);
    while (!p && s->planned < s->n_files && s->ahead <= AHEAD_MAX) {
        plan_next(s);
        p = first_to_send(s);
    }
    bool far = s->stored > s->memory.stored || s->ahead > AHEAD_MAX;
    return far && p != s->head ? NULL : p;
}

static void finish(struct sweep *s, struct piece *p, const struct err *died)
{
    p->done = true;
    if (died)
        p->died = arena_str(s->arena, str_of(died->msg));
    if (p->turn.kind == TURN_CUT)
        take_cuts(s, p);
    s->stored += p->reply.n;
}

/* The file of a member is open already. */
static int open_for(const struct sweep *s, const struct piece *p, int *ret, struct err *err)
{
    const struct ported *m = p->of->member;
    if (!m)
        return file_open(s->listed->evidence[p->of->evidence].opened.p, ret, err);
    if (m->file < 0)
        return err_set(err, ERR_IO, "its bytes are not there any more");
    *ret = m->file;
    return 0;
}

/* A worker can open nothing: it is handed the file, open for reading. */
static int hand_out(struct sweep *s, int worker, struct piece *p, struct err *err)
{
    enum { REQUEST_MAX = 60 * 1024 };
    const struct ported *m = p->of->member;
    const struct evidence *e = m ? &m->evidence : &s->listed->evidence[p->of->evidence];
    const struct work like = {.kind = WORK_SPAN, .span = p->turn.span};
    struct proc_task task = {.seconds = work_seconds(&like, e)};
    struct err why = {0};
    p->sent = true;
    s->ahead++;
    if (open_for(s, p, &task.file, &why) < 0) {
        finish(s, p, &why);
        return take_done(s, err);
    }
    struct buf request = buf_new(REQUEST_MAX);
    write_request(&p->turn, e, &request);
    task.request = str_bytes(buf_str(&request));
    s->running[worker] = p;
    s->progress.path = e->path;
    int sent = proc_send(s->pool, worker, &task, err);
    buf_free(&request);
    if (!m)
        file_close(task.file);
    return sent;
}

static int send_turns(struct sweep *s, struct err *err)
{
    while (!s->enough) {
        int worker = proc_idle(s->pool);
        struct piece *p = worker < 0 ? NULL : next_piece(s);
        if (!p)
            break;
        if (hand_out(s, worker, p, err) < 0)
            return -1;
    }
    return 0;
}

static bool is_over(const struct sweep *s)
{
    return (!s->porting || porting_over(s->porting)) && !s->head && s->planned == s->n_files;
}

/* died  NULL: it has answered */
static void hear(struct sweep *s, int worker, const struct err *died)
{
    if (s->porting && porting_is(s->porting, worker)) {
        porting_hear(s->porting, worker, died);
        return;
    }
    struct piece *p = s->running[worker];
    if (!died)
        p->reply = proc_reply(s->pool, worker);
    finish(s, p, died);
}

static int run(struct sweep *s, struct err *err)
{
    while (!s->enough) {
        int worker = -1;
        struct err died = {0};
        if (take_done(s, err) < 0)
            return -1;
        tell_progress(s);
        if (send_turns(s, err) < 0)
            return -1;
        if (s->porting && !s->enough && porting_ask(s->porting, err) < 0)
            return -1;
        if (s->enough || is_over(s))
            break;
        int got = proc_wait(s->pool, &worker, &died);
        if (got == 0 && s->porting)
            continue;
        if (got == 0)
            return 0;
        if (worker < 0) {
            *err = died;
            return -1;
        }
        hear(s, worker, got < 0 ? &died : NULL);
    }
    return 0;
}

static size_t processors(void)
{
    long n = sysconf(_SC_NPROCESSORS_ONLN);
    return n < 1 ? 1 : n > PROC_WORKERS_MAX ? PROC_WORKERS_MAX : (size_t)n;
}

static int run_all(struct sweep *s, struct err *err)
{
    int failed = run(s, err);
    if (failed == 0 && !s->enough && sweep_carry_again(s))
        failed = run(s, err);
    porting_close(s->porting);
    proc_close(s->pool);
    for (struct piece *p = s->head; p; p = p->next)
        buf_free(&p->reply);
    return failed;
}

static int share_memory(struct sweep *s, struct err *err)
{
    struct memory_need need = {.limit = s->options->max_memory,
                               .in_use = memory_in_use(),
                               .jobs = s->options->jobs ? s->options->jobs : processors(),
                               .reply = REPLY_MAX,
                               .stored = STORED_MAX};
    for (size_t i = 0; i < s->n_files && !need.carriers; i++)
        need.carriers = format_is_carrier(s->listed->evidence[i].format);
    if (memory_divide(&need, &s->memory, err) < 0)
        return -1;
    if (s->memory.parent)
        memory_limit(s->memory.parent, SWEEP_NO_MEMORY);
    return 0;
}

int sweep_run(const struct sweep_options *options, struct arena *arena, struct swept *ret,
              struct err *err)
{
    struct swept swept = {0};
    struct sweep_options with = *options;
    struct sweep s = {.options = options, .arena = arena, .listed = &swept.listed};
    if (listing_make(options->paths, NULL, options->n_paths, NULL, arena, &swept.listed, err) <
        0)
        return -1;
    s.n_files = swept.listed.n_evidence;
    swept.listed.cap_evidence = s.n_files;
    for (size_t i = 0; i < s.n_files; i++)
        if (format_has_events(swept.listed.evidence[i].format)) {
            s.progress.bytes += swept.listed.evidence[i].size;
            s.progress.files++;
        }
    s.pieces = arena_new();
    int failed = share_memory(&s, err);
    with.room = s.memory.reply / 4 < ROOM ? s.memory.reply / 4 : ROOM;
    s.running = ARENA_ARRAY(s.pieces, struct piece *, s.memory.jobs);
    work_prepare();
    struct proc_limits limits = {s.memory.reply, s.memory.worker, s.memory.arriving};
    if (failed == 0)
        failed = proc_open_within(s.memory.jobs, answer, &with, &limits, &s.pool, err);
    if (failed == 0) {
        swept.listed.jail = proc_jail(s.pool);
        failed = run_all(&s, err);
    }
    arena_free(s.pieces);
    if (options->max_memory) /* the workers are gone */
        memory_limit(options->max_memory, SWEEP_NO_MEMORY);
    swept.stopped = s.enough;
    if (failed == 0)
        *ret = swept;
    return failed;
}
