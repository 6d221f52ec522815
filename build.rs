//! Puts the live map into the binary: `web/dist` where it was built, else the plain page of `web/fallback`.

use std::error::Error;
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::{env, fs};

fn main() -> Result<(), Box<dyn Error>> {
    let root = PathBuf::from(env::var("CARGO_MANIFEST_DIR")?);
    let built = root.join("web/dist");
    let plain = root.join("web/fallback");
    // Cargo runs this at every build when a folder it is to watch is absent. A tree that cannot be
    // written to is no reason to fail.
    let _ = fs::create_dir(&built);
    println!("cargo::rerun-if-changed=web/dist");
    println!("cargo::rerun-if-changed=web/fallback");
    let folder = if built.join("index.html").is_file() {
        built
    } else {
        plain
    };
    let mut files = Vec::new();
    collect(&folder, &mut files)?;
    files.sort();
    let mut table = String::from("&[\n");
    for file in &files {
        let parts: Vec<_> = file.strip_prefix(&folder)?.iter().collect();
        let name: Vec<_> = parts.iter().map(|part| part.to_string_lossy()).collect();
        writeln!(
            table,
            "    (\"/{}\", include_bytes!({:?})),",
            name.join("/"),
            file.display().to_string()
        )?;
    }
    table.push_str("]\n");
    fs::write(Path::new(&env::var("OUT_DIR")?).join("assets.rs"), table)?;
    Ok(())
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) -> Result<(), Box<dyn Error>> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            collect(&path, files)?;
        } else if path.extension().is_none_or(|extension| extension != "map") {
            files.push(path);
        }
    }
    Ok(())
}
