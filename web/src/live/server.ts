// What the page asks over REST, once: how the room is set up, its fences, its place names.

import type { FeatureCollection } from 'geojson';
import type { StaleAfter } from './staleness';

export interface RoomSetup {
  marking: string;
  operation: string;
  role: string;
  map: { center: [number, number]; zoom: number };
  stale_after_s: StaleAfter;
  demo: boolean;
}

export const EMPTY_COLLECTION: FeatureCollection = { type: 'FeatureCollection', features: [] };

const DEFAULT_SETUP: RoomSetup = {
  marking: 'MARKING NOT SET',
  operation: '',
  role: '',
  map: { center: [-0.12, 51.507], zoom: 12 },
  stale_after_s: {},
  demo: false,
};

async function ask(path: string): Promise<unknown> {
  const answer = await fetch(path, { headers: { accept: 'application/json' } });
  if (!answer.ok) throw new Error(`${path} answered ${answer.status}`);
  return answer.json();
}

export async function askSetup(): Promise<RoomSetup> {
  const given = (await ask('/v1/ui')) as Partial<RoomSetup>;
  return { ...DEFAULT_SETUP, ...given, map: { ...DEFAULT_SETUP.map, ...given.map } };
}

export const unknownSetup = (): RoomSetup => DEFAULT_SETUP;

export async function askCollection(path: '/v1/fences' | '/v1/places'): Promise<FeatureCollection> {
  const given = (await ask(path)) as Partial<FeatureCollection> | null;
  return given !== null && Array.isArray(given.features) ? (given as FeatureCollection) : EMPTY_COLLECTION;
}
