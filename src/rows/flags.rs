//! What a document says about the things that hang on it.

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::rows::envelope::Envelope;
use crate::rows::rewrite::ms_date;
use crate::streams::{Stream, Wanted};

/// Statuses of invoices that customers cannot see.
const OFFLINE: [&str; 2] = [r#""DRAFT""#, r#""DELETED""#];

/// What a document says of what hangs on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Facts {
    /// It has files, or does not tell.
    has_attachments: bool,
    /// Customers can see it online.
    is_online: bool,
    /// When it was made, milliseconds since the epoch.
    pub(crate) created: Option<i64>,
}

/// The part of a document that tells. Whatever stands there, it is no reason to refuse the page.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct Told<'a> {
    #[serde(borrow)]
    has_attachments: Option<&'a RawValue>,
    #[serde(borrow)]
    r#type: Option<&'a RawValue>,
    #[serde(borrow)]
    status: Option<&'a RawValue>,
    #[serde(rename = "CreatedDateUTC", borrow)]
    created: Option<&'a RawValue>,
}

/// What the documents of an answer say.
pub(crate) fn read(body: &[u8], list: &Stream) -> Result<Vec<Facts>, String> {
    let envelope = Envelope::parse(body, list.endpoint().envelope)?;
    let rows = envelope.rows.into_iter().map(|row| {
        let told: Told<'_> = serde_json::from_str(row.get()).unwrap_or_default();
        told.facts()
    });
    Ok(rows.collect())
}

impl Facts {
    /// Whether the document is one of those that are wanted.
    pub(crate) fn meet(self, wanted: Wanted) -> bool {
        match wanted {
            Wanted::All => true,
            Wanted::WithAttachments => self.has_attachments,
            Wanted::Online => self.is_online,
        }
    }
}

impl Told<'_> {
    fn facts(&self) -> Facts {
        let is = |value: Option<&RawValue>, text: &str| value.is_some_and(|it| it.get() == text);
        // Quotes do not tell whether they have files.
        let files = self.has_attachments.filter(|it| it.get() != "null");
        Facts {
            has_attachments: files.is_none() || is(files, "true") || is(files, r#""true""#),
            is_online: is(self.r#type, r#""ACCREC""#)
                && !OFFLINE.iter().any(|it| is(self.status, it)),
            created: self.created(),
        }
    }

    fn created(&self) -> Option<i64> {
        let text = self.created?.get().trim_matches('"');
        ms_date(text.as_bytes()).map(|(millis, _)| millis)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::streams::find;

    #[test]
    fn documents_are_chosen_by_what_they_say() {
        for (row, [all, files, online]) in [
            (r#"{}"#, [true, true, false]),
            (r#"{"HasAttachments":true}"#, [true, true, false]),
            (r#"{"HasAttachments":"true"}"#, [true, true, false]),
            (r#"{"HasAttachments":false}"#, [true, false, false]),
            (r#"{"HasAttachments":{}}"#, [true, false, false]),
            (r#"{"Type":"ACCREC","Status":"PAID"}"#, [true, true, true]),
            (r#"{"Type":"ACCREC","Status":"DRAFT"}"#, [true, true, false]),
            (r#"{"Type":"ACCPAY","Status":"PAID"}"#, [true, true, false]),
            (r#"{"Type":"ACCREC","Status":null}"#, [true, true, true]),
        ] {
            let body = format!(r#"{{"Invoices":[{row}]}}"#);
            let invoices = find("invoices").unwrap();
            for (wanted, expected) in [
                (Wanted::All, all),
                (Wanted::WithAttachments, files),
                (Wanted::Online, online),
            ] {
                let found = read(body.as_bytes(), invoices).unwrap();
                let [facts] = found[..] else { panic!("{row}") };
                assert_eq!(facts.meet(wanted), expected, "{row} {wanted:?}");
                assert_eq!(facts.created, None);
            }
        }
    }

    #[test]
    fn creation_stands_in_for_the_stamp_that_transfers_lack() {
        let body = br#"{"BankTransfers":[{"CreatedDateUTC":"\/Date(1476737161173+0000)\/"},{"CreatedDateUTC":7}]}"#;
        let transfers = find("bank_transfers").unwrap();
        let found = read(body, transfers).unwrap();
        let created: Vec<_> = found.iter().map(|facts| facts.created).collect();
        assert_eq!(created, [Some(1_476_737_161_173), None]);
    }
}
