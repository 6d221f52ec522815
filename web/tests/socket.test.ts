import { beforeEach, describe, expect, it } from 'vitest';
import type { Frame } from '../src/live/frames';
import { LiveSocket, type Link } from '../src/live/socket';
import { fakeParts, FakeTime, type FakeSocket } from './fakes';

let sockets: FakeSocket[];
let frames: Frame[];
let links: Link[];
let time: FakeTime;
let live: LiveSocket;
const newest = (): FakeSocket => sockets[sockets.length - 1] as FakeSocket;

beforeEach(() => {
  sockets = [];
  frames = [];
  links = [];
  time = new FakeTime();
  live = new LiveSocket('ws://x/v1/live', { frame: (frame) => frames.push(frame), link: (link) => links.push(link) }, fakeParts(time, sockets));
  live.start();
});

const fix = { subject: 'X', at: 1, lat: 51, lon: 0 };

describe('live socket', () => {
  it('subscribes, gets live and gives credit after each frame of positions, not for a snapshot', () => {
    newest().opens();
    expect(newest().sent).toEqual([{ type: 'subscribe', id: 's1', channels: ['alerts', 'positions', 'incidents'], filter: {} }]);
    newest().says({ type: 'snapshot', sub: 's1', channel: 'positions', data: [fix], last: true });
    newest().says({ type: 'live', sub: 's1' });
    newest().says({ type: 'positions', sub: 's1', resume: 't1', data: [fix] });
    expect(links).toEqual(['catching_up', 'live']);
    expect(newest().sent.slice(1)).toEqual([{ type: 'credit', n: 1 }]);
    expect(frames.map((frame) => frame.type)).toEqual(['snapshot', 'live', 'positions']);
  });

  it('comes back with the last resume token and waits longer each time', () => {
    newest().opens();
    newest().says({ type: 'live', sub: 's1' });
    newest().says({ type: 'alert', sub: 's1', resume: 't7', data: { id: 'a', state: 'open' } });
    newest().dies(1013);
    expect(links.at(-1)).toBe('reconnecting');
    time.pass(499);
    expect(sockets).toHaveLength(1);
    time.pass(1);
    expect(sockets).toHaveLength(2);
    newest().dies();
    time.pass(999);
    expect(sockets).toHaveLength(2);
    time.pass(1);
    newest().opens();
    expect(newest().sent[0]).toMatchObject({ type: 'subscribe', resume: 't7' });
  });

  it('forgets a token the server no longer knows', () => {
    newest().opens();
    newest().says({ type: 'live', sub: 's1', resume: 't1' });
    newest().says({ type: 'error', code: 'resume_expired', detail: '' });
    newest().dies();
    time.pass(60_000);
    newest().opens();
    expect(newest().sent[0]).not.toHaveProperty('resume');
  });

  it('says when nothing is heard, and then gives the connection up', () => {
    newest().opens();
    newest().says({ type: 'live', sub: 's1' });
    time.pass(20_000);
    expect(links.at(-1)).toBe('silent');
    newest().says({ type: 'heartbeat', time: 'x', feeds: [] });
    expect(links.at(-1)).toBe('live');
    time.pass(40_000);
    expect(links.at(-1)).toBe('reconnecting');
    time.pass(10_000);
    expect(sockets.length).toBeGreaterThan(1);
  });

  it('sends no command without a connection', () => {
    expect(live.command('acknowledge', 'a', '', 'c')).toBe(false);
    newest().opens();
    expect(live.command('acknowledge', 'a', '', 'c')).toBe(true);
    expect(newest().sent.at(-1)).toEqual({ type: 'command', action: 'acknowledge', target: 'a', note: '', id: 'c' });
    newest().dies();
    expect(live.command('acknowledge', 'a', '', 'c')).toBe(false);
  });

  it('stops for good', () => {
    newest().opens();
    live.stop();
    newest().dies();
    time.pass(60_000);
    expect(sockets).toHaveLength(1);
  });
});
