//! Fuzzes the target `claims` of `src/fuzz`.
#![no_main]

xero_source_fuzz::target!(claims);
