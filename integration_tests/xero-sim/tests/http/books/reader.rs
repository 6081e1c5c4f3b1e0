//! All rows of one organisation, read over HTTP.

use std::collections::{BTreeMap, HashMap};

use serde_json::Value;
use xero_sim::entity::Paging;
use xero_sim::{ENDPOINTS, Endpoint};

use super::exact::{self, Foreign, RATE_DECIMALS};
use super::fields::{at, list, stamp, text};
use super::reports::{self, ReportRow};
use crate::client::Fixture;

/// The stream of the journals on a cash basis.
pub const CASH: &str = "journals_cash";
/// The stream of the journals on an accrual basis.
pub const ACCRUAL: &str = "journals";

/// Lists whose rows show all they have only when they are read one by one.
const SINGLES: &[&str] = &["budgets", "contact_groups", "expense_claims", "receipts"];

/// The rows of one organisation by stream, and its reports by query.
pub struct Books {
    /// The world and the moment, for messages.
    pub label: String,
    /// The code of the base currency.
    pub base: String,
    /// The server's clock, in milliseconds since the epoch.
    pub read_at: i64,
    streams: BTreeMap<&'static str, Vec<Value>>,
    /// Positions by stream and id.
    places: HashMap<(&'static str, String), usize>,
    reports: HashMap<String, Vec<ReportRow>>,
}

impl Books {
    /// Reads everything.
    pub fn read(fixture: &Fixture, label: String) -> Self {
        let mut streams = BTreeMap::new();
        for endpoint in ENDPOINTS {
            streams.insert(endpoint.name, read_list(fixture, endpoint, ""));
            if endpoint.paging == Paging::Offset {
                let cash = read_list(fixture, endpoint, "&paymentsOnly=true");
                streams.insert(CASH, cash);
            }
        }
        let mut places = HashMap::new();
        for (stream, rows) in &streams {
            let own = rows.iter().map(|row| text(row, id_of(stream)).to_owned());
            places.extend(own.enumerate().map(|(at, id)| ((*stream, id), at)));
        }
        let base = text(&streams["organisations"][0], "BaseCurrency").to_owned();
        let queries = reports::queries().into_iter();
        let reports = queries.map(|query| {
            let body = get(fixture, &format!("/Reports/{query}"));
            let rows = reports::rows(&body["Reports"][0], &base);
            (query, rows)
        });
        let reports = reports.collect();
        let envelope = get(fixture, "/Organisation");
        Self {
            label,
            read_at: stamp(&envelope, "DateTimeUTC").expect("the server's clock"),
            base,
            reports,
            streams,
            places,
        }
    }

    /// The names of all streams.
    pub fn streams(&self) -> impl Iterator<Item = &'static str> {
        self.streams.keys().copied()
    }

    /// The rows of a stream.
    pub fn rows(&self, stream: &str) -> &[Value] {
        &self.streams[stream]
    }

    /// A row by its id.
    pub fn find(&self, stream: &'static str, id: &str) -> Option<&Value> {
        let at = self.places.get(&(stream, id.to_owned()))?;
        Some(&self.streams[stream][*at])
    }

    /// The rows of a report by its name and query, one of [`reports::queries`].
    pub fn report(&self, query: &str) -> &[ReportRow] {
        &self.reports[query]
    }

    /// Decimals of the base currency.
    pub fn decimals(&self) -> u32 {
        exact::decimals_of(&self.base)
    }

    /// An amount in a currency, in units of its last place; 0 if the field is absent.
    pub fn amount_in(&self, currency: &str, row: &Value, path: &str) -> i128 {
        let field = at(row, path);
        if field.is_null() {
            return 0;
        }
        let units = exact::units(text(row, path), exact::decimals_of(currency));
        let label = &self.label;
        units.unwrap_or_else(|| panic!("[{label}] {path} is no amount of {currency}: {row}"))
    }

    /// An amount in the base currency.
    pub fn amount(&self, row: &Value, path: &str) -> i128 {
        self.amount_in(&self.base, row, path)
    }

    /// An amount in the row's own currency, its `CurrencyCode`.
    pub fn own_amount(&self, row: &Value, path: &str) -> i128 {
        self.amount_in(self.currency(row), row, path)
    }

    /// The currency of a document; the base currency if it names none.
    pub fn currency<'a>(&'a self, row: &'a Value) -> &'a str {
        match text(row, "CurrencyCode") {
            "" => &self.base,
            code => code,
        }
    }

    /// An amount of a document at its rate.
    pub fn at_rate(&self, row: &Value, amount: i128) -> Foreign {
        let rate = exact::units(text(row, "CurrencyRate"), RATE_DECIMALS);
        Foreign {
            amount,
            decimals: exact::decimals_of(self.currency(row)),
            rate: rate.unwrap_or(10_i128.pow(RATE_DECIMALS)),
            base_decimals: self.decimals(),
        }
    }

    /// The id of the account with a SystemAccount.
    pub fn system_account(&self, system: &str) -> &str {
        let mut accounts = self.rows("accounts").iter();
        let account = accounts.find(|account| text(account, "SystemAccount") == system);
        account.map_or("", |account| text(account, "AccountID"))
    }

    /// The id of the account with a code.
    pub fn account_of_code(&self, code: &str) -> &str {
        let mut accounts = self.rows("accounts").iter();
        let account = accounts.find(|account| text(account, "Code") == code);
        account.map_or("", |account| text(account, "AccountID"))
    }
}

/// The field that holds the id of a stream's rows.
pub fn id_of(stream: &str) -> &'static str {
    let stream = if stream == CASH { ACCRUAL } else { stream };
    let endpoint = ENDPOINTS.iter().find(|endpoint| endpoint.name == stream);
    endpoint.expect("a stream of the registry").id
}

/// A row for a message: its stream, its id, its status and what else tells it from others.
pub fn name(stream: &str, row: &Value) -> String {
    let mut shown = vec![stream, text(row, id_of(stream))];
    let fields = [
        "Type",
        "PaymentType",
        "Status",
        "InvoiceNumber",
        "JournalNumber",
    ];
    shown.extend(fields.map(|field| text(row, field)));
    shown.retain(|text| !text.is_empty());
    shown.join(" ")
}

fn get(fixture: &Fixture, path: &str) -> Value {
    let answer = fixture.get(path);
    assert_eq!(answer.status, 200, "{path}: {}", answer.text());
    exact::parse(answer.text())
}

fn read_list(fixture: &Fixture, endpoint: &Endpoint, filter: &str) -> Vec<Value> {
    let path = endpoint.path;
    let page = |query: String| {
        let hidden = endpoint
            .hidden
            .map_or("unitdp=4".to_owned(), |(_, parameter)| {
                format!("unitdp=4&{parameter}=true")
            });
        let body = get(fixture, &format!("{path}?{hidden}{filter}{query}"));
        list(&body, endpoint.key).to_vec()
    };
    let mut rows = Vec::new();
    match endpoint.paging {
        Paging::Whole => rows = page(String::new()),
        Paging::Offset => loop {
            let last = rows.last().map_or("0", |row| text(row, "JournalNumber"));
            let next = page(format!("&offset={last}"));
            if next.is_empty() {
                break;
            }
            rows.extend(next);
        },
        Paging::Pages { .. } | Paging::Fixed { .. } => {
            for number in 1.. {
                let next = page(format!("&page={number}&pageSize=1000"));
                if next.is_empty() {
                    break;
                }
                rows.extend(next);
            }
        }
    }
    if SINGLES.contains(&endpoint.name) {
        let single = |row: &Value| {
            let body = get(fixture, &format!("{path}/{}", text(row, endpoint.id)));
            // A single budget is an object, anything else a list of one.
            let found = &body[endpoint.key];
            found.get(0).unwrap_or(found).clone()
        };
        rows = rows.iter().map(single).collect();
    }
    rows
}
