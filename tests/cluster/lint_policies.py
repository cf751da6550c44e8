#!/usr/bin/env python3
"""Holds `kubevouch lint` against what a real API server takes and refuses when admission policies are created (dry run).

lint_policies.py KUBEVOUCH KUBECONFIG [COUNT [SEED [FOLDER]]]
Makes COUNT policies and bindings (300) out of a sound one by changing one or two things, right and wrong, and takes those of FOLDER's
YAML files too. A difference is told with the document; exits 1 if there is one, and prints how many agreed."""
import copy
import glob
import json
import os
import random
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from vap import Api, PATHS

LONG = "a" * 300
NAMES = ["p", "a.b", "a-b", "A", "a_b", "-a", "a/b", "", LONG, "1a", "a b"]
IDENTIFIERS = ["v", "containers", "_x", "x1", "1x", "a-b", "a.b", "namespace", "in", "true", "for", "", "Ä", "type", "size"]
QUALIFIED = ["a", "a.b", "example.com/a", "example.com/", "/a", "a/b/c", "A_b", "-a", "", LONG, "a b", "Ex.com/a"]
BOOLS = [
    "true", "object.spec.hostNetwork == true", "!has(object.spec.hostNetwork) || !object.spec.hostNetwork", "has(object.metadata.labels)",
    "object.spec.containers.all(c, c.image.startsWith('x'))", "object.spec.containers.exists(c, has(c.securityContext))",
    "object.metadata.name.matches('^a.*$')", "size(object.metadata.name) < 10", "'a' in object.metadata.labels", "request.operation == 'CREATE'",
    "request.userInfo.username.startsWith('system:')", "'x' in request.userInfo.groups", "namespaceObject.metadata.labels['a'] == 'b'",
    "namespaceObject.metadata.name == 'x'", "namespaceObject == null", "oldObject == null", "object.?spec.?x.orValue(false) == true",
    "object.spec.x", "object.?spec.?x.orValue(false)", "dyn(true)", "1", "'a'", "null", "object", "[true]", "true ? true : object.x", "true ? 1 : 'a'",
    "1 == 'a'", "1 == 1.0", "1 == 1u", "'a' == null", "object.x == null", "1 < 1.5", "1 < 'a'", "[1, 'a'].size() > 0", "[1, object.x].size() > 0", "[object.x, 1].size() > 0", "[object.x, 1, object.y].size() > 0", "[object.x, object.y].size() > 0", "[[], [1]].size() > 0", "[[1], []].size() > 0", "[[object.x], [1]].size() > 0", "[[1], [object.x]].size() > 0",
    "{'a': 1, 'b': object.x}.size() > 0", "{'a': object.x, 'b': 1}.size() > 0", "{object.x: 1, 'a': 2}.size() > 0", "{'a': 1, object.x: 2}.size() > 0", "(true ? object.x : 1) == 1", "[1] + [object.x] == []", "[1] == [object.x]", "object.x in ['a']", "1 in [object.x]",
    "['a', string(object.x)].size() > 0", "['a', request.name].size() > 0", "[object.x, 'a'].exists(x, x == 'a')", "[variables.v, 1].size() > 0", "[variables.v, 'a'].size() > 0",
    "[1, 1.0].exists(x, x == 1)", "{'a': 1, 'b': 'c'}.size() > 0", "{'a': 1, 2: 3}.size() > 0", "[[1], ['a']].size() > 0", "[null, 'a'].size() > 0",
    "request.foo == 'a'", "request.uid == 'a'", "request.operation == 1", "request.dryRun", "request.options.x == 1", "request.kind.group == ''",
    "request.kind.resource == ''", "request.resource.resource == 'pods'", "request.userInfo.extra['a'].exists(x, x == 'b')",
    "namespaceObject.metadata.foo == ''", "namespaceObject.spec.finalizers.size() > 0", "namespaceObject.status.phase == 'Active'",
    "namespaceObject.metadata.generation > 1", "namespaceObject.metadata.creationTimestamp < timestamp('2026-01-01T00:00:00Z')", "namespaceObject.metadata.uid == 'a'",
    "params.x == 1", "variables.v == 1", "variables.nothing == 1", "has(variables.v)", "has(variables.nothing)", "variables.?v.hasValue()", "variables == 1",
    "authorizer.group('').resource('pods').check('get').allowed()", "authorizer.path('/healthz').check('get').reason() == ''",
    "authorizer.serviceAccount('a', 'b').group('').resource('pods').check('get').allowed()", "authorizer.requestResource.check('get').allowed()",
    "authorizer.group('').resource('pods').fieldSelector('a=b').check('get').allowed()", "authorizer.foo()", "authorizer == 1",
    "foo", "foo()", "object.foo()", "1 +", "", "  ", "true\n", "true &&\n true", "'a'.size() == 1", "'a'.foo()", "quantity('1Gi').isGreaterThan(quantity('1Mi'))",
    "isQuantity('1')", "ip('1.2.3.4').family() == 4", "cidr('10.0.0.0/8').containsIP('10.0.0.1')", "url('https://a').getHost() == 'a'", "isURL('a')",
    "semver('1.2.3').isLessThan(semver('2.0.0'))", "isSemver('v1.0', true)", "!format.dns1123Label().validate('a').hasValue()", "format.named('uuid').hasValue()",
    "'abc'.find('a') == 'a'", "'abc'.findAll('a').size() == 1", "'abc'.findAll('a', 1).size() == 1", "[1, 2].sum() == 3", "[1, 2].isSorted()", "[1, 2].min() == 1",
    "['a'].indexOf('a') == 0", "['a'].indexOf(1) == 0", "sets.contains([1], [1])", "sets.contains([1], ['a'])", "sets.equivalent([1], [1])", "sets.intersects([1], [1])",
    "math.greatest(1, 2) == 2", "math.abs(1) == 1", "base64.encode(b'a') == 'x'", "base64.decode('a') == b'a'", "strings.quote('a') == 'a'", "'a'.reverse() == 'a'",
    "'%s'.format(['a']) == 'a'", "'a b'.split(' ').size() == 2", "['a', 'b'].join(',') == 'a,b'", "'A'.lowerAscii() == 'a'", "'a'.charAt(0) == 'a'", "'a'.trim() == 'a'",
    "[1, [2]].flatten().size() == 2", "[3, 1].sort() == [1, 3]", "[1, 2].slice(0, 1) == [1]", "[1, 1].distinct() == [1]", "[1].reverse() == [1]", "lists.range(3).size() == 3",
    "[1].first().hasValue()", "[1].last().hasValue()", "[1, 2].sortBy(x, -x) == [2, 1]", "cel.bind(a, 1, a == 1)", "optional.of(1).hasValue()", "optional.none().hasValue()",
    "optional.of(1).or(optional.of('a')).hasValue()", "optional.of(true).orValue(1)", "optional.of(true).orValue(false)", "optional.ofNonZeroValue(1).value() == 1",
    "optional.of(1).optMap(x, x + 1).value() == 2", "optional.of(1).optFlatMap(x, optional.of(x)).value() == 1", "[1].transformList(i, v, v + i) == [1]",
    "{'a': 1}.transformMap(k, v, v) == {'a': 1}", "{'a': 1}.transformMapEntry(k, v, {k: v}) == {'a': 1}", "[1].all(i, v, v == 1)", "[1].exists(i, v, v == 1)", "[1].existsOne(i, v, v == 1)",
    "[1].exists_one(x, x == 1)", "optional.unwrap([optional.of(1)]) == [1]", "[optional.of(1)].unwrapOpt() == [1]", "regex.replace('a', 'a', 'b') == 'b'", "regex.extract('a', 'a').hasValue()",
    "'a'.matches('(')", "duration('1h') > duration('1m')", "duration('x') > duration('1m')", "timestamp('x') > timestamp('2026-01-01T00:00:00Z')", "timestamp('2026-01-01T00:00:00Z').getFullYear() == 2026",
    "type(1) == int", "int('1') == 1", "string(1) == '1'", "double('1') == 1.0", "uint(1) == 1u", "bytes('a') == b'a'", "bool('true')", "dyn(1) == dyn('a')", "type(object) == map",
    "1 in [1]", "'a' in [1]", "1 in {'a': 1}", "object.x in [1]", "!1", "-'a' == 1", "1 && true", "object.x && true", "1 % 2.0 == 1", "1 + 1u == 2", "[1] + ['a'] == []", "[1] + [2] == [1, 2]",
    "has(object.a.b.c)", "has(object)", "has(1)", "object.a['b'] == 1", "object.a[0] == 1", "[1]['a'] == 1", "{'a': 1}.a == 1", "{'a': 1}.b == 1", "'a'.b == 1", "object.items.map(x, x.y).size() == 1",
    "object.items.filter(x, x.y).size() == 1", "[1].filter(x, x).size() == 1", "[1].all(x, x)", "object.x.all(x, x)", "object.x.all(x, 1)", "1.all(x, true)", "ip.isCanonical('1.2.3.4')",
    "isIP('1.2.3.4') && isCIDR('1.2.3.4/8')", "cidr('10.0.0.0/8').masked() == cidr('10.0.0.0/8')", "cidr('10.0.0.0/8') == ip('10.0.0.1')", "quantity('1') == quantity('1')", "quantity('1').add(1).sign() == 1",
    "quantity('1') == 1", "'a' + 1 == 'a1'", "'a' == b'a'", "object.a.?b.c.orValue(1) == 1", "object[?'a'].hasValue()", "[?object.?a].size() == 0", "{?'a': object.?a}.size() == 0", "[?1].size() == 0",
]
TEXTS = ["'a'", "'a' + object.metadata.name", "'a' + string(object.spec.x)", "object.metadata.name", "string(object.metadata.name)", "1", "null", "true", "'a\\nb'", "", "  ", "foo", "object.?a.orValue('b')",
         "true ? 'a' : 'b'", "true ? 'a' : null", "true ? 'a' : object.x", "request.name", "namespaceObject.metadata.name", "'%s'.format([object.metadata.name])", "dyn('a')", "variables.v", "['a'].join(',')"]
MESSAGES = ["m", "", "  ", "a\nb", "a\n", "\n", "x" * 2000, "a\rb", None]
REASONS = ["Forbidden", "Invalid", "RequestEntityTooLarge", "Unauthorized", "Conflict", "", "forbidden", None]
LISTS = {
    "apiGroups": [[""], ["*"], ["*", ""], [], ["apps", "apps"], ["A B"], None],
    "apiVersions": [["v1"], ["*"], ["*", "v1"], [], [""], ["v1", "v1"], None],
    "operations": [["CREATE"], ["*"], ["*", "CREATE"], [], ["create"], ["CONNECT"], ["PATCH"], ["CREATE", "CREATE"], None],
    "resources": [["pods"], ["*"], ["*", "pods"], ["*/*"], ["*/*", "pods"], ["pods/*"], ["pods/*", "pods/log"], ["pods/log", "pods/*"], ["*/scale"], ["*/scale", "deployments/scale"], ["*", "pods/log"], ["pods", "*"],
                  ["*", "pods", "*"], ["pods", "pods/log"], [""], [], ["pods", "pods"], ["a b"], ["pods/"], None],
    "resourceNames": [["a"], ["a", "a"], ["a/b"], [".."], [""], ["a%"], [], None],
    "scope": ["*", "Cluster", "Namespaced", "cluster", "", None],
}
SELECTORS = [None, {}, {"matchLabels": {"a": "b"}}, {"matchLabels": {"a b": "b"}}, {"matchLabels": {"a": "b c"}}, {"matchLabels": {"a": ""}}, {"matchLabels": {"a": LONG}},
             {"matchExpressions": [{"key": "a", "operator": "In", "values": ["b"]}]}, {"matchExpressions": [{"key": "a", "operator": "In"}]}, {"matchExpressions": [{"key": "a", "operator": "Exists"}]},
             {"matchExpressions": [{"key": "a", "operator": "Exists", "values": ["b"]}]}, {"matchExpressions": [{"key": "a", "operator": "in", "values": ["b"]}]},
             {"matchExpressions": [{"key": "", "operator": "Exists"}]}, {"matchExpressions": [{"key": "a", "operator": "NotIn", "values": ["b c"]}]}, {"foo": 1}]
PARAMS = [None, {"apiVersion": "v1", "kind": "ConfigMap"}, {"apiVersion": "a.b/v1", "kind": "Foo"}, {"apiVersion": "", "kind": "Foo"}, {"apiVersion": "a/b/c", "kind": "Foo"}, {"apiVersion": "A/v1", "kind": "Foo"},
          {"apiVersion": "a/1v", "kind": "Foo"}, {"apiVersion": "v1", "kind": ""}, {"apiVersion": "v1", "kind": "Foo_Bar"}, {"apiVersion": "v1"}, {"apiVersion": "/v1", "kind": "Foo"}, {"apiVersion": "a/", "kind": "Foo"}]
REFS = [None, {"name": "a", "parameterNotFoundAction": "Deny"}, {"name": "a"}, {"selector": {}, "parameterNotFoundAction": "Allow"}, {"name": "a", "selector": {}, "parameterNotFoundAction": "Allow"},
        {"parameterNotFoundAction": "Allow"}, {"name": "a", "parameterNotFoundAction": "Maybe"}, {"name": "a/b", "parameterNotFoundAction": "Deny"}, {"name": "a", "namespace": "n", "parameterNotFoundAction": "Deny"}, {}]
ACTIONS = [["Deny"], ["Warn"], ["Audit"], ["Deny", "Warn"], ["Deny", "Audit"], ["Deny", "Deny"], [], ["deny"], None, ["Warn", "Audit"]]
KIND = "ValidatingAdmissionPolicy"


def put(where, key, value):
    if value is None:
        where.pop(key, None)
    else:
        where[key] = copy.deepcopy(value)


def sound(): # over objects that nothing is known of: what lint finds by their fields is more than the server refuses
    return {"apiVersion": "admissionregistration.k8s.io/v1", "kind": KIND, "metadata": {"name": "p"},
            "spec": {"matchConstraints": {"resourceRules": [{"apiGroups": ["example.com"], "apiVersions": ["v1"], "operations": ["CREATE"], "resources": ["widgets"]}]},
                     "variables": [{"name": "v", "expression": "1"}], "validations": [{"expression": "true"}]}}


def sound_binding():
    return {"apiVersion": "admissionregistration.k8s.io/v1", "kind": KIND + "Binding", "metadata": {"name": "b"},
            "spec": {"policyName": "p", "validationActions": ["Deny"]}}


def change_policy(d, r):
    s = d["spec"]
    rule = s["matchConstraints"]["resourceRules"][0]
    which = r.randrange(20)
    if which < 7:
        s["validations"][0]["expression"] = r.choice(BOOLS)
    elif which == 7:
        s["matchConditions"] = [{"name": r.choice(QUALIFIED), "expression": r.choice(BOOLS)} for _ in range(r.choice([1, 1, 2, 65]))]
    elif which == 8:
        s["matchConditions"] = [{"name": "c", "expression": r.choice(BOOLS)}]
    elif which == 9:
        s["variables"] = [{"name": r.choice(IDENTIFIERS), "expression": r.choice(BOOLS + TEXTS)} for _ in range(r.choice([1, 2]))]
    elif which == 10:
        s["validations"][0]["messageExpression"] = r.choice(TEXTS)
    elif which == 11:
        put(s["validations"][0], "message", r.choice(MESSAGES))
        put(s["validations"][0], "reason", r.choice(REASONS))
    elif which == 12:
        s["auditAnnotations"] = [{"key": r.choice(QUALIFIED), "valueExpression": r.choice(TEXTS)} for _ in range(r.choice([1, 1, 2, 21]))]
    elif which == 13:
        s["auditAnnotations"] = [{"key": "k", "valueExpression": r.choice(TEXTS)}]
    elif which in (14, 15):
        key = r.choice(list(LISTS))
        put(rule, key, r.choice(LISTS[key]))
        if r.random() < 0.2:
            s["matchConstraints"]["excludeResourceRules"] = [copy.deepcopy(rule)]
    elif which == 16:
        put(s["matchConstraints"], r.choice(["namespaceSelector", "objectSelector"]), r.choice(SELECTORS))
        put(s["matchConstraints"], "matchPolicy", r.choice([None, "Exact", "Equivalent", "exact"]))
    elif which == 17:
        put(s, "paramKind", r.choice(PARAMS))
        if r.random() < 0.5:
            s["validations"][0]["expression"] = "params.data.x == 'a'"
    elif which == 18:
        put(s, "failurePolicy", r.choice([None, "Fail", "Ignore", "fail", ""]))
        d["metadata"]["name"] = r.choice(NAMES)
    else:
        put(s, r.choice(["validations", "matchConstraints", "unknown"]), r.choice([None, [], {}]))


def change_binding(d, r):
    s = d["spec"]
    which = r.randrange(5)
    if which == 0:
        put(s, "paramRef", r.choice(REFS))
    elif which == 1:
        put(s, "validationActions", r.choice(ACTIONS))
    elif which == 2:
        put(s, "policyName", r.choice(NAMES + [None]))
    elif which == 3:
        d["metadata"]["name"] = r.choice(NAMES)
    else:
        s["matchResources"] = {}
        put(s["matchResources"], r.choice(["namespaceSelector", "objectSelector"]), r.choice(SELECTORS))


def generated(count, r):
    for e in BOOLS: # each once, whatever the count
        d = sound()
        d["spec"]["validations"][0]["expression"] = e
        yield d
    for _ in range(count):
        binding = r.random() < 0.15
        d = sound_binding() if binding else sound()
        (change_binding if binding else change_policy)(d, r)
        yield d


def of_folder(folder):
    import yaml
    for path in sorted(glob.glob(os.path.join(folder, "**", "*.yaml"), recursive=True)):
        try:
            documents = list(yaml.safe_load_all(open(path, encoding="utf-8")))
        except (yaml.YAMLError, UnicodeDecodeError):
            continue
        for d in documents:
            if isinstance(d, dict) and str(d.get("kind", "")).startswith(KIND) and d.get("apiVersion") == "admissionregistration.k8s.io/v1":
                yield d


def main():
    kubevouch, kubeconfig = sys.argv[1:3]
    count = int(sys.argv[3]) if len(sys.argv) > 3 else 300
    seed = int(sys.argv[4]) if len(sys.argv) > 4 else random.randrange(1 << 30)
    api, r, agreed, differ = Api(kubeconfig), random.Random(seed), 0, 0
    documents = list(generated(count, r)) + (list(of_folder(sys.argv[5])) if len(sys.argv) > 5 else [])
    with tempfile.TemporaryDirectory() as d:
        path = os.path.join(d, "policy.json")
        for doc in documents:
            status, answer = api.ask("POST", PATHS[doc["kind"]] + "?dryRun=All&fieldValidation=Strict", doc)
            taken = status in (200, 201, 409)
            with open(path, "w", encoding="utf-8") as f:
                json.dump(doc, f)
            lint = subprocess.run([kubevouch, "lint", "-q", path], capture_output=True, text=True, check=False)
            if (lint.returncode == 0) == taken:
                agreed += 1
                continue
            differ += 1
            print("server %s (%s), lint %s (%s): %s" % ("takes" if taken else "refuses", "" if taken else answer.get("message", "")[-300:], lint.returncode, lint.stderr.strip()[-300:], json.dumps(doc["spec"])))
    print("lint and the API server agree on %d of %d policies and bindings (seed %d)" % (agreed, agreed + differ, seed))
    return 1 if differ else 0


if __name__ == "__main__":
    sys.exit(main())
