/* Literals and a text out of any bytes: what is found is what a plain search finds, with and
 * without vector instructions, folded and raw.
 *
 * Each literal is a byte that says its test (two bits) and its length, then its text; a length
 * of 0 ends the list. What follows is the text that is searched. */
#include <assert.h>

#include "rule/literals.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

enum { LITERALS_MAX = 256 };

struct input {
    struct literal list[LITERALS_MAX];
    size_t n;
    struct str text;
};

static void parse(const uint8_t *data, size_t n, struct input *in)
{
    size_t at = 0;
    in->n = 0;
    while (at < n && in->n < LITERALS_MAX) {
        enum text_test test = (enum text_test)(TEXT_EXACT + (data[at] & 3));
        size_t size = data[at++] >> 2;
        if (size == 0)
            break;
        size = size < n - at ? size : n - at;
        if (size > 0 || test == TEXT_EXACT)
            in->list[in->n] =
                (struct literal){(uint32_t)in->n, test, {(const char *)data + at, size}};
        in->n += size > 0 || test == TEXT_EXACT;
        at += size;
    }
    in->text = (struct str){(const char *)data + at, n - at};
}

static bool stands(const struct literal *x, struct str text)
{
    if (x->text.n > text.n)
        return false;
    if (x->test == TEXT_EXACT)
        return str_eq(x->text, text);
    if (x->test == TEXT_PREFIX)
        return str_starts(text, x->text);
    if (x->test == TEXT_SUFFIX)
        return str_eq(str_part(text, text.n - x->text.n, text.n), x->text);
    return str_find(text, x->text, 0) != SIZE_MAX;
}

static struct str classed(const uint8_t *class_of, struct str text, struct arena *arena)
{
    char *p = ARENA_ARRAY(arena, char, text.n + 1);
    for (size_t i = 0; i < text.n; i++)
        p[i] = (char)class_of[(uint8_t)text.p[i]];
    return (struct str){p, text.n};
}

static void check(struct literals *l, const struct input *in, bool raw, struct str folded,
                  const struct literal *as_found, struct arena *arena)
{
    struct literal_hits hits;
    literal_hits_init(&hits, LITERALS_MAX, arena);
    if (raw)
        literals_scan_raw(l, str_bytes(in->text), &hits);
    else
        literals_scan(l, folded, &hits);
    for (size_t i = 0; i < in->n; i++)
        assert(literal_hits_has(&hits, (uint32_t)i) == stands(&as_found[i], folded));
    if (raw)
        assert(literals_any_raw(l, str_bytes(in->text)) == (hits.n > 0));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    static struct input in;
    struct arena *arena = arena_new();
    uint8_t class_of[256];
    parse(data, n, &in);
    struct literals *l = literals_new(in.list, in.n, arena);
    check(l, &in, false, in.text, in.list, arena);
    if (l)
        literals_no_vectors(l);
    check(l, &in, false, in.text, in.list, arena);

    literals_classes(STR("+ \\/"), class_of);
    struct str folded = classed(class_of, in.text, arena);
    static struct literal as_found[LITERALS_MAX];
    for (size_t i = 0; i < in.n; i++) {
        in.list[i].test = TEXT_CONTAINS;
        if (in.list[i].text.n == 0)
            in.list[i].text = STR("x");
        as_found[i] = in.list[i];
        as_found[i].text = classed(class_of, in.list[i].text, arena);
    }
    l = literals_new_raw(in.list, in.n, class_of, arena);
    check(l, &in, true, folded, as_found, arena);
    if (l)
        literals_no_vectors(l);
    check(l, &in, true, folded, as_found, arena);
    arena_free(arena);
    return 0;
}
