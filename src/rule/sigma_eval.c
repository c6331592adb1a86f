/* sigma_eval.c - see sigma_eval.h. */
#include "rule/sigma_eval.h"

#include "rule/fold.h"
#include "rule/sigma_values.h"

void sigma_eval_event(struct eval *e, const struct event *ev)
{
    arena_reset(e->arena);
    e->ev = ev;
    e->feed = NULL;
    e->places = NULL;
    e->epoch++;
    e->texts = (struct values){0};
}

void sigma_eval_feed(struct eval *e, const struct feed *feed)
{
    e->feed = feed;
    e->decoded = NULL;
}

/* ---- parts of a time ---- */

static int64_t two(const char *p)
{
    return (p[0] - '0') * 10 + (p[1] - '0');
}

static bool is_leap(int64_t year)
{
    return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

/* Source: ISO 8601, week 1 has the year's first Thursday. */
static int64_t week_of(instant t, int64_t year)
{
    int64_t days = t / INSTANT_DAY - (t % INSTANT_DAY < 0);
    int64_t weekday = ((days + 3) % 7 + 7) % 7; /* 0 = Monday; 1970 began on a Thursday */
    instant new_year = instant_of_civil((int)year, 1, 1, 0, 0, 0);
    int64_t day = days - new_year / INSTANT_DAY + (new_year % INSTANT_DAY < 0);
    int64_t week = (day - weekday + 10) / 7; /* day counts from 0 */
    if (week > 0 && week < 53)
        return week;
    int64_t first = ((weekday - day) % 7 + 7) % 7; /* weekday of 1 January */
    if (week == 53)
        return first == 3 || (first == 2 && is_leap(year)) ? 53 : 1;
    bool last_is_leap = is_leap(year - 1);
    int64_t before = ((first - (last_is_leap ? 366 : 365)) % 7 + 7) % 7;
    return before == 3 || (before == 2 && last_is_leap) ? 53 : 52;
}

static bool part_of(enum time_part part, instant t, struct number *ret)
{
    char buffer[INSTANT_TEXT];
    struct str text = instant_text(t, buffer); /* 2021-03-14T06:40:13... */
    if (text.n < 19)
        return false;
    int64_t year = two(text.p) * 100 + two(text.p + 2);
    int64_t v = part == PART_MINUTE  ? two(text.p + 14)
                : part == PART_HOUR  ? two(text.p + 11)
                : part == PART_DAY   ? two(text.p + 8)
                : part == PART_WEEK  ? week_of(t, year)
                : part == PART_MONTH ? two(text.p + 5)
                                     : year;
    *ret = number_of(v);
    return true;
}

/* ---- one value ---- */

static void fold_value(struct eval *e, struct value *v)
{
    v->folded = fold_str(v->raw, e->arena);
    v->is_folded = true;
}

static struct str folded_text(struct eval *e, struct value *v)
{
    if (!v->is_folded)
        fold_value(e, v);
    return v->folded;
}

static bool text_test(struct eval *e, const struct pattern *p, struct value *v)
{
    if (p->text.test == TEXT_ANY)
        return v->type != FIELD_NULL;
    return text_matches(&p->text, p->cased ? v->raw : folded_text(e, v));
}

/* One look at the pieces of all values saves looking at each of them: keywords meet dozens
 * of texts, web requests come in many forms. */
static bool may_match(struct eval *e, const struct pattern *p, struct values *f)
{
    enum { WORTH_GRAMS = 24 }; /* bytes; below, looking at the texts is as cheap */
    if (p->op != OP_TEXT || p->cased || p->text.n_grams == 0)
        return true;
    if (!f->has_grams) {
        size_t n = 0;
        for (size_t i = 0; i < f->n; i++)
            n += f->v[i].raw.n;
        uint64_t *set =
            n < WORTH_GRAMS ? NULL : ARENA_ARRAY(e->arena, uint64_t, GRAM_BITS / 64);
        for (size_t i = 0; set && i < f->n; i++)
            text_add_grams(set, folded_text(e, &f->v[i]));
        f->grams = set;
        f->has_grams = true;
    }
    return !f->grams || text_may_match(&p->text, f->grams);
}

static bool number_test(const struct pattern *p, const struct value *v)
{
    struct number n;
    instant t = INSTANT_NONE;
    if (p->part != PART_NONE) {
        if (!instant_parse(v->raw, &t) || !part_of(p->part, t, &n))
            return false;
    } else if (!number_parse(v->raw, &n)) {
        return false;
    }
    int order = number_compare(n, p->number);
    switch (p->op) {
    case OP_LESS:
        return order < 0;
    case OP_LESS_EQUAL:
        return order <= 0;
    case OP_GREATER:
        return order > 0;
    case OP_GREATER_EQUAL:
        return order >= 0;
    case OP_NULL:
    case OP_EXISTS:
    case OP_TEXT:
    case OP_NUMBER:
    case OP_REGEX:
    case OP_NETWORK:
    case OP_FIELD:
        return order == 0;
    }
    return false;
}

static bool regex_test(struct eval *e, const struct pattern *p, const struct value *v)
{
    enum regex_result r = regex_search(p->regex, v->raw, e->scratch);
    e->limits += r == REGEX_LIMIT;
    return r == REGEX_YES;
}

static bool value_test(struct eval *e, const struct pattern *p, struct value *v)
{
    switch (p->op) {
    case OP_TEXT:
        return text_test(e, p, v);
    case OP_NUMBER:
    case OP_LESS:
    case OP_LESS_EQUAL:
    case OP_GREATER:
    case OP_GREATER_EQUAL:
        return number_test(p, v);
    case OP_REGEX:
        return regex_test(e, p, v);
    case OP_NETWORK:
        return network_has(&p->network, v->raw);
    case OP_NULL:
    case OP_EXISTS:
    case OP_FIELD:
        break;
    }
    return false;
}

/* ---- one field ---- */

static bool is_null(const struct values *f)
{
    for (size_t i = 0; i < f->own; i++) {
        if (f->v[i].raw.n)
            return false;
    }
    return true;
}

static bool field_test(struct eval *e, const struct pattern *p, struct values *f)
{
    struct values *other = sigma_values(e, p->other);
    for (size_t i = 0; i < f->n; i++) {
        for (size_t k = 0; k < other->n; k++) {
            struct value *a = &f->v[i];
            struct value *b = &other->v[k];
            if (a->type == FIELD_NULL || b->type == FIELD_NULL)
                continue;
            struct text_pattern test = {.test = p->text.test,
                                        .text = p->cased ? b->raw : folded_text(e, b)};
            bool empty = test.text.n == 0 && test.test != TEXT_EXACT;
            if (!empty && text_matches(&test, p->cased ? a->raw : folded_text(e, a)))
                return true;
        }
    }
    return false;
}

/* The time of the event itself, asked for by one of its usual names. */
static bool head_time_test(struct eval *e, const struct pattern *p, uint32_t field)
{
    static const char *const known[] = {"TimeCreated", "SystemTime", "@timestamp",
                                        "TimeCreated_SystemTime", "date"};
    if (p->part == PART_NONE || field == FIELD_KEYWORD || e->ev->time == INSTANT_NONE)
        return false;
    struct str name = e->names->list[field];
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        if (str_ieq(str_of(known[i]), name)) {
            char buffer[INSTANT_TEXT];
            struct value v = {.raw = instant_text(e->ev->time, buffer)};
            return number_test(p, &v);
        }
    }
    return false;
}

static bool one_form(struct eval *e, const struct pattern *p, struct values *f, uint32_t field)
{
    if (p->op == OP_NULL)
        return is_null(f);
    if (p->op == OP_EXISTS)
        return (f->own > 0) == p->yes;
    if (p->op == OP_FIELD)
        return field_test(e, p, f);
    if (!may_match(e, p, f))
        return false;
    for (size_t i = 0; i < f->n; i++) {
        if (!value_test(e, p, &f->v[i]))
            continue;
        if (f->v[i].how)
            e->decoded = &f->v[i];
        return true;
    }
    return f->own == 0 && head_time_test(e, p, field);
}

static struct values *values_of(struct eval *e, uint32_t field)
{
    return field == FIELD_KEYWORD ? sigma_texts(e) : sigma_values(e, field);
}

bool sigma_eval_pattern(struct eval *e, const struct pattern *p, uint32_t field)
{
    return one_form(e, p, values_of(e, field), field);
}

static bool item_test(struct eval *e, const struct item *item)
{
    struct values *f = values_of(e, item->field);
    for (size_t i = 0; i < item->n; i++) {
        bool hit = false;
        for (const struct pattern *p = &item->patterns[i]; p && !hit; p = p->or_else)
            hit = one_form(e, p, f, item->field);
        if (hit != item->all)
            return hit;
    }
    return item->all;
}

/* The tree is at most as deep as conditions may nest; see sigma_condition.c. */
bool sigma_eval(struct eval *e, const struct node *node)
{
    uint32_t hits = 0;
    switch (node->kind) {
    case NODE_ITEM:
        return item_test(e, node->item) != node->item->negate;
    case NODE_NOT:
        return !sigma_eval(e, node->child[0]);
    case NODE_AND:
        for (uint32_t i = 0; i < node->n; i++) {
            if (!sigma_eval(e, node->child[i]))
                return false;
        }
        return true;
    case NODE_OR:
    case NODE_AT_LEAST:
        for (uint32_t i = 0; i < node->n; i++) {
            hits += sigma_eval(e, node->child[i]);
            if (hits >= (node->kind == NODE_OR ? 1 : node->need))
                return true;
        }
        return false;
    }
    return false;
}

/* ---- from the head alone ---- */

static bool is_named(const struct eval *e, uint32_t field, const char *name)
{
    return str_eq(e->names->list[field], str_of(name));
}

static enum tri item_head(struct eval *e, const struct item *item)
{
    if (e->ev->kind != EVENT_WINDOWS || item->field == FIELD_KEYWORD)
        return TRI_MAYBE;
    bool known = is_named(e, item->field, "EventID") ||
                 (is_named(e, item->field, "Channel") && e->ev->channel.n);
    for (size_t i = 0; i < item->n && known; i++)
        known = item->patterns[i].op != OP_FIELD;
    if (!known)
        return TRI_MAYBE;
    return item_test(e, item) != item->negate ? TRI_YES : TRI_NO;
}

enum tri sigma_eval_head(struct eval *e, const struct node *node)
{
    uint32_t yes = 0;
    uint32_t no = 0;
    if (node->kind == NODE_ITEM)
        return item_head(e, node->item);
    for (uint32_t i = 0; i < node->n; i++) {
        enum tri t = sigma_eval_head(e, node->child[i]);
        yes += t == TRI_YES;
        no += t == TRI_NO;
    }
    uint32_t need = node->kind == NODE_AND ? node->n : node->kind == NODE_OR ? 1 : node->need;
    if (node->kind == NODE_NOT)
        return yes ? TRI_NO : no ? TRI_YES : TRI_MAYBE;
    if (yes >= need)
        return TRI_YES;
    return node->n - no < need ? TRI_NO : TRI_MAYBE;
}
