//! What a proof found, and the proofs' loop over the worlds.

use std::fmt::Debug;

use super::reader::Books;
use super::worlds;

/// What a statement was checked on, and where it does not hold.
#[derive(Default)]
pub struct Findings {
    world: String,
    checked: usize,
    broken: Vec<String>,
}

impl Findings {
    /// Notes a case in which the statement holds or does not.
    pub fn check(&mut self, holds: bool, case: impl FnOnce() -> String) {
        self.checked += 1;
        if !holds {
            self.broken.push(format!("[{}] {}", self.world, case()));
        }
    }

    /// Notes a case in which two values are equal or not.
    pub fn equal<T: PartialEq + Debug>(
        &mut self,
        found: T,
        expected: T,
        case: impl FnOnce() -> String,
    ) {
        let holds = found == expected;
        self.check(holds, || {
            format!("{}: {found:?}, expected {expected:?}", case())
        });
    }

    /// Fails with the first cases that broke, or if there was nothing to check.
    fn conclude(self) {
        /// Cases that a failure names.
        const SHOWN: usize = 12;
        assert!(self.checked > 0, "no world has a row to check");
        let (broken, checked) = (self.broken.len(), self.checked);
        let first = &self.broken[..broken.min(SHOWN)];
        assert!(broken == 0, "{broken} of {checked}:\n{}", first.join("\n"));
    }
}

/// Checks a statement about the books of every world, before and after a storm of edits.
pub fn prove(statement: impl Fn(&Books, &mut Findings)) {
    let mut findings = Findings::default();
    for world in worlds::all() {
        for books in [&world.before, &world.after] {
            findings.world.clone_from(&books.label);
            statement(books, &mut findings);
        }
    }
    findings.conclude();
}

/// Checks a statement about the books before the storm and those after it.
pub fn prove_change(statement: impl Fn(&Books, &Books, &mut Findings)) {
    let mut findings = Findings::default();
    for world in worlds::all() {
        findings.world.clone_from(&world.after.label);
        statement(&world.before, &world.after, &mut findings);
    }
    findings.conclude();
}
