//! Finds the streams that `--streams` and `--all` name.

use crate::cli::StreamChoice;
use crate::excerpt::excerpt;
use crate::failure::Failure;
use crate::streams::{self, Stream};

/// Maximum number of letters in which a misspelt name differs from the name that a message suggests.
const MAX_DISTANCE: usize = 3;

/// Returns the chosen streams, each once, in the order of the flag. `None` if neither flag is given.
pub(super) fn chosen(choice: &StreamChoice) -> Result<Option<Vec<&'static Stream>>, Failure> {
    if choice.all {
        return Ok(Some(streams::all().collect()));
    }
    if choice.streams.is_empty() {
        return Ok(None);
    }
    let mut chosen: Vec<&'static Stream> = Vec::new();
    let mut unknown = Vec::new();
    for name in choice.streams.iter().map(|name| name.trim()) {
        match streams::find(name) {
            Some(stream) if chosen.iter().any(|known| known.name == stream.name) => {}
            Some(stream) => chosen.push(stream),
            None => unknown.push(unknown_name(name)),
        }
    }
    match unknown.is_empty() {
        true => Ok(Some(chosen)),
        false => Err(Failure::config(format!(
            "{} `xero-source streams` lists the names.",
            unknown.join(" ")
        ))),
    }
}

fn unknown_name(name: &str) -> String {
    let nearest = streams::all()
        .map(|stream| (strsim::osa_distance(name, stream.name), stream.name))
        .min();
    let suggestion = match nearest {
        Some((distance, near)) if distance <= MAX_DISTANCE => format!(" Did you mean {near}?"),
        _ => String::new(),
    };
    format!(
        "There is no stream called \"{}\".{suggestion}",
        excerpt(name)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(names: &[&str]) -> Result<Option<Vec<&'static str>>, String> {
        let choice = StreamChoice {
            streams: names.iter().map(|name| (*name).to_owned()).collect(),
            all: false,
        };
        let names = |streams: Vec<&'static Stream>| streams.iter().map(|it| it.name).collect();
        let chosen = chosen(&choice).map(|chosen| chosen.map(names));
        chosen.map_err(|failure| failure.to_string())
    }

    #[test]
    fn names_are_found_once_and_misspelt_names_bring_a_suggestion() {
        assert_eq!(of(&[]), Ok(None));
        assert_eq!(
            of(&["payments", " invoices", "payments"]),
            Ok(Some(vec!["payments", "invoices"]))
        );
        let error = of(&["invoces", "payments", "balance"]).expect_err("two names are wrong");
        assert_eq!(
            error,
            "There is no stream called \"invoces\". Did you mean invoices? There is no stream called \"balance\". `xero-source streams` lists the names."
        );
    }
}
