//! Documents: invoices, payments and all else that happens in the books.

use super::settings::{ACCOUNT, CONTACT, USER};
use super::{NONE, Type};

pub(super) static BANK_TRANSACTION: Type = Type {
    name: "BankTransaction",
    guids: "BankTransactionID PrepaymentID OverpaymentID",
    dates: "Date UpdatedDateUTC",
    numbers: "CurrencyRate SubTotal TotalTax Total",
    flags: "IsReconciled HasAttachments",
    texts: "Type Reference CurrencyCode Url Status LineAmountTypes DateString",
    objects: &[
        ("Contact", &CONTACT),
        ("BankAccount", &ACCOUNT),
        ("BatchPayment", &BATCH_PAYMENT),
    ],
};

pub(super) static BANK_TRANSFER: Type = Type {
    name: "BankTransfer",
    guids: "BankTransferID FromBankTransactionID ToBankTransactionID",
    dates: "Date CreatedDateUTC",
    numbers: "Amount CurrencyRate",
    flags: "FromIsReconciled ToIsReconciled HasAttachments",
    texts: "Reference Status DateString CreatedDateUTCString",
    objects: &[("FromBankAccount", &ACCOUNT), ("ToBankAccount", &ACCOUNT)],
};

pub(super) static BATCH_PAYMENT: Type = Type {
    name: "BatchPayment",
    guids: "BatchPaymentID",
    dates: "Date UpdatedDateUTC",
    numbers: "Amount TotalAmount",
    flags: "IsReconciled",
    texts: "Reference Particulars Code Details Narrative DateString Type Status",
    objects: &[("Account", &ACCOUNT)],
};

pub(super) static CREDIT_NOTE: Type = Type {
    name: "CreditNote",
    guids: "CreditNoteID BrandingThemeID ID",
    dates: "Date DueDate UpdatedDateUTC FullyPaidOnDate",
    numbers: "SubTotal TotalTax Total CISDeduction CISRate CurrencyRate RemainingCredit \
        AppliedAmount",
    flags: "SentToContact HasAttachments HasErrors",
    texts: "Type Status LineAmountTypes UpdatedDateUTCString CurrencyCode CreditNoteNumber \
        Reference DateString DueDateString",
    objects: &[("Contact", &CONTACT)],
};

pub(super) static EXPENSE_CLAIM: Type = Type {
    name: "ExpenseClaim",
    guids: "ExpenseClaimID ReceiptID",
    dates: "UpdatedDateUTC PaymentDueDate ReportingDate",
    numbers: "Total AmountDue AmountPaid",
    texts: "Status",
    objects: &[("User", &USER)],
    ..NONE
};

pub(super) static INVOICE: Type = Type {
    name: "Invoice",
    guids: "BrandingThemeID InvoiceID RepeatingInvoiceID",
    dates: "Date DueDate ExpectedPaymentDate PlannedPaymentDate FullyPaidOnDate \
        UpdatedDateUTC",
    numbers: "CurrencyRate CISDeduction CISRate SubTotal TotalTax Total TotalDiscount \
        AmountDue AmountPaid AmountCredited",
    flags: "SentToContact HasAttachments IsDiscounted HasErrors",
    texts: "Type LineAmountTypes InvoiceNumber Reference Url CurrencyCode Status \
        UpdatedDateUTCString DateString DueDateString ExpectedPaymentDateString \
        PlannedPaymentDateString",
    objects: &[("Contact", &CONTACT)],
};

pub(super) static LINKED_TRANSACTION: Type = Type {
    name: "LinkedTransaction",
    guids: "SourceTransactionID SourceLineItemID ContactID TargetTransactionID \
        TargetLineItemID LinkedTransactionID",
    dates: "UpdatedDateUTC",
    texts: "Status Type SourceTransactionTypeCode",
    ..NONE
};

pub(super) static MANUAL_JOURNAL: Type = Type {
    name: "ManualJournal",
    guids: "ManualJournalID",
    dates: "Date UpdatedDateUTC",
    flags: "ShowOnCashBasisReports HasAttachments",
    texts: "Narration LineAmountTypes Status Url",
    ..NONE
};

pub(super) static OVERPAYMENT: Type = Type {
    name: "Overpayment",
    guids: "OverpaymentID ID",
    dates: "Date UpdatedDateUTC",
    numbers: "SubTotal TotalTax Total CurrencyRate RemainingCredit AppliedAmount",
    flags: "HasAttachments",
    texts: "Type Status LineAmountTypes UpdatedDateUTCString CurrencyCode Reference \
        DateString",
    objects: &[("Contact", &CONTACT)],
};

pub(super) static PAYMENT: Type = Type {
    name: "Payment",
    guids: "PaymentID BatchPaymentID",
    dates: "Date UpdatedDateUTC",
    numbers: "CurrencyRate Amount BankAmount",
    flags: "IsReconciled HasAccount HasValidationErrors",
    texts: "InvoiceNumber CreditNoteNumber Code Reference Status PaymentType \
        UpdatedDateUTCString BankAccountNumber Particulars Details",
    objects: &[
        ("Invoice", &INVOICE),
        ("CreditNote", &CREDIT_NOTE),
        ("Prepayment", &PREPAYMENT),
        ("Overpayment", &OVERPAYMENT),
        ("BatchPayment", &BATCH_PAYMENT),
        ("Account", &ACCOUNT),
    ],
};

pub(super) static PREPAYMENT: Type = Type {
    name: "Prepayment",
    guids: "PrepaymentID BrandingThemeID ID",
    dates: "Date UpdatedDateUTC",
    numbers: "SubTotal TotalTax Total CurrencyRate RemainingCredit AppliedAmount",
    flags: "HasAttachments",
    texts: "Type Status LineAmountTypes Reference InvoiceNumber UpdatedDateUTCString \
        CurrencyCode DateString",
    objects: &[("Contact", &CONTACT)],
};

pub(super) static PURCHASE_ORDER: Type = Type {
    name: "PurchaseOrder",
    guids: "BrandingThemeID PurchaseOrderID",
    dates: "Date DeliveryDate ExpectedArrivalDate UpdatedDateUTC",
    numbers: "CurrencyRate SubTotal TotalTax Total TotalDiscount",
    flags: "SentToContact HasAttachments HasErrors IsDiscounted",
    texts: "LineAmountTypes PurchaseOrderNumber Reference CurrencyCode Status \
        DeliveryAddress AttentionTo Telephone DeliveryInstructions DateString \
        DeliveryDateString Type",
    objects: &[("Contact", &CONTACT)],
};

pub(super) static QUOTE: Type = Type {
    name: "Quote",
    guids: "QuoteID BrandingThemeID",
    dates: "Date ExpiryDate UpdatedDateUTC",
    numbers: "CurrencyRate SubTotal TotalTax Total TotalDiscount",
    texts: "QuoteNumber Reference Terms DateString ExpiryDateString Status CurrencyCode \
        Title Summary LineAmountTypes",
    objects: &[("Contact", &CONTACT)],
    ..NONE
};

pub(super) static RECEIPT: Type = Type {
    name: "Receipt",
    guids: "ReceiptID ID",
    dates: "Date UpdatedDateUTC",
    numbers: "SubTotal TotalTax Total ReceiptNumber",
    flags: "HasAttachments",
    texts: "Reference LineAmountTypes Status Url",
    objects: &[("Contact", &CONTACT), ("User", &USER)],
};

pub(super) static REPEATING_INVOICE: Type = Type {
    name: "RepeatingInvoice",
    guids: "BrandingThemeID RepeatingInvoiceID ID",
    numbers: "SubTotal TotalTax Total",
    flags: "HasAttachments ApprovedForSending SendCopy MarkAsSent IncludePDF",
    texts: "Type LineAmountTypes Reference CurrencyCode Status",
    objects: &[("Contact", &CONTACT), ("Schedule", &SCHEDULE)],
    ..NONE
};

pub(super) static SCHEDULE: Type = Type {
    name: "Schedule",
    dates: "StartDate NextScheduledDate EndDate",
    numbers: "Period DueDate",
    texts: "Unit DueDateType",
    ..NONE
};
