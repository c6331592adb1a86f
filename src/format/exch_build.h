/* exch_build.h - Exchange's build numbers, in all the ways they are written.
 *
 * Source: docs/formats/exchange-csv.md, "Build numbers"
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/str.h"

struct exch_build {
    uint32_t major;
    uint32_t minor;
    uint32_t build;
    uint32_t revision;
};

/* Reads "15.01.2507.044", "15.1.2507.44", "Version 15.1 (Build 2507.6)" and
 * "15.1 (Build 32507.6)" (the directory adds 30000 to the build). False if the text is none
 * of these. */
bool exch_build_parse(struct str text, struct exch_build *ret);

/* Unpacks the integer of routing cookies and the "BEVersion-" item. The revision is not in
 * it. Numbers that no server has are unpacked all the same: they are evidence of forgery. */
struct exch_build exch_build_unpack(uint32_t packed);

/* "15.1.2507.44" */
struct str exch_build_text(struct exch_build build, struct arena *arena);

/* "KB5000871" where a text holds one, else "". */
struct str exch_update_kb(struct str text);

/* "Exchange 2016 CU18 KB5000871" of "Security Update for Exchange Server 2016 Cumulative Update 18
 * (KB5000871)" or "Security Update For Exchange Server 2016 CU18 (KB5000871)"; "" of what is no
 * update of Exchange. Packs know which build it makes. */
struct str exch_update_text(struct str text, struct arena *arena);

/* Whether a text is the name of the product, as the installer knows it: "Microsoft Exchange Server",
 * "Microsoft Exchange Server 2016 Cumulative Update 18", not one of its parts' (language packs). */
bool exch_is_product(struct str name);

/* <0, 0, >0 */
int exch_build_cmp(struct exch_build a, struct exch_build b);
