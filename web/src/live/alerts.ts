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

export function bannerAlert(ordered: readonly AlertRecord[]): AlertRecord | null {
  return ordered.find((alert) => alert.severity === 'critical' && isUnacknowledged(alert)) ?? null;
}

/** What a screen reader hears of the alerts that came in since it was last told: "4 new alerts, 1 priority one". */
export function announcement(fresh: readonly AlertRecord[]): string {
  const [only] = fresh;
  if (only === undefined) return '';
  if (fresh.length === 1) return `New alert, ${SEVERITY_LOOKS[only.severity].name}: ${only.title}`;
  const critical = fresh.filter((alert) => alert.severity === 'critical').length;
  return `${fresh.length} new alerts${critical > 0 ? `, ${critical} priority one` : ''}`;
}
