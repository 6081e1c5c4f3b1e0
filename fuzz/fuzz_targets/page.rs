//! Fuzzes the target `page` of `src/fuzz`.
#![no_main]

xero_source_fuzz::target!(page);
