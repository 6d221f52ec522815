// How old the picture is. Every figure here keeps growing when nothing arrives, so that a frozen feed is never taken for calm.

import type { FeedReport, Frame } from './frames';
import { timeOf } from './frames';

export type Level = 'good' | 'amber' | 'red';

export interface FeedAge {
  name: string;
  ageS: number;
  level: Level;
}

const LAGS_KEPT = 64;
const OFFSETS_KEPT = 4;
const POSITION_FEED_S = { amber: 20, red: 60 };
const INCIDENT_FEED_S = { amber: 600, red: 1_800 };

export const behindLevel = (behindS: number): Level => (behindS > 5 ? 'red' : behindS > 2 ? 'amber' : 'good');

/** The server's clock as seen from here. A late frame only makes it look slow, so the fastest of the last few is believed. */
export class ServerClock {
  private offsets: number[] = [];

  heard(serverTime: string | number | null | undefined, now: number): void {
    const time = timeOf(serverTime);
    if (!Number.isFinite(time)) return;
    this.offsets = [...this.offsets.slice(1 - OFFSETS_KEPT), time - now];
  }

  now(local: number): number {
    return this.offsets.length === 0 ? local : local + Math.max(...this.offsets);
  }
}

export class FeedAges {
  private feeds: { report: FeedReport; heardAt: number }[] = [];
  private readonly recordAt = new Map<string, number>();
  private lags: number[] = [];

  heartbeat(feeds: FeedReport[], now: number): void {
    this.feeds = feeds.map((report) => ({ report, heardAt: now }));
  }

  /** A live frame of positions or incidents was applied; `serverNow` is the server's clock at that moment. */
  applied(frame: Frame, now: number, serverNow: number): void {
    if (frame.type === 'incident') this.recordAt.set('incidents', now);
    if (frame.type !== 'positions') return;
    this.recordAt.set('positions', now);
    const lags = frame.data.filter((record) => record.late !== true).map((record) => (serverNow - timeOf(record.at)) / 1000);
    this.lags = [...this.lags, ...lags.filter(Number.isFinite)].slice(-LAGS_KEPT);
  }

  /**
   * Seconds between the world and the screen: the usual delay of the last fixes applied, or the age of the newest one when
   * that is more. Null before the first fix.
   */
  behindS(newestFix: number, serverNow: number): number | null {
    if (!Number.isFinite(newestFix)) return null;
    const sorted = [...this.lags].sort((a, b) => a - b);
    const usual = sorted[Math.floor(sorted.length / 2)] ?? 0;
    return Math.max(0, usual, (serverNow - newestFix) / 1000);
  }

  ages(now: number): FeedAge[] {
    return this.feeds.map(({ report, heardAt }) => {
      const reported = (report.age_s ?? Number.POSITIVE_INFINITY) + (now - heardAt) / 1000;
      const seen = this.recordAt.get(report.name);
      const ageS = Math.max(0, seen === undefined ? reported : Math.min(reported, (now - seen) / 1000));
      const limits = /incident|cad/i.test(report.name) ? INCIDENT_FEED_S : POSITION_FEED_S;
      return { name: report.name, ageS, level: ageS > limits.red ? 'red' : ageS > limits.amber ? 'amber' : 'good' };
    });
  }
}
