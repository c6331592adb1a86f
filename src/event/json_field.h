/* json_field.h - looking into the JSON that exporters make of a Windows event's XML, and
 * turning its values into fields. */
#pragma once

#include "base/json_read.h"
#include "event/event.h"

/* The member of an object with this name; NULL if there is none. */
const struct json *json_member(const struct json *object, struct str key);

/* The member "a.b.c", written with dots, as objects inside objects, or as a mixture. */
const struct json *json_path(const struct json *object, const char *path);

/* The attribute of an element: a member of "#attributes", or "name", "@name", "-name",
 * "_name". NULL if there is none. */
const struct json *json_attribute(const struct json *element, const char *name);

/* The text of a scalar, or of an element that has attributes beside its text; else "". */
struct str json_scalar_text(const struct json *v);

/* A GUID in braces and upper case, as Windows writes it; other text as it is. */
struct str json_guid(struct str text, struct arena *arena);

/* How the exporter at hand writes values. */
struct json_style {
    bool bare_guids; /* GUIDs have no braces and get them; those with braces are text */
};

/* Adds a value as SECTION_DATA: a scalar as one field, an array as several of one name, an
 * object as an element: its leaves under their own names, its attributes as
 * Element_Attribute; a Data element is named by its Name. */
void json_add(struct event *ev, struct arena *arena, struct json_style style, struct str name,
              const struct json *v);

/* Adds what is in EventData, UserData and their like: a member of the event. */
void json_add_section(struct event *ev, struct arena *arena, struct json_style style,
                      const struct json *section);
