// Heap of the page over some minutes against the mock server: node dev/soak.mjs [minutes=4] [resources=2000] [hz=1]
import { open } from '../tests/browser.mjs';

const [minutes = '4', resources = '2000', hz = '1'] = process.argv.slice(2);
const { page, browser, mock, address } = await open({ mock: ['--resources', resources, '--hz', hz] });
const session = await page.context().newCDPSession(page);
await page.goto(address);
for (let half = 0; half <= Number(minutes) * 2; half += 1) {
  await new Promise((resume) => setTimeout(resume, 30_000));
  await session.send('HeapProfiler.collectGarbage');
  const { usedSize } = await session.send('Runtime.getHeapUsage');
  console.log(`${(half + 1) * 30} s  heap ${(usedSize / 1e6).toFixed(1)} MB  ${(await page.locator('[data-link]').innerText()).replace(/\s+/g, ' ')}`);
}
await browser.close();
mock.kill();
process.exit(0);
