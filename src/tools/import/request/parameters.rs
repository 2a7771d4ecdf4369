//! The parameters of a request, by what they change.

use indexmap::IndexMap;
use serde_json::Value;

use crate::http::message::{is_framing, is_token};
use crate::tools::import::grammar::{
    Location, Renamed, Segment, Template, escape_json, location, segments, template,
};
use crate::tools::import::place::{Out, Place, as_text};

/// The changes of `request-parameters`.
#[derive(Debug, Clone, Default)]
pub(crate) struct Parameters<'a> {
    /// The whole URL.
    pub url: Option<Url<'a>>,
    /// The placeholders of the URL, in order.
    pub placeholders: IndexMap<String, (Place<'a>, Template)>,
    /// The header fields; `None` removes one.
    pub headers: IndexMap<String, Option<Template>>,
    /// The body.
    pub body: Option<(Place<'a>, Content)>,
    /// Members of a JSON body; `None` removes one.
    pub set: Vec<(Place<'a>, Vec<Segment>, Option<Value>)>,
}

/// A URL that replaces the documented one.
#[derive(Debug, Clone)]
pub(crate) struct Url<'a> {
    /// Its location.
    pub place: Place<'a>,
    /// The value.
    pub template: Template,
}

/// A body that replaces the documented one.
#[derive(Debug, Clone)]
pub(crate) enum Content {
    /// Text.
    Text(Template),
    /// Bytes in Base64.
    Base64(String),
}

impl<'a> Parameters<'a> {
    /// Reads the parameters of a definition. Later ones override earlier ones.
    pub(crate) fn read(&mut self, place: &Place<'a>, renamed: &Renamed, out: &mut Out) {
        let Some(list) = place.member("request-parameters") else {
            return;
        };
        for entry in list.entries(out) {
            self.entry(entry, renamed, out);
        }
    }

    fn entry(&mut self, entry: Place<'a>, renamed: &Renamed, out: &mut Out) {
        let value = entry.value();
        let key = entry.name().to_owned();
        let read = match as_text(&value) {
            Some(text) => template(&text, renamed),
            None => Ok(Template::literal("")),
        };
        let read = match read {
            Ok(template) => template,
            Err(why) => {
                out.block(&entry, why);
                return;
            }
        };
        let location = location(&key);
        let is_plain = matches!(value, Value::Array(_) | Value::Object(_));
        if is_plain && location != Location::Json {
            out.block(&entry, "not a string");
            return;
        }
        match location {
            Location::Placeholder(name) => {
                self.placeholders.insert(name.to_owned(), (entry, read));
            }
            Location::Url if value.is_null() => out.note(&entry, "not a URL"),
            Location::Url => {
                self.url = Some(Url {
                    place: entry,
                    template: read,
                });
            }
            Location::Body => self.body = Some((entry, Content::Text(read))),
            Location::BodyBase64 => match read.literal {
                // .NET ignores white space in Base64.
                Some(text) => {
                    let text = text.split_whitespace().collect();
                    self.body = Some((entry, Content::Base64(text)));
                }
                None => out.block(&entry, "Base64 of generated values cannot be converted"),
            },
            Location::Header(name) if is_framing(name) => {
                out.note(&entry, "the client sets this header itself");
            }
            Location::Header(name) if !is_token(name) => {
                out.block(&entry, "not a header name");
            }
            Location::Header(name) => {
                let template = (!value.is_null()).then_some(read);
                self.headers.insert(name.to_owned(), template);
            }
            Location::Json => match segments(&key) {
                Ok(path) => {
                    let value = match value {
                        Value::Null => None,
                        Value::String(_) => Some(Value::String(read.text)),
                        value => Some(escape_json(value)),
                    };
                    self.set.push((entry, path, value));
                }
                Err(why) => out.block(&entry, why),
            },
            Location::Stored(_) | Location::Code(_) | Location::Invalid => {
                let why = format!(
                    "not a part of a request, so API Doctor ignores this; write a header as \
                     `{key}:`"
                );
                out.note(&entry, why);
            }
        }
    }

    /// Returns the value of a header field that is set.
    pub(crate) fn header(&self, name: &str) -> Option<&Template> {
        let (_, template) = self
            .headers
            .iter()
            .find(|(known, _)| known.eq_ignore_ascii_case(name))?;
        template.as_ref()
    }
}
