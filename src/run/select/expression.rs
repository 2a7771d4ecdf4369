//! Expressions over cases: predicates and operators.

use std::fmt;

use super::last_run::LastRun;
use super::matcher::Matcher;
use super::subject::Subject;
use crate::http::status::Status;

/// A predicate on one case.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Predicate {
    /// `all()`
    All,
    /// `none()`
    None,
    /// `page(glob)`: the path of its page, relative to the docs root.
    Page(Matcher),
    /// `method(GET)`: the method of its request, case-insensitive.
    Method(String),
    /// `status(2xx)`: the status of its documented response.
    Status(Status),
    /// `tag(exact)`: one of its tags, or of its scenario's.
    Tag(Matcher),
    /// `name(part)`: its name, or its number on the page if it has no name.
    Name(Matcher),
    /// `id(part)`: its id, or that of its result.
    Id(Matcher),
    /// `failed()`: it failed in the last run.
    Failed,
}

/// A set of cases.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Expression {
    /// The cases for which the predicate is true.
    Is(Predicate),
    /// `!`: complement.
    Not(Box<Self>),
    /// `&`: intersection.
    And(Box<Self>, Box<Self>),
    /// `-`: difference.
    Minus(Box<Self>, Box<Self>),
    /// `|`: union.
    Or(Box<Self>, Box<Self>),
}

impl From<Predicate> for Expression {
    fn from(predicate: Predicate) -> Self {
        Self::Is(predicate)
    }
}

impl Expression {
    /// Joins expressions with `|`; returns `None` if there are none.
    pub(crate) fn any(of: impl IntoIterator<Item = Self>) -> Option<Self> {
        of.into_iter()
            .reduce(|one, other| Self::Or(Box::new(one), Box::new(other)))
    }

    /// Joins expressions with `&`; returns `all()` if there are none.
    pub(crate) fn every(of: impl IntoIterator<Item = Self>) -> Self {
        of.into_iter()
            .reduce(|one, other| Self::And(Box::new(one), Box::new(other)))
            .unwrap_or(Self::Is(Predicate::All))
    }

    /// Whether the expression selects a case.
    pub(crate) fn selects(&self, subject: &Subject<'_>, last: &LastRun) -> bool {
        let known = self.evaluate(&|predicate| Some(predicate.matches(subject, last)));
        known.expect("every predicate is known for a case")
    }

    /// Whether the expression may select a case, whatever failed in the last run.
    pub(crate) fn may_select(&self, subject: &Subject<'_>) -> bool {
        let none = LastRun::default();
        let known = self.evaluate(&|predicate| match predicate {
            Predicate::Failed => None,
            predicate => Some(predicate.matches(subject, &none)),
        });
        known != Some(false)
    }

    /// Whether the expression may select cases of a page that has not been
    /// read.
    pub(crate) fn may_select_page(&self, page: &str) -> bool {
        let known = self.evaluate(&|predicate| match predicate {
            Predicate::All => Some(true),
            Predicate::None => Some(false),
            Predicate::Page(matcher) => Some(matcher.matches(page)),
            _ => None,
        });
        known != Some(false)
    }

    /// Whether the expression uses a predicate for which `fits` is true.
    pub(crate) fn uses(&self, fits: impl Fn(&Predicate) -> bool + Copy) -> bool {
        match self {
            Self::Is(predicate) => fits(predicate),
            Self::Not(of) => of.uses(fits),
            Self::And(one, other) | Self::Minus(one, other) | Self::Or(one, other) => {
                one.uses(fits) || other.uses(fits)
            }
        }
    }

    /// Evaluates the expression where some predicates may be unknown (Kleene's
    /// three-valued logic).
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

    /// The precedence of the operator.
    fn strength(&self) -> u8 {
        match self {
            Self::Or(..) => 0,
            Self::And(..) | Self::Minus(..) => 1,
            Self::Is(_) | Self::Not(_) => 2,
        }
    }

    /// Formats the expression, in parentheses if its precedence is below
    /// `least`.
    fn write(&self, formatter: &mut fmt::Formatter<'_>, least: u8) -> fmt::Result {
        if self.strength() < least {
            return write!(formatter, "({self})");
        }
        write!(formatter, "{self}")
    }
}

impl Predicate {
    fn matches(&self, subject: &Subject<'_>, last: &LastRun) -> bool {
        let case = subject.case;
        match self {
            Self::All => true,
            Self::None => false,
            Self::Page(matcher) => matcher.matches(&case.page),
            Self::Method(method) => method.eq_ignore_ascii_case(&case.request.method),
            Self::Status(status) => case
                .response
                .as_ref()
                .is_some_and(|response| response.message.status.is_in(*status)),
            Self::Tag(matcher) => subject.tags().any(|tag| matcher.matches(tag)),
            Self::Name(matcher) => matcher.matches(subject.name()),
            Self::Id(matcher) => subject.ids().any(|id| matcher.matches(&id)),
            Self::Failed => subject.ids().any(|id| last.failed(&id)),
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
        // Operators are left-associative.
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
