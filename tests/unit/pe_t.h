/* pe_t.h - a small Windows program made in memory, for tests. */
#pragma once

#include "t.h"

enum { PE_T_SIZE = 0x1000, PE_T_RVA = 0x1000, PE_T_AT = 0x400 };

struct pe_t {
    uint8_t b[PE_T_SIZE];
    size_t at; /* where the next thing goes */
};

static inline void pe_t_put(struct pe_t *p, size_t at, uint64_t v, size_t n)
{
    for (size_t i = 0; i < n; i++)
        p->b[at + i] = (uint8_t)(v >> 8 * i);
}

static inline uint32_t pe_t_rva(size_t at)
{
    return (uint32_t)(at - PE_T_AT + PE_T_RVA);
}

/* Puts a text with its zero byte; returns its address. */
static inline uint32_t pe_t_text(struct pe_t *p, const char *text)
{
    size_t at = p->at;
    memcpy(p->b + at, text, strlen(text) + 1);
    p->at += strlen(text) + 1;
    return pe_t_rva(at);
}

static inline void pe_t_wide(struct pe_t *p, const char *text)
{
    for (; *text; text++, p->at += 2)
        p->b[p->at] = (uint8_t)*text;
    p->at += 2;
}

static inline void pe_t_align(struct pe_t *p, size_t base)
{
    while ((p->at - base) % 4)
        p->at++;
}

enum { PE_T_HEADER = 0x80, PE_T_OPTIONAL = PE_T_HEADER + 24, PE_T_DIRS = PE_T_OPTIONAL + 112 };

static inline void pe_t_dir(struct pe_t *p, size_t i, uint32_t at, size_t size)
{
    pe_t_put(p, PE_T_DIRS + 8 * i, at, 4);
    pe_t_put(p, PE_T_DIRS + 8 * i + 4, size, 4);
}

/* A library for x64 with one section, and nothing in it. */
static inline void pe_t_begin(struct pe_t *p)
{
    *p = (struct pe_t){.at = PE_T_AT};
    memcpy(p->b, "MZ", 2);
    pe_t_put(p, 0x3c, PE_T_HEADER, 4);
    memcpy(p->b + PE_T_HEADER, "PE\0\0", 4);
    pe_t_put(p, PE_T_HEADER + 4, 0x8664, 2);
    pe_t_put(p, PE_T_HEADER + 6, 1, 2);
    pe_t_put(p, PE_T_HEADER + 8, 1614816000, 4); /* 2021-03-04 */
    pe_t_put(p, PE_T_HEADER + 20, 240, 2);
    pe_t_put(p, PE_T_HEADER + 22, 0x2022, 2);
    pe_t_put(p, PE_T_OPTIONAL, 0x20b, 2);
    pe_t_put(p, PE_T_OPTIONAL + 60, PE_T_AT, 4);
    pe_t_put(p, PE_T_OPTIONAL + 108, 16, 4);
    size_t section = PE_T_OPTIONAL + 240;
    memcpy(p->b + section, ".text", 5);
    pe_t_put(p, section + 8, PE_T_SIZE - PE_T_AT, 4);
    pe_t_put(p, section + 12, PE_T_RVA, 4);
    pe_t_put(p, section + 16, PE_T_SIZE - PE_T_AT, 4);
    pe_t_put(p, section + 20, PE_T_AT, 4);
}

static inline void pe_t_exports(struct pe_t *p, const char *const *names, size_t n)
{
    uint32_t at[8];
    for (size_t i = 0; i < n; i++)
        at[i] = pe_t_text(p, names[i]);
    uint32_t self = pe_t_text(p, "self.dll");
    size_t table = p->at;
    for (size_t i = 0; i < n; i++, p->at += 4)
        pe_t_put(p, p->at, at[i], 4);
    size_t dir = p->at;
    pe_t_put(p, dir + 12, self, 4);
    pe_t_put(p, dir + 24, n, 4);
    pe_t_put(p, dir + 32, pe_t_rva(table), 4);
    p->at += 40;
    pe_t_dir(p, 0, pe_t_rva(dir), 40);
}

/* kernel32!ExitProcess, and a function by number of a library. */
static inline void pe_t_imports(struct pe_t *p, const char *by_number)
{
    uint32_t libraries[2];
    uint32_t thunks[2];
    libraries[0] = pe_t_text(p, "KERNEL32.dll");
    libraries[1] = pe_t_text(p, by_number);
    p->at += 2; /* the hint */
    uint32_t name = pe_t_text(p, "ExitProcess") - 2;
    thunks[0] = pe_t_rva(p->at);
    pe_t_put(p, p->at, name, 8);
    thunks[1] = pe_t_rva(p->at + 16);
    pe_t_put(p, p->at + 16, UINT64_C(1) << 63 | 7, 8);
    p->at += 32;
    pe_t_dir(p, 1, pe_t_rva(p->at), 60);
    for (size_t i = 0; i < 2; i++, p->at += 20) {
        pe_t_put(p, p->at, thunks[i], 4);
        pe_t_put(p, p->at + 12, libraries[i], 4);
    }
    p->at += 20;
}

/* A node of the version information whose value is a text, or that has none yet. */
static inline size_t pe_t_node(struct pe_t *p, size_t base, const char *key, const char *text)
{
    pe_t_align(p, base);
    size_t at = p->at;
    p->at += 6;
    pe_t_wide(p, key);
    pe_t_align(p, base);
    pe_t_put(p, at + 4, 1, 2);
    if (text) {
        pe_t_put(p, at + 2, strlen(text) + 1, 2);
        pe_t_wide(p, text);
        pe_t_put(p, at, p->at - at, 2);
    }
    return at;
}

static inline void pe_t_close(struct pe_t *p, size_t node)
{
    pe_t_put(p, node, p->at - node, 2);
}

/* Version 15.1.2375.7 with its texts, in a resource of type 16. */
static inline void pe_t_version(struct pe_t *p, const char *original_name)
{
    size_t dir = p->at = (p->at + 7) & ~(size_t)7;
    for (uint32_t i = 0; i < 3; i++, p->at += 24) { /* type, name, language */
        pe_t_put(p, p->at + 14, 1, 2);
        pe_t_put(p, p->at + 16, i ? 1 : 16, 4);
        uint64_t next = p->at - dir + 24;
        pe_t_put(p, p->at + 20, i < 2 ? next | UINT64_C(1) << 31 : next, 4);
    }
    size_t entry = p->at;
    p->at += 16;
    size_t base = p->at;
    size_t root = pe_t_node(p, base, "VS_VERSION_INFO", NULL);
    pe_t_put(p, root + 2, 52, 2);
    pe_t_put(p, root + 4, 0, 2);
    pe_t_put(p, p->at, 0xfeef04bd, 4);
    pe_t_put(p, p->at + 8, 15 << 16 | 1, 4);
    pe_t_put(p, p->at + 12, 2375 << 16 | 7, 4);
    p->at += 52;
    size_t texts = pe_t_node(p, base, "StringFileInfo", NULL);
    size_t table = pe_t_node(p, base, "040904b0", NULL);
    (void)pe_t_node(p, base, "FileVersion", "15.01.2375.007");
    (void)pe_t_node(p, base, "CompanyName", "Microsoft Corporation");
    (void)pe_t_node(p, base, "OriginalFilename", original_name);
    pe_t_close(p, table);
    pe_t_close(p, texts);
    pe_t_close(p, root);
    pe_t_put(p, entry, pe_t_rva(base), 4);
    pe_t_put(p, entry + 4, p->at - base, 4);
    pe_t_dir(p, 2, pe_t_rva(dir), p->at - dir);
}

/* What looks like a signature: two certificates' names. */
static inline void pe_t_signature(struct pe_t *p)
{
    static const char blob[] = "\x40\0\0\0\0\2\2\0...\x06\x03\x55\x04\x03\x13\x07Root CA.."
                               "\x06\x03\x55\x04\x03\x0c\x06Signer..\x06\x03\x55\x04\x03\x13"
                               "\x07Root CA";
    memcpy(p->b + p->at, blob, sizeof blob);
    pe_t_dir(p, 4, (uint32_t)p->at, sizeof blob);
    p->at += sizeof blob;
}

/* Managed code whose heap of names has one that matters, and one that only ends like it. */
static inline void pe_t_managed(struct pe_t *p)
{
    static const char heap[] = "\0MyIHttpHandler\0IHttpModule\0x";
    size_t clr = p->at = (p->at + 3) & ~(size_t)3;
    size_t meta = clr + 16;
    pe_t_put(p, clr + 8, pe_t_rva(meta), 4);
    pe_t_put(p, clr + 12, 200, 4);
    memcpy(p->b + meta, "BSJB", 4);
    pe_t_put(p, meta + 12, 4, 4);
    memcpy(p->b + meta + 16, "v4", 2);
    pe_t_put(p, meta + 22, 1, 2);
    pe_t_put(p, meta + 24, 64, 4);
    pe_t_put(p, meta + 28, sizeof heap, 4);
    memcpy(p->b + meta + 32, "#Strings", 8);
    memcpy(p->b + meta + 64, heap, sizeof heap);
    p->at = meta + 200;
    pe_t_dir(p, 14, pe_t_rva(clr), 72);
}

static inline struct bytes pe_t_bytes(const struct pe_t *p)
{
    return (struct bytes){p->b, PE_T_SIZE};
}
