//! A number of an estimate, and how well it is known.

use std::iter::Sum;

/// A number, and how well it is known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Count {
    pub(crate) number: u64,
    pub(crate) certainty: Certainty,
}

/// How well a number is known. The least certain part of a sum decides for the sum.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Certainty {
    /// Xero counted it, or it follows from the settings.
    #[default]
    Exact,
    /// It is computed from a sample.
    About,
    /// The true number may be far greater.
    AtLeast,
}

impl Count {
    pub(crate) fn exactly(number: u64) -> Count {
        Count {
            number,
            certainty: Certainty::Exact,
        }
    }

    pub(crate) fn about(number: u64) -> Count {
        Count {
            number,
            certainty: Certainty::About,
        }
    }

    pub(crate) fn at_least(number: u64) -> Count {
        Count {
            number,
            certainty: Certainty::AtLeast,
        }
    }

    /// Computes another number from this one. It is as certain as this one.
    pub(crate) fn map(self, compute: impl FnOnce(u64) -> u64) -> Count {
        Count {
            number: compute(self.number),
            ..self
        }
    }

    /// Takes the part of the number that a sample showed. The result is not exact, unless the part is
    /// all or nothing of a known list.
    pub(crate) fn share(self, part: u64, seen: u64) -> Count {
        let number = match seen {
            0 => 0,
            seen => (self.number as f64 * part as f64 / seen as f64).round() as u64,
        };
        let is_complete = seen >= self.number;
        Count {
            number,
            certainty: match is_complete {
                true => self.certainty,
                false => self.certainty.max(Certainty::About),
            },
        }
    }
}

impl std::ops::Add for Count {
    type Output = Count;

    fn add(self, other: Count) -> Count {
        Count {
            number: self.number.saturating_add(other.number),
            certainty: self.certainty.max(other.certainty),
        }
    }
}

impl Sum for Count {
    fn sum<I: Iterator<Item = Count>>(counts: I) -> Count {
        counts.fold(Count::default(), std::ops::Add::add)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sum_is_as_certain_as_its_least_certain_part() {
        let sum = |parts: &[Count]| parts.iter().copied().sum::<Count>();
        assert_eq!(sum(&[]), Count::exactly(0));
        assert_eq!(sum(&[Count::exactly(1), Count::about(2)]), Count::about(3));
        assert_eq!(
            sum(&[Count::at_least(1), Count::about(2)]),
            Count::at_least(3)
        );
    }

    #[test]
    fn a_share_of_a_list_that_was_seen_as_a_whole_is_exact() {
        assert_eq!(Count::exactly(40).share(3, 40), Count::exactly(3));
        assert_eq!(Count::exactly(4_000).share(25, 100), Count::about(1_000));
        assert_eq!(
            Count::at_least(4_000).share(25, 100),
            Count::at_least(1_000)
        );
        assert_eq!(Count::exactly(0).share(0, 0), Count::exactly(0));
    }
}
