#include "event/hive_place.h"

enum {
    SOFT = HIVE_SOFTWARE | HIVE_NTUSER | HIVE_DEFAULT, /* below "Software", of either */
    USER = HIVE_NTUSER | HIVE_DEFAULT,
    ROWS_OF_KEY = 4, /* of the table may be of one path; they stand together */
};

struct row {
    unsigned hives;
    enum place place;
    const char *path; /* in lower case; '*' is one name, a last "**" one or more */
    const char
        *values; /* names in lower case, '|' between and around them; "*" any, NULL none */
    const char *kind;
};

#define RUN(path)                               \
    {                                           \
        SOFT, PLACE_AUTOSTART, path, "*", "run" \
    }

/* Source: docs/formats/registry.md, "Places" */
static const struct row ROWS[] = {
    RUN("microsoft\\windows\\currentversion\\run"),
    RUN("microsoft\\windows\\currentversion\\runonce"),
    RUN("microsoft\\windows\\currentversion\\runonceex\\*"),
    RUN("microsoft\\windows\\currentversion\\runservices"),
    RUN("microsoft\\windows\\currentversion\\runservicesonce"),
    RUN("microsoft\\windows\\currentversion\\policies\\explorer\\run"),
    RUN("microsoft\\windows nt\\currentversion\\terminal server\\install\\software\\microsoft\\"
        "windows\\currentversion\\run"),
    {SOFT, PLACE_AUTOSTART, "microsoft\\windows nt\\currentversion\\winlogon",
     "|shell|userinit|taskman|vmapplet|appsetup|system|ginadll|uihost|", "winlogon"},
    {SOFT, PLACE_AUTOSTART, "microsoft\\windows nt\\currentversion\\winlogon\\notify\\*",
     "|dllname|", "winlogon-notify"},
    {SOFT, PLACE_AUTOSTART,
     "microsoft\\windows nt\\currentversion\\image file execution options\\*",
     "|debugger|verifierdlls|", "ifeo-debugger"},
    {SOFT, PLACE_AUTOSTART, "microsoft\\windows nt\\currentversion\\silentprocessexit\\*",
     "|monitorprocess|", "silent-exit"},
    {SOFT, PLACE_AUTOSTART, "microsoft\\windows nt\\currentversion\\windows",
     "|appinit_dlls|iconservicelib|", "appinit"},
    {SOFT, PLACE_AUTOSTART, "microsoft\\windows nt\\currentversion\\windows", "|load|run|",
     "run"},
    {SOFT, PLACE_AUTOSTART, "microsoft\\active setup\\installed components\\*", "|stubpath|",
     "active-setup"},
    {SOFT, PLACE_AUTOSTART, "microsoft\\command processor", "|autorun|", "cmd-autorun"},
    {HIVE_SOFTWARE, PLACE_AUTOSTART, "microsoft\\netsh", "*", "netsh-helper"},
    {SOFT, PLACE_AUTOSTART, "microsoft\\office test\\special\\perf", "*", "office-test"},
    {HIVE_SOFTWARE, PLACE_AUTOSTART,
     "microsoft\\windows nt\\currentversion\\appcompatflags\\installedsdb\\*", "|databasepath|",
     "shim-database"},
    {USER, PLACE_AUTOSTART, "environment", "|userinitmprlogonscript|", "logon-script"},
    {USER, PLACE_AUTOSTART, "control panel\\desktop", "|scrnsave.exe|", "screensaver"},
    {HIVE_SOFTWARE, PLACE_TASK,
     "microsoft\\windows nt\\currentversion\\schedule\\taskcache\\tree\\**", NULL, NULL},
    {HIVE_SOFTWARE, PLACE_TASK_ENTRY,
     "microsoft\\windows nt\\currentversion\\schedule\\taskcache\\tasks\\*", NULL, NULL},
    {HIVE_SOFTWARE, PLACE_EXCLUSION, "microsoft\\windows defender\\exclusions\\*", NULL, NULL},
    {HIVE_SOFTWARE, PLACE_EXCLUSION, "policies\\microsoft\\windows defender\\exclusions\\*",
     NULL, NULL},
    {HIVE_SOFTWARE, PLACE_REQUEST, "microsoft\\systemcertificates\\request\\certificates\\*",
     NULL, NULL},
    {HIVE_SOFTWARE, PLACE_CHANNEL, "microsoft\\windows\\currentversion\\winevt\\channels\\*",
     NULL, NULL},
    {HIVE_SOFTWARE, PLACE_EXCHANGE, "microsoft\\exchangeserver\\*\\setup", NULL, NULL},
    {HIVE_SOFTWARE, PLACE_UNINSTALL, "microsoft\\windows\\currentversion\\uninstall\\*", NULL,
     NULL},
    {HIVE_SOFTWARE, PLACE_UNINSTALL, "microsoft\\updates\\*\\**", NULL, NULL},
    {USER, PLACE_USERASSIST,
     "microsoft\\windows\\currentversion\\explorer\\userassist\\*\\count", NULL, NULL},

    {HIVE_SYSTEM, PLACE_SERVICE, "services\\*", "|imagepath|", "service"},
    {HIVE_SYSTEM, PLACE_SERVICE_PARAMETERS, "services\\*\\parameters", "|servicedll|",
     "service-dll"},
    {HIVE_SYSTEM, PLACE_CHANNEL, "services\\eventlog\\*", NULL, NULL},
    {HIVE_SYSTEM, PLACE_AUTOSTART, "services\\w32time\\timeproviders\\*", "|dllname|",
     "time-provider"},
    {HIVE_SYSTEM, PLACE_BAM, "services\\bam\\state\\usersettings\\*", NULL, NULL},
    {HIVE_SYSTEM, PLACE_BAM, "services\\bam\\usersettings\\*", NULL, NULL},
    {HIVE_SYSTEM, PLACE_BAM, "services\\dam\\state\\usersettings\\*", NULL, NULL},
    {HIVE_SYSTEM, PLACE_BAM, "services\\dam\\usersettings\\*", NULL, NULL},
    {HIVE_SYSTEM, PLACE_AUTOSTART, "control\\lsa",
     "|authentication packages|security packages|notification packages|", "lsa-package"},
    {HIVE_SYSTEM, PLACE_AUTOSTART, "control\\lsa\\osconfig", "|security packages|",
     "lsa-package"},
    {HIVE_SYSTEM, PLACE_AUTOSTART, "control\\securityproviders", "|securityproviders|",
     "security-provider"},
    {HIVE_SYSTEM, PLACE_AUTOSTART, "services\\*\\networkprovider", "|providerpath|",
     "network-provider"},
    {HIVE_SYSTEM, PLACE_AUTOSTART, "control\\print\\monitors\\*", "|driver|", "print-monitor"},
    {HIVE_SYSTEM, PLACE_AUTOSTART,
     "control\\print\\environments\\windows x64\\print processors\\*", "|driver|",
     "print-processor"},
    {HIVE_SYSTEM, PLACE_AUTOSTART, "control\\session manager",
     "|bootexecute|setupexecute|execute|s0initialcommand|", "boot-execute"},
    {HIVE_SYSTEM, PLACE_APPCOMPAT, "control\\session manager\\appcompatcache", NULL, NULL},
    {HIVE_SYSTEM, PLACE_AUTOSTART, "control\\session manager\\appcertdlls", "*", "appcert-dll"},
    {HIVE_SYSTEM, PLACE_AUTOSTART, "control\\terminal server\\winstations\\rdp-tcp",
     "|initialprogram|", "rdp-program"},
    {HIVE_SYSTEM, PLACE_AUTOSTART, "control\\terminal server\\wds\\rdpwd", "|startupprograms|",
     "rdp-program"},

    {HIVE_SAM, PLACE_ACCOUNT, "sam\\domains\\account\\users\\*", NULL, NULL},
    {HIVE_AMCACHE, PLACE_AMCACHE, "root\\inventoryapplicationfile\\*", NULL, NULL},
    {HIVE_AMCACHE, PLACE_AMCACHE_OLD, "root\\file\\*\\*", NULL, NULL},
};

static struct str first_part(struct str path, struct str *ret_rest)
{
    size_t end = str_find(path, STR("\\"), 0);
    *ret_rest = end == SIZE_MAX ? STR("") : str_part(path, end + 1, path.n);
    return str_part(path, 0, end);
}

/* Leaves out what the same place has in some hives only. */
static struct str without_view(const struct hive_about *about, struct str path)
{
    struct str rest;
    if ((about->kind & USER) && str_ieq(first_part(path, &rest), STR("Software")))
        path = rest;
    if ((about->kind & SOFT) && str_ieq(first_part(path, &rest), STR("WOW6432Node")))
        path = rest;
    if (about->kind == HIVE_SYSTEM && str_istarts(path, STR("ControlSet"))) {
        (void)first_part(path, &rest);
        path = rest;
    }
    return path;
}

static bool fits(struct str path, struct str pattern, struct str *ret_name)
{
    *ret_name = STR("");
    while (pattern.n && path.n) {
        struct str path_rest;
        struct str pattern_rest;
        struct str have = first_part(path, &path_rest);
        struct str want = first_part(pattern, &pattern_rest);
        if (str_eq(want, STR("**"))) {
            *ret_name = path;
            return true;
        }
        if (str_eq(want, STR("*")))
            *ret_name = ret_name->n ? *ret_name : have;
        else if (!str_ieq(have, want))
            return false;
        path = path_rest;
        pattern = pattern_rest;
    }
    return pattern.n == 0 && path.n == 0;
}

struct placed hive_place(const struct hive_about *about, struct str path)
{
    struct placed none = {.name = STR("")};
    path = without_view(about, path);
    if (path.n == 0)
        return none;
    for (size_t i = 0; i < sizeof ROWS / sizeof *ROWS; i++) {
        struct placed p = {.place = ROWS[i].place, .row = i};
        bool may = (ROWS[i].hives & (unsigned)about->kind) &&
                   ascii_lower(path.p[0]) == ROWS[i].path[0];
        if (may && fits(path, str_of(ROWS[i].path), &p.name))
            return p;
    }
    return none;
}

static bool is_listed(const char *values, struct str name)
{
    struct str all = str_of(values);
    if (str_eq(all, STR("*")))
        return true;
    for (size_t at = 0; name.n && (at = str_ifind(all, name, at)) != SIZE_MAX; at++)
        if (at > 0 && all.p[at - 1] == '|' && at + name.n < all.n && all.p[at + name.n] == '|')
            return true;
    return false;
}

struct str hive_autostart(const struct placed *placed, struct str value)
{
    if (placed->place == PLACE_NONE)
        return STR("");
    const char *path = ROWS[placed->row].path;
    for (size_t i = placed->row;
         i < sizeof ROWS / sizeof *ROWS && i < placed->row + ROWS_OF_KEY; i++)
        if (strcmp(ROWS[i].path, path) == 0 && ROWS[i].values &&
            is_listed(ROWS[i].values, value))
            return str_of(ROWS[i].kind);
    return STR("");
}
