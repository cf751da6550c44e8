#!/usr/bin/env python3
"""Inputs that reports must stand: a recorded cluster with nothing in it, one that forbids everything, and objects with hostile names.

awkward_inputs.py FOLDER SRCDIR FILE NAMES      makes FOLDER/snap-empty, FOLDER/snap-forbidden, and FILE, a List in JSON;
                                                NAMES: a JSON list of further hostile names"""
import json
import os
import shutil
import sys

HOSTILE = ["<script>alert(1)</script>", "a|b`c`*d*[x](http://evil)", "\u202egnp.exe", "x\x1b[31m", "line\nbreak\t\"quote\"\\", "{}\",evil=\"1", "x" * 253, " ",
           "\u00e9\U0001f600", "]]>"]


def snapshot(folder, src, name, edit):
    """A copy of the recorded cluster whose answers went through edit(answer, its folder)."""
    d = f"{folder}/snap-{name}"
    shutil.copytree(f"{src}/tests/clusters/mix", d)
    os.system(f"chmod -R u+w '{d}'")  # a release's own files cannot be written
    with open(f"{d}/snapshot.json", encoding="utf-8") as f:
        index = json.load(f)
    for a in index["answers"]:
        edit(a, d)
    with open(f"{d}/snapshot.json", "w", encoding="utf-8") as f:
        json.dump(index, f)
    return d


def emptied(a, d):
    path = f"{d}/{a['file']}" if a.get("file") else None
    if not path or a["path"].split("?")[0].count("/") <= 2:
        return
    with open(path, encoding="utf-8") as f:
        body = f.read()
    try:
        v = json.loads(body)
    except ValueError:
        return
    if isinstance(v.get("items"), list) and v.get("kind", "").endswith("List") and "apidiscovery" not in body:
        v["items"] = []
        with open(path, "w", encoding="utf-8") as f:
            json.dump(v, f)


def forbidden(a, _):
    if a["path"].split("?")[0] not in ("/version", "/api", "/apis"):
        a["status"] = 403


def main():
    folder, src, file, more = sys.argv[1:]
    snapshot(folder, src, "empty", emptied)
    snapshot(folder, src, "forbidden", forbidden)
    names = HOSTILE + json.loads(more)
    docs = [{"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRoleBinding", "metadata": {"name": f"b{i}"},
             "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "cluster-admin"},
             "subjects": [{"kind": "User", "apiGroup": "rbac.authorization.k8s.io", "name": n}]} for i, n in enumerate(names)]
    docs += [{"apiVersion": "v1", "kind": "Pod", "metadata": {"name": n, "namespace": n},
              "spec": {"hostNetwork": True, "containers": [{"name": "c", "image": n, "securityContext": {"privileged": True}}]}} for n in names]
    with open(file, "w", encoding="utf-8") as f:
        json.dump({"apiVersion": "v1", "kind": "List", "items": docs}, f)


if __name__ == "__main__":
    main()
