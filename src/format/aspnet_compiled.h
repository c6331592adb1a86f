/* aspnet_compiled.h - what ASP.NET leaves of a page it has compiled.
 *
 * "<page>.aspx.<8 hex>.compiled" below "Temporary ASP.NET Files" names the page it was made
 * from, and stays there when the page is deleted.
 *
 * Source: docs/formats/vdir-dump.md, "Compiled pages"
 */
#pragma once

#include <stdbool.h>

#include "base/arena.h"
#include "base/str.h"

struct aspnet_compiled {
    struct str virtual_path; /* "/owa/auth/x.aspx" */
    struct str assembly;     /* "App_Web_llfrjg0v"; "" if not said */
    struct str type;         /* "ASP.x_aspx"; "" if not said */
};

/* Reads such a file. False if it is none. */
bool aspnet_compiled_parse(struct str text, struct arena *arena, struct aspnet_compiled *ret);
