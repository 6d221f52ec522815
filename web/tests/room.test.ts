import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { AlertRecord } from '../src/live/frames';
import { Room } from '../src/live/room';
import { unknownSetup } from '../src/live/server';
import { fakeParts, FakeTime, type FakeSocket } from './fakes';

let sockets: FakeSocket[];
let time: FakeTime;
let opened: AlertRecord[];
let room: Room;
const fetched = vi.fn((path: string) => Promise.resolve({ ok: true, json: () => Promise.resolve({ type: 'FeatureCollection', features: [], path }) }));
const newest = (): FakeSocket => sockets[sockets.length - 1] as FakeSocket;
const alert = (id: string, state: string, sequence: number): object => ({ type: 'alert', sub: 's1', resume: `t-${id}`, data: { id, state, severity: 'critical', title: id, sequence } });

beforeEach(() => {
  sockets = [];
  time = new FakeTime();
  opened = [];
  fetched.mockClear();
  vi.stubGlobal('fetch', fetched);
  room = new Room('ws://x', { changed: () => undefined, link: () => undefined, opened: (one) => opened.push(one) }, fakeParts(time, sockets), () => time.now);
  room.start();
  newest().opens();
});
afterEach(() => vi.unstubAllGlobals());

describe('room', () => {
  it('tells of alerts that open while live, once, and not of those of a snapshot', () => {
    newest().says({ type: 'snapshot', sub: 's1', channel: 'alerts', data: [{ id: 'old', state: 'open', severity: 'high', title: 'old' }], last: true });
    newest().says({ type: 'live', sub: 's1' });
    newest().says(alert('new', 'open', 1));
    newest().says(alert('new', 'updated', 2));
    expect(opened.map(({ id }) => id)).toEqual(['new']);
    expect(room.counts(unknownSetup()).unacknowledged).toBe(2);
  });

  it('holds an acknowledgement as a wish until its effect comes back', () => {
    newest().says({ type: 'live', sub: 's1' });
    newest().says(alert('a', 'open', 1));
    room.acknowledge('a');
    room.acknowledge('a');
    const commands = newest().sent.filter((frame) => frame['type'] === 'command');
    expect(commands).toHaveLength(1);
    expect(commands[0]).toMatchObject({ action: 'acknowledge', target: 'a', note: '' });
    expect(commands[0]?.['id']).toMatch(/^[0-9a-f-]{36}$/);
    expect(room.picture.alerts.get('a')?.state).toBe('open');
    newest().says(alert('a', 'acknowledged', 2));
    expect(room.acknowledgements.progress().size).toBe(0);
  });

  it('says at once that an acknowledgement cannot be sent', () => {
    newest().says({ type: 'live', sub: 's1' });
    newest().says(alert('a', 'open', 1));
    newest().dies();
    room.acknowledge('a');
    expect(room.acknowledgements.progress().get('a')).toEqual({ kind: 'failed', why: 'Not connected. Not acknowledged.' });
  });

  it('ties a refusal to its command and shows any other error as a notice', () => {
    newest().says({ type: 'live', sub: 's1' });
    newest().says(alert('a', 'open', 1));
    room.acknowledge('a');
    newest().says({ type: 'error', code: 'bad_filter', detail: 'no such region', id: 's1' });
    expect(room.noticeText()).toBe('no such region');
    const command = newest().sent.at(-1)?.['id'];
    newest().says({ type: 'error', code: 'forbidden', detail: 'read only', id: command });
    expect(room.acknowledgements.progress().get('a')).toEqual({ kind: 'failed', why: 'Refused: read only' });
  });

  it('asks for fences at the start, when they changed, and after a loss', () => {
    expect(fetched.mock.calls.map(([path]) => path)).toEqual(['/v1/fences']);
    newest().says({ type: 'fences_changed' });
    expect(fetched).toHaveBeenCalledTimes(2);
    newest().dies();
    time.pass(1_000);
    newest().opens();
    expect(fetched).toHaveBeenCalledTimes(3);
  });

  it('shows a storm until it is over or long past', () => {
    newest().says({ type: 'storm', detail: '420 alerts in 10 s' });
    expect(room.stormText()).toBe('420 alerts in 10 s');
    newest().says({ type: 'storm', active: false });
    expect(room.stormText()).toBeNull();
  });

  it('keeps the age of the picture counting without a connection', () => {
    newest().says({ type: 'positions', sub: 's1', data: [{ subject: 'X', at: 0, lat: 51, lon: 0 }] });
    newest().dies();
    time.pass(9_000);
    expect(room.behindS()).toBeCloseTo(9);
  });
});
