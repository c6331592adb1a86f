/* event.h - the normal event: what every kind of evidence becomes before a rule sees it.
 *
 * An event has a head (kind, time, place, and for Windows events channel, provider and
 * EventID) and named fields. A name may occur more than once: such a field has several
 * values (EventData's repeated <Data>, JSON arrays).
 *
 * Field text is what Windows' own viewer would show: GUIDs in braces and upper case, hex
 * numbers as 0x3e7, booleans true/false, SIDs as S-1-5-18, times as ISO 8601 UTC.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/str.h"
#include "base/time.h"
#include "event/wish.h"

enum event_kind {
    EVENT_WINDOWS, /* a Windows event, from EVTX or JSON */
    EVENT_FILE,    /* a file in the inventory */

    EVENT_IIS,     /* a row of an IIS W3C log */
    EVENT_HTTPERR, /* a row of HTTP.sys's error log */
    EVENT_ACCESS,  /* a row of another web server's access log: NCSA forms, IIS's own form */

    /* rows of Exchange's text logs, one kind for each log */
    EVENT_HTTPPROXY,
    EVENT_ECP_SERVER,
    EVENT_ECP_ACTIVITY,
    EVENT_EWS,
    EVENT_AUTODISCOVER,
    EVENT_OWA,
    EVENT_MAPIHTTP,
    EVENT_RPS_CMDLET,
    EVENT_RPS_HTTP,
    EVENT_MESSAGE_TRACKING,
    EVENT_SMTP, /* protocol log, receive or send */
    EVENT_AGENT,
    EVENT_CONNECTIVITY,
    EVENT_AUDIT,
    EVENT_MITIGATION,
    EVENT_EXCHANGE, /* another Exchange log of the same form */

    EVENT_OAB_GENERATOR,  /* a line of the offline address book generator's log */
    EVENT_EXCHANGE_SETUP, /* a line of ExchangeSetup.log */
    EVENT_REMEDIATION,    /* a line of what a removal or mitigation tool wrote */

    /* what a server's own configuration and its file system say */
    EVENT_REGISTRY,     /* a value, or a key without values, of a registry hive */
    EVENT_MFT,          /* an entry of a master file table */
    EVENT_USN,          /* a record of a change journal */
    EVENT_IIS_CONFIG,   /* an element of IIS's or ASP.NET's configuration */
    EVENT_AGENT_CONFIG, /* a transport agent of Exchange's agents.config */
    EVENT_TASK,         /* a scheduled task */
    EVENT_DEFENDER,     /* a detection in Defender's own history */
    EVENT_KINDS,
};

enum field_section {
    SECTION_SYSTEM,  /* head of a Windows event: never merged with data of the same name */
    SECTION_DATA,    /* EventData, UserData, a log's columns */
    SECTION_MESSAGE, /* rendered message text: a keyword sees it only where there is no data */
    SECTION_DERIVED, /* made by us from the others (AnchorHost, WebPath); no keyword sees it */
};

enum field_type { FIELD_TEXT, FIELD_NUMBER, FIELD_GUID, FIELD_NULL };

struct field {
    struct str name;
    struct str value; /* "" for FIELD_NULL */
    enum field_section section;
    enum field_type type;
};

enum event_mark {                   /* marks of provenance, or-ed together */
                  MARK_CRC_BAD = 1, /* chunk checksum wrong */
                  MARK_NO_HEADER =
                      2, /* columns taken from the known order: the log had no header */
                  MARK_TIME_GUESSED =
                      4, /* the time rests on something other than the record itself */
                  MARK_RECOVERED = 8,    /* from slack or carved: proves, never covers */
                  MARK_REASSEMBLED = 16, /* joined from several records */
                  MARK_DECODED = 32,     /* a field's text was decoded for the match */
                  MARK_REDUCED =
                      64, /* the event lacks fields that the rule's filters ask for */
                  MARK_NO_ZONE = 128, /* its time is local time of a zone that nothing says */
                  MARK_DELETED = 256, /* of what the file system, or a hive, had given up */
                  MARK_HEALTH_PROBE =
                      512, /* by what the client says of itself, the product's own
                                              monitoring; only of hits of a pack's rules */
};

struct event {
    enum event_kind kind;
    instant time;      /* as the record states it; INSTANT_NONE if it does not */
    uint64_t offset;   /* of the record in its file (unpacked, if compressed), bytes */
    uint64_t size;     /* bytes of the record */
    uint64_t record;   /* EventRecordID; 0 where there is none */
    unsigned marks;    /* enum event_mark */
    uint32_t event_id; /* Windows only */
    struct str channel;
    struct str provider;
    struct str host;  /* Computer, ServerHostName, ServerName; "" if the record has none */
    struct str part;  /* of its source, for coverage: "Ecp", "frontend"; "" if none */
    instant utc_hint; /* Sysmon's UtcTime beside a TimeCreated that may lie; else NONE */
    struct field *fields;
    size_t n;
    size_t cap;
    /* Of an event that was filled for a wish: for each of its names, the fields that event_find
     * gives for it, in their order. `wish` is the wish's id; 0: event_find must be asked. */
    const struct wished *wished;
    uint32_t n_wished;
    uint32_t wish;
};

/* Appends a field. `name` and `value` are borrowed; the table grows in `arena`.
 * Beyond LIMIT_FIELDS the field is dropped. */
void event_add(struct event *ev, struct arena *arena, enum field_section section,
               enum field_type type, struct str name, struct str value);

/* The next field of this name at or after *at; NULL if there is none. Exact name first,
 * then ignoring case, then ignoring case and blanks: the first manner that finds anything
 * is the one used for the whole event. Start with *at = 0.
 *
 * A SYSTEM field wins over data of the same name: the data are then not returned. */
const struct field *event_find(const struct event *ev, struct str name, size_t *at);

/* A number that names have in common if event_find can take them for the same. */
uint32_t event_name_hash(struct str name);
bool event_name_like(struct str a, struct str b); /* ignoring case and blanks */

/* The first value of a field, or "" if it is missing. */
struct str event_text(const struct event *ev, const char *name);

/* Appends the event as one JSON object on one line, without a newline: head members
 * (kind, time, host, record, ...), then "fields" in order, repeated names as arrays. */
struct buf;
void event_json(const struct event *ev, struct buf *out);

/* Only its fields, as members of an object that is open: "system", "fields", ... */
struct json_out;
void event_json_fields(const struct event *ev, struct json_out *j);

/* "windows", "iis", "httpproxy", "ecp-server", "file", ... */
const char *event_kind_name(enum event_kind kind);

/* Whether events of this kind say how things are, not what was logged while they happened: their
 * times cover nothing, and none lies outside a window that is asked for. */
bool event_is_state(enum event_kind kind);

/* The name of its source, as coverage has it: "iis.w3c", "exchange.httpproxy", ...; for a
 * Windows event "windows", to which the channel is added. */
const char *event_kind_source(enum event_kind kind);
