#include "scan/sweep.h"

#include <unistd.h>

#include "base/cur.h"
#include "base/limits.h"
#include "detect/signal.h"
#include "event/event_wire.h"
#include "scan/listing.h"
#include "scan/work.h"
#include "sys/file.h"
#include "sys/proc.h"

enum {
    ROOM = 32 << 20,                    /* bytes of a reply after which no event is read */
    REPLY_MAX = ROOM + SWEEP_ITEMS * 2, /* what an event and the end may add */
    STORED_MAX = 128 << 20,             /* bytes of replies waiting for those before them */
    AHEAD_MAX = 512,                    /* pieces sent and not taken over */
    GAPS_TOLD = 200,                    /* of one stretch; further ones are one gap */
};

enum note_type { NOTE_ITEM = 1, NOTE_GAP, NOTE_COUNT, NOTE_MORE, NOTE_SHELLS };

/* A reply is a row of these. */
struct note {
    enum note_type type;
    uint64_t a, b; /* GAP: bytes a to b; COUNT: a events, b recovered; MORE: a events read */
    instant first, last; /* COUNT */
    struct str text;     /* ITEM; GAP: why */
};

static void write_note(struct buf *out, const struct note *n)
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
        write_note(out, &(struct note){.type = NOTE_ITEM, .text = item});
}

/* --- workers ------------------------------------------------------------------------------ */

enum turn_kind { TURN_CUT, TURN_SPAN, TURN_RECOVER };

struct turn { /* what a worker is asked */
    enum turn_kind kind;
    size_t evidence;
    struct span span;
    uint64_t skip; /* events at the start that were read in an earlier turn */
};

struct shared {
    const struct sweep_options *options;
    const struct findings *listed;
};

struct reading {
    const struct sweep_reader *reader;
    void *state;
    struct arena *record;
    struct buf *out;
    uint64_t skip;
    struct note count;
    size_t gaps;
};

static void tell_gap(struct reading *r, const struct span *gap, const struct err *why)
{
    if (r->gaps++ < GAPS_TOLD)
        write_note(r->out, &(struct note){.type = NOTE_GAP,
                                          .a = gap->from,
                                          .b = gap->to,
                                          .text = str_of(why->msg)});
    else if (r->gaps == GAPS_TOLD + 1)
        write_note(r->out,
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
        if (r->out->n > ROOM) {
            write_note(r->out, &(struct note){.type = NOTE_MORE, .a = n - 1});
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

static void read_span(const struct shared *s, const struct turn *t, struct bytes file,
                      struct arena *arena, struct buf *out)
{
    const struct evidence *e = &s->listed->evidence[t->evidence];
    bool raw = e->format != FORMAT_GZIP && e->format != FORMAT_ZSTD && e->format != FORMAT_EVTX;
    struct reading r = {
        .reader = s->options->reader,
        .record = arena_new(),
        .out = out,
        .skip = t->skip,
        .count = {.type = NOTE_COUNT, .first = INSTANT_NONE, .last = INSTANT_NONE},
    };
    struct source *source = source_open(file, e->format, e->path, t->span, arena);
    r.state =
        r.reader->begin(s->options->context, e, raw ? file : (struct bytes){0}, arena, out);
    if (t->kind == TURN_RECOVER)
        read_recovered(&r, source, arena);
    else
        read_events(&r, source);
    r.reader->end(r.state);
    write_note(out, &r.count);
    if (t->kind == TURN_SPAN && !s->options->no_recover && source_has_shells(source))
        write_note(out, &(struct note){.type = NOTE_SHELLS});
    source_close(source);
    arena_free(r.record);
}

static void answer(void *context, struct bytes request, int file, struct buf *reply)
{
    const struct shared *s = context;
    struct turn t;
    struct file_map map = {0};
    struct err err = {0};
    if (request.n != sizeof t)
        return;
    memcpy(&t, request.p, sizeof t);
    if (file_map_open(file, &map, &err) < 0) {
        write_note(reply, &(struct note){.type = NOTE_GAP, .text = str_of(err.msg)});
        return;
    }
    struct arena *arena = arena_new();
    if (map.bytes.n < t.span.to)
        write_note(reply, &(struct note){.type = NOTE_GAP,
                                         .a = map.bytes.n,
                                         .b = t.span.to,
                                         .text = STR("the file shrank while it was read")});
    t.span.to = t.span.to < map.bytes.n ? t.span.to : map.bytes.n;
    if (t.kind == TURN_CUT)
        work_cuts(map.bytes, arena, reply);
    else
        read_span(s, &t, map.bytes, arena, reply);
    arena_free(arena);
    file_unmap(&map);
}

/* --- the parent --------------------------------------------------------------------------- */

struct piece {
    struct turn turn;
    bool sent, done;
    struct buf reply;
    struct str died; /* why the worker died on it; "" if it did not */
    struct piece *next;
};

struct sweep {
    const struct sweep_options *options;
    struct arena *arena;  /* owns the result */
    struct arena *pieces; /* lives as long as the sweep */
    struct findings *listed;
    struct proc_pool *pool;
    struct piece *head;     /* the first that is not taken over; in the order of the evidence */
    struct piece *tail;     /* the last planned */
    struct piece **running; /* per worker */
    size_t planned;         /* files */
    size_t shells;          /* evidence + 1 of the last file with records outside its chunks */
    size_t stored;          /* bytes of replies that wait */
    size_t ahead;           /* pieces sent and not taken over */
    uint64_t bytes, bytes_done;
    bool enough;
};

static struct piece *new_piece(struct sweep *s, const struct turn *turn)
{
    struct piece *p = ARENA_NEW(s->pieces, struct piece);
    *p = (struct piece){.turn = *turn, .reply = buf_new(REPLY_MAX)};
    return p;
}

static void add_last(struct sweep *s, const struct turn *turn)
{
    struct piece *p = new_piece(s, turn);
    if (s->tail)
        s->tail->next = p;
    else
        s->head = p;
    s->tail = p;
}

static void add_behind(struct sweep *s, struct piece *before, const struct turn *turn)
{
    struct piece *p = new_piece(s, turn);
    p->next = before->next;
    before->next = p;
    if (s->tail == before)
        s->tail = p;
}

static void plan_evtx(struct sweep *s, size_t i, uint64_t size)
{
    enum { FILE_HEADER = 4096 };
    for (uint64_t from = 0; from < size;) {
        uint64_t to = (from ? from : FILE_HEADER) + WORK_EVTX_SPAN;
        to = to < size ? to : size;
        add_last(s, &(struct turn){.kind = TURN_SPAN, .evidence = i, .span = {from, to, 0}});
        from = to;
    }
}

/* Plans the next file. */
static void plan(struct sweep *s)
{
    size_t i = s->planned++;
    const struct evidence *e = &s->listed->evidence[i];
    struct turn whole = {.kind = TURN_SPAN, .evidence = i, .span = {0, e->size, 0}};
    if (e->format == FORMATS || !format_has_events(e->format))
        return;
    if (e->format == FORMAT_EVTX && e->size > WORK_SMALL) {
        plan_evtx(s, i, e->size);
        return;
    }
    if (e->size > WORK_SMALL && format_is_lines(e->format))
        whole.kind = TURN_CUT;
    add_last(s, &whole);
}

/* The spans that a worker found in a large text log stand in place of the search for them. */
static void take_cuts(struct sweep *s, struct piece *cut)
{
    struct err err = {0};
    struct cur in = cur_of(str_bytes(buf_str(&cut->reply)), 0);
    struct signal signal;
    struct turn turn = {
        .kind = TURN_SPAN, .evidence = cut->turn.evidence, .span = cut->turn.span};
    uint64_t size = turn.span.to;
    struct piece *last = cut;
    while (signal_read(&in, s->pieces, &signal, &err) > 0) {
        if (signal.type != SIGNAL_CUT || signal.a <= turn.span.from || signal.a >= size)
            continue;
        turn.span.to = signal.a;
        add_behind(s, last, &turn);
        last = last->next;
        turn.span = (struct span){.from = signal.a, .to = size, .layout = signal.b};
    }
    add_behind(s, last, &turn);
    buf_free(&cut->reply);
}

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
    size_t i = p->turn.evidence;
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
        break;
    case NOTE_MORE:
        more.skip = n->a;
        if (n->a > p->turn.skip) /* else it would never end */
            add_behind(s, p, &more);
        break;
    case NOTE_SHELLS:
        s->shells = i + 1;
        break;
    }
    return got < 0 ? -1 : 0;
}

/* A log's last piece is taken over: what lies outside its chunks comes behind its own. */
static void plan_recovery(struct sweep *s, struct piece *last)
{
    size_t i = last->turn.evidence;
    bool ends = !last->next || last->next->turn.evidence != i;
    if (!ends || s->shells != i + 1 || last->turn.kind != TURN_SPAN)
        return;
    struct span whole = {.from = 0, .to = s->listed->evidence[i].size};
    add_behind(s, last, &(struct turn){.kind = TURN_RECOVER, .evidence = i, .span = whole});
}

static int take_piece(struct sweep *s, struct piece *p, struct err *err)
{
    struct cur in = cur_of(str_bytes(buf_str(&p->reply)), 0);
    struct note note;
    int got = 0;
    const struct span *span = &p->turn.span;
    if (p->died.n)
        listing_gap(s->listed, s->arena, p->turn.evidence, span->from, span->to, p->died);
    while (!s->enough && (got = read_note(&in, &note)) > 0)
        if (take_note(s, p, &note, err) < 0)
            return -1;
    if (got < 0)
        listing_gap(s->listed, s->arena, p->turn.evidence, span->from, span->to,
                    STR("a worker's answer makes no sense"));
    s->bytes_done += p->turn.kind == TURN_SPAN && !p->turn.skip ? span->to - span->from : 0;
    s->stored -= p->reply.n;
    s->ahead--;
    buf_free(&p->reply);
    plan_recovery(s, p);
    return 0;
}

/* Takes over what is complete, in order. */
static int take_done(struct sweep *s, struct err *err)
{
    while (s->head && s->head->done && !s->enough) {
        if (take_piece(s, s->head, err) < 0)
            return -1;
        s->head = s->head->next;
        if (!s->head)
            s->tail = NULL;
        if (s->options->progress)
            s->options->progress(s->options->display, s->bytes_done, s->bytes);
    }
    return 0;
}

static struct piece *first_to_send(const struct sweep *s)
{
    struct piece *p = s->head;
    while (p && p->sent)
        p = p->next;
    return p;
}

static struct piece *next_piece(struct sweep *s)
{
    struct piece *p = first_to_send(s);
    while (!p && s->planned < s->listed->n_evidence) {
        plan(s);
        p = first_to_send(s);
    }
    bool far = s->stored > STORED_MAX || s->ahead > AHEAD_MAX;
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

/* A worker can open nothing: it is handed the file, open for reading. */
static int hand_out(struct sweep *s, int worker, struct piece *p, struct err *err)
{
    const struct evidence *e = &s->listed->evidence[p->turn.evidence];
    const struct work like = {
        .kind = WORK_SPAN, .evidence = p->turn.evidence, .span = p->turn.span};
    struct proc_task task = {.request = {(const uint8_t *)&p->turn, sizeof p->turn},
                             .seconds = work_seconds(&like, e)};
    struct err why = {0};
    p->sent = true;
    s->ahead++;
    if (file_open(e->path.p, &task.file, &why) < 0) {
        finish(s, p, &why);
        return take_done(s, err);
    }
    s->running[worker] = p;
    int sent = proc_send(s->pool, worker, &task, err);
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

static int run(struct sweep *s, struct err *err)
{
    while (!s->enough) {
        int worker = -1;
        struct err died = {0};
        if (take_done(s, err) < 0 || send_turns(s, err) < 0)
            return -1;
        if (s->enough)
            break;
        int got = proc_wait(s->pool, &worker, &died);
        if (got == 0)
            return 0;
        if (worker < 0) {
            *err = died;
            return -1;
        }
        struct piece *p = s->running[worker];
        if (got > 0)
            p->reply = proc_reply(s->pool, worker);
        finish(s, p, got < 0 ? &died : NULL);
    }
    return 0;
}

static size_t processors(void)
{
    long n = sysconf(_SC_NPROCESSORS_ONLN);
    return n < 1 ? 1 : n > PROC_WORKERS_MAX ? PROC_WORKERS_MAX : (size_t)n;
}

int sweep_run(const struct sweep_options *options, struct arena *arena, struct swept *ret,
              struct err *err)
{
    struct swept swept = {0};
    struct shared shared = {.options = options, .listed = &swept.listed};
    size_t jobs = options->jobs ? options->jobs : processors();
    struct sweep s = {.options = options, .arena = arena, .listed = &swept.listed};
    if (listing_make(options->paths, options->n_paths, arena, &swept.listed, err) < 0)
        return -1;
    for (size_t i = 0; i < swept.listed.n_evidence; i++)
        if (format_is_carrier(swept.listed.evidence[i].format))
            listing_gap(&swept.listed, arena, i, 0, 0,
                        STR("an archive; only a scan looks into archives: unpack it"));
    for (size_t i = 0; i < swept.listed.n_evidence; i++)
        if (format_has_events(swept.listed.evidence[i].format))
            s.bytes += swept.listed.evidence[i].size;
    s.pieces = arena_new();
    s.running = ARENA_ARRAY(s.pieces, struct piece *, jobs);
    work_prepare();
    int failed = proc_open(jobs, answer, &shared, REPLY_MAX, &s.pool, err);
    if (failed == 0) {
        swept.listed.jail = proc_jail(s.pool);
        failed = run(&s, err);
    }
    proc_close(s.pool);
    for (struct piece *p = s.head; p; p = p->next)
        buf_free(&p->reply);
    arena_free(s.pieces);
    swept.stopped = s.enough;
    if (failed == 0)
        *ret = swept;
    return failed;
}
