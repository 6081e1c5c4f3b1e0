//! Fuzzes the target `rate_limit_headers` of `src/fuzz`.
#![no_main]

xero_source_fuzz::target!(rate_limit_headers);
