// How old a fix may be before it stops being news. A resource is never silently removed for age: it turns hollow, then grey
// with its age beside it, then a cross at its last known place.

export type Freshness = 'fresh' | 'stale' | 'old' | 'lost';

/** Seconds until a fix counts as stale, by resource class. */
export type StaleAfter = Record<string, number>;

export const DEFAULT_STALE_AFTER_S = 30;
const OLD_AT = 4;
const LOST_AT = 20;

export function staleAfter(thresholds: StaleAfter, resourceClass: string | undefined): number {
  const own = thresholds[resourceClass ?? 'other'] ?? thresholds['default'] ?? thresholds['other'];
  return own !== undefined && own > 0 ? own : DEFAULT_STALE_AFTER_S;
}

export function freshness(ageS: number, staleAfterS: number): Freshness {
  if (ageS >= staleAfterS * LOST_AT) return 'lost';
  if (ageS >= staleAfterS * OLD_AT) return 'old';
  if (ageS >= staleAfterS) return 'stale';
  return 'fresh';
}

/** An age in as few characters as can be read at a glance: "4 s", "3 min", "2 h". */
export function ageText(ageS: number): string {
  if (!Number.isFinite(ageS)) return '–';
  const age = Math.max(0, ageS);
  if (age < 90) return `${Math.floor(age)} s`;
  if (age < 90 * 60) return `${Math.floor(age / 60)} min`;
  return `${Math.floor(age / 3600)} h`;
}
