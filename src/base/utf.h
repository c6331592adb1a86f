/* utf.h - text in the encodings Windows writes. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/str.h"

/* Decodes UTF-16LE.
 *
 * raw     any bytes; an odd last byte is ignored
 * arena   owns the result
 * returns valid UTF-8 of at most 3/2 * raw.n bytes; a lone surrogate becomes
 *         U+FFFD. Never fails: damaged text is still evidence.
 */
struct str utf16le_decode(struct bytes raw, struct arena *arena);

/* The same into memory of the caller: out has room for raw.n / 2 * 3 bytes; returns how
 * many were written. */
size_t utf16le_put(char *out, struct bytes raw);

/* Whether a file is UTF-16LE: it has that byte order mark, or its first 32 characters are
 * ASCII with a zero byte behind each. */
bool utf16le_looks(struct bytes file);

/* The length in bytes (1 to 4) of the valid UTF-8 sequence at p, and its code point; 0 if
 * there is none. Overlong forms, surrogates and values past U+10FFFF are not valid.
 * n is how many bytes are there, at least 1. */
size_t utf8_at(const char *p, size_t n, uint32_t *ret);

bool utf8_valid(struct bytes raw);

/* Bytes as text: borrowed where they are valid UTF-8, else a copy in which each bad byte
 * is U+FFFD. */
struct str utf8_repair(struct bytes raw, struct arena *arena);

/* Bytes as text: borrowed where they are valid UTF-8, else each byte is a character of the
 * code page windows-1252. The five bytes that have none there become U+0081 and so on, as
 * Windows does: nothing is lost. */
struct str utf8_or_ansi(struct bytes raw, struct arena *arena);

/* Writes a code point as UTF-8; out has room for 4 bytes; returns how many were written. */
size_t utf8_put(char *out, uint32_t code_point);

struct utf_range { /* of code points, both ends in it */
    uint32_t from, to;
};

static inline bool utf_is_in(const struct utf_range *ranges, size_t n, uint32_t cp)
{
    for (size_t i = 0; i < n; i++)
        if (cp >= ranges[i].from && cp <= ranges[i].to)
            return true;
    return false;
}
