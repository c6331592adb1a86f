#include <stdio.h>
#include <string.h>

#include "cli/cmd.h"
#include "cli/packs.h"
#include "cli/run.h"
#include "cli/selftest.h"
#include "report/wrap.h"

enum { O_COLLECT };

static const struct opt OPTS[] = {
    [O_COLLECT] = {'c', "collect", NULL, "what to copy from a live server, and how", OPT_FLAG},
    {0},
};

/* A pack by its name, or the one of a folder. */
static const struct pack *find(struct pack_set *set, const char *given, struct arena *arena,
                               struct err *err)
{
    if (packs_is_folder(given)) {
        struct pack_set own = {0};
        return packs_add_folder(given, arena, &own, err) < 0 ? NULL : &own.list[0].pack;
    }
    const struct pack_files *p = packs_find(set, str_of(given));
    if (!p)
        (void)err_set(err, ERR_INVALID,
                      "there is no pack \"%s\"; `assay packs list` lists them", given);
    return p ? &p->pack : NULL;
}

static void add_source(struct buf *b, const struct pack_source *s)
{
    buf_add_str(b, s->source);
    for (size_t part = 0; part < s->n_parts; part++)
        buf_addf(b, "%s%.*s", part ? ", " : " (", STR_ARG(s->parts[part]));
    buf_add_cstr(b, s->n_parts ? ")" : "");
}

static void show_need(const char *axis, const struct pack_need *need, struct buf *out)
{
    enum { LINE_TEXT = 2000 };
    struct buf b = buf_new(LINE_TEXT);
    char first[32];
    (void)snprintf(first, sizeof first, "  %-10s", axis);
    for (size_t i = 0; i < need->n; i++) {
        buf_add_cstr(&b, i ? " or " : "");
        add_source(&b, &need->any_of[i]);
    }
    buf_addf(&b, ": %.*s", STR_ARG(need->why));
    wrap_text(out, first, 12, buf_str(&b));
    buf_free(&b);
}

static void show_needs(const struct pack *p, struct buf *out)
{
    buf_add_cstr(out, "\nEvidence it needs before it says \"nothing seen\":\n");
    for (size_t axis = 0; axis < PACK_AXES; axis++)
        for (size_t i = 0; i < p->n_needs[axis]; i++)
            show_need(pack_axis_name((enum pack_axis)axis), &p->needs[axis][i], out);
}

static void show_fixed(const struct pack *p, struct buf *out)
{
    buf_add_cstr(out, "\nFirst fixed builds:\n");
    for (size_t i = 0; i < p->n_fixed; i++) {
        const uint32_t *b = p->fixed[i].fixed.part;
        char build[48];
        (void)snprintf(build, sizeof build, "%u.%u.%u.%u", b[0], b[1], b[2], b[3]);
        buf_addf(out, "  %-26.*s %-13s %.*s\n", STR_ARG(p->fixed[i].name), build,
                 STR_ARG(p->fixed[i].kb));
    }
    for (size_t i = 0; i < p->n_fixed_from; i++) {
        const uint32_t *b = p->fixed_from[i].build.part;
        buf_addf(out, "  %u.%u.%u.%u and later of %u.%u contain the fix\n", b[0], b[1], b[2],
                 b[3], p->fixed_from[i].line.part[0], p->fixed_from[i].line.part[1]);
    }
}

static void show(const struct pack *p, struct buf *out)
{
    char from[INSTANT_TEXT];
    char to[INSTANT_TEXT];
    wrap_text(out, "", 0, p->title);
    buf_addf(out, "%.*s, as of %.*s\n\n", STR_ARG(p->id), STR_ARG(p->as_of));
    wrap_text(out, "", 0, p->about);
    if (p->general)
        return;
    buf_add_cstr(out, "\nPhases:\n");
    for (size_t i = 0; i < p->n_phases; i++) {
        struct str end = instant_text(p->phases[i].to, to);
        buf_addf(out, "  %.10s to %-10.10s  ", instant_text(p->phases[i].from, from).p,
                 end.n ? end.p : "now");
        wrap_text(out, "", 28, p->phases[i].what);
    }
    show_needs(p, out);
    show_fixed(p, out);
}

/* The page for who has nothing collected yet. Commands stand on lines of their own, as they
 * are typed, however long. */
static void show_collect(const struct pack *p, struct buf *out)
{
    buf_addf(out, "What to copy from a live server for %.*s\n\n", STR_ARG(p->id));
    wrap_text(
        out, "", 0,
        STR("Run these on the server in a Command Prompt as administrator. They only read. "
            "Put a folder on ANOTHER disk or share in place of {dest}; writing to the "
            "server's own disk destroys traces of deleted files. Do it in this order: what "
            "is lost first stands first."));
    for (size_t i = 0; i < p->n_collect; i++) {
        char first[32];
        (void)snprintf(first, sizeof first, "%2zu. ", i + 1);
        buf_add_char(out, '\n');
        wrap_text(out, first, 4, p->collect[i].what);
        const struct yaml *commands = p->collect[i].commands;
        for (const struct yaml *y = commands ? commands->child : NULL; y; y = y->next)
            buf_addf(out, "    %.*s\n", STR_ARG(y->text));
    }
    buf_add_cstr(out, "\nThen, on any machine:  assay scan COPIED-FOLDER\n");
}

static int show_one(const struct args *args, struct pack_set *set, struct buf *out,
                    struct err *err)
{
    const struct pack *p = find(set, args->operands[0], args->arena, err);
    if (!p)
        return -1;
    if (args->flag[O_COLLECT])
        show_collect(p, out);
    else
        show(p, out);
    return 0;
}

static int list_all(const struct args *args, struct pack_set *set, struct buf *out,
                    struct err *err)
{
    (void)args, (void)err;
    enum { LINE_TEXT = 2000 };
    for (size_t i = 0; i < set->n; i++) {
        const struct pack *p = &set->list[i].pack;
        struct buf b = buf_new(LINE_TEXT);
        buf_addf(&b, "as of %.*s  %.*s", STR_ARG(p->as_of), STR_ARG(p->title));
        char first[32];
        (void)snprintf(first, sizeof first, "%-22.*s ", STR_ARG(p->id));
        wrap_text(out, first, 23, buf_str(&b));
        buf_free(&b);
    }
    return 0;
}

static int check_some(const struct args *args, struct pack_set *set, struct buf *out,
                      struct err *err)
{
    (void)set;
    return selftest_packs(args->operands, args->n_operands, out, err);
}

static int with_packs(const struct args *args,
                      int (*put)(const struct args *, struct pack_set *, struct buf *,
                                 struct err *),
                      struct err *err)
{
    struct pack_set all = {0};
    struct buf out = buf_new(16 << 20);
    int failed = packs_add_builtin(args->arena, &all, err);
    if (failed == 0)
        failed = put(args, &all, &out, err);
    struct err ignored = {0};
    if (run_print(buf_str(&out), failed ? &ignored : err) < 0)
        failed = -1;
    buf_free(&out);
    return failed ? EXIT_ERROR : EXIT_OK;
}

static int list(const struct args *args, struct err *err)
{
    return with_packs(args, list_all, err);
}

static int show_pack(const struct args *args, struct err *err)
{
    return with_packs(args, show_one, err);
}

static int check(const struct args *args, struct err *err)
{
    return with_packs(args, check_some, err);
}

static const struct cmd CMD_PACKS_LIST = {
    .name = "packs list",
    .summary = "the campaigns that the program knows",
    .operands = "",
    .least = 0,
    .most = 0,
    .run = list,
};

static const struct example SHOW_EXAMPLES[] = {
    {"assay packs show exchange-proxylogon --collect",
     "a page to print: what to copy from a live server before it rolls over"},
    {0},
};

static const struct cmd CMD_PACKS_SHOW = {
    .name = "packs show",
    .summary = "what a pack looks for; what to collect from a live server",
    .operands = "PACK|DIR",
    .opts = OPTS,
    .examples = SHOW_EXAMPLES,
    .least = 1,
    .most = 1,
    .run = show_pack,
};

static const struct cmd CMD_PACKS_CHECK = {
    .name = "packs check",
    .summary = "look for slips in packs, and run their own tests",
    .operands = "[PACK|DIR]...",
    .detail =
        "Tells slips with their place, and runs every detector on its own test events: of\n"
        "the packs named, or of a folder with a pack of your own (docs/formats/pack.md);\n"
        "without one, of all that the program has.",
    .least = 0,
    .most = ARGS_MAX,
    .run = check,
};

static const struct cmd *const parts[] = {&CMD_PACKS_CHECK, &CMD_PACKS_LIST, &CMD_PACKS_SHOW,
                                          NULL};

const struct cmd CMD_PACKS = {
    .name = "packs",
    .summary = "list or show campaigns; what to collect from a live server",
    .operands = "check|list|show ...",
    .parts = parts,
    .least = 1,
    .most = ARGS_MAX,
    .run = cmd_wants_part,
};
