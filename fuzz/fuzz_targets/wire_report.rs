//! No bytes make the decoder of reports panic, and whatever it reads has a subject.
#![no_main]

use std::time::Duration;

use cordon::domain::ids::Kind;
use cordon::domain::report::Arrival;
use cordon::domain::time::Timestamp;
use cordon::io::wire::report::{self, Record};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let arrival = Arrival {
        received: Timestamp::from_millis(1_788_124_445_120).unwrap_or_default(),
        delay: Duration::ZERO,
        lateness: Duration::from_secs(30),
    };
    for kind in [Kind::Resource, Kind::Incident] {
        if let Ok(Record::Report(report)) = report::decode(kind, bytes, arrival) {
            assert!(!report.subject.id.is_empty());
            assert_eq!(report.subject.kind, kind);
        }
    }
});
