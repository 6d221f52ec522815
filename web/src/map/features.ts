// The picture as GeoJSON for the map's sources.

import type { Feature, FeatureCollection, Position } from 'geojson';
import type { AlertRecord } from '../live/frames';
import type { Incident, Resource } from '../live/picture';
import { isUnacknowledged } from '../live/alerts';
import type { SoughtPlace } from '../live/places';
import { ageText, freshness, staleAfter, type StaleAfter } from '../live/staleness';
import { stateOf } from '../live/status';
import { resourceIcon } from './icons';
import type { Box } from '../basemap/graticule';

const MOVING_MPS = 1;
const EARTH_RADIUS_M = 6_371_008.8;
const CIRCLE_CORNERS = 64;

const point = (lon: number, lat: number, properties: Record<string, unknown>): Feature =>
  ({ type: 'Feature', geometry: { type: 'Point', coordinates: [lon, lat] }, properties });

const collection = (features: Feature[]): FeatureCollection => ({ type: 'FeatureCollection', features });

export const within = (box: Box, lon: number, lat: number): boolean =>
  lon >= box.west && lon <= box.east && lat >= box.south && lat <= box.north;

export function resourceFeatures(resources: Iterable<Resource>, now: number, thresholds: StaleAfter, view: Box | null): FeatureCollection {
  const features: Feature[] = [];
  for (const resource of resources) {
    if (view !== null && !within(view, resource.lon, resource.lat)) continue;
    const ageS = (now - resource.at) / 1000;
    const fresh = freshness(ageS, staleAfter(thresholds, resource.class));
    const state = stateOf(resource.status);
    const moving = fresh === 'fresh' && resource.headingDeg !== undefined && (resource.speedMps ?? 0) >= MOVING_MPS;
    features.push(point(resource.lon, resource.lat, {
      subject: resource.subject,
      icon: resourceIcon(state, fresh),
      label: resource.callsign,
      ...(fresh === 'old' || fresh === 'lost' ? { age: ageText(ageS) } : {}),
      rank: state === 'emergency' ? 2 : fresh === 'fresh' ? 1 : 0,
      ...(moving ? { heading: resource.headingDeg } : {}),
    }));
  }
  return collection(features);
}

export function incidentFeatures(incidents: Iterable<Incident>): FeatureCollection {
  const features: Feature[] = [];
  for (const { subject, grade, category, lat, lon } of incidents) {
    if (lat !== null && lon !== null) features.push(point(lon, lat, { subject, icon: `incident-${grade}`, label: category }));
  }
  return collection(features);
}

/** The place that was searched: its point, and the circle within which it is. */
export function soughtFeatures(place: SoughtPlace | null): FeatureCollection {
  if (place === null) return collection([]);
  const at: Position = [place.lon, place.lat];
  const round: Feature[] = place.radiusM > 0 ? [{ type: 'Feature', geometry: { type: 'Polygon', coordinates: [circle(at, place.radiusM)] }, properties: {} }] : [];
  return collection([...round, point(place.lon, place.lat, { name: place.title })]);
}

/** Rings round the places of open alerts: what the eye should find first. */
export function alertFeatures(alerts: Iterable<AlertRecord>): FeatureCollection {
  const features: Feature[] = [];
  for (const alert of alerts) {
    if (isUnacknowledged(alert) && typeof alert.lat === 'number' && typeof alert.lon === 'number') {
      features.push(point(alert.lon, alert.lat, { id: alert.id, severity: alert.severity }));
    }
  }
  return collection(features);
}

function circle([lon = 0, lat = 0]: Position, radiusM: number): Position[] {
  const dLat = ((radiusM / EARTH_RADIUS_M) * 180) / Math.PI;
  const dLon = dLat / Math.cos((lat * Math.PI) / 180);
  return Array.from({ length: CIRCLE_CORNERS + 1 }, (_, i) => {
    const angle = ((i % CIRCLE_CORNERS) / CIRCLE_CORNERS) * 2 * Math.PI;
    return [lon + dLon * Math.cos(angle), lat + dLat * Math.sin(angle)];
  });
}

const positionsOf = (geometry: Feature['geometry']): Position[] => {
  switch (geometry.type) {
    case 'Point':
      return [geometry.coordinates];
    case 'LineString':
      return geometry.coordinates;
    case 'Polygon':
      return geometry.coordinates.flat();
    case 'MultiPolygon':
      return geometry.coordinates.flat(2);
    default:
      return [];
  }
};

export function boxOf(geometry: Feature['geometry']): Box | null {
  const positions = positionsOf(geometry);
  if (positions.length === 0) return null;
  const lons = positions.map(([lon = 0]) => lon);
  const lats = positions.map(([, lat = 0]) => lat);
  return { west: Math.min(...lons), east: Math.max(...lons), south: Math.min(...lats), north: Math.max(...lats) };
}

/** Fences to draw: circles become polygons, every fence gets its id as a property and a point above it for its name. */
export function fenceFeatures(fences: FeatureCollection): { areas: FeatureCollection; names: FeatureCollection } {
  const areas: Feature[] = [];
  const names: Feature[] = [];
  for (const fence of fences.features) {
    if (fence.geometry === null) continue;
    const given = fence.properties ?? {};
    const id = String(fence.id ?? given['id'] ?? given['name'] ?? '');
    const properties = { ...given, fence: id, name: given['name'] ?? id };
    const geometry: Feature['geometry'] = fence.geometry.type === 'Point'
      ? { type: 'Polygon', coordinates: [circle(fence.geometry.coordinates, Number(given['radius_m'] ?? 50))] }
      : fence.geometry;
    areas.push({ type: 'Feature', geometry, properties });
    const box = boxOf(geometry);
    if (box !== null) names.push(point((box.west + box.east) / 2, box.north, properties));
  }
  return { areas: collection(areas), names: collection(names) };
}
