#include "judge_t.h"

enum { VERSIONS = 5 };

/* Backups 1 to 4, ten minutes apart, and the configuration in use, of the time of the last. */
static void versions(size_t ret[VERSIONS])
{
    for (int i = 0; i < VERSIONS; i++) {
        const char *below =
            i == VERSIONS - 1
                ? "C/Windows/System32/inetsrv/config/applicationHost.config"
                : arena_printf(w.arena,
                               "C/inetpub/history/CFGHISTORY_%010d/applicationHost.config",
                               i + 1)
                      .p;
        ret[i] = evidence(below, FORMAT_IIS_CONFIG);
        struct evidence *e = &w.findings.evidence[ret[i]];
        e->modified = at(10L * (i < VERSIONS - 1 ? i : i - 1));
        e->events = 1;
    }
}

static void gap_in(size_t file)
{
    struct findings *f = &w.findings;
    f->gaps = arena_grow(w.arena, f->gaps, f->n_gaps, &f->cap_gaps, sizeof *f->gaps);
    f->gaps[f->n_gaps++] = (struct gap){.evidence = file, .why = STR("torn")};
}

static void tell(size_t file, enum axis axis, enum state state)
{
    struct seed s = seed_of(axis, state);
    s.object = STR("x.dll");
    s.key = STR("x.dll\n");
    s.what = STR("module");
    (void)hit(file, "", 0, &s);
}

static const struct fact *fact_of(enum state state)
{
    for (size_t i = 0; i < w.verdict.n_facts; i++)
        if (w.verdict.facts[i].state == state)
            return &w.verdict.facts[i];
    return NULL;
}

static void what_all_versions_have_is_one_fact(void)
{
    size_t v[VERSIONS];
    versions(v);
    for (int i = 0; i < VERSIONS; i++)
        tell(v[i], AXIS_BACKDOOR, STATE_PRESENT);
    (void)judged();
    T_EQ(w.verdict.n_facts, 1);
    const struct fact *f = fact_of(STATE_PRESENT);
    T_OK(f && f->n_hits == VERSIONS && f->first == at(0));
}

static void what_came_and_went_has_both_times(void)
{
    size_t v[VERSIONS];
    versions(v);
    tell(v[1], AXIS_BACKDOOR, STATE_PRESENT);
    tell(v[2], AXIS_BACKDOOR, STATE_PRESENT);
    (void)judged();
    T_EQ(w.verdict.n_facts, 2);
    T_OK(fact_of(STATE_WRITTEN) && fact_of(STATE_WRITTEN)->first == at(10));
    T_OK(fact_of(STATE_REMOVED) && fact_of(STATE_REMOVED)->first == at(30));
}

static void what_came_last_is_there(void)
{
    size_t v[VERSIONS];
    versions(v);
    tell(v[4], AXIS_BACKDOOR, STATE_PRESENT);
    tell(v[3], AXIS_BACKDOOR, STATE_PRESENT);
    (void)judged();
    T_OK(fact_of(STATE_PRESENT) && fact_of(STATE_PRESENT)->n_hits == 2);
    T_OK(fact_of(STATE_WRITTEN) && fact_of(STATE_WRITTEN)->first == at(30));
    T_OK(!fact_of(STATE_REMOVED));
}

/* What is in no version that was read whole may be in one that was not. */
static void a_damaged_version_proves_no_absence(void)
{
    size_t v[VERSIONS];
    versions(v);
    for (int i = 2; i < VERSIONS; i++)
        gap_in(v[i]);
    tell(v[1], AXIS_BACKDOOR, STATE_PRESENT);
    (void)judged();
    T_EQ(w.verdict.n_facts, 1);
    T_OK(fact_of(STATE_WRITTEN) && !fact_of(STATE_REMOVED));
}

static void a_mitigation_is_set_and_taken_back(void)
{
    size_t v[VERSIONS];
    versions(v);
    tell(v[2], AXIS_EXPOSURE, STATE_MITIGATED);
    (void)judged();
    T_OK(fact_of(STATE_MITIGATED) && fact_of(STATE_MITIGATED)->first == at(20));
    T_OK(fact_of(STATE_UNMITIGATED) && fact_of(STATE_UNMITIGATED)->first == at(30));
}

/* Times that contradict IIS's numbers are those of the collection. */
static void times_that_cannot_be_are_not_told(void)
{
    size_t v[VERSIONS];
    versions(v);
    w.findings.evidence[v[1]].modified = at(90);
    tell(v[1], AXIS_BACKDOOR, STATE_PRESENT);
    (void)judged();
    T_OK(fact_of(STATE_REMOVED) && fact_of(STATE_REMOVED)->first == INSTANT_NONE);
}

int main(void)
{
    static void (*const tests[])(void) = {
        what_all_versions_have_is_one_fact,
        what_came_and_went_has_both_times,
        what_came_last_is_there,
        a_damaged_version_proves_no_absence,
        a_mitigation_is_set_and_taken_back,
        times_that_cannot_be_are_not_told,
    };
    IN_WORLDS(tests);
    return t_done();
}
