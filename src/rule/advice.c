#include "rule/advice.h"

#include "base/embed.h"
#include "rule/fold.h"
#include "rule/yaml.h"

extern const struct embedded rule_advice[]; /* made by the build from rules/advice */

static size_t count(const struct yaml *list)
{
    size_t n = 0;
    for (const struct yaml *y = list ? list->child : NULL; y; y = y->next)
        n++;
    return n;
}

static int read_kind(const struct yaml *y, enum event_kind *ret, struct err *err)
{
    struct str name = yaml_text(y, "kind");
    for (int k = 0; k < EVENT_KINDS; k++) {
        if (str_eq(name.n ? name : STR("windows"),
                   str_of(event_kind_name((enum event_kind)k)))) {
            *ret = (enum event_kind)k;
            return 0;
        }
    }
    return err_set(err, ERR_INVALID, "line %u: unknown kind of event", y->line);
}

static int read_one(const struct yaml *y, struct arena *arena, struct advice *ret,
                    struct err *err)
{
    const struct yaml *ids = yaml_get(y, "event_ids");
    const struct yaml *fields = yaml_get(y, "fields");
    if (read_kind(y, &ret->kind, err) < 0)
        return -1;
    ret->name = yaml_text(y, "channel");
    ret->channel = fold_str(ret->name, arena);
    ret->say = yaml_text(y, "say");
    ret->how = yaml_text(y, "how");
    ret->source = yaml_text(y, "source");
    ret->ids = ARENA_ARRAY(arena, uint32_t, count(ids));
    ret->fields = ARENA_ARRAY(arena, struct str, count(fields));
    for (const struct yaml *i = ids ? ids->child : NULL; i; i = i->next) {
        if (i->type != YAML_INT || i->integer < 0 || i->integer > UINT32_MAX)
            return err_set(err, ERR_INVALID, "line %u: an EventID must be a number", i->line);
        ret->ids[ret->n_ids++] = (uint32_t)i->integer;
    }
    for (const struct yaml *f = fields ? fields->child : NULL; f; f = f->next)
        ret->fields[ret->n_fields++] = f->text;
    if (ret->say.n == 0 || ret->source.n == 0)
        return err_set(err, ERR_INVALID, "line %u: 'say' and 'source' are wanted", y->line);
    return 0;
}

int advice_parse(struct str text, struct arena *arena, struct advices *ret, struct err *err)
{
    struct yaml *document = NULL;
    if (yaml_parse(text, arena, &document, err) < 0)
        return -1;
    const struct yaml *list = yaml_get(document, "advice");
    struct advices all = {.p = ARENA_ARRAY(arena, struct advice, count(list))};
    if (!list || list->type != YAML_LIST)
        return err_set(err, ERR_INVALID, "no list 'advice'");
    for (const struct yaml *y = list->child; y; y = y->next)
        if (read_one(y, arena, &all.p[all.n++], err) < 0)
            return -1;
    *ret = all;
    return 0;
}

int advice_load(struct arena *arena, struct advices *ret, struct err *err)
{
    struct str text = {(const char *)rule_advice[0].p, rule_advice[0].n};
    return advice_parse(text, arena, ret, err);
}

static bool has_field(const struct advice *a, struct str field)
{
    for (size_t i = 0; i < a->n_fields; i++)
        if (str_ieq(a->fields[i], field))
            return true;
    return a->n_fields == 0 && field.n == 0;
}

static bool has_id(const struct advice *a, const struct reach_need *need)
{
    for (size_t i = 0; i < a->n_ids; i++)
        for (size_t k = 0; k < need->n_ids; k++)
            if (a->ids[i] == need->ids[k])
                return true;
    return a->n_ids == 0;
}

const struct advice *advice_for(const struct advices *all, const struct reach_need *need)
{
    for (size_t i = 0; i < all->n; i++) {
        const struct advice *a = &all->p[i];
        if (a->kind == need->kind && (a->channel.n == 0 || str_eq(a->channel, need->channel)) &&
            has_id(a, need) && has_field(a, need->field))
            return a;
    }
    return NULL;
}
