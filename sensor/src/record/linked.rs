//! What is added to a record once it is known what calls before it told.

use std::net::IpAddr;
use std::sync::OnceLock;

use apitap_proto::v1::evidence::{Confidence, Role, Source};

use super::Record;
use crate::redact::{Span, Trail, schema, token_text_of, wire};

/// Someone known from an earlier call.
pub(crate) struct Linked<'a> {
    /// Number of its kind.
    pub(crate) kind: i32,
    /// The encoded `Value`.
    pub(crate) value: &'a [u8],
    pub(crate) confidence: Confidence,
    /// Id of the record that tells.
    pub(crate) learned_from: &'a str,
}

/// Texts of a record that calls are told apart by, as octets.
pub(crate) struct Named<'a> {
    pub(crate) host: &'a [u8],
    pub(crate) path_template: &'a [u8],
    pub(crate) operation: &'a [u8],
    pub(crate) actor: &'a [u8],
}

/// A number with a sign as the type `sint32` has it.
fn zigzag(n: i32) -> u64 {
    let folded = n.wrapping_shl(1) ^ n.wrapping_shr(31);
    u32::from_ne_bytes(folded.to_ne_bytes()).into()
}

impl Record {
    /// What it is linked to others by, and the address of who called; once.
    pub(crate) fn take_trail(&mut self) -> Option<(Box<Trail>, IpAddr)> {
        let trail = std::mem::take(&mut self.links).then(|| self.trail.take()).flatten()?;
        // Room for what is added; the sensor comes back with the next stamp.
        self.octets.truncate(self.core);
        Some((trail, self.caller))
    }

    /// Takes back the room of what it was linked by.
    pub(crate) fn keep_room(&mut self, trail: Box<Trail>) {
        self.trail = Some(trail);
    }

    /// What it is told apart by.
    pub(crate) fn named(&self) -> Named<'_> {
        let Self { octets, marks, .. } = self;
        let of = |mark: Span| mark.of(octets);
        let (host, path_template) = (of(marks.host), of(marks.path_template));
        Named { host, path_template, operation: of(marks.operation), actor: of(marks.actor) }
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

    /// Adds someone who is known from an earlier call; `actor`: who called, as from now on.
    pub(crate) fn add_linked(&mut self, one: &Linked<'_>, actor: bool) {
        use schema::entity as field;

        let before = self.core;
        self.extend(|out| {
            let entity = wire::open(out, schema::record::ENTITIES);
            wire::enumeration(out, field::KIND, one.kind);
            wire::octets(out, field::VALUE, one.value);
            wire::enumeration(out, field::SOURCE, Source::Link);
            wire::enumeration(out, field::CONFIDENCE, one.confidence);
            wire::enumeration(out, field::ROLE, Role::Caller);
            wire::text(out, field::LEARNED_FROM, one.learned_from);
            wire::close(out, entity);
        });
        let text = token_text_of(one.value);
        let added = self.octets.get(before..).unwrap_or_default();
        if let (true, false, Some(at)) =
            (actor, text.is_empty(), memchr::memmem::find(added, one.value))
        {
            let span = Span { start: text.start, end: text.end };
            self.marks.actor = span.behind(before.saturating_add(at));
        }
    }

    /// Says of an object, at the place of its field, how far it is from the one before.
    pub(crate) fn add_step(&mut self, object: Span, step: i32, run: u32) {
        let mut inner = self.part(object);
        // The key of the field and its length, which are numbers both.
        let head = [
            prost::decode_length_delimiter(&mut inner),
            prost::decode_length_delimiter(&mut inner),
        ];
        if head.iter().any(Result::is_err) {
            return;
        }
        let mut made = Vec::with_capacity(inner.len().saturating_add(24));
        let open = wire::open(&mut made, schema::record::OBJECTS);
        made.extend_from_slice(inner);
        wire::present(&mut made, schema::object::STEP, zigzag(step));
        wire::number(&mut made, schema::object::RUN, run.into());
        wire::close(&mut made, open);
        self.replace(object, &made);
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
    fn replace(&mut self, span: Span, with: &[u8]) {
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
