//! The parts of `multipart/form-data` that `--form` describes (RFC 7578).

/// The boundary of `multipart/form-data`; curl uses a random one.
pub(super) const BOUNDARY: &str = "------------------------docproof";

/// The value of a part of a form, with its attributes.
#[derive(Default)]
pub(super) struct FormPart {
    value: String,
    media_type: Option<String>,
    file_name: Option<String>,
}

impl FormPart {
    /// A value that is taken as it is written.
    pub(super) fn verbatim(value: &str) -> Self {
        Self {
            value: value.to_owned(),
            ..Self::default()
        }
    }

    /// Reads `value;type=…;filename=…`, where the value may be quoted.
    pub(super) fn read(text: &str) -> Self {
        let mut part = Self::default();
        let text = text.trim_start();
        let attributes = if let Some(quoted) = text.strip_prefix('"')
            && let Some(end) = closing_quote(quoted)
        {
            part.value = quoted[..end].replace("\\\"", "\"").replace("\\\\", "\\");
            &quoted[end + 1..]
        } else {
            let end = ["type=", "filename=", "headers=", "encoder="]
                .iter()
                .filter_map(|name| text.find(&format!(";{name}")))
                .min();
            let end = end.unwrap_or(text.len());
            text[..end].trim_end().clone_into(&mut part.value);
            &text[end..]
        };
        let mut is_type = false;
        for written in attributes.split(';').skip(1) {
            let piece = written.trim();
            let unquoted = |value: &str| value.trim_matches('"').to_owned();
            if let Some(value) = piece.strip_prefix("type=") {
                part.media_type = Some(unquoted(value));
                is_type = true;
            } else if let Some(value) = piece.strip_prefix("filename=") {
                part.file_name = Some(unquoted(value));
                is_type = false;
            } else if let Some(media_type) = part.media_type.as_mut().filter(|_| is_type) {
                // A parameter of the media type.
                media_type.push(';');
                media_type.push_str(written);
            }
        }
        part
    }

    /// Writes the part (RFC 7578, 4.2).
    pub(super) fn write(&self, name: &str) -> String {
        let quoted = |text: &str| text.replace('\\', "\\\\").replace('"', "\\\"");
        let file_name = self.file_name.as_deref();
        let file = file_name.map(|file| format!("; filename=\"{}\"", quoted(file)));
        let media_type = self.media_type.as_deref();
        let media_type = media_type.or_else(|| of_extension(file_name?));
        let media_type = media_type.map(|it| format!("Content-Type: {it}\n"));
        let name = match name {
            "" => String::new(),
            name => format!("; name=\"{}\"", quoted(name)),
        };
        format!(
            "--{BOUNDARY}\nContent-Disposition: form-data{name}{}\n{}\n{}\n",
            file.unwrap_or_default(),
            media_type.unwrap_or_default(),
            self.value
        )
    }
}

/// The media type that curl guesses from the name of a file.
fn of_extension(file: &str) -> Option<&'static str> {
    let (_, extension) = file.rsplit_once('.')?;
    Some(match extension.to_ascii_lowercase().as_str() {
        "gif" => "image/gif",
        "jpg" | "jpeg" => "image/jpeg",
        "png" => "image/png",
        "svg" => "image/svg+xml",
        "txt" => "text/plain",
        "htm" | "html" => "text/html",
        "pdf" => "application/pdf",
        "xml" => "application/xml",
        _ => return None,
    })
}

/// The place of the quote that ends a quoted value.
fn closing_quote(text: &str) -> Option<usize> {
    let mut is_escaped = false;
    text.bytes().position(|byte| {
        let ends = byte == b'"' && !is_escaped;
        is_escaped = byte == b'\\' && !is_escaped;
        ends
    })
}
