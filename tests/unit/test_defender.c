#include "event/map_defender.h"
#include "format/defender.h"
#include "format/format.h"
#include "t.h"

static struct arena *a;

struct made {
    uint8_t b[4096];
    size_t n;
};

static void put(struct made *m, uint64_t v, size_t n)
{
    for (size_t i = 0; i < n; i++)
        m->b[m->n++] = (uint8_t)(v >> 8 * i);
}

static void put_wide(struct made *m, const char *text)
{
    for (; *text; text++)
        put(m, (uint8_t)*text, 2);
    put(m, 0, 2);
}

static void align(struct made *m)
{
    while (m->n % 8)
        put(m, 0, 1);
}

static void number(struct made *m, uint32_t type, size_t size, uint64_t v)
{
    put(m, size, 4);
    put(m, type, 4);
    put(m, v, size);
    align(m);
}

static void text(struct made *m, const char *s)
{
    put(m, (strlen(s) + 1) * 2, 4);
    put(m, DEFENDER_TEXT, 4);
    put_wide(m, s);
    align(m);
}

static void tracking(struct made *m)
{
    static const char key[] = "ThreatTrackingSha256";
    size_t key_bytes = sizeof key * 2;
    size_t n = 4 + key_bytes + 4 + 4 + 6;
    put(m, 24 + n, 4);
    put(m, DEFENDER_BYTES, 4);
    put(m, 1, 4); /* a header of 20 bytes, and the size of the values */
    put(m, 20, 4);
    put(m, n, 4);
    put(m, 24 + n, 4);
    put(m, 0, 4);
    put(m, n, 4);
    put(m, key_bytes, 4);
    put_wide(m, key);
    put(m, 6, 4);
    put(m, 6, 4);
    put_wide(m, "ab");
    align(m);
}

static const uint64_t WHEN = 132600000000000000; /* 2021-03-13T05:20:00Z */

static struct made detection(void)
{
    struct made m = {.n = 0};
    number(&m, 8, 8, 2147700001);
    put(&m, 16, 4);
    put(&m, DEFENDER_GUID, 4);
    for (unsigned i = 0; i < 16; i++)
        put(&m, i, 1);
    text(&m, "Magic.Version:1.2");
    text(&m, "Backdoor:ASP/Chopper.A");
    for (uint32_t i = 2; i < 10; i++)
        number(&m, 6, 4, i == 4 ? 6 : i == 7 ? 3 : 9);
    text(&m, "Magic.Version:1.2");
    text(&m, "file");
    text(&m, "C:\\inetpub\\wwwroot\\x.zip->y.aspx");
    number(&m, 6, 4, 0);
    number(&m, 6, 4, 0);
    tracking(&m);
    for (uint32_t i = 6; i < 22; i++) {
        if (i == 12)
            text(&m, "EXAMPLE\\u");
        else if (i == 14)
            text(&m, "C:\\w3wp.exe");
        else
            number(&m, 10, 8, i == 18 ? WHEN : 0);
    }
    return m;
}

static void a_detection_is_one_event(void)
{
    struct made m = detection();
    struct bytes file = {m.b, m.n};
    struct defender_events *s = defender_events_open(file, a);
    struct event ev;
    struct span gap;
    struct err err = {0};
    T_EQ(format_sniff(file), FORMAT_DEFENDER);
    T_EQ(defender_events_next(s, a, &ev, &gap, &err), 1);
    T_OK(ev.time == instant_of_filetime(WHEN));
    T_EQ(ev.n, 0);
    defender_events_fill(s, a, &ev);
    T_STR(event_text(&ev, "ThreatId"), "2147700001");
    T_STR(event_text(&ev, "DetectionId"), "{03020100-0504-0706-0809-0A0B0C0D0E0F}");
    T_STR(event_text(&ev, "ThreatName"), "Backdoor:ASP/Chopper.A");
    T_STR(event_text(&ev, "Category"), "backdoor");
    T_STR(event_text(&ev, "ThreatStatusName"), "quarantined");
    T_STR(event_text(&ev, "ResourceType"), "file");
    T_STR(event_text(&ev, "Path"), "C:\\inetpub\\wwwroot\\x.zip");
    T_STR(event_text(&ev, "WebPath"), "/x.zip");
    T_STR(event_text(&ev, "Sha256"), "ab");
    T_STR(event_text(&ev, "User"), "EXAMPLE\\u");
    T_STR(event_text(&ev, "Process"), "C:\\w3wp.exe");
    T_STR(event_text(&ev, "RemediationTime"), "");
    T_EQ(defender_events_next(s, a, &ev, &gap, &err), 0);
}

static void a_torn_file_gives_what_it_holds(void)
{
    struct made m = detection();
    struct defender_events *s = defender_events_open((struct bytes){m.b, m.n - 20}, a);
    struct event ev;
    struct span gap;
    struct err err = {0};
    T_EQ(defender_events_next(s, a, &ev, &gap, &err), 1);
    defender_events_fill(s, a, &ev);
    T_STR(event_text(&ev, "User"), "EXAMPLE\\u");
    T_EQ(defender_events_next(s, a, &ev, &gap, &err), -1);
    T_OK(gap.from < gap.to && gap.to == m.n - 20);
    T_EQ(defender_events_next(s, a, &ev, &gap, &err), 0);
}

static void walk(struct bytes data)
{
    struct arena *arena = arena_new();
    struct defender_events *s = defender_events_open(data, arena);
    struct event ev;
    struct span gap;
    struct err err = {0};
    int got;
    while ((got = defender_events_next(s, arena, &ev, &gap, &err)) != 0)
        if (got > 0)
            defender_events_fill(s, arena, &ev);
    (void)defender_is(data);
    arena_free(arena);
}

static void survives_truncation_and_flips(void)
{
    struct made m = detection();
    t_each_prefix((struct bytes){m.b, m.n}, walk);
    for (size_t i = 0; i < m.n * 8; i++) {
        m.b[i / 8] = (uint8_t)(m.b[i / 8] ^ 1 << i % 8);
        walk((struct bytes){m.b, m.n});
        m.b[i / 8] = (uint8_t)(m.b[i / 8] ^ 1 << i % 8);
    }
}

int main(void)
{
    a = arena_new();
    T_RUN(a_detection_is_one_event);
    T_RUN(a_torn_file_gives_what_it_holds);
    T_RUN(survives_truncation_and_flips);
    arena_free(a);
    return t_done();
}
