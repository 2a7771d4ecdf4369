//! Recognises examples on pages without annotations.

/// How examples are recognised.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recognition {
    /// The rules that apply.
    pub rules: Vec<RecognitionRule>,
    /// Words that announce a response, beside the built-in ones.
    pub cues: Vec<String>,
}

impl Default for Recognition {
    fn default() -> Self {
        Self {
            rules: RecognitionRule::DEFAULT.to_vec(),
            cues: Vec::new(),
        }
    }
}

/// Why a request and a response are taken for an example.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
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
