/* cmd_rules_import.c - takes a set of rules over, so that scans use it by name. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/json.h"
#include "base/safe.h"
#include "cli/cmd_rules.h"
#include "cli/rulefiles.h"
#include "cli/run.h"
#include "rule/documents.h"
#include "rule/rules.h"
#include "sys/file.h"

enum { O_OUTPUT, O_NAME, O_FORCE };

static const struct opt OPTS[] = {
    [O_OUTPUT] = {'o', "output", "DIR",
                  "the folder to make (default: NAME in the folder of\n"
                  "imported sets, $XDG_DATA_HOME/assay/rules or\n"
                  "~/.local/share/assay/rules)",
                  OPT_TEXT},
    [O_NAME] = {'n', "name", "NAME", "what the set is called (default: from the name of\nPATH)",
                OPT_TEXT},
    [O_FORCE] = {0, "force", NULL, "write over files of an earlier import", OPT_FLAG},
    {0},
};

static const char INDEX_NAME[] = "assay-import.json";

struct import {
    const struct args *args;
    struct arena *arena;
    struct str dir;
    struct str name; /* of the set; "" with --output */
    struct rule_files files;
    struct ruleset *rules;
    bool *used; /* per file: some rule of it is in use */
    size_t n_written;
};

/* ---- places ---- */

/* "x/sigma_all_rules.zip" -> "sigma_all_rules" */
static struct str name_of(const char *path)
{
    struct str s = str_of(path);
    while (s.n > 1 && s.p[s.n - 1] == '/')
        s.n--;
    size_t at = s.n;
    while (at > 0 && s.p[at - 1] != '/')
        at--;
    s = str_part(s, at, s.n);
    if (str_iends(s, STR(".zip")) || str_iends(s, STR(".yml")))
        s.n -= sizeof ".zip" - 1;
    return s;
}

static bool is_plain_name(struct str name)
{
    for (size_t i = 0; i < name.n; i++) {
        char c = ascii_lower(name.p[i]);
        if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_' ||
              c == '.'))
            return false;
    }
    return name.n > 0 && name.p[0] != '.';
}

static int choose_place(struct import *im, struct err *err)
{
    const char *output = im->args->text[O_OUTPUT];
    const char *name = im->args->text[O_NAME];
    struct str home = rule_files_home(im->arena);
    if (output) {
        im->dir = str_of(output);
        return 0;
    }
    im->name = name ? str_of(name) : name_of(im->args->operands[0]);
    if (!is_plain_name(im->name))
        return err_set(err, ERR_INVALID,
                       "\"%.*s\" cannot be the name of a set: give --name, of letters, digits, "
                       "'-', '_' and '.'",
                       STR_ARG(im->name));
    if (home.n == 0)
        return err_set(err, ERR_INVALID, "there is no home folder: say where with --output");
    im->dir = arena_printf(im->arena, "%.*s/%.*s", STR_ARG(home), STR_ARG(im->name));
    return 0;
}

/* Makes the folders above a file. */
static int make_folders(struct str path, struct arena *arena, struct err *err)
{
    for (size_t i = 1; i < path.n; i++) {
        if (path.p[i] != '/')
            continue;
        struct str folder = arena_printf(arena, "%.*s", STR_ARG(str_part(path, 0, i)));
        if (mkdir(folder.p, 0777) < 0 && errno != EEXIST)
            return err_set(err, ERR_IO, "%s: %s", folder.p, strerror(errno));
    }
    return 0;
}

static int write_file(struct import *im, struct str below, struct str text, struct err *err)
{
    struct stat st;
    struct str path = arena_printf(im->arena, "%.*s/%.*s", STR_ARG(im->dir), STR_ARG(below));
    if (make_folders(path, im->arena, err) < 0)
        return -1;
    if (lstat(path.p, &st) == 0 && !im->args->flag[O_FORCE])
        return err_set(err, ERR_INVALID,
                       "%s is there already; --force writes over an earlier import", path.p);
    return file_write_one_of_many(path.p, text, err);
}

/* ---- rules ---- */

static int read_rules(struct import *im, struct err *err)
{
    if (rule_files_add(im->args->operands[0], im->arena, &im->files, err) < 0)
        return -1;
    im->rules = ruleset_new();
    im->used = ARENA_ARRAY(im->arena, bool, im->files.n);
    for (size_t i = 0; i < im->files.n; i++) {
        const struct rule_file *f = &im->files.list[i];
        if (f->problem.n)
            ruleset_refuse(im->rules, f->below, f->problem);
        else if (f->kind == RULES_SIGMA)
            ruleset_add(im->rules, f->below, STR(""), f->text);
    }
    ruleset_freeze(im->rules);
    return 0;
}

static bool means_rules(struct str text)
{
    struct arena *arena = arena_new();
    struct err ignored = {0};
    struct yaml *y = NULL;
    bool means = false;
    if (yaml_parse(text, arena, &y, &ignored) == 0)
        for (; y && !means; y = y->next)
            means = y->type == YAML_MAP && document_means_rule(y);
    arena_free(arena);
    return means;
}

/* Whether a file has nothing but refused rules. One that only lacks a list of values is
 * taken over: the list may be given with a scan. */
static bool is_refused(const struct import *im, const struct rule_file *f)
{
    const struct refusal *refused;
    size_t n = ruleset_refusals(im->rules, &refused);
    for (size_t i = 0; i < n; i++)
        if (refused[i].code != ERR_NOT_FOUND && str_eq(refused[i].path, f->below))
            return true;
    return false;
}

/* The rules are in the order of the files. Returns how many files are taken over. */
static size_t choose_files(struct import *im)
{
    size_t at = 0;
    size_t n = 0;
    for (size_t i = 0; i < im->files.n; i++) {
        const struct rule_file *f = &im->files.list[i];
        for (; at < ruleset_count(im->rules) &&
               str_eq(ruleset_get(im->rules, at)->path, f->below);
             at++)
            im->used[i] = true;
        im->used[i] = im->used[i] ||
                      (!is_refused(im, f) && (f->kind == RULES_YARA || means_rules(f->text)));
        n += im->used[i];
    }
    return n;
}

static int write_rules(struct import *im, struct err *err)
{
    for (size_t i = 0; i < im->files.n; i++) {
        if (!im->used[i])
            continue;
        if (write_file(im, im->files.list[i].below, im->files.list[i].text, err) < 0)
            return -1;
        im->n_written++;
    }
    for (size_t i = 0; i < im->files.n_licences; i++) {
        const struct rule_file *f = &im->files.licences[i];
        if (f->problem.n == 0 && write_file(im, f->below, f->text, err) < 0)
            return -1;
    }
    return 0;
}

/* ---- the index ---- */

static void put_text(struct json_out *j, const char *key, struct str text)
{
    json_key(j, key);
    json_str(j, text);
}

/* The newest date that the rules state: the set is of that day. No clock is asked. */
static struct str newest(const struct ruleset *rules)
{
    struct str newest = STR("");
    for (size_t i = 0; i < ruleset_count(rules); i++) {
        const struct yaml *document = ruleset_get(rules, i)->document;
        static const char *const keys[] = {"date", "modified"};
        for (size_t k = 0; k < 2; k++) {
            instant ignored;
            struct str day = yaml_text(document, keys[k]);
            if (day.n == sizeof "2026-11-23" - 1 && instant_parse(day, &ignored) &&
                str_cmp(day, newest) > 0)
                newest = day;
        }
    }
    return newest;
}

static void put_index(const struct import *im, struct buf *out)
{
    struct json_out j = json_out(out);
    const struct refusal *refused;
    size_t n = ruleset_refusals(im->rules, &refused);
    json_begin(&j, '{');
    put_text(&j, "schema", STR("assay.import/1"));
    put_text(&j, "from", name_of(im->args->operands[0]));
    put_text(&j, "newest_rule", newest(im->rules));
    json_key(&j, "rules");
    json_begin(&j, '[');
    for (size_t i = 0; i < ruleset_count(im->rules); i++) {
        const struct rule *r = ruleset_get(im->rules, i);
        json_begin(&j, '{');
        put_text(&j, "id", r->id);
        put_text(&j, "title", r->title);
        put_text(&j, "level", str_of(level_name(r->level)));
        put_text(&j, "status", r->status);
        put_text(&j, "date", yaml_text(r->document, "date"));
        put_text(&j, "modified", yaml_text(r->document, "modified"));
        put_text(&j, "author", yaml_text(r->document, "author"));
        put_text(&j, "license", yaml_text(r->document, "license"));
        put_text(&j, "path", r->path);
        json_end(&j, '}');
    }
    json_end(&j, ']');
    json_key(&j, "refused");
    json_begin(&j, '[');
    for (size_t i = 0; i < n; i++) {
        json_begin(&j, '{');
        put_text(&j, "path", refused[i].path);
        json_key(&j, "line");
        json_u64(&j, refused[i].at.line);
        put_text(&j, "id", refused[i].id);
        put_text(&j, "reason", refused[i].reason);
        json_end(&j, '}');
    }
    json_end(&j, ']');
    json_end(&j, '}');
    buf_add_char(out, '\n');
}

static int write_index(struct import *im, struct err *err)
{
    struct buf out = buf_new(SIZE_MAX / 4);
    put_index(im, &out);
    int failed = write_file(im, str_of(INDEX_NAME), buf_str(&out), err);
    buf_free(&out);
    return failed;
}

/* ---- the whole ---- */

/* Prints the first refusals; returns how many there are of rules that lack a list of values,
 * and are not told one by one. */
static size_t put_refused(const struct import *im, struct buf *out, size_t *ret_refused)
{
    enum { TOLD = 20 };
    const struct refusal *refused;
    size_t n = ruleset_refusals(im->rules, &refused);
    size_t waiting = 0;
    size_t told = 0;
    for (size_t i = 0; i < n; i++) {
        waiting += refused[i].code == ERR_NOT_FOUND;
        if (refused[i].code == ERR_NOT_FOUND || told++ >= TOLD)
            continue;
        buf_add_cstr(out, "refused: ");
        safe_terminal(out, refused[i].path);
        if (refused[i].at.line)
            buf_addf(out, ":%u:%u", refused[i].at.line, refused[i].at.column);
        buf_add_cstr(out, ": ");
        safe_terminal(out, refused[i].reason);
        buf_add_char(out, '\n');
    }
    if (told > TOLD)
        buf_addf(out, "refused: and %zu more; %s has them all\n", told - TOLD, INDEX_NAME);
    *ret_refused = n - waiting;
    return waiting;
}

static int tell(const struct import *im, struct err *err)
{
    struct str day = newest(im->rules);
    struct buf out = buf_new(SIZE_MAX / 4);
    size_t refused = 0;
    size_t waiting = put_refused(im, &out, &refused);
    buf_addf(&out, "imported rules: %zu, in files: %zu", ruleset_count(im->rules) + waiting,
             im->n_written);
    if (day.n)
        buf_addf(&out, ", the newest of %.*s", STR_ARG(day));
    buf_addf(&out, "; refused: %zu\n", refused);
    if (waiting)
        buf_addf(&out, "in need of lists of values (--placeholder NAME=FILE): %zu\n", waiting);
    if (im->files.n_licences == 0)
        buf_add_cstr(&out, "no licence file lies beside the rules: ask where they come from\n");
    buf_addf(&out, "to:  %.*s\nuse: assay scan --rules %.*s EVIDENCE\n", STR_ARG(im->dir),
             STR_ARG(im->name.n ? im->name : im->dir));
    int failed = run_print(buf_str(&out), err);
    buf_free(&out);
    return failed;
}

static int check_place(const struct import *im, struct err *err)
{
    struct stat st;
    struct str dir = arena_printf(im->arena, "%.*s", STR_ARG(im->dir));
    if (lstat(dir.p, &st) == 0 && !im->args->flag[O_FORCE])
        return err_set(err, ERR_INVALID,
                       "%s is there already; --force writes over an earlier import", dir.p);
    return 0;
}

static int import(const struct args *args, struct err *err)
{
    struct import im = {.args = args, .arena = args->arena};
    int failed = choose_place(&im, err);
    if (failed == 0)
        failed = check_place(&im, err);
    if (failed == 0)
        failed = read_rules(&im, err);
    if (failed == 0 && choose_files(&im) == 0)
        failed = err_set(err, ERR_INVALID,
                         "%s: no rule there can be used; `assay rules check` says why",
                         args->operands[0]);
    if (failed == 0)
        failed = write_rules(&im, err);
    if (failed == 0)
        failed = write_index(&im, err);
    if (failed == 0)
        failed = tell(&im, err);
    ruleset_free(im.rules);
    return failed ? EXIT_ERROR : EXIT_OK;
}

static const struct example EXAMPLES[] = {
    {"assay rules import sigma_all_rules.zip --name sigma",
     "then: assay scan FOLDER --rules sigma"},
    {0},
};

const struct cmd CMD_RULES_IMPORT = {
    .name = "rules import",
    .summary = "take over a set of rules, to use it by name",
    .operands = "PATH",
    .detail = "PATH is a ZIP (a release of SigmaHQ) or a folder. Rules that can be used are\n"
              "copied with their licence files; assay-import.json says which, and which were\n"
              "refused and why. Nothing is written over without --force.",
    .opts = OPTS,
    .examples = EXAMPLES,
    .least = 1,
    .most = 1,
    .run = import,
};
