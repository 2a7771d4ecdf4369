//! The table of rules: name, family, default level, summary and explain page.

use crate::text::severity::{Level, Severity};

/// What a rule is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Family {
    /// Files, and what all of their text has to keep.
    Page,
    /// The comments above examples.
    Annotation,
    /// Documented messages.
    Http,
    /// Which response answers which request.
    Pairing,
    /// Documented bodies as JSON.
    Json,
    /// Documented bodies and the documented types.
    Schema,
    /// Tables of parameters, properties and permissions.
    Table,
    /// Front matter and headings.
    Structure,
    /// Links, anchors and includes.
    Link,
    /// Findings that are silenced.
    Suppression,
    /// The files of a project that are no pages.
    Project,
}

impl Family {
    /// The word that reports use.
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

/// A rule that a finding breaks.
#[derive(Debug, PartialEq, Eq)]
pub struct Rule {
    /// The stable kebab-case name.
    pub name: &'static str,
    /// What it is about.
    pub family: Family,
    /// The level of its findings, where nothing else is configured.
    pub level: Level,
    /// What breaks it, in a phrase.
    pub summary: &'static str,
    /// A page, in Markdown, that explains it: with an example that breaks it,
    /// and with one that does not.
    pub explanation: &'static str,
}

impl Rule {
    /// The severity of its findings. A rule that is off has findings where a
    /// configuration asks for them.
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

        /// The rules, family by family.
        pub static RULES: &[&Rule] = &[$($(&$ident,)+)+];
    };
}

rules! {
    Page {
        /// A page that is not UTF-8.
        Error PAGE_ENCODING = "page-encoding";
        /// A page or a folder that could not be read.
        Error PAGE_UNREADABLE = "page-unreadable";
        /// Two pages whose paths differ only in case.
        Error PAGE_CASE = "page-case";
        /// A symbolic link, which is not followed.
        Warning SYMLINK_SKIPPED = "symlink-skipped";
        /// A line so long that no editor shows it.
        Warning LINE_TOO_LONG = "line-too-long";
        /// A lone carriage return, which ends no line here.
        Warning LINE_END = "line-end";
        /// Markdown nested deeper than anyone means it.
        Warning NESTING_TOO_DEEP = "nesting-too-deep";
        /// A fenced code block without its closing fence.
        Error UNCLOSED_FENCE = "unclosed-fence";
        /// An HTML comment without `-->`.
        Error UNCLOSED_COMMENT = "unclosed-comment";
    }
    Annotation {
        /// An annotation that cannot be read.
        Error ANNOTATION_SYNTAX = "annotation-syntax";
        /// An annotation that can be read, but is not JSON.
        Warning ANNOTATION_LENIENT = "annotation-lenient";
        /// An annotation that no fence follows.
        Warning ANNOTATION_DANGLING = "annotation-dangling";
        /// A block type that is none of the known ones.
        Warning ANNOTATION_UNKNOWN_TYPE = "annotation-unknown-type";
        /// A key that says nothing in an annotation of this type.
        Warning ANNOTATION_UNKNOWN_KEY = "annotation-unknown-key";
        /// A known key with a value of the wrong type.
        Warning ANNOTATION_VALUE = "annotation-value";
        /// An HTTP or JSON fence without an annotation.
        Info MISSING_ANNOTATION = "missing-annotation";
    }
    Http {
        /// A request block whose first line is no request line.
        Error REQUEST_SYNTAX = "request-syntax";
        /// A response block whose first line is no status line.
        Error RESPONSE_SYNTAX = "response-syntax";
        /// A status line that can be read, but is not HTTP's.
        Warning STATUS_LINE = "status-line";
        /// A reason phrase that is not the registered one.
        Warning STATUS_REASON = "status-reason";
        /// A header line that is none, or one that may not be sent.
        Warning HEADER_SYNTAX = "header-syntax";
        /// A method that is registered in another case, or not at all.
        Warning UNKNOWN_METHOD = "unknown-method";
        /// A body where HTTP allows none.
        Warning BODY_NOT_ALLOWED = "body-not-allowed";
        /// A body without a `Content-Type`.
        Warning MISSING_CONTENT_TYPE = "missing-content-type";
        /// A body that is not what its `Content-Type` says.
        Error MEDIA_TYPE_MISMATCH = "media-type-mismatch";
        /// A target that cannot be made a URL.
        Error URL_SYNTAX = "url-syntax";
        /// A URL that is longer than services take.
        Warning URL_TOO_LONG = "url-too-long";
        /// Something that looks like a live token.
        Warning SECRET_IN_EXAMPLE = "secret-in-example";
    }
    Pairing {
        /// A response that answers no request.
        Warning ORPHAN_RESPONSE = "orphan-response";
        /// A request without a documented response.
        Warning UNPAIRED_REQUEST = "unpaired-request";
        /// A name that two requests of a page share.
        Warning DUPLICATE_NAME = "duplicate-name";
        /// A response that names a request which is not there.
        Warning RESPONSE_NAME_UNKNOWN = "response-name-unknown";
        /// Equal requests whose documented answers differ.
        Error AMBIGUOUS_EXAMPLE = "ambiguous-example";
    }
    Json {
        /// A body or a resource that is meant as JSON and is none.
        Error JSON_SYNTAX = "json-syntax";
        /// A key that an object has twice.
        Error JSON_DUPLICATE_KEY = "json-duplicate-key";
    }
    Schema {
        /// A member that the resource has and the example has not.
        Error MISSING_PROPERTY = "missing-property";
        /// A member that the resource does not document.
        Warning UNDOCUMENTED_PROPERTY = "undocumented-property";
        /// A value of another type than the resource says.
        Error TYPE_MISMATCH = "type-mismatch";
        /// A `null` that the resource does not allow.
        Error NULL_VALUE = "null-value";
        /// A string that is none of the documented ones.
        Error ENUM_VALUE = "enum-value";
        /// A string that is no date or time.
        Error FORMAT_DATE_TIME = "format-date-time";
        /// A string that is no URL.
        Error FORMAT_URL = "format-url";
        /// A string that is no GUID.
        Error FORMAT_GUID = "format-guid";
        /// No collection where the annotation promises one.
        Error COLLECTION_EXPECTED = "collection-expected";
        /// A collection that is empty, or one that is not, against the annotation's word.
        Error COLLECTION_EMPTY = "collection-empty";
        /// A type that no page documents.
        Warning UNKNOWN_RESOURCE = "unknown-resource";
        /// A type that is documented more than once.
        Warning DUPLICATE_RESOURCE = "duplicate-resource";
        /// A resource that says nothing of a type: no JSON object, or no name.
        Warning RESOURCE_SYNTAX = "resource-syntax";
        /// No error object where the annotation promises one.
        Error ERROR_OBJECT_EXPECTED = "error-object-expected";
    }
    Table {
        /// A row with too few or too many cells, or a cell that is not closed.
        Warning TABLE_MALFORMED = "table-malformed";
        /// A row for a property that the resource has not.
        Warning PROPERTY_NOT_IN_RESOURCE = "property-not-in-resource";
        /// A property of the resource that its table leaves out.
        Warning PROPERTY_NOT_IN_TABLE = "property-not-in-table";
        /// A type in a table that is not the resource's.
        Warning TYPE_DISAGREES = "type-disagrees";
    }
    Structure {
        /// Front matter that is no YAML, or lacks a required key.
        Error FRONT_MATTER = "front-matter";
        /// A heading that pages of this type have to have.
        Warning HEADING_MISSING = "heading-missing";
        /// A heading that stands at the wrong place or level.
        Warning HEADING_ORDER = "heading-order";
        /// A heading that is nearly one of the outline's.
        Warning HEADING_MISSPELT = "heading-misspelt";
    }
    Link {
        /// A link to a file that is not there.
        Error BROKEN_LINK = "broken-link";
        /// A link to a heading that is not there.
        Warning BROKEN_ANCHOR = "broken-anchor";
        /// A link that is right but for case.
        Warning LINK_CASE = "link-case";
        /// A link that leads out of the docs.
        Info LINK_OUTSIDE_DOCS = "link-outside-docs";
        /// A reference link whose definition is not there.
        Warning UNDEFINED_REFERENCE = "undefined-reference";
        /// An include of a file that is not there, or of itself.
        Error BROKEN_INCLUDE = "broken-include";
        /// A page that no other page links to.
        Off ORPHAN_PAGE = "orphan-page";
    }
    Suppression {
        /// A suppression that cannot be read, or names no rule.
        Warning SUPPRESSION_SYNTAX = "suppression-syntax";
        /// A suppression that silences nothing.
        Warning UNUSED_SUPPRESSION = "unused-suppression";
    }
    Project {
        /// A configuration file of API Doctor's that cannot be read.
        Warning API_DOCTOR_CONFIG = "api-doctor-config";
        /// A case file that cannot be read.
        Error CASE_FILE_SYNTAX = "case-file-syntax";
        /// A file among the case files that is none.
        Warning CASE_FILE_FOREIGN = "case-file-foreign";
        /// A scenario file that cannot be read.
        Error SCENARIO_SYNTAX = "scenario-syntax";
        /// A value of a scenario that cannot mean anything.
        Error SCENARIO_VALUE = "scenario-value";
        /// A scenario or a step of a case that no page documents.
        Error SCENARIO_UNKNOWN_CASE = "scenario-unknown-case";
        /// A shared step that no file has, that is there twice, or that uses itself.
        Error SCENARIO_UNKNOWN_STEP = "scenario-unknown-step";
        /// A variable that nothing sets before it is needed.
        Error SCENARIO_UNKNOWN_VARIABLE = "scenario-unknown-variable";
        /// A snapshot file that cannot be read.
        Error SNAPSHOT_SYNTAX = "snapshot-syntax";
        /// The file of a known deviation that cannot be read.
        Error DEVIATION_SYNTAX = "deviation-syntax";
    }
}

/// The rules that pages are checked by.
pub(crate) fn page_rules() -> impl Iterator<Item = &'static Rule> {
    let rules = RULES.iter().copied();
    rules.filter(|rule| rule.family != Family::Project)
}
