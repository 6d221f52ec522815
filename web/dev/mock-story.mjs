// What the mock server plays: units that drift about central London, a few that went quiet, incidents, fences, and an alert
// every few seconds.

const CENTRE = { lat: 51.507, lon: -0.121 };
const CHAPTERS = ['Quiet', 'The march', 'Sterile-zone breach', 'Emergency press', 'Empty sector'];
const CLASSES = ['vehicle', 'vehicle', 'vehicle', 'foot', 'foot', 'cycle', 'mounted', 'boat'];
const STATUSES = ['2', '2', '2', '3', '5', '5', '6', '6', '7', '8', '1', '4'];
const CATEGORIES = ['violence.knife', 'public-order', 'asb.nuisance', 'missing-person', 'collision', 'suspicious-package'];
const HEARTBEAT_MS = 15_000;

const ring = (...points) => [[...points, points[0]].map(([lat, lon]) => [lon, lat])];
const fence = (id, name, severity, geometry, more = {}) => ({ type: 'Feature', id, geometry, properties: { name, severity, class: 'cordon', tags: [], ...more } });

export const FENCES = [
  fence('sterile', 'Sterile zone', 'critical', { type: 'Polygon', coordinates: ring([51.5045, -0.1285], [51.5045, -0.1238], [51.4985, -0.1232], [51.4985, -0.1295]) }),
  fence('cordon-3', 'Cordon 3', 'high', { type: 'Polygon', coordinates: ring([51.5145, -0.137], [51.5155, -0.1255], [51.5095, -0.1205], [51.5072, -0.1275], [51.509, -0.139]) }),
  fence('march', 'March route', 'medium', { type: 'LineString', coordinates: [[-0.159, 51.5131], [-0.1527, 51.5027], [-0.142, 51.5068], [-0.1345, 51.5101], [-0.1281, 51.5079]] }, { width_m: 80 }),
  fence('rvp-west', 'RVP West', 'info', { type: 'Point', coordinates: [-0.1439, 51.4964] }, { radius_m: 220 }),
  fence('sector-2', 'Bronze 2 sector', 'low', { type: 'Polygon', coordinates: ring([51.519, -0.108], [51.519, -0.079], [51.511, -0.079], [51.512, -0.108]) }),
];

let seed = 20260830;
const random = () => {
  seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
  return seed / 2 ** 32;
};
const choose = (list) => list[Math.floor(random() * list.length)];
const spread = () => (random() + random() + random() - 1.5) / 1.5;
const time = (ms = Date.now()) => new Date(ms).toISOString();

function unit(index, born) {
  const quiet = index % 14 === 0;
  return {
    subject: `MP-${String.fromCharCode(65 + (index % 26))}${String.fromCharCode(65 + (Math.floor(index / 26) % 26))}${10 + (index % 90)}`,
    quietSince: quiet ? born - 40_000 * (1 + (index % 20)) : null,
    lat: CENTRE.lat + spread() * 0.045,
    lon: CENTRE.lon + spread() * 0.085,
    heading: random() * 360,
    speed: random() < 0.6 ? 2 + random() * 9 : 0,
    class: choose(CLASSES),
    status: index === 7 ? '0' : choose(STATUSES),
    at: born,
  };
}

function record(moved) {
  return {
    subject: moved.subject, at: time(moved.quietSince ?? moved.at), lat: Number(moved.lat.toFixed(6)), lon: Number(moved.lon.toFixed(6)),
    class: moved.class, status: moved.status, callsign: moved.subject.slice(3), agency: 'MPS', speed_mps: moved.speed, heading_deg: Math.round(moved.heading),
    fences: [], late: false, source: 'avl',
  };
}

function step(moved, seconds) {
  moved.heading = (moved.heading + (random() - 0.5) * 24 + 360) % 360;
  const metres = moved.speed * seconds;
  moved.lat += (metres * Math.cos((moved.heading * Math.PI) / 180)) / 111_200;
  moved.lon += (metres * Math.sin((moved.heading * Math.PI) / 180)) / 69_300;
  if (Math.abs(moved.lat - CENTRE.lat) > 0.06 || Math.abs(moved.lon - CENTRE.lon) > 0.1) moved.heading = (moved.heading + 150) % 360;
  moved.at = Date.now() - 150 - Math.floor(random() * 300);
}

const TITLES = [
  ['critical', 'sterile-zone-breach', (u) => `${u.subject} entered Sterile zone`],
  ['high', 'cordon-exit', (u) => `${u.subject} left Cordon 3`],
  ['high', 'surge', () => '12 calls near Covent Garden in 5 min (usual 2)'],
  ['medium', 'stale-resource', (u) => `${u.subject} stopped reporting`],
  ['low', 'rvp-arrival', (u) => `${u.subject} arrived at RVP West`],
];

export function startStory({ resources, hz }) {
  const clients = new Set();
  const born = Date.now();
  const units = Array.from({ length: resources }, (_, index) => unit(index, born));
  const incidents = Array.from({ length: 24 }, (_, index) => incident(index));
  const alerts = new Map();
  let opened = 0;
  let turn = 0;

  function incident(index) {
    const placed = index % 9 !== 4;
    return {
      subject: `CAD-${8800 + index}`, at: time(born - index * 47_000), category: choose(CATEGORIES), grade: choose(['I', 'S', 'S', 'E', 'R']), state: 'open',
      location: { text: placed ? 'STRAND WC2' : 'NR THE OLD MARKET' },
      ...(placed ? { lat: CENTRE.lat + spread() * 0.035, lon: CENTRE.lon + spread() * 0.07 } : { reason: 'ambiguous' }),
    };
  }

  function openAlert([severity, rule, title], about = choose(units)) {
    opened += 1;
    const alert = {
      id: `alert-${opened}`, rule, rules_version: 1, state: 'open', severity, opened_at: time(), at: time(Date.now() - 600), late_s: 0.6,
      title: title(about), subject: about.subject, fence: rule === 'cordon-exit' ? 'cordon-3' : null, lat: about.lat, lon: about.lon, count: 1, evidence: [], sequence: 1,
      acknowledged_by: null, acknowledged_at: null, note: null,
    };
    alerts.set(alert.id, alert);
    for (const client of clients) client.data('alert', alert);
  }

  TITLES.slice(1).forEach((entry) => openAlert(entry));
  openAlert(['critical', 'emergency-press', (u) => `Emergency button: ${u.subject}`], units[7 % units.length]);

  setInterval(() => {
    const share = units.filter((u, index) => u.quietSince === null && (hz >= 1 || index % Math.round(1 / hz) === turn % Math.round(1 / hz)));
    turn += 1;
    share.forEach((moved) => step(moved, 1 / hz));
    const records = share.map(record);
    for (const client of clients) client.positions(records);
  }, 1000 / Math.max(1, hz));
  setInterval(() => alerts.size < 40 && openAlert(choose(TITLES)), 9_000);
  setInterval(() => clients.forEach((client) => client.heartbeat(heartbeat())), HEARTBEAT_MS);

  function heartbeat() {
    const minutes = Math.floor((Date.now() - born) / 60_000);
    return {
      feeds: [
        { name: 'positions', event_time: time(Date.now() - 400), lag_s: 0.4, age_s: 0.2 },
        { name: 'incidents', event_time: time(Date.now() - 31_000), lag_s: 1.1, age_s: 31 },
      ],
      chapter: CHAPTERS[(minutes + 2) % CHAPTERS.length],
    };
  }

  return {
    join: (client) => clients.add(client),
    leave: (client) => clients.delete(client),
    positions: () => units.map(record),
    incidents: () => incidents,
    alerts: () => [...alerts.values()],
    heartbeat,
    acknowledge(id) {
      const alert = alerts.get(id);
      if (alert === undefined) return false;
      Object.assign(alert, { state: 'acknowledged', acknowledged_by: 'local', acknowledged_at: time(), sequence: alert.sequence + 1 });
      for (const client of clients) client.data('alert', alert);
      return true;
    },
  };
}
