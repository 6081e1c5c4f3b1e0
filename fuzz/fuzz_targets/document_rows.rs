//! Fuzzes the target `document_rows` of `src/fuzz`.
#![no_main]

xero_source_fuzz::target!(document_rows);
