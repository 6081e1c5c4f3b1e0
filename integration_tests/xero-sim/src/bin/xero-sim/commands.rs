//! Changes to single organisations: flags, lines on stdin, and requests to the control port.
//! Organisations are numbered from 1, in the order of the `tenant_ids` in the first line on stdout.

use std::str::FromStr;
use std::time::Duration;

use serde_json::Value;
use xero_sim::{AppId, ENDPOINTS, Entity, Failure, Size, TenantId, World};

/// What `--help` says about the commands.
pub(crate) const HELP: &str = "\
Commands. With --commands they are lines on stdin, each answered with a line on stdout. With
--control-port they are requests, such as
  curl 127.0.0.1:PORT/edit -d '{\"organisation\":3,\"table\":\"Invoices\",\"row\":17}'
  curl 127.0.0.1:PORT/world          the organisations and the numbers of their rows

  connect ORGANISATION               the user lets the web app in; its tokens stay the same
  disconnect ORGANISATION            the user removes all apps
  fail ORGANISATION KIND             the organisation fails at once; the kinds are those of --fail
  recover ORGANISATION               it is neither forbidden nor offline any longer
  add ORGANISATION TABLE ROWS        somebody makes new rows of a big table, such as Invoices, or of
                                     a table of another API, such as projects
  edit ORGANISATION TABLE ROW        somebody edits a row, numbered from 1
  delete ORGANISATION TABLE ROW      somebody deletes, voids or archives a row of a big table";

/// The commands, with the fields that follow in a line and that a JSON object has.
const COMMANDS: &[(&str, &[&str])] = &[
    ("connect", &["organisation"]),
    ("disconnect", &["organisation"]),
    ("fail", &["organisation", "kind"]),
    ("recover", &["organisation"]),
    ("add", &["organisation", "table", "rows"]),
    ("edit", &["organisation", "table", "row"]),
    ("delete", &["organisation", "table", "row"]),
];

/// Rows that one command may add.
const MOST_ROWS: usize = 100_000;

/// The web app and the organisations, in their order.
pub(crate) struct Organisations {
    pub(crate) app: AppId,
    pub(crate) tenants: Vec<TenantId>,
}

impl Organisations {
    /// The organisation of a number.
    pub(crate) fn numbered(&self, number: usize) -> Result<&TenantId, String> {
        let tenant = number.checked_sub(1).and_then(|at| self.tenants.get(at));
        tenant.ok_or_else(|| format!("there is no organisation {number}"))
    }
}

/// The value of `--fail`: an organisation fails after a number of its calls.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Fail {
    number: usize,
    failure: Failure,
    calls: u32,
}

impl FromStr for Fail {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let mut parts = text.splitn(3, ':');
        Ok(Self {
            number: parsed(parts.next())?,
            failure: failure(parts.next())?,
            calls: parts.next().map_or(Ok(0), |calls| parsed(Some(calls)))?,
        })
    }
}

impl Fail {
    pub(crate) fn apply(&self, world: &mut World, all: &Organisations) -> Result<(), String> {
        world.fail_after(all.numbered(self.number)?, self.calls, self.failure);
        Ok(())
    }
}

/// The value of `--slow`: an organisation has a latency of its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Slow {
    number: usize,
    millis: u64,
}

impl FromStr for Slow {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let mut parts = text.splitn(2, ':');
        Ok(Self {
            number: parsed(parts.next())?,
            millis: parsed(parts.next())?,
        })
    }
}

impl Slow {
    pub(crate) fn apply(&self, world: &mut World, all: &Organisations) -> Result<(), String> {
        let latency = Duration::from_millis(self.millis);
        world.latency_of(all.numbered(self.number)?, latency);
        Ok(())
    }
}

/// The line of a command whose fields are a JSON object.
pub(crate) fn line(verb: &str, body: &[u8]) -> Result<String, String> {
    let known = COMMANDS.iter().find(|(known, _)| *known == verb);
    let (_, names) = known.ok_or_else(|| format!("'{verb}' is no command"))?;
    let body: Value = serde_json::from_slice(body).map_err(|error| error.to_string())?;
    let fields = body.as_object().ok_or("the body is no JSON object")?;
    if let Some(name) = fields.keys().find(|name| !names.contains(&name.as_str())) {
        return Err(format!("'{name}' is no field of {verb}"));
    }
    let mut line = verb.to_owned();
    for name in *names {
        let text = match fields.get(*name) {
            Some(Value::String(text)) => text.clone(),
            Some(Value::Number(number)) => number.to_string(),
            _ => return Err(format!("'{name}' is missing")),
        };
        if text.is_empty() || text.contains(char::is_whitespace) {
            return Err(format!("'{text}' is no {name}"));
        }
        line = format!("{line} {text}");
    }
    Ok(line)
}

/// Runs one line.
pub(crate) fn run(line: &str, world: &mut World, all: &Organisations) -> Result<(), String> {
    let mut words = line.split_ascii_whitespace();
    let verb = words.next().unwrap_or_default();
    let tenant = all.numbered(parsed(words.next())?)?;
    match verb {
        "connect" => world.connect(&all.app, tenant),
        "disconnect" => world.fail(tenant, Failure::Disconnected),
        "fail" => world.fail(tenant, failure(words.next())?),
        "recover" => {
            world.forbid(tenant, false);
            world.take_offline(tenant, false);
        }
        "add" | "edit" | "delete" => change(verb, &mut words, world, tenant)?,
        _ => return Err(format!("'{verb}' is no command")),
    }
    match words.next() {
        None => Ok(()),
        Some(word) => Err(format!("'{word}' is too much; the command was run")),
    }
}

/// Adds, edits or deletes rows.
fn change<'a>(
    verb: &str,
    words: &mut impl Iterator<Item = &'a str>,
    world: &mut World,
    tenant: &TenantId,
) -> Result<(), String> {
    let (name, number) = (words.next(), words.next());
    let tables = world.api_tables(tenant);
    if let Some(table) = tables.into_iter().find(|table| Some(*table) == name) {
        return change_other(verb, table, number, world, tenant);
    }
    match verb {
        "add" => {
            let table = big_table(name)?;
            world.create(tenant, table, rows(number)?);
        }
        "edit" => {
            let table = table(name)?;
            let number = row(world, tenant, table, number)?;
            world.touch(tenant, table, number);
        }
        _ => {
            let table = big_table(name)?;
            if table == Entity::Journals {
                return Err("Xero deletes no journals".to_owned());
            }
            let number = row(world, tenant, table, number)?;
            world.delete(tenant, table, number);
        }
    }
    Ok(())
}

/// Adds, edits or deletes rows of a table of another API than the Accounting API.
fn change_other(
    verb: &str,
    table: &str,
    number: Option<&str>,
    world: &mut World,
    tenant: &TenantId,
) -> Result<(), String> {
    if verb == "add" {
        world.add_api_rows(tenant, table, rows(number)?);
        return Ok(());
    }
    let number = parsed(number)?;
    let mut rows = world.api_rows(tenant, table).iter();
    if !rows.any(|row| row.number == number) {
        return Err(format!("{table} has no row {number}"));
    }
    match verb {
        "edit" => world.touch_api_row(tenant, table, number),
        _ => drop(world.remove_api_row(tenant, table, number)),
    }
    Ok(())
}

/// A number of rows that a command may add.
fn rows(word: Option<&str>) -> Result<usize, String> {
    let rows = parsed(word)?;
    match rows > MOST_ROWS {
        true => Err(format!("at most {MOST_ROWS} rows can be added at once")),
        false => Ok(rows),
    }
}

fn failure(word: Option<&str>) -> Result<Failure, String> {
    match word.unwrap_or_default() {
        "disconnected" => Ok(Failure::Disconnected),
        "forbidden" => Ok(Failure::Forbidden),
        "offline" => Ok(Failure::Offline),
        "day" => Ok(Failure::DaySpent),
        other => Err(format!(
            "'{other}' is none of disconnected, forbidden, offline, day"
        )),
    }
}

fn table(name: Option<&str>) -> Result<Entity, String> {
    let name = name.unwrap_or_default();
    let mut tables = ENDPOINTS.iter();
    let found = tables.find(|table| table.key.eq_ignore_ascii_case(name));
    let entity = found.map(|table| table.entity);
    entity.ok_or_else(|| format!("no table has the name '{name}'"))
}

/// A table whose rows come and go. The generators of the small tables count on each row.
pub(crate) fn big_table(name: Option<&str>) -> Result<Entity, String> {
    let entity = table(name)?;
    match entity.endpoint().size {
        Size::Grows => Ok(entity),
        Size::Fixed(_) | Size::Few(_) => Err(format!("{entity:?} is no big table")),
    }
}

/// The number of a row that the table has.
fn row(world: &World, tenant: &TenantId, table: Entity, word: Option<&str>) -> Result<u64, String> {
    let number = parsed(word)?;
    let mut rows = world.rows(tenant, table).iter();
    match rows.any(|row| row.number == number) {
        true => Ok(number),
        false => Err(format!("{table:?} has no row {number}")),
    }
}

fn parsed<T: FromStr>(text: Option<&str>) -> Result<T, String> {
    let text = text.unwrap_or_default();
    text.parse().map_err(|_| format!("'{text}' is no number"))
}

#[cfg(test)]
mod tests {
    use xero_sim::App;

    use super::*;

    fn world() -> (World, Organisations) {
        let mut world = World::new(7);
        let names = ["One", "Two"];
        let tenants: Vec<_> = names.map(|name| world.add_tenant(name, "NZD")).into();
        world.fill(&tenants[1], Entity::Invoices, 3);
        let app = world.add_app(App::web("id", "secret"));
        (world, Organisations { app, tenants })
    }

    #[test]
    fn a_line_edits_a_row() {
        let (mut world, all) = world();
        assert_eq!(run("edit 2 invoices 3", &mut world, &all), Ok(()));
        let rows = world.rows(&all.tenants[1], Entity::Invoices).iter();
        let versions: Vec<_> = rows.map(|row| row.version).collect();
        assert_eq!(versions, [1, 1, 2]);
    }

    #[test]
    fn rows_come_and_go() {
        let (mut world, all) = world();
        for line in ["add 2 Items 2", "delete 2 Items 1", "delete 2 Invoices 1"] {
            assert_eq!(run(line, &mut world, &all), Ok(()), "{line}");
        }
        let tenant = &all.tenants[1];
        let items = world.rows(tenant, Entity::Items).iter();
        assert_eq!(items.map(|row| row.number).collect::<Vec<_>>(), [2]);
        let invoice = &world.rows(tenant, Entity::Invoices)[0];
        assert!(["DELETED", "VOIDED"].contains(&invoice.status));
        assert_eq!(invoice.version, 2);
    }

    #[test]
    fn rows_of_other_apis_come_and_go() {
        let (mut world, all) = world();
        for line in [
            "add 2 projects 2",
            "edit 2 projects 3",
            "delete 2 projects 1",
        ] {
            assert_eq!(run(line, &mut world, &all), Ok(()), "{line}");
        }
        let rows = world.api_rows(&all.tenants[1], "projects").iter();
        let rows: Vec<_> = rows.map(|row| (row.number, row.version)).collect();
        assert_eq!(rows, [(2, 1), (3, 2), (4, 1), (5, 1), (6, 1), (7, 1)]);
        let gone = run("edit 2 projects 1", &mut world, &all);
        assert_eq!(gone, Err("projects has no row 1".to_owned()));
    }

    #[test]
    fn every_command_has_help_and_a_line() {
        for (verb, fields) in COMMANDS {
            let words: Vec<_> = fields.iter().map(|it| it.to_uppercase()).collect();
            let usage = format!("\n  {verb} {}  ", words.join(" "));
            assert!(HELP.contains(&usage), "{usage}");
            let (mut world, all) = world();
            let unknown = run(&format!("{verb} 1"), &mut world, &all);
            let error = unknown.err().unwrap_or_default();
            assert!(!error.contains("is no command"), "{verb}: {error}");
        }
    }

    #[test]
    fn an_object_becomes_a_line() {
        let edit = r#"{"organisation": 2, "table": "Invoices", "row": 3}"#;
        let expected = Ok("edit 2 Invoices 3".to_owned());
        assert_eq!(line("edit", edit.as_bytes()), expected);
        for (verb, body, words) in [
            ("explode", "{}", "'explode' is no command"),
            ("", "{}", "'' is no command"),
            ("edit", "", "EOF"),
            ("edit", "[]", "no JSON object"),
            ("edit", "{}", "'organisation' is missing"),
            (
                "connect",
                r#"{"organisation":[1]}"#,
                "'organisation' is missing",
            ),
            (
                "connect",
                r#"{"organisation":"1 2"}"#,
                "'1 2' is no organisation",
            ),
            (
                "connect",
                r#"{"organisation":1,"row":2}"#,
                "'row' is no field",
            ),
        ] {
            let error = line(verb, body.as_bytes()).expect_err(body);
            assert!(error.contains(words), "{verb} {body}: {error}");
        }
    }

    #[test]
    fn lines_that_make_no_sense_are_refused() {
        let (mut world, all) = world();
        for (line, words) in [
            ("", "'' is no number"),
            ("connect", "'' is no number"),
            ("connect x", "'x' is no number"),
            ("connect 0", "there is no organisation 0"),
            ("disconnect 3", "there is no organisation 3"),
            ("explode 1", "'explode' is no command"),
            ("fail 1 badly", "'badly' is none of"),
            ("edit 2 Invoices 4", "Invoices has no row 4"),
            ("edit 2 Nothing 1", "no table has the name 'Nothing'"),
            ("add 2 Accounts 1", "Accounts is no big table"),
            ("add 2 Invoices 100001", "at most 100000 rows"),
            ("delete 2 Journals 1", "Xero deletes no journals"),
            ("delete 2 Invoices 4", "Invoices has no row 4"),
            ("fail 1 offline now", "'now' is too much"),
        ] {
            let refused = run(line, &mut world, &all);
            let error = refused.expect_err(line);
            assert!(error.contains(words), "{line}: {error}");
        }
    }

    #[test]
    fn flags_name_the_organisation_first() {
        let fail = |number, failure, calls| Fail {
            number,
            failure,
            calls,
        };
        let offline = fail(3, Failure::Offline, 5);
        assert_eq!("3:offline:5".parse(), Ok(offline));
        let day = fail(12, Failure::DaySpent, 0);
        assert_eq!("12:day".parse(), Ok(day));
        let slow = Slow {
            number: 4,
            millis: 2_000,
        };
        assert_eq!("4:2000".parse(), Ok(slow));
        assert!("offline:3".parse::<Fail>().is_err());
        assert!("4".parse::<Slow>().is_err());
        let (mut world, all) = world();
        let unknown = fail(3, Failure::Offline, 1).apply(&mut world, &all);
        assert_eq!(unknown, Err("there is no organisation 3".to_owned()));
    }
}
