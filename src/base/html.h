/* html.h - text on its way into an HTML page. It was written by an attacker.
 *
 * The only place where text becomes HTML. Whatever the text is, what is appended is well-formed,
 * opens no element but the spans named here, and ends no attribute. */
#pragma once

#include "base/buf.h"
#include "base/str.h"

/* Appends text as the content of an element.
 *
 * - & < > " ' are references; line breaks are characters like others.
 * - What reorders, hides or fakes what a reader sees is named in <span class="x">: control
 *   characters, bidirectional overrides and isolates, characters without a width, blanks that
 *   are not the ordinary one, private ones (U+202E); bytes that are no UTF-8 (\x9f); accents
 *   beyond two on one letter.
 * - A letter of another script in a word of Latin letters, which may be taken for one of them,
 *   is followed by its number in <span class="mix">.
 *
 * Letters of scripts written from right to left are themselves: whoever prints a text between
 * others puts it into <bdi>. */
void html_text(struct buf *out, struct str text);

/* Appends text as the value of an attribute in quotes (double or single). What html_text puts
 * into spans stands in brackets: [U+202E], [\x9f]. */
void html_attribute(struct buf *out, struct str text);

/* Appends text as a part of an id, or of a link to one: letters, digits, '-' and '_' as they
 * are, any other byte as ".xx" in hex. Different texts give different ids. */
void html_id(struct buf *out, struct str text);
