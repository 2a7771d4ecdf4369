//! Tests of the blocks of small pages.

use super::*;

fn describe(text: &str) -> Vec<String> {
    let page = Page::new("p.md", text.to_owned());
    let (blocks, diagnostics) = blocks(&page);
    let mut lines: Vec<String> = blocks
        .iter()
        .map(|block| match block {
            Block::Comment(comment) => format!("comment {:?}", comment.text.text),
            Block::InlineComment(comment) => format!("inline {:?}", comment.text.text),
            Block::Fence(fence) => format!("fence {:?}", fence.text.text),
            Block::Other => "other".to_owned(),
        })
        .collect();
    lines.extend(diagnostics.iter().map(|d| d.rule.name.to_owned()));
    lines
}

#[track_caller]
fn check(text: &str, expected: &[&str]) {
    assert_eq!(describe(text), expected, "{text:?}");
}

#[test]
fn reads_comments_and_fences() {
    check(
        "<!-- a -->\n\n```http\nGET /\n```\n",
        &["comment \" a \"", "fence \"GET /\""],
    );
}

#[test]
fn reads_comments_of_mdx_pages() {
    let comments = |path: &str, text: &str| {
        let page = Page::new(path, text.to_owned());
        let (blocks, _) = blocks(&page);
        let comments = blocks.iter().filter_map(|block| match block {
            Block::Comment(comment) => Some((page.slice(comment.span).to_owned(), &comment.text)),
            _ => None,
        });
        let texts = comments.map(|(span, text)| format!("{} {}", span.trim_end(), text.text));
        texts.collect::<Vec<_>>()
    };
    let text =
        "{/* a */}\n```\nx\n```\n\n> {/* b */}\n\n<!-- c -->\n\n{/* d */} e */}\n\nf {/* g */}\n";
    let found = ["{/* a */}  a ", "{/* b */}  b ", "<!-- c -->  c "];
    assert_eq!(comments("p.mdx", text), found);
    assert_eq!(comments("p.md", text), found[2..]);
}

#[test]
fn reads_other_content_between_blocks() {
    for between in [
        "text",
        "# Heading",
        "- item",
        "***",
        "<br>",
        "[a]: https://example.com",
        "    indented",
        "> quote",
    ] {
        check(
            &format!("<!-- a -->\n\n{between}\n\n```\nx\n```\n"),
            &["comment \" a \"", "other", "fence \"x\""],
        );
    }
}

#[test]
fn reads_blocks_in_lists_and_quotes() {
    check(
        "1. Step\n\n   <!-- a -->\n   ```\n   GET /\n\n     b\n   ```\n",
        &["other", "comment \" a \"", "fence \"GET /\\n\\n  b\""],
    );
    check(
        "> <!--\n> a\n> -->\n> ```\n> GET /\n> b\n> ```\n",
        &["other", "comment \"\\na\\n\"", "fence \"GET /\\nb\""],
    );
}

#[test]
fn reads_fences_after_comments_in_list_items() {
    check(
        "* Step\n  <!-- a -->\n\n```\nx\n```\n",
        &["other", "comment \" a \"", "fence \"x\""],
    );
}

#[test]
fn normalises_line_ends() {
    check(
        "<!-- a\r\nb -->\r\n```\r\nx\r\ny\r\n```\r\n",
        &["comment \" a\\nb \"", "fence \"x\\ny\""],
    );
}

#[test]
fn skips_front_matter() {
    check("---\ntitle: a\n---\n<!-- b -->\n", &["comment \" b \""]);
    check(
        "---\n# A\n\n<!-- a -->\n\n---\n",
        &["other", "comment \" a \"", "other"],
    );
    check("\u{feff}---\na: b\n---\n```\nx\n```\n", &["fence \"x\""]);
    // A thematic break is not front matter.
    check(
        "---\n\n<!-- a -->\n\n---\n",
        &["other", "comment \" a \"", "other"],
    );
}

#[test]
fn tells_inline_comments_from_blocks() {
    check(
        "text <!-- a --> text\n",
        &["other", "inline \" a \"", "other"],
    );
}

#[test]
fn splits_html_blocks_into_comments() {
    check(
        "<!-- a --> <!-- b -->\n```\nx\n```\n",
        &["comment \" a \"", "comment \" b \"", "fence \"x\""],
    );
    check(
        "<!-- a --> text\n```\nx\n```\n",
        &["comment \" a \"", "other", "fence \"x\""],
    );
}

#[test]
fn reports_unclosed_fences_and_comments() {
    check("```\nx\n", &["fence \"x\"", "unclosed-fence"]);
    check("````\nx\n```\n", &["fence \"x\\n```\"", "unclosed-fence"]);
    check("<!-- a\n\n# b\n", &["other", "unclosed-comment"]);
    check(
        "```\nx\n    ```\n",
        &["fence \"x\\n    ```\"", "unclosed-fence"],
    );
    check("```\n\n", &["fence \"\"", "unclosed-fence"]);
    check("```\n```\n", &["fence \"\""]);
    check("~~~\nx\n~~~~", &["fence \"x\""]);
    check(
        "> ```\n> x\n\ntext\n",
        &["other", "fence \"x\"", "other", "unclosed-fence"],
    );
}

#[test]
fn reports_fences_that_open_inside_another() {
    check(
        "```http\nx\n\n```json\n{}\n```\n",
        &["fence \"x\\n\\n```json\\n{}\"", "nested-fence"],
    );
    for (inner, outer) in [
        ("```json", "````"),
        ("~~~json", "```"),
        ("    ```json", "```"),
        ("```a`", "```"),
    ] {
        let text = format!("{outer}\n{inner}\n{outer}\n");
        check(&text, &[&format!("fence {inner:?}")]);
    }
}

#[test]
fn conditions_are_not_content() {
    check(
        "<!-- a -->\n[TAGS=b,c]\n```\nx\n```\n[END]\n<!-- d -->\n",
        &["comment \" a \"", "fence \"x\"", "comment \" d \""],
    );
    check("[TAGS=b]\n\n[END]\n", &[]);
    for text in ["[TAGS=b] c", "[END] c", "[tag]", "b\n[END]"] {
        check(text, &["other"]);
    }
}

#[test]
fn tabs_are_not_headings() {
    let text = "## A\n\n# [HTTP](#tab/http)\n\n# [B](#b)\n\n# C [D](#tab/d)\n\n---\n";
    let page = Page::new("p.md", text.to_owned());
    let (document, _) = document(&page);
    let headings: Vec<_> = document
        .headings
        .iter()
        .map(|heading| &*heading.text)
        .collect();
    assert_eq!(headings, ["A", "B", "C D"]);
    let tabs: Vec<_> = document.tabs.iter().map(|tab| &*tab.id).collect();
    assert_eq!(tabs, ["http"]);
    assert_eq!(document.breaks.len(), 1);
}

#[test]
fn locates_blocks_in_the_source() {
    let text = "é\r\n\r\n> <!-- a -->\r\n> ```http\r\n> GET /ä\r\n> ```\r\n";
    let page = Page::new("p.md", text.to_owned());
    let (blocks, _) = blocks(&page);
    let Some(Block::Fence(fence)) = blocks.last() else {
        panic!("no fence in {blocks:?}");
    };
    assert_eq!(page.slice(fence.opening), "```http");
    assert_eq!(
        page.slice(fence.text.span(0..fence.text.text.len())),
        "GET /ä"
    );
    let Block::Comment(comment) = &blocks[blocks.len() - 2] else {
        panic!("no comment in {blocks:?}");
    };
    assert_eq!(page.slice(comment.span), "<!-- a -->");
}
