//! Fuzzes the target `differential` of `src/fuzz`.
#![no_main]

xero_source_fuzz::target!(differential);
