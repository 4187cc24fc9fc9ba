import { readFile } from 'node:fs/promises';
import type { Page } from '@playwright/test';
import { Keyboard } from '../fixtures/keyboard.ts';
import { ADMIN } from '../fixtures/server.ts';
import { expect, test } from '../fixtures/test.ts';
import { Frame } from '../pages/frame.ts';

type Device = { endpoint: string; label: string | null; tags: Record<string, string>; metadata: Record<string, string> };

async function choose(page: Page, csv: string): Promise<void> {
  await page
    .getByLabel('Choose a CSV file, or drop it here')
    .setInputFiles({ name: 'pumps.csv', mimeType: 'text/csv', buffer: Buffer.from(csv) });
}

test.describe('one device is made known', () => {
  test('with the keyboard alone, its key shown once and saved', async ({ page, api }) => {
    await page.goto('/devices');
    await expect(page.getByRole('heading', { name: 'Devices', exact: true })).toBeVisible();
    const keyboard = new Keyboard(page);
    await keyboard.go('p', 'Provisioning');
    await expect(page.getByText('Every device that is known has come')).toBeVisible();

    await keyboard.to(page.getByLabel('Endpoint'));
    await page.keyboard.type('pump-7');
    await page.keyboard.press('Tab');
    await page.keyboard.type('Cellar');
    await page.keyboard.press('Tab');
    await page.keyboard.type('pumps');
    await page.keyboard.press('Enter');

    const made = page.getByRole('status').filter({ hasText: 'is known now' });
    await expect(made.getByText(/^[0-9a-f]{32}$/)).toBeVisible();
    const key = await made.getByText(/^[0-9a-f]{32}$/).innerText();
    const saving = page.waitForEvent('download');
    await keyboard.use(made.getByRole('button', { name: 'Save as a file' }));
    const saved = await saving;
    expect(saved.suggestedFilename()).toBe('pump-7-keys.csv');
    expect(await readFile(await saved.path(), 'utf8')).toBe(
      `endpoint,use,mode,identity,key,public_key,private_key,certificate\r\npump-7,server,psk,pump-7,${key},,,\r\n`,
    );
    const waited = page.getByRole('region', { name: 'Known, never seen' });
    await expect(waited.getByRole('row').filter({ hasText: 'pump-7' })).toContainText('group=pumps');
    await keyboard.use(made.getByRole('button', { name: 'Done' }));
    await expect(page.getByLabel('Endpoint')).toBeFocused();
    await expect.poll(() => page.content(), 'the key is gone from the page').not.toContain(key);
    // The group stays for the next device.
    await expect(page.getByLabel('Group')).toHaveValue('pumps');
    const device = (await (await api.get('/devices/pump-7')).json()) as Device;
    expect(device).toMatchObject({ label: 'Cellar', tags: { group: 'pumps' } });
  });

  test('a name that is taken is told beside the field, and described anew only when said so', async ({ page, api }) => {
    expect((await api.post('/devices', { endpoint: 'pump-1', label: 'Attic' })).status()).toBe(201);
    await page.goto('/provisioning');
    await page.getByLabel('Endpoint').fill('pump-1');
    await page.getByLabel('Label').fill('Cellar');
    await page.getByLabel('To register it proves itself by').selectOption({ label: 'What it has, or gets at its bootstrap' });
    await page.getByText('Tags and notes').click();
    await page.getByLabel('Tags').fill('=north');
    await page.getByRole('button', { name: 'Make it known' }).click();
    await expect(page.getByRole('alert')).toContainText('“=north” has no name');
    await page.getByLabel('Tags').fill('site=north');
    await page.getByRole('button', { name: 'Make it known' }).click();
    await expect(page.getByText('A device of this name is known already.')).toBeVisible();
    expect(((await (await api.get('/devices/pump-1')).json()) as Device).label).toBe('Attic');
    await page.getByRole('button', { name: 'Describe it anew' }).click();
    await expect(page.getByRole('status').filter({ hasText: 'is described anew' })).toBeVisible();
    const device = (await (await api.get('/devices/pump-1')).json()) as Device;
    expect(device).toMatchObject({ label: 'Cellar', tags: { site: 'north' } });
  });

  test('a session that is over when the form is sent: after the log in the device is made known', async ({ page, api, context }) => {
    expect((await api.get('/session')).ok()).toBe(true);
    // The feed and what it makes the page read would find out first; here it never answers.
    await page.routeWebSocket(/\/ws$/, () => undefined);
    const configurations = page.waitForResponse(/\/bootstrap\/configurations/);
    await page.goto('/provisioning');
    await configurations;
    await expect(page.getByText('Every device that is known has come')).toBeVisible();
    await page.getByLabel('Endpoint').fill('pump-2');
    await page.getByLabel('Label').fill('Roof');
    await context.clearCookies();
    await page.getByRole('button', { name: 'Make it known' }).click();
    const dialog = page.getByRole('dialog', { name: 'Your session ended' });
    await dialog.getByLabel('Password').fill(ADMIN.password);
    await page.keyboard.press('Enter');
    await expect(dialog).toBeHidden();
    await expect(page.getByRole('status').filter({ hasText: 'is known now' })).toBeVisible();
  });

  test('a session that ends while somebody types: the form, and the place in it, are as they were', async ({ page, api }) => {
    expect((await api.get('/session')).ok()).toBe(true);
    await page.goto('/provisioning');
    await expect(new Frame(page).feed).toHaveText('Live');
    await page.getByLabel('Endpoint').fill('pump-2');
    await page.getByLabel('Group').fill('pumps');
    await page.getByLabel('Label').pressSequentially('Ro');
    expect((await api.delete('/session')).ok()).toBe(true);
    const dialog = page.getByRole('dialog', { name: 'Your session ended' });
    await expect(dialog.getByLabel('Password')).toBeFocused();
    await page.keyboard.type(ADMIN.password);
    await page.keyboard.press('Enter');
    await expect(dialog).toBeHidden();
    await expect(page.getByLabel('Label')).toBeFocused();
    await page.keyboard.type('of');
    await expect(page.getByLabel('Label')).toHaveValue('Roof');
    await expect(page.getByLabel('Endpoint')).toHaveValue('pump-2');
    await expect(page.getByLabel('Group')).toHaveValue('pumps');
    await page.keyboard.press('Enter');
    await expect(page.getByRole('status').filter({ hasText: 'is known now' })).toBeVisible();
  });
});

test.describe('a CSV file', () => {
  test('is looked at, taken and reported, its keys saved once', async ({ page, api }) => {
    expect((await api.get('/session')).ok()).toBe(true);
    await page.goto('/provisioning/import');
    await expect(page.getByText('No import yet')).toBeVisible();
    await choose(page, 'endpoint,colour\npump,red\n');
    await expect(page.getByRole('alert')).toContainText('colour');

    const rows = ['endpoint,mode,label'];
    for (let number = 2; number <= 300; number += 1) {
      rows.push(number % 2 === 0 ? `pump-${number},psk,Pump ${number}` : `pump-${number},magic,`);
    }
    await choose(page, rows.join('\n'));
    await expect(page.getByText('299 rows, 150 of it fit to be taken.')).toBeVisible();
    const first = page.getByRole('table', { name: 'The first rows' });
    await expect(first.getByRole('row').filter({ hasText: 'pump-2' })).toContainText('Good');
    await expect(first.getByRole('row').filter({ hasText: 'pump-3' })).toContainText("'magic' is no mode");
    const refused = page.getByRole('table', { name: 'Refused rows' });
    await expect(refused.getByRole('row')).toHaveCount(101);
    await page.getByRole('button', { name: '49 more' }).click();
    await expect(refused.getByRole('row')).toHaveCount(150);
    expect((await api.devices()).length, 'nothing was taken yet').toBe(0);

    await page.getByRole('button', { name: 'Import 150 devices' }).click();
    const report = page.getByRole('region', { name: 'The import' });
    await expect(report.getByText('Done', { exact: true })).toBeVisible();
    await expect(report.getByRole('status')).toContainText('150');
    await expect(page).toHaveURL(/import=pumps-\d+/);
    const saving = page.waitForEvent('download');
    await report.getByRole('button', { name: 'Save the keys' }).click();
    const keys = await readFile(await (await saving).path(), 'utf8');
    expect(keys.trim().split('\r\n')).toHaveLength(151);
    await expect(report.getByRole('button', { name: 'Save the keys' })).toBeHidden();
    const saved = page.waitForEvent('download');
    await report.getByRole('button', { name: 'Save the report' }).click();
    expect((await readFile(await (await saved).path(), 'utf8')).split('\r\n')[1]).toBe(
      "3,\"'magic' is no mode; there are psk, rpk, x509 and none\"",
    );
    await expect(page.getByRole('table', { name: 'Imports of late' }).getByRole('row')).toHaveCount(2);
  });

  test('of 100,000 rows is taken with a progress bar while the page answers', async ({ page, api }) => {
    test.setTimeout(180_000);
    expect((await api.get('/session')).ok()).toBe(true);
    const rows = ['endpoint,mode,label,group'];
    for (let number = 1; number <= 100_000; number += 1) {
      rows.push(`urn:dev:mass:${number},${number % 10_000 === 0 ? 'magic' : 'psk'},Meter ${number},meters`);
    }
    await page.goto('/provisioning/import');
    await choose(page, rows.join('\n'));
    await expect(page.getByText('100,000 rows, 99,990 of it fit to be taken.')).toBeVisible({ timeout: 30_000 });
    await page.getByRole('button', { name: 'Import 99,990 devices' }).click();
    const report = page.getByRole('region', { name: 'The import' });
    await expect(report.getByRole('progressbar', { name: 'Progress of the import' })).toBeVisible();
    // A frame is drawn within a moment, again and again, until it is done.
    const longest = await page.evaluate(async () => {
      let worst = 0;
      let before = performance.now();
      while (document.querySelector('progress[max]') !== null) {
        await new Promise(requestAnimationFrame);
        const now = performance.now();
        worst = Math.max(worst, now - before);
        before = now;
      }
      return worst;
    });
    expect(longest, 'milliseconds without a frame').toBeLessThan(1_000);
    await expect(report.getByRole('status')).toContainText('99,990', { timeout: 60_000 });
    await expect(report.getByRole('heading', { name: '10 rows refused' })).toBeVisible();
    await expect(report.getByRole('row').filter({ hasText: '10,001' })).toContainText('magic');
  });
});
