//! A whole page: what came for each of its cases.

use super::block::fix;
use super::change::{Fix, Observed};
use crate::http::message::Response;
use crate::http::policy::Policies;
use crate::page::case::Case;
use crate::page::extract::{Extracted, Places, extract};
use crate::text::source::{Edit, Page, Span, apply};

/// What came for a case.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct ObservedCase<'a> {
    /// The id of the result: a case with named scenarios has several.
    pub id: String,
    /// The case.
    pub case: &'a Case,
    /// What its page has to say.
    pub observed: Observed,
}

/// What has to be done to one response block.
struct Block<'a> {
    span: Span,
    fix: Fix,
    /// The result that it was found for first.
    id: &'a str,
    /// Another result for which something else came.
    other: Option<&'a str>,
}

/// What a response has to say when the page is written.
struct Written<'a> {
    span: Span,
    case: &'a Case,
    observed: &'a Observed,
    body: Option<String>,
}

/// What has to be done to a page, by what came for its cases. A response that
/// answers several of them is written only where they agree, and a page that
/// would not say what came is left as it is.
pub(crate) fn fix_page(page: &Page, answered: &[ObservedCase<'_>], policies: &Policies) -> Fix {
    let extracted = extract(page);
    let mut whole = Fix::default();
    let mut blocks: Vec<Block<'_>> = Vec::new();
    let mut written: Vec<Written<'_>> = Vec::new();
    for ObservedCase { id, case, observed } in answered {
        let at = extracted.cases.iter().position(|found| found == *case);
        let Some((places, documented)) = at.and_then(|at| response(&extracted, at)) else {
            let message = format!("`{id}` is not what it was when it was read");
            whole.refuse(Span::default(), message);
            continue;
        };
        let fix = fix(page, places, documented, observed, policies);
        written.push(Written {
            span: places.block,
            case,
            observed,
            body: fix.body.clone().or_else(|| documented.body.clone()),
        });
        match blocks.iter_mut().find(|block| block.span == places.block) {
            None => blocks.push(Block {
                span: places.block,
                fix,
                id,
                other: None,
            }),
            Some(block) if block.fix.edits == fix.edits => {
                for refusal in fix.refusals {
                    if !block.fix.refusals.contains(&refusal) {
                        block.fix.refusals.push(refusal);
                    }
                }
            }
            Some(block) => block.other = Some(id),
        }
    }
    for mut block in blocks {
        if let Some(other) = block.other {
            let id = block.id;
            let message = format!(
                "what came for `{id}` is not what came for `{other}`, and this response answers both"
            );
            whole.refuse(block.span, message);
            written.retain(|written| written.span != block.span);
        } else {
            whole.edits.append(&mut block.fix.edits);
            whole.refusals.append(&mut block.fix.refusals);
        }
    }
    whole.edits.sort();
    if !whole.edits.is_empty() && !reads_as(page, &whole.edits, &extracted, &written, policies) {
        whole.edits.clear();
        let message = "with what came in it, this page would be read otherwise; write it by hand";
        whole.refuse(Span::default(), message);
    }
    whole.refusals.sort_by_key(|refusal| refusal.span);
    whole
}

/// Where the response of a case stands, and what it says.
fn response(extracted: &Extracted, at: usize) -> Option<(&Places, &Response)> {
    let places = extracted.places.get(at)?.response.as_ref()?;
    let response = extracted.cases.get(at)?.response.as_ref()?;
    Some((places, &response.message))
}

/// Whether the page with the edits has the same cases, and says of each what
/// came for it.
fn reads_as(
    page: &Page,
    edits: &[Edit],
    before: &Extracted,
    written: &[Written<'_>],
    policies: &Policies,
) -> bool {
    let page = Page::new(page.path.clone(), apply(&page.text, edits));
    let after = extract(&page);
    let keys = |extracted: &Extracted| -> Vec<_> {
        let cases = extracted.cases.iter();
        let keys = cases.map(|case| (case.id.clone(), case.request.clone()));
        keys.collect()
    };
    keys(before) == keys(&after)
        && written.iter().all(|written| {
            let id = &written.case.id;
            let at = after.cases.iter().position(|found| found.id == *id);
            // The bytes of the members were those of the body before.
            let observed = Observed {
                members: Vec::new(),
                ..written.observed.clone()
            };
            at.and_then(|at| response(&after, at))
                .is_some_and(|(places, documented)| {
                    let more = fix(&page, places, documented, &observed, policies);
                    more.edits.is_empty() && documented.body == written.body
                })
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A page on which one response answers two requests.
    const SHARED: &str = "<!-- {\"blockType\": \"request\", \"name\": \"a\"} -->\n```\nGET /a\n```\n\
                          <!-- {\"blockType\": \"request\", \"name\": \"b\"} -->\n```\nGET /b\n```\n\
                          <!-- {\"blockType\": \"response\", \"name\": [\"a\", \"b\"]} -->\n```\nHTTP/1.1 200 OK\n```\n";

    fn answered(case: &Case, observed: Observed) -> ObservedCase<'_> {
        ObservedCase {
            id: case.id.clone(),
            case,
            observed,
        }
    }

    fn fixed(text: &str, statuses: &[u16]) -> Fix {
        let page = Page::new("p.md", text.to_owned());
        let cases = extract(&page).cases;
        let observed: Vec<ObservedCase<'_>> = cases
            .iter()
            .zip(statuses)
            .map(|(case, status)| {
                let status = *status;
                let observed = Observed {
                    status,
                    ..Observed::default()
                };
                answered(case, observed)
            })
            .collect();
        fix_page(&page, &observed, &Policies::default())
    }

    #[test]
    fn a_response_that_answers_two_is_written_where_they_agree() {
        let agreed = fixed(SHARED, &[202, 202]);
        assert_eq!((agreed.edits.len(), agreed.refusals), (2, vec![]));
        for statuses in [[202, 200], [200, 202], [202, 201]] {
            let disputed = fixed(SHARED, &statuses);
            assert_eq!(disputed.edits, []);
            let message = &disputed.refusals[0].message;
            assert!(
                message.contains("`p::a` is not what came for `p::b`"),
                "{message}"
            );
        }
    }

    #[test]
    fn a_case_that_the_page_no_longer_holds_is_refused() {
        let page = Page::new("p.md", SHARED.to_owned());
        let cases = extract(&page).cases;
        let changed = Page::new("p.md", SHARED.replace("GET /a", "GET /c"));
        let observed = Observed {
            status: 202,
            ..Observed::default()
        };
        let done = fix_page(
            &changed,
            &[answered(&cases[0], observed)],
            &Policies::default(),
        );
        assert_eq!((done.edits.len(), done.refusals.len()), (0, 1));
    }
}
