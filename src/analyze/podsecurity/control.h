/* The inside of the Pod Security controls: one function a control, and the words they share. */
#ifndef KUBEVOUCH_ANALYZE_POD_SECURITY_CONTROL_H
#define KUBEVOUCH_ANALYZE_POD_SECURITY_CONTROL_H

#include "analyze/podsecurity/pod_security.h"
#include "analyze/podsecurity/pod_view.h"

/* False: the pod breaks the control, and reason and detail of *out say how. version is a known
 * minor. */
typedef bool control_judge(struct pod_view *p, int version, struct pod_security_violation *out);
#define CONTROL(id, level, since, overrides, relaxed, judge) control_judge judge;
#include "analyze/podsecurity/control.def"
#undef CONTROL

/* Texts that are collected, in the order in which they come. */
struct words {
    struct arena *arena;
    VEC(struct str) list;
};
void words_add(struct words *w, struct str text);
/* Unless it is there; words_sort later. */
void words_add(struct words *w, struct str text);
void words_make_set(struct words *w);
/* "a", "b" - with the quotes. */
struct str words_quoted(const struct words *w);
struct str words_joined(const struct words *w, const char *between);
/* one if there is just one word, many else. */
const char *words_number(const struct words *w, const char *one, const char *many);
/* Adds "containers "a", "b"" to setters, if there are any. */
void words_add_containers(struct words *setters, const struct words *containers);
/* Text as Go's %q writes it. */
struct str words_go_quote(struct arena *a, struct str text);

#define WORDS_MAX_BYTES ((size_t)1 << 20)

enum allowed_list { ALLOWED_CAPABILITY, ALLOWED_SELINUX_TYPE, ALLOWED_SYSCTL };
bool allowed_has(enum allowed_list list, int version, struct str word);

#endif
