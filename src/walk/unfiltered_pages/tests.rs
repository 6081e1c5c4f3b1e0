//! Tests the passes with a model of a list. Between two responses somebody deletes, inserts and
//! edits rows. Up to five requests are in flight, and their responses arrive in any order.

use fastrand::Rng;
use proptest::prelude::*;

use super::super::model::ONE_SLOT;
use super::*;
use crate::cases::cases;

mod counted;

/// Rows per page. Small, so that rows often move from one page to another.
const SIZE: usize = 4;

/// Creates a walk over a list with a cursor.
fn walk(start: WalkStart) -> UnfilteredPages {
    UnfilteredPages::new(Pages::Fixed(SIZE as u64), None, Some(start))
}

/// The order in which a server lists its rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Order {
    Change,
    Creation,
    NewestFirst,
    Id,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Listed {
    id: u64,
    stamp: i64,
    created: i64,
}

struct Server {
    rng: Rng,
    order: Order,
    now: i64,
    rows: Vec<Listed>,
    created: u64,
    calls: usize,
    /// Rows per page.
    size: usize,
    ignores_page: bool,
}

impl Server {
    fn new(seed: u64, order: Order, rows: usize) -> Server {
        let mut server = Server {
            rng: Rng::with_seed(seed),
            order,
            now: 1_000_000,
            rows: Vec::new(),
            created: 0,
            calls: 0,
            size: SIZE,
            ignores_page: false,
        };
        (0..rows).for_each(|_| server.insert());
        server.now += 10_000;
        server
    }

    fn insert(&mut self) {
        self.now += 1;
        self.created += 1;
        self.rows.push(Listed {
            // The order of the ids differs from the order of creation.
            id: self.created.wrapping_mul(0x9e37_79b9_7f4a_7c15),
            stamp: self.now,
            created: self.now,
        });
    }

    fn delete(&mut self) {
        if !self.rows.is_empty() {
            let at = self.rng.usize(..self.rows.len());
            self.rows.swap_remove(at);
        }
    }

    fn edit(&mut self) {
        self.now += 1;
        if !self.rows.is_empty() {
            let at = self.rng.usize(..self.rows.len());
            self.rows[at].stamp = self.now;
        }
    }

    fn disturb(&mut self) {
        self.now += self.rng.i64(0..2_000);
        match self.rng.u8(0..10) {
            0..4 => self.delete(),
            4..7 => self.insert(),
            7..9 => self.edit(),
            _ => (0..self.rng.usize(1..8)).for_each(|_| self.insert()),
        }
    }

    fn answer(&mut self, request: &PageRequest) -> PageFacts {
        self.calls += 1;
        self.now += 1;
        let mut rows = self.rows.clone();
        rows.sort_unstable_by_key(|row| match self.order {
            Order::Change => (row.stamp, row.id),
            Order::Creation => (row.created, row.id),
            Order::NewestFirst => (-row.stamp, row.id),
            Order::Id => (0, row.id),
        });
        let (page, size) = match self.ignores_page {
            true => (1, usize::MAX),
            false => (request.page.unwrap_or(1) as usize, self.size),
        };
        let rows = rows.into_iter().skip((page - 1) * size).take(size);
        let rows = rows.map(|row| (row.id.to_string(), row.stamp));
        PageFacts::of(rows, None, Some(self.now))
    }
}

/// A client that syncs again and again.
#[derive(Default)]
struct Client {
    checkpoint: Checkpoint,
    came: HashSet<(u64, i64)>,
}

#[derive(Debug, PartialEq, Eq)]
enum Ended {
    Whole(Proof),
    BrokenList(BrokenList),
}

impl Client {
    /// Where its next sync begins.
    fn start(&self) -> WalkStart {
        WalkStart {
            from: self.checkpoint.from,
            list: self.checkpoint.list,
            ..WalkStart::default()
        }
    }

    /// Runs one sync. `unrest` is the percentage of responses before which the list changes.
    fn sync(&mut self, server: &mut Server, unrest: u8) -> Ended {
        let mut walk = walk(self.start());
        let at_first: HashSet<_> = server.rows.iter().copied().collect();
        let mut twice = HashSet::new();
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
                if server.rng.u8(0..100) < unrest {
                    server.disturb();
                }
                flying[at].2 = Some(server.answer(&flying[at].1));
                continue;
            };
            let (request_id, ..) = flying.swap_remove(at);
            let keep = match walk.take(request_id, &page) {
                Ok(new_rows) => new_rows.expect("it decides about each page").is_new,
                Err(broken) => return Ended::BrokenList(broken),
            };
            for (row, _) in page.rows.iter().zip(keep).filter(|(_, keep)| *keep) {
                let id = row.key.as_ref().and_then(|key| key.parse().ok());
                let version = id.zip(row.cursor).expect("rows of the model have both");
                assert!(twice.insert(version), "{version:?} came twice");
                self.came.insert(version);
            }
        }
        let proof = walk.proof().expect("a walk without requests is over");
        self.checkpoint = walk.checkpoint().expect("it has a position");
        for row in server.rows.iter().filter(|row| at_first.contains(row)) {
            let version = (row.id, row.stamp);
            assert!(self.came.contains(&version), "{version:?} was missed");
        }
        Ended::Whole(proof)
    }
}

fn orders() -> impl Strategy<Value = Order> {
    prop_oneof![
        Just(Order::Change),
        Just(Order::Creation),
        Just(Order::NewestFirst),
        Just(Order::Id),
    ]
}

proptest! {
    #![proptest_config(cases(2000))]

    #[test]
    fn no_row_that_existed_during_the_whole_sync_is_missed(
        seed: u64, order in orders(), rows in 0_usize..60, unrest in prop_oneof![Just(0_u8), 3..20_u8, Just(60)],
    ) {
        let mut server = Server::new(seed, order, rows);
        let mut client = Client::default();
        for _ in 0..6 {
            client.sync(&mut server, unrest);
            if order == Order::Id {
                // The last sync's snapshot is no proof if new rows are inserted between known ones.
                client.checkpoint.list = None;
            }
            (0..server.rng.usize(0..3)).for_each(|_| server.disturb());
            server.now += 10_000;
        }
        // Without changes, the sync ends with all rows.
        let ended = client.sync(&mut server, 0);
        prop_assert!(matches!(ended, Ended::Whole(_)), "{:?}", ended);
        let all = server.rows.iter().map(|row| (row.id, row.stamp));
        let missed: Vec<_> = all.filter(|row| !client.came.contains(row)).collect();
        prop_assert!(missed.is_empty(), "{:?}", missed);
    }
}

#[test]
fn most_syncs_of_a_list_with_few_changes_end_with_a_proof() {
    let (mut whole, mut longer) = (0, 0);
    for seed in 0..300 {
        let mut server = Server::new(seed, Order::Change, 40);
        let mut client = Client::default();
        whole += u32::from(matches!(client.sync(&mut server, 4), Ended::Whole(_)));
        longer += u32::from(server.calls > 21);
    }
    assert!(whole > 230 && longer > 50, "{whole} {longer}");
}

#[test]
fn an_unchanged_list_costs_one_pass_in_later_syncs() {
    for (rows, first, next) in [
        (0, 1, 1),
        (3, 2, 2),
        // A row may follow a full page, so the page after it is read first.
        (4, 3, 2),
        (10, 7, 4),
        (42, 23, 12),
        (44, 23, 12),
    ] {
        let mut server = Server::new(1, Order::Change, rows);
        let mut client = Client::default();
        let calls = |client: &mut Client, server: &mut Server| {
            server.calls = 0;
            assert!(matches!(client.sync(server, 0), Ended::Whole(_)));
            server.calls
        };
        assert_eq!(calls(&mut client, &mut server), first, "{rows}");
        assert_eq!(calls(&mut client, &mut server), next, "{rows}");
        // Rows behind the others cost no more, as long as the last page has room.
        server.insert();
        let has_room = rows % SIZE != 0 && (rows + 1) % SIZE != 0;
        if has_room {
            assert_eq!(calls(&mut client, &mut server), next, "{rows}");
        }
        assert_eq!(client.came.len(), rows + usize::from(has_room));
    }
}

/// A walk after a sync that saw this list.
fn walk_after(list: Option<Snapshot>) -> UnfilteredPages {
    let start = WalkStart {
        list,
        ..WalkStart::default()
    };
    walk(start)
}

/// The requests that a walk makes before an answer arrives.
fn requests(walk: &mut UnfilteredPages) -> Vec<(RequestId, PageRequest)> {
    std::iter::from_fn(|| walk.next_request(ONE_SLOT)).collect()
}

#[test]
fn the_pages_that_the_last_sync_saw_are_asked_side_by_side() {
    let mut server = Server::new(1, Order::Change, 42);
    let mut client = Client::default();
    client.sync(&mut server, 0);
    let mut walk = walk_after(client.checkpoint.list);
    let pages: Vec<_> = requests(&mut walk)
        .iter()
        .filter_map(|it| it.1.page)
        .collect();
    assert_eq!(pages, (1..=12).collect::<Vec<_>>());
    // If the state names too many pages, the walk ends at the first empty one.
    let mut walk = walk_after(client.checkpoint.list.map(|list| Snapshot {
        pages: u64::MAX,
        ..list
    }));
    let mut calls = 0;
    while let Some((request_id, request)) = walk.next_request(ONE_SLOT) {
        walk.take(request_id, &server.answer(&request))
            .expect("the list is at rest");
        calls += 1;
    }
    assert_eq!((calls, walk.proof()), (23, Some(Proof::NothingNew)));
}

#[test]
fn the_page_after_a_full_last_page_is_read_before_it() {
    let mut server = Server::new(1, Order::Change, 12);
    let mut client = Client::default();
    client.sync(&mut server, 0);
    let mut walk = walk_after(client.checkpoint.list);
    let asked = requests(&mut walk);
    let pages: Vec<_> = asked.iter().map(|(_, request)| request.page).collect();
    assert_eq!(pages, [Some(1), Some(2), Some(4)]);
    let (last, request) = &asked[2];
    walk.take(*last, &server.answer(request)).unwrap();
    let (_, request) = walk.next_request(ONE_SLOT).expect("page 4 is known");
    assert_eq!(request.page, Some(3));
}

/// Syncs once more, one call after the other. Deletes the oldest row after the second page. Returns
/// the ids that came.
fn sync_with_a_deletion(server: &mut Server, start: WalkStart) -> HashSet<u64> {
    let mut walk = walk(start);
    let mut came = HashSet::new();
    server.calls = 0;
    while let Some((request_id, request)) = walk.next_request(ONE_SLOT) {
        let page = server.answer(&request);
        if server.calls == 2 {
            server.rows.remove(0);
        }
        let keys = page.rows.iter().filter_map(|row| row.key.as_ref());
        came.extend(keys.filter_map(|key| key.parse::<u64>().ok()));
        walk.take(request_id, &page).expect("the list calms down");
    }
    assert!(walk.proof().is_some());
    came
}

#[test]
fn a_new_row_before_a_known_one_that_was_edited_is_not_missed() {
    // The last page holds one row.
    let mut server = Server::new(1, Order::Change, 2 * SIZE + 1);
    let mut client = Client::default();
    client.sync(&mut server, 0);
    server.now += 10_000;
    server.insert();
    server.now += 1;
    server.rows[2 * SIZE].stamp = server.now;
    let id = server.rows[2 * SIZE + 1].id;
    // The deletion moves the new row to the second page. The edited one stays on the last page.
    let came = sync_with_a_deletion(&mut server, client.start());
    assert!(came.contains(&id));
}

#[test]
fn a_new_row_after_a_full_page_of_a_server_with_smaller_pages_is_not_missed() {
    let mut server = Server::new(1, Order::Change, 2 * (SIZE - 1));
    server.size = SIZE - 1;
    let mut client = Client::default();
    client.sync(&mut server, 0);
    server.now += 10_000;
    server.insert();
    let id = server.rows[2 * (SIZE - 1)].id;
    // The deletion moves the new row to the second page, which was read. The third one is empty.
    let came = sync_with_a_deletion(&mut server, client.start());
    assert!(came.contains(&id));
}

#[test]
fn only_the_first_pass_reads_the_page_after_a_full_one_first() {
    let mut server = Server::new(1, Order::Change, 3 * SIZE);
    let mut client = Client::default();
    client.sync(&mut server, 0);
    server.rows.truncate(2 * SIZE);
    server.calls = 0;
    assert_eq!(client.sync(&mut server, 0), Ended::Whole(Proof::NothingNew));
    // The first pass reads pages 1, 2, 4 and 3, the second one pages 1 and 2.
    assert_eq!(server.calls, 4 + 2);
}

#[test]
fn a_server_that_ignores_the_page_comes_to_an_end() {
    let mut server = Server::new(1, Order::Change, 3);
    server.ignores_page = true;
    let mut client = Client::default();
    assert_eq!(client.sync(&mut server, 0), Ended::Whole(Proof::NothingNew));
    assert_eq!((server.calls, client.came.len()), (3, 3));
    client.sync(&mut server, 0);
    assert_eq!(server.calls, 5);
}

#[test]
fn a_server_that_repeats_a_full_first_page_is_an_error() {
    let mut server = Server::new(1, Order::Change, SIZE);
    server.ignores_page = true;
    let ended = Client::default().sync(&mut server, 0);
    assert_eq!(ended, Ended::BrokenList(BrokenList::FirstPageAgain));
    assert_eq!(server.calls, 2);
}

#[test]
fn a_list_without_end_is_an_error() {
    let mut walk = walk(WalkStart::default());
    let mut rows = (0..).map(|at: i64| (at.to_string(), at));
    let ended = std::iter::from_fn(|| {
        let (request_id, _) = walk.next_request(ONE_SLOT)?;
        let page = PageFacts::of(rows.by_ref().take(SIZE), None, None);
        Some(walk.take(request_id, &page).err())
    });
    let most = SIZE * 5_000;
    let broken = ended.take(5_001).find_map(|broken| broken);
    assert_eq!(broken, Some(BrokenList::Endless { rows: most }));
}

#[test]
fn a_list_that_changes_in_every_pass_is_an_error() {
    for ignores_page in [false, true] {
        let mut server = Server::new(1, Order::Change, 40);
        server.ignores_page = ignores_page;
        let mut client = Client::default();
        let ended = client.sync(&mut server, 100);
        let passes = MAX_PASSES;
        assert_eq!(ended, Ended::BrokenList(BrokenList::Changing { passes }));
        assert!(server.calls <= 5 * 15, "{}", server.calls);
        assert_eq!(client.checkpoint, Checkpoint::default());
    }
}

#[test]
fn the_position_is_a_whole_second_before_the_earliest_answer() {
    let list = Some(Snapshot {
        pages: 1,
        rows: 1,
        digest: 0,
    });
    let start = WalkStart {
        lookback: 100,
        list,
        ..WalkStart::default()
    };
    let mut walk = walk(start);
    let asked = requests(&mut walk);
    let page = |clock, rows: &[i64]| {
        let rows = rows.iter().map(|at| (at.to_string(), *at));
        PageFacts::of(rows, None, Some(clock))
    };
    walk.take(asked[1].0, &page(9_000, &[])).unwrap();
    assert!(walk.checkpoint().is_none());
    walk.take(asked[0].0, &page(8_000, &[1, 2])).unwrap();
    // A change at 7_950 has the stamp 7_000.
    assert_eq!(walk.checkpoint().map(|at| at.from), Some(7_000));
}

/// A page of rows without cursors, from a list that counts `count` rows.
fn counted(ids: &[u32], count: u64) -> PageFacts {
    let row = |id: &u32| RowKey {
        key: Some(id.to_string().into()),
        ..RowKey::default()
    };
    let counts = crate::rows::envelope::Pagination {
        page_count: None,
        item_count: Some(count),
    };
    PageFacts::new(ids.iter().map(row).collect(), Some(counts), None)
}

/// Gives a walk these pages in turn, each with the part and the page that it must be requested for.
/// Returns the number of new rows.
fn given(
    walk: &mut UnfilteredPages,
    pages: &[(Option<usize>, u64, &[u32], u64)],
) -> Result<usize, BrokenList> {
    let mut new = 0;
    for (part, page, ids, count) in pages {
        let (id, request) = walk.next_request(ONE_SLOT).expect("the walk goes on");
        assert_eq!((request.part, request.page), (*part, Some(*page)));
        let taken = walk.take(id, &counted(ids, *count))?;
        new += taken.map_or(0, |it| it.is_new.iter().filter(|it| **it).count());
    }
    Ok(new)
}

#[test]
fn a_page_with_all_rows_of_the_count_is_the_whole_list() {
    let mut walk = UnfilteredPages::new(Pages::Sized(4), None, None);
    let new = given(&mut walk, &[(None, 1, &[1, 2, 3], 3)]);
    assert_eq!((new, walk.proof()), (Ok(3), Some(Proof::OneAnswer)));
    assert!(walk.next_request(ONE_SLOT).is_none() && walk.checkpoint().is_none());
}

#[test]
fn an_old_count_does_not_hide_the_page_after_a_full_one() {
    let mut walk = UnfilteredPages::new(Pages::Sized(4), None, None);
    let first: [(_, _, &[u32], _); 3] = [
        (None, 1, &[1, 2, 3, 4], 4),
        (None, 2, &[5, 6], 4),
        (None, 3, &[], 6),
    ];
    assert_eq!(given(&mut walk, &first), Ok(6));
    let again: [(_, _, &[u32], _); 2] = [(None, 1, &[1, 2, 3, 4], 6), (None, 2, &[5, 6], 6)];
    assert_eq!((given(&mut walk, &again), walk.is_over()), (Ok(0), true));
}

#[test]
fn a_list_that_ends_before_its_count_is_short() {
    let mut walk = UnfilteredPages::new(Pages::Sized(4), None, None);
    let pass: [(_, _, &[u32], _); 2] = [(None, 1, &[1, 2, 3], 8), (None, 2, &[], 8)];
    for _ in 1..MAX_PASSES {
        assert!(given(&mut walk, &pass).is_ok() && !walk.is_over());
    }
    let short = BrokenList::Short {
        read: 3,
        item_count: 8,
    };
    assert_eq!(given(&mut walk, &pass), Err(short));
}

#[test]
fn three_passes_over_a_replica_that_lags_must_agree() {
    let mut walk = UnfilteredPages::new(Pages::Sized(4), None, None);
    // One of the eight rows moves to the first page before the second one is read.
    let first: [(_, _, &[u32], _); 3] = [
        (None, 1, &[1, 2, 3, 4], 8),
        (None, 2, &[6, 7, 8], 7),
        (None, 3, &[], 7),
    ];
    assert_eq!(given(&mut walk, &first), Ok(7));
    for _ in 0..3 {
        assert!(!walk.is_over());
        assert_eq!(given(&mut walk, &[(None, 1, &[1, 2, 3], 3)]), Ok(0));
    }
    assert!(walk.is_over());
}

#[test]
fn counted_pages_end_a_pass_and_a_second_pass_confirms_it() {
    let mut walk = UnfilteredPages::new(Pages::Sized(4), None, None);
    let pass: [(_, _, &[u32], _); 2] = [(None, 1, &[1, 2, 3, 4], 8), (None, 2, &[5, 6, 7, 8], 8)];
    assert_eq!(given(&mut walk, &pass), Ok(8));
    // No count proves that no row follows a full page.
    assert_eq!(given(&mut walk, &[(None, 3, &[], 8)]), Ok(0));
    assert_eq!(walk.proof(), None);
    assert_eq!(given(&mut walk, &pass), Ok(0));
    assert!(walk.is_over());
}

#[test]
fn a_count_that_lags_does_not_prove_a_list_that_had_more_pages() {
    let mut walk = UnfilteredPages::new(Pages::Sized(4), None, None);
    // Row 9 stands on two pages, so the first pass proves nothing.
    let pages: [(_, _, &[u32], _); 3] = [
        (None, 1, &[1, 2, 3, 9], 7),
        (None, 2, &[9, 5, 6], 8),
        (None, 3, &[7], 8),
    ];
    assert_eq!(given(&mut walk, &pages), Ok(7));
    assert_eq!(given(&mut walk, &[(None, 1, &[1, 2, 3, 9], 4)]), Ok(0));
    assert_eq!(walk.proof(), None);
}

#[test]
fn a_row_that_moves_to_a_part_already_read_comes_in_the_next_pass() {
    let mut walk = UnfilteredPages::new(Pages::Sized(4), Some(3), None);
    let first: [(_, _, &[u32], _); 3] = [
        (Some(0), 1, &[1], 1),
        // Row 2 moved from this part to the first one.
        (Some(1), 1, &[3], 1),
        (Some(2), 1, &[], 0),
    ];
    assert_eq!(given(&mut walk, &first), Ok(2));
    let later: [(_, _, &[u32], _); 3] = [
        (Some(0), 1, &[1, 2], 2),
        (Some(1), 1, &[3], 1),
        (Some(2), 1, &[], 0),
    ];
    assert_eq!(given(&mut walk, &later), Ok(1));
    assert_eq!(walk.proof(), None, "the passes differ");
    assert_eq!(given(&mut walk, &later), Ok(0));
    assert_eq!(walk.proof(), Some(Proof::NothingNew));
}

#[test]
fn all_rows_of_a_part_may_move_to_the_next_one() {
    let mut walk = UnfilteredPages::new(Pages::Sized(4), Some(2), None);
    let moved: [(_, _, &[u32], _); 2] = [(Some(0), 1, &[1, 2], 2), (Some(1), 1, &[1, 2], 2)];
    assert_eq!(given(&mut walk, &moved), Ok(2));
    let later: [(_, _, &[u32], _); 2] = [(Some(0), 1, &[], 0), (Some(1), 1, &[1, 2], 2)];
    assert_eq!(given(&mut walk, &later), Ok(0));
    assert_eq!(given(&mut walk, &later), Ok(0));
    assert!(walk.is_over());
}
