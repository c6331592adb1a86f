/* correlation_old.c - aggregations in a rule's condition, which correlations replaced:
 *
 *     selection | count(field) by other, fields > 5        timeframe: 10m
 *     selection | near another and third                   timeframe: 10m
 *
 * Source: Sigma specification 1.0.3, "Aggregation expression", "Near Aggregation Expression".
 */
#include "rule/correlation_int.h"
#include "rule/yaml_edit.h"

enum { SHOWN = 60 };

#define SHORT(s) (int)((s).n > SHOWN ? SHOWN : (s).n), (s).p

struct reader {
    const struct yaml *condition;
    struct arena *arena;
    struct compile_place *at;
    struct str rest, token;
    struct correlation_old *to;
    struct err *err;
};

/* The one condition, also where it is a list of one; NULL if there are several. */
static const struct yaml *condition_of(const struct yaml *document)
{
    const struct yaml *y = yaml_get(yaml_get(document, "detection"), "condition");
    if (y && y->type == YAML_LIST)
        return y->child && !y->child->next ? y->child : NULL;
    return y && y->type == YAML_STRING ? y : NULL;
}

bool correlation_is_old(const struct yaml *document)
{
    const struct yaml *y = condition_of(document);
    return y && str_find(y->text, STR("|"), 0) != SIZE_MAX;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static bool is_mark(char c)
{
    return c == '(' || c == ')' || c == ',' || c == '<' || c == '>' || c == '=' || c == '!';
}

static void advance(struct reader *r)
{
    struct str s = str_trim(r->rest);
    size_t n = 0;
    if (s.n && is_mark(s.p[0]))
        n = s.n > 1 && s.p[1] == '=' && s.p[0] != '(' && s.p[0] != ')' && s.p[0] != ',' ? 2 : 1;
    else
        while (n < s.n && !is_blank(s.p[n]) && !is_mark(s.p[n]))
            n++;
    r->token = str_part(s, 0, n);
    r->rest = str_part(s, n, s.n);
    r->at->offset = n ? (size_t)(r->token.p - r->condition->text.p) : r->condition->text.n;
}

static bool is_word(const struct reader *r, const char *word)
{
    return str_ieq(r->token, str_of(word));
}

static int fail(struct reader *r, const char *what)
{
    return err_set(r->err, ERR_INVALID, "aggregation: %s%s'%.*s'", what,
                   r->token.n ? " at " : " at the end ", SHORT(r->token));
}

static bool is_name(const struct reader *r)
{
    return r->token.n && !is_mark(r->token.p[0]);
}

/* ---- what is counted ---- */

static int read_function(struct reader *r)
{
    static const struct {
        const char *name;
        enum correlation_type type;
        uint32_t percentile;
    } functions[] = {{"count", CORRELATE_VALUES, 0},
                     {"sum", CORRELATE_SUM, 0},
                     {"avg", CORRELATE_AVERAGE, 0},
                     {"min", CORRELATE_RANK, 0},
                     {"max", CORRELATE_RANK, 100}};
    struct correlation *c = &r->to->text.made;
    size_t i = 0;
    while (i < sizeof functions / sizeof *functions && !is_word(r, functions[i].name))
        i++;
    if (i == sizeof functions / sizeof *functions)
        return err_set(r->err, ERR_UNSUPPORTED,
                       "the aggregation '%.*s' is not evaluated (count, min, max, avg, sum "
                       "and near are)",
                       SHORT(r->token));
    c->type = functions[i].type;
    c->percentile = functions[i].percentile;
    advance(r);
    if (!is_word(r, "("))
        return fail(r, "'(' is missing");
    advance(r);
    if (is_name(r)) {
        c->value[c->n_value++] = r->token;
        advance(r);
    }
    if (!is_word(r, ")"))
        return fail(r, "')' is missing");
    if (c->n_value == 0 && c->type != CORRELATE_VALUES)
        return fail(r, "a field is missing");
    if (c->n_value == 0)
        c->type = CORRELATE_EVENTS;
    advance(r);
    return 0;
}

static int read_group(struct reader *r)
{
    struct correlation *c = &r->to->text.made;
    if (!is_word(r, "by"))
        return 0;
    do {
        advance(r);
        if (!is_name(r))
            return fail(r, "a field is missing");
        if (c->n_group == CORRELATION_FIELDS_MAX)
            return err_set(r->err, ERR_LIMIT, "aggregation: more than %d fields",
                           CORRELATION_FIELDS_MAX);
        c->group[c->n_group++] = r->token;
        advance(r);
    } while (is_word(r, ","));
    return 0;
}

static int read_comparison(struct reader *r)
{
    static const struct {
        const char *mark;
        enum correlation_op op;
    } marks[] = {{">", CORRELATE_GT},   {">=", CORRELATE_GTE}, {"<", CORRELATE_LT},
                 {"<=", CORRELATE_LTE}, {"=", CORRELATE_EQ},   {"==", CORRELATE_EQ},
                 {"!=", CORRELATE_NEQ}};
    struct correlation *c = &r->to->text.made;
    size_t i = 0;
    while (i < sizeof marks / sizeof *marks && !is_word(r, marks[i].mark))
        i++;
    if (i == sizeof marks / sizeof *marks)
        return fail(r, "a comparison is missing");
    advance(r);
    if (!correlation_number_parse(r->token, &c->tests[0].than))
        return fail(r, "a number is missing");
    c->tests[0].op = marks[i].op;
    c->n_tests = 1;
    advance(r);
    return r->token.n ? fail(r, "nothing may follow") : 0;
}

static int add_member(struct reader *r, struct str condition)
{
    struct correlation *c = &r->to->text.made;
    if (c->n_members == CORRELATION_MEMBERS_MAX)
        return err_set(r->err, ERR_LIMIT, "aggregation: more than %d selections",
                       CORRELATION_MEMBERS_MAX);
    r->to->conditions[c->n_members++] = condition;
    return 0;
}

/* ---- near ---- */

static int read_near(struct reader *r)
{
    struct correlation *c = &r->to->text.made;
    c->type = CORRELATE_NEAR;
    do {
        advance(r);
        if (is_word(r, "not"))
            return err_set(r->err, ERR_UNSUPPORTED,
                           "aggregation: 'near ... not': what does not happen has no window");
        if (!is_name(r))
            return fail(r, "a selection is missing");
        if (add_member(r, r->token) != 0)
            return -1;
        advance(r);
    } while (is_word(r, "and"));
    if (r->token.n)
        return fail(r, "only 'and' may stand between selections of 'near'");
    c->tests[0] = (struct correlation_test){CORRELATE_GTE, (correlation_number)c->n_members *
                                                               CORRELATION_MICRO};
    c->n_tests = 1;
    return 0;
}

static int read_timeframe(struct reader *r, const struct yaml *detection)
{
    const struct yaml *y = yaml_get(detection, "timeframe");
    struct correlation *c = &r->to->text.made;
    c->endless = !y;
    if (!y)
        return 0;
    *r->at = (struct compile_place){.node = y};
    if (correlation_span_parse(y->text, &c->span, r->err) != 0)
        return err_at(r->err, "timeframe");
    return 0;
}

int correlation_old_parse(const struct yaml *document, struct arena *arena,
                          struct compile_place *at, struct correlation_old *ret,
                          struct err *err)
{
    const struct yaml *condition = condition_of(document);
    struct correlation_old *old = ARENA_NEW(arena, struct correlation_old);
    struct reader r = {.condition = condition, .arena = arena, .at = at, .to = old, .err = err};
    size_t bar = str_find(condition->text, STR("|"), 0);
    *at = (struct compile_place){.node = condition};
    if (add_member(&r, str_trim(str_part(condition->text, 0, bar))) != 0)
        return -1;
    r.rest = str_part(condition->text, bar + 1, condition->text.n);
    advance(&r);
    int failed = is_word(&r, "near") ? read_near(&r)
                 : read_function(&r) != 0 || read_group(&r) != 0 || read_comparison(&r) != 0
                     ? -1
                     : 0;
    if (failed || read_timeframe(&r, yaml_get(document, "detection")) != 0)
        return -1;
    *at = (struct compile_place){.node = condition};
    *ret = *old;
    return 0;
}

const struct yaml *correlation_old_member(const struct yaml *document, struct str condition,
                                          struct arena *arena)
{
    const struct yaml *was = condition_of(document);
    struct yaml plain = *was;
    struct yaml *copy = yaml_copy(document, arena);
    struct yaml *detection = yaml_copy(yaml_get(document, "detection"), arena);
    plain.text = condition;
    plain.next = NULL;
    yaml_put(detection, STR("condition"), &plain, arena);
    yaml_remove(detection, "timeframe");
    yaml_put(copy, STR("detection"), detection, arena);
    return copy;
}
