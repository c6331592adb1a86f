#include "cli/profile.h"

#include <string.h>
#include <sys/stat.h>

#include "base/limits.h"
#include "rule/nearest.h"
#include "rule/yaml.h"
#include "sys/file.h"

enum value_kind { WORDS, PATHS, PATHS_OR_NAMES, NAMED_PATHS, FLAG, REMARK };

static const struct key {
    const char *name;
    enum value_kind kind;
    const char *option; /* the command's; NULL: none */
} keys[] = {
    {"about", REMARK, NULL},
    {"rules", PATHS_OR_NAMES, "rules"},
    {"min-level", WORDS, "min-level"},
    {"status", WORDS, "status"},
    {"tag", WORDS, "tag"},
    {"tags", WORDS, "tag"},
    {"logsource", WORDS, "logsource"},
    {"placeholder", NAMED_PATHS, "placeholder"},
    {"pipeline", PATHS_OR_NAMES, "pipeline"},
    {"tune", PATHS, "tune"},
    {"indicators", PATHS, "indicators"},
    {"pack", PATHS_OR_NAMES, "pack"},
    {"level", WORDS, "level"},
    {"from", WORDS, "from"},
    {"to", WORDS, "to"},
    {"no-decode", FLAG, "no-decode"},
};

static const struct {
    const char *name, *text;
} builtin[] = {
    {"core", "about: rules that are settled and tell of something grave\n"
             "status: [stable, test]\nmin-level: high\n"},
    {"all", "about: every rule\n"},
};

struct reader {
    const struct cmd *cmd;
    struct args *args;
    struct str file;
    struct str folder; /* of the file, with its last '/'; "" for the current one */
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

static const char *text_of(const struct reader *r, struct str text)
{
    return text.n ? arena_printf(r->args->arena, "%.*s", STR_ARG(text)).p : "";
}

/* A path from the profile's folder; a name stays where no such file lies there. */
static const char *path_of(const struct reader *r, struct str text, bool or_name)
{
    struct stat st;
    if (text.n == 0 || text.p[0] == '/')
        return text_of(r, text);
    struct str path =
        arena_printf(r->args->arena, "%.*s%.*s", STR_ARG(r->folder), STR_ARG(text));
    return or_name && stat(path.p, &st) != 0 ? text_of(r, text) : path.p;
}

static const char *value_of(const struct reader *r, enum value_kind kind, struct str text)
{
    if (kind == PATHS || kind == PATHS_OR_NAMES)
        return path_of(r, text, kind == PATHS_OR_NAMES);
    size_t equals = str_find(text, STR("="), 0);
    if (kind != NAMED_PATHS || equals >= text.n)
        return text_of(r, text);
    const char *path = path_of(r, str_part(text, equals + 1, text.n), false);
    return arena_printf(r->args->arena, "%.*s=%s", STR_ARG(str_part(text, 0, equals)), path).p;
}

static int set_texts(const struct reader *r, const struct key *key, const struct yaml *y,
                     size_t option)
{
    bool is_list = y->type == YAML_LIST;
    bool one = r->cmd->opts[option].kind == OPT_TEXT;
    bool given = one ? r->args->text[option] != NULL : r->args->n_texts[option] > 0;
    const char **texts = NULL;
    size_t n = 0;
    size_t cap = 0;
    for (const struct yaml *v = is_list ? y->child : y; v; v = is_list ? v->next : NULL) {
        if (v->type == YAML_LIST || v->type == YAML_MAP || v->text.n == 0)
            return fail(r, start(v), "want a text or a list of texts for ", y->key);
        texts = arena_grow(r->args->arena, texts, n, &cap, sizeof *texts);
        texts[n++] = value_of(r, key->kind, v->text);
    }
    if (one && n != 1)
        return fail(r, start(y), "want one value for ", y->key);
    if (given)
        return 0;
    if (one) {
        r->args->text[option] = texts[0];
    } else {
        r->args->texts[option] = texts;
        r->args->n_texts[option] = n;
    }
    return 0;
}

static int set_option(const struct reader *r, const struct key *key, const struct yaml *y)
{
    size_t option = 0;
    const struct opt *opts = r->cmd->opts;
    if (key->kind == REMARK)
        return 0;
    while (opts[option].name && strcmp(opts[option].name, key->option) != 0)
        option++;
    if (key->kind == FLAG && y->type != YAML_BOOL)
        return fail(r, start(y), "want true or false for ", y->key);
    if (!opts[option].name)
        return 0;
    if (key->kind != FLAG)
        return set_texts(r, key, y, option);
    r->args->flag[option] = r->args->flag[option] || y->integer;
    return 0;
}

static int read_key(const struct reader *r, const struct yaml *y)
{
    struct nearest near = nearest_to(y->key);
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        if (str_eq(y->key, str_of(keys[i].name)))
            return set_option(r, &keys[i], y);
        nearest_try(&near, str_of(keys[i].name));
    }
    (void)fail(r, y->key_at, "a profile cannot hold ", y->key);
    return near.best.n ? err_behind(r->err, " (did you mean '%.*s'?)", STR_ARG(near.best)) : -1;
}

int profile_apply_text(const struct cmd *cmd, struct str file, struct str text,
                       struct args *args, struct err *err)
{
    struct arena *scratch = arena_new();
    struct yaml *map = NULL;
    struct yaml_mark at = {0};
    size_t end = file.n;
    while (end > 0 && file.p[end - 1] != '/')
        end--;
    struct reader r = {cmd, args, file, str_part(file, 0, end), err};
    int failed = yaml_parse_at(text, scratch, &map, &at, err);
    if (failed)
        failed = err_at(err, "%.*s:%u:%u", STR_ARG(file), at.line, at.column);
    else if (map && map->type != YAML_MAP && map->type != YAML_NULL)
        failed = fail(&r, start(map), "a profile is a map of options", STR(""));
    for (const struct yaml *y = map ? map->child : NULL; y && failed == 0; y = y->next)
        failed = read_key(&r, y);
    arena_free(scratch);
    return failed;
}

static const char *given_profile(const struct cmd *cmd, const struct args *args)
{
    for (size_t i = 0; cmd->opts && cmd->opts[i].name; i++)
        if (strcmp(cmd->opts[i].name, "profile") == 0)
            return args->text[i];
    return NULL;
}

int profile_apply(const struct cmd *cmd, struct args *args, struct err *err)
{
    const char *name = given_profile(cmd, args);
    struct stat st;
    struct bytes text = {0};
    if (!name)
        return 0;
    for (size_t i = 0; i < sizeof builtin / sizeof *builtin; i++)
        if (strcmp(name, builtin[i].name) == 0)
            return profile_apply_text(cmd, str_of(name), str_of(builtin[i].text), args, err);
    if (stat(name, &st) != 0 && !strchr(name, '/'))
        return err_set(err, ERR_INVALID,
                       "there is no profile \"%s\": want a file, or core or all", name);
    if (file_read(name, LIMIT_RULE_FILE, args->arena, &text, err) < 0)
        return -1;
    return profile_apply_text(cmd, str_of(name), (struct str){(const char *)text.p, text.n},
                              args, err);
}
