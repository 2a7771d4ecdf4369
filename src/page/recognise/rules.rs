//! The rules that pair requests with responses on pages without annotations.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::context::Context;
use super::cue::{self, Cue};
use super::name::Names;
use super::operation::Operation;
use super::text::{Text, is_body};
use super::{
    Differing, Recognised, RecognisedBlock, Recognition, RecognitionRule, Refusal, Refused,
    Unreadable,
};
use crate::http::message::Request;
use crate::http::text::Read;
use crate::page::curl;
use crate::page::extract::{Annotated, BlockAnnotation, BlockType, HttpBlock};
use crate::page::markdown::{self, Fence, Part};
use crate::text::source::{Page, Span};

/// The most lines between a request and a response that nothing announces.
const BELOW: usize = 3;

/// Recognises the examples of a page outside of the annotated blocks.
pub(crate) fn recognise<'a>(
    page: &'a Page,
    annotated: &[Annotated<'_>],
    recognition: &Recognition,
) -> (Vec<Annotated<'a>>, Recognised) {
    let mut parts = markdown::flow(page);
    let mut taken = annotated.iter().map(|block| block.fence.span).peekable();
    parts.retain(|part| {
        let span = part.span();
        while taken.next_if(|taken| taken.end <= span.start).is_some() {}
        let is_taken = taken.peek().is_some_and(|taken| taken.start < span.end);
        !(is_taken && matches!(part, Part::Code(_)))
    });
    let used = annotated
        .iter()
        .filter_map(|block| block.annotation.keys.get("name"));
    let used = used.filter_map(Value::as_str).map(str::to_owned).collect();
    let mut rules = Rules {
        page,
        context: Context::of(page, parts),
        recognition,
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

/// A request whose responses are looked for.
struct Open<'a> {
    /// Its part of the page.
    at: usize,
    block: Fence<'a>,
    is_command: bool,
    request: Read<Request>,
    /// Whether a heading below its own names something else.
    is_left: bool,
    /// Whether another block follows it.
    is_followed: bool,
    /// Whether commands other than curl follow it.
    is_interrupted: bool,
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
            is_followed: false,
            is_interrupted: false,
            is_stated: false,
            responses: Vec::new(),
        }
    }
}

/// An operation that the page states outside of its examples.
struct Stated {
    /// Its part of the page.
    at: usize,
    operation: Operation,
    /// Whether no other is stated beside it.
    is_only: bool,
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

    /// Notes the operation that a part states. Of several, none is that of the
    /// blocks below.
    fn operation(&mut self, at: usize, span: Span) {
        let Some(operation) = Operation::first(self.page, span) else {
            return;
        };
        let is_known = |known: &Stated| self.context.naming(known.at) == self.context.naming(at);
        let is_heading = self.context.level(at).is_some();
        if !is_heading && let Some(known) = self.stated.as_mut().filter(|known| is_known(known)) {
            known.is_only &= known.operation.method == operation.method
                && known.operation.template == operation.template;
            return;
        }
        self.stated = Some(Stated {
            at,
            is_only: Operation::count(self.page, span) <= 1,
            operation,
        });
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

    /// Gives up the requests whose heading has this level, or a lower one in the
    /// outline, and which may have shared a response.
    fn end_waiting(&mut self, level: usize) {
        let context = &self.context;
        let ends = |open: &Open<'_>| context.naming_level(open.at) >= level;
        let (ended, waiting): (Vec<_>, _) = self.waiting.drain(..).partition(ends);
        self.waiting = waiting;
        let ended = ended.into_iter().map(|open: Open<'_>| open.block.span);
        self.found.alone.extend(ended);
    }

    fn code(&mut self, at: usize, fence: Fence<'a>) {
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
                    open.is_followed = true;
                    open.is_interrupted = true;
                }
            }
            Text::Other => {
                if let Some(open) = &mut self.open {
                    open.is_followed = true;
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
            span: match range.is_empty() {
                true => block.opening,
                false => block.text.span(range),
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
        let Some(open) = self.open.take() else { return };
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
            let is_request = |span: &Span| Operation::first(self.page, *span);
            if let Some(operation) = Some(open.block.span).as_ref().and_then(is_request) {
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
        let near = self.context.status_near(at, open.at);
        let rule = match cue {
            Cue::Request => {
                open.is_followed = true;
                return self.refuse(block.span, Refusal::Payload);
            }
            Cue::Result if open.is_interrupted => None,
            _ if open.is_left => None,
            // A further response has a status of its own.
            Cue::Response | Cue::Result if is_first || near.is_some() => {
                Some(match open.is_stated {
                    true => RecognitionRule::Endpoint,
                    false => RecognitionRule::ResponseCue,
                })
            }
            Cue::None if is_first && self.is_below(at) => Some(RecognitionRule::Below),
            _ => None,
        };
        match rule {
            Some(rule) => self.pair(at, block, rule, false),
            None => {
                if let Some(open) = &mut self.open {
                    open.is_followed = true;
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
            && !open.is_followed
            && !(is_write && request.body.is_none())
            && start.saturating_sub(end + 1) <= BELOW
    }

    fn schema(&mut self, at: usize, block: &Fence<'a>) {
        let Some(open) = &mut self.open else { return };
        open.is_followed = true;
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
        let status = match is_alone {
            false => None,
            true => near.or_else(|| self.only_status(at)),
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

    /// Opens the request of the operation that the page states. Returns whether it
    /// states exactly one.
    fn open_stated(&mut self) -> bool {
        let Some(stated) = self.stated.as_ref().filter(|stated| stated.is_only) else {
            return false;
        };
        let span = self.context.parts[stated.at].span();
        let block = Fence {
            span,
            opening: stated.operation.template_span,
            text: stated.operation.request_line(self.page),
        };
        let at = stated.at;
        let HttpBlock::Request(request) = HttpBlock::request(&block.text.text, &|_| None) else {
            return false;
        };
        if request.message.is_none() {
            return false;
        }
        self.open = Some(Open {
            is_stated: true,
            ..Open::new(at, block, request)
        });
        true
    }

    /// Notes if a command is not of the operation that the page states.
    fn differs(&mut self, block: &Fence<'a>, read: &Read<Request>) {
        let stated = self.stated.as_ref().filter(|stated| stated.is_only);
        let (Some(stated), Some((request, ranges))) = (stated, &read.message) else {
            return;
        };
        let operation = &stated.operation;
        let is_command = curl::is_command(&block.text.text);
        let message = if !is_command {
            return;
        } else if request.method != operation.method {
            format!(
                "the command sends {}, and the operation is {} {}",
                request.method, operation.method, operation.template
            )
        } else if !operation.has(&request.target) {
            format!("the path of the command is not `{}`", operation.template)
        } else {
            return;
        };
        self.found.differing.push(Differing {
            command: block.text.span(ranges.subject.clone()),
            operation: operation.template_span,
            message,
        });
    }

    /// The names of the requests that share a response with the open one: those
    /// above it with headings of their own, if the response's heading stands beside
    /// these.
    fn share(&mut self, at: usize, rule: RecognitionRule) -> Vec<String> {
        let Some(open) = &self.open else {
            return Vec::new();
        };
        let level = self.context.naming_level(open.at);
        let heading = self
            .context
            .nearest_heading(at)
            .filter(|heading| *heading > open.at);
        if !heading.is_some_and(|heading| self.context.is_response_beside(heading, level)) {
            self.end_waiting(level);
            return Vec::new();
        }
        let method = |open: &Open<'_>| open.request.message.as_ref().map(|it| it.0.method.clone());
        let own = method(open);
        let (shares, others): (Vec<_>, _) = self
            .waiting
            .drain(..)
            .partition(|other| method(other) == own);
        self.waiting = others;
        self.end_waiting(level);
        let mut names = Vec::new();
        for request in shares {
            let name = self.names.next(self.context.name(request.at));
            *self.found.pairs.entry(rule).or_default() += 1;
            self.add_request(request, &name, rule);
            names.push(name);
        }
        names
    }

    /// The successful status of the operation of a part, if there is exactly one.
    fn only_status(&mut self, at: usize) -> Option<u16> {
        let start = self.context.naming(at)?;
        if let Some(known) = self.sections.get(&start) {
            return *known;
        }
        let found = self.context.only_status(start, self.context.end(start));
        self.sections.insert(start, found);
        found
    }

    /// Adds the open request and its responses.
    fn close(&mut self) {
        let Some(mut open) = self.open.take() else {
            return;
        };
        let Some(first) = open.responses.first() else {
            if !open.is_stated {
                self.waiting.push(open);
            }
            return;
        };
        let rule = first.rule;
        let name = self.names.next(self.context.name(open.at));
        let responses = std::mem::take(&mut open.responses);
        self.add_request(open, &name, rule);
        for response in responses {
            let text = &response.block.text.text;
            let message = HttpBlock::response(text, response.status);
            *self.found.pairs.entry(response.rule).or_default() += 1;
            let mut names = response.others;
            names.push(name.clone());
            let block = RecognisedBlock {
                span: response.block.span,
                rule: response.rule,
                block_type: BlockType::Response,
                names,
                status: response.status,
                is_half: response.is_half,
            };
            self.add(response.block, message, block);
        }
    }

    fn add_request(&mut self, open: Open<'a>, name: &str, rule: RecognitionRule) {
        if let Some((request, _)) = &open.request.message {
            self.found.count_target(&request.target);
        }
        let block = RecognisedBlock {
            span: open.block.span,
            rule,
            block_type: BlockType::Request,
            names: vec![name.to_owned()],
            status: None,
            is_half: false,
        };
        self.add(open.block, HttpBlock::Request(open.request), block);
    }

    fn add(&mut self, fence: Fence<'a>, message: HttpBlock, block: RecognisedBlock) {
        let mut keys = Map::new();
        keys.insert("name".to_owned(), block.names.clone().into());
        self.blocks.push(Annotated {
            annotation: BlockAnnotation {
                block_type: block.block_type,
                keys,
                span: Span::new(fence.span.start, fence.span.start),
                name: None,
            },
            fence,
            message,
            rule: Some(block.rule),
        });
        self.found.blocks.push(block);
    }
}
