#include "event/map_mft.h"

#include <inttypes.h>

#include "base/utf.h"
#include "event/map_file.h"
#include "event/ntfs_attributes.h"
#include "event/web.h"
#include "event/webpath.h"
#include "format/exch_build.h"
#include "format/mft.h"

struct mft_events {
    struct mft *mft;
    struct str drive;
    uint64_t to;
    struct mft_entry entry; /* given last */
};

struct mft_events *mft_events_open(struct bytes file, struct str path, struct span span,
                                   struct arena *arena)
{
    struct mft_events *s = ARENA_NEW(arena, struct mft_events);
    s->mft = mft_open(file, arena);
    s->to = span.to;
    struct str place = file_windows_path(path, arena);
    s->drive = place.n > 2 && place.p[1] == ':' ? str_part(place, 0, 2) : STR("");
    mft_seek(s->mft, span.from);
    return s;
}

static instant born(const struct mft_entry *e)
{
    if (e->n_names && e->names[0].times.created != INSTANT_NONE)
        return e->names[0].times.created;
    return e->has_si ? e->si.created : INSTANT_NONE;
}

int mft_events_next(struct mft_events *s, struct arena *arena, struct event *ret,
                    struct span *gap, struct err *err)
{
    int got = mft_next(s->mft, arena, &s->entry, &gap->from, &gap->to, err);
    if (got < 0)
        return gap->from < s->to ? -1 : 0;
    if (got == 0 || s->entry.offset >= s->to)
        return 0;
    *ret = (struct event){
        .kind = EVENT_MFT,
        .time = born(&s->entry),
        .offset = s->entry.offset,
        .size = s->entry.size,
        .record = s->entry.number,
        .host = STR(""),
        .part = STR(""),
        .channel = STR(""),
        .provider = STR(""),
        .utc_hint = INSTANT_NONE,
        .marks = s->entry.in_use ? 0 : MARK_DELETED,
    };
    return 1;
}

static void add(struct event *ev, struct arena *arena, const char *name, struct str value)
{
    event_add(ev, arena, SECTION_DATA, value.n ? FIELD_TEXT : FIELD_NULL, str_of(name), value);
}

static void add_some(struct event *ev, struct arena *arena, const char *name, struct str value)
{
    if (value.n)
        add(ev, arena, name, value);
}

static void add_number(struct event *ev, struct arena *arena, const char *name, uint64_t n)
{
    event_add(ev, arena, SECTION_DATA, FIELD_NUMBER, str_of(name),
              arena_printf(arena, "%" PRIu64, n));
}

static void add_flag(struct event *ev, struct arena *arena, const char *name, bool is)
{
    add(ev, arena, name, is ? STR("true") : STR("false"));
}

static void add_time(struct event *ev, struct arena *arena, const char *name, instant t)
{
    char iso[INSTANT_TEXT];
    add(ev, arena, name, arena_str(arena, instant_text(t, iso)));
}

static struct str join(struct str a, struct str b, struct str c, struct arena *arena)
{
    char *out = ARENA_ARRAY(arena, char, a.n + b.n + c.n + 1);
    size_t n = 0;
    memcpy(out, a.p, a.n);
    n += a.n;
    if (b.n)
        memcpy(out + n, b.p, b.n);
    n += b.n;
    out[n++] = '\\';
    memcpy(out + n, c.p, c.n);
    return (struct str){out, n + c.n};
}

/* returns the first path; "" of an entry without a name */
static struct str add_paths(struct mft_events *s, struct arena *arena, struct event *ev)
{
    const struct mft_entry *e = &s->entry;
    struct str first = STR("");
    bool any_lost = false;
    for (size_t i = 0; i < e->n_names; i++) {
        bool lost = false;
        bool root = e->number == MFT_ROOT;
        struct str above = root ? STR("")
                                : mft_folder(s->mft, e->names[i].parent,
                                             e->names[i].parent_sequence, arena, &lost);
        struct str path = join(s->drive, above, root ? STR("") : e->names[i].name, arena);
        add(ev, arena, "Path", path);
        add(ev, arena, "FileName", e->names[i].name);
        first = i ? first : path;
        any_lost = any_lost || lost;
    }
    if (any_lost)
        add_flag(ev, arena, "ParentLost", true);
    return first;
}

static void add_times(const struct mft_entry *e, struct arena *arena, struct event *ev)
{
    if (e->has_si) {
        add_time(ev, arena, "Created", e->si.created);
        add_time(ev, arena, "Modified", e->si.modified);
        add_time(ev, arena, "Changed", e->si.changed);
        add_time(ev, arena, "Accessed", e->si.accessed);
    }
    if (e->n_names) {
        add_time(ev, arena, "FnCreated", e->names[0].times.created);
        add_time(ev, arena, "FnModified", e->names[0].times.modified);
        add_time(ev, arena, "FnChanged", e->names[0].times.changed);
        add_time(ev, arena, "FnAccessed", e->names[0].times.accessed);
    }
}

/* Text without NUL that is not something else in disguise; "" if it is none. */
static struct str text_of(struct bytes content, struct arena *arena)
{
    if (content.n == 0)
        return STR("");
    if (utf16le_looks(content)) {
        size_t skip = content.n >= 2 && content.p[0] == 0xff ? 2 : 0;
        return utf16le_decode((struct bytes){content.p + skip, content.n - skip}, arena);
    }
    for (size_t i = 0; i < content.n; i++)
        if (content.p[i] < 0x20 && content.p[i] != '\t' && content.p[i] != '\n' &&
            content.p[i] != '\r' && content.p[i] != '\f')
            return STR("");
    return utf8_repair(content, arena);
}

static const struct mft_stream *own_stream(const struct mft_entry *e)
{
    for (size_t i = 0; i < e->n_streams; i++)
        if (e->streams[i].name.n == 0)
            return &e->streams[i];
    return NULL;
}

static void add_streams(const struct mft_entry *e, struct arena *arena, struct event *ev)
{
    const struct mft_stream *own = own_stream(e);
    if (own)
        add_number(ev, arena, "Size", own->size);
    if (own && own->size)
        add_flag(ev, arena, "Resident", own->resident);
    if (own)
        add_some(ev, arena, "Content", text_of(own->content, arena));
    for (size_t i = 0; i < e->n_streams; i++) {
        const struct mft_stream *t = &e->streams[i];
        if (t->name.n == 0)
            continue;
        add(ev, arena, "StreamName", t->name);
        add_number(ev, arena, "StreamSize", t->size);
        add_some(ev, arena, "StreamContent", text_of(t->content, arena));
    }
    if (e->dropped)
        add_number(ev, arena, "NotTold", e->dropped);
}

static bool is_whole(instant t)
{
    return t != INSTANT_NONE && t % INSTANT_SECOND == 0;
}

/* Programs that unpack files restore old times too: this is a hint, no proof. */
static void derive_stomped(const struct mft_entry *e, struct arena *arena, struct event *ev)
{
    if (!e->has_si || e->n_names == 0)
        return;
    const struct mft_times *fn = &e->names[0].times;
    if (e->si.created != INSTANT_NONE && fn->created != INSTANT_NONE &&
        e->si.created / INSTANT_SECOND <
            fn->created / INSTANT_SECOND - INSTANT_DAY / INSTANT_SECOND)
        web_derive(ev, arena, "Timestomped", STR("created-before-name"));
    if (is_whole(e->si.created) && is_whole(e->si.modified) && !is_whole(fn->created))
        web_derive(ev, arena, "Timestomped", STR("whole-seconds"));
}

/* "...\ClientAccess\Owa\15.1.2106.2": setup makes such folders, so the build was installed when
 * the folder's name was made. */
static void derive_build(const struct mft_entry *e, struct str path, struct arena *arena,
                         struct event *ev)
{
    static const char *const above[] = {"\\ClientAccess\\Owa\\", "\\ClientAccess\\ecp\\",
                                        "\\HttpProxy\\owa\\auth\\"};
    struct exch_build build;
    struct str name = path_base_name(path);
    struct str folder = str_part(path, 0, path.n - name.n);
    if (!e->directory || !str_starts(name, STR("15.")) || !exch_build_parse(name, &build))
        return;
    for (size_t i = 0; i < sizeof above / sizeof *above; i++)
        if (str_iends(folder, str_of(above[i]))) {
            web_derive(ev, arena, "Build", exch_build_text(build, arena));
            return;
        }
}

static void derive(const struct mft_entry *e, struct str path, struct arena *arena,
                   struct event *ev)
{
    const struct mft_stream *own = own_stream(e);
    struct bytes content = own ? own->content : (struct bytes){0};
    derive_stomped(e, arena, ev);
    derive_build(e, path, arena, ev);
    if (path.n == 0 || e->directory)
        return;
    struct file_facts facts = {
        .path = path,
        .content = content,
        .format = content.n ? format_sniff(content) : FORMAT_EMPTY,
    };
    file_derive(path, &facts, arena, ev);
}

void mft_events_fill(struct mft_events *s, struct arena *arena, struct event *ev)
{
    enum { FIELDS = 40 };
    const struct mft_entry *e = &s->entry;
    web_make_room(ev, arena, FIELDS);
    struct str path = add_paths(s, arena, ev);
    struct str name = e->n_names ? e->names[0].name : STR("");
    add_some(ev, arena, "Extension", e->directory ? STR("") : file_extension(name, arena));
    add_some(ev, arena, "Directory", file_directory(path));
    add_some(ev, arena, "ShortName", e->short_name);
    add_flag(ev, arena, "InUse", e->in_use);
    add_flag(ev, arena, "Deleted", !e->in_use);
    add_flag(ev, arena, "IsDirectory", e->directory);
    add_number(ev, arena, "Entry", e->number);
    add_number(ev, arena, "Sequence", e->sequence);
    if (e->n_names) {
        add_number(ev, arena, "Parent", e->names[0].parent);
        add_number(ev, arena, "ParentSequence", e->names[0].parent_sequence);
    }
    add_number(ev, arena, "Links", e->links);
    if (e->usn)
        add_number(ev, arena, "Usn", e->usn);
    add_times(e, arena, ev);
    ntfs_add_attributes(ev, arena, e->attributes);
    add_streams(e, arena, ev);
    derive(e, path, arena, ev);
}
