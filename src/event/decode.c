/* The driver: layer by layer, and what a text has that may be undone. */
#include "event/decode_int.h"

/* --- what a text has ------------------------------------------------------------------------ */

static bool is_quote(char c)
{
    return c == '\'' || c == '"';
}

enum { RUN = 16, NUMBERS = 4, PAIRS = 7 };

/* Sets of characters: those of base64, in both alphabets, and those of them that mean nothing
 * else. */
static const uint64_t in_run[4] = {UINT64_C(0x3ffa80000000000), UINT64_C(0x7fffffe87fffffe), 0,
                                   0};
static const uint64_t in_word[4] = {UINT64_C(0x3ff080000000000), UINT64_C(0x7fffffe87fffffe), 0,
                                    0};

static bool is_of(const uint64_t set[4], unsigned char c)
{
    return set[c >> 6] >> (c & 63) & 1;
}

static bool is_hex_pair(struct str s, size_t i)
{
    return hex_digit(char_at(s, i)) >= 0 && hex_digit(char_at(s, i + 1)) >= 0;
}

static unsigned at_quote(struct str s, size_t i)
{
    size_t next = i + 1;
    unsigned has = 0;
    while (char_at(s, next) == ')' || is_blank(char_at(s, next)))
        next++;
    if (char_at(s, next) == '+' || char_at(s, next) == '&') {
        next++;
        while (next < s.n && (s.p[next] == '(' || s.p[next] == '_' || is_blank(s.p[next])))
            next++;
        has |= is_quote(char_at(s, next)) ? HAS_JOIN : 0;
    }
    if (i && char_at(s, i + 1) == s.p[i] && is_alnum(s.p[i - 1]) && is_alnum(char_at(s, i + 2)))
        has |= HAS_EMPTY;
    return has;
}

struct word {
    const char *word;
    char last;
    unsigned has;
};

static unsigned at_dash(struct str s, size_t i)
{
    static const struct word words[] = {
        {"replace", 'e', HAS_REPLACE},  {"creplace", 'e', HAS_REPLACE},
        {"ireplace", 'e', HAS_REPLACE}, {"split", 't', HAS_SPLIT},
        {"csplit", 't', HAS_SPLIT},     {"isplit", 't', HAS_SPLIT},
        {"bxor", 'r', HAS_XOR},         {"join", 'n', HAS_JOINING},
    };
    char next = ascii_lower(char_at(s, i + 1));
    unsigned has = 0;
    if (next == 'f' && !is_alnum(char_at(s, i + 2)))
        has |= HAS_FORMAT;
    if (next == 'e' && i && (is_blank(s.p[i - 1]) || is_quote(s.p[i - 1])))
        has |= HAS_BASE64;
    for (size_t k = 0; k < sizeof words / sizeof *words; k++)
        if (next == words[k].word[0] && word_at(s, i + 1, words[k].word))
            has |= words[k].has;
    return has;
}

static unsigned at_dot(struct str s, size_t i)
{
    switch (ascii_lower(char_at(s, i + 1))) {
    case 'r':
        return word_at(s, i + 1, "replace(")   ? HAS_REPLACE
               : word_at(s, i + 1, "reverse(") ? HAS_REVERSE
                                               : 0;
    case 's':
        return word_at(s, i + 1, "split(") ? HAS_SPLIT : 0;
    case 'c':
        return word_at(s, i + 1, "compression") ? HAS_DEFLATE : 0;
    default:
        return 0;
    }
}

static unsigned at_bracket(struct str s, size_t i)
{
    size_t next = skip_blanks(s, i + 1);
    if (word_at(s, next, "char") || word_at(s, next, "byte"))
        return HAS_CHAR;
    if (char_at(s, next) != '-' || char_at(s, next + 1) != '1')
        return 0;
    return char_at(s, skip_blanks(s, next + 2)) == '.' ? HAS_REVERSE : 0;
}

/* What is called there: the word before the parenthesis. */
static unsigned at_paren(struct str s, size_t i)
{
    static const struct word words[] = {
        {"chr", 'r', HAS_CHAR},
        {"chrw", 'w', HAS_CHAR},
        {"chrb", 'b', HAS_CHAR},
        {"toint16", '6', HAS_RADIX},
        {"toint32", '2', HAS_RADIX},
        {"fromcharcode", 'e', HAS_CHAR},
        {"reverse", 'e', HAS_REVERSE},
        {"::matches", 's', HAS_REVERSE},
        {"::join", 'n', HAS_JOINING},
        {"stream", 'm', HAS_DEFLATE},
        {"base64string", 'g', HAS_BASE64},
    };
    char last = i ? ascii_lower(s.p[i - 1]) : '\0';
    for (size_t k = 0; k < sizeof words / sizeof *words; k++)
        if (last == words[k].last && word_before(s, i, words[k].word))
            return words[k].has;
    return 0;
}

static unsigned at_variable(struct str s, size_t i)
{
    size_t to = i + 1;
    while (is_name(char_at(s, to)))
        to++;
    return to > i + 1 && is_added(s, i, to) ? HAS_VARIABLE : 0;
}

static unsigned at_percent(struct str s, size_t i)
{
    if (is_hex_pair(s, i + 1) || ascii_lower(char_at(s, i + 1)) == 'u')
        return HAS_PERCENT;
    return 0;
}

static unsigned at_backslash(struct str s, size_t i)
{
    char next = char_at(s, i + 1);
    return (next == 'x' || next == 'u') && is_hex_pair(s, i + 2) ? HAS_ESCAPE : 0;
}

struct lists { /* how often something stands between two numbers */
    size_t numbers, pairs;
};

static void at_separator(struct str s, size_t i, struct lists *lists)
{
    char c = s.p[i];
    if (i == 0 || hex_digit(s.p[i - 1]) < 0)
        return;
    if (!is_blank(c) && c != ',' && c != ';' && c != '|' && c != ':' && c != '-')
        return;
    size_t next = char_at(s, i + 1) == ' ' ? i + 2 : i + 1;
    lists->numbers += is_digit(char_at(s, next));
    lists->pairs += is_hex_pair(s, i + 1) && hex_digit(char_at(s, i + 3)) < 0;
}

static unsigned at_special(struct str s, size_t i)
{
    char c = s.p[i];
    bool inside = i && is_alnum(s.p[i - 1]) && is_alnum(char_at(s, i + 1));
    switch (c) {
    case '`':
        return is_alnum(char_at(s, i + 1)) ? HAS_TICK : 0;
    case '^':
        return inside || char_at(s, i + 1) == '^' ? HAS_CARET : 0;
    case '\'':
    case '"':
        return at_quote(s, i);
    case '-':
    case '/':
        return at_dash(s, i);
    case '.':
        return at_dot(s, i);
    case '$':
        return at_variable(s, i);
    case '[':
        return at_bracket(s, i);
    case '(':
        return at_paren(s, i);
    case '%':
        return at_percent(s, i);
    case '\\':
        return at_backslash(s, i);
    case '&':
        return char_at(s, i + 1) == '#' ? HAS_ENTITY : 0;
    case '\0':
        return HAS_NUL;
    default:
        return 0;
    }
}

static const bool is_special[256] = {
    ['`'] = true, ['^'] = true, ['\''] = true, ['"'] = true, ['-'] = true,
    ['/'] = true, ['.'] = true, ['['] = true,  ['('] = true, ['%'] = true,
    ['&'] = true, [0] = true,   ['\\'] = true, ['$'] = true,
};

/* What was percent-encoded once is looked at decoded anyway. */
static bool is_percent_twice(struct str s)
{
    return str_find(s, STR("%25"), 0) != SIZE_MAX || str_ifind(s, STR("%u"), 0) != SIZE_MAX;
}

/* Whether a run of this length that ends here is one GUID. Web servers write one into every
 * row; what is hidden is not of that shape. */
static bool is_guid(struct str s, size_t end, size_t run)
{
    enum { GUID = 36 };
    if (run != GUID)
        return false;
    for (size_t i = 0; i < GUID; i++) {
        bool dash = i == 8 || i == 13 || i == 18 || i == 23;
        char c = s.p[end - GUID + i];
        if (dash ? c != '-' : hex_digit(c) < 0)
            return false;
    }
    return true;
}

static unsigned run_between(struct str s, size_t from, size_t to)
{
    return to - from >= RUN && !is_guid(s, to, to - from) ? HAS_RUN : 0;
}

unsigned decode_has_in(struct str text, unsigned hints)
{
    unsigned has = 0;
    size_t from = 0; /* of the run in hand */
    struct lists lists = {0};
    for (size_t i = 0; i < text.n; i++) {
        unsigned char c = (unsigned char)text.p[i];
        if (is_of(in_word, c))
            continue;
        if (!is_of(in_run, c)) {
            has |= run_between(text, from, i);
            from = i + 1;
        }
        if (is_special[c])
            has |= at_special(text, i);
        at_separator(text, i, &lists);
    }
    has |= run_between(text, from, text.n);
    if (lists.numbers >= NUMBERS || (has & HAS_SPLIT))
        has |= HAS_NUMBERS;
    if (lists.pairs >= PAIRS)
        has |= HAS_PAIRS;
    if ((hints & DECODE_WEB) && (has & HAS_PERCENT) && !is_percent_twice(text))
        has &= ~(unsigned)HAS_PERCENT;
    return has;
}

/* Signs that say nothing alone: they tell how to take what others find. */
static const unsigned ONLY_HELP = HAS_SPLIT | HAS_XOR | HAS_DEFLATE | HAS_JOINING | HAS_RADIX;

/* --- rewriting ------------------------------------------------------------------------------ */

void decoder_put(struct decoder *d, size_t from, size_t to, struct str with)
{
    buf_add(&d->out, d->text.p + d->done, from - d->done);
    buf_add_str(&d->out, with);
    d->done = to;
    d->changed = true;
}

bool decoder_end(struct decoder *d, const char *name)
{
    bool changed = d->changed;
    if (changed)
        buf_add(&d->out, d->text.p + d->done, d->text.n - d->done);
    bool full = d->out.full || d->made > DECODE_MADE_MAX;
    if (changed && full)
        d->cut = true;
    else if (changed) {
        d->text = arena_str(d->arena, buf_str(&d->out));
        d->made += d->text.n;
        d->has = decode_has_in(d->text, d->hints);
        if (name)
            decoder_name(d, name);
    }
    buf_clear(&d->out);
    d->out.full = false;
    d->done = 0;
    d->changed = false;
    return changed && !full;
}

void decoder_name(struct decoder *d, const char *name)
{
    for (size_t i = d->layer; i < d->n_names; i++)
        if (strcmp(d->names[i], name) == 0)
            return;
    if (d->n_names < DECODE_NAMES)
        d->names[d->n_names++] = name;
}

void decoder_part(struct decoder *d, struct str text)
{
    if (d->n_parts >= DECODE_PARTS)
        return;
    d->parts = arena_grow(d->arena, d->parts, d->n_parts, &d->cap_parts, sizeof *d->parts);
    d->parts[d->n_parts++] = text;
}

/* --- layers --------------------------------------------------------------------------------- */

struct family {
    unsigned has; /* what a text must have for it */
    bool (*undo)(struct decoder *d);
};

/* How strings are written, undone until nothing changes. */
static const struct family writings[] = {
    {HAS_TICK, undo_ticks},
    {HAS_CARET, undo_carets},
    {HAS_EMPTY, undo_empty_quotes},
    {HAS_CHAR, undo_chars},
    {HAS_VARIABLE, undo_variables},
    {HAS_JOIN, undo_joins},
    {HAS_JOIN | HAS_FORMAT | HAS_REPLACE | HAS_REVERSE, undo_literals},
};

/* What strings hold, undone once in a layer. */
static const struct family encodings[] = {
    {HAS_NUL, undo_nuls},
    {HAS_NUMBERS, undo_numbers}, /* first: what stands between them may be anything */
    {HAS_PERCENT, undo_percent},
    {HAS_ESCAPE, undo_escapes},
    {HAS_ENTITY, undo_entities},
    {HAS_RUN | HAS_PAIRS, undo_hex},
    {HAS_RUN | HAS_BASE64, undo_base64},
};

static struct str chain_of(const struct decoder *d)
{
    enum { CHAIN_MAX = 1024 };
    struct buf b = buf_new(CHAIN_MAX);
    for (size_t i = 0; i < d->n_names; i++) {
        buf_add_cstr(&b, i ? ", " : "");
        buf_add_cstr(&b, d->names[i]);
    }
    struct str chain = arena_str(d->arena, buf_str(&b));
    buf_free(&b);
    return chain;
}

static void give(struct decoder *d)
{
    d->list = arena_grow(d->arena, d->list, d->n_list, &d->cap_list, sizeof *d->list);
    d->list[d->n_list++] = (struct decoded){
        .text = d->text,
        .chain = chain_of(d),
        .parts = d->parts,
        .n_parts = d->n_parts,
        .program = d->program,
    };
}

static bool simplify(struct decoder *d)
{
    bool changed = false;
    bool again = true;
    d->layer = d->n_names;
    for (int step = 0; again && step < DECODE_STEPS; step++) {
        again = false;
        for (size_t i = 0; i < sizeof writings / sizeof *writings; i++)
            if (d->has & writings[i].has)
                again |= writings[i].undo(d);
        changed |= again;
    }
    d->cut |= again;
    return changed;
}

static bool unwrap(struct decoder *d)
{
    bool changed = false;
    d->layer = d->n_names;
    for (size_t i = 0; i < sizeof encodings / sizeof *encodings; i++)
        if (d->has & encodings[i].has)
            changed |= encodings[i].undo(d);
    return changed;
}

/* One layer. False if there was none. */
static bool undo_layer(struct decoder *d)
{
    bool simpler = simplify(d);
    if (simpler)
        give(d);
    bool had_program = d->program.n > 0;
    bool inside = unwrap(d);
    if (inside || (!had_program && d->program.n))
        give(d);
    return simpler || inside;
}

void decode_text(struct str text, unsigned hints, struct arena *arena, struct decoded_list *ret)
{
    struct decoder d = {
        .arena = arena,
        .hints = hints,
        .text = text,
        .out = buf_new(DECODE_TEXT_MAX),
    };
    if (text.n > DECODE_TEXT_MAX) {
        *ret = (struct decoded_list){.cut = true};
        return;
    }
    d.has = decode_has_in(text, hints);
    if ((d.has & ~ONLY_HELP) == 0) {
        *ret = (struct decoded_list){0};
        return;
    }
    int layer = 0;
    while (layer < DECODE_LAYERS && undo_layer(&d))
        layer++;
    size_t n = d.n_list;
    if (layer == DECODE_LAYERS && undo_layer(&d))
        d.cut = true; /* there is one more: it is told of, and not looked at */
    *ret = (struct decoded_list){.at = d.list, .n = n, .cut = d.cut};
    buf_free(&d.out);
}
