/* Any bytes as a file of rules for the linter. */
#include <assert.h>

#include "rule/lint.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    static struct lint *lint; /* making one reads all mappings: anew now and then only */
    static unsigned runs;
    const struct lint_problem *problems;
    if (!lint)
        lint = lint_new();
    lint_add(lint, STR("x.yml"), (struct str){(const char *)data, n});
    if (++runs % 64 == 0 || n > 64 * 1024) {
        (void)lint_finish(lint, &problems);
        lint_free(lint);
        lint = NULL;
    }
    return 0;
}
