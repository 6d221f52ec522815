// The built-in map style: no glyph server, no sprite, nothing that is not served from this page's own address.

import type { ExpressionSpecification, LayerSpecification, StyleSpecification } from 'maplibre-gl';
import type { Polygon, MultiPolygon } from 'geojson';
import { builtInPlaces, landmarks, parks, river, riverName, roads } from '../basemap/sketch';
import { EMPTY_COLLECTION } from '../live/server';
import { FENCE_COLOURS, MAP_COLOURS, type Theme } from './palette';

export interface Land {
  world: number[][][][];
  near: number[][][][];
  near_box: [number, number, number, number];
}

const METRES_PER_PIXEL_Z0 = 78_271.517;
const LONDON_COSINE = 0.6225;

/** Line width in screen pixels of a width in metres, true at London's latitude and near enough elsewhere. */
function metres(width: ExpressionSpecification, least = 0): ExpressionSpecification {
  const at = (zoom: number): ExpressionSpecification =>
    ['max', least, ['*', width, 2 ** zoom / (METRES_PER_PIXEL_Z0 * LONDON_COSINE)]];
  return ['interpolate', ['exponential', 2], ['zoom'], 8, at(8), 20, at(20)] as ExpressionSpecification;
}

const TEXT = ['Atkinson'];
/** From here on there is room for call signs. */
const NAMES_FROM_ZOOM = 13.4;

function bySeverity(theme: Theme): ExpressionSpecification {
  const colours = FENCE_COLOURS[theme];
  return ['match', ['get', 'severity'], 'critical', colours.critical, 'high', colours.high, 'low', colours.low, 'info', colours.info,
    colours.medium] as ExpressionSpecification;
}

function basemapLayers(theme: Theme): LayerSpecification[] {
  const c = MAP_COLOURS[theme];
  const name = { 'text-color': c.name, 'text-halo-color': c.halo, 'text-halo-width': 1.4 };
  return [
    { id: 'sea', type: 'background', paint: { 'background-color': c.sea } },
    { id: 'world', type: 'fill', source: 'world', paint: { 'fill-color': c.land } },
    { id: 'near-sea', type: 'fill', source: 'near-sea', minzoom: 5, paint: { 'fill-color': c.sea, 'fill-antialias': false } },
    { id: 'near', type: 'fill', source: 'near', minzoom: 5, paint: { 'fill-color': c.land } },
    { id: 'parks', type: 'fill', source: 'parks', minzoom: 9, paint: { 'fill-color': c.park } },
    { id: 'graticule', type: 'line', source: 'graticule', paint: { 'line-color': c.grid, 'line-width': 1 } },
    { id: 'roads', type: 'line', source: 'roads', minzoom: 10, layout: { 'line-cap': 'round', 'line-join': 'round' },
      paint: { 'line-color': c.road, 'line-width': ['interpolate', ['exponential', 1.6], ['zoom'], 10, 0.6, 13, 2.2, 16, 8] } },
    { id: 'river', type: 'line', source: 'river', layout: { 'line-cap': 'round', 'line-join': 'round' },
      paint: { 'line-color': c.water, 'line-width': metres(['get', 'width_m'], 1) } },
    { id: 'river-name', type: 'symbol', source: 'river-name', minzoom: 11,
      layout: { 'symbol-placement': 'line', 'symbol-spacing': 520, 'text-field': ['get', 'name'], 'text-font': TEXT, 'text-size': 12, 'text-letter-spacing': 0.12 },
      paint: { 'text-color': c.waterName, 'text-halo-color': c.water, 'text-halo-width': 1 } },
    { id: 'park-names', type: 'symbol', source: 'parks', minzoom: 12.5,
      layout: { 'text-field': ['get', 'name'], 'text-font': TEXT, 'text-size': 11, 'text-max-width': 7 },
      paint: { 'text-color': c.landmark, 'text-halo-color': c.park, 'text-halo-width': 1.2 } },
    { id: 'landmarks', type: 'symbol', source: 'landmarks', minzoom: 12.4,
      layout: { 'text-field': ['get', 'name'], 'text-font': TEXT, 'text-size': 11.5, 'text-max-width': 8, 'text-padding': 6 },
      paint: { 'text-color': c.landmark, 'text-halo-color': c.halo, 'text-halo-width': 1.4 } },
    { id: 'places', type: 'symbol', source: 'places',
      filter: ['<=', ['coalesce', ['get', 'rank'], 2], ['step', ['zoom'], 0, 9, 1, 11.2, 2, 12.6, 3]],
      layout: {
        'text-field': ['get', 'name'], 'text-font': TEXT, 'text-max-width': 8, 'text-padding': 10,
        'text-size': ['match', ['coalesce', ['get', 'rank'], 2], 0, 17, 1, 14.5, 13],
        'symbol-sort-key': ['coalesce', ['get', 'rank'], 2],
      },
      paint: name },
  ] as LayerSpecification[];
}

function fenceLayers(theme: Theme): LayerSpecification[] {
  const colour = bySeverity(theme);
  const area: ExpressionSpecification = ['!=', ['geometry-type'], 'LineString'];
  return [
    { id: 'fence-corridors', type: 'line', source: 'fences', filter: ['==', ['geometry-type'], 'LineString'],
      layout: { 'line-cap': 'round', 'line-join': 'round' },
      paint: { 'line-color': colour, 'line-opacity': 0.16, 'line-width': metres(['*', 2, ['to-number', ['get', 'width_m'], 25]], 3) } },
    { id: 'fence-fill', type: 'fill', source: 'fences', filter: area, paint: { 'fill-color': colour, 'fill-opacity': theme === 'dark' ? 0.08 : 0.1 } },
    { id: 'fence-line', type: 'line', source: 'fences', layout: { 'line-join': 'round' }, paint: { 'line-color': colour, 'line-width': 2 } },
  ] as LayerSpecification[];
}

function liveLayers(theme: Theme): LayerSpecification[] {
  const c = MAP_COLOURS[theme];
  const size: ExpressionSpecification = ['interpolate', ['linear'], ['zoom'], 8, 0.36, 11, 0.56, 12.5, 0.7, 14, 0.9, 15.5, 1];
  const onTop = { 'icon-allow-overlap': true, 'icon-ignore-placement': true, 'icon-size': size };
  const label = { 'text-font': TEXT, 'text-size': 11.5, 'text-anchor': 'top', 'text-offset': [0, 0.9], 'text-optional': true };
  const ink = { 'text-color': c.call, 'text-halo-color': c.halo, 'text-halo-width': 1.5 };
  return [
    { id: 'alert-rings', type: 'circle', source: 'alerts', filter: ['in', ['get', 'severity'], ['literal', ['critical', 'high']]],
      paint: {
        'circle-radius': ['interpolate', ['linear'], ['zoom'], 6, 6, 11, 14, 15, 28], 'circle-color': bySeverity(theme), 'circle-opacity': 0.13,
        'circle-stroke-color': bySeverity(theme), 'circle-stroke-width': 2,
      } },
    { id: 'incidents', type: 'symbol', source: 'incidents', layout: { ...onTop, 'icon-image': ['get', 'icon'], 'icon-anchor': 'center' } },
    { id: 'headings', type: 'symbol', source: 'resources', minzoom: 12.2, filter: ['has', 'heading'],
      layout: { ...onTop, 'icon-image': 'heading', 'icon-rotate': ['get', 'heading'], 'icon-rotation-alignment': 'map' } },
    { id: 'resources', type: 'symbol', source: 'resources',
      layout: { ...onTop, 'icon-image': ['get', 'icon'], 'symbol-sort-key': ['get', 'rank'] } },
    { id: 'resource-ages', type: 'symbol', source: 'resources', minzoom: 11.8, filter: ['has', 'age'],
      layout: { ...label, 'text-field': ['step', ['zoom'], ['get', 'age'], NAMES_FROM_ZOOM, ['concat', ['get', 'label'], ' ', ['get', 'age']]] },
      paint: { ...ink, 'text-color': c.landmark } },
    { id: 'resource-names', type: 'symbol', source: 'resources', minzoom: NAMES_FROM_ZOOM, filter: ['!', ['has', 'age']],
      layout: { ...label, 'text-field': ['get', 'label'] }, paint: ink },
    { id: 'incident-names', type: 'symbol', source: 'incidents', minzoom: NAMES_FROM_ZOOM,
      layout: { ...label, 'text-field': ['get', 'label'] }, paint: ink },
    // Above the resources: a fence's name must stay readable in a crowd.
    { id: 'fence-names', type: 'symbol', source: 'fence-names', minzoom: 10.5,
      layout: { 'text-field': ['get', 'name'], 'text-font': TEXT, 'text-size': 12.5, 'text-anchor': 'bottom', 'text-offset': [0, -0.3], 'text-allow-overlap': true },
      paint: { 'text-color': bySeverity(theme), 'text-halo-color': MAP_COLOURS[theme].halo, 'text-halo-width': 2.2 } },
    { id: 'sought-within', type: 'fill', source: 'sought', filter: ['==', ['geometry-type'], 'Polygon'],
      paint: { 'fill-color': c.selection, 'fill-opacity': 0.08 } },
    { id: 'sought-edge', type: 'line', source: 'sought', filter: ['==', ['geometry-type'], 'Polygon'],
      paint: { 'line-color': c.selection, 'line-width': 2, 'line-dasharray': [3, 2] } },
    { id: 'sought', type: 'circle', source: 'sought', filter: ['==', ['geometry-type'], 'Point'],
      paint: { 'circle-radius': 6, 'circle-color': c.selection, 'circle-stroke-color': c.halo, 'circle-stroke-width': 3 } },
    { id: 'sought-name', type: 'symbol', source: 'sought', filter: ['==', ['geometry-type'], 'Point'],
      layout: { ...label, 'text-field': ['get', 'name'], 'text-size': 13, 'text-allow-overlap': true },
      paint: { ...ink, 'text-color': c.selection } },
    { id: 'selection', type: 'circle', source: 'selection',
      paint: { 'circle-radius': 17, 'circle-opacity': 0, 'circle-stroke-color': c.selection, 'circle-stroke-width': 2.5 } },
  ] as LayerSpecification[];
}

const shape = (coordinates: number[][][][]): MultiPolygon => ({ type: 'MultiPolygon', coordinates });

function rectangle([west, south, east, north]: [number, number, number, number]): Polygon {
  return { type: 'Polygon', coordinates: [[[west, south], [east, south], [east, north], [west, north], [west, south]]] };
}

export function builtInStyle(theme: Theme, land: Land, fontUrl: string): StyleSpecification {
  const data = (value: StyleSources): { type: 'geojson'; data: StyleSources } => ({ type: 'geojson', data: value });
  return {
    version: 8,
    'font-faces': { Atkinson: [{ url: fontUrl }] },
    sources: {
      world: { ...data(shape(land.world)), maxzoom: 6 },
      'near-sea': { ...data(rectangle(land.near_box)), maxzoom: 8 },
      near: { ...data(shape(land.near)), maxzoom: 12 },
      parks: data(parks()),
      roads: data(roads()),
      river: data(river()),
      'river-name': data(riverName()),
      landmarks: data(landmarks()),
      places: data(builtInPlaces()),
      graticule: data(EMPTY_COLLECTION),
      fences: data(EMPTY_COLLECTION),
      'fence-names': data(EMPTY_COLLECTION),
      alerts: data(EMPTY_COLLECTION),
      incidents: data(EMPTY_COLLECTION),
      resources: { ...data(EMPTY_COLLECTION), buffer: 32, tolerance: 0 },
      sought: data(EMPTY_COLLECTION),
      selection: data(EMPTY_COLLECTION),
    },
    layers: [...basemapLayers(theme), ...fenceLayers(theme), ...liveLayers(theme)],
  } as StyleSpecification;
}

type StyleSources = ReturnType<typeof river> | MultiPolygon | Polygon;

/** Map layers behind each of the page's layer switches. */
export const SWITCHED_LAYERS = {
  resources: ['headings', 'resources', 'resource-names', 'resource-ages'],
  incidents: ['incidents', 'incident-names'],
  fences: ['fence-corridors', 'fence-fill', 'fence-line', 'fence-names'],
  alerts: ['alert-rings'],
  reference: ['parks', 'roads', 'river-name', 'park-names', 'landmarks', 'places', 'graticule'],
} as const;

export type LayerSwitch = keyof typeof SWITCHED_LAYERS;
