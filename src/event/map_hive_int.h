/* map_hive_int.h - what the files of map_hive.h share. */
#pragma once

#include "event/hive_kind.h"
#include "event/hive_place.h"
#include "event/hive_program.h"
#include "event/map_hive.h"
#include "format/hive_deleted.h"

enum { ADMINISTRATORS_MOST = 256 };

/* What is told of a value besides itself, one after the other. */
struct pieces {
    struct bytes data;
    size_t at;                 /* in a list of strings */
    struct appcompat programs; /* in the cache of programs */
    bool strings;              /* else programs */
    bool any;                  /* there are some still */
    struct str string;         /* the one given last */
    struct program program;
};

struct hive_events {
    struct hive h;
    struct hive_about about;
    struct arena *arena;
    struct hive_walk *walk; /* NULL: there is no hive */
    struct err damage;      /* of its start, to be told first; none: ERR_NONE */
    struct span damage_at;
    struct err damage_2;
    struct span damage_2_at;
    uint32_t administrators[ADMINISTRATORS_MOST]; /* their RIDs, of a SAM hive */
    size_t n_administrators;

    struct hive_deleted *deleted; /* what was deleted, behind the walk's end */
    bool is_deleted;              /* the item is of that */
    bool is_placed;               /* and its path is known */
    const struct hive *from;      /* where the cells of the item are read */
    struct hive_item item;
    struct placed placed; /* of its key */
    char *path;           /* of its key on a live system */
    size_t path_n;
    struct pieces pieces;
    bool is_piece;     /* the event given last is one */
    struct event made; /* its fields, where they were asked for already */
    bool is_made;
};

/* Adds what a value means where it is. `text` is its text, "" if it has none. */
void hive_derive(struct hive_events *r, struct str text, struct arena *arena, struct event *ev);

/* The accounts that belong to Administrators, of a SAM hive. */
void hive_find_administrators(struct hive_events *r);
