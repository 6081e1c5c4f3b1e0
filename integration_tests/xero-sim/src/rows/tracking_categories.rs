//! Tracking categories, their options, and how lines name them.

use fastrand::Rng;

use super::draw::{self, Aspect, Versioned};
use super::{Row, View};
use crate::entity::Entity;
use crate::json::Json;

/// Names of categories and of their options.
const CATEGORIES: &[(&str, &[&str])] = &[
    (
        "Region",
        &["North", "South", "Eastside", "Te Tai Tokerau", "東"],
    ),
    (
        "Project",
        &["Website/Shop", "Rebrand \"2.0\"", "Ōtara", "🚀 Launch"],
    ),
    ("Salesperson", &["Homer", "Aroha", "IronMan"]),
];

/// An option of a category, as a line names it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Choice {
    category: u128,
    /// The category's number and version, which decide its name.
    number: u64,
    version: u32,
    option: usize,
}

impl Choice {
    fn of(category: &Row, draw: usize) -> Self {
        Self {
            category: category.id,
            number: category.number,
            version: category.version,
            option: draw % names(category.number).1.len(),
        }
    }

    /// The option's id.
    pub(super) fn id(&self) -> u128 {
        option_id(self.category, self.option)
    }

    /// The names of the category and of the option.
    fn names(&self) -> (Versioned<&'static str>, &'static str) {
        let (name, options) = names(self.number);
        (Versioned(name, self.version), options[self.option])
    }
}

/// The options of a category: ids and names, in its order.
pub(super) fn options(category: &Row) -> Vec<(u128, &'static str)> {
    let options = names(category.number).1.iter().enumerate();
    options
        .map(|(at, name)| (option_id(category.id, at), *name))
        .collect()
}

fn names(category: u64) -> &'static (&'static str, &'static [&'static str]) {
    &CATEGORIES[(category as usize).saturating_sub(1) % CATEGORIES.len()]
}

fn option_id(category: u128, option: usize) -> u128 {
    draw::child_id(category, option as u64)
}

/// What a line is tracked under: nothing, or an option of one active category or of both.
pub(super) fn any(view: View<'_>, rng: &mut Rng) -> impl Iterator<Item = Choice> + use<> {
    // Two bits choose the categories, so that no line is tracked twice under one.
    let chosen = [0, 0, 1, 1, 2, 3][rng.usize(..6)];
    let draw = rng.usize(..);
    let of = |at: usize| {
        let category = draw::at(view.books, Entity::TrackingCategories, at)?;
        Some(Choice::of(&category, draw))
    };
    let choices = [0, 1].map(|at| (chosen >> at & 1 == 1).then(|| of(at)).flatten());
    choices.into_iter().flatten()
}

/// Writes what a line is tracked under.
pub(super) fn write<'a>(key: &str, choices: impl Iterator<Item = &'a Choice>, out: &mut Json) {
    out.key(key).open_array();
    for choice in choices {
        out.open_object();
        write_choice(choice, out);
        out.close_object();
    }
    out.close_array();
}

fn write_choice(choice: &Choice, out: &mut Json) {
    let (name, option) = choice.names();
    out.key("Name").display(name);
    out.key("Option").string(option);
    out.key("TrackingCategoryID").guid(choice.category);
    out.key("TrackingOptionID").guid(choice.id());
}

/// Writes the categories that a contact's documents start with.
pub(super) fn write_defaults(key: &str, choices: impl Iterator<Item = Choice>, out: &mut Json) {
    out.key(key).open_array();
    for choice in choices {
        let (name, option) = choice.names();
        out.open_object();
        out.key("TrackingCategoryName").display(name);
        out.key("TrackingOptionName").string(option);
        out.close_object();
    }
    out.close_array();
}

pub(super) fn render(row: &Row, _: View<'_>, out: &mut Json) {
    let (name, options) = names(row.number);
    let mut rng = draw::rng_of(row, Aspect::Head);
    out.key("Name").display(Versioned(name, row.version));
    out.key("Status").string(row.status);
    out.key("TrackingCategoryID").guid(row.id);
    out.key("Options").open_array();
    for (at, option) in options.iter().enumerate() {
        let archived = row.status == "ARCHIVED" || draw::one_in(&mut rng, 6);
        out.open_object();
        out.key("TrackingOptionID").guid(option_id(row.id, at));
        out.key("Name").string(option);
        out.key("Status")
            .string(if archived { "ARCHIVED" } else { "ACTIVE" });
        out.key("HasValidationErrors").bool(false);
        out.key("IsDeleted").bool(false);
        out.key("IsArchived").bool(archived);
        out.key("IsActive").bool(!archived);
        out.close_object();
    }
    out.close_array();
}
