//! Changes to single organisations, as flags and as lines on stdin. Organisations are numbered from
//! 1, in the order of the `tenant_ids` in the first line on stdout.

use std::str::FromStr;
use std::time::Duration;

use xero_sim::{AppId, ENDPOINTS, Entity, Failure, TenantId, World};

/// What `--help` says about the lines.
pub(crate) const HELP: &str = "\
Lines on stdin, with --commands. Each is answered with a line on stdout.
  connect 3            the user lets the web app into organisation 3; its tokens stay the same
  disconnect 3         the user removes all apps from organisation 3
  fail 3 offline       organisation 3 fails at once; the kinds are those of --fail
  touch 3 Invoices 17  somebody edits the 17th invoice of organisation 3";

/// The web app and the organisations, in their order.
pub(crate) struct Organisations {
    pub(crate) app: AppId,
    pub(crate) tenants: Vec<TenantId>,
}

impl Organisations {
    fn numbered(&self, number: usize) -> Result<&TenantId, String> {
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

/// Runs one line of stdin.
pub(crate) fn run(line: &str, world: &mut World, all: &Organisations) -> Result<(), String> {
    let mut words = line.split_ascii_whitespace();
    let verb = words.next().unwrap_or_default();
    let tenant = all.numbered(parsed(words.next())?)?;
    match verb {
        "connect" => world.connect(&all.app, tenant),
        "disconnect" => world.fail(tenant, Failure::Disconnected),
        "fail" => world.fail(tenant, failure(words.next())?),
        "touch" => {
            let table = table(words.next().unwrap_or_default())?;
            let number = parsed(words.next())?;
            let mut rows = world.rows(tenant, table).iter();
            if !rows.any(|row| row.number == number) {
                return Err(format!("{table:?} has no row {number}"));
            }
            world.touch(tenant, table, number);
        }
        _ => return Err(format!("'{verb}' is no command")),
    }
    match words.next() {
        None => Ok(()),
        Some(word) => Err(format!("'{word}' is too much; the command was run")),
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

fn table(name: &str) -> Result<Entity, String> {
    let mut tables = ENDPOINTS.iter();
    let found = tables.find(|table| table.key.eq_ignore_ascii_case(name));
    let entity = found.map(|table| table.entity);
    entity.ok_or_else(|| format!("no table has the name '{name}'"))
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
        assert_eq!(run("touch 2 invoices 3", &mut world, &all), Ok(()));
        let rows = world.rows(&all.tenants[1], Entity::Invoices).iter();
        let versions: Vec<_> = rows.map(|row| row.version).collect();
        assert_eq!(versions, [1, 1, 2]);
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
            ("touch 2 Invoices 4", "Invoices has no row 4"),
            ("touch 2 Nothing 1", "no table has the name 'Nothing'"),
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
