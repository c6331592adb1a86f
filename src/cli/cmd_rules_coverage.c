/* cmd_rules_coverage.c - which rules could fire on the evidence given, and what would help. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/json.h"
#include "base/safe.h"
#include "cli/cmd_rules.h"
#include "cli/inventory.h"
#include "cli/ruleopts.h"
#include "cli/run.h"
#include "cli/sweeping.h"
#include "report/wrap.h"
#include "rule/advice.h"

enum { O_FORMAT, O_NO_PACKS, O_TOP, O_JOBS, O_RULES };
enum { LEVELS = LEVEL_CRITICAL + 1, TOP = 10 };

static const struct opt OPTS[] = {
    [O_FORMAT] = {'f', "format", "F", "text (default), json or csv", OPT_TEXT},
    [O_NO_PACKS] = {0, "no-packs", NULL, "leave out the rules of packs", OPT_FLAG},
    [O_TOP] = {0, "all", NULL, "text: all that would help, not only the first ten", OPT_FLAG},
    [O_JOBS] = {'j', "jobs", "N", "worker processes (default: one per processor)", OPT_TEXT},
    RULEOPT_ROWS(O_RULES),
    {0},
};

struct help { /* what would help some rules */
    struct reach_need need;
    const struct advice *advice; /* NULL: none is known */
    size_t levels[LEVELS];       /* rules that could fire then */
    size_t enables;
    size_t completes; /* rules that could fire already, but not on all they ask for */
};

struct technique {
    struct str id;
    size_t rules, could_fire;
};

struct judged {
    uint32_t rule;
    struct reach reach;
};

struct judging {
    struct arena *arena;
    const struct ruleset *rules;
    struct inventory inventory;
    struct advices advices;
    size_t hosts;
    struct judged *judged; /* rules but the parts of others */
    size_t n_judged;
    size_t states[REACH_STATES][LEVELS];
    struct help *help;
    size_t n_help, cap_help;
    struct technique *techniques; /* by id */
    size_t n_techniques, cap_techniques;
};

/* ---- judging ---- */

static bool same_need(const struct reach_need *a, const struct reach_need *b)
{
    return a->kind == b->kind && str_eq(a->channel, b->channel) && str_eq(a->field, b->field) &&
           a->n_ids == b->n_ids && memcmp(a->ids, b->ids, a->n_ids * sizeof *a->ids) == 0;
}

static struct help *help_of(struct judging *c, const struct reach_need *need)
{
    for (size_t i = 0; i < c->n_help; i++)
        if (same_need(&c->help[i].need, need))
            return &c->help[i];
    c->help = arena_grow(c->arena, c->help, c->n_help, &c->cap_help, sizeof *c->help);
    c->help[c->n_help] = (struct help){.need = *need, .advice = advice_for(&c->advices, need)};
    return &c->help[c->n_help++];
}

static struct technique *technique_of(struct judging *c, struct str id)
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
static void count_techniques(struct judging *c, const struct rule *rule, bool could_fire)
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

static void judge_rule(struct judging *c, struct reacher *r, uint32_t i)
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

static void judge(struct judging *c)
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

static size_t sum(const size_t *levels)
{
    size_t n = 0;
    for (size_t i = 0; i < LEVELS; i++)
        n += levels[i];
    return n;
}

/* ---- words ---- */

/* As Windows writes it, where that is known: it is folded for comparing. */
static struct str channel_name(const struct judging *c, const struct reach_need *n)
{
    for (size_t i = 0; i < c->advices.n; i++)
        if (c->advices.p[i].channel.n && str_eq(c->advices.p[i].channel, n->channel))
            return c->advices.p[i].name;
    for (size_t i = 0; i < c->inventory.n; i++)
        if (str_ieq(c->inventory.classes[i].channel, n->channel))
            return c->inventory.classes[i].channel;
    return n->channel;
}

static struct str need_text(const struct judging *c, const struct reach_need *n)
{
    struct arena *arena = c->arena;
    struct str text = n->kind == EVENT_WINDOWS
                          ? (n->channel.n ? channel_name(c, n) : STR("a Windows event log"))
                          : str_of(event_kind_source(n->kind));
    for (size_t i = 0; i < n->n_ids; i++)
        text = arena_printf(arena, "%.*s%s%" PRIu32, STR_ARG(text), i ? ", " : " EventID ",
                            n->ids[i]);
    if (n->field.n)
        text = arena_printf(arena, "%.*s: field %.*s", STR_ARG(text), STR_ARG(n->field));
    return text;
}

static const char *const state_words[REACH_STATES] = {
    [REACH_UNREADABLE] = "no evidence that is read can feed them",
    [REACH_NO_SOURCE] = "source absent: their log is not in the evidence",
    [REACH_NO_EVENT] = ("event not seen: their log is there, their events are not (they "
                        "did not happen, or are not logged)"),
    [REACH_NO_FIELD] = "field not logged: their events are there, without fields they need",
    [REACH_PARTLY] = "could fire, but some of what they ask for is not logged",
    [REACH_FULL] = "could fire",
};

/* ---- for people ---- */

/* The classes of one log of a host stand together: what they have in all. *i moves behind. */
static struct reach_class next_log(const struct judging *c, size_t *i, size_t *ret_ids)
{
    struct reach_class all = c->inventory.classes[(*i)++];
    for (*ret_ids = 1; *i < c->inventory.n; (*i)++, (*ret_ids)++) {
        const struct reach_class *k = &c->inventory.classes[*i];
        if (k->kind != all.kind || !str_eq(k->host, all.host) ||
            !str_eq(k->channel, all.channel))
            break;
        all.records += k->records;
        if (k->first != INSTANT_NONE && (all.first == INSTANT_NONE || k->first < all.first))
            all.first = k->first;
        all.last = k->last > all.last ? k->last : all.last;
    }
    return all;
}

static void put_log(const struct judging *c, const struct reach_class *log, size_t ids,
                    struct buf *out)
{
    bool windows = log->kind == EVENT_WINDOWS;
    char a[INSTANT_TEXT];
    char b[INSTANT_TEXT];
    struct str from = str_part(instant_text_plain(log->first, a), 0, 10);
    struct str to = str_part(instant_text_plain(log->last, b), 0, 10);
    struct str name = windows ? log->channel : str_of(event_kind_source(log->kind));
    struct str text =
        arena_printf(c->arena, "%.*s%s%.*s: %" PRIu64 " %s%s", STR_ARG(log->host),
                     log->host.n ? ": " : "", STR_ARG(name), log->records,
                     log->kind == EVENT_FILE ? "file" : "record", log->records == 1 ? "" : "s");
    if (windows)
        text = arena_printf(c->arena, "%.*s, %zu EventID%s", STR_ARG(text), ids,
                            ids == 1 ? "" : "s");
    if (from.n)
        text = arena_printf(c->arena, "%.*s, %.*s to %.*s", STR_ARG(text), STR_ARG(from),
                            STR_ARG(to));
    wrap_text(out, "  ", 4, text);
}

static void put_evidence(const struct judging *c, struct buf *out)
{
    struct sweep_totals t = sweeping_totals(&c->inventory.swept);
    buf_addf(out, "EVIDENCE  %" PRIu64 " records in %zu of %zu files, %zu host%s\n", t.events,
             t.files, t.all_files, c->hosts, c->hosts == 1 ? "" : "s");
    for (size_t i = 0; i < c->inventory.n;) {
        size_t ids = 0;
        struct reach_class log = next_log(c, &i, &ids);
        put_log(c, &log, ids, out);
    }
    if (c->inventory.lost)
        buf_addf(out, "  %" PRIu64 " records of too many kinds were not looked at\n",
                 c->inventory.lost);
}

static void put_states(const struct judging *c, struct buf *out)
{
    buf_addf(out, "\nRULES  %zu\n", c->n_judged);
    buf_addf(out, "%9s%9s%8s%8s%8s\n", "", "critical", "high", "medium", "lower");
    for (int s = REACH_FULL; s >= 0; s--) {
        const size_t *levels = c->states[s];
        if (sum(levels) == 0)
            continue;
        char first[80];
        (void)snprintf(first, sizeof first, "%7zu  %9zu%8zu%8zu%8zu  ", sum(levels),
                       levels[LEVEL_CRITICAL], levels[LEVEL_HIGH], levels[LEVEL_MEDIUM],
                       levels[LEVEL_LOW] + levels[LEVEL_INFORMATIONAL]);
        wrap_text(out, first, 44, str_of(state_words[s]));
    }
    size_t some = 0;
    for (size_t i = 0; i < c->n_judged; i++) {
        const size_t *h = c->judged[i].reach.hosts;
        size_t could = h[REACH_PARTLY] + h[REACH_FULL];
        some += could && could < c->hosts;
    }
    if (some)
        wrap_text(out, "", 2,
                  arena_printf(c->arena,
                               "%zu of those that could fire could do so on some of the %zu "
                               "hosts only; --format json and csv tell how many.",
                               some, c->hosts));
}

static void put_help(const struct judging *c, bool all, struct buf *out)
{
    if (c->n_help)
        buf_addf(out, "\nWHAT WOULD HELP, most rules first\n");
    for (size_t i = 0; i < c->n_help && (all || i < TOP); i++) {
        const struct help *h = &c->help[i];
        char first[32];
        (void)snprintf(first, sizeof first, "%7zu  ", h->enables);
        struct str text = need_text(c, &h->need);
        if (h->levels[LEVEL_CRITICAL] + h->levels[LEVEL_HIGH])
            text = arena_printf(c->arena, "%.*s (critical %zu, high %zu)", STR_ARG(text),
                                h->levels[LEVEL_CRITICAL], h->levels[LEVEL_HIGH]);
        if (h->completes)
            text = arena_printf(c->arena, "%.*s; %zu more rules would see more", STR_ARG(text),
                                h->completes);
        wrap_text(out, first, 9, text);
        if (!h->advice)
            continue;
        wrap_text(out, "           ", 13, h->advice->say);
        if (h->advice->how.n)
            wrap_text(out, "           ", 13, h->advice->how);
        wrap_text(out, "           ", 13, h->advice->source);
    }
    if (!all && c->n_help > TOP)
        buf_addf(out, "         and %zu more (--all)\n", c->n_help - TOP);
}

static void put_techniques(const struct judging *c, struct buf *out)
{
    size_t could = 0;
    for (size_t i = 0; i < c->n_techniques; i++)
        could += c->techniques[i].could_fire > 0;
    if (c->n_techniques)
        buf_addf(out,
                 "\nATT&CK  %zu techniques are tagged; for %zu of them a rule could fire\n",
                 c->n_techniques, could);
}

static void put_text(const struct judging *c, bool all, struct buf *out)
{
    const struct refusal *refused;
    size_t n = ruleset_refusals(c->rules, &refused);
    put_evidence(c, out);
    put_states(c, out);
    if (n)
        buf_addf(out, "%zu rules were refused; `assay rules list` says why\n", n);
    put_help(c, all, out);
    put_techniques(c, out);
    wrap_text(out, "\n", 0,
              STR("\"Could fire\" says that such records are in the evidence, with the fields "
                  "that a rule asks for; not that they cover all of the time, and nothing of "
                  "what happened."));
}

/* ---- for programs ---- */

static void json_texts(struct json_out *j, const char *key, const struct str *list, size_t n)
{
    json_key(j, key);
    json_begin(j, '[');
    for (size_t i = 0; i < n; i++)
        json_str(j, list[i]);
    json_end(j, ']');
}

static void json_field(struct json_out *j, const char *key, struct str text)
{
    json_key(j, key);
    json_str(j, text);
}

static void json_number(struct json_out *j, const char *key, uint64_t n)
{
    json_key(j, key);
    json_u64(j, n);
}

static void json_need(struct json_out *j, const struct judging *c, const struct reach_need *n)
{
    json_field(j, "source", str_of(event_kind_source(n->kind)));
    json_field(j, "channel", channel_name(c, n));
    json_key(j, "event_ids");
    json_begin(j, '[');
    for (size_t i = 0; i < n->n_ids; i++)
        json_u64(j, n->ids[i]);
    json_end(j, ']');
    json_field(j, "field", n->field);
}

static void json_class(struct json_out *j, const struct reach_class *k)
{
    json_begin(j, '{');
    json_field(j, "host", k->host);
    json_field(j, "source", str_of(event_kind_source(k->kind)));
    json_field(j, "channel", k->channel);
    json_number(j, "event_id", k->event_id);
    json_number(j, "records", k->records);
    json_key(j, "first");
    json_time(j, k->first);
    json_key(j, "last");
    json_time(j, k->last);
    json_key(j, "fields");
    json_begin(j, '[');
    for (size_t i = 0; i < k->n_fields; i++) {
        json_begin(j, '{');
        json_field(j, "name", k->fields[i].name);
        json_number(j, "records", k->fields[i].records);
        json_number(j, "filled", k->fields[i].filled);
        json_end(j, '}');
    }
    json_end(j, ']');
    json_end(j, '}');
}

static void json_rule(struct json_out *j, const struct judging *c, const struct judged *d)
{
    const struct rule *r = ruleset_get(c->rules, d->rule);
    json_begin(j, '{');
    json_field(j, "id", r->id);
    json_field(j, "title", r->title);
    json_field(j, "level", str_of(level_name(r->level)));
    json_field(j, "pack", r->pack);
    json_field(j, "path", r->path);
    json_field(j, "state", str_of(reach_state_name(d->reach.state)));
    json_key(j, "hosts");
    json_begin(j, '{');
    for (int s = 0; s < REACH_STATES; s++)
        if (d->reach.hosts[s])
            json_number(j, reach_state_name((enum reach_state)s), d->reach.hosts[s]);
    json_end(j, '}');
    json_texts(j, "missing_fields", d->reach.fields, d->reach.n_fields);
    json_texts(j, "missing_in_filters", d->reach.filters, d->reach.n_filters);
    json_key(j, "needs");
    json_begin(j, '[');
    for (size_t i = 0; i < d->reach.n_needs; i++) {
        json_begin(j, '{');
        json_need(j, c, &d->reach.needs[i]);
        json_end(j, '}');
    }
    json_end(j, ']');
    json_end(j, '}');
}

static void json_help(struct json_out *j, const struct judging *c, const struct help *h)
{
    json_begin(j, '{');
    json_need(j, c, &h->need);
    json_number(j, "enables", h->enables);
    json_number(j, "completes", h->completes);
    json_key(j, "levels");
    json_begin(j, '{');
    for (int l = LEVEL_CRITICAL; l >= 0; l--)
        json_number(j, level_name((enum level)l), h->levels[l]);
    json_end(j, '}');
    if (h->advice) {
        json_field(j, "advice", h->advice->say);
        json_field(j, "how", h->advice->how);
        json_field(j, "described_in", h->advice->source);
    }
    json_end(j, '}');
}

static void json_states(struct json_out *j, const struct judging *c)
{
    json_key(j, "states");
    json_begin(j, '{');
    for (int s = REACH_FULL; s >= 0; s--) {
        json_key(j, reach_state_name((enum reach_state)s));
        json_begin(j, '{');
        json_number(j, "rules", sum(c->states[s]));
        for (int l = LEVEL_CRITICAL; l >= 0; l--)
            json_number(j, level_name((enum level)l), c->states[s][l]);
        json_end(j, '}');
    }
    json_end(j, '}');
}

static void put_json(const struct judging *c, struct buf *out)
{
    struct json_out j = json_out(out);
    json_begin(&j, '{');
    json_field(&j, "schema", STR("assay.coverage/1"));
    json_number(&j, "hosts", c->hosts);
    json_states(&j, c);
    json_key(&j, "help");
    json_begin(&j, '[');
    for (size_t i = 0; i < c->n_help; i++)
        json_help(&j, c, &c->help[i]);
    json_end(&j, ']');
    json_key(&j, "techniques");
    json_begin(&j, '[');
    for (size_t i = 0; i < c->n_techniques; i++) {
        json_begin(&j, '{');
        json_field(&j, "id", c->techniques[i].id);
        json_number(&j, "rules", c->techniques[i].rules);
        json_number(&j, "could_fire", c->techniques[i].could_fire);
        json_end(&j, '}');
    }
    json_end(&j, ']');
    json_key(&j, "rules");
    json_begin(&j, '[');
    for (size_t i = 0; i < c->n_judged; i++)
        json_rule(&j, c, &c->judged[i]);
    json_end(&j, ']');
    json_key(&j, "sources");
    json_begin(&j, '[');
    for (size_t i = 0; i < c->inventory.n; i++)
        json_class(&j, &c->inventory.classes[i]);
    json_end(&j, ']');
    json_number(&j, "records_not_looked_at", c->inventory.lost);
    json_key(&j, "gaps");
    sweeping_json_gaps(&c->inventory.swept, &j);
    json_end(&j, '}');
    buf_add_char(out, '\n');
}

static void put_cell(struct buf *out, struct str text, bool last)
{
    safe_csv(out, text);
    buf_add_cstr(out, last ? "\r\n" : ",");
}

static struct str joined(const struct str *list, size_t n, struct arena *arena)
{
    struct str text = STR("");
    for (size_t i = 0; i < n; i++)
        text =
            arena_printf(arena, "%.*s%s%.*s", STR_ARG(text), i ? "; " : "", STR_ARG(list[i]));
    return text;
}

static void put_csv(const struct judging *c, struct buf *out)
{
    buf_add_cstr(out, "state,level,id,title,file,hosts,hosts_could_fire,missing_fields,"
                      "missing_in_filters,needs\r\n");
    for (size_t i = 0; i < c->n_judged; i++) {
        const struct reach *d = &c->judged[i].reach;
        const struct rule *r = ruleset_get(c->rules, c->judged[i].rule);
        struct str *needs = ARENA_ARRAY(c->arena, struct str, d->n_needs);
        for (size_t k = 0; k < d->n_needs; k++)
            needs[k] = need_text(c, &d->needs[k]);
        put_cell(out, str_of(reach_state_name(d->state)), false);
        put_cell(out, str_of(level_name(r->level)), false);
        put_cell(out, r->id, false);
        put_cell(out, r->title, false);
        put_cell(out, r->path, false);
        buf_addf(out, "%zu,%zu,", c->hosts, d->hosts[REACH_PARTLY] + d->hosts[REACH_FULL]);
        put_cell(out, joined(d->fields, d->n_fields, c->arena), false);
        put_cell(out, joined(d->filters, d->n_filters, c->arena), false);
        put_cell(out, joined(needs, d->n_needs, c->arena), true);
    }
}

static int print(const struct judging *c, enum cmd_format format, bool all, struct err *err)
{
    struct buf out = buf_new(SIZE_MAX / 4);
    if (format == AS_JSON)
        put_json(c, &out);
    else if (format == AS_CSV)
        put_csv(c, &out);
    else
        put_text(c, all, &out);
    int failed = run_print(buf_str(&out), err);
    buf_free(&out);
    if (failed == 0)
        sweeping_tell_gaps(&c->inventory.swept);
    return failed;
}

static int coverage(const struct args *args, struct err *err)
{
    struct judging c = {.arena = args->arena};
    struct setup_options options = {.no_packs = args->flag[O_NO_PACKS]};
    struct setup setup = {0};
    enum cmd_format format = AS_TEXT;
    size_t jobs = 0;
    if (cmd_format(args->text[O_FORMAT], AS_CSV, &format, err) < 0 ||
        cmd_jobs(args->text[O_JOBS], &jobs, err) < 0 ||
        ruleopts_read(args, O_RULES, &options, err) < 0 ||
        advice_load(args->arena, &c.advices, err) < 0 ||
        setup_load(&options, args->arena, &setup, err) < 0)
        return EXIT_ERROR;
    c.rules = setup.rules;
    int failed =
        inventory_make(args->operands, args->n_operands, jobs, args->arena, &c.inventory, err);
    if (failed == 0) {
        judge(&c);
        failed = print(&c, format, args->flag[O_TOP], err);
    }
    setup_close(&setup);
    return failed ? EXIT_ERROR : EXIT_OK;
}

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
    .least = 1,
    .most = ARGS_MAX,
    .run = coverage,
};
