//! What is added to a record once it is known what calls before it told.

use std::net::IpAddr;
use std::sync::OnceLock;

use apitap_proto::v1;

use super::{Record, message};
use crate::redact::{Span, Trail, schema, wire};

impl Record {
    /// What it is linked to others by, and the address of who called; once.
    pub(crate) fn take_trail(&mut self) -> Option<(Box<Trail>, IpAddr)> {
        let trail = self.trail.take()?;
        // Room for what is added; the sensor comes back with the next stamp.
        self.octets.truncate(self.core);
        Some((trail, self.caller))
    }

    /// The octets at a place that the trail named.
    pub(crate) fn part(&self, span: Span) -> &[u8] {
        span.of(&self.octets)
    }

    /// Adds fields of `CallRecord`.
    pub(crate) fn extend(&mut self, write: impl FnOnce(&mut Vec<u8>)) {
        self.message = OnceLock::new();
        self.octets.truncate(self.core);
        write(&mut self.octets);
        self.core = self.octets.len();
    }

    /// Adds someone who took part; `actor`: who called, as from now on.
    pub(crate) fn add_entity(&mut self, entity: &v1::Entity, actor: bool) {
        let before = self.core;
        self.extend(|out| message(out, schema::record::ENTITIES, entity));
        let text = match entity.value.as_ref().and_then(|value| value.form.as_ref()) {
            Some(v1::value::Form::Token(token)) => token.text.as_bytes(),
            _ => return,
        };
        let added = self.octets.get(before..).unwrap_or_default();
        if let Some(at) = memchr::memmem::find(added, text).filter(|_| actor) {
            let start = before.saturating_add(at);
            self.marks.actor = Span { start, end: start.saturating_add(text.len()) };
        }
    }

    /// Says how often the same caller was refused here before.
    pub(crate) fn add_refusals(&mut self, count: u32) {
        // Readers merge the parts of a message that comes twice (Protocol Buffers, "Last One Wins").
        self.extend(|out| {
            let auth = wire::open(out, schema::record::AUTH);
            wire::number(out, schema::auth::REFUSALS_BEFORE, count.into());
            wire::close(out, auth);
        });
    }

    /// Puts others, not fewer, in the place of the octets at `span`, which lies behind all marks made with the record.
    pub(crate) fn replace(&mut self, span: Span, with: &[u8]) {
        self.message = OnceLock::new();
        self.octets.truncate(self.core);
        if span.start > span.end || span.end > self.core {
            return;
        }
        self.octets.splice(span.start..span.end, with.iter().copied());
        self.core = self.octets.len();
        // Of what is marked only an actor that was added can lie behind it.
        let actor = &mut self.marks.actor;
        if actor.start >= span.end {
            let grown = with.len().saturating_sub(span.end.saturating_sub(span.start));
            *actor = actor.behind(grown);
        }
    }
}
