#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/num.h"
#include "cli/cmd.h"
#include "cli/longwork.h"
#include "cli/password.h"
#include "cli/ruleopts.h"
#include "cli/run.h"
#include "report/report_json.h"
#include "report/report_lines.h"
#include "report/report_text.h"
#include "store/casefile.h"
#include "store/caseread.h"
#include "sys/interrupt.h"

enum {
    O_OUTPUT,
    O_PACK,
    O_FORMAT,
    O_LEVEL,
    O_FROM,
    O_TO,
    O_HOST,
    O_JOBS,
    O_PLAIN,
    O_TUNE,
    O_INDICATORS,
    O_GEOIP,
    O_NO_RECOVER,
    O_CARVE,
    O_CORRELATE,
    O_YARA_LOGS,
    O_JAIL,
    O_RESUME,
    O_PASSWORD,
    O_PASSWORD_FILE,
    O_LONGWORK,
    O_RULES = O_LONGWORK + LONGWORKS
};

static const struct opt OPTS[] = {
    [O_OUTPUT] = {'o', "output", "CASE", "write a case file too", OPT_TEXT},
    [O_PACK] =
        {'p', "pack", "PACK|DIR",
         "judge by this pack of the program's only; or by one of your own\nin a folder, too; "
         "may be repeated",
         OPT_TEXTS},
    [O_FORMAT] = {'f', "format", "text|json|csv|jsonl",
                  "how the verdict is printed (default text); csv, jsonl: findings", OPT_TEXT},
    [O_LEVEL] = {'l', "level", CMD_LEVELS,
                 "findings of rules count from this level (default high)", OPT_TEXT},
    [O_FROM] = {0, "from", "TIME", "leave out events before this time (UTC)", OPT_TEXT},
    [O_TO] = {0, "to", "TIME", "leave out events at or after this time (UTC)", OPT_TEXT},
    [O_HOST] = {0, "host", "NAME",
                "evidence that names no server is of this one (without it, it is\n"
                "judged by itself)",
                OPT_TEXT},
    [O_JOBS] = {'j', "jobs", "N", "worker processes (default: one per processor)", OPT_TEXT},
    [O_PLAIN] = {0, "no-decode", NULL, "do not look into what is encoded", OPT_FLAG},
    [O_TUNE] = {'t', "tune", "FILE",
                "known harmless findings, put aside or given\nanother level, with the reason",
                OPT_TEXTS},
    [O_INDICATORS] =
        {'i', "indicators", "PATH",
         "look for indicators of compromise too: a list, or a folder\nof lists (CSV, "
         "text, STIX, MISP, LOKI); may be repeated",
         OPT_TEXTS},
    [O_GEOIP] = {'g', "geoip", "FILE",
                 "say where addresses are, by this MaxMind DB file\n"
                 "(country, city, ASN); may be repeated",
                 OPT_TEXTS},
    [O_NO_RECOVER] = {0, "no-recover", NULL,
                      "leave out records found outside an event log's chunks", OPT_FLAG},
    [O_CARVE] = {0, "carve", NULL,
                 "search files of every kind for event records: images of disks\nand memory, "
                 "page files",
                 OPT_FLAG},
    [O_CORRELATE] = {0, "correlate-memory", "MB",
                     "memory for the matches that correlations count (default 256);\n"
                     "more of them go through a temporary file in TMPDIR",
                     OPT_TEXT},
    [O_YARA_LOGS] = {0, "yara-logs", NULL,
                     "ask YARA rules about logs and stores of records too", OPT_FLAG},
    [O_JAIL] =
        {0, "require-jail", NULL,
         "do not scan where this system cannot confine the\nprocesses that read evidence",
         OPT_FLAG},
    [O_RESUME] = {0, "resume", NULL,
                  "go on with a scan of the same that was interrupted: with -o, the\n"
                  "case that it was writing",
                  OPT_FLAG},
    PASSWORD_ROWS(O_PASSWORD),
    LONGWORK_ROWS(O_LONGWORK),
    RULEOPT_ROWS(O_RULES),
    {0},
};

static bool is_name_char(char c)
{
    char low = ascii_lower(c);
    return (unsigned char)c >= 0x80 || (low >= 'a' && low <= 'z') || (c >= '0' && c <= '9') ||
           c == '.' || c == '-' || c == '_';
}

/* As servers are called: what else a name may hold would be read as something else. */
static int host_read(const char *given, struct str *ret, struct err *err)
{
    enum { LONGEST = 253 }; /* bytes; RFC 1035, 2.3.4 */
    struct str name = given ? str_of(given) : STR("");
    bool good = name.n <= LONGEST && (!given || name.n);
    for (size_t i = 0; i < name.n; i++)
        good = good && is_name_char(name.p[i]);
    *ret = name;
    if (good)
        return 0;
    return err_set(err, ERR_INVALID,
                   "--host %s: want a server's name (letters, digits, '.', '-', '_')", given);
}

int scan_options_read(const struct args *args, struct run_options *run, enum cmd_format *format,
                      struct err *err)
{
    uint64_t memory = 0;
    run->setup.pack_ids = args->texts[O_PACK];
    run->setup.n_pack_ids = args->n_texts[O_PACK];
    run->setup.tune_paths = args->texts[O_TUNE];
    run->setup.n_tune_paths = args->n_texts[O_TUNE];
    run->setup.indicator_paths = args->texts[O_INDICATORS];
    run->setup.n_indicator_paths = args->n_texts[O_INDICATORS];
    run->geoip = args->texts[O_GEOIP];
    run->n_geoip = args->n_texts[O_GEOIP];
    run->paths = args->operands;
    run->n_paths = args->n_operands;
    if (cmd_jobs(args->text[O_JOBS], &run->jobs, err) < 0)
        return -1;
    if (args->text[O_CORRELATE] &&
        (!num_u64(str_of(args->text[O_CORRELATE]), &memory) || memory < 1 || memory > 1 << 20))
        return err_set(err, ERR_INVALID,
                       "--correlate-memory %s: want megabytes, from 1 to 1048576",
                       args->text[O_CORRELATE]);
    run->correlate_memory = (size_t)memory << 20;
    run->plain = args->flag[O_PLAIN];
    run->no_recover = args->flag[O_NO_RECOVER];
    run->carve = args->flag[O_CARVE];
    if (longwork_read(args, O_LONGWORK, &run->work, err) < 0)
        return -1;
    if (password_read(args->text[O_PASSWORD], args->text[O_PASSWORD_FILE], args->arena,
                      &run->password, err) < 0)
        return -1;
    run->yara_logs = args->flag[O_YARA_LOGS];
    run->require_jail = args->flag[O_JAIL];
    if (args->text[O_LEVEL] && !level_parse(str_of(args->text[O_LEVEL]), &run->level))
        return err_set(err, ERR_INVALID,
                       "--level %s: want informational, low, medium, high or critical",
                       args->text[O_LEVEL]);
    if (host_read(args->text[O_HOST], &run->host, err) < 0 ||
        cmd_time("from", args->text[O_FROM], &run->from, err) < 0 ||
        cmd_time("to", args->text[O_TO], &run->to, err) < 0)
        return -1;
    if (ruleopts_read(args, O_RULES, &run->setup, err) < 0)
        return -1;
    return cmd_format(args->text[O_FORMAT], AS_JSONL, format, err);
}

static int write_case(const struct args *args, const struct run *run,
                      const struct report_input *in, struct err *err)
{
    struct buf json = buf_new(SIZE_MAX / 4);
    report_json_of_case(in, &json);
    struct casefile_input c = {
        .verdict = &run->verdict,
        .findings = &run->findings,
        .rules = run->setup.rules,
        .version = ASSAY_VERSION,
        .json = buf_str(&json),
        .setup = run->journal->setup,
        .n_setup = run->journal->n_setup,
        .ended = journal_end(run->journal),
    };
    int failed = casefile_write(args->text[O_OUTPUT], &c, err);
    buf_free(&json);
    return failed;
}

static int print(enum cmd_format format, const struct report_input *in, struct err *err)
{
    struct buf out = buf_new(SIZE_MAX / 4);
    bool colour = isatty(STDOUT_FILENO) && !getenv("NO_COLOR");
    if (format == AS_JSON)
        report_json(in, &out);
    else if (format == AS_TEXT)
        report_text(in, colour, &out);
    else
        report_findings(in, format == AS_CSV ? REPORT_CSV : REPORT_JSONL, &out);
    int failed = run_print(buf_str(&out), err);
    buf_free(&out);
    if (report_suppressed(in) && (format == AS_JSONL || format == AS_CSV)) /* rows only */
        (void)fprintf(stderr, "assay: %llu findings were suppressed by tuning\n",
                      (unsigned long long)report_suppressed(in));
    return failed;
}

/* What was read so far is in the case. */
static int interrupted(struct journal *journal, const char *path, struct err *err)
{
    if (!journal) {
        (void)fprintf(stderr, "assay: interrupted\n");
        return EXIT_INTERRUPTED;
    }
    int failed = journal_interrupt(journal, err);
    journal_close(journal);
    if (failed)
        return EXIT_ERROR;
    (void)fprintf(stderr,
                  "assay: interrupted; go on by the same command and --resume: assay scan ... "
                  "-o %s --resume\n",
                  path);
    return EXIT_INTERRUPTED;
}

/* Two scans in one case are shown side by side, which is less than one scan of both. */
static void tell_of_earlier(const char *path, struct arena *arena)
{
    struct case_reader r = {0};
    struct err ignored = {0};
    if (case_reader_open(path, arena, &r, &ignored) == 0 && r.n_earlier)
        (void)fprintf(
            stderr,
            "assay: the case holds earlier scans too (%llu), of what this one did not "
            "judge. They are shown beside it, not judged together with it: for that, "
            "name all paths in one scan\n",
            (unsigned long long)r.n_earlier);
    case_reader_close(&r);
}

/* The verdict is printed even where the case cannot be written. */
static int finish(const struct args *args, enum cmd_format format, const struct run *run,
                  const struct report_input *in, struct err *err)
{
    int failed = run->journal ? write_case(args, run, in, err) : 0;
    struct err unprinted = {0};
    if (print(format, in, &unprinted) == 0)
        return failed ? EXIT_ERROR : run->verdict.exit_status;
    if (!failed)
        *err = unprinted;
    return EXIT_ERROR;
}

static int scan(const struct args *args, struct err *err)
{
    struct run_options options = RUN_DEFAULTS;
    struct run run = {0};
    enum cmd_format format = AS_TEXT;
    const char *path = args->text[O_OUTPUT];
    const struct run_case output = {path, args->flag[O_RESUME], &CMD_SCAN, args};
    if (output.resume && !path)
        return err_set(err, ERR_INVALID, "--resume: want -o CASE, with the interrupted scan"),
               EXIT_ERROR;
    options.output = path ? &output : NULL;
    if (scan_options_read(args, &options, &format, err) < 0)
        return EXIT_ERROR;
    interrupt_catch();
    if (run_scan(&options, args->arena, &run, err) < 0)
        return err->code == ERR_INTERRUPTED ? interrupted(run.journal, path, err) : EXIT_ERROR;
    struct report_input in = run_report(&run, &options);
    int status = finish(args, format, &run, &in, err);
    if (path && status != EXIT_ERROR)
        tell_of_earlier(path, args->arena);
    run_close(&run);
    return status;
}

static const struct opt_group GROUPS[] = {LONGWORK_GROUP, RULEOPT_GROUP, {0}};

static const struct example EXAMPLES[] = {
    {"assay scan FOLDER", "the verdict on what was copied from a server"},
    {"assay scan FOLDER -o server.db", "and keep the case, for explain and the others"},
    {"assay scan collection.zip --rules sigma --min-level medium",
     "with imported Sigma rules, on an archive as it is"},
    {"assay scan -", "what a pipe brings, as in: tar c FOLDER | assay scan -"},
    {"assay scan disk.E01 --pack exchange-proxyshell --format json",
     "a disk image, judged by one pack, for programs"},
    {0},
};

const struct cmd CMD_SCAN = {
    .name = "scan",
    .summary = "read evidence and say whether the server was entered",
    .operands = "PATH...",
    .detail =
        "PATH is a file or a folder of collected evidence, an archive or an image of a disk;\n"
        "- is standard input. Nothing is changed in it.\n"
        "Exit status: 1 entered, back door, acts, loss, or a finding from --level up;\n"
        "3 not fully covered by the evidence; 0 neither; 2 a mistake in the call, or a "
        "case that\n"
        "could not be written; 130 interrupted.",
    .opts = OPTS,
    .groups = GROUPS,
    .examples = EXAMPLES,
    .least = 1,
    .most = ARGS_MAX,
    .run = scan,
};
