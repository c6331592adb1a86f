/* cmd_rules_list.c - which rules are in use, and which were refused, and why. */
#include <stdio.h>
#include <unistd.h>

#include "base/csv.h"
#include "base/json.h"
#include "base/safe.h"
#include "cli/cmd_rules.h"
#include "cli/ruleopts.h"
#include "cli/run.h"
#include "report/wrap.h"

enum { O_FORMAT, O_RULES };

static const struct opt OPTS[] = {
    [O_FORMAT] = {'f', "format", "text|json|csv", "how it is printed (default text)", OPT_TEXT},
    RULEOPT_ROWS(O_RULES),
    {0},
};

struct row {
    const char *state; /* loaded, refused, notice */
    bool loaded;
    const char *level;
    struct str id, title, status, path, pack, reason;
    struct str logsource; /* "windows/process_creation", "correlation/event_count" */
    struct str tags;      /* joined by ", " */
    const struct yaml *tag_list;
    struct yaml_mark at;
    bool reaches;
    unsigned n_filters;
    bool silent; /* for correlations only */
};

/* ---- rows ---- */

static struct str logsource_text(const struct yaml *document, struct arena *arena)
{
    static const char *const keys[] = {"product", "category", "service"};
    const struct yaml *logsource = yaml_get(document, "logsource");
    struct str type = yaml_text(yaml_get(document, "correlation"), "type");
    struct str text = STR("");
    if (type.n)
        return arena_printf(arena, "correlation/%.*s", STR_ARG(type));
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        struct str part = yaml_text(logsource, keys[i]);
        if (part.n)
            text = arena_printf(arena, "%.*s%s%.*s", STR_ARG(text), text.n ? "/" : "",
                                STR_ARG(part));
    }
    return text;
}

static struct str tags_text(const struct yaml *tags, struct arena *arena)
{
    enum { TAGS_TEXT = 4096 };
    struct buf b = buf_new(TAGS_TEXT);
    const struct yaml *y = tags && tags->type == YAML_LIST ? tags->child : NULL;
    for (; y; y = y->next)
        buf_addf(&b, "%s%.*s", b.n ? ", " : "", STR_ARG(y->text));
    struct str text = arena_str(arena, buf_str(&b));
    buf_free(&b);
    return text;
}

static struct row loaded_row(const struct ruleset *rules, size_t i, struct arena *arena)
{
    const struct rule *r = ruleset_get(rules, i);
    const struct yaml *tags = yaml_get(r->document, "tags");
    return (struct row){
        .state = "loaded",
        .loaded = true,
        .level = level_name(r->level),
        .id = r->id,
        .title = r->title,
        .status = r->status,
        .path = r->path,
        .pack = r->pack,
        .logsource = logsource_text(r->document, arena),
        .tags = tags_text(tags, arena),
        .tag_list = tags && tags->type == YAML_LIST ? tags->child : NULL,
        .reaches = ruleset_reaches(rules, i),
        .n_filters = r->n_filters,
        .silent = r->silent,
    };
}

static struct row refused_row(const struct refusal *r, const char *state, struct arena *arena)
{
    struct str path = r->path;
    if (r->at.line)
        path = arena_printf(arena, "%.*s:%u:%u", STR_ARG(path), r->at.line, r->at.column);
    return (struct row){.state = state,
                        .level = "-",
                        .id = r->id,
                        .reason = r->reason,
                        .path = path,
                        .at = r->at};
}

/* ---- for programs ---- */

static void json_field(struct json_out *j, const char *key, struct str text)
{
    json_key(j, key);
    json_str(j, text);
}

static void json_loaded(struct json_out *j, const struct row *r)
{
    json_begin(j, '{');
    json_field(j, "id", r->id);
    json_field(j, "title", r->title);
    json_field(j, "level", str_of(r->level));
    json_field(j, "status", r->status);
    json_field(j, "logsource", r->logsource);
    json_key(j, "tags");
    json_begin(j, '[');
    for (const struct yaml *y = r->tag_list; y; y = y->next)
        json_str(j, y->text);
    json_end(j, ']');
    json_field(j, "pack", r->pack);
    json_field(j, "path", r->path);
    json_key(j, "has_evidence");
    json_bool(j, r->reaches);
    json_key(j, "filters");
    json_u64(j, r->n_filters);
    json_key(j, "silent");
    json_bool(j, r->silent);
    json_end(j, '}');
}

static void json_refused(struct json_out *j, const struct refusal *r)
{
    json_begin(j, '{');
    json_field(j, "path", r->path);
    json_key(j, "line");
    json_u64(j, r->at.line);
    json_key(j, "column");
    json_u64(j, r->at.column);
    json_field(j, "id", r->id);
    json_field(j, "reason", r->reason);
    json_end(j, '}');
}

static void json_told(struct json_out *j, const char *key, const struct refusal *list, size_t n)
{
    json_key(j, key);
    json_begin(j, '[');
    for (size_t i = 0; i < n; i++)
        json_refused(j, &list[i]);
    json_end(j, ']');
}

static void list_json(const struct ruleset *rules, struct arena *arena, struct buf *out)
{
    struct json_out j = json_out(out);
    const struct refusal *refused;
    size_t n = ruleset_refusals(rules, &refused);
    json_begin(&j, '{');
    json_key(&j, "rules");
    json_begin(&j, '[');
    for (size_t i = 0; i < ruleset_count(rules); i++) {
        struct row r = loaded_row(rules, i, arena);
        if (ruleset_get(rules, i)->made)
            continue;
        json_loaded(&j, &r);
    }
    json_end(&j, ']');
    json_told(&j, "refused", refused, n);
    n = ruleset_notices(rules, &refused);
    json_told(&j, "notices", refused, n);
    json_key(&j, "left_out");
    json_u64(&j, ruleset_left_out(rules));
    json_key(&j, "other_documents");
    json_u64(&j, ruleset_others(rules));
    json_end(&j, '}');
    buf_add_char(out, '\n');
}

static void put_cell(struct buf *out, struct str text, bool csv, bool last)
{
    if (csv)
        csv_cell(out, text);
    else
        safe_terminal(out, text);
    buf_add_cstr(out, !last ? (csv ? "," : "\t") : csv ? "\r\n" : "\n");
}

static void put_row(struct buf *out, const struct row *r, bool csv)
{
    struct str dash = csv ? STR("") : STR("-");
    char filters[16];
    put_cell(out, str_of(r->state), csv, false);
    put_cell(out, r->loaded || !csv ? str_of(r->level) : STR(""), csv, false);
    put_cell(out, r->id.n ? r->id : dash, csv, false);
    put_cell(out, r->loaded ? r->title : r->reason, csv, false);
    put_cell(out, r->path, csv, false);
    put_cell(out, r->status.n ? r->status : dash, csv, false);
    put_cell(out, r->logsource.n ? r->logsource : dash, csv, false);
    put_cell(out, r->tags.n ? r->tags : dash, csv, false);
    (void)snprintf(filters, sizeof filters, "%u", r->n_filters);
    put_cell(out, r->loaded ? str_of(filters) : dash, csv, true);
}

static void list_rows(const struct ruleset *rules, bool csv, struct arena *arena,
                      struct buf *out)
{
    const struct refusal *refused;
    size_t n = ruleset_refusals(rules, &refused);
    if (csv)
        buf_add_cstr(out,
                     "state,level,id,title_or_reason,file,status,logsource,tags,filters\r\n");
    for (size_t i = 0; i < ruleset_count(rules); i++) {
        struct row r = loaded_row(rules, i, arena);
        if (ruleset_get(rules, i)->made)
            continue;
        put_row(out, &r, csv);
    }
    for (size_t i = 0; i < n; i++) {
        struct row r = refused_row(&refused[i], "refused", arena);
        put_row(out, &r, csv);
    }
    n = ruleset_notices(rules, &refused);
    for (size_t i = 0; i < n; i++) {
        struct row r = refused_row(&refused[i], "notice", arena);
        put_row(out, &r, csv);
    }
}

/* ---- for people ---- */

static void put_rule(struct buf *out, const struct row *r)
{
    enum { TITLE_AT = 28, LINE_TEXT = 5000 };
    char first[64];
    struct buf safe = buf_new(100);
    struct buf more = buf_new(LINE_TEXT);
    safe_terminal(&safe, str_part(r->status, 0, 12));
    (void)snprintf(first, sizeof first, "%-14s%-14.*s", r->level,
                   STR_ARG(safe.n ? buf_str(&safe) : STR("-")));
    wrap_text(out, first, TITLE_AT, r->title.n ? r->title : r->id);
    buf_add_str(&more, r->logsource);
    if (r->pack.n)
        buf_addf(&more, "; of pack %.*s", STR_ARG(r->pack));
    if (r->tags.n)
        buf_addf(&more, "; %.*s", STR_ARG(r->tags));
    if (r->silent)
        buf_add_cstr(&more, "; told through correlations only");
    if (r->n_filters)
        buf_addf(&more, "; filters: %u", r->n_filters);
    if (!r->reaches)
        buf_add_cstr(&more, "; no evidence that is read can feed it");
    wrap_text(out, "                            ", TITLE_AT, buf_str(&more));
    buf_free(&more);
    buf_free(&safe);
}

static void put_told(struct buf *out, const char *title, const struct refusal *list, size_t n,
                     struct arena *arena)
{
    if (n)
        buf_addf(out, "\n%s\n", title);
    for (size_t i = 0; i < n; i++) {
        struct row r = refused_row(&list[i], "", arena);
        wrap_text(out, "  ", 6,
                  arena_printf(arena, "%.*s: %.*s", STR_ARG(r.path), STR_ARG(r.reason)));
    }
}

static void list_for_people(const struct ruleset *rules, struct arena *arena, struct buf *out)
{
    const struct refusal *refused;
    size_t n = ruleset_refusals(rules, &refused);
    size_t loaded = ruleset_given(rules);
    const struct refusal *notices;
    size_t n_notices = ruleset_notices(rules, &notices);
    buf_addf(out, "%-14s%-14s%s\n", "LEVEL", "STATUS", "RULE, its log source and tags");
    for (size_t i = 0; i < ruleset_count(rules); i++) {
        struct row r = loaded_row(rules, i, arena);
        if (ruleset_get(rules, i)->made)
            continue;
        put_rule(out, &r);
    }
    put_told(out, "REFUSED", refused, n, arena);
    put_told(out, "WITHOUT EFFECT", notices, n_notices, arena);
    buf_addf(out, "\nrules in use: %zu, refused: %zu", loaded, n);
    if (ruleset_left_out(rules))
        buf_addf(out, ", left out as not chosen: %zu", ruleset_left_out(rules));
    if (ruleset_others(rules))
        buf_addf(out, "; documents that are no rules: %zu", ruleset_others(rules));
    buf_add_char(out, '\n');
}

static int list(const struct args *args, struct err *err)
{
    struct setup_options options = {0};
    struct setup setup = {0};
    enum cmd_format format = AS_TEXT;
    if (cmd_format(args->text[O_FORMAT], AS_CSV, &format, err) < 0 ||
        ruleopts_read(args, O_RULES, &options, err) < 0 ||
        setup_load(&options, args->arena, &setup, err) < 0)
        return EXIT_ERROR;
    struct buf out = buf_new(SIZE_MAX / 4);
    if (format == AS_JSON)
        list_json(setup.rules, args->arena, &out);
    else if (format == AS_TEXT && isatty(STDOUT_FILENO))
        list_for_people(setup.rules, args->arena, &out);
    else
        list_rows(setup.rules, format == AS_CSV, args->arena, &out);
    int failed = run_print(buf_str(&out), err);
    buf_free(&out);
    setup_close(&setup);
    return failed ? EXIT_ERROR : EXIT_OK;
}

static const struct opt_group GROUPS[] = {RULEOPT_GROUP, {0}};

static const struct example EXAMPLES[] = {
    {"assay rules list --rules sigma.zip --min-level high",
     "which of these rules would be used"},
    {0},
};

const struct cmd CMD_RULES_LIST = {
    .name = "rules list",
    .summary = "the rules in use, and those refused with the reason",
    .operands = "",
    .detail = "In a pipe, columns separated by tabs: loaded, refused or notice, level, id,\n"
              "title or reason, file (refused: file:line:column), status, log source, tags,\n"
              "filters.",
    .opts = OPTS,
    .groups = GROUPS,
    .examples = EXAMPLES,
    .least = 0,
    .most = 0,
    .run = list,
};
