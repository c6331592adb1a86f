/* bench_correlate.c - how long correlations take over so many matches, and how much memory.
 *
 * bench_correlate [-n MATCHES] [-g GROUPS] [-m MEGABYTES]
 *
 * Matches of one rule with random times within 30 days, in the order in which they are met. Times
 * are processor time of this process alone; memory is its largest resident size so far.
 */
#include <inttypes.h>
#include <string.h>
#include <sys/resource.h>

#include "base/num.h"
#include "bench.h"
#include "detect/correlate.h"

static const char *const rules[] = {
    "type: event_count, group-by: [user], timespan: 10m, condition: {gte: 5}",
    "type: value_count, group-by: [user], timespan: 10m, condition: {field: host, gte: 5}",
    "type: value_sum, group-by: [user], timespan: 10m, condition: {field: bytes, gt: 5000}",
    ("type: value_percentile, group-by: [user], timespan: 10m, "
     "condition: {field: bytes, percentile: 90, gt: 990}"),
};

static uint64_t state = 1;

static uint32_t dice(uint64_t n)
{
    state = state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (uint32_t)((state >> 33) % n);
}

static double resident(void)
{
    struct rusage u;
    (void)getrusage(RUSAGE_SELF, &u);
    return (double)u.ru_maxrss / 1024;
}

static void run(const char *rule, uint64_t n, uint64_t groups, size_t memory)
{
    static const size_t same[1];
    struct arena *arena = arena_new();
    struct ruleset *set = ruleset_new();
    struct correlate_result *results = NULL;
    struct err err = {0};
    size_t n_results = 0;
    char text[1024];
    (void)snprintf(text, sizeof text,
                   "title: c\ncorrelation: {rules: [r], %s}\n---\ntitle: r\nname: r\n"
                   "logsource: {product: windows}\ndetection: {s: {F: x}, condition: s}\n",
                   rule);
    ruleset_add(set, STR("bench"), STR(""), str_of(text));
    ruleset_freeze(set);
    struct correlate *c = correlate_new(
        set, &(struct correlate_limits){.memory = memory, .folder = "/tmp"}, arena);
    const struct tapped *tapped = ruleset_tapped(set, 0);
    double start = cpu_now();
    for (uint64_t i = 0; i < n; i++) {
        char values[2][32];
        struct str all[2];
        size_t user =
            (size_t)snprintf(values[0], sizeof values[0], "user%" PRIu32, dice(groups));
        size_t value = (size_t)snprintf(values[1], sizeof values[1], "%" PRIu32, dice(1000));
        all[0] = (struct str){values[0], user};
        all[1] = (struct str){values[1], value};
        correlate_add(c,
                      &(struct matched){.rule = 0,
                                        .time = (instant)dice(30 * 86400) * INSTANT_SECOND,
                                        .offset = i * 100,
                                        .size = 100,
                                        .record = i + 1,
                                        .host = STR("SRV"),
                                        .source = STR("windows:Security"),
                                        .values = all,
                                        .n_values = tapped->n_fields},
                      0);
    }
    double added = cpu_now();
    if (correlate_run(c, same, &results, &n_results, &err) != 0)
        printf("failed: %s\n", err.msg);
    printf("%-60.60s taken %.2f s, evaluated %.2f s, results %zu, memory %.0f MB\n", rule,
           added - start, cpu_now() - added, n_results, resident());
    correlate_free(c);
    ruleset_free(set);
    arena_free(arena);
}

int main(int argc, char **argv)
{
    uint64_t n = 1000000;
    uint64_t groups = 10000;
    uint64_t megabytes = 256;
    for (int i = 1; i + 1 < argc; i += 2) {
        uint64_t *to = strcmp(argv[i], "-n") == 0   ? &n
                       : strcmp(argv[i], "-g") == 0 ? &groups
                                                    : &megabytes;
        if (!num_u64(str_of(argv[i + 1]), to) || *to == 0)
            return 2;
    }
    for (size_t i = 0; i < sizeof rules / sizeof *rules; i++)
        run(rules[i], n, groups, (size_t)megabytes << 20);
    return 0;
}
