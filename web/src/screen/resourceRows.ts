// The table beside the map: the same resources in words, emergencies first, then by call sign.

import type { Resource } from '../live/picture';
import { freshness, staleAfter, type Freshness, type StaleAfter } from '../live/staleness';
import { stateOf, type ResourceState } from '../live/status';
import type { Box } from '../basemap/graticule';
import { within } from '../map/features';

export interface ResourceRow {
  subject: string;
  callsign: string;
  state: ResourceState;
  freshness: Freshness;
  ageS: number;
}

export const ROWS_SHOWN = 60;

export function resourceRows(resources: Iterable<Resource>, view: Box | null, now: number, thresholds: StaleAfter): { rows: ResourceRow[]; total: number } {
  const inView = [...resources].filter((resource) => view === null || within(view, resource.lon, resource.lat));
  const urgent = (resource: Resource): number => Number(stateOf(resource.status) === 'emergency');
  inView.sort((a, b) => urgent(b) - urgent(a) || (a.callsign < b.callsign ? -1 : a.callsign > b.callsign ? 1 : 0));
  const rows = inView.slice(0, ROWS_SHOWN).map((resource) => {
    const ageS = (now - resource.at) / 1000;
    return {
      subject: resource.subject, callsign: resource.callsign, state: stateOf(resource.status), ageS,
      freshness: freshness(ageS, staleAfter(thresholds, resource.class)),
    };
  });
  return { rows, total: inView.length };
}
