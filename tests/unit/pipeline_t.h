/* pipeline_t.h - a rule through a pipeline, and the new document as one line of text. */
#pragma once

#include "base/buf.h"
#include "rule/pipeline.h"
#include "t.h"

static inline struct str cstr(const char *s)
{
    return (struct str){s, strlen(s)};
}

/* {key:value,...}  [value,...]  <any,of,these>  'text'  1  true  ~ */
static inline void show_yaml(const struct yaml *y, struct buf *out)
{
    static const char *const open[] = {[YAML_LIST] = "[", [YAML_MAP] = "{", [YAML_ANY] = "<"};
    static const char *const close[] = {[YAML_LIST] = "]", [YAML_MAP] = "}", [YAML_ANY] = ">"};
    if (y->type == YAML_NULL) {
        buf_add_char(out, '~');
    } else if (y->type < YAML_LIST) {
        buf_add_cstr(out, y->type == YAML_STRING ? "'" : "");
        buf_add_str(out, y->text);
        buf_add_cstr(out, y->type == YAML_STRING ? "'" : "");
    } else {
        buf_add_cstr(out, open[y->type]);
        for (const struct yaml *c = y->child; c; c = c->next) {
            if (y->type == YAML_MAP) {
                buf_add_str(out, c->key);
                buf_add_char(out, ':');
            }
            show_yaml(c, out);
            buf_add_cstr(out, c->next ? "," : "");
        }
        buf_add_cstr(out, close[y->type]);
    }
}

/* A rule through one pipeline. The parts of the new document that `parts` names (with blanks
 * between them), one behind the other; "!reason" where the rule or the pipeline is refused. */
static inline void run_text(const char *pipeline, const char *rule, const char *parts,
                            struct buf *out)
{
    struct arena *arena = arena_new();
    struct pipeline *p = NULL;
    struct yaml *document = NULL;
    const struct yaml *made = NULL;
    struct err err = {0};
    if (pipeline_parse(cstr(pipeline), arena, &p, &err) != 0 ||
        yaml_parse(cstr(rule), arena, &document, &err) != 0 ||
        pipeline_apply(&p, 1, document, arena, &made, &err) != 0) {
        buf_addf(out, "!%s", err.msg);
        T_OK(made == NULL);
    } else {
        while (*parts) {
            char name[32];
            size_t n = strcspn(parts, " ");
            (void)snprintf(name, sizeof name, "%.*s", (int)n, parts);
            const struct yaml *y = yaml_get(made, name);
            if (y)
                show_yaml(y, out);
            parts += n + (parts[n] == ' ');
        }
    }
    pipeline_free(p);
    arena_free(arena);
}

/* The detection {s: SELECTION, condition: s} of a rule about process_creation. */
static inline void run_steps(const char *steps, const char *selection, const char *parts,
                             struct buf *out)
{
    char pipeline[4096];
    char rule[2048];
    (void)snprintf(pipeline, sizeof pipeline,
                   "name: p\nvars: {one: a, two: [b, 'c*'], none: [], odd: [{x: y}], num: 5, "
                   "path: 'C:\\', net: 10.0.0.0/8}\n"
                   "transformations:\n%s\n",
                   steps);
    (void)snprintf(rule, sizeof rule,
                   "title: t\nid: 1234\nlevel: high\nstatus: test\ndate: 2024/05/06\n"
                   "author: me\ntags: [attack.t1, car.x]\nfields: [A, Z]\nstage: 3\n"
                   "logsource: {product: windows, category: process_creation}\n"
                   "detection: {s: %s, condition: s}\n",
                   selection);
    run_text(pipeline, rule, parts, out);
}

struct pipeline_case {
    const char *steps;     /* YAML, a list */
    const char *selection; /* YAML, flow style */
    const char *want;      /* the selection made; "!..." the reason for a refusal, in part */
};

static inline void check_case(const struct pipeline_case *t, const char *parts,
                              const char *before, const char *behind)
{
    struct buf out = buf_new(1 << 16);
    char want[2048];
    run_steps(t->steps, t->selection, parts, &out);
    buf_add_char(&out, '\0');
    (void)snprintf(want, sizeof want, "%s%s%s", before, t->want, behind);
    bool ok = t->want[0] == '!' ? out.p[0] == '!' && strstr(out.p, t->want + 1)
                                : strcmp(out.p, want) == 0;
    if (!ok) {
        printf("steps %s\n  on %s\n  got  %s\n  want %s\n", t->steps, t->selection, out.p,
               t->want[0] == '!' ? t->want : want);
        t_failed++;
    }
    buf_free(&out);
}

static inline void run_cases(const struct pipeline_case *cases, size_t n)
{
    for (size_t i = 0; i < n; i++)
        check_case(&cases[i], "detection", "{s:", ",condition:['s']}");
}

#define RUN_CASES(cases) run_cases((cases), sizeof(cases) / sizeof(cases)[0])
