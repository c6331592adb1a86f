/* zip.h - a ZIP as a carrier: the members that its directory tells of, those that it leaves out,
 * and what lies between them (format/zip_map.h). Each is unpacked by itself (format/arc.h), so that
 * damage of one costs no other.
 */
#pragma once

#include "format/arc.h"

/* Opens any bytes; the carrier tells what is wrong with them.
 *
 * file   must outlive the carrier
 * arena  owns what is in it; it is to be closed all the same */
struct carrier zip_open(struct bytes file, const struct arc_limits *limits,
                        struct arena *arena);
