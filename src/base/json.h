/* json.h - writing JSON.
 *
 *     struct json_out j = json_out(&buf);
 *     json_begin(&j, '{');
 *     json_key(&j, "path"); json_str(&j, path);
 *     json_end(&j, '}');
 *
 * Commas are placed by the writer. Text that is not valid UTF-8 gets U+FFFD for each bad
 * byte; control characters are escaped, so no evidence can end a string; and what a terminal
 * would obey or not show (base/safe.h), for JSON is looked at there too. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/time.h"

struct json_out {
    struct buf *buf;
    bool comma; /* the next value needs one before it */
};

static inline struct json_out json_out(struct buf *buf)
{
    return (struct json_out){.buf = buf};
}

void json_begin(struct json_out *j, char bracket); /* '{' or '[' */
void json_end(struct json_out *j, char bracket);   /* '}' or ']' */
void json_key(struct json_out *j, const char *key);
void json_key_str(struct json_out *j, struct str key);
void json_str(struct json_out *j, struct str text);
void json_cstr(struct json_out *j, const char *text);
void json_u64(struct json_out *j, uint64_t v);
void json_i64(struct json_out *j, int64_t v);
void json_bool(struct json_out *j, bool v);
void json_null(struct json_out *j);
void json_time(struct json_out *j, instant t);      /* ISO text, or null for INSTANT_NONE */
void json_raw(struct json_out *j, struct str json); /* already JSON */
