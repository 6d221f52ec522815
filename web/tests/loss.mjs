// What the page says when things go wrong: the server gone and back, an acknowledgement without an answer, no WebGL2.
// It stops and starts a mock server of its own; a Cordon under test is not touched.
//   SCREENSHOT=/tmp/lost.png node tests/loss.mjs
import { open, startMock } from './browser.mjs';

const first = await startMock([]);
const port = new URL(first.address).port;
const { page, browser, complaints, proves, must, until, finish } = await open({ server: first.address });
const link = () => page.locator('[data-link]').getAttribute('data-link');
let mock = first.mock;

await page.goto(first.address);
await proves('the page goes live', () => until(async () => (await link()) === 'live', 'not live'));

await proves('an acknowledgement without an answer is not shown as done', async () => {
  mock.kill('SIGSTOP');
  const item = page.locator('[data-alert]:has(button.acknowledge)').first();
  const id = await item.getAttribute('data-alert');
  await item.locator('button.acknowledge').click();
  const button = page.locator(`[data-alert="${id}"] button.acknowledge`);
  must((await button.innerText()).startsWith('Sending'), 'no "Sending…"');
  await until(async () => (await page.locator(`[data-alert="${id}"] .failed`).count()) === 1, 'no error', 8_000);
  must((await page.locator(`[data-alert="${id}"]`).getAttribute('data-state')) === 'open', 'shown as acknowledged');
  mock.kill('SIGCONT');
});

await proves('a lost server is said plainly, and the age of the picture counts on', async () => {
  mock.kill('SIGKILL');
  await until(async () => (await link()) === 'reconnecting', 'not reconnecting', 10_000);
  await until(async () => /RECONNECTING\s+([5-9]|\d\d+)(\.\d)? s behind/.test(await page.locator('[data-link]').innerText()), 'the age does not grow', 15_000);
  must((await page.locator('.lost').innerText()).includes('Not live'), 'no strip');
  if (process.env['SCREENSHOT']) await page.screenshot({ path: process.env['SCREENSHOT'] });
});

await proves('it comes back by itself', async () => {
  mock = (await startMock([], port)).mock;
  await until(async () => (await link()) === 'live', 'not live again', 20_000);
  must((await page.locator('.lost').count()) === 0, 'the strip stayed');
});

await proves('without WebGL2 the rest works', async () => {
  const plain = await browser.newPage();
  await plain.addInitScript(() => {
    const own = HTMLCanvasElement.prototype.getContext;
    HTMLCanvasElement.prototype.getContext = function (kind, ...more) {
      return kind === 'webgl2' ? null : own.call(this, kind, ...more);
    };
  });
  await plain.goto(first.address);
  await until(async () => (await plain.locator('main').innerText()).includes('Map drawing unavailable on this PC'), 'no word of it', 10_000);
  await until(async () => (await plain.locator('tbody tr').count()) > 3, 'no table');
  await plain.locator('[data-alert] button.acknowledge').first().click();
  await until(async () => (await plain.locator('[data-alert][data-state=acknowledged]').count()) > 0, 'not acknowledged', 10_000);
  await plain.close();
});

// A refused or cut connection is a console error of the browser's own and the only kind expected here.
complaints.splice(0, complaints.length, ...complaints.filter((text) => !/ERR_CONNECTION|ERR_EMPTY_RESPONSE|WebSocket connection/.test(text)));
mock.kill();
await finish();
