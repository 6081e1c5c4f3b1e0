//! Fuzzes the target `envelope` of `src/fuzz`.
#![no_main]

xero_source_fuzz::target!(envelope);
