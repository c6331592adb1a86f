#include "event/json_field.h"

enum { GUID_BARE = 36, GUID_BRACED = 38 };

const struct json *json_member(const struct json *object, struct str key)
{
    if (!object || object->type != JSON_OBJECT)
        return NULL;
    for (const struct json *m = object->child; m; m = m->next) {
        if (str_eq(m->key, key))
            return m;
    }
    return NULL;
}

static const struct json *member_at(const struct json *object, struct str path)
{
    const struct json *m = json_member(object, path);
    for (size_t i = 0; object && !m && i < path.n; i++) {
        if (path.p[i] != '.')
            continue;
        const struct json *head = json_member(object, str_part(path, 0, i));
        m = head ? member_at(head, str_part(path, i + 1, path.n)) : NULL;
    }
    return m;
}

const struct json *json_path(const struct json *object, const char *path)
{
    return member_at(object, str_of(path));
}

const struct json *json_attribute(const struct json *element, const char *name)
{
    if (!element || element->type != JSON_OBJECT)
        return NULL;
    const struct json *v = json_get(json_get(element, "#attributes"), name);
    if (v)
        return v;
    for (v = element->child; v; v = v->next) {
        struct str key = v->key;
        if (key.n && (key.p[0] == '@' || key.p[0] == '-' || key.p[0] == '_'))
            key = str_part(key, 1, key.n);
        if (str_eq(key, str_of(name)))
            return v;
    }
    return NULL;
}

/* ---- text ---- */

static bool is_scalar(const struct json *v)
{
    return v->type != JSON_ARRAY && v->type != JSON_OBJECT;
}

/* Where converters from XML put an element's text beside its attributes. */
static bool is_text_key(struct str key)
{
    return str_eq(key, STR("#text")) || str_eq(key, STR("$text")) || str_eq(key, STR("Value"));
}

static const struct json *element_text(const struct json *element)
{
    const struct json *m = element->child;
    while (m && !is_text_key(m->key))
        m = m->next;
    return m;
}

static struct str scalar_text(const struct json *v)
{
    if (v->type == JSON_TRUE)
        return STR("true");
    if (v->type == JSON_FALSE)
        return STR("false");
    return v->type == JSON_STRING || v->type == JSON_NUMBER ? v->text : STR("");
}

struct str json_scalar_text(const struct json *v)
{
    if (v && v->type == JSON_OBJECT)
        v = element_text(v);
    return v && is_scalar(v) ? scalar_text(v) : STR("");
}

static bool is_hex(char c)
{
    char low = ascii_lower(c);
    return (c >= '0' && c <= '9') || (low >= 'a' && low <= 'f');
}

/* Whether the text is 8-4-4-4-12 hex digits. */
static bool is_bare_guid(struct str s)
{
    if (s.n != GUID_BARE)
        return false;
    for (size_t i = 0; i < s.n; i++) {
        bool dash = i == 8 || i == 13 || i == 18 || i == 23;
        if (dash ? s.p[i] != '-' : !is_hex(s.p[i]))
            return false;
    }
    return true;
}

static bool is_braced_guid(struct str s)
{
    return s.n == GUID_BRACED && s.p[0] == '{' && s.p[GUID_BRACED - 1] == '}' &&
           is_bare_guid(str_part(s, 1, GUID_BRACED - 1));
}

static bool has_lower_case(struct str s)
{
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] >= 'a' && s.p[i] <= 'z')
            return true;
    }
    return false;
}

struct str json_guid(struct str text, struct arena *arena)
{
    struct str digits = is_braced_guid(text) ? str_part(text, 1, GUID_BRACED - 1) : text;
    if (!is_bare_guid(digits))
        return text;
    char *out = ARENA_ARRAY(arena, char, GUID_BRACED);
    out[0] = '{';
    for (size_t i = 0; i < GUID_BARE; i++) {
        char c = digits.p[i];
        out[i + 1] = c >= 'a' && c <= 'f' ? (char)(c - ('a' - 'A')) : c;
    }
    out[GUID_BRACED - 1] = '}';
    return (struct str){out, GUID_BRACED};
}

/* ---- fields ---- */

/* A scalar. A GUID is one that EVTX holds as such only where it is in upper case: that is
 * how the binary form is printed, while GUIDs that are text in the event (PowerShell's
 * ScriptBlockId) are mostly in lower case. */
static void add_scalar(struct event *ev, struct arena *arena, struct json_style style,
                       struct str name, const struct json *v)
{
    struct str text = scalar_text(v);
    enum field_type type = v->type == JSON_NULL     ? FIELD_NULL
                           : v->type == JSON_NUMBER ? FIELD_NUMBER
                                                    : FIELD_TEXT;
    bool guid = style.bare_guids ? is_bare_guid(text) : is_braced_guid(text);
    if (v->type == JSON_STRING && guid && !has_lower_case(text)) {
        text = json_guid(text, arena);
        type = FIELD_GUID;
    }
    event_add(ev, arena, SECTION_DATA, type, name, text);
}

static bool is_namespace(struct str name)
{
    return str_starts(name, STR("xmlns"));
}

/* The element whose parts are being added. */
struct element {
    struct str tag;  /* its attributes are Tag_Attribute */
    struct str name; /* the field that its text is; "" for a section, which has no text */
    bool named;      /* by its attribute Name */
};

static void add_attribute(struct event *ev, struct arena *arena, struct json_style style,
                          struct element e, struct str name, const struct json *v)
{
    if (is_namespace(name) || !is_scalar(v) || (e.named && str_eq(name, STR("Name"))))
        return;
    name = arena_printf(arena, "%.*s_%.*s", STR_ARG(e.tag), STR_ARG(name));
    add_scalar(ev, arena, style, name, v);
}

/* One member of the object that is an element: an attribute, its text, an inner element. */
static void add_part(struct event *ev, struct arena *arena, struct json_style style,
                     struct element e, const struct json *v)
{
    if (str_eq(v->key, STR("#attributes"))) {
        for (const struct json *a = v->child; a; a = a->next)
            add_attribute(ev, arena, style, e, a->key, a);
    } else if (v->key.n > 1 && v->key.p[0] == '@') {
        add_attribute(ev, arena, style, e, str_part(v->key, 1, v->key.n), v);
    } else if (is_text_key(v->key) && e.name.n) {
        json_add(ev, arena, style, e.name, v);
    } else if (!is_namespace(v->key) && !(e.named && str_eq(v->key, STR("Name")))) {
        json_add(ev, arena, style, v->key, v);
    }
}

static void add_element(struct event *ev, struct arena *arena, struct json_style style,
                        struct str tag, const struct json *v)
{
    struct str given = STR("");
    if (str_eq(tag, STR("Data")) || str_eq(tag, STR("ComplexData")))
        given = json_scalar_text(json_attribute(v, "Name"));
    struct element e = {.tag = tag, .name = given.n ? given : tag, .named = given.n > 0};
    bool text = false;
    for (const struct json *part = v->child; part; part = part->next) {
        text |= is_text_key(part->key);
        add_part(ev, arena, style, e, part);
    }
    if (e.named && !text) /* <Data Name="x"/> */
        event_add(ev, arena, SECTION_DATA, FIELD_TEXT, given, STR(""));
}

/* The depth is that of the JSON, which its reader has limited. */
void json_add(struct event *ev, struct arena *arena, struct json_style style, struct str name,
              const struct json *v)
{
    if (v->type == JSON_OBJECT) {
        add_element(ev, arena, style, name, v);
    } else if (v->type == JSON_ARRAY) {
        for (const struct json *item = v->child; item; item = item->next)
            json_add(ev, arena, style, name, item);
    } else {
        add_scalar(ev, arena, style, name, v);
    }
}

void json_add_section(struct event *ev, struct arena *arena, struct json_style style,
                      const struct json *section)
{
    struct element e = {.tag = section->key, .name = STR("")};
    if (section->type == JSON_ARRAY) /* a list of Data */
        json_add(ev, arena, style, STR("Data"), section);
    else if (section->type == JSON_OBJECT)
        for (const struct json *part = section->child; part; part = part->next)
            add_part(ev, arena, style, e, part);
}
