// The map itself: takes the picture at most four times a second, says what is in view and what was clicked.

import {
  AttributionControl, GeoJSONSource, Map as GlMap, NavigationControl, ScaleControl, setWorkerUrl, type MapMouseEvent, type StyleSpecification,
} from 'maplibre-gl';
import 'maplibre-gl/dist/maplibre-gl.css';
import workerUrl from 'maplibre-gl/dist/maplibre-gl-worker.mjs?worker&url';
import fontUrl from '@fontsource/atkinson-hyperlegible-next/files/atkinson-hyperlegible-next-latin-400-normal.woff2?url';
import landUrl from '../basemap/generated/land.json?url';
import type { FeatureCollection } from 'geojson';
import { gradeRank, type Picture } from '../live/picture';
import type { SoughtPlace } from '../live/places';
import { EMPTY_COLLECTION, type RoomSetup } from '../live/server';
import { graticule, type Box } from '../basemap/graticule';
import { alertFeatures, boxOf, fenceFeatures, incidentFeatures, resourceFeatures, soughtFeatures } from './features';
import { allIcons, drawIncident, ICON_DENSITY } from './icons';
import type { Theme } from './palette';
import { builtInStyle, SWITCHED_LAYERS, type Land, type LayerSwitch } from './style';

export const DRAW_EVERY_MS = 250;
/** A map that has not shown an update for this long gets the next one all the same. */
const GIVE_ANYWAY_AFTER_MS = 2_000;
/** Resources this far outside the view, as a share of it, are drawn too, so that a small pan shows no empty edge. */
const VIEW_MARGIN = 0.25;

export interface LiveMapEvents {
  ready: () => void;
  moved: (view: Box) => void;
  selected: (subject: string | null) => void;
  pointed: (lat: number, lon: number) => void;
}

/** How the map keeps up: updates given to it, updates it finished drawing, and the last one's cost in milliseconds. */
export interface DrawCost {
  given: number;
  shown: number;
  buildMs: number;
  untilShownMs: number;
}

export function canDrawMaps(): boolean {
  return document.createElement('canvas').getContext('webgl2') !== null;
}

export class LiveMap {
  readonly cost: DrawCost = { given: 0, shown: 0, buildMs: 0, untilShownMs: 0 };
  private givenAt: number | null = null;
  private readonly map: GlMap;
  private ready = false;
  private fences: FeatureCollection = EMPTY_COLLECTION;
  private places: FeatureCollection = EMPTY_COLLECTION;
  private readonly hidden = new Set<LayerSwitch>();
  private selectedAt: [number, number] | null = null;
  private sought: SoughtPlace | null = null;

  static async create(container: HTMLElement, setup: RoomSetup, theme: Theme, events: LiveMapEvents): Promise<LiveMap> {
    setWorkerUrl(workerUrl);
    const land = (await (await fetch(landUrl)).json()) as Land;
    await document.fonts.load('700 12px "Atkinson"').catch(() => []);
    return new LiveMap(container, setup, theme, land, events);
  }

  private constructor(container: HTMLElement, private readonly setup: RoomSetup, private theme: Theme, private readonly land: Land, private readonly events: LiveMapEvents) {
    this.map = new GlMap({
      container,
      style: this.style(),
      center: setup.map.center,
      zoom: setup.map.zoom,
      minZoom: 3,
      maxZoom: 18,
      maxPitch: 0,
      dragRotate: false,
      pitchWithRotate: false,
      attributionControl: false,
      fadeDuration: 0,
      locale: { 'Map.Title': 'Live map of resources, incidents and fences. The table and the alert list hold the same in words.' },
    });
    this.map.touchZoomRotate.disableRotation();
    this.map.addControl(new NavigationControl({ showCompass: false }), 'top-left');
    this.map.addControl(new ScaleControl({ maxWidth: 120 }), 'bottom-right');
    this.map.addControl(new AttributionControl({
      compact: false,
      customAttribution: 'Built-in basemap (no street detail) · Natural Earth · places © GeoNames (CC BY 4.0)',
    }), 'bottom-right');
    this.map.on('style.load', () => this.styleLoaded());
    this.map.on('render', () => this.rendered());
    this.map.on('moveend', () => this.viewChanged());
    this.map.on('mousemove', (event) => this.events.pointed(event.lngLat.lat, event.lngLat.lng));
    this.map.on('click', (event) => this.clicked(event));
    this.map.on('styleimagemissing', ({ id }) => this.addIncidentIcon(id));
  }

  get view(): Box {
    const bounds = this.map.getBounds();
    return { west: bounds.getWest(), south: bounds.getSouth(), east: bounds.getEast(), north: bounds.getNorth() };
  }

  remove(): void {
    this.map.remove();
  }

  /** Draws the picture; false when the map still works on the one before, so that it is never buried under updates. */
  draw(picture: Picture, now: number): boolean {
    const begin = performance.now();
    if (!this.ready || (this.givenAt !== null && begin - this.givenAt < GIVE_ANYWAY_AFTER_MS)) return false;
    this.put('resources', resourceFeatures(picture.resources.values(), now, this.setup.stale_after_s, this.drawnBox()));
    this.put('incidents', incidentFeatures(picture.incidents.values()));
    this.put('alerts', alertFeatures(picture.alerts.values()));
    this.givenAt = begin;
    this.cost.given += 1;
    this.cost.buildMs = performance.now() - begin;
    return true;
  }

  setFences(fences: FeatureCollection): void {
    this.fences = fences;
    if (!this.ready) return;
    const { areas, names } = fenceFeatures(fences);
    this.put('fences', areas);
    this.put('fence-names', names);
  }

  /** Place names of the server's own, in place of the built-in ones. */
  setPlaces(places: FeatureCollection): void {
    this.places = places;
    if (this.ready && places.features.length > 0) this.put('places', places);
  }

  setTheme(theme: Theme): void {
    if (theme === this.theme) return;
    this.theme = theme;
    this.ready = false;
    this.givenAt = null;
    this.map.setStyle(this.style(), { diff: false });
  }

  show(layer: LayerSwitch, shown: boolean): void {
    if (shown) this.hidden.delete(layer);
    else this.hidden.add(layer);
    if (this.ready) this.applySwitches();
  }

  select(at: [number, number] | null): void {
    this.selectedAt = at;
    if (!this.ready) return;
    const features: FeatureCollection['features'] = at === null ? [] : [{ type: 'Feature', geometry: { type: 'Point', coordinates: at }, properties: {} }];
    this.put('selection', { type: 'FeatureCollection', features });
  }

  /** Marks the place that was searched, and how far off it may be. */
  mark(place: SoughtPlace | null): void {
    this.sought = place;
    if (this.ready) this.put('sought', soughtFeatures(place));
  }

  goToPlace(place: SoughtPlace): void {
    const [round] = soughtFeatures(place).features;
    const box = place.radiusM > 0 && round !== undefined ? boxOf(round.geometry) : null;
    if (box !== null) this.goToBox(box);
    else this.goTo(place.lon, place.lat);
  }

  goTo(lon: number, lat: number): void {
    const calm = window.matchMedia('(prefers-reduced-motion: reduce)').matches;
    this.map.easeTo({ center: [lon, lat], zoom: Math.max(this.map.getZoom(), 14), duration: calm ? 0 : 500 });
  }

  goToBox(box: Box): void {
    const calm = window.matchMedia('(prefers-reduced-motion: reduce)').matches;
    this.map.fitBounds([box.west, box.south, box.east, box.north], { padding: 80, maxZoom: 15, duration: calm ? 0 : 500 });
  }

  private style(): StyleSpecification {
    return builtInStyle(this.theme, this.land, new URL(fontUrl, window.location.href).href);
  }

  private styleLoaded(): void {
    for (const { name, image } of allIcons(this.theme)) this.map.addImage(name, image, { pixelRatio: ICON_DENSITY });
    this.ready = true;
    this.setFences(this.fences);
    this.setPlaces(this.places);
    this.applySwitches();
    this.select(this.selectedAt);
    this.mark(this.sought);
    this.viewChanged();
    this.events.ready();
  }

  private rendered(): void {
    if (this.givenAt === null || !this.ready || !this.map.isSourceLoaded('resources')) return;
    this.cost.shown += 1;
    this.cost.untilShownMs = performance.now() - this.givenAt;
    this.givenAt = null;
  }

  private addIncidentIcon(id: string): void {
    if (!id.startsWith('incident-') || this.map.hasImage(id)) return;
    const grade = id.slice('incident-'.length);
    this.map.addImage(id, drawIncident(grade, gradeRank(grade) === 0, this.theme), { pixelRatio: ICON_DENSITY });
  }

  private viewChanged(): void {
    if (this.ready) this.put('graticule', graticule(this.view));
    this.events.moved(this.view);
  }

  private clicked(event: MapMouseEvent): void {
    if (!this.ready) return;
    const { x, y } = event.point;
    const [hit] = this.map.queryRenderedFeatures([[x - 8, y - 8], [x + 8, y + 8]], { layers: ['resources', 'incidents'] });
    const subject: unknown = hit?.properties['subject'];
    this.events.selected(typeof subject === 'string' ? subject : null);
  }

  private applySwitches(): void {
    for (const layer of Object.keys(SWITCHED_LAYERS) as LayerSwitch[]) {
      for (const id of SWITCHED_LAYERS[layer]) this.map.setLayoutProperty(id, 'visibility', this.hidden.has(layer) ? 'none' : 'visible');
    }
  }

  private drawnBox(): Box {
    const { west, south, east, north } = this.view;
    const [dx, dy] = [(east - west) * VIEW_MARGIN, (north - south) * VIEW_MARGIN];
    return { west: west - dx, south: south - dy, east: east + dx, north: north + dy };
  }

  private put(source: string, data: FeatureCollection): void {
    const held = this.map.getSource(source);
    if (held instanceof GeoJSONSource) held.setData(data);
  }
}
