//! The admin server: `/metrics`, `/healthz`, `/readyz` and `/status`, over HTTP/1.1.
//!
//! A small server of our own, on threads: those there are want an async runtime or are no longer kept. It answers
//! GET and HEAD, one request a connection, and reads no bodies. Settings: [`Config`]; what is shown is documented in
//! `docs/metrics.md`.

mod config;
mod hall;
mod metrics;
mod page;
mod request;
mod response;
mod routes;
mod server;
mod status;
mod stream;
mod tally;
#[cfg(test)]
mod tests;
mod token;

pub use config::{AdminError, Config, Listen};
pub use server::{Ask, Server};
