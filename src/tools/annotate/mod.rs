//! Annotations for recognised examples, so that they no longer depend on
//! recognition.

mod service;

use std::collections::HashSet;

use serde_json::{Map, Value};

use crate::page::case::Case;
use crate::page::extract::{BlockType, Extracted};
use crate::page::reader::Reader;
use crate::page::recognise::RecognisedBlock;
use crate::text::source::{Edit, Page, Span, apply, is_mdx};
pub(crate) use service::services;

/// The annotations of a page.
#[derive(Debug, Default)]
pub(crate) struct Annotated {
    /// The edits that insert them, in the order of the page.
    pub edits: Vec<Edit>,
    /// The examples that cannot be annotated.
    pub apart: Vec<Apart>,
}

/// A recognised example that cannot be annotated.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Apart {
    /// The id of its case.
    pub id: String,
    /// The line of its request, from 1.
    pub line: usize,
    /// Why it cannot be annotated.
    pub reason: &'static str,
}

/// Makes the annotations of the recognised examples of a page. Annotated, the page
/// has the same cases without recognition; an example that would become another is
/// not annotated.
pub(crate) fn annotate(page: &Page, extracted: &Extracted) -> Annotated {
    let blocks = &extracted.recognised.blocks;
    let cases = extracted.cases.iter();
    let cases: Vec<&Case> = cases.filter(|case| case.recognised.is_some()).collect();
    let mut annotated = Annotated::default();
    // The lines of the blocks that are not annotated.
    let mut bare: HashSet<usize> = HashSet::new();
    for block in blocks {
        if let Some(reason) = place(page, block).err().filter(|_| !block.is_half) {
            let line = page.line(block.span.start);
            let of_block = cases.iter().filter(|case| has_line(case, line));
            of_block.for_each(|case| annotated.leave_out(case, reason, &mut bare));
        }
    }
    for round in 1..=ROUNDS {
        let is_kept = |block: &&RecognisedBlock| !bare.contains(&page.line(block.span.start));
        let kept = blocks.iter().filter(is_kept);
        annotated.edits = kept.filter_map(|block| edit(page, block).ok()).collect();
        annotated.edits.sort();
        annotated.edits.dedup_by_key(|edit| edit.span);
        if annotated.edits.is_empty() {
            break;
        }
        let text = apply(&page.text, &annotated.edits);
        let written = Reader::default().extract(&Page::new(page.path.clone(), text));
        let left = cases.iter().filter(|case| !annotated.leaves_out(case));
        let changed = left.filter(|case| {
            round == ROUNDS || !written.cases.iter().any(|other| is_same(case, other))
        });
        let changed: Vec<&Case> = changed.copied().collect();
        if changed.is_empty() {
            break;
        }
        if round == ROUNDS {
            annotated.edits.clear();
        }
        for case in changed {
            let is_bare = bare.iter().any(|line| has_line(case, *line));
            let reason = if is_bare {
                "another example of its blocks cannot be annotated"
            } else {
                "annotated, it would be another example"
            };
            annotated.leave_out(case, reason, &mut bare);
        }
    }
    annotated.apart.sort_by_key(|apart| apart.line);
    annotated
}

/// How often a page is annotated without the examples that changed, before none is
/// annotated.
const ROUNDS: usize = 8;

/// Whether two cases document the same request and response.
fn is_same(case: &Case, other: &Case) -> bool {
    let [a, b] = [case, other].map(|case| case.response.as_ref().map(|it| &it.message));
    case.id == other.id && case.request == other.request && a == b
}

/// Whether a block of a case starts on a line.
fn has_line(case: &Case, line: usize) -> bool {
    let response = case.response.as_ref().map(|response| response.line);
    case.line == line || response == Some(line)
}

impl Annotated {
    fn leaves_out(&self, case: &Case) -> bool {
        self.apart.iter().any(|apart| apart.id == case.id)
    }

    /// Leaves out the blocks of a case.
    fn leave_out(&mut self, case: &Case, reason: &'static str, bare: &mut HashSet<usize>) {
        bare.insert(case.line);
        bare.extend(case.response.as_ref().map(|response| response.line));
        if !self.leaves_out(case) {
            self.apart.push(Apart {
                id: case.id.clone(),
                line: case.line,
                reason,
            });
        }
    }
}

/// The line of a block's start, and the prefix of its annotation on the line above:
/// the indentation and the marks of quotes of the block, without the four spaces of
/// indented code.
fn place<'p>(page: &'p Page, block: &RecognisedBlock) -> Result<(usize, &'p str), &'static str> {
    let line = page.line_span(page.line(block.span.start));
    let text = page.slice(line);
    let code = text.trim_start_matches([' ', '\t', '>']);
    let is_fence = |text: &str| text.starts_with("```") || text.starts_with("~~~");
    let prefix = &text[..text.len() - code.len()];
    if is_fence(code) {
        return Ok((line.start, prefix));
    }
    if is_fence(code.trim_start_matches(['-', '*', '+', ' ', '\t'])) {
        return Err("its fence is on the line of a list item's mark");
    }
    match prefix.strip_suffix("    ") {
        Some(prefix) if !code.starts_with('<') => Ok((line.start, prefix)),
        _ => Err("its block is neither a fence nor indented code"),
    }
}

/// The edit that inserts the annotation of a block.
fn edit(page: &Page, block: &RecognisedBlock) -> Result<Edit, &'static str> {
    let (start, prefix) = place(page, block)?;
    let end = match page.text[start..].find('\n') {
        Some(at) if page.text[..start + at].ends_with('\r') => "\r\n",
        _ => "\n",
    };
    Ok(Edit {
        span: Span::new(start, start),
        text: if is_mdx(&page.path) {
            format!("{prefix}{{/* {} */}}{end}", comment(block))
        } else {
            format!("{prefix}<!-- {} -->{end}", comment(block))
        },
    })
}

/// The keys of a block's annotation.
fn comment(block: &RecognisedBlock) -> String {
    let block_type = match block.block_type {
        BlockType::Request => "request",
        _ => "response",
    };
    let name = match block.names.as_slice() {
        [name] => Value::from(name.as_str()),
        names => names.into(),
    };
    let mut keys = Map::new();
    keys.insert("blockType".to_owned(), block_type.into());
    keys.insert("name".to_owned(), name);
    if let Some(status) = block.status {
        keys.insert("status".to_owned(), status.into());
    }
    let pairs = keys
        .iter()
        .map(|(key, value)| format!("\"{key}\": {value}"));
    format!("{{{}}}", pairs.collect::<Vec<_>>().join(", "))
}

#[cfg(test)]
mod tests;
