/* share.h - what all that is handed on has in common: how far it may go (TLP), and whether it says whose it is. */
#pragma once

#include "report/redact.h"
#include "rule/indicator.h"
#include "store/caseread.h"

struct share {
    struct case_reader *reader;
    const struct redactor *redact; /* NULL: everything is said */
    enum tlp tlp; /* what is marked stricter is left out; TLP_NONE: nothing is */
};

/* Lets a redactor learn from all texts of a case. errors as case_findings */
int share_learn(struct case_reader *reader, struct redactor *r, struct err *err);

/* Whether something of this marking ("TLP:RED", "": none) may be handed on. */
bool share_may(const struct share *s, struct str tlp);

/* Fields of a case, redacted where that is asked for. Results live in `arena` or in the input. */
struct str share_host(const struct share *s, struct str host, struct arena *arena);
struct str share_text(const struct share *s, struct str text, struct arena *arena);
struct str share_initiator(const struct share *s, struct str value, struct arena *arena);
struct str share_path(const struct share *s, struct str path, struct arena *arena);

/* The text of a member of an object: "" where it is missing or null. */
struct str share_member(const struct json *object, const char *key);
instant share_time(const struct json *object, const char *key);    /* INSTANT_NONE likewise */
int64_t share_signed(const struct json *object, const char *key);  /* 0 likewise */
uint64_t share_number(const struct json *object, const char *key); /* 0 likewise */
const struct json *share_list(const struct json *object, const char *key); /* first; or NULL */
