"""The roles and bindings that an API server makes at its start, as src/analyze/rbac/default_role.def and default_binding.def have them.

default_roles.py print KUBECTL KUBECONFIG           rows of both, of a server that nobody has changed
default_roles.py check KUBECTL KUBECONFIG SRCDIR    1 where the tables differ from the server (bindings of other versions may be there)
"""
import json
import re
import subprocess
import sys

AGGREGATE = 'rbac.authorization.k8s.io/aggregate-to-'
OWN = 'kubernetes.io/bootstrapping=rbac-defaults'


def words(items):
    return ' '.join(sorted(i or '-' for i in items or []))


def gathered(role):
    """The aggregate-to-... labels that its selectors ask for."""
    return words(key[len(AGGREGATE):] for s in (role.get('aggregationRule') or {}).get('clusterRoleSelectors', [])
                 for key in s.get('matchLabels', {}) if key.startswith(AGGREGATE))


def role_rows(role):
    meta = role['metadata']
    part_of = words(key[len(AGGREGATE):] for key in meta.get('labels', {}) if key.startswith(AGGREGATE))
    gathers = gathered(role)
    yield ('ROLE', meta.get('namespace', ''), meta['name'], part_of, gathers)
    for rule in [] if gathers else role.get('rules') or []:
        yield ('RULE', *(words(rule.get(key)) for key in ('verbs', 'apiGroups', 'resources', 'resourceNames', 'nonResourceURLs')))


def binding_row(binding):
    def subject(s):
        return ':'.join([s['kind']] + ([s['namespace']] if s['kind'] == 'ServiceAccount' else []) + [s['name']])
    meta = binding['metadata']
    return ('BINDING', meta.get('namespace', ''), meta['name'], binding['roleRef']['name'], words(map(subject, binding.get('subjects') or [])))


def of_server(kubectl, kubeconfig):
    out = subprocess.run([kubectl, '--kubeconfig', kubeconfig, 'get', 'clusterroles,clusterrolebindings,roles,rolebindings', '-A', '-l', OWN,
                          '-o', 'json'], check=True, capture_output=True, text=True).stdout
    items = sorted(json.loads(out)['items'], key=lambda o: (o['metadata'].get('namespace', ''), o['metadata']['name']))
    roles = [row for o in items if o['kind'].endswith('Role') for row in role_rows(o)]
    return roles, [binding_row(o) for o in items if o['kind'].endswith('Binding')]


def of_file(path):
    with open(path, encoding='utf-8') as f:
        found = re.findall(r'^DEFAULT_(\w+)\((.*)\)$', f.read(), re.M)
    return [(what, *json.loads('[' + rest + ']')) for what, rest in found]


def by_role(rows):
    """{(namespace, name, part of, gathers): its rules, in any order}"""
    roles = {}
    for row in rows:
        if row[0] == 'ROLE':
            at = roles.setdefault(row[1:], [])
        else:
            at.append(row[1:])
    return {role: sorted(rules) for role, rules in roles.items()}


def differences(kubectl, kubeconfig, srcdir):
    roles, bindings = of_server(kubectl, kubeconfig)
    here, there = by_role(of_file(srcdir + '/src/analyze/rbac/default_role.def')), by_role(roles)
    for role in sorted(here.keys() | there.keys()):
        if here.get(role) != there.get(role):
            yield f'role {role}: the table has {here.get(role)}, the server {there.get(role)}'
    known = of_file(srcdir + '/src/analyze/rbac/default_binding.def')
    for binding in bindings:
        if binding not in known:
            yield f'binding {binding} of the server is not in the table'
    if len(there) < 50 or len(bindings) < 40:
        yield f'the server has {len(there)} roles and {len(bindings)} bindings of its own: too few to compare with'


def main(mode, kubectl, kubeconfig, srcdir=None):
    if mode == 'print':
        for row in [row for rows in of_server(kubectl, kubeconfig) for row in rows]:
            print(f'DEFAULT_{row[0]}(' + ', '.join(json.dumps(text) for text in row[1:]) + ')')
        return 0
    found = list(differences(kubectl, kubeconfig, srcdir))
    print('\n'.join(found), file=sys.stderr)
    return 1 if found else 0


if __name__ == '__main__':
    sys.exit(main(*sys.argv[1:]))
