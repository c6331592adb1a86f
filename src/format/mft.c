#include "format/mft.h"

#include "base/buf.h"
#include "base/cur.h"
#include "base/utf.h"

enum {
    SECTOR = 512, /* fix-ups protect stretches of this size, whatever the disk's sectors are */
    RECORD_LEAST = 512,
    RECORD_MOST = 4096,
    HEADER = 42,            /* bytes of a record's header in its oldest form */
    ENTRIES_MOST = 1 << 25, /* 512 MiB of memory for a table of 32 GiB */
    EXTENSIONS_MOST = 256,  /* records that extend one entry */
    DEPTH_MOST = 256,       /* folders above a file; a path of Windows has fewer */
    PATH_MOST = 64 * 1024,  /* bytes of a path, which Windows keeps below 32767 characters */
    CACHE = 4096,           /* folders whose path is kept */
    CACHE_BYTES = 16 << 20, /* and their memory */
    FLAG_IN_USE = 1,        /* of a record */
    FLAG_DIRECTORY = 2,
    NAME_FIXED = 66, /* bytes of $FILE_NAME before the name */
    LOOK = 3,        /* records looked at to tell a table */
};

enum { /* types of attributes */
       STANDARD_INFORMATION = 0x10,
       ATTRIBUTE_LIST = 0x20,
       FILE_NAME = 0x30,
       DATA = 0x80,
};

static const uint32_t END_OF_ATTRIBUTES = 0xffffffff;
static const uint64_t ENTRY_BITS = 0xffffffffffff; /* of a reference; above it the sequence */

enum slot_flags {
    SLOT_USED = 1,      /* a record is there */
    SLOT_IN_USE = 2,    /* of a file that is there */
    SLOT_EXTENSION = 4, /* it extends another */
    SLOT_DOS = 8,       /* the name is the short one */
};

struct slot { /* what is kept of one record */
    uint32_t parent;
    uint32_t more; /* 1 + the next record that extends the same entry; 0: none */
    uint16_t parent_sequence;
    uint16_t sequence;
    uint16_t name_at; /* $FILE_NAME's content in the record; 0: there is none */
    uint8_t flags;
};

struct cached {
    uint32_t entry;
    uint16_t sequence;
    bool set, lost;
    struct str path;
};

struct mft {
    struct bytes file;
    uint32_t record; /* bytes of one */
    uint32_t n;      /* records, the last one perhaps in part */
    uint32_t at;     /* the next one */
    bool torn;       /* the one given last was damaged: to be told */
    bool cut_told;
    struct slot *slots;
    struct cached *cache;
    struct arena *paths;
    size_t paths_used;
};

/* --- records ------------------------------------------------------------------------------- */

enum record_state { RECORD_EMPTY, RECORD_BAD, RECORD_TORN, RECORD_GOOD };

struct record {
    uint8_t bytes[RECORD_MOST]; /* with its fix-ups undone */
    uint32_t n;                 /* that may be read */
    uint16_t sequence, links, flags, first;
    uint64_t base; /* reference of the entry that it extends; 0: none */
};

static uint32_t le32(const uint8_t *p)
{
    return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

static uint16_t le16(const uint8_t *p)
{
    return (uint16_t)(p[0] | p[1] << 8);
}

/* Whether a record of this size starts here. */
static bool is_record(struct bytes b, size_t at, uint32_t size)
{
    if (at >= b.n || b.n - at < HEADER)
        return false;
    const uint8_t *p = b.p + at;
    uint16_t fix_at = le16(p + 4);
    return memcmp(p, "FILE", 4) == 0 && le32(p + 28) == size &&
           le16(p + 6) == size / SECTOR + 1 && fix_at >= HEADER && fix_at % 2 == 0 &&
           fix_at < size / 2 && le16(p + 20) > fix_at && le16(p + 20) < size;
}

uint32_t mft_record_size(struct bytes head)
{
    static const uint32_t sizes[] = {1024, 4096, 2048, RECORD_LEAST};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        unsigned met = 0;
        for (unsigned k = 0; k < LOOK; k++)
            met += is_record(head, (size_t)k * sizes[i], sizes[i]);
        /* the first alone, or the two behind a first one that is damaged */
        if (is_record(head, 0, sizes[i]) || met == LOOK - 1)
            return sizes[i];
    }
    return 0;
}

/* Undoes the fix-ups: the last two bytes of each sector were exchanged for a number that all of
 * a record have in common, so that a write that was cut off shows. Some tools undo them before
 * they copy a table.
 * returns how many bytes are as they should be */
static uint32_t undo_fixups(uint8_t *p, uint32_t n)
{
    uint32_t at = le16(p + 4);
    uint32_t sectors = le16(p + 6);
    if (sectors < 2 || at < HEADER || at + sectors * 2 > SECTOR - 2 || at % 2)
        return 0;
    uint32_t good = 0;
    for (uint32_t i = 1; i < sectors && i * SECTOR <= n; i++) {
        uint8_t *end = p + (size_t)i * SECTOR - 2;
        const uint8_t *saved = p + at + (size_t)i * 2;
        bool undone = memcmp(end, saved, 2) == 0;
        if (!undone && memcmp(end, p + at, 2) != 0)
            break;
        memcpy(end, saved, 2);
        good = i * SECTOR;
    }
    return good;
}

static bool is_zero(const uint8_t *p, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (p[i])
            return false;
    return true;
}

static enum record_state load(const struct mft *m, uint32_t i, struct record *ret)
{
    size_t from = (size_t)i * m->record;
    size_t n = m->file.n - from < m->record ? m->file.n - from : m->record;
    const uint8_t *p = m->file.p + from;
    if (is_zero(p, n < 4 ? n : 4))
        return RECORD_EMPTY;
    if (n < SECTOR || memcmp(p, "FILE", 4) != 0)
        return RECORD_BAD;
    memcpy(ret->bytes, p, n);
    uint32_t good = undo_fixups(ret->bytes, (uint32_t)n);
    if (good == 0)
        return RECORD_BAD;
    struct cur c = cur_of((struct bytes){ret->bytes, good}, 0);
    cur_seek(&c, 16);
    ret->sequence = cur_u16(&c);
    ret->links = cur_u16(&c);
    ret->first = cur_u16(&c);
    ret->flags = cur_u16(&c);
    uint32_t used = cur_u32(&c);
    cur_skip(&c, 4);
    ret->base = cur_u64(&c);
    ret->n = used < good ? used : good;
    return good == m->record && used <= good ? RECORD_GOOD : RECORD_TORN;
}

/* --- attributes ------------------------------------------------------------------------------ */

struct attribute {
    uint32_t type;
    uint32_t at; /* of its content in the record */
    bool resident;
    struct bytes name;    /* UTF-16LE */
    struct bytes content; /* of one that is resident */
    uint64_t first;       /* of one that is not: the first cluster that it tells of, */
    uint64_t size;        /* and bytes, if that is 0 */
};

/* The next attribute: 1, 0 behind the last, -1 damaged. */
static int attribute_next(struct cur *c, struct attribute *ret)
{
    if (cur_left(c) < 4)
        return -1;
    size_t start = c->at;
    uint32_t type = cur_u32(c);
    if (type == END_OF_ATTRIBUTES)
        return 0;
    uint32_t size = cur_u32(c);
    if (size < 24 || size % 8 || size > c->len - start)
        return -1;
    struct cur a = cur_of((struct bytes){c->p + start, size}, start);
    cur_seek(c, start + size);
    cur_seek(&a, 8);
    *ret = (struct attribute){.type = type};
    ret->resident = cur_u8(&a) == 0;
    size_t units = cur_u8(&a);
    size_t name_at = cur_u16(&a);
    cur_seek(&a, 16);
    if (ret->resident) {
        uint32_t n = cur_u32(&a);
        ret->at = cur_u16(&a);
        cur_seek(&a, ret->at);
        ret->content = cur_take(&a, n);
        ret->at += (uint32_t)start;
    } else {
        ret->first = cur_u64(&a);
        cur_seek(&a, 48);
        ret->size = cur_u64(&a);
    }
    if (units) {
        cur_seek(&a, name_at);
        ret->name = cur_take(&a, units * 2);
    }
    return a.bad ? -1 : 1;
}

static struct cur attributes_of(const struct record *r)
{
    struct cur c = cur_of((struct bytes){r->bytes, r->n}, 0);
    cur_seek(&c, r->first);
    if (c.bad || r->first < HEADER)
        cur_end(&c);
    return c;
}

static struct mft_times read_times(struct cur *c)
{
    struct mft_times t;
    t.created = instant_of_filetime(cur_u64(c));
    t.modified = instant_of_filetime(cur_u64(c));
    t.changed = instant_of_filetime(cur_u64(c));
    t.accessed = instant_of_filetime(cur_u64(c));
    return t;
}

struct raw_name {
    uint64_t parent;
    struct mft_times times;
    enum mft_space space;
    struct bytes name;
};

static bool read_name(struct bytes content, struct raw_name *ret)
{
    struct cur c = cur_of(content, 0);
    ret->parent = cur_u64(&c);
    ret->times = read_times(&c);
    cur_seek(&c, NAME_FIXED - 2);
    size_t units = cur_u8(&c);
    uint8_t space = cur_u8(&c);
    ret->name = cur_take(&c, units * 2);
    ret->space = (enum mft_space)(space & 3);
    return !c.bad && units > 0;
}

/* --- names of all records --------------------------------------------------------------------- */

static uint32_t entry_of(uint64_t reference)
{
    uint64_t n = reference & ENTRY_BITS;
    return n < UINT32_MAX ? (uint32_t)n : UINT32_MAX;
}

static uint16_t sequence_of(uint64_t reference)
{
    return (uint16_t)(reference >> 48);
}

/* The long name wins over the short one, the first over others. */
static void note_name(struct slot *s, const struct attribute *a)
{
    struct raw_name name;
    if (a->type != FILE_NAME || !a->resident || !read_name(a->content, &name))
        return;
    bool dos = name.space == MFT_DOS;
    if (s->name_at && (dos || !(s->flags & SLOT_DOS)))
        return;
    s->name_at = (uint16_t)a->at;
    s->parent = entry_of(name.parent);
    s->parent_sequence = sequence_of(name.parent);
    s->flags = (uint8_t)((s->flags & ~SLOT_DOS) | (dos ? SLOT_DOS : 0));
}

static void note_record(struct mft *m, uint32_t i, struct record *r)
{
    struct slot *s = &m->slots[i];
    enum record_state state = load(m, i, r);
    if (state == RECORD_EMPTY || state == RECORD_BAD)
        return;
    s->flags = SLOT_USED;
    if (r->flags & FLAG_IN_USE)
        s->flags |= SLOT_IN_USE;
    s->sequence = r->sequence;
    struct attribute a;
    for (struct cur c = attributes_of(r); attribute_next(&c, &a) > 0;)
        note_name(s, &a);
    uint32_t base = entry_of(r->base);
    if (r->base == 0)
        return;
    s->flags |= SLOT_EXTENSION;
    if (base < m->n && base != i) {
        s->more = m->slots[base].more;
        m->slots[base].more = i + 1;
    }
}

struct mft *mft_open(struct bytes file, struct arena *arena)
{
    enum { HEAD = 64 * 1024 };
    struct mft *m = ARENA_NEW(arena, struct mft);
    struct record r;
    m->file = file;
    m->record = mft_record_size((struct bytes){file.p, file.n < HEAD ? file.n : HEAD});
    if (m->record == 0)
        m->record = 1024;
    size_t n = file.n / m->record + (file.n % m->record != 0);
    m->n = n < ENTRIES_MOST ? (uint32_t)n : ENTRIES_MOST;
    m->slots = ARENA_ARRAY(arena, struct slot, m->n);
    m->cache = ARENA_ARRAY(arena, struct cached, CACHE);
    m->paths = arena;
    for (uint32_t i = 0; i < m->n; i++)
        note_record(m, i, &r);
    return m;
}

void mft_seek(struct mft *m, uint64_t offset)
{
    uint64_t i = offset / m->record + (offset % m->record != 0);
    m->at = i < m->n ? (uint32_t)i : m->n;
}

/* --- entries ---------------------------------------------------------------------------------- */

static void add_name(struct mft_entry *e, const struct attribute *a, struct arena *arena)
{
    struct raw_name raw;
    if (!a->resident || !read_name(a->content, &raw))
        return;
    struct mft_name name = {
        .name = utf16le_decode(raw.name, arena),
        .parent = entry_of(raw.parent),
        .parent_sequence = sequence_of(raw.parent),
        .space = raw.space,
        .times = raw.times,
    };
    bool alone = e->n_names == 1 && e->names[0].space == MFT_DOS;
    if (name.space == MFT_DOS) {
        e->short_name = name.name;
        if (e->n_names == 0)
            e->names[e->n_names++] = name;
    } else if (alone) {
        e->names[0] = name;
    } else if (e->n_names < MFT_NAMES) {
        e->names[e->n_names++] = name;
    } else {
        e->dropped++;
    }
}

/* Of a stream in several pieces, the first says how large it is. */
static void add_stream(struct mft_entry *e, const struct attribute *a, struct arena *arena)
{
    if (!a->resident && a->first != 0)
        return;
    if (e->n_streams == MFT_STREAMS) {
        e->dropped++;
        return;
    }
    e->streams[e->n_streams++] = (struct mft_stream){
        .name = utf16le_decode(a->name, arena),
        .size = a->resident ? a->content.n : a->size,
        .resident = a->resident,
        .content = a->content,
    };
}

static void read_standard(struct mft_entry *e, struct bytes content)
{
    struct cur c = cur_of(content, 0);
    struct mft_times times = read_times(&c);
    uint32_t attributes = cur_u32(&c);
    if (c.bad)
        return;
    e->has_si = true;
    e->si = times;
    e->attributes = attributes;
    cur_seek(&c, 64);
    e->usn = cur_u64(&c);
}

/* returns false where an attribute is damaged: those behind it are lost */
static bool read_attributes(const struct record *r, struct arena *arena, struct mft_entry *e)
{
    struct cur c = attributes_of(r);
    struct attribute a;
    int got;
    while ((got = attribute_next(&c, &a)) > 0) {
        if (a.type == STANDARD_INFORMATION && a.resident && !e->has_si)
            read_standard(e, a.content);
        else if (a.type == FILE_NAME)
            add_name(e, &a, arena);
        else if (a.type == DATA)
            add_stream(e, &a, arena);
        else if (a.type == ATTRIBUTE_LIST)
            e->has_list = true;
    }
    return got == 0;
}

/* Whether a reference with this sequence means the record that is there now. The number grows
 * when a file is given up. */
static bool is_same(const struct slot *s, uint16_t sequence)
{
    if (!(s->flags & SLOT_USED))
        return false;
    if (sequence == 0 || s->sequence == sequence)
        return true;
    return !(s->flags & SLOT_IN_USE) && s->sequence == (uint16_t)(sequence + 1);
}

/* The content of streams points into the record: each has its own copy. */
static struct record *load_copy(const struct mft *m, uint32_t i, struct arena *arena,
                                enum record_state *ret)
{
    struct record read;
    *ret = load(m, i, &read);
    if (*ret == RECORD_EMPTY || *ret == RECORD_BAD)
        return NULL;
    struct record *r = ARENA_NEW(arena, struct record);
    *r = read;
    return r;
}

static bool read_extensions(struct mft *m, uint32_t i, struct arena *arena, struct mft_entry *e)
{
    uint32_t steps = 0;
    bool whole = true;
    for (uint32_t next = m->slots[i].more; next && next <= m->n;
         next = m->slots[next - 1].more) {
        enum record_state state;
        if (++steps > EXTENSIONS_MOST) {
            e->dropped++;
            break;
        }
        struct record *r = load_copy(m, next - 1, arena, &state);
        if (!r || entry_of(r->base) != i || !is_same(&m->slots[i], sequence_of(r->base)))
            continue;
        if (!read_attributes(r, arena, e) || state != RECORD_GOOD)
            whole = false;
    }
    return whole;
}

/* Whether a record is told with the entry that it extends. */
static bool is_told_elsewhere(const struct mft *m, const struct record *r)
{
    uint32_t base = entry_of(r->base);
    return r->base != 0 && base < m->n && !(m->slots[base].flags & SLOT_EXTENSION) &&
           is_same(&m->slots[base], sequence_of(r->base));
}

/* returns false if the record holds no entry of its own */
static bool read_entry(struct mft *m, uint32_t i, struct arena *arena, struct mft_entry *ret)
{
    enum record_state state;
    struct record *r = load_copy(m, i, arena, &state);
    if (!r || is_told_elsewhere(m, r))
        return false;
    size_t from = (size_t)i * m->record;
    *ret = (struct mft_entry){
        .offset = from,
        .size = m->file.n - from < m->record ? (uint32_t)(m->file.n - from) : m->record,
        .number = i,
        .sequence = r->sequence,
        .links = r->links,
        .in_use = (r->flags & FLAG_IN_USE) != 0,
        .directory = (r->flags & FLAG_DIRECTORY) != 0,
        .extension = r->base != 0,
        .short_name = STR(""),
    };
    bool whole = read_attributes(r, arena, ret);
    if (!ret->extension && !read_extensions(m, i, arena, ret))
        whole = false;
    m->torn = !whole || state != RECORD_GOOD;
    return m->torn || ret->has_si || ret->n_names || ret->n_streams;
}

/* A stretch of records that are none. */
static int tell_bad(struct mft *m, uint64_t *ret_from, uint64_t *ret_to, struct err *err)
{
    struct record r;
    uint32_t from = m->at;
    while (m->at < m->n && load(m, m->at, &r) == RECORD_BAD)
        m->at++;
    *ret_from = (uint64_t)from * m->record;
    *ret_to = (uint64_t)m->at * m->record;
    *ret_to = *ret_to < m->file.n ? *ret_to : m->file.n;
    return err_set(err, ERR_CORRUPT,
                   "master file table: %u records from entry %u on are damaged", m->at - from,
                   from);
}

static int tell_torn(struct mft *m, uint64_t *ret_from, uint64_t *ret_to, struct err *err)
{
    m->torn = false;
    *ret_from = (uint64_t)(m->at - 1) * m->record;
    *ret_to = *ret_from + m->record < m->file.n ? *ret_from + m->record : m->file.n;
    return err_set(err, ERR_CORRUPT,
                   "master file table: the record of entry %u is damaged in part", m->at - 1);
}

int mft_next(struct mft *m, struct arena *arena, struct mft_entry *ret, uint64_t *ret_from,
             uint64_t *ret_to, struct err *err)
{
    if (m->torn)
        return tell_torn(m, ret_from, ret_to, err);
    for (; m->at < m->n; m->at++) {
        struct record r;
        enum record_state state = load(m, m->at, &r);
        if (state == RECORD_BAD)
            return tell_bad(m, ret_from, ret_to, err);
        if (state == RECORD_EMPTY || !read_entry(m, m->at, arena, ret))
            continue;
        m->at++;
        return 1;
    }
    uint64_t end = (uint64_t)m->n * m->record;
    if (end >= m->file.n || m->cut_told)
        return 0;
    m->cut_told = true;
    *ret_from = end;
    *ret_to = m->file.n;
    return err_set(err, ERR_LIMIT, "master file table: entries from number %u on are not read",
                   m->n);
}

/* --- paths ------------------------------------------------------------------------------------ */

/* The record that tells an entry's name: its own, or one that extends it; SIZE_MAX: none. */
static size_t named_by(const struct mft *m, uint32_t entry)
{
    uint32_t steps = 0;
    size_t dos = SIZE_MAX;
    for (uint32_t at = entry + 1; at && at <= m->n && steps <= EXTENSIONS_MOST; steps++) {
        const struct slot *s = &m->slots[at - 1];
        if (s->name_at && !(s->flags & SLOT_DOS))
            return at - 1;
        if (s->name_at && dos == SIZE_MAX)
            dos = at - 1;
        at = s->more;
    }
    return dos;
}

static struct str slot_name(const struct mft *m, size_t i, struct arena *arena)
{
    struct record r;
    struct raw_name name;
    if (load(m, (uint32_t)i, &r) < RECORD_TORN || m->slots[i].name_at >= r.n)
        return STR("?");
    struct bytes content = {r.bytes + m->slots[i].name_at, r.n - m->slots[i].name_at};
    return read_name(content, &name) ? utf16le_decode(name.name, arena) : STR("?");
}

struct climb {
    struct str names[DEPTH_MOST];
    size_t n;
    struct str above; /* what is known of the last one's folder: "", a kept path, "\$Orphan" */
    bool lost;
};

static struct cached *cache_slot(const struct mft *m, uint32_t entry, uint16_t sequence)
{
    return &m->cache[(entry * 31U + sequence) % CACHE];
}

static void climb(const struct mft *m, uint32_t entry, uint16_t sequence, struct arena *arena,
                  struct climb *ret)
{
    ret->n = 0;
    ret->above = STR("");
    ret->lost = false;
    while (entry != MFT_ROOT) {
        const struct cached *kept = cache_slot(m, entry, sequence);
        if (kept->set && kept->entry == entry && kept->sequence == sequence) {
            ret->above = kept->path;
            ret->lost = kept->lost;
            return;
        }
        size_t by =
            entry < m->n && is_same(&m->slots[entry], sequence) ? named_by(m, entry) : SIZE_MAX;
        if (by == SIZE_MAX || ret->n == DEPTH_MOST) { /* a ring of folders ends here too */
            ret->above = STR("\\$Orphan");
            ret->lost = true;
            return;
        }
        ret->names[ret->n++] = slot_name(m, by, arena);
        entry = m->slots[by].parent;
        sequence = m->slots[by].parent_sequence;
    }
}

static void keep_path(struct mft *m, uint32_t entry, uint16_t sequence, struct str path,
                      bool lost)
{
    if (m->paths_used + path.n > CACHE_BYTES)
        return;
    m->paths_used += path.n;
    *cache_slot(m, entry, sequence) =
        (struct cached){entry, sequence, true, lost, arena_str(m->paths, path)};
}

struct str mft_folder(struct mft *m, uint32_t parent, uint16_t sequence, struct arena *arena,
                      bool *ret_lost)
{
    struct climb up;
    climb(m, parent, sequence, arena, &up);
    *ret_lost = up.lost;
    if (up.n == 0)
        return up.above;
    struct buf text = buf_new(PATH_MOST);
    buf_add_str(&text, up.above);
    for (size_t i = up.n; i > 0; i--) {
        buf_add_char(&text, '\\');
        buf_add_str(&text, up.names[i - 1]);
    }
    struct str path = arena_str(arena, buf_str(&text));
    buf_free(&text);
    keep_path(m, parent, sequence, path, up.lost);
    return path;
}
