// Opens the plain page (no build step) in Chromium against the mock server: it goes live, lists alerts, acknowledges.
//   SCREENSHOT=/tmp/fallback.png node tests/fallback.mjs
import { open } from './browser.mjs';

const { page, address, proves, must, until, axe, finish } = await open({ mock: ['--fallback'] });

await page.goto(address);
await proves('the plain page goes live', () => until(async () => (await page.locator('#link').getAttribute('data-link')) === 'live', 'not live'));
await proves('it lists alerts', () => until(async () => (await page.locator('[data-alert]').count()) > 0, 'no alert'));
await proves('it says how to build the map', async () => must((await page.locator('.note').innerText()).includes('make web'), 'no word of it'));
await proves('acknowledging by click changes the alert', async () => {
  const id = await page.locator('li.open').first().getAttribute('data-alert');
  await page.locator(`[data-alert="${id}"] button`).click();
  await until(async () => (await page.locator(`[data-alert="${id}"]`).getAttribute('data-state')) === 'acknowledged', 'not acknowledged', 10_000);
});
await proves('axe finds nothing', axe);
if (process.env['SCREENSHOT']) await page.screenshot({ path: process.env['SCREENSHOT'] });
await finish();
