/* rules.c - rule sets, from documents to compiled rules: see rules.h. */
#include "rule/rules.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/embed.h"
#include "rule/correlation_int.h"
#include "rule/rules_int.h"

extern const struct embedded rule_maps[];

/* ---- levels ---- */

static const char *const level_names[] = {"informational", "low", "medium", "high", "critical"};

const char *level_name(enum level level)
{
    return level_names[level];
}

bool level_parse(struct str text, enum level *ret)
{
    for (int i = LEVEL_INFORMATIONAL; i <= LEVEL_CRITICAL; i++) {
        if (str_ieq(str_of(level_names[i]), text)) {
            *ret = (enum level)i;
            return true;
        }
    }
    return false;
}

/* ---- filling ---- */

static void load_maps(struct ruleset *set)
{
    for (const struct embedded *file = rule_maps; file->path; file++) {
        struct err err = {0};
        struct str text = {(const char *)file->p, file->n};
        if (logsource_add(&set->map, &set->compiler, text, &err) != 0) {
            (void)fprintf(stderr, "built-in mapping %s: %s\n", file->path, err.msg);
            abort();
        }
    }
}

struct ruleset *ruleset_new(void)
{
    struct arena *arena = arena_new();
    struct ruleset *set = ARENA_NEW(arena, struct ruleset);
    set->arena = arena;
    set->names.arena = arena;
    set->compiler = (struct compiler){
        .arena = arena, .names = &set->names, .placeholders = {.arena = arena}};
    set->map.arena = arena;
    set->documents.arena = arena;
    load_maps(set);
    return set;
}

void ruleset_free(struct ruleset *set)
{
    if (!set)
        return;
    for (struct regex_list *r = set->compiler.regexes; r; r = r->next)
        regex_free(r->regex);
    for (size_t i = 0; i < set->n_pipelines; i++)
        pipeline_free(set->pipelines[i]);
    arena_free(set->arena);
}

static void tell(struct ruleset *set, struct refusal_list *list, struct str path, struct str id,
                 struct yaml_mark at, enum err_code code, struct str why)
{
    list->p = arena_grow(set->arena, list->p, list->n, &list->cap, sizeof *list->p);
    list->p[list->n++] = (struct refusal){
        .path = path, .id = id, .at = at, .code = code, .reason = arena_str(set->arena, why)};
}

static struct yaml_mark stopped_at(const struct ruleset *set)
{
    const struct compile_place *at = &set->compiler.at;
    return yaml_mark_of(at->node, at->key, at->offset);
}

/* A document is refused where the compiler stopped; at least where the document is. */
void ruleset_refuse_document(struct ruleset *set, const struct document *document,
                             const struct err *why)
{
    struct yaml_mark mark = stopped_at(set);
    if (mark.line == 0)
        mark = yaml_mark_of(document->yaml, false, 0);
    tell(set, &set->refusals, document->path, yaml_text(document->yaml, "id"), mark, why->code,
         str_of(why->msg));
}

void ruleset_notice(struct ruleset *set, const struct document *document, const struct yaml *at,
                    struct str text)
{
    tell(set, &set->notices, document->path, yaml_text(document->yaml, "id"),
         yaml_mark_of(at ? at : document->yaml, false, 0), ERR_NONE, text);
}

void ruleset_add(struct ruleset *set, struct str path, struct str pack, struct str text)
{
    assert(!set->frozen);
    struct err err = {0};
    path = arena_str(set->arena, path);
    pack = arena_str(set->arena, pack);
    struct yaml_mark at = {0};
    if (documents_add(&set->documents, path, pack, text, &at, &err) != 0)
        tell(set, &set->refusals, path, STR(""), at, err.code, str_of(err.msg));
}

void ruleset_placeholder(struct ruleset *set, struct str name, const struct str *values,
                         size_t n)
{
    assert(!set->frozen);
    placeholders_add(&set->compiler.placeholders, name, values, n);
}

void ruleset_add_document(struct ruleset *set, struct str path, const struct yaml *document)
{
    assert(!set->frozen);
    documents_add_yaml(&set->documents, arena_str(set->arena, path), document);
}

void ruleset_refuse(struct ruleset *set, struct str path, struct str reason)
{
    assert(!set->frozen);
    tell(set, &set->refusals, arena_str(set->arena, path), STR(""), (struct yaml_mark){0},
         ERR_IO, reason);
}

void ruleset_refuse_line(struct ruleset *set, struct str path, unsigned line, struct str reason)
{
    assert(!set->frozen);
    tell(set, &set->refusals, arena_str(set->arena, path), STR(""),
         (struct yaml_mark){.line = line, .column = line ? 1 : 0}, ERR_INVALID, reason);
}

void ruleset_choose(struct ruleset *set, const struct choice *choice)
{
    assert(!set->frozen);
    set->choice = choice;
}

int ruleset_pipeline(struct ruleset *set, struct str path, struct str text, struct err *err)
{
    assert(!set->frozen);
    struct pipeline *p = NULL;
    const struct str *lines = NULL;
    if (pipeline_parse(arena_str(set->arena, text), set->arena, &p, err) != 0)
        return err_at(err, "%.*s", (int)(path.n > 100 ? 100 : path.n), path.p);
    set->pipelines = arena_grow(set->arena, set->pipelines, set->n_pipelines,
                                &set->cap_pipelines, sizeof(struct pipeline *));
    set->pipelines[set->n_pipelines++] = p;
    path = arena_str(set->arena, path);
    for (size_t i = 0, n = pipeline_notices(p, &lines); i < n; i++)
        tell(set, &set->notices, path, STR(""), (struct yaml_mark){0}, ERR_NONE, lines[i]);
    return 0;
}

/* ---- compiling: when all is known that bears on the rules ---- */

/* A document (a rule, or a rule with the detection of a filter) as it is compiled. What
 * rewrites rules, in field names, values or log source, stands here. */
static int prepare(struct ruleset *set, struct str pack, const struct yaml *document,
                   const struct yaml **ret, struct err *err)
{
    *ret = document;
    if (document_check(document, err) != 0)
        return -1;
    if (pack.n || set->n_pipelines == 0)
        return 0;
    if (pipeline_apply(set->pipelines, set->n_pipelines, document, set->arena, ret, err) != 0)
        return -1;
    return document_check(*ret, err);
}

int ruleset_read_level(struct ruleset *set, const struct yaml *document, enum level *ret,
                       struct err *err)
{
    struct str text = yaml_text(document, "level");
    *ret = LEVEL_MEDIUM;
    set->compiler.at = (struct compile_place){.node = yaml_get(document, "level")};
    if (text.n && !level_parse(text, ret))
        return err_set(err, ERR_INVALID, "unknown level '%.*s'",
                       (int)(text.n > 60 ? 60 : text.n), text.p);
    return 0;
}

void ruleset_append(struct ruleset *set, const struct rule *rule,
                    const struct compiled *compiled)
{
    size_t cap = set->cap;
    set->rules = arena_grow(set->arena, set->rules, set->n, &cap, sizeof *set->rules);
    set->compiled =
        arena_grow(set->arena, set->compiled, set->n, &set->cap, sizeof *set->compiled);
    set->rules[set->n] = *rule;
    set->compiled[set->n++] = *compiled;
}

static int add_filter(struct ruleset *set, const struct filter *filter,
                      const struct document *document, const struct node **node,
                      struct err *err)
{
    const struct yaml *yaml = NULL;
    const struct node *both[2] = {*node, NULL};
    if (prepare(set, document->pack, filter_on(filter, document->yaml, set->arena), &yaml,
                err) != 0 ||
        sigma_detection(&set->compiler, yaml_get(yaml, "detection"), &both[1], err) != 0)
        return err_at(err, "filter %.*s, line %u", STR_ARG(filter->document->path),
                      stopped_at(set).line);
    *node = sigma_node(&set->compiler, NODE_AND, both, 2);
    return 0;
}

/* A filter from outside must not take from a pack what the verdict rests on. */
static bool filter_reaches(struct filter *filter, const struct document *rule)
{
    bool meant = filter_applies(filter, rule->yaml);
    if (rule->pack.n == 0 || str_eq(filter->document->pack, rule->pack))
        return meant;
    filter->meets_pack = filter->meets_pack || (meant && !filter->any);
    return false;
}

int ruleset_compile(struct ruleset *set, const struct document *document, struct err *err)
{
    const struct yaml *yaml = NULL;
    struct compiled compiled = {0};
    if (prepare(set, document->pack, document->yaml, &yaml, err) != 0)
        return -1;
    struct rule rule = {.id = yaml_text(yaml, "id"),
                        .name = yaml_text(yaml, "name"),
                        .title = yaml_text(yaml, "title"),
                        .path = document->path,
                        .status = yaml_text(yaml, "status"),
                        .pack = document->pack,
                        .document = yaml};
    if (ruleset_read_level(set, yaml, &rule.level, err) != 0 ||
        sigma_detection(&set->compiler, yaml_get(yaml, "detection"), &compiled.node, err) != 0)
        return -1;
    for (struct filter *f = set->filters; f; f = f->next) {
        if (!filter_reaches(f, document))
            continue;
        if (add_filter(set, f, document, &compiled.node, err) != 0) {
            set->compiler.at = (struct compile_place){.node = document->yaml};
            return -1;
        }
        rule.n_filters++;
    }
    compiled.n_feeds =
        logsource_find(&set->map, yaml_get(yaml, "logsource"), set->arena, &compiled.feeds);
    ruleset_append(set, &rule, &compiled);
    return 0;
}

/* The filters among the documents, in order; each is tried alone, so that a mistake in it is
 * told once and costs no rule. */
static void read_filters(struct ruleset *set)
{
    struct filter **tail = &set->filters;
    for (const struct document *d = set->documents.first; d; d = d->next) {
        struct err err = {0};
        const struct node *node = NULL;
        struct filter *filter = ARENA_NEW(set->arena, struct filter);
        if (!document_is_filter(d))
            continue;
        set->compiler.at = (struct compile_place){.node = d->yaml};
        if (filter_parse(d, set->arena, filter, &err) != 0 ||
            sigma_detection(&set->compiler, filter->detection, &node, &err) != 0) {
            ruleset_refuse_document(set, d, &err);
            continue;
        }
        *tail = filter;
        tail = &filter->next;
    }
}

static void note_filters(struct ruleset *set)
{
    for (const struct filter *f = set->filters; f; f = f->next) {
        const struct document *d = f->document;
        struct str id = yaml_text(d->yaml, "id");
        struct yaml_mark at = yaml_mark_of(d->yaml, false, 0);
        for (size_t i = 0; i < f->n_targets; i++) {
            if (!f->targets[i].known)
                tell(set, &set->notices, d->path, id, at, ERR_NONE,
                     arena_printf(set->arena, "filter: no rule has the id or name '%.*s'",
                                  STR_ARG(f->targets[i].name)));
        }
        if (f->meets_pack)
            tell(set, &set->notices, d->path, id, at, ERR_NONE,
                 STR("filter: the rules of packs cannot be filtered: the verdict rests on "
                     "them"));
        else if (f->used == 0)
            tell(set, &set->notices, d->path, id, at, ERR_NONE,
                 STR("filter: no rule that it is meant for has its log source"));
    }
}

/* A correlation's rules are needed with it, whoever chose what; they are then for it alone. */
static void take_rule(struct ruleset *set, struct document *d)
{
    struct err err = d->problem;
    set->compiler.at = (struct compile_place){.node = d->yaml};
    if (err.code != ERR_NONE || ruleset_compile(set, d, &err) != 0) {
        d->state = DOCUMENT_REFUSED;
        ruleset_refuse_document(set, d, &err);
        return;
    }
    d->state = DOCUMENT_USED;
    d->rule = (uint32_t)(set->n - 1);
}

static bool is_left_out(const struct ruleset *set, const struct document *d)
{
    return set->choice && d->pack.n == 0 && !choice_takes(set->choice, d->yaml);
}

static void take_document(struct ruleset *set, struct document *d)
{
    for (struct filter *f = set->filters; f; f = f->next)
        f->used += filter_reaches(f, d);
    if (!document_means_rule(d->yaml)) {
        set->n_others++;
        return;
    }
    bool correlates = document_is_correlation(d) || correlation_is_old(d->yaml);
    if (d->state == DOCUMENT_LEFT_OUT || (!document_is_correlation(d) && is_left_out(set, d))) {
        set->n_left_out++;
        d->state = DOCUMENT_LEFT_OUT;
        if (!d->needed)
            return;
        d->state = DOCUMENT_WAITING;
    }
    if (!correlates || d->problem.code != ERR_NONE)
        take_rule(set, d);
}

void ruleset_freeze(struct ruleset *set)
{
    assert(!set->frozen);
    set->frozen = true;
    read_filters(set);
    correlations_prepare(set);
    for (struct document *d = set->documents.first; d; d = d->next)
        if (!document_is_filter(d))
            take_document(set, d);
    correlations_link(set);
    note_filters(set);
}

const struct tapped *ruleset_tapped(const struct ruleset *set, size_t index)
{
    assert(index < set->n);
    return index < set->n_tapped && set->tapped[index].n_taps ? &set->tapped[index] : NULL;
}

size_t ruleset_given(const struct ruleset *set)
{
    size_t n = 0;
    for (size_t i = 0; i < set->n; i++)
        n += !set->rules[i].made && !set->rules[i].indicators;
    return n;
}

const char *rule_source(const struct rule *rule)
{
    return rule->pack.n ? "assay" : rule->indicators ? "ioc" : rule->yara ? "yara" : "sigma";
}

uint32_t ruleset_stand_for(struct ruleset *set, const struct rule *rule)
{
    assert(set->frozen);
    ruleset_append(set, rule, &(struct compiled){0});
    set->n_standing++;
    return (uint32_t)set->n - 1;
}

size_t ruleset_count(const struct ruleset *set)
{
    assert(set->frozen);
    return set->n;
}

const struct rule *ruleset_get(const struct ruleset *set, size_t index)
{
    assert(index < set->n);
    return &set->rules[index];
}

bool ruleset_reaches(const struct ruleset *set, size_t index)
{
    assert(index < set->n);
    const struct correlation *c = set->rules[index].correlation;
    if (!c)
        return set->compiled[index].n_feeds > 0 || set->rules[index].yara;
    bool all = c->type == CORRELATE_ORDERED || (c->type == CORRELATE_NEAR && !c->words);
    for (uint32_t i = 0; i < c->n_members; i++) /* of lower numbers: no endless recursion */
        if (ruleset_reaches(set, c->members[i].rule) != all)
            return !all;
    return all;
}

bool ruleset_sample(const struct ruleset *set, size_t index, struct event *ret)
{
    assert(index < set->n);
    if (set->compiled[index].n_feeds == 0)
        return false;
    const struct feed *feed = set->compiled[index].feeds[0];
    ret->kind = feed->kind;
    ret->channel = feed->n_channels ? feed->channels[0] : STR("");
    ret->event_id = feed->n_event_ids ? feed->event_ids[0] : 0;
    return true;
}

size_t ruleset_others(const struct ruleset *set)
{
    assert(set->frozen);
    return set->n_others;
}

size_t ruleset_left_out(const struct ruleset *set)
{
    assert(set->frozen);
    return set->n_left_out;
}

size_t ruleset_refusals(const struct ruleset *set, const struct refusal **ret)
{
    assert(set->frozen);
    *ret = set->refusals.p;
    return set->refusals.n;
}

size_t ruleset_notices(const struct ruleset *set, const struct refusal **ret)
{
    assert(set->frozen);
    *ret = set->notices.p;
    return set->notices.n;
}
