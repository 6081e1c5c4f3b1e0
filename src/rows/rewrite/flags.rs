//! Reads the flags of a document: whether it has attachments, and whether it is online.

/// Statuses of invoices that customers cannot view online.
const OFFLINE: [&[u8]; 2] = [b"DRAFT", b"DELETED"];

/// Flags that decide which document streams need a call for a document.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Flags {
    has_no_attachments: bool,
    is_receivable: bool,
    is_offline: bool,
}

impl Flags {
    /// Whether the document may have attachments. Quotes lack the field, so they may have some.
    pub(crate) fn has_attachments(self) -> bool {
        !self.has_no_attachments
    }

    /// Whether the document is an invoice that customers can view online.
    pub(crate) fn is_online(self) -> bool {
        self.is_receivable && !self.is_offline
    }

    /// Reads a member whose value is a string. `text` has no quotes.
    pub(super) fn text(&mut self, key: &[u8], text: &[u8]) {
        match key {
            b"HasAttachments" => self.has_no_attachments = text != b"true",
            b"Type" => self.is_receivable = text == b"ACCREC",
            b"Status" => self.is_offline = OFFLINE.contains(&text),
            _ => {}
        }
    }

    /// Reads a member whose value is not a string. `value` begins the value.
    pub(super) fn bare(&mut self, key: &[u8], value: &[u8]) {
        match key {
            b"HasAttachments" => {
                let may_have = value.starts_with(b"null") || value.starts_with(b"true");
                self.has_no_attachments = !may_have;
            }
            b"Type" => self.is_receivable = false,
            b"Status" => self.is_offline = false,
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{KeyFields, members};

    #[test]
    fn flags_show_attachments_and_online_invoices() {
        for (row, files, online) in [
            (r#"{}"#, true, false),
            (r#"{"HasAttachments":true}"#, true, false),
            (r#"{"HasAttachments": true ,"A":1}"#, true, false),
            (r#"{"HasAttachments":"true"}"#, true, false),
            (r#"{"HasAttachments":"false"}"#, false, false),
            (r#"{"HasAttachments":false}"#, false, false),
            (r#"{"HasAttachments":false,"A":"b"}"#, false, false),
            (r#"{"HasAttachments":null}"#, true, false),
            (r#"{"HasAttachments":{}}"#, false, false),
            (r#"{"HasAttachments":{"A":"b"}}"#, false, false),
            (r#"{"A":{"HasAttachments":false}}"#, true, false),
            (r#"{"A":[{"B":"c"},{"HasAttachments":false}]}"#, true, false),
            (r#"{"Type":"ACCREC","Status":"PAID"}"#, true, true),
            (r#"{"Type":"ACCREC","Status":"DRAFT"}"#, true, false),
            (r#"{"Type":"ACCREC","Status":"DELETED"}"#, true, false),
            (r#"{"Type":"ACCPAY","Status":"PAID"}"#, true, false),
            (r#"{"Type":"ACCREC","Status":null}"#, true, true),
            (r#"{"Type":"ACCREC","A":{"Status":"DRAFT"}}"#, true, true),
            (r#"{"Type":"ACCREC","Type":null}"#, true, false),
            (
                r#"{"Type":"ACCREC","Status":"DRAFT","Status":null}"#,
                true,
                true,
            ),
        ] {
            let fields = KeyFields {
                key: "InvoiceID",
                cursor: None,
                ours: &[],
                dates: crate::xero::api::ACCOUNTING.dates,
            };
            let row_key = members(row.as_bytes(), fields, &mut Vec::new()).unwrap();
            let found = (row_key.flags.has_attachments(), row_key.flags.is_online());
            assert_eq!(found, (files, online), "{row}");
        }
    }
}
