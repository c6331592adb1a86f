#include "detect/signal.h"

#include "base/buf.h"
#include "t.h"

static const struct seed seeds[] = {
    {.axis = AXIS_ENTRY,
     .state = STATE_EXPLOITED,
     .confidence = CONFIDENCE_CERTAIN,
     .kind = {"k", 1},
     .act = {"ssrf", 4},
     .what = {"session", 7},
     .key = {"a\nb\n", 4},
     .request = {"r-1", 3},
     .initiator = {"203.0.113.7", 11},
     .object = {"/x.aspx", 7},
     .mailbox = {"m@x", 3},
     .about = {"SRV", 3},
     .time = -5,
     .bytes = UINT64_MAX,
     .within = 7},
    {.time = INSTANT_NONE},
};

static struct signal hit_signal(void)
{
    return (struct signal){
        .type = SIGNAL_HIT,
        .hit = {.rule = 3,
                .kind = EVENT_FILE,
                .time = 123,
                .offset = UINT64_C(1) << 40,
                .size = 5,
                .record = 9,
                .marks = MARK_NO_HEADER,
                .host = STR("SRV"),
                .source = STR("iis.w3c"),
                .excerpt = STR("GET /"),
                .how = STR("base64"),
                .decoded = STR("whoami"),
                .seeds = seeds,
                .n_seeds = 2},
    };
}

static struct signal plain_signal(enum signal_type type)
{
    return (struct signal){
        .type = type,
        .later = LATER_PART,
        .host = STR("SRV"),
        .text = STR("why"),
        .format = STR("f"),
        .from = INSTANT_NONE,
        .to = 1000,
        .a = 1,
        .b = UINT64_MAX,
        .c = 3,
        .offset = -INSTANT_HOUR,
        .digest = {1, 2, [31] = 3},
        .flag = true,
    };
}

static void same_seed(const struct seed *a, const struct seed *b)
{
    T_OK(a->axis == b->axis && a->state == b->state && a->confidence == b->confidence);
    T_OK(str_eq(a->kind, b->kind) && str_eq(a->act, b->act) && str_eq(a->what, b->what));
    T_OK(str_eq(a->key, b->key) && str_eq(a->request, b->request));
    T_OK(str_eq(a->initiator, b->initiator) && str_eq(a->object, b->object));
    T_OK(str_eq(a->mailbox, b->mailbox) && str_eq(a->about, b->about));
    T_OK(a->time == b->time && a->bytes == b->bytes && a->within == b->within);
}

static void same_hit(const struct hit *a, const struct hit *b)
{
    T_OK(a->rule == b->rule && a->kind == b->kind && a->time == b->time);
    T_OK(a->offset == b->offset && a->size == b->size && a->record == b->record);
    T_OK(a->marks == b->marks && str_eq(a->host, b->host) && str_eq(a->source, b->source));
    T_OK(str_eq(a->excerpt, b->excerpt) && str_eq(a->how, b->how));
    T_OK(str_eq(a->decoded, b->decoded));
    T_EQ(a->n_seeds, b->n_seeds);
    for (size_t i = 0; i < a->n_seeds && i < b->n_seeds; i++)
        same_seed(&a->seeds[i], &b->seeds[i]);
}

static void same_matched(const struct matched *a, const struct matched *b)
{
    T_OK(a->rule == b->rule && a->kind == b->kind && a->time == b->time);
    T_OK(a->offset == b->offset && a->size == b->size && a->record == b->record);
    T_OK(a->marks == b->marks && a->part == b->part);
    T_OK(str_eq(a->host, b->host) && str_eq(a->source, b->source));
    T_EQ(a->n_values, b->n_values);
    for (size_t i = 0; i < a->n_values && i < b->n_values; i++)
        T_OK(str_eq(a->values[i], b->values[i]));
}

static void same(const struct signal *a, const struct signal *b)
{
    T_EQ(a->type, b->type);
    if (a->type == SIGNAL_MATCH) {
        same_matched(&a->matched, &b->matched);
        return;
    }
    T_EQ(a->later, b->later);
    T_OK(str_eq(a->host, b->host) && str_eq(a->text, b->text) && str_eq(a->format, b->format));
    T_OK(a->from == b->from && a->to == b->to && a->offset == b->offset && a->flag == b->flag);
    T_OK(a->a == b->a && a->b == b->b && a->c == b->c);
    T_OK(memcmp(a->digest, b->digest, sizeof a->digest) == 0);
    same_hit(&a->hit, &b->hit);
}

static struct signal matched_signal(void)
{
    static struct str values[3];
    values[0] = STR("bob");
    values[1] = STR("");
    values[2] = STR("SRV");
    return (struct signal){.type = SIGNAL_MATCH,
                           .matched = {.rule = 7,
                                       .kind = EVENT_IIS,
                                       .time = instant_of_civil(2021, 3, 3, 12, 0, 0),
                                       .offset = 11,
                                       .size = 12,
                                       .record = 13,
                                       .marks = MARK_RECOVERED,
                                       .part = true,
                                       .host = STR("SRV"),
                                       .source = STR("iis.w3c"),
                                       .values = values,
                                       .n_values = 3}};
}

static struct signal nth(int type)
{
    if (type == SIGNAL_MATCH)
        return matched_signal();
    return type == SIGNAL_HIT ? hit_signal() : plain_signal((enum signal_type)type);
}

static void write_all(struct buf *b)
{
    for (int type = SIGNAL_HIT; type < SIGNALS; type++) {
        struct signal s = nth(type);
        signal_write(b, &s);
    }
}

static void every_type_reads_back(void)
{
    struct buf b = buf_new(65536);
    struct arena *a = arena_new();
    struct err err = {0};
    struct signal got;
    write_all(&b);
    struct cur in = cur_of(str_bytes(buf_str(&b)), 0);
    for (int type = SIGNAL_HIT; type < SIGNALS; type++) {
        struct signal want = nth(type);
        T_EQ(signal_read(&in, a, &got, &err), 1);
        same(&got, &want);
    }
    T_EQ(signal_read(&in, a, &got, &err), 0);
    T_EQ(err.code, ERR_NONE);
    buf_free(&b);
    arena_free(a);
}

/* Reads to the end or to damage; what comes out must be in range and valid UTF-8. */
static int read_through(struct bytes data, size_t *ret_n)
{
    struct arena *a = arena_new();
    struct err err = {0};
    struct signal s;
    struct cur in = cur_of(data, 0);
    int got;
    size_t n = 0;
    while ((got = signal_read(&in, a, &s, &err)) > 0) {
        T_OK(s.type >= SIGNAL_HIT && s.type < SIGNALS && s.hit.kind < EVENT_KINDS);
        for (size_t i = 0; i < s.hit.n_seeds; i++)
            T_OK(s.hit.seeds[i].axis < AXES && s.hit.seeds[i].state < STATES &&
                 s.hit.seeds[i].confidence <= CONFIDENCE_CERTAIN);
        n++;
    }
    T_OK(got == 0 ? err.code == ERR_NONE : err.code == ERR_CORRUPT);
    T_OK(arena_used(a) <= 4096 + 16 * data.n); /* a count without content makes no table */
    if (ret_n)
        *ret_n = n;
    arena_free(a);
    return got;
}

static void cut(struct bytes data)
{
    static int ends;
    ends += read_through(data, NULL) == 0;
    T_OK(ends < SIGNALS); /* only between two signals */
}

static void a_cut_or_a_flipped_bit_is_damage_or_another_value(void)
{
    struct buf b = buf_new(65536);
    write_all(&b);
    t_each_prefix(str_bytes(buf_str(&b)), cut);
    size_t n;
    for (size_t i = 0; i < b.n * 8; i++) {
        b.p[i / 8] = (char)(b.p[i / 8] ^ 1 << i % 8);
        int got = read_through(str_bytes(buf_str(&b)), &n);
        T_OK(got < 0 || n == SIGNALS - 1);
        b.p[i / 8] = (char)(b.p[i / 8] ^ 1 << i % 8);
    }
    buf_free(&b);
}

/* Times are subtracted from each other later: what no calendar shows does not pass. */
static void values_out_of_range_do_not_pass(void)
{
    static const int64_t wild[] = {INT64_MAX, INT64_MIN + 1, INT64_MAX / 2, -(INT64_MAX / 2)};
    for (size_t i = 0; i < sizeof wild / sizeof *wild; i++) {
        struct seed seed = {.time = wild[i]};
        struct signal cases[] = {plain_signal(SIGNAL_COVER), plain_signal(SIGNAL_COVER),
                                 plain_signal(SIGNAL_VOTES), hit_signal(), hit_signal()};
        cases[0].from = wild[i];
        cases[1].to = wild[i];
        cases[2].offset = wild[i];
        cases[3].hit.time = wild[i];
        cases[4].hit.seeds = &seed;
        cases[4].hit.n_seeds = 1;
        for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
            struct buf b = buf_new(65536);
            signal_write(&b, &cases[k]);
            T_EQ(read_through(str_bytes(buf_str(&b)), NULL), -1);
            buf_free(&b);
        }
    }
}

static void text_is_repaired(void)
{
    struct buf b = buf_new(65536);
    struct arena *a = arena_new();
    struct err err = {0};
    struct signal s = plain_signal(SIGNAL_GAP);
    s.text = STR("\xff\x1b");
    signal_write(&b, &s);
    struct cur in = cur_of(str_bytes(buf_str(&b)), 0);
    T_EQ(signal_read(&in, a, &s, &err), 1);
    buf_free(&b); /* the text is the arena's */
    T_STR(s.text, "\xef\xbf\xbd\x1b");
    arena_free(a);
}

int main(void)
{
    T_RUN(every_type_reads_back);
    T_RUN(a_cut_or_a_flipped_bit_is_damage_or_another_value);
    T_RUN(values_out_of_range_do_not_pass);
    T_RUN(text_is_repaired);
    return t_done();
}
