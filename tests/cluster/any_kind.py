"""Policies over kinds that no table has: what the API server refuses of generated objects, by dry runs, and what a scan of the same files says.
   any_kind.py KUBEVOUCH KUBECONFIG OBJECTS SEED"""
import json
import os
import random
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "tools"))
import report_doc
from vap import Api, must

# group, version, plural, kind, namespaced, what its spec needs, the policy's expression
KINDS = [("policy", "v1", "poddisruptionbudgets", "PodDisruptionBudget", True, {"selector": {}}, "has(object.spec.minAvailable)"),
         ("autoscaling", "v2", "horizontalpodautoscalers", "HorizontalPodAutoscaler", True,
          {"scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "d"}, "maxReplicas": 3}, "object.spec.maxReplicas <= 10"),
         ("coordination.k8s.io", "v1", "leases", "Lease", True, {}, "has(object.spec.holderIdentity)"),
         ("networking.k8s.io", "v1", "ingressclasses", "IngressClass", False, {"controller": "example.com/c"}, "object.metadata.name.startsWith('a')"),
         ("example.com", "v1", "mice", "Mouse", True, {}, "object.spec.size < 3"), ("example.com", "v1", "oxen", "Ox", False, {}, "object.spec.size < 3 && namespaceObject == null")]
ADMISSION = "admissionregistration.k8s.io/v1"


def definition(plural, kind, namespaced):
    schema = {"type": "object", "properties": {"spec": {"type": "object", "properties": {"size": {"type": "integer"}}}}}
    return {"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition", "metadata": {"name": plural + ".example.com"},
            "spec": {"group": "example.com", "scope": "Namespaced" if namespaced else "Cluster", "names": {"plural": plural, "singular": kind.lower(), "kind": kind},
                     "versions": [{"name": "v1", "served": True, "storage": True, "schema": {"openAPIV3Schema": schema}}]}}


def policies():
    for group, version, plural, _, _, _, expression in KINDS:
        for scope in ("*", "Namespaced", "Cluster"):
            name = "%s-%s" % (plural, {"*": "all"}.get(scope, scope.lower()))
            rule = {"apiGroups": [group], "apiVersions": [version], "operations": ["CREATE"], "resources": [plural], "scope": scope}
            match = {"resourceRules": [rule], "objectSelector": {"matchExpressions": [{"key": "scope", "operator": "In", "values": [scope.strip("*") or "all"]}]}}
            yield {"apiVersion": ADMISSION, "kind": "ValidatingAdmissionPolicy", "metadata": {"name": name},
                   "spec": {"matchConstraints": match, "validations": [{"expression": expression}]}}
            yield {"apiVersion": ADMISSION, "kind": "ValidatingAdmissionPolicyBinding", "metadata": {"name": name}, "spec": {"policyName": name, "validationActions": ["Deny"]}}


def generated(rnd, count):
    for i in range(count):
        group, version, _, kind, namespaced, spec, _ = rnd.choice(KINDS)
        o = {"apiVersion": group + "/" + version, "kind": kind, "metadata": {"name": "%s%d" % (rnd.choice("abc"), i), "labels": {"scope": rnd.choice(["all", "Namespaced", "Cluster"])}}}
        if namespaced and rnd.random() < 0.5:
            o["metadata"]["namespace"] = "default"
        o["spec"] = dict(spec)
        if group == "policy":
            o["spec"][rnd.choice(["minAvailable", "maxUnavailable"])] = 1
        if group == "autoscaling":
            o["spec"]["maxReplicas"] = rnd.choice([5, 10, 11])
        if kind == "Lease" and rnd.random() < 0.5:
            o["spec"]["holderIdentity"] = "x"
        if group == "example.com" and rnd.random() < 0.9:
            o["spec"]["size"] = rnd.choice([1, 2, 3, 4])
        yield o


def path(o):
    _, _, plural, _, namespaced, _, _ = next(k for k in KINDS if k[3] == o["kind"])
    return "/apis/%s/%s%s" % (o["apiVersion"], "namespaces/default/" if namespaced else "", plural)


def put(folder, name, objects):
    with open(os.path.join(folder, name), "w", encoding="utf-8") as f:
        json.dump({"apiVersion": "v1", "kind": "List", "items": objects}, f)


def main(kubevouch, kubeconfig, count, seed):
    api, docs = Api(kubeconfig), list(policies())
    definitions = [definition(*k[2:5]) for k in KINDS if k[0] == "example.com"]
    for d in definitions:
        must(api.ask("POST", "/apis/apiextensions.k8s.io/v1/customresourcedefinitions", d))
    for d in docs:
        must(api.ask("POST", "/apis/%s/%s" % (ADMISSION, "validatingadmissionpolicies" if d["kind"].endswith("Policy") else "validatingadmissionpolicybindings"), d))
    time.sleep(8)
    objects = list(generated(random.Random(seed), count))
    counts, bad = {"admits": 0, "refuses": 0}, 0
    with tempfile.TemporaryDirectory() as d:
        put(d, "policies.json", docs)
        os.mkdir(d + "/in")
        put(d + "/in", "a.json", objects)
        put(d + "/in", "z.json", definitions)
        r = subprocess.run([kubevouch, "scan", "-q", "-o", d + "/out", "-f", "json", "--policy", d + "/policies.json", d + "/in"], capture_output=True, text=True, check=False)
        report = report_doc.load(d + "/out/report.json")
    said = {(f["object"]["kind"], f["object"]["name"]): f["verdict"] for f in report["findings"]}
    for o in objects:
        status, answer = api.ask("POST", path(o) + "?dryRun=All", o)
        text = answer.get("message", "")
        got = "admits" if status < 300 else "refuses" if "ValidatingAdmissionPolicy" in text else "invalid: " + text
        ours = {"fail": "refuses", None: "admits"}.get(said.get((o["kind"], o["metadata"]["name"])), "unknown")
        counts[got] = counts.get(got, 0) + 1
        if got != ours:
            bad += 1
            print("the server %s, the scan %s: %s" % (got, ours, json.dumps(o)))
    print("seed %d: %d objects: the server refuses %d and admits %d; %d judged otherwise %s" % (seed, count, counts["refuses"], counts["admits"], bad, r.stderr[-300:] if bad else ""))
    return bad == 0 and counts["refuses"] > 0 and counts["admits"] > 0


if __name__ == "__main__":
    sys.exit(0 if main(sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])) else 1)
