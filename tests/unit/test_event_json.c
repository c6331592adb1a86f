#include "base/buf.h"
#include "base/limits.h"
#include "event/event.h"

#include "t.h"

static void is_written(const struct field *fields, size_t n, const char *want)
{
    struct event ev = {.kind = EVENT_WINDOWS, .time = INSTANT_NONE, .utc_hint = INSTANT_NONE};
    struct arena *arena = arena_new();
    struct buf out = buf_new(LIMIT_JSON_VALUE);
    for (size_t i = 0; i < n; i++)
        event_add(&ev, arena, fields[i].section, fields[i].type, fields[i].name,
                  fields[i].value);
    event_json(&ev, &out);
    t_str(buf_str(&out), str_of(want), "event", __FILE__, __LINE__);
    buf_free(&out);
    arena_free(arena);
}

static struct field text(enum field_section section, struct str name, struct str value)
{
    return (struct field){name, value, section, FIELD_TEXT};
}

/* A name that stands more than once is written where it stands first, as a list. */
static void repeated_names(void)
{
    const struct field fields[] = {
        text(SECTION_DATA, STR("Data"), STR("1")),
        text(SECTION_SYSTEM, STR("Data"), STR("2")),
        text(SECTION_DATA, STR("Other"), STR("3")),
        text(SECTION_DATA, STR("Data"), STR("4")),
        {STR("Data"), STR(""), SECTION_DATA, FIELD_NULL},
    };
    is_written(fields, sizeof fields / sizeof *fields,
               "{\"kind\":\"windows\",\"time\":null,\"offset\":0,"
               "\"system\":{\"Data\":\"2\"},"
               "\"fields\":{\"Data\":[\"1\",\"4\",null],\"Other\":\"3\"}}");
}

/* Names of one length that begin and end alike are still two names. */
static void names_alike(void)
{
    const struct field fields[] = {
        text(SECTION_DATA, STR("aXbcd"), STR("1")), text(SECTION_DATA, STR("aYbcd"), STR("2")),
        text(SECTION_DATA, STR(""), STR("3")),      text(SECTION_DATA, STR("aXbcd"), STR("4")),
        text(SECTION_DATA, STR("AXbcd"), STR("5")),
    };
    is_written(fields, sizeof fields / sizeof *fields,
               "{\"kind\":\"windows\",\"time\":null,\"offset\":0,"
               "\"fields\":{\"aXbcd\":[\"1\",\"4\"],\"aYbcd\":\"2\",\"\":\"3\","
               "\"AXbcd\":\"5\"}}");
}

int main(void)
{
    T_RUN(repeated_names);
    T_RUN(names_alike);
    return t_done();
}
