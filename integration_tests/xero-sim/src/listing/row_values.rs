//! The values of a row that a query names. Those that the table does not hold are read from the row as
//! an answer shows it, so that a filter and an order agree with what the client sees.

use std::cell::OnceCell;
use std::fmt;

use chrono::NaiveDateTime;
use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};

use crate::clock::{MINUTE, Millis};
use crate::entity::Entity;
use crate::guid::Guid;
use crate::json::Json;
use crate::query::{Field, FieldId, Kind, RowValues, Source, Value};
use crate::rows::{self, Books, Detail, Options, Row};

/// How the rows of a table are read.
pub(super) struct Reader<'a> {
    pub(super) entity: Entity,
    pub(super) books: &'a dyn Books,
    pub(super) fields: &'a [Field],
}

/// The values of one row. The row is written on the first use of a field that needs it.
pub(super) struct Values<'a> {
    reader: &'a Reader<'a>,
    row: &'a Row,
    document: OnceCell<Vec<Value>>,
}

impl<'a> Reader<'a> {
    /// The values of a row.
    pub(super) fn of(&'a self, row: &'a Row) -> Values<'a> {
        Values {
            reader: self,
            row,
            document: OnceCell::new(),
        }
    }

    /// Writes a row and reads the values of its fields.
    fn document(&self, row: &Row) -> Vec<Value> {
        let mut out = Json::default();
        let options = Options {
            detail: detail(self.entity),
            unitdp: 4,
        };
        rows::render(self.entity, row, self.books, options, &mut out);
        read(&out.into_bytes(), self.fields)
    }
}

/// The shortest form that has all values of a row. The lines of the largest documents are left out.
const fn detail(entity: Entity) -> Detail {
    match entity {
        Entity::BankTransactions | Entity::Invoices | Entity::ManualJournals => Detail::Summary,
        _ => Detail::Paged,
    }
}

/// Reads the fields that come from the document, up to the last of them.
fn read(document: &[u8], fields: &[Field]) -> Vec<Value> {
    let mut values = vec![Value::Null; fields.len()];
    let wanted = |id: &FieldId| fields[*id].source == Source::Document;
    let wanted: Vec<FieldId> = (0..fields.len()).filter(wanted).collect();
    let mut missing = wanted.len();
    let object = Object {
        fields,
        depth: 0,
        within: &wanted,
        values: &mut values,
        missing: &mut missing,
    };
    let mut json = serde_json::Deserializer::from_slice(document);
    let read = object.deserialize(&mut json);
    assert!(read.is_ok() || missing == 0, "a row is JSON: {read:?}");
    values
}

impl RowValues for Values<'_> {
    fn value(&self, field: FieldId) -> Value {
        match self.reader.fields[field].source {
            Source::Id => Value::Guid(self.row.id),
            Source::Updated => Value::Date(self.row.updated),
            Source::Created => Value::Date(self.row.created),
            Source::Status => Value::Text(self.row.status.into()),
            Source::Document => {
                let document = || self.reader.document(self.row);
                self.document.get_or_init(document)[field].clone()
            }
        }
    }
}

/// Reads the wanted fields of an object and skips all others.
struct Object<'a> {
    fields: &'a [Field],
    /// How many objects are around this one.
    depth: usize,
    /// The fields that may lie within this object.
    within: &'a [FieldId],
    values: &'a mut [Value],
    /// How many fields are still to be found. Reading ends with an error after the last.
    missing: &'a mut usize,
}

impl<'de> DeserializeSeed<'de> for Object<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Object<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(name) = map.next_key::<String>()? {
            let at = |field: &&FieldId| self.fields[**field].path[self.depth] == name;
            let found: Vec<FieldId> = self.within.iter().filter(at).copied().collect();
            let ends = |field: &FieldId| self.fields[*field].path.len() == self.depth + 1;
            match found.as_slice() {
                [] => {
                    map.next_value::<IgnoredAny>()?;
                }
                // A type has no object and value of one name.
                [field] if ends(field) => {
                    self.values[*field] = map.next_value_seed(Scalar(self.fields[*field].kind))?;
                    *self.missing -= 1;
                    if *self.missing == 0 {
                        return Err(A::Error::custom("the rest is not needed"));
                    }
                }
                inner => map.next_value_seed(Object {
                    fields: self.fields,
                    depth: self.depth + 1,
                    within: inner,
                    values: &mut *self.values,
                    missing: &mut *self.missing,
                })?,
            }
        }
        Ok(())
    }

    // A document can have null in place of an object.
    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }
}

/// Reads a value as one of a kind. What is no such value counts as null.
struct Scalar(Kind);

impl<'de> DeserializeSeed<'de> for Scalar {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Scalar {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_bool<E: Error>(self, flag: bool) -> Result<Value, E> {
        Ok(Value::Flag(flag))
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<Value, E> {
        self.visit_f64(number as f64)
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<Value, E> {
        self.visit_f64(number as f64)
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<Value, E> {
        Ok(match self.0 {
            Kind::Text => Value::text(number.to_string()),
            _ => Value::Number(number),
        })
    }

    /// Some numbers and flags are texts in nested objects.
    fn visit_str<E: Error>(self, text: &str) -> Result<Value, E> {
        let value = match self.0 {
            Kind::Text => Some(Value::text(text)),
            Kind::Guid => Guid::parse(text).map(|guid| Value::Guid(guid.0)),
            Kind::Date => date(text).map(Value::Date),
            Kind::Number => text.parse().ok().map(Value::Number),
            Kind::Flag => text.parse().ok().map(Value::Flag),
        };
        Ok(value.unwrap_or(Value::Null))
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Value, A::Error> {
        while seq.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Value::Null)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Value::Null)
    }
}

/// Reads a date in one of Xero's formats. An offset belongs to the date: the day that it names is that
/// of the local calendar.
fn date(text: &str) -> Option<Millis> {
    if let Some(inner) = text.strip_prefix("/Date(") {
        let inner = inner.strip_suffix(")/")?;
        // The sign of the moment itself comes first.
        let offset = inner.rfind(['+', '-']).filter(|at| *at > 0);
        let (moment, offset) = inner.split_at(offset.unwrap_or(inner.len()));
        return Some(moment.parse::<Millis>().ok()? + offset_of(offset)?);
    }
    let plain = text.strip_suffix('Z').unwrap_or(text);
    let time = NaiveDateTime::parse_from_str(plain, "%Y-%m-%dT%H:%M:%S%.f").ok()?;
    Some(time.and_utc().timestamp_millis())
}

/// Reads an offset such as `+1300`.
fn offset_of(text: &str) -> Option<Millis> {
    if text.is_empty() {
        return Some(0);
    }
    let offset: Millis = text.parse().ok()?;
    Some((offset / 100 * 60 + offset % 100) * MINUTE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_read_in_all_formats() {
        let hour = 60 * MINUTE;
        for (text, expected) in [
            ("/Date(1539993600000+0000)/", Some(1_539_993_600_000)),
            ("/Date(1539993600000)/", Some(1_539_993_600_000)),
            ("/Date(-5)/", Some(-5)),
            ("/Date(-5+0000)/", Some(-5)),
            (
                "/Date(1426849200000+1300)/",
                Some(1_426_849_200_000 + 13 * hour),
            ),
            ("/Date(0-0330)/", Some(-3 * hour - hour / 2)),
            ("2015-09-09T22:13:28", Some(1_441_836_808_000)),
            ("2015-09-09T22:13:28.5Z", Some(1_441_836_808_500)),
            ("9 September 2015", None),
            ("/Date()/", None),
        ] {
            assert_eq!(date(text), expected, "{text}");
        }
    }

    #[test]
    fn an_objects_wanted_fields_are_read_as_their_kinds() {
        let field = |path: &[&'static str], kind| Field {
            path: path.to_vec(),
            kind,
            source: Source::Document,
        };
        let fields = [
            field(&["Code"], Kind::Text),
            field(&["Contact", "Name"], Kind::Text),
            field(&["Contact", "IsCustomer"], Kind::Flag),
            field(&["Amount"], Kind::Number),
            field(&["Missing"], Kind::Number),
            field(&["Account", "AccountID"], Kind::Guid),
        ];
        let text = br#"{"Lines": [{"Code": 1}], "Code": 200, "Contact": {"Inner": {"Name": "no"},
            "Name": "N\u0101 \"x\"", "IsCustomer": "true"}, "Amount": "12.50", "Account": null}"#;
        let values = read(text, &fields);
        let expected = [
            Value::text("200"),
            Value::text("Nā \"x\""),
            Value::Flag(true),
            Value::Number(12.5),
        ];
        assert_eq!(values[..4], expected);
        assert_eq!(values[4..], [Value::Null, Value::Null]);
    }

    #[test]
    fn reading_ends_after_the_last_field() {
        let field = |name, source| Field {
            path: vec![name],
            kind: Kind::Number,
            source,
        };
        let fields = [field("A", Source::Document), field("B", Source::Id)];
        assert_eq!(read(br#"{"A": 1, no JSON"#, &fields)[0], Value::Number(1.0));
    }

    /// The values of a row, without its arrays.
    fn scalars(row: &mut serde_json::Value) {
        if let Some(object) = row.as_object_mut() {
            object.retain(|_, value| !value.is_array());
            object.values_mut().for_each(scalars);
        }
    }

    #[test]
    fn the_short_form_has_all_values_of_a_row() {
        let mut world = crate::world::World::new(5);
        let demo = world.add_tenant("Demo", "NZD");
        for (entity, count) in crate::entity::history(&[], 40) {
            world.fill(&demo, entity, count);
        }
        let tenant = world.known(&demo);
        for endpoint in crate::entity::ENDPOINTS {
            for row in tenant.table(endpoint.entity).rows() {
                let [short, long] = [detail(endpoint.entity), Detail::Paged].map(|detail| {
                    let mut out = Json::default();
                    let options = Options { detail, unitdp: 4 };
                    rows::render(endpoint.entity, row, tenant.as_ref(), options, &mut out);
                    let text = out.into_bytes();
                    let mut row = serde_json::from_slice(&text).expect("a row is JSON");
                    scalars(&mut row);
                    row
                });
                assert_eq!(short, long, "{:?}", endpoint.entity);
            }
        }
    }
}
