#include "cli/selftest.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/num.h"
#include "base/safe.h"
#include "cli/packcheck.h"
#include "cli/setup.h"
#include "rule/yaml_edit.h"

enum { SELECTIONS_TOLD = 40 };

void selftest_fail(struct selftest *t, const struct rule *rule, struct yaml_mark at,
                   const char *fmt, ...)
{
    char text[400];
    va_list ap;
    va_start(ap, fmt);
    int n = vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    t->failed++;
    safe_terminal(t->out, rule->path);
    if (at.line)
        buf_addf(t->out, ":%u:%u", at.line, at.column);
    buf_add_cstr(t->out, ": failed: ");
    safe_terminal(t->out, n < 0 ? STR("") : str_of(text));
    buf_add_char(t->out, '\n');
}

/* ---- events as a test writes them down ---- */

static bool kind_of(struct str text, enum event_kind *ret)
{
    for (unsigned i = 0; i < EVENT_KINDS; i++) {
        if (str_eq(text, str_of(event_kind_name((enum event_kind)i)))) {
            *ret = (enum event_kind)i;
            return true;
        }
    }
    return text.n == 0;
}

static void add_field(struct event *ev, struct arena *arena, const struct yaml *y)
{
    if (y->type != YAML_LIST) {
        event_add(ev, arena, SECTION_DATA, y->type == YAML_NULL ? FIELD_NULL : FIELD_TEXT,
                  y->key, y->text);
        return;
    }
    for (const struct yaml *v = y->child; v; v = v->next)
        event_add(ev, arena, SECTION_DATA, FIELD_TEXT, y->key, v->text);
}

static bool read_head(const struct yaml *head, struct event *ev)
{
    uint64_t id = 0;
    if (!kind_of(yaml_text(head, "kind"), &ev->kind))
        return false;
    ev->channel = yaml_text(head, "channel");
    ev->provider = yaml_text(head, "provider");
    if (num_u64(yaml_text(head, "event_id"), &id) && id <= UINT32_MAX)
        ev->event_id = (uint32_t)id;
    return true;
}

/* Without a head, the event is the first of those that the rule's log source means. */
bool selftest_event(const struct selftest *t, uint32_t rule, const struct yaml *test,
                    struct arena *arena, struct event *ret)
{
    const struct yaml *head = yaml_get(test, "head");
    const struct yaml *fields = yaml_get(test, "fields");
    *ret = (struct event){.time = INSTANT_NONE, .utc_hint = INSTANT_NONE};
    if (head ? !read_head(head, ret) : !ruleset_sample(t->rules, rule, ret))
        return false;
    if (ret->kind == EVENT_WINDOWS) {
        event_add(ret, arena, SECTION_SYSTEM, FIELD_TEXT, STR("Channel"), ret->channel);
        event_add(ret, arena, SECTION_SYSTEM, FIELD_TEXT, STR("Provider_Name"), ret->provider);
        event_add(ret, arena, SECTION_SYSTEM, FIELD_NUMBER, STR("EventID"),
                  arena_printf(arena, "%u", ret->event_id));
    }
    for (const struct yaml *y = fields ? fields->child : NULL; y; y = y->next)
        add_field(ret, arena, y);
    return true;
}

static bool matches(struct matcher *m, const struct event *ev, uint32_t rule)
{
    const uint32_t *hits = NULL;
    size_t n = matcher_wants(m, ev) ? matcher_run(m, ev, &hits) : 0;
    for (size_t i = 0; i < n; i++)
        if (hits[i] == rule)
            return true;
    return false;
}

/* ---- why ---- */

/* The rule with one selection for its condition. */
static const struct yaml *narrowed(const struct yaml *document, struct str selection,
                                   struct arena *arena)
{
    struct yaml condition = {.type = YAML_STRING, .text = selection};
    struct yaml *copy = yaml_copy(document, arena);
    struct yaml *detection = yaml_copy(yaml_get(document, "detection"), arena);
    yaml_put(detection, STR("condition"), &condition, arena);
    yaml_put(copy, STR("detection"), detection, arena);
    return copy;
}

static struct str plain_text(const struct yaml *condition)
{
    bool is_list = condition && condition->type == YAML_LIST;
    const struct yaml *y = is_list ? condition->child : condition;
    return y ? str_part(y->text, 0, 100) : STR("");
}

/* "sel_img yes, sel_cli no; condition: all of sel_*" */
static void tell_selections(struct selftest *t, const struct rule *rule, const struct event *ev,
                            struct arena *arena)
{
    const struct yaml *detection = yaml_get(rule->document, "detection");
    struct ruleset *set = ruleset_new();
    struct str names[SELECTIONS_TOLD] = {{0}};
    size_t n = 0;
    for (const struct yaml *y = detection->child; y && n < SELECTIONS_TOLD; y = y->next) {
        if (str_eq(y->key, STR("condition")) || str_eq(y->key, STR("timeframe")))
            continue;
        ruleset_add_document(set, y->key, narrowed(rule->document, y->key, arena));
        names[n++] = y->key;
    }
    ruleset_freeze(set);
    struct matcher *m = matcher_new(set);
    buf_add_cstr(t->out, "    ");
    for (uint32_t i = 0; i < ruleset_count(set) && ruleset_count(set) == n; i++) {
        safe_terminal(t->out, str_part(names[i], 0, 60));
        buf_addf(t->out, " %s%s", matches(m, ev, i) ? "yes" : "no", i + 1 < n ? ", " : "; ");
    }
    buf_add_cstr(t->out, "condition: ");
    safe_terminal(t->out, plain_text(yaml_get(detection, "condition")));
    buf_add_char(t->out, '\n');
    matcher_free(m);
    ruleset_free(set);
}

/* ---- tests ---- */

/* Whether a YARA rule matches a text. */
static bool yara_matches(const struct selftest *t, uint32_t index, struct str text,
                         struct arena *arena)
{
    const struct rule *rule = ruleset_get(t->rules, index);
    const struct yara_found *found = NULL;
    struct err ignored = {0};
    size_t n = 0;
    bool any = false;
    (void)yara_scan(t->yara, rule->pack.n != 0, str_bytes(text), &(struct yara_file){0}, arena,
                    &found, &n, &ignored);
    for (size_t i = 0; i < n; i++)
        any = any || found[i].rule == index;
    return any;
}

static void run_test(struct selftest *t, uint32_t index, const struct yaml *test,
                     struct arena *arena)
{
    const struct rule *rule = ruleset_get(t->rules, index);
    bool must_match = str_istarts(test->key, STR("match"));
    struct event ev;
    t->tests++;
    if (!must_match && !str_istarts(test->key, STR("near_miss"))) {
        selftest_fail(t, rule, test->key_at, "%.*s: a test is called match or near_miss",
                      STR_ARG(str_part(test->key, 0, 60)));
    } else if (rule->yara) {
        if (yara_matches(t, index, test->text, arena) != must_match)
            selftest_fail(t, rule, (struct yaml_mark){0}, "%.*s: %.*s: the rule %s",
                          STR_ARG(rule->id), STR_ARG(str_part(test->key, 0, 60)),
                          must_match ? "does not match its text" : "matches its near miss");
    } else if (rule->correlation) {
        selftest_correlation(t, index, test, must_match, arena);
    } else if (!selftest_event(t, index, test, arena, &ev)) {
        selftest_fail(t, rule, test->key_at,
                      "%.*s: its head names no known kind of event, or has to be given",
                      STR_ARG(str_part(test->key, 0, 60)));
    } else if (matches(t->matcher, &ev, index) != must_match) {
        selftest_fail(t, rule, test->key_at, "%.*s: the rule %s",
                      STR_ARG(str_part(test->key, 0, 60)),
                      must_match ? "does not match its event" : "matches its near miss");
        tell_selections(t, rule, &ev, arena);
    }
}

static const struct yaml *tests_of(const struct rule *rule)
{
    const struct yaml *tests = yaml_get(rule->document, "tests");
    if (!tests)
        tests = yaml_get(yaml_get(rule->document, "assay"), "tests");
    return tests && tests->type == YAML_MAP ? tests->child : NULL;
}

size_t selftest_rule(struct selftest *t, uint32_t rule)
{
    struct arena *arena = arena_new();
    size_t n = 0;
    for (const struct yaml *y = tests_of(ruleset_get(t->rules, rule)); y; y = y->next, n++)
        run_test(t, rule, y, arena);
    arena_free(arena);
    return n;
}

/* ---- packs ---- */

static void need_both(struct selftest *t, const struct rule *rule)
{
    bool match = false;
    bool miss = false;
    for (const struct yaml *y = tests_of(rule); y; y = y->next) {
        match = match || str_istarts(y->key, STR("match"));
        miss = miss || str_istarts(y->key, STR("near_miss"));
    }
    if (!match || !miss)
        selftest_fail(t, rule, (struct yaml_mark){0},
                      "needs tests: an event that matches and a near miss");
}

/* What is wrong with the data of the packs that are looked at. */
static int check_given(const char *const *given, size_t n, struct arena *arena,
                       struct pack_set *all, struct buf *out, size_t *ret, struct err *err)
{
    *ret = 0;
    if (packs_add_builtin(arena, all, err) < 0)
        return -1;
    for (size_t i = 0; n == 0 && i < all->n; i++)
        *ret += packcheck(&all->list[i], all, out);
    for (size_t i = 0; i < n; i++) {
        const struct pack_files *p = packs_find(all, str_of(given[i]));
        struct pack_files own;
        if (packs_is_folder(given[i])) {
            if (packs_read(given[i], arena, &own, err) < 0)
                return -1;
            p = &own;
        } else if (!p) {
            return err_set(err, ERR_INVALID,
                           "there is no pack \"%s\"; `assay packs list` lists them", given[i]);
        }
        *ret += packcheck(p, all, out);
    }
    return 0;
}

/* Whether a path of a rule is one of a pack that is looked at. */
static bool is_given(const struct rule *rule, const char *const *given, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        struct str folder = str_of(given[i]);
        if (packs_is_folder(given[i]) ? str_istarts(rule->path, folder)
                                      : str_eq(rule->pack, folder))
            return true;
    }
    return n == 0;
}

static int run_packs(const char *const *given, size_t n, struct arena *arena, struct buf *out,
                     size_t *ret, struct err *err)
{
    struct setup_options options = {.pack_ids = given, .n_pack_ids = n};
    struct setup setup = {0};
    if (setup_load(&options, arena, &setup, err) < 0)
        return -1;
    struct selftest t = {.rules = setup.rules,
                         .matcher = matcher_new(setup.rules),
                         .yara = yara_scanner_make(setup.detect.yara),
                         .out = out};
    size_t rules = 0;
    for (uint32_t i = 0; i < ruleset_count(setup.rules); i++) {
        if (!is_given(ruleset_get(setup.rules, i), given, n))
            continue;
        rules++;
        need_both(&t, ruleset_get(setup.rules, i));
        (void)selftest_rule(&t, i);
    }
    const struct refusal *refused;
    size_t n_refused = ruleset_refusals(setup.rules, &refused);
    for (size_t i = 0; i < n_refused; i++)
        buf_addf(out, "%.*s:%u:%u: refused: %.*s\n", STR_ARG(refused[i].path),
                 refused[i].at.line, refused[i].at.column, STR_ARG(refused[i].reason));
    buf_addf(out, "%zu rules, %zu tests, %zu failed, %zu refused\n", rules, t.tests, t.failed,
             n_refused);
    *ret = t.failed + n_refused;
    matcher_free(t.matcher);
    yara_scanner_free(t.yara);
    setup_close(&setup);
    return 0;
}

int selftest_packs(const char *const *given, size_t n, struct buf *out, struct err *err)
{
    struct arena *arena = arena_new();
    struct pack_set all = {0};
    size_t slips = 0;
    size_t failures = 0;
    int failed = check_given(given, n, arena, &all, out, &slips, err);
    /* Rules of a pack that cannot be read whole have nothing to stand on. */
    if (failed == 0 && slips == 0)
        failed = run_packs(given, n, arena, out, &failures, err);
    arena_free(arena);
    if (failed == 0 && slips + failures)
        failed = err_set(err, ERR_INVALID, "packs check: %zu problems", slips + failures);
    return failed;
}
