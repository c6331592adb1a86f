#include "cli/journal.h"

#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "base/safe.h"
#include "cli/madeby.h"

enum {
    EVERY_MS = 2000,     /* a kill costs no more of the work than this, */
    BYTES_MAX = 8 << 20, /* or this much of what workers said */
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

static void write_waiting(struct journal *j)
{
    struct err err = {0};
    if (!j->failed && case_journal_add(&j->store, j->parts, j->n, &err) < 0) {
        j->failed = true;
        tell(": the scan goes on; after an interruption it starts anew", err.msg);
    }
    arena_reset(j->arena);
    j->parts = NULL;
    j->n = j->cap = j->bytes = 0;
    (void)clock_gettime(CLOCK_MONOTONIC, &j->written);
}

static bool is_time(const struct journal *j)
{
    struct timespec t = {0};
    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    int64_t ms = (int64_t)(t.tv_sec - j->written.tv_sec) * 1000 +
                 (t.tv_nsec - j->written.tv_nsec) / 1000000;
    return ms >= EVERY_MS;
}

static void keep(void *context, const struct scan_part *part)
{
    struct journal *j = context;
    if (j->failed)
        return;
    j->parts = arena_grow(j->arena, j->parts, j->n, &j->cap, sizeof *j->parts);
    struct case_part *p = &j->parts[j->n++];
    *p = (struct case_part){.path = arena_str(j->arena, part->path),
                            .what = part->what,
                            .from = part->from,
                            .to = part->to,
                            .said = arena_str(j->arena, part->said)};
    memcpy(p->key, part->key, sizeof p->key);
    j->bytes += part->said.n;
    if (j->bytes >= BYTES_MAX || is_time(j))
        write_waiting(j);
}

static bool find(void *context, const uint8_t key[SHA256_SIZE], struct buf *ret)
{
    struct journal *j = context;
    return case_journal_find(&j->store, key, ret);
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
    j->calls = (struct scan_journal){.find = find, .keep = keep, .context = j};
    j->arena = arena_new();
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
            j->store.taken);
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
    arena_free(j->arena);
    j->arena = NULL;
}
