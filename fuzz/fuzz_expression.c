/* Any text as a search; what it becomes is compiled too, as the rules of a set are. */
#include "base/utf.h"
#include "rule/expression.h"
#include "rule/sigma_int.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void compile(const struct yaml *rule, struct arena *arena)
{
    struct names names = {.arena = arena};
    struct compiler c = {.arena = arena, .names = &names, .placeholders = {.arena = arena}};
    const struct node *node = NULL;
    struct err err;
    (void)sigma_detection(&c, yaml_get(rule, "detection"), &node, &err);
    for (struct regex_list *r = c.regexes; r; r = r->next)
        regex_free(r->regex);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct arena *arena = arena_new();
    const struct yaml source = {.type = YAML_MAP};
    const struct yaml *rule = NULL;
    struct err err = {0};
    size_t at = 0;
    struct str text = utf8_repair((struct bytes){data, n}, arena);
    if (expression_parse(text, &source, arena, &rule, &at, &err) == 0)
        compile(rule, arena);
    arena_free(arena);
    return 0;
}
