#include "format/pe.h"

#include "base/buf.h"
#include "base/cur.h"
#include "base/digest.h"
#include "base/utf.h"

enum {
    PE_AT = 0x3c, /* where the offset of the PE header stands */
    DIRECTORIES = 16,
    DIR_EXPORT = 0,
    DIR_IMPORT = 1,
    DIR_RESOURCE = 2,
    DIR_SECURITY = 4, /* its address is an offset in the file */
    DIR_CLR = 14,
    NAME_MAX_BYTES = 512, /* of an imported or exported name */
    RESOURCES_MAX = 4096, /* entries of one resource folder */
    RT_VERSION = 16,
    VERSION_MAX = 64 << 10, /* bytes of the version resource */
    SECURITY_MAX = 1 << 20, /* bytes of the signature that are looked at */
    STREAMS_MAX = 16,       /* of managed metadata; there are five */
    STRINGS_MAX = 16 << 20, /* bytes of its heap of names */
};

struct section {
    uint32_t rva, virtual_size, offset, size;
};

struct directory {
    uint32_t rva, size;
};

struct image {
    struct bytes file;
    struct arena *arena;
    struct section sections[PE_SECTIONS_MAX];
    size_t n_sections;
    struct directory dirs[DIRECTORIES];
    uint32_t headers; /* bytes that are mapped as they stand */
    bool wide;        /* PE32+ */
    bool damaged;
};

/* What is in the file from a virtual address on, to the end of its section; empty if there is
 * nothing. */
static struct bytes at_rva(struct image *im, uint32_t rva)
{
    for (size_t i = 0; i < im->n_sections; i++) {
        const struct section *s = &im->sections[i];
        if (rva < s->rva || rva - s->rva >= s->size || s->offset > im->file.n)
            continue;
        uint32_t in = rva - s->rva;
        size_t left = im->file.n - s->offset;
        size_t n = s->size < left ? s->size : left;
        if (in >= n)
            break;
        return (struct bytes){im->file.p + s->offset + in, n - in};
    }
    if (rva < im->headers && rva < im->file.n)
        return (struct bytes){im->file.p + rva, im->file.n - rva};
    im->damaged = true;
    return (struct bytes){0};
}

static struct cur cur_rva(struct image *im, uint32_t rva)
{
    return cur_of(at_rva(im, rva), 0);
}

/* A text that ends with a zero byte; "" where it does not end in time. */
static struct str text_rva(struct image *im, uint32_t rva)
{
    struct bytes b = at_rva(im, rva);
    size_t most = b.n < NAME_MAX_BYTES ? b.n : NAME_MAX_BYTES;
    const uint8_t *end = b.p && most ? memchr(b.p, 0, most) : NULL;
    return end ? utf8_repair((struct bytes){b.p, (size_t)(end - b.p)}, im->arena) : STR("");
}

/* --- headers -------------------------------------------------------------------------------- */

static const char *machine_name(uint16_t machine)
{
    static const struct {
        uint16_t id;
        const char *name;
    } known[] = {
        {0x014c, "x86"}, {0x8664, "x64"}, {0x01c4, "arm"}, {0xaa64, "arm64"}, {0x0200, "ia64"}};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (known[i].id == machine)
            return known[i].name;
    return "";
}

static bool read_optional(struct image *im, struct cur *c)
{
    enum { PE32 = 0x10b, PE32_PLUS = 0x20b, BEFORE_HEADERS = 58, REST_32 = 28, REST_64 = 44 };
    uint16_t magic = cur_u16(c);
    im->wide = magic == PE32_PLUS;
    if (magic != PE32 && magic != PE32_PLUS)
        return false;
    cur_skip(c, BEFORE_HEADERS);
    im->headers = cur_u32(c);
    cur_skip(c, im->wide ? REST_64 : REST_32);
    uint32_t n = cur_u32(c);
    for (uint32_t i = 0; i < n && i < DIRECTORIES; i++) {
        im->dirs[i].rva = cur_u32(c);
        im->dirs[i].size = cur_u32(c);
    }
    return !c->bad;
}

static void read_sections(struct image *im, struct cur *c, uint16_t n)
{
    for (uint16_t i = 0; i < n && i < PE_SECTIONS_MAX; i++) {
        struct section s = {0};
        cur_skip(c, 8);
        s.virtual_size = cur_u32(c);
        s.rva = cur_u32(c);
        s.size = cur_u32(c);
        s.offset = cur_u32(c);
        cur_skip(c, 16);
        if (c->bad)
            break;
        im->sections[im->n_sections++] = s;
    }
    im->damaged |= im->n_sections < n;
}

static bool read_headers(struct image *im, struct pe *ret)
{
    enum { DLL = 0x2000 };
    struct cur c = cur_of(im->file, 0);
    if (cur_u16(&c) != 0x5a4d)
        return false;
    cur_seek(&c, PE_AT);
    cur_seek(&c, cur_u32(&c));
    if (cur_u32(&c) != 0x4550 || c.bad)
        return false;
    ret->machine = machine_name(cur_u16(&c));
    uint16_t sections = cur_u16(&c);
    uint32_t stamp = cur_u32(&c);
    cur_skip(&c, 8);
    uint16_t optional = cur_u16(&c);
    ret->dll = cur_u16(&c) & DLL;
    ret->compiled =
        stamp ? instant_of_civil(1970, 1, 1, 0, 0, 0) + stamp * INSTANT_SECOND : INSTANT_NONE;
    struct cur body = cur_sub(&c, optional);
    if (!read_optional(im, &body))
        im->damaged = true;
    read_sections(im, &c, sections);
    return true;
}

/* --- version ------------------------------------------------------------------------------- */

/* The entry of a resource folder with this id, or its first; 0 if there is none. The highest bit
 * of what is returned says that it is a folder. */
static uint32_t resource_entry(const struct bytes *all, uint32_t folder, uint32_t id)
{
    struct cur c = cur_of(*all, 0);
    cur_seek(&c, folder);
    cur_skip(&c, 12);
    uint32_t named = cur_u16(&c);
    uint32_t n = named + cur_u16(&c);
    if (c.bad || n > RESOURCES_MAX)
        return 0;
    for (uint32_t i = 0; i < n; i++) {
        uint32_t name = cur_u32(&c);
        uint32_t to = cur_u32(&c);
        if (c.bad)
            return 0;
        if (id == 0 || (i >= named && name == id))
            return to;
    }
    return 0;
}

static struct bytes version_resource(struct image *im)
{
    const uint32_t FOLDER = UINT32_C(1) << 31;
    uint32_t dir = im->dirs[DIR_RESOURCE].rva;
    if (dir == 0)
        return (struct bytes){0};
    struct bytes all = at_rva(im, dir);
    uint32_t at = resource_entry(&all, 0, RT_VERSION);
    for (int depth = 0; depth < 2 && at & FOLDER; depth++)
        at = resource_entry(&all, at & ~FOLDER, 0);
    if (at == 0 || at & FOLDER)
        return (struct bytes){0};
    struct cur c = cur_of(all, 0);
    cur_seek(&c, at);
    uint32_t rva = cur_u32(&c);
    uint32_t size = cur_u32(&c);
    if (c.bad || size > VERSION_MAX)
        return (struct bytes){0};
    struct bytes data = at_rva(im, rva);
    data.n = data.n < size ? data.n : size;
    return data;
}

struct node { /* of the version information */
    struct str key;
    struct bytes value, children;
};

static void align(struct cur *c)
{
    if (c->at % 4)
        cur_skip(c, 4 - c->at % 4);
}

/* The next node; false at the end or where it does not add up. Nodes are aligned from the start
 * of what the cursor sees. */
static bool next_node(struct cur *c, struct arena *arena, struct node *ret)
{
    align(c);
    if (c->bad || cur_left(c) < 6)
        return false;
    size_t from = c->at;
    uint16_t size = cur_u16(c);
    uint16_t value_size = cur_u16(c);
    uint16_t is_text = cur_u16(c);
    if (size < 6 || size > c->len - from)
        return false;
    struct cur in = cur_of((struct bytes){c->p + from, size}, 0);
    cur_skip(&in, 6);
    size_t key = in.at;
    while (!in.bad && cur_u16(&in) != 0)
        continue;
    if (in.bad)
        return false;
    ret->key = utf16le_decode((struct bytes){in.p + key, in.at - key - 2}, arena);
    align(&in);
    size_t bytes = is_text ? (size_t)value_size * 2 : value_size;
    bytes = bytes < cur_left(&in) ? bytes : cur_left(&in);
    ret->value = cur_take(&in, bytes);
    align(&in);
    ret->children = cur_take(&in, cur_left(&in));
    cur_seek(c, from + size);
    return true;
}

static void take_string(const struct node *n, struct arena *arena, struct pe *ret)
{
    struct {
        const char *key;
        struct str *to;
    } const wanted[] = {
        {"FileVersion", &ret->file_version},    {"ProductVersion", &ret->product_version},
        {"CompanyName", &ret->company},         {"ProductName", &ret->product},
        {"FileDescription", &ret->description}, {"OriginalFilename", &ret->original_name},
        {"InternalName", &ret->internal_name},
    };
    for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++) {
        if (!str_ieq(n->key, str_of(wanted[i].key)) || wanted[i].to->n)
            continue;
        struct str text = utf16le_decode(n->value, arena);
        size_t nul = str_find(text, (struct str){"", 1}, 0);
        *wanted[i].to = str_trim(str_part(text, 0, nul));
    }
}

static void read_version(struct image *im, struct pe *ret)
{
    struct cur all = cur_of(version_resource(im), 0);
    struct node root;
    struct node part;
    struct node table;
    struct node text;
    if (!next_node(&all, im->arena, &root))
        return;
    struct cur fixed = cur_of(root.value, 0);
    uint32_t signature = cur_u32(&fixed);
    cur_skip(&fixed, 4);
    uint32_t high = cur_u32(&fixed);
    uint32_t low = cur_u32(&fixed);
    if (!fixed.bad && signature == 0xfeef04bd)
        ret->version = arena_printf(im->arena, "%u.%u.%u.%u", high >> 16, high & 0xffff,
                                    low >> 16, low & 0xffff);
    struct cur parts = cur_of(root.children, 0);
    while (next_node(&parts, im->arena, &part)) {
        if (!str_eq(part.key, STR("StringFileInfo")))
            continue;
        struct cur tables = cur_of(part.children, 0);
        while (next_node(&tables, im->arena, &table)) {
            struct cur texts = cur_of(table.children, 0);
            while (next_node(&texts, im->arena, &text))
                take_string(&text, im->arena, ret);
        }
    }
}

/* --- exports and imports ------------------------------------------------------------------- */

static void read_exports(struct image *im, struct pe *ret)
{
    if (im->dirs[DIR_EXPORT].rva == 0)
        return;
    struct cur c = cur_rva(im, im->dirs[DIR_EXPORT].rva);
    cur_skip(&c, 12);
    uint32_t name = cur_u32(&c);
    cur_skip(&c, 8);
    uint32_t n = cur_u32(&c);
    cur_skip(&c, 4);
    uint32_t names = cur_u32(&c);
    if (c.bad)
        return;
    ret->export_name = text_rva(im, name);
    ret->all_exports = n;
    if (n == 0)
        return;
    struct str *all = ARENA_ARRAY(im->arena, struct str, PE_EXPORTS_MAX);
    struct cur table = cur_rva(im, names);
    for (uint32_t i = 0; i < n && ret->n_exports < PE_EXPORTS_MAX && !table.bad; i++) {
        uint32_t rva = cur_u32(&table);
        struct str text = table.bad ? STR("") : text_rva(im, rva);
        if (text.n)
            all[ret->n_exports++] = text;
    }
    im->damaged |= table.bad;
    ret->exports = all;
}

/* Libraries whose functions are imported by number: others have a table of their names. */
static bool has_numbers(struct str library)
{
    return str_istarts(library, STR("ws2_32")) || str_istarts(library, STR("wsock32")) ||
           str_istarts(library, STR("oleaut32"));
}

static struct str without_extension(struct str library)
{
    static const char *const ends[] = {".dll", ".ocx", ".sys"};
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++)
        if (str_iends(library, str_of(ends[i])))
            return str_part(library, 0, library.n - 4);
    return library;
}

static void add_lower(struct buf *out, struct str s)
{
    for (size_t i = 0; i < s.n; i++)
        buf_add_char(out, ascii_lower(s.p[i]));
}

/* The functions of one library; false where their hash would not be that of others. */
static bool hash_library(struct image *im, struct str library, uint32_t thunks, struct buf *out,
                         uint32_t *n)
{
    struct cur c = cur_rva(im, thunks);
    uint64_t number = im->wide ? UINT64_C(1) << 63 : UINT64_C(1) << 31;
    for (; *n < PE_IMPORTS_MAX; ++*n) {
        uint64_t v = im->wide ? cur_u64(&c) : cur_u32(&c);
        if (c.bad)
            return false;
        if (v == 0)
            return true;
        if (v & number && has_numbers(library))
            return false;
        if (out->n)
            buf_add_char(out, ',');
        add_lower(out, without_extension(library));
        if (v & number) {
            buf_addf(out, ".ord%u", (unsigned)(v & 0xffff));
            continue;
        }
        struct str name = v + 2 > UINT32_MAX ? STR("") : text_rva(im, (uint32_t)v + 2);
        if (name.n == 0)
            return false;
        buf_add_char(out, '.');
        add_lower(out, name);
    }
    return false;
}

static void read_imports(struct image *im, struct pe *ret)
{
    enum { TEXT_MAX = 1 << 20 };
    if (im->dirs[DIR_IMPORT].rva == 0)
        return;
    struct cur c = cur_rva(im, im->dirs[DIR_IMPORT].rva);
    struct buf text = buf_new(TEXT_MAX);
    uint32_t n = 0;
    bool whole = true;
    for (uint32_t libraries = 0; whole; libraries++) {
        uint32_t lookup = cur_u32(&c);
        cur_skip(&c, 8);
        uint32_t name = cur_u32(&c);
        uint32_t address = cur_u32(&c);
        if (c.bad || name == 0)
            break;
        struct str library = text_rva(im, name);
        whole = library.n && libraries < PE_IMPORTS_MAX &&
                hash_library(im, library, lookup ? lookup : address, &text, &n);
    }
    if (whole && !c.bad && !text.full && text.n) {
        char hex[MD5_TEXT];
        md5_text(str_bytes(buf_str(&text)), hex);
        ret->imphash = arena_str(im->arena, str_of(hex));
    }
    buf_free(&text);
}

/* --- signature ------------------------------------------------------------------------------ */

static bool is_known(const struct str *all, size_t n, struct str s)
{
    for (size_t i = 0; i < n; i++)
        if (str_eq(all[i], s))
            return true;
    return false;
}

/* The common names (2.5.4.3) in the certificates, in their order: the signer's is one of them. */
static void read_signature(struct image *im, struct pe *ret)
{
    enum { UTF8 = 0x0c, PRINTABLE = 0x13, T61 = 0x14, IA5 = 0x16, BMP = 0x1e };
    static const uint8_t common_name[] = {0x06, 0x03, 0x55, 0x04, 0x03};
    const struct directory *d = &im->dirs[DIR_SECURITY];
    if (d->rva == 0 || d->size < 8 || d->rva >= im->file.n)
        return;
    struct bytes blob = {im->file.p + d->rva, im->file.n - d->rva};
    im->damaged |= blob.n < d->size;
    blob.n = blob.n < d->size ? blob.n : d->size;
    blob.n = blob.n < SECURITY_MAX ? blob.n : SECURITY_MAX;
    ret->signature = true;
    struct str *all = ARENA_ARRAY(im->arena, struct str, PE_SIGNERS_MAX);
    for (size_t at = 0; ret->n_signers < PE_SIGNERS_MAX;) {
        const uint8_t *hit = memmem(blob.p + at, blob.n - at, common_name, sizeof common_name);
        if (!hit)
            break;
        at = (size_t)(hit - blob.p) + sizeof common_name;
        struct cur c = cur_of((struct bytes){blob.p + at, blob.n - at}, 0);
        uint8_t tag = cur_u8(&c);
        uint8_t n = cur_u8(&c);
        struct bytes raw = cur_take(&c, n & 0x80 ? 0 : n);
        bool text = tag == UTF8 || tag == PRINTABLE || tag == T61 || tag == IA5;
        if (c.bad || raw.n == 0 || (!text && tag != BMP))
            continue;
        struct str name;
        if (tag == BMP) { /* UTF-16, its high byte first */
            uint8_t *le = ARENA_ARRAY(im->arena, uint8_t, raw.n);
            for (size_t i = 0; i + 1 < raw.n; i += 2) {
                le[i] = raw.p[i + 1];
                le[i + 1] = raw.p[i];
            }
            name = utf16le_decode((struct bytes){le, raw.n}, im->arena);
        } else {
            name = utf8_or_ansi(raw, im->arena);
        }
        if (!is_known(all, ret->n_signers, name))
            all[ret->n_signers++] = name;
    }
    ret->signers = all;
}

/* --- managed code ---------------------------------------------------------------------------- */

/* The heap of names of the metadata: "#Strings". */
static struct bytes name_heap(struct image *im)
{
    struct cur c = cur_rva(im, im->dirs[DIR_CLR].rva);
    cur_skip(&c, 8);
    uint32_t rva = cur_u32(&c);
    uint32_t size = cur_u32(&c);
    if (c.bad)
        return (struct bytes){0};
    struct bytes meta = at_rva(im, rva);
    meta.n = meta.n < size ? meta.n : size;
    struct cur m = cur_of(meta, 0);
    if (cur_u32(&m) != 0x424a5342) /* "BSJB" */
        return (struct bytes){0};
    cur_skip(&m, 8);
    uint32_t version = cur_u32(&m);
    cur_skip(&m, version);
    cur_skip(&m, 2);
    uint16_t n = cur_u16(&m);
    for (uint16_t i = 0; i < n && i < STREAMS_MAX && !m.bad; i++) {
        uint32_t at = cur_u32(&m);
        uint32_t length = cur_u32(&m);
        size_t name = m.at;
        while (!m.bad && cur_u8(&m) != 0)
            continue;
        size_t end = m.at;
        bool strings = !m.bad && end - name == 9 && memcmp(m.p + name, "#Strings", 8) == 0;
        cur_skip(&m, (4 - (end - name) % 4) % 4);
        if (strings && at <= meta.n && length <= meta.n - at)
            return (struct bytes){meta.p + at, length < STRINGS_MAX ? length : STRINGS_MAX};
    }
    return (struct bytes){0};
}

static void read_managed(struct image *im, struct pe *ret)
{
    static const char *const wanted[] = {
        "IHttpModule",
        "IHttpHandler",
        "IHttpHandlerFactory",
        "RoutingAgentFactory",
        "SmtpReceiveAgentFactory",
        "DeliveryAgentFactory",
        "ProcessStartInfo",
        "HttpListener",
        "VirtualPathProvider",
        "CSharpCodeProvider",
    };
    enum { WANTED = sizeof wanted / sizeof *wanted };
    if (im->dirs[DIR_CLR].rva == 0)
        return;
    ret->managed = true;
    struct bytes heap = name_heap(im);
    struct str *all = ARENA_ARRAY(im->arena, struct str, WANTED);
    for (size_t i = 0; i < WANTED && heap.n; i++) {
        size_t n = strlen(wanted[i]);
        const uint8_t *from = heap.p;
        const uint8_t *end = heap.p + heap.n;
        const uint8_t *hit = NULL;
        while ((hit = memmem(from, (size_t)(end - from), wanted[i], n + 1)) != NULL) {
            if (hit == heap.p || hit[-1] == 0)
                break;
            from = hit + 1;
        }
        if (hit)
            all[ret->n_uses++] = str_of(wanted[i]);
    }
    ret->uses = all;
}

bool pe_parse(struct bytes file, struct arena *arena, struct pe *ret)
{
    struct image im = {.file = file, .arena = arena};
    struct pe pe = {.machine = "",
                    .compiled = INSTANT_NONE,
                    .version = STR(""),
                    .file_version = STR(""),
                    .product_version = STR(""),
                    .company = STR(""),
                    .product = STR(""),
                    .description = STR(""),
                    .original_name = STR(""),
                    .internal_name = STR(""),
                    .export_name = STR(""),
                    .imphash = STR("")};
    if (!read_headers(&im, &pe))
        return false;
    read_version(&im, &pe);
    read_exports(&im, &pe);
    read_imports(&im, &pe);
    read_signature(&im, &pe);
    read_managed(&im, &pe);
    pe.damaged = im.damaged;
    *ret = pe;
    return true;
}
