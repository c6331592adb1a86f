#include "event/ntfs_attributes.h"

void ntfs_add_attributes(struct event *ev, struct arena *arena, uint32_t attributes)
{
    static const struct {
        uint32_t bit;
        const char *name;
    } words[] = {
        {0x1, "readonly"},       {0x2, "hidden"},       {0x4, "system"},
        {0x10, "directory"},     {0x20, "archive"},     {0x40, "device"},
        {0x80, "normal"},        {0x100, "temporary"},  {0x200, "sparse"},
        {0x400, "reparse"},      {0x800, "compressed"}, {0x1000, "offline"},
        {0x2000, "not-indexed"}, {0x4000, "encrypted"},
    };
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (attributes & words[i].bit)
            event_add(ev, arena, SECTION_DATA, FIELD_TEXT, STR("Attributes"),
                      str_of(words[i].name));
}
