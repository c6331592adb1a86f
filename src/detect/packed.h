/* packed.h - several texts and numbers in one text of a signal, and an event's fields so.
 *
 * They follow each other as "length:text" and "number:"; each stands for itself, whatever is in it.
 */
#pragma once

#include "base/buf.h"
#include "event/event.h"

void packed_put(struct buf *out, struct str s);
void packed_put_number(struct buf *out, uint64_t v);

/* Section, type, name and value of each; that of the field `without` is left empty (ev->n: none). */
void packed_put_fields(struct buf *out, const struct event *ev, size_t without);

struct packed { /* reading */
    struct str in;
    size_t at;
    bool bad; /* stays; what is read then is empty */
};

struct str packed_get(struct packed *r); /* borrowed */
uint64_t packed_get_number(struct packed *r);
uint32_t packed_get_below(struct packed *r, uint64_t bound);
/* arena owns the table, the texts are borrowed */
void packed_get_fields(struct packed *r, uint32_t n, struct arena *arena, struct event *ev);
