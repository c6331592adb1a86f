#include "judge/ids.h"

#include <stdlib.h>
#include <string.h>

struct row {
    const char *id;
    size_t hit;
};

static int by_id(const void *x, const void *y)
{
    const struct row *a = x;
    const struct row *b = y;
    int d = memcmp(a->id, b->id, ID_TEXT);
    return d ? d : a->hit < b->hit ? -1 : a->hit > b->hit;
}

void finding_ids(const struct verdict *verdict, size_t n, struct arena *arena,
                 struct finding_ids *ret)
{
    const char(*at)[ID_TEXT] = verdict->hit_id;
    size_t *first = ARENA_ARRAY(arena, size_t, n);
    struct row *rows = ARENA_ARRAY(arena, struct row, n);
    for (size_t i = 0; i < n; i++) {
        rows[i] = (struct row){at[i], i};
    }
    if (n)
        qsort(rows, n, sizeof *rows, by_id);
    size_t unique = 0;
    for (size_t i = 0; i < n; i++) {
        bool again = i && memcmp(rows[i].id, rows[i - 1].id, ID_TEXT) == 0;
        first[rows[i].hit] = again ? first[rows[i - 1].hit] : rows[i].hit;
        unique += !again;
    }
    *ret = (struct finding_ids){at, first, unique};
}
