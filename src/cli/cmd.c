#include "cli/cmd.h"

#include <stdio.h>
#include <string.h>

#include "base/num.h"

static size_t count_opts(const struct opt *opts)
{
    size_t n = 0;
    while (opts && opts[n].name)
        n++;
    return n;
}

static const struct opt *find_long(const struct cmd *cmd, const char *text, size_t n)
{
    for (const struct opt *o = cmd->opts; o && o->name; o++)
        if (strlen(o->name) == n && memcmp(o->name, text, n) == 0)
            return o;
    return NULL;
}

static const struct opt *find_letter(const struct cmd *cmd, char letter)
{
    for (const struct opt *o = cmd->opts; o && o->name; o++)
        if (o->letter && o->letter == letter)
            return o;
    return NULL;
}

static void take_value(const struct cmd *cmd, const struct opt *o, const char *value,
                       struct args *args)
{
    size_t i = (size_t)(o - cmd->opts);
    if (o->kind == OPT_TEXTS)
        args->texts[i][args->n_texts[i]++] = value;
    else
        args->text[i] = value;
}

/* One option at argv[*at]; moves *at over its value. */
static int take_option(const struct cmd *cmd, int argc, char **argv, int *at, struct args *args,
                       struct err *err)
{
    const char *word = argv[*at];
    bool is_long = word[1] == '-';
    const char *equals = is_long ? strchr(word, '=') : NULL;
    size_t n = equals ? (size_t)(equals - word) - 2 : strlen(word + (is_long ? 2 : 0));
    const struct opt *o = is_long ? find_long(cmd, word + 2, n) : find_letter(cmd, word[1]);
    const char *attached = is_long ? (equals ? equals + 1 : NULL) : (word[2] ? word + 2 : NULL);
    if (!o)
        return err_set(err, ERR_INVALID, "unknown option %s; `assay %s --help` lists them",
                       word, cmd->name);
    if (o->kind == OPT_FLAG) {
        if (attached)
            return err_set(err, ERR_INVALID, "option --%s takes no value", o->name);
        args->flag[o - cmd->opts] = true;
        return 0;
    }
    if (!attached && *at + 1 >= argc)
        return err_set(err, ERR_INVALID, "option --%s needs a value: %s", o->name, o->value);
    take_value(cmd, o, attached ? attached : argv[++*at], args);
    return 0;
}

int args_parse(const struct cmd *cmd, int argc, char **argv, struct arena *arena,
               struct args *ret, struct err *err)
{
    struct args args = {.arena = arena};
    size_t room = (size_t)(argc > 0 ? argc : 0) + 1;
    args.operands = ARENA_ARRAY(arena, const char *, room);
    for (size_t i = 0; i < OPTS_MAX; i++)
        args.texts[i] = ARENA_ARRAY(arena, const char *, room);
    bool only_operands = false;
    for (int i = 0; i < argc; i++) {
        bool option = !only_operands && argv[i][0] == '-' && argv[i][1];
        if (option && strcmp(argv[i], "--") == 0)
            only_operands = true;
        else if (!option)
            args.operands[args.n_operands++] = argv[i];
        else if (take_option(cmd, argc, argv, &i, &args, err) < 0)
            return -1;
    }
    if (args.n_operands < cmd->least || args.n_operands > cmd->most)
        return err_set(err, ERR_INVALID, "usage: assay %s%s%s; `assay %s --help` tells more",
                       cmd->name, cmd->operands[0] ? " " : "", cmd->operands, cmd->name);
    *ret = args;
    return 0;
}

int cmd_format(const char *text, enum cmd_format last, enum cmd_format *ret, struct err *err)
{
    static const char *const names[] = {"text", "json", "csv", "jsonl"};
    static const char *const wanted[] = {"text", "text or json", "text, json or csv",
                                         "text, json, csv or jsonl"};
    for (enum cmd_format i = AS_TEXT; text && i <= last; i++) {
        if (strcmp(text, names[i]) == 0) {
            *ret = i;
            return 0;
        }
    }
    if (!text)
        return 0;
    return err_set(err, ERR_INVALID, "--format %s: want %s", text, wanted[last]);
}

int cmd_jobs(const char *text, size_t *ret, struct err *err)
{
    uint64_t jobs = 0;
    if (!text)
        return 0;
    if (!num_u64(str_of(text), &jobs) || jobs < 1 || jobs > 256)
        return err_set(err, ERR_INVALID, "--jobs %s: want a number from 1 to 256", text);
    *ret = (size_t)jobs;
    return 0;
}

int cmd_time(const char *option, const char *text, instant *ret, struct err *err)
{
    if (text && !instant_parse(str_of(text), ret))
        return err_set(err, ERR_INVALID,
                       "--%s %s: want a time such as 2021-03-02 or 2021-03-02T18:00:00Z",
                       option, text);
    return 0;
}

/* Prints words, broken at blanks and newlines where they no longer fit.
 *
 * at      the column where it starts
 * margin  that of further lines
 */
static void print_wrapped(const char *text, size_t at, size_t margin)
{
    enum { WIDTH = 80 };
    bool line_start = true;
    for (;;) {
        text += strspn(text, " \n");
        size_t n = strcspn(text, " \n");
        if (n == 0)
            break;
        if (!line_start && at + 1 + n > WIDTH) {
            (void)printf("\n%*s", (int)margin, "");
            at = margin;
            line_start = true;
        }
        (void)printf("%s%.*s", line_start ? "" : " ", (int)n, text);
        at += n + !line_start;
        line_start = false;
        text += n;
    }
    (void)putchar('\n');
}

void cmd_help(const struct cmd *cmd)
{
    enum { HELP_AT = 26 };
    (void)printf("assay %s - %s\n\nusage: assay %s%s%s%s\n", cmd->name, cmd->summary, cmd->name,
                 count_opts(cmd->opts) ? " [options]" : "", cmd->operands[0] ? " " : "",
                 cmd->operands);
    if (cmd->detail) {
        (void)putchar('\n');
        print_wrapped(cmd->detail, 0, 0);
    }
    if (count_opts(cmd->opts))
        (void)printf("\noptions:\n");
    for (const struct opt *o = cmd->opts; o && o->name; o++) {
        char left[64];
        int n = snprintf(left, sizeof left, "--%s%s%s", o->name, o->value ? " " : "",
                         o->value ? o->value : "");
        if (o->letter)
            (void)printf("  -%c, ", o->letter);
        else
            (void)printf("      ");
        (void)printf("%-20s", left);
        if (n > 19)
            (void)printf("\n%*s", HELP_AT, "");
        print_wrapped(o->help, HELP_AT, HELP_AT);
    }
    for (size_t i = 0; cmd->parts && cmd->parts[i]; i++)
        (void)printf("%s  assay %-16s  %s\n", i ? "" : "\n", cmd->parts[i]->name,
                     cmd->parts[i]->summary);
}
