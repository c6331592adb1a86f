#include "event/map_hive.h"

#include <inttypes.h>

#include "event/hive_value.h"
#include "event/map_hive_int.h"
#include "event/web.h"

enum { PREFIX_MOST = 1024, LISTED = HIVE_HEADER };

static void set_damage(struct hive_events *r, struct bytes file)
{
    const struct hive *h = &r->h;
    if (h->bins.n < h->told) {
        r->damage_2_at = (struct span){.from = file.n, .to = HIVE_HEADER + h->told};
        (void)err_set(&r->damage_2, ERR_CORRUPT,
                      "the hive is cut off: %zu of %" PRIu64 " bytes", h->bins.n, h->told);
    }
    if (!hive_is_dirty(h))
        return;
    r->damage_at = (struct span){.from = 0, .to = LISTED < file.n ? LISTED : file.n};
    if (h->checksum_ok)
        (void)err_set(&r->damage, ERR_CORRUPT,
                      "the hive was not written whole (sequence numbers %u and %u): changes "
                      "that only its transaction logs hold were not read",
                      h->sequence[0], h->sequence[1]);
    else
        (void)err_set(&r->damage, ERR_CORRUPT,
                      "the checksum of the hive's header is wrong: it is damaged, or was not "
                      "written whole");
}

struct hive_events *hive_events_open(struct bytes file, struct arena *arena)
{
    struct hive_events *r = ARENA_NEW(arena, struct hive_events);
    r->arena = arena;
    if (hive_open(file, arena, &r->h, &r->damage) < 0) {
        r->damage_at = (struct span){.from = 0, .to = file.n};
        return r;
    }
    set_damage(r, file);
    r->about = hive_about(&r->h, arena);
    r->walk = hive_walk_new(&r->h, arena);
    r->from = &r->h;
    r->path = ARENA_ARRAY(arena, char, PREFIX_MOST + HIVE_PATH);
    if (r->about.kind == HIVE_SAM)
        hive_find_administrators(r);
    return r;
}

/* --- keys and pieces -------------------------------------------------------------------------- */

static void enter_key(struct hive_events *r)
{
    struct str head = str_part(r->about.prefix, 0, PREFIX_MOST - 1);
    r->path_n = head.n;
    memcpy(r->path, head.p, head.n);
    if (r->item.path.n) {
        r->path[r->path_n++] = '\\';
        memcpy(r->path + r->path_n, r->item.path.p, r->item.path.n);
        r->path_n += r->item.path.n;
    }
    /* The name of a place is borrowed from a path: from the one that stays as it is. */
    struct str own = {r->path + r->path_n - r->item.path.n, r->item.path.n};
    r->placed = hive_place(&r->about, own);
}

static struct bytes data_of(const struct hive_events *r, struct arena *arena)
{
    struct err ignored = {0};
    struct bytes data = {0};
    if (r->item.has_value)
        (void)hive_data(r->from, &r->item.value, arena, &data, &ignored);
    return data;
}

/* What a value says besides itself is told behind it. */
static void find_pieces(struct hive_events *r)
{
    const struct hive_value *v = &r->item.value;
    r->pieces = (struct pieces){0};
    if (!r->item.has_value || r->placed.place == PLACE_NONE)
        return;
    if (r->placed.place == PLACE_APPCOMPAT && hive_name_is(v->name, STR("AppCompatCache"))) {
        r->pieces.data = data_of(r, r->arena);
        r->pieces.any = appcompat_open(r->pieces.data, &r->pieces.programs);
    } else if (v->type == HIVE_MULTI_SZ && r->placed.place == PLACE_AUTOSTART) {
        r->pieces.data = data_of(r, r->arena);
        r->pieces.strings = true;
        r->pieces.any = true;
    }
}

static bool next_piece(struct hive_events *r, struct arena *arena)
{
    struct pieces *p = &r->pieces;
    if (!p->any)
        return false;
    p->any = p->strings ? hive_value_next(p->data, &p->at, arena, &p->string)
                        : appcompat_next(&p->programs, arena, &p->program);
    return p->any;
}

/* --- events -------------------------------------------------------------------------------------- */

static bool is_task(enum place place)
{
    return place == PLACE_TASK || place == PLACE_TASK_ENTRY;
}

static void fill_head(const struct hive_events *r, struct event *ret)
{
    const struct hive_item *i = &r->item;
    *ret = (struct event){
        .kind = EVENT_REGISTRY,
        .time = i->key->modified,
        .offset = HIVE_HEADER + (uint64_t)(i->has_value ? i->value.cell : i->key->cell),
        .size = i->has_value ? i->value.size : i->key->size,
        .host = r->about.host,
        .part = is_task(r->placed.place) ? STR("tasks") : STR(""),
        .channel = STR(""),
        .provider = STR(""),
        .utc_hint = INSTANT_NONE,
        .marks = r->is_deleted ? MARK_DELETED : 0U,
    };
}

static bool take_damage(struct err *own, struct span *at, struct span *gap, struct err *err)
{
    if (own->code == ERR_NONE)
        return false;
    *err = *own;
    *gap = *at;
    own->code = ERR_NONE;
    return true;
}

/* The next of what is in use, and behind all of it, of what was deleted. */
static int next_item(struct hive_events *r, struct hive_gap *gap, struct err *err)
{
    if (!r->walk)
        return 0;
    int got = r->is_deleted ? 0 : hive_walk_next(r->walk, &r->item, gap, err);
    if (got)
        return got;
    if (!r->is_deleted) {
        r->is_deleted = true;
        r->deleted = hive_deleted_new(&r->h, r->walk, r->arena);
        r->from = hive_deleted_view(r->deleted);
    }
    return hive_deleted_next(r->deleted, &r->item, &r->is_placed);
}

int hive_events_next(struct hive_events *r, struct arena *arena, struct event *ret,
                     struct span *gap, struct err *err)
{
    struct hive_gap where = {0};
    if (take_damage(&r->damage, &r->damage_at, gap, err) ||
        take_damage(&r->damage_2, &r->damage_2_at, gap, err))
        return -1;
    r->is_made = false;
    r->is_piece = next_piece(r, arena);
    if (r->is_piece) {
        fill_head(r, ret);
        return 1;
    }
    int got = next_item(r, &where, err);
    if (got < 0)
        *gap = (struct span){.from = where.from, .to = where.to};
    if (got <= 0)
        return got;
    if (r->item.first)
        enter_key(r);
    find_pieces(r);
    fill_head(r, ret);
    return 1;
}

/* --- fields -------------------------------------------------------------------------------------- */

static void add(struct event *ev, struct arena *arena, const char *name, struct str value)
{
    event_add(ev, arena, SECTION_DATA, value.n ? FIELD_TEXT : FIELD_NULL, str_of(name), value);
}

static void add_type(struct event *ev, struct arena *arena, uint32_t type)
{
    const char *name = hive_type_name(type);
    add(ev, arena, "ValueType", name ? str_of(name) : arena_printf(arena, "0x%" PRIx32, type));
}

/* Adds the value's text or texts. returns it, or the first; *ret_details as Sysmon shows it */
static struct str add_data(struct hive_events *r, struct event *ev, struct arena *arena,
                           struct str *ret_details)
{
    const struct hive_value *v = &r->item.value;
    struct str text = STR("");
    uint64_t n;
    if (r->is_piece) {
        text = r->pieces.strings ? r->pieces.string : r->pieces.program.path;
        add(ev, arena, "Value", text);
        *ret_details = text;
        return text;
    }
    struct bytes data = data_of(r, arena);
    if (hive_value_number(r->from, v, &n)) {
        text = arena_printf(arena, "%" PRIu64, n);
        *ret_details = v->type == HIVE_QWORD
                           ? arena_printf(arena, "QWORD (0x%08" PRIx32 "-0x%08" PRIx32 ")",
                                          (uint32_t)(n >> 32), (uint32_t)n)
                           : arena_printf(arena, "DWORD (0x%08" PRIx64 ")", n);
        event_add(ev, arena, SECTION_DATA, FIELD_NUMBER, STR("Value"), text);
        return text;
    }
    if (v->type == HIVE_MULTI_SZ) {
        struct str one;
        size_t at = 0;
        for (int i = 0; i < HIVE_STRINGS_MOST && hive_value_next(data, &at, arena, &one); i++) {
            add(ev, arena, "Value", one);
            text = text.n ? text : one;
        }
        *ret_details = text;
        return text;
    }
    bool is_text = hive_value_is_text(v->type);
    text = is_text ? hive_value_string(data, arena) : hive_value_hex(data, arena);
    add(ev, arena, "Value", text);
    *ret_details = is_text ? text : STR("Binary Data");
    return text;
}

/* As Sysmon writes it: the control set in use under the name that programs use for it. */
static struct str target_of(const struct hive_events *r, struct str name, struct arena *arena)
{
    struct str path = {r->path, r->path_n};
    struct str set = r->about.control_set;
    struct str head = r->about.prefix;
    if (!set.n || !str_istarts(r->item.path, set))
        return web_join(path, '\\', name, arena);
    return arena_printf(arena, "HKLM\\System\\CurrentControlSet%.*s\\%.*s",
                        STR_ARG(str_part(path, head.n + 1 + set.n, path.n)), STR_ARG(name));
}

static struct str key_name(const struct hive_events *r)
{
    struct str path = r->item.path;
    size_t at = path.n;
    while (at > 0 && path.p[at - 1] != '\\')
        at--;
    return str_part(path, at, path.n);
}

static void make(struct hive_events *r, struct arena *arena, struct event *ev)
{
    enum { FIELDS = 20 };
    const struct hive_item *i = &r->item;
    char iso[INSTANT_TEXT];
    web_make_room(ev, arena, FIELDS);
    add(ev, arena, "Hive", r->about.name);
    add(ev, arena, "KeyPath", (struct str){r->path, r->path_n});
    add(ev, arena, "KeyName", key_name(r));
    if (i->key->modified != INSTANT_NONE)
        add(ev, arena, "KeyModified", arena_str(arena, instant_text(i->key->modified, iso)));
    if (r->is_deleted)
        add(ev, arena, "Deleted", STR("true"));
    if (r->is_deleted && !r->is_placed)
        add(ev, arena, "ParentLost", STR("true"));
    if (i->key->class_size)
        add(ev, arena, "KeyClass", hive_class(r->from, i->key, arena));
    if (!i->has_value)
        return;
    struct str name = hive_text(i->value.name, arena);
    struct str details = STR("");
    name = name.n ? name : STR("(Default)");
    add(ev, arena, "ValueName", name);
    add_type(ev, arena, i->value.type);
    event_add(ev, arena, SECTION_DATA, FIELD_NUMBER, STR("ValueSize"),
              arena_printf(arena, "%" PRIu32, i->value.data_size));
    struct str text = add_data(r, ev, arena, &details);
    web_derive(ev, arena, "TargetObject", target_of(r, name, arena));
    web_derive(ev, arena, "Details", details);
    hive_derive(r, text, arena, ev);
}

void hive_events_fill(struct hive_events *r, struct arena *arena, struct event *ev)
{
    if (!r->is_made) {
        make(r, arena, ev);
        return;
    }
    ev->fields = r->made.fields;
    ev->n = r->made.n;
    ev->cap = r->made.cap;
}

/* Rules that ask for fields that few values have need not look at the others: row_field_of
 * knows these marks. */
static const char *mark_of(struct str field)
{
    if (str_eq(field, STR("AutostartKind")))
        return "\x01"
               "autostart";
    return str_eq(field, STR("AccountActsAs")) ? "\x01"
                                                 "account"
                                               : "";
}

/* There is no line: all values of the fields stand for it. */
bool hive_events_row(struct hive_events *r, struct arena *arena, struct log_row *ret)
{
    enum { MARKS = 64 };
    struct event *ev = &r->made;
    *ev = (struct event){.kind = EVENT_REGISTRY};
    make(r, arena, ev);
    r->is_made = true;
    size_t n = 0;
    for (size_t i = 0; i < ev->n; i++)
        n += ev->fields[i].value.n + 1;
    char *text = ARENA_ARRAY(arena, char, n + MARKS);
    n = 0;
    *ret = (struct log_row){.client = STR(""), .build = STR("")};
    for (size_t i = 0; i < ev->n; i++) {
        const struct field *f = &ev->fields[i];
        if (f->value.n)
            memcpy(text + n, f->value.p, f->value.n);
        n += f->value.n;
        text[n++] = '\n';
        struct str mark = str_of(mark_of(f->name));
        memcpy(text + n, mark.p, mark.n);
        n += mark.n;
        if (str_eq(f->name, STR("AutostartCommand")))
            ret->carriers[ret->n_carriers++] = f->value;
        if (str_eq(f->name, STR("Build")))
            ret->build = f->value;
    }
    ret->text = (struct bytes){(const uint8_t *)text, n};
    return true;
}
