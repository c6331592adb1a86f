#include "event/hive_program.h"

#include "base/buf.h"
#include "base/utf.h"

/* --- the compatibility cache ---------------------------------------------------------------- */

bool appcompat_open(struct bytes data, struct appcompat *ret)
{
    enum { HEAD_8 = 128, HEAD_LEAST = 0x30, HEAD_MOST = 0x40 };
    struct cur c = cur_of(data, 0);
    uint32_t head = cur_u32(&c);
    bool eight = head == HEAD_8;
    if (!eight && (head < HEAD_LEAST || head > HEAD_MOST))
        return false;
    cur_seek(&c, head);
    struct cur look = c;
    struct bytes magic = cur_take(&look, 4);
    if (magic.n < 4 || memcmp(magic.p + 1, "0ts", 3) != 0)
        return false;
    *ret = (struct appcompat){.c = c, .wide_head = eight};
    return true;
}

bool appcompat_next(struct appcompat *a, struct arena *arena, struct program *ret)
{
    struct bytes magic = cur_take(&a->c, 4);
    if (magic.n < 4 || memcmp(magic.p + 1, "0ts", 3) != 0)
        return false;
    cur_skip(&a->c, 4);
    uint32_t size = cur_u32(&a->c);
    struct cur entry = cur_sub(&a->c, size);
    uint16_t n = cur_u16(&entry);
    struct bytes path = cur_take(&entry, n);
    if (a->wide_head) {
        uint16_t package = cur_u16(&entry);
        cur_skip(&entry, package);
        cur_skip(&entry, 8);
    }
    uint64_t time = cur_u64(&entry);
    if (entry.bad)
        return false;
    *ret = (struct program){.path = utf16le_decode(path, arena),
                            .time = instant_of_filetime(time),
                            .position = ++a->position};
    return true;
}

/* --- programs that were started --------------------------------------------------------------- */

static char unshift(char c)
{
    char low = ascii_lower(c);
    if (low < 'a' || low > 'z')
        return c;
    return (char)(low <= 'm' ? c + 13 : c - 13);
}

bool userassist_read(struct str name, struct bytes data, struct arena *arena,
                     struct program *ret)
{
    enum { NEW_SIZE = 72, NEW_TIME = 60, OLD_SIZE = 16, OLD_FIRST = 5 };
    struct cur c = cur_of(data, 0);
    cur_seek(&c, 4);
    uint32_t count = cur_u32(&c);
    if (data.n == NEW_SIZE)
        cur_seek(&c, NEW_TIME);
    else if (data.n == OLD_SIZE)
        count = count > OLD_FIRST ? count - OLD_FIRST : 0; /* it starts there */
    else
        return false;
    char *path = ARENA_ARRAY(arena, char, name.n);
    for (size_t i = 0; i < name.n; i++)
        path[i] = unshift(name.p[i]);
    *ret = (struct program){.path = {path, name.n}, .count = count};
    ret->time = instant_of_filetime(cur_u64(&c));
    return true;
}

bool bam_read(struct str name, struct bytes data, struct program *ret)
{
    struct cur c = cur_of(data, 0);
    uint64_t time = cur_u64(&c);
    if (c.bad || str_find(name, STR("\\"), 0) == SIZE_MAX)
        return false;
    *ret = (struct program){.path = name, .time = instant_of_filetime(time)};
    return true;
}

/* --- commands --------------------------------------------------------------------------------- */

static bool ends_word(struct str s, size_t at)
{
    return at >= s.n || s.p[at] == ' ' || s.p[at] == ',' || s.p[at] == '"' || s.p[at] == '\t';
}

/* A path without quotes may hold blanks: it goes to the first ending of a program's name. */
static struct str unquoted(struct str s)
{
    static const char *const ends[] = {".exe", ".dll", ".sys", ".com", ".bat", ".cmd",
                                       ".scr", ".ps1", ".vbs", ".js",  ".hta", ".cpl"};
    size_t best = s.n;
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        struct str end = str_of(ends[i]);
        for (size_t at = 0; (at = str_ifind(s, end, at)) != SIZE_MAX; at++)
            if (ends_word(s, at + end.n)) {
                best = at + end.n < best ? at + end.n : best;
                break;
            }
    }
    if (best < s.n)
        return str_part(s, 0, best);
    return str_iends(s, STR(".exe")) ? s : str_part(s, 0, str_find(s, STR(" "), 0));
}

static struct str without(struct str s, const char *head)
{
    struct str h = str_of(head);
    return str_istarts(s, h) ? str_part(s, h.n, s.n) : s;
}

struct str command_image(struct str command, struct arena *arena)
{
    static const char *const folders[][2] = {
        {"\\SystemRoot\\", "C:\\Windows\\"},
        {"%SystemRoot%\\", "C:\\Windows\\"},
        {"%windir%\\", "C:\\Windows\\"},
        {"system32\\", "C:\\Windows\\system32\\"},
        {"syswow64\\", "C:\\Windows\\syswow64\\"},
        {"%ProgramFiles%\\", "C:\\Program Files\\"},
        {"%ProgramFiles(x86)%\\", "C:\\Program Files (x86)\\"},
        {"%ProgramData%\\", "C:\\ProgramData\\"},
        {"%ALLUSERSPROFILE%\\", "C:\\ProgramData\\"},
        {"%SystemDrive%\\", "C:\\"},
        {"%TEMP%\\", "C:\\Windows\\Temp\\"},
    };
    enum { LOOKED_AT = 1024 };
    struct str s = without(str_trim(str_part(command, 0, LOOKED_AT)), "\\??\\");
    if (s.n && s.p[0] == '"') {
        s = str_part(s, 1, s.n);
        s = without(str_part(s, 0, str_find(s, STR("\""), 0)), "\\??\\");
    } else {
        s = unquoted(s);
    }
    if (!utf8_valid(str_bytes(s))) /* cut inside of a character */
        s = utf8_repair(str_bytes(s), arena);
    for (size_t i = 0; i < sizeof folders / sizeof *folders; i++)
        if (str_istarts(s, str_of(folders[i][0]))) {
            struct str rest = without(s, folders[i][0]);
            return arena_printf(arena, "%s%.*s", folders[i][1], STR_ARG(rest));
        }
    return s;
}

/* --- text in binary data ------------------------------------------------------------------------ */

static bool is_printable(uint8_t c)
{
    return (c >= 0x20 && c < 0x7f) || c == '\t';
}

struct str printable_text(struct bytes data, struct arena *arena)
{
    enum { RUN_LEAST = 6, TEXT_MOST = 16 * 1024 };
    struct buf out = buf_new(TEXT_MOST);
    size_t at = 0;
    while (at < data.n) {
        size_t step = at + 1 < data.n && data.p[at + 1] == 0 ? 2 : 1;
        size_t end = at;
        size_t mark = out.n;
        if (out.n)
            buf_add_char(&out, '\n');
        while (end < data.n && is_printable(data.p[end]) &&
               (step == 1 || (end + 1 < data.n && data.p[end + 1] == 0))) {
            buf_add_char(&out, (char)data.p[end]);
            end += step;
        }
        if ((end - at) / step < RUN_LEAST) {
            out.n = mark; /* too short to be text */
            end = at + 1;
        }
        at = end;
    }
    struct str text = arena_str(arena, buf_str(&out));
    buf_free(&out);
    return text;
}
