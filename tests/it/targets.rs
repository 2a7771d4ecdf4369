//! `[target.NAME]` and `--target`: a target configures a run, the command line
//! overrides it, and tokens are fetched by RFC 6749.

use std::collections::HashMap;
use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::ops::Range;
use std::process::Command;
use std::sync::{Arc, Mutex};
use std::time::SystemTime;

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::{get, post};

use crate::support::{Project, Ran, RawServer, page, run};

const OK: &str = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
const CLIENT_SECRET: &str = "cl13nt-s3cret";
const PASSWORD: &str = "op3n-s3same";

/// A project with requests and a configuration.
fn project(requests: &[&str], config: &str) -> Project {
    let pairs: Vec<_> = requests
        .iter()
        .map(|request| (*request, "HTTP/1.1 200 OK"))
        .collect();
    let project = Project::with(&[("p.md", &page(&pairs))]);
    project.write("docproof.toml", config);
    project
}

fn test(project: &Project, arguments: &[&str]) -> Command {
    let fixed = ["test", "--format", "json", "--no-snapshots"];
    project.command(&[&fixed, arguments].concat())
}

/// The value of a header in the head of a request.
fn header(head: &str, name: &str) -> Option<String> {
    head.lines().find_map(|line| {
        let (known, value) = line.split_once(':')?;
        known
            .eq_ignore_ascii_case(name)
            .then(|| value.trim().to_owned())
    })
}

#[test]
fn a_target_configures_a_run() {
    let server = RawServer::responding(
        "HTTP/1.1 200 OK\r\nX-Trace-Id: 2\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
    );
    let config = format!(
        r#"
[target.staging]
base-url = "{base}/base"
writes = true
hosts = {{ "up.example.com" = "{base}/up" }}
[target.staging.headers]
Accept-Language = "en"
X-Api-Key = "${{env:KEY}}"
[target.staging.vars]
id = "7"
other = "${{file:id.txt}}"
[target.staging.policies]
"X-Trace-*" = "ignore"
[headers]
"x-trace-id" = "exact"
"#,
        base = server.base
    );
    let project = Project::with(&[(
        "p.md",
        &page(&[
            (
                "POST https://api.example.com/a/{id}",
                "HTTP/1.1 200 OK\nX-Trace-Id: 1",
            ),
            ("GET https://api.example.com/b/{other}", "HTTP/1.1 200 OK"),
            ("GET https://up.example.com/u", "HTTP/1.1 200 OK"),
        ]),
    )]);
    project.write("docproof.toml", &config);
    project.write("id.txt", "eight\n");
    let mut command = test(&project, &["--target", "staging"]);
    let ran = run(command.env("KEY", "k1-abcdef")).exits(0);
    assert_eq!(ran.summary()["target"], format!("{}/base", server.base));
    assert_eq!(
        server.request_lines(),
        [
            "GET /base/b/eight HTTP/1.1",
            "GET /up/u HTTP/1.1",
            "POST /base/a/7 HTTP/1.1"
        ]
    );
    for head in server.heads() {
        assert_eq!(header(&head, "x-api-key").as_deref(), Some("k1-abcdef"));
        assert_eq!(header(&head, "accept-language").as_deref(), Some("en"));
    }
    let mut command = test(
        &project,
        &[
            "--target",
            "staging",
            "--var",
            "id=9",
            "--header",
            "X-Api-Key: from-flag",
            "--base-url",
            &server.base,
            "--filter",
            "p::1",
        ],
    );
    run(command.env("KEY", "k1-abcdef")).exits(0);
    let head = server.heads().pop().expect("a request");
    assert!(head.starts_with("POST /a/9 "), "{head}");
    assert_eq!(header(&head, "x-api-key").as_deref(), Some("from-flag"));
}

#[test]
fn names_unusable_targets() {
    let config = "[target.staging]\nbase-url = \"http://127.0.0.1:1\"\nheaders = { X-Api-Key = \"${env:KEY}\" }\n\
                  [target.plain]\nbase-url = \"http://127.0.0.1:1\"\n";
    let project = project(&["POST /a"], config);
    run(&mut test(&project, &["--target", "stagin"]))
        .exits(2)
        .says("did you mean `staging`? the targets are plain, staging");
    run(test(&project, &["--target", "staging"]).env_remove("KEY"))
        .exits(2)
        .says(
            "the target `staging`: `headers.x-api-key`: the environment variable `KEY` is not set",
        );
    // Variables of other targets are not needed.
    run(&mut test(&project, &["--target", "plain"])).exits(4);
    run(&mut test(&project, &["--max-requests", "1"])).exits(2);
}

#[test]
fn sends_each_kind_of_authentication() {
    for (auth, expected) in [
        (
            "type = \"bearer\"\ntoken = \"${env:SECRET}\"",
            ("GET /a?x=1&key=K", Some("Bearer s3cret/+ä"), None),
        ),
        (
            "type = \"basic\"\nusername = \"me\"\npassword = \"${env:SECRET}\"",
            ("GET /a?x=1&key=K", Some("Basic bWU6czNjcmV0LyvDpA=="), None),
        ),
        (
            "type = \"api-key\"\nheader = \"X-Own\"\nvalue = \"${env:SECRET}\"",
            ("GET /a?x=1&key=K", None, Some("s3cret/+ä")),
        ),
        (
            "type = \"api-key\"\nquery = \"key\"\nvalue = \"${env:SECRET}\"",
            ("GET /a?x=1&key=s3cret%2F%2B%C3%A4", None, None),
        ),
    ] {
        let server = RawServer::responding(OK);
        let config = format!(
            "[target.a]\nbase-url = \"{}\"\n[target.a.auth]\n{auth}\n",
            server.base
        );
        let project = project(&["GET /a?x=1&key=K"], &config);
        run(test(&project, &["--target", "a"]).env("SECRET", "s3cret/+ä")).exits(0);
        let head = &server.heads()[0];
        let (line, authorization, own) = expected;
        assert_eq!(
            head.lines().next(),
            Some(format!("{line} HTTP/1.1").as_str())
        );
        assert_eq!(header(head, "authorization").as_deref(), authorization);
        assert_eq!(header(head, "x-own").as_deref(), own);
    }
}

/// An authorization server and the resource server behind it.
#[derive(Clone, Default)]
struct Auth(Arc<Mutex<AuthState>>);

#[derive(Default)]
struct AuthState {
    /// The forms of the token requests, with their `Authorization`.
    asked: Vec<HashMap<String, String>>,
    /// The valid token.
    token: String,
    /// The number of requests that it is valid for; all if `None`.
    uses: Option<usize>,
    /// Whether every token is rejected.
    refuses: bool,
    lifetime: Option<u64>,
    /// Whether refresh tokens are issued.
    refreshes: bool,
    /// The response instead of a token.
    error: Option<&'static str>,
    /// Whether only requests with refresh tokens get that response.
    error_is_of_refresh: bool,
}

async fn token(
    State(auth): State<Auth>,
    headers: HeaderMap,
    body: String,
) -> (StatusCode, [(&'static str, &'static str); 1], String) {
    let mut state = auth.0.lock().expect("not poisoned");
    let mut form: HashMap<String, String> = url::form_urlencoded::parse(body.as_bytes())
        .into_owned()
        .collect();
    if let Some(value) = headers.get("authorization") {
        let value = value.to_str().expect("text").to_owned();
        form.insert("authorization".to_owned(), value);
    }
    let is_refresh = form
        .get("grant_type")
        .is_some_and(|grant| grant == "refresh_token");
    state.asked.push(form);
    let json = [("content-type", "application/json")];
    if let Some(error) = state.error
        && (is_refresh || !state.error_is_of_refresh)
    {
        return (StatusCode::BAD_REQUEST, json, error.to_owned());
    }
    let number = state.asked.len();
    state.token = format!("acc3ss-token-{number}");
    let mut response = serde_json::json!({"access_token": state.token, "token_type": "bearer"});
    if let Some(lifetime) = state.lifetime {
        response["expires_in"] = lifetime.into();
    }
    if state.refreshes {
        response["refresh_token"] = format!("r3fresh-token-{number}").into();
    }
    (StatusCode::OK, json, response.to_string())
}

async fn resource(State(auth): State<Auth>, headers: HeaderMap) -> StatusCode {
    let mut state = auth.0.lock().expect("not poisoned");
    let expected = format!("Bearer {}", state.token);
    let is_good = headers
        .get("authorization")
        .is_some_and(|value| value.as_bytes() == expected.as_bytes());
    if !is_good || state.refuses || state.uses == Some(0) {
        return StatusCode::UNAUTHORIZED;
    }
    if let Some(uses) = &mut state.uses {
        *uses -= 1;
        if *uses == 0 {
            state.token = String::from("revoked");
            state.uses = None;
        }
    }
    StatusCode::OK
}

impl Auth {
    fn new(state: AuthState) -> (Self, String) {
        let auth = Self(Arc::new(Mutex::new(state)));
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        listener.set_nonblocking(true).expect("set");
        let base = format!("http://{}", listener.local_addr().expect("an address"));
        let router = Router::new()
            .route("/token", post(token))
            .fallback(get(resource))
            .with_state(auth.clone());
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .expect("a runtime");
            runtime.block_on(async {
                let listener = tokio::net::TcpListener::from_std(listener).expect("a listener");
                axum::serve(listener, router).await.expect("it serves on");
            });
        });
        (auth, base)
    }

    /// A field of each token request.
    fn asked(&self, field: &str) -> Vec<String> {
        let state = self.0.lock().expect("not poisoned");
        let values = state.asked.iter().map(|form| form.get(field).cloned());
        values.map(Option::unwrap_or_default).collect()
    }
}

const CLIENT_CREDENTIALS: &str = "grant = \"client-credentials\"";
const REFRESH: &str = "grant = \"refresh-token\"\nrefresh-token = \"${env:REFRESH_TOKEN}\"";
const BY_PASSWORD: &str = "grant = \"password\"\nusername = \"me\"\npassword = \"${env:PASSWORD}\"";

/// Runs five cases in order against a server.
fn run_oauth2(base: &str, grant: &str, arguments: &[&str]) -> Ran {
    run_oauth2_at_once(1, base, grant, arguments)
}

fn run_oauth2_at_once(jobs: usize, base: &str, grant: &str, arguments: &[&str]) -> Ran {
    let config = format!(
        "[target.a]\nbase-url = \"{base}\"\n[target.a.auth]\ntype = \"oauth2\"\n{grant}\n\
         token-url = \"{base}/token\"\nclient-id = \"docproof\"\n\
         client-secret = \"${{env:CLIENT_SECRET}}\"\nscopes = [\"files.read\"]\n"
    );
    let project = project(&["GET /1", "GET /2", "GET /3", "GET /4", "GET /5"], &config);
    let jobs = jobs.to_string();
    let ran = run(test(
        &project,
        &[&["--target", "a", "-j", &jobs], arguments].concat(),
    )
    .env("CLIENT_SECRET", CLIENT_SECRET)
    .env("REFRESH_TOKEN", "r3fresh-token-0")
    .env("PASSWORD", PASSWORD));
    for secret in [CLIENT_SECRET, PASSWORD, "acc3ss-token", "r3fresh-token"] {
        let shown = ran.out.contains(secret) || ran.err.contains(secret);
        assert!(!shown, "{secret}: {ran:?}");
    }
    ran
}

#[track_caller]
fn passes(ran: &Ran, passed: u64) {
    assert_eq!(ran.summary()["pass"], passed, "{ran:?}");
}

#[test]
fn fetches_one_token_for_all_requests() {
    let (auth, base) = Auth::new(AuthState {
        lifetime: Some(3600),
        ..AuthState::default()
    });
    passes(&run_oauth2_at_once(5, &base, CLIENT_CREDENTIALS, &[]), 5);
    assert_eq!(auth.asked("grant_type"), ["client_credentials"]);
    assert_eq!(auth.asked("scope"), ["files.read"]);
    assert_eq!(
        auth.asked("authorization"),
        ["Basic ZG9jcHJvb2Y6Y2wxM250LXMzY3JldA=="]
    );
}

#[test]
fn renews_expired_tokens() {
    let (auth, base) = Auth::new(AuthState {
        lifetime: Some(0),
        ..AuthState::default()
    });
    passes(&run_oauth2(&base, CLIENT_CREDENTIALS, &[]), 5);
    assert_eq!(auth.asked("grant_type").len(), 5);
}

#[test]
fn renews_a_rejected_token_once() {
    let (auth, base) = Auth::new(AuthState {
        uses: Some(2),
        ..AuthState::default()
    });
    passes(&run_oauth2(&base, CLIENT_CREDENTIALS, &[]), 5);
    assert_eq!(auth.asked("grant_type").len(), 2);

    // If that does not help, the response is 401.
    let (auth, base) = Auth::new(AuthState {
        refuses: true,
        ..AuthState::default()
    });
    let ran = run_oauth2(&base, CLIENT_CREDENTIALS, &[]).exits(1);
    passes(&ran, 0);
    assert_eq!(auth.asked("grant_type").len(), 2);
}

#[test]
fn follows_rotating_refresh_tokens() {
    let (auth, base) = Auth::new(AuthState {
        lifetime: Some(0),
        refreshes: true,
        ..AuthState::default()
    });
    passes(&run_oauth2(&base, REFRESH, &[]), 5);
    let expected: Vec<String> = (0..5).map(|n| format!("r3fresh-token-{n}")).collect();
    assert_eq!(auth.asked("refresh_token"), expected);

    // A token that is not replaced is used again.
    let (auth, base) = Auth::new(AuthState {
        lifetime: Some(0),
        ..AuthState::default()
    });
    passes(&run_oauth2(&base, REFRESH, &[]), 5);
    assert_eq!(auth.asked("refresh_token"), ["r3fresh-token-0"; 5]);
}

#[test]
fn sends_the_password_without_a_refresh_token() {
    let state = |error| AuthState {
        lifetime: Some(0),
        refreshes: true,
        error,
        error_is_of_refresh: true,
        ..AuthState::default()
    };
    let (auth, base) = Auth::new(state(None));
    passes(&run_oauth2(&base, BY_PASSWORD, &["--max-requests", "3"]), 3);
    assert_eq!(
        auth.asked("grant_type")[..3],
        ["password", "refresh_token", "refresh_token"]
    );
    assert_eq!(auth.asked("password")[0], PASSWORD);

    let (auth, base) = Auth::new(state(Some(r#"{"error": "invalid_grant"}"#)));
    passes(&run_oauth2(&base, BY_PASSWORD, &["--filter", "p::1"]), 1);
    passes(&run_oauth2(&base, BY_PASSWORD, &[]), 5);
    assert_eq!(
        auth.asked("grant_type")[..4],
        ["password", "password", "refresh_token", "password"]
    );
}

#[test]
fn fails_the_run_without_a_token() {
    for (response, expected) in [
        (
            r#"{"error": "invalid_client", "error_description": "no client cl13nt-s3cret"}"#,
            "responded with 400 `invalid_client`: no client [secret:CLIENT_SECRET]",
        ),
        (
            "<html>cl13nt-s3cret</html>",
            "responded with 400 and an invalid token response (RFC 6749, 5.1)",
        ),
    ] {
        let (auth, base) = Auth::new(AuthState {
            error: Some(response),
            ..AuthState::default()
        });
        run_oauth2_at_once(5, &base, CLIENT_CREDENTIALS, &[])
            .exits(3)
            .says(&format!(
                "failed to get a token from {base}/token: it {expected}"
            ));
        assert_eq!(auth.asked("grant_type").len(), 1);
    }
    let closed = crate::support::closed_address();
    run_oauth2(&format!("http://{closed}"), CLIENT_CREDENTIALS, &[])
        .exits(3)
        .says("failed to get a token");
}

#[test]
fn given_headers_override_tokens() {
    let (auth, base) = Auth::new(AuthState::default());
    let ran = run_oauth2(
        &base,
        CLIENT_CREDENTIALS,
        &["--header", "Authorization: Own abcdef"],
    );
    ran.exits(1);
    assert!(auth.asked("grant_type").is_empty());
}

/// A TLS server on `localhost`, and the certificate (PEM) of its authority.
fn tls_server() -> (String, String) {
    let authority_key = rcgen::KeyPair::generate().expect("a key");
    let mut authority = rcgen::CertificateParams::default();
    authority.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    let ca = authority
        .self_signed(&authority_key)
        .expect("a certificate");
    let issuer = rcgen::Issuer::new(authority, authority_key);
    let key = rcgen::KeyPair::generate().expect("a key");
    let mut leaf = rcgen::CertificateParams::new(["localhost".to_owned()]).expect("a name");
    leaf.distinguished_name = rcgen::DistinguishedName::new();
    let leaf = leaf.signed_by(&key, &issuer).expect("a certificate");
    (serve_tls(&leaf, &key), ca.pem())
}

/// A TLS server with a self-signed certificate that claims to be an authority,
/// as `openssl req -x509` makes it, and the certificate (PEM).
fn self_signed_server(name: &str, years: Range<i32>) -> (String, String) {
    let key = rcgen::KeyPair::generate().expect("a key");
    let mut parameters = rcgen::CertificateParams::new([name.to_owned()]).expect("a name");
    parameters.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    let this_year = 1970 + now.expect("after 1970").as_secs() / 31_556_952;
    let this_year = i32::try_from(this_year).expect("a year");
    let year = |years: i32| rcgen::date_time_ymd(this_year + years, 1, 1);
    parameters.not_before = year(years.start);
    parameters.not_after = year(years.end);
    let certificate = parameters.self_signed(&key).expect("a certificate");
    (serve_tls(&certificate, &key), certificate.pem())
}

/// Starts a TLS server with this certificate.
fn serve_tls(certificate: &rcgen::Certificate, key: &rcgen::KeyPair) -> String {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let key = rustls::pki_types::PrivatePkcs8KeyDer::from(key.serialize_der());
    let config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], key.into())
        .expect("a certificate");
    let config = Arc::new(config);
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("an address").port();
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let session = rustls::ServerConnection::new(Arc::clone(&config)).expect("a session");
            let mut stream = rustls::StreamOwned::new(session, stream);
            let mut head = [0; 4096];
            if stream.read(&mut head).is_ok_and(|count| count > 0) {
                let _ = stream.write_all(OK.as_bytes());
                stream.conn.send_close_notify();
                let _ = stream.flush();
            }
        }
    });
    format!("https://localhost:{port}")
}

/// A run against a server with a self-signed certificate, where `ca` is this
/// file. `expected` is the start of the error, or empty if the run passes.
#[track_caller]
fn check_self_signed((base, own): &(String, String), ca: Option<&str>, expected: &str) {
    let ca_line = if ca.is_some() {
        "ca = \"ca.pem\"\n"
    } else {
        ""
    };
    let config = format!("[target.a]\nbase-url = \"{base}\"\n{ca_line}");
    let project = project(&["GET /a"], &config);
    project.write("ca.pem", ca.unwrap_or(own));
    let ran = run(&mut test(&project, &["--target", "a"]));
    if expected.is_empty() {
        ran.exits(0);
    } else {
        ran.exits(3)
            .says(&format!("the certificate of localhost {expected}"));
    }
}

#[test]
fn trusts_the_certificate_that_ca_names() {
    let server = self_signed_server("localhost", -1..2);
    let other = self_signed_server("localhost", -1..2).1;
    let own = Some(server.1.as_str());
    check_self_signed(&server, own, "");
    check_self_signed(&server, Some(&format!("{other}{}", server.1)), "");
    let how = "is self-signed; to trust it, save it as PEM and set `ca = \"FILE\"`";
    check_self_signed(&server, None, how);
    check_self_signed(&server, Some(&other), how);
}

#[test]
fn checks_name_and_validity_of_the_certificate_that_ca_names() {
    let check = |server: (String, String), expected: &str| {
        let own = Some(server.1.clone());
        check_self_signed(&server, own.as_deref(), expected);
    };
    let named = self_signed_server("other.example", -1..2);
    check(
        named,
        "is not valid for this name, only for DnsName(\"other.example\")",
    );
    check(self_signed_server("localhost", -3..-1), "has expired");
    check(self_signed_server("localhost", 2..3), "is not valid yet");
}

#[test]
fn trusts_the_certificate_that_ssl_cert_file_names() {
    let (base, own) = self_signed_server("localhost", -1..2);
    let project = project(&["GET /a"], "");
    project.write("own.pem", own);
    let mut command = test(&project, &["--base-url", &base]);
    run(command.env("SSL_CERT_FILE", project.path("own.pem"))).exits(0);
}

#[test]
fn tells_how_to_trust_an_unknown_authority() {
    let (base, _) = tls_server();
    let project = project(&["GET /a"], "");
    run(&mut test(&project, &["--base-url", &base]))
        .exits(3)
        .says("was issued by an authority that is not trusted; to trust it, save the certificate")
        .says("`ca = \"FILE\"` in the target, or SSL_CERT_FILE");
}

#[test]
fn names_a_wrong_scheme() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let plain = listener.local_addr().expect("an address");
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let _ = stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n");
        }
    });
    let project = project(&["GET /a"], "");
    run(&mut test(
        &project,
        &["--base-url", &format!("https://{plain}")],
    ))
    .exits(3)
    .says("the port does not speak TLS; if it speaks HTTP, write http://");
    let base = tls_server().0.replace("https:", "http:");
    run(&mut test(&project, &["--base-url", &base]))
        .exits(1)
        .says("if the port speaks TLS, write https://");
}

#[test]
fn trusts_the_certificate_authority_of_the_target() {
    let (base, ca) = tls_server();
    let config = format!(
        "[target.own]\nbase-url = \"{base}\"\nca = \"certs/ca.pem\"\n\
         [target.other]\nbase-url = \"{base}\"\nca = \"certs/other.pem\"\n\
         [target.none]\nbase-url = \"{base}\"\n\
         [target.broken]\nbase-url = \"{base}\"\nca = \"docproof.toml\"\n\
         [target.absent]\nbase-url = \"{base}\"\nca = \"absent.pem\"\n"
    );
    let project = project(&["GET /a"], &config);
    project.write("certs/ca.pem", ca);
    project.write("certs/other.pem", tls_server().1);
    run(&mut test(&project, &["--target", "own"])).exits(0);
    for name in ["other", "none"] {
        run(&mut test(&project, &["--target", name]))
            .exits(3)
            .says("certificate");
    }
    run(&mut test(&project, &["--target", "broken"]))
        .exits(3)
        .says("the target's `ca` contains no certificate");
    run(&mut test(&project, &["--target", "absent"]))
        .exits(2)
        .says("`ca`: failed to read `absent.pem`");
}
