/* lint.c - files in, problems out in order; the engine's refusals among them. */
#include "rule/lint.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/limits.h"
#include "rule/documents.h"
#include "rule/lint_int.h"
#include "rule/rules.h"

enum { ID_BUCKETS = 8192, PROBLEMS_MAX = 200000 };

struct seen_id {
    struct str id;
    struct str path;
    struct yaml_mark at;
    struct seen_id *next;
};

struct lint {
    struct arena *arena;
    struct ruleset *rules;
    struct lint_problem *problems;
    size_t n, cap;
    struct lint_totals totals;
    struct seen_id **ids;
    struct placeholders placeholders;
};

struct lint *lint_new(void)
{
    struct arena *arena = arena_new();
    struct lint *lint = ARENA_NEW(arena, struct lint);
    lint->arena = arena;
    lint->rules = ruleset_new();
    lint->placeholders.arena = arena;
    lint->ids = ARENA_ARRAY(arena, struct seen_id *, ID_BUCKETS);
    return lint;
}

void lint_free(struct lint *lint)
{
    if (!lint)
        return;
    ruleset_free(lint->rules);
    arena_free(lint->arena);
}

const char *lint_severity_name(enum lint_severity severity)
{
    static const char *const names[] = {"error", "warning", "note"};
    return names[severity];
}

struct lint_totals lint_count(const struct lint *lint)
{
    return lint->totals;
}

/* ---- telling ---- */

static void keep(struct lint *lint, const struct lint_problem *p)
{
    size_t *count = p->severity == LINT_ERROR     ? &lint->totals.errors
                    : p->severity == LINT_WARNING ? &lint->totals.warnings
                                                  : &lint->totals.notes;
    ++*count;
    if (lint->n == PROBLEMS_MAX)
        return; /* the totals go on */
    lint->problems =
        arena_grow(lint->arena, lint->problems, lint->n, &lint->cap, sizeof *lint->problems);
    lint->problems[lint->n++] = *p;
}

void lint_tell(struct lint_file *f, enum lint_severity severity, struct yaml_mark at,
               const char *check, const char *fmt, ...)
{
    char text[400];
    va_list ap;
    va_start(ap, fmt);
    int n = vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    size_t length = n < 0 ? 0 : (size_t)n < sizeof text ? (size_t)n : sizeof text - 1;
    keep(f->lint, &(struct lint_problem){
                      .severity = severity,
                      .path = f->path,
                      .at = at,
                      .check = check,
                      .text = arena_str(f->lint->arena, (struct str){text, length}),
                  });
}

struct str lint_short(struct str text)
{
    return str_part(text, 0, 60);
}

/* ---- ids ---- */

bool lint_is_uuid(struct str text)
{
    static const char form[] = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";
    if (text.n != sizeof form - 1)
        return false;
    for (size_t i = 0; i < text.n; i++) {
        char c = ascii_lower(text.p[i]);
        bool hex = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
        if (form[i] == '-' ? c != '-' : !hex)
            return false;
    }
    return true;
}

static size_t bucket_of(struct str id)
{
    uint64_t h = UINT64_C(0xcbf29ce484222325);
    for (size_t i = 0; i < id.n; i++)
        h = (h ^ (unsigned char)ascii_lower(id.p[i])) * UINT64_C(0x100000001b3);
    return (h ^ h >> 29) % ID_BUCKETS;
}

void lint_id(struct lint_file *f, const struct yaml *id)
{
    struct lint *lint = f->lint;
    struct yaml_mark at = yaml_mark_of(id, false, 0);
    struct seen_id **place = &lint->ids[bucket_of(id->text)];
    while (*place && !str_ieq((*place)->id, id->text))
        place = &(*place)->next;
    if (*place) {
        lint_tell(f, LINT_WARNING, at, "duplicate-id", "the id is that of %.*s:%u too",
                  STR_ARG((*place)->path), (*place)->at.line);
        return;
    }
    struct seen_id *seen = ARENA_NEW(lint->arena, struct seen_id);
    *seen = (struct seen_id){arena_str(lint->arena, id->text), f->path, at, NULL};
    *place = seen;
}

/* ---- documents ---- */

static bool has_word(struct str text, const char *word)
{
    size_t n = strlen(word);
    for (size_t at = 0; (at = str_ifind(text, str_of(word), at)) != SIZE_MAX; at += n) {
        bool starts = at == 0 || memchr(" (\t\n", text.p[at - 1], 4);
        bool ends = at + n == text.n || memchr(" (\t\n", text.p[at + n], 4);
        if (starts && ends)
            return true;
    }
    return false;
}

/* The specification's own example has no 'not', and means it. */
static void look_at_filter(struct lint_file *f, const struct yaml *filter)
{
    const struct yaml *condition = yaml_get(filter, "condition");
    if (condition && condition->text.n && !has_word(condition->text, "not"))
        lint_tell(f, LINT_WARNING, yaml_mark_of(condition, false, 0), "filter-keeps",
                  "the filter's condition has no 'not': its rules then find only what it "
                  "selects");
}

static void look_at(struct lint_file *f, const struct yaml *document)
{
    const struct yaml *detection = yaml_get(document, "detection");
    f->logsource = yaml_get(document, "logsource");
    lint_head(f, document);
    look_at_filter(f, yaml_get(document, "filter"));
    if (detection)
        lint_detection(f, detection);
}

/* Files of other kinds lie beside rules (SigmaHQ's info.yml): they are no error. */
static bool take_documents(struct lint_file *f, const struct yaml *documents)
{
    bool any = false;
    for (const struct yaml *d = documents; d; d = d->next)
        f->collection = f->collection || yaml_get(d, "action");
    for (const struct yaml *d = documents; d; d = d->next) {
        if (d->type == YAML_NULL)
            continue;
        if (!document_means_rule(d)) {
            f->lint->totals.others++;
            continue;
        }
        any = true;
        f->lint->totals.rules++;
        if (d->type == YAML_MAP)
            look_at(f, d);
    }
    return any;
}

void lint_add(struct lint *lint, struct str path, struct str text)
{
    struct err ignored = {0}; /* the engine tells it too */
    struct yaml_mark at = {0};
    struct yaml *documents = NULL;
    struct arena *arena = arena_new();
    struct names names = {.arena = arena};
    struct compiler compiler = {
        .arena = arena, .names = &names, .placeholders = lint->placeholders};
    struct lint_file f = {.lint = lint,
                          .arena = arena,
                          .path = arena_str(lint->arena, path),
                          .compiler = &compiler};
    lint->totals.files++;
    bool bad =
        text.n > LIMIT_RULE_FILE || yaml_parse_at(text, arena, &documents, &at, &ignored) != 0;
    if (bad || take_documents(&f, documents))
        ruleset_add(lint->rules, f.path, STR(""), text);
    for (struct regex_list *r = compiler.regexes; r; r = r->next)
        regex_free(r->regex);
    arena_free(arena);
}

void lint_placeholder(struct lint *lint, struct str name, const struct str *values, size_t n)
{
    placeholders_add(&lint->placeholders, name, values, n);
    ruleset_placeholder(lint->rules, name, values, n);
}

void lint_unread(struct lint *lint, struct str path, struct str why)
{
    lint->totals.files++;
    keep(lint, &(struct lint_problem){.severity = LINT_ERROR,
                                      .path = arena_str(lint->arena, path),
                                      .check = "unreadable",
                                      .text = arena_str(lint->arena, why)});
}

void lint_other(struct lint *lint, size_t n_rules)
{
    lint->totals.files++;
    lint->totals.rules += n_rules;
}

void lint_problem(struct lint *lint, const struct lint_problem *problem)
{
    struct lint_problem p = *problem;
    p.path = arena_str(lint->arena, p.path);
    p.text = arena_str(lint->arena, p.text);
    keep(lint, &p);
}

/* ---- the end ---- */

static int by_number(uint64_t a, uint64_t b)
{
    return a < b ? -1 : a > b;
}

static int by_place(const void *x, const void *y)
{
    const struct lint_problem *a = x;
    const struct lint_problem *b = y;
    int order = str_cmp(a->path, b->path);
    order = order ? order : by_number(a->at.line, b->at.line);
    order = order ? order : by_number(a->at.column, b->at.column);
    order = order ? order : by_number(a->severity, b->severity);
    return order ? order : str_cmp(a->text, b->text);
}

static void sort(struct lint *lint)
{
    if (lint->n)
        qsort(lint->problems, lint->n, sizeof *lint->problems, by_place);
}

/* Whether the linter's own look found an error there. The problems are sorted by place. */
static bool is_told(const struct lint *lint, size_t n, const struct refusal *r)
{
    size_t from = 0;
    size_t to = n;
    struct lint_problem wanted = {.path = r->path, .at = r->at, .text = STR("")};
    while (from < to) {
        size_t middle = from + (to - from) / 2;
        if (by_place(&lint->problems[middle], &wanted) < 0)
            from = middle + 1;
        else
            to = middle;
    }
    for (; from < n && str_eq(lint->problems[from].path, r->path) &&
           lint->problems[from].at.line == r->at.line &&
           lint->problems[from].at.column == r->at.column;
         from++)
        if (lint->problems[from].severity == LINT_ERROR ||
            str_eq(str_of(lint->problems[from].check), STR("not-evaluated")))
            return true;
    return false;
}

static void take_refusals(struct lint *lint)
{
    const struct refusal *refused;
    size_t own = lint->n;
    size_t n = ruleset_refusals(lint->rules, &refused);
    for (size_t i = 0; i < n; i++) {
        bool ours = refused[i].code == ERR_UNSUPPORTED || refused[i].code == ERR_NOT_FOUND;
        if (!is_told(lint, own, &refused[i]))
            keep(lint, &(struct lint_problem){.severity = ours ? LINT_WARNING : LINT_ERROR,
                                              .path = refused[i].path,
                                              .at = refused[i].at,
                                              .check = ours ? "not-evaluated" : "refused",
                                              .text = refused[i].reason});
    }
    n = ruleset_notices(lint->rules, &refused);
    for (size_t i = 0; i < n; i++)
        keep(lint, &(struct lint_problem){.severity = LINT_WARNING,
                                          .path = refused[i].path,
                                          .at = refused[i].at,
                                          .check = "without-effect",
                                          .text = refused[i].reason});
}

static void note_unfed(struct lint *lint)
{
    for (size_t i = 0; i < ruleset_count(lint->rules); i++) {
        const struct rule *r = ruleset_get(lint->rules, i);
        const struct yaml *logsource = yaml_get(r->document, "logsource");
        if (!ruleset_reaches(lint->rules, i))
            keep(lint, &(struct lint_problem){
                           .severity = LINT_NOTE,
                           .path = r->path,
                           .at = logsource ? logsource->key_at : (struct yaml_mark){0},
                           .check = "no-evidence",
                           .text = STR("no evidence that is read can feed this log source")});
    }
}

size_t lint_finish(struct lint *lint, const struct lint_problem **ret)
{
    ruleset_freeze(lint->rules);
    sort(lint);
    take_refusals(lint);
    note_unfed(lint);
    sort(lint);
    *ret = lint->problems;
    return lint->n;
}
