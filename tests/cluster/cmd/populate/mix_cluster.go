package main

import (
	"strings"

	admv1 "k8s.io/api/admissionregistration/v1"
	v1 "k8s.io/api/core/v1"
	netv1 "k8s.io/api/networking/v1"
	nodev1 "k8s.io/api/node/v1"
	schedv1 "k8s.io/api/scheduling/v1"
	storagev1 "k8s.io/api/storage/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

// cluster makes cluster-scoped objects other than RBAC.
func (m *mixer) cluster() {
	c := m.c
	sc := &storagev1.StorageClass{ObjectMeta: om("", "standard", nil), Provisioner: "csi.example.internal", AllowVolumeExpansion: ptr(true)}
	m.do(func() error { _, err := c.StorageV1().StorageClasses().Create(m.ctx, sc, opts); return err })
	pc := &schedv1.PriorityClass{ObjectMeta: om("", "batch-low", nil), Value: -10}
	m.do(func() error { _, err := c.SchedulingV1().PriorityClasses().Create(m.ctx, pc, opts); return err })
	rt := &nodev1.RuntimeClass{ObjectMeta: om("", "gvisor", nil), Handler: "runsc"}
	m.do(func() error { _, err := c.NodeV1().RuntimeClasses().Create(m.ctx, rt, opts); return err })
	ic := &netv1.IngressClass{ObjectMeta: om("", "nginx", nil), Spec: netv1.IngressClassSpec{Controller: "k8s.io/ingress-nginx"}}
	m.do(func() error { _, err := c.NetworkingV1().IngressClasses().Create(m.ctx, ic, opts); return err })
	pv := &v1.PersistentVolume{ObjectMeta: om("", "host-data", nil), Spec: v1.PersistentVolumeSpec{Capacity: v1.ResourceList{"storage": resource.MustParse("5Gi")}, AccessModes: []v1.PersistentVolumeAccessMode{"ReadWriteOnce"}, StorageClassName: "manual", PersistentVolumeSource: v1.PersistentVolumeSource{HostPath: &v1.HostPathVolumeSource{Path: "/etc"}}}}
	m.do(func() error { _, err := c.CoreV1().PersistentVolumes().Create(m.ctx, pv, opts); return err })
	m.plant("hostpath-persistent-volume", "PersistentVolume", "", "host-data", "/etc")
	fail, none, match := admv1.Ignore, admv1.SideEffectClassNone, admv1.Equivalent
	hook := func(url string, fp admv1.FailurePolicyType) (admv1.WebhookClientConfig, *metav1.LabelSelector) {
		return admv1.WebhookClientConfig{URL: &url}, &metav1.LabelSelector{MatchLabels: map[string]string{"webhooks": "on"}}
	}
	cc, sel := hook("https://policy.example.internal/validate", fail)
	vw := &admv1.ValidatingWebhookConfiguration{ObjectMeta: om("", "policy", nil), Webhooks: []admv1.ValidatingWebhook{{Name: "validate.policy.example.internal", ClientConfig: cc, NamespaceSelector: sel, FailurePolicy: &fail, SideEffects: &none, MatchPolicy: &match, AdmissionReviewVersions: []string{"v1"}, Rules: []admv1.RuleWithOperations{{Operations: []admv1.OperationType{"CREATE"}, Rule: admv1.Rule{APIGroups: []string{""}, APIVersions: []string{"v1"}, Resources: []string{"pods"}}}}}}}
	m.do(func() error {
		_, err := c.AdmissionregistrationV1().ValidatingWebhookConfigurations().Create(m.ctx, vw, opts)
		return err
	})
	m.plant("webhook-failure-ignore", "ValidatingWebhookConfiguration", "", "policy", "failurePolicy Ignore")
	mw := &admv1.MutatingWebhookConfiguration{ObjectMeta: om("", "mesh-injector", nil), Webhooks: []admv1.MutatingWebhook{{Name: "inject.mesh.example.internal", ClientConfig: cc, NamespaceSelector: sel, FailurePolicy: &fail, SideEffects: &none, AdmissionReviewVersions: []string{"v1"}, Rules: vw.Webhooks[0].Rules}}}
	m.do(func() error {
		_, err := c.AdmissionregistrationV1().MutatingWebhookConfigurations().Create(m.ctx, mw, opts)
		return err
	})
	vp := &admv1.ValidatingAdmissionPolicy{ObjectMeta: om("", "no-latest", nil), Spec: admv1.ValidatingAdmissionPolicySpec{FailurePolicy: ptr(admv1.Fail), MatchConstraints: &admv1.MatchResources{ResourceRules: []admv1.NamedRuleWithOperations{{RuleWithOperations: vw.Webhooks[0].Rules[0]}}}, Validations: []admv1.Validation{{Expression: "object.spec.containers.all(c, !c.image.endsWith(':latest'))"}}}}
	m.do(func() error {
		_, err := c.AdmissionregistrationV1().ValidatingAdmissionPolicies().Create(m.ctx, vp, opts)
		return err
	})
	vb := &admv1.ValidatingAdmissionPolicyBinding{ObjectMeta: om("", "no-latest", nil), Spec: admv1.ValidatingAdmissionPolicyBindingSpec{PolicyName: "no-latest", ValidationActions: []admv1.ValidationAction{"Audit"}}}
	m.do(func() error {
		_, err := c.AdmissionregistrationV1().ValidatingAdmissionPolicyBindings().Create(m.ctx, vb, opts)
		return err
	})
	for _, k := range []string{"Widget", "Certificate", "Tenant"} {
		pl := strings.ToLower(k) + "s"
		crd := &unstructured.Unstructured{Object: map[string]any{"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition", "metadata": map[string]any{"name": pl + ".things.example.internal"},
			"spec": map[string]any{"group": "things.example.internal", "scope": "Namespaced", "names": map[string]any{"plural": pl, "singular": strings.ToLower(k), "kind": k},
				"versions": []any{map[string]any{"name": "v1", "served": true, "storage": true, "schema": map[string]any{"openAPIV3Schema": map[string]any{"type": "object", "x-kubernetes-preserve-unknown-fields": true}}}}}}}
		m.do(func() error {
			_, err := m.dyn.Resource(schema.GroupVersionResource{Group: "apiextensions.k8s.io", Version: "v1", Resource: "customresourcedefinitions"}).Create(m.ctx, crd, opts)
			return err
		})
	}
}
