#include "rule/pack.h"

#include "t.h"

static struct arena *arena;

#define HEAD "id: p\nphases:\n  - {id: a, from: 2021-01-03, to: 2021-02-26, what: w}\n"

static const char PACK[] = HEAD
    "  - {id: b, from: 2021-02-26T12:00:00Z, to: \"\"}\n"
    "title: T\nproduct: Exchange\nas_of: 2021-03-31\n"
    "traces:\n  - {kind: windows, channel_prefix: MSExchange}\n  - {kind: file, path_part: x}\n"
    "builds:\n"
    "  known_files: [15.1.2106.2, 15.1.2106.13]\n"
    "  not_affected:\n    - {from: \"6.0\", to: \"15.0\", why: old}\n"
    "  fixed_from:\n    - {line: \"15.1\", build: \"15.1.2242.4\"}\n"
    "  fixed:\n"
    "    - {name: CU18, base: 15.1.2106.2, fixed: 15.1.2106.13, conflict: \"\", kb: KB1}\n"
    "    - {name: CU8, base: 15.1.1415.2, fixed: 15.1.1415.8, conflict: 15.1.1415.10}\n"
    "needs:\n"
    "  entry:\n"
    "    - {source: exchange.httpproxy, parts: [Ecp, Owa], tolerance: 2h, why: y}\n"
    "  action:\n"
    "    - any_of:\n"
    "        - {source: windows:Security/4688, tolerance: 2h}\n"
    "        - {source: files.webroot, parts: [], tolerance: \"\"}\n"
    "advice:\n  - {id: now, when: {entry: [reached]}, text: t, source: s}\n"
    "collect:\n  - {what: logs, commands: ['copy {dest}']}\n";

static struct pack parsed(void)
{
    struct pack p = {0};
    struct err err = {0};
    T_EQ(pack_parse(str_of(PACK), arena, &p, &err), 0);
    T_STR(str_of(err.msg), "");
    return p;
}

static void a_pack_is_read_whole(void)
{
    struct pack p = parsed();
    T_STR(p.id, "p");
    T_STR(p.as_of, "2021-03-31");
    T_EQ(p.n_phases, 2);
    T_EQ(p.phases[0].to, instant_of_civil(2021, 2, 26, 0, 0, 0));
    T_EQ(p.phases[1].from, instant_of_civil(2021, 2, 26, 12, 0, 0));
    T_OK(p.phases[1].to == INSTANT_NONE);
    T_EQ(p.n_traces, 2);
    T_STR(p.traces[0].channel_prefix, "MSExchange");
    T_STR(p.traces[1].path_part, "x");
    T_STR(p.not_affected[0].why, "old");
    T_EQ(p.n_fixed, 2);
    struct build known = {{15, 1, 2106, 13}};
    struct build newer = {{15, 1, 2106, 14}};
    T_OK(pack_knows_files(&p, &known));
    T_OK(!pack_knows_files(&p, &newer));
    T_STR(p.fixed[0].kb, "KB1");
    T_EQ(p.n_needs[PACK_ENTRY], 1);
    T_EQ(p.needs[PACK_ENTRY][0].n, 1);
    T_EQ(p.needs[PACK_ENTRY][0].any_of[0].n_parts, 2);
    T_STR(p.needs[PACK_ENTRY][0].any_of[0].parts[1], "Owa");
    T_EQ(p.needs[PACK_ENTRY][0].any_of[0].tolerance, 2 * INSTANT_HOUR);
    T_EQ(p.needs[PACK_ACTION][0].n, 2);
    T_EQ(p.needs[PACK_ACTION][0].any_of[1].tolerance, 0);
    T_EQ(p.n_needs[PACK_LOSS], 0);
    T_STR(p.advice[0].source, "s");
    T_OK(yaml_get(p.advice[0].when, "entry") != NULL);
    T_STR(p.collect[0].commands->child->text, "copy {dest}");
}

static void a_mistake_is_told_with_its_line(void)
{
    static const struct {
        const char *text, *want;
    } cases[] = {
        {"", "needs an `id`"},
        {"- a\n", "needs an `id`"},
        {"title: x\n", "needs an `id`"},
        {"id: [\n", "line"},
        {"id: p\n", "pack p: a pack needs `phases`"},
        {"id: p\nphases: x\n", "needs `phases`"},
        {"id: p\nphases:\n  - {id: a}\n", "line 3: a phase needs `from`"},
        {"id: p\nphases:\n  - {from: soon}\n", "line 3: from \"soon\" is not a date"},
        {"id: p\nphases:\n  - {from: 2021-01-01, to: x}\n", "line 3: to \"x\" is not a date"},
        {"id: p\ngeneral: maybe\n", "`general` is true or false"},
        {HEAD "general: true\n", "a general pack has no `phases`"},
        {HEAD "builds:\n  not_affected:\n    - {from: a}\n",
         "line 6: from \"a\" is not a build"},
        {HEAD "builds:\n  fixed_from:\n    - {line: 15}\n", "line 6: line \"15\""},
        {HEAD "builds:\n  fixed:\n    - {fixed: 1.2.3.4.5}\n", "line 6: fixed \"1.2.3.4.5\""},
        {HEAD "builds:\n  fixed:\n    - {conflict: 1.x}\n", "line 6: conflict \"1.x\""},
        {HEAD "needs:\n  entry:\n    - {parts: [a]}\n",
         "line 6: a needed source needs `source`"},
        {HEAD "needs:\n  loss:\n    - {source: s, tolerance: 2}\n", "line 6: tolerance \"2\""},
        {HEAD "needs:\n  loss:\n    - any_of:\n        - {tolerance: 2h}\n",
         "line 7: a needed"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct pack p = {.n_phases = 77};
        struct err err = {0};
        T_EQ(pack_parse(str_of(cases[i].text), arena, &p, &err), -1);
        T_EQ(err.code, ERR_INVALID);
        T_EQ(p.n_phases, 77);
        if (!strstr(err.msg, cases[i].want))
            t_failed += printf("\"%s\" is not in: %s\n", cases[i].want, err.msg) > 0;
    }
}

static void builds_are_two_to_four_numbers(void)
{
    static const struct {
        const char *text;
        bool ok;
        struct build want;
    } cases[] = {
        {"15.1", true, {{15, 1, 0, 0}}},
        {"15.1.2106", true, {{15, 1, 2106, 0}}},
        {"15.01.2106.002", true, {{15, 1, 2106, 2}}},
        {"4294967295.0", true, {{UINT32_MAX, 0, 0, 0}}},
        {"4294967296.0", false, {{0}}},
        {"15", false, {{0}}},
        {"", false, {{0}}},
        {"15.", false, {{0}}},
        {".1", false, {{0}}},
        {"1..2", false, {{0}}},
        {"1.2.3.4.5", false, {{0}}},
        {"1.2.3.4.", false, {{0}}},
        {"15.1 ", false, {{0}}},
        {"15.x", false, {{0}}},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct build b = {{0}};
        T_EQ(build_parse(str_of(cases[i].text), &b), cases[i].ok);
        T_OK(build_cmp(&b, &cases[i].want, 4) == 0);
    }
    struct build low = {{15, 1, 9, 10}};
    struct build high = {{15, 1, 10, 9}};
    T_OK(build_cmp(&low, &high, 4) < 0 && build_cmp(&high, &low, 4) > 0);
    T_OK(build_cmp(&low, &high, 2) == 0);
}

static void a_build_is_judged(void)
{
    static const struct {
        const char *build;
        bool update_known;
        enum build_state want;
        bool weak;
        const char *name;
    } cases[] = {
        {"8.3.100.1", true, BUILD_NOT_AFFECTED, false, ""},
        {"6.0", true, BUILD_NOT_AFFECTED, false, ""},
        {"14.9.9.9", false, BUILD_NOT_AFFECTED, false, ""},
        {"5.9.9.9", true, BUILD_UNKNOWN, false, ""},
        {"15.0.1497.2", true, BUILD_UNKNOWN, false, ""}, /* a line the table does not know */
        {"15.1.2106.2", true, BUILD_VULNERABLE, false, "CU18"},
        {"15.1.2106.12", true, BUILD_VULNERABLE, false, "CU18"},
        {"15.1.2106.13", true, BUILD_FIXED, false, "CU18"},
        {"15.1.2106.99", true, BUILD_FIXED, false, "CU18"},
        {"15.1.2106.2", false, BUILD_UNKNOWN, false, "CU18"},
        {"15.1.2106.13", false, BUILD_UNKNOWN, false, "CU18"},
        {"15.1.1415.7", true, BUILD_VULNERABLE, false, "CU8"},
        {"15.1.1415.8", true, BUILD_FIXED, true, "CU8"}, /* two sources disagree */
        {"15.1.1415.9", true, BUILD_FIXED, true, "CU8"},
        {"15.1.1415.10", true, BUILD_FIXED, false, "CU8"},
        {"15.1.225.42", true, BUILD_VULNERABLE, false, ""}, /* never got a fix */
        {"15.1.225.42", false, BUILD_VULNERABLE, false, ""},
        {"15.1.2242.3", true, BUILD_VULNERABLE, false, ""},
        {"15.1.2242.4", true, BUILD_FIXED, false, ""},
        {"15.1.2375.7", false, BUILD_FIXED, false, ""},
        {"15.3.1.1", true, BUILD_UNKNOWN, false, ""}, /* a later product */
    };
    struct pack p = parsed();
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct build b;
        bool weak = !cases[i].weak;
        struct str name;
        T_OK(build_parse(str_of(cases[i].build), &b));
        enum build_state got = pack_judge_build(&p, &b, cases[i].update_known, &weak, &name);
        if (got != cases[i].want || weak != cases[i].weak ||
            !str_eq(name, str_of(cases[i].name)))
            t_failed +=
                printf("%s: %d, %d, %.*s\n", cases[i].build, (int)got, weak, STR_ARG(name)) > 0;
    }
}

static void try_prefix(struct bytes data)
{
    struct pack p;
    struct err err = {0};
    int got = pack_parse((struct str){(const char *)data.p, data.n}, arena, &p, &err);
    T_OK(got == 0 || (got == -1 && err.code != ERR_NONE));
}

static void any_cut_is_a_pack_or_an_error(void)
{
    t_each_prefix(str_bytes(str_of(PACK)), try_prefix);
}

static void a_line_may_hold_several_products(void)
{
    static const char text[] =
        HEAD "builds:\n  fixed_from:\n"
             "    - {line: \"16.0\", build: \"16.0.5513.1001\", below: \"16.0.10000\"}\n"
             "    - {line: \"16.0\", build: \"16.0.10417.20037\", below: \"\"}\n"
             "  fixed:\n    - {name: X, fixed: \"16.0.5513.1001\"}\n";
    static const struct {
        const char *build;
        enum build_state want;
    } cases[] = {{"16.0.5508.1000", BUILD_VULNERABLE},   {"16.0.5513.1001", BUILD_FIXED},
                 {"16.0.9999.0", BUILD_FIXED},           {"16.0.10000.0", BUILD_VULNERABLE},
                 {"16.0.10417.20027", BUILD_VULNERABLE}, {"16.0.10417.20037", BUILD_FIXED},
                 {"16.0.18526.20508", BUILD_FIXED}};
    struct pack p = {0};
    struct err err = {0};
    T_EQ(pack_parse(str_of(text), arena, &p, &err), 0);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct build b;
        bool weak;
        struct str name;
        T_OK(build_parse(str_of(cases[i].build), &b));
        T_EQ(pack_judge_build(&p, &b, true, &weak, &name), cases[i].want);
    }
}

static void a_general_pack_with_needs_stands(void)
{
    static const char needs[] =
        "needs:\n  entry:\n    - {source: web.access, tolerance: 12h}\n";
    struct pack p = {0};
    struct err err = {0};
    struct str claims = STR("id: p\ngeneral: true\nclaims: [other]\n");
    T_EQ(pack_parse(STR("id: p\ngeneral: true\n"), arena, &p, &err), 0);
    T_OK(!p.standing);
    T_EQ(pack_parse(claims, arena, &p, &err), -1);
    T_EQ(pack_parse(arena_printf(arena, "%s%s", claims.p, needs), arena, &p, &err), 0);
    T_OK(p.standing && pack_claims(&p, STR("other")));
    T_OK(pack_needs(&p, PACK_ENTRY, STR("web.access")) &&
         !pack_needs(&p, PACK_LOSS, STR("web.access")) &&
         !pack_needs(&p, PACK_ENTRY, STR("iis.w3c")));
    T_EQ(pack_parse(arena_printf(arena, "%s%s", HEAD, needs), arena, &p, &err), 0);
    T_OK(!p.standing);
}

int main(void)
{
    arena = arena_new();
    T_RUN(a_pack_is_read_whole);
    T_RUN(a_mistake_is_told_with_its_line);
    T_RUN(builds_are_two_to_four_numbers);
    T_RUN(a_build_is_judged);
    T_RUN(a_line_may_hold_several_products);
    T_RUN(a_general_pack_with_needs_stands);
    T_RUN(any_cut_is_a_pack_or_an_error);
    for (unsigned i = 0; i < PACK_AXES; i++)
        T_OK(*pack_axis_name((enum pack_axis)i) != '\0');
    arena_free(arena);
    return t_done();
}
