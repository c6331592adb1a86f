/* base64 (RFC 4648, both alphabets) and hexadecimal. */
#include "event/decode_int.h"

enum {
    RUN_MIN = 16,  /* characters, where nothing says that it is base64 */
    RUN_SAID = 8,  /* where something does */
    LINE_MIN = 60, /* of a line that may go on in the next one */
    GLANCE = 16,   /* characters decoded for a first look */
    TEXT_MIN = 5,  /* characters that must come out */
    HEX_MIN = 16,  /* digits */
    PAIRS_MIN = 8, /* of 41-42-43 */
};

/* 0 to 63; -1: not of base64. */
static int sextet(char c)
{
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 26;
    if (is_digit(c))
        return c - '0' + 52;
    return c == '+' || c == '-' ? 62 : c == '/' || c == '_' ? 63 : -1;
}

/* Decodes the characters of base64 in s, whatever else stands between; what is left of the
 * last group is dropped. Room for s.n / 4 * 3 + 3 bytes. */
static size_t put_base64(struct str s, uint8_t *to)
{
    size_t n = 0;
    uint32_t bits = 0;
    unsigned have = 0;
    for (size_t i = 0; i < s.n; i++) {
        int v = sextet(s.p[i]);
        if (v < 0)
            continue;
        bits = bits << 6 | (uint32_t)v;
        have += 6;
        if (have >= 8) {
            have -= 8;
            to[n++] = (uint8_t)(bits >> have);
        }
    }
    return n;
}

/* --- what says that it is ------------------------------------------------------------------- */

/* PowerShell's -EncodedCommand, as short as it may be written, before i. */
static bool is_argument(struct str s, size_t i)
{
    static const char whole[] = "encodedcommand";
    size_t to = i;
    while (to && (s.p[to - 1] == '"' || s.p[to - 1] == '\'' || s.p[to - 1] == '\\'))
        to--;
    size_t word = to;
    while (word && (is_blank(s.p[word - 1]) || s.p[word - 1] == ':' || s.p[word - 1] == '='))
        word--;
    if (word == to)
        return false;
    size_t from = word;
    while (from && is_alpha(s.p[from - 1]) && word - from < sizeof whole)
        from--;
    if (from == word || from == 0 || (s.p[from - 1] != '-' && s.p[from - 1] != '/'))
        return false;
    struct str flag = str_part(s, from, word);
    return str_istarts(STR("encodedcommand"), flag) || str_ieq(flag, STR("ec"));
}

static bool is_quoted(struct str s, size_t from, size_t to)
{
    char c = from ? s.p[from - 1] : '\0';
    return (c == '\'' || c == '"') && char_at(s, to) == c;
}

/* --- runs ----------------------------------------------------------------------------------- */

struct run {
    size_t from, to; /* of the text, padding included */
    size_t chars;    /* of base64 */
    bool url, plain; /* has - or _; has + or / */
    bool argument;
};

/* Lines of one long text: where it goes on behind a line's end; 0 if it does not. */
static size_t next_line(struct str s, size_t i)
{
    size_t next = i;
    while (char_at(s, next) == '\r' || char_at(s, next) == '\n' || char_at(s, next) == ' ' ||
           char_at(s, next) == '\t')
        next++;
    return next > i && next < s.n && sextet(s.p[next]) >= 0 ? next : 0;
}

static void read_run(struct str s, size_t from, struct run *ret)
{
    struct run r = {.from = from, .to = from};
    size_t line = from;
    size_t i = from;
    for (;;) {
        while (i < s.n && sextet(s.p[i]) >= 0) {
            r.url |= s.p[i] == '-' || s.p[i] == '_';
            r.plain |= s.p[i] == '+' || s.p[i] == '/';
            r.chars++;
            i++;
        }
        r.to = i;
        size_t next = i - line >= LINE_MIN ? next_line(s, i) : 0;
        if (!next)
            break;
        line = i = next;
    }
    while (r.to < s.n && s.p[r.to] == '=' && r.to - i < 2)
        r.to++;
    *ret = r;
}

static bool decode_run(struct decoder *d, const struct run *r, size_t least, struct str *ret)
{
    uint8_t head[GLANCE];
    struct str text = str_part(d->text, r->from, r->to);
    size_t n = put_base64(str_part(text, 0, GLANCE), head);
    if (!decode_may_be(d, (struct bytes){head, n}))
        return false;
    uint8_t *raw = ARENA_ARRAY(d->arena, uint8_t, text.n / 4 * 3 + 3);
    n = put_base64(text, raw);
    return decode_bytes(d, "base64", (struct bytes){raw, n}, least, ret);
}

static bool undo_run(struct decoder *d, const struct run *r, size_t least)
{
    struct str text;
    if (!decode_run(d, r, least, &text))
        return false;
    decoder_put(d, r->from, r->to, text);
    return true;
}

static bool is_split(char c, bool url)
{
    return url ? c == '-' || c == '_' : c == '/' || c == '+';
}

/* What is no base64 as a whole may be words with base64 between them: a path, an option. */
static bool undo_pieces(struct decoder *d, const struct run *r)
{
    size_t from = r->from;
    bool any = false;
    for (size_t i = r->from; i <= r->to; i++) {
        if (i < r->to && !is_split(d->text.p[i], r->url))
            continue;
        struct run piece = {.from = from, .to = i, .chars = i - from};
        if (piece.chars >= RUN_MIN && piece.chars < r->chars)
            any |= undo_run(d, &piece, TEXT_MIN);
        from = i + 1;
    }
    return any;
}

static bool undo_one(struct decoder *d, struct run *r)
{
    struct str s = d->text;
    bool padded = r->to > r->from && s.p[r->to - 1] == '=';
    r->argument = (d->has & HAS_BASE64) && is_argument(s, r->from);
    bool said = r->argument || ((d->has & HAS_BASE64) && is_quoted(s, r->from, r->to)) ||
                (padded && r->chars % 4 != 1 && (d->has & HAS_BASE64));
    if (r->chars < (size_t)(said ? RUN_SAID : RUN_MIN))
        return false;
    bool mixed = r->url && r->plain;
    if (!mixed && undo_run(d, r, r->argument ? 2 : TEXT_MIN))
        return true;
    return (r->url || r->plain) && undo_pieces(d, r);
}

bool undo_base64(struct decoder *d)
{
    size_t i = 0;
    while (i < d->text.n && !decoder_full(d)) {
        if (sextet(d->text.p[i]) < 0) {
            i++;
            continue;
        }
        struct run r;
        read_run(d->text, i, &r);
        if (r.chars >= RUN_SAID)
            (void)undo_one(d, &r);
        i = r.to > i ? r.to : i + 1;
    }
    return decoder_end(d, NULL);
}

/* --- hexadecimal ---------------------------------------------------------------------------- */

static uint8_t pair(struct str s, size_t i)
{
    unsigned high = (unsigned)hex_digit(s.p[i]);
    unsigned low = (unsigned)hex_digit(s.p[i + 1]);
    return (uint8_t)(high << 4 | low);
}

/* Digits by two with `gap` characters between, from i to the end *ret_to. */
static size_t put_hex(struct str s, size_t i, size_t gap, size_t to, uint8_t *out)
{
    size_t n = 0;
    for (; i + 2 <= to; i += 2 + gap)
        out[n++] = pair(s, i);
    return n;
}

/* Where digits without a gap end. */
static size_t end_of_digits(struct str s, size_t from)
{
    size_t to = from;
    while (to < s.n && hex_digit(s.p[to]) >= 0)
        to++;
    return to;
}

static bool is_pair(struct str s, size_t i)
{
    return hex_digit(char_at(s, i)) >= 0 && hex_digit(char_at(s, i + 1)) >= 0;
}

/* Where 41-42-43 ends; `from` if it is not of that kind. */
static size_t end_of_pairs(struct str s, size_t from)
{
    char gap = char_at(s, from + 2);
    bool may = gap == '-' || gap == ':' || gap == ' ' || gap == ',';
    size_t to = from;
    if (!may || !is_pair(s, from))
        return from;
    while (is_pair(s, to) && hex_digit(char_at(s, to + 2)) < 0) {
        to += 2;
        if (char_at(s, to) != gap || !is_pair(s, to + 1))
            break;
        to++;
    }
    return to;
}

static void undo_hex_at(struct decoder *d, size_t from, size_t to, size_t gap)
{
    uint8_t head[GLANCE];
    struct str text;
    size_t step = 2 + gap;
    size_t n = (to - from + gap) / step;
    size_t seen = n < GLANCE ? n : GLANCE;
    size_t got = put_hex(d->text, from, gap, from + seen * step - gap, head);
    if (!decode_may_be(d, (struct bytes){head, got}))
        return;
    uint8_t *raw = ARENA_ARRAY(d->arena, uint8_t, n);
    got = put_hex(d->text, from, gap, to, raw);
    if (decode_bytes(d, "hexadecimal", (struct bytes){raw, got}, TEXT_MIN + 1, &text))
        decoder_put(d, from, to, text);
}

bool undo_hex(struct decoder *d)
{
    struct str s = d->text;
    for (size_t i = 0; i < s.n && !decoder_full(d);) {
        if (hex_digit(s.p[i]) < 0) {
            i++;
            continue;
        }
        bool prefix = s.p[i] == '0' && ascii_lower(char_at(s, i + 1)) == 'x';
        size_t from = prefix ? i + 2 : i;
        bool start = i == 0 || !is_alnum(s.p[i - 1]);
        size_t to = end_of_digits(s, from);
        size_t pairs = start && to - i == 2 ? end_of_pairs(s, i) : i;
        if (start && to - from >= HEX_MIN && (to - from) % 2 == 0 && !is_alnum(char_at(s, to)))
            undo_hex_at(d, from, to, 0);
        else if (pairs - i >= 3 * PAIRS_MIN - 1)
            undo_hex_at(d, i, pairs, 1);
        i = pairs > to ? pairs : to > i ? to : i + 1;
    }
    return decoder_end(d, NULL);
}

/* --- NULs between characters ---------------------------------------------------------------- */

/* UTF-16 that was taken for text of one byte a character. */
bool undo_nuls(struct decoder *d)
{
    enum { LEAST = 8 };
    struct str s = d->text;
    struct buf out = buf_new(DECODE_TEXT_MAX);
    size_t pairs = 0;
    for (size_t i = 0; i + 1 < s.n; i++)
        pairs += s.p[i] != 0 && s.p[i + 1] == 0;
    if (pairs >= LEAST && pairs * 3 >= s.n) {
        for (size_t i = 0; i < s.n; i++)
            if (s.p[i])
                buf_add_char(&out, s.p[i]);
        struct str text = arena_str(d->arena, buf_str(&out));
        decoder_put(d, 0, s.n, text);
        decoder_part(d, text);
    }
    buf_free(&out);
    return decoder_end(d, "utf-16");
}
