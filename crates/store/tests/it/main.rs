//! The store from outside: what is written is what is read, and a crash or damage is never silent.

mod crash;
mod damage;
mod fixture;
mod opening;
mod reading;
mod routing;
mod state;
