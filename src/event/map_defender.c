#include "event/map_defender.h"

#include <inttypes.h>

#include "base/num.h"
#include "event/web.h"
#include "event/webpath.h"
#include "format/defender.h"

enum { FIELDS_MAX = 1024 }; /* of one detection: each resource gives two or three */

struct defender_events {
    struct bytes file;
    struct event told; /* the fields of the event, until it is asked for them */
    instant initial, tracking;
    struct err damaged; /* behind the detection */
    uint64_t damaged_at;
    bool begun;
};

struct defender_events *defender_events_open(struct bytes file, struct arena *arena)
{
    struct defender_events *s = ARENA_NEW(arena, struct defender_events);
    s->file = file;
    return s;
}

static void add(struct defender_events *s, struct arena *arena, const char *name,
                struct str value)
{
    if (value.n && s->told.n < FIELDS_MAX)
        event_add(&s->told, arena, SECTION_DATA, FIELD_TEXT, str_of(name), value);
}

static void add_number(struct defender_events *s, struct arena *arena, const char *name,
                       uint64_t v)
{
    if (s->told.n < FIELDS_MAX)
        event_add(&s->told, arena, SECTION_DATA, FIELD_NUMBER, str_of(name),
                  arena_printf(arena, "%" PRIu64, v));
}

static instant add_time(struct defender_events *s, struct arena *arena, const char *name,
                        uint64_t filetime)
{
    char iso[INSTANT_TEXT];
    instant t = instant_of_filetime(filetime);
    add(s, arena, name, arena_str(arena, instant_text(t, iso)));
    return t;
}

/* Source: MSFT_MpThreat, CategoryID */
static const char *category_name(uint64_t category)
{
    static const char *const names[] = {
        [1] = "adware",     [2] = "spyware",  [3] = "password stealer", [4] = "downloader",
        [5] = "worm",       [6] = "backdoor", [7] = "remote access",    [8] = "trojan",
        [30] = "exploit",   [34] = "tool",    [37] = "dropper",         [42] = "virus",
        [46] = "behaviour", [50] = "ransom",
    };
    bool known = category < sizeof names / sizeof *names && names[category];
    return known ? names[category] : "";
}

/* Source: MSFT_MpThreatDetection, ThreatStatusID */
static const char *status_name(uint64_t status)
{
    static const struct {
        uint64_t id;
        const char *name;
    } known[] = {{1, "detected"},
                 {2, "cleaned"},
                 {3, "quarantined"},
                 {4, "removed"},
                 {5, "allowed"},
                 {6, "blocked"},
                 {102, "quarantine failed"},
                 {103, "removal failed"},
                 {104, "allowing failed"},
                 {105, "abandoned"},
                 {107, "blocking failed"}};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (known[i].id == status)
            return known[i].name;
    return "";
}

static void take_tracking(struct defender_events *s, struct arena *arena, struct bytes data)
{
    static const char *const names[][2] = {{"ThreatTrackingSha256", "Sha256"},
                                           {"ThreatTrackingSha1", "Sha1"},
                                           {"ThreatTrackingMD5", "Md5"},
                                           {"ThreatTrackingSize", "Size"}};
    struct str name;
    struct str value;
    size_t at = 0;
    while (defender_tracking_next(data, &at, arena, &name, &value)) {
        uint64_t v;
        for (size_t i = 0; i < sizeof names / sizeof *names; i++)
            if (str_eq(name, str_of(names[i][0])))
                add(s, arena, names[i][1], value);
        if (str_eq(name, STR("ThreatTrackingStartTime")) && num_u64(value, &v))
            s->tracking = add_time(s, arena, "ThreatTrackingStartTime", v);
    }
}

static void take_threat(struct defender_events *s, struct arena *arena, unsigned index,
                        const struct defender_value *v)
{
    switch (index) {
    case 1:
        add(s, arena, "ThreatName", v->text);
        break;
    case 3:
        add_number(s, arena, "Severity", v->number);
        break;
    case 4:
        add_number(s, arena, "CategoryId", v->number);
        add(s, arena, "Category", str_of(category_name(v->number)));
        break;
    case 7:
        add_number(s, arena, "ThreatStatus", v->number);
        add(s, arena, "ThreatStatusName", str_of(status_name(v->number)));
        break;
    default:
        break;
    }
}

/* "C:\a.zip->b.aspx" is a file inside another; "C:\a.exe|https://..|pid" one from the network. */
static struct str path_of(struct str resource)
{
    size_t inside = str_find(resource, STR("->"), 0);
    size_t from = str_find(resource, STR("|"), 0);
    return str_part(resource, 0, inside < from ? inside : from);
}

static void take_resource(struct defender_events *s, struct arena *arena, unsigned index,
                          const struct defender_value *v, struct str *type)
{
    switch (index) {
    case 1:
        *type = v->text;
        add(s, arena, "ResourceType", v->text);
        break;
    case 2:
        add(s, arena, "Resource", v->text);
        if (str_find(*type, STR("file"), 0) != SIZE_MAX)
            add(s, arena, "Path", path_of(v->text));
        break;
    case 5:
        take_tracking(s, arena, v->data);
        break;
    case 6:
        (void)add_time(s, arena, "LastThreatStatusChangeTime", v->number);
        break;
    case 12:
        add(s, arena, "User", v->text);
        break;
    case 14:
        add(s, arena, "Process", v->text);
        break;
    case 18:
        s->initial = add_time(s, arena, "InitialDetectionTime", v->number);
        break;
    case 20:
        (void)add_time(s, arena, "RemediationTime", v->number);
        break;
    default:
        break;
    }
}

/* Sets of values, each begun by the text "Magic.Version:1.2": the detection, the threat, and one
 * for each thing that it was found in. */
static void read_detection(struct defender_events *s, struct arena *arena)
{
    struct defender_values values = {.file = s->file};
    struct defender_value v;
    struct str type = STR("");
    unsigned set = 0;
    unsigned index = 0;
    while (defender_next(&values, arena, &v, &s->damaged) > 0) {
        if (v.type == DEFENDER_TEXT && str_starts(v.text, STR("Magic.Version:"))) {
            set += set < 2;
            index = 0;
        }
        if (set == 0 && index == 0)
            add_number(s, arena, "ThreatId", v.number);
        if (set == 0 && index == 1)
            add(s, arena, "DetectionId", v.text);
        if (set == 1)
            take_threat(s, arena, index, &v);
        if (set == 2)
            take_resource(s, arena, index, &v, &type);
        index++;
    }
    s->damaged_at = values.at;
}

int defender_events_next(struct defender_events *s, struct arena *arena, struct event *ret,
                         struct span *gap, struct err *err)
{
    if (s->begun) {
        if (s->damaged.code == ERR_NONE)
            return 0;
        *err = s->damaged;
        *gap = (struct span){.from = s->damaged_at, .to = s->file.n};
        s->damaged = (struct err){0};
        return -1;
    }
    s->begun = true;
    s->initial = s->tracking = INSTANT_NONE;
    s->told = (struct event){
        .kind = EVENT_DEFENDER,
        .size = 0, /* the record is no text: what is kept of it is the event */
        .host = STR(""),
        .part = STR(""),
        .channel = STR(""),
        .provider = STR(""),
        .utc_hint = INSTANT_NONE,
    };
    read_detection(s, arena);
    s->told.time = s->initial != INSTANT_NONE ? s->initial : s->tracking;
    *ret = s->told;
    ret->fields = NULL;
    ret->n = ret->cap = 0;
    return 1;
}

void defender_events_fill(struct defender_events *s, struct arena *arena, struct event *ev)
{
    for (size_t i = 0; i < s->told.n; i++) {
        const struct field *f = &s->told.fields[i];
        event_add(ev, arena, f->section, f->type, f->name, f->value);
        if (str_eq(f->name, STR("Path")))
            web_derive(ev, arena, "WebPath", webpath_of_file(f->value, arena));
    }
}
