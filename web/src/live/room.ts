// The control room behind the screen: one socket, one picture, the wishes under way. The screen reads it and is told what changed.

import { Acknowledgements } from './acknowledgements';
import { isUnacknowledged } from './alerts';
import { FeedAges, ServerClock } from './feeds';
import type { AlertRecord, Frame } from './frames';
import { Picture, type Change } from './picture';
import { askCollection, EMPTY_COLLECTION, type RoomSetup } from './server';
import { LiveSocket, type Link, type LiveSocketParts } from './socket';
import { freshness, staleAfter } from './staleness';

export interface RoomEvents {
  changed: (change: Change) => void;
  link: (link: Link, why: string) => void;
  /** Alerts that opened while the screen was live; those of a snapshot are not news. */
  opened: (alert: AlertRecord) => void;
}

export interface Counts {
  resources: number;
  stale: number;
  unacknowledged: number;
  unplaced: number;
}

const STORM_SHOWN_MS = 60_000;
const NOTICE_SHOWN_MS = 12_000;
const NO_CHANGE: Change = { resources: false, incidents: false, alerts: false, fences: false };

export class Room {
  readonly picture = new Picture();
  readonly feeds = new FeedAges();
  readonly clock = new ServerClock();
  readonly acknowledgements = new Acknowledgements();
  fences = EMPTY_COLLECTION;
  link: Link = 'connecting';
  linkWhy = '';
  chapter: string | null = null;

  private storm: { detail: string; since: number } | null = null;
  private notice: { text: string; since: number } | null = null;
  private readonly socket: LiveSocket;

  constructor(
    url: string,
    private readonly events: RoomEvents,
    private readonly parts: LiveSocketParts,
    private readonly wallClock: () => number = Date.now,
  ) {
    this.socket = new LiveSocket(url, { frame: (frame) => this.heard(frame), link: (link, why) => this.linkChanged(link, why) }, parts);
  }

  start(): void {
    this.socket.start();
    void this.refetchFences();
  }

  stop(): void {
    this.socket.stop();
  }

  retryNow(): void {
    this.socket.retryNow();
  }

  now(): number {
    return this.clock.now(this.wallClock());
  }

  behindS(): number | null {
    return this.feeds.behindS(this.picture.newestFix, this.now());
  }

  acknowledge(alert: string, note = ''): void {
    if (this.acknowledgements.isSending(alert)) return;
    const command = crypto.randomUUID();
    const now = this.parts.now();
    if (this.socket.command('acknowledge', alert, note, command)) this.acknowledgements.sent(alert, command, now);
    else this.acknowledgements.failed(alert, 'Not connected. Not acknowledged.', now);
    this.events.changed({ ...NO_CHANGE, alerts: true });
  }

  /** Runs out wishes that got no answer. Called a few times a second. */
  tick(): void {
    if (this.acknowledgements.tick(this.parts.now())) this.events.changed({ ...NO_CHANGE, alerts: true });
  }

  stormText(): string | null {
    return this.storm !== null && this.parts.now() - this.storm.since < STORM_SHOWN_MS ? this.storm.detail : null;
  }

  noticeText(): string | null {
    return this.notice !== null && this.parts.now() - this.notice.since < NOTICE_SHOWN_MS ? this.notice.text : null;
  }

  counts(setup: RoomSetup): Counts {
    const now = this.now();
    let stale = 0;
    for (const resource of this.picture.resources.values()) {
      if (freshness((now - resource.at) / 1000, staleAfter(setup.stale_after_s, resource.class)) !== 'fresh') stale += 1;
    }
    const alerts = [...this.picture.alerts.values()];
    const incidents = [...this.picture.incidents.values()];
    return {
      resources: this.picture.resources.size,
      stale,
      unacknowledged: alerts.filter(isUnacknowledged).length,
      unplaced: incidents.filter((incident) => incident.lat === null).length,
    };
  }

  private heard(frame: Frame): void {
    const now = this.parts.now();
    if (frame.type === 'hello') this.clock.heard(frame.time, this.wallClock());
    if (frame.type === 'heartbeat') {
      this.clock.heard(frame.time, this.wallClock());
      this.feeds.heartbeat(frame.feeds, now);
      this.chapter = frame.chapter;
    }
    if (frame.type === 'storm') this.storm = frame.over ? null : { detail: frame.detail, since: now };
    if (frame.type === 'error' && frame.code !== 'resume_expired') this.refused(frame.id, frame.detail || frame.code, now);
    const isNews = frame.type === 'alert' && isUnacknowledged(frame.data) && !this.picture.alerts.has(frame.data.id);
    const change = this.picture.apply(frame);
    this.feeds.applied(frame, now, this.now());
    if (frame.type === 'alert') this.acknowledgements.observe(frame.data);
    if (frame.type === 'snapshot' && frame.channel === 'alerts') frame.data.forEach((alert) => this.acknowledgements.observe(alert));
    if (isNews) this.events.opened(frame.data);
    if (change.fences) void this.refetchFences();
    if (change.resources || change.incidents || change.alerts) this.events.changed(change);
  }

  private refused(command: string | null, why: string, now: number): void {
    if (this.acknowledgements.refused(command, `Refused: ${why}`)) this.events.changed({ ...NO_CHANGE, alerts: true });
    else this.notice = { text: why, since: now };
  }

  private linkChanged(link: Link, why: string): void {
    if (link === 'catching_up') {
      this.picture.connectionOpened();
      // Fences may have changed while nobody listened.
      if (this.link === 'reconnecting') void this.refetchFences();
    }
    this.link = link;
    this.linkWhy = why;
    this.events.link(link, why);
  }

  private async refetchFences(): Promise<void> {
    try {
      this.fences = await askCollection('/v1/fences');
      this.events.changed({ ...NO_CHANGE, fences: true });
    } catch (error) {
      this.notice = { text: `Fences could not be fetched: ${error instanceof Error ? error.message : 'no answer'}`, since: this.parts.now() };
    }
  }
}
