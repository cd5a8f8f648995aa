//! Redaction: raw calls in, tokenized calls out. The only way from [`Call`] to a record.
//!
//! Pure. Default-deny: a value is kept only if a rule says it is safe; it is tokenized if it is an
//! identifier or of a sensitive class; otherwise only its shape leaves. Names are data too.
//!
//! Nothing outside this module makes a [`Redacted`]:
//!
//! ```compile_fail
//! fn forge(parts: apitap::redact::Parts<'_>) -> apitap::redact::Redacted<'_> {
//!     apitap::redact::Redacted { parts }
//! }
//! ```
//!
//! and a raw call cannot be printed:
//!
//! ```compile_fail
//! fn print(call: &apitap::call::Call) -> String {
//!     format!("{call:?}")
//! }
//! ```
//!
//! (while what may be done with one compiles:)
//!
//! ```
//! use apitap::call::Call;
//! use apitap::redact::{Redacted, Redactor};
//! fn pass<'a>(redactor: &'a mut Redactor, call: &'a Call) -> Redacted<'a> {
//!     redactor.redact(call)
//! }
//! ```
//!
//! ```text
//! names ─ what a field name says      detect ─ what a form says
//!    └──────────── judge ───────────────┘
//!      path  header  auth  jwt  body ─▶ kept | token | shape, findings, objects, entities
//!                                          └──────── made ─ found ─▶ wire: protobuf
//! ```
//!
//! What may leave is encoded where it is decided, into buffers used again for the next call: no tree, and
//! no text of its own for each of a call's values. `schema` has the field numbers.

mod about;
mod api_words;
mod auth;
mod bearer;
mod body;
mod class;
mod config;
mod connect;
mod custom;
mod deeper;
mod derive;
mod descriptors;
mod detect;
mod dictionary;
mod encoded;
mod entities;
mod familiar;
mod ff1;
mod formed;
mod forms;
mod forwarded;
mod found;
mod grpc;
mod header;
mod hmac;
mod jose;
mod judge;
mod jwt;
mod key;
mod lay;
mod lexicon;
mod look;
mod made;
mod marks;
mod message;
mod names;
mod normal;
mod notes;
mod odata;
mod operation;
mod paging;
mod path;
mod policy;
mod query;
mod recents;
mod refusal;
mod render;
mod reversal;
mod scan;
pub(crate) mod schema;
mod segments;
mod server_event;
mod session;
mod settled;
mod signals;
mod siv;
mod sixteen;
mod style;
mod styles;
mod tenant;
mod token;
mod token_text;
mod vocabulary;
mod websocket;
pub(crate) mod wire;
mod words;

#[doc(hidden)]
pub mod fuzz;
#[cfg(test)]
mod joins;
#[cfg(test)]
mod leak;
#[doc(hidden)]
pub mod measure;

pub use config::{Config, Counts};
pub use custom::{Detector, Detectors, Leave};
pub use descriptors::{DescriptorError, Descriptors, SetFacts};
pub use entities::{
    Config as EntityConfig, KindName as EntityKind, Location as EntityLocation, Rule as EntityRule,
    Rules as EntityRules, RulesError as EntityRulesError,
};
pub use forms::{FormError, FormatPreserving, Reversible};
pub use key::{EpochFacts, EpochState, KeyError, Keys};
pub use operation::{Location, NamedOperation};
pub use policy::{Action, ClassPolicy, Dates, Explanation, Refused, Rule};
pub use reversal::{OpenError, Opened, Opener};
pub use signals::{Config as SignalConfig, Level, SignalId, Tally as SignalTally};
pub(crate) use signals::{Later, LaterSignal};
pub use tenant::{Cidr, CidrError, Namespaces, Tenant, TenantError, Tenants};

pub(crate) use entities::{Identity, Trail};
pub(crate) use found::Span;
pub(crate) use segments::is_firm;
pub(crate) use token_text::text_of as token_text_of;

use std::net::IpAddr;
use std::sync::Arc;

use apitap_proto::v1;

use crate::call::{Call, CallFacts, MessageFacts, SocketMessage};
use crate::endpoints::{self, Rules};
use crate::tls::SessionFacts;
use judge::Judge;

/// A call that may leave: everything in it passed the privacy rules.
///
/// Its fields are private and it has no constructor outside this module, so that nothing else can make one.
/// It lends what the [`Redactor`] wrote, until the next call.
pub struct Redacted<'a> {
    parts: Parts<'a>,
}

/// What a [`Redacted`] call holds; only `record` takes it apart. What came from content is encoded already.
#[derive(Clone, Copy)]
pub(crate) struct Parts<'a> {
    /// Facts that are no secret.
    pub(crate) facts: &'a CallFacts,
    /// The message `Request` without its times; absent when unseen.
    pub(crate) request: Option<&'a [u8]>,
    /// The message `Response` without its times and latency; absent when unseen.
    pub(crate) response: Option<&'a [u8]>,
    /// Sizes and times of the request.
    pub(crate) request_facts: Option<&'a MessageFacts>,
    /// Sizes and times of the response.
    pub(crate) response_facts: Option<&'a MessageFacts>,
    /// Fields of `CallRecord`: style, operation, entities, authentication, objects, findings, gRPC.
    pub(crate) rest: &'a [u8],
    /// The message `EncryptedSession`; then there is neither request nor response.
    pub(crate) session: Option<(SessionFacts, &'a [u8])>,
    /// Where in `request` the host is; in `session` the server name.
    pub(crate) host: Span,
    /// Where in `request` the path template is.
    pub(crate) path_template: Span,
    /// Where in `rest` the operation is.
    pub(crate) operation: Span,
    /// Where in `rest` the token of who called is; empty when there is none.
    pub(crate) actor: Span,
    /// The WebSocket message that the call is.
    pub(crate) socket: Option<&'a SocketMessage>,
    /// What calls are linked by: places in `rest`; none of messages of sockets.
    pub(crate) trail: Option<&'a Trail>,
    /// Who sent the request to the first trusted proxy.
    pub(crate) real_client: Option<IpAddr>,
    /// What the protocol is called where that is not the transport's name (gRPC).
    pub(crate) protocol: Option<v1::Protocol>,
    /// Key id of the tokens.
    pub(crate) key_id: &'a str,
    /// What learning is to know of the call; none where paths are not learned.
    pub(crate) path_trail: Option<&'a endpoints::Trail>,
    /// Why values leave as they do; empty unless asked for.
    pub(crate) explained: &'a [Explanation],
}

impl<'a> Redacted<'a> {
    /// Takes the call apart.
    pub(crate) fn into_parts(self) -> Parts<'a> {
        self.parts
    }
}

/// A redacted call for the tests of later stages.
#[cfg(test)]
pub(crate) fn testing(parts: Parts<'_>) -> Redacted<'_> {
    Redacted { parts }
}

/// Redacts calls. One per worker; no `Debug`: it holds keys and remembered names.
pub struct Redactor {
    judge: Judge,
    room: message::Room,
    sockets: websocket::Sockets,
}

impl Redactor {
    /// With these keys and rules. Keys of all classes are derived here, once.
    #[must_use]
    pub fn new(keys: &Keys, policy: &Config) -> Self {
        Self {
            judge: Judge::new(keys, policy),
            room: message::Room::default(),
            sockets: websocket::Sockets::default(),
        }
    }

    /// The same, with tenants told by these namespaces.
    #[must_use]
    pub fn within(mut self, namespaces: Option<Arc<dyn Namespaces>>) -> Self {
        self.set_namespaces(namespaces);
        self
    }

    /// The same, with these signals raised.
    #[must_use]
    pub fn signalling(mut self, config: &SignalConfig) -> Self {
        self.judge.signals.configure(config);
        self
    }

    /// The same, with these rules of who and what takes part.
    #[must_use]
    pub fn identifying(mut self, config: &EntityConfig) -> Self {
        self.judge.identify(config);
        self
    }

    /// Lets tenants be told by these namespaces.
    pub fn set_namespaces(&mut self, namespaces: Option<Arc<dyn Namespaces>>) {
        self.judge.namespaces = namespaces;
    }

    /// The same, believing these proxies on who the real client is.
    #[must_use]
    pub fn trusting(mut self, proxies: &[Cidr]) -> Self {
        self.judge.trust = forwarded::Trust(proxies.into());
        self
    }

    /// The same, reading protobuf messages as these describe them.
    #[must_use]
    pub fn describing(mut self, descriptors: Arc<Descriptors>) -> Self {
        self.describe(descriptors);
        self
    }

    /// Reads protobuf messages as these describe them.
    pub fn describe(&mut self, descriptors: Arc<Descriptors>) {
        self.judge.descriptors = descriptors;
    }

    /// The same, with operations named in these places too.
    #[must_use]
    pub fn naming(mut self, operations: &[NamedOperation]) -> Self {
        self.judge.operations = operation::Looked::of(operations);
        self
    }

    /// What tells tenants by namespaces.
    #[must_use]
    pub fn namespaces(&self) -> Option<Arc<dyn Namespaces>> {
        self.judge.namespaces.clone()
    }

    /// Makes templates by these rules from now on.
    pub fn set_endpoints(&mut self, rules: Arc<Rules>) {
        self.judge.endpoints = rules;
    }

    /// The rules templates are made by.
    #[must_use]
    pub fn endpoints(&self) -> Arc<Rules> {
        Arc::clone(&self.judge.endpoints)
    }

    /// The same, telling what learning is to know of each call, or not.
    #[must_use]
    pub fn learning(mut self, learns: bool) -> Self {
        self.judge.learning = learns;
        self
    }

    /// Tells for each value from now on which rule decided. Costs time: for people who check a policy.
    pub fn explain(&mut self, policy: &Config) {
        self.judge.explained = Some(policy::Explained::new(policy::ids(policy)));
    }

    /// Redacts a call.
    #[must_use]
    pub fn redact<'a>(&'a mut self, call: &'a Call) -> Redacted<'a> {
        let Self { judge, room, sockets } = self;
        let parts = match call.socket.as_deref() {
            Some(socket) => sockets.redact(judge, room, &call.facts, socket),
            None => message::redact(judge, room, call),
        };
        Redacted { parts }
    }

    /// What was done so far.
    #[must_use]
    pub const fn counts(&self) -> &Counts {
        &self.judge.counts
    }

    /// Key id of the tokens made.
    #[must_use]
    pub fn key_id(&self) -> &str {
        self.judge.tokens.kid()
    }
}
