// Looking places up: what a text may become while it is typed, and where it is once it is entered.

export interface SoughtPlace {
  title: string;
  area: string | null;
  kind: string;
  lat: number;
  lon: number;
  radiusM: number;
}

/** Where an entered text is: one place, several that it may be, or none; `why` says it in words. */
export interface Found {
  places: SoughtPlace[];
  why: string;
}

type Fetch = (path: string, options: { signal: AbortSignal }) => Promise<{ ok: boolean; json: () => Promise<unknown> }>;

const text = (value: unknown): string => (typeof value === 'string' ? value : '');
const number = (value: unknown): number => (typeof value === 'number' ? value : Number.NaN);
const object = (value: unknown): Record<string, unknown> => (value !== null && typeof value === 'object' ? (value as Record<string, unknown>) : {});
const list = (value: unknown): Record<string, unknown>[] => (Array.isArray(value) ? value.map(object) : []);
const isSomewhere = ({ lat, lon }: SoughtPlace): boolean => Number.isFinite(lat) && Number.isFinite(lon);

const suggested = (given: Record<string, unknown>): SoughtPlace => ({
  title: text(given['title']),
  area: text(given['area']) || null,
  kind: text(given['kind']),
  lat: number(given['lat']),
  lon: number(given['lon']),
  radiusM: number(given['radius_m']) || 0,
});

const guessed = (given: Record<string, unknown>, query: string): SoughtPlace => ({
  title: text(given['match']) || query,
  area: null,
  kind: text(given['precision']),
  lat: number(given['lat']),
  lon: number(given['lon']),
  radiusM: number(given['radius_m']) || 0,
});

/** What `query` may become; throws what the server says where it cannot answer. */
export async function askSuggestions(query: string, signal: AbortSignal, ask: Fetch = fetch): Promise<SoughtPlace[]> {
  const answer = await ask(`/v1/suggest?q=${encodeURIComponent(query)}`, { signal });
  const given = object(await answer.json());
  if (!answer.ok) throw new Error(text(given['detail']) || 'the search cannot answer');
  return list(given['suggestions']).map(suggested).filter(isSomewhere);
}

/** Where `query` is; throws what the server says where it cannot answer. */
export async function askPlace(query: string, signal: AbortSignal, ask: Fetch = fetch): Promise<Found> {
  const answer = await ask(`/v1/geocode?q=${encodeURIComponent(query)}`, { signal });
  const given = object(await answer.json());
  if (!answer.ok) throw new Error(text(given['detail']) || 'the search cannot answer');
  if (typeof given['lat'] === 'number') return { places: [guessed(given, query)].filter(isSomewhere), why: '' };
  const others = list(given['alternatives']).map((other) => guessed(other, query)).filter(isSomewhere);
  return { places: others, why: text(given['detail']) || text(given['reason']) };
}

/** How far the place may be off, in words; nothing for a point. */
export const within = (radiusM: number): string =>
  radiusM <= 0 ? '' : radiusM < 1000 ? `within ${Math.round(radiusM)} m` : `within ${(radiusM / 1000).toFixed(1)} km`;
