//! Fuzzes the target `token_response` of `src/fuzz`.
#![no_main]

xero_source_fuzz::target!(token_response);
