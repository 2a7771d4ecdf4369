//! The destinations of links, images and includes, and how they resolve.

use std::borrow::Cow;

use super::html_links::{self, LinkAttribute};
use super::link_path;
use crate::check::rules::site::{Parsed, Site};
use crate::http::url::decode;
use crate::page::markdown::LinkKind;
use crate::text::source::Span;

/// The use of a destination.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum LinkUse {
    /// A link.
    Link,
    /// An image.
    Image,
    /// An include.
    Include,
}

impl LinkUse {
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
    /// Its use.
    pub kind: LinkUse,
    /// Its text with escapes and entities resolved.
    pub text: Cow<'p, str>,
    /// Its span in the page.
    pub span: Span,
}

/// The destinations of a page: first in Markdown, then in HTML.
pub(super) fn destinations<'p>(parsed: &'p Parsed<'_>) -> impl Iterator<Item = Destination<'p>> {
    let links = parsed.document.links.iter();
    let links = links
        .filter(|link| link.kind != LinkKind::Autolink)
        .map(|link| Destination {
            kind: match link.kind {
                LinkKind::Include => LinkUse::Include,
                _ if link.is_image => LinkUse::Image,
                _ => LinkUse::Link,
            },
            text: Cow::Borrowed(&*link.destination),
            span: link.destination_span,
        });
    let html = parsed.document.html.iter().flat_map(|span| {
        let text = parsed.page.slice(*span);
        let pieces = html_links::link_attributes(text).into_iter();
        pieces.filter_map(|piece| {
            let (kind, value) = match piece {
                LinkAttribute::Link(value) => (LinkUse::Link, value),
                LinkAttribute::Image(value) => (LinkUse::Image, value),
                LinkAttribute::Anchor(_) => return None,
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

/// How a destination resolves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Leads<'s> {
    /// Outside the docs, or unknown; not checked.
    Elsewhere,
    /// The page itself.
    Here,
    /// An existing file or folder.
    There,
    /// Outside the docs, with the reason.
    Outside(&'static str),
    /// This file or folder, which differs in case.
    ButForCase(&'s str),
    /// An existing file if `\` is replaced by `/`.
    BackSlashes,
    /// In a missing folder, whose path has this length.
    AbsentFolder(usize),
    /// A missing site-absolute path; the site root may not be the docs root.
    NotFromRoot,
    /// A missing file.
    Nowhere,
}

/// Resolves a destination of a page. `path` is set to its path in the docs.
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
    if link_path::is_foreign(destination) {
        return Leads::Elsewhere;
    }
    let written = &destination[link_path::split(destination).path];
    if written.is_empty() {
        return Leads::Here;
    }
    if site.files.is_empty() {
        return Leads::Elsewhere;
    }
    let decoded = decode(written);
    let (base, rest) = base(site, page, &decoded);
    let stays = link_path::resolve(base.unwrap_or(""), rest, path);
    let leads = if stays {
        look_up(site, path)
    } else {
        Leads::Outside("the path leaves the docs")
    };
    match leads {
        Leads::There => leads,
        _ if is_ignored(site, written) => Leads::Elsewhere,
        _ if base.is_none() => Leads::Outside("no folder above has a `docfx.json`"),
        Leads::Nowhere | Leads::AbsentFolder(_) if decoded.starts_with('/') => {
            from_root(site, path)
        }
        Leads::Nowhere | Leads::AbsentFolder(_) | Leads::Outside(_) if rest.contains('\\') => {
            let mut normalized = String::new();
            let stays = link_path::resolve(
                base.unwrap_or(""),
                &rest.replace('\\', "/"),
                &mut normalized,
            );
            if stays
                && (site.files.has(&normalized) || site.files.but_for_case(&normalized).is_some())
            {
                *path = normalized;
                Leads::BackSlashes
            } else {
                leads
            }
        }
        _ => leads,
    }
}

/// The base folder of a path, and the rest of the path. `~/` is the folder of
/// `docfx.json`, which may be outside the docs.
fn base<'p>(site: &Site<'_>, page: &'p str, decoded: &'p str) -> (Option<&'p str>, &'p str) {
    if decoded.starts_with('/') {
        return (Some(""), decoded);
    }
    let Some(rest) = decoded.strip_prefix("~/") else {
        return (Some(link_path::folder(page)), decoded);
    };
    let mut folder = link_path::folder(page);
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
        folder = link_path::folder(folder);
    }
}

fn look_up<'s>(site: &'s Site<'_>, path: &str) -> Leads<'s> {
    if path.is_empty() || site.files.has(path) {
        Leads::There
    } else if link_path::is_hidden(path) {
        Leads::Outside("hidden files are ignored")
    } else if let Some(truth) = site.files.but_for_case(path) {
        Leads::ButForCase(truth)
    } else if let Some(folder) = link_path::absent_folder(site.files, path) {
        Leads::AbsentFolder(folder.len())
    } else {
        Leads::Nowhere
    }
}

/// A site-absolute link is checked if it names a file in a folder of the docs.
fn from_root<'s>(site: &Site<'_>, path: &str) -> Leads<'s> {
    let is_in_docs = path
        .split_once('/')
        .is_some_and(|(folder, _)| site.files.has(folder));
    if is_in_docs && link_path::name(path).contains('.') {
        Leads::Nowhere
    } else if site.settings.ignored_links.is_empty() {
        Leads::Elsewhere
    } else {
        Leads::NotFromRoot
    }
}

/// Whether the configuration ignores a link. As in API Doctor, case is ignored.
fn is_ignored(site: &Site<'_>, destination: &str) -> bool {
    site.settings.ignored_links.iter().any(|prefix| {
        destination
            .get(..prefix.len())
            .is_some_and(|start| start.eq_ignore_ascii_case(prefix))
    })
}
