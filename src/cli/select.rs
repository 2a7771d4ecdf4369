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
use crate::page::seen::Seen;
use crate::project::config::Config;
use crate::project::scenario::Scenario;
use crate::report::plural;
use crate::report::record::SelectionRecord;
use crate::run::select::{Expression, LastRun, Matcher, Partition, Predicate, Subject};
use crate::text::files;
use crate::text::parallel::cores;

/// A parsed selection.
#[derive(Debug, Clone)]
pub(super) struct Selector {
    /// The values of all options.
    choices: Vec<Choice>,
    expression: Expression,
    last: LastRun,
    last_failed: bool,
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
    /// What was selected, before it was partitioned.
    pub record: SelectionRecord,
    /// The cases and scenarios before they were partitioned, if they are.
    pub whole: Option<Whole>,
}

/// All cases, and all scenarios.
type Whole = (Arc<[Case]>, Vec<Arc<Scenario>>);

/// The cases and scenarios of the subjects. A case with several selected scenarios is
/// listed once.
fn listed(subjects: &[Subject<'_>]) -> (Arc<[Case]>, Vec<Arc<Scenario>>) {
    let mut seen = HashSet::new();
    let cases = subjects.iter().map(|subject| subject.case);
    let cases = cases.filter(|case| seen.insert(case.id.as_str()));
    let scenarios = subjects.iter().flat_map(|subject| &subject.scenarios);
    (
        cases.cloned().collect(),
        scenarios.map(|scenario| Arc::clone(scenario)).collect(),
    )
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
        let choices = choices(selection)?;
        let expressions = choices.iter().map(|of_option| {
            // Values of one option are joined by OR, options by AND.
            Expression::any(of_option.iter().map(|choice| choice.expression.clone()))
        });
        let failed = selection
            .last_failed
            .then_some(Expression::Is(Predicate::Failed));
        let expression = Expression::every(expressions.chain([failed]).flatten());
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
            choices: choices.into_iter().flatten().collect(),
            expression,
            last,
            last_failed: selection.last_failed,
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

    /// Whether nothing is left out.
    pub(super) fn takes_all(&self) -> bool {
        self.expression == Expression::Is(Predicate::All)
            && self.changed_since.is_none()
            && self.partition.is_none()
    }

    /// The selected cases, regardless of their scenarios; an error if there is none.
    pub(super) fn cases(&self, docs: &Docs, mut cases: Vec<Case>) -> Result<Arc<[Case]>, Failure> {
        cases.retain(|case| docs.takes(&case.page) && self.takes(case));
        if cases.is_empty() {
            return Err(self.nothing(docs));
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

    /// Whether the selection depends on more than the pages of cases.
    pub(super) fn asks_for_cases(&self) -> bool {
        let is_of_pages = |predicate: &Predicate| {
            matches!(
                predicate,
                Predicate::All | Predicate::None | Predicate::Page(_)
            )
        };
        self.changed_since.is_some() || self.expression.uses(|predicate| !is_of_pages(predicate))
    }

    /// Whether the selection needs scenario metadata.
    pub(super) fn asks_for_scenarios(&self) -> bool {
        self.expression
            .uses(|predicate| matches!(predicate, Predicate::Tag(_) | Predicate::Failed))
    }

    /// Selects cases. It is an error if the options match no case, but not if no case
    /// failed in the last run, no page changed or a partition is empty: these occur in CI.
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
            .filter(|subject| self.expression.may_select(subject))
            .collect();
        if subjects.is_empty() {
            return Err(self.nothing(from.docs));
        }
        self.note_idle_choices(&subjects, output);
        if asks_for_last(&self.expression) {
            subjects.retain(|subject| self.expression.selects(subject, &self.last));
            if subjects.is_empty() {
                output.note("no selected case failed in the last run: nothing to test");
            }
        }
        if let Some(revision) = &self.changed_since
            && !subjects.is_empty()
        {
            let affected =
                changed::affected(from.docs, from.config, from.cases, revision, cores())?;
            for note in &affected.notes {
                output.note(note);
            }
            if let Some(why) = &affected.everything {
                output.note(&format!("{why}: no case is left out"));
            }
            subjects.retain(|subject| affected.takes(subject));
            if subjects.is_empty() {
                output.note(&format!(
                    "no selected case is affected by changes since {revision}: nothing to test"
                ));
            }
        }
        let ids = subjects.iter().map(|subject| subject.id.clone());
        let record = SelectionRecord::of(self.options(), ids);
        let mut whole = None;
        if let Some(partition) = self.partition {
            whole = Some(listed(&subjects));
            let of = plural(subjects.len(), "selected case");
            subjects = partition.share(subjects);
            output.note(&format!(
                "partition {partition}: {} of {of}",
                subjects.len()
            ));
        }
        let (cases, scenarios) = if subjects.len() == count {
            (Arc::clone(from.cases), from.scenarios.to_vec())
        } else {
            listed(&subjects)
        };
        Ok(Selected {
            cases,
            scenarios,
            record,
            whole,
        })
    }

    /// The selecting options, as the user could write them.
    fn options(&self) -> String {
        let mut options: Vec<String> = Vec::new();
        options.extend(self.choices.iter().map(|choice| choice.written.clone()));
        options.extend(self.last_failed.then(|| "--last-failed".to_owned()));
        let revision = self.changed_since.as_ref();
        options.extend(revision.map(|revision| format!("--changed-since {revision}")));
        options.join(" ")
    }

    /// Names the values that select nothing, next to others that do.
    fn note_idle_choices(&self, subjects: &[Subject<'_>], output: &mut Output) {
        for choice in &self.choices {
            let selects = |subject| choice.expression.may_select(subject);
            if !subjects.iter().any(selects) {
                output.note(&format!("`{}` selects no case", choice.written));
            }
        }
    }

    /// The error for a selection that matches no case. Reads all pages again, because
    /// those without selected cases may not have been read.
    pub(super) fn nothing(&self, docs: &Docs) -> Failure {
        let cases = match docs.collect(cores(), |page| docs.takes(page)) {
            Ok(collected) => collected.cases,
            Err(failure) => return failure,
        };
        if cases.is_empty() {
            return no_examples(docs);
        }
        let is_idle = |choice: &&Choice| {
            // A scenario may have the tag.
            let has_tag = |predicate: &Predicate| matches!(predicate, Predicate::Tag(_));
            let mut cases = cases.iter().map(Subject::alone);
            !choice.expression.uses(has_tag)
                && !cases.any(|subject| choice.expression.may_select(&subject))
        };
        let idle: Vec<&Choice> = self.choices.iter().filter(is_idle).collect();
        let list = |choices: &[&Choice]| {
            let written = choices.iter().map(|choice| format!("`{}`", choice.written));
            written.collect::<Vec<_>>().join(", ")
        };
        let all: Vec<&Choice> = self.choices.iter().collect();
        let count = plural(cases.len(), "case");
        let why = match (idle.as_slice(), all.as_slice()) {
            ([one], _) | ([], [one]) => format!("`{}` matches none of {count}", one.written),
            ([], all) => format!("none of {count} matches all of {}", list(all)),
            (idle, _) => format!("{} match none of {count}", list(idle)),
        };
        Failure::new(Exit::NoCase, format!("no case selected: {why}"))
            .help("run `docproof list` to see all cases")
    }
}

/// The error for docs without cases: what was found in them.
pub(super) fn no_examples(docs: &Docs) -> Failure {
    let of = match docs.shown.as_str() {
        "" => "the docs".to_owned(),
        shown => format!("`{shown}`"),
    };
    if docs.are_case_files {
        return Failure::new(
            Exit::NoCase,
            format!("no examples found in the case files of {of}"),
        );
    }
    let seen = match Seen::of(&docs.root, cores(), |page| docs.takes(page)) {
        Ok(seen) => seen,
        Err(error) => return error.into(),
    };
    let message = format!(
        "no examples found in {of}: {}, {}, {}",
        plural(seen.pages, "page"),
        plural(seen.fences, "code fence"),
        plural(seen.requests, "annotated request"),
    );
    Failure::new(Exit::NoCase, message).help(if seen.requests > 0 {
        "run `docproof check` to see why the requests cannot be read"
    } else {
        "add <!-- { \"blockType\": \"request\", \"name\": \"…\" } --> above an HTTP example"
    })
}

/// Whether the expression needs the record of the last run.
fn asks_for_last(expression: &Expression) -> bool {
    expression.uses(|predicate| *predicate == Predicate::Failed)
}

/// A value of a selecting option.
#[derive(Debug, Clone)]
struct Choice {
    /// The option with the value, as the user could write it.
    written: String,
    expression: Expression,
}

/// The values of the options, one list per option.
fn choices(selection: &Selection) -> Result<[Vec<Choice>; 4], Failure> {
    let cases = &selection.cases;
    let choice = |option: &str, value: &str, expression| Choice {
        written: format!("{option} {value}"),
        expression,
    };
    let glob = |pattern: &String| {
        Matcher::glob(pattern)
            .map(|glob| choice("--page", pattern, Predicate::Page(glob).into()))
            .map_err(|error| Failure::new(Exit::Usage, format!("--page: {error}")))
    };
    let parsed = |text: &String| {
        let expression = text.parse::<Expression>().map_err(|error| {
            let failure = Failure::new(Exit::Usage, format!("--filter-expr: {error}"));
            match error.help {
                Some(help) => failure.help(help),
                None => failure,
            }
        })?;
        Ok::<_, Failure>(choice("-E", &format!("'{text}'"), expression))
    };
    let methods = cases.method.iter().map(|name| {
        let name = name.trim();
        choice("--method", name, Predicate::Method(name.to_owned()).into())
    });
    let ids = cases.filter.iter().map(|part| {
        let matcher = Matcher::Contains(part.clone());
        choice("--filter", part, Predicate::Id(matcher).into())
    });
    Ok([
        cases.page.iter().map(glob).collect::<Result<_, _>>()?,
        methods.collect(),
        ids.collect(),
        cases
            .filter_expr
            .iter()
            .map(parsed)
            .collect::<Result<_, _>>()?,
    ])
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
