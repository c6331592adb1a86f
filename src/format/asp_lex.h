/* asp_lex.h - script as tokens: C#, JScript, Visual Basic and VBScript.
 *
 * One tolerant lexer, since a page that would not compile must be looked at too. Names come
 * in lower case with their escapes undone, whatever the language: "\u0065val", "@eval" and
 * "[Eval]" are all "eval". Comments are gone.
 *
 * Source: docs/web-shells.md, "Words"
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/str.h"
#include "format/asp_split.h"
#include "format/asp_words.h"

enum {
    ASP_TOKENS = 1 << 21, /* of one page: about 10 MB of dense script */
    ASP_NESTED = 8,       /* interpolated strings inside each other */
};

enum asp_token_kind {
    ASP_END,     /* of a part; behind the last token there is one too */
    ASP_NEWLINE, /* the end of a statement: ";", or in VB a line or ":" */
    ASP_NAME,
    ASP_NUMBER,
    ASP_STRING,
    ASP_OPERATOR,
};

enum asp_form { /* of a string */
                ASP_FORM_C,
                ASP_FORM_DOUBLED, /* "" is a quote: VB, verbatim C# */
                ASP_FORM_RAW,
};

/* Operators are their character, or: */
enum asp_operator {
    ASP_OP_EQ = 128, /* == === */
    ASP_OP_NE,       /* != !== <> */
    ASP_OP_LE,
    ASP_OP_GE,
    ASP_OP_AND,
    ASP_OP_OR,
    ASP_OP_PLUS_SET, /* += &= */
    ASP_OP_SET,      /* other assignments with an operator */
    ASP_OP_ARROW,    /* => */
    ASP_OP_STEP,     /* ++ -- */
    ASP_OP_ELSE,     /* ?? */
    ASP_OP_SHIFT,    /* << >> */
};

enum asp_mark {
    ASP_MARK_SHOWN = 1,   /* the first of "<%= a %>" */
    ASP_MARK_ELEMENT = 2, /* the first of <script runat=server> */
    ASP_MARK_FOREIGN = 4, /* a name that the page does not declare */
    ASP_MARK_GUARDED = 8, /* a stranger does not get here */
};

struct asp_token {
    const char *p; /* as written, without quotes; a name too */
    uint32_t n;
    uint32_t name; /* number of the name */
    uint8_t kind, op, form;
    uint8_t lang;
    uint8_t marks; /* of enum asp_mark */
};

struct asp_name {
    struct str text; /* in lower case, if it is not `own` */
    uint32_t hash;
    uint16_t word; /* of enum asp_word */
    bool own; /* of C#, as written: "file" is not the class File, nor "Key" the same as "key" */
};

struct asp_code {
    struct arena *arena;
    struct asp_token *tokens;
    size_t n_tokens, cap_tokens;
    struct asp_name *names;
    size_t n_names, cap_names;
    uint32_t *slots; /* numbers of names + 1, by their hash */
    size_t n_slots;
    uint64_t words[W_WORDS / 64 + 1]; /* which are there */
    bool cut;
    bool escaped; /* a name that means something was written with escapes */
};

void asp_code_init(struct asp_code *code, struct arena *arena);

/* Adds the tokens of a script and an ASP_END. */
void asp_lex(struct asp_code *code, struct str script, enum asp_lang lang);

/* The number of a name, in lower case; it is added where it is new. */
uint32_t asp_name(struct asp_code *code, struct str name);

/* The same of a name that is there already; UINT32_MAX if it is not. */
uint32_t asp_find_name(const struct asp_code *code, struct str name);

/* The same of a name as it is written in a language: in C#, "assembly" is not "Assembly". */
uint32_t asp_name_in(struct asp_code *code, struct str name, enum asp_lang lang);

/* A string as the program sees it: borrowed where it holds no escape, else in the arena. */
struct str asp_string(const struct asp_token *token, struct arena *arena);

static inline bool asp_has_word(const struct asp_code *code, enum asp_word word)
{
    return code->words[word / 64] >> (word % 64) & 1;
}
