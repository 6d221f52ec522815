//! A hint to the processor: what will be needed soon may come from memory while it does something else.

/// Bytes that come from memory together.
const LINE: usize = 64;

/// How soon something will be needed whose memory is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Look {
    /// Later: asks for what can be told without reading anything that may not be there.
    First,
    /// Soon: that has come, and tells what else will be needed.
    Second,
}

/// Asks for `value`, and waits for nothing; whoever reads it later does not wait either. Changes no result, and does
/// nothing on processors other than x86-64.
#[inline]
pub fn prefetch<T>(value: &T) {
    let start = std::ptr::from_ref(value).cast();
    for offset in (0..size_of::<T>()).step_by(LINE) {
        ask_for(start, offset);
    }
    // It may begin in the middle of a line, and end in one more.
    ask_for(start, size_of::<T>().saturating_sub(1));
}

/// The same for the bytes that begin at `at`; for none where there are not so many.
#[inline]
pub fn prefetch_bytes<const N: usize>(bytes: &[u8], at: usize) {
    if let Some(coming) = bytes.get(at..).and_then(<[u8]>::first_chunk::<N>) {
        prefetch(coming);
    }
}

/// The same for the place behind the last value, where the next one will be put.
#[inline]
pub fn prefetch_behind<T>(values: &[T]) {
    ask_for(values.as_ptr_range().end.cast(), 0);
}

#[inline]
fn ask_for(start: *const i8, offset: usize) {
    #[cfg(target_arch = "x86_64")]
    {
        use std::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};

        // SAFETY: a prefetch reads nothing that the program could see, and faults nowhere.
        #[expect(
            unsafe_code,
            reason = "there is no safe way to ask for memory without waiting for it"
        )]
        unsafe {
            _mm_prefetch::<_MM_HINT_T0>(start.wrapping_add(offset));
        }
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = (start, offset);
}
