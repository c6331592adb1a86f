#include "event/map_usn.h"

#include <inttypes.h>

#include "base/utf.h"
#include "event/map_file.h"
#include "event/ntfs_attributes.h"
#include "event/web.h"
#include "format/usn.h"

enum {
    FOLDERS = 1 << 16, /* whose names are kept; a place is taken over by a later folder */
    RENAMES = 256,     /* old names that wait for their new ones */
    DEPTH_MOST = 64,   /* folders above a file that are told */
};

enum reason {
    REASON_CREATE = 0x100,
    REASON_DELETE = 0x200,
    REASON_RENAME_OLD = 0x1000,
    REASON_RENAME_NEW = 0x2000,
};

enum { ATTRIBUTE_DIRECTORY = 0x10 };

struct kept { /* a name in the journal */
    struct usn_reference file, parent;
    struct bytes name;
};

struct usn_events {
    struct usn usn;
    bool ranges_told;
    struct usn_record record;
    struct kept *folders;
    struct kept *renames;
};

struct usn_events *usn_events_open(struct bytes file, struct str path, struct span span,
                                   struct arena *arena)
{
    struct usn_events *s = ARENA_NEW(arena, struct usn_events);
    (void)path;
    s->usn = usn_open(file, span.from, span.to);
    s->folders = ARENA_ARRAY(arena, struct kept, FOLDERS);
    s->renames = ARENA_ARRAY(arena, struct kept, RENAMES);
    return s;
}

static bool same(struct usn_reference a, struct usn_reference b)
{
    return a.low == b.low && a.high == b.high;
}

static struct kept *place(struct kept *table, size_t n, struct usn_reference file)
{
    uint64_t mixed = (file.low ^ file.high * 31) * UINT64_C(0x9e3779b97f4a7c15);
    return &table[(mixed >> 32) % n];
}

static void keep(struct usn_events *s, const struct usn_record *r)
{
    struct kept kept = {r->file, r->parent, r->name};
    if (r->reason & REASON_RENAME_OLD)
        *place(s->renames, RENAMES, r->file) = kept;
    else if (r->attributes & ATTRIBUTE_DIRECTORY)
        *place(s->folders, FOLDERS, r->file) = kept;
}

int usn_events_next(struct usn_events *s, struct arena *arena, struct event *ret,
                    struct span *gap, struct err *err)
{
    (void)arena;
    int got = usn_next(&s->usn, &s->record, &gap->from, &gap->to, err);
    if (got < 0)
        return got;
    if (got == 0) {
        if (s->usn.ranges == 0 || s->ranges_told)
            return 0;
        s->ranges_told = true;
        *gap = (struct span){.from = s->usn.to, .to = s->usn.to};
        return err_set(err, ERR_UNSUPPORTED,
                       "change journal: %" PRIu64
                       " records of version 4, which name no file, are not told",
                       s->usn.ranges);
    }
    keep(s, &s->record);
    *ret = (struct event){
        .kind = EVENT_USN,
        .time = s->record.time,
        .offset = s->record.offset,
        .size = s->record.size,
        .host = STR(""),
        .part = STR(""),
        .channel = STR(""),
        .provider = STR(""),
        .utc_hint = INSTANT_NONE,
    };
    return 1;
}

static void add(struct event *ev, struct arena *arena, const char *name, struct str value)
{
    event_add(ev, arena, SECTION_DATA, value.n ? FIELD_TEXT : FIELD_NULL, str_of(name), value);
}

static void add_number(struct event *ev, struct arena *arena, const char *name, uint64_t n)
{
    event_add(ev, arena, SECTION_DATA, FIELD_NUMBER, str_of(name),
              arena_printf(arena, "%" PRIu64, n));
}

/* Source: Microsoft, USN_RECORD_V2 */
static void add_reasons(uint32_t reason, struct arena *arena, struct event *ev)
{
    static const struct {
        uint32_t bit;
        const char *name;
    } words[] = {
        {0x1, "DataOverwrite"},
        {0x2, "DataExtend"},
        {0x4, "DataTruncation"},
        {0x10, "NamedDataOverwrite"},
        {0x20, "NamedDataExtend"},
        {0x40, "NamedDataTruncation"},
        {REASON_CREATE, "Create"},
        {REASON_DELETE, "Delete"},
        {0x400, "EaChange"},
        {0x800, "SecurityChange"},
        {REASON_RENAME_OLD, "RenameOld"},
        {REASON_RENAME_NEW, "RenameNew"},
        {0x4000, "IndexableChange"},
        {0x8000, "BasicInfoChange"},
        {0x10000, "HardLinkChange"},
        {0x20000, "CompressionChange"},
        {0x40000, "EncryptionChange"},
        {0x80000, "ObjectIdChange"},
        {0x100000, "ReparsePointChange"},
        {0x200000, "StreamChange"},
        {0x400000, "TransactedChange"},
        {0x800000, "IntegrityChange"},
        {0x1000000, "DesiredStorageClassChange"},
        {0x80000000, "Close"},
    };
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (reason & words[i].bit)
            add(ev, arena, "Reason", str_of(words[i].name));
}

static void add_sources(uint32_t source, struct arena *arena, struct event *ev)
{
    static const char *const words[] = {"data-management", "auxiliary-data", "replication",
                                        "client-replication"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (source >> i & 1)
            add(ev, arena, "SourceInfo", str_of(words[i]));
}

static void add_references(const struct usn_record *r, struct arena *arena, struct event *ev)
{
    enum { SEQUENCE_AT = 48 };
    const uint64_t entry = (UINT64_C(1) << SEQUENCE_AT) - 1;
    if (r->file.high || r->parent.high) {
        add(ev, arena, "FileReference",
            arena_printf(arena, "0x%016" PRIx64 "%016" PRIx64, r->file.high, r->file.low));
        add(ev, arena, "ParentReference",
            arena_printf(arena, "0x%016" PRIx64 "%016" PRIx64, r->parent.high, r->parent.low));
        return;
    }
    add_number(ev, arena, "Entry", r->file.low & entry);
    add_number(ev, arena, "Sequence", r->file.low >> SEQUENCE_AT);
    add_number(ev, arena, "ParentEntry", r->parent.low & entry);
    add_number(ev, arena, "ParentSequence", r->parent.low >> SEQUENCE_AT);
}

/* The folders above, as far as they are known, and the name. */
static struct str known_path(const struct usn_events *s, const struct usn_record *r,
                             struct arena *arena)
{
    struct str path = utf16le_decode(r->name, arena);
    struct usn_reference up = r->parent;
    size_t depth = 0;
    for (; depth < DEPTH_MOST; depth++) {
        const struct kept *k = place(s->folders, FOLDERS, up);
        if (k->name.n == 0 || !same(k->file, up))
            break;
        path = web_join(utf16le_decode(k->name, arena), '\\', path, arena);
        up = k->parent;
    }
    return depth ? path : STR("");
}

static void derive(const struct usn_events *s, struct arena *arena, struct event *ev)
{
    const struct usn_record *r = &s->record;
    if (r->reason & REASON_RENAME_NEW) {
        const struct kept *k = place(s->renames, RENAMES, r->file);
        if (k->name.n && same(k->file, r->file) && !bytes_eq(k->name, r->name))
            web_derive(ev, arena, "OldFileName", utf16le_decode(k->name, arena));
    }
    struct str path = known_path(s, r, arena);
    web_derive(ev, arena, "KnownPath", path);
    if (r->attributes & ATTRIBUTE_DIRECTORY)
        return;
    struct str name = path.n ? path : utf16le_decode(r->name, arena);
    file_derive(name, &(struct file_facts){.path = name}, arena, ev);
}

void usn_events_fill(struct usn_events *s, struct arena *arena, struct event *ev)
{
    enum { FIELDS = 24 };
    const struct usn_record *r = &s->record;
    bool folder = (r->attributes & ATTRIBUTE_DIRECTORY) != 0;
    web_make_room(ev, arena, FIELDS);
    struct str name = utf16le_decode(r->name, arena);
    struct str extension = folder ? STR("") : file_extension(name, arena);
    add(ev, arena, "FileName", name);
    if (extension.n)
        add(ev, arena, "Extension", extension);
    add_reasons(r->reason, arena, ev);
    add_references(r, arena, ev);
    add_number(ev, arena, "Usn", r->usn);
    add(ev, arena, "IsDirectory", folder ? STR("true") : STR("false"));
    ntfs_add_attributes(ev, arena, r->attributes);
    add_sources(r->source, arena, ev);
    derive(s, arena, ev);
}
