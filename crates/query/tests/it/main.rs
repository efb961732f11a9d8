//! Queries over real stores, written through the store's own writer.

#[cfg(test)]
mod commit_records;
#[cfg(test)]
mod counts;
#[cfg(test)]
mod damage;
#[cfg(test)]
mod dedup;
#[cfg(test)]
mod fixture;
#[cfg(test)]
mod id_counts;
#[cfg(test)]
mod model;
#[cfg(test)]
mod timing;
