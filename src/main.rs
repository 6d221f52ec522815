//! The command line of Cordon; nothing else.

use std::process::ExitCode;

fn main() -> ExitCode {
    if let Some(feature) = cordon::cpu::refusal() {
        eprintln!(
            "cordon: this build needs an x86-64-v3 CPU (2013 or later) and this one has no {feature}; \
             build for any x86-64 CPU with `make portable`"
        );
        return ExitCode::FAILURE;
    }
    run()
}

/// Not inlined: whatever is compiled into `main` may use what `main` has yet to ask for.
#[inline(never)]
fn run() -> ExitCode {
    ExitCode::SUCCESS
}
