//! Configures the number of cases and the random numbers of property tests.

use proptest::prelude::ProptestConfig;
use proptest::test_runner::RngSeed;

/// An ordinary run always uses the same random numbers, so that only a code change can change its
/// result.
const SEED: u64 = 7;

/// Runs a property `usual` times with fixed random numbers. If `PROPTEST_CASES` is set, runs that
/// many cases with new random numbers.
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
