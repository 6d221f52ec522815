import { describe, expect, it } from 'vitest';
import type { FeatureCollection } from 'geojson';
import { graticule, spacingFor } from '../src/basemap/graticule';
import { builtInPlaces, curve, river } from '../src/basemap/sketch';
import type { Resource } from '../src/live/picture';
import { alertFeatures, boxOf, fenceFeatures, incidentFeatures, resourceFeatures } from '../src/map/features';
import { builtInStyle, SWITCHED_LAYERS } from '../src/map/style';
import { actionOf } from '../src/screen/keys';
import { resourceRows } from '../src/screen/resourceRows';

const resource = (subject: string, more: Partial<Resource> = {}): Resource => ({
  subject, at: 0, lat: 51.5, lon: -0.1, class: 'vehicle', status: '2', callsign: subject, agency: undefined, speedMps: 5, headingDeg: 90, fences: [], ...more,
});

describe('resource features', () => {
  it('name an icon by state and freshness, and a heading only while it is news', () => {
    const at = (now: number): Record<string, unknown> | null | undefined => resourceFeatures([resource('A')], now, { vehicle: 30 }, null).features[0]?.properties;
    expect(at(1_000)).toMatchObject({ icon: 'resource-available-fresh', heading: 90 });
    expect(at(31_000)).toMatchObject({ icon: 'resource-available-stale' });
    expect(at(31_000)).not.toHaveProperty('heading');
    expect(at(150_000)).toMatchObject({ icon: 'resource-available-old', age: '2 min' });
  });
  it('leave out what is far outside the view', () => {
    const view = { west: -1, south: 51, east: 0, north: 52 };
    expect(resourceFeatures([resource('A'), resource('B', { lon: 3 })], 0, {}, view).features).toHaveLength(1);
  });
});

describe('other features', () => {
  it('draw placed incidents and open alerts only', () => {
    const incident = { subject: 'I', at: 0, category: 'c', grade: 'S', state: 'open', place: '', reason: null };
    expect(incidentFeatures([{ ...incident, lat: null, lon: null }, { ...incident, lat: 1, lon: 2 }]).features).toHaveLength(1);
    expect(alertFeatures([{ id: 'a', state: 'closed', severity: 'high', title: '', lat: 1, lon: 1 }]).features).toHaveLength(0);
  });
  it('make a circle of a point fence of its radius', () => {
    const fences: FeatureCollection = { type: 'FeatureCollection', features: [
      { type: 'Feature', id: 'rvp', geometry: { type: 'Point', coordinates: [0, 0] }, properties: { name: 'RVP', radius_m: 1_112 } }] };
    const { areas, names } = fenceFeatures(fences);
    const box = boxOf(areas.features[0]?.geometry as GeoJSON.Geometry);
    expect(box?.north).toBeCloseTo(0.01, 3);
    expect(names.features[0]?.properties).toMatchObject({ fence: 'rvp', name: 'RVP' });
  });
});

describe('basemap', () => {
  it('spaces the graticule to a handful of lines', () => {
    expect(spacingFor(0.2)).toBe(0.02);
    const lines = graticule({ west: -0.2, south: 51.45, east: 0, north: 51.55 }).features;
    expect(lines.length).toBeGreaterThan(8);
    expect(lines.length).toBeLessThan(40);
  });
  it('draws the river through its points, wider towards the sea', () => {
    expect(curve([[0, 0], [1, 1]], 2)).toHaveLength(3);
    const pieces = river().features;
    expect(pieces[0]?.properties?.['width_m']).toBeLessThan(100);
    expect(pieces.at(-1)?.properties?.['width_m']).toBeGreaterThan(1_000);
  });
  it('knows places around London', () => {
    expect(builtInPlaces().features.length).toBeGreaterThan(200);
  });
  it('fetches nothing from elsewhere and switches only layers it has', () => {
    const style = builtInStyle('dark', { world: [], near: [], near_box: [0, 0, 1, 1] }, '/font.woff2');
    expect(JSON.stringify(style)).not.toMatch(/https?:/);
    const ids = new Set(style.layers.map(({ id }) => id));
    for (const id of Object.values(SWITCHED_LAYERS).flat()) expect(ids).toContain(id);
  });
});

describe('table', () => {
  it('puts emergencies first, then call signs in order', () => {
    const { rows, total } = resourceRows([resource('B'), resource('A'), resource('Z', { status: '0' })], null, 0, {});
    expect(rows.map(({ subject }) => subject)).toEqual(['Z', 'A', 'B']);
    expect(total).toBe(3);
  });
});

describe('keys', () => {
  const press = (key: string, focus = 'body'): Parameters<typeof actionOf>[0] => ({ key, ctrlKey: false, metaKey: false, altKey: false, focus });
  it('mean what the help says', () => {
    expect(actionOf(press('j'), true)).toEqual({ do: 'next' });
    expect(actionOf(press('3'), true)).toEqual({ do: 'layer', layer: 'fences' });
    expect(actionOf(press('/'), true)).toEqual({ do: 'search' });
    expect(actionOf({ ...press('a'), ctrlKey: true }, true)).toBeNull();
  });
  it('are left to what has the focus, or switched off', () => {
    expect(actionOf(press('Enter', 'button'), true)).toBeNull();
    expect(actionOf(press('a', 'input'), true)).toBeNull();
    expect(actionOf(press('/', 'input'), true)).toBeNull();
    expect(actionOf(press('a'), false)).toBeNull();
    expect(actionOf(press('Escape'), false)).toEqual({ do: 'clear' });
  });
});
