/* pipeline.c - see pipeline.h: pipelines over one document, and what their steps share. */
#include <stdarg.h>
#include <stdio.h>

#include "base/embed.h"
#include "rule/pipeline_int.h"

extern const struct embedded rule_pipelines[]; /* made by the build from rules/pipelines */

/* ---- the run ---- */

int pl_fail(struct pl_run *run, const char *fmt, ...)
{
    char what[sizeof run->err->msg];
    va_list args;
    if (run->failed)
        return -1; /* the first reason is the one */
    run->failed = true;
    va_start(args, fmt);
    (void)vsnprintf(what, sizeof what, fmt, args);
    va_end(args);
    return err_set(run->err, ERR_INVALID, "pipeline: %.220s", what);
}

bool pl_spend(struct pl_run *run, size_t work)
{
    if (run->failed)
        return false;
    if (work > run->work) {
        run->failed = true;
        (void)err_set(run->err, ERR_LIMIT, "pipeline: the rule grows beyond every bound");
        return false;
    }
    run->work -= work;
    return true;
}

struct buf pl_buf(const struct pl_run *run)
{
    return buf_new(run->work);
}

struct str pl_keep(struct pl_run *run, struct buf *b)
{
    struct str text = {0};
    if (b->full)
        (void)pl_spend(run, SIZE_MAX);
    else if (pl_spend(run, b->n))
        text = arena_str(run->arena, buf_str(b));
    buf_free(b);
    return text;
}

struct str pl_join(struct pl_run *run, struct str a, struct str b)
{
    struct buf out = pl_buf(run);
    buf_add_str(&out, a);
    buf_add_str(&out, b);
    return pl_keep(run, &out);
}

/* ---- lists ---- */

bool pl_ids_have(const struct pl_ids *ids, struct str id)
{
    for (; ids; ids = ids->next) {
        if (str_eq(ids->id, id))
            return true;
    }
    return false;
}

const struct pl_ids *pl_ids_add(struct pl_run *run, const struct pl_ids *ids, struct str id)
{
    if (id.n == 0 || pl_ids_have(ids, id) || !pl_spend(run, PL_COST_PART))
        return ids;
    struct pl_ids *added = ARENA_NEW(run->arena, struct pl_ids);
    *added = (struct pl_ids){id, ids};
    return added;
}

void pl_mark(struct pl_run *run, struct pl_part *part, struct str id)
{
    if (part->kind == PL_ITEM)
        part->applied = pl_ids_add(run, part->applied, id);
    for (struct pl_part *p = part->child; p; p = p->next)
        pl_mark(run, p, id);
}

bool pl_name_has(const struct pl_name *list, struct str text)
{
    for (; list; list = list->next) {
        if (str_eq(list->text, text))
            return true;
    }
    return false;
}

void pl_name_add(struct pl_run *run, struct pl_name **list, struct str text)
{
    if (!pl_spend(run, PL_COST_PART))
        return;
    while (*list)
        list = &(*list)->next;
    *list = ARENA_NEW(run->arena, struct pl_name);
    (*list)->text = text;
}

const struct yaml *pl_first(const struct yaml *values)
{
    return values->type == YAML_LIST ? values->child : values;
}

const struct yaml *pl_after(const struct yaml *values, const struct yaml *at)
{
    return values->type == YAML_LIST ? at->next : NULL;
}

/* ---- applying ---- */

/* The pipelines by priority; equal ones stay in the order given. */
static struct pipeline *const *sorted(struct pipeline *const *pipelines, size_t n,
                                      struct arena *arena)
{
    struct pipeline **list = ARENA_ARRAY(arena, struct pipeline *, n);
    for (size_t i = 0; i < n; i++) {
        size_t at = i;
        for (; at > 0 && list[at - 1]->priority > pipelines[i]->priority; at--)
            list[at] = list[at - 1];
        list[at] = pipelines[i];
    }
    return list;
}

int pipeline_apply(struct pipeline *const *pipelines, size_t n, const struct yaml *document,
                   struct arena *arena, const struct yaml **ret, struct err *err)
{
    struct pl_rule rule = {0};
    struct pl_run run = {.arena = arena,
                         .pipelines = sorted(pipelines, n, arena),
                         .n = n,
                         .rule = &rule,
                         .work = PL_WORK_MAX,
                         .err = err};
    if (pl_take_apart(&run, document, &rule) != 0)
        return -1;
    for (size_t i = 0; i < n; i++) {
        run.pipeline = run.pipelines[i];
        if (pl_apply_steps(&run, run.pipeline->steps, run.pipeline->n) != 0)
            return -1;
    }
    return pl_put_together(&run, ret);
}

bool pipeline_builtin(struct str name, struct str *ret)
{
    for (const struct embedded *e = rule_pipelines; e->path; e++) {
        struct str path = str_of(e->path);
        if (str_eq(str_part(path, 0, str_find(path, STR("."), 0)), name)) {
            *ret = (struct str){(const char *)e->p, e->n};
            return true;
        }
    }
    return false;
}
