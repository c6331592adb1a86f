#include "judge_t.h"

static const struct coverage *row_of(const struct campaign *c, const char *source,
                                     const char *part)
{
    for (size_t i = 0; i < c->n_coverage; i++)
        if (str_eq(c->coverage[i].source, str_of(source)) &&
            str_eq(c->coverage[i].part, str_of(part)))
            return &c->coverage[i];
    static const struct coverage none;
    t_failed += printf("no row %s %s\n", source, part) > 0;
    return &none;
}

struct stretch {
    int64_t from, to; /* minutes */
};

/* The window is a day: from the campaign's start to the end of the evidence. */
static void silence_beyond_tolerance_is_a_gap(void)
{
    static const struct {
        struct stretch covered[4], gaps[3]; /* {0, 0} ends a list */
    } cases[] = {
        {{{0, 1440}}, {{0}}},
        {{{-500, 1440}}, {{0}}},
        {{{120, 1440}}, {{0}}},                  /* a late start, within tolerance */
        {{{121, 1440}}, {{0, 121}}},             /* late */
        {{{0, 600}, {720, 1440}}, {{0}}},        /* 2 h of silence: exactly the tolerance */
        {{{0, 600}, {721, 1440}}, {{600, 721}}}, /* a hole */
        {{{721, 1440}, {0, 600}}, {{600, 721}}}, /* in any order */
        {{{0, 700}, {600, 1440}, {650, 660}}, {{0}}}, /* overlapping */
        {{{0, 1320}}, {{0}}},
        {{{0, 1319}}, {{1319, 1440}}}, /* the end is missing */
        {{{200, 300}, {500, 600}}, {{0, 200}, {300, 500}, {600, 1440}}},
        {{{-900, -800}}, {{0, 1440}}}, /* all of it before the window */
        {{{-900, -100}, {100, 1440}}, {{0}}},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        world_end();
        world_begin();
        size_t file = log_of("SRV", 0, 1440);
        for (size_t k = 0; k < 4 && cases[i].covered[k].to; k++)
            (void)noted(SIGNAL_COVER, file, "SRV", "iis.w3c|frontend",
                        at(cases[i].covered[k].from), at(cases[i].covered[k].to));
        const struct coverage *v = row_of(judged(), "iis.w3c", "frontend");
        size_t n = 0;
        while (n < 3 && cases[i].gaps[n].to)
            n++;
        t_eq(v->gaps.n, n, "gaps", __FILE__, (int)i);
        t_eq(v->complete, n == 0, "complete", __FILE__, (int)i);
        for (size_t k = 0; k < n && k < v->gaps.n; k++) {
            t_eq((uint64_t)v->gaps.at[k].from, (uint64_t)at(cases[i].gaps[k].from), "from",
                 __FILE__, (int)i);
            t_eq((uint64_t)v->gaps.at[k].to, (uint64_t)at(cases[i].gaps[k].to), "to", __FILE__,
                 (int)i);
        }
    }
}

static void parts_and_hosts_are_kept_apart(void)
{
    size_t file = log_of("SRV", 0, 1440);
    (void)noted(SIGNAL_HOST, file, "OTHER", "|", at(0), at(1));
    (void)noted(SIGNAL_COVER, file, "SRV", "iis.w3c|backend", at(0), at(1440));
    (void)noted(SIGNAL_COVER, file, "OTHER", "iis.w3c|frontend", at(0), at(1440));
    (void)noted(SIGNAL_COVER, file, "SRV", "windows:Security", at(0), at(1440));
    const struct campaign *c = judged();
    T_OK(!row_of(c, "iis.w3c", "frontend")->present);
    T_OK(!row_of(c, "windows:Security/4688", "")->present); /* that audit may be off */
    T_OK(row_of(c, "exchange.httpproxy", "Ecp")->complete);
    T_OK(row_of(c, "exchange.httpproxy", "")->complete); /* as a whole: any part of it */
    T_OK(row_of(c, "exchange.httpproxy", "")->needed[PACK_EXPOSURE]);
    T_OK(!row_of(c, "exchange.httpproxy", "")->needed[PACK_ENTRY]);
}

static void ids(size_t file, int64_t minute, uint64_t first, uint64_t last)
{
    struct noted *n =
        noted(SIGNAL_IDS, file, "SRV", "windows:Security", at(minute), at(minute + 10));
    n->first_id = first;
    n->last_id = last;
}

static void missing_record_ids_are_holes(void)
{
    size_t file = log_of("SRV", 0, 1440);
    (void)noted(SIGNAL_COVER, file, "SRV", "windows:Security/4688", at(0), at(1440));
    ids(file, 0, 10, 19);
    ids(file, 10, 20, 29); /* joins without a hole */
    ids(file, 40, 35, 39); /* 30 to 34 are missing, between minutes 20 and 40 */
    ids(file, 40, 36, 37); /* told twice */
    const struct coverage *v = row_of(judged(), "windows:Security/4688", "");
    T_EQ(v->gaps.n, 0);
    T_EQ(v->holes.n, 1);
    T_OK(v->holes.at[0].from == at(20) && v->holes.at[0].to == at(40));
    T_OK(v->present && !v->complete);

    ids(file, 30, 30, 34); /* found in another file */
    v = row_of(judged(), "windows:Security/4688", "");
    T_OK(v->holes.n == 0 && v->complete);

    ids(file, -500, 1, 5); /* what is missing before the window does not matter */
    ids(file, -400, 7, 9);
    v = row_of(judged(), "windows:Security/4688", "");
    T_OK(v->holes.n == 0 && v->complete);
}

static void damage_leaves_a_source_incomplete(void)
{
    size_t file = log_of("SRV", 0, 1440);
    (void)noted(SIGNAL_COVER, file, "SRV", "iis.w3c|frontend", at(0), at(1440));
    struct gap *gap = ARENA_NEW(w.arena, struct gap);
    *gap = (struct gap){.evidence = file, .from = 1, .to = 2, .why = STR("damaged")};
    w.findings.gaps = gap;
    w.findings.n_gaps = 1;
    const struct campaign *c = judged();
    T_EQ(row_of(c, "iis.w3c", "frontend")->damaged, 1);
    T_OK(!row_of(c, "iis.w3c", "frontend")->complete);
    T_OK(str_find(c->backdoor.reason, STR("1 stretches could not be read"), 0) != SIZE_MAX);
}

static void local_times_prove_no_coverage(void)
{
    size_t file = log_of("SRV", 0, 1440);
    struct noted *m = noted(SIGNAL_COVER, file, "SRV", "iis.w3c|frontend", at(0), at(1440));
    T_OK(row_of(judged(), "iis.w3c", "frontend")->complete);
    m->offset = 1;
    const struct coverage *v = row_of(judged(), "iis.w3c", "frontend");
    T_OK(!v->complete);
    T_OK(str_find(v->doubt, STR("local times"), 0) != SIZE_MAX);
}

static void what_was_not_decoded_proves_no_silence(void)
{
    size_t file = log_of("SRV", 0, 1440);
    (void)noted(SIGNAL_COVER, file, "SRV", "iis.w3c|frontend", at(0), at(1440));
    w.plain = true;
    const struct coverage *v = row_of(judged(), "iis.w3c", "frontend");
    T_OK(!v->complete);
    T_OK(str_find(v->doubt, STR("encoded"), 0) != SIZE_MAX);
}

static void a_snapshot_is_there_or_not(void)
{
    (void)log_of("SRV", 0, 1440);
    const struct campaign *c = judged();
    T_OK(!row_of(c, "files.webroot", "/owa/auth")->present);
    size_t page = evidence("x/logon.aspx", FORMAT_SCRIPT);
    w.findings.evidence[page].web_path = STR("/OWA/auth/logon.aspx");
    c = judged();
    T_OK(row_of(c, "files.webroot", "/owa/auth")->complete);
    T_OK(!row_of(c, "files.webroot", "inetpub/wwwroot")->present);
    w.findings.evidence[page].read = false;
    T_OK(!row_of(judged(), "files.webroot", "/owa/auth")->complete);
}

static void torn(size_t file)
{
    struct gap *gap = ARENA_NEW(w.arena, struct gap);
    *gap = (struct gap){.evidence = file, .from = 1, .to = 2, .why = STR("damaged")};
    w.findings.gaps = gap;
    w.findings.n_gaps = 1;
}

static void a_file_of_a_snapshot_that_was_read_in_part_is_damage(void)
{
    (void)log_of("SRV", 0, 1440);
    size_t archive = evidence("x/x.zip", FORMAT_ZIP);
    size_t page = evidence("x/x.zip/inetpub/wwwroot/a.htm", FORMAT_HTML);
    w.findings.evidence[page].carrier = archive + 1;
    T_OK(row_of(judged(), "files.webroot", "inetpub/wwwroot")->complete);
    torn(page);
    T_OK(!row_of(judged(), "files.webroot", "inetpub/wwwroot")->complete);
    torn(archive); /* another page may have been in it */
    T_OK(!row_of(judged(), "files.webroot", "inetpub/wwwroot")->complete);
    T_EQ(row_of(judged(), "files.webroot", "inetpub/wwwroot")->damaged, 1);
}

static void what_a_former_windows_served_is_no_snapshot(void)
{
    (void)log_of("SRV", 0, 1440);
    (void)evidence("x/Windows.old/inetpub/wwwroot/a.htm", FORMAT_HTML);
    T_OK(!row_of(judged(), "files.webroot", "inetpub/wwwroot")->present);
}

/* Of "nothing seen" there are three forms. */
static void nothing_seen(void)
{
    size_t file = log_of("SRV", 0, 1440);
    const struct campaign *c = judged();
    T_EQ(c->entry.answer, ANSWER_NONE_SEEN);
    T_STR(c->entry.reason, "");
    T_EQ(c->loss.answer, ANSWER_NONE_SEEN);
    T_EQ(c->action.answer, ANSWER_NOT_ASSESSABLE);
    T_OK(str_starts(c->action.reason, STR("windows:Security/4688: none in the evidence; ")));

    (void)noted(SIGNAL_COVER, file, "SRV", "windows:Security/4688", at(0), at(700));
    ids(file, 0, 1, 9);
    c = judged();
    T_EQ(c->action.answer, ANSWER_NONE_SEEN_PARTIAL);
    T_OK(str_find(c->action.reason,
                  STR("nothing from 2021-03-01 11:40:00 UTC to "
                      "2021-03-02 00:00:00 UTC"),
                  0) != SIZE_MAX);
    struct noted *sysmon =
        noted(SIGNAL_COVER, file, "SRV", "windows:Sysmon/1", at(0), at(1440));
    struct noted *own = noted(SIGNAL_IDS, file, "SRV", "windows:Sysmon", at(0), at(1440));
    own->first_id = own->last_id = 1;
    (void)sysmon;
    T_EQ(judged()->action.answer, ANSWER_NONE_SEEN); /* either will do */
}

static void evidence_from_before_the_campaign_says_nothing(void)
{
    size_t file = log_of("SRV", -9000, -10);
    complete(file, "SRV", -9000, -10);
    (void)noted(SIGNAL_BUILD, file, "SRV", "15.1.2106.2", at(-9000), at(-10));
    const struct campaign *c = judged();
    T_OK(c->from == c->to);
    T_EQ(c->entry.answer, ANSWER_NOT_ASSESSABLE);
    T_EQ(w.verdict.exit_status, 3);
}

int main(void)
{
    static void (*const tests[])(void) = {
        silence_beyond_tolerance_is_a_gap,
        parts_and_hosts_are_kept_apart,
        missing_record_ids_are_holes,
        damage_leaves_a_source_incomplete,
        local_times_prove_no_coverage,
        what_was_not_decoded_proves_no_silence,
        a_snapshot_is_there_or_not,
        a_file_of_a_snapshot_that_was_read_in_part_is_damage,
        what_a_former_windows_served_is_no_snapshot,
        nothing_seen,
        evidence_from_before_the_campaign_says_nothing,
    };
    IN_WORLDS(tests);
    return t_done();
}
