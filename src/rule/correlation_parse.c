/* correlation_parse.c - the `correlation` part of a document. */
#include "base/num.h"
#include "rule/correlation_int.h"
#include "rule/nearest.h"

enum { SHOWN = 60 }; /* bytes of a rule's text in a message */

struct reader {
    struct arena *arena;
    struct compile_place *at;
    struct correlation_text *to;
    struct err *err;
};

#define SHORT(s) (int)((s).n > SHOWN ? SHOWN : (s).n), (s).p

static void stand_at(struct reader *r, const struct yaml *node, bool key)
{
    *r->at = (struct compile_place){.node = node, .key = key};
}

static bool is_scalar(const struct yaml *y)
{
    return y && y->type != YAML_LIST && y->type != YAML_MAP && y->type != YAML_ANY &&
           y->text.n > 0;
}

static const struct yaml *first_of(const struct yaml *y)
{
    return y->type == YAML_LIST ? y->child : y;
}

static const struct yaml *after(const struct yaml *list, const struct yaml *y)
{
    return list->type == YAML_LIST ? y->next : NULL;
}

/* ---- type, timespan ---- */

static int read_type(struct reader *r, const struct yaml *part)
{
    const struct yaml *y = yaml_get(part, "type");
    struct correlation *c = &r->to->made;
    struct nearest near = nearest_to(y ? y->text : STR(""));
    stand_at(r, y ? y : part, false);
    if (!y)
        return err_set(r->err, ERR_INVALID, "correlation: no 'type'");
    for (unsigned i = 0; i < CORRELATIONS; i++) {
        struct str name = str_of(correlation_type_name((enum correlation_type)i));
        nearest_try(&near, name);
        if (!str_ieq(y->text, name))
            continue;
        c->type = (enum correlation_type)i;
        return 0;
    }
    if (str_ieq(y->text, STR("value_median"))) {
        c->type = CORRELATE_RANK;
        c->percentile = 50;
        return 0;
    }
    (void)err_set(r->err, ERR_INVALID, "correlation: unknown type '%.*s'", SHORT(y->text));
    return near.best.n ? err_behind(r->err, " (did you mean '%.*s'?)", STR_ARG(near.best)) : -1;
}

int correlation_span_parse(struct str text, instant *ret, struct err *err)
{
    /* Months and years are those of the Gregorian calendar on average, as in pySigma. */
    static const struct {
        char unit;
        int64_t seconds;
    } units[] = {{'s', 1},      {'m', 60},      {'h', 3600},    {'d', 86400},
                 {'w', 604800}, {'M', 2629746}, {'y', 31556952}};
    uint64_t count = 0;
    if (text.n >= 2 && num_u64(str_part(text, 0, text.n - 1), &count)) {
        for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
            if (units[i].unit != text.p[text.n - 1])
                continue;
            if (count == 0)
                return err_set(err, ERR_INVALID, "a timespan of nothing");
            if (count > (uint64_t)(INT64_MAX / 8 / INSTANT_SECOND / units[i].seconds))
                return err_set(err, ERR_LIMIT, "a timespan too long to be one");
            *ret = (instant)count * units[i].seconds * INSTANT_SECOND;
            return 0;
        }
    }
    return err_set(err, ERR_INVALID,
                   "the timespan '%.*s' is not a whole number and s, m, h, d, w, M or y",
                   SHORT(text));
}

static int read_span(struct reader *r, const struct yaml *part)
{
    const struct yaml *y = yaml_get(part, "timespan");
    stand_at(r, y ? y : part, false);
    if (!y)
        return err_set(r->err, ERR_INVALID, "correlation: no 'timespan'%s",
                       yaml_get(part, "timeframe") ? " ('timeframe' is of rules)" : "");
    if (correlation_span_parse(y->text, &r->to->made.span, r->err) != 0)
        return err_at(r->err, "correlation");
    return 0;
}

/* ---- members, fields ---- */

static int add_rule(struct reader *r, const struct yaml *at, struct str name)
{
    struct correlation_text *to = r->to;
    for (uint32_t i = 0; i < to->made.n_members; i++)
        if (str_eq(to->rules[i], name))
            return err_set(r->err, ERR_INVALID, "correlation: the rule '%.*s' is named twice",
                           SHORT(name));
    if (to->made.n_members == CORRELATION_MEMBERS_MAX)
        return err_set(r->err, ERR_LIMIT, "correlation: more than %d rules",
                       CORRELATION_MEMBERS_MAX);
    to->rules_at[to->made.n_members] = at;
    to->rules[to->made.n_members++] = name;
    return 0;
}

static int read_rules(struct reader *r, const struct yaml *part)
{
    const struct yaml *rules = yaml_get(part, "rules");
    const struct yaml *condition = yaml_get(part, "condition");
    stand_at(r, rules ? rules : part, false);
    if (!rules && is_scalar(condition))
        return 0; /* the condition names them */
    if (!rules)
        return err_set(r->err, ERR_INVALID, "correlation: no 'rules'");
    for (const struct yaml *y = first_of(rules); y; y = after(rules, y)) {
        stand_at(r, y, false);
        if (!is_scalar(y))
            return err_set(r->err, ERR_INVALID, "correlation: 'rules' wants ids or names");
        if (add_rule(r, y, y->text) != 0)
            return -1;
    }
    if (r->to->made.n_members == 0)
        return err_set(r->err, ERR_INVALID, "correlation: 'rules' is empty");
    return 0;
}

static int read_fields(struct reader *r, const struct yaml *list, const char *what,
                       struct str ret[CORRELATION_FIELDS_MAX], uint32_t *ret_n)
{
    for (const struct yaml *y = list ? first_of(list) : NULL; y; y = after(list, y)) {
        stand_at(r, y, false);
        if (!is_scalar(y))
            return err_set(r->err, ERR_INVALID, "correlation: '%s' wants names of fields",
                           what);
        if (*ret_n == CORRELATION_FIELDS_MAX)
            return err_set(r->err, ERR_LIMIT, "correlation: '%s' has more than %d fields", what,
                           CORRELATION_FIELDS_MAX);
        ret[(*ret_n)++] = y->text;
    }
    return 0;
}

static int read_group(struct reader *r, const struct yaml *part)
{
    const struct yaml *list = yaml_get(part, "group-by");
    struct correlation *c = &r->to->made;
    if (list && list->type == YAML_NULL)
        return 0;
    return read_fields(r, list, "group-by", c->group, &c->n_group);
}

static int read_aliases(struct reader *r, const struct yaml *part)
{
    const struct yaml *map = yaml_get(part, "aliases");
    struct correlation_text *to = r->to;
    stand_at(r, map, false);
    if (map && map->type != YAML_MAP && map->type != YAML_NULL)
        return err_set(r->err, ERR_INVALID, "correlation: 'aliases' wants a map");
    for (const struct yaml *alias = map ? map->child : NULL; alias; alias = alias->next) {
        stand_at(r, alias, true);
        if (alias->type != YAML_MAP)
            return err_set(r->err, ERR_INVALID,
                           "correlation: the alias '%.*s' wants a map of rules and fields",
                           SHORT(alias->key));
        for (const struct yaml *y = alias->child; y; y = y->next) {
            stand_at(r, y, false);
            if (!is_scalar(y))
                return err_set(r->err, ERR_INVALID,
                               "correlation: the alias '%.*s' wants one field for a rule",
                               SHORT(alias->key));
            to->aliases = arena_grow(r->arena, to->aliases, to->n_aliases, &to->cap_aliases,
                                     sizeof *to->aliases);
            to->aliases[to->n_aliases++] = (struct correlation_alias){
                .name = alias->key, .rule = y->key, .field = y->text, .at = y};
        }
    }
    return 0;
}

static int read_generate(struct reader *r, const struct yaml *document, const struct yaml *part)
{
    const struct yaml *y = yaml_get(part, "generate");
    if (!y) /* the specification's text names it beside the rule's attributes */
        y = yaml_get(document, "generate");
    stand_at(r, y, false);
    if (y && y->type != YAML_BOOL)
        return err_set(r->err, ERR_INVALID, "correlation: 'generate' wants true or false");
    r->to->made.generate = y && y->integer != 0;
    return 0;
}

/* ---- the condition ---- */

static bool op_of(struct str key, enum correlation_op *ret)
{
    static const char *const names[] = {"gt", "gte", "lt", "lte", "eq", "neq"};
    for (unsigned i = 0; i < sizeof names / sizeof *names; i++) {
        if (str_eq(key, str_of(names[i]))) {
            *ret = (enum correlation_op)i;
            return true;
        }
    }
    return false;
}

static bool is_count(enum correlation_type type)
{
    return type == CORRELATE_EVENTS || type == CORRELATE_VALUES || type == CORRELATE_NEAR ||
           type == CORRELATE_ORDERED;
}

static int read_test(struct reader *r, const struct yaml *y, enum correlation_op op)
{
    struct correlation *c = &r->to->made;
    struct correlation_test t = {.op = op};
    bool number = is_scalar(y) && correlation_number_parse(y->text, &t.than);
    bool whole = number && t.than >= 0 && t.than % CORRELATION_MICRO == 0;
    if (!number || (is_count(c->type) && !whole))
        return err_set(r->err, ERR_INVALID, "correlation: '%.*s' wants a %s", SHORT(y->key),
                       is_count(c->type) ? "whole number, 0 or more" : "number");
    if (c->n_tests == CORRELATION_TESTS_MAX) /* a map has each key once */
        return err_set(r->err, ERR_LIMIT, "correlation: too many comparisons");
    c->tests[c->n_tests++] = t;
    return 0;
}

static int read_percentile(struct reader *r, const struct yaml *y)
{
    uint64_t n = 0;
    if (!num_u64(y->text, &n) || n > 100)
        return err_set(r->err, ERR_INVALID,
                       "correlation: 'percentile' wants a whole number from 0 to 100");
    r->to->made.percentile = (uint32_t)n;
    return 0;
}

static int read_condition_map(struct reader *r, const struct yaml *map)
{
    struct correlation *c = &r->to->made;
    bool takes_value = c->type != CORRELATE_EVENTS && c->type != CORRELATE_NEAR &&
                       c->type != CORRELATE_ORDERED;
    for (const struct yaml *y = map->child; y; y = y->next) {
        enum correlation_op op = CORRELATE_GT;
        stand_at(r, y, true);
        if (op_of(y->key, &op)) {
            if (read_test(r, y, op) != 0)
                return -1;
        } else if (str_eq(y->key, STR("field")) && takes_value) {
            if (read_fields(r, y, "field", c->value, &c->n_value) != 0)
                return -1;
        } else if (str_eq(y->key, STR("percentile")) && c->type == CORRELATE_RANK) {
            if (read_percentile(r, y) != 0)
                return -1;
        } else if (str_eq(y->key, STR("field"))) {
            return err_set(r->err, ERR_INVALID, "correlation: %s counts no field",
                           correlation_type_name(c->type));
        } else {
            return err_set(r->err, ERR_INVALID,
                           "correlation: the condition has an unknown '%.*s'", SHORT(y->key));
        }
    }
    stand_at(r, map, true);
    if (c->n_tests == 0)
        return err_set(r->err, ERR_INVALID,
                       "correlation: the condition compares nothing (gt, gte, lt, ...)");
    return 0;
}

static int check_values(struct reader *r, const struct yaml *condition)
{
    const struct correlation *c = &r->to->made;
    const char *type = correlation_type_name(c->type);
    stand_at(r, condition, true);
    if (c->type == CORRELATE_EVENTS || c->type == CORRELATE_NEAR ||
        c->type == CORRELATE_ORDERED)
        return 0;
    if (c->n_value == 0)
        return err_set(r->err, ERR_INVALID, "correlation: %s wants a 'field'", type);
    if (c->type != CORRELATE_VALUES && c->n_value > 1)
        return err_set(r->err, ERR_UNSUPPORTED, "correlation: %s of several fields", type);
    return 0;
}

/* ---- conditions in words: "a and (b or c)" ---- */

struct words {
    struct reader *r;
    const struct yaml *at;
    struct str rest, token;
    bool named; /* `rules` says which there are */
    bool any;   /* an `or` was met */
    bool used[CORRELATION_MEMBERS_MAX];
    unsigned depth;
};

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           c == '_' || c == '-' || c == '.';
}

static void next_token(struct words *w)
{
    struct str s = str_trim(w->rest);
    size_t n = 0;
    while (n < s.n && is_letter(s.p[n]))
        n++;
    n = n ? n : s.n ? 1 : 0;
    w->token = str_part(s, 0, n);
    w->rest = str_part(s, n, s.n);
    w->r->at->offset = n ? (size_t)(w->token.p - w->at->text.p) : w->at->text.n;
}

static int add_word(struct words *w, struct correlation_word word)
{
    struct correlation *c = &w->r->to->made;
    if (c->n_words == CORRELATION_WORDS_MAX)
        return err_set(w->r->err, ERR_LIMIT, "correlation: the condition is too long");
    c->words[c->n_words++] = word;
    return 0;
}

static int parse_any(struct words *w);

static int parse_member(struct words *w)
{
    struct correlation_text *to = w->r->to;
    uint32_t i = 0;
    if (w->token.n == 0 || !is_letter(w->token.p[0]))
        return err_set(w->r->err, ERR_INVALID, "correlation: a rule is missing at '%.*s'",
                       SHORT(w->token));
    while (i < to->made.n_members && !str_eq(to->rules[i], w->token))
        i++;
    if (i == to->made.n_members && w->named)
        return err_set(w->r->err, ERR_INVALID,
                       "correlation: the condition names '%.*s', which 'rules' does not",
                       SHORT(w->token));
    if (i == to->made.n_members && add_rule(w->r, w->at, w->token) != 0)
        return -1;
    w->used[i] = true;
    next_token(w);
    return add_word(w, (struct correlation_word){CORRELATE_MEMBER, i});
}

static int parse_one(struct words *w)
{
    enum { DEPTH = 32 };
    if (str_ieq(w->token, STR("not")))
        return err_set(w->r->err, ERR_UNSUPPORTED,
                       "correlation: 'not' in a condition: what does not happen has no "
                       "window");
    if (!str_eq(w->token, STR("(")))
        return parse_member(w);
    if (++w->depth > DEPTH)
        return err_set(w->r->err, ERR_LIMIT, "correlation: nested too deeply");
    next_token(w);
    if (parse_any(w) != 0)
        return -1;
    w->depth--;
    if (!str_eq(w->token, STR(")")))
        return err_set(w->r->err, ERR_INVALID, "correlation: ')' is missing");
    next_token(w);
    return 0;
}

static int parse_all(struct words *w)
{
    if (parse_one(w) != 0)
        return -1;
    while (str_ieq(w->token, STR("and"))) {
        next_token(w);
        if (parse_one(w) != 0 || add_word(w, (struct correlation_word){CORRELATE_AND, 0}) != 0)
            return -1;
    }
    return 0;
}

static int parse_any(struct words *w)
{
    if (parse_all(w) != 0)
        return -1;
    while (str_ieq(w->token, STR("or"))) {
        w->any = true;
        next_token(w);
        if (parse_all(w) != 0 || add_word(w, (struct correlation_word){CORRELATE_OR, 0}) != 0)
            return -1;
    }
    return 0;
}

static int read_words(struct reader *r, const struct yaml *condition)
{
    struct correlation *c = &r->to->made;
    struct words w = {
        .r = r, .at = condition, .rest = condition->text, .named = c->n_members > 0};
    stand_at(r, condition, false);
    if (c->type != CORRELATE_NEAR && c->type != CORRELATE_ORDERED)
        return err_set(r->err, ERR_INVALID,
                       "correlation: only temporal ones have a condition in words");
    c->words = ARENA_ARRAY(r->arena, struct correlation_word, CORRELATION_WORDS_MAX);
    next_token(&w);
    if (parse_any(&w) != 0)
        return -1;
    if (w.token.n)
        return err_set(r->err, ERR_INVALID, "correlation: 'and' or 'or' is missing at '%.*s'",
                       SHORT(w.token));
    for (uint32_t i = 0; i < c->n_members; i++)
        if (!w.used[i])
            return err_set(r->err, ERR_INVALID,
                           "correlation: the condition does not name the rule '%.*s'",
                           SHORT(r->to->rules[i]));
    if (c->type == CORRELATE_ORDERED && w.any)
        return err_set(r->err, ERR_UNSUPPORTED,
                       "correlation: 'or' in the condition of temporal_ordered");
    if (c->type == CORRELATE_ORDERED)
        c->words = NULL; /* all of them, in order: as without */
    return 0;
}

/* All of the rules is what temporal correlations ask for, unless they say how many. */
static int finish_temporal(struct reader *r, const struct yaml *condition)
{
    struct correlation *c = &r->to->made;
    correlation_number all = (correlation_number)c->n_members * CORRELATION_MICRO;
    if (c->type != CORRELATE_NEAR && c->type != CORRELATE_ORDERED)
        return 0;
    if (c->n_tests == 0 && !c->words)
        c->tests[c->n_tests++] = (struct correlation_test){CORRELATE_GTE, all};
    bool fits_all = c->n_tests == 0 || correlation_holds(c, all, 1);
    bool fits_less = c->n_tests && correlation_holds(c, all - CORRELATION_MICRO, 1);
    stand_at(r, condition, true);
    if (c->type == CORRELATE_ORDERED && (!fits_all || fits_less))
        return err_set(r->err, ERR_UNSUPPORTED,
                       "correlation: temporal_ordered wants all of its rules; another number "
                       "is not evaluated");
    return 0;
}

static int read_condition(struct reader *r, const struct yaml *part)
{
    const struct yaml *y = yaml_get(part, "condition");
    const struct correlation *c = &r->to->made;
    bool median = str_ieq(yaml_text(part, "type"), STR("value_median"));
    bool temporal = c->type == CORRELATE_NEAR || c->type == CORRELATE_ORDERED;
    stand_at(r, y ? y : part, y != NULL);
    if (!y && !temporal)
        return err_set(r->err, ERR_INVALID, "correlation: no 'condition'");
    if (y && is_scalar(y))
        return read_words(r, y) != 0 ? -1 : finish_temporal(r, y);
    if (y && y->type != YAML_MAP)
        return err_set(r->err, ERR_INVALID, "correlation: 'condition' wants a map");
    if (y && read_condition_map(r, y) != 0)
        return -1;
    if (y && check_values(r, y) != 0)
        return -1;
    if (c->type == CORRELATE_RANK && !median && !yaml_get(y, "percentile")) {
        stand_at(r, y, true);
        return err_set(r->err, ERR_UNSUPPORTED,
                       "correlation: value_percentile without 'percentile' (which of the "
                       "ordered values, 0 to 100, is compared) has no agreed meaning");
    }
    return finish_temporal(r, y ? y : part);
}

int correlation_parse(const struct yaml *document, struct arena *arena,
                      struct compile_place *at, struct correlation_text *ret, struct err *err)
{
    const struct yaml *part = yaml_get(document, "correlation");
    struct correlation_text text = {0};
    struct reader r = {.arena = arena, .at = at, .to = &text, .err = err};
    stand_at(&r, part ? part : document, part != NULL);
    if (!part || part->type != YAML_MAP)
        return err_set(err, ERR_INVALID, "'correlation' wants a map");
    if (read_type(&r, part) != 0 || read_span(&r, part) != 0 || read_rules(&r, part) != 0 ||
        read_group(&r, part) != 0 || read_aliases(&r, part) != 0 ||
        read_generate(&r, document, part) != 0 || read_condition(&r, part) != 0)
        return -1;
    stand_at(&r, part, true);
    *ret = text;
    return 0;
}
