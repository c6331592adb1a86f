/* evtx_t.h - chunks of event logs, built by hand for the unit tests. */
#pragma once

#include <string.h>

#include "format/evtx_chunk.h"

enum { RECORDS_AT = 512 };

struct builder {
    uint8_t p[EVTX_CHUNK_SIZE];
    size_t n;
};

static inline void put(struct builder *b, uint64_t v, size_t width)
{
    for (size_t i = 0; i < width; i++)
        b->p[b->n++] = (uint8_t)(v >> 8 * i);
}

static inline void patch(struct builder *b, size_t at, uint64_t v, size_t width)
{
    for (size_t i = 0; i < width; i++)
        b->p[at + i] = (uint8_t)(v >> 8 * i);
}

static inline void put_chars(struct builder *b, const char *text)
{
    for (; *text; text++)
        put(b, (uint8_t)*text, 2);
}

static inline void put_name(struct builder *b, const char *name)
{
    unsigned hash = 0;
    for (const char *c = name; *c; c++)
        hash = hash * 65599 + (unsigned char)*c;
    put(b, b->n + 4, 4);
    put(b, 0, 4);
    put(b, hash & 0xffff, 2);
    put(b, strlen(name), 2);
    put_chars(b, name);
    put(b, 0, 2);
}

static inline void open_tag(struct builder *b, const char *name)
{
    put(b, 0x01, 1);
    put(b, 0xffff, 2);
    put(b, 0, 4); /* the size is not used */
    put_name(b, name);
    put(b, 0x02, 1);
}

static inline void value_in(struct builder *b, const char *name, unsigned index, unsigned type)
{
    open_tag(b, name);
    put(b, 0x0e, 1);
    put(b, index, 2);
    put(b, type, 1);
    put(b, 0x04, 1);
}

static inline size_t start_record(struct builder *b, uint64_t id)
{
    size_t at = b->n;
    put(b, 0x2a2a, 4);
    put(b, 0, 4);
    put(b, id, 8);
    put(b, UINT64_C(0x01d415586e15d29b), 8);
    put(b, 0x0001010f, 4);
    return at;
}

static inline void end_record(struct builder *b, size_t at)
{
    put(b, 0, 1);
    patch(b, at + 4, b->n + 4 - at, 4);
    put(b, b->n + 4 - at, 4);
}

static inline void start_chunk(struct builder *b)
{
    memset(b, 0, sizeof *b);
    memcpy(b->p, "ElfChnk", 8);
    patch(b, 40, 128, 4);
    b->n = RECORDS_AT;
}
