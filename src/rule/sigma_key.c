/* sigma_key.c - see sigma_key.h. */
#include "rule/sigma_key.h"

#include "rule/nearest.h"

enum { MODIFIERS_MAX = 16 }; /* of one key */

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
    {"ignorecase", MOD_RE_I, 0},
    {"m", MOD_RE_M, 0},
    {"multiline", MOD_RE_M, 0},
    {"s", MOD_RE_S, 0},
    {"dotall", MOD_RE_S, 0},
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

/* The kinds of value. Each modifier of `of` stands beside those of `beside` only, and beside
 * `all` and `neq`, which are about the whole. */
static const struct {
    unsigned of;
    unsigned beside;
    const char *reason;
} kinds[] = {
    {MOD_EXISTS, MOD_EXISTS, "exists asks for the field alone: only neq goes with it"},
    {MODS_NUMBER, MODS_NUMBER,
     "lt, lte, gt, gte and the parts of a time compare numbers: no other modifier goes with "
     "them"},
    {MOD_CIDR, MOD_CIDR | MOD_EXPAND,
     "cidr compares addresses: only expand, all and neq go with it"},
    {MOD_FIELDREF, MOD_FIELDREF | MODS_PLACE | MOD_CASED,
     "fieldref compares two fields: only contains, startswith, endswith, cased, all and neq go "
     "with it"},
    {MOD_RE, MOD_RE | MODS_FLAG | MODS_PLACE | MOD_EXPAND,
     "re takes an expression: only i, m, s, contains, startswith, endswith, expand, all and "
     "neq go with it"},
};

static const struct row *find_row(struct str name)
{
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (str_eq(str_of(rows[i].name), name))
            return &rows[i];
    }
    return NULL;
}

static int unknown(struct str name, struct err *err)
{
    struct nearest near = nearest_to(name);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        nearest_try(&near, str_of(rows[i].name));
    (void)err_set(err, ERR_INVALID, "unknown modifier '%.*s'", (int)(name.n > 60 ? 60 : name.n),
                  name.p);
    return near.best.n ? err_behind(err, " (did you mean '%.*s'?)", STR_ARG(near.best)) : -1;
}

static struct str until_bar(struct str *rest)
{
    const char *bar = rest->n ? memchr(rest->p, '|', rest->n) : NULL;
    struct str part = {rest->p, bar ? (size_t)(bar - rest->p) : rest->n};
    size_t used = part.n + (bar ? 1 : 0);
    *rest = (struct str){used ? rest->p + used : rest->p, rest->n - used};
    return part;
}

static bool is_power_of_two(unsigned set)
{
    return (set & (set - 1)) == 0;
}

/* What is wrong with a modifier behind those that stand before it; NULL if nothing. */
static const char *order_error(const struct modifiers *before, const struct row *row)
{
    unsigned add = row->set;
    if (add & MODS_FLAG && !(before->set & MOD_RE))
        return "i, m and s are flags of re and stand behind it";
    if (add & (MODS_UTF16 | MOD_WINDASH) && before->set & MODS_BASE64)
        return "windash, wide and utf16 change the text that is encoded: they stand before "
               "base64 and base64offset";
    if (add & MOD_COMPARE && before->set & MOD_COMPARE)
        return "a key has one of lt, lte, gt and gte; a range is two keys";
    if (add & MOD_TIME && before->set & MOD_TIME)
        return "a key has one part of a time; two parts are two keys";
    return NULL;
}

static const char *combination_error(const struct modifiers *m)
{
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        if (m->set & kinds[i].of && m->set & ~(kinds[i].beside | MODS_ALWAYS))
            return kinds[i].reason;
    }
    if (m->set & MODS_UTF16 && !(m->set & MODS_BASE64))
        return "wide and utf16 need base64 or base64offset behind them: texts are compared as "
               "text, not as bytes";
    if (!is_power_of_two(m->set & MODS_BASE64))
        return "base64 and base64offset exclude each other";
    if (!is_power_of_two(m->set & MODS_UTF16))
        return "wide, utf16le, utf16be and utf16 exclude each other";
    if (m->field.n == 0 && m->set & (MODS_NUMBER | MOD_CIDR | MOD_EXISTS | MOD_FIELDREF))
        return "this modifier needs a field";
    return NULL;
}

int sigma_key(struct str key, struct modifiers *ret, size_t *ret_at, struct err *err)
{
    struct modifiers m = {.compare = OP_NUMBER};
    struct str rest = key;
    m.field = until_bar(&rest);
    bool more = m.field.n < key.n;
    const char *wrong = NULL;
    for (unsigned count = 0; more && !wrong; count++) {
        size_t before = rest.n;
        struct str name = until_bar(&rest);
        more = name.n < before;
        const struct row *row = count < MODIFIERS_MAX ? find_row(name) : NULL;
        *ret_at = (size_t)(name.p - key.p);
        if (!row)
            return unknown(name, err);
        wrong = order_error(&m, row);
        m.set |= row->set;
        if (row->set & MOD_COMPARE)
            m.compare = (enum op)row->detail;
        if (row->set & MOD_TIME)
            m.part = (enum time_part)row->detail;
    }
    if (!wrong) {
        *ret_at = m.field.n < key.n ? m.field.n + 1 : 0;
        wrong = combination_error(&m);
    }
    if (wrong)
        return err_set(err, ERR_INVALID, "%s", wrong);
    *ret = m;
    return 0;
}

enum text_test sigma_key_place(const struct modifiers *m)
{
    bool start = m->set & (MOD_CONTAINS | MOD_ENDSWITH); /* anything may stand before it */
    bool end = m->set & (MOD_CONTAINS | MOD_STARTSWITH); /* and behind it */
    return start && end ? TEXT_CONTAINS : end ? TEXT_PREFIX : start ? TEXT_SUFFIX : TEXT_EXACT;
}
