//! The test that fails for orphaned snapshots.

use std::sync::Arc;

use libtest_mimic::{Arguments, Failed, Trial};

use crate::page::case::Case;
use crate::project::config::Config;
use crate::project::plan::result_ids;
use crate::project::scenario::Scenario;
use crate::run::snapshot;

/// The name of the test. Those of all others contain `::`.
const NAME: &str = "orphaned-snapshots";

/// The test for orphaned snapshots, if there are any and no case is left out.
pub(super) fn trial(
    arguments: &Arguments,
    config: &Config,
    cases: &[Case],
    scenarios: &[Arc<Scenario>],
) -> Result<Option<Trial>, String> {
    let mut filter = arguments.filter.iter();
    let is_only = |filter: &String| arguments.exact && filter == NAME;
    if !arguments.skip.is_empty() || !filter.all(is_only) {
        return Ok(None);
    }
    let ids = result_ids(cases, scenarios);
    let ids = ids.iter().map(|id| &**id);
    let (orphans, _) = snapshot::orphans(&config.snapshots, &config.docs_name, ids)
        .map_err(|error| error.to_string())?;
    if orphans.is_empty() {
        return Ok(None);
    }
    let lines = orphans.iter().map(|orphan| {
        let name = orphan.path.file_name().unwrap_or_default();
        let name = name.to_string_lossy();
        format!("orphaned file snapshots/{name}: {}\n", orphan.reason())
    });
    let text = lines.collect::<String>() + "run `docproof accept --prune` to remove them";
    Ok(Some(Trial::test(NAME, move || Err(Failed::from(text)))))
}
