//! Where a block stands on its page: the headings above it, and its label.

use std::collections::BTreeMap;

use super::cue::{self, Cue};
use super::operation::Operation;
use crate::page::curl;
use crate::page::markdown::{Fence, Part};
use crate::text::source::{Page, Span};

/// The level of a component that states an operation: below that of all headings.
const COMPONENT: usize = 7;

/// The parts of a page, with the headings that name operations.
#[derive(Debug)]
pub(crate) struct Context<'a> {
    page: &'a Page,
    /// The parts, in order.
    pub parts: Vec<Part<'a>>,
    /// For each part, the index of the nearest heading above it that names
    /// something, and encloses it.
    naming: Vec<Option<usize>>,
    /// Whether each heading names something, and its text.
    headings: BTreeMap<usize, (bool, String)>,
}

impl<'a> Context<'a> {
    /// Finds the headings of the parts of a page.
    pub(crate) fn of(page: &'a Page, parts: Vec<Part<'a>>) -> Self {
        let mut headings = BTreeMap::new();
        let mut naming = Vec::with_capacity(parts.len());
        let mut open: Vec<(usize, usize)> = Vec::new();
        for (at, part) in parts.iter().enumerate() {
            match part {
                Part::Heading(level, span) => {
                    let text = cue::heading_text(page, *span);
                    let names = cue::names_something(&text);
                    open.retain(|(other, _)| other < level);
                    if names {
                        open.push((*level, at));
                    }
                    headings.insert(at, (names, text));
                }
                // A component that states an operation begins it.
                Part::Mark(span) => {
                    if let Some(operation) = Operation::first(page, *span) {
                        open.retain(|(other, _)| *other < COMPONENT);
                        open.push((COMPONENT, at));
                        let text = format!("{} {}", operation.method, operation.template);
                        headings.insert(at, (true, text));
                    }
                }
                Part::Text(span) => {
                    if let Some(label) = cue::label(page.slice(*span)) {
                        headings.insert(at, (false, label.to_owned()));
                    }
                }
                Part::Row(_) | Part::Code(_) => {}
            }
            naming.push(open.last().map(|(_, at)| *at));
        }
        Self {
            page,
            parts,
            naming,
            headings,
        }
    }

    /// The level of a part, if it is a heading or a component that states an
    /// operation.
    pub(super) fn level(&self, at: usize) -> Option<usize> {
        match self.parts.get(at)? {
            Part::Heading(level, _) => Some(*level),
            Part::Mark(_) if self.names_something(at) => Some(COMPONENT),
            _ => None,
        }
    }

    /// Whether a part is a heading that names something.
    pub(super) fn names_something(&self, at: usize) -> bool {
        self.headings.get(&at).is_some_and(|(names, _)| *names)
    }

    /// The heading of the operation of a part.
    pub(super) fn naming(&self, at: usize) -> Option<usize> {
        self.naming.get(at).copied().flatten()
    }

    /// The text of a heading.
    pub(super) fn heading(&self, at: usize) -> &str {
        self.headings.get(&at).map_or("", |(_, text)| text.as_str())
    }

    /// The name of the operation of a part: its heading, or that of the page.
    pub(super) fn name(&self, at: usize) -> &str {
        let first = || self.headings.values().map(|(_, text)| text.as_str()).next();
        match self.naming(at) {
            Some(heading) => self.heading(heading),
            None => first().unwrap_or_default(),
        }
    }

    /// The nearest heading above a part.
    pub(super) fn nearest_heading(&self, at: usize) -> Option<usize> {
        self.headings.range(..at).next_back().map(|(at, _)| *at)
    }

    /// The last lines of the text directly above a part, the nearest first.
    pub(super) fn above(&self, at: usize) -> Vec<&str> {
        let Some(span) = self.label(at) else {
            return Vec::new();
        };
        let lines = self.page.slice(span).lines().rev();
        let lines = lines.map(|line| line.trim_matches(['>', ' ', '\t', '*', '#']));
        let is_text = |line: &&str| !line.is_empty() && !line.starts_with("{:");
        lines.filter(is_text).take(2).collect()
    }

    /// The text, heading or mark directly above a part.
    fn label(&self, at: usize) -> Option<Span> {
        let mut above = self.parts[..at].iter().rev();
        let is_attribute =
            |part: &&Part<'_>| self.page.slice(part.span()).trim_start().starts_with("{:");
        match above.find(|part| !is_attribute(part))? {
            Part::Text(span) | Part::Heading(_, span) | Part::Mark(span) => Some(*span),
            Part::Row(_) | Part::Code(_) => None,
        }
    }

    /// The info string of a code block: its language, and the rest.
    pub(super) fn info(&self, fence: &Fence<'_>) -> (String, &'a str) {
        let opening = self.page.slice(fence.opening);
        let info = opening.trim_start_matches(['`', '~']);
        if info.len() == opening.len() {
            return (String::new(), "");
        }
        let info = info.trim().trim_start_matches(['{', '.']);
        let end = info
            .find(|c: char| c.is_whitespace() || matches!(c, '{' | ',' | '}' | ':'))
            .unwrap_or(info.len());
        (info[..end].to_ascii_lowercase(), info[end..].trim())
    }

    /// What the info string, the lines above and the heading of a block say. Only a
    /// heading below the part `from` counts.
    pub(super) fn cue(&self, at: usize, from: usize, own: &[String]) -> Cue {
        if let Part::Code(fence) = &self.parts[at] {
            let (_, title) = self.info(fence);
            let said = cue::cue(title, own);
            if said != Cue::None {
                return said;
            }
            if cue::heading_status(title).is_some() {
                return Cue::Response;
            }
        }
        for line in self.above(at) {
            let said = cue::cue(line, own);
            if said != Cue::None {
                return said;
            }
            if !cue::statuses(line).is_empty() {
                return Cue::Response;
            }
        }
        match self.nearest_heading(at) {
            Some(heading) if heading > from => {
                let text = self.heading(heading);
                match cue::heading_status(text) {
                    Some(_) => Cue::Response,
                    None => cue::cue(text, own),
                }
            }
            _ => Cue::None,
        }
    }

    /// The status that the surroundings of a response document: its title, the line
    /// above, or its heading.
    pub(super) fn status_near(&self, at: usize, from: usize) -> Option<u16> {
        let only = |found: Vec<u16>| match found.as_slice() {
            [status] => Some(*status),
            _ => None,
        };
        if let Part::Code(fence) = &self.parts[at] {
            let title = cue::heading_status(self.info(fence).1);
            if title.is_some() {
                return title;
            }
        }
        let above = self.above(at);
        let stated = above.iter().find_map(|line| only(cue::statuses(line)));
        // "Returns 404 if it does not exist" is about another response.
        if stated.is_some_and(|status| status < 400 || self.shows_error(at)) {
            return stated;
        }
        let heading = self.nearest_heading(at).filter(|heading| *heading > from)?;
        cue::heading_status(self.heading(heading))
    }

    /// Whether a block is the body of an error.
    fn shows_error(&self, at: usize) -> bool {
        let Part::Code(fence) = &self.parts[at] else {
            return false;
        };
        [
            "\"error",
            "\"message\"",
            "\"code\"",
            "\"detail",
            "\"title\"",
            "\"fault",
            "<error",
        ]
        .iter()
        .any(|key| fence.text.text.contains(key))
    }

    /// The end of the operation of a part: the next heading at or above the level of
    /// its heading that names something, or above it.
    pub(super) fn end(&self, at: usize) -> usize {
        let level = self.naming_level(at);
        let closes = |heading: &usize| self.closes(*heading, level);
        let mut headings = self.headings.range(at + 1..).map(|(at, _)| *at);
        headings.find(closes).unwrap_or(self.parts.len())
    }

    /// The level of the heading of a part's operation.
    pub(super) fn naming_level(&self, at: usize) -> usize {
        self.naming(at)
            .and_then(|at| self.level(at))
            .unwrap_or(COMPONENT)
    }

    /// Whether a heading ends an operation whose heading has a level.
    pub(super) fn closes(&self, heading: usize, level: usize) -> bool {
        self.level(heading).is_some_and(|own| {
            let is_beside =
                own == level || level == COMPONENT || self.is_response_beside(heading, level);
            own <= level && (!is_beside || self.names_something(heading))
        })
    }

    /// Whether a heading announces the responses of the operations above it, whose
    /// headings have a level: it stands beside them, or one level above.
    pub(super) fn is_response_beside(&self, heading: usize, level: usize) -> bool {
        let own = self.level(heading);
        !self.names_something(heading)
            && own.is_some_and(|own| own == level || own + 1 == level)
            && cue::cue(self.heading(heading), &[]) == Cue::Response
    }

    /// The successful status that the text and the tables between two parts
    /// document, if it is the only one.
    pub(super) fn only_status(&self, from: usize, to: usize) -> Option<u16> {
        let mut found = None;
        for part in &self.parts[from..to] {
            let text = self.page.slice(part.span());
            let codes = match part {
                Part::Text(_) => cue::statuses(text),
                Part::Row(_) => match cue::row_status(text) {
                    Some(status) => vec![status],
                    None => cue::statuses(text),
                },
                _ => continue,
            };
            for code in codes.into_iter().filter(|code| (200..300).contains(code)) {
                match found {
                    None => found = Some(code),
                    Some(known) if known == code => {}
                    Some(_) => return None,
                }
            }
        }
        found
    }

    /// The content of a file that the page shows: in the block whose title or whose
    /// line above has its name; else in the block above `at` that is announced as the
    /// payload of its operation.
    pub(crate) fn file(&self, name: &str, at: usize) -> Option<String> {
        let base = name.rsplit('/').next().unwrap_or(name);
        let code = |at: usize| match &self.parts[at] {
            Part::Code(fence) => Some(fence),
            _ => None,
        };
        let shows = |at: &usize| {
            code(*at).is_some_and(|fence| {
                self.info(fence).1.contains(base)
                    || self.above(*at).iter().any(|line| line.contains(base))
            })
        };
        let is_payload = |at: &usize| code(*at).is_some() && self.cue(*at, 0, &[]) == Cue::Request;
        let start = self.naming(at).unwrap_or(0);
        // A command may be in a block below a line with the name, too.
        let is_body =
            |at: &usize| code(*at).is_some_and(|fence| !curl::is_command(&fence.text.text));
        let near = (0..at)
            .rev()
            .take(NEAR)
            .chain((at + 1..self.parts.len()).take(NEAR));
        let named = near.filter(is_body).find(shows);
        let found = named.or_else(|| {
            let mut above = (start..at).rev().take(NEAR);
            above.find(|at| is_body(at) && is_payload(at))
        })?;
        code(found).map(|fence| fence.text.text.clone().into_owned())
    }
}

/// How many parts are searched for the content of a file.
const NEAR: usize = 60;
