// Cordon's plain page: no build step, no map. Alerts with acknowledgement, LIVE and how far behind, and nothing else.
'use strict';

const PRIORITIES = { critical: '▲ P1', high: '■ P2', medium: '◆ P3', low: '● P4', info: '● P5' };
const ANSWER_WITHIN_MS = 5000;
const SILENT_AFTER_MS = 20000;
const GIVE_UP_AFTER_MS = 40000;
const ALERTS_SHOWN = 200;
const RETRY_MS = { first: 500, most: 10000 };

const alerts = new Map();
const wishes = new Map();
const resources = new Set();
const drawn = new Map();
let feeds = [];
let feedsAt = 0;
let socket = null;
let live = false;
let resume = null;
let attempts = 0;
let heardAt = 0;
let newestFix = NaN;
let clockAhead = 0;
let why = '';

const byId = (id) => document.getElementById(id);
const isOpen = (alert) => alert.state === 'open' || alert.state === 'updated';
const clock = (time) => (time ? `${new Date(time).toISOString().slice(11, 19)}Z` : '');
const openedAt = (alert) => new Date(alert.opened_at ?? alert.at ?? 0).getTime();
const seconds = (value) => (value < 90 ? `${value.toFixed(1)} s` : `${Math.floor(value / 60)} min`);

function connect() {
  const address = `${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}/v1/live`;
  const opened = new WebSocket(address);
  socket = opened;
  heardAt = Date.now();
  opened.onopen = () => {
    const subscribe = { type: 'subscribe', id: 's1', channels: ['alerts', 'positions'], filter: {} };
    send(resume === null ? subscribe : { ...subscribe, resume });
  };
  opened.onmessage = (message) => hear(message.data);
  opened.onclose = () => lose(opened, 'connection lost');
}

function lose(lost, reason) {
  if (socket !== lost) return;
  socket = null;
  live = false;
  why = reason;
  const wait = Math.min(RETRY_MS.most, RETRY_MS.first * 2 ** attempts);
  attempts += 1;
  setTimeout(connect, wait * (0.5 + Math.random() / 2));
  showHeader();
}

function send(frame) {
  if (socket !== null && socket.readyState === WebSocket.OPEN) socket.send(JSON.stringify(frame));
}

function hear(text) {
  heardAt = Date.now();
  let frame;
  try {
    frame = JSON.parse(text);
  } catch {
    return;
  }
  if (typeof frame.resume === 'string') resume = frame.resume;
  switch (frame.type) {
    case 'hello':
      return setClock(frame.time);
    case 'heartbeat':
      setClock(frame.time);
      feeds = frame.feeds ?? [];
      feedsAt = Date.now();
      return;
    case 'snapshot':
      if (frame.channel === 'alerts') (frame.data ?? []).forEach(keepAlert);
      if (frame.channel === 'positions') (frame.data ?? []).forEach(keepPosition);
      return showAlerts();
    case 'live':
      live = true;
      attempts = 0;
      return showHeader();
    case 'position':
      keepPosition(frame.data);
      return send({ type: 'credit', n: 1 });
    case 'positions':
      (frame.data ?? []).forEach(keepPosition);
      return send({ type: 'credit', n: 1 });
    case 'removed':
      resources.delete(frame.subject);
      return;
    case 'alert':
      keepAlert(frame.data);
      return showAlerts();
    case 'error':
      if (frame.code === 'resume_expired') resume = null;
      else refuse(frame);
  }
}

function setClock(time) {
  const ahead = new Date(time).getTime() - Date.now();
  if (Number.isFinite(ahead)) clockAhead = ahead;
}

function keepPosition(record) {
  resources.add(record.subject);
  const at = new Date(record.at).getTime();
  if (!record.late && !(at < newestFix)) newestFix = at;
}

function keepAlert(alert) {
  const known = alerts.get(alert.id);
  if (known && (alert.sequence ?? 0) < (known.sequence ?? 0)) return;
  alerts.set(alert.id, alert);
  if (!isOpen(alert)) wishes.delete(alert.id);
}

function acknowledge(id) {
  if (socket === null || !live) {
    wishes.set(id, { failed: 'Not connected. Not acknowledged.' });
    return showAlerts();
  }
  const command = crypto.randomUUID ? crypto.randomUUID() : `${Date.now()}-${Math.random()}`;
  wishes.set(id, { command, sentAt: Date.now() });
  send({ type: 'command', action: 'acknowledge', target: id, note: '', id: command });
  showAlerts();
}

function refuse(frame) {
  const waiting = [...wishes.values()].filter((wish) => !wish.failed);
  const wish = waiting.find((one) => one.command === frame.id) ?? (frame.id === undefined && waiting.length === 1 ? waiting[0] : undefined);
  if (wish) wish.failed = `Refused: ${frame.detail || frame.code}`;
  else why = frame.detail || frame.code;
  showAlerts();
}

function element(tag, className, text) {
  const made = document.createElement(tag);
  made.className = className;
  made.textContent = text;
  return made;
}

function alertElement(alert) {
  const item = element('li', `${alert.severity} ${isOpen(alert) ? 'open' : ''}`, '');
  item.dataset.alert = alert.id;
  item.dataset.state = alert.state;
  const wish = wishes.get(alert.id);
  item.append(element('p', 'title', `${PRIORITIES[alert.severity] ?? PRIORITIES.medium}  ${alert.title ?? alert.rule ?? alert.id}`));
  const delay = typeof alert.late_s === 'number' ? `, ${alert.late_s.toFixed(1)} s after fix` : '';
  const end = alert.acknowledged_by ? `, acknowledged by ${alert.acknowledged_by} ${clock(alert.acknowledged_at)}` : alert.state === 'closed' ? ', ended' : '';
  item.append(element('p', 'details', `${clock(openedAt(alert))} ${alert.rule ?? ''}${delay}${end}`));
  if (wish?.failed) item.append(element('p', 'failed', wish.failed));
  if (isOpen(alert)) {
    const sending = wish !== undefined && !wish.failed;
    const button = element('button', 'acknowledge', sending ? 'Sending…' : 'Acknowledge');
    button.disabled = sending;
    button.onclick = () => acknowledge(alert.id);
    item.append(button);
  }
  return item;
}

/** The element of before where nothing about the alert changed: a button is not exchanged under a press. */
function sameElement(alert) {
  const stamp = JSON.stringify([alert, wishes.get(alert.id)]);
  if (drawn.get(alert.id)?.stamp !== stamp) drawn.set(alert.id, { stamp, element: alertElement(alert) });
  return drawn.get(alert.id).element;
}

function showAlerts() {
  const ordered = [...alerts.values()].sort((a, b) => isOpen(b) - isOpen(a) || openedAt(b) - openedAt(a));
  const open = ordered.filter(isOpen).length;
  const focused = document.activeElement?.closest?.('li')?.dataset.alert;
  const list = byId('alerts');
  // Under the pointer the order stands still, so that no click lands on an alert that just moved there.
  if (list.matches(':hover')) {
    const places = new Map([...list.children].map((item, index) => [item.dataset.alert, index]));
    const place = (alert) => places.get(alert.id) ?? Infinity;
    ordered.sort((a, b) => (place(a) === place(b) ? 0 : place(a) - place(b)));
  }
  list.replaceChildren(...ordered.slice(0, Math.max(open, ALERTS_SHOWN)).map(sameElement));
  if (focused) document.querySelector(`li[data-alert="${CSS.escape(focused)}"] button`)?.focus();
  byId('none').hidden = ordered.length > 0;
  byId('unacknowledged').textContent = ordered.length === 0 ? '' : open === 0 ? '(all acknowledged)' : `(${open} unacknowledged)`;
}

function showHeader() {
  const silent = Date.now() - heardAt >= SILENT_AFTER_MS;
  const state = live && !silent ? 'live' : live ? 'silent' : why === '' ? 'connecting' : 'reconnecting';
  const behind = (Date.now() + clockAhead - newestFix) / 1000;
  const age = Number.isFinite(behind) ? `, ${seconds(Math.max(0, behind))} behind` : ', no fix yet';
  const link = byId('link');
  link.dataset.link = state;
  link.className = state !== 'live' ? 'lost' : behind > 5 ? 'red' : behind > 2 ? 'amber' : 'live';
  link.textContent = `${state.toUpperCase()}${age}`;
  byId('counts').textContent = `${resources.size} resources`;
  byId('feeds').textContent = feeds.map((feed) => `${feed.name} ${seconds((feed.age_s ?? 0) + (Date.now() - feedsAt) / 1000)} ago`).join(', ');
}

setInterval(() => {
  showHeader();
  let late = false;
  for (const wish of wishes.values()) {
    if (wish.failed || Date.now() - wish.sentAt < ANSWER_WITHIN_MS) continue;
    wish.failed = 'No answer in 5 s. Not acknowledged: try again.';
    late = true;
  }
  if (late) showAlerts();
  if (socket !== null && Date.now() - heardAt >= GIVE_UP_AFTER_MS) {
    const silent = socket;
    lose(silent, 'nothing heard');
    silent.close();
  }
}, 500);

fetch('/v1/ui').then((answer) => answer.json()).then((setup) => {
  byId('marking').textContent = setup.marking ?? '';
  byId('room').textContent = [setup.operation, setup.role].filter(Boolean).join(' · ');
}).catch(() => undefined);
connect();
