#include "cli/reached.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "cli/sweeping.h"
#include "report/wrap.h"

enum { TOP = 10, LOGS_TOP = 20 };

static const char *const state_words[REACH_STATES] = {
    [REACH_UNREADABLE] = "no evidence that is read can feed them",
    [REACH_NO_SOURCE] = "source absent: their log is not in the evidence",
    [REACH_NO_EVENT] = ("event not seen: their log is there, their events are not (they "
                        "did not happen, or are not logged)"),
    [REACH_NO_FIELD] = "field not logged: their events are there, without fields they need",
    [REACH_PARTLY] = "could fire, but some of what they ask for is not logged",
    [REACH_FULL] = "could fire",
};

/* ---- evidence ---- */

struct log { /* what a log has in all, of one host or of all hosts */
    struct reach_class all;
    size_t ids;   /* different EventIDs */
    size_t hosts; /* names of hosts */
};

static int by_log(const struct reach_class *a, const struct reach_class *b)
{
    int d = (a->kind > b->kind) - (a->kind < b->kind);
    return d ? d : str_cmp(a->channel, b->channel);
}

static int by_event_id(const void *x, const void *y)
{
    const struct reach_class *a = x;
    const struct reach_class *b = y;
    int d = by_log(a, b);
    return d ? d : (a->event_id > b->event_id) - (a->event_id < b->event_id);
}

static int by_host(const void *x, const void *y)
{
    const struct reach_class *a = x;
    const struct reach_class *b = y;
    int d = by_log(a, b);
    return d ? d : str_cmp(a->host, b->host);
}

static int by_records(const void *x, const void *y)
{
    const struct log *a = x;
    const struct log *b = y;
    if (a->all.records != b->all.records)
        return a->all.records > b->all.records ? -1 : 1;
    return by_log(&a->all, &b->all);
}

static void add_class(struct log *log, const struct reach_class *k)
{
    struct reach_class *all = &log->all;
    all->records += k->records;
    if (k->first != INSTANT_NONE && (all->first == INSTANT_NONE || k->first < all->first))
        all->first = k->first;
    all->last = k->last > all->last ? k->last : all->last;
}

/* The log whose classes stand together, up to one of another log, or (host) of another host.
 * *i moves behind. EventIDs are counted where they stand together. */
static struct log next_log(const struct reach_class *k, size_t n, bool host, size_t *i)
{
    struct log log = {.all = k[(*i)++], .ids = 1};
    for (; *i < n && by_log(&k[*i], &log.all) == 0; (*i)++) {
        if (host && !str_eq(k[*i].host, log.all.host))
            break;
        log.ids += k[*i].event_id != k[*i - 1].event_id;
        add_class(&log, &k[*i]);
    }
    return log;
}

static void put_log(const struct reached *c, const struct log *log, struct buf *out)
{
    const struct reach_class *all = &log->all;
    bool windows = all->kind == EVENT_WINDOWS;
    char a[INSTANT_TEXT];
    char b[INSTANT_TEXT];
    struct str from = str_part(instant_text_plain(all->first, a), 0, 10);
    struct str to = str_part(instant_text_plain(all->last, b), 0, 10);
    struct str name = windows ? all->channel : str_of(event_kind_source(all->kind));
    struct str text =
        arena_printf(c->arena, "%.*s%s%.*s: %" PRIu64 " %s%s", STR_ARG(all->host),
                     all->host.n ? ": " : "", STR_ARG(name), all->records,
                     all->kind == EVENT_FILE ? "file" : "record", all->records == 1 ? "" : "s");
    if (windows)
        text = arena_printf(c->arena, "%.*s, %zu EventID%s", STR_ARG(text), log->ids,
                            log->ids == 1 ? "" : "s");
    if (log->hosts && c->hosts > 1)
        text = arena_printf(c->arena, "%.*s, %zu host name%s", STR_ARG(text), log->hosts,
                            log->hosts == 1 ? "" : "s");
    if (from.n)
        text = arena_printf(c->arena, "%.*s, %.*s to %.*s", STR_ARG(text), STR_ARG(from),
                            STR_ARG(to));
    wrap_text(out, "  ", 4, text);
}

static void put_logs_of_hosts(const struct reached *c, struct buf *out)
{
    for (size_t i = 0; i < c->inventory.n;) {
        struct log log = next_log(c->inventory.classes, c->inventory.n, true, &i);
        put_log(c, &log, out);
    }
}

static size_t count_names(const struct reach_class *k, size_t n, size_t *i)
{
    size_t names = k[*i].host.n > 0;
    for ((*i)++; *i < n && by_log(&k[*i], &k[*i - 1]) == 0; (*i)++)
        names += !str_eq(k[*i].host, k[*i - 1].host);
    return names;
}

/* The greatest logs, each once for all hosts. */
static void put_logs(const struct reached *c, struct buf *out)
{
    size_t n = c->inventory.n;
    size_t n_logs = 0;
    struct reach_class *k = ARENA_ARRAY(c->arena, struct reach_class, n);
    struct log *logs = ARENA_ARRAY(c->arena, struct log, n);
    if (n == 0)
        return;
    memcpy(k, c->inventory.classes, n * sizeof *k);
    qsort(k, n, sizeof *k, by_event_id);
    for (size_t i = 0; i < n; n_logs++)
        logs[n_logs] = next_log(k, n, false, &i);
    qsort(k, n, sizeof *k, by_host);
    size_t at = 0;
    for (size_t i = 0; i < n; at++) {
        logs[at].all.host = STR("");
        logs[at].hosts = count_names(k, n, &i);
        if (logs[at].all.kind == EVENT_FILE) { /* the same files count for each host */
            logs[at].hosts = 0;
            logs[at].all.records = k[i - 1].records;
        }
    }
    qsort(logs, n_logs, sizeof *logs, by_records);
    for (size_t i = 0; i < n_logs && i < LOGS_TOP; i++)
        put_log(c, &logs[i], out);
    if (n_logs > LOGS_TOP)
        buf_addf(out, "  and %zu more logs\n", n_logs - LOGS_TOP);
    if (n_logs > LOGS_TOP || c->hosts > 1)
        buf_addf(out, "  --all lists the logs of each host\n");
}

static void put_evidence(const struct reached *c, bool all, struct buf *out)
{
    struct sweep_totals t = sweeping_totals(&c->inventory.swept);
    buf_addf(out, "EVIDENCE  %" PRIu64 " records in %zu of %zu files, %zu host%s\n", t.events,
             t.files, t.all_files, c->hosts, c->hosts == 1 ? "" : "s");
    if (all)
        put_logs_of_hosts(c, out);
    else
        put_logs(c, out);
    if (c->inventory.lost)
        buf_addf(out, "  %" PRIu64 " records of too many kinds were not looked at\n",
                 c->inventory.lost);
}

/* ---- rules and help ---- */

static void put_states(const struct reached *c, struct buf *out)
{
    buf_addf(out, "\nRULES  %zu\n", c->n_judged);
    buf_addf(out, "%9s%9s%8s%8s%8s\n", "", "critical", "high", "medium", "lower");
    for (int s = REACH_FULL; s >= 0; s--) {
        const size_t *levels = c->states[s];
        if (reached_sum(levels) == 0)
            continue;
        char first[80];
        (void)snprintf(first, sizeof first, "%7zu  %9zu%8zu%8zu%8zu  ", reached_sum(levels),
                       levels[LEVEL_CRITICAL], levels[LEVEL_HIGH], levels[LEVEL_MEDIUM],
                       levels[LEVEL_LOW] + levels[LEVEL_INFORMATIONAL]);
        wrap_text(out, first, 44, str_of(state_words[s]));
    }
    size_t some = 0;
    for (size_t i = 0; i < c->n_judged; i++) {
        const size_t *h = c->judged[i].reach.hosts;
        size_t could = h[REACH_PARTLY] + h[REACH_FULL];
        some += could && could < c->hosts;
    }
    if (some)
        wrap_text(out, "", 2,
                  arena_printf(c->arena,
                               "%zu of those that could fire could do so on some of the %zu "
                               "hosts only; --format json and csv tell how many.",
                               some, c->hosts));
}

static void put_help(const struct reached *c, bool all, struct buf *out)
{
    if (c->n_help)
        buf_addf(out, "\nWHAT WOULD HELP, most rules first\n");
    for (size_t i = 0; i < c->n_help && (all || i < TOP); i++) {
        const struct help *h = &c->help[i];
        char first[32];
        (void)snprintf(first, sizeof first, "%7zu  ", h->enables);
        struct str text = reached_need(c, &h->need);
        if (h->levels[LEVEL_CRITICAL] + h->levels[LEVEL_HIGH])
            text = arena_printf(c->arena, "%.*s (critical %zu, high %zu)", STR_ARG(text),
                                h->levels[LEVEL_CRITICAL], h->levels[LEVEL_HIGH]);
        if (h->completes)
            text = arena_printf(c->arena, "%.*s; %zu more rules would see more", STR_ARG(text),
                                h->completes);
        wrap_text(out, first, 9, text);
        if (!h->advice)
            continue;
        wrap_text(out, "           ", 13, h->advice->say);
        if (h->advice->how.n)
            wrap_text(out, "           ", 13, h->advice->how);
        wrap_text(out, "           ", 13, h->advice->source);
    }
    if (!all && c->n_help > TOP)
        buf_addf(out, "         and %zu more (--all)\n", c->n_help - TOP);
}

static void put_techniques(const struct reached *c, struct buf *out)
{
    size_t could = 0;
    for (size_t i = 0; i < c->n_techniques; i++)
        could += c->techniques[i].could_fire > 0;
    if (c->n_techniques)
        buf_addf(out,
                 "\nATT&CK  %zu techniques are tagged; for %zu of them a rule could fire\n",
                 c->n_techniques, could);
}

void reached_text(const struct reached *c, bool all, struct buf *out)
{
    const struct refusal *refused;
    size_t n = ruleset_refusals(c->rules, &refused);
    put_evidence(c, all, out);
    put_states(c, out);
    if (n)
        buf_addf(out, "%zu rules were refused; `assay rules list` says why\n", n);
    put_help(c, all, out);
    put_techniques(c, out);
    wrap_text(out, "\n", 0,
              STR("\"Could fire\" says that such records are in the evidence, with the fields "
                  "that a rule asks for; not that they cover all of the time, and nothing of "
                  "what happened."));
}
