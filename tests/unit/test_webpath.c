#include "event/webpath.h"

#include "t.h"

static void file_and_stem_meet(void)
{
    struct arena *a = arena_new();
    static const char *const files[] = {
        "C:\\Program Files\\Microsoft\\Exchange "
        "Server\\V15\\FrontEnd\\HttpProxy\\owa\\auth\\X.aspx",
        "Program Files\\Microsoft\\Exchange "
        "Server\\V15\\FrontEnd\\HttpProxy\\owa\\auth\\x.aspx",
        "\\\\127.0.0.1\\C$\\Program Files\\Microsoft\\Exchange "
        "Server\\V15\\FrontEnd\\HttpProxy\\owa\\auth\\x.aspx",
        "D:\\Exchange\\ClientAccess\\Owa\\auth\\x.aspx",
        "case/C/inetpub/wwwroot/owa/auth/x.aspx",
    };
    for (size_t i = 0; i < sizeof files / sizeof *files; i++)
        T_STR(webpath_of_file(str_of(files[i]), a), "/owa/auth/x.aspx");
    T_STR(webpath_of_stem(STR("/OWA//auth/%78.aspx?a=b"), a), "/owa/auth/x.aspx");
    T_STR(webpath_of_file(STR("C:\\inetpub\\wwwroot\\aspnet_client\\x.aspx"), a),
          "/aspnet_client/x.aspx");
    arena_free(a);
}

static void others_have_none(void)
{
    struct arena *a = arena_new();
    T_STR(webpath_of_file(STR("/var/www/html/Blog/x.php"), a), "/blog/x.php");
    T_STR(webpath_of_file(STR("C:\\xampp\\htdocs\\x.php"), a), "/x.php");
    T_STR(webpath_of_file(STR("/opt/tomcat/webapps/ROOT/x.jsp"), a), "/x.jsp");
    T_STR(webpath_of_file(STR("/var/www/site/x.php"), a), ""); /* which part is served? */
    T_STR(webpath_of_file(STR("C:\\Windows\\System32\\cmd.exe"), a), "");
    T_STR(webpath_of_file(STR("C:\\inetpub\\wwwroot"), a), "");
    T_STR(webpath_of_file(STR("C:\\notwwwroot\\x.aspx"), a), "");
    T_STR(webpath_of_file(STR(""), a), "");
    T_STR(webpath_of_stem(STR("-"), a), "");
    T_STR(webpath_of_stem(STR(""), a), "");
    arena_free(a);
}

static void decodes_stems(void)
{
    struct arena *a = arena_new();
    T_STR(webpath_of_stem(STR("/a+b%20c\\d"), a), "/a b c/d");
    T_STR(webpath_of_stem(STR("/%"), a), "/%");
    T_STR(webpath_of_stem(STR("/%4"), a), "/%4");
    T_STR(webpath_of_stem(STR("/%ff%00%zz"), a), "/%ff%00%zz");
    arena_free(a);
}

static void pages_of_sharepoint_have_one_name(void)
{
    struct arena *a = arena_new();
    static const char *const same[] = {
        "/_layouts/X.aspx",
        "/_layouts/15/x.aspx",
        "/_layouts/16/x.aspx",
        "/sites/sales/_layouts/15/x.aspx",
        "C:\\Program Files\\Common Files\\microsoft shared\\Web Server "
        "Extensions\\16\\TEMPLATE\\LAYOUTS\\x.aspx",
        "C:\\PROGRA~1\\COMMON~1\\MICROS~1\\WEBSER~1\\15\\template\\layouts\\X.ASPX",
        "/ev/C/Program Files/Common Files/microsoft shared/Web Server "
        "Extensions/16/TEMPLATE/LAYOUTS/x.aspx",
    };
    for (size_t i = 0; i < sizeof same / sizeof *same; i++)
        T_STR(webpath_of_layouts(str_of(same[i]), a), "/_layouts/15/x.aspx");
    T_STR(webpath_of_layouts(STR("/_layouts/15/a/b.js"), a), "/_layouts/15/a/b.js");
    T_STR(webpath_of_layouts(STR("/_layouts/150/x.aspx"), a), "/_layouts/15/150/x.aspx");
    T_STR(webpath_of_layouts(STR("/_layouts/15/"), a), "");
    static const char *const others[] = {"",
                                         "/",
                                         "/_layouts",
                                         "/_layouts/",
                                         "/x_layouts/a.aspx",
                                         "C:\\TEMPLATE\\LAYOUTS",
                                         "C:\\LAYOUTS\\x.aspx"};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        T_STR(webpath_of_layouts(str_of(others[i]), a), "");
    arena_free(a);
}

int main(void)
{
    T_RUN(pages_of_sharepoint_have_one_name);
    T_RUN(file_and_stem_meet);
    T_RUN(others_have_none);
    T_RUN(decodes_stems);
    return t_done();
}
