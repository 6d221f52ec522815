//! Where text is put: behind what there is, or into room made for a whole line.

/// Bytes that nearly every line has room in.
const LINE: usize = 512;

/// Text that grows behind its end.
pub(super) trait Text {
    /// Gives `write` so many bytes, which can hold anything, and takes in as many of them as it says.
    fn put<const N: usize>(&mut self, write: impl FnOnce(&mut [u8; N]) -> usize);

    /// Takes in bytes, however many.
    fn put_all(&mut self, bytes: &[u8]);

    /// How long it is.
    fn length(&self) -> usize;

    /// Puts another byte in the place of one; behind the end where there is none.
    fn set(&mut self, at: usize, byte: u8);
}

impl Text for Vec<u8> {
    #[inline]
    fn put<const N: usize>(&mut self, write: impl FnOnce(&mut [u8; N]) -> usize) {
        let start = self.len();
        self.extend_from_slice(&[0; N]);
        if let Some(room) = self.last_chunk_mut() {
            let length = write(room);
            self.truncate(start + length);
        }
    }

    #[inline]
    fn put_all(&mut self, bytes: &[u8]) {
        self.extend_from_slice(bytes);
    }

    #[inline]
    fn length(&self) -> usize {
        self.len()
    }

    #[inline]
    fn set(&mut self, at: usize, byte: u8) {
        match self.get_mut(at) {
            Some(there) => *there = byte,
            None => self.push(byte),
        }
    }
}

/// Room for a line, of a length that is known beforehand: so all that is to be looked at before bytes are put there is
/// one number, which is not in memory.
pub(super) struct Room<'r> {
    bytes: &'r mut [u8; LINE],
    /// Above `LINE` once something did not fit.
    end: usize,
}

// Inlined, as all that writes to it: only where a line is written in one place is its end not in memory.
impl Text for Room<'_> {
    #[inline(always)]
    fn put<const N: usize>(&mut self, write: impl FnOnce(&mut [u8; N]) -> usize) {
        if let Some(room) = self.room(N).and_then(<[u8]>::first_chunk_mut) {
            self.end += write(room);
        } else {
            self.end = LINE + 1;
        }
    }

    #[inline(always)]
    fn put_all(&mut self, bytes: &[u8]) {
        if let Some(room) = self.room(bytes.len()) {
            room.copy_from_slice(bytes);
            self.end += bytes.len();
        } else {
            self.end = LINE + 1;
        }
    }

    #[inline(always)]
    fn length(&self) -> usize {
        self.end
    }

    #[inline(always)]
    fn set(&mut self, at: usize, byte: u8) {
        match self.bytes.get_mut(at) {
            Some(there) if at < self.end => *there = byte,
            Some(_) | None => self.put(|[room]| {
                *room = byte;
                1
            }),
        }
    }
}

impl Room<'_> {
    /// So many bytes behind the end.
    #[inline(always)]
    fn room(&mut self, length: usize) -> Option<&mut [u8]> {
        // One comparison where the length is known.
        let last = LINE.checked_sub(length)?;
        if self.end > last {
            return None;
        }
        self.bytes.get_mut(self.end..self.end + length)
    }
}

/// Appends a line to `out` if it fits into a room: `write` writes it there. Otherwise it is to be written directly.
#[inline]
pub(super) fn fits(out: &mut Vec<u8>, write: impl FnOnce(&mut Room<'_>)) -> bool {
    let start = out.len();
    out.extend_from_slice(&[0; LINE]);
    let Some(bytes) = out.last_chunk_mut() else {
        return false;
    };
    let mut room = Room { bytes, end: 0 };
    write(&mut room);
    let end = room.end;
    let is_whole = end <= LINE;
    out.truncate(if is_whole { start + end } else { start });
    is_whole
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Pieces of any length, of which some are written short and the first byte of some is set anew.
    fn write(pieces: &[(Vec<u8>, bool)], out: &mut impl Text) {
        for (piece, is_set) in pieces {
            let start = out.length();
            match piece.first_chunk::<5>() {
                Some(five) if piece.len() < 9 => out.put(|room: &mut [u8; 16]| {
                    room[..5].copy_from_slice(five);
                    5
                }),
                _ => out.put_all(piece),
            }
            if *is_set {
                out.set(start, b'!');
            }
        }
    }

    proptest! {
        #[test]
        fn what_fits_is_as_written_directly(
            before in prop::collection::vec(any::<u8>(), 0..9),
            pieces in prop::collection::vec((prop::collection::vec(any::<u8>(), 0..60), any::<bool>()), 0..30),
        ) {
            let (mut out, mut direct) = (before.clone(), before.clone());
            write(&pieces, &mut direct);
            if fits(&mut out, |room| write(&pieces, room)) {
                prop_assert_eq!(out, direct);
            } else {
                prop_assert_eq!(&out, &before);
                prop_assert!(direct.len() + 16 > before.len() + LINE);
            }
        }
    }
}
