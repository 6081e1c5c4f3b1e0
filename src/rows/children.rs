//! Extracts the rows of child streams, such as the line items of an invoice or their tracking, from
//! a rewritten row of the parent.
//!
//! The extraction borrows slices of the parent row and builds no JSON values. Dates and numbers
//! in these slices are already rewritten.

use std::borrow::Cow;
use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer as _, MapAccess, Visitor};
use serde_json::value::RawValue;

use crate::rows::record_lines::RecordLines;
use crate::streams::{ChildSpec, LINE_POSITION, POSITION, TENANT};

/// The members of a JSON object in their order, with each value as raw JSON.
struct Object<'r>(Vec<(Cow<'r, str>, &'r str)>);

/// An object key. It is copied only if it has escapes.
#[derive(Deserialize)]
struct Key<'r>(#[serde(borrow)] Cow<'r, str>);

impl<'r> Object<'r> {
    fn parse(json: &'r str) -> serde_json::Result<Object<'r>> {
        serde_json::Deserializer::from_str(json).deserialize_map(Members)
    }

    /// Returns the value of a key. Of several values the last one counts, as in most parsers.
    fn get(&self, key: &str) -> Option<&'r str> {
        let member = self.0.iter().rfind(|(name, _)| name == key);
        member.map(|(_, value)| *value)
    }

    /// Returns the elements of an array, or no elements if the value is not an array.
    fn array(&self, key: &str) -> serde_json::Result<Vec<&'r RawValue>> {
        match self.get(key).filter(|value| value.starts_with('[')) {
            Some(array) => serde_json::from_str(array),
            None => Ok(Vec::new()),
        }
    }
}

struct Members;

impl<'r> Visitor<'r> for Members {
    type Value = Object<'r>;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("an object")
    }

    fn visit_map<A: MapAccess<'r>>(self, mut map: A) -> Result<Object<'r>, A::Error> {
        let mut members = Vec::new();
        while let Some(Key(key)) = map.next_key()? {
            members.push((key, map.next_value::<&RawValue>()?.get()));
        }
        Ok(Object(members))
    }
}

/// The members that a child row inherits: name and raw value.
type Inherited<'r> = Vec<(&'static str, Cow<'r, str>)>;

/// A rewritten row of a parent, from which each child stream extracts its rows.
pub(crate) struct ParentRow<'r>(Object<'r>);

impl<'r> ParentRow<'r> {
    /// Parses the `data` of a RECORD.
    pub(crate) fn parse(data: &'r [u8]) -> serde_json::Result<ParentRow<'r>> {
        let text = std::str::from_utf8(data).map_err(serde::de::Error::custom)?;
        Object::parse(text).map(ParentRow)
    }

    /// Appends the child rows that `spec` describes to `out`. The field `key` of each row holds the
    /// parent's id.
    ///
    /// Stops when `out` has more than `max_bytes`: each row repeats the inherited members, so a
    /// small parent may become many bytes.
    pub(crate) fn extract(
        &self,
        spec: &ChildSpec,
        key: &'static str,
        out: &mut RecordLines,
        max_bytes: usize,
    ) -> serde_json::Result<()> {
        let mut inherited: Inherited<'r> = Vec::with_capacity(spec.inherited.len() + 4);
        let mut inherit = |column, value: Option<&'r str>| {
            inherited.extend(value.map(|value| (column, Cow::Borrowed(value))));
        };
        inherit(key, self.0.get(spec.parent.id()));
        for (field, column) in spec.inherited {
            inherit(column, self.0.get(field));
        }
        let Some((first, rest)) = spec.arrays.split_first() else {
            return Ok(());
        };
        for (position, element) in objects(self.0.array(first)?) {
            if out.len() > max_bytes {
                break;
            }
            let element = Object::parse(element)?;
            let Some(second) = rest.first() else {
                write(&inherited, position, &element, out);
                continue;
            };
            let before = inherited.len();
            for field in spec.inherited_from_line {
                inherited.extend(
                    element
                        .get(field)
                        .map(|value| (*field, Cow::Borrowed(value))),
                );
            }
            inherited.push((LINE_POSITION, Cow::Owned(position.to_string())));
            for (position, element) in objects(element.array(second)?) {
                if out.len() > max_bytes {
                    break;
                }
                write(&inherited, position, &Object::parse(element)?, out);
            }
            inherited.truncate(before);
        }
        Ok(())
    }
}

/// Returns the objects among the elements of an array, each with its index.
fn objects(elements: Vec<&RawValue>) -> impl Iterator<Item = (usize, &str)> {
    let elements = elements.into_iter().map(RawValue::get).enumerate();
    elements.filter(|(_, json)| json.starts_with('{'))
}

/// Appends one child row: the inherited members, its position, then its own members.
fn write(inherited: &Inherited<'_>, position: usize, element: &Object<'_>, out: &mut RecordLines) {
    out.line(|out| {
        let mut member = |name: &str, value: &str| {
            out.push(b',');
            // Serializing a string into a vector cannot fail.
            let _ = serde_json::to_writer(&mut *out, name);
            out.push(b':');
            out.extend_from_slice(value.as_bytes());
        };
        for (column, value) in inherited {
            member(column, value);
        }
        member(POSITION, &position.to_string());
        // Drops members whose name is taken, because names in a JSON object must be unique.
        let is_ours = |name: &str| {
            [TENANT, POSITION].contains(&name)
                || inherited.iter().any(|(column, _)| *column == name)
        };
        for (name, value) in element.0.iter().filter(|(name, _)| !is_ours(name)) {
            member(name, value);
        }
    });
}
