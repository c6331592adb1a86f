#include "format/hive_log.h"

#include "base/cur.h"
#include "format/hive.h"

enum {
    SECTOR = 512,
    CHECKSUM_AT = 508,
    SIZE_AT = 40, /* of the bins, in a header */
    TYPE_AT = 28,
    TYPE_OLD = 1,
    TYPE_OLDEST = 2,
    TYPE_NEW = 6,
    ENTRY_HEAD = 40,
    HASHED_HEAD = 32, /* of an entry: what its second hash covers */
    BIN_TIME = 20,    /* in the header of the first bin: when the hive was written */
    WRITTEN_AT = 12,  /* in a header: the same */
};

static uint32_t le32(const uint8_t *p)
{
    return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

static uint64_t le64(const uint8_t *p)
{
    return (uint64_t)le32(p) | (uint64_t)le32(p + 4) << 32;
}

static void put32(uint8_t *p, uint32_t v)
{
    for (int i = 0; i < 4; i++)
        p[i] = (uint8_t)(v >> (8 * i));
}

static uint32_t checksum_of(const uint8_t *head)
{
    uint32_t sum = 0;
    for (size_t i = 0; i < CHECKSUM_AT; i += 4)
        sum ^= le32(head + i);
    return sum == UINT32_MAX ? UINT32_MAX - 1 : sum == 0 ? 1 : sum;
}

/* --- the hash ---------------------------------------------------------------------------------- */

static uint32_t turn(uint32_t v, unsigned by)
{
    return v << by | v >> (32 - by);
}

static void mix(uint32_t *a, uint32_t *b)
{
    *b ^= *a;
    *a = turn(*a, 20) + *b;
    *b = turn(*b, 9) ^ *a;
    *a = turn(*a, 27) + *b;
    *b = turn(*b, 19);
}

uint64_t hive_log_hash(struct bytes data)
{
    uint32_t a = 0x7a4e55c5;
    uint32_t b = 0x82ef4d88;
    size_t at = 0;
    for (; data.n - at >= 4; at += 4) {
        a += le32(data.p + at);
        mix(&a, &b);
    }
    uint32_t rest = 0x80;
    for (size_t i = data.n; i > at; i--)
        rest = rest << 8 | data.p[i - 1];
    a += rest;
    mix(&a, &b);
    mix(&a, &b);
    return (uint64_t)b << 32 | a;
}

/* --- logs ---------------------------------------------------------------------------------------- */

struct log {
    struct bytes file;
    uint32_t type;
    uint32_t sequence; /* of its header */
    uint64_t written;
    uint32_t size; /* of the bins, as its header says */
};

static bool log_open(struct bytes file, struct log *ret)
{
    if (file.n < 2 * (size_t)SECTOR || memcmp(file.p, "regf", 4) != 0 ||
        le32(file.p + CHECKSUM_AT) != checksum_of(file.p))
        return false;
    *ret = (struct log){.file = file,
                        .type = le32(file.p + TYPE_AT),
                        .sequence = le32(file.p + 4),
                        .written = le64(file.p + WRITTEN_AT),
                        .size = le32(file.p + SIZE_AT)};
    bool whole = le32(file.p + 8) == ret->sequence;
    bool old = ret->type == TYPE_OLD || ret->type == TYPE_OLDEST;
    return ret->type == TYPE_NEW || (old && whole);
}

struct entry {
    uint32_t sequence, bins, pages;
    struct bytes references, data;
};

/* The entry at `at`: false where there is none that is whole. */
static bool entry_read(const struct log *log, size_t at, struct entry *ret, size_t *ret_next)
{
    struct cur c = cur_of(log->file, 0);
    cur_seek(&c, at);
    struct cur look = c;
    struct bytes magic = cur_take(&look, 4);
    uint32_t size = cur_u32(&look);
    if (look.bad || magic.n < 4 || memcmp(magic.p, "HvLE", 4) != 0 || size < ENTRY_HEAD ||
        size % SECTOR != 0)
        return false;
    struct bytes all = cur_take(&c, size);
    if (c.bad)
        return false;
    struct entry e = {
        .sequence = le32(all.p + 12), .bins = le32(all.p + 16), .pages = le32(all.p + 20)};
    struct bytes body = {all.p + ENTRY_HEAD, all.n - ENTRY_HEAD};
    if (e.bins % HIVE_HEADER != 0 || e.pages > body.n / 8 ||
        hive_log_hash(body) != le64(all.p + 24) ||
        hive_log_hash((struct bytes){all.p, HASHED_HEAD}) != le64(all.p + 32))
        return false;
    e.references = (struct bytes){body.p, (size_t)e.pages * 8};
    e.data = (struct bytes){body.p + e.references.n, body.n - e.references.n};
    *ret = e;
    *ret_next = at + size;
    return true;
}

/* --- the hive as it becomes -------------------------------------------------------------------- */

struct target {
    uint8_t *p;
    size_t n;    /* bytes of header and bins in use */
    size_t room; /* no log can make it larger */
    bool header_ok;
    struct hive_applied how;
};

static bool write_at(struct target *t, uint64_t at, struct bytes page)
{
    uint64_t end = HIVE_HEADER + at + page.n;
    if (end > t->room)
        return false;
    memcpy(t->p + HIVE_HEADER + at, page.p, page.n);
    t->how.pages++;
    if (end > t->n)
        t->n = (size_t)end;
    return true;
}

/* All of an entry or nothing: places are looked at first. */
static bool apply_entry(struct target *t, const struct entry *e)
{
    uint64_t bins = (uint64_t)e->bins + HIVE_HEADER;
    size_t used = 0;
    if (bins > t->room)
        return false;
    for (size_t i = 0; i < e->references.n; i += 8) {
        uint64_t at = le32(e->references.p + i);
        uint32_t n = le32(e->references.p + i + 4);
        if (n > e->data.n - used || HIVE_HEADER + at + n > bins)
            return false;
        used += n;
    }
    used = 0;
    for (size_t i = 0; i < e->references.n; i += 8) {
        uint32_t n = le32(e->references.p + i + 4);
        (void)write_at(t, le32(e->references.p + i), (struct bytes){e->data.p + used, n});
        used += n;
    }
    t->n = (size_t)bins > t->n ? (size_t)bins : t->n;
    put32(t->p + SIZE_AT, e->bins);
    t->how.sequence = e->sequence;
    t->how.entries++;
    return true;
}

/* Applies entries that follow each other. `*next` is the number the first must have, or, with
 * `*any`, at least. */
static void apply_entries(struct target *t, const struct log *log, uint32_t *next, bool *any)
{
    size_t at = SECTOR;
    struct entry e;
    while (entry_read(log, at, &e, &at)) {
        bool fits = *any ? e.sequence >= *next : e.sequence == *next;
        if (*any && e.sequence < *next)
            continue; /* written to the hive already */
        if (!fits || !apply_entry(t, &e))
            return;
        *next = e.sequence + 1;
        *any = false;
    }
}

static uint32_t first_sequence(const struct log *log)
{
    struct entry e;
    size_t next;
    return entry_read(log, SECTOR, &e, &next) ? e.sequence : UINT32_MAX;
}

/* The header of a hive that lost it is that of its log, as the hive's own. */
static void take_header(struct target *t, const struct log *log)
{
    memcpy(t->p, log->file.p, SECTOR);
    put32(t->p + TYPE_AT, 0);
    t->header_ok = true;
}

static void apply_new(struct target *t, const struct log *logs, size_t n)
{
    size_t order[HIVE_LOGS_MOST] = {0};
    size_t m = 0;
    for (size_t i = 0; i < n; i++)
        if (logs[i].type == TYPE_NEW && first_sequence(&logs[i]) != UINT32_MAX)
            order[m++] = i;
    for (size_t i = 1; i < m; i++)
        for (size_t k = i;
             k > 0 && first_sequence(&logs[order[k]]) < first_sequence(&logs[order[k - 1]]);
             k--) {
            size_t swap = order[k];
            order[k] = order[k - 1];
            order[k - 1] = swap;
        }
    if (m == 0)
        return;
    size_t first = 0;
    if (!t->header_ok) { /* then only the latest */
        first = m - 1;
        take_header(t, &logs[order[first]]);
    }
    uint32_t next = le32(t->p + 8);
    bool any = true;
    for (size_t i = first; i < m; i++)
        apply_entries(t, &logs[order[i]], &next, &any);
}

static bool apply_old(struct target *t, const struct log *log)
{
    size_t bits = log->size / SECTOR;
    size_t map = SECTOR + 4;
    size_t data = (map + (bits + 7) / 8 + SECTOR - 1) / SECTOR * SECTOR;
    const struct bytes f = log->file;
    if (memcmp(f.p + SECTOR, "DIRT", 4) != 0 || data > f.n || bits == 0 ||
        (uint64_t)log->size + HIVE_HEADER > t->room)
        return false;
    size_t dirty = 0;
    for (size_t i = 0; i < bits; i++)
        dirty += f.p[map + i / 8] >> i % 8 & 1;
    if (dirty == 0 || dirty > (f.n - data) / SECTOR)
        return false;
    if (!t->header_ok)
        take_header(t, log);
    for (size_t i = 0; i < bits; i++) {
        if (!(f.p[map + i / 8] >> i % 8 & 1))
            continue;
        (void)write_at(t, (uint64_t)i * SECTOR, (struct bytes){f.p + data, SECTOR});
        data += SECTOR;
    }
    put32(t->p + SIZE_AT, log->size);
    t->how.entries = 1;
    t->how.sequence = log->sequence;
    return true;
}

/* A log of the older form belongs to the state that its time names; the later one counts. */
static void apply_old_logs(struct target *t, const struct log *logs, size_t n)
{
    uint64_t written = le64(t->p + WRITTEN_AT);
    uint64_t other = written; /* a damaged header may be another's: the first bin has a copy */
    if (!t->header_ok && t->n >= HIVE_HEADER + BIN_TIME + 8)
        other = le64(t->p + HIVE_HEADER + BIN_TIME);
    const struct log *best = NULL;
    for (size_t i = 0; i < n; i++)
        if (logs[i].type != TYPE_NEW &&
            (logs[i].written == written || logs[i].written == other) &&
            (!best || logs[i].sequence > best->sequence))
            best = &logs[i];
    if (best)
        (void)apply_old(t, best);
}

static void seal(struct target *t)
{
    put32(t->p + 4, t->how.sequence);
    put32(t->p + 8, t->how.sequence);
    put32(t->p + CHECKSUM_AT, checksum_of(t->p));
}

int hive_logs_apply(struct bytes hive, const struct bytes *logs, size_t n, struct arena *arena,
                    struct bytes *ret, struct hive_applied *ret_how, struct err *err)
{
    struct log open[HIVE_LOGS_MOST];
    size_t opened = 0;
    size_t room = hive.n;
    if (hive.n < HIVE_HEADER || memcmp(hive.p, "regf", 4) != 0)
        return err_set(err, ERR_CORRUPT, "no header of a registry hive");
    for (size_t i = 0; i < n && opened < HIVE_LOGS_MOST; i++)
        if (log_open(logs[i], &open[opened])) {
            room += logs[i].n;
            opened++;
        }
    if (opened == 0)
        return err_set(err, ERR_NOT_FOUND, "none of its logs is one");
    struct target t = {.p = ARENA_ARRAY(arena, uint8_t, room), .n = hive.n, .room = room};
    memcpy(t.p, hive.p, hive.n);
    t.header_ok = le32(t.p + CHECKSUM_AT) == checksum_of(t.p);
    apply_new(&t, open, opened);
    if (t.how.entries == 0)
        apply_old_logs(&t, open, opened);
    if (t.how.entries == 0)
        return err_set(err, ERR_NOT_FOUND, "its logs hold nothing for this state of it");
    seal(&t);
    *ret = (struct bytes){t.p, t.n};
    *ret_how = t.how;
    return 0;
}
