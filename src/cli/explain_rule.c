#include "cli/explain_rule.h"

#include <inttypes.h>

#include "base/json.h"
#include "base/safe.h"
#include "cli/run.h"
#include "cli/sweeping.h"
#include "event/decode_event.h"
#include "event/event_wire.h"
#include "report/wrap.h"
#include "rule/trace_wire.h"
#include "sys/file.h"

enum {
    RULES_MAX = 64,   /* that one name may mean */
    RECORDS_MAX = 32, /* in several files, with the same number */
    NO_FEED = UINT8_MAX,
};

struct walked {   /* of one rule about the record */
    uint8_t rule; /* place among the chosen ones */
    uint8_t feed; /* whose mapping was in force; NO_FEED: none takes the event */
    enum trace_feed said;
    struct str how; /* the walk was over what was decoded so; "" the record as it is */
    struct trace *trace;
};

struct explaining {
    const struct explain_rule *what;
    struct ruleset *rules;
    struct tracer *tracers[RULES_MAX];
    uint32_t chosen[RULES_MAX];
    size_t n;
    struct arena *arena;
    struct buf *out; /* of a worker */
    struct buf print;
    size_t found;
};

/* ---- in a worker ---- */

static void *begin(void *context, const struct evidence *evidence, struct bytes raw,
                   struct arena *arena, struct buf *out)
{
    struct explaining *e = context;
    (void)evidence;
    (void)raw;
    (void)arena;
    e->out = out;
    return e;
}

static bool matches(const struct walked *a)
{
    return a->feed != NO_FEED && a->said == FEED_TAKES && a->trace->result;
}

/* The walk that tells most: one that matches, else one whose log source takes the event. */
static struct walked best_walk(struct tracer *t, const struct event *ev, struct arena *arena)
{
    struct walked best = {.feed = NO_FEED, .said = FEED_OTHER};
    for (size_t i = 0; i < tracer_feeds(t) && i < NO_FEED; i++) {
        struct walked a = {.feed = (uint8_t)i};
        a.said = tracer_run(t, i, ev, arena, &a.trace);
        if (a.said != FEED_OTHER && (best.feed == NO_FEED || matches(&a) || a.said > best.said))
            best = a;
        if (matches(&best))
            return best;
    }
    if (best.feed == NO_FEED)
        (void)tracer_run(t, SIZE_MAX, ev, arena, &best.trace);
    return best;
}

static struct walked answer_for(struct explaining *e, size_t i, const struct event *ev,
                                const struct decoded_events *hidden, struct arena *arena)
{
    struct walked plain = best_walk(e->tracers[i], ev, arena);
    for (size_t k = 0; k < hidden->n && !matches(&plain); k++) {
        struct walked a = best_walk(e->tracers[i], &hidden->at[k].ev, arena);
        a.how = hidden->at[k].how;
        if (matches(&a))
            plain = a;
    }
    plain.rule = (uint8_t)i;
    return plain;
}

static void explain_event(void *reader, struct source *source, struct event *ev,
                          struct arena *arena)
{
    struct explaining *e = reader;
    struct decoded_events hidden;
    uint64_t number = e->what->by_offset ? ev->offset : ev->record;
    if (number != e->what->number || (!e->what->by_offset && ev->record == 0))
        return;
    source_fill(source, arena, ev);
    decode_event(ev, arena, &hidden);
    struct buf b = buf_new(SWEEP_ITEMS);
    event_wire(ev, true, &b);
    for (size_t i = 0; i < e->n; i++) {
        struct walked a = answer_for(e, i, ev, &hidden, arena);
        wire_number(&b, a.rule, 1);
        wire_number(&b, a.feed, 1);
        wire_number(&b, a.said, 1);
        wire_text(&b, a.how);
        trace_write(a.trace, &b);
    }
    sweep_give(e->out, buf_str(&b));
    buf_free(&b);
}

static void end(void *reader)
{
    (void)reader;
}

static const struct sweep_reader READER = {begin, explain_event, end};

/* ---- for people ---- */

/* mark  what stands at the line's start, over its indent */
static void put_marked(struct explaining *e, const char *mark, size_t indent, struct str text)
{
    enum { INDENT_MAX = 50 };
    char first[INDENT_MAX + 1];
    size_t n = indent < INDENT_MAX ? indent : INDENT_MAX;
    memset(first, ' ', n);
    memcpy(first, mark, strlen(mark) < n ? strlen(mark) : n);
    first[n] = '\0';
    wrap_text(&e->print, first, n + 2, text);
}

static void put_line(struct explaining *e, size_t indent, struct str text)
{
    put_marked(e, "", indent, text);
}

static struct str title_of(const struct trace *t, struct arena *arena)
{
    switch (t->kind) {
    case TRACE_ITEM:
        return t->name.n ? t->name : STR("a keyword");
    case TRACE_SELECTION:
        return t->name;
    case TRACE_NOT:
        return STR("not");
    case TRACE_ALL:
        return STR("all of");
    case TRACE_ANY:
        return STR("any of");
    case TRACE_AT_LEAST:
        return arena_printf(arena, "at least %u of", t->need);
    case TRACE_FILTER:
        return arena_printf(arena, "filter: %.*s", STR_ARG(t->name));
    }
    return STR("");
}

enum { VALUES_SHOWN = 20, VALUE_BYTES = 400 };

static void put_asked(struct explaining *e, const struct trace *t, size_t indent)
{
    for (size_t i = 0; i < t->n_asked && i < VALUES_SHOWN; i++) {
        const struct trace_asked *a = &t->asked[i];
        const char *said = t->n_asked == 1 ? "" : a->hit ? "  (yes)" : "  (no)";
        put_line(e, indent,
                 arena_printf(e->arena, "asks for: %.*s%s",
                              STR_ARG(str_part(a->text, 0, VALUE_BYTES)), said));
    }
    if (t->n_asked > VALUES_SHOWN)
        put_line(e, indent,
                 arena_printf(e->arena, "and for %zu more", t->n_asked - VALUES_SHOWN));
}

/* What the record has, and where that is from, if the rule calls it otherwise. */
static struct str value_text(struct explaining *e, const struct trace *t,
                             const struct trace_value *v)
{
    struct str asked = str_part(t->name, 0, str_find(t->name, STR("|"), 0));
    struct str text =
        arena_printf(e->arena, "record has: %.*s", STR_ARG(str_part(v->text, 0, VALUE_BYTES)));
    if (v->field.n && !str_ieq(v->field, asked))
        text = arena_printf(e->arena, "%.*s  [%.*s]", STR_ARG(text), STR_ARG(v->field));
    if (v->how.n)
        text = arena_printf(e->arena, "%.*s  (%.*s)", STR_ARG(text), STR_ARG(v->how));
    if (v->hit && t->n_values > 1)
        text = arena_printf(e->arena, "%.*s  <- this", STR_ARG(text));
    return text;
}

static void put_values(struct explaining *e, const struct trace *t, size_t indent)
{
    put_asked(e, t, indent);
    for (size_t i = 0; i < t->n_values; i++)
        put_line(e, indent, value_text(e, t, &t->values[i]));
    if (t->n_values == 0 && t->name.n)
        put_line(e, indent, STR("record has: no such field"));
}

/* As deep as the rule. */
static void put_trace(struct explaining *e, const struct trace *t, size_t indent)
{
    if ((t->kind == TRACE_ALL || t->kind == TRACE_ANY) && t->n == 1) {
        put_trace(e, t->child[0], indent); /* says the same */
        return;
    }
    put_marked(e, t->result ? "  yes" : "  no", indent + 6, title_of(t, e->arena));
    if (t->kind == TRACE_ITEM)
        put_values(e, t, indent + 10);
    for (size_t i = 0; i < t->n; i++)
        put_trace(e, t->child[i], indent + 2);
}

static struct str feeds_text(struct explaining *e, size_t i)
{
    struct str text = STR("");
    for (size_t k = 0; k < tracer_feeds(e->tracers[i]) && k < 12; k++)
        text = arena_printf(e->arena, "%.*s%s%.*s", STR_ARG(text), k ? "; or " : "",
                            STR_ARG(tracer_feed_text(e->tracers[i], k, e->arena)));
    return text.n ? text : STR("nothing that is read");
}

static struct str source_text(const struct event *ev, struct arena *arena)
{
    if (ev->kind != EVENT_WINDOWS)
        return str_of(event_kind_name(ev->kind));
    return arena_printf(arena, "%.*s EventID %" PRIu32, STR_ARG(ev->channel), ev->event_id);
}

static struct str applies_text(struct explaining *e, const struct walked *a,
                               const struct event *ev)
{
    if (a->feed == NO_FEED)
        return arena_printf(
            e->arena,
            "the log source does not apply: the rule is for %.*s; the record is "
            "%.*s. Below, the clauses by the record's own names:",
            STR_ARG(feeds_text(e, a->rule)), STR_ARG(source_text(ev, e->arena)));
    struct str feed = tracer_feed_text(e->tracers[a->rule], a->feed, e->arena);
    if (a->said == FEED_CONDITION)
        return arena_printf(e->arena,
                            "the log source does not apply: the record is of %.*s, but lacks "
                            "what the rule's category asks for besides",
                            STR_ARG(feed));
    return arena_printf(e->arena, "the log source applies: %.*s", STR_ARG(feed));
}

static void put_answer(struct explaining *e, const struct walked *a, const struct event *ev)
{
    const struct rule *r = ruleset_get(e->rules, e->chosen[a->rule]);
    buf_add_cstr(&e->print, "\n");
    wrap_text(&e->print, "RULE  ", 6,
              arena_printf(e->arena, "%.*s (%s) %.*s", STR_ARG(r->title), level_name(r->level),
                           STR_ARG(r->id)));
    put_line(e, 6, r->path);
    put_line(e, 6, matches(a) ? STR("it matches this record") : STR("it does not match"));
    put_line(e, 6, applies_text(e, a, ev));
    if (a->how.n)
        put_line(e, 6, arena_printf(e->arena, "in what was decoded: %.*s", STR_ARG(a->how)));
    buf_add_char(&e->print, '\n');
    put_trace(e, a->trace, 0);
}

static void put_record(struct explaining *e, const struct evidence *evidence,
                       const struct event *ev)
{
    char text[INSTANT_TEXT];
    if (e->found > 1)
        buf_add_char(&e->print, '\n');
    struct str place =
        ev->record ? arena_printf(e->arena, "%" PRIu64 ", ", ev->record) : STR("");
    wrap_text(&e->print, "RECORD  ", 8,
              arena_printf(e->arena, "%.*sat byte %" PRIu64 " of %.*s", STR_ARG(place),
                           ev->offset, STR_ARG(evidence->path)));
    struct str time = instant_text_plain(ev->time, text);
    put_line(e, 8,
             arena_printf(e->arena, "%.*s%s%.*s%s%.*s", STR_ARG(time), time.n ? ", " : "",
                          STR_ARG(ev->host), ev->host.n ? ", " : "",
                          STR_ARG(source_text(ev, e->arena))));
}

/* ---- for programs ---- */

static void json_values(struct json_out *j, const struct trace *t)
{
    json_key(j, "asked");
    json_begin(j, '[');
    for (size_t i = 0; i < t->n_asked; i++) {
        json_begin(j, '{');
        json_key(j, "value");
        json_str(j, t->asked[i].text);
        json_key(j, "result");
        json_bool(j, t->asked[i].hit);
        json_end(j, '}');
    }
    json_end(j, ']');
    json_key(j, "values");
    json_begin(j, '[');
    for (size_t i = 0; i < t->n_values; i++) {
        json_begin(j, '{');
        json_key(j, "field");
        json_str(j, t->values[i].field);
        json_key(j, "value");
        json_str(j, t->values[i].text);
        if (t->values[i].how.n) {
            json_key(j, "how");
            json_str(j, t->values[i].how);
        }
        json_key(j, "matches");
        json_bool(j, t->values[i].hit);
        json_end(j, '}');
    }
    json_end(j, ']');
}

/* As deep as the rule. */
static void json_trace(struct json_out *j, const struct trace *t)
{
    static const char *const names[] = {"item", "selection", "not",   "all",
                                        "any",  "at_least",  "filter"};
    json_begin(j, '{');
    json_key(j, "is");
    json_cstr(j, names[t->kind]);
    json_key(j, "result");
    json_bool(j, t->result);
    if (t->name.n || t->kind == TRACE_ITEM) {
        json_key(j, "name");
        json_str(j, t->name);
    }
    if (t->kind == TRACE_AT_LEAST) {
        json_key(j, "need");
        json_u64(j, t->need);
    }
    if (t->kind == TRACE_ITEM) {
        json_values(j, t);
    } else {
        json_key(j, "of");
        json_begin(j, '[');
        for (size_t i = 0; i < t->n; i++)
            json_trace(j, t->child[i]);
        json_end(j, ']');
    }
    json_end(j, '}');
}

static void json_answer(struct explaining *e, struct json_out *j, const struct walked *a)
{
    const struct rule *r = ruleset_get(e->rules, e->chosen[a->rule]);
    json_begin(j, '{');
    json_key(j, "id");
    json_str(j, r->id);
    json_key(j, "title");
    json_str(j, r->title);
    json_key(j, "path");
    json_str(j, r->path);
    json_key(j, "matches");
    json_bool(j, matches(a));
    json_key(j, "log_source_applies");
    json_bool(j, a->feed != NO_FEED && a->said == FEED_TAKES);
    json_key(j, "rule_is_for");
    json_str(j, feeds_text(e, a->rule));
    if (a->how.n) {
        json_key(j, "decoded");
        json_str(j, a->how);
    }
    json_key(j, "condition");
    json_trace(j, a->trace);
    json_end(j, '}');
}

/* ---- the whole ---- */

static bool read_answer(struct explaining *e, struct cur *in, struct walked *a)
{
    *a = (struct walked){.rule = cur_u8(in), .feed = NO_FEED};
    a->feed = cur_u8(in);
    a->said = (enum trace_feed)cur_u8(in);
    a->how = wire_read_text(in);
    a->trace = trace_read(in, e->arena);
    return a->trace && a->rule < e->n && a->said <= FEED_TAKES &&
           (a->feed == NO_FEED || a->feed < tracer_feeds(e->tracers[a->rule]));
}

static int take(void *context, const struct evidence *evidence, struct str item,
                struct err *err)
{
    struct explaining *e = context;
    struct cur in = cur_of(str_bytes(item), 0);
    struct event ev = {0};
    struct walked a;
    struct json_out j = json_out(&e->print);
    event_wire_read(&in, e->arena, &ev);
    if (in.bad)
        return err_set(err, ERR_CORRUPT, "a worker's answer makes no sense");
    e->found++;
    if (e->what->format == AS_JSON) {
        buf_add_cstr(&e->print, e->found > 1 ? ",\n{\"path\":" : "{\"path\":");
        json_str(&j, evidence->path);
        buf_add_cstr(&e->print, ",\"event\":");
        event_json(&ev, &e->print);
        json_key(&j, "rules");
        json_begin(&j, '[');
    } else {
        put_record(e, evidence, &ev);
    }
    while (cur_left(&in)) {
        if (!read_answer(e, &in, &a))
            return err_set(err, ERR_CORRUPT, "a worker's answer makes no sense");
        if (e->what->format == AS_JSON)
            json_answer(e, &j, &a);
        else
            put_answer(e, &a, &ev);
    }
    if (e->what->format == AS_JSON)
        buf_add_cstr(&e->print, "]}");
    return e->found == RECORDS_MAX;
}

static bool is_meant(const struct rule *r, struct str name)
{
    return str_ieq(r->title, name) || (r->name.n && str_eq(r->name, name)) ||
           (name.n >= 4 && str_istarts(r->id, name));
}

static int choose(struct explaining *e, bool file, struct err *err)
{
    struct str name = str_of(e->what->rule);
    const struct refusal *refused = NULL;
    size_t n_refused = ruleset_refusals(e->rules, &refused);
    size_t correlations = 0;
    for (size_t i = 0; i < ruleset_count(e->rules); i++) {
        const struct rule *r = ruleset_get(e->rules, i);
        if (!(file ? str_istarts(r->path, name) : is_meant(r, name)))
            continue;
        if (e->n == RULES_MAX)
            return err_set(err, ERR_LIMIT, "--rule %s means more than %d rules", e->what->rule,
                           RULES_MAX);
        if (r->correlation) {
            correlations++;
            continue;
        }
        if (tracer_new(e->rules, i, &e->tracers[e->n], err) < 0)
            return -1;
        e->chosen[e->n++] = (uint32_t)i;
    }
    for (size_t i = 0; i < n_refused && file && e->n == 0; i++)
        if (str_istarts(refused[i].path, name))
            return err_set(err, ERR_INVALID, "%.*s:%u:%u: the rule is refused: %.*s",
                           STR_ARG(refused[i].path), refused[i].at.line, refused[i].at.column,
                           STR_ARG(refused[i].reason));
    if (e->n == 0 && correlations)
        return err_set(
            err, ERR_UNSUPPORTED,
            "--rule %s: a correlation is no rule of single records; ask for the rules "
            "that it counts",
            e->what->rule);
    if (e->n == 0)
        return err_set(err, ERR_NOT_FOUND,
                       "--rule %s: no rule in use has this id or title; give its file, or "
                       "--rules too",
                       e->what->rule);
    return 0;
}

static int sweep(struct explaining *e, struct err *err)
{
    struct swept swept;
    struct sweep_options options = {.paths = e->what->paths,
                                    .n_paths = e->what->n_paths,
                                    .password = e->what->password,
                                    .reader = &READER,
                                    .context = e,
                                    .take = take};
    if (e->what->format == AS_JSON)
        buf_add_cstr(&e->print, "{\"records\":[");
    if (sweeping_run(&options, &(struct longwork){0}, e->arena, &swept, err) < 0)
        return -1;
    if (e->found == 0) {
        sweeping_tell_gaps(&swept);
        return err_set(err, ERR_NOT_FOUND, "%s: there is no record %s %" PRIu64,
                       e->what->paths[0], e->what->by_offset ? "at byte" : "with the number",
                       e->what->number);
    }
    if (e->what->format == AS_JSON)
        buf_add_cstr(&e->print, "]}\n");
    return run_print(buf_str(&e->print), err);
}

int explain_rule(const struct explain_rule *what, struct setup_options *options,
                 struct arena *arena, struct err *err)
{
    struct setup setup = {0};
    struct bytes head;
    struct err ignored = {0};
    bool file = file_head(what->rule, 1, arena, &head, &ignored) == 0;
    if (file) {
        const char **paths = ARENA_ARRAY(arena, const char *, options->n_rule_paths + 1);
        for (size_t i = 0; i < options->n_rule_paths; i++)
            paths[i] = options->rule_paths[i];
        paths[options->n_rule_paths++] = what->rule;
        options->rule_paths = paths;
    }
    options->no_yara = true;
    if (setup_load(options, arena, &setup, err) < 0)
        return -1;
    struct explaining *e = ARENA_NEW(arena, struct explaining);
    *e = (struct explaining){
        .what = what, .rules = setup.rules, .arena = arena, .print = buf_new(SIZE_MAX / 4)};
    int failed = choose(e, file, err);
    if (failed == 0)
        failed = sweep(e, err);
    for (size_t i = 0; i < e->n; i++)
        tracer_free(e->tracers[i]);
    buf_free(&e->print);
    setup_close(&setup);
    return failed;
}
