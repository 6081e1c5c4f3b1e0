//! The catalogue of streams: each stream is one row of a table and one schema file.
//!
//! These rows decide what `discover` offers, which requests `read` sends, and which scope an error
//! names. Source: Xero's OpenAPI 16.1.0 and its developer pages.

#[macro_use]
mod tables;

mod assets;
mod children;
mod counts;
mod documents;
mod expense_claims;
mod family;
mod files;
mod lists;
mod payroll;
mod payroll_au;
mod payroll_nz;
mod payroll_uk;
mod projects;
mod reports;

use crate::xero::api::{ACCOUNTING, Api, RequestScope};

pub(crate) use counts::lists_to_count;
pub(crate) use family::Family;
pub(crate) use lists::{contacts, organisations, tracking_categories};

/// The field that the connector adds to every row: the tenant id of the row's organisation.
pub(crate) const TENANT: &str = "TenantID";
/// The field of a child row that holds its index in the parent's array, from 0.
pub(crate) const POSITION: &str = "Position";
/// The field of a row of a nested array that holds the index of its line, from 0.
pub(crate) const LINE_POSITION: &str = "LinePosition";

/// The field of a child row that names the parent's field with the object that is the row.
pub(crate) const FIELD: &str = "Field";

/// The field that holds the last change of the document of a row, if the document has a timestamp.
pub(crate) const PARENT_STAMP: &str = "ParentUpdatedDateUTC";

/// One stream, as Airbyte sees it.
#[derive(Debug)]
pub(crate) struct Stream {
    /// The stream's name in Airbyte.
    pub(crate) name: &'static str,
    /// The primary key. Fields of the organisation or the parent come first. For a list, the last
    /// field alone is unique within one organisation. A key that is not a GUID, or that organisations
    /// share, as users do, begins with the tenant id.
    pub(crate) key: &'static [&'static str],
    /// The field from which the next sync resumes. `None` means that every sync reads the stream in
    /// full.
    pub(crate) cursor: Option<&'static str>,
    /// Where the rows come from.
    pub(crate) source: Source,
    /// The JSON Schema of a row.
    pub(crate) schema: &'static str,
}

/// Where the rows of a stream come from.
#[derive(Debug)]
pub(crate) enum Source {
    /// An endpoint lists the rows.
    Endpoint(Endpoint),
    /// The rows are nested in the rows of another stream. They cost no calls besides those of that
    /// stream.
    Child(ChildSpec),
    /// The rows are the lines of a report.
    Report(Report),
    /// The rows belong to documents. Each document costs one call.
    Document(DocumentChild),
    /// The rows say how many rows Xero counts in the lists of other streams.
    Counts(Endpoint),
}

/// One endpoint of a Xero API.
#[derive(Debug)]
pub(crate) struct Endpoint {
    /// The API that the endpoint belongs to.
    pub(crate) api: &'static Api,
    /// The path below the base path of the API.
    pub(crate) path: &'static str,
    /// The key of the response that holds the rows. `None` if the response is the list itself.
    pub(crate) envelope: Option<&'static str>,
    /// How the endpoint divides its list into responses.
    pub(crate) paging: Paging,
    /// Which of `order` and `where` the endpoint supports.
    pub(crate) query_support: QuerySupport,
    /// Query parameters that every request carries.
    pub(crate) params: &'static [(&'static str, &'static str)],
    /// A filter without which Xero refuses the request. The list is all rows of all its values.
    pub(crate) required_filter: Option<RequiredFilter>,
    /// Any one of these scopes grants access. The recommended scope comes first. An empty list
    /// needs no scope.
    pub(crate) scopes: &'static [&'static str],
    /// What Xero requires besides a scope, as the error message words it.
    pub(crate) also_requires: Option<&'static str>,
    /// The properties that only some lists have.
    pub(crate) quirks: &'static [Quirk],
}

/// A query parameter that selects a part of a list, and is not optional.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RequiredFilter {
    /// The parameter.
    pub(crate) name: &'static str,
    /// Its values. Together they select every row, each row with one of them. Rows usually move from
    /// an earlier value to a later one.
    pub(crate) values: &'static [&'static str],
}

/// A property that only some lists have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Quirk {
    /// Xero changes some fields without a new `UpdatedDateUTC`: balances and flags of contacts,
    /// due dates and sent flags of partly paid documents. Source: Xero's pages on contacts and
    /// invoices.
    ChangesWithoutStamp,
    /// The rows have no `UpdatedDateUTC`. Their `CreatedDateUTC` never changes.
    StampedAtCreation,
    /// `check`, the reports or the tax settings also read this list.
    Shared,
}

/// A report, which Xero sends as a table laid out for a screen.
#[derive(Debug)]
pub(crate) struct Report {
    /// The endpoint of the report.
    pub(crate) endpoint: Endpoint,
    /// Which periods one call covers.
    pub(crate) kind: ReportKind,
    /// `accrual` or `cash`. `None` if the report has no basis.
    pub(crate) basis: Option<&'static str>,
}

/// Data of one document, such as its attachments, that needs a call for the document.
#[derive(Debug)]
pub(crate) struct DocumentChild {
    /// The endpoint. [`Address`] tells how its path is used.
    pub(crate) endpoint: Endpoint,
    /// How a request names the document.
    pub(crate) address: Address,
    /// How a row names the document.
    pub(crate) names_document: NamesDocument,
    /// The items to request one by one, if the response for the document only lists them.
    pub(crate) items: Option<ListedItems>,
    /// The lists whose documents have this data.
    pub(crate) parents: &'static [&'static Stream],
    /// Which of the documents get a call.
    pub(crate) filter: DocumentFilter,
    /// The files that the rows describe.
    pub(crate) files: Option<FileFields>,
    /// Whether most documents lack this data. Xero answers 404 for those.
    pub(crate) is_rare: bool,
    /// The organisations in which this data exists.
    pub(crate) exists_in: ExistsIn,
}

impl DocumentChild {
    /// Whether the data of a document never changes after the creation of the document.
    pub(crate) fn is_constant(&self) -> bool {
        let address = self.files.map(|files| files.address);
        matches!(address, Some(FileAddress::Own(_)))
    }
}

/// How a request names the document that it is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Address {
    /// The path of the endpoint is appended to the path of the document.
    Below,
    /// This query parameter holds the id of the document.
    Parameter(&'static str),
}

/// How a row names its document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NamesDocument {
    /// By `ParentType` and `ParentID`, because several lists have such data. `UpdatedDateUTC` holds
    /// the last change of the document.
    TypeAndId,
    /// By this field. [`PARENT_STAMP`] holds the last change of the document.
    Id(&'static str),
}

/// The fields of a row that describe a file.
#[derive(Clone, Copy, Debug)]
pub(crate) struct FileFields {
    pub(crate) id: &'static str,
    pub(crate) name: &'static str,
    pub(crate) media_type: &'static str,
    /// The field with its length in bytes.
    pub(crate) length: &'static str,
    pub(crate) address: FileAddress,
}

/// The address of the content of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FileAddress {
    /// The path of the stream for the document, and the id of the file. A document gains files.
    Listed,
    /// This path below the document, which is the file. Nobody can replace the content, so it is
    /// downloaded once.
    Own(&'static str),
}

/// The items that the response for a document lists, without their details.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ListedItems {
    /// The key of the response that holds the document.
    pub(crate) envelope: &'static str,
    /// The field of the document that lists the items.
    pub(crate) array: &'static str,
    /// The field of an item that holds its id.
    pub(crate) id: &'static str,
    /// The path of an item, without its id.
    pub(crate) path: &'static str,
}

/// The organisations whose documents have certain data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ExistsIn {
    /// Every organisation.
    Every,
    /// Contractors in the Construction Industry Scheme of the United Kingdom.
    CisContractor,
}

/// The documents that get a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum DocumentFilter {
    /// Every document.
    All,
    /// Documents with attachments.
    WithAttachments,
    /// Sales invoices that are neither draft nor deleted. No other document has an online address.
    Online,
}

/// The periods that one call of a report covers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ReportKind {
    /// A range of days and up to eleven earlier ranges: profit and loss.
    Comparative,
    /// The end of a month and up to eleven earlier month ends: the balance sheet.
    ComparativeAtDate,
    /// Up to twelve periods that start with a given month: the budget summary.
    Budget,
    /// The month of a date and its year to date, with account codes in row titles: the trial
    /// balance.
    AtDate,
    /// A range of days: the bank summary.
    Range,
    /// The month of a date and the month before it: the executive summary.
    Month,
    /// The open documents of one contact: the aged reports. Only contacts with a balance are
    /// requested.
    PerContact(Balance),
    /// One published tax return.
    Published,
    /// One tax year of an organisation in the United States: the 1099 report.
    TaxYear,
}

/// The direction of a contact's balance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Balance {
    /// The contact owes money.
    Receivable,
    /// The organisation owes the contact money.
    Payable,
}

/// Describes a child stream: how its rows are extracted from the rows of its parent.
#[derive(Debug)]
pub(crate) struct ChildSpec {
    /// A list, or a stream that needs one call per document. Its id becomes the first key field of
    /// the child row, after the tenant id if the key has one.
    pub(crate) parent: &'static Stream,
    /// The path of nested arrays that leads to the rows: one array or two. An array in an object of
    /// the row is named with the object: `PayTemplate.EarningsLines`.
    pub(crate) arrays: &'static [&'static str],
    /// Fields of the parent with one object each, if there are no arrays. Each object is a row, and
    /// [`FIELD`] names its field.
    pub(crate) objects: &'static [&'static str],
    /// Fields that each row inherits from the parent: the parent's field and the name in the row.
    pub(crate) inherited: &'static [(&'static str, &'static str)],
    /// Fields that a row of the second array inherits from its line in the first array.
    pub(crate) inherited_from_line: &'static [&'static str],
}

/// How an endpoint divides its list into responses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Paging {
    /// One response holds all rows. These endpoints ignore `page` and would repeat the whole list
    /// for a second page, so the connector sends one request.
    Whole,
    /// `page` with `pageSize`, sorted by cursor and then by id.
    Pages,
    /// `page` of 100 rows, sorted by cursor and then by id.
    FixedPages,
    /// `page` of 100 rows. The endpoint ignores `If-Modified-Since`, so each sync reads the whole
    /// list. If the stream has a cursor, the sync emits only new or changed rows.
    UnfilteredPages,
    /// As `UnfilteredPages`, with `pageSize`.
    UnfilteredSizedPages,
    /// One response lists all rows without details. One more call per row fetches the details.
    ListThenDetail,
    /// `offset` returns rows with a greater number. Only an empty page marks the end; a short page
    /// does not.
    Offset,
}

/// The general query parameters that a list supports. A list ignores the others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct QuerySupport {
    /// How the list treats `order`.
    pub(crate) order: Order,
    /// Whether the list supports `where`.
    pub(crate) filter: bool,
}

/// How a list treats the query parameter `order`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Order {
    /// The list does not support `order`, or must not receive it.
    Refused,
    /// The list supports `order`. Without it, Xero documents a sort by UpdatedDateUTC and then by
    /// id. Xero documents no tie-break for `order=UpdatedDateUTC ASC`.
    Documented,
    /// The list supports `order`. Xero does not document the sort order without it.
    Undocumented,
}

impl QuerySupport {
    /// Supports neither parameter.
    pub(crate) const NONE: QuerySupport = QuerySupport {
        order: Order::Refused,
        filter: false,
    };
}

/// The largest `pageSize` of the Accounting API.
pub(crate) const PAGE_SIZE: u32 = ACCOUNTING.largest_page;

/// The tables of all APIs: lists, children, documents, then reports, each sorted by name. Those of
/// Accounting come first. The counts of lists come last.
const TABLES: &[&[Stream]] = &[
    lists::STREAMS,
    children::CHILDREN,
    documents::STREAMS,
    expense_claims::DOCUMENTS,
    expense_claims::CHILDREN,
    reports::STREAMS,
    assets::LISTS,
    files::LISTS,
    files::DOCUMENTS,
    payroll_au::LISTS,
    payroll_au::CHILDREN,
    payroll_au::DOCUMENTS,
    payroll_nz::LISTS,
    payroll_nz::CHILDREN,
    payroll_nz::DOCUMENTS,
    payroll_uk::LISTS,
    payroll_uk::CHILDREN,
    payroll_uk::DOCUMENTS,
    projects::LISTS,
    projects::CHILDREN,
    projects::DOCUMENTS,
    counts::STREAMS,
];

/// Iterates over all streams, table by table.
pub(crate) fn all() -> impl Iterator<Item = &'static Stream> {
    TABLES.iter().copied().flatten()
}

/// Returns the APIs of which a token with the `granted` scopes opens any stream.
pub(crate) fn apis_open_to(granted: &[String]) -> Vec<&'static Api> {
    let mut open = Vec::new();
    let lists = all().filter(|stream| !stream.is_of_counts());
    for stream in lists.filter(|stream| stream.readable_with(granted)) {
        let api = stream.endpoint().api;
        if !open.contains(&api) {
            open.push(api);
        }
    }
    open
}

/// Returns the stream with this name.
pub(crate) fn find(name: &str) -> Option<&'static Stream> {
    all().find(|stream| stream.name == name)
}

impl Stream {
    /// Returns the stream whose rows are requested: a child's parent, otherwise the stream itself.
    pub(crate) fn parent(&'static self) -> &'static Stream {
        match &self.source {
            Source::Child(child) => child.parent,
            _ => self,
        }
    }

    /// Returns the description of the data that needs one call per document, if the rows of the stream
    /// are such data or are nested in it.
    pub(crate) fn document(&'static self) -> Option<&'static DocumentChild> {
        match &self.parent().source {
            Source::Document(document) => Some(document),
            _ => None,
        }
    }

    /// Returns the endpoint that is requested for this stream.
    pub(crate) fn endpoint(&self) -> &Endpoint {
        match &self.source {
            Source::Endpoint(endpoint) => endpoint,
            Source::Child(child) => child.parent.endpoint(),
            Source::Report(report) => &report.endpoint,
            Source::Document(document) => &document.endpoint,
            Source::Counts(endpoint) => endpoint,
        }
    }

    /// Whether its rows hold personal data of employees.
    pub(crate) fn is_personal(&self) -> bool {
        self.endpoint().api.is_personal
    }

    /// Whether the list belongs to the token. One request then serves all organisations.
    pub(crate) fn belongs_to_token(&self) -> bool {
        self.endpoint().api.scope == RequestScope::Token
    }

    /// Returns the key field that is unique within the list.
    pub(crate) fn id(&self) -> &'static str {
        self.key.last().copied().unwrap_or(TENANT)
    }

    /// Returns the key field of a child row that holds the id of its parent.
    pub(crate) fn parent_field(&self) -> &'static str {
        let mut fields = self.key.iter().copied();
        fields.find(|field| *field != TENANT).unwrap_or(TENANT)
    }

    /// Whether the stream is a list with this property. Child streams do not inherit it.
    pub(crate) fn has(&self, quirk: Quirk) -> bool {
        match &self.source {
            Source::Endpoint(endpoint) => endpoint.quirks.contains(&quirk),
            _ => false,
        }
    }

    /// Whether its cursor is a number and not an instant.
    pub(crate) fn is_numbered(&self) -> bool {
        self.endpoint().paging == Paging::Offset
    }

    /// Whether each row has a timestamp: of its last change, or of its creation.
    pub(crate) fn is_stamped(&self) -> bool {
        self.cursor == Some("UpdatedDateUTC") || self.has(Quirk::StampedAtCreation)
    }

    /// Returns the fields of its rows that describe a file, if each row does.
    pub(crate) fn files(&self) -> Option<FileFields> {
        match &self.source {
            Source::Document(document) => document.files,
            _ => None,
        }
    }

    /// Whether each row describes a file.
    pub(crate) fn has_files(&self) -> bool {
        self.files().is_some()
    }

    /// Whether a sync reads the list with several calls even if nothing has changed.
    pub(crate) fn always_takes_several_calls(&self) -> bool {
        let paging = match &self.source {
            Source::Endpoint(endpoint) => endpoint.paging,
            _ => return false,
        };
        matches!(
            paging,
            Paging::UnfilteredPages | Paging::UnfilteredSizedPages | Paging::ListThenDetail
        )
    }

    /// Whether the stream needs one call per row of another list. Cheaper streams are read first.
    pub(crate) fn is_costly(&self) -> bool {
        match &self.source {
            Source::Report(report) => {
                matches!(
                    report.kind,
                    ReportKind::PerContact(_) | ReportKind::Published
                )
            }
            Source::Document(_) => true,
            Source::Child(child) => child.parent.is_costly(),
            Source::Endpoint(_) | Source::Counts(_) => false,
        }
    }

    /// Whether only organisations of one country have rows.
    pub(crate) fn is_of_one_country(&self) -> bool {
        match &self.source {
            Source::Report(report) => report.kind == ReportKind::TaxYear,
            Source::Document(document) => document.exists_in != ExistsIn::Every,
            Source::Child(child) => child.parent.is_of_one_country(),
            Source::Endpoint(_) | Source::Counts(_) => false,
        }
    }

    /// Whether its rows are counts of lists. Only a user who asks for the stream gets it.
    pub(crate) fn is_of_counts(&self) -> bool {
        matches!(self.source, Source::Counts(_))
    }

    /// Whether it is a list of which Xero tells the number of rows with each page.
    pub(crate) fn is_counted(&self) -> bool {
        let Source::Endpoint(endpoint) = &self.source else {
            return false;
        };
        match endpoint.paging {
            Paging::Pages | Paging::UnfilteredSizedPages => true,
            Paging::UnfilteredPages => endpoint.api.counts_fixed_pages,
            Paging::Whole | Paging::FixedPages | Paging::ListThenDetail | Paging::Offset => false,
        }
    }

    /// Whether a token with the `granted` scopes can read the stream. A scope without `.read`
    /// permits reading and writing.
    pub(crate) fn readable_with(&self, granted: &[String]) -> bool {
        let scopes = self.endpoint().scopes;
        scopes.is_empty()
            || scopes.iter().any(|scope| {
                let writing = scope.strip_suffix(".read").unwrap_or(scope);
                granted.iter().any(|have| have == scope || have == writing)
            })
    }

    /// Names the scopes that grant access, and what the app needs besides a scope.
    pub(crate) fn missing_scope_hint(&self) -> String {
        let Endpoint {
            scopes,
            also_requires,
            ..
        } = self.endpoint();
        let (first, others) = scopes.split_first().unwrap_or((&"", &[]));
        let mut text = format!("the scope {first}");
        for other in others {
            text.push_str(&format!(" (or {other})"));
        }
        if let Some(requirement) = also_requires {
            text.push_str(&format!(" and {requirement}"));
        }
        text
    }
}

#[cfg(test)]
#[path = "../../integration_tests/support/conformance.rs"]
pub(crate) mod conformance;
#[cfg(test)]
pub(crate) mod tests;
