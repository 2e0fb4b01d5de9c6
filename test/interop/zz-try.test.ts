import { readFileSync } from 'node:fs';
import { openViewer, difference, brightAt, drawn } from '/work/main/test/interop/ohif-browser.ts';
import { it } from "vitest";
it("x", async () => {
const site = JSON.parse(readFileSync('/tmp/ohif/site.json','utf8'));
const v = await openViewer({ program: '/usr/bin/chromium', url: site.url, pictures: '/tmp/ohif/shots' });
const t0 = Date.now(); const log = (...a: unknown[]) => console.log(((Date.now() - t0)/1000).toFixed(1), ...a);
try {
  await v.list(); await v.page.waitForTimeout(2000); log(await v.rows());
  await v.page.locator('thead input, tr input').first().fill('stefanescu'); await v.page.waitForTimeout(3000); log(await v.rows());
  await v.open(site.studies.ct); const a = await v.image(); log('first', drawn(a), await v.position());
  log(await v.series());
  await v.wheel(5); await v.page.waitForTimeout(1500); const b = await v.seen(); log(await v.position(), difference(a, b));
  await v.show('Torace, plămâni'); await v.page.waitForTimeout(3000); log(await v.position()); await v.picture('t-ct2');
  await v.show('Conclusion'); await v.page.waitForTimeout(4000); await v.picture('t-sr'); log(await v.page.locator('[data-cy=viewport-grid]').innerText());
  await v.page.getByText('Radiografie toracică').click(); await v.page.waitForTimeout(4000); await v.picture('t-cr0'); log(await v.series());
  await v.show('Torace PA'); await v.page.waitForTimeout(5000); await v.picture('t-cr'); log(await v.position());
  await v.open(site.studies.mr); await v.image(); await v.picture('t-mr'); log('mr', await v.position(), await v.series());
  await v.open(site.studies.us); const u = await v.image(); await v.picture('t-us'); log('us', await v.position(), brightAt(u));
  await v.wheel(4); await v.page.waitForTimeout(1500); const w = await v.seen(); await v.picture('t-us2'); log('us', await v.position(), brightAt(w));
  log(v.complaints);
} catch (e) { log(e); await v.picture('t-error'); log(v.complaints); } finally { await v.close(); }

}, 500000);
