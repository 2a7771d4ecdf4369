//! Lowering of bodies.

use serde_json::Value as Json;

use super::context::Lowering;
use crate::project::scenario::body::{Body, BodyPart, Content, decode_base64};
use crate::project::scenario::data::{BodyData, MultipartData, MultipartKind, PartData};
use crate::project::scenario::places::At;
use crate::project::scenario::text::{TemplatePiece, check_file};
use crate::text::rules::SCENARIO_VALUE;

impl Lowering<'_> {
    /// Reads a body.
    pub(super) fn body(&mut self, at: At, data: &BodyData) -> Option<Body> {
        let BodyData {
            json,
            text,
            form,
            file,
            base64,
            multipart,
            content_type,
        } = data;
        let kinds = [
            json.is_some(),
            text.is_some(),
            form.is_some(),
            file.is_some(),
            base64.is_some(),
            multipart.is_some(),
        ];
        if kinds.iter().filter(|is_there| **is_there).count() != 1 {
            self.value(
                at,
                "a body needs exactly one kind of content",
                "use one of `json`, `text`, `form`, `file`, `base64` and `multipart`",
            );
            return None;
        }
        let content = if let Some(form) = form {
            let form_at = self.within(at, "form");
            let fields = form.iter().map(|(name, value)| {
                let at = self.within(form_at, name);
                (name.clone(), self.scalar(at, value))
            });
            Content::Form(fields.collect())
        } else if let Some(multipart) = multipart {
            let at = self.within(at, "multipart");
            self.multipart(at, multipart)
        } else {
            self.content(
                at,
                json.as_ref(),
                text.as_deref(),
                file.as_deref(),
                base64.as_deref(),
            )?
        };
        let type_at = self.within(at, "content-type");
        let content_type = content_type.as_ref().map(|text| self.text(type_at, text));
        Some(Body {
            content,
            content_type,
        })
    }

    fn content(
        &mut self,
        at: At,
        json: Option<&Json>,
        text: Option<&str>,
        file: Option<&str>,
        base64: Option<&str>,
    ) -> Option<Content> {
        if let Some(value) = json {
            let at = self.within(at, "json");
            self.json(at, value);
            return Some(Content::Json(value.clone()));
        }
        if let Some(text) = text {
            let at = self.within(at, "text");
            return Some(Content::Text(self.text(at, text)));
        }
        if let Some(path) = file {
            let at = self.within(at, "file");
            if let Err(error) = check_file(path) {
                self.report(at, &SCENARIO_VALUE, error.message, error.help);
            }
            return Some(Content::File(path.to_owned()));
        }
        let at = self.within(at, "base64");
        let text = self.text(at, base64?);
        if let [TemplatePiece::Literal(literal)] = text.0.as_slice()
            && decode_base64(literal).is_none()
        {
            self.value(
                at,
                "invalid Base64 (RFC 4648, 4)",
                "the alphabet includes `+` and `/`; for plain text, use `text`",
            );
        }
        Some(Content::Base64(text))
    }

    fn multipart(&mut self, at: At, data: &MultipartData) -> Content {
        let parts_at = self.within(at, "parts");
        if data.parts.is_empty() {
            self.value(
                parts_at,
                "a multipart body needs at least one part",
                "add a part",
            );
        }
        let parts = data.parts.iter().enumerate().filter_map(|(index, part)| {
            let at = self.within(parts_at, index);
            self.part(at, data.kind, part)
        });
        Content::Multipart(data.kind, parts.collect())
    }

    fn part(&mut self, at: At, kind: MultipartKind, data: &PartData) -> Option<BodyPart> {
        let kinds = [
            data.json.is_some(),
            data.text.is_some(),
            data.file.is_some(),
            data.base64.is_some(),
        ];
        if kinds.iter().filter(|is_there| **is_there).count() != 1 {
            self.value(
                at,
                "a part needs exactly one kind of content",
                "use one of `json`, `text`, `file` and `base64`",
            );
            return None;
        }
        match (kind, &data.name) {
            (MultipartKind::FormData, None) => self.value(
                at,
                "a form field needs a name (RFC 7578, 4.2)",
                "add `name`",
            ),
            (MultipartKind::Related, Some(_)) => self.value(
                at,
                "a `related` part cannot have a name (RFC 2387)",
                "use `id`; parts refer to each other by id",
            ),
            _ => {}
        }
        let headers_at = self.within(at, "headers");
        let mut headers = Vec::with_capacity(data.headers.len());
        for (name, value) in &data.headers {
            let at = self.within(headers_at, name);
            let own = ["content-type", "content-disposition", "content-id"];
            if own.iter().any(|own| own.eq_ignore_ascii_case(name)) {
                self.value(
                    at,
                    format!("`{name}` has its own key"),
                    "use `content-type`, `name`, `filename` or `id`",
                );
            }
            self.header_name(at, name);
            let value = self.scalar(at, value);
            headers.push((name.clone(), value));
        }
        let mut text = |key: &str, text: &Option<String>| {
            let at = self.within(at, key);
            text.as_ref().map(|text| self.text(at, text))
        };
        let name = text("name", &data.name);
        let filename = text("filename", &data.filename);
        let content_type = text("content-type", &data.content_type);
        let id = text("id", &data.id);
        let content = self.content(
            at,
            data.json.as_ref(),
            data.text.as_deref(),
            data.file.as_deref(),
            data.base64.as_deref(),
        )?;
        Some(BodyPart {
            name,
            filename,
            content_type,
            headers,
            id,
            content,
        })
    }
}
