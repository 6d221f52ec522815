// Opens the page in Debian's Chromium against BASE_URL (a running Cordon), or against the mock server when there is none.
//   BASE_URL=http://127.0.0.1:8080 SCREENSHOT=/tmp/page.png node tests/page.mjs
// Prints "N passed, N failed" and exits non-zero when anything failed.
import { open } from './browser.mjs';

const THEMES = (process.env['THEMES'] ?? 'dark,light').split(',');
/** A running Cordon may be quiet for a while after its first alert. */
const SECOND_ALERT_MS = 180_000;
const shot = process.env['SCREENSHOT'];

const { page, address, proves, must, until, axe, finish } = await open();

const link = () => page.locator('[data-link]').getAttribute('data-link');
const stateOf = (id) => page.locator(`[data-alert="${id}"]`).getAttribute('data-state');
const unacknowledged = page.locator('[data-alert]:has(button.acknowledge:enabled)');

await page.goto(address);
await proves('the page goes live', () => until(async () => (await link()) === 'live', 'not live'));
await proves('resources appear in the table', () => until(async () => (await page.locator('tbody tr').count()) > 3, 'no row in the table'));
await proves('the map draws', async () => {
  const canvas = page.locator('canvas.maplibregl-canvas');
  await until(async () => (await canvas.screenshot()).length > 20_000, 'the canvas stayed plain');
});
await proves('an alert appears', () => until(async () => (await page.locator('[data-alert]').count()) > 0, 'no alert'));
await proves('LIVE shows how far behind', async () => {
  const words = await page.locator('[data-link]').innerText();
  must(/LIVE\s+\d+(\.\d)? s behind/.test(words), `it reads "${words}"`);
});
await proves('acknowledging by click changes the alert', async () => {
  await until(async () => (await unacknowledged.count()) > 0, 'no alert to acknowledge');
  const id = await unacknowledged.first().getAttribute('data-alert');
  await page.locator(`[data-alert="${id}"] button.acknowledge`).click();
  await until(async () => (await stateOf(id)) === 'acknowledged', 'not acknowledged', 10_000);
  must((await page.locator(`[data-alert="${id}"] button.acknowledge`).count()) === 0, 'the button is still there');
});
await proves('acknowledging by keyboard changes the alert', async () => {
  await until(async () => (await unacknowledged.count()) > 0, 'no second alert', SECOND_ALERT_MS);
  await page.keyboard.press('Escape');
  await page.keyboard.press('j');
  const id = await page.locator('[data-alert][aria-current]').getAttribute('data-alert');
  await new Promise((resume) => setTimeout(resume, 400));
  await page.keyboard.press('a');
  await until(async () => (await stateOf(id)) === 'acknowledged', 'not acknowledged', 10_000);
});
await proves('a place is searched by keyboard, and marked', async () => {
  await page.keyboard.press('/');
  const box = page.getByRole('combobox', { name: 'Search a place' });
  await page.keyboard.type('whiteh');
  const options = page.getByRole('option');
  await until(async () => (await options.count()) > 0, 'nothing is suggested', 5_000);
  await page.keyboard.press('ArrowDown');
  const chosen = await page.locator('[role="option"][aria-selected="true"] b').innerText();
  must((await box.getAttribute('aria-activedescendant')) === 'sought-0', 'the chosen option is not told');
  await axe();
  await page.keyboard.press('Enter');
  await until(async () => (await page.locator('[data-marked]').getAttribute('data-marked')) === chosen, 'it is not marked', 5_000);
});
await proves('a grid reference and words that are no place are answered', async () => {
  const box = page.getByRole('combobox', { name: 'Search a place' });
  await box.fill('TQ 311 756');
  await page.keyboard.press('Enter');
  await until(async () => (await page.locator('[data-marked]').innerText()).includes('within 71 m'), 'the square is not marked', 5_000);
  await box.fill('nowhere at all');
  await page.keyboard.press('Enter');
  await until(async () => (await page.locator('.said').count()) === 1, 'no reason is given', 5_000);
  if (shot) {
    await box.fill('char');
    await until(async () => (await page.getByRole('option').count()) > 0, 'nothing is suggested', 5_000);
    await page.screenshot({ path: shot.replace(/(\.\w+)?$/, '-search$1') });
  }
  await box.fill('whitehall');
  await page.keyboard.press('Enter');
  await until(async () => (await page.locator('[data-marked]').count()) === 1, 'it is not marked', 5_000);
  await box.blur();
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
  await proves(`axe finds nothing (${theme})`, axe);
  if (shot) {
    await new Promise((resume) => setTimeout(resume, 2_500));
    await page.screenshot({ path: theme === THEMES[0] ? shot : shot.replace(/(\.\w+)?$/, `-${theme}$1`) });
  }
}
await finish();
