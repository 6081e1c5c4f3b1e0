//! Reads whether a contact owes or is owed money, which the aged reports need to know.

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::json;

/// A contact, and whether it owes or is owed money.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Contact {
    pub(crate) id: String,
    pub(crate) name: Option<String>,
    pub(crate) receivable: bool,
    pub(crate) payable: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Row<'a> {
    #[serde(rename = "ContactID")]
    id: String,
    name: Option<String>,
    #[serde(borrow)]
    balances: Option<Balances<'a>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Balances<'a> {
    #[serde(borrow)]
    accounts_receivable: Option<Sums<'a>>,
    #[serde(borrow)]
    accounts_payable: Option<Sums<'a>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Sums<'a> {
    #[serde(borrow)]
    outstanding: Option<&'a RawValue>,
    #[serde(borrow)]
    overdue: Option<&'a RawValue>,
}

impl Sums<'_> {
    fn is_open(&self) -> bool {
        let mut sums = [self.outstanding, self.overdue].into_iter().flatten();
        sums.any(|sum| sum.get().contains(|it| ('1'..='9').contains(&it)))
    }
}

impl Contact {
    /// Parses the `data` of a RECORD of `contacts`.
    pub(crate) fn parse(data: &[u8]) -> Result<Contact, String> {
        let row: Row<'_> = json::read(data)
            .map_err(|misread| format!("the body is not the expected JSON ({misread})"))?;
        let balances = row.balances.as_ref();
        let receivable = balances.and_then(|it| it.accounts_receivable.as_ref());
        let payable = balances.and_then(|it| it.accounts_payable.as_ref());
        Ok(Contact {
            receivable: receivable.is_some_and(Sums::is_open),
            payable: payable.is_some_and(Sums::is_open),
            id: row.id,
            name: row.name,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn contacts_have_flags_for_their_balances() {
        for (contact_row, id, is_receivable, is_payable) in [
            (
                r#"{"ContactID":"a","Name":"A","Balances":{"AccountsReceivable":{"Outstanding":10.00,"Overdue":0.00},"AccountsPayable":{"Outstanding":0.00,"Overdue":0.00}}}"#,
                "a",
                true,
                false,
            ),
            (
                r#"{"ContactID":"b","Balances":{"AccountsPayable":{"Outstanding":-0.50}}}"#,
                "b",
                false,
                true,
            ),
            (
                r#"{"ContactID":"c","Balances":{"AccountsReceivable":{"Outstanding":0.00}}}"#,
                "c",
                false,
                false,
            ),
            (r#"{"ContactID":"d","Balances":null}"#, "d", false, false),
            (r#"{"ContactID":"e"}"#, "e", false, false),
        ] {
            let found = Contact::parse(contact_row.as_bytes()).unwrap();
            let found = (found.id.as_str(), found.receivable, found.payable);
            assert_eq!(found, (id, is_receivable, is_payable));
        }
        assert!(Contact::parse(br#"{"Name":"of nobody"}"#).is_err());
    }
}
