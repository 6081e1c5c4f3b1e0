//! Tests lists with counts, whole or in parts, in a world that changes while it is read.
//!
//! A response shows the world of one moment, or of an earlier one if a replica lags. Its count may be
//! older than its rows. A walk may give up; but if it says that it is complete, it has read every row
//! that was in every world that a response could show.

use std::collections::HashMap;

use super::*;
use crate::rows::envelope::Pagination;

/// How many changes the oldest answer lags behind.
const MAX_LAG: usize = 4;

/// How often a row moves to another part while the list is read. A row that moves to and fro need never
/// be where the walk looks.
const MAX_MOVES: u32 = 2;

/// Which moment the responses show.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Lag {
    /// The present.
    None,
    /// An earlier moment, but never one before that of the last response.
    Ascending,
    /// Any of the last moments.
    Any,
}

/// What happens while the list is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Changes {
    Any,
    Additions,
    Removals,
}

#[derive(Clone, Copy, Debug)]
struct World {
    lag: Lag,
    changes: Changes,
    /// Whether counts are older than the rows beside them.
    stale_counts: bool,
    /// Whether responses have `pageCount` beside `itemCount`.
    has_page_count: bool,
    /// Rows per page that the server grants, of [`SIZE`] that are requested.
    granted: usize,
    parts: Option<usize>,
    rows: usize,
    /// The percentage of responses before which the world changes.
    unrest: u8,
}

/// A row, and where the list shows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Placed {
    id: u64,
    part: usize,
    /// The place in the order of the list.
    place: u64,
}

struct Server {
    rng: Rng,
    world: World,
    /// The rows after each change.
    moments: Vec<Vec<Placed>>,
    moves: HashMap<u64, u32>,
    created: u64,
    /// The moment of the last response.
    shown: usize,
}

impl Server {
    fn new(seed: u64, world: World) -> Server {
        let mut server = Server {
            rng: Rng::with_seed(seed),
            world,
            moments: vec![Vec::new()],
            moves: HashMap::new(),
            created: 0,
            shown: 0,
        };
        let mut rows = Vec::new();
        (0..world.rows).for_each(|_| server.add(&mut rows));
        server.moments = vec![rows];
        // What happened before the walk can be shown by a replica that lags.
        (0..2 * MAX_LAG).for_each(|_| server.change());
        server
    }

    fn now(&self) -> usize {
        self.moments.len() - 1
    }

    fn add(&mut self, rows: &mut Vec<Placed>) {
        self.created += 1;
        let parts = self.world.parts.unwrap_or(1);
        // Most rows are added at the end.
        let place = match self.world.changes == Changes::Any && self.rng.u8(..4) == 0 {
            true => self.rng.u64(..self.created * 10),
            false => self.created * 10,
        };
        rows.push(Placed {
            id: self.created,
            part: self.rng.usize(..parts),
            place,
        });
    }

    fn change(&mut self) {
        let mut rows = self.moments[self.now()].clone();
        let at = (!rows.is_empty()).then(|| self.rng.usize(..rows.len()));
        match (self.world.changes, self.rng.u8(..10), at) {
            (Changes::Additions, ..) | (Changes::Any, 0..4, _) | (Changes::Any, _, None) => {
                self.add(&mut rows);
            }
            (Changes::Removals, _, Some(at)) | (Changes::Any, 4..7, Some(at)) => {
                rows.swap_remove(at);
            }
            (Changes::Any, 7, Some(at)) => {
                self.add(&mut rows);
                rows.swap_remove(at);
            }
            (Changes::Any, _, Some(at)) => self.move_row(&mut rows[at]),
            (Changes::Removals, _, None) => {}
        }
        self.moments.push(rows);
    }

    fn move_row(&mut self, row: &mut Placed) {
        let moves = self.moves.entry(row.id).or_default();
        match self.world.parts {
            Some(parts) if *moves < MAX_MOVES => {
                *moves += 1;
                row.part = self.rng.usize(..parts);
            }
            Some(_) => {}
            // An edit moves the row to the end, as in an order by the last change.
            None => {
                self.created += 1;
                row.place = self.created * 10;
            }
        }
    }

    fn lagging(&mut self) -> usize {
        self.now() - self.rng.usize(..=MAX_LAG)
    }

    fn answer(&mut self, request: &PageRequest) -> PageFacts {
        let moment = match self.world.lag {
            Lag::None => self.now(),
            Lag::Ascending => self.lagging().max(self.shown),
            Lag::Any => self.lagging(),
        };
        self.shown = moment;
        let listed = |rows: &[Placed]| {
            let in_part = |row: &&Placed| request.part.is_none_or(|part| row.part == part);
            let mut listed: Vec<_> = rows.iter().filter(in_part).copied().collect();
            listed.sort_unstable_by_key(|row| (row.place, row.id));
            listed
        };
        let rows = listed(&self.moments[moment]);
        let counted = match self.world.stale_counts {
            true => listed(&self.moments[moment - self.rng.usize(..=moment.min(MAX_LAG))]).len(),
            false => rows.len(),
        };
        let size = self.world.granted;
        let before = (request.page.unwrap_or(1) as usize - 1) * size;
        let row = |row: Placed| RowKey {
            key: Some(row.id.to_string().into()),
            ..RowKey::default()
        };
        let page: Vec<_> = rows.into_iter().skip(before).take(size).map(row).collect();
        let counts = Pagination {
            page_count: self
                .world
                .has_page_count
                .then(|| counted.div_ceil(size) as u64),
            item_count: Some(counted as u64),
        };
        PageFacts::new(page, Some(counts), None)
    }
}

/// The ids of the rows that every answer from `first` on could show.
fn always_there(server: &Server, first: usize) -> HashSet<u64> {
    let ids = |rows: &Vec<Placed>| rows.iter().map(|row| row.id).collect::<HashSet<_>>();
    let moments = server.moments[first..].iter().map(ids);
    moments
        .reduce(|known, other| &known & &other)
        .unwrap_or_default()
}

/// Reads the list. Returns the rows that it missed, or `None` if the walk gave up.
fn read(server: &mut Server) -> Option<Vec<u64>> {
    let pages = Pages::Sized(SIZE as u64);
    let mut walk = UnfilteredPages::new(pages, server.world.parts, None);
    let oldest = match (server.world.lag, server.world.stale_counts) {
        (Lag::None, false) => server.now(),
        _ => server.now().saturating_sub(2 * MAX_LAG),
    };
    let mut came = HashSet::new();
    let mut flying: Vec<(RequestId, PageRequest, Option<PageFacts>)> = Vec::new();
    loop {
        while flying.len() < 5
            && let Some((request_id, request)) = walk.next_request(ONE_SLOT)
        {
            flying.push((request_id, request, None));
        }
        if flying.is_empty() {
            break;
        }
        let at = server.rng.usize(..flying.len());
        let Some(page) = flying[at].2.take() else {
            if server.rng.u8(0..100) < server.world.unrest {
                server.change();
            }
            flying[at].2 = Some(server.answer(&flying[at].1));
            continue;
        };
        let (request_id, ..) = flying.swap_remove(at);
        let ids = page.rows.iter().filter_map(|row| row.key.as_deref());
        came.extend(ids.filter_map(|id| id.parse::<u64>().ok()));
        walk.take(request_id, &page).ok()?;
    }
    assert!(walk.is_over());
    let missed = always_there(server, oldest);
    Some(missed.difference(&came).copied().collect())
}

fn worlds() -> impl Strategy<Value = World> {
    let lags = prop_oneof![
        Just((Lag::None, Changes::Any)),
        Just((Lag::Ascending, Changes::Any)),
        // Old and new answers in turn may show the same wrong list twice if rows come and go.
        Just((Lag::Any, Changes::Additions)),
        Just((Lag::Any, Changes::Removals)),
    ];
    let counts = prop_oneof![
        Just((false, SIZE)),
        Just((false, SIZE - 1)),
        // A single page of fewer rows than requested and an old count look like the whole list.
        Just((true, SIZE)),
    ];
    let parts = prop_oneof![Just(None), Just(Some(3))];
    let unrest = prop_oneof![Just(0_u8), 3..20_u8, Just(60)];
    (lags, counts, parts, unrest, 0..30_usize, any::<bool>()).prop_map(
        |((lag, changes), (stale_counts, granted), parts, unrest, rows, has_page_count)| World {
            lag,
            changes,
            stale_counts,
            has_page_count,
            granted,
            parts,
            rows,
            unrest,
        },
    )
}

proptest! {
    #![proptest_config(cases(5_000))]

    #[test]
    fn a_complete_list_has_every_row_that_was_there_all_the_time(seed: u64, world in worlds()) {
        let mut server = Server::new(seed, world);
        if let Some(missed) = read(&mut server) {
            prop_assert!(missed.is_empty(), "{:?}", missed);
        }
    }
}

#[test]
fn most_lists_with_few_changes_are_complete() {
    for parts in [None, Some(3)] {
        let world = World {
            lag: Lag::None,
            changes: Changes::Any,
            stale_counts: false,
            has_page_count: true,
            granted: SIZE,
            parts,
            rows: 40,
            unrest: 4,
        };
        let is_complete = |seed: &u64| read(&mut Server::new(*seed, world)).is_some();
        let complete = (0..300).filter(is_complete).count();
        assert!(complete > 240, "{parts:?}: {complete} of 300");
    }
}
