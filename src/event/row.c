#include "event/row.h"

#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* --- derived fields --------------------------------------------------------------------------- */

/* Names of files that web_is_static knows; what else ends a path there starts with one. */
static const char *const STATIC[] = {".js",  ".css", ".gif",  ".flt", ".ttf",  ".eot",
                                     ".png", ".jpg", ".ico",  ".svg", ".woff", ".bmp",
                                     ".htc", ".map", ".jpeg", ".xap", NULL};
static const char *const PROBE[] = {"probe", "msexchmon", "activemonitoring", "healthmailbox",
                                    NULL};
static const char *const DDI[] = {"/ddi/ddiservice.svc/", NULL};
static const char *const ANCHOR[] = {"serverinfo~", NULL};
static const char *const TILDE[] = {"~", NULL};
static const char *const VERSION[] = {"beversion-", NULL};
static const char *const TOKEN[] = {"x-rps-cat", NULL};
/* "Server~", and the first four characters of the Base64 form of its complemented bytes
 * (event/anchor.h), however its letters are written. */
static const char *const COOKIE[] = {"server~", "jjqn", "jjqt", "jlqn", "jlqt",
                                     "rjqn",    "rjqt", "rlqn", "rlqt", NULL};

/* Marks that the reader of hives sets where it adds such fields (event/map_hive.c). */
static const char *const AUTOSTART[] = {"\x01"
                                        "autostart",
                                        NULL};
static const char *const ACCOUNT[] = {"\x01"
                                      "account",
                                      NULL};

#define NAME(text)                \
    {                             \
        "" text, sizeof(text) - 1 \
    }

static const struct known {
    struct str name;
    struct row_field field;
} KNOWN[] = {
    {NAME("WebPath"), {ROW_WEBPATH, NULL}},
    {NAME("StaticResource"), {ROW_MADE, STATIC}},
    {NAME("HealthProbe"), {ROW_MADE, PROBE}},
    {NAME("ClientAddressClass"), {ROW_MADE, NULL}},
    {NAME("DdiAction"), {ROW_PIECE, DDI}},
    {NAME("DdiSchema"), {ROW_PIECE, DDI}},
    {NAME("DdiWorkflow"), {ROW_PIECE, DDI}},
    {NAME("AnchorKind"), {ROW_PIECE, TILDE}},
    {NAME("AnchorHost"), {ROW_PIECE, ANCHOR}},
    {NAME("AnchorPort"), {ROW_PIECE, ANCHOR}},
    {NAME("AnchorPath"), {ROW_PATH, ANCHOR}},
    {NAME("AnchorAuthorityRaw"), {ROW_PIECE, ANCHOR}},
    {NAME("AnchorIsLoopback"), {ROW_MADE, ANCHOR}},
    {NAME("BEVersion"), {ROW_MADE, VERSION}},
    {NAME("BackEndCookieServer"), {ROW_MADE, COOKIE}},
    {NAME("RpsTokenUser"), {ROW_MADE, TOKEN}},
    {NAME("RpsTokenSid"), {ROW_MADE, TOKEN}},
    {NAME("Build"), {ROW_MADE, NULL}},
    {NAME("RequestGuid"), {ROW_PIECE, NULL}},
    {NAME("cafeReqId"), {ROW_PIECE, NULL}},
    {NAME("CmdletResult"), {ROW_MADE, NULL}},
    {NAME("OtherMailbox"), {ROW_MADE, NULL}},
    {NAME("MachineAccount"), {ROW_MADE, NULL}},
    {NAME("AutostartKind"), {ROW_PIECE, AUTOSTART}},
    {NAME("AutostartName"), {ROW_PIECE, AUTOSTART}},
    {NAME("AutostartCommand"), {ROW_PIECE, AUTOSTART}},
    {NAME("AutostartImage"), {ROW_PIECE, AUTOSTART}},
    {NAME("AccountActsAs"), {ROW_PIECE, ACCOUNT}},
    {NAME("GeoCountry"), {ROW_AFTER, NULL}},
    {NAME("GeoCity"), {ROW_AFTER, NULL}},
    {NAME("GeoAsn"), {ROW_AFTER, NULL}},
    {NAME("GeoOrg"), {ROW_AFTER, NULL}},
};

bool row_same_name(struct str a, struct str b)
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

static const struct known *known_of(struct str name)
{
    for (size_t i = 0; i < sizeof KNOWN / sizeof *KNOWN; i++)
        if (row_same_name(KNOWN[i].name, name))
            return &KNOWN[i];
    return NULL;
}

/* Logs whose items become fields of their own name: a client may have written any. */
static bool has_items(enum event_kind kind)
{
    return kind == EVENT_ECP_SERVER || kind == EVENT_ECP_ACTIVITY || kind == EVENT_OWA ||
           kind == EVENT_MITIGATION || kind == EVENT_EXCHANGE;
}

struct row_field row_field_of(enum event_kind kind, struct str name)
{
    const struct known *known = known_of(name);
    if (!known)
        return (struct row_field){ROW_PIECE, NULL};
    struct row_field field = known->field;
    if (has_items(kind)) {
        field.needs = NULL;
        field.relation = field.relation == ROW_AFTER ? ROW_AFTER : ROW_MADE;
    }
    return field;
}

bool row_may_name(struct str name)
{
    static const struct str more[] = {NAME("ClientAddress"), NAME("Decoded")};
    for (size_t i = 0; i < sizeof more / sizeof *more; i++)
        if (row_same_name(more[i], name))
            return false;
    /* Keywords meet unnamed data as one text. */
    return name.n > 0 && !str_eq(name, STR("Data")) && !known_of(name);
}

bool row_wishes(const struct wish *wish, struct str name)
{
    for (uint32_t i = 0; i < wish->n; i++)
        if (row_same_name(wish->names[i], name))
            return true;
    return false;
}

bool row_key_add(struct row_key *key, struct str text)
{
    if (text.n > UINT8_MAX || ROW_KEY - key->n < text.n + 1)
        return false;
    key->bytes[key->n++] = (uint8_t)text.n;
    if (text.n)
        memcpy(key->bytes + key->n, text.p, text.n);
    key->n += text.n;
    return true;
}

/* --- marks --------------------------------------------------------------------------------------- */

static bool is_slash(uint8_t c)
{
    return c == '/' || c == '\\';
}

unsigned row_marks_plain(struct bytes text)
{
    unsigned marks = 0;
    uint8_t last = 0;
    uint8_t before = 0;
    for (size_t i = 0; i < text.n; i++) {
        uint8_t c = text.p[i];
        marks |= c == '%' ? ROW_PERCENT : 0U;
        marks |= c >= 0x80 ? ROW_HIGH : 0U;
        marks |= c == '"' && last == '"' ? ROW_QUOTES : 0U;
        marks |= c == '\'' && last == '\'' ? ROW_APOSTROPHES : 0U;
        marks |= is_slash(c) && is_slash(last) && before != ':' ? ROW_SLASHES : 0U;
        before = last;
        last = c;
    }
    return marks;
}

enum { WIDTH = 16 };

typedef uint8_t block __attribute__((vector_size(WIDTH)));

static block load(const uint8_t *p)
{
    block b;
    memcpy(&b, p, sizeof b);
    return b;
}

/* Bytes that are not 0 where the bytes of the text, from its third on, give a mark. */
static block marked(const uint8_t *p)
{
    block c = load(p);
    block last = load(p - 1);
    block quote = (block)(c == '"') | (block)(c == '\'');
    block slash = (block)(c == '/') | (block)(c == '\\');
    block slash_before = (block)(last == '/') | (block)(last == '\\');
    return (block)(c == '%') | (c & 0x80) | (quote & (block)(c == last)) |
           (slash & slash_before & (block)(load(p - 2) != ':'));
}

/* Whether one of n bytes, WIDTH at least, gives a mark; two more are before them. */
static bool has_mark(const uint8_t *p, size_t n)
{
    if (n >= ROW_MARKS_LEAST && row_avx2_is_here())
        return row_has_mark_avx2(p, n);
    block any = marked(p + n - WIDTH);
    for (size_t at = 0; n - at > WIDTH; at += WIDTH)
        any |= marked(p + at);
    uint64_t halves[2];
    memcpy(halves, &any, sizeof halves);
    return halves[0] || halves[1];
}

/* Most lines have no mark: whether one has any is found out for many bytes at once. */
unsigned row_marks(struct bytes text)
{
    if (text.n < WIDTH + 2)
        return row_marks_plain(text);
    bool some =
        row_marks_plain((struct bytes){text.p, 3}) != 0 || has_mark(text.p + 2, text.n - 2);
    return some ? row_marks_plain(text) : 0;
}

void row_marks_by_part(struct bytes text, size_t part, bool *ret)
{
    size_t at = 0;
    for (size_t i = 0; at < text.n; i++) {
        size_t end = text.n - at < part ? text.n : at + part;
        if (at == 0 || end - at < WIDTH) { /* nothing is before it, or it is a short one */
            size_t from = at < 2 ? 0 : at - 2;
            ret[i] = row_marks_plain((struct bytes){text.p + from, end - from}) != 0;
            at = end;
            continue;
        }
        ret[i] = has_mark(text.p + at, end - at);
        at = end;
    }
}
