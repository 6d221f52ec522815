// The picture: what the control room knows now, built from frames alone. It has no clock and draws nothing; whoever shows it
// asks for an age with a time of its own. Alerts are never dropped here; a snapshot replaces what it does not mention.

import type { AlertRecord, Frame, IncidentRecord, PositionRecord } from './frames';
import { timeOf } from './frames';
import { statusAfter } from './status';

export interface Resource {
  subject: string;
  at: number;
  lat: number;
  lon: number;
  class: string;
  status: string | undefined;
  callsign: string;
  agency: string | undefined;
  speedMps: number | undefined;
  headingDeg: number | undefined;
  fences: string[];
}

export interface Incident {
  subject: string;
  at: number;
  category: string;
  grade: string;
  state: string;
  lat: number | null;
  lon: number | null;
  place: string;
  reason: string | null;
}

/** Which parts of the picture a frame touched. */
export interface Change {
  resources: boolean;
  incidents: boolean;
  alerts: boolean;
  fences: boolean;
}

const isPlace = (lat: unknown, lon: unknown): boolean => Number.isFinite(lat) && Number.isFinite(lon);

export class Picture {
  readonly resources = new Map<string, Resource>();
  readonly incidents = new Map<string, Incident>();
  readonly alerts = new Map<string, AlertRecord>();
  /** Event time of the newest fix on screen; NaN before the first. */
  newestFix = Number.NaN;

  private readonly pages = new Map<string, Set<string>>();

  /** A new connection begins: half a snapshot of the one before counts for nothing. */
  connectionOpened(): void {
    this.pages.clear();
  }

  apply(frame: Frame): Change {
    const change: Change = { resources: false, incidents: false, alerts: false, fences: false };
    switch (frame.type) {
      case 'positions':
        frame.data.forEach((record) => this.applyPosition(record));
        change.resources = frame.data.length > 0;
        break;
      case 'incident':
        this.applyIncident(frame.data);
        change.incidents = true;
        break;
      case 'alert':
        change.alerts = this.applyAlert(frame.data);
        break;
      case 'removed':
        change.resources = this.resources.delete(frame.subject);
        change.incidents = this.incidents.delete(frame.subject);
        break;
      case 'snapshot':
        this.applySnapshot(frame);
        change[frame.channel === 'positions' ? 'resources' : frame.channel] = true;
        break;
      case 'fences_changed':
        change.fences = true;
        break;
    }
    return change;
  }

  private applySnapshot(frame: Extract<Frame, { type: 'snapshot' }>): void {
    const seen = this.pages.get(frame.channel) ?? new Set<string>();
    this.pages.set(frame.channel, seen);
    switch (frame.channel) {
      case 'positions':
        frame.data.forEach((record) => (seen.add(record.subject), this.applyPosition(record)));
        break;
      case 'incidents':
        frame.data.forEach((record) => (seen.add(record.subject), this.applyIncident(record)));
        break;
      case 'alerts':
        frame.data.forEach((record) => (seen.add(record.id), this.applyAlert(record)));
        break;
    }
    if (!frame.last) return;
    this.pages.delete(frame.channel);
    if (frame.channel === 'alerts') this.closeAlertsBut(seen);
    else removeAllBut(frame.channel === 'positions' ? this.resources : this.incidents, seen);
  }

  private applyPosition(record: PositionRecord): void {
    const at = timeOf(record.at);
    const known = this.resources.get(record.subject);
    if (!Number.isFinite(at) || (known !== undefined && at < known.at)) return;
    const status = statusAfter(known?.status, record.status);
    if (!isPlace(record.lat, record.lon)) {
      if (known !== undefined) known.status = status;
      return;
    }
    this.newestFix = Number.isFinite(this.newestFix) ? Math.max(this.newestFix, at) : at;
    this.resources.set(record.subject, {
      subject: record.subject,
      at,
      lat: record.lat as number,
      lon: record.lon as number,
      class: record.class ?? known?.class ?? 'other',
      status,
      callsign: record.callsign ?? known?.callsign ?? record.subject,
      agency: record.agency ?? known?.agency,
      speedMps: record.speed_mps,
      headingDeg: record.heading_deg,
      fences: record.fences ?? [],
    });
  }

  private applyIncident(record: IncidentRecord): void {
    if (record.state === 'closed') {
      this.incidents.delete(record.subject);
      return;
    }
    const placed = isPlace(record.lat, record.lon);
    this.incidents.set(record.subject, {
      subject: record.subject,
      at: timeOf(record.at),
      category: record.category ?? 'uncategorised',
      grade: record.grade ?? '',
      state: record.state ?? 'open',
      lat: placed ? (record.lat as number) : null,
      lon: placed ? (record.lon as number) : null,
      place: placeText(record.location),
      reason: record.reason ?? null,
    });
  }

  private applyAlert(record: AlertRecord): boolean {
    const known = this.alerts.get(record.id);
    if (known !== undefined && (record.sequence ?? 0) < (known.sequence ?? 0)) return false;
    this.alerts.set(record.id, record);
    return true;
  }

  private closeAlertsBut(seen: Set<string>): void {
    for (const [id, alert] of this.alerts) {
      if (!seen.has(id) && (alert.state === 'open' || alert.state === 'updated')) this.alerts.set(id, { ...alert, state: 'closed' });
    }
  }
}

function removeAllBut(held: Map<string, unknown>, seen: Set<string>): void {
  for (const subject of held.keys()) if (!seen.has(subject)) held.delete(subject);
}

/** Incidents without a place, the gravest first: a grade I job that is on no map must be seen all the same. */
export function unplacedInOrder(incidents: Iterable<Incident>): Incident[] {
  return [...incidents].filter((incident) => incident.lat === null).sort((a, b) => gradeRank(a.grade) - gradeRank(b.grade) || b.at - a.at);
}

const GRADES = ['I', 'S', 'E', 'R'];

/** 0 for an immediate call; numbered schemes count from 1; a grade of no known scheme comes last. */
export function gradeRank(grade: string): number {
  const at = GRADES.indexOf(grade);
  if (at >= 0) return at;
  const numbered = /^P?([1-9])$/.exec(grade);
  return numbered === null ? GRADES.length + 9 : Number(numbered[1]) - 1;
}

function placeText(location: Record<string, unknown> | undefined): string {
  for (const name of ['text', 'postcode', 'grid', 'uprn']) {
    const value = location?.[name];
    if (typeof value === 'string' && value !== '') return value;
  }
  return '';
}
