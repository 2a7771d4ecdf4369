//! Operations that the page states beside its examples.

use super::{Open, Rules};
use crate::http::message::Request;
use crate::http::text::Read;
use crate::page::curl;
use crate::page::extract::HttpBlock;
use crate::page::markdown::Fence;
use crate::page::recognise::Differing;
use crate::page::recognise::operation::{Operation, Stated};
use crate::text::source::Span;

impl<'a> Rules<'a, '_> {
    /// Notes the operation that a part states. Of several, none is that of the
    /// blocks below.
    pub(super) fn operation(&mut self, at: usize, span: Span) {
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

    /// Opens the request of the operation that the page states. Returns whether it
    /// states exactly one.
    pub(super) fn open_stated(&mut self) -> bool {
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
    pub(super) fn differs(&mut self, block: &Fence<'a>, read: &Read<Request>) {
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
}
