//! Runs a case: a sync with the fault, and one without it. It holds the rule for the case and
//! returns the figures for the page.

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, TcpListener};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use serde_json::{Value, json};
use xero_sim::Request;

use super::faults::{Act, Fault};
use super::kinds::Kind;
use super::outcome::Outcome;
use super::stage::{Access, Counter, OTHERS, Rows, Stage, is_token_call, lacks_its_file};
use crate::support::connector::Run;
use crate::support::relay::Relay;

/// Which requests a fault answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// The calls of the stream, from the first one that the kind names.
    Stream,
    /// All calls of the stream.
    WholeStream,
    /// The calls for the item of the first call that the kind names.
    OneItem,
    /// All calls of the API to the first organisation.
    Api,
    /// All calls of the API with the first access token.
    FirstToken,
    /// The requests for tokens.
    Tokens,
}

/// A fault, where and how often it happens, and what has to come of it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Case {
    pub(super) fault: Fault,
    pub(super) kind: &'static Kind,
    pub(super) access: Access,
    pub(super) organisations: usize,
    pub(super) place: Place,
    pub(super) times: usize,
    pub(super) outcome: Outcome,
}

/// The figures of a case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Figures {
    /// The rows of the stream.
    pub(super) rows: String,
    /// The statuses of the stream and of the others.
    pub(super) statuses: String,
    /// The last state of the stream.
    pub(super) state: &'static str,
    /// The calls that the fault answered.
    pub(super) hits: usize,
    /// The requests for tokens.
    pub(super) token_calls: usize,
    /// The rows of the stream in the next sync.
    pub(super) again: &'static str,
}

/// Two syncs without a fault.
#[derive(Debug)]
struct Undisturbed {
    /// What each sync finds in Xero.
    truth: [Rows; 2],
    state: Value,
    /// The rows of the stream in each sync.
    rows: [usize; 2],
    calls: usize,
}

/// The syncs without a fault, by the name of the kind and the number of organisations.
type Known = BTreeMap<(&'static str, usize), Arc<Undisturbed>>;

fn undisturbed(kind: &'static Kind, organisations: usize) -> Arc<Undisturbed> {
    static KNOWN: LazyLock<Mutex<Known>> = LazyLock::new(Mutex::default);
    let mut known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
    let honest = || Arc::new(Undisturbed::new(kind, organisations));
    let entry = known.entry((kind.name, organisations));
    entry.or_insert_with(honest).clone()
}

/// The rows and the calls of a stream in a sync without a fault.
pub(super) fn usual(kind: &'static Kind) -> (usize, usize) {
    let honest = undisturbed(kind, 1);
    (honest.rows[0], honest.calls)
}

impl Undisturbed {
    fn new(kind: &'static Kind, organisations: usize) -> Undisturbed {
        let stage = Stage::new(kind, Access::WebWithToken, organisations);
        let first = stage.sync(&stage.config, None);
        assert_eq!(first.code, Some(0), "{}: {:?}", kind.name, first.errors());
        let calls = stage.calls();
        stage.time_passes();
        let next = stage.sync(&stage.config, Some(&first.last_states()));
        assert_eq!(next.code, Some(0), "{}: {:?}", kind.name, next.errors());
        let whole = stage.sync(&stage.config, None);
        let truth = [stage.rows(&first), stage.rows(&whole)];
        assert!(truth[0].len() > 80, "{}", kind.name);
        Undisturbed {
            truth,
            state: last_state(&first, kind),
            rows: [&first, &next].map(|run| run.records(kind.stream).len()),
            calls,
        }
    }

    /// The rows that the stream has after the changes.
    fn total(&self, kind: &Kind) -> usize {
        let keys = self.truth[1].keys();
        keys.filter(|(stream, _)| stream == kind.stream).count()
    }
}

fn last_state(run: &Run, kind: &Kind) -> Value {
    let states = run.states(kind.stream);
    states.last().map_or(Value::Null, |state| (*state).clone())
}

impl Case {
    fn is_hit(&self, request: &Request, tenant: &str) -> bool {
        let is_api = request.path.starts_with("/api.xro/");
        match self.place {
            Place::Stream | Place::WholeStream | Place::OneItem => (self.kind.is_call)(request),
            Place::Api => is_api && request.tenant.as_deref().is_none_or(|it| it == tenant),
            Place::FirstToken => is_api,
            Place::Tokens => is_token_call(request),
        }
    }

    /// What the calls that the fault answers have in common with the first of them.
    fn mark(&self, request: &Request) -> String {
        match self.place {
            Place::OneItem => format!("{} {:?}", request.path, request.param("contactId")),
            Place::FirstToken => format!("{:?}", request.authorization),
            _ => String::new(),
        }
    }

    /// The fault and how often it happens, as the page says it.
    pub(super) fn fault_and_times(&self) -> String {
        let how_often = match (self.place, self.times) {
            (_, 1) => "once",
            (Place::FirstToken, _) => "for the first token",
            _ => "each time",
        };
        format!("{}, {how_often}", self.fault.name)
    }

    /// How failures name the case.
    fn name(&self) -> String {
        let (kind, access) = (self.kind.name, self.access.name());
        format!("{} on {kind} by {access}", self.fault_and_times())
    }

    /// Runs the case.
    pub(super) fn run(&self) -> Figures {
        let name = self.name();
        let honest = undisturbed(self.kind, self.organisations);
        let mut stage = Stage::new(self.kind, self.access, self.organisations);
        if let Some(silence) = self.fault.silence {
            stage.silence = silence;
        }
        let (is_on, hits, mut config) = (
            Arc::new(AtomicBool::new(true)),
            Counter::default(),
            stage.config.clone(),
        );
        let _relay = self.install(&stage, &is_on, &hits, &mut config);
        let first = stage.sync(&config, None);
        is_on.store(false, Ordering::Relaxed);
        self.outcome.hold(&stage, &first, &honest.truth[0], &name);
        assert!(
            hits.get() > 0 || matches!(self.fault.act, Act::Refuse),
            "{name}: no hit"
        );
        let (calls, token_calls) = (stage.calls(), stage.token_calls());

        // The next sync, as a platform runs it: with the last config, the last states, and no fault.
        let mut config = first.configs().last().map_or(&config, |it| *it).clone();
        config["api_url"] = stage.sim.url().into();
        config["identity_url"] = stage.sim.url().into();
        stage.silence = 20_000;
        stage.time_passes();
        let next = stage.sync(&config, Some(&first.last_states()));
        assert_eq!(next.code, Some(0), "{name}: next: {:?}", next.errors());
        let mut destination = stage.rows(&first);
        destination.extend(stage.rows(&next));
        if self.outcome == Outcome::Drops {
            destination.retain(|_, row| !lacks_its_file(row));
        }
        let truth = &honest.truth[1];
        for (key, row) in &destination {
            assert_eq!(
                Some(row),
                truth.get(key),
                "{name}: after the next sync: {key:?}"
            );
        }
        let missing = truth.keys().filter(|key| !destination.contains_key(key));
        let missing: Vec<_> = missing.collect();
        match self.outcome {
            Outcome::Drops => assert!(!missing.is_empty(), "{name}: nothing was dropped"),
            _ => assert!(
                missing.is_empty(),
                "{name}: rows are missing for good: {missing:?}"
            ),
        }

        let is_failed =
            matches!(self.outcome, Outcome::FailsStream(_)) && self.place == Place::Stream;
        if is_failed && self.kind.continues {
            let again = next.records(self.kind.stream).len();
            let all = honest.total(self.kind);
            assert!(
                again < all,
                "{name}: the next sync begins anew: {again} of {all} rows"
            );
        }
        let is_exact = self.fault.silence.is_none() && self.place == Place::Stream;
        if self.outcome == Outcome::Recovers && is_exact {
            let most = honest.calls + hits.get();
            assert!(calls <= most, "{name}: {calls} calls, {most} expected");
        }
        let hits = match self.fault.act {
            // Nobody counts the calls. Each but the last one is announced to be repeated.
            Act::Refuse => {
                1 + first
                    .logs("WARN")
                    .iter()
                    .filter(|it| it.contains("trying again"))
                    .count()
            }
            _ => hits.get(),
        };
        self.figures(&stage, &honest, [&first, &next], hits, token_calls)
    }

    fn figures(
        &self,
        stage: &Stage,
        honest: &Undisturbed,
        [first, next]: [&Run; 2],
        hits: usize,
        token_calls: usize,
    ) -> Figures {
        let stream = self.kind.stream;
        let keys = |run| {
            let rows = stage.rows(run);
            let of_stream = rows
                .iter()
                .filter(|((of, _), row)| of == stream && !lacks_its_file(row));
            of_stream.count()
        };
        let [rows, again] = [first, next].map(keys);
        let state = last_state(first, self.kind);
        let others = OTHERS.map(|stream| first.status(stream));
        let others = match others[0] == others[1] {
            true => others[0].to_owned(),
            false => others.join(" and "),
        };
        Figures {
            rows: match rows {
                0 => "none".to_owned(),
                rows if rows == honest.rows[0] => "all".to_owned(),
                rows if rows == self.kind.before => "before".to_owned(),
                rows => format!("{rows} of {}", honest.rows[0]),
            },
            statuses: format!("{}, {others}", first.status(stream)),
            state: match state {
                Value::Null => "none",
                state if state == honest.state => "end",
                _ => "part",
            },
            hits,
            token_calls,
            again: match again {
                again if again == honest.total(self.kind) => "all",
                again if again == honest.rows[1] => "changes",
                _ => "the rest",
            },
        }
    }

    /// Lets the fault happen. Returns what must live as long as the sync.
    fn install(
        &self,
        stage: &Stage,
        is_on: &Arc<AtomicBool>,
        hits: &Counter,
        config: &mut Value,
    ) -> Option<Relay> {
        let first_hit = match self.place {
            Place::Stream | Place::OneItem => self.kind.first_hit,
            _ => 1,
        };
        let last_hit = first_hit.saturating_add(self.times - 1);
        match self.fault.act {
            Act::Answer(answer) => {
                let (case, seen, hits, is_on) =
                    (*self, Counter::default(), hits.clone(), is_on.clone());
                let (tenant, mut first) = (stage.tenants[0].as_str().to_owned(), None);
                stage.sim.intercept(move |request, _| {
                    let is_on = is_on.load(Ordering::Relaxed);
                    if !is_on || !case.is_hit(request, &tenant) {
                        return None;
                    }
                    let is_due = (first_hit..=last_hit).contains(&seen.add());
                    let mark = case.mark(request);
                    let is_it = is_due && *first.get_or_insert_with(|| mark.clone()) == mark;
                    is_it.then(|| {
                        hits.add();
                        answer(request)
                    })
                });
                None
            }
            Act::Bytes(bytes) => {
                let (kind, seen, hits) = (self.kind, Counter::default(), hits.clone());
                let relay = Relay::start(&stage.sim, move |path, client| {
                    let request = Request {
                        path: path.to_owned(),
                        ..Request::default()
                    };
                    let is_hit =
                        (kind.is_call)(&request) && (first_hit..=last_hit).contains(&seen.add());
                    if is_hit {
                        hits.add();
                        bytes(client)?;
                    }
                    Ok(is_hit)
                });
                config["api_url"] = relay.url().into();
                Some(relay)
            }
            Act::Refuse => {
                // The port was free a moment ago, and nothing listens there.
                let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0));
                let address = listener.and_then(|it| it.local_addr());
                let address = address.expect("the loopback interface has a free port");
                let key = match self.place {
                    Place::Tokens => "identity_url",
                    _ => "api_url",
                };
                config[key] = json!(format!("http://{address}"));
                None
            }
        }
    }
}
