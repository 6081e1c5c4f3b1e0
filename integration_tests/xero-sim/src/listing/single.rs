//! One document, by what its address names.

use super::Listing;
use super::row_values::Reader;
use crate::entity::{Endpoint, Entity};
use crate::guid::Guid;
use crate::query::{Fields, RowValues, Value};
use crate::rows::{Books, Detail, Options, Row};
use crate::tenant::Tenant;

/// What the address of a document names it by.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum DocumentAddress {
    Id(Guid),
    /// The position in its table, such as the number of a journal.
    Number(u64),
    /// The value of a field, such as an InvoiceNumber.
    Text(&'static str, String),
}

impl DocumentAddress {
    /// Reads the last part of an address, decoded. `None` if the endpoint has no documents of such a key.
    pub(crate) fn read(endpoint: &Endpoint, text: &str) -> Option<Self> {
        let has_id = endpoint.id.ends_with("ID");
        if let Some(id) = Guid::parse(text).filter(|_| has_id) {
            return Some(Self::Id(id));
        }
        let field = match endpoint.entity {
            Entity::Contacts => "ContactNumber",
            Entity::CreditNotes => "CreditNoteNumber",
            Entity::Invoices => "InvoiceNumber",
            Entity::Items => "Code",
            Entity::PurchaseOrders => "PurchaseOrderNumber",
            Entity::TaxRates => "TaxType",
            Entity::Journals => return text.parse().ok().map(Self::Number),
            _ => return None,
        };
        // Some credit notes have no number, which is no address.
        (!text.is_empty()).then(|| Self::Text(field, text.to_owned()))
    }
}

/// The rows behind the address of a document. Only tax rates can share their key.
pub(crate) fn single<'a>(
    endpoint: &'static Endpoint,
    key: &DocumentAddress,
    unitdp: u8,
    tenant: &'a Tenant,
) -> Option<Listing<'a>> {
    let all = tenant.rows(endpoint.entity);
    let rows: Vec<&Row> = match key {
        DocumentAddress::Id(id) => all.iter().find(|row| row.id == id.0).into_iter().collect(),
        DocumentAddress::Number(number) => {
            let at = all.binary_search_by_key(number, |row| row.number);
            at.ok().map(|at| &all[at]).into_iter().collect()
        }
        DocumentAddress::Text(name, text) => {
            let most = match endpoint.entity {
                Entity::TaxRates => all.len(),
                _ => 1,
            };
            let mut fields = Fields::of(endpoint);
            let field = fields.name(name).expect("rows have their key");
            let reader = Reader {
                entity: endpoint.entity,
                books: tenant,
                fields: fields.named(),
            };
            let wanted = Value::text(text.as_str());
            let is_wanted = |row: &&Row| reader.of(row).value(field) == wanted;
            all.iter().filter(is_wanted).take(most).collect()
        }
    };
    let options = Options {
        detail: Detail::Single,
        unitdp,
    };
    (!rows.is_empty()).then_some(Listing {
        rows,
        options,
        pagination: None,
    })
}
