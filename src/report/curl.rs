//! Planned requests as curl commands for a POSIX shell.
//!
//! What is only known during the run is a shell variable `run_NAME`. A secret
//! that a variable of the environment holds is that variable, any other a shell
//! variable `secret_NAME`. Without their values a shell runs no command
//! (`${NAME:?}`; POSIX.1-2017, shell, 2.6.2).

use std::fmt::Write as _;
use std::slice;
use std::time::SystemTime;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use url::Url;

use super::basics::printable;
use super::plan::Piece;
use crate::page::case::Case;
use crate::project::plan::{
    CASE_HEADER, DeferredPart, DeferredText, Given, Planned, Preview, PreviewBody, PreviewRequest,
    Target, plan, preview,
};

/// The longest argument of a command, in bytes. Linux accepts 128 KiB.
const ARGUMENT_LIMIT: usize = 100_000;

/// A piece as commands, each below a comment with its place.
pub(crate) fn piece(piece: Piece<'_>) -> String {
    let case = piece.case;
    let place = format!("{}:{} {}", case.page, case.line, piece.unit.id(case));
    let mut text = String::new();
    if let Planned::Skip(skip) = &piece.unit.planned {
        comment(&mut text, &format!("{place} is skipped: {skip}"));
        return text;
    }
    for preview in piece.previews {
        let label = preview.label.as_ref();
        let label = label.map_or_else(String::new, |label| format!(" {label}"));
        comment(&mut text, &format!("{place}{label}"));
        step(preview, &mut text);
    }
    text
}

/// A comment on a line of its own.
fn comment(text: &mut String, line: &str) {
    let _ = writeln!(text, "# {}", printable(line));
}

/// A request as a command, below comments about the variables to set.
pub(crate) fn one(request: &PreviewRequest) -> String {
    let mut text = String::new();
    write_one(request, &mut text);
    text
}

fn step(preview: &Preview, text: &mut String) {
    match &preview.request {
        Ok(request) => write_one(request, text),
        Err(why) => return comment(text, &format!("cannot be sent: {why}")),
    }
    for (name, source) in &preview.captures {
        comment(
            text,
            &format!("{} is then {source} of the answer", shell_name("run", name)),
        );
    }
    if preview.polls {
        comment(text, "then the end of the operation is polled for");
    }
}

fn write_one(request: &PreviewRequest, text: &mut String) {
    let values = request.headers.iter().map(|(_, value)| value);
    let body = match &request.body {
        Some(PreviewBody::Text(words)) => Some(words),
        _ => None,
    };
    let mut written = Vec::new();
    for word in values
        .chain([&request.url])
        .chain(body)
        .flat_map(|words| &words.0)
    {
        let line = match word {
            DeferredPart::Late(name) => format!(
                "${{{name}}} is only known during the run: set {}",
                shell_name("run", name)
            ),
            DeferredPart::Secret {
                name,
                variable: None,
            } => format!(
                "the secret {name} is not shown: set {}, as it is to be sent",
                shell_name("secret", name)
            ),
            DeferredPart::Literal(_) | DeferredPart::Secret { .. } => continue,
        };
        if !written.contains(&line) {
            comment(text, &line);
            written.push(line);
        }
    }
    match command(request) {
        Ok(command) => *text += &command,
        Err(why) => comment(text, &why),
    }
}

/// A case's request to a mock as a command, or why there is none. It does not name
/// the case: the mock matches it like the request of any client.
pub(crate) fn to_mock(case: &Case, base: &str) -> Result<String, String> {
    let base = Url::parse(base).map_err(|error| error.to_string())?;
    let target = Target::Mock { base };
    let units = plan(slice::from_ref(case), &[], &[], &target);
    let unit = units.first().ok_or("it is not planned")?;
    let step = match &unit.planned {
        Planned::Send(step) => step,
        Planned::Skip(skip) => return Err(skip.to_string()),
        Planned::Script => return Err("it is sent as a part of a scenario".to_owned()),
    };
    let mut given = Given {
        env: &|_| None,
        files: &|name| Err(name.to_owned()),
        source: &|_, _| None,
        now: SystemTime::UNIX_EPOCH,
        random: &mut || 0,
    };
    let mut previews = preview(case, unit, &[], &target, &mut given);
    let mut request = previews.pop().ok_or("it is not planned")?.request?;
    // Unlike in a plan, the address of the mock is known.
    request.url = DeferredText(vec![DeferredPart::Literal(step.url.clone())]);
    request.headers.retain(|(name, _)| name != CASE_HEADER);
    command(&request)
}

fn command(request: &PreviewRequest) -> Result<String, String> {
    let mut before = String::new();
    let mut arguments = vec![match request.method.as_str() {
        // With `--request HEAD`, curl would wait for a body.
        "HEAD" => "curl --head".to_owned(),
        method => format!("curl --request {}", quoted(method)?),
    }];
    let brackets = ['[', ']', '{', '}'];
    let is_glob = |word: &DeferredPart| matches!(word, DeferredPart::Literal(text) if text.contains(brackets));
    if request.url.0.iter().any(is_glob) {
        arguments.push("--globoff".to_owned());
    }
    arguments.push(shell(&request.url)?);
    for (name, value) in &request.headers {
        let field = if value.0.is_empty() {
            quoted(&format!("{name};"))?
        } else {
            let mut words = value.clone();
            match words.0.first_mut() {
                Some(DeferredPart::Literal(text)) => text.insert_str(0, &format!("{name}: ")),
                _ => words
                    .0
                    .insert(0, DeferredPart::Literal(format!("{name}: "))),
            }
            shell(&words)?
        };
        arguments.push(format!("--header {field}"));
    }
    let has = |wanted: &str| request.headers.iter().any(|(name, _)| name == wanted);
    if request.body.is_some() && !has("content-type") {
        // The client of a run adds no such header, but curl would.
        arguments.push("--header 'Content-Type:'".to_owned());
    }
    match &request.body {
        None if matches!(request.method.as_str(), "POST" | "PUT" | "PATCH") => {
            arguments.push("--header 'Content-Length: 0'".to_owned());
        }
        None => {}
        Some(PreviewBody::Text(words)) => {
            let word = shell(words)?;
            let option = match words.0.first() {
                // `@` would name a file.
                Some(DeferredPart::Literal(text)) if !text.starts_with('@') => "--data-binary",
                None => "--data-binary",
                Some(_) => "--data-raw",
            };
            if word.len() > ARGUMENT_LIMIT {
                before = format!("printf %s {word} | ");
                arguments.push("--data-binary @-".to_owned());
            } else {
                arguments.push(format!("{option} {word}"));
            }
        }
        Some(PreviewBody::Bytes(bytes)) => {
            before = format!("printf %s {} | base64 -d | ", STANDARD.encode(bytes));
            arguments.push("--data-binary @-".to_owned());
        }
        Some(PreviewBody::Withheld(length)) => {
            return Err(format!(
                "no command: its {length} bytes of binary content hold a secret, or a value that \
                 is only known during the run"
            ));
        }
    }
    Ok(format!("{before}{}\n", arguments.join(" \\\n  ")))
}

/// The shell variable of a value that is not shown.
fn shell_name(kind: &str, name: &str) -> String {
    let plain = name
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() { c } else { '_' });
    format!("{kind}_{}", plain.collect::<String>())
}

/// A text as one word of the shell.
fn shell(words: &DeferredText) -> Result<String, String> {
    let mut word = String::new();
    for part in &words.0 {
        match part {
            DeferredPart::Literal(text) => word += &quoted(text)?,
            DeferredPart::Late(name) => {
                let _ = write!(word, "\"${{{}:?}}\"", shell_name("run", name));
            }
            DeferredPart::Secret {
                variable: Some(name),
                ..
            } => {
                let _ = write!(word, "\"${{{name}:?}}\"");
            }
            DeferredPart::Secret {
                name,
                variable: None,
            } => {
                let _ = write!(word, "\"${{{}:?}}\"", shell_name("secret", name));
            }
        }
    }
    Ok(if word.is_empty() {
        "''".to_owned()
    } else {
        word
    })
}

fn quoted(text: &str) -> Result<String, String> {
    let quoted = shlex::try_quote(text);
    quoted
        .map(std::borrow::Cow::into_owned)
        .map_err(|error| format!("no command: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::page::extract;
    use crate::text::source::Page;

    #[track_caller]
    fn check(request: &str, expected: Result<&str, &str>) {
        let text = format!(
            "<!-- {{\"blockType\": \"request\"}} -->\n```http\n{request}\n```\n\n\
             <!-- {{\"blockType\": \"response\"}} -->\n```http\nHTTP/1.1 200 OK\n```\n"
        );
        let cases = extract::extract(&Page::new("p.md", text), None).cases;
        let command = to_mock(&cases[0], "http://127.0.0.1:8080");
        let command = command.map(|command| command.replace(" \\\n ", "").trim_end().to_owned());
        let expected = expected.map(str::to_owned).map_err(str::to_owned);
        assert_eq!(command, expected);
    }

    #[test]
    fn writes_a_case_as_a_command_to_the_mock() {
        check(
            "GET https://a.example/users/{id}?$top=1",
            Ok(
                "curl --request GET 'http://127.0.0.1:8080/users/%7Bid%7D?$top=1' \
                --header 'host: a.example'",
            ),
        );
        check(
            "POST /a\nContent-Type: text/plain\n\n`$(x)`",
            Ok("curl --request POST http://127.0.0.1:8080/a \
                --header 'content-type: text/plain' --data-binary '`$(x)`'"),
        );
        check("CONNECT /a", Err("invalid-method: CONNECT"));
    }
}
