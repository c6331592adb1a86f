/* cmd_rules_check.c - a linter for rules, in the manner of compilers. */
#include "base/json.h"
#include "base/safe.h"
#include "cli/cmd_rules.h"
#include "cli/rulefiles.h"
#include "cli/run.h"
#include "cli/setup.h"
#include "rule/lint.h"
#include "rule/yara.h"

enum { O_FORMAT, O_STRICT, O_NOTES, O_PLACEHOLDER };

static const struct opt OPTS[] = {
    [O_FORMAT] = {'f', "format", "text|json", "how it is printed (default text)", OPT_TEXT},
    [O_STRICT] = {'s', "strict", NULL, "warnings too make the exit status 1", OPT_FLAG},
    [O_NOTES] = {'n', "notes", NULL, "print notes too, not only their number", OPT_FLAG},
    [O_PLACEHOLDER] = {0, "placeholder", "NAME=FILE", "values of %NAME% in rules, one a line",
                       OPT_TEXTS},
    {0},
};

static const char *plural(size_t n)
{
    return n == 1 ? "" : "s";
}

static void put_text(const struct lint_problem *p, struct buf *out)
{
    safe_terminal(out, p->path);
    if (p->at.line)
        buf_addf(out, ":%u:%u", p->at.line, p->at.column);
    buf_addf(out, ": %s: ", lint_severity_name(p->severity));
    safe_terminal(out, p->text);
    buf_addf(out, " [%s]\n", p->check);
}

static void put_summary(const struct lint_totals *t, bool notes, struct buf *out)
{
    buf_addf(out, "%zu rule%s in %zu file%s: %zu error%s, %zu warning%s, %zu note%s%s\n",
             t->rules, plural(t->rules), t->files, plural(t->files), t->errors,
             plural(t->errors), t->warnings, plural(t->warnings), t->notes, plural(t->notes),
             t->notes && !notes ? " (--notes prints them)" : "");
    if (t->others)
        buf_addf(out, "%zu document%s that %s no rule%s left alone\n", t->others,
                 plural(t->others), t->others == 1 ? "is" : "are",
                 t->others == 1 ? " was" : "s were");
}

static void put_json(const struct lint_problem *problems, size_t n, const struct lint_totals *t,
                     struct buf *out)
{
    struct json_out j = json_out(out);
    const struct {
        const char *key;
        size_t value;
    } totals[] = {
        {"files", t->files},   {"rules", t->rules},       {"other_documents", t->others},
        {"errors", t->errors}, {"warnings", t->warnings}, {"notes", t->notes}};
    json_begin(&j, '{');
    json_key(&j, "problems");
    json_begin(&j, '[');
    for (size_t i = 0; i < n; i++) {
        const struct lint_problem *p = &problems[i];
        json_begin(&j, '{');
        json_key(&j, "path");
        json_str(&j, p->path);
        json_key(&j, "line");
        json_u64(&j, p->at.line);
        json_key(&j, "column");
        json_u64(&j, p->at.column);
        json_key(&j, "severity");
        json_cstr(&j, lint_severity_name(p->severity));
        json_key(&j, "check");
        json_cstr(&j, p->check);
        json_key(&j, "text");
        json_str(&j, p->text);
        json_end(&j, '}');
    }
    json_end(&j, ']');
    for (size_t i = 0; i < sizeof totals / sizeof *totals; i++) {
        json_key(&j, totals[i].key);
        json_u64(&j, totals[i].value);
    }
    json_end(&j, '}');
    buf_add_char(out, '\n');
}

static int add_placeholder(struct lint *lint, const char *option, struct arena *arena,
                           struct err *err)
{
    struct str name;
    struct str *values = NULL;
    size_t n = 0;
    if (setup_list(option, arena, &name, &values, &n, err) < 0)
        return -1;
    lint_placeholder(lint, name, values, n);
    return 0;
}

/* A file of YARA rules is compiled alone: files see nothing of each other. */
static void add_yara(struct lint *lint, const struct rule_file *f)
{
    struct yara_set *set = yara_set_new();
    const struct yara_problem *problems;
    struct err err = {0};
    int failed = 0;
    if (f->kind == RULES_YARA_COMPILED) {
        failed = yara_set_add_compiled(set, f->path, str_bytes(f->text), &err);
    } else {
        yara_set_add(set, f->path, STR(""), f->text);
        failed = yara_set_compile(set, &err);
    }
    if (failed)
        lint_unread(lint, f->path, str_of(err.msg));
    else
        lint_other(lint, yara_set_count(set));
    size_t n = yara_set_problems(set, &problems);
    for (size_t i = 0; i < n; i++)
        lint_problem(lint,
                     &(struct lint_problem){
                         .severity = problems[i].warning ? LINT_WARNING : LINT_ERROR,
                         .path = f->path,
                         .at = {.line = problems[i].line, .column = problems[i].line != 0},
                         .check = problems[i].warning ? "yara" : "refused",
                         .text = problems[i].text});
    yara_set_free(set);
}

static int add_path(struct lint *lint, const char *path, struct err *err)
{
    struct arena *arena = arena_new();
    struct rule_files files = {0};
    int failed = rule_files_add(path, arena, &files, err);
    for (size_t i = 0; failed == 0 && i < files.n; i++) {
        const struct rule_file *f = &files.list[i];
        if (f->problem.n)
            lint_unread(lint, f->path, f->problem);
        else if (f->kind != RULES_SIGMA)
            add_yara(lint, f);
        else
            lint_add(lint, f->path, f->text);
    }
    arena_free(arena);
    return failed;
}

static int print(const struct args *args, enum cmd_format format, struct lint *lint,
                 struct err *err)
{
    const struct lint_problem *problems;
    size_t n = lint_finish(lint, &problems);
    struct lint_totals totals = lint_count(lint);
    struct buf out = buf_new(SIZE_MAX / 4);
    if (format == AS_JSON) {
        put_json(problems, n, &totals, &out);
    } else {
        for (size_t i = 0; i < n; i++)
            if (problems[i].severity != LINT_NOTE || args->flag[O_NOTES])
                put_text(&problems[i], &out);
        put_summary(&totals, args->flag[O_NOTES], &out);
    }
    int failed = run_print(buf_str(&out), err);
    buf_free(&out);
    if (failed)
        return EXIT_ERROR;
    return totals.errors || (args->flag[O_STRICT] && totals.warnings) ? EXIT_SEEN : EXIT_OK;
}

static int check(const struct args *args, struct err *err)
{
    enum cmd_format format = AS_TEXT;
    int status = EXIT_OK;
    if (cmd_format(args->text[O_FORMAT], AS_JSON, &format, err) < 0)
        return EXIT_ERROR;
    struct lint *lint = lint_new();
    for (size_t i = 0; status == EXIT_OK && i < args->n_texts[O_PLACEHOLDER]; i++)
        if (add_placeholder(lint, args->texts[O_PLACEHOLDER][i], args->arena, err) < 0)
            status = EXIT_ERROR;
    for (size_t i = 0; status == EXIT_OK && i < args->n_operands; i++)
        status = add_path(lint, args->operands[i], err) < 0 ? EXIT_ERROR : EXIT_OK;
    if (status == EXIT_OK)
        status = print(args, format, lint, err);
    lint_free(lint);
    return status;
}

static const struct example EXAMPLES[] = {
    {"assay rules check my_rules --strict", "for a pipeline of checks: warnings fail too"},
    {0},
};

const struct cmd CMD_RULES_CHECK = {
    .name = "rules check",
    .summary = "what is wrong with rules, with file, line and column",
    .operands = "PATH...",
    .detail =
        "PATH is a rule file, a folder, a ZIP or an imported set. An error is what makes\n"
        "a rule refused; a warning is a slip that leaves it in use; a note is worth a\n"
        "look. Exit status: 1 errors (with --strict: or warnings); 0 none; 2 a mistake in\n"
        "the call.",
    .opts = OPTS,
    .examples = EXAMPLES,
    .least = 1,
    .most = ARGS_MAX,
    .run = check,
};
