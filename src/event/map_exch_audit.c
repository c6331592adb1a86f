/* What is worked out from the rows of the audit queue: a JSON object in a cell. */
#include <stdint.h>

#include "base/json_read.h"
#include "event/cmdlet.h"
#include "event/map_exch_int.h"
#include "event/web.h"

enum {
    MEMBERS_MOST = 256, /* members of the object; real ones have about 20 */
};

static struct str scalar(const struct json *v)
{
    if (v->type == JSON_TRUE || v->type == JSON_FALSE)
        return v->type == JSON_TRUE ? STR("true") : STR("false");
    return v->type == JSON_NUMBER || v->type == JSON_STRING ? v->text : STR("");
}

static struct str member(const struct json *object, const char *key)
{
    const struct json *v = object->type == JSON_OBJECT ? json_get(object, key) : NULL;
    return v ? scalar(v) : STR("");
}

/* "Data.UserId" and so on; lists of plain values several times. */
static void add_member(struct event *ev, struct arena *arena, const struct json *v)
{
    struct str name = web_join(STR("Data"), '.', v->key, arena);
    if (v->type == JSON_OBJECT)
        return; /* the cell has it */
    if (v->type != JSON_ARRAY) {
        event_add(ev, arena, SECTION_DERIVED, exch_type_of(scalar(v)), name, scalar(v));
        return;
    }
    int i = 0;
    for (const struct json *e = v->child; e && i < MEMBERS_MOST; e = e->next, i++)
        if (e->type != JSON_OBJECT && e->type != JSON_ARRAY)
            event_add(ev, arena, SECTION_DERIVED, exch_type_of(scalar(e)), name, scalar(e));
}

/* [{"Name": "Identity", "Value": "x"}, ...] */
static void add_parameters(struct event *ev, struct arena *arena, const struct json *list)
{
    if (!list || list->type != JSON_ARRAY)
        return;
    int i = 0;
    for (const struct json *e = list->child; e && i < MEMBERS_MOST; e = e->next, i++)
        if (e->type == JSON_OBJECT)
            cmdlet_derive_parameter(ev, arena, member(e, "Name"), member(e, "Value"));
}

/* "SRV (15.01.2375.007)" -> the build in the brackets, if that server wrote the row. */
static void derive_server(struct event *ev, struct arena *arena, struct str server)
{
    struct str host = ev->host;
    bool own = host.n && server.n > host.n && str_istarts(server, host) &&
               (server.p[host.n] == ' ' || server.p[host.n] == '.');
    if (!own)
        return;
    struct exch_build build;
    size_t open = str_find(server, STR("("), 0);
    size_t close = open == SIZE_MAX ? SIZE_MAX : str_find(server, STR(")"), open);
    if (close != SIZE_MAX && exch_build_parse(str_part(server, open + 1, close), &build))
        web_derive(ev, arena, "Build", exch_build_text(build, arena));
}

static struct str result_of(struct str status)
{
    if (str_ieq(status, STR("True")) || str_ieq(status, STR("Succeeded")))
        return STR("succeeded");
    return status.n ? STR("failed") : STR("");
}

static void derive_object(struct event *ev, struct arena *arena, const struct json *object)
{
    int i = 0;
    for (const struct json *v = object->child; v && i < MEMBERS_MOST; v = v->next, i++)
        add_member(ev, arena, v);
    struct str address = member(object, "ClientIP");
    if (address.n == 0)
        address = member(object, "ClientIPAddress");
    web_add_client(ev, arena, address);
    web_derive(ev, arena, "CmdletCaller", member(object, "UserId"));
    web_derive(ev, arena, "Mailbox", member(object, "MailboxOwnerUPN"));
    derive_server(ev, arena, member(object, "OriginatingServer"));
    add_parameters(ev, arena, json_get(object, "Parameters"));
}

void exch_derive_audit(struct exch_events *s, struct arena *arena, struct event *ev)
{
    struct str operation = exch_cell(s, OPERATION, arena);
    if (str_find(operation, STR("-"), 0) != SIZE_MAX) {
        web_derive(ev, arena, "Cmdlet", operation);
        web_derive(ev, arena, "CmdletResult", result_of(exch_cell(s, RESULT_STATUS, arena)));
    }
    struct json *object;
    struct err ignored = {0};
    size_t at = 0;
    if (json_next(exch_cell(s, DATA, arena), &at, arena, &object, &ignored) > 0 &&
        object->type == JSON_OBJECT)
        derive_object(ev, arena, object);
    else
        web_derive(ev, arena, "CmdletCaller", exch_cell(s, USER_KEY, arena));
}
