//! Tests of valid and invalid configurations.

use super::*;
use crate::text::rules::{BROKEN_LINK, ORPHAN_PAGE};

#[track_caller]
fn check_refused(text: &str, expected: &str) {
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(folder.path().join(FILE), text).expect("written");
    let error = Config::load(folder.path())
        .expect_err("refused")
        .to_string();
    assert!(error.contains(expected), "{error}");
}

#[test]
fn reports_invalid_configurations_with_their_location() {
    check_refused(
        "[docs]\nrot = \"x\"\n",
        "docproof.toml:2:1`: unknown field `rot`",
    );
    check_refused("[docs]\nrot = \"x\"\n", "did you mean `root`?");
    check_refused("[docs\n", "docproof.toml:1:");
    check_refused(
        "[docs]\nroot = \"../x\"\n",
        "is not a folder of the project",
    );
    check_refused("[docs]\nservice = \"x\"\n", "not the URL of a service");
    check_refused(
        "[headers]\netag = \"exakt\"\n",
        "`exakt` is not a header policy",
    );
}

#[test]
fn rejects_levels_of_unknown_rules() {
    for (text, expected) in [
        (
            "[check.rules]\nbroken-lnk = \"warn\"",
            "docproof.toml:2:1`: [check]: unknown rule `broken-lnk`; did you mean `broken-link`?",
        ),
        (
            "[check]\nrules = { broken-link = \"warnings\" }",
            "docproof.toml:2:25`: [check]: unknown level `warnings`; expected `error`, `warning`",
        ),
        (
            "[[check.override]]\npages = [\"a/{b\"]\nrules = {}",
            "docproof.toml:2:10`: [check]: error parsing glob",
        ),
        (
            "[[check.override]]\npages = [\"a\"]\nrules = { a-b-c-d = \"off\" }",
            "docproof.toml:3:11`: [check]: unknown rule `a-b-c-d`",
        ),
        ("[[check.override]]\nrules = {}", "missing field `pages`"),
        ("[check]\nrequired = []", "did you mean `required-keys`?"),
    ] {
        check_refused(text, expected);
    }
}

#[test]
fn reads_configured_levels() {
    let folder = tempfile::tempdir().expect("a folder");
    let text = "[check]\nrequired-keys = [\"title\"]\n\
                rules = { broken-link = \"warn\", orphan-page = \"info\" }\n\
                [[check.override]]\npages = [\"beta/**\"]\nrules = { broken-link = \"off\" }\n";
    fs::write(folder.path().join(FILE), text).expect("written");
    let check = Config::load(folder.path()).expect("a configuration").check;
    let (page, beta) = (check.levels.of("a.md"), check.levels.of("beta/b/a.md"));
    assert!(!page.is_off(&BROKEN_LINK) && beta.is_off(&BROKEN_LINK));
    assert!(!page.is_off(&ORPHAN_PAGE) && !beta.is_off(&ORPHAN_PAGE));
    assert_eq!(check.required_keys, Some(vec!["title".to_owned()]));
    assert_eq!(check.ignored_links, None);
}

#[track_caller]
fn check_target_refused(lines: &str, expected: &str) {
    let text = format!("[target.a]\nbase-url = \"http://127.0.0.1:1\"\n{lines}\n");
    check_refused(&text, expected);
}

#[test]
fn rejects_plain_secrets_without_showing_them() {
    const SECRET: &str = "9fQz2LmX7vTb4RkW8cYdJ3nH";
    for (lines, expected) in [
        (
            "[target.a.auth]\ntype = \"bearer\"\ntoken = \"SECRET\"",
            "toml:5:9`: [target.a]: `token` is a secret in plain text; use `${env:NAME}`",
        ),
        (
            "[target.a.auth]\ntype = \"bearer\"\ntoken = \"SECRET${env:A}\"",
            "`token` is a secret",
        ),
        (
            "[target.a.auth]\ntype = \"basic\"\nusername = \"a\"\npassword = \"SECRET\"",
            "`password` is a secret",
        ),
        (
            "[target.a.auth]\ntype = \"api-key\"\nquery = \"a\"\nvalue = \"SECRET\"",
            "`value` is a secret",
        ),
        (
            "[target.a.auth]\ntype = \"oauth2\"\ngrant = \"refresh-token\"\nrefresh-token = \"SECRET\"",
            "`refresh-token` is a secret",
        ),
        (
            "headers.X-Api-Key = \"SECRET\"",
            "toml:3:21`: [target.a]: `headers.X-Api-Key` contains credentials",
        ),
        (
            "headers.X-Tenant = \"SECRET\"",
            "`headers.X-Tenant` looks like a secret",
        ),
        (
            "vars.api-token = \"SECRET\"",
            "`vars.api-token` looks like a secret",
        ),
        (
            "vars.a = \"ghp_SECRET\"",
            "`vars.a` looks like an access token",
        ),
        (
            "vars.a = \"a ${SECRET}\"",
            "unknown reference; expected `${env:NAME}`",
        ),
        ("headers = \"SECRET\"", "unexpected string, expected a map"),
        (
            "hosts = { \"a.example\" = \"http://me:SECRET@127.0.0.1\" }",
            "`hosts`: it contains user information",
        ),
    ] {
        let text = lines.replace("SECRET", SECRET);
        check_target_refused(&text, expected);
        let folder = tempfile::tempdir().expect("a folder");
        fs::write(
            folder.path().join(FILE),
            format!("[target.a]\nbase-url = \"http://127.0.0.1:1\"\n{text}\n"),
        )
        .expect("written");
        let error = Config::load(folder.path()).expect_err("refused");
        assert!(!format!("{error} {error:?}").contains(SECRET), "{error}");
    }
}

#[test]
fn rejects_invalid_targets() {
    let oauth2 = "[target.a.auth]\ntype = \"oauth2\"\ngrant = \"client-credentials\"\n\
                  client-id = \"a\"\n";
    for (lines, expected) in [
        ("bas-url = \"x\"", "did you mean `base-url`?"),
        (
            "rate = 0",
            "`rate`: expected a number of requests per second",
        ),
        ("rate-per-host = inf", "`rate-per-host`: expected"),
        (
            "timeout = -1",
            "`timeout`: expected a number of seconds above 0",
        ),
        (
            "ca = \"../ca.pem\"",
            "`ca`: expected the path of a file within",
        ),
        (
            "hosts = { \"a/b\" = \"http://a.example\" }",
            "not a host name",
        ),
        (
            "hosts = { \"a\" = \"ftp://a.example\" }",
            "unsupported scheme",
        ),
        ("policies = { \"a\" = \"exakt\" }", "not a header policy"),
        (
            "headers = { X-A = \"a\", x-a = \"b\" }",
            "duplicate header `x-a`",
        ),
        (
            "headers = { Content-Length = \"1\" }",
            "is set by the client",
        ),
        ("auth = { type = \"baerer\" }", "did you mean `bearer`?"),
        (
            "auth = { type = \"bearer\" }",
            "type = \"bearer\" requires `token`",
        ),
        (
            "auth = { type = \"bearer\", token = \"${env:A}\", query = \"a\" }",
            "`query` is not valid for type = \"bearer\"",
        ),
        (
            "auth = { type = \"api-key\", value = \"${env:A}\" }",
            "requires either `header` or `query`",
        ),
        (
            oauth2,
            "grant = \"client-credentials\" requires `token-url`",
        ),
        (
            &format!("{oauth2}token-url = \"http://127.0.0.1/#a\""),
            "a fragment",
        ),
        (
            &format!("{oauth2}token-url = \"http://127.0.0.1\"\nusername = \"a\""),
            "`username` is not valid for grant = \"client-credentials\"",
        ),
    ] {
        check_target_refused(lines, expected);
    }
    check_refused("[target.a]\n", "missing field `base-url`");
}

#[test]
fn reads_targets() {
    let folder = tempfile::tempdir().expect("a folder");
    let text = r#"
[target.staging]
base-url = "https://staging.example.com/v1.0"
writes = true
scopes = ["files.read"]
timeout = 30
rate = 0.5
hosts = { "Upload.example.com:443" = "https://up.staging.example.com" }
[target.staging.headers]
Accept-Language = "en"
Idempotency-Key = "one"
X-Api-Key = "${env:UNSET}"
[target.staging.vars]
id = "01BYE5RZ6QN3ZWBTUFOFD3GSPGOHDJD36K"
[target.staging.auth]
type = "oauth2"
grant = "password"
username = "me@example.com"
password = "${file:/run/secrets/password}"
token-url = "http://127.0.0.1:9/token?tenant=a"
client-id = "3d1f6c52-7a0e-4b7e-9c1d-52a8e06b4f10"
"#;
    fs::write(folder.path().join(FILE), text).expect("written");
    let config = Config::load(folder.path()).expect("a configuration");
    let target = config.target("staging").expect("a target");
    assert!(target.writes);
    assert_eq!(target.timeout, Some(std::time::Duration::from_secs(30)));
    assert_eq!(target.rates.all, Some(0.5));
    assert!(target.hosts.contains_key("upload.example.com"));
    let Some(Auth::OAuth2(oauth2)) = &target.auth else {
        panic!("{:?}", target.auth);
    };
    assert_eq!(oauth2.token_url.query(), Some("tenant=a"));
    assert!(matches!(oauth2.grant, Grant::Password { .. }));
    let error = config.target("stagign").expect_err("unknown").to_string();
    assert!(error.contains("did you mean `staging`? the targets are staging"));
}

#[test]
fn uses_defaults_without_a_file() {
    let folder = tempfile::tempdir().expect("a folder");
    let config = Config::load(folder.path()).expect("defaults");
    assert_eq!(config.docs, folder.path().join("specs/docs"));
    assert_eq!(config.services, &[] as &[Service]);
}

#[test]
fn requires_an_absolute_service_url() {
    let service = Service::parse("https://A.example/v1.0/").expect("a service");
    assert_eq!(service.origin.authority, "a.example");
    assert_eq!(service.path, "/v1.0");
}
