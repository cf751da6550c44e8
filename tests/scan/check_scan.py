#!/usr/bin/env python3
"""check_scan.py PROGRAM FOLDER: kubevouch scan over small inputs (tests/tools/check-scan.sh says what for)."""
import csv
import json
import os
import re
import subprocess
import sys
import tempfile
import xml.dom.minidom

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "tools"))
import report_doc

PROGRAM, FOLDER = sys.argv[1], sys.argv[2]
POLICIES = "5.*"


def scan(cwd, *args, stdin=None, formats=("json",), quiet=True):
    out = tempfile.mkdtemp(dir=cwd)
    words = [PROGRAM, "scan", *args, "-o", out] + (["-q"] if quiet else [])
    for f in formats:
        words += ["-f", f]
    ran = subprocess.run(words, cwd=cwd, input=stdin, stdin=None if stdin is not None else subprocess.DEVNULL, stdout=subprocess.PIPE,
                         stderr=subprocess.PIPE, check=False)
    try:
        report = report_doc.load(os.path.join(out, "report.json"))
    except FileNotFoundError:
        report = None
    return ran.returncode, ran.stderr.decode("utf-8", "replace"), report, out


def verdicts(report):
    return {c["id"]: "outside" if c.get("outside") else c["verdict"] for c in report["checks"]}


def name_of(finding):
    o = finding["object"]
    return f"{o['kind']} {o.get('namespace', '')}/{o['name']}"


def check_row(row, cwd):
    file = row.get("file", "in.yaml")
    with open(os.path.join(cwd, file), "wb") as f:
        f.write(bytes.fromhex(row.get("mark", "")) + row["text"].encode("utf-16", "surrogatepass").decode("utf-16").encode(row.get("encoding", "utf-8")))
    status, told, report, _ = scan(cwd, "./" + file, *row.get("options", []), quiet=False)
    assert status == row.get("exit", 0), (status, told)
    got = verdicts(report)
    for check, wanted in row["checks"].items():
        assert got.get(check) == wanted, (check, got.get(check), wanted, [c["reason"] for c in report["checks"] if c["id"] == check], told)
    places = {f"{f['check']} {name_of(f)}": f.get("location") for f in report["findings"]}
    for about, place in row.get("at", {}).items():
        at = places.get(about)
        assert at and at["file"] == "./" + file and f"{at['line']}:{at['column']}" == place, (about, at, place)
    for o in row.get("objects", []):
        assert o in {name_of(f) for f in report["findings"]}, o
    notes = " ".join(report["summary"]["notes"])
    for text in row.get("notes", []):
        assert text in notes, (text, notes)
    for text in row.get("stderr", []):
        assert text in told, (text, told)


def put(root, path, text, mode="w"):
    full = os.path.join(root, path)
    os.makedirs(os.path.dirname(full), exist_ok=True)
    with open(full, mode) as f:
        f.write(text)


def check_accounting(cwd):
    """Whatever lies about in a folder is read, passed over and counted, or told as unreadable."""
    pod = "apiVersion: v1\nkind: Pod\nmetadata: {{name: {0}, namespace: a}}\nspec: {{hostPID: true, containers: [{{name: c, image: x}}]}}\n"
    root = os.path.join(cwd, "tree")
    put(root, "a.yaml", pod.format("a"))
    put(root, "deep/er/b.yml", pod.format("b"))
    put(root, "kustomization.yaml", "resources: [a.yaml]\n")
    put(root, "over/kustomization.yaml", "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\n")
    put(root, "chart/Chart.yaml", "apiVersion: v2\nname: c\n")
    put(root, "chart/values.yaml", "a: b\n")
    put(root, "chart/templates/t.yaml", "apiVersion: v1\nkind: Pod\nmetadata: {name: \"{{ .Values.n }}\"}\n")
    put(root, "chart/templates/plain.yaml", pod.format("plain"))
    put(root, "patch.yaml", "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: d}\nspec: {replicas: 3}\n")
    put(root, "crd.yaml", "apiVersion: example.test/v1\nkind: Thing\nmetadata: {name: t}\n")
    put(root, "list.yaml", "- a\n- b\n")
    put(root, "readme.txt", "not: [a manifest")
    put(root, ".git/x.yaml", pod.format("history"))
    put(root, "left/out.yaml", pod.format("out"))
    put(root, "zero.json", "")
    os.symlink("a.yaml", os.path.join(root, "link.yaml"))
    os.symlink("/", os.path.join(root, "everything"))
    os.mkfifo(os.path.join(root, "pipe.yaml"))
    status, told, report, _ = scan(cwd, "tree", "tree/a.yaml", "-", "--exclude", "left", "-v", stdin=pod.format("piped").encode())
    assert status == 0, told
    notes = " ".join(report["summary"]["notes"])
    pods = {name_of(f) for f in report["findings"] if f["check"] == "5.2.3" and f["object"]["kind"] == "Pod"}
    assert pods == {f"Pod a/{n}" for n in ("a", "b", "plain", "piped")}, pods
    assert {f["location"]["file"] for f in report["findings"] if f["check"] == "5.2.3" and f["object"]["name"] == "piped"} == {"(standard input)"}
    for text in ("1 times no Kubernetes object", "2 times kustomize's own file", "2 times a file of Helm's own", "1 times a Helm template that was not rendered",
                 "1 times not a whole object but a patch", "2 times a symbolic link", "1 times no regular file", "1 times a file not named",
                 "1 times left out by --exclude", "1 times a file that was given twice", "1 times a folder of a version control system",
                 "1 example.test/v1 Thing", "helm template CHART | kubevouch scan -"):
        assert text in notes, (text, notes)
    listed = set(re.findall(r"passed over: (\S+?)(?::\d+:\d+)?: ", told))
    assert {"tree/" + n for n in ("kustomization.yaml", "chart/templates/t.yaml", "link.yaml", "pipe.yaml", ".git", "left", "readme.txt", "patch.yaml")} <= listed, listed
    assert scan(cwd, "tree/pipe.yaml")[0] == 4 and scan(cwd, "nowhere")[0] == 4 and scan(cwd)[0] == 2


# (population, object, expression): true of what the API server makes of it.
POD = "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec: {%s}\n"
DEFAULTS = [
    ("pods", POD % "hostNetwork: true, containers: [{name: c, image: x, ports: [{containerPort: 80}, {containerPort: 81, hostPort: 81}]}]", "c.ports.map(p, p.hostPort) == [80, 81]"),
    ("pods", POD % "containers: [{name: c, image: x, ports: [{containerPort: 80, hostPort: 0}]}]", "c.ports[0].hostPort == 0"),
    ("pods", POD % "containers: [{name: c, image: x, resources: {limits: {cpu: 1, memory: 2}, requests: {cpu: 3}}}]", "c.resources.requests.cpu == 3 && c.resources.requests.memory == 2"),
    ("pods", POD % "serviceAccount: s, containers: [{name: c, image: x}]", "object.spec.serviceAccountName == 's'"),
    ("pods", POD % "serviceAccountName: s, serviceAccount: t, containers: [{name: c, image: x}]", "object.spec.serviceAccountName == 's' && object.spec.serviceAccount == 's'"),
    ("pods", POD % "containers: [{name: c, image: x, livenessProbe: {timeoutSeconds: 0, httpGet: {port: 1}}}]", "c.livenessProbe.timeoutSeconds == 1 && c.livenessProbe.httpGet.scheme == 'HTTP'"),
    ("networkpolicies", "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: p}\nspec: {podSelector: {}, policyTypes: []}\n", "object.spec.policyTypes == ['Ingress']"),
    ("networkpolicies", "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: p}\nspec: {podSelector: {}, egress: [{}]}\n", "object.spec.policyTypes == ['Ingress', 'Egress']"),
    ("services", "apiVersion: v1\nkind: Service\nmetadata: {name: p}\nspec: {type: '', externalIPs: [1.2.3.4], ports: [{port: 5}]}\n",
     "object.spec.type == 'ClusterIP' && object.spec.externalTrafficPolicy == 'Cluster' && object.spec.ports[0].targetPort == 5"),
    ("limitranges", "apiVersion: v1\nkind: LimitRange\nmetadata: {name: p}\nspec: {limits: [{type: Container, max: {cpu: 2}, min: {memory: 1}}, {type: Pod, max: {cpu: 2}}]}\n",
     "object.spec.limits[0].default.cpu == 2 && object.spec.limits[0].defaultRequest.memory == 1 && !has(object.spec.limits[1].default)"),
    ("statefulsets", "apiVersion: apps/v1\nkind: StatefulSet\nmetadata: {name: p}\nspec: {selector: {}, updateStrategy: {type: RollingUpdate}}\n", "!has(object.spec.updateStrategy.rollingUpdate)"),
    ("jobs", "apiVersion: batch/v1\nkind: Job\nmetadata: {name: p}\nspec: {completions: 4, template: {metadata: {labels: {a: b}}, spec: {containers: [{name: c, image: x}]}}}\n",
     "object.spec.completions == 4 && object.spec.parallelism == 1 && object.metadata.labels == {'a': 'b'}"),
    ("rolebindings", "apiVersion: rbac.authorization.k8s.io/v1\nkind: RoleBinding\nmetadata: {name: p}\nroleRef: {kind: Role, name: r}\nsubjects: [{kind: User, name: u}, {kind: ServiceAccount, name: s, namespace: n}]\n",
     "object.roleRef.apiGroup == 'rbac.authorization.k8s.io' && object.subjects.map(s, has(s.apiGroup)) == [true, false]"),
] + [("pods", POD % ("containers: [{name: c, image: '%s'}]" % image), "c.imagePullPolicy == '%s'" % policy) for image, policy in (
    ("x", "Always"), ("x:latest", "Always"), ("x:1", "IfNotPresent"), ("r:5000/x", "Always"), ("r:5000/x:1", "IfNotPresent"), ("x@sha256:" + "0" * 64, "IfNotPresent"),
    ("x:latest@sha256:" + "0" * 64, "Always"), ("x:1@sha256:" + "0" * 64, "IfNotPresent"), ("X", "IfNotPresent"), ("$IMAGE:latest", "IfNotPresent"), ("R/x:latest", "Always"),
    ("a/X:latest", "IfNotPresent"), ("a//b:latest", "IfNotPresent"), ("a/b-:latest", "IfNotPresent"), ("a__b--c.d:latest", "Always"), ("a..b:latest", "IfNotPresent"))]


def check_defaults(cwd):
    for population, text, expression in DEFAULTS:
        put(cwd, "in.yaml", text)
        whole = re.sub(r"\bc\.", "object.spec.containers[0].", expression)
        ran = subprocess.run([PROGRAM, "eval", "--manifests", "in.yaml", "--over", population, whole], cwd=cwd, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, check=False)
        assert ran.returncode == 0 and ran.stdout.endswith(": true\n"), (text, whole, ran.stdout, ran.stderr)


ANY_KIND = {
    "budgets": ("policy", "v1", "poddisruptionbudgets", "", "has(object.spec.minAvailable)"),
    "scalers": ("autoscaling", "v2", "horizontalpodautoscalers", "", "object.spec.maxReplicas <= 10"),
    "classes": ("scheduling.k8s.io", "v1", "priorityclasses", "Cluster", "object.value < 10 && namespaceObject == null"),
    "widgets": ("example.com", "v1", "widgets", "Namespaced", "object.spec.size < 3"),
    "mice": ("example.com", "v1", "mice", "Cluster", "object.spec.size < 3"),
    "wolves": ("example.net", "v1", "wolves", "", "false"),
    "secrets": ("", "v1", "secrets", "", "false"),
}
DEFINITION = """apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {{name: {1}.example.com}}
spec: {{group: example.com, scope: {2}, names: {{plural: {1}, kind: {0}}}, versions: [{{name: v1, served: true, storage: true, schema: {{openAPIV3Schema: {{type: object}}}}}}]}}
"""


def write_policies(cwd):
    for name, (group, version, resource, scope, expression) in ANY_KIND.items():
        put(cwd, f"policies/{name}.yaml", f"""apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata: {{name: {name}}}
spec:
  matchConstraints:
    resourceRules: [{{apiGroups: ["{group}"], apiVersions: [{version}], operations: [CREATE], resources: [{resource}], scope: "{scope or '*'}"}}]
  validations: [{{expression: "{expression}"}}]
""")


def check_any_kind(cwd):
    """Policies over kinds that no table has: judged, with plural and scope as Kubernetes or a definition in the files says; else told as not known."""
    write_policies(cwd)
    thing = "apiVersion: {0}\nkind: {1}\nmetadata: {{{2}}}\n{3}\n"
    put(cwd, "in/a.yaml", "---\n".join(thing.format(*t) for t in (
        ("policy/v1", "PodDisruptionBudget", "name: good", "spec: {minAvailable: 1}"), ("policy/v1", "PodDisruptionBudget", "name: bad", "spec: {maxUnavailable: 1}"),
        ("autoscaling/v2", "HorizontalPodAutoscaler", "name: many, namespace: b", "spec: {maxReplicas: 11}"),
        ("autoscaling/v1", "HorizontalPodAutoscaler", "name: other-version", "spec: {maxReplicas: 1}"),
        ("scheduling.k8s.io/v1", "PriorityClass", "name: low", "value: 1"), ("scheduling.k8s.io/v1", "PriorityClass", "name: high", "value: 10"),
        ("example.com/v1", "Widget", "name: small, namespace: b", "spec: {size: 1}"), ("example.com/v1", "Widget", "name: big, namespace: b", "spec: {size: 3}"),
        ("example.com/v1", "Widget", "name: nowhere", "spec: {size: 3}"), ("example.com/v1", "Mouse", "name: big", "spec: {size: 3}"),
        ("unwanted.example.org/v1", "Thing", "name: t", "spec: {}"))))
    _, told, report, _ = scan(cwd, "in", "--policy", "policies")
    found = {f"{f['check']} {f['verdict']} {name_of(f)}" for f in report["findings"]}
    assert found == {"budgets fail PodDisruptionBudget default/bad", "scalers fail HorizontalPodAutoscaler b/many", "scalers unknown HorizontalPodAutoscaler default/other-version",
                     "classes fail PriorityClass /high", "widgets fail Widget b/big", "widgets unknown Widget /nowhere"}, (found, told)
    got = verdicts(report)
    assert (got["mice"], got["wolves"], got["secrets"]) == ("unknown", "not-applicable", "not-applicable"), got
    reason = next(c["reason"] for c in report["checks"] if c["id"] == "mice")
    assert "example.com/mice (which may be the files' Mouse" in reason or "example.com/mice (which may be the files' Widget" in reason, reason
    assert "1 unwanted.example.org/v1 Thing" in " ".join(report["summary"]["notes"]), report["summary"]["notes"]
    big = next(f for f in report["findings"] if name_of(f) == "Widget b/big")
    assert big["location"]["file"] == "in/a.yaml" and big["location"]["line"] > 30, big
    # definitions, behind the objects: what they say counts
    put(cwd, "in/z.yaml", DEFINITION.format("Mouse", "mice", "Cluster") + "---\n" + DEFINITION.format("Widget", "widgets", "Namespaced"))
    _, _, report, _ = scan(cwd, "in", "--policy", "policies", "-c", "mice", "-c", "widgets")
    found = {f"{f['check']} {f['verdict']} {name_of(f)}" for f in report["findings"]}
    assert found == {"mice fail Mouse /big", "widgets fail Widget b/big", "widgets fail Widget default/nowhere"}, found
    # the other scope: the policy is not for them
    put(cwd, "in/z.yaml", DEFINITION.format("Mouse", "mice", "Namespaced") + "---\n" + DEFINITION.format("Widget", "widgets", "Cluster"))
    _, _, report, _ = scan(cwd, "in", "--policy", "policies", "-c", "mice", "-c", "widgets")
    assert not [f for f in report["findings"] if f["verdict"] == "fail"], report["findings"]
    # what cannot be read may be of a kind that is met only behind it, or nowhere else
    put(cwd, "in/0.yaml", "apiVersion: policy/v1\nkind: PodDisruptionBudget\nmetadata: {name: [\n")
    os.remove(os.path.join(cwd, "in/a.yaml"))
    put(cwd, "in/b.yaml", thing.format("policy/v1", "PodDisruptionBudget", "name: good", "spec: {minAvailable: 1}"))
    _, _, report, _ = scan(cwd, "in", "--policy", "policies", "-c", "budgets")
    assert verdicts(report)["budgets"] == "unknown", verdicts(report)
    os.remove(os.path.join(cwd, "in/b.yaml"))
    _, _, report, _ = scan(cwd, "in", "--policy", "policies", "-c", "budgets")
    assert verdicts(report)["budgets"] == "unknown", verdicts(report)
    # of another kind, or of nobody's, it is not
    for text in ('{"a": [\n', "apiVersion: example.org/v1\nkind: Dashboard2\nmetadata: {name: [\n", "kind: CustomResourceStateMetrics\nspec: {}\n"):
        put(cwd, "in/0.yaml", text)
        _, _, report, _ = scan(cwd, "in", "--policy", "policies", "-c", "budgets", "-c", "wolves")
        assert verdicts(report) == {"budgets": "not-applicable", "wolves": "unknown" if "kind" in text else "not-applicable"}, (text, verdicts(report))
    os.remove(os.path.join(cwd, "in/0.yaml"))
    put(cwd, "in/s.yaml", "apiVersion: v1\nkind: Secret\nmetadata: {name: s}\n")
    _, _, report, _ = scan(cwd, "in", "--policy", "policies", "-c", "secrets", "-c", "budgets")
    assert verdicts(report) == {"secrets": "unknown", "budgets": "not-applicable"}, verdicts(report)


def check_formats(cwd):
    """What CI systems read is well formed whatever objects are called, and says the place."""
    put(cwd, "evil.yaml", "apiVersion: v1\nkind: Pod\nmetadata: {name: \"=cmd()\\n::error::x]]><a>&\\u202e\", namespace: \"%0A::warning::, b\"}\n"
                          "spec:\n  hostPID: true\n  containers: [{name: c, image: x}]\n")
    _, _, report, out = scan(cwd, "./evil.yaml", "-c", "5.2.3", formats=("json", "sarif", "junit", "github", "gitlab", "csv"))
    finding = next(f for f in report["findings"] if f["verdict"] == "fail")
    with open(os.path.join(out, "report.sarif"), encoding="utf-8") as f:
        run = json.load(f)["runs"][0]
    assert [r["id"] for r in run["tool"]["driver"]["rules"]] == ["5.2.3"]
    where = run["results"][0]["locations"][0]["physicalLocation"]
    assert where == {"artifactLocation": {"uri": "evil.yaml"}, "region": {"startLine": 5, "startColumn": 3}}, where
    assert run["results"][0]["level"] == "error" and run["results"][0]["partialFingerprints"]["kubevouch/v1"] == finding["fingerprint"]
    suite = xml.dom.minidom.parse(os.path.join(out, "junit.xml")).getElementsByTagName("testsuite")[0]
    assert (suite.getAttribute("tests"), suite.getAttribute("failures")) == ("1", "1") and "evil.yaml:5:3: " in suite.toxml()
    with open(os.path.join(out, "annotations.txt"), encoding="utf-8") as f:
        lines = f.read().splitlines()
    assert len(lines) == 1 and lines[0].startswith("::error file=evil.yaml,line=5,col=3,title=5.2.3 "), lines
    assert "%250A" in lines[0] and lines[0].count("::error ") == 1 and "\u202e" not in lines[0]
    with open(os.path.join(out, "gl-code-quality-report.json"), encoding="utf-8") as f:
        issue, = json.load(f)
    assert issue["location"] == {"path": "evil.yaml", "lines": {"begin": 5}} and issue["severity"] == "critical", issue
    with open(os.path.join(out, "findings.csv"), encoding="utf-8", newline="") as f:
        rows = list(csv.DictReader(f))
    assert all(c == "" or c[0] not in "=+-@|%\t" for r in rows for c in r.values()), rows
    failed = next(r for r in rows if r["verdict"] == "fail")
    assert failed["name"].startswith("'=cmd()") and (failed["line"], failed["column"]) == ("5", "3"), failed


def check_baseline(cwd):
    pod = "apiVersion: v1\nkind: Pod\nmetadata: {{name: {0}, namespace: a}}\nspec: {{hostPID: true, containers: [{{name: c, image: x}}]}}\n---\n"
    put(cwd, "base.yaml", pod.format("old"))
    status, _, _, out = scan(cwd, "base.yaml", "--fail-on", "high")
    before = os.path.join(out, "report.json")
    assert status == 1
    assert scan(cwd, "base.yaml", "--baseline", before, "--fail-on-new")[0] == 0
    put(cwd, "base.yaml", "# moved down\n" + pod.format("old") + pod.format("fresh"))
    status, _, report, out = scan(cwd, "base.yaml", "--baseline", before, "--fail-on-new", formats=("json", "sarif"))
    assert status == 1 and {f["object"]["name"] for f in report["findings"] if f.get("new")} == {"fresh"}
    with open(os.path.join(out, "report.sarif"), encoding="utf-8") as f:
        assert {r["baselineState"] for r in json.load(f)["runs"][0]["results"]} == {"new", "unchanged"}
    assert scan(cwd, "base.yaml", "--baseline", before, "--fail-on-new", "--fail-on", "critical", "-c", "5.2.3")[0] == 0
    assert scan(cwd, "base.yaml", "--fail-on-new")[0] == 2 and scan(cwd, "base.yaml", "--baseline", "base.yaml")[0] == 4


def check_examples(cwd):
    """The commands of deploy/ci run as they stand there, over a folder that fails and one that does not."""
    ci = os.path.join(FOLDER, "..", "..", "deploy", "ci")
    os.makedirs(os.path.join(cwd, "bin"))
    os.symlink(PROGRAM, os.path.join(cwd, "bin", "kubevouch"))
    put(cwd, "bad/p.yaml", "apiVersion: v1\nkind: Pod\nmetadata: {name: p, namespace: a}\nspec: {hostPID: true, containers: [{name: c, image: x}]}\n")
    put(cwd, "good/c.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: p, namespace: a}\n")
    found = {}
    for name in sorted(os.listdir(ci)):
        with open(os.path.join(ci, name), encoding="utf-8") as f:
            text = f.read()
        block = re.search(r"^( *)(?:run|script): \|\n((?:\1 .*\n)+)", text, re.M)
        entry = re.search(r"entry: sh -c '(.*)' --", text)
        line = re.search(r"^  - (kubevouch scan .*)$", text, re.M)
        found[name] = entry.group(1) if entry else re.sub(r"^ +", "", block.group(2), flags=re.M) if block else line.group(1)
        for folder, status in (("bad", 1), ("good", 0)):
            env = dict(os.environ, PATH=os.path.join(cwd, "bin") + ":" + os.environ["PATH"], MANIFESTS=folder, FAIL_ON="high")
            files = [os.path.join(folder, f) for f in os.listdir(os.path.join(cwd, folder))]
            ran = subprocess.run(["sh", "-c", found[name], "--", *files], cwd=cwd, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
            assert ran.returncode == status, (name, folder, ran.returncode, ran.stdout.decode())
            if name.startswith(("github", "pre-commit")):
                assert (b"::error file=bad/p.yaml,line=4,col=8," in ran.stdout) == (status == 1), (name, ran.stdout.decode())
    assert len(found) == 4, found


def states(report):
    """(check, object): its finding's verdict; what has none passed."""
    return {(f["check"], name_of(f)): f for f in report["findings"]}


def check_taking_away(cwd):
    """A document less: what is left does not come to pass, and no check does, unless the document failed there or was what failed."""
    with open(os.path.join(FOLDER, "world.yaml"), encoding="utf-8") as f:
        documents = f.read().split("\n---\n")
    put(cwd, "world.yaml", "\n---\n".join(documents))
    _, _, whole, _ = scan(cwd, "world.yaml", "-c", POLICIES)
    full, verdict = states(whole), verdicts(whole)
    assert sum(v == "fail" for v in verdict.values()) > 8 and sum(v == "unknown" for v in verdict.values()) > 3, verdict
    for i, document in enumerate(documents):
        kind, name = re.search(r"^kind: (\S+)", document, re.M).group(1), re.search(r"metadata: \{name: ([\w-]+)", document).group(1)
        put(cwd, "world.yaml", "\n---\n".join(documents[:i] + documents[i + 1:]))
        _, _, less, _ = scan(cwd, "world.yaml", "-c", POLICIES)
        left, now = states(less), verdicts(less)
        gone = {c for (c, o), f in full.items() if o.split(" ")[0] == kind and o.endswith("/" + name)}
        named = {k for k, f in full.items() if f"{kind} " in json.dumps(f) and name in json.dumps([f.get("message"), f.get("evidence"), f.get("podExamples")])}
        for key, f in full.items():
            check, thing = key
            is_itself = thing.split(" ")[0] == kind and thing.endswith("/" + name) and kind != "Namespace"
            is_subject = thing.split(" ")[0] in ("User", "ServiceAccount") and kind.endswith("Binding")
            if is_itself or is_subject or key in named or (check in gone and kind in ("NetworkPolicy", "Pod", "Deployment")):
                continue
            assert key in left, (f"without {kind} {name}", key, f["verdict"], f.get("message"))
        for check, was in verdict.items():
            failed_there = check in gone or any(c == check for c, _ in named) or kind.endswith("Binding")
            assert failed_there or was in ("pass", "not-applicable") or now[check] != "pass", (f"without {kind} {name}", check, was)


def main():
    with open(os.path.join(FOLDER, "rows.json"), encoding="utf-8") as f:
        rows = json.load(f)
    faults = 0
    jobs = [(r["name"], lambda cwd, r=r: check_row(r, cwd)) for r in rows]
    jobs += [(fn.__name__, fn) for fn in (check_accounting, check_defaults, check_any_kind, check_formats, check_baseline, check_examples, check_taking_away)]
    for name, job in jobs:
        with tempfile.TemporaryDirectory() as cwd:
            try:
                job(cwd)
            except AssertionError as e:
                faults += 1
                print(f"{name}: line {e.__traceback__.tb_lineno}, {e}", file=sys.stderr)
                tb = e.__traceback__
                while tb.tb_next:
                    tb = tb.tb_next
                print(f"  at line {tb.tb_lineno}", file=sys.stderr)
    print(f"{len(jobs) - faults} passed, {faults} failed")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
