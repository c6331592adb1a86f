#include "event/event.h"

#include "base/json.h"
#include "base/limits.h"

void event_add(struct event *ev, struct arena *arena, enum field_section section,
               enum field_type type, struct str name, struct str value)
{
    if (ev->n >= LIMIT_FIELDS)
        return;
    if (ev->n == ev->cap)
        ev->fields = arena_grow(arena, ev->fields, ev->n, &ev->cap, sizeof *ev->fields);
    ev->fields[ev->n++] = (struct field){name, value, section, type};
}

typedef bool (*same_name)(struct str, struct str);

static bool same_without_blanks(struct str a, struct str b)
{
    size_t i = 0;
    size_t k = 0;
    for (;;) {
        while (i < a.n && a.p[i] == ' ')
            i++;
        while (k < b.n && b.p[k] == ' ')
            k++;
        if (i == a.n || k == b.n)
            return i == a.n && k == b.n;
        if (ascii_lower(a.p[i++]) != ascii_lower(b.p[k++]))
            return false;
    }
}

bool event_name_like(struct str a, struct str b)
{
    return same_without_blanks(a, b);
}

uint32_t event_name_hash(struct str name)
{
    uint32_t h = 0x811c9dc5;
    for (size_t i = 0; i < name.n; i++)
        if (name.p[i] != ' ')
            h = (h ^ (unsigned char)ascii_lower(name.p[i])) * 0x01000193;
    return h ^ h >> 15;
}

/* Most names differ in their first letter: no need to look at the rest. */
static inline bool may_be_same(struct str a, struct str b)
{
    if (a.n == 0 || b.n == 0)
        return a.n == b.n;
    /* Letters of either case differ in one bit; names that this takes for the same are
     * compared as a whole. */
    return ((a.p[0] ^ b.p[0]) & 0xdf) == 0 || a.p[0] == ' ' || b.p[0] == ' ';
}

enum { MANNERS = 3 };
static const same_name manners[MANNERS] = {str_eq, str_ieq, same_without_blanks};

/* The strictest manner in which any field has the name; MANNERS if none has it. */
static int best_manner(const struct event *ev, struct str name)
{
    int best = MANNERS;
    for (size_t i = 0; i < ev->n && best > 0; i++) {
        struct str own = ev->fields[i].name;
        if (!may_be_same(own, name))
            continue;
        for (int m = 0; m < best; m++)
            if (manners[m](own, name))
                best = m;
    }
    return best;
}

/* Whether the head has the name: data of that name are hidden. */
static bool is_of_head(const struct event *ev, struct str name, same_name same)
{
    for (size_t i = 0; ev->kind == EVENT_WINDOWS && i < ev->n; i++)
        if (ev->fields[i].section == SECTION_SYSTEM && same(ev->fields[i].name, name))
            return true;
    return false;
}

const struct field *event_find(const struct event *ev, struct str name, size_t *at)
{
    int manner = best_manner(ev, name);
    if (manner == MANNERS)
        return NULL;
    bool system = is_of_head(ev, name, manners[manner]);
    for (size_t i = *at; i < ev->n; i++) {
        const struct field *f = &ev->fields[i];
        if (may_be_same(f->name, name) && manners[manner](f->name, name) &&
            (!system || f->section == SECTION_SYSTEM)) {
            *at = i + 1;
            return f;
        }
    }
    return NULL;
}

struct str event_text(const struct event *ev, const char *name)
{
    size_t at = 0;
    const struct field *f = event_find(ev, str_of(name), &at);
    return f ? f->value : STR("");
}

/* Which names may stand more than once in their section: a name that has its bit for itself
 * stands there once, and only the others are compared with each other. */
struct twice {
    uint64_t bits[16];
};

static uint32_t bit_of_name(const struct field *f)
{
    size_t n = f->name.n;
    const unsigned char *p = (const unsigned char *)f->name.p;
    uint32_t ends = n ? (uint32_t)p[0] | (uint32_t)p[n / 2] << 8 | (uint32_t)p[n - 1] << 16 : 0;
    uint32_t h = (ends ^ (uint32_t)n << 21 ^ (uint32_t)f->section << 28) * 0x9e3779b1U;
    return h >> 22;
}

static bool is_twice(const struct twice *t, uint32_t bit)
{
    return t->bits[bit / 64] >> bit % 64 & 1;
}

static struct twice names_twice(const struct event *ev)
{
    struct twice once = {0};
    struct twice ret = {0};
    for (size_t i = 0; i < ev->n; i++) {
        uint32_t bit = bit_of_name(&ev->fields[i]);
        uint64_t mask = (uint64_t)1 << bit % 64;
        ret.bits[bit / 64] |= once.bits[bit / 64] & mask;
        once.bits[bit / 64] |= mask;
    }
    return ret;
}

static bool is_same_place(const struct field *a, const struct field *b)
{
    return a->section == b->section && str_eq(a->name, b->name);
}

/* Whether an earlier field of the same section has the name: then it was written there. */
static bool is_repeated(const struct event *ev, size_t i)
{
    for (size_t k = 0; k < i; k++)
        if (is_same_place(&ev->fields[k], &ev->fields[i]))
            return true;
    return false;
}

static size_t count_values(const struct event *ev, size_t i)
{
    size_t n = 0;
    for (size_t k = i; k < ev->n; k++)
        n += is_same_place(&ev->fields[k], &ev->fields[i]);
    return n;
}

static void put_value(struct json_out *j, const struct field *f)
{
    if (f->type == FIELD_NULL)
        json_null(j);
    else
        json_str(j, f->value);
}

/* A name that stands more than once is written where it stands first, with all its values. */
static void put_values(struct json_out *j, const struct event *ev, size_t i)
{
    if (is_repeated(ev, i))
        return;
    json_key_str(j, ev->fields[i].name);
    if (count_values(ev, i) == 1) {
        put_value(j, &ev->fields[i]);
        return;
    }
    json_begin(j, '[');
    for (size_t k = i; k < ev->n; k++)
        if (is_same_place(&ev->fields[k], &ev->fields[i]))
            put_value(j, &ev->fields[k]);
    json_end(j, ']');
}

static void put_section(struct json_out *j, const struct event *ev, const struct twice *twice,
                        const char *key, enum field_section section)
{
    bool any = false;
    for (size_t i = 0; i < ev->n; i++) {
        const struct field *f = &ev->fields[i];
        if (f->section != section)
            continue;
        if (!any) {
            json_key(j, key);
            json_begin(j, '{');
            any = true;
        }
        if (is_twice(twice, bit_of_name(f))) {
            put_values(j, ev, i);
        } else {
            json_key_str(j, f->name);
            put_value(j, f);
        }
    }
    if (any)
        json_end(j, '}');
}

static void put_text(struct json_out *j, const char *key, struct str value)
{
    if (value.n) {
        json_key(j, key);
        json_str(j, value);
    }
}

static void put_marks(struct json_out *j, unsigned marks)
{
    if (marks & MARK_CRC_BAD)
        put_text(j, "checksum", STR("bad"));
    if (marks & MARK_NO_HEADER)
        put_text(j, "columns", STR("assumed"));
    if (marks & MARK_TIME_GUESSED)
        put_text(j, "time_is", marks & MARK_NO_ZONE ? STR("local") : STR("guessed"));
    if (marks & MARK_RECOVERED)
        put_text(j, "provenance", STR("recovered"));
    if (marks & MARK_REASSEMBLED)
        put_text(j, "joined", STR("from several records"));
}

void event_json_fields(const struct event *ev, struct json_out *j)
{
    struct twice twice = names_twice(ev);
    put_section(j, ev, &twice, "system", SECTION_SYSTEM);
    put_section(j, ev, &twice, "fields", SECTION_DATA);
    put_section(j, ev, &twice, "message", SECTION_MESSAGE);
    put_section(j, ev, &twice, "derived", SECTION_DERIVED);
}

void event_json(const struct event *ev, struct buf *out)
{
    struct json_out j = json_out(out);
    json_begin(&j, '{');
    json_key(&j, "kind");
    json_cstr(&j, event_kind_name(ev->kind));
    json_key(&j, "time");
    json_time(&j, ev->time);
    put_text(&j, "host", ev->host);
    json_key(&j, "offset");
    json_u64(&j, ev->offset);
    if (ev->record) {
        json_key(&j, "record");
        json_u64(&j, ev->record);
    }
    put_text(&j, "part", ev->part);
    put_marks(&j, ev->marks);
    event_json_fields(ev, &j);
    json_end(&j, '}');
}

struct kind {
    const char *name;
    const char *source;
};

static const struct kind kinds[EVENT_KINDS] = {
    [EVENT_WINDOWS] = {"windows", "windows"},
    [EVENT_FILE] = {"file", "files.inventory"},
    [EVENT_IIS] = {"iis", "iis.w3c"},
    [EVENT_HTTPERR] = {"httperr", "iis.httperr"},
    [EVENT_ACCESS] = {"access", "web.access"},
    [EVENT_HTTPPROXY] = {"httpproxy", "exchange.httpproxy"},
    [EVENT_ECP_SERVER] = {"ecp-server", "exchange.ecp_server"},
    [EVENT_ECP_ACTIVITY] = {"ecp-activity", "exchange.ecp_activity"},
    [EVENT_EWS] = {"ews", "exchange.ews"},
    [EVENT_AUTODISCOVER] = {"autodiscover", "exchange.autodiscover"},
    [EVENT_OWA] = {"owa", "exchange.owa"},
    [EVENT_MAPIHTTP] = {"mapihttp", "exchange.mapihttp"},
    [EVENT_RPS_CMDLET] = {"rps-cmdlet", "exchange.rps_cmdlet"},
    [EVENT_RPS_HTTP] = {"rps-http", "exchange.rps_http"},
    [EVENT_MESSAGE_TRACKING] = {"message-tracking", "exchange.message_tracking"},
    [EVENT_SMTP] = {"smtp", "exchange.smtp"},
    [EVENT_AGENT] = {"agent", "exchange.agent"},
    [EVENT_CONNECTIVITY] = {"connectivity", "exchange.connectivity"},
    [EVENT_AUDIT] = {"audit", "exchange.audit"},
    [EVENT_MITIGATION] = {"mitigation", "exchange.mitigation"},
    [EVENT_EXCHANGE] = {"exchange", "exchange.other"},
    [EVENT_OAB_GENERATOR] = {"oab-generator", "exchange.oab_generator"},
    [EVENT_EXCHANGE_SETUP] = {"exchange-setup", "exchange.setup"},
    [EVENT_REMEDIATION] = {"remediation", "remediation"},
    [EVENT_REGISTRY] = {"registry", "files.registry"},
    [EVENT_MFT] = {"mft", "files.mft"},
    [EVENT_USN] = {"usn", "files.usn"},
    [EVENT_IIS_CONFIG] = {"iis-config", "iis.config"},
    [EVENT_AGENT_CONFIG] = {"agent-config", "exchange.agents_config"},
    [EVENT_TASK] = {"task", "files.tasks"},
    [EVENT_DEFENDER] = {"defender", "files.defender"},
};

const char *event_kind_name(enum event_kind kind)
{
    return kind < EVENT_KINDS ? kinds[kind].name : "";
}

bool event_is_state(enum event_kind kind)
{
    return kind == EVENT_FILE || kind == EVENT_REGISTRY || kind == EVENT_MFT ||
           kind == EVENT_IIS_CONFIG || kind == EVENT_AGENT_CONFIG || kind == EVENT_TASK;
}

const char *event_kind_source(enum event_kind kind)
{
    return kind < EVENT_KINDS ? kinds[kind].source : "";
}
