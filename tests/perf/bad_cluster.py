#!/usr/bin/env python3
"""The recording of a bad cluster: bad_cluster.py RECORDING TARGET [pods=N] [namespaces=N] [bindings=N] [workloads=N]

Copies RECORDING to TARGET and adds to its lists: bare pods that fail about twenty checks each, namespaces without a label,
bindings of users to cluster-admin, Deployments with a ReplicaSet and three pods each. Texts differ from object to object, as they do
where nothing is bounded by what is usual."""
import json
import os
import shutil
import sys
import zlib

GROUP = "rbac.authorization.k8s.io"


def spec(i):
    return {
        "hostNetwork": True, "hostPID": True, "hostIPC": True, "automountServiceAccountToken": True, "serviceAccountName": "default",
        "volumes": [{"name": "root", "hostPath": {"path": f"/srv/{i}"}}, {"name": "secret", "secret": {"secretName": f"s{i}"}}],
        "containers": [{
            "name": "main", "image": f"registry.example/app-{i}:latest",
            "securityContext": {"privileged": True, "allowPrivilegeEscalation": True, "runAsUser": 0, "procMount": "Unmasked",
                                "capabilities": {"add": ["SYS_ADMIN", "NET_RAW"]},
                                "windowsOptions": {"hostProcess": True}, "seccompProfile": {"type": "Unconfined"}},
            "ports": [{"containerPort": 80, "hostPort": 8000 + i % 20000}],
            "env": [{"name": "PASSWORD", "valueFrom": {"secretKeyRef": {"name": f"s{i}", "key": "password"}}}],
            "volumeMounts": [{"name": "root", "mountPath": "/host"}, {"name": "secret", "mountPath": "/secret"}],
        }],
    }


def uid(name):
    return f"{zlib.crc32(name.encode()):08x}-0000-4000-8000-000000000000"


def meta(name, i, ns=None, **more):
    m = {"name": name, "uid": uid(name), "resourceVersion": str(1000000 + i)}
    return {**m, **({"namespace": ns} if ns else {}), **more}


def owned(kind, name, i):
    """By its controller's UID and within its selector, as an API server's own controllers make them."""
    return {"labels": {"app": f"w{i}"},
            "ownerReferences": [{"apiVersion": "apps/v1", "kind": kind, "name": name, "uid": uid(name), "controller": True}]}


def pods(count):
    for i in range(count):
        yield {"metadata": meta(f"bare-{i:06d}", i, "default"), "spec": spec(i)}


def namespaces(count):
    for i in range(count):
        yield {"metadata": meta(f"unlabelled-{i:06d}", i), "spec": {}, "status": {"phase": "Active"}}


def bindings(count):
    for i in range(count):
        yield {"metadata": meta(f"all-powerful-{i:06d}", i), "roleRef": {"apiGroup": GROUP, "kind": "ClusterRole", "name": "cluster-admin"},
               "subjects": [{"apiGroup": GROUP, "kind": "User", "name": f"user-{i:06d}@example.com"}]}


def workload(i):
    labels = {"app": f"w{i}"}
    return {"selector": {"matchLabels": labels}, "template": {"metadata": {"labels": labels}, "spec": spec(i)}}


def deployments(count):
    for i in range(count):
        yield {"metadata": meta(f"work-{i:06d}", i, "default"), "spec": workload(i)}


def replicasets(count):
    for i in range(count):
        yield {"metadata": meta(f"work-{i:06d}-7d", i, "default", **owned("Deployment", f"work-{i:06d}", i)), "spec": workload(i)}


def workload_pods(count):
    for i in range(count):
        for k in "zba":
            yield {"metadata": meta(f"work-{i:06d}-7d-{k}", i, "default", **owned("ReplicaSet", f"work-{i:06d}-7d", i)), "spec": spec(i)}


def append(name, items):
    """Into the list in the file, whose items stand last, without holding it."""
    with open(name, encoding="utf-8") as f:
        got = json.load(f)
    first = got.pop("items") or []
    with open(name, "w", encoding="utf-8") as f:
        f.write(json.dumps(got, separators=(",", ":"))[:-1] + ',"items":[')
        comma = ""
        for source in [iter(first), *items]:
            for item in source:
                f.write(comma + json.dumps(item, separators=(",", ":")))
                comma = ","
        f.write("]}\n")


def main():
    recording, target, *counts = sys.argv[1:]
    count = {name: int(n) for name, n in (c.split("=") for c in counts)}
    w = count.get("workloads", 0)
    planted = {
        "/api/v1/pods": [pods(count.get("pods", 0)), workload_pods(w)],
        "/api/v1/namespaces": [namespaces(count.get("namespaces", 0))],
        f"/apis/{GROUP}/v1/clusterrolebindings": [bindings(count.get("bindings", 0))],
        "/apis/apps/v1/deployments": [deployments(w)],
        "/apis/apps/v1/replicasets": [replicasets(w)],
    }
    shutil.copytree(recording, target)
    with open(os.path.join(target, "snapshot.json"), encoding="utf-8") as f:
        index = json.load(f)
    for answer in index["answers"]:
        items = planted.pop(answer["path"], None)
        if items:
            append(os.path.join(target, answer["file"]), items)
    if planted:
        sys.exit(f"{recording} has no answers to {', '.join(planted)}")


if __name__ == "__main__":
    main()
