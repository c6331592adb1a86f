#include "cli/journal.h"

#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "base/safe.h"
#include "cli/madeby.h"
#include "event/event_wire.h"
#include "format/pack.h"
#include "format/unpack.h"

enum {
    SOONEST_MS = 400,      /* what waits is written when this has passed, */
    SHARE = 20,            /* and so many times as long as the last writing took, */
    LATEST_MS = 2000,      /* but at the latest then: a kill costs no more of the work */
    BATCH_BYTES = 8 << 20, /* or this much of what workers said */
    PART_MAX = 1 << 29,
    TEXT_MAX = 64 << 20, /* of a command line */
    LINE_TEXT = 4096,
};

static instant now(void)
{
    struct timespec t = {0};
    (void)clock_gettime(CLOCK_REALTIME, &t);
    instant seconds = instant_of_unix(t.tv_sec);
    return seconds == INSTANT_NONE ? seconds : seconds + t.tv_nsec / 100;
}

/* What failed may name evidence. */
static void tell(const char *what, const char *why)
{
    struct buf text = buf_new(LINE_TEXT);
    safe_terminal(&text, str_of(why));
    (void)fprintf(stderr, "assay: %.*s%s\n", STR_ARG(buf_str(&text)), what);
    buf_free(&text);
}

/* --- what is run --------------------------------------------------------------------------- */

/* Of all that decides the verdict, but where the evidence lies. */
static struct str digest_setup(const struct journal *j, struct arena *arena)
{
    uint8_t digest[SHA256_SIZE];
    char text[SHA256_TEXT];
    struct sha256_run *all = sha256_start();
    for (size_t i = 0; i < j->n_setup; i++) {
        const struct casefile_setup *s = &j->setup[i];
        const struct str parts[] = {s->kind, s->name, s->value, s->sha256};
        for (size_t k = 0; k < sizeof parts / sizeof *parts && !str_eq(s->kind, STR("root"));
             k++) {
            sha256_add(all, str_bytes(parts[k]));
            sha256_add(all, (struct bytes){(const uint8_t *)"", 1});
        }
    }
    sha256_end(all, digest);
    sha256_text(digest, text);
    return arena_str(arena, str_of(text));
}

static bool is_secret(const struct opt *o)
{
    return str_eq(str_of(o->name), STR("password"));
}

static void put_option(struct json_out *out, const struct opt *o, const char *value)
{
    struct buf text = buf_new(TEXT_MAX);
    buf_addf(&text, "--%s", o->name);
    if (value)
        buf_addf(&text, "=%s", is_secret(o) ? "***" : value);
    json_str(out, buf_str(&text));
    buf_free(&text);
}

static struct str write_options(const struct cmd *cmd, const struct args *args,
                                struct arena *arena)
{
    struct buf text = buf_new(TEXT_MAX);
    struct json_out out = json_out(&text);
    json_begin(&out, '[');
    for (size_t i = 0; cmd->opts[i].name; i++) {
        if (args->flag[i])
            put_option(&out, &cmd->opts[i], NULL);
        if (args->text[i])
            put_option(&out, &cmd->opts[i], args->text[i]);
        for (size_t k = 0; k < args->n_texts[i]; k++)
            put_option(&out, &cmd->opts[i], args->texts[i][k]);
    }
    json_end(&out, ']');
    struct str written = arena_str(arena, buf_str(&text));
    buf_free(&text);
    return written;
}

static struct str write_paths(const struct args *args, struct arena *arena)
{
    struct buf text = buf_new(TEXT_MAX);
    struct json_out out = json_out(&text);
    json_begin(&out, '[');
    for (size_t i = 0; i < args->n_operands; i++)
        json_cstr(&out, args->operands[i]);
    json_end(&out, ']');
    struct str written = arena_str(arena, buf_str(&text));
    buf_free(&text);
    return written;
}

/* --- while the scan runs -------------------------------------------------------------------- */

static int64_t ms_since(const struct timespec *then)
{
    struct timespec t = {0};
    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)(t.tv_sec - then->tv_sec) * 1000 + (t.tv_nsec - then->tv_nsec) / 1000000;
}

static int write_part(struct journal *j, struct err *err)
{
    struct buf packed = buf_new(PART_MAX);
    int failed = pack_zstd(str_bytes(buf_str(&j->said)), &packed, err);
    struct case_part part = {.pieces = str_bytes(buf_str(&j->pieces)),
                             .said = str_bytes(buf_str(&packed))};
    if (!failed)
        failed = case_journal_add(&j->store, &part, err);
    buf_free(&packed);
    return failed;
}

static void write_waiting(struct journal *j)
{
    struct err err = {0};
    struct timespec begin = {0};
    (void)clock_gettime(CLOCK_MONOTONIC, &begin);
    if (!j->failed && write_part(j, &err) < 0) {
        j->failed = true;
        tell(": the scan goes on; after an interruption it starts anew", err.msg);
    }
    buf_clear(&j->pieces);
    buf_clear(&j->said);
    j->wait_ms = SHARE * ms_since(&begin);
    j->wait_ms = j->wait_ms < SOONEST_MS ? SOONEST_MS : j->wait_ms;
    j->wait_ms = j->wait_ms > LATEST_MS ? LATEST_MS : j->wait_ms;
    (void)clock_gettime(CLOCK_MONOTONIC, &j->written);
}

static void keep(void *context, const uint8_t key[SHA256_SIZE], struct str said)
{
    struct journal *j = context;
    if (j->failed)
        return;
    buf_add(&j->pieces, key, SHA256_SIZE);
    wire_number(&j->pieces, said.n, sizeof(uint64_t));
    buf_add_str(&j->said, said);
    if (j->said.full || j->pieces.full) { /* a batch is far smaller */
        j->failed = true;
        return;
    }
    if (j->said.n >= BATCH_BYTES || ms_since(&j->written) >= j->wait_ms)
        write_waiting(j);
}

/* What a part of an earlier scan holds: pieces are asked for about as they were kept, side by
 * side. An empty one where it is damaged. */
static struct str read_part(struct journal *j, int64_t row)
{
    size_t i = 0;
    while (i < JOURNAL_READ - 1 && j->read[i].row != row)
        i++;
    struct journal_part part = j->read[i];
    memmove(j->read + 1, j->read, i * sizeof *j->read);
    if (part.row != row) {
        struct buf packed = buf_new(PART_MAX);
        struct err ignored = {0};
        buf_free(&part.said);
        part = (struct journal_part){.row = row, .said = buf_new(PART_MAX)};
        if (case_journal_read(&j->store, row, &packed) &&
            unpack_all(str_bytes(buf_str(&packed)), FORMAT_ZSTD, &part.said, &ignored) < 0)
            buf_clear(&part.said);
        buf_free(&packed);
    }
    j->read[0] = part;
    return buf_str(&part.said);
}

static bool find(void *context, const uint8_t key[SHA256_SIZE], struct buf *ret)
{
    struct journal *j = context;
    struct case_place place;
    if (!case_journal_find(&j->store, key, &place))
        return false;
    struct str said = read_part(j, place.part);
    if (place.from > said.n || place.n > said.n - place.from)
        return false;
    buf_add(ret, said.p + place.from, place.n);
    j->taken++;
    return true;
}

/* --- from begin to end ------------------------------------------------------------------- */

static void tell_earlier(const struct journal *j)
{
    const struct case_journal *s = &j->store;
    if (!j->resume && s->same)
        tell(": an interrupted scan is in it; --resume would go on with that", j->path);
    else if (j->resume && !s->same && s->other)
        tell(
            ": the interrupted scan in it was made by other rules, options or another build of "
            "this program: everything is read again",
            j->path);
    else if (j->resume && !s->same)
        tell(": no interrupted scan is in it: everything is read", j->path);
}

int journal_open(const struct cmd *cmd, const struct args *args, const char *path, bool resume,
                 const struct setup *setup, struct arena *arena, struct journal *ret,
                 struct err *err)
{
    struct journal *j = ret;
    *j = (struct journal){.path = path, .resume = resume};
    if (madeby(cmd, args, setup, arena, &j->setup, &j->n_setup, err) < 0)
        return -1;
    j->scan = (struct case_scan){.tool = STR("assay " ASSAY_VERSION),
                                 .setup = digest_setup(j, arena),
                                 .arguments = write_options(cmd, args, arena),
                                 .paths = write_paths(args, arena),
                                 .began = now()};
    if (case_journal_open(path, &j->scan, resume, arena, &j->store, err) < 0)
        return -1;
    j->calls = (struct scan_journal){
        .empty = j->store.n_known == 0, .find = find, .keep = keep, .context = j};
    j->pieces = buf_new(PART_MAX);
    j->said = buf_new(PART_MAX);
    (void)clock_gettime(CLOCK_MONOTONIC, &j->written);
    tell_earlier(j);
    return 0;
}

static void tell_taken(const struct journal *j)
{
    if (case_journal_resumes(&j->store))
        (void)fprintf(
            stderr,
            "assay: %zu pieces of evidence were read by the interrupted scan, and not "
            "again\n",
            j->taken);
}

const struct case_ended *journal_end(struct journal *j)
{
    tell_taken(j);
    j->ended = (struct case_ended){.scan = &j->scan,
                                   .row = j->store.row,
                                   .resumed = case_journal_resumes(&j->store),
                                   .now = now()};
    case_journal_close(&j->store);
    return &j->ended;
}

int journal_interrupt(struct journal *j, struct err *err)
{
    write_waiting(j);
    if (j->failed)
        return err_set(err, ERR_IO, "%s: what was read is not in it", j->path);
    return case_journal_interrupted(&j->store, now(), err);
}

void journal_close(struct journal *j)
{
    case_journal_close(&j->store);
    buf_free(&j->pieces);
    buf_free(&j->said);
    for (size_t i = 0; i < JOURNAL_READ; i++)
        buf_free(&j->read[i].said);
}
