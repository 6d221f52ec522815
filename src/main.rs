//! The command line of Cordon; nothing else.

use std::process::ExitCode;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    // First of all, before an instruction that an older CPU does not have.
    if let Some(feature) = cordon::cpu::refusal() {
        return too_old(feature);
    }
    cordon::cli::main()
}

fn too_old(feature: &str) -> ExitCode {
    eprintln!(
        "cordon: this CPU has no {feature}, which this build needs; `make portable` builds for any x86-64"
    );
    ExitCode::FAILURE
}
