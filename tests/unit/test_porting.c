/* A porter that was taken over says what it wants: it costs its carrier, as a gap, and the next
 * carrier is read. Linked so that porter_answer is the one below. */
#include <unistd.h>

#include "event/event_wire.h"
#include "scan/porter.h"
#include "scan/porting.h"
#include "sys/memfile.h"
#include "t.h"

enum { CALLS_MOST = 400, REPLY_MAX = 1 << 20, DONE_MOST = 64 };

enum lie {
    NONE,
    MEMBER_TOO_LARGE,
    NOTHING_AT_FIRST,
    REST_STANDS_STILL,
    REST_CRAWLS,
    MORE_STANDS_STILL,
    MORE_TOO_LARGE,
    MORE_SHRINKS,
    MORE_BEYOND_ALL,
    DIES_AT_ONCE,
    DIES_AT_NEXT,
    DIES_IN_MEMBER,
    MEMBER_TO_OPEN,
    OPEN_TO_NEXT,
    END_TO_MORE,
    STAYS_MAPPED,
    LONG_PATH,
    SAYS_NOTHING,
    SAYS_NONSENSE,
    UNKNOWN_FORMAT,
    ENDLESS_DAMAGE,
    CUTS_ANYWHERE,
};

static enum lie lie; /* as the porter, which is forked later, finds it */

/* --- the porter ------------------------------------------------------------------------------ */

void __wrap_porter_answer(void *porter, struct bytes bytes, int file, struct buf *reply);

static void say(struct buf *out, enum porter_told told, struct porter_reply r)
{
    wire_number(out, (uint64_t)told, 1);
    wire_number(out, r.ended ? 4 : 0, 1);
    wire_number(out, (uint64_t)r.format, 1);
    wire_number(out, r.filled, 8);
    wire_number(out, 0, 8);
    buf_add(out, r.sha256, sizeof r.sha256);
    wire_text(out, r.path.n ? r.path : STR(""));
    wire_text(out, r.why.n ? r.why : STR(""));
    wire_number(out, r.n_cuts, 4);
    for (size_t i = 0; i < r.n_cuts; i++) {
        wire_number(out, r.cuts[i].at, 8);
        wire_number(out, r.cuts[i].layout, 8);
    }
}

static void write_member(int file, bool stays)
{
    uint8_t *at = NULL;
    struct err err = {0};
    if (memfile_map(file, 4096, &at, &err) == 0)
        memcpy(at, "text\n", 5);
    if (!stays)
        memfile_unmap(at, 4096);
    (void)close(file);
}

static void member(struct buf *out, uint64_t filled, bool ended, enum format format)
{
    say(out, TOLD_MEMBER,
        (struct porter_reply){
            .path = STR("m"), .filled = filled, .ended = ended, .format = format});
}

static void long_path(struct buf *out)
{
    static char name[600000];
    memset(name, 'n', sizeof name);
    say(out, TOLD_MEMBER,
        (struct porter_reply){.path = {name, sizeof name}, .filled = 5, .ended = true});
}

static void cuts_anywhere(struct buf *out, bool first)
{
    struct porter_cut cuts[] = {
        {1 << 20, UINT64_MAX}, {1 << 19, 0}, {UINT64_MAX, 0}, {0, 0}, {(1 << 20) + 1, 1}};
    say(out, TOLD_MEMBER,
        (struct porter_reply){.path = STR("m"),
                              .filled = first ? PORTER_WINDOW : PORTER_WINDOW + 9,
                              .ended = !first,
                              .format = FORMAT_IIS_W3C,
                              .cuts = cuts,
                              .n_cuts = sizeof cuts / sizeof *cuts});
}

/* The first member: whether it was a lie's turn. */
static bool lie_to_next(int file, struct buf *out)
{
    switch ((int)lie) {
    case MEMBER_TOO_LARGE:
        member(out, (uint64_t)1 << 40, true, FORMAT_UNKNOWN);
        return true;
    case NOTHING_AT_FIRST:
        member(out, 0, false, FORMAT_UNKNOWN);
        return true;
    case REST_STANDS_STILL:
    case REST_CRAWLS:
        member(out, PORTER_WINDOW, false, FORMAT_UNKNOWN);
        return true;
    case MORE_STANDS_STILL:
    case MORE_TOO_LARGE:
    case MORE_SHRINKS:
    case MORE_BEYOND_ALL:
    case DIES_IN_MEMBER:
    case END_TO_MORE:
        member(out, PORTER_WINDOW, false, FORMAT_REGISTRY);
        return true;
    case DIES_AT_NEXT:
        abort();
    case OPEN_TO_NEXT:
        say(out, TOLD_OPEN, (struct porter_reply){0});
        return true;
    case STAYS_MAPPED:
        write_member(file, true);
        member(out, 5, true, FORMAT_UNKNOWN);
        return true;
    case LONG_PATH:
        long_path(out);
        return true;
    case SAYS_NOTHING:
        return true;
    case SAYS_NONSENSE:
        buf_add(out, "\x02\xff\xff\xff\xff\xff\xff\xff", 8);
        return true;
    case UNKNOWN_FORMAT:
        member(out, 5, true, (enum format)200);
        return true;
    case ENDLESS_DAMAGE:
        say(out, TOLD_DAMAGE, (struct porter_reply){.why = STR("damage")});
        return true;
    case CUTS_ANYWHERE:
        cuts_anywhere(out, true);
        return true;
    default:
        return false;
    }
}

static void lie_to_more(enum porter_ask ask, struct buf *out)
{
    static uint64_t crawled;
    switch ((int)lie) {
    case MORE_TOO_LARGE:
        member(out, 2 * (uint64_t)PORTER_WINDOW + 1, false, FORMAT_REGISTRY);
        return;
    case MORE_SHRINKS:
        member(out, 1, false, FORMAT_REGISTRY);
        return;
    case MORE_BEYOND_ALL:
        member(out, UINT64_MAX, true, FORMAT_REGISTRY);
        return;
    case DIES_IN_MEMBER:
        abort();
    case END_TO_MORE:
        say(out, TOLD_END, (struct porter_reply){0});
        return;
    case CUTS_ANYWHERE:
        cuts_anywhere(out, false);
        return;
    default:
        crawled += ask == PORTER_REST && lie == REST_CRAWLS;
        member(out, PORTER_WINDOW + crawled, false, FORMAT_UNKNOWN);
        return;
    }
}

void __wrap_porter_answer(void *porter, struct bytes bytes, int file, struct buf *reply)
{
    static int members;
    enum porter_ask ask = bytes.n ? (enum porter_ask)bytes.p[0] : PORTER_OPEN;
    (void)porter;
    if (lie == DIES_AT_ONCE)
        abort();
    if (ask == PORTER_OPEN && lie == MEMBER_TO_OPEN) {
        member(reply, 5, true, FORMAT_UNKNOWN);
    } else if (ask == PORTER_OPEN) {
        say(reply, TOLD_OPEN, (struct porter_reply){0});
    } else if (ask == PORTER_NEXT && (members == 0 || lie == ENDLESS_DAMAGE)) {
        members++;
        if (lie_to_next(file, reply))
            return;
        write_member(file, false);
        member(reply, 5, true, FORMAT_UNKNOWN);
    } else if (ask == PORTER_NEXT) {
        say(reply, TOLD_END, (struct porter_reply){0});
    } else {
        lie_to_more(ask, reply);
    }
}

/* --- the parent ------------------------------------------------------------------------------- */

struct done {
    struct ported *m;
    uint64_t to;
};

struct told { /* of each carrier */
    size_t met[2], ready[2], ended[2], gaps[2], closed[2], spans;
    uint64_t reached; /* by spans */
    bool torn;        /* spans do not follow each other, or lie behind what is there */
    struct done done[DONE_MOST];
    size_t n_done;
};

static void note(struct told *t, struct ported *m, uint64_t to)
{
    if (t->n_done < DONE_MOST)
        t->done[t->n_done++] = (struct done){m, to};
}

static void met(void *context, struct ported *m)
{
    struct told *t = context;
    t->met[m->top]++;
}

static void ready(void *context, struct ported *m)
{
    struct told *t = context;
    char text[8] = "";
    t->ready[m->top]++;
    T_EQ(m->filled, 5);
    T_EQ(pread(m->file, text, 6, 0), 5);
    T_STR(str_of(text), "text\n");
    note(t, m, UINT64_MAX);
}

static void span(void *context, struct ported *m, struct span s)
{
    struct told *t = context;
    t->spans++;
    t->torn |= s.from != t->reached || s.to <= s.from || s.to > m->filled || s.layout >= s.to;
    t->reached = s.to;
    note(t, m, s.to);
}

static void ended(void *context, struct ported *m)
{
    struct told *t = context;
    t->ended[m->top]++;
    T_OK(m->filled <= PORTER_MEMBER_MAX && m->head <= PORTER_WINDOW);
    note(t, m, UINT64_MAX);
}

static void gap(void *context, size_t top, struct ported *m, uint64_t from, uint64_t to,
                struct str why)
{
    struct told *t = context;
    (void)m, (void)from, (void)to;
    t->gaps[top]++;
    T_OK(why.n > 0 && why.n < 4096);
}

static void closed(void *context, size_t top)
{
    struct told *t = context;
    t->closed[top]++;
}

static void answer_nothing(void *context, struct bytes request, int file, struct buf *reply)
{
    (void)context, (void)request, (void)file, (void)reply;
}

static char path[] = "/tmp/test_porting.XXXXXX";

static void run(struct porting *p, struct proc_pool *pool, struct told *t)
{
    struct err err = {0};
    int calls = 0;
    while (!porting_over(p) && calls++ < CALLS_MOST) {
        int worker = -1;
        if (porting_ask(p, &err) < 0)
            break;
        struct err died = {0};
        int got = proc_wait(pool, &worker, &died);
        if (got != 0 && porting_is(p, worker))
            porting_hear(p, worker, got < 0 ? &died : NULL);
        if (t->closed[0])
            lie = NONE; /* the next porter is another process */
        for (size_t i = 0; i < t->n_done; i++)
            porting_done(p, t->done[i].m, t->done[i].to, 0);
        t->n_done = 0;
    }
    T_OK(calls < CALLS_MOST);
    T_OK(porting_over(p));
}

static struct told read_two(enum lie first)
{
    static const struct porting_calls calls = {met, ready, span, ended, gap, closed};
    struct told t = {0};
    struct err err = {0};
    struct proc_pool *pool = NULL;
    struct arena *arena = arena_new();
    lie = first;
    if (proc_open(1, answer_nothing, NULL, REPLY_MAX, &pool, &err) < 0)
        abort();
    struct porting *p = porting_new(pool, 1, NULL, &calls, &t, arena);
    struct evidence both[2];
    for (size_t i = 0; i < 2; i++)
        both[i] = (struct evidence){.path = str_of(path),
                                    .opened = str_of(path),
                                    .below = str_of(path),
                                    .format = FORMAT_ZIP};
    struct findings f = {.evidence = both, .n_evidence = 2};
    for (size_t i = 0; i < 2; i++)
        porting_add(p, i, &f);
    run(p, pool, &t);
    porting_close(p);
    proc_close(pool);
    arena_free(arena);
    return t;
}

static void an_honest_one_is_read(void)
{
    struct told t = read_two(NONE);
    for (size_t i = 0; i < 2; i++) {
        T_EQ(t.met[i], 1);
        T_EQ(t.ready[i], 1);
        T_EQ(t.gaps[i], 0);
        T_EQ(t.closed[i], 1);
    }
}

static void each_lie_costs_its_carrier(void)
{
    for (enum lie l = NONE + 1; l < CUTS_ANYWHERE; l++) {
        struct told t = read_two(l);
        int before = t_failed;
        T_OK(t.gaps[0] > 0);
        T_OK(t.gaps[0] < 110);
        T_EQ(t.ready[0], 0);
        T_EQ(t.closed[0], 1);
        T_EQ(t.ready[1], 1);
        T_EQ(t.gaps[1], 0);
        T_EQ(t.closed[1], 1);
        if (t_failed != before)
            printf("lie %d\n", (int)l);
    }
}

static void cuts_are_put_right(void)
{
    struct told t = read_two(CUTS_ANYWHERE);
    T_EQ(t.spans, 2);
    T_OK(!t.torn);
    T_EQ(t.reached, (1 << 20) + 1);
    T_EQ(t.ready[1], 1);
}

static size_t open_files(void)
{
    size_t n = 0;
    for (int fd = 0; fd < 1024; fd++)
        n += lseek(fd, 0, SEEK_CUR) >= 0;
    return n;
}

int main(void)
{
    int file = mkstemp(path);
    if (file < 0)
        abort();
    (void)close(file);
    size_t before = open_files();
    T_RUN(an_honest_one_is_read);
    T_RUN(each_lie_costs_its_carrier);
    T_RUN(cuts_are_put_right);
    T_EQ(open_files(), before);
    (void)unlink(path);
    return t_done();
}
