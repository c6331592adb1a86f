#!/usr/bin/env python3
"""Our pipelines against pySigma's, over all of SigmaHQ's rules: the same fields, values,
conditions and log sources must come out, and the same rules be refused.

test_pysigma.py PATH/TO/pipeline_run BUILD

1. rules/map/windows.yml says the same as the tables of pySigma's packages.
2. Our built-in pipelines do what those packages do.
3. Pipelines in YAML (below) do the same when both read them.

Skipped (77) where pySigma with its packages pysigma-pipeline-sysmon and
pysigma-pipeline-windows cannot be imported, or where the corpora are not. What is known to
differ, and why, is in docs/formats/pipeline.md."""
import copy
import json
import pathlib
import re
import subprocess
import sys
import tempfile

import corpora

try:
    import yaml
    from sigma.conditions import ConditionAND, ConditionItem, ConditionNOT, ConditionOR
    from sigma.exceptions import SigmaError
    from sigma.pipelines.common import windows_logsource_mapping
    from sigma.pipelines.sysmon import sysmon_pipeline
    from sigma.pipelines.sysmon.sysmon import sysmon_generic_logsource_eventid_mapping
    from sigma.pipelines.windows import windows_audit_pipeline, windows_logsource_pipeline
    from sigma.processing.pipeline import ProcessingPipeline
    from sigma.rule import SigmaDetection, SigmaDetectionItem, SigmaDetections, SigmaRule
    from sigma.types import SigmaString
except ImportError as e:
    print(f"skipped: pySigma is not here ({e})")
    sys.exit(corpora.SKIP)

SYSMON = "Microsoft-Windows-Sysmon/Operational"

# Values that our pipelines have beside pySigma's (the reasons stand in the pipelines).
ADDED = {
    "OperationType": {"%%1904", "%%1905"},
    "Channel": {"Microsoft-ServiceBus-Client/Admin", "Microsoft-ServiceBus-Client/Operational",
                "Microsoft-Windows-DNS-Client/Operational"},
}

# What the mapping has beside pySigma's tables.
MAP_ADDED = {
    "file_delete": {26},
    "microsoft-servicebus-client": {"Microsoft-ServiceBus-Client/Admin",
                                    "Microsoft-ServiceBus-Client/Operational"},
    "dns-client": {"Microsoft-Windows-DNS-Client/Operational"},
}
# ... and what it has instead: no Windows has a channel of this name.
MAP_LEFT_OUT = {"microsoft-servicebus-client": {"Microsoft-ServiceBus-Client"}}

PIPELINES = {
    "renaming": """
        transformations:
          - id: many
            type: field_name_mapping
            mapping: {CommandLine: [process.command_line, cmd], Image: process.executable}
          - type: field_name_prefix_mapping
            mapping: {Parent: parent., Target: target., Source: [source., s.]}
          - type: field_name_prefix
            prefix: win.
            field_name_conditions: [{type: include_fields, mode: re, fields: ['^(parent|User)']}]
          - type: field_name_suffix
            suffix: .keyword
            field_name_cond_not: true
            field_name_conditions: [{type: processing_item_applied, processing_item_id: many}]
            rule_conditions: [{type: rule_attribute, attribute: level, value: medium, op: gte}]
        """,
    "keywords": """
        transformations:
          - {type: field_name_mapping, mapping: {null: message}}
        """,
    "values": """
        transformations:
          - {type: replace_string, regex: 'Windows', replacement: 'WINNT', skip_special: true}
          - {type: map_string, mapping: {'true': ['1', 'yes'], 'false': '0'}}
          - type: case
            method: upper
            field_name_conditions: [{type: include_fields, fields: [Image, Hashes]}]
          - type: set_value
            value: 7
            detection_item_conditions: [{type: is_null, cond: all}]
          - {type: convert_type, target_type: str}
        """,
    "replaced": """
        transformations:
          - {type: replace_string, regex: '^\\*([a-z]+)(\\*)$', replacement: '*\\g<1>-\\1\\2'}
          - {type: replace_string, regex: 'svchost', replacement: 'host'}
        """,
    "conditions": """
        transformations:
          - id: a
            type: set_state
            key: k
            val: 3
            rule_conditions: {p: {type: logsource, category: process_creation}, s: {type: contains_field, field: Image}}
            rule_cond_expr: p and not s
          - type: field_name_suffix
            suffix: _k
            rule_conditions: [{type: processing_state, key: k, val: 2, op: gt}]
          - type: field_name_suffix
            suffix: _p
            rule_cond_op: or
            rule_conditions: [{type: tag, tag: attack.t1505.003}, {type: contains_detection_item, field: EventID, value: 4688}]
          - type: field_name_suffix
            suffix: _s
            detection_item_conditions: [{type: match_string, cond: any, pattern: '.*powershell'}]
          - type: field_name_suffix
            suffix: _w
            detection_item_cond_not: true
            detection_item_conditions: [{type: contains_wildcard, cond: any}]
          - type: field_name_suffix
            suffix: _v
            detection_item_conditions: [{type: match_value, cond: any, value: 4688}]
          - type: add_condition
            template: true
            conditions: {source: '$product:$category', tag: [1, x]}
            rule_conditions: [{type: rule_attribute, attribute: status, value: test}]
          - type: add_condition
            negated: true
            conditions: {noise: 'yes'}
            rule_conditions: [{type: rule_attribute, attribute: author, value: Florian Roth, op: ne}]
          - type: change_logsource
            product: windows
            service: sysmon
            rule_cond_not: true
            rule_conditions: [{type: logsource, category: process_creation}]
        """,
    "hashes": """
        transformations:
          - type: hashes_fields
            valid_hash_algos: [MD5, SHA1, SHA256, IMPHASH]
            field_prefix: File
          - type: drop_detection_item
            field_name_conditions: [{type: include_fields, fields: [OriginalFileName]}]
        """,
    "placeholders": """
        vars: {Servers: [srv1, 'srv*'], Administrators: admin}
        transformations:
          - {type: value_placeholders, include: [Servers, Administrators]}
          - {type: wildcard_placeholders}
        """,
    "nested": """
        transformations:
          - type: nest
            rule_conditions: [{type: logsource, product: windows}]
            items:
              - {id: n, type: field_name_mapping, mapping: {EventID: event.code}}
              - type: rule_failure
                message: too low
                rule_conditions: [{type: rule_attribute, attribute: level, value: low}]
          - type: detection_item_failure
            message: no user
            field_name_conditions: [{type: include_fields, fields: [User]}]
            rule_conditions: [{type: processing_item_applied, processing_item_id: n}]
        """,
}

SHARE = 4  # one rule of so many for each of PIPELINES

# Set while the pipeline "replaced" is compared. pySigma's replace_string writes each value out
# and reads it back, whether it replaces anything or not: numbers become text, and a wildcard
# behind a backslash becomes a star. Ours leaves what does not match.
WRITTEN_OUT = False


def as_list(value):
    return value if isinstance(value, list) else [value]


# ---- 1. the mapping ----

def check_map():
    root = pathlib.Path(__file__).resolve().parent.parent
    entries = yaml.safe_load((root / "rules/map/windows.yml").read_text())["map"]
    categories = {e["category"]: e["feeds"] for e in entries if "category" in e}
    services = {e["service"]: e["feeds"] for e in entries if "service" in e}
    wrong = []

    def compare(name, ours, theirs):
        if ours - MAP_ADDED.get(name, set()) != theirs - MAP_LEFT_OUT.get(name, set()):
            wrong.append(f"map, {name}: {sorted(ours)}, pySigma {sorted(theirs)}")

    for name, ids in sysmon_generic_logsource_eventid_mapping.items():
        ours = {i for f in categories.get(name, []) if SYSMON in f.get("channels", [])
                for i in f["event_ids"]}
        compare(name, ours, set(as_list(ids)))
    for name, channels in windows_logsource_mapping.items():
        ours = {c for f in services.get(name, []) for c in f.get("channels", [])}
        compare(name, ours, set(as_list(channels)))
    return wrong


# ---- 2., 3. rules ----

def detection_of(definition):
    """pySigma's own detection, but for what only our documents can say: any of these."""
    if isinstance(definition, dict) and "any" in definition:
        return detection_of(definition["any"])
    if isinstance(definition, dict):
        items = []
        for key, value in definition.items():
            key = key.split("\0")[0]
            if isinstance(value, dict):
                items.append(detection_of(value))
            elif key:
                items.append(SigmaDetectionItem.from_mapping(key, value))
            else:
                items.append(SigmaDetectionItem.from_value(value))
        return SigmaDetection(items, item_linking=ConditionAND)
    if definition == []:
        nothing = SigmaDetection([SigmaDetectionItem.from_value("x")])
        nothing.detection_items = []
        return nothing
    if isinstance(definition, list) and any(isinstance(d, (dict, list)) for d in definition):
        return SigmaDetection([detection_of(d) for d in definition], item_linking=ConditionOR)
    return SigmaDetection.from_definition(definition)


def pairs(members):
    """Members of a JSON object; a key that occurs again gets a number behind a NUL."""
    result = {}
    for key, value in members:
        result[f"{key}\0{len(result)}" if key in result else key] = value
    return result


def plain(value):
    """A value as text with its type; the order of letters and values does not matter."""
    name = type(value).__name__
    values = getattr(value, "values", None)
    if name == "SigmaNumber":
        return ("SigmaString", repr([str(value)])) if WRITTEN_OUT else (name, str(value))
    if name == "SigmaString" and WRITTEN_OUT:
        value = SigmaString(re.sub(r"\\(?![*?])", r"\\\\", str(value)))
    if values is not None and not callable(values):
        return (name, tuple(sorted(map(plain, values))))
    if hasattr(value, "regexp"):
        return (name, str(value.regexp), str(sorted(map(str, value.flags))))
    parts = getattr(value, "s", None)
    if parts is not None:
        shown = [p if isinstance(p, str) else repr(p) for p in parts]
        return (name, str([p for p, before in zip(shown, [None] + shown)
                           if p != before or "WILDCARD_MULTI" not in p]))
    return (name, "" if name == "SigmaNull" else repr(value))


def tree(node, added):
    if node is None:
        return None
    if isinstance(node, ConditionNOT):
        return ("not", tree(node.args[0], added))
    if isinstance(node, ConditionItem):
        kind = type(node).__name__
        flat = []
        for arg in node.args:
            t = tree(arg, added)
            if t is None:
                continue
            flat.extend(t[1] if t[0] == kind else [t])
        flat = sorted(set(flat), key=repr)
        return (kind, tuple(flat)) if len(flat) > 1 else flat[0] if flat else None
    field = getattr(node, "field", None)
    if added and str(node.value) in added.get(field, ()):
        return None
    return (str(field), plain(node.value))


def meaning(rule, added=None):
    """What a rule asks, in one form for the same question."""
    conditions = tuple(repr(tree(c.parsed, added)) for c in rule.detection.parsed_condition)
    source = rule.logsource
    return (source.category, source.product, source.service, conditions)


def theirs(pipeline, document):
    try:
        rule = SigmaRule.from_dict(copy.deepcopy(document))
    except SigmaError as e:
        return "error", str(e)
    try:
        return "rule", meaning(pipeline.apply(rule))
    except SigmaError as e:
        return "refused", str(e)


def ours(made, document):
    if "refused" in made:
        return "refused", made["refused"]
    document = made["rule"]
    detection = document.pop("detection")
    condition = as_list(detection.pop("condition"))
    detection.pop("timeframe", None)
    rule = SigmaRule.from_dict({"title": "x", "logsource": document["logsource"],
                                "detection": {"x": {"a": 1}, "condition": "x"}})
    rule.detection = SigmaDetections(
        {name: detection_of(d) for name, d in detection.items()}, condition)
    return "rule", meaning(rule, ADDED)


def load(sigma):
    """path -> document, for files that hold one rule."""
    documents = {}
    for path in sorted(sigma.glob("rules*/**/*.yml")):
        found = [d for d in yaml.safe_load_all(path.read_text(encoding="utf-8")) if d]
        if len(found) == 1 and "detection" in found[0]:
            documents[str(path)] = found[0]
    return documents


def compare(name, pipeline, argument, documents, sigma):
    global WRITTEN_OUT
    WRITTEN_OUT = name == "replaced"
    run = subprocess.run([sys.argv[1], str(sigma), argument], stdout=subprocess.PIPE)
    run.check_returncode()
    wrong = []
    same = refused = left_out = 0
    for line in run.stdout.decode("utf-8").splitlines():
        made = json.loads(line, object_pairs_hook=pairs)
        document = documents.get(made["path"])
        if document is None:
            continue
        want = theirs(pipeline, document)
        got = ours(made, document) if want[0] != "error" else ("error", "")
        if want[0] == "error":
            left_out += 1
        elif want[0] != got[0] or (want[0] == "rule" and want[1] != got[1]):
            wrong.append(f"{name}: {made['path']}\n  ours    {got}\n  pySigma {want}")
        else:
            same += want[0] == "rule"
            refused += want[0] == "refused"
    print(f"{name}: {same} rules the same, {refused} refused by both, {left_out} not "
          f"compared, {len(wrong)} differ")
    if same == 0:
        wrong.append(f"{name}: nothing was compared")
    return wrong


def main():
    sigma = corpora.folder(sys.argv[2]) / "sigma"
    documents = load(sigma)
    wrong = check_map()
    builtin = {"sysmon": sysmon_pipeline(), "windows-audit": windows_audit_pipeline(),
               "windows-logsources": windows_logsource_pipeline()}
    for name, pipeline in builtin.items():
        wrong += compare(name, pipeline, name, documents, sigma)
    with tempfile.TemporaryDirectory() as folder:
        paths = list(documents)
        for at, (name, text) in enumerate(PIPELINES.items()):
            some = {p: documents[p] for p in paths[at % SHARE::SHARE]}  # pySigma is slow
            path = pathlib.Path(folder) / f"{name}.yml"
            path.write_text(text)
            wrong += compare(name, ProcessingPipeline.from_yaml(text), str(path), some, sigma)
    for line in wrong[:20]:
        print(line[:2000])
    print(f"{len(documents)} rules, {len(wrong)} differences")
    return 1 if wrong else 0


sys.exit(main())
