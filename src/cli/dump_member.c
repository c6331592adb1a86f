#include "cli/dump_member.h"

#include "base/json.h"
#include "format/ewf.h"
#include "sys/memfile.h"

enum {
    DEPTH = 3, /* archives inside of archives */
    DAMAGES_MAX = 100,
};

#define ROOM ((uint64_t)2 << 30)

struct dump_room {
    int file;
    uint8_t *at;
};

/* --- opening -------------------------------------------------------------------------------- */

/* The longest start of a path that is a file. */
static int open_holder(const char *path, struct dump_place *p, int *ret_file)
{
    struct str whole = str_of(path);
    struct err ignored = {0};
    for (size_t at = whole.n; at > 0; at--) {
        if (at < whole.n && whole.p[at] != '/')
            continue;
        struct str start = arena_str(p->arena, str_part(whole, 0, at));
        if (file_open(start.p, ret_file, &ignored) < 0)
            continue;
        p->file = start;
        p->member = str_part(whole, at + (at < whole.n), whole.n);
        return 0;
    }
    return -1;
}

/* A member comes into a file in memory, as large as any may be: what is not written takes none. */
static int make_room(struct dump_room *r, struct err *err)
{
    if (memfile_new(&r->file, err) < 0)
        return -1;
    if (memfile_resize(r->file, ROOM, err) < 0)
        return -1;
    return memfile_map(r->file, ROOM, &r->at, err);
}

/* The further segments of an image, which lie beside the first. */
static void map_segments(struct dump_place *p)
{
    enum { ENDING = 3 };
    struct err ignored = {0};
    size_t cap = 0;
    size_t stem = p->file.n > ENDING ? p->file.n - ENDING : 0;
    struct str first = str_part(p->file, stem, p->file.n);
    char ending[ENDING];
    for (unsigned n = 2; ewf_ending(first, n, ending); n++) {
        struct str path = arena_printf(p->arena, "%.*s%.*s",
                                       STR_ARG(str_part(p->file, 0, stem)), ENDING, ending);
        struct file_map map = {0};
        if (file_map(path.p, &map, &ignored) < 0)
            return;
        p->more = arena_grow(p->arena, p->more, p->n_more, &cap, sizeof *p->more);
        p->more[p->n_more++] = map.bytes;
    }
}

int dump_open(const char *path, struct dump_place *p, struct err *err)
{
    int file = -1;
    struct err first = {0};
    p->rooms = ARENA_ARRAY(p->arena, struct dump_room, DEPTH);
    for (size_t i = 0; i < DEPTH; i++)
        p->rooms[i].file = -1;
    p->file = str_of(path);
    p->member = STR("");
    if (file_open(path, &file, &first) < 0 && open_holder(path, p, &file) < 0) {
        *err = first;
        return -1;
    }
    if (file_map_open(file, &p->map, err) < 0)
        return -1;
    for (size_t i = 0; p->member.n && i < DEPTH; i++)
        if (make_room(&p->rooms[i], err) < 0)
            return -1;
    map_segments(p);
    carrier_prepare();
    return 0;
}

void dump_close(struct dump_place *p)
{
    for (size_t i = 0; p->rooms && i < DEPTH; i++) {
        memfile_unmap(p->rooms[i].at, ROOM);
        file_close(p->rooms[i].file);
    }
    file_unmap(&p->map);
}

static int open_carrier(const struct dump_place *p, struct bytes file, enum format format,
                        struct str name, struct arena *arena, struct carrier *ret,
                        struct err *err)
{
    bool own = file.p == p->map.bytes.p;
    struct carrier_options options = {
        .name = name, .password = p->password, .more = p->more, .n_more = own ? p->n_more : 0};
    return carrier_open(file, format, &options, arena, ret, err);
}

/* --- one member ------------------------------------------------------------------------------ */

/* Whether a member is the one that is meant, or one that may hold it. */
static bool is_on_the_way(struct str member, struct str wanted)
{
    bool starts = str_starts(wanted, member);
    return starts && (wanted.n == member.n || wanted.p[member.n] == '/');
}

static int read_member(const struct carrier *c, struct dump_room *room, struct bytes *ret,
                       struct err *err)
{
    uint64_t filled = 0;
    int got = 1;
    while (got > 0 && filled < ROOM) {
        size_t n = 0;
        got = c->calls->read(c->state, room->at + filled, (size_t)(ROOM - filled), &n, err);
        filled += got > 0 ? n : 0;
    }
    if (got > 0)
        return err_set(err, ERR_LIMIT, "it has more than 2 GiB: unpack it");
    *ret = (struct bytes){room->at, (size_t)filled};
    return got;
}

/* Finds a member and reads it. Damage before it is passed: what was found is what was asked. */
static int find_member(const struct carrier *c, struct str wanted, struct dump_room *room,
                       struct bytes *ret, struct str *ret_rest, struct err *err)
{
    struct member m;
    struct err damage = {0};
    int got = 0;
    for (size_t damages = 0; (got = c->calls->next(c->state, &m, &damage)) != 0;) {
        if (got < 0 && ++damages > DAMAGES_MAX)
            break;
        if (got < 0 || (!m.is_file && !m.refused) || !is_on_the_way(m.path, wanted))
            continue;
        if (m.refused)
            return err_set(err, ERR_UNSUPPORTED, "%s", m.refused);
        *ret_rest = str_part(wanted, m.path.n + (m.path.n < wanted.n), wanted.n);
        return read_member(c, room, ret, err);
    }
    if (damage.code)
        return err_set(err, ERR_CORRUPT, "it was not found: %s", damage.msg);
    return err_set(err, ERR_NOT_FOUND, "there is no such member");
}

int dump_content(struct dump_place *p, struct bytes *ret, struct err *err)
{
    struct bytes file = p->map.bytes;
    struct str wanted = p->member;
    struct str name = p->file;
    for (size_t depth = 0; wanted.n; depth++) {
        struct carrier c;
        enum format format = carrier_sniff(file);
        if (depth == DEPTH)
            return err_set(err, ERR_LIMIT, "archives inside of archives inside of others");
        if (!format_is_carrier(format))
            return err_set(err, ERR_NOT_FOUND, "%.*s is neither an archive nor an image",
                           STR_ARG(name));
        if (open_carrier(p, file, format, name, p->arena, &c, err) < 0)
            return -1;
        struct str before = wanted;
        int failed = find_member(&c, before, &p->rooms[depth], &file, &wanted, err);
        name = str_part(before, 0, before.n - wanted.n);
        c.calls->close(c.state);
        if (failed < 0)
            return -1;
    }
    *ret = file;
    return 0;
}

/* --- all members ----------------------------------------------------------------------------- */

static void describe(const struct dump_place *p, const struct member *m, struct arena *arena,
                     struct buf *out)
{
    struct json_out j = json_out(out);
    struct str path =
        p->member.n ? arena_printf(arena, "%.*s/%.*s/%.*s", STR_ARG(p->file),
                                   STR_ARG(p->member), STR_ARG(m->path))
                    : arena_printf(arena, "%.*s/%.*s", STR_ARG(p->file), STR_ARG(m->path));
    json_begin(&j, '{');
    json_key(&j, "member");
    json_str(&j, path);
    json_key(&j, "bytes");
    if (m->has_size)
        json_u64(&j, m->size);
    else
        json_null(&j);
    json_key(&j, "modified");
    json_time(&j, m->modified);
    if (m->no_zone) {
        json_key(&j, "time_local");
        json_bool(&j, true);
    }
    if (m->deleted) {
        json_key(&j, "deleted");
        json_bool(&j, true);
    }
    if (m->refused) {
        json_key(&j, "not_read");
        json_cstr(&j, m->refused);
    }
    json_end(&j, '}');
    buf_add_char(out, '\n');
}

static int list_members(const struct dump_place *p, const struct carrier *c,
                        const struct dump_told *told, struct arena *record, struct err *err)
{
    enum { LINE_MAX_BYTES = 1 << 20 };
    struct member m;
    struct err damage = {0};
    struct buf line = buf_new(LINE_MAX_BYTES);
    int failed = 0;
    int got = 1;
    for (size_t damages = 0; got && failed == 0 && damages <= DAMAGES_MAX;) {
        got = c->calls->next(c->state, &m, &damage);
        if (got < 0) {
            damages++;
            told->gap(told->context, str_of(damage.msg));
        }
        if (got <= 0 || (!m.is_file && !m.refused))
            continue;
        arena_reset(record);
        buf_clear(&line);
        describe(p, &m, record, &line);
        failed = told->line(told->context, buf_str(&line), err);
    }
    buf_free(&line);
    return failed;
}

int dump_list(const struct dump_place *p, struct bytes file, enum format format,
              const struct dump_told *told, struct err *err)
{
    struct carrier c;
    struct arena *arena = arena_new();
    struct arena *record = arena_new();
    struct str name = p->member.n ? p->member : p->file;
    int failed = open_carrier(p, file, format, name, arena, &c, err);
    if (failed == 0) {
        failed = list_members(p, &c, told, record, err);
        c.calls->close(c.state);
    }
    arena_free(record);
    arena_free(arena);
    return failed;
}
