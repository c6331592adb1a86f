#include "cli/cmd.h"

#include <stdio.h>
#include <string.h>

#include "base/num.h"
#include "rule/nearest.h"

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

static int unknown_option(const struct cmd *cmd, const char *word, bool is_long, size_t n,
                          struct err *err)
{
    struct nearest near = nearest_to((struct str){word + 2, is_long ? n : 0});
    for (const struct opt *o = cmd->opts; is_long && o && o->name; o++)
        nearest_try(&near, str_of(o->name));
    if (is_long)
        nearest_try(&near, STR("help"));
    (void)err_set(err, ERR_INVALID, "unknown option %s; `assay %s --help` lists them", word,
                  cmd->name);
    return near.best.n ? err_behind(err, " (did you mean --%.*s?)", STR_ARG(near.best)) : -1;
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
        return unknown_option(cmd, word, is_long, n, err);
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

int cmd_wants_part(const struct args *args, struct err *err)
{
    (void)args;
    (void)err_set(err, ERR_INVALID, "which part of it? `--help` lists them");
    return EXIT_ERROR;
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
