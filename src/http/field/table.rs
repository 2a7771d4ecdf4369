//! The table of response header fields: how each is compared, and where its
//! syntax is specified.

use super::policy::Policy::{self, Exact, Form, Ignore, Present};
use super::syntax::Item::{CasedWord, Link, MediaRange, Parameters, Source, Word};
use super::syntax::Syntax::{
    self, Challenges, Cookies, Date, Delay, Directives, EntityTag, Id, Like, List, MediaType,
    Number, Range, Set, Text, TraceParent, Url,
};
use crate::http::message::FRAMING;

/// A header field, or several.
#[derive(Debug)]
pub(crate) struct Row {
    /// The name, or a pattern with one `*`.
    pub name: &'static str,
    /// The default policy.
    pub policy: Policy,
    /// What the value is.
    pub syntax: Syntax,
    /// The specification.
    pub source: &'static str,
}

/// The table. A name precedes a pattern, and a longer pattern a shorter one.
#[rustfmt::skip]
pub(crate) static ROWS: &[Row] = &[
    row("Accept", Exact, Set(MediaRange), "RFC 9110, 12.5.1"),
    row("Accept-CH", Exact, Set(Word), "RFC 8942, 3.1"),
    row("Accept-Charset", Exact, Set(Parameters), "RFC 9110, 12.5.2"),
    row("Accept-Encoding", Exact, Set(Parameters), "RFC 9110, 12.5.3"),
    row("Accept-Language", Exact, Set(Parameters), "RFC 9110, 12.5.4"),
    row("Accept-Patch", Exact, Set(MediaRange), "RFC 5789, 3.1"),
    row("Accept-Post", Exact, Set(MediaRange), "LDP 1.0, 7.1"),
    row("Accept-Ranges", Exact, Set(Word), "RFC 9110, 14.3"),
    row("Access-Control-Allow-Credentials", Exact, Text, "Fetch, 3.3.3"),
    row("Access-Control-Allow-Headers", Exact, Set(Word), "Fetch, 3.3.3"),
    row("Access-Control-Allow-Methods", Exact, Set(CasedWord), "Fetch, 3.3.3"),
    row("Access-Control-Allow-Origin", Exact, Url, "Fetch, 3.3.3"),
    row("Access-Control-Expose-Headers", Exact, Set(Word), "Fetch, 3.3.3"),
    row("Access-Control-Max-Age", Exact, Number, "Fetch, 3.3.3"),
    row("Age", Form, Number, "RFC 9111, 5.1"),
    row("Allow", Exact, Set(CasedWord), "RFC 9110, 10.2.1"),
    row("Alt-Svc", Exact, List(Parameters), "RFC 7838, 3"),
    row("Authentication-Info", Form, Directives(b','), "RFC 9110, 11.6.3"),
    row("Cache-Control", Exact, Directives(b','), "RFC 9111, 5.2"),
    row("Cache-Status", Form, List(Parameters), "RFC 9211, 2"),
    row("CDN-Cache-Control", Exact, Directives(b','), "RFC 9213, 3.1"),
    row("CF-Ray", Form, Id, ""),
    row("Clear-Site-Data", Exact, Set(Word), "Clear Site Data, 3.1"),
    row("Content-Digest", Form, Directives(b','), "RFC 9530, 2"),
    row("Content-Disposition", Exact, List(Parameters), "RFC 6266, 4.1"),
    row("Content-Encoding", Exact, List(Word), "RFC 9110, 8.4"),
    row("Content-Language", Exact, Set(Word), "RFC 9110, 8.5"),
    row("Content-Location", Present, Url, "RFC 9110, 8.7"),
    row("Content-Range", Form, Range, "RFC 9110, 14.4"),
    row("Content-Security-Policy", Exact, Set(Source), "CSP 3, 3.1"),
    row("Content-Security-Policy-Report-Only", Exact, Set(Source), "CSP 3, 3.2"),
    row("Content-Type", Policy::MediaType, MediaType, "RFC 9110, 8.3"),
    row("Correlation-Id", Form, Id, ""),
    row("Date", Ignore, Date, "RFC 9110, 6.6.1"),
    row("Digest", Form, Directives(b','), "RFC 3230, 4.3.2"),
    row("ETag", Form, EntityTag, "RFC 9110, 8.8.3"),
    row("Expires", Form, Date, "RFC 9111, 5.3"),
    row("Host", Ignore, Text, "RFC 9110, 7.2"),
    row("Last-Modified", Form, Date, "RFC 9110, 8.8.2"),
    row("Link", Form, Set(Link), "RFC 8288, 3"),
    row("Location", Present, Url, "RFC 9110, 10.2.2"),
    row("Operation-Location", Present, Url, ""),
    row("Permissions-Policy", Exact, Directives(b','), "Permissions Policy, 5.2"),
    row("Pragma", Exact, Directives(b','), "RFC 9111, 5.4"),
    row("Preference-Applied", Exact, Set(Parameters), "RFC 7240, 3"),
    row("Proxy-Authenticate", Form, Challenges, "RFC 9110, 11.7.1"),
    row("Proxy-Authentication-Info", Form, Directives(b','), "RFC 9110, 11.7.3"),
    row("Proxy-Status", Form, List(Parameters), "RFC 9209, 2"),
    row("RateLimit", Form, Like, "draft-ietf-httpapi-ratelimit-headers"),
    row("Referrer-Policy", Exact, List(Word), "Referrer Policy, 4.1"),
    row("Repr-Digest", Form, Directives(b','), "RFC 9530, 3"),
    row("Request-Id", Form, Id, ""),
    row("Retry-After", Form, Delay, "RFC 9110, 10.2.3"),
    row("Server", Ignore, Text, "RFC 9110, 10.2.4"),
    row("Server-Timing", Form, Set(Parameters), "Server Timing, 3"),
    row("Set-Cookie", Present, Cookies, "RFC 6265, 4.1"),
    row("Strict-Transport-Security", Form, Directives(b';'), "RFC 6797, 6.1"),
    row("Sunset", Exact, Date, "RFC 8594, 3"),
    row("Timing-Allow-Origin", Exact, Set(CasedWord), "Resource Timing, 3.5.2"),
    row("Trace-Id", Form, Id, ""),
    row("Traceparent", Form, TraceParent, "Trace Context, 3.2"),
    row("Tracestate", Form, List(Parameters), "Trace Context, 3.3"),
    row("Vary", Exact, Set(Word), "RFC 9110, 12.5.5"),
    row("Via", Form, List(Word), "RFC 9110, 7.6.3"),
    row("WWW-Authenticate", Form, Challenges, "RFC 9110, 11.6.1"),
    row("X-Content-Type-Options", Exact, List(Word), "Fetch, 3.6"),
    row("X-Frame-Options", Exact, List(Word), "RFC 7034, 2.1"),
    row("X-Response-Time", Form, Like, ""),
    row("X-Runtime", Form, Like, ""),
    row("X-XSS-Protection", Exact, Directives(b';'), ""),
    row("*-Correlation-Id", Form, Id, ""),
    row("*-Request-Id", Form, Id, ""),
    row("*-RequestId", Form, Id, ""),
    row("*-Trace-Id", Form, Id, ""),
    row("*-TraceId", Form, Id, ""),
    row("RateLimit-*", Form, Like, "draft-ietf-httpapi-ratelimit-headers"),
    row("X-Amz-*", Form, Like, ""),
    row("X-Amzn-*", Form, Like, ""),
    row("X-RateLimit-*", Form, Like, ""),
    row("X-Rate-Limit-*", Form, Like, ""),
    // The mock adds these; pages do not document them.
    row("docproof-*", Ignore, Text, ""),
];

/// All other fields.
pub(crate) const OTHERS: Row = row("*", Exact, Text, "RFC 9110, 5.5");

const fn row(name: &'static str, policy: Policy, syntax: Syntax, source: &'static str) -> Row {
    Row {
        name,
        policy,
        syntax,
        source,
    }
}

impl Row {
    /// The row of a field name.
    pub(crate) fn of(name: &str) -> &'static Self {
        let fitting = ROWS.iter().filter(|row| row.includes(name));
        // Patterns are shorter than the names that they include, but for the star.
        let best = fitting.max_by_key(|row| (!row.name.contains('*'), row.name.len()));
        best.unwrap_or(&OTHERS)
    }

    fn includes(&self, name: &str) -> bool {
        let Some((start, end)) = self.name.split_once('*') else {
            return self.name.eq_ignore_ascii_case(name);
        };
        let tail = name.len().checked_sub(end.len());
        let is_at = |part: Option<&str>, literal: &str| {
            part.is_some_and(|part| part.eq_ignore_ascii_case(literal))
        };
        is_at(name.get(..start.len()), start)
            && tail.is_some_and(|tail| tail >= start.len() && is_at(name.get(tail..), end))
    }
}

const INTRODUCTION: &str = "\
# headers

How the documented header fields of a response are compared. `[headers]` of
`docproof.toml` sets other policies.

- `exact`: the same value. What has no meaning is ignored: the order of a set,
  white space around separators, quotes, the case of words without case, and
  whether a list is sent in one field line or in several. Dates, numbers and
  URLs may be written in another form. A documented weak entity tag is compared
  by weak comparison (RFC 9110, 8.8.3.2).
- `form`: a value of the same form: a date for a date, a number for a number, a
  UUID for a UUID, an entity tag, a URL, a word for a word, or a list of such.
  Challenges have each documented scheme with its parameters; directives each
  documented name. Their values may differ.
- `media-type`: the same type, subtype and documented parameters. A boundary is
  not compared.
- `present`: any value.
- `ignore`: not compared.

Under each policy, a documented `{...}`, `<...>` or ellipsis stands for any text:
`https://a.example/items/{id}`, `Bearer <token>`.
";

/// The table as a Markdown page.
pub(crate) fn explanation() -> String {
    let head = ["header field", "policy", "value", "specification"].map(str::to_owned);
    let others = [&OTHERS];
    let lines = ROWS.iter().chain(others).map(|row| {
        let name = match row.name {
            "*" => "all others".to_owned(),
            name => format!("`{name}`"),
        };
        let policy = format!("`{}`", row.policy.name());
        let source = match row.source {
            "" => "none",
            source => source,
        };
        [name, policy, row.syntax.describe(), source.to_owned()]
    });
    let lines: Vec<[String; 4]> = std::iter::once(head).chain(lines).collect();
    let widths: [usize; 4] = std::array::from_fn(|column| {
        let lengths = lines.iter().map(|line| line[column].chars().count());
        lengths.max().unwrap_or_default()
    });
    let mut text = format!("{INTRODUCTION}\n");
    for (at, line) in lines.iter().enumerate() {
        for (cell, width) in line.iter().zip(widths) {
            text += &format!("| {cell:width$} ");
        }
        text += "|\n";
        if at == 0 {
            for width in widths {
                text += &format!("|{}", "-".repeat(width + 2));
            }
            text += "|\n";
        }
    }
    let framing: Vec<String> = FRAMING.iter().map(|name| format!("`{name}`")).collect();
    text + "\nFields of the connection and of framing are ignored: " + &framing.join(", ") + ".\n"
}
