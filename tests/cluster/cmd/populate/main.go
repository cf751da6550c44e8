// Command populate fills a test cluster: "mix" makes some 500 pods' worth of
// ordinary and insecure workloads through the API (the controllers and kubelets
// do the rest); "scale" writes N pods and what goes with them straight to etcd,
// in the apiserver's storage format.
package main

import (
	"flag"
	"fmt"
	"log"
	"os"
	"time"

	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/clientcmd"
)

func main() {
	if len(os.Args) < 2 {
		log.Fatal("usage: populate mix|scale [flags]")
	}
	fs := flag.NewFlagSet(os.Args[1], flag.ExitOnError)
	kubeconfig := fs.String("kubeconfig", os.Getenv("KUBECONFIG"), "")
	seed := fs.Uint64("seed", 1, "the same seed makes the same cluster")
	truth := fs.String("truth", "", "file for the list of planted problems (mix)")
	n := fs.Int("pods", 10000, "pods (scale)")
	endpoints := fs.String("etcd", os.Getenv("ETCDCTL_ENDPOINTS"), "")
	ca, cert, key := fs.String("etcd-ca", os.Getenv("ETCDCTL_CACERT"), ""), fs.String("etcd-cert", os.Getenv("ETCDCTL_CERT"), ""), fs.String("etcd-key", os.Getenv("ETCDCTL_KEY"), "")
	_ = fs.Parse(os.Args[2:])
	t := time.Now()
	var err error
	switch os.Args[1] {
	case "mix":
		rc, e := clientcmd.BuildConfigFromFlags("", *kubeconfig)
		if e != nil {
			log.Fatal(e)
		}
		rc.QPS, rc.Burst = 400, 800
		rc.UserAgent = "kubectl/v1.35.4 (linux/amd64) kubernetes/test"
		err = mix(kubernetes.NewForConfigOrDie(rc), rc, *seed, *truth)
	case "scale":
		err = scale(*n, *seed, *endpoints, *ca, *cert, *key)
	default:
		log.Fatalf("unknown mode %q", os.Args[1])
	}
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%s done in %.1fs\n", os.Args[1], time.Since(t).Seconds())
}
