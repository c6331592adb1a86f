/* keywords.c - see keywords.h.
 *
 * Of UTF-16 the lower byte of each character is looked at alone; the upper one can only make a
 * text rarer. Two characters beyond ASCII fold to an ASCII letter, U+017F and U+212A: their lower
 * bytes are taken for these letters.
 */
#include "rule/keywords_int.h"

#include <stdlib.h>
#include <string.h>

enum { GROUPS = 8, LEAST = KEYWORD_GRAM };

/* ---- which part of a text is looked for ---- */

/* Characters that values have which are not text in a record: numbers, times, GUIDs, SIDs, true,
 * false, inf, nan. */
static bool is_of_value(char c)
{
    return strchr("0123456789abcdeflnrstuxzi{}.:+- ", c) != NULL;
}

static bool is_plain(char c)
{
    return c > ' ' && c < 0x7f;
}

/* The next run of characters that are written one by one, the same in every text: values are
 * joined by blanks. */
static struct str next_run(struct str text, size_t *at)
{
    while (*at < text.n && !is_plain(text.p[*at]))
        (*at)++;
    size_t from = *at;
    while (*at < text.n && is_plain(text.p[*at]))
        (*at)++;
    return str_part(text, from, *at);
}

static bool can_be_looked_for(struct str run)
{
    bool is_text = false;
    for (size_t i = 0; i < run.n; i++)
        is_text |= !is_of_value(run.p[i]);
    return is_text && run.n >= LEAST;
}

/* ---- which characters of it are looked for first ---- */

static unsigned commonness(char c)
{
    return strchr("etaoinsr\\", c) ? 4 : strchr("lcdumph.w0", c) ? 3 : 1;
}

static size_t rarest_gram(struct str text, unsigned *ret_commonness)
{
    size_t best = 0;
    unsigned least = UINT32_MAX;
    for (size_t i = 0; i + KEYWORD_GRAM <= text.n; i++) {
        unsigned sum =
            commonness(text.p[i]) + commonness(text.p[i + 1]) + commonness(text.p[i + 2]);
        if (sum < least) {
            least = sum;
            best = i;
        }
    }
    *ret_commonness = least;
    return best;
}

static bool is_char(char want, uint8_t byte)
{
    return byte == (uint8_t)want || ascii_lower((char)byte) == want ||
           (want == 's' && byte == 0x7f) || (want == 'k' && byte == 0x2a);
}

static void add_gram(struct keywords *k, const struct keyword *word)
{
    uint8_t bit = (uint8_t)(1U << word->group);
    for (size_t j = 0; j < KEYWORD_GRAM; j++)
        for (unsigned byte = 0; byte < 256; byte++) {
            if (!is_char(word->text.p[word->gram + j], (uint8_t)byte))
                continue;
            k->has[j][byte] |= bit;
            k->low[j][byte & 15] |= bit;
            k->high[j][byte >> 4] |= bit;
        }
}

static bool add_text(struct keywords *k, struct str text, struct arena *arena)
{
    struct keyword best = {0};
    unsigned least = UINT32_MAX;
    for (size_t at = 0; at < text.n;) {
        struct str run = next_run(text, &at);
        unsigned common = 0;
        size_t gram = rarest_gram(run, &common);
        if (can_be_looked_for(run) && common < least) {
            best = (struct keyword){.text = run, .gram = gram};
            least = common;
        }
    }
    if (best.text.n == 0)
        return false;
    best.text = arena_str(arena, best.text);
    k->list[k->n++] = best;
    return true;
}

static int by_gram(const void *a, const void *b)
{
    const struct keyword *x = a;
    const struct keyword *y = b;
    return memcmp(x->text.p + x->gram, y->text.p + y->gram, KEYWORD_GRAM);
}

/* Texts of like characters are in one group: it then has few more than theirs. */
static void add_groups(struct keywords *k)
{
    qsort(k->list, k->n, sizeof *k->list, by_gram);
    for (size_t i = 0; i < k->n; i++) {
        k->list[i].group = (uint8_t)(i * GROUPS / k->n);
        add_gram(k, &k->list[i]);
    }
}

struct keywords *keywords_new(const struct str *texts, size_t n, struct arena *arena)
{
    struct keywords *k = ARENA_NEW(arena, struct keywords);
    k->list = ARENA_ARRAY(arena, struct keyword, n);
    k->vectors = keywords_avx2_is_here();
    for (size_t i = 0; i < n; i++)
        if (!add_text(k, texts[i], arena))
            return NULL;
    add_groups(k);
    return k;
}

void keywords_no_vectors(struct keywords *k)
{
    k->vectors = false;
}

/* ---- looking ---- */

/* step  bytes of a character: 2 for UTF-16, else 1 */
static bool stands_at(const struct keyword *word, struct bytes raw, size_t at, size_t step)
{
    if (word->gram * step > at)
        return false;
    size_t from = at - word->gram * step;
    if ((word->text.n - 1) * step >= raw.n - from)
        return false;
    for (size_t i = 0; i < word->text.n; i++)
        if (!is_char(word->text.p[i], raw.p[from + i * step]))
            return false;
    return true;
}

static bool looks_right(const struct keywords *k, struct bytes raw, size_t at)
{
    for (size_t step = 1; step <= 2; step++) {
        if (raw.n - at <= 2 * step)
            continue;
        unsigned groups = k->has[0][raw.p[at]] & k->has[1][raw.p[at + step]] &
                          k->has[2][raw.p[at + 2 * step]];
        for (size_t i = 0; groups && i < k->n; i++)
            if ((groups >> k->list[i].group & 1) && stands_at(&k->list[i], raw, at, step))
                return true;
    }
    return false;
}

bool keywords_stand(const struct keywords *k, struct bytes raw)
{
    for (size_t at = 0; at < raw.n; at++) {
        if (k->vectors)
            at = keywords_next_avx2(k, raw, at);
        if (at < raw.n && k->has[0][raw.p[at]] && looks_right(k, raw, at))
            return true;
    }
    return false;
}
