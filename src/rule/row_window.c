/* row_window.c - see row_window.h. */
#include "rule/row_window.h"

#include <string.h>

#include "event/row.h"

enum {
    WINDOW = 16 << 10, /* bytes: with its folded copy it is near the processor */
    ROW_MOST = WINDOW / 2,
    PART = 128, /* bytes: what is found is kept by the part in which it starts */
    PARTS = WINDOW / PART,
    PLACES = 4096, /* found in a window; rows of one with more are looked at one by one */
};

struct row_window {
    const uint8_t *from, *to; /* what was looked through; NULL: nothing */
    bool full;                /* more was found than there is room for */
    bool marked[PARTS];
    uint16_t first[PARTS]; /* place + 1; 0: none */
    uint16_t next[PLACES]; /* in the same part */
    struct literal_place at[PLACES];
    uint8_t room[WINDOW + LITERALS_BEHIND];
};

struct row_window *row_window_new(struct arena *arena)
{
    return ARENA_NEW(arena, struct row_window);
}

void row_window_forget(struct row_window *w)
{
    w->from = w->to = NULL;
}

/* Ends behind a newline, so that no row is cut but one that is longer. */
static size_t whole_lines(const uint8_t *from, size_t left)
{
    if (left <= WINDOW)
        return left;
    const uint8_t *nl = memrchr(from, '\n', WINDOW);
    return nl ? (size_t)(nl - from) + 1 : WINDOW;
}

static void fill(struct row_window *w, const struct literals *l, struct bytes text)
{
    size_t n = 0;
    w->from = text.p;
    w->to = text.p + text.n;
    memset(w->first, 0, sizeof w->first);
    row_marks_by_part(text, PART, w->marked);
    w->full = !literals_places_raw(l, text, w->room, w->at, PLACES, &n);
    for (size_t i = n; i > 0; i--) {
        uint16_t *first = &w->first[w->at[i - 1].at / PART];
        w->next[i - 1] = *first;
        *first = (uint16_t)i;
    }
}

enum window_look row_window_look(struct row_window *w, const struct literals *l,
                                 struct bytes text, struct bytes row, struct literal_hits *hits)
{
    literal_hits_clear(hits);
    uintptr_t start = (uintptr_t)row.p;
    uintptr_t in = (uintptr_t)text.p;
    if (!text.p || start < in || start - in > text.n || row.n > text.n - (start - in) ||
        row.n == 0 || row.n > ROW_MOST)
        return WINDOW_NONE;
    if (!w->from || row.p < w->from || row.p + row.n > w->to) {
        size_t left = text.n - (start - in);
        fill(w, l, (struct bytes){row.p, whole_lines(row.p, left)});
    }
    if (w->full || row.p + row.n > w->to)
        return WINDOW_NONE;
    size_t from = (size_t)(row.p - w->from);
    size_t to = from + row.n;
    for (size_t part = from / PART; part <= (to - 1) / PART; part++) {
        if (w->marked[part])
            return WINDOW_MARKED;
        for (uint16_t i = w->first[part]; i; i = w->next[i - 1]) {
            const struct literal_place *p = &w->at[i - 1];
            if (p->at >= from && p->at + p->n <= to)
                literal_hits_add(hits, p->id);
        }
    }
    return WINDOW_PLAIN;
}
