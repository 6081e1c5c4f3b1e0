"""Registers xero-source with Airbyte, and keeps one source and one connection for each entry of a file."""
