#include "format/asp_run.h"

static size_t place(struct run *r, const struct run_value *v, size_t least)
{
    double n = run_as_number(r, v);
    return n < (double)least ? least : n > RUN_CHARACTERS ? RUN_CHARACTERS : (size_t)n;
}

static struct run_value one_character(struct run *r, double n)
{
    uint16_t *p;
    struct run_value v = run_text(r, 1, &p);
    if (n < 0)
        n += 65536;
    if (!p || n < 0 || n > 0xffff)
        return run_stop(r);
    p[0] = (uint16_t)n;
    return v;
}

static struct run_value code_of(struct run *r, const struct run_value *text, size_t at)
{
    if (at >= text->n)
        return run_stop(r);
    uint16_t c = run_characters(text)[at];
    return run_number(r->wide && c > 0xff ? c - 65536.0 : c);
}

/* Mid, Left, Right: VB counts from 1. */
static struct run_value part(struct run *r, enum asp_word word, const struct run_value *a,
                             size_t n)
{
    struct run_value text = run_as_text(r, &a[0]);
    if (r->stop || n < 2)
        return run_stop(r);
    if (word == W_mid || word == W_midb) {
        size_t from = place(r, &a[1], 1) - 1;
        return run_part(&text, from, n > 2 ? place(r, &a[2], 0) : text.n);
    }
    size_t count = place(r, &a[1], 0);
    count = count < text.n ? count : text.n;
    return word == W_left ? run_part(&text, 0, count) : run_part(&text, text.n - count, count);
}

/* InStr([start,] text, part), InStrRev(text, part) */
static struct run_value find(struct run *r, enum asp_word word, const struct run_value *a,
                             size_t n)
{
    double start;
    bool starts =
        word == W_instr && n > 2 && run_is_number(r, &a[0], &start) && a[0].kind == RUN_NUMBER;
    size_t from = starts ? place(r, &a[0], 1) - 1 : 0;
    struct run_value text = run_as_text(r, &a[starts]);
    struct run_value what = run_as_text(r, &a[starts + 1]);
    size_t hit = r->stop ? SIZE_MAX : run_find(r, &text, &what, from);
    for (size_t next = hit; word == W_instrrev && next != SIZE_MAX && what.n;) {
        next = run_find(r, &text, &what, hit + 1);
        hit = next == SIZE_MAX ? hit : next;
    }
    return run_number(hit == SIZE_MAX || hit > text.n ? 0 : (double)hit + 1);
}

static struct run_value replaced(struct run *r, struct run_value text, struct run_value from,
                                 struct run_value to)
{
    struct run_value out = {.kind = RUN_TEXT};
    size_t at = 0;
    if (from.n == 0)
        return text;
    for (size_t hit; run_step(r) && (hit = run_find(r, &text, &from, at)) != SIZE_MAX;
         at = hit + from.n) {
        struct run_value before = run_part(&text, at, hit - at);
        out = run_join(r, &out, &before);
        out = run_join(r, &out, &to);
    }
    struct run_value rest = run_part(&text, at, text.n);
    return run_join(r, &out, &rest);
}

static struct run_value split(struct run *r, struct run_value text, struct run_value by)
{
    struct run_value list = run_new_list(r, 0);
    size_t at = 0;
    for (size_t hit; run_step(r) && by.n; at = hit + by.n) {
        hit = run_find(r, &text, &by, at);
        if (hit == SIZE_MAX || !run_add(r, list.list, run_part(&text, at, hit - at)))
            break;
    }
    for (; by.n == 0 && at < text.n && run_step(r); at++)
        run_add(r, list.list, run_part(&text, at, 1));
    if (by.n && list.list)
        run_add(r, list.list, run_part(&text, at, text.n));
    return list;
}

static struct run_value joined(struct run *r, const struct run_list *list, struct run_value by)
{
    struct run_value out = {.kind = RUN_TEXT};
    for (size_t i = 0; i < list->n && run_step(r); i++) {
        if (i)
            out = run_join(r, &out, &by);
        out = run_join(r, &out, &list->items[i]);
    }
    return out;
}

static struct run_value mapped(struct run *r, const struct run_value *v, enum asp_word word)
{
    struct run_value text = run_as_text(r, v);
    const uint16_t *from = run_characters(&text);
    uint16_t *p;
    bool upper = word == W_ucase || word == W_touppercase;
    struct run_value out = run_text(r, text.n, &p);
    for (size_t i = 0; p && i < text.n; i++) {
        uint16_t c = word == W_strreverse ? from[text.n - 1 - i] : from[i];
        bool small = c >= 'a' && c <= 'z';
        bool large = c >= 'A' && c <= 'Z';
        if (word != W_strreverse)
            c = (uint16_t)(upper && small ? c - 32 : !upper && large ? c + 32 : c);
        p[i] = c;
    }
    return out;
}

static struct run_value trimmed(struct run *r, const struct run_value *v, enum asp_word word)
{
    struct run_value text = run_as_text(r, v);
    while (word != W_rtrim && text.n && run_characters(&text)[0] == ' ')
        text = run_part(&text, 1, text.n);
    while (word != W_ltrim && text.n && run_characters(&text)[text.n - 1] == ' ')
        text.n--;
    return text;
}

static struct run_value in_base(struct run *r, const struct run_value *v, enum asp_word word)
{
    double number = run_as_number(r, v);
    if (r->stop || number < -2147483648.0 || number > 4294967295.0)
        return run_stop(r);
    unsigned n = (unsigned)(int64_t)number;
    return run_text_of(r, word == W_hex ? arena_printf(r->arena, "%X", n)
                                        : arena_printf(r->arena, "%o", n));
}

static struct run_value rounded(struct run *r, enum asp_word word, const struct run_value *v)
{
    double n = run_as_number(r, v);
    if (r->stop || n < -1e15 || n > 1e15)
        return run_stop(r);
    double whole = (double)(int64_t)n;
    if (word == W_int)
        return run_number(whole > n ? whole - 1 : whole);
    if (word == W_fix || word == W_parseint)
        return run_number(whole);
    double rest = n - whole; /* to the nearest, halves to the even one */
    bool odd = (int64_t)whole % 2 != 0;
    if (rest > 0.5 || (rest == 0.5 && odd))
        whole++;
    else if (rest < -0.5 || (rest == -0.5 && odd))
        whole--;
    return run_number(whole);
}

/* String(n, "c"), Space(n) */
static struct run_value repeated(struct run *r, const struct run_value *a, size_t n)
{
    uint16_t *p;
    uint16_t c = ' ';
    if (n > 1) {
        struct run_value of =
            a[1].kind == RUN_NUMBER ? one_character(r, a[1].number) : run_as_text(r, &a[1]);
        if (r->stop || of.n == 0)
            return run_stop(r);
        c = run_characters(&of)[0];
    }
    struct run_value v = run_text(r, place(r, &a[0], 0), &p);
    for (size_t i = 0; p && i < v.n; i++)
        p[i] = c;
    return v;
}

static struct run_value unescaped(struct run *r, const struct run_value *v)
{
    struct run_value text = run_as_text(r, v);
    const uint16_t *from = run_characters(&text);
    uint16_t *p;
    struct run_value out = run_text(r, text.n, &p);
    size_t n = 0;
    for (size_t i = 0; p && i < text.n;) {
        bool wide = from[i] == '%' && i + 6 <= text.n && (from[i + 1] | 0x20) == 'u';
        size_t digits = wide ? 4 : 2;
        size_t start = i + (wide ? 2 : 1);
        struct run_value prefix = run_text_of(r, STR("&H"));
        struct run_value part = run_part(&text, start, digits);
        double number;
        prefix = run_join(r, &prefix, &part);
        if (from[i] == '%' && start + digits <= text.n && run_is_number(r, &prefix, &number)) {
            p[n++] = (uint16_t)number;
            i = start + digits;
        } else {
            p[n++] = from[i++];
        }
    }
    out.n = n;
    return out;
}

static struct run_value bounds(struct run *r, enum asp_word word, const struct run_value *v)
{
    if (v->kind != RUN_LIST)
        return run_stop(r);
    return run_number(word == W_lbound ? 0 : (double)v->list->n - 1);
}

static struct run_value of_texts(struct run *r, enum asp_word word, const struct run_value *a,
                                 size_t n)
{
    struct run_value none = {.kind = RUN_TEXT};
    struct run_value text = run_as_text(r, &a[0]);
    struct run_value second = n > 1 ? run_as_text(r, &a[1]) : none;
    struct run_value third = n > 2 ? run_as_text(r, &a[2]) : none;
    if (r->stop)
        return none;
    if (word == W_replace)
        return n > 2 ? replaced(r, text, second, third) : run_stop(r);
    return split(r, text, n > 1 ? second : run_text_of(r, STR(" ")));
}

bool run_builtin(struct run *r, enum asp_word word, const struct run_value *a, size_t n,
                 struct run_value *ret)
{
    double number;
    if (n == 0)
        return false;
    switch ((int)word) {
    case W_chr:
    case W_chrw:
    case W_chrb:
        *ret = one_character(r, run_as_number(r, &a[0]));
        return true;
    case W_asc:
    case W_ascw:
    case W_ascb:
        *ret = run_as_text(r, &a[0]);
        *ret = code_of(r, ret, 0);
        return true;
    case W_mid:
    case W_midb:
    case W_left:
    case W_right:
        *ret = part(r, word, a, n);
        return true;
    case W_len:
        *ret = run_as_text(r, &a[0]);
        *ret = run_number((double)ret->n);
        return true;
    case W_instr:
    case W_instrrev:
        *ret = n > 1 ? find(r, word, a, n) : run_stop(r);
        return true;
    case W_replace:
    case W_split:
        *ret = of_texts(r, word, a, n);
        return true;
    case W_join: {
        struct run_value by = n > 1 ? run_as_text(r, &a[1]) : run_text_of(r, STR(" "));
        *ret = a[0].kind == RUN_LIST ? joined(r, a[0].list, by) : run_stop(r);
        return true;
    }
    case W_lcase:
    case W_ucase:
    case W_strreverse:
        *ret = mapped(r, &a[0], word);
        return true;
    case W_trim:
    case W_ltrim:
    case W_rtrim:
        *ret = trimmed(r, &a[0], word);
        return true;
    case W_cstr:
        *ret = run_as_text(r, &a[0]);
        return true;
    case W_cdbl:
    case W_val:
        *ret = run_number(run_as_number(r, &a[0]));
        return true;
    case W_cint:
    case W_clng:
    case W_cbyte:
    case W_int:
    case W_fix:
        *ret = rounded(r, word, &a[0]);
        return true;
    case W_abs:
        number = run_as_number(r, &a[0]);
        *ret = run_number(number < 0 ? -number : number);
        return true;
    case W_hex:
    case W_oct:
        *ret = in_base(r, &a[0], word);
        return true;
    case W_string:
    case W_space:
        *ret = repeated(r, a, n);
        return true;
    case W_unescape:
    case W_decodeuricomponent:
        *ret = unescaped(r, &a[0]);
        return true;
    case W_ubound:
    case W_lbound:
        *ret = bounds(r, word, &a[0]);
        return true;
    case W_isnumeric:
        *ret = run_truth(run_is_number(r, &a[0], &number));
        return true;
    case W_isempty:
        *ret = run_truth(a[0].kind == RUN_EMPTY);
        return true;
    case W_isnull:
        *ret = run_truth(false);
        return true;
    default:
        return false;
    }
}

/* parseInt(text, base) */
static struct run_value parsed(struct run *r, const struct run_value *a, size_t n)
{
    double base = n > 1 ? run_as_number(r, &a[1]) : 10;
    struct run_value text = run_as_text(r, &a[0]);
    double number = 0;
    bool any = false;
    for (size_t i = 0; i < text.n; i++) {
        uint16_t c = run_characters(&text)[i];
        int digit = c >= '0' && c <= '9'            ? c - '0'
                    : (c | 0x20) >= 'a' && c < 0x80 ? (c | 0x20) - 'a' + 10
                                                    : 99;
        if (digit >= base)
            break;
        number = number * base + digit;
        any = true;
    }
    return any ? run_number(number) : run_stop(r);
}

static struct run_value js_part(struct run *r, const struct run_value *text, enum asp_word word,
                                const struct run_value *a, size_t n)
{
    double length = (double)text->n;
    double from = n ? run_as_number(r, &a[0]) : 0;
    double to = n > 1 ? run_as_number(r, &a[1]) : length;
    if (word == W_substr && n > 1)
        to = (from < 0 ? from + length : from) + to;
    if (word != W_substring) {
        from += from < 0 ? length : 0;
        to += to < 0 ? length : 0;
    }
    from = from < 0 ? 0 : from;
    if (to <= from || r->stop)
        return (struct run_value){.kind = RUN_TEXT};
    return run_part(text, (size_t)(from < length ? from : length), (size_t)(to - from));
}

static bool of_list(struct run *r, const struct run_value *base, enum asp_word word,
                    const struct run_value *a, size_t n, struct run_value *ret)
{
    struct run_list *list = base->list;
    switch ((int)word) {
    case W_join:
        *ret = joined(r, list, n ? run_as_text(r, &a[0]) : run_text_of(r, STR(",")));
        return true;
    case W_reverse:
        for (size_t i = 0; i < list->n / 2; i++) {
            struct run_value v = list->items[i];
            list->items[i] = list->items[list->n - 1 - i];
            list->items[list->n - 1 - i] = v;
        }
        *ret = *base;
        return true;
    case W_push:
        for (size_t i = 0; i < n; i++)
            run_add(r, list, a[i]);
        *ret = run_number((double)list->n);
        return true;
    default:
        return false;
    }
}

static struct run_value characters_of(struct run *r, const struct run_value *a, size_t n)
{
    struct run_value out = {.kind = RUN_TEXT};
    for (size_t i = 0; i < n && !r->stop; i++) {
        struct run_value c = one_character(r, run_as_number(r, &a[i]));
        out = run_join(r, &out, &c);
    }
    return out;
}

bool run_method(struct run *r, const struct run_value *base, enum asp_word word,
                const struct run_value *a, size_t n, struct run_value *ret)
{
    if (word == W_fromcharcode) {
        *ret = characters_of(r, a, n);
        return true;
    }
    if (word == W_length && base->kind == RUN_LIST) {
        *ret = run_number((double)base->list->n);
        return true;
    }
    if (base->kind == RUN_LIST)
        return of_list(r, base, word, a, n, ret);
    struct run_value text = run_as_text(r, base);
    struct run_value all[RUN_ARGUMENTS + 1] = {text};
    for (size_t i = 0; i < n; i++)
        all[i + 1] = a[i];
    switch ((int)word) {
    case W_length:
        *ret = run_number((double)text.n);
        return true;
    case W_charcodeat:
        *ret = code_of(r, &text, n ? place(r, &a[0], 0) : 0);
        return true;
    case W_charat:
        *ret = run_part(&text, n ? place(r, &a[0], 0) : 0, 1);
        return true;
    case W_substr:
    case W_substring:
    case W_slice:
        *ret = js_part(r, &text, word, a, n);
        return true;
    case W_indexof:
        if (n == 0)
            return false;
        *ret = find(r, W_instr, all, 2);
        ret->number--;
        return true;
    case W_tolowercase:
    case W_touppercase:
        *ret = mapped(r, &text, word);
        return true;
    case W_split:
    case W_replace:
        *ret = of_texts(r, word, all, n + 1);
        return true;
    case W_tostring:
    case W_valueof:
        *ret = text;
        return n == 0;
    case W_parseint:
        *ret = parsed(r, a, n);
        return true;
    default:
        return false;
    }
}
