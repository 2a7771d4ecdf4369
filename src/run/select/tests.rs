//! Tests what expressions and partitions select.

use super::order::hash;
use super::*;
use crate::page::case::Case;
use crate::page::extract;
use crate::run::outcome::Outcome;
use crate::text::source::Page;

const PAGE: &str = "\
<!-- {\"blockType\": \"request\", \"name\": \"get_item\", \"tags\": \"slow service.graph\"} -->
```
GET /items/1
```
<!-- {\"blockType\": \"response\"} -->
```
HTTP/1.1 200 OK
```
<!-- {\"blockType\": \"request\", \"name\": \"drop_item\", \"tags\": [\"once\"]} -->
```
DELETE /items/1
```
<!-- {\"blockType\": \"response\"} -->
```
HTTP/1.1 404 Not Found
```
<!-- {\"blockType\": \"request\"} -->
```
POST /items
```
";

fn cases(pages: &[&str]) -> Vec<Case> {
    let extract = |path: &&str| extract::extract(&Page::new(*path, PAGE.to_owned()), None).cases;
    pages.iter().flat_map(extract).collect()
}

/// The ids that an expression selects from two pages with three cases each.
fn selected_ids(expression: &str, failed: &[&str]) -> Vec<String> {
    let expression: Expression = expression
        .parse()
        .unwrap_or_else(|error| panic!("{expression}: {error}"));
    let mut last = LastRun::default();
    for id in failed {
        last.add(id, &Outcome::Fail(Vec::new()));
    }
    let cases = cases(&["api/item.md", "intro.md"]);
    let subjects = Subject::all(&cases, &[], false).into_iter();
    let subjects = subjects.filter(|subject| {
        let is_selected = expression.selects(subject, &last);
        // A case of a page that is not read must not be selected.
        assert!(!is_selected || expression.may_select_page(&subject.case.page));
        is_selected
    });
    subjects.map(|subject| subject.id.into_owned()).collect()
}

#[track_caller]
fn check(expression: &str, expected: &[&str]) {
    assert_eq!(
        selected_ids(expression, &["intro::3"]),
        expected,
        "{expression}"
    );
}

#[track_caller]
fn refuses(expression: &str, column: usize, message: &str, help: Option<&str>) {
    let error = expression.parse::<Expression>().expect_err(expression);
    assert_eq!(error.column, column, "{error}");
    assert_eq!(error.message, message);
    assert_eq!(error.help.as_deref(), help);
}

const ITEM: [&str; 3] = ["api/item::get_item", "api/item::drop_item", "api/item::3"];
const INTRO: [&str; 3] = ["intro::get_item", "intro::drop_item", "intro::3"];

#[test]
fn evaluates_each_predicate() {
    check("page(api/*)", &ITEM);
    check("page(api/item)", &ITEM);
    check("page(*)", &INTRO);
    check("page(~api)", &ITEM);
    check("page(=intro)", &[]);
    check("page(=intro.md)", &INTRO);
    check("page(/^in/)", &INTRO);
    check("method(delete)", &[ITEM[1], INTRO[1]]);
    check("method(DEL)", &[]);
    check("status(200)", &[ITEM[0], INTRO[0]]);
    check(
        "status(2xx) | status(4XX)",
        &[ITEM[0], ITEM[1], INTRO[0], INTRO[1]],
    );
    check("status(5xx) | status(405)", &[]);
    check("tag(slow)", &[ITEM[0], INTRO[0]]);
    check("tag(service.graph) & tag(slow)", &[ITEM[0], INTRO[0]]);
    check("tag(once)", &[ITEM[1], INTRO[1]]);
    check("tag(slo)", &[]);
    check("tag(~slo)", &[ITEM[0], INTRO[0]]);
    check("name(=get_item)", &[ITEM[0], INTRO[0]]);
    check("name(=get)", &[]);
    check("name(get)", &[ITEM[0], INTRO[0]]);
    check("name(intro)", &[]);
    check(
        "name(/^(get|drop)_/)",
        &[ITEM[0], ITEM[1], INTRO[0], INTRO[1]],
    );
    check("name(/^item/)", &[]);
    check("name(#*_item)", &[ITEM[0], ITEM[1], INTRO[0], INTRO[1]]);
    check("id(intro::)", &INTRO);
    check("id(=api/item::3)", &[ITEM[2]]);
    check("id(=item::3)", &[]);
    check("failed()", &[INTRO[2]]);
    check("all()", &[ITEM, INTRO].concat());
    check("none()", &[]);
}

#[test]
fn operators_have_the_precedence_of_nextest() {
    let gets = [ITEM[0], INTRO[0]];
    check(
        "method(GET) | method(DELETE) & page(intro)",
        &[ITEM[0], INTRO[0], INTRO[1]],
    );
    check(
        "(method(GET) | method(DELETE)) & page(intro)",
        &[INTRO[0], INTRO[1]],
    );
    check("all() - page(api/*) - method(GET)", &INTRO[1..]);
    check(
        "all() - (page(api/*) - method(GET))",
        &[ITEM[0], INTRO[0], INTRO[1], INTRO[2]],
    );
    check("!method(GET) & page(intro)", &INTRO[1..]);
    check(
        "!(method(GET) & page(intro))",
        &[&ITEM[..], &INTRO[1..]].concat(),
    );
    check("! ! method(GET)", &gets);
    check("not method(GET) and page(intro)", &INTRO[1..]);
    check("method( GET )or none()", &gets);
    check("none()+method(GET)", &gets);
    check("\n method(GET)\t", &gets);
}

#[test]
fn parses_escaped_operators_in_text() {
    let matcher = |text: &str| match text.parse() {
        Ok(Expression::Is(Predicate::Name(matcher))) => matcher,
        other => panic!("{other:?}"),
    };
    assert!(matcher(r"name(=a \(b\) \\ c\ )").matches(r"a (b) \ c "));
    assert!(matcher(r"name(/a\/b\)?$/)").matches("a/b"));
    assert!(!matcher(r"name(/a\/b\)?$/)").matches("a/bc"));
    assert!(matcher("name(~=)").matches("a=b"));
    assert!(!matcher("name(~=)").matches("ab"));
}

#[test]
fn errors_name_the_column_and_suggest_a_predicate() {
    refuses(
        "page(a) & nmae(x)",
        11,
        "unknown predicate `nmae`",
        Some("did you mean `name`?"),
    );
    refuses(
        "zzz()",
        1,
        "unknown predicate `zzz`",
        Some("the predicates are page, method, status, tag, name, id, failed, all, none"),
    );
    refuses(
        "",
        1,
        "expected a predicate, such as page(…), found the end",
        None,
    );
    refuses(
        "é",
        1,
        "unknown predicate `é`",
        Some("the predicates are page, method, status, tag, name, id, failed, all, none"),
    );
    refuses("page", 5, "expected `(` after `page`, found the end", None);
    refuses("page(a", 7, "expected `)`, found the end", None);
    refuses("page()", 6, "expected text, found `)`", None);
    refuses("failed(x)", 8, "expected `)`, found `x)`", None);
    refuses(
        "failed() failed()",
        10,
        "expected an operator (`&`, `|`, `-`) or the end, found `failed()`",
        None,
    );
    refuses("(all()", 7, "expected `)`, found the end", None);
    refuses(
        "all() & | all()",
        9,
        "expected a predicate, such as page(…), found `|`",
        None,
    );
    refuses(
        "status(20)",
        8,
        "`20` is not a status",
        Some("write a code or a class, such as 404 or 2xx"),
    );
    for text in ["0xx", "10xx", "xx", "+20", "1000", "2x"] {
        assert!(
            format!("status({text})").parse::<Expression>().is_err(),
            "{text}"
        );
    }
    refuses(
        "method(a b)",
        8,
        "`a b` is not a method",
        Some("write one, such as GET"),
    );
    refuses(
        "name(/(/)",
        6,
        "`(` is not a valid regular expression: unclosed group",
        None,
    );
    refuses(
        "name(/a)",
        9,
        "expected the `/` that ends the regular expression, found the end",
        None,
    );
    refuses(
        "page([a)",
        6,
        "`[a` is not a valid glob: unclosed character class; missing ']'",
        None,
    );
}

#[test]
fn rejects_expressions_that_are_too_large() {
    let nested = "(".repeat(100_000);
    refuses(&nested, 65, "nested more than 64 levels deep", None);
    let negated = "!".repeat(100_000);
    refuses(&negated, 65, "nested more than 64 levels deep", None);
    let long = vec!["all()"; 1001].join("|");
    assert!(long.parse::<Expression>().is_err());
    assert!(long[6..].parse::<Expression>().is_ok());
}

#[test]
fn skips_pages_that_cannot_be_selected() {
    let may = |expression: &str, page: &str| {
        let expression: Expression = expression.parse().expect(expression);
        expression.may_select_page(page)
    };
    assert!(may("page(a) & name(x)", "a.md"));
    assert!(!may("page(a) & name(x)", "b.md"));
    assert!(!may("name(x) & page(a)", "b.md"));
    assert!(may("page(a) | name(x)", "b.md"));
    assert!(may("!(page(a) & name(x))", "a.md"));
    assert!(!may("!(page(a) | name(x))", "a.md"));
    assert!(!may("name(x) - page(a)", "a.md"));
    assert!(may("name(x) - page(a)", "b.md"));
}

#[test]
fn remembers_failures_until_they_pass() {
    let mut last = LastRun::parse("{\"failed\": [\"a\", \"b\", \"c\"]}").expect("a record");
    last.add("a", &Outcome::Pass);
    last.add("b", &Outcome::Fail(Vec::new()));
    last.add("d", &Outcome::Fail(Vec::new()));
    let known = ["a", "b", "c", "d"].map(|id| last.failed(id));
    assert_eq!(known, [false, true, true, true]);
    assert_eq!(LastRun::parse(&last.text()).expect("a record"), last);
    last.add("intro::3", &Outcome::Fail(Vec::new()));
    let cases = cases(&["intro.md"]);
    last.retain(&Subject::all(&cases, &[], false));
    assert!(last.failed("intro::3"));
    assert!(!last.failed("b"), "the case no longer exists");
    assert!(LastRun::parse("{\"failed\": [], \"cases\": 1}").is_err());
    assert!(LastRun::parse("{}").is_err());
}

#[test]
fn partitions_round_trip() {
    for text in ["hash:2/8", "count:1/1"] {
        let partition: Partition = text.parse().expect(text);
        assert_eq!(partition.to_string(), text);
        let json = serde_json::to_string(&partition).expect("JSON");
        assert_eq!(
            serde_json::from_str::<Partition>(&json).expect("read"),
            partition
        );
    }
    let refused = |text: &str| text.parse::<Partition>().expect_err(text).to_string();
    for text in [
        "2/8",
        "slice:2/8",
        "hash:2",
        "hash:2/0",
        "hash:-1/8",
        "hash:a/b",
        "hash:2/8 ",
    ] {
        assert_eq!(
            refused(text),
            "write hash:M/N or count:M/N, such as hash:2/8"
        );
    }
    assert_eq!(
        refused("hash:9/8"),
        "share 9 of 8 does not exist; use 1 to 8"
    );
    assert!(refused("count:0/8").starts_with("share 0 of"));
}

#[test]
fn hash_is_stable() {
    assert_eq!(
        hash("api/item::get_item"),
        u64::from_str_radix(HASH, 16).expect("a number")
    );
}

/// The first 16 digits of `printf api/item::get_item | sha256sum`.
const HASH: &str = "0aef955ee3560fcb";
