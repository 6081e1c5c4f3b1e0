//! Fuzzes the target `config` of `src/fuzz`.
#![no_main]

xero_source_fuzz::target!(config);
