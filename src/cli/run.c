#include "cli/run.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/safe.h"
#include "scan/scan.h"
#include "sys/jail.h"
#include "sys/proc.h"
#include "sys/spill.h"

/* An entry that has no effect may be a slip, or of a rule that is not chosen today. */
static void warn_of_tuning(const struct tuning *t)
{
    enum { TOLD = 10, LINE_TEXT = 1000 };
    size_t n = t ? t->n_unknown : 0;
    for (size_t i = 0; i < n && i < TOLD; i++) {
        const struct tune_unknown *u = &t->unknown[i];
        struct buf text = buf_new(LINE_TEXT);
        safe_terminal(&text, str_part(u->rule, 0, 100));
        (void)fprintf(stderr, "assay: %.*s:%u: no rule in use has the id or title \"%.*s\"\n",
                      STR_ARG(u->entry->file), u->entry->line, STR_ARG(buf_str(&text)));
        buf_free(&text);
    }
    if (n > TOLD)
        (void)fprintf(stderr, "assay: and %zu more entries of tuning lists without a rule\n",
                      n - TOLD);
}

enum { JAIL_LINE = 200 };

int run_require_jail(struct err *err)
{
    unsigned parts = 0;
    if (proc_try_jail(&parts, err) < 0)
        return -1;
    if (parts == JAIL_ALL)
        return 0;
    struct buf lacks = buf_new(JAIL_LINE);
    jail_list(JAIL_ALL & ~parts, &lacks);
    (void)err_set(err, ERR_UNSUPPORTED, "--require-jail: this system or build lacks: %.*s",
                  STR_ARG(buf_str(&lacks)));
    buf_free(&lacks);
    return -1;
}

void run_tell_jail(unsigned parts)
{
    unsigned missing = jail_left_out() ? 0 : JAIL_ALL & ~parts; /* `version` tells of a build */
    struct buf lacks = buf_new(JAIL_LINE);
    jail_list(missing, &lacks);
    if (missing)
        (void)fprintf(stderr,
                      "assay: the readers of evidence were not confined fully: this system "
                      "lacks: %.*s\n",
                      STR_ARG(buf_str(&lacks)));
    buf_free(&lacks);
}

static int open_journal(const struct run_options *options, struct arena *arena, struct run *run,
                        struct err *err)
{
    const struct run_case *c = options->output;
    if (!c)
        return 0;
    struct journal *j = ARENA_NEW(arena, struct journal);
    if (journal_open(c->cmd, c->args, c->path, c->resume, &run->setup, arena, j, err) < 0)
        return -1;
    run->journal = j;
    return 0;
}

int run_scan(const struct run_options *options, struct arena *arena, struct run *ret,
             struct err *err)
{
    struct run run = {0};
    struct progress progress;
    if (options->require_jail && run_require_jail(err) < 0)
        return -1;
    if (setup_load(&options->setup, arena, &run.setup, err) < 0)
        return -1;
    if (geoip_open(options->geoip, options->n_geoip, arena, &run.geoip, err) < 0) {
        setup_close(&run.setup);
        return -1;
    }
    run.setup.detect.geoip = run.geoip;
    warn_of_tuning(run.setup.tuning);
    run.setup.detect.from = options->from;
    run.setup.detect.to = options->to;
    run.setup.detect.plain = options->plain;
    run.setup.detect.yara_logs = options->yara_logs;
    if (open_journal(options, arena, &run, err) < 0) {
        geoip_close(run.geoip);
        setup_close(&run.setup);
        return -1;
    }
    progress_begin(&progress, options->work.progress, false);
    struct scan_options scan = {
        .paths = options->paths,
        .n_paths = options->n_paths,
        .names = options->names,
        .jobs = options->jobs,
        .detect = &run.setup.detect,
        .tuning = run.setup.tuning,
        .no_recover = options->no_recover,
        .carve = options->carve,
        .password = options->password,
        .correlate = {.memory = options->correlate_memory, .folder = spill_folder()},
        .leave_out = options->output ? options->output->path : options->leave_out,
        .journal = run.journal ? &run.journal->calls : NULL,
        .max_memory = options->work.max_memory,
        .progress = progress_show,
        .context = &progress,
    };
    if (scan_run(&scan, arena, &run.findings, err) < 0) {
        progress_end(&progress);
        geoip_close(run.geoip);
        setup_close(&run.setup);
        if (err->code == ERR_INTERRUPTED)
            ret->journal = run.journal;
        else if (run.journal)
            journal_close(run.journal);
        return -1;
    }
    progress_end(&progress);
    run_tell_jail(run.findings.jail);
    struct judge_input in = {
        .findings = &run.findings,
        .rules = run.setup.rules,
        .packs = run.setup.packs,
        .n_packs = run.setup.n_packs,
        .level = options->level,
        .host = options->host,
        .from = options->from,
        .to = options->to,
        .plain = options->plain,
    };
    judge_run(&in, arena, &run.verdict);
    *ret = run;
    ret->verdict.packs = ret->setup.packs;
    return 0;
}

/* Counted by this process, which asks for every address that it prints. */
static void warn_of_geoip(const struct geoip *geoip)
{
    if (geoip_damaged(geoip))
        (void)fprintf(stderr,
                      "assay: an address database is damaged: %zu of its records could "
                      "not be read\n",
                      geoip_damaged(geoip));
}

void run_close(struct run *run)
{
    warn_of_geoip(run->geoip);
    geoip_close(run->geoip);
    setup_close(&run->setup);
    if (run->journal)
        journal_close(run->journal);
}

struct report_input run_report(const struct run *run, const struct run_options *options)
{
    return (struct report_input){
        .verdict = &run->verdict,
        .findings = &run->findings,
        .rules = run->setup.rules,
        .version = ASSAY_VERSION,
        .indicators = run->setup.indicators,
        .geoip = run->geoip,
        .level = options->level,
    };
}

int run_print(struct str text, struct err *err)
{
    while (text.n) {
        ssize_t n = write(STDOUT_FILENO, text.p, text.n);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0 && errno == EPIPE)
            return 0;
        if (n < 0)
            return err_set(err, ERR_IO, "standard output: the text could not be written");
        text = str_part(text, (size_t)n, text.n);
    }
    return 0;
}
