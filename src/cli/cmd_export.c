#include <stdio.h>
#include <string.h>

#include "base/auto.h"
#include "cli/cmd.h"
#include "cli/sharing.h"
#include "report/export.h"
#include "report/misp.h"
#include "report/notice.h"
#include "report/stix.h"

enum { O_FORMAT, O_TABLE, O_TLP, O_MODIFIED, O_SHARING };

enum form { AS_TABLE_CSV, AS_TABLE_JSONL, AS_STIX, AS_MISP, AS_NOTICE, FORMS };

static const char *const FORM_NAMES[FORMS] = {"csv", "jsonl", "stix", "misp", "notice"};

static const struct opt OPTS[] = {
    [O_FORMAT] = {'f', "format", "stix|misp|csv|jsonl|notice",
                  "which form; notice: a paragraph for each owner", OPT_TEXT},
    [O_TABLE] = {'t', "table", "findings|facts|evidence",
                 "of csv and jsonl: what its rows are (default findings)", OPT_TEXT},
    [O_TLP] = {0, "tlp", "clear|green|amber|amber+strict|red",
               "how it may be passed on (default amber); what an indicator list\n"
               "marks stricter is left out",
               OPT_TEXT},
    [O_MODIFIED] = {0, "modified", "TIME",
                    "of stix and misp: when what is told was last changed\n"
                    "(default: the end of the evidence)",
                    OPT_TEXT},
    SHARING_ROWS(O_SHARING),
    {0},
};

struct order {
    enum form form;
    enum export_table table;
    enum tlp tlp;
    instant modified;
    struct case_filter filter;
    uint64_t kept_back;
};

static int read_tlp(const char *text, enum tlp *ret, struct err *err)
{
    char marking[32];
    *ret = TLP_AMBER;
    if (!text)
        return 0;
    bool whole = strncmp(text, "TLP:", 4) == 0 || strncmp(text, "tlp:", 4) == 0;
    int n = snprintf(marking, sizeof marking, "%s%s", whole ? "" : "TLP:", text);
    if (n > 0 && (size_t)n < sizeof marking && tlp_parse(str_of(marking), ret))
        return 0;
    return err_set(err, ERR_INVALID,
                   "--tlp %.40s: want clear, green, amber, amber+strict or red", text);
}

static int read_order(const struct args *args, struct order *ret, struct err *err)
{
    static const char *const tables[] = {"findings", "facts", "evidence"};
    const char *form = args->text[O_FORMAT];
    const char *table = args->text[O_TABLE] ? args->text[O_TABLE] : tables[0];
    size_t f = 0;
    size_t t = 0;
    if (!form)
        return err_set(err, ERR_INVALID,
                       "say which --format; `assay export --help` lists them");
    while (f < FORMS && strcmp(form, FORM_NAMES[f]) != 0)
        f++;
    if (f == FORMS)
        return err_set(err, ERR_INVALID, "--format %.40s: there is no such form", form);
    while (t <= EXPORT_EVIDENCE && strcmp(table, tables[t]) != 0)
        t++;
    if (t > EXPORT_EVIDENCE)
        return err_set(err, ERR_INVALID, "--table %.40s: want findings, facts or evidence",
                       table);
    ret->form = (enum form)f;
    ret->table = (enum export_table)t;
    ret->modified = INSTANT_NONE;
    if (cmd_time("modified", args->text[O_MODIFIED], &ret->modified, err) < 0)
        return -1;
    return read_tlp(args->text[O_TLP], &ret->tlp, err);
}

static void tell_stix(const struct stix_told *told)
{
    if (told->undated)
        (void)fprintf(stderr, "assay: %llu acts have no time and are no observed data\n",
                      (unsigned long long)told->undated);
    if (told->without_indicator)
        (void)fprintf(stderr, "assay: %llu addresses are no indicators, being redacted\n",
                      (unsigned long long)told->without_indicator);
}

static void put_document(const struct share *s, const struct order *o,
                         const struct gathering *g, struct buf *text)
{
    struct stix_told told = {0};
    if (o->form == AS_STIX) {
        stix_bundle(s, g, o->modified, text, &told);
        tell_stix(&told);
    } else if (o->form == AS_MISP) {
        misp_event(s, g, o->modified, text);
    } else if (notices(s, g, text) == 0) {
        (void)fprintf(stderr, "assay: no host was attacked, as far as the evidence tells: "
                              "no notice\n");
    }
}

static int write_document(const struct share *s, struct order *o, struct arena *arena,
                          struct outfile *out, struct err *err)
{
    struct gathering g;
    if (gather(s, &o->filter, arena, &g, err) < 0)
        return -1;
    struct buf text = buf_new(SIZE_MAX / 4);
    put_document(s, o, &g, &text);
    int failed = text.full ? err_set(err, ERR_LIMIT, "the document is too long")
                           : outfile_put(out, buf_str(&text), err);
    buf_free(&text);
    o->kept_back = g.kept_back;
    return failed;
}

static bool is_table(enum form f)
{
    return f == AS_TABLE_CSV || f == AS_TABLE_JSONL;
}

static int write_table(const struct share *s, struct order *o, struct outfile *out,
                       struct err *err)
{
    struct export_told told = {0};
    int failed =
        export_table(s, &o->filter, o->table,
                     o->form == AS_TABLE_CSV ? EXPORT_CSV : EXPORT_JSONL, out, &told, err);
    o->kept_back = told.kept_back;
    return failed;
}

static int write_form(const struct args *args, const struct share *s, struct order *o,
                      struct err *err)
{
    AUTO(outfile_close) struct outfile out = {0};
    if (outfile_open(args->text[O_SHARING + SHARING_OPTIONS - 1], &out, err) < 0 ||
        (is_table(o->form) ? write_table(s, o, &out, err)
                           : write_document(s, o, args->arena, &out, err)) < 0 ||
        outfile_commit(&out, err) < 0)
        return -1;
    if (o->kept_back)
        (void)fprintf(stderr, "assay: %llu left out: marked stricter than %s\n",
                      (unsigned long long)o->kept_back, tlp_name(o->tlp));
    return 0;
}

static int export(const struct args *args, struct err *err)
{
    struct order o = {0};
    struct share s;
    AUTO(case_reader_close) struct case_reader reader = {0};
    if (read_order(args, &o, err) < 0 ||
        sharing_open(args, O_SHARING, &reader, &s, &o.filter, err) < 0)
        return EXIT_ERROR;
    s.tlp = o.tlp;
    return write_form(args, &s, &o, err) < 0 ? EXIT_ERROR : EXIT_OK;
}

const struct cmd CMD_EXPORT = {
    .name = "export",
    .summary = "write a case in a form that other programs read",
    .operands = "CASE",
    .detail = "docs/exports.md says what stands where.",
    .opts = OPTS,
    .least = 1,
    .most = 1,
    .run = export,
};
