package main

import (
	"fmt"
	"strings"

	v1 "k8s.io/api/core/v1"
	netv1 "k8s.io/api/networking/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/intstr"
)

func (g *gen) all(pods int) error {
	core := func(k string) schema.GroupVersionKind { return schema.GroupVersionKind{Version: "v1", Kind: k} }
	grp := func(g, k string) schema.GroupVersionKind {
		return schema.GroupVersionKind{Group: g, Version: "v1", Kind: k}
	}
	nodes := max(20, pods/50)
	for i := range nodes {
		if err := g.node(i, core("Node")); err != nil {
			return err
		}
	}
	nns := max(20, pods/100)
	perNS := (pods + nns - 1) / nns
	made, svcIP := 0, 0
	for i := 0; i < nns && made < pods; i++ {
		ns := fmt.Sprintf("tenant-%04d", i)
		lbl := map[string]string{"kubernetes.io/metadata.name": ns, "team": pick(g.r, "red", "blue", "green", "data", "core")}
		if i%4 == 0 {
			lbl["pod-security.kubernetes.io/enforce"] = pick(g.r, "baseline", "restricted")
		}
		o := &v1.Namespace{ObjectMeta: meta(g, "", ns, lbl), Spec: v1.NamespaceSpec{Finalizers: []v1.FinalizerName{"kubernetes"}}, Status: v1.NamespaceStatus{Phase: v1.NamespaceActive}}
		o.Generation = 0
		o.ManagedFields = []metav1.ManagedFieldsEntry{managed("kubectl-create", "Update", "", "v1", o.CreationTimestamp, map[string]any{"metadata": map[string]any{"labels": toMap(lbl)}})}
		if err := g.put("namespaces/"+ns, core("Namespace"), o); err != nil {
			return err
		}
		sa := func(name string) error {
			s := &v1.ServiceAccount{ObjectMeta: meta(g, ns, name, nil)}
			s.Generation = 0
			return g.put("serviceaccounts/"+ns+"/"+name, core("ServiceAccount"), s)
		}
		cm := func(name string, data map[string]string) error {
			c := &v1.ConfigMap{ObjectMeta: meta(g, ns, name, map[string]string{"app.kubernetes.io/managed-by": "Helm"}), Data: data}
			c.Generation = 0
			c.ManagedFields = []metav1.ManagedFieldsEntry{managed("helm", "Update", "", "v1", c.CreationTimestamp, map[string]any{"data": toMap(data), "metadata": map[string]any{"labels": toMap(c.Labels)}})}
			return g.put("configmaps/"+ns+"/"+name, core("ConfigMap"), c)
		}
		if err := sa("default"); err != nil {
			return err
		}
		if err := cm("kube-root-ca.crt", map[string]string{"ca.crt": strings.Repeat("MIIDBTCCAe2gAwIBAgIIc8kX1f5Qm3QwDQYJKoZIhvcNAQELBQAwFTETMBEGA1UE\n", 16)}); err != nil {
			return err
		}
		if i%3 == 0 {
			np := &netv1.NetworkPolicy{ObjectMeta: meta(g, ns, "default-deny", nil), Spec: netv1.NetworkPolicySpec{PolicyTypes: []netv1.PolicyType{"Ingress", "Egress"}}}
			if err := g.put("networkpolicies/"+ns+"/default-deny", grp("networking.k8s.io", "NetworkPolicy"), np); err != nil {
				return err
			}
		}
		for d := 0; made < pods && made < (i+1)*perNS; d++ {
			app := fmt.Sprintf("%s-%d", apps[d%len(apps)], d/len(apps))
			sel := map[string]string{"app.kubernetes.io/name": app}
			lbl := map[string]string{"app.kubernetes.io/name": app, "app.kubernetes.io/instance": app, "app.kubernetes.io/version": "2.14." + fmt.Sprint(d)}
			said := "default"
			if d%2 == 0 { // a service account, and rights now and then
				said = app
				if err := sa(app); err != nil {
					return err
				}
				rules := []rbacv1.PolicyRule{{APIGroups: []string{""}, Resources: []string{"configmaps", "endpoints"}, Verbs: []string{"get", "list", "watch"}}}
				switch g.r.IntN(12) {
				case 0:
					rules = []rbacv1.PolicyRule{{APIGroups: []string{"*"}, Resources: []string{"*"}, Verbs: []string{"*"}}}
				case 1:
					rules = append(rules, rbacv1.PolicyRule{APIGroups: []string{""}, Resources: []string{"secrets"}, Verbs: []string{"get", "list"}})
				case 2:
					rules = append(rules, rbacv1.PolicyRule{APIGroups: []string{""}, Resources: []string{"pods/exec", "pods"}, Verbs: []string{"create", "get"}})
				}
				ro := &rbacv1.Role{ObjectMeta: meta(g, ns, app, lbl), Rules: rules}
				ro.Generation = 0
				if d%4 == 0 {
					if err := g.put("roles/"+ns+"/"+app, grp("rbac.authorization.k8s.io", "Role"), ro); err != nil {
						return err
					}
				}
				ref := rbacv1.RoleRef{APIGroup: "rbac.authorization.k8s.io", Kind: "Role", Name: app}
				if d%4 != 0 {
					ref.Kind, ref.Name = "ClusterRole", pick(g.r, "view", "view", "edit", "admin")
				}
				rb := &rbacv1.RoleBinding{ObjectMeta: meta(g, ns, app, lbl), RoleRef: ref, Subjects: []rbacv1.Subject{{Kind: "ServiceAccount", Name: app, Namespace: ns}}}
				rb.Generation = 0
				if err := g.put("rolebindings/"+ns+"/"+app, grp("rbac.authorization.k8s.io", "RoleBinding"), rb); err != nil {
					return err
				}
				svcIP++
				ip := fmt.Sprintf("10.%d.%d.%d", 97+svcIP/65000, (svcIP/250)%256, 1+svcIP%250)
				sv := &v1.Service{ObjectMeta: meta(g, ns, app, lbl), Spec: v1.ServiceSpec{
					Type: v1.ServiceTypeClusterIP, ClusterIP: ip, ClusterIPs: []string{ip}, Selector: sel, SessionAffinity: "None",
					IPFamilies: []v1.IPFamily{"IPv4"}, IPFamilyPolicy: ptr(v1.IPFamilyPolicySingleStack), InternalTrafficPolicy: ptr(v1.ServiceInternalTrafficPolicyCluster),
					Ports: []v1.ServicePort{{Name: "http", Port: 80, Protocol: "TCP", TargetPort: intstr.FromString("http")}},
				}}
				sv.Generation = 0
				if err := g.put("services/specs/"+ns+"/"+app, core("Service"), sv); err != nil {
					return err
				}
				ipo := &netv1.IPAddress{ObjectMeta: metav1.ObjectMeta{Name: ip, UID: g.uid(), CreationTimestamp: sv.CreationTimestamp, Labels: map[string]string{"ipaddress.kubernetes.io/ip-family": "IPv4", "ipaddress.kubernetes.io/managed-by": "ipallocator.k8s.io"}}, Spec: netv1.IPAddressSpec{ParentRef: &netv1.ParentReference{Resource: "services", Namespace: ns, Name: app}}}
				if err := g.put("ipaddresses/"+ip, grp("networking.k8s.io", "IPAddress"), ipo); err != nil {
					return err
				}
			}
			if err := cm(app+"-config", map[string]string{"application.yaml": "server:\n  port: 8080\nlogging:\n  level: info\nfeatures:\n" + strings.Repeat("  - name: flag-"+g.sfx(5)+"\n    enabled: true\n", 12)}); err != nil {
				return err
			}
			if d%5 == 1 && i%3 == 0 {
				np := &netv1.NetworkPolicy{ObjectMeta: meta(g, ns, app, lbl), Spec: netv1.NetworkPolicySpec{PodSelector: metav1.LabelSelector{MatchLabels: sel}, PolicyTypes: []netv1.PolicyType{"Ingress"}, Ingress: []netv1.NetworkPolicyIngressRule{{Ports: []netv1.NetworkPolicyPort{{Port: ptr(intstr.FromInt32(8080))}}}}}}
				if err := g.put("networkpolicies/"+ns+"/"+app, grp("networking.k8s.io", "NetworkPolicy"), np); err != nil {
					return err
				}
			}
			reps := min(pick(g.r, 3, 4, 5, 6, 7), pods-made)
			if err := g.deployment(ns, app, said, sel, lbl, reps, nodes, grp); err != nil {
				return err
			}
			made += reps
		}
	}
	return nil
}
