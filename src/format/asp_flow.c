#include "format/asp_flow.h"

static void run(struct asp_flow *w, size_t from, size_t to)
{
    w->at = from;
    w->end = to;
    w->n_scopes = w->n_with = 0;
    while (w->at < w->end && w->steps < FLOW_STEPS)
        flow_statement(w);
}

/* Script that is a constant text: what it does, the page does. */
struct asp_value flow_run_text(struct asp_flow *w, struct str text, enum asp_lang lang)
{
    struct asp_value value = ASP_NOTHING;
    if (w->evals >= FLOW_EVALS || w->evals_done >= FLOW_EVAL_TOTAL ||
        text.n > FLOW_EVAL_BYTES || text.n < 4)
        return value;
    struct asp_flow outer = *w;
    size_t from = w->code->n_tokens;
    asp_lex(w->code, text, lang);
    w->evals++;
    w->evals_done++;
    flow_match(w, from);
    flow_find_blocks(w, from);
    uint32_t before = w->f->can;
    w->at = from;
    w->end = w->code->n_tokens;
    value = flow_expression(w, 0);
    size_t functions = w->n_functions;
    flow_find_functions(w, from);
    run(w, from, w->code->n_tokens);
    if (w->n_functions > functions) /* what is called above may stand below */
        run(w, from, w->code->n_tokens);
    for (size_t i = functions; i < w->n_functions; i++)
        w->functions[i].at = SIZE_MAX; /* they can be called, but stand nowhere any more */
    w->f->script_in_text |= w->f->can != before || w->f->best[ASP_EVAL].sure == ASP_CERTAIN;
    w->evals--;
    w->code->n_tokens = from;
    w->n_match = outer.n_match;
    w->at = outer.at;
    w->end = outer.end;
    memcpy(w->scope, outer.scope, sizeof w->scope);
    memcpy(w->scope_end, outer.scope_end, sizeof w->scope_end);
    w->n_scopes = outer.n_scopes;
    w->n_with = outer.n_with;
    w->has_last = false;
    value.var = -1;
    return value;
}

static void add_control(struct asp_flow *w, const struct asp_control *c, uint32_t name)
{
    int32_t var = flow_variable(w, name, FLOW_GLOBAL);
    struct asp_value *v = &w->vars[var].value;
    v->key = c->id;
    v->object = c->kind == ASP_CONTROL_TEXT   ? K_CONTROL
                : c->kind == ASP_CONTROL_FILE ? K_POSTED
                                              : (uint16_t)asp_object_of_id(c->object);
    v->flags = c->kind == ASP_CONTROL_FILE ? V_UPLOAD : 0;
}

static void add_controls(struct asp_flow *w, const struct asp_page *page)
{
    for (size_t i = 0; i < page->n_controls; i++) {
        const struct asp_control *c = &page->controls[i];
        add_control(w, c, asp_name(w->code, c->id));
        add_control(w, c, asp_name_in(w->code, c->id, ASP_CSHARP));
    }
}

void asp_follow(struct asp_code *code, const struct asp_page *page, struct asp_findings *f)
{
    struct asp_flow *w = ARENA_NEW(code->arena, struct asp_flow);
    w->code = code;
    w->f = f;
    w->budget.arena = code->arena;
    w->subject = ASP_NOTHING;
    size_t n = code->n_tokens;
    flow_match(w, 0);
    flow_find_blocks(w, 0);
    flow_find_functions(w, 0);
    add_controls(w, page);
    for (int pass = 0; pass < FLOW_PASSES || (w->deep && pass < FLOW_DEEP_PASSES); pass++) {
        w->changed = w->deep = 0;
        for (size_t i = 0; i < w->n_vars; i++)
            w->vars[i].set = false;
        run(w, 0, n);
        if (w->changed == 0 || w->steps >= FLOW_STEPS)
            break;
    }
    code->cut |= w->steps >= FLOW_STEPS;
    for (size_t i = 0; i < w->n_vars; i++)
        f->kept |= (w->vars[i].value.flags & V_UNSET) &&
                   str_starts(code->names[w->vars[i].name].text, STR("session:"));
}
