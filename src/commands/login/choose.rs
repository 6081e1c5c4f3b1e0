//! Chooses the organisations that a config reads.

use super::Organisation;
use crate::excerpt::{excerpt, listed};
use crate::failure::Failure;
use crate::terminal::{Align, Input, Table, say};

/// The choice of every organisation of the token, also of later ones.
const ALL: &str = "all";
/// Maximum number of organisations that a message names.
const MAX_NAMED: usize = 10;

/// The chosen organisations.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Choice {
    /// All, also those that join the consent later.
    All,
    /// Those with these indices.
    Some(Vec<usize>),
}

impl Choice {
    /// Returns the ids of the organisations. None for all, so that later ones are read too.
    pub(super) fn ids(&self, organisations: &[Organisation]) -> Vec<String> {
        match self {
            Choice::All => Vec::new(),
            Choice::Some(chosen) => {
                let chosen = chosen.iter().filter_map(|at| organisations.get(*at));
                chosen.map(|it| it.tenant.id.to_string()).collect()
            }
        }
    }
}

/// Lists the organisations with their numbers.
pub(super) fn table(organisations: &[Organisation]) -> Table {
    let mut table = Table::new(&[
        ("#", Align::Right),
        ("organisation", Align::Left),
        ("id", Align::Left),
        ("", Align::Left),
    ]);
    for (at, organisation) in organisations.iter().enumerate() {
        table.add([
            (at + 1).to_string(),
            organisation.tenant.label().to_owned(),
            organisation.tenant.id.to_string(),
            if organisation.is_new { "new" } else { "" }.to_owned(),
        ]);
    }
    table
}

/// Returns the choice without a question: the organisations of this consent, and those that the replaced
/// config read. If there are none, because the organisations were connected before, these are all.
pub(super) fn usual(organisations: &[Organisation]) -> Choice {
    let usual = indices(organisations, |it| it.is_new || it.was_chosen);
    match usual.is_empty() {
        true => Choice::Some((0..organisations.len()).collect()),
        false => Choice::Some(usual),
    }
}

/// Returns the organisations that `--tenant` names, or the usual ones without this flag.
pub(super) fn by_flags(
    organisations: &[Organisation],
    names: &[String],
) -> Result<Choice, Failure> {
    match names {
        [] => Ok(usual(organisations)),
        names => named(organisations, names),
    }
}

/// Returns the organisations that are called so, by id or by name.
fn named(organisations: &[Organisation], names: &[String]) -> Result<Choice, Failure> {
    let mut chosen = Vec::new();
    for name in names.iter().map(|name| name.trim()) {
        if name.eq_ignore_ascii_case(ALL) {
            return Ok(Choice::All);
        }
        let found = indices(organisations, |it| is_called(it, name));
        if found.is_empty() {
            let names = organisations.iter().map(|it| it.tenant.label().to_owned());
            return Err(Failure::config(format!(
                "The login opens no organisation called \"{}\". It opens: {}.",
                excerpt(name),
                listed(names, MAX_NAMED, organisations.len())
            )));
        }
        chosen.extend(found);
    }
    chosen.sort_unstable();
    chosen.dedup();
    Ok(Choice::Some(chosen))
}

fn is_called(organisation: &Organisation, name: &str) -> bool {
    let label = organisation.tenant.label().to_lowercase();
    organisation.tenant.id.eq_ignore_ascii_case(name) || label == name.to_lowercase()
}

fn indices(organisations: &[Organisation], fits: impl Fn(&Organisation) -> bool) -> Vec<usize> {
    let found = organisations.iter().enumerate().filter(|(_, it)| fits(it));
    found.map(|(at, _)| at).collect()
}

/// Asks which organisations the config reads, until the answer is clear.
pub(super) async fn ask(organisations: &[Organisation], input: &mut Input) -> Choice {
    let usual = usual(organisations);
    let numbers = match &usual {
        Choice::Some(chosen) if chosen.len() < organisations.len() => {
            let numbers = chosen.iter().map(|at| (at + 1).to_string());
            numbers.collect::<Vec<_>>().join(",")
        }
        _ => ALL.to_owned(),
    };
    loop {
        let answer = input
            .ask(format_args!(
                "Which organisations does this config read? Numbers, names, or all [{numbers}]: "
            ))
            .await;
        let answer = answer.unwrap_or_default();
        if answer.is_empty() {
            return if numbers == ALL { Choice::All } else { usual };
        }
        match typed(organisations, &answer) {
            Some(choice) => return choice,
            None => say(format_args!(
                "Type numbers from 1 to {} or names, separated by commas, or all.",
                organisations.len()
            )),
        }
    }
}

/// Reads numbers, ids and names, separated by commas. A name may contain commas and spaces, so the
/// longest part that is a name counts. Spaces separate the others as well.
fn typed(organisations: &[Organisation], answer: &str) -> Option<Choice> {
    if let Some(choice) = typed_one(organisations, answer) {
        return Some(choice);
    }
    let separator = [',', ' '].into_iter().find(|it| answer.contains(*it))?;
    let mut chosen = Vec::new();
    let parts = answer.split(separator).map(str::trim);
    for part in parts.filter(|part| !part.is_empty()) {
        match typed(organisations, part)? {
            Choice::All => return Some(Choice::All),
            Choice::Some(more) => chosen.extend(more),
        }
    }
    chosen.sort_unstable();
    chosen.dedup();
    (!chosen.is_empty()).then_some(Choice::Some(chosen))
}

/// Reads a number, an id, a name or [`ALL`].
fn typed_one(organisations: &[Organisation], text: &str) -> Option<Choice> {
    if text.eq_ignore_ascii_case(ALL) {
        return Some(Choice::All);
    }
    let number = text.parse().ok().and_then(|it: usize| it.checked_sub(1));
    if let Some(at) = number.filter(|at| *at < organisations.len()) {
        return Some(Choice::Some(vec![at]));
    }
    let named = indices(organisations, |it| is_called(it, text));
    (!named.is_empty()).then_some(Choice::Some(named))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::xero::tenants::{Tenant, TenantId};

    fn organisations(new: &[usize]) -> Vec<Organisation> {
        let names = ["Demo Company", "Ängström AB", "Harbour Cafe"];
        let organisation = |(at, name): (usize, &str)| Organisation {
            tenant: Tenant::new(TenantId::new(&format!("id-{at}")), Some(name.to_owned())),
            is_new: new.contains(&at),
            was_chosen: false,
        };
        names.into_iter().enumerate().map(organisation).collect()
    }

    #[test]
    fn numbers_and_names_are_read_and_anything_else_is_asked_again() {
        let some = |chosen: &[usize]| Some(Choice::Some(chosen.to_vec()));
        for (answer, expected) in [
            ("1", some(&[0])),
            ("3, 1,3", some(&[0, 2])),
            ("1 2", some(&[0, 1])),
            ("ALL", Some(Choice::All)),
            ("0", None),
            ("4", None),
            ("Demo", None),
            ("Demo Company", some(&[0])),
            ("harbour cafe, demo company", some(&[0, 2])),
            ("ID-1, 1", some(&[0, 1])),
            ("Demo Company, Nowhere", None),
            ("ängström ab, all", Some(Choice::All)),
            (",", None),
        ] {
            assert_eq!(typed(&organisations(&[]), answer), expected, "{answer}");
        }
    }

    #[test]
    fn organisations_are_named_by_id_or_name_in_any_case() {
        for (names, expected) in [
            (&["demo company"][..], Ok(Choice::Some(vec![0]))),
            (&["ÄNGSTRÖM AB", "ID-0"], Ok(Choice::Some(vec![0, 1]))),
            (&["id-1", "all"], Ok(Choice::All)),
            (
                &["Demo"],
                Err("The login opens no organisation called \"Demo\". It opens: Demo Company, Ängström AB, Harbour Cafe.".to_owned()),
            ),
        ] {
            let names: Vec<_> = names.iter().map(|name| (*name).to_owned()).collect();
            let choice = named(&organisations(&[]), &names).map_err(|it| it.to_string());
            assert_eq!(choice, expected, "{names:?}");
        }
    }

    #[test]
    fn without_an_answer_the_new_organisations_are_added_to_those_of_the_old_config() {
        for (new, old, expected) in [
            (&[1][..], None, vec![1]),
            (&[1], Some(2), vec![1, 2]),
            (&[], Some(2), vec![2]),
            (&[], None, vec![0, 1, 2]),
        ] {
            let mut organisations = organisations(new);
            if let Some(old) = old {
                organisations[old].was_chosen = true;
            }
            assert_eq!(usual(&organisations), Choice::Some(expected));
        }
    }
}
