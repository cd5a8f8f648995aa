//! The wish to end before the captures do. Whoever waits for bytes of a pipe or a terminal then gets its end.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, LazyLock};

static WANTED: LazyLock<Arc<AtomicBool>> = LazyLock::new(Arc::default);

/// Set it, and reading stops.
pub fn flag() -> Arc<AtomicBool> {
    Arc::clone(&WANTED)
}

/// Whether it is set.
pub fn is_wanted() -> bool {
    WANTED.load(Ordering::Relaxed)
}
