//! The command line of Cordon; nothing else.

use std::process::ExitCode;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    if let Err(too_old) = cordon::cpu::check() {
        eprintln!("{too_old}");
        return ExitCode::FAILURE;
    }
    cordon::cli::main()
}
