//! Cases from pages: annotations bind to fences, fences are parsed as HTTP,
//! responses are paired with requests, and each request becomes a case for each
//! of its responses.

mod annotation;
mod binding;
mod block;
mod http_block;
mod pairing;
mod places;

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use serde_json::Map;

use crate::page::case::{Annotation, Case, ExpectedResponse, id_stem};
use crate::page::markdown::{self, Block};
use crate::page::recognise::{Recognised, Recognition, rules};
use crate::page::resource::Resource;
use crate::text::finding::Diagnostic;
use crate::text::source::Page;
pub(crate) use annotation::{BlockAnnotation, BlockType, places_of};
pub(crate) use binding::{Annotated, Bound, bind};
pub(crate) use block::forbidden_content;
use block::{request_block, resource, response_block};
pub(crate) use http_block::HttpBlock;
pub(crate) use places::{CasePlaces, Places, in_body, places};

/// The cases and resources of a page.
#[derive(Debug, Default)]
pub struct Extracted {
    /// The cases, in the order of their requests.
    pub cases: Vec<Case>,
    /// The place of each case in the page, in the order of `cases`.
    pub places: Vec<CasePlaces>,
    /// The resources, in the order of the page.
    pub resources: Vec<Resource>,
    /// The findings, in the order of the page.
    pub diagnostics: Vec<Diagnostic>,
    /// What was recognised, if recognition was requested.
    pub recognised: Recognised,
}

impl Extracted {
    /// Adds other cases of the page.
    fn add(&mut self, other: Self) {
        let own = std::mem::take(&mut self.cases).into_iter();
        let own = own.zip(std::mem::take(&mut self.places));
        let mut cases: Vec<_> = own
            .chain(other.cases.into_iter().zip(other.places))
            .collect();
        cases.sort_by_key(|(case, _)| case.line);
        (self.cases, self.places) = cases.into_iter().unzip();
        self.resources.extend(other.resources);
        self.diagnostics.extend(other.diagnostics);
    }
}

/// Cheap pre-filter: whether a page can have annotated blocks, or comments that
/// are reported as malformed annotations. An annotation contains `blockType`, or
/// an escape; with a misspelt key it is still in braces.
pub fn may_hold_cases(bytes: &[u8]) -> bool {
    let find = |needle: &[u8]| memchr::memmem::find(bytes, needle).is_some();
    let comments = memchr::memmem::find_iter(bytes, b"<!--").map(|at| &bytes[at + 4..]);
    find(b"blockType")
        || find(b"BlockType")
        || find(b"blocktype")
        || (find(b"<!--") && find(b"\\"))
        || comments
            .into_iter()
            .any(|comment| comment.trim_ascii_start().starts_with(b"{"))
}

/// Reads the cases and the resources of a page. With `recognition`, examples
/// without annotations are read too.
pub fn extract(page: &Page, recognition: Option<&Recognition>) -> Extracted {
    // A page is parsed once where that is enough.
    let is_plain = recognition.is_some() && !may_hold_cases(page.text.as_bytes());
    let (blocks, mut diagnostics) = if is_plain {
        (Vec::new(), Vec::new())
    } else {
        markdown::blocks(page)
    };
    let (_, mut extracted) = read_all(page, &blocks, recognition, &mut diagnostics);
    extracted.diagnostics.append(&mut diagnostics);
    extracted
        .diagnostics
        .sort_by_key(|diagnostic| diagnostic.start);
    extracted
}

/// Reads the annotated blocks of a page, and with `recognition` the recognised
/// ones; and the cases and the resources of both.
pub(crate) fn read_all<'a>(
    page: &'a Page,
    blocks: &[Block<'a>],
    recognition: Option<&Recognition>,
    diagnostics: &mut Vec<Diagnostic>,
) -> (Bound<'a>, Extracted) {
    let mut bound = bind(page, blocks, diagnostics);
    let mut extracted = read(page, &bound.fences);
    if let Some(recognition) = recognition {
        // Read apart, so that no annotated block is paired with a recognised one.
        let (mut fences, recognised) = rules::recognise(page, &bound.fences, recognition);
        extracted.add(read(page, &fences));
        extracted.recognised = recognised;
        bound.fences.append(&mut fences);
        bound.fences.sort_by_key(|block| block.fence.span.start);
    }
    (bound, extracted)
}

/// Reads the cases and the resources of a page's annotated fences.
pub(crate) fn read(page: &Page, annotated: &[Annotated<'_>]) -> Extracted {
    let mut diagnostics = Vec::new();
    let mut requests = Vec::new();
    let mut responses = Vec::new();
    let mut extracted = Extracted::default();
    for (order, block) in annotated.iter().enumerate() {
        match (block.annotation.block_type, &block.message) {
            (BlockType::Request, HttpBlock::Request(read)) => {
                requests.push(request_block(page, order, block, read, &mut diagnostics));
            }
            (BlockType::Response, HttpBlock::Response(read)) => {
                responses.push(response_block(page, order, block, read, &mut diagnostics));
            }
            (BlockType::Resource, _) => extracted.resources.push(resource(page, block)),
            _ => {}
        }
    }
    let paired = pairing::pair(page, annotated, &requests, &responses, &mut diagnostics);
    let mut ids = Ids::new(&page.path);
    // Further responses get ids that no request has.
    let own: Vec<String> = requests
        .iter()
        .enumerate()
        .map(|(number, block)| ids.next(block.name.as_deref(), number + 1))
        .collect();
    let mut forbidden = HashSet::new();
    for ((block, paired), own) in requests.into_iter().zip(paired).zip(own) {
        let Some((request, request_places)) = block.message else {
            continue;
        };
        let read = paired.iter().map(|index| &responses[*index]);
        let read = read.filter_map(|response| Some((response, response.message.as_ref()?)));
        let mut read: Vec<_> = read.map(Some).collect();
        if read.is_empty() {
            // A request without a valid response is a case too.
            read.push(None);
        }
        for (further, response) in read.into_iter().enumerate() {
            // A response may belong to several requests; report its body once.
            if let Some((block, (message, places))) = response
                && let Some(finding) = forbidden_content(page, &request.method, message, places)
                && forbidden.insert(block.order)
            {
                diagnostics.push(finding);
            }
            extracted.places.push(CasePlaces {
                request: request_places.clone(),
                response: response.map(|(_, (_, places))| places.clone()),
            });
            extracted.cases.push(Case {
                id: match further {
                    0 => own.clone(),
                    further => ids.unique(&format!("{own}.{}", further + 1)),
                },
                name: block.name.as_ref().map(|name| match further {
                    0 => name.clone(),
                    further => format!("{name}.{}", further + 1),
                }),
                page: Arc::clone(&page.path),
                line: block.line,
                recognised: response
                    .and_then(|(response, _)| annotated[response.order].rule)
                    .or(annotated[block.order].rule),
                request: request.clone(),
                response: response.map(|(block, (message, _))| ExpectedResponse {
                    line: block.line,
                    message: message.clone(),
                }),
                annotation: Annotation {
                    request: block.rest.clone(),
                    response: response.map_or_else(Map::new, |(block, _)| block.rest.clone()),
                },
            });
        }
    }
    extracted.diagnostics = diagnostics;
    extracted
}

/// Assigns the ids of one page.
struct Ids<'a> {
    stem: Cow<'a, str>,
    used: HashSet<String>,
    /// How often each base id was requested.
    repeats: HashMap<String, usize>,
}

impl<'a> Ids<'a> {
    fn new(path: &'a str) -> Self {
        Self {
            stem: id_stem(path),
            used: HashSet::new(),
            repeats: HashMap::new(),
        }
    }

    /// The id of the request with this name, or of the unnamed request with this
    /// number on the page.
    fn next(&mut self, name: Option<&str>, number: usize) -> String {
        self.unique(&match name {
            Some(name) => format!("{}::{name}", self.stem),
            None => format!("{}::{number}", self.stem),
        })
    }

    /// An id that is not used yet.
    fn unique(&mut self, base: &str) -> String {
        let repeat = self.repeats.entry(base.to_owned()).or_insert(0);
        loop {
            *repeat += 1;
            let id = match *repeat {
                1 => base.to_owned(),
                repeat => format!("{base}~{repeat}"),
            };
            if self.used.insert(id.clone()) {
                return id;
            }
        }
    }
}

#[cfg(test)]
mod tests;
