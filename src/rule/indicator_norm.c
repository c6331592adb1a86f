/* indicator_norm.c - values of indicators in the one form in which they are compared. */
#include "base/ip.h"
#include "base/num.h"
#include "rule/fold.h"
#include "rule/indicator.h"
#include "rule/network.h"

enum {
    DOMAIN_MAX = 253,
    LABEL_MAX = 63,
    TEXT_MIN = 4,    /* a shorter text stands nearly everywhere */
    NAME_MIN = 3,    /* of a file or a pipe */
    V4_BITS_MIN = 8, /* of a network that is worth looking for */
    V6_BITS_MIN = 16,
    MAPPED = 96, /* bits before an IPv4 address in an IPv6 one */
};

/* --- undoing of what makes a value harmless ------------------------------------------------ */

static const struct {
    const char *from, *to;
} fangs[] = {
    {"[.]", "."},   {"(.)", "."},   {"{.}", "."},     {"[dot]", "."},
    {"(dot)", "."}, {"{dot}", "."}, {"[at]", "@"},    {"(at)", "@"},
    {"{at}", "@"},  {"[@]", "@"},   {"[://]", "://"}, {"[:/]", ":/"},
    {"[:]", ":"},   {"[/]", "/"},   {"[.", "."},      {".]", "."},
};

enum { FANGS = sizeof fangs / sizeof *fangs };

static bool may_be_defanged(struct str s)
{
    return s.n && (memchr(s.p, '[', s.n) || memchr(s.p, '(', s.n) || memchr(s.p, '{', s.n) ||
                   str_istarts(s, STR("hxx")) || str_istarts(s, STR("fxp")) ||
                   str_istarts(s, STR("meow")));
}

/* Which fang stands at a place; FANGS if none. */
static size_t fang_at(struct str s, size_t at)
{
    char c = s.p[at];
    if (c != '[' && c != '(' && c != '{' && c != '.')
        return FANGS;
    for (size_t i = 0; i < FANGS; i++)
        if (str_istarts(str_part(s, at, s.n), str_of(fangs[i].from)))
            return i;
    return FANGS;
}

static struct str refang_scheme(struct str s, struct arena *arena)
{
    static const struct {
        const char *from, *to;
    } schemes[] = {
        {"hxxps:", "https:"}, {"hxxp:", "http:"}, {"meows:", "https:"},
        {"meow:", "http:"},   {"fxp:", "ftp:"},
    };
    for (size_t i = 0; i < sizeof schemes / sizeof *schemes; i++) {
        struct str from = str_of(schemes[i].from);
        if (str_istarts(s, from))
            return arena_printf(arena, "%s%.*s", schemes[i].to,
                                STR_ARG(str_part(s, from.n, s.n)));
    }
    return s;
}

struct str indicator_refang(struct str text, struct arena *arena)
{
    struct str s = str_trim(text);
    if (!may_be_defanged(s))
        return s;
    bool ipv6 = s.p[0] == '[' && !str_istarts(s, STR("[:")) && !str_istarts(s, STR("[."));
    char *out = ARENA_ARRAY(arena, char, s.n + 1);
    size_t n = 0;
    for (size_t i = 0; i < s.n;) {
        size_t fang = ipv6 ? (size_t)FANGS : fang_at(s, i);
        if (fang == FANGS) {
            out[n++] = s.p[i++];
            continue;
        }
        struct str to = str_of(fangs[fang].to);
        memcpy(out + n, to.p, to.n);
        n += to.n;
        i += strlen(fangs[fang].from);
    }
    return refang_scheme((struct str){out, n}, arena);
}

/* --- shapes --------------------------------------------------------------------------------- */

static bool has(struct str s, char c)
{
    return s.n && memchr(s.p, c, s.n);
}

static bool is_alnum(unsigned char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

static bool is_alpha(unsigned char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_hex(struct str s)
{
    for (size_t i = 0; i < s.n; i++) {
        unsigned char c = (unsigned char)ascii_lower(s.p[i]);
        if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f')))
            return false;
    }
    return s.n > 0;
}

static enum indicator_type hash_shape(struct str s)
{
    enum { MD5 = 32, SHA1 = 40, SHA256 = 64 };
    if ((s.n != MD5 && s.n != SHA1 && s.n != SHA256) || !is_hex(s))
        return INDICATOR_TYPES;
    return s.n == MD5 ? INDICATOR_MD5 : s.n == SHA1 ? INDICATOR_SHA1 : INDICATOR_SHA256;
}

/* The part of a value that would be its host: up to a port, path, query or fragment. */
static struct str host_part(struct str s)
{
    size_t i = 0;
    while (i < s.n && s.p[i] != '/' && s.p[i] != ':' && s.p[i] != '?' && s.p[i] != '#')
        i++;
    return str_part(s, 0, i);
}

/* Labels of letters, digits, '-' and '_', the last one of letters; at least two. */
static bool is_domain(struct str s)
{
    size_t label = 0;
    size_t dots = 0;
    if (s.n > DOMAIN_MAX || s.n == 0)
        return false;
    for (size_t i = 0; i < s.n; i++) {
        unsigned char c = (unsigned char)s.p[i];
        if (c == '.') {
            if (i == label || i - label > LABEL_MAX)
                return false;
            label = i + 1;
            dots++;
        } else if (!is_alnum(c) && c != '-' && c != '_' && c < 0x80) {
            return false;
        }
    }
    struct str last = str_part(s, label, s.n);
    if (dots == 0 || last.n < 2 || last.n > LABEL_MAX)
        return false;
    if (str_istarts(last, STR("xn--")))
        return true;
    for (size_t i = 0; i < last.n; i++)
        if (!is_alpha((unsigned char)last.p[i]) && (unsigned char)last.p[i] < 0x80)
            return false;
    return true;
}

/* Endings of files that are no top-level domains, or are far rarer as such. */
static bool is_file_ending(struct str name)
{
    static const char *const endings[] = {
        "exe",  "dll",  "sys",   "bat",  "cmd",    "ps1",  "psm1",   "vbs",  "vbe",  "js",
        "jse",  "wsf",  "hta",   "lnk",  "scr",    "aspx", "asp",    "ashx", "asmx", "jsp",
        "jspx", "php",  "txt",   "dat",  "bin",    "tmp",  "log",    "rar",  "7z",   "cab",
        "msi",  "iso",  "img",   "doc",  "docx",   "docm", "xls",    "xlsx", "xlsm", "ppt",
        "pptx", "pdf",  "png",   "jpg",  "jpeg",   "gif",  "ico",    "chm",  "cpl",  "ocx",
        "drv",  "inf",  "reg",   "xml",  "json",   "html", "htm",    "css",  "ini",  "config",
        "cfg",  "jar",  "class", "war",  "zip",    "gz",   "tar",    "dmp",  "db",   "bak",
        "old",  "job",  "pif",   "rtf",  "eml",    "msg",  "csproj", "elf",  "so",   "compiled",
        "cs",   "aspq", "cer",   "soap", "master", "svc",  "pst"};
    size_t dot = name.n;
    while (dot > 0 && name.p[dot - 1] != '.')
        dot--;
    for (size_t i = 0; dot && i < sizeof endings / sizeof *endings; i++)
        if (str_ieq(str_part(name, dot, name.n), str_of(endings[i])))
            return true;
    return false;
}

static bool is_email(struct str s)
{
    size_t at = str_find(s, STR("@"), 0);
    return at != SIZE_MAX && at > 0 && !has(s, ' ') && !has(s, '/') && !has(s, '\\') &&
           !has(s, ':') && !has(str_part(s, at + 1, s.n), '@') &&
           is_domain(str_part(s, at + 1, s.n));
}

/* "203.0.113.7:443": an address whose port does not count. */
static struct str without_port(struct str s)
{
    uint64_t port;
    size_t colon = str_find(s, STR(":"), 0);
    if (s.n && s.p[0] == '[') {
        size_t end = str_find(s, STR("]"), 0);
        return end == SIZE_MAX ? s : str_part(s, 1, end);
    }
    if (colon == SIZE_MAX || !has(s, '.') || !num_u64(str_part(s, colon + 1, s.n), &port))
        return s;
    return str_part(s, 0, colon);
}

static bool is_address(struct str s)
{
    struct network net;
    return network_parse(without_port(s), &net);
}

static bool is_scheme(struct str s)
{
    if (s.n == 0 || s.n > 16 || !is_alpha((unsigned char)s.p[0]))
        return false;
    for (size_t i = 0; i < s.n; i++)
        if (!is_alnum((unsigned char)s.p[i]) && s.p[i] != '+' && s.p[i] != '-')
            return false;
    return true;
}

static bool is_path(struct str s)
{
    bool drive = s.n > 2 && is_alpha((unsigned char)s.p[0]) && s.p[1] == ':' &&
                 (s.p[2] == '\\' || s.p[2] == '/');
    return drive || has(s, '\\') || (s.n > 1 && s.p[0] == '/') ||
           (s.n > 1 && s.p[0] == '%' && has(s, '/'));
}

static bool is_pipe(struct str s)
{
    return str_istarts(s, STR("\\\\.\\pipe\\")) || str_istarts(s, STR("\\pipe\\")) ||
           str_istarts(s, STR("pipe\\"));
}

static bool is_file_name(struct str s)
{
    size_t dot = s.n;
    while (dot > 0 && s.p[dot - 1] != '.')
        dot--;
    struct str ending = str_part(s, dot, s.n);
    if (dot < 2 || ending.n == 0 || ending.n > 10 || has(s, '/') || has(s, ':') || has(s, '@'))
        return false;
    bool letter = false;
    for (size_t i = 0; i < ending.n; i++) {
        letter = letter || is_alpha((unsigned char)ending.p[i]);
        if (!is_alnum((unsigned char)ending.p[i]))
            return false;
    }
    return letter && (!has(s, ' ') || is_file_ending(s));
}

enum indicator_type indicator_shape(struct str s)
{
    size_t scheme = str_find(s, STR("://"), 0);
    enum indicator_type hash = hash_shape(s);
    struct str bare = str_starts(s, STR("*.")) ? str_part(s, 2, s.n) : s;
    struct str host = host_part(bare);
    if (hash != INDICATOR_TYPES)
        return hash;
    if (scheme != SIZE_MAX && is_scheme(str_part(s, 0, scheme)))
        return INDICATOR_URL;
    if (is_address(s))
        return INDICATOR_ADDRESS;
    if (is_email(s))
        return INDICATOR_EMAIL;
    if (is_pipe(s))
        return INDICATOR_PIPE;
    if (is_path(s))
        return INDICATOR_FILE_PATH;
    if (is_domain(host) && host.n < bare.n && bare.p[host.n] == '/')
        return INDICATOR_URL;
    if (is_domain(bare) && !is_file_ending(bare))
        return INDICATOR_DOMAIN;
    return is_file_name(s) ? INDICATOR_FILE_NAME : INDICATOR_TYPES;
}

/* --- normal forms ---------------------------------------------------------------------------- */

void indicator_mask(const uint8_t address[16], unsigned bits, uint8_t masked[16])
{
    memset(masked, 0, 16);
    memcpy(masked, address, bits / 8);
    if (bits % 8)
        masked[bits / 8] = (uint8_t)(address[bits / 8] & (0xffU << (8 - bits % 8)));
}

static struct str address_key(struct str s, struct arena *arena, const char **why)
{
    struct network net;
    if (!network_parse(without_port(s), &net)) {
        *why = "not an IP address or network";
        return STR("");
    }
    bool v4 = net.bits >= MAPPED && !net.v6;
    if ((v4 ? net.bits - MAPPED : net.bits) < (v4 ? V4_BITS_MIN : V6_BITS_MIN)) {
        *why = "a network so large that nearly every address is in it";
        return STR("");
    }
    uint8_t *key = ARENA_ARRAY(arena, uint8_t, 17);
    indicator_mask(net.address, net.bits, key);
    key[16] = (uint8_t)net.bits;
    return (struct str){(const char *)key, 17};
}

static struct str domain_key(struct str s, const char **why)
{
    while (s.n && (s.p[0] == '.' || s.p[0] == '*'))
        s = str_part(s, 1, s.n);
    while (s.n && s.p[s.n - 1] == '.')
        s = str_part(s, 0, s.n - 1);
    if (is_domain(s))
        return s;
    *why = "not a domain name of two labels or more";
    return STR("");
}

bool indicator_is_name_char(unsigned char c)
{
    static const char others[] = "-._~$#!@";
    return is_alnum(c) || c >= 0x80 || (c && memchr(others, c, sizeof others - 1));
}

static bool ends_url(unsigned char c)
{
    static const char ends[] = "\"'<>|`\\^{}()[];,";
    return c <= ' ' || c == 0x7f || memchr(ends, c, sizeof ends - 1);
}

static int hex_digit(char c)
{
    return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* The byte at s.p[*at], with an escape of a visible ASCII character undone; moves past it. */
static char url_byte(struct str s, size_t *at)
{
    char c = s.p[(*at)++];
    if (c != '%' || s.n - *at < 2)
        return c;
    int high = hex_digit(s.p[*at]);
    int low = hex_digit(s.p[*at + 1]);
    int code = high < 0 || low < 0 ? 0 : high * 16 + low;
    if (code <= ' ' || code >= 0x7f || code == '%' || code == '#')
        return c;
    *at += 2;
    return ascii_lower((char)code);
}

/* Host and port, without the ports that go without saying. */
static size_t url_host(struct str s, size_t to, char *out)
{
    struct str host = str_part(s, 0, to);
    if (str_iends(host, STR(":80")))
        host = str_part(host, 0, host.n - 3);
    else if (str_iends(host, STR(":443")))
        host = str_part(host, 0, host.n - 4);
    else if (str_iends(host, STR(":")))
        host = str_part(host, 0, host.n - 1);
    while (host.n && host.p[host.n - 1] == '.')
        host = str_part(host, 0, host.n - 1);
    memcpy(out, host.p, host.n);
    return host.n;
}

size_t indicator_url(struct str s, char *out, size_t *ret_host)
{
    size_t at = 0;
    s = str_part(s, 0, INDICATOR_TEXT_MAX);
    while (at < s.n && s.p[at] != '/' && s.p[at] != '?' && s.p[at] != '#' &&
           !ends_url((unsigned char)s.p[at]))
        at++;
    size_t n = at ? url_host(s, at, out) : 0;
    *ret_host = n;
    while (at < s.n && s.p[at] != '#' && !ends_url((unsigned char)s.p[at]))
        out[n++] = url_byte(s, &at);
    while (n > *ret_host && memchr("./?&!:", out[n - 1], 6))
        n--;
    return n;
}

static struct str url_key(struct str s, struct arena *arena, const char **why)
{
    char *out = ARENA_ARRAY(arena, char, INDICATOR_TEXT_MAX);
    size_t host = 0;
    size_t scheme = str_find(s, STR("://"), 0);
    size_t slash = str_find(s, STR("/"), 0);
    if (scheme != SIZE_MAX && scheme < slash)
        s = str_part(s, scheme + 3, s.n);
    size_t path = str_find(s, STR("/"), 0);
    size_t user = str_find(str_part(s, 0, path), STR("@"), 0);
    if (user != SIZE_MAX)
        s = str_part(s, user + 1, s.n);
    size_t n = indicator_url(s, out, &host);
    struct str name = host_part((struct str){out, host});
    if (!is_domain(name) && !is_address(name)) {
        *why = "a URL whose host is neither a domain nor an IPv4 address";
        return STR("");
    }
    return (struct str){out, n};
}

/* Variables of Windows' environment that lists write before a path. */
static struct str without_variable(struct str s, struct arena *arena)
{
    static const struct {
        const char *name, *folder;
    } known[] = {
        {"%windir%", "\\windows"},
        {"%systemroot%", "\\windows"},
        {"%programdata%", "\\programdata"},
        {"%allusersprofile%", "\\programdata"},
        {"%appdata%", "\\appdata\\roaming"},
        {"%localappdata%", "\\appdata\\local"},
        {"%temp%", "\\temp"},
        {"%tmp%", "\\temp"},
        {"%public%", "\\users\\public"},
        {"%programfiles%", "\\program files"},
        {"%programfiles(x86)%", "\\program files (x86)"},
        {"%system%", "\\system32"},
        {"%systemdrive%", ""},
        {"%homedrive%", ""},
        {"%userprofile%", ""},
        {"%exchangeinstallpath%", "\\v15"},
    };
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        struct str name = str_of(known[i].name);
        if (str_starts(s, name))
            return arena_printf(arena, "%s%.*s", known[i].folder,
                                STR_ARG(str_part(s, name.n, s.n)));
    }
    return s;
}

static struct str backslashed(struct str s, struct arena *arena)
{
    char *out = ARENA_ARRAY(arena, char, s.n + 1);
    for (size_t i = 0; i < s.n; i++)
        out[i] = s.p[i] == '/' ? '\\' : s.p[i];
    return (struct str){out, s.n};
}

static struct str path_key(struct str s, struct arena *arena, const char **why)
{
    s = without_variable(backslashed(s, arena), arena);
    size_t letters = 0;
    for (size_t i = 0; i < s.n; i++)
        letters += is_alnum((unsigned char)s.p[i]) || (unsigned char)s.p[i] >= 0x80;
    if (letters >= NAME_MIN)
        return s;
    *why = "a path of fewer than three letters would be found nearly everywhere";
    return STR("");
}

static struct str pipe_key(struct str s, const char **why)
{
    size_t at = str_ifind(s, STR("pipe\\"), 0);
    if (at != SIZE_MAX)
        s = str_part(s, at + 5, s.n);
    while (s.n && (s.p[0] == '\\' || s.p[0] == '/'))
        s = str_part(s, 1, s.n);
    if (s.n >= NAME_MIN)
        return s;
    *why = "the name of a pipe of fewer than three letters";
    return STR("");
}

static struct str of_length(struct str s, size_t least, const char *reason, const char **why)
{
    if (s.n >= least)
        return s;
    *why = reason;
    return STR("");
}

static struct str hash_key(enum indicator_type type, struct str s, const char **why)
{
    enum indicator_type shape = hash_shape(s);
    if (shape == type || (shape == INDICATOR_MD5 && type == INDICATOR_IMPHASH))
        return s;
    *why = "not a hash of this kind: other letters than hex digits, or not as many";
    return STR("");
}

struct str indicator_key(enum indicator_type type, struct str value, struct arena *arena,
                         const char **why)
{
    struct str s = type == INDICATOR_FILE_REGEX ? value : fold_str(value, arena);
    *why = "";
    if (s.n > INDICATOR_TEXT_MAX) {
        *why = "longer than 4096 bytes";
        return STR("");
    }
    switch (type) {
    case INDICATOR_MD5:
    case INDICATOR_SHA1:
    case INDICATOR_SHA256:
    case INDICATOR_IMPHASH:
        return hash_key(type, s, why);
    case INDICATOR_ADDRESS:
        return address_key(s, arena, why);
    case INDICATOR_DOMAIN:
        return domain_key(s, why);
    case INDICATOR_URL:
        return url_key(s, arena, why);
    case INDICATOR_FILE_PATH:
        return path_key(s, arena, why);
    case INDICATOR_PIPE:
        return pipe_key(backslashed(s, arena), why);
    case INDICATOR_EMAIL:
        if (is_email(s))
            return s;
        *why = "not an e-mail address";
        return STR("");
    case INDICATOR_FILE_NAME:
        return of_length(s, NAME_MIN, "a file name of fewer than three letters", why);
    case INDICATOR_FILE_REGEX:
    case INDICATOR_USER_AGENT:
        return of_length(s, TEXT_MIN, "fewer than four letters", why);
    case INDICATOR_TEXT:
        return of_length(s, TEXT_MIN,
                         "a text of fewer than four letters would be found nearly everywhere",
                         why);
    case INDICATOR_TYPES:
        break;
    }
    *why = "what kind of indicator this is cannot be told; give it a type";
    return STR("");
}

/* --- values that harmless systems have too ---------------------------------------------------- */

static bool is_one_of(struct str s, const char *const *list, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (str_eq(s, str_of(list[i])))
            return true;
    return false;
}

#define ONE_OF(s, list) is_one_of((s), (list), sizeof(list) / sizeof *(list))

static const char *known_hash(struct str key)
{
    static const char *const empty[] = {
        "d41d8cd98f00b204e9800998ecf8427e", "da39a3ee5e6b4b0d3255bfef95601890afd80709",
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"};
    static const char *const newline[] = {
        "68b329da9893e34099c7d8ad5cb9c940", "adc83b19e793491b1c6ea0fd8b46cd9f32e592fc",
        "01ba4719c80b6fe911b091a7c05124b64eeece964e09c058ef8f9805daca546b"};
    if (ONE_OF(key, empty))
        return "the hash of an empty file";
    if (ONE_OF(key, newline))
        return "the hash of a file with nothing but a line end";
    for (size_t i = 1; i < key.n; i++)
        if (key.p[i] != key.p[0])
            return NULL;
    return "a hash of one digit only: no file's";
}

static const char *known_address(struct str key)
{
    static const uint8_t resolvers[][4] = {{8, 8, 8, 8}, {8, 8, 4, 4}, {1, 1, 1, 1},
                                           {1, 0, 0, 1}, {9, 9, 9, 9}, {208, 67, 222, 222}};
    struct ip ip = {0};
    memcpy(ip.byte, key.p, sizeof ip.byte);
    ip.v4 = memcmp(ip.byte, "\0\0\0\0\0\0\0\0\0\0\xff\xff", 12) == 0;
    if (!ip_is_public(&ip))
        return "a private or reserved address";
    for (size_t i = 0; ip.v4 && i < sizeof resolvers / sizeof *resolvers; i++)
        if (memcmp(ip.byte + 12, resolvers[i], 4) == 0)
            return "a public name server";
    return NULL;
}

static const char *known_domain(struct str key)
{
    static const char *const names[] = {"microsoft.com",
                                        "windows.com",
                                        "windowsupdate.com",
                                        "live.com",
                                        "office.com",
                                        "office365.com",
                                        "outlook.com",
                                        "office.net",
                                        "msn.com",
                                        "bing.com",
                                        "azure.com",
                                        "windows.net",
                                        "google.com",
                                        "googleapis.com",
                                        "gstatic.com",
                                        "youtube.com",
                                        "github.com",
                                        "githubusercontent.com",
                                        "apple.com",
                                        "icloud.com",
                                        "amazonaws.com",
                                        "amazon.com",
                                        "cloudfront.net",
                                        "cloudflare.com",
                                        "akamai.net",
                                        "akamaihd.net",
                                        "facebook.com",
                                        "twitter.com",
                                        "x.com",
                                        "linkedin.com",
                                        "wikipedia.org",
                                        "mozilla.org",
                                        "mozilla.com",
                                        "adobe.com",
                                        "dropbox.com",
                                        "digicert.com",
                                        "verisign.com",
                                        "letsencrypt.org",
                                        "w3.org",
                                        "schemas.microsoft.com",
                                        "gmail.com",
                                        "yahoo.com",
                                        "telegram.org",
                                        "t.me",
                                        "pastebin.com",
                                        "discord.com",
                                        "discordapp.com",
                                        "sharepoint.com"};
    static const char *const suffixes[] = {"co.uk",  "com.au", "co.jp",  "com.br", "co.in",
                                           "com.cn", "org.uk", "gov.uk", "com.tr", "co.kr",
                                           "com.mx", "co.za",  "com.tw", "ac.uk",  "co.nz"};
    if (ONE_OF(key, names))
        return "a domain that harmless systems use too";
    return ONE_OF(key, suffixes) ? "a suffix under which anybody may register" : NULL;
}

static const char *known_name(struct str key)
{
    static const char *const names[] = {
        "cmd.exe",       "powershell.exe", "svchost.exe",  "explorer.exe",  "rundll32.exe",
        "w3wp.exe",      "lsass.exe",      "services.exe", "csrss.exe",     "winlogon.exe",
        "iexplore.exe",  "notepad.exe",    "regsvr32.exe", "mshta.exe",     "wscript.exe",
        "cscript.exe",   "net.exe",        "net1.exe",     "whoami.exe",    "certutil.exe",
        "bitsadmin.exe", "schtasks.exe",   "taskhost.exe", "taskhostw.exe", "conhost.exe",
        "dllhost.exe",   "msiexec.exe",    "wmic.exe",     "wmiprvse.exe",  "spoolsv.exe",
        "default.aspx",  "web.config",     "index.html",   "index.php",     "readme.txt",
        "kernel32.dll",  "ntdll.dll",      "user32.dll",   "chrome.exe",    "firefox.exe",
        "setup.exe",     "update.exe",     "install.exe",  "logon.aspx",    "global.asax"};
    return ONE_OF(key, names) ? "a file name that harmless systems have too" : NULL;
}

static const char *known_pipe(struct str key)
{
    static const char *const names[] = {"lsass",    "spoolss", "srvsvc",      "samr",
                                        "netlogon", "wkssvc",  "svcctl",      "ntsvcs",
                                        "epmapper", "browser", "atsvc",       "eventlog",
                                        "winreg",   "lsarpc",  "initshutdown"};
    return ONE_OF(key, names) ? "a pipe that Windows itself has" : NULL;
}

const char *indicator_known(enum indicator_type type, struct str key)
{
    if (type <= INDICATOR_IMPHASH)
        return known_hash(key);
    if (type == INDICATOR_ADDRESS)
        return known_address(key);
    if (type == INDICATOR_DOMAIN || type == INDICATOR_URL) /* a URL of a host as a whole */
        return known_domain(key);
    if (type == INDICATOR_FILE_NAME)
        return known_name(key);
    return type == INDICATOR_PIPE ? known_pipe(key) : NULL;
}

uint64_t indicator_hash(unsigned char tag, const void *p, size_t n)
{
    const unsigned char *b = p;
    uint64_t h = UINT64_C(0x9e3779b97f4a7c15) * (tag + 1U) ^ n;
    uint64_t w;
    for (; n >= 8; b += 8, n -= 8) {
        memcpy(&w, b, 8);
        h = (h ^ w) * UINT64_C(0xff51afd7ed558ccd);
        h ^= h >> 32;
    }
    w = 0;
    for (size_t i = 0; i < n; i++)
        w |= (uint64_t)b[i] << (8 * i);
    h = (h ^ w) * UINT64_C(0xc4ceb9fe1a85ec53);
    h ^= h >> 29;
    h *= UINT64_C(0xff51afd7ed558ccd);
    return h ^ h >> 32;
}
