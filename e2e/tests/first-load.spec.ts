import { expect, test } from '../fixtures/test.ts';
import { LoginPage } from '../pages/login.ts';

/**
 * Bytes over the wire, head and body, that the first load of the page may take. It may only shrink: the aim is 297 kB, see
 * docs/DECISIONS/page-size.md. The server packs the page in haste here, because it reads it from a folder; built in it is a seventh smaller.
 */
const BUDGET = 200_000;

test('the first load keeps to its budget and loads nothing from elsewhere', async ({ page, server }) => {
  const network = await page.context().newCDPSession(page);
  await network.send('Network.enable');
  let bytes = 0;
  network.on('Network.loadingFinished', ({ encodedDataLength }) => {
    bytes += encodedDataLength;
  });
  const elsewhere: string[] = [];
  page.on('request', (request) => {
    if (!request.url().startsWith(server.url) && !request.url().startsWith('data:')) {
      elsewhere.push(request.url());
    }
  });
  const errors: string[] = [];
  page.on('pageerror', (error) => errors.push(error.message));

  const login = new LoginPage(page);
  await login.open();
  await expect(login.submit).toBeVisible();
  await page.waitForLoadState('networkidle');
  expect(bytes).toBeGreaterThan(0);
  expect(bytes, 'bytes of the first load').toBeLessThan(BUDGET);
  expect(elsewhere).toEqual([]);
  expect(errors).toEqual([]);
});
