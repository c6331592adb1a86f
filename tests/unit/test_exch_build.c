#include "format/exch_build.h"

#include "t.h"

static void reads_every_form(void)
{
    static const char *const same[] = {"15.01.2507.006", "15.1.2507.6",
                                       "Version 15.1 (Build 2507.6)", "15.1 (Build 32507.6)",
                                       " 15.1.2507.6 "};
    struct arena *a = arena_new();
    for (size_t i = 0; i < sizeof same / sizeof *same; i++) {
        struct exch_build b = {0};
        T_OK(exch_build_parse(str_of(same[i]), &b));
        T_STR(exch_build_text(b, a), "15.1.2507.6");
    }
    arena_free(a);
}

static void refuses_others(void)
{
    static const char *const bad[] = {"",
                                      "15",
                                      "15.1",
                                      "15.1.2507",
                                      "15.1.2507.",
                                      "x.1.2.3",
                                      "15.1 (Build 2507.6",
                                      "15.1.2507.6.7",
                                      "15.1.99999999999.6",
                                      "15..1.2"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct exch_build b = {.major = 7};
        T_OK(!exch_build_parse(str_of(bad[i]), &b));
        T_EQ(b.major, 7);
    }
}

/* The numbers stand in real rows. */
static void unpacks(void)
{
    static const struct {
        uint32_t packed;
        const char *text;
    } cases[] = {{1942063563, "15.1.2507.0"},
                 {1942063431, "15.1.2375.0"},
                 {1942127251, "15.2.659.0"},
                 {1941997017, "15.0.1497.0"},
                 {1937997947, "14.3.123.0"},
                 {1942062522, "15.1.1466.0"},
                 {3, "0.0.3.0"}};
    struct arena *a = arena_new();
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        T_OK(str_eq(exch_build_text(exch_build_unpack(cases[i].packed), a),
                    str_of(cases[i].text)));
    arena_free(a);
}

static void orders(void)
{
    struct exch_build a = {15, 1, 2106, 2};
    struct exch_build b = {15, 1, 2106, 13};
    struct exch_build c = {15, 2, 1, 0};
    T_OK(exch_build_cmp(a, b) < 0);
    T_OK(exch_build_cmp(c, b) > 0);
    T_OK(exch_build_cmp(a, a) == 0);
}

static void updates_are_named_as_packs_name_them(void)
{
    static const char *const cases[][2] = {
        {"Security Update for Exchange Server 2016 Cumulative Update 18 (KB5000871)",
         "Exchange 2016 CU18 KB5000871"},
        {"Security Update For Exchange Server 2019 CU8 (KB5000871)",
         "Exchange 2019 CU8 KB5000871"},
        {"Security Update For Exchange Server 2019 RTM (KB5000871)",
         "Exchange 2019 RTM KB5000871"},
        {"Security Update for Windows (KB5000802)", ""},
        {"Security Update for Exchange Server 2016 Cumulative Update 18", ""},
        {"Update for Exchange Server (KB5000871) CU", ""},
        {"KB", ""},
        {"", ""},
    };
    struct arena *arena = arena_new();
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        T_OK(str_eq(exch_update_text(str_of(cases[i][0]), arena), str_of(cases[i][1])));
    arena_free(arena);
}

int main(void)
{
    T_RUN(reads_every_form);
    T_RUN(refuses_others);
    T_RUN(unpacks);
    T_RUN(orders);
    T_RUN(updates_are_named_as_packs_name_them);
    return t_done();
}
