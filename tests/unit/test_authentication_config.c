/* The file behind --authentication-config: what is read of it, and what is refused as the API server refuses it. */
#include "analyze/control_plane/authentication_config.h"
#include "unit/from_yaml.h"

static struct arena arena;

static void teardown(void)
{
    arena_release(&arena);
}

#define HEAD                        "apiVersion: apiserver.config.k8s.io/v1\nkind: AuthenticationConfiguration\n"
#define JWT(issuer, mappings, more) HEAD "jwt:\n- {issuer: {" issuer "}, claimMappings: {" mappings "}" more "}\n"
#define URL                         "url: 'https://login.example', audiences: [cluster-1]"
#define USER                        "username: {claim: sub, prefix: 'oidc:'}"

START_TEST(what_is_read)
{
    struct authentication_config c;
    struct err err = { 0 };
    struct str text = STR(JWT(URL ", audienceMatchPolicy: MatchAny", USER ", groups: {expression: claims.roles}, uid: {claim: sub}",
                              ", claimValidationRules: [{claim: hd, requiredValue: example}], userValidationRules: [{expression: 'true', "
                              "message: m}]") "- {issuer: {url: 'https://other.example', audiences: [a, b]}, claimMappings: {username: "
                                              "{claim: email, prefix: ''}}}\nanonymous: {enabled: false}\n");
    ck_assert_msg(authentication_config_read(&c, &arena, text, "f.yaml", &err), "%s", err.text);
    const struct token_issuer *i = c.jwt.item;
    ck_assert_uint_eq(c.jwt.count, 2);
    ck_assert_text(i[0].issuer.url, "https://login.example");
    ck_assert_text(i[0].mapping.username.prefix, "oidc:");
    ck_assert_text(i[0].mapping.groups.expression, "claims.roles");
    ck_assert_uint_eq(i[0].claim_rules.n, 1);
    ck_assert_uint_eq(i[0].user_rules.n, 1);
    ck_assert_uint_eq(i[1].issuer.audiences.count, 2);
    ck_assert_text(i[1].mapping.username.claim, "email");
    ck_assert_uint_eq(i[1].mapping.groups.claim.n, 0);
    ck_assert(i[1].user_rules.kind == VALUE_NULL);
    ck_assert_uint_eq(strlen(c.sha256), 64);
}
END_TEST

static const char *const refused_row[] = {
    "",
    "7",
    HEAD "---\n" HEAD,
    "apiVersion: v1\nkind: AuthenticationConfiguration\n",
    "apiVersion: apiserver.config.k8s.io/v1\nkind: AuthorizationConfiguration\n",
    HEAD "jwts: []\n",
    HEAD "jwt: {}\n",
    JWT(URL ", issuer: x", USER, ""),
    JWT("audiences: [a]", USER, ""),
    JWT(URL, "groups: {claim: g, prefix: ''}", ""),
    JWT(URL, "username: {claim: sub, prefixes: x}", ""),
    JWT(URL, USER, ", claimValidationRules: {claim: hd}"),
    JWT(URL, USER, ", userValidationRules: none"),
};

START_TEST(what_is_refused)
{
    struct authentication_config c;
    struct err err = { 0 };
    ck_assert_msg(!authentication_config_read(&c, &arena, str_from_c(refused_row[_i]), "f.yaml", &err), "row %d", _i);
    ck_assert(err.code == ERR_INPUT);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("authentication configuration");
    TCase *t = tcase_create("read");
    tcase_add_checked_fixture(t, NULL, teardown);
    tcase_add_test(t, what_is_read);
    tcase_add_loop_test(t, what_is_refused, 0, (int)COUNT_OF(refused_row));
    suite_add_tcase(s, t);
    SRunner *r = srunner_create(s);
    srunner_run_all(r, CK_ENV);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed != 0;
}
