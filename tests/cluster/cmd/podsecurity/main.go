// Pod Security admission's own verdicts over generated pods, for holding kubevouch's against them.
//
//	podsecurity generate N SEED   prints N pods, a JSON document a line
//	podsecurity judge             reads such lines, prints for each what every version says at both levels:
//	                              {"baseline": [[{"reason", "detail"}]...], "restricted": ...}, index: minor version
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"math/rand"
	"os"
	"strconv"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
	"k8s.io/pod-security-admission/api"
	"k8s.io/pod-security-admission/policy"
)

// The newest version that the module knows rules of its own for.
const newest = 35

type violation struct {
	Reason string `json:"reason"`
	Detail string `json:"detail"`
}

func judge() error {
	evaluator, err := policy.NewEvaluator(policy.DefaultChecks(), nil)
	if err != nil {
		return err
	}
	in := bufio.NewScanner(os.Stdin)
	in.Buffer(nil, 1<<24)
	out := json.NewEncoder(os.Stdout)
	out.SetEscapeHTML(false)
	for in.Scan() {
		var pod corev1.Pod
		if err := json.Unmarshal(in.Bytes(), &pod); err != nil {
			return err
		}
		for i := range pod.Spec.Volumes { // as the API server defaults it
			if pod.Spec.Volumes[i].VolumeSource == (corev1.VolumeSource{}) {
				pod.Spec.Volumes[i].EmptyDir = &corev1.EmptyDirVolumeSource{}
			}
		}
		said := map[string][][]violation{}
		for _, level := range []api.Level{api.LevelBaseline, api.LevelRestricted} {
			for minor := 0; minor <= newest; minor++ {
				list := []violation{}
				at := api.LevelVersion{Level: level, Version: api.MajorMinorVersion(1, minor)}
				for _, r := range evaluator.EvaluatePod(at, &pod.ObjectMeta, &pod.Spec) {
					if !r.Allowed {
						list = append(list, violation{r.ForbiddenReason, r.ForbiddenDetail})
					}
				}
				said[string(level)] = append(said[string(level)], list)
			}
		}
		if err := out.Encode(said); err != nil {
			return err
		}
	}
	return in.Err()
}

type generator struct{ *rand.Rand }

func (g generator) one(of ...string) string { return of[g.Intn(len(of))] }
func (g generator) often() bool             { return g.Intn(2) == 0 }
func (g generator) seldom() bool            { return g.Intn(6) == 0 }

func (g generator) flag() *bool {
	if g.often() {
		return nil
	}
	v := g.often()
	return &v
}

func (g generator) user() *int64 {
	if g.often() {
		return nil
	}
	v := int64(g.Intn(2) * 1000)
	return &v
}

func (g generator) selinux() *corev1.SELinuxOptions {
	if !g.seldom() {
		return nil
	}
	return &corev1.SELinuxOptions{Type: g.one("", "container_t", "container_init_t", "container_kvm_t", "container_engine_t", "spc_t"),
		User: g.one("", "", "u"), Role: g.one("", "", "r")}
}

func (g generator) seccomp() *corev1.SeccompProfile {
	if g.often() {
		return nil
	}
	return &corev1.SeccompProfile{Type: corev1.SeccompProfileType(g.one("RuntimeDefault", "RuntimeDefault", "Localhost", "Unconfined", ""))}
}

func (g generator) appArmor() *corev1.AppArmorProfile {
	if !g.seldom() {
		return nil
	}
	return &corev1.AppArmorProfile{Type: corev1.AppArmorProfileType(g.one("RuntimeDefault", "Localhost", "Unconfined", ""))}
}

func (g generator) windows() *corev1.WindowsSecurityContextOptions {
	if !g.seldom() {
		return nil
	}
	return &corev1.WindowsSecurityContextOptions{HostProcess: g.flag()}
}

func (g generator) capabilities() *corev1.Capabilities {
	if g.seldom() {
		return nil
	}
	c := &corev1.Capabilities{}
	for g.often() {
		c.Add = append(c.Add, corev1.Capability(g.one("NET_BIND_SERVICE", "CHOWN", "NET_RAW", "CAP_CHOWN", "SYS_ADMIN", "chown", "ALL", "")))
	}
	for g.often() || len(c.Drop) == 0 && !g.seldom() {
		c.Drop = append(c.Drop, corev1.Capability(g.one("ALL", "ALL", "all", "NET_RAW", "CAP_NET_RAW")))
	}
	return c
}

func (g generator) handler() corev1.ProbeHandler {
	h := corev1.ProbeHandler{}
	if g.often() {
		h.HTTPGet = &corev1.HTTPGetAction{Host: g.one("", "", "10.0.0.1", "::1", "example"), Port: intstr.FromInt32(80)}
	}
	if g.often() {
		h.TCPSocket = &corev1.TCPSocketAction{Host: g.one("", "", "127.0.0.1", "example"), Port: intstr.FromInt32(80)}
	}
	return h
}

func (g generator) probe() *corev1.Probe {
	if !g.seldom() {
		return nil
	}
	return &corev1.Probe{ProbeHandler: g.handler()}
}

func (g generator) hook() *corev1.LifecycleHandler {
	if !g.often() {
		return nil
	}
	h := g.handler()
	return &corev1.LifecycleHandler{HTTPGet: h.HTTPGet, TCPSocket: h.TCPSocket}
}

func (g generator) container(name string) corev1.Container {
	c := corev1.Container{Name: name, Image: "r.example/app:1", LivenessProbe: g.probe(), ReadinessProbe: g.probe(), StartupProbe: g.probe()}
	if g.seldom() {
		c.Lifecycle = &corev1.Lifecycle{PostStart: g.hook(), PreStop: g.hook()}
	}
	for g.seldom() {
		c.Ports = append(c.Ports, corev1.ContainerPort{ContainerPort: 80, HostPort: int32([]int{0, 80, 9, 443}[g.Intn(4)])})
	}
	if g.seldom() {
		return c
	}
	s := &corev1.SecurityContext{AllowPrivilegeEscalation: g.flag(), RunAsNonRoot: g.flag(), RunAsUser: g.user(), SELinuxOptions: g.selinux(),
		SeccompProfile: g.seccomp(), AppArmorProfile: g.appArmor(), WindowsOptions: g.windows(), Capabilities: g.capabilities()}
	if g.seldom() {
		s.Privileged = g.flag()
	}
	if g.seldom() {
		p := corev1.ProcMountType(g.one("Default", "Unmasked", "other", ""))
		s.ProcMount = &p
	}
	c.SecurityContext = s
	return c
}

func (g generator) volume(name string) corev1.Volume {
	v := corev1.Volume{Name: name}
	switch g.Intn(12) {
	case 0:
		v.HostPath = &corev1.HostPathVolumeSource{Path: "/"}
	case 1:
		v.NFS = &corev1.NFSVolumeSource{Server: "s", Path: "/"}
	case 2:
		v.GitRepo = &corev1.GitRepoVolumeSource{Repository: "r"}
	case 3:
		v.Image = &corev1.ImageVolumeSource{Reference: "r"}
	case 4:
		v.CSI = &corev1.CSIVolumeSource{Driver: "d"}
	case 5:
		v.Secret = &corev1.SecretVolumeSource{SecretName: "s"}
	case 6:
		v.FlexVolume = &corev1.FlexVolumeSource{Driver: "d"}
	case 7:
		v.HostPath, v.EmptyDir = &corev1.HostPathVolumeSource{Path: "/"}, &corev1.EmptyDirVolumeSource{}
	case 8:
		v.PersistentVolumeClaim = &corev1.PersistentVolumeClaimVolumeSource{ClaimName: "c"}
	case 9:
		v.Ephemeral = &corev1.EphemeralVolumeSource{}
	case 10:
		v.EmptyDir = &corev1.EmptyDirVolumeSource{}
	}
	return v
}

func (g generator) annotations() map[string]string {
	a := map[string]string{}
	for g.seldom() {
		a[g.one("seccomp.security.alpha.kubernetes.io/pod", "container.seccomp.security.alpha.kubernetes.io/a", "container.seccomp.security.alpha.kubernetes.io/none")] =
			g.one("runtime/default", "docker/default", "localhost/x", "unconfined", "", "q\"\\\n\u00e9\u200b")
	}
	for g.seldom() {
		a["container.apparmor.security.beta.kubernetes.io/"+g.one("a", "b", "")] = g.one("runtime/default", "localhost/x", "unconfined", "", "q\"\\\t\u00e9\u202e")
	}
	return a
}

func (g generator) pod(name string) corev1.Pod {
	p := corev1.Pod{TypeMeta: metav1.TypeMeta{APIVersion: "v1", Kind: "Pod"}, ObjectMeta: metav1.ObjectMeta{Name: name, Namespace: "generated", Annotations: g.annotations()}}
	s := &p.Spec
	if g.seldom() {
		s.HostNetwork, s.HostPID, s.HostIPC = g.often(), g.often(), g.often()
	}
	if g.seldom() {
		s.HostUsers = g.flag()
	}
	if g.seldom() {
		s.OS = &corev1.PodOS{Name: corev1.OSName(g.one("windows", "linux"))}
	}
	for i := 0; g.often() && i < 4; i++ {
		s.Volumes = append(s.Volumes, g.volume("v"+strconv.Itoa(i)))
	}
	if g.often() {
		s.SecurityContext = &corev1.PodSecurityContext{RunAsNonRoot: g.flag(), RunAsUser: g.user(), SELinuxOptions: g.selinux(), SeccompProfile: g.seccomp(),
			AppArmorProfile: g.appArmor(), WindowsOptions: g.windows()}
		for g.seldom() {
			s.SecurityContext.Sysctls = append(s.SecurityContext.Sysctls, corev1.Sysctl{Name: g.one("kernel.shm_rmid_forced", "net.ipv4.tcp_rmem",
				"net.ipv4.tcp_keepalive_time", "net.ipv4.ip_local_reserved_ports", "kernel.msgmax", "net.ipv4.tcp_notsent_lowat"), Value: "1"})
		}
	}
	for i := 0; g.seldom() && i < 3; i++ {
		s.InitContainers = append(s.InitContainers, g.container("i"+strconv.Itoa(i)))
	}
	s.Containers = append(s.Containers, g.container("a"))
	for i := 0; g.seldom() && i < 3; i++ {
		s.Containers = append(s.Containers, g.container("b"+strconv.Itoa(i)))
	}
	if g.seldom() {
		s.EphemeralContainers = append(s.EphemeralContainers, corev1.EphemeralContainer{EphemeralContainerCommon: corev1.EphemeralContainerCommon(g.container("e"))})
	}
	return p
}

func generate(count, seed string) error {
	n, err := strconv.Atoi(count)
	if err != nil {
		return err
	}
	s, err := strconv.ParseInt(seed, 10, 64)
	if err != nil {
		return err
	}
	g := generator{rand.New(rand.NewSource(s))}
	out := json.NewEncoder(os.Stdout)
	out.SetEscapeHTML(false)
	for i := 0; i < n; i++ {
		if err := out.Encode(g.pod("p" + strconv.Itoa(i))); err != nil {
			return err
		}
	}
	return nil
}

func main() {
	var err error
	switch {
	case len(os.Args) == 4 && os.Args[1] == "generate":
		err = generate(os.Args[2], os.Args[3])
	case len(os.Args) == 2 && os.Args[1] == "judge":
		err = judge()
	default:
		err = fmt.Errorf("usage: podsecurity generate N SEED | podsecurity judge")
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "podsecurity:", err)
		os.Exit(1)
	}
}
