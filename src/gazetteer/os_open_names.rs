//! OS Open Names: streets, numbered roads, postcodes, stations, schools, places. CSV tiles of 34 columns
//! without a header, in EPSG:27700.

use std::path::Path;

use crate::domain::feature::{Feature, FeatureKind};
use crate::gazetteer::Broken;
use crate::gazetteer::intake::{Intake, Skipped, filled, from_metres};
use crate::gazetteer::rows::{self, Cells, First, each};
use crate::geocode::postcode;

pub(super) const WIDTH: usize = 34;

// Columns of the published header, from 0.
const ID: usize = 0;
const NAME: usize = 2;
const OTHER_NAME: usize = 4;
const TYPE: usize = 6;
const LOCAL_TYPE: usize = 7;
const EASTING: usize = 8;
const NORTHING: usize = 9;
const POSTCODE_DISTRICT: usize = 16;
/// Populated place, district or borough, county or unitary authority.
const AREAS: [usize; 3] = [18, 21, 24];

/// Reads `file` into `intake`. A header is passed over, where somebody put one there.
///
/// # Errors
/// When the file cannot be read to its end.
pub fn read(file: &Path, intake: &mut Intake<'_>) -> Result<(), Broken> {
    let header = rows::header(file, b',').map_err(|error| Broken::new(file, error))?;
    let first = match header.first().map(String::as_str) {
        Some("ID") => First::Header,
        _ => First::Row,
    };
    each(file, b',', first, WIDTH, intake, feature)
}

fn feature(cells: &Cells<'_>) -> Result<Feature, Skipped> {
    let kind = kind(cells.at(TYPE)?, cells.at(LOCAL_TYPE)?).ok_or(Skipped::OtherKind)?;
    let name = filled(cells.at(NAME)?).ok_or(Skipped::NoName)?;
    let is_postcode = kind == FeatureKind::Postcode;
    let name = if is_postcode {
        postcode::normalise(&name).ok_or(Skipped::Malformed)?.into()
    } else {
        name
    };
    let position = from_metres(cells.at(EASTING)?, cells.at(NORTHING)?)?;
    let mut feature = Feature::named(kind, &name, position);
    feature.also = filled(cells.at(OTHER_NAME)?).into_iter().collect();
    if !is_postcode {
        feature.postcode = filled(cells.at(POSTCODE_DISTRICT)?);
    }
    for column in AREAS {
        let area = filled(cells.at(column)?);
        feature
            .areas
            .extend(area.filter(|area| !feature.areas.contains(area)));
    }
    feature.id = filled(cells.at(ID)?);
    Ok(feature)
}

fn kind(of: &str, local: &str) -> Option<FeatureKind> {
    Some(match (of.trim(), local.trim()) {
        (_, "Postcode") => FeatureKind::Postcode,
        (_, "Named Road" | "Section Of Named Road") => FeatureKind::Street,
        (_, "Numbered Road" | "Section Of Numbered Road") => FeatureKind::Road,
        ("transportNetwork", local)
            if local.contains("Station") || local.contains("Interchange") =>
        {
            FeatureKind::Station
        }
        // Names of lines, such as a railway's, are of no place.
        ("transportNetwork", "Railway" | "Tramway" | "Waterway") => return None,
        ("populatedPlace" | "landcover" | "landform" | "hydrography", _) => FeatureKind::Place,
        ("transportNetwork" | "other", _) => FeatureKind::Venue,
        _ => return None,
    })
}
