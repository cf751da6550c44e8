// Command hollowkubelet runs a real kubelet (sync loop, pod status, static pods,
// leases, the kubelet HTTP API with its authentication and authorization, and
// /configz) on a fake container runtime. It is kubemark's hollow kubelet with
// four additions: a KubeletConfiguration file, TLS + authn/authz on the API,
// configz, and node/runtime details of the caller's choice.
package main

import (
	"context"
	"flag"
	"fmt"
	"hash/fnv"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	cadvisorapi "github.com/google/cadvisor/info/v1"
	"github.com/spf13/pflag"
	noopoteltrace "go.opentelemetry.io/otel/trace/noop"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apiserver/pkg/server/flagz"
	utilfeature "k8s.io/apiserver/pkg/util/feature"
	clientset "k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/clientcmd"
	"k8s.io/client-go/tools/record"
	cliflag "k8s.io/component-base/cli/flag"
	"k8s.io/component-base/configz"
	zpagesfeatures "k8s.io/component-base/zpages/features"
	runtimeapi "k8s.io/cri-api/pkg/apis/runtime/v1"
	apitest "k8s.io/cri-api/pkg/apis/testing"
	"k8s.io/klog/v2"
	kubeletconfigv1beta1 "k8s.io/kubelet/config/v1beta1"
	kubeletapp "k8s.io/kubernetes/cmd/kubelet/app"
	"k8s.io/kubernetes/cmd/kubelet/app/options"
	"k8s.io/kubernetes/pkg/capabilities"
	"k8s.io/kubernetes/pkg/kubelet"
	kubeletconfig "k8s.io/kubernetes/pkg/kubelet/apis/config"
	kubeletscheme "k8s.io/kubernetes/pkg/kubelet/apis/config/scheme"
	cadvisortest "k8s.io/kubernetes/pkg/kubelet/cadvisor/testing"
	"k8s.io/kubernetes/pkg/kubelet/cm"
	"k8s.io/kubernetes/pkg/kubelet/eviction"
	"k8s.io/kubernetes/pkg/kubelet/kubeletconfig/configfiles"
	"k8s.io/kubernetes/pkg/kubemark"
	utilfs "k8s.io/kubernetes/pkg/util/filesystem"
)

type fakeCadvisor struct {
	*cadvisortest.Fake
	kernel, osImage string
	cores           int
	mem             uint64
	id              string
}

func (f *fakeCadvisor) VersionInfo() (*cadvisorapi.VersionInfo, error) {
	return &cadvisorapi.VersionInfo{KernelVersion: f.kernel, ContainerOsVersion: f.osImage}, nil
}

func (f *fakeCadvisor) MachineInfo() (*cadvisorapi.MachineInfo, error) {
	return &cadvisorapi.MachineInfo{
		NumCores: f.cores, MemoryCapacity: f.mem,
		MachineID: f.id, SystemUUID: f.id, BootID: f.id,
	}, nil
}

// fakeRuntime is the CRI fake, with a version, pod IPs, and containers that
// finish when their name starts with "init-" or "job-".
type fakeRuntime struct {
	*apitest.FakeRuntimeService
	version string
	prefix  string // first three octets of the pod CIDR
}

func (r *fakeRuntime) Version(context.Context, string) (*runtimeapi.VersionResponse, error) {
	return &runtimeapi.VersionResponse{
		Version: "0.1.0", RuntimeName: "containerd", RuntimeVersion: r.version, RuntimeApiVersion: "v1",
	}, nil
}

func (r *fakeRuntime) PodSandboxStatus(ctx context.Context, id string, verbose bool) (*runtimeapi.PodSandboxStatusResponse, error) {
	resp, err := r.FakeRuntimeService.PodSandboxStatus(ctx, id, verbose)
	if err == nil && resp.GetStatus().GetNetwork() != nil {
		if resp.Status.GetLinux().GetNamespaces().GetOptions().GetNetwork() == runtimeapi.NamespaceMode_NODE {
			resp.Status.Network.Ip = "" // the kubelet fills in the node's address
			return resp, err
		}
		h := fnv.New32a()
		h.Write([]byte(id))
		resp.Status.Network.Ip = fmt.Sprintf("%s.%d", r.prefix, 2+h.Sum32()%250)
	}
	return resp, err
}

func (r *fakeRuntime) StartContainer(ctx context.Context, id string) error {
	if err := r.FakeRuntimeService.StartContainer(ctx, id); err != nil {
		return err
	}
	r.Lock()
	defer r.Unlock()
	if c, ok := r.Containers[id]; ok {
		n := c.Metadata.GetName()
		if strings.HasPrefix(n, "init-") || strings.HasPrefix(n, "job-") {
			c.State = runtimeapi.ContainerState_CONTAINER_EXITED
			c.FinishedAt = time.Now().UnixNano()
			c.Reason = "Completed"
		}
	}
	return nil
}

func loadConfig(ctx context.Context, file string) (*kubeletconfig.KubeletConfiguration, error) {
	abs, err := filepath.Abs(file)
	if err != nil {
		return nil, err
	}
	l, err := configfiles.NewFsLoader(&utilfs.DefaultFs{}, abs)
	if err != nil {
		return nil, err
	}
	kc, err := l.Load(ctx)
	if err == nil && kc.EvictionHard == nil {
		kc.EvictionHard = eviction.DefaultEvictionHard
	}
	return kc, err
}

func main() {
	fs := flag.NewFlagSet("hollowkubelet", flag.ExitOnError)
	var (
		kubeconfig = fs.String("kubeconfig", "", "kubeconfig")
		name       = fs.String("name", "", "node name")
		config     = fs.String("config", "", "KubeletConfiguration file")
		listen     = fs.String("listen", "127.0.0.1", "address the kubelet API listens on")
		port       = fs.Int("port", 0, "port the kubelet API listens on")
		showPort   = fs.Int("reported-port", 10250, "port that configz shows and Node.status reports (reached by the egress map)")
		root       = fs.String("root", "", "root directory")
		rootfs     = fs.String("rootfs", "", "prefix of /etc/kubernetes and /var/lib/kubelet paths in the configuration")
		cidr       = fs.String("pod-prefix", "10.244.0", "first three octets of the pod CIDR")
		kernel     = fs.String("kernel", "6.8.0-71-generic", "")
		osImage    = fs.String("os", "Ubuntu 24.04.3 LTS", "")
		rt         = fs.String("containerd", "2.1.5", "")
		cores      = fs.Int("cores", 16, "")
		memGiB     = fs.Uint64("mem", 64, "")
		maxPods    = fs.Int("max-pods", 250, "")
	)
	klog.InitFlags(fs)
	_ = fs.Parse(os.Args[1:])
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, os.Interrupt)
	defer stop()
	if err := run(ctx, *kubeconfig, *name, *config, *listen, *port, *showPort, *root, *rootfs, *cidr, *kernel, *osImage, *rt, *cores, *memGiB, *maxPods); err != nil {
		klog.Fatal(err)
	}
	<-ctx.Done()
}

func run(ctx context.Context, kubeconfig, name, config, listen string, port, showPort int, root, rootfs, cidr, kernel, osImage, rt string, cores int, memGiB uint64, maxPods int) error {
	rc, err := clientcmd.BuildConfigFromFlags("", kubeconfig)
	if err != nil {
		return err
	}
	rc.UserAgent = "kubelet/v1.35.4 (linux/amd64) kubernetes/test"
	rc.ContentType = "application/vnd.kubernetes.protobuf"
	rc.QPS, rc.Burst = 50, 100
	client, err := clientset.NewForConfig(rc)
	if err != nil {
		return err
	}
	hb := *rc
	hb.QPS = -1
	hb.Timeout = 10 * time.Second
	heartbeat, err := clientset.NewForConfig(&hb)
	if err != nil {
		return err
	}

	f, hollow := kubemark.GetHollowKubeletConfig(&kubemark.HollowKubeletOptions{NodeName: name, KubeletPort: port, MaxPods: maxPods})
	shown, err := loadConfig(ctx, config)
	if err != nil {
		return err
	}
	if err := utilfeature.DefaultMutableFeatureGate.SetFromMap(shown.FeatureGates); err != nil {
		return err
	}
	// configz shows the node's configuration as its file gives it.
	shown.Port = int32(showPort)
	cz, err := configz.New("kubeletconfig")
	if err != nil {
		return err
	}
	scheme, _, err := kubeletscheme.NewSchemeAndCodecs()
	if err != nil {
		return err
	}
	versioned := kubeletconfigv1beta1.KubeletConfiguration{}
	if err := scheme.Convert(shown.DeepCopy(), &versioned, nil); err != nil {
		return err
	}
	cz.Set(versioned)

	// What runs is the same configuration, less what a fake runtime cannot do.
	c := shown.DeepCopy()
	in := func(p string) string {
		if p == "" || rootfs == "" {
			return p
		}
		return filepath.Join(rootfs, p)
	}
	c.Authentication.X509.ClientCAFile = in(c.Authentication.X509.ClientCAFile)
	c.TLSCertFile, c.TLSPrivateKeyFile = in(c.TLSCertFile), in(c.TLSPrivateKeyFile)
	if c.StaticPodPath != "" {
		c.StaticPodPath = in(c.StaticPodPath)
	} else {
		c.StaticPodPath = filepath.Join(root, "static-pods")
	}
	c.Address, c.Port = listen, int32(port)
	c.ReadOnlyPort, c.HealthzPort = 0, 0
	c.ServerTLSBootstrap, c.RotateCertificates = false, false
	c.CgroupsPerQOS, c.EnforceNodeAllocatable = false, nil
	c.CgroupRoot = ""
	c.KubeletCgroups, c.SystemCgroups = hollow.KubeletCgroups, hollow.SystemCgroups
	c.ProtectKernelDefaults = false
	c.MakeIPTablesUtilChains = false
	c.FailSwapOn = false
	c.MaxPods = int32(maxPods)
	c.RegistryPullQPS = 0 // after a restart every container is new: no waiting for pulls that are none
	c.MaxOpenFiles = hollow.MaxOpenFiles
	c.PodLogsDir = filepath.Join(root, "logs")
	_ = os.RemoveAll(f.RootDirectory) // the folder that kubemark made under /tmp
	for _, d := range []string{c.StaticPodPath, c.PodLogsDir} {
		if err := os.MkdirAll(d, 0o755); err != nil {
			return err
		}
	}
	c.ProviderID = ""
	c.SeccompDefault = shown.SeccompDefault
	c.ContainerRuntimeEndpoint, c.ImageServiceEndpoint = hollow.ImageServiceEndpoint, hollow.ImageServiceEndpoint
	f.CertDirectory = filepath.Join(root, "pki")
	f.RootDirectory = root
	f.CloudProvider = "external" // leaves Node.status.addresses as they were made

	tlsOpts, err := kubeletapp.InitializeTLS(ctx, f, c)
	if err != nil {
		return err
	}
	auth, runReload, err := kubeletapp.BuildAuth(types.NodeName(name), client, *c)
	if err != nil {
		return err
	}
	runReload(ctx.Done())

	images := apitest.NewFakeImageService()
	rts := &fakeRuntime{FakeRuntimeService: apitest.NewFakeRuntimeService(), version: rt, prefix: cidr}
	rts.FakeStatus = &runtimeapi.RuntimeStatus{Conditions: []*runtimeapi.RuntimeCondition{
		{Type: runtimeapi.RuntimeReady, Status: true}, {Type: runtimeapi.NetworkReady, Status: true},
	}}
	cad := &fakeCadvisor{Fake: &cadvisortest.Fake{NodeName: name}, kernel: kernel, osImage: osImage, cores: cores, mem: memGiB << 30}
	h := fnv.New64a()
	h.Write([]byte(name))
	cad.id = fmt.Sprintf("%016x%016x", h.Sum64(), h.Sum64()*2654435761)

	hk := kubemark.NewHollowKubelet(f, c, client, heartbeat, cad, images, rts, cm.NewStubContainerManager())
	hk.KubeletDeps.TLSOptions = tlsOpts
	hk.KubeletDeps.Auth = auth
	hk.KubeletDeps.TracerProvider = noopoteltrace.NewTracerProvider()
	hk.KubeletDeps.Recorder = &record.FakeRecorder{}
	if utilfeature.DefaultFeatureGate.Enabled(zpagesfeatures.ComponentFlagz) {
		// the flags that a kubeadm node's kubelet is started with
		kf := options.NewKubeletFlags()
		ks := pflag.NewFlagSet("kubelet", pflag.ContinueOnError)
		kf.AddFlags(ks)
		for k, v := range map[string]string{"config": "/var/lib/kubelet/config.yaml", "kubeconfig": "/etc/kubernetes/kubelet.conf", "bootstrap-kubeconfig": "/etc/kubernetes/bootstrap-kubelet.conf"} {
			_ = ks.Set(k, v)
		}
		hk.KubeletDeps.Flagz = flagz.NamedFlagSetsReader{FlagSets: cliflag.NamedFlagSets{FlagSets: map[string]*pflag.FlagSet{"global": ks}}}
	}
	return serve(ctx, f, c, hk.KubeletDeps, name, int32(showPort), int32(port))
}

// serve is kubeletapp.RunKubelet, but the port that the node reports and the
// one that the API listens on differ.
func serve(ctx context.Context, f *options.KubeletFlags, c *kubeletconfig.KubeletConfiguration, d *kubelet.Dependencies, name string, reported, listen int32) error {
	capabilities.Initialize(capabilities.Capabilities{AllowPrivileged: true})
	shown := c.DeepCopy()
	shown.Port = reported
	k, err := kubelet.NewMainKubelet(ctx, shown, d, &f.ContainerRuntimeOptions, name, types.NodeName(name), nil,
		"", f.CloudProvider, f.CertDirectory, f.RootDirectory, c.PodLogsDir,
		"", "", c.RegisterNode, c.RegisterWithTaints, c.AllowedUnsafeSysctls, "", false, false,
		f.MinimumGCAge, f.MaxPerPodContainerCount, f.MaxContainerCount, f.NodeLabels, c.NodeStatusMaxImages, c.SeccompDefault)
	if err != nil {
		return err
	}
	k.BirthCry()
	k.StartGarbageCollection()
	go k.Run(d.PodConfig.Updates())
	c.Port = listen
	go k.ListenAndServe(ctx, c, d.TLSOptions, d.Auth, d.TracerProvider)
	return nil
}
