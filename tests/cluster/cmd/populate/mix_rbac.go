package main

import (
	"fmt"
	"strings"

	v1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
)

// rbac makes risky and ordinary rights.
func (m *mixer) rbac() {
	c := m.c
	rule := func(g, res, verbs string) rbacv1.PolicyRule {
		return rbacv1.PolicyRule{APIGroups: strings.Split(g, ","), Resources: strings.Split(res, ","), Verbs: strings.Split(verbs, ",")}
	}
	cr := func(name string, rules ...rbacv1.PolicyRule) {
		o := &rbacv1.ClusterRole{ObjectMeta: om("", name, nil), Rules: rules}
		m.do(func() error { _, err := c.RbacV1().ClusterRoles().Create(m.ctx, o, opts); return err })
	}
	crb := func(name, role, issue string, s ...rbacv1.Subject) {
		o := &rbacv1.ClusterRoleBinding{ObjectMeta: om("", name, nil), RoleRef: rbacv1.RoleRef{APIGroup: "rbac.authorization.k8s.io", Kind: "ClusterRole", Name: role}, Subjects: s}
		m.do(func() error { _, err := c.RbacV1().ClusterRoleBindings().Create(m.ctx, o, opts); return err })
		m.plant(issue, "ClusterRoleBinding", "", name, role)
	}
	sa := func(ns, n string) rbacv1.Subject {
		return rbacv1.Subject{Kind: "ServiceAccount", Namespace: ns, Name: n}
	}
	grp := func(n string) rbacv1.Subject {
		return rbacv1.Subject{Kind: "Group", APIGroup: "rbac.authorization.k8s.io", Name: n}
	}
	usr := func(n string) rbacv1.Subject {
		return rbacv1.Subject{Kind: "User", APIGroup: "rbac.authorization.k8s.io", Name: n}
	}
	deployer := &v1.ServiceAccount{ObjectMeta: om("ci-runners", "deployer", nil)}
	m.do(func() error {
		_, err := c.CoreV1().ServiceAccounts("ci-runners").Create(m.ctx, deployer, opts)
		return err
	})

	cr("planted-wildcard", rule("*", "*", "*"))
	cr("planted-secrets-reader", rule("", "secrets", "get,list,watch"))
	cr("planted-exec", rule("", "pods/exec,pods/attach", "create,get"))
	cr("planted-escalate", rule("rbac.authorization.k8s.io", "roles,clusterroles", "escalate,bind"))
	cr("planted-impersonate", rule("", "users,groups,serviceaccounts", "impersonate"))
	cr("planted-pod-creator", rule("", "pods", "create"))
	cr("planted-nodes-proxy", rule("", "nodes/proxy", "get,create"))
	cr("planted-token", rule("", "serviceaccounts/token", "create"))
	cr("planted-csr", rule("certificates.k8s.io", "certificatesigningrequests/approval", "update"), rule("certificates.k8s.io", "signers", "approve"))
	cr("planted-webhooks", rule("admissionregistration.k8s.io", "validatingwebhookconfigurations,mutatingwebhookconfigurations", "create,update,patch,delete"))
	cr("planted-pv", rule("", "persistentvolumes", "create"))
	cr("planted-ephemeral", rule("", "pods/ephemeralcontainers", "update,patch"))
	cr("planted-fine", rule("", "configmaps", "get,list,watch"), rule("apps", "deployments", "get,list"))
	agg := &rbacv1.ClusterRole{ObjectMeta: om("", "planted-aggregated-into-edit", map[string]string{"rbac.authorization.k8s.io/aggregate-to-edit": "true"}), Rules: []rbacv1.PolicyRule{rule("things.example.internal", "*", "*")}}
	m.do(func() error { _, err := c.RbacV1().ClusterRoles().Create(m.ctx, agg, opts); return err })
	m.plant("aggregated-wildcard-role", "ClusterRole", "", "planted-aggregated-into-edit", "")

	crb("ci-admin", "cluster-admin", "cluster-admin-binding", sa("ci-runners", "deployer"))
	crb("erp-default-admin", "cluster-admin", "cluster-admin-default-sa", sa("legacy-erp", "default"))
	crb("devs-admin", "cluster-admin", "cluster-admin-binding", grp("developers-leads"), usr("alice@example.internal"))
	crb("anon-view", "view", "anonymous-binding", usr("system:anonymous"))
	crb("unauth-discovery", "planted-fine", "unauthenticated-binding", grp("system:unauthenticated"))
	crb("everyone-config", "planted-fine", "authenticated-binding", grp("system:authenticated"))
	// in one namespace each, so that the auditors' own rights stay what they are
	nsb := func(ns, name, role, issue string, s ...rbacv1.Subject) {
		o := &rbacv1.RoleBinding{ObjectMeta: om(ns, name, nil), RoleRef: rbacv1.RoleRef{APIGroup: "rbac.authorization.k8s.io", Kind: "ClusterRole", Name: role}, Subjects: s}
		m.do(func() error { _, err := c.RbacV1().RoleBindings(ns).Create(m.ctx, o, opts); return err })
		m.plant(issue, "RoleBinding", ns, name, role)
	}
	nsb("sandbox-a", "everyone-edit", "edit", "authenticated-binding", grp("system:authenticated"))
	nsb("sandbox-b", "all-sas-secrets", "planted-secrets-reader", "all-service-accounts-binding", grp("system:serviceaccounts"))
	nsb("games", "ns-admin", "cluster-admin", "cluster-admin-in-namespace", sa("games", "default"))
	crb("ops-wildcard", "planted-wildcard", "wildcard-role", sa("observability", "default"))
	crb("masters-group", "planted-fine", "system-masters-binding", grp("system:masters"))
	for _, x := range []string{"exec", "escalate", "impersonate", "pod-creator", "nodes-proxy", "token", "csr", "webhooks", "pv", "ephemeral"} {
		crb("partner-"+x, "planted-"+x, "risky-role-"+x, sa("partners", "default"))
	}
	dangling := &rbacv1.ClusterRoleBinding{ObjectMeta: om("", "dangling", nil), RoleRef: rbacv1.RoleRef{APIGroup: "rbac.authorization.k8s.io", Kind: "ClusterRole", Name: "no-such-role"}, Subjects: []rbacv1.Subject{sa("no-such-ns", "ghost")}}
	m.do(func() error { _, err := c.RbacV1().ClusterRoleBindings().Create(m.ctx, dangling, opts); return err })
	m.plant("binding-to-missing-role", "ClusterRoleBinding", "", "dangling", "")
	for _, ns := range teams {
		for i, role := range []string{"view", "edit", "reader"} {
			if m.r.IntN(2) == 0 {
				continue
			}
			kind := "ClusterRole"
			if role == "reader" {
				kind = "Role"
				rl := []rbacv1.PolicyRule{rule("", "pods,configmaps,services", "get,list,watch")}
				switch m.r.IntN(5) {
				case 0:
					rl = []rbacv1.PolicyRule{rule("*", "*", "*")}
					m.plant("wildcard-role", "Role", ns, "reader", "")
				case 1:
					rl = append(rl, rule("", "secrets", "get,list"))
					m.plant("role-reads-secrets", "Role", ns, "reader", "")
				}
				o := &rbacv1.Role{ObjectMeta: om(ns, "reader", nil), Rules: rl}
				m.do(func() error { _, err := c.RbacV1().Roles(ns).Create(m.ctx, o, opts); return err })
			}
			o := &rbacv1.RoleBinding{ObjectMeta: om(ns, fmt.Sprintf("team-%d-%s", i, role), nil), RoleRef: rbacv1.RoleRef{APIGroup: "rbac.authorization.k8s.io", Kind: kind, Name: role}, Subjects: []rbacv1.Subject{grp("team-" + ns), sa(ns, apps[(len(ns))%len(apps)])}}
			m.do(func() error { _, err := c.RbacV1().RoleBindings(ns).Create(m.ctx, o, opts); return err })
		}
	}
}
