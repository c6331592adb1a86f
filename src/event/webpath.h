/* webpath.h - one name for a page, however the evidence names it.
 *
 * A file's path, a path on a share and a URL must meet: a page is written as
 * "...\FrontEnd\HttpProxy\owa\auth\x.aspx" and asked for as "/owa/auth/X.aspx".
 */
#pragma once

#include "base/arena.h"
#include "base/str.h"

/* The web path of a file: lower case, '/', "" if the file lies in no web root. Front end
 * and back end of Exchange give the same path.
 *
 * path    of a file, a share or relative to a share; either separator
 */
struct str webpath_of_file(struct str path, struct arena *arena);

/* The one name of what SharePoint serves from its folder TEMPLATE\LAYOUTS, "/_layouts/15/x.aspx": of a
 * web path of any site and version ("/sites/a/_layouts/x.aspx", "/_layouts/16/x.aspx"), or of a file
 * there. "" of anything else.
 *
 * Which version of the folder answers depends on SharePoint's: pages of one name in two of them are
 * taken for one.
 * Source: Microsoft, "_Layouts Page" (MSDN, bb815343): one folder, below every site. Microsoft,
 *         "Disrupting active exploitation of on-premises SharePoint vulnerabilities" (2025-07-22):
 *         pages looked for in the folders of versions 15 and 16.
 */
struct str webpath_of_layouts(struct str path, struct arena *arena);

/* The web path of a URL's path part: lower case, escapes and '+' decoded, doubled slashes
 * made single, query and fragment cut off. "" if it does not start with '/'. */
struct str webpath_of_stem(struct str stem, struct arena *arena);

/* A copy in lower case (ASCII letters; others stay). */
struct str text_lower(struct str s, struct arena *arena);

/* The text behind the last '/' or '\'. */
struct str path_base_name(struct str path);

/* Whether the path holds this folder (one or several names joined by '/'), whole names,
 * ignoring case and kind of separator. *ret_end is set to where the rest starts. */
bool path_has_folder(struct str path, struct str folder, size_t *ret_end);
