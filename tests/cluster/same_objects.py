#!/usr/bin/env python3
"""Compares the objects of a chart with those of a kustomize folder: same_objects.py KUBECTL_JSON_OF_CHART KUBECTL_JSON_OF_BASE ONLY_IN_BASE...

Both files hold JSON documents one after the other. What a chart adds to say that it is one (three labels) is not compared;
ONLY_IN_BASE names, as Kind/name, what a chart cannot have because the API server makes it first, or the release stands in it."""
import json
import sys

HELMS = {"app.kubernetes.io/instance", "app.kubernetes.io/managed-by", "helm.sh/chart"}


def documents(path):
    text, at, decoder = open(path, encoding="utf-8").read(), 0, json.JSONDecoder()
    while text[at:].strip():
        at += len(text[at:]) - len(text[at:].lstrip())
        one, at = decoder.raw_decode(text, at)
        yield from one["items"] if one["kind"] == "List" else [one]


def objects(path):
    found = {}
    for o in documents(path):
        labels = o["metadata"].get("labels", {})
        for name in HELMS & labels.keys():
            del labels[name]
        key = f'{o["kind"]}/{o["metadata"].get("namespace", "")}/{o["metadata"]["name"]}'
        assert key not in found, f"{key} stands there twice"
        found[key] = o
    return found


def main():
    chart, base = objects(sys.argv[1]), objects(sys.argv[2])
    only = set(sys.argv[3:])
    missing, extra = base.keys() - chart.keys(), chart.keys() - base.keys()
    differ = [k for k in base.keys() & chart.keys() if base[k] != chart[k]]
    for k in differ:
        print(f"    {k} differs:\n      {json.dumps(chart[k], sort_keys=True)}\n      {json.dumps(base[k], sort_keys=True)}", file=sys.stderr)
    if missing != only or extra or differ or len(base) < 8:
        print(f"    only in the base: {sorted(missing)}, not {sorted(only)}; only in the chart: {sorted(extra)}", file=sys.stderr)
        sys.exit(1)


main()
