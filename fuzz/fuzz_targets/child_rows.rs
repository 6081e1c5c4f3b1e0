//! Fuzzes the target `child_rows` of `src/fuzz`.
#![no_main]

xero_source_fuzz::target!(child_rows);
