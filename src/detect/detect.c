#include "detect/detect.h"

#include <inttypes.h>
#include <string.h>

#include "base/hash.h"
#include "base/ip.h"
#include "base/limits.h"
#include "base/utf.h"
#include "detect/geo.h"
#include "detect/origin.h"
#include "detect/part.h"
#include "detect/runs.h"
#include "detect/side.h"
#include "detect/signal.h"
#include "event/decode_event.h"
#include "format/exch_build.h"
#include "rule/verdicts.h"

enum {
    HITS_PER_INDICATOR = 200, /* told of one span: one that is met everywhere hides no other */
    EXCERPTS_PER_RULE = 200,  /* records of one rule in one span that are kept as text */
    VOTE_STEP_MINUTES = 15,   /* clocks are wrong by whole time zones */
    PARTS_BYTES_MAX = 64 << 20,   /* of scripts logged in parts, in one span */
    SIDES_BYTES_MAX = 16 << 20,   /* of what is compared with other sources, likewise */
    VOTE_SLACK_SECONDS = 60,      /* how much later than it happened an event may be written */
    MATCHES_BYTES_MAX = 96 << 20, /* of matches for correlations, in one span */
};

int detect_config_init(struct detect_config *config, struct arena *arena, struct err *err)
{
    size_t n = ruleset_count(config->rules);
    config->known = config->plain ? NULL : decode_known_new(arena);
    config->specs = ARENA_ARRAY(arena, struct fact_spec *, n);
    config->n_specs = ARENA_ARRAY(arena, size_t, n);
    for (size_t i = 0; i < n; i++)
        if (fact_spec_parse(ruleset_get(config->rules, i), arena, &config->specs[i],
                            &config->n_specs[i], err) < 0)
            return -1;
    return 0;
}

enum { ANSWERS = 1024 };

struct answer { /* rows with this key are matched by none of the rules that this wish is for */
    uint32_t wish; /* 0: nothing is known */
    struct row_key key;
};

enum { CLIENTS = 1024 };

struct client { /* what a client's text is */
    uint8_t n;  /* 0: nothing is kept here */
    bool is_public;
    char text[46]; /* as long as addresses are */
};

struct stretch { /* records of which something is to be told together */
    uint64_t n;
    uint64_t from, to; /* bytes */
};

struct detect {
    const struct detect_config *config;
    struct matcher *matcher;
    struct bytes file;
    bool wide; /* it is in UTF-16 */
    struct arena *arena;
    struct buf *out;
    struct runs *runs;
    struct origins *origins;
    uint32_t *hits;        /* per rule */
    uint64_t *matched;     /* per rule: the last record it matched, by its turn */
    uint64_t turn;         /* counts records */
    uint64_t excerpt_turn; /* the record whose excerpt is at hand: rules share it */
    struct str excerpt;
    uint64_t parts_bytes;      /* of script parts handed on */
    struct stretch parts_lost; /* script parts beyond the limit */
    uint64_t sides_bytes;      /* of what is compared with other sources */
    struct stretch sides_lost; /* beyond the limit */
    struct stretch undecided;  /* records that a rule could not be decided on */
    struct wish besides;       /* fields that are needed whatever rules ask for */
    const struct source *told; /* the source that knows it */
    struct stretch unopened;   /* records in which not all that is encoded was decoded */
    uint32_t *dropped;         /* per rule: those beyond the limit */
    uint32_t *unmatched;       /* per rule: those beyond it that are for correlations */
    size_t matches_bytes;      /* of matches for correlations */
    struct bytes full;         /* bit r: matches of rule r are only counted */
    uint64_t hits_bytes;       /* what findings take, or would if they were told */
    uint64_t events;
    instant first, last;
    struct answer *answers;      /* ANSWERS, by the key's hash */
    const struct event_key *key; /* of the record in hand, if a verdict on it may be learned, */
    uint64_t doubts;             /* and how many stretches were noted before it was looked at */
    const uint32_t *matches;     /* of the last run of the matcher */
    size_t n_matches;
    struct client *clients; /* CLIENTS, by the text's hash */
};

/* What is encoded is looked for in any event, and parts of scripts in any log. */
static struct wish besides_of(const struct detect_config *config, struct arena *arena)
{
    struct str *names = ARENA_ARRAY(arena, struct str, PART_NAMES + DECODE_CARRIERS);
    size_t n = PART_NAMES;
    part_names(names);
    if (!config->plain)
        n += decode_event_names(EVENT_WINDOWS, names + n);
    return (struct wish){.names = names, .n = (uint32_t)n, .id = UINT32_MAX};
}

struct detect *detect_new(const struct detect_config *config, struct matcher *matcher,
                          struct bytes file, struct arena *arena, struct buf *out)
{
    struct detect *d = ARENA_NEW(arena, struct detect);
    matcher_raw(matcher, (struct bytes){0});
    matcher_text(matcher, file);
    if (config->indicators)
        indicator_finder_span(config->indicators);
    *d = (struct detect){
        .config = config,
        .matcher = matcher,
        .file = file,
        .wide = utf16le_looks(file),
        .arena = arena,
        .out = out,
        .runs = runs_new(arena, out),
        .origins = origins_new(config, arena),
        .hits = ARENA_ARRAY(arena, uint32_t, ruleset_count(config->rules)),
        .matched = ARENA_ARRAY(arena, uint64_t, ruleset_count(config->rules)),
        .dropped = ARENA_ARRAY(arena, uint32_t, ruleset_count(config->rules)),
        .besides = besides_of(config, arena),
        .unmatched = ARENA_ARRAY(arena, uint32_t, ruleset_count(config->rules)),
        .first = INSTANT_NONE,
        .last = INSTANT_NONE,
    };
    return d;
}

void detect_full(struct detect *d, struct bytes full)
{
    if (full.n >= (ruleset_count(d->config->rules) + 7) / 8)
        d->full = full;
}

/* Notes that at time t a host had `text`. */
static void note(struct detect *d, enum signal_type type, struct str host, struct str text,
                 instant t, int64_t offset)
{
    struct run_place place = {0};
    runs_note(d->runs, &place, &(struct run_key){type, host, text, offset}, t);
}

/* Record ids of a channel grow by one: what is missing between two runs was not logged
 * here, was filtered out or deleted. */
static void note_ids(struct detect *d, const struct event *ev, struct origin *o)
{
    if (ev->kind != EVENT_WINDOWS || ev->record == 0)
        return;
    struct run_key key = {SIGNAL_IDS, ev->host, o->source, 0};
    runs_note_id(d->runs, &o->ids, &key, ev->time, ev->record);
}

/* More events of one origin matter than it has room for. */
static void note_cover_events(struct detect *d, const struct event *ev, const struct origin *o,
                              struct arena *arena)
{
    for (size_t i = 0; i < d->config->n_cover_events; i++) {
        const struct cover_event *c = &d->config->cover_events[i];
        if (c->event_id == ev->event_id && str_ieq(c->channel, ev->channel))
            note(d, SIGNAL_COVER, ev->host,
                 arena_printf(arena, "%.*s/%u", STR_ARG(o->source), c->event_id), ev->time, 0);
    }
}

/* A source and its part are written as "source|part". */
static void note_coverage(struct detect *d, const struct event *ev, struct origin *o,
                          struct arena *arena)
{
    /* The place is of the key that the records of one origin have: that of its usual clock. */
    bool no_zone = ev->marks & MARK_NO_ZONE;
    struct run_place other = {0};
    struct run_key key = {SIGNAL_COVER, ev->host, o->covers, no_zone ? 1 : 0};
    runs_note(d->runs, no_zone ? &other : &o->cover, &key, ev->time);
    if (o->more_events) {
        note_cover_events(d, ev, o, arena);
        return;
    }
    for (size_t i = 0; i < o->n_events; i++) {
        struct origin_event *e = &o->events[i];
        if (e->event_id == ev->event_id)
            runs_note(d->runs, &e->place, &(struct run_key){SIGNAL_COVER, ev->host, e->text, 0},
                      ev->time);
    }
}

static int64_t nearest_step(int64_t difference)
{
    int64_t step = VOTE_STEP_MINUTES * INSTANT_MINUTE;
    int64_t half = difference < 0 ? -(step / 2) : step / 2;
    return (difference + half) / step * step;
}

/* What the record says inside against what it says outside: how far its clock text is off. */
static void note_vote(struct detect *d, const struct event *ev)
{
    if (ev->utc_hint == INSTANT_NONE || ev->time == INSTANT_NONE)
        return;
    int64_t difference = ev->utc_hint - ev->time;
    int64_t offset = nearest_step(difference);
    int64_t rest = difference - offset;
    if (rest > VOTE_SLACK_SECONDS * INSTANT_SECOND ||
        rest < -VOTE_SLACK_SECONDS * INSTANT_SECOND)
        return;
    note(d, SIGNAL_VOTES, ev->host, STR(""), ev->time, offset);
}

/* Whether a row is of somebody who reached the server's web sites: mail comes to every server,
 * and the kinds of its logs stand behind those of requests; an access log is another program's. */
static bool is_request(const struct event *ev)
{
    return ev->kind < EVENT_MESSAGE_TRACKING && ev->kind != EVENT_ACCESS;
}

/* Whether a text is an address of the Internet; few clients ask again and again. */
static bool is_public(struct detect *d, struct str client)
{
    struct ip ip;
    if (!d->clients)
        d->clients = ARENA_ARRAY(d->arena, struct client, CLIENTS);
    if (client.n == 0 || client.n > sizeof d->clients->text)
        return ip_parse(client, &ip) && ip_is_public(&ip);
    struct client *c = &d->clients[hash_bytes(str_bytes(client)) % CLIENTS];
    if (c->n != client.n || memcmp(c->text, client.p, client.n) != 0) {
        memcpy(c->text, client.p, client.n);
        c->n = (uint8_t)client.n;
        c->is_public = ip_parse(client, &ip) && ip_is_public(&ip);
    }
    return c->is_public;
}

static void note_public(struct detect *d, const struct event *ev, struct origin *o,
                        struct str client)
{
    if (is_request(ev) && is_public(d, client))
        runs_note(d->runs, &o->reached, &(struct run_key){SIGNAL_PUBLIC, ev->host, STR(""), 0},
                  ev->time);
}

/* What HttpProxy, IIS and ECP rows tell besides what the rules ask for. */
static void note_rows(struct detect *d, const struct event *ev, struct origin *o,
                      struct str build, struct str client)
{
    /* These know the cumulative update only. */
    bool setup =
        ev->kind == EVENT_EXCHANGE_SETUP || ev->kind == EVENT_REGISTRY || ev->kind == EVENT_MFT;
    if (ev->time == INSTANT_NONE)
        return;
    if (build.n)
        note(d, SIGNAL_BUILD, ev->host, build, ev->time, setup);
    note_public(d, ev, o, client);
}

/* Windows' own records of an update: the installer's (1022; 1036, which has a status), Windows
 * Update's (19). Which build it makes, packs know. The product itself is installed (1033) and
 * configured anew (1035) with its version and a status. */
static bool tells_update(const struct event *ev)
{
    bool installer = ev->event_id == 1022 || ev->event_id == 1036 || ev->event_id == 1033 ||
                     ev->event_id == 1035;
    return ev->kind == EVENT_WINDOWS &&
           ((installer && str_ieq(ev->provider, STR("MsiInstaller"))) ||
            (ev->event_id == 19 &&
             str_ieq(ev->provider, STR("Microsoft-Windows-WindowsUpdateClient"))));
}

/* The version that stands behind the product's name: that of the cumulative update. */
static struct str product_build(const struct event *ev, size_t at, struct arena *arena)
{
    struct exch_build build;
    if (at + 1 >= ev->n || !exch_is_product(ev->fields[at].value) ||
        !exch_build_parse(ev->fields[at + 1].value, &build))
        return STR("");
    return exch_build_text(build, arena);
}

static void note_update(struct detect *d, struct source *source, const struct event *ev,
                        struct arena *arena)
{
    struct event all = *ev;
    struct str build = STR("");
    bool product = ev->event_id == 1033 || ev->event_id == 1035;
    bool done = ev->event_id != 1036 && !product;
    if (!tells_update(ev) || ev->time == INSTANT_NONE)
        return;
    if (source)
        source_fill(source, arena, &all);
    for (size_t i = 0; i < all.n; i++) {
        const struct field *f = &all.fields[i];
        if (f->section != SECTION_DATA)
            continue;
        if (build.n == 0)
            build = product ? product_build(&all, i, arena) : exch_update_text(f->value, arena);
        done = done || str_eq(f->value, STR("0"));
    }
    if (build.n && done)
        note(d, SIGNAL_BUILD, ev->host, build, ev->time, 1);
}

/* Where the answer for a key is kept. */
static struct answer *answer_of(struct detect *d, const struct wish *wish,
                                const struct row_key *key)
{
    uint64_t hash = hash_bytes((struct bytes){key->bytes, key->n}) + wish->id;
    if (!d->answers)
        d->answers = ARENA_ARRAY(d->arena, struct answer, ANSWERS);
    return &d->answers[hash % ANSWERS];
}

static bool is_answer(const struct answer *a, const struct wish *wish,
                      const struct row_key *key)
{
    return a->wish == wish->id && a->key.n == key->n &&
           memcmp(a->key.bytes, key->bytes, key->n) == 0;
}

/* Whether one of the rules that are left may match a row, told from a few of its fields. */
static bool may_by_fields(struct detect *d, struct source *source, const struct event *head,
                          const struct wish *wish, struct arena *arena)
{
    struct event some = *head;
    source_fill_some(source, arena, &some, wish);
    return matcher_may_rest(d->matcher, &some);
}

/* Whether a rule may match a row, told from its line, or else from a few of its fields. */
static bool may_row(struct detect *d, struct source *source, const struct event *head,
                    const struct log_row *row, struct arena *arena)
{
    struct row_key key;
    if (!matcher_may_row(d->matcher, head, row->text))
        return false;
    const struct wish *wish = matcher_rest_wish(d->matcher);
    if (!wish || wish->timed || !source_row_key(source, arena, wish, &key)) {
        if (!matcher_sure_row(d->matcher, row->text, true))
            return false;
        wish = matcher_rest_wish(d->matcher);
        return !wish || may_by_fields(d, source, head, wish, arena);
    }
    struct answer *answer = answer_of(d, wish, &key);
    if (is_answer(answer, wish, &key) || !matcher_sure_row(d->matcher, row->text, false))
        return false;
    bool may = may_by_fields(d, source, head, wish, arena);
    if (!may)
        *answer = (struct answer){wish->id, key};
    return may;
}

/* Whether a row can be passed over as it stands: no rule may match it, no indicator is in it,
 * nothing in it is encoded. What it tells besides is noted then, if some rule wants its kind. */
static bool pass_row(struct detect *d, struct source *source, const struct event *ev,
                     struct origin *o, bool wanted, struct arena *arena)
{
    struct log_row row;
    if (!source || !source_row(source, arena, &row) || may_row(d, source, ev, &row, arena))
        return false;
    for (size_t i = 0; i < row.n_carriers && !d->config->plain; i++)
        if (decode_row_has(row.carriers[i], arena))
            return false;
    if (d->config->indicators && indicators_may_row(d->config->indicators, row.text))
        return false;
    if (wanted)
        note_rows(d, ev, o, row.build, row.client);
    return true;
}

static void note_dump(struct detect *d, const struct event *ev)
{
    struct str build = event_text(ev, "DumpBuild");
    instant changed = ev->time;
    (void)instant_parse(event_text(ev, "DumpWhenChanged"), &changed);
    if (build.n)
        note(d, SIGNAL_BUILD, ev->host, build, changed, 1); /* 1: cumulative update only */
}

/* Setup's own program, where it is installed: its version is the build, its security updates
 * included. The time of the file is that of its making, not of its installation. */
static void note_program(struct detect *d, const struct event *ev)
{
    struct str build = event_text(ev, "PeVersion");
    if (build.n && str_ieq(event_text(ev, "FileName"), STR("ExSetup.exe")) &&
        str_iends(event_text(ev, "Directory"), STR("\\Bin")))
        note(d, SIGNAL_BUILD, ev->host, build, INSTANT_NONE, 0);
}

static struct str excerpt_made(const struct detect *d, const struct event *ev,
                               struct arena *arena)
{
    if (ev->size && ev->offset < d->file.n && ev->size <= d->file.n - ev->offset) {
        size_t n = ev->size < LIMIT_EXCERPT ? (size_t)ev->size : LIMIT_EXCERPT;
        struct bytes raw = {d->file.p + ev->offset, n};
        return d->wide ? utf16le_decode(raw, arena) : (struct str){(const char *)raw.p, n};
    }
    struct buf text = buf_new((size_t)4 * LIMIT_JSON_VALUE);
    event_json(ev, &text);
    struct str copy = arena_str(arena, str_part(buf_str(&text), 0, LIMIT_EXCERPT));
    buf_free(&text);
    return copy;
}

static struct str excerpt_of(struct detect *d, const struct event *ev, uint32_t rule,
                             struct arena *arena)
{
    if (d->hits[rule] > EXCERPTS_PER_RULE)
        return STR("");
    if (d->excerpt_turn != d->turn) {
        d->excerpt = excerpt_made(d, ev, arena);
        d->excerpt_turn = d->turn;
    }
    return d->excerpt;
}

/* An event as the rules are to see it, and what was done to it for that. */
struct look {
    const struct event *record; /* as it was read */
    const struct event *ev;     /* the record, or made from it */
    struct str source;
    struct str how;                /* "" if nothing was done */
    struct str decoded;            /* the text that this gave */
    const struct yara_found *yara; /* what of a file a YARA rule found; else NULL */
};

/* Whether matches of a rule are only counted. Those that tell more than that they are there have
 * a size that is not known before. */
static bool is_full(const struct detect *d, uint32_t rule)
{
    return d->full.n && (d->full.p[rule / 8] >> rule % 8 & 1) &&
           d->config->n_specs[rule] == 0 && !ruleset_get(d->config->rules, rule)->indicators;
}

/* About what a finding takes in a reply. It is the same where the finding is only counted, so
 * that what there is room for does not depend on which rules are full: that of an excerpt, which
 * is not made then, is told from the record's size. */
static size_t size_of_hit(const struct detect *d, const struct look *look, uint32_t rule)
{
    enum { ALWAYS = 136, WIDENS = 4 }; /* an event as JSON is longer than its record */
    size_t n = ALWAYS + look->ev->host.n + look->source.n + look->how.n;
    if (d->hits[rule] > EXCERPTS_PER_RULE)
        return n;
    uint64_t excerpt = look->record->size;
    excerpt *= look->record->kind == EVENT_WINDOWS ? WIDENS : 1;
    n += excerpt < LIMIT_EXCERPT ? (size_t)excerpt : LIMIT_EXCERPT;
    return n + (look->decoded.n < LIMIT_EXCERPT ? look->decoded.n : LIMIT_EXCERPT);
}

static bool is_health_probe(const struct event *ev)
{
    size_t at = 0;
    const struct field *f = event_find(ev, STR("HealthProbe"), &at);
    return f && str_eq(f->value, STR("true"));
}

static void write_hit(struct detect *d, const struct look *look, uint32_t rule, unsigned marks,
                      const struct indicator_hit *found, struct arena *arena)
{
    const struct event *ev = look->ev;
    d->hits[rule]++;
    d->hits_bytes += size_of_hit(d, look, rule);
    if (is_full(d, rule)) {
        d->dropped[rule]++;
        return;
    }
    size_t n = d->config->n_specs[rule];
    struct seed *seeds = ARENA_ARRAY(arena, struct seed, n);
    for (size_t i = 0; i < n; i++)
        fact_spec_apply(&d->config->specs[rule][i], ev, arena, &seeds[i]);
    if (n && is_health_probe(ev))
        marks |= MARK_HEALTH_PROBE;
    struct signal s = {
        .type = SIGNAL_HIT,
        .hit = {.rule = rule,
                .kind = ev->kind,
                .time = ev->time,
                .offset = look->yara ? look->yara->offset : ev->offset,
                .size = look->yara ? look->yara->size : ev->size,
                .record = ev->record,
                .marks = ev->marks | marks | (look->decoded.n ? MARK_DECODED : 0U),
                .host = ev->host,
                .source = look->source,
                .excerpt = look->yara ? str_part(look->yara->told, 0, LIMIT_EXCERPT)
                                      : excerpt_of(d, look->record, rule, arena),
                .how = look->how,
                .decoded = d->hits[rule] > EXCERPTS_PER_RULE
                               ? STR("")
                               : str_part(look->decoded, 0, LIMIT_EXCERPT),
                .indicator = found ? found->indicator + 1 : 0,
                .field = found ? found->field : STR(""),
                .found = found ? found->found : STR(""),
                .seeds = seeds,
                .n_seeds = n},
    };
    size_t before = d->out->n;
    signal_write(d->out, &s);
    if (n || found || look->yara) /* these are never only counted */
        d->hits_bytes += d->out->n - before;
}

/* A flood of one rule's matches must not bury those of others, a user's rules not those of
 * a pack, and what is harmless not what is grave: somebody may want it so. */
static bool has_room(const struct detect *d, uint32_t number)
{
    const struct rule *rule = ruleset_get(d->config->rules, number);
    size_t most = LIMIT_HITS_BYTES;
    if (rule->pack.n == 0 || rule->level < LEVEL_HIGH)
        most /= rule->pack.n ? 2 : 4;
    return d->hits[number] < LIMIT_HITS_PER_SPAN && d->hits_bytes + d->parts_bytes < most;
}

/* Tells a match to those correlations that the rule is a member of. */
static void write_match(struct detect *d, const struct look *look, uint32_t rule, size_t match,
                        const struct tapped *tapped, struct arena *arena)
{
    const struct event *ev = look->ev;
    struct part ignored;
    struct str *values = ARENA_ARRAY(arena, struct str, tapped->n_fields);
    if (d->matches_bytes > MATCHES_BYTES_MAX) {
        d->unmatched[rule]++;
        return;
    }
    for (size_t i = 0; i < tapped->n_fields; i++)
        if (matcher_field(d->matcher, match, tapped->fields[i], &values[i]))
            values[i] = signal_value(values[i], arena);
    struct signal s = {.type = SIGNAL_MATCH,
                       .matched = {.rule = rule,
                                   .kind = ev->kind,
                                   .time = ev->time,
                                   .offset = ev->offset,
                                   .size = ev->size,
                                   .record = ev->record,
                                   .marks = ev->marks | matcher_marks(d->matcher, match),
                                   .part = part_of(look->record, &ignored),
                                   .host = ev->host,
                                   .source = look->source,
                                   .values = values,
                                   .n_values = tapped->n_fields}};
    size_t before = d->out->n;
    signal_write(d->out, &s);
    d->matches_bytes += d->out->n - before;
}

static void note_stretch(struct stretch *s, const struct event *ev)
{
    if (s->n++ == 0)
        s->from = ev->offset;
    s->to = ev->offset + ev->size;
}

static struct str how_of(struct str made, struct str decoded, struct arena *arena)
{
    if (made.n == 0 || decoded.n == 0)
        return made.n ? made : decoded;
    return arena_printf(arena, "%.*s; %.*s", STR_ARG(made), STR_ARG(decoded));
}

/* Each indicator is told once for a record; the rule is the one that stands for its list. A
 * file's time is when it was last written, not when it was somewhere: it ends no validity. */
static void match_indicators(struct detect *d, const struct look *look, struct arena *arena)
{
    const struct detect_config *c = d->config;
    const struct indicator_hit *found = NULL;
    if (!c->indicators)
        return;
    uint64_t given_up = indicator_finder_limits(c->indicators);
    size_t n = indicators_find(c->indicators, look->ev, arena, &found);
    if (indicator_finder_limits(c->indicators) != given_up)
        note_stretch(&d->undecided, look->record);
    for (size_t i = 0; i < n; i++) {
        instant t = event_is_state(look->ev->kind) ? INSTANT_NONE : look->ev->time;
        uint32_t rule = indicators_rule(c->indicator_set, found[i].indicator, t);
        struct look seen = *look;
        uint32_t told = indicator_finder_count(c->indicators, found[i].indicator);
        if (told > HITS_PER_INDICATOR || !has_room(d, rule)) {
            d->dropped[rule]++;
            continue;
        }
        seen.how = how_of(look->how, str_of(found[i].how), arena);
        write_hit(d, &seen, rule, 0, &found[i], arena);
    }
}

/* A rule is told once for a record, in the plainest form in which it matches. */
static void match(struct detect *d, const struct look *look, struct arena *arena)
{
    const uint32_t *rules = NULL;
    uint64_t given_up = matcher_limits(d->matcher);
    size_t n = matcher_run(d->matcher, look->ev, &rules);
    d->matches = rules;
    d->n_matches = n;
    if (matcher_limits(d->matcher) != given_up)
        note_stretch(&d->undecided, look->record); /* no match, and no sign of none */
    for (size_t i = 0; i < n; i++) {
        uint32_t rule = rules[i];
        if (d->matched[rule] == d->turn)
            continue;
        d->matched[rule] = d->turn;
        const struct tapped *tapped = ruleset_tapped(d->config->rules, rule);
        if (tapped)
            write_match(d, look, rule, i, tapped, arena);
        if (ruleset_get(d->config->rules, rule)->silent)
            continue;
        if (!has_room(d, rule)) {
            d->dropped[rule]++;
            continue;
        }
        struct look seen = *look;
        if (seen.how.n == 0)
            seen.decoded = matcher_decoded(d->matcher, i, &seen.how);
        write_hit(d, &seen, rule, matcher_marks(d->matcher, i), NULL, arena);
    }
    match_indicators(d, look, arena);
}

static uint64_t doubts_of(const struct detect *d)
{
    return d->undecided.n + d->unopened.n;
}

/* Of the record in hand, in which nothing is encoded: what the matcher said is all there is to
 * say of others with its key, if it comes from the values that the key holds, and is only
 * told. */
static void learn(struct detect *d, struct arena *arena)
{
    uint32_t *rules = ARENA_ARRAY(arena, uint32_t, d->n_matches);
    unsigned *marks = ARENA_ARRAY(arena, unsigned, d->n_matches);
    uint32_t n = 0;
    if (doubts_of(d) != d->doubts)
        return;
    for (size_t i = 0; i < d->n_matches; i++) {
        struct str how;
        uint32_t rule = d->matches[i];
        (void)matcher_decoded(d->matcher, i, &how);
        if (how.n || ruleset_tapped(d->config->rules, rule))
            return;
        if (ruleset_get(d->config->rules, rule)->silent)
            continue;
        rules[n] = rule;
        marks[n++] = matcher_marks(d->matcher, i);
    }
    verdicts_learn(matcher_verdicts(d->matcher), d->key, &(struct verdict){rules, marks, n});
}

/* Matches an event as it stands, then as it reads when what it hides is decoded. */
static void match_layers(struct detect *d, const struct look *plain, struct arena *arena)
{
    struct decoded_events hidden;
    match(d, plain, arena);
    if (d->config->plain || !decode_event_may(plain->ev, d->config->known, arena)) {
        if (d->key)
            learn(d, arena);
        return;
    }
    decode_event_known(plain->ev, d->config->known, arena, &hidden);
    for (size_t i = 0; i < hidden.n; i++) {
        struct look look = *plain;
        look.ev = &hidden.at[i].ev;
        look.how = how_of(plain->how, hidden.at[i].how, arena);
        look.decoded = hidden.at[i].decoded;
        match(d, &look, arena);
    }
    if (hidden.cut)
        note_stretch(&d->unopened, plain->record);
}

static void begin_record(struct detect *d)
{
    d->turn++;
    if (d->config->indicators)
        indicator_finder_record(d->config->indicators);
}

static void match_record(struct detect *d, const struct event *ev, struct str source,
                         struct arena *arena)
{
    begin_record(d);
    match_layers(d, &(struct look){.record = ev, .ev = ev, .source = source}, arena);
}

void detect_yara(struct detect *d, const struct event *ev, const struct yara_found *found,
                 size_t n, struct arena *arena)
{
    const struct origin *o = n ? origin_of(d->origins, ev, arena) : NULL;
    for (size_t i = 0; i < n; i++) {
        uint32_t rule = found[i].rule;
        struct look look = {.record = ev, .ev = ev, .source = o->source, .yara = &found[i]};
        if (has_room(d, rule))
            write_hit(d, &look, rule, 0, NULL, arena);
        else
            d->dropped[rule]++;
    }
}

const struct detect_config *detect_config_of(const struct detect *d)
{
    return d->config;
}

/* What several sources tell is compared when all of them have been read. */
static void keep_side(struct detect *d, struct source *source, const struct event *ev,
                      struct arena *arena)
{
    const struct event compared = {.kind = ev->kind == EVENT_REGISTRY ? EVENT_TASK : ev->kind};
    struct event all = *ev;
    if (!side_may(ev) || !matcher_wants(d->matcher, &compared))
        return;
    if (source)
        source_fill(source, arena, &all);
    size_t before = d->out->n;
    if (d->sides_bytes > SIDES_BYTES_MAX || !side_write(d->out, &all))
        note_stretch(&d->sides_lost, ev);
    d->sides_bytes += d->out->n - before;
}

/* Parts of a script are joined when all evidence has been read. */
static void keep_part(struct detect *d, const struct event *ev)
{
    struct part part;
    if (!part_of(ev, &part))
        return;
    size_t before = d->out->n;
    if (d->parts_bytes + part.text.n > PARTS_BYTES_MAX || !part_write(d->out, &part))
        note_stretch(&d->parts_lost, ev);
    d->parts_bytes += d->out->n - before; /* with all its other fields */
}

static bool is_outside(const struct detect_config *c, instant t)
{
    return t != INSTANT_NONE &&
           ((c->from != INSTANT_NONE && t < c->from) || (c->to != INSTANT_NONE && t >= c->to));
}

/* A host that only a recovered record names is there; it counts for nothing else. */
static void note_recovered_host(struct detect *d, const struct event *ev,
                                const struct origin *o)
{
    runs_note_once(d->runs, &(struct run_key){SIGNAL_HOST, ev->host, o->provides, 0}, ev->time);
}

void detect_made(struct detect *d, const struct event *ev, struct str how, const bool *already,
                 struct arena *arena)
{
    const struct origin *o = origin_of(d->origins, ev, arena);
    struct look look = {.record = ev, .ev = ev, .source = o->source, .how = how};
    begin_record(d);
    for (size_t i = 0; i < ruleset_count(d->config->rules); i++)
        if (already[i])
            d->matched[i] = d->turn;
    size_t before = d->out->n;
    match_layers(d, &look, arena);
    if ((ev->marks & MARK_RECOVERED) && d->out->n != before)
        note_recovered_host(d, ev, o);
}

/* A record from outside a log's chunks proves what it says, but that it was found says
 * nothing of what else was logged: it covers no time, counts no record, casts no vote. */
static void detect_recovered(struct detect *d, struct source *source, struct event *ev,
                             struct arena *arena)
{
    bool wanted = matcher_wants(d->matcher, ev) || d->config->indicators;
    if (is_outside(d->config, ev->time) || !wanted)
        return;
    if (source)
        source_fill(source, arena, ev);
    size_t before = d->out->n;
    const struct origin *o = origin_of(d->origins, ev, arena);
    match_record(d, ev, o->source, arena);
    if (d->out->n != before)
        note_recovered_host(d, ev, o);
    keep_part(d, ev);
}

/* Whether any rule may match an event that has the fields it is asked about, as it stands or
 * as it reads decoded. */
static bool may_match(struct detect *d, const struct event *ev, struct arena *arena)
{
    struct decoded_events hidden = {0};
    if (matcher_may(d->matcher, ev))
        return true;
    if (d->config->plain || !decode_event_may(ev, d->config->known, arena))
        return false;
    decode_event_known(ev, d->config->known, arena, &hidden);
    for (size_t i = 0; i < hidden.n; i++)
        if (matcher_may(d->matcher, &hidden.at[i].ev))
            return true;
    if (hidden.cut)
        note_stretch(&d->unopened, ev);
    return false;
}

/* Tells what is known of a record without looking at it; it is filled only if some finding shows
 * its fields. */
static void tell_known(struct detect *d, struct source *source, struct event *ev,
                       const struct verdict *known, struct str where, struct arena *arena)
{
    bool filled = false;
    begin_record(d);
    for (uint32_t i = 0; i < known->n; i++) {
        uint32_t rule = known->rules[i];
        if (!has_room(d, rule)) {
            d->dropped[rule]++;
            continue;
        }
        bool shown = d->config->n_specs[rule] || d->hits[rule] < EXCERPTS_PER_RULE;
        if (!filled && shown && !is_full(d, rule)) {
            source_fill(source, arena, ev);
            filled = true;
        }
        write_hit(d, &(struct look){.record = ev, .ev = ev, .source = where}, rule,
                  known->marks[i], NULL, arena);
    }
}

/* Whether a Windows event is done with: that is told from a few of its fields, and most of
 * them are of no interest to any rule; or they say what those of another one did. */
static bool pass_event(struct detect *d, struct source *source, struct event *head,
                       struct str where, struct event_key *key, struct arena *arena)
{
    struct part part;
    struct verdict known = {0};
    if (!source || head->kind != EVENT_WINDOWS || d->config->indicators)
        return false;
    matcher_raw(d->matcher, source_raw(source));
    const struct wish *wish = matcher_wish(d->matcher, head);
    if (!wish)
        return false;
    if (d->told != source) {
        source_also(source, &d->besides);
        d->told = source;
    }
    bool keyed = !wish->timed && source_event_key(source, head, wish, key);
    if (keyed &&
        verdicts_find(matcher_verdicts(d->matcher), wish, d->config->plain, key, &known)) {
        tell_known(d, source, head, &known, where, arena);
        return true;
    }
    struct event some = *head;
    d->doubts = doubts_of(d);
    source_fill_some(source, arena, &some, wish);
    if (part_of(&some, &part))
        return false;
    d->key = keyed ? key : NULL;
    if (may_match(d, &some, arena))
        return false;
    if (keyed && doubts_of(d) == d->doubts)
        verdicts_learn(matcher_verdicts(d->matcher), key, &known);
    return true;
}

/* What an event says of its log: which time it covers, which numbers it holds. */
static void note_time(struct detect *d, const struct event *ev, struct origin *o,
                      struct arena *arena)
{
    if (event_is_state(ev->kind) || ev->time == INSTANT_NONE)
        return;
    d->first = d->first == INSTANT_NONE || ev->time < d->first ? ev->time : d->first;
    d->last = d->last == INSTANT_NONE || ev->time > d->last ? ev->time : d->last;
    note_coverage(d, ev, o, arena);
    note_ids(d, ev, o);
}

void detect_event(struct detect *d, struct source *source, struct event *ev,
                  struct arena *arena)
{
    if (ev->marks & MARK_RECOVERED) {
        detect_recovered(d, source, ev, arena);
        return;
    }
    d->events += ev->kind != EVENT_FILE;
    if (!event_is_state(ev->kind) && is_outside(d->config, ev->time))
        return;
    struct origin *o = origin_of(d->origins, ev, arena);
    note_time(d, ev, o, arena);
    if (ev->host.n || ev->kind == EVENT_WINDOWS)
        runs_note(d->runs, &o->seen, &(struct run_key){SIGNAL_HOST, ev->host, o->provides, 0},
                  ev->time);
    note_vote(d, ev);
    note_update(d, source, ev, arena);
    keep_side(d, source, ev, arena);
    /* asked for by no rule */
    bool tells_build = ev->kind == EVENT_EXCHANGE_SETUP || ev->kind == EVENT_REGISTRY;
    bool wanted = matcher_wants(d->matcher, ev) || tells_build;
    if (!wanted && !d->config->indicators)
        return;
    struct event_key key;
    d->key = NULL;
    if (ev->kind == EVENT_WINDOWS ? pass_event(d, source, ev, o->source, &key, arena)
                                  : pass_row(d, source, ev, o, wanted, arena))
        return;
    if (source)
        source_fill(source, arena, ev);
    if (ev->kind != EVENT_WINDOWS && ev->kind != EVENT_FILE)
        geo_derive(d->config->geoip, ev, arena);
    if (wanted && ev->kind == EVENT_FILE) {
        note_dump(d, ev);
        note_program(d, ev);
    } else if (wanted && ev->kind != EVENT_WINDOWS) {
        note_rows(d, ev, o, event_text(ev, "Build"), event_text(ev, "ClientAddress"));
    }
    keep_part(d, ev);
    match_record(d, ev, o->source, arena);
    d->key = NULL;
}

static void write_stretch(struct detect *d, const struct stretch *s, const char *what)
{
    if (s->n)
        signal_write(d->out, &(struct signal){
                                 .type = SIGNAL_GAP,
                                 .a = s->from,
                                 .b = s->to,
                                 .text = arena_printf(d->arena, "%" PRIu64 " %s", s->n, what),
                             });
}

/* What was not looked at as it should have been is a gap: it is no sign of nothing. */
static void write_stretches(struct detect *d)
{
    write_stretch(d, &d->parts_lost,
                  "parts of scripts that were looked at alone only: too many bytes of them");
    write_stretch(
        d, &d->sides_lost,
        "tasks or settings that were not compared with what else tells of them: too many");
    write_stretch(d, &d->undecided,
                  "records on which a rule's regular expression was given up");
    write_stretch(d, &d->unopened,
                  "records in which more is encoded than was decoded: a limit was reached");
}

void detect_end(struct detect *d)
{
    write_stretches(d);
    runs_write(d->runs);
    for (uint32_t i = 0; i < ruleset_count(d->config->rules); i++)
        if (d->dropped[i])
            signal_write(d->out,
                         &(struct signal){.type = SIGNAL_MORE, .a = i, .b = d->dropped[i]});
    for (uint32_t i = 0; i < ruleset_count(d->config->rules); i++)
        if (d->unmatched[i])
            signal_write(d->out, &(struct signal){
                                     .type = SIGNAL_UNMATCHED, .a = i, .b = d->unmatched[i]});
    signal_write(
        d->out,
        &(struct signal){.type = SIGNAL_SPAN, .a = d->events, .from = d->first, .to = d->last});
}
