// Expressions and what cel-go makes of them, as cases for tests/cases/run_cel: tests/celgo/diff.sh.
//
//	diff COUNT SEED [FILE.test...]
//
// Random expressions of a grammar that knows types (so that most of them have a value), and those of the tests in
// tests/cel. Each is evaluated without cel-go's checker, whose parser and evaluator are the reference. What is
// known to differ (src/cel/difference.def, and where cel-go itself is not as cel-spec has it) is left out: skip.
package main

import (
	"bufio"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math"
	"math/rand"
	"os"
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/cel-go/cel"
	"github.com/google/cel-go/common/types"
	"github.com/google/cel-go/common/types/ref"
	"github.com/google/cel-go/common/types/traits"
	"github.com/google/cel-go/ext"
)

var vars = map[string]any{
	"i": int64(7), "n": int64(-3), "d": 2.5, "b": true, "s": "héllo wörld", "e": "", "nothing": nil,
	"l": []any{int64(3), int64(1), int64(2)}, "t": []any{"b", "a", "", "ü"}, "m": map[string]any{"a": int64(1), "b": "x", "c": nil, "d": []any{int64(1)}},
	"o": map[string]any{"spec": map[string]any{"containers": []any{map[string]any{"name": "x", "image": "r/a:1", "ports": []any{int64(80)}}, map[string]any{"name": "y", "tty": true}}}},
}

type kind int

const (
	kBool kind = iota
	kInt
	kUint
	kDouble
	kString
	kBytes
	kList  // of ints
	kTexts // of strings
	kMap
	kTime
	kDuration
	kOptional // of an int
	kAny
	kinds
)

type gen struct{ *rand.Rand }

func (g gen) pick(of ...string) string { return of[g.Intn(len(of))] }

var leaf = map[kind][]string{
	kBool:     {"true", "false", "b", "has(m.a)", "has(m.zz)", "has(o.spec.containers)"},
	kInt:      {"0", "1", "-1", "i", "n", "3", "10", "9223372036854775807", "-9223372036854775808", "m.a", "l[0]", "0x1F"},
	kUint:     {"0u", "1u", "7u", "18446744073709551615u", "0xFFu"},
	kDouble:   {"0.0", "1.0", "-1.5", "d", "1e300", "-0.0", "0.1", "1e-7", "123456789.125", "double('NaN')", "double('Infinity')"},
	kString:   {"''", "'a'", "'b,c'", "s", "e", "'ünï'", "'a\\nb'", "'12'", "'-1.5'", "m.b", "r'\\d+'", "'true'", "\"😀\"", "'1h30m'", "o.spec.containers[0].image"},
	kBytes:    {"b''", "b'a'", "b'\\xff\\x00'", "b'ü'"},
	kList:     {"[]", "[1]", "l", "[1, 2, 3]", "[3, 1, 2, 1]", "[i, n]"},
	kTexts:    {"['a', 'b']", "t", "['x']", "s.split('')"},
	kMap:      {"{}", "m", "{'a': 1, 'b': 2}", "{1: 'x', true: 'y', 2u: 'z'}", "o", "o.spec"},
	kTime:     {"timestamp('2026-01-31T10:00:00Z')", "timestamp('1969-12-31T23:59:59.999Z')", "timestamp(0)", "timestamp('2024-02-29T23:30:00+02:00')"},
	kDuration: {"duration('1h')", "duration('-1.5s')", "duration('0s')", "duration('90m')", "duration('1ms')"},
	kOptional: {"optional.none()", "optional.of(1)", "m.?a", "m.?zz", "l[?0]", "l[?9]", "optional.ofNonZeroValue(0)"},
	kAny:      {"null", "nothing", "m.c", "m.zz", "x.y", "o.spec.containers[1].image", "type(1)", "int", "l[5]", "1/0", "m['b']"},
}

// A rule for each kind: holes {k} are filled with an expression of the kind.
var rule = map[kind][]string{
	kBool: {"!{b}", "{b} && {b}", "{b} || {b}", "({b}) ? {b} : {b}", "{i} == {i}", "{i} != {d}", "{i} < {i}", "{d} <= {i}", "{u} > {i}", "{s} == {s}", "{s} < {s}", "{y} >= {y}",
		"{L} == {L}", "{M} == {M}", "{t} < {t}", "{D} == {D}", "{i} in {L}", "{s} in {M}", "{s} in {T}", "{s}.contains({s})", "{s}.startsWith({s})", "{s}.endsWith({s})",
		"{s}.matches('^[a-z]+$')", "{L}.all(v, v > {i})", "{L}.exists(v, v == {i})", "{L}.exists_one(v, v > {i})", "{M}.all(k, k != {s})", "{M}.exists(k, type(k) == string)",
		"{O}.hasValue()", "{a} == {a}", "{L}.all(p, q, p < q)", "{M}.exists(k, v, v == {a})", "bool({s})", "type({a}) == type({a})", "sets.contains({L}, {L})", "sets.intersects({L}, {L})",
		"sets.equivalent({L}, {L})", "has({M}.a)", "math.isNaN({d})", "math.isInf({d})", "math.isFinite({d})", "dyn({a}) == {a}", "{b} == {b}", "{y} == {y}", "{O} == {O}"},
	kInt: {"{i} + {i}", "{i} - {i}", "{i} * {i}", "{i} / {i}", "{i} % {i}", "-({i})", "({b}) ? {i} : {i}", "size({s})", "{L}.size()", "size({M})", "size({y})", "int({d})", "int({u})", "int({s})",
		"{L}[{i}]", "{s}.indexOf({s})", "{s}.lastIndexOf({s})", "{s}.indexOf({s}, {i})", "{t}.getFullYear()", "{t}.getMonth()", "{t}.getDayOfWeek()", "{t}.getDayOfYear()", "{t}.getHours()",
		"{t}.getMinutes('America/New_York')", "{t}.getHours('+05:30')", "{t}.getDate()", "{t}.getMilliseconds()", "{D}.getHours()", "{D}.getSeconds()", "{D}.getMilliseconds()", "int({t})",
		"{O}.orValue({i})", "{O}.value()", "math.greatest({i}, {i})", "math.least({i}, {i}, {i})", "math.abs({i})", "math.sign({i})", "math.bitAnd({i}, {i})", "math.bitOr({i}, {i})",
		"math.bitXor({i}, {i})", "math.bitNot({i})", "math.bitShiftLeft({i}, {i})", "math.bitShiftRight({i}, {i})", "{M}.a", "cel.bind(z, {i}, z + z)", "{L}.first().value()", "size({T})"},
	kUint:   {"{u} + {u}", "{u} - {u}", "{u} * {u}", "{u} / {u}", "{u} % {u}", "uint({i})", "uint({d})", "uint({s})", "math.abs({u})", "math.greatest({u}, {u})"},
	kDouble: {"{d} + {d}", "{d} - {d}", "{d} * {d}", "{d} / {d}", "-({d})", "double({i})", "double({u})", "double({s})", "math.ceil({d})", "math.floor({d})", "math.round({d})", "math.trunc({d})", "math.abs({d})", "math.sign({d})", "math.sqrt({d})", "math.greatest({d}, {i})"},
	kString: {"{s} + {s}", "string({i})", "string({d})", "string({u})", "string({b})", "string({y})", "string({D})", "{s}.charAt({i})", "{s}.lowerAscii()", "{s}.upperAscii()", "{s}.replace({s}, {s})",
		"{s}.replace({s}, {s}, {i})", "{s}.substring({i})", "{s}.substring({i}, {i})", "{s}.trim()", "{s}.reverse()", "{T}.join()", "{T}.join({s})", "base64.encode({y})", "strings.quote({s})",
		"'%s|%d|%s'.format([{s}, {i}, {L}])", "'%.3f %e'.format([double({d}), double({d})])", "'%x %X %o %b'.format([{i}, {i}, {i}, {i}])", "'%s'.format([{M}])", "'%s'.format([{a}])", "({b}) ? {s} : {s}", "{M}.b", "{T}[{i}]"},
	kBytes:    {"{y} + {y}", "bytes({s})", "base64.decode({s})"},
	kList:     {"{L} + {L}", "{L}.map(v, v + {i})", "{L}.filter(v, v > {i})", "{L}.map(v, v > {i}, v * 2)", "({b}) ? {L} : {L}", "lists.range(3)", "{L}.sort()", "{L}.distinct()", "{L}.reverse()", "{L}.slice({i}, {i})", "[{i}, ?{O}]", "[{L}, {L}].flatten()", "{L}.sortBy(v, -v)", "{L}.transformList(p, q, p + q)", "{L}.map(v, {L}.map(w, v * w)[0])"},
	kTexts:    {"{T} + {T}", "{s}.split({s})", "{s}.split({s}, {i})", "{T}.map(v, v + {s})", "{T}.filter(v, v != {s})", "{T}.sort()", "{T}.distinct()", "{M}.map(k, string(k)).sort()"},
	kMap:      {"{'k': {a}, 'z' + {s}: {i}}", "{?'k': {O}, 'j': {i}}", "{L}.transformMap(p, q, q > {i}, p)", "{L}.transformMapEntry(p, q, {q: p})", "({b}) ? {M} : {M}", "{M}.transformMap(k, v, type(v) == int)"},
	kTime:     {"{t} + {D}", "{t} - {D}", "timestamp({s})", "timestamp({i})"},
	kDuration: {"{D} + {D}", "{D} - {D}", "{t} - {t}", "duration({s})"},
	kOptional: {"{O}.or({O})", "{O}.optMap(v, v + {i})", "{O}.optFlatMap(v, optional.of(v))", "optional.of({i})", "{M}.?a", "{M}[?{s}]", "optional.ofNonZeroValue({i})"},
	kAny:      {"{i}", "{s}", "{b}", "{L}", "{M}", "{O}", "{d}", "{u}", "{t}", "{D}", "{y}", "{M}.zz", "{M}[{s}]", "{M}[{a}]", "{a} + {a}", "{a} < {a}", "{b} ? {a} : {a}", "[{a}, {a}]", "{a}.size()", "type({a})", "dyn({a})"},
}

var hole = map[byte]kind{'b': kBool, 'i': kInt, 'u': kUint, 'd': kDouble, 's': kString, 'y': kBytes, 'L': kList, 'T': kTexts, 'M': kMap, 't': kTime, 'D': kDuration, 'O': kOptional, 'a': kAny}

func (g gen) expression(k kind, depth int) string {
	if other := kind(g.Intn(int(kinds))); g.Intn(40) == 0 && other != kOptional {
		k = other // a wrong type now and then
	}
	if depth == 0 || g.Intn(5) == 0 {
		return g.pick(leaf[k]...)
	}
	pattern, out := g.pick(rule[k]...), strings.Builder{}
	for at := 0; at < len(pattern); at++ {
		if pattern[at] == '{' && at+2 < len(pattern) && pattern[at+2] == '}' {
			if of, ok := hole[pattern[at+1]]; ok {
				part := g.expression(of, depth-1)
				if strings.ContainsAny(part, " -?") && !strings.HasPrefix(part, "'") {
					part = "(" + part + ")"
				}
				out.WriteString(part)
				at += 2
				continue
			}
		}
		out.WriteByte(pattern[at])
	}
	return out.String()
}

// A value in the form of the recorded cases; false: it has none (a library's own type).
func typed(v ref.Val) (any, bool) {
	switch t := v.(type) {
	case types.Null:
		return map[string]any{"null": nil}, true
	case types.Bool:
		return map[string]any{"bool": bool(t)}, true
	case types.Int:
		return map[string]any{"int": strconv.FormatInt(int64(t), 10)}, true
	case types.Uint:
		return map[string]any{"uint": strconv.FormatUint(uint64(t), 10)}, true
	case types.Double:
		d := float64(t)
		switch {
		case math.IsNaN(d):
			return map[string]any{"double": "NaN"}, true
		case math.IsInf(d, 1):
			return map[string]any{"double": "Infinity"}, true
		case math.IsInf(d, -1):
			return map[string]any{"double": "-Infinity"}, true
		}
		return map[string]any{"double": json.RawMessage(strconv.FormatFloat(d, 'e', -1, 64))}, true
	case types.String:
		return map[string]any{"string": string(t)}, true
	case types.Bytes:
		return map[string]any{"bytes_b64": base64.StdEncoding.EncodeToString(t)}, true
	case types.Timestamp:
		return map[string]any{"timestamp": map[string]any{"seconds": strconv.FormatInt(t.Unix(), 10), "nanos": t.Nanosecond()}}, true
	case types.Duration:
		d := t.Duration
		return map[string]any{"duration": map[string]any{"seconds": strconv.FormatInt(int64(d/time.Second), 10), "nanos": int64(d % time.Second)}}, true
	case *types.Optional:
		if !t.HasValue() {
			return map[string]any{"optional_none": map[string]any{}}, true
		}
		inner, ok := typed(t.GetValue())
		return map[string]any{"optional": inner}, ok
	case traits.Mapper:
		entries := []any{}
		for it := t.Iterator(); it.HasNext() == types.True; {
			k := it.Next()
			switch k.(type) {
			case types.Bool, types.Int, types.Uint, types.String:
			default:
				return nil, false // cel-go takes any key in a literal; the language does not
			}
			key, ok := typed(k)
			val, ok2 := typed(t.Get(k))
			if !ok || !ok2 {
				return nil, false
			}
			entries = append(entries, []any{key, val})
		}
		return map[string]any{"map": entries}, true
	case traits.Lister:
		items := []any{}
		for it := t.Iterator(); it.HasNext() == types.True; {
			item, ok := typed(it.Next())
			if !ok {
				return nil, false
			}
			items = append(items, item)
		}
		return map[string]any{"list": items}, true
	case *types.Type:
		return map[string]any{"type": t.TypeName()}, true
	}
	return nil, false
}

func fail(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "diff:", err)
		os.Exit(1)
	}
}

// The expressions of a tests/cel file over no data: blocks of expression, "{}", result.
func corpus(path string) (out []string) {
	text, err := os.ReadFile(path)
	fail(err)
	for _, block := range strings.Split(string(text), "\n\n") {
		lines := []string{}
		for _, line := range strings.Split(block, "\n") {
			if !strings.HasPrefix(line, "#") && line != "" {
				lines = append(lines, line)
			}
		}
		if len(lines) == 3 && lines[1] == "{}" {
			out = append(out, lines[0])
		}
	}
	return out
}

func evaluate(env *cel.Env, expression string) (v ref.Val, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("%v", r)
		}
	}()
	ast, issues := env.Parse(expression)
	if issues.Err() != nil {
		return nil, issues.Err()
	}
	program, err := env.Program(ast)
	if err != nil {
		return nil, err
	}
	v, _, err = program.Eval(vars)
	return v, err
}

// Lists of numbers of different kinds are sorted here, optionals in optionals kept, and what would fail is no
// error where it is not evaluated. cel-go keeps the last of two equal keys, looks into a bool when it is indexed, and prints a whole number given
// to %e as Go does, turns a duration's sign, puts bytes that are no text into text; comparing numbers of different kinds it rounds, and NaN has no order.
var literal = regexp.MustCompile(`has\([^()]*\)+[\[.]|existsOne|'a': 1, 'a': 2|9007199254740993 ==|18446744073709551615u == 18446744073709551615\.0|string\(type\(|-\(+duration|string\(\(*timestamp\('2024-02-29T23:30:00\+02:00|\bm\.(map|filter)\(v|\}\)\.(map|filter)\(v`)

func skip(expression string, v ref.Val, err error) bool {
	if err != nil && regexp.MustCompile(`[iI]ndexOf\(|sortBy\(| in \(`).MatchString(expression) {
		return true // lists have the first too here, as in Kubernetes; what can be no key is in no map
	}
	if err != nil {
		for _, known := range []string{"NaN values cannot be ordered", "same type", "simple literal arguments", "qualifier"} {
			if strings.Contains(err.Error(), known) {
				return true
			}
		}
		return literal.MatchString(expression)
	}
	text := ""
	switch t := v.(type) {
	case types.String:
		text = strings.ToLower(string(t))
	case types.Bytes:
		text = string(t)
	}
	return strings.Contains(text, "%!") || !utf8.ValidString(text) && strings.Contains(expression, "format(") || literal.MatchString(expression)
}

func main() {
	count, err := strconv.Atoi(os.Args[1])
	fail(err)
	seed, err := strconv.ParseInt(os.Args[2], 10, 64)
	fail(err)
	options := []cel.EnvOption{cel.OptionalTypes(), ext.Strings(ext.StringsVersion(4)), ext.Math(), ext.Lists(), ext.Sets(), ext.Encoders(), ext.Bindings(), ext.TwoVarComprehensions()}
	for name := range vars {
		options = append(options, cel.Variable(name, cel.DynType))
	}
	env, err := cel.NewEnv(options...)
	fail(err)
	g := gen{rand.New(rand.NewSource(seed))}
	expressions := []string{}
	for _, path := range os.Args[3:] {
		expressions = append(expressions, corpus(path)...)
	}
	for i := 0; i < count; i++ {
		expressions = append(expressions, g.expression(kind(g.Intn(int(kinds))), 1+g.Intn(4)))
	}
	out := bufio.NewWriter(os.Stdout)
	values := 0
	for i, e := range expressions {
		expect := map[string]any{"error": true}
		v, err := evaluate(env, e)
		if skip(e, v, err) {
			continue
		}
		if err == nil {
			value, ok := typed(v)
			if !ok {
				continue
			}
			expect = map[string]any{"value": value}
			values++
		}
		line, err := json.Marshal(map[string]any{"id": fmt.Sprintf("diff-%d-%d", seed, i), "expr": e, "json_vars": vars, "expect": expect, "untyped": true})
		fail(err)
		out.Write(append(line, '\n'))
	}
	fail(out.Flush())
	fmt.Fprintf(os.Stderr, "diff: %d expressions, %d with a value\n", len(expressions), values)
}
