#include "format/asp_lex.h"

#include "base/utf.h"
#include "format/asp_value.h"

enum {
    SLOTS = 1024,
    NAME_BYTES = 512, /* of a name: longer ones are cut */
};

static const uint32_t HASH_START = 0x811c9dc5U;
static const uint32_t OWN_HASH = 0x5bd1e995U; /* parts them from words of the same letters */

enum char_class { C_OTHER, C_SPACE, C_LINE, C_NAME, C_DIGIT, C_HIGH };

/* clang-format off */
static const uint8_t CLASS[256] = { /* the numbers of enum char_class */
    0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 2, 1, 1, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    1, 0, 0, 0, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 0, 0, 0, 0, 0, 0,
    0, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 0, 0, 0, 0, 3,
    0, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 0, 0, 0, 0, 0,
    5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5,
    5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5,
    5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5,
    5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5,
};
/* clang-format on */

struct lexing {
    struct asp_code *code;
    const char *p, *end;
    enum asp_lang lang;
    unsigned depth;
    bool line_start;
};

/* --- names --------------------------------------------------------------------------------- */

void asp_code_init(struct asp_code *code, struct arena *arena)
{
    *code = (struct asp_code){.arena = arena, .n_slots = SLOTS};
    code->slots = ARENA_ARRAY(arena, uint32_t, SLOTS);
}

static void more_slots(struct asp_code *code)
{
    size_t n = code->n_slots * 4;
    uint32_t *slots = ARENA_ARRAY(code->arena, uint32_t, n);
    for (size_t i = 0; i < code->n_names; i++) {
        size_t at = code->names[i].hash & (n - 1);
        while (slots[at])
            at = (at + 1) & (n - 1);
        slots[at] = (uint32_t)i + 1;
    }
    code->slots = slots;
    code->n_slots = n;
}

static uint32_t new_name(struct asp_code *code, struct str text, uint32_t hash, bool own,
                         size_t slot)
{
    code->names = arena_grow(code->arena, code->names, code->n_names, &code->cap_names,
                             sizeof *code->names);
    uint32_t number = (uint32_t)code->n_names++;
    enum asp_word word = own ? W_NONE : asp_word(text);
    code->names[number] = (struct asp_name){text, hash, (uint16_t)word, own};
    code->words[word / 64] |= UINT64_C(1) << (word % 64);
    code->slots[slot] = number + 1;
    if (code->n_names * 2 > code->n_slots)
        more_slots(code);
    return number;
}

static inline uint32_t hash_step(uint32_t hash, char c)
{
    return (hash ^ (unsigned char)c) * 0x01000193U;
}

/* hash  of the name in lower case
 * own   a name of the page's own, whatever it reads as: told by its case too */
static uint32_t intern(struct asp_code *code, struct str text, uint32_t hash, bool own)
{
    hash ^= hash >> 15;
    hash ^= own ? OWN_HASH : 0;
    size_t at = hash & (code->n_slots - 1);
    for (; code->slots[at]; at = (at + 1) & (code->n_slots - 1)) {
        const struct asp_name *name = &code->names[code->slots[at] - 1];
        if (name->hash == hash && name->own == own &&
            (own ? str_eq(name->text, text) : str_ieq(name->text, text)))
            return code->slots[at] - 1;
    }
    char *copy = ARENA_ARRAY(code->arena, char, text.n + 1);
    for (size_t i = 0; i < text.n; i++)
        copy[i] = own ? text.p[i] : ascii_lower(text.p[i]);
    text.p = copy;
    return new_name(code, text, hash, own, at);
}

/* In C#, names are told by their case, and what begins with a small letter is no class of the
 * framework's; "string" is a word. */
static bool is_own(const struct asp_code *code, uint32_t number, char first, enum asp_lang lang)
{
    unsigned word = code->names[number].word;
    bool small = first >= 'a' && first <= 'z';
    return lang == ASP_CSHARP &&
           (word == W_NONE ||
            (small && word != W_string && asp_object_of_word((enum asp_word)word) != K_NONE));
}

/* As it is written in this language. */
static uint32_t intern_in(struct asp_code *code, struct str text, uint32_t hash,
                          enum asp_lang lang)
{
    uint32_t number = intern(code, text, hash, false);
    return text.n && is_own(code, number, text.p[0], lang) ? intern(code, text, hash, true)
                                                           : number;
}

static uint32_t hash_of(struct str name)
{
    uint32_t hash = HASH_START;
    for (size_t i = 0; i < name.n; i++)
        hash = hash_step(hash, ascii_lower(name.p[i]));
    return hash;
}

uint32_t asp_name(struct asp_code *code, struct str name)
{
    return intern(code, name, hash_of(name), false);
}

uint32_t asp_find_name(const struct asp_code *code, struct str name)
{
    uint32_t hash = hash_of(name);
    hash ^= hash >> 15;
    for (size_t at = hash & (code->n_slots - 1); code->n_slots && code->slots[at];
         at = (at + 1) & (code->n_slots - 1)) {
        const struct asp_name *one = &code->names[code->slots[at] - 1];
        if (one->hash == hash && !one->own && str_ieq(one->text, name))
            return code->slots[at] - 1;
    }
    return UINT32_MAX;
}

uint32_t asp_name_in(struct asp_code *code, struct str name, enum asp_lang lang)
{
    return intern_in(code, name, hash_of(name), lang);
}

/* --- tokens -------------------------------------------------------------------------------- */

static struct asp_token *add(struct lexing *l, enum asp_token_kind kind, const char *p,
                             size_t n)
{
    struct asp_code *code = l->code;
    if (code->n_tokens >= ASP_TOKENS) {
        code->cut = true;
        l->p = l->end;
        return &code->tokens[code->n_tokens - 1];
    }
    if (code->n_tokens == code->cap_tokens)
        code->tokens = arena_grow(code->arena, code->tokens, code->n_tokens, &code->cap_tokens,
                                  sizeof *code->tokens);
    struct asp_token *token = &code->tokens[code->n_tokens++];
    *token = (struct asp_token){.p = p,
                                .n = n > UINT32_MAX ? UINT32_MAX : (uint32_t)n,
                                .kind = (uint8_t)kind,
                                .lang = (uint8_t)l->lang};
    return token;
}

static void add_op(struct lexing *l, unsigned op, size_t n)
{
    add(l, ASP_OPERATOR, l->p, n)->op = (uint8_t)op;
    l->p += n;
}

static void add_newline(struct lexing *l)
{
    struct asp_code *code = l->code;
    if (code->n_tokens && code->tokens[code->n_tokens - 1].kind > ASP_NEWLINE)
        add(l, ASP_NEWLINE, l->p, 0);
}

static inline char peek(const struct lexing *l, size_t ahead)
{
    return (size_t)(l->end - l->p) > ahead ? l->p[ahead] : '\0';
}

static unsigned hex_of(char c)
{
    char lower = ascii_lower(c);
    return c >= '0' && c <= '9'           ? (unsigned)(c - '0')
           : lower >= 'a' && lower <= 'f' ? (unsigned)(lower - 'a' + 10)
                                          : 16;
}

/* "\u0065", "\U00000065", "\x65" at p: how many bytes, and which character. 0 if none. */
static size_t escape_at(const char *p, const char *end, bool in_string, uint32_t *ret)
{
    if (end - p < 3 || p[0] != '\\')
        return 0;
    size_t most = p[1] == 'u' ? 4 : p[1] == 'U' ? 8 : p[1] == 'x' && in_string ? 4 : 0;
    size_t n = 0;
    uint32_t c = 0;
    while (n < most && p + 2 + n < end && hex_of(p[2 + n]) < 16)
        c = c << 4 | hex_of(p[2 + n++]);
    if (n == 0 || (p[1] != 'x' && n < most))
        return 0;
    *ret = c > 0x10ffff || (c >= 0xd800 && c < 0xe000) ? 0xfffd : c;
    return n + 2;
}

/* Characters that compilers leave out of names. */
static bool is_format(uint32_t c)
{
    return c == 0xad || c == 0x61c || c == 0x180e || (c >= 0x200b && c <= 0x200f) ||
           (c >= 0x202a && c <= 0x202e) || (c >= 0x2060 && c <= 0x206f) || c == 0xfeff ||
           (c >= 0xfff9 && c <= 0xfffb) || (c >= 0xe0001 && c <= 0xe007f);
}

/* A name in which something else than ASCII or an escape stands. */
static void odd_name(struct lexing *l)
{
    char text[NAME_BYTES + 4];
    size_t n = 0;
    const char *from = l->p;
    while (l->p < l->end) {
        uint32_t c = 0;
        uint8_t class = CLASS[(unsigned char)*l->p];
        size_t step = 1;
        if (*l->p == '\\')
            step = escape_at(l->p, l->end, false, &c);
        else if (class == C_HIGH)
            step = utf8_at(l->p, (size_t)(l->end - l->p), &c);
        else if (class == C_NAME || class == C_DIGIT)
            c = (unsigned char)*l->p;
        else
            break;
        if (step == 0 && *l->p == '\\')
            break;
        if (step == 0) { /* of another code page */
            step = 1;
            c = (unsigned char)*l->p;
        }
        if (c >= 0xff01 && c <= 0xff5e) /* wide forms of ASCII */
            c -= 0xfee0;
        l->p += step;
        if (!is_format(c) && n < NAME_BYTES)
            n += utf8_put(text + n, c);
    }
    if (l->p == from)
        l->p++;
    if (n == 0)
        return;
    struct asp_token *token = add(l, ASP_NAME, from, (size_t)(l->p - from));
    struct str name = {text, n};
    if (l->lang == ASP_JSCRIPT && str_eq(name, STR("Function")))
        name = STR("functionconstructor");
    token->name = asp_name_in(l->code, name, l->lang);
    l->code->escaped |= l->code->names[token->name].word != W_NONE;
}

static void lex_name(struct lexing *l)
{
    const char *from = l->p;
    const char *p = l->p;
    uint32_t hash = HASH_START;
    while (p < l->end &&
           (CLASS[(unsigned char)*p] == C_NAME || CLASS[(unsigned char)*p] == C_DIGIT))
        hash = hash_step(hash, ascii_lower(*p++));
    if (p < l->end &&
        (CLASS[(unsigned char)*p] == C_HIGH ||
         (*p == '\\' && l->lang != ASP_VB && p + 1 < l->end && (p[1] == 'u' || p[1] == 'U')))) {
        odd_name(l);
        return;
    }
    size_t n = (size_t)(p - from);
    l->p = p;
    struct asp_token *token = add(l, ASP_NAME, from, n);
    if (l->lang == ASP_JSCRIPT && str_eq((struct str){from, n}, STR("Function"))) {
        token->name = asp_name(l->code, STR("functionconstructor"));
        return;
    }
    if (l->lang == ASP_VB && n > 1 && from[n - 1] == '$') { /* Left$(a, 1) */
        token->name = asp_name(l->code, str_part((struct str){from, n - 1}, 0, NAME_BYTES));
        return;
    }
    token->name =
        intern_in(l->code, (struct str){from, n < NAME_BYTES ? n : NAME_BYTES}, hash, l->lang);
}

static void lex_number(struct lexing *l)
{
    const char *from = l->p;
    while (l->p < l->end &&
           (CLASS[(unsigned char)*l->p] == C_DIGIT || CLASS[(unsigned char)*l->p] == C_NAME ||
            (*l->p == '.' && peek(l, 1) >= '0' && peek(l, 1) <= '9')))
        l->p++;
    add(l, ASP_NUMBER, from, (size_t)(l->p - from));
}

/* --- strings ------------------------------------------------------------------------------- */

static void add_string(struct lexing *l, const char *from, const char *to, enum asp_form form)
{
    add(l, ASP_STRING, from, (size_t)(to - from))->form = (uint8_t)form;
}

/* Ends at its quote or the line's end. */
static void lex_c_string(struct lexing *l, char quote)
{
    const char *from = ++l->p;
    const char *p = from;
    bool escaped = false;
    while (p < l->end && *p != quote && (*p != '\n' || quote == '`')) {
        escaped |= *p == '\\';
        p += *p == '\\' && p + 1 < l->end ? 2 : 1;
    }
    add_string(l, from, p, escaped ? ASP_FORM_C : ASP_FORM_RAW);
    l->p = p < l->end ? p + 1 : p;
}

static void lex_doubled_string(struct lexing *l, bool over_lines)
{
    const char *from = ++l->p;
    const char *p = from;
    bool doubled = false;
    while (p < l->end && (over_lines || *p != '\n')) {
        if (*p == '"' && (p + 1 == l->end || p[1] != '"'))
            break;
        doubled |= *p == '"';
        p += *p == '"' ? 2 : 1;
    }
    add_string(l, from, p, doubled ? ASP_FORM_DOUBLED : ASP_FORM_RAW);
    l->p = p < l->end ? p + 1 : p;
}

static size_t run_of(const char *p, const char *end, char c)
{
    size_t n = 0;
    while (p + n < end && p[n] == c)
        n++;
    return n;
}

/* Where as many quotes stand as `quotes`, which close a raw string. */
static const char *raw_end(const char *p, const char *end, size_t quotes)
{
    while (p < end) {
        p = memchr(p, '"', (size_t)(end - p));
        if (!p)
            return end;
        size_t n = run_of(p, end, '"');
        if (n >= quotes)
            return p + n - quotes;
        p += n;
    }
    return end;
}

/* Ends at as many quotes as it begins with: three or more. */
static void lex_raw_string(struct lexing *l)
{
    size_t quotes = run_of(l->p, l->end, '"');
    const char *from = l->p + quotes;
    const char *to = raw_end(from, l->end, quotes);
    add_string(l, from, to, ASP_FORM_RAW);
    l->p = to < l->end ? to + quotes : l->end;
}

/* A typographic quote at p: how many bytes it has; 0 if it is none. Visual Basic takes them for
 * quotes; code that was copied from a text has them in the other languages too. In UTF-8, or in
 * the code pages of Chinese, of which 0xa1 0xb0 is no character in UTF-8. */
static size_t odd_quote(const char *p, const char *end)
{
    if (end - p >= 3 && p[0] == '\xe2' && p[1] == '\x80' && (p[2] == '\x9c' || p[2] == '\x9d'))
        return 3;
    return end - p >= 2 && p[0] == '\xa1' && (p[1] == '\xb0' || p[1] == '\xb1') ? 2 : 0;
}

/* Ends at the next such quote, a plain one, or the line's end. */
static bool lex_odd_string(struct lexing *l)
{
    size_t n = odd_quote(l->p, l->end);
    if (n == 0)
        return false;
    const char *from = l->p + n;
    const char *p = from;
    size_t close = 0;
    while (p < l->end && *p != '\n' && *p != '"' && (close = odd_quote(p, l->end)) == 0)
        p++;
    add_string(l, from, p, ASP_FORM_RAW);
    l->p = close ? p + close : p < l->end && *p == '"' ? p + 1 : p;
    return true;
}

static void lex_script(struct lexing *l);

/* The end of "{expression}" in an interpolated string, and of what is before its format. */
static const char *hole_end(const char *p, const char *end, const char **ret_code_end)
{
    unsigned depth = 1;
    const char *code_end = NULL;
    for (; p < end; p++) {
        if (*p == '"') {
            while (++p < end && *p != '"' && *p != '\n')
                p += *p == '\\';
            if (p >= end)
                break;
        } else if (*p == '(' || *p == '[' || *p == '{') {
            depth++;
        } else if (*p == ')' || *p == ']') {
            depth--;
        } else if (*p == ':' && depth == 1 && !code_end) {
            code_end = p;
        } else if (*p == '}' && --depth == 0) {
            break;
        }
        if (depth == 0)
            break;
    }
    p = p < end ? p : end;
    *ret_code_end = code_end ? code_end : p;
    return p;
}

static void add_hole(struct lexing *l, const char *from, const char *to)
{
    struct lexing inner = {l->code, from, to, l->lang, l->depth + 1, false};
    add(l, ASP_OPERATOR, from, 0)->op = '+';
    add(l, ASP_OPERATOR, from, 0)->op = '(';
    if (inner.depth < ASP_NESTED)
        lex_script(&inner);
    add(l, ASP_OPERATOR, to, 0)->op = ')';
    add(l, ASP_OPERATOR, to, 0)->op = '+';
}

/* $"a{b}c" as ("a" + (b) + "c"). */
static void lex_interpolated(struct lexing *l, bool verbatim)
{
    enum asp_form form = verbatim ? ASP_FORM_DOUBLED : ASP_FORM_C;
    const char *piece = ++l->p;
    const char *p = piece;
    add(l, ASP_OPERATOR, p, 0)->op = '(';
    while (p < l->end && (verbatim || *p != '\n')) {
        if (*p == '"' && !(verbatim && p + 1 < l->end && p[1] == '"'))
            break;
        bool pair = *p == '"' || (*p == '\\' && !verbatim) ||
                    (*p == '{' && p + 1 < l->end && p[1] == '{');
        if (pair) {
            p += p + 1 < l->end ? 2 : 1;
        } else if (*p == '{') {
            const char *code_end;
            const char *to = hole_end(p + 1, l->end, &code_end);
            add_string(l, piece, p, form);
            add_hole(l, p + 1, code_end);
            piece = p = to < l->end ? to + 1 : to;
        } else {
            p++;
        }
    }
    add_string(l, piece, p, form);
    add(l, ASP_OPERATOR, p, 0)->op = ')';
    l->p = l->p == l->end || p >= l->end ? l->end : p + 1;
}

/* $"""a{b}c""", of which the quotes are next; with more "$" a hole has as many braces. */
static void lex_interpolated_raw(struct lexing *l, size_t braces)
{
    size_t quotes = run_of(l->p, l->end, '"');
    const char *piece = l->p + quotes;
    const char *to = raw_end(piece, l->end, quotes);
    add(l, ASP_OPERATOR, piece, 0)->op = '(';
    for (const char *p = piece; p < to;) {
        size_t n = run_of(p, to, '{');
        if (n < braces) {
            p += n ? n : 1;
            continue;
        }
        const char *code_end;
        const char *hole = p + n;
        const char *close = hole_end(hole, to, &code_end);
        add_string(l, piece, p + n - braces, ASP_FORM_RAW);
        add_hole(l, hole, code_end);
        piece = p = close + run_of(close, to, '}');
    }
    add_string(l, piece, to, ASP_FORM_RAW);
    add(l, ASP_OPERATOR, to, 0)->op = ')';
    l->p = to < l->end ? to + quotes : l->end;
}

static bool ends_operand(const struct asp_code *code)
{
    if (code->n_tokens == 0)
        return false;
    const struct asp_token *last = &code->tokens[code->n_tokens - 1];
    if (last->kind == ASP_NAME)
        return code->names[last->name].word != W_return &&
               code->names[last->name].word != W_case;
    return last->kind == ASP_NUMBER || last->kind == ASP_STRING ||
           (last->kind == ASP_OPERATOR && (last->op == ')' || last->op == ']'));
}

/* A regular expression of JScript; false if it is a division. */
static bool lex_regex(struct lexing *l)
{
    if (l->lang != ASP_JSCRIPT || ends_operand(l->code))
        return false;
    const char *p = l->p + 1;
    bool class = false;
    while (p < l->end && *p != '\n' && (*p != '/' || class)) {
        class = *p == '[' ? true : *p == ']' ? false : class;
        p += *p == '\\' && p + 1 < l->end ? 2 : 1;
    }
    if (p >= l->end || *p != '/')
        return false;
    add_string(l, l->p + 1, p, ASP_FORM_RAW);
    l->p = p + 1;
    while (l->p < l->end && CLASS[(unsigned char)*l->p] == C_NAME)
        l->p++;
    return true;
}

/* --- the languages ---------------------------------------------------------------------------- */

static void skip_line(struct lexing *l)
{
    const char *to = memchr(l->p, '\n', (size_t)(l->end - l->p));
    l->p = to ? to : l->end;
}

static void skip_comment(struct lexing *l)
{
    struct str rest = {l->p + 2, (size_t)(l->end - l->p - 2)};
    size_t to = str_find(rest, STR("*/"), 0);
    l->p = to == SIZE_MAX ? l->end : rest.p + to + 2;
}

/* JScript compiles what stands in a comment that begins "@cc_on", "@if" or "@set". */
static bool opens_condition(struct lexing *l)
{
    struct str rest = str_part((struct str){l->p, (size_t)(l->end - l->p)}, 0, 8);
    bool opens = l->lang == ASP_JSCRIPT &&
                 (str_starts(rest, STR("/*@cc_on")) || str_starts(rest, STR("/*@if")) ||
                  str_starts(rest, STR("/*@set")));
    if (opens)
        l->p += 2;
    return opens;
}

/* "@*" and "/", "@cc_on", "@end": no more than where statements end. */
static bool lex_condition(struct lexing *l)
{
    static const char *const marks[] = {"@*/", "@cc_on", "@end"};
    struct str rest = str_part((struct str){l->p, (size_t)(l->end - l->p)}, 0, 8);
    for (size_t i = 0; i < sizeof marks / sizeof *marks; i++)
        if (l->lang == ASP_JSCRIPT && str_starts(rest, str_of(marks[i]))) {
            add_newline(l);
            l->p += str_of(marks[i]).n;
            return true;
        }
    return false;
}

struct pair {
    char a, b;
    uint8_t op;
};

static const struct pair PAIRS[] = {
    {'=', '=', ASP_OP_EQ},    {'!', '=', ASP_OP_NE},       {'<', '>', ASP_OP_NE},
    {'<', '=', ASP_OP_LE},    {'>', '=', ASP_OP_GE},       {'&', '&', ASP_OP_AND},
    {'|', '|', ASP_OP_OR},    {'+', '=', ASP_OP_PLUS_SET}, {'&', '=', ASP_OP_PLUS_SET},
    {'-', '=', ASP_OP_SET},   {'*', '=', ASP_OP_SET},      {'/', '=', ASP_OP_SET},
    {'^', '=', ASP_OP_SET},   {'|', '=', ASP_OP_SET},      {'%', '=', ASP_OP_SET},
    {'=', '>', ASP_OP_ARROW}, {'+', '+', ASP_OP_STEP},     {'-', '-', ASP_OP_STEP},
    {'?', '?', ASP_OP_ELSE},  {'<', '<', ASP_OP_SHIFT},
};

static void lex_operator(struct lexing *l)
{
    char a = *l->p;
    char b = peek(l, 1);
    bool may = b == '=' || b == '>' || b == a;
    bool vb = l->lang == ASP_VB;
    for (size_t i = 0; may && i < sizeof PAIRS / sizeof *PAIRS; i++) {
        if (PAIRS[i].a != a || PAIRS[i].b != b)
            continue;
        if (vb && (a == '=' || a == '+' || a == '-') && b == a)
            break;
        size_t n = (a == '=' || a == '!') && b == '=' && peek(l, 2) == '=' ? 3 : 2;
        add_op(l, PAIRS[i].op, n);
        return;
    }
    if (a == '?' && (b == '.' || (b == '[' && l->lang == ASP_CSHARP))) /* "a?.b", "a?[b]" */
        l->p++;
    add_op(l, (unsigned char)*l->p, 1);
}

/* "@name", @"verbatim", $"interpolated"; false if it is none of them. */
static bool lex_c_prefix(struct lexing *l)
{
    char c = *l->p;
    char next = peek(l, 1);
    bool both = (next == '@' || next == '$') && next != c && peek(l, 2) == '"';
    size_t dollars = run_of(l->p, l->end, '$');
    if (dollars && dollars < ASP_NESTED && peek(l, dollars) == '"' &&
        peek(l, dollars + 1) == '"' && peek(l, dollars + 2) == '"') {
        l->p += dollars;
        lex_interpolated_raw(l, dollars);
        return true;
    }
    if ((c == '@' || c == '$') && both) {
        l->p += 2;
        lex_interpolated(l, true);
        return true;
    }
    if (next == '"' && (c == '@' || c == '$')) {
        l->p++;
        if (c == '$')
            lex_interpolated(l, false);
        else
            lex_doubled_string(l, true);
        return true;
    }
    if (c == '@')
        l->p++;
    return c == '@';
}

static void lex_c_other(struct lexing *l, char c, bool line_start)
{
    char next = peek(l, 1);
    if (c == '"' && next == '"' && peek(l, 2) == '"' && l->lang == ASP_CSHARP)
        lex_raw_string(l);
    else if (c == '"' || c == '\'' || c == '`')
        lex_c_string(l, c);
    else if ((c == '/' && next == '/') || (c == '#' && line_start))
        skip_line(l);
    else if (c == '/' && next == '*') {
        if (!opens_condition(l))
            skip_comment(l);
    } else if (c == ';') {
        add_newline(l);
        l->p++;
    } else if (c == '@' && (lex_condition(l) || lex_c_prefix(l)))
        return;
    else if (c == '\\' && (next == 'u' || next == 'U'))
        odd_name(l);
    else if (c != '/' || !lex_regex(l))
        lex_operator(l);
}

static void lex_vb_bracket(struct lexing *l)
{
    const char *from = ++l->p;
    while (l->p < l->end && *l->p != ']' && *l->p != '\n')
        l->p++;
    struct str name = {from, (size_t)(l->p - from)};
    struct asp_token *token = add(l, ASP_NAME, from, name.n);
    token->name = asp_name(l->code, str_part(name, 0, NAME_BYTES));
    l->p += l->p < l->end;
}

/* "&H41", "&O101", or the operator. */
static void lex_vb_amp(struct lexing *l)
{
    char next = ascii_lower(peek(l, 1));
    if ((next != 'h' || hex_of(peek(l, 2)) > 15) &&
        (next != 'o' || peek(l, 2) < '0' || peek(l, 2) > '7')) {
        lex_operator(l);
        return;
    }
    const char *from = l->p;
    l->p += 2;
    while (l->p < l->end && hex_of(*l->p) < 16)
        l->p++;
    add(l, ASP_NUMBER, from, (size_t)(l->p - from));
    if (peek(l, 0) == '&')
        l->p++;
}

static void lex_vb_other(struct lexing *l, char c)
{
    if (c == '"')
        lex_doubled_string(l, false);
    else if (c == '\'')
        skip_line(l);
    else if (c == '[')
        lex_vb_bracket(l);
    else if (c == '&')
        lex_vb_amp(l);
    else if (c == ':') {
        l->p++;
        if (peek(l, 0) == '=') { /* a named argument */
            add(l, ASP_OPERATOR, l->p, 0)->op = ':';
            l->p++;
        } else
            add_newline(l);
    } else
        lex_operator(l);
}

/* " _" before a line's end joins it with the next; a comment may stand between. */
static bool skip_vb_joint(struct lexing *l)
{
    const char *p = l->p + 1;
    while (p < l->end && CLASS[(unsigned char)*p] == C_SPACE)
        p++;
    if (*l->p != '_' || p >= l->end || (*p != '\r' && *p != '\n' && *p != '\''))
        return false;
    l->p = memchr(p, '\n', (size_t)(l->end - p));
    l->p = l->p ? l->p + 1 : l->end;
    return true;
}

static bool is_rem(const struct lexing *l)
{
    struct str word = {l->p, (size_t)(l->end - l->p)};
    uint8_t class = CLASS[(unsigned char)peek(l, 3)];
    return str_istarts(word, STR("rem")) && class != C_NAME && class != C_DIGIT;
}

static void lex_line(struct lexing *l)
{
    bool vb = l->lang == ASP_VB;
    while (l->p < l->end &&
           (CLASS[(unsigned char)*l->p] == C_LINE || CLASS[(unsigned char)*l->p] == C_SPACE))
        l->p++;
    if (vb)
        add_newline(l);
}

/* "<!--", and "-->" at a line's start: the script beside them is run. */
static bool skip_mark(struct lexing *l, char c, bool line_start)
{
    bool opens = c == '<' && peek(l, 1) == '!' && peek(l, 2) == '-' && peek(l, 3) == '-';
    bool closes = c == '-' && peek(l, 1) == '-' && peek(l, 2) == '>' && line_start;
    l->p += opens ? 4 : closes ? 3 : 0;
    return opens || closes;
}

static void lex_one(struct lexing *l, bool line_start)
{
    char c = *l->p;
    bool vb = l->lang == ASP_VB;
    switch (CLASS[(unsigned char)c]) {
    case C_NAME:
        if (vb && c == '_' && skip_vb_joint(l))
            return;
        if (vb &&
            (line_start || !l->code->n_tokens ||
             l->code->tokens[l->code->n_tokens - 1].kind <= ASP_NEWLINE) &&
            is_rem(l))
            skip_line(l);
        else if (c == '$' && !vb && lex_c_prefix(l))
            return;
        else if (c == '$' && vb && peek(l, 1) == '"') {
            l->p++;
            lex_interpolated(l, true);
        } else
            lex_name(l);
        return;
    case C_DIGIT:
        lex_number(l);
        return;
    case C_HIGH:
        if (!lex_odd_string(l))
            odd_name(l);
        return;
    default:
        if (skip_mark(l, c, line_start))
            return;
        if (vb)
            lex_vb_other(l, c);
        else
            lex_c_other(l, c, line_start);
        return;
    }
}

static void lex_script(struct lexing *l)
{
    bool line_start = true;
    while (l->p < l->end) {
        uint8_t class = CLASS[(unsigned char)*l->p];
        if (class == C_SPACE) {
            l->p++;
        } else if (class == C_LINE) {
            lex_line(l);
            line_start = true;
        } else {
            lex_one(l, line_start);
            line_start = false;
        }
    }
}

void asp_lex(struct asp_code *code, struct str script, enum asp_lang lang)
{
    struct lexing l = {code, script.p, script.p + script.n, lang, 0, true};
    lex_script(&l);
    l.p = l.end;
    struct asp_token *end = add(&l, ASP_END, l.end, 0);
    end->kind = ASP_END;
}

/* --- values -------------------------------------------------------------------------------- */

static size_t c_escape(struct str s, size_t at, char *out, size_t *n)
{
    uint32_t c = 0;
    size_t step = escape_at(s.p + at, s.p + s.n, true, &c);
    if (step) {
        *n += utf8_put(out + *n, c);
        return step;
    }
    if (at + 1 >= s.n)
        return 1;
    static const char FROM[] = "nrtabfv0";
    static const char TO[] = "\n\r\t\a\b\f\v";
    const char *known = memchr(FROM, s.p[at + 1], sizeof FROM - 1);
    out[(*n)++] = known ? TO[known - FROM] : s.p[at + 1];
    return 2;
}

struct str asp_string(const struct asp_token *token, struct arena *arena)
{
    struct str s = {token->p, token->n};
    if (token->form == ASP_FORM_RAW)
        return s;
    char *out = ARENA_ARRAY(arena, char, s.n * 2 + 4); /* "\x9" is two bytes */
    size_t n = 0;
    for (size_t i = 0; i < s.n;) {
        if (token->form == ASP_FORM_C && s.p[i] == '\\') {
            i += c_escape(s, i, out, &n);
            continue;
        }
        out[n++] = s.p[i];
        i += token->form == ASP_FORM_DOUBLED && s.p[i] == '"' ? 2 : 1;
    }
    return (struct str){out, n};
}
