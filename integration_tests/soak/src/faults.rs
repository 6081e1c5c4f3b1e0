//! What goes wrong between the connector and Xero, and what users do while a sync runs. One closure in the
//! simulator sees each request and follows the script of the present sync.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use fastrand::Rng;
use rustix::process::Signal;
use xero_sim::{Answer, AppId, Limit, Request, Sim, TenantId, World};

use crate::json::Json;
use crate::organisations::{self, Deeds};
use crate::process::Target;

/// The most time that passes in a round before the last job, in seconds. With the time before the last job
/// Xero's clock must stay within a day of this machine's, because the connector does not believe a later one.
const MOST_SECONDS: u64 = 24 * 3_600 - REST.as_secs() - 3_600;

/// The time before the last job of a round that has journals. docs/streams.md, "Late journals": "If parts were
/// not searched for 12 hours, the sync makes a call for each of them, up to 50 calls."
pub(crate) const REST: Duration = Duration::from_secs(12 * 3_600 + 1_800);

/// What happens during a sync.
#[derive(Debug, Default)]
pub(crate) struct Plan {
    /// Faults in a thousand requests.
    pub(crate) faults: u32,
    /// Edits in a thousand requests.
    pub(crate) edits: u32,
    /// Organisations cut off or let in, in a thousand requests.
    pub(crate) cuts: u32,
    /// The time that passes with each request.
    pub(crate) seconds_per_call: u64,
    /// A path all of whose calls fail.
    pub(crate) broken: Option<String>,
    /// The request at which the connector gets a signal.
    pub(crate) kill: Option<(usize, Signal)>,
}

/// The state of the closure.
pub(crate) struct Script {
    rng: Rng,
    pub(crate) plan: Plan,
    pub(crate) deeds: Deeds,
    tenants: Vec<TenantId>,
    app: AppId,
    target: Target,
    /// Whether the calls come from the connector and not from the soak.
    pub(crate) is_on: bool,
    /// The requests of the present sync.
    pub(crate) calls: usize,
    /// The requests of the present sync that were for tokens.
    pub(crate) token_calls: usize,
    /// Those of them that Xero answered.
    pub(crate) answered_token_calls: usize,
    /// Whether the answer of a rotation of the present sync never arrived.
    pub(crate) loses_rotations: bool,
    /// The seconds that have passed in the round.
    passed: u64,
    pub(crate) faults: BTreeMap<&'static str, usize>,
    pub(crate) events: Vec<String>,
}

/// A handle of the script.
#[derive(Clone)]
pub(crate) struct ScriptHandle(Arc<Mutex<Script>>);

impl ScriptHandle {
    /// Installs the script in a simulator.
    pub(crate) fn install(
        sim: &Sim,
        seed: u64,
        tenants: &[TenantId],
        app: &AppId,
        target: &Target,
    ) -> ScriptHandle {
        let mut deeds = Deeds::default();
        sim.world(|world| deeds.note_names(world, tenants));
        let script = Script {
            rng: Rng::with_seed(seed),
            plan: Plan::default(),
            deeds,
            tenants: tenants.to_vec(),
            app: app.clone(),
            target: target.clone(),
            is_on: false,
            calls: 0,
            token_calls: 0,
            answered_token_calls: 0,
            loses_rotations: false,
            passed: 0,
            faults: BTreeMap::new(),
            events: Vec::new(),
        };
        let script = ScriptHandle(Arc::new(Mutex::new(script)));
        let handle = script.clone();
        sim.intercept(move |request, world| handle.lock().answer(request, world));
        script
    }

    pub(crate) fn lock(&self) -> MutexGuard<'_, Script> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Script {
    /// Starts another sync.
    pub(crate) fn begin(&mut self, plan: Plan) {
        self.plan = plan;
        self.is_on = true;
        self.calls = 0;
        self.token_calls = 0;
        self.answered_token_calls = 0;
        self.loses_rotations = false;
        self.deeds.cut_meanwhile = self.deeds.cut.clone();
    }

    /// Ends a sync. Returns its calls, and those of them that were for tokens.
    pub(crate) fn end(&mut self) -> (usize, usize) {
        self.is_on = false;
        (self.calls, self.token_calls)
    }

    /// Notes an event of the round.
    pub(crate) fn note(&mut self, event: impl Into<String>) {
        self.events.push(event.into());
    }

    /// Time passes, unless the round has lasted too long already.
    pub(crate) fn pass(&mut self, seconds: u64, world: &mut World) {
        if seconds > 0 && self.passed + seconds < MOST_SECONDS {
            self.passed += seconds;
            world.advance(Duration::from_secs(seconds));
        }
    }

    /// A piece of work of a user now.
    pub(crate) fn edit(&mut self, world: &mut World) {
        let edit = organisations::edit(world, &self.tenants, &mut self.deeds, &mut self.rng);
        self.events.extend(edit);
    }

    /// An organisation is cut off or let in now.
    pub(crate) fn cut(&mut self, world: &mut World) {
        let (tenants, deeds) = (&self.tenants, &mut self.deeds);
        let cut = organisations::cut_off(world, &self.app, tenants, deeds, &mut self.rng);
        self.events.extend(cut);
    }

    fn draws(&mut self, in_a_thousand: u32) -> bool {
        self.rng.u32(..1_000) < in_a_thousand
    }

    fn answer(&mut self, request: &Request, world: &mut World) -> Option<Answer> {
        if !self.is_on {
            return self.late_journals(request);
        }
        self.calls += 1;
        let is_token = request.path == "/connect/token";
        self.token_calls += usize::from(is_token);
        if let Some((at, signal)) = self.plan.kill
            && self.calls == at
        {
            self.target.send(signal);
            let call = self.calls;
            self.note(format!("signal {signal:?} at call {call}"));
        }
        let seconds = self.plan.seconds_per_call;
        self.pass(seconds, world);
        while self.draws(self.plan.edits) {
            self.edit(world);
        }
        if self.draws(self.plan.cuts) {
            self.cut(world);
        }
        let is_broken = self
            .plan
            .broken
            .as_ref()
            .is_some_and(|path| *path == request.path);
        if is_broken || self.draws(self.plan.faults) {
            let (name, answer) = match is_token {
                true => self.token_fault(),
                false => self.fault(request),
            };
            *self.faults.entry(name).or_default() += 1;
            let call = self.calls;
            self.note(format!("call {call}, {}: {name}", request.path));
            return Some(answer);
        }
        self.answered_token_calls += usize::from(is_token);
        self.late_journals(request)
    }

    /// The answers of the token endpoint that fail. Those that are lost have rotated the refresh token.
    fn token_fault(&mut self) -> (&'static str, Answer) {
        match self.rng.u8(..8) {
            0..3 => {
                self.loses_rotations = true;
                ("token answer lost", Answer::honest().truncated(0))
            }
            3 => {
                self.loses_rotations = true;
                (
                    "token answer cut",
                    Answer::honest().truncated(self.rng.usize(1..300)),
                )
            }
            4 => ("token 500", Answer::server_error()),
            5 => ("token 503", Answer::unavailable()),
            6 => ("token reset", Answer::reset()),
            _ => ("token html", Answer::html(200, "<html>Sign in</html>")),
        }
    }

    fn fault(&mut self, request: &Request) -> (&'static str, Answer) {
        let below = request
            .path
            .strip_prefix("/api.xro/2.0/")
            .unwrap_or_default();
        let is_list = !below.is_empty() && !below.contains('/');
        let seconds = self.rng.u32(1..60);
        let bytes = self.rng.usize(0..4_000);
        match self.rng.u8(..32) {
            0..3 => ("reset", Answer::reset()),
            3..6 => ("500", Answer::server_error()),
            6..8 => ("502", Answer::html(502, "<html>Bad Gateway</html>").bare()),
            8 => ("503 maintenance", Answer::maintenance()),
            9 => ("503", Answer::unavailable()),
            10 => ("503 offline", Answer::organisation_offline()),
            11 => ("429 minute", Answer::too_many(Limit::Minute, Some(seconds))),
            12 => ("429 concurrent", Answer::too_many(Limit::Concurrent, None)),
            13 => ("429 app", Answer::too_many(Limit::AppMinute, None)),
            14 => ("429 day", Answer::too_many(Limit::Day, Some(seconds * 600))),
            15..20 => ("cut body", Answer::honest().truncated(bytes)),
            20 => ("html", Answer::html(200, "<html>Welcome</html>")),
            21 => ("other json", Answer::json(200, "{\"Status\":\"OK\"}")),
            22 => (
                "half json",
                Answer::json(200, "{\"Status\":\"OK\",\"Invoices\":[{\"Invo"),
            ),
            23 => ("empty body", Answer::json(200, "")),
            24 => (
                "wrong gzip",
                Answer::json(200, "\u{1f}not gzip").header("Content-Encoding", "gzip"),
            ),
            25..28 => {
                let delay = Duration::from_millis(self.rng.u64(1..150));
                ("delay", Answer::honest().delayed(delay))
            }
            28 => (
                "401 expired",
                Answer::unauthorized("TokenExpired: token expired at 08/24/2026 10:12:13"),
            ),
            29 => ("401 scope", Answer::not_permitted()),
            30 => ("403", Answer::forbidden()),
            // A missing document is a document that was deleted: docs/documents.md, "Xero no longer knows
            // the document: it skips the document". So only lists are missing by mistake.
            31 if is_list => ("404", Answer::not_found()),
            _ => ("silence", Answer::silent()),
        }
    }

    /// The ledger without the journals that are not visible yet.
    fn late_journals(&self, request: &Request) -> Option<Answer> {
        let hidden = self
            .deeds
            .hidden
            .get(request.tenant_id.as_ref()?.as_str())?;
        if hidden.is_empty() || !request.path.ends_with("/Journals") {
            return None;
        }
        let hidden = hidden.clone();
        Some(Answer::honest().rewritten(move |body| without(&body, &hidden)))
    }
}

fn without(body: &str, hidden: &BTreeSet<u64>) -> String {
    let Ok(mut parsed) = Json::parse(body) else {
        return body.to_owned();
    };
    let number = |row: &Json| row.get("JournalNumber").text().parse();
    let is_shown = |row: &&Json| number(row).map_or(true, |it| !hidden.contains(&it));
    let shown = parsed.get("Journals").list().iter().filter(is_shown);
    let shown = Json::List(shown.cloned().collect());
    parsed.set("Journals", shown);
    parsed.canonical()
}
