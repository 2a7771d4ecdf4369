//! The format of case files.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

#[cfg(feature = "cli")]
use schemars::JsonSchema;
use serde::de::{self, MapAccess, Visitor};
use serde::ser::SerializeMap;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Map, Value};

use crate::http::message::{Headers, Request, Response};
use crate::http::status::Status;
use crate::page::case::{Annotation, Case, ExpectedResponse};
use crate::page::recognise::RecognitionRule;

/// The version of the format. Optional in a file.
pub(super) const VERSION: u32 = 1;

/// The documented examples of one page. `docproof extract` writes these files from the pages.
/// They are committed, and a service can be tested with them alone, without the pages.
#[derive(Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(JsonSchema))]
#[serde(deny_unknown_fields, expecting = "a case file")]
pub(super) struct CaseFile {
    /// The version of this format, 1. Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<u32>,
    /// The path of the page, relative to the docs root, with `/`.
    docs: String,
    /// The cases, in the order of the page.
    cases: Vec<CaseData>,
}

/// A documented request with its documented response.
#[derive(Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(JsonSchema))]
#[serde(deny_unknown_fields, rename = "Case", expecting = "a case")]
struct CaseData {
    /// The id of the case, `<page without .md>::<name>`. Without a name, it ends with the number
    /// of the request on the page.
    id: String,
    /// The `name` in the annotation of the request. For a further response of the request, it
    /// ends with its number: `name.2`.
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    /// The line of the opening code fence of the request, from 1.
    line: usize,
    /// The rule that recognised the example, if the page does not annotate it.
    #[serde(skip_serializing_if = "Option::is_none")]
    recognised: Option<RecognitionRule>,
    /// The documented request.
    request: RequestData,
    /// The documented response. A case without one is never sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    response: Option<ResponseData>,
    /// The other keys of the annotations of the two blocks.
    #[serde(default, skip_serializing_if = "AnnotationData::is_empty")]
    annotation: AnnotationData,
}

/// A documented request.
#[derive(Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(JsonSchema))]
#[serde(deny_unknown_fields, rename = "Request", expecting = "a request")]
struct RequestData {
    /// The method (RFC 9110, 9).
    method: String,
    /// The URL or path as documented, with placeholders such as `{id}`.
    url: String,
    /// The documented header fields.
    #[serde(default, skip_serializing_if = "HeadersData::is_empty")]
    headers: HeadersData,
    /// The documented body, as text.
    #[serde(skip_serializing_if = "Option::is_none")]
    body: Option<String>,
}

/// A documented response.
#[derive(Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(JsonSchema))]
#[serde(deny_unknown_fields, rename = "Response", expecting = "a response")]
struct ResponseData {
    /// The line of the opening code fence of the response, from 1.
    line: usize,
    /// The status code (RFC 9110, 15), 100 to 999; or a class such as `2xx`, if the page documents
    /// no code.
    #[cfg_attr(feature = "cli", schemars(schema_with = "status_schema"))]
    status: Status,
    /// The reason phrase. It is not compared.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    /// The documented header fields.
    #[serde(default, skip_serializing_if = "HeadersData::is_empty")]
    headers: HeadersData,
    /// The documented body, as text.
    #[serde(skip_serializing_if = "Option::is_none")]
    body: Option<String>,
}

#[cfg(feature = "cli")]
fn status_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
    schemars::json_schema!({
        "anyOf": [
            { "type": "integer", "minimum": 100, "maximum": 999 },
            { "type": "string", "pattern": "^[1-9]xx$" }
        ]
    })
}

/// The keys of the annotations that are not fields of a case.
#[derive(Debug, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(JsonSchema))]
#[serde(
    deny_unknown_fields,
    rename = "Annotation",
    expecting = "the keys of annotations"
)]
struct AnnotationData {
    /// The keys of the annotation of the request.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    request: Map<String, Value>,
    /// The keys of the annotation of the response.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    response: Map<String, Value>,
}

impl AnnotationData {
    fn is_empty(&self) -> bool {
        self.request.is_empty() && self.response.is_empty()
    }
}

impl CaseFile {
    /// The file with the cases of a page.
    pub(super) fn from_cases(page: &str, cases: &[Case]) -> Self {
        Self {
            version: None,
            docs: page.to_owned(),
            cases: cases.iter().map(CaseData::from).collect(),
        }
    }

    /// The cases of a file.
    pub(super) fn into_cases(self) -> Vec<Case> {
        let page: Arc<str> = self.docs.into();
        self.cases
            .into_iter()
            .map(|case| case.into_case(&page))
            .collect()
    }
}

impl From<&Case> for CaseData {
    fn from(case: &Case) -> Self {
        Self {
            id: case.id.clone(),
            name: case.name.clone(),
            line: case.line,
            recognised: case.recognised,
            request: RequestData {
                method: case.request.method.clone(),
                url: case.request.target.clone(),
                headers: HeadersData(case.request.headers.clone()),
                body: case.request.body.clone(),
            },
            response: case.response.as_ref().map(|response| ResponseData {
                line: response.line,
                status: response.message.status,
                reason: response.message.reason.clone(),
                headers: HeadersData(response.message.headers.clone()),
                body: response.message.body.clone(),
            }),
            annotation: AnnotationData {
                request: case.annotation.request.clone(),
                response: case.annotation.response.clone(),
            },
        }
    }
}

impl CaseData {
    fn into_case(self, page: &Arc<str>) -> Case {
        Case {
            recognised: self.recognised,
            id: self.id,
            name: self.name,
            page: Arc::clone(page),
            line: self.line,
            request: Request {
                method: self.request.method,
                target: self.request.url,
                headers: self.request.headers.0,
                body: self.request.body,
            },
            response: self.response.map(|response| ExpectedResponse {
                line: response.line,
                message: Response {
                    status: response.status,
                    reason: response.reason,
                    headers: response.headers.0,
                    body: response.body,
                },
            }),
            annotation: Annotation {
                request: self.annotation.request,
                response: self.annotation.response,
            },
        }
    }
}

/// Header fields as a mapping. A repeated field has a list of values.
#[derive(Debug, Default)]
struct HeadersData(Headers);

impl HeadersData {
    fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl Serialize for HeadersData {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let groups = self.0.grouped();
        let mut map = serializer.serialize_map(Some(groups.len()))?;
        for (name, values) in groups {
            match values.as_slice() {
                [value] => map.serialize_entry(name, value)?,
                values => map.serialize_entry(name, values)?,
            }
        }
        map.end()
    }
}

impl<'de> Deserialize<'de> for HeadersData {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(HeadersVisitor)
    }
}

struct HeadersVisitor;

impl<'de> Visitor<'de> for HeadersVisitor {
    type Value = HeadersData;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a mapping of header names to values")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<HeadersData, A::Error> {
        let mut headers = Headers::default();
        while let Some(name) = map.next_key::<String>()? {
            if headers.iter().any(|header| header.name == name) {
                return Err(de::Error::custom(format!(
                    "duplicate header `{name}`; write its values as a list"
                )));
            }
            match map.next_value()? {
                OneOrMany::One(value) => headers.push(name, value),
                OneOrMany::Many(values) => {
                    for value in values {
                        headers.push(name.clone(), value);
                    }
                }
            }
        }
        Ok(HeadersData(headers))
    }
}

#[derive(Deserialize)]
#[serde(
    untagged,
    expecting = "a header's value is a string, or a list of strings"
)]
enum OneOrMany {
    One(String),
    Many(Vec<String>),
}

#[cfg(feature = "cli")]
impl JsonSchema for HeadersData {
    fn schema_name() -> Cow<'static, str> {
        "Headers".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "type": "object",
            "description": "Header fields by name. A repeated field has a list of values.",
            "additionalProperties": {
                "anyOf": [
                    { "type": "string" },
                    { "type": "array", "items": { "type": "string" }, "minItems": 2 }
                ]
            }
        })
    }
}
