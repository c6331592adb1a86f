/* Any bytes as a row of JSON values; every text that comes out must be valid UTF-8. */
#include <assert.h>

#include "base/json_read.h"
#include "base/utf.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void check(const struct json *v)
{
    for (; v; v = v->next) {
        assert(utf8_valid((struct bytes){(const uint8_t *)v->text.p, v->text.n}));
        assert(utf8_valid((struct bytes){(const uint8_t *)v->key.p, v->key.n}));
        check(v->child); /* no deeper than LIMIT_JSON_DEPTH */
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct arena *arena = arena_new();
    struct str text = {(const char *)data, n};
    size_t at = 0;
    struct json *v;
    struct err err;
    while (json_next(text, &at, arena, &v, &err) > 0)
        check(v);
    assert(at <= n);
    arena_free(arena);
    return 0;
}
