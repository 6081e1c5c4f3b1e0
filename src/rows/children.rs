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

use crate::json::Misread;
use crate::rows::record_lines::RecordLines;
use crate::streams::{ChildSpec, FIELD, Family, LINE_POSITION, POSITION, Source, Stream, TENANT};
use crate::xero::fault::ParseError;

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

    /// Returns the elements of an array, or no elements if the value is not an array. `path` is the key
    /// of the array, or the key of an object and the key of the array in it.
    fn array(&self, path: &str) -> serde_json::Result<Vec<&'r RawValue>> {
        let Some((object, key)) = path.split_once('.') else {
            return self.own_array(path);
        };
        match self.get(object).filter(|value| value.starts_with('{')) {
            Some(object) => Object::parse(object)?.own_array(key),
            None => Ok(Vec::new()),
        }
    }

    fn own_array(&self, key: &str) -> serde_json::Result<Vec<&'r RawValue>> {
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
    /// parent's id, if the parent has one besides the tenant id.
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
        // A list of one row has no id. The tenant id is in each line already.
        if spec.parent.id() != TENANT {
            inherit(key, self.0.get(spec.parent.id()));
        }
        for (field, column) in spec.inherited {
            inherit(column, self.0.get(field));
        }
        let Some((first, rest)) = spec.arrays.split_first() else {
            return self.extract_objects(spec, &inherited, out, max_bytes);
        };
        for (position, element) in objects(self.0.array(first)?) {
            if out.len() > max_bytes {
                break;
            }
            let element = Object::parse(element)?;
            let Some(second) = rest.first() else {
                write(&inherited, Some(position), &element, out);
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
                write(&inherited, Some(position), &Object::parse(element)?, out);
            }
            inherited.truncate(before);
        }
        Ok(())
    }

    /// Appends a row for each field that holds an object.
    fn extract_objects(
        &self,
        spec: &ChildSpec,
        inherited: &Inherited<'_>,
        out: &mut RecordLines,
        max_bytes: usize,
    ) -> serde_json::Result<()> {
        for field in spec.objects {
            let object = self.0.get(field).filter(|value| value.starts_with('{'));
            let Some(object) = object.filter(|_| out.len() <= max_bytes) else {
                continue;
            };
            let named = (FIELD, Cow::Owned(format!("\"{field}\"")));
            let inherited: Inherited<'_> = inherited.iter().cloned().chain([named]).collect();
            write(&inherited, None, &Object::parse(object)?, out);
        }
        Ok(())
    }
}

/// The lines of the selected child streams of a family.
#[derive(Debug)]
pub(crate) struct ChildLines {
    parent: &'static str,
    /// Each child stream, the field for its parent's id, and its lines.
    children: Vec<(&'static ChildSpec, &'static str, RecordLines)>,
}

impl ChildLines {
    /// Creates empty lines for each child stream of a family.
    pub(crate) fn of(family: &Family, tenant: &str) -> ChildLines {
        let members = family.members.iter();
        let children = members.filter_map(|member| match &member.source {
            Source::Child(spec) => {
                let lines = RecordLines::new(member.name, tenant, 0);
                Some((spec, member.parent_field(), lines))
            }
            _ => None,
        });
        ChildLines {
            parent: family.parent.name,
            children: children.collect(),
        }
    }

    /// Returns the total bytes of the lines.
    pub(crate) fn len(&self) -> usize {
        self.children.iter().map(|(_, _, lines)| lines.len()).sum()
    }

    /// Appends the child rows of a rewritten row of the parent. `used` is the number of bytes besides
    /// those of the child rows. Fails if all are more than `max_bytes`.
    pub(crate) fn extract(
        &mut self,
        data: &[u8],
        used: usize,
        max_bytes: usize,
    ) -> Result<(), ParseError> {
        if self.children.is_empty() {
            return Ok(());
        }
        let parent = self.parent;
        let unreadable = |error| {
            let misread = Misread::from(&error);
            format!("a row of {parent} cannot be split into child rows ({misread})")
        };
        let row = ParentRow::parse(data).map_err(unreadable)?;
        let mut used = used + self.len();
        for (spec, key, lines) in &mut self.children {
            let before = lines.len();
            let room = before + max_bytes.saturating_sub(used);
            row.extract(spec, key, lines, room).map_err(unreadable)?;
            used += lines.len() - before;
            if used > max_bytes {
                return Err(ParseError::TooLarge); // the extraction stopped early
            }
            lines.end_row();
        }
        Ok(())
    }

    /// Returns the lines of each member of the family, in the order of `members`. `own` are those of the
    /// member that is no child stream.
    pub(crate) fn of_members(self, family: &Family, own: RecordLines) -> Vec<RecordLines> {
        let mut children = self.children.into_iter().map(|(_, _, lines)| lines);
        let mut own = Some(own);
        let lines_of = |member: &&'static Stream| match member.source {
            Source::Child(_) => children.next(),
            _ => own.take(),
        };
        family.members.iter().filter_map(lines_of).collect()
    }
}

/// Returns the objects among the elements of an array, each with its index.
fn objects(elements: Vec<&RawValue>) -> impl Iterator<Item = (usize, &str)> {
    let elements = elements.into_iter().map(RawValue::get).enumerate();
    elements.filter(|(_, json)| json.starts_with('{'))
}

/// Appends one child row: the inherited members, its position if it is in an array, then its own
/// members.
fn write(
    inherited: &Inherited<'_>,
    position: Option<usize>,
    element: &Object<'_>,
    out: &mut RecordLines,
) {
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
        if let Some(position) = position {
            member(POSITION, &position.to_string());
        }
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
