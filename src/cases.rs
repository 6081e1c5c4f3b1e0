//! How often a property is tried, and with which random numbers.

use proptest::prelude::ProptestConfig;
use proptest::test_runner::RngSeed;

/// The random numbers of an ordinary run are the same each time, so that a change and not chance
/// decides whether it passes.
const SEED: u64 = 7;

/// Tries a property `usual` times with fixed random numbers, or as often as `PROPTEST_CASES` says
/// with new ones.
pub(crate) fn cases(usual: u32) -> ProptestConfig {
    let config = ProptestConfig {
        failure_persistence: None,
        ..ProptestConfig::default()
    };
    match std::env::var_os("PROPTEST_CASES") {
        Some(_) => config,
        None => ProptestConfig {
            cases: usual,
            rng_seed: RngSeed::Fixed(SEED),
            ..config
        },
    }
}
