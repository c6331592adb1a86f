/* report_case.h - the report of a case: one page, or text for a terminal.
 *
 * Source: docs/report.md */
#pragma once

#include "base/buf.h"
#include "report/lang.h"
#include "store/caseread.h"

struct report_case {
    struct case_reader *reader;
    const struct json *document; /* reader->document */
    struct str host;             /* of report_of_host: findings of this one only; "": all */
    const struct lang *lang;
    struct str style; /* report_style() */
    struct arena *arena;
};

/* Loads a language of the program ("en", "ja"), or one from the text of a file.
 *
 * code   of the language
 * file   its text; "" for one that the program has
 * errors ERR_INVALID: says which there are
 */
int report_language(const char *code, struct str file, struct arena *arena, struct lang **ret,
                    struct err *err);

/* Leaves one host in the report: as it is named in the verdict. */
void report_of_host(struct report_case *in, struct str host);

/* The style sheet of the page. */
struct str report_style(void);

/* Appends the page. Its size is bounded: what is beyond a bound is counted, and it says how to get
 * it. Depends on nothing but the case and the language. errors ERR_CORRUPT, ERR_IO (the case) */
int report_case_html(const struct report_case *in, struct buf *out, struct err *err);

/* Appends the text: what matters of the verdict, in 80 columns. errors as above */
int report_case_text(const struct report_case *in, bool colour, struct buf *out,
                     struct err *err);
