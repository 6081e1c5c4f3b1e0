//! How an organisation lives: what its rows carry, and what its history, files, budgets and country
//! make of them.

mod budgets;
mod countries;
mod history;
mod imports;
