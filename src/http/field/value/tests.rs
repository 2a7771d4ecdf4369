//! A pair of values for each row of the table: one that conforms and one that does
//! not.

use proptest::prelude::*;

use super::super::table::{OTHERS, ROWS};
use super::*;

#[track_caller]
fn check(policy: Policy, name: &str, documented: &str, observed: &str, expected: bool) {
    let found = conforms(name, policy, &[documented], &[observed]);
    assert_eq!(
        found,
        expected,
        "{}: {name}: {documented} ~ {observed}",
        policy.name()
    );
}

/// A field of each row, with a documented value, an equal and a different one.
#[rustfmt::skip]
const EXACT: &[(&str, &str, &str, &str)] = &[
    ("Accept", "text/html, a/b;q=0.5;v=1", "A/b; v=1 ;q=0.5,text/html", "text/html"),
    ("Accept-CH", "DPR, Width", "width,dpr", "DPR"),
    ("Accept-Charset", "utf-8, a;q=0.5", "A; Q=0.5, UTF-8", "utf-8, a;q=0.6"),
    ("Accept-Encoding", "gzip, br", "BR,gzip", "gzip"),
    ("Accept-Language", "en, de;q=0.5", "de; q=0.5,EN", "en, de"),
    ("Accept-Patch", "application/json, text/plain", "text/plain,Application/JSON", "text/plain"),
    ("Accept-Post", "text/turtle, */*", "*/*,text/turtle", "text/turtle"),
    ("Accept-Ranges", "bytes", "Bytes", "none"),
    ("Access-Control-Allow-Credentials", "true", "true", "false"),
    ("Access-Control-Allow-Headers", "Content-Type, X-A", "x-a,content-type", "X-A"),
    ("Access-Control-Allow-Methods", "GET, PUT", "PUT,GET", "GET, put"),
    ("Access-Control-Allow-Origin", "https://a.example", "https://A.example", "https://b.example"),
    ("Access-Control-Expose-Headers", "ETag, Link", "link, etag", "ETag"),
    ("Access-Control-Max-Age", "600", "0600", "60"),
    ("Age", "12", "012", "13"),
    ("Allow", "GET, HEAD, PUT", "PUT,  GET,HEAD", "GET, HEAD"),
    ("Alt-Svc", "h3=\":443\"; ma=60, h2=\":443\"", "h3=\":443\";ma=60,h2=\":443\"", "h2=\":443\", h3=\":443\"; ma=60"),
    ("Authentication-Info", "qop=auth, nc=1", "nc=\"1\",QOP=auth", "qop=auth, nc=2"),
    ("Cache-Control", "no-store, max-age=\"60\"", "Max-Age=60,no-store", "no-store, max-age=61"),
    ("Cache-Control", "private=\"X-A, X-B\"", "private=\"x-b,x-a\"", "private=\"X-A\""),
    ("Cache-Status", "a; hit, b; fwd=miss", "a;hit,b;fwd=miss", "b; fwd=miss, a; hit"),
    ("CDN-Cache-Control", "max-age=60, public", "public, max-age=60", "max-age=60"),
    ("CF-Ray", "230b030023ae2822-SJC", "230b030023ae2822-SJC", "230b030023ae2822-FRA"),
    ("Clear-Site-Data", "\"cache\", \"cookies\"", "\"cookies\",\"cache\"", "\"cache\""),
    ("Content-Digest", "a=:YQ==:, b=:Yg==:", "b=:Yg==:,a=:YQ==:", "a=:YQ==:"),
    ("Content-Disposition", "attachment; filename=a.txt; x=1", "Attachment; X=1; filename=\"a.txt\"", "attachment; filename=A.txt; x=1"),
    ("Content-Encoding", "gzip, br", "GZIP,br", "br, gzip"),
    ("Content-Language", "en, de", "DE,en", "en"),
    ("Content-Location", "https://a.example/b", "HTTPS://A.example:443/b", "https://a.example/B"),
    ("Content-Range", "bytes 0-9/20", "Bytes  0-9/20", "bytes 0-8/20"),
    ("Content-Security-Policy", "default-src 'self' a.example; img-src *", "IMG-SRC *; default-src a.example 'self'", "default-src 'self'; img-src *"),
    ("Content-Security-Policy-Report-Only", "a b c; d", "d; a c b", "a b; d"),
    ("Content-Type", "a/b; c=d; charset=UTF-8", "A/B;charset=utf-8;c=\"d\"", "a/b; c=d; charset=UTF-8; e=f"),
    ("Correlation-Id", "a", "a", "b"),
    ("Date", "Sun, 06 Nov 1994 08:49:37 GMT", "Sun Nov  6 08:49:37 1994", "Sun, 06 Nov 1994 08:49:38 GMT"),
    ("Digest", "SHA=a=, md5=b=", "md5=b=,sha=a=", "sha=a="),
    ("ETag", "W/\"a\"", "\"a\"", "W/\"b\""),
    ("ETag", "\"a\"", "\"a\"", "W/\"a\""),
    ("Expires", "Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT", "0"),
    ("Host", "a", "a", "b"),
    ("Last-Modified", "Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT", "Mon, 07 Nov 1994 08:49:37 GMT"),
    ("Link", "<https://a.example/?b=1,2>; rel=\"next last\"; title=t, </c>; rel=prev", "</c>;rel=\"Prev\", <https://a.example/?b=1,2>; title=\"t\"; rel=\"last next\"", "<https://a.example/?b=1,3>; rel=\"next last\"; title=t, </c>; rel=prev"),
    ("Location", "https://a.example", "https://a.example/", "http://a.example/"),
    ("Operation-Location", "/a", "/a", "/b"),
    ("Permissions-Policy", "a=(), b=(self)", "b=(self),a=()", "a=()"),
    ("Pragma", "no-cache", "No-Cache", "x"),
    ("Preference-Applied", "a=\"b c\", respond-async", "Respond-Async,a=\"b c\"", "a=\"b\", respond-async"),
    ("Preference-Applied", "a=b", "a=\"b\"", "a=c"),
    ("Proxy-Authenticate", "Basic realm=\"a\"", "basic realm=a", "Basic realm=\"b\""),
    ("Proxy-Authentication-Info", "a=b, c=d", "c=d, a=b", "a=b"),
    ("Proxy-Status", "a; error=x, b", "a;error=\"x\",b", "b, a; error=x"),
    ("RateLimit", "\"default\";r=50;t=30", "\"default\";r=50;t=30", "\"default\";r=49;t=30"),
    ("Referrer-Policy", "no-referrer, origin", "No-Referrer,origin", "origin, no-referrer"),
    ("Repr-Digest", "a=:YQ==:, b=:Yg==:", "b=:Yg==:,a=:YQ==:", "a=:YQ==:, b=:Yz==:"),
    ("Request-Id", "a", "a", "A"),
    ("Retry-After", "Sun, 06 Nov 1994 08:49:37 GMT", "Sun Nov  6 08:49:37 1994", "120"),
    ("Server", "a/1", "a/1", "a/2"),
    ("Server-Timing", "db;dur=53, app;desc=\"a b\"", "app;desc=\"a b\", db; dur=53", "db;dur=54, app;desc=\"a b\""),
    ("Set-Cookie", "a=b; Path=/; HttpOnly", "a=b; httponly; path=/", "a=c; Path=/; HttpOnly"),
    ("Strict-Transport-Security", "max-age=60; includeSubDomains", "INCLUDESUBDOMAINS;max-age=\"60\"", "max-age=60"),
    ("Sunset", "Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:38 GMT"),
    ("Timing-Allow-Origin", "https://a.example, *", "*,https://a.example", "*"),
    ("Trace-Id", "a", "a", "b"),
    ("Traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00"),
    ("Tracestate", "a=1,b=2", "a=1, b=2", "b=2,a=1"),
    ("Vary", "Accept, Origin", "origin,ACCEPT", "Accept"),
    ("Via", "1.1 a, 1.0 b", "1.1 A,1.0 b", "1.0 b, 1.1 a"),
    ("WWW-Authenticate", "Bearer realm=\"a\", error=x, Basic realm=b", "BASIC realm=\"b\", bearer error=\"x\",Realm=a", "Bearer realm=\"a\", error=y, Basic realm=b"),
    ("X-Content-Type-Options", "nosniff", "NoSniff", "sniff"),
    ("X-Frame-Options", "DENY", "deny", "SAMEORIGIN"),
    ("X-Response-Time", "12ms", "12ms", "13ms"),
    ("X-Runtime", "0.1", "0.1", "0.2"),
    ("X-XSS-Protection", "1; mode=block", "1;Mode=block", "0"),
    ("X-Correlation-Id", "a", "a", "b"),
    ("X-Request-Id", "a", "a", "b"),
    ("X-Amzn-RequestId", "a", "a", "b"),
    ("X-B3-Trace-Id", "a", "a", "b"),
    ("X-B3-TraceId", "a", "a", "b"),
    ("RateLimit-Limit", "100, 100;w=60", "100,100;w=60", "100, 99;w=60"),
    ("X-Amz-Id-2", "a", "a", "b"),
    ("X-Amzn-Trace-Id2", "Root=1-a-b", "Root=1-a-b", "Root=1-a-c"),
    ("X-RateLimit-Reset", "1372700873", "1372700873", "1372700874"),
    ("X-Rate-Limit-Limit", "5", "5", "6"),
    ("docproof-case", "a", "a", "b"),
    ("X-Other", "repo, user", "repo,user", "user, repo"),
    ("X-Other", "a", "a", "A"),
];

#[test]
fn exact_compares_values_as_their_specifications_do() {
    for (name, documented, equal, different) in EXACT {
        check(Policy::Exact, name, documented, documented, true);
        check(Policy::Exact, name, documented, equal, true);
        check(Policy::Exact, name, documented, different, false);
        check(Policy::Exact, name, documented, "", false);
    }
}

const DATE: &str = "Sun, 06 Nov 1994 08:49:37 GMT";
const OTHER_DATE: &str = "Monday, 31-Dec-29 23:59:59 GMT";
const UUID: &str = "00ff00ff-00ff-00ff-00ff-00ff00ff00ff";
const OTHER_UUID: &str = "5e0b2bb1-fb7d-4b4b-9a8f-5e4f2b4f9a11";
const TRACE: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
const OTHER_TRACE: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00";

/// A field of each row that is `form` by default, with a documented value, one of
/// the same form and one of another.
#[rustfmt::skip]
const FORM: &[(&str, &str, &str, &str)] = &[
    ("Age", "12", "86400", "soon"),
    ("Age", "12", "0", DATE),
    ("Authentication-Info", "nextnonce=\"a\", qop=auth", "qop=auth, nextnonce=\"b\", nc=1", "qop=auth"),
    ("Cache-Status", "a; hit", "b; fwd=miss, c; hit", ""),
    ("CF-Ray", "230b030023ae2822-SJC", "7d0a030023ae2899-FRA", "not known"),
    ("Content-Digest", "sha-256=:YQ==:", "sha-256=:Yg==:", "sha-512=:YQ==:"),
    ("Content-Range", "bytes 0-1023/2048", "bytes 5-9/*", "bytes */2048"),
    ("Content-Range", "bytes 0-1023/2048", "bytes 5-9/10", "5-9"),
    ("Content-Range", "bytes */2048", "bytes */7", "items 0-9/10"),
    ("Correlation-Id", UUID, OTHER_UUID, "7"),
    ("Digest", "SHA-256=a=", "sha-256=b=", "md5=a="),
    ("ETag", "\"a\"", "W/\"b\"", "b"),
    ("ETag", "W/\"a\"", "\"\"", "7"),
    ("Expires", DATE, OTHER_DATE, "0"),
    ("Expires", "0", "-1", "soon"),
    ("Expires", "-1", DATE, "now or never"),
    ("Last-Modified", DATE, OTHER_DATE, "1372700873"),
    ("Last-Modified", DATE, OTHER_DATE, "1994-11-06T08:49:37Z"),
    ("Last-Modified", "1994-11-06T08:49:37Z", "2026-01-01T00:00:00.5+01:00", "7"),
    ("Last-Modified", "the date", DATE, ""),
    ("Link", "<https://a.example/?page=2>; rel=\"next\"", "</b?page=7>; rel=prev, </c>; rel=\"first\"; title=x", "https://a.example/?page=7"),
    ("Link", "<https://a.example/?page=2>; rel=\"next\"", "</b>;rel=next", "</b>"),
    ("Link", "<https://a.example/?page=2>; rel=\"next\"", "</b>;rel=next", "<>; rel=next"),
    ("Proxy-Authenticate", "Basic realm=\"a\"", "basic realm=\"b\", charset=\"UTF-8\"", "Basic"),
    ("Proxy-Authentication-Info", "a=b", "a=c", "b=b"),
    ("Proxy-Status", "a; error=x", "b", ""),
    ("RateLimit", "\"default\";r=50;t=30", "\"burst\";r=1;t=3", "50, 30 of it"),
    ("Repr-Digest", "sha-256=:YQ==:", "sha-256=:Yg==:", "7"),
    ("Request-Id", UUID, OTHER_UUID, "abc"),
    ("Client-Request-Id", "abc", OTHER_UUID, "not an id"),
    ("Retry-After", "120", "5", DATE),
    ("Retry-After", DATE, OTHER_DATE, "5"),
    ("Server-Timing", "db;dur=53", "app;desc=\"a b\";dur=1, cache", ""),
    ("Strict-Transport-Security", "max-age=31536000", "includeSubDomains; max-age=\"600\"", "max-age=forever"),
    ("Strict-Transport-Security", "max-age=60; includeSubDomains", "max-age=7; INCLUDESUBDOMAINS", "max-age=7"),
    ("Trace-Id", "a", "7", "a b"),
    ("Traceparent", TRACE, OTHER_TRACE, "00-4bf92f3577b34da6a3ce929d0e0e4736"),
    ("Traceparent", TRACE, OTHER_TRACE, UUID),
    ("Tracestate", "a=1", "b=2,c=3", "a b"),
    ("Via", "1.1 vegur", "1.1 varnish (a/b), HTTP/2.0 c", ""),
    ("WWW-Authenticate", "Bearer realm=\"a\",service=b", "Basic realm=x, bearer service=\"c\", realm=\"d\", error=e", "Bearer realm=\"a\""),
    ("WWW-Authenticate", "Bearer", "Bearer error=\"x\"", "Basic realm=\"x\""),
    ("WWW-Authenticate", "Negotiate YII=", "negotiate abc==", "Negotiate"),
    ("X-Response-Time", "12ms", "7ms", "not measured"),
    ("X-Runtime", "0.108688", "12", "slow"),
    ("X-Correlation-Id", UUID, OTHER_UUID, "7"),
    ("X-Request-Id", "8C6E:1F2A", "7", "8C6E, 1F2A"),
    ("X-Amzn-RequestId", UUID, OTHER_UUID, "x"),
    ("X-B3-Trace-Id", "463ac35c9f6413ad", "7d0a", "a b"),
    ("X-B3-TraceId", "463ac35c9f6413ad", "7d0a", "a b"),
    ("RateLimit-Reset", "50", "7", "soon"),
    ("RateLimit-Limit", "100, 100;w=60", "50, 50;w=1", "fifty"),
    ("X-Amz-Id-2", "eftixk72aD6Ap51TnqcoF8eFidJG9Z/2mkiDFu8yU9AS1ed4OpIszj7UDNEHGran", "abc=", "a b"),
    ("X-Amz-Expires", "7", "60", DATE),
    ("X-Amzn-Trace-Id2", "Root=1-a-b", "Root=1-c-d", "a b"),
    ("X-RateLimit-Remaining", "42", "0", "none"),
    ("X-RateLimit-Reset", DATE, OTHER_DATE, "60"),
    ("X-RateLimit-Reset", "60", "59", DATE),
    ("X-Rate-Limit-Limit", "5", "6", "six"),
];

#[test]
fn form_compares_the_form_of_values() {
    for (name, documented, fitting, other) in FORM {
        check(Policy::Form, name, documented, documented, true);
        check(Policy::Form, name, documented, fitting, true);
        check(Policy::Form, name, documented, other, false);
        check(Policy::Form, name, documented, "", false);
    }
}

#[test]
fn each_row_has_a_test() {
    for row in ROWS {
        let has = |tests: &[(&str, &str, &str, &str)]| {
            tests
                .iter()
                .any(|(name, ..)| std::ptr::eq(Row::of(name), row))
        };
        assert!(has(EXACT), "{}", row.name);
        assert!(row.policy != Policy::Form || has(FORM), "{}", row.name);
    }
}

#[test]
fn combines_field_lines() {
    let check = |name: &str, documented: &[&str], observed: &[&str], expected: bool| {
        let found = conforms(name, Policy::Exact, documented, observed);
        assert_eq!(found, expected, "{name}: {documented:?} ~ {observed:?}");
    };
    check("Vary", &["Accept", "Origin"], &["origin, accept"], true);
    check("Vary", &["Accept, Origin"], &["Origin", "", "Accept"], true);
    check("Vary", &["Accept", "Origin"], &["Accept"], false);
    check(
        "Set-Cookie",
        &["a=1", "b=2; Path=/"],
        &["b=2; path=/", "a=1"],
        true,
    );
    check("Set-Cookie", &["a=1", "b=2"], &["a=1"], false);
    check(
        "Set-Cookie",
        &["a=1; Expires=Sun, 06 Nov 1994 08:49:37 GMT"],
        &["a=1"],
        false,
    );
}

#[test]
fn form_compares_the_names_of_cookies() {
    let check = |documented, observed, expected| {
        check(Policy::Form, "Set-Cookie", documented, observed, expected);
    };
    check(
        "sid=a; Path=/; HttpOnly",
        "sid=b; httponly; Path=/x; Secure",
        true,
    );
    check("sid=a; Path=/; HttpOnly", "sid=b; Path=/", false);
    check("sid=a", "other=a", false);
}

#[test]
fn placeholders_stand_for_any_text_under_each_policy() {
    for policy in Policy::ALL {
        for name in [
            "X-A",
            "Last-Modified",
            "Link",
            "ETag",
            "WWW-Authenticate",
            "Content-Type",
        ] {
            for documented in ["{any}", "<any>", "{…}", "..."] {
                check(policy, name, documented, "a b, c", true);
            }
        }
    }
    let exact = |name, documented, observed, expected| {
        check(Policy::Exact, name, documented, observed, expected);
    };
    exact(
        "Location",
        "https://a.example/{id}",
        "https://a.example/7",
        true,
    );
    exact(
        "Location",
        "https://a.example/{id}",
        "https://b.example/7",
        false,
    );
    exact(
        "Location",
        "https://a.example/34FF...",
        "https://a.example/34FF49D6",
        true,
    );
    exact("ETag", "W/\"{tag}\"", "\"a\"", true);
    exact("ETag", "W/\"{tag}\"", "a", false);
    exact("Vary", "Accept, {other}", "Origin, accept", true);
    exact("Vary", "Accept, {other}", "Origin", false);
    exact("Vary", "Accept, {other}", "Origin, Accept, Cookie", false);
    exact("Vary", "Accept, ...", "Origin, Accept, Cookie", true);
    exact("Vary", "Accept, ...", "Origin, Cookie", false);
    exact(
        "Cache-Control",
        "max-age={seconds}, public",
        "public, max-age=7",
        true,
    );
    exact(
        "Cache-Control",
        "max-age={seconds}",
        "max-age=7, public",
        false,
    );
    exact(
        "Link",
        "<https://a.example/?page={n}>; rel=\"next\"",
        "<https://a.example/?page=2>; rel=next",
        true,
    );
    exact(
        "Link",
        "<https://a.example/?page={n}>; rel=\"next\"",
        "<https://b.example/?page=2>; rel=next",
        false,
    );
    exact(
        "Link",
        "<url>; rel=\"next\"",
        "<https://a.example/>; rel=next",
        true,
    );
    exact(
        "WWW-Authenticate",
        "Bearer realm=\"{realm}\"",
        "Bearer realm=\"a\"",
        true,
    );
    exact(
        "WWW-Authenticate",
        "Bearer <parameters>",
        "Bearer realm=\"a\", error=\"b\"",
        true,
    );
    exact(
        "WWW-Authenticate",
        "Bearer <parameters>",
        "Basic realm=\"a\"",
        false,
    );
    exact(
        "Content-Disposition",
        "attachment; filename=\"{name}\"",
        "attachment; filename=a.txt",
        true,
    );
    exact("X-Range", "bytes {first}-{last}", "bytes 0-9", true);
    let form = |name, documented, observed, expected| {
        check(Policy::Form, name, documented, observed, expected);
    };
    form(
        "Strict-Transport-Security",
        "max-age={seconds}",
        "max-age=7",
        true,
    );
    form(
        "Strict-Transport-Security",
        "max-age={seconds}",
        "includeSubDomains",
        false,
    );
    form("Last-Modified", "{day}, {date} GMT", DATE, true);
    form(
        "WWW-Authenticate",
        "Bearer <token>",
        "Bearer realm=\"a\"",
        true,
    );
    form(
        "WWW-Authenticate",
        "Bearer <token>",
        "Basic realm=\"a\"",
        false,
    );
    form(
        "RateLimit-Limit",
        "{limit}, {limit};w=60",
        "50, 50;w=60",
        true,
    );
}

#[test]
fn compares_many_items() {
    let long = "a{b}, ".repeat(2_000);
    let other = "<a;b=\"{c}, ".repeat(2_000);
    let mut known = Vec::new();
    for row in ROWS.iter().filter(|row| row.policy != Policy::Ignore) {
        if known.contains(&row.syntax) {
            continue;
        }
        known.push(row.syntax);
        for policy in [Policy::Exact, Policy::Form] {
            check(policy, row.name, &long, &long, true);
            check(policy, row.name, &long, "", false);
            conforms(row.name, policy, &[&long], &[&other]);
            conforms(row.name, policy, &[&other], &[&long]);
        }
    }
}

proptest! {
    /// A service that sends what the page documents conforms, whatever text it has
    /// for the placeholders.
    #[test]
    fn documented_values_conform(
        row in prop::sample::select(ROWS.iter().chain([&OTHERS]).collect::<Vec<_>>()),
        pieces in prop::collection::vec(
            prop_oneof![
                prop::sample::select(vec![
                    "a", "B", "7", "max-age=", "/", ", ", ",", "; ", ";", "=", "\"", " ", "W/", "<",
                    ">", "https://a.example/", "\\", "rel", "{\"a\"}", "<https://a/>", "é",
                ])
                .prop_map(|text| (text, text)),
                prop::sample::select(vec!["{a}", "<the value>", "...", "…", "{…}"])
                    .prop_map(|text| (text, "x7")),
            ],
            0..9,
        ),
    ) {
        let join = |filled: bool| -> String {
            let pieces = pieces.iter().map(|(text, with)| if filled { *with } else { *text });
            pieces.collect::<String>().trim().to_owned()
        };
        let (documented, filled) = (join(false), join(true));
        for policy in Policy::ALL {
            prop_assert!(conforms(row.name, policy, &[&documented], &[&documented]));
            prop_assert!(
                conforms(row.name, policy, &[&documented], &[&filled]),
                "{} {policy:?}: {documented} ~ {filled}",
                row.name
            );
        }
    }
}
