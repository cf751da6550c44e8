#!/usr/bin/env python3
"""What hostile network policies cost an audit: network_shapes.py PROGRAM RECORDING [SHAPE...]

Adds policies, pods and namespaces to the recording of a cluster, judges 5.3.2 over it, and prints CPU seconds and the peak of memory, beside those
of reading the same pods for a check that looks at no policy (5.4.1). Ends with 1 if a shape takes more above that than it may."""
import json
import os
import shutil
import subprocess
import sys
import tempfile

CPU_SECONDS, MEBIBYTES = 10, 128
LIST = {"NetworkPolicy": "networkpolicies", "Pod": "pods", "Namespace": "namespaces", "AdminNetworkPolicy": "adminnetworkpolicies"}


def policy(name, ns, selector, **spec):
    return {"kind": "NetworkPolicy", "metadata": {"name": name, "namespace": ns}, "spec": {"podSelector": selector, **spec}}


def labelled(**labels):
    return {"matchLabels": labels}


def pod(name, ns, **labels):
    return {"kind": "Pod", "metadata": {"name": name, "namespace": ns, "uid": name, "labels": labels},
            "spec": {"containers": [{"name": "c", "image": "r.example/a:1", "ports": [{"name": "web", "containerPort": 8080}]}]}, "status": {"phase": "Running"}}


def namespaces(count):
    return [{"kind": "Namespace", "metadata": {"name": f"ns{i}", "labels": {"n": str(i % 50)}}} for i in range(count)]


def blocks(count):
    return [{"ipBlock": {"cidr": f"{i >> 16 & 255}.{i >> 8 & 255}.{i & 255}.0/24", "except": [f"{i >> 16 & 255}.{i >> 8 & 255}.{i & 255}.128/25"]}} for i in range(count)]


def scale(times):
    of = [pod(f"p{i}", f"ns{i % (100 * times)}", app=f"a{i % 20}") for i in range(1000 * times)]
    rule = [{"from": [{"podSelector": labelled(app="a1")}, {"namespaceSelector": labelled(n="3")}], "ports": [{"port": "web"}]}]
    return namespaces(100 * times) + of + [policy(f"q{i}", f"ns{i % (100 * times)}", labelled(app=f"a{i % 20}"), ingress=rule) for i in range(200 * times)]


SHAPES = {
    "empty-rules": lambda: [policy(f"e{i}", "default", {}, ingress=[{}] * 500000) for i in range(7)],
    "empty-peers": lambda: [policy(f"e{i}", "default", {}, ingress=[{"from": [{"podSelector": {}}] * 100000}]) for i in range(7)],
    # 100,000 pods in 10,000 namespaces, 20,000 policies, and a half and a quarter of that
    "scale-25": lambda: scale(25),
    "scale-50": lambda: scale(50),
    "scale-100": lambda: scale(100),
    "own-labels": lambda: [policy(f"o{i}", "default", labelled(app=f"a{i}"), ingress=[]) for i in range(10000)] + [pod(f"p{i}", "default", app=f"a{i}") for i in range(30000)],
    "no-labels": lambda: [policy(f"o{i}", "default", {"matchExpressions": [{"key": f"k{i}", "operator": "DoesNotExist"}]}, ingress=[]) for i in range(2000)] +
                         [pod(f"p{i}", "default", **{f"k{i}": "x"}) for i in range(2000)],
    "blocks": lambda: [policy("b", "default", {}, ingress=[{"from": blocks(30000)}])] + [pod(f"p{i}", "default", app=f"a{i}") for i in range(1000)],
    "rules-x-groups": lambda: [policy(f"o{i}", "default", labelled(app=f"a{i}"), ingress=[]) for i in range(1000)] +
                              [policy("all", "default", {}, ingress=[{"from": [{"podSelector": labelled(app=f"a{k}")}], "ports": [{"port": k + 1}]} for k in range(20000)])] +
                              [pod(f"p{i}", "default", app=f"a{i}") for i in range(1000)],
}


def plant(recording, target, objects):
    shutil.copytree(recording, target)
    index = json.load(open(os.path.join(target, "snapshot.json"), encoding="utf-8"))
    for answer in index["answers"]:
        plural = answer["path"].rsplit("/", 1)[-1]
        mine = [o for o in objects if LIST[o["kind"]] == plural]
        if not mine or answer["status"] != 200 or answer.get("anonymous"):
            continue
        name = os.path.join(target, answer["file"])
        got = json.load(open(name, encoding="utf-8"))
        got["items"] += [{k: v for k, v in o.items() if k != "kind"} for o in mine]
        with open(name, "w", encoding="utf-8") as f:
            json.dump(got, f, separators=(",", ":"))


def plant_apart(recording, target, name):
    """In a process of its own: what this one ever held would be counted as the audit's."""
    pid = os.fork()
    if pid == 0:
        plant(recording, target, SHAPES[name]())
        os._exit(0)
    if os.waitpid(pid, 0)[1]:
        sys.exit(f"{name}: could not be made")


def audit(program, target, check):
    with tempfile.TemporaryDirectory() as out:
        pid = subprocess.Popen([program, "audit", "-q", "--snapshot", target, "-o", out, "--check", check, "-f", "json"], stdout=subprocess.DEVNULL)
        _, status, used = os.wait4(pid.pid, 0)
    return used.ru_utime + used.ru_stime, used.ru_maxrss / 1024, os.waitstatus_to_exitcode(status)


def main():
    program, recording, *names = sys.argv[1:]
    failed = False
    for name in names or SHAPES:
        with tempfile.TemporaryDirectory() as folder:
            target = os.path.join(folder, "recording")
            plant_apart(recording, target, name)
            cpu, peak, status = audit(program, target, "5.3.2")
            reading, floor, _ = audit(program, target, "5.4.1")
            over = cpu - reading > CPU_SECONDS or peak - floor > MEBIBYTES or status not in (0, 3)
            failed |= over
            print(f"{name:16} {cpu:6.1f} s CPU {peak:7.1f} MiB (5.4.1: {reading:.1f} s, {floor:.1f} MiB)  exit {status}{'  TOO MUCH' if over else ''}", flush=True)
    return failed


if __name__ == "__main__":
    sys.exit(main())
