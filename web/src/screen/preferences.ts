// What this browser remembers of its operator's wishes. A browser that may store nothing simply forgets.

import type { Theme } from '../map/palette';

export interface Preferences {
  theme: Theme;
  sound: boolean;
  singleKeys: boolean;
}

const KEY = 'cordon.preferences';
const DEFAULTS: Preferences = { theme: 'dark', sound: true, singleKeys: true };

export function readPreferences(): Preferences {
  try {
    return { ...DEFAULTS, ...(JSON.parse(localStorage.getItem(KEY) ?? '{}') as Partial<Preferences>) };
  } catch {
    return { ...DEFAULTS };
  }
}

export function keepPreferences(preferences: Preferences): void {
  try {
    localStorage.setItem(KEY, JSON.stringify(preferences));
  } catch {
    // Private windows refuse; the wish then holds for this page only.
  }
}
