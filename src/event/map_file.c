#include "event/map_file.h"

#include <inttypes.h>

#include "base/limits.h"
#include "base/utf.h"
#include "event/shell.h"
#include "event/web.h"
#include "event/webpath.h"
#include "format/aspnet_compiled.h"
#include "format/exch_build.h"
#include "format/pe.h"
#include "format/vdir_dump.h"

static bool is_drive(struct str name)
{
    char c = name.n ? ascii_lower(name.p[0]) : '\0';
    if (c < 'a' || c > 'z')
        return false;
    struct str rest = str_part(name, 1, name.n);
    return rest.n == 0 || str_eq(rest, STR(":")) || str_ieq(rest, STR("%3A"));
}

static size_t name_end(struct str path, size_t at)
{
    while (at < path.n && path.p[at] != '/' && path.p[at] != '\\')
        at++;
    return at;
}

static bool is_top_folder(struct str name)
{
    static const char *const names[] = {"Windows",           "inetpub", "Program Files",
                                        "ProgramData",       "Users",   "Program Files (x86)",
                                        "ExchangeSetupLogs", "PerfLogs"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (str_ieq(name, str_of(names[i])))
            return true;
    return false;
}

/* "%5C%5C.%5CC%3A" is a drive as Velociraptor names one that it read raw: \\.\C: */
static struct str drive_name(struct str name)
{
    struct str device = STR("%5C%5C.%5C");
    return str_istarts(name, device) ? str_part(name, device.n, name.n) : name;
}

/* How surely a folder stands for a drive: "C:" and "C%3A" do, "C" very likely, "c" only
 * with a folder below it that a system drive has. */
static int drive_rank(struct str name)
{
    if (!is_drive(name))
        return 0;
    return name.n > 1 ? 3 : name.p[0] <= 'Z' ? 2 : 1;
}

/* Where the server's own path starts inside the evidence's: at a drive with a folder below
 * it that only a system drive has, else at such a folder, else at what looks like a drive.
 * *ret_drive is its letter or 0. */
static size_t server_path(struct str path, char *ret_drive)
{
    size_t folder = SIZE_MAX;
    size_t drive = 0;
    int best = 1;
    int before = 0; /* rank of the name before this one, and its letter */
    char letter = '\0';
    for (size_t at = 0; at < path.n;) {
        size_t to = name_end(path, at);
        struct str name = str_part(path, at, to);
        if (before && is_top_folder(name)) {
            *ret_drive = letter;
            return at;
        }
        if (folder == SIZE_MAX && is_top_folder(name))
            folder = at;
        name = drive_name(name);
        before = to < path.n ? drive_rank(name) : 0;
        letter = before ? name.p[0] : '\0';
        if (before > best) {
            best = before;
            drive = to + 1;
            *ret_drive = letter;
        }
        at = to + 1;
    }
    if (folder == SIZE_MAX)
        return drive;
    *ret_drive = '\0';
    return folder;
}

static int hex_digit(char c)
{
    c = ascii_lower(c);
    return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Undoes "%20" in place: so does Velociraptor write what a file system might not take. */
static size_t undo_percent(char *text, size_t n)
{
    size_t to = 0;
    for (size_t i = 0; i < n; i++) {
        int high = text[i] == '%' && n - i > 2 ? hex_digit(text[i + 1]) : -1;
        int low = high >= 0 ? hex_digit(text[i + 2]) : -1;
        text[to++] = (char)(low >= 0 ? high << 4 | low : text[i]);
        i += low >= 0 ? 2 : 0;
    }
    return to;
}

struct str file_windows_path(struct str path, struct arena *arena)
{
    char drive = '\0';
    while (path.n && path.p[0] == '/')
        path = str_part(path, 1, path.n);
    size_t start = server_path(path, &drive);
    struct str rest = str_part(path, start, path.n);
    bool encoded = start > 4 && str_ieq(str_part(path, start - 4, start), STR("%3A/"));
    char *out = ARENA_ARRAY(arena, char, rest.n + 3);
    size_t n = 0;
    if (drive) {
        out[n++] = (char)(ascii_lower(drive) - 'a' + 'A');
        out[n++] = ':';
    }
    out[n++] = '\\';
    for (size_t i = 0; i < rest.n; i++)
        out[n++] = rest.p[i] == '/' ? '\\' : rest.p[i];
    return (struct str){out, encoded ? undo_percent(out, n) : n};
}

struct str file_directory(struct str path)
{
    size_t above = path.n - path_base_name(path).n;
    return str_part(path, 0, above > 1 ? above - 1 : above);
}

struct str file_extension(struct str name, struct arena *arena)
{
    size_t dot = name.n;
    while (dot > 0 && name.p[dot - 1] != '.')
        dot--;
    return dot ? text_lower(str_part(name, dot, name.n), arena) : STR("");
}

static struct str web_root(struct str path)
{
    static const char *const roots[][2] = {
        {"aspnet_client", "aspnet_client"},
        {"FrontEnd/HttpProxy/owa/auth", "owa\\auth"},
        {"FrontEnd/HttpProxy/ecp/auth", "ecp\\auth"},
        {"FrontEnd/HttpProxy", "FrontEnd\\HttpProxy"},
        {"ClientAccess", "ClientAccess"},
        {"wwwroot", "wwwroot"},
    };
    size_t end;
    for (size_t i = 0; i < sizeof roots / sizeof *roots; i++)
        if (path_has_folder(path, str_of(roots[i][0]), &end))
            return str_of(roots[i][1]);
    return STR("");
}

/* Source: Exchange's own file lists, docs/formats/vdir-dump.md, "Shipped pages" */
static struct str shipped_name(struct str directory, struct str name)
{
    static const char *const shipped[][2] = {
        {"FrontEnd/HttpProxy/owa/auth", "errorFE.aspx"},
        {"FrontEnd/HttpProxy/owa/auth", "expiredpassword.aspx"},
        {"FrontEnd/HttpProxy/owa/auth", "logoff.aspx"},
        {"FrontEnd/HttpProxy/owa/auth", "logon.aspx"},
        {"FrontEnd/HttpProxy/owa/auth", "RedirSuiteServiceProxy.aspx"},
        {"FrontEnd/HttpProxy/owa/auth", "OutlookCN.aspx"},
        {"FrontEnd/HttpProxy/owa/auth", "signout.aspx"},
        {"FrontEnd/HttpProxy/owa/auth", "GetIdToken.htm"},
        {"FrontEnd/HttpProxy/owa/auth", "frowny.aspx"},
        {"FrontEnd/HttpProxy/owa/auth", "SvmFeedback.aspx"},
        {"FrontEnd/HttpProxy/bin", "owaauth.dll"},
        {"FrontEnd/HttpProxy/ecp/auth", "TimeoutLogout.aspx"},
        {"ClientAccess/owa/auth", "error.aspx"},
        {"ClientAccess/owa/auth", "error2.aspx"},
        {"ClientAccess/owa/auth", "expiredpassword.aspx"},
        {"ClientAccess/owa/auth", "logoff.aspx"},
        {"ClientAccess/owa/auth", "signout.aspx"},
        {"ClientAccess/owa/auth", "owaauth.dll"},
    };
    size_t end;
    for (size_t i = 0; i < sizeof shipped / sizeof *shipped; i++)
        if (str_ieq(name, str_of(shipped[i][1])) &&
            path_has_folder(directory, str_of(shipped[i][0]), &end) && end == directory.n)
            return str_of(shipped[i][1]);
    return STR("");
}

static bool is_script_type(struct str extension)
{
    static const char *const types[] = {"aspx", "ashx",   "asmx", "asax",   "ascx", "asp",
                                        "asa",  "cer",    "cdx",  "cshtml", "svc",  "vbhtml",
                                        "soap", "master", "php",  "jsp",    "jspx", "cfm"};
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        if (str_eq(extension, str_of(types[i])))
            return true;
    return false;
}

static void derive_dump(struct event *ev, struct arena *arena, struct str text)
{
    struct vdir_dump dump;
    if (!vdir_dump_parse(text, arena, &dump))
        return;
    struct exch_build build;
    char iso[INSTANT_TEXT];
    web_derive(ev, arena, "DumpObject", vdir_dump_get(&dump, "Name"));
    web_derive(ev, arena, "DumpServer", vdir_dump_get(&dump, "Server"));
    web_derive(ev, arena, "DumpExternalUrl", vdir_dump_get(&dump, "ExternalUrl"));
    web_derive(ev, arena, "DumpInternalUrl", vdir_dump_get(&dump, "InternalUrl"));
    web_derive(ev, arena, "DumpWhenChangedText", vdir_dump_get(&dump, "WhenChangedUTC"));
    web_derive(ev, arena, "DumpWhenChanged",
               arena_str(arena, instant_text(vdir_dump_changed(&dump), iso)));
    if (exch_build_parse(vdir_dump_get(&dump, "AdminDisplayVersion"), &build))
        web_derive(ev, arena, "DumpBuild", exch_build_text(build, arena));
    web_derive(ev, arena, "DumpScript",
               vdir_dump_has_script(&dump) ? STR("true") : STR("false"));
}

static struct str content_text(struct bytes content, struct arena *arena)
{
    if (content.n > LIMIT_SMALL_FILE)
        content.n = LIMIT_SMALL_FILE;
    if (content.n >= 2 && content.p[0] == 0xff && content.p[1] == 0xfe)
        return utf16le_decode((struct bytes){content.p + 2, content.n - 2}, arena);
    return utf8_repair(content, arena);
}

/* Types whose script is of another family than the one that shell.h knows. */
static bool is_other_script(struct str extension)
{
    static const char *const types[] = {"php", "jsp", "jspx", "cfm"};
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        if (str_eq(extension, str_of(types[i])))
            return true;
    return false;
}

/* What a library is for, by the functions that whoever loads it asks for.
 * Source: Microsoft, IIS native-code API; ISAPI reference; service control manager */
static void derive_pe_kind(const struct pe *pe, struct arena *arena, struct event *ev)
{
    static const char *const kinds[][2] = {{"RegisterModule", "iis-module"},
                                           {"HttpExtensionProc", "isapi"},
                                           {"HttpFilterProc", "isapi-filter"},
                                           {"ServiceMain", "service"}};
    for (size_t i = 0; i < pe->n_exports; i++)
        for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++)
            if (str_eq(pe->exports[i], str_of(kinds[k][0])))
                web_derive(ev, arena, "PeKind", str_of(kinds[k][1]));
}

static void derive_pe(const struct file_facts *facts, struct arena *arena, struct event *ev)
{
    struct pe pe;
    char iso[INSTANT_TEXT];
    if (!pe_parse(facts->whole.n ? facts->whole : facts->content, arena, &pe))
        return;
    web_derive(ev, arena, "PeMachine", str_of(pe.machine));
    web_derive(ev, arena, "PeManaged", pe.managed ? STR("true") : STR("false"));
    web_derive(ev, arena, "PeSigned", pe.signature ? STR("true") : STR("false"));
    for (size_t i = 0; i < pe.n_signers; i++)
        web_derive(ev, arena, "PeSigner", pe.signers[i]);
    web_derive(ev, arena, "PeVersion", pe.version);
    web_derive(ev, arena, "FileVersion", pe.file_version);
    web_derive(ev, arena, "ProductVersion", pe.product_version);
    web_derive(ev, arena, "CompanyName", pe.company);
    web_derive(ev, arena, "ProductName", pe.product);
    web_derive(ev, arena, "FileDescription", pe.description);
    web_derive(ev, arena, "OriginalFileName", pe.original_name);
    web_derive(ev, arena, "InternalName", pe.internal_name);
    web_derive(ev, arena, "PeCompiled", arena_str(arena, instant_text(pe.compiled, iso)));
    web_derive(ev, arena, "Imphash", pe.imphash);
    for (size_t i = 0; i < pe.n_exports; i++)
        web_derive(ev, arena, "PeExports", pe.exports[i]);
    for (size_t i = 0; i < pe.n_uses; i++)
        web_derive(ev, arena, "PeUses", pe.uses[i]);
    derive_pe_kind(&pe, arena, ev);
    if (pe.damaged)
        web_derive(ev, arena, "PeDamaged", STR("true"));
}

/* Formats in which script runs as soon as a handler maps the file's extension; in a folder that
 * is served, any file that could hold some. */
static bool may_hide_script(enum format format, bool served)
{
    switch ((int)format) {
    case FORMAT_VDIR_DUMP:
    case FORMAT_SCRIPT:
    case FORMAT_IMAGE:
    case FORMAT_PST:
        return true;
    case FORMAT_UNKNOWN:
    case FORMAT_TEXT:
    case FORMAT_HTML:
    case FORMAT_XML:
        return served;
    default:
        return false;
    }
}

/* What the file's own content says, of a file whose path has been told. */
static void derive_content(const struct file_facts *facts, struct str extension,
                           struct arena *arena, struct event *ev)
{
    bool dump = facts->format == FORMAT_VDIR_DUMP;
    bool runs = is_script_type(extension) && !is_other_script(extension);
    bool served = event_text(ev, "WebPath").n != 0;
    struct str text = STR("");
    if (facts->content.n == 0)
        return;
    if (dump || facts->format == FORMAT_ASPNET_COMPILED)
        text = content_text(facts->content, arena);
    if (dump)
        derive_dump(ev, arena, text);
    if (runs || may_hide_script(facts->format, served)) {
        struct bytes whole = facts->whole.n ? facts->whole : facts->content;
        bool script = shell_derive(ev, arena, whole, extension);
        struct str key = dump ? script_request_key(text) : STR("");
        if (script)
            web_derive(ev, arena, "DumpKey", key.n ? key : event_text(ev, "ShellKey"));
    }
    struct aspnet_compiled compiled;
    if (facts->format == FORMAT_ASPNET_COMPILED &&
        aspnet_compiled_parse(text, arena, &compiled))
        web_derive(ev, arena, "CompiledPage", compiled.virtual_path);
}

static void add(struct event *ev, struct arena *arena, const char *name, struct str value)
{
    event_add(ev, arena, SECTION_DATA, value.n ? FIELD_TEXT : FIELD_NULL, str_of(name), value);
}

void file_derive(struct str path, const struct file_facts *facts, struct arena *arena,
                 struct event *ev)
{
    struct str name = path_base_name(path);
    struct str directory = file_directory(path);
    struct str extension = file_extension(name, arena);
    web_derive(ev, arena, "WebRoot", web_root(directory));
    web_derive(ev, arena, "WebPath", webpath_of_file(path, arena));
    web_derive(ev, arena, "Shipped", shipped_name(directory, name));
    if (is_script_type(extension))
        web_derive(ev, arena, "ScriptType", STR("true"));
    derive_content(facts, extension, arena, ev);
    if (facts->format == FORMAT_PE)
        derive_pe(facts, arena, ev);
}

void file_event(const struct file_facts *facts, struct arena *arena, struct event *ret)
{
    *ret = (struct event){
        .kind = EVENT_FILE,
        .time = facts->modified,
        .marks = facts->no_zone ? MARK_NO_ZONE : 0,
        .size = facts->size,
        .utc_hint = INSTANT_NONE,
    };
    ret->channel = ret->provider = ret->host = ret->part = STR("");

    struct str path = file_windows_path(facts->path, arena);
    struct str name = path_base_name(path);
    struct str directory = file_directory(path);
    struct str extension = file_extension(name, arena);
    char iso[INSTANT_TEXT];

    add(ret, arena, "Path", path);
    add(ret, arena, "FileName", name);
    add(ret, arena, "Extension", extension);
    add(ret, arena, "Directory", directory);
    event_add(ret, arena, SECTION_DATA, FIELD_NUMBER, STR("Size"),
              arena_printf(arena, "%" PRIu64, facts->size));
    struct str modified = instant_text(facts->modified, iso);
    if (facts->no_zone) /* without the Z, which says UTC */
        modified = str_part(modified, 0, modified.n - 1);
    add(ret, arena, "Modified", arena_str(arena, modified));
    add(ret, arena, "Sha256", facts->sha256);
    if (facts->md5.n)
        add(ret, arena, "Md5", facts->md5);
    if (facts->sha1.n)
        add(ret, arena, "Sha1", facts->sha1);
    add(ret, arena, "Format", str_of(format_name(facts->format)));
    add(ret, arena, "KnownGood", facts->known_good ? STR("true") : STR("false"));

    if (facts->deleted) {
        add(ret, arena, "Deleted", STR("true"));
        ret->marks |= MARK_DELETED;
    }
    file_derive(path, facts, arena, ret);
}
