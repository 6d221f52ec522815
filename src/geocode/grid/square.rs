//! Squares of the grid, as a reference names them.

use std::fmt;

/// The letters of the grid: 5 by 5, from the north-west, without I.
const LETTERS: &[u8; 25] = b"ABCDEFGHJKLMNOPQRSTUVWXYZ";

/// Most figures for each of easting and northing: 1 mm.
const MOST_PAIRS: u8 = 8;

/// A square of the National Grid, on it, with sides of 10 km down to 1 mm. Displays as its reference.
///
/// ```
/// use cordon::geocode::grid::Square;
///
/// let square = Square::parse("tq311756").unwrap();
/// assert_eq!(square.to_string(), "TQ 311 756");
/// assert_eq!(square.centre(), (531_150.0, 175_650.0));
/// assert_eq!(square.side_m(), 100.0);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Square {
    /// South-west corner, in sides.
    east: u32,
    north: u32,
    /// Figures for each of easting and northing.
    pairs: u8,
}

impl Square {
    /// Reads a reference: two letters in any case, then an even number of figures from 2 to 16, in one
    /// run or in two of the same length; blanks and commas between them are as good as nothing. `None`
    /// for anything else, also for letters that stand for no square of this grid.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (letters, figures) = text.trim().split_at_checked(2)?;
        let (east_100km, north_100km) = hundred_km(letters.as_bytes())?;
        let mut runs = figures
            .split(|mark: char| mark.is_whitespace() || mark == ',')
            .filter(|run| !run.is_empty());
        let first = runs.next()?;
        let (east, north) = match runs.next() {
            Some(second) => (first, second),
            None => first.split_at_checked(first.len() / 2)?,
        };
        let pairs = u8::try_from(east.len()).ok()?;
        if runs.next().is_some() || north.len() != east.len() || !(1..=MOST_PAIRS).contains(&pairs)
        {
            return None;
        }
        let of_square = 10_u32.pow(u32::from(pairs));
        Some(Self {
            east: east_100km * of_square + number(east)?,
            north: north_100km * of_square + number(north)?,
            pairs,
        })
    }

    /// The square that holds a point of the grid, metres, named with `figures` figures: an even number
    /// from 2 to 10. `None` for another number, and beyond the grid.
    #[must_use]
    pub fn holding(easting: f64, northing: f64, figures: u8) -> Option<Self> {
        if !figures.is_multiple_of(2) || !(2..=10).contains(&figures) {
            return None;
        }
        if !super::is_on_grid(easting, northing) {
            return None;
        }
        let pairs = figures / 2;
        let side = side_m(pairs);
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "on the grid: from 0 to 1,300,000"
        )]
        let sides = |metres: f64| (metres / side).floor() as u32;
        Some(Self {
            east: sides(easting),
            north: sides(northing),
            pairs,
        })
    }

    /// Easting and northing of its centre, metres.
    #[must_use]
    pub fn centre(self) -> (f64, f64) {
        let centre = |sides: u32| (f64::from(sides) + 0.5) * self.side_m();
        (centre(self.east), centre(self.north))
    }

    /// Length of a side, metres.
    #[must_use]
    pub fn side_m(self) -> f64 {
        side_m(self.pairs)
    }

    /// Whether a point, metres, is in it; its southern and western sides are.
    #[must_use]
    pub fn contains(self, easting: f64, northing: f64) -> bool {
        let within = |metres: f64, sides: u32| {
            let from = f64::from(sides) * self.side_m();
            (from..from + self.side_m()).contains(&metres)
        };
        within(easting, self.east) && within(northing, self.north)
    }
}

impl fmt::Display for Square {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let of_square = 10_u32.pow(u32::from(self.pairs));
        let (east, north) = (self.east / of_square, self.north / of_square);
        // The grid's south-west corner is that of square SV: two 500 km squares east and one north of
        // the corner of V.
        let (east_500, north_500) = (east / 5 + 2, 3 - north / 5);
        let letter = |row: u32, column: u32| {
            let index = usize::try_from(row * 5 + column).unwrap_or(0);
            char::from(LETTERS.get(index).copied().unwrap_or(b'?'))
        };
        write!(
            f,
            "{}{} {:0width$} {:0width$}",
            letter(north_500, east_500),
            letter(4 - north % 5, east % 5),
            self.east % of_square,
            self.north % of_square,
            width = usize::from(self.pairs)
        )
    }
}

fn side_m(pairs: u8) -> f64 {
    10_f64.powi(5 - i32::from(pairs))
}

/// East and north of a 100 km square's corner, in hundreds of km.
fn hundred_km(letters: &[u8]) -> Option<(u32, u32)> {
    let &[first, second] = letters else {
        return None;
    };
    let index = |letter: u8| {
        let at = LETTERS
            .iter()
            .position(|one| *one == letter.to_ascii_uppercase())?;
        u32::try_from(at).ok()
    };
    let (first, second) = (index(first)?, index(second)?);
    let east = (first % 5 * 5 + second % 5).checked_sub(10)?;
    let north = 19_u32.checked_sub(first / 5 * 5 + second / 5)?;
    (east < 7 && north < 13).then_some((east, north))
}

fn number(figures: &str) -> Option<u32> {
    figures
        .bytes()
        .all(|byte| byte.is_ascii_digit())
        .then(|| figures.parse().ok())?
}
