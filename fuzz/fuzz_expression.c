/* Any text as a search, compiled and run over one event. */
#include "base/utf.h"
#include "rule/expression.h"
#include "rule/logsource_name.h"
#include "rule/rules.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void run(struct ruleset *set, struct arena *arena)
{
    struct event ev = {.kind = EVENT_IIS};
    const uint32_t *hits = NULL;
    struct matcher *m = matcher_new(set);
    event_add(&ev, arena, SECTION_DATA, FIELD_TEXT, STR("cs-uri-query"), STR("a=%2f..%2f+b"));
    (void)matcher_run(m, &ev, &hits);
    matcher_free(m);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct arena *arena = arena_new();
    struct ruleset *set = ruleset_new();
    const struct yaml *source = NULL;
    const struct yaml *rule = NULL;
    struct err err = {0};
    size_t at = 0;
    struct str text = utf8_repair((struct bytes){data, n}, arena);
    if (logsource_named(set, STR("any"), arena, &source, &err) == 0 &&
        expression_parse(text, source, arena, &rule, &at, &err) == 0) {
        ruleset_add_document(set, STR("x"), rule);
        ruleset_freeze(set);
        run(set, arena);
    }
    ruleset_free(set);
    arena_free(arena);
    return 0;
}
