//! The fields of a row that a query names.

use super::types::{Kind, Type};
use crate::entity::{Endpoint, Entity};

/// A field of [`Fields`].
pub(crate) type FieldId = usize;

/// Where the value of a field comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Source {
    // The table holds these, so that a query that names no other is as cheap as an index.
    Id,
    Updated,
    Created,
    Status,
    /// The row as an answer shows it.
    Document,
}

/// A field, such as `Contact.Name`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Field {
    /// The names from the outside in, as Xero writes them.
    pub(crate) path: Vec<&'static str>,
    pub(crate) kind: Kind,
    pub(crate) source: Source,
}

/// The fields that a query names, each once.
#[derive(Debug)]
pub(crate) struct Fields {
    /// The type of the rows, if a query can name fields.
    of: Option<&'static Type>,
    /// The name of the rows in messages.
    name: &'static str,
    /// The list, if it is one of the Accounting API.
    endpoint: Option<&'static Endpoint>,
    named: Vec<Field>,
}

impl Fields {
    /// No fields of a list of the Accounting API yet.
    pub(crate) fn of(endpoint: &'static Endpoint) -> Self {
        Self {
            of: Type::of(endpoint.entity),
            name: endpoint.key,
            endpoint: Some(endpoint),
            named: Vec::new(),
        }
    }

    /// No fields yet of rows of this type, which come from the document alone.
    pub(crate) const fn of_documents(of: &'static Type) -> Self {
        Self {
            of: Some(of),
            name: of.name,
            endpoint: None,
            named: Vec::new(),
        }
    }

    /// The fields in the order of their ids.
    pub(crate) fn named(&self) -> &[Field] {
        &self.named
    }

    /// Adds a field by its path. `Err` says why there is no such field.
    pub(crate) fn name(&mut self, path: &str) -> Result<FieldId, String> {
        let field = self.find(path)?;
        Ok(self.add(field))
    }

    /// The id of the row.
    pub(crate) fn id(&mut self) -> FieldId {
        self.add(Field {
            path: self.endpoint.iter().map(|it| it.id).collect(),
            kind: Kind::Guid,
            source: Source::Id,
        })
    }

    fn add(&mut self, field: Field) -> FieldId {
        if let Some(known) = self.named.iter().position(|known| *known == field) {
            return known;
        }
        self.named.push(field);
        self.named.len() - 1
    }

    fn find(&self, path: &str) -> Result<Field, String> {
        let missing =
            |name: &str, of: &str| format!("No property or field '{name}' exists in type '{of}'");
        let mut of = self.of.ok_or_else(|| missing(path, self.name))?;
        let mut names = Vec::new();
        let mut rest = path;
        while let Some((object, further)) = rest.split_once('.') {
            let found = of.object(object).ok_or_else(|| missing(object, of.name))?;
            names.push(found.0);
            (of, rest) = (found.1, further);
        }
        let (name, kind) = of.value(rest).ok_or_else(|| missing(rest, of.name))?;
        names.push(name);
        Ok(Field {
            source: self.source(&names, kind),
            path: names,
            kind,
        })
    }

    fn source(&self, path: &[&str], kind: Kind) -> Source {
        let Some(endpoint) = self.endpoint else {
            return Source::Document;
        };
        match *path {
            [name] if name == endpoint.id && kind == Kind::Guid => Source::Id,
            ["UpdatedDateUTC"] => Source::Updated,
            ["CreatedDateUTC"] if endpoint.entity == Entity::BankTransfers => Source::Created,
            ["Status"] => Source::Status,
            _ => Source::Document,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_is_found_by_its_path_in_any_case() {
        for (entity, path, expected) in [
            (
                Entity::Invoices,
                "invoiceid",
                Some((Kind::Guid, Source::Id)),
            ),
            (
                Entity::Invoices,
                "Total",
                Some((Kind::Number, Source::Document)),
            ),
            (
                Entity::Invoices,
                "UpdatedDateUTC",
                Some((Kind::Date, Source::Updated)),
            ),
            (
                Entity::Invoices,
                "contact.NAME",
                Some((Kind::Text, Source::Document)),
            ),
            (
                Entity::Payments,
                "Invoice.Contact.ContactID",
                Some((Kind::Guid, Source::Document)),
            ),
            (
                Entity::BankTransfers,
                "CreatedDateUTC",
                Some((Kind::Date, Source::Created)),
            ),
            (
                Entity::Items,
                "IsSold",
                Some((Kind::Flag, Source::Document)),
            ),
            (Entity::BankTransfers, "UpdatedDateUTC", None),
            (Entity::Contacts, "Status", None),
            (Entity::Invoices, "LineItems", None),
            (Entity::Invoices, "Contact", None),
            (Entity::Invoices, "Total.Name", None),
            (Entity::Invoices, "Contact.", None),
            (Entity::Invoices, "", None),
            (Entity::Journals, "JournalNumber", None),
        ] {
            let mut fields = Fields::of(entity.endpoint());
            let found = fields.name(path).ok();
            let found = found.map(|id| (fields.named()[id].kind, fields.named()[id].source));
            assert_eq!(found, expected, "{entity:?} {path}");
        }
    }

    #[test]
    fn a_field_is_named_once() {
        let mut fields = Fields::of(Entity::Invoices.endpoint());
        let ids = ["Total", "Date", "total"].map(|path| fields.name(path));
        assert_eq!(ids, [Ok(0), Ok(1), Ok(0)]);
        let message = "No property or field 'Sum' exists in type 'Invoice'";
        assert_eq!(fields.name("Sum"), Err(message.to_owned()));
    }
}
