//! Fuzzes the target `catalog` of `src/fuzz`.
#![no_main]

xero_source_fuzz::target!(catalog);
