#include "format/usn.h"

#include "base/cur.h"

enum {
    ALIGNED = 8,        /* records start at multiples of this */
    BLOCK = 4096,       /* of a hole, which is passed over at once */
    RECORD_LEAST = 60,  /* of version 2 without a name */
    RECORD_MOST = 4096, /* none crosses a page of the journal */
    NAME_MOST = 510,    /* bytes */
    LOOK_MOST = 4096,   /* bytes in which a journal that is there has a record */
    RANGE_LEAST = 64,   /* of version 4 */
};

static bool is_zero(const uint8_t *p, size_t n)
{
    return n == 0 || (p[0] == 0 && memcmp(p, p + 1, n - 1) == 0);
}

/* What stands at fixed places of a record; 128 bits wide references move it. */
static bool read_fixed(struct cur *c, struct usn_record *r)
{
    bool wide = r->version != 2;
    r->file = (struct usn_reference){.low = cur_u64(c)};
    if (wide)
        r->file.high = cur_u64(c);
    r->parent = (struct usn_reference){.low = cur_u64(c)};
    if (wide)
        r->parent.high = cur_u64(c);
    r->usn = cur_u64(c);
    if (r->version == 4)
        return !c->bad;
    r->time = instant_of_filetime(cur_u64(c));
    r->reason = cur_u32(c);
    r->source = cur_u32(c);
    cur_skip(c, 4); /* an identifier of its security descriptor */
    r->attributes = cur_u32(c);
    size_t n = cur_u16(c);
    size_t at = cur_u16(c);
    bool fits = n > 0 && n % 2 == 0 && n <= NAME_MOST && at >= c->at;
    cur_seek(c, at);
    r->name = cur_take(c, n);
    return fits && !c->bad && r->time != INSTANT_NONE && r->reason != 0;
}

/* Whether a record starts at an offset; its size and what it says. */
static bool read_record(struct bytes file, size_t at, struct usn_record *ret)
{
    if (file.n - at < RECORD_LEAST)
        return false;
    struct cur c = cur_of((struct bytes){file.p + at, file.n - at}, at);
    uint32_t size = cur_u32(&c);
    uint16_t major = cur_u16(&c);
    uint16_t minor = cur_u16(&c);
    bool known = major >= 2 && major <= 4 && minor == 0;
    if (!known || size < RECORD_LEAST || size > RECORD_MOST || size % ALIGNED ||
        size > file.n - at || (major == 4 && size < RANGE_LEAST))
        return false;
    struct cur body = cur_of((struct bytes){file.p + at, size}, at);
    cur_seek(&body, ALIGNED);
    *ret =
        (struct usn_record){.offset = at, .size = size, .version = major, .time = INSTANT_NONE};
    return read_fixed(&body, ret);
}

bool usn_looks(struct bytes head)
{
    struct usn_record r;
    size_t n = head.n < LOOK_MOST ? head.n : LOOK_MOST;
    size_t at = 0;
    while (at + ALIGNED <= n && is_zero(head.p + at, ALIGNED))
        at += ALIGNED;
    if (at >= n || !read_record(head, at, &r))
        return false;
    size_t next = at + r.size;
    struct usn_record second;
    return next + RECORD_LEAST > head.n || is_zero(head.p + next, ALIGNED) ||
           read_record(head, next, &second);
}

struct usn usn_open(struct bytes file, uint64_t from, uint64_t to)
{
    size_t end = to < file.n ? (size_t)to : file.n;
    size_t start = from < end ? (size_t)from : end;
    return (struct usn){
        .file = file, .at = (start + ALIGNED - 1) / ALIGNED * ALIGNED, .to = end};
}

/* Past what is zero: the part of the journal that was given up, and the rest of a page. */
static void skip_hole(struct usn *u)
{
    while (u->at < u->to) {
        size_t left = u->to - u->at;
        size_t n = left < ALIGNED ? left : ALIGNED;
        if (!is_zero(u->file.p + u->at, n))
            return;
        if (u->at % BLOCK == 0 && left >= BLOCK && is_zero(u->file.p + u->at, BLOCK))
            n = BLOCK;
        u->at += n;
    }
}

/* From damage on to the next record, which a page that starts with one helps to find. */
static int skip_damage(struct usn *u, uint64_t *ret_from, uint64_t *ret_to, struct err *err)
{
    struct usn_record r;
    *ret_from = u->at;
    do {
        u->at += ALIGNED;
    } while (u->at < u->to && !read_record(u->file, u->at, &r));
    u->at = u->at < u->to ? u->at : u->to;
    *ret_to = u->at;
    return err_set(err, ERR_CORRUPT, "change journal: %zu bytes that are no records",
                   (size_t)(*ret_to - *ret_from));
}

int usn_next(struct usn *u, struct usn_record *ret, uint64_t *ret_from, uint64_t *ret_to,
             struct err *err)
{
    for (;;) {
        skip_hole(u);
        if (u->at >= u->to)
            return 0;
        struct usn_record r;
        if (!read_record(u->file, u->at, &r))
            return skip_damage(u, ret_from, ret_to, err);
        u->at += r.size;
        if (r.version == 4) {
            u->ranges++;
            continue;
        }
        *ret = r;
        return 1;
    }
}
