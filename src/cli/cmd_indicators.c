/* cmd_indicators.c - what lists of indicators hold, and what of them cannot be used. */
#include "base/json.h"
#include "base/safe.h"
#include "cli/cmd.h"
#include "cli/run.h"
#include "cli/setup.h"

enum { O_FORMAT };

static const struct opt OPTS[] = {
    [O_FORMAT] = {'f', "format", "text|json", "how it is printed (default text)", OPT_TEXT},
    {0},
};

static void put_notes(const struct indicator_list *list, const struct indicator_notes *notes,
                      const char *kind, struct buf *out)
{
    size_t n = notes->n < INDICATOR_TOLD ? notes->n : INDICATOR_TOLD;
    for (size_t i = 0; i < n; i++) {
        safe_terminal(out, list->path);
        buf_addf(out, ":%u: %s: ", notes->list[i].place, kind);
        safe_terminal(out, str_of(notes->list[i].why));
        if (notes->list[i].value.n) {
            buf_add_cstr(out, ": ");
            safe_terminal(out, notes->list[i].value);
        }
        buf_add_char(out, '\n');
    }
    if (notes->n > n) {
        safe_terminal(out, list->path);
        buf_addf(out, ": %s: and %zu more\n", kind, notes->n - n);
    }
}

static void put_list(const struct indicator_list *list, struct buf *out)
{
    put_notes(list, &list->refused, "refused", out);
    put_notes(list, &list->warnings, "warning", out);
    safe_terminal(out, list->path);
    buf_addf(out, ": %s, indicators: %zu", list->form, list->n);
    for (int i = 0; i < INDICATOR_TYPES; i++)
        if (list->of_type[i])
            buf_addf(out, ", %s: %zu", indicator_type_name((enum indicator_type)i),
                     list->of_type[i]);
    if (list->ending)
        buf_addf(out, "; valid for a time: %zu", list->ending);
    if (list->repeated)
        buf_addf(out, "; repeated: %zu", list->repeated);
    if (list->left)
        buf_addf(out, "; not to be looked for: %zu", list->left);
    buf_addf(out, "; refused: %zu, warnings: %zu\n", list->refused.n, list->warnings.n);
}

static void json_notes(struct json_out *j, const char *key, const struct indicator_notes *notes)
{
    json_key(j, key);
    json_begin(j, '[');
    for (size_t i = 0; i < notes->n && i < INDICATOR_TOLD; i++) {
        json_begin(j, '{');
        json_key(j, "place");
        json_u64(j, notes->list[i].place);
        json_key(j, "value");
        json_str(j, notes->list[i].value);
        json_key(j, "why");
        json_cstr(j, notes->list[i].why);
        json_end(j, '}');
    }
    json_end(j, ']');
}

static void json_count(struct json_out *j, const char *key, size_t n)
{
    json_key(j, key);
    json_u64(j, n);
}

static void put_json(const struct indicators *set, struct buf *out)
{
    struct json_out j = json_out(out);
    json_begin(&j, '{');
    json_key(&j, "lists");
    json_begin(&j, '[');
    for (size_t i = 0; i < set->n_lists; i++) {
        const struct indicator_list *list = &set->lists[i];
        json_begin(&j, '{');
        json_key(&j, "path");
        json_str(&j, list->path);
        json_key(&j, "form");
        json_cstr(&j, list->form);
        json_count(&j, "indicators", list->n);
        json_key(&j, "types");
        json_begin(&j, '{');
        for (int k = 0; k < INDICATOR_TYPES; k++)
            if (list->of_type[k])
                json_count(&j, indicator_type_name((enum indicator_type)k), list->of_type[k]);
        json_end(&j, '}');
        json_count(&j, "valid_for_a_time", list->ending);
        json_count(&j, "repeated", list->repeated);
        json_count(&j, "not_looked_for", list->left);
        json_count(&j, "refused", list->refused.n);
        json_count(&j, "warnings", list->warnings.n);
        json_notes(&j, "refusals", &list->refused);
        json_notes(&j, "notes", &list->warnings);
        json_end(&j, '}');
    }
    json_end(&j, ']');
    json_end(&j, '}');
    buf_add_char(out, '\n');
}

static int check(const struct args *args, struct err *err)
{
    enum cmd_format format = AS_TEXT;
    struct indicators *set = NULL;
    if (cmd_format(args->text[O_FORMAT], AS_JSON, &format, err) < 0 ||
        setup_indicators(args->operands, args->n_operands, &set, err) < 0)
        return EXIT_ERROR;
    struct buf out = buf_new(SIZE_MAX / 4);
    size_t refused = 0;
    for (size_t i = 0; i < set->n_lists; i++)
        refused += set->lists[i].refused.n;
    if (format == AS_JSON) {
        put_json(set, &out);
    } else {
        for (size_t i = 0; i < set->n_lists; i++)
            put_list(&set->lists[i], &out);
        if (set->n_lists > 1)
            buf_addf(&out, "all lists: indicators: %zu, refused: %zu\n", set->n, refused);
    }
    int failed = run_print(buf_str(&out), err);
    buf_free(&out);
    indicators_free(set);
    return failed ? EXIT_ERROR : refused ? EXIT_SEEN : EXIT_OK;
}

static const struct example EXAMPLES[] = {
    {"assay indicators check list.csv", "before a scan with --indicators list.csv"},
    {0},
};

static const struct cmd CMD_INDICATORS_CHECK = {
    .name = "indicators check",
    .summary = "what lists hold, what is refused, what is doubtful",
    .operands = "PATH...",
    .detail =
        "PATH is a list of indicators of compromise or a folder of them: CSV with a header,\n"
        "text with one a line, STIX 2 bundles, MISP events, lists of LOKI. Values that\n"
        "harmless systems have too are warnings. Exit status: 1 a line or object cannot be\n"
        "used; 0 none; 2 a mistake in the call.",
    .opts = OPTS,
    .examples = EXAMPLES,
    .least = 1,
    .most = ARGS_MAX,
    .run = check,
};

static const struct cmd *const parts[] = {&CMD_INDICATORS_CHECK, NULL};

const struct cmd CMD_INDICATORS = {
    .name = "indicators",
    .summary = "check lists of indicators of compromise",
    .operands = "check ...",
    .parts = parts,
    .least = 1,
    .most = ARGS_MAX,
    .run = cmd_wants_part,
};
