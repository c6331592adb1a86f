#include "cli/setup.h"

#include "base/limits.h"
#include "base/num.h"
#include "cli/lists.h"
#include "cli/packs.h"
#include "cli/rulefiles.h"
#include "rule/indicator_import.h"
#include "rule/pipeline.h"
#include "rule/yara.h"
#include "sys/dir.h"
#include "sys/file.h"

#define YARA_PACK "back-doors"

extern const struct embedded yara_files[]; /* made by the build from rules/yara/ */

static struct str file_text(const struct embedded *e)
{
    return (struct str){(const char *)e->p, e->n};
}

/* Whether a pack is named, or is a general one whose facts a named one claims. */
static bool is_chosen(const struct setup_options *options, const struct pack_set *all,
                      const struct pack_files *p)
{
    bool named = false;
    for (size_t i = 0; i < options->n_pack_ids; i++) {
        bool folder = packs_is_folder(options->pack_ids[i]);
        const struct pack_files *other =
            folder ? NULL : packs_find(all, str_of(options->pack_ids[i]));
        if (other && (other == p || pack_claims(&other->pack, p->pack.id)))
            return true;
        named = named || !folder;
    }
    return p->own || !named;
}

static int choose_packs(const struct setup_options *options, struct arena *arena,
                        struct setup *setup, struct err *err)
{
    struct pack_set all = {0};
    if (packs_add_builtin(arena, &all, err) < 0)
        return -1;
    for (size_t i = 0; i < options->n_pack_ids; i++)
        if (packs_is_folder(options->pack_ids[i]) &&
            packs_add_folder(options->pack_ids[i], arena, &all, err) < 0)
            return -1;
    for (size_t i = 0; i < options->n_pack_ids; i++)
        if (!packs_is_folder(options->pack_ids[i]) &&
            !packs_find(&all, str_of(options->pack_ids[i])))
            return err_set(err, ERR_INVALID,
                           "there is no pack \"%s\"; `assay packs list` lists them",
                           options->pack_ids[i]);
    setup->packs = ARENA_ARRAY(arena, struct pack, all.n);
    for (size_t i = 0; i < all.n; i++) {
        const struct pack_files *p = &all.list[i];
        if (!is_chosen(options, &all, p))
            continue;
        setup->packs[setup->n_packs++] = p->pack;
        for (size_t k = 0; k < p->n_rules; k++) {
            const struct pack_rule *r = &p->rules[k];
            if (!r->yara)
                ruleset_add(setup->rules, r->path, p->pack.id, r->text);
            else if (setup->yara)
                yara_set_add(setup->yara, r->path, p->pack.id, r->text);
        }
    }
    return 0;
}

static int add_user_rules(const char *path, struct setup *setup, struct err *err)
{
    struct arena *arena = arena_new();
    struct rule_files files = {0};
    int failed = rule_files_add(path, arena, &files, err);
    for (size_t i = 0; failed == 0 && i < files.n; i++) {
        const struct rule_file *f = &files.list[i];
        if (f->kind != RULES_SIGMA && !setup->yara)
            continue;
        if (f->problem.n)
            ruleset_refuse(setup->rules, f->path, f->problem);
        else if (f->kind == RULES_YARA_COMPILED)
            failed = yara_set_add_compiled(setup->yara, f->path, str_bytes(f->text), err);
        else if (f->kind == RULES_YARA)
            yara_set_add(setup->yara, f->path, STR(""), f->text);
        else
            ruleset_add(setup->rules, f->path, STR(""), f->text);
    }
    arena_free(arena);
    return failed;
}

int setup_list(const char *option, struct arena *arena, struct str *ret_name, struct str **ret,
               size_t *ret_n, struct err *err)
{
    const char *path = NULL;
    struct bytes bytes;
    if (lists_split(option, ret_name, &path, err) < 0)
        return err_at(err, "--placeholder");
    if (file_read(path, LIMIT_RULE_FILE, arena, &bytes, err) < 0)
        return -1;
    if (lists_parse((struct str){(const char *)bytes.p, bytes.n}, arena, ret, ret_n, err) < 0)
        return err_at(err, "%s", path);
    return 0;
}

static int add_placeholder(const char *option, struct setup *setup, struct arena *arena,
                           struct err *err)
{
    struct str name;
    struct str *values = NULL;
    size_t n = 0;
    if (setup_list(option, arena, &name, &values, &n, err) < 0)
        return -1;
    ruleset_placeholder(setup->rules, name, values, n);
    return 0;
}

static int add_pipeline(const char *name, struct setup *setup, struct err *err)
{
    struct arena *arena = arena_new();
    struct bytes bytes = {0};
    struct str text = {0};
    int failed = 0;
    if (!pipeline_builtin(str_of(name), &text)) {
        failed = file_read(name, LIMIT_RULE_FILE, arena, &bytes, err);
        if (failed)
            (void)err_behind(err, " (built in: sysmon, windows-audit, windows-logsources)");
        text = (struct str){(const char *)bytes.p, bytes.n};
    }
    if (failed == 0)
        failed = ruleset_pipeline(setup->rules, str_of(name), text, err);
    arena_free(arena);
    return failed;
}

/* "windows:Security/4688" -> an event whose presence is tracked for coverage */
static bool cover_event_of(struct str source, struct cover_event *ret)
{
    size_t at = source.n;
    uint64_t id;
    while (at > 0 && source.p[at - 1] != '/')
        at--;
    if (!str_istarts(source, STR("windows:")) || at == 0 ||
        !num_u64(str_part(source, at, source.n), &id) || id > UINT32_MAX)
        return false;
    *ret = (struct cover_event){str_part(source, sizeof "windows:" - 1, at - 1), (uint32_t)id};
    return true;
}

static void add_cover_events(struct setup *setup, struct arena *arena)
{
    struct cover_event *events = NULL;
    size_t n = 0;
    size_t cap = 0;
    for (size_t i = 0; i < setup->n_packs; i++) {
        for (size_t axis = 0; axis < PACK_AXES; axis++) {
            for (size_t k = 0; k < setup->packs[i].n_needs[axis]; k++) {
                const struct pack_need *need = &setup->packs[i].needs[axis][k];
                for (size_t s = 0; s < need->n; s++) {
                    struct cover_event e;
                    if (!cover_event_of(need->any_of[s].source, &e))
                        continue;
                    events = arena_grow(arena, events, n, &cap, sizeof *events);
                    events[n++] = e;
                }
            }
        }
    }
    setup->detect.cover_events = events;
    setup->detect.n_cover_events = n;
}

static int add_list(struct indicators *set, const struct dir_entry *file, bool named,
                    struct err *err)
{
    struct arena *arena = arena_new();
    struct bytes content = {0};
    struct err problem = {0};
    int failed = 0;
    if (file->problem != DIR_OK)
        failed =
            err_set(&problem, ERR_IO, "%.*s: %.*s", STR_ARG(file->path), STR_ARG(file->why));
    else if (file_read(file->path.p, INDICATOR_LIST_MAX, arena, &content, &problem) < 0 ||
             indicators_import(set, file->path, content, &problem) < 0)
        failed = -1;
    if (failed && named) {
        *err = problem;
    } else if (failed) {
        indicators_begin(set, file->path, "unknown");
        indicators_refuse(set, 1, STR(""), arena_printf(set->arena, "%s", problem.msg).p);
        failed = 0;
    }
    arena_free(arena);
    return failed;
}

int setup_indicators(const char *const *paths, size_t n, struct indicators **ret,
                     struct err *err)
{
    struct arena *arena = arena_new();
    struct indicators *set = indicators_new();
    int failed = 0;
    for (size_t i = 0; i < n && failed == 0; i++) {
        struct dir_list files = {0};
        failed = dir_walk(paths[i], i, arena, &files, err);
        bool named = files.n == 1 && str_eq(files.entries[0].path, str_of(paths[i]));
        for (size_t k = 0; k < files.n && failed == 0; k++)
            failed = add_list(set, &files.entries[k], named, err);
        if (failed == 0 && files.n == 0)
            failed = err_set(err, ERR_INVALID, "%s: there is no file in it", paths[i]);
    }
    arena_free(arena);
    if (failed) {
        indicators_free(set);
        return -1;
    }
    indicators_finish(set);
    *ret = set;
    return 0;
}

/* The rules that stand for the lists, and what looks for them. */
static int add_indicators(const struct setup_options *options, struct setup *setup,
                          struct err *err)
{
    if (options->n_indicator_paths == 0)
        return 0;
    if (setup_indicators(options->indicator_paths, options->n_indicator_paths,
                         &setup->indicators, err) < 0)
        return -1;
    indicators_bind(setup->indicators, setup->rules);
    setup->detect.indicators = indicator_finder_new(setup->indicators);
    setup->detect.indicator_set = setup->indicators;
    return 0;
}

/* The program's own YARA rules say of pages what the general pack of back doors says of files. */
static void add_own_yara(struct setup *setup, struct arena *arena)
{
    bool wanted = false;
    for (size_t i = 0; i < setup->n_packs; i++)
        wanted = wanted || str_eq(setup->packs[i].id, STR(YARA_PACK));
    for (const struct embedded *e = yara_files; e->path && wanted; e++)
        yara_set_add(setup->yara, arena_printf(arena, "%s/yara/%s", YARA_PACK, e->path),
                     STR(YARA_PACK), file_text(e));
}

static int compile_yara(struct setup *setup, struct err *err)
{
    const struct yara_problem *problems;
    if (yara_set_compile(setup->yara, err) < 0)
        return -1;
    size_t n = yara_set_problems(setup->yara, &problems);
    for (size_t i = 0; i < n; i++)
        if (!problems[i].warning)
            ruleset_refuse_line(setup->rules, problems[i].path, problems[i].line,
                                problems[i].text);
    return 0;
}

static int add_tuning(const struct setup_options *options, struct arena *arena,
                      struct setup *setup, struct err *err)
{
    if (options->n_tune_paths == 0)
        return 0;
    setup->tuning = tune_new(arena);
    for (size_t i = 0; i < options->n_tune_paths; i++) {
        const char *path = options->tune_paths[i];
        struct bytes text;
        if (file_read(path, LIMIT_RULE_FILE, arena, &text, err) < 0 ||
            tune_add(setup->tuning, str_of(path), (struct str){(const char *)text.p, text.n},
                     err) < 0)
            return -1;
    }
    return tune_bind(setup->tuning, setup->rules, err);
}

int setup_load(const struct setup_options *options, struct arena *arena, struct setup *ret,
               struct err *err)
{
    struct setup setup = {.rules = ruleset_new()};
    setup.detect =
        (struct detect_config){.rules = setup.rules, .from = INSTANT_NONE, .to = INSTANT_NONE};
    if (!options->no_yara)
        setup.yara = yara_set_new();
    int failed = options->no_packs ? 0 : choose_packs(options, arena, &setup, err);
    ruleset_choose(setup.rules, options->choice);
    for (size_t i = 0; failed == 0 && i < options->n_rule_paths; i++)
        failed = add_user_rules(options->rule_paths[i], &setup, err);
    for (size_t i = 0; failed == 0 && i < options->n_placeholders; i++)
        failed = add_placeholder(options->placeholders[i], &setup, arena, err);
    for (size_t i = 0; failed == 0 && i < options->n_pipelines; i++)
        failed = add_pipeline(options->pipelines[i], &setup, err);
    if (failed == 0 && setup.yara) {
        add_own_yara(&setup, arena);
        failed = compile_yara(&setup, err);
    }
    if (failed == 0) {
        ruleset_freeze(setup.rules);
        if (setup.yara)
            yara_set_bind(setup.yara, setup.rules, options->choice);
        setup.detect.yara = setup.yara;
        add_cover_events(&setup, arena);
        failed = add_indicators(options, &setup, err);
        if (failed == 0)
            failed = detect_config_init(&setup.detect, arena, err);
        if (failed == 0)
            failed = add_tuning(options, arena, &setup, err);
    }
    if (failed)
        setup_close(&setup);
    else
        *ret = setup;
    return failed;
}

void setup_close(struct setup *setup)
{
    indicator_finder_free(setup->detect.indicators);
    setup->detect.indicators = NULL;
    ruleset_free(setup->rules);
    setup->rules = NULL;
    indicators_free(setup->indicators);
    setup->indicators = NULL;
    yara_set_free(setup->yara);
    setup->yara = NULL;
    setup->detect.yara = NULL;
}
