//! `docproof annotate`: annotates recognised examples.

use std::collections::BTreeMap;

use super::args::Annotate;
use super::docs::{Docs, threads};
use super::exit::{Exit, Failure};
use super::output::Output;
use super::select::no_examples;
use super::write;
use crate::page::reader::{Extraction, Unannotated};
use crate::page::survey;
use crate::page::totals::Totals;
use crate::project::config::Config;
use crate::report::{plural, printable, recognition};
use crate::text::parallel;
use crate::text::source::apply;
use crate::tools::annotate::{Apart, annotate, services};

pub(super) fn run(args: &Annotate, config: &Config, output: &mut Output) -> Result<Exit, Failure> {
    let docs = Docs::find(args.docs.as_deref(), config)?;
    if docs.are_case_files {
        return Err(
            Failure::new(Exit::Usage, "annotate requires pages, not case files")
                .help("name the folder of the pages"),
        );
    }
    // Examples beside annotated ones are annotated too.
    let extraction = Extraction {
        unannotated: Unannotated::On,
        ..config.extract.clone()
    };
    let threads = threads(args.threads.jobs);
    let (mut files, mut diagnostics) = survey::find(&docs.root)?;
    files.retain(|file| docs.takes(&file.path));
    let reader = extraction.reader(&files, threads);
    let pages = parallel::map(&files, threads, |file| {
        let page = survey::read(file)?;
        let extracted = reader.extract(&page);
        let annotated = annotate(&page, &extracted);
        Ok((page, extracted, annotated))
    });
    let mut totals = Totals::default();
    let mut cases = Vec::new();
    let mut apart = BTreeMap::new();
    let (mut annotations, mut changed) = (0, 0);
    for (file, page) in files.iter().zip(pages) {
        let (page, extracted, annotated) = match page {
            Ok(read) => read,
            Err::<_, Box<_>>(finding) => {
                diagnostics.push(*finding);
                continue;
            }
        };
        totals.add(&Totals::of(&extracted));
        cases.extend(extracted.cases);
        let name = docs.file(&page.path);
        for Apart { line, reason, .. } in annotated.apart {
            let places: &mut Vec<String> = apart.entry(reason).or_default();
            places.push(format!("{name}:{line}"));
        }
        if annotated.edits.is_empty() {
            continue;
        }
        annotations += annotated.edits.len();
        changed += 1;
        let text = apply(&page.text, &annotated.edits);
        if args.write {
            write::file(&file.file, &text)?;
        } else if args.check {
            for edit in &annotated.edits {
                let line = page.line(edit.span.start);
                output.line(&format!("{}:{line}: no annotation", printable(&name)))?;
            }
        } else {
            write::diff(&name, &page.text, &text, output)?;
        }
    }
    docs.name_findings(&mut diagnostics);
    output.findings(&diagnostics, false);
    for (reason, places) in &apart {
        output.note(&recognition::apart(reason, places));
    }
    for line in recognition::summary(&totals, &services(&cases)) {
        output.note(&line);
    }
    if cases.is_empty() {
        return Err(no_examples(&docs));
    }
    output.note(&if annotations == 0 {
        "nothing to annotate".to_owned()
    } else {
        format!(
            "{} in {} {}",
            plural(annotations, "annotation"),
            plural(changed, "page"),
            if args.write {
                "written"
            } else {
                "missing; `docproof annotate --write` inserts them"
            }
        )
    });
    Ok(if args.check && annotations > 0 {
        Exit::Failed
    } else {
        Exit::Passed
    })
}
