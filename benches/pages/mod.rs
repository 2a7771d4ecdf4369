//! Generates pages with the shape of a real API reference, so that benchmarks need no
//! corpus outside the repository.
//!
//! The shape is the length of a page, its shares of prose, tables and fences, and the
//! share of pages without a case. The shares are those of a published reference of
//! 3,341 pages (13 MB): 36 % of the pages have a request, 27 % only blocks that are
//! not run, 30 % only a resource, and 7 % no annotation. The same count and seed give
//! the same bytes.

use std::fmt::Write as _;
use std::fs;
use std::io;
use std::path::Path;

/// The kind of pages to generate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// The shares of a real reference.
    Mixed,
    /// Each page has one GET without a placeholder, whose response is plain JSON: any
    /// live server can send it.
    Gets,
    /// Each page has one GET of a list of the resource that it describes. All
    /// resources have the same properties, so `list` conforms to each of them.
    Lists,
}

/// Writes `count` pages below `folder`; creates it if it is missing.
pub(crate) fn write(folder: &Path, count: usize, kind: Kind, seed: u64) -> io::Result<()> {
    for part in ["api", "resources"] {
        fs::create_dir_all(folder.join(part))?;
    }
    for number in 0..count {
        let (path, text) = page(number, kind, seed);
        fs::write(folder.join(path), text)?;
    }
    Ok(())
}

/// A response with this many resources that conforms to each page of `Kind::Lists`.
pub(crate) fn list(count: usize) -> String {
    format!("{{\"value\": [{}]}}", vec![listed(11); count].join(",\n"))
}

/// A resource with the first properties, whose types alternate.
fn listed(count: usize) -> String {
    let mut text = "{\n  \"id\": \"7\"".to_owned();
    for (property, (_, value)) in PROPERTIES[..count].iter().zip(LISTED.iter().cycle()) {
        let _ = write!(text, ",\n  \"{property}\": {value}");
    }
    text.push_str("\n}");
    text
}

/// The path of a page, and its text.
fn page(number: usize, kind: Kind, seed: u64) -> (String, String) {
    let mut random = Random::new(seed ^ (number as u64 + 1));
    let noun = random.pick(&NOUNS);
    let owner = random.pick(&NOUNS);
    let share = random.below(1000);
    let mut page = Writer {
        text: String::with_capacity(8000),
        random,
        noun: format!("{noun}{number}"),
        owner: format!("{owner}s"),
        kind,
    };
    let folder = match (kind, share) {
        (Kind::Gets, _) => {
            page.operation(&["GET"], true);
            "api"
        }
        (Kind::Lists, _) => {
            page.operation(&["GET"], true);
            page.description();
            "api"
        }
        // One in nine pages with requests has several.
        (Kind::Mixed, 0..320) => {
            let method = page.method();
            page.operation(&[method], true);
            "api"
        }
        (Kind::Mixed, 320..362) => {
            let methods: Vec<_> = (0..2 + share % 3).map(|_| page.method()).collect();
            page.operation(&methods, true);
            "api"
        }
        (Kind::Mixed, 362..627) => {
            let method = page.method();
            page.operation(&[method], false);
            "api"
        }
        (Kind::Mixed, 627..932) => {
            page.resource();
            "resources"
        }
        (Kind::Mixed, _) => {
            page.overview();
            "resources"
        }
    };
    (format!("{folder}/{}.md", page.noun), page.text)
}

const NOUNS: [&str; 12] = [
    "parcel", "carrier", "depot", "tariff", "pallet", "invoice", "route", "vehicle", "customer",
    "contract", "shelf", "return",
];
const PROPERTIES: [&str; 16] = [
    "displayName",
    "weight",
    "createdAt",
    "state",
    "originDepot",
    "insuredValue",
    "isFragile",
    "trackingCode",
    "priority",
    "contactEmail",
    "dueDate",
    "itemCount",
    "labelUrl",
    "notes",
    "currency",
    "lastScan",
];
const TYPES: [&str; 5] = ["String", "Int32", "Boolean", "DateTimeOffset", "Decimal"];
/// The types of the properties of a listed resource, each with a value.
const LISTED: [(&str, &str); 3] = [
    ("String", "\"the text of a value\""),
    ("Int32", "4096"),
    ("Boolean", "true"),
];
const SENTENCES: [&str; 10] = [
    "The caller sees only what its own depots hold, whatever the number of carriers.",
    "A change takes effect with the next scan, and *never* before the label is printed.",
    "See [how tariffs are chosen](../resources/tariff.md#choice) for the order of precedence.",
    "Values that are left out keep what they were; `null` removes them.",
    "An answer lists at most 100 entries, and names the next page in `@next`.",
    "Ask for the fewest permissions that do the work, as **read** does not need **write**.",
    "Parcels that have left the country are read-only until customs returns them.",
    "Times are in UTC, as in `2031-04-05T06:07:08Z`, and weights in grams.",
    "Two requests with the same key within a day count as one.",
    "If the carrier does not answer in time, the state stays `pending` and the scan is tried again.",
];

/// A page that is being written.
struct Writer {
    text: String,
    random: Random,
    noun: String,
    owner: String,
    kind: Kind,
}

impl Writer {
    fn method(&mut self) -> &'static str {
        self.random.pick(&[
            "GET", "GET", "GET", "GET", "POST", "POST", "PATCH", "DELETE",
        ])
    }

    /// A page about one operation, with or without annotations.
    fn operation(&mut self, methods: &[&str], annotated: bool) {
        let (noun, owner) = (self.noun.clone(), self.owner.clone());
        let first = methods[0];
        self.head(&format!("{first} {noun}"), "apiPageType");
        self.prose(3);
        self.push("## Permissions\n\nOne of these permissions is needed.\n\n");
        self.push("|Permission type      | Permissions (from least to most)              |\n");
        self.push("|:--------------------|:---------------------------------------------|\n");
        for kind in [
            "Delegated (staff account)",
            "Delegated (guest account)",
            "Application",
        ] {
            self.push(&format!(
                "|{kind} | {noun}.Read.All, {noun}.ReadWrite.All |\n"
            ));
        }
        self.push("\n## HTTP request\n\n<!-- { \"blockType\": \"ignored\" } -->\n\n```http\n");
        for method in methods {
            self.push(&format!("{method} /{owner}/{{id}}/{noun}\n"));
        }
        self.push("```\n\n## Request headers\n\n| Name | Description |\n|:-----|:------|\n");
        self.push("| Authorization | Bearer {token}. Required. |\n");
        self.push("| Content-Type | application/json |\n\n## Request body\n\n");
        self.properties(9);
        self.push("\n## Response\n\n");
        self.prose(2);
        self.push("## Examples\n\n");
        for (index, method) in methods.iter().enumerate() {
            self.example(method, index + 1, annotated);
        }
        self.prose(1);
        self.page_annotation();
    }

    fn example(&mut self, method: &str, number: usize, annotated: bool) {
        let (noun, owner) = (self.noun.clone(), self.owner.clone());
        let name = format!("{}_{noun}_{number}", method.to_lowercase());
        let (status, answers) = match method {
            "POST" => ("201 Created", true),
            "DELETE" => ("204 No Content", false),
            _ => ("200 OK", true),
        };
        self.push(&format!(
            "### Request\n\nThe next request is example {number}.\n\n"
        ));
        if annotated {
            self.push(&format!(
                "<!-- {{\n  \"blockType\": \"request\",\n  \"name\": \"{name}\"\n}}-->\n"
            ));
        }
        let key = self.random.below(1_000_000);
        self.push(&format!(
            "```http\n{method} https://api.parcels.example/v1/{owner}/{key}/{noun}?$top={number}\n"
        ));
        if matches!(method, "POST" | "PATCH") {
            self.push("Content-type: application/json\n\n");
            self.json(5);
        } else {
            self.push("Accept: application/json\n");
        }
        self.push("```\n");
        for language in ["C#", "JavaScript", "Java"] {
            let tab = language.to_lowercase().replace('#', "sharp");
            self.push(&format!(
                "# [{language}](#tab/{tab})\n\
                 [!INCLUDE [sample](../includes/samples/{tab}/{name}-{tab}-sample.md)]\n\
                 [!INCLUDE [set-up](../includes/samples/{tab}/set-up-of-the-{tab}-library.md)]\n\n"
            ));
        }
        self.push("---\n\n### Response\n\nThe answer is shortened here.\n\n");
        if annotated {
            self.push(
                "<!-- {\n  \"blockType\": \"response\",\n  \"truncated\": true,\n  \
                 \"@odata.type\": \"parcels.",
            );
            self.push(&noun);
            self.push(match self.kind {
                Kind::Lists => "\",\n  \"isCollection\": true\n} -->\n",
                _ => "\"\n} -->\n",
            });
        }
        self.push(&format!("```http\nHTTP/1.1 {status}\n"));
        if answers {
            self.push("Content-type: application/json\nContent-length: 411\n\n");
            if self.kind == Kind::Lists {
                self.push(&list(1));
                self.push("\n");
            } else {
                self.json(11);
            }
        }
        self.push("```\n\n");
    }

    fn resource(&mut self) {
        let noun = self.noun.clone();
        self.head(&format!("{noun} resource type"), "resourcePageType");
        self.prose(3);
        self.push("## Methods\n\n| Method | Return type | Description |\n|:---|:---|:---|\n");
        for verb in ["List", "Get", "Create", "Update", "Delete"] {
            self.push(&format!(
                "| [{verb} {noun}](../api/{noun}-{}.md) | [{noun}]({noun}.md) | {verb} one of them. |\n",
                verb.to_lowercase()
            ));
        }
        self.push("\n");
        self.description();
        self.page_annotation();
    }

    /// The properties of a resource, and its example.
    fn description(&mut self) {
        let noun = self.noun.clone();
        self.push("## Properties\n\n");
        self.properties(14);
        self.push("\n## JSON representation\n\n<!-- {\n  \"blockType\": \"resource\",\n  ");
        self.push(&format!(
            "\"keyProperty\": \"id\",\n  \"@odata.type\": \"parcels.{noun}\"\n}}-->\n\n```json\n"
        ));
        self.json(11);
        self.push("```\n\n");
    }

    /// Only prose, without any bytes that a search for cases would find.
    fn overview(&mut self) {
        let noun = self.noun.clone();
        self.head(&format!("About each {noun}"), "conceptualPageType");
        for _ in 0..3 {
            self.push(&format!("## The life of a {noun}\n\n"));
            self.prose(4);
            for _ in 0..4 {
                let sentence = self.random.pick(&SENTENCES);
                self.push(&format!("- {sentence}\n"));
            }
            self.push("\n");
        }
    }

    fn head(&mut self, title: &str, kind: &str) {
        self.push(&format!(
            "---\ntitle: \"{title}\"\ndescription: \"What to know of it.\"\nauthor: \"parcels\"\n\
             localization_priority: Normal\ndoc_type: {kind}\n---\n\n# {title}\n\n\
             Namespace: parcels\n\n"
        ));
    }

    fn prose(&mut self, sentences: usize) {
        for _ in 0..sentences {
            let sentence = self.random.pick(&SENTENCES);
            self.push(sentence);
            self.push("\n");
        }
        self.push("\n");
    }

    fn properties(&mut self, count: usize) {
        self.push("| Property | Type | Description |\n|:---------|:-----|:------------|\n");
        for (index, property) in PROPERTIES[..count].iter().enumerate() {
            let (kind, sentence) = match self.kind {
                Kind::Lists => (LISTED[index % LISTED.len()].0, SENTENCES[0]),
                _ => (self.random.pick(&TYPES), self.random.pick(&SENTENCES)),
            };
            self.push(&format!("|{property}|{kind}|{sentence}|\n"));
        }
    }

    fn json(&mut self, count: usize) {
        if self.kind == Kind::Lists {
            self.text.push_str(&listed(count));
            self.text.push('\n');
            return;
        }
        let id = self.random.next();
        let _ = write!(self.text, "{{\n  \"id\": \"{id:016x}\"");
        for property in &PROPERTIES[..count] {
            let value = self.random.below(10_000);
            let _ = match self.random.below(4) {
                0 => write!(self.text, ",\n  \"{property}\": {value}"),
                1 => write!(
                    self.text,
                    ",\n  \"{property}\": {}",
                    value.is_multiple_of(2)
                ),
                2 => write!(
                    self.text,
                    ",\n  \"{property}\": {{ \"value\": \"v{value}\" }}"
                ),
                _ => write!(self.text, ",\n  \"{property}\": \"text of {value}\""),
            };
        }
        self.push("\n}\n");
    }

    fn page_annotation(&mut self) {
        let noun = self.noun.clone();
        self.push(&format!(
            "<!-- {{\n  \"type\": \"#page.annotation\",\n  \"description\": \"{noun}\",\n  \
             \"keywords\": \"\",\n  \"section\": \"documentation\",\n  \"tocPath\": \"\",\n  \
             \"suppressions\": [\n  ]\n}}-->\n"
        ));
    }

    fn push(&mut self, text: &str) {
        self.text.push_str(text);
    }
}

/// Marsaglia's xorshift, which is sufficient here and portable.
struct Random(u64);

impl Random {
    fn new(seed: u64) -> Self {
        // The state must not be zero, and similar seeds should start differently.
        let mut random = Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
        random.next();
        random.next();
        random
    }

    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.next() >> 33).unwrap_or(0) % end
    }

    fn pick<'t>(&mut self, items: &[&'t str]) -> &'t str {
        items[self.below(items.len())]
    }
}
