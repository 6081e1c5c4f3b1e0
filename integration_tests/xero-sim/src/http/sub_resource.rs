//! The data of one document: `/Invoices/{id}/History` and the like.

use crate::entity::{ENDPOINTS, Endpoint, Entity};
use crate::envelope::{self, Head};
use crate::guid::Guid;
use crate::json::Json;
use crate::problem;
use crate::reply::Reply;
use crate::rows::attachments::{self, File};
use crate::rows::{self, Books, Country, Row, history_records};
use crate::tenant::Tenant;

/// Parents of files in Xero's OpenAPI.
const WITH_FILES: [Entity; 11] = [
    Entity::Accounts,
    Entity::BankTransactions,
    Entity::BankTransfers,
    Entity::Contacts,
    Entity::CreditNotes,
    Entity::Invoices,
    Entity::ManualJournals,
    Entity::PurchaseOrders,
    Entity::Quotes,
    Entity::Receipts,
    Entity::RepeatingInvoices,
];

/// Parents of a history in Xero's OpenAPI.
const WITH_HISTORY: [Entity; 16] = [
    Entity::BankTransactions,
    Entity::BankTransfers,
    Entity::BatchPayments,
    Entity::Contacts,
    Entity::CreditNotes,
    Entity::ExpenseClaims,
    Entity::Invoices,
    Entity::Items,
    Entity::ManualJournals,
    Entity::Overpayments,
    Entity::Payments,
    Entity::Prepayments,
    Entity::PurchaseOrders,
    Entity::Quotes,
    Entity::Receipts,
    Entity::RepeatingInvoices,
];

const ATTACHMENTS: &[&str] = &["accounting.attachments"];
const SETTINGS: &[&str] = &["accounting.settings"];

/// One kind of data that an address below a document returns.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct SubResource {
    entity: Entity,
    id: Guid,
    kind: SubResourceKind,
}

#[derive(Debug, PartialEq, Eq)]
enum SubResourceKind {
    Attachments,
    /// A file by its id or its name.
    Content(String),
    History,
    OnlineInvoice,
    CisSettings,
}

impl SubResource {
    /// Reads a path. `None` if it names no data of a document.
    pub(super) fn of(path: &str) -> Option<SubResource> {
        let mut parts = path.strip_prefix('/')?.splitn(4, '/');
        let list = format!("/{}", parts.next()?);
        let entity = ENDPOINTS.iter().find(|it| it.path == list)?.entity;
        let id = Guid::parse(parts.next()?)?;
        let kind = match (parts.next()?, parts.next(), entity) {
            ("Attachments", None, _) if WITH_FILES.contains(&entity) => {
                SubResourceKind::Attachments
            }
            ("Attachments", Some(file), _) if WITH_FILES.contains(&entity) => {
                SubResourceKind::Content(file.to_owned())
            }
            ("History", None, _) if WITH_HISTORY.contains(&entity) => SubResourceKind::History,
            ("OnlineInvoice", None, Entity::Invoices) => SubResourceKind::OnlineInvoice,
            ("CISSettings", None, Entity::Contacts | Entity::Organisations) => {
                SubResourceKind::CisSettings
            }
            _ => return None,
        };
        Some(SubResource { entity, id, kind })
    }

    /// The scopes. Any one of them grants access.
    pub(super) fn scopes(&self) -> &'static [&'static str] {
        match self.kind {
            SubResourceKind::Attachments | SubResourceKind::Content(_) => ATTACHMENTS,
            SubResourceKind::CisSettings => SETTINGS,
            SubResourceKind::History | SubResourceKind::OnlineInvoice => {
                self.entity.endpoint().scopes
            }
        }
    }

    /// The answer.
    pub(super) fn reply(&self, head: &Head<'_>, tenant: &Tenant) -> Result<Reply, Reply> {
        let mut rows = tenant.rows(self.entity).iter();
        let row = rows.find(|row| row.id == self.id.0);
        let row = row.ok_or_else(problem::not_found)?;
        let mut out = Json::default();
        envelope::open(head, &mut out);
        let count = match &self.kind {
            SubResourceKind::Attachments => {
                let Endpoint { key, .. } = self.entity.endpoint();
                let files = attachments::files(row);
                attachments::list(key, row, &files, &mut out);
                files.len()
            }
            SubResourceKind::Content(name) => return content(row, name),
            SubResourceKind::History => history_records::write(self.entity, row, tenant, &mut out),
            SubResourceKind::OnlineInvoice => online_invoice(row, &mut out)?,
            SubResourceKind::CisSettings => cis_settings(self.entity, row, tenant, &mut out)?,
        };
        out.close_object();
        let reply = Reply::json(200, out.into_bytes());
        Ok(Reply {
            rows: Some(count),
            ..reply
        })
    }
}

/// A file's bytes, which follow from its id.
fn content(row: &Row, name: &str) -> Result<Reply, Reply> {
    let files = attachments::files(row);
    let is_asked = |file: &&File| file.id() == name || file.attachment.name == name;
    let file = files.iter().find(is_asked).ok_or_else(problem::not_found)?;
    // Characters that a header cannot carry are replaced.
    let is_plain = |letter: char| matches!(letter, ' '..='~') && letter != '"';
    let name = &file.attachment.name;
    let name = name.replace(|letter| !is_plain(letter), "_");
    let name = format!("attachment; filename=\"{name}\"");
    let reply = Reply::new(200, file.attachment.media_type, file.bytes());
    Ok(reply.header("Content-Disposition", name))
}

fn online_invoice(row: &Row, out: &mut Json) -> Result<usize, Reply> {
    if row.status == "DRAFT" || !rows::is_sale(row) {
        return Err(problem::not_found());
    }
    out.key("OnlineInvoices").open_array();
    out.open_object();
    let address = format_args!("https://in.xero.com/{}", Guid(row.id));
    out.key("OnlineInvoiceUrl").display(address);
    out.close_object();
    out.close_array();
    Ok(1)
}

/// Only organisations of the United Kingdom know the scheme, and few of their contacts.
fn cis_settings(
    entity: Entity,
    row: &Row,
    tenant: &Tenant,
    out: &mut Json,
) -> Result<usize, Reply> {
    let is_contact = entity == Entity::Contacts;
    let in_britain = Country::of(tenant) == Some(Country::UnitedKingdom);
    if !in_britain || is_contact && !row.number.is_multiple_of(4) {
        return Err(problem::not_found());
    }
    out.key("CISSettings").open_array();
    out.open_object();
    if is_contact {
        let enabled = row.number.is_multiple_of(8);
        out.key("CISEnabled").bool(enabled);
        if enabled {
            out.key("Rate").decimal(2_000, 2);
        }
    } else {
        out.key("CISContractorEnabled").bool(true);
        out.key("CISSubContractorEnabled").bool(false);
    }
    out.close_object();
    out.close_array();
    Ok(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_name_what_the_document_has() {
        let id = "00000000-0000-4000-8000-000000000001";
        for (path, scope) in [
            (
                format!("/Invoices/{id}/Attachments"),
                Some("accounting.attachments"),
            ),
            (
                format!("/Quotes/{id}/Attachments/x y.pdf"),
                Some("accounting.attachments"),
            ),
            (format!("/Items/{id}/History"), Some("accounting.invoices")),
            (
                format!("/Invoices/{id}/OnlineInvoice"),
                Some("accounting.invoices"),
            ),
            (
                format!("/Organisation/{id}/CISSettings"),
                Some("accounting.settings"),
            ),
            (format!("/Items/{id}/Attachments"), None),
            (format!("/Accounts/{id}/History"), None),
            (format!("/Quotes/{id}/OnlineInvoice"), None),
            (format!("/Invoices/{id}/CISSettings"), None),
            (format!("/Invoices/{id}/History/1"), None),
            ("/Invoices/7/History".to_owned(), None),
            (format!("/Invoices/{id}"), None),
        ] {
            let found = SubResource::of(&path).map(|sub_resource| sub_resource.scopes()[0]);
            assert_eq!(found, scope, "{path}");
        }
    }
}
