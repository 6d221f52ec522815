//! Says in one line that this CPU is too old for this build, instead of dying of an illegal instruction.
//!
//! Release builds for x86-64 are made for x86-64-v3 (`.cargo/config.toml`), and the compiler may use its
//! instructions anywhere: measured, already in what std does before `main`. So on Linux the check runs
//! before that, from `.init_array`, and uses nothing that the compiler turns into a vector.
//! `is_x86_feature_detected!` is of no use here: it is always true for what the build already assumes.

use std::io::Write;
use std::process;

/// Ends the program with code 1 and a word to the user where this CPU is too old for this build.
///
/// On Linux it has run before `main`; elsewhere it must be the first call of `main`.
pub fn require() {
    if let Some(feature) = refusal() {
        // Piece by piece: formatting is code that may need what is missing.
        let mut out = std::io::stderr();
        let _ = out.write_all(
            b"cordon: this build needs an x86-64-v3 CPU (2013 or later) and this one has no ",
        );
        let _ = out.write_all(feature.as_bytes());
        let _ = out.write_all(b"; build for any x86-64 CPU with `make portable`\n");
        process::exit(1);
    }
}

#[cfg(all(target_os = "linux", target_arch = "x86_64", target_feature = "avx2"))]
#[expect(
    unsafe_code,
    reason = "there is no other place before std's own start; the function reads CPU registers and writes to stderr"
)]
#[used]
#[unsafe(link_section = ".init_array")]
static BEFORE_MAIN: extern "C" fn() = {
    extern "C" fn check() {
        require();
    }
    check
};

/// What the CPU says of itself: the registers of `cpuid` that hold the features of x86-64-v3.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Features {
    /// Leaf 1, ECX.
    pub basic: u32,
    /// Leaf 7, EBX.
    pub extended: u32,
    /// Leaf 8000 0001, ECX.
    pub amd: u32,
}

/// The first feature of x86-64-v3 that is not among `features`; `None` where all are there.
///
/// Single-bit tests in a row, not a table in a loop: a loop over a table is what the compiler would
/// turn into the very instructions whose absence is to be reported.
#[must_use]
#[inline(never)]
pub fn first_missing(features: Features) -> Option<&'static str> {
    let Features {
        basic,
        extended,
        amd,
    } = features;
    if basic & (1 << 12) == 0 {
        return Some("fma");
    }
    if basic & (1 << 22) == 0 {
        return Some("movbe");
    }
    if basic & (1 << 27) == 0 {
        return Some("osxsave");
    }
    if basic & (1 << 28) == 0 {
        return Some("avx");
    }
    if basic & (1 << 29) == 0 {
        return Some("f16c");
    }
    if extended & (1 << 3) == 0 {
        return Some("bmi1");
    }
    if extended & (1 << 5) == 0 {
        return Some("avx2");
    }
    if extended & (1 << 8) == 0 {
        return Some("bmi2");
    }
    if amd & (1 << 5) == 0 {
        return Some("lzcnt");
    }
    None
}

/// The feature that this build needs and this CPU has not; `None` where the program can go on.
#[must_use]
#[inline(never)]
#[cfg(all(target_arch = "x86_64", target_feature = "avx2"))]
pub fn refusal() -> Option<&'static str> {
    use core::arch::x86_64::{__cpuid, __cpuid_count};

    // A leaf beyond the highest one answers with the bits of another leaf.
    let extended = if __cpuid(0).eax >= 7 {
        __cpuid_count(7, 0).ebx
    } else {
        0
    };
    let amd = if __cpuid(0x8000_0000).eax > 0x8000_0000 {
        __cpuid(0x8000_0001).ecx
    } else {
        0
    };
    first_missing(Features {
        basic: __cpuid(1).ecx,
        extended,
        amd,
    })
}

/// Always `None`: this build asks nothing of the CPU beyond its architecture.
#[must_use]
#[cfg(not(all(target_arch = "x86_64", target_feature = "avx2")))]
pub fn refusal() -> Option<&'static str> {
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    const HASWELL: Features = Features {
        basic: 1 << 12 | 1 << 22 | 1 << 27 | 1 << 28 | 1 << 29,
        extended: 1 << 3 | 1 << 5 | 1 << 8,
        amd: 1 << 5,
    };

    #[test]
    fn a_cpu_with_every_feature_is_served() {
        assert_eq!(first_missing(HASWELL), None);
    }

    #[test]
    fn each_missing_feature_is_named() {
        let without_basic = |bit: u32| Features {
            basic: HASWELL.basic & !(1 << bit),
            ..HASWELL
        };
        let without_extended = |bit: u32| Features {
            extended: HASWELL.extended & !(1 << bit),
            ..HASWELL
        };
        for (cpu, name) in [
            (without_basic(12), "fma"),
            (without_basic(22), "movbe"),
            (without_basic(27), "osxsave"),
            (without_basic(28), "avx"),
            (without_basic(29), "f16c"),
            (without_extended(3), "bmi1"),
            (without_extended(5), "avx2"),
            (without_extended(8), "bmi2"),
            (Features { amd: 0, ..HASWELL }, "lzcnt"),
        ] {
            assert_eq!(first_missing(cpu), Some(name));
        }
    }

    #[test]
    fn the_machine_that_runs_the_tests_is_served() {
        assert_eq!(refusal(), None);
    }
}
