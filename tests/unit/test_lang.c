#include "report/lang.h"

#include "t.h"

static const char english[] = "# remark\n"
                              "language en\n\n"
                              "[texts]\n"
                              "a.one = One {n}\n"
                              "a.two = Two\n"
                              "join.parts = ;\n";

static const char other[] = "language xx\n"
                            "[texts]\n"
                            "a.one = Un {n}\n"
                            "join.parts = +\n"
                            "[sentences]\n"
                            "= {who} used {page} ({how})\n"
                            "> ({how}) {page} < {who}\n"
                            "= {source}: none, {*rest}\n"
                            "> {source} 0 {*rest}\n"
                            "= cleared {time}\n"
                            "> C {time}\n"
                            "= plain\n"
                            "> flat\n";

static struct lang *load(struct arena *a, const char *text)
{
    struct lang *l = NULL;
    struct err err = {0};
    T_EQ(lang_load(str_of(english), str_of(text), a, &l, &err), 0);
    return l;
}

static void texts_fall_back_to_english(void)
{
    struct arena *a = arena_new();
    struct lang *l = load(a, other);
    struct str found = STR("");
    T_STR(lang_code(l), "xx");
    T_STR(lang_text(l, "a.one"), "Un {n}");
    T_STR(lang_text(l, "a.two"), "Two");
    T_STR(lang_text(l, "a.none"), "a.none");
    T_OK(lang_find(l, "a.", STR("two"), &found));
    T_STR(found, "Two");
    T_OK(!lang_find(l, "a.", STR("three"), &found));
    T_STR(found, "Two");
    arena_free(a);
}

static void translate(const struct lang *l, struct arena *a, const char *in, bool known,
                      const char *want)
{
    struct str got;
    T_EQ(lang_sentence(l, str_of(in), a, &got), known);
    t_str(got, str_of(want), in, __FILE__, __LINE__);
}

static void sentences_are_matched_with_holes(void)
{
    struct arena *a = arena_new();
    struct lang *l = load(a, other);
    translate(l, a, "plain", true, "flat");
    translate(l, a, "plain ", false, "plain ");
    translate(l, a, "me used it (GET)", true, "(GET) it < me");
    translate(l, a, " used it (GET)", false, " used it (GET)"); /* a hole is never empty */
    translate(l, a, "a used b used c (x) (y)", true, "(x) (y) b used c < a");
    translate(l, a, "iis: none, cleared 5", true, "iis 0 C 5");
    translate(l, a, "iis: none, else", true, "iis 0 else");
    translate(l, a, "plain; cleared 5", true, "flat+C 5");
    translate(l, a, "plain; other", false, "plain; other"); /* not of two languages */
    translate(l, a, "", false, "");
    arena_free(a);
}

static void english_is_itself(void)
{
    struct arena *a = arena_new();
    translate(load(a, ""), a, "anything", true, "anything");
    arena_free(a);
}

static void a_hostile_sentence_costs_little(void)
{
    enum { LONG = 20000 };
    struct arena *a = arena_new();
    struct lang *l = load(a, "language xx\n[sentences]\n"
                             "= {a}x{b}x{c}x{d}x{e}x{f}x{g}y\n> no\n");
    char *text = arena_alloc(a, LONG, 1);
    memset(text, 'x', LONG);
    struct str got;
    T_OK(!lang_sentence(l, (struct str){text, LONG}, a, &got));
    T_EQ(got.n, LONG);
    arena_free(a);
}

static void a_bad_file_is_refused_with_its_line(void)
{
    static const char *const bad[] = {
        "no head\n",
        "language \n",
        "language a b\n",
        "language xx\n[texts]\nno text\n",
        "language xx\n[sentences]\n> first\n",
        "language xx\n[sentences]\n= one\n= two\n> b\n",
        "language xx\n[sentences]\n= end\n",
        "[texts]\na = b\n",
        "language xx\n\xff\n",
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct arena *a = arena_new();
        struct lang *l = NULL;
        struct err err = {0};
        T_EQ(lang_load(str_of(english), str_of(bad[i]), a, &l, &err), -1);
        T_EQ(err.code, ERR_INVALID);
        T_OK(l == NULL);
        arena_free(a);
    }
}

static void any_beginning_is_read_or_refused(void)
{
    for (size_t n = 0; n < sizeof other; n++) {
        struct arena *a = arena_new();
        struct lang *l = NULL;
        struct err err = {0};
        (void)lang_load(str_of(english), (struct str){other, n}, a, &l, &err);
        arena_free(a);
    }
}

static void holes_are_found(void)
{
    struct str text = STR("a {b}{c} d } {e");
    struct lang_piece p;
    size_t at = 0;
    T_EQ(lang_next(text, &at, &p), 1);
    T_STR(p.text, "a ");
    T_OK(!p.hole);
    T_EQ(lang_next(text, &at, &p), 1);
    T_STR(p.text, "b");
    T_OK(p.hole);
    T_EQ(lang_next(text, &at, &p), 1);
    T_STR(p.text, "c");
    T_EQ(lang_next(text, &at, &p), 1);
    T_STR(p.text, " d } {e"); /* what is not closed is words */
    T_EQ(lang_next(text, &at, &p), 0);
}

int main(void)
{
    T_RUN(texts_fall_back_to_english);
    T_RUN(sentences_are_matched_with_holes);
    T_RUN(english_is_itself);
    T_RUN(a_hostile_sentence_costs_little);
    T_RUN(a_bad_file_is_refused_with_its_line);
    T_RUN(any_beginning_is_read_or_refused);
    T_RUN(holes_are_found);
    return t_done();
}
