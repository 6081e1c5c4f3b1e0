//! The order of a list.

use std::borrow::Cow;
use std::cmp::Ordering;

use super::row_values::Reader;
use crate::entity::{Endpoint, Entity};
use crate::query::{Query, RowValues, SortKey, Source, Value};
use crate::table::{Table, place};

/// Sorts the positions of a table's rows, which are in listed order. Rows that the order leaves equal
/// follow each other by their ids.
pub(super) fn sort(
    matches: &mut Cow<'_, [u32]>,
    table: &Table,
    reader: &Reader<'_>,
    order: &[SortKey],
) {
    let source = |key: &SortKey| reader.fields[key.field].source;
    let id = |at: u32| place(table.rows()[at as usize].id);
    match order {
        [] => {}
        [key] if source(key) == Source::Updated => {
            if key.descending {
                matches.to_mut().reverse();
            }
        }
        [key] if source(key) == Source::Id => {
            matches.to_mut().sort_unstable_by_key(|at| id(*at));
            if key.descending {
                matches.to_mut().reverse();
            }
        }
        keys => {
            let key = |at: &u32| {
                let values = reader.of(&table.rows()[*at as usize]);
                let values = keys.iter().map(|key| values.value(key.field));
                (values.collect::<Vec<_>>(), id(*at))
            };
            let compare = |one: &(Vec<Value>, u128), other: &(Vec<Value>, u128)| {
                compare(keys, &one.0, &other.0).then(one.1.cmp(&other.1))
            };
            let mut keyed: Vec<_> = matches.iter().map(|at| (key(at), *at)).collect();
            keyed.sort_unstable_by(|one, other| compare(&one.0, &other.0));
            *matches = Cow::Owned(keyed.into_iter().map(|(_, at)| at).collect());
        }
    }
}

fn compare(keys: &[SortKey], one: &[Value], other: &[Value]) -> Ordering {
    let pairs = keys.iter().zip(one.iter().zip(other));
    let orders = pairs.map(|(key, (one, other))| match key.descending {
        true => other.place(one),
        false => one.place(other),
    });
    orders.fold(Ordering::Equal, Ordering::then)
}

/// Whether Xero can sort a list of any length: its documentation names the fields.
pub(super) fn is_optimised(endpoint: &Endpoint, query: &Query) -> bool {
    query.order.iter().all(|key| {
        let field = &query.fields.named()[key.field];
        let by_name = endpoint.entity == Entity::Contacts && field.path == ["Name"];
        field.source != Source::Document || field.path == ["Date"] || by_name
    })
}
