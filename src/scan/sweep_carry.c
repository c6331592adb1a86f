/* sweep_carry.c - members of carriers in the queue of a sweep. */
#include "scan/listing.h"
#include "scan/sweep_int.h"

static struct subject *subject_of(const struct ported *m)
{
    return m->of;
}

static void add_gap(struct sweep *s, size_t top, struct subject *of, uint64_t from, uint64_t to,
                    struct str why)
{
    struct piece *p = sweep_add(s, s->ends[top], of, &(struct turn){.kind = TURN_NONE});
    sweep_note(&p->reply, &(struct note){.type = NOTE_GAP, .a = from, .b = to, .text = why});
}

static void tell_unread(struct sweep *s, const struct ported *m)
{
    struct str why = listing_unread(&m->evidence);
    if (why.n)
        add_gap(s, m->top, subject_of(m), 0, 0, why);
}

/* --- the first reading ---------------------------------------------------------------------- */

static void met(void *context, struct ported *m)
{
    struct sweep *s = context;
    m->of = sweep_subject(s, 0, m);
    s->progress.files++;
    (void)sweep_add(s, s->ends[m->top], m->of, &(struct turn){.kind = TURN_NONE});
}

static void ready(void *context, struct ported *m)
{
    struct sweep *s = context;
    struct subject *of = subject_of(m);
    if (format_has_events(m->evidence.format))
        s->progress.bytes += m->evidence.size;
    sweep_plan(s, s->ends[m->top], of, &m->evidence);
    tell_unread(s, m);
    sweep_count(s, of);
    if (of->undone == 0)
        porting_done(s->porting, m, UINT64_MAX, 0);
}

static void span(void *context, struct ported *m, struct span span)
{
    struct sweep *s = context;
    struct turn turn = {.kind = TURN_SPAN, .span = span, .seen = m->filled};
    subject_of(m)->windows = true;
    s->progress.bytes += span.to - span.from;
    (void)sweep_add(s, s->ends[m->top], m->of, &turn);
}

static void ended(void *context, struct ported *m)
{
    struct sweep *s = context;
    tell_unread(s, m);
    sweep_count(s, subject_of(m));
    porting_done(s->porting, m, UINT64_MAX, 0);
}

static void gap(void *context, size_t top, struct ported *m, uint64_t from, uint64_t to,
                struct str why)
{
    struct sweep *s = context;
    add_gap(s, top, m ? subject_of(m) : s->ends[top]->of, from, to, why);
}

static void closed(void *context, size_t top)
{
    struct sweep *s = context;
    s->ends[top]->open = false;
}

static const struct porting_calls FIRST = {met, ready, span, ended, gap, closed};

static void start(struct sweep *s, const struct porting_calls *calls)
{
    s->porting =
        porting_new(s->pool, s->memory.lanes, s->options->password, calls, s, s->pieces);
    porting_hold(s->porting, s->memory.held);
    porting_events_only(s->porting);
}

static void add_end(struct sweep *s, size_t evidence)
{
    struct subject *of = sweep_subject(s, evidence, NULL);
    s->ends[evidence] = sweep_add(s, NULL, of, &(struct turn){.kind = TURN_NONE});
    s->ends[evidence]->open = true;
}

void sweep_carry(struct sweep *s, size_t evidence)
{
    if (!s->porting) {
        s->ends = ARENA_ARRAY(s->pieces, struct piece *, s->n_files);
        start(s, &FIRST);
    }
    add_end(s, evidence);
    porting_add(s->porting, evidence, s->listed);
}

void sweep_carry_number(struct sweep *s, struct subject *of)
{
    struct findings *f = s->listed;
    if (of->numbered) {
        f->evidence[of->evidence].size = of->member->evidence.size;
        return;
    }
    f->evidence =
        arena_grow(s->arena, f->evidence, f->n_evidence, &f->cap_evidence, sizeof *f->evidence);
    struct evidence e = of->member->evidence; /* its texts are the queue's */
    size_t above = e.path.n - e.below.n;
    const struct subject *in = of->member->in ? subject_of(of->member->in) : NULL;
    e.carrier = 1 + (in ? in->evidence : of->member->top);
    e.path = arena_str(s->arena, e.path);
    e.below = str_part(e.path, above, e.path.n);
    of->evidence = f->n_evidence;
    f->evidence[f->n_evidence++] = e;
    of->numbered = true;
}

/* Pieces are taken over in their order: what lies before the next one may go. */
static void done_span(struct sweep *s, const struct piece *p)
{
    const struct piece *next = p->next;
    struct ported *m = p->of->member;
    while (next && next->of == p->of && next->turn.kind == TURN_NONE)
        next = next->next;
    bool follows = next && next->of == p->of && next->turn.kind == TURN_SPAN;
    uint64_t layout = follows ? next->turn.span.layout : m->next_layout;
    if (!p->more)
        porting_done(s->porting, m, p->turn.span.to, layout);
}

static void keep_for_later(struct sweep *s, struct subject *of)
{
    if (!of->shells || of->recovered)
        return;
    of->recovered = true;
    s->again =
        arena_grow(s->pieces, s->again, s->n_again, &s->cap_again, sizeof(struct subject *));
    s->again[s->n_again++] = of;
}

void sweep_carry_done(struct sweep *s, const struct piece *p)
{
    struct subject *of = p->of;
    if (of->windows)
        done_span(s, p);
    else if (of->undone == 0)
        porting_done(s->porting, of->member, UINT64_MAX, 0);
    if (of->windows)
        keep_for_later(s, of);
}

/* --- the second reading: records outside the chunks of logs that came in windows ------------ */

static void met_again(void *context, struct ported *m)
{
    (void)context, (void)m;
}

static void ready_again(void *context, struct ported *m)
{
    struct sweep *s = context;
    struct turn turn = {.kind = TURN_RECOVER, .span = {.to = m->evidence.size}};
    struct subject *before = subject_of(m->first);
    m->of = sweep_subject(s, before->evidence, m);
    subject_of(m)->numbered = true;
    before->shells = false;
    (void)sweep_add(s, s->ends[m->top], m->of, &turn);
}

static void span_again(void *context, struct ported *m, struct span span)
{
    (void)context, (void)m, (void)span;
}

static void ended_again(void *context, struct ported *m)
{
    struct sweep *s = context;
    porting_done(s->porting, m, UINT64_MAX, 0);
}

/* All that can be wrong was told in the first reading, but for what is wrong now. */
static void gap_again(void *context, size_t top, struct ported *m, uint64_t from, uint64_t to,
                      struct str why)
{
    (void)context, (void)top, (void)m, (void)from, (void)to, (void)why;
}

static void closed_again(void *context, size_t top)
{
    struct sweep *s = context;
    for (size_t i = 0; i < s->n_again; i++)
        if (s->again[i]->shells && s->again[i]->member->top == top)
            add_gap(s, top, s->again[i], 0, 0,
                    STR("this member of an archive could not be read a second time: records "
                        "outside its chunks were not looked for"));
    s->ends[top]->open = false;
}

bool sweep_carry_again(struct sweep *s)
{
    static const struct porting_calls calls = {met_again,   ready_again, span_again,
                                               ended_again, gap_again,   closed_again};
    struct ported **some = ARENA_ARRAY(s->pieces, struct ported *, s->n_again);
    porting_close(s->porting);
    s->porting = NULL;
    if (s->n_again == 0)
        return false;
    start(s, &calls);
    for (size_t from = 0, to = 0; from < s->n_again; from = to) {
        size_t top = s->again[from]->member->top;
        for (to = from; to < s->n_again && s->again[to]->member->top == top; to++)
            some[to] = s->again[to]->member;
        add_end(s, top);
        porting_add_some(s->porting, top, s->listed, some + from, to - from);
    }
    return true;
}
