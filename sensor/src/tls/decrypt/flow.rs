//! One direction of a session that is read: records in, plaintext out.
//!
//! ```text
//!            hole inside          hole over a header
//!  Passing ◀───────────── Records ─────────────────▶ Lost
//!     └──────────────────▶  ▲ │                       │ a record is found, and authentic
//!        record ends        │ │ nothing fits          │
//!                           └─│───────────────────────┘
//!                             ▼
//!                           Opaque ◀── too much was tried
//! ```
//!
//! Invariants:
//! - No octet is emitted that the AEAD did not find authentic, under the number and the keys it was tried with.
//! - Plaintext that is missing is in a gap, of about its length: exact, unless records were lost that carry none.
//! - What is tried in vain is bounded by what was opened.

use std::ops::Range;

use zeroize::Zeroizing;

use super::super::handshake::Messages;
use super::super::layer::{
    ALERT, APPLICATION_DATA, CHANGE_CIPHER_SPEC, FRAGMENT_MAX, HANDSHAKE, HEADER, Header,
};
use super::acks::{Acks, Reach};
use super::early::Early;
use super::find::{self, Lost};
use super::keys::{Epoch, Keys, Place};
use super::{Cx, Piece, Said, number};
use crate::wipe::wipe;

/// Records one behind the other that could not be opened, after which no more are tried.
const FAILED_MAX: u32 = 8;
/// Octets that may be tried in vain before anything was opened.
const TRIED_FIRST: u64 = 4 << 20;
/// Octets that may be tried in vain, at most.
const TRIED_MAX: u64 = 32 << 20;
/// What trying a record in vain costs at least, as octets.
const TRY_LEAST: u64 = 256;
/// Buffers of this size are not kept by a direction.
const OWN_BUFFER: usize = 2048;

/// One direction.
pub(super) struct Flow {
    keys: Keys,
    /// Whether records are encrypted; before, up to TLS 1.2, they are not.
    sealed: bool,
    sync: Sync,
    /// The record at hand, its header included; in `Lost`, where one is looked for.
    record: Zeroizing<Vec<u8>>,
    /// The piece that its first octet came in, and how many octets of it did.
    pub(super) first: (Piece, usize),
    /// Offset of the ciphertext behind what was taken, and behind the last whole record.
    pub(super) cipher: (u64, u64),
    /// Offset of the plaintext.
    pub(super) plain: u64,
    /// Number of the next record, if none was missed.
    number: u64,
    /// How many more may have been missed under the present keys, and altogether since one was opened.
    missed: (u64, u64),
    failed: u32,
    /// Octets that may yet be tried in vain.
    budget: u64,
    /// What records are long, about.
    usual: u64,
    /// The part of a nonce that the last record carried, and its number.
    nonce: Option<(u64, u64)>,
    /// Whether records are padded, so that lengths do not tell how much is in them.
    pads: bool,
    pub(super) acks: Acks,
    messages: Messages,
    pub(super) early: Early,
    /// Plaintext that may be missing before the first that was read; whether any is, its number will tell.
    pub(super) unsaid: Option<u64>,
    /// Whether any plaintext is missing.
    missing: bool,
    pub(super) sums: Sums,
    /// Whether the peer said that no more comes.
    ended: bool,
}

/// What was read of a direction.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Sums {
    /// Octets of application data.
    pub(super) bytes: u64,
    /// Records not read.
    pub(super) unread: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sync {
    /// In step with records.
    Records,
    /// In a record of which part is missing: octets left of it.
    Passing(usize),
    /// Out of step since the record that began here, in the ciphertext.
    Lost(u64),
    /// Given up.
    Opaque,
}

impl Flow {
    /// `early`: data of this direction may come before its handshake is over.
    pub(super) fn new(keys: Keys, early: bool) -> Self {
        Self {
            sealed: keys.suite().modern,
            keys,
            sync: Sync::Records,
            record: Zeroizing::default(),
            first: (Piece::NONE, 0),
            cipher: (0, 0),
            plain: 0,
            number: 0,
            missed: (0, 0),
            failed: 0,
            budget: TRIED_FIRST,
            usual: 0,
            nonce: None,
            pads: false,
            acks: Acks::default(),
            messages: Messages::default(),
            early: Early::new(early),
            unsaid: Some(0),
            missing: false,
            sums: Sums::default(),
            ended: false,
        }
    }

    /// Octets held.
    pub(super) fn held(&self) -> usize {
        let held = self.messages.held().saturating_add(self.early.bytes());
        self.record.capacity().saturating_add(held)
    }

    /// Whether nothing was missed so far that may have carried data.
    pub(super) fn is_all_read(&self) -> bool {
        !self.missing && self.unsaid.is_none() && self.sync == Sync::Records
    }

    /// What of this direction's plaintext an acknowledgement of the other stands for.
    /// `at_most`: rather less than too much, where it is not known.
    pub(super) fn acked(&self, offset: u64, at_most: bool) -> u64 {
        let (_, whole) = self.cipher;
        let at_hand = match self.sync {
            Sync::Records => self.header().map(|header| {
                whole.saturating_add(number(HEADER)).saturating_add(header.len.into())
            }),
            Sync::Passing(left) => Some(self.cipher.0.saturating_add(number(left))),
            Sync::Lost(_) | Sync::Opaque => None,
        };
        let reach = Reach {
            end: (whole, self.plain),
            at_hand,
            overhead: number(self.keys.suite().overhead().saturating_add(HEADER)),
            lost: at_most || matches!(self.sync, Sync::Lost(_) | Sync::Opaque),
        };
        self.acks.map(offset, reach)
    }

    /// Whether it is known what an acknowledgement of ciphertext stands for. A FIN counts as an octet.
    pub(super) fn reaches(&self, offset: u64) -> bool {
        self.sync == Sync::Opaque || offset <= self.cipher.0.saturating_add(1)
    }

    /// Takes ciphertext.
    pub(super) fn data(&mut self, cx: &mut Cx<'_>, piece: Piece, bytes: &[u8]) {
        let mut rest = self.pass(cx, piece, bytes);
        while let Some(bytes) = rest {
            // They were counted when they came.
            self.cipher.0 = self.cipher.0.saturating_sub(number(bytes.len()));
            rest = self.pass(cx, piece, &bytes);
        }
    }

    /// Takes ciphertext; gives back what follows a record that was looked for.
    fn pass(
        &mut self,
        cx: &mut Cx<'_>,
        piece: Piece,
        mut bytes: &[u8],
    ) -> Option<Zeroizing<Vec<u8>>> {
        while !bytes.is_empty() {
            match self.sync {
                Sync::Records => {
                    self.fill(cx, piece, &mut bytes);
                    if self.is_whole() {
                        self.whole(cx, piece);
                    }
                }
                Sync::Passing(left) => {
                    let len = left.min(bytes.len());
                    self.take(&mut bytes, len);
                    self.passed(left.saturating_sub(len));
                }
                Sync::Lost(since) => {
                    let len = bytes.len();
                    let taken = self.take(&mut bytes, len);
                    self.record.extend_from_slice(taken);
                    return self.seek(cx, piece, since);
                }
                Sync::Opaque => {
                    let len = bytes.len();
                    self.take(&mut bytes, len);
                    self.cipher.1 = self.cipher.0;
                    self.hole(cx, number(len));
                }
            }
        }
        None
    }

    fn take<'a>(&mut self, bytes: &mut &'a [u8], len: usize) -> &'a [u8] {
        let (taken, rest) = bytes.split_at_checked(len).unwrap_or((bytes, &[]));
        *bytes = rest;
        self.cipher.0 = self.cipher.0.saturating_add(number(taken.len()));
        taken
    }

    /// Takes octets of the record at hand.
    fn fill(&mut self, cx: &mut Cx<'_>, piece: Piece, bytes: &mut &[u8]) {
        let begins = self.record.is_empty();
        if begins && self.record.capacity() < OWN_BUFFER {
            self.record = cx.buffers.pop().unwrap_or_default();
        }
        let wants = HEADER.saturating_sub(self.record.len()).min(bytes.len());
        let header = self.take(bytes, wants);
        self.record.extend_from_slice(header);
        let Some(octets) = self.record.first_chunk().copied() else {
            self.first = if begins { (piece, self.record.len()) } else { self.first };
            return;
        };
        let Some(header) = Header::parse(octets) else {
            return self.lose(cx, 0);
        };
        let len = HEADER.saturating_add(header.len.into());
        let wants = len.saturating_sub(self.record.len()).min(bytes.len());
        // At once, so that no copy is left behind.
        let missing = len.saturating_sub(self.record.len());
        self.record.reserve_exact(missing);
        let fragment = self.take(bytes, wants);
        self.record.extend_from_slice(fragment);
        if begins {
            self.first = (piece, self.record.len());
        }
    }

    fn header(&self) -> Option<Header> {
        self.record.first_chunk().copied().and_then(Header::parse)
    }

    fn is_whole(&self) -> bool {
        let len = self.header().map(|header| HEADER.saturating_add(header.len.into()));
        len.is_some_and(|len| self.record.len() >= len)
    }

    /// A record is whole.
    fn whole(&mut self, cx: &mut Cx<'_>, last: Piece) {
        let mut record = std::mem::take(&mut self.record);
        self.cipher.1 = self.cipher.0;
        if let Some(header) = record.first_chunk().copied().and_then(Header::parse) {
            self.read(cx, header, &mut record, last);
        }
        self.put_back(cx, record);
    }

    fn put_back(&mut self, cx: &mut Cx<'_>, mut record: Zeroizing<Vec<u8>>) {
        wipe(&mut record);
        if record.capacity() < OWN_BUFFER {
            self.record = record;
        } else if cx.buffers.len() < super::BUFFERS_MAX {
            cx.buffers.push(record);
        }
    }

    fn read(&mut self, cx: &mut Cx<'_>, header: Header, record: &mut Vec<u8>, last: Piece) {
        if !self.is_sealed(header.kind) {
            self.sealed |= header.kind == CHANGE_CIPHER_SPEC;
            return;
        }
        if header.kind == CHANGE_CIPHER_SPEC {
            // New keys, agreed upon inside (RFC 5246 §7.4.1.1): key logs have them, but under names told inside.
            cx.counts.renegotiated += 1;
            return self.give_up(cx);
        }
        let len = number(record.len());
        self.usual = match self.usual {
            0 => len,
            usual => usual.saturating_mul(7).saturating_add(len) / 8,
        };
        match self.open(cx, record) {
            Some((place, content)) => self.opened(cx, header, place, record, content, last),
            None => {
                cx.counts.records_failed += 1;
                self.sums.unread = self.sums.unread.saturating_add(1);
                self.failed = self.failed.saturating_add(1);
                self.missed = (self.missed.0.saturating_add(1), self.missed.1.saturating_add(1));
                self.hole_of(cx, header);
                if self.failed >= FAILED_MAX {
                    cx.counts.given_up += 1;
                    self.give_up(cx);
                }
            }
        }
    }

    /// Whether a record of this kind is encrypted.
    fn is_sealed(&self, kind: u8) -> bool {
        if self.keys.suite().modern { kind == APPLICATION_DATA } else { self.sealed }
    }

    /// Opens a record: under the number it must have, else under those that are possible.
    fn open(&mut self, cx: &mut Cx<'_>, record: &mut Vec<u8>) -> Option<(Place, Range<usize>)> {
        let due = Place { ahead: 0, number: self.number };
        if self.missed == (0, 0) && !self.keys.has_next() {
            return Some((due, self.keys.open(due, record)?));
        }
        let (here, all) = self.missed;
        let ahead = if all > 0 { self.keys.prepare() } else { self.keys.has_next().into() };
        let hint = self.hint(record);
        let lost = Lost::none(here, all);
        let places = find::places(self.number, lost, record.len(), ahead, hint);
        self.try_all(cx, places, record)
    }

    /// The number that a record's explicit nonce stands for, if nonces are counted.
    fn hint(&self, record: &[u8]) -> Option<u64> {
        let nonce = explicit(record)?;
        let (last, at) = self.nonce.filter(|_| self.keys.suite().explicit)?;
        at.checked_add(nonce.checked_sub(last)?).filter(|number| *number >= self.number)
    }

    fn try_all(
        &mut self,
        cx: &mut Cx<'_>,
        places: impl Iterator<Item = Place>,
        record: &mut Vec<u8>,
    ) -> Option<(Place, Range<usize>)> {
        let cost = number(record.len()).max(TRY_LEAST);
        for place in places {
            cx.scratch.clear();
            cx.scratch.extend_from_slice(record);
            if let Some(content) = self.keys.open(place, cx.scratch) {
                std::mem::swap(record, cx.scratch);
                return Some((place, content));
            }
            self.budget = self.budget.saturating_sub(cost);
            if self.budget == 0 {
                return None;
            }
        }
        None
    }

    /// A record is authentic: what it says.
    fn opened(
        &mut self,
        cx: &mut Cx<'_>,
        header: Header,
        place: Place,
        record: &[u8],
        content: Range<usize>,
        last: Piece,
    ) {
        let epoch = self.keys.epoch(place.ahead);
        if place.ahead > 0 {
            let nothing_missed = self.unsaid == Some(0);
            if self.keys.epoch(0) == Epoch::Early && cx.said.early.is_none() && nothing_missed {
                // The client would have said that it was taken.
                cx.said.early = Some(false);
                self.early.clear();
            }
            self.keys.advance(place.ahead);
        }
        (self.number, self.missed, self.failed) = (place.number.saturating_add(1), (0, 0), 0);
        self.budget = self.budget.saturating_add(number(record.len())).min(TRIED_MAX);
        self.nonce = explicit(record).map(|nonce| (nonce, place.number));
        cx.counts.records += 1;
        if epoch != Epoch::Early {
            self.early.due &= self.unsaid != Some(0);
        }
        if epoch == Epoch::Traffic {
            self.begin(cx, place.number);
        }
        let Some(mut octets) = record.get(content.clone()) else { return };
        let mut kind = header.kind;
        if self.keys.suite().modern {
            let Some(at) = octets.iter().rposition(|&octet| octet != 0) else { return };
            self.pads |= at.saturating_add(1) < octets.len();
            kind = octets.get(at).copied().unwrap_or_default();
            octets = octets.get(..at).unwrap_or_default();
        }
        match kind {
            APPLICATION_DATA if !octets.is_empty() => {
                cx.counts.bytes += number(octets.len());
                self.sums.bytes = self.sums.bytes.saturating_add(number(octets.len()));
                if epoch == Epoch::Early {
                    self.early_data(cx, octets, content.start, last);
                } else {
                    self.tell(cx, octets, content.start, last);
                }
            }
            HANDSHAKE if self.keys.suite().modern => self.handshake(cx, octets),
            // `close_notify`.
            ALERT if matches!(octets, [_, 0]) => self.end(cx),
            _ => {}
        }
    }

    /// The first record was opened that may carry data: as its number says, others were lost, or none.
    fn begin(&mut self, cx: &mut Cx<'_>, place: u64) {
        let Some(unsaid) = self.unsaid.take() else { return };
        let early = unsaid > 0 && self.early.due && cx.said.early != Some(false);
        self.early.clear();
        // Up to TLS 1.2, `Finished` goes first.
        if early || place > u64::from(!self.keys.suite().modern) {
            self.hole(cx, unsaid.max(1));
        } else {
            self.sums.unread = 0;
        }
    }

    /// Plaintext, which begins in the record at `start`.
    pub(super) fn tell(&mut self, cx: &mut Cx<'_>, octets: &[u8], start: usize, last: Piece) {
        if self.ended {
            return;
        }
        let (first, len) = self.first;
        let (head, rest) =
            octets.split_at_checked(len.saturating_sub(start)).unwrap_or((octets, &[]));
        let last = Piece { acked: first.acked, ..last };
        for (piece, bytes, begins) in [(first, head, true), (last, rest, head.is_empty())] {
            if !bytes.is_empty() {
                cx.tell(piece, self.plain, begins, bytes);
                self.plain = self.plain.saturating_add(number(bytes.len()));
            }
        }
        self.acks.push(self.cipher.1, self.plain);
    }

    fn handshake(&mut self, cx: &mut Cx<'_>, octets: &[u8]) {
        let mut messages = std::mem::take(&mut self.messages);
        let mut next = false;
        let epoch = self.keys.epoch(0);
        messages.push(octets, &mut |kind, body| {
            next |= match kind {
                Said::FINISHED => epoch == Epoch::Handshake,
                Said::END_OF_EARLY_DATA => {
                    cx.said.early.get_or_insert(true);
                    self.early.due &= self.unsaid != Some(0);
                    epoch == Epoch::Early
                }
                Said::KEY_UPDATE => epoch == Epoch::Traffic,
                _ => {
                    cx.said.hear(kind, body);
                    false
                }
            };
        });
        self.messages = messages;
        if next {
            self.settle_early(cx);
            self.keys.advance(1);
            (self.number, self.nonce) = (0, None);
        }
    }

    /// The peer sends no more.
    pub(super) fn end(&mut self, cx: &mut Cx<'_>) {
        if !std::mem::replace(&mut self.ended, true) {
            cx.end();
        }
    }

    /// The stream ends.
    pub(super) fn fin(&mut self, cx: &mut Cx<'_>) {
        if let (Sync::Records, Some(header)) = (self.sync, self.header()) {
            // Cut off.
            self.hole_of(cx, header);
        }
        self.end(cx);
    }

    /// Takes note of lost ciphertext.
    pub(super) fn gap(&mut self, cx: &mut Cx<'_>, len: u64) {
        let left = match (self.sync, self.header()) {
            (Sync::Passing(left), _) => Some(left),
            (Sync::Records, Some(header)) => {
                let len = HEADER.saturating_add(header.len.into());
                Some(len.saturating_sub(self.record.len()))
            }
            _ => None,
        };
        let inside = left.filter(|&left| number(left) >= len);
        match (self.sync, inside) {
            (Sync::Opaque, _) => {
                self.cipher.0 = self.cipher.0.saturating_add(len);
                self.cipher.1 = self.cipher.0;
                self.hole(cx, len);
            }
            (Sync::Lost(_), _) => {
                self.cipher.0 = self.cipher.0.saturating_add(len);
                self.record.clear();
            }
            (Sync::Records | Sync::Passing(_), Some(left)) => {
                self.cipher.0 = self.cipher.0.saturating_add(len);
                if let (Sync::Records, Some(header)) = (self.sync, self.header()) {
                    self.damaged(cx, header);
                }
                if self.sync != Sync::Opaque {
                    self.passed(left.saturating_sub(usize::try_from(len).unwrap_or(usize::MAX)));
                }
            }
            (Sync::Records | Sync::Passing(_), None) => {
                if let Sync::Passing(left) = self.sync {
                    // That record is accounted for.
                    self.cipher.1 = self.cipher.0.saturating_add(number(left));
                }
                self.lose(cx, len);
            }
        }
    }

    /// Part of the record at hand is missing.
    fn damaged(&mut self, cx: &mut Cx<'_>, header: Header) {
        self.record.clear();
        if !self.is_sealed(header.kind) {
            self.sealed |= header.kind == CHANGE_CIPHER_SPEC;
            return;
        }
        cx.counts.records_lost += 1;
        self.sums.unread = self.sums.unread.saturating_add(1);
        self.messages.lose(&mut |_, _| {});
        self.number = self.number.saturating_add(1);
        self.missed.1 = self.missed.1.saturating_add(1);
        self.hole_of(cx, header);
        if self.pads {
            cx.counts.given_up += 1;
            self.give_up(cx);
        }
    }

    /// `left` octets are missing yet of a record that is passed over.
    fn passed(&mut self, left: usize) {
        self.sync = if left == 0 { Sync::Records } else { Sync::Passing(left) };
        if left == 0 {
            self.cipher.1 = self.cipher.0;
            self.acks.push(self.cipher.1, self.plain);
        }
    }

    /// The place is lost, with `len` octets.
    fn lose(&mut self, cx: &mut Cx<'_>, len: u64) {
        cx.counts.places_lost += 1;
        self.messages.lose(&mut |_, _| {});
        self.sync = Sync::Lost(self.cipher.1);
        // Told at once; how much it was is told when the place is found.
        self.hole(cx, 1);
        self.cipher.0 = self.cipher.0.saturating_add(len);
        if len > 0 {
            self.record.clear();
        }
        if self.pads && self.sync != Sync::Opaque {
            cx.counts.given_up += 1;
            self.give_up(cx);
        }
    }

    /// Looks for a record in what is held; gives back what follows it.
    fn seek(&mut self, cx: &mut Cx<'_>, last: Piece, since: u64) -> Option<Zeroizing<Vec<u8>>> {
        let overhead = self.keys.suite().overhead();
        loop {
            let found = find::header(&self.record, overhead);
            self.record.drain(..found.at);
            let len = found.len?;
            let begin = self.cipher.0.saturating_sub(number(self.record.len()));
            let lost = begin.saturating_sub(since);
            let mut record = Zeroizing::new(self.record.get(..len).unwrap_or_default().to_vec());
            if let Some((place, content)) = self.open_found(cx, &mut record, lost) {
                let rest = Zeroizing::new(self.record.get(len..).unwrap_or_default().to_vec());
                self.found(cx, place, lost);
                self.acks.push(begin, self.plain);
                self.record.clear();
                self.cipher.1 = begin.saturating_add(number(len));
                self.first = (last, len);
                if let Some(header) = record.first_chunk().copied().and_then(Header::parse) {
                    self.opened(cx, header, place, &record, content, last);
                }
                return Some(rest);
            }
            if self.budget == 0 {
                cx.counts.given_up += 1;
                self.give_up(cx);
                return None;
            }
            self.record.drain(..1);
        }
    }

    /// Opens what may be a record, `lost` octets behind the last one known.
    fn open_found(
        &mut self,
        cx: &mut Cx<'_>,
        record: &mut Vec<u8>,
        lost: u64,
    ) -> Option<(Place, Range<usize>)> {
        let least = number(self.keys.suite().overhead().saturating_add(HEADER));
        let most = u64::from(FRAGMENT_MAX).saturating_add(number(HEADER));
        let (fewest, many) = (lost.div_ceil(most), lost / least.max(1));
        let about = lost.checked_div(self.usual).unwrap_or(fewest);
        let (here, all) = self.missed;
        let ahead = self.keys.prepare();
        let lost =
            Lost { fewest, most: many.saturating_add(here), about, all: all.saturating_add(many) };
        let hint = self.hint(record);
        let places = find::places(self.number, lost, record.len(), ahead, hint);
        self.try_all(cx, places, record)
    }

    /// The place is found again behind `lost` octets.
    fn found(&mut self, cx: &mut Cx<'_>, place: Place, lost: u64) {
        cx.counts.places_found += 1;
        let records = if place.ahead == 0 {
            place.number.saturating_sub(self.number)
        } else {
            place.number.max(1)
        };
        cx.counts.records_lost += records;
        self.sums.unread = self.sums.unread.saturating_add(records);
        let overhead = number(self.keys.suite().overhead().saturating_add(HEADER));
        let plain = lost.saturating_sub(records.saturating_mul(overhead));
        self.hole(cx, plain.saturating_sub(1));
        (self.sync, self.sealed) = (Sync::Records, true);
    }

    /// Gives up on this direction.
    pub(super) fn give_up(&mut self, cx: &mut Cx<'_>) {
        let held = number(self.record.len());
        self.sync = Sync::Opaque;
        self.record = Zeroizing::default();
        self.early.clear();
        self.hole(cx, held);
    }

    /// The plaintext of a record is missing.
    fn hole_of(&mut self, cx: &mut Cx<'_>, header: Header) {
        let content = usize::from(header.len).saturating_sub(self.keys.suite().overhead());
        if header.kind == APPLICATION_DATA {
            self.hole(cx, number(content).max(1));
        }
    }

    pub(super) fn hole(&mut self, cx: &mut Cx<'_>, len: u64) {
        if let Some(unsaid) = &mut self.unsaid {
            *unsaid = unsaid.saturating_add(len);
            if !self.early.is_empty() && self.sync != Sync::Opaque {
                // What is held would have to stand before it, in part.
                cx.counts.given_up += 1;
                self.give_up(cx);
            }
        } else if len > 0 && !self.ended {
            self.missing = true;
            cx.gap(self.plain, len);
            self.plain = self.plain.saturating_add(len);
        }
    }
}

/// The part of its nonce that a record may carry.
fn explicit(record: &[u8]) -> Option<u64> {
    record.get(HEADER..)?.first_chunk().map(|octets| u64::from_be_bytes(*octets))
}
