//! The fault matrix: a fault, a kind of stream and a way of access give rows, statuses, an error
//! type, a last state and a number of calls. `docs/reliability.md` shows the figures.
//!
//! Each case carries the outcome that the documentation promises, which `outcome` asserts without
//! looking at the figures. After each case a sync without the fault brings every row and value of
//! Xero to the destination. `UPDATE_DOCS=1 cargo test --test integration faults::matrix` updates the
//! page.
//!
//! Not every fault meets every kind of stream:
//!
//! - Faults that pass meet the two ways in which bytes are received, pages (of journals) and files.
//!   Four of them meet every kind: one of the network, a status, a limit, and an ended token.
//! - Lasting faults meet every kind if kinds differ in what they do about them. The others meet
//!   journals.
//! - Faults about one item meet the kinds that make a call for each item.
//! - Faults about rows and counts meet lists.
//! - Faults of a whole organisation meet one kind, because they end the sync before its lists.
//! - Faults of tokens meet every way of access, because no kind of stream knows about tokens.

mod case;
mod faults;
mod kinds;
mod outcome;
mod stage;

use std::collections::VecDeque;
use std::panic::catch_unwind;
use std::sync::{Mutex, PoisonError};

use crate::support::generated::{compare_part, table};
use case::{Case, Figures, Place};
use faults::Fault;
use kinds::{Family, Kind};
use outcome::Failure::{self, Config, System, Transient};
use outcome::Outcome::{self, Drops, FailsOrganisation, FailsStream, Recovers, Skips, StopsSync};
use stage::Access;

const PAGE: &str = "docs/reliability.md";

/// Cases that run at the same time. Many of them wait.
const AT_ONCE: usize = 4;

/// More than any sync repeats.
const ALWAYS: usize = 1_000_000;

/// A case of the usual access: a web app whose access token is still valid.
fn on_stream(fault: Fault, kind: &'static Kind, times: usize, outcome: Outcome) -> Case {
    Case {
        fault,
        kind,
        access: Access::WebWithToken,
        organisations: 1,
        place: Place::Stream,
        times,
        outcome,
    }
}

/// Runs the cases, several at a time. The figures come in the order of the cases. All cases run,
/// even if some of them fail.
fn run(cases: &[Case]) -> Vec<Figures> {
    let queue: Mutex<VecDeque<_>> = Mutex::new(cases.iter().enumerate().collect());
    let next = || {
        queue
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .pop_front()
    };
    let work = || {
        let cases = std::iter::from_fn(next);
        let run = |(at, case): (usize, &Case)| (at, catch_unwind(|| case.run()).ok());
        cases.map(run).collect::<Vec<_>>()
    };
    let mut figures: Vec<_> = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..AT_ONCE).map(|_| scope.spawn(work)).collect();
        let ended = workers.into_iter().map(|it| it.join());
        ended
            .flat_map(|it| it.expect("each panic of a case is caught"))
            .collect()
    });
    figures.sort_by_key(|(at, _)| *at);
    let figures: Vec<_> = figures.into_iter().filter_map(|(_, it)| it).collect();
    let failed = cases.len() - figures.len();
    assert_eq!(failed, 0, "cases failed, see above");
    figures
}

/// Runs the cases and compares their table with the page. `of` names what is listed in the second
/// column. Cases that differ only in it share a line.
fn hold(part: &str, second: &str, of: impl Fn(&Case) -> &'static str, cases: &[Case]) {
    let mut lines: Vec<([String; 10], Vec<&str>)> = Vec::new();
    for (case, figures) in cases.iter().zip(run(cases)) {
        let failure = case.outcome.failure().map(Failure::name);
        let line = [
            case.fault_and_times(),
            String::new(),
            case.outcome.to_string(),
            failure.map(|name| format!("`{name}`")).unwrap_or_default(),
            figures.rows,
            figures.statuses,
            figures.state.to_owned(),
            figures.hits.to_string(),
            figures.token_calls.to_string(),
            figures.again.to_owned(),
        ];
        match lines.iter_mut().find(|(other, _)| *other == line) {
            Some((_, names)) => names.push(of(case)),
            None => lines.push((line, vec![of(case)])),
        }
    }
    let head = [
        "Fault",
        second,
        "Outcome",
        "Error",
        "Rows",
        "Stream, others",
        "State",
        "Failed calls",
        "Token calls",
        "Next sync reads",
    ];
    let rows = lines.into_iter().map(|(mut line, names)| {
        line[1] = match names.len() == kinds::ALL.len() {
            true => "all kinds".to_owned(),
            false => names.join(", "),
        };
        line
    });
    compare_part(PAGE, part, &table(head, rows));
}

fn kind_name(case: &Case) -> &'static str {
    case.kind.name
}

fn access_name(case: &Case) -> &'static str {
    case.access.name()
}

#[test]
fn the_kinds_of_streams() {
    let rows = kinds::ALL.iter().map(|kind| {
        let (rows, calls) = case::usual(kind);
        [
            kind.name.to_owned(),
            format!("`{}`", kind.stream),
            kind.calls.to_owned(),
            rows.to_string(),
            calls.to_string(),
            kind.first_hit.to_string(),
            kind.before.to_string(),
            if kind.continues { "yes" } else { "no" }.to_owned(),
        ]
    });
    let head = [
        "Kind",
        "Stream",
        "Calls",
        "Rows",
        "Number of calls",
        "First failed call",
        "Rows before it",
        "Next sync continues",
    ];
    compare_part(PAGE, "kinds", &table(head, rows));
}

#[test]
fn faults_that_pass() {
    const EVERY_KIND: [Fault; 4] = [
        faults::RESET,
        faults::SERVER_ERROR,
        faults::MINUTE,
        faults::ENDED,
    ];
    const BYTES: [Fault; 16] = [
        faults::SLOW,
        faults::STALL,
        faults::TRICKLE,
        faults::CUT,
        faults::NOT_GZIP,
        faults::CUT_GZIP,
        faults::HTML,
        faults::EMPTY,
        faults::OTHER_SHAPE,
        faults::BAD_GATEWAY,
        faults::UNAVAILABLE,
        faults::MAINTENANCE,
        faults::OFFLINE,
        faults::CONCURRENT,
        faults::APP_MINUTE,
        faults::BARE_429,
    ];
    let every = EVERY_KIND.iter().flat_map(|fault| {
        let kinds = kinds::ALL.iter();
        kinds.map(|kind| on_stream(*fault, kind, 1, Recovers))
    });
    let bytes = BYTES.iter().flat_map(|fault| {
        [&kinds::JOURNALS, &kinds::FILES].map(|kind| on_stream(*fault, kind, 1, Recovers))
    });
    // A 403 for one document is not repeated in the same sync.
    let forbidden = [
        (&kinds::JOURNALS, Recovers),
        (&kinds::PERIODS, Recovers),
        (&kinds::BUDGETS, Recovers),
        (&kinds::CONTACT_REPORT, Recovers),
        (&kinds::DOCUMENTS, Skips),
        (&kinds::FILES, Skips),
    ];
    let forbidden = forbidden.map(|(kind, outcome)| on_stream(faults::FORBIDDEN, kind, 1, outcome));
    let cases: Vec<_> = every.chain(bytes).chain(forbidden).collect();
    hold("passing", "Kind of stream", kind_name, &cases);
}

/// What has to come of a lasting fault of one stream, by the family of the stream.
struct Lasting {
    fault: Fault,
    /// Lists, periods, and lists whose rows have details.
    pages: Outcome,
    /// More than ten items fail one after the other.
    items: Outcome,
    /// The files of three documents fail.
    files: Outcome,
}

impl Lasting {
    /// Whether Xero no longer knows items that each sync lists and reads again.
    fn is_relisted(&self, kind: &Kind) -> bool {
        self.fault.name == faults::NOT_FOUND.name
            && [kinds::BUDGETS.name, kinds::CONTACT_REPORT.name].contains(&kind.name)
    }
}

/// The fault ends every stream with the same type of error. Files are tried again by the next sync.
const fn fails(fault: Fault, failure: Failure) -> Lasting {
    Lasting {
        fault,
        pages: FailsStream(failure),
        items: FailsStream(failure),
        files: Skips,
    }
}

#[test]
fn faults_that_last() {
    let every_kind = [
        fails(faults::RESET, Transient),
        fails(faults::HTML, Transient),
        fails(faults::SERVER_ERROR, Transient),
        fails(faults::NOT_VALID_400, System),
        fails(faults::NO_ROLE_403, Config),
        fails(faults::FORBIDDEN, Config),
        Lasting {
            files: Drops,
            ..fails(faults::NOT_FOUND, System)
        },
        Lasting {
            files: FailsStream(Config),
            ..fails(faults::NO_SCOPE, Config)
        },
        Lasting {
            files: FailsStream(Transient),
            ..fails(faults::OFFLINE, Transient)
        },
        Lasting {
            files: FailsStream(Transient),
            ..fails(faults::MINUTE, Transient)
        },
    ];
    let every = every_kind.iter().flat_map(|lasting| {
        kinds::ALL.iter().map(|kind| {
            let outcome = match kind.family {
                _ if lasting.is_relisted(kind) => Skips,
                Family::List | Family::Details | Family::Periods => lasting.pages,
                Family::Items => lasting.items,
                Family::Files => lasting.files,
            };
            on_stream(lasting.fault, kind, ALWAYS, outcome)
        })
    });
    let pages = [
        (faults::STALL, Transient),
        (faults::CUT, Transient),
        (faults::NOT_GZIP, Transient),
        (faults::CUT_GZIP, Transient),
        (faults::EMPTY, Transient),
        (faults::OTHER_SHAPE, Transient),
        (faults::HIGH_VOLUME, Config),
        (faults::PRECONDITION, System),
        (faults::NOT_IMPLEMENTED, System),
        (faults::BAD_GATEWAY, Transient),
        (faults::UNAVAILABLE, Transient),
        (faults::MAINTENANCE, Transient),
        (faults::CONCURRENT, Transient),
        (faults::APP_MINUTE, Transient),
        (faults::BARE_429, Transient),
        (faults::REDIRECT, System),
    ];
    let pages = pages
        .map(|(fault, failure)| on_stream(fault, &kinds::JOURNALS, ALWAYS, FailsStream(failure)));
    let cases: Vec<_> = every.chain(pages).collect();
    hold("lasting", "Kind of stream", kind_name, &cases);
}

#[test]
fn faults_of_one_item() {
    let faults = [
        // A report without one of its contacts, and a budget without its lines, are not whole.
        (faults::SERVER_ERROR, Skips, FailsStream(Transient)),
        (faults::HTML, Skips, FailsStream(Transient)),
        (faults::NOT_VALID_400, Skips, FailsStream(System)),
        // Xero no longer knows the item. Budgets and contacts are listed again by each sync.
        (faults::NOT_FOUND, Drops, Skips),
    ];
    let cases: Vec<_> = faults
        .into_iter()
        .flat_map(|(fault, items, details)| {
            [
                (&kinds::DOCUMENTS, items),
                (&kinds::FILES, items),
                (&kinds::CONTACT_REPORT, details),
                (&kinds::BUDGETS, details),
            ]
            .map(|(kind, outcome)| Case {
                place: Place::OneItem,
                ..on_stream(fault, kind, ALWAYS, outcome)
            })
        })
        .collect();
    hold("items", "Kind of stream", kind_name, &cases);
}

#[test]
fn faults_of_rows_and_counts() {
    use kinds::{CHILDREN, JOURNALS, LINKED, PAGES, WHOLE};
    let unusable = [&WHOLE, &JOURNALS, &CHILDREN, &LINKED];
    let mut cases: Vec<(Fault, &'static Kind, Outcome)> = Vec::new();
    for kind in unusable {
        cases.push((faults::NUMBER_FOR_ROW, kind, FailsStream(Transient)));
    }
    for kind in unusable {
        cases.push((faults::NO_KEY, kind, FailsStream(Transient)));
    }
    for kind in [&WHOLE, &JOURNALS, &LINKED] {
        cases.push((faults::DEEP, kind, FailsStream(System)));
    }
    for kind in [&PAGES, &WHOLE, &JOURNALS] {
        cases.push((faults::DOUBLE, kind, Recovers));
    }
    // These lists have no counts, and a page that holds a row twice may lack another one.
    for kind in [&CHILDREN, &LINKED] {
        cases.push((faults::DOUBLE, kind, FailsStream(Transient)));
    }
    cases.push((faults::FIRST_PAGE_AGAIN, &PAGES, Recovers));
    cases.push((faults::FIRST_PAGE_AGAIN, &CHILDREN, Recovers));
    cases.push((faults::FIRST_PAGE_AGAIN, &JOURNALS, FailsStream(Transient)));
    cases.push((faults::FIRST_PAGE_AGAIN, &LINKED, FailsStream(Transient)));
    cases.push((faults::WRONG_COUNT, &PAGES, FailsStream(Transient)));
    for kind in [&PAGES, &WHOLE, &JOURNALS, &CHILDREN] {
        cases.push((faults::FUTURE, kind, Recovers));
    }
    for kind in [&PAGES, &WHOLE, &JOURNALS, &CHILDREN] {
        cases.push((faults::PAST, kind, Recovers));
    }
    let case = |(fault, kind, outcome)| Case {
        place: Place::WholeStream,
        ..on_stream(fault, kind, ALWAYS, outcome)
    };
    let cases: Vec<_> = cases.into_iter().map(case).collect();
    hold("rows", "Kind of stream", kind_name, &cases);
}

#[test]
fn faults_of_a_whole_organisation() {
    let faults = [
        (faults::NO_ROLE_403, Config),
        (faults::FORBIDDEN, Config),
        (faults::OFFLINE, Transient),
        (faults::DAY, Transient),
        (faults::SERVER_ERROR, Transient),
        (faults::HTML, Transient),
    ];
    let refused = Case {
        place: Place::Api,
        ..on_stream(
            faults::REFUSED,
            &kinds::JOURNALS,
            ALWAYS,
            StopsSync(Transient),
        )
    };
    let cases = faults.into_iter().flat_map(|(fault, failure)| {
        [(1, StopsSync(failure)), (2, FailsOrganisation(failure))].map(
            |(organisations, outcome)| Case {
                place: Place::Api,
                organisations,
                ..on_stream(fault, &kinds::JOURNALS, ALWAYS, outcome)
            },
        )
    });
    let cases: Vec<_> = std::iter::once(refused).chain(cases).collect();
    let of = |case: &Case| match case.organisations {
        1 => "the only one",
        _ => "one of two",
    };
    hold("organisations", "Organisation", of, &cases);
}

#[test]
fn faults_of_tokens() {
    use Access::{Custom, Pkce, Token, Web, WebWithToken};
    let renewing = [Web, Pkce, Custom];
    let case = |fault, access, place, times, outcome| Case {
        access,
        place,
        ..on_stream(fault, &kinds::WHOLE, times, outcome)
    };
    let mut cases = Vec::new();
    for (fault, times, outcome) in [
        (faults::SERVER_ERROR, 1, Recovers),
        (faults::RESET, 1, Recovers),
        (faults::LOST_TOKENS, 1, Recovers),
        (faults::CUT_TOKENS, 1, Recovers),
        (faults::HTML, 1, Recovers),
        (faults::MINUTE, 1, Recovers),
        (faults::NO_REFRESH_TOKEN, 1, Recovers),
        (faults::INVALID_CLIENT, ALWAYS, StopsSync(Config)),
        (faults::SERVER_ERROR, ALWAYS, StopsSync(Transient)),
        (faults::RESET, ALWAYS, StopsSync(Transient)),
        (faults::HTML, ALWAYS, StopsSync(Transient)),
        (faults::NO_ACCESS_TOKEN, ALWAYS, StopsSync(System)),
        (faults::REFUSED, ALWAYS, StopsSync(Transient)),
    ] {
        cases.extend(renewing.map(|access| case(fault, access, Place::Tokens, times, outcome)));
    }
    let granted = [Web, Pkce];
    let refused = |access| {
        let outcome = StopsSync(Config);
        case(
            faults::INVALID_GRANT,
            access,
            Place::Tokens,
            ALWAYS,
            outcome,
        )
    };
    cases.extend(granted.map(refused));
    for access in [Token, WebWithToken, Web, Pkce, Custom] {
        let recovers = match access {
            Token => StopsSync(Config),
            _ => Recovers,
        };
        // A token that is new and that Xero does not know is not renewed again.
        let unknown = match access {
            WebWithToken => Recovers,
            _ => StopsSync(Config),
        };
        cases.push(case(
            faults::ENDED,
            access,
            Place::FirstToken,
            ALWAYS,
            recovers,
        ));
        cases.push(case(
            faults::UNKNOWN_TOKEN,
            access,
            Place::FirstToken,
            ALWAYS,
            unknown,
        ));
        cases.push(case(
            faults::ENDED,
            access,
            Place::Api,
            ALWAYS,
            StopsSync(Config),
        ));
    }
    hold("tokens", "Access", access_name, &cases);
}
