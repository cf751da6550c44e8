/* The strings extension: positions and lengths count code points, never bytes.
 * Source: cel-spec and cel-go ext/README.md, "Strings". string.format is in lib_format.c. */
#include "cel/lib.h"

static struct value out_of_range(struct cel_call *call, int64_t index)
{
    return lib_error(call, "index out of range: %lld", (long long)index);
}

struct value cel_string_char_at(struct cel_call *call, const struct value *arg, size_t arg_count)
{
    (void)arg_count;
    struct str s = value_text(arg[0]);
    struct value over;
    if (!lib_charge_bytes(call, s.n, &over))
        return over;
    int64_t index = arg[1].as.i;
    size_t at = index < 0 ? SIZE_MAX : lib_utf8_offset(s, (uint64_t)index);
    if (at == SIZE_MAX)
        return out_of_range(call, index);
    uint32_t cp;
    size_t n = at < s.n ? lib_utf8_step(s, at, &cp) : 0;
    return value_str(str_sub(s, at, at + n));
}

/* A search position given by the caller, as cel-go has it: negative is an error, past the end finds
 * nothing. */
struct value cel_string_index_of(struct cel_call *call, const struct value *arg, size_t arg_count)
{
    struct str s = value_text(arg[0]), needle = value_text(arg[1]);
    int64_t from = arg_count > 2 ? arg[2].as.i : 0;
    struct value over;
    if (!lib_charge_bytes(call, s.n + needle.n, &over))
        return over;
    if (!needle.n)
        return value_int(from);
    if (from < 0)
        return out_of_range(call, from);
    size_t start = lib_utf8_offset(s, (uint64_t)from);
    if (start >= s.n) /* SIZE_MAX included */
        return value_int(-1);
    const char *hit = memmem(s.p + start, s.n - start, needle.p, needle.n);
    if (!hit)
        return value_int(-1);
    size_t at = (size_t)(hit - s.p);
    return value_int(from + (int64_t)str_utf8_length(str_sub(s, start, at)));
}

/* The last byte offset <= last at which needle stands, or SIZE_MAX. */
static size_t find_last(struct str s, struct str needle, size_t last)
{
    if (needle.n > s.n)
        return SIZE_MAX;
    if (last > s.n - needle.n)
        last = s.n - needle.n;
    for (size_t at = last + 1; at-- > 0;)
        if (!memcmp(s.p + at, needle.p, needle.n))
            return at;
    return SIZE_MAX;
}

struct value cel_string_last_index_of(struct cel_call *call, const struct value *arg,
                                      size_t arg_count)
{
    struct str s = value_text(arg[0]), needle = value_text(arg[1]);
    struct value over;
    /* Searching backwards compares up to s.n * needle.n bytes, some 1,000 in the time of a unit. */
    if (!lib_charge_bytes(call, s.n + (uint64_t)s.n * needle.n / 100, &over))
        return over;
    if (!needle.n)
        return value_int(arg_count > 2 ? arg[2].as.i : (int64_t)str_utf8_length(s));
    size_t last = s.n;
    if (arg_count > 2) {
        if (arg[2].as.i < 0)
            return out_of_range(call, arg[2].as.i);
        last = lib_utf8_offset(s, (uint64_t)arg[2].as.i);
        if (last >= s.n)
            return value_int(-1);
    }
    size_t at = find_last(s, needle, last);
    return value_int(at == SIZE_MAX ? -1 : (int64_t)str_utf8_length(str_sub(s, 0, at)));
}

static struct value map_ascii(struct cel_call *call, struct str s, char first, char last)
{
    struct value over;
    if (!lib_charge_bytes(call, s.n, &over))
        return over;
    char *out = arena_alloc(call->scratch, s.n + 1);
    for (size_t i = 0; i < s.n; i++)
        out[i] = s.p[i] >= first && s.p[i] <= last ? (char)(s.p[i] ^ 0x20) : s.p[i];
    return value_str(str_of(out, s.n));
}

struct value cel_string_lower_ascii(struct cel_call *call, const struct value *arg,
                                    size_t arg_count)
{
    (void)arg_count;
    return map_ascii(call, value_text(arg[0]), 'A', 'Z');
}

struct value cel_string_upper_ascii(struct cel_call *call, const struct value *arg,
                                    size_t arg_count)
{
    (void)arg_count;
    return map_ascii(call, value_text(arg[0]), 'a', 'z');
}

/* The next place at or after from where old is replaced; an empty old matches before every code
 * point and at the end. SIZE_MAX: none. */
static size_t next_match(struct str s, struct str old, size_t from)
{
    if (from > s.n)
        return SIZE_MAX;
    if (!old.n)
        return from;
    if (old.n > s.n - from)
        return SIZE_MAX;
    const char *hit = memmem(s.p + from, s.n - from, old.p, old.n);
    return hit ? (size_t)(hit - s.p) : SIZE_MAX;
}

/* Where the search goes on after a match at at; SIZE_MAX: nowhere. */
static size_t after_match(struct str s, struct str old, size_t at)
{
    if (old.n)
        return at + old.n;
    uint32_t cp;
    return at < s.n ? at + lib_utf8_step(s, at, &cp) : SIZE_MAX;
}

static uint64_t count_matches(struct str s, struct str old, uint64_t limit)
{
    uint64_t count = 0;
    for (size_t at = 0; count < limit; count++) {
        at = next_match(s, old, at);
        if (at == SIZE_MAX)
            break;
        at = after_match(s, old, at);
    }
    return count;
}

struct value cel_string_replace(struct cel_call *call, const struct value *arg, size_t arg_count)
{
    struct str s = value_text(arg[0]), old = value_text(arg[1]), with = value_text(arg[2]);
    uint64_t limit = arg_count > 3 && arg[3].as.i >= 0 ? (uint64_t)arg[3].as.i : UINT64_MAX;
    struct value over;
    if (!lib_charge_bytes(call, s.n + old.n, &over))
        return over;
    uint64_t count = count_matches(s, old, limit);
    uint64_t out_n = s.n - count * old.n + count * with.n;
    if (!lib_charge_bytes(call, out_n, &over))
        return over;
    char *out = arena_alloc(call->scratch, out_n + 1);
    size_t n = 0, at = 0;
    for (uint64_t i = 0; i < count; i++) {
        size_t match = next_match(s, old, at);
        size_t next = after_match(s, old, match);
        n += lib_put(out + n, str_sub(s, at, match));
        n += lib_put(out + n, with);
        /* With an empty old, the code point between two matches is copied here. */
        at = match + old.n;
        if (!old.n && next != SIZE_MAX) {
            n += lib_put(out + n, str_sub(s, at, next));
            at = next;
        }
    }
    n += lib_put(out + n, str_sub(s, at, s.n));
    return value_str(str_of(out, n));
}

/* Splits into code points, at most limit parts; the last one takes the rest. */
static struct value explode(struct cel_call *call, struct str s, uint64_t limit)
{
    size_t length = str_utf8_length(s);
    size_t count = limit < length ? (size_t)limit : length;
    struct value *item = arena_array(call->scratch, struct value, count);
    size_t at = 0;
    for (size_t i = 0; i < count; i++) {
        uint32_t cp;
        size_t n = i + 1 < count ? lib_utf8_step(s, at, &cp) : s.n - at;
        item[i] = value_str(str_sub(s, at, at + n));
        at += n;
    }
    return value_list(item, count);
}

struct value cel_string_split(struct cel_call *call, const struct value *arg, size_t arg_count)
{
    struct str s = value_text(arg[0]), sep = value_text(arg[1]);
    uint64_t limit = arg_count > 2 && arg[2].as.i >= 0 ? (uint64_t)arg[2].as.i : UINT64_MAX;
    struct value over;
    if (!lib_charge_bytes(call, s.n + sep.n, &over))
        return over;
    if (!limit)
        return value_list(NULL, 0);
    if (!sep.n)
        return lib_charge_items(call, s.n, &over) ? explode(call, s, limit) : over;
    uint64_t count = count_matches(s, sep, limit - 1) + 1;
    if (!lib_charge_items(call, count, &over))
        return over;
    struct value *item = arena_array(call->scratch, struct value, count);
    size_t at = 0;
    for (uint64_t i = 0; i < count; i++) {
        size_t end = i + 1 < count ? next_match(s, sep, at) : s.n;
        item[i] = value_str(str_sub(s, at, end));
        at = end + sep.n;
    }
    return value_list(item, (size_t)count);
}

struct value cel_string_substring(struct cel_call *call, const struct value *arg, size_t arg_count)
{
    struct str s = value_text(arg[0]);
    struct value over;
    if (!lib_charge_bytes(call, s.n, &over))
        return over;
    int64_t start = arg[1].as.i;
    if (arg_count > 2 && start > arg[2].as.i)
        return lib_error(call, "invalid substring range. start: %lld, end: %lld", (long long)start,
                         (long long)arg[2].as.i);
    size_t from = start < 0 ? SIZE_MAX : lib_utf8_offset(s, (uint64_t)start);
    if (from == SIZE_MAX)
        return out_of_range(call, start);
    if (arg_count < 3)
        return value_str(str_sub(s, from, s.n));
    struct str rest = str_sub(s, from, s.n);
    size_t n = lib_utf8_offset(rest, (uint64_t)(arg[2].as.i - start));
    if (n == SIZE_MAX)
        return out_of_range(call, arg[2].as.i);
    return value_str(str_sub(rest, 0, n));
}

/* Unicode's White_Space property. */
static bool is_space(uint32_t cp)
{
    return (cp >= 0x09 && cp <= 0x0D) || cp == 0x20 || cp == 0x85 || cp == 0xA0 || cp == 0x1680 ||
           (cp >= 0x2000 && cp <= 0x200A) || cp == 0x2028 || cp == 0x2029 || cp == 0x202F ||
           cp == 0x205F || cp == 0x3000;
}

struct value cel_string_trim(struct cel_call *call, const struct value *arg, size_t arg_count)
{
    (void)arg_count;
    struct str s = value_text(arg[0]);
    struct value over;
    if (!lib_charge_bytes(call, s.n, &over))
        return over;
    size_t from = 0, to = 0, at = 0;
    bool seen = false;
    while (at < s.n) {
        uint32_t cp;
        size_t n = lib_utf8_step(s, at, &cp);
        if (!is_space(cp)) {
            if (!seen)
                from = at;
            seen = true;
            to = at + n;
        }
        at += n;
    }
    return value_str(str_sub(s, from, to));
}

struct value cel_string_reverse(struct cel_call *call, const struct value *arg, size_t arg_count)
{
    (void)arg_count;
    struct str s = value_text(arg[0]);
    struct value over;
    if (!lib_charge_bytes(call, s.n, &over))
        return over;
    char *out = arena_alloc(call->scratch, s.n + 1);
    size_t to = s.n, at = 0;
    while (at < s.n) {
        uint32_t cp;
        size_t n = lib_utf8_step(s, at, &cp);
        to -= n;
        memcpy(out + to, s.p + at, n);
        at += n;
    }
    return value_str(str_of(out, s.n));
}

struct value cel_list_join(struct cel_call *call, const struct value *arg, size_t arg_count)
{
    struct value list = arg[0], over;
    struct str sep = arg_count > 1 ? value_text(arg[1]) : STR("");
    uint64_t n = 0;
    if (!lib_charge_items(call, list.n, &over))
        return over;
    for (uint32_t i = 0; i < list.n; i++) {
        struct value item = value_item(list, i);
        if (item.kind != VALUE_STRING)
            return lib_error(call, "join: item %u is not a string", i);
        n += item.n + (i ? sep.n : 0);
    }
    if (!lib_charge_bytes(call, n, &over))
        return over;
    char *out = arena_alloc(call->scratch, n + 1);
    size_t at = 0;
    for (uint32_t i = 0; i < list.n; i++) {
        if (i)
            at += lib_put(out + at, sep);
        at += lib_put(out + at, value_text(value_item(list, i)));
    }
    return value_str(str_of(out, at));
}

/* The letter that follows the backslash in CEL's own escapes, or 0. */
static char escape_letter(uint32_t cp)
{
    static const char control[] = "abtnvfr"; /* U+0007 to U+000D */
    if (cp >= 0x07 && cp <= 0x0D)
        return control[cp - 0x07];
    return cp == '\\' || cp == '"' ? (char)cp : 0;
}

struct value cel_strings_quote(struct cel_call *call, const struct value *arg, size_t arg_count)
{
    (void)arg_count;
    struct str s = value_text(arg[0]);
    struct value over;
    if (!lib_charge_bytes(call, (uint64_t)s.n * 3 + 2, &over))
        return over;
    /* an invalid byte becomes the 3 of U+FFFD */
    char *out = arena_alloc(call->scratch, s.n * 3 + 2);
    size_t n = 0, at = 0;
    out[n++] = '"';
    while (at < s.n) {
        uint32_t cp;
        at += lib_utf8_step(s, at, &cp);
        char letter = escape_letter(cp);
        if (letter) {
            out[n++] = '\\';
            out[n++] = letter;
        } else {
            n += str_utf8_encode(cp, out + n);
        }
    }
    out[n++] = '"';
    return value_str(str_of(out, n));
}
