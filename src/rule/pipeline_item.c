/* pipeline_item.c - the values of an item as pySigma has them: behind the modifiers. */
#include "base/utf.h"
#include "rule/pipeline_int.h"
#include "rule/sigma_value.h"

/* ---- modifiers ---- */

static struct str next_modifier(struct str modifiers, size_t *at)
{
    size_t from = *at + 1; /* behind the bar */
    size_t end = str_find(modifiers, STR("|"), from);
    if (*at >= modifiers.n)
        return (struct str){0};
    *at = end < modifiers.n ? end : modifiers.n;
    return str_part(modifiers, from, *at);
}

bool pl_has_modifier(struct str modifiers, const char *name)
{
    for (size_t at = 0; at < modifiers.n;) {
        if (str_eq(next_modifier(modifiers, &at), str_of(name)))
            return true;
    }
    return false;
}

enum modifier_role {
    ROLE_OPAQUE, /* the value is no text any more, or one of its own */
    ROLE_ITEM,   /* about the item: all, neq */
    ROLE_TEXT,   /* part of the text */
    ROLE_CASED,
    ROLE_REGEX,
    ROLE_FIELD,
};

static enum modifier_role role_of(struct str modifier)
{
    static const struct {
        const char *name;
        enum modifier_role role;
    } roles[] = {
        {"all", ROLE_ITEM},          {"neq", ROLE_ITEM},
        {"contains", ROLE_TEXT},     {"startswith", ROLE_TEXT},
        {"endswith", ROLE_TEXT},     {"base64", ROLE_TEXT},
        {"wide", ROLE_TEXT},         {"utf16", ROLE_TEXT},
        {"utf16le", ROLE_TEXT},      {"utf16be", ROLE_TEXT},
        {"expand", ROLE_TEXT},       {"cased", ROLE_CASED},
        {"ignorecase", ROLE_REGEX},  {"multiline", ROLE_REGEX},
        {"dotall", ROLE_REGEX},      {"re", ROLE_REGEX},
        {"i", ROLE_REGEX},           {"m", ROLE_REGEX},
        {"s", ROLE_REGEX},           {"fieldref", ROLE_FIELD},
        {"equalsfield", ROLE_FIELD}, {"endswithfield", ROLE_FIELD},
    };
    for (size_t i = 0; i < sizeof roles / sizeof roles[0]; i++) {
        if (str_eq(str_of(roles[i].name), modifier))
            return roles[i].role;
    }
    return ROLE_OPAQUE;
}

static enum pl_value_kind kind_of(struct str modifiers)
{
    bool seen[ROLE_FIELD + 1] = {false};
    for (size_t at = 0; at < modifiers.n;)
        seen[role_of(next_modifier(modifiers, &at))] = true;
    return seen[ROLE_OPAQUE]  ? PL_OPAQUE
           : seen[ROLE_REGEX] ? PL_REGEX
           : seen[ROLE_FIELD] ? PL_FIELDREF
                              : PL_TEXT;
}

/* The modifiers that are about the item, or those that are not. */
static struct str modifiers_of(struct pl_run *run, struct str modifiers, bool of_item)
{
    struct buf out = pl_buf(run);
    for (size_t at = 0; at < modifiers.n;) {
        struct str m = next_modifier(modifiers, &at);
        if ((role_of(m) == ROLE_ITEM) != of_item)
            continue;
        buf_add_char(&out, '|');
        buf_add_str(&out, m);
    }
    return pl_keep(run, &out);
}

/* ---- coded texts ---- */

/* The bytes of "%name%" at `at`; 0 if there is none. */
static size_t hole_at(struct str text, size_t at, bool is_plain)
{
    for (size_t i = at + 1; text.p[at] == '%' && i < text.n; i++) {
        char c = text.p[i];
        if (c == '%')
            return i > at + 1 ? i + 1 - at : 0;
        if ((unsigned char)c >= CODED_HOLE || (!is_plain && (c == '*' || c == '?')))
            return 0;
    }
    return 0;
}

struct str pl_holes(struct pl_run *run, struct str text, bool is_plain)
{
    struct buf out = pl_buf(run);
    for (size_t at = 0; at < text.n;) {
        char next = at + 1 < text.n ? text.p[at + 1] : '\0';
        size_t n = hole_at(text, at, is_plain);
        size_t used = n ? n : 1;
        if (text.p[at] == '\\' && next == '%') {
            buf_add_char(&out, '%');
            used = 2;
        } else if (text.p[at] == '\\' && next == '\\') {
            buf_add_str(&out, str_part(text, at, at + 2));
            used = 2;
        } else if (n) {
            buf_add_char(&out, (char)CODED_HOLE);
            buf_add_str(&out, str_part(text, at + 1, at + n - 1));
            buf_add_char(&out, (char)CODED_HOLE);
        } else {
            buf_add_char(&out, text.p[at]);
        }
        at += used;
    }
    return pl_keep(run, &out);
}

struct str pl_stretch(struct str coded, size_t at)
{
    size_t end = at + 1;
    bool is_text = (unsigned char)coded.p[at] < CODED_HOLE;
    while (is_text && end < coded.n && (unsigned char)coded.p[end] < CODED_HOLE)
        end++;
    if ((unsigned char)coded.p[at] == CODED_HOLE) {
        while (end < coded.n && (unsigned char)coded.p[end] != CODED_HOLE)
            end++;
        end++;
    }
    return str_part(coded, at, end);
}

bool pl_has_hole(struct str coded)
{
    return coded.n && memchr(coded.p, CODED_HOLE, coded.n);
}

/* A special byte as people write it; '\0' if it is none. */
static char written(char c)
{
    switch ((unsigned char)c) {
    case CODED_STAR:
        return '*';
    case CODED_ONE:
        return '?';
    case CODED_HOLE:
        return '%';
    default:
        return '\0';
    }
}

struct str pl_shown(struct pl_run *run, struct str coded)
{
    struct buf out = pl_buf(run);
    for (size_t i = 0; i < coded.n; i++) {
        char special = written(coded.p[i]);
        if (coded.p[i] == '*' || coded.p[i] == '?')
            buf_add_char(&out, '\\');
        buf_add_char(&out, special ? special : coded.p[i]);
    }
    return pl_keep(run, &out);
}

struct str pl_source(struct pl_run *run, struct str coded, bool percents)
{
    struct buf out = pl_buf(run);
    for (size_t i = 0; i < coded.n; i++) {
        char c = coded.p[i];
        char special = written(c);
        if (c == '*' || c == '?' || c == '\\' || (c == '%' && percents))
            buf_add_char(&out, '\\');
        buf_add_char(&out, special ? special : c);
    }
    return pl_keep(run, &out);
}

/* ---- values ---- */

const struct yaml *pl_number(struct pl_run *run, struct str text)
{
    struct number number;
    if (!number_parse(text, &number))
        return NULL;
    bool fits = number.whole && number.size <= INT64_MAX;
    struct yaml *y = pl_yaml(run, fits ? YAML_INT : YAML_FLOAT, STR(""), text);
    if (fits)
        y->integer = number.minus ? -(int64_t)number.size : (int64_t)number.size;
    return y;
}

struct pl_value *pl_value_new(struct pl_run *run, enum pl_value_kind kind)
{
    (void)pl_spend(run, PL_COST_PART);
    struct pl_value *v = ARENA_NEW(run->arena, struct pl_value);
    v->kind = kind;
    return v;
}

/* Wraps and encodes. False where there is no one text that says it. */
static bool modified(struct pl_run *run, struct str modifiers, struct str text, struct str *ret)
{
    bool wide = pl_has_modifier(modifiers, "wide") || pl_has_modifier(modifiers, "utf16le");
    bool big = pl_has_modifier(modifiers, "utf16be");
    bool marked = pl_has_modifier(modifiers, "utf16");
    bool anywhere = pl_has_modifier(modifiers, "contains");
    if (pl_has_modifier(modifiers, "expand"))
        text = pl_holes(run, text, false);
    struct str coded = sigma_value_code(text, run->arena);
    bool encoded = pl_has_modifier(modifiers, "base64");
    if (encoded || wide || big || marked) {
        if (!encoded || !sigma_value_is_plain(coded) || pl_has_hole(coded) || coded.n == 0)
            return false;
        if (wide || big || marked)
            coded = sigma_value_utf16(coded,
                                      big      ? UTF16_BE
                                      : marked ? UTF16_MARKED
                                               : UTF16_LE,
                                      run->arena);
        coded = sigma_value_base64(coded, run->arena);
    }
    *ret = sigma_value_wrap(coded, anywhere || pl_has_modifier(modifiers, "endswith"),
                            anywhere || pl_has_modifier(modifiers, "startswith"), run->arena);
    return pl_spend(run, ret->n);
}

static struct pl_value *value_of(struct pl_run *run, const struct pl_part *item,
                                 const struct yaml *y)
{
    static const enum pl_value_kind kinds[] = {
        [YAML_NULL] = PL_NULL,    [YAML_BOOL] = PL_BOOL,   [YAML_INT] = PL_NUMBER,
        [YAML_FLOAT] = PL_NUMBER, [YAML_STRING] = PL_TEXT, [YAML_LIST] = PL_OPAQUE,
        [YAML_MAP] = PL_OPAQUE,   [YAML_ANY] = PL_OPAQUE};
    enum pl_value_kind kind = kinds[y->type];
    struct str own = modifiers_of(run, item->modifiers, false);
    if (kind == PL_TEXT || (own.n && kind != PL_NULL && kind != PL_OPAQUE))
        kind = kind_of(own);
    struct pl_value *v = pl_value_new(run, kind);
    v->node = y;
    if (kind == PL_TEXT && !modified(run, own, y->text, &v->coded))
        v->kind = PL_OPAQUE;
    return v;
}

struct pl_value *pl_values(struct pl_run *run, const struct pl_part *item)
{
    struct pl_value *first = NULL;
    struct pl_value **tail = &first;
    for (const struct yaml *y = pl_first(item->values); y && !run->failed;
         y = pl_after(item->values, y)) {
        *tail = value_of(run, item, y);
        tail = &(*tail)->next;
    }
    return first;
}

/* ---- new values ---- */

/* What an item that holds this value must have for modifiers, `all` and `neq` apart. */
static struct str own_modifiers(struct pl_run *run, const struct pl_part *item,
                                const struct pl_value *v)
{
    bool cased = pl_has_modifier(item->modifiers, "cased");
    switch (v->kind) {
    case PL_TEXT:
        if (pl_has_hole(v->coded))
            return cased ? STR("|cased|expand") : STR("|expand");
        return cased ? STR("|cased") : STR("");
    case PL_NUMBER:
    case PL_BOOL:
    case PL_NULL:
        return STR("");
    case PL_REGEX:
        return v->made ? v->coded : modifiers_of(run, item->modifiers, false);
    case PL_FIELDREF:
    case PL_OPAQUE:
        break;
    }
    return modifiers_of(run, item->modifiers, false);
}

static struct yaml *node_of(struct pl_run *run, const struct pl_value *v)
{
    if (v->kind == PL_TEXT)
        return pl_yaml(run, YAML_STRING, STR(""),
                       pl_source(run, v->coded, pl_has_hole(v->coded)));
    return pl_moved(run, v->node, STR(""));
}

/* One item with those of the values that need these modifiers. */
static struct pl_part *item_with(struct pl_run *run, const struct pl_part *item, struct str own,
                                 struct str all_neq, const struct pl_value *values)
{
    struct pl_part *part = pl_part_new(run, PL_ITEM);
    struct yaml *list = pl_yaml(run, YAML_LIST, STR(""), STR(""));
    struct yaml **tail = &list->child;
    for (const struct pl_value *v = values; v && !run->failed; v = v->next) {
        if (!str_eq(own_modifiers(run, item, v), own))
            continue;
        *tail = node_of(run, v);
        pl_place(*tail, v->made || !v->node ? item->values : v->node);
        tail = &(*tail)->next;
    }
    pl_place(list, item->values);
    part->field = item->field;
    part->modifiers = pl_join(run, own, all_neq);
    part->values = list;
    part->applied = item->applied;
    part->line = item->line;
    return part;
}

int pl_set_values(struct pl_run *run, struct pl_part *item, struct pl_value *values)
{
    struct str all_neq = modifiers_of(run, item->modifiers, true);
    struct pl_name *groups = NULL;
    struct pl_part *parts = NULL;
    struct pl_part **tail = &parts;
    if (!values)
        return pl_fail(run, "no value is left of '%.*s'",
                       (int)(item->field.n > 60 ? 60 : item->field.n), item->field.p);
    for (const struct pl_value *v = values; v && !run->failed; v = v->next) {
        struct str own = own_modifiers(run, item, v);
        if (pl_name_has(groups, own))
            continue;
        pl_name_add(run, &groups, own);
        *tail = item_with(run, item, own, all_neq, values);
        tail = &(*tail)->next;
    }
    if (run->failed || !parts)
        return -1;
    bool all = pl_has_modifier(item->modifiers, "all");
    bool neq = pl_has_modifier(item->modifiers, "neq");
    struct pl_part *next = item->next;
    if (parts->next)
        *item = (struct pl_part){
            .kind = all != neq ? PL_ALL : PL_ANY, .child = parts, .line = item->line};
    else
        *item = *parts;
    item->next = next;
    return 0;
}
