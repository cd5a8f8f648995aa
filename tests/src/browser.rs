//! A real browser, driven by the protocol of its developer tools over a pair of pipes.

use std::fs::{File, OpenOptions};
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use serde_json::{Value, json};

use crate::run;

/// Names that Chromium goes by.
const NAMES: [&str; 3] = ["chromium", "google-chrome", "chrome"];

/// A browser with one page. Ends with its value.
pub struct Browser {
    child: Child,
    commands: File,
    answers: BufReader<File>,
    session: String,
    last: u64,
    /// Addresses that the page asked for since it was opened.
    pub requests: Vec<String>,
    /// What scripts complained about.
    pub complaints: Vec<String>,
}

impl Browser {
    /// Starts a browser; `None` when there is none, or it does not start here. `folder` is for its own files.
    ///
    /// # Panics
    ///
    /// When pipes cannot be made.
    pub fn start(folder: &Path) -> Option<Self> {
        let name = NAMES.into_iter().find(|name| run::installed(name))?;
        let pipe = |name: &str| -> PathBuf {
            let path = folder.join(name);
            let made = Command::new("mkfifo").arg(&path).status().expect("mkfifo runs");
            assert!(made.success(), "mkfifo {}", path.display());
            path
        };
        let (commands, answers) = (pipe("commands"), pipe("answers"));
        // The protocol's pipes are descriptors 3 and 4.
        let mut shell = Command::new("sh");
        shell.args(["-c", "exec 3<\"$1\" 4>\"$2\"; shift 2; exec \"$@\"", "sh"]);
        shell.args([&commands, &answers]).arg(name);
        shell.args(["--headless", "--no-sandbox", "--disable-gpu", "--remote-debugging-pipe"]);
        shell.arg(format!("--user-data-dir={}", folder.join("profile").display()));
        shell.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let child = shell.spawn().expect("sh runs");
        let commands = OpenOptions::new().write(true).open(commands).expect("a pipe");
        let answers = BufReader::new(File::open(answers).expect("a pipe"));
        let mut browser = Self {
            child,
            commands,
            answers,
            session: String::new(),
            last: 0,
            requests: Vec::new(),
            complaints: Vec::new(),
        };
        let target = browser.ask("Target.createTarget", json!({"url": "about:blank"}))?;
        let attach = json!({"targetId": target["targetId"], "flatten": true});
        let attached = browser.ask("Target.attachToTarget", attach)?;
        browser.session = attached["sessionId"].as_str()?.to_owned();
        for domain in ["Page", "Network", "Runtime", "Log"] {
            browser.ask(&format!("{domain}.enable"), json!({}))?;
        }
        Some(browser)
    }

    /// Opens a page in a window of this size and waits until it is loaded.
    ///
    /// # Panics
    ///
    /// When the browser goes away.
    pub fn open(&mut self, address: &str, width: u32, height: u32) {
        self.requests.clear();
        self.complaints.clear();
        let size =
            json!({"width": width, "height": height, "deviceScaleFactor": 1, "mobile": false});
        self.tell("Emulation.setDeviceMetricsOverride", size);
        // Else an address that differs in its fragment alone is no new page.
        self.tell("Page.navigate", json!({"url": "about:blank"}));
        self.tell("Page.navigate", json!({"url": address}));
        self.value("new Promise((done) => document.readyState === 'complete' ? done() : addEventListener('load', done))");
    }

    /// What a script on the page comes to.
    ///
    /// # Panics
    ///
    /// When it fails, or the browser goes away.
    pub fn value(&mut self, script: &str) -> Value {
        let asked = json!({"expression": script, "returnByValue": true, "awaitPromise": true});
        let answer = self.tell("Runtime.evaluate", asked);
        assert!(answer["exceptionDetails"].is_null(), "{script}: {answer}");
        answer["result"]["value"].clone()
    }

    /// Presses and lets go of a key: `Tab`, `Enter`, `Escape`, or a character.
    ///
    /// # Panics
    ///
    /// When the browser goes away.
    pub fn press(&mut self, key: &str) {
        let (code, text) = match key {
            "Tab" => (9, ""),
            "Enter" => (13, "\r"),
            "Escape" => (27, ""),
            "ArrowDown" => (40, ""),
            other => (0, other),
        };
        for kind in ["keyDown", "keyUp"] {
            let text = if kind == "keyDown" { text } else { "" };
            let event =
                json!({"type": kind, "key": key, "windowsVirtualKeyCode": code, "text": text});
            self.tell("Input.dispatchKeyEvent", event);
        }
        // Handlers, and the change of address that they may cause, come after.
        self.value("new Promise((done) => setTimeout(done, 50))");
    }

    fn tell(&mut self, method: &str, parameters: Value) -> Value {
        self.ask(method, parameters).unwrap_or_else(|| panic!("the browser went away at {method}"))
    }

    /// Asks and waits for the answer; `None` when the browser goes away or refuses.
    fn ask(&mut self, method: &str, parameters: Value) -> Option<Value> {
        self.last += 1;
        let mut command = json!({"id": self.last, "method": method, "params": parameters});
        if !self.session.is_empty() {
            command["sessionId"] = json!(self.session);
        }
        self.commands.write_all(format!("{command}\0").as_bytes()).ok()?;
        loop {
            let mut answer = Vec::new();
            self.answers.read_until(0, &mut answer).ok()?;
            answer.pop()?;
            let answer: Value = serde_json::from_slice(&answer).ok()?;
            if answer["id"] == self.last {
                return answer.get("result").cloned();
            }
            self.note(&answer);
        }
    }

    fn note(&mut self, event: &Value) {
        let parameters = &event["params"];
        match event["method"].as_str() {
            Some("Network.requestWillBeSent") => {
                self.requests.extend(parameters["request"]["url"].as_str().map(str::to_owned));
            }
            Some("Runtime.exceptionThrown" | "Log.entryAdded") => {
                self.complaints.push(parameters.to_string());
            }
            _ => {}
        }
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // Already gone, or going: nothing to do about it.
        let _gone = self.child.kill();
        let _waited = self.child.wait();
    }
}
