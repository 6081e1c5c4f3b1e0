//! One round: organisations and a connection to them, jobs of a platform on them, and a quiet sync at the end,
//! after which the destination must equal the books.

use std::collections::{BTreeMap, BTreeSet};
use std::os::unix::process::ExitStatusExt as _;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use fastrand::Rng;
use rustix::process::Signal;
use serde_json::json;
use tempfile::TempDir;
use xero_sim::{Entity, Failure, Millis, Sim, World};

use crate::checks;
use crate::compare::Comparison;
use crate::data_files::DataFiles;
use crate::destination::Table;
use crate::evidence::Evidence;
use crate::faults::{Plan, REST, ScriptHandle};
use crate::figures_of_reports;
use crate::organisations::{Access, DAY, SCOPES, Scene};
use crate::other_apis;
use crate::platform::{End, Platform, Taken};
use crate::process::{self, Disturbance, Moment, Outcome, Reader, Target};
use crate::report::Figures;
use crate::settings::{change, choose_all, config, is_derived, mode, set_tokens, start};
use crate::snapshot::Snapshot;
use crate::streams::{self, CHILDREN, DOCUMENTS, REPORTS};
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
    /// The directory of a round without a platform.
    files: Option<DataFiles>,
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
        // Xero's windows last a minute, for which the soak does not wait. The script refuses calls instead.
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
        let mut config = config(&scene, &sim.url(), &mut rng);
        let with_reports = with_documents && rng.bool();
        if with_reports {
            let first = figures_of_reports::first_day(sim.world(|world| world.now()));
            config["start_date"] = json!(first.to_string());
        }
        let platform = Platform::new(config, Vec::new(), folder.path());
        let files = (rng.u8(..4) == 0).then(|| DataFiles::new(folder.path()));
        let about = format!(
            "{}, {:?}, {} organisations",
            if files.is_some() { "files" } else { "platform" },
            scene.access,
            scene.tenants.len()
        );
        let mut round = Round {
            setting,
            rng,
            sim,
            scene,
            script,
            target,
            platform,
            files,
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
        round.choose_streams(with_documents, with_reports);
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
    fn choose_streams(&mut self, with_documents: bool, with_reports: bool) {
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
        let tenants = &self.scene.tenants;
        let api_tables: BTreeSet<_> = self.sim.world(|world| {
            let tables = tenants.iter().flat_map(|it| world.api_tables(it));
            tables.collect()
        });
        let share = [5, 15, 30, 100][self.rng.usize(..4)];
        let mut chosen = BTreeMap::new();
        for (name, stream) in &all {
            let share = match name.as_str() {
                _ if figures_of_reports::is_compared(name) => u8::from(with_reports) * 50,
                _ if REPORTS.contains(&name.as_str()) => 0,
                _ if DOCUMENTS.contains_key(name.as_str()) => u8::from(with_documents) * 60,
                // docs/credentials.md: "If no organisation is in its own" country, "a stream that you name fails."
                _ if !other_apis::exists(name, &api_tables) => 0,
                _ if other_apis::is_per_row(name) => u8::from(with_documents) * 20,
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
        if chosen.keys().all(|name| is_derived(name)) {
            chosen.insert("invoices".to_owned(), all["invoices"].clone());
        }
        // A sync without a platform reads all streams with a cursor incrementally.
        chosen.retain(|name, _| self.files.is_none() || !is_derived(name));
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
                let flags = self.flags();
                let is_over = self.attempt(&selection, plan, disturbance, &flags, TIMEOUT);
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
        if self.files.is_none() && self.rng.u8(..8) == 0 {
            let name = self.names[self.rng.usize(..self.names.len())].clone();
            let clears = self.rng.bool();
            self.note(format!(
                "{name} is reset, and its table is {}",
                if clears { "cleared" } else { "kept" }
            ));
            self.platform.reset(&name, clears);
        }
        if self.rng.u8(..3) == 0 {
            let mut config = self.platform.config.clone();
            let change = change(&mut config, &self.scene, &mut self.rng);
            self.note(change);
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
            .world(|world| self.script.lock().pass(seconds, world));
        if self.scene.access == Access::Token {
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
        // Tokens live for half an hour, so some syncs need several.
        let seconds_per_call = [0, 0, 0, 2, 30, 200][self.rng.usize(..6)];
        Plan {
            faults,
            edits,
            cuts,
            seconds_per_call,
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

    /// The flags of a sync without a platform.
    fn flags(&mut self) -> Vec<&'static str> {
        let mut flags = Vec::new();
        if self.files.is_some() && self.rng.u8(..6) == 0 {
            flags.push("--full-refresh");
        }
        if self.files.is_some() && self.rng.u8(..3) == 0 {
            flags.push("--gzip");
        }
        flags
    }

    /// Runs one attempt and checks it. Returns whether the job is done.
    fn attempt(
        &mut self,
        selection: &BTreeSet<String>,
        mut plan: Plan,
        disturbance: Disturbance,
        flags: &[&str],
        timeout: u32,
    ) -> bool {
        let snapshot = self.sim.world(|world| {
            let deeds = &self.script.lock().deeds;
            Snapshot::of(world, &self.scene.tenants, &self.names, deeds)
        });
        let before = self.sim.requests().len();
        if let Moment::Calls(calls) = disturbance.moment {
            plan.kill = Some((calls, disturbance.signal));
        }
        self.note(format!("{plan:?}, {disturbance:?}, {flags:?}"));
        self.script.lock().begin(plan);
        let arguments = match &self.files {
            Some(files) => files.arguments(&self.platform.config, selection, flags),
            None => self.platform.arguments(selection),
        };
        let arguments: Vec<_> = arguments.iter().map(String::as_str).collect();
        let mut outcome = process::run(
            &self.setting.binary,
            &arguments,
            timeout,
            disturbance,
            &self.target,
        );
        let (calls, token_calls) = self.script.lock().end();
        self.figures.syncs += 1;
        self.figures.calls += calls;
        self.figures.kills += usize::from(outcome.disturbed);
        self.note(format!(
            "ended with {} after {} lines, {calls} calls, {:?}",
            outcome.status,
            outcome.lines.len(),
            outcome.took
        ));
        if !outcome.disturbed {
            self.usual = (outcome.lines.len(), calls);
        }
        let (taken, is_whole) = match self.files.is_some() {
            true => (self.take_files(&outcome, selection, token_calls), true),
            false => self.take_messages(&mut outcome, selection, timeout == TIMEOUT),
        };
        self.note(format!(
            "{} records, {} states and {} new configs are kept",
            taken.records, taken.states, taken.controls
        ));
        self.figures.records += taken.records;
        self.figures.controls += taken.controls;
        self.tokens(
            before,
            token_calls,
            &taken,
            snapshot.now,
            !outcome.disturbed,
        );
        // A sync that did not begin, as without a token, leaves a manifest as it was.
        let is_begun = self.files.is_none() || outcome.status.success();
        let is_whole = is_whole && is_begun && !outcome.disturbed;
        if is_whole {
            let deeds = self.script.lock().deeds.clone();
            let config = self.platform.config.clone();
            let missing = snapshot.missing(&self.platform.tables, &taken.ends, &deeds, &config);
            missing.into_iter().for_each(|it| self.fail(it));
        }
        let complete = taken.ends.values().filter(|end| **end == End::Complete);
        let is_complete = complete.count() == selection.len();
        let is_over = is_whole && is_complete && outcome.status.success();
        if is_whole && is_complete != outcome.status.success() {
            let status = outcome.status;
            self.fail(format!("{status}, but the streams ended {:?}", taken.ends));
        }
        self.last = Some(outcome);
        is_over
    }

    /// The platform and its destination take the messages. Returns whether all of them were committed.
    fn take_messages(
        &mut self,
        outcome: &mut Outcome,
        selection: &BTreeSet<String>,
        may_lose: bool,
    ) -> (Taken, bool) {
        let violations = checks::messages(outcome, selection, &self.platform.configs);
        violations.into_iter().for_each(|it| self.fail(it));
        // A platform that is killed with the connector did not read everything.
        if outcome.status.signal() == Some(Signal::KILL.as_raw()) && self.rng.bool() {
            let read = self.rng.usize(0..=outcome.lines.len());
            self.note(format!("only {read} lines are read"));
            outcome.lines.truncate(read);
        }
        // A destination that fails has committed the first messages only.
        let lines = outcome.lines.len();
        let fails = may_lose && self.rng.u8(..12) == 0;
        let committed = if fails {
            self.rng.usize(0..=lines)
        } else {
            lines
        };
        if fails {
            self.note(format!("the destination fails after {committed} lines"));
        }
        let keeps_tail = self.rng.bool();
        let taken = self.platform.take(&outcome.lines, committed, keeps_tail);
        (taken, committed == lines)
    }

    /// Takes what a sync without a platform left in its directory and in the config.
    fn take_files(
        &mut self,
        outcome: &Outcome,
        selection: &BTreeSet<String>,
        token_calls: usize,
    ) -> Taken {
        let violations = checks::text(outcome, &self.platform.configs);
        violations.into_iter().for_each(|it| self.fail(it));
        let mut taken = Taken::default();
        let Some(files) = &self.files else {
            return taken;
        };
        match files.config() {
            Ok(config) if config == self.platform.config => {}
            Ok(config) => {
                let lost = self.script.lock().loses_rotations;
                taken.controls = if outcome.disturbed || lost {
                    1
                } else {
                    token_calls
                };
                self.platform.configure(config);
            }
            Err(error) => self.fail(error),
        }
        let Some(files) = &self.files else {
            return taken;
        };
        match files.load(&mut self.platform.tables) {
            Ok(ends) => taken.ends = ends,
            Err(error) => self.fail(error),
        }
        taken.ends.retain(|name, _| selection.contains(name));
        taken
    }

    /// Follows the refresh token: it must work as long as the platform lost none.
    fn tokens(
        &mut self,
        before: usize,
        token_calls: usize,
        taken: &Taken,
        began: Millis,
        is_undisturbed: bool,
    ) {
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
        let answered = self.script.lock().answered_token_calls;
        // Without a platform the config is only known as the sync left it.
        let kept = match self.files.is_some() && taken.controls > 0 {
            true => answered,
            false => taken.controls,
        };
        if is_undisturbed && answered.saturating_sub(refused) > kept {
            self.fail(format!(
                "of {answered} new refresh tokens {kept} were handed over"
            ));
        }
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
        if self.figures.violations.is_empty() {
            return;
        }
        let evidence = Evidence {
            violations: &self.figures.violations,
            events: &script.events,
            config: &self.platform.config,
            folder: self.folder.path(),
            last: self.last.as_ref(),
        };
        let name = format!("{}-{}", self.setting.seed, self.figures.number);
        let folder = self.setting.failures.join(name);
        match evidence.write(&folder) {
            Ok(()) => eprintln!("  evidence: {}", folder.display()),
            Err(error) => eprintln!("  {} cannot be written: {error}", folder.display()),
        }
    }

    fn settle(&mut self) {
        self.sim.world(|world| {
            let mut script = self.script.lock();
            self.scene.reopen(world, &mut script.deeds);
            script.deeds.hidden.clear();
            // No planned failure is left.
            for tenant in &self.scene.tenants {
                world.fail_after(tenant, u32::MAX, Failure::Offline);
            }
        });
        if self.scene.access == Access::Token {
            self.consent();
        }
        let mut config = self.platform.config.clone();
        choose_all(&mut config);
        self.platform.configure(config);
        let selection: BTreeSet<_> = self.names.iter().cloned().collect();
        let mut is_over = self.quiet_job(&selection);
        let is_clean = is_over && self.figures.violations.is_empty();
        if is_clean && self.names.iter().any(|name| streams::is_of_journals(name)) {
            self.note(format!(
                "{REST:?} pass, so that all late journals are searched for"
            ));
            self.sim.world(|world| world.advance(REST));
            for _ in 0..self.syncs_of_searches() {
                if self.scene.access == Access::Token {
                    self.consent();
                }
                is_over = self.quiet_job(&selection);
                if !is_over || !self.leaves_searches() {
                    break;
                }
            }
        }
        let forgotten = self
            .files
            .as_ref()
            .map_or_else(Vec::new, DataFiles::forgotten);
        if is_over && !forgotten.is_empty() {
            self.fail(format!(
                "nothing names these files: {}",
                forgotten.join(", ")
            ));
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

    /// A job without faults. Returns whether it is done.
    fn quiet_job(&mut self, selection: &BTreeSet<String>) -> bool {
        self.platform.begin_job(selection);
        for attempt in 1..=2 {
            self.note(format!("a quiet job, attempt {attempt}"));
            let is_over = self.attempt(
                selection,
                Plan::default(),
                Disturbance::NONE,
                &[],
                QUIET_TIMEOUT,
            );
            if is_over || !self.figures.violations.is_empty() {
                return is_over;
            }
            // A refresh token that was lost for more than half an hour.
            let lost = self
                .last
                .as_ref()
                .is_some_and(|last| last.says("refresh token") || last.says("invalid_grant"));
            if !lost {
                break;
            }
        }
        false
    }

    /// The number of syncs that search for all late journals after a rest.
    fn syncs_of_searches(&self) -> usize {
        let tenants = self.scene.tenants.iter();
        let journals = self.sim.world(|world| {
            let recent = |tenant| {
                let rows = world.rows(tenant, Entity::Journals).iter();
                rows.filter(|row| row.created > world.now() - DAY).count()
            };
            tenants.map(recent).max().unwrap_or_default()
        });
        // docs/streams.md, "Late journals": "One call covers a part of the list with 100 journals". A part in which
        // some are found takes a second call.
        let calls = 2 * journals.div_ceil(100);
        // The first sync makes up to 50 calls, because no part was searched for 12 hours. Each later one makes five
        // calls, one of them for the newest part.
        3 + calls.saturating_sub(50).div_ceil(4)
    }

    /// Whether the last sync left some of the searches for late journals to later ones. Without a platform the log
    /// does not say so.
    fn leaves_searches(&self) -> bool {
        let last = self.last.as_ref();
        let says = last.is_some_and(|last| last.says("parts that later syncs search"));
        says || self.files.is_some()
    }

    fn compare(&mut self) {
        let tenants = self.scene.tenants.clone();
        let (token, now) = self.sim.world(|world| {
            let tokens = world.consent(&self.scene.auditor, &tenants, SCOPES);
            (tokens.access_token, world.now())
        });
        let mut auditor = Auditor::new(self.sim.address(), token, &tenants);
        let mut comparison = Comparison::new(start(&self.platform.config), now);
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
}

fn errors(lines: &[String]) -> String {
    let found = lines.iter().filter(|line| line.contains("\"ERROR\""));
    let found: Vec<_> = found
        .map(|line| line.chars().take(400).collect::<String>())
        .collect();
    found.join("; ")
}
