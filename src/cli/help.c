#include "cli/help.h"

#include <string.h>

#include "base/json.h"

enum {
    WIDTH = 80,
    HELP_AT = 26,    /* the column of options' help */
    SUMMARY_AT = 30, /* that of parts' summaries */
};

static size_t count_opts(const struct opt *opts)
{
    size_t n = 0;
    while (opts && opts[n].name)
        n++;
    return n;
}

/* Whether the blanks here hold an empty line. */
static bool is_paragraph(const char *text, size_t blanks)
{
    const char *line = memchr(text, '\n', blanks);
    size_t behind = line ? blanks - (size_t)(line + 1 - text) : 0;
    return behind && memchr(line + 1, '\n', behind);
}

/* Words, broken at blanks and newlines where they no longer fit.
 *
 * at      the column where it starts
 * margin  that of further lines
 */
static void put_wrapped(struct buf *out, const char *text, size_t at, size_t margin)
{
    bool line_start = true;
    for (;;) {
        size_t blanks = strspn(text, " \n");
        bool paragraph = is_paragraph(text, blanks);
        text += blanks;
        size_t n = strcspn(text, " \n");
        if (n == 0)
            break;
        if (!line_start && (paragraph || at + 1 + n > WIDTH)) {
            buf_addf(out, "%s\n%*s", paragraph ? "\n" : "", (int)margin, "");
            at = margin;
            line_start = true;
        }
        buf_addf(out, "%s%.*s", line_start ? "" : " ", (int)n, text);
        at += n + !line_start;
        line_start = false;
        text += n;
    }
    buf_add_char(out, '\n');
}

static void put_option(struct buf *out, const struct opt *o)
{
    size_t from = out->n;
    if (o->letter)
        buf_addf(out, "  -%c, ", o->letter);
    else
        buf_add_cstr(out, "      ");
    buf_addf(out, "--%s%s%s", o->name, o->value ? " " : "", o->value ? o->value : "");
    size_t at = out->n - from;
    if (at >= HELP_AT)
        buf_addf(out, "\n%*s", HELP_AT, "");
    else
        buf_addf(out, "%*s", (int)(HELP_AT - at), "");
    put_wrapped(out, o->help, HELP_AT, HELP_AT);
}

/* The title of the group that starts with this option; NULL if none does. */
static const char *group_at(const struct cmd *cmd, const struct opt *o)
{
    for (const struct opt_group *g = cmd->groups; g && g->first; g++)
        if (strcmp(g->first, o->name) == 0)
            return g->title;
    return NULL;
}

static void put_options(struct buf *out, const struct cmd *cmd)
{
    for (const struct opt *o = cmd->opts; o && o->name; o++) {
        const char *title = group_at(cmd, o);
        if (title || o == cmd->opts)
            buf_addf(out, "\n%s:\n", title ? title : "options");
        put_option(out, o);
    }
}

void help_command(const struct cmd *cmd, struct buf *out)
{
    buf_addf(out, "assay %s - %s\n\nusage: assay %s%s%s%s\n", cmd->name, cmd->summary,
             cmd->name, count_opts(cmd->opts) ? " [options]" : "", cmd->operands[0] ? " " : "",
             cmd->operands);
    if (cmd->detail) {
        buf_add_char(out, '\n');
        put_wrapped(out, cmd->detail, 0, 0);
    }
    put_options(out, cmd);
    for (size_t i = 0; cmd->parts && cmd->parts[i]; i++) {
        buf_addf(out, "%s  assay %-20s  ", i ? "" : "\n", cmd->parts[i]->name);
        put_wrapped(out, cmd->parts[i]->summary, SUMMARY_AT, SUMMARY_AT);
    }
    for (const struct example *e = cmd->examples; e && e->line; e++) {
        buf_addf(out, "%s  %s\n      ", e == cmd->examples ? "\nexamples:\n" : "", e->line);
        put_wrapped(out, e->what, 6, 6);
    }
}

void help_first_page(struct buf *out)
{
    buf_add_cstr(out,
                 "assay - was this server entered? An answer from its own evidence.\n\n"
                 "  assay scan FOLDER             judge what was copied from a server\n"
                 "  assay packs list              which campaigns of attacks are known\n"
                 "  assay packs show exchange-proxylogon --collect\n"
                 "                                nothing copied yet? What to copy, and how\n"
                 "  assay help                    all commands\n"
                 "  assay help scan               one of them\n\n"
                 "The network is never used and evidence is never changed.\n");
}

void help_overview(const struct cmd *const *commands, struct buf *out)
{
    enum { SUMMARIES_AT = 14 };
    buf_add_cstr(out, "assay - was this server entered? An answer from its own evidence.\n\n"
                      "usage: assay COMMAND ...\n\ncommands:\n");
    for (size_t i = 0; commands[i]; i++) {
        buf_addf(out, "  %-10s  ", commands[i]->name);
        put_wrapped(out, commands[i]->summary, SUMMARIES_AT, SUMMARIES_AT);
    }
    buf_add_cstr(out,
                 "\nStart with:  assay scan FOLDER\n"
                 "Nothing collected yet?  assay packs show exchange-proxylogon --collect\n"
                 "`assay help COMMAND` or `assay COMMAND --help` tells more. The network is\n"
                 "never used and evidence is never changed.\n");
}

/* ---- as JSON ---- */

static void member(struct json_out *j, const char *key, const char *text)
{
    json_key(j, key);
    if (text)
        json_cstr(j, text);
    else
        json_null(j);
}

static void dump_option(const struct cmd *cmd, const struct opt *o, struct json_out *j)
{
    char letter[2] = {o->letter, '\0'};
    json_begin(j, '{');
    member(j, "name", o->name);
    member(j, "letter", o->letter ? letter : NULL);
    member(j, "value", o->value);
    json_key(j, "repeated");
    json_bool(j, o->kind == OPT_TEXTS);
    member(j, "group", group_at(cmd, o));
    member(j, "help", o->help);
    json_end(j, '}');
}

static void dump_command(const struct cmd *cmd, struct json_out *j)
{
    json_begin(j, '{');
    member(j, "name", cmd->name);
    member(j, "summary", cmd->summary);
    member(j, "operands", cmd->operands);
    member(j, "detail", cmd->detail);
    json_key(j, "least");
    json_u64(j, cmd->least);
    json_key(j, "most");
    json_u64(j, cmd->most);
    json_key(j, "options");
    json_begin(j, '[');
    for (const struct opt *o = cmd->opts; o && o->name; o++)
        dump_option(cmd, o, j);
    json_end(j, ']');
    json_key(j, "examples");
    json_begin(j, '[');
    for (const struct example *e = cmd->examples; e && e->line; e++) {
        json_begin(j, '{');
        member(j, "line", e->line);
        member(j, "what", e->what);
        json_end(j, '}');
    }
    json_end(j, ']');
    json_key(j, "parts");
    json_begin(j, '[');
    for (size_t i = 0; cmd->parts && cmd->parts[i]; i++)
        json_cstr(j, cmd->parts[i]->name);
    json_end(j, ']');
    json_end(j, '}');
}

void help_dump(const struct cmd *const *commands, const struct pack_set *packs, struct buf *out)
{
    struct json_out j = json_out(out);
    struct str as_of =
        STR(""); /* the date of what the program knows: the same for each build */
    json_begin(&j, '{');
    member(&j, "version", ASSAY_VERSION);
    json_key(&j, "packs");
    json_begin(&j, '[');
    for (size_t i = 0; i < packs->n; i++) {
        const struct pack *p = &packs->list[i].pack;
        json_str(&j, p->id);
        as_of = str_cmp(p->as_of, as_of) > 0 ? p->as_of : as_of;
    }
    json_end(&j, ']');
    json_key(&j, "as_of");
    json_str(&j, as_of);
    json_key(&j, "commands");
    json_begin(&j, '[');
    for (size_t i = 0; commands[i]; i++) {
        dump_command(commands[i], &j);
        for (size_t k = 0; commands[i]->parts && commands[i]->parts[k]; k++)
            dump_command(commands[i]->parts[k], &j);
    }
    json_end(&j, ']');
    json_end(&j, '}');
    buf_add_char(out, '\n');
}
