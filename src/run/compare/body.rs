//! Compares the body of a response with the documented one, or says why not.

use std::cell::OnceCell;
use std::ops::Range;

use super::text::{self, Readable};
use super::{Difference, DifferenceKind, Member};
use crate::check::types::{
    self, Against, Expectation, LargeNumbers, Mode, ShapeFinding, ShapeKind, Types,
};
use crate::http::media_type::MediaType;
use crate::http::message::{ActualResponse, Content, Headers, Response, has_no_content};
use crate::http::policy::{Policies, Policy};
use crate::json::TOO_DEEP;
use crate::page::case::Case;
use crate::text::elision;
use crate::text::severity::Severity;

/// Why the body of a response was not compared with the documented one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum NotCompared {
    /// The option `--body off`.
    Off,
    /// The status is another one than the documented.
    OtherStatus,
    /// The media type is another one than the documented.
    OtherMediaType,
    /// The response has no content by definition.
    NoContent,
    /// The page shows no body.
    NotDocumented,
    /// The page shows a placeholder instead of a body.
    Placeholder,
    /// The documented body cannot be read as JSON.
    Unreadable,
    /// Only whether there is a text was compared.
    Text,
    /// Only whether there are parts was compared.
    Multipart,
    /// The content is not text.
    Binary,
    /// The content was not read.
    NotRead,
    /// It is nested too deeply.
    TooDeep,
    /// It has no documented member.
    NoMember,
}

impl NotCompared {
    const ALL: [Self; 13] = [
        Self::Off,
        Self::OtherStatus,
        Self::OtherMediaType,
        Self::NoContent,
        Self::NotDocumented,
        Self::Placeholder,
        Self::Unreadable,
        Self::Text,
        Self::Multipart,
        Self::Binary,
        Self::NotRead,
        Self::TooDeep,
        Self::NoMember,
    ];

    /// The stable name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::OtherStatus => "other-status",
            Self::OtherMediaType => "other-media-type",
            Self::NoContent => "no-content",
            Self::NotDocumented => "not-documented",
            Self::Placeholder => "placeholder",
            Self::Unreadable => "unreadable-documented-body",
            Self::Text => "text",
            Self::Multipart => "multipart",
            Self::Binary => "binary",
            Self::NotRead => "not-read",
            Self::TooDeep => "too-deep",
            Self::NoMember => "no-documented-member",
        }
    }

    /// The reason with this name.
    pub fn of_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|reason| reason.name() == name)
    }

    /// The reason as a sentence.
    pub fn describe(self) -> &'static str {
        match self {
            Self::Off => "bodies are not compared (--body off)",
            Self::OtherStatus => "bodies of another status are not compared",
            Self::OtherMediaType => "bodies of another media type are not compared",
            Self::NoContent => "the response has no content",
            Self::NotDocumented => "the page shows no body",
            Self::Placeholder => "the page shows a placeholder instead of a body",
            Self::Unreadable => "the documented body is not valid JSON",
            Self::Text => "text is only compared with --body exact",
            Self::Multipart => "multipart bodies are not compared",
            Self::Binary => "binary bodies are not compared",
            Self::NotRead => "the content was not read",
            Self::TooDeep => "bodies deeper than 512 are not compared",
            Self::NoMember => "the body has no documented member",
        }
    }

    /// A number of bodies with this reason, such as `1 without content`.
    pub fn count(self, number: usize) -> String {
        let text = match self {
            Self::Off => "by --body off",
            Self::OtherStatus => "of another status",
            Self::OtherMediaType => "of another media type",
            Self::NoContent => "without content",
            Self::NotDocumented => "not documented",
            Self::Placeholder if number == 1 => "documented as a placeholder",
            Self::Placeholder => "documented as placeholders",
            Self::Unreadable if number == 1 => "unreadable documented body",
            Self::Unreadable => "unreadable documented bodies",
            Self::Text => "text",
            Self::Multipart => "multipart",
            Self::Binary => "binary",
            Self::NotRead => "not read",
            Self::TooDeep => TOO_DEEP,
            Self::NoMember => "without a documented member",
        };
        format!("{number} {text}")
    }
}

/// The result of comparing a body.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Compared {
    /// The differences.
    pub errors: Vec<Difference>,
    /// Differences that are not failures.
    pub warnings: Vec<Difference>,
    /// Why the body was not compared; `None` if it was.
    pub not: Option<NotCompared>,
}

impl Compared {
    fn not(reason: NotCompared) -> Self {
        Self {
            not: Some(reason),
            ..Self::default()
        }
    }

    fn error(difference: Difference) -> Self {
        Self {
            errors: vec![difference],
            ..Self::default()
        }
    }
}

/// Compares the body with the documented one. Returns errors and warnings.
pub fn compare_body(
    case: &Case,
    documented: &Response,
    actual: &ActualResponse,
    types: &Types,
    mode: Mode,
) -> (Vec<Difference>, Vec<Difference>) {
    let policies = Policies::default();
    let compared = Bodies {
        types,
        mode,
        policies: &policies,
    }
    .compare(case, documented, actual, &OnceCell::new());
    (compared.errors, compared.warnings)
}

/// How bodies are compared.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Bodies<'t> {
    /// The documented types.
    pub types: &'t Types,
    /// By shape or by value.
    pub mode: Mode,
    /// The header policies: where the media type is not compared, a body of any
    /// media type is.
    pub policies: &'t Policies,
}

impl Bodies<'_> {
    /// Compares a body. The expectation is computed once for several responses
    /// to one case.
    pub(crate) fn compare<'c>(
        &self,
        case: &'c Case,
        documented: &Response,
        actual: &ActualResponse,
        promised: &OnceCell<Option<Expectation<'c>>>,
    ) -> Compared {
        if !documented.status.matches(actual.status) {
            return Compared::not(NotCompared::OtherStatus);
        }
        if has_no_content(&case.request.method, documented.status) {
            return Compared::not(NotCompared::NoContent);
        }
        let format = match Format::of(case, documented) {
            Ok(format) => format,
            Err(reason) => return Compared::not(reason),
        };
        if self.reports_media_type(&documented.headers, &actual.headers) {
            return Compared::not(NotCompared::OtherMediaType);
        }
        let body = match &actual.body {
            Content::Whole(body) => body,
            Content::Unread | Content::Endless(_) => return Compared::not(NotCompared::NotRead),
            Content::Lost(_) if format != Format::Json && self.mode == Mode::Shape => {
                return Compared::not(NotCompared::NotRead);
            }
            Content::Lost(why) => {
                let documented = "a body that can be read";
                let lost = Difference::new(DifferenceKind::Content, documented, Some(why.clone()));
                return Compared::error(lost);
            }
        };
        let shown = documented.body.as_deref().unwrap_or_default();
        match format {
            Format::Json => {
                let promised =
                    promised.get_or_init(|| Expectation::of_case(case, Against::Page, self.types));
                match promised {
                    Some(expectation) => self.json(case, shown, actual, body, expectation),
                    None => Compared::not(NotCompared::NotDocumented),
                }
            }
            Format::Other(readable) => {
                let media_type = MediaType::of(&actual.headers);
                self.text(shown, body, readable, media_type.as_ref())
            }
        }
    }

    /// Whether the comparison of header fields reports another media type.
    fn reports_media_type(&self, documented: &Headers, actual: &Headers) -> bool {
        let is_compared = !matches!(
            self.policies.of("content-type"),
            Policy::Ignore | Policy::Present
        );
        let documented = MediaType::of(documented).filter(|_| is_compared);
        documented.is_some_and(|documented| {
            let is_kind = |media_type: &MediaType| {
                (
                    media_type.is_json(),
                    media_type.is_json_lines(),
                    media_type.is_text(),
                )
            };
            MediaType::of(actual).is_some_and(|sent| is_kind(&sent) != is_kind(&documented))
        })
    }

    fn json(
        &self,
        case: &Case,
        shown: &str,
        actual: &ActualResponse,
        body: &[u8],
        expectation: &Expectation<'_>,
    ) -> Compared {
        let unreadable = expectation.unreadable().cloned();
        if unreadable.is_some() && self.mode == Mode::Exact && text::are_same(shown, body) {
            return Compared::default();
        }
        let has_strings = LargeNumbers::of(&actual.headers, &case.request.headers)
            == LargeNumbers::Strings
            && !expectation.has_number_strings();
        let with_strings = has_strings.then(|| expectation.with_number_strings());
        let expectation = with_strings.as_ref().unwrap_or(expectation);
        let found = types::check(body, expectation, self.types, self.mode);
        let has_seen = found.seen > 0 || (self.mode == Mode::Exact && !shown.trim().is_empty());
        let (errors, warnings): (Vec<_>, Vec<_>) = found
            .list
            .into_iter()
            .partition(|finding| finding.severity == Severity::Error);
        let all = |findings: Vec<ShapeFinding>| -> Vec<Difference> {
            findings.into_iter().map(Difference::from).collect()
        };
        let (errors, mut warnings) = (all(errors), all(warnings));
        let not = match unreadable {
            Some(why) if why.is_too_deep() => Some(NotCompared::TooDeep),
            _ if found.is_too_deep => Some(NotCompared::TooDeep),
            Some(_) => Some(NotCompared::Unreadable),
            None if !has_seen && errors.is_empty() => Some(NotCompared::NoMember),
            None => None,
        };
        if let Some(reason) = not {
            warnings.insert(0, unchecked(reason));
        }
        if body.starts_with(MARK) && errors.is_empty() {
            warnings.insert(0, marked());
        }
        Compared {
            errors,
            warnings,
            not,
        }
    }

    /// Compares a body that is not JSON.
    fn text(
        &self,
        shown: &str,
        body: &[u8],
        readable: Readable,
        media_type: Option<&MediaType>,
    ) -> Compared {
        if body.is_empty() {
            let empty = Some("an empty body".to_owned());
            return Compared::error(Difference {
                member: Some(Member::root(None)),
                ..Difference::new(DifferenceKind::Text, "a body", empty)
            });
        }
        if elision::is_stand_in(shown) {
            return Compared::not(NotCompared::Placeholder);
        }
        let reason = match readable {
            Readable::Always => NotCompared::Text,
            Readable::Perhaps | Readable::Never => NotCompared::Binary,
            Readable::Parts => NotCompared::Multipart,
        };
        if self.mode == Mode::Shape || matches!(readable, Readable::Never | Readable::Parts) {
            return Compared::not(reason);
        }
        match text::decode(body, media_type) {
            Ok(sent) => {
                text::difference(shown, &sent).map_or_else(Compared::default, Compared::error)
            }
            Err(_) if readable == Readable::Perhaps => Compared::not(reason),
            Err(what) => Compared::error(text::whole(shown, what)),
        }
    }
}

/// The byte order mark of UTF-8.
const MARK: &[u8] = b"\xef\xbb\xbf";

/// The warning about a body with a byte order mark (RFC 8259, section 8.1).
fn marked() -> Difference {
    let observed = Some("JSON after a byte order mark, which JSON does not allow".to_owned());
    Difference {
        member: Some(Member::root(None)),
        ..Difference::new(
            DifferenceKind::Body(ShapeKind::JsonSyntax),
            "JSON",
            observed,
        )
    }
}

/// The warning about a body that was not compared.
fn unchecked(reason: NotCompared) -> Difference {
    match reason {
        NotCompared::Unreadable => Difference::new(
            DifferenceKind::Documented,
            "a body that is not valid JSON, so only status and header fields are compared",
            None,
        ),
        NotCompared::TooDeep => Difference::new(
            DifferenceKind::NotChecked,
            format!("the body is {TOO_DEEP}"),
            None,
        ),
        _ => Difference::new(
            DifferenceKind::NotChecked,
            "the body has no documented member",
            None,
        ),
    }
}

/// The format of a documented body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Format {
    /// JSON, or a JSON value on each line.
    Json,
    /// Another format.
    Other(Readable),
}

impl Format {
    /// The format by the media type, or else by the body that the page shows; or
    /// why there is nothing to compare with.
    fn of(case: &Case, documented: &Response) -> Result<Self, NotCompared> {
        let body = documented.body.as_deref().unwrap_or_default().trim();
        let is_named = case.annotation.response.contains_key("@odata.type");
        let media_type = MediaType::of(&documented.headers);
        let is_json = match &media_type {
            Some(media_type) => media_type.is_json() || media_type.is_json_lines(),
            None => body.starts_with(['{', '[']) && !elision::is_stand_in(body),
        };
        match media_type {
            _ if body.is_empty() && !(is_json && is_named) => Err(NotCompared::NotDocumented),
            _ if is_json => Ok(Self::Json),
            media_type => Ok(Self::Other(Readable::of(media_type.as_ref()))),
        }
    }
}

impl From<ShapeFinding> for Difference {
    fn from(finding: ShapeFinding) -> Self {
        Self {
            member: Some(Member {
                path: finding.path,
                place: finding.place,
            }),
            ..Self::new(
                DifferenceKind::Body(finding.kind),
                finding.documented,
                finding.observed,
            )
        }
    }
}

impl Member {
    /// The whole body, documented by these bytes of it.
    pub(super) fn root(place: Option<Range<usize>>) -> Self {
        Self {
            path: "$".to_owned(),
            place,
        }
    }
}

#[cfg(test)]
mod tests;
