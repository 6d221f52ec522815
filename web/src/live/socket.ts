// The live socket: subscribes, gives credit after a frame was applied, resumes after a loss. It knows no screen and no map.
// The page's network, timers and chance come in as arguments, so that a test can hold them.

import { readFrame, type Channel, type Frame } from './frames';

export type Link = 'connecting' | 'catching_up' | 'live' | 'silent' | 'reconnecting';

export interface LiveSocketParts {
  open: (url: string) => WebSocket;
  later: (run: () => void, ms: number) => number;
  cancel: (timer: number) => void;
  now: () => number;
  chance: () => number;
}

export interface LiveSocketEvents {
  /** Applies a frame to the picture. Credit for it goes out when this returns. */
  frame: (frame: Frame) => void;
  link: (link: Link, why: string) => void;
}

const SUBSCRIPTION = 's1';
const CHANNELS: Channel[] = ['alerts', 'positions', 'incidents'];
const BACK_OFF_MS = { first: 500, most: 10_000 };
/** A heartbeat comes every 15 s: after this long without any frame the screen says so, and then the socket is given up. */
const SILENT_AFTER_MS = 20_000;
const GIVE_UP_AFTER_MS = 40_000;
const WATCH_EVERY_MS = 1_000;

export class LiveSocket {
  private socket: WebSocket | null = null;
  private resume: string | null = null;
  private attempts = 0;
  private heardAt = 0;
  private link: Link = 'connecting';
  private retry: number | null = null;
  private watch: number | null = null;
  private stopped = false;

  constructor(
    private readonly url: string,
    private readonly events: LiveSocketEvents,
    private readonly parts: LiveSocketParts,
  ) {}

  start(): void {
    this.stopped = false;
    this.connect();
  }

  stop(): void {
    this.stopped = true;
    this.clearTimers();
    this.socket?.close();
    this.socket = null;
  }

  /** Tries at once, as when the browser says that the network is back. */
  retryNow(): void {
    if (this.retry === null) return;
    this.parts.cancel(this.retry);
    this.connect();
  }

  /** Sends an operator's command; false when there is no connection to send it over. */
  command(action: string, target: string, note: string, id: string): boolean {
    if (this.socket === null || (this.link !== 'live' && this.link !== 'catching_up')) return false;
    this.send({ type: 'command', action, target, note, id });
    return true;
  }

  private connect(): void {
    this.retry = null;
    const socket = this.parts.open(this.url);
    this.socket = socket;
    this.heardAt = this.parts.now();
    socket.onopen = () => {
      const resume = this.resume === null ? {} : { resume: this.resume };
      this.send({ type: 'subscribe', id: SUBSCRIPTION, channels: CHANNELS, filter: {}, ...resume });
      this.become('catching_up', '');
    };
    socket.onmessage = (message) => this.heard(message.data);
    socket.onclose = (close) => this.lost(socket, close.code === 1013 ? 'the server asked this screen to catch up' : 'connection lost');
    this.watchSilence();
  }

  private heard(raw: unknown): void {
    this.heardAt = this.parts.now();
    if (this.link === 'silent') this.become('live', '');
    if (typeof raw !== 'string') return;
    const frame = readFrame(raw);
    if (frame === null) return;
    if ('resume' in frame && frame.resume !== null) this.resume = frame.resume;
    if (frame.type === 'error' && frame.code === 'resume_expired') this.resume = null;
    this.events.frame(frame);
    if (frame.type === 'positions') this.send({ type: 'credit', n: 1 });
    if (frame.type === 'live') {
      this.attempts = 0;
      this.become('live', '');
    }
  }

  private lost(socket: WebSocket, why: string): void {
    if (socket !== this.socket || this.stopped) return;
    this.socket = null;
    this.clearTimers();
    const longest = Math.min(BACK_OFF_MS.most, BACK_OFF_MS.first * 2 ** this.attempts);
    this.attempts += 1;
    this.become('reconnecting', why);
    // Half to whole of the wait, so that a room full of screens does not come back in the same instant.
    this.retry = this.parts.later(() => this.connect(), longest * (0.5 + this.parts.chance() / 2));
  }

  private watchSilence(): void {
    if (this.watch !== null) this.parts.cancel(this.watch);
    this.watch = this.parts.later(() => {
      this.watch = null;
      const silence = this.parts.now() - this.heardAt;
      const socket = this.socket;
      if (socket === null) return;
      if (silence >= GIVE_UP_AFTER_MS) {
        this.lost(socket, 'nothing heard from the server');
        socket.close();
        return;
      }
      if (silence >= SILENT_AFTER_MS && this.link === 'live') this.become('silent', 'nothing heard from the server');
      this.watchSilence();
    }, WATCH_EVERY_MS);
  }

  private become(link: Link, why: string): void {
    this.link = link;
    this.events.link(link, why);
  }

  private send(frame: object): void {
    if (this.socket?.readyState === 1) this.socket.send(JSON.stringify(frame));
  }

  private clearTimers(): void {
    for (const timer of [this.retry, this.watch]) if (timer !== null) this.parts.cancel(timer);
    this.retry = null;
    this.watch = null;
  }
}

export const browserParts: LiveSocketParts = {
  open: (url) => new WebSocket(url),
  later: (run, ms) => window.setTimeout(run, ms),
  cancel: (timer) => window.clearTimeout(timer),
  now: () => performance.now(),
  chance: () => Math.random(),
};
