import { simulate } from '../fixtures/devices.ts';
import { deviceWith } from '../fixtures/fleet.ts';
import { expect, test } from '../fixtures/test.ts';
import { DevicePage } from '../pages/device.ts';

test.describe('a link to one device', () => {
  test('shows that device live to somebody without an account, and nothing else, until it is revoked', async ({ page, api, server, beside, browser }) => {
    test.setTimeout(120_000);
    beside(simulate(server, ['--devices', '2']));
    const endpoint = await deviceWith(api, [3303]);
    await api.operation(endpoint, { op: 'observe', path: '/3303/0/5700' });
    const device = new DevicePage(page, endpoint);
    await device.open();
    await page.getByRole('button', { name: 'Give out a link' }).click();
    await device.dialog.getByLabel('Holds for').selectOption({ label: 'An hour' });
    await device.dialog.getByLabel('Note').fill('for the installer');
    await device.dialog.getByRole('button', { name: 'Make the link' }).click();
    const link = await device.dialog.getByText(/\/link#[0-9a-f]{64}$/).innerText();
    await device.dialog.getByRole('button', { name: 'I have it' }).click();

    const other = await browser.newContext();
    const guest = await other.newPage();
    const refused: string[] = [];
    const asked: string[] = [];
    guest.on('request', (request) => asked.push(request.url()));
    guest.on('response', (response) => {
      if (response.status() === 403) {
        refused.push(response.url());
      }
    });
    await guest.goto(link);
    const seen = new DevicePage(guest, endpoint);
    await expect(guest).toHaveURL(new RegExp(`/devices/${endpoint}$`));
    await expect(seen.frame.feed).toHaveText('Live');
    await expect(seen.row('/3303/0')).toBeVisible();
    expect(asked.filter((url) => url.includes(link.slice(-64))), 'the secret is in no address that is asked for').toEqual([]);
    expect(await guest.evaluate(() => history.length), 'nor in the history').toBeLessThan(3);

    await test.step('what changes appears', async () => {
      await seen.open('Live', '?path=/3303/0/5700');
      await expect(seen.frame.feed).toHaveText('Live');
      await seen.open('Timeline');
      await api.operation(endpoint, { op: 'read', path: '/3/0/0' });
      await expect(seen.panel).toContainText('/3/0/0');
    });

    await test.step('nothing else is there', async () => {
      await expect(guest.getByRole('navigation', { name: 'Main' })).toHaveCount(0);
      await expect(guest.getByRole('tab')).toHaveText(['Objects', 'Live', 'Timeline']);
      await seen.open('Objects', '?path=/3/0');
      await expect(guest.getByRole('button', { name: /^(Read|Write|Execute|Observe) / })).toHaveCount(0);
      await guest.goto(`${server.url}/settings/users`);
      await expect(guest).toHaveURL(new RegExp(`/devices/${endpoint}$`));
      await guest.goto(`${server.url}/devices`);
      await expect(guest).toHaveURL(new RegExp(`/devices/${endpoint}$`));
      for (const path of ['/devices', '/users', '/server', '/fleet', '/models', `/devices/${endpoint}/trace`]) {
        expect((await guest.request.get(`${server.url}/api/v1${path}`)).status(), path).toBe(403);
      }
    });
    expect(refused, 'the page asks for nothing that is refused').toEqual([]);

    await test.step('it is revoked', async () => {
      await page.goto('/settings/links');
      const row = page.getByRole('row').filter({ hasText: 'for the installer' });
      await expect(row).toContainText(endpoint);
      await row.getByRole('button', { name: /^Revoke/ }).click();
      await page.getByRole('dialog').getByRole('button', { name: 'Revoke', exact: true }).click();
      await expect(row).toBeHidden();
      await expect(guest.getByRole('dialog', { name: 'This link ended' })).toContainText('Ask the one who sent it');
      await guest.goto(link);
      await expect(guest.getByRole('alert')).toContainText('it was revoked');
    });
    await other.close();
  });

  test('one that is not complete says so, and one with an account goes straight to the device', async ({ page, api, server, beside }) => {
    beside(simulate(server, ['--devices', '1']));
    const endpoint = await deviceWith(api, [3]);
    await page.goto('/link#abc');
    await expect(page.getByRole('alert')).toContainText('its address is not complete');
    const made = (await (await api.post(`/devices/${endpoint}/links`, { hours: 1 })).json()) as { secret: string };
    await page.goto('about:blank');
    await page.goto(`/link#${made.secret}`);
    await expect(page).toHaveURL(new RegExp(`/devices/${endpoint}$`));
    await expect(page.getByRole('navigation', { name: 'Main' })).toBeVisible();
    await expect(page.getByLabel('Account admin')).toBeVisible();
  });
});
