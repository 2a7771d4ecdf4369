//! Header values of the user are sent and never shown.

use crate::support::{Project, RawServer, page};

fn project(request: &str) -> Project {
    Project::with(&[("p.md", &page(&[(request, "HTTP/1.1 200 OK")]))])
}

#[test]
fn shows_no_secrets() {
    let server = RawServer::responding("garbage\r\n\r\n");
    let project = project("GET /b\nAuthorization: Bearer {token}");
    for format in ["pretty", "json"] {
        let ran = project.run(&[
            "test",
            "--base-url",
            &server.base,
            "--header",
            "Authorization: Bearer s3cret",
            "--format",
            format,
        ]);
        assert!(
            !ran.out.contains("s3cret") && !ran.err.contains("s3cret"),
            "{ran:?}"
        );
    }
}

#[test]
fn errors_show_no_secrets() {
    let project = project("GET /a");
    let base = "http://127.0.0.1:1";
    for arguments in [
        [
            "test",
            "--base-url",
            base,
            "--header",
            "Authorization s3cret",
        ],
        [
            "test",
            "--base-url",
            base,
            "--header",
            "Authorization: s3cret\nX: y",
        ],
        ["test", "--base-url", base, "--header", "A b: s3cret"],
        [
            "test",
            "--base-url",
            "http://me:s3cret@127.0.0.1:1",
            "--timeout",
            "1",
        ],
    ] {
        let ran = project.run(&arguments).exits(2);
        assert!(!ran.err.contains("s3cret"), "{}", ran.err);
    }
}

#[test]
fn masks_secrets_that_a_service_echoes() {
    let server = RawServer::responding(
        "HTTP/1.1 200 OK\r\nX-Echo: got Bearer s3cret-token\r\nX-Part: s3cret-token!\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
    );
    let pair = ("GET /a", "HTTP/1.1 200 OK\nX-Echo: x\nX-Part: x");
    let project = Project::with(&[("p.md", &page(&[pair]))]);
    for format in ["pretty", "json"] {
        let ran = project
            .run(&[
                "test",
                "--format",
                format,
                "--base-url",
                &server.base,
                "--header",
                "Authorization: Bearer s3cret-token",
            ])
            .exits(1)
            .says("[secret:authorization]!");
        assert!(
            !ran.out.contains("s3cret") && !ran.err.contains("s3cret"),
            "{ran:?}"
        );
    }
    let snapshot = project.read("snapshots/p__1.snap.new");
    assert!(
        snapshot.contains("x-echo: got [secret:authorization]"),
        "{snapshot}"
    );
}

#[test]
fn headers_of_the_user_do_not_change_the_verdict() {
    let server = RawServer::responding(
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nX-Id: k1-abcdef\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
    );
    let pair = (
        "GET /a",
        "HTTP/1.1 200 OK\nContent-Type: application/json\nX-Id: k1-abcdef",
    );
    let project = Project::with(&[("p.md", &page(&[pair]))]);
    project.test(&["--update", "always"]).exits(0);
    let base = server.base.as_str();
    for header in [
        "X-Auth-Format: json",
        "X-Api-Key: a",
        "Accept: application/json",
    ] {
        let ran = project
            .test(&["--base-url", base, "--header", header])
            .exits(0);
        assert_eq!(ran.outcomes(), ["p::1 pass  match"], "{header}");
    }
    // A documented value that equals a secret is masked, and still conforms.
    let ran = project.test(&[
        "--base-url",
        base,
        "--header",
        "X-Api-Key: k1-abcdef",
        "--no-snapshots",
    ]);
    assert_eq!(ran.exits(0).outcomes(), ["p::1 pass  off"]);
}

/// What a service issues is in no report: cookies, tokens, signatures.
#[test]
fn masks_what_a_service_issues() {
    const TOKEN: &str = "eyJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJhIn0.x1y2z3";
    let server = RawServer::responding(
        "HTTP/1.1 200 OK\r\nSet-Cookie: sid=c00kie-value; Path=/\r\nLocation: /x?sig=s1gnature\r\n\
         Content-Type: application/json\r\nConnection: close\r\n\r\n\
         {\"access_token\": \"acc3ss\", \"id\": \"eyJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJhIn0.x1y2z3\", \"n\": \"p1ain\"}",
    );
    let documented = "HTTP/1.1 200 OK\nSet-Cookie: other=1\nLocation: /y?sig=a\n\
                      Content-Type: application/json\n\n\
                      {\"access_token\": \"a\", \"id\": \"b\", \"n\": \"c\"}";
    let project = Project::with(&[("p.md", &page(&[("GET /a", documented)]))]);
    project.write(
        "docproof.toml",
        "[headers]\nSet-Cookie = \"exact\"\nLocation = \"exact\"\n",
    );
    for format in ["pretty", "json"] {
        let ran = project
            .run(&[
                "test",
                "--base-url",
                &server.base,
                "--no-snapshots",
                "--body",
                "exact",
                "--format",
                format,
                "--report",
                "html=report.html",
            ])
            .exits(1)
            .says("[secret:access_token]")
            .says("p1ain");
        let report = project.read("report.html");
        for secret in ["c00kie-value", "s1gnature", "acc3ss", TOKEN] {
            let shown = ran.out.contains(secret) || ran.err.contains(secret);
            assert!(!shown && !report.contains(secret), "{secret}: {ran:?}");
        }
    }
}
