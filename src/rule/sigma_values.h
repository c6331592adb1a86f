/* sigma_values.h - the values of an event's fields, as rules see them. */
#pragma once

#include "rule/sigma_eval.h"

/* The values of a field, through the mapping in force; looked up once for an event. */
struct values *sigma_values(struct eval *e, uint32_t field);

/* Whether events are rows of a web server: their texts are as clients sent them, and offered in
 * further forms. */
bool sigma_is_web(enum event_kind kind);

/* A Windows event's text without the blanks behind it, if there are any: Windows pads some names
 * with them ("NtLmSsp "), which no rule knows. It is offered besides the text. */
bool sigma_unpadded(enum event_kind kind, struct str text, struct str *ret);

/* What the head says in place of a field that the event does not have; false if nothing. */
bool sigma_head_value(const struct event *ev, struct str name, struct str *ret);

/* The texts in which keywords are looked for: all values of the head and the data; the
 * unnamed data once more as one text, each value with a blank before it; the message only
 * where there are no data. */
struct values *sigma_texts(struct eval *e);
