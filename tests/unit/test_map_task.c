#include "event/map_agent_config.h"
#include "event/map_task.h"
#include "t.h"

#include "base/buf.h"

static struct arena *a;

static const char TASK[] =
    "<?xml version=\"1.0\" encoding=\"UTF-16\"?>\r\n"
    "<Task version=\"1.2\" xmlns=\"http://schemas.microsoft.com/windows/2004/02/mit/task\">\r\n"
    "<RegistrationInfo><Date>2021-03-03T01:02:03</Date><Author>EXAMPLE\\x</Author>"
    "</RegistrationInfo><Triggers><TimeTrigger><Repetition><Interval>PT45M</Interval>"
    "</Repetition><Enabled>false</Enabled></TimeTrigger></Triggers>"
    "<Principals><Principal id=\"A\"><UserId>S-1-5-18</UserId></Principal></Principals>"
    "<Settings><Hidden>true</Hidden><Enabled>true</Enabled></Settings>"
    "<Actions Context=\"A\"><Exec><Command>\"C:\\Windows\\Temp\\a.exe\"</Command>"
    "<Arguments>-x &amp; y</Arguments></Exec><Exec><Command>cmd.exe</Command></Exec>"
    "<Exec><Command>%ProgramData%\\b.exe</Command></Exec>"
    "<Exec><Command>C:\\Program Files\\V\\c.exe</Command></Exec></Actions></Task>";

static struct event task(struct bytes file, const char *path)
{
    struct task_events *s = task_events_open(file, str_of(path), a);
    struct event ev;
    struct span gap;
    struct err err = {0};
    T_EQ(task_events_next(s, a, &ev, &gap, &err), 1);
    task_events_fill(s, a, &ev);
    T_EQ(task_events_next(s, a, &ev, &gap, &err), 0);
    return ev;
}

/* All values of a field, joined. */
static struct str all(const struct event *ev, const char *name)
{
    struct buf b = buf_new(4096);
    size_t at = 0;
    for (const struct field *f; (f = event_find(ev, str_of(name), &at));)
        buf_addf(&b, "%.*s|", STR_ARG(f->value));
    struct str ret = arena_str(a, buf_str(&b));
    buf_free(&b);
    return ret;
}

static void a_task_is_one_event(void)
{
    struct event ev = task((struct bytes){(const uint8_t *)TASK, sizeof TASK - 1},
                           "x/C/Windows/System32/Tasks/Microsoft/Win/Up");
    T_EQ(ev.kind, EVENT_TASK);
    T_OK(ev.time == instant_of_civil(2021, 3, 3, 1, 2, 3));
    T_OK(ev.marks & MARK_NO_ZONE);
    T_STR(event_text(&ev, "TaskName"), "\\Microsoft\\Win\\Up");
    T_STR(event_text(&ev, "Author"), "EXAMPLE\\x");
    T_STR(event_text(&ev, "UserId"), "S-1-5-18");
    T_STR(event_text(&ev, "Hidden"), "true");
    T_STR(all(&ev, "Enabled"), "true|"); /* the task's, not its trigger's */
    T_STR(event_text(&ev, "Trigger"), "TimeTrigger");
    T_STR(event_text(&ev, "Interval"), "PT45M");
    T_STR(all(&ev, "Action"), "Exec|Exec|Exec|Exec|");
    T_STR(all(&ev, "CommandLine"), "\"C:\\Windows\\Temp\\a.exe\" -x & y|cmd.exe|"
                                   "%ProgramData%\\b.exe|C:\\Program Files\\V\\c.exe|");
    T_STR(all(&ev, "CommandPlace"), "temp|system|programdata|program|");
}

static void a_damaged_task_gives_what_came_before(void)
{
    struct bytes file = {(const uint8_t *)TASK, sizeof TASK - 10};
    struct task_events *s = task_events_open(file, STR("Tasks/x"), a);
    struct event ev;
    struct span gap = {0};
    struct err err = {0};
    T_EQ(task_events_next(s, a, &ev, &gap, &err), 1);
    task_events_fill(s, a, &ev);
    T_STR(event_text(&ev, "Command"), "\"C:\\Windows\\Temp\\a.exe\"");
    T_EQ(task_events_next(s, a, &ev, &gap, &err), -1);
    T_OK(gap.from > 500 && gap.to == file.n);
    T_EQ(task_events_next(s, a, &ev, &gap, &err), 0);
}

static struct str place(const char *path)
{
    struct str text =
        arena_printf(a,
                     "<configuration><mexRuntime><agentList><agent name=\"n\" "
                     "assemblyPath=\"%s\" enabled=\"true\"/></agentList></mexRuntime>"
                     "</configuration>",
                     path);
    struct agent_config_events *s = agent_config_events_open(
        str_bytes(text), STR("C/Exchange/TransportRoles/Shared/agents.config"), a);
    struct event ev;
    struct span gap;
    struct err err = {0};
    T_EQ(agent_config_events_next(s, a, &ev, &gap, &err), 1);
    agent_config_events_fill(s, a, &ev);
    T_STR(event_text(&ev, "Section"), "mexRuntime/agentList");
    T_STR(event_text(&ev, "Element"), "agent");
    T_STR(event_text(&ev, "name"), "n");
    T_EQ(agent_config_events_next(s, a, &ev, &gap, &err), 0);
    return event_text(&ev, "AssemblyPlace");
}

static void agents_are_told_with_their_place(void)
{
    T_STR(place("C:\\Program Files\\Microsoft\\Exchange "
                "Server\\V15\\TransportRoles\\agents\\Rule\\a.dll"),
          "exchange");
    T_STR(place("C:\\Windows\\Microsoft.NET\\assembly\\GAC_MSIL\\a\\a.dll"), "gac");
    T_STR(place("C:\\ProgramData\\TransportRoles\\agents\\a.dll"), "elsewhere");
    T_STR(place("C:\\Program Files\\Microsoft\\Exchange "
                "Server\\V15\\TransportRoles\\agents\\..\\..\\a.dll"),
          "elsewhere");
}

static void walk(struct bytes data)
{
    struct arena *arena = arena_new();
    struct task_events *s = task_events_open(data, STR("x"), arena);
    struct agent_config_events *g = agent_config_events_open(data, STR("x"), arena);
    struct event ev;
    struct span gap;
    struct err err = {0};
    int got;
    while ((got = task_events_next(s, arena, &ev, &gap, &err)) != 0)
        if (got > 0)
            task_events_fill(s, arena, &ev);
    while ((got = agent_config_events_next(g, arena, &ev, &gap, &err)) != 0)
        if (got > 0)
            agent_config_events_fill(g, arena, &ev);
    arena_free(arena);
}

static void survives_truncation_and_flips(void)
{
    static char copy[sizeof TASK];
    memcpy(copy, TASK, sizeof TASK);
    struct bytes b = {(const uint8_t *)copy, sizeof TASK - 1};
    t_each_prefix(b, walk);
    for (size_t i = 0; i < b.n; i++) {
        copy[i] = (char)(copy[i] ^ 4);
        walk(b);
        copy[i] = (char)(copy[i] ^ 4);
    }
}

int main(void)
{
    a = arena_new();
    T_RUN(a_task_is_one_event);
    T_RUN(a_damaged_task_gives_what_came_before);
    T_RUN(agents_are_told_with_their_place);
    T_RUN(survives_truncation_and_flips);
    arena_free(a);
    return t_done();
}
