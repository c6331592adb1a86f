#include "format/evtx_chunk.h"

#include "format/crc32.h"
#include "t.h"

enum { FIRST = 512, SIZE = 32, LEN = FIRST + 2 * SIZE };

static void put_le(uint8_t *p, uint64_t v, size_t width)
{
    for (size_t i = 0; i < width; i++)
        p[i] = (uint8_t)(v >> 8 * i);
}

static void put_record(uint8_t *p, uint64_t id)
{
    put_le(p, 0x2a2a, 4);
    put_le(p + 4, SIZE, 4);
    put_le(p + 8, id, 8);
    put_le(p + 16, 132000000000000000, 8);
    put_le(p + 24, 0x0f010100, 4); /* four bytes standing in for BinXML */
    put_le(p + 28, SIZE, 4);
}

/* A header and two records, ids 7 and 8. */
static struct bytes sample(uint8_t buf[LEN])
{
    memset(buf, 0, LEN);
    memcpy(buf, "ElfChnk", 8);
    put_le(buf + 40, 128, 4);
    put_le(buf + 48, LEN, 4);
    put_record(buf + FIRST, 7);
    put_record(buf + FIRST + SIZE, 8);
    return (struct bytes){buf, LEN};
}

static void reads_records_in_order(void)
{
    uint8_t buf[LEN];
    struct err err = {0};
    struct evtx_chunk chunk;
    struct evtx_frame rec;

    T_EQ(evtx_chunk_open(sample(buf), 4096, &chunk, &err), 0);
    T_EQ(evtx_chunk_next(&chunk, &rec, &err), 1);
    T_EQ(rec.id, 7);
    T_EQ(rec.offset, 4096 + FIRST);
    T_EQ(rec.size, SIZE);
    T_EQ(rec.written, 132000000000000000);
    T_EQ(rec.binxml.n, 4);
    T_EQ(evtx_chunk_next(&chunk, &rec, &err), 1);
    T_EQ(rec.id, 8);
    T_EQ(evtx_chunk_next(&chunk, &rec, &err), 0);
    T_EQ(evtx_chunk_next(&chunk, &rec, &err), 0);
}

static void reports_each_kind_of_damage(void)
{
    static const struct {
        const char *what;
        size_t at;
        uint32_t value;
        int opened, first; /* expected results of open and of the first next */
    } cases[] = {
        {"signature", 0, 0, -1, 0},
        {"header size", 40, 64, -1, 0},
        {"record size zero", FIRST + 4, 0, 0, -1},
        {"record size below the least", FIRST + 4, 27, 0, -1},
        {"record size past the end", FIRST + 4, LEN, 0, -1},
        {"record size 4 GiB", FIRST + 4, UINT32_MAX, 0, -1},
        {"size copy", FIRST + 28, 31, 0, -1},
        {"record magic", FIRST, 1, 0, -1},
        {"zeros in place of a record", FIRST, 0, 0, 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        uint8_t buf[LEN];
        struct err err = {0};
        struct evtx_chunk chunk;
        struct evtx_frame rec;

        struct bytes data = sample(buf);
        put_le(buf + cases[i].at, cases[i].value, 4);
        int opened = evtx_chunk_open(data, 0, &chunk, &err);
        int first = opened < 0 ? 0 : evtx_chunk_next(&chunk, &rec, &err);
        if (opened != cases[i].opened || first != cases[i].first)
            printf("  case \"%s\":\n", cases[i].what);
        T_EQ(opened, cases[i].opened);
        T_EQ(first, cases[i].first);
        T_EQ(err.code != ERR_NONE, opened < 0 || first < 0);
        if (opened == 0 && first < 0)
            T_EQ(chunk.at, FIRST); /* where the gap starts */
    }
}

static unsigned count_records(struct bytes data)
{
    struct err err = {0};
    struct evtx_chunk chunk;
    struct evtx_frame rec;
    unsigned n = 0;
    if (evtx_chunk_open(data, 0, &chunk, &err) < 0)
        return 0;
    while (evtx_chunk_next(&chunk, &rec, &err) > 0) {
        T_OK(rec.binxml.n <= data.n);
        n++;
    }
    return n;
}

static void behind_the_stated_end_only_the_sequence_counts(void)
{
    uint8_t buf[LEN];
    struct bytes data = sample(buf);
    put_le(buf + 48, FIRST + SIZE, 4);
    T_EQ(count_records(data), 2); /* 7, 8: written after the header was */
    put_record(buf + FIRST + SIZE, 3);
    T_EQ(count_records(data), 1); /* 7, 3: left over */
    put_le(buf + 48, 0, 4);
    T_EQ(count_records(data), 2); /* no sane end: no reason to doubt */
}

static void checks_both_checksums(void)
{
    uint8_t buf[LEN];
    struct bytes data = sample(buf);
    T_OK(!evtx_chunk_crc_ok(data));
    put_le(buf + 52, crc32_of(0, (struct bytes){buf + FIRST, LEN - FIRST}), 4);
    T_OK(!evtx_chunk_crc_ok(data));
    uint32_t head = crc32_of(0, (struct bytes){buf, 120});
    put_le(buf + 124, crc32_of(head, (struct bytes){buf + 128, FIRST - 128}), 4);
    T_OK(evtx_chunk_crc_ok(data));
    buf[FIRST + 30] ^= 1;
    T_OK(!evtx_chunk_crc_ok(data));
    put_le(buf + 120, 4, 4); /* "I have none" */
    T_OK(evtx_chunk_crc_ok(data));
    T_OK(!evtx_chunk_crc_ok((struct bytes){buf, 127}));
}

static void walk(struct bytes data)
{
    (void)count_records(data);
    (void)evtx_chunk_crc_ok(data);
}

static void survives_every_truncation(void)
{
    uint8_t buf[LEN];
    t_each_prefix(sample(buf), walk);
}

int main(void)
{
    T_RUN(reads_records_in_order);
    T_RUN(reports_each_kind_of_damage);
    T_RUN(behind_the_stated_end_only_the_sequence_counts);
    T_RUN(checks_both_checksums);
    T_RUN(survives_every_truncation);
    return t_done();
}
