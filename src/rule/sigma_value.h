/* sigma_value.h - the values of Sigma rules: wildcards, escapes, encodings, and the one
 * test that each becomes.
 *
 * A *coded* text is UTF-8 in which three bytes that UTF-8 never has stand for wildcards.
 *
 * Source: Sigma specification 2.1.0, appendix modifiers; pySigma where it is silent.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include "rule/regex.h"

enum {
    CODED_STAR = 0xff, /* any text, also none and also newlines */
    CODED_ONE = 0xfe,  /* exactly one character */
    CODED_DASH = 0xfd, /* one of - / U+2013 U+2014 U+2015 */
};

/* Reads a value: '*' and '?' are wildcards; a backslash before '*', '?' or a backslash
 * makes that character literal, any other backslash is itself. */
struct str sigma_value_code(struct str text, struct arena *arena);

/* Whether a coded text has no wildcard: it is then plain text. */
bool sigma_value_is_plain(struct str coded);

/* Puts a wildcard before and behind, as asked. Runs of stars become one. */
struct str sigma_value_wrap(struct str coded, bool before, bool behind, struct arena *arena);

/* Turns each '-' or '/' that starts a word into CODED_DASH. */
struct str sigma_value_windash(struct str coded, struct arena *arena);

/* How many texts a coded text means if each CODED_DASH in it is one of the five dashes;
 * more than `most`: then it says most + 1. */
size_t sigma_value_dash_texts(struct str coded, size_t most);

/* One of these texts, with other codes as they are. */
struct str sigma_value_dash_text(struct str coded, size_t index, struct arena *arena);

enum utf16_order {
    UTF16_LE,
    UTF16_BE,
    UTF16_MARKED /* little endian with a byte order mark */
};

struct str sigma_value_utf16(struct str plain, enum utf16_order order, struct arena *arena);
struct str sigma_value_base64(struct str bytes, struct arena *arena);

/* The part of the base64 text that is the same whatever stands around the bytes, if
 * `shift` (0, 1, 2) bytes stand before them. */
struct str sigma_value_base64_offset(struct str bytes, unsigned shift, struct arena *arena);

/* ---- numbers ---- */

struct number {
    bool whole; /* `minus` and `size` are exact */
    bool minus;
    uint64_t size;
    double d;
};

struct number number_of(int64_t v);

/* Decimal, 0x hexadecimal, or decimal with a fraction and exponent; the whole text. */
bool number_parse(struct str text, struct number *ret);
int number_compare(struct number a, struct number b); /* <0, 0, >0 */

/* ---- tests on one text ---- */

enum text_test { TEXT_ANY, TEXT_EXACT, TEXT_PREFIX, TEXT_SUFFIX, TEXT_CONTAINS, TEXT_GLOB };

enum { GRAM_BITS = 4096, GRAMS_MAX = 8 };

struct text_pattern {
    enum text_test test;
    struct str text;           /* literal; coded for TEXT_GLOB */
    uint16_t grams[GRAMS_MAX]; /* hashes of three-byte pieces that a match must hold */
    uint8_t n_grams;
};

/* The cheapest test that says the same as a coded text. */
struct text_pattern text_pattern_of(struct str coded);

bool text_matches(const struct text_pattern *p, struct str text);

/* Adds a text's three-byte pieces to a set: a bitmap of GRAM_BITS. */
void text_add_grams(uint64_t *set, struct str text);

/* False only if none of the texts whose pieces are in the set can match. */
bool text_may_match(const struct text_pattern *p, const uint64_t *set);
