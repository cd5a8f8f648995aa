//! A Kubernetes API server for tests: lists and watches a few kinds of objects, and fails in every way asked for.
//!
//! It knows nothing of its client: it speaks HTTP/1.1 by itself, pages its lists, sends events as chunked lines,
//! and keeps a history of its own that can grow too old.

use std::collections::BTreeMap;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::thread;
use std::time::{Duration, Instant};

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};
use serde_json::{Value, json};

/// Where pods are.
pub const PODS: &str = "/api/v1/pods";
/// Where slices of end points are.
pub const SLICES: &str = "/apis/discovery.k8s.io/v1/endpointslices";
/// Where services are.
pub const SERVICES: &str = "/api/v1/services";
/// Where nodes are.
pub const NODES: &str = "/api/v1/nodes";

const KINDS: [(&str, &str); 4] =
    [(PODS, "pods"), (SLICES, "endpointslices"), (SERVICES, "services"), (NODES, "nodes")];

/// How requests are answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// As they should be.
    Well,
    /// With a status, and how long to wait, in seconds.
    Status(u16, u32),
    /// Not at all: connections are taken and nothing is said.
    Silent,
    /// Octet by octet, with a pause after each.
    Slow,
}

/// What running watches are told besides events.
#[derive(Debug, Clone)]
enum Order {
    /// Sends this, as it is.
    Send(String),
    /// Sends this and ends the watch.
    End(String),
    /// Sends half a line, and ends the connection.
    Cut,
}

/// A request that was answered.
#[derive(Debug, Clone)]
pub struct Request {
    /// Path without query.
    pub path: String,
    /// Query without its `?`.
    pub query: String,
    /// Status of the answer.
    pub status: u16,
}

struct World {
    version: u64,
    objects: BTreeMap<&'static str, BTreeMap<String, Value>>,
    /// Everything that happened: version, path, event.
    history: Vec<(u64, &'static str, Value)>,
    /// Versions up to this one are forgotten.
    forgotten: u64,
    token: String,
    mode: Mode,
    orders: Vec<Order>,
    requests: Vec<Request>,
    watches: usize,
    stopped: bool,
}

/// An API server on a loopback port, until dropped.
pub struct FakeApi {
    address: SocketAddr,
    tls: bool,
    shared: Arc<Shared>,
}

struct Shared {
    world: Mutex<World>,
    changed: Condvar,
}

impl Shared {
    fn world(&self) -> MutexGuard<'_, World> {
        self.world.lock().expect("no thread of the fake panics with the lock")
    }
}

impl FakeApi {
    /// A server with the objects of `fixtures/kubernetes`, in the clear.
    #[must_use]
    pub fn start() -> Self {
        Self::serve(None)
    }

    /// A server behind TLS, with `server.crt` and `server.key` of a folder.
    #[must_use]
    pub fn start_tls(folder: &Path) -> Self {
        let chain =
            CertificateDer::pem_file_iter(folder.join("server.crt")).expect("a certificate");
        let chain = chain.collect::<Result<_, _>>().expect("certificates");
        let key = PrivateKeyDer::from_pem_file(folder.join("server.key")).expect("a key");
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .expect("TLS 1.2 and 1.3")
            .with_no_client_auth()
            .with_single_cert(chain, key)
            .expect("a certificate and its key");
        Self::serve(Some(Arc::new(config)))
    }

    fn serve(tls: Option<Arc<ServerConfig>>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("an address");
        let mut objects = BTreeMap::new();
        for (path, name) in KINDS {
            objects.insert(path, fixture(name));
        }
        let world = World {
            version: 49_100,
            objects,
            history: Vec::new(),
            forgotten: 0,
            token: "first".to_owned(),
            mode: Mode::Well,
            orders: Vec::new(),
            requests: Vec::new(),
            watches: 0,
            stopped: false,
        };
        let shared = Arc::new(Shared { world: Mutex::new(world), changed: Condvar::new() });
        let encrypted = tls.is_some();
        let served = Arc::clone(&shared);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                if served.world().stopped {
                    return;
                }
                let (shared, tls) = (Arc::clone(&served), tls.clone());
                // A client that goes away is no error of the server.
                thread::spawn(move || drop(converse(&shared, stream, tls)));
            }
        });
        Self { address, tls: encrypted, shared }
    }

    /// `http://127.0.0.1:port`, or `https://` behind TLS.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http{}://{}", if self.tls { "s" } else { "" }, self.address)
    }

    /// Adds or changes an object.
    pub fn put(&self, path: &'static str, object: Value) {
        self.change(|world| {
            let kind = world.objects.entry(path).or_default();
            let known = kind.contains_key(&key(&object));
            world.happen(path, if known { "MODIFIED" } else { "ADDED" }, object);
        });
    }

    /// Deletes an object; it must be there.
    ///
    /// # Panics
    ///
    /// If it is not.
    pub fn delete(&self, path: &'static str, namespace: &str, name: &str) {
        self.change(|world| {
            let kind = world.objects.entry(path).or_default();
            let object = kind.remove(&format!("{namespace}/{name}")).expect("the object is there");
            world.happen(path, "DELETED", object);
        });
    }

    /// Sends a bookmark to all watches.
    pub fn bookmark(&self) {
        self.change(|world| {
            world.version += 1;
            let version = world.version.to_string();
            let bookmark =
                json!({"type": "BOOKMARK", "object": {"metadata": {"resourceVersion": version}}});
            world.orders.push(Order::Send(format!("{bookmark}\n")));
        });
    }

    /// Sends text to all watches, as it is.
    pub fn say(&self, text: &str) {
        self.change(|world| world.orders.push(Order::Send(text.to_owned())));
    }

    /// Ends all watches in the middle of a line.
    pub fn cut(&self) {
        self.change(|world| world.orders.push(Order::Cut));
    }

    /// Forgets what happened so far: watches from before get 410, and so do running ones.
    pub fn forget(&self) {
        self.change(|world| {
            world.version += 1;
            world.forgotten = world.version;
            let gone = json!({"type": "ERROR", "object": {"kind": "Status", "apiVersion": "v1", "metadata": {},
                "status": "Failure", "message": "too old resource version", "reason": "Expired", "code": 410}});
            world.orders.push(Order::End(format!("{gone}\n")));
        });
    }

    /// From now on only this token is let in.
    pub fn set_token(&self, token: &str) {
        self.change(|world| token.clone_into(&mut world.token));
    }

    /// Answers requests in another way from now on.
    pub fn set_mode(&self, mode: Mode) {
        self.change(|world| world.mode = mode);
    }

    /// An object of the fixture, to be changed.
    #[must_use]
    pub fn object(&self, path: &'static str, namespace: &str, name: &str) -> Value {
        self.shared.world().objects[path][&format!("{namespace}/{name}")].clone()
    }

    /// Requests answered so far.
    #[must_use]
    pub fn requests(&self) -> Vec<Request> {
        self.shared.world().requests.clone()
    }

    /// Waits until so many watches run; `false` if it takes too long.
    #[must_use]
    pub fn watched(&self, watches: usize) -> bool {
        let deadline = Instant::now() + Duration::from_secs(20);
        while Instant::now() < deadline {
            if self.shared.world().watches == watches {
                return true;
            }
            thread::sleep(Duration::from_millis(10));
        }
        false
    }

    fn change(&self, change: impl FnOnce(&mut World)) {
        change(&mut self.shared.world());
        self.shared.changed.notify_all();
    }
}

impl Drop for FakeApi {
    fn drop(&mut self) {
        self.change(|world| world.stopped = true);
        // Wakes the listener.
        drop(TcpStream::connect(self.address));
    }
}

impl World {
    fn happen(&mut self, path: &'static str, what: &str, mut object: Value) {
        self.version += 1;
        object["metadata"]["resourceVersion"] = self.version.to_string().into();
        if what != "DELETED" {
            self.objects.entry(path).or_default().insert(key(&object), object.clone());
        }
        self.history.push((self.version, path, json!({"type": what, "object": object})));
    }
}

fn fixture(name: &str) -> BTreeMap<String, Value> {
    let text = std::fs::read(crate::path(&format!("fixtures/kubernetes/{name}.json")));
    let list: Value = serde_json::from_slice(&text.expect("the fixture is there")).expect("JSON");
    let items = list["items"].as_array().expect("a list");
    items.iter().map(|object| (key(object), object.clone())).collect()
}

fn key(object: &Value) -> String {
    let text = |name: &str| object["metadata"][name].as_str().unwrap_or_default().to_owned();
    format!("{}/{}", text("namespace"), text("name"))
}

trait Connection: Read + Write + Send {}
impl<T: Read + Write + Send> Connection for T {}

/// Answers the requests of one connection.
fn converse(shared: &Shared, stream: TcpStream, tls: Option<Arc<ServerConfig>>) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let socket = stream.try_clone()?;
    let stream: Box<dyn Connection> = match tls {
        None => Box::new(stream),
        Some(config) => {
            let connection = ServerConnection::new(config).map_err(io::Error::other)?;
            Box::new(StreamOwned::new(connection, stream))
        }
    };
    let mut stream = BufReader::new(stream);
    while let Some((target, authorization)) = read_head(&mut stream)? {
        let (path, query) = target.split_once('?').unwrap_or((&target, ""));
        answer(shared, (stream.get_mut(), &socket), path, query, &authorization)?;
    }
    Ok(())
}

fn read_head(stream: &mut impl BufRead) -> io::Result<Option<(String, String)>> {
    let mut line = String::new();
    if stream.read_line(&mut line)? == 0 {
        return Ok(None);
    }
    let target = line.split(' ').nth(1).unwrap_or_default().to_owned();
    let mut authorization = String::new();
    loop {
        line.clear();
        stream.read_line(&mut line)?;
        let header = line.trim_end();
        if header.is_empty() {
            return Ok(Some((target, authorization)));
        }
        if let Some((name, value)) = header.split_once(':')
            && name.eq_ignore_ascii_case("authorization")
        {
            value.trim().clone_into(&mut authorization);
        }
    }
}

/// A value of a query, as it was sent.
fn value<'a>(query: &'a str, name: &str) -> Option<&'a str> {
    query.split('&').filter_map(|pair| pair.split_once('=')).find(|(n, _)| *n == name).map(|p| p.1)
}

fn answer(
    shared: &Shared,
    (stream, socket): (&mut impl Write, &TcpStream),
    path: &str,
    query: &str,
    authorization: &str,
) -> io::Result<()> {
    let (mode, allowed) = {
        let world = shared.world();
        (world.mode, authorization == format!("Bearer {}", world.token))
    };
    let kind = KINDS.iter().map(|(known, _)| *known).find(|known| *known == path);
    let note = |status| {
        let request = Request { path: path.to_owned(), query: query.to_owned(), status };
        shared.world().requests.push(request);
    };
    if mode == Mode::Silent {
        thread::sleep(Duration::from_secs(30));
        return Err(io::ErrorKind::TimedOut.into());
    }
    let (status, wait) = match (mode, kind) {
        (Mode::Status(status, wait), _) => (status, wait),
        _ if !allowed => (401, 0),
        (_, None) => (404, 0),
        _ => (200, 0),
    };
    note(status);
    let Some(kind) = kind.filter(|_| status == 200) else { return refuse(stream, status, wait) };
    if value(query, "watch") == Some("1") {
        shared.world().watches += 1;
        let watched = watch(shared, (stream, socket), kind, query, mode);
        shared.world().watches -= 1;
        watched
    } else {
        let body = list(&shared.world(), kind, query).to_string();
        let length = body.len();
        write!(
            stream,
            "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\r\n{body}"
        )?;
        stream.flush()
    }
}

fn refuse(stream: &mut impl Write, status: u16, wait: u32) -> io::Result<()> {
    let retry = if wait > 0 { format!("retry-after: {wait}\r\n") } else { String::new() };
    let body = json!({"kind": "Status", "status": "Failure", "code": status}).to_string();
    let length = body.len();
    write!(stream, "HTTP/1.1 {status} No\r\n{retry}content-length: {length}\r\n\r\n{body}")?;
    stream.flush()
}

/// Whether an object is among those asked for.
fn is_selected(object: &Value, query: &str) -> bool {
    value(query, "fieldSelector").is_none_or(|selector| {
        selector
            .strip_prefix("spec.nodeName%3D")
            .is_some_and(|node| object["spec"]["nodeName"] == node)
    })
}

/// A page of a list. As real servers do, one answered from their cache (`resourceVersion=0`) is whole.
fn list(world: &World, kind: &'static str, query: &str) -> Value {
    let all: Vec<&Value> =
        world.objects[kind].values().filter(|object| is_selected(object, query)).collect();
    // Pages of two: the limit asked for is a wish.
    let from = value(query, "continue").and_then(|token| token.strip_prefix("page%2F%3D"));
    let from = from.and_then(|number| number.parse().ok()).unwrap_or(0_usize);
    let size = if value(query, "resourceVersion") == Some("0") { all.len() } else { 2 };
    let items: Vec<&Value> = all.iter().skip(from).take(size).copied().collect();
    let mut metadata = json!({"resourceVersion": world.version.to_string()});
    if from + items.len() < all.len() {
        metadata["continue"] = format!("page/={}", from + items.len()).into();
    }
    json!({"kind": "List", "apiVersion": "v1", "metadata": metadata, "items": items})
}

/// Sends events until the client goes, the server stops, or an order ends it.
fn watch(
    shared: &Shared,
    (stream, socket): (&mut impl Write, &TcpStream),
    kind: &'static str,
    query: &str,
    mode: Mode,
) -> io::Result<()> {
    let mut version: u64 =
        value(query, "resourceVersion").and_then(|v| v.parse().ok()).unwrap_or(0);
    let mut orders = shared.world().orders.len();
    write!(
        stream,
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n"
    )?;
    stream.flush()?;
    let expired = version < shared.world().forgotten;
    if expired {
        let gone = json!({"type": "ERROR", "object": {"kind": "Status", "status": "Failure", "code": 410}});
        send(stream, &format!("{gone}\n"), mode)?;
        return end(stream);
    }
    loop {
        let mut text = String::new();
        let (mut cut, mut over) = (false, false);
        {
            let mut world = shared.world();
            for (happened, at, event) in &world.history {
                if *happened > version && *at == kind && is_selected(&event["object"], query) {
                    text.push_str(&format!("{event}\n"));
                }
            }
            version = version.max(world.version);
            for order in world.orders.iter().skip(orders) {
                match order {
                    Order::Send(said) => text.push_str(said),
                    Order::End(said) => {
                        text.push_str(said);
                        over = true;
                    }
                    Order::Cut => cut = true,
                }
            }
            orders = world.orders.len();
            if world.stopped {
                return end(stream);
            }
            if text.is_empty() && !cut {
                world =
                    shared.changed.wait_timeout(world, Duration::from_millis(50)).expect("lock").0;
                drop(world);
                if has_left(socket) {
                    return Err(io::ErrorKind::ConnectionReset.into());
                }
                continue;
            }
        }
        send(stream, &text, mode)?;
        if over {
            return end(stream);
        }
        if cut {
            send(stream, r#"{"type":"MODIFIED","object":{"metadata":{"na"#, mode)?;
            return Err(io::ErrorKind::ConnectionAborted.into());
        }
    }
}

/// Whether the client of a watch, who has nothing more to say, has closed its side.
fn has_left(socket: &TcpStream) -> bool {
    let peeked = socket.set_nonblocking(true).and_then(|()| socket.peek(&mut [0]));
    socket.set_nonblocking(false).is_err()
        || !peeked.is_err_and(|error| error.kind() == io::ErrorKind::WouldBlock)
}

/// Sends text as chunks that do not keep to lines.
fn send(stream: &mut impl Write, text: &str, mode: Mode) -> io::Result<()> {
    let size = if mode == Mode::Slow { 1 } else { 1000 };
    for piece in text.as_bytes().chunks(size) {
        write!(stream, "{:x}\r\n", piece.len())?;
        stream.write_all(piece)?;
        stream.write_all(b"\r\n")?;
        stream.flush()?;
        if mode == Mode::Slow {
            thread::sleep(Duration::from_micros(200));
        }
    }
    Ok(())
}

fn end(stream: &mut impl Write) -> io::Result<()> {
    stream.write_all(b"0\r\n\r\n")?;
    stream.flush()
}
