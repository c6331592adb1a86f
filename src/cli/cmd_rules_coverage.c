/* cmd_rules_coverage.c - which rules could fire on the evidence given, and what would help. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "cli/cmd_rules.h"
#include "cli/password.h"
#include "cli/reached.h"
#include "cli/ruleopts.h"
#include "cli/run.h"
#include "cli/sweeping.h"

enum {
    O_FORMAT,
    O_NO_PACKS,
    O_ALL,
    O_JOBS,
    O_JAIL,
    O_PASSWORD,
    O_PASSWORD_FILE,
    O_LONGWORK,
    O_RULES = O_LONGWORK + LONGWORKS,
};

static const struct opt OPTS[] = {
    [O_FORMAT] = {'f', "format", "text|json|csv", "how it is printed (default text)", OPT_TEXT},
    [O_NO_PACKS] = {0, "no-packs", NULL, "leave out the rules of packs", OPT_FLAG},
    [O_ALL] = {0, "all", NULL, "text: the logs of each host, and all that would help",
               OPT_FLAG},
    [O_JOBS] = {'j', "jobs", "N", "worker processes (default: one per processor)", OPT_TEXT},
    [O_JAIL] =
        {0, "require-jail", NULL,
         "do not read where this system cannot confine the\nprocesses that read evidence",
         OPT_FLAG},
    PASSWORD_ROWS(O_PASSWORD),
    LONGWORK_ROWS(O_LONGWORK),
    RULEOPT_ROWS(O_RULES),
    {0},
};

/* ---- judging ---- */

static bool same_need(const struct reach_need *a, const struct reach_need *b)
{
    return a->kind == b->kind && str_eq(a->channel, b->channel) && str_eq(a->field, b->field) &&
           a->n_ids == b->n_ids && memcmp(a->ids, b->ids, a->n_ids * sizeof *a->ids) == 0;
}

static struct help *help_of(struct reached *c, const struct reach_need *need)
{
    for (size_t i = 0; i < c->n_help; i++)
        if (same_need(&c->help[i].need, need))
            return &c->help[i];
    c->help = arena_grow(c->arena, c->help, c->n_help, &c->cap_help, sizeof *c->help);
    c->help[c->n_help] = (struct help){.need = *need, .advice = advice_for(&c->advices, need)};
    return &c->help[c->n_help++];
}

static struct technique *technique_of(struct reached *c, struct str id)
{
    for (size_t i = 0; i < c->n_techniques; i++)
        if (str_ieq(c->techniques[i].id, id))
            return &c->techniques[i];
    c->techniques = arena_grow(c->arena, c->techniques, c->n_techniques, &c->cap_techniques,
                               sizeof *c->techniques);
    c->techniques[c->n_techniques] = (struct technique){.id = id};
    return &c->techniques[c->n_techniques++];
}

/* "attack.t1059.001" */
static void count_techniques(struct reached *c, const struct rule *rule, bool could_fire)
{
    const struct yaml *tags = yaml_get(rule->document, "tags");
    const struct yaml *y = tags && tags->type == YAML_LIST ? tags->child : NULL;
    for (; y; y = y->next) {
        bool technique = str_istarts(y->text, STR("attack.t")) && y->text.n > 8 &&
                         y->text.p[8] >= '0' && y->text.p[8] <= '9';
        if (!technique)
            continue;
        struct technique *t = technique_of(c, str_part(y->text, 7, y->text.n));
        t->rules++;
        t->could_fire += could_fire;
    }
}

static int by_help(const void *x, const void *y)
{
    const struct help *a = x;
    const struct help *b = y;
    if (a->enables != b->enables)
        return a->enables > b->enables ? -1 : 1;
    if (a->completes != b->completes)
        return a->completes > b->completes ? -1 : 1;
    int d = str_cmp(a->need.channel, b->need.channel);
    if (d == 0)
        d = (a->need.ids[0] > b->need.ids[0]) - (a->need.ids[0] < b->need.ids[0]);
    return d ? d : str_cmp(a->need.field, b->need.field);
}

static int by_id(const void *x, const void *y)
{
    const struct technique *a = x;
    const struct technique *b = y;
    return str_cmp(a->id, b->id);
}

static void judge_rule(struct reached *c, struct reacher *r, uint32_t i)
{
    const struct rule *rule = ruleset_get(c->rules, i);
    struct judged *j = &c->judged[c->n_judged++];
    j->rule = i;
    reach_rule(r, i, &j->reach);
    c->states[j->reach.state][rule->level]++;
    count_techniques(c, rule, j->reach.state >= REACH_PARTLY);
    for (size_t k = 0; k < j->reach.n_needs; k++) {
        struct help *h = help_of(c, &j->reach.needs[k]);
        bool enables = j->reach.state < REACH_PARTLY;
        h->enables += enables;
        h->completes += !enables;
        h->levels[rule->level] += enables;
    }
}

static void judge(struct reached *c)
{
    struct reacher *r = reacher_new(c->rules, c->inventory.classes, c->inventory.n);
    size_t n = ruleset_count(c->rules);
    c->hosts = reacher_hosts(r);
    c->judged = ARENA_ARRAY(c->arena, struct judged, n);
    for (uint32_t i = 0; i < n; i++)
        if (!ruleset_get(c->rules, i)->made)
            judge_rule(c, r, i);
    for (size_t i = 0; i < c->n_judged; i++) { /* texts of needs die with the reacher */
        struct reach *to = &c->judged[i].reach;
        for (size_t k = 0; k < to->n_needs; k++)
            to->needs[k].channel = arena_str(c->arena, to->needs[k].channel);
    }
    for (size_t i = 0; i < c->n_help; i++)
        c->help[i].need.channel = arena_str(c->arena, c->help[i].need.channel);
    reacher_free(r);
    if (c->n_help)
        qsort(c->help, c->n_help, sizeof *c->help, by_help);
    if (c->n_techniques)
        qsort(c->techniques, c->n_techniques, sizeof *c->techniques, by_id);
}

size_t reached_sum(const size_t levels[REACHED_LEVELS])
{
    size_t n = 0;
    for (size_t i = 0; i < REACHED_LEVELS; i++)
        n += levels[i];
    return n;
}

/* ---- words ---- */

struct str reached_channel(const struct reached *c, const struct reach_need *n)
{
    for (size_t i = 0; i < c->advices.n; i++)
        if (c->advices.p[i].channel.n && str_eq(c->advices.p[i].channel, n->channel))
            return c->advices.p[i].name;
    for (size_t i = 0; i < c->inventory.n; i++)
        if (str_ieq(c->inventory.classes[i].channel, n->channel))
            return c->inventory.classes[i].channel;
    return n->channel;
}

struct str reached_need(const struct reached *c, const struct reach_need *n)
{
    struct arena *arena = c->arena;
    struct str text = n->kind == EVENT_WINDOWS
                          ? (n->channel.n ? reached_channel(c, n) : STR("a Windows event log"))
                          : str_of(event_kind_source(n->kind));
    for (size_t i = 0; i < n->n_ids; i++)
        text = arena_printf(arena, "%.*s%s%" PRIu32, STR_ARG(text), i ? ", " : " EventID ",
                            n->ids[i]);
    if (n->field.n)
        text = arena_printf(arena, "%.*s: field %.*s", STR_ARG(text), STR_ARG(n->field));
    return text;
}

static int print(const struct reached *c, enum cmd_format format, bool all, struct err *err)
{
    struct buf out = buf_new(SIZE_MAX / 4);
    if (format == AS_JSON)
        reached_json(c, &out);
    else if (format == AS_CSV)
        reached_csv(c, &out);
    else
        reached_text(c, all, &out);
    int failed = run_print(buf_str(&out), err);
    buf_free(&out);
    if (failed == 0)
        sweeping_tell_gaps(&c->inventory.swept);
    return failed;
}

static int coverage(const struct args *args, struct err *err)
{
    struct reached c = {.arena = args->arena};
    struct setup_options options = {.no_packs = args->flag[O_NO_PACKS], .no_yara = true};
    struct setup setup = {0};
    enum cmd_format format = AS_TEXT;
    struct longwork work = {0};
    struct sweep_options what = {.paths = args->operands, .n_paths = args->n_operands};
    if (cmd_format(args->text[O_FORMAT], AS_CSV, &format, err) < 0 ||
        cmd_jobs(args->text[O_JOBS], &what.jobs, err) < 0 ||
        longwork_read(args, O_LONGWORK, &work, err) < 0 ||
        password_read(args->text[O_PASSWORD], args->text[O_PASSWORD_FILE], args->arena,
                      &what.password, err) < 0 ||
        (args->flag[O_JAIL] && run_require_jail(err) < 0) ||
        ruleopts_read(args, O_RULES, &options, err) < 0 ||
        advice_load(args->arena, &c.advices, err) < 0 ||
        setup_load(&options, args->arena, &setup, err) < 0)
        return EXIT_ERROR;
    c.rules = setup.rules;
    int failed = inventory_make(&what, &work, args->arena, &c.inventory, err);
    if (failed == 0) {
        judge(&c);
        failed = print(&c, format, args->flag[O_ALL], err);
    }
    setup_close(&setup);
    return failed ? EXIT_ERROR : EXIT_OK;
}

static const struct opt_group GROUPS[] = {LONGWORK_GROUP, RULEOPT_GROUP, {0}};

static const struct example EXAMPLES[] = {
    {"assay rules coverage FOLDER --rules sigma.zip",
     "which rules could fire on this evidence, and what logging would help"},
    {0},
};

const struct cmd CMD_RULES_COVERAGE = {
    .name = "rules coverage",
    .summary = "which rules could fire on evidence, and what to log",
    .operands = "PATH...",
    .detail =
        "Looks at which events, EventIDs and fields the evidence has, and judges each rule of\n"
        "the packs and of --rules by it: could fire; could fire on some of what it asks for;\n"
        "field not logged; event not seen; source absent. Says what would help the most "
        "rules,\n"
        "and how it is switched on. docs/coverage.md tells more. Exit status: 0; 2 a mistake\n"
        "in the call.",
    .opts = OPTS,
    .groups = GROUPS,
    .examples = EXAMPLES,
    .least = 1,
    .most = ARGS_MAX,
    .run = coverage,
};
