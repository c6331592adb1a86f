#include "base/json_read.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "base/limits.h"
#include "base/utf.h"

/* The text being read and the path of open brackets. A loop over this path takes the place
 * of recursion. */
struct reader {
    const char *p;
    size_t n;
    size_t at;
    struct arena *arena;
    struct json *open[LIMIT_JSON_DEPTH];
    struct json *last[LIMIT_JSON_DEPTH]; /* newest child of each */
    size_t depth;
    size_t values; /* read so far, */
    size_t most;   /* and at most */
};

enum { HEX_DIGITS = 4 }; /* of a \u escape */

static int damaged(const struct reader *r, struct err *err, const char *what)
{
    if (r->at >= r->n)
        return err_set(err, ERR_CORRUPT, "JSON ends early: %s", what);
    return err_set(err, ERR_CORRUPT, "not JSON at byte %zu: %s", r->at, what);
}

/* The byte at the reader, or -1 at the end of the text. */
static int peek(const struct reader *r)
{
    return r->at < r->n ? (unsigned char)r->p[r->at] : -1;
}

static void skip_blanks(struct reader *r)
{
    while (r->at < r->n) {
        char c = r->p[r->at];
        if (c != ' ' && c != '\n' && c != '\r' && c != '\t')
            return;
        r->at++;
    }
}

static int hex_digit(int c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

/* Passes the escape at the reader, which stands on its backslash. */
static int skip_escape(struct reader *r, struct err *err)
{
    r->at++;
    int c = peek(r);
    if (c != 'u') {
        if (c <= 0 || !strchr("\"\\/bfnrt", c))
            return damaged(r, err, "unknown escape");
        r->at++;
        return 0;
    }
    r->at++;
    for (int i = 0; i < HEX_DIGITS; i++, r->at++) {
        if (hex_digit(peek(r)) < 0)
            return damaged(r, err, "four hex digits expected after \\u");
    }
    return 0;
}

/* The value of the four hex digits at p; skip_escape has seen that they are there. */
static uint32_t hex_unit(const char *p)
{
    uint32_t v = 0;
    for (int i = 0; i < HEX_DIGITS; i++)
        v = v << 4 | (uint32_t)hex_digit(p[i]);
    return v;
}

/* Reads the \u escape whose digits start at s.p[*at], and its partner if it is a high
 * surrogate; moves *at behind it. A surrogate alone becomes U+FFFD. */
static uint32_t unicode_escape(struct str s, size_t *at)
{
    enum { REPLACEMENT = 0xfffd, PARTNER = 2 + HEX_DIGITS };
    uint32_t u = hex_unit(s.p + *at);
    *at += HEX_DIGITS;
    if (u < 0xd800 || u > 0xdfff)
        return u;
    if (u > 0xdbff || s.n - *at < PARTNER || s.p[*at] != '\\' || s.p[*at + 1] != 'u')
        return REPLACEMENT;
    uint32_t low = hex_unit(s.p + *at + 2);
    if (low < 0xdc00 || low > 0xdfff)
        return REPLACEMENT;
    *at += PARTNER;
    return 0x10000 + ((u - 0xd800) << 10) + (low - 0xdc00);
}

static char plain_escape(char c)
{
    switch (c) {
    case 'b':
        return '\b';
    case 'f':
        return '\f';
    case 'n':
        return '\n';
    case 'r':
        return '\r';
    case 't':
        return '\t';
    default: /* the quote, the backslash and the slash stand for themselves */
        return c;
    }
}

/* Resolves the escapes of valid UTF-8; the result is never longer than the source. */
static struct str unescape(struct str s, struct arena *arena)
{
    char *out = ARENA_ARRAY(arena, char, s.n);
    size_t n = 0;
    size_t at = 0;
    while (at < s.n) {
        const char *slash = memchr(s.p + at, '\\', s.n - at);
        size_t run = slash ? (size_t)(slash - (s.p + at)) : s.n - at;
        memcpy(out + n, s.p + at, run);
        n += run;
        at += run;
        if (!slash)
            break;
        char c = s.p[at + 1];
        at += 2;
        if (c == 'u')
            n += utf8_put(out + n, unicode_escape(s, &at));
        else
            out[n++] = plain_escape(c);
    }
    return (struct str){out, n};
}

/* Reads the string at the reader, which stands on its opening quote. Raw control characters
 * are taken as they are (careless exporters write them), but for line ends: a string that is
 * not closed must not swallow the lines behind it. */
static int read_string(struct reader *r, struct str *ret, struct err *err)
{
    size_t from = ++r->at;
    bool escapes = false;
    for (;;) {
        int c = peek(r);
        if (c == '"')
            break;
        if (c < 0 || c == '\n' || c == '\r')
            return damaged(r, err, "string is not closed");
        if (c == '\\') {
            escapes = true;
            if (skip_escape(r, err) < 0)
                return -1;
        } else {
            r->at++;
        }
    }
    struct bytes raw = {(const uint8_t *)r->p + from, r->at - from};
    r->at++;
    struct str text = utf8_repair(raw, r->arena);
    *ret = escapes ? unescape(text, r->arena) : text;
    return 0;
}

static size_t skip_digits(struct reader *r)
{
    size_t from = r->at;
    while (peek(r) >= '0' && peek(r) <= '9')
        r->at++;
    return r->at - from;
}

static int read_number(struct reader *r, struct str *ret, struct err *err)
{
    size_t from = r->at;
    if (peek(r) == '-')
        r->at++;
    bool zero = peek(r) == '0';
    size_t digits = skip_digits(r);
    if (digits == 0 || (zero && digits > 1))
        return damaged(r, err, "number expected");
    if (peek(r) == '.') {
        r->at++;
        if (skip_digits(r) == 0)
            return damaged(r, err, "digits expected behind the point");
    }
    if (peek(r) == 'e' || peek(r) == 'E') {
        r->at++;
        if (peek(r) == '+' || peek(r) == '-')
            r->at++;
        if (skip_digits(r) == 0)
            return damaged(r, err, "digits expected in the exponent");
    }
    *ret = (struct str){r->p + from, r->at - from};
    return 0;
}

static int read_word(struct reader *r, const char *word, struct err *err)
{
    for (; *word; word++, r->at++) {
        if (peek(r) != *word)
            return damaged(r, err, "value expected");
    }
    return 0;
}

/* Hangs a new value into the innermost open bracket. */
static struct json *add_value(struct reader *r, struct str key)
{
    struct json *v = ARENA_NEW(r->arena, struct json);
    v->key = key;
    if (r->depth > 0) {
        struct json **last = &r->last[r->depth - 1];
        if (*last)
            (*last)->next = v;
        else
            r->open[r->depth - 1]->child = v;
        *last = v;
    }
    return v;
}

static int open_bracket(struct reader *r, struct json *v, struct err *err)
{
    if (r->depth == LIMIT_JSON_DEPTH)
        return err_set(err, ERR_LIMIT, "JSON nested more than %d deep", LIMIT_JSON_DEPTH);
    v->type = peek(r) == '{' ? JSON_OBJECT : JSON_ARRAY;
    r->open[r->depth] = v;
    r->last[r->depth] = NULL;
    r->depth++;
    r->at++;
    return 0;
}

/* Reads a scalar whole; of an array or object, the opening bracket. */
static int read_value(struct reader *r, struct json *v, struct err *err)
{
    switch (peek(r)) {
    case '{':
    case '[':
        return open_bracket(r, v, err);
    case '"':
        v->type = JSON_STRING;
        return read_string(r, &v->text, err);
    case 't':
        v->type = JSON_TRUE;
        return read_word(r, "true", err);
    case 'f':
        v->type = JSON_FALSE;
        return read_word(r, "false", err);
    case 'n':
        v->type = JSON_NULL;
        return read_word(r, "null", err);
    default:
        v->type = JSON_NUMBER;
        return read_number(r, &v->text, err);
    }
}

static int read_key(struct reader *r, struct str *ret, struct err *err)
{
    if (peek(r) != '"')
        return damaged(r, err, "member name expected");
    if (read_string(r, ret, err) < 0)
        return -1;
    skip_blanks(r);
    if (peek(r) != ':')
        return damaged(r, err, "':' expected");
    r->at++;
    skip_blanks(r);
    return 0;
}

static char closing_bracket(const struct reader *r)
{
    return r->open[r->depth - 1]->type == JSON_OBJECT ? '}' : ']';
}

/* Passes what may stand behind a value: closing brackets, then a comma.
 * Returns 1 if another value follows, 0 if the outermost value is complete. */
static int close_brackets(struct reader *r, struct err *err)
{
    while (r->depth > 0) {
        skip_blanks(r);
        int c = peek(r);
        if (c == ',') {
            r->at++;
            skip_blanks(r);
            return 1;
        }
        if (c != closing_bracket(r))
            return damaged(r, err, "',' or a closing bracket expected");
        r->at++;
        r->depth--;
    }
    return 0;
}

/* Reads one value with its name, if its parent is an object; then what stands behind it. */
static int read_member(struct reader *r, struct json **ret, struct err *err)
{
    if (r->values++ == r->most)
        return err_set(err, ERR_LIMIT, "more than %zu JSON values in one", r->most);

    struct str key = {0};
    if (r->depth > 0 && r->open[r->depth - 1]->type == JSON_OBJECT &&
        read_key(r, &key, err) < 0)
        return -1;
    size_t depth = r->depth;
    struct json *v = add_value(r, key);
    *ret = v;
    if (read_value(r, v, err) < 0)
        return -1;
    if (r->depth > depth) {
        skip_blanks(r);
        if (peek(r) != closing_bracket(r))
            return 1;
    }
    return close_brackets(r, err);
}

static int next_of(struct str text, size_t *at, size_t most, struct arena *arena,
                   struct json **ret, struct err *err)
{
    struct reader r = {.p = text.p, .n = text.n, .at = *at, .arena = arena, .most = most};
    skip_blanks(&r);
    *at = r.at;
    if (r.at >= r.n)
        return 0;

    struct json *root = NULL;
    int more = read_member(&r, &root, err);
    while (more > 0) {
        struct json *inner;
        more = read_member(&r, &inner, err);
    }
    *at = r.at;
    if (more < 0)
        return -1;
    *ret = root;
    return 1;
}

int json_next(struct str text, size_t *at, struct arena *arena, struct json **ret,
              struct err *err)
{
    return next_of(text, at, LIMIT_JSON_NODES, arena, ret, err);
}

int json_document(struct str text, struct arena *arena, struct json **ret, struct err *err)
{
    struct json *document = NULL;
    struct json *more = NULL;
    size_t at = 0;
    int got = next_of(text, &at, LIMIT_JSON_DOCUMENT_NODES, arena, &document, err);
    if (got < 0)
        return -1;
    if (got == 0)
        return err_set(err, ERR_CORRUPT, "there is no JSON in it");
    if (next_of(text, &at, 1, arena, &more, err) != 0)
        return err_set(err, ERR_CORRUPT, "something stands behind the JSON document");
    *ret = document;
    return 0;
}

const struct json *json_get(const struct json *object, const char *key)
{
    struct str want = {key, strlen(key)};
    if (!object || object->type != JSON_OBJECT)
        return NULL;
    for (const struct json *m = object->child; m; m = m->next) {
        if (str_eq(m->key, want))
            return m;
    }
    return NULL;
}
