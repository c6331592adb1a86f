#include "format/evtx_chunk.h"

#include <inttypes.h>

#include "format/crc32.h"
#include "format/evtx_int.h"

static const uint8_t CHUNK_MAGIC[8] = "ElfChnk"; /* the eighth byte is NUL */

enum {
    HEADER_SIZE = 128, /* as the header itself states it */
    RECORDS_AT = 512,  /* header, string offsets, template offsets */
    RECORD_MAGIC = 0x2a2a,
    RECORD_HEAD = 24, /* magic, size, id, time */
    RECORD_MIN = 28,  /* and the copy of the size */
    FLAG_NO_CRC = 4,
};

bool evtx_is_chunk(struct bytes block)
{
    return block.n >= sizeof CHUNK_MAGIC &&
           memcmp(block.p, CHUNK_MAGIC, sizeof CHUNK_MAGIC) == 0;
}

int evtx_chunk_open(struct bytes chunk, uint64_t offset, struct evtx_chunk *ret,
                    struct err *err)
{
    if (chunk.n > EVTX_CHUNK_SIZE)
        chunk.n = EVTX_CHUNK_SIZE;
    struct cur cur = cur_of(chunk, offset);
    cur_seek(&cur, 40); /* behind record numbers and ids: they can lie and are not used */
    uint32_t header_size = cur_u32(&cur);
    cur_skip(&cur, 4); /* last record */
    uint32_t free_at = cur_u32(&cur);
    cur_seek(&cur, RECORDS_AT);

    if (cur.bad)
        return err_set(err, ERR_CORRUPT, "chunk at %" PRIu64 ": %zu bytes is too short", offset,
                       chunk.n);
    if (!evtx_is_chunk(chunk))
        return err_set(err, ERR_CORRUPT, "chunk at %" PRIu64 ": no ElfChnk signature", offset);
    if (header_size != HEADER_SIZE)
        return err_set(err, ERR_UNSUPPORTED,
                       "chunk at %" PRIu64 ": header of %" PRIu32 " bytes", offset,
                       header_size);

    bool sane = free_at >= RECORDS_AT && free_at <= EVTX_CHUNK_SIZE;
    *ret = (struct evtx_chunk){.bytes = chunk,
                               .offset = offset,
                               .at = RECORDS_AT,
                               .free_at = sane ? free_at : EVTX_CHUNK_SIZE};
    return 0;
}

/* No record stands at chunk->at. That is the end, unless the header claims more: then
 * zeros are the end too (archived logs state the end too far), anything else is damage. */
static int end_of_records(const struct evtx_chunk *chunk, uint32_t magic, struct err *err)
{
    if (chunk->at >= chunk->free_at || magic == 0)
        return 0;
    return err_set(err, ERR_CORRUPT, "no record at %" PRIu64 ", where the chunk claims one",
                   chunk->offset + chunk->at);
}

int evtx_chunk_next(struct evtx_chunk *chunk, struct evtx_frame *ret, struct err *err)
{
    size_t left = chunk->bytes.n - chunk->at;
    if (left < RECORD_MIN)
        return left ? end_of_records(chunk, chunk->bytes.p[chunk->at], err) : 0;
    const uint8_t *p = chunk->bytes.p + chunk->at; /* RECORD_MIN bytes from p are there */
    uint32_t magic = le32(p);
    if (magic != RECORD_MAGIC)
        return end_of_records(chunk, magic, err);

    uint64_t offset = chunk->offset + chunk->at;
    uint32_t size = le32(p + 4);
    uint64_t id = le64(p + 8);
    if (chunk->at >= chunk->free_at && chunk->any && id != chunk->last_id + 1)
        return 0;
    if (size < RECORD_MIN || size > left)
        return err_set(err, ERR_CORRUPT, "record at %" PRIu64 ": size %" PRIu32, offset, size);
    if (le32(p + size - 4) != size)
        return err_set(err, ERR_CORRUPT, "record at %" PRIu64 ": sizes disagree", offset);

    __builtin_prefetch(p + size); /* where the next one starts; perhaps behind the chunk */
    *ret = (struct evtx_frame){.offset = offset,
                               .size = size,
                               .id = id,
                               .written = le64(p + 16),
                               .binxml = {p + RECORD_HEAD, size - RECORD_MIN}};
    chunk->at += size;
    chunk->last_id = id;
    chunk->any = true;
    return 1;
}

bool evtx_shell_find(struct bytes block, uint64_t base, size_t from, struct evtx_frame *ret)
{
    for (size_t at = from; block.n >= RECORD_MIN && at <= block.n - RECORD_MIN; at += 4) {
        const uint8_t *p = block.p + at; /* RECORD_MIN bytes from p are there */
        if (le32(p) != RECORD_MAGIC)
            continue;
        uint32_t size = le32(p + 4);
        if (size < RECORD_MIN || size > EVTX_CHUNK_SIZE || size > block.n - at ||
            le32(p + size - 4) != size)
            continue;
        *ret = (struct evtx_frame){.offset = base + at,
                                   .size = size,
                                   .id = le64(p + 8),
                                   .written = le64(p + 16),
                                   .binxml = {p + RECORD_HEAD, size - RECORD_MIN}};
        return true;
    }
    return false;
}

bool evtx_chunk_crc_ok(struct bytes chunk)
{
    struct cur cur = cur_of(chunk, 0);
    cur_seek(&cur, 48);
    uint32_t free_at = cur_u32(&cur);
    uint32_t records_crc = cur_u32(&cur);
    cur_seek(&cur, 120);
    uint32_t flags = cur_u32(&cur);
    uint32_t header_crc = cur_u32(&cur);
    if (cur.bad || (flags & FLAG_NO_CRC))
        return !cur.bad;
    if (free_at < RECORDS_AT || free_at > chunk.n)
        return false;

    uint32_t crc = crc32_of(0, (struct bytes){chunk.p, 120});
    crc = crc32_of(crc, (struct bytes){chunk.p + HEADER_SIZE, RECORDS_AT - HEADER_SIZE});
    return crc == header_crc &&
           crc32_of(0, (struct bytes){chunk.p + RECORDS_AT, free_at - RECORDS_AT}) ==
               records_crc;
}
