//! Fuzzes the target `reports` of `src/fuzz`.
#![no_main]

xero_source_fuzz::target!(reports);
