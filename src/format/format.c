#include "format/format.h"

#include <stdbool.h>

#include "base/cur.h"
#include "base/utf.h"
#include "format/defender.h"
#include "format/exch_log.h"
#include "format/iis_native.h"
#include "format/iis_w3c.h"
#include "format/mft.h"
#include "format/ncsa.h"
#include "format/textlog.h"
#include "format/usn.h"
#include "format/vdir_dump.h"
#include "format/volume.h"

enum {
    HEAD = 64 * 1024, /* bytes looked at */
    LINES = 32,       /* lines of a log's start looked at */
    PE_OFFSET = 0x3c, /* where a program says where its PE header is */
    ISO_AT = 32768,   /* where a disc of ISO 9660 describes itself */
    TORN_ROWS = 20,   /* one line in so many may be damaged in a log without a header */
    ODD_OF_TEXT = 50, /* one control character in so many bytes is still text */
};

enum { /* what can be done with a format */
       EVENTS = 1,
       LINES_OF_LOG = 2 | EVENTS,
       CARRIER = 4,
};

struct known {
    const char *name;
    unsigned is;
};

static const struct known KNOWN[FORMATS] = {
    [FORMAT_EMPTY] = {"empty", 0},
    [FORMAT_UNKNOWN] = {"unknown", 0},
    [FORMAT_TEXT] = {"text", 0},
    [FORMAT_EVTX] = {"evtx", EVENTS},
    [FORMAT_JSON_LINES] = {"json-lines", LINES_OF_LOG},
    [FORMAT_JSON] = {"json", EVENTS},
    [FORMAT_IIS_W3C] = {"iis-w3c", LINES_OF_LOG},
    [FORMAT_HTTPERR] = {"httperr", LINES_OF_LOG},
    [FORMAT_IIS_NATIVE] = {"iis-native", LINES_OF_LOG},
    [FORMAT_NCSA] = {"ncsa", LINES_OF_LOG},
    [FORMAT_HTTPPROXY] = {"exchange-httpproxy", LINES_OF_LOG},
    [FORMAT_ECP_SERVER] = {"exchange-ecp-server", LINES_OF_LOG},
    [FORMAT_ECP_ACTIVITY] = {"exchange-ecp-activity", LINES_OF_LOG},
    [FORMAT_EWS] = {"exchange-ews", LINES_OF_LOG},
    [FORMAT_AUTODISCOVER] = {"exchange-autodiscover", LINES_OF_LOG},
    [FORMAT_OWA] = {"exchange-owa", LINES_OF_LOG},
    [FORMAT_MAPIHTTP] = {"exchange-mapihttp", LINES_OF_LOG},
    [FORMAT_RPS_CMDLET] = {"exchange-rps-cmdlet", LINES_OF_LOG},
    [FORMAT_RPS_HTTP] = {"exchange-rps-http", LINES_OF_LOG},
    [FORMAT_MESSAGE_TRACKING] = {"exchange-message-tracking", LINES_OF_LOG},
    [FORMAT_SMTP] = {"exchange-smtp", LINES_OF_LOG},
    [FORMAT_AGENT] = {"exchange-agent", LINES_OF_LOG},
    [FORMAT_CONNECTIVITY] = {"exchange-connectivity", LINES_OF_LOG},
    [FORMAT_AUDIT] = {"exchange-audit", LINES_OF_LOG},
    [FORMAT_MITIGATION] = {"exchange-mitigation", LINES_OF_LOG},
    [FORMAT_EXCHANGE] = {"exchange-other", LINES_OF_LOG},
    [FORMAT_OAB_GENERATOR] = {"exchange-oab-generator", EVENTS},
    [FORMAT_EXCHANGE_SETUP] = {"exchange-setup", EVENTS},
    [FORMAT_REMEDIATION] = {"remediation", EVENTS},
    [FORMAT_IIS_CONFIG] = {"iis-config", EVENTS},
    [FORMAT_AGENT_CONFIG] = {"exchange-agents-config", EVENTS},
    [FORMAT_TASK] = {"task", EVENTS},
    [FORMAT_DEFENDER] = {"defender-history", EVENTS},
    [FORMAT_GZIP] = {"gzip", EVENTS},
    [FORMAT_ZSTD] = {"zstd", EVENTS},
    [FORMAT_SCRIPT] = {"script", 0},
    [FORMAT_VDIR_DUMP] = {"vdir-dump", 0},
    [FORMAT_ASPNET_COMPILED] = {"aspnet-compiled", 0},
    [FORMAT_PE] = {"pe", 0},
    [FORMAT_ZIP] = {"zip", CARRIER},
    [FORMAT_7Z] = {"7z", CARRIER},
    [FORMAT_TAR] = {"tar", CARRIER},
    [FORMAT_XZ] = {"xz", CARRIER},
    [FORMAT_BZIP2] = {"bzip2", CARRIER},
    [FORMAT_RAR] = {"rar", CARRIER},
    [FORMAT_CAB] = {"cab", CARRIER},
    [FORMAT_ISO] = {"iso", CARRIER},
    [FORMAT_WIM] = {"wim", 0},
    [FORMAT_MINIDUMP] = {"minidump", 0},
    [FORMAT_PST] = {"pst", 0},
    [FORMAT_REGISTRY] = {"registry", EVENTS},
    [FORMAT_REGISTRY_LOG] = {"registry-log", 0},
    [FORMAT_ESE] = {"ese", 0},
    [FORMAT_XML] = {"xml", 0},
    [FORMAT_HTML] = {"html", 0},
    [FORMAT_IMAGE] = {"image", 0},
    [FORMAT_RAW_DISK] = {"raw-disk", CARRIER},
    [FORMAT_E01] = {"e01", CARRIER},
    [FORMAT_E01_SEGMENT] = {"e01-segment", 0},
    [FORMAT_VIRTUAL_DISK] = {"virtual-disk", CARRIER},
    [FORMAT_MFT] = {"mft", EVENTS},
    [FORMAT_USN] = {"usn", EVENTS},
};

const char *format_name(enum format format)
{
    return (unsigned)format < FORMATS && KNOWN[format].name ? KNOWN[format].name : "unknown";
}

bool format_has_events(enum format format)
{
    return (unsigned)format < FORMATS && (KNOWN[format].is & EVENTS);
}

bool format_is_carrier(enum format format)
{
    return (unsigned)format < FORMATS && (KNOWN[format].is & CARRIER);
}

bool format_is_lines(enum format format)
{
    return (unsigned)format < FORMATS && (KNOWN[format].is & LINES_OF_LOG) == LINES_OF_LOG;
}

static bool at_is(struct bytes b, size_t at, const char *magic, size_t n)
{
    return b.n >= n && at <= b.n - n && memcmp(b.p + at, magic, n) == 0;
}

struct magic {
    size_t at;
    size_t n;
    const char *p;
    enum format format;
};

#define MAGIC(at, text, format)            \
    {                                      \
        at, sizeof(text) - 1, text, format \
    }

static const struct magic MAGICS[] = {
    MAGIC(0, "ElfFile\0", FORMAT_EVTX),
    MAGIC(0, "ElfChnk\0", FORMAT_EVTX), /* the header was lost; chunks are enough */
    MAGIC(0, "\x1f\x8b", FORMAT_GZIP),
    MAGIC(0, "\x28\xb5\x2f\xfd", FORMAT_ZSTD),
    MAGIC(0, "PK\x03\x04", FORMAT_ZIP),
    MAGIC(0, "PK\x05\x06", FORMAT_ZIP),
    MAGIC(0, "PK\x07\x08", FORMAT_ZIP),
    MAGIC(0, "7z\xbc\xaf\x27\x1c", FORMAT_7Z),
    MAGIC(0, "\xfd\x37zXZ\0", FORMAT_XZ),
    MAGIC(0, "Rar!\x1a\x07", FORMAT_RAR),
    MAGIC(0, "MSCF\0\0\0\0", FORMAT_CAB),
    MAGIC(ISO_AT + 1, "CD001\x01", FORMAT_ISO),
    MAGIC(0, "MSWIM\0\0\0", FORMAT_WIM),
    MAGIC(0, "MDMP", FORMAT_MINIDUMP),
    MAGIC(0, "!BDN", FORMAT_PST),
    MAGIC(0, "regf", FORMAT_REGISTRY),
    MAGIC(4, "\xef\xcd\xab\x89", FORMAT_ESE),
    MAGIC(0, "\x89PNG\r\n\x1a\n", FORMAT_IMAGE),
    MAGIC(0, "GIF87a", FORMAT_IMAGE),
    MAGIC(0, "GIF89a", FORMAT_IMAGE),
    MAGIC(0, "\xff\xd8\xff", FORMAT_IMAGE),
    MAGIC(8, "WEBP", FORMAT_IMAGE),
};

/* "MZ" alone also starts words: the offset to the PE header must make sense, or the bytes
 * behind it must not be text. */
static bool is_program(struct bytes b)
{
    if (!at_is(b, 0, "MZ", 2))
        return false;
    if (b.n < PE_OFFSET + 4)
        return b.n > 2 && memchr(b.p, 0, b.n) != NULL;
    struct cur c = cur_of(b, 0);
    cur_seek(&c, PE_OFFSET);
    return at_is(b, cur_u32(&c), "PE\0\0", 4) || memchr(b.p, 0, PE_OFFSET) != NULL;
}

/* "BZh", the size of its blocks, and the mark of a block or of the end. */
static bool is_bzip2(struct bytes b)
{
    return at_is(b, 0, "BZh", 3) && b.n > 9 && b.p[3] >= '1' && b.p[3] <= '9' &&
           (at_is(b, 4, "1AY&SY", 6) || at_is(b, 4, "\x17\x72\x45\x38\x50\x90", 6));
}

/* A header of POSIX or GNU form whose checksum, in octal digits, is right: the word alone might
 * stand in a log. Source: POSIX.1-2017, pax, "ustar Interchange Format". */
static bool is_tar(struct bytes b)
{
    enum { BLOCK = 512, SUM = 148, SUM_BYTES = 8, MAGIC = 257 };
    unsigned sum = 0;
    unsigned told = 0;
    if (b.n < BLOCK || !at_is(b, MAGIC, "ustar", 5))
        return false;
    for (size_t i = 0; i < BLOCK; i++)
        sum += i >= SUM && i < SUM + SUM_BYTES ? ' ' : b.p[i];
    for (size_t i = SUM; i < SUM + SUM_BYTES; i++)
        if (b.p[i] >= '0' && b.p[i] <= '7')
            told = told << 3 | (unsigned)(b.p[i] - '0');
    return sum == told;
}

/* A hive's log starts as the hive does; only its type is another. */
static bool is_hive_log(struct bytes b)
{
    enum { TYPE_AT = 28 };
    struct cur c = cur_of(b, 0);
    cur_seek(&c, TYPE_AT);
    uint32_t type = cur_u32(&c);
    return type == 1 || type == 2 || type == 6;
}

static enum format sniff_binary(struct bytes b)
{
    for (size_t i = 0; i < sizeof MAGICS / sizeof *MAGICS; i++)
        if (at_is(b, MAGICS[i].at, MAGICS[i].p, MAGICS[i].n))
            return MAGICS[i].format == FORMAT_REGISTRY && is_hive_log(b) ? FORMAT_REGISTRY_LOG
                                                                         : MAGICS[i].format;
    if (is_bzip2(b))
        return FORMAT_BZIP2;
    if (is_tar(b))
        return FORMAT_TAR;
    if (defender_is(b))
        return FORMAT_DEFENDER;
    bool icon = at_is(b, 0, "\0\0\1\0", 4) && b.n > 6 && b.p[4] > 0 && b.p[5] == 0;
    if (icon)
        return FORMAT_IMAGE;
    enum format image = volume_sniff(b);
    if (image != FORMAT_UNKNOWN)
        return image;
    if (mft_record_size(b))
        return FORMAT_MFT;
    if (usn_looks(b))
        return FORMAT_USN;
    return is_program(b) ? FORMAT_PE : FORMAT_UNKNOWN;
}

/* Whether bytes read as text: hardly any control characters, NUL only as a tail. Bytes from
 * 0x80 on may be any code page. */
static bool is_text(struct bytes b)
{
    size_t odd = 0;
    for (size_t i = 0; i < b.n; i++) {
        uint8_t c = b.p[i];
        if (c == 0)
            return false;
        odd += c < 0x20 && c != '\t' && c != '\n' && c != '\r' && c != '\f';
    }
    return odd <= b.n / ODD_OF_TEXT;
}

static struct bytes without_nul_tail(struct bytes b)
{
    while (b.n > 0 && b.p[b.n - 1] == 0)
        b.n--;
    return b;
}

static bool next_line(struct str text, size_t *at, struct str *ret)
{
    if (*at >= text.n)
        return false;
    const char *nl = memchr(text.p + *at, '\n', text.n - *at);
    size_t to = nl ? (size_t)(nl - text.p) : text.n;
    *ret = str_trim(str_part(text, *at, to));
    *at = to + 1;
    return true;
}

/* What a log's start says of itself. */
struct log_head {
    bool iis;          /* "#Software: Microsoft Internet Information Services" */
    bool http;         /* "#Software: Microsoft HTTP API" */
    struct str fields; /* the line "#Fields:" */
    struct str row;    /* the first line that is not a header */
};

static void read_directive(struct str line, struct log_head *head)
{
    if (str_istarts(line, STR("#Software: Microsoft Internet Information")))
        head->iis = true;
    else if (str_istarts(line, STR("#Software: Microsoft HTTP API")))
        head->http = true;
    else if (str_istarts(line, STR("#Fields:")) && head->fields.n == 0)
        head->fields = line;
}

static struct log_head read_head(struct str text)
{
    struct log_head head = {.fields = STR(""), .row = STR("")};
    struct str line;
    size_t at = 0;
    for (int i = 0; i < LINES && next_line(text, &at, &line); i++) {
        if (line.n && line.p[0] == '#')
            read_directive(line, &head);
        else if (line.n && head.row.n == 0)
            head.row = line;
    }
    return head;
}

static bool has_word(struct str s, const char *word)
{
    return str_ifind(s, str_of(word), 0) != SIZE_MAX;
}

static bool is_iis(const struct log_head *head)
{
    if (head->iis)
        return true;
    if (!str_istarts(head->fields, STR("#Fields:")))
        return false;
    return has_word(head->fields, "cs-uri") &&
           (has_word(head->fields, "c-ip") || has_word(head->fields, "cs-method") ||
            has_word(head->fields, "sc-status"));
}

static bool is_httperr(const struct log_head *head)
{
    return head->http ||
           (str_istarts(head->fields, STR("#Fields:")) && has_word(head->fields, "s-reason") &&
            has_word(head->fields, "cs-uri"));
}

/* A row of HTTP.sys's error log without its header: the ports and the site tell. */
static bool is_httperr_row(struct str line)
{
    struct iis_layout layout;
    struct iis_row row;
    iis_layout_httperr(&layout);
    if (!iis_row_split(&layout, str_bytes(line), &row))
        return false;
    for (size_t i = 0; i < layout.n; i++)
        if (!iis_cell_fits(&layout, i, row.cells[i]))
            return false;
    struct bytes reason = row.cells[layout.at[IIS_REASON]];
    return reason.n > 1;
}

/* Rows quoted without their header: the columns as installed, with the shapes they have. */
static bool is_iis_row(struct str line)
{
    struct iis_layout layout;
    struct iis_row row;
    iis_layout_default(&layout);
    if (!iis_row_split(&layout, str_bytes(line), &row))
        return false;
    struct bytes stem = row.cells[layout.at[IIS_STEM]];
    struct bytes status = row.cells[layout.at[IIS_STATUS]];
    return stem.n && stem.p[0] == '/' && status.n == 3 && status.p[0] >= '1' &&
           status.p[0] <= '5';
}

static bool is_ncsa_row(struct str line)
{
    struct ncsa_row row;
    return ncsa_split(str_bytes(line), &row) && row.time != INSTANT_NONE;
}

static bool is_native_row(struct str line)
{
    struct iis_native_row row;
    return iis_native_split(str_bytes(line), &row) &&
           iis_native_time(&row, INSTANT_NONE) != INSTANT_NONE;
}

static bool has_script(struct str line)
{
    return str_find(line, STR("<%"), 0) != SIZE_MAX ||
           str_find(line, STR("<?"), 0) != SIZE_MAX ||
           str_ifind(line, STR("<script"), 0) != SIZE_MAX;
}

/* Access logs have no header: all lines that we see must be rows, but for a few that are
 * torn. A script among such lines is a script that wants to look like a log. */
static bool are_rows(struct str text, bool (*is_row)(struct str line))
{
    size_t rows = 0;
    size_t torn = 0;
    size_t at = 0;
    struct str line;
    while (next_line(text, &at, &line)) {
        bool whole = at <= text.n || text.n < HEAD / 2;
        if (line.n == 0)
            continue;
        if (is_row(line))
            rows++;
        else if (has_script(line) || (whole && ++torn > 1 + rows / TORN_ROWS))
            return false;
    }
    return rows > 0 && torn <= rows / TORN_ROWS + (rows > 1);
}

static enum format sniff_log(struct str text)
{
    struct log_head head = read_head(text);
    if (is_httperr(&head))
        return FORMAT_HTTPERR;
    if (is_iis(&head))
        return FORMAT_IIS_W3C;
    enum format exchange = exch_log_sniff(text);
    if (exchange != FORMAT_UNKNOWN)
        return exchange;
    if (is_iis_row(head.row))
        return FORMAT_IIS_W3C;
    if (is_httperr_row(head.row))
        return FORMAT_HTTPERR;
    if (are_rows(text, is_ncsa_row))
        return FORMAT_NCSA;
    if (are_rows(text, is_native_row))
        return FORMAT_IIS_NATIVE;
    return FORMAT_UNKNOWN; /* no log that we can tell */
}

/* Whether braces and strings are balanced when the line ends. */
static bool object_is_whole(struct str line)
{
    size_t depth = 0;
    bool quoted = false;
    for (size_t i = 0; i < line.n; i++) {
        char c = line.p[i];
        if (quoted && c == '\\')
            i++;
        else if (c == '"')
            quoted = !quoted;
        else if (!quoted && (c == '{' || c == '['))
            depth++;
        else if (!quoted && (c == '}' || c == ']') && depth > 0)
            depth--;
    }
    return depth == 0 && !quoted;
}

/* One object per line, or one value over many lines. A first line longer than what we look
 * at is an object of its own: nobody indents that way. */
static enum format sniff_json(struct str text)
{
    struct str line = STR("");
    struct str next = STR("");
    size_t at = 0;
    if (text.p[0] != '{')
        return FORMAT_JSON;
    (void)next_line(text, &at, &line);
    if (at > text.n && text.n >= HEAD / 2)
        return FORMAT_JSON_LINES;
    if (!object_is_whole(line))
        return FORMAT_JSON;
    while (next.n == 0 && next_line(text, &at, &next))
        continue;
    return next.n == 0 || next.p[0] == '{' ? FORMAT_JSON_LINES : FORMAT_JSON;
}

/* What could follow the bracket of a JSON value; "{" also starts other languages. */
static bool is_json(struct str text)
{
    if (text.n < 2 || (text.p[0] != '{' && text.p[0] != '['))
        return false;
    struct str rest = str_trim(str_part(text, 1, text.n));
    if (rest.n == 0)
        return true;
    char c = rest.p[0];
    return c == '"' || (text.p[0] == '{' ? c == '}' : c == '{' || c == '[' || c == ']');
}

static bool is_log_line(struct str line)
{
    instant t;
    return line.n > 10 && line.p[4] == '-' && line.p[7] == '-' &&
           instant_parse(str_part(line, 0, 10), &t);
}

/* Server script: a directive, a code block, or a script element that runs at the server. */
static bool is_script(struct str text)
{
    size_t at = 0;
    if (str_find(text, STR("<%"), 0) != SIZE_MAX)
        return true;
    while ((at = str_ifind(text, STR("<script"), at)) != SIZE_MAX) {
        size_t close = str_find(text, STR(">"), at);
        size_t runat = str_ifind(str_part(text, at, close), STR("runat"), 0);
        if (runat != SIZE_MAX)
            return true;
        at += 7;
    }
    return false;
}

/* "Record 12" above an object: the output of a dumper of event logs. */
static bool is_dumped_json(struct str text)
{
    struct str head = STR("Record ");
    struct str line;
    size_t at = 0;
    if (!str_starts(text, head) || !next_line(text, &at, &line))
        return false;
    for (size_t i = head.n; i < line.n; i++)
        if (line.p[i] < '0' || line.p[i] > '9')
            return false;
    return line.n > head.n && at < text.n && text.p[at] == '{';
}

/* Logs whose lines bear on each other: they are read whole. The address book's log is told by
 * words that a client could have put into a row of another log: any other form comes first. */
static enum format sniff_textlog(struct str text)
{
    enum format other = FORMAT_UNKNOWN;
    switch (textlog_sniff(text)) {
    case TEXTLOG_OAB:
        other = sniff_log(text);
        return other == FORMAT_UNKNOWN || other == FORMAT_TEXT || other == FORMAT_EXCHANGE
                   ? FORMAT_OAB_GENERATOR
                   : other;
    case TEXTLOG_SETUP:
        return FORMAT_EXCHANGE_SETUP;
    case TEXTLOG_SCANNER:
    case TEXTLOG_EOMT:
    case TEXTLOG_SUMMARY:
    case TEXTLOG_MITIGATIONS:
    case TEXTLOG_HASHES:
        return FORMAT_REMEDIATION;
    case TEXTLOG_NONE:
        break;
    }
    return FORMAT_UNKNOWN;
}

/* Behind "<?...?>", a comment or a document type, with its declarations, that stands at `at`;
 * `at` itself where there is none, or where it does not end. */
static size_t behind_prolog(struct str text, size_t at)
{
    static const struct {
        const char *start, *end;
    } marks[] = {{"<?", "?>"}, {"<!--", "-->"}, {"<!DOCTYPE", ">"}};
    struct str rest = str_part(text, at, text.n);
    for (size_t i = 0; i < sizeof marks / sizeof *marks; i++) {
        if (!str_starts(rest, str_of(marks[i].start)))
            continue;
        struct str close = str_of(marks[i].end);
        size_t end = str_find(text, close, at);
        size_t list = i == 2 ? str_find(str_part(text, 0, end), STR("["), at) : SIZE_MAX;
        size_t list_end = list == SIZE_MAX ? 0 : str_find(text, STR("]"), list);
        end = list == SIZE_MAX       ? end
              : list_end == SIZE_MAX ? SIZE_MAX
                                     : str_find(text, close, list_end);
        if (end == SIZE_MAX)
            return at;
        for (end += close.n; end < text.n && memchr(" \t\r\n", text.p[end], 4);)
            end++;
        return end;
    }
    return at;
}

/* The name of the first element, without its prefix; "" where the text does not begin with one. */
static struct str xml_root(struct str text)
{
    size_t at = 0;
    for (size_t next; (next = behind_prolog(text, at)) != at;)
        at = next;
    if (at >= text.n || text.p[at] != '<')
        return STR("");
    size_t from = at + 1;
    size_t to = from;
    for (; to < text.n && !memchr(" \t\r\n/>", text.p[to], 6); to++)
        from = text.p[to] == ':' ? to + 1 : from;
    return str_part(text, from, to);
}

/* XML whose elements are read as events. */
static enum format sniff_xml(struct str text)
{
    if (text.p[0] != '<')
        return FORMAT_UNKNOWN;
    struct str root = xml_root(text);
    if (str_eq(root, STR("configuration")))
        return str_find(text, STR("<mexRuntime"), 0) == SIZE_MAX ? FORMAT_IIS_CONFIG
                                                                 : FORMAT_AGENT_CONFIG;
    bool task = str_eq(root, STR("Task")) &&
                (str_find(text, STR("windows/2004/02/mit/task"), 0) != SIZE_MAX ||
                 str_find(text, STR("<Actions"), 0) != SIZE_MAX);
    return task ? FORMAT_TASK : FORMAT_UNKNOWN;
}

static enum format sniff_text(struct str text)
{
    text = str_trim(text);
    if (text.n == 0)
        return FORMAT_TEXT;
    enum format xml = sniff_xml(text);
    if (xml != FORMAT_UNKNOWN)
        return xml;
    if (is_dumped_json(text))
        return FORMAT_JSON;
    if (is_json(text))
        return sniff_json(text);
    enum format log = sniff_textlog(text);
    if (log != FORMAT_UNKNOWN)
        return log;
    log = sniff_log(text);
    if (log != FORMAT_UNKNOWN)
        return log;
    if (vdir_dump_is(text))
        return FORMAT_VDIR_DUMP;
    if (str_find(text, STR("<preserve"), 0) != SIZE_MAX &&
        str_find(text, STR("virtualPath="), 0) != SIZE_MAX)
        return FORMAT_ASPNET_COMPILED;
    struct str line = STR("");
    size_t at = 0;
    (void)next_line(text, &at, &line);
    if (is_log_line(line))
        return FORMAT_TEXT;
    if (is_script(text))
        return FORMAT_SCRIPT;
    if (str_istarts(text, STR("<?xml")))
        return str_ifind(str_part(text, 0, 512), STR("<html"), 0) != SIZE_MAX ? FORMAT_HTML
                                                                              : FORMAT_XML;
    if (str_istarts(text, STR("<!doctype html")) || str_istarts(text, STR("<html")))
        return FORMAT_HTML;
    if (text.p[0] == '<' && text.n > 1 && text.p[text.n - 1] == '>')
        return str_ifind(text, STR("<html"), 0) != SIZE_MAX ? FORMAT_HTML : FORMAT_XML;
    return FORMAT_TEXT;
}

/* A log with NUL bytes inside: its text before them, or behind them, still tells. */
static enum format sniff_torn_log(struct bytes b)
{
    while (b.n > 0 && b.p[0] == 0) {
        b.p++;
        b.n--;
    }
    const uint8_t *nul = b.n ? memchr(b.p, 0, b.n) : NULL;
    if (nul)
        b.n = (size_t)(nul - b.p);
    if (b.n == 0 || !is_text(b))
        return FORMAT_UNKNOWN;
    enum format format = sniff_text((struct str){(const char *)b.p, b.n});
    return format_has_events(format) ? format : FORMAT_UNKNOWN;
}

enum format format_sniff(struct bytes head)
{
    if (head.n > HEAD)
        head.n = HEAD;
    if (head.n == 0)
        return FORMAT_EMPTY;
    enum format format = sniff_binary(head);
    if (format != FORMAT_UNKNOWN)
        return format;

    if (utf16le_looks(head)) {
        size_t skip = at_is(head, 0, "\xff\xfe", 2) ? 2 : 0;
        struct arena *scratch = arena_new();
        struct bytes body = {head.p + skip, head.n - skip};
        struct str text = utf16le_decode(body, scratch);
        format = is_text(without_nul_tail(str_bytes(text))) ? sniff_text(text) : FORMAT_UNKNOWN;
        arena_free(scratch);
        return format;
    }
    size_t bom = at_is(head, 0, "\xef\xbb\xbf", 3) ? 3 : 0;
    struct bytes body = without_nul_tail((struct bytes){head.p + bom, head.n - bom});
    return is_text(body) ? sniff_text((struct str){(const char *)body.p, body.n})
                         : sniff_torn_log(body);
}

enum format format_sniff_file(struct bytes file)
{
    enum { PAGE = 4096 };
    struct bytes head = {file.p, file.n < HEAD ? file.n : HEAD};
    enum format format = format_sniff(head);
    if (file.n <= HEAD || without_nul_tail(head).n)
        return format;
    size_t end = without_nul_tail((struct bytes){file.p + file.n - HEAD, HEAD}).n;
    size_t last = file.n - HEAD + end; /* the page in which the last record ends */
    size_t page = last ? (last - 1) / PAGE * PAGE : 0;
    return end && usn_looks((struct bytes){file.p + page, file.n - page}) ? FORMAT_USN : format;
}
