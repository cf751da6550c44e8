#!/usr/bin/env python3
"""What hostile network policies cost an audit: network_shapes.py PROGRAM RECORDING [SHAPE...]

Adds policies, pods and namespaces to the recording of a cluster, judges 5.3.2 over it, and prints CPU seconds and the peak of memory, beside those
of reading the same pods for a check that looks at no policy (5.4.1), and what a run takes to end once it is interrupted. Ends with 1 if a shape
takes more above that than it may (shapes.py)."""
import sys

import shapes

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


def main():
    program, recording, *names = sys.argv[1:]
    return shapes.measure(program, recording, SHAPES, LIST, names, ("--check", "5.3.2", "-f", "json"),
                          lambda planted: shapes.audit(program, planted, "--check", "5.4.1", "-f", "json")[:2])


if __name__ == "__main__":
    sys.exit(main())
