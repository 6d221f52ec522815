// Measures how the page keeps up with the mock server on this machine (software drawing: trust milliseconds, not frames).
//   node dev/measure.mjs [resources=500,2000,3000] [hz=1,4] [seconds=20]
import { open } from '../tests/browser.mjs';

const [resources = '500,2000,3000', hz = '1,4', seconds = '20'] = process.argv.slice(2);
const wait = (ms) => new Promise((resume) => setTimeout(resume, ms));

console.log('resources  hz  frames applied/s  map given/s  shown/s  build ms  until shown ms  long tasks ms/s  longest ms  behind');
for (const count of resources.split(',')) {
  for (const rate of hz.split(',')) {
    const { page, browser, mock, address } = await open({ mock: ['--resources', count, '--hz', rate] });
    let credits = 0;
    page.on('websocket', (socket) => socket.on('framesent', ({ payload }) => {
      if (String(payload).includes('"credit"')) credits += 1;
    }));
    await page.goto(address);
    await wait(8_000);
    await page.evaluate(() => {
      window.longTasks = [];
      new PerformanceObserver((list) => window.longTasks.push(...list.getEntries().map((entry) => entry.duration))).observe({ entryTypes: ['longtask'] });
    });
    const cost = () => page.evaluate(() => JSON.parse(document.documentElement.dataset['mapCost'] ?? '{}'));
    const before = await cost();
    const creditsBefore = credits;
    const began = Date.now();
    await wait(Number(seconds) * 1000);
    const passed = (Date.now() - began) / 1000;
    const after = await cost();
    const tasks = await page.evaluate(() => window.longTasks);
    const behind = await page.locator('[data-link]').innerText();
    const row = [count, rate, ((credits - creditsBefore) / passed).toFixed(1), ((after.given - before.given) / passed).toFixed(1),
      ((after.shown - before.shown) / passed).toFixed(1), after.buildMs.toFixed(1), after.untilShownMs.toFixed(0),
      (tasks.reduce((sum, ms) => sum + ms, 0) / passed).toFixed(0), Math.max(0, ...tasks).toFixed(0), behind.replace(/\s+/g, ' ')];
    console.log(row.map((cell) => String(cell).padStart(9)).join(' '));
    await browser.close();
    mock.kill();
  }
}
process.exit(0);
