#!/usr/bin/env python3
"""Copies a recorded cluster with markers planted wherever people leave credentials in objects.

    plant.py RECORDING NEW-FOLDER MARKER

Says how many markers it planted. What decides verdicts stays: markers stand beside what was there."""
import json
import os
import shutil
import sys

source, target, marker = sys.argv[1:]
planted = 0


def mark():
    global planted
    planted += 1
    return "%s-%d" % (marker, planted)


def annotate(metadata):
    notes = metadata.setdefault("annotations", None) or {}
    notes["example.com/note"] = mark()
    metadata["annotations"] = notes


def plant_container(c, is_component):
    if is_component:
        words = "args" if c.get("args") else "command"
        if c.get(words):
            c[words] = c[words] + ["--planted-token=" + mark(), "--planted-secret", mark(), "--planted-url=https://me:%s@example.com/" % mark()]
    else:
        c["command"] = (c.get("command") or []) + ["--password=" + mark()]
        c["args"] = (c.get("args") or []) + [mark()]
    c["env"] = (c.get("env") or []) + [{"name": "PLANTED", "value": mark()}]
    headers = {"path": "/" + mark(), "port": 1, "httpHeaders": [{"name": "X", "value": mark()}]}
    c["livenessProbe"] = {"httpGet": headers}
    c["readinessProbe"] = {"exec": {"command": [mark()]}}
    c["lifecycle"] = {"preStop": {"exec": {"command": [mark()]}}, "postStart": {"httpGet": headers}}


def plant_pod(spec, is_component):
    for kind in ("containers", "initContainers", "ephemeralContainers"):
        for c in spec.get(kind) or []:
            plant_container(c, is_component)
    spec["volumes"] = (spec.get("volumes") or []) + [
        {"name": "planted", "csi": {"driver": "example.com", "volumeAttributes": {"a": mark()}}}]


def is_component(item):
    text = json.dumps(item)
    return item.get("metadata", {}).get("namespace") == "kube-system" and ("config.mirror" in text or "kube-proxy" in text)


def walk(v, component):
    if isinstance(v, dict):
        if "containers" in v and isinstance(v["containers"], list):
            plant_pod(v, component)
        for key, val in v.items():
            if key == "metadata" and isinstance(val, dict):
                annotate(val)
            elif key not in ("containers", "volumes"):
                walk(val, component)
    elif isinstance(v, list):
        for item in v:
            walk(item, component)


def plant_config(text):
    """kubeadm's configuration, a text of its own in the ConfigMap."""
    before = "apiServer:\n  extraArgs:\n"
    if not text or before not in text:
        sys.exit("no kubeadm configuration to plant in")
    return text.replace(before, "# %s\napiServer:\n  extraEnvs:\n  - name: PLANTED\n    value: %s\n%s  - name: planted-token\n    value: %s\n"
                        "  - name: planted-url\n    value: https://me:%s@example.com/\n"
                        % (mark(), mark(), before.split("\n", 1)[1], mark(), mark()))


def plant_item(item, kind):
    walk(item, is_component(item))
    spec = item.setdefault("spec", {}) if kind.startswith(("PersistentVolume",)) else item
    if kind == "PersistentVolume":
        spec["mountOptions"] = ["password=" + mark()]
        spec["csi"] = {"driver": "example.com", "volumeHandle": "h", "volumeAttributes": {"a": mark()}}
    if kind == "StorageClass":
        spec.setdefault("parameters", {})["key"] = mark()
        spec["mountOptions"] = [mark()]
    if kind == "ConfigMap":
        item.setdefault("data", {})["planted"] = mark()
        item["binaryData"] = {"planted": mark()}


shutil.copytree(source, target)
for row in json.load(open(os.path.join(source, "snapshot.json")))["answers"]:
    path = os.path.join(target, row["file"])
    try:
        body = json.load(open(path))
    except ValueError:
        continue
    kind = body.get("kind", "") if isinstance(body, dict) else ""
    if kind.endswith("List") and body.get("items") and "metadata" in body["items"][0]:
        for item in body["items"]:
            plant_item(item, kind[:-4])
    elif kind == "ConfigMap":
        plant_item(body, kind)
        if row["path"].endswith("/kubeadm-config"):
            body["data"]["ClusterConfiguration"] = plant_config(body["data"].get("ClusterConfiguration"))
    elif kind == "Flagz" or "/flagz" in row["path"]:
        if isinstance(body.get("flags"), dict):
            body["flags"]["planted-token"] = mark()
    else:
        continue
    with open(path, "w") as f:
        json.dump(body, f)
print(planted)
