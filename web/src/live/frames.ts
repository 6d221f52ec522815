// What goes over the live socket, as the contract names it. A frame is checked here once; nothing later asks again.

export type Severity = 'critical' | 'high' | 'medium' | 'low' | 'info';
export type AlertState = 'open' | 'updated' | 'acknowledged' | 'closed';
export type Channel = 'alerts' | 'positions' | 'incidents';

export interface PositionRecord {
  subject: string;
  at: string | number;
  lat?: number | null;
  lon?: number | null;
  class?: string;
  status?: string;
  callsign?: string;
  agency?: string;
  speed_mps?: number;
  heading_deg?: number;
  fences?: string[];
  late?: boolean;
}

export interface IncidentRecord {
  subject: string;
  at: string | number;
  category?: string;
  grade?: string;
  state?: string;
  location?: Record<string, unknown>;
  lat?: number | null;
  lon?: number | null;
  reason?: string;
}

export interface AlertRecord {
  id: string;
  rule?: string;
  state: AlertState;
  severity: Severity;
  opened_at?: string | number;
  at?: string | number;
  late_s?: number;
  title: string;
  subject?: string | null;
  fence?: string | null;
  lat?: number | null;
  lon?: number | null;
  position_age_s?: number | null;
  count?: number;
  acknowledged_by?: string | null;
  acknowledged_at?: string | number | null;
  note?: string | null;
  cause?: string | null;
  sequence?: number;
}

export interface FeedReport {
  name: string;
  event_time?: string | number | null;
  lag_s?: number | null;
  age_s?: number | null;
}

export type Frame =
  | { type: 'hello'; server?: string; version?: string; time?: string | number }
  | { type: 'snapshot'; channel: 'positions'; data: PositionRecord[]; last: boolean; resume: string | null }
  | { type: 'snapshot'; channel: 'incidents'; data: IncidentRecord[]; last: boolean; resume: string | null }
  | { type: 'snapshot'; channel: 'alerts'; data: AlertRecord[]; last: boolean; resume: string | null }
  | { type: 'live'; resume: string | null }
  | { type: 'positions'; data: PositionRecord[]; resume: string | null }
  | { type: 'incident'; data: IncidentRecord; resume: string | null }
  | { type: 'alert'; data: AlertRecord; resume: string | null }
  | { type: 'removed'; subject: string; resume: string | null }
  | { type: 'heartbeat'; time: string | number | null; feeds: FeedReport[]; chapter: string | null }
  | { type: 'fences_changed' }
  | { type: 'storm'; detail: string; over: boolean }
  | { type: 'error'; code: string; detail: string; id: string | null };

type Json = Record<string, unknown>;

const isObject = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value);
const text = (value: unknown): string | null => (typeof value === 'string' ? value : null);
const isTime = (value: unknown): value is string | number => typeof value === 'string' || typeof value === 'number';
const isPosition = (value: unknown): value is PositionRecord & Json =>
  isObject(value) && typeof value['subject'] === 'string' && isTime(value['at']);
const isAlert = (value: unknown): value is AlertRecord & Json =>
  isObject(value) && typeof value['id'] === 'string' && typeof value['state'] === 'string';

const SEVERITIES: readonly string[] = ['critical', 'high', 'medium', 'low', 'info'];

function alertOf(value: AlertRecord & Json): AlertRecord {
  const severity = SEVERITIES.includes(value.severity) ? value.severity : 'medium';
  return { ...value, severity, title: text(value['title']) ?? value.rule ?? value.id };
}

/** Reads one text frame; null for one this page has no use for (another channel, a broken record, not JSON). */
export function readFrame(raw: string): Frame | null {
  let frame: unknown;
  try {
    frame = JSON.parse(raw);
  } catch {
    return null;
  }
  if (!isObject(frame)) return null;
  const resume = text(frame['resume']);
  const data = frame['data'];
  switch (frame['type']) {
    case 'hello':
      return { type: 'hello', ...pick(frame, 'server', 'version'), ...(isTime(frame['time']) ? { time: frame['time'] } : {}) };
    case 'snapshot':
      return snapshotOf(frame, Array.isArray(data) ? data : [], resume);
    case 'live':
      return { type: 'live', resume };
    case 'position':
      return isPosition(data) ? { type: 'positions', data: [data], resume } : null;
    case 'positions':
      return Array.isArray(data) ? { type: 'positions', data: data.filter(isPosition), resume } : null;
    case 'incident':
      return isPosition(data) ? { type: 'incident', data: data as IncidentRecord, resume } : null;
    case 'alert':
      return isAlert(data) ? { type: 'alert', data: alertOf(data), resume } : null;
    case 'removed': {
      const subject = text(frame['subject']) ?? (isObject(data) ? text(data['subject']) : null);
      return subject === null ? null : { type: 'removed', subject, resume };
    }
    case 'heartbeat':
      return {
        type: 'heartbeat',
        time: isTime(frame['time']) ? frame['time'] : null,
        feeds: Array.isArray(frame['feeds']) ? frame['feeds'].filter((f): f is FeedReport & Json => isObject(f) && typeof f['name'] === 'string') : [],
        chapter: text(frame['chapter']),
      };
    case 'fences_changed':
      return { type: 'fences_changed' };
    case 'storm':
      return { type: 'storm', detail: text(frame['detail']) ?? 'many alerts at once', over: frame['active'] === false || frame['state'] === 'ended' };
    case 'error':
      return { type: 'error', code: text(frame['code']) ?? 'error', detail: text(frame['detail']) ?? '', id: text(frame['id']) };
    default:
      return null;
  }
}

function snapshotOf(frame: Json, rows: unknown[], resume: string | null): Frame | null {
  const page = { last: frame['last'] !== false, resume };
  switch (frame['channel']) {
    case 'positions':
      return { type: 'snapshot', channel: 'positions', data: rows.filter(isPosition), ...page };
    case 'incidents':
      return { type: 'snapshot', channel: 'incidents', data: rows.filter(isPosition) as IncidentRecord[], ...page };
    case 'alerts':
      return { type: 'snapshot', channel: 'alerts', data: rows.filter(isAlert).map(alertOf), ...page };
    default:
      return null;
  }
}

function pick(from: Json, ...names: string[]): Record<string, string> {
  return Object.fromEntries(names.flatMap((name) => (typeof from[name] === 'string' ? [[name, from[name]]] : [])));
}

/** Milliseconds since 1970 of a contract time, NaN when it is none. */
export function timeOf(value: string | number | null | undefined): number {
  if (typeof value === 'number') return value;
  return typeof value === 'string' ? Date.parse(value) : Number.NaN;
}
