/* correlation.c - see correlation.h. */
#include "rule/correlation.h"

#include "rule/sigma_value.h"

const char *correlation_type_name(enum correlation_type type)
{
    static const char *const names[CORRELATIONS] = {
        [CORRELATE_EVENTS] = "event_count",      [CORRELATE_VALUES] = "value_count",
        [CORRELATE_SUM] = "value_sum",           [CORRELATE_AVERAGE] = "value_avg",
        [CORRELATE_RANK] = "value_percentile",   [CORRELATE_NEAR] = "temporal",
        [CORRELATE_ORDERED] = "temporal_ordered"};
    return names[type];
}

bool correlation_number_parse(struct str text, correlation_number *ret)
{
    static const double LARGEST = 1e19;
    struct number n;
    if (!number_parse(text, &n))
        return false;
    if (n.whole) {
        correlation_number size = (correlation_number)n.size * CORRELATION_MICRO;
        *ret = n.minus ? -size : size;
        return true;
    }
    if (!(n.d > -LARGEST && n.d < LARGEST))
        return false;
    double micro = n.d * CORRELATION_MICRO;
    *ret = (correlation_number)(micro < 0 ? micro - 0.5 : micro + 0.5);
    return true;
}

bool correlation_grows(const struct correlation *c)
{
    if (c->type == CORRELATE_ORDERED || c->words)
        return true;
    if (c->type != CORRELATE_EVENTS && c->type != CORRELATE_VALUES && c->type != CORRELATE_NEAR)
        return false;
    for (uint32_t i = 0; i < c->n_tests; i++)
        if (c->tests[i].op != CORRELATE_GT && c->tests[i].op != CORRELATE_GTE)
            return false;
    return true;
}

bool correlation_holds(const struct correlation *c, correlation_number sum, uint64_t n)
{
    for (uint32_t i = 0; i < c->n_tests; i++) {
        /* below 2^84, times far fewer than 2^40 values */
        correlation_number than = c->tests[i].than * (correlation_number)n;
        bool holds = false;
        switch (c->tests[i].op) {
        case CORRELATE_GT:
            holds = sum > than;
            break;
        case CORRELATE_GTE:
            holds = sum >= than;
            break;
        case CORRELATE_LT:
            holds = sum < than;
            break;
        case CORRELATE_LTE:
            holds = sum <= than;
            break;
        case CORRELATE_EQ:
            holds = sum == than;
            break;
        case CORRELATE_NEQ:
            holds = sum != than;
            break;
        }
        if (!holds)
            return false;
    }
    return true;
}
