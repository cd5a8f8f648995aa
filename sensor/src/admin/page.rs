//! `/status` for people: the JSON object as a page. No script, nothing loaded, refreshed every 10 seconds.

use std::fmt::Write as _;
use std::sync::LazyLock;

use data_encoding::BASE64;
use serde_json::Value as Json;

const STYLE: &str = include_str!("page.css");

/// What people ask first, and where it stands in the status.
const SUMMARY: [(&str, &str); 10] = [
    ("phase", "/phase"),
    ("started", "/started"),
    ("uptime_seconds", "/uptime_seconds"),
    ("packets received", "/accounting/received"),
    ("connections", "/connections"),
    ("records", "/records"),
    ("ladder_rung", "/ladder_rung"),
    ("memory_bytes", "/memory/resident_bytes"),
    ("version", "/sensor/version"),
    ("config_id", "/sensor/config_id"),
];
/// Columns that stand first, in their order.
const LEAD: [&str; 8] =
    ["interface", "sink", "up", "accepting", "error", "last_error", "received", "delivered"];
/// What is wrong when it is `no`.
const MUST_BE: [&str; 3] = ["up", "accepting", "writable"];

/// What a content security policy names the page's style by (CSP level 3, §2.3.1).
pub(super) fn style_hash() -> &'static str {
    static HASH: LazyLock<String> = LazyLock::new(|| {
        let digest = ring::digest::digest(&ring::digest::SHA256, STYLE.as_bytes());
        format!("sha256-{}", BASE64.encode(digest.as_ref()))
    });
    &HASH
}

/// The page of a status.
pub(super) fn of(status: &Json) -> String {
    let mut page = Page(String::with_capacity(32 << 10));
    page.head(status);
    page.advice(status);
    page.summary(status);
    page.table("Interfaces", at(status, "/interfaces"));
    page.table("Sinks", at(status, "/sinks"));
    page.list("Accounting", at(status, "/accounting"));
    page.list("Privileges", at(status, "/privileges"));
    page.list("Reloads", at(status, "/reloads"));
    page.raw("<h2>All numbers</h2>\n");
    for (section, metrics) in at(status, "/metrics").as_object().into_iter().flatten() {
        page.raw("<details><summary>");
        page.text(section);
        page.raw("</summary>");
        page.tree(metrics);
        page.raw("</details>\n");
    }
    page.raw("<footer><a href=\"/status?format=json\">JSON</a> <a href=\"/metrics\">metrics</a></footer>\n</body></html>\n");
    page.0
}

/// What stands at a JSON pointer (RFC 6901); null, if nothing does.
fn at<'a>(value: &'a Json, place: &str) -> &'a Json {
    value.pointer(place).unwrap_or(&Json::Null)
}

struct Page(String);

impl Page {
    fn raw(&mut self, html: &str) {
        self.0.push_str(html);
    }

    /// Text, whatever is in it.
    fn text(&mut self, text: &str) {
        for c in text.chars() {
            match c {
                '&' => self.raw("&amp;"),
                '<' => self.raw("&lt;"),
                '>' => self.raw("&gt;"),
                '"' => self.raw("&quot;"),
                '\'' => self.raw("&#39;"),
                c => self.0.push(c),
            }
        }
    }

    fn head(&mut self, status: &Json) {
        let name = at(status, "/sensor/id").as_str().unwrap_or_default();
        let state = at(status, "/not_ready").as_str().unwrap_or("ready");
        self.raw("<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n");
        self.raw("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n");
        self.raw("<meta http-equiv=\"refresh\" content=\"10\">\n<title>");
        self.text(&format!("apitap {name}: {state}"));
        self.raw("</title>\n<style>");
        self.raw(STYLE);
        self.raw("</style></head><body>\n<h1>apitap ");
        self.text(name);
        let class = if at(status, "/ready") == &Json::Bool(true) { "good" } else { "bad" };
        let _infallible = write!(self.0, " <span class=\"{class}\">");
        self.text(state);
        self.raw("</span></h1>\n");
    }

    fn advice(&mut self, status: &Json) {
        for advice in at(status, "/advice").as_array().into_iter().flatten() {
            self.raw("<p class=\"advice\">");
            self.text(at(advice, "/advice").as_str().unwrap_or_default());
            self.raw("</p>\n");
        }
    }

    fn summary(&mut self, status: &Json) {
        self.raw("<dl>");
        for (name, place) in SUMMARY {
            self.term(name, at(status, place));
        }
        self.raw("</dl>\n");
    }

    fn term(&mut self, name: &str, value: &Json) {
        self.raw("<dt>");
        self.text(&words(name));
        self.raw("</dt><dd>");
        self.field(name, value);
        self.raw("</dd>");
    }

    /// A value under its name; some must not be `no`.
    fn field(&mut self, name: &str, value: &Json) {
        if *value == Json::Bool(false) && MUST_BE.contains(&name) {
            self.raw("<span class=\"no\">no</span>");
        } else {
            self.tree(value);
        }
    }

    fn list(&mut self, title: &str, object: &Json) {
        self.raw("<h2>");
        self.text(title);
        self.raw("</h2>");
        self.tree(object);
    }

    /// An object as terms and their values, nested.
    fn tree(&mut self, value: &Json) {
        let Some(object) = value.as_object() else { return self.value(value) };
        self.raw("<dl>");
        for (key, value) in object {
            self.term(key, value);
        }
        self.raw("</dl>\n");
    }

    /// Objects alike as rows; an object inside one is shown as a tree.
    fn table(&mut self, title: &str, rows: &Json) {
        let rows: Vec<_> =
            rows.as_array().into_iter().flatten().filter_map(Json::as_object).collect();
        self.raw("<h2>");
        self.text(title);
        self.raw("</h2>");
        let Some(first) = rows.first() else { return self.raw("<p>none</p>\n") };
        let mut columns: Vec<&String> = first.keys().collect();
        columns.sort_by_key(|key| {
            let lead = LEAD.iter().position(|lead| lead == key).unwrap_or(LEAD.len());
            (lead, first.get(*key).is_some_and(Json::is_object))
        });
        self.raw("<div class=\"wide\"><table><tr>");
        for key in &columns {
            self.raw("<th>");
            self.text(&words(key));
            self.raw("</th>");
        }
        self.raw("</tr>\n");
        for row in rows {
            self.raw("<tr>");
            for key in &columns {
                self.raw("<td data-name=\"");
                self.text(&words(key));
                self.raw("\">");
                self.field(key, row.get(*key).unwrap_or(&Json::Null));
                self.raw("</td>");
            }
            self.raw("</tr>\n");
        }
        self.raw("</table></div>\n");
    }

    fn value(&mut self, value: &Json) {
        match value {
            Json::Null => self.raw("–"),
            Json::Bool(yes) => self.raw(if *yes { "yes" } else { "no" }),
            Json::Number(number) => self.text(&grouped(&number.to_string())),
            Json::String(text) => self.text(text),
            Json::Array(list) => {
                let names: Vec<_> = list.iter().filter_map(Json::as_str).collect();
                self.text(if names.is_empty() { "none" } else { "" });
                self.text(&names.join(", "));
            }
            Json::Object(_) => {}
        }
    }
}

/// `received_bytes`: received bytes.
fn words(key: &str) -> String {
    key.replace('_', " ")
}

/// A number with its digits in groups of three: 1 234 567, with narrow spaces.
fn grouped(number: &str) -> String {
    let (sign, digits) = number.strip_prefix('-').map_or(("", number), |digits| ("-", digits));
    let (whole, rest) =
        digits.split_once('.').map_or((digits, None), |(whole, rest)| (whole, Some(rest)));
    let mut out = String::from(sign);
    for (index, digit) in whole.chars().enumerate() {
        if index > 0 && whole.len().saturating_sub(index).is_multiple_of(3) {
            out.push('\u{202f}');
        }
        out.push(digit);
    }
    if let Some(rest) = rest {
        out.push('.');
        out.extend(rest.chars().take(3));
    }
    out
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn text_is_escaped_wherever_it_stands() {
        let evil = "<script>\"&'";
        let status = json!({
            "sensor": { "id": evil },
            "advice": [{ "advice": evil }],
            "interfaces": [{ "interface": evil }],
            "privileges": { "capabilities": [evil] },
            "metrics": { evil: { evil: 1 } },
        });
        let page = of(&status);
        assert!(!page.contains("<script"), "{page}");
        assert_eq!(page.matches("&lt;script&gt;&quot;&amp;&#39;").count(), 7, "{page}");
    }

    #[test]
    fn numbers_are_grouped() {
        let plain = |number| grouped(number).replace('\u{202f}', " ");
        assert_eq!(plain("1"), "1");
        assert_eq!(plain("-1234567"), "-1 234 567");
        assert_eq!(plain("123"), "123");
        assert_eq!(plain("1234.56789"), "1 234.567");
    }
}
