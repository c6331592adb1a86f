#include "detect/knowngood.h"

#include <string.h>

enum { KEPT = 16 }; /* bytes of each digest in the table */

/* The table of knowngood_data.S: sorted records, and the byte behind the last. */
extern const uint8_t knowngood_first[];
extern const uint8_t knowngood_last[];

size_t knowngood_count(void)
{
    return (size_t)((uintptr_t)knowngood_last - (uintptr_t)knowngood_first) / KEPT;
}

bool knowngood_has(const uint8_t sha256[32])
{
    size_t low = 0;
    size_t high = knowngood_count();
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        int d = memcmp(sha256, knowngood_first + mid * KEPT, KEPT);
        if (d == 0)
            return true;
        if (d < 0)
            high = mid;
        else
            low = mid + 1;
    }
    return false;
}
