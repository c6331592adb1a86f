/* Any bytes as a list of indicators; what it gives is looked for in the list itself. */
#include "rule/indicator_import.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct indicators *set = indicators_new();
    struct err err = {0};
    (void)indicators_import(set, STR("list"), (struct bytes){data, n}, &err);
    indicators_finish(set);
    struct indicator_finder *f = indicator_finder_new(set);
    (void)indicators_may_row(f, (struct bytes){data, n});
    indicator_finder_free(f);
    indicators_free(set);
    return 0;
}
