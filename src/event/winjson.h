/* winjson.h - what the JSON of many exporters says about one Windows event.
 *
 * Recognised are: the XML's own structure (evtx_dump, xmltodict, Velociraptor), Winlogbeat
 * in its old and its ECS form, and flat objects (NXLog, Mordor, Velociraptor's rows). The
 * names that come out are those of EVTX, so that a rule sees the same event either way.
 *
 * Source: docs/formats/windows-json.md
 */
#pragma once

#include "base/json_read.h"
#include "event/event.h"

enum winjson_system { /* in the order of the XML */
                      WJ_PROVIDER_NAME,
                      WJ_PROVIDER_GUID,
                      WJ_EVENT_ID,
                      WJ_QUALIFIERS,
                      WJ_VERSION,
                      WJ_LEVEL,
                      WJ_TASK,
                      WJ_OPCODE,
                      WJ_KEYWORDS,
                      WJ_TIME,
                      WJ_RECORD,
                      WJ_ACTIVITY,
                      WJ_RELATED_ACTIVITY,
                      WJ_PROCESS,
                      WJ_THREAD,
                      WJ_CHANNEL,
                      WJ_COMPUTER,
                      WJ_USER,
                      WJ_SYSTEM_FIELDS,
};

enum winjson_shape {
    WJ_XML,   /* System and EventData as in the event's XML */
    WJ_BEATS, /* winlog.event_id, winlog.event_data, ...; or the same without "winlog" */
    WJ_FLAT,  /* EventID, Channel and the data side by side */
};

struct winjson {
    enum winjson_shape shape;
    const struct json *root;             /* the object that has the shape */
    struct str system[WJ_SYSTEM_FIELDS]; /* canonical; "" where it is not said */
    struct str message;                  /* "" if there is none */
    instant time;
    bool zoneless; /* the time was written without its offset from UTC */

    bool braced_guids; /* WJ_XML: GUIDs are written in braces, as Windows does */

    bool nxlog;         /* WJ_FLAT: NXLog's own fields stand among the data */
    bool has_data;      /* WJ_FLAT: data are in an object of their own */
    bool has_execution; /* WJ_FLAT: the execution's process id has a name of its own */
};

/* Reads the head of a record. False if it is not a Windows event: that has an EventID and a
 * channel or provider.
 *
 * record  an object; must outlive *ret
 * arena   owns the texts that had to be rewritten
 */
bool winjson_read(const struct json *record, struct arena *arena, struct winjson *ret);

/* Adds the fields: System, data, Message. */
void winjson_fill(const struct winjson *w, struct arena *arena, struct event *ev);

/* The UtcTime that Sysmon writes among the data; INSTANT_NONE in other providers' events. */
instant winjson_utc_hint(const struct winjson *w);
