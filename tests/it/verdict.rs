//! The verdict on page, snapshot and response, and known deviations.

use std::sync::{Arc, Mutex};

use serde_json::{Value, json};

use crate::support::{Project, Ran, RawServer, page};

/// A service with a mutable status, and a project with one case.
struct Bench {
    project: Project,
    server: RawServer,
    status: Arc<Mutex<&'static str>>,
}

impl Bench {
    fn new(documented: &str, sent: &'static str) -> Self {
        let status = Arc::new(Mutex::new(sent));
        let now = Arc::clone(&status);
        let server = RawServer::start(move |_, stream| {
            let status = *now.lock().expect("not poisoned");
            let response = format!(
                "HTTP/1.1 {status}\r\nX-A: 1\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
            );
            let _ = stream.write_all(response.as_bytes());
        });
        let bench = Self {
            project: Project::new(),
            server,
            status,
        };
        bench.document(documented);
        bench
    }

    /// A service with an accepted deviation from its page.
    #[track_caller]
    fn deviating() -> Self {
        let bench = Self::new("200 OK", "202 Accepted");
        bench.check("service-differs", &["status"]);
        bench
            .project
            .run(&["accept", "--deviation", "late", "p::1"])
            .exits(0);
        bench
    }

    fn document(&self, status: &str) {
        let response = format!("HTTP/1.1 {status}\nX-A: 1");
        self.project
            .write("specs/docs/p.md", page(&[("GET /a", &response)]));
    }

    fn respond_with(&self, status: &'static str) {
        *self.status.lock().expect("not poisoned") = status;
    }

    fn live(&self, format: &str) -> Ran {
        let base = &self.server.base;
        self.project
            .run(&["test", "--format", format, "--base-url", base])
    }

    /// The line of the case in a live run.
    fn result(&self, code: i32) -> Value {
        self.live("json").exits(code).json()[0].clone()
    }

    #[track_caller]
    fn check(&self, verdict: &str, kinds: &[&str]) {
        let passes = kinds.is_empty();
        let result = self.result(i32::from(!passes));
        assert_eq!(result["verdict"], verdict, "{result}");
        let found: Vec<&str> = result["differences"]
            .as_array()
            .expect("a list")
            .iter()
            .map(|difference| difference["kind"].as_str().expect("a kind"))
            .collect();
        assert_eq!(found, kinds);
    }
}

#[test]
fn each_difference_has_its_verdict() {
    let bench = Bench::new("200 OK", "200 OK");
    bench.check("conforms", &[]);
    bench.respond_with("202 Accepted");
    bench.check("service-differs", &["status"]);
    bench.respond_with("200 OK");
    bench.check("conforms", &[]);
    bench.project.run(&["accept"]).exits(0);
    bench.check("conforms", &[]);

    bench.respond_with("202 Accepted");
    bench.check("service-drifted", &["status"]);
    bench
        .live("pretty")
        .exits(1)
        .says("FAIL p::1  service drifted: the response matches neither the page nor the accepted snapshot\nGET /a\n")
        .says("verdicts: 1 service-drifted");
    bench.document("202 Accepted");
    bench.check("snapshot-outdated", &["snapshot"]);
    bench.live("pretty").exits(1).says(
        "FAIL p::1  page and service both changed since the snapshot was accepted; run `docproof accept p::1`",
    );
    bench.respond_with("200 OK");
    bench.check("docs-changed", &["status"]);
    bench
        .live("pretty")
        .exits(1)
        .says("FAIL p::1  docs changed: the response matches the accepted snapshot")
        .says("`docproof fix p::1 --from snapshot` fixes the page");
    bench.respond_with("500 Internal Server Error");
    bench.check("all-differ", &["status", "snapshot"]);
    bench
        .live("pretty")
        .exits(1)
        .says("FAIL p::1  all differ: ");
}

#[test]
fn does_not_call_the_mock_a_service() {
    let bench = Bench::new("200 OK", "200 OK");
    bench.project.test(&[]).exits(0);
    bench.project.run(&["accept"]).exits(0);
    bench.document("202 Accepted");
    let ran = bench.project.run(&["test"]).exits(1);
    let ran = ran.says("FAIL p::1  page and mock both changed");
    assert!(!ran.out.contains("docs and service"), "{}", ran.out);
    let result = &bench.project.test(&[]).exits(1).json()[0];
    assert_eq!(result["verdict"], "snapshot-outdated");
}

#[test]
fn differences_have_their_line() {
    let bench = Bench::new("200 OK\nX-B: 2", "202 Accepted");
    let result = bench.result(1);
    let lines: Vec<_> = result["differences"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|difference| {
            (
                &difference["kind"],
                difference["line"].as_u64(),
                &difference["path"],
            )
        })
        .collect();
    assert_eq!(
        lines,
        [
            (&json!("status"), Some(10), &Value::Null),
            (&json!("missing-header"), Some(11), &Value::Null)
        ]
    );
    // Without its page a case has the lines of its fences.
    std::fs::remove_dir_all(bench.project.path("specs/docs")).expect("removed");
    let result = bench.result(1);
    assert_eq!(result["differences"][0]["line"], 9);
}

#[test]
fn passes_and_lists_known_deviations() {
    let bench = Bench::new("200 OK", "202 Accepted");
    bench.check("service-differs", &["status"]);
    let arguments = [
        "accept",
        "--deviation",
        "they are late",
        "--until",
        "9999-12-30",
        "p::1",
    ];
    bench
        .project
        .run(&arguments)
        .exits(0)
        .says("accepted p::1")
        .says("known deviation until 9999-12-30: p::1: they are late");
    assert_eq!(
        bench.project.read("snapshots/p__1.deviation.yaml"),
        "version: 1\ncase: p::1\nreason: they are late\nuntil: 9999-12-30\n"
    );
    bench.check("known-deviation", &[]);
    let summary = bench.live("json").summary();
    assert_eq!(
        summary["deviations"],
        json!([{"id": "p::1", "reason": "they are late", "until": "9999-12-30"}])
    );
    assert_eq!(summary["verdicts"], json!({"known-deviation": 1}));
    bench
        .live("pretty")
        .exits(0)
        .says("known deviation until 9999-12-30: p::1: they are late\n");
    // Also on the mock, which writes nothing.
    let ran = bench.project.test(&["--update", "always"]).exits(0);
    assert_eq!(ran.json()[0]["verdict"], "known-deviation");
    assert_eq!(
        bench.project.names("snapshots"),
        ["p__1.deviation.yaml", "p__1.snap"]
    );
    // Only this deviation is known.
    bench.respond_with("500 Internal Server Error");
    bench.check("all-differ", &["status", "snapshot"]);
}

#[test]
fn deviations_expire() {
    let bench = Bench::new("200 OK", "202 Accepted");
    bench.check("service-differs", &["status"]);
    let accept = ["accept", "p::1", "--deviation", "late"];
    bench.project.run(&accept).exits(0);
    bench.check("known-deviation", &[]);
    bench.project.write(
        "snapshots/p__1.deviation.yaml",
        "version: 1\ncase: p::1\nreason: late\nuntil: 2001-02-03\n",
    );
    bench.check("docs-changed", &["status"]);
    bench
        .live("pretty")
        .exits(1)
        .says("docs changed: the accepted deviation (late) ended on 2001-02-03");
    // An accepted deviation can be recorded again.
    std::fs::remove_file(bench.project.path("snapshots/p__1.snap.new")).ok();
    let arguments = ["accept", "p::1", "--deviation", "still late"];
    bench
        .project
        .run(&arguments)
        .exits(0)
        .says("known deviation: p::1: still late");
    bench.check("known-deviation", &[]);
}

#[test]
fn reports_stale_deviations_when_the_service_conforms() {
    let bench = Bench::deviating();
    bench.respond_with("200 OK");
    bench.check("stale-deviation", &["stale-deviation"]);
    bench
        .live("pretty")
        .exits(1)
        .says("FAIL p::1  stale deviation: the response of the service matches the page")
        .says("error[stale-deviation]")
        .says("but a deviation is accepted: late");
    bench
        .project
        .run(&["accept", "p::1"])
        .exits(0)
        .says("accepted p::1")
        .says("removed the deviation of p::1");
    assert_eq!(bench.project.names("snapshots"), ["p__1.snap"]);
    bench.check("conforms", &[]);
}

#[test]
fn reports_stale_deviations_when_the_page_was_fixed() {
    let bench = Bench::deviating();
    bench.document("202 Accepted");
    bench.check("stale-deviation", &["stale-deviation"]);
    // The mock cannot know.
    bench.project.test(&[]).exits(0);
    // No snapshot is pending, but the deviation can be removed.
    bench.project.run(&["accept", "other"]).exits(4);
    bench
        .project
        .run(&["accept", "p::1"])
        .exits(0)
        .says("removed the deviation of p::1");
    bench.check("conforms", &[]);
}

#[test]
fn removes_deviations_with_their_case() {
    let bench = Bench::deviating();
    bench
        .project
        .write("specs/docs/q.md", page(&[("GET /b", "HTTP/1.1 200 OK")]));
    std::fs::remove_file(bench.project.path("specs/docs/p.md")).expect("removed");
    bench
        .project
        .run(&["test"])
        .exits(0)
        .says("orphaned file snapshots/p__1.deviation.yaml");
    bench.project.run(&["reject"]).exits(0);
    bench
        .project
        .run(&["accept", "--prune"])
        .exits(0)
        .says("0 accepted, 2 removed");
    assert_eq!(bench.project.names("snapshots"), [""; 0]);
}

#[test]
fn rejects_deviations_for_conforming_responses() {
    let bench = Bench::new("200 OK", "202 Accepted");
    let run = |arguments: &[&str]| bench.project.run(arguments);
    run(&["accept", "--deviation", "late"])
        .exits(2)
        .says("FILTER");
    run(&["accept", "--deviation", " ", "p"])
        .exits(2)
        .says("the reason is empty");
    run(&["accept", "p", "--until", "2027-01-01"])
        .exits(2)
        .says("--deviation");
    run(&["accept", "--deviation", "x", "--until", "2027-02-30", "p"])
        .exits(2)
        .says("use YYYY-MM-DD");
    run(&["accept", "--deviation", "x", "--until", "2001-02-03", "p"])
        .exits(2)
        .says("--until 2001-02-03 has passed: today is ")
        .says("remove --until");
    assert_eq!(bench.project.names("snapshots"), [""; 0]);
    run(&["accept", "--deviation", "x", "--until", "9999-12-30", "p"])
        .exits(4)
        .says("no pending snapshot matches `p`");
    run(&["accept", "--deviation", "late", "p"])
        .exits(4)
        .says("no pending snapshot matches `p`");
    bench.check("service-differs", &["status"]);
    run(&["accept", "--deviation", "late", "p"]).exits(0);
    bench
        .project
        .write("snapshots/p__1.deviation.yaml", "version: 1\nreasn: x\n");
    let ran = bench.live("json").exits(1);
    assert_eq!(ran.json()[0]["verdict"], "docs-changed");
    ran.says("deviation-syntax").says("did you mean `reason`?");
}
