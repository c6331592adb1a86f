#include <stdio.h>
#include <string.h>

#include "base/auto.h"
#include "cli/cmd.h"
#include "cli/sharing.h"
#include "report/timeline.h"

enum { O_FORMAT, O_KINDS, O_SHARING };

static const struct opt OPTS[] = {
    [O_FORMAT] = {'f', "format", "csv|jsonl|timesketch", "how it is written (default csv)",
                  OPT_TEXT},
    [O_KINDS] = {'k', "kind", "fact|finding|evidence",
                 "only such lines; evidence: where files begin and end\n"
                 "(default fact and finding); may be repeated",
                 OPT_TEXTS},
    SHARING_ROWS(O_SHARING),
    {0},
};

static const struct example EXAMPLES[] = {
    {"assay timeline case.db > timeline.csv", "for a spreadsheet, or for Timesketch"},
    {"assay timeline case.db -f timesketch -l high -o timeline.jsonl",
     "facts, and findings from high up"},
    {0},
};

static int read_form(const char *text, enum timeline_form *ret, struct err *err)
{
    static const char *const names[] = {"csv", "jsonl", "timesketch"};
    for (size_t i = 0; text && i < sizeof names / sizeof *names; i++) {
        if (strcmp(text, names[i]) == 0) {
            *ret = (enum timeline_form)i;
            return 0;
        }
    }
    return text ? err_set(err, ERR_INVALID, "--format %s: want csv, jsonl or timesketch", text)
                : 0;
}

static int read_kinds(const struct args *args, struct timeline_options *o, struct err *err)
{
    o->facts = o->findings = args->n_texts[O_KINDS] == 0;
    for (size_t i = 0; i < args->n_texts[O_KINDS]; i++) {
        const char *kind = args->texts[O_KINDS][i];
        bool *one = strcmp(kind, "fact") == 0       ? &o->facts
                    : strcmp(kind, "finding") == 0  ? &o->findings
                    : strcmp(kind, "evidence") == 0 ? &o->evidence
                                                    : NULL;
        if (!one)
            return err_set(err, ERR_INVALID, "--kind %s: want fact, finding or evidence", kind);
        *one = true;
    }
    return 0;
}

static void tell(const struct timeline_told *told)
{
    if (told->undated)
        (void)fprintf(stderr, "assay: %llu lines have no time: they come first\n",
                      (unsigned long long)told->undated);
    if (told->left_out)
        (void)fprintf(stderr, "assay: %llu without a time were left out\n",
                      (unsigned long long)told->left_out);
}

static int write_lines(const struct args *args, struct case_reader *reader,
                       struct timeline_options *o, struct err *err)
{
    struct share s;
    struct timeline_told told = {0};
    if (sharing_open(args, O_SHARING, reader, &s, &o->filter, err) < 0)
        return -1;
    AUTO(outfile_close) struct outfile out = {0};
    if (outfile_open(args->text[O_SHARING + SHARING_OPTIONS - 1], &out, err) < 0 ||
        timeline_write(&s, o, &out, &told, err) < 0 || outfile_commit(&out, err) < 0)
        return -1;
    tell(&told);
    return 0;
}

static int timeline(const struct args *args, struct err *err)
{
    struct timeline_options o = {.form = TIMELINE_CSV};
    AUTO(case_reader_close) struct case_reader reader = {0};
    if (read_form(args->text[O_FORMAT], &o.form, err) < 0 || read_kinds(args, &o, err) < 0 ||
        write_lines(args, &reader, &o, err) < 0)
        return EXIT_ERROR;
    return EXIT_OK;
}

const struct cmd CMD_TIMELINE = {
    .name = "timeline",
    .summary = "print what a case holds in one order of time",
    .operands = "CASE",
    .detail =
        "One line for each fact and finding, with corrected times in UTC. What has no\n"
        "time comes first; Timesketch has no place for it, and the number of such lines is\n"
        "told. The CSV can be given to Timesketch as it is.",
    .opts = OPTS,
    .examples = EXAMPLES,
    .least = 1,
    .most = 1,
    .run = timeline,
};
