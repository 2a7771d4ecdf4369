//! What recognition found on the pages of a docs root, in numbers.

use std::collections::BTreeMap;

use crate::page::case::Case;
use crate::page::extract::Extracted;
use crate::page::recognise::RecognitionRule;

/// The numbers of what recognition found.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Totals {
    /// The pages.
    pub pages: usize,
    /// The pages without an example.
    pub without_examples: usize,
    /// The pairs of a request and a response, by rule.
    pub pairs: BTreeMap<RecognitionRule, usize>,
    /// The pairs of rules that do not apply.
    pub proposed: BTreeMap<RecognitionRule, usize>,
    /// The examples without a documented status.
    pub undocumented: usize,
    /// The requests without a response.
    pub alone: usize,
    /// The commands that could not be read, by reason.
    pub unreadable: BTreeMap<String, usize>,
    /// The requests by origin, or by the shell variable in its place.
    pub hosts: BTreeMap<String, usize>,
    /// The requests by placeholder.
    pub placeholders: BTreeMap<String, usize>,
}

impl Totals {
    /// The numbers of a page.
    pub(crate) fn of(page: &Extracted) -> Self {
        let found = &page.recognised;
        let mut unreadable = BTreeMap::new();
        for command in &found.unreadable {
            *unreadable.entry(command.reason.clone()).or_default() += 1;
        }
        let is_undocumented = |case: &&Case| {
            let response = case.response.as_ref();
            response.is_some_and(|response| response.message.status.code().is_none())
        };
        Self {
            pages: 1,
            without_examples: usize::from(page.cases.is_empty()),
            pairs: found.pairs.clone(),
            proposed: found.proposed.clone(),
            undocumented: page.cases.iter().filter(is_undocumented).count(),
            alone: found.alone.len(),
            unreadable,
            hosts: found.hosts.clone(),
            placeholders: found.placeholders.clone(),
        }
    }

    /// Adds the numbers of other pages.
    pub(crate) fn add(&mut self, other: &Self) {
        self.pages += other.pages;
        self.without_examples += other.without_examples;
        add_all(&mut self.pairs, &other.pairs);
        add_all(&mut self.proposed, &other.proposed);
        self.undocumented += other.undocumented;
        self.alone += other.alone;
        add_all(&mut self.unreadable, &other.unreadable);
        add_all(&mut self.hosts, &other.hosts);
        add_all(&mut self.placeholders, &other.placeholders);
    }

    /// The number of recognised examples: pairs of a request and a response.
    pub(crate) fn examples(&self) -> usize {
        self.pairs.values().sum()
    }
}

impl FromIterator<Self> for Totals {
    fn from_iter<I: IntoIterator<Item = Self>>(pages: I) -> Self {
        let mut totals = Self::default();
        for page in pages {
            totals.add(&page);
        }
        totals
    }
}

fn add_all<K: Ord + Clone>(to: &mut BTreeMap<K, usize>, from: &BTreeMap<K, usize>) {
    for (key, count) in from {
        *to.entry(key.clone()).or_default() += count;
    }
}
