// What the browser tests share: Chromium, a server to open, and the count of what was proved.
import { AxeBuilder } from '@axe-core/playwright';
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';

// --disable-gpu must never be among these: with it every frame is read back and the page falls seconds behind.
const FLAGS = ['--no-sandbox', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync',
  '--use-gl=angle', '--use-angle=swiftshader', '--enable-unsafe-swiftshader', '--ignore-gpu-blocklist'];
const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
const WAIT_MS = Number(process.env['WAIT_MS'] ?? 30_000);

export function must(condition, why) {
  if (!condition) throw new Error(why);
}

/** Polls from outside: under the page's policy Playwright's own waitForFunction would need eval. */
export async function until(read, why, withinMs = WAIT_MS) {
  const end = Date.now() + withinMs;
  for (;;) {
    const value = await read();
    if (value) return value;
    if (Date.now() > end) throw new Error(`${why} within ${withinMs / 1000} s`);
    await new Promise((resume) => setTimeout(resume, 100));
  }
}

export async function startMock(options, port = 0) {
  const script = fileURLToPath(new URL('../dev/mock-server.mjs', import.meta.url));
  const mock = spawn(process.execPath, [script, '--port', String(port), ...options], { stdio: ['ignore', 'pipe', 'inherit'] });
  const address = await new Promise((found, lost) => {
    mock.stdout.on('data', (text) => {
      const match = /listening (http:\S+)/.exec(String(text));
      if (match) found(match[1]);
    });
    mock.on('exit', () => lost(new Error('the mock server did not start')));
  });
  return { mock, address };
}

const isLoopback = (url) => ['127.0.0.1', 'localhost', '[::1]'].includes(new URL(url).hostname) || /^(data|blob):/.test(url);

/** Opens a browser on BASE_URL, or on a mock server of its own; `finish` prints the count and ends the process. */
export async function open({ mock: options = [], server = process.env['BASE_URL'], flags = [] } = {}) {
  const started = server ? { mock: null, address: server } : await startMock(options);
  const browser = await chromium.launch({ executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium', args: [...FLAGS, ...flags], headless: true });
  const context = await browser.newContext({ viewport: { width: 1600, height: 900 } });
  const page = await context.newPage();
  const complaints = [];
  const foreign = [];
  let passed = 0;
  let failed = 0;

  page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('websocket', (socket) => isLoopback(socket.url().replace(/^ws/, 'http')) || foreign.push(socket.url()));
  await context.route('**/*', (route) => {
    if (isLoopback(route.request().url())) return route.continue();
    foreign.push(route.request().url());
    return route.abort();
  });

  async function proves(what, run) {
    try {
      await run();
      passed += 1;
      console.log(`ok      ${what}`);
    } catch (error) {
      failed += 1;
      console.log(`FAILED  ${what}: ${error instanceof Error ? error.message : error}`);
    }
  }

  async function axe() {
    const { violations } = await new AxeBuilder({ page }).withTags(RULES).analyze();
    const places = (violation) => violation.nodes.slice(0, 3).map((node) => `${node.target} ${node.any[0]?.message ?? ''}`).join(' | ');
    must(violations.length === 0, violations.map((violation) => `${violation.id}: ${places(violation)}`).join('; '));
  }

  async function finish() {
    await proves('no console error', () => must(complaints.length === 0, complaints.slice(0, 5).join(' | ')));
    await proves('no request left this machine', () => must(foreign.length === 0, foreign.slice(0, 5).join(' ')));
    await browser.close();
    started.mock?.kill();
    console.log(`${passed} passed, ${failed} failed`);
    process.exit(failed === 0 ? 0 : 1);
  }

  return { ...started, browser, page, complaints, proves, must, until, axe, finish };
}
