#include "cli/password.h"

#include "base/str.h"
#include "sys/file.h"

enum { FILE_MAX = 4096 };

int password_read(const char *text, const char *file, struct arena *arena, const char **ret,
                  struct err *err)
{
    struct bytes content = {0};
    if (text && file)
        return err_set(err, ERR_INVALID, "--password and --password-file: want one of them");
    if (file && file_read(file, FILE_MAX, arena, &content, err) < 0)
        return -1;
    struct str line =
        file ? (struct str){(const char *)content.p, content.n} : str_of(text ? text : "");
    if (file)
        line = str_part(line, 0, str_find(line, STR("\n"), 0));
    if (line.n && line.p[line.n - 1] == '\r')
        line.n--;
    if ((text || file) && (line.n == 0 || memchr(line.p, 0, line.n)))
        return err_set(err, ERR_INVALID, "%s: want a password",
                       file ? "--password-file" : "--password");
    *ret = text || file ? arena_str(arena, line).p : NULL;
    return 0;
}
