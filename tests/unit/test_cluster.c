/* Which intrusions are taken for one intruder's. */
#include "judge_t.h"

enum { HOSTS = 12 };

static size_t file;

static void host(const char *name)
{
    size_t log =
        evidence(arena_printf(w.arena, "Logging/HttpProxy/%s.log", name).p, FORMAT_HTTPPROXY);
    (void)noted(SIGNAL_HOST, log, name, "|", at(0), at(1));
    file = log;
}

static struct seed *door(const char *host, int64_t minute, const char *where, const char *from,
                         const char *shares)
{
    struct seed seed = seed_of(AXIS_BACKDOOR, STATE_USED);
    seed.key = arena_printf(w.arena, "%zu\n", w.findings.n_hits);
    seed.object = str_of(where);
    seed.initiator = str_of(from);
    seed.shares = str_of(shares);
    return (struct seed *)(uintptr_t)hit(file, host, minute, &seed)->seeds;
}

static size_t clusters(void)
{
    (void)judged();
    return w.verdict.n_clusters;
}

static void an_address_alone_is_not_enough(void)
{
    host("A");
    host("B");
    door("A", 1, "/owa/auth/x.aspx", "203.0.113.9", "");
    door("B", 2, "/owa/auth/y.aspx", "203.0.113.9", "");
    T_EQ(clusters(), 0);
}

static void two_independent_things_are(void)
{
    host("A");
    host("B");
    door("A", 1, "/owa/auth/x.aspx", "203.0.113.9", "");
    door("B", 2, "/aspnet_client/X.aspx", "203.0.113.9", "");
    T_EQ(clusters(), 1);
    const struct cluster *c = &w.verdict.clusters[0];
    T_OK(c->n == 2 && c->n_shared == 2 && c->n_alternatives == 0);
    T_OK(c->shared[0].n == 2);
}

static void a_copied_page_is_one_thing(void)
{
    host("A");
    host("B");
    door("A", 1, "/owa/auth/x.aspx", "203.0.113.9", "content\taa\nstructure\tbb\nkey\tcc\n");
    door("B", 2, "/owa/auth/y.aspx", "203.0.113.10", "content\taa\nstructure\tbb\nkey\tcc\n");
    T_EQ(clusters(), 0);
    door("B", 3, "/owa/auth/y.aspx", "203.0.113.10", "tool\tx.exe\n");
    door("A", 4, "/owa/auth/x.aspx", "203.0.113.9", "tool\tX.EXE\n");
    T_EQ(clusters(), 1);
}

static void inside_addresses_are_nobodys(void)
{
    host("A");
    host("B");
    door("A", 1, "/owa/auth/x.aspx", "10.0.0.9", "");
    door("B", 2, "/aspnet_client/x.aspx", "10.0.0.9", "");
    T_EQ(clusters(), 0);
}

static void two_intruders_of_one_server_are_two(void)
{
    host("A");
    host("B");
    door("A", 1, "/owa/auth/x.aspx", "203.0.113.9", "key\tp\n");
    door("A", 300, "/owa/auth/y.aspx", "203.0.113.10", "key\tq\n");
    door("B", 2, "/owa/auth/x.aspx", "203.0.113.77", "key\tp\n");
    T_EQ(clusters(), 1);
    const struct cluster *c = &w.verdict.clusters[0];
    T_EQ(w.verdict.n_intrusions, 3);
    T_EQ(c->n, 2);
    for (size_t i = 0; i < c->n; i++)
        T_EQ(w.verdict.intrusions[c->members[i]].facts.n, 1);
}

/* What everybody has says nothing, however many of it there are. */
static void what_is_common_weighs_little(void)
{
    for (int i = 0; i < HOSTS; i++) {
        struct str name = arena_printf(w.arena, "H%02d", i);
        host(name.p);
        door(name.p, i, "/owa/auth/x.aspx", arena_printf(w.arena, "203.0.113.%d", i).p,
             "key\tpass\n");
    }
    T_EQ(clusters(), 0);
    door("H03", 70, "/owa/auth/x.aspx", "198.51.100.7", "");
    door("H07", 70, "/owa/auth/x.aspx", "198.51.100.7", "tool\tz.exe\n");
    door("H03", 71, "/owa/auth/x.aspx", "198.51.100.7", "tool\tz.exe\n");
    T_EQ(clusters(), 1);
    T_EQ(w.verdict.clusters[0].n, 2);
}

static void what_shares_less_is_an_alternative(void)
{
    host("A");
    host("B");
    host("C");
    door("A", 1, "/owa/auth/x.aspx", "203.0.113.9", "");
    door("B", 2, "/owa/auth/x.aspx", "203.0.113.9", "");
    door("C", 3, "/owa/auth/z.aspx", "203.0.113.9", "");
    T_EQ(clusters(), 1);
    const struct cluster *c = &w.verdict.clusters[0];
    T_OK(c->n == 2 && c->n_alternatives >= 1);
    T_EQ(c->alternatives[0].kind, SHARE_ADDRESS);
}

int main(void)
{
    static void (*const tests[])(void) = {
        an_address_alone_is_not_enough,      two_independent_things_are,
        a_copied_page_is_one_thing,          inside_addresses_are_nobodys,
        two_intruders_of_one_server_are_two, what_is_common_weighs_little,
        what_shares_less_is_an_alternative,
    };
    IN_WORLDS(tests);
    return t_done();
}
