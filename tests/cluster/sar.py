#!/usr/bin/env python3
"""Asks a real API server random and adversarial SubjectAccessReviews, and holds kubevouch's answers against its own.

sar.py KUBEVOUCH KUBECONFIG COUNT SEED      makes roles and bindings, and removes them again; exits 1 and names the first differences"""
import concurrent.futures
import http.client
import json
import os
import random
import subprocess
import sys
import tempfile
import threading
import time

import vap

RBAC = "/apis/rbac.authorization.k8s.io/v1"
SAR = "/apis/authorization.k8s.io/v1/subjectaccessreviews"
NAMESPACES = ["sar-a", "sar-b", "0", "true", "null", "sar-a-b"]
ODD_NAMESPACES = ["", "SAR-A", "sar-a ", "*", "no-such", "a:b", "sar-a/b", "sar_a", ".", "ß"]
VERBS = ["get", "list", "watch", "create", "update", "patch", "delete", "deletecollection", "*", "GET", "Get", "", "bind", "escalate",
         "impersonate", "approve", "sign", "use", "proxy", "get,list", "impersonate:user-info", "post", "head", "put"]
GROUPS = ["", "apps", "batch", "*", "rbac.authorization.k8s.io", "example.com", "Apps", "core", "v1", "extensions", "authentication.k8s.io"]
RESOURCES = ["pods", "secrets", "deployments", "configmaps", "nodes", "serviceaccounts", "clusterroles", "roles", "users", "groups", "userextras",
             "*", "Pods", "pod", "", "pods/exec", "foos", "namespaces", "certificatesigningrequests"]
SUBRESOURCES = ["", "", "", "exec", "log", "scale", "status", "proxy", "token", "*", "exec/x", "EXEC", "attach", "approval", "s", "x" * 1500]
RULE_RESOURCES = RESOURCES + ["*/scale", "*/exec", "pods/*", "*/*", "pods/log", "deployments/scale", "*/", "/exec", "nodes/proxy", "pods/", "*/status",
                              "serviceaccounts/token", "certificatesigningrequests/approval", "pods/exec/x", "**", "*s", "*/" + "x" * 1500, "pods/" + "x" * 1500]
NAMES = ["", "a", "b", "*", "A", "kube-root-ca.crt", "a/b", "system:masters", "a*", "default"]
URLS = ["*", "/api", "/api/*", "/api*", "/apis/*", "/metrics", "/healthz/*", "/", "/*", "/logs/", "/a/*/b", "/ap*i", "/version", "/api/**", "/%2e", "/ß*"]
PATHS = ["/api", "/api/", "/api/v1", "/apis/apps/v1", "/metrics", "/metrics/cadvisor", "/healthz", "/healthz/etcd", "/", "/logs", "/logs/", "/logs/x", "/apiv1",
         "/a/x/b", "/a/*/b", "/API", "/version", "/openapi/v2", "/debug/pprof/profile", "*", "/*", "api", "/api?x=1", "//api", "/%2e", "/ß", "/ap*i"]
USERS = ["alice", "bob", "Alice", "alice@example.internal", "system:anonymous", "jane", "system:kube-scheduler", "system:kube-controller-manager", "",
         "system:serviceaccount:sar-a:robot", "system:serviceaccount:sar-b:robot", "system:serviceaccount:sar-a:default", "system:serviceaccount:0:robot",
         "system:serviceaccount:a:b:robot", "system:serviceaccount:true:robot", "system:serviceaccount:sar-a:", "system:serviceaccount::robot", "system:serviceaccount:sar-a",
         "system:serviceaccount:SAR-A:robot", "system:serviceaccount:kube-system:namespace-controller", "system:serviceaccount:ci-runners:deployer",
         "system:serviceaccount:partners:default", "system:serviceaccount:games:default", "system:serviceaccount:observability:default", "*", "robot", "a" * 300, "ß", " alice"]
USER_GROUPS = ["devs", "Devs", "system:authenticated", "system:unauthenticated", "system:serviceaccounts", "system:serviceaccounts:sar-a", "system:serviceaccounts:sar-b",
               "system:serviceaccounts:games", "system:masters", "System:Masters", "system:nodes", "developers-leads", "kubeadm:cluster-admins", "*", "", "alice",
               "system:monitoring", "system:bootstrappers"]


class Api(vap.Api):
    """On a busy machine a server that is late ends connections: what is asked here may be asked again."""

    def ask(self, verb, path, body=None, kind="application/json"):
        for left in (3, 2, 1, 0):
            try:
                status, answer = super().ask(verb, path, body, kind)
                if status not in (429, 500, 503, 504) or not left:
                    return status, answer
            except (OSError, http.client.HTTPException, ValueError):
                if not left:
                    raise
                self.connection = None
            time.sleep(1)


class Generator:
    def __init__(self, seed):
        self.r = random.Random(seed)

    def some(self, items, most, least=1):
        return [self.r.choice(items) for _ in range(self.r.randint(least, most))]

    def rule(self, cluster):
        verbs = self.some(VERBS, 4)
        if cluster and self.r.random() < 0.25:
            return {"verbs": verbs, "nonResourceURLs": self.some(URLS, 3)}
        rule = {"verbs": verbs, "apiGroups": self.some(GROUPS, 3), "resources": self.some(RULE_RESOURCES, 4)}
        if self.r.random() < 0.4:
            rule["resourceNames"] = self.some(NAMES, 3)
        return rule

    def subject(self, namespaced):
        kind = self.r.choice(["User", "Group", "ServiceAccount"])
        if kind == "ServiceAccount":
            ns = self.r.choice(NAMESPACES + ["a:b", "a", "SAR-A", "kube-system", "no-such"] + [""] * (2 if namespaced else 0))
            return {"kind": kind, "name": self.r.choice(["robot", "default", "b.robot", "ghost"]), **({"namespace": ns} if ns else {})}
        name = self.r.choice([n for n in (USERS if kind == "User" else USER_GROUPS) if n and n != "system:masters"])
        return {"kind": kind, "apiGroup": "rbac.authorization.k8s.io", "name": name}

    def objects(self, roles, bindings):
        for i in range(roles):
            cluster = self.r.random() < 0.6
            meta = {"name": f"sar:role-{i}", "labels": {"made-by": "sar", "part": f"p{i % 7}"}}
            role = {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRole" if cluster else "Role", "metadata": meta}
            if not cluster:
                meta["namespace"] = self.r.choice(NAMESPACES)
            if cluster and self.r.random() < 0.15:
                role["aggregationRule"] = {"clusterRoleSelectors": [{"matchLabels": {"part": f"p{self.r.randrange(7)}"}},
                                                                    {"matchExpressions": [{"key": "part", "operator": "In", "values": ["p1", "p9"]}]}][:self.r.randint(1, 2)]}
                role["rules"] = []
            else:
                role["rules"] = [self.rule(cluster) for _ in range(self.r.randint(0, 4))]
            yield role
        for i in range(bindings):
            cluster = self.r.random() < 0.4
            meta = {"name": f"sar:binding-{i}", "labels": {"made-by": "sar"}}
            if not cluster:
                meta["namespace"] = self.r.choice(NAMESPACES)
            name = self.r.choice([f"sar:role-{self.r.randrange(roles + 4)}"] * 8 + ["view", "edit", "admin"])  # some are missing
            kind = "ClusterRole" if cluster or self.r.random() < 0.5 else "Role"
            binding = {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRoleBinding" if cluster else "RoleBinding", "metadata": meta,
                       "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": kind, "name": name},
                       "subjects": [self.subject(not cluster) for _ in range(self.r.randint(0, 4))]}
            yield binding
            if self.r.random() < 0.1:  # the same grant twice
                yield {**binding, "metadata": {**meta, "name": meta["name"] + "-again"}}

    def who(self, bindings):
        groups = self.some(USER_GROUPS, 3, 0)
        if self.r.random() > 0.03:
            groups = [g for g in groups if g != "system:masters"]
        user = self.r.choice(USERS)
        if bindings and self.r.random() < 0.4:  # of a subject that there is
            for s in self.r.choice(bindings).get("subjects") or []:
                if s["kind"] == "User":
                    user = s["name"]
                elif s["kind"] == "Group":
                    groups.append(s["name"])
                else:
                    user = f"system:serviceaccount:{s.get('namespace') or self.r.choice(NAMESPACES)}:{s['name']}"
        if user.startswith("system:node:") or (not user and not groups):
            user = "alice"  # kubelets have an authorizer of their own; nobody is no question
        return user, groups

    def question(self, bindings, rules):
        user, groups = self.who(bindings)
        if rules and self.r.random() < 0.5:  # near a rule that there is
            rule = self.r.choice(rules)
            verb = self.r.choice(rule["verbs"] + VERBS[:8])
            if rule.get("nonResourceURLs"):
                path = self.r.choice(rule["nonResourceURLs"]).replace("*", self.r.choice(["", "x", "*"]))
                return {"user": user, "groups": groups, "verb": verb, "path": path or "/"}
            resource = self.r.choice(rule.get("resources") or ["pods"])
            group = self.r.choice(rule.get("apiGroups") or [""])
            names = rule.get("resourceNames") or [""]
        elif self.r.random() < 0.2:
            return {"user": user, "groups": groups, "verb": self.r.choice(VERBS), "path": self.r.choice(PATHS)}
        else:
            verb, resource, group, names = self.r.choice(VERBS), self.r.choice(RESOURCES), self.r.choice(GROUPS), [""]
        sub = self.r.choice(SUBRESOURCES)
        if "/" in resource and self.r.random() < 0.8:
            resource, _, sub = resource.partition("/")
            if resource == "*":
                resource = self.r.choice(["pods", "deployments", "foos"])
        q = {"user": user, "groups": groups, "verb": verb, "group": group, "resource": resource, "subresource": sub,
             "namespace": self.r.choice(NAMESPACES * 3 + [""] * 6 + ["games", "sandbox-a", "sandbox-b", "kube-system", "kube-public"] + ODD_NAMESPACES),
             "name": self.r.choice(names + NAMES)}
        return q


def spec_of(q):
    spec = {"user": q["user"], "groups": q["groups"]}
    if "path" in q:
        return {**spec, "nonResourceAttributes": {"verb": q["verb"], "path": q["path"]}}
    return {**spec, "resourceAttributes": {k: q[k] for k in ("verb", "group", "resource", "subresource", "namespace", "name")}}


class Server:
    """The same questions, by a connection a thread."""

    def __init__(self, kubeconfig):
        self.kubeconfig, self.local = kubeconfig, threading.local()

    def api(self):
        if not hasattr(self.local, "api"):
            self.local.api = Api(self.kubeconfig)
        return self.local.api

    def ask(self, q):
        status, answer = self.api().ask("POST", SAR, {"apiVersion": "authorization.k8s.io/v1", "kind": "SubjectAccessReview", "spec": spec_of(q)})
        if status != 201 or answer["status"].get("evaluationError") and "not found" not in answer["status"]["evaluationError"]:
            raise SystemExit(f"the API server would not answer {q}: {answer}")
        return answer["status"]["allowed"]


def collection(obj):
    kind = obj["kind"].lower() + "s"
    return f"{RBAC}/namespaces/{obj['metadata']['namespace']}/{kind}" if "namespace" in obj["metadata"] else f"{RBAC}/{kind}"


def make(pool, server, objects):
    made = []
    for o, (status, answer) in pool.map(lambda o: (o, server.api().ask("POST", collection(o), o)), objects):
        if status in (201, 409):  # an earlier try had made it
            made.append(o)
        elif status != 422:  # rules that the server does not take are no questions
            raise SystemExit(f"could not make {o}: {answer}")
    return made


def remove(api):
    for kind in ("clusterrolebindings", "clusterroles"):
        api.ask("DELETE", f"{RBAC}/{kind}?labelSelector=made-by=sar")
    for ns in NAMESPACES:
        for kind in ("rolebindings", "roles"):
            api.ask("DELETE", f"{RBAC}/namespaces/{ns}/{kind}?labelSelector=made-by=sar")
        api.ask("DELETE", f"/api/v1/namespaces/{ns}")


def gone(api):
    """Waits until namespaces of an earlier run are."""
    for _ in range(600):
        if not any(api.ask("GET", f"/api/v1/namespaces/{ns}")[0] == 200 for ns in NAMESPACES):
            return
        time.sleep(0.5)
    raise SystemExit("namespaces of an earlier run do not go away")


def selects(selector, labels):
    return (all(labels.get(k) == v for k, v in (selector.get("matchLabels") or {}).items())
            and all(e["operator"] == "In" and labels.get(e["key"]) in e["values"] for e in selector.get("matchExpressions") or []))


def unfilled(roles):
    """Aggregated roles that do not grant yet what those they select do. Two that select each other are written again
    for ever, with their rules in another order each time: nothing changes in what they grant, so only that is asked."""
    grants = {r["metadata"]["name"]: {json.dumps(rule, sort_keys=True) for rule in r.get("rules") or []} for r in roles}
    late = []
    for r in roles:
        selectors = (r.get("aggregationRule") or {}).get("clusterRoleSelectors")
        if selectors:
            chosen = [o["metadata"]["name"] for o in roles if o is not r and any(selects(s, o["metadata"].get("labels") or {}) for s in selectors)]
            if grants[r["metadata"]["name"]] != set().union(*(grants[n] for n in chosen)):
                late.append(r["metadata"]["name"])
    return late


def settle(pool, api, server):
    """Until aggregated roles are filled, and the authorizer knows the newest binding."""
    meta = {"name": "sar:sentinel", "labels": {"made-by": "sar"}}
    make(pool, server, [{"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRole", "metadata": meta, "rules": [{"verbs": ["get"], "apiGroups": ["sar"], "resources": ["sentinel"]}]},
                        {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRoleBinding", "metadata": meta, "subjects": [{"kind": "User", "apiGroup": "rbac.authorization.k8s.io", "name": "sar:sentinel"}],
                         "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": meta["name"]}}])
    q = {"user": "sar:sentinel", "groups": [], "verb": "get", "group": "sar", "resource": "sentinel", "subresource": "", "namespace": "", "name": ""}
    for _ in range(480):
        late, known = unfilled(api.ask("GET", f"{RBAC}/clusterroles")[1]["items"]), server.ask(q)
        if not late and known:
            return
        time.sleep(0.5)
    raise SystemExit(f"roles did not settle: {late[:5]} not filled, newest binding {'known' if known else 'not known'}")


def ours(kubevouch, kubeconfig, questions):
    with tempfile.NamedTemporaryFile("w", suffix=".json", encoding="utf-8") as f:
        json.dump(questions, f)
        f.flush()
        run = subprocess.run([kubevouch, "who-can", "--kubeconfig", kubeconfig, "--no-probes", "--questions", f.name], stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
    answers = [json.loads(line) for line in run.stdout.splitlines()]
    if run.returncode or len(answers) != len(questions):
        raise SystemExit(f"kubevouch ended with {run.returncode}, {len(answers)} answers for {len(questions)} questions: {run.stderr.decode()[:800]}")
    return answers


def main():
    kubevouch, kubeconfig, count, seed = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
    g, api, server = Generator(seed), Api(kubeconfig), Server(kubeconfig)
    began = time.monotonic()
    print(f"sar: seed {seed}", flush=True)
    pool = concurrent.futures.ThreadPoolExecutor(max_workers=12)
    remove(api)
    gone(api)
    try:
        for ns in NAMESPACES:
            api.ask("POST", "/api/v1/namespaces", {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": ns}})
        made = make(pool, server, g.objects(120, 160))
        settle(pool, api, server)
        everything = [i for k in ("clusterroles", "roles", "clusterrolebindings", "rolebindings") for i in api.ask("GET", f"{RBAC}/{k}")[1]["items"]]
        rules = [r for o in everything for r in o.get("rules") or []]
        bindings = [o for o in everything if "roleRef" in o]
        questions = [g.question(bindings, rules) for _ in range(count)]
        before = ours(kubevouch, kubeconfig, questions)
        asked = time.monotonic()
        theirs = list(pool.map(server.ask, questions))
        took = time.monotonic() - asked
        after = ours(kubevouch, kubeconfig, questions)
    finally:
        remove(api)
    # which of several rules is named may change, as the order of aggregated ones does
    changed = [q for q, was, now in zip(questions, before, after) if was["allowed"] is not now["allowed"] or ("by" in was) != ("by" in now)]
    if changed:
        raise SystemExit(f"roles or bindings changed while the questions were asked: {changed[:3]}")
    different = 0
    for q, us, them in zip(questions, before, theirs):
        # what gives it is named wherever it is not the server's own group
        named = ("by" in us) == them or "system:masters" in q["groups"]
        if us["allowed"] is not them or not named:
            different += 1
            if different <= 5:
                print(f"{json.dumps(q)}\n  kubevouch: {us}\n  the API server: {them}", file=sys.stderr)
    print(f"sar: {different} of {count} answers differ (seed {seed}; {sum(theirs)} allowed; {len(made)} made, {len(bindings)} bindings and {len(rules)} rules in all; "
          f"asked in {took:.0f} s, {time.monotonic() - began:.0f} s in all)")
    few = sum(theirs) < count // 10  # a test that is mostly refused tests little
    if few:
        print("too few were allowed", file=sys.stderr)
    sys.exit(1 if different or few or not count else 0)


main()
