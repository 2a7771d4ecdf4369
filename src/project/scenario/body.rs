//! Bodies of steps, and rendering them to bytes and a media type.

use base64::Engine as _;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use serde_json::Value as Json;
use url::form_urlencoded;

use super::data::MultipartKind;
use super::render::{Context, RenderError, Rendered, render_json};
use super::response::cut;
use super::text::Text;
use crate::http::field::parameters;
use crate::http::media_type::MediaType;
use crate::http::message::is_field_value;

/// Maximum number of random boundaries to try.
const BOUNDARY_TRIES: usize = 8;

/// The Base64 of RFC 4648, 4. Padding is optional.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// A body, before it is rendered.
#[derive(Debug, Clone)]
pub struct Body {
    /// Its content.
    pub content: Content,
    /// Overrides the media type of the content.
    pub content_type: Option<Text>,
}

/// The content of a body or a part.
#[derive(Debug, Clone)]
pub enum Content {
    /// JSON whose strings are templates.
    Json(Json),
    /// Text.
    Text(Text),
    /// A form; its names are literal.
    Form(Vec<(String, Text)>),
    /// A file of the project.
    File(String),
    /// Base64-encoded bytes.
    Base64(Text),
    /// Several parts. Parts have no parts themselves.
    Multipart(MultipartKind, Vec<BodyPart>),
}

/// A part of a multipart body.
#[derive(Debug, Clone)]
pub struct BodyPart {
    /// The name of the field.
    pub name: Option<Text>,
    /// The name of the file.
    pub filename: Option<Text>,
    /// The media type.
    pub content_type: Option<Text>,
    /// Other header fields. The names are tokens.
    pub headers: Vec<(String, Text)>,
    /// The `Content-ID`, without angle brackets.
    pub id: Option<Text>,
    /// Its content: neither a form nor parts.
    pub content: Content,
}

/// A rendered body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RenderedBody {
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// The value of `Content-Type`.
    pub content_type: Option<String>,
}

impl Body {
    /// Renders the body to bytes and a media type.
    pub fn render(&self, context: &mut Context) -> Result<RenderedBody, RenderError> {
        let given = self
            .content_type
            .as_ref()
            .map(|text| text.render_field(context, "content-type"))
            .transpose()?;
        if let Content::Multipart(kind, parts) = &self.content {
            return multipart(context, *kind, parts, given);
        }
        Ok(RenderedBody {
            bytes: self.content.render(context)?,
            content_type: given.or_else(|| self.content.media_type().map(str::to_owned)),
        })
    }
}

impl Content {
    fn media_type(&self) -> Option<&'static str> {
        Some(match self {
            Self::Json(_) => "application/json",
            Self::Text(_) => "text/plain; charset=utf-8",
            Self::Form(_) => "application/x-www-form-urlencoded",
            Self::File(_) | Self::Base64(_) => "application/octet-stream",
            Self::Multipart(..) => return None,
        })
    }

    fn render(&self, context: &mut Context) -> Result<Vec<u8>, RenderError> {
        Ok(match self {
            Self::Json(template) => {
                let value = render_json(template, context)?;
                serde_json::to_vec(&value).expect("a value is JSON")
            }
            Self::Text(text) => context.render(text)?.text.into_bytes(),
            Self::Form(fields) => {
                let mut form = form_urlencoded::Serializer::new(String::new());
                for (name, value) in fields {
                    let Rendered { text, secret } = context.render(value)?;
                    if secret {
                        let encoded: String =
                            form_urlencoded::byte_serialize(text.as_bytes()).collect();
                        context.note_secret(name, &encoded);
                    }
                    form.append_pair(name, &text);
                }
                form.finish().into_bytes()
            }
            Self::File(path) => context.file(path)?,
            Self::Base64(text) => {
                let Rendered { text, secret } = context.render(text)?;
                decode_base64(&text).ok_or_else(|| {
                    RenderError::Base64(if secret {
                        "a secret".to_owned()
                    } else {
                        cut(&text)
                    })
                })?
            }
            // The lowering creates no nested parts.
            Self::Multipart(..) => {
                return Err(RenderError::Part("a part cannot have parts".to_owned()));
            }
        })
    }
}

/// Decodes Base64 with or without padding. Ignores white space.
pub(super) fn decode_base64(text: &str) -> Option<Vec<u8>> {
    let compact: String = text.chars().filter(|c| !c.is_ascii_whitespace()).collect();
    BASE64.decode(compact).ok()
}

fn multipart(
    context: &mut Context,
    kind: MultipartKind,
    parts: &[BodyPart],
    given: Option<String>,
) -> Result<RenderedBody, RenderError> {
    let mut rendered = Vec::with_capacity(parts.len());
    for part in parts {
        rendered.push((
            part_head(context, kind, part)?,
            part.content.render(context)?,
        ));
    }
    let boundary = boundary(context, &rendered)?;
    let mut bytes = Vec::new();
    for (head, content) in &rendered {
        bytes.extend_from_slice(format!("--{boundary}\r\n{head}\r\n").as_bytes());
        bytes.extend_from_slice(content);
        bytes.extend_from_slice(b"\r\n");
    }
    bytes.extend_from_slice(format!("--{boundary}--\r\n").as_bytes());
    let content_type = match (given, kind) {
        (Some(given), _) if MediaType::parse(&given).parameter("boundary").is_some() => {
            return Err(RenderError::Part(format!(
                "the content-type `{given}` contains a boundary; remove it, since docproof \
                 chooses the boundary"
            )));
        }
        (Some(given), _) => format!("{given}; boundary={boundary}"),
        (None, MultipartKind::FormData) => format!("multipart/form-data; boundary={boundary}"),
        (None, MultipartKind::Related) => {
            // `type` is the media type of the root (RFC 2387, 3.1): the first
            // part.
            let root = match parts.first() {
                Some(part) => part_type(context, kind, part)?.unwrap_or_default(),
                None => String::new(),
            };
            let (root, _) = parameters(&root);
            let root = root.replace(['"', '\\'], "");
            format!("multipart/related; type=\"{root}\"; boundary={boundary}")
        }
    };
    Ok(RenderedBody {
        bytes,
        content_type: Some(content_type),
    })
}

/// Returns a boundary (RFC 2046, 5.1.1) that does not occur in the parts.
fn boundary(context: &mut Context, parts: &[(String, Vec<u8>)]) -> Result<String, RenderError> {
    for _ in 0..BOUNDARY_TRIES {
        let boundary = format!("docproof-{:032x}", (context.random)());
        let finder = memchr::memmem::Finder::new(boundary.as_bytes());
        let is_free = parts.iter().all(|(head, content)| {
            finder.find(head.as_bytes()).is_none() && finder.find(content).is_none()
        });
        if is_free {
            return Ok(boundary);
        }
    }
    Err(RenderError::Part(
        "every random boundary occurs in a part".to_owned(),
    ))
}

/// Returns the media type of a part, if it has one. Fields of forms are text by
/// default (RFC 7578, 4.4).
fn part_type(
    context: &mut Context,
    kind: MultipartKind,
    part: &BodyPart,
) -> Result<Option<String>, RenderError> {
    let is_field = kind == MultipartKind::FormData
        && part.filename.is_none()
        && matches!(part.content, Content::Text(_));
    match &part.content_type {
        Some(text) => text.render_field(context, "content-type").map(Some),
        None if is_field => Ok(None),
        None => Ok(part.content.media_type().map(str::to_owned)),
    }
}

/// Renders the header fields of a part.
fn part_head(
    context: &mut Context,
    kind: MultipartKind,
    part: &BodyPart,
) -> Result<String, RenderError> {
    let mut head = String::new();
    let name = part
        .name
        .as_ref()
        .map(|name| parameter(context, name, "name"))
        .transpose()?;
    let filename = part
        .filename
        .as_ref()
        .map(|filename| parameter(context, filename, "filename"))
        .transpose()?;
    let disposition = match kind {
        MultipartKind::FormData => Some("form-data"),
        MultipartKind::Related => filename.as_ref().map(|_| "attachment"),
    };
    if let Some(disposition) = disposition {
        head += &format!("Content-Disposition: {disposition}");
        for (key, value) in [("name", name), ("filename", filename)] {
            if let Some(value) = value {
                head += &format!("; {key}=\"{value}\"");
            }
        }
        head += "\r\n";
    }
    if let Some(media_type) = part_type(context, kind, part)? {
        head += &format!("Content-Type: {media_type}\r\n");
    }
    if let Some(id) = &part.id {
        let value = id.render_field(context, "id")?;
        if value.is_empty() || value.contains(['<', '>']) || value.contains(char::is_whitespace) {
            return Err(RenderError::Part(format!(
                "`{}` is not a valid id: it contains `<`, `>` or white space, or is empty",
                cut(&value)
            )));
        }
        head += &format!("Content-ID: <{value}>\r\n");
    }
    for (name, value) in &part.headers {
        let value = value.render_field(context, name)?;
        head += &format!("{name}: {value}\r\n");
    }
    Ok(head)
}

/// Renders a parameter of `Content-Disposition`. Line ends and quotes are encoded as in HTML forms
/// (RFC 7578, 2 and 4.2). Other control characters are errors.
fn parameter(context: &mut Context, text: &Text, what: &str) -> Result<String, RenderError> {
    let value = context.render(text)?.text;
    let encoded = value
        .replace('\r', "%0D")
        .replace('\n', "%0A")
        .replace('"', "%22");
    if is_field_value(&encoded) {
        return Ok(encoded);
    }
    Err(RenderError::Part(format!(
        "the {what} from `{text}` contains a control character"
    )))
}

#[cfg(test)]
mod tests;
