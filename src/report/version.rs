//! The version of JSON reports, which their last line carries.

use serde::Serialize;
use serde_json::Value;

use super::basics::json_line;

/// The version of the reports that docproof writes, and the only one it reads. It
/// changes when a reader of the old reports would misread the new ones.
const VERSION: u64 = 1;

#[derive(Serialize)]
struct Last<'a, S> {
    summary: &'a S,
    version: u64,
}

/// The last line of a JSON report: the summary and the version.
pub(super) fn summary_line(summary: &impl Serialize) -> String {
    json_line(&Last {
        summary,
        version: VERSION,
    })
}

/// The version of a report, if it is not one that can be read. A report without
/// a version was written before reports had one.
pub(super) fn unsupported(text: &str) -> Option<String> {
    let last = text.trim_end().lines().next_back()?;
    let last: Value = serde_json::from_str(last).ok()?;
    let version = last
        .get("version")
        .filter(|_| last.get("summary").is_some());
    let version = version?;
    (*version != VERSION).then(|| version.to_string())
}

/// The message about a version that cannot be read.
pub(super) fn message(version: &str) -> String {
    format!("report version {version} is not supported; this docproof reads version {VERSION}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(last: &str, expected: Option<&str>) {
        let text = format!("{{\"id\":\"a\",\"version\":9}}\n{last}\n");
        assert_eq!(unsupported(&text).as_deref(), expected, "{last}");
    }

    #[test]
    fn refuses_other_versions_only() {
        check(&summary_line(&1), None);
        check(r#"{"summary":{"version":"0.1.0"}}"#, None);
        check(r#"{"summary":{},"version":2}"#, Some("2"));
        check(r#"{"version":0,"summary":[]}"#, Some("0"));
        check(r#"{"summary":{},"version":"1"}"#, Some("\"1\""));
        check(r#"{"id":"b","version":9}"#, None);
        check("torn", None);
    }
}
