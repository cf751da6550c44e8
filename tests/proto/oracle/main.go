// oracle writes random objects of every kind as protobuf and as the JSON that Kubernetes' own code makes of that protobuf,
// one object a line; and lists of them, in the envelope that an API server answers with.
//
//	go run ./oracle COUNT SEED
package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand"
	"os"
	"reflect"
	"strconv"
	"time"

	"k8s.io/apimachinery/pkg/api/resource"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/intstr"

	"kubevouch.example/proto"
)

type filler struct {
	*rand.Rand
	chance float64 // that what may be left out is there; from 1 on, all of it, and nothing is empty
}

var texts = []string{"a", "name", "kube-system", "<b>&\"\\", "\u00e9\u4e16\U0001F600", "\u0001\t\n", "10.0.0.1", "\u2028", "", "true", "0"}
var quantities = []string{"0", "100m", "1", "1500m", "2Gi", "1e3", "0.1", "-5", "128974848", "3Ki", "100n"}

func (f *filler) here() bool { return f.Float64() < f.chance }

func (f *filler) text() string {
	for {
		if s := texts[f.Intn(len(texts))]; s != "" || f.chance < 1 {
			return s
		}
	}
}

func (f *filler) number() int64 {
	few := []int64{0, 1, -1, 5, 443, 65535, 1 << 31, -1 << 63, 1<<63 - 1}
	for {
		if n := few[f.Intn(len(few))]; n != 0 || f.chance < 1 {
			return n
		}
	}
}

func (f *filler) time() time.Time {
	switch n := f.Intn(6); {
	case n == 0 && f.chance < 1:
		return time.Time{}
	case n == 1:
		return time.Unix(0, 0)
	case n == 2:
		return time.Unix(253402300799, 999999999)
	case n == 3:
		return time.Unix(-62135596799, 1000)
	}
	return time.Unix(f.Int63n(4000000000)-1000000000, f.Int63n(1000000000))
}

// special fills what is not filled by its fields.
func (f *filler) special(v reflect.Value) bool {
	switch p := v.Addr().Interface().(type) {
	case *meta.Time:
		p.Time = f.time()
	case *meta.MicroTime:
		p.Time = f.time()
	case *resource.Quantity:
		*p = resource.MustParse(quantities[f.Intn(len(quantities))])
	case *intstr.IntOrString:
		if f.Intn(2) == 0 {
			*p = intstr.FromInt32(int32(f.number()))
		} else {
			*p = intstr.FromString(f.text())
		}
	case *runtime.RawExtension:
		p.Raw = []byte(`{"a":[1,null,"b"]}`)
	case *meta.FieldsV1:
		p.Raw = []byte(`{"f:metadata":{"f:labels":{}}}`)
	case *meta.TypeMeta:
	default:
		return false
	}
	return true
}

func (f *filler) fill(v reflect.Value) {
	if f.special(v) {
		return
	}
	switch v.Kind() {
	case reflect.String:
		v.SetString(f.text())
	case reflect.Bool:
		v.SetBool(f.chance >= 1 || f.Intn(2) == 0)
	case reflect.Int32, reflect.Int64:
		v.SetInt(f.number())
		if v.Kind() == reflect.Int32 {
			v.SetInt(int64(int32(f.number())))
		}
	case reflect.Pointer:
		if f.here() {
			v.Set(reflect.New(v.Type().Elem()))
			f.fill(v.Elem())
		}
	case reflect.Struct:
		for i := 0; i < v.NumField(); i++ {
			f.fill(v.Field(i))
		}
	case reflect.Slice:
		f.slice(v)
	case reflect.Map:
		f.mapping(v)
	default:
		panic(v.Type().String())
	}
}

func (f *filler) slice(v reflect.Value) {
	n := f.Intn(3)
	if !f.here() {
		return
	}
	if v.Type().Elem().Kind() == reflect.Uint8 {
		b := make([]byte, f.Intn(5))
		f.Read(b)
		v.SetBytes(b)
		return
	}
	if f.chance >= 1 {
		n = 1
	}
	v.Set(reflect.MakeSlice(v.Type(), n, n))
	for i := 0; i < n; i++ {
		f.fill(v.Index(i))
	}
}

func (f *filler) mapping(v reflect.Value) {
	if !f.here() {
		return
	}
	v.Set(reflect.MakeMap(v.Type()))
	for n := 1 + f.Intn(3)*f.Intn(10); n > 0; n-- {
		key, val := reflect.New(v.Type().Key()).Elem(), reflect.New(v.Type().Elem()).Elem()
		key.SetString(f.text() + strconv.Itoa(f.Intn(40)))
		f.fill(val)
		v.SetMapIndex(key, val)
	}
}

type line struct {
	APIVersion string            `json:"apiVersion"`
	Kind       string            `json:"kind"`
	Proto      []byte            `json:"proto"`
	JSON       json.RawMessage   `json:"json,omitempty"`
	List       *meta.ListMeta    `json:"list,omitempty"`
	Items      []json.RawMessage `json:"items,omitempty"`
}

func must[T any](v T, err error) T {
	if err != nil {
		fmt.Fprintln(os.Stderr, "oracle:", err)
		os.Exit(1)
	}
	return v
}

// The object as protobuf, and the JSON of what comes out of that.
func both(k proto.Kind, o proto.Object) ([]byte, json.RawMessage) {
	wire := must(o.Marshal())
	back := k.New()
	must(0, back.Unmarshal(wire))
	proto.AsServed(back)
	text := bytes.TrimSuffix(must(json.Marshal(back)), []byte("\n"))
	return wire, text
}

func length(out []byte, field byte, bytes []byte) []byte {
	out = append(out, field<<3|2)
	n := len(bytes)
	for ; n >= 0x80; n >>= 7 {
		out = append(out, byte(n)|0x80)
	}
	return append(append(out, byte(n)), bytes...)
}

// A list as the API server writes it.
func envelope(apiVersion, kind string, list *meta.ListMeta, items [][]byte) []byte {
	raw := length(nil, 1, must(list.Marshal()))
	for _, item := range items {
		raw = length(raw, 2, item)
	}
	u := runtime.Unknown{TypeMeta: runtime.TypeMeta{APIVersion: apiVersion, Kind: kind + "List"}, Raw: raw}
	return append([]byte("k8s\x00"), must(u.Marshal())...)
}

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "usage: oracle COUNT SEED")
		os.Exit(2)
	}
	count, seed := must(strconv.Atoi(os.Args[1])), must(strconv.ParseInt(os.Args[2], 10, 64))
	f := &filler{Rand: rand.New(rand.NewSource(seed))}
	out := bufio.NewWriter(os.Stdout)
	defer out.Flush()
	enc := json.NewEncoder(out)
	chances := []float64{1, 0, 0.15, 0.4}
	for i := 0; i < count; i++ {
		k := proto.Kinds[i%len(proto.Kinds)]
		gv := k.GroupVersionKind().GroupVersion().String()
		f.chance = chances[i/len(proto.Kinds)%len(chances)]
		o := k.New()
		f.fill(reflect.ValueOf(o).Elem())
		wire, text := both(k, o)
		must(0, enc.Encode(line{APIVersion: gv, Kind: k.Name, Proto: wire, JSON: text}))
		if i%7 != 0 || len(text) > 4000 {
			continue
		}
		left := f.Int63n(3)
		list := &meta.ListMeta{ResourceVersion: strconv.Itoa(f.Intn(100000))}
		if left > 0 {
			list.Continue, list.RemainingItemCount = f.text(), &left
		}
		l := line{APIVersion: gv, Kind: k.Name, List: list}
		var items [][]byte
		for n := f.Intn(3); n > 0; n-- {
			items = append(items, wire)
			l.Items = append(l.Items, text)
		}
		l.Proto = envelope(gv, k.Name, list, items)
		must(0, enc.Encode(l))
	}
}
