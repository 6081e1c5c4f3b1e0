//! An endpoint as data.

use serde_json::Value;

use super::draw::{ApiRow, Draw, Tables};
use super::forms::{Form, Stamp};
use crate::query::Type;
use crate::rows::Country;

/// One of Xero's APIs.
#[derive(Debug)]
pub(crate) struct Api {
    /// Such as `/projects.xro/2.0`.
    pub(crate) base: &'static str,
    pub(crate) frame: Frame,
    pub(crate) problems: Problems,
}

impl Api {
    /// The least number of decimals that it writes of an amount.
    pub(crate) fn decimals(&self) -> usize {
        match self.base {
            "/assets.xro/1.0" | "/payroll.xro/1.0" => 4,
            _ => 1,
        }
    }
}

/// What surrounds the rows of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Frame {
    /// Only the envelope.
    Plain,
    /// `Id`, `Status`, `ProviderName` and `DateTimeUTC`, as in the Accounting API.
    Accounting,
    /// `id`, `providerName`, `dateTimeUTC`, `httpStatusCode`, `pagination` and `problem`.
    Payroll,
}

/// The form of an API's refusals.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Problems {
    /// `fieldValidationErrors`, `title` and `detail`.
    Fields,
    /// `message` and `modelState`.
    ModelState,
    /// `title`, `status` and `detail`.
    Details,
    /// As in the Accounting API.
    Accounting,
    /// A `problem` in the frame.
    InFrame,
}

/// How an answer holds its rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Envelope {
    /// A list under a key, such as `items`.
    List(&'static str),
    /// A list and nothing else.
    BareList,
    /// The only row under a key.
    Object(&'static str),
    /// The only row and nothing else.
    BareObject,
    /// The bytes of a file.
    Bytes,
    /// An object with the number of rows for each id in a parameter.
    CountOf(&'static str),
}

/// How a list is divided into answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Paging {
    /// Everything in one answer.
    Whole,
    /// By the parameter `page`, which is 1 if it is missing.
    Pages {
        /// The parameter for the size of a page, if there is one.
        size: Option<&'static str>,
        /// Rows of a page without that parameter.
        usual: usize,
        /// The largest page.
        most: usize,
        /// Whether a larger page is refused. If not, it is reduced.
        refuses: bool,
        counts: Counts,
    },
}

impl Paging {
    /// How an answer counts the rows of all pages.
    pub(crate) fn counts(self) -> Counts {
        match self {
            Self::Whole => Counts::Nothing,
            Self::Pages { counts, .. } => counts,
        }
    }
}

/// How an answer counts the rows of all pages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Counts {
    /// `pagination` with `page`, `pageSize`, `pageCount` and `itemCount`.
    Pagination,
    /// `TotalCount`, `Page` and `PerPage`.
    Total,
    /// Not at all.
    Nothing,
}

/// The table whose rows the rows of another belong to.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Parent {
    pub(crate) table: &'static str,
    /// The parameter that names the parent, such as `PayRunID`. Without one the address names it,
    /// as `{parent}`.
    pub(crate) parameter: Option<&'static str>,
}

/// How many rows a table has, unless a test says otherwise.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Size {
    /// This number, whatever the age of the organisation.
    Rows(usize),
    /// It grows with the age. Half of the rows of a child table belong to the first parent.
    Grows,
    /// This number for each parent.
    PerParent(usize),
}

/// Decides whether a row passes a filter with a value.
pub(crate) type Passes = fn(&ApiRow, &str, &dyn Tables) -> bool;

/// A parameter that the description has.
#[derive(Clone, Copy)]
pub(crate) struct Parameter {
    pub(crate) name: &'static str,
    pub(crate) form: Form,
    pub(crate) required: bool,
    /// Whether a row passes, if the parameter is a filter.
    pub(crate) passes: Option<Passes>,
}

impl Parameter {
    /// A parameter without effect on which rows there are.
    pub(crate) const fn plain(name: &'static str, form: Form) -> Self {
        Self {
            name,
            form,
            required: false,
            passes: None,
        }
    }

    /// A filter.
    pub(crate) const fn filter(name: &'static str, form: Form, passes: Passes) -> Self {
        Self {
            passes: Some(passes),
            ..Self::plain(name, form)
        }
    }

    /// The same, required.
    pub(crate) const fn required(self) -> Self {
        Self {
            required: true,
            ..self
        }
    }
}

/// How the client chooses an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sort {
    Never,
    /// One parameter names a field, another the direction.
    By {
        field: &'static str,
        direction: &'static str,
        /// The names that the parameter takes, and the fields of a row that they mean.
        fields: &'static [(&'static str, &'static str)],
    },
    /// A parameter such as `order=LastName DESC, FirstName`, with any fields of a row.
    Expression(&'static str),
}

/// One endpoint, and the table that it shows.
#[derive(Clone, Copy)]
pub(crate) struct ApiEndpoint {
    pub(crate) api: &'static Api,
    /// The table's name. The connector's stream has the same name.
    pub(crate) name: &'static str,
    /// The table that this is another view of. Only the endpoint of the table itself draws rows.
    pub(crate) view_of: Option<&'static str>,
    /// The country whose organisations have it. `None` means all.
    pub(crate) country: Option<Country>,
    /// Below the base, such as `/Projects/{parent}/Tasks`; empty if there is no list. Besides
    /// `{parent}`, a field of the rows in braces selects the rows with this value.
    pub(crate) path: &'static str,
    pub(crate) envelope: Envelope,
    /// The address of a single row, with `{id}`, and its envelope.
    pub(crate) single: Option<(&'static str, Envelope)>,
    /// The field with a row's id; empty if rows have none.
    pub(crate) id: &'static str,
    pub(crate) parent: Option<Parent>,
    pub(crate) paging: Paging,
    /// Whether `If-Modified-Since` is honoured.
    pub(crate) modified_since: bool,
    /// The scopes, without `.read`. Each of them is needed.
    pub(crate) scopes: &'static [&'static str],
    pub(crate) parameters: &'static [Parameter],
    pub(crate) sort: Sort,
    /// The type of the rows, if the parameter `where` filters by their elements.
    pub(crate) elements: Option<&'static Type>,
    /// Fields that only the single row has.
    pub(crate) detail_only: &'static [&'static str],
    /// The field with the time of the last edit, and its form.
    pub(crate) stamp: Option<(&'static str, Stamp)>,
    pub(crate) size: Size,
    pub(crate) draw: fn(&mut Draw<'_>) -> Value,
    /// Adds the values that follow from other tables, when the row is sent.
    pub(crate) complete: fn(&mut Value, &dyn Tables),
}

impl ApiEndpoint {
    /// The name of the table.
    pub(crate) fn table(&self) -> &'static str {
        self.view_of.unwrap_or(self.name)
    }
}

/// The row of no table: what views have as `draw`.
pub(crate) fn nothing(_: &mut Draw<'_>) -> Value {
    Value::Null
}

/// Adds nothing.
pub(crate) fn complete(_: &mut Value, _: &dyn Tables) {}

/// The paging of a list that has none.
pub(crate) const WHOLE: Paging = Paging::Whole;

/// Fields of an endpoint for the others of its API to build on: whole, without parameters.
pub(crate) const fn endpoint(api: &'static Api, scopes: &'static [&'static str]) -> ApiEndpoint {
    ApiEndpoint {
        api,
        name: "",
        view_of: None,
        country: None,
        path: "",
        envelope: Envelope::BareList,
        single: None,
        id: "",
        parent: None,
        paging: WHOLE,
        modified_since: false,
        scopes,
        parameters: &[],
        sort: Sort::Never,
        elements: None,
        detail_only: &[],
        stamp: None,
        size: Size::Rows(1),
        draw: nothing,
        complete,
    }
}
