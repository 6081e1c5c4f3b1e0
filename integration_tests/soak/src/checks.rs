//! What holds for the output of every run.

use std::any::Any;
use std::collections::BTreeSet;
use std::os::unix::process::ExitStatusExt;
use std::panic::{AssertUnwindSafe, catch_unwind};

use output_checks::{Run, invariants};
use serde_json::Value;

use crate::process::Outcome;

/// The keys of a config whose values are secret.
pub(crate) const SECRETS: [&str; 4] =
    ["access_token", "refresh_token", "id_token", "client_secret"];

/// The rules that a run broke.
pub(crate) fn output(
    outcome: &Outcome,
    selection: &BTreeSet<String>,
    configs: &[Value],
) -> Vec<String> {
    let mut broken = Vec::new();
    if outcome.hung {
        broken.push(format!("the connector hung for {:?}", outcome.took));
    }
    if outcome.stderr.contains("panicked") || outcome.status.code() == Some(101) {
        broken.push(format!("the connector panicked: {}", outcome.stderr));
    }
    let mut stdout = outcome.lines.join("\n");
    if !stdout.is_empty() {
        stdout.push('\n');
    }
    let code = outcome.status.code();
    let streams: Vec<_> = selection.iter().map(String::as_str).collect();
    let run = match asserted(|| Run::of_text(stdout, outcome.stderr.clone(), code)) {
        Ok(run) => run,
        Err(rule) => return [broken, vec![rule]].concat(),
    };
    let checks = [
        asserted(|| invariants::no_secret_shows(&run, &secrets(configs, &run))),
        asserted(|| match outcome.disturbed {
            true => drop(invariants::messages_are_in_order(&run)),
            false => invariants::a_read_is_well_formed(&run, &streams),
        }),
    ];
    broken.extend(checks.into_iter().filter_map(Result::err));
    let signal = outcome.status.signal();
    if !outcome.disturbed && signal.is_some() {
        broken.push(format!(
            "a signal that nobody sent ended the connector: {signal:?}"
        ));
    }
    broken
}

/// The secrets of configs, and of the configs in a run.
fn secrets(configs: &[Value], run: &Run) -> Vec<String> {
    let all = configs.iter().chain(run.configs());
    let objects = all.flat_map(|config| [config, &config["credentials"]]);
    let values = objects.flat_map(|object| SECRETS.map(|name| object[name].as_str()));
    let values: BTreeSet<_> = values.flatten().filter(|it| it.len() >= 8).collect();
    values.into_iter().map(str::to_owned).collect()
}

/// The panic of a check as text.
fn asserted<T>(check: impl FnOnce() -> T) -> Result<T, String> {
    catch_unwind(AssertUnwindSafe(check)).map_err(|panic| text(panic.as_ref()))
}

fn text(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().cloned();
    let text = text.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned()));
    text.unwrap_or_default()
}

/// Keeps the panics of checks off stderr. They become violations.
pub(crate) fn quiet_panics() {
    let usual = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        let is_check = panic
            .location()
            .is_some_and(|it| it.file().contains("output-checks"));
        if !is_check {
            usual(panic);
        }
    }));
}
