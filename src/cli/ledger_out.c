/* --ledger: the line that a run adds. */
#include "cli/auditing.h"

#include "base/log.h"
#include "evidence/ledger.h"

bool ledger_may_be(const struct options *o, struct arena *run, struct err *err)
{
    struct sign_key key = { 0 };
    bool json = !o->format.count;
    if (!o->ledger.n)
        return true;
    for (size_t i = 0; i < o->format.count; i++)
        json |= str_eq_c(o->format.item[i], "json");
    if (!json)
        return err_set(err, ERR_USAGE,
                       "--ledger keeps the digest of report.json, which is not among the reports: "
                       "--format json");
    if (o->policy.count || o->manifests.n)
        return err_set(err, ERR_USAGE,
                       "--ledger is for audits of a cluster by a benchmark: it goes with neither "
                       "--policy nor --manifests");
    bool ok = !o->sign_key.n || sign_key_open(&key, run, o->sign_key, SIGN_MAKE, err);
    sign_key_close(&key);
    return ok;
}

bool ledger_out(const struct result *r, const struct options *o, struct arena *run, struct err *err)
{
    struct sign_key key = { 0 };
    size_t repaired = 0;
    bool ok = (!o->sign_key.n || sign_key_open(&key, run, o->sign_key, SIGN_MAKE, err)) &&
              ledger_append(&repaired, run, o->ledger, r, o->sign_key.n ? &key : NULL, err);
    sign_key_close(&key);
    if (ok && repaired)
        log_line(LOG_WARN,
                 "the ledger ended in a line that was not written to its end: %zu bytes were taken "
                 "off, and the new line tells of it",
                 repaired);
    return ok || err_prefix(err, "--ledger");
}
