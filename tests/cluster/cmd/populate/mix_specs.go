package main

import (
	"math/rand/v2"

	appsv1 "k8s.io/api/apps/v1"
	v1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
)

func (m *mixer) deploy(ns, name string, reps int32, s v1.PodSpec) {
	l := map[string]string{"app.kubernetes.io/name": name}
	d := &appsv1.Deployment{ObjectMeta: om(ns, name, l), Spec: appsv1.DeploymentSpec{Replicas: &reps, Selector: &metav1.LabelSelector{MatchLabels: l}, Template: v1.PodTemplateSpec{ObjectMeta: metav1.ObjectMeta{Labels: l}, Spec: s}}}
	m.do(func() error { _, err := m.c.AppsV1().Deployments(ns).Create(m.ctx, d, opts); return err })
}

func good(name, image, sa string) v1.PodSpec {
	return v1.PodSpec{
		ServiceAccountName: sa, AutomountServiceAccountToken: ptr(false),
		SecurityContext: &v1.PodSecurityContext{RunAsNonRoot: ptr(true), RunAsUser: ptr(int64(10001)), SeccompProfile: &v1.SeccompProfile{Type: v1.SeccompProfileTypeRuntimeDefault}},
		Containers: []v1.Container{{
			Name: name, Image: image, Ports: []v1.ContainerPort{{Name: "http", ContainerPort: 8080}},
			Resources:       v1.ResourceRequirements{Requests: v1.ResourceList{"cpu": resource.MustParse("20m"), "memory": resource.MustParse("32Mi")}, Limits: v1.ResourceList{"cpu": resource.MustParse("500m"), "memory": resource.MustParse("128Mi")}},
			SecurityContext: &v1.SecurityContext{AllowPrivilegeEscalation: ptr(false), ReadOnlyRootFilesystem: ptr(true), Capabilities: &v1.Capabilities{Drop: []v1.Capability{"ALL"}}},
			LivenessProbe:   &v1.Probe{ProbeHandler: v1.ProbeHandler{HTTPGet: &v1.HTTPGetAction{Path: "/healthz", Port: intstr.FromString("http")}}},
			ReadinessProbe:  &v1.Probe{ProbeHandler: v1.ProbeHandler{HTTPGet: &v1.HTTPGetAction{Path: "/readyz", Port: intstr.FromString("http")}}},
			VolumeMounts:    []v1.VolumeMount{{Name: "tmp", MountPath: "/tmp"}},
		}},
		Volumes: []v1.Volume{{Name: "tmp", VolumeSource: v1.VolumeSource{EmptyDir: &v1.EmptyDirVolumeSource{}}}},
	}
}

// plain is what most charts and hand-written manifests look like: no security context, default account, some limits.
func plain(name, image string, r *rand.Rand) v1.PodSpec {
	s := v1.PodSpec{Containers: []v1.Container{{Name: name, Image: image, Ports: []v1.ContainerPort{{ContainerPort: 8080}}, Env: []v1.EnvVar{{Name: "LOG_LEVEL", Value: "info"}}}}}
	if r.IntN(2) == 0 {
		s.Containers[0].Resources.Requests = v1.ResourceList{"cpu": resource.MustParse("10m"), "memory": resource.MustParse("64Mi")}
	}
	return s
}
