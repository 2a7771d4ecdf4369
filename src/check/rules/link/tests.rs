//! Tests of the link rules, on pages that break them and on near misses.

use super::lookup::LinkLookup;
use super::*;
use crate::check::rules::{Files, Settings};
use crate::text::severity::Level;
use crate::text::source::{Page, apply};

/// The findings of all pages, as `path line:column severity[rule] text under
/// the span`, sorted.
fn findings(pages: &[(&str, &str)], others: &[&str], settings: &Settings) -> Vec<String> {
    let pages: Vec<Page> = pages
        .iter()
        .map(|(path, text)| Page::new(*path, (*text).to_owned()))
        .collect();
    let paths = pages.iter().map(|page| page.path.to_string());
    let others = others.iter().map(|path| (*path).to_owned());
    let files = Files::new(paths.chain(others));
    let parsed: Vec<_> = pages.iter().map(Parsed::of).collect();
    let site = Site::new(&parsed, &files, settings);
    let mut found = check_site(&site);
    for parsed in site.pages {
        check(&site, parsed, &mut found);
    }
    let mut lines: Vec<String> = found
        .iter()
        .filter(|finding| finding.rule.level != Level::Off)
        .map(|finding| {
            let page = pages.iter().find(|page| page.path == finding.file);
            let span = finding.span.unwrap_or_default();
            format!(
                "{} {}:{} {}[{}] {}",
                finding.file,
                finding.start.line,
                finding.start.column,
                finding.severity.name(),
                finding.rule.name,
                page.map_or("", |page| page.slice(span)),
            )
        })
        .collect();
    lines.sort();
    lines
}

/// Checks the findings of `api/a.md` next to a few other files.
#[track_caller]
fn check_page(text: &str, expected: &[&str]) {
    let pages = [
        ("api/a.md", text),
        ("includes/open.md", "[!INCLUDE [x](../../x.md)]\n"),
        ("includes/part.md", "## Of the part\n\n## Twice\n"),
        ("resources/user.md", "# User\n\n## Get a user\n\n## Twice\n"),
    ];
    let found = findings(&pages, &["media/a b.png"], &Settings::default());
    let found: Vec<&str> = found
        .iter()
        .filter_map(|line| line.strip_prefix("api/a.md "))
        .collect();
    assert_eq!(found, expected, "{text}");
}

#[test]
fn points_at_destinations_as_written() {
    check_page("[a](no.md)", &["1:5 error[broken-link] no.md"]);
    check_page("[a]( <no no.md> 'b')", &["1:7 error[broken-link] no no.md"]);
    check_page("[a](\n no.md\n \"b\")", &["2:2 error[broken-link] no.md"]);
    check_page("> [a\n> b](\n> no.md)", &["3:3 error[broken-link] no.md"]);
    check_page(
        "![a](no\\_(1).png)",
        &["1:6 error[broken-link] no\\_(1).png"],
    );
    check_page(
        "[a `](b)` [c]](no.md#d)",
        &["1:16 error[broken-link] no.md#d"],
    );
    check_page(
        "[![a](no.png)](no.md)",
        &[
            "1:16 error[broken-link] no.md",
            "1:7 error[broken-link] no.png",
        ],
    );
    check_page(
        "|a|\n|-|\n|[`b`](no.md)|",
        &["3:8 error[broken-link] no.md"],
    );
    check_page("# [a](no.md)", &["1:7 error[broken-link] no.md"]);
    check_page(
        "a <a href='no.md'>b</a>",
        &["1:12 error[broken-link] no.md"],
    );
    check_page(
        "<p><img src=no.png></p>",
        &["1:13 error[broken-link] no.png"],
    );
}

#[test]
fn reports_a_definition_once() {
    check_page(
        "[a][b] [b][] [b]\n\n[b]: <no.md> 'title'\n",
        &["3:7 error[broken-link] no.md"],
    );
    check_page("[a]\n\n[a]: ../resources/user.md\n", &[]);
}

#[test]
fn accepts_existing_targets() {
    for text in [
        "[a](../resources/user.md) [b](../resources/user%2Emd?view=x#get-a-user)",
        "[a](../resources) [b](../resources/) [c](/resources/user.md) [d](..)",
        "![a](../media/a%20b.png) ![b](<../media/a b.png>)",
        "[a](https://example.com/no.md) <https://example.com> [b](mailto:a@b.c) [c](xref:d)",
        "[a](//example.com/no.md) [b]({{site}}/no.md) [c](/graph/no) [d](/no.md)",
        "`[a](no.md)` <!-- [a](no.md) <a href='no.md'> -->\n\n```\n[a](no.md)\n```",
        "[a](#) [b](#top) [c](#tab/http) [d](../resources/user.md#L10)",
    ] {
        check_page(text, &[]);
    }
}

#[test]
fn severity_reflects_certainty() {
    check_page(
        "[a](../resources/user)",
        &["1:5 warning[broken-link] ../resources/user"],
    );
    check_page(
        "[a](..\\resources\\user.md#no)",
        &[
            "1:26 warning[broken-anchor] no",
            "1:5 warning[broken-link] ..\\resources\\user.md",
        ],
    );
    check_page("[a]()", &["1:5 warning[broken-link] "]);
    check_page(
        "[a](../../no.md)",
        &["1:5 info[link-outside-docs] ../../no.md"],
    );
    check_page(
        "[a](../.no/no.md)",
        &["1:5 info[link-outside-docs] ../.no/no.md"],
    );
    check_page("[a](/api/no.md)", &["1:5 error[broken-link] /api/no.md"]);
}

#[test]
fn reports_case_differences() {
    check_page(
        "[a](../Resources/user.md#Get-a-user)",
        &[
            "1:26 warning[link-case] Get-a-user",
            "1:5 warning[link-case] ../Resources/user.md",
        ],
    );
}

#[test]
fn accepts_anchors_of_includes() {
    let include = "[!INCLUDE [x](../includes/part.md)]\n\n## Twice\n\n";
    let check_after = |text: &str, expected: &[&str]| {
        check_page(&format!("{include}{text}"), expected);
    };
    check_after("[a](#of-the-part) [b](#twice-1)", &[]);
    check_after("[a](#no)", &["5:6 warning[broken-anchor] no"]);
    check_page(
        "[a](#of-the-part)",
        &["1:6 warning[broken-anchor] of-the-part"],
    );
    // The anchors of a missing include are unknown.
    check_page("[!INCLUDE [x](../includes/open.md)] [a](#no)", &[]);
    check_page(
        "[a](../resources/user.md#no)",
        &["1:26 warning[broken-anchor] no"],
    );
}

#[test]
fn reports_undefined_references_in_full_form() {
    check_page(
        "[a][b] [c][] [a][B]",
        &[
            "1:1 warning[undefined-reference] [a][b]",
            "1:8 warning[undefined-reference] [c][]",
        ],
    );
    check_page(
        "[a] a[0][b] f(x)[a][b] [a][1] [a][^1] [^1][] - [x] [!NOTE]",
        &[],
    );
    check_page("`[a][b]` \\[a][b] [a][b]\n\n[B]: #\n", &[]);
}

#[test]
fn reports_missing_includes_and_cycles() {
    check_page(
        "[!INCLUDE [x](../includes/no.md)]\n[INCLUDE [x](a.md)]",
        &[
            "1:15 error[broken-include] ../includes/no.md",
            "2:14 error[broken-include] a.md",
        ],
    );
    let pages = [
        ("a.md", "[!INCLUDE [x](b.md)]"),
        ("b.md", "[!INCLUDE [x](c.md)]"),
        ("c.md", "[!INCLUDE [x](b.md)] [!INCLUDE [x](d.md)]"),
        ("d.md", ""),
    ];
    let found = findings(&pages, &[], &Settings::default());
    assert_eq!(found, ["c.md 1:15 error[broken-include] b.md"]);
}

#[test]
fn reports_a_folder_outside_the_docs_once() {
    let link = "[a](../parts/one.md) [b](../parts/two.md)";
    let settings = Settings::default();
    let found = findings(&[("api/a.md", link), ("api/b.md", link)], &[], &settings);
    assert_eq!(found, ["api/a.md 1:5 warning[broken-link] ../parts/one.md"]);
    let found = findings(&[("api/a.md", link)], &[], &settings);
    let each = [
        "api/a.md 1:26 error[broken-link] ../parts/two.md",
        "api/a.md 1:5 error[broken-link] ../parts/one.md",
    ];
    assert_eq!(found, each);
    // The folder is misspelled.
    let pages = [("api/a.md", link), ("api/b.md", link)];
    let found = findings(&pages, &["part/x.md"], &settings);
    assert_eq!(found.len(), 4);
    assert_eq!(found[..2], each);
    // The file is elsewhere.
    let found = findings(&pages, &["other/one.md"], &settings);
    let errors = found.iter().filter(|line| line.contains("error"));
    assert_eq!(errors.count(), 2);
}

#[test]
fn ignores_site_absolute_links_by_prefix() {
    let settings = Settings {
        ignored_links: vec!["/graph".to_owned()],
        ..Settings::default()
    };
    let page = [("a.md", "[a](/Graph/x) [b](/other/x)")];
    let found = findings(&page, &[], &settings);
    assert_eq!(found, ["a.md 1:19 info[broken-link] /other/x"]);
    assert!(findings(&page, &[], &Settings::default()).is_empty());
}

#[test]
fn reports_orphan_pages() {
    let pages = [
        ("a.md", "[a](#a) [a](a.md)"),
        ("b.md", "[!INCLUDE [c](c.md)] [d](d)"),
        ("c.md", ""),
        ("d/README.md", "[b](../B.md)"),
    ];
    let pages = pages.map(|(path, text)| Page::new(path, text.to_owned()));
    let files = Files::new(pages.iter().map(|page| page.path.to_string()));
    let settings = Settings::default();
    let parsed: Vec<_> = pages.iter().map(Parsed::of).collect();
    let site = Site::new(&parsed, &files, &settings);
    let found = check_site(&site);
    let orphans: Vec<&str> = found.iter().map(|finding| &*finding.file).collect();
    assert_eq!(orphans, ["a.md"]);
}

#[test]
fn fixes_case_byte_for_byte() {
    let pages = [
        Page::new(
            "api/a.md",
            "[a]( ../Api/../Resources/U.md?x#One 'b')".to_owned(),
        ),
        Page::new("resources/u.md", "# one\n".to_owned()),
    ];
    let files = Files::new(pages.iter().map(|page| page.path.to_string()));
    let settings = Settings::default();
    let parsed: Vec<_> = pages.iter().map(Parsed::of).collect();
    let site = Site::new(&parsed, &files, &settings);
    let mut found = Vec::new();
    check(&site, &site.pages[0], &mut found);
    let mut edits: Vec<Edit> = found.into_iter().flat_map(|finding| finding.fix).collect();
    edits.sort();
    let fixed = apply(&pages[0].text, &edits);
    assert_eq!(fixed, "[a]( ../Api/../resources/u.md?x#one 'b')");
}

#[test]
fn suggests_the_nearest_file() {
    let files = Files::new(
        [
            "api/user.md",
            "resources/user.md",
            "resources/group.md",
            "media/a.png",
        ]
        .map(str::to_owned),
    );
    let index = LinkLookup::default();
    let names = index.names(&files);
    assert_eq!(names.same_name("x/user.md"), Some("api/user.md"));
    assert_eq!(
        names.same_name("resources/sub/user.md"),
        Some("resources/user.md")
    );
    assert_eq!(
        names.alike("resources/gruop.md"),
        Some("resources/group.md")
    );
    assert_eq!(names.alike("resources/roup.md"), Some("resources/group.md"));
    assert_eq!(names.alike("media/b.png"), None);
    assert_eq!(names.alike("resources/message.md"), None);
    let anchors = ["user", "get-a-user", "twice"];
    assert_eq!(nearest("get-user", anchors.into_iter()), Some("get-a-user"));
    assert_eq!(nearest("delete", anchors.into_iter()), None);
}

#[test]
fn handles_thousands_of_interlinked_pages() {
    let links: String = (0..20_000)
        .map(|at| format!("[a](no{at}.md#x) [b](#no{at})\n"))
        .collect();
    let found = findings(&[("a.md", &links)], &[], &Settings::default());
    assert_eq!(found.len(), 40_000);
}
