/* What gives addresses, names and mailboxes away in a free text: their form. */
#include "base/ip.h"
#include "base/utf.h"
#include "report/redact_int.h"

enum { NAME_MOST = 256, ADDRESS_MOST = 46, DECODE_ROUNDS = 3 };

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_alnum(char c)
{
    char l = ascii_lower(c);
    return is_digit(c) || (l >= 'a' && l <= 'z') || (unsigned char)c >= 0x80;
}

static bool is_hex(char c)
{
    char l = ascii_lower(c);
    return is_digit(c) || (l >= 'a' && l <= 'f');
}

static bool is_name(char c)
{
    return is_alnum(c) || c == '.' || c == '_' || c == '-' || c == '$';
}

static bool is_local(char c) /* of a mailbox, in front of the @ */
{
    return is_name(c) || c == '+' || c == '\'';
}

static char at_or_nul(struct str s, size_t at)
{
    return at < s.n ? s.p[at] : '\0';
}

static size_t run(struct str s, size_t at, bool (*in)(char))
{
    size_t n = 0;
    while (n < NAME_MOST && at + n < s.n && in(s.p[at + n]))
        n++;
    return n;
}

static bool found(struct str text, size_t at, size_t keep, size_t n, enum redact_class class,
                  struct redact_hit *ret)
{
    *ret = (struct redact_hit){.keep = keep,
                               .n = keep + n,
                               .class = class,
                               .value = str_part(text, at + keep, at + keep + n)};
    return n > 0;
}

/* --- addresses ----------------------------------------------------------------------------- */

static bool is_address_part(char c)
{
    return is_hex(c) || c == ':' || c == '.';
}

static bool is_dotted(char c)
{
    return is_digit(c) || c == '.';
}

/* Those that mean this very host, or none, say nothing of anybody. */
static bool tells(struct str value)
{
    struct ip ip;
    if (!ip_parse(value, &ip))
        return false;
    enum ip_class c = ip_class(&ip);
    return c != IP_LOOPBACK && c != IP_UNSPECIFIED && c != IP_BROADCAST && c != IP_MULTICAST;
}

static size_t address_of(struct str text, size_t at, bool (*in)(char), char sign, size_t least)
{
    size_t n = run(text, at, in);
    size_t signs = 0;
    while (n && (text.p[at + n - 1] == '.' || text.p[at + n - 1] == ':'))
        n--;
    for (size_t i = 0; i < n; i++)
        signs += text.p[at + i] == sign;
    return n <= ADDRESS_MOST && signs >= least && tells(str_part(text, at, at + n)) ? n : 0;
}

static bool address_at(struct str text, size_t at, struct redact_hit *ret)
{
    char before = at ? text.p[at - 1] : ' ';
    char c = text.p[at];
    size_t n = 0;
    if ((is_hex(c) || c == ':') && !is_hex(before) && before != ':')
        n = address_of(text, at, is_address_part, ':', 2);
    if (n == 0 && is_digit(c) && !is_digit(before) && before != '.')
        n = address_of(text, at, is_dotted, '.', 3);
    return found(text, at, 0, n, REDACT_ADDRESS, ret);
}

/* --- mailboxes, accounts ------------------------------------------------------------------- */

static bool mailbox_at(struct str text, size_t at, struct redact_hit *ret)
{
    if (!is_local(text.p[at]) || (at && is_local(text.p[at - 1])))
        return false;
    size_t local = run(text, at, is_local);
    if (at_or_nul(text, at + local) != '@')
        return false;
    size_t domain = run(text, at + local + 1, is_name);
    return domain && found(text, at, 0, local + 1 + domain, REDACT_MAILBOX, ret);
}

static bool is_among(struct str word, const char *const *words)
{
    for (; *words; words++)
        if (str_ieq(word, str_of(*words)))
            return true;
    return false;
}

/* NetBIOS names of domains are written in capitals. */
static bool is_domain(struct str word)
{
    static const char *const own[] = {"AUTHORITY", "APPPOOL", "BUILTIN", "SERVICE",
                                      "HKLM",      "HKCU",    "HKU",     "HKCR",
                                      "HKCC",      "MANAGER", NULL};
    size_t letters = 0;
    for (size_t i = 0; i < word.n; i++) {
        if (word.p[i] >= 'a' && word.p[i] <= 'z')
            return false;
        letters += is_alnum(word.p[i]) && !is_digit(word.p[i]);
    }
    return word.n >= 2 && letters && !is_among(word, own) && !str_starts(word, STR("HKEY"));
}

/* DOMAIN\user: no part of a longer path. */
static bool account_at(struct str text, size_t at, struct redact_hit *ret)
{
    char before = at ? text.p[at - 1] : ' ';
    if (!is_name(text.p[at]) || is_name(before) || before == '\\' || before == '/' ||
        before == ':')
        return false;
    size_t domain = run(text, at, is_name);
    size_t slashes = at_or_nul(text, at + domain) == '\\';
    slashes += slashes && at_or_nul(text, at + domain + 1) == '\\';
    size_t user = slashes ? run(text, at + domain + slashes, is_name) : 0;
    if (user == 0 || at_or_nul(text, at + domain + slashes + user) == '\\' ||
        !is_domain(str_part(text, at, at + domain)))
        return false;
    return found(text, at, 0, domain + slashes + user, REDACT_ACCOUNT, ret);
}

/* The security identifier of a domain's or a machine's account. */
static bool sid_at(struct str text, size_t at, struct redact_hit *ret)
{
    static const struct str HEAD = {"S-1-5-21-", 9};
    if (!str_istarts(str_part(text, at, text.n), HEAD))
        return false;
    size_t n = HEAD.n;
    while (n < NAME_MOST &&
           (is_digit(at_or_nul(text, at + n)) || at_or_nul(text, at + n) == '-'))
        n++;
    return found(text, at, 0, n, REDACT_ACCOUNT, ret);
}

static bool ends_component(char c)
{
    return c == '\0' || strchr("\\/\"<>|:*?\r\n\t,;&", c) != NULL;
}

static size_t component(struct str text, size_t at)
{
    size_t n = 0;
    while (n < NAME_MOST && !ends_component(at_or_nul(text, at + n)))
        n++;
    char end = at_or_nul(text, at + n);
    if (end == '\\' || end == '/')
        return n;
    for (size_t i = 0; i < n; i++) /* the last part: it may be followed by other words */
        if (text.p[at + i] == ' ' || text.p[at + i] == ')')
            return i;
    return n;
}

static bool home_at(struct str text, size_t at, struct redact_hit *ret)
{
    static const char *const folders[] = {"users", "home", "documents and settings", NULL};
    static const char *const shared[] = {"public",       "default", "all users",
                                         "default user", "",        NULL};
    if (text.p[at] != '\\' && text.p[at] != '/')
        return false;
    for (const char *const *f = folders; *f; f++) {
        size_t n = strlen(*f);
        if (!str_ieq(str_part(text, at + 1, at + 1 + n), str_of(*f)))
            continue;
        size_t slash = at + 1 + n;
        size_t keep = n + 1;
        while (at_or_nul(text, slash) == '\\' || at_or_nul(text, slash) == '/')
            slash++, keep++;
        size_t name = component(text, slash);
        if (keep == n + 1 || is_among(str_part(text, slash, slash + name), shared))
            return false;
        return found(text, at, keep, name, REDACT_ACCOUNT, ret);
    }
    return false;
}

/* --- hosts --------------------------------------------------------------------------------- */

static bool host_at(struct str text, size_t at, struct redact_hit *ret)
{
    static const char *const own[] = {"localhost", "127.0.0.1", ".", "..", NULL};
    struct str rest = str_part(text, at, text.n);
    size_t keep = 0;
    if (str_starts(rest, STR("://")))
        keep = 3;
    else if (str_starts(rest, STR("\\\\")) && (at == 0 || text.p[at - 1] != '\\') &&
             (at == 0 || !is_name(text.p[at - 1])) && at_or_nul(text, at + 2) != '\\')
        keep = 2;
    if (keep == 0)
        return false;
    size_t n = run(text, at + keep, is_name);
    struct str name = str_part(text, at + keep, at + keep + n);
    struct ip ip;
    char end = at_or_nul(text, at + keep + n);
    if (is_among(name, own) || ip_parse(name, &ip) || (keep == 3 && end == '@') ||
        (keep == 2 && end != '\\'))
        return false;
    return found(text, at, keep, n, REDACT_HOST, ret);
}

/* Parts of a distinguished name: CN=jane doe,OU=staff,DC=example; /o=Example/cn=jane. */
static bool named_at(struct str text, size_t at, struct redact_hit *ret)
{
    static const struct {
        const char *key;
        enum redact_class class;
    } keys[] = {{"cn=", REDACT_ACCOUNT},
                {"ou=", REDACT_HOST},
                {"dc=", REDACT_HOST},
                {"o=", REDACT_HOST}};
    char before = at ? text.p[at - 1] : ',';
    if (before != ',' && before != '/' && before != ' ')
        return false;
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        size_t keep = strlen(keys[i].key);
        if (!str_istarts(str_part(text, at, text.n), str_of(keys[i].key)))
            continue;
        size_t n = 0;
        while (n < NAME_MOST && !ends_component(at_or_nul(text, at + keep + n)))
            n++;
        return found(text, at, keep, n, keys[i].class, ret);
    }
    return false;
}

/* --- subjects ------------------------------------------------------------------------------ */

static size_t skip(struct str text, size_t at, const char *signs)
{
    size_t n = 0;
    while (at_or_nul(text, at + n) && strchr(signs, text.p[at + n]))
        n++;
    return n;
}

/* "Subject: ...", "SubjectContainsWords='...'": what follows, to the end of the value. */
static bool subject_at(struct str text, size_t at, struct redact_hit *ret)
{
    if (!str_istarts(str_part(text, at, text.n), STR("subject")))
        return false;
    size_t keep = run(text, at, is_alnum);
    keep += skip(text, at + keep, "\"' ");
    if (at_or_nul(text, at + keep) != ':' && at_or_nul(text, at + keep) != '=')
        return false;
    keep += skip(text, at + keep, ":= ");
    char quote = at_or_nul(text, at + keep);
    bool quoted = quote == '"' || quote == '\'';
    keep += quoted;
    size_t n = 0;
    for (char c; (c = at_or_nul(text, at + keep + n)) != '\0'; n++)
        if (quoted ? c == quote : strchr("&\r\n;,", c) != NULL)
            break;
    return found(text, at, keep, n, REDACT_SUBJECT, ret);
}

bool redact_form_at(struct str text, size_t at, struct redact_hit *ret)
{
    static bool (*const forms[])(struct str, size_t, struct redact_hit *) = {
        subject_at, sid_at, mailbox_at, address_at, account_at, home_at, host_at, named_at};
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++)
        if (forms[i](text, at, ret))
            return true;
    return false;
}

/* --- escapes ------------------------------------------------------------------------------- */

static bool hex_at(struct str s, size_t at, size_t n, uint32_t *ret)
{
    uint32_t v = 0;
    for (size_t i = at; i < at + n; i++) {
        char c = ascii_lower(at_or_nul(s, i));
        if (!is_hex(c))
            return false;
        v = v << 4 | (uint32_t)(is_digit(c) ? c - '0' : c - 'a' + 10);
    }
    *ret = v;
    return true;
}

/* The length of an escape at `at` and the byte or character that it stands for; 0: none. */
static size_t escape_at(struct str s, size_t at, uint32_t *ret, bool *ret_wide)
{
    char sign = s.p[at];
    char next = ascii_lower(at_or_nul(s, at + 1));
    *ret_wide = false;
    if (sign == '%' && hex_at(s, at + 1, 2, ret))
        return 3;
    if (sign == '\\' && next == 'x' && hex_at(s, at + 2, 2, ret))
        return 4;
    *ret_wide = true;
    if ((sign == '%' || sign == '\\') && next == 'u' && hex_at(s, at + 2, 4, ret))
        return 6;
    return 0;
}

static struct str once(struct str text, struct arena *arena, bool *ret_any)
{
    char *out = ARENA_ARRAY(arena, char, text.n + 4);
    size_t n = 0;
    *ret_any = false;
    for (size_t at = 0; at < text.n;) {
        uint32_t v = 0;
        bool wide = false;
        size_t len = escape_at(text, at, &v, &wide);
        if (len && wide)
            n += utf8_put(out + n, v);
        else
            out[n++] = len ? (char)v : text.p[at];
        *ret_any = *ret_any || len;
        at += len ? len : 1;
    }
    return (struct str){out, n};
}

struct str redact_decoded(struct str text, struct arena *arena)
{
    bool any = text.n && (memchr(text.p, '%', text.n) || memchr(text.p, '\\', text.n));
    for (size_t i = 0; any && i < DECODE_ROUNDS; i++)
        text = once(text, arena, &any);
    return text;
}
