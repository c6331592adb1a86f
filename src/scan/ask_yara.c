#include "scan/ask_yara.h"

#include "base/limits.h"
#include "event/map_file.h"
#include "rule/yara.h"

/* Text, or what could hide some: the program's own rules are about pages. */
static bool may_be_page(const struct evidence *e)
{
    return e->size <= LIMIT_SMALL_FILE &&
           (e->format == FORMAT_TEXT || e->format == FORMAT_SCRIPT ||
            e->format == FORMAT_HTML || e->format == FORMAT_XML ||
            e->format == FORMAT_UNKNOWN || e->format == FORMAT_IMAGE);
}

/* Logs and stores of records hold what others wrote: a rule that finds a word there says
 * nothing about the file. */
static bool is_of_records(enum format format)
{
    return format_has_events(format) || format == FORMAT_MFT || format == FORMAT_ESE ||
           format == FORMAT_PST;
}

/* What rules call the type, as THOR and LOKI do. */
static struct str type_of(enum format format, struct str extension)
{
    static const struct {
        const char *extension, *type;
    } types[] = {{"asp", "ASP"},       {"aspx", "ASP"},  {"ashx", "ASP"}, {"asmx", "ASP"},
                 {"php", "PHP"},       {"jsp", "JSP"},   {"vbs", "VBS"},  {"bat", "BATCH"},
                 {"cmd", "BATCH"},     {"py", "Python"}, {"rtf", "RTF"},  {"pdf", "PDF"},
                 {"ps1", "PowerShell"}};
    static const struct {
        enum format format;
        const char *type;
    } known[] = {
        {FORMAT_PE, "EXE"},    {FORMAT_MINIDUMP, "MDMP"}, {FORMAT_ZIP, "ZIP"},
        {FORMAT_RAR, "RAR"},   {FORMAT_7Z, "7Z"},         {FORMAT_CAB, "CAB"},
        {FORMAT_GZIP, "GZIP"}, {FORMAT_XML, "XML"},       {FORMAT_REGISTRY, "REGISTRY"},
        {FORMAT_EVTX, "EVTX"}};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (known[i].format == format)
            return str_of(known[i].type);
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        if (str_eq(extension, str_of(types[i].extension)))
            return str_of(types[i].type);
    return STR("");
}

static void ask(struct yara_scanner *scanner, bool own, struct bytes file,
                const struct yara_file *about, const struct event *ev, struct detect *d,
                struct arena *arena, struct str *ret_gap)
{
    const struct yara_found *found = NULL;
    struct err why = {0};
    size_t n = 0;
    int failed = yara_scan(scanner, own, file, about, arena, &found, &n, &why);
    detect_yara(d, ev, found, n, arena);
    if (failed)
        *ret_gap = arena_str(arena, str_of(why.msg));
}

void ask_yara(struct yara_scanner *scanner, const struct evidence *evidence, struct bytes file,
              const struct event *ev, struct detect *d, struct arena *arena,
              struct str *ret_gap)
{
    const struct detect_config *c = detect_config_of(d);
    *ret_gap = STR("");
    if (!scanner || file.n == 0 || (is_of_records(evidence->format) && !c->yara_logs))
        return;
    struct str extension = event_text(ev, "Extension");
    struct yara_file about = {.name = event_text(ev, "FileName"),
                              .directory = event_text(ev, "Directory"),
                              .extension = extension,
                              .type = type_of(evidence->format, extension)};
    bool shipped = str_eq(event_text(ev, "KnownGood"), STR("true"));
    if (yara_set_has(c->yara, true) && may_be_page(evidence) && !shipped)
        ask(scanner, true, file, &about, ev, d, arena, ret_gap);
    if (!yara_set_has(c->yara, false))
        return;
    if (file.n < evidence->size) /* a large member of an archive: its head is there */
        *ret_gap = STR("its beginning only was at hand: no YARA rules were asked about it");
    else if (file.n <= YARA_FILE_MAX)
        ask(scanner, false, file, &about, ev, d, arena, ret_gap);
    else if (!format_is_carrier(evidence->format)) /* its members are files too */
        *ret_gap = arena_printf(arena, "larger than %d MiB: no YARA rules were asked about it",
                                YARA_FILE_MAX >> 20);
}
