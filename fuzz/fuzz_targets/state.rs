//! Fuzzes the target `state` of `src/fuzz`.
#![no_main]

xero_source_fuzz::target!(state);
