/* map_exch_int.h - what the parts of map_exch share: the reader, its columns, its row. */
#pragma once

#include "event/map_exch.h"
#include "format/exch_build.h"
#include "format/exch_log.h"
#include "format/exch_shape.h"
#include "format/line.h"

enum known { /* columns that we look for by name */
             ACT_AS,
             ACT_AS_MAIL,
             AGENT,
             ANCHOR,
             APPLICATION,
             BACK_END_COOKIE,
             BUILD,
             CLIENT,
             CLIENT_HOST,
             CLIENT_INFO,
             CLIENT_IP,
             CLIENT_IP_MAPI,
             CMDLET,
             COMMAND_NAME,
             CONNECTOR,
             CONTEXT,
             DATA,
             DESTINATION,
             ENTERED_FROM,
             EVENT,
             EVENT_DATA,
             EVENT_ID,
             EXECUTION_RESULT,
             GENERIC_INFO,
             IMAP_CLIENT,
             IMPERSONATED,
             MAILBOX_ID,
             MAJOR,
             MESSAGE_INFO,
             MINOR,
             OPERATION,
             ORIGINAL_CLIENT,
             P1_FROM,
             PARAMETERS,
             PROCESS_NAME,
             PROTOCOL,
             PROXY_AS,
             QUERY,
             RECIPIENT,
             RECIPIENT_ADDRESS,
             REMOTE_ENDPOINT,
             REMOTE_ENDPOINT_AGENT,
             REQUEST,
             RESULT_STATUS,
             REVISION,
             SCHEMA_VERSION,
             SENDER_ADDRESS,
             SERVER_HOST,
             SOFTWARE,
             SOURCE,
             STEM,
             SUBJECT,
             USER,
             USER_AGENT,
             USER_KEY,
             USER_MAIL,
             KNOWN,
};

/* A text made of a number: it is the same in row after row. */
struct memo {
    struct exch_build of;
    struct str text; /* in the reader's arena; "" before the first use */
};

enum { EXCH_WISHES = 8 };

enum exch_group {                   /* what is derived together from rows of HttpProxy; or-ed */
                  EXCH_ANCHOR = 1,  /* AnchorKind and so on */
                  EXCH_VERSION = 2, /* BEVersion */
                  EXCH_COOKIE = 4,  /* BackEndCookieServer */
                  EXCH_PAGE = 8,    /* WebPath, StaticResource */
                  EXCH_PROBE = 16,  /* HealthProbe */
                  EXCH_CLIENT = 32, /* ClientAddress, ClientAddressClass */
                  EXCH_REST = 64,   /* all else */
};
static const unsigned EXCH_ALL = 127;

/* The group of a field that is derived from rows of HttpProxy; EXCH_REST for any other name. */
enum exch_group exch_group_of(struct str name);

/* Adds what is worked out from a row of HttpProxy, of these groups. */
struct exch_events;
void exch_derive_httpproxy(struct exch_events *s, struct arena *arena, struct event *ev,
                           unsigned groups);

/* Adds what these groups are made from; false where that is too much to say. */
bool exch_key_httpproxy(const struct exch_events *s, struct arena *arena, unsigned groups,
                        struct row_key *key);

struct exch_some { /* which fields a wish means in rows of a layout */
    uint32_t wish;
    uint32_t layout;
    bool columns[CSV_COLUMNS];
    uint16_t listed[CSV_COLUMNS]; /* their numbers */
    size_t n_listed;
    unsigned derived; /* enum exch_group */
};

struct exch_events {
    struct lines lines;
    struct arena *arena;
    enum event_kind kind;
    enum format format;
    const struct exch_log *log;
    struct exch_layout layout;
    bool has_layout;
    bool free_tail;                 /* an unquoted comma in the last column is text */
    bool guessed;                   /* the layout is the known one: the log had no header */
    const struct exch_shape *shape; /* the order guessed */
    bool after_type; /* the last line was a "#TYPE": a row of names follows, in any order */
    bool way_known;  /* which way an SMTP log goes, by its name or place */
    bool sends;
    size_t time_at; /* SIZE_MAX where no name says that it is one */
    size_t host_at;
    size_t keyed_at[EXCH_KEYED]; /* columns of items; SIZE_MAX where there is none */
    struct str keyed_name[EXCH_KEYED];
    size_t at[KNOWN]; /* SIZE_MAX where the log has no such column */
    struct memo build;
    struct memo be_version;
    struct str part; /* by the path or the log's name */
    struct csv_row row;
    struct bytes line;             /* of the row */
    bool is_ascii;                 /* the line */
    struct instant_near near;      /* when the row before was written */
    bool plain_names;              /* no column is called as a derived field is */
    size_t carriers[ROW_CARRIERS]; /* columns that decode_event looks at */
    size_t n_carriers;
    uint32_t layouts; /* how many there were */
    struct exch_some some[EXCH_WISHES];
};

/* The text of a cell of the row at hand. */
struct str exch_text(const struct exch_events *s, size_t column, struct arena *arena);

/* The text of a column of the row at hand; "" if there is no such column. */
struct str exch_cell(const struct exch_events *s, enum known which, struct arena *arena);

/* The server that wrote the row of a message tracking log. */
struct str exch_tracking_host(const struct exch_events *s, struct arena *arena);

/* The server in front of a receive connector's name: "SRV\Default Frontend SRV". */
struct str exch_smtp_host(const struct exch_events *s, struct arena *arena);

/* The Build that will be derived from the row; "" for none. The same text for the same cells. */
struct str exch_row_build(struct exch_events *s, struct arena *arena);
struct str exch_tracking_build(struct exch_events *s, struct arena *arena);

/* Adds what is worked out from the row: by kind. */
void exch_derive(struct exch_events *s, struct arena *arena, struct event *ev);

/* Its parts, for the logs of the transport and of audits. */
void exch_derive_tracking(struct exch_events *s, struct arena *arena, struct event *ev);
void exch_derive_smtp(struct exch_events *s, struct arena *arena, struct event *ev);
void exch_derive_agent(struct exch_events *s, struct arena *arena, struct event *ev);
void exch_derive_connectivity(struct exch_events *s, struct arena *arena, struct event *ev);
void exch_derive_audit(struct exch_events *s, struct arena *arena, struct event *ev);

/* Whether a text is a number, empty or neither. */
enum field_type exch_type_of(struct str s);
