//! Workloads seen from outside: their lines, shares, mistakes, errors and bytes.

#[cfg(test)]
mod bytes;
#[cfg(test)]
mod errors;
#[cfg(test)]
mod keys;
#[cfg(test)]
mod lines;
#[cfg(test)]
mod mistakes;
#[cfg(test)]
mod stream;
