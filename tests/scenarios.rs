//! Stories from a control room: each folder of `tests/scenarios` is one, replayed with one thread and with
//! two, and compared byte for byte with what its README says should happen. Its files are optional:
//!
//! - `README.md` (required): its first line is the story;
//! - `positions.ndjson`, `incidents.ndjson`, `commands.ndjson`, `fences.geojson`, `rules.toml`, `config.toml`;
//! - `gazetteer.toml`: the manifest of a gazetteer, which is built first;
//! - `args`: further arguments, separated by white space;
//! - `expected/*.ndjson`: what must come out; a file that is absent there is not compared.
//!
//! `UPDATE_SCENARIOS=1 cargo test --test suite scenarios` writes `expected/` anew; read the diff before
//! you commit it.

use std::ffi::OsStr;
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

/// Lines of a difference that are shown.
const SHOWN: usize = 20;

/// The folders of all scenarios, in order.
pub(crate) fn folders() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/scenarios");
    let Ok(entries) = fs::read_dir(root) else {
        return Vec::new();
    };
    let mut folders: Vec<PathBuf> = entries
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.is_dir())
        .collect();
    folders.sort();
    folders
}

/// The `expected/*.ndjson` of a scenario, in order.
pub(crate) fn expected(folder: &Path) -> Vec<PathBuf> {
    ndjson(&folder.join("expected"))
}

fn ndjson(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(folder) else {
        return Vec::new();
    };
    let mut files: Vec<PathBuf> = entries
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|found| found == "ndjson"))
        .collect();
    files.sort();
    files
}

#[test]
fn each_story_ends_as_it_should() {
    let folders = folders();
    let update = std::env::var_os("UPDATE_SCENARIOS").is_some_and(|value| value == "1");
    println!("{} scenarios", folders.len());
    let failures: Vec<String> = folders
        .iter()
        .filter_map(|folder| tell(folder, update).err())
        .collect();
    assert!(
        failures.is_empty(),
        "{} of {} scenarios:\n\n{}",
        failures.len(),
        folders.len(),
        failures.join("\n\n")
    );
}

/// Runs one scenario; its error is what a person has to read.
fn tell(folder: &Path, update: bool) -> Result<(), String> {
    let name = folder.file_name().unwrap().to_string_lossy();
    let story = fs::read_to_string(folder.join("README.md"))
        .ok()
        .and_then(|text| text.lines().next().map(String::from))
        .filter(|line| !line.trim().is_empty())
        .ok_or_else(|| format!("{name}: README.md must begin with the story in one line"))?;
    let gazetteer = gazetteer(folder).map_err(|why| format!("{name}: {story}\n{why}"))?;
    for threads in ["1", "2"] {
        let out = tempfile::tempdir().unwrap();
        replay(folder, gazetteer.as_ref(), threads, out.path())
            .map_err(|why| format!("{name}: {story}\n{why}"))?;
        if update && threads == "1" {
            rewrite(folder, out.path());
        }
        let expected = expected(folder);
        if expected.is_empty() {
            return Err(format!(
                "{name}: nothing in expected/; write it with UPDATE_SCENARIOS=1"
            ));
        }
        for file in expected {
            compare(&file, out.path())
                .map_err(|why| format!("{name} (--threads {threads}): {story}\n{why}"))?;
        }
    }
    Ok(())
}

/// The gazetteer of a scenario, where it has one.
fn gazetteer(folder: &Path) -> Result<Option<TempDir>, String> {
    if !folder.join("gazetteer.toml").exists() {
        return Ok(None);
    }
    let out = tempfile::tempdir().unwrap();
    let mut cordon = Command::new(env!("CARGO_BIN_EXE_cordon"));
    cordon.current_dir(folder);
    cordon.args([
        "gazetteer",
        "build",
        "--manifest",
        "gazetteer.toml",
        "--out",
    ]);
    let built = cordon
        .arg(out.path())
        .output()
        .map_err(|why| why.to_string())?;
    let words = String::from_utf8_lossy(&built.stderr);
    built
        .status
        .success()
        .then_some(Some(out))
        .ok_or_else(|| words.into_owned())
}

fn replay(
    folder: &Path,
    gazetteer: Option<&TempDir>,
    threads: &str,
    out: &Path,
) -> Result<(), String> {
    let named = gazetteer
        .iter()
        .flat_map(|dir| [OsStr::new("--gazetteer"), dir.path().as_os_str()]);
    let run = Command::new(env!("CARGO_BIN_EXE_cordon"))
        // Rejects name their file as it was given: never by a path of this machine.
        .current_dir(folder)
        .args(arguments(folder))
        .args(named)
        .args(["--threads", threads, "--out"])
        .arg(out)
        .output()
        .map_err(|why| why.to_string())?;
    if run.status.success() {
        return Ok(());
    }
    let words = String::from_utf8_lossy(&run.stderr);
    Err(format!("cordon replay ended with {}:\n{words}", run.status))
}

/// The arguments of `cordon` that a folder's files ask for.
fn arguments(folder: &Path) -> Vec<String> {
    let mut arguments = vec!["replay".to_string()];
    for (flag, file) in [
        ("--config", "config.toml"),
        ("--positions", "positions.ndjson"),
        ("--incidents", "incidents.ndjson"),
        ("--commands", "commands.ndjson"),
        ("--fences", "fences.geojson"),
        ("--rules", "rules.toml"),
    ] {
        if folder.join(file).exists() {
            arguments.extend([flag.to_string(), file.to_string()]);
        }
    }
    let own = fs::read_to_string(folder.join("args")).unwrap_or_default();
    arguments.extend(own.split_whitespace().map(String::from));
    if !arguments.iter().any(|argument| argument == "--now") {
        arguments.extend(["--now", "2026-08-30T23:59:00Z"].map(String::from));
    }
    arguments
}

/// Writes what came out over what was expected; all of it, where nothing was yet.
fn rewrite(folder: &Path, out: &Path) {
    let mut names = expected(folder);
    if names.is_empty() {
        names = ndjson(out);
    }
    let target = folder.join("expected");
    fs::create_dir_all(&target).unwrap();
    for name in names {
        let name = name.file_name().unwrap();
        fs::copy(out.join(name), target.join(name)).unwrap();
    }
}

fn compare(expected: &Path, out: &Path) -> Result<(), String> {
    let name = expected.file_name().unwrap();
    let want = fs::read(expected).unwrap();
    let got = fs::read(out.join(name)).map_err(|why| format!("{}: {why}", name.display()))?;
    if want == got {
        return Ok(());
    }
    let difference = difference(
        &String::from_utf8_lossy(&want),
        &String::from_utf8_lossy(&got),
    );
    Err(format!(
        "{} differs (- expected, + came out):\n{difference}",
        name.display()
    ))
}

/// What stands between the common beginning and the common end of two texts, by lines.
fn difference(want: &str, got: &str) -> String {
    let want: Vec<&str> = want.lines().collect();
    let got: Vec<&str> = got.lines().collect();
    let start = want.iter().zip(&got).take_while(|(a, b)| a == b).count();
    let shorter = want.len().min(got.len()) - start;
    let end = want.iter().rev().zip(got.iter().rev());
    let end = end.take(shorter).take_while(|(a, b)| a == b).count();
    let mut text = String::new();
    for (sign, lines) in [('-', &want), ('+', &got)] {
        let changed = lines.get(start..lines.len() - end).unwrap_or_default();
        for (at, line) in changed.iter().take(SHOWN).enumerate() {
            writeln!(text, "{sign}{:>5} {line}", start + at + 1).unwrap();
        }
        if changed.len() > SHOWN {
            writeln!(text, "{sign}      and {} more", changed.len() - SHOWN).unwrap();
        }
    }
    if text.is_empty() {
        text.push_str("the line ends differ\n");
    }
    text
}

#[test]
fn a_difference_shows_the_lines_that_changed_and_no_others() {
    assert_eq!(difference("a\nb\nc\n", "a\nB\nc\n"), "-    2 b\n+    2 B\n");
    assert_eq!(difference("a\na\n", "a\n"), "-    2 a\n");
    assert_eq!(difference("", "a\n"), "+    1 a\n");
    assert_eq!(difference("a\n", "a"), "the line ends differ\n");
    let many = "x\n".repeat(30);
    assert!(difference("", &many).ends_with("+      and 10 more\n"));
}

#[test]
fn a_folder_asks_for_what_its_files_are() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("positions.ndjson"), "").unwrap();
    fs::write(folder.path().join("args"), "--sort\n --speed 5").unwrap();
    let expected =
        "replay --positions positions.ndjson --sort --speed 5 --now 2026-08-30T23:59:00Z";
    assert_eq!(arguments(folder.path()).join(" "), expected);
}

#[test]
fn a_scenario_without_a_story_fails() {
    let folder = tempfile::tempdir().unwrap();
    let why = tell(folder.path(), false).unwrap_err();
    assert!(why.contains("README.md must begin with the story"), "{why}");
}
