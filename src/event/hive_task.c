#include "event/hive_task.h"

#include <inttypes.h>

#include "base/utf.h"

enum {
    ACTION_EXEC = 0x6666,
    ACTION_COM = 0x7777,
    ACTION_EMAIL = 0x8888,
    ACTION_MESSAGE = 0x9999,
    WITH_FLAGS = 3, /* version from which an action ends with flags */
};

static struct str text(struct cur *c, struct arena *arena)
{
    uint32_t n = cur_u32(c);
    struct bytes raw = cur_take(c, n);
    return c->bad ? STR("") : utf16le_decode(raw, arena);
}

static bool is_action(uint16_t kind)
{
    return kind == ACTION_EXEC || kind == ACTION_COM || kind == ACTION_EMAIL ||
           kind == ACTION_MESSAGE;
}

bool task_actions_open(struct bytes data, struct arena *arena, struct task_actions *ret)
{
    struct cur c = cur_of(data, 0);
    uint16_t version = cur_u16(&c);
    struct cur look = c;
    uint16_t kind = cur_u16(&look);
    if (c.bad || version == 0 || version > WITH_FLAGS)
        return false;
    if (look.bad || !is_action(kind)) /* for whom the actions are; not in the older form */
        (void)text(&c, arena);
    if (c.bad)
        return false;
    *ret = (struct task_actions){.c = c, .version = version};
    return true;
}

static struct str class_id(struct cur *c, struct arena *arena)
{
    uint32_t a = cur_u32(c);
    uint16_t b = cur_u16(c);
    uint16_t d = cur_u16(c);
    struct bytes rest = cur_take(c, 8);
    if (c->bad)
        return STR("");
    const uint8_t *p = rest.p;
    return arena_printf(
        arena, "{%08" PRIX32 "-%04" PRIX16 "-%04" PRIX16 "-%02X%02X-%02X%02X%02X%02X%02X%02X}",
        a, b, d, p[0], p[1], p[2], p[3], p[4], p[5], p[6], p[7]);
}

/* Texts that nothing is told of. */
static void pass(struct cur *c, size_t n)
{
    for (size_t i = 0; i < n && !c->bad; i++) {
        uint32_t size = cur_u32(c);
        cur_skip(c, size);
    }
}

static void pass_email(struct cur *c)
{
    enum { TEXTS = 8, OF_HEADER = 2 };
    pass(c, TEXTS);
    uint32_t attached = cur_u32(c);
    pass(c, attached); /* ends where the data do */
    uint32_t headers = cur_u32(c);
    pass(c, (size_t)headers * OF_HEADER);
}

bool task_actions_next(struct task_actions *a, struct arena *arena, struct task_action *ret)
{
    struct cur *c = &a->c;
    struct task_action action = {.kind = STR("")};
    if (c->bad || cur_left(c) == 0)
        return false;
    uint16_t kind = cur_u16(c);
    pass(c, 1); /* its name */
    if (kind == ACTION_EXEC) {
        action.kind = STR("Exec");
        action.command = text(c, arena);
        action.arguments = text(c, arena);
        action.folder = text(c, arena);
        cur_skip(c, a->version >= WITH_FLAGS ? 2 : 0);
    } else if (kind == ACTION_COM) {
        action.kind = STR("ComHandler");
        action.class_id = class_id(c, arena);
        action.data = text(c, arena);
    } else if (kind == ACTION_EMAIL) {
        action.kind = STR("SendEmail");
        pass_email(c);
    } else if (kind == ACTION_MESSAGE) {
        action.kind = STR("ShowMessage");
        pass(c, 2);
    } else {
        c->bad = true; /* how long it is, is not known */
    }
    if (c->bad)
        return false;
    *ret = action;
    return true;
}

bool task_runs_read(struct bytes data, struct task_runs *ret)
{
    struct cur c = cur_of(data, 0);
    uint32_t version = cur_u32(&c);
    uint64_t registered = cur_u64(&c);
    uint64_t started = cur_u64(&c);
    if (c.bad || version != 3)
        return false;
    *ret = (struct task_runs){instant_of_filetime(registered), instant_of_filetime(started)};
    return true;
}
