/* Any text as a pipeline and a rule: "PIPELINE\n===\nRULE". The new document is compiled too,
 * as the rules of a set are. */
#include "rule/pipeline.h"
#include "rule/rules.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct str all = {(const char *)data, n};
    size_t at = str_find(all, STR("\n===\n"), 0);
    struct str rule = str_part(all, at == SIZE_MAX ? n : at + 5, n);
    struct ruleset *set = ruleset_new();
    struct err err;
    (void)ruleset_pipeline(set, STR("p"), str_part(all, 0, at), &err);
    ruleset_add(set, STR("r"), STR(""), rule);
    ruleset_freeze(set);
    ruleset_free(set);
    return 0;
}
