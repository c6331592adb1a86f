/* t_log.h - reads a text as a log through event/source.h, event by event. */
#pragma once

#include "event/source.h"
#include "t.h"

struct t_log {
    struct arena *arena;
    struct source *source;
    struct event ev; /* the last one, with its fields */
    size_t events, gaps;
};

static inline struct t_log t_log_open(struct bytes file, const char *path)
{
    struct t_log l = {.arena = arena_new()};
    l.source = source_open(file, format_sniff(file), str_of(path),
                           (struct span){.from = 0, .to = file.n}, l.arena);
    return l;
}

/* The next event; false at the end. Gaps are counted. */
static inline bool t_log_next(struct t_log *l)
{
    struct span gap = {0};
    struct err err = {0};
    int got;
    while ((got = source_next(l->source, l->arena, &l->ev, &gap, &err)) < 0)
        l->gaps++;
    if (got == 0)
        return false;
    source_fill(l->source, l->arena, &l->ev);
    l->events++;
    return true;
}

/* The next event whose field holds the text; false at the end. */
static inline bool t_log_find(struct t_log *l, const char *field, const char *text)
{
    while (t_log_next(l))
        if (str_find(event_text(&l->ev, field), str_of(text), 0) != SIZE_MAX)
            return true;
    return false;
}

static inline void t_log_close(struct t_log *l)
{
    source_close(l->source);
    arena_free(l->arena);
}

/* Reads any bytes to the end: for truncation and flipped bits. */
static inline void t_log_read(struct bytes file)
{
    struct t_log l = t_log_open(file, "x/y20210303.log");
    while (t_log_next(&l))
        T_OK(l.ev.offset <= file.n && l.ev.size <= file.n);
    t_log_close(&l);
}

static inline void t_log_flips(struct bytes file)
{
    uint8_t *copy = malloc(file.n);
    if (!copy)
        abort();
    for (size_t i = 0; i < file.n * 8; i++) {
        memcpy(copy, file.p, file.n);
        copy[i / 8] ^= (uint8_t)(1U << (i % 8));
        t_log_read((struct bytes){copy, file.n});
    }
    free(copy);
}

#define T_FIELD(log, name, want) T_STR(event_text(&(log).ev, (name)), want)
