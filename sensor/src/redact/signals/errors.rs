//! What servers let slip when they fail: stack traces, errors of databases, debug pages of frameworks.
//!
//! Needles are what the programs themselves write; all of a failure is looked at, of other answers only the beginning.

use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, packed};

use super::list::{self, Id};
use super::{Signals, at};
use crate::call::Message;

/// Octets looked at of an answer that is a failure.
const FAILURE_MAX: usize = 64 * 1024;
/// Octets looked at of any other.
const OTHER_MAX: usize = 2048;
/// Occurrences looked at in one body.
const HITS_MAX: usize = 32;

type Confirm = fn(&[u8]) -> bool;

const NEEDLES: &[(&str, Id, &str, Confirm)] = &[
    (".java:", list::ERROR_STACK, "java", digit),
    ("Exception in thread \"", list::ERROR_STACK, "java", always),
    ("at java.base/", list::ERROR_STACK, "java", always),
    ("at org.springframework.", list::ERROR_STACK, "java", always),
    ("java.lang.NullPointerException", list::ERROR_STACK, "java", always),
    (".kt:", list::ERROR_STACK, "java", digit),
    ("Traceback (most recent call last)", list::ERROR_STACK, "python", always),
    (".py\\\", line ", list::ERROR_STACK, "python", digit),
    (".py\", line ", list::ERROR_STACK, "python", digit),
    ("Fatal error: Uncaught ", list::ERROR_STACK, "php", always),
    (".php on line ", list::ERROR_STACK, "php", digit),
    (".php:", list::ERROR_STACK, "php", digit),
    (".php(", list::ERROR_STACK, "php", digit),
    ("   at System.", list::ERROR_STACK, "dotnet", always),
    ("   at Microsoft.", list::ERROR_STACK, "dotnet", always),
    ("System.NullReferenceException", list::ERROR_STACK, "dotnet", always),
    (".cs:line ", list::ERROR_STACK, "dotnet", digit),
    ("at Object.<anonymous>", list::ERROR_STACK, "node", always),
    ("(node:internal/", list::ERROR_STACK, "node", always),
    ("/node_modules/", list::ERROR_STACK, "node", always),
    (".js:", list::ERROR_STACK, "node", |behind| digit(behind) && column(behind)),
    ("goroutine ", list::ERROR_STACK, "go", |behind| digit(behind) && near(behind, b" [")),
    ("panic: runtime error", list::ERROR_STACK, "go", always),
    (".rb:", list::ERROR_STACK, "ruby", |behind| digit(behind) && near(behind, b":in ")),
    ("ActionController::", list::ERROR_STACK, "ruby", always),
    ("panicked at ", list::ERROR_STACK, "rust", always),
    ("You have an error in your SQL syntax", list::ERROR_SQL, "mysql", always),
    ("com.mysql.", list::ERROR_SQL, "mysql", always),
    ("mysqli_", list::ERROR_SQL, "mysql", always),
    ("pymysql.err.", list::ERROR_SQL, "mysql", always),
    ("syntax error at or near ", list::ERROR_SQL, "postgresql", always),
    ("unterminated quoted string at or near", list::ERROR_SQL, "postgresql", always),
    ("psycopg2.", list::ERROR_SQL, "postgresql", always),
    ("org.postgresql.util.PSQLException", list::ERROR_SQL, "postgresql", always),
    ("PG::", list::ERROR_SQL, "postgresql", |behind| {
        behind.first().is_some_and(u8::is_ascii_uppercase)
    }),
    ("sqlite3.OperationalError", list::ERROR_SQL, "sqlite", always),
    ("SQLITE_ERROR", list::ERROR_SQL, "sqlite", always),
    ("\": syntax error", list::ERROR_SQL, "sqlite", always),
    ("unrecognized token: ", list::ERROR_SQL, "sqlite", always),
    ("Unclosed quotation mark after the character string", list::ERROR_SQL, "mssql", always),
    ("System.Data.SqlClient.SqlException", list::ERROR_SQL, "mssql", always),
    ("[SQL Server]", list::ERROR_SQL, "mssql", always),
    ("ORA-", list::ERROR_SQL, "oracle", |behind| {
        behind.get(..5).is_some_and(|code| code.iter().all(u8::is_ascii_digit))
    }),
    ("SQLCODE=-", list::ERROR_SQL, "db2", digit),
    ("SQLSTATE[", list::ERROR_SQL, "any", always),
    ("SequelizeDatabaseError", list::ERROR_SQL, "any", always),
    ("sqlalchemy.exc.", list::ERROR_SQL, "any", always),
    ("org.hibernate.exception", list::ERROR_SQL, "any", always),
    ("MongoServerError", list::ERROR_SQL, "mongodb", always),
    ("MongoError", list::ERROR_SQL, "mongodb", always),
    ("Werkzeug Debugger", list::ERROR_DEBUG, "werkzeug", always),
    ("<code>DEBUG = True", list::ERROR_DEBUG, "django", always),
    ("Whitelabel Error Page", list::ERROR_DEBUG, "spring", always),
    ("Whoops! There was an error", list::ERROR_DEBUG, "laravel", always),
    ("Action Controller: Exception caught", list::ERROR_DEBUG, "rails", always),
    ("<title>phpinfo()", list::ERROR_DEBUG, "phpinfo", always),
    ("Server Error in '/' Application", list::ERROR_DEBUG, "aspnet", always),
    ("<!-- Symfony", list::ERROR_DEBUG, "symfony", always),
];

static FIND: LazyLock<Option<AhoCorasick>> =
    LazyLock::new(|| AhoCorasick::new(NEEDLES.iter().map(|(needle, ..)| needle)).ok());

/// Of every needle four octets, each of one or several: as few, and as unlike to what answers are made of in the lower and
/// upper halves of their octets, as could be found. In this order the search for them meets least that only looks like them.
const PIECES: &[&str] = &[
    "\", l", "<ano", ".cs:", "CODE", "fo()", "k (m", "goro", "epti", "PG::", "Werk", "rror",
    "QL S", "hemy", "ITE_", "ode:", "nick", "roll", ".rb:", ".kt:", "UG =", "les/", "   a", "java",
    "Symf", "copg", "gniz", ".php", "QLST", "ed q", "ORA-", "mysq", "gfra", ".js:",
];

/// Finds whether any piece of a needle is there at all, thirty-two octets a step: as a rule none is.
static PIECE: LazyLock<Option<packed::Searcher>> = LazyLock::new(|| {
    let mut config = packed::Config::new();
    // The kind that takes large steps, for as many as this.
    let _config = config.only_teddy(true).only_teddy_fat(Some(false));
    config.builder().extend(PIECES).build()
});

/// The same of whole needles, sixteen octets a step.
static ANY: LazyLock<Option<packed::Searcher>> =
    LazyLock::new(|| packed::Searcher::new(NEEDLES.iter().map(|(needle, ..)| needle)));

/// Looks through the body of a response.
pub(super) fn judge(signals: &mut Signals, response: &Message) {
    let max = if response.facts.status >= 400 { FAILURE_MAX } else { OTHER_MAX };
    let body = response.body().get(..max).unwrap_or(response.body());
    let none = |any: &packed::Searcher| any.find(body).is_none();
    if body.is_empty()
        || PIECE.as_ref().is_some_and(none)
        || ANY.as_ref().is_some_and(none)
        || !texts(response)
    {
        return;
    }
    let Some(find) = &*FIND else { return };
    for hit in find.find_iter(body).take(HITS_MAX) {
        let Some((_, id, kind, confirm)) = NEEDLES.get(hit.pattern().as_usize()) else { continue };
        if confirm(body.get(hit.end()..).unwrap_or_default()) {
            signals.raise_as(*id, id.kind().severity, kind, at("response.body"));
        }
    }
}

/// Whether people could read the body: scripts and styles name files and lines without a failure.
fn texts(response: &Message) -> bool {
    let media = response.field("content-type").unwrap_or_default();
    let media = media.get(..48).unwrap_or(media).to_ascii_lowercase();
    let unfit: [&[u8]; 8] = [
        b"image/",
        b"video/",
        b"audio/",
        b"font/",
        b"javascript",
        b"text/css",
        b"octet-stream",
        b"grpc",
    ];
    !unfit.iter().any(|part| super::has(&media, part))
}

const fn always(_: &[u8]) -> bool {
    true
}

fn digit(behind: &[u8]) -> bool {
    behind.first().is_some_and(u8::is_ascii_digit)
}

/// `12:34`: line and column.
fn column(behind: &[u8]) -> bool {
    let rest = behind.iter().skip_while(|b| b.is_ascii_digit());
    rest.take(2).map(u8::is_ascii_digit).eq([false, true]) && near(behind, b":")
}

fn near(behind: &[u8], part: &[u8]) -> bool {
    super::has(behind.get(..24).unwrap_or(behind), part)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::redact::fuzz::message;

    fn found(status: u16, media: &str, body: &str) -> Vec<(&'static str, &'static str)> {
        let mut signals = Signals::default();
        let fields = [(b"content-type".as_slice(), media.as_bytes())];
        judge(&mut signals, &message(b"", b"", &fields, body.as_bytes(), status));
        signals.hits.iter().map(|hit| (hit.id.kind().id, hit.kind)).collect()
    }

    #[test]
    fn failures_are_told_by_who_failed() {
        for (body, id, kind) in [
            (
                "java.lang.X\\n\\tat com.shop.Orders.find(Orders.java:42)",
                "error.stack_trace",
                "java",
            ),
            ("Traceback (most recent call last):\\n  File", "error.stack_trace", "python"),
            ("<b>Warning</b>: x in /var/www/a.php on line 12", "error.stack_trace", "php"),
            ("   at System.Web.Page.Load()", "error.stack_trace", "dotnet"),
            ("TypeError: x\\n    at get (/app/orders.js:10:15)", "error.stack_trace", "node"),
            ("goroutine 17 [running]:\\nmain.main()", "error.stack_trace", "go"),
            ("/app/orders.rb:12:in `find'", "error.stack_trace", "ruby"),
            ("You have an error in your SQL syntax; check", "error.database", "mysql"),
            ("ERROR: syntax error at or near \\\"x\\\"", "error.database", "postgresql"),
            ("sqlite3.OperationalError: near", "error.database", "sqlite"),
            ("Unclosed quotation mark after the character string 'a'", "error.database", "mssql"),
            ("ORA-00933: SQL command not properly ended", "error.database", "oracle"),
            (
                "<title>OperationalError // Werkzeug Debugger</title>",
                "error.debug_page",
                "werkzeug",
            ),
        ] {
            let all = found(500, "application/json", body);
            assert!(all.contains(&(id, kind)), "{body}: {all:?}");
        }
    }

    #[test]
    fn every_needle_has_a_piece() {
        for (needle, ..) in NEEDLES {
            assert!(PIECES.iter().any(|piece| needle.contains(piece)), "{needle}");
        }
    }

    #[test]
    fn every_needle_is_found_anywhere() {
        for (needle, id, kind, _) in NEEDLES {
            for at in [0, 1, 15, 31, 32, 33, 100] {
                let behind = ["12:34: [:in -", "12345", "Unique"].map(|behind| {
                    let body = format!("{}{needle}{behind}", "{\"a\":1}".repeat(20));
                    found(500, "application/json", body.get(at..).unwrap())
                });
                let id = id.kind().id;
                assert!(behind.iter().flatten().any(|one| *one == (id, *kind)), "{needle} {at}");
            }
        }
    }

    #[test]
    fn ordinary_answers_are_not() {
        for body in [
            "{\"message\":\"internal error\",\"id\":\"ORA-12\"}",
            "{\"file\":\"main.java:\"}",
            "{\"script\":\"app.js:latest\"}",
            "{\"note\":\"the goroutine 5 times\"}",
            "{\"text\":\"a traceback of recent calls\"}",
        ] {
            assert!(found(500, "application/json", body).is_empty(), "{body}");
        }
        assert!(found(200, "text/javascript", "/node_modules/x").is_empty());
        let far = format!("{}Traceback (most recent call last)", " ".repeat(4000));
        assert!(found(200, "text/plain", &far).is_empty());
        assert!(!found(500, "text/plain", &far).is_empty());
    }
}
