/* Any JSON as a pod: every level at every version is judged, a stricter level never lets through what a milder one refuses,
 * and what is found names its control and says how. */
#include "analyze/podsecurity/pod_security.h"
#include "value/json_read.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The names of what is refused: none of a sysctl without one, which is how Pod Security admission says it. */
static bool has_detail(const struct pod_security_violation *v)
{
    return v->detail.n || strcmp(v->control, "sysctls") == 0;
}

static void check_words(const struct pod_security_result *r)
{
    for (size_t i = 0; i < r->violation.count; i++) {
        const struct pod_security_violation *v = &r->violation.item[i];
        INVARIANT(v->control && v->reason.n && has_detail(v));
        INVARIANT(i == 0 || strcmp(v->control, r->violation.item[i - 1].control) != 0);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena a CLEANUP(arena_release) = { 0 };
    struct value pod;
    struct err err = { 0 };
    if (!json_read(&pod, &a, str_of((const char *)data, size), NULL, NULL, 0, &err))
        return 0;
    for (int version = 0; version <= POD_SECURITY_NEWEST; version++) {
        struct pod_security_result privileged = pod_security_evaluate(&a, pod, POD_SECURITY_PRIVILEGED, version);
        struct pod_security_result baseline = pod_security_evaluate(&a, pod, POD_SECURITY_BASELINE, version);
        struct pod_security_result restricted = pod_security_evaluate(&a, pod, POD_SECURITY_RESTRICTED, version);
        INVARIANT(pod_security_is_met(&privileged));
        INVARIANT(pod_security_is_met(&baseline) || !pod_security_is_met(&restricted));
        check_words(&baseline);
        check_words(&restricted);
    }
    return 0;
}
