/* What left the server: bounds for bytes and mailboxes, what lay ready, what to consider stolen. */
#include "base/ckd.h"
#include "event/webpath.h"
#include "judge/judge_int.h"

static bool is_kind(const struct fact *f, struct str kind)
{
    return str_eq(f->kind, kind);
}

/* Whether anything but mail was laid hands on: who runs commands may send anything anywhere. */
static bool ran_commands(const struct judge *j, const struct campaign *c)
{
    for (size_t i = 0; i < c->action.facts.n; i++) {
        const struct fact *f = &j->v->facts[c->action.facts.at[i]];
        if (f->told > CONFIDENCE_WEAK && !is_kind(f, STR("collection")))
            return true;
    }
    return false;
}

static bool is_used(const struct campaign *c)
{
    for (size_t i = 0; i < c->n_items; i++)
        if (c->items[i].use == ANSWER_SEEN)
            return true;
    return false;
}

/* --- bytes ------------------------------------------------------------------------------------- */

static struct bounds bytes_of(const struct fact *f)
{
    return (struct bounds){f->maybe ? 0 : f->bytes, f->bytes, f->sized};
}

static void bounds_add(struct bounds *to, struct bounds more)
{
    if (ckd_add(&to->low, to->low, more.low))
        to->low = UINT64_MAX;
    if (ckd_add(&to->high, to->high, more.high))
        to->high = UINT64_MAX;
    to->bounded = to->bounded && more.bounded;
}

static struct archive *find_archive(struct judge *j, size_t host, struct campaign *c,
                                    struct names *names, struct str where)
{
    size_t at = names_number(names, text_lower(where, j->arena), j->arena);
    if (at < c->n_archives)
        return &c->archives[at];
    c->archives =
        arena_grow(j->arena, c->archives, c->n_archives, &c->cap_archives, sizeof *c->archives);
    struct archive *a = &c->archives[c->n_archives++];
    const struct evidence *e = judge_file_at(j, host, where);
    *a = (struct archive){
        .where = where, .bytes = {0, 0, true}, .here = e != NULL, .size = e ? e->size : 0};
    return a;
}

/* The same data fetched twice are lost once: low is the largest fetch, high is all of them. */
static void add_file(struct judge *j, struct campaign *c, struct names *names, size_t i)
{
    const struct fact *f = &j->v->facts[i];
    struct archive *a = find_archive(j, f->host, c, names, f->object);
    struct bounds b = bytes_of(f);
    if (!f->sized) { /* at most the whole file, if that is here */
        b.high = a->size;
        b.bounded = a->here;
    }
    uint64_t low = b.low > a->bytes.low ? b.low : a->bytes.low;
    bounds_add(&a->bytes, b);
    a->bytes.low = low;
    a->fetched = a->fetched || !f->maybe;
    fact_set_add(j, &a->facts, i);
}

static void sum_bytes(struct judge *j, struct campaign *c)
{
    struct names names = {0};
    c->bytes.bounded = true;
    for (size_t i = 0; i < c->loss.facts.n; i++) {
        size_t at = c->loss.facts.at[i];
        const struct fact *f = &j->v->facts[at];
        if (is_kind(f, STR("encrypted")))
            continue;
        if (is_kind(f, STR("file")) && f->object.n)
            add_file(j, c, &names, at);
        else
            bounds_add(&c->bytes, bytes_of(f));
    }
    for (size_t i = 0; i < c->n_archives; i++)
        bounds_add(&c->bytes, c->archives[i].bytes);
}

/* --- mailboxes --------------------------------------------------------------------------------- */

/* Each mailbox once. A record of mail that names none is of one at least, and may be of any. */
static void count_mailboxes(struct judge *j, struct campaign *c)
{
    struct names sure = {0};
    struct names all = {0};
    bool nameless = false;
    bool nameless_left = false;
    for (size_t i = 0; i < c->loss.facts.n; i++) {
        const struct fact *f = &j->v->facts[c->loss.facts.at[i]];
        if (f->mailbox.n == 0) {
            nameless = nameless || is_kind(f, STR("mail"));
            nameless_left = nameless_left || (is_kind(f, STR("mail")) && !f->maybe);
            continue;
        }
        struct str mailbox = text_lower(f->mailbox, j->arena);
        (void)names_number(&all, mailbox, j->arena);
        if (!f->maybe)
            (void)names_number(&sure, mailbox, j->arena);
    }
    c->mailboxes = (struct bounds){sure.n ? sure.n : nameless_left, all.n, !nameless};
}

/* --- the axis ---------------------------------------------------------------------------------- */

static void note_secrets(struct judge *j, size_t host, struct campaign *c)
{
    for (size_t i = j->fact_from[host]; i < j->fact_from[host + 1]; i++) {
        const struct fact *f = &j->v->facts[i];
        if (f->secrets == 0 || !str_eq(f->pack, c->pack->id))
            continue;
        for (size_t s = 0; s < SECRETS; s++)
            if (f->secrets >> s & 1)
                fact_set_add(j, &c->secrets[s], i);
    }
}

static void gather(struct judge *j, size_t host, struct campaign *c)
{
    struct axis_verdict *a = &c->loss;
    for (size_t i = j->fact_from[host]; i < j->fact_from[host + 1]; i++) {
        const struct fact *f = &j->v->facts[i];
        if (!fact_is_of(f, host, c, AXIS_LOSS))
            continue;
        if (is_kind(f, STR("encrypted")))
            fact_set_add(j, &c->encrypted, i);
        else
            a->answer = ANSWER_BOUNDS;
        a->confidence = f->confidence > a->confidence ? f->confidence : a->confidence;
        axis_add(j, a, i);
    }
}

static const char RAN[] = "an intruder ran commands through a back door; what its answers "
                          "carried away is in no log";

/* Low: what the records add up to. High: likewise, where nothing of the logs is missing and
 * nobody ran commands, which may send anything anywhere. */
void judge_loss(struct judge *j, size_t host, struct campaign *c)
{
    struct axis_verdict *a = &c->loss;
    a->first = a->last = INSTANT_NONE;
    a->answer = judge_nothing_seen(j, c, PACK_LOSS, &a->reason);
    bool complete = a->answer == ANSWER_NONE_SEEN;
    bool ran = ran_commands(j, c) || is_used(c);
    gather(j, host, c);
    sum_bytes(j, c);
    count_mailboxes(j, c);
    note_secrets(j, host, c);
    c->loss_why = ran ? STR("an intruder ran commands on the server, which may have sent "
                            "anything anywhere")
                  : !complete ? a->reason
                  : !c->bytes.bounded
                      ? STR("a record of what was fetched does not say how much it was")
                  : !c->mailboxes.bounded
                      ? STR("a record of mail that was read does not say whose it was")
                      : STR("");
    c->bytes.bounded = c->bytes.bounded && complete && !ran;
    c->mailboxes.bounded = c->mailboxes.bounded && complete && !ran;
    if (ran && a->answer <= ANSWER_NONE_SEEN) {
        a->answer = ANSWER_NOT_ASSESSABLE;
        a->reason = str_of(RAN);
    }
}
