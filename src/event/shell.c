#include "event/shell.h"

#include "event/web.h"
#include "format/asp_page.h"

static enum asp_kind kind_of(struct str extension)
{
    static const struct {
        const char *extension;
        enum asp_kind kind;
    } kinds[] = {
        {"asp", ASP_KIND_CLASSIC}, {"asa", ASP_KIND_CLASSIC},  {"cer", ASP_KIND_CLASSIC},
        {"cdx", ASP_KIND_CLASSIC}, {"cshtml", ASP_KIND_RAZOR}, {"vbhtml", ASP_KIND_RAZOR},
        {"cs", ASP_KIND_CODE_CS},  {"vb", ASP_KIND_CODE_VB},   {"aspx", ASP_KIND_NET},
        {"ashx", ASP_KIND_NET},    {"asmx", ASP_KIND_NET},     {"ascx", ASP_KIND_NET},
        {"asax", ASP_KIND_NET},    {"master", ASP_KIND_NET},   {"svc", ASP_KIND_NET},
        {"soap", ASP_KIND_NET},
    };
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (str_eq(extension, str_of(kinds[i].extension)))
            return kinds[i].kind;
    return ASP_KIND_OTHER;
}

static bool any_of(uint32_t can, enum asp_can a, enum asp_can b)
{
    return (can >> a | can >> b) & 1;
}

static void derive_marks(struct event *ev, struct arena *arena, const struct asp_verdict *v)
{
    if (v->asks_request)
        web_derive(ev, arena, "ScriptMarks", STR("eval-request"));
    if (any_of(v->can, ASP_PROCESS, ASP_PROCESS))
        web_derive(ev, arena, "ScriptMarks", STR("process-start"));
    if (any_of(v->can, ASP_WRITE, ASP_UPLOAD))
        web_derive(ev, arena, "ScriptMarks", STR("file-write"));
    if (any_of(v->can, ASP_LOAD, ASP_COMPILE))
        web_derive(ev, arena, "ScriptMarks", STR("assembly-load"));
}

bool shell_derive(struct event *ev, struct arena *arena, struct bytes content,
                  struct str extension)
{
    struct asp_verdict v;
    enum asp_kind kind = kind_of(extension);
    bool code = kind == ASP_KIND_CODE_CS || kind == ASP_KIND_CODE_VB;
    asp_look(content, kind, arena, &v);
    for (unsigned i = 0; i < ASP_CANS; i++)
        if (v.can >> i & 1)
            web_derive(ev, arena, "ShellCan", str_of(asp_can_name((enum asp_can)i)));
    if (v.can) {
        web_derive(ev, arena, "ShellConfidence", str_of(asp_sure_name(v.sure)));
        web_derive(ev, arena, "ShellKey", v.key);
        web_derive(ev, arena, "ShellPassword", v.password);
        web_derive(ev, arena, "ShellHash", v.hash);
        web_derive(ev, arena, "ShellWhy", v.why);
    }
    web_derive(ev, arena, "ShellLimit", v.cut ? STR("true") : STR(""));
    if (!code || v.sure == ASP_CERTAIN) /* what honest code can do says nothing */
        derive_marks(ev, arena, &v);
    if (v.can)
        web_derive(ev, arena, "ScriptHidden", v.hidden);
    return v.has_script;
}
