#include "cli/sharing.h"

#include <string.h>

#include "base/safe.h"
#include "rule/rules.h"
#include "sys/chance.h"
#include "sys/file.h"

enum { KEY_MADE = 32, KEY_MOST = 4096 };

static int read_filter(const struct args *args, size_t at, const struct case_reader *r,
                       struct case_filter *ret, struct err *err)
{
    struct case_filter f = CASE_FILTER_ALL;
    if (args->text[at] && !level_parse(str_of(args->text[at]), &f.level))
        return err_set(err, ERR_INVALID,
                       "--level %s: want informational, low, medium, high or critical",
                       args->text[at]);
    if (cmd_time("from", args->text[at + 1], &f.from, err) < 0 ||
        cmd_time("to", args->text[at + 2], &f.to, err) < 0)
        return -1;
    if (args->text[at + 3] && case_host(r, args->text[at + 3], &f.host, err) < 0)
        return -1;
    *ret = f;
    return 0;
}

static int read_key(const char *path, struct arena *arena, struct bytes *ret, struct err *err)
{
    if (!path) {
        uint8_t *made = ARENA_ARRAY(arena, uint8_t, KEY_MADE);
        *ret = (struct bytes){made, KEY_MADE};
        return chance_fill(made, KEY_MADE, err);
    }
    if (file_read(path, KEY_MOST, arena, ret, err) < 0)
        return err_behind(err, " (a key is any file of %d bytes or more that nobody can guess)",
                          REDACT_KEY_LEAST);
    if (ret->n < REDACT_KEY_LEAST)
        return err_set(err, ERR_INVALID, "--redact-key %s: %zu bytes, want %d or more", path,
                       ret->n, REDACT_KEY_LEAST);
    return 0;
}

static int make_redactor(const struct args *args, size_t at, struct share *s, struct err *err)
{
    struct bytes key;
    if (!args->flag[at + 4] && args->text[at + 5])
        return err_set(err, ERR_INVALID, "--redact-key is of use with --redact only");
    if (!args->flag[at + 4])
        return 0;
    if (read_key(args->text[at + 5], args->arena, &key, err) < 0)
        return -1;
    struct redactor *r = redactor_new(key, args->arena);
    s->redact = r;
    return share_learn(s->reader, r, err);
}

int sharing_open(const struct args *args, size_t at, struct case_reader *reader,
                 struct share *ret, struct case_filter *ret_filter, struct err *err)
{
    struct share s = {.reader = reader};
    if (case_reader_open(args->operands[0], args->arena, reader, err) < 0)
        return -1;
    if (read_filter(args, at, reader, ret_filter, err) < 0 ||
        make_redactor(args, at, &s, err) < 0) {
        case_reader_close(reader);
        return -1;
    }
    *ret = s;
    return 0;
}
