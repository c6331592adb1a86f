/* ask_yara.h - which files YARA rules are asked about, and what comes of it. */
#pragma once

#include "detect/detect.h"
#include "detect/findings.h"

/* Asks the rules about a file and writes findings; a gap where they could not be asked to the
 * end, or the file is larger than they are asked about.
 *
 * scanner  NULL: nothing is asked
 * ev       the file's event
 * gap      tells why not all was asked; "" if all was. Lives as long as `arena` */
void ask_yara(struct yara_scanner *scanner, const struct evidence *evidence, struct bytes file,
              const struct event *ev, struct detect *d, struct arena *arena,
              struct str *ret_gap);
