import type { Locator } from '@playwright/test';
import { simulate } from '../fixtures/devices.ts';
import { expect, test } from '../fixtures/test.ts';
import { DevicePage } from '../pages/device.ts';
import { deviceWith } from '../fixtures/fleet.ts';

test.describe('a device over time', () => {
  test('Live: an observed number is drawn as it arrives, and can be stopped', async ({ page, api, server, beside }) => {
    beside(simulate(server, ['--devices', '8']));
    const device = new DevicePage(page, await deviceWith(api, [3303]));
    expect(await api.operation(device.endpoint, { op: 'observe', path: '/3303/0/5700' })).toMatchObject({ state: 'done' });
    await device.open('Live', '?path=/3303/0/5700');
    const chart = page.getByRole('img', { name: /^Line chart of .*\/3303\/0\/5700/ });
    await expect(chart).toBeVisible();

    await page.getByText('The latest values as a table').click();
    const rows = page.getByRole('region', { name: 'Latest values' }).getByRole('row');
    await expect.poll(() => rows.count(), { timeout: 20_000 }).toBeGreaterThan(2);
    const painted = await picture(chart);
    await expect.poll(() => picture(chart), { message: 'the chart moves' }).not.toBe(painted);

    await page.getByRole('button', { name: 'Pause' }).click();
    await expect(page.getByRole('button', { name: 'Go on' })).toBeVisible();
    await chart.focus();
    await page.keyboard.press('End');
    await page.keyboard.press('ArrowLeft');
    await expect(page.locator('.crosshair-text'), 'read point by point').toContainText('/3303/0/5700');
  });

  test('Messages: a request and its answer, decoded and as bytes', async ({ page, api, server, beside }) => {
    beside(simulate(server, ['--devices', '1']));
    const device = new DevicePage(page, await deviceWith(api, [3]));
    await api.operation(device.endpoint, { op: 'read', path: '/3/0' });
    await device.open('Messages', '?filter=/3/0');
    const messages = device.panel.getByRole('region', { name: 'Messages' }).getByRole('row');
    await expect(messages.filter({ hasText: 'GET' }).first()).toBeVisible();
    await messages.filter({ hasText: '2.05' }).getByRole('button').first().click();
    const decoded = page.getByRole('region', { name: 'Decoded' });
    await expect(decoded).toContainText('Payload');
    await expect(decoded).toContainText('/3/0/0');

    await decoded.locator('.part').filter({ hasText: '/3/0/0' }).first().hover();
    const lit = page.getByRole('region', { name: 'Hex dump' }).locator('.on');
    await expect(lit.first(), 'its bytes light up').toBeVisible();
    await page.getByRole('button', { name: 'Close the details' }).click();
    await expect(decoded).toBeHidden();
  });

  test('Messages: new ones arrive by themselves', async ({ page, api, server, beside }) => {
    beside(simulate(server, ['--devices', '1']));
    const device = new DevicePage(page, await deviceWith(api, [3]));
    await device.open('Messages', '?filter=/3/0/1');
    await api.operation(device.endpoint, { op: 'read', path: '/3/0/1' });
    await expect(device.panel.getByRole('row').filter({ hasText: '/3/0/1' }).first()).toBeVisible();
  });

  test('Timeline: what happened, newest first, as it happens', async ({ page, api, server, beside }) => {
    beside(simulate(server, ['--devices', '1']));
    const device = new DevicePage(page, await deviceWith(api, [3]));
    await device.open('Timeline');
    const headlines = device.panel.locator('.headline');
    await expect(headlines.filter({ hasText: /^Registered from/ })).toHaveCount(1);
    await api.operation(device.endpoint, { op: 'write', path: '/3/0/14', value: '+03:00' });
    await expect(headlines.filter({ hasText: /Write \/3\/0\/14/ }).first()).toBeVisible();

    await device.panel.getByRole('checkbox', { name: 'Registration' }).uncheck();
    await expect(headlines.filter({ hasText: /^Registered from/ })).toHaveCount(0);
    await expect(page).toHaveURL(/kinds=/);
  });
});

/** What is painted on a canvas. */
function picture(canvas: Locator): Promise<string> {
  return canvas.evaluate((element) => (element as HTMLCanvasElement).toDataURL());
}
