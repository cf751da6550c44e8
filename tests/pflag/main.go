// Random command lines, and what github.com/spf13/pflag makes of them, as JSON lines: main COUNT SEED.
// {"args": [...], "flags": {name: text}} or {"args": [...], "refused": true}. Lists are joined with commas; a list with a comma within
// an item is left out of flags and named in "unjoinable".
package main

import (
	"encoding/json"
	"fmt"
	"io"
	"math/rand"
	"os"
	"strconv"
	"strings"

	"github.com/spf13/pflag"
)

var (
	bools     = []string{"profiling", "anonymous-auth"}
	ints      = []string{"audit-log-maxage", "secure-port"}
	lists     = []string{"authorization-mode", "enable-admission-plugins"}
	arrays    = []string{"service-account-key-file"}
	texts     = []string{"token-auth-file", "client-ca-file"}
	durations = []string{"request-timeout"}
	addresses = []string{"bind-address"}
	kinds     = [][]string{bools, ints, lists, arrays, texts, durations, addresses}
	words     = [][]string{
		{"true", "false", "T", "f", "0", "1", "True", "FALSE", "yes", "", "tRUE", "2"},
		{"0", "30", "-1", "+7", "010", "08", "0x1E", "0X1e", "0b11", "0o17", "1_000", "_1", "1_", "0_7", "0x_1", "1__0", "", "x", "1.5", " 1", "9223372036854775807", "9223372036854775808", "-9223372036854775808"},
		{"A", "A,B", "\"A\"", "\"A\",\"B\"", "\"A,B\"", "\"A", "A\"", "A\"B\"", "\"\"", "\"a\"\"b\"", ",", "A,", ",A", "", " A , B", "\nA", "A\nB", "\"A\nB\"", "A\r\n", "\"A\"\r", "\"A\" ", "\r\nA", "\n", "\"A\"B", "\"\",A", "\r"},
		{"/a", "/a,/b", "\"/a\"", "", "/a\n"},
		{"/x", "", "\"x\"", "a=b", "--profiling", "-v"},
		{"1m", "0", "60", "1h1m1s", "-5s", "1.5h", ".5s", "1", "", "s", "1d", "1m 1s", "1us", "3µs"},
		{"127.0.0.1", "::1", "0:0:0:0:0:0:0:1", " ::1 ", "127.0.0.01", "localhost", "", "::ffff:127.0.0.1", "1.2.3", "fe80::1%eth0", "2001:DB8::1"},
	}
)

func spell(r *rand.Rand, name string) string {
	if r.Intn(8) == 0 {
		return strings.ReplaceAll(name, "-", "_")
	}
	return name
}

func commandLine(r *rand.Rand) []string {
	args := []string{}
	for i := 1 + r.Intn(3)*r.Intn(2); i > 0; i-- {
		k := r.Intn(len(kinds))
		name, word := kinds[k][r.Intn(len(kinds[k]))], words[k][r.Intn(len(words[k]))]
		switch n := r.Intn(20); {
		case n == 0:
			args = append(args, "--"+spell(r, name))
		case n < 4 && k > 0:
			args = append(args, "--"+spell(r, name), word)
		case n == 4:
			args = append(args, "--")
		default:
			args = append(args, "--"+spell(r, name)+"="+word)
		}
	}
	return args
}

type row struct {
	Args       []string          `json:"args"`
	Flags      map[string]string `json:"flags,omitempty"`
	Unjoinable []string          `json:"unjoinable,omitempty"`
	Refused    bool              `json:"refused,omitempty"`
}

func parse(args []string) row {
	s := pflag.NewFlagSet("x", pflag.ContinueOnError)
	s.SetOutput(io.Discard)
	s.SetNormalizeFunc(func(_ *pflag.FlagSet, name string) pflag.NormalizedName {
		return pflag.NormalizedName(strings.ReplaceAll(name, "_", "-"))
	})
	s.StringP("v", "v", "", "")
	for _, n := range bools {
		s.Bool(n, false, "")
	}
	for _, n := range ints {
		s.Int64(n, 0, "")
	}
	for _, n := range lists {
		s.StringSlice(n, nil, "")
	}
	for _, n := range arrays {
		s.StringArray(n, nil, "")
	}
	for _, n := range texts {
		s.String(n, "", "")
	}
	for _, n := range durations {
		s.Duration(n, 0, "")
	}
	for _, n := range addresses {
		s.IP(n, nil, "")
	}
	out := row{Args: args}
	if err := s.Parse(args); err != nil {
		out.Refused = true
		return out
	}
	out.Flags = map[string]string{}
	s.Visit(func(f *pflag.Flag) {
		switch f.Value.Type() {
		case "stringSlice", "stringArray":
			items := f.Value.(pflag.SliceValue).GetSlice()
			for _, item := range items {
				if f.Value.Type() == "stringSlice" && strings.Contains(item, ",") {
					out.Unjoinable = append(out.Unjoinable, f.Name)
					return
				}
			}
			for _, item := range items {
				if f.Value.Type() == "stringSlice" && item == "" && len(items) > 1 {
					return // joined it may look like less
				}
			}
			out.Flags[f.Name] = strings.Join(items, ",")
		case "duration":
			d, _ := s.GetDuration(f.Name)
			out.Flags[f.Name] = strconv.FormatInt(d.Nanoseconds(), 10)
		case "ip":
			out.Flags[f.Name] = strings.TrimSuffix(f.Value.String(), "<nil>")
		default:
			out.Flags[f.Name] = f.Value.String()
		}
	})
	return out
}

func main() {
	count, _ := strconv.Atoi(os.Args[1])
	seed, _ := strconv.ParseInt(os.Args[2], 10, 64)
	r := rand.New(rand.NewSource(seed))
	out := json.NewEncoder(os.Stdout)
	out.SetEscapeHTML(false)
	for i := 0; i < count; i++ {
		if err := out.Encode(parse(commandLine(r))); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
}
