#include "report/redact_int.h"

#include "base/base64.h"
#include "base/digest.h"
#include "base/ip.h"
#include "base/utf.h"

enum {
    LEAST_LEARNT = 3, /* letters of a name that is looked for everywhere */
    LEAST_ANYWHERE = 6,
    LEAST_BASE64 = 16,
    TOKEN_BYTES = 6,
    TEXT_MAX_BYTES = 1 << 26,
};

static const char *const CLASS_NAMES[REDACT_CLASSES] = {
    "address", "host", "account", "mailbox", "path", "subject", "encoded"};

struct redactor *redactor_new(struct bytes key, struct arena *arena)
{
    struct redactor *r = ARENA_NEW(arena, struct redactor);
    r->arena = arena;
    r->key = str_bytes(arena_str(arena, (struct str){(const char *)key.p, key.n}));
    return r;
}

/* --- tokens -------------------------------------------------------------------------------- */

static struct str lower(struct str s, struct arena *arena)
{
    char *out = ARENA_ARRAY(arena, char, s.n + 1);
    for (size_t i = 0; i < s.n; i++)
        out[i] = ascii_lower(s.p[i]);
    return (struct str){out, s.n};
}

static size_t bucket_of(const char *p)
{
    uint32_t h = 2166136261U;
    for (size_t i = 0; i < REDACT_HEAD; i++)
        h = (h ^ (unsigned char)ascii_lower(p[i])) * 16777619U;
    return (h ^ h >> 16) % REDACT_BUCKETS;
}

static const struct redact_entry *known(const struct redactor *r, struct str value)
{
    if (value.n < REDACT_HEAD)
        return NULL;
    for (const struct redact_entry *e = r->bucket[bucket_of(value.p)]; e; e = e->next)
        if (str_ieq(e->text, value))
            return e;
    return NULL;
}

/* An address is itself however it is written; a host's short name is the host. */
static struct str canon(const struct redactor *r, enum redact_class c, struct str value,
                        struct arena *arena)
{
    struct ip ip;
    const struct redact_entry *e = NULL;
    if (c == REDACT_ADDRESS && ip_parse(value, &ip))
        return arena_str(arena, (struct str){(const char *)ip.byte, sizeof ip.byte});
    if (c == REDACT_HOST)
        e = known(r, value);
    return e && e->class == c ? e->canon : lower(value, arena);
}

static void digits(const struct redactor *r, struct str canonical, uint8_t ret[TOKEN_BYTES])
{
    uint8_t digest[SHA256_SIZE];
    hmac_sha256(r->key, str_bytes(canonical), digest);
    memcpy(ret, digest, TOKEN_BYTES);
    ret[0] |= 0x80; /* an address made of it has no group of zeros in front */
}

static struct str token(const struct redactor *r, enum redact_class c, struct str canonical,
                        struct arena *arena)
{
    uint8_t d[TOKEN_BYTES];
    digits(r, canonical, d);
    return arena_printf(arena, "%s-%02x%02x%02x%02x%02x%02x", CLASS_NAMES[c], d[0], d[1], d[2],
                        d[3], d[4], d[5]);
}

struct str redact_value(const struct redactor *r, enum redact_class c, struct str value,
                        struct arena *arena)
{
    if (!r || value.n == 0)
        return value;
    return token(r, c, canon(r, c, value, arena), arena);
}

struct str redact_address(const struct redactor *r, struct str value, struct arena *arena)
{
    uint8_t d[TOKEN_BYTES];
    if (!r)
        return value;
    digits(r, canon(r, REDACT_ADDRESS, value, arena), d);
    return arena_printf(arena, "2001:db8::%x:%x:%x", d[0] << 8 | d[1], d[2] << 8 | d[3],
                        d[4] << 8 | d[5]);
}

struct str redact_mailbox(const struct redactor *r, struct str value, struct arena *arena)
{
    if (!r)
        return value;
    struct str t = redact_value(r, REDACT_MAILBOX, value, arena);
    return arena_printf(arena, "%.*s@redacted.invalid", STR_ARG(t));
}

/* --- what is known ------------------------------------------------------------------------- */

/* Names that every server has say nothing of anybody. */
static bool is_everyday(struct str name)
{
    static const char *const words[] = {"administrator",
                                        "administrators",
                                        "admin",
                                        "system",
                                        "guest",
                                        "root",
                                        "iusr",
                                        "users",
                                        "user",
                                        "public",
                                        "default",
                                        "anonymous",
                                        "none",
                                        "null",
                                        "local",
                                        "localhost",
                                        "workgroup",
                                        "nobody",
                                        "exchange",
                                        "mailbox",
                                        "defaultapppool",
                                        "domain",
                                        "windows",
                                        "microsoft",
                                        "example",
                                        "recipients",
                                        "computers",
                                        "unknown",
                                        "unnamed",
                                        "and",
                                        "the"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (str_ieq(name, str_of(words[i])))
            return true;
    return false;
}

static bool has_sign(struct str s)
{
    for (size_t i = 0; i < s.n; i++)
        if (!(ascii_lower(s.p[i]) >= 'a' && ascii_lower(s.p[i]) <= 'z'))
            return true;
    return false;
}

static void add(struct redactor *r, enum redact_class c, struct str value, struct str canonical)
{
    if (value.n < LEAST_LEARNT || is_everyday(value) || known(r, value))
        return;
    if (r->n == REDACT_NAMES_MOST) {
        r->full = true;
        return;
    }
    r->n++;
    struct redact_entry *e = ARENA_NEW(r->arena, struct redact_entry);
    *e = (struct redact_entry){
        .text = lower(value, r->arena),
        .canon = arena_str(r->arena, canonical),
        .class = c,
        .anywhere = value.n >= LEAST_ANYWHERE || (has_sign(value) && value.n > LEAST_LEARNT),
    };
    struct redact_entry **at = &r->bucket[bucket_of(e->text.p)];
    while (*at && (*at)->text.n >= e->text.n)
        at = &(*at)->next;
    e->next = *at;
    *at = e;
}

bool redactor_full(const struct redactor *r)
{
    return r->full;
}

static void know_host(struct redactor *r, struct str value)
{
    size_t dot = str_find(value, STR("."), 0);
    struct str whole = lower(value, r->arena);
    add(r, REDACT_HOST, value, whole);
    if (dot >= value.n || str_find(value, STR("/"), 0) != SIZE_MAX ||
        str_find(value, STR(" "), 0) != SIZE_MAX)
        return;
    add(r, REDACT_HOST, str_part(value, 0, dot), whole);
    struct str domain = str_part(whole, dot + 1, whole.n);
    if (str_find(domain, STR("."), 0) == SIZE_MAX)
        return;
    add(r, REDACT_HOST, domain, domain);
    add(r, REDACT_HOST, str_part(domain, 0, str_find(domain, STR("."), 0)), domain);
}

/* Where the parts of "DOMAIN\user" and "user@domain" meet. */
static void know_account(struct redactor *r, enum redact_class c, struct str value)
{
    size_t slash = str_find(value, STR("\\"), 0);
    size_t sign = str_find(value, STR("@"), 0);
    add(r, c, value, lower(value, r->arena));
    struct str user = value;
    if (slash < value.n) {
        know_host(r, str_part(value, 0, slash));
        while (slash < value.n && value.p[slash] == '\\')
            slash++;
        user = str_part(value, slash, value.n);
    } else if (sign < value.n) {
        struct str domain = str_part(value, sign + 1, value.n);
        user = str_part(value, 0, sign);
        if (str_find(domain, STR("."), 0) != SIZE_MAX) {
            add(r, REDACT_HOST, domain, lower(domain, r->arena));
            add(r, REDACT_HOST, str_part(domain, 0, str_find(domain, STR("."), 0)),
                lower(domain, r->arena));
        }
    }
    if (user.n && user.p[user.n - 1] == '$') /* a machine's account */
        know_host(r, str_part(user, 0, user.n - 1));
    else
        add(r, REDACT_ACCOUNT, user, lower(user, r->arena));
}

static void know_address(struct redactor *r, struct str value)
{
    struct ip ip;
    if (!ip_parse(value, &ip) || ip_is_loopback(&ip))
        return;
    struct str bytes = {(const char *)ip.byte, sizeof ip.byte};
    add(r, REDACT_ADDRESS, value, bytes);
    char *dashed = ARENA_ARRAY(r->arena, char, value.n); /* as in names of a provider's hosts */
    for (size_t i = 0; i < value.n; i++)
        dashed[i] = value.p[i] == '.' ? '-' : value.p[i];
    add(r, REDACT_ADDRESS, (struct str){dashed, value.n}, bytes);
}

void redactor_know(struct redactor *r, enum redact_class c, struct str value)
{
    if (value.n < LEAST_LEARNT || is_everyday(value) || known(r, value))
        return; /* most of what is learnt, is learnt again and again */
    switch (c) {
    case REDACT_ADDRESS:
        know_address(r, value);
        break;
    case REDACT_HOST:
        know_host(r, value);
        break;
    case REDACT_ACCOUNT:
    case REDACT_MAILBOX:
        know_account(r, c, value);
        break;
    case REDACT_PATH:
    case REDACT_SUBJECT:
    case REDACT_ENCODED:
    case REDACT_CLASSES:
    default:
        add(r, c, value, lower(value, r->arena));
    }
}

static void learn_from(struct redactor *r, struct str text)
{
    for (size_t at = 0; at < text.n;) {
        struct redact_hit hit;
        if (!redact_form_at(text, at, &hit)) {
            at++;
            continue;
        }
        redactor_know(r, hit.class, hit.value);
        at += hit.n;
    }
}

void redactor_learn(struct redactor *r, struct str text)
{
    struct arena *arena = arena_new();
    learn_from(r, text);
    struct str decoded = redact_decoded(text, arena);
    if (!str_eq(decoded, text))
        learn_from(r, decoded);
    arena_free(arena);
}

/* --- texts --------------------------------------------------------------------------------- */

static bool is_word(char c)
{
    return (ascii_lower(c) >= 'a' && ascii_lower(c) <= 'z') || (c >= '0' && c <= '9') ||
           (unsigned char)c >= 0x80;
}

static bool known_at(const struct redactor *r, struct str text, size_t at,
                     const struct redact_entry **ret)
{
    if (text.n - at < REDACT_HEAD)
        return false;
    for (const struct redact_entry *e = r->bucket[bucket_of(text.p + at)]; e; e = e->next) {
        size_t end = at + e->text.n;
        if (!str_ieq(str_part(text, at, end), e->text))
            continue;
        bool apart =
            (at == 0 || !is_word(text.p[at - 1])) && (end == text.n || !is_word(text.p[end]));
        if (e->anywhere || apart) {
            *ret = e;
            return true;
        }
    }
    return false;
}

/* What stands plainly in the text. */
static struct str plain(const struct redactor *r, struct str text, struct arena *arena)
{
    struct buf out = buf_new(TEXT_MAX_BYTES);
    bool any = false;
    for (size_t at = 0; at < text.n;) {
        struct redact_hit hit;
        const struct redact_entry *e = NULL;
        if (redact_form_at(text, at, &hit)) {
            buf_add(&out, text.p + at, hit.keep);
            buf_add_str(&out, redact_value(r, hit.class, hit.value, arena));
        } else if (known_at(r, text, at, &e)) {
            hit.n = e->text.n;
            buf_add_str(&out, token(r, e->class, e->canon, arena));
        } else {
            buf_add_char(&out, text.p[at++]);
            continue;
        }
        any = true;
        at += hit.n;
    }
    struct str ret = any ? arena_str(arena, buf_str(&out)) : text;
    buf_free(&out);
    return ret;
}

static bool is_base64(char c)
{
    return (is_word(c) && (unsigned char)c < 0x80) || c == '+' || c == '/' || c == '-' ||
           c == '_';
}

/* Whether bytes that were encoded hold something, as UTF-8 or as UTF-16. */
static bool holds(const struct redactor *r, struct bytes raw, struct arena *arena)
{
    struct str text = utf8_repair(raw, arena);
    struct str wide = utf16le_decode(raw, arena);
    return !str_eq(plain(r, text, arena), text) || !str_eq(plain(r, wide, arena), wide);
}

static struct str without_base64(const struct redactor *r, struct str text, struct arena *arena)
{
    struct buf out = buf_new(TEXT_MAX_BYTES);
    for (size_t at = 0; at < text.n;) {
        size_t n = 0;
        while (at + n < text.n && is_base64(text.p[at + n]))
            n++;
        struct str run = str_part(text, at, at + n);
        bool hidden = n >= LEAST_BASE64 && holds(r, base64_decode(run, arena), arena);
        if (hidden)
            run = redact_value(r, REDACT_ENCODED, run, arena);
        buf_add_str(&out, run);
        at += n;
        if (at < text.n)
            buf_add_char(&out, text.p[at++]);
    }
    struct str ret = arena_str(arena, buf_str(&out));
    buf_free(&out);
    return ret;
}

struct str redact_text(const struct redactor *r, struct str text, struct arena *arena)
{
    if (!r || text.n == 0)
        return text;
    struct str out = plain(r, text, arena);
    struct str decoded = redact_decoded(out, arena);
    if (!str_eq(decoded, out)) {
        struct str again = plain(r, utf8_repair(str_bytes(decoded), arena), arena);
        if (!str_eq(again, utf8_repair(str_bytes(decoded), arena)))
            out = again;
    }
    return without_base64(r, out, arena);
}
