#!/usr/bin/env python3
"""What hostile RBAC costs an audit: rbac_shapes.py PROGRAM RECORDING [SHAPE...]

Adds roles and bindings to the recording of a cluster, audits it, and prints CPU seconds and the peak of memory of the whole audit.
Ends with 1 if a shape takes more than it may. Each shape is what somebody who may write RBAC objects can make."""
import json
import os
import shutil
import subprocess
import sys
import tempfile

API = "rbac.authorization.k8s.io/v1"
GROUP = "rbac.authorization.k8s.io"
CPU_SECONDS, MEBIBYTES = 20, 128


def rules(count, verbs=("get",)):
    return [{"apiGroups": [""], "resources": ["configmaps" if i % 2 else "secrets"], "resourceNames": [f"n{i}"], "verbs": list(verbs)}
            for i in range(count)]


def odd_rules(count):
    return [{"apiGroups": [f"g{i}.example"], "resources": [f"r{i}"], "verbs": [f"v{i}"]} for i in range(count)]


def role(name, rule, ns=None):
    meta = {"name": name, "namespace": ns} if ns else {"name": name}
    return {"apiVersion": API, "kind": "Role" if ns else "ClusterRole", "metadata": meta, "rules": rule}


def binding(name, ref, subjects, ns=None):
    meta = {"name": name, "namespace": ns} if ns else {"name": name}
    return {"apiVersion": API, "kind": "RoleBinding" if ns else "ClusterRoleBinding", "metadata": meta,
            "roleRef": {"apiGroup": GROUP, "kind": "ClusterRole", "name": ref}, "subjects": subjects}


def user(i):
    return {"apiGroup": GROUP, "kind": "User", "name": f"u{i}"}


def authenticated(of):
    everyone = {"apiGroup": GROUP, "kind": "Group", "name": "system:authenticated"}
    return [role("wide", of(25000))] + [binding(f"wide-{i}", "wide", [everyone]) for i in range(5)]


SHAPES = {
    "authenticated": lambda: authenticated(rules),
    "authenticated-odd": lambda: authenticated(odd_rules),
    "rules-x-subjects": lambda: [role("many", rules(4000)), binding("many", "many", [user(i) for i in range(4000)])],
    "rules-x-bindings": lambda: [role("many", rules(4000))] + [binding(f"b{i}", "many", [user(i)]) for i in range(4000)],
    "rules-x-namespaces": lambda: [role("many", odd_rules(25000))] + [binding(f"b{i}", "many", [user(0)], f"ns{i}") for i in range(1000)],
    "bindings": lambda: [role(f"r{i}", rules(3)) for i in range(1000)] + [binding(f"b{i}", f"r{i % 1000}", [user(i % 5000)], f"ns{i % 500}") for i in range(50000)],
    "empty-rules": lambda: [role("empty", [{"verbs": []} for _ in range(500000)]), binding("empty", "empty", [user(0)])],
    "chain": lambda: [{**role(f"a{i}", None), "aggregationRule": {"clusterRoleSelectors": [{"matchLabels": {"n": str(i + 1)}}]},
                       "metadata": {"name": f"a{i}", "labels": {"n": str(i)}}} for i in range(2000)] + [binding("chain", "a0", [user(0)])],
}
LIST = {"ClusterRole": "clusterroles", "Role": "roles", "ClusterRoleBinding": "clusterrolebindings", "RoleBinding": "rolebindings"}


def plant(recording, target, objects):
    shutil.copytree(recording, target)
    index = json.load(open(os.path.join(target, "snapshot.json"), encoding="utf-8"))
    for answer in index["answers"]:
        plural = answer["path"].split("?")[0].rsplit("/", 1)[-1]
        mine = [o for o in objects if LIST[o["kind"]] == plural]
        if not mine or answer["status"] != 200:
            continue
        name = os.path.join(target, answer["file"])
        got = json.load(open(name, encoding="utf-8"))
        got["items"] += [{k: v for k, v in o.items() if k not in ("apiVersion", "kind")} for o in mine]
        with open(name, "w", encoding="utf-8") as f:
            json.dump(got, f, separators=(",", ":"))


def main():
    program, recording, *names = sys.argv[1:]
    failed = False
    for name in names or SHAPES:
        with tempfile.TemporaryDirectory() as folder:
            target, out = os.path.join(folder, "recording"), os.path.join(folder, "out")
            plant(recording, target, SHAPES[name]())
            pid = subprocess.Popen([program, "audit", "-q", "--snapshot", target, "-o", out], stdout=subprocess.DEVNULL)
            _, status, used = os.wait4(pid.pid, 0)
            cpu, peak = used.ru_utime + used.ru_stime, used.ru_maxrss / 1024
            over = cpu > CPU_SECONDS or peak > MEBIBYTES or os.waitstatus_to_exitcode(status) not in (0, 3)
            failed |= over
            print(f"{name:20} {cpu:6.1f} s CPU {peak:7.1f} MiB  exit {os.waitstatus_to_exitcode(status)}{'  TOO MUCH' if over else ''}", flush=True)
            if os.environ.get("KEEP"):
                shutil.copytree(out, os.path.join(os.environ["KEEP"], name), dirs_exist_ok=True)
    return failed


if __name__ == "__main__":
    sys.exit(main())
