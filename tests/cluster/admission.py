"""Holds what pss --probe admission says against namespaces whose admission is known, and against the API server's own answers to the same pods.

    admission.py make KUBECONFIG                 makes the namespaces and policies
    admission.py hold KUBECONFIG ROWS            ROWS: what pss --probe admission --print jsonl printed; exit status 1 and the first differences
    admission.py nothing ROWS                    an identity that may not create pods: nothing is told of any namespace"""
import json
import sys

from vap import GROUP, Api, must

LABEL = "pod-security.kubernetes.io/"
# namespace: (labels, level, who refuses: canary -> by)
WANTED = {
    "adm-none": ({}, "privileged", {}),
    "adm-privileged": ({LABEL + "enforce": "privileged"}, "privileged", {}),
    "adm-baseline": ({LABEL + "enforce": "baseline"}, "baseline", {"hostPID": "PodSecurity baseline:latest", "hostProbes": "PodSecurity baseline:latest"}),
    "adm-restricted": ({LABEL + "enforce": "restricted"}, "restricted", {"hostPID": "PodSecurity restricted:latest", "netRaw": "PodSecurity restricted:latest"}),
    # a version before probes' hosts and capabilities were looked at
    "adm-old": ({LABEL + "enforce": "restricted", LABEL + "enforce-version": "v1.21"}, "privileged", {"hostPID": "PodSecurity restricted:v1.21", "root": "PodSecurity restricted:v1.21"}),
    "adm-warn": ({LABEL + "warn": "restricted", LABEL + "audit": "restricted"}, "privileged", {}),
    "adm-exempt": ({LABEL + "enforce": "restricted"}, "privileged", {}),
    "adm-policy": ({"adm": "policy"}, "privileged", {"hostPID": "ValidatingAdmissionPolicy adm-host", "hostNetwork": "ValidatingAdmissionPolicy adm-host"}),
    "adm-owner": ({"adm": "owner"}, None, {}),  # a policy that refuses the clean pod too: who knows
    "adm-owner-baseline": ({"adm": "owner", LABEL + "enforce": "baseline"}, None, {"hostPID": "PodSecurity baseline:latest"}),
    "adm-both": ({"adm": "policy", LABEL + "enforce": "restricted"}, "restricted", {"hostPID": "PodSecurity restricted:latest"}),
}
OLD_ADMITS = {"hostProbes", "netRaw", "keptCapabilities"}


def policy(name, expression):
    meta = {"name": "adm-" + name}
    return [{"apiVersion": "admissionregistration.k8s.io/v1", "kind": "ValidatingAdmissionPolicy", "metadata": meta, "spec": {
        "failurePolicy": "Fail", "matchConstraints": {"resourceRules": [{"apiGroups": [""], "apiVersions": ["v1"], "operations": ["CREATE"], "resources": ["pods"]}]},
        "validations": [{"expression": expression, "message": "violates PodSecurity \"restricted:latest\": so says a liar"}]}},
        {"apiVersion": "admissionregistration.k8s.io/v1", "kind": "ValidatingAdmissionPolicyBinding", "metadata": meta, "spec": {
            "policyName": meta["name"], "validationActions": ["Deny"], "matchResources": {"namespaceSelector": {"matchLabels": {"adm": "policy" if name == "host" else name}}}}}]


def make(api):
    for name, (labels, _, _) in WANTED.items():
        must(api.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": labels}}))
        must(api.create({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "default", "namespace": name}}))
    for o in policy("host", "!object.spec.?hostPID.orValue(false) && !object.spec.?hostNetwork.orValue(false)") + policy("owner", "has(object.metadata.labels) && 'owner' in object.metadata.labels"):
        must(api.create(o))


def differences(api, rows):
    for name, (_, level, by) in WANTED.items():
        row = rows.get(name)
        if row is None:
            yield f"{name}: no row"
            continue
        if row["level"] != level:
            yield f"{name}: {row['level']}, not {level}: {json.dumps(row)[:900]}"
        told = {r["canary"]: r.get("by") for r in row["refused"] if r["in"] == "containers"}
        for canary, who in by.items():
            if told.get(canary) != who:
                yield f"{name}: {canary} is refused by {told.get(canary)}, not {who}"
    admitted = {r["canary"] for r in rows["adm-old"]["admitted"]}
    if admitted != OLD_ADMITS:
        yield f"adm-old admits {admitted}"
    if rows["adm-policy"]["unsure"] or {r["canary"] for r in rows["adm-policy"]["refused"]} - {"hostPID", "hostNetwork", "windowsHostProcess", "procMount", "hostProbes"}:
        yield f"adm-policy: {rows['adm-policy']}"
    if rows["adm-owner"]["refused"] != [r for r in rows["adm-owner"]["refused"] if "own validation" in r["by"]] or rows["adm-owner"]["admitted"]:
        yield f"adm-owner: something is told though every pod is refused: {rows['adm-owner']}"
    stored = [p["metadata"]["name"] for p in api.ask("GET", "/api/v1/pods")[1]["items"] if "canary" in p["metadata"]["name"]]
    if stored:
        yield f"pods were stored: {stored}"


def main():
    if sys.argv[1] == "make":
        make(Api(sys.argv[2]))
        return
    rows = {r["namespace"]: r for r in map(json.loads, open(sys.argv[-1], encoding="utf-8"))}
    if sys.argv[1] == "nothing":
        found = [f"{n}: {r['level']}, {len(r['admitted'])} admitted" for n, r in rows.items() if r["level"] is not None or r["admitted"] or any("own validation" not in x["by"] for x in r["refused"])]
    else:
        found = list(differences(Api(sys.argv[2]), rows))
    for line in found[:8]:
        print(line, file=sys.stderr)
    sys.exit(1 if found or len(rows) < len(WANTED) else 0)


main()
