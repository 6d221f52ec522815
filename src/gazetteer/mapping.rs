//! Which column of a table, or property of a map, is what of a feature.

use std::collections::BTreeSet;

use crate::domain::feature::{Feature, FeatureKind};
use crate::domain::position::Position;
use crate::gazetteer::address;
use crate::gazetteer::intake::{Skipped, filled, from_degrees, from_metres};
use crate::geocode::postcode;

/// Which column is what; `C` is a name, or a number where it was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mapping<C> {
    /// What every row is.
    pub kind: FeatureKind,
    /// Its name.
    pub name: Option<C>,
    /// Other names, each alone in its column.
    pub also: Vec<C>,
    /// House number.
    pub number: Option<C>,
    /// Street.
    pub street: Option<C>,
    /// Lines of an address between `|` or `,`; number, street and areas are taken out of it.
    pub address: Option<C>,
    /// Postcode.
    pub postcode: Option<C>,
    /// Names of what it lies in.
    pub areas: Vec<C>,
    /// Identifier.
    pub id: Option<C>,
    /// How often something happens there: a whole number.
    pub weight: Option<C>,
    /// Where it is.
    pub position: Coordinates<C>,
    /// Rows that count: those whose cells are all among these.
    pub only: Vec<(C, BTreeSet<String>)>,
}

/// Where positions stand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Coordinates<C> {
    /// Degrees.
    Degrees {
        /// Latitude.
        lat: C,
        /// Longitude.
        lon: C,
    },
    /// Metres of EPSG:27700.
    Metres {
        /// Easting.
        easting: C,
        /// Northing.
        northing: C,
    },
    /// Not in a column, but beside the properties.
    Geometry,
}

impl<C> Mapping<C> {
    /// The same with what `find` makes of each column.
    ///
    /// # Errors
    /// The first of `find`.
    pub fn bind<D, E>(&self, mut find: impl FnMut(&C) -> Result<D, E>) -> Result<Mapping<D>, E> {
        let find = &mut find;
        Ok(Mapping {
            kind: self.kind,
            name: self.name.as_ref().map(&mut *find).transpose()?,
            also: self.also.iter().map(&mut *find).collect::<Result<_, _>>()?,
            number: self.number.as_ref().map(&mut *find).transpose()?,
            street: self.street.as_ref().map(&mut *find).transpose()?,
            address: self.address.as_ref().map(&mut *find).transpose()?,
            postcode: self.postcode.as_ref().map(&mut *find).transpose()?,
            areas: self
                .areas
                .iter()
                .map(&mut *find)
                .collect::<Result<_, _>>()?,
            id: self.id.as_ref().map(&mut *find).transpose()?,
            weight: self.weight.as_ref().map(&mut *find).transpose()?,
            position: match &self.position {
                Coordinates::Degrees { lat, lon } => Coordinates::Degrees {
                    lat: find(lat)?,
                    lon: find(lon)?,
                },
                Coordinates::Metres { easting, northing } => Coordinates::Metres {
                    easting: find(easting)?,
                    northing: find(northing)?,
                },
                Coordinates::Geometry => Coordinates::Geometry,
            },
            only: self
                .only
                .iter()
                .map(|(column, values)| Ok((find(column)?, values.clone())))
                .collect::<Result<_, E>>()?,
        })
    }
}

impl<C> Mapping<C> {
    /// A mapping of no columns: every row lacks a name.
    #[must_use]
    pub fn nothing(kind: FeatureKind) -> Self {
        Self {
            kind,
            name: None,
            also: Vec::new(),
            number: None,
            street: None,
            address: None,
            postcode: None,
            areas: Vec::new(),
            id: None,
            weight: None,
            position: Coordinates::Geometry,
            only: Vec::new(),
        }
    }
}

impl Mapping<usize> {
    /// The feature of a row whose cells `cell` gives; `beside` is where it is, if no column says so.
    pub(super) fn feature<'r>(
        &self,
        cell: impl Fn(usize) -> Result<&'r str, Skipped>,
        beside: Option<Position>,
    ) -> Result<Feature, Skipped> {
        for (column, values) in &self.only {
            if !values.contains(cell(*column)?.trim()) {
                return Err(Skipped::Unwanted);
            }
        }
        let optional =
            |column: Option<usize>| column.map_or(Ok(None), |column| cell(column).map(filled));
        let list = |columns: &[usize]| {
            let cells = columns.iter().map(|column| cell(*column).map(filled));
            let filled: Vec<Option<Box<str>>> = cells.collect::<Result<_, _>>()?;
            Ok::<_, Skipped>(filled.into_iter().flatten())
        };
        let position = match &self.position {
            Coordinates::Degrees { lat, lon } => from_degrees(cell(*lat)?, cell(*lon)?)?,
            Coordinates::Metres { easting, northing } => {
                from_metres(cell(*easting)?, cell(*northing)?)?
            }
            Coordinates::Geometry => beside.ok_or(Skipped::NoPosition)?,
        };
        let mut feature = Feature::named(self.kind, "", position);
        feature.name = optional(self.name)?.unwrap_or_default();
        feature.also = list(&self.also)?.collect();
        feature.number = optional(self.number)?;
        feature.street = optional(self.street)?;
        feature.postcode = optional(self.postcode)?;
        feature.areas = list(&self.areas)?.collect();
        feature.id = optional(self.id)?;
        if let Some(weight) = optional(self.weight)? {
            feature.weight = weight.trim().parse().map_err(|_| Skipped::Malformed)?;
        }
        if let Some(lines) = optional(self.address)? {
            address::lay_out(&lines, &mut feature);
        }
        checked(feature)
    }
}

/// The feature, if it can be looked up.
fn checked(mut feature: Feature) -> Result<Feature, Skipped> {
    if feature.kind == FeatureKind::Postcode {
        let name = if feature.name.is_empty() {
            feature.postcode.take().unwrap_or_default()
        } else {
            feature.name
        };
        if name.is_empty() {
            return Err(Skipped::NoName);
        }
        feature.name = postcode::normalise(&name).ok_or(Skipped::Malformed)?.into();
        return Ok(feature);
    }
    if let Some(known) = feature.postcode.as_deref().and_then(postcode::normalise) {
        feature.postcode = Some(known.into());
    }
    let addressed = feature.kind == FeatureKind::Premises
        && feature.street.is_some()
        && feature.number.is_some();
    if feature.name.is_empty() && !addressed {
        return Err(Skipped::NoName);
    }
    Ok(feature)
}
