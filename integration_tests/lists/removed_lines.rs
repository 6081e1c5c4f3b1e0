//! Lines that are removed from a document. Only the next version of the document shows the removal.

use std::collections::HashSet;

use rusqlite::{Connection, params_from_iter};
use serde_json::json;
use xero_sim::Entity;

use crate::support::connector::Run;
use crate::support::scene::Scene;

const FAMILY: [&str; 2] = ["invoices", "invoice_line_items"];

/// The numbers of two drafts: one with several lines, and one with a single line.
fn drafts(scene: &Scene, run: &Run) -> [u64; 2] {
    let lines = |id: &str| {
        let lines = run.column("invoice_line_items", "InvoiceID");
        lines.into_iter().filter(|of| *of == id).count()
    };
    scene.sim.world(|world| {
        let rows = world.rows(&scene.tenant, Entity::Invoices).iter();
        let drafts: Vec<_> = rows.filter(|row| row.status == "DRAFT").collect();
        let of = |is_wanted: fn(usize) -> bool| {
            let draft = drafts.iter().find(|row| is_wanted(lines(&row.guid())));
            draft.expect("there is such a draft").number
        };
        [of(|lines| lines > 1), of(|lines| lines == 1)]
    })
}

fn invoice_of(scene: &Scene, number: u64) -> String {
    let at = number as usize - 1;
    scene.ids(Entity::Invoices).swap_remove(at)
}

fn lines<'r>(run: &'r Run, invoice: &str) -> Vec<(&'r str, &'r str)> {
    let rows = run.records("invoice_line_items").into_iter();
    let of_invoice = rows.filter(|row| row["InvoiceID"] == *invoice);
    let text = |value: &'r serde_json::Value| value.as_str().unwrap_or_default();
    of_invoice
        .map(|row| (text(&row["LineItemID"]), text(&row["UpdatedDateUTC"])))
        .collect()
}

/// Runs two syncs. Between them a line is removed from one invoice, and the only line from another.
fn two_syncs(scene: &Scene) -> ([u64; 2], Run, Run) {
    let mut config = scene.flat();
    config["lookback_seconds"] = json!(0);
    let first = scene.read(&config, &FAMILY, None);
    let numbers = drafts(scene, &first);
    scene.sim.world(|world| {
        for number in numbers {
            world.remove_line(&scene.tenant, Entity::Invoices, number);
        }
    });
    let second = scene.read(&config, &FAMILY, Some(&first.last_states()));
    (numbers, first, second)
}

#[test]
fn an_edit_brings_the_lines_that_are_left_with_the_new_stamp() {
    let scene = Scene::new();
    let (numbers, first, second) = two_syncs(&scene);
    let [long, short] = numbers.map(|number| invoice_of(&scene, number));
    let (before, after) = (lines(&first, &long), lines(&second, &long));
    assert_eq!(after.len(), before.len() - 1);
    for ((id, old), (still, new)) in before.iter().zip(&after) {
        assert_eq!(id, still, "the others keep their ids and their order");
        assert!(new > old, "{new} is not after {old}");
    }
    assert_eq!(
        (lines(&first, &short).len(), lines(&second, &short)),
        (1, vec![])
    );
    let mut edited = second.column("invoices", "InvoiceID");
    edited.sort_unstable();
    let mut expected = [long.as_str(), short.as_str()];
    expected.sort_unstable();
    assert_eq!(edited, expected);
}

/// The SQL view in `docs/streams.md`.
fn documented_sql() -> &'static str {
    let page = include_str!("../../docs/streams.md");
    let mut blocks = page.split("```sql\n").skip(1);
    let sql = blocks.find_map(|block| {
        let sql = block.split("```").next()?;
        sql.contains("current_invoice_line_items").then_some(sql)
    });
    sql.expect("the page has the view")
}

/// Writes rows as a deduplicating destination does: the newest row of each key stays.
fn store(tables: &Connection, run: &Run, stream: &str, columns: &[&str]) -> rusqlite::Result<()> {
    let places = vec!["?"; columns.len()].join(", ");
    let sql = format!("INSERT OR REPLACE INTO {stream} VALUES ({places})");
    let mut insert = tables.prepare(&sql)?;
    for row in run.records(stream) {
        let values = columns.iter().map(|column| row[*column].as_str());
        insert.execute(params_from_iter(values))?;
    }
    Ok(())
}

#[test]
fn the_documented_view_keeps_the_lines_that_are_there_now() -> rusqlite::Result<()> {
    let scene = Scene::new();
    let (_, first, second) = two_syncs(&scene);
    let tables = Connection::open_in_memory()?;
    tables.execute_batch(
        "CREATE TABLE invoices (TenantID, InvoiceID, UpdatedDateUTC, PRIMARY KEY (TenantID, InvoiceID));
         CREATE TABLE invoice_line_items (TenantID, InvoiceID, LineItemID, UpdatedDateUTC,
             PRIMARY KEY (TenantID, InvoiceID, LineItemID));",
    )?;
    for run in [&first, &second] {
        store(
            &tables,
            run,
            "invoices",
            &["TenantID", "InvoiceID", "UpdatedDateUTC"],
        )?;
        let columns = ["TenantID", "InvoiceID", "LineItemID", "UpdatedDateUTC"];
        store(&tables, run, "invoice_line_items", &columns)?;
    }
    tables.execute_batch(documented_sql())?;
    let ids = |sql: &str| -> rusqlite::Result<Vec<String>> {
        tables
            .prepare(sql)?
            .query_map([], |row| row.get(0))?
            .collect()
    };
    let stored = ids("SELECT LineItemID FROM invoice_line_items")?;
    let current = ids("SELECT LineItemID FROM current_invoice_line_items")?;
    assert_eq!(current.len(), stored.len() - 2, "two lines were removed");
    let truth = scene.read(&scene.flat(), &FAMILY, None);
    let truth: HashSet<_> = truth
        .column("invoice_line_items", "LineItemID")
        .into_iter()
        .collect();
    assert_eq!(
        current.iter().map(String::as_str).collect::<HashSet<_>>(),
        truth
    );
    Ok(())
}
