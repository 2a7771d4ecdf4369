//! What a page links to, and where that leads.

use std::borrow::Cow;

use super::html::{self, Piece};
use super::target;
use crate::check::rules::{Parsed, Site};
use crate::http::url::decode;
use crate::page::markdown::LinkKind;
use crate::text::source::Span;

/// What a destination is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Kind {
    /// To be followed.
    Link,
    /// To be shown.
    Image,
    /// To be read as a part of the page.
    Include,
}

impl Kind {
    /// The word for it.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Link => "link",
            Self::Image => "image",
            Self::Include => "include",
        }
    }
}

/// A destination in a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Destination<'p> {
    /// What it is for.
    pub kind: Kind,
    /// Its text, escapes and entities resolved.
    pub text: Cow<'p, str>,
    /// Where it stands.
    pub span: Span,
}

/// The destinations of a page: those of Markdown, then those of its HTML.
pub(super) fn destinations<'p>(parsed: &'p Parsed<'_>) -> impl Iterator<Item = Destination<'p>> {
    let links = parsed.document.links.iter();
    let links = links
        .filter(|link| link.kind != LinkKind::Autolink)
        .map(|link| Destination {
            kind: match link.kind {
                LinkKind::Include => Kind::Include,
                _ if link.is_image => Kind::Image,
                _ => Kind::Link,
            },
            text: Cow::Borrowed(&*link.destination),
            span: link.destination_span,
        });
    let html = parsed.document.html.iter().flat_map(|span| {
        let text = parsed.page.slice(*span);
        let pieces = html::pieces(text).into_iter();
        pieces.filter_map(|piece| {
            let (kind, value) = match piece {
                Piece::Link(value) => (Kind::Link, value),
                Piece::Image(value) => (Kind::Image, value),
                Piece::Anchor(_) => return None,
            };
            let span = Span::new(span.start + value.start, span.start + value.end);
            let text = match &text[value] {
                text if text.contains("&amp;") => Cow::Owned(text.replace("&amp;", "&")),
                text => Cow::Borrowed(text),
            };
            Some(Destination { kind, text, span })
        })
    });
    links.chain(html)
}

/// Where a destination leads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Leads<'s> {
    /// To another place than the docs, or to one that is not known.
    Elsewhere,
    /// To the page itself.
    Here,
    /// To a file or a folder that is there.
    There,
    /// Out of the docs; why.
    Outside(&'static str),
    /// To this file or folder, but for case.
    ButForCase(&'s str),
    /// To a file that is there, if `\` were `/`.
    BackSlashes,
    /// Into a folder that is not there: so many bytes of the path.
    AbsentFolder(usize),
    /// To nothing, from the root of a site that may not be the docs root.
    NotFromRoot,
    /// To nothing.
    Nowhere,
}

/// Follows a destination of a page, whose path in the docs is left in `path`.
pub(super) fn follow<'s>(
    site: &'s Site<'_>,
    page: &str,
    destination: &str,
    path: &mut String,
) -> Leads<'s> {
    path.clear();
    if destination.is_empty() {
        return Leads::Nowhere;
    }
    if target::is_foreign(destination) {
        return Leads::Elsewhere;
    }
    let written = &destination[target::split(destination).path];
    if written.is_empty() {
        return Leads::Here;
    }
    if site.files.is_empty() {
        return Leads::Elsewhere;
    }
    let decoded = decode(written);
    let (base, rest) = base(site, page, &decoded);
    let stays = target::resolve(base.unwrap_or(""), rest, path);
    let leads = if stays {
        look_up(site, path)
    } else {
        Leads::Outside("it leads out of the docs")
    };
    match leads {
        Leads::There => leads,
        _ if is_ignored(site, written) => Leads::Elsewhere,
        _ if base.is_none() => Leads::Outside("no folder of the docs has a `docfx.json`"),
        Leads::Nowhere | Leads::AbsentFolder(_) if decoded.starts_with('/') => {
            from_root(site, path)
        }
        Leads::Nowhere | Leads::AbsentFolder(_) | Leads::Outside(_) if rest.contains('\\') => {
            let mut mended = String::new();
            let stays = target::resolve(base.unwrap_or(""), &rest.replace('\\', "/"), &mut mended);
            if stays && (site.files.has(&mended) || site.files.but_for_case(&mended).is_some()) {
                *path = mended;
                Leads::BackSlashes
            } else {
                leads
            }
        }
        _ => leads,
    }
}

/// The folder that a path counts from, and the rest of it. `~/` is the folder
/// of the `docfx.json`, which may not be among the docs.
fn base<'p>(site: &Site<'_>, page: &'p str, decoded: &'p str) -> (Option<&'p str>, &'p str) {
    if decoded.starts_with('/') {
        return (Some(""), decoded);
    }
    let Some(rest) = decoded.strip_prefix("~/") else {
        return (Some(target::folder(page)), decoded);
    };
    let mut folder = target::folder(page);
    loop {
        let has_config = match folder {
            "" => site.files.has("docfx.json"),
            folder => site.files.has(&format!("{folder}/docfx.json")),
        };
        if has_config {
            return (Some(folder), rest);
        }
        if folder.is_empty() {
            return (None, rest);
        }
        folder = target::folder(folder);
    }
}

fn look_up<'s>(site: &'s Site<'_>, path: &str) -> Leads<'s> {
    if path.is_empty() || site.files.has(path) {
        Leads::There
    } else if target::is_hidden(path) {
        Leads::Outside("hidden files are not looked at")
    } else if let Some(truth) = site.files.but_for_case(path) {
        Leads::ButForCase(truth)
    } else if let Some(folder) = target::absent_folder(site.files, path) {
        Leads::AbsentFolder(folder.len())
    } else {
        Leads::Nowhere
    }
}

/// A link from the root of a site is one into the docs if it names a file in
/// one of their folders.
fn from_root<'s>(site: &Site<'_>, path: &str) -> Leads<'s> {
    let is_in_docs = path
        .split_once('/')
        .is_some_and(|(folder, _)| site.files.has(folder));
    if is_in_docs && target::name(path).contains('.') {
        Leads::Nowhere
    } else if site.settings.ignored_links.is_empty() {
        Leads::Elsewhere
    } else {
        Leads::NotFromRoot
    }
}

/// Whether the docs' configuration leaves a link out, by API Doctor's
/// comparison, which ignores case.
fn is_ignored(site: &Site<'_>, destination: &str) -> bool {
    site.settings.ignored_links.iter().any(|prefix| {
        destination
            .get(..prefix.len())
            .is_some_and(|start| start.eq_ignore_ascii_case(prefix))
    })
}
