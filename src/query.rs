//! `cordon geocode`: a line asks, a line answers.

use std::io::{self, BufRead, Write};

use crate::domain::located::Answer;
use crate::domain::reject::{Reason, Reject};
use crate::geocode::{Geocoder, Hints, answered};
use crate::io::wire::answer;

/// How answers are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Format {
    /// One JSON object a line.
    #[default]
    Ndjson,
    /// A header, then one row for each query.
    Csv,
}

/// Answers every line of `input`, in order, and flushes: exactly one answer a line, whatever the line
/// is. A line ends with a line feed, or a carriage return and a line feed; the last one may end with
/// the input.
///
/// # Errors
/// When `input` cannot be read or `output` cannot be written.
pub fn run(
    geocoder: &Geocoder,
    mut input: impl BufRead,
    mut output: impl Write,
    format: Format,
) -> io::Result<()> {
    if format == Format::Csv {
        output.write_all(answer::CSV_HEADER.as_bytes())?;
    }
    let (mut line, mut written) = (Vec::new(), Vec::new());
    while input.read_until(b'\n', &mut line)? > 0 {
        let answer = reply(geocoder, ended(&line));
        match format {
            Format::Ndjson => answer::encode(&answer, &mut written),
            Format::Csv => answer::encode_csv(&answer, &mut written),
        }
        output.write_all(&written)?;
        line.clear();
        written.clear();
    }
    output.flush()
}

/// The line without its end.
fn ended(line: &[u8]) -> &[u8] {
    let line = line.strip_suffix(b"\n").unwrap_or(line);
    line.strip_suffix(b"\r").unwrap_or(line)
}

fn reply(geocoder: &Geocoder, line: &[u8]) -> Answer {
    let query = String::from_utf8_lossy(line).into_owned();
    let answer = match std::str::from_utf8(line) {
        Ok(text) => geocoder.answer_text(text, &Hints::default()),
        Err(_) => Err(Reject::new(Reason::Malformed, "the line is not UTF-8").into()),
    };
    answered(query, answer)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn answers(input: &[u8], format: Format) -> String {
        let mut output = Vec::new();
        run(&Geocoder::default(), input, &mut output, format).unwrap();
        String::from_utf8(output).unwrap()
    }

    #[test]
    fn every_line_has_its_answer_in_order() {
        let asked = b"651409.903,313177.270\r\n\nSW9 8HH\n\xff\nTQ 311 756";
        let lines = answers(asked, Format::Ndjson);
        let lines: Vec<&str> = lines.lines().collect();
        assert_eq!(lines.len(), 5);
        assert!(
            lines[0].starts_with("{\"query\":\"651409.903,313177.270\",\"lat\":52.65"),
            "{}",
            lines[0]
        );
        assert_eq!(
            lines[1..4],
            [
                "{\"query\":\"\",\"reason\":\"unlocatable\",\"alternatives\":[]}",
                "{\"query\":\"SW9 8HH\",\"reason\":\"unlocatable\",\"alternatives\":[]}",
                "{\"query\":\"\u{fffd}\",\"reason\":\"malformed\",\"alternatives\":[]}",
            ]
        );
        assert!(
            lines[4].contains("\"match\":\"TQ 311 756\""),
            "{}",
            lines[4]
        );
    }

    #[test]
    fn csv_has_one_header() {
        assert_eq!(
            answers(b"\nx\n", Format::Csv),
            format!(
                "{}{}",
                answer::CSV_HEADER,
                ",,,,,,,,,unlocatable\nx,,,,,,,,,unlocatable\n"
            )
        );
        assert_eq!(answers(b"", Format::Csv), answer::CSV_HEADER);
    }

    proptest! {
        #[test]
        fn any_bytes_get_one_answer_a_line(input in prop::collection::vec(any::<u8>(), 0..500)) {
            let asked = input.split_inclusive(|byte| *byte == b'\n').count();
            let answers = answers(&input, Format::Ndjson);
            prop_assert_eq!(answers.lines().count(), asked);
            for line in answers.lines() {
                prop_assert!(serde_json::from_str::<serde_json::Value>(line).is_ok());
            }
        }
    }
}
