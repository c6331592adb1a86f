#include "scan/porter.h"

#include "base/limits.h"
#include "event/event_wire.h"
#include "format/carrier_open.h"
#include "format/layout_index.h"
#include "format/line.h"
#include "scan/work.h"
#include "sys/file.h"
#include "sys/memfile.h"

enum {
    CHUNK = 256 * 1024,
    EVTX_HEADER = 4096,
    CUTS_MAX = 1 << 16,  /* in one answer */
    EMPTY_MAX = 1 << 16, /* folders that are passed in one request */
};

struct porter {
    const char *password;
    struct arena *arena; /* of the carrier */
    struct file_map map;
    struct bytes *more; /* further segments of it */
    size_t n_more, cap_more;
    struct carrier carrier;
    bool open;
    bool in_member;
    struct member member;
    struct arena *texts; /* of the member in hand */
    enum format format;
    uint64_t filled;
    struct sha256_run *sha256; /* from the second window on */
    uint8_t *at;               /* where the member's file is mapped; NULL: not */
    uint64_t mapped;
    bool has_index;
    struct layout_index index; /* of a log of lines */
    uint64_t cut;              /* the last cut told */
};

struct porter *porter_new(const char *password, struct arena *arena)
{
    struct porter *p = ARENA_NEW(arena, struct porter);
    carrier_prepare();
    p->password = password;
    return p;
}

/* --- the wire ------------------------------------------------------------------------------- */

void porter_request_write(const struct porter_request *request, struct buf *out)
{
    wire_number(out, (uint64_t)request->ask, 1);
    wire_number(out, (uint64_t)request->format, 1);
    wire_number(out, request->skip, sizeof request->skip);
    wire_number(out, request->to, sizeof request->to);
    wire_number(out, request->events_only, 1);
    wire_text(out, request->name);
}

static bool request_read(struct bytes request, struct porter_request *ret)
{
    struct cur in = cur_of(request, 0);
    ret->ask = (enum porter_ask)cur_u8(&in);
    ret->format = (enum format)cur_u8(&in);
    ret->skip = cur_u64(&in);
    ret->to = cur_u64(&in);
    ret->events_only = cur_u8(&in) != 0;
    ret->name = wire_read_text(&in);
    return !in.bad && ret->ask <= PORTER_REST && (unsigned)ret->format < FORMATS;
}

enum { REFUSED = 1, DELETED = 2, ENDED = 4, HASHED = 8, NO_ZONE = 16, UNLISTED = 32 };

static void reply_write(const struct porter_reply *r, struct buf *out)
{
    wire_number(out, (uint64_t)r->told, 1);
    wire_number(out,
                (r->refused ? REFUSED : 0) | (r->deleted ? DELETED : 0) |
                    (r->ended ? ENDED : 0) | (r->hashed ? HASHED : 0) |
                    (r->no_zone ? NO_ZONE : 0) | (r->unlisted ? UNLISTED : 0),
                1);
    wire_number(out, (uint64_t)r->format, 1);
    wire_number(out, r->filled, sizeof r->filled);
    wire_number(out, (uint64_t)r->modified, sizeof r->modified);
    buf_add(out, r->sha256, sizeof r->sha256);
    wire_text(out, r->path);
    wire_text(out, r->why);
    wire_number(out, r->n_cuts, sizeof(uint32_t));
    for (size_t i = 0; i < r->n_cuts; i++) {
        wire_number(out, r->cuts[i].at, sizeof r->cuts[i].at);
        wire_number(out, r->cuts[i].layout, sizeof r->cuts[i].layout);
    }
}

bool porter_reply_read(struct bytes reply, struct arena *arena, struct porter_reply *ret)
{
    struct cur in = cur_of(reply, 0);
    struct porter_reply r = {.told = (enum porter_told)cur_u8(&in)};
    unsigned flags = cur_u8(&in);
    r.refused = flags & REFUSED;
    r.deleted = flags & DELETED;
    r.ended = flags & ENDED;
    r.hashed = flags & HASHED;
    r.no_zone = flags & NO_ZONE;
    r.unlisted = flags & UNLISTED;
    r.format = (enum format)cur_u8(&in);
    r.filled = cur_u64(&in);
    r.modified = (instant)cur_u64(&in);
    struct bytes digest = cur_take(&in, sizeof r.sha256);
    if (digest.n)
        memcpy(r.sha256, digest.p, sizeof r.sha256);
    r.path = wire_read_text(&in);
    r.why = wire_read_text(&in);
    r.n_cuts = cur_u32(&in);
    if (in.bad || r.n_cuts > CUTS_MAX || !cur_fits(&in, r.n_cuts, sizeof *r.cuts) ||
        (unsigned)r.format >= FORMATS || r.told < TOLD_OPEN || r.told > TOLD_DAMAGE)
        return false;
    r.cuts = ARENA_ARRAY(arena, struct porter_cut, r.n_cuts);
    for (size_t i = 0; i < r.n_cuts; i++) {
        r.cuts[i].at = cur_u64(&in);
        r.cuts[i].layout = cur_u64(&in);
    }
    *ret = r;
    return !in.bad;
}

static void tell_damage(struct str why, struct buf *out)
{
    reply_write(&(struct porter_reply){.told = TOLD_DAMAGE, .why = why}, out);
}

/* --- opening -------------------------------------------------------------------------------- */

static void add_segment(struct porter *p, int file, struct buf *out)
{
    struct err err = {0};
    struct file_map map = {0};
    if (!p->arena)
        p->arena = arena_new();
    if (p->open || file_map_open(file, &map, &err) < 0) {
        tell_damage(str_of(p->open ? "it is open" : err.msg), out);
        return;
    }
    p->more = arena_grow(p->arena, p->more, p->n_more, &p->cap_more, sizeof *p->more);
    p->more[p->n_more++] = map.bytes; /* mapped until this process ends */
    reply_write(&(struct porter_reply){.told = TOLD_OPEN}, out);
}

static void open_carrier(struct porter *p, const struct porter_request *request, int file,
                         struct buf *out)
{
    struct err err = {0};
    if (!p->arena)
        p->arena = arena_new();
    p->texts = arena_new();
    struct carrier_options options = {.name = arena_str(p->arena, request->name),
                                      .password = p->password,
                                      .more = p->more,
                                      .n_more = p->n_more};
    if (file_map_open(file, &p->map, &err) < 0 ||
        carrier_open(p->map.bytes, request->format, &options, p->arena, &p->carrier, &err) <
            0) {
        tell_damage(str_of(err.msg), out);
        return;
    }
    p->open = true;
    reply_write(&(struct porter_reply){.told = TOLD_OPEN}, out);
}

/* --- a member's bytes ----------------------------------------------------------------------- */

/* Where they go: the whole of what the member may become is mapped, and the file, which the
 * parent sizes, lies behind the first of it. */
static int map_member(struct porter *p, int file, uint64_t size, struct err *err)
{
    int failed = memfile_map(file, (size_t)size, &p->at, err);
    p->mapped = failed ? 0 : size;
    file_close(file);
    return failed;
}

static void leave_member(struct porter *p)
{
    uint8_t ignored[SHA256_SIZE];
    memfile_unmap(p->at, (size_t)p->mapped);
    if (p->sha256)
        sha256_end(p->sha256, ignored);
    p->sha256 = NULL;
    p->at = NULL;
    p->mapped = 0;
    p->has_index = false;
    p->filled = 0;
    p->cut = 0;
    p->in_member = false;
}

/* Reads on up to a place. returns 1, 0 the member ended, -1 it is damaged from there on */
static int fill(struct porter *p, uint64_t to, struct err *err)
{
    int got = 1;
    while (got > 0 && p->filled < to) {
        size_t n = 0;
        got = p->carrier.calls->read(p->carrier.state, p->at + p->filled,
                                     (size_t)(to - p->filled), &n, err);
        p->filled += got > 0 ? n : 0;
    }
    return got;
}

/* The same where nothing but the digest is wanted. */
static int pass(struct porter *p, uint64_t bytes, struct err *err)
{
    static uint8_t chunk[CHUNK];
    uint64_t to = p->filled + bytes;
    int got = 1;
    while (got > 0 && p->filled < to) {
        size_t n = 0;
        got = p->carrier.calls->read(p->carrier.state, chunk, sizeof chunk, &n, err);
        if (got > 0) {
            sha256_add(p->sha256, (struct bytes){chunk, n});
            p->filled += n;
        }
    }
    return got;
}

/* --- where a window may be cut ------------------------------------------------------------- */

struct cutting {
    struct arena *arena;
    struct porter_cut *cuts;
    size_t n, cap;
};

static void add_cut(struct cutting *c, uint64_t at, uint64_t layout)
{
    if (c->n == CUTS_MAX)
        return;
    c->cuts = arena_grow(c->arena, c->cuts, c->n, &c->cap, sizeof *c->cuts);
    c->cuts[c->n++] = (struct porter_cut){at, layout};
}

/* Where no whole span is left, but the end of the member is, it is the last cut. */
static void cut_chunks(struct porter *p, bool ended, struct cutting *c)
{
    for (;;) {
        uint64_t to = (p->cut ? p->cut : EVTX_HEADER) + WORK_EVTX_SPAN;
        if (to > p->filled)
            break;
        add_cut(c, to, 0);
        p->cut = to;
    }
    if (ended && p->filled > p->cut)
        add_cut(c, p->filled, 0);
}

/* The start of the last line in what is there. */
static uint64_t last_line(struct bytes file, uint64_t from)
{
    uint64_t last = 0;
    uint64_t at =
        file.n > LIMIT_LINE && file.n - LIMIT_LINE > from ? file.n - LIMIT_LINE : from + 1;
    for (; (at = line_cut(file, at)) < file.n; at++)
        last = at;
    return last;
}

static void cut_lines(struct porter *p, bool ended, struct cutting *c)
{
    struct bytes file = {p->at, (size_t)p->filled};
    uint64_t end = ended ? p->filled : last_line(file, p->cut);
    if (!p->has_index)
        p->index = layout_index_start(file, p->texts);
    p->has_index = true;
    layout_index_more(&p->index, file);
    layout_index_go(&p->index, end, p->texts);
    if (end <= p->cut || (!ended && !layout_may_cut(&p->index, end)))
        return;
    for (uint64_t at = p->cut + WORK_TEXT_SPAN; at < end; at += WORK_TEXT_SPAN) {
        at = line_cut(file, at);
        if (at >= end)
            break;
        if (!layout_may_cut(&p->index, at))
            continue;
        add_cut(c, at, layout_before(&p->index, at));
    }
    add_cut(c, end, layout_before(&p->index, end));
    p->cut = end;
}

static void cut_window(struct porter *p, bool ended, struct cutting *c)
{
    if (p->format == FORMAT_EVTX)
        cut_chunks(p, ended, c);
    else if (format_is_lines(p->format))
        cut_lines(p, ended, c);
}

/* --- answers -------------------------------------------------------------------------------- */

static struct porter_reply reply_of(const struct porter *p)
{
    return (struct porter_reply){.told = TOLD_MEMBER,
                                 .deleted = p->member.deleted,
                                 .unlisted = p->member.unlisted,
                                 .format = p->format,
                                 .filled = p->filled,
                                 .modified = p->member.modified,
                                 .no_zone = p->member.no_zone};
}

/* got: as fill gives. The first window's digest is the worker's, if nothing comes behind it. */
static void tell_filled(struct porter *p, struct porter_reply *r, int got,
                        const struct err *problem, struct buf *out)
{
    r->filled = p->filled;
    r->ended = got <= 0;
    if (got < 0)
        r->why = str_of(problem->msg);
    if (r->ended && p->sha256) {
        sha256_end(p->sha256, r->sha256);
        p->sha256 = NULL;
        r->hashed = true;
    }
    reply_write(r, out);
    if (r->ended)
        leave_member(p);
}

/* Reads the first window of a member, and tells what it is. As fill gives. */
static int fill_first(struct porter *p, const struct porter_request *request, struct err *err)
{
    bool start_only = request->events_only && request->to > CARRIER_SNIFFED;
    int got = fill(p, start_only ? CARRIER_SNIFFED : request->to, err);
    p->format = carrier_sniff((struct bytes){p->at, (size_t)p->filled});
    if (got <= 0 || !start_only)
        return got;
    if (!format_has_events(p->format) && !format_is_carrier(p->format))
        return got;
    return fill(p, request->to, err);
}

static void first_window(struct porter *p, const struct porter_request *request,
                         struct buf *out)
{
    struct err problem = {0};
    struct arena *arena = arena_new();
    struct cutting cutting = {.arena = arena};
    int got = fill_first(p, request, &problem);
    struct porter_reply r = reply_of(p);
    r.path = p->member.path;
    if (got > 0) {
        p->sha256 = sha256_start();
        sha256_add(p->sha256, (struct bytes){p->at, (size_t)p->filled});
        cut_window(p, false, &cutting);
        r.cuts = cutting.cuts;
        r.n_cuts = cutting.n;
    }
    tell_filled(p, &r, got, &problem, out);
    arena_free(arena);
}

/* Folders are passed: their members' paths name them. */
static int next_member(struct porter *p, struct err *err)
{
    for (int i = 0; i < EMPTY_MAX; i++) {
        int got = p->carrier.calls->next(p->carrier.state, &p->member, err);
        if (got <= 0 || p->member.is_file || p->member.refused)
            return got;
    }
    return err_set(err, ERR_LIMIT, "it holds very many folders, one after the other");
}

/* Damage between members that are passed was told when they were read. */
static int next_wanted(struct porter *p, uint64_t skip, struct err *err)
{
    int got = 1;
    while (skip > 0 && (got = next_member(p, err)) != 0)
        skip -= got > 0;
    return got == 0 ? 0 : next_member(p, err);
}

static void tell_next(struct porter *p, const struct porter_request *request, int file,
                      struct buf *out)
{
    struct err err = {0};
    leave_member(p);
    arena_reset(p->texts);
    int got = next_wanted(p, request->skip, &err);
    if (got < 0)
        tell_damage(str_of(err.msg), out);
    if (got == 0)
        reply_write(&(struct porter_reply){.told = TOLD_END}, out);
    if (got <= 0 || p->member.refused) {
        file_close(file);
        if (got <= 0)
            return;
        struct porter_reply r = {.told = TOLD_MEMBER,
                                 .path = p->member.path,
                                 .why = str_of(p->member.refused ? p->member.refused : ""),
                                 .refused = p->member.refused != NULL,
                                 .deleted = p->member.deleted,
                                 .ended = true,
                                 .modified = p->member.modified,
                                 .no_zone = p->member.no_zone};
        reply_write(&r, out);
        return;
    }
    p->in_member = true;
    if (map_member(p, file, PORTER_MEMBER_MAX, &err) < 0) {
        tell_damage(str_of(err.msg), out);
        return;
    }
    first_window(p, request, out);
}

static void tell_more(struct porter *p, uint64_t to, struct buf *out)
{
    struct err problem = {0};
    struct arena *arena = arena_new();
    struct cutting cutting = {.arena = arena};
    uint64_t from = p->filled;
    int got = fill(p, to, &problem);
    sha256_add(p->sha256, (struct bytes){p->at + from, (size_t)(p->filled - from)});
    cut_window(p, got <= 0, &cutting);
    struct porter_reply r = reply_of(p);
    r.cuts = cutting.cuts;
    r.n_cuts = cutting.n;
    tell_filled(p, &r, got, &problem, out);
    arena_free(arena);
}

static void tell_rest(struct porter *p, struct buf *out)
{
    struct err problem = {0};
    memfile_unmap(p->at, (size_t)p->mapped);
    p->at = NULL;
    int got = pass(p, PORTER_HASHED, &problem);
    struct porter_reply r = reply_of(p);
    tell_filled(p, &r, got, &problem, out);
}

void porter_answer(void *porter, struct bytes bytes, int file, struct buf *reply)
{
    struct porter *p = porter;
    struct porter_request request;
    if (!request_read(bytes, &request))
        return;
    if (request.ask == PORTER_SEGMENT)
        add_segment(p, file, reply);
    else if (request.ask == PORTER_OPEN)
        open_carrier(p, &request, file, reply);
    else if (p->open && request.ask == PORTER_NEXT)
        tell_next(p, &request, file, reply);
    else if (p->in_member && p->sha256 && p->at && request.ask == PORTER_MORE)
        tell_more(p, request.to, reply);
    else if (p->in_member && p->sha256 && request.ask == PORTER_REST)
        tell_rest(p, reply);
    else
        tell_damage(STR("it is not open"), reply);
}
