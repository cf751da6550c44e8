#!/usr/bin/env python3
"""Holds kubevouch's admission policies against a real API server.

vap.py exported KUBEVOUCH KUBECONFIG TESTFILE...   checks exported as policies refuse what their tests fail, admit what they pass
vap.py audited KUBEVOUCH KUBECONFIG POLICYFILE     audit --policy says of every pod what the server says of its creation
vap.py cluster KUBEVOUCH KUBECONFIG POLICYFILE     the same by audit --policy cluster
Exits 1 and names each difference."""
import base64
import http.client
import json
import os
import re
import ssl
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "tools"))
import report_doc

GROUP = "/apis/admissionregistration.k8s.io/v1/"
PATHS = {
    "Pod": "/api/v1/namespaces/%s/pods", "Service": "/api/v1/namespaces/%s/services", "ServiceAccount": "/api/v1/namespaces/%s/serviceaccounts",
    "PersistentVolumeClaim": "/api/v1/namespaces/%s/persistentvolumeclaims", "PersistentVolume": "/api/v1/persistentvolumes",
    "Namespace": "/api/v1/namespaces", "Ingress": "/apis/networking.k8s.io/v1/namespaces/%s/ingresses",
    "NetworkPolicy": "/apis/networking.k8s.io/v1/namespaces/%s/networkpolicies",
    "ConfigMap": "/api/v1/namespaces/%s/configmaps",
    "ValidatingAdmissionPolicy": GROUP + "validatingadmissionpolicies",
    "ValidatingAdmissionPolicyBinding": GROUP + "validatingadmissionpolicybindings",
}


class Api:
    def __init__(self, kubeconfig):
        text = open(kubeconfig, encoding="utf-8").read()
        found = {k: re.search(k + r":\s*['\"]?([^\s'\",}]+)", text).group(1) for k in
                 ("server", "certificate-authority-data", "client-certificate-data", "client-key-data")}
        self.address = found["server"].removeprefix("https://")
        with tempfile.TemporaryDirectory() as d:
            paths = []
            for k in ("certificate-authority-data", "client-certificate-data", "client-key-data"):
                paths.append(os.path.join(d, k))
                with open(paths[-1], "wb") as f:
                    f.write(base64.b64decode(found[k]))
            self.tls = ssl.create_default_context(cafile=paths[0])
            self.tls.load_cert_chain(paths[1], paths[2])
        self.connection = None

    def ask(self, verb, path, body=None, kind="application/json"):
        if self.connection is None:
            self.connection = http.client.HTTPSConnection(self.address, context=self.tls)
        data = body if body is None or isinstance(body, str) else json.dumps(body)
        self.connection.request(verb, path, data, {"Content-Type": kind, "User-Agent": "kubevouch-tests"})
        answer = self.connection.getresponse()
        return answer.status, json.loads(answer.read())

    def create(self, obj, dry_run=False):
        path = PATHS[obj["kind"]]
        if "%s" in path:
            path %= obj["metadata"].get("namespace", "default")
        return self.ask("POST", path + ("?dryRun=All" if dry_run else ""), obj)

    def says(self, obj):
        """admits, refuses or invalid, and the server's words: of a creation. An object that is there already was admitted."""
        if obj.get("spec", {}).get("ephemeralContainers"):
            status, answer = self.add_ephemeral(obj)
        else:
            status, answer = self.create(obj, dry_run=True)
        text = answer.get("message", "")
        if status < 300 or status == 409 and answer.get("reason") == "AlreadyExists":
            return "admits", ""
        return ("refuses" if "ValidatingAdmissionPolicy" in text else "invalid"), text

    def add_ephemeral(self, obj):
        """They are added to a pod that is there."""
        bare = json.loads(json.dumps(obj))
        added = bare["spec"].pop("ephemeralContainers")
        path = PATHS["Pod"] % obj["metadata"]["namespace"]
        status, there = self.create(bare)
        if status >= 300:
            return status, there
        there["spec"]["ephemeralContainers"] = added
        answer = self.ask("PUT", "%s/%s/ephemeralcontainers?dryRun=All" % (path, there["metadata"]["name"]), there)
        self.ask("DELETE", "%s/%s?gracePeriodSeconds=0" % (path, there["metadata"]["name"]))
        return answer

    def delete(self, kind, name):
        self.ask("DELETE", PATHS[kind] + "/" + name)


def must(answer):
    status, body = answer
    if status >= 300 and body.get("reason") != "AlreadyExists":
        sys.exit("the server refused what the test needs: %s" % body.get("message"))


def home(api, obj, made):
    """The namespace and the service account that a pod needs."""
    ns = obj["metadata"].get("namespace", "default")
    account = obj.get("spec", {}).get("serviceAccountName", "default") if obj["kind"] == "Pod" else "default"
    if "%s" not in PATHS[obj["kind"]] or (ns, account) in made:
        return
    made.add((ns, account))
    must(api.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": ns}}))
    must(api.create({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": account, "namespace": ns}}))


def whole_pod(spec):
    windows = spec.get("os", {}).get("name") == "windows"
    for c in spec.get("containers", []) + spec.get("initContainers", []) + spec.get("ephemeralContainers", []):
        c.setdefault("image", "registry.example.internal/x:1")
        context = c.get("securityContext", {})
        if context.get("privileged") and context.get("allowPrivilegeEscalation") is False:
            del context["allowPrivilegeEscalation"]
        if context.get("procMount") == "Unmasked":
            spec.setdefault("hostUsers", False)
        if (context.get("windowsOptions") or spec.get("securityContext", {}).get("windowsOptions", {})).get("hostProcess"):
            spec["hostNetwork"] = True
        for k in ("seccompProfile", "capabilities", "allowPrivilegeEscalation") if windows else ():
            context.pop(k, None)
        for p in c.get("ports", []):
            p.setdefault("containerPort", p.get("hostPort", 80))


def whole(obj):
    """What the tests leave out and the server asks for; nothing that a check looks at."""
    obj = json.loads(json.dumps(obj))
    meta = obj.setdefault("metadata", {})
    for key in ("uid", "resourceVersion", "creationTimestamp", "managedFields", "generation"):
        meta.pop(key, None)
    if obj["kind"] in PATHS and "%s" in PATHS[obj["kind"]]:
        meta.setdefault("namespace", "default")
    for owner in meta.get("ownerReferences", []):
        owner.setdefault("apiVersion", "v1")
        owner.setdefault("uid", "0")
    spec = obj.get("spec", {})
    if obj["kind"] == "Pod":
        whole_pod(spec)
    if obj["kind"] == "Service":
        spec.setdefault("ports", [{"port": 80}])
    if obj["kind"] == "Ingress":
        spec.setdefault("defaultBackend", {"service": {"name": "x", "port": {"number": 80}}})
    if obj["kind"] == "PersistentVolumeClaim":
        spec.setdefault("accessModes", ["ReadWriteOnce"])
        spec.setdefault("resources", {"requests": {"storage": "1Gi"}})
    if obj["kind"] == "PersistentVolume":
        spec.setdefault("accessModes", ["ReadWriteOnce"])
        spec.setdefault("capacity", {"storage": "1Gi"})
        if "local" in spec:
            spec.setdefault("nodeAffinity", {"required": {"nodeSelectorTerms": [
                {"matchExpressions": [{"key": "kubernetes.io/hostname", "operator": "Exists"}]}]}})
    return obj


def audit(kubevouch, *args):
    with tempfile.TemporaryDirectory() as d:
        r = subprocess.run([kubevouch, "audit", "--quiet", "--output", d, "--format", "json", *args], capture_output=True, text=True, check=False)
        try:
            return report_doc.load(os.path.join(d, "report.json"))
        except OSError:
            sys.exit("kubevouch audit %s ended with %d: %s" % (" ".join(args), r.returncode, r.stderr))


def found(report, verdict, part=None):
    """(kind, namespace, name) of what was found; of pods that a workload owns, each that is named."""
    out = set()
    for f in report["findings"]:
        if f["verdict"] != verdict or part and f.get("part", "") != part:
            continue
        o = f["object"]
        out.add((o["kind"], o.get("namespace", ""), o["name"]))
        out |= {("Pod", o.get("namespace", ""), p) for p in f.get("podExamples", [])}
    return out


def key(obj):
    return (obj["kind"], obj["metadata"].get("namespace", ""), obj["metadata"]["name"])


# ---- exported

def wait_for(api, probes, want):
    """A policy is in force, or no more, a moment after it was written or deleted; half a minute is more than that."""
    until = time.monotonic() + 30
    while probes and time.monotonic() < until and not any(api.says(p)[0] == want for p in probes):
        time.sleep(0.1)


def documents(text):
    return ["\n".join(line for line in d.splitlines() if not line.startswith("#")) for d in re.split(r"(?m)^---$", text)[1:]]


def rests_on_others(o):
    """Whether an exception may rest on its owner or its node, which an audit looks up and one request does not show."""
    meta = o.get("metadata", {})
    return meta.get("namespace") == "kube-system" and any(r.get("controller") for r in meta.get("ownerReferences", []))


def try_policy(api, name, part, docs, cases, seen):
    for d in docs:
        kind = re.search(r"(?m)^kind: (\S+)", d).group(1)
        must(api.ask("POST", PATHS[kind] + "?dryRun=All", d, "application/yaml"))
        must(api.ask("POST", PATHS[kind], d, "application/yaml"))
    over = re.search(r"resources: \[([a-z]+)\]", docs[0]).group(1)
    mine = [(c, o) for c in cases for o in c["objects"] if PATHS.get(o["kind"], "").endswith("/" + over) and not rests_on_others(o)]
    failing = [o for c, o in mine if key(o) in found(c["report"], "fail", part)]
    for _, o in mine:
        home(api, o, seen["made"])
    wait_for(api, failing, "refuses")
    bad = 0
    for c, o in mine:
        if key(o) in found(c["report"], "unknown", part):
            continue
        want = "refuses" if key(o) in found(c["report"], "fail", part) else "admits"
        got, text = api.says(o)
        seen[want] += got == want
        if got != want:
            bad += 1
            print("%s, case \"%s\", %s: the server %s, wanted %s: %s" % (name, c["name"], key(o), got, want, text[:300]))
    if not failing:
        bad += 1
        print("%s: no test has an object that it must refuse" % name)
    for kind in ("ValidatingAdmissionPolicyBinding", "ValidatingAdmissionPolicy"):
        api.delete(kind, name)
    wait_for(api, failing, "admits")
    return bad


def run_cases(kubevouch, check, cases):
    for c in cases:
        with tempfile.NamedTemporaryFile("w", suffix=".json") as f:
            c["objects"] = [whole(o) for o in c["objects"]]
            json.dump({"apiVersion": "v1", "kind": "List", "items": c["objects"]}, f)
            f.flush()
            c["report"] = audit(kubevouch, "--manifests", f.name, "--check", check, *c["param"])


def exported(kubevouch, kubeconfig, files):
    try:
        import yaml
    except ImportError:
        sys.exit("PyYAML is missing: it reads the benchmarks' tests")
    api, bad, policies = Api(kubeconfig), 0, 0
    seen = {"made": set(), "refuses": 0, "admits": 0}
    for t in [t for f in files for t in yaml.safe_load(open(f, encoding="utf-8"))["tests"]]:
        by_params = {}
        for c in t["cases"]:
            c["param"] = [a for n, v in c.get("params", {}).items() for a in ("--param", "%s=%s" % (n, json.dumps(v)))]
            by_params.setdefault(tuple(c["param"]), []).append(c)
        for param, cases in by_params.items():
            r = subprocess.run([kubevouch, "export", "vap", "--check", t["check"], *param], capture_output=True, text=True, check=False)
            docs = documents(r.stdout)
            if not docs:
                continue
            run_cases(kubevouch, t["check"], cases)
            parts = [p.get("name", "") for p in cases[0]["report"]["checks"][0]["parts"]]
            for i in range(0, len(docs), 2):
                name = re.search(r'(?m)^  name: "?([^"\n]*)"?$', docs[i]).group(1)
                part = next((p for p in parts if p and name.endswith("-" + p.replace(" ", "-"))), "")
                if param and not any(found(c["report"], "fail", part) for c in cases):
                    continue # such parameters only except objects
                bad += try_policy(api, name, part, docs[i:i + 2], cases, seen)
                policies += 1
    print("%d policies tried, %d objects refused and %d admitted as wanted, %d not" % (policies, seen["refuses"], seen["admits"], bad))
    return bad == 0 and policies > 0


# ---- audited

def workloads(pod):
    """(kind, namespace, name) that a pod may be told under: what owns it, and what owns that, by the name it was given."""
    ns = pod["metadata"]["namespace"]
    for o in pod["metadata"].get("ownerReferences", []):
        yield (o["kind"], ns, o["name"])
        if o["kind"] in ("ReplicaSet", "Job"):
            yield ({"ReplicaSet": "Deployment", "Job": "CronJob"}[o["kind"]], ns, o["name"].rpartition("-")[0])


def denied(report, verdict, pods):
    """Pods of which a part with Deny says so. A workload's are named by three at most: when it says so of all of them, it means each."""
    parts = {f.get("part", "") for f in report["findings"] if "Deny" in f.get("part", "")}
    out = set().union(*(found(report, verdict, p) for p in parts)) if parts else set()
    told, owned = {}, {}
    for f in report["findings"]:
        if f["verdict"] == verdict and f.get("part", "") in parts:
            o = (f["object"]["kind"], f["object"].get("namespace", ""), f["object"]["name"])
            told[o] = max(told.get(o, 0), f.get("pods", 0))
    for p in pods:
        for w in workloads(p):
            owned.setdefault(w, []).append(("Pod", p["metadata"]["namespace"], p["metadata"]["name"]))
    for w, names in owned.items():
        if told.get(w) == len(names):
            out |= set(names)
    return out


def audited(kubevouch, kubeconfig, files, of_cluster):
    api, bad = Api(kubeconfig), 0
    docs = [d for d in re.split(r"(?m)^---$", open(files[0], encoding="utf-8").read()) if "kind:" in d]
    for d in docs:
        path = PATHS[re.search(r"(?m)^kind: (\S+)", d).group(1)]
        ns = re.search(r"namespace: ([a-z0-9-]+)", d)
        must(api.ask("POST", path % ns.group(1) if "%s" in path else path, d, "application/yaml"))
    time.sleep(5)
    report = audit(kubevouch, "--kubeconfig", kubeconfig, "--policy", "cluster" if of_cluster else files[0])
    pods = api.ask("GET", "/api/v1/pods")[1]["items"]
    fail, unknown = denied(report, "fail", pods), denied(report, "unknown", pods)
    counts = {"refuses": 0, "admits": 0}
    for p in pods:
        p.update(apiVersion="v1", kind="Pod")
        p.pop("status", None)
        got, text = api.says(whole(p))
        ours = "refuses" if key(p) in fail else "unknown" if key(p) in unknown else "admits"
        counts[got] = counts.get(got, 0) + 1
        if got != ours:
            bad += 1
            print("%s: the server %s, the audit %s: %s" % (key(p), got, ours, text[:300]))
    print("%d pods: the server refuses %d and admits %d; %d judged otherwise" % (len(pods), counts["refuses"], counts["admits"], bad))
    for d in docs:
        kind = re.search(r"(?m)^kind: (\S+)", d).group(1)
        if kind.startswith("Validating"):
            api.delete(kind, re.search(r"(?m)^metadata: \{name: ([^,}]+)", d).group(1))
    return bad == 0 and counts["refuses"] > 0 and counts["admits"] > 0


if __name__ == "__main__":
    question, program, config, *rest = sys.argv[1:]
    ok = exported(program, config, rest) if question == "exported" else audited(program, config, rest, question == "cluster")
    sys.exit(0 if ok else 1)
