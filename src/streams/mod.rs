//! The catalogue: every stream is one row here and one schema file. What
//! `discover` offers, how `read` asks, and which scope an error names all come
//! from these rows. Source: Xero's OpenAPI 16.1.0 and its developer pages.

mod derived;
mod family;
mod table;

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
    Parent(Cut),
}

/// A list of Xero.
#[derive(Debug)]
pub(crate) struct Endpoint {
    /// Below `/api.xro/2.0`; for the list of connections, below the API's root.
    pub(crate) path: &'static str,
    /// The key of the answer that holds the rows. Only the list of connections
    /// has none: it is bare, and asked for with the token alone.
    pub(crate) envelope: Option<&'static str>,
    /// How the list is cut into answers.
    pub(crate) paging: Paging,
    /// Query parameters of every request.
    pub(crate) params: &'static [(&'static str, &'static str)],
    /// Scopes of which any one suffices, the one to recommend first; none needed if empty.
    pub(crate) scopes: &'static [&'static str],
    /// What besides a scope Xero demands, for the error that its lack causes.
    pub(crate) tier: Option<&'static str>,
}

/// How rows are cut out of the rows of an endpoint.
#[derive(Debug)]
pub(crate) struct Cut {
    /// The stream of the endpoint. Its key becomes the first field of the cut row's key.
    pub(crate) parent: &'static Stream,
    /// The arrays on the way to the rows, one inside the other: one or two.
    pub(crate) arrays: &'static [&'static str],
    /// Fields of the parent that each row carries, and what they are called there.
    pub(crate) carried: &'static [(&'static str, &'static str)],
    /// Fields that a row of the second array carries from that of the first.
    pub(crate) between: &'static [&'static str],
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
    Hundreds,
    /// `page` of a hundred rows; `If-Modified-Since` is not heard, so the whole
    /// list is read each time and only what is new is passed on.
    Unfiltered,
    /// Everything in one answer, but in short: each row is asked for once more by its id.
    Each,
    /// `offset`: rows whose number is greater. A short page does not mean the
    /// end, an empty one does.
    Offset,
}

/// The largest `pageSize` that Xero grants.
pub(crate) const PAGE_SIZE: u32 = 1000;

/// Every stream: those of endpoints by name, then those that are cut from them.
pub(crate) fn all() -> impl Iterator<Item = &'static Stream> {
    table::STREAMS.iter().chain(derived::STREAMS)
}

/// The stream of that name.
pub(crate) fn find(name: &str) -> Option<&'static Stream> {
    all().find(|stream| stream.name == name)
}

impl Stream {
    /// The stream that is read for this one: itself or its parent.
    pub(crate) fn parent(&'static self) -> &'static Stream {
        match &self.source {
            Source::Endpoint(_) => self,
            Source::Parent(cut) => cut.parent,
        }
    }

    /// The endpoint that is asked for this stream.
    pub(crate) fn endpoint(&self) -> &Endpoint {
        match &self.source {
            Source::Endpoint(endpoint) => endpoint,
            Source::Parent(cut) => cut.parent.endpoint(),
        }
    }

    /// The field that tells a row from the others of its list.
    pub(crate) fn id(&self) -> &'static str {
        self.key.last().copied().unwrap_or(TENANT)
    }

    /// Whether Xero changes fields of its rows without a stamp: contacts' balances and
    /// flags, due dates and sent flags of part-paid documents. Source: Xero's pages on
    /// contacts and invoices.
    pub(crate) fn drifts(&self) -> bool {
        ["contacts", "credit_notes", "invoices"].contains(&self.name)
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
#[path = "../../integration_tests/conformance.rs"]
mod conformance;
#[cfg(test)]
mod example_tests;
#[cfg(test)]
mod schema_tests;
#[cfg(test)]
mod tests;
