#include "report/notice.h"

#include "base/safe.h"
#include "report/wrap.h"

enum { ADDRESSES_MOST = 10, PLACES_MOST = 5, SOURCES_MOST = 8, IDS_MOST = 12, ADVICE_MOST = 3 };

struct notice {
    const struct share *share;
    struct arena *arena;
    struct buf text; /* one paragraph */
};

/* Text of the case: an attacker may have written it. wrap_text makes the paragraph safe. */
static void say_told(struct notice *n, struct str text)
{
    buf_add_str(&n->text, share_text(n->share, text, n->arena));
}

static void say(struct notice *n, const char *text)
{
    buf_add_cstr(&n->text, text);
}

static void say_time(struct notice *n, instant t)
{
    char at[INSTANT_TEXT];
    buf_add_str(&n->text, instant_text_plain(t, at));
}

static const char *sure(const struct json *axis)
{
    struct str c = share_member(axis, "confidence");
    if (str_eq(c, STR("certain")))
        return " (certain: the effect itself is recorded)";
    if (str_eq(c, STR("strong")))
        return " (strong: two independent sources)";
    return str_eq(c, STR("weak")) ? " (weak: one indirect sign)" : "";
}

static void say_entry(struct notice *n, const struct gathered *g)
{
    static const struct {
        const char *state, *words;
    } all[] = {{"exploited", "somebody got in"},
               {"reached", "a flaw answered somebody from outside; no effect is recorded"},
               {"attempted", "somebody tried to get in; no success is recorded"},
               {"probed", "somebody looked for the flaw"},
               {NULL, NULL}};
    const struct json *axis = json_get(g->campaign, "entry");
    struct str title = share_member(g->campaign, "title");
    size_t colon = str_find(title, STR(":"), 0);
    buf_addf(&n->text, " %.*s: ", STR_ARG(str_part(title, 0, colon)));
    size_t i = 0;
    while (all[i].state && !str_eq(gather_state(g, "entry"), str_of(all[i].state)))
        i++;
    say(n, all[i].words ? all[i].words : "how somebody may have got in is not known");
    say(n, sure(axis));
    if (g->first != INSTANT_NONE) {
        say(n, ", first act ");
        say_time(n, g->first);
        say(n, ", last ");
        say_time(n, g->last);
    }
    for (size_t k = 0; k < g->n_intruders && k < ADDRESSES_MOST; k++) {
        say(n, k ? ", " : "; from ");
        safe_terminal(
            &n->text,
            share_initiator(n->share, share_member(g->intruders[k], "value"), n->arena));
    }
    if (g->n_intruders > ADDRESSES_MOST)
        buf_addf(&n->text, " and %zu more", g->n_intruders - ADDRESSES_MOST);
    say(n, ".");
}

static void say_items(struct notice *n, const struct gathered *g)
{
    const struct json *axis = json_get(g->campaign, "backdoor");
    struct str state = gather_state(g, "backdoor");
    if (g->n_items == 0)
        return;
    say(n, str_eq(state, STR("present")) ? " A way back into the server is in place"
           : str_eq(state, STR("removed"))
               ? " A way back into the server was made and removed"
               : " A way back was made; whether it is still there is "
                 "not known");
    say(n, sure(axis));
    for (size_t i = 0; i < g->n_items && i < PLACES_MOST; i++) {
        say(n, i ? ", " : ": ");
        say_told(n, g->items[i].where.n ? g->items[i].where : g->items[i].what);
    }
    if (g->n_items > PLACES_MOST)
        buf_addf(&n->text, " and %zu more", g->n_items - PLACES_MOST);
    say(n, ".");
}

static void say_acts(struct notice *n, const struct gathered *g)
{
    const struct json *action = json_get(g->campaign, "action");
    const struct json *loss = json_get(g->campaign, "loss");
    if (str_eq(gather_state(g, "action"), STR("seen"))) {
        say(n, " Acts are recorded");
        say(n, sure(action));
        const char *before = ": ";
        for (const struct json *k = share_list(action, "kinds"); k; k = k->next) {
            say(n, before);
            say_told(n, k->text);
            before = ", ";
        }
        say(n, ".");
    }
    if (str_eq(gather_state(g, "loss"), STR("bounds")))
        buf_addf(&n->text, " Data left: at least %llu bytes, of %llu mailboxes or more.",
                 (unsigned long long)share_number(json_get(loss, "bytes"), "low"),
                 (unsigned long long)share_number(json_get(loss, "mailboxes"), "low"));
    else if (!str_eq(gather_state(g, "loss"), STR("none_seen")))
        say(n, " What left cannot be said.");
}

/* The advice of a campaign comes in the order in which it is to be done. */
static void say_advice(struct notice *n, const struct gathered *g)
{
    const struct json *all = share_list(n->share->reader->document, "advice");
    size_t told = 0;
    for (const struct json *id = share_list(g->campaign, "advice"); id; id = id->next) {
        for (const struct json *a = all; a; a = a->next) {
            if (told == ADVICE_MOST || !str_eq(share_member(a, "id"), id->text) ||
                !str_eq(share_member(a, "pack"), share_member(g->campaign, "id")))
                continue;
            say(n, told++ ? " " : " Do first: ");
            buf_add_str(&n->text, share_member(a, "text"));
        }
    }
}

/* Sources that are missing or have gaps, each once. */
static void say_missing(struct notice *n, const struct gathered *g)
{
    size_t told = 0;
    size_t more = 0;
    struct str last = STR("");
    for (const struct json *c = share_list(g->campaign, "coverage"); c; c = c->next) {
        struct str source = share_member(c, "source");
        const struct json *complete = json_get(c, "complete");
        if ((complete && complete->type == JSON_TRUE) || str_eq(source, last))
            continue;
        last = source;
        more += told == SOURCES_MOST;
        if (told == SOURCES_MOST)
            continue;
        say(n, told++ ? ", " : " Not, or not wholly, in the evidence: ");
        say_told(n, source);
    }
    if (more)
        buf_addf(&n->text, " and %zu more", more);
    say(n, told ? "; what only they record could not be seen."
                : " The evidence covers the whole time in question.");
}

static void say_ids(struct notice *n, const struct gathered *g)
{
    say(n, " References: case ");
    struct str digest = n->share->reader->digest;
    buf_add_str(
        &n->text,
        str_part(redact_value(n->share->redact, REDACT_ENCODED, digest, n->arena), 0, 20));
    for (size_t i = 0; i < g->n_facts && i < IDS_MOST; i++)
        buf_addf(&n->text, ", %.*s", STR_ARG(share_member(g->facts[i], "id")));
    if (g->n_facts > IDS_MOST)
        buf_addf(&n->text, " and %zu more", g->n_facts - IDS_MOST);
    say(n, ".");
}

static void put_notice(struct notice *n, const struct gathering *g, size_t from,
                       struct buf *out)
{
    struct str host = g->all[from].host;
    enum tlp tlp = n->share->tlp == TLP_NONE ? TLP_AMBER : n->share->tlp;
    struct str name = share_host(n->share, host, n->arena);
    buf_clear(&n->text);
    buf_addf(out, "%s\n", tlp_name(tlp));
    buf_add_cstr(out, "About ");
    safe_terminal(out, name);
    buf_add_cstr(out, "\n\n");
    say(n, "The evidence collected from ");
    buf_add_str(&n->text, name);
    say(n, " was examined. All times are UTC.");
    for (size_t i = from; i < g->n; i++) {
        const struct gathered *one = &g->all[i];
        if (!str_eq(one->host, host))
            continue;
        say_entry(n, one);
        say_items(n, one);
        say_acts(n, one);
        say_advice(n, one);
        say_missing(n, one);
        say_ids(n, one);
    }
    wrap_text(out, "", 0, buf_str(&n->text));
}

size_t notices(const struct share *s, const struct gathering *g, struct buf *out)
{
    struct notice n = {.share = s, .arena = arena_new(), .text = buf_new(SIZE_MAX / 4)};
    size_t told = 0;
    for (size_t i = 0; i < g->n; i++) {
        bool again = i > 0 && str_eq(g->all[i - 1].host, g->all[i].host);
        if (again)
            continue;
        if (told++)
            buf_add_cstr(out, "\n-----\n\n");
        put_notice(&n, g, i, out);
    }
    buf_free(&n.text);
    arena_free(n.arena);
    return told;
}
