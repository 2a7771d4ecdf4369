//! Annotated blocks as HTTP messages.

use std::borrow::Cow;
use std::ops::Range;

use serde_json::{Map, Value};

use super::annotation::BlockType;
use crate::http::message::{Headers, Request, Response};
use crate::http::status::Status;
use crate::http::text::{self as message_text, Read};
use crate::page::curl::{self, FileContent};
use crate::page::recognise::{is_body, of_body, with_placeholders};

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
    /// Reads the text of a block. `content` is that of the files that commands send.
    pub(super) fn read(
        block_type: BlockType,
        keys: &Map<String, Value>,
        text: &str,
        content: FileContent<'_>,
    ) -> Self {
        match block_type {
            BlockType::Request => Self::request(text, content),
            BlockType::Response | BlockType::SimulatedResponse => {
                let status = keys.get("status").and_then(Value::as_u64);
                let status = status.and_then(|status| u16::try_from(status).ok());
                Self::response(text, status)
            }
            _ => Self::Other,
        }
    }

    /// Reads a request: a message or a command.
    pub(crate) fn request(text: &str, content: FileContent<'_>) -> Self {
        let mut read = if curl::is_command(text) {
            curl::request(text, content)
        } else {
            message_text::request(text)
        };
        if let Some((request, _)) = &mut read.message
            && let Cow::Owned(target) = with_placeholders(&request.target)
        {
            request.target = target;
        }
        Self::Request(read)
    }

    /// Reads a response: a message, or a body whose status is documented elsewhere
    /// or not at all.
    pub(crate) fn response(text: &str, status: Option<u16>) -> Self {
        Self::Response(if is_body(text) {
            let status = status.map_or_else(|| of_body(Some(text)), Status::Code);
            message_text::body_alone(text, status)
        } else {
            message_text::response(text)
        })
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
