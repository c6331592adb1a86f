/* exch_t.h - one made row of an Exchange log, read. */
#pragma once

#include "event/map_exch.h"
#include "t.h"

#define FIELDS(names) "#Software: Microsoft Exchange Server\r\n#Fields: " names "\r\n"
#define AT "2021-03-03T06:49:51.772Z"

/* The first event of a text, filled. */
static inline struct event t_row(const char *text, enum format format, const char *path,
                                 struct arena *a)
{
    struct bytes file = str_bytes(str_of(text));
    struct span span = {.from = 0, .to = file.n};
    struct exch_events *s = exch_events_open(file, format, str_of(path), span, a);
    struct event ev = {0};
    struct span gap;
    struct err err = {0};
    T_EQ(exch_events_next(s, a, &ev, &gap, &err), 1);
    exch_events_fill(s, a, &ev);
    return ev;
}

/* How many values a field has. */
static inline size_t t_values(const struct event *ev, const char *name)
{
    size_t n = 0;
    for (size_t i = 0; i < ev->n; i++)
        n += str_eq(ev->fields[i].name, str_of(name));
    return n;
}

/* Reads a text to its end as each Exchange log there is; damage must be told with its place. */
static inline void t_walk_exch(struct bytes data)
{
    for (int f = FORMAT_HTTPPROXY; f <= FORMAT_EXCHANGE; f++) {
        struct arena *a = arena_new();
        struct arena *record = arena_new();
        struct span span = {.from = 0, .to = data.n};
        struct exch_events *s =
            exch_events_open(data, (enum format)f, STR("SmtpSend/x"), span, a);
        struct event ev;
        struct span gap;
        struct err err = {0};
        int got;
        while ((got = exch_events_next(s, record, &ev, &gap, &err)) != 0) {
            if (got > 0)
                exch_events_fill(s, record, &ev);
            else
                T_OK(gap.from < gap.to && gap.to <= data.n);
            arena_reset(record);
        }
        arena_free(record);
        arena_free(a);
    }
}

static inline void t_flip_exch(char *text, size_t n)
{
    struct bytes b = {(const uint8_t *)text, n};
    for (size_t i = 0; i < n; i++) {
        text[i] = (char)(text[i] ^ 0x09);
        t_walk_exch(b);
        text[i] = (char)(text[i] ^ 0x09);
    }
}
