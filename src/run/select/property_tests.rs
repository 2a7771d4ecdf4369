//! Properties of expressions, partitions and orders.

use std::borrow::Cow;
use std::num::NonZeroU32;

use proptest::prelude::*;

use super::partition::PartitionKind;
use super::*;
use crate::http::status::Status;
use crate::page::case::Case;
use crate::page::extract;
use crate::text::source::Page;

fn matcher() -> impl Strategy<Value = Matcher> {
    // Operators, several kinds of whitespace and escapes, in any position.
    let text = "[a-c=~#/()\\\\ \\t\u{a0}é*]{0,6}";
    prop_oneof![
        text.prop_map(Matcher::Equal),
        text.prop_map(Matcher::Contains),
        text.prop_filter_map("a glob", |text| Matcher::glob(&text).ok()),
        "([a-c]|\\\\/|\\\\\\\\|[(]b[)]|[.]| ){0,5}".prop_filter_map("a regex", |text| {
            // Parsed, so that `\/` becomes `/`.
            match format!("name(/{text}/)").parse() {
                Ok(Expression::Is(Predicate::Name(matcher))) => Some(matcher),
                _ => None,
            }
        }),
    ]
}

fn expression() -> impl Strategy<Value = Expression> {
    let predicate = prop_oneof![
        Just(Predicate::All),
        Just(Predicate::None),
        Just(Predicate::Failed),
        "[A-Z]{1,5}".prop_map(Predicate::Method),
        (100_u16..=999).prop_map(|code| Predicate::Status(Status::Code(code))),
        (1_u8..=9).prop_map(|class| Predicate::Status(Status::Class(class))),
        matcher().prop_map(Predicate::Page),
        matcher().prop_map(Predicate::Tag),
        matcher().prop_map(Predicate::Name),
        matcher().prop_map(Predicate::Id),
    ];
    let leaf = predicate.prop_map(Expression::Is);
    leaf.prop_recursive(5, 32, 2, |inner| {
        let two = || {
            (
                inner.clone().prop_map(Box::new),
                inner.clone().prop_map(Box::new),
            )
        };
        prop_oneof![
            inner.clone().prop_map(|of| Expression::Not(Box::new(of))),
            two().prop_map(|(one, other)| Expression::And(one, other)),
            two().prop_map(|(one, other)| Expression::Minus(one, other)),
            two().prop_map(|(one, other)| Expression::Or(one, other)),
        ]
    })
}

/// A page with `count` cases.
fn cases(count: usize) -> Vec<Case> {
    let block = "<!-- {\"blockType\": \"request\"} -->\n```\nGET /a\n```\n";
    extract::extract(&Page::new("p.md", block.repeat(count)), None).cases
}

proptest! {
    #[test]
    fn expressions_round_trip(expression in expression()) {
        let text = expression.to_string();
        let read: Expression = text.parse().unwrap_or_else(|error| panic!("{text}: {error}"));
        prop_assert_eq!(read, expression, "{}", text);
    }

    #[test]
    fn parser_never_panics(
        text in "((page|name|id|status|not|and|or|failed|x)|[(-)&|!=~#/\\\\ é\u{1}+-]){0,20}",
    ) {
        if let Err(error) = text.parse::<Expression>() {
            prop_assert!(error.column <= text.chars().count() + 1);
        }
    }

    #[test]
    fn shares_are_disjoint_and_complete(
        cases_count in 0_usize..60,
        count in 1_u32..10,
        kind in prop_oneof![Just(PartitionKind::Hash), Just(PartitionKind::Count)],
    ) {
        let cases = cases(cases_count);
        let all = Subject::all(&cases, &[], false);
        let whole: Vec<String> = all.iter().map(|subject| subject.id.to_string()).collect();
        let mut joined = Vec::new();
        let mut sizes = Vec::new();
        for index in 1..=count {
            let partition = Partition {
                kind,
                index: NonZeroU32::new(index).expect("from 1"),
                count: NonZeroU32::new(count).expect("from 1"),
            };
            let share = partition.share(all.clone());
            let ids = share.iter().map(|subject| subject.id.to_string());
            sizes.push(share.len());
            joined.extend(ids);
        }
        let order = |id: &String| whole.iter().position(|known| known == id);
        joined.sort_by_key(order);
        prop_assert_eq!(joined, whole);
        if kind == PartitionKind::Count {
            let (least, most) = (sizes.iter().min(), sizes.iter().max());
            prop_assert!(most.expect("a share") - least.expect("a share") <= 1);
        }
    }

    #[test]
    fn shuffling_is_a_deterministic_permutation(
        ids in proptest::collection::vec("[a-c]{1,3}", 0..40),
        seed in any::<u64>(),
    ) {
        let shuffle = || shuffled(ids.iter().map(|id| Cow::from(id.as_str())), seed);
        let order = shuffle();
        prop_assert_eq!(&order, &shuffle());
        let mut sorted = order;
        sorted.sort_unstable();
        prop_assert_eq!(sorted, (0..ids.len()).collect::<Vec<_>>());
    }
}

#[test]
fn other_seeds_give_other_orders() {
    let ids: Vec<String> = (0..20).map(|id| id.to_string()).collect();
    let order = |seed| shuffled(ids.iter().map(|id| Cow::from(id.as_str())), seed);
    assert_ne!(order(1), order(2));
    assert_ne!(order(1), (0..20).collect::<Vec<_>>());
}
