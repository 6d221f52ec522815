//! The index of fences against answers that are obviously right, against other people's fixtures, and on
//! all small areas of London.

mod areas;
mod fixtures;
mod oracle;
mod shapes;

use std::path::PathBuf;

use cordon::domain::fence::Geometry;
use cordon::domain::position::Position;
use cordon::geofence::index::{FenceIndex, Slot};
use cordon::geofence::shape::{InvalidShape, Shape};

/// Fences in an index, by slot.
#[derive(Default)]
struct Indexed {
    index: FenceIndex,
    shapes: Vec<Shape>,
}

impl Indexed {
    fn add(&mut self, geometry: &Geometry) -> Result<(), InvalidShape> {
        let shape = Shape::compile(geometry)?;
        let slot = Slot::try_from(self.shapes.len()).unwrap();
        self.index.insert(slot, &shape);
        self.shapes.push(shape);
        Ok(())
    }

    /// The slots of all fences that hold `at`, in order.
    fn holding(&self, at: Position) -> Vec<Slot> {
        let mut holding = Vec::new();
        let covers = |slot: Slot| self.shapes[slot as usize].covers(at);
        self.index.containing(at, covers, &mut holding);
        holding.sort_unstable();
        holding
    }
}

/// A seeded sequence of numbers (Knuth's MMIX multiplier).
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, end: u32) -> u32 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        let high = u32::try_from(self.0 >> 32).unwrap();
        u32::try_from((u64::from(high) * u64::from(end)) >> 32).unwrap()
    }

    fn within(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * f64::from(self.below(u32::MAX)) / f64::from(u32::MAX)
    }
}

/// A file of the open data, or a line that says why its test is skipped.
fn open_data(name: &str) -> Option<PathBuf> {
    let given = std::env::var_os("CORDON_OPEN_DATA").filter(|folder| !folder.is_empty());
    let folder = given.map_or_else(
        || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../shared/data"),
        PathBuf::from,
    );
    let path = folder.join(name);
    if path.exists() {
        return Some(path);
    }
    println!(
        "skipped: {name} is not in {} (CORDON_OPEN_DATA)",
        folder.display()
    );
    None
}
