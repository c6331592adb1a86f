/* sigma_modifier.c - "field|modifier|...": value becomes an item. */
#include "rule/fold.h"
#include "rule/sigma_int.h"

enum modifier {
    MOD_ALL = 1 << 0,
    MOD_CONTAINS = 1 << 1,
    MOD_STARTSWITH = 1 << 2,
    MOD_ENDSWITH = 1 << 3,
    MOD_CASED = 1 << 4,
    MOD_WINDASH = 1 << 5,
    MOD_UTF16LE = 1 << 6,
    MOD_UTF16BE = 1 << 7,
    MOD_UTF16 = 1 << 8,
    MOD_BASE64 = 1 << 9,
    MOD_BASE64_OFFSET = 1 << 10,
    MOD_RE = 1 << 11,
    MOD_RE_I = 1 << 12,
    MOD_RE_M = 1 << 13,
    MOD_RE_S = 1 << 14,
    MOD_CIDR = 1 << 15,
    MOD_COMPARE = 1 << 16,
    MOD_EXISTS = 1 << 17,
    MOD_FIELDREF = 1 << 18,
    MOD_NEQ = 1 << 19,
    MOD_EXPAND = 1 << 20,
    MOD_TIME = 1 << 21,
};

enum {
    ENCODE = MOD_UTF16LE | MOD_UTF16BE | MOD_UTF16,
    ANY_BASE64 = MOD_BASE64 | MOD_BASE64_OFFSET,
    PLACES = MOD_CONTAINS | MOD_STARTSWITH | MOD_ENDSWITH,
    FLAGS = MOD_RE_I | MOD_RE_M | MOD_RE_S,
    TEXTUAL = PLACES | MOD_CASED | MOD_WINDASH | ENCODE | ANY_BASE64,
    ALWAYS = MOD_ALL | MOD_NEQ,
    MODIFIERS_MAX = 16,
};

struct row {
    const char *name;
    unsigned set;
    int detail; /* enum op or enum time_part */
};

static const struct row rows[] = {
    {"all", MOD_ALL, 0},
    {"contains", MOD_CONTAINS, 0},
    {"startswith", MOD_STARTSWITH, 0},
    {"endswith", MOD_ENDSWITH, 0},
    {"cased", MOD_CASED, 0},
    {"windash", MOD_WINDASH, 0},
    {"wide", MOD_UTF16LE, 0},
    {"utf16le", MOD_UTF16LE, 0},
    {"utf16be", MOD_UTF16BE, 0},
    {"utf16", MOD_UTF16, 0},
    {"base64", MOD_BASE64, 0},
    {"base64offset", MOD_BASE64_OFFSET, 0},
    {"re", MOD_RE, 0},
    {"i", MOD_RE_I, 0},
    {"m", MOD_RE_M, 0},
    {"s", MOD_RE_S, 0},
    {"cidr", MOD_CIDR, 0},
    {"lt", MOD_COMPARE, OP_LESS},
    {"lte", MOD_COMPARE, OP_LESS_EQUAL},
    {"gt", MOD_COMPARE, OP_GREATER},
    {"gte", MOD_COMPARE, OP_GREATER_EQUAL},
    {"exists", MOD_EXISTS, 0},
    {"fieldref", MOD_FIELDREF, 0},
    {"equalsfield", MOD_FIELDREF, 0},
    {"endswithfield", MOD_FIELDREF | MOD_ENDSWITH, 0},
    {"neq", MOD_NEQ, 0},
    {"expand", MOD_EXPAND, 0},
    {"minute", MOD_TIME, PART_MINUTE},
    {"hour", MOD_TIME, PART_HOUR},
    {"day", MOD_TIME, PART_DAY},
    {"week", MOD_TIME, PART_WEEK},
    {"month", MOD_TIME, PART_MONTH},
    {"year", MOD_TIME, PART_YEAR},
};

struct modifiers {
    struct str field;
    unsigned set;
    enum op compare;
    enum time_part part;
};

static const struct row *find_row(struct str name)
{
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (str_eq(str_of(rows[i].name), name))
            return &rows[i];
    }
    return NULL;
}

static struct str until_bar(struct str *rest)
{
    const char *bar = rest->n ? memchr(rest->p, '|', rest->n) : NULL;
    struct str part = {rest->p, bar ? (size_t)(bar - rest->p) : rest->n};
    size_t used = part.n + (bar ? 1 : 0);
    *rest = (struct str){used ? rest->p + used : rest->p, rest->n - used};
    return part;
}

static bool only(unsigned set, unsigned allowed)
{
    return (set & ~(allowed | ALWAYS)) == 0;
}

/* The combinations that mean something. */
static const char *combination_error(unsigned set)
{
    if (set & MOD_EXPAND)
        return "placeholders (expand) need a list of values, and none is given";
    if (set & FLAGS && !(set & MOD_RE))
        return "the modifiers i, m and s belong behind re";
    if (set & MOD_RE && !only(set, MOD_RE | FLAGS))
        return "re cannot be combined with these modifiers";
    if (set & MOD_CIDR && !only(set, MOD_CIDR))
        return "cidr cannot be combined with these modifiers";
    if (set & MOD_EXISTS && !only(set, MOD_EXISTS))
        return "exists cannot be combined with these modifiers";
    if (set & MOD_FIELDREF && !only(set, MOD_FIELDREF | PLACES | MOD_CASED))
        return "fieldref cannot be combined with these modifiers";
    if (set & (MOD_COMPARE | MOD_TIME) && !only(set, MOD_COMPARE | MOD_TIME))
        return "a comparison of numbers cannot be combined with these modifiers";
    if (set & ENCODE && !(set & ANY_BASE64))
        return "wide and utf16 need base64 or base64offset behind them";
    if ((set & ANY_BASE64) == ANY_BASE64)
        return "base64 and base64offset exclude each other";
    return NULL;
}

static int parse_key(struct compiler *c, struct str key, struct modifiers *ret, struct err *err)
{
    struct modifiers m = {.compare = OP_NUMBER};
    struct str rest = key;
    m.field = until_bar(&rest);
    bool more = m.field.n < key.n;
    for (unsigned count = 0; more; count++) {
        size_t before = rest.n;
        struct str name = until_bar(&rest);
        more = name.n < before;
        const struct row *row = count < MODIFIERS_MAX ? find_row(name) : NULL;
        c->at.offset = (size_t)(name.p - key.p);
        if (!row)
            return err_set(err, ERR_INVALID, "unknown modifier '%.*s'",
                           (int)(name.n > 60 ? 60 : name.n), name.p);
        m.set |= row->set;
        if (row->set & MOD_COMPARE)
            m.compare = (enum op)row->detail;
        if (row->set & MOD_TIME)
            m.part = (enum time_part)row->detail;
    }
    c->at.offset = m.field.n < key.n ? m.field.n + 1 : 0;
    const char *wrong = combination_error(m.set);
    if (wrong)
        return err_set(err, ERR_INVALID, "%s", wrong);
    if (m.field.n == 0 && !only(m.set, TEXTUAL | MOD_RE | FLAGS))
        return err_set(err, ERR_INVALID, "this modifier needs a field");
    *ret = m;
    return 0;
}

/* ---- one value ---- */

static struct str fold_unless(struct str text, bool cased, struct arena *arena)
{
    return cased ? text : fold_str(text, arena);
}

static void set_text(struct compiler *c, const struct modifiers *m, struct str coded,
                     struct pattern *p)
{
    bool keyword = m->field.n == 0;
    bool before = keyword || m->set & (MOD_CONTAINS | MOD_ENDSWITH);
    bool behind = keyword || m->set & (MOD_CONTAINS | MOD_STARTSWITH);
    p->op = OP_TEXT;
    p->cased = m->set & MOD_CASED;
    coded = fold_unless(coded, p->cased, c->arena);
    p->text = text_pattern_of(sigma_value_wrap(coded, before, behind, c->arena));
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

static int set_base64(struct compiler *c, const struct modifiers *m, struct str coded,
                      struct pattern *p, struct err *err)
{
    if (!sigma_value_is_plain(coded))
        return err_set(err, ERR_INVALID, "wildcards cannot be encoded as base64");
    if (coded.n == 0)
        return err_set(err, ERR_INVALID, "an empty value cannot be encoded as base64");
    struct str bytes = encoded(m, coded, c->arena);
    if (m->set & MOD_BASE64) {
        set_text(c, m, sigma_value_base64(bytes, c->arena), p);
        return 0;
    }
    struct pattern *at = p;
    for (unsigned shift = 0; shift < 3; shift++) {
        set_text(c, m, sigma_value_base64_offset(bytes, shift, c->arena), at);
        if (shift == 2)
            break;
        struct pattern *next = ARENA_NEW(c->arena, struct pattern);
        at->or_else = next;
        at = next;
    }
    return 0;
}

static int set_string(struct compiler *c, const struct modifiers *m, struct str text,
                      struct pattern *p, struct err *err)
{
    struct str coded = sigma_value_code(text, c->arena);
    if (m->set & MOD_WINDASH)
        coded = sigma_value_windash(coded, c->arena);
    if (m->set & ANY_BASE64)
        return set_base64(c, m, coded, p, err);
    set_text(c, m, coded, p);
    return 0;
}

static int set_regex(struct compiler *c, const struct modifiers *m, struct str text,
                     struct pattern *p, struct err *err)
{
    unsigned flags = (m->set & MOD_RE_I ? REGEX_IGNORE_CASE : 0U) |
                     (m->set & MOD_RE_M ? REGEX_MULTILINE : 0U) |
                     (m->set & MOD_RE_S ? REGEX_DOT_ALL : 0U);
    struct regex_list *entry = ARENA_NEW(c->arena, struct regex_list);
    entry->regex = regex_new(text, flags, c->arena, err);
    if (!entry->regex)
        return -1;
    entry->next = c->regexes;
    c->regexes = entry;
    p->op = OP_REGEX;
    p->regex = entry->regex;
    return 0;
}

static int set_number(const struct modifiers *m, const struct yaml *value, struct pattern *p,
                      struct err *err)
{
    struct number number;
    if (value->type == YAML_INT)
        number =
            (struct number){.whole = true, .i = value->integer, .d = (double)value->integer};
    else if (!number_parse(value->text, &number))
        return err_set(err, ERR_INVALID, "'%.*s' is not a number",
                       (int)(value->text.n > 60 ? 60 : value->text.n), value->text.p);
    p->op = m->compare;
    p->part = m->part;
    p->number = number;
    return 0;
}

static int set_exists(const struct yaml *value, struct pattern *p, struct err *err)
{
    bool yes = str_ieq(value->text, STR("true"));
    bool no = str_ieq(value->text, STR("false"));
    if (value->type != YAML_BOOL && !yes && !no)
        return err_set(err, ERR_INVALID, "exists wants true or false");
    p->op = OP_EXISTS;
    p->yes = value->type == YAML_BOOL ? value->integer != 0 : yes;
    return 0;
}

static void set_field(struct compiler *c, const struct modifiers *m, struct str name,
                      struct pattern *p)
{
    p->op = OP_FIELD;
    p->cased = m->set & MOD_CASED;
    p->other = names_intern(c->names, name);
    p->text.test = m->set & MOD_CONTAINS     ? TEXT_CONTAINS
                   : m->set & MOD_STARTSWITH ? TEXT_PREFIX
                   : m->set & MOD_ENDSWITH   ? TEXT_SUFFIX
                                             : TEXT_EXACT;
}

/* A number or true/false without modifiers: its value, or its text as written. */
static void set_typed(struct compiler *c, const struct modifiers *m, const struct yaml *value,
                      struct pattern *p)
{
    set_text(c, m, value->text, p);
    if (value->type == YAML_INT || value->type == YAML_FLOAT) {
        struct err ignored;
        struct modifiers equal = {.compare = OP_NUMBER};
        struct pattern *number = ARENA_NEW(c->arena, struct pattern);
        if (set_number(&equal, value, number, &ignored) == 0)
            p->or_else = number;
    } else if (value->type == YAML_BOOL) {
        struct pattern *word = ARENA_NEW(c->arena, struct pattern);
        set_text(c, m, value->integer ? STR("true") : STR("false"), word);
        p->or_else = word;
    }
}

static int one_value(struct compiler *c, const struct modifiers *m, const struct yaml *value,
                     struct pattern *p, struct err *err)
{
    c->at = (struct compile_place){.node = value};
    if (value->type == YAML_LIST || value->type == YAML_MAP)
        return err_set(err, ERR_INVALID, "a value must be text, a number or null");
    if (value->type == YAML_NULL) {
        if (m->field.n == 0)
            return err_set(err, ERR_INVALID, "a keyword cannot be null");
        p->op = OP_NULL;
        return 0;
    }
    if (m->set & MOD_RE)
        return set_regex(c, m, value->text, p, err);
    if (m->set & (MOD_COMPARE | MOD_TIME))
        return set_number(m, value, p, err);
    if (m->set & MOD_EXISTS)
        return set_exists(value, p, err);
    if (m->set & MOD_CIDR) {
        p->op = OP_NETWORK;
        return network_parse(value->text, &p->network)
                   ? 0
                   : err_set(err, ERR_INVALID, "not a network address");
    }
    if (m->set & MOD_FIELDREF) {
        set_field(c, m, value->text, p);
        return 0;
    }
    if (value->type != YAML_STRING && only(m->set, 0) && m->field.n) {
        set_typed(c, m, value, p);
        return 0;
    }
    return set_string(c, m, value->text, p, err);
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
    if (parse_key(c, key, &m, err) != 0)
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
