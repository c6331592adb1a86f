/* cmd_search.c - an ad-hoc hunt over raw evidence, in Sigma's own terms. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/json.h"
#include "base/limits.h"
#include "base/num.h"
#include "base/safe.h"
#include "base/utf.h"
#include "cli/found.h"
#include "cli/password.h"
#include "cli/rulefiles.h"
#include "cli/run.h"
#include "cli/search_case.h"
#include "cli/sweeping.h"
#include "event/decode_event.h"
#include "event/event_wire.h"
#include "rule/expression.h"
#include "rule/logsource_name.h"
#include "rule/nearest.h"
#include "store/casefile.h"

enum {
    O_FORMAT,
    O_FIELDS,
    O_COUNT,
    O_LIMIT,
    O_LOGSOURCE,
    O_RULES,
    O_FROM,
    O_TO,
    O_JOBS,
    O_PLAIN,
    O_NO_RECOVER,
    O_JAIL,
    O_PASSWORD,
    O_PASSWORD_FILE,
    O_LONGWORK,
};

enum { FLUSH_AT = 64 * 1024, RECORD_MAX = SWEEP_ITEMS, FIELDS_MAX = 64 };

static const struct opt OPTS[] = {
    [O_FORMAT] = {'f', "format", "text|json|csv|jsonl", "how it is printed (default text)",
                  OPT_TEXT},
    [O_FIELDS] = {0, "fields", "A,B", "show these fields too, besides those that match",
                  OPT_TEXTS},
    [O_COUNT] = {'c', "count", NULL, "print only how many records match", OPT_FLAG},
    [O_LIMIT] = {'n', "limit", "N", "stop behind the first N records", OPT_TEXT},
    [O_LOGSOURCE] = {0, "logsource", "L",
                     "only events of this log source, with Sigma's names of\n"
                     "fields: windows/process_creation, sysmon, webserver, ...",
                     OPT_TEXT},
    [O_RULES] = {'r', "rules", "PATH",
                 "search for what these Sigma rules ask for, without an\nEXPRESSION; may be "
                 "repeated",
                 OPT_TEXTS},
    [O_FROM] = {0, "from", "TIME", "leave out events before this time (UTC)", OPT_TEXT},
    [O_TO] = {0, "to", "TIME", "leave out events at or after this time (UTC)", OPT_TEXT},
    [O_JOBS] = {'j', "jobs", "N", "worker processes (default: one per processor)", OPT_TEXT},
    [O_PLAIN] = {0, "no-decode", NULL, "do not look into what is encoded", OPT_FLAG},
    [O_NO_RECOVER] = {0, "no-recover", NULL,
                      "leave out records found outside an event log's chunks", OPT_FLAG},
    [O_JAIL] =
        {0, "require-jail", NULL,
         "do not read where this system cannot confine the\nprocesses that read evidence",
         OPT_FLAG},
    PASSWORD_ROWS(O_PASSWORD),
    LONGWORK_ROWS(O_LONGWORK),
    {0},
};

enum item_type { ITEM_FOUND = 1, ITEM_SEEN };

struct search {
    struct arena *arena;
    struct ruleset *rules;
    struct found_form form;
    instant from, to;
    bool plain, count_only;
    struct longwork work;
    uint64_t limit; /* 0: none */
    bool in_case;   /* what is searched is a case, not evidence */

    /* of a worker */
    struct matcher *matcher;
    struct tracer **tracers; /* per rule; made when needed */
    bool *seen;              /* per field of the first rule */
    struct nearest *near;    /* beside it */
    uint64_t considered;     /* events that the rules are for */
    uint64_t undecided;
    uint64_t unopened;
    struct wish carriers;      /* fields that may hide something */
    const struct source *told; /* knows of them */
    bool all_seen_here;        /* of the fields */
    struct buf *out;

    /* of the parent */
    struct arena *record;
    struct buf print;
    struct err *failed;
    uint64_t found;
    uint64_t all_considered, all_undecided, all_unopened;
    bool *all_seen;
    struct str *meant; /* per field: the name that may have been meant */
    const struct str *names;
    size_t n_names;
};

/* ---- in a worker ---- */

/* A tracer for a rule. That it can be made was tried before the workers were. */
static struct tracer *tracer_of(struct search *s, size_t rule)
{
    struct err err = {0};
    if (!s->tracers[rule])
        (void)tracer_new(s->rules, rule, &s->tracers[rule], &err);
    return s->tracers[rule];
}

/* Whether a row can be passed over as it stands: it cannot match, and nothing in it is encoded. */
static bool pass_row(struct search *s, struct source *source, const struct event *head,
                     struct arena *arena)
{
    struct log_row row;
    if (!source_row(source, arena, &row))
        return false;
    if (matcher_may_row(s->matcher, head, row.text)) {
        const struct wish *wish = matcher_rest_wish(s->matcher);
        struct event some = *head;
        if (!wish)
            return false;
        source_fill_some(source, arena, &some, wish);
        if (matcher_may_rest(s->matcher, &some))
            return false;
    }
    for (size_t i = 0; i < row.n_carriers && !s->plain; i++)
        if (decode_row_has(row.carriers[i], arena))
            return false;
    return true;
}

/* Whether a Windows event can be passed over: that is told from a few of its fields. */
static bool pass_event(struct search *s, struct source *source, const struct event *head,
                       struct arena *arena)
{
    matcher_raw(s->matcher, source_raw(source));
    const struct wish *wish = matcher_wish(s->matcher, head);
    struct event some = *head;
    if (!wish)
        return false;
    if (s->told != source && !s->plain)
        source_also(source, &s->carriers);
    s->told = source;
    source_fill_some(source, arena, &some, wish);
    return !matcher_may(s->matcher, &some) &&
           (s->plain || !decode_event_may(&some, NULL, arena));
}

static void *begin(void *context, const struct evidence *evidence, struct bytes raw,
                   struct arena *arena, struct buf *out)
{
    struct search *s = context;
    (void)evidence;
    (void)raw;
    (void)arena;
    if (!s->matcher) {
        struct str *names = ARENA_ARRAY(s->arena, struct str, DECODE_CARRIERS);
        s->matcher = matcher_new(s->rules);
        s->carriers = (struct wish){.names = names, .id = UINT32_MAX};
        s->carriers.n = (uint32_t)decode_event_names(EVENT_WINDOWS, names);
        s->near = ARENA_ARRAY(s->arena, struct nearest, s->n_names);
        for (size_t i = 0; i < s->n_names; i++)
            s->near[i] = nearest_to(s->names[i]);
    }
    s->out = out;
    s->told = NULL;
    matcher_raw(s->matcher, (struct bytes){0});
    return s;
}

static bool is_outside(const struct search *s, instant t)
{
    return t != INSTANT_NONE &&
           ((s->from != INSTANT_NONE && t < s->from) || (s->to != INSTANT_NONE && t >= s->to));
}

/* Which of the fields asked for the evidence has at all: a slip in a name is no "nothing
 * found". Costs nothing once all were seen. */
static void look_for_fields(struct search *s, const struct event *ev)
{
    s->all_seen_here = true;
    (void)tracer_see(tracer_of(s, 0), ev, s->seen);
    for (size_t i = 0; i < s->n_names; i++) {
        s->all_seen_here = s->all_seen_here && s->seen[i];
        for (size_t k = 0; k < ev->n && !s->seen[i] && s->considered < 1000; k++) {
            struct str before = s->near[i].best;
            nearest_try(&s->near[i], ev->fields[k].name);
            if (s->near[i].best.p != before.p) /* the event's memory ends with it */
                s->near[i].best = arena_str(s->arena, s->near[i].best);
        }
    }
}

/* record  as it was read
 * ev      as it matched: the record, or what was decoded of it */
static void give(struct search *s, const struct event *record, const struct event *ev,
                 uint32_t rule, struct str how, struct arena *arena)
{
    struct found *f = ARENA_NEW(arena, struct found);
    struct tracer *t = tracer_of(s, rule);
    struct trace *trace = NULL;
    f->ev = *record;
    f->how = how;
    for (size_t i = 0; i < tracer_feeds(t); i++) {
        if (tracer_run(t, i, ev, arena, &trace) != FEED_TAKES || !trace->result)
            continue;
        f->n_hits = trace_hits(trace, f->hit, FOUND_HITS);
        break;
    }
    bool fields = s->form.format == AS_JSON || s->form.format == AS_JSONL || s->form.n_fields;
    struct buf b = buf_new(RECORD_MAX);
    wire_number(&b, ITEM_FOUND, 1);
    if (!s->count_only)
        found_write(f, fields, &b);
    sweep_give(s->out, buf_str(&b));
    buf_free(&b);
}

static bool match(struct search *s, const struct event *record, const struct event *ev,
                  struct str how, struct arena *arena)
{
    const uint32_t *rules = NULL;
    uint64_t given_up = matcher_limits(s->matcher);
    size_t n = matcher_run(s->matcher, ev, &rules);
    s->undecided += matcher_limits(s->matcher) != given_up;
    if (n)
        give(s, record, ev, rules[0], how, arena);
    return n > 0;
}

/* A record is given once, in the plainest form in which it matches. */
static void search_event(void *reader, struct source *source, struct event *ev,
                         struct arena *arena)
{
    struct search *s = reader;
    struct decoded_events hidden;
    if (is_outside(s, ev->time) || !matcher_wants(s->matcher, ev))
        return;
    s->considered++;
    if (s->all_seen_here && (ev->kind == EVENT_WINDOWS ? pass_event(s, source, ev, arena)
                                                       : pass_row(s, source, ev, arena)))
        return;
    source_fill(source, arena, ev);
    if (!s->all_seen_here)
        look_for_fields(s, ev);
    if (match(s, ev, ev, STR(""), arena) || s->plain)
        return;
    if (!decode_event_may(ev, NULL, arena))
        return;
    decode_event(ev, arena, &hidden);
    for (size_t i = 0; i < hidden.n; i++)
        if (match(s, ev, &hidden.at[i].ev, hidden.at[i].how, arena))
            return;
    s->unopened += hidden.cut;
}

static void end(void *reader)
{
    struct search *s = reader;
    struct buf b = buf_new(1 << 20);
    wire_number(&b, ITEM_SEEN, 1);
    wire_number(&b, s->considered, 8);
    wire_number(&b, s->undecided, 8);
    wire_number(&b, s->unopened, 8);
    for (size_t i = 0; i < s->n_names; i++) {
        wire_number(&b, s->seen[i], 1);
        wire_text(&b, s->seen[i] ? STR("") : str_part(s->near[i].best, 0, 100));
    }
    sweep_give(s->out, buf_str(&b));
    buf_free(&b);
    matcher_raw(s->matcher, (struct bytes){0});
    s->considered = s->undecided = s->unopened = 0;
}

static const struct sweep_reader READER = {begin, search_event, end};

/* ---- in the parent ---- */

static int flush(struct search *s, size_t limit, struct err *err)
{
    if (s->print.n < limit)
        return 0;
    int failed = run_print(buf_str(&s->print), err);
    buf_clear(&s->print);
    return failed;
}

static void take_seen(struct search *s, struct cur *in)
{
    s->all_considered += cur_u64(in);
    s->all_undecided += cur_u64(in);
    s->all_unopened += cur_u64(in);
    for (size_t i = 0; i < s->n_names && !in->bad; i++) {
        bool seen = cur_u8(in) != 0;
        struct str meant = wire_read_text(in);
        s->all_seen[i] = s->all_seen[i] || seen;
        if (meant.n && s->meant[i].n == 0)
            s->meant[i] = arena_str(s->arena, meant);
    }
}

static int take_found(struct search *s, const struct evidence *evidence, struct cur *in,
                      struct err *err)
{
    struct found *f = NULL;
    s->found++;
    if (!s->count_only) {
        arena_reset(s->record);
        f = ARENA_NEW(s->record, struct found);
        struct bytes rest = cur_take(in, cur_left(in));
        if (!found_read((struct str){(const char *)rest.p, rest.n}, s->record, f))
            return err_set(err, ERR_CORRUPT, "a worker's answer makes no sense");
        if (s->form.format == AS_JSON && s->found > 1)
            buf_add_cstr(&s->print, ",\n");
        found_print(&s->form, evidence, f, &s->print);
        if (flush(s, s->form.fit ? 1 : FLUSH_AT, err) < 0)
            return -1;
    }
    return s->limit && s->found == s->limit;
}

static int take(void *context, const struct evidence *evidence, struct str item,
                struct err *err)
{
    struct search *s = context;
    struct cur in = cur_of(str_bytes(item), 0);
    if (cur_u8(&in) == ITEM_FOUND)
        return take_found(s, evidence, &in, err);
    take_seen(s, &in);
    return 0;
}

/* ---- what is searched for ---- */

/* The place of a mistake, below the expression. */
static void point_at(struct str text, unsigned column)
{
    enum { WIDTH = 72, LINE_BYTES = 4096 };
    size_t at = 0;
    for (unsigned c = 1; at < text.n && c < column; c++)
        do
            at++;
        while (at < text.n && ((unsigned char)text.p[at] & 0xc0) == 0x80);
    size_t from = 0;
    if (column > WIDTH / 2) /* a long one is shown from its middle */
        for (unsigned skip = column - WIDTH / 2; skip > 0; skip--)
            do
                from++;
            while (from < text.n && ((unsigned char)text.p[from] & 0xc0) == 0x80);
    struct buf before = buf_new(LINE_BYTES);
    struct buf behind = buf_new(LINE_BYTES);
    safe_terminal(&before, str_part(text, from, at));
    safe_terminal(&behind, str_part(text, at, at + WIDTH / 2));
    size_t width = 0;
    for (size_t i = 0; i < before.n; i++)
        width += ((unsigned char)before.p[i] & 0xc0) != 0x80;
    (void)fprintf(stderr, "  %.*s%.*s\n  %*s^\n", STR_ARG(buf_str(&before)),
                  STR_ARG(buf_str(&behind)), (int)width, "");
    buf_free(&before);
    buf_free(&behind);
}

/* Tells a mistake in the expression with its place; then there is nothing more to say. */
static int complain(struct str text, unsigned column, struct str why)
{
    struct buf b = buf_new(4096);
    safe_terminal(&b, why);
    (void)fprintf(stderr, "assay: the expression, column %u: %.*s\n", column,
                  STR_ARG(buf_str(&b)));
    point_at(text, column);
    buf_free(&b);
    return -1;
}

/* A reason begins with the selection's name, "c1: ", which nobody gave. */
static struct str without_name(struct str reason)
{
    size_t at = str_find(reason, STR(": "), 0);
    bool ours = reason.n > 1 && (reason.p[0] == 'c' || reason.p[0] == 'g') &&
                reason.p[1] >= '0' && reason.p[1] <= '9';
    return ours && at != SIZE_MAX ? str_part(reason, at + 2, reason.n) : reason;
}

static int add_expression(struct search *s, struct str text, const char *logsource,
                          struct err *err)
{
    const struct yaml *source = NULL;
    const struct yaml *rule = NULL;
    const struct refusal *refused = NULL;
    size_t at = 0;
    if (!utf8_valid(str_bytes(text)))
        return err_set(err, ERR_INVALID, "the expression is not UTF-8");
    if (logsource_named(s->rules, str_of(logsource ? logsource : "any"), s->arena, &source,
                        err) < 0)
        return err_at(err, "--logsource");
    if (expression_parse(text, source, s->arena, &rule, &at, err) < 0) {
        (void)complain(text, expression_column(text, at), str_of(err->msg));
        *err = (struct err){0};
        return -1;
    }
    ruleset_add_document(s->rules, STR("the expression"), rule);
    ruleset_freeze(s->rules);
    if (ruleset_refusals(s->rules, &refused) == 0)
        return 0;
    return complain(text, refused->at.column ? refused->at.column : 1,
                    without_name(refused->reason));
}

static int add_rules(struct search *s, const char *path, struct err *err)
{
    struct rule_files files = {0};
    if (rule_files_add(path, s->arena, &files, err) < 0)
        return -1;
    for (size_t i = 0; i < files.n; i++) {
        if (files.list[i].kind != RULES_SIGMA)
            ruleset_refuse(s->rules, files.list[i].path,
                           STR("YARA rules are about files: `assay scan` asks them"));
        else if (files.list[i].problem.n)
            ruleset_refuse(s->rules, files.list[i].path, files.list[i].problem);
        else
            ruleset_add(s->rules, files.list[i].path, STR(""), files.list[i].text);
    }
    return 0;
}

/* Rules that are refused are told: they were not searched for. */
static int freeze_rules(struct search *s, struct err *err)
{
    enum { TOLD = 10 };
    const struct refusal *refused = NULL;
    ruleset_freeze(s->rules);
    size_t n = ruleset_refusals(s->rules, &refused);
    for (size_t i = 0; i < n && i < TOLD; i++) {
        struct buf b = buf_new(4096);
        safe_terminal(&b, refused[i].path);
        buf_addf(&b, ":%u:%u: ", refused[i].at.line, refused[i].at.column);
        safe_terminal(&b, refused[i].reason);
        (void)fprintf(stderr, "assay: refused: %.*s\n", STR_ARG(buf_str(&b)));
        buf_free(&b);
    }
    if (n > TOLD)
        (void)fprintf(stderr, "assay: and %zu more rules refused\n", n - TOLD);
    if (ruleset_count(s->rules) == 0)
        return err_set(err, ERR_INVALID, "there is no rule that can be used");
    return 0;
}

static int read_fields(const struct args *args, struct search *s, struct err *err)
{
    struct str *fields = ARENA_ARRAY(s->arena, struct str, FIELDS_MAX);
    size_t n = 0;
    for (size_t i = 0; i < args->n_texts[O_FIELDS]; i++) {
        struct str text = str_of(args->texts[O_FIELDS][i]);
        for (size_t at = 0; at <= text.n;) {
            size_t end = str_find(text, STR(","), at);
            struct str name = str_trim(str_part(text, at, end));
            if (name.n == 0 || n == FIELDS_MAX)
                return err_set(err, ERR_INVALID,
                               "--fields: want names, separated by commas; %d at most",
                               FIELDS_MAX);
            fields[n++] = name;
            at = end == SIZE_MAX ? text.n + 1 : end + 1;
        }
    }
    s->form.fields = fields;
    s->form.n_fields = n;
    return 0;
}

static int read_options(const struct args *args, struct search *s, struct sweep_options *sweep,
                        struct err *err)
{
    const char *limit = args->text[O_LIMIT];
    s->from = s->to = INSTANT_NONE;
    s->plain = args->flag[O_PLAIN];
    s->count_only = args->flag[O_COUNT];
    sweep->no_recover = args->flag[O_NO_RECOVER];
    if (limit && (!num_u64(str_of(limit), &s->limit) || s->limit == 0))
        return err_set(err, ERR_INVALID, "--limit %s: want a number from 1", limit);
    if ((args->flag[O_JAIL] && run_require_jail(err) < 0) ||
        cmd_jobs(args->text[O_JOBS], &sweep->jobs, err) < 0 ||
        longwork_read(args, O_LONGWORK, &s->work, err) < 0 ||
        password_read(args->text[O_PASSWORD], args->text[O_PASSWORD_FILE], s->arena,
                      &sweep->password, err) < 0 ||
        cmd_time("from", args->text[O_FROM], &s->from, err) < 0 ||
        cmd_time("to", args->text[O_TO], &s->to, err) < 0 || read_fields(args, s, err) < 0)
        return -1;
    s->form.fit = isatty(STDOUT_FILENO);
    s->form.colour = s->form.fit && !getenv("NO_COLOR");
    return cmd_format(args->text[O_FORMAT], AS_JSONL, &s->form.format, err);
}

/* A case is searched alone, and holds no events of log sources. */
static int check_paths(const struct args *args, const struct search *s,
                       const struct sweep_options *sweep, bool by_rules, struct err *err)
{
    for (size_t i = 1; i < sweep->n_paths; i++)
        if (s->in_case || casefile_is_case(sweep->paths[i]))
            return err_set(err, ERR_INVALID, "a case is searched alone: %s is one",
                           sweep->paths[s->in_case ? 0 : i]);
    if (s->in_case && (by_rules || args->text[O_LOGSOURCE]))
        return err_set(err, ERR_UNSUPPORTED,
                       "%s is a case: rules and --logsource ask for events, which are in the "
                       "evidence; a case is searched by an EXPRESSION",
                       sweep->paths[0]);
    return 0;
}

/* The last operand is the expression, unless rules are given. */
static int read_what(const struct args *args, struct search *s, struct sweep_options *sweep,
                     struct err *err)
{
    const char *last = args->operands[args->n_operands - 1];
    bool named = args->n_texts[O_RULES] > 0;
    bool file = !named && last[0] == '@' && last[1];
    sweep->paths = args->operands;
    sweep->n_paths = args->n_operands - !named;
    if (sweep->n_paths == 0)
        return err_set(err, ERR_INVALID, "usage: assay search %s", "PATH...|CASE 'EXPRESSION'");
    s->in_case = casefile_is_case(sweep->paths[0]);
    if (check_paths(args, s, sweep, named || file, err) < 0)
        return -1;
    if (!named && !file)
        return add_expression(s, str_of(last), args->text[O_LOGSOURCE], err);
    if (args->text[O_LOGSOURCE])
        return err_set(err, ERR_INVALID, "--logsource goes with an expression: a rule has one");
    for (size_t i = 0; i < args->n_texts[O_RULES]; i++)
        if (add_rules(s, args->texts[O_RULES][i], err) < 0)
            return -1;
    if (file && add_rules(s, last + 1, err) < 0)
        return -1;
    return freeze_rules(s, err);
}

/* All rules are taken apart once, before the workers are made: then it works there. */
static int prepare(struct search *s, struct err *err)
{
    size_t n = ruleset_count(s->rules);
    size_t left_out = 0;
    s->tracers = ARENA_ARRAY(s->arena, struct tracer *, n);
    for (size_t i = 0; i < n; i++) {
        bool correlates = ruleset_get(s->rules, i)->correlation;
        left_out += correlates;
        if (!correlates && tracer_new(s->rules, i, &s->tracers[i], err) < 0)
            return -1;
    }
    if (left_out == n)
        return err_set(
            err, ERR_UNSUPPORTED,
            "records are searched for, one by one; correlations are for `assay scan`");
    if (left_out)
        (void)fprintf(stderr,
                      "assay: %zu correlations are left out, the rules that they count "
                      "are searched for\n",
                      left_out);
    if (n == 1)
        s->n_names = tracer_fields(s->tracers[0], &s->names);
    s->all_seen_here = s->n_names == 0;
    s->seen = ARENA_ARRAY(s->arena, bool, s->n_names);
    s->all_seen = ARENA_ARRAY(s->arena, bool, s->n_names);
    s->meant = ARENA_ARRAY(s->arena, struct str, s->n_names);
    return 0;
}

/* ---- what is told at the end ---- */

static void tell_fields(const struct search *s)
{
    for (size_t i = 0; i < s->n_names && s->all_considered; i++) {
        if (!s->all_seen[i])
            found_tell_no_field("these records has", s->names[i], s->meant[i]);
    }
}

static void tell_undecided(const struct search *s)
{
    if (s->all_undecided)
        (void)fprintf(stderr,
                      "assay: %" PRIu64 " records on which a regular expression was given up\n",
                      s->all_undecided);
    if (s->all_unopened)
        (void)fprintf(stderr,
                      "assay: %" PRIu64 " records in which more is encoded than was decoded\n",
                      s->all_unopened);
}

static void tell_totals(const struct search *s, const struct swept *swept)
{
    struct sweep_totals t = sweeping_totals(swept);
    uint64_t all = t.events + t.recovered;
    if (swept->stopped) { /* what was read on is not counted */
        (void)fprintf(stderr,
                      "assay: %" PRIu64 " record%s; stopped at --limit: there may be more\n",
                      s->found, s->found == 1 ? "" : "s");
        return;
    }
    (void)fprintf(stderr, "assay: %" PRIu64 " of %" PRIu64 " records match", s->found, all);
    if (s->all_considered < all)
        (void)fprintf(stderr, ", %" PRIu64 " were looked into", s->all_considered);
    (void)fprintf(stderr, " (%zu of %zu files hold events)\n", t.files, t.all_files);
    if (s->all_considered == 0 && all)
        (void)fprintf(stderr, "assay: no record is of the time, log source, channel or EventID "
                              "asked for\n");
}

static void tell(const struct search *s, const struct swept *swept)
{
    tell_totals(s, swept);
    if (!swept->stopped)
        tell_fields(s);
    tell_undecided(s);
    sweeping_tell_gaps(swept);
}

static void put_json_end(const struct search *s, const struct swept *swept, struct buf *out)
{
    struct sweep_totals t = sweeping_totals(swept);
    struct json_out j = {.buf = out, .comma = true};
    const struct {
        const char *key;
        uint64_t n;
    } counts[] = {{"found", s->found},
                  {"events", t.events},
                  {"recovered", t.recovered},
                  {"looked_into", s->all_considered},
                  {"undecided", s->all_undecided},
                  {"not_fully_decoded", s->all_unopened}};
    buf_add_cstr(out, "]");
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
        json_key(&j, counts[i].key);
        json_u64(&j, counts[i].n);
    }
    json_key(&j, "stopped");
    json_bool(&j, swept->stopped);
    json_key(&j, "fields_not_seen");
    json_begin(&j, '[');
    for (size_t i = 0; i < s->n_names && s->all_considered; i++)
        if (!s->all_seen[i])
            json_str(&j, s->names[i]);
    json_end(&j, ']');
    json_key(&j, "gaps");
    sweeping_json_gaps(swept, &j);
    json_end(&j, '}');
    buf_add_char(out, '\n');
}

/* Whether "not found" is said of all that was given: records that were read, each of them
 * decided on, and rules that could be used. */
static bool looked_at_all(const struct search *s, const struct swept *swept)
{
    const struct refusal *refused = NULL;
    struct sweep_totals t = sweeping_totals(swept);
    return t.events + t.recovered > 0 && swept->listed.n_gaps == 0 && s->all_undecided == 0 &&
           s->all_unopened == 0 && ruleset_refusals(s->rules, &refused) == 0;
}

static int finish(struct search *s, const struct swept *swept, struct err *err)
{
    if (s->form.format == AS_JSON)
        put_json_end(s, swept, &s->print);
    else if (s->count_only)
        buf_addf(&s->print, "%" PRIu64 "\n", s->found);
    if (flush(s, 1, err) < 0)
        return EXIT_ERROR;
    tell(s, swept);
    if (s->found)
        return EXIT_OK;
    return looked_at_all(s, swept) ? EXIT_SEEN : EXIT_NOT_COVERED;
}

static int search_evidence(struct search *s, struct sweep_options *sweep,
                           const struct args *args, struct err *err)
{
    struct swept swept;
    if (prepare(s, err) < 0)
        return EXIT_ERROR;
    if (s->form.format == AS_JSON)
        buf_add_cstr(&s->print, "{\"records\":[");
    else if (!s->count_only)
        found_head(&s->form, &s->print);
    if (sweeping_run(sweep, &s->work, args->arena, &swept, err) < 0)
        return EXIT_ERROR;
    return finish(s, &swept, err);
}

static int search_one_case(const struct search *s, const char *path, struct err *err)
{
    struct case_search in = {.arena = s->arena,
                             .rules = s->rules,
                             .form = s->form,
                             .from = s->from,
                             .to = s->to,
                             .plain = s->plain,
                             .count_only = s->count_only,
                             .limit = s->limit};
    return search_case(path, &in, err);
}

static int search(const struct args *args, struct err *err)
{
    struct search s = {.arena = args->arena,
                       .rules = ruleset_new(),
                       .record = arena_new(),
                       .print = buf_new(SIZE_MAX / 4)};
    struct sweep_options sweep = {.reader = &READER, .context = &s, .take = take};
    int status = EXIT_ERROR;
    if (read_options(args, &s, &sweep, err) == 0 && read_what(args, &s, &sweep, err) == 0)
        status = s.in_case ? search_one_case(&s, sweep.paths[0], err)
                           : search_evidence(&s, &sweep, args, err);
    for (size_t i = 0; s.tracers && i < ruleset_count(s.rules); i++)
        tracer_free(s.tracers[i]);
    ruleset_free(s.rules);
    buf_free(&s.print);
    arena_free(s.record);
    return status;
}

static const struct opt_group GROUPS[] = {LONGWORK_GROUP, {0}};

static const struct example EXAMPLES[] = {
    {"assay search FOLDER 'Image|endswith: \\cmd.exe'",
     "processes of this program, in all logs below a folder"},
    {"assay search FOLDER 203.0.113.66 --count", "how many records tell of an address"},
    {"assay search CASE 203.0.113.66", "what a case holds of it: findings, facts, files"},
    {"assay search FOLDER @hunt.yml --format jsonl", "what a Sigma rule finds, for programs"},
    {0},
};

const struct cmd CMD_SEARCH = {
    .name = "search",
    .summary = "print records, or rows of a case, that match an expression",
    .operands = "PATH...|CASE 'EXPRESSION'",
    .detail =
        "EXPRESSION is written as in Sigma rules: Image|endswith: \\cmd.exe and not\n"
        "User|contains: SYSTEM -- a word alone is a keyword; [a, b] is any of these; text\n"
        "with blanks stands in '...' or \"...\"; also (...), or, 2 of (a: b, c: d). @FILE is\n"
        "a rule file. Of a CASE its findings, facts and paths are searched. docs/search.md\n"
        "tells more. In a pipe, columns separated by tabs: time, host, source, file, record,\n"
        "what matched, --fields. Exit status: 0 found; 1 not\n"
        "found; 3 not found, but not all was looked at; 2 a mistake in the call.",
    .opts = OPTS,
    .groups = GROUPS,
    .examples = EXAMPLES,
    .least = 1,
    .most = ARGS_MAX,
    .run = search,
};
