//! The rules that pair requests with responses on pages without annotations.

mod add;
mod stated;

use std::collections::{BTreeMap, HashSet};

use serde_json::Value;

use crate::http::message::Request;
use crate::http::status::Status;
use crate::http::text::Read;
use crate::page::curl;
use crate::page::extract::{Annotated, HttpBlock};
use crate::page::markdown::{self, Fence, Part};
use crate::page::recognise::context::Context;
use crate::page::recognise::cue::{self, Cue};
use crate::page::recognise::name::Names;
use crate::page::recognise::operation::{Operation, Stated};
use crate::page::recognise::text::{Text, is_body};
use crate::page::recognise::{
    Recognised, Recognition, RecognitionRule, Refusal, Refused, Unreadable, of_body,
};
use crate::text::source::{Page, Span};

/// The most lines between a request and a response that nothing announces.
const BELOW: usize = 3;

/// Recognises the examples of a page outside of the annotated blocks.
pub(crate) fn recognise<'a>(
    page: &'a Page,
    annotated: &[Annotated<'_>],
    recognition: &Recognition,
) -> (Vec<Annotated<'a>>, Recognised) {
    let parts = markdown::flow(page);
    let mut taken = annotated.iter().map(|block| block.fence.span).peekable();
    let is_taken = |part: &&Part<'_>| {
        let span = part.span();
        while taken.next_if(|taken| taken.end <= span.start).is_some() {}
        matches!(part, Part::Code(_)) && taken.peek().is_some_and(|taken| taken.start < span.end)
    };
    let taken = parts.iter().filter(is_taken);
    let taken = taken.map(|part| part.span().start).collect();
    let used = annotated
        .iter()
        .filter_map(|block| block.annotation.keys.get("name"));
    let used = used.filter_map(Value::as_str).map(str::to_owned).collect();
    let mut rules = Rules {
        page,
        context: Context::of(page, parts),
        recognition,
        taken,
        names: Names::with(used),
        open: None,
        waiting: Vec::new(),
        stated: None,
        blocks: Vec::new(),
        found: Recognised::default(),
        sections: BTreeMap::new(),
    };
    rules.read();
    rules.blocks.sort_by_key(|block| block.fence.span.start);
    rules.found.blocks.sort_by_key(|block| block.span.start);
    (rules.blocks, rules.found)
}

/// What stands between a request and a block below it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Between {
    /// No code.
    Text,
    /// Code that is not recognised.
    Code,
    /// Commands other than curl.
    Commands,
}

/// A request whose responses are looked for.
struct Open<'a> {
    /// Its part of the page.
    at: usize,
    block: Fence<'a>,
    is_command: bool,
    request: Read<Request>,
    /// Whether a heading below its own names something else.
    is_left: bool,
    /// What stands between it and the next block.
    between: Between,
    /// Whether it is an operation that the page states, and no example.
    is_stated: bool,
    responses: Vec<Paired<'a>>,
}

impl<'a> Open<'a> {
    fn new(at: usize, block: Fence<'a>, request: Read<Request>) -> Self {
        Self {
            at,
            is_command: curl::is_command(&block.text.text),
            block,
            request,
            is_left: false,
            between: Between::Text,
            is_stated: false,
            responses: Vec::new(),
        }
    }
}

/// A response of a request.
struct Paired<'a> {
    block: Fence<'a>,
    rule: RecognitionRule,
    /// The status, if the text around the response documents it.
    status: Option<u16>,
    is_half: bool,
    /// The names of other requests that have it too.
    others: Vec<String>,
}

struct Rules<'a, 'r> {
    page: &'a Page,
    context: Context<'a>,
    recognition: &'r Recognition,
    /// Where annotated blocks start.
    taken: HashSet<usize>,
    names: Names,
    open: Option<Open<'a>>,
    /// Requests that may share the response of the next request.
    waiting: Vec<Open<'a>>,
    stated: Option<Stated>,
    blocks: Vec<Annotated<'a>>,
    found: Recognised,
    /// The only successful status of each operation, by its first part.
    sections: BTreeMap<usize, Option<u16>>,
}

impl<'a> Rules<'a, '_> {
    fn read(&mut self) {
        for at in 0..self.context.parts.len() {
            match &self.context.parts[at] {
                Part::Heading(_, span) | Part::Mark(span) => {
                    let span = *span;
                    self.heading(at);
                    self.operation(at, span);
                }
                Part::Code(fence) => {
                    let fence = fence.clone();
                    self.code(at, fence);
                }
                Part::Text(span) | Part::Row(span) => {
                    let span = *span;
                    self.operation(at, span);
                }
            }
        }
        self.close();
        self.end_waiting(0);
    }

    fn heading(&mut self, at: usize) {
        let Some(level) = self.context.level(at) else {
            return;
        };
        let closes = |of: usize| self.context.closes(at, self.context.naming_level(of));
        if self.stated.as_ref().is_some_and(|stated| closes(stated.at)) {
            self.stated = None;
        }
        let is_named = self.context.names_something(at);
        if let Some(open) = &mut self.open {
            if self.context.closes(at, self.context.naming_level(open.at)) {
                self.close();
            } else {
                let cue = cue::cue(self.context.heading(at), &self.recognition.cues);
                open.is_left |= is_named && cue == Cue::None;
            }
        }
        // The heading of the responses of several operations ends none.
        let last = self
            .waiting
            .last()
            .map(|open| self.context.naming_level(open.at));
        if !last.is_some_and(|last| self.context.is_response_beside(at, last)) {
            self.end_waiting(level + 1);
        }
    }

    /// Ends the open request at an annotated block. If it has no response, it is the
    /// signature of the annotated example.
    fn annotated(&mut self) {
        match &self.open {
            Some(open) if open.responses.is_empty() && !open.is_stated => {
                let span = open.block.span;
                self.refuse(span, Refusal::Signature);
                self.open = None;
            }
            _ => self.close(),
        }
    }

    fn code(&mut self, at: usize, fence: Fence<'a>) {
        if self.taken.contains(&fence.span.start) {
            self.annotated();
            return;
        }
        let (language, _) = self.context.info(&fence);
        match Text::of(&fence.text.text, &language) {
            Text::Request | Text::Command => self.request(at, fence),
            Text::Exchange(end, output) => self.exchange(at, &fence, end, output),
            Text::Requests => {
                self.close();
                self.found.alone.push(fence.span);
            }
            Text::Status => self.status(at, fence),
            Text::Body => self.body(at, fence),
            Text::Schema => self.schema(at, &fence),
            Text::Shell => {
                if let Some(open) = &mut self.open {
                    open.between = Between::Commands;
                }
            }
            Text::Other => {
                if let Some(open) = &mut self.open {
                    open.between = open.between.max(Between::Code);
                }
            }
        }
    }

    /// Reads a request. One that is not valid hides what follows it.
    fn read_request(&mut self, at: usize, block: &Fence<'a>) -> Option<Read<Request>> {
        let text = &block.text.text;
        let content = |name: &str| self.context.file(name, at);
        let HttpBlock::Request(read) = HttpBlock::request(text, &content) else {
            return None;
        };
        if read.message.is_some() {
            return Some(read);
        }
        let problem = read.problems.first();
        let range = problem.map_or(0..0, |problem| problem.range.clone());
        self.found.unreadable.push(Unreadable {
            span: if range.is_empty() {
                block.opening
            } else {
                block.text.span(range)
            },
            reason: problem.map_or_else(String::new, |problem| problem.message.clone()),
        });
        None
    }

    fn request(&mut self, at: usize, block: Fence<'a>) {
        let request = self.read_request(at, &block);
        self.replace(at, request.as_ref());
        if let Some(request) = request {
            self.differs(&block, &request);
            self.open = Some(Open::new(at, block, request));
        }
    }

    fn exchange(
        &mut self,
        at: usize,
        fence: &Fence<'a>,
        end: usize,
        output: std::ops::Range<usize>,
    ) {
        let (request, response) = fence.split(self.page, end, output);
        let read = self.read_request(at, &request);
        self.replace(at, read.as_ref());
        if let Some(read) = read {
            self.differs(&request, &read);
            self.open = Some(Open::new(at, request, read));
            self.pair(at, response, RecognitionRule::OneBlock, true);
            self.close();
        }
    }

    /// Closes the open request when another request of its operation follows. One
    /// without content and without a response is the signature of the operation.
    fn replace(&mut self, at: usize, next: Option<&Read<Request>>) {
        let Some(open) = self
            .open
            .take()
            .filter(|open| !open.is_stated || !open.responses.is_empty())
        else {
            return;
        };
        let message =
            |read: &Read<Request>| read.message.as_ref().map(|(request, _)| request.clone());
        let is_signature = open.responses.is_empty()
            && !open.is_command
            && self.context.naming(open.at) == self.context.naming(at)
            && match (message(&open.request), next.and_then(message)) {
                (Some(template), Some(request)) => {
                    template.body.is_none() && template.method == request.method
                }
                _ => false,
            };
        if is_signature {
            self.refuse(open.block.span, Refusal::Signature);
            if let Some(operation) = Operation::first(self.page, open.block.span) {
                self.stated = Some(Stated {
                    at: open.at,
                    is_only: true,
                    operation,
                });
            }
        } else {
            self.open = Some(open);
            self.close();
        }
    }

    fn status(&mut self, at: usize, block: Fence<'a>) {
        if self.open.is_none() && !self.open_stated() {
            return self.refuse(block.span, Refusal::NoRequest);
        }
        let rule = match &self.open {
            Some(open) if open.is_stated => RecognitionRule::Endpoint,
            Some(open) if open.is_command => RecognitionRule::CurlStatus,
            _ => RecognitionRule::StatusLine,
        };
        self.pair(at, block, rule, false);
    }

    fn body(&mut self, at: usize, block: Fence<'a>) {
        if self.open.is_none() {
            let from = self.stated.as_ref().map_or(0, |stated| stated.at);
            let cue = self.context.cue(at, from, &self.recognition.cues);
            if cue != Cue::Response || !self.open_stated() {
                return;
            }
        }
        let Some(open) = &mut self.open else { return };
        let cue = self.context.cue(at, open.at, &self.recognition.cues);
        let is_first = open.responses.is_empty();
        let has_status = || self.context.status_near(at, open.at).is_some();
        let rule = match cue {
            Cue::Request => {
                open.between = open.between.max(Between::Code);
                return self.refuse(block.span, Refusal::Payload);
            }
            Cue::Result if open.between == Between::Commands => None,
            _ if open.is_left => None,
            // A further response has its own status.
            Cue::Response | Cue::Result if is_first || has_status() => Some(if open.is_stated {
                RecognitionRule::Endpoint
            } else {
                RecognitionRule::ResponseCue
            }),
            Cue::None if is_first && self.is_below(at) => Some(RecognitionRule::Below),
            _ => None,
        };
        match rule {
            Some(rule) => self.pair(at, block, rule, false),
            None => {
                if let Some(open) = &mut self.open {
                    open.between = open.between.max(Between::Code);
                }
            }
        }
    }

    /// Whether a body stands directly below the open request.
    fn is_below(&self, at: usize) -> bool {
        let Some(open) = &self.open else { return false };
        let Some((request, _)) = &open.request.message else {
            return false;
        };
        let is_write = matches!(request.method.as_str(), "POST" | "PUT" | "PATCH");
        let end = self.page.line(open.block.span.end.saturating_sub(1));
        let start = self.page.line(self.context.parts[at].span().start);
        !open.is_left
            && open.between == Between::Text
            && (!is_write || request.body.is_some())
            && start.saturating_sub(end + 1) <= BELOW
    }

    fn schema(&mut self, at: usize, block: &Fence<'a>) {
        let Some(open) = &mut self.open else { return };
        open.between = open.between.max(Between::Code);
        let cue = self.context.cue(at, open.at, &self.recognition.cues);
        if matches!(cue, Cue::Response | Cue::Result) || self.is_below(at) {
            self.refuse(block.span, Refusal::Schema);
        }
    }

    fn refuse(&mut self, span: Span, reason: Refusal) {
        self.found.refused.push(Refused { span, reason });
    }

    /// Gives the open request a response.
    fn pair(&mut self, at: usize, block: Fence<'a>, rule: RecognitionRule, is_half: bool) {
        if !self.recognition.rules.contains(&rule) {
            *self.found.proposed.entry(rule).or_default() += 1;
            return;
        }
        let others = self.share(at, rule);
        let Some(open) = &self.open else { return };
        let is_alone = is_body(&block.text.text);
        let near = self.context.status_near(at, open.at);
        let is_success = |_: &u16| of_body(Some(&block.text.text)) == Status::Class(2);
        let default = self.recognition.status.filter(is_success);
        // The annotation of a block with both halves is that of its request.
        let status = if is_alone && !is_half {
            near.or_else(|| self.only_status(at)).or(default)
        } else {
            None
        };
        let Some(open) = &mut self.open else { return };
        open.responses.push(Paired {
            block,
            rule,
            status,
            is_half,
            others,
        });
    }
}

#[cfg(test)]
mod tests;
