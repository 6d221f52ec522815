//! The coordinates of a geometry, (longitude, latitude) as text and (latitude, longitude) once read.

use crate::domain::fence::Ring;
use crate::io::wire::decimal::{self, EXACT_DIGITS};
use crate::io::wire::eights::{self, POWERS};

/// The coordinates of a Point, a `LineString`, a Polygon or a `MultiPolygon`.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::io::wire::fence) enum Coordinates {
    Point((f64, f64)),
    Line(Ring),
    Polygon(Vec<Ring>),
    Polygons(Vec<Vec<Ring>>),
}

/// A text, and how far it was read. What reads gives `None` for what is not plain, or ends too early.
pub(super) struct Scan<'t> {
    pub(super) bytes: &'t [u8],
    pub(super) at: usize,
    /// The vertices of the list that is read: so each list takes no more memory than it needs.
    vertices: &'t mut Vec<(f64, f64)>,
}

impl<'t> Scan<'t> {
    pub(super) fn of(bytes: &'t [u8], vertices: &'t mut Vec<(f64, f64)>) -> Self {
        Self {
            bytes,
            at: 0,
            vertices,
        }
    }

    /// The byte that is next, behind what JSON takes for space; it is not passed.
    pub(super) fn next(&mut self) -> Option<u8> {
        loop {
            match self.bytes.get(self.at)? {
                b' ' | b'\n' | b'\r' | b'\t' => self.at += 1,
                byte => return Some(*byte),
            }
        }
    }

    /// Passes `byte`.
    pub(super) fn take(&mut self, byte: u8) -> Option<()> {
        let is_next = self.next()? == byte;
        self.at += 1;
        is_next.then_some(())
    }

    /// Passes a text without an escape.
    pub(super) fn text(&mut self) -> Option<&'t [u8]> {
        let behind = self.bytes.get(self.at + 1..)?;
        let end = behind
            .iter()
            .position(|byte| matches!(byte, b'"' | b'\\'))?;
        let (text, end) = behind.split_at_checked(end)?;
        self.at += text.len() + 2;
        (end.first() == Some(&b'"')).then_some(text)
    }

    /// Passes the coordinates of a geometry; how deep they stand tells which.
    pub(super) fn coordinates(&mut self) -> Option<Coordinates> {
        let start = self.at;
        let mut depth = 0;
        while self.next()? == b'[' {
            depth += 1;
            self.at += 1;
        }
        self.at = start;
        match depth {
            1 => self.vertex().map(Coordinates::Point),
            2 => self.line().map(Coordinates::Line),
            3 => self.list(Self::line).map(Coordinates::Polygon),
            4 => self
                .list(|scan| scan.list(Self::line))
                .map(Coordinates::Polygons),
            _ => None,
        }
    }

    fn list<T>(&mut self, read: impl Fn(&mut Self) -> Option<T>) -> Option<Vec<T>> {
        let mut items = Vec::with_capacity(1);
        self.take(b'[')?;
        loop {
            items.push(read(self)?);
            if !self.goes_on()? {
                return Some(items);
            }
        }
    }

    fn line(&mut self) -> Option<Ring> {
        self.vertices.clear();
        self.take(b'[')?;
        loop {
            let vertex = self.vertex()?;
            self.vertices.push(vertex);
            if !self.goes_on()? {
                return Some(self.vertices.clone());
            }
        }
    }

    fn vertex(&mut self) -> Option<(f64, f64)> {
        self.take(b'[')?;
        let lng = self.number()?;
        self.take(b',')?;
        let lat = self.number()?;
        // A height, which no fence has.
        while self.goes_on()? {
            self.number()?;
        }
        Some((lat, lng))
    }

    /// Passes a comma or the bracket that closes a list.
    fn goes_on(&mut self) -> Option<bool> {
        let next = self.next()?;
        self.at += 1;
        matches!(next, b',' | b']').then_some(next == b',')
    }

    /// Passes a number of at most 15 digits. What may not follow a number does not follow one in a list either.
    fn number(&mut self) -> Option<f64> {
        let first = self.next()?;
        let is_negative = first == b'-';
        self.at += usize::from(is_negative);
        let is_led_by_zero = self.bytes.get(self.at) == Some(&b'0');
        let (length, mut digits) = self.digits(0);
        if length == 0 || (is_led_by_zero && length > 1) {
            return None;
        }
        let mut decimals = 0;
        if self.bytes.get(self.at) == Some(&b'.') {
            self.at += 1;
            (decimals, digits) = self.digits(digits);
            if decimals == 0 {
                return None;
            }
        }
        // -0 is no whole number.
        if length + decimals > EXACT_DIGITS || (is_negative && digits == 0) {
            return None;
        }
        if matches!(self.bytes.get(self.at), Some(b'e' | b'E')) {
            decimals += self.negative_exponent()?;
        }
        decimal::nearest(if is_negative { -digits } else { digits }, decimals)
    }

    /// As of a longitude near Greenwich, which many tools write as 5.1e-05.
    #[cold]
    fn negative_exponent(&mut self) -> Option<usize> {
        let is_negative = self.bytes.get(self.at + 1) == Some(&b'-');
        self.at += 2;
        let (length, exponent) = self.digits(0);
        let is_short = is_negative && (1..=2).contains(&length);
        is_short.then(|| usize::try_from(exponent).ok()).flatten()
    }

    /// Passes digits: how many, and the number they are with `before` in front, which is of no use if that has
    /// more than 15.
    fn digits(&mut self, before: i64) -> (usize, i64) {
        if let Some(eight) = self.bytes.get(self.at..).and_then(<[u8]>::first_chunk) {
            let eight = u64::from_le_bytes(*eight);
            let length = eights::digits(eight);
            if length < 8 {
                self.at += length;
                let before = before.wrapping_mul(POWERS[length]);
                return (length, before.wrapping_add(eights::number(eight, length)));
            }
        }
        self.digits_one_by_one(before)
    }

    /// The same, of however many there are.
    fn digits_one_by_one(&mut self, before: i64) -> (usize, i64) {
        let digits = self.bytes.get(self.at..).unwrap_or_default().iter();
        let digits = digits.map_while(|byte| Some(byte.wrapping_sub(b'0')).filter(|one| *one < 10));
        let (length, number) = digits.fold((0, before), |(length, number), digit| {
            let number = number.wrapping_mul(10).wrapping_add(digit.into());
            (length + 1, number)
        });
        self.at += length;
        (length, number)
    }
}
