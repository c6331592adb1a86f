/* Ways of writing a string in PowerShell, cmd, JScript and Visual Basic so that it is not
 * recognised: marks inside words, pieces joined, formatted, replaced, reversed. */
#include "base/utf.h"
#include "event/decode_int.h"

enum {
    ARGS_MAX = 64,         /* of a format operator */
    LITERAL_MAX = 1 << 20, /* bytes of one string */
    DOUBLED_MAX = 64,      /* quotes doubled inside a string */
    REVERSED_MIN = 12,     /* characters of a string that is reversed on suspicion */
};

/* --- marks inside words --------------------------------------------------------------------- */

/* `n and its like are characters where the mark stands in a string. */
static bool is_meant(struct str s, size_t i)
{
    char next = char_at(s, i + 1);
    return next && memchr("0abfnrtv", next, 8) != NULL;
}

bool undo_ticks(struct decoder *d)
{
    struct str s = d->text;
    for (size_t i = 0; i < s.n; i++) {
        bool word = is_alnum(char_at(s, i + 1)) || char_at(s, i + 1) == '-';
        bool inside = i && is_alpha(s.p[i - 1]);
        if (s.p[i] == '`' && word && !is_meant(s, i) && (inside || is_alpha(s.p[i + 1])))
            decoder_put(d, i, i + 1, STR(""));
    }
    return decoder_end(d, "escape marks");
}

static size_t count_carets(struct str s)
{
    size_t n = 0;
    for (size_t i = 1; i + 1 < s.n; i++)
        n += s.p[i] == '^' && is_alnum(s.p[i - 1]) && is_alnum(s.p[i + 1]);
    return n;
}

bool undo_carets(struct decoder *d)
{
    struct str s = d->text;
    if (count_carets(s) < (size_t)(d->hints & DECODE_COMMAND ? 1 : 3))
        return false;
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] != '^')
            continue;
        decoder_put(d, i, i + 1, STR(""));
        i += char_at(s, i + 1) == '^'; /* the second one stands for itself */
    }
    return decoder_end(d, "escape marks");
}

bool undo_empty_quotes(struct decoder *d)
{
    struct str s = d->text;
    for (size_t i = 1; i + 2 < s.n; i++) {
        bool empty = (s.p[i] == '"' || s.p[i] == '\'') && s.p[i + 1] == s.p[i];
        if (empty && is_alnum(s.p[i - 1]) && is_alnum(s.p[i + 2])) {
            decoder_put(d, i, i + 2, STR(""));
            i++;
        }
    }
    return decoder_end(d, "empty quotes");
}

/* --- joining -------------------------------------------------------------------------------- */

static bool is_quote(char c)
{
    return c == '"' || c == '\'';
}

/* Where the next string starts, if the quote at i is followed by + or & and a quote; else 0. */
static size_t joined_at(struct str s, size_t i)
{
    size_t at = i + 1;
    while (char_at(s, at) == ')' || is_blank(char_at(s, at)))
        at++;
    char sign = char_at(s, at);
    if (sign != '+' && sign != '&')
        return 0;
    at = skip_blanks(s, at + 1);
    if (char_at(s, at) == '_') /* Visual Basic: the statement goes on in the next line */
        at = skip_blanks(s, at + 1);
    while (char_at(s, at) == '(' || is_blank(char_at(s, at)))
        at++;
    return is_quote(char_at(s, at)) ? at : 0;
}

/* How many more parentheses text[from, to) opens than it closes. */
static int balance(struct str s, size_t from, size_t to)
{
    int n = 0;
    for (size_t i = from; i < to; i++)
        n += s.p[i] == '(' ? 1 : s.p[i] == ')' ? -1 : 0;
    return n;
}

/* 'ab' + 'cd': what stands between the two texts goes. */
bool undo_joins(struct decoder *d)
{
    struct str s = d->text;
    for (size_t i = 0; i < s.n; i++) {
        size_t next = is_quote(s.p[i]) ? joined_at(s, i) : 0;
        if (!next)
            continue;
        if (balance(s, i, next) == 0)
            decoder_put(d, i, next + 1, STR(""));
        i = next;
    }
    return decoder_end(d, "joined strings");
}

/* --- operators on strings ------------------------------------------------------------------- */

struct literal {
    size_t from, to; /* with its quotes */
    struct str text; /* what it stands for */
};

/* The string that the quote at i opens. A doubled quote inside stands for one. */
static bool read_literal(struct decoder *d, struct str s, size_t i, struct literal *ret)
{
    char quote = char_at(s, i);
    if (!is_quote(quote))
        return false;
    size_t at = i + 1;
    size_t doubled = 0;
    for (;;) {
        size_t left = s.n - at < LITERAL_MAX ? s.n - at : LITERAL_MAX;
        const char *close = left ? memchr(s.p + at, quote, left) : NULL;
        if (!close)
            return false;
        at = (size_t)(close - s.p) + 1;
        if (char_at(s, at) != quote || at == i + 2)
            break;
        at++;
        if (++doubled > DOUBLED_MAX)
            return false;
    }
    *ret = (struct literal){i, at, str_part(s, i + 1, at - 1)};
    if (!doubled)
        return true;
    char *text = ARENA_ARRAY(d->arena, char, ret->text.n);
    size_t n = 0;
    for (size_t k = 0; k < ret->text.n; k++) {
        text[n++] = ret->text.p[k];
        k += ret->text.p[k] == quote && char_at(ret->text, k + 1) == quote;
    }
    ret->text = (struct str){text, n};
    return true;
}

/* A result as a string again: in the quotes of what it came from. */
static struct str quoted(struct decoder *d, char quote, struct str text)
{
    return arena_printf(d->arena, "%c%.*s%c", quote, STR_ARG(text), quote);
}

/* --- variables ------------------------------------------------------------------------------ */

enum { CONSTANTS_MAX = 64, CONSTANT_TEXT = 4096 };

struct constant {
    struct str name;
    struct str text;
    bool several; /* it is given more than one text: which one counts is not known */
};

struct constants {
    struct constant at[CONSTANTS_MAX];
    size_t n;
};

static struct str name_at(struct str s, size_t i)
{
    size_t to = i + 1;
    while (is_name(char_at(s, to)))
        to++;
    return str_part(s, i + 1, to);
}

static struct constant *find_constant(struct constants *c, struct str name)
{
    for (size_t i = 0; i < c->n; i++)
        if (str_ieq(c->at[i].name, name))
            return &c->at[i];
    return NULL;
}

/* $name = 'text' at i, and nothing more in the statement. */
static bool read_assignment(struct decoder *d, size_t i, struct str name, struct str *ret)
{
    struct literal l;
    size_t at = skip_blanks(d->text, i + 1 + name.n);
    if (char_at(d->text, at) != '=' || char_at(d->text, at + 1) == '=')
        return false;
    if (!read_literal(d, d->text, skip_blanks(d->text, at + 1), &l) || l.text.n > CONSTANT_TEXT)
        return false;
    while (char_at(d->text, l.to) == ' ')
        l.to++;
    char end = char_at(d->text, l.to);
    *ret = l.text;
    return end == ';' || end == '\r' || end == '\n' || end == '}' || l.to == d->text.n;
}

static void find_constants(struct decoder *d, struct constants *c)
{
    struct str s = d->text;
    for (size_t i = 0; i < s.n && c->n < CONSTANTS_MAX; i++) {
        struct str text;
        struct str name = s.p[i] == '$' ? name_at(s, i) : STR("");
        if (name.n == 0 || !read_assignment(d, i, name, &text))
            continue;
        struct constant *old = find_constant(c, name);
        if (old)
            old->several |= !str_eq(old->text, text);
        else
            c->at[c->n++] = (struct constant){.name = name, .text = text};
    }
}

/* $a = 'who'; $b = 'ami'; iex ($a + $b): the texts go where they are added to something. */
bool undo_variables(struct decoder *d)
{
    struct str s = d->text;
    struct constants *c = ARENA_NEW(d->arena, struct constants);
    find_constants(d, c);
    for (size_t i = 0; i < s.n && c->n && !decoder_full(d); i++) {
        struct str name = s.p[i] == '$' ? name_at(s, i) : STR("");
        size_t to = i + 1 + name.n;
        const struct constant *k = name.n && is_added(s, i, to) ? find_constant(c, name) : NULL;
        if (!k || k->several)
            continue;
        char quote = str_find(k->text, STR("'"), 0) == SIZE_MAX ? '\'' : '"';
        if (char_at(s, skip_blanks(s, to) + 1) != '=') /* $a += ... */
            decoder_put(d, i, to, quoted(d, quote, k->text));
    }
    return decoder_end(d, "constants");
}

struct site { /* a string with an operator behind it */
    struct literal subject;
    size_t to; /* where operator and arguments end */
    struct str text;
    const char *name;
};

/* "{1}{0}" with its arguments put in. */
static bool put_format(struct decoder *d, struct str format, const struct str *args, size_t n,
                       struct str *ret)
{
    struct buf out = buf_new(LITERAL_MAX);
    bool good = true;
    for (size_t i = 0; i < format.n && good; i++) {
        size_t digit = i + 1;
        size_t v = 0;
        if (format.p[i] == '{') {
            for (; is_digit(char_at(format, digit)) && digit - i < 4; digit++)
                v = v * 10 + (size_t)(format.p[digit] - '0');
        }
        if (format.p[i] != '{' || digit == i + 1 || char_at(format, digit) != '}') {
            buf_add_char(&out, format.p[i]);
            continue;
        }
        good = v < n;
        if (good)
            buf_add_str(&out, args[v]);
        i = digit;
    }
    if (good && !out.full)
        *ret = arena_str(d->arena, buf_str(&out));
    good = good && !out.full;
    buf_free(&out);
    return good;
}

/* A list of strings with commas, perhaps in parentheses; where it ends, 0 if there is none. */
static size_t read_strings(struct decoder *d, struct str s, size_t at, struct str *ret,
                           size_t *ret_n)
{
    bool open = char_at(s, at) == '(';
    size_t end = 0;
    at = skip_blanks(s, open ? at + 1 : at);
    *ret_n = 0;
    for (struct literal l; *ret_n < ARGS_MAX && read_literal(d, s, at, &l);) {
        ret[(*ret_n)++] = l.text;
        end = l.to;
        at = skip_blanks(s, end);
        if (char_at(s, at) != ',')
            break;
        at = skip_blanks(s, at + 1);
    }
    if (end && open) {
        end = skip_blanks(s, end);
        return char_at(s, end) == ')' ? end + 1 : 0;
    }
    return end;
}

static bool undo_format(struct decoder *d, struct str s, size_t at, struct site *site)
{
    struct str args[ARGS_MAX];
    size_t n;
    if (ascii_lower(char_at(s, at + 1)) != 'f' || is_alnum(char_at(s, at + 2)))
        return false;
    if (str_find(site->subject.text, STR("{"), 0) == SIZE_MAX)
        return false;
    site->to = read_strings(d, s, skip_blanks(s, at + 2), args, &n);
    site->name = "format operator";
    return site->to && put_format(d, site->subject.text, args, n, &site->text);
}

static bool has_meta(struct str pattern)
{
    for (size_t i = 0; i < pattern.n; i++)
        if (memchr(".^$|?*+()[]{}", pattern.p[i], 13))
            return true;
    return false;
}

/* A pattern of -replace that stands for itself, without its backslashes; false if it is a
 * real regular expression. */
static bool plain_pattern(struct decoder *d, struct str *pattern)
{
    char *text = ARENA_ARRAY(d->arena, char, pattern->n);
    size_t n = 0;
    for (size_t i = 0; i < pattern->n; i++) {
        char c = pattern->p[i];
        if (c == '\\' && i + 1 < pattern->n && !is_alnum(pattern->p[i + 1]))
            c = pattern->p[++i];
        else if (c == '\\' || has_meta((struct str){&c, 1}))
            return false;
        text[n++] = c;
    }
    *pattern = (struct str){text, n};
    return true;
}

static struct str lowered(struct decoder *d, struct str text)
{
    char *out = ARENA_ARRAY(d->arena, char, text.n);
    for (size_t i = 0; i < text.n; i++)
        out[i] = ascii_lower(text.p[i]);
    return (struct str){out, text.n};
}

static bool put_replaced(struct decoder *d, struct str text, struct str old, struct str new,
                         bool caseless, struct str *ret)
{
    struct buf out = buf_new(LITERAL_MAX);
    size_t done = 0;
    size_t at;
    if (old.n == 0)
        return false;
    struct str within = caseless ? lowered(d, text) : text; /* str_ifind may cost a product */
    old = caseless ? lowered(d, old) : old;
    while ((at = str_find(within, old, done)) != SIZE_MAX) {
        buf_add(&out, text.p + done, at - done);
        buf_add_str(&out, new);
        done = at + old.n;
    }
    buf_add(&out, text.p + done, text.n - done);
    bool good = done > 0 && !out.full;
    if (good)
        *ret = arena_str(d->arena, buf_str(&out));
    buf_free(&out);
    return good;
}

static size_t replace_word(struct str s, size_t at)
{
    static const char *const words[] = {"-replace", "-creplace", "-ireplace", ".replace"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (word_at(s, at, words[i]))
            return at + strlen(words[i]);
    return 0;
}

static bool undo_replace(struct decoder *d, struct str s, size_t at, struct site *site)
{
    struct str args[ARGS_MAX];
    size_t n;
    bool method = char_at(s, at) == '.';
    size_t next = replace_word(s, at);
    if (!next)
        return false;
    site->to = read_strings(d, s, skip_blanks(s, next), args, &n);
    site->name = "replaced text";
    if (!site->to || n > 2 || (method && n != 2))
        return false;
    if (n == 1)
        args[1] = STR("");
    if (!method && !plain_pattern(d, &args[0]))
        return false;
    bool caseless = !method && ascii_lower(char_at(s, at + 1)) != 'c';
    if (!put_replaced(d, site->subject.text, args[0], args[1], caseless, &site->text))
        site->text = site->subject.text; /* nothing to replace: the operator is gone */
    return true;
}

static struct str reversed(struct decoder *d, struct str text)
{
    char *out = ARENA_ARRAY(d->arena, char, text.n + 1);
    size_t to = text.n;
    for (size_t i = 0; i < text.n;) {
        uint32_t code;
        size_t used = utf8_at(text.p + i, text.n - i, &code);
        used = used ? used : 1;
        to -= used;
        memcpy(out + to, text.p + i, used);
        i += used;
    }
    return (struct str){out, text.n};
}

/* [-1..-99], [ -1 .. - ('..').length ] behind a string; where it ends, 0 if it is not there. */
static size_t read_backwards(struct str s, size_t at)
{
    enum { INDEX_MAX = 200 };
    size_t i = skip_blanks(s, at + 1);
    if (char_at(s, i) != '-' || char_at(s, i + 1) != '1')
        return 0;
    i = skip_blanks(s, i + 2);
    if (char_at(s, i) != '.' || char_at(s, i + 1) != '.')
        return 0;
    i = skip_blanks(s, i + 2);
    if (char_at(s, i) != '-')
        return 0;
    for (size_t end = i; end < s.n && end - i < INDEX_MAX; end++)
        if (s.p[end] == ']')
            return end + 1;
    return 0;
}

/* .split('').reverse().join(''), as JScript has it. */
static size_t read_reverse_calls(struct str s, size_t at)
{
    static const char *const single = ".split('').reverse().join('')";
    static const char *const both = ".split(\"\").reverse().join(\"\")";
    if (word_at(s, at, single) || word_at(s, at, both))
        return at + strlen(single);
    return 0;
}

/* , '.', 'RightToLeft' as [regex]::Matches has it. */
static size_t read_right_to_left(struct decoder *d, struct str s, size_t at)
{
    struct str args[ARGS_MAX];
    size_t n;
    if (char_at(s, at) != ',')
        return 0;
    size_t end = read_strings(d, s, skip_blanks(s, at + 1), args, &n);
    return end && n == 2 && str_ieq(args[1], STR("RightToLeft")) ? end : 0;
}

static bool undo_reverse(struct decoder *d, struct str s, size_t at, struct site *site)
{
    size_t from = site->subject.from;
    char c = char_at(s, at);
    site->to = 0;
    if (c == '[')
        site->to = read_backwards(s, at);
    else if (c == '.')
        site->to = read_reverse_calls(s, at);
    else if (c == ',')
        site->to = read_right_to_left(d, s, at);
    else if (c == ')' && word_before(s, from, "strreverse(")) {
        site->subject.from = from - STR("strreverse(").n;
        site->to = at + 1;
    }
    if (site->to == 0)
        return false;
    site->name = "reversed text";
    site->text = reversed(d, site->subject.text);
    return true;
}

/* Parentheses around one string alone are passed over: ('ab') -f. */
static size_t behind_parens(struct str s, struct literal *l)
{
    size_t from = l->from;
    size_t at = skip_blanks(s, l->to);
    for (;;) {
        size_t open = from;
        while (open && is_blank(s.p[open - 1]))
            open--;
        if (char_at(s, at) != ')' || open == 0 || s.p[open - 1] != '(')
            return at;
        bool call = open > 1 && (is_alnum(s.p[open - 2]) || s.p[open - 2] == '_');
        if (call)
            return at;
        from = open - 1;
        l->from = from;
        l->to = at + 1;
        at = skip_blanks(s, at + 1);
    }
}

static bool undo_operator(struct decoder *d, size_t at, struct site *site)
{
    struct str s = d->text;
    switch (char_at(s, at)) {
    case '-':
        return undo_format(d, s, at, site) || undo_replace(d, s, at, site);
    case '.':
        return undo_replace(d, s, at, site) || undo_reverse(d, s, at, site);
    case '[':
    case ',':
    case ')':
        return (d->has & HAS_REVERSE) && undo_reverse(d, s, at, site);
    default:
        return false;
    }
}

/* ('ab') + 'cd': the parentheses are in the way of joining. */
static bool undo_parens(struct decoder *d, size_t i, size_t at, struct site *site)
{
    struct str s = d->text;
    size_t from = site->subject.from;
    if (from == i)
        return false;
    while (from && is_blank(s.p[from - 1]))
        from--;
    char before = from ? s.p[from - 1] : '\0';
    char behind = char_at(s, at);
    bool list = (d->has & HAS_FORMAT) && (before == ',' || behind == ',');
    site->to = site->subject.to;
    site->text = site->subject.text;
    site->name = NULL;
    return list || before == '+' || before == '&' || behind == '+' || behind == '&';
}

static bool undo_at(struct decoder *d, size_t i, struct site *site)
{
    if (!read_literal(d, d->text, i, &site->subject))
        return false;
    size_t at = behind_parens(d->text, &site->subject);
    return undo_operator(d, at, site) || undo_parens(d, i, at, site);
}

/* A string kept in a variable is reversed elsewhere: [array]::Reverse($a), $a[-1..-9]. Which
 * one is not known: each is given both ways. */
static void reverse_long(struct decoder *d)
{
    struct str s = d->text;
    if (str_find(s, STR("$"), 0) == SIZE_MAX)
        return;
    for (size_t i = 0; i < s.n && !decoder_full(d); i++) {
        struct literal l;
        if (!is_quote(s.p[i]) || !read_literal(d, s, i, &l) || l.text.n < REVERSED_MIN)
            continue;
        struct str text = reversed(d, l.text);
        decoder_put(d, l.to, l.to, arena_printf(d->arena, " '%.*s'", STR_ARG(text)));
        decoder_part(d, text);
        decoder_name(d, "reversed text");
        i = l.to - 1;
    }
    d->reversed = true;
}

bool undo_literals(struct decoder *d)
{
    struct str s = d->text;
    for (size_t i = 0; i < s.n && !decoder_full(d); i++) {
        struct site site;
        if (!is_quote(s.p[i]) || !undo_at(d, i, &site))
            continue;
        struct str text = quoted(d, s.p[i], site.text);
        size_t from = site.subject.from >= d->done ? site.subject.from : d->done;
        decoder_put(d, from, site.to, text);
        if (site.name)
            decoder_name(d, site.name);
        i = site.to - 1;
    }
    if (!d->changed && (d->has & HAS_REVERSE) && !d->reversed)
        reverse_long(d);
    return decoder_end(d, NULL);
}
