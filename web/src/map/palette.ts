// Colours of the map. State colours follow Okabe and Ito; each state also has a shape and a letter.

import type { ResourceState } from '../live/status';
import type { Severity } from '../live/frames';

export type Theme = 'dark' | 'light';

export interface MapColours {
  sea: string;
  land: string;
  park: string;
  water: string;
  road: string;
  grid: string;
  name: string;
  landmark: string;
  waterName: string;
  halo: string;
  call: string;
  selection: string;
}

export const MAP_COLOURS: Record<Theme, MapColours> = {
  dark: {
    sea: '#10283a',
    land: '#12181f',
    park: '#152420',
    water: '#173c56',
    road: '#2d3946',
    grid: '#1d2630',
    name: '#a3b1bf',
    landmark: '#74838f',
    waterName: '#6b9fc0',
    halo: '#0c1117',
    call: '#d7e0e8',
    selection: '#ffffff',
  },
  light: {
    sea: '#c3dbe9',
    land: '#f4f2ed',
    park: '#dfead9',
    water: '#b4d3e6',
    road: '#dcd6ca',
    grid: '#e7e3da',
    name: '#414c57',
    landmark: '#6a737c',
    waterName: '#33688c',
    halo: '#fbfaf7',
    call: '#16202a',
    selection: '#0b1118',
  },
};

export const STATE_COLOURS: Record<ResourceState, string> = {
  emergency: '#ff5a3c',
  available: '#5ab4f0',
  enroute: '#2fc493',
  scene: '#f2df4a',
  committed: '#e69f00',
  unavailable: '#94a0ab',
  unknown: '#a9b4be',
};

export const STALE_GREY = '#8b96a1';
export const ICON_INK = '#0b0f14';
export const INCIDENT_COLOUR = '#e58ac0';

export const FENCE_COLOURS: Record<Theme, Record<Severity, string>> = {
  dark: { critical: '#ff6b57', high: '#ffd166', medium: '#c9a6f5', low: '#8fb3d9', info: '#8fb3d9' },
  light: { critical: '#c22f1c', high: '#946200', medium: '#6d3fb0', low: '#33658f', info: '#33658f' },
};
