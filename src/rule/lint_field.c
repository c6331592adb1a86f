/* lint_field.c - names of fields that the events of a log source do not have.
 *
 * Only for log sources whose events have a known form.
 *
 * Source: Sysmon's manifest (schema 4.90) as printed by `sysmon -s`; Sigma specification
 * 2.1.0, appendix "Taxonomy"; docs/formats/event.md for derived fields
 */
#include "rule/lint_int.h"
#include "rule/nearest.h"

#define PROCESS "RuleName UtcTime ProcessGuid ProcessId Image User "
#define REGISTRY PROCESS "EventType TargetObject Details NewName "

static const struct known {
    const char *category;
    const char *fields; /* separated by blanks */
} known[] = {
    {"process_creation",
     PROCESS "FileVersion Description Product Company OriginalFileName CommandLine "
             "CurrentDirectory LogonGuid LogonId TerminalSessionId IntegrityLevel "
             "ParentProcessGuid ParentProcessId ParentImage ParentCommandLine ParentUser "},
    {"file_change", PROCESS "TargetFilename CreationUtcTime PreviousCreationUtcTime "},
    {"network_connection",
     PROCESS "Protocol Initiated SourceIsIpv6 SourceIp SourceHostname SourcePort "
             "SourcePortName DestinationIsIpv6 DestinationIp DestinationHostname "
             "DestinationPort DestinationPortName "},
    {"process_termination", PROCESS},
    {"driver_load", "RuleName UtcTime ImageLoaded Signed Signature SignatureStatus "},
    {"image_load", PROCESS "ImageLoaded FileVersion Description Product Company "
                           "OriginalFileName Signed Signature SignatureStatus "},
    {"create_remote_thread",
     "RuleName UtcTime SourceProcessGuid SourceProcessId SourceImage TargetProcessGuid "
     "TargetProcessId TargetImage NewThreadId StartAddress StartModule StartFunction "
     "SourceUser TargetUser "},
    {"raw_access_thread", PROCESS "Device "},
    {"process_access",
     "RuleName UtcTime SourceProcessGUID SourceProcessId SourceThreadId SourceImage "
     "TargetProcessGUID TargetProcessId TargetImage GrantedAccess CallTrace SourceUser "
     "TargetUser "},
    {"file_event", PROCESS "TargetFilename CreationUtcTime "},
    {"registry_add", REGISTRY},
    {"registry_delete", REGISTRY},
    {"registry_set", REGISTRY},
    {"registry_rename", REGISTRY},
    {"registry_event", REGISTRY},
    {"create_stream_hash", PROCESS "TargetFilename CreationUtcTime Hash Contents "},
    {"pipe_created", PROCESS "EventType PipeName "},
    {"wmi_event", "RuleName EventType UtcTime Operation User EventNamespace Name Query Type "
                  "Destination Consumer Filter "},
    {"dns_query", PROCESS "QueryName QueryStatus QueryResults "},
    {"file_delete", PROCESS "TargetFilename IsExecutable Archived "},
    {"file_delete_detected", PROCESS "TargetFilename IsExecutable "},
    {"clipboard_capture", PROCESS "Session ClientInfo Archived "},
    {"process_tampering", PROCESS "Type "},
    {"file_block_executable", PROCESS "TargetFilename "},
    {"file_block_shredding", PROCESS "TargetFilename IsExecutable "},
    {"file_executable_detected", PROCESS "TargetFilename "},
    {"ps_script", "MessageNumber MessageTotal ScriptBlockText ScriptBlockId Path "},
    {"ps_module", "ContextInfo UserData Payload "},
};

/* Of every Windows event: its head, parts of `Hashes`, and what is worked out. */
static const char always[] =
    "EventID Channel Computer Provider_Name Provider_Guid EventRecordID TimeCreated Level Task "
    "Opcode Keywords Version UserID ProcessID ThreadID ActivityID Security_UserID Data "
    "Hashes md5 sha1 sha256 Imphash PidNumber ParentPidNumber ImageName ParentImageName "
    "AppPool "
    "WebPath CompiledPage CompiledApp Decoded DecodedFormat DecodedSha256 ";

/* Whether a name is in a list, whatever its case; offers all of the list to `near`. */
static bool is_in(const char *list, struct str name, struct nearest *near)
{
    struct str rest = str_of(list);
    for (size_t at = 0; at < rest.n;) {
        size_t end = str_find(rest, STR(" "), at);
        struct str word = str_part(rest, at, end);
        if (str_ieq(word, name))
            return true;
        nearest_try(near, word);
        at = end < rest.n ? end + 1 : rest.n;
    }
    return false;
}

static const char *fields_of(const struct yaml *logsource)
{
    struct str product = yaml_text(logsource, "product");
    if ((product.n && !str_ieq(product, STR("windows"))) || yaml_get(logsource, "service"))
        return NULL;
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (str_ieq(yaml_text(logsource, "category"), str_of(known[i].category)))
            return known[i].fields;
    return NULL;
}

void lint_field(struct lint_file *f, const struct yaml *item)
{
    const char *fields = fields_of(f->logsource);
    struct str name = str_part(item->key, 0, str_find(item->key, STR("|"), 0));
    struct nearest near = nearest_to(name);
    if (!fields || name.n == 0 || is_in(fields, name, &near) || is_in(always, name, &near))
        return;
    struct str category = yaml_text(f->logsource, "category");
    if (near.best.n)
        lint_tell(f, LINT_WARNING, item->key_at, "unknown-field",
                  "events of %.*s have no field '%.*s' (did you mean '%.*s'?)",
                  STR_ARG(category), STR_ARG(lint_short(name)), STR_ARG(near.best));
    else
        lint_tell(f, LINT_NOTE, item->key_at, "unknown-field",
                  "events of %.*s have no field '%.*s'", STR_ARG(category),
                  STR_ARG(lint_short(name)));
}
