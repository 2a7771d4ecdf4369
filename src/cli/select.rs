//! Selects cases and scenarios by the arguments of a command.

use std::collections::HashSet;
use std::path::Path;
use std::sync::Arc;

use super::args::{CaseSelection, Selection};
use super::changed;
use super::docs::Docs;
use super::exit::{Exit, Failure};
use super::output::Output;
use crate::page::case::Case;
use crate::project::config::Config;
use crate::project::scenario::Scenario;
use crate::report::plural;
use crate::run::select::{Expression, LastRun, Matcher, Partition, Predicate, Subject};
use crate::text::files;
use crate::text::parallel::cores;

/// A parsed selection.
#[derive(Debug, Clone)]
pub(super) struct Selector {
    expression: Expression,
    last: LastRun,
    changed_since: Option<String>,
    partition: Option<Partition>,
}

/// The selected cases.
#[derive(Debug)]
pub(super) struct Selected {
    /// The cases, in the order of the pages.
    pub cases: Arc<[Case]>,
    /// Their scenarios. `Scenario::case` is an index into all cases.
    pub scenarios: Vec<Arc<Scenario>>,
}

/// The cases and scenarios to select from.
#[derive(Clone, Copy)]
pub(super) struct Available<'a> {
    pub docs: &'a Docs,
    pub config: &'a Config,
    /// All cases of the docs.
    pub cases: &'a Arc<[Case]>,
    pub scenarios: &'a [Arc<Scenario>],
    /// Whether scenarios run, instead of the cases alone.
    pub is_live: bool,
}

impl Selector {
    pub(super) fn new(selection: &Selection) -> Result<Self, Failure> {
        let expression = expression(selection)?;
        let last = match &selection.last_run {
            Some(path) => read_last(path)?,
            None => None,
        };
        let last = match last {
            None if asks_for_last(&expression) => {
                return Err(no_last(selection.last_run.as_deref()));
            }
            last => last.unwrap_or_default(),
        };
        Ok(Self {
            expression,
            last,
            changed_since: selection.changed_since.clone(),
            partition: selection.partition,
        })
    }

    /// A selection by the documentation of cases only.
    pub(super) fn of_cases(cases: &CaseSelection) -> Result<Self, Failure> {
        Self::new(&Selection {
            cases: cases.clone(),
            ..Selection::default()
        })
    }

    /// Whether the selection includes a case, regardless of its scenarios.
    pub(super) fn takes(&self, case: &Case) -> bool {
        self.expression.selects(&Subject::alone(case), &self.last)
    }

    /// The selected cases, regardless of their scenarios; an error if there is none.
    pub(super) fn cases(&self, docs: &Docs, mut cases: Vec<Case>) -> Result<Arc<[Case]>, Failure> {
        cases.retain(|case| docs.takes(&case.page) && self.takes(case));
        if cases.is_empty() {
            return Err(self.nothing());
        }
        Ok(cases.into())
    }

    /// The record of the last run; empty if there is none.
    pub(super) fn last(&self) -> &LastRun {
        &self.last
    }

    /// Whether the selection may include cases of a page.
    pub(super) fn takes_page(&self, page: &str) -> bool {
        self.expression.may_select_page(page)
    }

    /// Whether the selection needs scenario metadata.
    pub(super) fn asks_for_scenarios(&self) -> bool {
        self.expression
            .uses(|predicate| matches!(predicate, Predicate::Tag(_) | Predicate::Failed))
    }

    /// Selects cases. It is an error if the expression matches no case, but not if no
    /// page changed or a partition is empty, because both occur in CI.
    pub(super) fn select(
        &self,
        from: Available<'_>,
        output: &mut Output,
    ) -> Result<Selected, Failure> {
        let all = Subject::all(from.cases, from.scenarios, from.is_live);
        let count = all.len();
        let mut subjects: Vec<Subject<'_>> = all
            .into_iter()
            .filter(|subject| from.docs.takes(&subject.case.page))
            .filter(|subject| self.expression.selects(subject, &self.last))
            .collect();
        if subjects.is_empty() {
            return Err(self.nothing());
        }
        if let Some(revision) = &self.changed_since {
            let pages = changed::pages(from.docs, from.config, revision, cores())?;
            subjects.retain(|subject| pages.contains(&*subject.case.page));
            if subjects.is_empty() {
                output.note(&format!(
                    "no selected case is affected by changes since {revision}"
                ));
            }
        }
        if let Some(partition) = self.partition {
            let whole = subjects.len();
            subjects = partition.share(subjects);
            let of = plural(whole, "selected case");
            output.note(&format!(
                "partition {partition}: {} of {of}",
                subjects.len()
            ));
        }
        if subjects.len() == count {
            return Ok(Selected {
                cases: Arc::clone(from.cases),
                scenarios: from.scenarios.to_vec(),
            });
        }
        // A case with several selected scenarios is listed once.
        let mut seen = HashSet::new();
        let cases = subjects.iter().map(|subject| subject.case);
        let cases = cases.filter(|case| seen.insert(case.id.as_str()));
        let scenarios = subjects.iter().flat_map(|subject| &subject.scenarios);
        Ok(Selected {
            cases: cases.cloned().collect(),
            scenarios: scenarios.map(|scenario| Arc::clone(scenario)).collect(),
        })
    }

    /// The error for an empty selection.
    pub(super) fn nothing(&self) -> Failure {
        if self.expression == Expression::Is(Predicate::All) {
            return Failure::new(Exit::NoCase, "no examples found in the docs").help(
                "add <!-- { \"blockType\": \"request\", \"name\": \"…\" } --> above an HTTP example",
            );
        }
        if asks_for_last(&self.expression) && self.last.is_empty() {
            return Failure::new(
                Exit::NoCase,
                "no case selected: none failed in the last run",
            );
        }
        Failure::new(Exit::NoCase, "no case selected").help("run `docproof list` to see all cases")
    }
}

/// Whether the expression needs the record of the last run.
fn asks_for_last(expression: &Expression) -> bool {
    expression.uses(|predicate| *predicate == Predicate::Failed)
}

/// Builds one expression: values of one option are joined by OR, options by AND.
fn expression(selection: &Selection) -> Result<Expression, Failure> {
    let cases = &selection.cases;
    let glob = |pattern: &String| {
        Matcher::glob(pattern)
            .map(|glob| Expression::Is(Predicate::Page(glob)))
            .map_err(|error| Failure::new(Exit::Usage, format!("--page: {error}")))
    };
    let parsed = |text: &String| {
        text.parse::<Expression>().map_err(|error| {
            let failure = Failure::new(Exit::Usage, format!("--filter-expr: {error}"));
            match error.help {
                Some(help) => failure.help(help),
                None => failure,
            }
        })
    };
    let pages: Vec<Expression> = cases.page.iter().map(glob).collect::<Result<_, _>>()?;
    let written = cases.filter_expr.iter().map(parsed);
    let written: Vec<Expression> = written.collect::<Result<_, _>>()?;
    let ids = cases.filter.iter().cloned();
    let ids = ids.map(|part| Expression::Is(Predicate::Id(Matcher::Contains(part))));
    let methods = cases.method.iter();
    let methods = methods.map(|name| Expression::Is(Predicate::Method(name.trim().to_owned())));
    let failed = selection.last_failed.then_some(Predicate::Failed);
    let kinds = [
        Expression::any(pages),
        Expression::any(methods),
        Expression::any(ids),
        Expression::any(written),
        failed.map(Expression::Is),
    ];
    Ok(Expression::every(kinds.into_iter().flatten()))
}

fn read_last(path: &Path) -> Result<Option<LastRun>, Failure> {
    let shown = path.display();
    let text = files::read_if_there(path).map_err(|error| {
        Failure::new(Exit::NotDone, format!("failed to read `{shown}`: {error}"))
    })?;
    let last = text.map(|text| LastRun::parse(&text)).transpose();
    last.map_err(|error| {
        let message = format!("`{shown}` is not a record of a run: {error}");
        Failure::new(Exit::Usage, message)
            .help("remove the file, or use another one with --last-run")
    })
}

fn no_last(path: Option<&Path>) -> Failure {
    match path {
        Some(path) => {
            let message = format!("`{}` does not exist yet", path.display());
            let help = format!("run `docproof test --last-run {}` first", path.display());
            Failure::new(Exit::Usage, message).help(help)
        }
        None => Failure::new(Exit::Usage, "--last-failed and failed() require --last-run")
            .help("record each run with --last-run FILE or DOCPROOF_LAST_RUN"),
    }
}

/// Writes the record for the next run.
pub(super) fn write_last(path: &Path, last: &LastRun) -> Result<(), Failure> {
    files::write(path, &last.text()).map_err(|error| Failure::write(path, &error))
}
