#include "format/ewf.h"

#include <inttypes.h>

#include "base/buf.h"
#include "base/cur.h"
#include "format/inflate.h"

enum {
    FILE_HEADER = 13,
    NUMBER_AT = 9,           /* in it: of the segment */
    DESCRIPTOR = 76,         /* bytes that start each section */
    TABLE_HEADER = 24,       /* before the offsets of a table */
    SECTIONS_MOST = 1 << 20, /* of one segment */
    CHUNK_MOST = 16 << 20,   /* bytes; usual are 32 KiB */
    KEPT = 8,                /* unpacked chunks */
    VOLUME_OLD = 94,         /* bytes of the section that describes the disk, in its old form */
};

static const uint32_t PACKED = 0x80000000; /* of an offset in a table */

struct table {         /* a stretch of chunks */
    struct bytes file; /* the segment */
    uint64_t first;    /* number of its first chunk */
    uint32_t n;
    size_t offsets; /* where its offsets lie in the segment */
    uint64_t base;  /* they are counted from there */
    uint64_t end;   /* where the last chunk ends at the latest */
};

struct kept {
    uint64_t chunk; /* and 1; 0: none */
    struct buf content;
};

struct ewf {
    struct table *tables;
    size_t n_tables, cap_tables;
    uint64_t chunks; /* that tables tell of */
    uint64_t told;   /* that the image says to have */
    uint32_t chunk;  /* bytes of one */
    uint64_t size;
    struct kept kept[KEPT];
    size_t turn;
    bool damaged; /* a section was */
    bool done;    /* the last segment says that it is the last */
    size_t read;  /* segments */
};

struct section {
    char type[17];
    uint64_t at;   /* of its content in the segment */
    uint64_t n;    /* bytes of it */
    uint64_t next; /* where the next section starts */
};

unsigned ewf_segment(struct bytes head)
{
    static const char magic[] = "EVF\x09\x0d\x0a\xff";
    if (head.n < FILE_HEADER || memcmp(head.p, magic, sizeof magic) != 0 || head.p[8] != 1)
        return 0;
    struct cur c = cur_of(head, 0);
    cur_seek(&c, NUMBER_AT);
    return cur_u16(&c);
}

bool ewf_ending(struct str first, unsigned number, char ret[3])
{
    enum { DIGITS = 99, LETTERS = 26 };
    if (first.n != 3 || first.p[1] != '0' || first.p[2] != '1' || number < 1)
        return false;
    char letter = first.p[0];
    char a = letter >= 'a' && letter <= 'z' ? 'a' : 'A';
    if (letter < a || letter >= a + LETTERS)
        return false;
    unsigned n = number > DIGITS ? number - DIGITS - 1 : 0;
    unsigned start = (unsigned)(letter - a) + n / (LETTERS * LETTERS);
    if (start >= LETTERS)
        return false;
    ret[0] = (char)(a + (char)start);
    ret[1] =
        (char)(number > DIGITS ? a + (char)(n / LETTERS % LETTERS) : '0' + (char)(number / 10));
    ret[2] = (char)(number > DIGITS ? a + (char)(n % LETTERS) : '0' + (char)(number % 10));
    return true;
}

static uint32_t adler(struct bytes b)
{
    enum { PRIME = 65521, STEP = 5552 }; /* so many bytes cannot overflow 32 bits */
    uint32_t low = 1;
    uint32_t high = 0;
    for (size_t i = 0; i < b.n;) {
        size_t to = b.n - i < STEP ? b.n : i + STEP;
        for (; i < to; i++) {
            low += b.p[i];
            high += low;
        }
        low %= PRIME;
        high %= PRIME;
    }
    return high << 16 | low;
}

static bool read_section(struct bytes file, uint64_t at, struct section *ret)
{
    if (at > file.n || file.n - at < DESCRIPTOR)
        return false;
    struct cur c = cur_of((struct bytes){file.p + at, DESCRIPTOR}, at);
    cur_skip(&c, 16);
    memcpy(ret->type, file.p + at, 16);
    ret->type[16] = '\0';
    ret->next = cur_u64(&c);
    uint64_t size = cur_u64(&c);
    ret->at = at + DESCRIPTOR;
    cur_seek(&c, DESCRIPTOR - 4);
    if (adler((struct bytes){file.p + at, DESCRIPTOR - 4}) != cur_u32(&c))
        return false;
    if (size < DESCRIPTOR)
        size = ret->next > at ? ret->next - at : DESCRIPTOR;
    if (size < DESCRIPTOR) /* the next one starts inside of this one */
        return false;
    uint64_t left = file.n - at;
    ret->n = (size < left ? size : left) - DESCRIPTOR;
    return true;
}

/* How large the disk is, and its chunks. */
static int read_volume(struct ewf *e, struct bytes file, const struct section *s,
                       struct err *err)
{
    struct cur c = cur_of((struct bytes){file.p + s->at, (size_t)s->n}, s->at);
    cur_seek(&c, 4);
    e->told = cur_u32(&c);
    uint64_t per_chunk = cur_u32(&c);
    uint64_t sector = cur_u32(&c);
    uint64_t sectors = s->n <= VOLUME_OLD ? cur_u32(&c) : cur_u64(&c);
    if (c.bad || per_chunk == 0 || sector == 0 || per_chunk > CHUNK_MOST ||
        sector > CHUNK_MOST || per_chunk * sector > CHUNK_MOST)
        return err_set(err, ERR_CORRUPT, "E01 image: it does not say how large its chunks are");
    e->chunk = (uint32_t)(per_chunk * sector);
    uint64_t most = e->told * e->chunk;
    e->size = sectors <= most / sector ? sectors * sector : most;
    if (e->size == 0)
        e->size = most;
    return 0;
}

static void read_table(struct ewf *e, struct bytes file, const struct section *s, uint64_t end,
                       struct arena *arena)
{
    struct cur c = cur_of((struct bytes){file.p + s->at, (size_t)s->n}, s->at);
    uint32_t n = cur_u32(&c);
    cur_skip(&c, 4);
    uint64_t base = cur_u64(&c);
    cur_seek(&c, TABLE_HEADER);
    if (c.bad) {
        e->damaged = true;
        return;
    }
    if (!cur_fits(&c, n, 4)) {
        e->damaged = true;
        n = (uint32_t)(cur_left(&c) / 4);
    }
    if (n == 0)
        return;
    e->tables = arena_grow(arena, e->tables, e->n_tables, &e->cap_tables, sizeof *e->tables);
    e->tables[e->n_tables++] = (struct table){
        .file = file,
        .first = e->chunks,
        .n = n,
        .offsets = (size_t)s->at + TABLE_HEADER,
        .base = base,
        .end = end,
    };
    e->chunks += n;
}

/* The sections of a segment: what they hold is noted. Chunks lie in "sectors", which comes
 * before its table; in the oldest form behind the table's offsets. */
static int read_segment(struct ewf *e, struct bytes file, struct arena *arena, struct err *err)
{
    uint64_t at = FILE_HEADER;
    uint64_t sectors_end = 0;
    e->read++;
    for (size_t i = 0; i < SECTIONS_MOST; i++) {
        struct section s;
        if (!read_section(file, at, &s)) {
            e->damaged = true;
            return 0;
        }
        bool describes = strcmp(s.type, "volume") == 0 || strcmp(s.type, "disk") == 0;
        if (describes && e->chunk == 0 && read_volume(e, file, &s, err) < 0)
            return -1;
        if (strcmp(s.type, "sectors") == 0)
            sectors_end = s.at + s.n;
        if (strcmp(s.type, "table") == 0)
            read_table(e, file, &s, sectors_end ? sectors_end : s.at + s.n, arena);
        e->done = strcmp(s.type, "done") == 0;
        if (e->done || strcmp(s.type, "next") == 0)
            return 0;
        if (s.next <= at) {
            e->damaged = true;
            return 0;
        }
        at = s.next;
    }
    return err_set(err, ERR_LIMIT, "E01 image: more than %d sections", SECTIONS_MOST);
}

/* --- chunks ---------------------------------------------------------------------------------- */

static const struct table *table_of(const struct ewf *e, uint64_t chunk)
{
    size_t from = 0;
    size_t to = e->n_tables;
    while (to - from > 1) {
        size_t mid = from + (to - from) / 2;
        if (e->tables[mid].first <= chunk)
            from = mid;
        else
            to = mid;
    }
    return e->n_tables ? &e->tables[from] : NULL;
}

static uint32_t offset_in(const struct table *t, uint64_t i)
{
    struct cur c = cur_of((struct bytes){t->file.p + t->offsets + i * 4, 4}, 0);
    return cur_u32(&c);
}

/* The bytes of a chunk as they are stored. */
static int find_chunk(const struct ewf *e, uint64_t chunk, struct bytes *ret, bool *ret_packed,
                      struct err *err)
{
    const struct table *t = table_of(e, chunk);
    if (!t || chunk - t->first >= t->n)
        return err_set(err, ERR_NOT_FOUND, "E01 image: chunk %" PRIu64 " is not there", chunk);
    uint64_t i = chunk - t->first;
    uint32_t offset = offset_in(t, i);
    uint64_t from = t->base + (offset & ~PACKED);
    uint64_t to = i + 1 < t->n ? t->base + (offset_in(t, i + 1) & ~PACKED) : t->end;
    *ret_packed = (offset & PACKED) != 0;
    if (from < t->base || from >= to || to > t->file.n)
        return err_set(err, ERR_CORRUPT, "E01 image: chunk %" PRIu64 " has no place", chunk);
    *ret = (struct bytes){t->file.p + from, (size_t)(to - from)};
    return 0;
}

static int unpack_chunk(const struct ewf *e, uint64_t chunk, struct buf *out, struct err *err)
{
    struct bytes stored;
    bool packed = false;
    if (find_chunk(e, chunk, &stored, &packed, err) < 0)
        return -1;
    uint64_t left = e->size - chunk * e->chunk; /* the last one may be short */
    size_t want = left < e->chunk ? (size_t)left : e->chunk;
    buf_clear(out);
    if (packed) {
        if (inflate_all(stored, INFLATE_ZLIB, out) != 1)
            buf_clear(out);
    } else if (stored.n > want && stored.n - want >= 4) {
        struct bytes content = {stored.p, stored.n - 4};
        content.n = content.n < e->chunk ? content.n : e->chunk;
        struct cur c = cur_of((struct bytes){stored.p + content.n, 4}, 0);
        if (adler(content) == cur_u32(&c))
            buf_add(out, content.p, content.n);
    }
    if (out->n < want)
        return err_set(err, ERR_CORRUPT, "E01 image: chunk %" PRIu64 " is damaged", chunk);
    return 0;
}

static int chunk_content(struct ewf *e, uint64_t chunk, struct str *ret, struct err *err)
{
    for (size_t i = 0; i < KEPT; i++)
        if (e->kept[i].chunk == chunk + 1) {
            *ret = buf_str(&e->kept[i].content);
            return 0;
        }
    struct kept *k = &e->kept[e->turn++ % KEPT];
    k->chunk = 0;
    if (unpack_chunk(e, chunk, &k->content, err) < 0)
        return -1;
    k->chunk = chunk + 1;
    *ret = buf_str(&k->content);
    return 0;
}

static int ewf_read(void *state, uint64_t at, void *buf, size_t n, struct err *err)
{
    struct ewf *e = state;
    char *to = buf;
    while (n > 0) {
        struct str content = STR("");
        if (chunk_content(e, at / e->chunk, &content, err) < 0)
            return -1;
        struct str part = str_part(content, (size_t)(at % e->chunk), content.n);
        if (part.n == 0)
            return err_set(err, ERR_CORRUPT, "E01 image: a chunk is too short");
        size_t take = part.n < n ? part.n : n;
        memcpy(to, part.p, take);
        to += take;
        at += take;
        n -= take;
    }
    return 0;
}

static void ewf_close(void *state)
{
    struct ewf *e = state;
    for (size_t i = 0; i < KEPT; i++)
        buf_free(&e->kept[i].content);
}

static struct str missing(const struct ewf *e, struct arena *arena)
{
    char ending[4] = "E01";
    bool named = ewf_ending(STR("E01"), (unsigned)e->read + 1, ending);
    if (e->chunks < e->told && !e->done && !e->damaged && named)
        return arena_printf(arena,
                            "E01 image: its segment %zu (.%s) is not there: %" PRIu64
                            " of %" PRIu64 " chunks can be read",
                            e->read + 1, ending, e->chunks, e->told);
    if (e->chunks < e->told)
        return arena_printf(arena,
                            "E01 image: %" PRIu64 " of %" PRIu64
                            " chunks are there; the rest lies in other segments, or is lost",
                            e->chunks, e->told);
    return e->damaged ? STR("E01 image: its list of sections is damaged") : STR("");
}

int ewf_open(const struct bytes *segments, size_t n, struct arena *arena, struct disk *ret,
             struct str *ret_gap, struct err *err)
{
    struct ewf *e = ARENA_NEW(arena, struct ewf);
    if (n == 0 || n > EWF_SEGMENTS_MAX || ewf_segment(segments[0]) != 1)
        return err_set(err, ERR_CORRUPT, "E01 image: its first segment is not there");
    for (size_t i = 0; i < n && ewf_segment(segments[i]) == i + 1; i++)
        if (read_segment(e, segments[i], arena, err) < 0)
            return -1;
    if (e->chunk == 0)
        return err_set(err, ERR_CORRUPT, "E01 image: nothing says how large the disk is");
    for (size_t i = 0; i < KEPT; i++)
        e->kept[i].content = buf_new((size_t)e->chunk + 1);
    *ret_gap = missing(e, arena);
    *ret = (struct disk){.state = e, .size = e->size, .read = ewf_read, .close = ewf_close};
    return 0;
}
