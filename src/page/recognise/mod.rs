//! Recognises examples on pages without annotations.

mod context;
mod cue;
mod name;
mod operation;
pub(crate) mod rules;
mod status;
mod target;
mod text;

use std::collections::BTreeMap;

#[cfg(feature = "cli")]
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::http::url::UrlTemplate;
use crate::page::extract::BlockType;
use crate::text::source::Span;
pub(crate) use context::Context;
pub(crate) use status::of_body;
pub(crate) use target::with_placeholders;
pub(crate) use text::{is_body, output_of_command};

/// How examples are recognised.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recognition {
    /// The rules that apply.
    pub rules: Vec<RecognitionRule>,
    /// Words that announce a response, beside the built-in ones.
    pub cues: Vec<String>,
    /// The status of a response for which none is documented; any 2xx if `None`.
    pub status: Option<u16>,
}

impl Default for Recognition {
    fn default() -> Self {
        Self {
            rules: RecognitionRule::DEFAULT.to_vec(),
            cues: Vec::new(),
            status: None,
        }
    }
}

/// Why a request and a response are taken for an example.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum RecognitionRule {
    /// A request line, then a block of the same operation with a status line.
    StatusLine,
    /// A curl command, then a block with a status line.
    CurlStatus,
    /// A request line or a curl command, then a body that its heading or the line
    /// above it announces as the response.
    ResponseCue,
    /// The same without an announcement, directly below the request.
    Below,
    /// Request and response in one block.
    OneBlock,
    /// An endpoint in a heading, a table or a component, then a response.
    Endpoint,
}

impl RecognitionRule {
    /// All rules.
    pub const ALL: [Self; 6] = [
        Self::StatusLine,
        Self::CurlStatus,
        Self::ResponseCue,
        Self::Below,
        Self::OneBlock,
        Self::Endpoint,
    ];
    /// The rules that apply unless others are configured.
    pub const DEFAULT: [Self; 5] = [
        Self::StatusLine,
        Self::CurlStatus,
        Self::ResponseCue,
        Self::Below,
        Self::OneBlock,
    ];

    /// The name in the configuration, in case files and in reports.
    pub const fn name(self) -> &'static str {
        match self {
            Self::StatusLine => "status-line",
            Self::CurlStatus => "curl-status",
            Self::ResponseCue => "response-cue",
            Self::Below => "below",
            Self::OneBlock => "one-block",
            Self::Endpoint => "endpoint",
        }
    }

    /// The rule with a name.
    pub fn by_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|rule| rule.name() == name)
    }
}

/// What recognition found on a page.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Recognised {
    /// The requests and responses of the recognised examples, in the order of the
    /// page.
    pub blocks: Vec<RecognisedBlock>,
    /// The number of pairs of a request and a response, by rule.
    pub pairs: BTreeMap<RecognitionRule, usize>,
    /// The requests without a response.
    pub alone: Vec<Span>,
    /// The commands that could not be read.
    pub unreadable: Vec<Unreadable>,
    /// The number of recognised requests to each origin, such as
    /// `https://api.example.com`, or to each variable in its place.
    pub hosts: BTreeMap<String, usize>,
    /// The number of recognised requests with each placeholder.
    pub placeholders: BTreeMap<String, usize>,
    /// The blocks that look like a part of an example, and are none.
    pub refused: Vec<Refused>,
    /// The commands whose method or path is not that of their operation.
    pub differing: Vec<Differing>,
    /// The pairs of rules that do not apply, by rule. They are only proposed.
    pub proposed: BTreeMap<RecognitionRule, usize>,
}

impl Recognised {
    /// Counts the origin and the placeholders of a request's target.
    fn count_target(&mut self, target: &str) {
        let origin = match target.split_once("://") {
            Some((scheme, rest)) => {
                let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
                Some(target[..scheme.len() + 3 + end].to_owned())
            }
            None => target
                .strip_prefix('{')
                .and_then(|rest| rest.split_once('}'))
                .map(|(name, _)| format!("${name}")),
        };
        if let Some(origin) = origin {
            *self.hosts.entry(origin).or_default() += 1;
        }
        if let Ok(url) = UrlTemplate::parse(target) {
            for name in url.placeholders() {
                *self.placeholders.entry(name.to_owned()).or_default() += 1;
            }
        }
    }
}

/// A block of a recognised example.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecognisedBlock {
    /// The block, with its fences. Its annotation belongs on the line above.
    pub span: Span,
    /// The rule that recognised the example.
    pub rule: RecognitionRule,
    /// `request` or `response`.
    pub(crate) block_type: BlockType,
    /// The name that its annotation gets; several, if requests share a response.
    pub names: Vec<String>,
    /// The status that the text around a response without a status line
    /// documents. It is the `status` of the annotation.
    pub status: Option<u16>,
    /// Whether the block is the second half of the request's block, and needs no
    /// annotation.
    pub is_half: bool,
}

/// A command that could not be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unreadable {
    /// The place of the problem.
    pub span: Span,
    /// The problem.
    pub reason: String,
}

/// A block that is not recognised, though it looks like a part of an example.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    /// The block.
    pub span: Span,
    /// Why it is refused.
    pub reason: Refusal,
}

/// Why a block is not a part of an example.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Refusal {
    /// It describes the types of values.
    Schema,
    /// It is the template of requests that follow.
    Signature,
    /// It is the content of a request.
    Payload,
    /// No request of its operation precedes it.
    NoRequest,
}

impl Refusal {
    /// The reason, to follow "the block is".
    pub const fn describe(self) -> &'static str {
        match self {
            Self::Schema => "a schema",
            Self::Signature => "the signature of the operation",
            Self::Payload => "the content of a request",
            Self::NoRequest => "not preceded by a request of its operation",
        }
    }
}

/// A command whose method or path is not that of its operation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Differing {
    /// The method and the target of the command.
    pub command: Span,
    /// The operation, where the heading or the signature states it.
    pub operation: Span,
    /// What differs.
    pub message: String,
}
