/* judge_t.h - findings made by hand, and what the judge says of them.
 *
 * Times are minutes behind the start of a campaign whose pack is written here. Everything
 * lives in one arena, emptied by world_end.
 */
#pragma once

#include "judge/judge_int.h"
#include "t.h"

struct world {
    struct arena *arena;
    struct findings findings;
    struct ruleset *rules;
    struct pack packs[3]; /* a campaign, what is of none, and another campaign */
    size_t n_packs;       /* 2: the other one is not used */
    struct verdict verdict;
    bool plain; /* nothing was decoded */
};

static struct world w;

enum {
    PACK_RULE,
    USER_RULE,
    GENERAL_RULE,
    WEB_RULE,
    OTHER_RULE,
    LOOK_RULE
}; /* the pack's (low), a user's (high), the general pack's (low), one of it that tells of what came
      through the web server, the other campaign's, one of the pack's that tells of a look */

static const char WORLD_RULES[] =
    "title: t\nid: 00000000-0000-0000-0000-000000000001\nstatus: test\nlevel: low\n"
    "logsource: {category: webserver}\ndetection: {s: {a: b}, condition: s}\n";
static const char WORLD_USER[] =
    "title: user\nid: 00000000-0000-0000-0000-000000000002\nstatus: test\nlevel: high\n"
    "logsource: {category: webserver}\ndetection: {s: {a: b}, condition: s}\n";

static const char WORLD_GENERAL_RULE[] =
    "title: g\nid: 00000000-0000-0000-0000-000000000003\nstatus: test\nlevel: low\n"
    "logsource: {category: webserver}\ndetection: {s: {a: b}, condition: s}\n";

static const char WORLD_WEB_RULE[] =
    "title: w\nid: 00000000-0000-0000-0000-000000000004\nstatus: test\nlevel: low\n"
    "logsource: {category: webserver}\ndetection: {s: {a: b}, condition: s}\n"
    "assay: {axis: backdoor, state: present, act: act, what: w, through: web}\n";
static const char WORLD_OTHER_RULE[] =
    "title: o\nid: 00000000-0000-0000-0000-000000000005\nstatus: test\nlevel: low\n"
    "logsource: {category: webserver}\ndetection: {s: {a: b}, condition: s}\n";
static const char WORLD_LOOK_RULE[] =
    "title: l\nid: 00000000-0000-0000-0000-000000000006\nstatus: test\nlevel: low\n"
    "logsource: {category: webserver}\ndetection: {s: {a: b}, condition: s}\n"
    "assay: {axis: entry, state: reached, only: look, act: act, what: w}\n";

static const char WORLD_GENERAL[] = "id: g\ngeneral: true\n";
static const char WORLD_OTHER[] =
    "id: q\n"
    "claims: [g]\n"
    "infers: true\n"
    "phases: [{id: a, from: 2021-03-01, to: \"\", what: w}]\n"
    "traces: [{kind: httpproxy}]\n"
    "builds: {fixed: [{name: CU, fixed: 15.1.2106.13, kb: KB1}]}\n"
    "needs:\n"
    "  exposure: [{source: exchange.httpproxy, tolerance: 8d}]\n"
    "  entry: [{source: exchange.httpproxy, parts: [Ecp], tolerance: 2h}]\n"
    "  backdoor: [{source: exchange.httpproxy, parts: [Ecp], tolerance: 2h}]\n"
    "  action: [{source: exchange.httpproxy, parts: [Ecp], tolerance: 2h}]\n"
    "  loss: [{source: exchange.httpproxy, parts: [Ecp], tolerance: 2h}]\n";

static const char WORLD_PACK[] =
    "id: p\n"
    "claims: [g]\n"
    "infers: true\n"
    "phases: [{id: a, from: 2021-03-01, to: \"\", what: w}]\n"
    "traces: [{kind: httpproxy}]\n"
    "builds:\n"
    "  not_affected: [{from: \"6.0\", to: \"15.0\", why: old}]\n"
    "  fixed: [{name: CU, fixed: 15.1.2106.13, conflict: 15.1.2106.15, kb: KB1}]\n"
    "needs:\n"
    "  exposure: [{source: exchange.httpproxy, tolerance: 8d}]\n"
    "  entry: [{source: exchange.httpproxy, parts: [Ecp, Owa], tolerance: 2h}]\n"
    "  backdoor:\n"
    "    - {source: files.webroot, parts: [/owa/auth, inetpub/wwwroot]}\n"
    "    - {source: iis.w3c, parts: [frontend], tolerance: 2h}\n"
    "  action:\n"
    "    - any_of:\n"
    "        - {source: windows:Security/4688, tolerance: 2h}\n"
    "        - {source: windows:Sysmon/1, tolerance: 2h}\n"
    "  loss: [{source: exchange.httpproxy, parts: [Ecp, Owa], tolerance: 2h}]\n"
    "advice:\n"
    "  - {id: always, when: {}, text: t}\n"
    "  - {id: in, when: {entry: [exploited], backdoor: [present, written]}, text: t}\n";

static inline instant at(int64_t minute)
{
    return instant_of_civil(2021, 3, 1, 0, 0, 0) + minute * INSTANT_MINUTE;
}

static inline void world_begin(void)
{
    struct err err = {0};
    w = (struct world){.arena = arena_new(), .rules = ruleset_new()};
    ruleset_add(w.rules, STR("p.yml"), STR("p"), str_of(WORLD_RULES));
    ruleset_add(w.rules, STR("user.yml"), STR(""), str_of(WORLD_USER));
    ruleset_add(w.rules, STR("g.yml"), STR("g"), str_of(WORLD_GENERAL_RULE));
    ruleset_add(w.rules, STR("w.yml"), STR("g"), str_of(WORLD_WEB_RULE));
    ruleset_add(w.rules, STR("o.yml"), STR("q"), str_of(WORLD_OTHER_RULE));
    ruleset_add(w.rules, STR("l.yml"), STR("p"), str_of(WORLD_LOOK_RULE));
    ruleset_freeze(w.rules);
    T_EQ(ruleset_count(w.rules), 6);
    w.n_packs = 2;
    T_EQ(pack_parse(str_of(WORLD_PACK), w.arena, &w.packs[0], &err), 0);
    T_EQ(pack_parse(str_of(WORLD_GENERAL), w.arena, &w.packs[1], &err), 0);
    T_EQ(pack_parse(str_of(WORLD_OTHER), w.arena, &w.packs[2], &err), 0);
}

static inline void world_end(void)
{
    ruleset_free(w.rules);
    arena_free(w.arena);
}

/* A file below the collection "/ev". returns its index */
static inline size_t evidence(const char *below, enum format format)
{
    struct findings *f = &w.findings;
    f->evidence =
        arena_grow(w.arena, f->evidence, f->n_evidence, &f->cap_evidence, sizeof *f->evidence);
    struct evidence *e = &f->evidence[f->n_evidence];
    *e = (struct evidence){.path = arena_printf(w.arena, "/ev/%s", below),
                           .below = str_of(below),
                           .read = true,
                           .format = format,
                           .first = INSTANT_NONE,
                           .last = INSTANT_NONE};
    (void)snprintf(e->sha256_text, sizeof e->sha256_text, "%064zu", f->n_evidence);
    return f->n_evidence++;
}

static inline struct noted *noted(enum signal_type type, size_t file, const char *host,
                                  const char *text, instant from, instant to)
{
    struct findings *f = &w.findings;
    f->noted = arena_grow(w.arena, f->noted, f->n_noted, &f->cap_noted, sizeof *f->noted);
    struct noted *n = &f->noted[f->n_noted++];
    *n = (struct noted){.type = type,
                        .evidence = file,
                        .host = str_of(host),
                        .text = str_of(text),
                        .from = from,
                        .to = to,
                        .count = 1};
    return n;
}

/* A match of a rule; its parts may be filled in until the judge is run. */
static inline struct hit *hit(size_t file, const char *host, int64_t minute,
                              const struct seed *seed)
{
    struct findings *f = &w.findings;
    f->hits = arena_grow(w.arena, f->hits, f->n_hits, &f->cap_hits, sizeof *f->hits);
    struct found_hit *h = &f->hits[f->n_hits];
    struct seed *copy = ARENA_NEW(w.arena, struct seed);
    if (seed)
        *copy = *seed;
    *h = (struct found_hit){.evidence = file,
                            .hit = {.rule = seed ? PACK_RULE : USER_RULE,
                                    .kind = EVENT_HTTPPROXY,
                                    .time = at(minute),
                                    .offset = f->n_hits++,
                                    .host = str_of(host),
                                    .source = STR("exchange.httpproxy"),
                                    .seeds = copy,
                                    .n_seeds = seed != NULL}};
    return &h->hit;
}

static inline struct seed seed_of(enum axis axis, enum state state)
{
    return (struct seed){.axis = axis,
                         .state = state,
                         .confidence = CONFIDENCE_CERTAIN,
                         .act = STR("act"),
                         .what = STR("what"),
                         .within = 5 * INSTANT_SECOND,
                         .time = INSTANT_NONE};
}

/* The usual: one host, whose HttpProxy log for both parts and all needs lasts `minutes`. */
static inline size_t log_of(const char *host, int64_t from, int64_t to)
{
    size_t file = evidence("Logging/HttpProxy/a.log", FORMAT_HTTPPROXY);
    (void)noted(SIGNAL_HOST, file, host, "|", at(from), at(to));
    (void)noted(SIGNAL_COVER, file, host, "exchange.httpproxy|Ecp", at(from), at(to));
    (void)noted(SIGNAL_COVER, file, host, "exchange.httpproxy|Owa", at(from), at(to));
    return file;
}

/* Everything else that the pack needs, over the same time. */
static inline void complete(size_t file, const char *host, int64_t from, int64_t to)
{
    (void)noted(SIGNAL_COVER, file, host, "iis.w3c|frontend", at(from), at(to));
    (void)noted(SIGNAL_COVER, file, host, "windows:Security/4688", at(from), at(to));
    struct noted *ids = noted(SIGNAL_IDS, file, host, "windows:Security", at(from), at(to));
    ids->first_id = 1;
    ids->last_id = 100;
    size_t page = evidence("Exchange/owa/auth/logon.aspx", FORMAT_SCRIPT);
    w.findings.evidence[page].web_path = STR("/owa/auth/logon.aspx");
    (void)evidence("inetpub/wwwroot/web.config", FORMAT_XML);
}

/* What is said of a pack on the first host; an empty campaign if nothing is. */
static inline const struct campaign *said_of(const char *pack)
{
    static const struct campaign none;
    for (size_t i = 0; w.verdict.n_hosts && i < w.verdict.per_host[0].n_campaigns; i++)
        if (str_eq(w.verdict.per_host[0].campaigns[i].pack->id, str_of(pack)))
            return &w.verdict.per_host[0].campaigns[i];
    return &none;
}

/* Judges; returns what is said of the campaign. */
static inline const struct campaign *judged(void)
{
    struct judge_input input = {.findings = &w.findings,
                                .rules = w.rules,
                                .packs = w.packs,
                                .n_packs = w.n_packs,
                                .level = LEVEL_HIGH,
                                .from = INSTANT_NONE,
                                .to = INSTANT_NONE,
                                .plain = w.plain};
    judge_run(&input, w.arena, &w.verdict);
    return said_of("p");
}

/* Runs each test in a world of its own. */
static inline void in_worlds(void (*const *tests)(void), size_t n)
{
    for (size_t i = 0; i < n; i++) {
        int before = t_failed;
        world_begin();
        tests[i]();
        world_end();
        if (t_failed != before)
            printf("  in test %zu\n", i);
    }
}
#define IN_WORLDS(tests) in_worlds(tests, sizeof(tests) / sizeof *(tests))
