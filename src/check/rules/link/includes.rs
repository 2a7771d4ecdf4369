//! Which page includes which.

use super::destination::{Leads, LinkUse, destinations, follow};
use super::lookup::Includes;
use crate::check::rules::site::Site;

/// The includes of all pages, read on first use.
pub(super) fn includes<'s>(site: &'s Site<'_>) -> &'s Includes {
    site.links.includes.get_or_init(|| read(site))
}

fn read(site: &Site<'_>) -> Includes {
    let count = site.pages.len();
    let mut includes = Includes {
        of: vec![Vec::new(); count],
        is_open: vec![false; count],
        is_included: vec![false; count],
    };
    let mut path = String::new();
    for (at, parsed) in site.pages.iter().enumerate() {
        let links = destinations(parsed).filter(|link| link.kind == LinkUse::Include);
        for link in links {
            let leads = follow(site, &parsed.page.path, &link.text, &mut path);
            let page = match leads {
                Leads::There | Leads::BackSlashes => site.place(&path),
                Leads::ButForCase(path) => site.place(path),
                _ => None,
            };
            match page {
                Some(page) => {
                    includes.of[at].push((page, link.span));
                    includes.is_included[page] = true;
                }
                None => includes.is_open[at] = true,
            }
        }
    }
    includes
}
