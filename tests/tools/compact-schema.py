#!/usr/bin/env python3
"""The types of Kubernetes objects, small enough to ship: OpenAPI v3 documents of an API server
(kubectl get --raw /openapi/v3/api/v1) to one document with the kinds that are read, fields and types only.

    compact-schema.py KIND.DEF DOCUMENT.json... >benchmarks/schema/kubernetes.json

Kinds are those of KIND.DEF (src/cluster/kind.def), at version v1."""
import json
import re
import sys

KEPT = ("type", "format", "nullable", "$ref", "additionalProperties", "items", "properties", "allOf", "oneOf",
        "x-kubernetes-int-or-string", "x-kubernetes-preserve-unknown-fields")
KIND = "x-kubernetes-group-version-kind"
REF = "#/components/schemas/"


def compact(schema):
    """Without descriptions, defaults, merge keys and the like."""
    if not isinstance(schema, dict):
        return schema
    out = {}
    for key in KEPT:
        if key not in schema:
            continue
        value = schema[key]
        if key == "properties":
            value = {name: compact(field) for name, field in value.items()}
        elif key in ("allOf", "oneOf"):
            value = [compact(part) for part in value]
        elif key in ("items", "additionalProperties"):
            value = compact(value)
        out[key] = value
    if list(out) == ["allOf"] and len(out["allOf"]) == 1:
        return out["allOf"][0]  # a reference with a default beside it
    if out.get("type") == "string":
        out.pop("format", None)
    return out


def references(schema):
    if isinstance(schema, dict):
        if isinstance(schema.get("$ref"), str):  # a field may have that name
            yield schema["$ref"][len(REF):]
        for value in schema.values():
            yield from references(value)
    elif isinstance(schema, list):
        for value in schema:
            yield from references(value)


def main():
    with open(sys.argv[1], encoding="utf-8") as f:
        wanted = set(re.findall(r'^KIND\(\w+,\s*"([^"]*)",\s*"[^"]*",\s*"(\w+)"', f.read(), re.M))
    schemas, roots = {}, []
    for path in sys.argv[2:]:
        with open(path, encoding="utf-8") as f:
            for name, schema in json.load(f)["components"]["schemas"].items():
                schemas[name] = schema
                for kind in schema.get(KIND, []):
                    if kind["version"] == "v1" and (kind["group"], kind["kind"]) in wanted:
                        roots.append(name)
    kept, left = {}, roots
    while left:
        name = left.pop()
        if name not in kept:
            kept[name] = compact(schemas[name])
            if len(schemas[name].get(KIND, [])) == 1:
                kept[name][KIND] = schemas[name][KIND]
            left.extend(references(kept[name]))
    # a line each, so that a new Kubernetes is a diff one can read
    lines = (json.dumps(name) + ":" + json.dumps(kept[name], separators=(",", ":"), sort_keys=True) for name in sorted(kept))
    print('{"components":{"schemas":{\n' + ",\n".join(lines) + "\n}}}")


main()
