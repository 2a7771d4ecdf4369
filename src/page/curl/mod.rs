//! curl commands as requests, by the rules of curl (its manual page, version 8).

mod option;
mod shell;

use std::borrow::Cow;
use std::ops::Range;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::http::message::{Headers, Request, is_field_value, is_token};
use crate::http::text::{Problem, Ranges, Read};
use crate::text::finding::nearest;
use crate::text::rules::CURL_SYNTAX;
use option::Meaning;
use shell::{Command, Fault, FaultKind, Word};

/// What `--data-urlencode` keeps (RFC 3986, 2.3).
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// The boundary of `multipart/form-data`; curl uses a random one.
const BOUNDARY: &str = "------------------------docproof";

/// Whether a block is a curl command, with or without a prompt.
pub(crate) fn is_command(text: &str) -> bool {
    let lines = text.lines().map(str::trim_start);
    let mut code = lines.filter(|line| !line.is_empty() && !line.starts_with('#'));
    let first = code.next().unwrap_or_default();
    let first = first.strip_prefix("$ ").unwrap_or(first).trim_start();
    first
        .strip_prefix("curl")
        .is_some_and(|rest| rest.starts_with(char::is_whitespace))
}

/// Reads the request of a block with one curl command. A command that sends more
/// than the block shows, such as a file, is a problem, and not a request.
pub(crate) fn request(text: &str) -> Read<Request> {
    let script = shell::read(text);
    let mut problems: Vec<Problem> = script.faults.iter().map(of_fault).collect();
    let is_broken = script.faults.iter().any(|fault| {
        matches!(
            fault.kind,
            FaultKind::OpenQuote | FaultKind::OpenHereDocument
        )
    });
    let mut commands = script.commands.iter().filter(|command| is_curl(command));
    let message = match (commands.next(), commands.next()) {
        _ if is_broken => None,
        (None, _) => {
            problems.push(problem(
                0..0,
                "this block has no curl command",
                "write `curl URL`",
            ));
            None
        }
        (Some(_), Some(second)) => {
            let help = "put each command into a block of its own";
            problems.push(problem(
                second.range.clone(),
                "this block has two curl commands",
                help,
            ));
            None
        }
        (Some(command), None) => match read(text, command) {
            Ok(read) => Some(read),
            Err(problem) => {
                problems.push(problem);
                None
            }
        },
    };
    Read { message, problems }
}

fn read(block: &str, command: &Command) -> Result<(Request, Ranges), Problem> {
    let mut builder = Builder::default();
    for argument in arguments(command)? {
        builder.add(&argument, command)?;
    }
    builder.finish(block, command)
}

fn is_curl(command: &Command) -> bool {
    command
        .words
        .first()
        .is_some_and(|word| word.text == "curl")
}

fn of_fault(fault: &Fault) -> Problem {
    let range = fault.range.clone();
    let (message, help, fix) = match fault.kind {
        FaultKind::OpenQuote => ("this quote has no end", "close it", None),
        FaultKind::NoContinuation => (
            "the command ends on this line, but the next line starts with an option",
            "end this line with ` \\`",
            Some((range.end..range.end, " \\".to_owned())),
        ),
        FaultKind::SpaceAfterBackslash => (
            "white space after the `\\` ends the command",
            "remove the white space",
            Some((range.clone(), String::new())),
        ),
        FaultKind::BareAmpersand => ("this `&` ends the command", "write the URL in quotes", None),
        FaultKind::OpenHereDocument => (
            "this here-document has no end",
            "write its delimiter on the line below it",
            None,
        ),
    };
    Problem {
        fix,
        ..problem(range, message, help)
    }
}

fn problem(
    range: Range<usize>,
    message: impl Into<String>,
    help: impl Into<Cow<'static, str>>,
) -> Problem {
    Problem::new(&CURL_SYNTAX, range, message, help)
}

/// An option or a URL of a command.
struct Argument<'t> {
    meaning: Meaning,
    /// The bytes of the option.
    range: Range<usize>,
    /// Its value; empty for a flag.
    value: Cow<'t, Word>,
}

fn arguments(command: &Command) -> Result<Vec<Argument<'_>>, Problem> {
    let mut arguments = Vec::new();
    let mut words = command.words.iter().skip(1);
    let mut ends_options = false;
    while let Some(word) = words.next() {
        let text = word.text.as_str();
        let mut add = |meaning, value| {
            let range = word.range.clone();
            arguments.push(Argument {
                meaning,
                range,
                value,
            });
        };
        if ends_options || !text.starts_with('-') || text == "-" {
            add(Meaning::Url, Cow::Borrowed(word));
        } else if text == "--" {
            ends_options = true;
        } else if let Some(name) = text.strip_prefix("--") {
            let option = option::by_long(name).ok_or_else(|| unknown(word, name))?;
            let value = if option.takes_value {
                Cow::Borrowed(words.next().ok_or_else(|| no_value(word))?)
            } else {
                Cow::Owned(Word::default())
            };
            add(option.meaning, value);
        } else {
            for (at, name) in text.char_indices().skip(1) {
                let name_only = name.to_string();
                let option = option::by_short(name).ok_or_else(|| unknown(word, &name_only))?;
                if !option.takes_value {
                    add(option.meaning, Cow::Owned(Word::default()));
                    continue;
                }
                // The value is the rest of the word, or the next word.
                let rest = at + name.len_utf8();
                let value = if rest < text.len() {
                    Cow::Owned(word.from(rest))
                } else {
                    Cow::Borrowed(words.next().ok_or_else(|| no_value(word))?)
                };
                add(option.meaning, value);
                break;
            }
        }
    }
    Ok(arguments)
}

fn unknown(word: &Word, name: &str) -> Problem {
    let help = match name.split_once('=') {
        Some((name, _)) if option::by_long(name).is_some() => {
            format!("write a space after `--{name}`")
        }
        _ => match nearest(name, option::long_names()) {
            Some(near) if name.len() > 1 => format!("did you mean `--{near}`?"),
            _ => "see `curl --help all`".to_owned(),
        },
    };
    let message = format!(
        "`{}` is not an option of curl that docproof knows",
        word.text
    );
    problem(word.range.clone(), message, help)
}

fn no_value(word: &Word) -> Problem {
    let message = format!("the option `{}` has no value", word.text);
    problem(word.range.clone(), message, "write its value after it")
}

/// A part of a request's data.
struct Data {
    text: String,
    /// The bytes of the block that equal the text.
    verbatim: Option<Range<usize>>,
}

/// The request that the arguments of a command describe.
#[derive(Default)]
struct Builder {
    method: Option<String>,
    url: Option<Word>,
    queries: Vec<String>,
    headers: Headers,
    header_ranges: Vec<Range<usize>>,
    /// The names of fields that `-H 'Name:'` removes.
    removed: Vec<String>,
    /// The data, and the bytes of its first option.
    data: Vec<Data>,
    data_at: Range<usize>,
    is_json: bool,
    /// The parts of a form: their header fields and values.
    parts: Vec<String>,
    is_get: bool,
    is_head: bool,
}

impl Builder {
    fn add(&mut self, argument: &Argument<'_>, command: &Command) -> Result<(), Problem> {
        let value = argument.value.as_ref();
        let text = value.text.as_str();
        match argument.meaning {
            Meaning::Nothing => {}
            Meaning::Method => self.method = Some(text.to_owned()),
            Meaning::Get => self.is_get = true,
            Meaning::Head => self.is_head = true,
            Meaning::Url if self.url.is_some() => {
                let help = "write a command for each URL; put a value with spaces into quotes";
                return Err(problem(
                    value.range.clone(),
                    "this command has two URLs",
                    help,
                ));
            }
            Meaning::Url => self.url = Some(value.clone()),
            Meaning::UrlQuery => self.queries.push(encoded(value)),
            Meaning::Header => self.header(value)?,
            Meaning::User => {
                let credentials = if value.variables.is_empty() {
                    STANDARD.encode(text)
                } else {
                    "{credentials}".to_owned()
                };
                self.field("Authorization", &format!("Basic {credentials}"), value);
            }
            Meaning::Bearer => self.field("Authorization", &format!("Bearer {text}"), value),
            // Without `=`, it is the name of a file with cookies.
            Meaning::Cookie if text.contains('=') => self.field("Cookie", text, value),
            Meaning::Cookie => {}
            Meaning::UserAgent => self.field("User-Agent", text, value),
            Meaning::Referer => self.field("Referer", text, value),
            Meaning::Range => self.field("Range", &format!("bytes={text}"), value),
            Meaning::Upload => return Err(file(value, text)),
            Meaning::Data | Meaning::DataBinary | Meaning::Json => {
                self.is_json |= argument.meaning == Meaning::Json;
                let data = match (text.strip_prefix('@'), &command.input) {
                    (None, _) => value,
                    (Some("-"), Some(input)) => input,
                    (Some(name), _) => return Err(file(value, name)),
                };
                self.data(data.text.clone(), data.verbatim.clone(), argument);
            }
            Meaning::DataRaw => self.data(text.to_owned(), value.verbatim.clone(), argument),
            Meaning::DataUrlencode => {
                let is_file = text.split_once('=').is_none() && text.contains('@');
                if is_file {
                    return Err(file(value, text));
                }
                self.data(encoded(value), None, argument);
            }
            Meaning::Form | Meaning::FormString => self.part(argument)?,
        }
        Ok(())
    }

    fn field(&mut self, name: &str, value: &str, word: &Word) {
        let range = word.verbatim.as_ref().unwrap_or(&word.range);
        self.headers.push(name, value);
        self.header_ranges.push(range.clone());
    }

    /// Adds the field of `-H`: `Name: value`; `Name;` for an empty value; `Name:`
    /// removes a field.
    fn header(&mut self, word: &Word) -> Result<(), Problem> {
        let text = word.text.trim();
        if let Some(name) = text.strip_prefix('@') {
            return Err(file(word, name));
        }
        let (name, value) = match text.split_once(':') {
            Some((name, value)) => (name, value.trim()),
            None => (text.strip_suffix(';').unwrap_or_default(), ""),
        };
        if !is_token(name) || !is_field_value(value) {
            let message = format!("`{text}` is not a header field");
            return Err(problem(word.range.clone(), message, "write `Name: value`"));
        }
        if value.is_empty() && text.ends_with(':') {
            self.removed.push(name.to_owned());
        } else {
            self.field(name, value, word);
        }
        Ok(())
    }

    fn data(&mut self, text: String, verbatim: Option<Range<usize>>, argument: &Argument<'_>) {
        if self.data.is_empty() {
            self.data_at = argument.range.clone();
        }
        self.data.push(Data { text, verbatim });
    }

    /// Adds a part of `multipart/form-data` (RFC 7578): `name=value;type=…`.
    fn part(&mut self, argument: &Argument<'_>) -> Result<(), Problem> {
        let word = argument.value.as_ref();
        let Some((name, value)) = word.text.split_once('=') else {
            let message = format!("`{}` is not a form field", word.text);
            return Err(problem(word.range.clone(), message, "write `name=value`"));
        };
        let mut value = value;
        let mut media_type = None;
        if argument.meaning == Meaning::Form {
            if let Some(name) = value.strip_prefix(['@', '<']) {
                return Err(file(word, name.split(';').next().unwrap_or(name)));
            }
            if let Some((before, after)) = value.rsplit_once(";type=") {
                (value, media_type) = (before, Some(after));
            }
        }
        if self.parts.is_empty() {
            self.data_at = argument.range.clone();
        }
        let name = name.replace('\\', "\\\\").replace('"', "\\\"");
        let media_type = media_type.map(|it| format!("Content-Type: {it}\n"));
        self.parts.push(format!(
            "--{BOUNDARY}\nContent-Disposition: form-data; name=\"{name}\"\n{}\n{value}\n",
            media_type.unwrap_or_default()
        ));
        Ok(())
    }

    fn finish(mut self, block: &str, command: &Command) -> Result<(Request, Ranges), Problem> {
        let Some(url) = self.url.take() else {
            let range = command.words[0].range.clone();
            return Err(problem(
                range,
                "this command has no URL",
                "write `curl URL`",
            ));
        };
        let mut target = url.text.clone();
        if !target.contains("://") && !target.starts_with(['{', '$', '<', '/']) {
            target.insert_str(0, "http://");
        }
        let separator = if self.is_json { "" } else { "&" };
        let (mut body, mut range) = (None, None);
        if !self.parts.is_empty() {
            body = Some(self.parts.concat() + &format!("--{BOUNDARY}--\n"));
            self.default_field(
                "Content-Type",
                &format!("multipart/form-data; boundary={BOUNDARY}"),
            );
        } else if !self.data.is_empty() {
            let texts: Vec<&str> = self.data.iter().map(|data| &*data.text).collect();
            let text = texts.join(separator);
            if self.is_get {
                self.queries.push(text);
            } else {
                range = match &*self.data {
                    [data] => data.verbatim.clone(),
                    _ => None,
                };
                body = Some(text);
                if self.is_json {
                    self.default_field("Content-Type", "application/json");
                    self.default_field("Accept", "application/json");
                } else {
                    self.default_field("Content-Type", "application/x-www-form-urlencoded");
                }
            }
        }
        for query in &self.queries {
            target.push(if target.contains('?') { '&' } else { '?' });
            target.push_str(query);
        }
        let method = self.method.take().unwrap_or_else(|| {
            let method = match () {
                () if self.is_head => "HEAD",
                () if body.is_some() => "POST",
                () => "GET",
            };
            method.to_owned()
        });
        let first_line = block[command.range.clone()]
            .lines()
            .next()
            .unwrap_or_default();
        let start = command.range.start;
        let ranges = Ranges {
            start_line: start..start + first_line.trim_end().len(),
            subject: url.verbatim.unwrap_or(url.range),
            headers: self.header_ranges,
            body: range,
        };
        let headers = self.headers;
        let request = Request {
            method,
            target,
            headers,
            body,
        };
        Ok((request, ranges))
    }

    /// Adds a field that curl sends unless the command sets or removes it.
    fn default_field(&mut self, name: &str, value: &str) {
        let is_removed = self.removed.iter().any(|it| it.eq_ignore_ascii_case(name));
        if !is_removed && self.headers.get(name).is_none() {
            self.headers.push(name, value);
            self.header_ranges.push(self.data_at.clone());
        }
    }
}

/// The problem of data in a file.
fn file(word: &Word, name: &str) -> Problem {
    let name = name.trim_start_matches('@');
    let message = format!("this command sends the file `{name}`, which is not in the block");
    problem(
        word.range.clone(),
        message,
        "write the content in the command: `-d '…'`",
    )
}

/// The data of `--data-urlencode`: `content`, `=content` or `name=content`.
fn encoded(word: &Word) -> String {
    let (name, from) = match word.text.find('=') {
        Some(0) => ("", 1),
        Some(at) => (&word.text[..=at], at + 1),
        None => ("", 0),
    };
    let mut text = name.to_owned();
    let mut at = from;
    for variable in word
        .variables
        .iter()
        .filter(|variable| variable.start >= from)
    {
        text.extend(utf8_percent_encode(&word.text[at..variable.start], ENCODED));
        text.push_str(&word.text[variable.clone()]);
        at = variable.end;
    }
    text.extend(utf8_percent_encode(&word.text[at..], ENCODED));
    text
}

#[cfg(test)]
mod tests;
