#include "rule/keywords.h"

#include "t.h"

static struct bytes wide(struct str s, struct arena *arena)
{
    uint8_t *p = arena_alloc(arena, s.n, 2);
    for (size_t i = 0; i < s.n; i++)
        p[2 * i] = (uint8_t)s.p[i];
    return (struct bytes){p, 2 * s.n};
}

static struct bytes around(struct bytes raw, size_t before, size_t behind, struct arena *arena)
{
    uint8_t *p = arena_alloc(arena, before + raw.n + behind, 1);
    if (raw.n)
        memcpy(p + before, raw.p, raw.n);
    return (struct bytes){p, before + raw.n + behind};
}

static bool stands(const char *text, struct bytes raw)
{
    struct arena *arena = arena_new();
    struct str s = str_of(text);
    struct keywords *k = keywords_new(&s, 1, arena);
    bool found = k && keywords_stand(k, raw);
    if (k)
        keywords_no_vectors(k);
    T_OK(!k || keywords_stand(k, raw) == found);
    arena_free(arena);
    return found;
}

static bool can(const char *text)
{
    struct arena *arena = arena_new();
    struct str s = str_of(text);
    bool made = keywords_new(&s, 1, arena) != NULL;
    arena_free(arena);
    return made;
}

static void text_of_both_widths_is_found_anywhere(void)
{
    struct arena *arena = arena_new();
    struct str text = STR("SekurLSA::logon");
    for (size_t before = 0; before < 70; before++)
        for (size_t behind = 0; behind < 70; behind += 23) {
            T_OK(stands("sekurlsa::", around(str_bytes(text), before, behind, arena)));
            T_OK(stands("sekurlsa::", around(wide(text, arena), before, behind, arena)));
            T_OK(!stands("sekurlsb::", around(wide(text, arena), before, behind, arena)));
        }
    arena_free(arena);
}

static void a_text_that_is_cut_is_not_found(void)
{
    struct arena *arena = arena_new();
    struct bytes raw = around(wide(STR("sekurlsa::"), arena), 40, 0, arena);
    T_OK(stands("sekurlsa::", raw));
    for (size_t n = 0; n + 1 < raw.n; n++) { /* the last byte is a zero */
        uint8_t *copy = malloc(n ? n : 1);
        if (!copy)
            abort();
        memcpy(copy, raw.p, n);
        T_OK(!stands("sekurlsa::", (struct bytes){copy, n}));
        free(copy);
    }
    arena_free(arena);
}

/* U+017F, U+212A: they fold to s and k. */
static void letters_that_fold_to_ascii_are_found(void)
{
    static const uint8_t raw[] = {'\\', 0, 0x7f, 1, 'a', 0, 0x2a, 0x21, '!', 0};
    T_OK(stands("\\sak!", (struct bytes){raw, sizeof raw}));
    T_OK(!stands("\\sam!", (struct bytes){raw, sizeof raw}));
}

static void what_a_number_may_show_cannot_be_looked_for(void)
{
    T_OK(!can("4624"));
    T_OK(!can("0x3e7"));
    T_OK(!can("s-1-5-18"));
    T_OK(!can("true"));
    T_OK(!can("2021-03-14t06:40"));
    T_OK(!can("ab"));
    T_OK(!can("\xd0\xbf\xd1\x80\xd0\xb8"));
    T_OK(!can(""));
    T_OK(can("mimikatz"));
    T_OK(can("sid::add\\"));
}

/* Values are joined by blanks: only what is between them stands in the record. */
static void a_piece_without_blanks_is_looked_for(void)
{
    T_OK(can("kiwi legit"));
    T_OK(stands("a kiwigit b", str_bytes(STR("xkiwigitx"))));
    T_OK(!stands("a kiwigit b", str_bytes(STR("xkiwigi"))));
}

static void one_of_many_is_enough(void)
{
    struct arena *arena = arena_new();
    struct str texts[40];
    for (unsigned i = 0; i < 40; i++)
        texts[i] = arena_printf(arena, "word%uq", i);
    struct keywords *k = keywords_new(texts, 40, arena);
    for (unsigned i = 0; i < 40; i++)
        T_OK(k && keywords_stand(k, wide(arena_printf(arena, "a word%uq b", i), arena)));
    T_OK(k && !keywords_stand(k, wide(STR("a word40q b word"), arena)));
    T_OK(k && !keywords_stand(k, (struct bytes){0}));
    arena_free(arena);
}

int main(void)
{
    T_RUN(text_of_both_widths_is_found_anywhere);
    T_RUN(a_text_that_is_cut_is_not_found);
    T_RUN(letters_that_fold_to_ascii_are_found);
    T_RUN(what_a_number_may_show_cannot_be_looked_for);
    T_RUN(a_piece_without_blanks_is_looked_for);
    T_RUN(one_of_many_is_enough);
    return t_done();
}
