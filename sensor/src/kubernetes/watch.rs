//! One kind of objects, listed once and then watched.
//!
//! Source: Kubernetes API concepts: "Efficient detection of changes", "Resource versions", "Retrieving large
//! results sets in chunks".

use std::io::BufReader;
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde::de::DeserializeSeed;
use ureq::http::header::{AUTHORIZATION, RETRY_AFTER};
use ureq::http::{Response, StatusCode};
use ureq::{Agent, Body, BodyReader};

use super::access::{Access, AccessError, Token};
use super::backoff::{Backoff, random};
use super::lines::{LineError, Lines};
use super::list::{List, ListMetadata};
use super::object::{Event, Object};
use super::state::{Progress, State, now};
use super::store::Kind;

/// Longest line of a watch. An object is at most 1.5 MiB in etcd, and somewhat more as JSON.
const LINE_OCTETS_MAX: usize = 4 << 20;
/// Longest page of a list.
const PAGE_OCTETS_MAX: u64 = 1 << 30;
/// Objects asked for in one page.
const PAGE_OBJECTS: &str = "500";
/// Most pages of one list: a server that never ends is no server.
const PAGES_MAX: usize = 20_000;
/// Time in which a page must be read.
const PAGE_TIME: Duration = Duration::from_secs(300);
/// Time in which the server must begin to answer, and take a connection.
const ANSWER_TIME: Duration = Duration::from_secs(60);
const CONNECT_TIME: Duration = Duration::from_secs(10);
/// Seconds that a watch lasts at least; up to as long again at random, so that sensors do not come back together.
const WATCH_SECONDS: u64 = 240;
/// A watch that lasted this long was none that fails at once.
const SETTLED: Duration = Duration::from_secs(10);

/// Why a list or a watch ended.
#[derive(Debug, thiserror::Error)]
enum WatchError {
    /// No token, or no certificates.
    #[error(transparent)]
    Access(#[from] AccessError),
    /// The server could not be reached, or did not answer as HTTP.
    #[error("{0}")]
    Transport(#[from] ureq::Error),
    /// The server refused.
    #[error("the API server answered {}", status.as_u16())]
    Status {
        /// Its status.
        status: StatusCode,
        /// How long it asks to wait.
        retry_after: Option<Duration>,
    },
    /// What was known is too old to go on from (410 Gone).
    #[error("the version known is no longer held by the API server")]
    Expired,
    /// The watch was ended by an error event.
    #[error("the watch ended with status {0}")]
    Event(u16),
    /// The stream broke.
    #[error("the watch broke: {0}")]
    Line(#[from] LineError),
    /// Something that is no event, or no list. Its text is not repeated.
    #[error("the API server sent what is no {0}")]
    Garbage(&'static str),
}

/// Watches one kind of objects, for as long as the sensor runs.
pub(super) struct Watch {
    pub kind: Kind,
    /// `/api/v1/pods`.
    pub path: &'static str,
    /// `&fieldSelector=…`, or nothing.
    pub selector: String,
    pub access: Access,
    pub state: Arc<State>,
    pub progress: Arc<Progress>,
    pub silence: Duration,
    pub retry: Duration,
}

/// Where a watch stands.
struct Position {
    token: Token,
    /// Version up to which everything is known.
    version: Option<String>,
    /// Whether a list must be newer than what the server has at hand.
    exact: bool,
    /// Whether it was said that something is wrong.
    failing: bool,
}

impl Watch {
    /// Lists and watches until the sensor stops.
    pub(super) fn run<T: Object>(&self) {
        let token = Token::new(&self.access);
        let mut position = Position { token, version: None, exact: false, failing: false };
        let mut backoff = Backoff::new(self.retry);
        while !self.state.is_stopped() {
            let begun = begin();
            let before = self.progress.events();
            let error = self.connected::<T>(&mut position).err();
            if self.state.is_stopped() {
                return;
            }
            let heard = self.progress.silence().is_some_and(|silence| silence < begun.elapsed());
            let settled = self.progress.events() != before || heard && begun.elapsed() >= SETTLED;
            if settled {
                backoff.reset();
            }
            let Some(error) = error else {
                if !settled {
                    self.state.pause(backoff.next());
                }
                continue;
            };
            match &error {
                WatchError::Expired => {
                    (position.version, position.exact) = (None, true);
                }
                // A line that cannot be read would come again: a list shows what it was about.
                WatchError::Garbage(_) | WatchError::Line(LineError::TooLong { .. }) => {
                    self.progress.garbage();
                    position.version = None;
                }
                WatchError::Status { status, .. } if *status == StatusCode::UNAUTHORIZED => {
                    position.token.forget();
                }
                _ => {}
            }
            self.failed(&error, &mut position.failing);
            self.state.pause(backoff.at_least(error.retry_after()));
        }
    }

    /// One connection: a list if one is needed, then watches until one ends otherwise than in peace.
    fn connected<T: Object>(&self, position: &mut Position) -> Result<(), WatchError> {
        let agent = self.agent()?;
        if self.state.enter(self.kind, &agent) {
            return Ok(());
        }
        if position.version.is_none() {
            position.version = Some(self.list::<T>(&agent, position)?);
            position.exact = false;
        }
        self.watch::<T>(&agent, position)
    }

    fn agent(&self) -> Result<Agent, WatchError> {
        let agent = Agent::config_builder()
            .http_status_as_error(false)
            .proxy(None)
            .max_redirects(0)
            .user_agent(concat!("apitap/", env!("CARGO_PKG_VERSION")))
            .tls_config(self.access.tls()?)
            .timeout_connect(Some(CONNECT_TIME))
            .timeout_send_request(Some(CONNECT_TIME))
            .timeout_recv_response(Some(ANSWER_TIME))
            .timeout_per_read(Some(self.silence))
            .timeout_per_write(Some(CONNECT_TIME));
        Ok(agent.build().new_agent())
    }

    /// Lists all objects; the version to watch from.
    fn list<T: Object>(
        &self,
        agent: &Agent,
        position: &mut Position,
    ) -> Result<String, WatchError> {
        self.state.store().begin(self.kind);
        let mut from = if position.exact { String::new() } else { "&resourceVersion=0".to_owned() };
        for _ in 0..PAGES_MAX {
            let query = format!("limit={PAGE_OBJECTS}{from}");
            let body = self.get(agent, &mut position.token, &query, PAGE_TIME)?;
            let page = self.page::<T>(body)?;
            match page.r#continue.filter(|next| !next.is_empty()) {
                Some(next) => from = format!("&continue={}", escaped(&next)),
                None => {
                    let version = version(&page.resource_version);
                    let version = version.ok_or(WatchError::Garbage("list"))?;
                    self.state.store().finish(self.kind, now());
                    self.progress.listed();
                    return Ok(version);
                }
            }
        }
        Err(WatchError::Garbage("list that ends"))
    }

    fn page<T: Object>(&self, body: BodyReader<'static>) -> Result<ListMetadata, WatchError> {
        let mut reader = serde_json::Deserializer::from_reader(BufReader::new(body));
        let list = List::new(|object: T| self.put(&object));
        list.deserialize(&mut reader).map_err(|error| match error.classify() {
            serde_json::error::Category::Io | serde_json::error::Category::Eof => {
                WatchError::Line(LineError::Cut)
            }
            _ => WatchError::Garbage("list"),
        })
    }

    /// Follows what happens after the version known.
    fn watch<T: Object>(&self, agent: &Agent, position: &mut Position) -> Result<(), WatchError> {
        let seconds = WATCH_SECONDS.saturating_add(random() % WATCH_SECONDS);
        let from = position.version.clone().unwrap_or_default();
        let query = format!(
            "watch=1&allowWatchBookmarks=true&timeoutSeconds={seconds}&resourceVersion={from}"
        );
        let time = Duration::from_secs(seconds).saturating_add(ANSWER_TIME);
        let body = self.get(agent, &mut position.token, &query, time)?;
        self.recovered(&mut position.failing);
        let mut lines = Lines::new(BufReader::new(body), LINE_OCTETS_MAX);
        loop {
            match lines.next() {
                Ok(Some(line)) => {
                    let event = serde_json::from_slice::<Event<T>>(line);
                    let event = event.map_err(|_| WatchError::Garbage("event"))?;
                    self.take(event, &mut position.version)?;
                }
                Ok(None) => return Ok(()),
                Err(error) => return Err(error.into()),
            }
        }
    }

    fn take<T: Object>(
        &self,
        event: Event<T>,
        known: &mut Option<String>,
    ) -> Result<(), WatchError> {
        let object = match event {
            Event::Added(object) | Event::Modified(object) => {
                self.put(&object);
                object
            }
            Event::Deleted(object) => {
                self.state.store().remove(self.kind, &object, now());
                object
            }
            Event::Bookmark(object) => object,
            Event::Error(status) if status.code == StatusCode::GONE.as_u16() => {
                return Err(WatchError::Expired);
            }
            Event::Error(status) => return Err(WatchError::Event(status.code)),
        };
        let version = version(&object.metadata().resource_version);
        *known = Some(version.ok_or(WatchError::Garbage("event"))?);
        self.progress.event();
        Ok(())
    }

    fn put<T: Object>(&self, object: &T) {
        if object.is_sound() {
            self.state.store().put(self.kind, object, now());
        } else {
            self.progress.garbage();
        }
    }

    fn get(
        &self,
        agent: &Agent,
        token: &mut Token,
        query: &str,
        time: Duration,
    ) -> Result<BodyReader<'static>, WatchError> {
        let Self { access, path, selector, .. } = self;
        let request = agent
            .get(format!("{}{path}?{query}{selector}", access.server))
            .header(AUTHORIZATION, token.header()?)
            .header("accept", "application/json")
            .config()
            .timeout_recv_body(Some(time))
            .build();
        let response = request.call()?;
        match response.status() {
            StatusCode::OK => {
                self.progress.contact();
                Ok(response.into_body().into_with_config().limit(PAGE_OCTETS_MAX).reader())
            }
            StatusCode::GONE => Err(WatchError::Expired),
            status => Err(WatchError::Status { status, retry_after: retry_after(&response) }),
        }
    }

    /// Says once that something is wrong.
    fn failed(&self, error: &WatchError, failing: &mut bool) {
        // That versions grow old is in the nature of things.
        if !matches!(error, WatchError::Expired) {
            self.progress.error();
            if !std::mem::replace(failing, true) {
                tracing::warn!(path = self.path, %error, "cannot watch Kubernetes: the names known stay in use");
            }
        }
    }

    fn recovered(&self, failing: &mut bool) {
        if std::mem::take(failing) {
            tracing::info!(path = self.path, "watching Kubernetes again");
        }
    }
}

impl WatchError {
    fn retry_after(&self) -> Duration {
        match self {
            Self::Status { retry_after, .. } => retry_after.unwrap_or_default(),
            _ => Duration::ZERO,
        }
    }
}

fn retry_after(response: &Response<Body>) -> Option<Duration> {
    let seconds = response.headers().get(RETRY_AFTER)?.to_str().ok()?.parse().ok()?;
    Some(Duration::from_secs(seconds))
}

/// A version that can stand in a query. Versions are opaque, but never more than letters and digits.
fn version(text: &str) -> Option<String> {
    let fits =
        !text.is_empty() && text.len() <= 64 && text.bytes().all(|o| o.is_ascii_alphanumeric());
    fits.then(|| text.to_owned())
}

/// A token for the next page, as a query holds it (RFC 3986 §2.1).
fn escaped(text: &str) -> String {
    let plain = |octet: u8| octet.is_ascii_alphanumeric() || b"-._~".contains(&octet);
    text.bytes().fold(String::new(), |mut out, octet| {
        if plain(octet) {
            out.push(char::from(octet));
        } else {
            out.push_str(&format!("%{octet:02X}"));
        }
        out
    })
}

#[allow(clippy::disallowed_methods, reason = "how long a connection lasts is not traffic time")]
fn begin() -> Instant {
    Instant::now()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_server_says_cannot_change_the_next_request() {
        assert_eq!(escaped("a=b&c/é"), "a%3Db%26c%2F%C3%A9");
        assert_eq!(version("102"), Some("102".to_owned()));
        for bad in ["", "1&watch=0", "1 2", &"9".repeat(65)] {
            assert_eq!(version(bad), None);
        }
    }
}
