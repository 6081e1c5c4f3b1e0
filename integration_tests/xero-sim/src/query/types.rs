//! The properties of Xero's types that a query can name, each with its kind. Source: Xero's OpenAPI
//! 16.1.0, with the properties that Xero's answers have beyond it. Lists are left out, because a
//! query cannot name them.

use crate::entity::Entity;

mod documents;
pub(crate) mod payroll;
mod settings;

/// The kind of a property's values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Guid,
    Date,
    Number,
    Flag,
    /// A text, or one of an enumeration.
    Text,
}

impl Kind {
    /// The name of the kind in C#, for error messages.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Guid => "Guid",
            Self::Date => "DateTime",
            Self::Number => "Decimal",
            Self::Flag => "Boolean",
            Self::Text => "String",
        }
    }
}

/// A type and its properties: their names, separated by spaces.
#[derive(Debug)]
pub(crate) struct Type {
    pub(crate) name: &'static str,
    guids: &'static str,
    dates: &'static str,
    numbers: &'static str,
    flags: &'static str,
    texts: &'static str,
    objects: &'static [(&'static str, &'static Type)],
}

/// A type without properties.
const NONE: Type = Type {
    name: "",
    guids: "",
    dates: "",
    numbers: "",
    flags: "",
    texts: "",
    objects: &[],
};

impl Type {
    /// The type of a table's rows, if the list has a parameter that names a property.
    pub(crate) fn of(entity: Entity) -> Option<&'static Type> {
        use Entity::*;
        Some(match entity {
            Accounts => &settings::ACCOUNT,
            BankTransactions => &documents::BANK_TRANSACTION,
            BankTransfers => &documents::BANK_TRANSFER,
            BatchPayments => &documents::BATCH_PAYMENT,
            ContactGroups => &settings::CONTACT_GROUP,
            Contacts => &settings::CONTACT,
            CreditNotes => &documents::CREDIT_NOTE,
            Currencies => &settings::CURRENCY,
            ExpenseClaims => &documents::EXPENSE_CLAIM,
            Invoices => &documents::INVOICE,
            Items => &settings::ITEM,
            LinkedTransactions => &documents::LINKED_TRANSACTION,
            ManualJournals => &documents::MANUAL_JOURNAL,
            Overpayments => &documents::OVERPAYMENT,
            Payments => &documents::PAYMENT,
            Prepayments => &documents::PREPAYMENT,
            PurchaseOrders => &documents::PURCHASE_ORDER,
            Quotes => &documents::QUOTE,
            Receipts => &documents::RECEIPT,
            RepeatingInvoices => &documents::REPEATING_INVOICE,
            TaxRates => &settings::TAX_RATE,
            TrackingCategories => &settings::TRACKING_CATEGORY,
            Users => &settings::USER,
            _ => return None,
        })
    }

    /// A property that is a value, by its name in any case. Returns the name as Xero writes it.
    pub(crate) fn value(&self, name: &str) -> Option<(&'static str, Kind)> {
        let kinds = [
            (self.guids, Kind::Guid),
            (self.dates, Kind::Date),
            (self.numbers, Kind::Number),
            (self.flags, Kind::Flag),
            (self.texts, Kind::Text),
        ];
        kinds.into_iter().find_map(|(names, kind)| {
            let mut names = names.split_ascii_whitespace();
            let found = names.find(|own| own.eq_ignore_ascii_case(name))?;
            Some((found, kind))
        })
    }

    /// A property that is an object, by its name in any case.
    pub(crate) fn object(&self, name: &str) -> Option<(&'static str, &'static Type)> {
        let mut objects = self.objects.iter();
        objects
            .find(|(own, _)| own.eq_ignore_ascii_case(name))
            .copied()
    }
}

#[cfg(test)]
mod tests;
