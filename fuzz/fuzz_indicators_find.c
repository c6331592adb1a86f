/* Any bytes as a value in which indicators of every type are looked for. */
#include <stdlib.h>

#include "base/utf.h"
#include "rule/indicator_import.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static const char list[] =
    "203.0.113.7\n198.51.100.0/24\n2001:db8::/32\nevil.example.org\nhttp://bad.example.net/a\n"
    "bad.exe\nC:\\Temp\\x y.dll\n\\a\\b*.aspx\npipe: evil_*\nua: tool 1\nx@evil.example.com\n"
    "text: some words\nc3ab8ff13720e8ad9047dd39466b3c89\n\\\\x\\d+\\.tmp;70;ok\n";

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct arena *arena = arena_new();
    struct indicators *set = indicators_new();
    struct err err = {0};
    const struct indicator_hit *hits = NULL;
    (void)indicators_import(set, STR("l"), str_bytes(str_of(list)), &err);
    indicators_finish(set);
    struct indicator_finder *f = indicator_finder_new(set);
    struct event ev = {.kind = EVENT_WINDOWS};
    struct str value = utf8_repair((struct bytes){data, n}, arena);
    event_add(&ev, arena, SECTION_DATA, FIELD_TEXT, STR("UserAgent"), value);
    size_t found = indicators_find(f, &ev, arena, &hits);
    if (found && !indicators_may_row(f, str_bytes(value)))
        abort(); /* what is found in a field must make its row worth reading */
    indicator_finder_free(f);
    indicators_free(set);
    arena_free(arena);
    return 0;
}
