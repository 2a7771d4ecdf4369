//! Annotated blocks as HTTP messages.

use std::ops::Range;

use super::annotation::BlockType;
use crate::http::message::{Headers, Request, Response};
use crate::http::text::{self as message_text, Read};
use crate::page::curl;

/// A block as the HTTP message that its annotation declares. Each block is read
/// once, for its case and for all rules.
#[derive(Debug)]
pub(crate) enum HttpBlock {
    /// A request.
    Request(Read<Request>),
    /// A response, or one that is used in place of the service.
    Response(Read<Response>),
    /// The annotation declares no message.
    Other,
}

impl HttpBlock {
    /// Reads the text of a block.
    pub(super) fn read(block_type: BlockType, text: &str) -> Self {
        match block_type {
            BlockType::Request if curl::is_command(text) => Self::Request(curl::request(text)),
            BlockType::Request => Self::Request(message_text::request(text)),
            BlockType::Response | BlockType::SimulatedResponse => {
                Self::Response(message_text::response(text))
            }
            _ => Self::Other,
        }
    }

    /// The headers and the range of the body, if the message is valid.
    pub(crate) fn content(&self) -> Option<(&Headers, Option<Range<usize>>)> {
        match self {
            Self::Request(read) => {
                let (request, ranges) = read.message.as_ref()?;
                Some((&request.headers, ranges.body.clone()))
            }
            Self::Response(read) => {
                let (response, ranges) = read.message.as_ref()?;
                Some((&response.headers, ranges.body.clone()))
            }
            Self::Other => None,
        }
    }
}
