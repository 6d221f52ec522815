// Turns the hand-drawn London into GeoJSON: curves through the points, one river piece per width.

import type { Feature, FeatureCollection, Position } from 'geojson';
import { LANDMARKS, PARKS, ROADS, THAMES } from './london';
import places from './generated/places.json';

const STEPS = 6;

/** A Catmull-Rom curve through the points; every column of a point is carried along. */
export function curve(points: readonly (readonly number[])[], steps = STEPS): number[][] {
  const at = (index: number): readonly number[] => points[Math.min(points.length - 1, Math.max(0, index))] as readonly number[];
  const out: number[][] = [];
  for (let i = 0; i < points.length - 1; i += 1) {
    const [a, b, c, d] = [at(i - 1), at(i), at(i + 1), at(i + 2)];
    for (let step = 0; step < steps; step += 1) {
      const t = step / steps;
      out.push(b.map((p1, column) => {
        const [p0, p2, p3] = [a[column] ?? p1, c[column] ?? p1, d[column] ?? p1];
        return 0.5 * (2 * p1 + (p2 - p0) * t + (2 * p0 - 5 * p1 + 4 * p2 - p3) * t * t + (3 * p1 - p0 - 3 * p2 + p3) * t * t * t);
      }));
    }
  }
  out.push([...at(points.length - 1)]);
  return out;
}

const lonLat = (point: readonly number[]): Position => [point[1] ?? 0, point[0] ?? 0];

function feature(geometry: Feature['geometry'], properties: Record<string, unknown>): Feature {
  return { type: 'Feature', geometry, properties };
}

export function river(): FeatureCollection {
  const points = curve(THAMES);
  const features = points.slice(1).map((point, index) =>
    feature({ type: 'LineString', coordinates: [lonLat(points[index] as number[]), lonLat(point)] }, { width_m: point[2] }));
  return { type: 'FeatureCollection', features };
}

export function riverName(): FeatureCollection {
  const line = curve(THAMES.filter(([, lon]) => lon < 0.4)).map(lonLat);
  return { type: 'FeatureCollection', features: [feature({ type: 'LineString', coordinates: line }, { name: 'River Thames' })] };
}

export function parks(): FeatureCollection {
  const features = PARKS.map(({ name, edge }) => {
    const ring = edge.map(lonLat);
    return feature({ type: 'Polygon', coordinates: [[...ring, ring[0] as Position]] }, { name });
  });
  return { type: 'FeatureCollection', features };
}

export function roads(): FeatureCollection {
  const features = ROADS.map(({ name, line }) => feature({ type: 'LineString', coordinates: curve(line, 4).map(lonLat) }, { name }));
  return { type: 'FeatureCollection', features };
}

export function landmarks(): FeatureCollection {
  const features = LANDMARKS.map(([name, lat, lon]) => feature({ type: 'Point', coordinates: [lon, lat] }, { name }));
  return { type: 'FeatureCollection', features };
}

export function builtInPlaces(): FeatureCollection {
  const rows = places as [string, number, number, number][];
  const features = rows.map(([name, lon, lat, rank]) => feature({ type: 'Point', coordinates: [lon, lat] }, { name, rank }));
  return { type: 'FeatureCollection', features };
}
