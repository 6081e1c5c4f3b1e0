//! The catalogue: every stream is one row here and one schema file. What
//! `discover` offers, how `read` asks, and which scope an error names all come
//! from these rows. Source: Xero's OpenAPI 16.1.0 and its developer pages.

mod table;

pub(crate) use table::STREAMS;

/// The field that the connector adds to every row: the organisation that it belongs to.
pub(crate) const TENANT: &str = "TenantID";

/// One stream, as Xero serves it.
#[derive(Debug)]
pub(crate) struct Stream {
    /// The stream's name in Airbyte.
    pub(crate) name: &'static str,
    /// Below `/api.xro/2.0`.
    pub(crate) path: &'static str,
    /// The key of the answer that holds the rows.
    pub(crate) envelope: &'static str,
    /// The field that tells one row of an organisation from another; [`TENANT`]
    /// where an organisation has a single row without an id.
    pub(crate) key: &'static str,
    /// The field by which a later sync goes on; none: read whole each time.
    pub(crate) cursor: Option<&'static str>,
    /// How the list is cut into answers.
    pub(crate) paging: Paging,
    /// Query parameters of every request.
    pub(crate) params: &'static [(&'static str, &'static str)],
    /// Scopes of which any one suffices; the one to recommend first.
    pub(crate) scopes: &'static [&'static str],
    /// What besides a scope Xero demands, for the error that its lack causes.
    pub(crate) tier: Option<&'static str>,
    /// JSON Schema of a row.
    pub(crate) schema: &'static str,
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
    /// `offset`: rows whose number is greater. A short page does not mean the
    /// end, an empty one does.
    Offset,
}

/// The largest `pageSize` that Xero grants.
pub(crate) const PAGE_SIZE: u32 = 1000;

/// The stream of that name.
pub(crate) fn find(name: &str) -> Option<&'static Stream> {
    STREAMS.iter().find(|stream| stream.name == name)
}

impl Stream {
    /// Whether a token with `granted` scopes can read the stream. A scope
    /// without `.read` allows writing too and so implies it.
    pub(crate) fn readable_with(&self, granted: &[String]) -> bool {
        self.scopes.iter().any(|scope| {
            let writing = scope.strip_suffix(".read").unwrap_or(scope);
            granted.iter().any(|have| have == scope || have == writing)
        })
    }

    /// What to add to the app's scopes, and to the app, for this stream.
    pub(crate) fn remedy(&self) -> String {
        let (first, others) = self.scopes.split_first().unwrap_or((&"", &[]));
        let mut text = format!("the scope {first}");
        for other in others {
            text.push_str(&format!(" (or {other})"));
        }
        if let Some(tier) = self.tier {
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
