// The keyboard: which key means what, and when a key is left to what has the focus.

import type { LayerSwitch } from '../map/style';

export type KeyAction = { do: 'next' | 'previous' | 'acknowledge' | 'show' | 'clear' | 'search' | 'help' } | { do: 'layer'; layer: LayerSwitch };

export const LAYER_KEYS: LayerSwitch[] = ['resources', 'incidents', 'fences', 'alerts', 'reference'];

export const KEY_HELP: [keys: string, meaning: string][] = [
  ['J / K', 'Next / previous alert'],
  ['A', 'Acknowledge the chosen alert'],
  ['Enter', 'Show the chosen alert on the map'],
  ['1 – 5', 'Layers on and off'],
  ['/', 'Search a place: name, postcode, grid reference, coordinates'],
  ['Esc', 'Clear the choice'],
  ['?', 'This help'],
];

export interface KeyPress {
  key: string;
  ctrlKey: boolean;
  metaKey: boolean;
  altKey: boolean;
  /** Tag name of the element with the focus, lower case; 'checkbox' for a box that takes no text. */
  focus: string;
}

const TYPES_TEXT = new Set(['input', 'textarea', 'select']);

export function actionOf(press: KeyPress, singleKeys: boolean): KeyAction | null {
  if (press.ctrlKey || press.metaKey || press.altKey) return null;
  if (press.key === 'Escape') return { do: 'clear' };
  if (!singleKeys || TYPES_TEXT.has(press.focus)) return null;
  const layer = /^[1-5]$/.test(press.key) ? LAYER_KEYS[Number(press.key) - 1] : undefined;
  if (layer !== undefined) return { do: 'layer', layer };
  switch (press.key) {
    case 'j':
    case 'J':
      return { do: 'next' };
    case 'k':
    case 'K':
      return { do: 'previous' };
    case 'a':
    case 'A':
      return { do: 'acknowledge' };
    case 'Enter':
      return press.focus === 'button' || press.focus === 'a' || press.focus === 'summary' ? null : { do: 'show' };
    case '/':
      return { do: 'search' };
    case '?':
      return { do: 'help' };
    default:
      return null;
  }
}
