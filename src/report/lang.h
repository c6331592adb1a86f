/* lang.h - the texts of reports in a language. A language is a file, not code.
 *
 * Source: docs/report.md, "Languages" (the form of the files) */
#pragma once

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

struct lang;

/* Reads a language.
 *
 * english  the file of English: it has every text
 * other    the file of the language; "" for English itself
 * arena    owns the result, which borrows from both files
 * errors   ERR_INVALID (the line that is no line of such a file), ERR_LIMIT
 */
int lang_load(struct str english, struct str other, struct arena *arena, struct lang **ret,
              struct err *err);

/* As in the attribute `lang` of HTML: "en", "ja". */
struct str lang_code(const struct lang *lang);

/* A fixed text: in the language, else in English, else its id. */
struct str lang_text(const struct lang *lang, const char *id);

/* The text whose id is the two parts joined ("state.", "probed"). False, with *ret untouched,
 * where there is none: the second part may come from a document. */
bool lang_find(const struct lang *lang, const char *head, struct str tail, struct str *ret);

/* A sentence that the judge or a pack made in English, in the language: by the first template of
 * the file that it fits. A sentence of parts with "; " between is translated part by part.
 *
 * returns whether *ret is in the language; else it is the English sentence
 */
bool lang_sentence(const struct lang *lang, struct str english, struct arena *arena,
                   struct str *ret);

/* A piece of a text with holes: {name} is a hole, the rest is words. Iterates: 1, or 0 at the
 * end. */
struct lang_piece {
    bool hole;
    struct str text; /* the words, or the hole's name */
};
int lang_next(struct str text, size_t *at, struct lang_piece *ret);
