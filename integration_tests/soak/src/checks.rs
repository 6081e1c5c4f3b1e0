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

/// The rules that a run of `read` broke.
pub(crate) fn messages(
    outcome: &Outcome,
    selection: &BTreeSet<String>,
    configs: &[Value],
) -> Vec<String> {
    let mut broken = ending(outcome);
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
    let secrets = secrets(configs.iter().chain(run.configs()));
    let checks = [
        asserted(|| invariants::no_secret_shows(&run, &secrets)),
        asserted(|| match outcome.disturbed {
            true => drop(invariants::messages_are_in_order(&run)),
            false => invariants::a_read_is_well_formed(&run, &streams),
        }),
    ];
    broken.extend(checks.into_iter().filter_map(Result::err));
    broken
}

/// The rules that a run of a verb for people broke.
pub(crate) fn text(outcome: &Outcome, configs: &[Value]) -> Vec<String> {
    let mut broken = ending(outcome);
    let texts = outcome.lines.iter().chain([&outcome.stderr]);
    let text: String = texts.map(|line| format!("{line}\n")).collect();
    let run = Run {
        messages: Vec::new(),
        stdout: String::new(),
        stderr: text,
        code: outcome.status.code(),
    };
    let secrets = secrets(configs.iter());
    broken.extend(asserted(|| invariants::no_secret_shows(&run, &secrets)).err());
    broken
}

/// The rules about the end of a run that it broke.
fn ending(outcome: &Outcome) -> Vec<String> {
    let mut broken = Vec::new();
    if outcome.hung {
        broken.push(format!("the connector hung for {:?}", outcome.took));
    }
    if outcome.stderr.contains("panicked") || outcome.status.code() == Some(101) {
        broken.push(format!("the connector panicked: {}", outcome.stderr));
    }
    let signal = outcome.status.signal();
    if !outcome.disturbed && signal.is_some() {
        broken.push(format!(
            "a signal that nobody sent ended the connector: {signal:?}"
        ));
    }
    broken
}

/// The secrets of configs.
fn secrets<'c>(configs: impl Iterator<Item = &'c Value>) -> Vec<String> {
    let objects = configs.flat_map(|config| [config, &config["credentials"]]);
    let values = objects.flat_map(|object| SECRETS.map(|name| object[name].as_str()));
    let values: BTreeSet<_> = values.flatten().filter(|it| it.len() >= 8).collect();
    values.into_iter().map(str::to_owned).collect()
}

/// The panic of a check as text.
fn asserted<T>(check: impl FnOnce() -> T) -> Result<T, String> {
    catch_unwind(AssertUnwindSafe(check)).map_err(|panic| sentence(panic.as_ref()))
}

/// What a panic says.
fn sentence(panic: &(dyn Any + Send)) -> String {
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
