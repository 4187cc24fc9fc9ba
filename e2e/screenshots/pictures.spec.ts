import { join } from 'node:path';
import type { Page } from '@playwright/test';
import { deviceWith } from '../fixtures/fleet.ts';
import { expect, test } from '../fixtures/test.ts';
import { DevicePage } from '../pages/device.ts';
import { DevicesPage } from '../pages/devices.ts';

const FOLDER = join(import.meta.dirname, '../../docs/screenshots');

/** How many values the chart is to show before its picture is taken. */
const VALUES = 25;

test.use({ serverFlags: ['--demo'] });

test('the pictures of the documentation', async ({ page, api }) => {
  const endpoint = await deviceWith(api, [3303]);
  const devices = new DevicesPage(page);
  const device = new DevicePage(page, endpoint);

  for (const path of ['/3/0', '/3303/0']) {
    expect(await api.operation(endpoint, { op: 'read', path })).toMatchObject({ state: 'done' });
  }
  expect(await api.operation(endpoint, { op: 'observe', path: '/3303/0/5700' })).toMatchObject({ state: 'done' });

  await devices.open();
  await expect(devices.live).toBeVisible();
  await expect.poll(() => devices.rows.count()).toBeGreaterThan(2);
  await picture(page, 'devices', ['light', 'dark']);

  await device.open('Objects');
  await expect(device.row('/3/0')).toBeVisible();
  await picture(page, 'objects', ['light']);

  await device.open('Live', '?path=/3303/0/5700&window=1m');
  const notified = async () => (await (await api.get(`/devices/${endpoint}/observations`)).json()).items[0].notifications as number;
  await expect.poll(notified, { timeout: 120_000 }).toBeGreaterThan(VALUES);
  await picture(page, 'live', ['light', 'dark']);

  await device.open('Messages', '?filter=/3/0');
  await device.panel.getByRole('row').filter({ hasText: '2.05' }).getByRole('button').first().click();
  await expect(page.getByRole('region', { name: 'Decoded' })).toBeVisible();
  await picture(page, 'messages', ['light']);
});

async function picture(page: Page, name: string, themes: ('light' | 'dark')[]): Promise<void> {
  await page.mouse.move(0, 0);
  for (const colorScheme of themes) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    // The chart is drawn in the new colours with the next frame.
    await page.evaluate(() => new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn))));
    await page.screenshot({ path: join(FOLDER, `${name}-${colorScheme}.png`), animations: 'disabled' });
  }
}
