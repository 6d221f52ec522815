//! No template, time format or field name of a feed makes its parser panic.
#![no_main]

use cordon::io::wire::feed::{Target, Template, TimeFormat};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: (&str, Option<&str>)| {
    let (text, zone) = input;
    let _ = Template::parse(text);
    let _ = Target::parse(text);
    let _ = TimeFormat::new(text, zone);
});
