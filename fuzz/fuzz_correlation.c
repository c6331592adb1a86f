/* Any text as documents of a rule set, of which some are correlations: what is taken is
 * consistent, and evaluating nothing gives nothing. */
#include <assert.h>

#include "detect/correlate.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void look_at(const struct ruleset *set, uint32_t i)
{
    const struct correlation *c = ruleset_get(set, i)->correlation;
    for (uint32_t k = 0; c && k < c->n_members; k++) {
        const struct correlation_member *m = &c->members[k];
        const struct correlation *of = ruleset_get(set, m->rule)->correlation;
        const struct tapped *tapped = ruleset_tapped(set, m->rule);
        assert(m->rule < i && m->is_correlation == (of != NULL));
        for (uint32_t f = 0; f < c->n_group; f++)
            assert(of ? m->group[f] < of->n_carry : m->group[f] < tapped->n_fields);
        for (uint32_t f = 0; f < c->n_value; f++)
            assert(of ? m->value[f] < of->n_carry : m->value[f] < tapped->n_fields);
        for (uint32_t f = 0; f < c->n_carry; f++)
            assert(of ? m->carry[f] < of->n_carry : m->carry[f] < tapped->n_fields);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct arena *arena = arena_new();
    struct ruleset *set = ruleset_new();
    struct correlate_result *results = NULL;
    struct err err = {0};
    size_t n_results = 0;
    const size_t same[1] = {0};
    ruleset_add(set, STR("fuzz.yml"), STR(""), (struct str){(const char *)data, n});
    ruleset_freeze(set);
    for (uint32_t i = 0; i < ruleset_count(set); i++)
        look_at(set, i);
    struct correlate *c = correlate_new(set, &(struct correlate_limits){0}, arena);
    if (correlate_run(c, same, &results, &n_results, &err) == 0)
        assert(n_results == 0);
    correlate_free(c);
    ruleset_free(set);
    arena_free(arena);
    return 0;
}
