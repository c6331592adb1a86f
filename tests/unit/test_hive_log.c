#include "format/hive_log.h"

#include "hive_t.h"

enum { PAGE = 512, LOG_MOST = 16 * 1024, HEAD = 40 };

static void seal(uint8_t *head)
{
    uint32_t sum = 0;
    for (size_t i = 0; i < 508; i += 4)
        sum ^= (uint32_t)head[i] | (uint32_t)head[i + 1] << 8 | (uint32_t)head[i + 2] << 16 |
               (uint32_t)head[i + 3] << 24;
    t_put(head + 508, sum, 4);
}

/* The log of a hive: its header, as of another type and sequence. */
static void start(uint8_t *log, const struct t_hive *t, uint32_t type, uint32_t sequence)
{
    memset(log, 0, LOG_MOST);
    memcpy(log, t->bytes, PAGE);
    t_put(log + 4, sequence, 4);
    t_put(log + 8, sequence, 4);
    t_put(log + 28, type, 4);
    seal(log);
}

/* An entry that writes one page. returns where the next one starts */
static size_t entry(uint8_t *log, size_t at, uint32_t sequence, uint32_t bins, uint32_t page,
                    const uint8_t *bytes)
{
    uint8_t *e = log + at;
    uint32_t size = 2 * PAGE;
    memcpy(e, "HvLE", 4);
    t_put(e + 4, size, 4);
    t_put(e + 12, sequence, 4);
    t_put(e + 16, bins, 4);
    t_put(e + 20, 1, 4);
    t_put(e + HEAD, page, 4);
    t_put(e + HEAD + 4, PAGE, 4);
    memcpy(e + HEAD + 8, bytes, PAGE);
    t_put(e + 24, hive_log_hash((struct bytes){e + HEAD, size - HEAD}), 8);
    t_put(e + 32, hive_log_hash((struct bytes){e, 32}), 8);
    return at + size;
}

struct sample {
    struct t_hive *t;
    struct bytes hive;
    uint32_t page; /* that the logs write, and where in it a number lies */
    size_t number;
    uint8_t before[PAGE];
};

/* A hive with the number 1, dirty: a log is to make 2 of it. */
static struct sample sample_of(void)
{
    struct sample s = {.t = t_hive_new()};
    uint8_t one[4] = {1};
    uint32_t cell = t_hive_value(s.t, 0, "Number", HIVE_DWORD, one, 4);
    s.hive = t_hive_done(s.t);
    t_put(s.t->bytes + 4, 8, 4);
    t_hive_seal(s.t);
    s.page = (cell + 12) / PAGE * PAGE;
    s.number = cell + 12 - s.page;
    memcpy(s.before, t_hive_at(s.t, s.page), PAGE);
    return s;
}

/* The number with these logs; 0 where none was applied. */
static uint32_t number_with(const struct sample *s, const struct bytes *logs, size_t n,
                            struct hive_applied *how)
{
    struct arena *arena = arena_new();
    struct bytes whole;
    struct err err = {0};
    uint32_t number = 0;
    if (hive_logs_apply(s->hive, logs, n, arena, &whole, how, &err) == 0) {
        struct hive h;
        T_EQ(hive_open(whole, arena, &h, &err), 0);
        T_OK(!hive_is_dirty(&h));
        number = whole.p[HIVE_HEADER + s->page + s->number];
    }
    arena_free(arena);
    return number;
}

static void with_number(const struct sample *s, uint8_t number, uint8_t ret[PAGE])
{
    memcpy(ret, s->before, PAGE);
    ret[s->number] = number;
}

static uint32_t bins_of(const struct sample *s)
{
    return (uint32_t)(s->hive.n - HIVE_HEADER);
}

static void entries_are_applied_in_their_order(void)
{
    static uint8_t log1[LOG_MOST];
    static uint8_t log2[LOG_MOST];
    struct sample s = sample_of();
    struct hive_applied how = {0};
    uint8_t page[PAGE];
    start(log1, &s.t[0], 6, 9);
    start(log2, &s.t[0], 6, 7);
    with_number(&s, 4, page);
    size_t n1 = entry(log1, PAGE, 9, bins_of(&s), s.page, page);
    with_number(&s, 3, page);
    size_t n2 = entry(log2, PAGE, 7, bins_of(&s), s.page, page);
    n2 = entry(log2, n2, 8, bins_of(&s), s.page, page);
    struct bytes logs[] = {{log1, n1}, {log2, n2}};
    T_EQ(number_with(&s, logs, 2, &how), 4);
    T_EQ(how.entries, 3);
    T_EQ(how.sequence, 9);
    /* Without the one between, what comes later is of no use. */
    T_EQ(number_with(&s, logs + 1, 1, &how), 3);
    log2[PAGE + 100] ^= 1; /* its hash is wrong */
    T_EQ(number_with(&s, logs + 1, 1, &how), 0);
    free(s.t);
}

static void pages_of_a_map_are_applied(void)
{
    static uint8_t log[LOG_MOST];
    struct sample s = sample_of();
    struct hive_applied how = {0};
    start(log, s.t, 1, 7);
    memcpy(log + PAGE, "DIRT", 4);
    size_t bit = s.page / PAGE;
    log[PAGE + 4 + bit / 8] = (uint8_t)(1U << bit % 8);
    with_number(&s, 5, log + 2 * (size_t)PAGE);
    struct bytes one = {log, 3 * (size_t)PAGE};
    T_EQ(number_with(&s, &one, 1, &how), 5);
    one.n -= 1; /* the page is not whole */
    T_EQ(number_with(&s, &one, 1, &how), 0);
    one.n += 1;
    log[12] ^= 1; /* of another state of the hive */
    seal(log);
    T_EQ(number_with(&s, &one, 1, &how), 0);
    free(s.t);
}

static void a_lost_header_comes_from_the_log(void)
{
    static uint8_t log[LOG_MOST];
    struct sample s = sample_of();
    struct hive_applied how = {0};
    uint8_t page[PAGE];
    start(log, s.t, 6, 8);
    with_number(&s, 6, page);
    struct bytes one = {log, entry(log, PAGE, 8, bins_of(&s), s.page, page)};
    memset(s.t->bytes + 4, 0xee, 500);
    T_EQ(number_with(&s, &one, 1, &how), 6);
    free(s.t);
}

static void any_bytes_are_read_to_an_end(void)
{
    static uint8_t log[LOG_MOST];
    struct sample s = sample_of();
    struct hive_applied how = {0};
    uint8_t page[PAGE];
    start(log, s.t, 6, 7);
    with_number(&s, 2, page);
    size_t n = entry(log, PAGE, 7, bins_of(&s), s.page, page);
    for (size_t i = 0; i < n; i++) {
        struct bytes cut = {log, i};
        (void)number_with(&s, &cut, 1, &how);
    }
    for (size_t i = 0; i < n; i++) {
        struct bytes all = {log, n};
        log[i] ^= (uint8_t)(1U << i % 8);
        if (i < PAGE)
            seal(log);
        (void)number_with(&s, &all, 1, &how);
        log[i] ^= (uint8_t)(1U << i % 8);
        seal(log);
    }
    free(s.t);
}

int main(void)
{
    T_RUN(entries_are_applied_in_their_order);
    T_RUN(pages_of_a_map_are_applied);
    T_RUN(a_lost_header_comes_from_the_log);
    T_RUN(any_bytes_are_read_to_an_end);
    return t_done();
}
