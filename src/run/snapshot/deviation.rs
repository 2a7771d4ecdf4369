//! Known deviations: the service's response does not match the page, and that
//! was accepted, with a reason and optionally an end date. Each is a YAML file
//! beside the accepted snapshot.

use std::io;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::Offset;
use serde::{Deserialize, Serialize};

use super::folder::{SnapshotError, SnapshotFile, names};
use crate::page::yaml::{self, YamlError};
use crate::text::files;
use crate::text::finding::{Diagnostic, FILE_START, help_for_unknown_key};
use crate::text::rules::DEVIATION_SYNTAX;
use crate::text::source::Position;

/// A calendar day.
pub(crate) type Day = Date;

/// An accepted deviation of the service from its page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deviation {
    /// Why it is accepted.
    pub reason: String,
    /// The last day on which it applies, if it has an end.
    pub until: Option<Day>,
}

impl Deviation {
    /// Returns the last day, if it is before `today`.
    pub fn ended(&self, today: Day) -> Option<Day> {
        self.until.filter(|until| *until < today)
    }
}

/// The suffix that replaces `.snap` in the file name.
const SUFFIX: &str = ".deviation.yaml";

/// The version of the file format.
const VERSION: u32 = 1;

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields, expecting = "a deviation")]
struct DeviationFile {
    version: u32,
    case: String,
    reason: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    until: Option<String>,
}

/// Reads the deviation beside the snapshot of a case. If the file is invalid,
/// returns a finding and no deviation.
pub(crate) fn deviation(
    snapshot: &Path,
    id: &str,
) -> Result<(Option<Deviation>, Option<Diagnostic>), SnapshotError> {
    let path = deviation_path(snapshot);
    let Some(read) = load(&path)? else {
        return Ok((None, None));
    };
    Ok(match read {
        Ok((case, deviation)) if case == id => (Some(deviation), None),
        Ok((case, _)) => {
            let message =
                format!("this deviation is for `{case}`, but its file name is for `{id}`");
            let finding = finding(&path, FILE_START, message, None);
            (None, Some(*finding))
        }
        Err(finding) => (None, Some(*finding)),
    })
}

/// Writes a deviation beside the snapshot of a case.
pub(crate) fn deviate(
    snapshot: &Path,
    id: &str,
    deviation: &Deviation,
) -> Result<(), SnapshotError> {
    let file = DeviationFile {
        version: VERSION,
        case: id.to_owned(),
        reason: deviation.reason.clone(),
        until: deviation.until.map(|until| until.to_string()),
    };
    let text = yaml::write(&file);
    let path = deviation_path(snapshot);
    files::write(&path, &text).map_err(|error| SnapshotError::new("write", &path, error))
}

/// The path of the deviation beside a snapshot.
pub(crate) fn deviation_path(snapshot: &Path) -> PathBuf {
    snapshot.with_extension(SUFFIX.trim_start_matches('.'))
}

/// Lists the deviations of a folder by file name, with findings for those that
/// cannot be read.
pub(crate) fn deviations(
    folder: &Path,
) -> Result<(Vec<SnapshotFile>, Vec<Diagnostic>), SnapshotError> {
    let mut found = Vec::new();
    let mut findings = Vec::new();
    for name in names(folder, SUFFIX)? {
        let path = folder.join(name);
        match load(&path)? {
            Some(Ok((case, _))) => found.push(SnapshotFile { id: case, path }),
            Some(Err(finding)) => findings.push(*finding),
            None => {}
        }
    }
    Ok((found, findings))
}

type Read = Result<(String, Deviation), Box<Diagnostic>>;

fn load(path: &Path) -> Result<Option<Read>, SnapshotError> {
    match files::read_if_there(path) {
        Ok(text) => Ok(text.map(|text| read(path, &text))),
        Err(error) if error.kind() == io::ErrorKind::InvalidData => Ok(Some(Err(finding(
            path,
            FILE_START,
            error.to_string(),
            None,
        )))),
        Err(error) => Err(SnapshotError::new("read", path, error)),
    }
}

fn read(path: &Path, text: &str) -> Read {
    let file: DeviationFile = yaml::read(text).map_err(|YamlError { position, message }| {
        let help = help_for_unknown_key(&message);
        finding(path, position, message, help)
    })?;
    if file.version != VERSION {
        let message = format!("this deviation has version {}", file.version);
        let help = format!("this docproof reads version {VERSION}");
        return Err(finding(path, FILE_START, message, Some(help)));
    }
    let until = match file.until.as_deref().map(day).transpose() {
        Ok(until) => until,
        Err(message) => return Err(finding(path, FILE_START, message, None)),
    };
    let deviation = Deviation {
        reason: file.reason,
        until,
    };
    Ok((file.case, deviation))
}

/// Parses a day in the form of RFC 3339 (`full-date`).
pub(crate) fn day(text: &str) -> Result<Day, String> {
    // Other forms of ISO 8601 are rejected.
    text.parse()
        .ok()
        .filter(|day: &Day| day.to_string() == text)
        .ok_or_else(|| format!("`{text}` is not a valid date; use YYYY-MM-DD"))
}

/// The day in UTC, which is the same on all machines of a team.
pub(crate) fn day_of(now: SystemTime) -> Day {
    // The calendar ends in the year 9999.
    let now = Timestamp::try_from(now).unwrap_or(Timestamp::MAX);
    Offset::UTC.to_datetime(now).date()
}

fn finding(path: &Path, at: Position, message: String, help: Option<String>) -> Box<Diagnostic> {
    let name = path
        .file_name()
        .unwrap_or(path.as_os_str())
        .to_string_lossy();
    let help =
        help.unwrap_or_else(|| "restore the file, or run `docproof accept --deviation`".to_owned());
    Box::new(
        Diagnostic::in_file(format!("snapshots/{name}"), &DEVIATION_SYNTAX, at, message).help(help),
    )
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::time::Duration;

    use super::*;

    fn known(until: Option<&str>) -> Deviation {
        Deviation {
            reason: "yes: \"it\" is\n# odd".to_owned(),
            until: until.map(|until| day(until).expect("a day")),
        }
    }

    #[test]
    fn deviations_round_trip() {
        let folder = tempfile::tempdir().expect("a folder");
        let folder = folder.path();
        for until in [None, Some("2027-02-28")] {
            let snapshot = folder.join("a__b__c.snap");
            deviate(&snapshot, "a/b::c", &known(until)).expect("written");
            let read = deviation(&snapshot, "a/b::c").expect("read");
            assert_eq!(read, (Some(known(until)), None));
        }
        let other = folder.join("a__b__d.snap");
        assert_eq!(deviation(&other, "a/b::d").expect("read"), (None, None));
        let (all, findings) = deviations(folder).expect("read");
        assert_eq!(findings, []);
        assert_eq!(all.len(), 1);
        assert_eq!(all[0].id, "a/b::c");
        assert_eq!(all[0].path, folder.join("a__b__c.deviation.yaml"));
    }

    #[test]
    fn deviations_include_their_last_day() {
        let until = known(Some("2027-02-28"));
        let today = |text| day(text).expect("a day");
        assert_eq!(until.ended(today("2027-02-28")), None);
        assert_eq!(until.ended(today("2027-03-01")), until.until);
        assert_eq!(known(None).ended(today("9999-12-31")), None);
    }

    #[test]
    fn converts_times_to_days() {
        let day = |seconds| day_of(SystemTime::UNIX_EPOCH + Duration::from_secs(seconds));
        assert_eq!(day(86_399).to_string(), "1970-01-01");
        assert_eq!(day(86_400).to_string(), "1970-01-02");
        assert_eq!(day(1 << 60).to_string(), "9999-12-30");
    }

    #[track_caller]
    fn check_broken(text: &str, says: &str) {
        let folder = tempfile::tempdir().expect("a folder");
        fs::write(folder.path().join("a__b.deviation.yaml"), text).expect("written");
        let snapshot = folder.path().join("a__b.snap");
        let (read, finding) = deviation(&snapshot, "a::b").expect("no failure");
        assert_eq!(read, None);
        let message = finding.expect("a finding").message;
        assert!(message.contains(says), "{message}");
    }

    #[test]
    fn reports_invalid_files() {
        check_broken("", "missing field");
        check_broken("version: 2\ncase: a::b\nreason: r\n", "version 2");
        check_broken("version: 1\ncase: a::c\nreason: r\n", "is for `a::c`");
        check_broken(
            "version: 1\ncase: a::b\nreason: r\nuntl: x\n",
            "unknown field `untl`",
        );
        check_broken(
            "version: 1\ncase: a::b\nreason: r\nuntil: 2027-02-30\n",
            "is not a valid date",
        );
        check_broken(
            "version: 1\ncase: a::b\nreason: r\nuntil: 20270228\n",
            "20270228",
        );
    }
}
