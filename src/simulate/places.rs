//! Inner London, drawn by hand from what everybody knows of it: landmarks, a route, sectors, and words
//! that callers use. Every call sign, incident and operation is invented.

use crate::simulate::ground::{Shape, Spot, Zone};

const fn rectangle(south: f64, west: f64, north: f64, east: f64) -> Shape {
    Shape::Rectangle(Spot::new(south, west), Spot::new(north, east))
}

const fn zone(id: &'static str, name: &'static str, class: &'static str, shape: Shape) -> Zone {
    Zone {
        id,
        name,
        class,
        shape,
    }
}

/// A sector, whose units' call signs begin alike.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sector {
    pub(super) prefix: &'static str,
    pub(super) zone: Zone,
}

const fn sector(
    prefix: &'static str,
    id: &'static str,
    name: &'static str,
    shape: Shape,
) -> Sector {
    Sector {
        prefix,
        zone: zone(id, name, "sector", shape),
    }
}

/// The first `ROAMING` are those between which units may roam: no street between them meets Whitehall.
pub(super) const SECTORS: [Sector; 6] = [
    sector(
        "SX",
        "sector-soho",
        "Soho",
        rectangle(51.5090, -0.1400, 51.5160, -0.1285),
    ),
    sector(
        "MX",
        "sector-mayfair",
        "Mayfair",
        rectangle(51.5065, -0.1600, 51.5145, -0.1425),
    ),
    sector(
        "CX",
        "sector-covent-garden",
        "Covent Garden",
        rectangle(51.5090, -0.1265, 51.5165, -0.1150),
    ),
    sector(
        "EX",
        "sector-city",
        "City, St Paul's",
        rectangle(51.5100, -0.1040, 51.5180, -0.0860),
    ),
    sector(
        "LX",
        "sector-waterloo",
        "Waterloo",
        rectangle(51.4985, -0.1180, 51.5065, -0.1040),
    ),
    sector(
        "VX",
        "sector-victoria",
        "Victoria",
        rectangle(51.4930, -0.1480, 51.4990, -0.1330),
    ),
];
pub(super) const ROAMING: usize = 4;
/// The sectors that disorder draws on.
pub(super) const SOHO: usize = 0;
pub(super) const NEAR_SOHO: [usize; 3] = [0, 1, 2];
/// The sector that is left empty.
pub(super) const CITY: usize = 3;

/// Around Downing Street and the Cenotaph.
pub(super) const STERILE: Zone = zone(
    "sterile-whitehall",
    "Whitehall sterile zone",
    "sterile",
    rectangle(51.5020, -0.1275, 51.5050, -0.1250),
);
pub(super) const CORDON: Zone = zone(
    "cordon-embankment",
    "Embankment Gardens cordon",
    "cordon",
    rectangle(51.5075, -0.1215, 51.5085, -0.1195),
);
pub(super) const RVP: Zone = zone(
    "rvp-trafalgar",
    "RVP Trafalgar Square",
    "rvp",
    Shape::Circle(Spot::new(51.5078, -0.1289), 50.0),
);
const OTHER_RVPS: [Zone; 3] = [
    zone(
        "rvp-marble-arch",
        "RVP Marble Arch",
        "rvp",
        Shape::Circle(Spot::new(51.5131, -0.1580), 80.0),
    ),
    zone(
        "rvp-waterloo",
        "RVP Waterloo station",
        "rvp",
        Shape::Circle(Spot::new(51.5031, -0.1132), 70.0),
    ),
    zone(
        "rvp-guildhall",
        "RVP Guildhall",
        "rvp",
        Shape::Circle(Spot::new(51.5155, -0.0919), 70.0),
    ),
];
const CLOSURES: [Zone; 2] = [
    zone(
        "closure-piccadilly",
        "Piccadilly closed",
        "closure",
        rectangle(51.5072, -0.1418, 51.5106, -0.1340),
    ),
    zone(
        "closure-haymarket",
        "Haymarket closed",
        "closure",
        rectangle(51.5074, -0.1335, 51.5096, -0.1309),
    ),
];

/// Hyde Park Corner, Piccadilly, Piccadilly Circus, Haymarket, Pall Mall East, Trafalgar Square.
pub(super) const ROUTE: [Spot; 6] = [
    Spot::new(51.5027, -0.1527),
    Spot::new(51.5067, -0.1428),
    Spot::new(51.5099, -0.1350),
    Spot::new(51.5097, -0.1324),
    Spot::new(51.5078, -0.1313),
    Spot::new(51.5077, -0.1280),
];
/// Where the sector's units are called to: beside the march, at Piccadilly Circus.
pub(super) const SUPPORT: Spot = Spot::new(51.5104, -0.1345);
/// Where disorder breaks out: Oxford Street and Soho Square.
pub(super) const OUTBREAK: Spot = Spot::new(51.5146, -0.1335);

/// Sixty metres north of the sterile zone, and well inside it.
pub(super) const BREACH: (Spot, Spot) =
    (Spot::new(51.505_55, -0.1262), Spot::new(51.5038, -0.1262));
/// A post fifteen metres inside the cordon, and a place forty metres off it.
pub(super) const POST: (Spot, Spot) =
    (Spot::new(51.507_64, -0.1205), Spot::new(51.507_14, -0.1205));
/// Thirty metres off the rendezvous point, and its middle.
pub(super) const MEETING: (Spot, Spot) =
    (Spot::new(51.5078, -0.127_75), Spot::new(51.5078, -0.1289));

pub(super) const CATEGORIES: [&str; 10] = [
    "theft.shop",
    "theft.phone",
    "violence.assault",
    "violence.knife",
    "domestic",
    "traffic.collision",
    "missing.person",
    "asb.noise",
    "burglary.business",
    "concern.welfare",
];
pub(super) const DISORDER: [&str; 4] = [
    "disorder.group",
    "disorder.missiles",
    "damage.shop",
    "arson.bin",
];
/// Words that name no place, whatever the gazetteer.
pub(super) const NOWHERE: [&str; 5] = [
    "CALLER UNSURE, BEHIND THE BLUE HOARDING",
    "ON A BUS, DOES NOT KNOW WHICH",
    "SAME PLACE AS LAST TIME",
    "LINE DROPPED, SHOUTING IN BACKGROUND",
    "BY THE STALL WITH THE GREEN AWNING",
];
/// Words that name a junction of the demo's gazetteer, and where it is.
pub(super) const TOLD: (&str, Spot) = (
    "J/W CHARING CROSS RD & OLD COMPTON ST, O/S THE PUB",
    Spot::new(51.5133, -0.1296),
);
/// Well-known public addresses.
pub(super) const POSTCODES: [&str; 5] = ["WC2N 5DN", "SW1A 1AA", "SW1A 2AA", "EC4M 8AD", "SE1 8SW"];

/// The zones of every scenario, and the road closures of an event.
pub(super) fn zones(closed_roads: bool) -> Vec<Zone> {
    let mut zones: Vec<_> = SECTORS.iter().map(|sector| sector.zone).collect();
    zones.extend([STERILE, CORDON, RVP]);
    zones.extend(OTHER_RVPS);
    if closed_roads {
        zones.extend(CLOSURES);
    }
    zones
}
