//! The store from outside: what is written is what is read, and a crash or damage is never silent.

#[cfg(test)]
mod compact;
#[cfg(test)]
mod crash;
#[cfg(test)]
mod damage;
#[cfg(test)]
mod fixture;
#[cfg(test)]
mod opening;
#[cfg(test)]
mod overrides;
#[cfg(test)]
mod reading;
#[cfg(test)]
mod routing;
#[cfg(test)]
mod state;
