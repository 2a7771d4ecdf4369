//! Adds recognised requests and their responses.

use serde_json::Map;

use super::{Open, Rules};
use crate::page::extract::{Annotated, BlockAnnotation, BlockType, HttpBlock};
use crate::page::markdown::Fence;
use crate::page::recognise::{RecognisedBlock, RecognitionRule};
use crate::text::source::Span;

impl<'a> Rules<'a, '_> {
    /// Gives up the requests whose heading has this level, or a lower one in the
    /// outline, and which may have shared a response.
    pub(super) fn end_waiting(&mut self, level: usize) {
        let context = &self.context;
        let ends = |open: &Open<'_>| context.naming_level(open.at) >= level;
        let (ended, waiting): (Vec<_>, _) = self.waiting.drain(..).partition(ends);
        self.waiting = waiting;
        let ended = ended.into_iter().map(|open: Open<'_>| open.block.span);
        self.found.alone.extend(ended);
    }

    /// The names of the requests that share a response with the open one: those
    /// above it with headings of their own, if the response's heading stands beside
    /// these.
    pub(super) fn share(&mut self, at: usize, rule: RecognitionRule) -> Vec<String> {
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
        let is_beside = |other: &Open<'_>| self.context.naming_level(other.at) == level;
        let (shares, others): (Vec<_>, _) = self
            .waiting
            .drain(..)
            .partition(|other| method(other) == own && is_beside(other));
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
    pub(super) fn only_status(&mut self, at: usize) -> Option<u16> {
        let start = self.context.naming(at)?;
        if let Some(known) = self.sections.get(&start) {
            return *known;
        }
        let found = self.context.only_status(start, self.context.end(start));
        self.sections.insert(start, found);
        found
    }

    /// Adds the open request and its responses.
    pub(super) fn close(&mut self) {
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

    pub(super) fn add_request(&mut self, open: Open<'a>, name: &str, rule: RecognitionRule) {
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

    pub(super) fn add(&mut self, fence: Fence<'a>, message: HttpBlock, block: RecognisedBlock) {
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
