//! The daemon: what it knows of itself, and what it makes of its mirror.

pub mod mirror;
pub mod state;
