#include "cli/cmd.h"

#include "base/buf.h"
#include "t.h"

enum { JSON, OUT, PACKS };

static const struct opt opts[] = {
    {'j', "json", NULL, "", OPT_FLAG},
    {'o', "output", "FILE", "", OPT_TEXT},
    {0, "packs", "DIR", "", OPT_TEXTS},
    {0, NULL, NULL, NULL, OPT_FLAG},
};
static const struct cmd scan = {
    .name = "scan", .operands = "PATH...", .opts = opts, .least = 1, .most = 3};
static const struct cmd bare = {.name = "version", .operands = "", .least = 0, .most = 0};

enum { WORDS = 8 };

struct line {
    const char *words[WORDS];
    const char *want; /* all that was understood; or "!" and a part of the message */
};

/* "json output=x packs=a,b: operand operand" */
static void show(const struct args *args, struct buf *out)
{
    if (args->flag[JSON])
        buf_add_cstr(out, "json ");
    if (args->text[OUT])
        buf_addf(out, "output=%s ", args->text[OUT]);
    for (size_t i = 0; i < args->n_texts[PACKS]; i++)
        buf_addf(out, "packs=%s ", args->texts[PACKS][i]);
    buf_add_char(out, ':');
    for (size_t i = 0; i < args->n_operands; i++)
        buf_addf(out, " %s", args->operands[i]);
}

static void check(const struct cmd *cmd, const struct line *lines, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        struct arena *a = arena_new();
        struct args args = {.n_operands = 99};
        struct err err = {0};
        char *argv[WORDS] = {0};
        int argc = 0;
        while (argc < WORDS && lines[i].words[argc]) {
            argv[argc] = (char *)(uintptr_t)lines[i].words[argc];
            argc++;
        }
        struct buf got = buf_new(4096);
        if (args_parse(cmd, argc, argv, a, &args, &err) == 0) {
            show(&args, &got);
        } else {
            T_EQ(err.code, ERR_INVALID);
            T_EQ(args.n_operands, 99);
            bool same = lines[i].want[0] == '!' && strstr(err.msg, lines[i].want + 1);
            buf_add_cstr(&got, same ? lines[i].want : err.msg);
        }
        t_str(buf_str(&got), str_of(lines[i].want), "understood", __FILE__, (int)i);
        buf_free(&got);
        arena_free(a);
    }
}

static void forms(void)
{
    static const struct line lines[] = {
        {{"a"}, ": a"},
        {{"a", "b", "c"}, ": a b c"},
        {{"--json", "a"}, "json : a"},
        {{"a", "-j"}, "json : a"},
        {{"--output", "x", "a"}, "output=x : a"},
        {{"--output=x", "a"}, "output=x : a"},
        {{"--output=", "a"}, "output= : a"},
        {{"--output=a=b", "a"}, "output=a=b : a"},
        {{"-o", "x", "a"}, "output=x : a"},
        {{"-ox", "a"}, "output=x : a"},
        {{"-o=x", "a"}, "output==x : a"},
        {{"-o", "-", "a"}, "output=- : a"},
        {{"-o", "--", "a"}, "output=-- : a"},
        {{"-o", "x", "-o", "y", "a"}, "output=y : a"},
        {{"--packs", "x", "--packs=y", "a"}, "packs=x packs=y : a"},
        {{"-"}, ": -"},
        {{"--", "-j", "--"}, ": -j --"},
        {{"a", "--", "--json"}, ": a --json"},
        {{"", "b"}, ":  b"},
    };
    check(&scan, lines, sizeof lines / sizeof *lines);
}

static void mistakes(void)
{
    static const struct line lines[] = {
        {{NULL}, "!usage: assay scan PATH..."},
        {{"--json"}, "!usage"},
        {{"a", "b", "c", "d"}, "!usage"},
        {{"--jso", "a"}, "!unknown option --jso; `assay scan --help`"},
        {{"--jsonx", "a"},
         "!unknown option --jsonx; `assay scan --help` lists them (did you mean --json?)"},
        {{"--ouptut=x", "a"}, "!lists them (did you mean --output?)"},
        {{"--hlep", "a"}, "!lists them (did you mean --help?)"},
        {{"--nothing-near", "a"}, "!`assay scan --help` lists them"},
        {{"--=x", "a"}, "!unknown option"},
        {{"-x", "a"}, "!unknown option -x"},
        {{"--json=1", "a"}, "!option --json takes no value"},
        {{"-jo", "a"}, "!option --json takes no value"},
        {{"a", "-o"}, "!option --output needs a value: FILE"},
        {{"a", "--packs"}, "!option --packs needs a value: DIR"},
    };
    check(&scan, lines, sizeof lines / sizeof *lines);
}

static void a_format_is_one_that_the_command_has(void)
{
    struct err err = {0};
    enum cmd_format got = AS_TEXT;
    T_EQ(cmd_format(NULL, AS_JSON, &got, &err), 0);
    T_EQ(got, AS_TEXT);
    T_EQ(cmd_format("jsonl", AS_JSONL, &got, &err), 0);
    T_EQ(got, AS_JSONL);
    T_EQ(cmd_format("csv", AS_JSON, &got, &err), -1);
    T_EQ(got, AS_JSONL);
    T_STR(str_of(err.msg), "--format csv: want text or json");
}

static void a_command_without_options(void)
{
    static const struct line lines[] = {
        {{NULL}, ":"},
        {{"a"}, "!usage: assay version; `assay version --help` tells more"},
        {{"--json"}, "!unknown option --json"},
        {{"-j"}, "!unknown option -j"},
        {{"--"}, ":"},
    };
    check(&bare, lines, sizeof lines / sizeof *lines);
}

int main(void)
{
    T_RUN(forms);
    T_RUN(mistakes);
    T_RUN(a_format_is_one_that_the_command_has);
    T_RUN(a_command_without_options);
    return t_done();
}
