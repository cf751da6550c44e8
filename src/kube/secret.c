/* Credentials in an arena: overwritten when the arena gives the memory back. */
#include "kube/secret.h"

#include "base/enc.h"

static void wipe(void *object)
{
    const struct str *s = object;
    union {
        const char *from;
        void *to;
    } p = { .from = s->p };
    enc_wipe(p.to, s->n);
}

void secret_wipe_later(struct arena *a, struct str s)
{
    if (!s.n)
        return;
    struct str *kept = arena_new(a, struct str);
    *kept = s;
    arena_defer(a, wipe, kept);
}

bool secret_fits_header(struct str s)
{
    for (size_t i = 0; i < s.n; i++) {
        unsigned char c = (unsigned char)s.p[i];
        if (c < 0x20 || c == 0x7f)
            return false;
    }
    return true;
}
