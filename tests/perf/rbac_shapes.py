#!/usr/bin/env python3
"""What hostile RBAC and service accounts cost an audit: rbac_shapes.py PROGRAM RECORDING [SHAPE...]

Adds roles and bindings to the recording of a cluster, audits it, and prints CPU seconds and the peak of memory, beside those of an audit of the
recording as it is, and what a run takes to end once it is interrupted. Ends with 1 if a shape takes more than it may (shapes.py). Each shape is
what somebody who may write RBAC objects can make."""
import sys

import shapes

API = "rbac.authorization.k8s.io/v1"
GROUP = "rbac.authorization.k8s.io"


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


def bindings(count):
    return [role(f"r{i}", rules(3)) for i in range(1000)] + [binding(f"b{i}", f"r{i % 1000}", [user(i % 5000)], f"ns{i % 500}") for i in range(count)]


SHAPES = {
    "authenticated": lambda: authenticated(rules),
    "authenticated-odd": lambda: authenticated(odd_rules),
    "rules-x-subjects": lambda: [role("many", rules(4000)), binding("many", "many", [user(i) for i in range(4000)])],
    "rules-x-bindings": lambda: [role("many", rules(4000))] + [binding(f"b{i}", "many", [user(i)]) for i in range(4000)],
    "rules-x-namespaces": lambda: [role("many", odd_rules(25000))] + [binding(f"b{i}", "many", [user(0)], f"ns{i}") for i in range(1000)],
    # 50,000 bindings, and a half and a quarter of that
    "bindings-12500": lambda: bindings(12500),
    "bindings-25000": lambda: bindings(25000),
    "bindings-50000": lambda: bindings(50000),
    "empty-rules": lambda: [role("empty", [{"verbs": []} for _ in range(500000)]), binding("empty", "empty", [user(0)])],
    "annotations": lambda: [{"kind": "ServiceAccount", "metadata": {"name": f"a{i}", "namespace": "default",
                                                                    "annotations": {f"k{k}": f"{i} {k} " + "x" * 2500 for k in range(100)}}} for i in range(400)],
    "chain": lambda: [{**role(f"a{i}", None), "aggregationRule": {"clusterRoleSelectors": [{"matchLabels": {"n": str(i + 1)}}]},
                       "metadata": {"name": f"a{i}", "labels": {"n": str(i)}}} for i in range(2000)] + [binding("chain", "a0", [user(0)])],
}
LIST = {"ServiceAccount": "serviceaccounts", "ClusterRole": "clusterroles", "Role": "roles", "ClusterRoleBinding": "clusterrolebindings", "RoleBinding": "rolebindings"}


def main():
    program, recording, *names = sys.argv[1:]
    check = ("--benchmark", "kubevouch-hardening")  # rights as CIS asks for them, and who can become whom
    reading, held, _ = shapes.audit(program, recording, *check)
    return shapes.measure(program, recording, SHAPES, LIST, names, check, lambda planted: (reading, held))


if __name__ == "__main__":
    sys.exit(main())
