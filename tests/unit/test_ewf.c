#include "base/buf.h"
#include "format/ewf.h"
#include "t.h"

enum {
    DESCRIPTOR = 76,
    SECTOR = 512,
    PER_CHUNK = 2,
    CHUNK = SECTOR * PER_CHUNK,
    SECTORS = 5, /* the last chunk is short */
    DISK = SECTORS * SECTOR,
    NEXT_ITSELF = 1, /* flaws of a section */
    SIZE_NONE_NEXT_INSIDE = 2,
    SUM = 4,
};

static struct arena *a;

struct made {
    uint8_t bytes[16384];
    size_t n;
};

static void put(struct made *m, uint64_t v, size_t width)
{
    for (size_t i = 0; i < width; i++)
        m->bytes[m->n++] = (uint8_t)(v >> (8 * i));
}

static uint32_t adler(const uint8_t *p, size_t n)
{
    uint32_t low = 1;
    uint32_t high = 0;
    for (size_t i = 0; i < n; i++) {
        low = (low + p[i]) % 65521;
        high = (high + low) % 65521;
    }
    return high << 16 | low;
}

/* A section's start; n: bytes of its content. */
static void section(struct made *m, const char *type, size_t n, unsigned flaws)
{
    size_t from = m->n;
    bool last = strcmp(type, "done") == 0 || (flaws & NEXT_ITSELF);
    bool inside = (flaws & SIZE_NONE_NEXT_INSIDE) != 0;
    memset(m->bytes + from, 0, DESCRIPTOR);
    memcpy(m->bytes + from, type, strlen(type));
    m->n += 16;
    put(m, inside ? from + 10 : last ? from : from + DESCRIPTOR + n, 8);
    put(m, inside ? 0 : DESCRIPTOR + n, 8);
    m->n += 40;
    put(m, adler(m->bytes + from, DESCRIPTOR - 4) ^ (flaws & SUM ? 1 : 0), 4);
}

static void start(struct made *m)
{
    static const uint8_t magic[] = {'E', 'V', 'F', 9, 13, 10, 255, 0, 1, 1, 0, 0, 0};
    memset(m, 0, sizeof *m);
    memcpy(m->bytes, magic, sizeof magic);
    m->n = sizeof magic;
}

static void volume(struct made *m, uint32_t chunks, uint32_t per_chunk, uint32_t sector,
                   uint32_t sectors, unsigned flaws)
{
    section(m, "volume", 94, flaws);
    size_t end = m->n + 94;
    put(m, 1, 4);
    put(m, chunks, 4);
    put(m, per_chunk, 4);
    put(m, sector, 4);
    put(m, sectors, 4);
    m->n = end;
}

static uint8_t disk_byte(uint64_t at)
{
    return (uint8_t)(at * 7 + at / CHUNK);
}

/* Chunks as they are, each before its sum; then the table of where they lie. */
static void chunks(struct made *m, unsigned flaws)
{
    uint32_t at[3];
    section(m, "sectors", DISK + 3 * 4, 0);
    for (size_t i = 0; i < 3; i++) {
        size_t n = i < 2 ? CHUNK : DISK - 2 * CHUNK;
        at[i] = (uint32_t)m->n;
        for (size_t k = 0; k < n; k++)
            m->bytes[m->n++] = disk_byte(i * CHUNK + k);
        put(m, adler(m->bytes + at[i], n), 4);
    }
    section(m, "table", 24 + sizeof at, flaws);
    put(m, 3, 4);
    put(m, 0, 4);
    put(m, 0, 8);
    put(m, 0, 8);
    for (size_t i = 0; i < 3; i++)
        put(m, at[i], 4);
}

static struct made whole(void)
{
    struct made m;
    start(&m);
    volume(&m, 3, PER_CHUNK, SECTOR, SECTORS, 0);
    chunks(&m, 0);
    section(&m, "done", 0, 0);
    return m;
}

static bool read_is_right(const struct disk *d, uint64_t at, size_t n)
{
    uint8_t buf[DISK];
    struct err err = {0};
    if (d->read(d->state, at, buf, n, &err) < 0)
        return false;
    for (size_t i = 0; i < n; i++)
        if (buf[i] != disk_byte(at + i))
            return false;
    return true;
}

static int open_made(struct bytes file, struct disk *d, struct str *gap)
{
    struct err err = {0};
    *gap = STR("");
    return ewf_open(&file, 1, a, d, gap, &err);
}

static void a_disk_is_read(void)
{
    struct made m = whole();
    struct disk d;
    struct str gap;
    T_OK(ewf_segment((struct bytes){m.bytes, m.n}) == 1);
    T_EQ(open_made((struct bytes){m.bytes, m.n}, &d, &gap), 0);
    T_EQ(d.size, DISK);
    T_STR(gap, "");
    T_OK(read_is_right(&d, 0, DISK));
    T_OK(read_is_right(&d, CHUNK - 1, 2));
    T_OK(read_is_right(&d, DISK - 1, 1));
    d.close(d.state);
}

/* What a damaged image gives is right, or an error: never other bytes. */
static void read_damaged(struct bytes file)
{
    struct disk d;
    struct str gap;
    uint8_t buf[SECTOR];
    struct err err = {0};
    if (open_made(file, &d, &gap) < 0)
        return;
    for (uint64_t at = 0; at < DISK && at + SECTOR <= d.size; at += SECTOR)
        if (d.read(d.state, at, buf, SECTOR, &err) == 0)
            for (size_t i = 0; i < SECTOR; i++)
                T_EQ(buf[i], disk_byte(at + i));
    d.close(d.state);
}

static void cut_off(struct bytes file)
{
    struct disk d;
    struct str gap;
    if (open_made(file, &d, &gap) == 0) {
        T_OK(gap.n > 0);
        d.close(d.state);
    }
    read_damaged(file);
}

static void damage_is_told_or_harmless(void)
{
    struct made m = whole();
    t_each_prefix((struct bytes){m.bytes, m.n}, cut_off);
    size_t first_chunk = 13 + 2 * DESCRIPTOR + 94;
    for (size_t i = first_chunk; i < m.n; i++) /* what stands before says how large it is */
        for (unsigned bit = 0; bit < 8; bit++) {
            m.bytes[i] ^= (uint8_t)(1U << bit);
            read_damaged((struct bytes){m.bytes, m.n});
            m.bytes[i] ^= (uint8_t)(1U << bit);
        }
}

/* A section without a size whose next one starts inside of it has no content at all: not what
 * lies behind the image. */
static void a_section_inside_another_ends_the_list(void)
{
    struct made m;
    start(&m);
    volume(&m, 3, PER_CHUNK, SECTOR, SECTORS, SIZE_NONE_NEXT_INSIDE);
    struct disk d;
    struct str gap;
    size_t n = 13 + DESCRIPTOR; /* nothing behind its start */
    uint8_t *exact = malloc(n);
    if (!exact)
        abort();
    memcpy(exact, m.bytes, n);
    T_EQ(open_made((struct bytes){exact, n}, &d, &gap), -1);
    free(exact);
    start(&m);
    volume(&m, 3, PER_CHUNK, SECTOR, SECTORS, 0);
    section(&m, "table", 0, SIZE_NONE_NEXT_INSIDE);
    T_EQ(open_made((struct bytes){m.bytes, m.n}, &d, &gap), 0);
    T_OK(gap.n > 0);
    T_OK(!read_is_right(&d, 0, 1));
    d.close(d.state);
}

static void absurd_sizes_are_refused(void)
{
    static const struct {
        uint32_t chunks, per_chunk, sector;
        int want;
    } cases[] = {
        {3, 0, SECTOR, -1},
        {3, PER_CHUNK, 0, -1},
        {3, 1 << 16, 1 << 16, -1},
        {UINT32_MAX, UINT32_MAX, SECTOR, -1},
        {UINT32_MAX, 1 << 15, SECTOR, 0}, /* large, but it adds up: nothing of it is there */
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct made m;
        struct disk d;
        struct str gap;
        start(&m);
        volume(&m, cases[i].chunks, cases[i].per_chunk, cases[i].sector, UINT32_MAX, 0);
        section(&m, "done", 0, 0);
        int got = open_made((struct bytes){m.bytes, m.n}, &d, &gap);
        T_EQ(got, cases[i].want);
        if (got < 0)
            continue;
        T_OK(gap.n > 0);
        T_OK(!read_is_right(&d, d.size - 1, 1));
        d.close(d.state);
    }
}

static void lists_that_loop_end(void)
{
    for (unsigned flaw = 0; flaw < 2; flaw++) {
        struct made m;
        struct disk d;
        struct str gap;
        start(&m);
        volume(&m, 3, PER_CHUNK, SECTOR, SECTORS, 0);
        chunks(&m, flaw ? SUM : NEXT_ITSELF);
        section(&m, "done", 0, 0);
        T_EQ(open_made((struct bytes){m.bytes, m.n}, &d, &gap), 0);
        T_OK(gap.n > 0);
        T_EQ(read_is_right(&d, 0, DISK), flaw == 0);
        d.close(d.state);
    }
}

/* Places of chunks behind the image, before it, and one behind the other. */
static void places_that_are_none_are_damage(void)
{
    struct made m = whole();
    size_t offsets = m.n - DESCRIPTOR - 3 * 4;
    static const uint32_t places[] = {UINT32_MAX, INT32_MAX, 0x80000000, 1 << 20};
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        struct disk d;
        struct str gap;
        struct made bad = m;
        bad.n = offsets + 4;
        put(&bad, places[i], 4);
        bad.n = m.n;
        T_EQ(open_made((struct bytes){bad.bytes, bad.n}, &d, &gap), 0);
        T_OK(!read_is_right(&d, CHUNK, 1));
        T_OK(read_is_right(&d, 2 * CHUNK, 1));
        d.close(d.state);
    }
}

static struct str ending(const char *first, unsigned number, char *buf)
{
    return ewf_ending(str_of(first), number, buf) ? (struct str){buf, 3} : STR("");
}

static void names_segments_in_their_order(void)
{
    static const struct {
        const char *first;
        unsigned number;
        const char *want;
    } cases[] = {
        {"E01", 1, "E01"},
        {"E01", 2, "E02"},
        {"E01", 99, "E99"},
        {"E01", 100, "EAA"},
        {"E01", 125, "EAZ"},
        {"E01", 126, "EBA"},
        {"E01", 775, "EZZ"},
        {"E01", 776, "FAA"},
        {"e01", 100, "eaa"},
        {"s01", 3, "s03"},
        {"E01", 14971, "ZZZ"},
        {"E01", 14972, ""},
        {"E01", 0, ""},
        {"E02", 2, ""},
        {"x1", 2, ""},
        {"101", 2, ""},
        {"evtx", 2, ""},
        {"z01", 100 + 676, ""},
        {"\xff"
         "01",
         2, ""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char buf[3];
        struct str got = ending(cases[i].first, cases[i].number, buf);
        if (!str_eq(got, str_of(cases[i].want)))
            printf("  %s %u: %.*s\n", cases[i].first, cases[i].number, STR_ARG(got));
        T_OK(str_eq(got, str_of(cases[i].want)));
    }
}

static void tells_the_first_segment_from_others(void)
{
    uint8_t head[] = "EVF\x09\x0d\x0a\xff\0\x01\x01\0\0";
    struct bytes b = {head, sizeof head};
    T_EQ(ewf_segment(b), 1u);
    head[9] = 2;
    T_EQ(ewf_segment(b), 2u);
    head[10] = 1;
    T_EQ(ewf_segment(b), 258u);
    b.n = 12;
    T_EQ(ewf_segment(b), 0u);
    head[0] = 'L';
    b.n = sizeof head;
    T_EQ(ewf_segment(b), 0u);
}

int main(void)
{
    a = arena_new();
    T_RUN(a_disk_is_read);
    T_RUN(names_segments_in_their_order);
    T_RUN(tells_the_first_segment_from_others);
    T_RUN(damage_is_told_or_harmless);
    T_RUN(a_section_inside_another_ends_the_list);
    T_RUN(absurd_sizes_are_refused);
    T_RUN(lists_that_loop_end);
    T_RUN(places_that_are_none_are_damage);
    arena_free(a);
    return t_done();
}
