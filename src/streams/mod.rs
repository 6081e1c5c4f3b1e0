//! The catalogue: every stream is one row here and one schema file. What
//! `discover` offers, how `read` asks, and which scope an error names all come
//! from these rows. Source: Xero's OpenAPI 16.1.0 and its developer pages.

mod derived;
mod family;
mod reports;
mod sub_resources;
mod table;

use crate::xero::api::{Api, RequestScope};

pub(crate) use family::Family;

/// The field that the connector adds to every row: the organisation that it belongs to.
pub(crate) const TENANT: &str = "TenantID";
/// The field of a derived row that tells its place in the list that it was cut from.
pub(crate) const POSITION: &str = "Position";
/// The same for the row between a derived row and its parent.
pub(crate) const LINE_POSITION: &str = "LinePosition";

/// One stream, as Airbyte sees it.
#[derive(Debug)]
pub(crate) struct Stream {
    /// The stream's name in Airbyte.
    pub(crate) name: &'static str,
    /// The fields that tell one row from another, those of a whole row or a
    /// parent before its own; the last one of an endpoint's row tells it from
    /// the others of its list.
    pub(crate) key: &'static [&'static str],
    /// The field by which a later sync goes on; none: read whole each time.
    pub(crate) cursor: Option<&'static str>,
    /// Where its rows come from.
    pub(crate) source: Source,
    /// JSON Schema of a row.
    pub(crate) schema: &'static str,
}

/// Where the rows of a stream come from.
#[derive(Debug)]
pub(crate) enum Source {
    /// An endpoint lists them.
    Endpoint(Endpoint),
    /// They stand inside the rows of another stream, at no call of their own.
    Child(ChildSpec),
    /// They are the lines of a report.
    Report(Report),
    /// They hang on documents and are asked for document by document.
    Document(DocumentChild),
}

/// A list of Xero.
#[derive(Debug)]
pub(crate) struct Endpoint {
    /// The API that the endpoint belongs to.
    pub(crate) api: &'static Api,
    /// The path below the base path of the API.
    pub(crate) path: &'static str,
    /// The key of the response that holds the rows. `None` if the response is the list itself.
    pub(crate) envelope: Option<&'static str>,
    /// How the list is cut into answers.
    pub(crate) paging: Paging,
    /// Whether the list takes an order and a filter.
    pub(crate) clauses: Clauses,
    /// Query parameters of every request.
    pub(crate) params: &'static [(&'static str, &'static str)],
    /// Scopes of which any one suffices, the one to recommend first; none needed if empty.
    pub(crate) scopes: &'static [&'static str],
    /// What besides a scope Xero demands, for the error that its lack causes.
    pub(crate) tier: Option<&'static str>,
    /// What makes it unlike other lists.
    pub(crate) quirks: &'static [Quirk],
}

/// A property that only some lists have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Quirk {
    /// Xero changes fields of its rows without a new `UpdatedDateUTC`: balances and flags of
    /// contacts, due dates and sent flags of documents that are paid in part. Source: Xero's
    /// pages on contacts and invoices.
    ChangesWithoutStamp,
    /// Its rows have no `UpdatedDateUTC` and keep the `CreatedDateUTC` of their creation.
    StampedAtCreation,
    /// The check, reports or tax settings need the list besides its own stream.
    Shared,
}

/// A report of Xero, which comes as a screen's layout.
#[derive(Debug)]
pub(crate) struct Report {
    /// Where it is asked for.
    pub(crate) endpoint: Endpoint,
    /// How it is asked for.
    pub(crate) shape: ReportKind,
    /// `accrual` or `cash`, where the report can be either.
    pub(crate) basis: Option<&'static str>,
}

/// What Xero tells of one document at a time, below the document's own address.
#[derive(Debug)]
pub(crate) struct DocumentChild {
    /// What is asked for; its path stands behind the document's.
    pub(crate) endpoint: Endpoint,
    /// The lists whose documents have it.
    pub(crate) parents: &'static [&'static Stream],
    /// Which of the documents are asked for.
    pub(crate) wanted: DocumentFilter,
    /// Whether most documents do not have it, for which Xero answers 404.
    pub(crate) is_rare: bool,
    /// In which organisations it exists.
    pub(crate) exists_in: ExistsIn,
}

/// The organisations in which documents have something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ExistsIn {
    /// All.
    Every,
    /// Contractors in the Construction Industry Scheme of the United Kingdom.
    CisContractor,
}

/// Which documents are worth a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum DocumentFilter {
    /// Every one.
    All,
    /// Those with files.
    WithAttachments,
    /// Sales invoices that are no drafts: the others cannot be seen online.
    Online,
}

/// What one call of a report brings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ReportKind {
    /// A span of days and up to eleven before it: profit and loss.
    Comparative,
    /// The end of a month and up to eleven before it: the balance sheet.
    ComparativeAtDate,
    /// Up to twelve periods from a month on: budgets.
    Budget,
    /// The month of a date and the year so far, with account codes in titles: the trial balance.
    AtDate,
    /// A span of days: bank accounts.
    Range,
    /// The month of a date beside the one before it.
    Month,
    /// The open documents of one contact that owes or is owed money.
    PerContact(Balance),
    /// One of the tax returns that were published.
    Published,
    /// A tax year of an organisation in the United States.
    TaxYear,
}

/// What a contact's balance is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Balance {
    /// What the contact owes.
    Receivable,
    /// What is owed to the contact.
    Payable,
}

/// How rows are cut out of the rows of an endpoint.
#[derive(Debug)]
pub(crate) struct ChildSpec {
    /// The stream of the endpoint. Its key becomes the first field of the cut row's key.
    pub(crate) parent: &'static Stream,
    /// The arrays on the way to the rows, one inside the other: one or two.
    pub(crate) arrays: &'static [&'static str],
    /// Fields of the parent that each row carries, and what they are called there.
    pub(crate) inherited: &'static [(&'static str, &'static str)],
    /// Fields that a row of the second array carries from that of the first.
    pub(crate) inherited_from_line: &'static [&'static str],
}

/// How an endpoint cuts its list into answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Paging {
    /// All rows in one answer. Such endpoints ignore `page`: asked for a second
    /// page they would send everything again, so they are asked once.
    Whole,
    /// `page` and `pageSize`, ordered by the cursor and then by the id.
    Pages,
    /// `page` of a hundred rows, ordered by the cursor and then by the id.
    FixedPages,
    /// `page` of a hundred rows; `If-Modified-Since` is not heard, so the whole
    /// list is read each time and only what is new is passed on.
    UnfilteredPages,
    /// Everything in one answer, but in short: each row is asked for once more by its id.
    ListThenDetail,
    /// `offset`: rows whose number is greater. A short page does not mean the
    /// end, an empty one does.
    Offset,
}

/// Which of the general query parameters a list takes. A list ignores what it does not take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Clauses {
    /// `order`.
    pub(crate) order: Order,
    /// Whether it takes `where`.
    pub(crate) filter: bool,
}

/// What a list does with `order`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Order {
    /// It takes none, or must not be given one.
    Refused,
    /// It takes one. Without one its rows come by UpdatedDateUTC and then by the id, which
    /// Xero documents; it documents no such thing for an `order=UpdatedDateUTC ASC`.
    Documented,
    /// It takes one, and Xero does not document the order without.
    Undocumented,
}

impl Clauses {
    /// Neither parameter.
    pub(crate) const NONE: Clauses = Clauses {
        order: Order::Refused,
        filter: false,
    };
}

/// The largest `pageSize` that Xero grants.
pub(crate) const PAGE_SIZE: u32 = 1000;

/// Every stream: those of endpoints by name, then those that are cut from them,
/// those that hang on documents, and reports.
pub(crate) fn all() -> impl Iterator<Item = &'static Stream> {
    let lists = table::STREAMS.iter().chain(derived::STREAMS);
    lists.chain(sub_resources::STREAMS).chain(reports::STREAMS)
}

/// The stream of that name.
pub(crate) fn find(name: &str) -> Option<&'static Stream> {
    all().find(|stream| stream.name == name)
}

impl Stream {
    /// The stream that is read for this one: itself or its parent.
    pub(crate) fn parent(&'static self) -> &'static Stream {
        match &self.source {
            Source::Endpoint(_) | Source::Report(_) | Source::Document(_) => self,
            Source::Child(cut) => cut.parent,
        }
    }

    /// The endpoint that is asked for this stream.
    pub(crate) fn endpoint(&self) -> &Endpoint {
        match &self.source {
            Source::Endpoint(endpoint) => endpoint,
            Source::Child(cut) => cut.parent.endpoint(),
            Source::Report(report) => &report.endpoint,
            Source::Document(sub) => &sub.endpoint,
        }
    }

    /// Whether one request serves all organisations, because the list belongs to the token.
    pub(crate) fn is_about_token(&self) -> bool {
        self.endpoint().api.scope == RequestScope::Token
    }

    /// The field that tells a row from the others of its list.
    pub(crate) fn id(&self) -> &'static str {
        self.key.last().copied().unwrap_or(TENANT)
    }

    /// Whether a list has this property. The child streams of a list do not.
    pub(crate) fn has(&self, quirk: Quirk) -> bool {
        match &self.source {
            Source::Endpoint(endpoint) => endpoint.quirks.contains(&quirk),
            _ => false,
        }
    }

    /// Whether its rows say when they changed or, without changing later, when they were created.
    pub(crate) fn is_stamped(&self) -> bool {
        self.cursor == Some("UpdatedDateUTC") || self.has(Quirk::StampedAtCreation)
    }

    /// Whether files belong to its rows.
    pub(crate) fn has_files(&self) -> bool {
        let Source::Document(sub) = &self.source else {
            return false;
        };
        sub.wanted == DocumentFilter::WithAttachments
    }

    /// Whether it costs a call for each of another list's rows, so that others go first.
    pub(crate) fn is_costly(&self) -> bool {
        match &self.source {
            Source::Report(report) => {
                matches!(
                    report.shape,
                    ReportKind::PerContact(_) | ReportKind::Published
                )
            }
            Source::Document(_) => true,
            Source::Endpoint(_) | Source::Child(_) => false,
        }
    }

    /// Whether a token with `granted` scopes can read the stream. A scope
    /// without `.read` allows writing too and so implies it.
    pub(crate) fn readable_with(&self, granted: &[String]) -> bool {
        let scopes = self.endpoint().scopes;
        scopes.is_empty()
            || scopes.iter().any(|scope| {
                let writing = scope.strip_suffix(".read").unwrap_or(scope);
                granted.iter().any(|have| have == scope || have == writing)
            })
    }

    /// What to add to the app's scopes, and to the app, for this stream.
    pub(crate) fn remedy(&self) -> String {
        let Endpoint { scopes, tier, .. } = self.endpoint();
        let (first, others) = scopes.split_first().unwrap_or((&"", &[]));
        let mut text = format!("the scope {first}");
        for other in others {
            text.push_str(&format!(" (or {other})"));
        }
        if let Some(tier) = tier {
            text.push_str(&format!(" and {tier}"));
        }
        text
    }
}

#[cfg(test)]
#[path = "../../integration_tests/support/conformance.rs"]
pub(crate) mod conformance;
#[cfg(test)]
pub(crate) mod example_tests;
#[cfg(test)]
mod schema_tests;
#[cfg(test)]
mod tests;
