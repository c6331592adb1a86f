/* Any text as a pipeline and a rule: "PIPELINE\n===\nRULE". The new document is compiled too,
 * as the rules of a set are. */
#include "rule/pipeline.h"
#include "rule/sigma_int.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void compile(const struct yaml *document, struct arena *arena)
{
    struct names names = {.arena = arena};
    struct compiler c = {.arena = arena, .names = &names, .placeholders = {.arena = arena}};
    const struct node *node = NULL;
    struct err err;
    (void)sigma_detection(&c, yaml_get(document, "detection"), &node, &err);
    for (struct regex_list *r = c.regexes; r; r = r->next)
        regex_free(r->regex);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct str all = {(const char *)data, n};
    size_t at = str_find(all, STR("\n===\n"), 0);
    struct arena *arena = arena_new();
    struct pipeline *p = NULL;
    struct yaml *document = NULL;
    const struct yaml *made = NULL;
    struct err err;
    if (pipeline_parse(str_part(all, 0, at), arena, &p, &err) == 0 &&
        yaml_parse(str_part(all, at == SIZE_MAX ? n : at + 5, n), arena, &document, &err) ==
            0 &&
        document && pipeline_apply(&p, 1, document, arena, &made, &err) == 0)
        compile(made, arena);
    pipeline_free(p);
    arena_free(arena);
    return 0;
}
