/* tune.c - see tune.h. */
#include "rule/tune.h"

#include "rule/fold.h"
#include "rule/nearest.h"

enum {
    ENTRIES_MAX = 10000,
    WORDS_MAX = 1000, /* of one list of an entry */
};

struct tuning *tune_new(struct arena *arena)
{
    struct tuning *t = ARENA_NEW(arena, struct tuning);
    t->arena = arena;
    return t;
}

/* ---- patterns ---- */

static size_t one_character(struct str text, size_t at)
{
    size_t n = 1;
    while (at + n < text.n && ((unsigned char)text.p[at + n] & 0xc0) == 0x80)
        n++;
    return n;
}

bool tune_like(struct str pattern, struct str text)
{
    size_t p = 0;
    size_t t = 0;
    size_t star = SIZE_MAX;
    size_t mark = 0;
    while (t < text.n) {
        if (p < pattern.n && pattern.p[p] == '*') {
            star = p++;
            mark = t;
        } else if (p < pattern.n && pattern.p[p] == '?') {
            p++;
            t += one_character(text, t);
        } else if (p < pattern.n && pattern.p[p] == text.p[t]) {
            p++;
            t++;
        } else if (star != SIZE_MAX) {
            p = star + 1;
            mark += one_character(text, mark);
            t = mark;
        } else {
            return false;
        }
    }
    while (p < pattern.n && pattern.p[p] == '*')
        p++;
    return p == pattern.n;
}

static struct str slashed(struct str text, struct arena *arena)
{
    char *to = ARENA_ARRAY(arena, char, text.n + 1);
    for (size_t i = 0; i < text.n; i++)
        to[i] = text.p[i] == '\\' ? '/' : text.p[i];
    return fold_str((struct str){to, text.n}, arena);
}

static bool like_any(const struct str *patterns, size_t n, struct str text)
{
    for (size_t i = 0; i < n; i++)
        if (tune_like(patterns[i], text))
            return true;
    return false;
}

/* ---- reading ---- */

struct reader {
    struct tuning *t;
    struct str file;
    struct err *err;
};

static int fail(const struct reader *r, struct yaml_mark at, const char *what, struct str word)
{
    return err_set(r->err, ERR_INVALID, "%.*s:%u:%u: %s%.*s", STR_ARG(r->file), at.line,
                   at.column, what, STR_ARG(str_part(word, 0, 80)));
}

static struct yaml_mark start(const struct yaml *y)
{
    return yaml_mark_of(y, false, 0);
}

static bool is_word(const struct yaml *y)
{
    return y->type != YAML_MAP && y->type != YAML_LIST && y->type != YAML_NULL && y->text.n;
}

/* One text or a list of texts. */
static int read_words(const struct reader *r, const struct yaml *y, const struct str **ret,
                      size_t *ret_n)
{
    bool is_list = y && y->type == YAML_LIST;
    struct str *words = NULL;
    size_t n = 0;
    size_t cap = 0;
    for (const struct yaml *w = is_list ? y->child : y; w; w = is_list ? w->next : NULL) {
        if (!is_word(w) || n == WORDS_MAX)
            return fail(r, start(w), "want a text or a list of texts", STR(""));
        words = arena_grow(r->t->arena, words, n, &cap, sizeof *words);
        words[n++] = arena_str(r->t->arena, w->text);
    }
    if (is_list && n == 0)
        return fail(r, start(y), "an empty list", STR(""));
    *ret = words;
    *ret_n = n;
    return 0;
}

static int read_patterns(const struct reader *r, const struct yaml *y, bool path,
                         const struct str **ret, size_t *ret_n)
{
    const struct str *words = NULL;
    if (read_words(r, y, &words, ret_n) < 0)
        return -1;
    struct str *patterns = ARENA_ARRAY(r->t->arena, struct str, *ret_n);
    for (size_t i = 0; i < *ret_n; i++)
        patterns[i] = path ? slashed(words[i], r->t->arena) : fold_str(words[i], r->t->arena);
    *ret = patterns;
    return 0;
}

static int check_keys(const struct reader *r, const struct yaml *entry)
{
    static const char *const keys[] = {"rule", "level",  "suppress", "host",
                                       "path", "reason", "until"};
    for (const struct yaml *y = entry->child; y; y = y->next) {
        bool known = false;
        for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
            known = known || str_eq(y->key, str_of(keys[i]));
        if (!known)
            return fail(r, y->key_at,
                        "want rule, level or suppress, host, path, reason, until; not ",
                        y->key);
    }
    return 0;
}

static int read_effect(const struct reader *r, const struct yaml *y, struct tune_entry *e)
{
    const struct yaml *level = yaml_get(y, "level");
    const struct yaml *suppress = yaml_get(y, "suppress");
    if ((level != NULL) == (suppress != NULL))
        return fail(r, start(y), "an entry needs either `level` or `suppress: true`", STR(""));
    if (suppress && (suppress->type != YAML_BOOL || !suppress->integer))
        return fail(r, start(suppress), "suppress is true, or left out", STR(""));
    if (level && !level_parse(level->text, &e->level))
        return fail(r, start(level), "unknown level ", level->text);
    e->suppress = suppress != NULL;
    return 0;
}

static int read_entry(const struct reader *r, const struct yaml *y, struct tune_entry *e)
{
    const struct yaml *until = yaml_get(y, "until");
    if (y->type != YAML_MAP)
        return fail(r, start(y), "an entry is a map", STR(""));
    if (check_keys(r, y) < 0 || read_effect(r, y, e) < 0 ||
        read_words(r, yaml_get(y, "rule"), &e->rules, &e->n_rules) < 0 ||
        read_patterns(r, yaml_get(y, "host"), false, &e->hosts, &e->n_hosts) < 0 ||
        read_patterns(r, yaml_get(y, "path"), true, &e->paths, &e->n_paths) < 0)
        return -1;
    if (e->n_rules == 0)
        return fail(r, start(y), "an entry needs `rule`: ids or titles of rules", STR(""));
    e->reason = arena_str(r->t->arena, yaml_text(y, "reason"));
    if (e->reason.n == 0)
        return fail(r, start(y), "an entry needs a `reason`", STR(""));
    if (until && !instant_parse(until->text, &e->until))
        return fail(r, start(until), "until is a date such as 2026-11-23, not ", until->text);
    return 0;
}

int tune_add(struct tuning *t, struct str file, struct str text, struct err *err)
{
    struct arena *scratch = arena_new();
    struct yaml *list = NULL;
    struct yaml_mark at = {0};
    struct reader r = {.t = t, .file = arena_str(t->arena, file), .err = err};
    int failed = yaml_parse_at(text, scratch, &list, &at, err);
    if (failed)
        failed = err_at(err, "%.*s:%u:%u", STR_ARG(file), at.line, at.column);
    else if (list && list->type != YAML_LIST)
        failed = fail(&r, start(list), "a tuning list is a list of entries", STR(""));
    const struct yaml *y = list && failed == 0 ? list->child : NULL;
    for (; y && failed == 0; y = y->next) {
        struct tune_entry *e = ARENA_NEW(t->arena, struct tune_entry);
        *e = (struct tune_entry){.until = INSTANT_NONE, .file = r.file, .line = y->line};
        if (t->n == ENTRIES_MAX)
            failed = fail(&r, start(y), "too many entries", STR(""));
        else
            failed = read_entry(&r, y, e);
        t->entries =
            arena_grow(t->arena, t->entries, t->n, &t->cap, sizeof(struct tune_entry *));
        t->entries[t->n++] = e;
    }
    arena_free(scratch);
    return failed;
}

/* ---- binding ---- */

static bool is_called(const struct rule *rule, struct str word)
{
    return (rule->id.n && str_ieq(rule->id, word)) ||
           (rule->title.n && str_ieq(rule->title, word));
}

static void add_entry(struct tuning *t, uint32_t rule, const struct tune_entry *e)
{
    struct tune_list *list = &t->by_rule[rule];
    list->entries = arena_grow(t->arena, list->entries, list->n, &list->cap,
                               sizeof(const struct tune_entry *));
    list->entries[list->n++] = e;
}

static int bind_word(struct tuning *t, const struct ruleset *rules, const struct tune_entry *e,
                     struct str word, struct err *err)
{
    bool found = false;
    for (uint32_t i = 0; i < ruleset_count(rules); i++) {
        const struct rule *rule = ruleset_get(rules, i);
        if (!is_called(rule, word))
            continue;
        if (rule->pack.n)
            return err_set(err, ERR_INVALID,
                           "%.*s:%u: \"%.*s\" is a rule of the pack %.*s: the verdict rests on "
                           "it, and it cannot be tuned",
                           STR_ARG(e->file), e->line, STR_ARG(str_part(word, 0, 80)),
                           STR_ARG(rule->pack));
        add_entry(t, i, e);
        found = true;
    }
    if (!found) {
        t->unknown =
            arena_grow(t->arena, t->unknown, t->n_unknown, &t->cap_unknown, sizeof *t->unknown);
        t->unknown[t->n_unknown++] = (struct tune_unknown){e, word};
    }
    return 0;
}

int tune_bind(struct tuning *t, const struct ruleset *rules, struct err *err)
{
    t->by_rule = ARENA_ARRAY(t->arena, struct tune_list, ruleset_count(rules));
    for (size_t i = 0; i < t->n; i++)
        for (size_t k = 0; k < t->entries[i]->n_rules; k++)
            if (bind_word(t, rules, t->entries[i], t->entries[i]->rules[k], err) < 0)
                return -1;
    return 0;
}

/* ---- finding ---- */

static bool host_fits(const struct tune_entry *e, struct str host)
{
    if (e->n_hosts == 0)
        return true;
    struct str first = str_part(host, 0, str_find(host, STR("."), 0));
    return host.n &&
           (like_any(e->hosts, e->n_hosts, host) || like_any(e->hosts, e->n_hosts, first));
}

static bool path_fits(const struct tune_entry *e, struct str path, struct str below)
{
    return e->n_paths == 0 || like_any(e->paths, e->n_paths, path) ||
           like_any(e->paths, e->n_paths, below);
}

static bool time_fits(const struct tune_entry *e, instant time)
{
    return e->until == INSTANT_NONE || (time != INSTANT_NONE && time < e->until);
}

const struct tune_entry *tune_find(const struct tuning *t, uint32_t rule,
                                   const struct tune_subject *subject)
{
    const struct tune_entry *found = NULL;
    if (!t || t->by_rule[rule].n == 0)
        return NULL;
    struct arena *scratch = arena_new();
    struct str host = fold_str(subject->host, scratch);
    struct str path = slashed(subject->path, scratch);
    struct str below = slashed(subject->below, scratch);
    for (size_t i = 0; i < t->by_rule[rule].n && !found; i++) {
        const struct tune_entry *e = t->by_rule[rule].entries[i];
        if (host_fits(e, host) && path_fits(e, path, below) && time_fits(e, subject->time))
            found = e;
    }
    arena_free(scratch);
    return found;
}

const struct tune_entry *tune_find_counted(const struct tuning *t, uint32_t rule,
                                           struct str path, struct str below)
{
    const struct tune_entry *found = NULL;
    if (!t || t->by_rule[rule].n == 0)
        return NULL;
    struct arena *scratch = arena_new();
    struct str whole = slashed(path, scratch);
    struct str part = slashed(below, scratch);
    for (size_t i = 0; i < t->by_rule[rule].n && !found; i++) {
        const struct tune_entry *e = t->by_rule[rule].entries[i];
        if (e->n_hosts || e->until != INSTANT_NONE)
            break;
        if (path_fits(e, whole, part))
            found = e;
    }
    arena_free(scratch);
    return found;
}

enum level tune_level(const struct tune_entry *entry, const struct rule *rule)
{
    return entry && !entry->suppress ? entry->level : rule->level;
}
