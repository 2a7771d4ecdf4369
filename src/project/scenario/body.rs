//! Bodies that a step sends: rendered to bytes and a media type.

use base64::Engine as _;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use serde_json::Value as Json;
use url::form_urlencoded;

use super::data::MultipartKind;
use super::evaluate::{Context, RenderError, Rendered, render_json};
use super::response::cut;
use super::text::Text;
use crate::http::message::is_field_value;

/// How often a boundary is drawn before it is given up.
const BOUNDARY_TRIES: usize = 8;

/// The base64 of RFC 4648, 4; padding may be left out.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// A body, not yet rendered.
#[derive(Debug, Clone)]
pub struct Body {
    /// What it is made of.
    pub content: Content,
    /// Takes the place of the media type of the content.
    pub content_type: Option<Text>,
}

/// What a body or a part is made of.
#[derive(Debug, Clone)]
pub enum Content {
    /// JSON, whose texts are templates.
    Json(Json),
    /// Text.
    Text(Text),
    /// A form, its names as they are.
    Form(Vec<(String, Text)>),
    /// A file of the project, as it is.
    File(String),
    /// Bytes in base64.
    Base64(Text),
    /// Several parts; a part has none itself.
    Multipart(MultipartKind, Vec<Part>),
}

/// A part of a multipart body.
#[derive(Debug, Clone)]
pub struct Part {
    /// The field's name.
    pub name: Option<Text>,
    /// The file's name.
    pub filename: Option<Text>,
    /// The media type.
    pub content_type: Option<Text>,
    /// More header fields; the names are tokens.
    pub headers: Vec<(String, Text)>,
    /// The `Content-ID`, without its brackets.
    pub id: Option<Text>,
    /// What it is made of: neither a form nor parts.
    pub content: Content,
}

/// A body that can be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RenderedBody {
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// The value of `Content-Type`.
    pub content_type: Option<String>,
}

impl Body {
    /// The body's bytes and media type.
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
            // Resolving makes no parts within parts.
            Self::Multipart(..) => {
                return Err(RenderError::Part("a part cannot have parts".to_owned()));
            }
        })
    }
}

/// Decodes base64 with or without padding, white space aside.
pub(super) fn decode_base64(text: &str) -> Option<Vec<u8>> {
    let compact: String = text.chars().filter(|c| !c.is_ascii_whitespace()).collect();
    BASE64.decode(compact).ok()
}

fn multipart(
    context: &mut Context,
    kind: MultipartKind,
    parts: &[Part],
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
        (Some(given), _) if given.to_ascii_lowercase().contains("boundary") => {
            return Err(RenderError::Part(format!(
                "the content-type `{given}` names a boundary, which is drawn so that no part \
                 holds it: leave it out"
            )));
        }
        (Some(given), _) => format!("{given}; boundary={boundary}"),
        (None, MultipartKind::FormData) => format!("multipart/form-data; boundary={boundary}"),
        (None, MultipartKind::Related) => {
            // RFC 2387, 3.1: `type` is the media type of the root, the first
            // part here.
            let root = match parts.first() {
                Some(part) => part_type(context, kind, part)?.unwrap_or_default(),
                None => String::new(),
            };
            let root = root.split(';').next().unwrap_or_default().trim();
            let root = root.replace(['"', '\\'], "");
            format!("multipart/related; type=\"{root}\"; boundary={boundary}")
        }
    };
    Ok(RenderedBody {
        bytes,
        content_type: Some(content_type),
    })
}

/// A boundary (RFC 2046, 5.1.1) that stands in none of the parts.
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
        "no boundary was found that the parts do not hold".to_owned(),
    ))
}

/// The media type of a part, where it has one: a field of a form is text
/// without saying so (RFC 7578, 4.4).
fn part_type(
    context: &mut Context,
    kind: MultipartKind,
    part: &Part,
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

/// The header fields of a part.
fn part_head(
    context: &mut Context,
    kind: MultipartKind,
    part: &Part,
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
                "`{}` is not an id: it has no `<`, `>` or white space",
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

/// A parameter of `Content-Disposition`. Line ends and quotes are encoded as
/// HTML forms do it (RFC 7578, 2 and 4.2); other control characters are refused.
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
        "the {what} that `{text}` gives holds a control character"
    )))
}

#[cfg(test)]
mod tests;
