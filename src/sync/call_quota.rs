//! The calls of a sync for streams that need one for each contact or document,
//! shared evenly: what one leaves goes to the others.

use std::cell::Cell;

/// Calls that are left, and how many have still to get their part.
#[derive(Debug)]
pub(crate) struct CallQuota {
    left: Cell<usize>,
    parts: Cell<usize>,
}

impl CallQuota {
    /// So many calls for so many.
    pub(crate) fn new(calls: u32, parts: usize) -> CallQuota {
        CallQuota {
            left: Cell::new(usize::try_from(calls).unwrap_or(usize::MAX)),
            parts: Cell::new(parts),
        }
    }

    /// The part of the next one, of which it may leave some.
    pub(crate) fn part(&self) -> usize {
        let parts = self.parts.get().max(1);
        self.parts.set(parts - 1);
        self.left.get().div_ceil(parts)
    }

    /// Counts calls that will be made.
    pub(crate) fn spend(&self, calls: usize) {
        self.left.set(self.left.get().saturating_sub(calls));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_one_leaves_goes_to_the_others() {
        for (calls, wanted, taken) in [
            (100, [500, 500, 500], [34, 33, 33]),
            (100, [10, 500, 500], [10, 45, 45]),
            (100, [500, 10, 500], [34, 10, 56]),
            (2, [5, 5, 5], [1, 1, 0]),
            (0, [5, 5, 5], [0, 0, 0]),
            (100, [1, 2, 3], [1, 2, 3]),
        ] {
            let share = CallQuota::new(calls, 3);
            let found = wanted.map(|wanted| {
                let part = share.part().min(wanted);
                share.spend(part);
                part
            });
            assert_eq!(found, taken, "{calls} {wanted:?}");
        }
    }
}
