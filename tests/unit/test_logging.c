/* What speaks against the logs themselves: missing records, clocks that went back, cleared logs. */
#include "judge_t.h"

static void run_of(size_t file, const char *channel, int64_t from, int64_t to, uint64_t first,
                   uint64_t last)
{
    struct noted *n = noted(SIGNAL_IDS, file, "SRV", channel, at(from), at(to));
    n->first_id = first;
    n->last_id = last;
}

static const struct fact *told(size_t i)
{
    static const struct fact none;
    const struct host_verdict *h = w.verdict.per_host;
    return w.verdict.n_hosts && i < h->logging.n ? &w.verdict.facts[h->logging.at[i]] : &none;
}

static size_t judged_logging(void)
{
    (void)judged();
    return w.verdict.n_hosts ? w.verdict.per_host->logging.n : 0;
}

static void missing_records_are_told_once_for_each_log(void)
{
    size_t file = log_of("SRV", 0, 1440);
    run_of(file, "windows:System", 0, 10, 10, 19);
    run_of(file, "windows:System", 20, 30, 30, 39); /* 20 to 29 are missing */
    run_of(file, "windows:System", 50, 60, 45, 49); /* 40 to 44, too */
    run_of(file, "windows:Security", 0, 10, 1, 19);
    run_of(file, "windows:Security", 10, 20, 20, 29);
    T_EQ(judged_logging(), 1);
    const struct fact *f = told(0);
    T_OK(f->state == STATE_RECORDS_MISSING && str_eq(f->object, STR("windows:System")));
    T_OK(f->first == at(10) && f->last == at(50) && f->pack.n == 0);
    T_OK(str_find(f->what, STR("15 record numbers"), 0) == 0);
    T_OK(f->n_spots == 2 && f->spots[0].record == 19 && f->spots[1].record == 39);
    T_OK(w.verdict.per_host->unattributed.n == 0);
}

static void what_another_file_holds_is_not_missing(void)
{
    size_t file = log_of("SRV", 0, 1440);
    size_t other = evidence("winevt/Logs/old.evtx", FORMAT_EVTX);
    run_of(file, "windows:System", 0, 10, 10, 19);
    run_of(file, "windows:System", 20, 30, 30, 39);
    run_of(other, "windows:System", 5, 25, 15, 32);
    T_EQ(judged_logging(), 0);
}

static void a_clock_that_went_back_is_told_once(void)
{
    size_t file = log_of("SRV", 0, 1440);
    run_of(file, "windows:System", 0, 100, 10, 19);
    run_of(file, "windows:System", 40, 200, 20, 39); /* an hour back */
    run_of(file, "windows:Security", 0, 102, 1, 9);
    run_of(file, "windows:Security", 41, 200, 10, 39);
    run_of(file, "windows:Application", 0, 103, 1, 9);
    run_of(file, "windows:Application", 96, 200, 10, 39); /* seven minutes: other writers */
    T_EQ(judged_logging(), 1);
    const struct fact *f = told(0);
    T_OK(f->state == STATE_CLOCK_BACK && f->first == at(40) && f->last == at(100));
    T_OK(f->n_spots == 2 && str_find(f->what, STR("1 more log"), 0) != SIZE_MAX);
}

static void times_of_different_files_are_no_clock(void)
{
    size_t a = log_of("SRV", 0, 1440);
    size_t b = evidence("winevt/Logs/b.evtx", FORMAT_EVTX);
    run_of(a, "windows:System", 0, 100, 10, 19);
    run_of(b, "windows:System", 20, 60, 20, 39);
    T_EQ(judged_logging(), 0);
}

static void a_cleared_log_is_the_reason_for_its_absence(void)
{
    size_t file = log_of("SRV", 0, 1440);
    struct seed seed = seed_of(AXIS_LOGGING, STATE_CLEARED);
    seed.object = STR("Security");
    (void)hit(file, "SRV", 30, &seed);
    const struct campaign *c = judged();
    T_EQ(w.verdict.per_host->logging.n, 1);
    T_OK(str_eq(told(0)->object, STR("windows:Security")) && told(0)->pack.n == 0);
    T_OK(str_find(c->action.reason, STR("cleared 2021-03-01 00:30:00"), 0) != SIZE_MAX);
    T_EQ(c->action.answer, ANSWER_NOT_ASSESSABLE);
    T_EQ(w.verdict.exit_status, 3); /* no act of an intruder by itself */
}

static void without_a_name_it_is_the_log_of_the_record(void)
{
    size_t file = log_of("SRV", 0, 1440);
    struct seed seed = seed_of(AXIS_LOGGING, STATE_CLEARED);
    struct hit *h = hit(file, "SRV", 30, &seed);
    h->source = STR("windows:Security");
    (void)judged();
    T_OK(str_eq(told(0)->object, STR("windows:Security")));
}

int main(void)
{
    static void (*const tests[])(void) = {missing_records_are_told_once_for_each_log,
                                          what_another_file_holds_is_not_missing,
                                          a_clock_that_went_back_is_told_once,
                                          times_of_different_files_are_no_clock,
                                          a_cleared_log_is_the_reason_for_its_absence,
                                          without_a_name_it_is_the_log_of_the_record};
    IN_WORLDS(tests);
    return t_done();
}
