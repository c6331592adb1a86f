#!/usr/bin/env python3
"""Writes docs/looked-for.md: what the packs look for, by class, with the source and the rule.

usage: tools/list_detections.py [--check]     from the project's root; --check: fails where the page is not true
"""
import fnmatch
import pathlib
import re
import sys

try:
    import yaml
except ImportError:
    print("python3-yaml is not there")
    sys.exit(77)

PAGE = pathlib.Path("docs/looked-for.md")
HEAD = """# What is looked for

Made by `tools/list_detections.py` from the rules in `packs/`; a test holds it to them. Each rule file says what its fact rests on
(`references`), and has an event that it must match and one that it must not. `tests/e2e/test_everything.py` plants
everything of these classes, beside harmless twins, in folders, archives, collections and images.

*Says* is the step of the verdict that one record makes ([verdict.md](verdict.md)), and how sure it is. *To check*: the record is told as a finding and makes no step,
because administrators do the same; the rule's text says what to check. Rules of files see the members of archives and of images too.

Known good: a file with the digest of one that Exchange shipped ([data/README.md](../data/README.md)) is taken for nothing else, wherever it lies. Web shells in the ASP
family are told by [what their script does](web-shells.md); in PHP and JSP by [YARA rules](yara.md).
"""
CLASSES = [  # (heading, files of rules)
    ("The flaw of the campaign of 2021", ["app_*", "httpproxy_a*", "httpproxy_ddi_*", "httpproxy_emsmdb", "httpproxy_ews",
        "httpproxy_forged_*", "httpproxy_probe_*", "httpproxy_session", "iis_backend_*", "iis_post_*", "iis_session",
        "oab_temp_*", "proc_um_child", "file_event_um", "net_loopback_client", "sec_loopback_client", "defender_behaviour"]),
    ("Virtual directories: script in an address, odd places", ["*_vdir_*", "iis_vdir_place"]),
    ("Web shells and other pages", ["file_web_shell", "file_page_*", "file_known_bad", "hashes_known_bad",
        "page_written*", "page_shipped_rewritten", "page_compiled", "sec_page_written", "sec_share_write*",
        "mft_page*", "mft_timestomp*", "usn_page_written", "usn_renamed_to_page", "defender_shell_found", "defender_shell_elsewhere",
        "defender_event_found", "defender_history_found", "removal_shell_found",
        "file_program_in_web", "iis_page_used", "httpproxy_page_used", "iis_page_guessed"]),
    ("Modules, handlers and filters of IIS, libraries", ["iis_module_*", "iis_version_changed", "iis_managed_*", "iis_handler_*", "iis_filter",
        "iis_build_provider", "iis_config_in_static_folder", "file_iis_module", "file_isapi", "file_web_library",
        "file_posing_library", "dotnet_app_domain_manager"]),
    ("Transport agents", ["agent_*", "cmd_transport_agent*", "file_agent_library"]),
    ("Machine keys", ["iis_machine_key*"]),
    ("Rewrite rules: mitigations and diversions", ["mitigation_*", "iis_rewrite_outside"]),
    ("Logs cleared", ["log_cleared", "log_security_cleared"]),
    ("Recording switched off", ["iis_logging_off", "iis_version_protection", "reg_channel_off", "reg_event_log_off", "cmd_audit_off",
                                "log_audit_removed", "log_tool_cleared"]),
    ("Scheduled tasks", ["task_*", "reg_task_*", "sec_task"]),
    ("Services, autostarts, settings of Windows", ["sys_service_*", "sec_service_*", "reg_autostart_*", "reg_debugger",
        "reg_injected_library", "reg_lsa_package", "reg_netsh_helper", "reg_port_proxy", "reg_rdp_program", "reg_restricted_admin",
        "reg_sticky_keys", "reg_wdigest", "reg_winlogon", "reg_defender_exclusion"]),
    ("Accounts and roles", ["reg_account_*", "sec_account_hidden", "sec_local_administrator*", "sec_exchange_group",
        "cmd_role_group", "cmd_impersonation", "cmd_export_role"]),
    ("Mailboxes: permissions", ["cmd_full_access*", "cmd_folder_*", "cmd_receive_as", "cmd_device_allowed", "cmd_add_in",
        "ps_permission", "ews_delegate"]),
    ("Mailboxes: forwarding and inbox rules", ["cmd_forwarding*", "cmd_inbox_rule_*", "cmd_transport_rule", "cmd_journal_rule",
        "ps_forwarding", "iis_inbox_rule*", "httpproxy_inbox_rule_*", "ecp_activity_inbox_rule", "ews_inbox_rules*"]),
    ("Mailboxes: export and reading", ["cmd_export", "cmd_export_web", "cmd_export_removed", "ps_export", "ews_script_reads",
        "proc_mail_export"]),
    ("Gone: what is known from its remains", ["page_compiled_residue", "page_deleted", "sec_page_deleted", "usn_page_removed",
        "defender_shell_removed", "defender_event_removed", "defender_history_removed", "removal_shell_removed"]),
    ("Staged and taken: dumps, archives, password and mail stores", ["staged_*", "mft_staged", "iis_archive_fetched", "iis_staged_fetched", "proc_account_hives",
        "proc_credentials"]),
    ("Commands and programs", ["proc_w3wp_child", "rps_foreign_client", "defender_ransom", "defender_history_program", "reg_program_*", "reg_ran_*"]),
]
SPREAD = ["exchange-proxylogon"]  # packs whose rules are listed by class
SOURCES = {  # log source of the rule: where that lies
    ("webserver", None): "web logs (IIS, HTTP.sys, NCSA)",
    ("file_inventory", None): "files",
    ("file_event", "windows"): "Sysmon: file written",
    ("file_delete", "windows"): "Sysmon: file deleted",
    ("dns_query", "windows"): "Sysmon: name asked for",
    ("image_load", "windows"): "Sysmon: library loaded",
    ("pipe_created", "windows"): "Sysmon: pipe made",
    ("process_creation", "linux"): "Sysmon for Linux: process started",
    ("process_creation", "windows"): "Sysmon, Security: process started",
    ("network_connection", "windows"): "Sysmon: connection",
    ("ps_script", "windows"): "PowerShell's log",
    ("agent-config", "exchange"): "agents.config",
    ("application", "windows"): "Application log",
    ("cmdlet", "exchange"): "MSExchange Management log, ECP Server log, remote PowerShell, audit queue",
    ("defender-history", "windows"): "Defender's detection history",
    ("dns-client", "windows"): "DNS client's log",
    ("ecp-activity", "exchange"): "ECP Activity log",
    ("ecp-server", "exchange"): "ECP Server log",
    ("ews", "exchange"): "EWS log",
    ("httpproxy", "exchange"): "HttpProxy log",
    ("iis-config", "windows"): "IIS and ASP.NET configuration",
    ("iis-configuration", "windows"): "IIS-Configuration log",
    ("mft", "windows"): "$MFT",
    ("msexchange-management", "windows"): "MSExchange Management log",
    ("oab-generator", "exchange"): "OAB generator's log",
    ("powershell-any", "windows"): "PowerShell's logs (800, 4103, 4104)",
    ("registry-hive", "windows"): "registry hives",
    ("remediation", "windows"): "logs of Microsoft's removal tools",
    ("rps-http", "exchange"): "log of remote PowerShell",
    ("management", "exchange"): "MSExchange Management log",
    ("security", "windows"): "Security log",
    ("sysmon", "windows"): "Sysmon's log",
    ("system", "windows"): "System log",
    ("task-file", "windows"): "task files",
    ("usn", "windows"): "$UsnJrnl",
    ("windefend", "windows"): "Defender's log",
}


def says(rule):
    part = rule.get("assay", {})
    facts = part.get("facts") or ([part] if "axis" in part else [])
    return "; ".join(f"{f['axis']} {f['state']}, {f['confidence']}" for f in facts) or "to check"


def source(rule):
    log = rule["logsource"]
    key = (log.get("category") or log.get("service"), log.get("product"))
    return SOURCES.get(key) or SOURCES[key[0], None]


def rules():
    for file in sorted(pathlib.Path("packs").glob("*/rules/*.yml")):
        yield file, yaml.safe_load(file.read_text(encoding="utf-8"))


def yara_rules():
    for file in sorted([*pathlib.Path("rules/yara").glob("*.yar"), *pathlib.Path("packs").glob("*/rules/*.yar")]):
        for text in re.split(r"^rule ", file.read_text(encoding="utf-8"), flags=re.M)[1:]:
            name = re.match(r"\w+", text)[0]
            told = re.search(r'description = "([^"]*)"', text)
            level = re.search(r'level = "([^"]*)"', text)
            yield f"| [{name}](../{file.as_posix()}): {told[1]} | {level[1]} |"


def table(heading, mine):
    """The lines of a class."""
    yield from (f"## {heading}", "| source | rule | level | says |", "|---|---|---|---|")
    for file, rule in sorted(mine, key=lambda x: (source(x[1]), x[0].stem)):
        link = f"[{rule['title']}](../{file.as_posix()})"
        yield f"| {source(rule)} | {link} | {rule['level']} | {says(rule)} |"
    yield ""


def campaigns():
    """Folder and title of each pack whose rules are all of one flaw, or of one kind of server: such a pack is a class of its own."""
    for file in sorted(pathlib.Path("packs").glob("*/pack.yml")):
        pack = yaml.safe_load(file.read_text(encoding="utf-8"))
        if (pack.get("needs") or not pack.get("general")) and pack["id"] not in SPREAD:
            yield file.parent, pack["title"]


def page():
    every = list(rules())
    left = list(every)
    out = [HEAD]
    for heading, patterns in CLASSES:
        for pattern in patterns:
            if not any(fnmatch.fnmatch(f.stem, pattern) for f, _ in every):
                raise SystemExit(f"no rule file is named {pattern}")
    for folder, title in campaigns():
        mine = [x for x in left if x[0].parent.parent == folder]
        out += table(title, mine)
        left = [x for x in left if x not in mine]
    for heading, patterns in CLASSES:
        mine = [x for x in left if any(fnmatch.fnmatch(x[0].stem, p) for p in patterns)]
        out += table(heading, mine)
        left = [x for x in left if x not in mine]
    out += ["## By YARA", "| rule | level |", "|---|---|", *yara_rules(), ""]
    if left:
        raise SystemExit(f"of no class: {', '.join(f.stem for f, _ in left)}")
    return "\n".join(out)


def main():
    text = page()
    if "--check" not in sys.argv:
        PAGE.write_text(text, encoding="utf-8")
    elif PAGE.read_text(encoding="utf-8") != text:
        print(f"{PAGE} is not what tools/list_detections.py makes of packs/: run it")
        return 1
    return 0


sys.exit(main())
