//! Describes the APIs of Xero as data: the properties in which they differ.
//!
//! A further API needs a constant here, and rows in `streams/` that name it.

/// An API of Xero.
#[derive(Debug)]
pub(crate) struct Api {
    /// Its name in messages and documents.
    pub(crate) name: &'static str,
    /// The path between the base URL and the path of an endpoint.
    pub(crate) base_path: &'static str,
    /// The owner of the requested data.
    pub(crate) scope: RequestScope,
    /// The parameter for the number of the page.
    pub(crate) page: &'static str,
    /// The parameter for the number of rows of a page.
    pub(crate) page_size: &'static str,
    /// The largest number of rows of a page that the API grants.
    pub(crate) largest_page: u32,
    /// Whether a page of fixed size comes with the number of rows in the list, as one with a page size
    /// does.
    pub(crate) counts_fixed_pages: bool,
    /// The parameter for the number after which the rows begin.
    pub(crate) offset: &'static str,
    /// How a filter writes a date, in the notation of chrono.
    pub(crate) filter_date: &'static str,
    /// Which fields of a row hold dates.
    pub(crate) dates: DateFields,
    /// The stream whose list proves access to an organisation. `None` if the API has none.
    pub(crate) probe: Option<&'static str>,
    /// The only country, two letters, whose organisations have the API.
    pub(crate) country: Option<&'static str>,
    /// Whether its rows hold personal data of employees. Only a user who names such a stream, or asks
    /// for payroll, gets it.
    pub(crate) is_personal: bool,
}

impl PartialEq for Api {
    fn eq(&self, other: &Api) -> bool {
        self.name == other.name
    }
}

/// Tells by the name of a field whether its text is an instant or a calendar date.
///
/// A text of the form `/Date(...)/` is a date in any field. It is an instant in the fields of
/// `instants`, and a calendar date in all others.
#[derive(Clone, Copy, Debug)]
pub(crate) struct DateFields {
    /// How the names of fields with an instant end. Its text may be ISO 8601 without a zone, which
    /// means UTC.
    pub(crate) instants: &'static [&'static str],
    /// What the names of fields with a calendar date contain. Xero adds a time of day to some of
    /// these dates, which means nothing.
    pub(crate) calendar: &'static [&'static str],
}

impl DateFields {
    /// Whether a field with this name holds an instant.
    pub(crate) fn is_instant(self, name: &[u8]) -> bool {
        let mut ends = self.instants.iter();
        ends.any(|end| name.ends_with(end.as_bytes()))
    }

    /// Whether a field with this name holds a calendar date, to which Xero may add a time of day.
    pub(crate) fn is_calendar_date(self, name: &[u8]) -> bool {
        let mut parts = self.calendar.iter().map(|part| part.as_bytes());
        parts.any(|part| name.windows(part.len()).any(|window| window == part))
    }
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
    name: "Accounting",
    base_path: "/api.xro/2.0",
    scope: RequestScope::Organisation,
    page: "page",
    page_size: "pageSize",
    largest_page: 1000,
    counts_fixed_pages: false,
    offset: "offset",
    filter_date: "DateTime(%Y,%m,%d)",
    dates: DateFields {
        instants: &["UTC"],
        calendar: &[],
    },
    // A short list under a scope that nearly every app has.
    probe: Some("currencies"),
    country: None,
    is_personal: false,
};

/// The Identity API, which lists the connections of a token.
pub(crate) const IDENTITY: Api = Api {
    name: "Identity",
    base_path: "",
    scope: RequestScope::Token,
    probe: None,
    ..ACCOUNTING
};

/// The Assets API, for fixed assets.
pub(crate) const ASSETS: Api = Api {
    name: "Assets",
    base_path: "/assets.xro/1.0",
    largest_page: 200,
    dates: DateFields {
        instants: &[],
        calendar: &["Date"],
    },
    probe: Some("asset_types"),
    ..ACCOUNTING
};

/// The Projects API.
pub(crate) const PROJECTS: Api = Api {
    name: "Projects",
    base_path: "/projects.xro/2.0",
    largest_page: 500,
    dates: DateFields {
        instants: &["Utc"],
        calendar: &[],
    },
    probe: Some("project_users"),
    ..ACCOUNTING
};

/// The Files API.
pub(crate) const FILES: Api = Api {
    name: "Files",
    base_path: "/files.xro/1.0",
    page_size: "pagesize",
    largest_page: 100,
    dates: DateFields {
        instants: &["Utc"],
        calendar: &[],
    },
    probe: Some("file_inbox"),
    ..ACCOUNTING
};

/// Payroll in Australia.
pub(crate) const PAYROLL_AU: Api = Api {
    name: "Payroll AU",
    base_path: "/payroll.xro/1.0",
    dates: DateFields {
        instants: &["UTC", "LastEdited"],
        calendar: &[],
    },
    probe: None,
    country: Some("AU"),
    is_personal: true,
    ..ACCOUNTING
};

/// The second version of Payroll in Australia, which has timesheets only.
pub(crate) const PAYROLL_AU_2: Api = Api {
    name: "Payroll AU 2.0",
    ..PAYROLL_2
};

/// Payroll in the United Kingdom.
pub(crate) const PAYROLL_UK: Api = Api {
    name: "Payroll UK",
    country: Some("GB"),
    ..PAYROLL_2
};

/// Payroll in New Zealand.
pub(crate) const PAYROLL_NZ: Api = Api {
    name: "Payroll NZ",
    country: Some("NZ"),
    ..PAYROLL_2
};

/// What the payroll APIs of version 2.0 have in common. One address serves all countries.
const PAYROLL_2: Api = Api {
    base_path: "/payroll.xro/2.0",
    counts_fixed_pages: true,
    dates: DateFields {
        instants: &["UTC", "lastEdited", "postedDateTime"],
        calendar: &["Date", "date", "effectiveFrom", "AsAt"],
    },
    ..PAYROLL_AU
};
