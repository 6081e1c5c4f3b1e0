//! The people who use an organisation. Projects and Files name them.

use fastrand::Rng;

use super::draw::Draw;
use crate::guid::Guid;
use crate::rows::sample_texts::{FIRST_NAMES, LAST_NAMES};

/// A user.
pub(crate) struct Person {
    pub(crate) id: String,
    pub(crate) first_name: &'static str,
    pub(crate) last_name: &'static str,
    pub(crate) email: String,
}

impl Person {
    /// The user of a number.
    pub(crate) fn numbered(draw: &Draw<'_>, number: u64) -> Self {
        let seed = draw.tables.seed() ^ (number + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let mut rng = Rng::with_seed(seed);
        Self {
            id: Guid::random(&mut rng).to_string(),
            first_name: FIRST_NAMES[rng.usize(..FIRST_NAMES.len())],
            last_name: LAST_NAMES[rng.usize(..LAST_NAMES.len())],
            email: format!("user{number}@example.com"),
        }
    }

    pub(crate) fn full_name(&self) -> String {
        format!("{} {}", self.first_name, self.last_name)
    }
}
