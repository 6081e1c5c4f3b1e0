//! Makes a program of libFuzzer from a target of `xero_source::fuzz`.

pub use libfuzzer_sys;
pub use xero_source;

/// Defines the program of a target. Two of three changes are those of `xero_source::fuzz::mutate`,
/// which keep JSON valid. The others are libFuzzer's own.
#[macro_export]
macro_rules! target {
    ($name:ident) => {
        use $crate::libfuzzer_sys;

        libfuzzer_sys::fuzz_target!(|data: &[u8]| $crate::xero_source::fuzz::$name(data));
        libfuzzer_sys::fuzz_mutator!(
            |data: &mut [u8], size: usize, max_size: usize, seed: u32| {
                if seed % 3 == 0 {
                    return libfuzzer_sys::fuzzer_mutate(data, size, max_size);
                }
                let changed = $crate::xero_source::fuzz::mutate(&data[..size], seed);
                let size = changed.len().min(max_size);
                data[..size].copy_from_slice(&changed[..size]);
                size
            }
        );
    };
}
