//! The number of requests that a sync may spend on streams that need one request per contact or
//! document. It is split evenly between streams, and then between organisations. The requests that
//! one does not need go to the others.

use std::cell::Cell;

/// The remaining requests, and the number of parts that have not been taken.
#[derive(Debug)]
pub(crate) struct CallQuota {
    left: Cell<usize>,
    parts: Cell<usize>,
}

impl CallQuota {
    /// Splits `calls` evenly between `parts`, which are the streams.
    pub(crate) fn new(calls: u32, parts: usize) -> CallQuota {
        CallQuota {
            left: Cell::new(usize::try_from(calls).unwrap_or(usize::MAX)),
            parts: Cell::new(parts),
        }
    }

    /// Takes the next part. The caller need not spend all of it.
    pub(crate) fn part(&self) -> usize {
        let parts = self.parts.get().max(1);
        self.parts.set(parts - 1);
        self.left.get().div_ceil(parts)
    }

    /// Subtracts `calls` requests from the quota.
    pub(crate) fn spend(&self, calls: usize) {
        self.left.set(self.left.get().saturating_sub(calls));
    }

    /// Splits a part between organisations that need this number of requests each. The requests that
    /// nobody needs are split evenly, because the needs are estimates. If there are fewer requests than
    /// organisations, each sync chooses other ones at random. Any fixed order would leave the last
    /// organisations unread in every sync, because reports begin again once they are read.
    pub(crate) fn split(part: usize, needs: &[usize]) -> Vec<usize> {
        let mut shares = vec![0; needs.len()];
        let mut by_need: Vec<usize> = (0..needs.len()).collect();
        match part < needs.iter().filter(|need| **need > 0).count() {
            true => fastrand::shuffle(&mut by_need),
            false => by_need.sort_by_key(|at| needs[*at]),
        }
        let mut left = part;
        for (taken, at) in by_need.iter().enumerate() {
            shares[*at] = needs[*at].min(left.div_ceil(needs.len() - taken));
            left -= shares[*at];
        }
        for (taken, at) in by_need.iter().enumerate() {
            let more = left.div_ceil(needs.len() - taken);
            shares[*at] += more;
            left -= more;
        }
        shares
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calls_that_one_organisation_leaves_go_to_the_others() {
        for (part, needs, shares) in [
            (100, &[500, 500, 500][..], &[34, 33, 33][..]),
            (100, &[500, 10, 500], &[45, 10, 45]),
            (100, &[10, 0, 500], &[10, 0, 90]),
            (3, &[5, 5, 5], &[1, 1, 1]),
            (0, &[5, 5], &[0, 0]),
            (100, &[1, 2, 3], &[33, 33, 34]),
            (100, &[7], &[100]),
            (100, &[], &[]),
        ] {
            assert_eq!(CallQuota::split(part, needs), shares, "{part} {needs:?}");
        }
    }

    #[test]
    fn fewer_calls_than_organisations_go_to_other_organisations_each_time() {
        let mut sums = [0; 5];
        for _ in 0..200 {
            let shares = CallQuota::split(2, &[5, 0, 1, 500, 5]);
            assert_eq!(shares.iter().sum::<usize>(), 2, "{shares:?}");
            assert!(shares.iter().all(|share| *share <= 1), "{shares:?}");
            sums.iter_mut()
                .zip(shares)
                .for_each(|(sum, share)| *sum += share);
        }
        let [_, needless, others @ ..] = sums;
        assert!(
            needless == 0 && others.iter().all(|sum| *sum > 0),
            "{sums:?}"
        );
    }

    #[test]
    fn calls_that_one_stream_leaves_go_to_the_others() {
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
