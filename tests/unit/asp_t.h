/* asp_t.h - pages of server script, and how sure it is that they are back doors. */
#pragma once

#include "format/asp_page.h"
#include "t.h"

#define CS "<%@ Page Language=\"C#\" %>"
/* The same of a page that is a part of an application. */
#define SHOP CS "<%@ Import Namespace=\"Shop.Data\" %>"
#define JS "<%@ Page Language=\"JScript\" %>"
#define VB "<%@ Page Language=\"VB\" %>"
#define HANDLER "<%@ WebHandler Language=\"C#\" Class=\"H\" %>\n"

struct sample {
    const char *page;
    enum asp_kind kind;
    enum asp_sure sure;
};

static inline void check(const struct sample *s, size_t n)
{
    struct arena *a = arena_new();
    for (size_t i = 0; i < n; i++) {
        struct asp_verdict v;
        asp_look(str_bytes(str_of(s[i].page)), s[i].kind, a, &v);
        if (v.sure != s[i].sure)
            printf("  %s\n  is %s, %.*s\n", s[i].page, asp_sure_name(v.sure), STR_ARG(v.why));
        T_EQ(v.sure, s[i].sure);
    }
    arena_free(a);
}

#define CHECK(...)                                        \
    static const struct sample samples[] = {__VA_ARGS__}; \
    check(samples, sizeof samples / sizeof *samples)
#define NET(page, sure)                \
    {                                  \
        page, ASP_KIND_NET, ASP_##sure \
    }
#define ASP(page, sure)                    \
    {                                      \
        page, ASP_KIND_CLASSIC, ASP_##sure \
    }
