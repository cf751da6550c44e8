// Package proto names the kinds whose lists kubevouch reads as protobuf, and what their Go types do not say.
package proto

import (
	"fmt"

	admissionregistration "k8s.io/api/admissionregistration/v1"
	apps "k8s.io/api/apps/v1"
	batch "k8s.io/api/batch/v1"
	certificates "k8s.io/api/certificates/v1"
	core "k8s.io/api/core/v1"
	networking "k8s.io/api/networking/v1"
	rbac "k8s.io/api/rbac/v1"
	storage "k8s.io/api/storage/v1"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

// Object is what every kind is: an object with a proto encoding.
type Object interface {
	runtime.Object
	meta.Object
	Marshal() ([]byte, error)
	Unmarshal([]byte) error
}

// Kind is one row of src/cluster/kind.def.
type Kind struct {
	Group, Version, Name string
	New                  func() Object
}

// Kinds are the rows of src/cluster/kind.def that are not custom resources, but for CustomResourceDefinition:
// the schemas in it have JSON forms of their own.
var Kinds = []Kind{
	{"", "v1", "Namespace", func() Object { return &core.Namespace{} }},
	{"", "v1", "ServiceAccount", func() Object { return &core.ServiceAccount{} }},
	{"", "v1", "Node", func() Object { return &core.Node{} }},
	{"", "v1", "Pod", func() Object { return &core.Pod{} }},
	{"", "v1", "ReplicationController", func() Object { return &core.ReplicationController{} }},
	{"", "v1", "Service", func() Object { return &core.Service{} }},
	{"", "v1", "PersistentVolume", func() Object { return &core.PersistentVolume{} }},
	{"", "v1", "PersistentVolumeClaim", func() Object { return &core.PersistentVolumeClaim{} }},
	{"", "v1", "ConfigMap", func() Object { return &core.ConfigMap{} }},
	{"", "v1", "ResourceQuota", func() Object { return &core.ResourceQuota{} }},
	{"", "v1", "LimitRange", func() Object { return &core.LimitRange{} }},
	{"admissionregistration.k8s.io", "v1", "ValidatingWebhookConfiguration", func() Object { return &admissionregistration.ValidatingWebhookConfiguration{} }},
	{"admissionregistration.k8s.io", "v1", "MutatingWebhookConfiguration", func() Object { return &admissionregistration.MutatingWebhookConfiguration{} }},
	{"admissionregistration.k8s.io", "v1", "ValidatingAdmissionPolicy", func() Object { return &admissionregistration.ValidatingAdmissionPolicy{} }},
	{"admissionregistration.k8s.io", "v1", "ValidatingAdmissionPolicyBinding", func() Object { return &admissionregistration.ValidatingAdmissionPolicyBinding{} }},
	{"apps", "v1", "Deployment", func() Object { return &apps.Deployment{} }},
	{"apps", "v1", "DaemonSet", func() Object { return &apps.DaemonSet{} }},
	{"apps", "v1", "StatefulSet", func() Object { return &apps.StatefulSet{} }},
	{"apps", "v1", "ReplicaSet", func() Object { return &apps.ReplicaSet{} }},
	{"batch", "v1", "Job", func() Object { return &batch.Job{} }},
	{"batch", "v1", "CronJob", func() Object { return &batch.CronJob{} }},
	{"certificates.k8s.io", "v1", "CertificateSigningRequest", func() Object { return &certificates.CertificateSigningRequest{} }},
	{"networking.k8s.io", "v1", "NetworkPolicy", func() Object { return &networking.NetworkPolicy{} }},
	{"networking.k8s.io", "v1", "Ingress", func() Object { return &networking.Ingress{} }},
	{"rbac.authorization.k8s.io", "v1", "ClusterRole", func() Object { return &rbac.ClusterRole{} }},
	{"rbac.authorization.k8s.io", "v1", "ClusterRoleBinding", func() Object { return &rbac.ClusterRoleBinding{} }},
	{"rbac.authorization.k8s.io", "v1", "Role", func() Object { return &rbac.Role{} }},
	{"rbac.authorization.k8s.io", "v1", "RoleBinding", func() Object { return &rbac.RoleBinding{} }},
	{"storage.k8s.io", "v1", "CSIDriver", func() Object { return &storage.CSIDriver{} }},
	{"storage.k8s.io", "v1", "StorageClass", func() Object { return &storage.StorageClass{} }},
}

// GroupVersionKind of k.
func (k Kind) GroupVersionKind() schema.GroupVersionKind {
	return schema.GroupVersionKind{Group: k.Group, Version: k.Version, Kind: k.Name}
}

// NestedTypes: protobuf has no apiVersion and kind of objects within objects. The API server sets them when it converts,
// to these; by Go type and the JSON name of the field.
var NestedTypes = map[string]meta.TypeMeta{
	"apps/v1.StatefulSetSpec.volumeClaimTemplates": {Kind: "PersistentVolumeClaim", APIVersion: "v1"},
}

// AsServed is o as the API server would write it as JSON: what came out of protobuf, with NestedTypes.
func AsServed(o Object) {
	set, ok := o.(*apps.StatefulSet)
	if !ok {
		return
	}
	for i := range set.Spec.VolumeClaimTemplates {
		set.Spec.VolumeClaimTemplates[i].TypeMeta = NestedTypes["apps/v1.StatefulSetSpec.volumeClaimTemplates"]
	}
}

// Find is the kind of that name and API version.
func Find(apiVersion, name string) (Kind, error) {
	for _, k := range Kinds {
		if k.Name == name && k.GroupVersionKind().GroupVersion().String() == apiVersion {
			return k, nil
		}
	}
	return Kind{}, fmt.Errorf("%s %s: not a kind that is read as protobuf", apiVersion, name)
}
