// Order, look and wording of alerts. Unacknowledged first, then newest; the newest unacknowledged critical one is the banner.

import type { AlertRecord, Severity } from './frames';
import { timeOf } from './frames';

export interface SeverityLook {
  priority: string;
  name: string;
  shape: 'triangle' | 'square' | 'diamond' | 'circle';
}

export const SEVERITY_LOOKS: Record<Severity, SeverityLook> = {
  critical: { priority: 'P1', name: 'critical', shape: 'triangle' },
  high: { priority: 'P2', name: 'high', shape: 'square' },
  medium: { priority: 'P3', name: 'medium', shape: 'diamond' },
  low: { priority: 'P4', name: 'low', shape: 'circle' },
  info: { priority: 'P5', name: 'information', shape: 'circle' },
};

export const isUnacknowledged = (alert: AlertRecord): boolean => alert.state === 'open' || alert.state === 'updated';

export const openedAt = (alert: AlertRecord): number => {
  const opened = timeOf(alert.opened_at);
  return Number.isFinite(opened) ? opened : timeOf(alert.at) || 0;
};

export function inOrder(alerts: Iterable<AlertRecord>): AlertRecord[] {
  return [...alerts].sort((a, b) =>
    Number(isUnacknowledged(b)) - Number(isUnacknowledged(a)) || openedAt(b) - openedAt(a) || a.id.localeCompare(b.id));
}

/** `held`, while it is still open, keeps the banner from changing under the operator's pointer. */
export function bannerAlert(ordered: readonly AlertRecord[], held: string | null = null): AlertRecord | null {
  const critical = ordered.filter((alert) => alert.severity === 'critical' && isUnacknowledged(alert));
  return critical.find((alert) => alert.id === held) ?? critical[0] ?? null;
}

/**
 * The list as it stood when the pointer came over it, so that no click lands on an alert that just moved there. What opened
 * since waits, counted, until the pointer leaves.
 */
export function heldInPlace(ordered: readonly AlertRecord[], held: readonly string[]): { shown: AlertRecord[]; waiting: number } {
  const byId = new Map(ordered.map((alert) => [alert.id, alert]));
  const shown = held.flatMap((id) => byId.get(id) ?? []);
  return { shown, waiting: ordered.length - shown.length };
}

/** What a screen reader hears of the alerts that came in since it was last told: "4 new alerts, 1 priority one". */
export function announcement(fresh: readonly AlertRecord[]): string {
  const [only] = fresh;
  if (only === undefined) return '';
  if (fresh.length === 1) return `New alert, ${SEVERITY_LOOKS[only.severity].name}: ${only.title}`;
  const critical = fresh.filter((alert) => alert.severity === 'critical').length;
  return `${fresh.length} new alerts${critical > 0 ? `, ${critical} priority one` : ''}`;
}
