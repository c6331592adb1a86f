#include "event/map_mgmt.h"

#include <stdint.h>

#include "event/cmdlet.h"
#include "event/web.h"

enum { /* places of the unnamed data */
       DATA_CMDLET,
       DATA_PARAMETERS,
       DATA_CALLER,
       DATA_HOST = 5,
       DATA_PROCESS = 6,
       DATA_KNOWN,
};

static size_t unnamed_data(const struct event *ev, struct str ret[DATA_KNOWN])
{
    size_t n = 0;
    for (size_t i = 0; i < ev->n && n < DATA_KNOWN; i++)
        if (ev->fields[i].section == SECTION_DATA && str_eq(ev->fields[i].name, STR("Data")))
            ret[n++] = str_trim(ev->fields[i].value);
    return n;
}

/* "Set-OabVirtualDirectory": a verb, a dash, a noun. */
static bool is_cmdlet(struct str s)
{
    size_t dash = str_find(s, STR("-"), 0);
    if (dash == SIZE_MAX || dash == 0 || dash + 1 == s.n || s.n > 128)
        return false;
    for (size_t i = 0; i < s.n; i++) {
        char c = ascii_lower(s.p[i]);
        if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_'))
            return false;
    }
    return true;
}

/* "Cmdlet suceeded. Cmdlet Set-X, parameters -Identity "x"." */
static bool read_message(struct str message, struct str *ret_cmdlet, struct str *ret_parameters)
{
    struct str mark = STR(", parameters");
    size_t end = str_find(message, mark, 0);
    if (end == SIZE_MAX)
        return false;
    size_t from = end;
    while (from > 0 && message.p[from - 1] != ' ')
        from--;
    struct str cmdlet = str_part(message, from, end);
    struct str parameters = str_trim(str_part(message, end + mark.n, message.n));
    if (!is_cmdlet(cmdlet))
        return false;
    if (parameters.n && parameters.p[parameters.n - 1] == '.')
        parameters.n--;
    *ret_cmdlet = cmdlet;
    *ret_parameters = parameters;
    return true;
}

static struct str result_of(const struct event *ev)
{
    if (ev->event_id == 1)
        return STR("succeeded");
    return ev->event_id == 6 || ev->event_id == 8 ? STR("failed") : STR("");
}

bool mgmt_derives(const struct event *head)
{
    return str_ieq(head->channel, STR("MSExchange Management"));
}

void mgmt_derive(struct event *ev, struct arena *arena)
{
    if (!mgmt_derives(ev))
        return;
    struct str data[DATA_KNOWN] = {0};
    size_t n = unnamed_data(ev, data);
    struct str cmdlet = n > DATA_CMDLET ? data[DATA_CMDLET] : STR("");
    struct str parameters = n > DATA_PARAMETERS ? data[DATA_PARAMETERS] : STR("");
    if (!is_cmdlet(cmdlet) && !read_message(event_text(ev, "Message"), &cmdlet, &parameters))
        return;

    web_derive(ev, arena, "Cmdlet", cmdlet);
    web_derive(ev, arena, "CmdletParameters", parameters);
    web_derive(ev, arena, "CmdletResult", result_of(ev));
    cmdlet_derive_parameters(ev, arena, parameters);
    web_derive(ev, arena, "CmdletCaller", data[DATA_CALLER]);
    web_derive(ev, arena, "CmdletHost", data[DATA_HOST]);
    web_derive(ev, arena, "CmdletProcess", data[DATA_PROCESS]);
}
