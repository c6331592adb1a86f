/* decode_int.h - what the families of encodings share. */
#pragma once

#include "base/buf.h"
#include "event/decode.h"

/* What a text has that a family may undo. One pass finds all of them. */
enum decode_has {
    HAS_TICK = 1 << 0,      /* ` inside a word */
    HAS_CARET = 1 << 1,     /* ^ inside a word */
    HAS_JOIN = 1 << 2,      /* a quote, + or &, a quote */
    HAS_EMPTY = 1 << 3,     /* two quotes inside a word */
    HAS_FORMAT = 1 << 4,    /* -f */
    HAS_REPLACE = 1 << 5,   /* -replace, .Replace( */
    HAS_REVERSE = 1 << 6,   /* [-1..-n], StrReverse, .reverse(), RightToLeft */
    HAS_CHAR = 1 << 7,      /* [char]65, Chr(65), fromCharCode( */
    HAS_NUMBERS = 1 << 8,   /* a list of numbers */
    HAS_SPLIT = 1 << 9,     /* something is split */
    HAS_XOR = 1 << 10,      /* -bxor */
    HAS_DEFLATE = 1 << 11,  /* something is unpacked */
    HAS_PERCENT = 1 << 12,  /* %41, %u0041 */
    HAS_ESCAPE = 1 << 13,   /* \x41, \u0041 */
    HAS_ENTITY = 1 << 14,   /* &#65; */
    HAS_RUN = 1 << 15,      /* 16 characters of base64, or of hexadecimal */
    HAS_BASE64 = 1 << 16,   /* the word, or an argument -e... : shorter runs count too */
    HAS_NUL = 1 << 17,      /* text with NULs between its characters */
    HAS_JOINING = 1 << 19,  /* -join, ::Join( */
    HAS_RADIX = 1 << 20,    /* ToInt16(.., 16) and its like */
    HAS_VARIABLE = 1 << 21, /* $a + ... */
    HAS_PAIRS = 1 << 18,    /* hexadecimal pairs with something between: 41-42-43 */
};

enum {
    DECODE_NAMES = 32,
    DECODE_KEYS = 4, /* constants of -bxor that are tried */
};

struct decoder {
    struct arena *arena;
    unsigned hints;
    unsigned has;    /* enum decode_has, of the text */
    struct str text; /* as it is now */
    struct buf out;  /* what it is becoming */
    size_t done;     /* of `text`, that is in `out` */
    bool changed;    /* `out` differs from `text` */
    const char *names[DECODE_NAMES];
    size_t n_names;
    size_t layer; /* where the names of the layer in hand start */
    struct str *parts;
    size_t n_parts, cap_parts;
    struct str program;
    size_t made;
    size_t unpacked;           /* bytes, whatever they were */
    struct str keyed;          /* the text that `keys` are of */
    uint8_t keys[DECODE_KEYS]; /* constants of -bxor */
    size_t n_keys;
    bool reversed; /* strings were given reversed */
    bool cut;
    struct decoded *list;
    size_t n_list, cap_list;
};

unsigned decode_has_in(struct str text, unsigned hints);

/* Puts `with` in the place of text[from, to); places must come in order. */
void decoder_put(struct decoder *d, size_t from, size_t to, struct str with);

/* Whether the text that is being made is too long already: a family may stop there, as
 * decoder_end gives it up. */
static inline bool decoder_full(const struct decoder *d)
{
    return d->out.full;
}

/* Ends a rewriting: the new text is the text. False if nothing was put.
 * name  NULL: it is told already */
bool decoder_end(struct decoder *d, const char *name);

void decoder_name(struct decoder *d, const char *name);
void decoder_part(struct decoder *d, struct str text);

/* What some bytes are, if they are anything: text in some encoding, perhaps packed. Names of
 * the layers between are added, behind `name`.
 *
 * least   characters that a text must have */
bool decode_bytes(struct decoder *d, const char *name, struct bytes raw, size_t least,
                  struct str *ret);

/* A glance at the first bytes: false if they cannot be anything. */
bool decode_may_be(const struct decoder *d, struct bytes head);

/* Families. Each undoes all that it finds in the text, and tells whether it did anything. */
bool undo_ticks(struct decoder *d);
bool undo_carets(struct decoder *d);
bool undo_joins(struct decoder *d);
bool undo_empty_quotes(struct decoder *d);
bool undo_literals(struct decoder *d); /* -f, -replace, reversal: operators on strings */
bool undo_variables(struct decoder *d);
bool undo_chars(struct decoder *d);
bool undo_numbers(struct decoder *d);
bool undo_escapes(struct decoder *d);
bool undo_percent(struct decoder *d);
bool undo_entities(struct decoder *d);
bool undo_base64(struct decoder *d);
bool undo_hex(struct decoder *d);
bool undo_nuls(struct decoder *d);

/* Characters. */
static inline bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static inline bool is_alpha(char c)
{
    return ascii_lower(c) >= 'a' && ascii_lower(c) <= 'z';
}

static inline bool is_alnum(char c)
{
    return is_digit(c) || is_alpha(c);
}

static inline bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static inline int hex_digit(char c)
{
    char l = ascii_lower(c);
    return is_digit(c) ? c - '0' : l >= 'a' && l <= 'f' ? l - 'a' + 10 : -1;
}

static inline bool is_name(char c)
{
    return is_alnum(c) || c == '_';
}

/* The character at i; NUL where there is none. */
static inline char char_at(struct str s, size_t i)
{
    return i < s.n ? s.p[i] : '\0';
}

static inline size_t skip_blanks(struct str s, size_t i)
{
    while (i < s.n && is_blank(s.p[i]))
        i++;
    return i;
}

/* Whether the variable that starts at i and ends before `to` has a + on one of its sides. */
static inline bool is_added(struct str s, size_t i, size_t to)
{
    size_t before = i;
    while (before && is_blank(s.p[before - 1]))
        before--;
    return (before && s.p[before - 1] == '+') || char_at(s, skip_blanks(s, to)) == '+';
}

static inline bool word_at(struct str s, size_t i, const char *word)
{
    struct str w = str_of(word);
    return i <= s.n && str_istarts((struct str){s.p + i, s.n - i}, w);
}

/* Whether the text before i ends in a word. */
static inline bool word_before(struct str s, size_t i, const char *word)
{
    return str_iends((struct str){s.p, i}, str_of(word));
}

/* ---- the glance at a text of a web request (decode_row.c) ---- */

enum {
    GLANCE_MAX = 480,   /* bytes of a text that is glanced at */
    GLANCE_BEHIND = 64, /* bytes behind it, of '~' */
};

/* Whether nothing in a text is sure to be hidden; false says little.
 *
 * room  the text, with GLANCE_BEHIND bytes behind it
 * n     bytes of the text, at most GLANCE_MAX */
bool decode_glance(const char *room, size_t n);

/* The same with AVX2, where the processor has it. */
bool decode_glance_avx2(const char *room, size_t n);
bool decode_avx2_is_here(void);
