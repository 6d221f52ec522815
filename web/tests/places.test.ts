import { describe, expect, it } from 'vitest';
import { askPlace, askSuggestions, within } from '../src/live/places';
import { boxOf, soughtFeatures } from '../src/map/features';

const answering = (ok: boolean, given: unknown) => (path: string) => {
  asked = path;
  return Promise.resolve({ ok, json: () => Promise.resolve(given) });
};
let asked = '';
const { signal } = new AbortController();
const placed = { lat: 51.47, lon: -0.112, precision: 'street', match: 'Brixton Road', score: 0.9, radius_m: 120 };

describe('looking places up', () => {
  it('asks with the text as it was typed and leaves out what is nowhere', async () => {
    const given = { suggestions: [{ title: 'A & B', area: null, kind: 'street', lat: 51.5, lon: -0.1, radius_m: 90 }, { title: 'C' }, 7] };
    const found = await askSuggestions('a & b', signal, answering(true, given));
    expect(asked).toBe('/v1/suggest?q=a%20%26%20b');
    expect(found).toEqual([{ title: 'A & B', area: null, kind: 'street', lat: 51.5, lon: -0.1, radiusM: 90 }]);
  });
  it('finds one place, or several and why', async () => {
    expect((await askPlace('x', signal, answering(true, { ...placed, alternatives: [] }))).places[0]?.title).toBe('Brixton Road');
    const several = await askPlace('x', signal, answering(true, { reason: 'ambiguous', detail: 'two places', alternatives: [placed, placed] }));
    expect([several.places.length, several.why]).toEqual([2, 'two places']);
    const none = await askPlace('x', signal, answering(true, { reason: 'unlocatable', alternatives: [] }));
    expect(none).toEqual({ places: [], why: 'unlocatable' });
  });
  it('says what the server says where it cannot answer', async () => {
    await expect(askSuggestions('x', signal, answering(false, { detail: 'no gazetteer is loaded' }))).rejects.toThrow('no gazetteer is loaded');
    await expect(askPlace('x', signal, answering(false, null))).rejects.toThrow('the search cannot answer');
  });
  it('says how far off a place may be', () => {
    expect([within(0), within(71.4), within(1530)]).toEqual(['', 'within 71 m', 'within 1.5 km']);
  });
});

describe('the mark', () => {
  const place = { title: 'Brixton Road', area: null, kind: 'street', lat: 51.47, lon: -0.112, radiusM: 111.2 };
  it('is a point within a circle, a point alone, or nothing', () => {
    const [round, point] = soughtFeatures(place).features;
    expect(point?.geometry).toEqual({ type: 'Point', coordinates: [-0.112, 51.47] });
    const box = round === undefined ? null : boxOf(round.geometry);
    expect(box?.north).toBeCloseTo(51.471, 5);
    expect(soughtFeatures({ ...place, radiusM: 0 }).features).toHaveLength(1);
    expect(soughtFeatures(null).features).toHaveLength(0);
  });
});
