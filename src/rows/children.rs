//! Cuts the rows of derived streams out of the finished row of their parent:
//! the line items of an invoice, the tracking of a line item. Nothing is read
//! into values; what is found are parts of the row's own bytes, whose dates and
//! numbers are rewritten already.

use std::borrow::Cow;
use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer as _, MapAccess, Visitor};
use serde_json::value::RawValue;

use crate::rows::lines::Lines;
use crate::streams::{ChildSpec, LINE_POSITION, POSITION, TENANT};

/// The members of a JSON object in their order, the values as they stand there.
struct Object<'r>(Vec<(Cow<'r, str>, &'r str)>);

/// A key, copied only if it has escapes.
#[derive(Deserialize)]
struct Key<'r>(#[serde(borrow)] Cow<'r, str>);

impl<'r> Object<'r> {
    fn parse(json: &'r str) -> serde_json::Result<Object<'r>> {
        serde_json::Deserializer::from_str(json).deserialize_map(Members)
    }

    fn get(&self, key: &str) -> Option<&'r str> {
        let member = self.0.iter().find(|(name, _)| name == key);
        member.map(|(_, value)| *value)
    }

    /// The elements of an array; none where the object has something else there.
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

/// What a derived row carries besides its own members.
type Inherited<'r> = Vec<(&'static str, Cow<'r, str>)>;

/// A finished row of a parent, to be cut by each of its derived streams.
pub(crate) struct ParentRow<'r>(Object<'r>);

impl<'r> ParentRow<'r> {
    /// Reads the data of a RECORD.
    pub(crate) fn parse(data: &'r [u8]) -> serde_json::Result<ParentRow<'r>> {
        let text = std::str::from_utf8(data).map_err(serde::de::Error::custom)?;
        Object::parse(text).map(ParentRow)
    }

    /// Writes the rows that `cut` finds. `key` is what their first field is
    /// called, which holds the parent's own key.
    /// Stops once `out` has more than `most` bytes: each row repeats what it carries, so that a
    /// small parent may become very many bytes.
    pub(crate) fn cut(
        &self,
        cut: &ChildSpec,
        key: &'static str,
        out: &mut Lines,
        most: usize,
    ) -> serde_json::Result<()> {
        let mut inherited: Inherited<'r> = Vec::with_capacity(cut.inherited.len() + 4);
        let mut carry = |column, value: Option<&'r str>| {
            inherited.extend(value.map(|value| (column, Cow::Borrowed(value))));
        };
        carry(key, self.0.get(cut.parent.id()));
        for (field, column) in cut.inherited {
            carry(column, self.0.get(field));
        }
        let Some((first, rest)) = cut.arrays.split_first() else {
            return Ok(());
        };
        for (position, element) in objects(self.0.array(first)?) {
            if out.len() > most {
                break;
            }
            let element = Object::parse(element)?;
            let Some(second) = rest.first() else {
                write(&inherited, position, &element, out);
                continue;
            };
            let before = inherited.len();
            for field in cut.inherited_from_line {
                inherited.extend(
                    element
                        .get(field)
                        .map(|value| (*field, Cow::Borrowed(value))),
                );
            }
            inherited.push((LINE_POSITION, Cow::Owned(position.to_string())));
            for (position, element) in objects(element.array(second)?) {
                if out.len() > most {
                    break;
                }
                write(&inherited, position, &Object::parse(element)?, out);
            }
            inherited.truncate(before);
        }
        Ok(())
    }
}

/// The objects among the elements of an array, each with its place.
fn objects(elements: Vec<&RawValue>) -> impl Iterator<Item = (usize, &str)> {
    let elements = elements.into_iter().map(RawValue::get).enumerate();
    elements.filter(|(_, json)| json.starts_with('{'))
}

fn write(inherited: &Inherited<'_>, position: usize, element: &Object<'_>, out: &mut Lines) {
    out.line(|out| {
        let mut member = |name: &str, value: &str| {
            out.push(b',');
            // A name in the table or in Xero's answer: writing it into memory cannot fail.
            let _ = serde_json::to_writer(&mut *out, name);
            out.push(b':');
            out.extend_from_slice(value.as_bytes());
        };
        for (column, value) in inherited {
            member(column, value);
        }
        member(POSITION, &position.to_string());
        // A field of the same name would be in the row twice.
        let is_ours = |name: &str| {
            [TENANT, POSITION].contains(&name)
                || inherited.iter().any(|(column, _)| *column == name)
        };
        for (name, value) in element.0.iter().filter(|(name, _)| !is_ours(name)) {
            member(name, value);
        }
    });
}
