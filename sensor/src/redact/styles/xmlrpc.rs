//! XML-RPC: the method a call names, and the fault it is answered with, which comes with status 200.
//!
//! Source: <http://xmlrpc.com/spec.md>.

use apitap_proto::v1::ValueType;

use crate::call::Message;
use crate::redact::body::fields::Hints;
use crate::redact::body::{Visit, xml};
use crate::redact::{schema, wire};

/// Elements that are looked at, in depth.
const DEPTH_MAX: usize = 8;
/// Digits of a fault's code.
const CODE_MAX: usize = 11;

/// What a call is as XML-RPC. All of it may leave.
#[derive(Default)]
pub(crate) struct Facts {
    method: String,
    fault: bool,
    code: String,
}

/// What a request asks for.
pub(super) fn asked(hints: &Hints) -> Facts {
    Facts { method: hints.method.clone().unwrap_or_default(), ..Facts::default() }
}

impl Facts {
    /// Adds what a response says.
    pub(super) fn answered(&mut self, message: &Message) {
        let mut answer = Answer::default();
        let _end = xml::read(message.body(), true, &mut answer);
        (self.fault, self.code) = (answer.fault, answer.code);
    }

    /// "shop.count".
    pub(super) fn operation(&self) -> String {
        self.method.clone()
    }

    /// Writes the message `Soap`, which has what there is to tell.
    pub(super) fn write(&self, out: &mut Vec<u8>) {
        use schema::soap as field;
        let soap = wire::open(out, schema::record::SOAP);
        wire::text(out, field::VERSION, "xml-rpc");
        wire::text(out, field::OPERATION, &self.method);
        wire::flag(out, field::FAULT, self.fault);
        wire::text(out, field::FAULT_CODE, &self.code);
        wire::close(out, soap);
    }
}

/// Looks for `<methodResponse><fault>` and the value of its member `faultCode`.
#[derive(Default)]
struct Answer {
    depth: usize,
    root: bool,
    fault: bool,
    /// Whether the value that comes is the code.
    next: bool,
    code: String,
}

impl Visit for Answer {
    fn enter(&mut self, key: &[u8]) {
        self.depth = self.depth.saturating_add(1);
        match self.depth {
            1 => self.root = key == b"methodResponse",
            2 => self.fault |= self.root && key == b"fault",
            _ => {}
        }
    }

    fn item(&mut self) {}

    fn leave(&mut self) {
        self.depth = self.depth.saturating_sub(1);
    }

    fn leaf(&mut self, _kind: ValueType, text: &[u8]) {
        if !self.fault || self.depth > DEPTH_MAX {
            return;
        }
        let text = text.trim_ascii();
        let digits = text.strip_prefix(b"-").unwrap_or(text);
        let number = !digits.is_empty() && digits.iter().all(u8::is_ascii_digit);
        if std::mem::take(&mut self.next) && number && text.len() <= CODE_MAX {
            self.code = String::from_utf8_lossy(text).into_owned();
        }
        self.next = text == b"faultCode";
    }

    fn cut(&mut self, _kind: ValueType) {}
}
