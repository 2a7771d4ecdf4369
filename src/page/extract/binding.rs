//! Binds annotations to the fences below them.

use super::annotation::{self, BlockAnnotation, BlockType};
use super::http_block::HttpBlock;
use crate::page::markdown::{self, Block, Fence};
use crate::page::recognise::{Context, RecognitionRule, output_of_command};
use crate::text::finding::Diagnostic;
use crate::text::rules::ANNOTATION_DANGLING;
use crate::text::severity::Severity;
use crate::text::source::{Page, Span};

/// A fence with the annotation above it.
#[derive(Debug)]
pub(crate) struct Annotated<'a> {
    /// The annotation.
    pub annotation: BlockAnnotation,
    /// The fence.
    pub fence: Fence<'a>,
    /// The fence as an HTTP message.
    pub message: HttpBlock,
    /// The rule that recognised it; `None` if it is annotated.
    pub rule: Option<RecognitionRule>,
}

/// The annotations of a page.
#[derive(Debug, Default)]
pub(crate) struct Bound<'a> {
    /// Those of fences.
    pub fences: Vec<Annotated<'a>>,
    /// Those of permissions: a table, or the include of one.
    pub permissions: Vec<BlockAnnotation>,
}

/// Binds each annotation to the next fence. Reports annotations without one.
pub(crate) fn bind<'a>(
    page: &'a Page,
    blocks: &[Block<'a>],
    diagnostics: &mut Vec<Diagnostic>,
) -> Bound<'a> {
    let mut bound = Bound::default();
    let mut pending: Option<BlockAnnotation> = None;
    let mut dangle = |annotation: Option<BlockAnnotation>, why: &str| {
        if let Some(annotation) = annotation {
            let finding = Diagnostic::at(
                page,
                &ANNOTATION_DANGLING,
                annotation.span,
                format!("this annotation does not apply to a code block: {why}"),
            )
            .help("put it directly above its fenced code block");
            diagnostics.push(finding.severity(match annotation.block_type {
                // Without its block, `ignored` has no effect either way.
                BlockType::Ignored => Severity::Info,
                BlockType::Samples | BlockType::TestParams | BlockType::Unknown => {
                    Severity::Warning
                }
                _ => ANNOTATION_DANGLING.severity(),
            }));
        }
    };
    // A comment that lacks only the block type of an annotation.
    let mut untyped: Option<Span> = None;
    // A list of its own, because `dangle` borrows the other.
    let mut read_findings = Vec::new();
    for block in blocks {
        match block {
            Block::Comment(comment) => {
                let count = read_findings.len();
                if let Some(annotation) = annotation::read(page, comment, &mut read_findings) {
                    dangle(pending.take(), "another annotation follows");
                    if annotation.block_type == BlockType::Permissions {
                        bound.permissions.push(annotation);
                    } else {
                        pending = Some(annotation);
                    }
                } else if pending.is_none()
                    && read_findings.len() == count
                    && annotation::lacks_type(comment)
                {
                    untyped = Some(comment.span);
                }
            }
            Block::Fence(fence) => {
                let untyped = untyped.take();
                if let Some(annotation) = pending.take() {
                    bound.fences.extend(halves(page, annotation, fence));
                } else if let Some(span) = untyped {
                    let text = &fence.text.text;
                    read_findings.extend(annotation::without_type(page, span, text));
                }
            }
            Block::InlineComment(comment) => {
                read_findings.extend(annotation::inline(page, comment));
            }
            Block::Other => {
                untyped = None;
                dangle(pending.take(), "other content comes first");
            }
        }
    }
    dangle(pending, "the page ends");
    diagnostics.append(&mut read_findings);
    bound
}

/// Reads a fence with its annotation. A command and its output are a request and its
/// response.
fn halves<'a>(
    page: &'a Page,
    annotation: BlockAnnotation,
    fence: &Fence<'a>,
) -> impl Iterator<Item = Annotated<'a>> {
    let is_request = annotation.block_type == BlockType::Request;
    let output = output_of_command(&fence.text.text).filter(|_| is_request);
    let Some(output) = output else {
        return [Some(annotated(page, annotation, fence)), None]
            .into_iter()
            .flatten();
    };
    let (request, response) = fence.split(page, output.start, output);
    let name = annotation.keys.get("name");
    let of_response = BlockAnnotation {
        block_type: BlockType::Response,
        keys: name
            .map(|name| ("name".to_owned(), name.clone()))
            .into_iter()
            .collect(),
        ..annotation.clone()
    };
    let halves = [
        annotated(page, annotation, &request),
        annotated(page, of_response, &response),
    ];
    halves.map(Some).into_iter().flatten()
}

/// Reads a fence with its annotation.
fn annotated<'a>(page: &Page, annotation: BlockAnnotation, fence: &Fence<'a>) -> Annotated<'a> {
    let content = |name: &str| {
        let parts = markdown::flow(page);
        let at = parts.iter().position(|part| part.span() == fence.span)?;
        Context::of(page, parts).file(name, at)
    };
    let (block_type, text) = (annotation.block_type, &fence.text.text);
    Annotated {
        message: HttpBlock::read(block_type, &annotation.keys, text, &content),
        annotation,
        fence: fence.clone(),
        rule: None,
    }
}
