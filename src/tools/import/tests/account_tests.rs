//! Tests of the conversion of accounts.

use serde_json::{Value, json};

use super::*;

#[track_caller]
fn check_account(account: &Value, expected: &str, lost: &[&str]) {
    let text = json!({ "accounts": [account] }).to_string();
    let imported = import(&[&text], &Docs::default());
    let (text, known) = add_targets("", &imported.targets).expect("written");
    assert_eq!(text.trim(), expected.trim());
    assert!(known.is_empty());
    check_losses(&imported, lost);
}

#[test]
fn converts_accounts_to_targets() {
    check_account(
        &json!({
            "name": "Cloud",
            "enabled": true,
            "oauthType": "RefreshToken",
            "clientId": "c1",
            "clientSecret": "$env:CLOUD_SECRET",
            "refreshToken": "s3cret",
            "tokenService": "https://login.example/token",
            "redirectUri": "https://app.example/",
            "serviceUrl": "https://api.example/v1.0",
            "scopes": ["a", "b"],
            "tags": ["t"],
            "apiVersions": ["v1.0"],
            "additionalHeaders": ["X-Test: 1", "X-Api-Key: k", "X-Env: $env:E", "none"],
            "transformations": {},
            "resource": "https://r",
            "typo": 1,
        }),
        r#"
[target.Cloud]
base-url = "https://api.example/v1.0"
scopes = ["a", "b"]
tags = ["t", "v1.0"]

[target.Cloud.headers]
X-Test = "1"
X-Api-Key = "${env:CLOUD_X_API_KEY}"
X-Env = "${env:E}"

[target.Cloud.auth]
type = "oauth2"
grant = "refresh-token"
token-url = "https://login.example/token"
client-id = "c1"
client-secret = "${env:CLOUD_SECRET}"
refresh-token = "${env:CLOUD_REFRESH_TOKEN}"
"#,
        &[
            "accounts[0].additionalHeaders[1]: secrets are not converted; set the environment variable CLOUD_X_API_KEY",
            "accounts[0].additionalHeaders[3]: invalid header field",
            "accounts[0].redirectUri: not used to request a token",
            "accounts[0].refreshToken: secrets are not converted; set the environment variable CLOUD_REFRESH_TOKEN",
            "accounts[0].resource: OAuth 2.0 uses scopes instead",
            "accounts[0].transformations: not supported; requests and responses are compared",
            "accounts[0].typo: unknown key of an account",
        ],
    );
}

#[test]
fn converts_accounts_with_a_password() {
    check_account(
        &json!({
            "name": "On site 2",
            "enabled": true,
            "oauthMode": "UserPassword",
            "username": "$env:USER NAME",
            "password": "p",
            "resource": "https://r.example/",
            "tokenService": "https://login.example/common",
            "serviceUrl": "https://api.example",
        }),
        r#"
[target."On site 2"]
base-url = "https://api.example"

[target."On site 2".auth]
type = "oauth2"
grant = "password"
token-url = "https://login.example/common/oauth2/v2.0/token"
username = "${env:USER_NAME}"
password = "${env:ON_SITE_2_PASSWORD}"
scopes = ["https://r.example/.default"]
"#,
        &[
            "password: secrets are not",
            "tokenService: this is an authority",
        ],
    );
    check_account(
        &json!({
            "name": "b", "enabled": true, "username": "u", "password": "$env:P",
            "serviceUrl": "https://api.example",
        }),
        r#"
[target.b]
base-url = "https://api.example"

[target.b.auth]
type = "basic"
username = "u"
password = "${env:P}"
"#,
        &[],
    );
}

#[test]
fn reports_accounts_that_are_not_converted() {
    let ok = json!({ "enabled": true, "serviceUrl": "https://a", "tokenService": "https://t" });
    for (key, value, why) in [
        ("name", json!(""), "account without a name"),
        ("enabled", json!(false), "is not enabled; left out"),
        ("serviceUrl", Value::Null, "without a `serviceUrl`"),
    ] {
        let mut account = ok.clone();
        account["name"] = json!("a");
        account["refreshToken"] = json!("$env:R");
        account[key] = value;
        check_account(&account, "", &[why]);
    }
    for (key, value, why) in [
        (
            "tokenService",
            Value::Null,
            "no authentication is configured",
        ),
        ("refreshToken", Value::Null, "without a `refreshToken`"),
        (
            "oauthType",
            json!("UserPassword"),
            "without `username` and `password`",
        ),
        (
            "oauthType",
            json!("Magic"),
            "unknown authentication `Magic`",
        ),
    ] {
        let mut account = ok.clone();
        account["name"] = json!("a");
        account["refreshToken"] = json!("$env:R");
        account[key] = value;
        check_account(&account, "[target.a]\nbase-url = \"https://a\"", &[why]);
    }
}

#[test]
fn adds_targets_to_an_existing_configuration() {
    let target = |name: &str| Target {
        name: name.to_owned(),
        base_url: "https://a".to_owned(),
        scopes: Vec::new(),
        tags: Vec::new(),
        headers: Vec::new(),
        auth: None,
    };
    let old = "# mine\n[docs]\nroot = 'd' # here\n\n[target.old]\nbase-url = 'x'\n";
    let (text, known) = add_targets(old, &[target("old"), target("new")]).expect("written");
    assert_eq!(
        text,
        format!("{old}\n[target.new]\nbase-url = \"https://a\"\n")
    );
    assert_eq!(known, ["old"]);
    let error = add_targets("a = ", &[]).expect_err("not TOML").to_string();
    assert!(!error.contains('\n'), "{error}");
    assert!(add_targets("target = 1", &[target("a")]).is_err());
}
