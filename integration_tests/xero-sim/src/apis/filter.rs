//! The filter `where`, over the rows of a list as an answer shows them.

use serde_json::Value as Json;

use super::sort::epoch;
use crate::guid::Guid;
use crate::query::{
    Expression, Field, FieldId, Fields, Kind, RowValues, Type, Value, read_condition,
};

/// A condition that rows fulfil.
pub(crate) struct Filter {
    fields: Vec<Field>,
    condition: Expression,
}

impl Filter {
    /// Reads a filter of rows of a type. `Err` says what is wrong with it.
    pub(crate) fn read(text: &str, of: &'static Type) -> Result<Self, String> {
        let mut fields = Fields::of_documents(of);
        let condition = read_condition(text, &mut fields)?;
        Ok(Self {
            fields: fields.named().to_vec(),
            condition,
        })
    }

    /// Whether a row fulfils the condition.
    pub(crate) fn holds(&self, row: &Json) -> bool {
        let fields = &self.fields;
        self.condition.holds(&Values { row, fields })
    }
}

/// The values of one row.
struct Values<'a> {
    row: &'a Json,
    fields: &'a [Field],
}

impl RowValues for Values<'_> {
    fn value(&self, field: FieldId) -> Value {
        let Field { path, kind, .. } = &self.fields[field];
        let value = path.iter().fold(self.row, |value, name| &value[*name]);
        let read = match (kind, value) {
            (Kind::Flag, Json::Bool(flag)) => Some(Value::Flag(*flag)),
            (Kind::Number, Json::Number(number)) => number.as_f64().map(Value::Number),
            (Kind::Text, Json::String(text)) => Some(Value::text(text.as_str())),
            (Kind::Guid, Json::String(text)) => Guid::parse(text).map(|guid| Value::Guid(guid.0)),
            (Kind::Date, Json::String(text)) => epoch(text).map(Value::Date),
            _ => None,
        };
        read.unwrap_or(Value::Null)
    }
}
