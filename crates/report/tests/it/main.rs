//! The program as people and scripts see it: arguments in; tables, JSON, messages and exit codes
//! out.

mod bad_input;
mod damage;
mod experiment;
mod fixture;
mod generate;
mod ingest;
mod kill;
mod query;
mod review;
mod terminal;
