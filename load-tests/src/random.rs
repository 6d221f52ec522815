//! Seeded numbers, so that the same seed makes the same bytes.

/// A sequence of numbers (Knuth's MMIX multiplier).
pub(crate) struct Numbers(u64);

impl Numbers {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// From `low` up to `high`.
    pub(crate) fn within(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * f64::from(self.next()) / f64::from(1u32 << 31)
    }

    /// From 0 up to `end`, which is below 2^31.
    pub(crate) fn below(&mut self, end: u32) -> u32 {
        self.next() % end.max(1)
    }

    /// Latitude and longitude between these bounds.
    pub(crate) fn place(&mut self, [lat, lon]: [(f64, f64); 2]) -> (f64, f64) {
        (self.within(lat.0, lat.1), self.within(lon.0, lon.1))
    }

    /// 31 bits.
    fn next(&mut self) -> u32 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        u32::try_from(self.0 >> 33).unwrap_or(0)
    }
}
