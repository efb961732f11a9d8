//! The program as people and scripts see it: arguments in; tables, JSON, messages and exit codes
//! out.

#[cfg(test)]
mod advise;
#[cfg(test)]
mod bad_input;
#[cfg(test)]
mod calibrate;
#[cfg(test)]
mod compact;
#[cfg(test)]
mod damage;
#[cfg(test)]
mod experiment;
#[cfg(test)]
mod fixture;
#[cfg(test)]
mod generate;
#[cfg(test)]
mod ingest;
#[cfg(test)]
mod kill;
#[cfg(test)]
mod modelled;
#[cfg(test)]
mod overrides;
#[cfg(test)]
mod own_thresholds;
#[cfg(test)]
mod query;
#[cfg(test)]
mod review;
#[cfg(test)]
mod terminal;
