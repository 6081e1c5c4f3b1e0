//! Fuzzes the target `consent_answer` of `src/fuzz`.
#![no_main]

xero_source_fuzz::target!(consent_answer);
