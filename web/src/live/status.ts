// National resource status codes, reduced to the few states a commander tells apart at a glance.
// Every state has a letter and a shape of its own, so that none is told by colour alone.

export type ResourceState = 'emergency' | 'available' | 'enroute' | 'scene' | 'committed' | 'unavailable' | 'unknown';
export type Shape = 'star' | 'circle' | 'triangle' | 'square' | 'diamond' | 'hexagon';

export interface StateLook {
  letter: string;
  name: string;
  shape: Shape;
}

export const STATES: Record<ResourceState, StateLook> = {
  emergency: { letter: 'E', name: 'Emergency', shape: 'star' },
  available: { letter: 'A', name: 'Available', shape: 'circle' },
  enroute: { letter: 'R', name: 'En route', shape: 'triangle' },
  scene: { letter: 'S', name: 'At scene', shape: 'square' },
  committed: { letter: 'C', name: 'Committed', shape: 'diamond' },
  unavailable: { letter: 'U', name: 'Unavailable', shape: 'hexagon' },
  unknown: { letter: '?', name: 'No status', shape: 'circle' },
};

const BY_CODE: Record<string, ResourceState> = {
  '0': 'emergency',
  '1': 'unavailable',
  '2': 'available',
  '3': 'available',
  '4': 'unavailable',
  '5': 'enroute',
  '6': 'scene',
  '7': 'committed',
  '8': 'committed',
  '9': 'committed',
  '10': 'unavailable',
  '11': 'unavailable',
};

export const stateOf = (status: string | undefined): ResourceState => BY_CODE[status ?? ''] ?? 'unknown';

const MESSAGE_CODES = new Set(['12', '13', '14', '15', '16']);

/** Codes 12 to 16 are messages: they never replace a state. */
export const statusAfter = (before: string | undefined, reported: string | undefined): string | undefined =>
  reported === undefined || MESSAGE_CODES.has(reported) ? before : reported;

const CODE_NAMES: Record<string, string> = {
  '0': 'emergency',
  '1': 'on duty',
  '2': 'available, patrol',
  '3': 'available, at station',
  '4': 'refreshments',
  '5': 'en route',
  '6': 'at scene',
  '7': 'committed but deployable',
  '8': 'committed',
  '9': 'prisoner escort',
  '10': 'at court',
  '11': 'off duty',
};

export const codeName = (status: string | undefined): string => CODE_NAMES[status ?? ''] ?? 'no status known';
