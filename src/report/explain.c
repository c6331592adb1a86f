#include "report/explain.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/ckd.h"
#include "base/json_read.h"
#include "base/limits.h"
#include "base/safe.h"
#include "event/event.h"
#include "judge/ids.h"
#include "report/json_int.h"
#include "report/wrap.h"
#include "rule/indicator.h"

enum {
    LABEL = 12,          /* columns of the left margin of a line */
    RECORD_INDENT = 6,   /* of a record's text */
    WORDS_MAX = 1 << 16, /* bytes of a passage of our own words and titles */
    KEY_MAX = 64,        /* bytes shown of a member name */
    DEPTH_MAX = 6,       /* of a JSON record that is shown member by member */
};

/* --- for people ---------------------------------------------------------------------------- */

struct page {
    struct buf *out;
    bool colour;
};

static const char *paint(const struct page *p, const char *code)
{
    return p->colour ? code : "";
}

static void line(const struct page *p, const char *label, struct str words)
{
    char first[64];
    (void)snprintf(first, sizeof first, "   %-*s", LABEL - 3, label);
    wrap_text(p->out, first, LABEL, words);
}

/* "action: seen, execution; confidence: strong" */
static void put_claim(const struct page *p, const struct explained *e)
{
    struct buf words = buf_new(WORDS_MAX);
    if (e->axis.n)
        buf_addf(&words, "%.*s: %.*s", STR_ARG(e->axis), STR_ARG(e->state));
    if (e->kind.n)
        buf_addf(&words, ", %.*s", STR_ARG(e->kind));
    if (e->confidence.n)
        buf_addf(&words, "%sconfidence: %.*s", words.n ? "; " : "", STR_ARG(e->confidence));
    if (words.n)
        line(p, "says", buf_str(&words));
    buf_free(&words);
    line(p, "campaign", e->pack.n ? e->pack : STR("none claims it"));
}

static void put_span(const struct page *p, const struct explained *e)
{
    char first[INSTANT_TEXT];
    char last[INSTANT_TEXT];
    struct buf words = buf_new(WORDS_MAX);
    buf_add_str(&words, instant_text_plain(e->first, first));
    struct str end = instant_text_plain(e->last, last);
    if (!str_eq(buf_str(&words), end))
        buf_addf(&words, " to %.*s", STR_ARG(end));
    line(p, "time", words.n ? buf_str(&words) : STR("not known"));
    buf_free(&words);
}

static void put_initiators(const struct page *p, const struct explained *e)
{
    for (size_t i = 0; i < e->n_initiators; i++) {
        struct buf words = buf_new(WORDS_MAX);
        buf_add_str(&words, str_part(e->initiators[i], 0, WORDS_MAX / 2));
        if (e->places && e->places[i].n)
            buf_addf(&words, " (%.*s)", STR_ARG(str_part(e->places[i], 0, WORDS_MAX / 4)));
        line(p, i ? "" : "from", buf_str(&words));
        buf_free(&words);
    }
}

static void put_head(const struct page *p, const struct explained *e)
{
    buf_addf(p->out, "%s%s %.*s%s\n\n", paint(p, "\x1b[1m"), e->is_fact ? "Fact" : "Finding",
             STR_ARG(e->id), paint(p, "\x1b[0m"));
    wrap_text(p->out, "   ", 3, e->what);
    buf_add_char(p->out, '\n');
    line(p, "host", e->host);
    if (e->is_fact) {
        put_claim(p, e);
        put_span(p, e);
        put_initiators(p, e);
        struct buf words = buf_new(WORDS_MAX);
        buf_addf(&words, "%zu %s", e->n_findings, e->n_findings == 1 ? "record" : "records");
        line(p, "rests on", buf_str(&words));
        buf_free(&words);
    }
    for (size_t i = 0; i < e->n_facts; i++)
        line(p, i ? "" : "supports", e->facts[i]);
}

static instant true_time(instant t, int64_t corrected)
{
    instant sum;
    return t == INSTANT_NONE || ckd_add(&sum, t, corrected) ? t : sum;
}

static void put_time(const struct page *p, const struct explained_finding *f)
{
    char shown[INSTANT_TEXT];
    char recorded[INSTANT_TEXT];
    struct buf words = buf_new(WORDS_MAX);
    buf_add_str(&words, instant_text_plain(true_time(f->time, f->corrected), shown));
    if (f->time == INSTANT_NONE)
        buf_add_cstr(&words, "the record has none");
    else if (f->is_file)
        buf_add_cstr(&words, ", the time of the file's last change");
    else if (f->corrected)
        buf_addf(&words,
                 ", corrected: the record states %.*s, and other records of the same file show "
                 "that %+" PRId64 " minutes must be added to its text",
                 STR_ARG(instant_text_plain(f->time, recorded)), f->corrected / INSTANT_MINUTE);
    else if (f->marks & MARK_NO_ZONE)
        buf_add_cstr(&words,
                     " if the server's clock showed UTC: the record states local time, and "
                     "not of which zone");
    else if (f->marks & MARK_TIME_GUESSED)
        buf_add_cstr(&words, ", which rests on something other than the record itself");
    else
        buf_add_cstr(&words, ", as the record states it");
    line(p, "time", buf_str(&words));
    buf_free(&words);
}

static void put_place(const struct page *p, const struct explained_finding *f)
{
    struct buf words = buf_new(WORDS_MAX);
    line(p, "file", f->path);
    line(p, "sha256", f->sha256.n ? f->sha256 : STR("not known: it could not be read whole"));
    if (f->is_file)
        buf_add_cstr(&words, "the file as a whole");
    else
        buf_addf(&words, "from byte %" PRIu64, f->offset);
    if (!f->is_file && f->size)
        buf_addf(&words, ", %" PRIu64 " bytes", f->size);
    if (f->record)
        buf_addf(&words, "; record %" PRIu64, f->record);
    line(p, "place", buf_str(&words));
    if (f->marks & MARK_CRC_BAD)
        line(p, "note", STR("the checksum of the part it lies in is wrong"));
    if (f->marks & MARK_RECOVERED)
        line(p, "note",
             STR("recovered: it lies outside of what a log counts as its records (left over, "
                 "behind damage, or in an image), and is whole"));
    if (f->marks & MARK_DELETED)
        line(p, "note",
             STR("deleted: the file system, or the registry, had given it up; this is what is "
                 "left of it"));
    if (f->marks & MARK_REASSEMBLED)
        line(p, "note",
             STR("joined: the text is put together from several records, of which this is the "
                 "first"));
    if (f->marks & MARK_NO_HEADER)
        line(p, "note",
             STR("the log has no heading row; its columns are taken in their known order"));
    if (f->marks & MARK_REDUCED)
        line(p, "note",
             STR("the event does not have all the fields by which the rule leaves events out"));
    buf_free(&words);
}

static void put_members(struct buf *out, const struct json *object, size_t depth);

static void put_member(struct buf *out, const struct json *v, size_t depth)
{
    static const char *const words[] = {
        [JSON_NULL] = "null", [JSON_FALSE] = "false", [JSON_TRUE] = "true"};
    size_t indent = RECORD_INDENT + 2 * depth;
    struct buf label = buf_new(WORDS_MAX);
    for (size_t i = 0; i < indent; i++)
        buf_add_char(&label, ' ');
    safe_terminal(&label, str_part(v->key, 0, KEY_MAX));
    bool nested = v->type == JSON_OBJECT || v->type == JSON_ARRAY;
    struct str value = v->text;
    if (nested)
        value = depth >= DEPTH_MAX ? STR("(more, too deep to show)") : STR("");
    else if (v->type != JSON_STRING && v->type != JSON_NUMBER)
        value = str_of(words[v->type]);
    buf_add_cstr(&label, v->key.n == 0 ? "-" : ":");
    buf_add_cstr(&label, value.n ? " " : "");
    buf_add_char(&label, '\0');
    wrap_text(out, label.p, indent + 4, value);
    buf_free(&label);
    if (nested)
        put_members(out, v, depth + 1);
}

static void put_members(struct buf *out, const struct json *object, size_t depth)
{
    for (const struct json *v = object->child; v && depth <= DEPTH_MAX; v = v->next)
        put_member(out, v, depth);
}

/* A record that is one JSON object, a member a line. False if it is something else. */
static bool put_json_record(const struct page *p, struct str text)
{
    struct arena *arena = arena_new();
    struct json *v = NULL;
    struct err ignored = {0};
    size_t at = 0;
    bool is = text.n && text.p[0] == '{' && json_next(text, &at, arena, &v, &ignored) > 0 &&
              v->type == JSON_OBJECT && str_trim(str_part(text, at, text.n)).n == 0;
    if (is) {
        line(p, "record", STR("its members, one a line"));
        put_members(p->out, v, 0);
    }
    arena_free(arena);
    return is;
}

static void put_record(const struct page *p, const struct explained_finding *f)
{
    if (f->excerpt.n == 0) {
        line(p, "record",
             f->is_file ? STR("not kept: it is the file itself")
                        : STR("its text was not kept (only the first ones of each rule are); "
                              "it can be read from the file at the place above"));
        return;
    }
    if (str_starts(f->rule_id, STR("yara:"))) {
        line(p, "found", STR("by the rule, with the places of its strings"));
        wrap_text(p->out, "      ", RECORD_INDENT, str_trim(f->excerpt));
    } else if (!put_json_record(p, f->excerpt)) {
        line(p, "record",
             f->excerpt.n >= LIMIT_EXCERPT ? STR("its beginning")
                                           : STR("as it stands in the file"));
        wrap_text(p->out, "      ", RECORD_INDENT, str_trim(f->excerpt));
    }
    if (f->excerpt.n >= LIMIT_EXCERPT)
        wrap_text(p->out, "      ", RECORD_INDENT,
                  STR("(shortened; the rest can be read from the file at the place above)"));
}

/* What the rule matched, where it is not the record as it stands. */
static void put_decoded(const struct page *p, const struct explained_finding *f)
{
    if (f->how.n)
        line(p, "matched", f->how);
    if (f->decoded.n == 0)
        return;
    line(p, "which reads", STR(""));
    wrap_text(p->out, "      ", RECORD_INDENT, str_trim(f->decoded));
    if (f->decoded.n >= LIMIT_EXCERPT)
        wrap_text(p->out, "      ", RECORD_INDENT, STR("(shortened)"));
}

/* Events on which a correlation's finding rests. */
static void put_events(const struct page *p, const struct explained_finding *f)
{
    for (size_t i = 0; i < f->n_events; i++) {
        const struct explained_event *e = &f->events[i];
        char time[INSTANT_TEXT];
        struct buf words = buf_new(WORDS_MAX);
        buf_addf(&words, "%.*s, %.*s, ", STR_ARG(instant_text_plain(e->time, time)),
                 STR_ARG(str_part(e->title, 0, WORDS_MAX / 4)));
        buf_addf(&words, "%.*s, from byte %" PRIu64,
                 STR_ARG(str_part(e->path, 0, WORDS_MAX / 4)), e->offset);
        if (e->record)
            buf_addf(&words, ", record %" PRIu64, e->record);
        line(p, i ? "" : "events", buf_str(&words));
        buf_free(&words);
    }
}

static void put_finding(const struct page *p, const struct explained *e, size_t i)
{
    const struct explained_finding *f = &e->findings[i];
    char number[32];
    struct buf words = buf_new(WORDS_MAX);
    if (e->is_fact) {
        (void)snprintf(number, sizeof number, "%zu. ", i + 1);
        buf_addf(&words, "%.*s (finding %.*s)", STR_ARG(f->rule_title), STR_ARG(f->id));
        buf_addf(p->out, "\n%s", paint(p, "\x1b[1m"));
        wrap_text(p->out, number, 3, buf_str(&words));
        buf_addf(p->out, "%s", paint(p, "\x1b[0m"));
        buf_clear(&words);
    }
    buf_addf(&words, "%.*s (%s), level %.*s",
             STR_ARG(f->rule_id.n ? f->rule_id : STR("without an id")),
             str_eq(f->rule_source, STR("assay"))  ? "of a pack"
             : str_eq(f->rule_source, STR("ioc"))  ? "a list of indicators given to the scan"
             : str_eq(f->rule_source, STR("yara")) ? "a YARA rule given to the scan"
                                                   : "a Sigma rule given to the scan",
             STR_ARG(f->level));
    line(p, "rule", buf_str(&words));
    buf_free(&words);
    if (f->indicator.n)
        line(p, "met", f->indicator);
    put_time(p, f);
    put_place(p, f);
    if (f->n_events == 0)
        put_record(p, f);
    put_decoded(p, f);
    put_events(p, f);
}

void explain_text(const struct explained *what, bool colour, struct buf *out)
{
    struct page p = {out, colour};
    put_head(&p, what);
    for (size_t i = 0; i < what->n_findings; i++)
        put_finding(&p, what, i);
}

/* --- for programs -------------------------------------------------------------------------- */

static void put_text(struct json_out *j, const char *key, struct str text)
{
    json_key(j, key);
    if (text.n)
        json_str(j, text);
    else
        json_null(j);
}

static void put_texts(struct json_out *j, const char *key, const struct str *all, size_t n)
{
    json_key(j, key);
    json_begin(j, '[');
    for (size_t i = 0; i < n; i++)
        json_str(j, all[i]);
    json_end(j, ']');
}

static void json_events(struct json_out *j, const struct explained_finding *f)
{
    json_key(j, "events");
    json_begin(j, '[');
    for (size_t i = 0; i < f->n_events; i++) {
        const struct explained_event *e = &f->events[i];
        json_begin(j, '{');
        put_text(j, "title", e->title);
        json_key(j, "time");
        json_time(j, e->time);
        put_text(j, "path", e->path);
        json_key(j, "offset");
        json_u64(j, e->offset);
        json_key(j, "size");
        json_u64(j, e->size);
        json_key(j, "record");
        if (e->record)
            json_u64(j, e->record);
        else
            json_null(j);
        json_end(j, '}');
    }
    json_end(j, ']');
}

static void json_finding(struct json_out *j, const struct explained_finding *f)
{
    json_begin(j, '{');
    put_text(j, "id", f->id);
    json_key(j, "rule");
    json_begin(j, '{');
    put_text(j, "id", f->rule_id);
    put_text(j, "title", f->rule_title);
    put_text(j, "level", f->level);
    put_text(j, "source", f->rule_source);
    json_end(j, '}');
    put_text(j, "host", f->host);
    json_key(j, "time");
    json_time(j, f->time);
    json_key(j, "time_corrected_seconds");
    json_i64(j, f->corrected / INSTANT_SECOND);
    put_text(j, "path", f->path);
    put_text(j, "sha256", f->sha256);
    json_key(j, "offset");
    json_u64(j, f->offset);
    json_key(j, "size");
    json_u64(j, f->size);
    json_key(j, "record");
    if (f->record)
        json_u64(j, f->record);
    else
        json_null(j);
    json_marks(j, f->marks);
    put_text(j, "excerpt", f->excerpt);
    put_text(j, "how", f->how);
    put_text(j, "decoded", f->decoded);
    put_text(j, "indicator", f->indicator);
    json_events(j, f);
    json_end(j, '}');
}

void explain_json(const struct explained *what, struct buf *out)
{
    struct json_out j = json_out(out);
    json_begin(&j, '{');
    put_text(&j, "id", what->id);
    put_text(&j, "type", what->is_fact ? STR("fact") : STR("finding"));
    put_text(&j, "what", what->what);
    put_text(&j, "host", what->host);
    put_text(&j, "pack", what->pack);
    put_text(&j, "axis", what->axis);
    put_text(&j, "state", what->state);
    put_text(&j, "kind", what->kind);
    put_text(&j, "confidence", what->confidence);
    json_key(&j, "time");
    json_time(&j, what->first);
    json_key(&j, "last");
    json_time(&j, what->last);
    json_key(&j, "time_corrected_seconds");
    json_i64(&j, what->corrected / INSTANT_SECOND);
    put_texts(&j, "initiators", what->initiators, what->n_initiators);
    put_texts(&j, "facts", what->facts, what->n_facts);
    json_key(&j, "findings");
    json_begin(&j, '[');
    for (size_t i = 0; i < what->n_findings; i++)
        json_finding(&j, &what->findings[i]);
    json_end(&j, ']');
    json_end(&j, '}');
    buf_add_char(out, '\n');
}

/* --- out of a scan in memory --------------------------------------------------------------- */

static void take_events(const struct report_input *in, const struct correlated *c,
                        struct arena *arena, struct explained_finding *ret)
{
    struct explained_event *all = ARENA_ARRAY(arena, struct explained_event, c->n_events);
    for (size_t i = 0; i < c->n_events; i++) {
        const struct correlated_event *e = &c->events[i];
        all[i] = (struct explained_event){.title = ruleset_get(in->rules, e->rule)->title,
                                          .path = in->findings->evidence[e->evidence].path,
                                          .time = e->time,
                                          .offset = e->offset,
                                          .size = e->size,
                                          .record = e->record};
    }
    ret->events = all;
    ret->n_events = c->n_events;
}

static struct explained_finding from_hit(const struct report_input *in,
                                         const struct finding_ids *ids, size_t i,
                                         struct arena *arena)
{
    const struct found_hit *found = &in->findings->hits[i];
    const struct evidence *e = &in->findings->evidence[found->evidence];
    const struct rule *rule = ruleset_get(in->rules, found->hit.rule);
    struct explained_finding f = {
        .id = arena_str(arena, str_of(ids->at[i])),
        .rule_id = rule->id,
        .rule_title = rule->title,
        .level = str_of(level_name(tune_level(found->tuned, rule))),
        .rule_source = str_of(rule_source(rule)),
        .host = in->verdict->hosts[in->verdict->hit_host[i]].name,
        .path = e->path,
        .sha256 = e->read ? str_of(e->sha256_text) : STR(""),
        .time = found->hit.time,
        .corrected = in->verdict->hit_corrected[i],
        .is_file = found->hit.kind == EVENT_FILE,
        .offset = found->hit.offset,
        .size = found->hit.size,
        .record = found->hit.record,
        .marks = found->hit.marks,
        .excerpt = found->hit.excerpt,
        .how = found->hit.how,
        .decoded = found->hit.decoded,
        .indicator = found->hit.indicator
                         ? indicator_sentence(rule->indicators, found->hit.indicator - 1,
                                              found->hit.field, found->hit.time, arena)
                         : STR(""),
    };
    if (found->hit.correlated)
        take_events(in, found->hit.correlated, arena, &f);
    return f;
}

static struct explained from_fact(const struct report_input *in, const struct finding_ids *ids,
                                  const struct fact *f, struct arena *arena)
{
    struct explained_finding *all = ARENA_ARRAY(arena, struct explained_finding, f->n_hits);
    bool *taken = ARENA_ARRAY(arena, bool, in->findings->n_hits);
    size_t n = 0;
    for (size_t i = 0; i < f->n_hits; i++) {
        size_t hit = ids->first[f->hits[i]];
        if (!taken[hit])
            all[n++] = from_hit(in, ids, hit, arena);
        taken[hit] = true;
    }
    return (struct explained){
        .is_fact = true,
        .id = arena_str(arena, str_of(f->id)),
        .what = f->what,
        .host = in->verdict->hosts[f->host].name,
        .pack = f->pack,
        .axis = str_of(axis_name(f->axis)),
        .state = str_of(state_name(f->state)),
        .kind = f->kind,
        .confidence = str_of(confidence_name(f->confidence)),
        .first = f->first,
        .last = f->last,
        .corrected = f->corrected,
        .initiators = f->initiators,
        .n_initiators = f->n_initiators,
        .findings = all,
        .n_findings = n,
    };
}

/* The facts that a finding supports, also by way of its doubles. */
static void add_facts(const struct report_input *in, const struct finding_ids *ids, size_t hit,
                      struct arena *arena, struct explained *e)
{
    struct str *all = NULL;
    size_t cap = 0;
    for (size_t i = 0; i < in->verdict->n_facts; i++) {
        const struct fact *f = &in->verdict->facts[i];
        bool has = false;
        for (size_t k = 0; k < f->n_hits && !has; k++)
            has = ids->first[f->hits[k]] == hit;
        if (!has)
            continue;
        all = arena_grow(arena, all, e->n_facts, &cap, sizeof *all);
        all[e->n_facts++] = arena_str(arena, str_of(f->id));
    }
    e->facts = all;
}

static struct explained from_finding(const struct report_input *in,
                                     const struct finding_ids *ids, size_t hit,
                                     struct arena *arena)
{
    struct explained_finding *f = ARENA_NEW(arena, struct explained_finding);
    *f = from_hit(in, ids, hit, arena);
    instant t = true_time(f->time, f->corrected);
    struct explained e = {
        .id = f->id,
        .what = f->rule_title,
        .host = f->host,
        .first = t,
        .last = t,
        .corrected = f->corrected,
        .findings = f,
        .n_findings = 1,
    };
    add_facts(in, ids, hit, arena, &e);
    return e;
}

int explain_from_scan(const struct report_input *in, struct str id, struct arena *arena,
                      struct explained *ret, struct err *err)
{
    char start[EXPLAIN_ID_MAX + 1];
    struct finding_ids ids;
    size_t hit = SIZE_MAX;
    size_t fact = SIZE_MAX;
    size_t n = 0;
    if (explained_id(id, start, err) < 0)
        return -1;
    finding_ids(in->verdict, in->findings->n_hits, arena, &ids);
    for (size_t i = 0; i < in->findings->n_hits; i++) {
        if (ids.first[i] != i || !str_starts(str_of(ids.at[i]), str_of(start)))
            continue;
        hit = i;
        n++;
    }
    for (size_t i = 0; i < in->verdict->n_facts; i++) {
        if (!str_starts(str_of(in->verdict->facts[i].id), str_of(start)))
            continue;
        fact = i;
        n++;
    }
    if (n != 1)
        return n ? explained_ambiguous(start, err) : explained_missing(start, err);
    *ret = fact != SIZE_MAX ? from_fact(in, &ids, &in->verdict->facts[fact], arena)
                            : from_finding(in, &ids, hit, arena);
    return 0;
}
