//! Fuzzes the target `compressed_body` of `src/fuzz`.
#![no_main]

xero_source_fuzz::target!(compressed_body);
