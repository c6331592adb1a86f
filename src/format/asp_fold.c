#include "base/base64.h"
#include "base/buf.h"
#include "base/utf.h"
#include "format/asp_value.h"

enum {
    MADE_MAX = 16 << 20, /* bytes of all texts that are made of one page */
    TEXT_MAX = 4 << 20,  /* and of each */
    LONG_TEXT = 1000,    /* bytes of a constant that may hold code */
    DIGITS = 24,         /* of a number, with its sign */
    PIECES = 65536,      /* elements of a known array */
    KEPT = V_REQ | V_LEAD | V_MAPPED | V_FILE | V_HIDDEN | V_UPLOAD | V_CLIENT | V_CODE |
           V_SECRET | V_LONG | V_ITEM | V_OWN | V_HERE | V_DIGITS | V_TAIL | V_P_REQ |
           V_P_LEAD | V_P_MAPPED | V_SQL | V_NET | V_P_PAGE | V_P_PICTURE,
};

static const char BETWEEN = '\1'; /* elements of a known array */

struct asp_value asp_known(struct str text)
{
    struct asp_value v = ASP_NOTHING;
    v.text = text;
    v.flags = V_KNOWN | (text.n >= LONG_TEXT ? V_LONG : 0);
    return v;
}

struct asp_value asp_number(int64_t number)
{
    struct asp_value v = ASP_NOTHING;
    v.number = number;
    v.flags = V_NUMBER;
    return v;
}

/* Room for a text; NULL where the budget is spent. */
static char *room(struct asp_budget *budget, size_t n)
{
    if (n > TEXT_MAX || budget->made + n > MADE_MAX)
        return NULL;
    budget->made += n + 16;
    return ARENA_ARRAY(budget->arena, char, n + 1);
}

bool asp_text_of(struct asp_budget *budget, const struct asp_value *v, struct str *ret)
{
    if (v->flags & V_KNOWN) {
        *ret = v->text;
        return true;
    }
    char *out = v->flags & V_NUMBER ? room(budget, DIGITS) : NULL;
    if (!out)
        return false;
    uint64_t n = v->number < 0 ? (uint64_t)0 - (uint64_t)v->number : (uint64_t)v->number;
    size_t at = DIGITS;
    do
        out[--at] = (char)('0' + n % 10);
    while (n /= 10);
    if (v->number < 0)
        out[--at] = '-';
    *ret = (struct str){out + at, DIGITS - at};
    return true;
}

struct asp_value asp_union(const struct asp_value *a, const struct asp_value *b)
{
    struct asp_value v = ASP_NOTHING;
    v.flags = (a->flags | b->flags) & KEPT;
    v.key = a->flags & V_REQ ? a->key : b->key;
    return v;
}

static bool is_empty(const struct asp_value *v)
{
    return (v->flags & V_UNSET) || ((v->flags & V_KNOWN) && v->text.n == 0);
}

bool asp_is_item(const struct asp_value *v)
{
    if (v->flags & V_ITEM)
        return true;
    return (v->flags & V_REQ) && !(v->flags & (V_LEAD | V_CLIENT)) && v->key.n;
}

bool asp_is_page_name(struct str path)
{
    static const char *const ends[] = {".asp", ".aspx", ".ashx",   ".asmx", ".asa",
                                       ".cer", ".cdx",  ".cshtml", ".php",  ".ascx"};
    path = str_trim(path);
    if (str_ifind(path, STR(".asp;"), 0) != SIZE_MAX) /* what IIS 6 runs, whatever follows */
        return true;
    if (path.n < 4 ||
        !memchr(path.p + (path.n < 7 ? 0 : path.n - 7), '.', path.n < 7 ? path.n : 7))
        return false;
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++)
        if (str_iends(path, str_of(ends[i])))
            return true;
    return false;
}

bool asp_is_picture_name(struct str path)
{
    static const char *const ends[] = {".jpg", ".jpeg", ".gif", ".png", ".bmp",
                                       ".ico", ".zip",  ".rar", ".css"};
    path = str_trim(path);
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++)
        if (str_iends(path, str_of(ends[i])))
            return true;
    return false;
}

static bool is_slashes(const struct asp_value *v)
{
    size_t n = 0;
    while (n < v->text.n && (v->text.p[n] == '/' || v->text.p[n] == '\\'))
        n++;
    return (v->flags & V_KNOWN) && n == v->text.n;
}

/* What a name ends with makes it a page's. */
static bool is_page_end(const struct asp_value *v)
{
    char text[8] = ".";
    if (!(v->flags & V_KNOWN) || (v->flags & V_REQ))
        return false;
    if (v->text.n < 3 || v->text.n > 4) /* name & "." & "asp" */
        return asp_is_page_name(v->text);
    memcpy(text + 1, v->text.p, v->text.n);
    return asp_is_page_name(v->text) || asp_is_page_name((struct str){text, v->text.n + 1});
}

/* Whether something stands before the request's data. */
static bool is_led(const struct asp_value *a, const struct asp_value *b)
{
    if (a->flags & V_REQ)
        return (a->flags & V_LEAD) != 0;
    return (b->flags & V_REQ) && (!is_empty(a) || (b->flags & V_LEAD));
}

/* What is said of a path by what it ends with. */
static uint32_t end_flags(const struct asp_value *a, const struct asp_value *b)
{
    uint32_t flags = 0;
    bool constant = (b->flags & V_KNOWN) && b->text.n;
    if (is_page_end(b))
        flags |= V_P_PAGE;
    else
        flags |= constant ? V_TAIL : b->flags & V_TAIL;
    if ((a->flags & V_HERE) && ((b->flags & V_REQ) || is_slashes(b) || is_page_end(b)))
        flags |= V_HERE;
    return flags;
}

/* a + b, of which not both are known. */
static struct asp_value join_unknown(const struct asp_value *a, const struct asp_value *b)
{
    struct asp_value v = asp_union(a, b);
    v.flags &= ~(uint32_t)(V_LEAD | V_ITEM | V_TAIL | V_HERE);
    if ((b->flags & V_KNOWN) &&
        b->text.n) /* what a page's name goes on with makes it another */
        v.flags &= ~(uint32_t)V_P_PAGE;
    v.flags |= end_flags(a, b);
    v.flags |= asp_is_item(is_empty(a) ? b : a) ? V_ITEM : 0;
    if (is_led(a, b)) {
        v.flags |= V_LEAD;
        v.text = a->flags & (V_KNOWN | V_REQ) ? a->text : STR("");
    } else if (!(v.flags & V_REQ)) { /* what is known to lead it */
        v.text = a->text;
    }
    return v;
}

struct asp_value asp_concat(struct asp_budget *budget, const struct asp_value *a,
                            const struct asp_value *b)
{
    struct str x;
    struct str y;
    if (a->flags == V_UNSET && (b->flags & V_KNOWN) && !(b->flags & V_REQ))
        return *b;
    bool both = asp_text_of(budget, a, &x) && asp_text_of(budget, b, &y);
    if (!both || ((a->flags | b->flags) & V_REQ))
        return join_unknown(a, b);
    char *out = room(budget, x.n + y.n);
    if (!out)
        return asp_union(a, b);
    memcpy(out, x.p, x.n);
    memcpy(out + x.n, y.p, y.n);
    struct asp_value v = asp_known((struct str){out, x.n + y.n});
    v.flags |= (a->flags | b->flags) & V_HIDDEN;
    return v;
}

/* --- text functions ---------------------------------------------------------------------------
 * Each gives a known value, or false where it cannot. s is the text it works on; the arguments
 * behind it are a[0..n). */

struct folding {
    struct asp_budget *budget;
    struct str s;
    const struct asp_value *a;
    size_t n;
    bool bare; /* Mid(s, 1): places are counted from 1 */
};

static bool known_number(const struct asp_value *v, int64_t *ret);

static bool give(const struct folding *f, const char *p, size_t n, struct asp_value *ret)
{
    (void)f;
    *ret = asp_known((struct str){p, n});
    return true;
}

static bool is_space(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

static bool parse_number(struct str s, int base, int64_t *ret)
{
    uint64_t n = 0;
    s = str_trim(s);
    bool minus = s.n && s.p[0] == '-';
    s = str_part(s, minus, s.n);
    if (str_istarts(s, STR("&h")) || str_istarts(s, STR("0x"))) {
        base = 16;
        s = str_part(s, 2, s.n);
    } else if (str_istarts(s, STR("&o"))) {
        base = 8;
        s = str_part(s, 2, s.n);
    }
    size_t i = 0;
    for (; i < s.n && i < 18; i++) {
        char c = ascii_lower(s.p[i]);
        int digit = c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : 99;
        if (digit >= base)
            break;
        n = n * (uint64_t)base + (uint64_t)digit;
    }
    if (i == 0)
        return false;
    *ret = minus ? -(int64_t)n : (int64_t)n;
    return true;
}

static bool known_number(const struct asp_value *v, int64_t *ret)
{
    if (v->flags & V_NUMBER) {
        *ret = v->number;
        return true;
    }
    return (v->flags & V_KNOWN) && !(v->flags & V_REQ) && v->text.n < 24 &&
           parse_number(v->text, 10, ret);
}

/* Two numbers that stand for places: the start from 0, and how many, clamped. */
static bool fold_part(const struct folding *f, enum asp_word word, struct asp_value *ret)
{
    int64_t from = 0;
    int64_t n = (int64_t)f->s.n;
    if (f->n < 1 || !known_number(&f->a[0], &from))
        return false;
    if (f->n > 1 && !known_number(&f->a[1], &n))
        return false;
    if (word == W_left || word == W_right) {
        n = from;
        from = word == W_left ? 0 : (int64_t)f->s.n - n;
    } else if (f->bare) {
        from--;
    }
    if (from < 0)
        from = 0;
    if (n < 0)
        n = 0;
    size_t at = (uint64_t)from < f->s.n ? (size_t)from : f->s.n;
    size_t left = f->s.n - at;
    return give(f, f->s.p + at, (uint64_t)n < left ? (size_t)n : left, ret);
}

static bool fold_case(const struct folding *f, bool upper, struct asp_value *ret)
{
    char *out = room(f->budget, f->s.n);
    for (size_t i = 0; out && i < f->s.n; i++) {
        char c = f->s.p[i];
        out[i] = upper && c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A')
                 : upper                       ? c
                                               : ascii_lower(c);
    }
    return out && give(f, out, f->s.n, ret);
}

static bool fold_reverse(const struct folding *f, struct asp_value *ret)
{
    char *out = room(f->budget, f->s.n);
    for (size_t i = 0; out && i < f->s.n; i++)
        out[i] = f->s.p[f->s.n - 1 - i];
    return out && give(f, out, f->s.n, ret);
}

static bool replace(const struct folding *f, struct str from, struct str to,
                    struct asp_value *ret)
{
    if (from.n == 0)
        return give(f, f->s.p, f->s.n, ret);
    struct buf out = buf_new(TEXT_MAX);
    size_t at = 0;
    for (size_t hit; (hit = str_find(f->s, from, at)) != SIZE_MAX; at = hit + from.n) {
        buf_add_str(&out, str_part(f->s, at, hit));
        buf_add_str(&out, to);
    }
    buf_add_str(&out, str_part(f->s, at, f->s.n));
    char *copy = out.full ? NULL : room(f->budget, out.n);
    if (copy)
        memcpy(copy, out.n ? out.p : "", out.n);
    size_t n = out.n;
    buf_free(&out);
    return copy && give(f, copy, n, ret);
}

static bool fold_replace(const struct folding *f, struct asp_value *ret)
{
    struct str from;
    struct str to;
    return f->n >= 2 && asp_text_of(f->budget, &f->a[0], &from) &&
           asp_text_of(f->budget, &f->a[1], &to) && replace(f, from, to, ret);
}

static bool fold_split(const struct folding *f, struct asp_value *ret)
{
    struct str by = STR(" ");
    if (f->n && !asp_text_of(f->budget, &f->a[0], &by))
        return false;
    if (!replace(f, by, (struct str){&BETWEEN, 1}, ret))
        return false;
    ret->object = K_ARRAY;
    return true;
}

static bool fold_chr(const struct folding *f, struct asp_value *ret)
{
    int64_t c;
    char *out = room(f->budget, 4);
    struct asp_value v = asp_known(f->s);
    if (!out || !known_number(&v, &c) || c < 0 || c > 0x10ffff || (c >= 0xd800 && c < 0xe000))
        return false;
    return give(f, out, utf8_put(out, (uint32_t)c), ret);
}

static bool fold_base64(const struct folding *f, struct asp_value *ret)
{
    char *clean = room(f->budget, f->s.n * 2 + 4);
    size_t n = 0;
    for (size_t i = 0; clean && i < f->s.n; i++)
        if (!is_space(f->s.p[i]))
            clean[n++] = f->s.p[i];
    if (!clean)
        return false;
    struct bytes raw = base64_decode((struct str){clean, n}, f->budget->arena);
    return raw.n && give(f, (const char *)raw.p, raw.n, ret);
}

static bool fold_unescape(const struct folding *f, struct asp_value *ret)
{
    char *out = room(f->budget, f->s.n + 4);
    size_t n = 0;
    for (size_t i = 0; out && i < f->s.n;) {
        int64_t c;
        struct str rest = str_part(f->s, i, f->s.n);
        bool wide = rest.n >= 6 && rest.p[0] == '%' && ascii_lower(rest.p[1]) == 'u';
        size_t digits = wide ? 4 : 2;
        size_t from = wide ? 2 : 1;
        if (rest.p[0] == '%' && rest.n >= from + digits &&
            parse_number(str_part(rest, from, from + digits), 16, &c) && c >= 0 &&
            (c < 0xd800 || c >= 0xe000)) {
            n += utf8_put(out + n, (uint32_t)c);
            i += from + digits;
        } else {
            out[n++] = f->s.p[i++];
        }
    }
    return out && give(f, out, n, ret);
}

/* The elements of a known array, with `by` between them; numbers are characters' where told. */
static bool fold_elements(const struct folding *f, struct str by, bool codes,
                          struct asp_value *ret)
{
    struct buf out = buf_new(TEXT_MAX);
    size_t at = 0;
    bool ok = true;
    for (size_t pieces = 0; ok && at <= f->s.n && pieces < PIECES; pieces++) {
        size_t to = str_find(f->s, (struct str){&BETWEEN, 1}, at);
        struct str piece = str_part(f->s, at, to);
        int64_t c = 0;
        char text[4];
        if (pieces && !codes)
            buf_add_str(&out, by);
        if (codes && !(parse_number(piece, 10, &c) && c >= 0 && c < 0xd800))
            ok = false;
        else if (codes)
            buf_add(&out, text, utf8_put(text, (uint32_t)c));
        else
            buf_add_str(&out, piece);
        at = to == SIZE_MAX ? SIZE_MAX : to + 1;
        if (at == SIZE_MAX)
            break;
    }
    ok = ok && !out.full;
    if (ok)
        *ret = asp_known(arena_str(f->budget->arena, buf_str(&out)));
    f->budget->made += out.n;
    buf_free(&out);
    return ok;
}

static bool fold_join(const struct folding *f, bool array_first, struct asp_value *ret)
{
    struct str by = STR("");
    if (f->n && !asp_text_of(f->budget, &f->a[0], &by))
        return false;
    if (array_first && f->n == 0)
        by = STR(" ");
    return fold_elements(f, by, false, ret);
}

/* "{0}{1:x}" with the arguments in the places. */
static bool fold_format(const struct folding *f, struct asp_value *ret)
{
    struct buf out = buf_new(TEXT_MAX);
    bool ok = true;
    for (size_t i = 0; ok && i < f->s.n; i++) {
        char c = f->s.p[i];
        size_t to = c == '{' ? str_find(f->s, STR("}"), i) : SIZE_MAX;
        int64_t place;
        struct str text;
        if (to == SIZE_MAX || !parse_number(str_part(f->s, i + 1, to), 10, &place)) {
            buf_add_char(&out, c);
            continue;
        }
        ok =
            place >= 0 && (uint64_t)place < f->n && asp_text_of(f->budget, &f->a[place], &text);
        if (ok)
            buf_add_str(&out, text);
        i = to;
    }
    ok = ok && !out.full;
    if (ok)
        *ret = asp_known(arena_str(f->budget->arena, buf_str(&out)));
    f->budget->made += out.n;
    buf_free(&out);
    return ok;
}

/* A text with {0} in it of which not all are known: what leads it is. */
static void join_format(struct asp_budget *budget, const struct asp_value *a, size_t n,
                        struct asp_value *ret)
{
    struct str form = a[0].text;
    *ret = asp_known(STR(""));
    for (size_t at = 0; at < form.n;) {
        size_t open = str_find(form, STR("{"), at);
        struct asp_value text = asp_known(str_part(form, at, open));
        size_t close = open == SIZE_MAX ? SIZE_MAX : str_find(form, STR("}"), open);
        int64_t place = -1;
        *ret = asp_concat(budget, ret, &text);
        if (close == SIZE_MAX)
            return;
        if (parse_number(str_part(form, open + 1, close), 10, &place) && place >= 0 &&
            (uint64_t)place + 1 < n)
            *ret = asp_concat(budget, ret, &a[place + 1]);
        at = close + 1;
    }
}

static bool fold_concat(struct asp_budget *budget, const struct asp_value *a, size_t n,
                        struct asp_value *ret)
{
    struct asp_value all = asp_known(STR(""));
    for (size_t i = 0; i < n; i++) {
        struct folding f = {.budget = budget, .s = a[i].text};
        struct asp_value one = a[i];
        if (one.object == K_ARRAY && (one.flags & V_KNOWN) &&
            !fold_elements(&f, STR(""), false, &one))
            return false;
        all = asp_concat(budget, &all, &one);
    }
    *ret = all;
    return true;
}

static bool fold_to_number(const struct folding *f, struct asp_value *ret)
{
    int64_t base = 10;
    int64_t n;
    if (f->n)
        (void)known_number(&f->a[0], &base);
    if (base < 2 || base > 16 || !parse_number(f->s, (int)base, &n))
        return false;
    *ret = asp_number(n);
    return true;
}

static bool fold_code(const struct folding *f, struct asp_value *ret)
{
    uint32_t c;
    if (f->s.n == 0)
        return false;
    size_t n = utf8_at(f->s.p, f->s.n, &c);
    *ret = asp_number(n ? (int64_t)c : (unsigned char)f->s.p[0]);
    return true;
}

/* array  what the text is, where it is one; or NULL */
static bool fold_text(const struct folding *f, enum asp_word word,
                      const struct asp_value *array, struct asp_value *ret)
{
    switch ((int)word) {
    case W_char:
    case W_chr:
    case W_chrw:
    case W_chrb:
    case W_tochar:
        return fold_chr(f, ret);
    case W_asc:
    case W_ascw:
    case W_ascb:
    case W_charcodeat:
        return fold_code(f, ret);
    case W_strreverse:
    case W_reverse:
        return fold_reverse(f, ret);
    case W_replace:
        return fold_replace(f, ret);
    case W_mid:
    case W_midb:
    case W_left:
    case W_right:
    case W_substr:
    case W_substring:
        return fold_part(f, word, ret);
    case W_lcase:
    case W_tolower:
        return fold_case(f, false, ret);
    case W_ucase:
    case W_toupper:
        return fold_case(f, true, ret);
    case W_trim:
    case W_ltrim:
    case W_rtrim:
    case W_trimstart:
    case W_trimend:
        if (f->n)
            return false;
        *ret = asp_known(str_trim(f->s));
        return true;
    case W_frombase64string:
    case W_atob:
        return fold_base64(f, ret);
    case W_unescape:
    case W_urldecode:
    case W_decodeuricomponent:
        return fold_unescape(f, ret);
    case W_split:
        return fold_split(f, ret);
    case W_join:
        return fold_join(f, f->bare, ret);
    case W_format:
        return fold_format(f, ret);
    case W_cint:
    case W_clng:
    case W_int:
    case W_parse:
    case W_toint32:
    case W_toint16:
    case W_tobyte:
    case W_cbyte:
    case W_parseint:
    case W_val:
    case W_toint64:
        return fold_to_number(f, ret);
    case W_len:
    case W_length:
        *ret = asp_number((int64_t)f->s.n);
        return true;
    case W_getstring:
    case W_tostring:
    case W_cstr:
    case W_getbytes:
    case W_tochararray:
    case W_string:
    case W_copy:
    case W_intern:
    case W_valueof:
    case W_getasciistring:
        if (array)
            return fold_elements(f, STR(""), array->number != ASP_TEXTS, ret);
        *ret = asp_known(f->s);
        return true;
    default:
        return false;
    }
}

/* Whether "base.Method(text)" works on its argument, as a function of a class does, and not on
 * a base that is not known. */
static bool is_function_of_class(const struct asp_call *call)
{
    const struct asp_value *base = &call->base;
    switch (base->object) {
    case K_ENCODING:
    case K_CONVERT:
    case K_STRINGCLASS:
    case K_MATH:
        return true;
    default:
        break;
    }
    switch ((int)call->word) {
    case W_split:
    case W_trim:
    case W_trimstart:
    case W_trimend:
    case W_substring:
    case W_substr:
    case W_tostring:
    case W_length:
        return false;
    default:
        return base->var < 0 && !(base->flags & KEPT);
    }
}

/* String.fromCharCode(a, b) */
static bool fold_char_codes(struct asp_budget *budget, const struct asp_value *a, size_t n,
                            struct asp_value *ret)
{
    struct asp_value all = asp_known(STR(""));
    struct asp_value one;
    for (size_t i = 0; i < n; i++) {
        struct folding f = {.budget = budget, .a = a};
        if (!asp_text_of(budget, &a[i], &f.s) || !fold_chr(&f, &one))
            return false;
        all = asp_concat(budget, &all, &one);
    }
    *ret = all;
    return true;
}

/* String.Join(by, array) */
static bool fold_joined(struct asp_budget *budget, const struct asp_value *by,
                        const struct asp_value *array, struct asp_value *ret)
{
    struct folding f = {.budget = budget, .a = by, .n = 1, .s = array->text};
    return (array->flags & V_KNOWN) && !(array->flags & V_REQ) && fold_join(&f, false, ret);
}

/* Path.Combine(a, b) */
static bool fold_combine(struct asp_budget *budget, const struct asp_value *a,
                         const struct asp_value *b, struct asp_value *ret)
{
    struct asp_value between = asp_known(STR("\\"));
    *ret = asp_concat(budget, a, &between);
    *ret = asp_concat(budget, ret, b);
    return true;
}

bool asp_fold(struct asp_budget *budget, const struct asp_call *call, struct asp_value *ret)
{
    const struct asp_value *a = call->arguments;
    size_t n = call->n;
    struct folding f = {.budget = budget, .a = a, .n = n};
    if (call->is_new && call->word != W_string)
        return false;
    if (call->word == W_concat && n)
        return fold_concat(budget, a, n, ret);
    if (call->word == W_fromcharcode && n == 1 && a->object == K_ARRAY &&
        (a->flags & V_KNOWN)) {
        f.s = a->text;
        return fold_elements(&f, STR(""), true, ret);
    }
    if (call->word == W_fromcharcode && n)
        return fold_char_codes(budget, a, n, ret);
    if (call->word == W_join && !call->bare && n == 2 && call->base.object == K_STRINGCLASS)
        return fold_joined(budget, &a[0], &a[1], ret);
    if (call->word == W_combine && n >= 2 && !call->bare)
        return fold_combine(budget, &a[0], &a[1], ret);
    bool on_base = !call->bare && (call->base.flags & (V_KNOWN | V_NUMBER)) != 0;
    if (!on_base && !call->bare && !is_function_of_class(call))
        return false;
    const struct asp_value *subject = on_base ? &call->base : n ? &a[0] : NULL;
    if (!subject || (subject->flags & V_REQ) || !asp_text_of(budget, subject, &f.s))
        return false;
    f.bare = !on_base;
    if (!on_base) {
        f.a = a + 1;
        f.n = n - 1;
    }
    if (call->word == W_format && !on_base && n > 1 && !fold_format(&f, ret)) {
        join_format(budget, a, n, ret);
        return true;
    }
    return fold_text(&f, call->word, subject->object == K_ARRAY ? subject : NULL, ret);
}
