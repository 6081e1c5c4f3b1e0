//! Fuzzes the target `error_body` of `src/fuzz`.
#![no_main]

xero_source_fuzz::target!(error_body);
