/* Random literals and texts over few letters, so that they meet, against the plainest search. */
#include "rule/literals.h"

#include "t.h"

enum { LITERALS_MAX = 400, LITERAL_MAX = 96, TEXT_MAX = 700, LONG_TEXT = 9000 };

static uint64_t seed = 1;

static uint32_t pick(uint32_t below)
{
    seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (uint32_t)((seed >> 33) % below);
}

struct world { /* one random choice of literals */
    struct arena *arena;
    struct str alphabet;
    struct literal list[LITERALS_MAX];
    size_t n;
    uint32_t n_ids;
};

static struct str random_text(struct world *w, size_t least, size_t most)
{
    size_t n = least + pick((uint32_t)(most - least + 1));
    char *p = ARENA_ARRAY(w->arena, char, n + 1);
    for (size_t i = 0; i < n; i++)
        p[i] = w->alphabet.p[pick((uint32_t)w->alphabet.n)];
    return (struct str){p, n};
}

/* A part of an earlier literal now and then, so that one stands inside another. */
static struct str random_literal(struct world *w, enum text_test test, size_t shortest,
                                 size_t longest)
{
    if (w->n > 0 && pick(4) == 0) {
        struct str from = w->list[pick((uint32_t)w->n)].text;
        if (from.n > shortest) {
            size_t at = pick((uint32_t)(from.n - shortest));
            return str_part(from, at, at + shortest + pick((uint32_t)(from.n - shortest)));
        }
    }
    return random_text(w, test == TEXT_EXACT && shortest == 1 ? 0 : shortest, longest);
}

static void random_world(struct world *w, bool contains_only)
{
    const struct str alphabets[] = {
        STR("a"),          STR("ab"),
        STR("abc\\ "),     STR("abcdefghijklmnopqrstuvwxyz0123456789\\/. -"),
        STR("ab\xc3\xa9"), STR("\xff\x80\x00"),
    };
    static const size_t shortest[] = {1, 1, 2, 4, 5, 7, 8};
    w->alphabet = alphabets[pick(sizeof alphabets / sizeof alphabets[0])];
    w->n = 0;
    w->n_ids = 1 + pick(LITERALS_MAX);
    size_t n = pick(pick(3) == 0 ? LITERALS_MAX : 20);
    size_t least = shortest[pick(sizeof shortest / sizeof shortest[0])];
    size_t most = least + pick(pick(4) == 0 ? LITERAL_MAX : 8);
    while (w->n < n) {
        enum text_test test =
            contains_only ? TEXT_CONTAINS : (enum text_test)(TEXT_EXACT + pick(4));
        struct str text = random_literal(w, test, least, most);
        w->list[w->n++] = (struct literal){pick(w->n_ids), test, text};
    }
}

/* A text that holds literals more often than chance would have it. */
static struct str random_hay(struct world *w)
{
    char *p = ARENA_ARRAY(w->arena, char, LONG_TEXT + LITERAL_MAX * 2);
    size_t n = 0;
    bool is_long = pick(50) == 0; /* several blocks */
    size_t want = pick(is_long ? LONG_TEXT : pick(8) == 0 ? TEXT_MAX : 60);
    while (n < want) {
        struct str part = w->n > 0 && pick(3) == 0 ? w->list[pick((uint32_t)w->n)].text
                                                   : random_text(w, 0, 9);
        if (pick(3) == 0 && part.n > 0)
            part.n -= 1; /* all but the last byte */
        if (part.n)
            memcpy(p + n, part.p, part.n);
        n += part.n;
        if (!is_long && pick(5) == 0)
            break;
    }
    return (struct str){p, n};
}

/* The text in a block of exactly its size, so that a sanitizer sees every read too far. */
static struct str exact_copy(struct str text)
{
    char *p = malloc(text.n ? text.n : 1);
    if (!p)
        abort();
    if (text.n)
        memcpy(p, text.p, text.n);
    return (struct str){p, text.n};
}

static bool stands(struct literal x, struct str text)
{
    for (size_t at = 0; at + x.text.n <= text.n; at++) {
        if (x.text.n && memcmp(text.p + at, x.text.p, x.text.n) != 0)
            continue;
        bool first = at == 0;
        bool last = at + x.text.n == text.n;
        if ((first || x.test == TEXT_SUFFIX || x.test == TEXT_CONTAINS) &&
            (last || x.test == TEXT_PREFIX || x.test == TEXT_CONTAINS))
            return true;
    }
    return false;
}

/* Two tables of the same literals, one without vector instructions. */
struct tables {
    struct literals *fast;
    struct literals *plain;
    struct literal_hits fast_hits;
    struct literal_hits plain_hits;
};

static struct tables tables_of(const struct world *w, const uint8_t *class_of)
{
    struct tables t = {0};
    for (int plain = 0; plain < 2; plain++) {
        struct literals *l = class_of ? literals_new_raw(w->list, w->n, class_of, w->arena)
                                      : literals_new(w->list, w->n, w->arena);
        if (plain && l)
            literals_no_vectors(l);
        *(plain ? &t.plain : &t.fast) = l;
    }
    literal_hits_init(&t.fast_hits, w->n_ids, w->arena);
    literal_hits_init(&t.plain_hits, w->n_ids, w->arena);
    return t;
}

static void check(const struct world *w, const struct tables *t, const bool *want)
{
    const struct literal_hits *hits = &t->fast_hits;
    size_t wrong = 0;
    size_t n = 0;
    for (uint32_t id = 0; id < w->n_ids; id++) {
        wrong += literal_hits_has(hits, id) != want[id];
        n += want[id];
    }
    for (uint32_t i = 0; i < hits->n; i++)
        wrong += !want[hits->list[i]];
    T_EQ(wrong, 0);
    T_EQ(hits->n, n);
    T_EQ(t->plain_hits.n, n);
    for (uint32_t i = 0; i < hits->n && i < t->plain_hits.n; i++)
        wrong += hits->list[i] != t->plain_hits.list[i]; /* the same in the same order */
    T_EQ(wrong, 0);
}

static void finds_what_the_plain_search_finds(void)
{
    static struct world w;
    for (int round = 0; round < 400; round++) {
        w.arena = arena_new();
        random_world(&w, false);
        struct tables t = tables_of(&w, NULL);
        for (int k = 0; k < 40; k++) {
            struct str text = exact_copy(random_hay(&w));
            bool want[LITERALS_MAX] = {false};
            for (size_t i = 0; i < w.n; i++)
                want[w.list[i].id] |= stands(w.list[i], text);
            literal_hits_clear(&t.fast_hits);
            literal_hits_clear(&t.plain_hits);
            literals_scan(t.fast, text, &t.fast_hits);
            literals_scan(t.plain, text, &t.plain_hits);
            check(&w, &t, want);
            free((void *)(uintptr_t)text.p);
        }
        arena_free(w.arena);
    }
}

static struct str classed(const uint8_t *class_of, struct str text, struct arena *arena)
{
    char *p = ARENA_ARRAY(arena, char, text.n + 1);
    for (size_t i = 0; i < text.n; i++)
        p[i] = (char)class_of[(uint8_t)text.p[i]];
    return (struct str){p, text.n};
}

/* Turns some bytes into others of their class. */
static void unfold(struct str text, const uint8_t *class_of)
{
    char *p = (char *)(uintptr_t)text.p;
    for (size_t i = 0; i < text.n; i++) {
        char other = (char)pick(256);
        for (int tries = 0; tries < 3 && class_of[(uint8_t)other] != class_of[(uint8_t)p[i]];
             tries++)
            other = tries == 0 ? (char)(p[i] ^ 0x20) : p[i] == '/' ? '\\' : '+';
        if (pick(2) == 0 && class_of[(uint8_t)other] == class_of[(uint8_t)p[i]])
            p[i] = other;
    }
}

static void raw_texts_are_found_by_class(const uint8_t *class_of)
{
    static struct world w;
    for (int round = 0; round < 200; round++) {
        w.arena = arena_new();
        random_world(&w, true);
        struct tables t = tables_of(&w, class_of);
        for (int k = 0; k < 30; k++) {
            struct str text = exact_copy(random_hay(&w));
            unfold(text, class_of);
            struct str folded = classed(class_of, text, w.arena);
            bool want[LITERALS_MAX] = {false};
            for (size_t i = 0; i < w.n; i++) {
                struct literal x = w.list[i];
                x.text = classed(class_of, x.text, w.arena);
                want[x.id] |= stands(x, folded);
            }
            literal_hits_clear(&t.fast_hits);
            literal_hits_clear(&t.plain_hits);
            literals_scan_raw(t.fast, str_bytes(text), &t.fast_hits);
            literals_scan_raw(t.plain, str_bytes(text), &t.plain_hits);
            check(&w, &t, want);
            T_EQ(literals_any_raw(t.fast, str_bytes(text)), t.fast_hits.n > 0);
            T_EQ(literals_any_raw(t.plain, str_bytes(text)), t.fast_hits.n > 0);
            free((void *)(uintptr_t)text.p);
        }
        arena_free(w.arena);
    }
}

static void finds_in_raw_text_what_it_finds_in_folded(void)
{
    uint8_t class_of[256];
    literals_classes(STR("+ \\/"), class_of);
    raw_texts_are_found_by_class(class_of);
}

/* More ranges than the fast way knows, high bytes that become low ones, and the reverse. */
static void any_map_of_classes_will_do(void)
{
    uint8_t class_of[256];
    for (unsigned c = 0; c < 256; c++)
        class_of[c] = (uint8_t)(c % 2 ? c & 0x7f : c | 0x80);
    raw_texts_are_found_by_class(class_of);
}

/* One literal in a long text, around the place where its first block ends. */
static void literals_over_the_end_of_a_block_are_found(void)
{
    enum { OTHERS = 100, BEFORE = 12, END = 4096, SIZE = 9000 };
    static struct world w;
    static char text[SIZE];
    uint8_t class_of[256];
    literals_classes(STR(""), class_of);
    for (size_t longest = 1; longest <= 9; longest++) {
        w.arena = arena_new();
        w.alphabet = STR("abcdefgh");
        w.n_ids = OTHERS + 1;
        w.list[0] = (struct literal){0, TEXT_CONTAINS, str_part(STR("123456789"), 0, longest)};
        for (uint32_t n = 0; n <= OTHERS; n += OTHERS) { /* few, and many */
            for (w.n = 1; w.n <= n; w.n++)
                w.list[w.n] = (struct literal){(uint32_t)w.n, TEXT_CONTAINS,
                                               random_text(&w, longest, longest)};
            struct tables folded = tables_of(&w, NULL);
            struct tables raw = tables_of(&w, class_of);
            for (size_t at = END - BEFORE; at < END + BEFORE; at++) {
                memset(text, 'x', SIZE);
                memcpy(text + at, w.list[0].text.p, longest);
                literal_hits_clear(&folded.fast_hits);
                literal_hits_clear(&folded.plain_hits);
                literals_scan(folded.fast, (struct str){text, SIZE}, &folded.fast_hits);
                literals_scan(folded.plain, (struct str){text, SIZE}, &folded.plain_hits);
                bool want[OTHERS + 1] = {true};
                check(&w, &folded, want);
                struct bytes row = {(const uint8_t *)text, SIZE};
                T_OK(literals_any_raw(raw.fast, row) && literals_any_raw(raw.plain, row));
            }
        }
        arena_free(w.arena);
    }
}

static void no_literals_find_nothing(void)
{
    struct arena *arena = arena_new();
    struct literal_hits hits;
    literal_hits_init(&hits, 1, arena);
    T_OK(literals_new(NULL, 0, arena) == NULL);
    literals_scan(NULL, STR("text"), &hits);
    literals_scan_raw(NULL, str_bytes(STR("text")), &hits);
    T_OK(!literals_any_raw(NULL, str_bytes(STR("text"))));
    T_EQ(hits.n, 0);
    arena_free(arena);
}

static void the_empty_literal_is_the_empty_text(void)
{
    struct arena *arena = arena_new();
    struct literal_hits hits;
    struct literal empty = {0, TEXT_EXACT, STR("")};
    const struct literals *l = literals_new(&empty, 1, arena);
    literal_hits_init(&hits, 1, arena);
    literals_scan(l, STR("x"), &hits);
    T_EQ(hits.n, 0);
    literals_scan(l, (struct str){NULL, 0}, &hits);
    T_EQ(hits.n, 1);
    arena_free(arena);
}

static void hits_are_cleared_over_the_end_of_epochs(void)
{
    struct arena *arena = arena_new();
    struct literal_hits hits;
    literal_hits_init(&hits, 2, arena);
    literal_hits_add(&hits, 1);
    hits.epoch = UINT32_MAX;
    hits.n = 0;
    literal_hits_add(&hits, 0);
    T_OK(literal_hits_has(&hits, 0) && !literal_hits_has(&hits, 1));
    literal_hits_clear(&hits);
    T_OK(!literal_hits_has(&hits, 0) && !literal_hits_has(&hits, 1) && hits.n == 0);
    arena_free(arena);
}

int main(void)
{
    T_RUN(finds_what_the_plain_search_finds);
    T_RUN(finds_in_raw_text_what_it_finds_in_folded);
    T_RUN(any_map_of_classes_will_do);
    T_RUN(literals_over_the_end_of_a_block_are_found);
    T_RUN(no_literals_find_nothing);
    T_RUN(the_empty_literal_is_the_empty_text);
    T_RUN(hits_are_cleared_over_the_end_of_epochs);
    return t_done();
}
