//! The commands of a block, split into words by the rules of a POSIX shell
//! (POSIX.1-2024, XCU 2.2 and 2.3).
//!
//! Nothing is run, and nothing is read: a variable and a command substitution
//! become the placeholder `{NAME}`.

use std::ops::Range;

/// A word of a command.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Word {
    /// The value, without quotes and escapes.
    pub text: String,
    /// Its bytes in the block, with the quotes.
    pub range: Range<usize>,
    /// The bytes that equal the value, if it is written without escapes.
    pub verbatim: Option<Range<usize>>,
    /// The placeholders of variables in the value.
    pub variables: Vec<Range<usize>>,
}

impl Word {
    /// The rest of the word, from an offset in its value.
    pub(super) fn from(&self, at: usize) -> Self {
        let verbatim = self.verbatim.clone();
        let variables = self.variables.iter().filter(|it| it.start >= at);
        Self {
            text: self.text[at..].to_owned(),
            range: self.range.clone(),
            verbatim: verbatim.map(|range| range.start + at..range.end),
            variables: variables.map(|it| it.start - at..it.end - at).collect(),
        }
    }
}

/// A command, without what its output is piped to.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Command {
    /// The name of the command and its arguments.
    pub words: Vec<Word>,
    /// The here-document.
    pub input: Option<Word>,
    /// Its bytes in the block.
    pub range: Range<usize>,
}

/// The commands of a block, and what follows them.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Script {
    /// The commands in order.
    pub commands: Vec<Command>,
    /// The output that the block shows below its first command.
    pub output: Option<Range<usize>>,
    /// The mistakes that make a shell read another command than the author meant.
    pub faults: Vec<Fault>,
}

/// A mistake in a command. The lexer reads the command that the author meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Fault {
    /// What is wrong.
    pub kind: FaultKind,
    /// Its bytes in the block.
    pub range: Range<usize>,
}

/// A kind of fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum FaultKind {
    /// A quote without an end.
    OpenQuote,
    /// A line without `\` above a line that starts with an option.
    NoContinuation,
    /// White space between `\` and the line end.
    SpaceAfterBackslash,
    /// A `&` outside of quotes, which ends a command.
    BareAmpersand,
    /// A here-document without an end.
    OpenHereDocument,
}

/// Maximum length of the name in `{{ name }}`.
const MAX_NAME: usize = 200;

/// Reads the commands of a block.
pub(super) fn read(text: &str) -> Script {
    let mut lexer = Lexer {
        text,
        at: 0,
        script: Script::default(),
        variables: Vec::new(),
    };
    let mut has_prompt = false;
    while let Some(prompt) = lexer.next_line() {
        if !lexer.script.commands.is_empty() && lexer.is_output(has_prompt, prompt) {
            lexer.script.output = Some(lexer.output(has_prompt));
            break;
        }
        has_prompt |= prompt;
        let command = lexer.command();
        if !command.words.is_empty() {
            lexer.script.commands.push(command);
        }
    }
    lexer.script
}

struct Lexer<'t> {
    text: &'t str,
    at: usize,
    script: Script,
    /// The placeholders in the word that is being read.
    variables: Vec<Range<usize>>,
}

impl<'t> Lexer<'t> {
    fn rest(&self) -> &'t str {
        &self.text[self.at..]
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn bump(&mut self) -> Option<char> {
        let next = self.peek()?;
        self.at += next.len_utf8();
        Some(next)
    }

    fn eat(&mut self, text: &str) -> bool {
        let found = self.rest().starts_with(text);
        self.at += if found { text.len() } else { 0 };
        found
    }

    fn fault(&mut self, kind: FaultKind, range: Range<usize>) {
        self.script.faults.push(Fault { kind, range });
    }

    /// Goes to the next command or output. Returns whether a prompt precedes it.
    fn next_line(&mut self) -> Option<bool> {
        loop {
            let blank = self.rest().len() - self.rest().trim_start().len();
            self.at += blank;
            match self.peek()? {
                '#' => self.skip_line(),
                '$' | '%' if self.rest()[1..].starts_with(' ') => {
                    self.at += 2;
                    return Some(true);
                }
                ';' => self.at += 1,
                _ => return Some(false),
            }
        }
    }

    fn skip_line(&mut self) {
        self.at = self.line_end();
    }

    /// The end of the line, before its line feed.
    fn line_end(&self) -> usize {
        self.rest()
            .find('\n')
            .map_or(self.text.len(), |end| self.at + end)
    }

    /// Whether the text here is the output of the command above: a line without a
    /// prompt where commands have one, or a body or a status line.
    fn is_output(&self, has_prompt: bool, prompt: bool) -> bool {
        let starts = ["{", "[", "<", "\"", "HTTP/"];
        if has_prompt {
            !prompt
        } else {
            starts.iter().any(|start| self.rest().starts_with(start))
        }
    }

    /// The range of the output: up to the next prompt, or the end.
    fn output(&mut self, has_prompt: bool) -> Range<usize> {
        // From the start of the line, since the output may be indented.
        let start = self.text[..self.at].rfind('\n').map_or(0, |at| at + 1);
        let next = if has_prompt {
            self.rest().find("\n$ ")
        } else {
            None
        };
        let end = next.map_or(self.text.len(), |next| self.at + next);
        let shown = self.text[start..end].trim_end();
        start..start + shown.len()
    }

    fn command(&mut self) -> Command {
        let start = self.at;
        let mut command = Command::default();
        let mut end = start;
        let mut delimiter: Option<(String, bool)> = None;
        // The words behind a pipe belong to another command.
        let mut is_piped = false;
        loop {
            self.blanks();
            let Some(next) = self.peek() else { break };
            match next {
                '\n' => {
                    if let Some((delimiter, strips)) = delimiter.take() {
                        self.at += 1;
                        command.input = Some(self.here_document(&delimiter, strips));
                        break;
                    }
                    if is_piped && self.text[..self.at].trim_end().ends_with('|') {
                        self.at += 1;
                        continue;
                    }
                    if let Some(last) = command.words.last()
                        && self.option_follows()
                        && !is_piped
                    {
                        let range = last.range.clone();
                        self.fault(FaultKind::NoContinuation, range);
                        self.at += 1;
                        continue;
                    }
                    break;
                }
                ';' => {
                    self.at += 1;
                    break;
                }
                '#' => self.skip_line(),
                '|' | '&' => {
                    let separator = self.rest().starts_with("||") || next == '&';
                    while matches!(self.peek(), Some('|' | '&')) {
                        self.at += 1;
                    }
                    if separator {
                        break;
                    }
                    is_piped = true;
                }
                '<' if self.eat("<<") => {
                    let strips = self.eat("-");
                    self.blanks();
                    delimiter = Some((self.word().text, strips));
                }
                '<' | '>' if !self.at_placeholder() => self.redirection(),
                _ => {
                    let word = self.word();
                    if self.is_descriptor(&word) {
                        self.redirection();
                    } else if !is_piped {
                        end = word.range.end;
                        command.words.push(word);
                    }
                }
            }
        }
        command.range = start..end;
        command
    }

    /// Skips blanks and continued lines.
    fn blanks(&mut self) {
        loop {
            match self.peek() {
                Some(' ' | '\t' | '\r') => self.at += 1,
                Some('\\') if self.continuation() => {}
                _ => return,
            }
        }
    }

    /// Skips a `\` at the end of a line, and the prompt of the next one.
    fn continuation(&mut self) -> bool {
        let after = &self.rest()[1..];
        let blank = after.len() - after.trim_start_matches([' ', '\t', '\r']).len();
        if after.len() == blank {
            self.at = self.text.len();
            return true;
        }
        if !after[blank..].starts_with('\n') {
            return false;
        }
        let spaces = after[..blank].trim_end_matches('\r');
        if !spaces.is_empty() {
            let start = self.at + 1;
            self.fault(FaultKind::SpaceAfterBackslash, start..start + spaces.len());
        }
        self.at += 1 + blank + 1;
        let _ = self.eat("> ") || self.eat("$ ");
        true
    }

    /// Whether the next line starts with an option.
    fn option_follows(&self) -> bool {
        let next = self.rest()[1..].trim_start_matches([' ', '\t']);
        let name = next.trim_start_matches('-');
        let dashes = next.len() - name.len();
        (1..=2).contains(&dashes) && name.starts_with(|c: char| c.is_ascii_alphabetic())
    }

    /// Whether a `<` begins a placeholder such as `<id>`.
    fn at_placeholder(&self) -> bool {
        let Some(inner) = self.rest().strip_prefix('<') else {
            return false;
        };
        let name = inner.split('>').next().unwrap_or_default();
        name.len() < inner.len()
            && name.starts_with(|c: char| c.is_ascii_alphabetic())
            && name
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || "_-.: ".contains(c))
    }

    /// Whether a word is the file descriptor of a redirection, such as `2` of
    /// `2>/dev/null`.
    fn is_descriptor(&self, word: &Word) -> bool {
        word.range.end == self.at
            && matches!(self.peek(), Some('<' | '>'))
            && !self.at_placeholder()
            && word.text.bytes().all(|byte| byte.is_ascii_digit())
    }

    /// Skips a redirection.
    fn redirection(&mut self) {
        while matches!(self.peek(), Some('<' | '>' | '&')) {
            self.at += 1;
        }
        self.blanks();
        if self.peek() != Some('\n') {
            self.word();
        }
    }

    fn here_document(&mut self, delimiter: &str, strips: bool) -> Word {
        let start = self.at;
        while self.at < self.text.len() {
            let line_start = self.at;
            let end = self.line_end();
            let line = &self.text[line_start..end];
            let line = if strips {
                line.trim_start_matches('\t')
            } else {
                line
            };
            self.at = (end + 1).min(self.text.len());
            if line.trim_end_matches('\r') == delimiter {
                return verbatim(self.text, start..line_start);
            }
        }
        self.fault(FaultKind::OpenHereDocument, start..self.text.len());
        verbatim(self.text, start..self.text.len())
    }

    fn word(&mut self) -> Word {
        let start = self.at;
        let mut text = String::new();
        // The verbatim range of the first piece, and the number of pieces.
        let mut only = None;
        let mut pieces = 0;
        while let Some(next) = self.peek() {
            let at = self.at;
            let mut is_verbatim = true;
            match next {
                ' ' | '\t' | '\r' | '\n' | ';' | '|' => break,
                '&' => {
                    // `?a=1&b=2`
                    let inside = self.rest()[1..].starts_with(|c: char| c.is_alphanumeric());
                    if !inside || text.is_empty() {
                        break;
                    }
                    self.fault(FaultKind::BareAmpersand, at..at + 1);
                    self.at += 1;
                    text.push('&');
                }
                '<' | '>' if !self.at_placeholder() => break,
                '\'' => {
                    self.at += 1;
                    let inner = self.until('\'', at);
                    text.push_str(&self.text[inner.clone()]);
                    only = Some(inner);
                }
                '"' => {
                    self.at += 1;
                    is_verbatim = self.double_quoted(at, &mut text);
                    only = Some(at + 1..self.at.saturating_sub(1).max(at + 1));
                }
                '\\' => {
                    if self.continuation() {
                        continue;
                    }
                    self.at += 1;
                    is_verbatim = false;
                    text.extend(self.bump());
                }
                '$' => {
                    is_verbatim = self.dollar(&mut text, true);
                    only = Some(at..self.at);
                }
                '`' => {
                    self.at += 1;
                    let inner = self.until('`', at);
                    self.variable(&self.text[inner], &mut text);
                    is_verbatim = false;
                }
                '<' => {
                    let end = self.rest().find('>').map_or(1, |end| end + 1);
                    text.push_str(&self.rest()[..end]);
                    self.at += end;
                    only = Some(at..self.at);
                }
                '{' if self.eat("{{") => {
                    // A variable of a site generator.
                    let inner = self.rest().bytes().take(MAX_NAME);
                    let end = inner.take_while(|byte| !b"\n}".contains(byte)).count();
                    if self
                        .rest()
                        .get(end..)
                        .is_some_and(|rest| rest.starts_with("}}"))
                    {
                        let inner = self.at..self.at + end;
                        self.at = inner.end + 2;
                        self.variable(&self.text[inner], &mut text);
                    } else {
                        text.push_str("{{");
                    }
                    is_verbatim = false;
                }
                _ => {
                    // A run of plain characters is one piece.
                    let plain = |c: char| !" \t\r\n;|&<>'\"\\$`{".contains(c);
                    let first = next.len_utf8();
                    let end = self.rest()[first..]
                        .find(|c| !plain(c))
                        .map(|end| first + end);
                    let end = end.map_or(self.text.len(), |end| at + end);
                    text.push_str(&self.text[at..end]);
                    self.at = end;
                    only = Some(at..end);
                }
            }
            pieces += if is_verbatim { 1 } else { 2 };
        }
        if self.at == start {
            // A character that begins no word, such as a stray `&`.
            self.bump();
        }
        let range = start..self.at;
        let verbatim = match pieces {
            1 => only,
            // Plain pieces beside each other, such as `a&b`.
            _ if self.text[range.clone()] == text => Some(range.clone()),
            _ => None,
        };
        Word {
            text,
            range,
            verbatim,
            variables: std::mem::take(&mut self.variables),
        }
    }

    /// Adds the placeholder of a variable to a value.
    fn variable(&mut self, name: &str, text: &mut String) {
        let start = text.len();
        text.push_str(&placeholder(name));
        self.variables.push(start..text.len());
    }

    /// The range up to a closing quote, which is skipped.
    fn until(&mut self, quote: char, opening: usize) -> Range<usize> {
        let start = self.at;
        if let Some(end) = self.rest().find(quote) {
            self.at += end + quote.len_utf8();
            return start..start + end;
        }
        self.fault(FaultKind::OpenQuote, opening..opening + 1);
        self.at = self.text.len();
        start..self.at
    }

    /// Reads a double-quoted string. Returns whether it has no escapes.
    fn double_quoted(&mut self, opening: usize, text: &mut String) -> bool {
        let mut is_verbatim = true;
        while let Some(next) = self.peek() {
            match next {
                '"' => {
                    self.at += 1;
                    return is_verbatim;
                }
                '\\' => {
                    self.at += 1;
                    is_verbatim = false;
                    match self.bump() {
                        Some('\n') => {}
                        Some(escaped @ ('$' | '`' | '"' | '\\')) => text.push(escaped),
                        other => {
                            text.push('\\');
                            text.extend(other);
                        }
                    }
                }
                '$' => is_verbatim &= self.dollar(text, false),
                '`' => {
                    let at = self.at;
                    self.at += 1;
                    let inner = self.until('`', at);
                    self.variable(&self.text[inner], text);
                    is_verbatim = false;
                }
                _ => text.extend(self.bump()),
            }
        }
        self.fault(FaultKind::OpenQuote, opening..opening + 1);
        false
    }

    /// Reads what a `$` begins. Returns whether it is a plain `$`.
    fn dollar(&mut self, text: &mut String, is_bare: bool) -> bool {
        let at = self.at;
        self.at += 1;
        let name = |text: &str| {
            let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
            text.find(|c| !is_name(c)).unwrap_or(text.len())
        };
        match self.peek() {
            Some('\'') if is_bare => {
                self.at += 1;
                self.ansi_quoted(at, text);
            }
            Some('{') => {
                self.at += 1;
                let inner = self.until('}', at);
                let inner = &self.text[inner];
                self.variable(&inner[..name(inner)], text);
            }
            Some('(') => {
                let inner = self.substitution();
                self.variable(&self.text[inner], text);
            }
            Some(next) if next.is_ascii_alphanumeric() || next == '_' => {
                let end = name(self.rest());
                self.variable(&self.rest()[..end], text);
                self.at += end;
            }
            _ => {
                text.push('$');
                return true;
            }
        }
        false
    }

    /// The command of a `$(…)`, whose end is skipped.
    fn substitution(&mut self) -> Range<usize> {
        let start = self.at + 1;
        let mut depth = 0_usize;
        while let Some(next) = self.bump() {
            match next {
                '(' => depth += 1,
                ')' if depth == 1 => return start..self.at - 1,
                ')' => depth -= 1,
                _ => {}
            }
        }
        self.fault(FaultKind::OpenQuote, start - 2..start);
        start..self.text.len()
    }

    /// Reads a `$'…'` string, whose escapes are those of C.
    fn ansi_quoted(&mut self, opening: usize, text: &mut String) {
        while let Some(next) = self.bump() {
            match next {
                '\'' => return,
                '\\' => match self.bump() {
                    Some('n') => text.push('\n'),
                    Some('t') => text.push('\t'),
                    Some('r') => text.push('\r'),
                    Some('x') => text.extend(self.hex(2)),
                    Some('u') => text.extend(self.hex(4)),
                    Some('U') => text.extend(self.hex(8)),
                    Some(other @ ('\\' | '\'' | '"' | '?')) => text.push(other),
                    other => {
                        text.push('\\');
                        text.extend(other);
                    }
                },
                _ => text.push(next),
            }
        }
        self.fault(FaultKind::OpenQuote, opening..opening + 2);
    }

    fn hex(&mut self, most: usize) -> Option<char> {
        let digits = self.rest().bytes().take(most);
        let count = digits.take_while(u8::is_ascii_hexdigit).count();
        let number = u32::from_str_radix(&self.rest()[..count], 16).ok()?;
        self.at += count;
        char::from_u32(number)
    }
}

fn verbatim(text: &str, range: Range<usize>) -> Word {
    Word {
        text: text[range.clone()].to_owned(),
        verbatim: Some(range.clone()),
        range,
        variables: Vec::new(),
    }
}

/// A placeholder. Its name keeps the characters that names of placeholders have.
fn placeholder(name: &str) -> String {
    let keeps = |c: char| c.is_ascii_alphanumeric() || " -_.".contains(c);
    let name: String = name
        .chars()
        .map(|c| if keeps(c) { c } else { ' ' })
        .collect();
    let name = name.split_whitespace().collect::<Vec<_>>().join(" ");
    format!("{{{}}}", if name.is_empty() { "variable" } else { &name })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &[&[&str]]) {
        let script = read(text);
        let commands = script.commands.iter();
        let commands: Vec<Vec<&str>> = commands
            .map(|command| command.words.iter().map(|word| &*word.text).collect())
            .collect();
        assert_eq!(commands, expected, "{text}");
        for word in script.commands.iter().flat_map(|command| &command.words) {
            if let Some(range) = word.verbatim.clone() {
                assert_eq!(text[range], word.text, "{text}");
            }
        }
    }

    #[track_caller]
    fn check_faults(text: &str, expected: &[(FaultKind, &str)]) {
        let found = read(text).faults;
        let found: Vec<_> = found
            .into_iter()
            .map(|fault| (fault.kind, &text[fault.range]))
            .collect();
        assert_eq!(found, expected, "{text}");
    }

    #[test]
    fn splits_words_and_removes_quotes() {
        check(
            "curl -X GET https://a.example/x",
            &[&["curl", "-X", "GET", "https://a.example/x"]],
        );
        check(
            r#"a 'b c' "d \"e\" \n" f\ g"#,
            &[&["a", "b c", r#"d "e" \n"#, "f g"]],
        );
        check(r"a $'b\n\x41\u00e9\''", &[&["a", "b\nAé'"]]);
        check("a 'b'\"c\"d", &[&["a", "bcd"]]);
        check("a '{\n  \"b\": 1\n}'", &[&["a", "{\n  \"b\": 1\n}"]]);
        check("a ''", &[&["a", ""]]);
    }

    #[test]
    fn continues_lines_and_removes_prompts() {
        check("a \\\n  -b \\\n  c", &[&["a", "-b", "c"]]);
        check("$ a \\\n> -b", &[&["a", "-b"]]);
        check("$ a\n$ b\n", &[&["a"], &["b"]]);
        check("# a comment\na b # c\nd", &[&["a", "b"], &["d"]]);
        check(
            "a; b && c || d & e",
            &[&["a"], &["b"], &["c"], &["d"], &["e"]],
        );
    }

    #[test]
    fn keeps_variables_as_placeholders() {
        check(
            "a $B ${C} \"x $D ${E:-f}\" '$G'",
            &[&["a", "{B}", "{C}", "x {D} {E}", "$G"]],
        );
        check(
            "a \"Bearer $(b print-token)\" `c d`",
            &[&["a", "Bearer {b print-token}", "{c d}"]],
        );
        check("a 5$ $", &[&["a", "5$", "$"]]);
        check(
            "a https://x/<id>/y?z=<w-1>",
            &[&["a", "https://x/<id>/y?z=<w-1>"]],
        );
    }

    #[test]
    fn drops_pipes_and_redirections() {
        check("a b | jq '.c' | less", &[&["a", "b"]]);
        check("a b |\n  jq .", &[&["a", "b"]]);
        check("a b \\\n | jq .\nc", &[&["a", "b"], &["c"]]);
        check("a > out.txt 2>/dev/null b < in 2>&1", &[&["a", "b"]]);
    }

    #[test]
    fn reads_here_documents() {
        let script = read("a -d @- <<'EOF'\n{\"b\": 1}\nEOF\nc");
        let command = &script.commands[0];
        assert_eq!(
            command.input.as_ref().map(|it| &*it.text),
            Some("{\"b\": 1}\n")
        );
        assert_eq!(script.commands.len(), 2);
        check_faults("a <<EOF\nb", &[(FaultKind::OpenHereDocument, "b")]);
    }

    #[test]
    fn separates_the_output() {
        for (text, expected) in [
            ("$ a b\n{\"c\": 1}\n", Some("{\"c\": 1}")),
            ("$ a b\nok\n$ d", Some("ok")),
            ("a b\n\n{\"c\": 1}\n", Some("{\"c\": 1}")),
            ("a b\nHTTP/1.1 200 OK\n\n{}", Some("HTTP/1.1 200 OK\n\n{}")),
            ("a b\nc d", None),
            ("a '{\n}'", None),
        ] {
            let output = read(text).output.map(|range| &text[range]);
            assert_eq!(output, expected, "{text}");
        }
    }

    #[test]
    fn reports_what_a_shell_reads_differently() {
        check_faults("a 'b", &[(FaultKind::OpenQuote, "'")]);
        check_faults("a \"b", &[(FaultKind::OpenQuote, "\"")]);
        check_faults("a b\n  -c d", &[(FaultKind::NoContinuation, "b")]);
        check_faults("a \\ \n-c", &[(FaultKind::SpaceAfterBackslash, " ")]);
        check_faults("a b?c=1&d=2", &[(FaultKind::BareAmpersand, "&")]);
        check_faults("a 'b?c=1&d=2' \\\n  -e f", &[]);
        check("a b\n  -c d", &[&["a", "b", "-c", "d"]]);
        check("a b?c=1&d=2", &[&["a", "b?c=1&d=2"]]);
    }

    #[test]
    fn ends_on_any_text() {
        for text in [
            "&", "|", "a |", "<", "<<", "$(", "${", "\\", "`", "$'\\", "; ;", "\u{a0}", "a >",
        ] {
            read(text);
            read(&text.repeat(2_000));
        }
    }
}
