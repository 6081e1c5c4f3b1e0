//! Explains why the command line is wrong.

use std::error::Error;

use clap::error::{ContextKind, ContextValue, ErrorKind};

/// The verbs whose callers read messages of the Airbyte protocol. `write` is the verb of a destination.
const PROTOCOL_VERBS: [&str; 5] = ["spec", "check", "discover", "read", "write"];

/// Whether a command line, without the name of the program, asks for a verb of the protocol.
pub(crate) fn asks_for_protocol(mut arguments: impl Iterator<Item = String>) -> bool {
    arguments.any(|argument| PROTOCOL_VERBS.contains(&argument.as_str()))
}

/// Explains why the command line is wrong. The text contains nothing that the user typed, because a
/// mistyped flag may be followed by a token.
pub(crate) fn explain(error: &clap::Error) -> String {
    match error.kind() {
        // These messages contain only this program's own flags. A missing value is InvalidValue
        // without a value.
        ErrorKind::MissingRequiredArgument
        | ErrorKind::MissingSubcommand
        | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand
        | ErrorKind::ArgumentConflict => error.to_string().trim().to_owned(),
        ErrorKind::InvalidValue if typed_value(error).is_none_or(str::is_empty) => {
            error.to_string().trim().to_owned()
        }
        kind => {
            let what = kind.as_str().unwrap_or("the command line is wrong");
            let mut text = format!(
                "error: {what}. The argument is not shown, because it may contain a secret.\n"
            );
            let help = [
                wrong_number(error),
                possible_values(error),
                suggestion(error),
                usage(error),
            ];
            for line in help.into_iter().flatten() {
                text.push_str(&format!("\n{line}\n"));
            }
            text + "\nFor more information, try '--help'."
        }
    }
}

fn typed_value(error: &clap::Error) -> Option<&str> {
    match error.get(ContextKind::InvalidValue) {
        Some(ContextValue::String(value)) => Some(value),
        _ => None,
    }
}

fn usage(error: &clap::Error) -> Option<String> {
    match error.get(ContextKind::Usage)? {
        ContextValue::StyledStr(usage) => Some(usage.to_string()),
        _ => None,
    }
}

/// Names the flag whose value is no number of its range. The name is one of this program's own.
fn wrong_number(error: &clap::Error) -> Option<String> {
    let (ErrorKind::ValueValidation, Some(ContextValue::String(flag))) =
        (error.kind(), error.get(ContextKind::InvalidArg))
    else {
        return None;
    };
    // Of "99999 is not in 1..=65535", only the end comes from this program.
    let cause = error.source().map(ToString::to_string).unwrap_or_default();
    let range = cause.rsplit_once(" is not in ");
    let Some((least, most)) = range.and_then(|(_, range)| range.split_once("..")) else {
        return Some(format!("The value of {flag} is not valid."));
    };
    let most = most.trim_start_matches('=');
    // A range without an end is shown with the largest number.
    Some(match most == u64::MAX.to_string() {
        true => format!("The value of {flag} must be at least {least}."),
        false => format!("The value of {flag} must be from {least} to {most}."),
    })
}

/// Lists the values that a flag accepts.
fn possible_values(error: &clap::Error) -> Option<String> {
    match error.get(ContextKind::ValidValue)? {
        ContextValue::Strings(values) if !values.is_empty() => {
            Some(format!("Possible values: {}.", values.join(", ")))
        }
        _ => None,
    }
}

/// Names the verb, flag or value that was probably meant.
fn suggestion(error: &clap::Error) -> Option<String> {
    let kinds = [
        ContextKind::SuggestedSubcommand,
        ContextKind::SuggestedArg,
        ContextKind::SuggestedValue,
    ];
    let near = kinds.into_iter().find_map(|kind| error.get(kind))?;
    let name = match near {
        ContextValue::String(name) => name,
        ContextValue::Strings(names) => names.first()?,
        _ => return None,
    };
    Some(format!("Did you mean {name}?"))
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;
    use crate::cli::Cli;

    fn explained(arguments: &[&str]) -> String {
        let typed = ["xero-source"].iter().chain(arguments);
        explain(&Cli::try_parse_from(typed).expect_err("it is refused"))
    }

    #[test]
    fn what_was_typed_is_not_shown() {
        for arguments in [
            &["s3cret"][..],
            &["check", "s3cret"],
            &["check", "--s3cret"],
            &["check", "--token=s3cret"],
            &["check", "--config", "c.json", "s3cret"],
            &["check", "--config", "c.json", "-s3cret"],
            &["check", "--config", "c.json", "--debug=s3cret"],
            &["check", "--config", "s3cret", "--config", "s3cret"],
            &["read", "--config", "s3cret"],
            &["completions", "s3cret"],
            &["read", "--progress", "s3cret"],
            &["check", "--config"],
            &[],
        ] {
            let text = explained(arguments);
            assert!(!text.contains("s3cret"), "{text}");
            let helps = ["Usage: xero-source", "--config", "Possible values"];
            assert!(helps.iter().any(|help| text.contains(help)), "{text}");
        }
    }

    #[test]
    fn what_was_probably_meant_is_named() {
        for (arguments, meant) in [
            (&["chek"][..], "Did you mean check?"),
            (&["check", "--confg", "c.json"], "Did you mean --config?"),
            (&["completions", "bsh"], "Did you mean bash?"),
            (&["completions", "tcsh"], "Possible values: bash, "),
        ] {
            let text = explained(arguments);
            assert!(text.contains(meant), "{text}");
        }
    }

    #[test]
    fn the_flag_of_a_wrong_number_is_named_with_its_range() {
        for (arguments, words) in [
            (
                &["login", "--port", "99999"][..],
                "The value of --port <PORT> must be from 1 to 65535.",
            ),
            (
                &["login", "--timeout", "0"],
                "The value of --timeout <SECONDS> must be at least 1.",
            ),
            (
                &["token", "--min-life", "30m"],
                "The value of --min-life <TIME> must be from 1s to 29m.",
            ),
            (
                &["token", "--min-life", "20 s3cret"],
                "The value of --min-life <TIME> must be from 1s to 29m.",
            ),
            (
                &["login", "--port", "s3cret"],
                "The value of --port <PORT> is not valid.",
            ),
        ] {
            let text = explained(arguments);
            assert!(text.contains(words), "{text}");
            assert!(
                !text.contains("99999") && !text.contains("s3cret"),
                "{text}"
            );
        }
    }

    #[test]
    fn every_verb_of_the_protocol_is_known_by_its_name() {
        let config = ["--config", "c"];
        for verb in crate::cli::definition().get_subcommands() {
            let name = verb.get_name();
            let catalog = ["--catalog", "c"];
            let flags = match name {
                "spec" => &[][..],
                "check" | "discover" => &config,
                "read" => &[config, catalog].concat(),
                _ => {
                    assert!(!PROTOCOL_VERBS.contains(&name), "{name}");
                    continue;
                }
            };
            let line = [&["xero-source", name], flags].concat();
            let cli = Cli::try_parse_from(line).expect("a complete command line");
            assert!(cli.verb.is_protocol() && PROTOCOL_VERBS.contains(&name));
        }
    }
}
