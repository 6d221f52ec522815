// A development stand-in for `cordon demo`: plays some 500 resources, incidents, fences and alerts over the real frames and
// serves the built page with the product's Content-Security-Policy. It proves nothing about Cordon itself.
//   node dev/mock-server.mjs [--port 8090] [--resources 500] [--hz 1] [--fallback]
import { createReadStream, existsSync } from 'node:fs';
import { createServer } from 'node:http';
import { extname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { WebSocketServer } from 'ws';
import { startStory, FENCES } from './mock-story.mjs';

const argument = (name, fallback) => {
  const at = process.argv.indexOf(`--${name}`);
  return at < 0 ? fallback : process.argv[at + 1];
};
const PORT = Number(argument('port', 8090));
const RESOURCES = Number(argument('resources', 500));
const HZ = Number(argument('hz', 1));
const ROOT = fileURLToPath(new URL(process.argv.includes('--fallback') ? '../fallback/' : '../dist/', import.meta.url));

const POLICY = process.argv.includes('--fallback')
  ? "default-src 'self'; style-src 'self'"
  : "default-src 'self'; img-src 'self' data: blob:; style-src 'self'; worker-src 'self'; connect-src 'self'; object-src 'none'; base-uri 'none'";
const KINDS = { '.html': 'text/html; charset=utf-8', '.js': 'text/javascript', '.mjs': 'text/javascript', '.css': 'text/css',
  '.json': 'application/json', '.svg': 'image/svg+xml', '.woff2': 'font/woff2' };

const ui = {
  marking: 'OFFICIAL-SENSITIVE', operation: 'Op TRELLIS', role: 'Silver', demo: true,
  map: { center: [-0.121, 51.506], zoom: 12.6 },
  stale_after_s: { vehicle: 30, foot: 60, air: 15, boat: 60, cycle: 60, mounted: 60, other: 60 },
};
const story = startStory({ resources: RESOURCES, hz: HZ });

const PLACES = [['Charing Cross Station', 'station', 51.5080, -0.1250], ['Whitehall', 'street', 51.5045, -0.1263], ['Whitehall Place', 'street', 51.5061, -0.1249]];

/** Suggestions, or the place, for a text; null for any other address. */
function lookUp(path, query) {
  const found = PLACES.filter(([title]) => title.toLowerCase().startsWith(query.toLowerCase()));
  if (path === '/v1/suggest') {
    return { query, suggestions: found.map(([title, kind, lat, lon]) => ({ title, area: 'Westminster', kind, lat, lon, radius_m: 120 })) };
  }
  if (path !== '/v1/geocode') return null;
  if (query === 'TQ 311 756') return { query, lat: 51.465, lon: -0.1125, precision: 'area', match: query, score: 1, radius_m: 71, alternatives: [] };
  const [only] = found;
  if (only === undefined) return { query, reason: 'unlocatable', detail: 'nothing in the text is a name that the mock knows', alternatives: [] };
  return { query, lat: only[2], lon: only[3], precision: 'street', match: only[0], score: 0.9, radius_m: 120, alternatives: [] };
}

const http = createServer((request, response) => {
  const { pathname: path, searchParams } = new URL(request.url, 'http://localhost');
  const json = { '/v1/ui': ui, '/v1/fences': { type: 'FeatureCollection', features: FENCES }, '/v1/places': { type: 'FeatureCollection', features: [] } }[path] ?? lookUp(path, searchParams.get('q') ?? '');
  if (json !== null) {
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(json));
    return;
  }
  const file = join(ROOT, normalize(path === '/' ? '/index.html' : path));
  if (!file.startsWith(ROOT) || !existsSync(file)) {
    response.writeHead(404).end('not found');
    return;
  }
  response.writeHead(200, { 'content-type': KINDS[extname(file)] ?? 'application/octet-stream', 'content-security-policy': POLICY,
    'cache-control': 'no-store' });
  createReadStream(file).pipe(response);
});

const sockets = new WebSocketServer({ server: http, path: '/v1/live' });
const now = () => new Date().toISOString();

class Client {
  constructor(socket) {
    this.socket = socket;
    this.sub = null;
    this.credit = 0;
    this.waiting = new Map();
    this.token = 0;
    this.send({ type: 'hello', server: 'mock', version: '0', time: now(), limits: {} });
    socket.on('message', (raw) => this.heard(JSON.parse(raw)));
    socket.on('close', () => story.leave(this));
  }

  send(frame) {
    if (this.socket.readyState === 1) this.socket.send(JSON.stringify(frame));
  }

  data(type, data) {
    if (this.sub !== null) this.send({ type, sub: this.sub, resume: `t${(this.token += 1)}`, data });
  }

  heard(frame) {
    if (frame.type === 'subscribe') this.subscribe(frame.id);
    if (frame.type === 'credit') {
      this.credit = Math.min(1, this.credit + frame.n);
      this.flush();
    }
    if (frame.type === 'command' && frame.action === 'acknowledge') {
      setTimeout(() => {
        if (!story.acknowledge(frame.target)) this.send({ type: 'error', code: 'unknown_target', detail: `no alert ${frame.target}`, id: frame.id });
      }, 120);
    }
  }

  subscribe(sub) {
    this.sub = sub;
    const positions = story.positions();
    for (let at = 0; at < positions.length; at += 200) {
      this.send({ type: 'snapshot', sub, channel: 'positions', data: positions.slice(at, at + 200), last: at + 200 >= positions.length });
    }
    this.send({ type: 'snapshot', sub, channel: 'incidents', data: story.incidents(), last: true });
    this.send({ type: 'snapshot', sub, channel: 'alerts', data: story.alerts(), last: true });
    this.send({ type: 'live', sub });
    this.heartbeat(story.heartbeat());
    this.credit = 1;
    story.join(this);
  }

  positions(records) {
    for (const record of records) this.waiting.set(record.subject, record);
    this.flush();
  }

  flush() {
    if (this.credit < 1 || this.waiting.size === 0) return;
    this.credit -= 1;
    const data = [...this.waiting.values()];
    this.waiting.clear();
    this.data('positions', data);
  }

  heartbeat(frame) {
    this.send({ type: 'heartbeat', time: now(), ...frame });
  }
}

sockets.on('connection', (socket) => new Client(socket));
http.listen(PORT, '127.0.0.1', () => console.log(`listening http://127.0.0.1:${http.address().port}`));
