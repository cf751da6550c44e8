/* The encoders extension: base64, standard alphabet. */
#include "cel/lib.h"

struct value cel_base64_encode(struct cel_call *call, const struct value *arg, size_t arg_count)
{
    (void)arg_count;
    struct str bytes = value_text(arg[0]);
    struct value over;
    if (!lib_charge_bytes(call, (uint64_t)bytes.n * 4 / 3, &over))
        return over;
    struct buf out = BUF_INIT(bytes.n / 3 * 4 + 8);
    enc_base64(&out, bytes);
    return lib_take_text(call, &out);
}

/* Padding may be missing, as cel-go accepts it. */
struct value cel_base64_decode(struct cel_call *call, const struct value *arg, size_t arg_count)
{
    (void)arg_count;
    struct str text = value_text(arg[0]);
    struct value over;
    if (!lib_charge_bytes(call, text.n, &over))
        return over;
    struct buf out = BUF_INIT(text.n + 4);
    if (!enc_base64_decode(&out, text, true)) {
        buf_release(&out);
        return lib_error(call, "base64.decode: the text is not standard base64");
    }
    struct value v = lib_take_text(call, &out);
    if (!value_is_error(v))
        v.kind = VALUE_BYTES;
    return v;
}
