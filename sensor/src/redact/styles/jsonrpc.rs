//! JSON-RPC 2.0, 1.1 and 1.0 over HTTP, and the Model Context Protocol (MCP), which is made of it.
//!
//! Source: <https://www.jsonrpc.org/specification>, <https://modelcontextprotocol.io/specification/2025-06-18/basic/transports>.

use std::hash::BuildHasher as _;

use super::{LISTED_MAX, common, kept, slices};
use crate::call::Message;
use crate::redact::{schema, wire, words};

/// What a call is as JSON-RPC. All of it may leave, but `key` of its calls, which stays.
#[derive(Default)]
pub(crate) struct Facts {
    version: &'static str,
    calls: Vec<Call>,
    total: u32,
    batch: bool,
    notifications: u32,
    errors: u32,
    mcp: bool,
    mcp_version: String,
    server_messages: u32,
    hasher: foldhash::fast::RandomState,
}

/// One call.
#[derive(Default)]
struct Call {
    method: String,
    target: String,
    /// Hash of its id, to find the answer by.
    key: Option<u64>,
    notification: bool,
    error_code: Option<i32>,
    answered: bool,
    tool_error: bool,
    /// The answer of a client to a request of the server.
    answer: bool,
}

/// What a request asks for; `None` when it is no such request.
pub(super) fn asked(message: &Message) -> Option<Facts> {
    let mut facts = Facts::default();
    let session = message.field("mcp-session-id").is_some();
    let version = message.field("mcp-protocol-version");
    facts.mcp = session || version.is_some();
    facts.mcp_version = version.map(date).unwrap_or_default();
    let body = message.body().trim_ascii_start();
    facts.batch = body.starts_with(b"[");
    let single = (!facts.batch).then_some(body);
    for item in slices::items(body).chain(single) {
        facts.ask(item);
    }
    (!facts.version.is_empty()).then_some(facts)
}

/// A date as MCP names its versions by; empty when it is none.
fn date(text: &[u8]) -> String {
    let date = text.len() == 10 && words::date(text);
    if date { String::from_utf8_lossy(text).into_owned() } else { String::new() }
}

/// Members of a request that count.
#[derive(Default)]
struct Request<'a> {
    version: Option<&'a [u8]>,
    method: Option<&'a [u8]>,
    params: Option<&'a [u8]>,
    id: Option<&'a [u8]>,
    answer: bool,
    others: bool,
}

impl<'a> Request<'a> {
    fn of(item: &'a [u8]) -> Self {
        let mut request = Self::default();
        for (name, value) in slices::members(item) {
            match name {
                b"jsonrpc" | b"version" => request.version = Some(value),
                b"method" => request.method = Some(value),
                b"params" => request.params = Some(value),
                b"id" => request.id = Some(value),
                b"result" | b"error" => request.answer = true,
                _ => request.others = true,
            }
        }
        request
    }

    /// The version it says; 1.0 says none, and has nothing but method, params and id.
    fn version(&self) -> &'static str {
        match self.version {
            Some(b"\"2.0\"") => "2.0",
            Some(b"\"1.1\"") => "1.1",
            Some(b"\"1.0\"") => "1.0",
            None if !self.others
                && self.id.is_some()
                && self.method.is_some()
                && self.params.is_some_and(|params| params.starts_with(b"[")) =>
            {
                "1.0"
            }
            _ => "",
        }
    }
}

impl Facts {
    /// How many calls there are.
    pub(super) const fn total(&self) -> u32 {
        self.total
    }

    fn ask(&mut self, item: &[u8]) {
        let request = Request::of(item);
        let version = request.version();
        if version.is_empty() {
            return;
        }
        self.version = version;
        self.total = self.total.saturating_add(1);
        let method = request.method.and_then(slices::string);
        let method = method.as_ref().map_or(b"".as_slice(), |method| method.as_slice());
        // A 1.0 notification has the id `null`.
        let id = request.id.filter(|id| version == "2.0" || *id != b"null");
        let notification = id.is_none() && !method.is_empty();
        self.notifications = self.notifications.saturating_add(u32::from(notification));
        let param = |name: &[u8]| request.params.and_then(|params| slices::member(params, name));
        let own: [&[u8]; 5] =
            [b"tools/", b"resources/", b"prompts/", b"notifications/", b"completion/"];
        let told = method == b"initialize" && param(b"protocolVersion").is_some();
        self.mcp |= told || own.iter().any(|prefix| method.starts_with(prefix));
        if told && self.mcp_version.is_empty() {
            let version = param(b"protocolVersion").and_then(slices::string);
            self.mcp_version = version.map(|version| date(&version)).unwrap_or_default();
        }
        if self.calls.len() >= LISTED_MAX {
            return;
        }
        let named = matches!(method, b"tools/call" | b"prompts/get");
        let target = param(b"name").filter(|_| named).and_then(slices::string);
        self.calls.push(Call {
            method: kept(method),
            target: target.map(|name| kept(&name)).unwrap_or_default(),
            notification,
            key: id.map(|id| self.hasher.hash_one(id)),
            answer: request.answer && method.is_empty(),
            ..Call::default()
        });
    }

    /// Adds what a response says: one answer, several, or several as server-sent events.
    pub(super) fn answered(&mut self, message: &Message) {
        let body = message.body().trim_ascii_start();
        match body.first() {
            Some(b'[') => slices::items(body).for_each(|item| self.answer(item)),
            Some(b'{') => self.answer(body),
            _ => {
                for line in body.split(|&b| b == b'\n') {
                    let Some(data) = line.strip_prefix(b"data:") else { continue };
                    let data = data.trim_ascii();
                    if data.starts_with(b"[") {
                        slices::items(data).for_each(|item| self.answer(item));
                    } else {
                        self.answer(data);
                    }
                }
            }
        }
    }

    fn answer(&mut self, item: &[u8]) {
        let (mut id, mut error, mut result, mut method) = (None, None, None, false);
        for (name, value) in slices::members(item) {
            match name {
                b"id" => id = Some(value),
                b"error" if value != b"null" => error = Some(value),
                b"result" => result = Some(value),
                b"method" => method = true,
                _ => {}
            }
        }
        if method {
            self.server_messages = self.server_messages.saturating_add(1);
            return;
        }
        if error.is_none() && result.is_none() {
            return;
        }
        self.errors = self.errors.saturating_add(u32::from(error.is_some()));
        let key = id.filter(|id| *id != b"null").map(|id| self.hasher.hash_one(id));
        // An error before the id was read names none.
        let alone = key.is_none() && self.total == 1;
        let mut calls = self.calls.iter_mut();
        let call = calls.find(|call| alone || (key.is_some() && call.key == key));
        let Some(call) = call else { return };
        call.answered = true;
        let code = error.and_then(|error| slices::member(error, b"code"));
        call.error_code = code.and_then(|code| std::str::from_utf8(code).ok()?.parse().ok());
        let failed = result.and_then(|result| slices::member(result, b"isError"));
        call.tool_error = failed == Some(b"true");
    }

    /// "shop.find"; "tools/call get_weather".
    pub(super) fn operation(&self) -> String {
        let title = |call: &Call| match (call.method.as_str(), call.target.as_str()) {
            (method, "") => method.to_owned(),
            (method, target) => [method, target].join(" "),
        };
        let titles: Vec<String> = self.calls.iter().map(title).collect();
        let cut = usize::try_from(self.total).is_ok_and(|total| total > titles.len());
        common(titles.iter().map(String::as_str), cut)
    }

    /// Writes the message `JsonRpc`.
    pub(super) fn write(&self, out: &mut Vec<u8>) {
        use schema::jsonrpc as field;
        let jsonrpc = wire::open(out, schema::record::JSONRPC);
        wire::text(out, field::VERSION, self.version);
        for call in &self.calls {
            call.write(out);
        }
        wire::number(out, field::CALLS_TOTAL, self.total.into());
        wire::flag(out, field::BATCH, self.batch);
        wire::number(out, field::NOTIFICATIONS, self.notifications.into());
        wire::number(out, field::ERRORS, self.errors.into());
        wire::flag(out, field::MCP, self.mcp);
        wire::text(out, field::MCP_VERSION, &self.mcp_version);
        wire::number(out, field::SERVER_MESSAGES, self.server_messages.into());
        wire::close(out, jsonrpc);
    }
}

impl Call {
    fn write(&self, out: &mut Vec<u8>) {
        use schema::jsonrpc_call as field;
        let Self { method, target, key: _, notification, error_code, answered, tool_error, answer } =
            self;
        let call = wire::open(out, schema::jsonrpc::CALLS);
        wire::text(out, field::METHOD, method);
        wire::text(out, field::TARGET, target);
        wire::flag(out, field::NOTIFICATION, *notification);
        if let Some(code) = *error_code {
            // Zigzag, as `sint32` is written.
            let zigzag = (code << 1) ^ (code >> 31);
            wire::present(out, field::ERROR_CODE, u64::from(zigzag.cast_unsigned()));
        }
        wire::flag(out, field::ANSWERED, *answered);
        wire::flag(out, field::TOOL_ERROR, *tool_error);
        wire::flag(out, field::ANSWER, *answer);
        wire::close(out, call);
    }
}
