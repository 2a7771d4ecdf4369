//! A project in a temporary folder, and the command in it.

use std::fs;
use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::{Arc, Mutex, mpsc};
use std::time::{Duration, Instant};

use serde_json::Value;

/// A test that takes longer hangs. No test measures how long something takes.
pub(crate) const WATCHDOG: Duration = Duration::from_secs(300);

/// Longer than the watchdog: a server that waits so long never responds.
pub(crate) const FOREVER: Duration = Duration::from_secs(600);

/// A temporary project folder.
pub(crate) struct Project {
    folder: tempfile::TempDir,
}

/// The exit code and the output of a command.
#[derive(Debug)]
pub(crate) struct Ran {
    pub code: Option<i32>,
    pub out: String,
    pub err: String,
}

impl Ran {
    /// The lines of standard output as JSON.
    pub(crate) fn json(&self) -> Vec<Value> {
        self.out
            .lines()
            .map(|line| {
                serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"))
            })
            .collect()
    }

    /// `id outcome reason-or-kinds snapshot` for each case of a JSON run.
    pub(crate) fn outcomes(&self) -> Vec<String> {
        self.json()
            .iter()
            .filter(|line| line.get("summary").is_none())
            .map(|line| {
                let kinds: Vec<&str> = line["differences"]
                    .as_array()
                    .expect("a list")
                    .iter()
                    .map(|difference| difference["kind"].as_str().expect("a kind"))
                    .collect();
                let reason = line["reason"].as_str().map(str::to_owned);
                let why = reason.unwrap_or_else(|| kinds.join("+"));
                format!(
                    "{} {} {why} {}",
                    line["id"].as_str().expect("an id"),
                    line["outcome"].as_str().expect("an outcome"),
                    line["snapshot"].as_str().expect("a state")
                )
            })
            .collect()
    }

    /// The summary of a JSON run.
    pub(crate) fn summary(&self) -> Value {
        self.json().last().expect("a summary")["summary"].clone()
    }

    #[track_caller]
    pub(crate) fn exits(self, code: i32) -> Self {
        assert_eq!(
            self.code,
            Some(code),
            "out: {}\nerr: {}",
            self.out,
            self.err
        );
        self
    }

    #[track_caller]
    pub(crate) fn says(self, text: &str) -> Self {
        assert!(
            self.out.contains(text) || self.err.contains(text),
            "`{text}` is not in\nout: {}\nerr: {}",
            self.out,
            self.err
        );
        self
    }
}

impl Project {
    pub(crate) fn new() -> Self {
        Self {
            folder: tempfile::tempdir().expect("a folder"),
        }
    }

    /// A project with these pages in `specs/docs`.
    pub(crate) fn with(pages: &[(&str, &str)]) -> Self {
        let project = Self::new();
        for (path, text) in pages {
            project.write(&format!("specs/docs/{path}"), text);
        }
        project
    }

    pub(crate) fn path(&self, path: &str) -> PathBuf {
        self.folder.path().join(path)
    }

    pub(crate) fn write(&self, path: &str, text: impl AsRef<[u8]>) {
        let path = self.path(path);
        fs::create_dir_all(path.parent().expect("a folder")).expect("the folder is created");
        fs::write(path, text).expect("written");
    }

    pub(crate) fn read(&self, path: &str) -> String {
        fs::read_to_string(self.path(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
    }

    pub(crate) fn exists(&self, path: &str) -> bool {
        self.path(path).exists()
    }

    /// The names in a folder, sorted.
    pub(crate) fn names(&self, folder: &str) -> Vec<String> {
        let Ok(entries) = fs::read_dir(self.path(folder)) else {
            return Vec::new();
        };
        let mut names: Vec<String> = entries
            .map(|entry| {
                entry
                    .expect("an entry")
                    .file_name()
                    .to_string_lossy()
                    .into_owned()
            })
            .collect();
        names.sort();
        names
    }

    /// The command, without the variables of this process that it reads.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_docproof"));
        command
            .args(arguments)
            .current_dir(self.folder.path())
            .stdin(Stdio::null());
        without_variables(&mut command);
        command
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Ran {
        run(&mut self.command(arguments))
    }

    /// Runs `test --format json` with more arguments.
    pub(crate) fn test(&self, arguments: &[&str]) -> Ran {
        self.run(&[&["test", "--format", "json"], arguments].concat())
    }
}

/// Removes the variables that docproof reads from the environment of a command.
pub(crate) fn without_variables(command: &mut Command) {
    let own = std::env::vars_os().map(|(name, _)| name);
    for name in own.filter(|name| name.to_string_lossy().starts_with("DOCPROOF_")) {
        command.env_remove(name);
    }
    for name in ["CI", "TF_BUILD", "INSTA_UPDATE"] {
        command.env_remove(name);
    }
}

pub(crate) fn run(command: &mut Command) -> Ran {
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let output = finish(spawn(command));
    Ran {
        code: output.status.code(),
        out: String::from_utf8(output.stdout).expect("UTF-8"),
        err: String::from_utf8(output.stderr).expect("UTF-8"),
    }
}

/// Starts a command. A file that was just written is busy while a process that another
/// test started at that time has it open.
fn spawn(command: &mut Command) -> Child {
    let end = Instant::now() + WATCHDOG;
    loop {
        match command.spawn() {
            Err(error) if error.kind() == ErrorKind::ExecutableFileBusy && Instant::now() < end => {
                std::thread::sleep(Duration::from_millis(5));
            }
            child => return child.expect("the command"),
        }
    }
}

/// Waits for a process to exit; kills one that hangs.
#[track_caller]
pub(crate) fn finish(child: Child) -> Output {
    let id = child.id();
    let (sender, receiver) = mpsc::channel();
    std::thread::spawn(move || sender.send(child.wait_with_output()));
    let Ok(output) = receiver.recv_timeout(WATCHDOG) else {
        send_signal(id, "-KILL");
        panic!("the command hangs");
    };
    output.expect("the output of the command")
}

/// Sends a signal, such as `-INT`, to a process.
#[track_caller]
pub(crate) fn send_signal(process: u32, signal: &str) {
    let status = Command::new("kill")
        .args([signal, &process.to_string()])
        .status();
    assert!(status.expect("kill runs").success(), "kill {signal} failed");
}

/// Waits until a condition is true.
#[track_caller]
pub(crate) fn wait_until(condition: impl Fn() -> bool) {
    let end = Instant::now() + WATCHDOG;
    while !condition() {
        assert!(Instant::now() < end, "the condition never became true");
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// Runs git in a project; returns whether git is installed.
pub(crate) fn git(project: &Project, arguments: &[&str]) -> bool {
    let identity = ["-c", "user.name=a", "-c", "user.email=a@a.example"];
    let mut command = Command::new("git");
    let command = command
        .args(identity)
        .args(arguments)
        .current_dir(project.path(""));
    for variable in ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX"] {
        command.env_remove(variable);
    }
    match command.output() {
        Ok(output) => {
            let said = String::from_utf8_lossy(&output.stderr);
            assert!(output.status.success(), "git {arguments:?}: {said}");
            true
        }
        Err(error) => {
            println!("skipped: cannot run git: {error}");
            false
        }
    }
}

/// A page with an example for each pair of texts.
pub(crate) fn page(pairs: &[(&str, &str)]) -> String {
    let mut text = String::from("# A page\n\n");
    for (request, response) in pairs {
        text += &request_block(request);
        text +=
            &format!("<!-- {{ \"blockType\": \"response\" }} -->\n```http\n{response}\n```\n\n");
    }
    text
}

pub(crate) fn request_block(request: &str) -> String {
    format!("<!-- {{ \"blockType\": \"request\" }} -->\n```http\n{request}\n```\n\n")
}

/// The folder of this repository.
pub(crate) fn repository() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// An address without a listener.
pub(crate) fn closed_address() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    listener.local_addr().expect("an address")
}

/// A server that records the head of each request and responds with raw bytes. It
/// exits with the test process.
pub(crate) struct RawServer {
    pub base: String,
    heads: Arc<Mutex<Vec<String>>>,
}

impl RawServer {
    /// `respond` gets the head of a request and writes the response.
    pub(crate) fn start(respond: impl Fn(&str, &mut dyn Write) + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let base = format!("http://{}", listener.local_addr().expect("an address"));
        let heads = Arc::new(Mutex::new(Vec::new()));
        let known = Arc::clone(&heads);
        let respond = Arc::new(respond);
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let Ok(mut stream) = stream else { return };
                let (known, respond) = (Arc::clone(&known), Arc::clone(&respond));
                std::thread::spawn(move || {
                    let mut head = Vec::new();
                    let mut byte = [0];
                    while !head.ends_with(b"\r\n\r\n") {
                        match stream.read(&mut byte) {
                            Ok(1) => head.push(byte[0]),
                            _ => return,
                        }
                    }
                    let head = String::from_utf8_lossy(&head).into_owned();
                    known.lock().expect("not poisoned").push(head.clone());
                    respond(&head, &mut stream);
                });
            }
        });
        Self { base, heads }
    }

    /// A server that always sends the same response.
    pub(crate) fn responding(response: &'static str) -> Self {
        Self::start(move |_, stream| {
            let _ = stream.write_all(response.as_bytes());
        })
    }

    /// The heads of the requests so far.
    pub(crate) fn heads(&self) -> Vec<String> {
        self.heads.lock().expect("not poisoned").clone()
    }

    /// The request lines so far, sorted.
    pub(crate) fn request_lines(&self) -> Vec<String> {
        let heads = self.heads();
        let mut lines: Vec<String> = heads
            .iter()
            .filter_map(|head| head.lines().next().map(str::to_owned))
            .collect();
        lines.sort();
        lines
    }
}

/// A schema of the part of SARIF 2.1.0 that reports use. Other members are
/// invalid.
pub(crate) fn sarif_schema() -> Value {
    serde_json::from_str(include_str!("sarif.schema.json")).expect("JSON")
}
