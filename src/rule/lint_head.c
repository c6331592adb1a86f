/* lint_head.c - everything of a rule but its detection.
 *
 * Source: Sigma specification 2.1.0, "Sigma Rules"
 */
#include "rule/lint_int.h"
#include "rule/nearest.h"
#include "rule/rules.h"

enum { TITLE_MAX = 256 };

#define COUNT(list) (sizeof(list) / sizeof *(list))

static const char *const keys[] = {
    "title",
    "id",
    "related",
    "name",
    "taxonomy",
    "status",
    "license",
    "author",
    "description",
    "references",
    "date",
    "modified",
    "logsource",
    "falsepositives",
    "detection",
    "correlation",
    "filter",
    "action",
    "scope",
    "fields",
    "level",
    "tags",
    "generate",
    /* SigmaHQ's own */
    "regression_tests_path",
    "simulation",
    /* ours, in packs and in tests of rules */
    "assay",
    "tests",
};
static const char *const statuses[] = {"stable", "test", "experimental", "deprecated",
                                       "unsupported"};
static const char *const relations[] = {"derived", "obsolete", "obsoletes",  "merged",
                                        "renamed", "similar",  "correlation"};
static const char *const correlation_keys[] = {"type",      "rules",   "group-by", "timespan",
                                               "condition", "aliases", "generate", "timeframe"};
static const char *const logsource_keys[] = {"product", "category", "service", "definition"};

static bool is_one_of(struct str word, const char *const *list, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (str_eq(word, str_of(list[i])))
            return true;
    return false;
}

static struct str nearest_of(struct str word, const char *const *list, size_t n)
{
    struct nearest near = nearest_to(word);
    for (size_t i = 0; i < n; i++)
        nearest_try(&near, str_of(list[i]));
    return near.best;
}

static struct yaml_mark start(const struct yaml *y)
{
    return yaml_mark_of(y, false, 0);
}

/* Words of our own behind a problem: " (did you mean 'x'?)" */
static struct str meant(struct lint_file *f, struct str best)
{
    return best.n ? arena_printf(f->arena, " (did you mean '%.*s'?)", STR_ARG(best)) : STR("");
}

/* Sigma lets everybody add keys of their own; one that is nearly a known key is a slip. */
static void look_at_keys(struct lint_file *f, const struct yaml *map, const char *const *list,
                         size_t n, const char *what)
{
    for (const struct yaml *y = map->child; y; y = y->next) {
        if (is_one_of(y->key, list, n))
            continue;
        struct str best = nearest_of(y->key, list, n);
        lint_tell(f, best.n ? LINT_WARNING : LINT_NOTE, y->key_at, "unknown-key",
                  "unknown key '%.*s'%s%.*s", STR_ARG(lint_short(y->key)), what,
                  STR_ARG(meant(f, best)));
    }
}

static void look_at_title(struct lint_file *f, const struct yaml *document)
{
    const struct yaml *title = yaml_get(document, "title");
    struct str text = yaml_text(document, "title");
    if (text.n == 0 && !f->collection)
        lint_tell(f, LINT_WARNING, start(title ? title : document), "missing-title",
                  "the rule has no title");
    if (text.n > TITLE_MAX)
        lint_tell(f, LINT_WARNING, start(title), "long-title",
                  "the title has %zu bytes; Sigma allows %d characters", text.n, TITLE_MAX);
}

static void look_at_id(struct lint_file *f, const struct yaml *document)
{
    const struct yaml *id = yaml_get(document, "id");
    if (!id || yaml_text(document, "id").n == 0) {
        if (!f->collection)
            lint_tell(f, LINT_WARNING, start(id ? id : document), "missing-id",
                      "the rule has no id; its findings cannot be told from others of its "
                      "title");
        return;
    }
    if (!lint_is_uuid(id->text))
        lint_tell(f, LINT_WARNING, start(id), "bad-id", "the id '%.*s' is no UUID",
                  STR_ARG(lint_short(id->text)));
    if (!f->collection)
        lint_id(f, id);
}

static void look_at_related(struct lint_file *f, const struct yaml *related)
{
    if (related && related->type != YAML_LIST)
        lint_tell(f, LINT_WARNING, start(related), "bad-related",
                  "`related` is a list of {id, type}");
    const struct yaml *y = related && related->type == YAML_LIST ? related->child : NULL;
    for (; y; y = y->next) {
        const struct yaml *id = yaml_get(y, "id");
        const struct yaml *type = yaml_get(y, "type");
        if (!id || !type)
            lint_tell(f, LINT_WARNING, start(y), "bad-related",
                      "`related` is a list of {id, type}");
        if (id && !lint_is_uuid(id->text))
            lint_tell(f, LINT_WARNING, start(id), "bad-id", "the related id '%.*s' is no UUID",
                      STR_ARG(lint_short(id->text)));
        if (type && !is_one_of(type->text, relations, COUNT(relations)))
            lint_tell(f, LINT_WARNING, start(type), "bad-related",
                      "unknown relation '%.*s'%.*s", STR_ARG(lint_short(type->text)),
                      STR_ARG(meant(f, nearest_of(type->text, relations, COUNT(relations)))));
    }
}

static void look_at_status(struct lint_file *f, const struct yaml *document)
{
    const struct yaml *status = yaml_get(document, "status");
    struct str text = yaml_text(document, "status");
    if (text.n == 0 && !f->collection && !yaml_get(document, "filter"))
        lint_tell(f, LINT_WARNING, start(status ? status : document), "missing-status",
                  "the rule has no status");
    else if (text.n && !is_one_of(text, statuses, COUNT(statuses)))
        lint_tell(f, LINT_WARNING, start(status), "unknown-status", "unknown status '%.*s'%.*s",
                  STR_ARG(lint_short(text)),
                  STR_ARG(meant(f, nearest_of(text, statuses, COUNT(statuses)))));
}

static void look_at_level(struct lint_file *f, const struct yaml *document)
{
    const struct yaml *level = yaml_get(document, "level");
    struct str text = yaml_text(document, "level");
    enum level known;
    struct nearest near = nearest_to(text);
    if (text.n == 0 && !f->collection && !yaml_get(document, "filter"))
        lint_tell(f, LINT_WARNING, start(level ? level : document), "missing-level",
                  "the rule has no level; it counts as medium");
    if (text.n == 0 || level_parse(text, &known))
        return;
    for (int i = LEVEL_INFORMATIONAL; i <= LEVEL_CRITICAL; i++)
        nearest_try(&near, str_of(level_name((enum level)i)));
    lint_tell(f, LINT_ERROR, start(level), "unknown-level", "unknown level '%.*s'%.*s",
              STR_ARG(lint_short(text)), STR_ARG(meant(f, near.best)));
}

/* ---- dates ---- */

static bool has_form(struct str text, const char *form)
{
    struct str f = str_of(form);
    for (size_t i = 0; i < f.n && text.n == f.n; i++) {
        bool digit = text.p[i] >= '0' && text.p[i] <= '9';
        if (f.p[i] == '0' ? !digit : text.p[i] != f.p[i])
            return false;
    }
    return text.n == f.n;
}

static bool is_day(struct str text)
{
    instant day;
    return has_form(text, "0000-00-00") && instant_parse(text, &day);
}

static void look_at_date(struct lint_file *f, const struct yaml *document, const char *key)
{
    const struct yaml *date = yaml_get(document, key);
    struct str text = yaml_text(document, key);
    if (!date || is_day(text))
        return;
    if (has_form(text, "0000/00/00"))
        lint_tell(f, LINT_WARNING, start(date), "old-date",
                  "%s '%.*s': since Sigma 2.0 dates are written with '-'", key, STR_ARG(text));
    else
        lint_tell(f, LINT_WARNING, start(date), "bad-date",
                  "%s '%.*s' is no date; want one such as 2026-11-23", key,
                  STR_ARG(lint_short(text)));
}

static void look_at_dates(struct lint_file *f, const struct yaml *document)
{
    struct str date = yaml_text(document, "date");
    struct str modified = yaml_text(document, "modified");
    look_at_date(f, document, "date");
    look_at_date(f, document, "modified");
    if (is_day(date) && is_day(modified) && str_cmp(modified, date) < 0)
        lint_tell(f, LINT_WARNING, start(yaml_get(document, "modified")), "bad-date",
                  "modified %.*s is before the date of the rule, %.*s", STR_ARG(modified),
                  STR_ARG(date));
}

/* ---- the whole ---- */

static void look_at_logsource(struct lint_file *f, const struct yaml *logsource)
{
    if (!logsource || logsource->type != YAML_MAP)
        return; /* the engine tells it */
    look_at_keys(f, logsource, logsource_keys, COUNT(logsource_keys), " in the log source");
}

/* What makes it unusable the engine tells. */
static void look_at_correlation(struct lint_file *f, const struct yaml *part)
{
    static const char *const falling[] = {"lt", "lte", "eq", "neq"};
    const struct yaml *condition = yaml_get(part, "condition");
    if (!part || part->type != YAML_MAP)
        return;
    look_at_keys(f, part, correlation_keys, COUNT(correlation_keys), " in the correlation");
    if (!yaml_get(part, "group-by"))
        lint_tell(f, LINT_NOTE, part->key_at, "no-group",
                  "without 'group-by' the events of all hosts are counted together");
    for (const struct yaml *y = condition ? condition->child : NULL; y; y = y->next)
        if (is_one_of(y->key, falling, COUNT(falling)) && !yaml_get(condition, "gt") &&
            !yaml_get(condition, "gte"))
            lint_tell(f, LINT_NOTE, y->key_at, "window-at-event",
                      "windows begin at an event: a time without any never has '%.*s'",
                      STR_ARG(y->key));
}

void lint_head(struct lint_file *f, const struct yaml *document)
{
    look_at_keys(f, document, keys, COUNT(keys), "");
    look_at_title(f, document);
    look_at_id(f, document);
    look_at_related(f, yaml_get(document, "related"));
    look_at_status(f, document);
    look_at_level(f, document);
    look_at_dates(f, document);
    look_at_logsource(f, yaml_get(document, "logsource"));
    look_at_correlation(f, yaml_get(document, "correlation"));
    lint_tags(f, yaml_get(document, "tags"));
}
