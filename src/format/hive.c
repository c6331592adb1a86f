#include "format/hive.h"

#include "base/cur.h"
#include "base/utf.h"

enum {
    HEADER_USED = 512, /* bytes of the header that its checksum covers, with itself */
    CHECKSUM_AT = 508,
    NAME_AT = 48, /* the name of the hive's file */
    NAME_SIZE = 64,
    MINOR_LEAST = 3, /* Windows NT 4.0; before it cells had another form */
    MINOR_MOST = 6,
    FIRST_CELL = 32, /* behind the header of the first bin: where a root usually is */
    KEY_SIZE = 76,   /* of a key without its name */
    VALUE_SIZE = 20,
    KEY_NARROW = 0x20,
    VALUE_NARROW = 1,
    KEY_PREDEFINED = 0x40, /* its number of values is a handle */
    INSIDE = INT32_MIN,    /* flag of a data size: the data stand in the value */
    INSIDE_MOST = 4,
    SEGMENT = 16344,              /* bytes of each part of big data but the last */
    LOOK_MOST = 1 << 20,          /* keys or values that one look-up compares */
    DATA_MOST = 64 * 1024 * 1024, /* bytes of a value: Windows advises 1 MB at most */
};

static const char *const type_names[HIVE_TYPES] = {
    [HIVE_NONE] = "REG_NONE",
    [HIVE_SZ] = "REG_SZ",
    [HIVE_EXPAND_SZ] = "REG_EXPAND_SZ",
    [HIVE_BINARY] = "REG_BINARY",
    [HIVE_DWORD] = "REG_DWORD",
    [HIVE_DWORD_BIG_ENDIAN] = "REG_DWORD_BIG_ENDIAN",
    [HIVE_LINK] = "REG_LINK",
    [HIVE_MULTI_SZ] = "REG_MULTI_SZ",
    [HIVE_RESOURCE_LIST] = "REG_RESOURCE_LIST",
    [HIVE_FULL_RESOURCE_DESCRIPTOR] = "REG_FULL_RESOURCE_DESCRIPTOR",
    [HIVE_RESOURCE_REQUIREMENTS_LIST] = "REG_RESOURCE_REQUIREMENTS_LIST",
    [HIVE_QWORD] = "REG_QWORD",
};

const char *hive_type_name(uint32_t type)
{
    return type < HIVE_TYPES ? type_names[type] : NULL;
}

/* --- the header ---------------------------------------------------------------------------- */

static uint32_t checksum_of(struct bytes head)
{
    struct cur c = cur_of(head, 0);
    uint32_t sum = 0;
    for (size_t i = 0; i < CHECKSUM_AT / 4; i++)
        sum ^= cur_u32(&c);
    return sum == UINT32_MAX ? UINT32_MAX - 1 : sum == 0 ? 1 : sum;
}

/* The last part of "\??\C:\Users\x\ntuser.dat", as far as the header has room for it. */
static struct str own_name(struct bytes raw, struct arena *arena)
{
    for (size_t i = 0; i + 1 < raw.n; i += 2)
        if (raw.p[i] == 0 && raw.p[i + 1] == 0)
            raw.n = i;
    struct str path = utf16le_decode(raw, arena);
    size_t at = path.n;
    while (at > 0 && path.p[at - 1] != '\\')
        at--;
    return str_part(path, at, path.n);
}

int hive_open(struct bytes file, struct arena *arena, struct hive *ret, struct err *err)
{
    struct cur c = cur_of(file, 0);
    struct hive h = {.file = file};
    if (file.n < HEADER_USED || memcmp(file.p, "regf", 4) != 0)
        return err_set(err, ERR_CORRUPT, "no header of a registry hive");
    cur_skip(&c, 4);
    h.sequence[0] = cur_u32(&c);
    h.sequence[1] = cur_u32(&c);
    h.written = instant_of_filetime(cur_u64(&c));
    uint32_t major = cur_u32(&c);
    h.minor = cur_u32(&c);
    uint32_t type = cur_u32(&c);
    cur_skip(&c, 4);
    h.root = cur_u32(&c);
    h.told = cur_u32(&c);
    cur_seek(&c, CHECKSUM_AT);
    h.checksum_ok = cur_u32(&c) == checksum_of(file);
    if (h.checksum_ok && (major != 1 || h.minor < MINOR_LEAST || h.minor > MINOR_MOST))
        return err_set(err, ERR_UNSUPPORTED, "version %u.%u of a registry hive", major,
                       h.minor);
    if (type != 0 && h.checksum_ok)
        return err_set(err, ERR_UNSUPPORTED, "the log of a registry hive, not a hive");
    size_t there = file.n > HIVE_HEADER ? file.n - HIVE_HEADER : 0;
    if (!h.checksum_ok) { /* nothing it says is certain: all that is there is looked at */
        h.told = there;
        h.minor = MINOR_MOST - 1;
    }
    h.bins = (struct bytes){file.p + (there ? HIVE_HEADER : 0), there};
    if (h.bins.n > h.told)
        h.bins.n = (size_t)h.told;
    h.name = own_name((struct bytes){file.p + NAME_AT, NAME_SIZE}, arena);
    *ret = h;
    return 0;
}

bool hive_is_dirty(const struct hive *h)
{
    return !h->checksum_ok || h->sequence[0] != h->sequence[1];
}

/* --- cells ----------------------------------------------------------------------------------- */

static uint64_t offset_of(uint32_t cell)
{
    return HIVE_HEADER + (uint64_t)cell;
}

static uint32_t le32(const uint8_t *p)
{
    return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

/* The content of a cell that was given up, as far as nothing that is in use lies over it. What
 * its first number says of its size holds where it fits: cells that were given up side by side
 * are one, and only the first one's number was changed. */
static int freed_read(const struct hive *h, uint32_t at, const char *what, struct bytes *ret,
                      struct err *err)
{
    size_t low = 0;
    size_t high = h->n_freed;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (h->freed[middle].to <= at)
            low = middle + 1;
        else
            high = middle;
    }
    if (at % 8 != 0 || low == h->n_freed || at < h->freed[low].from ||
        h->freed[low].to - at < 8)
        return err_set(err, ERR_CORRUPT, "%s at 0x%x: its cell is in use again", what, at);
    uint32_t left = h->freed[low].to - at;
    uint32_t size = 0U - le32(h->bins.p + at);
    bool told = size >= 8 && size % 8 == 0 && size <= left;
    *ret = (struct bytes){h->bins.p + at + 4, (told ? size : left) - 4};
    return 0;
}

/* The content of an allocated cell. */
static int cell_read(const struct hive *h, uint32_t at, const char *what, struct bytes *ret,
                     struct err *err)
{
    if (h->freed)
        return freed_read(h, at, what, ret, err);
    if (at % 8 != 0 || h->bins.n < 8 || at > h->bins.n - 8)
        return err_set(err, ERR_CORRUPT, "%s lies at 0x%x, outside the hive", what, at);
    uint32_t size = 0U - le32(h->bins.p + at); /* negative: allocated */
    if (size < 8 || size > INT32_MAX)
        return err_set(err, ERR_CORRUPT, "%s at 0x%x: its cell is not in use", what, at);
    if (size > h->bins.n - at)
        return err_set(err, ERR_CORRUPT, "%s at 0x%x: its cell ends outside the hive", what,
                       at);
    *ret = (struct bytes){h->bins.p + at + 4, size - 4};
    return 0;
}

static bool is_signed(struct bytes cell, const char *two)
{
    return cell.n >= 4 && memcmp(cell.p, two, 2) == 0;
}

int hive_key_read(const struct hive *h, uint32_t cell, struct hive_key *ret, struct err *err)
{
    struct bytes b;
    if (cell_read(h, cell, "key", &b, err) < 0)
        return -1;
    struct cur c = cur_of(b, offset_of(cell));
    if (!is_signed(b, "nk"))
        return err_set(err, ERR_CORRUPT, "no key at 0x%x, where one should be", cell);
    struct hive_key k = {.cell = cell, .size = (uint32_t)b.n + 4};
    cur_skip(&c, 2);
    k.flags = cur_u16(&c);
    k.modified = instant_of_filetime(cur_u64(&c));
    cur_skip(&c, 4);
    k.parent = cur_u32(&c);
    k.n_subkeys = cur_u32(&c);
    cur_skip(&c, 4);
    k.subkeys = cur_u32(&c);
    cur_skip(&c, 4);
    k.n_values = cur_u32(&c);
    k.values = cur_u32(&c);
    k.security = cur_u32(&c);
    k.class_cell = cur_u32(&c);
    cur_skip(&c, 20);
    uint16_t name = cur_u16(&c);
    k.class_size = cur_u16(&c);
    k.name = (struct hive_name){cur_take(&c, name), (k.flags & KEY_NARROW) != 0};
    if (c.bad)
        return err_set(err, ERR_CORRUPT, "key at 0x%x: it is longer than its cell", cell);
    if (k.flags & KEY_PREDEFINED)
        k.n_values = 0;
    *ret = k;
    return 0;
}

int hive_value_read(const struct hive *h, uint32_t cell, struct hive_value *ret,
                    struct err *err)
{
    struct bytes b;
    if (cell_read(h, cell, "value", &b, err) < 0)
        return -1;
    struct cur c = cur_of(b, offset_of(cell));
    if (!is_signed(b, "vk"))
        return err_set(err, ERR_CORRUPT, "no value at 0x%x, where one should be", cell);
    struct hive_value v = {.cell = cell, .size = (uint32_t)b.n + 4};
    cur_skip(&c, 2);
    uint16_t name = cur_u16(&c);
    v.data_size = cur_u32(&c);
    v.data_cell = cur_u32(&c);
    v.type = cur_u32(&c);
    uint16_t flags = cur_u16(&c);
    cur_skip(&c, 2);
    v.name = (struct hive_name){cur_take(&c, name), (flags & VALUE_NARROW) != 0};
    if (c.bad)
        return err_set(err, ERR_CORRUPT, "value at 0x%x: it is longer than its cell", cell);
    v.inside = (v.data_size & (uint32_t)INSIDE) != 0;
    v.data_size &= ~(uint32_t)INSIDE;
    *ret = v;
    return 0;
}

/* --- names ----------------------------------------------------------------------------------- */

struct str hive_text(struct hive_name name, struct arena *arena)
{
    bool ascii = name.narrow;
    for (size_t i = 0; ascii && i < name.raw.n; i++)
        ascii = name.raw.p[i] < 0x80;
    if (ascii)
        return (struct str){name.raw.n ? (const char *)name.raw.p : "", name.raw.n};
    if (!name.narrow)
        return utf16le_decode(name.raw, arena);
    char *out = ARENA_ARRAY(arena, char, name.raw.n * 2);
    size_t n = 0;
    for (size_t i = 0; i < name.raw.n; i++)
        n += utf8_put(out + n, name.raw.p[i]); /* the first 256 of Unicode */
    return (struct str){out, n};
}

bool hive_name_is(struct hive_name name, struct str text)
{
    size_t step = name.narrow ? 1 : 2;
    if (name.raw.n != text.n * step)
        return false;
    for (size_t i = 0; i < text.n; i++) {
        const uint8_t *p = name.raw.p + i * step;
        if ((step == 2 && p[1] != 0) || ascii_lower((char)p[0]) != ascii_lower(text.p[i]))
            return false;
    }
    return true;
}

/* --- lists ----------------------------------------------------------------------------------- */

struct leaf { /* cells of keys, each `step` bytes behind the one before */
    struct bytes list;
    size_t step, at;
};

/* A list of keys: a leaf, or one of leaves (*ret_root; ret->step is 4 for both). What it names
 * beyond its cell is not there. */
static int list_read(const struct hive *h, uint32_t cell, bool *ret_root, struct leaf *ret,
                     struct err *err)
{
    struct bytes b;
    if (cell_read(h, cell, "list of keys", &b, err) < 0)
        return -1;
    bool pairs = is_signed(b, "lf") || is_signed(b, "lh");
    bool root = is_signed(b, "ri");
    if (!pairs && !root && !is_signed(b, "li"))
        return err_set(err, ERR_CORRUPT, "no list of keys at 0x%x, where one should be", cell);
    size_t n = (size_t)b.p[2] | (size_t)b.p[3] << 8;
    size_t step = pairs ? 8 : 4;
    if (n > (b.n - 4) / step)
        return err_set(err, ERR_CORRUPT, "list of keys at 0x%x: it is longer than its cell",
                       cell);
    *ret_root = root;
    *ret = (struct leaf){.list = {b.p + 4, n * step}, .step = step};
    return 0;
}

static bool leaf_next(struct leaf *l, uint32_t *ret)
{
    if (l->at >= l->list.n)
        return false;
    *ret = le32(l->list.p + l->at);
    l->at += l->step;
    return true;
}

/* --- data ------------------------------------------------------------------------------------ */

struct big { /* data in several cells */
    struct bytes list;
    uint32_t segments;
};

static int big_read(const struct hive *h, const struct hive_value *v, struct bytes cell,
                    struct big *ret, struct err *err)
{
    uint32_t segments = (uint32_t)cell.p[2] | (uint32_t)cell.p[3] << 8;
    struct bytes list;
    if (cell.n < 8)
        return err_set(err, ERR_CORRUPT, "value at 0x%x: its big data are cut off", v->cell);
    if (cell_read(h, le32(cell.p + 4), "list of data", &list, err) < 0)
        return -1;
    if (segments != (v->data_size + SEGMENT - 1) / SEGMENT || segments > list.n / 4)
        return err_set(err, ERR_CORRUPT, "value at 0x%x: %u parts are no %u bytes of data",
                       v->cell, segments, v->data_size);
    *ret = (struct big){list, segments};
    return 0;
}

static int segment_read(const struct hive *h, const struct hive_value *v, const struct big *big,
                        uint32_t i, struct bytes *ret, struct err *err)
{
    size_t left = v->data_size - (size_t)i * SEGMENT;
    size_t n = left < SEGMENT ? left : SEGMENT;
    struct bytes cell;
    if (cell_read(h, le32(big->list.p + (size_t)i * 4), "part of data", &cell, err) < 0)
        return -1;
    if (cell.n < n)
        return err_set(err, ERR_CORRUPT, "value at 0x%x: a part of its data is too short",
                       v->cell);
    *ret = (struct bytes){cell.p, n};
    return 0;
}

static int big_join(const struct hive *h, const struct hive_value *v, struct bytes cell,
                    struct arena *arena, struct bytes *ret, struct err *err)
{
    struct big big;
    size_t n = 0;
    if (big_read(h, v, cell, &big, err) < 0)
        return -1;
    if (v->data_size > DATA_MOST)
        return err_set(err, ERR_LIMIT, "value at 0x%x: %u bytes of data", v->cell,
                       v->data_size);
    uint8_t *out = ARENA_ARRAY(arena, uint8_t, v->data_size);
    for (uint32_t i = 0; i < big.segments; i++) {
        struct bytes part = {0};
        if (segment_read(h, v, &big, i, &part, err) < 0) {
            *ret = (struct bytes){out, n};
            return -1;
        }
        memcpy(out + n, part.p, part.n);
        n += part.n;
    }
    *ret = (struct bytes){out, n};
    return 0;
}

/* Data larger than one segment are big data, unless an older system wrote them: then their
 * cell is large enough. */
static bool is_big(const struct hive *h, const struct hive_value *v, struct bytes cell)
{
    bool small = h->freed || cell.n < v->data_size; /* a free cell says nothing of its size */
    return h->minor > MINOR_LEAST && v->data_size > SEGMENT && small && is_signed(cell, "db");
}

int hive_data(const struct hive *h, const struct hive_value *v, struct arena *arena,
              struct bytes *ret, struct err *err)
{
    struct bytes cell;
    *ret = (struct bytes){0};
    if (v->inside) {
        size_t n = v->data_size < INSIDE_MOST ? v->data_size : INSIDE_MOST;
        size_t at = (size_t)v->cell + 4 + 8; /* of the field that names data elsewhere */
        *ret = (struct bytes){h->bins.p + at, n};
        return v->data_size <= INSIDE_MOST
                   ? 0
                   : err_set(err, ERR_CORRUPT, "value at 0x%x: %u bytes of data in 4", v->cell,
                             v->data_size);
    }
    if (v->data_size == 0)
        return 0;
    if (cell_read(h, v->data_cell, "data", &cell, err) < 0)
        return -1;
    if (is_big(h, v, cell))
        return big_join(h, v, cell, arena, ret, err);
    *ret = (struct bytes){cell.p, cell.n < v->data_size ? cell.n : v->data_size};
    if (ret->n == v->data_size)
        return 0;
    return err_set(err, ERR_CORRUPT, "value at 0x%x: its data are longer than their cell",
                   v->cell);
}

struct bytes hive_security(const struct hive *h, const struct hive_key *key)
{
    enum { HEAD = 20 };
    struct err ignored = {0};
    struct bytes b;
    if (cell_read(h, key->security, "security", &b, &ignored) < 0 || !is_signed(b, "sk") ||
        b.n < HEAD)
        return (struct bytes){0};
    uint32_t n = le32(b.p + 16);
    return n <= b.n - HEAD ? (struct bytes){b.p + HEAD, n} : (struct bytes){0};
}

struct str hive_class(const struct hive *h, const struct hive_key *key, struct arena *arena)
{
    struct err ignored = {0};
    struct bytes b;
    if (key->class_size == 0 || cell_read(h, key->class_cell, "class", &b, &ignored) < 0)
        return STR("");
    if (b.n > key->class_size)
        b.n = key->class_size;
    return utf16le_decode(b, arena);
}

/* --- look-ups -------------------------------------------------------------------------------- */

static bool find_in_leaf(const struct hive *h, struct leaf leaf, struct str name, size_t *left,
                         struct hive_key *ret)
{
    struct err ignored = {0};
    uint32_t cell;
    while (*left > 0 && leaf_next(&leaf, &cell)) {
        struct hive_key k;
        --*left;
        if (hive_key_read(h, cell, &k, &ignored) < 0 || !hive_name_is(k.name, name))
            continue;
        *ret = k;
        return true;
    }
    return false;
}

bool hive_find_subkey(const struct hive *h, const struct hive_key *key, struct str name,
                      struct hive_key *ret)
{
    struct err ignored = {0};
    size_t left = LOOK_MOST;
    struct leaf list;
    struct leaf leaf;
    bool root;
    uint32_t cell;
    if (key->n_subkeys == 0 || list_read(h, key->subkeys, &root, &list, &ignored) < 0)
        return false;
    if (!root)
        return find_in_leaf(h, list, name, &left, ret);
    while (left > 0 && leaf_next(&list, &cell)) {
        left--;
        if (list_read(h, cell, &root, &leaf, &ignored) == 0 && !root &&
            find_in_leaf(h, leaf, name, &left, ret))
            return true;
    }
    return false;
}

bool hive_find_key(const struct hive *h, struct str path, struct hive_key *ret)
{
    struct err ignored = {0};
    struct hive_key at;
    if (hive_key_read(h, h->root, &at, &ignored) < 0)
        return false;
    while (path.n) {
        size_t end = str_find(path, STR("\\"), 0);
        struct hive_key below;
        if (!hive_find_subkey(h, &at, str_part(path, 0, end), &below))
            return false;
        at = below;
        path = end == SIZE_MAX ? STR("") : str_part(path, end + 1, path.n);
    }
    *ret = at;
    return true;
}

/* The cells of a key's values. */
static int values_read(const struct hive *h, const struct hive_key *key, struct leaf *ret,
                       struct err *err)
{
    struct bytes b;
    if (cell_read(h, key->values, "list of values", &b, err) < 0)
        return -1;
    size_t n = b.n / 4 < key->n_values ? b.n / 4 : key->n_values;
    *ret = (struct leaf){.list = {b.p, n * 4}, .step = 4};
    return 0;
}

size_t hive_value_cells(const struct hive *h, const struct hive_key *key, uint32_t *ret,
                        size_t most)
{
    struct err ignored = {0};
    struct leaf list;
    size_t n = 0;
    if (key->n_values == 0 || values_read(h, key, &list, &ignored) < 0)
        return 0;
    while (n < most && leaf_next(&list, &ret[n]))
        n++;
    return n;
}

bool hive_find_value(const struct hive *h, const struct hive_key *key, struct str name,
                     struct hive_value *ret)
{
    struct err ignored = {0};
    struct leaf list;
    uint32_t cell;
    if (key->n_values == 0 || values_read(h, key, &list, &ignored) < 0)
        return false;
    for (size_t left = LOOK_MOST; left > 0 && leaf_next(&list, &cell); left--) {
        struct hive_value v;
        if (hive_value_read(h, cell, &v, &ignored) < 0 || !hive_name_is(v.name, name))
            continue;
        *ret = v;
        return true;
    }
    return false;
}

/* --- the walk -------------------------------------------------------------------------------- */

struct frame { /* a key whose subkeys are being gone through */
    uint32_t key;
    uint32_t told, seen; /* subkeys */
    struct leaf lists;   /* leaves still to come; empty if there is one only */
    struct leaf leaf;
    size_t path_n; /* of the key's own path */
};

struct hive_walk {
    const struct hive *h;
    struct arena *arena;
    uint64_t *used;   /* a bit for each 8 bytes of the bins: the cells that were met */
    uint64_t *bodies; /* the same: what lies behind the first 8 bytes of lists and data */
    size_t bin;       /* headers of bins are looked at first; this is the next */
    bool started;
    struct frame *frames;
    size_t n_frames;
    struct hive_key key;
    bool in_key; /* its values are being given */
    bool fresh;  /* nothing of it was given yet */
    struct leaf values;
    uint32_t lost_values; /* named, but not in the list's cell */
    char *path;
    size_t path_n;
    struct hive_gap pending; /* of damage to be told before going on */
    struct err damage;
    bool has_damage;
};

struct hive_walk *hive_walk_new(const struct hive *h, struct arena *arena)
{
    struct hive_walk *w = ARENA_NEW(arena, struct hive_walk);
    w->h = h;
    w->arena = arena;
    w->used = ARENA_ARRAY(arena, uint64_t, h->bins.n / 8 / 64 + 1);
    w->bodies = ARENA_ARRAY(arena, uint64_t, h->bins.n / 8 / 64 + 1);
    w->frames = ARENA_ARRAY(arena, struct frame, HIVE_DEPTH + 1);
    w->path = ARENA_ARRAY(arena, char, HIVE_PATH);
    return w;
}

/* Takes a cell for whoever names it first. False if it was taken, or cannot be one. */
static bool claim(struct hive_walk *w, uint32_t cell)
{
    size_t i = cell / 8;
    if (cell >= w->h->bins.n || cell % 8 != 0)
        return true; /* told when it is read */
    uint64_t bit = (uint64_t)1 << i % 64;
    bool had = (w->used[i / 64] & bit) != 0;
    w->used[i / 64] |= bit;
    return !had;
}

/* Takes the n bytes of a list or of data as well, which may not be those of another: else a small
 * hive could hold a large one many times over. */
static bool claim_body(struct hive_walk *w, uint32_t cell, size_t n)
{
    size_t left = cell < w->h->bins.n ? w->h->bins.n - cell : 0;
    size_t end = cell + (n < left ? n : left);
    for (size_t i = (size_t)cell / 8 + 1; i * 8 < end; i++) {
        uint64_t bit = (uint64_t)1 << i % 64;
        if (w->bodies[i / 64] & bit)
            return false;
        w->bodies[i / 64] |= bit;
    }
    return true;
}

bool hive_walk_met(const struct hive_walk *w, uint32_t cell)
{
    size_t i = cell / 8;
    return cell < w->h->bins.n && cell % 8 == 0 && (w->used[i / 64] >> i % 64 & 1) != 0;
}

static struct hive_gap gap_at(const struct hive_walk *w, uint32_t cell, uint32_t size)
{
    uint64_t from = offset_of(cell);
    uint64_t end = w->h->file.n;
    if (from >= end)
        return (struct hive_gap){end, end};
    return (struct hive_gap){from, size < end - from ? from + size : end};
}

static int claimed_before(const char *what, uint32_t cell, struct err *err)
{
    return err_set(err, ERR_CORRUPT, "%s at 0x%x: it belongs to two", what, cell);
}

/* The headers of the bins; damage in them does not hide the cells behind. */
static int check_bins(struct hive_walk *w, struct hive_gap *gap, struct err *err)
{
    enum { BIN = 4096 };
    const struct bytes b = w->h->bins;
    while (w->bin < b.n) {
        size_t at = w->bin;
        size_t size = 0;
        if (b.n - at >= FIRST_CELL && memcmp(b.p + at, "hbin", 4) == 0 &&
            le32(b.p + at + 4) == at)
            size = le32(b.p + at + 8);
        bool good = size >= BIN && size % BIN == 0 && size <= b.n - at;
        bool last = !good && w->h->told > b.n && size > b.n - at; /* the hive's missing end */
        w->bin = last ? b.n : at + (good ? size : BIN);
        if (good || last)
            continue;
        while (w->bin < b.n && (b.n - w->bin < 4 || memcmp(b.p + w->bin, "hbin", 4) != 0))
            w->bin += BIN;
        if (w->bin > b.n)
            w->bin = b.n;
        *gap = (struct hive_gap){HIVE_HEADER + at, HIVE_HEADER + w->bin};
        return err_set(err, ERR_CORRUPT, "bin at 0x%zx: its header is damaged", at);
    }
    return 0;
}

/* Goes into a key: its values come next. */
static void enter(struct hive_walk *w, const struct hive_key *key)
{
    w->key = *key;
    w->in_key = true;
    w->fresh = true;
    w->lost_values = 0;
    w->values = (struct leaf){.step = 4};
    if (key->n_values == 0)
        return;
    struct err err = {0};
    int got = claim(w, key->values) ? values_read(w->h, key, &w->values, &err)
                                    : claimed_before("list of values", key->values, &err);
    if (got == 0 && !claim_body(w, key->values, 4 + w->values.list.n)) {
        w->values = (struct leaf){.step = 4};
        got = claimed_before("list of values", key->values, &err);
    }
    if (got < 0) {
        w->has_damage = true;
        w->damage = err;
        w->pending = gap_at(w, key->cell, key->size);
        return;
    }
    w->lost_values = key->n_values - (uint32_t)(w->values.list.n / 4);
}

/* Where the root is not what the header says, it is nearly always the first cell. */
static int start(struct hive_walk *w, struct hive_gap *gap, struct err *err)
{
    const struct hive *h = w->h;
    struct hive_key key = {0};
    struct err why = {0};
    struct err ignored = {0};
    w->started = true;
    int got = hive_key_read(h, h->root, &key, &why);
    bool told = got == 0;
    if (!told)
        got = hive_key_read(h, FIRST_CELL, &key, &ignored);
    if (got == 0) {
        (void)claim(w, key.cell);
        enter(w, &key);
    }
    if (told || (got == 0 && !h->checksum_ok))
        return 0;
    *gap = gap_at(w, 0, UINT32_MAX);
    return err_set(err, ERR_CORRUPT, "root: %s", why.msg);
}

static bool claim_segment(struct hive_walk *w, const struct hive_value *v,
                          const struct big *big, uint32_t i)
{
    uint32_t cell = le32(big->list.p + (size_t)i * 4);
    size_t left = v->data_size - (size_t)i * SEGMENT;
    return claim(w, cell) && claim_body(w, cell, 4 + (left < SEGMENT ? left : SEGMENT));
}

/* What a value names must be its own. */
static int claim_data(struct hive_walk *w, const struct hive_value *v, struct err *err)
{
    struct bytes cell;
    struct big big;
    if (v->inside || v->data_size == 0)
        return 0;
    if (cell_read(w->h, v->data_cell, "data", &cell, err) < 0)
        return -1;
    size_t n = cell.n < v->data_size ? cell.n : v->data_size;
    if (!claim(w, v->data_cell) || !claim_body(w, v->data_cell, 4 + n))
        return claimed_before("data", v->data_cell, err);
    if (!is_big(w->h, v, cell))
        return 0;
    if (big_read(w->h, v, cell, &big, err) < 0)
        return -1;
    if (!claim(w, le32(cell.p + 4)) ||
        !claim_body(w, le32(cell.p + 4), 4 + (size_t)big.segments * 4))
        return claimed_before("list of data", le32(cell.p + 4), err);
    for (uint32_t i = 0; i < big.segments; i++)
        if (!claim_segment(w, v, &big, i))
            return claimed_before("part of data", le32(big.list.p + (size_t)i * 4), err);
    return 0;
}

/* A value whose data are damaged is given as it is, and the damage told behind it. */
static int take_value(struct hive_walk *w, uint32_t cell, struct hive_value *ret,
                      struct hive_gap *gap, struct err *err)
{
    *gap = gap_at(w, cell, VALUE_SIZE + 4);
    if (!claim(w, cell))
        return claimed_before("value", cell, err);
    if (hive_value_read(w->h, cell, ret, err) < 0)
        return -1;
    if (claim_data(w, ret, &w->damage) < 0) {
        w->has_damage = true;
        w->pending = gap_at(w, cell, ret->size);
        ret->data_size = 0;
        ret->inside = false;
    }
    return 0;
}

static void give(struct hive_walk *w, struct hive_item *ret)
{
    *ret = (struct hive_item){.key = &w->key, .path = {w->path, w->path_n}, .first = w->fresh};
    w->fresh = false;
}

/* 1 an item of the key; 0 it has no more; -1 damage. */
static int next_of_key(struct hive_walk *w, struct hive_item *ret, struct hive_gap *gap,
                       struct err *err)
{
    uint32_t cell;
    if (leaf_next(&w->values, &cell)) {
        struct hive_value v;
        if (take_value(w, cell, &v, gap, err) < 0)
            return -1;
        give(w, ret);
        ret->has_value = true;
        ret->value = v;
        return 1;
    }
    if (w->lost_values) {
        *gap = gap_at(w, w->key.cell, w->key.size);
        uint32_t lost = w->lost_values;
        w->lost_values = 0;
        return err_set(err, ERR_CORRUPT, "key at 0x%x: %u of its values are in no list",
                       w->key.cell, lost);
    }
    if (!w->fresh)
        return 0;
    give(w, ret);
    return 1;
}

/* Behind a key's values come its subkeys. */
static int go_down(struct hive_walk *w, struct hive_gap *gap, struct err *err)
{
    const struct hive_key *key = &w->key;
    w->in_key = false;
    if (key->n_subkeys == 0)
        return 0;
    *gap = gap_at(w, key->cell, key->size);
    if (w->n_frames > HIVE_DEPTH)
        return err_set(err, ERR_LIMIT, "key at 0x%x: deeper than Windows allows", key->cell);
    struct frame f = {.key = key->cell, .told = key->n_subkeys, .path_n = w->path_n};
    bool root;
    struct leaf list;
    if (!claim(w, key->subkeys))
        return claimed_before("list of keys", key->subkeys, err);
    if (list_read(w->h, key->subkeys, &root, &list, err) < 0)
        return -1;
    if (!claim_body(w, key->subkeys, 8 + list.list.n))
        return claimed_before("list of keys", key->subkeys, err);
    if (root)
        f.lists = list;
    else
        f.leaf = list;
    w->frames[w->n_frames++] = f;
    return 0;
}

/* The next cell of a key below the top frame: 1, 0 there is none, -1 damage. */
static int next_cell(struct hive_walk *w, struct frame *f, uint32_t *ret, struct err *err)
{
    uint32_t list;
    bool root;
    while (!leaf_next(&f->leaf, ret)) {
        if (!leaf_next(&f->lists, &list))
            return 0;
        if (!claim(w, list))
            return claimed_before("list of keys", list, err);
        if (list_read(w->h, list, &root, &f->leaf, err) < 0)
            return -1;
        if (root) {
            f->leaf = (struct leaf){.step = 4};
            return err_set(err, ERR_CORRUPT, "list of lists at 0x%x inside another", list);
        }
        if (!claim_body(w, list, 8 + f->leaf.list.n)) {
            f->leaf = (struct leaf){.step = 4};
            return claimed_before("list of keys", list, err);
        }
    }
    f->seen++;
    return 1;
}

static int add_to_path(struct hive_walk *w, const struct hive_key *key, size_t parent,
                       struct err *err)
{
    struct arena_mark mark = arena_mark(w->arena);
    struct str name = hive_text(key->name, w->arena);
    bool fits = name.n + 1 <= HIVE_PATH - parent;
    w->path_n = parent;
    if (fits) {
        if (parent)
            w->path[w->path_n++] = '\\';
        memcpy(w->path + w->path_n, name.p, name.n);
        w->path_n += name.n;
    }
    arena_back(w->arena, &mark);
    return fits ? 0 : err_set(err, ERR_LIMIT, "key at 0x%x: its path is too long", key->cell);
}

/* Takes the next subkey of the top frame: 0 done (one was entered, or the frame is left). */
static int next_key(struct hive_walk *w, struct hive_gap *gap, struct err *err)
{
    struct frame *f = &w->frames[w->n_frames - 1];
    uint32_t cell = 0;
    struct hive_key key;
    int got = next_cell(w, f, &cell, err);
    *gap = gap_at(w, f->key, KEY_SIZE + 4);
    if (got < 0)
        return -1;
    if (got == 0) {
        uint32_t told = f->told;
        uint32_t seen = f->seen;
        uint32_t owner = f->key;
        w->n_frames--;
        return told == seen
                   ? 0
                   : err_set(err, ERR_CORRUPT, "key at 0x%x has %u keys, its list names %u",
                             owner, told, seen);
    }
    *gap = gap_at(w, cell, KEY_SIZE + 4);
    if (!claim(w, cell))
        return claimed_before("key", cell, err);
    if (hive_key_read(w->h, cell, &key, err) < 0 || add_to_path(w, &key, f->path_n, err) < 0)
        return -1;
    enter(w, &key);
    return 0;
}

/* One step: 1 an item, -1 damage, 0 neither yet. */
static int step(struct hive_walk *w, struct hive_item *ret, struct hive_gap *gap,
                struct err *err)
{
    if (w->has_damage) {
        w->has_damage = false;
        *gap = w->pending;
        *err = w->damage;
        return -1;
    }
    if (w->bin < w->h->bins.n)
        return check_bins(w, gap, err);
    if (!w->started)
        return start(w, gap, err);
    if (w->in_key) {
        int got = next_of_key(w, ret, gap, err);
        return got ? got : go_down(w, gap, err);
    }
    return next_key(w, gap, err);
}

int hive_walk_next(struct hive_walk *w, struct hive_item *ret, struct hive_gap *gap,
                   struct err *err)
{
    int got = 0;
    while (got == 0 && (!w->started || w->in_key || w->n_frames || w->has_damage))
        got = step(w, ret, gap, err);
    return got;
}
