//! apitap: packets in, tokenized API call records out.
//!
//! One straight line, one module per stage:
//!
//! ```text
//! capture ─Packet─▶ decap ─Segment─▶ reassembly ─StreamEvent─▶ tls ─▶ http ─HttpEvent─▶ call ─Call─▶ redact ─Redacted─▶ record ─Record─▶ sink
//! ```
//!
//! Everything between `capture` and `sink` is pure: bytes and a time in, events out; no clock, no thread,
//! no socket. Only `pipeline` names every stage. `docs/architecture.md` has the invariants.

pub mod admin;
pub mod bounded;
pub mod call;
pub mod capture;
mod claim;
pub mod cli;
pub mod config;
pub mod daemon;
pub mod decap;
pub mod endpoints;
pub mod filter;
pub mod grpc;
pub mod http;
pub mod inventory;
pub mod key_log;
pub mod keys;
pub mod kubernetes;
pub mod link;
pub mod log;
pub mod network;
mod pem;
pub mod pipeline;
pub mod privileges;
pub mod processor;
pub mod proxy;
pub mod reassembly;
pub mod record;
pub mod redact;
pub mod rung;
mod sha256;
pub mod sink;
pub mod time;
pub mod tls;
pub mod volume;
mod wipe;
