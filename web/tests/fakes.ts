// A socket and a clock that do only what a test tells them.

import type { LiveSocketParts } from '../src/live/socket';

export class FakeSocket {
  readyState = 0;
  sent: Record<string, unknown>[] = [];
  onopen: (() => void) | null = null;
  onmessage: ((message: { data: unknown }) => void) | null = null;
  onclose: ((close: { code: number }) => void) | null = null;

  send(text: string): void {
    this.sent.push(JSON.parse(text) as Record<string, unknown>);
  }

  close(): void {
    this.readyState = 3;
  }

  opens(): void {
    this.readyState = 1;
    this.onopen?.();
  }

  says(frame: object): void {
    this.onmessage?.({ data: JSON.stringify(frame) });
  }

  dies(code = 1006): void {
    this.readyState = 3;
    this.onclose?.({ code });
  }
}

export class FakeTime {
  now = 0;
  private timers: { id: number; due: number; run: () => void }[] = [];
  private next = 1;

  later = (run: () => void, ms: number): number => {
    this.timers.push({ id: this.next, due: this.now + ms, run });
    return this.next++;
  };

  cancel = (id: number): void => {
    this.timers = this.timers.filter((timer) => timer.id !== id);
  };

  pass(ms: number): void {
    const end = this.now + ms;
    for (;;) {
      const due = this.timers.filter((timer) => timer.due <= end).sort((a, b) => a.due - b.due)[0];
      if (due === undefined) break;
      this.now = due.due;
      this.cancel(due.id);
      due.run();
    }
    this.now = end;
  }
}

/** Parts for a live socket; every socket it opens is added to `sockets`. */
export function fakeParts(time: FakeTime, sockets: FakeSocket[]): LiveSocketParts {
  return {
    open: () => {
      const socket = new FakeSocket();
      sockets.push(socket);
      return socket as unknown as WebSocket;
    },
    later: time.later,
    cancel: time.cancel,
    now: () => time.now,
    chance: () => 1,
  };
}
