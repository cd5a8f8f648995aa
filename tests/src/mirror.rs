//! A client, a server, and a sensor that gets a copy of what they say, as from a mirror port or a cloud's mirror session.
//!
//! ```text
//! client  clt0 ════ srv0  server  span0 ════ mir0  sensor
//!    10.77.0.1    10.77.0.2   └─ a copy of what srv0 receives and sends
//! ```

use std::fs;
use std::net::{Ipv4Addr, SocketAddr, SocketAddrV4, TcpStream};
use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

use crate::netns::{Namespace, Running, available};
use crate::run::installed;

/// Address of the client.
pub const CLIENT: Ipv4Addr = Ipv4Addr::new(10, 77, 0, 1);
/// Address of the server.
pub const SERVER: Ipv4Addr = Ipv4Addr::new(10, 77, 0, 2);
/// The client's interface.
pub const CLIENT_INTERFACE: &str = "clt0";
/// The server's interface.
pub const SERVER_INTERFACE: &str = "srv0";
/// The interface of the sensor that the copies arrive on.
pub const SENSOR_INTERFACE: &str = "mir0";

/// How the copies travel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Through {
    /// As they are: a SPAN or TAP port.
    Wire,
    /// In VXLAN with this VNI: a cloud's mirror session.
    Vxlan(u32),
}

/// The three hosts, each in a namespace.
pub struct Mirror {
    /// Where requests come from.
    pub client: Namespace,
    /// Where they go to.
    pub server: Namespace,
    /// Where copies of both arrive.
    pub sensor: Namespace,
}

impl Mirror {
    /// Sets all up; `None` when namespaces cannot be made here (then it was said that `test` is skipped).
    ///
    /// # Panics
    ///
    /// If setting up fails, or namespaces are required and cannot be made.
    #[must_use]
    pub fn new(test: &str, through: Through) -> Option<Self> {
        if !available(test) {
            return None;
        }
        let client = Namespace::new("client");
        let server = Namespace::new("server");
        let sensor = Namespace::new("sensor");
        client.connect(CLIENT_INTERFACE, &server, SERVER_INTERFACE);
        client.ip(&format!("addr add {CLIENT}/24 dev {CLIENT_INTERFACE}"));
        server.ip(&format!("addr add {SERVER}/24 dev {SERVER_INTERFACE}"));
        // Room for what a tunnel adds.
        server.connect("span0", &sensor, SENSOR_INTERFACE);
        server.ip("link set span0 mtu 9000");
        sensor.ip(&format!("link set {SENSOR_INTERFACE} mtu 9000"));
        let to = match through {
            Through::Wire => "span0",
            Through::Vxlan(vni) => {
                server.ip("addr add 10.78.0.1/24 dev span0");
                sensor.ip(&format!("addr add 10.78.0.2/24 dev {SENSOR_INTERFACE}"));
                server.ip(&format!(
                    "link add vxl0 type vxlan id {vni} remote 10.78.0.2 dstport 4789 dev span0 nolearning"
                ));
                server.ip("link set vxl0 mtu 8900 up");
                "vxl0"
            }
        };
        server.tc(&format!("qdisc add dev {SERVER_INTERFACE} clsact"));
        for side in ["ingress", "egress"] {
            server.tc(&format!(
                "filter add dev {SERVER_INTERFACE} {side} protocol all u32 match u32 0 0 action mirred egress mirror dev {to}"
            ));
        }
        Some(Self { client, server, sensor })
    }

    /// Lets client and server send no packets larger than the wire carries: no segmentation offload.
    ///
    /// # Panics
    ///
    /// If that fails.
    pub fn without_offload(&self) {
        self.client.ip(&format!("link set {CLIENT_INTERFACE} gso_max_segs 1"));
        self.server.ip(&format!("link set {SERVER_INTERFACE} gso_max_segs 1"));
    }

    /// Stops copying, as when somebody takes the mirror session away.
    ///
    /// # Panics
    ///
    /// If that fails.
    pub fn stop(&self) {
        self.server.tc(&format!("qdisc del dev {SERVER_INTERFACE} clsact"));
    }

    /// Starts nginx on port 80 of the server with `locations`, lines of its configuration, in `folder`; `None`, if it is not
    /// installed.
    ///
    /// # Panics
    ///
    /// If it does not start.
    #[must_use]
    pub fn nginx(&self, folder: &Path, locations: &str) -> Option<Running> {
        if !installed("nginx") {
            return None;
        }
        let configuration = folder.join("nginx.conf");
        let at = folder.display();
        let text = format!(
            "daemon off; master_process off; user root; pid {at}/nginx.pid; error_log {at}/error.log;\n\
             events {{ worker_connections 512; }}\n\
             http {{ access_log off; client_body_temp_path {at}/body; proxy_temp_path {at}/proxy;\n\
             fastcgi_temp_path {at}/fastcgi; uwsgi_temp_path {at}/uwsgi; scgi_temp_path {at}/scgi;\n\
             server {{ listen {SERVER}:80; {locations} }} }}\n"
        );
        fs::write(&configuration, text).expect("the folder can be written to");
        let mut command = self.server.command("nginx");
        command.arg("-c").arg(&configuration).arg("-p").arg(folder);
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let running = Running::start(&mut command);
        assert!(self.answers(80), "nginx does not answer; see {at}/error.log");
        Some(running)
    }

    /// Waits until the server accepts connections on `port`; `false` after ten seconds.
    #[must_use]
    pub fn answers(&self, port: u16) -> bool {
        self.client.within(move || {
            let server = SocketAddr::V4(SocketAddrV4::new(SERVER, port));
            let start = Instant::now();
            while start.elapsed() < Duration::from_secs(10) {
                if TcpStream::connect_timeout(&server, Duration::from_secs(1)).is_ok() {
                    return true;
                }
                std::thread::sleep(Duration::from_millis(20));
            }
            false
        })
    }
}
