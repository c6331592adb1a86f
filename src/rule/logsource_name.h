/* logsource_name.h - a log source by a short name: "windows/process_creation", "sysmon". */
#pragma once

#include "rule/rules.h"

/* The first of product, category and service, in this order, that some evidence feeds.
 *
 * text    one to three parts, separated by '/'
 * arena   owns *ret, the `logsource` part of a rule
 * errors  ERR_NOT_FOUND, with what may have been meant
 */
int logsource_named(const struct ruleset *set, struct str text, struct arena *arena,
                    const struct yaml **ret, struct err *err);
