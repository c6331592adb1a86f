/* ntfs_attributes.h - FILE_ATTRIBUTE_* of Windows as words. */
#pragma once

#include "base/arena.h"
#include "event/event.h"

/* Adds a field Attributes for each attribute that is set: "hidden", "system", ...
 * Source: Microsoft, File Attribute Constants */
void ntfs_add_attributes(struct event *ev, struct arena *arena, uint32_t attributes);
