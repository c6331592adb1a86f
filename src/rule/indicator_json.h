/* indicator_json.h - large JSON texts of which only some values are wanted.
 *
 * Values are passed over without being kept; what is wanted is read with base/json_read.h, one
 * value at a time, so that a bundle of any size takes the memory of one object.
 */
#pragma once

#include <stdbool.h>

#include "base/str.h"

struct json_place { /* members of an object, or elements of an array, one after the other */
    struct str text;
    size_t at;
    bool object;
    bool damaged; /* it is not JSON here, or it ends early */
};

/* At the value that starts at `at`: an object or array; false if it is neither. */
bool json_enter(struct str text, size_t at, struct json_place *ret);

/* The next member or element: where its value is, and its name as it is written. False behind
 * the last one, or where the text is damaged. */
bool json_step(struct json_place *p, struct str *ret_key, struct str *ret_value);
