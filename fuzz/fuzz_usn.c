/* Any bytes as a change journal. Every text that comes out must be valid UTF-8, and every record and
 * gap lie in the file. */
#include <assert.h>

#include "base/utf.h"
#include "event/source.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct arena *arena = arena_new();
    struct arena *record = arena_new();
    struct source *s = source_open((struct bytes){data, n}, FORMAT_USN, STR("h/C/x"),
                                   (struct span){.to = n}, arena);
    struct event ev;
    struct span gap;
    struct err err = {0};
    int got;
    while ((got = source_next(s, record, &ev, &gap, &err)) != 0) {
        assert(got > 0 || (gap.from <= gap.to && gap.to <= n));
        assert(got < 0 || (ev.offset <= n && ev.size <= n - ev.offset));
        if (got > 0)
            source_fill(s, record, &ev);
        for (size_t i = 0; got > 0 && i < ev.n; i++)
            assert(utf8_valid(str_bytes(ev.fields[i].value)));
        arena_reset(record);
    }
    source_close(s);
    arena_free(record);
    arena_free(arena);
    return 0;
}
