//! `apitap health`: whether the daemon here is alive, by exit code; for container health checks, where no shell or curl is.

use std::io::{self, Read, Write};
use std::net::{TcpStream, ToSocketAddrs};
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use super::CliError;

/// Waited for each step: connecting, sending, each piece of the answer.
const PATIENCE: Duration = Duration::from_secs(3);

/// Most of an answer that is read, in bytes.
const ANSWER_BYTES_MAX: u64 = 8192;

/// Arguments of `health`.
#[derive(clap::Args)]
pub struct Args {
    /// Where the daemon answers: http://HOST:PORT[/PATH] or unix:/SOCKET; `admin.listen` of its configuration
    #[arg(
        long,
        value_name = "URL",
        default_value = "http://127.0.0.1:9464/healthz",
        env = "APITAP_HEALTH_URL"
    )]
    url: Target,
}

/// A place to ask.
#[derive(Clone, PartialEq, Eq, Debug)]
enum Target {
    Tcp { authority: String, path: String },
    Unix { socket: PathBuf },
}

impl FromStr for Target {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        const FORMS: &str = "use http://HOST:PORT/PATH or unix:/SOCKET";
        if let Some(socket) = text.strip_prefix("unix:") {
            return if socket.starts_with('/') {
                Ok(Self::Unix { socket: socket.into() })
            } else {
                Err(FORMS)
            };
        }
        let rest = text.strip_prefix("http://").ok_or(FORMS)?;
        let (authority, path) = rest.split_once('/').unwrap_or((rest, "healthz"));
        // Nothing that could end the request line or a field.
        let plain = text.bytes().all(|byte| byte.is_ascii_graphic());
        let port = authority.rsplit_once(':').is_some_and(|(_, port)| port.parse::<u16>().is_ok());
        if !plain || !port {
            return Err(FORMS);
        }
        Ok(Self::Tcp { authority: authority.to_owned(), path: format!("/{path}") })
    }
}

/// Asks the daemon; quiet when it is well.
///
/// # Errors
///
/// When nothing answers, or the answer is that it is not well.
pub fn run(args: &Args) -> Result<(), CliError> {
    let answer = match &args.url {
        Target::Tcp { authority, path } => {
            connect(authority).and_then(|stream| ask(stream, authority, path))
        }
        Target::Unix { socket } => {
            local(socket).and_then(|stream| ask(stream, "localhost", "/healthz"))
        }
    };
    let answer = answer.map_err(|error| {
        CliError::failed(format_args!(
            "no answer from the daemon: {error}; is it running, and is --url its admin.listen?"
        ))
    })?;
    judge(&answer)
}

fn connect(authority: &str) -> io::Result<TcpStream> {
    let mut last = io::Error::new(io::ErrorKind::NotFound, "the host has no address");
    for address in authority.to_socket_addrs()? {
        match TcpStream::connect_timeout(&address, PATIENCE) {
            Ok(stream) => {
                stream.set_read_timeout(Some(PATIENCE))?;
                stream.set_write_timeout(Some(PATIENCE))?;
                return Ok(stream);
            }
            Err(error) => last = error,
        }
    }
    Err(last)
}

fn local(socket: &PathBuf) -> io::Result<UnixStream> {
    let stream = UnixStream::connect(socket)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    Ok(stream)
}

fn ask(mut stream: impl Read + Write, host: &str, path: &str) -> io::Result<Vec<u8>> {
    write!(stream, "GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n")?;
    let mut answer = Vec::new();
    stream.take(ANSWER_BYTES_MAX).read_to_end(&mut answer)?;
    Ok(answer)
}

/// Whether an HTTP answer says the daemon is well; if not, with its first line of text.
fn judge(answer: &[u8]) -> Result<(), CliError> {
    let text = String::from_utf8_lossy(answer);
    let (head, body) = text.split_once("\r\n\r\n").unwrap_or((&text, ""));
    let status = head.strip_prefix("HTTP/1.").and_then(|rest| rest.split(' ').nth(1));
    match status.and_then(|status| status.parse::<u16>().ok()) {
        Some(200..=299) => Ok(()),
        Some(status) => {
            let reason: String = body
                .lines()
                .next()
                .unwrap_or_default()
                .chars()
                .filter(|c| !c.is_control())
                .take(200)
                .collect();
            Err(CliError::failed(format_args!("the daemon is not well: {status} {reason}")))
        }
        None => Err(CliError::failed(
            "what answered is no HTTP server; is --url the daemon's admin.listen?",
        )),
    }
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;
    use std::os::unix::net::UnixListener;

    use super::*;

    fn parsed(text: &str) -> Option<Target> {
        text.parse().ok()
    }

    #[test]
    fn urls_are_read() {
        let tcp = |authority: &str, path: &str| Target::Tcp {
            authority: authority.into(),
            path: path.into(),
        };
        assert_eq!(
            parsed("http://127.0.0.1:9464/healthz"),
            Some(tcp("127.0.0.1:9464", "/healthz"))
        );
        assert_eq!(parsed("http://[::1]:80/readyz"), Some(tcp("[::1]:80", "/readyz")));
        assert_eq!(parsed("http://localhost:1"), Some(tcp("localhost:1", "/healthz")));
        let socket = Target::Unix { socket: "/run/apitap/admin.sock".into() };
        assert_eq!(parsed("unix:/run/apitap/admin.sock"), Some(socket));
        for wrong in [
            "",
            "https://a:1/",
            "http://a/",
            "a:1",
            "unix:a",
            "http://a:1/\r\nX: y",
            "http://a:99999/",
        ] {
            assert_eq!(parsed(wrong), None, "{wrong:?}");
        }
    }

    #[test]
    fn only_a_success_is_well() {
        assert!(judge(b"HTTP/1.1 200 OK\r\n\r\nok\n").is_ok());
        let said = |answer: &[u8]| judge(answer).unwrap_err().to_string();
        let unwell =
            said(b"HTTP/1.1 503 Service Unavailable\r\nA: b\r\n\r\nno interface is up\nmore");
        assert!(unwell.ends_with("503 no interface is up"), "{unwell}");
        for other in [&b""[..], b"HTTP/1.1", b"HTTP/1.1 abc\r\n", b"SSH-2.0-x\r\n", b"\xff\xfe"] {
            assert!(said(other).contains("no HTTP server"), "{other:?}");
        }
    }

    #[test]
    fn the_daemon_is_asked_over_tcp_and_a_local_socket() {
        let answer = b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nok\n";
        let serve = |mut stream: Box<dyn ReadWrite>| {
            let mut request = Vec::new();
            while !request.ends_with(b"\r\n\r\n") {
                let mut octet = [0];
                stream.read_exact(&mut octet).unwrap();
                request.extend(octet);
            }
            assert!(request.starts_with(b"GET /healthz HTTP/1.1\r\nHost: "));
            stream.write_all(answer).unwrap();
        };
        let directory = tempfile::tempdir().unwrap();
        let socket = directory.path().join("s");
        let tcp = TcpListener::bind("127.0.0.1:0").unwrap();
        let unix = UnixListener::bind(&socket).unwrap();
        let url = format!("http://{}", tcp.local_addr().unwrap());
        let server = std::thread::spawn(move || {
            serve(Box::new(tcp.accept().unwrap().0));
            serve(Box::new(unix.accept().unwrap().0));
        });
        for url in [url.clone(), format!("unix:{}", socket.display())] {
            run(&Args { url: url.parse().unwrap() }).unwrap();
        }
        server.join().unwrap();
        let gone = run(&Args { url: url.parse().unwrap() }).unwrap_err().to_string();
        assert!(gone.contains("is it running"), "{gone}");
    }

    trait ReadWrite: Read + Write {}
    impl<T: Read + Write> ReadWrite for T {}
}
