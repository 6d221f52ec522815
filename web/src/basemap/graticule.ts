// Lines of latitude and longitude for the view, at a spacing that leaves a handful on screen.

import type { Feature, FeatureCollection } from 'geojson';

export interface Box {
  west: number;
  south: number;
  east: number;
  north: number;
}

const SPACINGS = [30, 10, 5, 1, 0.5, 0.1, 0.05, 0.02, 0.01, 0.005, 0.002];
const WANTED_LINES = 6;

export function spacingFor(degrees: number): number {
  return SPACINGS.find((spacing) => degrees / spacing >= WANTED_LINES) ?? 0.001;
}

export function graticule(view: Box): FeatureCollection {
  const spacing = spacingFor(view.east - view.west);
  const decimals = Math.max(0, Math.ceil(-Math.log10(spacing)));
  const features: Feature[] = [];
  const line = (coordinates: [number, number][], label: string): void => {
    features.push({ type: 'Feature', geometry: { type: 'LineString', coordinates }, properties: { label } });
  };
  const [south, north] = [Math.max(-85, view.south - spacing), Math.min(85, view.north + spacing)];
  for (let i = Math.floor(view.west / spacing); i * spacing <= view.east + spacing; i += 1) {
    const lon = i * spacing;
    line([[lon, south], [lon, north]], `${Math.abs(lon).toFixed(decimals)}°${lon < 0 ? 'W' : 'E'}`);
  }
  for (let i = Math.floor(south / spacing); i * spacing <= north; i += 1) {
    const lat = i * spacing;
    line([[view.west - spacing, lat], [view.east + spacing, lat]], `${Math.abs(lat).toFixed(decimals)}°${lat < 0 ? 'S' : 'N'}`);
  }
  return { type: 'FeatureCollection', features };
}
