//! What later stages link calls by: places of tokens in what was written, and ids made blind. Nothing raw.

use crate::redact::found::Span;

/// Most entries of one kind.
const MAX: usize = 4;

/// A few entries; further ones are left out.
#[derive(Clone, Copy)]
pub(crate) struct Few<T>([Option<T>; MAX]);

impl<T: Copy> Default for Few<T> {
    fn default() -> Self {
        Self([None; MAX])
    }
}

impl<T: Copy> Few<T> {
    /// Adds an entry, if there is room.
    pub(crate) fn push(&mut self, entry: T) {
        if let Some(slot) = self.0.iter_mut().find(|slot| slot.is_none()) {
            *slot = Some(entry);
        }
    }

    /// The entries, in order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = T> {
        self.0.into_iter().flatten()
    }

    /// All of them, in room for the most there can be.
    pub(crate) const fn entries(&self) -> [Option<T>; MAX] {
        self.0
    }

    /// Whether there are none.
    pub(crate) fn is_empty(&self) -> bool {
        self.iter().next().is_none()
    }

    /// Changes every entry.
    fn map(&mut self, change: impl Fn(T) -> T) {
        self.0.iter_mut().flatten().for_each(|entry| *entry = change(*entry));
    }
}

/// Someone who called.
#[derive(Clone, Copy)]
pub(crate) struct Identity {
    /// Number of its kind.
    pub(crate) kind: i32,
    /// Where its encoded value is.
    pub(crate) value: Span,
}

/// An integer that the request named.
#[derive(Clone, Copy)]
pub(crate) struct Number {
    /// The same for the same name at the same kind of place.
    pub(crate) site: u64,
    /// The integer, moved by a secret: only differences tell something.
    pub(crate) blind: u64,
    /// Where the encoded object is, field and length included.
    pub(crate) object: Span,
}

/// What a call is linked by.
#[derive(Clone, Copy, Default)]
pub(crate) struct Trail {
    /// Texts of tokens of what the caller showed.
    pub(crate) shown: Few<Span>,
    /// Texts of tokens of what the answer handed out, or of what stands for the login from now on.
    pub(crate) issued: Few<Span>,
    /// Who called.
    pub(crate) identities: Few<Identity>,
    /// Which ids were asked for.
    pub(crate) numbers: Few<Number>,
    /// Where the message `Auth` is, field and length included.
    pub(crate) auth: Span,
    /// Whether someone logged in, or tried to.
    pub(crate) login: bool,
    /// Whether the call tells who logged in with it.
    pub(crate) named: bool,
    /// Whether what the caller showed ends with this call.
    pub(crate) logout: bool,
    /// How the server took it.
    pub(crate) status: Option<u16>,
}

impl Trail {
    /// Whether there is anything to link by.
    pub(crate) fn tells(&self) -> bool {
        let Self { shown, issued, numbers, status, .. } = self;
        let refusable = matches!(status, Some(100..=407));
        refusable || !shown.is_empty() || !issued.is_empty() || !numbers.is_empty()
    }

    /// Adds the text of a token that the caller showed, unless it is there.
    pub(crate) fn show(&mut self, out: &[u8], text: Option<Span>) {
        if let Some(text) = text
            && self.shown.iter().all(|known| known.of(out) != text.of(out))
        {
            self.shown.push(text);
        }
    }

    /// What was written now follows `at` other octets.
    pub(crate) fn move_behind(&mut self, at: usize) {
        self.shown.map(|span| span.behind(at));
        self.issued.map(|span| span.behind(at));
        self.identities.map(|one| Identity { value: one.value.behind(at), ..one });
        self.numbers.map(|one| Number { object: one.object.behind(at), ..one });
        self.auth = self.auth.behind(at);
    }
}
