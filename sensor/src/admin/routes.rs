//! What is answered to which path.

use arc_swap::ArcSwap;

use super::config::Secrets;
use super::metrics;
use super::page;
use super::request::Request;
use super::response::{Media, Response, Status};
use super::server::Snapshots;
use super::status;
use super::tally::Tally;

/// Everything an answer is made of.
pub(super) struct Routes {
    snapshots: Snapshots,
    secrets: ArcSwap<Secrets>,
    /// Whether it listens on a TCP port, not on a Unix socket.
    tcp: bool,
    tally: Tally,
}

impl Routes {
    pub(super) fn new(snapshots: Snapshots, secrets: Secrets, tcp: bool) -> Self {
        let secrets = ArcSwap::from_pointee(secrets);
        Self { snapshots, secrets, tcp, tally: Tally::default() }
    }

    /// What keeps others out; can be replaced while running.
    pub(super) const fn secrets(&self) -> &ArcSwap<Secrets> {
        &self.secrets
    }

    pub(super) const fn tally(&self) -> &Tally {
        &self.tally
    }

    pub(super) fn answer(&self, request: &Request) -> Response {
        let secrets = self.secrets.load();
        // A browser can be made to send another site's name to a loopback port, and to read the answer.
        let names_checked = self.tcp && secrets.token.is_none() && secrets.tls.is_none();
        if names_checked && !request.host.as_deref().is_none_or(is_local) {
            return Response::line(
                Status::Misdirected,
                "this host goes by its IP address or localhost",
            );
        }
        match request.path.as_str() {
            // Probes carry no secrets, and are told none.
            "/healthz" => self.healthz(),
            "/readyz" => self.readyz(),
            "/metrics" | "/status" | "/" if !admits(&secrets, request) => {
                Response::line(Status::Unauthorized, "the token of [admin] token_file is asked for")
            }
            "/metrics" => self.metrics(),
            "/status" | "/" => self.status(request),
            _ => Response::line(
                Status::NotFound,
                "there are /status, /metrics, /healthz and /readyz",
            ),
        }
    }

    fn healthz(&self) -> Response {
        match self.snapshots.get() {
            Some(_) => Response::line(Status::Ok, "ok"),
            None => unanswered(),
        }
    }

    fn readyz(&self) -> Response {
        match self.snapshots.get().map(|snapshot| snapshot.not_ready()) {
            Some(None) => Response::line(Status::Ok, "ready"),
            Some(Some(reason)) => Response::line(Status::Unavailable, reason),
            None => unanswered(),
        }
    }

    fn metrics(&self) -> Response {
        let Some(snapshot) = self.snapshots.get() else { return unanswered() };
        match metrics::text(metrics::families(&snapshot, &self.tally)) {
            Ok(text) => Response::new(Status::Ok, Media::OpenMetrics, text),
            Err(_) => Response::line(Status::Unavailable, "the metrics cannot be written"),
        }
    }

    fn status(&self, request: &Request) -> Response {
        let Some(snapshot) = self.snapshots.get() else { return unanswered() };
        let status = status::of(&snapshot, &metrics::families(&snapshot, &self.tally));
        if request.html && request.query != "format=json" {
            let page = page::of(&status);
            let policy = format!("style-src '{}'; ", page::style_hash());
            return Response { policy, ..Response::new(Status::Ok, Media::Html, page) };
        }
        Response::new(Status::Ok, Media::Json, format!("{status:#}\n"))
    }
}

fn admits(secrets: &Secrets, request: &Request) -> bool {
    let given = request.authorization.as_deref().unwrap_or_default();
    secrets.token.as_ref().is_none_or(|token| token.admits(given))
}

fn unanswered() -> Response {
    Response::line(Status::Unavailable, "the sensor does not tell its state: it hangs, restart it")
}

/// Whether a `Host` is an IP address or `localhost`, with or without port.
fn is_local(host: &[u8]) -> bool {
    let Ok(host) = std::str::from_utf8(host) else { return false };
    let name = match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|octet| octet.is_ascii_digit()) => name,
        _ => host,
    };
    let address = name.strip_prefix('[').and_then(|name| name.strip_suffix(']')).unwrap_or(name);
    name.eq_ignore_ascii_case("localhost") || address.parse::<std::net::IpAddr>().is_ok()
}
