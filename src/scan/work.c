#include "scan/work.h"

#include "base/digest.h"
#include "base/limits.h"
#include "detect/knowngood.h"
#include "detect/signal.h"
#include "event/event_wire.h"
#include "event/map_file.h"
#include "event/source.h"
#include "format/layout_index.h"
#include "format/line.h"
#include "scan/again.h"
#include "scan/ask_yara.h"
#include "scan/blocks.h"
#include "scan/hives.h"
#include "scan/recover.h"
#include "sys/file.h"

enum {
    GAPS_PER_SPAN = 200, /* told one by one; further ones are one gap to the end */
    STEP = 8 << 20, /* bytes of a large file that are looked at before memory is given back */
};

struct reading {
    const struct work_shared *shared;
    const struct evidence *evidence;
    struct bytes file;
    struct buf *out;
    struct arena *arena;  /* of this piece of work */
    struct arena *record; /* of one event */
    unsigned marks;       /* that each event gets besides its own */
};

static void write_gap(struct buf *out, uint64_t from, uint64_t to, struct str why)
{
    signal_write(out, &(struct signal){.type = SIGNAL_GAP, .a = from, .b = to, .text = why});
}

/* --- events ------------------------------------------------------------------------------ */

static bool is_packed(enum format format)
{
    return format == FORMAT_GZIP || format == FORMAT_ZSTD;
}

/* When the server itself wrote this, whatever the copy that lies here says of its own age: an entry of
 * a table of files was made, a key of a hive was written. INSTANT_NONE of anything else. */
static instant written_by_server(const struct event *ev)
{
    bool disk = ev->kind == EVENT_MFT || ev->kind == EVENT_REGISTRY;
    return disk && !(ev->marks & (MARK_DELETED | MARK_RECOVERED)) ? ev->time : INSTANT_NONE;
}

static void read_events(const struct reading *r, struct matcher *matcher, struct span span)
{
    bool packed = is_packed(r->evidence->format);
    struct source *source =
        source_open(r->file, r->evidence->format, r->evidence->path, span, r->arena);
    bool raw =
        !packed && r->evidence->format != FORMAT_EVTX && r->evidence->format != FORMAT_REGISTRY;
    struct detect *d = detect_new(r->shared->detect, matcher, raw ? r->file : (struct bytes){0},
                                  r->arena, r->out);
    detect_full(d, r->shared->full);
    struct str host = STR("");
    size_t gaps = 0;
    instant alive = INSTANT_NONE; /* below every time */
    for (;;) {
        struct event ev = {0};
        struct span gap = {0};
        struct err err = {0};
        arena_reset(r->record);
        int got = source_next(source, r->record, &ev, &gap, &err);
        if (got == 0)
            break;
        if (got > 0) {
            instant written = written_by_server(&ev);
            alive = written > alive ? written : alive;
            if (ev.time == INSTANT_NONE && event_is_state(ev.kind)) {
                ev.time = r->evidence->modified;
                ev.marks |= r->evidence->no_zone ? MARK_NO_ZONE : 0U;
            }
            if (host.n == 0)
                host = arena_str(r->arena, ev.host);
            ev.marks |= r->marks;
            detect_event(d, source, &ev, r->record);
        } else if (gaps++ < GAPS_PER_SPAN) {
            write_gap(r->out, gap.from, gap.to, str_of(err.msg));
        } else if (gaps == GAPS_PER_SPAN + 1) {
            write_gap(r->out, gap.from, span.to,
                      STR("many unreadable stretches from here on; the last one told"));
        }
    }
    detect_end(d);
    if (alive != INSTANT_NONE)
        signal_write(
            r->out,
            &(struct signal){.type = SIGNAL_ALIVE, .host = host, .from = alive, .to = alive});
    if (r->shared->recover)
        recover_note(source, r->evidence, span, host, r->out);
    source_close(source);
}

/* --- the file itself ------------------------------------------------------------------------ */

/* In steps, so that a large file does not lie in memory as a whole. */
static void hash_file(struct bytes file, uint8_t ret[SHA256_SIZE])
{
    struct sha256_run *run = sha256_start();
    for (size_t at = 0; at < file.n; at += STEP) {
        struct bytes step = {file.p + at, file.n - at < STEP ? file.n - at : STEP};
        sha256_add(run, step);
        if (file.n > WORK_SMALL)
            file_let_go(step);
    }
    sha256_end(run, ret);
}

static void look_at_file(const struct reading *r, const struct work *work,
                         struct matcher *matcher)
{
    struct signal file = {.type = SIGNAL_FILE, .a = r->evidence->size};
    char hex[SHA256_TEXT];
    if (work->hashed)
        memcpy(file.digest, work->sha256, sizeof file.digest);
    else
        hash_file(r->file, file.digest);
    sha256_text(file.digest, hex);

    const struct indicators *wanted = r->shared->detect->indicator_set;
    char md5[MD5_TEXT] = "";
    char sha1[SHA1_TEXT] = "";
    bool old = wanted && (wanted->has[INDICATOR_MD5] || wanted->has[INDICATOR_SHA1]);
    if (old && work->hashed)
        write_gap(r->out, 0, 0,
                  STR("a large member of an archive: its MD5 and SHA-1 were not compared"));
    if (wanted && !work->hashed && wanted->has[INDICATOR_MD5])
        md5_text(r->file, md5);
    if (wanted && !work->hashed && wanted->has[INDICATOR_SHA1])
        sha1_text(r->file, sha1);
    size_t n = r->file.n < LIMIT_SMALL_FILE ? r->file.n : LIMIT_SMALL_FILE;
    struct file_facts facts = {
        .path = r->evidence->path,
        .size = r->evidence->size,
        .modified = r->evidence->modified,
        .no_zone = r->evidence->no_zone,
        .deleted = r->evidence->deleted,
        .sha256 = str_of(hex),
        .md5 = str_of(md5),
        .sha1 = str_of(sha1),
        .format = r->evidence->format,
        .known_good = knowngood_has(file.digest),
        .content = {r->file.p, n},
        .whole = work->hashed ? (struct bytes){r->file.p, n} : r->file,
    };
    struct event ev = {0};
    arena_reset(r->record);
    file_event(&facts, r->record, &ev);
    file.text = event_text(&ev, "Path");
    file.format = event_text(&ev, "WebPath");
    signal_write(r->out, &file);
    if (str_eq(event_text(&ev, "ShellLimit"), STR("true")))
        write_gap(r->out, 0, r->file.n,
                  STR("it holds more script than is followed: it may do more than is told"));

    struct detect *d =
        detect_new(r->shared->detect, matcher, (struct bytes){0}, r->arena, r->out);
    detect_event(d, NULL, &ev, r->record);
    struct str gap;
    ask_yara(r->shared->yara, r->evidence, r->file, &ev, d, r->record, &gap);
    detect_end(d);
    if (gap.n)
        write_gap(r->out, 0, r->file.n, gap);
}

/* --- cuts of a large text log ------------------------------------------------------------- */

static struct layout_index index_layouts(struct bytes file, struct arena *arena)
{
    struct layout_index index = layout_index_start(file, arena);
    for (size_t at = 0; at < file.n; at += STEP) {
        size_t n = file.n - at < STEP ? file.n - at : STEP;
        layout_index_go(&index, at + n, arena);
        file_let_go((struct bytes){file.p + at, n});
    }
    return index;
}

void work_cuts(struct bytes file, struct arena *arena, struct buf *out)
{
    struct layout_index index = index_layouts(file, arena);
    for (size_t at = WORK_TEXT_SPAN; at < file.n; at += WORK_TEXT_SPAN) {
        uint64_t cut = line_cut(file, at);
        if (cut >= file.n)
            break;
        if (layout_may_cut(&index, cut))
            signal_write(out, &(struct signal){.type = SIGNAL_CUT,
                                               .a = cut,
                                               .b = layout_before(&index, cut)});
        at = (size_t)cut;
    }
}

/* --- one piece of work ----------------------------------------------------------------------- */

bool work_needs_file(const struct work *work)
{
    return work->kind != WORK_BLOCK && work->kind != WORK_TASKS && work->kind != WORK_VERSIONS;
}

unsigned work_seconds(const struct work *work, const struct evidence *evidence)
{
    uint64_t bytes = work->span.to > work->span.from ? work->span.to - work->span.from : 0;
    if (work->kind == WORK_BLOCK)
        bytes = BLOCK_BYTES_MAX + BLOCK_BATCH_BYTES;
    uint64_t rate = is_packed(evidence->format) ? WORK_SECONDS_PACKED_MB : WORK_SECONDS_MB;
    uint64_t seconds = WORK_SECONDS + (bytes >> 20) * rate;
    if (work->kind == WORK_FILE || work->kind == WORK_WHOLE)
        seconds += WORK_SECONDS_YARA;
#ifdef JAIL_SANITIZED
    seconds *= 20; /* about as much slower is a build with sanitizers */
#endif
    return seconds < WORK_SECONDS_MAX ? (unsigned)seconds : WORK_SECONDS_MAX;
}

void work_prepare(void)
{
    uint8_t digest[SHA256_SIZE];
    char text[SHA1_TEXT];
    sha256((struct bytes){0}, digest); /* the library reads its configuration */
    md5_text((struct bytes){0}, text);
    sha1_text((struct bytes){0}, text);
}

static void do_work(const struct work_shared *shared, const struct work *work,
                    const struct evidence *evidence, struct bytes file, struct buf *reply)
{
    struct reading r = {
        .shared = shared,
        .evidence = evidence,
        .file = file,
        .out = reply,
        .arena = arena_new(),
        .record = arena_new(),
    };
    struct span span = work->span;
    if (file.n < span.to && work->kind != WORK_CUT)
        write_gap(reply, file.n > span.from ? file.n : span.from, span.to,
                  STR("the file shrank while it was read"));
    span.to = span.to < file.n ? span.to : file.n;
    if (work->kind == WORK_FILE || work->kind == WORK_WHOLE)
        look_at_file(&r, work, shared->matcher);
    bool reads = work->kind == WORK_SPAN || work->kind == WORK_WHOLE;
    if (reads && !(evidence->format == FORMAT_REGISTRY &&
                   hives_wait(shared->findings, evidence, file, reply)))
        read_events(&r, shared->matcher, span);
    if (work->kind == WORK_SEEK)
        recover_seek(r.file, span, r.out);
    if (work->kind == WORK_CUT)
        work_cuts(r.file, r.arena, r.out);
    arena_free(r.record);
    arena_free(r.arena);
}

void work_read_events(const struct work_shared *shared, const struct evidence *evidence,
                      struct bytes file, unsigned marks, struct buf *reply)
{
    struct reading r = {
        .shared = shared,
        .evidence = evidence,
        .file = file,
        .out = reply,
        .arena = arena_new(),
        .record = arena_new(),
        .marks = marks,
    };
    read_events(&r, shared->matcher, (struct span){.to = file.n});
    arena_free(r.record);
    arena_free(r.arena);
}

void work_tell_evidence(const struct evidence *evidence, struct buf *out)
{
    wire_number(out, evidence->size, sizeof evidence->size);
    wire_number(out, (uint64_t)evidence->modified, sizeof evidence->modified);
    wire_number(out, evidence->deleted, 1);
    wire_number(out, evidence->no_zone, 1);
    wire_number(out, evidence->carrier != 0, 1);
    wire_number(out, (uint64_t)evidence->format, 1);
    wire_text(out, evidence->path);
}

struct evidence work_read_evidence(struct cur *in)
{
    struct evidence e = {.first = INSTANT_NONE, .last = INSTANT_NONE};
    e.size = cur_u64(in);
    e.modified = (instant)cur_u64(in);
    e.deleted = cur_u8(in) != 0;
    e.no_zone = cur_u8(in) != 0;
    e.carrier = cur_u8(in); /* no number: whether it is a member */
    e.format = (enum format)cur_u8(in);
    e.path = wire_read_text(in);
    return e;
}

void work_request(const struct work *work, const struct evidence *evidence, struct bytes full,
                  struct buf *out)
{
    enum { FULL_MAX = 16 << 10 };
    buf_add(out, work, sizeof *work);
    work_tell_evidence(evidence, out);
    if (full.n <= FULL_MAX)
        buf_add(out, full.p, full.n);
}

static bool request_read(struct bytes request, struct work *ret, struct evidence *ret_evidence,
                         struct bytes *ret_full)
{
    struct cur in = cur_of(request, 0);
    struct bytes work = cur_take(&in, sizeof *ret);
    if (in.bad)
        return false;
    memcpy(ret, work.p, sizeof *ret);
    struct evidence e = work_read_evidence(&in);
    *ret_full = cur_take(&in, cur_left(&in));
    *ret_evidence = e;
    return !in.bad;
}

void work_answer(void *shared, struct bytes request, int file, struct buf *reply)
{
    struct work_shared *s = shared;
    struct work work;
    struct file_map map = {0};
    struct err err = {0};
    struct evidence evidence;
    if (!request_read(request, &work, &evidence, &s->full))
        return;
    if (file >= 0 && file_map_open(file, &map, &err) < 0) {
        write_gap(reply, 0, 0, str_of(err.msg));
        return;
    }
    struct bytes bytes = map.bytes;
    if (work.seen && work.seen < bytes.n) /* windows that come later may or may not be there */
        bytes.n = (size_t)work.seen;
    if (!s->matcher) { /* this process's own: the table is shared, caches are not */
        s->matcher = matcher_new(s->detect->rules);
        s->yara = yara_scanner_make(s->detect->yara);
    }
    if (s->again)
        again_answer(s, &work, bytes, reply);
    else
        do_work(s, &work, &evidence, bytes, reply);
    file_unmap(&map);
}
