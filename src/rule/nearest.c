/* nearest.c - Damerau and Levenshtein's distance (neighbours may be swapped). */
#include "rule/nearest.h"

#include <stdbool.h>

enum { WORD_MAX = 48 };

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

static bool same(struct str a, size_t i, struct str b, size_t k)
{
    return ascii_lower(a.p[i]) == ascii_lower(b.p[k]);
}

static size_t distance(struct str a, struct str b)
{
    size_t row[3][WORD_MAX + 1]; /* this one and the two before it */
    for (size_t k = 0; k <= b.n; k++)
        row[0][k] = k;
    for (size_t i = 1; i <= a.n; i++) {
        size_t *now = row[i % 3];
        const size_t *up = row[(i + 2) % 3];
        const size_t *above = row[(i + 1) % 3];
        now[0] = i;
        for (size_t k = 1; k <= b.n; k++) {
            size_t change = up[k - 1] + !same(a, i - 1, b, k - 1);
            now[k] = least(change, least(up[k], now[k - 1]) + 1);
            bool swapped =
                i > 1 && k > 1 && same(a, i - 1, b, k - 2) && same(a, i - 2, b, k - 1);
            if (swapped)
                now[k] = least(now[k], above[k - 2] + 1);
        }
    }
    return row[a.n % 3][b.n];
}

void nearest_try(struct nearest *n, struct str candidate)
{
    size_t most = n->word.n > 4 ? 2 : 1;
    size_t apart = n->word.n > candidate.n ? n->word.n - candidate.n : candidate.n - n->word.n;
    if (n->word.n < 2 || n->word.n > WORD_MAX || candidate.n > WORD_MAX || apart > most)
        return;
    size_t d = distance(n->word, candidate);
    if (d <= most && (n->best.n == 0 || d < n->distance)) {
        n->best = candidate;
        n->distance = d;
    }
}
