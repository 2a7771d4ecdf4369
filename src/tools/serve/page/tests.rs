//! Tests the HTML pages as a browser receives them.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use url::form_urlencoded;

use super::frame::case_href;
use super::*;
use crate::page::case::Case;
use crate::page::extract;
use crate::run::mock::{Settings, Table};
use crate::text::digest::sha256;
use crate::text::finding::{Diagnostic, FILE_START};
use crate::text::rules::PAGE_UNREADABLE;
use crate::text::source::Page;
use crate::tools::serve::state::About;
use crate::tools::serve::traffic::Record;

/// A text that would be harmful as markup in any place.
const PLANTED: &str = "<script>planted=1</script>\"'><img src=x onerror=planted=1>&amp;</textarea>";

fn example(request: &str, response: &str) -> String {
    format!(
        "<!-- {{\"blockType\": \"request\"}} -->\n```http\n{request}\n```\n\n\
         <!-- {{\"blockType\": \"response\"}} -->\n```http\n{response}\n```\n\n"
    )
}

fn state(pages: &[(&str, String)]) -> State {
    let cases = pages
        .iter()
        .flat_map(|(path, text)| extract::extract(&Page::new(*path, text.clone()), None).cases);
    let cases: Arc<[Case]> = cases.collect();
    State::new(
        Table::new(cases, Settings::default()),
        About {
            docs: "docs".to_owned(),
            base: "http://127.0.0.1:8080".to_owned(),
            curl: |case, base| Ok(format!("curl {base}{}", case.request.target)),
        },
    )
}

fn small() -> State {
    let get = example("GET /users/{id}", "HTTP/1.1 200 OK\n\n{\"name\": \"Ada\"}");
    let add = example("POST /users", "HTTP/1.1 201 Created");
    let item = example("GET /items", "HTTP/1.1 404 Not Found");
    state(&[("user.md", get + &add), ("item.md", item)])
}

#[track_caller]
fn get(state: &State, target: &str) -> String {
    let (path, query) = match target.split_once('?') {
        Some((path, query)) => (path, Some(query)),
        None => (target, None),
    };
    let response = reply(state, path, query).expect("a page");
    String::from_utf8(response.into_body().to_vec()).expect("UTF-8")
}

/// Checks which texts a page contains.
#[track_caller]
fn check(state: &State, target: &str, there: &[&str], not_there: &[&str]) {
    let text = get(state, target);
    for part in there {
        assert!(text.contains(part), "{target} lacks {part}:\n{text}");
    }
    for part in not_there {
        assert!(!text.contains(part), "{target} has {part}:\n{text}");
    }
}

fn record<'a>(target: &'a str, case: Option<&'a str>, notes: &'a [String]) -> Record<'a> {
    Record {
        at: SystemTime::UNIX_EPOCH + Duration::from_secs(3_723),
        method: "GET",
        target,
        status: if case.is_some() { 200 } else { 404 },
        case,
        notes,
        elapsed: Duration::from_micros(50),
    }
}

#[test]
fn lists_examples_by_page_with_hits() {
    let state = small();
    state.traffic.add(&record("/users/7", Some("user::1"), &[]));
    let there = [
        "<code>user.md</code>",
        "<code>item.md</code>",
        "href=\"/__docproof/case?id=user%3A%3A1\">/users/{id}</a>",
        "<b>1</b> hit<",
        "<b>0</b> hits",
        "line 2<",
        "data-copy=\"curl http://127.0.0.1:8080/users/{id}\"",
        "1–3 of 3",
        "say nothing about the service",
    ];
    check(&state, "/__docproof/", &there, &[]);
}

#[test]
fn search_matches_all_words() {
    let state = small();
    let check = |query: &str, there: &[&str], not_there: &[&str]| {
        check(&state, &format!("/__docproof/?q={query}"), there, not_there);
    };
    check(
        "USERS+201",
        &["POST", "value=\"USERS 201\""],
        &["{id}", "item.md"],
    );
    check("item.md:2", &["/items"], &["/users"]);
    check("get+users", &["{id}"], &["POST", "/items"]);
    check("nowhere", &["No example matches"], &["/users", "/items"]);
    // The words after the limit are not searched.
    check(
        &format!("users{}nowhere", "+".repeat(200)),
        &["/users"],
        &["/items"],
    );
    let part = get(&state, "/__docproof/?q=items&part=list");
    assert!(part.contains("/items") && !part.contains("<html"), "{part}");
}

#[test]
fn splits_the_origin_from_the_path() {
    let get = |target: &str| example(&format!("GET {target}"), "HTTP/1.1 200 OK");
    let state = state(&[(
        "a.md",
        get("https://a.example/users?b=c://d/e") + &get("/x?u=http://y/z") + &get("http://b"),
    )]);
    let there = [
        "<span class=\"origin\">https://a.example</span>/users?b=c://d/e</a>",
        ">/x?u=http://y/z</a>",
        ">http://b</a>",
    ];
    check(&state, "/__docproof/", &there, &[]);
}

#[test]
fn paginates_thousands_of_examples() {
    let many: String = (0..450)
        .map(|n| example(&format!("GET /things/{n}"), "HTTP/1.1 200 OK"))
        .collect();
    let state = state(&[("a.md", many)]);
    let first = ["/things/0<", "/things/199<", "1–200 of 450", "from=200"];
    check(&state, "/__docproof/", &first, &["/things/200<"]);
    let last = ["/things/400<", "401–450 of 450", "from=200"];
    check(&state, "/__docproof/?from=400", &last, &["from=450"]);
    check(&state, "/__docproof/?from=9999", &["1–200 of 450"], &[]);
}

#[test]
fn case_page_shows_the_documented_example() {
    let state = small();
    let there = [
        "GET /users/{id}\n",
        "docs/user.md:2",
        "200 OK\n\n{&#34;name&#34;: &#34;Ada&#34;}",
        "Prefer: case=&#34;user::1&#34;",
        "curl http://127.0.0.1:8080/users/{id}</pre>",
    ];
    check(
        &state,
        "/__docproof/case?id=user%3A%3A1",
        &there,
        &["/items"],
    );
}

#[test]
fn log_lists_requests_with_their_result() {
    let state = small();
    let notes = ["query parameter a: documented \"b\", got none".to_owned()];
    state.traffic.add(&record("/users/7", Some("user::1"), &[]));
    state
        .traffic
        .add(&record("/users/8", Some("user::1"), &notes));
    state.traffic.add(&record("/user", None, &notes));
    let there = [
        "01:02:03 UTC",
        "matched by <a href=\"/__docproof/case?id=user%3A%3A1\">user.md:2</a>",
        "entry warned",
        "no match",
        "documented &#34;b&#34;, got none",
        "0.05 ms",
        "data-last=\"3\"",
    ];
    check(&state, "/__docproof/log", &there, &[]);
    state.traffic.add(&Record {
        status: 415,
        ..record("/users/9", None, &[])
    });
    check(
        &state,
        "/__docproof/log?after=3",
        &["violates the documentation"],
        &[],
    );
    let late = "/__docproof/log?after=2";
    check(
        &state,
        late,
        &["data-number=\"3\""],
        &["data-number=\"2\"", "<html"],
    );
    // The browser's number is from an earlier server process.
    let other = "/__docproof/log?after=77";
    check(
        &state,
        other,
        &["data-number=\"3\"", "data-number=\"1\""],
        &[],
    );
    assert_eq!(get(&state, "/__docproof/log?after=4").trim(), "");
}

#[test]
fn escapes_text_of_pages_and_requests() {
    let request = format!("GET /a/{PLANTED}?b={PLANTED}\nX-Planted: {PLANTED}\n\n{PLANTED}");
    let response = format!("HTTP/1.1 200 {PLANTED}\nX-Planted: {PLANTED}\n\n{PLANTED}");
    let named = example(&request, &response).replace(
        "\"blockType\": \"request\"",
        &format!(
            "\"blockType\": \"request\", \"name\": {}",
            serde_json::json!("<script>planted=1</script>\"'")
        ),
    );
    let mut state = state(&[("<b onclick=planted=1>\"'.md", named)]);
    state.about.docs = PLANTED.to_owned();
    state.about.curl = |case, _| match case.response {
        Some(_) => Ok(PLANTED.to_owned()),
        None => Err(PLANTED.to_owned()),
    };
    let table = state.table();
    let id = table.cases()[0].id.as_str();
    assert!(id.contains("<script>"), "{id}");
    let notes = [PLANTED.to_owned()];
    for case in [Some(id), None] {
        state.traffic.add(&Record {
            method: PLANTED,
            ..record(PLANTED, case, &notes)
        });
    }
    state.set_stale(vec![
        Diagnostic::in_file(PLANTED, &PAGE_UNREADABLE, FILE_START, PLANTED).help(PLANTED),
    ]);
    let query = form_urlencoded::byte_serialize(PLANTED.as_bytes()).collect::<String>();
    let bare = STYLE.len() + SCRIPT.len();
    for target in [
        "/__docproof/".to_owned(),
        format!("/__docproof/?q={query}"),
        format!("/__docproof/?part=list&q=a&from={query}"),
        case_href(id),
        format!("/__docproof/case?id={query}"),
        format!("/__docproof/{PLANTED}"),
        "/__docproof/log".to_owned(),
        format!("/__docproof/log?after={query}"),
    ] {
        let text = get(&state, &target);
        let own = text.replace(SCRIPT, "").replace(STYLE, "");
        assert!(
            bare > 0 && own.matches("<script").count() <= 1,
            "{target}:\n{own}"
        );
        for harmful in ["<script>p", "<img", "<b ", "\"'>", "</textarea", "&amp;</"] {
            assert!(!own.contains(harmful), "{target} has {harmful}:\n{own}");
        }
    }
    // The text is escaped, not dropped.
    check(&state, "/__docproof/", &["&#60;script&#62;planted=1"], &[]);
    check(
        &state,
        "/__docproof/log",
        &["&#60;script&#62;planted=1"],
        &[],
    );
    check(
        &state,
        &case_href(id),
        &["&#60;img src=x onerror=planted=1&#62;&#38;amp;"],
        &[],
    );
}

#[test]
fn policy_permits_only_the_one_script() {
    let state = small();
    let response = reply(&state, "/__docproof/", None).expect("a page");
    let text = String::from_utf8(response.body().to_vec()).expect("UTF-8");
    let policy = response.headers()["content-security-policy"]
        .to_str()
        .expect("a text");
    assert!(policy.starts_with("default-src 'none'; "), "{policy}");
    assert!(policy.contains("frame-ancestors 'none'"), "{policy}");
    assert!(!policy.contains("unsafe"), "{policy}");
    for element in ["script", "style"] {
        let (_, rest) = text.split_once(&format!("<{element}>")).expect("one");
        let (inline, _) = rest.split_once(&format!("</{element}>")).expect("its end");
        let hash = STANDARD.encode(sha256(inline.as_bytes()));
        let source = format!("{element}-src 'sha256-{hash}'");
        assert!(policy.contains(&source), "{source} is not in {policy}");
    }
    assert_eq!(response.headers()["x-content-type-options"], "nosniff");
    assert_eq!(response.headers()["x-frame-options"], "DENY");
}

#[test]
fn responds_only_to_paths_of_the_pages() {
    let state = small();
    let status = |path| reply(&state, path, None).map(|response| response.status().as_u16());
    assert_eq!(status("/__docproof"), Some(308));
    assert_eq!(status("/__docproof/"), Some(200));
    assert_eq!(status("/__docproof/log"), Some(200));
    assert_eq!(status("/__docproof/case"), Some(404));
    assert_eq!(status("/__docproof/none"), Some(404));
    assert_eq!(status("/__docproofs"), None);
    assert_eq!(status("/users/7"), None);
}

#[test]
fn names_stale_pages_with_the_reason() {
    let state = small();
    state.set_stale(vec![
        Diagnostic::in_file("user.md", &PAGE_UNREADABLE, FILE_START, "it is gone")
            .help("put it back"),
    ]);
    let there = [
        "previous version of some pages",
        "docs/user.md:1",
        "it is gone",
        "put it back",
    ];
    check(&state, "/__docproof/", &there, &[]);
    state.set_stale(Vec::new());
    check(
        &state,
        "/__docproof/",
        &[],
        &["previous version of some pages"],
    );
}
