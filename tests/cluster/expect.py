#!/usr/bin/env python3
"""What a report of the test cluster must say: expect.py QUESTION FILE... Exits 1 and says what is missing."""
import json
import os
import re
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "tools"))
import report_doc

# What was planted, and the checks that must name the object it was planted in.
BY_OBJECT = {
    "privileged": ["5.2.2"], "privileged-init-container": ["5.2.2"], "privileged-native-sidecar": ["5.2.2"],
    "host-pid": ["5.2.3"], "host-ipc": ["5.2.4"], "host-network": ["5.2.5"], "allow-privilege-escalation": ["5.2.6"],
    "run-as-root": ["5.2.7"], "added-capability": ["5.2.9"], "capabilities-not-dropped": ["5.2.8", "5.2.9"],
    "hostpath": ["5.2.11"], "hostpath-docker-sock": ["5.2.11"], "hostpath-containerd-sock": ["5.2.11"],
    "hostpath-root": ["5.2.11"], "hostpath-sensitive": ["5.2.11"], "hostpath-persistent-volume": ["5.2.11"],
    "host-port": ["5.2.12"], "cni-agent": ["5.2.2", "5.2.5", "5.2.11"],
    "namespace-no-pod-security": ["5.2.1"], "namespace-no-network-policy": ["5.3.2"],
    "network-policy-allows-all": ["5.3.2"], "default-sa-automount": ["5.1.6"],
    "secret-in-env-ref": ["5.4.1"], "secret-in-env-from": ["5.4.1"],
    "seccomp-unconfined": ["5.6.2"], "seccomp-unset": ["5.6.2"],
    "apparmor-unconfined": ["5.6.3"], "selinux-type": ["5.6.3"], "proc-mount-unmasked": ["5.6.3"],
    "aggregated-wildcard-role": ["5.1.3"],
}
# Rights: the checks whose findings must name the binding that was planted.
BY_BINDING = {
    "cluster-admin-binding": ["5.1.1"], "cluster-admin-default-sa": ["5.1.1"], "cluster-admin-in-namespace": ["5.1.1"],
    "all-service-accounts-binding": ["5.1.2"], "system-masters-binding": ["5.1.7"],
    "wildcard-role": ["5.1.2", "5.1.4", "5.1.8", "5.1.13"],
    "risky-role-pod-creator": ["5.1.4"], "risky-role-escalate": ["5.1.8"], "risky-role-impersonate": ["5.1.8"],
    "risky-role-pv": ["5.1.9"], "risky-role-nodes-proxy": ["5.1.10"], "risky-role-csr": ["5.1.11"],
    "risky-role-webhooks": ["5.1.12"], "risky-role-token": ["5.1.13"],
}
# Roles: the checks that must name the role itself, or a binding to it.
BY_ROLE = {"wildcard-role": ["5.1.3"], "role-reads-secrets": ["5.1.2"]}


def load(path):
    """A report with its findings resolved, or any other document as it is."""
    with open(path, encoding="utf-8") as f:
        doc = json.load(f)
    return report_doc.resolved(doc) if isinstance(doc, dict) and "tables" in doc else doc


def key(obj):
    """A cluster is called what the kubeconfig's context is called."""
    return (obj.get("kind", ""), obj.get("namespace", ""), obj.get("name", "") if obj.get("kind") != "cluster" else "")


def verdicts(report):
    return {c["id"]: c["verdict"] for c in report["checks"]}


def failures(report):
    """Check id -> the objects that fail it, and check id -> all their evidence as one text."""
    objects, text = {}, {}
    for f in report["findings"]:
        if f["verdict"] == "fail":
            objects.setdefault(f["check"], set()).add(key(f["object"]))
            text[f["check"]] = text.get(f["check"], "") + json.dumps(f.get("evidence", {})) + f["message"] + "\n"
    return objects, text


def names_text(text, what):
    return re.search(r"(?<![\w/-])" + re.escape(what) + r"(?![\w/-])", text) is not None


def planted(report_path, truth_path):
    """Every planted fault that the benchmark covers is found; what was planted sound is not reported."""
    report, truth = load(report_path), load(truth_path)
    objects, text = failures(report)
    bad, found = [], 0

    def want(check, ok, what):
        nonlocal found
        found += ok
        if not ok:
            bad.append(f"{check} does not report {what}")

    for p in truth:
        where = (p["kind"], p.get("namespace", ""), p["name"])
        path = (where[1] + "/" if where[1] else "") + where[2]
        binding = p["kind"] in ("ClusterRoleBinding", "RoleBinding")
        for check in [] if binding else BY_OBJECT.get(p["issue"], []):
            want(check, where in objects.get(check, ()), f"{p['issue']}: {where}")
        for check in BY_BINDING.get(p["issue"], []) if binding else []:
            want(check, names_text(text.get(check, ""), f"{p['kind']} {path}"), f"{p['issue']}: {p['kind']} {path}")
        for check in BY_ROLE.get(p["issue"], []) if not binding else []:
            bound = where[2] in ("reader",) and not any(True for b in report["findings"] if f"Role {path}" in json.dumps(b))
            want(check, where in objects.get(check, ()) or names_text(text.get(check, ""), f"Role {path}") or (check == "5.1.2" and bound),
                 f"{p['issue']}: {where}")
        if p["issue"] == "none":
            named = sorted(c for c, o in objects.items() if where in o)
            if named:
                bad.append(f"{where} is sound, and reported by {named}")
    if found < 100:
        bad.append(f"only {found} expectations were met: is the cluster populated?")
    return bad


def same(a_path, b_path):
    """The same checks with the same verdicts, reasons and findings."""
    a, b = load(a_path), load(b_path)
    bad = []
    for x, y in zip(a["checks"], b["checks"]):
        for k in ("id", "verdict", "reason", "findings"):
            if x.get(k) != y.get(k):
                bad.append(f"{x['id']}: {k}: {x.get(k)!r} and {y.get(k)!r}")
    prints = [sorted((f["check"], f["fingerprint"], f["verdict"]) for f in r["findings"]) for r in (a, b)]
    if prints[0] != prints[1]:
        bad += [f"only in one: {f}" for f in sorted(set(prints[0]) ^ set(prints[1]))[:10]]
    if len(a["checks"]) != len(b["checks"]) or len(a["checks"]) < 30:
        bad.append(f"{len(a['checks'])} and {len(b['checks'])} checks")
    return bad


def verdicts_same(a_path, b_path):
    """The same verdict of each check."""
    a, b = verdicts(load(a_path)), verdicts(load(b_path))
    return [f"{c}: {a[c]} and {b.get(c)}" for c in a if a[c] != b.get(c)]


def findings_same(a_path, b_path):
    """The same findings by their fingerprints, whoever audited."""
    prints = [{(f["check"], f["fingerprint"], f["verdict"]) for f in load(p)["findings"]} for p in (a_path, b_path)]
    bad = [f"only in one: {f}" for f in sorted(prints[0] ^ prints[1])[:10]]
    return bad + (["no findings"] if not prints[0] else [])


def weaker(full_path, part_path):
    """A report of less evidence never says another thing than one of all: the same verdict, or UNKNOWN."""
    full, part = verdicts(load(full_path)), verdicts(load(part_path))
    bad = [f"{c}: {part.get(c)} with less evidence, {full[c]} with all" for c in full if part.get(c) not in (full[c], "unknown")]
    # An owner counts only if it was seen: without its list its pods (or ReplicaSets, or Jobs) are reported by themselves.
    lost = {s["source"] for s in load(part_path)["coverage"] if s["state"] not in ("complete", "not-asked", "not-served")}
    owners = {"Pod": {"apps/replicasets": "Deployment ReplicaSet", "apps/statefulsets": "StatefulSet", "apps/daemonsets": "DaemonSet",
                      "batch/jobs": "CronJob Job", "replicationcontrollers": "ReplicationController"},
              "ReplicaSet": {"apps/deployments": "Deployment", "apps/replicasets": "Deployment"}, "Job": {"batch/cronjobs": "CronJob", "batch/jobs": "CronJob"}}
    known = failures(load(full_path))[0]
    for check, objects in failures(load(part_path))[0].items():
        for kind, ns, name in sorted(objects - known.get(check, set())):
            above = {k for source, kinds in owners.get(kind, {}).items() if source in lost for k in kinds.split()}
            if not any(k in above and n == ns and name.startswith(o + "-") for k, n, o in known.get(check, ())):
                bad.append(f"{check}: {kind} {ns}/{name} fails only with less evidence")
    return bad[:20]


def complete(path):
    """Nothing is missing, and the report says so."""
    report = load(path)
    bad = [f"{c['source']}: {c['state']}: {c.get('reason')}" for c in report["coverage"] if c["state"] not in ("complete", "not-asked", "not-served")]
    if report["summary"]["incomplete"]:
        bad.append("the summary says incomplete")
    return bad + [f"{c['id']} is UNKNOWN: {c.get('reason')}" for c in report["checks"] if c["verdict"] == "unknown"]


def incomplete(path):
    """Something is missing, and the report says what, and green is nothing that was not seen."""
    report = load(path)
    bad = []
    lost = [c for c in report["coverage"] if c["state"] in ("denied", "cut", "damaged", "failed")]
    if not lost:
        bad.append("no source is reported as missing")
    bad += [f"{c['source']}: {c['state']} without a reason" for c in lost if not c.get("reason")]
    if not report["summary"]["incomplete"]:
        bad.append("the summary does not say incomplete")
    if not any(c["verdict"] == "unknown" for c in report["checks"]):
        bad.append("no check is UNKNOWN")
    return bad


def nobody(path):
    """Someone with next to no rights: no PASS; each UNKNOWN names the right that is missing; each FAIL names an object."""
    report = load(path)
    bad = incomplete(path)
    objects, _ = failures(report)
    for c in report["checks"]:
        if c["verdict"] == "unknown" and "grant " not in c.get("remedy", ""):
            bad.append(f"{c['id']} is UNKNOWN, and its remedy names no right: {c.get('remedy')!r}")
        elif c["verdict"] == "fail" and not objects.get(c["id"]):
            bad.append(f"{c['id']} is FAIL without a finding")
        elif c["verdict"] not in ("unknown", "fail"):
            bad.append(f"{c['id']} is {c['verdict']}")
    for s in report["coverage"]:
        if s["state"] == "denied" and "grant " not in s.get("remedy", ""):
            bad.append(f"{s['source']} is denied, and no remedy named")
    return bad


def denied(full_path, part_path, source, right):
    """One source refused: it alone is denied, the right is named, and what needs it is UNKNOWN or fails by other evidence."""
    report = load(part_path)
    bad = weaker(full_path, part_path)
    for s in report["coverage"]:
        if s["source"] == source:
            if s["state"] != "denied" or right not in s.get("remedy", ""):
                bad.append(f"{source}: {s['state']}, remedy {s.get('remedy')!r}")
        elif s["state"] not in ("complete", "not-asked", "not-served"):
            bad.append(f"{s['source']} is {s['state']} too")
    if source not in [s["source"] for s in report["coverage"]]:
        bad.append(f"{source} is not in the coverage")
    for c in report["checks"]:
        if c["verdict"] == "unknown" and right not in c.get("remedy", ""):
            bad.append(f"{c['id']} is UNKNOWN, and its remedy does not say {right!r}: {c.get('remedy')!r}")
    if not report["summary"]["incomplete"] and any(c["verdict"] == "unknown" for c in report["checks"]):
        bad.append("the summary does not say incomplete")
    return bad


def is_everybodys(finding):
    """What planted bindings give every account, and so the default one of the tool's namespace."""
    return finding["check"] == "5.1.5" and re.fullmatch(r"has rights, by (?:[^;,]+, as Group system:(?:serviceaccounts|authenticated)(?:; by |$))+", finding["message"]) is not None


def clean(path, namespace):
    """Nothing about the objects of one namespace fails but what is true of any: named below."""
    bad = []
    for f in load(path)["findings"]:
        o = f["object"]
        if f["verdict"] == "fail" and (o.get("namespace") == namespace or key(o) == ("Namespace", "", namespace) or f"{namespace}/" in json.dumps(f.get("evidence", {}))):
            if not is_everybodys(f):
                bad.append(f"{f['check']}: {key(o)}: {f['message']}")
    return bad


def role(role_path, report_path):
    """A ClusterRole (as JSON) grants reading of exactly the kinds and paths that an audit with it asked for."""
    rules = load(role_path)["rules"]
    asked = [c["path"].split("?")[0] for c in load(report_path)["calls"] if c["method"] == "GET" and not c.get("anonymous")]
    matches = (re.fullmatch(r"/(?:api|apis/([^/]+))/v[^/]+/([a-z]+)", p) for p in asked)
    want = {(m.group(1) or "", m.group(2)) for m in matches if m}
    have, paths, bad = set(), set(), []
    served = {c["source"] for c in load(report_path)["coverage"] if c["state"] != "not-served"}
    for r in rules:
        paths |= set(r.get("nonResourceURLs", []))
        have |= {(g, k) for g in r.get("apiGroups", []) for k in r.get("resources", [])}
        if r["verbs"] != (["get"] if "nonResourceURLs" in r else ["list"]) or "*" in json.dumps(r):
            bad.append(f"too much: {r}")
    bad += [f"not granted: {k}" for k in sorted(want - have)] + [f"granted, not read: {k}" for k in sorted(have - want) if "/".join(filter(None, k)) in served]
    if paths != {p for p in asked if not p.startswith("/api")} or len(want) < 20:
        bad.append(f"paths {sorted(paths)}, {len(want)} kinds")
    return bad


def verdict(path, check, *allowed):
    """A check has one of the verdicts, and says why; with =TEXT the reason or a message has to have the text."""
    report = load(path)
    c = next(c for c in report["checks"] if c["id"] == check)
    said = " ".join([c.get("reason", "")] + [f["message"] + json.dumps(f.get("evidence", "")) for f in report["findings"] if f["check"] == check])
    bad = [] if c["verdict"] in allowed else [f"{check} is {c['verdict']}, not {' or '.join(a for a in allowed if a[0] != '=')}: {said}"]
    bad += [f"{check} does not say {a[1:]!r}: {said}" for a in allowed if a[0] == "=" and a[1:] not in said]
    return bad


# What run.sh made loose in the trees of its nodes: check -> who fails it. All else passes, or is nowhere.
NODES = {
    "1.1.3": {"cp-1:/etc/kubernetes/manifests/kube-controller-manager.yaml"},
    "1.1.9": {"worker-2:/etc/cni/net.d/10-net.conflist"},
    "1.1.12": {"cp-1:/var/lib/etcd"},
    "1.1.13": {"cp-1:/etc/kubernetes/super-admin.conf"},
    "1.1.21": {"cp-1:/etc/kubernetes/pki/etcd/server.key"},
    "3.2.2": {"cp-1 (audit-policy)"},
    "4.1.1": {"worker-1:/usr/lib/systemd/system/kubelet.service.d/10-kubeadm.conf"},
    "4.1.5": {"worker-2:/etc/kubernetes/kubelet.conf"},
    "4.2.7": {"worker-2:kubelet"},
}
NOWHERE = {"4.1.3", "4.1.4"}  # kube-proxy takes its kubeconfig from a ConfigMap


def nodes(path, way):
    """The controls over files of nodes: all facts, those of worker-1 missing (part), or none."""
    report = load(path)
    have, bad, objects = verdicts(report), [], failures(report)[0]
    if len(have) != 33:
        bad.append(f"{len(have)} controls were judged, not 33")
    for check in have:
        names = {n for n in NODES.get(check, set()) if way == "all" or not n.startswith("worker-1:")} if way != "none" else set()
        want = "fail" if names else "unknown" if way != "all" else "not-applicable" if check in NOWHERE else "pass"
        named = {name for _, _, name in objects.get(check, set())}
        if have[check] != want or named != names:
            bad.append(f"{check} is {have[check]} by {sorted(named)}, not {want} by {sorted(names)}")
    for c in report["checks"]:
        if c["verdict"] == "unknown" and not ("node-facts" in c["reason"] and (way == "none" or "worker-1" in c["reason"])):
            bad.append(f"{c['id']} is UNKNOWN and does not say whose facts: {c['reason']}")
    return bad


# kubeadm's KubeletConfiguration with the API's defaults, and what up.sh --drift changes on worker-2.
EVERY, DRIFTED = {"cp-1", "worker-1", "worker-2"}, {"worker-2"}
KUBELETS = {
    "4.2.1": DRIFTED, "4.2.2": DRIFTED, "4.2.3": set(), "4.2.4": DRIFTED, "4.2.5": set(), "4.2.6": set(), "4.2.8": set(),
    "4.2.10": set(), "4.2.11": set(), "4.2.12": EVERY, "4.2.13": EVERY, "4.2.14": EVERY,
}


def kubelets(path, way):
    """Section 4.2 as the kubelets are configured: direct or proxy; otherwise as far as they were seen (silent: but worker-1)."""
    report = load(path)
    have, bad, objects = verdicts(report), [], failures(report)[0]
    # Their certificates are the cluster CA's, though nothing in their configuration says so.
    want = dict(KUBELETS, **{"4.2.9": set() if way.endswith("direct") else EVERY})
    for check, nodes in want.items():
        if way in ("none", "unverified", "proxy-refused"):
            # worker-2 lets strangers in, for which it need not prove who it is
            expected = "fail" if way == "unverified" and check == "4.2.1" else "unknown"
            nodes = nodes if expected == "fail" else set()
        elif way == "refused":
            expected, nodes = ("pass", set()) if check == "4.2.9" else ("fail" if nodes else "unknown", nodes & DRIFTED)
        elif way.startswith("silent"):
            expected, nodes = "fail" if nodes else "unknown", nodes - {"worker-1"}
        else:
            expected = "fail" if nodes else "pass"
        named = {name for _, _, name in objects.get(check, set())}
        if have.get(check) != expected or named != nodes:
            bad.append(f"{check} is {have.get(check)} by {sorted(named)}, not {expected} by {sorted(nodes)}")
    notes = " ".join(report["summary"]["notes"])
    # one is made loose; and here, where nodes are folders, each kubelet has a static pod path of its own
    for words, said in (("root on every node", "proxy" in way), (f"{2 if way.startswith('silent') else 3} different configurations", way.endswith(("direct", "proxy"))), ("readOnlyPort", way.endswith(("direct", "proxy")))):
        if (words in notes) != said:
            bad.append(f"the notes {'do not say' if said else 'say'} {words!r}")
    unknown = [c for c in report["checks"] if c["id"] in want and c["verdict"] == "unknown"]
    bad += [f"{c['id']} is UNKNOWN without a way out" for c in unknown if not re.search("--kubelet|nodes/configz|CA|node is back", c["reason"] + c.get("remedy", ""))]
    return bad


def truth(path, table, profile, *changes):
    """Every check has the verdict of the hand-made table: a profile's column, or what a change (@NAME) makes of it. With a
    number instead of a change the report has so many checks, not all 131."""
    want, report = {}, load(path)
    with open(table, encoding="utf-8") as f:
        rows = [line.rstrip("\n").split("\t") for line in f if line[0] != "#"]
    for row in rows:
        if row[0][0] != "@":
            want[row[0]] = (row[1 + ("weak", "kubeadm", "hardened").index(profile)], row[4])
    want.update({row[1]: (row[2], row[3]) for row in rows if row[0] in changes})
    count = next((int(c) for c in changes if c.isdigit()), 131)
    bad = [] if len(want) == 131 and len(report["checks"]) == count else [f"{len(want)} controls in the table, {len(report['checks'])} in the report"]
    bad += [f"the table knows no {c}" for c in changes if c[0] == "@" and c not in [row[0] for row in rows]]
    for c in report["checks"]:
        verdict, why = want[c["id"]]
        if c["verdict"] != verdict:
            messages = [f["message"] for f in report["findings"] if f["check"] == c["id"] and f["verdict"] == c["verdict"]][:2]
            bad.append(f"{c['id']} is {c['verdict']} ({c.get('reason')}; {'; '.join(messages)}), not {verdict}: {why}")
    return bad


def unnamed(path, name):
    """No check on rights (5.1) has a finding about a subject, a role or a binding of this name."""
    pattern = re.compile(r"(?<![\w-])" + re.escape(name) + r"(?![\w-])")
    return [f"{f['check']}: {f['message']}" for f in load(path)["findings"] if f["check"].startswith("5.1.") and f["verdict"] == "fail" and not is_everybodys(f) and pattern.search(json.dumps(f))]


def weaker_in(full_path, part_path, section):
    """A report of less evidence, which differs in one section: UNKNOWN there (and some are), the same elsewhere."""
    full, part = verdicts(load(full_path)), verdicts(load(part_path))
    bad = weaker(full_path, part_path) + [f"{c} is {part[c]}, not {full[c]}" for c in full if part[c] != full[c] and not c.startswith(section)]
    return bad + ([] if any(part[c] == "unknown" != full[c] for c in full) else ["nothing is UNKNOWN: was less seen?"])


def flags_from(path, source):
    """The API server's flags were read from this source."""
    seen = {c["id"]: json.dumps([p.get("observations") for p in c["parts"]]) for c in load(path)["checks"]}
    return [f"{c} does not name {source}: {seen[c]}" for c in ("1.2.2", "1.2.15", "1.2.26") if source not in seen[c]]


def found(path, marked_path):
    """Each object that found.yaml marks as found fails its check, each that it marks as sound does not; no planted credential is told."""
    report, bad, counts = load(path), [], {"found": 0, "sound": 0}
    objects = failures(report)[0]
    for item in load(marked_path)["items"]:
        for mark in counts:
            words = item["metadata"].get("annotations", {}).get("test.example/" + mark, "").split(" ")
            if len(words) != 3:
                continue
            ns, name = words[2].split("/") if "/" in words[2] else ("", words[2])
            counts[mark] += 1
            if ((words[1], ns, name) in objects.get(words[0], ())) != (mark == "found"):
                bad.append(f"{words[0]}: {words[1]} {words[2]} is {mark}, and the check fails for {sorted(objects.get(words[0], ()))}")
    with open(path, encoding="utf-8") as f:
        if "kv-planted" in f.read():
            bad.append("the report shows a planted credential")
    return bad + ([] if counts == {"found": 9, "sound": 9} else [f"marked are {counts}"])


QUESTIONS = {f.__name__.replace("_", "-"): f for f in (planted, same, verdicts_same, findings_same, weaker, complete, incomplete, nobody, denied, clean, role, verdict, kubelets, nodes, truth, flags_from, weaker_in, unnamed, found)}

if __name__ == "__main__":
    problems = QUESTIONS[sys.argv[1]](*sys.argv[2:])
    for problem in problems:
        print("    " + problem, file=sys.stderr)
    sys.exit(1 if problems else 0)
