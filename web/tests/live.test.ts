import { describe, expect, it } from 'vitest';
import { Acknowledgements } from '../src/live/acknowledgements';
import { announcement, bannerAlert, heldInPlace, inOrder } from '../src/live/alerts';
import { behindLevel, FeedAges, ServerClock } from '../src/live/feeds';
import { readFrame, timeOf, type AlertRecord, type Frame } from '../src/live/frames';
import { gradeRank, Picture, unplacedInOrder } from '../src/live/picture';
import { ageText, freshness, staleAfter } from '../src/live/staleness';
import { stateOf, statusAfter } from '../src/live/status';

const T0 = Date.parse('2026-08-30T21:14:05.120Z');
const at = (seconds: number): string => new Date(T0 + seconds * 1000).toISOString();

const alert = (id: string, more: Partial<AlertRecord> = {}): AlertRecord =>
  ({ id, state: 'open', severity: 'medium', title: `alert ${id}`, opened_at: at(0), sequence: 1, ...more });

function frame(value: object): Frame {
  const read = readFrame(JSON.stringify(value));
  if (read === null) throw new Error('not a frame of this page');
  return read;
}

const position = (subject: string, seconds: number, more: object = {}): object => ({ subject, at: at(seconds), lat: 51.5, lon: -0.12, ...more });

describe('frames', () => {
  it('reads one position and a batch alike', () => {
    expect(frame({ type: 'position', sub: 's1', resume: 'a', data: position('X', 0) })).toMatchObject({ type: 'positions', resume: 'a', data: [{ subject: 'X' }] });
    expect(frame({ type: 'positions', sub: 's1', resume: 'b', data: [position('X', 0), { junk: 1 }] })).toMatchObject({ data: [{ subject: 'X' }] });
  });
  it('has no use for other channels, broken records or text that is not JSON', () => {
    for (const raw of ['', '{', '3', 'null', '{"type":"cell","data":{}}', '{"type":"alert","data":{"id":3}}', '{"type":"snapshot","channel":"cells","data":[]}']) {
      expect(readFrame(raw)).toBeNull();
    }
  });
  it('keeps an alert with an unknown severity or without a title', () => {
    expect(frame({ type: 'alert', data: { id: 'a', state: 'open', severity: 'dire', rule: 'r' } })).toMatchObject({ data: { severity: 'medium', title: 'r' } });
  });
  it('reads times as text or milliseconds', () => {
    expect(timeOf(at(0))).toBe(T0);
    expect(timeOf(T0)).toBe(T0);
    expect(timeOf(null)).toBeNaN();
  });
});

describe('picture', () => {
  it('keeps the newest fix of a subject', () => {
    const picture = new Picture();
    picture.apply(frame({ type: 'positions', data: [position('X', 5, { lat: 51.6 }), position('X', 4, { lat: 51.4, late: true })] }));
    expect(picture.resources.get('X')?.lat).toBe(51.6);
    expect(picture.newestFix).toBe(T0 + 5_000);
  });
  it('does not let a message code replace a state', () => {
    const picture = new Picture();
    picture.apply(frame({ type: 'positions', data: [position('X', 0, { status: '5' })] }));
    picture.apply(frame({ type: 'positions', data: [position('X', 1, { status: '14' })] }));
    expect(picture.resources.get('X')?.status).toBe('5');
  });
  it('removes what a whole snapshot no longer holds, only at its last page', () => {
    const picture = new Picture();
    picture.apply(frame({ type: 'positions', data: [position('OLD', 0), position('A', 0)] }));
    picture.apply(frame({ type: 'snapshot', sub: 's1', channel: 'positions', data: [position('A', 1)], last: false }));
    expect([...picture.resources.keys()]).toEqual(['OLD', 'A']);
    picture.apply(frame({ type: 'snapshot', sub: 's1', channel: 'positions', data: [position('B', 1)], last: true }));
    expect([...picture.resources.keys()]).toEqual(['A', 'B']);
  });
  it('forgets half a snapshot of a lost connection', () => {
    const picture = new Picture();
    picture.apply(frame({ type: 'snapshot', channel: 'positions', data: [position('A', 1)], last: false }));
    picture.connectionOpened();
    picture.apply(frame({ type: 'snapshot', channel: 'positions', data: [position('B', 1)], last: true }));
    expect([...picture.resources.keys()]).toEqual(['B']);
  });
  it('never drops an alert: one missing from a snapshot has ended', () => {
    const picture = new Picture();
    picture.apply(frame({ type: 'alert', data: alert('a') }));
    picture.apply(frame({ type: 'alert', data: alert('b', { state: 'acknowledged' }) }));
    picture.apply(frame({ type: 'snapshot', channel: 'alerts', data: [], last: true }));
    expect(picture.alerts.get('a')?.state).toBe('closed');
    expect(picture.alerts.get('b')?.state).toBe('acknowledged');
  });
  it('ignores an older sequence of an alert', () => {
    const picture = new Picture();
    picture.apply(frame({ type: 'alert', data: alert('a', { state: 'acknowledged', sequence: 2 }) }));
    picture.apply(frame({ type: 'alert', data: alert('a', { sequence: 1 }) }));
    expect(picture.alerts.get('a')?.state).toBe('acknowledged');
  });
  it('holds incidents without a place and drops closed ones', () => {
    const picture = new Picture();
    picture.apply(frame({ type: 'incident', data: { subject: 'CAD-1', at: at(0), grade: 'I', location: { text: 'OLD MARKET' } } }));
    expect(picture.incidents.get('CAD-1')).toMatchObject({ lat: null, place: 'OLD MARKET' });
    picture.apply(frame({ type: 'incident', data: { subject: 'CAD-1', at: at(1), state: 'closed' } }));
    expect(picture.incidents.size).toBe(0);
  });
  it('lists what has no place, the gravest first', () => {
    const picture = new Picture();
    for (const [subject, grade] of [['e', 'E'], ['i', 'I'], ['x', '?'], ['s', 'S']]) picture.apply(frame({ type: 'incident', data: { subject, grade, at: at(0) } }));
    expect(unplacedInOrder(picture.incidents.values()).map((incident) => incident.subject)).toEqual(['i', 's', 'e', 'x']);
    expect(['1', 'P2', 'I'].map(gradeRank)).toEqual([0, 1, 0]);
  });
  it('removes an expired subject', () => {
    const picture = new Picture();
    picture.apply(frame({ type: 'positions', data: [position('X', 0)] }));
    expect(picture.apply(frame({ type: 'removed', sub: 's1', subject: 'X' })).resources).toBe(true);
    expect(picture.resources.size).toBe(0);
  });
});

describe('staleness', () => {
  it('goes from full to hollow to grey to a cross', () => {
    expect([0, 29.9, 30, 119.9, 120, 599.9, 600].map((age) => freshness(age, 30))).toEqual(['fresh', 'fresh', 'stale', 'stale', 'old', 'old', 'lost']);
  });
  it('takes a threshold per class, then the default', () => {
    expect(staleAfter({ air: 15 }, 'air')).toBe(15);
    expect(staleAfter({ air: 15 }, 'foot')).toBe(30);
    expect(staleAfter({ air: 0 }, 'air')).toBe(30);
  });
  it('says ages shortly', () => {
    expect([0.4, 89, 90, 3_600, 7_200, Number.NaN].map(ageText)).toEqual(['0 s', '89 s', '1 min', '60 min', '2 h', '–']);
  });
});

describe('status codes', () => {
  it('group into states', () => {
    expect(['0', '2', '3', '5', '6', '7', '9', '4', '99', undefined].map(stateOf)).toEqual(
      ['emergency', 'available', 'available', 'enroute', 'scene', 'committed', 'committed', 'unavailable', 'unknown', 'unknown']);
    expect(statusAfter('6', undefined)).toBe('6');
  });
});

describe('feed ages', () => {
  it('keep counting when nothing arrives', () => {
    const feeds = new FeedAges();
    feeds.heartbeat([{ name: 'positions', age_s: 0.2 }], 1_000);
    expect(feeds.ages(1_000)[0]).toMatchObject({ ageS: 0.2, level: 'good' });
    expect(feeds.ages(31_000)[0]).toMatchObject({ ageS: 30.2, level: 'amber' });
    expect(feeds.ages(91_000)[0]?.level).toBe('red');
  });
  it('are young again when a record arrives', () => {
    const feeds = new FeedAges();
    feeds.heartbeat([{ name: 'positions', age_s: 12 }], 0);
    feeds.applied(frame({ type: 'positions', data: [position('X', 0)] }), 9_000, T0 + 400);
    expect(feeds.ages(10_000)[0]?.ageS).toBe(1);
  });
  it('make the picture as far behind as its usual delay, or as old as its newest fix', () => {
    const feeds = new FeedAges();
    expect(feeds.behindS(Number.NaN, T0)).toBeNull();
    feeds.applied(frame({ type: 'positions', data: [position('X', 0), position('Y', 0.2), position('Z', -60, { late: true })] }), 0, T0 + 600);
    expect(feeds.behindS(T0 + 200, T0 + 600)).toBeCloseTo(0.6);
    expect(feeds.behindS(T0 + 200, T0 + 9_200)).toBeCloseTo(9);
    expect([0.4, 2.1, 5.1].map(behindLevel)).toEqual(['good', 'amber', 'red']);
  });
  it('believe the fastest of the last few clock readings', () => {
    const clock = new ServerClock();
    expect(clock.now(50)).toBe(50);
    clock.heard(T0 + 1_000, 0);
    clock.heard(T0 + 1_000, 700);
    expect(clock.now(1_000)).toBe(T0 + 2_000);
  });
});

describe('alerts', () => {
  it('stand unacknowledged first, then newest', () => {
    const list = inOrder([alert('done', { state: 'acknowledged', opened_at: at(9) }), alert('early'), alert('late', { opened_at: at(3) })]);
    expect(list.map(({ id }) => id)).toEqual(['late', 'early', 'done']);
  });
  it('give the banner to the newest unacknowledged critical one', () => {
    const list = inOrder([alert('h', { severity: 'high', opened_at: at(9) }), alert('c1', { severity: 'critical' }), alert('c2', { severity: 'critical', opened_at: at(2) })]);
    expect(bannerAlert(list)?.id).toBe('c2');
    expect(bannerAlert(list, 'c1')?.id).toBe('c1');
    expect(bannerAlert([alert('c', { severity: 'critical', state: 'acknowledged' })])).toBeNull();
  });
  it('stay where they are under the pointer, and what opens then waits', () => {
    const list = inOrder([alert('new', { opened_at: at(9) }), alert('a'), alert('b', { state: 'acknowledged' })]);
    const { shown, waiting } = heldInPlace(list, ['b', 'a', 'gone']);
    expect(shown.map(({ id }) => id)).toEqual(['b', 'a']);
    expect(waiting).toBe(1);
  });
  it('are announced together', () => {
    expect(announcement([])).toBe('');
    expect(announcement([alert('a', { severity: 'high' })])).toBe('New alert, high: alert a');
    expect(announcement([alert('a'), alert('b', { severity: 'critical' })])).toBe('2 new alerts, 1 priority one');
  });
});

describe('acknowledgements', () => {
  it('are under way until the effect comes back', () => {
    const wishes = new Acknowledgements();
    wishes.sent('a', 'c1', 0);
    expect(wishes.progress().get('a')).toEqual({ kind: 'sending' });
    wishes.observe(alert('a', { state: 'updated' }));
    expect(wishes.isSending('a')).toBe(true);
    wishes.observe(alert('a', { state: 'acknowledged' }));
    expect(wishes.progress().size).toBe(0);
  });
  it('fail when nothing came back in 5 s', () => {
    const wishes = new Acknowledgements();
    wishes.sent('a', 'c1', 0);
    expect(wishes.tick(4_999)).toBe(false);
    expect(wishes.tick(5_000)).toBe(true);
    expect(wishes.progress().get('a')?.kind).toBe('failed');
    expect(wishes.tick(9_000)).toBe(false);
  });
  it('fail when the server refuses, by the command\'s id or as the only one under way', () => {
    const wishes = new Acknowledgements();
    wishes.sent('a', 'c1', 0);
    wishes.sent('b', 'c2', 0);
    expect(wishes.refused(null, 'no')).toBe(false);
    expect(wishes.refused('c2', 'no')).toBe(true);
    expect(wishes.refused(null, 'not allowed')).toBe(true);
    expect(wishes.progress().get('a')).toEqual({ kind: 'failed', why: 'not allowed' });
  });
});
