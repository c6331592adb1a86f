/* scan_journal.c - what workers said of finished pieces, kept beside the scan for one that goes
 * on with it.
 *
 * A reply depends on the options, on what is read, on what is asked, and on which rules the
 * worker was told are full. The first is the journal's to compare. The next two are the key. The
 * last is kept with the reply, which is taken only where at least those rules are full now:
 * what was not told of them then would not be kept now.
 */
#include "scan/scan_int.h"

#include <string.h>

#include "event/event_wire.h"
#include "scan/listing.h"
#include "sys/file.h"

enum { KEY_TEXT_MAX = 1 << 20 };

static bool is_kept(enum work_kind kind)
{
    return kind == WORK_FILE || kind == WORK_SPAN || kind == WORK_WHOLE || kind == WORK_SEEK ||
           kind == WORK_CUT;
}

/* --- keys ---------------------------------------------------------------------------------- */

static void tell_id(const char *path, const struct file_id *id, struct buf *out)
{
    wire_text(out, str_of(path));
    wire_number(out, id->size, sizeof id->size);
    wire_number(out, (uint64_t)id->modified_ns, sizeof id->modified_ns);
    wire_number(out, (uint64_t)id->changed_ns, sizeof id->changed_ns);
    wire_number(out, id->inode, sizeof id->inode);
}

/* known  what it is; NULL: to be looked up
 * returns false if it is not there as it was listed */
static bool tell_file(const char *path, uint64_t size, const struct file_id *known,
                      struct buf *out)
{
    struct file_id id;
    struct err ignored = {0};
    if (known)
        id = *known;
    else if (file_identify(path, &id, &ignored) < 0)
        return false;
    if (id.size != size)
        return false;
    tell_id(path, &id, out);
    return true;
}

static bool tell_segment(const struct findings *f, struct str path, struct buf *out)
{
    for (size_t i = 0; i < f->n_evidence; i++)
        if (str_eq(f->evidence[i].path, path))
            return tell_file(path.p, f->evidence[i].size, NULL, out);
    return false;
}

void scan_journal_carrier(struct scan *s, size_t evidence)
{
    const struct findings *f = s->findings;
    const struct str *more = NULL;
    struct buf text = buf_new(KEY_TEXT_MAX);
    if (!s->options->journal || s->options->password) /* it is not to be guessed from a key */
        return;
    if (!s->carriers)
        s->carriers = ARENA_ARRAY(s->window, struct str, s->n_files);
    bool told =
        tell_file(f->evidence[evidence].path.p, f->evidence[evidence].size, NULL, &text);
    size_t n = listing_segments(f, evidence, s->window, &more);
    for (size_t i = 0; i < n && told; i++)
        told = tell_segment(f, more[i], &text);
    if (told && !text.full)
        s->carriers[evidence] = arena_str(s->window, buf_str(&text));
    buf_free(&text);
}

/* A path may be there twice in an archive: the place tells which. */
static bool tell_member(const struct scan *s, const struct ported *m, struct buf *out)
{
    struct str carrier = s->carriers ? s->carriers[m->top] : STR("");
    buf_add_str(out, carrier);
    for (const struct ported *in = m; in; in = in->in)
        wire_number(out, in->ordinal, sizeof(uint64_t));
    return carrier.n > 0;
}

static void tell_work(const struct work *work, struct buf *out)
{
    wire_number(out, (uint64_t)work->kind, 1);
    wire_number(out, work->span.from, sizeof work->span.from);
    wire_number(out, work->span.to, sizeof work->span.to);
    wire_number(out, work->span.layout, sizeof work->span.layout);
    wire_number(out, work->seen, sizeof work->seen);
    wire_number(out, work->hashed, 1);
    buf_add(out, work->sha256, sizeof work->sha256);
}

/* NULL if the piece cannot be known again. */
static const uint8_t *key_of(struct scan *s, const struct piece *p, const struct evidence *e,
                             const struct file_id *id)
{
    const struct ported *m = p->job->member;
    struct evidence told = *e;
    struct buf text = buf_new(KEY_TEXT_MAX);
    bool known = m ? tell_member(s, m, &text) : tell_file(e->path.p, e->size, id, &text);
    if (p->job->windows) /* it is known, or not yet */
        told.size = 0;
    work_tell_evidence(&told, &text);
    tell_work(&p->work, &text);
    wire_number(&text, e->format == FORMAT_REGISTRY && hives_logged(s->findings, e), 1);
    uint8_t *key = NULL;
    if (known && !text.full) {
        key = ARENA_ARRAY(s->window, uint8_t, SHA256_SIZE);
        sha256(str_bytes(buf_str(&text)), key);
    }
    buf_free(&text);
    return key;
}

/* --- rules that are full --------------------------------------------------------------------- */

/* What a worker is told, as long as it stays so. */
static struct bytes remember_full(struct scan *s, struct bytes full)
{
    while (full.n && full.p[full.n - 1] == 0)
        full.n--;
    if (!bytes_eq(full, s->told_full))
        s->told_full =
            str_bytes(arena_str(s->window, (struct str){(const char *)full.p, full.n}));
    return s->told_full;
}

static bool is_within(struct bytes then, struct bytes now)
{
    for (size_t i = 0; i < then.n; i++)
        if (then.p[i] & ~(i < now.n ? now.p[i] : 0U))
            return false;
    return true;
}

/* --- taking and keeping ------------------------------------------------------------------- */

static bool take(struct scan *s, struct piece *p, struct bytes full)
{
    const struct scan_journal *journal = s->options->journal;
    struct buf said = buf_new(2 * (size_t)WORK_REPLY_MAX);
    bool taken = false;
    if (journal->find(journal->context, p->key, &said)) {
        struct cur in = cur_of(str_bytes(buf_str(&said)), 0);
        struct bytes then = str_bytes(wire_read_text(&in));
        taken = !in.bad && !said.full && is_within(then, full);
        struct bytes reply = cur_take(&in, cur_left(&in));
        if (taken)
            buf_add(&p->reply, reply.p, reply.n);
    }
    buf_free(&said);
    return taken;
}

static bool is_for_journal(const struct scan *s, const struct piece *p)
{
    return s->options->journal && !s->again && is_kept(p->work.kind);
}

/* Where there is nothing to take, the file need not be looked at before it is opened. */
bool scan_journal_take(struct scan *s, struct piece *p, const struct evidence *e,
                       struct bytes full)
{
    p->key = NULL;
    if (!is_for_journal(s, p) || s->options->journal->empty)
        return false;
    p->key = key_of(s, p, e, NULL);
    return p->key && take(s, p, full);
}

void scan_journal_note(struct scan *s, struct piece *p, const struct evidence *e,
                       const struct file_id *id, struct bytes full)
{
    if (!is_for_journal(s, p))
        return;
    if (s->options->journal->empty)
        p->key = key_of(s, p, e, id);
    p->full = remember_full(s, full);
}

void scan_journal_keep(struct scan *s, const struct piece *p)
{
    const struct scan_journal *journal = s->options->journal;
    if (!p->key)
        return;
    struct buf said = buf_new(2 * (size_t)WORK_REPLY_MAX);
    wire_text(&said, (struct str){(const char *)p->full.p, p->full.n});
    buf_add_str(&said, buf_str(&p->reply));
    if (!said.full)
        journal->keep(journal->context, p->key, buf_str(&said));
    buf_free(&said);
}
