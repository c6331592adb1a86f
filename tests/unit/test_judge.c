#include "judge_t.h"

static size_t file;

static struct hit *tell(enum axis axis, enum state state, int64_t minute, const char *who)
{
    struct seed s = seed_of(axis, state);
    s.key = arena_printf(w.arena, "%d %d %lld\n", (int)axis, (int)state, (long long)minute);
    s.initiator = str_of(who);
    return hit(file, "SRV", minute, &s);
}

/* A day of everything that the pack needs, of a server whose build is known. */
static void whole_day(const char *build)
{
    file = log_of("SRV", 0, 1440);
    complete(file, "SRV", 0, 1440);
    (void)noted(SIGNAL_BUILD, file, "SRV", build, at(0), at(1440));
}

static void the_furthest_step_is_the_answer(void)
{
    static const struct {
        enum state told[3];
        enum answer entry;
        int status;
    } cases[] = {
        {{STATE_NONE}, ANSWER_NONE_SEEN, 0},
        {{STATE_PROBED}, ANSWER_PROBED, 0},
        {{STATE_ATTEMPTED, STATE_PROBED}, ANSWER_ATTEMPTED, 0}, /* refused */
        {{STATE_ATTEMPTED, STATE_REACHED}, ANSWER_REACHED, 1},
        {{STATE_EXPLOITED, STATE_REACHED, STATE_PROBED}, ANSWER_EXPLOITED, 1},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        world_end();
        world_begin();
        whole_day("15.1.2106.2");
        for (int k = 0; k < 3; k++)
            if (cases[i].told[k] != STATE_NONE)
                (void)tell(AXIS_ENTRY, cases[i].told[k], k, "203.0.113.7");
        const struct campaign *c = judged();
        t_eq(c->entry.answer, cases[i].entry, "entry", __FILE__, (int)i);
        t_eq((uint64_t)w.verdict.exit_status, (uint64_t)cases[i].status, "status", __FILE__,
             (int)i);
        T_OK(c->headline.n > 0 && !c->entry.inferred);
    }
}

/* Refused requests where evidence is missing exclude nothing. */
static void refused_and_incomplete(void)
{
    file = log_of("SRV", 0, 1440);
    (void)tell(AXIS_ENTRY, STATE_ATTEMPTED, 1, "203.0.113.7");
    const struct campaign *c = judged();
    T_EQ(c->entry.answer, ANSWER_ATTEMPTED);
    T_EQ(w.verdict.exit_status, 3);
    T_OK(str_find(c->headline, STR("CANNOT BE EXCLUDED"), 0) != SIZE_MAX);
}

static void confidence_is_that_of_the_furthest_step(void)
{
    whole_day("15.1.2106.2");
    (void)tell(AXIS_ENTRY, STATE_ATTEMPTED, 1, "a");
    struct seed weak = seed_of(AXIS_ENTRY, STATE_REACHED);
    weak.confidence = CONFIDENCE_WEAK;
    weak.key = STR("w\n");
    (void)hit(file, "SRV", 2, &weak);
    const struct campaign *c = judged();
    T_EQ(c->entry.confidence, CONFIDENCE_WEAK);
    T_OK(c->entry.first == at(1) && c->entry.last == at(2) && c->entry.facts.n == 2);
}

static void an_act_implies_an_entry_unless_it_is_weak(void)
{
    static const enum confidence given[] = {CONFIDENCE_WEAK, CONFIDENCE_STRONG,
                                            CONFIDENCE_CERTAIN};
    for (size_t i = 0; i < 3; i++) {
        world_end();
        world_begin();
        whole_day("15.1.2106.2");
        struct seed s = seed_of(AXIS_ACTION, STATE_SEEN);
        s.confidence = given[i];
        s.kind = STR("execution");
        (void)hit(file, "SRV", 5, &s);
        const struct campaign *c = judged();
        T_EQ(c->action.answer, ANSWER_SEEN);
        T_EQ(c->entry.answer, i ? ANSWER_EXPLOITED : ANSWER_NONE_SEEN);
        T_EQ(c->entry.inferred, i > 0);
        T_EQ(c->entry.confidence, i ? CONFIDENCE_STRONG : CONFIDENCE_NONE);
        T_EQ(c->n_kinds, 1);
        T_EQ(w.verdict.exit_status, 1);
    }
}

/* What a web server's process ran before anybody knew the flaw is not the campaign's. */
static void commands_before_the_campaign_are_not_its_own(void)
{
    enum { DAY = 1440 };
    whole_day("15.1.2106.2");
    (void)tell(AXIS_ACTION, STATE_SEEN, -3 * DAY, "");
    const struct campaign *c = judged();
    T_EQ(c->action.answer, ANSWER_NONE_SEEN);
    T_EQ(c->entry.answer, ANSWER_NONE_SEEN);
    T_EQ(w.verdict.per_host[0].unattributed.n, 1);
    (void)tell(AXIS_ENTRY, STATE_EXPLOITED, -3 * DAY, "203.0.113.7"); /* the flaw itself */
    T_EQ(judged()->entry.answer, ANSWER_EXPLOITED);
}

static struct seed lost(const char *kind, const char *key, const char *where, uint64_t bytes)
{
    struct seed s = seed_of(AXIS_LOSS, STATE_SEEN);
    s.kind = str_of(kind);
    s.key = str_of(key);
    s.object = str_of(where);
    s.bytes = bytes;
    s.sized = bytes > 0;
    return s;
}

/* The same file fetched twice is lost once at least, twice at most; one of unknown size is as
 * large as the file that lies there. */
static void what_was_fetched_is_counted_by_file(void)
{
    whole_day("15.1.2106.2");
    struct seed once = lost("file", "1\n", "/a.zip", 100);
    struct seed again = lost("file", "2\n", "/A.zip", 80);
    struct seed unsized = lost("file", "3\n", "/b.zip", 0);
    (void)hit(file, "SRV", 1, &once);
    (void)hit(file, "SRV", 2, &again);
    (void)hit(file, "SRV", 3, &unsized);
    const struct campaign *c = judged();
    T_EQ(c->n_archives, 2);
    T_OK(c->bytes.low == 100 && !c->bytes.bounded && c->loss_why.n);
    size_t page = evidence("inetpub/wwwroot/b.zip", FORMAT_ZIP);
    w.findings.evidence[page].web_path = STR("/b.zip");
    w.findings.evidence[page].size = 7;
    c = judged();
    T_OK(c->bytes.bounded && c->bytes.low == 100 && c->bytes.high == 187);
}

static void what_lay_ready_has_no_low_bound(void)
{
    whole_day("15.1.2106.2");
    struct seed s = lost("mail", "1\n", "", 500);
    s.maybe = true;
    s.mailbox = STR("chef@example.org");
    (void)hit(file, "SRV", 1, &s);
    const struct campaign *c = judged();
    T_EQ(c->loss.answer, ANSWER_BOUNDS);
    T_OK(c->bytes.low == 0 && c->bytes.high == 500 && c->bytes.bounded);
    T_OK(c->mailboxes.low == 0 && c->mailboxes.high == 1 && c->mailboxes.bounded);
}

static void mail_that_names_no_mailbox_is_of_one_at_least(void)
{
    whole_day("15.1.2106.2");
    struct seed s = lost("mail", "1\n", "", 500);
    (void)hit(file, "SRV", 1, &s);
    const struct campaign *c = judged();
    T_OK(c->mailboxes.low == 1 && !c->mailboxes.bounded && c->bytes.bounded);
}

static void secrets_and_ransom_are_no_bytes(void)
{
    whole_day("15.1.2106.2");
    struct seed dump = seed_of(AXIS_ACTION, STATE_SEEN);
    dump.confidence = CONFIDENCE_WEAK;
    dump.secrets = 1U << SECRET_LOGGED_ON;
    struct seed ransom = lost("encrypted", "2\n", "", 0);
    (void)hit(file, "SRV", 1, &dump);
    (void)hit(file, "SRV", 2, &ransom);
    const struct campaign *c = judged();
    T_EQ(c->loss.answer, ANSWER_NONE_SEEN);
    T_OK(c->encrypted.n == 1 && c->secrets[SECRET_LOGGED_ON].n == 1);
    T_OK(c->secrets[SECRET_DOMAIN].n == 0);
}

/* What left: a low bound always, a high one only where nothing can have been missed. */
static void loss(void)
{
    whole_day("15.1.2106.2");
    const struct campaign *c = judged();
    T_OK(c->loss.answer == ANSWER_NONE_SEEN && c->bytes.bounded);
    for (int k = 0; k < 3; k++) {
        struct seed s = seed_of(AXIS_LOSS, STATE_SEEN);
        s.key = arena_printf(w.arena, "%d\n", k);
        s.bytes = 100;
        s.sized = true;
        s.mailbox = k ? STR("Chef@example.org") : STR("chef@EXAMPLE.org");
        (void)hit(file, "SRV", k, &s);
    }
    c = judged();
    T_EQ(c->loss.answer, ANSWER_BOUNDS);
    T_EQ(c->bytes.low, 300);
    T_EQ(c->mailboxes.low, 1);
    T_OK(c->bytes.bounded && c->bytes.high == 300 && c->mailboxes.high == 1);
    (void)tell(AXIS_ACTION, STATE_SEEN, 9, "");
    T_OK(!judged()->bytes.bounded);
}

static void after_commands_no_loss_can_be_excluded(void)
{
    whole_day("15.1.2106.2");
    (void)tell(AXIS_ACTION, STATE_SEEN, 9, "");
    const struct campaign *c = judged();
    T_EQ(c->loss.answer, ANSWER_NOT_ASSESSABLE);
    T_OK(str_find(c->loss.reason, STR("ran commands"), 0) != SIZE_MAX);
    world_end();
    world_begin();
    whole_day("15.1.2106.2");
    struct seed used = seed_of(AXIS_BACKDOOR, STATE_USED);
    used.object = STR("/owa/auth/a.aspx");
    (void)hit(file, "SRV", 9, &used);
    T_EQ(judged()->loss.answer, ANSWER_NOT_ASSESSABLE);
}

static void who_it_was(void)
{
    whole_day("15.1.2106.2");
    (void)tell(AXIS_ENTRY, STATE_PROBED, 1, "203.0.113.7");
    (void)tell(AXIS_ENTRY, STATE_EXPLOITED, 4, "203.0.113.9");
    (void)tell(AXIS_ENTRY, STATE_REACHED, 2, "203.0.113.9");
    (void)tell(AXIS_ENTRY, STATE_REACHED, 100, "");
    (void)tell(AXIS_CONTEXT, STATE_INITIATOR, 101, "C:\\tool.exe");
    (void)tell(AXIS_CONTEXT, STATE_INITIATOR, 200, "C:\\late.exe");
    const struct campaign *c = judged();
    T_EQ(c->n_initiators, 3);
    T_STR(c->initiators[0].value, "203.0.113.9");
    T_OK(c->initiators[0].first == at(2) && c->initiators[0].last == at(4));
    T_STR(c->initiators[1].value, "C:\\tool.exe");
    T_STR(c->initiators[1].kind, "process");
    T_STR(c->initiators[2].value, "203.0.113.7");
}

static void acts_are_chained(void)
{
    whole_day("15.1.2106.2");
    (void)tell(AXIS_ENTRY, STATE_REACHED, 0, "203.0.113.9");
    (void)tell(AXIS_ENTRY, STATE_EXPLOITED, 30, "203.0.113.9");
    (void)tell(AXIS_ACTION, STATE_SEEN, 31, "");
    (void)tell(AXIS_ACTION, STATE_SEEN, 90, ""); /* joined to nothing */
    (void)tell(AXIS_CONTEXT, STATE_NOISE, 31, "");
    const struct campaign *c = judged();
    T_EQ(c->n_chain, 2);
    T_STR(c->chain[0].by, "the same address");
    T_STR(c->chain[1].by, "time, within a minute");
    T_EQ(c->chain[1].confidence, CONFIDENCE_WEAK);
}

static void advice_fits_the_answers(void)
{
    whole_day("15.1.2106.2");
    T_EQ(judged()->n_advice, 1);
    (void)tell(AXIS_ENTRY, STATE_EXPLOITED, 1, "a");
    T_EQ(judged()->n_advice, 1); /* every axis that is named must fit */
    struct seed s = seed_of(AXIS_BACKDOOR, STATE_PRESENT);
    s.object = STR("/owa/auth/a.aspx");
    (void)hit(file, "SRV", 9, &s);
    T_EQ(judged()->n_advice, 2);
    T_STR(judged()->advice[1]->id, "in");
}

static void exit_statuses(void)
{
    size_t other = evidence("a.evtx", FORMAT_EVTX); /* no trace of the product */
    (void)noted(SIGNAL_HOST, other, "WKS", "Security|P", at(0), at(9));
    T_EQ(judged()->n_coverage, 0);
    T_EQ(w.verdict.exit_status, 3);

    world_end();
    world_begin();
    whole_day("15.1.2106.2");
    (void)judged();
    T_EQ(w.verdict.exit_status, 0);
    struct correlate_told *told = ARENA_NEW(w.arena, struct correlate_told);
    *told = (struct correlate_told){.rule = USER_RULE, .matches = 1, .copies = 1};
    w.findings.correlations = told;
    w.findings.n_correlations = 1;
    (void)judged();
    T_EQ(w.verdict.exit_status, 0);
    told->lost = 1; /* what was not counted may be what one is about */
    (void)judged();
    T_EQ(w.verdict.exit_status, 3);
    w.findings.n_correlations = 0;
    w.findings.correlations_failed = STR("no room");
    (void)judged();
    T_EQ(w.verdict.exit_status, 3);
    w.findings.correlations_failed = STR("");
    struct counted *more = ARENA_NEW(w.arena, struct counted);
    *more = (struct counted){.evidence = file, .rule = USER_RULE, .count = 5};
    w.findings.counted = more;
    w.findings.n_counted = 1;
    (void)judged();
    T_EQ(w.verdict.exit_status, 1); /* of a high rule, though none was kept */
    w.findings.n_counted = 0;
    (void)hit(file, "SRV", 1, NULL);
    (void)judged();
    T_EQ(w.verdict.exit_status, 1);

    world_end();
    world_begin();
    whole_day("16.9.9.9"); /* a build that says nothing */
    (void)judged();
    T_EQ(w.verdict.exit_status, 3);
}

static void tell_door_at(unsigned rule, const char *object, const char *key, int64_t minute)
{
    struct seed s = seed_of(AXIS_BACKDOOR, STATE_PRESENT);
    s.object = str_of(object);
    s.key = str_of(key);
    hit(file, "SRV", minute, &s)->rule = rule;
}

static void tell_door(unsigned rule, const char *object, const char *key)
{
    tell_door_at(rule, object, key, 5);
}

/* A general pack says what is there, beside the campaign and not in its name. */
static void what_is_of_no_campaign_is_told_beside_it(void)
{
    whole_day("15.1.2106.99");
    const struct campaign *c = judged();
    T_EQ(w.verdict.per_host[0].n_campaigns, 1); /* nothing of it: nothing said */
    T_EQ(w.verdict.exit_status, 0);
    tell_door(GENERAL_RULE, "NativeModule", "x\n");
    c = judged();
    T_EQ(w.verdict.per_host[0].n_campaigns, 2);
    T_EQ(c->backdoor.answer, ANSWER_NONE_SEEN);
    T_EQ(c->entry.answer, ANSWER_NONE_SEEN);
    T_EQ(said_of("g")->backdoor.answer, ANSWER_PRESENT);
    T_EQ(said_of("g")->exposure.answer, ANSWER_NOT_ASSESSABLE);
    T_STR(said_of("g")->headline, "A BACK DOOR is in place");
    T_STR(w.verdict.per_host[0].campaigns[0].pack->id, "g"); /* the worst comes first */
    T_EQ(w.verdict.exit_status, 1);
}

static void an_item_that_a_campaign_tells_of_is_told_once(void)
{
    whole_day("15.1.2106.99");
    tell_door(PACK_RULE, "/owa/auth/x.aspx", "x\n");
    tell_door(GENERAL_RULE,
              "C:\\Program Files\\Microsoft\\Exchange Server\\V15\\FrontEnd\\"
              "HttpProxy\\owa\\auth\\x.aspx",
              "x\n");
    tell_door_at(GENERAL_RULE, "/owa/auth/y.aspx", "y\n", -5000); /* long before */
    const struct campaign *c = judged();
    T_EQ(w.verdict.per_host[0].n_campaigns, 2);
    T_EQ(c->n_items, 1);
    T_EQ(c->items[0].facts.n, 1); /* one act, told by rules of two packs */
    T_EQ(w.verdict.facts[c->items[0].facts.at[0]].n_hits, 2);
    T_EQ(said_of("g")->n_items, 1);
    T_STR(said_of("g")->items[0].where, "/owa/auth/y.aspx");
}

/* A campaign that became known behind the end of the evidence is not judged. */
static void what_was_not_known_yet_does_not_apply(void)
{
    whole_day("15.1.2106.99");
    w.packs[0].phases[0].from = at(3 * 1440);
    (void)judged();
    const struct host_verdict *h = &w.verdict.per_host[0];
    T_EQ(h->n_campaigns, 0);
    T_EQ(h->n_left_out, 2);
    T_OK(h->left_out[0].pack == &w.packs[0] && !h->left_out[0].in_time);
    T_STR(
        h->left_out[0].why,
        "first known use 2021-03-04, behind the end of the evidence, 2021-03-02: if the server "
        "ran on after that, later logs tell");
    T_EQ(w.verdict.exit_status, 3); /* nothing is left to be judged by */
    w.n_packs = 3;
    (void)judged();
    T_EQ(w.verdict.per_host[0].n_campaigns, 1);
    T_EQ(w.verdict.exit_status,
         3); /* the other one is covered, and the server may have run on */
    (void)tell(AXIS_ENTRY, STATE_ATTEMPTED, 1, "203.0.113.7"); /* the flaw itself */
    T_EQ(judged()->entry.answer, ANSWER_ATTEMPTED);
}

enum { DAY_MINUTES = 1440 };

/* What the server's own disk says of its end decides whether logs that end early are all there is. */
static void the_disk_tells_whether_the_server_ran_on(void)
{
    static const struct {
        const char *path;
        int64_t written; /* the last time that the disk tells */
        bool judged;
        int status;
        const char *why;
    } cases[] = {
        {"$MFT", DAY_MINUTES + 5, false, 0, "the server's own disk tells of nothing later"},
        {"$MFT", DAY_MINUTES - 5, false, 0, "the server's own disk tells of nothing later"},
        {"$MFT", 3 * DAY_MINUTES, true, 3, ""},
        {"$MFT", -5 * DAY_MINUTES, false, 3,
         "if the server ran on after that, later logs tell"},
        {"Windows/System32/config/RegBack/SYSTEM", 3 * DAY_MINUTES, false, 3,
         "if the server ran on after that, later logs tell"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        world_end();
        world_begin();
        w.n_packs = 3;
        whole_day("15.1.2106.99");
        w.packs[0].phases[0].from = at(3 * DAY_MINUTES - 10);
        instant written = at(cases[i].written);
        (void)noted(SIGNAL_ALIVE, evidence(cases[i].path, FORMAT_MFT), "SRV", "", written,
                    written);
        const struct campaign *c = judged();
        const struct host_verdict *h = &w.verdict.per_host[0];
        T_EQ(h->n_campaigns, 1 + cases[i].judged);
        t_eq((uint64_t)w.verdict.exit_status, (uint64_t)cases[i].status, "status", __FILE__,
             (int)i);
        if (cases[i].judged) {
            T_EQ(c->entry.answer, ANSWER_NOT_ASSESSABLE);
            T_OK(str_find(c->entry.reason, STR("that it ran on"), 0) != SIZE_MAX);
        } else {
            T_OK(str_iends(h->left_out[0].why, str_of(cases[i].why)));
        }
    }
}

/* A file that lies in an image of the server's disk has the times that the server gave it. */
static void files_of_an_image_tell_too(void)
{
    for (int image = 0; image < 2; image++) {
        world_end();
        world_begin();
        w.n_packs = 3;
        size_t disk = evidence("x.img", image ? FORMAT_RAW_DISK : FORMAT_ZIP);
        whole_day("15.1.2106.99");
        w.packs[0].phases[0].from = at(3 * DAY_MINUTES);
        for (size_t i = disk + 1; i < w.findings.n_evidence; i++) {
            struct evidence *e = &w.findings.evidence[i];
            e->path = arena_printf(w.arena, "/ev/x.img/%.*s", STR_ARG(e->below));
            e->carrier = disk + 1;
            e->modified = at(4 * DAY_MINUTES); /* of members of archives: of whatever copy */
        }
        (void)judged();
        T_EQ(w.verdict.per_host[0].n_campaigns, image ? 2 : 1);
        T_EQ(w.verdict.exit_status, 3);
    }
}

int main(void)
{
    static void (*const tests[])(void) = {
        the_disk_tells_whether_the_server_ran_on,
        files_of_an_image_tell_too,
        the_furthest_step_is_the_answer,
        commands_before_the_campaign_are_not_its_own,
        refused_and_incomplete,
        confidence_is_that_of_the_furthest_step,
        an_act_implies_an_entry_unless_it_is_weak,
        loss,
        what_was_fetched_is_counted_by_file,
        what_lay_ready_has_no_low_bound,
        mail_that_names_no_mailbox_is_of_one_at_least,
        secrets_and_ransom_are_no_bytes,
        after_commands_no_loss_can_be_excluded,
        who_it_was,
        acts_are_chained,
        advice_fits_the_answers,
        exit_statuses,
        what_was_not_known_yet_does_not_apply,
        what_is_of_no_campaign_is_told_beside_it,
        an_item_that_a_campaign_tells_of_is_told_once,
    };
    IN_WORLDS(tests);
    return t_done();
}
