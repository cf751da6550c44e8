package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"time"

	"go.etcd.io/etcd/client/pkg/v3/transport"
	clientv3 "go.etcd.io/etcd/client/v3"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/runtime/serializer/protobuf"
	"k8s.io/apimachinery/pkg/types"
)

type kv struct{ k, v string }

type gen struct {
	r     *rand.Rand
	out   chan kv
	ser   *protobuf.Serializer
	start time.Time
	count map[string]int
}

const letters = "bcdfghjklmnpqrstvwxz2456789"

func (g *gen) sfx(n int) string {
	b := make([]byte, n)
	for i := range b {
		b[i] = letters[g.r.IntN(len(letters))]
	}
	return string(b)
}

func (g *gen) hex(n int) string { return fmt.Sprintf("%0*x", n, g.r.Uint64())[:n] }

func (g *gen) uid() types.UID {
	return types.UID(fmt.Sprintf("%s-%s-4%s-a%s-%s", g.hex(8), g.hex(4), g.hex(3), g.hex(3), g.hex(12)))
}

func (g *gen) created() metav1.Time {
	return metav1.NewTime(g.start.Add(-time.Duration(g.r.IntN(90*86400)) * time.Second))
}

// put encodes an object as kube-apiserver stores it.
func (g *gen) put(key string, gvk schema.GroupVersionKind, o runtime.Object) error {
	o.GetObjectKind().SetGroupVersionKind(gvk)
	var b bytes.Buffer
	if err := g.ser.Encode(o, &b); err != nil {
		return err
	}
	g.count[strings.SplitN(key, "/", 2)[0]]++
	g.out <- kv{"/registry/" + key, b.String()}
	return nil
}

func pick[T any](r *rand.Rand, s ...T) T { return s[r.IntN(len(s))] }

func ptr[T any](v T) *T { return &v }

var apps = []string{"cart", "checkout", "catalog", "orders", "payments", "search", "inventory", "pricing", "profile", "session", "gateway", "mailer", "billing", "ledger", "reports", "ingest", "stream", "router", "scorer", "recommender", "audit-log", "webhook", "notifier", "scheduler", "indexer", "exporter", "sync", "portal", "admin", "batch"}

func meta(g *gen, ns, name string, labels map[string]string) metav1.ObjectMeta {
	return metav1.ObjectMeta{Name: name, Namespace: ns, UID: g.uid(), CreationTimestamp: g.created(), Labels: labels, Generation: 1}
}

func scale(pods int, seed uint64, endpoints, ca, cert, key string) error {
	tls, err := transport.TLSInfo{TrustedCAFile: ca, CertFile: cert, KeyFile: key}.ClientConfig()
	if err != nil {
		return err
	}
	cli, err := clientv3.New(clientv3.Config{Endpoints: strings.Split(endpoints, ","), TLS: tls, DialTimeout: 5 * time.Second})
	if err != nil {
		return err
	}
	defer cli.Close()
	g := &gen{r: rand.New(rand.NewPCG(seed, 7)), out: make(chan kv, 4096), ser: protobuf.NewSerializer(nil, nil), start: time.Now(), count: map[string]int{}}

	var wg sync.WaitGroup
	errs := make(chan error, 16)
	for range 8 {
		wg.Add(1)
		go func() {
			defer wg.Done()
			var ops []clientv3.Op
			size := 0
			flush := func() {
				if len(ops) == 0 {
					return
				}
				if _, err := cli.Txn(context.Background()).Then(ops...).Commit(); err != nil {
					select {
					case errs <- err:
					default:
					}
				}
				ops, size = ops[:0], 0
			}
			for e := range g.out {
				ops = append(ops, clientv3.OpPut(e.k, e.v))
				if size += len(e.v); len(ops) == 100 || size > 1<<20 {
					flush()
				}
			}
			flush()
		}()
	}
	err = g.all(pods)
	close(g.out)
	wg.Wait()
	close(errs)
	if err == nil {
		err = <-errs
	}
	b, _ := json.Marshal(g.count)
	fmt.Println(string(b))
	return err
}
