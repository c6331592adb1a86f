/* sample_verdict.h - a small verdict made by hand, with hostile texts in it. */
#pragma once

#include "judge/judge.h"
#include "report/report.h"

#define HOSTILE "\x1b[2J\"}],\"x\":[{\xff\xe2\x80\xae</script>\n=cmd"
#define HOSTILE_TITLE "Rule \"A\" of <b>"
#define ID_ONE "aaaaaaaaaaa1"
#define ID_TWO "aaaaaaaaaaa2"
#define ID_THREE "bbbbbbbbbbb3"

static const char SAMPLE_RULES[] = "title: Rule \"A\" of <b>\n"
                                   "id: 11111111-1111-1111-1111-111111111111\n"
                                   "logsource: {category: process_creation, product: windows}\n"
                                   "detection:\n  s: {Image: x}\n  condition: s\n"
                                   "level: high\n"
                                   "---\n"
                                   "title: Rule B\n"
                                   "id: 22222222-2222-2222-2222-222222222222\n"
                                   "logsource: {category: process_creation, product: windows}\n"
                                   "detection:\n  s: {Image: y}\n  condition: s\n"
                                   "level: low\n";

struct sample {
    struct ruleset *rules;
    struct findings findings;
    struct verdict verdict;
    struct evidence evidence[3];
    struct found_hit hits[4];
    struct gap gap;
    struct counted counted;
    struct host host;
    struct fact facts[3];
    struct host_verdict host_verdict;
    struct left_out left_out;
    struct campaign campaign;
    struct pack packs[2];
    struct pack_phase phase;
    struct pack_advice advice[2];
    const struct pack_advice *given[1];
    struct exposure_interval interval;
    struct initiator initiator;
    struct item item;
    struct coverage coverage;
    struct link link;
    struct str who;
    size_t hit_host[4];
    char hit_id[4][ID_TEXT];
    int64_t hit_corrected[4];
    size_t fact_index[3];
    size_t first_hits[2], second_hits[2], third_hits[1];
    struct interval span;
};

#define SAMPLE_TIME INT64_C(16147512000000000) /* 2021-03-03T06:00:00Z */

/* The third file is the first one again, under another name; hit 3 is hit 0 found there. */
static inline void sample_evidence(struct sample *s)
{
    for (size_t i = 0; i < 3; i++) {
        s->evidence[i] = (struct evidence){
            .path = i == 0   ? STR("a.log")
                    : i == 1 ? STR(HOSTILE)
                             : STR("copy/a.log"),
            .size = 100,
            .read = i != 1,
            .format = i == 1 ? FORMATS : FORMAT_IIS_W3C,
            .first = SAMPLE_TIME,
            .last = SAMPLE_TIME,
            .modified = INSTANT_NONE,
        };
        memset(s->evidence[i].sha256_text, 'a', 64);
    }
    for (size_t i = 0; i < 4; i++) {
        s->hits[i].evidence = i == 3 ? 2 : i == 2 ? 1 : 0;
        s->hits[i].hit = (struct hit){
            .rule = i % 3 == 0 ? 0 : 1,
            .kind = EVENT_IIS,
            .time = SAMPLE_TIME,
            .offset = i == 3 ? 0 : 10 * i,
            .size = 10,
            .record = i == 1 ? 77 : 0,
            .marks = i == 1 ? MARK_CRC_BAD : 0,
            .source = STR("iis.w3c"),
            .excerpt = i == 0   ? STR(HOSTILE)
                       : i == 1 ? STR("{\"EventID\":1,\"x\":{\"y\":[true,null]}}")
                                : STR(""),
        };
    }
    for (size_t i = 0; i < 4; i++)
        memcpy(s->hit_id[i],
               i == 1   ? "10000000000b"
               : i == 2 ? "20000000000c"
                        : "f0000000000a",
               ID_TEXT);
    s->hit_corrected[1] = -3600 * INSTANT_SECOND;
    s->gap = (struct gap){.evidence = 1, .from = 0, .to = 0, .why = STR(HOSTILE)};
    s->counted = (struct counted){.evidence = 0, .rule = 1, .count = 9};
    s->findings = (struct findings){
        .evidence = s->evidence,
        .n_evidence = 3,
        .hits = s->hits,
        .n_hits = 4,
        .gaps = &s->gap,
        .n_gaps = 1,
        .counted = &s->counted,
        .n_counted = 1,
        .bytes = 300,
        .events = 4,
    };
}

static inline void sample_facts(struct sample *s)
{
    s->first_hits[0] = 0;
    s->first_hits[1] = 3;
    s->second_hits[0] = 1;
    s->second_hits[1] = 0;
    s->third_hits[0] = 2;
    s->who = STR("203.0.113.66");
    const struct fact common = {.first = SAMPLE_TIME,
                                .last = SAMPLE_TIME,
                                .confidence = CONFIDENCE_CERTAIN,
                                .initiators = &s->who,
                                .n_initiators = 1};
    for (size_t i = 0; i < 3; i++) {
        s->facts[i] = common;
        s->fact_index[i] = i;
    }
    memcpy(s->facts[0].id, ID_ONE, sizeof s->facts[0].id);
    memcpy(s->facts[1].id, ID_TWO, sizeof s->facts[1].id);
    memcpy(s->facts[2].id, ID_THREE, sizeof s->facts[2].id);
    s->facts[0].what = STR(HOSTILE);
    s->facts[1].what = STR("=1+1");
    s->facts[2].what = STR("unclaimed");
    s->facts[0].pack = s->facts[1].pack = STR("pack-a");
    s->facts[0].axis = AXIS_ENTRY;
    s->facts[0].state = STATE_EXPLOITED;
    s->facts[1].axis = AXIS_BACKDOOR;
    s->facts[1].state = STATE_WRITTEN;
    s->facts[0].hits = s->first_hits;
    s->facts[0].n_hits = 2;
    s->facts[1].hits = s->second_hits;
    s->facts[1].n_hits = 2;
    s->facts[2].hits = s->third_hits;
    s->facts[2].n_hits = 1;
}

static inline void sample_parts(struct sample *s)
{
    s->phase = (struct pack_phase){STR("p1"), STR("first"), SAMPLE_TIME, INSTANT_NONE};
    s->advice[0] = (struct pack_advice){.id = STR("not-now"), .text = STR("no")};
    s->advice[1] = (struct pack_advice){.id = STR("image"), .text = STR(HOSTILE)};
    s->packs[0] = (struct pack){.id = STR("pack-a"),
                                .title = STR("Pack A"),
                                .as_of = STR("2026-08-05"),
                                .phases = &s->phase,
                                .n_phases = 1,
                                .advice = s->advice,
                                .n_advice = 2};
    s->packs[1] = (struct pack){.id = STR("pack-b"), .as_of = STR("2026-01-01")};
    s->given[0] = &s->advice[1];
    s->span = (struct interval){SAMPLE_TIME, SAMPLE_TIME + INSTANT_DAY};
    s->interval = (struct exposure_interval){
        .answer = ANSWER_EXPOSED, .from = SAMPLE_TIME, .to = INSTANT_NONE, .build = STR("1.2")};
    s->initiator = (struct initiator){.kind = STR("address"),
                                      .value = s->who,
                                      .state = STATE_EXPLOITED,
                                      .first = SAMPLE_TIME,
                                      .last = SAMPLE_TIME,
                                      .facts = {s->fact_index, 1, 1}};
    s->item = (struct item){.what = STR(HOSTILE),
                            .where = STR(""),
                            .written = SAMPLE_TIME,
                            .presence = ANSWER_NOT_ASSESSABLE,
                            .presence_why = STR("why"),
                            .removed_at = INSTANT_NONE,
                            .use = ANSWER_NONE_SEEN_PARTIAL,
                            .use_first = INSTANT_NONE,
                            .use_last = INSTANT_NONE,
                            .facts = {s->fact_index + 1, 1, 1}};
    s->coverage = (struct coverage){.source = STR("iis.w3c"),
                                    .part = STR("frontend"),
                                    .tolerance = INSTANT_HOUR,
                                    .present = true,
                                    .intervals = {&s->span, 1, 1},
                                    .gaps = {&s->span, 1, 1},
                                    .needed = {[PACK_ACTION] = true}};
    s->link = (struct link){0, 1, STR("the same page"), CONFIDENCE_STRONG};
}

static inline void sample_campaign(struct sample *s)
{
    const struct axis_verdict nothing = {.first = INSTANT_NONE, .last = INSTANT_NONE};
    struct campaign *c = &s->campaign;
    *c = (struct campaign){.pack = &s->packs[0],
                           .from = SAMPLE_TIME,
                           .to = SAMPLE_TIME + INSTANT_DAY,
                           .window_why = STR("to the end of the evidence"),
                           .exposure = nothing,
                           .entry = nothing,
                           .backdoor = nothing,
                           .action = nothing,
                           .loss = nothing,
                           .intervals = &s->interval,
                           .n_intervals = 1,
                           .reachable = ANSWER_SEEN,
                           .initiators = &s->initiator,
                           .n_initiators = 1,
                           .items = &s->item,
                           .n_items = 1,
                           .bytes = {5000, 5000, false},
                           .mailboxes = {2, 2, false},
                           .loss_why = STR("logs are missing"),
                           .coverage = &s->coverage,
                           .n_coverage = 1,
                           .chain = &s->link,
                           .n_chain = 1,
                           .advice = s->given,
                           .n_advice = 1,
                           .headline = STR("ENTERED")};
    c->exposure.answer = ANSWER_EXPOSED;
    c->exposure.confidence = CONFIDENCE_CERTAIN;
    c->entry = (struct axis_verdict){.answer = ANSWER_EXPLOITED,
                                     .inferred = true,
                                     .confidence = CONFIDENCE_STRONG,
                                     .first = SAMPLE_TIME,
                                     .last = SAMPLE_TIME,
                                     .facts = {s->fact_index, 1, 1},
                                     .reason = STR("not for this state")};
    c->backdoor.answer = ANSWER_WRITTEN;
    c->backdoor.facts = (struct fact_set){s->fact_index + 1, 1, 1};
    c->action.answer = ANSWER_NONE_SEEN_PARTIAL;
    c->action.reason = STR("iis.w3c: a gap");
    c->loss.answer = ANSWER_BOUNDS;
}

static inline void sample_make(struct sample *s)
{
    *s = (struct sample){.rules = ruleset_new()};
    ruleset_add(s->rules, STR("sample.yml"), STR("pack-a"), str_of(SAMPLE_RULES));
    ruleset_freeze(s->rules);
    sample_evidence(s);
    sample_facts(s);
    sample_parts(s);
    sample_campaign(s);
    s->host = (struct host){STR("MAIL.example"), STR("mail.example"), STR("mail")};
    s->left_out = (struct left_out){&s->packs[1], STR("no trace of its product"), true,
                                    INSTANT_NONE, false};
    s->host_verdict = (struct host_verdict){.host = 0,
                                            .campaigns = &s->campaign,
                                            .n_campaigns = 1,
                                            .left_out = &s->left_out,
                                            .n_left_out = 1,
                                            .unattributed = {s->fact_index + 2, 1, 1}};
    s->verdict = (struct verdict){.hosts = &s->host,
                                  .n_hosts = 1,
                                  .facts = s->facts,
                                  .n_facts = 3,
                                  .per_host = &s->host_verdict,
                                  .hit_host = s->hit_host,
                                  .hit_id = (const char(*)[ID_TEXT])s->hit_id,
                                  .hit_corrected = s->hit_corrected,
                                  .packs = s->packs,
                                  .n_packs = 2,
                                  .exit_status = 1};
}

static inline struct report_input sample_input(const struct sample *s)
{
    return (struct report_input){.verdict = &s->verdict,
                                 .findings = &s->findings,
                                 .rules = s->rules,
                                 .version = "0.1.0",
                                 .level = LEVEL_HIGH};
}

static inline void sample_free(struct sample *s)
{
    ruleset_free(s->rules);
}
