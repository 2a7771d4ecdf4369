//! `docproof init`: creates a project, for the docs that are there or with a first
//! page.

use std::fmt::Write as _;
use std::path::Path;

use serde_json::Value as Json;

use super::args::Init;
use super::docs::threads;
use super::exit::{Exit, Failure};
use super::output::Output;
use super::write;
use crate::page::reader::{Extraction, Reader};
use crate::page::survey::{self, PageFile};
use crate::page::totals::Totals;
use crate::project::config;
use crate::report::recognition;
use crate::text::parallel;
use crate::tools::annotate::services;

/// The folders where docs are looked for.
const FOLDERS: [&str; 2] = ["docs", "specs/docs"];

/// The folder of the first page, in a project without pages.
const NEW_FOLDER: &str = "specs/docs";

const HEADERS: &str = r#"
# How to compare the documented headers of a response: `exact`, `form` (a date for
# a date, a number for a number), `media-type` (type, subtype and documented
# parameters), `present` or `ignore`. A name may contain `*`. All other headers use
# the default policies: `docproof explain headers` prints them.
[headers]
# "X-Trace-*" = "ignore"

# A service to test: `docproof test --target local`.
# [target.local]
# base-url = "http://127.0.0.1:8080"
"#;

const PAGE: &str = r#"# Get a greeting

Returns a greeting for a person.

## Example

### Request

<!-- { "blockType": "request", "name": "get_greeting" } -->

```http
GET https://api.example.com/v1.0/greetings/ada
```

### Response

<!-- { "blockType": "response" } -->

```http
HTTP/1.1 200 OK
Content-Type: application/json

{
  "greeting": "Hello, Ada"
}
```
"#;

pub(super) fn run(args: &Init, output: &mut Output) -> Result<Exit, Failure> {
    reject_existing(&args.folder.join(config::FILE))?;
    let Some(root) = docs(args)? else {
        let page = args.folder.join(NEW_FOLDER).join("greeting.md");
        reject_existing(&page)?;
        write_config(args, NEW_FOLDER, &[], &Totals::default(), output)?;
        write::file(&page, PAGE)?;
        output.line(&format!("wrote {NEW_FOLDER}/greeting.md"))?;
        output.line("now run `docproof test`")?;
        return Ok(Exit::Passed);
    };
    let (pages, _) = survey::find(&args.folder.join(&root))?;
    let reader = Extraction::default().reader(&pages, threads(None));
    let (totals, service) = read(&pages, &reader);
    for line in recognition::summary(&totals, &[]) {
        output.note(&line);
    }
    write_config(args, &root, &service, &totals, output)?;
    output.line("now run `docproof check`, and `docproof test --base-url URL` for a service")?;
    Ok(Exit::Passed)
}

fn reject_existing(file: &Path) -> Result<(), Failure> {
    if !file.exists() {
        return Ok(());
    }
    let message = format!("`{}` already exists", file.display());
    Err(Failure::new(Exit::Usage, message).help("init does not overwrite existing files"))
}

/// The folder of the pages, relative to the project; `None` if the project has no
/// pages.
fn docs(args: &Init) -> Result<Option<String>, Failure> {
    let has_pages = |folder: &str| survey::find(&args.folder.join(folder)).is_ok();
    if let Some(docs) = &args.docs {
        let name = docs.to_string_lossy().replace('\\', "/");
        let name = name.trim_start_matches("./").trim_end_matches('/');
        let name = if name.is_empty() { "." } else { name };
        survey::find(&args.folder.join(name))?;
        return Ok(Some(name.to_owned()));
    }
    if let Some(folder) = FOLDERS.into_iter().find(|folder| has_pages(folder)) {
        return Ok(Some(folder.to_owned()));
    }
    let Ok((pages, _)) = survey::find(&args.folder) else {
        return Ok(None);
    };
    let mut pages = pages.iter().filter(|page| is_of_docs(&page.path));
    match pages.next() {
        None => Ok(None),
        Some(page) => {
            let common = pages.fold(folder(&page.path).to_owned(), |common, page| {
                shared(&common, folder(&page.path))
            });
            let folder = if common.is_empty() { "." } else { &common };
            let message = format!("found pages, such as `{}`, but none in `docs`", page.path);
            Err(Failure::new(Exit::Usage, message).help(format!(
                "name their folder: `docproof init --docs {folder}`"
            )))
        }
    }
}

/// The folder of a page; empty at the top.
fn folder(page: &str) -> &str {
    page.rsplit_once('/').map_or("", |(folder, _)| folder)
}

/// The folder that two folders share.
fn shared(one: &str, other: &str) -> String {
    let parts = one.split('/').zip(other.split('/'));
    let same = parts.take_while(|(one, other)| one == other);
    let names: Vec<&str> = same.map(|(name, _)| name).collect();
    names.join("/")
}

/// Whether a page may be a part of the docs: not a file about the project, such as
/// `README.md` or `CODE_OF_CONDUCT.md`.
fn is_of_docs(page: &str) -> bool {
    let name = page.rsplit('/').next().unwrap_or(page);
    let stem = name.split('.').next().unwrap_or(name);
    stem.contains(|c: char| c.is_lowercase())
}

/// What the pages contain, and the base URLs that their requests name.
fn read(pages: &[PageFile], reader: &Reader) -> (Totals, Vec<String>) {
    let mut totals = Totals::default();
    let mut cases = Vec::new();
    let read = parallel::map(pages, threads(None), |page| reader.extract_file(page));
    for extracted in read.into_iter().flatten() {
        totals.add(&Totals::of(&extracted));
        cases.extend(extracted.cases);
    }
    (totals, services(&cases))
}

fn write_config(
    args: &Init,
    root: &str,
    service: &[String],
    totals: &Totals,
    output: &mut Output,
) -> Result<(), Failure> {
    let mut text = format!(
        "# Configuration of docproof. Every key is optional.\n\n\
         [docs]\n\
         # Folder of the pages.\n\
         root = {}\n\n\
         # Base URL of the service in the pages. `docproof test --base-url URL` replaces it.\n",
        Json::from(root)
    );
    text += &match service {
        [] => "# service = \"https://api.example.com/v1.0\"".to_owned(),
        service => recognition::service_line(service),
    };
    text.push('\n');
    text += HEADERS;
    let mut names: Vec<_> = totals.placeholders.iter().collect();
    names.sort_by_key(|(_, count)| std::cmp::Reverse(**count));
    if !names.is_empty() {
        text += "# The values of placeholders.\n# [target.local.vars]\n";
    }
    for (name, _) in names.into_iter().take(MOST_VARS) {
        let _ = writeln!(text, "# {} = \"\"", Json::from(name.as_str()));
    }
    write::file(&args.folder.join(config::FILE), &text)?;
    output.line(&format!("wrote {}", config::FILE))?;
    Ok(())
}

/// Maximum number of placeholders in the configuration.
const MOST_VARS: usize = 10;
