#include "scan/porting.h"

#include <inttypes.h>
#include <string.h>

#include "base/limits.h"
#include "scan/listing.h"
#include "scan/porter.h"
#include "sys/chance.h"
#include "sys/file.h"
#include "sys/memfile.h"

enum {
    HELD_MEMBERS_MAX = 192, /* in memory at once: each is an open file */
    DAMAGES_MAX = 100,      /* stretches of one carrier that cannot be read; then the rest */
    REFUSED_MAX = 1000,     /* members of one carrier told as gaps one by one */
    UNLISTED_MAX = 100,     /* and those that its directory leaves out: it says how many */
    KEPT_HEAD = 64 * 1024,  /* of a member in windows: its header, and of each layout */
    REQUEST_MAX = 16 * 1024,
    NAMES_START = 256,
    MEMBERS_MAX = 1 << 24, /* of one carrier: more than any kind of carrier tells */
    INNER_MAX = 1 << 21,   /* of all carriers inside of one together: each takes memory */
    PATH_BYTES_MAX = 128 * 1024,
    WHY_MAX = 1024,
};

static const uint64_t UNCUT_MAX = (uint64_t)256 << 20; /* of a log without a place to cut it */

#define NONSENSE STR("its reader's answer made no sense")

enum mode { WHOLE, SPANS, REST };

struct names { /* hashes of the members' paths */
    uint64_t *at;
    size_t n, slots;
};

struct opened { /* an open carrier */
    int worker;
    struct ported *carrier; /* NULL: the lane's own file */
    enum porter_ask next;
    bool asked;
    int file;              /* for the next member; negative: none made yet */
    struct ported *member; /* whose bytes are coming; NULL: none */
    enum mode mode;
    size_t damages, refused, unlisted, segments;
    uint64_t told; /* members so far */
    uint64_t skip; /* as asked */
    struct names names;
    struct arena *arena;
};

struct lane {
    bool busy;
    size_t top;
    struct evidence file;
    const struct str *more; /* paths of its further segments */
    size_t n_more, handed;
    struct opened levels[PORTING_DEPTH];
    size_t depth;               /* levels in use */
    uint64_t inner;             /* members told of carriers inside of it */
    size_t out;                 /* of its members: calls not answered */
    struct ported *const *some; /* members that are wanted; NULL: all */
    size_t n_some, at;          /* of them: the next */
};

struct waiting {
    size_t top;
    struct evidence file;
    const struct str *more; /* paths of its further segments */
    size_t n_more;
    struct ported *const *some;
    size_t n_some;
};

struct porting {
    struct proc_pool *pool;
    const struct porting_calls *calls;
    void *context;
    struct arena *arena;
    struct lane *lanes;
    size_t n_lanes;
    int first; /* worker */
    struct waiting *waiting;
    size_t n_waiting, cap_waiting, started;
    struct ported **members; /* whose files are open */
    size_t n_members, cap_members;
    uint64_t held; /* bytes in memory, and asked for */
    uint64_t held_max, whole_max, uncut_max;
    struct hash_key key;
    bool events_only;
};

struct porting *porting_new(struct proc_pool *pool, size_t lanes, const char *password,
                            const struct porting_calls *calls, void *context,
                            struct arena *arena)
{
    struct porting *p = ARENA_NEW(arena, struct porting);
    *p = (struct porting){
        .pool = pool, .calls = calls, .context = context, .arena = arena, .n_lanes = lanes};
    p->held_max = PORTING_HELD_MAX;
    p->whole_max = PORTING_WHOLE_MAX;
    p->uncut_max = UNCUT_MAX;
    p->key = chance_key();
    p->lanes = ARENA_ARRAY(arena, struct lane, lanes);
    p->first =
        proc_add(pool, lanes * PORTING_DEPTH, porter_answer, porter_new(password, arena));
    return p;
}

size_t porting_lanes(size_t jobs)
{
    return jobs < 4 ? 1 : jobs / 2 < PORTING_LANES_MAX ? jobs / 2 : PORTING_LANES_MAX;
}

void porting_hold(struct porting *p, uint64_t bytes)
{
    if (bytes >= PORTING_HELD_MAX)
        return;
    p->held_max = bytes;
    p->whole_max = bytes;
    p->uncut_max = bytes / 2;
}

void porting_events_only(struct porting *p)
{
    p->events_only = true;
}

void porting_add(struct porting *p, size_t top, const struct findings *f)
{
    p->waiting =
        arena_grow(p->arena, p->waiting, p->n_waiting, &p->cap_waiting, sizeof *p->waiting);
    struct waiting *w = &p->waiting[p->n_waiting++];
    *w = (struct waiting){.top = top, .file = f->evidence[top]};
    w->n_more = listing_segments(f, top, p->arena, &w->more);
}

void porting_add_some(struct porting *p, size_t top, const struct findings *f,
                      struct ported *const *members, size_t n)
{
    porting_add(p, top, f);
    p->waiting[p->n_waiting - 1].some = members;
    p->waiting[p->n_waiting - 1].n_some = n;
}

bool porting_over(const struct porting *p)
{
    for (size_t i = 0; i < p->n_lanes; i++)
        if (p->lanes[i].busy)
            return false;
    return p->started == p->n_waiting;
}

bool porting_is(const struct porting *p, int worker)
{
    return worker >= p->first && worker < p->first + (int)(p->n_lanes * PORTING_DEPTH);
}

/* --- memory --------------------------------------------------------------------------------- */

static void account(struct porting *p, struct ported *m, uint64_t held)
{
    p->held = p->held - m->held + held;
    m->held = held;
}

static void close_writing(struct ported *m)
{
    file_close(m->whole);
    m->whole = -1;
}

static void let_go_all(struct porting *p, struct ported *m)
{
    close_writing(m);
    file_close(m->file);
    m->file = -1;
    account(p, m, 0);
    for (size_t i = 0; i < p->n_members; i++)
        if (p->members[i] == m) {
            p->members[i] = p->members[--p->n_members];
            break;
        }
}

static void let_go_if_over(struct porting *p, struct ported *m)
{
    if (m->told && m->out == 0 && !m->nested)
        let_go_all(p, m);
}

/* All before `to`, but the first bytes and those of the layout in force. */
static void drop(struct porting *p, struct ported *m, uint64_t to, uint64_t layout)
{
    if (m->whole < 0 || to <= m->let_go)
        return;
    if (layout < to)
        memfile_drop(m->whole, KEPT_HEAD, layout);
    memfile_drop(m->whole, layout + KEPT_HEAD, to);
    m->let_go = to;
    account(p, m, m->lies > to ? m->lies - to : 0);
}

void porting_done(struct porting *p, struct ported *m, uint64_t to, uint64_t layout)
{
    m->out--;
    p->lanes[m->lane].out--;
    if (to != UINT64_MAX)
        drop(p, m, to < m->cut ? to : m->cut, layout);
    let_go_if_over(p, m);
}

void porting_close(struct porting *p)
{
    if (!p)
        return;
    while (p->n_members)
        let_go_all(p, p->members[p->n_members - 1]);
    for (size_t i = 0; i < p->n_lanes; i++)
        for (size_t k = 0; k < p->lanes[i].depth; k++) {
            file_close(p->lanes[i].levels[k].file);
            arena_free(p->lanes[i].levels[k].arena);
        }
}

/* --- telling -------------------------------------------------------------------------------- */

static void tell_gap(struct porting *p, const struct lane *l, struct ported *m, uint64_t from,
                     uint64_t to, struct str why)
{
    p->calls->gap(p->context, l->top, m, from, to, why);
}

static void count_out(struct porting *p, struct ported *m)
{
    m->out++;
    p->lanes[m->lane].out++;
}

static void tell_ready(struct porting *p, struct ported *m)
{
    m->told = true;
    count_out(p, m);
    p->calls->ready(p->context, m);
}

static void tell_ended(struct porting *p, struct ported *m)
{
    m->told = true;
    m->evidence.size = m->filled;
    m->head = m->head ? m->head : KEPT_HEAD;
    count_out(p, m);
    p->calls->ended(p->context, m);
}

/* What a porter says of cuts is checked: they ascend, and lie in what is there. */
static void tell_spans(struct porting *p, struct ported *m, const struct porter_reply *r)
{
    for (size_t i = 0; i < r->n_cuts; i++) {
        uint64_t to = r->cuts[i].at;
        if (to <= m->cut || to > m->filled)
            continue;
        uint64_t layout = m->next_layout;
        m->next_layout = r->cuts[i].layout < to ? r->cuts[i].layout : 0;
        struct span span = {.from = m->cut, .to = to, .layout = layout};
        m->cut = to;
        count_out(p, m);
        p->calls->span(p->context, m, span);
    }
}

/* --- opening and closing -------------------------------------------------------------------- */

static void open_level(struct porting *p, struct lane *l, struct ported *carrier)
{
    size_t at = l->depth++;
    size_t lane = (size_t)(l - p->lanes);
    l->levels[at] =
        (struct opened){.worker = p->first + (int)(lane * PORTING_DEPTH + at),
                        .carrier = carrier,
                        .next = carrier || l->n_more == 0 ? PORTER_OPEN : PORTER_SEGMENT,
                        .file = -1,
                        .arena = arena_new()};
}

static void close_level(struct porting *p, struct lane *l)
{
    struct opened *top = &l->levels[--l->depth];
    proc_retire(p->pool, top->worker);
    file_close(top->file);
    arena_free(top->arena);
    if (top->carrier) {
        top->carrier->nested = false;
        let_go_if_over(p, top->carrier);
    }
    if (l->depth == 0) {
        l->busy = false;
        p->calls->closed(p->context, l->top);
    }
}

static void start_lanes(struct porting *p)
{
    for (size_t i = 0; i < p->n_lanes && p->started < p->n_waiting; i++) {
        struct lane *l = &p->lanes[i];
        if (l->busy || l->out)
            continue;
        const struct waiting *w = &p->waiting[p->started++];
        *l = (struct lane){.busy = true,
                           .top = w->top,
                           .file = w->file,
                           .more = w->more,
                           .n_more = w->n_more,
                           .some = w->some,
                           .n_some = w->n_some};
        open_level(p, l, NULL);
    }
}

/* --- asking --------------------------------------------------------------------------------- */

static bool is_oldest(const struct porting *p, const struct lane *l)
{
    for (size_t i = 0; i < p->n_lanes; i++)
        if (p->lanes[i].busy && p->lanes[i].top < l->top)
            return false;
    return true;
}

/* Whether a window more may lie in memory. The oldest carrier goes on as soon as nothing of it
 * is being worked at: then others wait for it. */
static bool has_room(const struct porting *p, const struct lane *l)
{
    if (p->held + PORTER_WINDOW <= p->held_max && p->n_members < HELD_MEMBERS_MAX)
        return true;
    return l->out == 0 && is_oldest(p, l);
}

/* --- some members only ---------------------------------------------------------------------- */

/* The member of this carrier that is m or that m lies in; NULL if there is none. */
static struct ported *member_above(struct ported *m, const struct ported *carrier)
{
    while (m && m->in != carrier)
        m = m->in;
    return m;
}

/* The next member of the carrier in hand that is wanted, or holds one that is; NULL: none. */
static struct ported *next_wanted(struct lane *l)
{
    const struct opened *v = &l->levels[l->depth - 1];
    const struct ported *carrier = v->carrier ? v->carrier->first : NULL;
    for (; l->at < l->n_some; l->at++) {
        struct ported *m = member_above(l->some[l->at], carrier);
        if (!m || m->ordinal >= v->told)
            return m;
    }
    return NULL; /* those left out could not be reached */
}

static int open_file(const struct lane *l, const struct opened *v, int *ret, struct err *err)
{
    if (v->carrier) {
        *ret = v->carrier->file;
        return 0;
    }
    bool segment = v->next == PORTER_SEGMENT;
    return file_open(segment ? l->more[l->handed].p : l->file.opened.p, ret, err);
}

/* The file that the answer goes into, with room for one window more. */
static int make_room(struct opened *v, struct porter_request *request, struct err *err)
{
    struct ported *m = v->member;
    if (v->next == PORTER_MORE) {
        request->to = m->filled + PORTER_WINDOW;
        return memfile_resize(m->whole, request->to, err);
    }
    request->to = PORTER_WINDOW;
    if (v->file >= 0)
        return 0;
    if (memfile_new(&v->file, err) < 0)
        return -1;
    return memfile_resize(v->file, request->to, err);
}

static int ask(struct porting *p, struct lane *l, struct err *err)
{
    struct opened *v = &l->levels[l->depth - 1];
    bool opens = v->next == PORTER_OPEN || v->next == PORTER_SEGMENT;
    if (l->some && v->next == PORTER_NEXT) {
        const struct ported *wanted = next_wanted(l);
        if (!wanted) {
            close_level(p, l);
            return 0;
        }
        v->skip = wanted->ordinal - v->told;
    }
    struct porter_request request = {.ask = v->next,
                                     .name = STR(""),
                                     .skip = v->skip,
                                     .events_only = p->events_only && !l->some};
    struct proc_task task = {.file = PROC_NO_FILE, .seconds = PORTER_SECONDS};
    struct err why = {0};
    if (opens) {
        const struct evidence *e = v->carrier ? &v->carrier->evidence : &l->file;
        request.format = e->format;
        request.name = e->path;
    }
    int failed = opens                    ? open_file(l, v, &task.file, &why)
                 : v->next == PORTER_REST ? 0
                                          : make_room(v, &request, &why);
    if (failed) {
        tell_gap(p, l, v->carrier, 0, 0, str_of(why.msg));
        close_level(p, l);
        return 0;
    }
    if (v->next == PORTER_NEXT)
        task.file = v->file;
    struct buf bytes = buf_new(REQUEST_MAX);
    porter_request_write(&request, &bytes);
    task.request = str_bytes(buf_str(&bytes));
    p->held += v->next == PORTER_NEXT || v->next == PORTER_MORE ? PORTER_WINDOW : 0;
    v->asked = true;
    int sent = proc_send(p->pool, v->worker, &task, err);
    buf_free(&bytes);
    if (opens && !v->carrier)
        file_close(task.file);
    return sent;
}

int porting_ask(struct porting *p, struct err *err)
{
    start_lanes(p);
    for (size_t i = 0; i < p->n_lanes; i++) {
        struct lane *l = &p->lanes[i];
        while (l->busy && !l->levels[l->depth - 1].asked && has_room(p, l))
            if (ask(p, l, err) < 0)
                return -1;
        start_lanes(p);
    }
    return 0;
}

/* --- members -------------------------------------------------------------------------------- */

static bool was_met(struct names *names, const struct hash_key *key, struct str path,
                    struct arena *arena)
{
    if (2 * names->n >= names->slots) {
        struct names old = *names;
        names->slots = old.slots ? 2 * old.slots : NAMES_START;
        names->at = ARENA_ARRAY(arena, uint64_t, names->slots);
        for (size_t i = 0; i < old.slots; i++) {
            size_t k = (size_t)old.at[i] & (names->slots - 1);
            while (old.at[i] && names->at[k])
                k = (k + 1) & (names->slots - 1);
            if (old.at[i])
                names->at[k] = old.at[i];
        }
    }
    uint64_t hash = hash_keyed(key, str_bytes(path));
    hash = hash ? hash : 1;
    size_t k = (size_t)hash & (names->slots - 1);
    for (; names->at[k]; k = (k + 1) & (names->slots - 1))
        if (names->at[k] == hash)
            return true;
    names->at[k] = hash;
    names->n++;
    return false;
}

static struct ported *new_member(struct porting *p, struct lane *l,
                                 const struct porter_reply *r)
{
    struct opened *v = &l->levels[l->depth - 1];
    const struct evidence *in = v->carrier ? &v->carrier->evidence : &l->file;
    struct ported *m = ARENA_NEW(p->arena, struct ported);
    struct str path = arena_printf(p->arena, "%.*s/%.*s", STR_ARG(in->path), STR_ARG(r->path));
    size_t above = in->path.n - in->below.n;
    *m = (struct ported){.in = v->carrier,
                         .top = l->top,
                         .file = -1,
                         .whole = -1,
                         .lane = (size_t)(l - p->lanes)};
    m->evidence = (struct evidence){.path = path,
                                    .below = str_part(path, above, path.n),
                                    .root = in->root,
                                    .carrier = 1 + l->top,
                                    .modified = r->modified,
                                    .no_zone = r->no_zone,
                                    .deleted = r->deleted,
                                    .format = r->refused ? FORMATS : r->format,
                                    .first = INSTANT_NONE,
                                    .last = INSTANT_NONE};
    return m;
}

static void take_refused(struct porting *p, struct lane *l, const struct porter_reply *r)
{
    struct opened *v = &l->levels[l->depth - 1];
    if (v->refused++ > REFUSED_MAX)
        return;
    if (v->refused > REFUSED_MAX) {
        tell_gap(p, l, v->carrier, 0, 0,
                 STR("many more of its members cannot be read; the last one told"));
        return;
    }
    struct ported *m = new_member(p, l, r);
    m->told = true;
    p->calls->met(p->context, m);
    struct str why =
        arena_printf(p->arena, "a member that was not read: %.*s", STR_ARG(r->why));
    tell_gap(p, l, m, 0, 0, why);
}

/* Whether the file that a member lies in could be made ready for the workers. */
static bool give_file(struct porting *p, struct lane *l, struct ported *m)
{
    struct err err = {0};
    if (m->file >= 0 || memfile_reader(m->whole, &m->file, &err) == 0)
        return true;
    tell_gap(p, l, m, 0, 0, str_of(err.msg));
    return false;
}

static bool next_is_in(const struct lane *l, const struct ported *carrier)
{
    for (const struct ported *m = l->at < l->n_some ? l->some[l->at]->in : NULL; m; m = m->in)
        if (m == carrier)
            return true;
    return false;
}

/* All of a member is there, and stays as it is. */
static void complete(struct porting *p, struct lane *l, struct ported *m)
{
    struct opened *v = &l->levels[l->depth - 1];
    struct err err = {0};
    v->member = NULL;
    v->next = PORTER_NEXT;
    m->evidence.size = m->filled;
    m->lies = m->filled;
    account(p, m, m->lies);
    if (memfile_resize(m->whole, m->filled, &err) < 0 || !memfile_seal(m->whole)) {
        tell_gap(p, l, m, 0, 0, STR("its bytes could not be kept as they are"));
        m->told = true;
        let_go_all(p, m);
        return;
    }
    bool given = give_file(p, l, m);
    close_writing(m);
    m->told = true;
    if (!given) {
        let_go_all(p, m);
        return;
    }
    bool carrier = format_is_carrier(m->evidence.format);
    bool wanted = !l->some || l->some[l->at] == m->first;
    l->at += l->some && wanted;
    m->nested = carrier && l->depth < PORTING_DEPTH && (!l->some || next_is_in(l, m->first));
    if (carrier && !m->nested && !l->some)
        tell_gap(p, l, m, 0, 0,
                 STR("an archive inside of archives inside of others: it was not opened"));
    if (wanted)
        tell_ready(p, m);
    if (m->nested)
        open_level(p, l, m);
    let_go_if_over(p, m);
}

static void end_member(struct porting *p, struct lane *l, struct ported *m,
                       const struct porter_reply *r)
{
    struct opened *v = &l->levels[l->depth - 1];
    v->member = NULL;
    v->next = PORTER_NEXT;
    m->hashed = r->hashed;
    memcpy(m->sha256, r->sha256, sizeof m->sha256);
    if (!m->hashed && !p->events_only)
        tell_gap(p, l, m, 0, 0, STR("it could not be read to its end"));
    tell_ended(p, m);
}

/* What cannot be read in spans, and is too large to lie in memory. */
static void give_up_keeping(struct porting *p, struct lane *l, struct ported *m)
{
    struct str why = arena_printf(
        p->arena,
        "a member that is too large to be read inside of its archive (more than %" PRIu64
        " MiB at once): unpack it",
        (m->filled - m->cut) >> 20);
    tell_gap(p, l, m, m->cut, 0, why);
    memfile_drop(m->whole, m->cut > KEPT_HEAD ? m->cut : KEPT_HEAD, m->filled);
    m->lies = m->cut;
    account(p, m, m->lies > m->let_go ? m->lies - m->let_go : 0);
    l->levels[l->depth - 1].mode = REST;
}

static enum mode mode_of(const struct lane *l, const struct porter_reply *r)
{
    if (l->some)
        return WHOLE;
    if (r->n_cuts)
        return SPANS;
    return format_has_events(r->format) || format_is_carrier(r->format) ? WHOLE : REST;
}

/* A window came, and the member goes on. */
static void go_on(struct porting *p, struct lane *l, struct ported *m,
                  const struct porter_reply *r)
{
    struct opened *v = &l->levels[l->depth - 1];
    if (v->next != PORTER_REST)
        m->lies = m->filled;
    account(p, m, m->lies - m->let_go);
    if (v->mode == SPANS)
        tell_spans(p, m, r);
    bool uncut = v->mode == SPANS && m->filled - m->cut > p->uncut_max;
    bool large = v->mode == WHOLE && m->filled + PORTER_WINDOW > p->whole_max;
    if (uncut || large)
        give_up_keeping(p, l, m);
    if (v->mode == REST && p->events_only) { /* the next request steps over the rest */
        end_member(p, l, m, r);
        return;
    }
    v->next = v->mode == REST ? PORTER_REST : PORTER_MORE;
}

/* Whether a window can be as large as it is said to be. What goes on has filled what it was
 * asked for, so that a reader that was taken over comes to an end. */
static bool is_possible(enum porter_ask asked, uint64_t before, const struct porter_reply *r)
{
    if (r->filled < before || r->filled > PORTER_MEMBER_MAX)
        return false;
    uint64_t n = r->filled - before;
    if (asked == PORTER_REST)
        return r->ended || n >= PORTER_HASHED;
    bool full = asked == PORTER_NEXT ? n > 0 : n == PORTER_WINDOW;
    return n <= PORTER_WINDOW && (r->ended || full);
}

static void lose(struct porting *p, struct lane *l, struct str why);

static void take_window(struct porting *p, struct lane *l, const struct porter_reply *r)
{
    struct opened *v = &l->levels[l->depth - 1];
    struct ported *m = v->member;
    bool rest = v->next == PORTER_REST;
    if (!is_possible(v->next, m->filled, r)) {
        lose(p, l, NONSENSE);
        return;
    }
    m->filled = r->filled;
    if (r->why.n)
        tell_gap(p, l, m, m->filled, 0, arena_str(p->arena, r->why));
    if (!r->ended) {
        go_on(p, l, m, r);
        return;
    }
    if (v->mode == WHOLE) {
        complete(p, l, m);
        return;
    }
    if (v->mode == SPANS && !rest)
        tell_spans(p, m, r);
    end_member(p, l, m, r);
}

static void take_member(struct porting *p, struct lane *l, const struct porter_reply *r)
{
    struct opened *v = &l->levels[l->depth - 1];
    if (l->depth > 1 && l->inner++ >= INNER_MAX) {
        lose(p, l, STR("archives inside of one hold very many members together"));
        return;
    }
    struct porter_reply named = *r;
    struct ported *first = l->some ? next_wanted(l) : NULL;
    bool again = !l->some && was_met(&v->names, &p->key, r->path, v->arena);
    v->told += v->skip;
    uint64_t ordinal = v->told++;
    if (again)
        named.path = arena_printf(p->arena, "%.*s (%zu)", STR_ARG(r->path), v->names.n);
    if (r->refused) {
        take_refused(p, l, &named);
        return;
    }
    struct ported *m = new_member(p, l, &named);
    m->ordinal = ordinal;
    if (first) {
        m->first = first;
        m->evidence = first->evidence;
    }
    m->whole = v->file;
    v->file = -1;
    p->members =
        arena_grow(p->arena, p->members, p->n_members, &p->cap_members, sizeof *p->members);
    p->members[p->n_members++] = m;
    p->calls->met(p->context, m);
    if (again)
        tell_gap(
            p, l, m, 0, 0,
            STR("its archive holds more than one file of this name: this is a further one"));
    if (r->format == FORMAT_E01_SEGMENT && v->segments++ == 0)
        tell_gap(p, l, m, 0, 0,
                 STR("a further segment of an image (E01) inside of an archive: neither it nor "
                     "others there are joined to the first one: unpack the archive"));
    if (r->unlisted && v->unlisted++ < UNLISTED_MAX)
        tell_gap(p, l, m, 0, 0,
                 STR("its archive's directory does not tell of it: it is read all the same"));
    v->member = m;
    v->mode = r->ended ? WHOLE : mode_of(l, r);
    if (v->mode != WHOLE && !give_file(p, l, m))
        v->mode = REST;
    bool possible = r->filled <= PORTER_WINDOW;
    m->head = v->mode == REST && possible ? r->filled : 0;
    take_window(p, l, r);
}

/* --- answers -------------------------------------------------------------------------------- */

static void lose(struct porting *p, struct lane *l, struct str why)
{
    struct opened *v = &l->levels[l->depth - 1];
    struct ported *m = v->member;
    if (m) {
        tell_gap(p, l, m, m->filled, 0, why);
        v->member = NULL;
        tell_ended(p, m);
    }
    struct str rest = arena_printf(p->arena, "the rest of it was not read: %.*s", STR_ARG(why));
    tell_gap(p, l, v->carrier, 0, 0, rest);
    close_level(p, l);
}

static void take_damage(struct porting *p, struct lane *l, struct str why)
{
    struct opened *v = &l->levels[l->depth - 1];
    if (v->next != PORTER_NEXT || v->damages++ > DAMAGES_MAX) {
        lose(p, l, why);
        return;
    }
    tell_gap(p, l, v->carrier, 0, 0, arena_str(p->arena, why));
}

static void take_reply(struct porting *p, struct lane *l, struct porter_reply *r)
{
    struct opened *v = &l->levels[l->depth - 1];
    bool member = r->told == TOLD_MEMBER;
    r->why = str_part(r->why, 0, WHY_MAX);
    if (r->path.n > PATH_BYTES_MAX || v->told >= MEMBERS_MAX) {
        lose(p, l, NONSENSE);
        return;
    }
    if (r->told == TOLD_DAMAGE)
        take_damage(p, l, r->why);
    else if (r->told == TOLD_OPEN && v->next == PORTER_OPEN)
        v->next = PORTER_NEXT;
    else if (r->told == TOLD_OPEN && v->next == PORTER_SEGMENT)
        v->next = ++l->handed < l->n_more ? PORTER_SEGMENT : PORTER_OPEN;
    else if (r->told == TOLD_END && v->next == PORTER_NEXT)
        close_level(p, l);
    else if (member && v->next == PORTER_NEXT)
        take_member(p, l, r);
    else if (member && v->member && (v->next == PORTER_MORE || v->next == PORTER_REST))
        take_window(p, l, r);
    else
        lose(p, l, NONSENSE);
}

void porting_hear(struct porting *p, int worker, const struct err *died)
{
    struct lane *l = &p->lanes[(size_t)(worker - p->first) / PORTING_DEPTH];
    struct opened *v = &l->levels[l->depth - 1];
    struct porter_reply r;
    bool kept = v->next == PORTER_NEXT || v->next == PORTER_MORE;
    v->asked = false;
    p->held -= kept ? PORTER_WINDOW : 0;
    if (died) {
        lose(p, l, arena_str(p->arena, str_of(died->msg)));
        return;
    }
    struct buf reply = proc_reply(p->pool, worker);
    struct arena *arena = arena_new();
    if (porter_reply_read(str_bytes(buf_str(&reply)), arena, &r))
        take_reply(p, l, &r);
    else
        lose(p, l, NONSENSE);
    arena_free(arena);
    buf_free(&reply);
}
