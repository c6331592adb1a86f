/* What a campaign's verdict comes to for whoever owns the server. The judge's headline says it in
 * one line; here it gets a tone, a rank among others and plain words. */
#include "report/page.h"

struct known {
    struct str headline;
    struct outcome outcome;
};

#define STR_INIT(lit)           \
    {                           \
        "" lit, sizeof(lit) - 1 \
    } /* STR is no constant */

static const struct known KNOWN[] = {
    {STR_INIT("FIXED BUT STILL BACKDOORED: the flaw is closed, the way back in is not"),
     {TONE_BAD, 100, "head.fixed_door"}},
    {STR_INIT("ENTERED: a back door is in place"), {TONE_BAD, 99, "head.door"}},
    {STR_INIT("A BACK DOOR is in place"), {TONE_BAD, 98, "head.door"}},
    {STR_INIT("ENTERED: a back door was written; whether it is still there is not known"),
     {TONE_BAD, 90, "head.door_maybe"}},
    {STR_INIT("A BACK DOOR was made; whether it is still there is not known"),
     {TONE_BAD, 89, "head.door_maybe"}},
    {STR_INIT("ENTERED: a back door was there and is gone"), {TONE_BAD, 85, "head.door_gone"}},
    {STR_INIT("A BACK DOOR was there and is gone"), {TONE_BAD, 84, "head.door_gone"}},
    {STR_INIT("ENTERED"), {TONE_BAD, 80, "head.entered"}},
    {STR_INIT("THE FLAW ANSWERED: no effect is recorded"), {TONE_BAD, 72, "head.answered"}},
    {STR_INIT("SIGNS OF AN INTRUDER'S ACTS"), {TONE_BAD, 70, "head.signs"}},
    {STR_INIT("SUSPICIOUS FILES in the web folders: each must be looked at"),
     {TONE_BAD, 62, "head.suspicious"}},
    {STR_INIT("SUSPICIOUS: each item must be looked at"), {TONE_BAD, 60, "head.suspicious"}},
    {STR_INIT("CANNOT BE EXCLUDED: an intruder was in, and this may have been the way"),
     {TONE_UNKNOWN, 45, "head.maybe_way"}},
    {STR_INIT("TRIED; whether anybody got in CANNOT BE EXCLUDED: evidence is missing"),
     {TONE_UNKNOWN, 40, "head.tried_unknown"}},
    {STR_INIT("CANNOT BE EXCLUDED: evidence is missing"), {TONE_UNKNOWN, 35, "head.unknown"}},
    {STR_INIT("NO SIGN up to the end of the evidence; the flaw was STILL OPEN then"),
     {TONE_OPEN, 30, "head.open"}},
    {STR_INIT("TRIED, NOT ENTERED, as far as complete evidence shows"),
     {TONE_TRIED, 20, "head.tried"}},
    {STR_INIT("LOOKED AT OR TRIED from outside: no effect is recorded"),
     {TONE_TRIED, 15, "head.looked"}},
    {STR_INIT("LOOKED AT from outside, as any server is; nothing answered"),
     {TONE_TRIED, 4, "head.looked"}},
    {STR_INIT("NO SIGN of an intrusion, in evidence without a gap from its first to its last "
              "record; looked at from outside, as any server is"),
     {TONE_GOOD, 6, "head.none"}},
    {STR_INIT("LOOKED FOR: weak places or back doors; nothing answered"),
     {TONE_TRIED, 12, "head.looked"}},
    {STR_INIT("NO SIGN of an intrusion, in evidence without a gap from its first to its last "
              "record"),
     {TONE_GOOD, 6, "head.none"}},
    {STR_INIT("NO SIGN of this campaign, in evidence that covers the whole time"),
     {TONE_GOOD, 5, "head.none"}},
};

/* Of a headline that this version does not know: by the states, the worse for doubt. */
static struct outcome by_states(const struct json *campaign)
{
    const struct json *entry = json_get(campaign, "entry");
    const struct json *door = json_get(campaign, "backdoor");
    const struct json *action = json_get(campaign, "action");
    if (doc_is(entry, "state", "exploited") || doc_is(entry, "state", "reached") ||
        doc_is(door, "state", "present") || doc_is(door, "state", "written") ||
        doc_is(action, "state", "seen"))
        return (struct outcome){TONE_BAD, 70, NULL};
    return (struct outcome){TONE_UNKNOWN, 35, NULL};
}

struct outcome outcome_of(const struct json *campaign)
{
    struct str headline = doc_text(campaign, "headline");
    for (size_t i = 0; i < sizeof KNOWN / sizeof *KNOWN; i++)
        if (str_eq(headline, KNOWN[i].headline))
            return KNOWN[i].outcome;
    return by_states(campaign);
}

const struct json *outcome_worst(const struct json *host, struct outcome *ret)
{
    const struct json *worst = NULL;
    *ret = (struct outcome){TONE_UNKNOWN, 34, "head.nothing_applies"};
    for (const struct json *c = doc_list(host, "campaigns"); c; c = c->next) {
        struct outcome o = outcome_of(c);
        if (worst && o.weight <= ret->weight)
            continue;
        worst = c;
        *ret = o;
    }
    return worst;
}

const char *tone_class(enum tone tone)
{
    static const char *const classes[] = {
        [TONE_GOOD] = "good",       [TONE_TRIED] = "tried", [TONE_OPEN] = "open",
        [TONE_UNKNOWN] = "unknown", [TONE_BAD] = "bad",
    };
    return classes[tone];
}
