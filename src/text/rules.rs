//! The table of rules: name, family, default level, summary and explain page.

use crate::text::severity::{Level, Severity};

/// The subject of a rule; groups rules in reports.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Family {
    /// Files and their text.
    Page,
    /// Annotations, the comments above examples.
    Annotation,
    /// Documented HTTP messages.
    Http,
    /// Pairs of requests and responses.
    Pairing,
    /// Documented bodies as JSON.
    Json,
    /// Documented bodies against documented types.
    Schema,
    /// Tables of parameters, properties and permissions.
    Table,
    /// Front matter and headings.
    Structure,
    /// Links, anchors and includes.
    Link,
    /// Suppressed findings.
    Suppression,
    /// Project files other than pages.
    Project,
}

impl Family {
    /// The name in reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Page => "page",
            Self::Annotation => "annotation",
            Self::Http => "http",
            Self::Pairing => "pairing",
            Self::Json => "json",
            Self::Schema => "schema",
            Self::Table => "table",
            Self::Structure => "structure",
            Self::Link => "link",
            Self::Suppression => "suppression",
            Self::Project => "project",
        }
    }
}

/// A rule.
#[derive(Debug, PartialEq, Eq)]
pub struct Rule {
    /// The stable kebab-case name.
    pub name: &'static str,
    /// The subject of the rule.
    pub family: Family,
    /// The default level.
    pub level: Level,
    /// What it reports, in a sentence.
    pub summary: &'static str,
    /// The explain page in Markdown, with a wrong and a right example.
    pub explanation: &'static str,
}

impl Rule {
    /// The default severity of its findings. Applies also to rules that are off
    /// by default.
    pub fn severity(&self) -> Severity {
        match self.level {
            Level::Report(severity) => severity,
            Level::Off => Severity::Warning,
        }
    }
}

macro_rules! level {
    (Off) => {
        Level::Off
    };
    ($severity:ident) => {
        Level::Report(Severity::$severity)
    };
}

macro_rules! rules {
    ($($family:ident { $(#[doc = $doc:literal] $level:ident $ident:ident = $name:literal;)+ })+) => {
        $($(
            #[doc = $doc]
            pub(crate) static $ident: Rule = Rule {
                name: $name,
                family: Family::$family,
                level: level!($level),
                summary: $doc.trim_ascii_start(),
                explanation: include_str!(concat!("explain/", $name, ".md")),
            };
        )+)+

        /// All rules by family.
        pub static RULES: &[&Rule] = &[$($(&$ident,)+)+];
    };
}

rules! {
    Page {
        /// A page that is not valid UTF-8.
        Error PAGE_ENCODING = "page-encoding";
        /// A page or folder that cannot be read.
        Error PAGE_UNREADABLE = "page-unreadable";
        /// Pages whose paths differ only in case.
        Error PAGE_CASE = "page-case";
        /// A symbolic link, which is not followed.
        Warning SYMLINK_SKIPPED = "symlink-skipped";
        /// A line too long to be shown.
        Warning LINE_TOO_LONG = "line-too-long";
        /// A lone carriage return, which does not end a line.
        Warning LINE_END = "line-end";
        /// Markdown that is nested too deeply.
        Warning NESTING_TOO_DEEP = "nesting-too-deep";
        /// A fenced code block without closing fence.
        Error UNCLOSED_FENCE = "unclosed-fence";
        /// A fenced code block that opens inside another one.
        Error NESTED_FENCE = "nested-fence";
        /// An HTML comment without `-->`.
        Error UNCLOSED_COMMENT = "unclosed-comment";
    }
    Annotation {
        /// An annotation that cannot be parsed.
        Error ANNOTATION_SYNTAX = "annotation-syntax";
        /// An annotation that can be parsed, but is not valid JSON.
        Warning ANNOTATION_LENIENT = "annotation-lenient";
        /// An annotation without a code block below it.
        Error ANNOTATION_DANGLING = "annotation-dangling";
        /// An unknown block type.
        Warning ANNOTATION_UNKNOWN_TYPE = "annotation-unknown-type";
        /// An annotation key that is unknown or has no effect.
        Warning ANNOTATION_UNKNOWN_KEY = "annotation-unknown-key";
        /// A known annotation key with a value of the wrong type.
        Warning ANNOTATION_VALUE = "annotation-value";
        /// An HTTP or JSON code block without annotation.
        Info MISSING_ANNOTATION = "missing-annotation";
    }
    Http {
        /// A request block without a valid request line, or with several messages.
        Error REQUEST_SYNTAX = "request-syntax";
        /// A curl command that cannot be read as one request.
        Error CURL_SYNTAX = "curl-syntax";
        /// A response block without a valid status line, or with several responses.
        Error RESPONSE_SYNTAX = "response-syntax";
        /// A status line that can be parsed, but is not valid HTTP.
        Warning STATUS_LINE = "status-line";
        /// A response whose page documents no status.
        Info STATUS_NOT_DOCUMENTED = "status-not-documented";
        /// A reason phrase that is not the registered one.
        Warning STATUS_REASON = "status-reason";
        /// An invalid header line, or one that must not be sent.
        Warning HEADER_SYNTAX = "header-syntax";
        /// A method that is not registered, or has the wrong case.
        Warning UNKNOWN_METHOD = "unknown-method";
        /// A body where HTTP does not allow one.
        Warning BODY_NOT_ALLOWED = "body-not-allowed";
        /// A body without `Content-Type`.
        Warning MISSING_CONTENT_TYPE = "missing-content-type";
        /// A `Content-Type` of a response that has no content.
        Warning NEEDLESS_CONTENT_TYPE = "needless-content-type";
        /// A body that contradicts its `Content-Type`.
        Error MEDIA_TYPE_MISMATCH = "media-type-mismatch";
        /// A form with line breaks or spaces.
        Warning FORM_SYNTAX = "form-syntax";
        /// A multipart body that cannot be divided into its parts.
        Warning MULTIPART_SYNTAX = "multipart-syntax";
        /// A request target that is not a valid URL.
        Error URL_SYNTAX = "url-syntax";
        /// A URL longer than most services accept.
        Warning URL_TOO_LONG = "url-too-long";
        /// Text that looks like a live credential.
        Warning SECRET_IN_EXAMPLE = "secret-in-example";
    }
    Pairing {
        /// A response without a request.
        Error ORPHAN_RESPONSE = "orphan-response";
        /// A request without a documented response.
        Warning UNPAIRED_REQUEST = "unpaired-request";
        /// A recognised request without a recognised response.
        Info REQUEST_WITHOUT_RESPONSE = "request-without-response";
        /// A command whose method or path is not that of its operation.
        Warning COMMAND_AND_DOCS_DIFFER = "command-and-docs-differ";
        /// A name shared by several requests on a page.
        Warning DUPLICATE_NAME = "duplicate-name";
        /// A response whose name is not that of a request above it.
        Error RESPONSE_NAME_UNKNOWN = "response-name-unknown";
        /// Equal requests with contradicting responses.
        Error AMBIGUOUS_EXAMPLE = "ambiguous-example";
    }
    Json {
        /// A body or resource that is not valid JSON.
        Error JSON_SYNTAX = "json-syntax";
        /// A duplicate key in a JSON object.
        Error JSON_DUPLICATE_KEY = "json-duplicate-key";
    }
    Schema {
        /// A documented property missing from an example.
        Error MISSING_PROPERTY = "missing-property";
        /// A property missing from the resource.
        Warning UNDOCUMENTED_PROPERTY = "undocumented-property";
        /// A value of another type than the resource declares.
        Error TYPE_MISMATCH = "type-mismatch";
        /// A `null` that the resource does not allow.
        Error NULL_VALUE = "null-value";
        /// A string that is not a documented enum value.
        Error ENUM_VALUE = "enum-value";
        /// A string that is not a valid date, time or duration.
        Error FORMAT_DATE_TIME = "format-date-time";
        /// A string that is not a valid URL.
        Error FORMAT_URL = "format-url";
        /// A string that is not a valid GUID.
        Error FORMAT_GUID = "format-guid";
        /// A body without the collection that its annotation declares.
        Error COLLECTION_EXPECTED = "collection-expected";
        /// A collection that contradicts `isEmpty` of its annotation.
        Error COLLECTION_EMPTY = "collection-empty";
        /// A collection that its annotation does not declare.
        Warning COLLECTION_UNDECLARED = "collection-undeclared";
        /// A single resource inside a `value` member.
        Warning RESOURCE_WRAPPED = "resource-wrapped";
        /// A body whose `@odata.type` contradicts its annotation.
        Warning BODY_TYPE_MISMATCH = "body-type-mismatch";
        /// A response whose annotation declares a type, without a body.
        Warning TYPED_BODY_MISSING = "typed-body-missing";
        /// A response with a JSON body, whose annotation declares no type.
        Info RESPONSE_UNTYPED = "response-untyped";
        /// A type that is not documented.
        Warning UNKNOWN_RESOURCE = "unknown-resource";
        /// A type that is documented more than once.
        Warning DUPLICATE_RESOURCE = "duplicate-resource";
        /// A resource without a name, or that is not a JSON object.
        Warning RESOURCE_SYNTAX = "resource-syntax";
        /// A body without the error object that its annotation declares.
        Error ERROR_OBJECT_EXPECTED = "error-object-expected";
    }
    Table {
        /// A row with too few or too many cells, or with unclosed markup.
        Warning TABLE_MALFORMED = "table-malformed";
        /// A table row for a property that is not in the resource.
        Warning PROPERTY_NOT_IN_RESOURCE = "property-not-in-resource";
        /// A property of the resource missing from its table.
        Warning PROPERTY_NOT_IN_TABLE = "property-not-in-table";
        /// A type in a table that contradicts the resource.
        Warning TYPE_DISAGREES = "type-disagrees";
    }
    Structure {
        /// Front matter that is not valid YAML, or lacks a required key.
        Error FRONT_MATTER = "front-matter";
        /// A required heading that is missing.
        Warning HEADING_MISSING = "heading-missing";
        /// A heading at the wrong position or level.
        Warning HEADING_ORDER = "heading-order";
        /// A misspelled heading.
        Warning HEADING_MISSPELT = "heading-misspelt";
        /// A group of tabs with a duplicate or missing tab, or without an end.
        Warning TAB_GROUP = "tab-group";
    }
    Link {
        /// A link to a missing file.
        Error BROKEN_LINK = "broken-link";
        /// A link to a missing heading.
        Warning BROKEN_ANCHOR = "broken-anchor";
        /// A link that differs from its target only in case.
        Warning LINK_CASE = "link-case";
        /// A link out of the docs, which is not checked.
        Info LINK_OUTSIDE_DOCS = "link-outside-docs";
        /// A reference link without definition.
        Warning UNDEFINED_REFERENCE = "undefined-reference";
        /// An include of a missing file, or an include cycle.
        Error BROKEN_INCLUDE = "broken-include";
        /// A page that no other page links to.
        Off ORPHAN_PAGE = "orphan-page";
    }
    Suppression {
        /// A suppression that is invalid or names an unknown rule.
        Warning SUPPRESSION_SYNTAX = "suppression-syntax";
        /// A suppression that matches no finding.
        Warning UNUSED_SUPPRESSION = "unused-suppression";
    }
    Project {
        /// An API Doctor configuration file that cannot be read.
        Warning API_DOCTOR_CONFIG = "api-doctor-config";
        /// A case file that cannot be read.
        Error CASE_FILE_SYNTAX = "case-file-syntax";
        /// A file in the folder of case files that is not a case file.
        Warning CASE_FILE_FOREIGN = "case-file-foreign";
        /// A file in the folder of scenarios that is not a scenario file.
        Warning SCENARIO_FILE_SKIPPED = "scenario-file-skipped";
        /// A scenario file that cannot be read.
        Error SCENARIO_SYNTAX = "scenario-syntax";
        /// An invalid value in a scenario.
        Error SCENARIO_VALUE = "scenario-value";
        /// A scenario or step for an undocumented case.
        Error SCENARIO_UNKNOWN_CASE = "scenario-unknown-case";
        /// A shared step that is missing, duplicate or recursive.
        Error SCENARIO_UNKNOWN_STEP = "scenario-unknown-step";
        /// A variable that is not set before it is used.
        Error SCENARIO_UNKNOWN_VARIABLE = "scenario-unknown-variable";
        /// A snapshot file that cannot be read.
        Error SNAPSHOT_SYNTAX = "snapshot-syntax";
        /// A file of a known deviation that cannot be read.
        Error DEVIATION_SYNTAX = "deviation-syntax";
    }
}

/// The rules for pages.
pub(crate) fn page_rules() -> impl Iterator<Item = &'static Rule> {
    let rules = RULES.iter().copied();
    rules.filter(|rule| rule.family != Family::Project)
}
