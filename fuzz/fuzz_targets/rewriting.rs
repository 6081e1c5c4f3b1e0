//! Fuzzes the target `rewriting` of `src/fuzz`.
#![no_main]

xero_source_fuzz::target!(rewriting);
