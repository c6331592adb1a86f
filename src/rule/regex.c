/* regex.c - PCRE2 behind regex.h. */
#include "rule/regex.h"

#include "base/buf.h"
#include "base/utf.h"
#include "rule/regex_shape.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

enum {
    MATCH_STEPS = 1000000, /* the worst SigmaHQ pattern needs some thousands */
    MATCH_DEPTH = 10000,
    MATCH_HEAP_KIB = 16 * 1024,
    PATTERN_MAX = 64 * 1024, /* bytes of a pattern */
};

struct regex {
    pcre2_code *code;
    struct str pattern;
    struct regex_shape shape;
};

struct regex_scratch {
    pcre2_match_data *data;
    pcre2_match_context *context;
    struct buf repaired;
};

/* Whether nothing but the pattern's own text says what it matches. */
static bool may_have_shape(const struct regex *r, unsigned flags)
{
    uint32_t newline = 0;
    (void)pcre2_pattern_info(r->code, PCRE2_INFO_NEWLINE, &newline);
    return newline == PCRE2_NEWLINE_LF && !(flags & (REGEX_AT_START | REGEX_AT_END));
}

struct regex *regex_new(struct str pattern, unsigned flags, struct arena *arena,
                        struct err *err)
{
    if (pattern.n > PATTERN_MAX) {
        (void)err_set(err, ERR_INVALID, "regular expression of %zu bytes", pattern.n);
        return NULL;
    }
    uint32_t options = PCRE2_UTF | PCRE2_MATCH_INVALID_UTF | PCRE2_NEVER_BACKSLASH_C;
    options |= flags & REGEX_IGNORE_CASE ? PCRE2_CASELESS : 0;
    options |= flags & REGEX_MULTILINE ? PCRE2_MULTILINE : 0;
    options |= flags & REGEX_DOT_ALL ? PCRE2_DOTALL : 0;
    options |= flags & REGEX_AT_START ? PCRE2_ANCHORED : 0;
    options |= flags & REGEX_AT_END ? PCRE2_ENDANCHORED : 0;
    int code = 0;
    PCRE2_SIZE at = 0;
    const char *p = pattern.n ? pattern.p : "";
    pcre2_code *compiled = pcre2_compile((PCRE2_SPTR)p, pattern.n, options, &code, &at, NULL);
    if (!compiled) {
        PCRE2_UCHAR why[160] = "";
        (void)pcre2_get_error_message(code, why, sizeof why);
        (void)err_set(err, ERR_INVALID, "regular expression, byte %zu: %s", (size_t)at,
                      (const char *)why);
        return NULL;
    }
    (void)pcre2_jit_compile(compiled, PCRE2_JIT_COMPLETE); /* the interpreter serves else */
    struct regex *r = ARENA_NEW(arena, struct regex);
    r->code = compiled;
    r->pattern = arena_str(arena, pattern);
    if (may_have_shape(r, flags))
        regex_shape_of(r->pattern, flags & REGEX_IGNORE_CASE, flags & REGEX_DOT_ALL, arena,
                       &r->shape);
    return r;
}

struct str regex_pattern(const struct regex *r)
{
    return r->pattern;
}

void regex_free(struct regex *r)
{
    if (r)
        pcre2_code_free(r->code);
}

struct regex_scratch *regex_scratch_new(struct arena *arena)
{
    struct regex_scratch *s = ARENA_NEW(arena, struct regex_scratch);
    s->repaired = buf_new(SIZE_MAX / 4); /* three times a value, which has its own limit */
    s->data = pcre2_match_data_create(1, NULL);
    s->context = pcre2_match_context_create(NULL);
    if (s->context) {
        (void)pcre2_set_match_limit(s->context, MATCH_STEPS);
        (void)pcre2_set_depth_limit(s->context, MATCH_DEPTH);
        (void)pcre2_set_heap_limit(s->context, MATCH_HEAP_KIB);
    }
    return s;
}

void regex_scratch_free(struct regex_scratch *s)
{
    if (!s)
        return;
    pcre2_match_data_free(s->data);
    pcre2_match_context_free(s->context);
    buf_free(&s->repaired);
}

/* The library matches on no side of a byte that is not UTF-8, so that one such byte in a name
 * would hide it from "^...$". Whether the text has one; then `to` is the text with U+FFFD in
 * its place. */
static bool repair(struct str text, struct buf *to)
{
    size_t kept = 0;
    if (utf8_valid(str_bytes(text)))
        return false;
    buf_clear(to);
    for (size_t at = 0; at < text.n;) {
        uint32_t cp;
        size_t len =
            (unsigned char)text.p[at] < 0x80 ? 1 : utf8_at(text.p + at, text.n - at, &cp);
        if (len == 0) {
            buf_add(to, text.p + kept, at - kept);
            buf_add_cstr(to, "\xef\xbf\xbd");
            kept = at + 1;
        }
        at += len ? len : 1;
    }
    if (kept)
        buf_add(to, text.p + kept, text.n - kept);
    return kept > 0;
}

static int match(const struct regex *r, struct str text, struct regex_scratch *scratch)
{
    const char *p = text.n ? text.p : "";
    return pcre2_match(r->code, (PCRE2_SPTR)p, text.n, 0, 0, scratch->data, scratch->context);
}

enum regex_result regex_search(const struct regex *r, struct str text,
                               struct regex_scratch *scratch)
{
    if (r->shape.known)
        return regex_shape_test(&r->shape, text) ? REGEX_YES : REGEX_NO;
    if (!scratch->data || !scratch->context)
        return REGEX_LIMIT;
    int rc = match(r, text, scratch);
    if (rc == PCRE2_ERROR_NOMATCH && repair(text, &scratch->repaired))
        rc = match(r, buf_str(&scratch->repaired), scratch);
    if (rc >= 0)
        return REGEX_YES;
    return rc == PCRE2_ERROR_NOMATCH ? REGEX_NO : REGEX_LIMIT;
}

enum regex_result regex_find(const struct regex *r, struct str text, size_t at, bool there,
                             struct regex_group *groups, size_t n,
                             struct regex_scratch *scratch)
{
    pcre2_match_data *data = pcre2_match_data_create_from_pattern(r->code, NULL);
    const char *p = text.n ? text.p : "";
    if (!data || !scratch->context || at > text.n) {
        pcre2_match_data_free(data);
        return REGEX_LIMIT;
    }
    int rc = pcre2_match(r->code, (PCRE2_SPTR)p, text.n, at, there ? PCRE2_ANCHORED : 0, data,
                         scratch->context);
    const PCRE2_SIZE *places = pcre2_get_ovector_pointer(data);
    for (size_t i = 0; rc > 0 && i < n; i++) {
        bool took_part = i < (size_t)rc && places[2 * i] != PCRE2_UNSET &&
                         places[2 * i] <= places[2 * i + 1]; /* not so for \K in a look-ahead */
        groups[i] = (struct regex_group){SIZE_MAX, SIZE_MAX};
        if (took_part)
            groups[i] = (struct regex_group){places[2 * i], places[2 * i + 1]};
    }
    pcre2_match_data_free(data);
    if (rc > 0)
        return n == 0 || groups[0].from != SIZE_MAX ? REGEX_YES : REGEX_NO;
    return rc == PCRE2_ERROR_NOMATCH ? REGEX_NO : REGEX_LIMIT;
}

size_t regex_groups(const struct regex *r)
{
    uint32_t n = 0;
    (void)pcre2_pattern_info(r->code, PCRE2_INFO_CAPTURECOUNT, &n);
    return (size_t)n + 1;
}

struct str regex_group_name(const struct regex *r, size_t group)
{
    uint32_t n = 0;
    uint32_t size = 0;
    const char *row = NULL; /* number in two bytes, name, NUL */
    (void)pcre2_pattern_info(r->code, PCRE2_INFO_NAMECOUNT, &n);
    (void)pcre2_pattern_info(r->code, PCRE2_INFO_NAMEENTRYSIZE, &size);
    (void)pcre2_pattern_info(r->code, PCRE2_INFO_NAMETABLE, &row);
    for (uint32_t i = 0; i < n && row; i++, row += size) {
        size_t number = (size_t)(unsigned char)row[0] << 8 | (unsigned char)row[1];
        if (number == group)
            return str_of(row + 2);
    }
    return STR("");
}
