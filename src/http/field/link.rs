//! Links in header fields (RFC 8288, 3).

use super::{elements, parameter, split};

/// A link.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Link<'a> {
    /// The target, with its brackets. Empty if there is none.
    pub target: &'a str,
    /// The text after it.
    parameters: &'a str,
}

/// Splits the links of a field. A target may contain commas and semicolons.
pub(super) fn links(value: &str) -> Vec<Link<'_>> {
    let mut links = Vec::new();
    let mut rest = value.trim_start_matches([',', ' ', '\t']);
    while !rest.is_empty() {
        let end = match rest.strip_prefix('<') {
            Some(inner) => inner.find('>').map_or(rest.len(), |end| end + 2),
            None => 0,
        };
        let (target, after) = rest.split_at(end);
        let length = split(after, b',').next().map_or(0, str::len);
        links.push(Link {
            target,
            parameters: after[..length].trim(),
        });
        rest = after[length..].trim_start_matches([',', ' ', '\t']);
    }
    links
}

impl Link<'_> {
    /// The names of the parameters in lower case.
    pub(super) fn names(&self) -> impl Iterator<Item = String> {
        let parameters = elements(self.parameters, b';');
        parameters.map(|text| parameter(text).0.to_ascii_lowercase())
    }

    /// The target, and the parameters in the order of their names. Relation types
    /// have no case and no order (RFC 8288, 2.1).
    pub(super) fn part(&self) -> Vec<String> {
        let parameters = elements(self.parameters, b';').map(|text| {
            let (name, value) = parameter(text);
            let (name, value) = (name.to_ascii_lowercase(), value.unwrap_or_default());
            if name != "rel" {
                return format!("{name}={value}");
            }
            let value = value.to_ascii_lowercase();
            let mut types: Vec<&str> = value.split_whitespace().collect();
            types.sort_unstable();
            format!("rel={}", types.join(" "))
        });
        let mut part: Vec<String> = parameters.collect();
        part.sort();
        part.insert(0, self.target.to_owned());
        part
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(value: &str, expected: &[&[&str]]) {
        let found: Vec<Vec<String>> = links(value).iter().map(Link::part).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn splits_links_outside_targets_and_quotes() {
        check(
            "<https://a.example/?ids=1,2;3>; rel=\"next\", </b>;title=\"x, y\"; REL = prev",
            &[
                &["<https://a.example/?ids=1,2;3>", "rel=next"],
                &["</b>", "rel=prev", "title=x, y"],
            ],
        );
        check(
            "</a>; rel=\"Next  first\",, ",
            &[&["</a>", "rel=first next"]],
        );
        check("a; rel=b", &[&["", "a=", "rel=b"]]);
        check("<a", &[&["<a"]]);
        check(" , ", &[]);
    }
}
