//! Contacts, items, accounts and the other things that documents name.

use super::{NONE, Type};

pub(super) static ACCOUNT: Type = Type {
    name: "Account",
    guids: "AccountID",
    dates: "UpdatedDateUTC",
    flags: "EnablePaymentsToAccount ShowInExpenseClaims HasAttachments AddToWatchlist",
    texts: "Code Name Type BankAccountNumber Status Description BankAccountType CurrencyCode \
        TaxType Class SystemAccount ReportingCode ReportingCodeName",
    ..NONE
};

pub(super) static ACCOUNTS_PAYABLE: Type = Type {
    name: "AccountsPayable",
    numbers: "Outstanding Overdue",
    ..NONE
};

pub(super) static ACCOUNTS_RECEIVABLE: Type = Type {
    name: "AccountsReceivable",
    numbers: "Outstanding Overdue",
    ..NONE
};

pub(super) static BALANCES: Type = Type {
    name: "Balances",
    objects: &[
        ("AccountsReceivable", &ACCOUNTS_RECEIVABLE),
        ("AccountsPayable", &ACCOUNTS_PAYABLE),
    ],
    ..NONE
};

pub(super) static BATCH_PAYMENT_DETAILS: Type = Type {
    name: "BatchPaymentDetails",
    texts: "BankAccountNumber BankAccountName Details Code Reference",
    ..NONE
};

pub(super) static BILL: Type = Type {
    name: "Bill",
    numbers: "Day",
    texts: "Type",
    ..NONE
};

pub(super) static BRANDING_THEME: Type = Type {
    name: "BrandingTheme",
    guids: "BrandingThemeID",
    dates: "CreatedDateUTC",
    numbers: "SortOrder",
    texts: "Name LogoUrl Type",
    ..NONE
};

pub(super) static CONTACT: Type = Type {
    name: "Contact",
    guids: "ContactID MergedToContactID",
    dates: "UpdatedDateUTC",
    numbers: "Discount",
    flags: "IsSupplier IsCustomer HasAttachments HasValidationErrors",
    texts: "ContactNumber AccountNumber ContactStatus Name FirstName LastName CompanyNumber \
        EmailAddress BankAccountDetails TaxNumber TaxNumberType \
        AccountsReceivableTaxType AccountsPayableTaxType SalesDefaultLineAmountType \
        PurchasesDefaultLineAmountType DefaultCurrency XeroNetworkKey \
        SalesDefaultAccountCode PurchasesDefaultAccountCode TrackingCategoryName \
        TrackingCategoryOption Website",
    objects: &[
        ("PaymentTerms", &PAYMENT_TERM),
        ("BrandingTheme", &BRANDING_THEME),
        ("BatchPayments", &BATCH_PAYMENT_DETAILS),
        ("Balances", &BALANCES),
    ],
};

pub(super) static CONTACT_GROUP: Type = Type {
    name: "ContactGroup",
    guids: "ContactGroupID",
    flags: "HasValidationErrors",
    texts: "Name Status",
    ..NONE
};

pub(super) static CURRENCY: Type = Type {
    name: "Currency",
    texts: "Code Description",
    ..NONE
};

pub(super) static ITEM: Type = Type {
    name: "Item",
    guids: "ItemID",
    dates: "UpdatedDateUTC",
    numbers: "TotalCostPool QuantityOnHand",
    flags: "IsSold IsPurchased IsTrackedAsInventory",
    texts: "Code InventoryAssetAccountCode Name Description PurchaseDescription",
    objects: &[("PurchaseDetails", &PURCHASE), ("SalesDetails", &PURCHASE)],
};

pub(super) static PAYMENT_TERM: Type = Type {
    name: "PaymentTerm",
    objects: &[("Bills", &BILL), ("Sales", &BILL)],
    ..NONE
};

pub(super) static PURCHASE: Type = Type {
    name: "Purchase",
    numbers: "UnitPrice",
    texts: "AccountCode COGSAccountCode TaxType",
    ..NONE
};

pub(super) static TAX_RATE: Type = Type {
    name: "TaxRate",
    numbers: "DisplayTaxRate EffectiveRate",
    flags: "CanApplyToAssets CanApplyToEquity CanApplyToExpenses CanApplyToLiabilities \
        CanApplyToRevenue",
    texts: "Name TaxType Status ReportTaxType",
    ..NONE
};

pub(super) static TRACKING_CATEGORY: Type = Type {
    name: "TrackingCategory",
    guids: "TrackingCategoryID TrackingOptionID",
    texts: "Name Option Status",
    ..NONE
};

pub(super) static USER: Type = Type {
    name: "User",
    guids: "UserID GlobalUserID",
    dates: "UpdatedDateUTC",
    flags: "IsSubscriber",
    texts: "EmailAddress FirstName LastName OrganisationRole",
    ..NONE
};
