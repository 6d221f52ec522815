// An operator's wish and its effect are two things: "sending…" from the click until the alert itself comes back acknowledged,
// and an error when nothing came back in time.

import type { AlertRecord } from './frames';
import { isUnacknowledged } from './alerts';

export const ANSWER_WITHIN_MS = 5_000;

export type Progress = { kind: 'sending' } | { kind: 'failed'; why: string };

interface Wish {
  command: string;
  sentAt: number;
  failed: string | null;
}

export class Acknowledgements {
  private readonly wishes = new Map<string, Wish>();

  sent(alert: string, command: string, now: number): void {
    this.wishes.set(alert, { command, sentAt: now, failed: null });
  }

  failed(alert: string, why: string, now: number): void {
    this.wishes.set(alert, { command: '', sentAt: now, failed: why });
  }

  isSending(alert: string): boolean {
    const wish = this.wishes.get(alert);
    return wish !== undefined && wish.failed === null;
  }

  /** The effect came back: an alert no longer open needs no wish. */
  observe(alert: AlertRecord): void {
    if (!isUnacknowledged(alert)) this.wishes.delete(alert.id);
  }

  /** The server refused. Without the id of a command it can only mean the one still on its way, if there is just one. */
  refused(command: string | null, why: string): boolean {
    const waiting = [...this.wishes.values()].filter((wish) => wish.failed === null);
    const wish = command === null ? (waiting.length === 1 ? waiting[0] : undefined) : waiting.find((w) => w.command === command);
    if (wish === undefined) return false;
    wish.failed = why;
    return true;
  }

  /** True when a wish ran out of time just now. */
  tick(now: number): boolean {
    let changed = false;
    for (const wish of this.wishes.values()) {
      if (wish.failed !== null || now - wish.sentAt < ANSWER_WITHIN_MS) continue;
      wish.failed = `No answer in ${ANSWER_WITHIN_MS / 1000} s. Not acknowledged: try again.`;
      changed = true;
    }
    return changed;
  }

  progress(): Map<string, Progress> {
    return new Map([...this.wishes].map(([alert, wish]) =>
      [alert, wish.failed === null ? { kind: 'sending' } : { kind: 'failed', why: wish.failed }]));
  }
}
