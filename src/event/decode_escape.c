/* Characters that are written as numbers. */
#include "base/utf.h"
#include "event/decode_int.h"

enum {
    ESCAPES_MIN = 3, /* in a row or in a text: fewer are what ordinary text has */
    CODES_SAID = 3,  /* numbers of a list, where something says that they are characters */
    CODES_MIN = 12,  /* where nothing does */
    CODES_MAX = 1 << 20,
    GAP_MAX = 4, /* characters between two numbers */
};

static bool is_char(uint32_t c)
{
    return c == '\t' || c == '\n' || c == '\r' ||
           (c >= 0x20 && c != 0x7f && c <= 0x10ffff && (c < 0xd800 || c >= 0xe000));
}

static struct str text_of(struct decoder *d, const uint32_t *codes, size_t n)
{
    char *text = ARENA_ARRAY(d->arena, char, 4 * n + 1);
    size_t at = 0;
    for (size_t i = 0; i < n; i++)
        at += utf8_put(text + at, codes[i]);
    return (struct str){text, at};
}

/* --- %41, \x41, \u0041, &#65; ---------------------------------------------------------------- */

/* Reads one escape at i: how many characters it takes; 0: there is none. */
typedef size_t (*read_escape)(struct str s, size_t i, uint32_t *ret, bool *ret_byte);

static bool hex_code(struct str s, size_t i, size_t n, uint32_t *ret)
{
    uint32_t v = 0;
    for (size_t k = 0; k < n; k++) {
        int digit = hex_digit(char_at(s, i + k));
        if (digit < 0)
            return false;
        v = v << 4 | (uint32_t)digit;
    }
    *ret = v;
    return true;
}

static size_t read_percent(struct str s, size_t i, uint32_t *ret, bool *ret_byte)
{
    if (char_at(s, i) != '%')
        return 0;
    if (ascii_lower(char_at(s, i + 1)) == 'u' && hex_code(s, i + 2, 4, ret)) {
        *ret_byte = false;
        return 6;
    }
    *ret_byte = true;
    return hex_code(s, i + 1, 2, ret) ? 3 : 0;
}

static size_t read_backslash(struct str s, size_t i, uint32_t *ret, bool *ret_byte)
{
    if (char_at(s, i) != '\\')
        return 0;
    char kind = char_at(s, i + 1);
    *ret_byte = kind == 'x';
    if (kind == 'x' && hex_code(s, i + 2, 2, ret))
        return 4;
    return kind == 'u' && hex_code(s, i + 2, 4, ret) ? 6 : 0;
}

static size_t read_entity(struct str s, size_t i, uint32_t *ret, bool *ret_byte)
{
    enum { DIGITS = 7 };
    *ret_byte = false;
    if (char_at(s, i) != '&' || char_at(s, i + 1) != '#')
        return 0;
    bool hex = ascii_lower(char_at(s, i + 2)) == 'x';
    uint32_t v = 0;
    size_t from = i + (hex ? 3 : 2);
    size_t to = from;
    for (; to - from < DIGITS && hex_digit(char_at(s, to)) >= 0; to++)
        v = v * (hex ? 16 : 10) + (uint32_t)hex_digit(s.p[to]);
    if (to == from || char_at(s, to) != ';')
        return 0;
    *ret = v;
    return to + 1 - i;
}

struct escapes { /* a row of them */
    uint8_t *bytes;
    size_t n_bytes;
    size_t n;   /* escapes */
    size_t end; /* where the row ends in the text */
};

static void add_code(struct escapes *e, uint32_t code, bool byte)
{
    if (byte && code < 256) {
        e->bytes[e->n_bytes++] = (uint8_t)code;
        return;
    }
    e->n_bytes += utf8_put((char *)e->bytes + e->n_bytes, is_char(code) ? code : 0xfffd);
}

static void read_row(struct str s, size_t from, read_escape read, struct escapes *e)
{
    size_t used;
    uint32_t code = 0;
    bool byte = false;
    e->end = from;
    e->n = 0;
    e->n_bytes = 0;
    while (e->end < s.n && (used = read(s, e->end, &code, &byte)) > 0) {
        add_code(e, code, byte);
        e->end += used;
        e->n++;
    }
}

static bool is_text(struct bytes b)
{
    for (size_t i = 0; i < b.n;) {
        uint32_t code;
        size_t used = utf8_at((const char *)b.p + i, b.n - i, &code);
        if (used == 0 || !is_char(code))
            return false;
        i += used;
    }
    return b.n > 0;
}

static size_t count_escapes(struct str s, char mark, read_escape read)
{
    size_t n = 0;
    uint32_t code;
    bool byte;
    for (size_t i = 0; i < s.n; i++)
        n += s.p[i] == mark && read(s, i, &code, &byte) > 0;
    return n;
}

static bool undo_rows(struct decoder *d, char mark, read_escape read, const char *name)
{
    struct str s = d->text;
    size_t all = count_escapes(s, mark, read);
    if (all < ESCAPES_MIN && !((d->hints & DECODE_WEB) && all))
        return false;
    struct escapes e = {.bytes = arena_alloc(d->arena, all + 1, 4)};
    for (size_t i = 0; i < s.n && !decoder_full(d);) {
        if (s.p[i] != mark) {
            i++;
            continue;
        }
        read_row(s, i, read, &e);
        if (e.n && is_text((struct bytes){e.bytes, e.n_bytes})) {
            struct str text = arena_str(d->arena, (struct str){(char *)e.bytes, e.n_bytes});
            decoder_put(d, i, e.end, text);
            if (e.n >= (size_t)2 * ESCAPES_MIN)
                decoder_part(d, text);
        }
        i = e.end > i ? e.end : i + 1;
    }
    return decoder_end(d, name);
}

bool undo_percent(struct decoder *d)
{
    return undo_rows(d, '%', read_percent, "percent encoding");
}

bool undo_escapes(struct decoder *d)
{
    return undo_rows(d, '\\', read_backslash, "escapes");
}

bool undo_entities(struct decoder *d)
{
    return undo_rows(d, '&', read_entity, "entities");
}

/* --- numbers -------------------------------------------------------------------------------- */

/* A number in a base, at most 7 digits; how many characters it takes. */
static size_t read_number(struct str s, size_t i, unsigned base, uint32_t *ret)
{
    enum { DIGITS = 8 };
    uint32_t v = 0;
    size_t skip = 0;
    char first = char_at(s, i);
    char second = ascii_lower(char_at(s, i + 1));
    bool basic = base == 10 && first == '&' && second == 'h';
    if (basic || (base >= 10 && first == '0' && second == 'x')) {
        skip = 2;
        base = 16;
    }
    size_t n = 0;
    for (; n < DIGITS; n++) {
        int digit = hex_digit(char_at(s, i + skip + n));
        if (digit < 0 || (unsigned)digit >= base)
            break;
        v = v * base + (uint32_t)digit;
    }
    *ret = v;
    return n && n < DIGITS ? skip + n : base == 2 && n == DIGITS ? n : 0;
}

/* The base that [Convert]::ToInt16(x, 16) and its like speak of; 10 if none does. */
static unsigned base_of(struct str s)
{
    size_t at = str_ifind(s, STR("toint"), 0);
    if (at == SIZE_MAX)
        at = str_ifind(s, STR("tobyte"), 0);
    if (at == SIZE_MAX)
        return 10;
    struct str call = str_part(s, at, at + 80);
    for (size_t i = 0; i < call.n; i++) {
        if (call.p[i] != ',')
            continue;
        size_t next = skip_blanks(call, i + 1);
        if (word_at(call, next, "16"))
            return 16;
        if (char_at(call, next) == '8')
            return 8;
        if (char_at(call, next) == '2')
            return 2;
    }
    return 10;
}

struct list { /* of numbers */
    uint32_t *codes;
    size_t n, cap;
    size_t from, to;
};

static void add_number(struct decoder *d, struct list *list, uint32_t code)
{
    list->codes = arena_grow(d->arena, list->codes, list->n, &list->cap, sizeof *list->codes);
    list->codes[list->n++] = code;
}

/* Whether text[from, to) may stand between two numbers of a list. */
static bool is_gap(struct str s, size_t from, size_t to, bool split)
{
    size_t marks = 0;
    if (to == from || to - from > GAP_MAX)
        return false;
    for (size_t i = from; i < to; i++) {
        char c = s.p[i];
        if (is_digit(c) || c == '.' || c == '(' || c == ')' || c == '$')
            return false;
        if (!split && !is_blank(c) && c != ',' && c != ';' && c != '|' && c != ':')
            return false;
        marks += !is_blank(c);
    }
    return marks <= 1 || split;
}

/* Where the next number starts, at most GAP_MAX characters on. */
static size_t next_number(struct str s, size_t from, unsigned base, uint32_t *ret, size_t *used)
{
    for (size_t i = from + 1; i <= from + GAP_MAX && i < s.n; i++) {
        *used = read_number(s, i, base, ret);
        if (*used)
            return i;
    }
    return 0;
}

static void read_list(struct decoder *d, size_t from, unsigned base, bool split,
                      struct list *list)
{
    struct str s = d->text;
    uint32_t code;
    size_t used = read_number(s, from, base, &code);
    list->n = 0;
    list->from = from;
    list->to = from;
    while (used && list->n < CODES_MAX) {
        add_number(d, list, code);
        list->to = from + used;
        size_t next = next_number(s, list->to, base, &code, &used);
        if (!next || !is_gap(s, list->to, next, split))
            return;
        from = next;
    }
}

static bool reads_as_text(const struct list *list)
{
    size_t letters = 0;
    for (size_t i = 0; i < list->n; i++) {
        if (!is_char(list->codes[i]))
            return false;
        letters +=
            list->codes[i] == ' ' || list->codes[i] >= 0x80 || is_alpha((char)list->codes[i]);
    }
    return letters * 2 >= list->n;
}

/* Numbers that are no text as they stand may be bytes: packed, UTF-16, a program, or text
 * under a key. */
static bool bytes_of_list(struct decoder *d, const struct list *list, struct str *ret)
{
    enum { BYTES_MIN = 16 };
    if (list->n < BYTES_MIN)
        return false;
    uint8_t *raw = ARENA_ARRAY(d->arena, uint8_t, list->n);
    for (size_t i = 0; i < list->n; i++) {
        if (list->codes[i] > 255)
            return false;
        raw[i] = (uint8_t)list->codes[i];
    }
    return decode_bytes(d, "character codes", (struct bytes){raw, list->n}, CODES_SAID, ret);
}

static void undo_list(struct decoder *d, const struct list *list, bool said)
{
    struct str text;
    if (list->n < (size_t)(said ? CODES_SAID : CODES_MIN))
        return;
    if (reads_as_text(list)) {
        text = text_of(d, list->codes, list->n);
        decoder_name(d, "character codes");
        decoder_part(d, text);
    } else if (!bytes_of_list(d, list, &text)) {
        return;
    }
    decoder_put(d, list->from, list->to, text);
}

bool undo_numbers(struct decoder *d)
{
    struct str s = d->text;
    bool said = (d->has & (HAS_CHAR | HAS_JOINING | HAS_RADIX)) != 0;
    bool split = said && (d->has & HAS_SPLIT) != 0;
    unsigned base = d->has & HAS_RADIX ? base_of(s) : 10;
    struct list list = {0};
    for (size_t i = 0; i < s.n && !decoder_full(d);) {
        uint32_t code;
        bool start = i == 0 || !is_alnum(s.p[i - 1]);
        if (!start || !read_number(s, i, base, &code)) {
            i++;
            continue;
        }
        read_list(d, i, base, split, &list);
        undo_list(d, &list, said);
        i = list.to > i ? list.to : i + 1;
    }
    return decoder_end(d, NULL);
}

/* --- [char]65, Chr(65), String.fromCharCode(72, 105) ------------------------------------------ */

/* "[char]65", "[char](65)", "[char]0x41" at i; where it ends, 0 if it is none. */
static size_t read_cast(struct str s, size_t i, uint32_t *ret)
{
    size_t at = skip_blanks(s, i + 1);
    if (!word_at(s, at, "char"))
        return 0;
    at = skip_blanks(s, at + 4);
    if (char_at(s, at) != ']')
        return 0;
    at = skip_blanks(s, at + 1);
    bool open = char_at(s, at) == '(';
    at = open ? skip_blanks(s, at + 1) : at;
    size_t used = read_number(s, at, 10, ret);
    if (!used || !is_char(*ret))
        return 0;
    at += used;
    size_t close = skip_blanks(s, at);
    if (open && char_at(s, close) != ')')
        return 0;
    return open ? close + 1 : at;
}

static size_t is_call(struct str s, size_t i)
{
    static const char *const names[] = {"string.fromcharcode(", "chrw(", "chrb(", "chr("};
    if (i && is_alnum(s.p[i - 1]))
        return 0;
    for (size_t k = 0; k < sizeof names / sizeof *names; k++)
        if (word_at(s, i, names[k]))
            return i + strlen(names[k]);
    return 0;
}

/* A call's arguments up to the parenthesis; where it ends, 0 if they are not all numbers. */
static size_t read_arguments(struct decoder *d, size_t at, struct list *list)
{
    struct str s = d->text;
    list->n = 0;
    for (;;) {
        uint32_t code;
        at = skip_blanks(s, at);
        size_t used = read_number(s, at, 10, &code);
        if (!used || !is_char(code) || list->n >= CODES_MAX)
            return 0;
        add_number(d, list, code);
        at = skip_blanks(s, at + used);
        if (char_at(s, at) == ')')
            return at + 1;
        if (char_at(s, at++) != ',')
            return 0;
    }
}

static void put_quoted(struct decoder *d, size_t from, size_t to, const struct list *list,
                       char quote)
{
    struct str text = text_of(d, list->codes, list->n);
    if (list->n == 1 && list->codes[0] == (uint32_t)quote)
        quote = quote == '"' ? '\'' : '"';
    decoder_put(d, from, to, arena_printf(d->arena, "%c%.*s%c", quote, STR_ARG(text), quote));
    if (list->n >= CODES_MIN)
        decoder_part(d, text);
}

bool undo_chars(struct decoder *d)
{
    struct str s = d->text;
    struct list list = {0};
    for (size_t i = 0; i < s.n && !decoder_full(d);) {
        char c = ascii_lower(s.p[i]);
        size_t to = 0;
        size_t call = c == 's' || c == 'c' ? is_call(s, i) : 0;
        uint32_t code = 0;
        list.n = 0;
        if (c == '[' && (to = read_cast(s, i, &code)) > 0)
            add_number(d, &list, code);
        else if (call)
            to = read_arguments(d, call, &list);
        if (to)
            put_quoted(d, i, to, &list, c == '[' ? '\'' : '"');
        i = to ? to : i + 1;
    }
    return decoder_end(d, "character codes");
}
