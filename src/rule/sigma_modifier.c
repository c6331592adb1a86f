/* sigma_modifier.c - a field with its values becomes an item. */
#include "base/limits.h"
#include "rule/fold.h"
#include "rule/placeholder.h"
#include "rule/sigma_key.h"

struct chain { /* the patterns that one value becomes; any of them is enough */
    struct pattern *first;
    struct pattern *last; /* NULL: not even the first is filled */
    size_t n;             /* besides the first */
};

static struct pattern *next_pattern(struct compiler *c, struct chain *chain, struct err *err)
{
    if (!chain->last)
        return chain->last = chain->first;
    if (++chain->n >= LIMIT_EXPLODED_VALUES || c->expanded >= LIMIT_EXPLODED_ALL) {
        (void)err_set(err, ERR_LIMIT, "a value expands to more than %d, or all to more than %d",
                      LIMIT_EXPLODED_VALUES, LIMIT_EXPLODED_ALL);
        return NULL;
    }
    c->expanded++;
    struct pattern *p = ARENA_NEW(c->arena, struct pattern);
    chain->last->or_else = p;
    return chain->last = p;
}

/* ---- texts ---- */

static int set_text(struct compiler *c, const struct modifiers *m, struct str coded,
                    struct chain *chain, struct err *err)
{
    struct pattern *p = next_pattern(c, chain, err);
    if (!p)
        return -1;
    enum text_test place = m->field.n ? sigma_key_place(m) : TEXT_CONTAINS;
    bool before = place == TEXT_CONTAINS || place == TEXT_SUFFIX;
    bool behind = place == TEXT_CONTAINS || place == TEXT_PREFIX;
    p->op = OP_TEXT;
    p->cased = m->set & MOD_CASED;
    if (!p->cased)
        coded = fold_str(coded, c->arena);
    p->text = text_pattern_of(sigma_value_wrap(coded, before, behind, c->arena));
    return 0;
}

static struct str encoded(const struct modifiers *m, struct str plain, struct arena *arena)
{
    if (m->set & MOD_UTF16LE)
        return sigma_value_utf16(plain, UTF16_LE, arena);
    if (m->set & MOD_UTF16BE)
        return sigma_value_utf16(plain, UTF16_BE, arena);
    if (m->set & MOD_UTF16)
        return sigma_value_utf16(plain, UTF16_MARKED, arena);
    return plain;
}

static int set_base64(struct compiler *c, const struct modifiers *m, struct str plain,
                      struct chain *chain, struct err *err)
{
    struct str bytes = encoded(m, plain, c->arena);
    if (m->set & MOD_BASE64)
        return set_text(c, m, sigma_value_base64(bytes, c->arena), chain, err);
    for (unsigned shift = 0; shift < 3; shift++) {
        struct str known = sigma_value_base64_offset(bytes, shift, c->arena);
        if (known.n == 0)
            return err_set(err, ERR_INVALID,
                           "a value of %zu bytes is too short to be known in base64", bytes.n);
        if (set_text(c, m, known, chain, err) != 0)
            return -1;
    }
    return 0;
}

/* What is encoded must be known to the last byte: each dash that windash may mean is one
 * more text. */
static int set_base64_dashes(struct compiler *c, const struct modifiers *m, struct str coded,
                             struct chain *chain, struct err *err)
{
    size_t n = sigma_value_dash_texts(coded, LIMIT_EXPLODED_VALUES);
    if (n > LIMIT_EXPLODED_VALUES)
        return err_set(err, ERR_LIMIT, "windash and base64: too many dashes in one value");
    for (size_t i = 0; i < n; i++) {
        struct str plain = sigma_value_dash_text(coded, i, c->arena);
        if (!sigma_value_is_plain(plain))
            return err_set(err, ERR_INVALID, "wildcards cannot be encoded as base64");
        if (plain.n == 0)
            return err_set(err, ERR_INVALID, "an empty value cannot be encoded as base64");
        if (set_base64(c, m, plain, chain, err) != 0)
            return -1;
    }
    return 0;
}

static int set_string(struct compiler *c, const struct modifiers *m, struct str text,
                      struct chain *chain, struct err *err)
{
    struct str coded = sigma_value_code(text, c->arena);
    if (m->set & MOD_WINDASH)
        coded = sigma_value_windash(coded, c->arena);
    if (m->set & MODS_BASE64)
        return set_base64_dashes(c, m, coded, chain, err);
    return set_text(c, m, coded, chain, err);
}

static unsigned regex_flags(const struct modifiers *m)
{
    enum text_test place = sigma_key_place(m);
    return (m->set & MOD_RE_I ? REGEX_IGNORE_CASE : 0U) |
           (m->set & MOD_RE_M ? REGEX_MULTILINE : 0U) |
           (m->set & MOD_RE_S ? REGEX_DOT_ALL : 0U) |
           (place == TEXT_PREFIX ? REGEX_AT_START : 0U) |
           (place == TEXT_SUFFIX ? REGEX_AT_END : 0U);
}

static int set_regex(struct compiler *c, const struct modifiers *m, struct str text,
                     struct chain *chain, struct err *err)
{
    struct pattern *p = next_pattern(c, chain, err);
    if (!p)
        return -1;
    struct regex_list *entry = ARENA_NEW(c->arena, struct regex_list);
    entry->regex = regex_new(text, regex_flags(m), c->arena, err);
    if (!entry->regex)
        return -1;
    entry->next = c->regexes;
    c->regexes = entry;
    p->op = OP_REGEX;
    p->regex = entry->regex;
    return 0;
}

static int set_network(struct compiler *c, struct str text, struct chain *chain,
                       struct err *err)
{
    struct pattern *p = next_pattern(c, chain, err);
    if (!p)
        return -1;
    p->op = OP_NETWORK;
    if (network_parse(text, &p->network))
        return 0;
    return err_set(err, ERR_INVALID, "'%.*s' is not a network address",
                   (int)(text.n > 60 ? 60 : text.n), text.p);
}

static int one_text(struct compiler *c, const struct modifiers *m, struct str text,
                    struct chain *chain, struct err *err)
{
    if (m->set & MOD_RE)
        return set_regex(c, m, text, chain, err);
    if (m->set & MOD_CIDR)
        return set_network(c, text, chain, err);
    return set_string(c, m, text, chain, err);
}

static int expanded_text(struct compiler *c, const struct modifiers *m, struct str text,
                         struct chain *chain, struct err *err)
{
    enum placeholder_use use = m->set & MOD_RE     ? PLACEHOLDER_REGEX
                               : m->set & MOD_CIDR ? PLACEHOLDER_PLAIN
                                                   : PLACEHOLDER_SIGMA;
    struct str *texts = NULL;
    size_t n = 0;
    if (placeholders_expand(&c->placeholders, text, use, &texts, &n, err) != 0)
        return -1;
    for (size_t i = 0; i < n; i++) {
        if (one_text(c, m, texts[i], chain, err) != 0)
            return -1;
    }
    return 0;
}

/* ---- values of other types ---- */

static bool read_number(const struct yaml *value, struct number *ret)
{
    if (value->type != YAML_INT || value->integer == INT64_MAX)
        return number_parse(value->text, ret);
    *ret = number_of(value->integer); /* YAML alone has octal numbers */
    return true;
}

static int set_number(struct compiler *c, const struct modifiers *m, const struct yaml *value,
                      struct chain *chain, struct err *err)
{
    struct number number;
    if (!read_number(value, &number))
        return err_set(err, ERR_INVALID, "'%.*s' is not a number",
                       (int)(value->text.n > 60 ? 60 : value->text.n), value->text.p);
    struct pattern *p = next_pattern(c, chain, err);
    if (!p)
        return -1;
    p->op = m->compare;
    p->part = m->part;
    p->number = number;
    return 0;
}

static int set_exists(struct compiler *c, const struct yaml *value, struct chain *chain,
                      struct err *err)
{
    bool yes = str_ieq(value->text, STR("true"));
    bool no = str_ieq(value->text, STR("false"));
    if (value->type != YAML_BOOL && !yes && !no)
        return err_set(err, ERR_INVALID, "exists wants true or false");
    struct pattern *p = next_pattern(c, chain, err);
    if (!p)
        return -1;
    p->op = OP_EXISTS;
    p->yes = value->type == YAML_BOOL ? value->integer != 0 : yes;
    return 0;
}

static int set_field(struct compiler *c, const struct modifiers *m, const struct yaml *value,
                     struct chain *chain, struct err *err)
{
    struct str name = sigma_value_code(value->text, c->arena);
    if (value->type != YAML_STRING || name.n == 0 || !sigma_value_is_plain(name))
        return err_set(err, ERR_INVALID,
                       "fieldref wants the name of a field, without wildcards");
    struct pattern *p = next_pattern(c, chain, err);
    if (!p)
        return -1;
    p->op = OP_FIELD;
    p->cased = m->set & MOD_CASED;
    p->other = names_intern(c->names, name);
    p->text.test = sigma_key_place(m);
    return 0;
}

/* A number or true/false without modifiers: its value, or its text as written. */
static int set_typed(struct compiler *c, const struct modifiers *m, const struct yaml *value,
                     struct chain *chain, struct err *err)
{
    struct number number;
    struct modifiers equal = {.compare = OP_NUMBER};
    if (set_text(c, m, value->text, chain, err) != 0)
        return -1;
    if (value->type == YAML_BOOL)
        return set_text(c, m, value->integer ? STR("true") : STR("false"), chain, err);
    if (!read_number(value, &number))
        return 0; /* .inf */
    return set_number(c, &equal, value, chain, err);
}

static int set_null(struct compiler *c, const struct modifiers *m, struct chain *chain,
                    struct err *err)
{
    if (m->field.n == 0)
        return err_set(err, ERR_INVALID, "a keyword cannot be null");
    if (m->set & ~(unsigned)MODS_ALWAYS)
        return err_set(err, ERR_INVALID, "null takes no modifier but all and neq");
    struct pattern *p = next_pattern(c, chain, err);
    if (!p)
        return -1;
    p->op = OP_NULL;
    return 0;
}

static int one_value(struct compiler *c, const struct modifiers *m, const struct yaml *value,
                     struct pattern *first, struct err *err)
{
    struct chain chain = {.first = first};
    c->at = (struct compile_place){.node = value};
    if (value->type == YAML_LIST || value->type == YAML_MAP)
        return err_set(err, ERR_INVALID, "a value must be text, a number, true, false or null");
    if (value->type == YAML_NULL)
        return set_null(c, m, &chain, err);
    if (m->set & MODS_NUMBER)
        return set_number(c, m, value, &chain, err);
    if (m->set & MOD_EXISTS)
        return set_exists(c, value, &chain, err);
    if (m->set & MOD_FIELDREF)
        return set_field(c, m, value, &chain, err);
    if (m->set & MOD_EXPAND)
        return expanded_text(c, m, value->text, &chain, err);
    if (value->type != YAML_STRING && m->field.n && !(m->set & ~(unsigned)MODS_ALWAYS))
        return set_typed(c, m, value, &chain, err);
    return one_text(c, m, value->text, &chain, err);
}

static uint32_t cost_of(const struct item *item)
{
    uint32_t cost = item->field == FIELD_KEYWORD ? 1000 : 1;
    for (size_t i = 0; i < item->n; i++) {
        for (const struct pattern *p = &item->patterns[i]; p; p = p->or_else) {
            bool scans = p->op == OP_TEXT && p->text.test >= TEXT_CONTAINS;
            uint32_t add = p->op == OP_REGEX ? 200 : scans ? 8 : 1;
            cost = cost > UINT32_MAX / 4 ? cost : cost + add;
        }
    }
    return cost;
}

int sigma_item(struct compiler *c, struct str key, const struct yaml *value,
               const struct node **ret, struct err *err)
{
    struct modifiers m = {0};
    c->at = (struct compile_place){.node = value, .key = key.n > 0};
    if (sigma_key(key, &m, &c->at.offset, err) != 0)
        return -1;
    const struct yaml *first = value->type == YAML_LIST ? value->child : value;
    size_t n = 0;
    for (const struct yaml *y = first; y; y = value->type == YAML_LIST ? y->next : NULL)
        n++;
    if (n == 0)
        return err_set(err, ERR_INVALID, "an empty list of values");
    struct item *item = ARENA_NEW(c->arena, struct item);
    item->field = m.field.n ? names_intern(c->names, m.field) : FIELD_KEYWORD;
    item->all = m.set & MOD_ALL;
    item->negate = m.set & MOD_NEQ;
    item->patterns = ARENA_ARRAY(c->arena, struct pattern, n);
    item->n = n;
    const struct yaml *y = first;
    for (size_t i = 0; i < n; i++, y = y->next) {
        if (one_value(c, &m, y, &item->patterns[i], err) != 0)
            return -1;
    }
    struct node *node = ARENA_NEW(c->arena, struct node);
    node->kind = NODE_ITEM;
    node->item = item;
    node->cost = cost_of(item);
    *ret = node;
    return 0;
}
