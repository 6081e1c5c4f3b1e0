//! Servers that hide, shorten, repeat and reorder rows. A stream that ends COMPLETE has every row. A stream
//! that cannot know whether it has every row says so.
//!
//! No client can detect a row that is hidden from every answer of a list without counts. These cases are left
//! out.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicU64, Ordering};

use serde_json::Value;
use xero_sim::{Answer, Entity, Request};

use crate::support::connector::Run;
use crate::support::scene::{SCOPES, Scene};

/// What a server does to the answers of one list.
#[derive(Clone, Copy, Debug)]
enum Lie {
    /// One row of each page is missing. Counts stay.
    Hide,
    /// Pages have 40 rows, however many are asked for.
    Clamp,
    /// Each page has half of its rows. Counts stay.
    Shorten,
    /// Each second page is empty. Counts stay.
    Empty,
    /// Every page is the first one.
    Repeat,
    /// The rows of each page come in another order each time.
    Reorder,
    /// Every row comes twice on its page.
    Double,
}

use Lie::{Clamp, Double, Empty, Hide, Reorder, Repeat, Shorten};

/// How a stream has to end.
#[derive(Clone, Copy, Debug, PartialEq)]
enum End {
    /// COMPLETE with every row.
    Whole,
    /// INCOMPLETE with an error.
    Named,
}

use End::{Named, Whole};

/// An engine by one of its streams: the list that lies, the rows' key, and how it ends.
struct Case {
    stream: &'static str,
    list: &'static str,
    key: &'static str,
    ends: &'static [(Lie, End)],
}

const CASES: [Case; 10] = [
    // Pages by the last change, with counts.
    Case {
        stream: "invoices",
        list: "Invoices",
        key: "InvoiceID",
        ends: &[
            (Hide, Named),
            (Clamp, Whole),
            (Shorten, Named),
            (Empty, Whole),
            (Repeat, Whole),
            (Reorder, Whole),
            (Double, Whole),
        ],
    },
    // The same, but its list takes no order.
    Case {
        stream: "manual_journals",
        list: "ManualJournals",
        key: "ManualJournalID",
        ends: &[
            (Hide, Named),
            (Clamp, Whole),
            (Shorten, Named),
            (Empty, Whole),
            (Reorder, Whole),
        ],
    },
    // Pages of a fixed size, without counts.
    Case {
        stream: "quotes",
        list: "Quotes",
        key: "QuoteID",
        ends: &[(Repeat, Whole), (Reorder, Whole)],
    },
    // One answer.
    Case {
        stream: "items",
        list: "Items",
        key: "ItemID",
        ends: &[(Repeat, Whole), (Reorder, Whole), (Double, Whole)],
    },
    // Pages by number, without filter and counts.
    Case {
        stream: "linked_transactions",
        list: "LinkedTransactions",
        key: "LinkedTransactionID",
        ends: &[(Reorder, Named), (Double, Named)],
    },
    // Pages by the number of the last row.
    Case {
        stream: "journals",
        list: "Journals",
        key: "JournalID",
        ends: &[
            (Shorten, Whole),
            (Repeat, Named),
            (Reorder, Whole),
            (Double, Whole),
        ],
    },
    // A list, and a call for each of its rows.
    Case {
        stream: "budget_lines",
        list: "Budgets",
        key: "BudgetID",
        ends: &[(Reorder, Whole), (Double, Whole)],
    },
    // A list of contacts, and a call for each of them.
    Case {
        stream: "report_aged_receivables_by_contact",
        list: "Contacts",
        key: "ContactID",
        ends: &[
            (Hide, Named),
            (Clamp, Whole),
            (Shorten, Named),
            (Empty, Whole),
            (Repeat, Whole),
            (Reorder, Whole),
            (Double, Whole),
        ],
    },
    // A list of documents, and a call for each of them.
    Case {
        stream: "history",
        list: "Invoices",
        key: "ParentID",
        ends: &[
            (Hide, Named),
            (Clamp, Whole),
            (Shorten, Named),
            (Empty, Whole),
            (Reorder, Whole),
            (Double, Whole),
        ],
    },
    // Reports by period.
    Case {
        stream: "report_trial_balance",
        list: "Reports/TrialBalance",
        key: "LineID",
        ends: &[(Empty, Whole), (Repeat, Whole)],
    },
];

fn scene() -> Scene {
    Scene::with(SCOPES, |world, tenant| {
        world.unlimited(); // real minutes are not to be waited for here
        for (entity, rows) in [
            (Entity::Contacts, 150),
            (Entity::Items, 30),
            (Entity::Invoices, 2_500),
            (Entity::ManualJournals, 1_300),
            (Entity::Quotes, 250),
            (Entity::LinkedTransactions, 250),
            (Entity::Journals, 250),
            (Entity::Budgets, 3),
        ] {
            world.fill(tenant, entity, rows);
        }
    })
}

/// The answer of a server that lies to the `nth` request for its list.
fn answer(lie: Lie, nth: u64, request: &Request) -> Answer {
    let with = |name: &str, value: &str| {
        let mut other = request.clone();
        let named = other.query.iter_mut().filter(|(it, _)| it == name);
        named.for_each(|(_, it)| *it = value.to_owned());
        other
    };
    match lie {
        Clamp => return Answer::honest_to(with("pageSize", "40")),
        Repeat if request.param("page").is_some() => return Answer::honest_to(with("page", "1")),
        Repeat => return Answer::honest_to(with("offset", "0")),
        _ => {}
    }
    Answer::honest().rewritten(move |body| {
        let mut body: Value = serde_json::from_str(&body).expect("the simulator sends JSON");
        let lists = body.as_object_mut().expect("an object").values_mut();
        for rows in lists.filter_map(Value::as_array_mut) {
            let seed = nth.wrapping_mul(0x9e37_79b9_7f4a_7c15);
            match lie {
                Hide => drop((!rows.is_empty()).then(|| rows.remove(rows.len() / 2))),
                Shorten => rows.truncate(rows.len().div_ceil(2)),
                Empty if nth % 2 == 1 => rows.clear(),
                Reorder => rows.sort_by_cached_key(|row| scrambled(&row.to_string(), seed)),
                Double => {
                    *rows = rows
                        .iter()
                        .flat_map(|row| [row.clone(), row.clone()])
                        .collect()
                }
                Clamp | Empty | Repeat => {}
            }
        }
        body.to_string()
    })
}

/// A number that says nothing of the text's place among others.
fn scrambled(text: &str, seed: u64) -> u64 {
    let step = |hash: u64, byte: u8| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    text.bytes().fold(seed ^ 0xcbf2_9ce4_8422_2325, step)
}

fn read(scene: &Scene, stream: &str) -> Run {
    let mut config = scene.flat();
    config["max_calls_per_sync"] = 5_000.into();
    config["start_date"] = "2026-06-01".into();
    scene.read(&config, &[stream], None)
}

fn keys(run: &Run, case: &Case) -> BTreeSet<String> {
    let keys = run.column(case.stream, case.key).into_iter();
    keys.map(str::to_owned).collect()
}

/// Holds every case of these streams.
fn hold(streams: &[&str]) {
    let cases = CASES.iter().filter(|case| streams.contains(&case.stream));
    let cases: Vec<_> = cases.collect();
    assert_eq!(cases.len(), streams.len());
    for case in cases {
        let honest = read(&scene(), case.stream);
        assert_eq!(honest.code, Some(0), "{:?}", honest.errors());
        let truth = keys(&honest, case);
        assert!(truth.len() >= 2, "{}", case.stream);
        for (lie, end) in case.ends {
            let (lie, what) = (*lie, format!("{} {lie:?}", case.stream));
            let scene = scene();
            let (path, asked) = (format!("/api.xro/2.0/{}", case.list), AtomicU64::new(0));
            scene.sim.intercept(move |request, _| {
                let is_list = request.path == path;
                is_list.then(|| answer(lie, asked.fetch_add(1, Ordering::Relaxed), request))
            });
            let run = read(&scene, case.stream);
            let found = keys(&run, case);
            match run.status(case.stream) {
                "COMPLETE" => assert_eq!(found.len(), truth.len(), "{what}: rows are missing"),
                _ => assert!(!run.errors().is_empty(), "{what}: no error"),
            }
            let expected = match end {
                Whole => "COMPLETE",
                Named => "INCOMPLETE",
            };
            assert_eq!(
                run.status(case.stream),
                expected,
                "{what}: {:?}",
                run.errors()
            );
            assert!(found.is_subset(&truth), "{what}: rows that nobody has");
        }
    }
}

#[test]
fn pages_with_counts() {
    hold(&["invoices", "manual_journals"]);
}

#[test]
fn lists_without_counts() {
    hold(&["quotes", "items", "linked_transactions", "journals"]);
}

#[test]
fn calls_for_each_row_of_a_list() {
    hold(&[
        "budget_lines",
        "report_aged_receivables_by_contact",
        "history",
    ]);
}

#[test]
fn reports() {
    hold(&["report_trial_balance"]);
}
