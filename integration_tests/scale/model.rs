//! What many organisations cost in calls, hours, bytes and money. Pure arithmetic.
//!
//! It covers the lists of the Accounting API with their child rows, without reports and without streams that
//! need a call for each document. The ledger is an addition, because only apps on the tier Advanced may read it.

/// Xero's limits, as its documentation has them.
pub(crate) const CALLS_A_MINUTE: f64 = 60.0;
pub(crate) const CALLS_AT_ONCE: f64 = 5.0;
pub(crate) const CALLS_OF_APP_A_MINUTE: f64 = 10_000.0;
pub(crate) const CALLS_A_DAY: f64 = 5_000.0;

/// What one process of the connector does at most.
const ORGANISATIONS_AT_ONCE: f64 = 200.0;
const CALLS_OF_PROCESS_AT_ONCE: f64 = 100.0;

/// Seconds of a call. Xero publishes none, and large pages take some.
pub(crate) const SECONDS_A_CALL: f64 = 1.0;

/// Records that one core writes in a second, children included. See "What one pod needs".
pub(crate) const RECORDS_A_SECOND: f64 = 100_000.0;

const HUNDRED: u64 = 100;
const THOUSAND: u64 = 1_000;

/// How a list is read.
#[derive(Clone, Copy)]
enum Paging {
    /// In one call. A later sync receives the changes.
    Whole,
    /// In one call, and again in every sync, because changes have no stamp.
    Again,
    /// In pages of 1,000 that overlap by one row.
    Thousands,
    /// In pages of 100 that overlap by one row. The last page is requested twice.
    Hundreds,
    /// In pages of 100 up to an empty one.
    Ledger,
}

/// A list that grows with the organisation.
pub(crate) struct List {
    pub(crate) stream: &'static str,
    paging: Paging,
    /// Bytes of a row as it is received, compressed, in the simulator.
    bytes: f64,
    /// Records of a row and its children.
    records: f64,
}

const fn list(stream: &'static str, paging: Paging, bytes: f64, records: f64) -> List {
    List {
        stream,
        paging,
        bytes,
        records,
    }
}

/// The lists that grow.
pub(crate) const LISTS: [List; 14] = [
    list("invoices", Paging::Thousands, 780.0, 5.6),
    list("contacts", Paging::Thousands, 420.0, 7.5),
    list("bank_transactions", Paging::Thousands, 300.0, 3.9),
    list("payments", Paging::Thousands, 220.0, 1.0),
    list("credit_notes", Paging::Thousands, 560.0, 4.4),
    list("manual_journals", Paging::Thousands, 260.0, 7.5),
    list("purchase_orders", Paging::Thousands, 820.0, 5.6),
    list("overpayments", Paging::Thousands, 340.0, 3.0),
    list("prepayments", Paging::Thousands, 360.0, 3.0),
    list("quotes", Paging::Hundreds, 610.0, 5.7),
    list("items", Paging::Whole, 110.0, 1.0),
    list("bank_transfers", Paging::Again, 210.0, 1.0),
    list("batch_payments", Paging::Whole, 330.0, 3.0),
    list("journals", Paging::Ledger, 380.0, 5.0),
];

/// Calls for the lists that stay short, for the check of the access and for the organisation.
const OTHER_CALLS: u64 = 17;
/// The first answers of these lists, and later ones, in which `accounts` and `users` have changes only.
const OTHER_FIRST: (f64, f64) = (25_000.0, 140.0);
const OTHER_LATER: (f64, f64) = (11_000.0, 65.0);

/// An organisation by the rows of its lists. Lists that it does not name are empty, and `journals` is not read.
#[derive(Clone)]
pub(crate) struct Organisation {
    pub(crate) rows: Vec<(&'static str, u64)>,
}

/// What one sync of one organisation costs.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Cost {
    pub(crate) calls: u64,
    pub(crate) bytes: f64,
    pub(crate) records: f64,
}

impl Organisation {
    /// The first sync.
    pub(crate) fn first(&self) -> Cost {
        self.cost(OTHER_FIRST, |list, rows| (list.paging.calls(rows), rows))
    }

    /// A sync in which a list has this share of new or changed rows.
    pub(crate) fn later(&self, changed: f64) -> Cost {
        self.cost(OTHER_LATER, |list, rows| match list.paging {
            Paging::Again => (1, rows),
            // A call that resumes repeats the last row, and a ledger looks for late journals.
            Paging::Ledger => {
                let new = (rows as f64 * changed).round() as u64;
                (4 + list.paging.calls(new), new)
            }
            paging => {
                let new = (rows as f64 * changed).round() as u64;
                (paging.calls(new), new)
            }
        })
    }

    fn cost(
        &self,
        (bytes, records): (f64, f64),
        of_list: impl Fn(&List, u64) -> (u64, u64),
    ) -> Cost {
        let mut cost = Cost {
            calls: OTHER_CALLS,
            bytes,
            records,
        };
        for list in &LISTS {
            let named = self.rows.iter().find(|(stream, _)| *stream == list.stream);
            let rows = match (named, list.paging) {
                (Some(&(_, rows)), _) => rows,
                (None, Paging::Ledger) => continue,
                (None, _) => 0,
            };
            let (calls, rows) = of_list(list, rows);
            cost.calls += calls;
            cost.bytes += rows as f64 * list.bytes;
            cost.records += rows as f64 * list.records;
        }
        cost
    }
}

impl Paging {
    fn calls(self, rows: u64) -> u64 {
        match self {
            Paging::Whole | Paging::Again => 1,
            Paging::Thousands => pages(rows, THOUSAND),
            Paging::Hundreds if rows < HUNDRED => 1,
            Paging::Hundreds => pages(rows, HUNDRED) + 1,
            Paging::Ledger => rows.div_ceil(HUNDRED) + 1,
        }
    }
}

/// The pages of a list whose pages overlap by one row.
fn pages(rows: u64, size: u64) -> u64 {
    1 + rows.saturating_sub(size).div_ceil(size - 1)
}

/// The minutes that Xero's limits take for this sync of all organisations, with any number of processes.
pub(crate) fn minutes_of_xero(organisations: u64, each: Cost) -> f64 {
    let all = organisations as f64 * each.calls as f64;
    minutes_of_organisation(each).max(waits(all, CALLS_OF_APP_A_MINUTE))
}

/// The minutes that one process with one core takes for it.
pub(crate) fn minutes_of_process(organisations: u64, each: Cost) -> f64 {
    let organisations = organisations as f64;
    let calls = organisations * each.calls as f64;
    let in_turn = minutes_of_organisation(each) * organisations / ORGANISATIONS_AT_ONCE;
    let at_once = calls * SECONDS_A_CALL / CALLS_OF_PROCESS_AT_ONCE / 60.0;
    let of_core = organisations * each.records / RECORDS_A_SECOND / 60.0;
    minutes_of_xero(organisations as u64, each)
        .max(in_turn)
        .max(at_once)
        .max(of_core)
}

/// The minutes that one organisation takes at least: five calls at once, and 60 a minute.
pub(crate) fn minutes_of_organisation(each: Cost) -> f64 {
    let calls = each.calls as f64;
    (calls * SECONDS_A_CALL / CALLS_AT_ONCE / 60.0).max(waits(calls, CALLS_A_MINUTE))
}

/// The minutes until the last call may be sent. The first window is free.
fn waits(calls: f64, a_minute: f64) -> f64 {
    ((calls - 1.0) / a_minute).floor().max(0.0)
}

/// The days over which the calls of an organisation are spread.
pub(crate) fn days(each: Cost) -> u64 {
    (each.calls as f64 / CALLS_A_DAY).ceil() as u64
}

/// A tier of Xero's prices for apps since March 2026, in Australian dollars a month.
pub(crate) struct Tier {
    pub(crate) name: &'static str,
    pub(crate) connections: u64,
    pub(crate) fee: f64,
    /// `None`: unlimited.
    pub(crate) gigabytes: Option<f64>,
}

/// The tiers with a published price.
pub(crate) const TIERS: [Tier; 4] = [
    tier("Starter", 5, 0.0, None),
    tier("Core", 50, 35.0, Some(10.0)),
    tier("Plus", 1_000, 245.0, Some(50.0)),
    tier("Advanced", 10_000, 1_445.0, Some(250.0)),
];
const OVERAGE: f64 = 2.40;

const fn tier(name: &'static str, connections: u64, fee: f64, gigabytes: Option<f64>) -> Tier {
    Tier {
        name,
        connections,
        fee,
        gigabytes,
    }
}

/// The smallest tier for this number of organisations. The ledger needs the last one.
pub(crate) fn tier_of(organisations: u64, ledger: bool) -> &'static Tier {
    let fits =
        |tier: &&Tier| tier.connections >= organisations && (!ledger || tier.name == "Advanced");
    TIERS
        .iter()
        .find(fits)
        .expect("at most 10,000 organisations")
}

/// The price of a month in Australian dollars.
pub(crate) fn price(tier: &Tier, gigabytes: f64) -> f64 {
    let beyond = tier
        .gigabytes
        .map_or(0.0, |included| (gigabytes - included).max(0.0));
    tier.fee + beyond * OVERAGE
}

#[test]
fn a_list_costs_a_call_for_each_page() {
    for (paging, rows, calls) in [
        (Paging::Whole, 5_000, 1),
        (Paging::Thousands, 0, 1),
        (Paging::Thousands, 1_000, 1),
        (Paging::Thousands, 1_001, 2),
        (Paging::Thousands, 50_000, 51),
        (Paging::Hundreds, 99, 1),
        (Paging::Hundreds, 130, 3),
        (Paging::Ledger, 1_000, 11),
    ] {
        assert_eq!(paging.calls(rows), calls, "{rows}");
    }
}

#[test]
fn the_slowest_limit_decides() {
    let each = |calls, records| Cost {
        calls,
        bytes: 0.0,
        records,
    };
    // Five calls at once, a second each.
    assert_eq!(minutes_of_organisation(each(60, 0.0)), 0.2);
    // 60 calls a minute of an organisation.
    assert_eq!(minutes_of_xero(1, each(301, 0.0)), 5.0);
    // 10,000 calls a minute of the app.
    assert_eq!(minutes_of_xero(1_000, each(100, 0.0)), 9.0);
    // 100 calls at once of a process.
    assert_eq!(minutes_of_process(1_000, each(60, 0.0)), 10.0);
    // One core.
    assert_eq!(minutes_of_process(100, each(1, 600_000.0)), 10.0);
}

#[test]
fn a_month_costs_the_tier_and_the_gigabytes_beyond() {
    let price_of = |organisations, gigabytes| price(tier_of(organisations, false), gigabytes);
    assert_eq!(price_of(5, 1_000.0), 0.0);
    assert_eq!(price_of(50, 10.0), 35.0);
    assert_eq!(price_of(51, 60.0), 245.0 + 24.0);
    assert_eq!(tier_of(1_001, false).name, "Advanced");
    assert_eq!(tier_of(1, true).name, "Advanced");
}
