//! Responses: one, and the connection closes.

use std::io::{self, Write};

use super::request::Refusal;

/// A media type of a body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Media {
    Text,
    Html,
    Json,
    OpenMetrics,
}

impl Media {
    const fn name(self) -> &'static str {
        match self {
            Self::Text => "text/plain; charset=utf-8",
            Self::Html => "text/html; charset=utf-8",
            Self::Json => "application/json",
            Self::OpenMetrics => "application/openmetrics-text; version=1.0.0; charset=utf-8",
        }
    }
}

/// An answer.
pub(super) struct Response {
    pub(super) status: Status,
    pub(super) media: Media,
    pub(super) body: String,
    /// What a page may load: nothing but its own style.
    pub(super) policy: String,
}

macro_rules! statuses {
    ($($name:ident = $code:literal $reason:literal,)+) => {
        /// A status that is answered with.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(super) enum Status {
            $(#[doc = $reason] $name,)+
        }

        impl Status {
            /// Every status.
            pub(super) const ALL: &'static [Self] = &[$(Self::$name),+];

            /// Its number, as text.
            pub(super) const fn code(self) -> &'static str {
                match self {
                    $(Self::$name => $code,)+
                }
            }

            const fn reason(self) -> &'static str {
                match self {
                    $(Self::$name => $reason,)+
                }
            }
        }
    };
}

statuses! {
    Ok = "200" "OK",
    BadRequest = "400" "Bad Request",
    Unauthorized = "401" "Unauthorized",
    NotFound = "404" "Not Found",
    MethodNotAllowed = "405" "Method Not Allowed",
    Timeout = "408" "Request Timeout",
    Misdirected = "421" "Misdirected Request",
    HeadTooLarge = "431" "Request Header Fields Too Large",
    Unavailable = "503" "Service Unavailable",
}

impl Response {
    /// One line of text.
    pub(super) fn line(status: Status, line: &str) -> Self {
        Self::new(status, Media::Text, format!("{line}\n"))
    }

    pub(super) const fn new(status: Status, media: Media, body: String) -> Self {
        Self { status, media, body, policy: String::new() }
    }

    /// The answer to what is no request; none to a client that is gone.
    pub(super) fn refusal(refusal: Refusal) -> Option<Self> {
        let (status, line) = match refusal {
            Refusal::Gone => return None,
            Refusal::Slow => (Status::Timeout, "the request took too long"),
            Refusal::Large => (Status::HeadTooLarge, "the request's head is too large"),
            Refusal::Malformed => (Status::BadRequest, "this is no HTTP/1.1 request"),
            Refusal::Method => (Status::MethodNotAllowed, "only GET and HEAD are answered"),
        };
        Some(Self::line(status, line))
    }

    /// Writes the answer, without its body to a HEAD request.
    pub(super) fn write(&self, out: &mut impl Write, head_only: bool) -> io::Result<()> {
        let extra = match self.status {
            Status::MethodNotAllowed => "Allow: GET, HEAD\r\n",
            Status::Unauthorized => {
                "WWW-Authenticate: Bearer realm=\"apitap\"\r\nWWW-Authenticate: Basic realm=\"apitap\"\r\n"
            }
            _ => "",
        };
        let mut bytes = format!(
            "HTTP/1.1 {} {}\r\nContent-Type: {}\r\nContent-Length: {}\r\nConnection: close\r\nCache-Control: no-store\r\n\
             X-Content-Type-Options: nosniff\r\nX-Frame-Options: DENY\r\nReferrer-Policy: no-referrer\r\n\
             Content-Security-Policy: default-src 'none'; {}base-uri 'none'; form-action 'none'; frame-ancestors 'none'\r\n{extra}\r\n",
            self.status.code(),
            self.status.reason(),
            self.media.name(),
            self.body.len(),
            self.policy,
        )
        .into_bytes();
        if !head_only {
            bytes.extend_from_slice(self.body.as_bytes());
        }
        out.write_all(&bytes)?;
        out.flush()
    }
}
