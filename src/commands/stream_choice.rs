//! Finds the streams that `--streams` and `--all` name.

use crate::cli::StreamChoice;
use crate::excerpt::excerpt;
use crate::failure::Failure;
use crate::streams::{self, Stream};
use crate::sync::country;
use crate::sync::session::Session;

/// Maximum number of letters in which a misspelt name differs from the name that a message suggests.
const MAX_DISTANCE: usize = 3;

/// Returns the chosen streams, each once, in the order of the flag. `None` if neither flag is given.
pub(super) fn chosen(choice: &StreamChoice) -> Result<Option<Vec<&'static Stream>>, Failure> {
    if choice.all {
        let is_chosen = |stream: &&Stream| choice.payroll || !stream.is_personal();
        return Ok(Some(streams::all().filter(is_chosen).collect()));
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

/// The choice of streams of a sync.
#[derive(Debug)]
pub(super) enum SyncChoice {
    /// These streams, whether the token can read them or not.
    Named(Vec<&'static Stream>),
    /// The streams that the token can read.
    Readable {
        /// Also those that cost a call per document or contact, and those of one country.
        is_all: bool,
        /// Also those with personal data of employees.
        with_payroll: bool,
    },
}

/// Returns the choice of a sync, which reads what the token can read if it is not told otherwise.
pub(super) fn streams_to_sync(choice: &StreamChoice) -> Result<SyncChoice, Failure> {
    let is_all = choice.all;
    let named = match is_all {
        true => None,
        false => chosen(choice)?,
    };
    Ok(named.map_or(
        SyncChoice::Readable {
            is_all,
            with_payroll: choice.payroll,
        },
        SyncChoice::Named,
    ))
}

impl SyncChoice {
    /// Returns the streams that the organisations and a token with these scopes have, and a sentence about the
    /// streams that are left out unless they are named.
    pub(super) async fn of_session(
        self,
        session: &Session,
        scopes: Option<&[String]>,
    ) -> (Vec<&'static Stream>, Option<String>) {
        let (is_all, with_payroll) = match self {
            SyncChoice::Named(streams) => return (streams, None),
            SyncChoice::Readable {
                is_all,
                with_payroll,
            } => (is_all, with_payroll),
        };
        let countries = match with_payroll {
            true => country::of_organisations(session).await,
            false => None,
        };
        let can_read =
            |stream: &&Stream| scopes.is_none_or(|granted| stream.readable_with(granted));
        let (readable, closed): (Vec<_>, Vec<_>) = streams::all().partition(can_read);
        let is_special = |stream: &&Stream| {
            stream.is_costly() || stream.is_of_one_country() || stream.is_of_counts()
        };
        let (personal, readable): (Vec<_>, Vec<_>) =
            (readable.into_iter()).partition(|stream| stream.is_personal() && !with_payroll);
        let (special, streams): (Vec<_>, Vec<_>) =
            (readable.into_iter()).partition(|stream| is_special(stream) && !is_all);
        let is_elsewhere = |stream: &&Stream| {
            let country = stream.endpoint().api.country;
            let known = countries.as_ref().zip(country);
            known.is_some_and(|(all, country)| !all.contains(country))
        };
        let (elsewhere, streams): (Vec<_>, Vec<_>) = streams.into_iter().partition(is_elsewhere);
        let name = |stream: &'static Stream| stream.name;
        let country = |stream: &'static Stream| stream.endpoint().api.country.unwrap_or_default();
        let why_special = "cost a call per document, contact or counted list, or exist in one country only (--all reads them)";
        let why_elsewhere = "are for a country in which none of the organisations is";
        let why_personal = "hold personal data of employees (--all --payroll reads them)";
        let why_closed = "need a scope that the token lacks (xero-source streams names it)";
        let sentence = format!(
            "{} streams are read. Not read: {}; {}; {}; {}",
            streams.len(),
            left_out(&special, why_special, name),
            left_out(&elsewhere, why_elsewhere, country),
            left_out(&personal, why_personal, name),
            left_out(&closed, why_closed, name),
        );
        (streams, Some(sentence))
    }
}

/// Says why streams are not read. `name` names a stream, or what it has in common with its neighbours.
fn left_out(
    streams: &[&'static Stream],
    why: &str,
    name: impl Fn(&'static Stream) -> &'static str,
) -> String {
    let mut names: Vec<_> = streams.iter().map(|stream| name(stream)).collect();
    names.dedup();
    match streams.len() {
        0 => format!("none that {why}"),
        count => format!("{count} that {why}: {}", names.join(", ")),
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
            payroll: false,
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
