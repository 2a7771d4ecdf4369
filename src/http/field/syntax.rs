//! What the value of a header field is.

/// What a field value is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Syntax {
    /// Text without a known structure.
    Text,
    /// Text that differs in every response.
    Like,
    /// The identifier of a request.
    Id,
    /// A whole number.
    Number,
    /// An HTTP date.
    Date,
    /// An HTTP date, or a number of seconds.
    Delay,
    /// An entity tag.
    EntityTag,
    /// A URL or a relative reference.
    Url,
    /// A media type.
    MediaType,
    /// The range of a partial response.
    Range,
    /// The identifier of a trace.
    TraceParent,
    /// Items whose order has no meaning.
    Set(Item),
    /// Items whose order has a meaning.
    List(Item),
    /// Names with or without a value, in any order, with this separator.
    Directives(u8),
    /// Authentication challenges, in any order.
    Challenges,
    /// Cookies, one in each field line.
    Cookies,
}

/// What the items of a list are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Item {
    /// A word without case, or a quoted string.
    Word,
    /// A word with case.
    CasedWord,
    /// A word without case or a name with a value, and parameters in any order.
    Parameters,
    /// A media type, with parameters in any order.
    MediaRange,
    /// A URL with parameters in any order.
    Link,
    /// The directive of a content security policy: a name, and sources in any
    /// order. The separator is `;`.
    Source,
}

impl Syntax {
    /// What separates the items, if there are any.
    pub(crate) fn separator(self) -> Option<u8> {
        match self {
            Self::Set(Item::Source) => Some(b';'),
            Self::Set(_) | Self::List(_) | Self::Challenges => Some(b','),
            Self::Directives(separator) => Some(separator),
            _ => None,
        }
    }

    /// The syntax as a phrase.
    pub(crate) fn describe(self) -> String {
        let items = |item: Item| match item {
            Item::Word => "words without case",
            Item::CasedWord => "words with case",
            Item::Parameters => "words with parameters",
            Item::MediaRange => "media types",
            Item::Link => "links with parameters",
            Item::Source => "directives with sources",
        };
        let text = match self {
            Self::Text => "text",
            Self::Like => "text, number or date",
            Self::Id => "identifier",
            Self::Number => "number",
            Self::Date => "date",
            Self::Delay => "date or number",
            Self::EntityTag => "entity tag",
            Self::Url => "URL",
            Self::MediaType => "media type",
            Self::Range => "range",
            Self::TraceParent => "trace identifier",
            Self::Set(item) => return format!("set of {}", items(item)),
            Self::List(item) => return format!("list of {}", items(item)),
            Self::Directives(_) => "set of directives",
            Self::Challenges => "set of challenges",
            Self::Cookies => "set of cookies",
        };
        text.to_owned()
    }
}
