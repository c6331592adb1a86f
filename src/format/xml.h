/* xml.h - the marks of an XML text, one after the other: elements, attributes, text.
 *
 * For configuration and task files, which are small: the text is in memory as a whole. What it
 * does not do, it refuses or leaves as it stands: no document type (an internal subset is an
 * error), no entities but the five of XML and characters by number. A text that is no XML is
 * read up to where it is none.
 *
 * Source: W3C, Extensible Markup Language 1.0, fifth edition
 */
#pragma once

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

enum xml_kind {
    XML_OPEN,  /* <name attribute="value"> */
    XML_CLOSE, /* </name>, or the end of <name/> */
    XML_TEXT,  /* text between marks that is not white space only; CDATA too */
};

enum {
    XML_DEPTH_MAX = 128,      /* elements inside elements; IIS has about 10 */
    XML_ATTRIBUTES_MAX = 256, /* of one element */
    XML_TEXT_MAX = 1 << 20,   /* bytes of one text or value */
};

struct xml_attribute {
    struct str name, value;
};

struct xml_item {
    enum xml_kind kind;
    struct str name; /* of an element, without its prefix ("t:task" -> "task") */
    const struct xml_attribute *attributes;
    size_t n_attributes;
    struct str text;
    unsigned depth;  /* elements around it */
    uint64_t offset; /* where it starts in the file, bytes */
    uint64_t size;   /* bytes of the mark itself, or of the text */
};

struct xml;

/* Opens a text in UTF-8, UTF-16 (by its byte order mark, or as it looks) or, where it is no valid
 * UTF-8, in code page windows-1252.
 *
 * file   must outlive the reader
 * arena  lives as long as the reader */
struct xml *xml_open(struct bytes file, struct arena *arena);

/* The next item: 1, 0 behind the last element's end, -1 where the text is no XML. After 0 or -1
 * there is nothing more: 0.
 *
 * arena   owns the item's texts, where they are not the file's own
 * errors  ERR_CORRUPT, ERR_LIMIT; what xml_offset then says is where */
int xml_next(struct xml *x, struct arena *arena, struct xml_item *ret, struct err *err);

/* How far it has read, in bytes of the file. */
uint64_t xml_offset(struct xml *x);

/* The value of an attribute, its name compared without regard to case; "" if it has none. */
struct str xml_attribute(const struct xml_item *item, const char *name);
