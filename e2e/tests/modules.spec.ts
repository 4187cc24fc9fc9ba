import { simulate } from '../fixtures/devices.ts';
import { deviceWith } from '../fixtures/fleet.ts';
import { PAGES_MODULE } from '../fixtures/modules.ts';
import { expect, test } from '../fixtures/test.ts';
import { DevicesPage } from '../pages/devices.ts';

test.describe('a page in a module of its own', () => {
  test('is loaded when somebody goes there, once', async ({ page, api, server, beside }) => {
    beside(simulate(server, ['--devices', '1']));
    const endpoint = await deviceWith(api, [3303]);
    const asked: string[] = [];
    page.on('request', (request) => {
      if (PAGES_MODULE.test(request.url())) {
        asked.push(request.url());
      }
    });
    const devices = new DevicesPage(page);
    await devices.open();
    await expect(devices.row(endpoint)).toBeVisible();
    expect(asked, 'the list does without it').toEqual([]);

    let release = () => {};
    const held = new Promise<void>((resolve) => (release = resolve));
    await page.route(PAGES_MODULE, async (route) => {
      await held;
      await route.continue();
    });
    await devices.openDevice(endpoint);
    await expect(page.getByRole('main').getByText('Loading…')).toBeAttached();
    release();
    await expect(page.getByRole('tab', { name: 'Objects', selected: true })).toBeVisible();

    await page.goBack();
    await expect(devices.row(endpoint)).toBeVisible();
    await page.goForward();
    await expect(page.getByRole('tab', { name: 'Objects', selected: true })).toBeVisible();
    expect(asked).toHaveLength(1);
  });

  test('says that it could not be loaded, and is loaded at the next try', async ({ page, api, server, beside }) => {
    beside(simulate(server, ['--devices', '1']));
    const endpoint = await deviceWith(api, [3303]);
    await page.route(PAGES_MODULE, (route) => route.abort());
    await page.goto(`/devices/${endpoint}/objects`);
    const trouble = page.getByRole('alert').filter({ hasText: 'could not be loaded' });
    await expect(trouble).toBeVisible();
    await trouble.getByRole('button', { name: 'Try again' }).click();
    await expect(trouble).toBeVisible();

    await page.unroute(PAGES_MODULE);
    await trouble.getByRole('button', { name: 'Try again' }).click();
    await expect(page.getByRole('tab', { name: 'Objects', selected: true })).toBeVisible();
  });
});
