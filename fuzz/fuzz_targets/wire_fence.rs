//! No text makes the reader of fences panic.
#![no_main]

use cordon::io::wire::fence;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let _ = fence::read_collection(text);
});
