//! curl commands as requests, by the rules of curl (its manual page, version 8).

mod form;
mod option;
mod shell;

use std::borrow::Cow;
use std::ops::Range;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

use crate::http::message::{Headers, Request, is_field_value, is_token};
use crate::http::text::{Problem, Ranges, Read};
use crate::text::finding::nearest;
use crate::text::rules::CURL_SYNTAX;
use form::{BOUNDARY, FormPart};
use option::Meaning;
use shell::{Command, Fault, FaultKind, Word};

/// What `--data-urlencode` keeps (RFC 3986, 2.3), and spaces, which become `+`.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~')
    .remove(b' ');

const AUTHORIZATION: &str = "Authorization";
const COOKIE: &str = "Cookie";

/// Whether a block is a curl command, with or without a prompt.
pub fn is_command(text: &str) -> bool {
    let lines = text.lines().map(str::trim_start);
    let mut code = lines.filter(|line| !line.is_empty() && !line.starts_with('#'));
    let first = code.next().unwrap_or_default();
    let first = first.strip_prefix("$ ").unwrap_or(first).trim_start();
    first
        .strip_prefix("curl")
        .is_some_and(|rest| rest.starts_with(char::is_whitespace))
}

/// Whether a block has several curl commands.
pub(crate) fn is_script(text: &str) -> bool {
    let script = shell::read(text);
    script.commands.iter().filter(|it| is_curl(it)).count() > 1
}

/// The range of the output that a block shows below its one command.
pub(crate) fn output(text: &str) -> Option<Range<usize>> {
    let script = shell::read(text);
    let count = script.commands.len();
    script.output.filter(|_| count == 1)
}

/// The content of a file that a command sends, if it is known.
pub(crate) type FileContent<'f> = &'f dyn Fn(&str) -> Option<String>;

/// Reads the request of a block with one curl command. A command that sends a file
/// of unknown content is a problem, and not a request.
pub fn request(text: &str, content: FileContent<'_>) -> Read<Request> {
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
        (Some(command), None) => match read(text, command, content) {
            Ok(read) => Some(read),
            Err(problem) => {
                problems.push(problem);
                None
            }
        },
    };
    Read { message, problems }
}

fn read(
    block: &str,
    command: &Command,
    content: FileContent<'_>,
) -> Result<(Request, Ranges), Problem> {
    let mut builder = Builder::default();
    for argument in arguments(command)? {
        builder.add(&argument, command, content)?;
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
    /// The fields of `-H`.
    headers: Headers,
    header_ranges: Vec<Range<usize>>,
    /// The names of fields that `-H 'Name:'` removes.
    removed: Vec<String>,
    /// The fields of other options, each once. Those of `-H` replace them.
    defaults: Vec<(&'static str, String, Range<usize>)>,
    /// The authentication scheme, if curl computes the credentials.
    scheme: Option<&'static str>,
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
    fn add(
        &mut self,
        argument: &Argument<'_>,
        command: &Command,
        content: FileContent<'_>,
    ) -> Result<(), Problem> {
        let value = argument.value.as_ref();
        let text = value.text.as_str();
        match argument.meaning {
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
            Meaning::UrlQuery => self.queries.push(match text.strip_prefix('+') {
                Some(written) => written.to_owned(),
                None => encoded(value),
            }),
            Meaning::Header => self.header(value)?,
            Meaning::User => {
                let is_whole = text.contains(':') || !value.variables.is_empty();
                let colon = if is_whole { "" } else { ":" };
                let credentials = basic(&format!("{text}{colon}"), !value.variables.is_empty());
                let is_bearer = |value: &String| value.starts_with("Bearer ");
                if !self.own_value(AUTHORIZATION).is_some_and(is_bearer) {
                    self.set_default(AUTHORIZATION, credentials, value);
                }
            }
            Meaning::Bearer => {
                self.set_default(AUTHORIZATION, format!("Bearer {text}"), value);
            }
            // Without `=`, it is the name of a file with cookies.
            Meaning::Cookie if text.contains('=') => {
                let others = self.own_value(COOKIE).map(|others| format!("{others};"));
                let cookies = others.unwrap_or_default() + text;
                self.set_default(COOKIE, cookies, value);
            }
            Meaning::Cookie | Meaning::Nothing => {}
            Meaning::UserAgent => self.set_default("User-Agent", text.to_owned(), value),
            Meaning::Referer => {
                let referer = text.strip_suffix(";auto").unwrap_or(text);
                self.set_default("Referer", referer.to_owned(), value);
            }
            Meaning::Range => self.set_default("Range", format!("bytes={text}"), value),
            Meaning::Scheme(name) => self.scheme = Some(name),
            Meaning::Config | Meaning::Upload => return Err(file(value, text)),
            Meaning::Data | Meaning::DataBinary | Meaning::Json => {
                self.is_json |= argument.meaning == Meaning::Json;
                let data = match (text.strip_prefix('@'), &command.input) {
                    (None, _) => value,
                    (Some("-"), Some(input)) => input,
                    (Some(name), _) => {
                        let shown = content(name).ok_or_else(|| file(value, name))?;
                        self.data(shown, None, argument);
                        return Ok(());
                    }
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

    /// The value of a field that no `-H` made.
    fn own_value(&self, name: &str) -> Option<&String> {
        let mut named = self.defaults.iter().filter(|(own, ..)| *own == name);
        named.next().map(|(_, value, _)| value)
    }

    /// Sets a field that `-H` may replace or remove.
    fn set_default(&mut self, name: &'static str, value: String, word: &Word) {
        let range = word.verbatim.as_ref().unwrap_or(&word.range);
        self.defaults.retain(|(own, ..)| *own != name);
        self.defaults.push((name, value, range.clone()));
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
            let range = word.verbatim.as_ref().unwrap_or(&word.range);
            self.headers.push(name, value);
            self.header_ranges.push(range.clone());
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
        let part = if argument.meaning == Meaning::FormString {
            FormPart::verbatim(value)
        } else if let Some(name) = value.strip_prefix(['@', '<']) {
            return Err(file(word, name.split(';').next().unwrap_or(name)));
        } else {
            FormPart::read(value)
        };
        if self.parts.is_empty() {
            self.data_at = argument.range.clone();
        }
        self.parts.push(part.write(name));
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
        if let Some((without, user)) = without_user(&target) {
            if self.own_value(AUTHORIZATION).is_none() {
                let is_open = user.contains(['{', '<']);
                let user = percent_decode_str(&user).decode_utf8_lossy();
                self.set_default(AUTHORIZATION, basic(&user, is_open), &url);
            }
            target = without;
        }
        if !target.contains("://") && !target.starts_with(['{', '$', '<', '/']) {
            target.insert_str(0, "http://");
        }
        let separator = if self.is_json { "" } else { "&" };
        let (mut body, mut range) = (None, None);
        if !self.parts.is_empty() {
            body = Some(self.parts.concat() + &format!("--{BOUNDARY}--\n"));
            self.multipart_type();
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
                    self.default_field("Content-Type", "application/json", self.data_at.clone());
                    self.default_field("Accept", "application/json", self.data_at.clone());
                } else {
                    let form = "application/x-www-form-urlencoded";
                    self.default_field("Content-Type", form, self.data_at.clone());
                }
            }
        }
        for query in &self.queries {
            target.push(if target.contains('?') { '&' } else { '?' });
            target.push_str(query);
        }
        let basic = self.own_value(AUTHORIZATION);
        if let Some(scheme) = self.scheme
            && basic.is_some_and(|value| value.starts_with("Basic "))
        {
            self.set_default(AUTHORIZATION, format!("{scheme} {{credentials}}"), &url);
        }
        for (name, value, range) in std::mem::take(&mut self.defaults) {
            // `-A ''` removes the field.
            if !value.is_empty() {
                self.default_field(name, &value, range);
            }
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
    fn default_field(&mut self, name: &str, value: &str, range: Range<usize>) {
        let is_removed = self.removed.iter().any(|it| it.eq_ignore_ascii_case(name));
        if !is_removed && self.headers.get(name).is_none() {
            self.headers.push(name, value);
            self.header_ranges.push(range);
        }
    }

    /// Sets the media type of a form. curl adds the boundary to that of `-H`.
    fn multipart_type(&mut self) {
        let mut set = self.headers.0.iter_mut();
        match set.find(|header| header.name.eq_ignore_ascii_case("content-type")) {
            Some(header) if header.value.contains("boundary=") => {}
            Some(header) => header.value.push_str(&format!("; boundary={BOUNDARY}")),
            None => {
                let media_type = format!("multipart/form-data; boundary={BOUNDARY}");
                self.default_field("Content-Type", &media_type, self.data_at.clone());
            }
        }
    }
}

/// The value of `Authorization` for a name and a password (RFC 7617), which are a
/// placeholder if a part of them is.
fn basic(user: &str, is_placeholder: bool) -> String {
    if is_placeholder {
        "Basic {credentials}".to_owned()
    } else {
        format!("Basic {}", STANDARD.encode(user))
    }
}

/// A URL without its user information, and that, if it has some (RFC 3986, 3.2.1).
fn without_user(url: &str) -> Option<(String, String)> {
    let start = url.find("://").map_or(0, |at| at + 3);
    let end = url[start..].find(['/', '?', '#']);
    let authority = &url[start..end.map_or(url.len(), |end| start + end)];
    let (user, _) = authority.rsplit_once('@')?;
    let colon = if user.contains(':') { "" } else { ":" };
    let rest = &url[start + user.len() + 1..];
    Some((format!("{}{rest}", &url[..start]), format!("{user}{colon}")))
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
        text += &urlencoded(&word.text[at..variable.start]);
        text.push_str(&word.text[variable.clone()]);
        at = variable.end;
    }
    text + &urlencoded(&word.text[at..])
}

/// A text with its escapes in a form, as curl writes them.
fn urlencoded(text: &str) -> String {
    let escaped = utf8_percent_encode(text, ENCODED).to_string();
    escaped.replace(' ', "+")
}

#[cfg(test)]
mod tests;
