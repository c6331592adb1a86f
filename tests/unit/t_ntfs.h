/* t_ntfs.h - makes records of a master file table and of a change journal. */
#pragma once

#include "base/str.h"
#include "t.h"

enum { T_RECORD = 1024, T_RECORDS = 64, T_DOS = 2, T_WINDOWS = 1, T_BOTH = 3 };

static const uint64_t T_2021 = UINT64_C(132590304000000000); /* 2021-03-01T00:00:00Z */

struct t_mft {
    uint8_t bytes[T_RECORDS * T_RECORD];
    uint8_t *record; /* being made */
    size_t at;       /* where its next attribute goes */
    size_t n;        /* records */
};

static inline void t_put(uint8_t *p, uint64_t v, size_t width)
{
    for (size_t i = 0; i < width; i++)
        p[i] = (uint8_t)(v >> (8 * i));
}

static inline uint64_t t_reference(uint64_t entry, uint64_t sequence)
{
    return entry | sequence << 48;
}

static inline void t_mft_begin(struct t_mft *m, size_t entry, unsigned sequence, unsigned flags,
                               uint64_t base)
{
    m->record = m->bytes + entry * T_RECORD;
    m->n = entry + 1 > m->n ? entry + 1 : m->n;
    memset(m->record, 0, T_RECORD);
    memcpy(m->record, "FILE", 4);
    t_put(m->record + 4, 48, 2);
    t_put(m->record + 6, 3, 2);
    t_put(m->record + 16, sequence, 2);
    t_put(m->record + 18, 1, 2);
    t_put(m->record + 20, 56, 2);
    t_put(m->record + 22, flags, 2);
    t_put(m->record + 28, T_RECORD, 4);
    t_put(m->record + 32, base, 8);
    t_put(m->record + 44, entry, 4);
    m->at = 56;
}

static inline void t_mft_attribute(struct t_mft *m, uint32_t type, const char *name,
                                   struct bytes content)
{
    uint8_t *a = m->record + m->at;
    size_t units = strlen(name);
    size_t content_at = (24 + units * 2 + 7) / 8 * 8;
    size_t size = (content_at + content.n + 7) / 8 * 8;
    t_put(a, type, 4);
    t_put(a + 4, size, 4);
    a[9] = (uint8_t)units;
    t_put(a + 10, 24, 2);
    t_put(a + 16, content.n, 4);
    t_put(a + 20, content_at, 2);
    for (size_t i = 0; i < units; i++)
        a[24 + 2 * i] = (uint8_t)name[i];
    if (content.n)
        memcpy(a + content_at, content.p, content.n);
    m->at += size;
}

/* Content that lies elsewhere. */
static inline void t_mft_outside(struct t_mft *m, uint32_t type, uint64_t first, uint64_t size)
{
    uint8_t *a = m->record + m->at;
    t_put(a, type, 4);
    t_put(a + 4, 72, 4);
    a[8] = 1;
    t_put(a + 16, first, 8);
    t_put(a + 32, 64, 2);
    t_put(a + 40, (size + 4095) / 4096 * 4096, 8);
    t_put(a + 48, size, 8);
    t_put(a + 56, size, 8);
    m->at += 72;
}

static inline void t_mft_standard(struct t_mft *m, uint64_t created, uint32_t attributes)
{
    uint8_t c[72] = {0};
    for (size_t i = 0; i < 4; i++)
        t_put(c + i * 8, created + i, 8);
    t_put(c + 32, attributes, 4);
    t_put(c + 64, 4242, 8);
    t_mft_attribute(m, 0x10, "", (struct bytes){c, sizeof c});
}

static inline void t_mft_name(struct t_mft *m, const char *name, uint64_t parent, int space,
                              uint64_t created)
{
    uint8_t c[66 + 2 * 255] = {0};
    size_t n = strlen(name);
    t_put(c, parent, 8);
    for (size_t i = 0; i < 4; i++)
        t_put(c + 8 + i * 8, created + i, 8);
    c[64] = (uint8_t)n;
    c[65] = (uint8_t)space;
    for (size_t i = 0; i < n; i++)
        c[66 + 2 * i] = (uint8_t)name[i];
    t_mft_attribute(m, 0x30, "", (struct bytes){c, 66 + 2 * n});
}

/* Ends the record: fix-ups are done. */
static inline void t_mft_end(struct t_mft *m)
{
    t_put(m->record + m->at, 0xffffffff, 4);
    t_put(m->record + 24, m->at + 8, 4);
    t_put(m->record + 48, 0xabcd, 2);
    for (size_t i = 1; i <= 2; i++) {
        memcpy(m->record + 48 + 2 * i, m->record + 512 * i - 2, 2);
        t_put(m->record + 512 * i - 2, 0xabcd, 2);
    }
}

/* A file or folder with one name. */
static inline void t_mft_file(struct t_mft *m, size_t entry, unsigned sequence, unsigned flags,
                              const char *name, uint64_t parent, const char *content)
{
    t_mft_begin(m, entry, sequence, flags, 0);
    t_mft_standard(m, T_2021 + 1, 0x20);
    t_mft_name(m, name, parent, T_BOTH, T_2021 + 1);
    if (content)
        t_mft_attribute(m, 0x80, "", str_bytes(str_of(content)));
    t_mft_end(m);
}

static inline struct bytes t_mft_bytes(const struct t_mft *m)
{
    return (struct bytes){m->bytes, m->n * T_RECORD};
}

/* --- a change journal ---------------------------------------------------------------------- */

struct t_usn {
    uint8_t bytes[32 * 1024];
    size_t n;
};

static inline void t_usn_add(struct t_usn *u, unsigned version, uint64_t file, uint64_t parent,
                             uint32_t reason, uint32_t attributes, const char *name)
{
    size_t wide = version == 2 ? 0 : 16;
    size_t fixed = 60 + wide;
    size_t n = strlen(name);
    size_t size = (fixed + 2 * n + 7) / 8 * 8;
    if (u->n / 4096 != (u->n + size - 1) / 4096)
        u->n = (u->n + 4095) / 4096 * 4096;
    uint8_t *p = u->bytes + u->n;
    t_put(p, size, 4);
    t_put(p + 4, version, 2);
    t_put(p + 8, file, 8);
    t_put(p + 16 + wide / 2, parent, 8);
    t_put(p + 24 + wide, u->n, 8);
    t_put(p + 32 + wide, T_2021 + u->n, 8);
    t_put(p + 40 + wide, reason, 4);
    t_put(p + 52 + wide, attributes, 4);
    t_put(p + 56 + wide, 2 * n, 2);
    t_put(p + 58 + wide, fixed, 2);
    for (size_t i = 0; i < n; i++)
        p[fixed + 2 * i] = (uint8_t)name[i];
    u->n += size;
}

static inline struct bytes t_usn_bytes(const struct t_usn *u)
{
    return (struct bytes){u->bytes, u->n};
}
