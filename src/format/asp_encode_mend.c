/* asp_encode_mend.c - encoded script of which a copy lost characters.
 *
 * Each character of encoded script is looked up in one of three tables, by its place. Where a copy
 * lost or gained one - a change of code page did - all behind it comes out wrong. Here the places
 * are found under which most reads as script: at each character the place goes on by one, or jumps,
 * which costs as much as a dozen characters gain (Viterbi's way through 64 states).
 */
#include "format/asp_encode.h"

#include <string.h>

enum {
    TURNS = ASP_ENCODE_TURNS,
    MEND_MAX = 1 << 16, /* characters of a script that is mended */
    JUMP = 24,
    WINDOW = 128,       /* characters of which few read as script where something was lost */
    WINDOW_LEAST = 150, /* what they score at least where nothing was */
    GAIN = 40,          /* a hundredth for each character, at least, that mending gains */
    NO_JUMP = 0xff,
};

/* How likely a character is in script. */
static int score(char c)
{
    if ((c >= 'a' && c <= 'z') || c == ' ')
        return 3;
    if (c >= '0' && c <= '9')
        return 2;
    if ((c >= 'A' && c <= 'Z') || (c && strchr("\"()=,.&_<>/'-+:;\t\r\n", c)))
        return 1;
    return -5;
}

static int score_as_it_is(const struct asp_encoded *e)
{
    int sum = 0;
    for (size_t i = 0; i < e->n; i++)
        sum += score(asp_encode_char(e->chars[i], i % TURNS));
    return sum;
}

static bool reads_badly(const struct asp_encoded *e)
{
    int sum = 0;
    char last = '\0';
    for (size_t i = 0; i < e->n; i++) {
        char c = asp_encode_char(e->chars[i], i % TURNS);
        sum += c == last ? score(' ') : score(c); /* "------", "******" */
        last = c;
        if ((i + 1) % WINDOW)
            continue;
        if (sum < WINDOW_LEAST)
            return true;
        sum = 0;
    }
    return false;
}

static unsigned best_of(const int *scores)
{
    unsigned best = 0;
    for (unsigned i = 1; i < TURNS; i++)
        if (scores[i] > scores[best])
            best = i;
    return best;
}

/* One character further: from which place each place was come to is noted where it was a jump. */
static void advance(int *scores, struct asp_encoded_char c, uint8_t *ret_from)
{
    int next[TURNS];
    unsigned best = best_of(scores);
    for (unsigned i = 0; i < TURNS; i++) {
        int stay = scores[(i + TURNS - 1) % TURNS];
        int jump = scores[best] - JUMP;
        ret_from[i] = jump > stay ? (uint8_t)best : NO_JUMP;
        next[i] = (jump > stay ? jump : stay) + score(asp_encode_char(c, i));
    }
    memcpy(scores, next, sizeof next);
}

bool asp_encode_mend(const struct asp_encoded *e, struct arena *arena, uint8_t *ret_places)
{
    int scores[TURNS];
    if (e->n > MEND_MAX || !reads_badly(e))
        return false;
    struct arena_mark mark = arena_mark(arena);
    uint8_t *from = ARENA_ARRAY(arena, uint8_t, e->n * TURNS);
    for (unsigned i = 0; i < TURNS; i++)
        scores[i] = i == TURNS - 1 ? 0 : -JUMP;
    for (size_t i = 0; i < e->n; i++)
        advance(scores, e->chars[i], from + i * TURNS);
    unsigned at = best_of(scores);
    bool gains = scores[at] - score_as_it_is(e) > (int)(e->n * GAIN / 100);
    for (size_t i = gains ? e->n : 0; i > 0; i--) {
        ret_places[i - 1] = (uint8_t)at;
        uint8_t jumped = from[(i - 1) * TURNS + at];
        at = jumped == NO_JUMP ? (at + TURNS - 1) % TURNS : jumped;
    }
    arena_back(arena, &mark);
    return gains;
}
