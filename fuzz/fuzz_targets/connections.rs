//! Fuzzes the target `connections` of `src/fuzz`.
#![no_main]

xero_source_fuzz::target!(connections);
