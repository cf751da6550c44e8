"""report.json as tests read it: every finding with what its rows hold in place of their numbers, as findings.jsonl has it."""
import copy
import json


def resolved(report):
    """The report with findings that stand alone: texts and objects in place of rows, severity and title of their checks."""
    report = copy.copy(report)
    t, checks = report["tables"], {c["id"]: c for c in report["checks"]}
    found = []
    for f in report["findings"]:
        c = checks[f["check"]]
        part = next(p for p in c["parts"] if p.get("name") == f.get("part"))
        g = dict(f, title=c["title"], severity=c["severity"], object=t["objects"][f["object"]])
        at = g.pop("validation", 0)
        if at < len(part["validations"]):
            g["expression"] = part["validations"][at]["expression"]
        for key, table in (("message", "messages"), ("evidence", "evidence")):
            if key in f:
                g[key] = t[table][f[key]]
        if "explained" in f:
            g["explained"] = [{"expression": t["expressions"][e], "value": t["values"][v]} for e, v in f["explained"]]
        if "observation" in f and "wanted" in part:
            g["observation"] = dict(f["observation"], wanted=part["wanted"])
        if f.get("pods") == 1 and "podExamples" not in f and g["object"]["kind"] == "Pod":
            g["podExamples"] = [g["object"]["name"]]
        if part["over"] == "pods":
            g["inTemplate"] = f.get("inTemplate", False)
        found.append(g)
    report["findings"] = found
    return report


def load(path):
    with open(path, encoding="utf-8") as f:
        return resolved(json.load(f))


def strict(schema):
    """The schema, refusing every key that it does not describe: what is written is described."""
    if isinstance(schema, dict):
        made = {k: strict(v) for k, v in schema.items()}
        if made.get("type") == "object" and "properties" in made:
            made.setdefault("additionalProperties", False)
        return made
    return [strict(v) for v in schema] if isinstance(schema, list) else schema


def holds(section, check):
    return check["section"] == section or check["section"].startswith(section + ".")


def assert_counted(report):
    """The counts of the summary are those of the checks and findings, counted again."""
    severities = ("info", "low", "medium", "high", "critical")
    checks = {c["id"]: c for c in report["checks"]}
    inside = [c for c in report["checks"] if "outside" not in c]
    objects = report["tables"]["objects"]

    def count(rows, key):
        made = {}
        for r in rows:
            made[key(r)] = made.get(key(r), 0) + 1
        return made

    def by_verdict(rows):
        return count(rows, lambda r: r["verdict"])

    def failures(found):
        return count([f for f in found if f["verdict"] == "fail"], lambda f: checks[f["check"]]["severity"])

    def place(f):
        o = objects[f["object"]]
        return o["name"] if o.get("kind") == "Namespace" and "namespace" not in o else o.get("namespace", "")

    s = report["summary"]
    for row in s["bySeverity"]:
        of = row["severity"]
        assert row["checks"] == by_verdict(c for c in inside if c["severity"] == of), row
        assert row["findings"] == by_verdict(f for f in report["findings"] if checks[f["check"]]["severity"] == of), row
    assert [r["severity"] for r in s["bySeverity"]] == list(reversed(severities))
    assert [r["section"] for r in s["bySection"]] == [x["id"] for x in report["sections"]]
    for row in s["bySection"]:
        found = [f for f in report["findings"] if holds(row["section"], checks[f["check"]])]
        assert row["checks"] == by_verdict(c for c in inside if holds(row["section"], c)), row
        assert (row["findings"], row["failures"]) == (by_verdict(found), failures(found)), row
    assert [r["framework"] for r in s["byFramework"]] == [x["id"] for x in report["frameworks"]]
    for row, framework in zip(s["byFramework"], report["frameworks"]):
        of = {p["check"] for q in framework["requirements"] for p in q["checks"] if p.get("condition", "holds") == "holds"}
        found = [f for f in report["findings"] if f["check"] in of]
        assert row["checks"] == by_verdict(c for c in inside if c["id"] in of), row
        assert (row["findings"], row["failures"]) == (by_verdict(found), failures(found)), row
    listed = {r["namespace"] for r in s["byNamespace"]}
    assert len(listed) == len(s["byNamespace"]) and (("otherNamespaces" in s) == bool({place(f) for f in report["findings"]} - listed))
    for row in s["byNamespace"]:
        found = [f for f in report["findings"] if place(f) == row["namespace"]]
        assert found and (row["findings"], row["failures"]) == (by_verdict(found), failures(found)), row
    worst = [[r["failures"].get(v, 0) for v in reversed(severities)] for r in s["byNamespace"]]
    assert worst == sorted(worst, reverse=True)
    if "otherNamespaces" in s:
        found = [f for f in report["findings"] if place(f) not in listed]
        assert (s["otherNamespaces"]["findings"], s["otherNamespaces"]["failures"]) == (by_verdict(found), failures(found))
    assert s["unknownByCause"] == count([c for c in inside if c["verdict"] == "unknown"], lambda c: c["cause"])
