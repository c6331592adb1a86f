#include <stdio.h>
#include <string.h>

#include "base/safe.h"
#include "cli/cmd.h"
#include "cli/run.h"

enum { O_RULES };

static const struct opt OPTS[] = {
    [O_RULES] = {'r', "rules", "PATH", "add Sigma rules: a file or folder; may be repeated",
                 OPT_TEXTS},
    {0},
};

static void column(struct buf *out, struct str text)
{
    safe_terminal(out, text);
    buf_add_char(out, '\t');
}

static void list_rules(const struct ruleset *rules, struct buf *out)
{
    for (size_t i = 0; i < ruleset_count(rules); i++) {
        const struct rule *r = ruleset_get(rules, i);
        column(out, STR("loaded"));
        column(out, str_of(level_name(r->level)));
        column(out, r->id);
        column(out, r->title);
        safe_terminal(out, r->path);
        buf_add_char(out, '\n');
    }
    const struct refusal *refused;
    size_t n = ruleset_refusals(rules, &refused);
    for (size_t i = 0; i < n; i++) {
        column(out, STR("refused"));
        column(out, STR("-"));
        column(out, refused[i].id.n ? refused[i].id : STR("-"));
        column(out, refused[i].reason);
        safe_terminal(out, refused[i].path);
        if (refused[i].at.line)
            buf_addf(out, ":%u:%u", refused[i].at.line, refused[i].at.column);
        buf_add_char(out, '\n');
    }
}

static int rules(const struct args *args, struct err *err)
{
    if (strcmp(args->operands[0], "list") != 0) {
        (void)err_set(err, ERR_INVALID, "rules %s: want `rules list`", args->operands[0]);
        return EXIT_ERROR;
    }
    struct setup_options options = {.rule_paths = args->texts[O_RULES],
                                    .n_rule_paths = args->n_texts[O_RULES]};
    struct setup setup = {0};
    if (setup_load(&options, args->arena, &setup, err) < 0)
        return EXIT_ERROR;
    struct buf out = buf_new(SIZE_MAX / 4);
    list_rules(setup.rules, &out);
    int failed = run_print(buf_str(&out), err);
    buf_free(&out);
    setup_close(&setup);
    return failed ? EXIT_ERROR : EXIT_OK;
}

const struct cmd CMD_RULES = {
    .name = "rules",
    .summary = "list the rules in use, and those refused with the reason",
    .operands = "list",
    .detail =
        "Columns, separated by tabs: loaded or refused, level, id, title or reason, file.",
    .opts = OPTS,
    .least = 1,
    .most = 1,
    .run = rules,
};
