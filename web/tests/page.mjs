// Opens the page in Debian's Chromium against BASE_URL (a running Cordon), or against the mock server when there is none.
//   BASE_URL=http://127.0.0.1:8080 SCREENSHOT=/tmp/page.png node tests/page.mjs
// Prints "N passed, N failed" and exits non-zero when anything failed.
import { AxeBuilder } from '@axe-core/playwright';
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';

// --disable-gpu must never be among these: with it every frame is read back and the page falls seconds behind.
const FLAGS = ['--no-sandbox', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync',
  '--use-gl=angle', '--use-angle=swiftshader', '--enable-unsafe-swiftshader', '--ignore-gpu-blocklist'];
const WAIT_MS = Number(process.env['WAIT_MS'] ?? 30_000);
const THEMES = (process.env['THEMES'] ?? 'dark,light').split(',');
const shot = process.env['SCREENSHOT'];

let passed = 0;
let failed = 0;

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

function must(condition, why) {
  if (!condition) throw new Error(why);
}

/** Polls from outside: under the page's policy Playwright's own waitForFunction would need eval. */
async function until(read, why, withinMs = WAIT_MS) {
  const end = Date.now() + withinMs;
  for (;;) {
    const value = await read();
    if (value) return value;
    if (Date.now() > end) throw new Error(`${why} within ${withinMs / 1000} s`);
    await new Promise((resume) => setTimeout(resume, 100));
  }
}

async function startMock() {
  const mock = spawn(process.execPath, [fileURLToPath(new URL('../dev/mock-server.mjs', import.meta.url)), '--port', '0'], { stdio: ['ignore', 'pipe', 'inherit'] });
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

const { mock, address } = process.env['BASE_URL'] ? { mock: null, address: process.env['BASE_URL'] } : await startMock();
const browser = await chromium.launch({ executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium', args: FLAGS, headless: true });
const context = await browser.newContext({ viewport: { width: 1600, height: 900 } });
const page = await context.newPage();

const complaints = [];
const foreign = [];
page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
page.on('pageerror', (error) => complaints.push(error.message));
page.on('websocket', (socket) => isLoopback(socket.url().replace(/^ws/, 'http')) || foreign.push(socket.url()));
await context.route('**/*', (route) => {
  if (isLoopback(route.request().url())) return route.continue();
  foreign.push(route.request().url());
  return route.abort();
});

const link = () => page.locator('[data-link]').getAttribute('data-link');
const withAlert = (state) => page.locator(`[data-alert][data-state=${state}]`);

await page.goto(address);
await proves('the page goes live', () => until(async () => (await link()) === 'live', 'not live'));
await proves('resources appear in the table', () => until(async () => (await page.locator('tbody tr').count()) > 3, 'no row in the table'));
await proves('the map draws', async () => {
  const drawn = async () => {
    const picture = await page.locator('canvas.maplibregl-canvas').screenshot();
    return picture.length > 20_000;
  };
  await until(drawn, 'the canvas stayed plain');
});
await proves('an alert appears', () => until(async () => (await page.locator('[data-alert]').count()) > 0, 'no alert'));
await proves('LIVE shows how far behind', async () => {
  const words = await page.locator('[data-link]').innerText();
  must(/LIVE\s+\d+(\.\d)? s behind/.test(words), `it reads "${words}"`);
});
await proves('acknowledging by click changes the alert', async () => {
  const button = page.locator('[data-alert] button.acknowledge:enabled').first();
  await until(async () => (await button.count()) > 0, 'no alert to acknowledge');
  const id = await page.locator('[data-alert]:has(button.acknowledge:enabled)').first().getAttribute('data-alert');
  await page.locator(`[data-alert="${id}"] button.acknowledge`).click();
  await until(async () => (await page.locator(`[data-alert="${id}"]`).getAttribute('data-state')) === 'acknowledged', 'not acknowledged', 10_000);
  must((await page.locator(`[data-alert="${id}"] button.acknowledge`).count()) === 0, 'the button is still there');
});
await proves('acknowledging by keyboard changes the alert', async () => {
  if ((await withAlert('open').count()) === 0) await until(async () => (await withAlert('open').count()) > 0, 'no second alert', 60_000);
  const before = await withAlert('acknowledged').count();
  await page.keyboard.press('Escape');
  await page.keyboard.press('j');
  await page.keyboard.press('a');
  await until(async () => (await withAlert('acknowledged').count()) > before, 'not acknowledged', 10_000);
});
await proves('help opens and closes', async () => {
  await page.keyboard.press('?');
  await until(async () => (await page.locator('dialog[open]').count()) === 1, 'no dialog', 3_000);
  await page.keyboard.press('Escape');
  await until(async () => (await page.locator('dialog[open]').count()) === 0, 'the dialog stayed', 3_000);
});
for (const theme of THEMES) {
  await page.evaluate((wanted) => {
    const button = [...document.querySelectorAll('header .buttons button')].find((candidate) => /^(Dark|Light)$/.test(candidate.textContent ?? ''));
    if (document.documentElement.dataset['theme'] !== wanted) button?.click();
  }, theme);
  await proves(`axe finds nothing (${theme})`, async () => {
    const { violations } = await new AxeBuilder({ page }).withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']).analyze();
    must(violations.length === 0, violations.map((v) => `${v.id}: ${v.nodes.map((node) => `${node.target} ${node.any[0]?.message ?? ''}`).slice(0, 3).join(' | ')}`).join('; '));
  });
  if (shot) {
    await new Promise((resume) => setTimeout(resume, 2_500));
    await page.screenshot({ path: theme === THEMES[0] ? shot : shot.replace(/(\.\w+)?$/, `-${theme}$1`) });
  }
}
await proves('no console error', () => must(complaints.length === 0, complaints.slice(0, 5).join(' | ')));
await proves('no request left this machine', () => must(foreign.length === 0, foreign.slice(0, 5).join(' ')));

await browser.close();
mock?.kill();
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);
