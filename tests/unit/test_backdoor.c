#include "judge_t.h"

static size_t file;

static struct hit *told(enum state state, const char *object, int64_t minute)
{
    struct seed s = seed_of(AXIS_BACKDOOR, state);
    s.object = str_of(object);
    s.key = arena_printf(w.arena, "%s %d %lld\n", object, (int)state, (long long)minute);
    return hit(file, "SRV", minute, &s);
}

static void tell(enum state state, const char *object, int64_t minute)
{
    (void)told(state, object, minute);
}

static void collected(const char *below, const char *web_path)
{
    size_t i = evidence(below, FORMAT_SCRIPT);
    w.findings.evidence[i].web_path = str_of(web_path);
}

static const struct item *item(const struct campaign *c, size_t i, const char *where)
{
    static const struct item none;
    T_OK(i < c->n_items);
    const struct item *it = i < c->n_items ? &c->items[i] : &none;
    T_OK(str_eq(it->where, str_of(where)));
    return it;
}

/* As many items as facts; places that end in a separator are of one item, having no name. */
static void items_without_a_name_are_one(void)
{
    file = log_of("SRV", 0, 60);
    tell(STATE_WRITTEN, "C:\\x\\", 1);
    tell(STATE_WRITTEN, "D:\\y\\", 2);
    const struct campaign *c = judged();
    T_EQ(c->n_items, 1);
    T_EQ(c->items[0].facts.n, 2);
}

/* A name that very many pages have is told of some of them, and lost of none. */
static void a_name_of_very_many_pages(void)
{
    enum { PAGES = 200 };
    file = log_of("SRV", 0, 60);
    for (int i = 0; i < PAGES; i++)
        tell(STATE_USED, arena_printf(w.arena, "/%d/x.aspx", i).p, 1);
    tell(STATE_WRITTEN, "X.aspx", 2);
    const struct campaign *c = judged();
    size_t told = 0;
    T_EQ(c->n_items, PAGES);
    for (size_t i = 0; i < c->n_items; i++)
        told += c->items[i].facts.n == 2;
    T_EQ(told, 64);
}

static void names_join_to_web_paths(void)
{
    file = log_of("SRV", 0, 60);
    tell(STATE_WRITTEN, "C:\\x\\Shell.aspx", 1);
    tell(STATE_USED, "/owa/auth/shell.aspx", 5);
    tell(STATE_WRITTEN, "shell.aspx", 2);
    tell(STATE_WRITTEN, "/ecp/auth/other.aspx", 3);
    tell(STATE_WRITTEN, "lone.aspx", 4);
    tell(STATE_WRITTEN, "D:\\y\\LONE.aspx", 6);
    const struct campaign *c = judged();
    T_EQ(c->n_items, 3);
    const struct item *other = item(c, 0, "/ecp/auth/other.aspx");
    const struct item *shell = item(c, 1, "/owa/auth/shell.aspx");
    const struct item *lone = item(c, 2, "lone.aspx");
    T_EQ(other->facts.n, 1);
    T_EQ(shell->facts.n, 3);
    T_EQ(lone->facts.n, 2);
    T_OK(shell->written == at(1) && shell->use == ANSWER_SEEN && shell->use_first == at(5));
    T_EQ(c->backdoor.answer, ANSWER_WRITTEN);
    T_EQ(c->backdoor.facts.n, 6);
    T_OK(c->entry.answer == ANSWER_EXPLOITED && c->entry.inferred);
}

static void an_older_copy_says_that_it_was_there(void)
{
    static const char *const paths[] = {"SRV/Windows.old/inetpub/wwwroot/aspnet_client/a.aspx",
                                        "SRV/HarddiskVolumeShadowCopy3/aspnet_client/a.aspx"};
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
        world_end();
        world_begin();
        size_t log = log_of("SRV", 0, 60);
        w.findings.evidence[log].path = str_of(paths[i]);
        file = log;
        tell(STATE_PRESENT, "/aspnet_client/a.aspx", 1);
        const struct campaign *c = judged();
        T_EQ(item(c, 0, "/aspnet_client/a.aspx")->presence, ANSWER_NOT_ASSESSABLE);
        T_EQ(c->backdoor.answer, ANSWER_WRITTEN);
        w.findings.evidence[log].path = STR("SRV/aspnet_client/a.aspx");
        T_EQ(judged()->backdoor.answer, ANSWER_PRESENT);
    }
}

/* Two pages of one name in two folders are two. */
static void web_paths_are_compared_whole(void)
{
    file = log_of("SRV", 0, 60);
    tell(STATE_WRITTEN, "/owa/auth/a.aspx", 1);
    tell(STATE_WRITTEN, "/ecp/auth/a.aspx", 2);
    tell(STATE_WRITTEN, "/OWA/auth/A.aspx", 3);
    T_EQ(judged()->n_items, 2);
}

static void nameless_records_join_by_time(void)
{
    file = log_of("SRV", 0, 60);
    tell(STATE_WRITTEN, "/owa/auth/a.aspx", 10);
    tell(STATE_WRITTEN, "/owa/auth/b.aspx", 12);
    tell(STATE_WRITTEN, "", 9);  /* a minute before a.aspx */
    tell(STATE_WRITTEN, "", 12); /* with b.aspx */
    tell(STATE_WRITTEN, "", 30);
    tell(STATE_WRITTEN, "", 50);
    const struct campaign *c = judged();
    T_EQ(c->n_items, 3);
    T_EQ(item(c, 0, "/owa/auth/a.aspx")->facts.n, 2);
    T_EQ(item(c, 0, "/owa/auth/a.aspx")->written,
         at(10)); /* the file's time, not the order's */
    T_EQ(item(c, 1, "/owa/auth/b.aspx")->facts.n, 2);
    T_EQ(item(c, 2, "")->facts.n, 2);
    T_EQ(item(c, 2, "")->written, at(30));
}

static void whether_it_is_still_there(void)
{
    static const struct {
        enum state told[4];    /* one minute after the other */
        const char *collected; /* web path of a file in the evidence */
        enum answer presence, axis;
    } cases[] = {
        {{STATE_WRITTEN}, NULL, ANSWER_NOT_ASSESSABLE, ANSWER_WRITTEN},
        {{STATE_WRITTEN}, "/ecp/auth/x.aspx", ANSWER_NOT_ASSESSABLE, ANSWER_WRITTEN},
        {{STATE_WRITTEN}, "/owa/auth/Current/x.js", ANSWER_NOT_ASSESSABLE, ANSWER_WRITTEN},
        {{STATE_WRITTEN}, "/OWA/auth/logon.aspx", ANSWER_REMOVED, ANSWER_REMOVED},
        /* a file of its name is there, though no rule speaks of it: who can say */
        {{STATE_WRITTEN}, "/owa/auth/A.aspx", ANSWER_NOT_ASSESSABLE, ANSWER_WRITTEN},
        {{STATE_WRITTEN, STATE_REMOVED}, NULL, ANSWER_REMOVED, ANSWER_REMOVED},
        {{STATE_PRESENT}, NULL, ANSWER_PRESENT, ANSWER_PRESENT},
        {{STATE_WRITTEN, STATE_REMOVED, STATE_PRESENT}, NULL, ANSWER_PRESENT, ANSWER_PRESENT},
        {{STATE_PRESENT}, "/owa/auth/logon.aspx", ANSWER_PRESENT, ANSWER_PRESENT},
        /* made or used again after it was removed: the removal does not hold */
        {{STATE_WRITTEN, STATE_REMOVED, STATE_NONE, STATE_WRITTEN},
         NULL,
         ANSWER_NOT_ASSESSABLE,
         ANSWER_WRITTEN},
        {{STATE_WRITTEN, STATE_REMOVED, STATE_USED}, NULL, ANSWER_REMOVED, ANSWER_REMOVED},
        {{STATE_WRITTEN, STATE_REMOVED, STATE_NONE, STATE_USED},
         NULL,
         ANSWER_NOT_ASSESSABLE,
         ANSWER_WRITTEN},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        world_end();
        world_begin();
        file = log_of("SRV", 0, 60);
        for (int k = 0; k < 4; k++)
            if (cases[i].told[k] != STATE_NONE)
                tell(cases[i].told[k], "/owa/auth/a.aspx", 10 + k);
        if (cases[i].collected)
            collected("web/x.aspx", cases[i].collected);
        const struct campaign *c = judged();
        const struct item *it = item(c, 0, "/owa/auth/a.aspx");
        t_eq(it->presence, cases[i].presence, "presence", __FILE__, (int)i);
        t_eq(c->backdoor.answer, cases[i].axis, "axis", __FILE__, (int)i);
        T_OK(it->presence_why.n > 0);
    }
}

/* A tool writes local time and does not say how far off that is. */
static void a_removal_by_local_time_is_believed_where_the_order_is_sure(void)
{
    enum { HOUR = 60 };
    static const struct {
        int64_t removed;
        enum state after;
        int64_t at;
        bool tool; /* the other record is by the same clock */
        enum answer presence;
    } cases[] = {
        {40 * HOUR, STATE_USED, 20 * HOUR, false, ANSWER_REMOVED},
        {40 * HOUR, STATE_USED, 30 * HOUR, false, ANSWER_NOT_ASSESSABLE},
        {40 * HOUR, STATE_USED, 45 * HOUR, false, ANSWER_NOT_ASSESSABLE},
        {40 * HOUR, STATE_USED, 60 * HOUR, false, ANSWER_NOT_ASSESSABLE},
        {40 * HOUR, STATE_WRITTEN, 40 * HOUR, true, ANSWER_REMOVED}, /* found, then removed */
        {40 * HOUR, STATE_WRITTEN, 41 * HOUR, true, ANSWER_NOT_ASSESSABLE},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        world_end();
        world_begin();
        file = log_of("SRV", 0, 100 * HOUR);
        struct hit *removed = told(STATE_REMOVED, "/owa/auth/a.aspx", cases[i].removed);
        removed->kind = EVENT_REMEDIATION;
        removed->marks |= MARK_TIME_GUESSED | MARK_NO_ZONE;
        struct hit *other = told(cases[i].after, "/owa/auth/a.aspx", cases[i].at);
        if (cases[i].tool) {
            other->kind = EVENT_REMEDIATION;
            other->marks |= MARK_TIME_GUESSED | MARK_NO_ZONE;
        }
        const struct campaign *c = judged();
        t_eq(item(c, 0, "/owa/auth/a.aspx")->presence, cases[i].presence, "presence", __FILE__,
             (int)i);
    }
}

static void a_use_by_local_time_may_be_behind_a_removal(void)
{
    enum { HOUR = 60 };
    static const struct {
        int64_t used;
        enum answer presence;
    } cases[] = {
        {20 * HOUR, ANSWER_REMOVED},
        {30 * HOUR, ANSWER_NOT_ASSESSABLE},
        {45 * HOUR, ANSWER_NOT_ASSESSABLE},
        {60 * HOUR, ANSWER_NOT_ASSESSABLE},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        world_end();
        world_begin();
        file = log_of("SRV", 0, 100 * HOUR);
        tell(STATE_REMOVED, "/owa/auth/a.aspx", 40 * HOUR);
        told(STATE_USED, "/owa/auth/a.aspx", cases[i].used)->marks |= MARK_NO_ZONE;
        const struct campaign *c = judged();
        t_eq(item(c, 0, "/owa/auth/a.aspx")->presence, cases[i].presence, "presence", __FILE__,
             (int)i);
    }
}

static void the_axis_is_the_worst_of_its_items(void)
{
    file = log_of("SRV", 0, 60);
    tell(STATE_REMOVED, "/owa/auth/a.aspx", 1);
    T_EQ(judged()->backdoor.answer, ANSWER_REMOVED);
    T_OK(judged()->items[0].removed_at == at(1));
    tell(STATE_WRITTEN, "/owa/auth/b.aspx", 2);
    T_EQ(judged()->backdoor.answer, ANSWER_WRITTEN);
    tell(STATE_PRESENT, "/owa/auth/c.aspx", 3);
    T_EQ(judged()->backdoor.answer, ANSWER_PRESENT);
    T_OK(judged()->backdoor.first == at(1) && judged()->backdoor.last == at(3));
}

/* What became of one page is not what became of another one of its name. */
static void a_place_on_disk_tells_the_page(void)
{
    file = log_of("SRV", 0, 60);
    tell(STATE_USED, "/owa/auth/x.aspx", 1);
    tell(STATE_USED, "/aspnet_client/x.aspx", 2);
    tell(STATE_REMOVED, "file:_C:\\inetpub\\wwwroot\\aspnet_client\\X.aspx", 5);
    tell(STATE_WRITTEN, "\\\\SRV\\c$\\FrontEnd\\HttpProxy\\owa\\auth\\x.aspx", 1);
    const struct campaign *c = judged();
    T_EQ(c->n_items, 2);
    T_EQ(item(c, 0, "/owa/auth/x.aspx")->presence, ANSWER_NOT_ASSESSABLE);
    T_EQ(c->items[0].facts.n, 2);
    T_EQ(item(c, 1, "/aspnet_client/x.aspx")->presence, ANSWER_REMOVED);
    T_EQ(c->backdoor.answer, ANSWER_WRITTEN);
}

static void use_is_seen_or_what_the_logs_allow(void)
{
    file = log_of("SRV", 0, 1440);
    tell(STATE_WRITTEN, "/owa/auth/a.aspx", 1);
    T_EQ(judged()->items[0].use, ANSWER_NOT_ASSESSABLE);
    (void)noted(SIGNAL_COVER, file, "SRV", "iis.w3c|frontend", at(0), at(700));
    T_EQ(judged()->items[0].use, ANSWER_NONE_SEEN_PARTIAL);
    (void)noted(SIGNAL_COVER, file, "SRV", "iis.w3c|frontend", at(700), at(1440));
    T_EQ(judged()->items[0].use, ANSWER_NONE_SEEN);
    tell(STATE_USED, "/owa/auth/a.aspx", 5);
    tell(STATE_USED, "/owa/auth/a.aspx", 9);
    const struct item *it = &judged()->items[0];
    T_OK(it->use == ANSWER_SEEN && it->use_first == at(5) && it->use_last == at(9));
}

/* SharePoint's folder of pages is served below every site, and under a version. */
static void a_page_of_sharepoint_is_looked_for_in_its_folder(void)
{
    static const char layouts[] = "C/Web Server Extensions/16/TEMPLATE/LAYOUTS/";
    static const char *const asked[] = {"/_layouts/15/x.aspx", "/sites/a/_layouts/x.aspx"};
    for (int there = 0; there < 2; there++)
        for (size_t i = 0; i < 2; i++) {
            world_end();
            world_begin();
            file = log_of("SRV", 0, 60);
            (void)evidence(arena_printf(w.arena, "%sweb.config", layouts).p, FORMAT_XML);
            if (there)
                (void)evidence(arena_printf(w.arena, "%sX.aspx", layouts).p, FORMAT_SCRIPT);
            tell(STATE_USED, asked[i], 5);
            tell(STATE_WRITTEN, "C:\\W\\Web Server Extensions\\16\\TEMPLATE\\LAYOUTS\\x.aspx",
                 4);
            const struct campaign *c = judged();
            T_EQ(c->n_items, 1);
            T_EQ(item(c, 0, asked[i])->presence,
                 there ? ANSWER_NOT_ASSESSABLE : ANSWER_REMOVED);
        }
}

/* What only a place on disk names is looked for as well. */
static void a_page_that_nobody_asked_for_is_looked_for(void)
{
    file = log_of("SRV", 0, 60);
    collected("Exchange/owa/auth/logon.aspx", "/owa/auth/logon.aspx");
    tell(STATE_WRITTEN, "C:\\V15\\FrontEnd\\HttpProxy\\owa\\auth\\x.aspx", 1);
    T_EQ(judged()->items[0].presence, ANSWER_REMOVED);
}

int main(void)
{
    static void (*const tests[])(void) = {
        items_without_a_name_are_one,
        a_name_of_very_many_pages,
        a_page_of_sharepoint_is_looked_for_in_its_folder,
        a_page_that_nobody_asked_for_is_looked_for,
        names_join_to_web_paths,
        an_older_copy_says_that_it_was_there,
        web_paths_are_compared_whole,
        nameless_records_join_by_time,
        whether_it_is_still_there,
        a_removal_by_local_time_is_believed_where_the_order_is_sure,
        a_use_by_local_time_may_be_behind_a_removal,
        the_axis_is_the_worst_of_its_items,
        a_place_on_disk_tells_the_page,
        use_is_seen_or_what_the_logs_allow,
    };
    IN_WORLDS(tests);
    return t_done();
}
