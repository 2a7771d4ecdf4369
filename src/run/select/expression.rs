//! Expressions over cases: predicates, and what puts them together.

use std::fmt;

use super::last_run::LastRun;
use super::matcher::Matcher;
use super::subject::Subject;

/// What is asked of one case.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Predicate {
    /// `all()`
    All,
    /// `none()`
    None,
    /// `page(glob)`: its page, relative to the docs root.
    Page(Matcher),
    /// `method(GET)`: the method of its request, in whatever case.
    Method(String),
    /// `status(2xx)`: the status of its documented response.
    Status(Status),
    /// `tag(exact)`: one of its tags or of its scenario's.
    Tag(Matcher),
    /// `name(part)`: its name, or its number on the page where it has none.
    Name(Matcher),
    /// `id(part)`: its id, or that of its result.
    Id(Matcher),
    /// `failed()`: that it failed when it was last run.
    Failed,
}

/// A status, or the class of one (RFC 9110, 15).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Status {
    /// `404`
    Code(u16),
    /// `4xx`
    Class(u16),
}

/// Which cases are meant.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Expression {
    /// Those of which this is so.
    Is(Predicate),
    /// `!`: the others.
    Not(Box<Self>),
    /// `&`: those of both.
    And(Box<Self>, Box<Self>),
    /// `-`: those of the first that are none of the second.
    Minus(Box<Self>, Box<Self>),
    /// `|`: those of either.
    Or(Box<Self>, Box<Self>),
}

impl From<Predicate> for Expression {
    fn from(predicate: Predicate) -> Self {
        Self::Is(predicate)
    }
}

impl Expression {
    /// The cases of any of these; none where there is no expression.
    pub(crate) fn any(of: impl IntoIterator<Item = Self>) -> Option<Self> {
        of.into_iter()
            .reduce(|one, other| Self::Or(Box::new(one), Box::new(other)))
    }

    /// The cases of all of these; all where there is no expression.
    pub(crate) fn every(of: impl IntoIterator<Item = Self>) -> Self {
        of.into_iter()
            .reduce(|one, other| Self::And(Box::new(one), Box::new(other)))
            .unwrap_or(Self::Is(Predicate::All))
    }

    /// Whether a case is meant.
    pub(crate) fn takes(&self, subject: &Subject<'_>, last: &LastRun) -> bool {
        let known = self.evaluate(&|predicate| Some(predicate.holds(subject, last)));
        known.expect("all is known of a case")
    }

    /// Whether cases of a page may be meant, by what is known before it is read.
    pub(crate) fn may_take_page(&self, page: &str) -> bool {
        let known = self.evaluate(&|predicate| match predicate {
            Predicate::All => Some(true),
            Predicate::None => Some(false),
            Predicate::Page(matcher) => Some(matcher.takes(page)),
            _ => None,
        });
        known != Some(false)
    }

    /// Whether what it says of a case hangs on a predicate that fits.
    pub(crate) fn asks(&self, fits: impl Fn(&Predicate) -> bool + Copy) -> bool {
        match self {
            Self::Is(predicate) => fits(predicate),
            Self::Not(of) => of.asks(fits),
            Self::And(one, other) | Self::Minus(one, other) | Self::Or(one, other) => {
                one.asks(fits) || other.asks(fits)
            }
        }
    }

    /// What it comes to where not all may be known: what is so whatever the
    /// unknown is, is known (Kleene's logic).
    fn evaluate(&self, ask: &impl Fn(&Predicate) -> Option<bool>) -> Option<bool> {
        let both = |one: Option<bool>, other: &dyn Fn() -> Option<bool>| match one {
            Some(false) => Some(false),
            Some(true) => other(),
            None => other().filter(|other| !other),
        };
        match self {
            Self::Is(predicate) => ask(predicate),
            Self::Not(of) => of.evaluate(ask).map(|is| !is),
            Self::And(one, other) => both(one.evaluate(ask), &|| other.evaluate(ask)),
            Self::Minus(one, other) => {
                both(one.evaluate(ask), &|| other.evaluate(ask).map(|is| !is))
            }
            Self::Or(one, other) => match one.evaluate(ask) {
                Some(true) => Some(true),
                Some(false) => other.evaluate(ask),
                None => other.evaluate(ask).filter(|other| *other),
            },
        }
    }

    /// How tightly it binds.
    fn strength(&self) -> u8 {
        match self {
            Self::Or(..) => 0,
            Self::And(..) | Self::Minus(..) => 1,
            Self::Is(_) | Self::Not(_) => 2,
        }
    }

    /// Writes it, in parentheses where it binds less tightly than must be.
    fn write(&self, formatter: &mut fmt::Formatter<'_>, least: u8) -> fmt::Result {
        if self.strength() < least {
            return write!(formatter, "({self})");
        }
        write!(formatter, "{self}")
    }
}

impl Predicate {
    fn holds(&self, subject: &Subject<'_>, last: &LastRun) -> bool {
        let case = subject.case;
        match self {
            Self::All => true,
            Self::None => false,
            Self::Page(matcher) => matcher.takes(&case.page),
            Self::Method(method) => method.eq_ignore_ascii_case(&case.request.method),
            Self::Status(status) => case.response.as_ref().is_some_and(|response| {
                let documented = response.message.status;
                match status {
                    Status::Code(code) => documented == *code,
                    Status::Class(class) => documented / 100 == *class,
                }
            }),
            Self::Tag(matcher) => subject.tags().any(|tag| matcher.takes(tag)),
            Self::Name(matcher) => matcher.takes(subject.name()),
            Self::Id(matcher) => subject.ids().any(|id| matcher.takes(&id)),
            Self::Failed => subject.ids().any(|id| last.failed(&id)),
        }
    }
}

impl fmt::Display for Status {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Code(code) => write!(formatter, "{code}"),
            Self::Class(class) => write!(formatter, "{class}xx"),
        }
    }
}

impl fmt::Display for Predicate {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::All => write!(formatter, "all()"),
            Self::None => write!(formatter, "none()"),
            Self::Page(matcher) => write!(formatter, "page({matcher})"),
            Self::Method(method) => write!(formatter, "method({method})"),
            Self::Status(status) => write!(formatter, "status({status})"),
            Self::Tag(matcher) => write!(formatter, "tag({matcher})"),
            Self::Name(matcher) => write!(formatter, "name({matcher})"),
            Self::Id(matcher) => write!(formatter, "id({matcher})"),
            Self::Failed => write!(formatter, "failed()"),
        }
    }
}

impl fmt::Display for Expression {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Operators of one strength are read from the left.
        let (one, sign, other, strength) = match self {
            Self::Is(predicate) => return write!(formatter, "{predicate}"),
            Self::Not(of) => {
                write!(formatter, "!")?;
                return of.write(formatter, 2);
            }
            Self::And(one, other) => (one, '&', other, 1),
            Self::Minus(one, other) => (one, '-', other, 1),
            Self::Or(one, other) => (one, '|', other, 0),
        };
        one.write(formatter, strength)?;
        write!(formatter, " {sign} ")?;
        other.write(formatter, strength + 1)
    }
}
