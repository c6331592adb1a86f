#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/auto.h"
#include "cli/cmd.h"
#include "cli/run.h"
#include "report/report_case.h"
#include "sys/file.h"

enum { O_HTML, O_HOST, O_LANG, O_LANG_FILE };

enum { PAGE_MAX = 256 << 20, LANG_FILE_MAX = 4 << 20 };

static const struct opt OPTS[] = {
    [O_HTML] = {0, "html", "FILE",
                "write the report as one page to this file (-: standard output)", OPT_TEXT},
    [O_HOST] = {0, "host", "HOST", "of this server only; its short name is enough", OPT_TEXT},
    [O_LANG] = {'l', "lang", "en|ja", "language of the report (default en)", OPT_TEXT},
    [O_LANG_FILE] = {0, "lang-file", "FILE", "a language of your own (docs/report.md)",
                     OPT_TEXT},
    {0},
};

static const struct example EXAMPLES[] = {
    {"assay report mail01.case", "what matters, as text"},
    {"assay report mail01.case --html mail01.html", "the report as one page"},
    {"assay report sites.case --host mail07 --html mail07.html", "of many servers one, whole"},
    {0},
};

/* A language of a file is checked like any other: it may come from anybody. */
static int read_language(const struct args *args, struct lang **ret, struct err *err)
{
    const char *code = args->text[O_LANG] ? args->text[O_LANG] : "en";
    const char *path = args->text[O_LANG_FILE];
    struct bytes file = {0};
    if (!path)
        return report_language(code, STR(""), args->arena, ret, err);
    if (file_read(path, LANG_FILE_MAX, args->arena, &file, err) < 0)
        return -1;
    if (file.n == 0)
        return err_set(err, ERR_INVALID, "%s: it is empty", path);
    return report_language(code, (struct str){(const char *)file.p, file.n}, args->arena, ret,
                           err);
}

static int put(const struct args *args, const struct report_case *in, struct err *err)
{
    AUTO(buf_free) struct buf out = buf_new(PAGE_MAX);
    const char *path = args->text[O_HTML];
    if (!path) {
        bool colour = isatty(STDOUT_FILENO) && !getenv("NO_COLOR");
        return report_case_text(in, colour, &out, err) < 0 ? -1 : run_print(buf_str(&out), err);
    }
    if (report_case_html(in, &out, err) < 0)
        return -1;
    return strcmp(path, "-") == 0 ? run_print(buf_str(&out), err)
                                  : file_write(path, buf_str(&out), err);
}

static int report(const struct args *args, struct err *err)
{
    AUTO(case_reader_close) struct case_reader reader = {0};
    struct lang *lang;
    if (read_language(args, &lang, err) < 0 ||
        case_reader_open(args->operands[0], args->arena, &reader, err) < 0)
        return EXIT_ERROR;
    struct report_case in = {
        .reader = &reader,
        .document = reader.document,
        .lang = lang,
        .style = report_style(),
        .arena = args->arena,
    };
    struct str host;
    if (args->text[O_HOST]) {
        if (case_host(&reader, args->text[O_HOST], &host, err) < 0)
            return EXIT_ERROR;
        report_of_host(&in, host);
    }
    return put(args, &in, err) < 0 ? EXIT_ERROR : EXIT_OK;
}

const struct cmd CMD_REPORT = {
    .name = "report",
    .summary = "what a case says, for people: text, or one page to keep",
    .operands = "CASE",
    .detail = "The page needs nothing but itself: it reads without scripts, loads nothing and\n"
              "prints. It shows the verdict written last, in plain words first.",
    .opts = OPTS,
    .examples = EXAMPLES,
    .least = 1,
    .most = 1,
    .run = report,
};
