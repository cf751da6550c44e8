/* Techniques of attackers, by the ids of MITRE ATT&CK. */
#include "bench/attack.h"

const char *const attack_id[] = {
#define TECHNIQUE(id, name) id,
#include "bench/attack.def"
#undef TECHNIQUE
    NULL,
};
static const char *const technique_name[] = {
#define TECHNIQUE(id, name) name,
#include "bench/attack.def"
#undef TECHNIQUE
};

const char *attack_name(struct str technique)
{
    for (size_t i = 0; attack_id[i]; i++)
        if (str_eq_c(technique, attack_id[i]))
            return technique_name[i];
    return NULL;
}

bool attack_asked(struct str tag, struct str technique)
{
    if (!str_has_prefix(tag, STR(ATTACK_TAG)))
        return false;
    struct str asked = str_sub(tag, strlen(ATTACK_TAG), tag.n);
    return str_glob(asked, technique) || (str_has_prefix(technique, asked) &&
                                          technique.n > asked.n && technique.p[asked.n] == '.');
}
