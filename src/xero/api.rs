//! Describes the APIs of Xero as data: the properties in which they differ.
//!
//! A further API needs a constant here, and rows in `streams/` that name it.

/// An API of Xero.
#[derive(Debug)]
pub(crate) struct Api {
    /// The path between the base URL and the path of an endpoint.
    pub(crate) base_path: &'static str,
    /// The owner of the requested data.
    pub(crate) scope: RequestScope,
    /// The parameter for the number of the page.
    pub(crate) page: &'static str,
    /// The parameter for the number of rows of a page.
    pub(crate) page_size: &'static str,
    /// The parameter for the number after which the rows begin.
    pub(crate) offset: &'static str,
    /// How a filter writes a date, in the notation of chrono.
    pub(crate) filter_date: &'static str,
    /// The stream whose list proves access to an organisation. `None` if the API has none.
    pub(crate) probe: Option<&'static str>,
}

/// The owner of the requested data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RequestScope {
    /// The organisation that the header `xero-tenant-id` names.
    Organisation,
    /// The token. One request serves all organisations, and no rate limit of an organisation
    /// applies.
    Token,
}

/// The Accounting API.
pub(crate) const ACCOUNTING: Api = Api {
    base_path: "/api.xro/2.0",
    scope: RequestScope::Organisation,
    page: "page",
    page_size: "pageSize",
    offset: "offset",
    filter_date: "DateTime(%Y,%m,%d)",
    // A short list under a scope that nearly every app has.
    probe: Some("currencies"),
};

/// The Identity API, which lists the connections of a token.
pub(crate) const IDENTITY: Api = Api {
    base_path: "",
    scope: RequestScope::Token,
    probe: None,
    ..ACCOUNTING
};
