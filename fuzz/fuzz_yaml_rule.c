/* Any text as a rule file (collections, filters and placeholders too), then run over one
 * event of each kind that has fields. */
#include "rule/rules.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void run(struct matcher *m, struct arena *arena, enum event_kind kind)
{
    struct event ev = {.kind = kind, .event_id = 4688, .channel = STR("Security")};
    const uint32_t *hits = NULL;
    event_add(&ev, arena, SECTION_DATA, FIELD_TEXT, STR("CommandLine"),
              STR("cmd.exe /c whoami /all & echo aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"));
    event_add(&ev, arena, SECTION_DATA, FIELD_TEXT, STR("cs-uri-query"), STR("a=%2f..%2f+b"));
    event_add(&ev, arena, SECTION_DATA, FIELD_TEXT, STR("NewProcessName"), STR("C:\\cmd.exe"));
    event_add(&ev, arena, SECTION_DATA, FIELD_NULL, STR("F"), STR(""));
    (void)matcher_run(m, &ev, &hits);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    static const struct str values[] = {{"cmd*", 4}, {"10.0.0.0/8", 10}};
    struct ruleset *set = ruleset_new();
    ruleset_placeholder(set, STR("x"), values, 2);
    ruleset_add(set, STR("fuzz.yml"), STR(""), (struct str){(const char *)data, n});
    ruleset_freeze(set);
    struct matcher *m = matcher_new(set);
    struct arena *arena = arena_new();
    run(m, arena, EVENT_WINDOWS);
    run(m, arena, EVENT_IIS);
    arena_free(arena);
    matcher_free(m);
    ruleset_free(set);
    return 0;
}
