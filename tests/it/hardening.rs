//! Runs under adverse conditions: a process that is killed while it writes,
//! unwritable folders, a full disk, no home folder, other locales, and 100,000
//! pages.
//!
//! `.ci/run` also runs the ignored tests, with the release build: the variable
//! `DOCPROOF_TEST_BINARY` names it.
#![cfg(unix)]

use std::fs::{self, Permissions};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use walkdir::WalkDir;

use crate::support::{Project, Ran, run, without_variables};

/// The user and the group `nobody`.
const NOBODY: u32 = 65534;

/// A page with one example, and a trailing comma for `check --fix`. A longer
/// `padding` takes longer to write.
fn page(number: usize, status: u16, padding: &str) -> String {
    format!(
        "# Page {number}

<!-- {{\"blockType\": \"request\", \"name\": \"get_{number}\"}} -->
```http
GET https://api.example.com/things/{number}
```

<!-- {{\"blockType\": \"response\"}} -->
```http
HTTP/1.1 {status} OK
Content-Type: application/json
X-Padding: {padding}

{{\"id\": \"{number}\",}}
```
"
    )
}

/// Writes the pages `p1.md` to `pN.md` into the folder of a project.
fn write_pages(project: &Project, folder: &str, pages: usize, status: u16) {
    let padding = "x".repeat(2000);
    for number in 1..=pages {
        project.write(
            &format!("{folder}/specs/docs/p{number}.md"),
            page(number, status, &padding),
        );
    }
}

fn project(pages: usize) -> Project {
    let project = Project::new();
    project.write("docproof.toml", "");
    write_pages(&project, ".", pages, 200);
    project
}

fn program() -> PathBuf {
    let own = std::env::var_os("DOCPROOF_TEST_BINARY");
    own.map_or_else(|| env!("CARGO_BIN_EXE_docproof").into(), PathBuf::from)
}

fn command(program: &Path, folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(program);
    command
        .args(arguments)
        .current_dir(folder)
        .stdin(Stdio::null());
    without_variables(&mut command);
    command
}

/// Checks the exit code and the output of a command, and that it did not panic.
#[track_caller]
fn expect(command: &mut Command, code: i32, text: &str) -> Ran {
    let ran = run(command).exits(code).says(text);
    assert!(!ran.err.contains("panicked"), "{}", ran.err);
    ran
}

/// Whether all files that the commands write are complete.
#[track_caller]
fn assert_complete(project: &Project, arguments: &[&str]) {
    for folder in ["specs/cases", "specs/docs", "snapshots"] {
        for name in project.names(folder) {
            let is_written = [".yaml", ".md", ".snap"]
                .iter()
                .any(|end| name.ends_with(end));
            if !is_written {
                continue;
            }
            let text = project.read(&format!("{folder}/{name}"));
            let is_complete = match folder {
                "specs/cases" => text.ends_with('\n'),
                "specs/docs" => {
                    text.ends_with('\n') && text.lines().filter(|line| *line == "```").count() == 2
                }
                _ => text.lines().any(|line| line == "---"),
            };
            assert!(
                is_complete,
                "{folder}/{name} is truncated after {arguments:?}"
            );
        }
    }
}

#[test]
#[ignore = "takes long; .ci/run runs it"]
fn a_killed_process_leaves_no_truncated_file() {
    const PAGES: usize = 200;
    const ROUNDS: u32 = 40;
    let project = project(PAGES);
    let program = program();
    let command = |arguments: &[&str]| command(&program, &project.path("."), arguments);
    let commands: [&[&str]; 3] = [
        &["extract"],
        &["test", "--update", "always"],
        &["check", "--fix"],
    ];
    let durations = commands.map(|arguments| {
        let start = Instant::now();
        run(&mut command(arguments));
        start.elapsed()
    });
    let mut killed = 0;
    for round in 0..ROUNDS {
        write_pages(&project, ".", PAGES, if round % 2 == 0 { 200 } else { 201 });
        let which = [0, 0, 1, 2][round as usize % 4];
        let mut child = command(commands[which])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("the command starts");
        std::thread::sleep(durations[which] * (round + 1) / ROUNDS);
        child.kill().expect("the process can be killed");
        let status = child.wait().expect("the process exits");
        killed += u32::from(status.signal().is_some());
        assert_complete(&project, commands[which]);
        let listed = run(&mut command(&["list", "specs/cases"])).out;
        assert_eq!(listed.lines().count(), PAGES, "a case file is missing");
    }
    assert!(killed >= 10, "only {killed} of {ROUNDS} runs were killed");
    run(&mut command(&["check", "--fix"]));
    expect(&mut command(&["test", "--update", "always"]), 0, "passed");
    expect(
        &mut command(&["test", "--locked", "--update", "no"]),
        0,
        "passed",
    );
    println!("{killed} of {ROUNDS} runs were killed");
}

#[test]
fn reports_folders_that_are_not_writable() {
    let project = project(3);
    let root = project.path(".");
    // Root may write everywhere, so the command runs as another user, who also
    // has to be able to run it.
    let is_root = fs::metadata(&root).expect("the project").uid() == 0;
    let copy = Project::new();
    let program = copy.path("docproof");
    fs::copy(self::program(), &program).expect("a copy of the program");
    set_mode(&copy.path("."), 0o755);
    let command = |arguments: &[&str]| {
        let mut command = command(&program, &root, arguments);
        if is_root {
            command.uid(NOBODY).gid(NOBODY);
        }
        command
    };
    for entry in WalkDir::new(&root) {
        let entry = entry.expect("a file of the project");
        let mode = if entry.file_type().is_dir() {
            0o555
        } else {
            0o444
        };
        set_mode(entry.path(), mode);
    }
    let page = project.path("specs/docs/p1.md");
    let page = page.to_str().expect("a path in UTF-8");
    let test = run(&mut command(&["test"]));
    let extract = run(&mut command(&["extract"]));
    let fix = run(&mut command(&["check", "--fix"]));
    let one = run(&mut command(&["test", page, "--no-snapshots"]));
    // The folder is removed by the user that runs the tests.
    let folders = WalkDir::new(&root).into_iter().flatten();
    for folder in folders.filter(|entry| entry.file_type().is_dir()) {
        set_mode(folder.path(), 0o755);
    }
    for ran in [test, extract, fix] {
        ran.exits(3).says("ermission denied");
    }
    one.exits(0).says("passed");
}

fn set_mode(path: &Path, mode: u32) {
    fs::set_permissions(path, Permissions::from_mode(mode)).expect("permissions can be set");
}

/// A small file system in memory.
struct Mount(PathBuf);

impl Mount {
    /// `None` where the user may not mount one.
    fn new(folder: PathBuf) -> Option<Self> {
        fs::create_dir(&folder).expect("a folder to mount on");
        let mut command = Command::new("mount");
        command
            .args(["-t", "tmpfs", "-o", "size=1m", "tmpfs"])
            .arg(&folder);
        let is_mounted = command.output().is_ok_and(|output| output.status.success());
        is_mounted.then(|| Self(folder))
    }
}

impl Drop for Mount {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg(&self.0).status();
    }
}

#[test]
#[ignore = "mounts a file system; .ci/run runs it"]
fn reports_a_full_disk_and_leaves_no_empty_file() {
    let project = Project::new();
    let Some(mount) = Mount::new(project.path("small")) else {
        println!("skipped: this user cannot mount a file system");
        return;
    };
    project.write("small/docproof.toml", "");
    write_pages(&project, "small", 100, 200);
    let filler = mount.0.join("filler");
    fs::write(&filler, vec![0; 1 << 20]).expect_err("the disk is full");
    let program = program();
    let command = |arguments: &[&str]| command(&program, &mount.0, arguments);
    expect(&mut command(&["extract"]), 3, "No space left");
    expect(&mut command(&["test"]), 3, "No space left");
    for name in project.names("small/specs/cases") {
        let is_case_file = name.rsplit('.').next() == Some("yaml");
        let text = project.read(&format!("small/specs/cases/{name}"));
        assert!(!is_case_file || !text.is_empty(), "{name} is empty");
    }
}

#[test]
fn runs_without_a_home_folder_and_in_other_locales() {
    let project = project(3);
    let program = program();
    let variables: [&[(&str, &str)]; 3] = [
        &[],
        &[("LC_ALL", "C"), ("LANG", "C")],
        &[("LC_ALL", "de_DE.ISO-8859-1"), ("HOME", "/nonexistent")],
    ];
    for variables in variables {
        let mut command = command(&program, &project.path("."), &["test"]);
        command.env_clear().envs(variables.iter().copied());
        expect(&mut command, 0, "3 passed");
    }
}

#[test]
fn accepts_names_that_are_not_ascii() {
    let project = project(3);
    let page = project.read("specs/docs/p1.md");
    project.write(
        "specs/docs/Überblick 日本.md",
        page.replace("api.example.com", "bücher.example"),
    );
    let program = program();
    let command = |arguments: &[&str]| command(&program, &project.path("."), arguments);
    expect(&mut command(&["test"]), 0, "4 passed");
    expect(&mut command(&["list"]), 0, "Überblick 日本");
    let mut ascii = command(&["test"]);
    ascii.env_clear().env("LC_ALL", "C");
    expect(&mut ascii, 0, "4 passed");
}

/// The maximum resident memory of a process in KiB, where the system tells it.
fn peak_memory(process: u32) -> Option<String> {
    let status = fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))?;
    Some(line.trim().to_owned())
}

#[test]
#[ignore = "takes long; .ci/run runs it"]
fn reads_a_hundred_thousand_pages_in_one_folder() {
    const PAGES: usize = 100_000;
    let project = Project::new();
    let text = page(1, 200, "x");
    for number in 1..=PAGES {
        project.write(&format!("many/{number}.md"), &text);
    }
    let program = program();
    for name in ["list", "check", "test"] {
        let start = Instant::now();
        let [out, err] = ["out.txt", "err.txt"].map(|name| project.path(name));
        let mut child = command(&program, &project.path("."), &[name, "many"])
            .stdout(fs::File::create(&out).expect("a file for the output"))
            .stderr(fs::File::create(&err).expect("a file for the errors"))
            .spawn()
            .expect("the command starts");
        let mut memory = None;
        while child
            .try_wait()
            .expect("the process can be observed")
            .is_none()
        {
            memory = peak_memory(child.id()).or(memory);
            std::thread::sleep(Duration::from_millis(20));
        }
        let memory = memory.unwrap_or_default();
        println!("{name}: {:.1} s, {memory}", start.elapsed().as_secs_f64());
        let errors = project.read("err.txt");
        assert!(!errors.contains("panicked"), "{name}: {errors}");
    }
    let out = project.read("out.txt");
    let passed = ["100,000 passed", "100000 passed"];
    assert!(
        passed.iter().any(|text| out.contains(text)),
        "not all pages were tested: {:?}",
        out.lines().last()
    );
}
