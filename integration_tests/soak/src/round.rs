//! One round: organisations and a connection to them, jobs of a platform on them, and a quiet sync at the end,
//! after which the destination must equal the books.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use fastrand::Rng;
use rustix::process::Signal;
use serde_json::{Value, json};
use tempfile::TempDir;
use xero_sim::{Entity, Millis, Sim, World};

use crate::checks;
use crate::compare::Comparison;
use crate::destination::{Mode, Table};
use crate::faults::{Plan, ScriptHandle};
use crate::organisations::{Access, CLIENT_ID, CLIENT_SECRET, SCOPES, Scene};
use crate::platform::{End, Platform, Taken};
use crate::process::{self, Disturbance, Moment, Outcome, Reader, Target};
use crate::report::Figures;
use crate::streams::{self, CHILDREN, DOCUMENTS, REPORTS, Stream};
use crate::truth::{Auditor, endpoint};

/// What all rounds share.
pub(crate) struct Setting {
    pub(crate) binary: PathBuf,
    pub(crate) failures: PathBuf,
    pub(crate) seed: u64,
}

/// Time for which a used refresh token works again.
const GRACE: Millis = 30 * 60_000;

/// The longest silence of the simulated Xero that the connector bears, in milliseconds. The answers of a
/// quiet sync may take long on a busy machine.
const TIMEOUT: u32 = 1_500;
const QUIET_TIMEOUT: u32 = 20_000;

struct Round<'s> {
    setting: &'s Setting,
    rng: Rng,
    sim: Sim,
    scene: Scene,
    script: ScriptHandle,
    target: Target,
    platform: Platform,
    /// All streams of the connection.
    names: Vec<String>,
    folder: TempDir,
    figures: Figures,
    last: Option<Outcome>,
    /// Since when the platform may hold a used refresh token.
    token_lost: Option<Millis>,
    /// The lines and the calls of the last sync that ended by itself.
    usual: (usize, usize),
}

/// Plays one round.
pub(crate) fn run(setting: &Setting, number: u64) -> Figures {
    let began = Instant::now();
    let mut round = Round::new(setting, number);
    round.play();
    round.finish();
    round.figures.took = began.elapsed();
    round.figures
}

impl Round<'_> {
    fn new(setting: &Setting, number: u64) -> Round<'_> {
        let mut rng = Rng::with_seed(setting.seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ number);
        let mut world = World::new(rng.u64(..));
        let with_documents = rng.u8(..4) == 0;
        let scene = Scene::new(&mut world, with_documents, &mut rng);
        world.unlimited();
        if rng.u8(..4) == 0 {
            world.uncompressed();
        }
        if rng.u8(..3) == 0 {
            world.latency(Duration::from_millis(rng.u64(1..8)));
        }
        let sim = Sim::start(world);
        let target = Target::default();
        let script = ScriptHandle::install(&sim, rng.u64(..), &scene.tenants, &scene.app, &target);
        let folder = tempfile::tempdir().expect("there is room for temporary files");
        let config = config(&scene, &sim.url(), &mut rng);
        let platform = Platform::new(config, Vec::new(), folder.path());
        let about = format!("{:?}, {} organisations", scene.access, scene.tenants.len());
        let mut round = Round {
            setting,
            rng,
            sim,
            scene,
            script,
            target,
            platform,
            names: Vec::new(),
            folder,
            figures: Figures {
                number,
                about,
                ..Figures::default()
            },
            last: None,
            token_lost: None,
            usual: (200, 20),
        };
        round.script.lock().deeds.with_documents = with_documents;
        round.choose_streams(with_documents);
        round
    }

    fn fail(&mut self, violation: String) {
        self.script.lock().note(format!("VIOLATION: {violation}"));
        self.figures.violations.push(violation);
    }

    fn note(&self, event: impl Into<String>) {
        self.script.lock().note(event);
    }

    /// Asks the connector for its streams and selects some.
    fn choose_streams(&mut self, with_documents: bool) {
        let config =
            crate::platform::write(self.folder.path(), "config.json", &self.platform.config);
        let arguments = ["discover", "--config", &config];
        let quiet = Disturbance::NONE;
        let outcome = process::run(
            &self.setting.binary,
            &arguments,
            QUIET_TIMEOUT,
            quiet,
            &self.target,
        );
        let all = streams::discovered(&outcome.lines);
        // A discover may use up the refresh token.
        self.platform
            .take(&outcome.lines, outcome.lines.len(), false);
        if all.is_empty() {
            self.fail(format!(
                "discover offers no stream: {}",
                outcome.lines.join("\n")
            ));
            return;
        }
        let share = [5, 15, 30, 100][self.rng.usize(..4)];
        let mut chosen = BTreeMap::new();
        for (name, stream) in &all {
            let share = match name.as_str() {
                _ if REPORTS.contains(&name.as_str()) => 0,
                _ if DOCUMENTS.contains_key(name.as_str()) => u8::from(with_documents) * 60,
                _ => share,
            };
            if self.rng.u8(..100) < share {
                chosen.insert(name.clone(), stream.clone());
                let parent = CHILDREN
                    .get(name.as_str())
                    .and_then(|it| all.get(it.parent));
                if let Some(parent) = parent
                    && self.rng.bool()
                {
                    chosen.insert(parent.name.clone(), parent.clone());
                }
            }
        }
        if chosen.is_empty() {
            chosen.insert("invoices".to_owned(), all["invoices"].clone());
        }
        for (name, stream) in chosen {
            let mode = mode(&stream, &mut self.rng);
            self.platform
                .tables
                .insert(name.clone(), Table::new(stream, mode));
            self.names.push(name);
        }
        self.figures
            .about
            .push_str(&format!(", {} streams", self.names.len()));
        let modes = self.platform.tables.iter();
        let modes: Vec<_> = modes
            .map(|(name, table)| format!("{name} {:?}", table.mode))
            .collect();
        self.note(format!("{}: {}", self.figures.about, modes.join(", ")));
    }

    fn play(&mut self) {
        for job in 1..=self.rng.usize(2..7) {
            if !self.figures.violations.is_empty() {
                return;
            }
            self.between();
            let mut selection: BTreeSet<_> = self.names.iter().cloned().collect();
            if self.rng.u8(..3) == 0 {
                selection.retain(|_| self.rng.u8(..10) > 1);
            }
            if selection.is_empty() {
                continue;
            }
            self.platform.begin_job(&selection);
            for attempt in 1..=self.rng.usize(1..4) {
                self.note(format!(
                    "job {job}, attempt {attempt}, {} streams",
                    selection.len()
                ));
                let plan = self.plan();
                let disturbance = self.disturbance();
                let is_over = self.attempt(&selection, plan, disturbance, TIMEOUT);
                if is_over || !self.figures.violations.is_empty() {
                    break;
                }
                self.pause();
            }
        }
    }

    /// What happens between two jobs.
    fn between(&mut self) {
        let edits = self.rng.usize(0..12);
        let cuts = self.rng.u8(..8) == 0;
        self.sim.world(|world| {
            let mut script = self.script.lock();
            for _ in 0..edits {
                script.edit(world);
            }
            if cuts {
                script.cut(world);
            }
        });
        self.pause();
        if self.rng.u8(..8) == 0 {
            let name = self.names[self.rng.usize(..self.names.len())].clone();
            let clears = self.rng.bool();
            self.note(format!(
                "{name} is reset, and its table is {}",
                if clears { "cleared" } else { "kept" }
            ));
            self.platform.reset(&name, clears);
        }
        if self.rng.u8(..6) == 0 {
            let lookback = [0, 0, 60, 300][self.rng.usize(..4)];
            let mut config = self.platform.config.clone();
            config["lookback_seconds"] = json!(lookback);
            self.note(format!("lookback_seconds is {lookback}"));
            self.platform.configure(config);
        }
    }

    fn pause(&mut self) {
        let seconds = match self.rng.u8(..20) {
            0..8 => 0,
            8..13 => self.rng.u64(1..30),
            13..16 => self.rng.u64(30..900),
            16..19 => self.rng.u64(1_700..2_000),
            _ => self.rng.u64(3_600..10_000),
        };
        self.note(format!("{seconds} s pass"));
        self.sim
            .world(|world| world.advance(Duration::from_secs(seconds)));
        if self.scene.access == Access::AccessToken {
            self.consent();
        }
    }

    fn consent(&mut self) {
        self.sim.world(|world| self.scene.consent(world));
        let mut config = self.platform.config.clone();
        set_tokens(&mut config, &self.scene);
        self.platform.configure(config);
        self.token_lost = None;
    }

    fn plan(&mut self) -> Plan {
        let faults = [0, 0, 3, 20, 60, 250][self.rng.usize(..6)];
        let edits = [0, 10, 100, 600][self.rng.usize(..4)];
        let cuts = if self.rng.u8(..6) == 0 { 30 } else { 0 };
        let broken = (self.rng.u8(..10) == 0).then(|| {
            let name = &self.names[self.rng.usize(..self.names.len())];
            let list = CHILDREN
                .get(name.as_str())
                .map_or(name.as_str(), |child| child.parent);
            endpoint(list).map(|endpoint| format!("/api.xro/2.0{}", endpoint.path))
        });
        Plan {
            faults,
            edits,
            cuts,
            broken: broken.flatten(),
            kill: None,
        }
    }

    fn disturbance(&mut self) -> Disturbance {
        let (lines, calls) = self.usual;
        let mut disturbance = match self.rng.u8(..10) {
            0..4 => Disturbance::random(&mut self.rng, lines, calls),
            _ => Disturbance::NONE,
        };
        disturbance.reader = match self.rng.u8(..16) {
            0 => Reader::Slow(self.rng.usize(1..200)),
            1 => {
                let time = Duration::from_millis(self.rng.u64(1..400));
                Reader::Stuck(self.rng.usize(1..lines.max(2)), time)
            }
            2 => Reader::Closing(self.rng.usize(1..lines.max(2))),
            _ => Reader::Quick,
        };
        disturbance
    }

    /// Runs one attempt and checks it. Returns whether the job is done.
    fn attempt(
        &mut self,
        selection: &BTreeSet<String>,
        mut plan: Plan,
        disturbance: Disturbance,
        timeout: u32,
    ) -> bool {
        let snapshot = Snapshot::of(self);
        let before = self.sim.requests().len();
        if let Moment::Calls(calls) = disturbance.moment {
            plan.kill = Some((calls, disturbance.signal));
        }
        self.note(format!("{plan:?}, {disturbance:?}"));
        self.script.lock().begin(plan);
        let arguments = self.platform.arguments(selection);
        let arguments: Vec<_> = arguments.iter().map(String::as_str).collect();
        let mut outcome = process::run(
            &self.setting.binary,
            &arguments,
            timeout,
            disturbance,
            &self.target,
        );
        let (calls, token_calls, cut) = {
            let mut script = self.script.lock();
            script.is_on = false;
            (
                script.calls,
                script.token_calls,
                script.deeds.cut_meanwhile.clone(),
            )
        };
        self.figures.syncs += 1;
        self.figures.calls += calls;
        self.figures.kills += usize::from(outcome.disturbed);
        let ended = format!(
            "ended with {} after {} lines, {calls} calls, {:?}",
            outcome.status,
            outcome.lines.len(),
            outcome.took
        );
        self.note(ended);
        let violations = checks::output(&outcome, selection, &self.platform.configs);
        violations.into_iter().for_each(|it| self.fail(it));
        if !outcome.disturbed {
            self.usual = (outcome.lines.len(), calls);
        }
        // A platform that is killed with the connector did not read everything.
        use std::os::unix::process::ExitStatusExt as _;
        if outcome.status.signal() == Some(Signal::KILL.as_raw()) && self.rng.bool() {
            let read = self.rng.usize(0..=outcome.lines.len());
            outcome.lines.truncate(read);
        }
        // A destination that fails has committed the first messages only.
        let is_lost = self.rng.u8(..12) == 0 && timeout == TIMEOUT;
        let lines = outcome.lines.len();
        let committed = if is_lost {
            self.rng.usize(0..=lines)
        } else {
            lines
        };
        let keeps_tail = self.rng.bool();
        let taken = self.platform.take(&outcome.lines, committed, keeps_tail);
        self.note(format!(
            "of {lines} lines {committed} are committed: {} records, {} states, {} new configs",
            taken.records, taken.states, taken.controls
        ));
        self.figures.records += taken.records;
        self.figures.controls += taken.controls;
        self.tokens(before, token_calls, &taken, snapshot.now);
        let is_whole = !outcome.disturbed && committed == lines;
        if is_whole {
            let missing = snapshot.missing(self, &taken, &cut);
            missing.into_iter().for_each(|it| self.fail(it));
        }
        let is_complete = taken
            .ends
            .values()
            .filter(|end| **end == End::Complete)
            .count()
            == selection.len();
        let is_over = is_whole && is_complete && outcome.status.success();
        self.last = Some(outcome);
        is_over
    }

    /// Follows the refresh token: it must work as long as the platform lost none.
    fn tokens(&mut self, before: usize, token_calls: usize, taken: &Taken, began: Millis) {
        if !matches!(self.scene.access, Access::WebApp | Access::PkceApp) {
            return;
        }
        if taken.controls > 0 {
            self.token_lost = None;
        }
        if token_calls > taken.controls {
            self.token_lost.get_or_insert(began);
        }
        let requests = self.sim.requests();
        let refused = requests[before..].iter();
        let refused = refused
            .filter(|it| it.path == "/connect/token" && it.status == 400)
            .count();
        if refused == 0 {
            return;
        }
        let now = self.sim.world(|world| world.now());
        match self.token_lost {
            Some(since) if now - since >= GRACE => {}
            since => self.fail(format!(
                "Xero refused the refresh token, which the platform cannot have lost: lost at {since:?}, now {now}"
            )),
        }
        self.note("the refresh token is lost, so the user consents again");
        self.consent();
    }

    /// The quiet sync, and the comparison.
    fn finish(&mut self) {
        if self.figures.violations.is_empty() && !self.names.is_empty() {
            self.settle();
        }
        let script = self.script.lock();
        self.figures.faults = script.faults.clone();
        self.figures.edits = script.deeds.edits.clone();
        let events = script.events.join("\n");
        drop(script);
        if !self.figures.violations.is_empty() {
            self.keep(&events);
        }
    }

    fn settle(&mut self) {
        self.sim.world(|world| {
            let mut script = self.script.lock();
            self.scene.reopen(world, &mut script.deeds);
            script.deeds.hidden.clear();
            // No planned failure is left.
            for tenant in &self.scene.tenants {
                world.fail_after(tenant, u32::MAX, xero_sim::Failure::Offline);
            }
        });
        if self.scene.access == Access::AccessToken {
            self.consent();
        }
        let mut config = self.platform.config.clone();
        config["max_calls_per_sync"] = json!(1_000_000);
        self.platform.configure(config);
        let selection: BTreeSet<_> = self.names.iter().cloned().collect();
        self.platform.begin_job(&selection);
        let mut is_over = false;
        for attempt in 1..=2 {
            self.note(format!("the last job, attempt {attempt}"));
            is_over = self.attempt(
                &selection,
                Plan::default(),
                Disturbance::NONE,
                QUIET_TIMEOUT,
            );
            if is_over || !self.figures.violations.is_empty() {
                break;
            }
            // A refresh token that was lost for more than half an hour.
            let lost = self.last.as_ref().is_some_and(|last| {
                last.lines
                    .iter()
                    .any(|line| line.contains("invalid_grant") || line.contains("refresh token"))
            });
            if !lost {
                break;
            }
        }
        if !is_over && self.figures.violations.is_empty() {
            let last = self
                .last
                .as_ref()
                .map_or(String::new(), |last| errors(&last.lines));
            self.fail(format!("a quiet sync is not complete: {last}"));
        }
        if self.figures.violations.is_empty() {
            self.compare();
        }
    }

    fn compare(&mut self) {
        let tenants = self.scene.tenants.clone();
        let token = self.sim.world(|world| {
            world
                .consent(&self.scene.auditor, &tenants, SCOPES)
                .access_token
        });
        let mut auditor = Auditor::new(self.sim.address(), token, &tenants);
        let mut comparison = Comparison::default();
        {
            let script = self.script.lock();
            // The calls of the auditor pass the script, which must not be locked.
            let deeds = script.deeds.clone();
            drop(script);
            for table in self.platform.tables.values() {
                comparison.table(table, &mut auditor, &deeds);
            }
        }
        self.figures.rows_compared = comparison.rows;
        comparison
            .differences
            .into_iter()
            .for_each(|it| self.fail(it));
    }

    /// Keeps the evidence of a violation.
    fn keep(&self, events: &str) {
        let folder = self
            .setting
            .failures
            .join(format!("{}-{}", self.setting.seed, self.figures.number));
        let _ = std::fs::remove_dir_all(&folder);
        if let Err(error) = self.write_evidence(&folder, events) {
            eprintln!("{} cannot be written: {error}", folder.display());
            return;
        }
        eprintln!("  evidence: {}", folder.display());
    }

    fn write_evidence(&self, folder: &Path, events: &str) -> std::io::Result<()> {
        std::fs::create_dir_all(folder)?;
        for name in ["catalog.json", "state.json"] {
            let from = self.folder.path().join(name);
            if from.exists() {
                std::fs::copy(from, folder.join(name))?;
            }
        }
        let config = masked(&self.platform.config);
        std::fs::write(folder.join("config.json"), config.to_string())?;
        std::fs::write(folder.join("events.txt"), events)?;
        std::fs::write(
            folder.join("violations.txt"),
            self.figures.violations.join("\n"),
        )?;
        if let Some(last) = &self.last {
            std::fs::write(folder.join("stdout.jsonl"), last.lines.join("\n"))?;
            std::fs::write(folder.join("stderr.txt"), &last.stderr)?;
        }
        Ok(())
    }
}

/// The rows before a sync.
struct Snapshot {
    now: Millis,
    /// The id and the stamp of each row, by organisation and list.
    rows: BTreeMap<(String, &'static str), Vec<(String, Millis)>>,
}

impl Snapshot {
    fn of(round: &Round<'_>) -> Snapshot {
        round.sim.world(|world| {
            let mut rows = BTreeMap::new();
            let hidden = round.script.lock().deeds.hidden.clone();
            for name in &round.names {
                let Some(endpoint) = endpoint(name).filter(|it| it.id.ends_with("ID")) else {
                    continue;
                };
                if name == "journals_cash" {
                    continue;
                }
                for tenant in &round.scene.tenants {
                    let hidden = hidden.get(tenant.as_str());
                    let is_hidden = |number: u64| {
                        endpoint.entity == Entity::Journals
                            && hidden.is_some_and(|hidden| hidden.contains(&number))
                    };
                    let known = world.rows(tenant, endpoint.entity).iter();
                    let known = known.filter(|row| !is_hidden(row.number));
                    let known = known.map(|row| (row.guid(), row.updated)).collect();
                    rows.insert((tenant.as_str().to_owned(), endpoint.name), known);
                }
            }
            Snapshot {
                now: world.now(),
                rows,
            }
        })
    }

    /// The rows that a complete stream lacks.
    fn missing(
        &self,
        round: &Round<'_>,
        taken: &Taken,
        cut: &BTreeSet<xero_sim::TenantId>,
    ) -> Vec<String> {
        let removed = round.script.lock().deeds.removed.clone();
        let mut missing = Vec::new();
        for (name, end) in &taken.ends {
            let table = &round.platform.tables[name];
            let Some(endpoint) = endpoint(name).filter(|_| *end == End::Complete) else {
                continue;
            };
            if name == "journals_cash" {
                continue;
            }
            for tenant in &round.scene.tenants {
                let is_cut = cut.contains(tenant);
                let rows = self.rows.get(&(tenant.as_str().to_owned(), endpoint.name));
                for (id, stamp) in rows.into_iter().flatten() {
                    if is_cut || removed.contains(id) {
                        continue;
                    }
                    let key = match table.stream.key.len() {
                        1 => format!("\"{id}\""),
                        _ => format!("\"{tenant}\" \"{id}\""),
                    };
                    let stamp = chrono::DateTime::from_timestamp_millis(*stamp).unwrap_or_default();
                    let stamp = stamp.format("%Y-%m-%dT%H:%M:%S%.3fZ").to_string();
                    let is_stamped = table.stream.cursor == "UpdatedDateUTC";
                    let is_there = table.rows.get(&key).is_some_and(|version| {
                        !is_stamped || version.row.get("UpdatedDateUTC").text() >= stamp.as_str()
                    });
                    if !is_there {
                        missing.push(format!(
                            "{name} is COMPLETE without the version of {stamp} of {key}"
                        ));
                    }
                }
            }
        }
        let more = missing.len().saturating_sub(5);
        missing.truncate(5);
        if more > 0 {
            missing.push(format!("{more} more versions are missing"));
        }
        missing
    }
}

fn mode(stream: &Stream, rng: &mut Rng) -> Mode {
    // The simulator derives the payments of a batch and the contacts of a group from other documents, and
    // stamps neither the batch nor the contact.
    let is_derived = matches!(
        stream.name.as_str(),
        "batch_payment_lines" | "batch_payments" | "contact_group_members" | "expense_claims"
    );
    match (stream.cursor.is_empty() || is_derived, rng.u8(..10)) {
        (false, 0..7) => Mode::Deduplicated,
        (_, 7) => Mode::Append,
        _ => Mode::Overwrite,
    }
}

fn config(scene: &Scene, url: &str, rng: &mut Rng) -> Value {
    let lookback = [0, 0, 60, 300][rng.usize(..4)];
    let calls = [0, 10, 100, 1_000][rng.usize(..4)];
    let concurrent = [1, 3, 100, 100][rng.usize(..4)];
    let mut config = json!({
        "start_date": "2020-01-01",
        "api_url": url,
        "identity_url": url,
        "lookback_seconds": lookback,
        "max_calls_per_sync": calls,
        "max_concurrent_calls": concurrent,
    });
    let is_flat = rng.bool();
    let app = match scene.access {
        Access::WebApp => json!({"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET}),
        Access::PkceApp => json!({"client_id": CLIENT_ID}),
        Access::CustomConnection => json!({"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET}),
        Access::AccessToken => json!({}),
    };
    match is_flat {
        true => {
            for (name, value) in app.as_object().into_iter().flatten() {
                config[name] = value.clone();
            }
        }
        false => {
            config["credentials"] = app;
            config["credentials"]["auth_type"] = json!(match scene.access {
                Access::WebApp | Access::PkceApp => "oauth2_authorization_code",
                Access::CustomConnection => "oauth2_confidential_application",
                Access::AccessToken => "oauth2_access_token",
            });
        }
    }
    set_tokens(&mut config, scene);
    if rng.bool() && scene.access != Access::AccessToken {
        let credentials = credentials(&mut config);
        if let Some(credentials) = credentials.as_object_mut() {
            credentials.remove("access_token");
        }
    }
    match (scene.tenants.len(), rng.u8(..3)) {
        (1, 0) => config["tenant_id"] = json!(scene.tenants[0].as_str()),
        (_, 1) => {
            let ids: Vec<_> = scene
                .tenants
                .iter()
                .map(xero_sim::TenantId::as_str)
                .collect();
            config["tenant_ids"] = json!(ids);
        }
        _ => {}
    }
    config
}

/// The object that holds the tokens.
fn credentials(config: &mut Value) -> &mut Value {
    match config.get("credentials").is_some() {
        true => &mut config["credentials"],
        false => config,
    }
}

/// Puts the tokens of a consent into a config.
fn set_tokens(config: &mut Value, scene: &Scene) {
    let Some(tokens) = &scene.tokens else { return };
    let credentials = credentials(config);
    credentials["access_token"] = json!(tokens.access_token);
    if let Some(credentials) = credentials.as_object_mut() {
        credentials.remove("token_expiry_date");
    }
    if scene.access != Access::AccessToken {
        credentials["refresh_token"] = json!(tokens.refresh_token);
    }
}

fn masked(config: &Value) -> Value {
    let mut config = config.clone();
    let mask = |object: &mut Value| {
        for name in checks::SECRETS {
            if object.get(name).is_some() {
                object[name] = json!("***");
            }
        }
    };
    mask(&mut config);
    if config.get("credentials").is_some() {
        mask(&mut config["credentials"]);
    }
    config
}

fn errors(lines: &[String]) -> String {
    let found = lines.iter().filter(|line| line.contains("\"ERROR\""));
    let found: Vec<_> = found
        .map(|line| line.chars().take(400).collect::<String>())
        .collect();
    found.join("; ")
}
