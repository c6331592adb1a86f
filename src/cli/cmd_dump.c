#include <stdio.h>

#include "base/buf.h"
#include "base/digest.h"
#include "base/json.h"
#include "base/limits.h"
#include "base/safe.h"
#include "cli/cmd.h"
#include "cli/dump_member.h"
#include "cli/password.h"
#include "cli/run.h"
#include "detect/geo.h"
#include "detect/knowngood.h"
#include "event/decode_event.h"
#include "event/map_file.h"
#include "event/source.h"
#include "sys/jail.h"
#include "sys/piped.h"
#include "sys/proc.h"

enum { LINE_MAX_BYTES = 64 << 20, FLUSH_AT = 1 << 20 };

enum { O_DECODE, O_GEOIP, O_NO_RECOVER, O_CARVE, O_PASSWORD, O_PASSWORD_FILE };

static const struct opt OPTS[] = {
    [O_DECODE] = {'d', "decode", NULL, "add what the fields hide, layer by layer", OPT_FLAG},
    [O_GEOIP] = {'g', "geoip", "FILE",
                 "say where addresses are, by this MaxMind DB file;\nmay be repeated",
                 OPT_TEXTS},
    [O_NO_RECOVER] = {0, "no-recover", NULL,
                      "leave out records found outside the chunks of an event log", OPT_FLAG},
    [O_CARVE] = {0, "carve", NULL, "search a file of any kind for event records", OPT_FLAG},
    PASSWORD_ROWS(O_PASSWORD),
    {0},
};

struct dump {
    struct geoip *geoip;
    struct buf out;
    bool decode;
    size_t gaps;
};

static void tell_gap(struct dump *d, const struct span *gap, const struct err *problem)
{
    enum { TOLD = 20, MESSAGE_MAX = 1024 };
    struct buf text = buf_new(MESSAGE_MAX);
    d->gaps++;
    safe_terminal(&text, str_of(problem->msg));
    if (d->gaps <= TOLD)
        (void)fprintf(stderr, "assay: bytes %llu to %llu: %.*s\n",
                      (unsigned long long)gap->from, (unsigned long long)gap->to,
                      STR_ARG(buf_str(&text)));
    buf_free(&text);
}

static int flush(struct dump *d, size_t limit, struct err *err)
{
    if (d->out.n < limit)
        return 0;
    int failed = run_print(buf_str(&d->out), err);
    buf_clear(&d->out);
    return failed;
}

/* Adds the member `decoded` to the event written last: each layer of each field. */
static void add_decoded(const struct event *ev, struct arena *record, struct buf *out)
{
    struct decoded_events hidden;
    decode_event(ev, record, &hidden);
    if (out->full || out->n == 0 || (hidden.n == 0 && !hidden.cut))
        return;
    out->n--; /* the event's last brace comes behind it */
    buf_add_cstr(out, ",\"decoded\":");
    struct json_out j = json_out(out);
    json_begin(&j, '[');
    for (size_t i = 0; i < hidden.n; i++) {
        json_begin(&j, '{');
        json_key(&j, "how");
        json_str(&j, hidden.at[i].how);
        json_key(&j, "text");
        json_str(&j, hidden.at[i].decoded);
        json_end(&j, '}');
    }
    json_end(&j, ']');
    buf_add_cstr(out, hidden.cut ? ",\"decoded_to_a_limit\":true}" : "}");
}

static int print_events(struct source *source, struct dump *d, struct arena *record,
                        struct err *err)
{
    for (;;) {
        struct event ev = {0};
        struct span gap = {0};
        struct err problem = {0};
        arena_reset(record);
        int got = source_next(source, record, &ev, &gap, &problem);
        if (got == 0)
            return flush(d, 1, err);
        if (got < 0) {
            tell_gap(d, &gap, &problem);
            continue;
        }
        source_fill(source, record, &ev);
        geo_derive(d->geoip, &ev, record);
        event_json(&ev, &d->out);
        if (d->decode)
            add_decoded(&ev, record, &d->out);
        buf_add_char(&d->out, '\n');
        if (flush(d, FLUSH_AT, err) < 0)
            return -1;
    }
}

static void tell_recovered(const struct evtx_recovery_counts *n)
{
    (void)fprintf(stderr,
                  "assay: recovered %llu records, %llu copies left out, %llu not readable\n",
                  (unsigned long long)n->recovered, (unsigned long long)n->copies,
                  (unsigned long long)n->unreadable);
}

/* The records that are not the log's own any more, behind those that are. */
static int print_recovered(struct source *read, struct dump *d, struct arena *arena,
                           struct arena *record, struct err *err)
{
    struct source *source = source_has_shells(read) ? source_recover(read, NULL, arena) : NULL;
    if (!source)
        return 0;
    int failed = print_events(source, d, record, err);
    struct evtx_recovery_counts n = source_recovered(source);
    tell_recovered(&n);
    source_close(source);
    return failed;
}

static int print_file(const struct args *args, struct bytes file, enum format format,
                      struct dump *d, struct arena *record, struct err *err)
{
    struct source *source = source_open(file, format, str_of(args->operands[0]),
                                        (struct span){.to = file.n}, args->arena);
    int failed = print_events(source, d, record, err);
    if (failed == 0 && !args->flag[O_NO_RECOVER])
        failed = print_recovered(source, d, args->arena, record, err);
    source_close(source);
    return failed;
}

/* What is told of a file that holds no events: the event of the file itself. */
static int print_facts(const struct args *args, struct bytes file, enum format format,
                       struct dump *d, struct arena *record, struct err *err)
{
    uint8_t digest[SHA256_SIZE];
    char hex[SHA256_TEXT];
    sha256(file, digest);
    sha256_text(digest, hex);
    size_t n = file.n < LIMIT_SMALL_FILE ? file.n : LIMIT_SMALL_FILE;
    struct file_facts facts = {
        .path = str_of(args->operands[0]),
        .size = file.n,
        .modified = INSTANT_NONE,
        .sha256 = str_of(hex),
        .format = format,
        .known_good = knowngood_has(digest),
        .content = {file.p, n},
        .whole = file,
    };
    struct event ev = {0};
    file_event(&facts, record, &ev);
    event_json(&ev, &d->out);
    if (d->decode)
        add_decoded(&ev, record, &d->out);
    buf_add_char(&d->out, '\n');
    return flush(d, 1, err);
}

/* The records in a file of any kind, in parts: their number has a limit for each. */
static int print_carved(struct bytes file, struct dump *d, struct arena *record,
                        struct err *err)
{
    enum { PART = 16 << 20 };
    struct evtx_recovery_counts all = {0};
    int failed = 0;
    for (size_t from = 0; failed == 0 && from < file.n; from += PART) {
        struct arena *arena = arena_new();
        struct span span = {.from = from, .to = file.n - from < PART ? file.n : from + PART};
        struct source *source = source_carve(file, span, NULL, arena);
        failed = print_events(source, d, record, err);
        struct evtx_recovery_counts n = source_recovered(source);
        all.recovered += n.recovered;
        all.copies += n.copies;
        all.unreadable += n.unreadable;
        source_close(source);
        arena_free(arena);
    }
    tell_recovered(&all);
    return failed;
}

/* --- what an archive or an image holds ----------------------------------------------------- */

static int take_line(void *context, struct str line, struct err *err)
{
    struct dump *d = context;
    buf_add(&d->out, line.p, line.n);
    return flush(d, FLUSH_AT, err);
}

static void take_gap(void *context, struct str why)
{
    enum { TOLD = 20, MESSAGE_MAX = 1024 };
    struct dump *d = context;
    struct buf text = buf_new(MESSAGE_MAX);
    safe_terminal(&text, why);
    if (++d->gaps <= TOLD)
        (void)fprintf(stderr, "assay: %.*s\n", STR_ARG(buf_str(&text)));
    buf_free(&text);
}

static int print_members(const struct dump_place *place, struct bytes file, enum format format,
                         struct dump *d, struct err *err)
{
    const struct dump_told told = {.context = d, .line = take_line, .gap = take_gap};
    int failed = dump_list(place, file, format, &told, err);
    return failed ? failed : flush(d, 1, err);
}

/* All is open; what follows is evidence. */
static int enter_jail(struct err *err)
{
    unsigned parts = 0;
    struct jail_spec spec = {.socket = -1, .output = true, .memory = (size_t)PROC_MEMORY << 30};
    if (jail_enter(&spec, &parts, err) < 0)
        return -1;
    run_tell_jail(parts);
    return 0;
}

static int print_all(const struct args *args, struct dump_place *place, struct dump *d,
                     struct err *err)
{
    struct bytes file;
    if (dump_content(place, &file, err) < 0)
        return err_at(err, "%s", args->operands[0]);
    enum format format = carrier_sniff(file);
    d->out = buf_new(LINE_MAX_BYTES);
    d->decode = args->flag[O_DECODE];
    struct arena *record = arena_new();
    int failed = args->flag[O_CARVE]         ? print_carved(file, d, record, err)
                 : format_has_events(format) ? print_file(args, file, format, d, record, err)
                                             : print_facts(args, file, format, d, record, err);
    if (failed == 0 && format_is_carrier(format) && !args->flag[O_CARVE])
        failed = print_members(place, file, format, d, err);
    arena_free(record);
    buf_free(&d->out);
    return failed;
}

static int open_given(const char *path, char piped[PIPED_PATH], struct dump_place *place,
                      struct err *err)
{
    if (strcmp(path, PIPED) != 0)
        return dump_open(path, place, err);
    return piped_path(piped, err) < 0 ? -1 : dump_open(piped, place, err);
}

static int dump(const struct args *args, struct err *err)
{
    struct dump_place place = {.arena = args->arena};
    struct dump d = {0};
    if (password_read(args->text[O_PASSWORD], args->text[O_PASSWORD_FILE], args->arena,
                      &place.password, err) < 0)
        return EXIT_ERROR;
    if (geoip_open(args->texts[O_GEOIP], args->n_texts[O_GEOIP], args->arena, &d.geoip, err) <
        0)
        return EXIT_ERROR;
    char piped[PIPED_PATH];
    int failed = open_given(args->operands[0], piped, &place, err);
    failed = failed ? failed : enter_jail(err);
    failed = failed ? failed : print_all(args, &place, &d, err);
    dump_close(&place);
    geoip_close(d.geoip);
    return failed ? EXIT_ERROR : EXIT_OK;
}

static const struct example EXAMPLES[] = {
    {"assay dump Security.evtx", "all events of a log, one JSON object a line"},
    {"assay dump collection.zip", "the members of an archive"},
    {"assay dump collection.zip/C/inetpub/logs/u_ex210303.log --decode",
     "one of them, and what its fields hide"},
    {0},
};

const struct cmd CMD_DUMP = {
    .name = "dump",
    .summary = "print an evidence file as normal events, one JSON object a line",
    .operands = "FILE|ARCHIVE/MEMBER",
    .opts = OPTS,
    .detail =
        "Of an archive or an image of a disk its members are listed; the path of one of them\n"
        "is a FILE too; - is standard input. What could not be read is told on standard "
        "error.\n"
        "Records recovered from an event log come last and say so.",
    .examples = EXAMPLES,
    .least = 1,
    .most = 1,
    .run = dump,
};
