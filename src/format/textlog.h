/* textlog.h - logs that are free text: Exchange's setup and address book generator, and the
 * tools that remove or mitigate. How they are told apart, and how they write their times.
 *
 * Source: docs/formats/oab-generator.md, exchange-setup.md, remediation.md
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"
#include "base/time.h"

enum textlog {
    TEXTLOG_NONE,
    TEXTLOG_OAB,         /* OABGeneratorLog, OABGeneratorSimpleLog */
    TEXTLOG_SETUP,       /* ExchangeSetup.log */
    TEXTLOG_SCANNER,     /* msert.log, mrt.log */
    TEXTLOG_EOMT,        /* EOMT.log, EOMTv2.log */
    TEXTLOG_SUMMARY,     /* EOMTSummary.txt, EOMTv2Summary.txt */
    TEXTLOG_MITIGATIONS, /* a transcript of ExchangeMitigations.ps1 */
    TEXTLOG_HASHES,      /* the table that CompareExchangeHashes.ps1 writes */
};

/* Tells such a log by its start, byte order mark off. At most 64 KiB need be given. */
enum textlog textlog_sniff(struct str head);

/* --- times ------------------------------------------------------------------------------- */

/* A time at the start of a text: "2021-03-16 10:11:12", "2021-03-03T06:40:13.123Z",
 * "[03/13/2021 05:01:28.0382]" and its relatives with other separators, month first.
 *
 * ret_zone  whether the text says that it is UTC, or its offset
 * returns   the length of the time, brackets included; 0 if there is none
 */
size_t textlog_time(struct str text, instant *ret, bool *ret_zone);

/* "Wed Aug 12 08:12:08 2026", as C's asctime writes it. The whole text. */
bool textlog_asctime(struct str text, instant *ret);

/* The date, with the hour if it is there, in a file's name: "OABGen2021030306-1.LOG".
 * INSTANT_NONE if there is none. */
instant textlog_name_time(struct str name);

/* --- ExchangeSetup.log ------------------------------------------------------------------- */

struct setup_line {
    instant time;        /* UTC */
    bool odd;            /* the date makes sense only with the day first */
    struct str level;    /* depth of the step: "0", "1", "2" */
    struct str severity; /* "ERROR", "WARNING", ...; "" if it has none */
    struct str text;
};

/* Reads the first line of an entry: "[03/13/2021 05:01:29.0427] [0] text". The fraction is
 * milliseconds in four digits. Texts are borrowed. False if the line is none. */
bool textlog_setup_line(struct str line, struct setup_line *ret);

/* --- helpers ----------------------------------------------------------------------------- */

/* The text between two marks, without regard to case: the first `head` and the next `tail`
 * behind it ("" : to the end of the line). "" if they are not there. */
struct str textlog_between(struct str text, const char *head, const char *tail);
