/* regex_need.c - see regex_need.h.
 *
 * The expression is read as PCRE2 reads it, as far as that is understood here; whatever is not
 * understood makes the answer "nothing is known". Only ASCII text counts: it is the same in
 * every encoding that evidence has been repaired to, and folds to itself or one other letter.
 *
 * Of each part two things are kept: the few texts that are all it can match (`exact`), and
 * texts of which each match holds one (`need`).
 *
 * Source: pcre2pattern(3).
 */
#include "rule/regex_need.h"

enum {
    DEPTH_MAX = 32,     /* groups in groups */
    EXACT_MAX = 24,     /* texts of a part that is known exactly */
    TEXT_MAX = 48,      /* bytes of one of them */
    CLASS_MAX = 6,      /* characters of a class that is worth listing */
    REPEAT_MAX = 8,     /* repetitions that are written out */
    PATTERN_MAX = 4096, /* bytes of an expression that is looked at */
};

struct set {
    struct str *p;
    size_t n;
};

struct part {
    bool exact; /* it matches `all` and nothing else */
    struct set all;
    struct set need; /* n == 0: nothing known */
};

struct reader {
    struct str text;
    size_t at;
    unsigned depth;
    bool lost; /* something was not understood */
    struct arena *arena;
};

static bool at_end(const struct reader *r)
{
    return r->at >= r->text.n;
}

static char peek(const struct reader *r, size_t ahead)
{
    return r->at + ahead < r->text.n ? r->text.p[r->at + ahead] : '\0';
}

static bool take(struct reader *r, const char *what)
{
    struct str s = str_of(what);
    if (!str_starts(str_part(r->text, r->at, r->text.n), s))
        return false;
    r->at += s.n;
    return true;
}

static struct part lose(struct reader *r)
{
    r->lost = true;
    return (struct part){0};
}

/* ---- sets ---- */

static struct set set_of(struct str text, struct arena *arena)
{
    struct set s = {.p = ARENA_ARRAY(arena, struct str, 1), .n = 1};
    s.p[0] = text;
    return s;
}

static struct part nothing(struct arena *arena)
{
    return (struct part){.exact = true, .all = set_of(STR(""), arena)};
}

static struct part unknown(void)
{
    return (struct part){0};
}

static struct part one_char(char c, struct arena *arena)
{
    char *p = arena_alloc(arena, 1, 1);
    *p = ascii_lower(c);
    return (struct part){.exact = true, .all = set_of((struct str){p, 1}, arena)};
}

static size_t shortest(struct set s)
{
    size_t least = SIZE_MAX;
    for (size_t i = 0; i < s.n; i++)
        least = s.p[i].n < least ? s.p[i].n : least;
    return s.n ? least : 0;
}

/* The set that makes the better gate: long texts, then few of them. */
static struct set better(struct set a, struct set b)
{
    enum { LONG_ENOUGH = 6 };
    if (shortest(a) == 0 || shortest(b) == 0)
        return shortest(a) ? a : b;
    size_t la = shortest(a) < LONG_ENOUGH ? shortest(a) : LONG_ENOUGH;
    size_t lb = shortest(b) < LONG_ENOUGH ? shortest(b) : LONG_ENOUGH;
    if (la != lb)
        return la > lb ? a : b;
    return a.n <= b.n ? a : b;
}

static struct set joined(struct set a, struct set b, struct arena *arena)
{
    struct set s = {.p = ARENA_ARRAY(arena, struct str, a.n + b.n), .n = 0};
    for (size_t i = 0; i < a.n + b.n; i++) {
        struct str text = i < a.n ? a.p[i] : b.p[i - a.n];
        bool known = false;
        for (size_t k = 0; k < s.n && !known; k++)
            known = str_eq(s.p[k], text);
        if (!known)
            s.p[s.n++] = text;
    }
    return s;
}

/* Each text of a followed by each of b; n == 0: too many, or too long. */
static struct set product(struct set a, struct set b, struct arena *arena)
{
    struct set s = {.p = ARENA_ARRAY(arena, struct str, a.n * b.n), .n = 0};
    if (a.n * b.n > EXACT_MAX)
        return (struct set){0};
    for (size_t i = 0; i < a.n; i++) {
        for (size_t k = 0; k < b.n; k++) {
            size_t n = a.p[i].n + b.p[k].n;
            if (n > TEXT_MAX)
                return (struct set){0};
            char *p = arena_alloc(arena, n + 1, 1);
            memcpy(p, a.p[i].p, a.p[i].n);
            memcpy(p + a.p[i].n, b.p[k].p, b.p[k].n);
            s.p[s.n++] = (struct str){p, n};
        }
    }
    return s;
}

/* What is needed of a part, if any of it is. */
static struct set need_of(const struct part *part)
{
    struct set all = part->exact && shortest(part->all) > 0 ? part->all : (struct set){0};
    return better(all, part->need);
}

/* ---- escapes and classes ---- */

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c = ascii_lower(c);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Behind "\x": one or two digits, or any number of them in braces. The code point; -1 if it is
 * written in another way. */
static int32_t read_hex(struct reader *r)
{
    int32_t v = 0;
    bool braces = take(r, "{");
    size_t digits = 0;
    while (hex_digit(peek(r, 0)) >= 0 && digits < (braces ? 6 : 2)) {
        v = v * 16 + hex_digit(peek(r, 0));
        r->at++;
        digits++;
    }
    return digits == 0 || (braces && !take(r, "}")) ? -1 : v;
}

enum { NO_CHAR = -1, LOST = -2 };

static bool is_one_of(char c, const char *set)
{
    return c && str_find(str_of(set), (struct str){&c, 1}, 0) != SIZE_MAX;
}

static bool is_word(char c)
{
    return c == '_' || (c >= '0' && c <= '9') ||
           (ascii_lower(c) >= 'a' && ascii_lower(c) <= 'z');
}

static void skip_property(struct reader *r)
{
    if (!take(r, "{")) {
        r->at++;
        return;
    }
    while (!at_end(r) && peek(r, 0) != '}')
        r->at++;
    r->at++;
}

/* Behind a backslash: the one character that is meant; NO_CHAR: one of several; LOST. */
static int32_t read_escape(struct reader *r)
{
    static const char from[] = "tnrfea";
    static const char to[] = "\t\n\r\f\x1b\a";
    if (at_end(r))
        return LOST;
    char c = r->text.p[r->at++];
    if (!is_word(c))
        return (unsigned char)c < 0x80 ? c : LOST;
    for (size_t i = 0; from[i]; i++)
        if (c == from[i])
            return to[i];
    if (c == 'x') {
        int32_t v = read_hex(r);
        return v < 0 ? LOST : v;
    }
    if (c == 'p' || c == 'P') {
        skip_property(r);
        return NO_CHAR;
    }
    return is_one_of(c, "dDwWsShHvVRX") ? NO_CHAR : LOST;
}

static int32_t class_char(struct reader *r)
{
    char c = r->text.p[r->at++];
    if (c == '\\' && peek(r, 0) == 'b') {
        r->at++;
        return '\b';
    }
    if (c == '\\')
        return read_escape(r);
    if (c == '[' && is_one_of(peek(r, 0), ":.=")) {
        size_t end = str_find(r->text, STR(":]"), r->at);
        if (end == SIZE_MAX)
            return LOST;
        r->at = end + 2;
        return NO_CHAR;
    }
    return (unsigned char)c < 0x80 ? c : NO_CHAR;
}

/* Behind "[": the characters of the class, if they are few. */
static struct part read_class(struct reader *r)
{
    struct set chars = {.p = ARENA_ARRAY(r->arena, struct str, CLASS_MAX), .n = 0};
    bool many = take(r, "^");
    for (bool first = true;; first = false) {
        if (at_end(r))
            return lose(r);
        if (peek(r, 0) == ']' && !first)
            break;
        int32_t c = class_char(r);
        if (c == LOST)
            return lose(r);
        bool range = peek(r, 0) == '-' && peek(r, 1) != ']';
        if (c < 0 || c >= 0x80 || range || chars.n == CLASS_MAX)
            many = true;
        else
            chars = joined(chars, one_char((char)c, r->arena).all, r->arena);
        if (many && chars.n == CLASS_MAX)
            chars.n = 0;
    }
    r->at++;
    return many ? unknown() : (struct part){.exact = true, .all = chars};
}

/* ---- groups ---- */

static struct part read_choice(struct reader *r);

/* Behind "(?" and letters for flags: true if no more is meant by them than what is the same to
 * us. */
static bool take_flags(struct reader *r)
{
    while (is_one_of(peek(r, 0), "imsnJU-^"))
        r->at++;
    return peek(r, 0) == ':' || peek(r, 0) == ')';
}

static bool take_name(struct reader *r, char end)
{
    while (is_word(peek(r, 0)))
        r->at++;
    return peek(r, 0) == end && ++r->at;
}

enum group { GROUP_PLAIN, GROUP_LOOK, GROUP_FLAGS, GROUP_COMMENT, GROUP_LOST };

/* Behind "(": what kind it is; reads up to its content. */
static enum group read_group_head(struct reader *r)
{
    if (peek(r, 0) == '*')
        return GROUP_LOST;
    if (!take(r, "?"))
        return GROUP_PLAIN;
    if (take(r, ":") || take(r, ">") || take(r, "|"))
        return GROUP_PLAIN;
    if (take(r, "=") || take(r, "!") || take(r, "<=") || take(r, "<!"))
        return GROUP_LOOK;
    if (take(r, "#"))
        return GROUP_COMMENT;
    if (take(r, "P<") || take(r, "<"))
        return take_name(r, '>') ? GROUP_PLAIN : GROUP_LOST;
    if (take(r, "'"))
        return take_name(r, '\'') ? GROUP_PLAIN : GROUP_LOST;
    if (!take_flags(r))
        return GROUP_LOST;
    return take(r, ":") ? GROUP_PLAIN : GROUP_FLAGS;
}

static struct part read_group(struct reader *r)
{
    enum group kind = read_group_head(r);
    struct part part = nothing(r->arena);
    if (kind == GROUP_LOST || ++r->depth > DEPTH_MAX)
        return lose(r);
    if (kind == GROUP_COMMENT)
        while (!at_end(r) && peek(r, 0) != ')')
            r->at++;
    else if (kind != GROUP_FLAGS)
        part = read_choice(r);
    r->depth--;
    if (!take(r, ")"))
        return lose(r);
    return kind == GROUP_PLAIN ? part : nothing(r->arena);
}

/* ---- one piece ---- */

static struct part read_atom(struct reader *r)
{
    char c = r->text.p[r->at++];
    int32_t point;
    switch (c) {
    case '(':
        return read_group(r);
    case '[':
        return read_class(r);
    case '.':
        return unknown();
    case '^':
    case '$':
        return nothing(r->arena);
    case '*':
    case '+':
    case '?':
        return lose(r);
    case '\\':
        if (is_one_of(peek(r, 0), "bBAzZG")) {
            r->at++;
            return nothing(r->arena);
        }
        point = read_escape(r);
        if (point == LOST)
            return lose(r);
        return point < 0 || point >= 0x80 ? unknown() : one_char((char)point, r->arena);
    default:
        return (unsigned char)c < 0x80 ? one_char(c, r->arena) : unknown();
    }
}

static bool read_count(struct reader *r, size_t *ret)
{
    size_t start = r->at;
    *ret = 0;
    for (; peek(r, 0) >= '0' && peek(r, 0) <= '9'; r->at++)
        *ret = *ret < PATTERN_MAX ? *ret * 10 + (size_t)(peek(r, 0) - '0') : *ret;
    return r->at > start;
}

/* How often the piece before must and may stand. */
static void read_repeat(struct reader *r, size_t *least, size_t *most)
{
    *least = 1;
    *most = 1;
    if (take(r, "*") || take(r, "+") || take(r, "?")) {
        char c = r->text.p[r->at - 1];
        *least = c == '+';
        *most = c == '?' ? 1 : SIZE_MAX;
    } else if (peek(r, 0) == '{') {
        bool digit = peek(r, 1) >= '0' && peek(r, 1) <= '9';
        r->lost |= is_one_of(peek(r, 1), ", ");
        if (!digit)
            return; /* an ordinary brace */
        r->at++;
        (void)read_count(r, least);
        *most = *least;
        if (take(r, ",") && !read_count(r, most))
            *most = SIZE_MAX;
        r->lost |= !take(r, "}");
    } else {
        return;
    }
    (void)(take(r, "?") || take(r, "+"));
}

static struct part repeat(struct reader *r, const struct part *part, size_t least, size_t most)
{
    struct part ret = {.need = least ? need_of(part) : (struct set){0}};
    if (least == 1 && most == 1)
        return *part;
    if (!part->exact || most > REPEAT_MAX)
        return ret;
    struct set now = set_of(STR(""), r->arena);
    struct set all = {0};
    for (size_t i = 0; i <= most && now.n; i++) {
        if (i >= least)
            all = joined(all, now, r->arena);
        if (i < most)
            now = product(now, part->all, r->arena);
    }
    ret.exact = now.n > 0 && all.n <= EXACT_MAX;
    ret.all = all;
    return ret;
}

/* Pieces one behind the other. `run` is what stands just before the place that is read. */
static struct part read_row(struct reader *r)
{
    struct set run = set_of(STR(""), r->arena);
    struct set best = {0};
    bool exact = true;
    while (!at_end(r) && !r->lost && peek(r, 0) != '|' && peek(r, 0) != ')') {
        size_t least;
        size_t most;
        struct part atom = read_atom(r);
        read_repeat(r, &least, &most);
        struct part part = repeat(r, &atom, least, most);
        struct set longer = {0};
        if (part.exact)
            longer = product(run, part.all, r->arena);
        if (longer.n) {
            run = longer;
            continue;
        }
        /* Of a piece that is repeated, one stands behind what is before it, and one before
         * what is behind it. */
        bool stands = atom.exact && least > 0;
        struct set with = stands ? product(run, atom.all, r->arena) : (struct set){0};
        exact = false;
        best = better(with.n ? with : run, best);
        best = better(need_of(&part), best);
        run = stands ? atom.all : set_of(STR(""), r->arena);
    }
    if (!exact)
        best = better(run, best);
    return (struct part){.exact = exact, .all = run, .need = best};
}

static struct part read_choice(struct reader *r)
{
    struct part ret = read_row(r);
    struct set need = need_of(&ret);
    bool one = true;
    while (!r->lost && take(r, "|")) {
        struct part next = read_row(r);
        struct set more = need_of(&next);
        need = need.n && more.n ? joined(need, more, r->arena) : (struct set){0};
        ret.exact = ret.exact && next.exact && ret.all.n + next.all.n <= EXACT_MAX;
        if (ret.exact)
            ret.all = joined(ret.all, next.all, r->arena);
        one = false;
    }
    if (!one)
        ret.need = need.n <= REGEX_NEED_MAX ? need : (struct set){0};
    return ret;
}

void regex_need_of(struct str pattern, struct arena *arena, struct regex_need *ret)
{
    struct reader r = {.text = pattern, .arena = arena};
    *ret = (struct regex_need){0};
    if (pattern.n > PATTERN_MAX)
        return;
    struct part whole = read_choice(&r);
    struct set need = need_of(&whole);
    if (shortest(need) == 0 || r.lost || !at_end(&r) || need.n > REGEX_NEED_MAX)
        return;
    *ret = (struct regex_need){.any = need.p, .n = need.n, .shortest = shortest(need)};
}
