//! A visitor for tests.

use apitap_proto::v1::ValueType;

use super::Visit;

/// Writes down what it is told.
#[derive(Default)]
pub(crate) struct Log {
    pub(crate) path: Vec<String>,
    pub(crate) seen: Vec<String>,
    pub(crate) depth_low: bool,
}

impl Visit for Log {
    fn enter(&mut self, key: &[u8]) {
        self.path.push(format!(".{}", String::from_utf8_lossy(key)));
    }
    fn item(&mut self) {
        self.path.push("[]".into());
    }
    fn leave(&mut self) {
        self.depth_low |= self.path.pop().is_none();
    }
    fn leaf(&mut self, kind: ValueType, text: &[u8]) {
        self.seen.push(format!(
            "${} {:?} {}",
            self.path.concat(),
            kind,
            String::from_utf8_lossy(text)
        ));
    }
    fn cut(&mut self, kind: ValueType) {
        self.seen.push(format!("${} {:?} …", self.path.concat(), kind));
    }
}

/// What `read` tells of a text.
pub(crate) fn told<T>(read: impl FnOnce(&mut Log) -> T) -> (Vec<String>, T) {
    let mut log = Log::default();
    let end = read(&mut log);
    assert!(log.path.is_empty() && !log.depth_low, "unbalanced");
    (log.seen, end)
}
