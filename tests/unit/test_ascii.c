/* Every place of a byte that is not like the others, at every length that the steps of sixteen
 * make a difference for. */
#include "base/ascii.h"

#include "t.h"

enum { LENGTHS = 70 };

static void runs_end_at_the_first_high_byte(void)
{
    size_t wrong = 0;
    for (size_t n = 0; n <= LENGTHS; n++) {
        char *p = malloc(n + 1);
        if (!p)
            abort();
        for (size_t at = 0; at <= n; at++) {
            memset(p, 0x7f, n);
            if (at < n)
                p[at] = (char)0x80;
            if (at + 1 < n)
                p[n - 1] = (char)0xff;
            wrong += ascii_run(p, n) != at;
        }
        free(p);
    }
    T_EQ(wrong, 0);
}

static void every_byte_at_every_place_is_lowered_alone(void)
{
    char p[LENGTHS];
    char out[LENGTHS];
    size_t wrong = 0;
    for (size_t at = 0; at < LENGTHS; at++) {
        for (unsigned c = 0; c < 256; c++) {
            bool upper = c >= 'A' && c <= 'Z';
            memset(p, 'x', sizeof p);
            p[at] = (char)c;
            wrong += ascii_has_upper(p, sizeof p) != upper;
            ascii_lower_put(out, p, sizeof p);
            wrong += (unsigned char)out[at] != (upper ? c + 32 : c);
            p[at] = out[at];
            wrong += memcmp(p, out, sizeof p) != 0;
        }
    }
    T_EQ(wrong, 0);
}

static void narrowing_stops_at_what_is_not_ascii(void)
{
    static const uint16_t stops[] = {0,      0x80,   0xff,   0x100, 0x141,
                                     0x7fff, 0x8000, 0xd83d, 0xff41};
    size_t wrong = 0;
    for (size_t n = 0; n <= LENGTHS; n++) {
        uint8_t *p = malloc(2 * n + 1);
        char *out = malloc(n + 1);
        if (!p || !out)
            abort();
        for (size_t at = 0; at <= n; at++) {
            for (size_t i = 0; i < n; i++) {
                p[2 * i] = (uint8_t)(1 + (i * 7 + at) % 127);
                p[2 * i + 1] = 0;
            }
            uint16_t stop = stops[(n + at) % (sizeof stops / sizeof stops[0])];
            if (at < n) {
                p[2 * at] = (uint8_t)stop;
                p[2 * at + 1] = (uint8_t)(stop >> 8);
            }
            wrong += ascii_narrow(out, p, n) != at;
            for (size_t i = 0; i < at; i++)
                wrong += (uint8_t)out[i] != p[2 * i];
        }
        free(p);
        free(out);
    }
    T_EQ(wrong, 0);
}

int main(void)
{
    T_RUN(runs_end_at_the_first_high_byte);
    T_RUN(every_byte_at_every_place_is_lowered_alone);
    T_RUN(narrowing_stops_at_what_is_not_ascii);
    return t_done();
}
