#include "detect/signal.h"

#include <inttypes.h>

#include "base/buf.h"
#include "base/utf.h"

static void put_u64(struct buf *out, uint64_t v)
{
    unsigned char b[8];
    for (size_t i = 0; i < sizeof b; i++)
        b[i] = (unsigned char)(v >> (8 * i));
    buf_add(out, b, sizeof b);
}

static void put_str(struct buf *out, struct str s)
{
    put_u64(out, s.n);
    buf_add_str(out, s);
}

static void put_seed(struct buf *out, const struct seed *s)
{
    put_u64(out, s->axis);
    put_u64(out, s->state);
    put_u64(out, s->confidence);
    put_str(out, s->kind);
    put_str(out, s->act);
    put_str(out, s->what);
    put_str(out, s->key);
    put_str(out, s->request);
    put_str(out, s->initiator);
    put_str(out, s->object);
    put_str(out, s->mailbox);
    put_str(out, s->about);
    put_str(out, s->server);
    put_u64(out, (uint64_t)s->time);
    put_u64(out, s->bytes);
    put_u64(out, s->sized);
    put_u64(out, s->maybe);
    put_u64(out, s->secrets);
    put_str(out, s->shares);
    put_u64(out, (uint64_t)s->within);
}

static void put_hit(struct buf *out, const struct hit *h)
{
    put_u64(out, h->rule);
    put_u64(out, h->kind);
    put_u64(out, (uint64_t)h->time);
    put_u64(out, h->offset);
    put_u64(out, h->size);
    put_u64(out, h->record);
    put_u64(out, h->marks);
    put_str(out, h->host);
    put_str(out, h->source);
    put_str(out, h->excerpt);
    put_str(out, h->how);
    put_str(out, h->decoded);
    put_u64(out, h->indicator);
    put_str(out, h->field);
    put_str(out, h->found);
    put_u64(out, h->n_seeds);
    for (size_t i = 0; i < h->n_seeds; i++)
        put_seed(out, &h->seeds[i]);
}

static void put_matched(struct buf *out, const struct matched *m)
{
    put_u64(out, m->rule);
    put_u64(out, m->kind);
    put_u64(out, (uint64_t)m->time);
    put_u64(out, m->offset);
    put_u64(out, m->size);
    put_u64(out, m->record);
    put_u64(out, m->marks);
    put_u64(out, m->part);
    put_str(out, m->host);
    put_str(out, m->source);
    put_u64(out, m->n_values);
    for (size_t i = 0; i < m->n_values; i++)
        put_str(out, m->values[i]);
}

struct str signal_value(struct str value, struct arena *arena)
{
    enum { MOST = 1024, TAIL = 64 };
    uint64_t h = UINT64_C(0xcbf29ce484222325);
    if (value.n <= MOST)
        return value;
    for (size_t i = 0; i < value.n; i++)
        h = (h ^ (unsigned char)value.p[i]) * UINT64_C(0x100000001b3);
    struct str head = utf8_repair(str_bytes(str_part(value, 0, MOST - 2 * TAIL)), arena);
    return arena_printf(arena, "%.*s... (%zu bytes, %016" PRIx64 ")", STR_ARG(head), value.n,
                        h ^ h >> 32);
}

void signal_write(struct buf *out, const struct signal *s)
{
    put_u64(out, s->type);
    if (s->type == SIGNAL_HIT) {
        put_hit(out, &s->hit);
        return;
    }
    if (s->type == SIGNAL_MATCH) {
        put_matched(out, &s->matched);
        return;
    }
    put_u64(out, s->later);
    put_str(out, s->host);
    put_str(out, s->text);
    put_str(out, s->format);
    put_u64(out, (uint64_t)s->from);
    put_u64(out, (uint64_t)s->to);
    put_u64(out, s->a);
    put_u64(out, s->b);
    put_u64(out, s->c);
    put_u64(out, (uint64_t)s->offset);
    buf_add(out, s->digest, sizeof s->digest);
    put_u64(out, s->flag);
}

static struct str get_str(struct cur *in, struct arena *arena)
{
    uint64_t n = cur_u64(in);
    if (!cur_fits(in, n, 1)) {
        in->bad = true;
        return STR("");
    }
    struct bytes b = cur_take(in, (size_t)n);
    return arena_str(arena, utf8_repair(b, arena));
}

/* A value that must lie below a bound; 0 and bad if it does not. */
static unsigned get_below(struct cur *in, unsigned bound)
{
    uint64_t v = cur_u64(in);
    if (v >= bound) {
        in->bad = true;
        return 0;
    }
    return (unsigned)v;
}

/* A number between -bound and bound. */
static int64_t get_within(struct cur *in, int64_t bound)
{
    int64_t v = (int64_t)cur_u64(in);
    if (v < -bound || v > bound) {
        in->bad = true;
        return 0;
    }
    return v;
}

/* A time, or INSTANT_NONE. The judge subtracts times from each other and adds offsets: the
 * bounds leave every calendar date in and every overflow out. */
static instant get_time(struct cur *in)
{
    struct cur ahead = *in;
    if ((instant)cur_u64(&ahead) == INSTANT_NONE) {
        *in = ahead;
        return INSTANT_NONE;
    }
    return get_within(in, INT64_MAX / 3);
}

static int64_t get_offset(struct cur *in)
{
    return get_within(in, INT64_MAX / 8);
}

static void get_seed(struct cur *in, struct arena *arena, struct seed *s)
{
    s->axis = (enum axis)get_below(in, AXES);
    s->state = (enum state)get_below(in, STATES);
    s->confidence = (enum confidence)get_below(in, CONFIDENCE_CERTAIN + 1);
    s->kind = get_str(in, arena);
    s->act = get_str(in, arena);
    s->what = get_str(in, arena);
    s->key = get_str(in, arena);
    s->request = get_str(in, arena);
    s->initiator = get_str(in, arena);
    s->object = get_str(in, arena);
    s->mailbox = get_str(in, arena);
    s->about = get_str(in, arena);
    s->server = get_str(in, arena);
    s->time = get_time(in);
    s->bytes = cur_u64(in);
    s->sized = get_below(in, 2);
    s->maybe = get_below(in, 2);
    s->secrets = (unsigned)get_below(in, 1U << SECRETS);
    s->shares = get_str(in, arena);
    s->within = get_within(in, INT64_MAX);
}

static void get_hit(struct cur *in, struct arena *arena, struct hit *h)
{
    enum { SEED_MIN = 20 * 8 };
    h->rule = (uint32_t)get_below(in, UINT32_MAX);
    h->kind = (enum event_kind)get_below(in, EVENT_KINDS);
    h->time = get_time(in);
    h->offset = cur_u64(in);
    h->size = cur_u64(in);
    h->record = cur_u64(in);
    h->marks = (unsigned)cur_u64(in);
    h->host = get_str(in, arena);
    h->source = get_str(in, arena);
    h->excerpt = get_str(in, arena);
    h->how = get_str(in, arena);
    h->decoded = get_str(in, arena);
    h->indicator = (uint32_t)get_below(in, UINT32_MAX);
    h->field = get_str(in, arena);
    h->found = get_str(in, arena);
    uint64_t n = cur_u64(in);
    if (!cur_fits(in, n, SEED_MIN)) {
        in->bad = true;
        return;
    }
    struct seed *seeds = ARENA_ARRAY(arena, struct seed, (size_t)n);
    for (size_t i = 0; i < n; i++)
        get_seed(in, arena, &seeds[i]);
    h->seeds = seeds;
    h->n_seeds = (size_t)n;
}

static void get_matched(struct cur *in, struct arena *arena, struct matched *m)
{
    m->rule = (uint32_t)get_below(in, UINT32_MAX);
    m->kind = (enum event_kind)get_below(in, EVENT_KINDS);
    m->time = get_time(in);
    m->offset = cur_u64(in);
    m->size = cur_u64(in);
    m->record = cur_u64(in);
    m->marks = (unsigned)cur_u64(in);
    m->part = cur_u64(in) != 0;
    m->host = get_str(in, arena);
    m->source = get_str(in, arena);
    uint64_t n = cur_u64(in);
    if (!cur_fits(in, n, sizeof(uint64_t))) {
        in->bad = true;
        return;
    }
    struct str *values = ARENA_ARRAY(arena, struct str, (size_t)n);
    for (size_t i = 0; i < n; i++)
        values[i] = get_str(in, arena);
    m->values = values;
    m->n_values = (size_t)n;
}

int signal_read(struct cur *in, struct arena *arena, struct signal *ret, struct err *err)
{
    if (cur_left(in) == 0 && !in->bad)
        return 0;
    *ret = (struct signal){.type = (enum signal_type)get_below(in, SIGNALS)};
    if (ret->type == SIGNAL_HIT) {
        get_hit(in, arena, &ret->hit);
    } else if (ret->type == SIGNAL_MATCH) {
        get_matched(in, arena, &ret->matched);
    } else {
        ret->later = (enum later)get_below(in, LATERS);
        ret->host = get_str(in, arena);
        ret->text = get_str(in, arena);
        ret->format = get_str(in, arena);
        ret->from = get_time(in);
        ret->to = get_time(in);
        ret->a = cur_u64(in);
        ret->b = cur_u64(in);
        ret->c = cur_u64(in);
        ret->offset = get_offset(in);
        struct bytes digest = cur_take(in, sizeof ret->digest);
        if (digest.n)
            memcpy(ret->digest, digest.p, digest.n);
        ret->flag = cur_u64(in) != 0;
    }
    if (in->bad || ret->type == 0)
        return err_set(err, ERR_CORRUPT, "a worker's reply is damaged");
    return 1;
}
