/* cmd_rules_test.c - runs the tests of rules: their own, and SigmaHQ's recorded attacks. */
#include <stdio.h>
#include <string.h>

#include "base/safe.h"
#include "cli/cmd_rules.h"
#include "cli/ruleopts.h"
#include "cli/run.h"
#include "cli/selftest.h"
#include "event/source.h"
#include "sys/dir.h"
#include "sys/file.h"

enum { O_DATA, O_FAILED, O_RULES };

enum { RECORDING_BYTES = 256 << 20, SNIFF_BYTES = 64 * 1024 };

static const struct opt OPTS[] = {
    [O_DATA] = {'d', "data", "DIR",
                "recorded attacks too, as SigmaHQ keeps them:\n"
                "info.yml with an event log beside it",
                OPT_TEXT},
    [O_FAILED] = {0, "failed", NULL, "print only what fails", OPT_FLAG},
    RULEOPT_ROWS(O_RULES),
    {0},
};

struct run_tests {
    struct selftest t;
    const struct args *args;
    size_t *tests; /* per rule */
    size_t *failed;
    size_t recordings;
    size_t unusable; /* recordings that are no event log, or of no rule in hand */
};

/* ---- recorded attacks ---- */

static bool find_rule(const struct ruleset *rules, struct str id, uint32_t *ret)
{
    for (uint32_t i = 0; i < ruleset_count(rules); i++) {
        if (id.n && str_ieq(ruleset_get(rules, i)->id, id)) {
            *ret = i;
            return true;
        }
    }
    return false;
}

/* How often a rule matches in an event log. */
static int count_matches(const struct selftest *t, const char *path, uint32_t rule,
                         uint64_t *ret, struct err *err)
{
    struct arena *arena = arena_new();
    struct arena *record = arena_new();
    struct bytes file;
    struct event ev;
    struct span gap;
    uint64_t n = 0;
    int got = 0;
    int failed = file_read(path, RECORDING_BYTES, arena, &file, err);
    struct bytes head = {file.p, failed ? 0 : file.n < SNIFF_BYTES ? file.n : SNIFF_BYTES};
    enum format format = failed ? FORMATS : format_sniff(head);
    if (failed == 0 && !format_has_events(format))
        failed = err_set(err, ERR_UNSUPPORTED, "%s: no event log", path);
    struct source *source =
        failed ? NULL
               : source_open(file, format, str_of(path), (struct span){.to = file.n}, arena);
    while (source && (got = source_next(source, record, &ev, &gap, err)) != 0) {
        const uint32_t *hits = NULL;
        size_t n_hits = 0;
        if (got > 0 && matcher_wants(t->matcher, &ev)) {
            source_fill(source, record, &ev);
            n_hits = matcher_run(t->matcher, &ev, &hits);
        }
        for (size_t i = 0; i < n_hits; i++)
            n += hits[i] == rule;
        arena_reset(record);
    }
    if (source)
        source_close(source);
    arena_free(record);
    arena_free(arena);
    *ret = n;
    return failed;
}

static struct str last_part(struct str path)
{
    size_t at = path.n;
    while (at > 0 && path.p[at - 1] != '/')
        at--;
    return str_part(path, at, path.n);
}

static void run_recording(struct run_tests *r, const struct dir_entry *info, uint32_t rule,
                          const struct yaml *test, struct arena *arena)
{
    struct err err = {0};
    uint64_t found = 0;
    const struct yaml *count = yaml_get(test, "match_count");
    uint64_t want =
        count && count->type == YAML_INT && count->integer >= 0 ? (uint64_t)count->integer : 1;
    struct str folder = str_part(info->path, 0, info->path.n - last_part(info->path).n);
    struct str path = arena_printf(arena, "%.*s%.*s", STR_ARG(folder),
                                   STR_ARG(last_part(yaml_text(test, "path"))));
    const struct rule *tested = ruleset_get(r->t.rules, rule);
    size_t before = r->t.failed;
    if (!str_iends(path, STR(".evtx")) && !str_iends(path, STR(".json"))) {
        r->unusable++;
        return;
    }
    r->recordings++;
    r->t.tests++;
    r->tests[rule]++;
    if (count_matches(&r->t, path.p, rule, &found, &err) < 0)
        selftest_fail(&r->t, tested, (struct yaml_mark){0}, "%s", err.msg);
    else if (want ? found < want : found > 0)
        selftest_fail(&r->t, tested, (struct yaml_mark){0},
                      "matches %llu of the %llu events that it must in %.*s",
                      (unsigned long long)found, (unsigned long long)want, STR_ARG(path));
    r->failed[rule] += r->t.failed - before;
}

static void run_info(struct run_tests *r, const struct dir_entry *info, struct arena *arena)
{
    struct bytes bytes;
    struct err ignored = {0};
    struct yaml *y = NULL;
    uint32_t rule = 0;
    if (info->problem != DIR_OK || !str_eq(last_part(info->path), STR("info.yml")) ||
        file_read(info->path.p, 1 << 20, arena, &bytes, &ignored) < 0 ||
        yaml_parse((struct str){(const char *)bytes.p, bytes.n}, arena, &y, &ignored) < 0)
        return;
    const struct yaml *about = yaml_get(y, "rule_metadata");
    const struct yaml *tests = yaml_get(y, "regression_tests_info");
    const struct yaml *test = tests && tests->type == YAML_LIST ? tests->child : NULL;
    bool known = about && about->type == YAML_LIST &&
                 find_rule(r->t.rules, yaml_text(about->child, "id"), &rule);
    for (; test; test = test->next) {
        if (known)
            run_recording(r, info, rule, test, arena);
        else
            r->unusable++;
    }
}

static int run_recordings(struct run_tests *r, const char *folder, struct err *err)
{
    struct arena *arena = arena_new();
    struct arena *each = arena_new();
    struct dir_list list = {0};
    int failed = dir_walk(folder, 0, arena, &list, err);
    for (size_t i = 0; failed == 0 && i < list.n; i++) {
        run_info(r, &list.entries[i], each);
        arena_reset(each);
    }
    arena_free(each);
    arena_free(arena);
    return failed;
}

/* Where a rule names its recordings: the path is from the folder that holds the rules'
 * repository, some folder above the rule. */
static void run_named(struct run_tests *r, uint32_t rule, struct arena *arena)
{
    const struct rule *tested = ruleset_get(r->t.rules, rule);
    struct str named = yaml_text(tested->document, "regression_tests_path");
    struct str above = tested->path;
    struct bytes ignored_bytes;
    struct err ignored = {0};
    while (named.n && above.n) {
        above = str_part(above, 0, above.n - 1);
        above = str_part(above, 0, above.n - last_part(above).n);
        struct str path = arena_printf(arena, "%.*s%.*s", STR_ARG(above), STR_ARG(named));
        if (file_head(path.p, 1, arena, &ignored_bytes, &ignored) < 0)
            continue;
        run_info(r, &(struct dir_entry){.path = path}, arena);
        return;
    }
}

/* ---- the whole ---- */

static void run_rules(struct run_tests *r)
{
    struct arena *arena = arena_new();
    for (uint32_t i = 0; i < ruleset_count(r->t.rules); i++) {
        size_t before = r->t.failed;
        r->tests[i] += selftest_rule(&r->t, i);
        r->failed[i] += r->t.failed - before;
        if (!r->args->text[O_DATA])
            run_named(r, i, arena);
        arena_reset(arena);
    }
    arena_free(arena);
}

static void put_passed(const struct run_tests *r, struct buf *out)
{
    for (uint32_t i = 0; i < ruleset_count(r->t.rules); i++) {
        const struct rule *rule = ruleset_get(r->t.rules, i);
        if (r->tests[i] == 0 || r->failed[i])
            continue;
        safe_terminal(out, rule->path);
        buf_addf(out, ": passed: %zu test%s: ", r->tests[i], r->tests[i] == 1 ? "" : "s");
        safe_terminal(out, rule->title);
        buf_add_char(out, '\n');
    }
}

static void put_summary(const struct run_tests *r, struct buf *out)
{
    const struct refusal *refused;
    size_t n_refused = ruleset_refusals(r->t.rules, &refused);
    size_t tested = 0;
    size_t failed = 0;
    for (uint32_t i = 0; i < ruleset_count(r->t.rules); i++) {
        tested += r->tests[i] > 0;
        failed += r->failed[i] > 0;
    }
    buf_addf(out,
             "tested rules: %zu, passed: %zu, failed: %zu (tests: %zu, recordings among them: "
             "%zu)\n",
             tested, tested - failed, failed, r->t.tests, r->recordings);
    buf_addf(out, "rules without tests: %zu", ruleset_count(r->t.rules) - tested);
    if (r->unusable)
        buf_addf(out, "; recordings of other rules or in no event log: %zu", r->unusable);
    buf_add_char(out, '\n');
    if (n_refused)
        buf_addf(out, "refused, so not tested: %zu; `assay rules check` says why\n", n_refused);
}

static int test_setup(struct run_tests *r, const struct setup *setup, struct err *err)
{
    struct buf failures = buf_new(SIZE_MAX / 4);
    struct buf out = buf_new(SIZE_MAX / 4);
    size_t n = ruleset_count(setup->rules);
    r->t = (struct selftest){.rules = setup->rules,
                             .matcher = matcher_new(setup->rules),
                             .yara = yara_scanner_make(setup->detect.yara),
                             .out = &failures};
    r->tests = ARENA_ARRAY(r->args->arena, size_t, n);
    r->failed = ARENA_ARRAY(r->args->arena, size_t, n);
    run_rules(r);
    int failed = r->args->text[O_DATA] ? run_recordings(r, r->args->text[O_DATA], err) : 0;
    if (!r->args->flag[O_FAILED])
        put_passed(r, &out);
    buf_add_str(&out, buf_str(&failures));
    put_summary(r, &out);
    if (failed == 0)
        failed = run_print(buf_str(&out), err);
    matcher_free(r->t.matcher);
    yara_scanner_free(r->t.yara);
    buf_free(&failures);
    buf_free(&out);
    return failed;
}

/* Whether a rule was refused for what it says. One that only lacks a list of values may be
 * right. */
static bool is_any_broken(const struct ruleset *rules)
{
    const struct refusal *refused;
    size_t n = ruleset_refusals(rules, &refused);
    for (size_t i = 0; i < n; i++)
        if (refused[i].code != ERR_NOT_FOUND)
            return true;
    return false;
}

static int test(const struct args *args, struct err *err)
{
    struct run_tests r = {.args = args};
    struct setup_options options = {.no_packs = true};
    struct setup setup = {0};
    if (ruleopts_read(args, O_RULES, &options, err) < 0)
        return EXIT_ERROR;
    size_t n = options.n_rule_paths + args->n_operands;
    const char **paths = ARENA_ARRAY(args->arena, const char *, n);
    for (size_t i = 0; i < n; i++)
        paths[i] =
            i < args->n_operands ? args->operands[i] : options.rule_paths[i - args->n_operands];
    options.rule_paths = paths;
    options.n_rule_paths = n;
    if (setup_load(&options, args->arena, &setup, err) < 0)
        return EXIT_ERROR;
    int failed = test_setup(&r, &setup, err);
    bool seen = r.t.failed > 0 || is_any_broken(setup.rules);
    setup_close(&setup);
    return failed ? EXIT_ERROR : seen ? EXIT_SEEN : EXIT_OK;
}

static const struct opt_group GROUPS[] = {RULEOPT_GROUP, {0}};

static const struct example EXAMPLES[] = {
    {"assay rules test my_rules --failed", "run the tests in rules; print what fails"},
    {0},
};

const struct cmd CMD_RULES_TEST = {
    .name = "rules test",
    .summary = "run the tests that rules carry, and recorded attacks",
    .operands = "PATH...",
    .detail =
        "A rule's own tests stand under `tests:`, as match and near_miss\n"
        "(docs/formats/pack.md). Recordings are those that a rule names in\n"
        "regression_tests_path, or all below --data that are of a rule in PATH.\n"
        "Exit status: 1 a test fails or a rule is refused; 0 neither; 2 a mistake in the\n"
        "call.",
    .opts = OPTS,
    .groups = GROUPS,
    .examples = EXAMPLES,
    .least = 1,
    .most = ARGS_MAX,
    .run = test,
};
