//! The parameter `order`, such as `Date DESC, Contact.Name`.

use super::fields::{FieldId, Fields};

/// One field of the order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct SortKey {
    pub(crate) field: FieldId,
    pub(crate) descending: bool,
}

/// Reads an order. `Err` says what is wrong with it.
pub(super) fn read(order: &str, fields: &mut Fields) -> Result<Vec<SortKey>, String> {
    let key = |part: &str| {
        let mut words = part.split_ascii_whitespace();
        let field = words.next().ok_or("Identifier expected")?;
        let descending = match words.next().map(str::to_ascii_lowercase).as_deref() {
            None | Some("asc" | "ascending") => false,
            Some("desc" | "descending") => true,
            Some(other) => return Err(format!("Syntax error '{other}'")),
        };
        match words.next() {
            Some(other) => Err(format!("Syntax error '{other}'")),
            None => Ok(SortKey {
                field: fields.name(field)?,
                descending,
            }),
        }
    };
    order.split(',').map(key).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entity::Entity;

    #[test]
    fn an_order_is_fields_with_directions() {
        for (order, expected) in [
            ("UpdatedDateUTC", Some(&[("UpdatedDateUTC", false)][..])),
            ("UpdatedDateUTC ASC", Some(&[("UpdatedDateUTC", false)])),
            ("  date   desc ", Some(&[("Date", true)])),
            (
                "Contact.Name,Total DESCENDING , InvoiceID asc",
                Some(&[
                    ("Contact.Name", false),
                    ("Total", true),
                    ("InvoiceID", false),
                ]),
            ),
            ("", None),
            ("Sum ASC", None),
            ("Contact ASC", None),
            ("LineItems", None),
            ("Date UP", None),
            ("Date ASC DESC", None),
            ("Date ASC,", None),
            (",Date", None),
            ("ASC", None),
            ("Date;Total", None),
        ] {
            let mut fields = Fields::of(Entity::Invoices.endpoint());
            let read = read(order, &mut fields).ok();
            let named = read.map(|keys| {
                let name = |key: &SortKey| fields.named()[key.field].path.join(".");
                let named: Vec<_> = keys.iter().map(|key| (name(key), key.descending)).collect();
                named
            });
            let expected = expected.map(|keys| {
                let owned = |key: &(&str, bool)| (key.0.to_owned(), key.1);
                keys.iter().map(owned).collect::<Vec<_>>()
            });
            assert_eq!(named, expected, "{order:?}");
        }
    }
}
