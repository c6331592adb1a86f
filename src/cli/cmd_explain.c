#include <stdlib.h>
#include <unistd.h>

#include "base/num.h"
#include "cli/cmd.h"
#include "cli/explain_rule.h"
#include "cli/password.h"
#include "cli/ruleopts.h"
#include "cli/run.h"
#include "report/explain.h"
#include "store/casefile.h"

enum {
    O_FORMAT,
    O_GEOIP,
    O_CARVE,
    O_RULE,
    O_RECORD,
    O_OFFSET,
    O_INDICATORS,
    O_PACK,
    O_PASSWORD,
    O_PASSWORD_FILE,
    O_RULES
};

static const struct opt OPTS[] = {
    [O_FORMAT] = {'f', "format", "text|json", "how it is printed (default text)", OPT_TEXT},
    [O_GEOIP] = {'g', "geoip", "FILE",
                 "say where addresses are, by this MaxMind DB file;\n"
                 "may be repeated",
                 OPT_TEXTS},
    [O_CARVE] = {0, "carve", NULL, "of a PATH: search files of every kind, as the scan did",
                 OPT_FLAG},
    [O_RULE] = {0, "rule", "ID|FILE",
                "say why this rule does or does not match a record:\n"
                "its id, its title, or a rule file",
                OPT_TEXT},
    [O_RECORD] = {0, "record", "N", "the record, by its EventRecordID", OPT_TEXT},
    [O_OFFSET] = {0, "offset", "N", "the record, by its place in the file in bytes", OPT_TEXT},
    [O_INDICATORS] = {'i', "indicators", "PATH",
                      "of a PATH: look for these indicators, as the scan did", OPT_TEXTS},
    [O_PACK] = {'p', "pack", "PACK|DIR", "of a PATH: judge by these packs, as the scan did",
                OPT_TEXTS},
    PASSWORD_ROWS(O_PASSWORD),
    RULEOPT_ROWS(O_RULES),
    {0},
};

static int print(enum cmd_format format, const struct explained *what, struct err *err)
{
    struct buf out = buf_new((size_t)1 << 30);
    if (format == AS_JSON)
        explain_json(what, &out);
    else
        explain_text(what, isatty(STDOUT_FILENO) && !getenv("NO_COLOR"), &out);
    int failed = run_print(buf_str(&out), err);
    buf_free(&out);
    return failed;
}

/* Where the addresses are that started it, if a database was given. */
static void add_places(const struct geoip *geoip, struct arena *arena, struct explained *what)
{
    struct str *places = ARENA_ARRAY(arena, struct str, what->n_initiators);
    for (size_t i = 0; geoip && i < what->n_initiators; i++) {
        struct geoip_place p;
        places[i] = geoip_find_text(geoip, what->initiators[i], arena, &p)
                        ? geoip_text(&p, arena)
                        : STR("");
    }
    what->places = geoip ? places : NULL;
}

static int explain_scan(const struct args *args, enum cmd_format format, struct str id,
                        struct err *err)
{
    struct run_options options = RUN_DEFAULTS;
    struct run run = {0};
    struct explained what;
    if (ruleopts_read(args, O_RULES, &options.setup, err) < 0)
        return -1;
    if (password_read(args->text[O_PASSWORD], args->text[O_PASSWORD_FILE], args->arena,
                      &options.password, err) < 0)
        return -1;
    options.geoip = args->texts[O_GEOIP];
    options.n_geoip = args->n_texts[O_GEOIP];
    options.setup.pack_ids = args->texts[O_PACK];
    options.setup.n_pack_ids = args->n_texts[O_PACK];
    options.setup.indicator_paths = args->texts[O_INDICATORS];
    options.setup.n_indicator_paths = args->n_texts[O_INDICATORS];
    options.carve = args->flag[O_CARVE];
    options.paths = args->operands;
    options.n_paths = 1;
    if (run_scan(&options, args->arena, &run, err) < 0)
        return -1;
    struct report_input in = run_report(&run, &options);
    int failed = explain_from_scan(&in, id, args->arena, &what, err);
    if (failed == 0)
        add_places(run.geoip, args->arena, &what);
    if (failed == 0)
        failed = print(format, &what, err);
    run_close(&run);
    return failed;
}

static int explain_case(const struct args *args, enum cmd_format format, struct str id,
                        struct err *err)
{
    struct explained what;
    struct geoip *geoip = NULL;
    if (geoip_open(args->texts[O_GEOIP], args->n_texts[O_GEOIP], args->arena, &geoip, err) < 0)
        return -1;
    int failed = casefile_explain(args->operands[0], id, args->arena, &what, err);
    if (failed == 0)
        add_places(geoip, args->arena, &what);
    geoip_close(geoip);
    return failed < 0 ? failed : print(format, &what, err);
}

/* --rule with --record or --offset: a rule and a record of the evidence, no finding. */
static int explain_by_rule(const struct args *args, enum cmd_format format, struct err *err)
{
    struct setup_options setup = {0};
    const char *number = args->text[O_RECORD] ? args->text[O_RECORD] : args->text[O_OFFSET];
    struct explain_rule what = {
        .paths = args->operands,
        .n_paths = 1,
        .by_offset = args->text[O_RECORD] == NULL,
        .rule = args->text[O_RULE],
        .format = format,
    };
    if (!what.rule)
        return err_set(err, ERR_INVALID,
                       "--record and --offset go with --rule ID|FILE: which rule?");
    if (!number)
        return err_set(err, ERR_INVALID,
                       "--rule goes with --record N or --offset N: which record?");
    if (args->text[O_RECORD] && args->text[O_OFFSET])
        return err_set(err, ERR_INVALID, "--record and --offset: want one of them");
    if (args->n_operands != 1 || casefile_is_case(args->operands[0]))
        return err_set(err, ERR_INVALID, "usage: assay explain PATH --record N --rule ID|FILE");
    if (!num_u64(str_of(number), &what.number))
        return err_set(err, ERR_INVALID, "--%s %s: want a number",
                       what.by_offset ? "offset" : "record", number);
    if (ruleopts_read(args, O_RULES, &setup, err) < 0 ||
        password_read(args->text[O_PASSWORD], args->text[O_PASSWORD_FILE], args->arena,
                      &what.password, err) < 0)
        return -1;
    return explain_rule(&what, &setup, args->arena, err);
}

static int explain(const struct args *args, struct err *err)
{
    enum cmd_format format = AS_TEXT;
    if (args->text[O_RULE] || args->text[O_RECORD] || args->text[O_OFFSET])
        return cmd_format(args->text[O_FORMAT], AS_JSON, &format, err) < 0 ||
                       explain_by_rule(args, format, err) < 0
                   ? EXIT_ERROR
                   : EXIT_OK;
    if (args->n_operands != 2) {
        (void)err_set(err, ERR_INVALID, "usage: assay explain %s", CMD_EXPLAIN.operands);
        return EXIT_ERROR;
    }
    struct str id = str_of(args->operands[1]);
    int failed = cmd_format(args->text[O_FORMAT], AS_JSON, &format, err);
    if (failed == 0)
        failed = casefile_is_case(args->operands[0]) ? explain_case(args, format, id, err)
                                                     : explain_scan(args, format, id, err);
    return failed < 0 ? EXIT_ERROR : EXIT_OK;
}

static const struct opt_group GROUPS[] = {RULEOPT_GROUP, {0}};

static const struct example EXAMPLES[] = {
    {"assay explain server.db 3163864632a3", "the records behind a statement of the verdict"},
    {"assay explain Security.evtx --record 4711 --rule my_rule.yml",
     "why a rule does or does not match this record"},
    {0},
};

const struct cmd CMD_EXPLAIN = {
    .name = "explain",
    .summary = "print the raw evidence behind a statement of the verdict",
    .operands = "CASE|PATH ID | PATH --record N --rule R",
    .detail =
        "ID is what stands in [brackets] in the verdict; its first digits are enough.\n"
        "A PATH of evidence is scanned again to find it: give the rules that the scan used.\n"
        "With --rule and --record (or --offset): why a rule does or does not match a record,\n"
        "clause by clause.",
    .opts = OPTS,
    .groups = GROUPS,
    .examples = EXAMPLES,
    .least = 1,
    .most = 2,
    .run = explain,
};
