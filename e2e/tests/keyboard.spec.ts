import { simulate } from '../fixtures/devices.ts';
import { deviceWith } from '../fixtures/fleet.ts';
import { Keyboard } from '../fixtures/keyboard.ts';
import { ADMIN } from '../fixtures/server.ts';
import { expect, test } from '../fixtures/test.ts';
import { DevicePage } from '../pages/device.ts';

test('the main job is done without a mouse', async ({ page, api, server, beside, context }) => {
  beside(simulate(server, ['--devices', '1']));
  const endpoint = await deviceWith(api, [3]);
  await context.clearCookies();
  const keyboard = new Keyboard(page);

  await page.goto('/devices');
  await expect(page.getByRole('textbox', { name: 'Name' })).toBeFocused();
  await keyboard.type(ADMIN.username);
  await keyboard.press('Tab');
  await keyboard.type(ADMIN.password);
  await keyboard.press('Enter');

  const link = page.getByRole('link', { name: endpoint, exact: true });
  await expect(link).toBeVisible();
  await keyboard.press('j');
  await expect(link).toBeFocused();
  await keyboard.press('Enter');

  const device = new DevicePage(page, endpoint);
  await expect(device.tab('Objects')).toHaveAttribute('aria-selected', 'true');
  await expect(device.row('/3/0')).toBeVisible();
  await keyboard.to(page.locator('tr[data-path]'));
  await keyboard.to(device.row('/3/0'), { by: 'ArrowDown' });
  await keyboard.press('r');
  await expect(device.messages).toContainText('2.05');
  if ((await device.row('/3/0').getAttribute('aria-expanded')) === 'false') {
    await keyboard.press('ArrowRight');
  }
  await keyboard.to(device.row('/3/0/14'), { by: 'ArrowDown' });
  await keyboard.press('w');
  await expect(device.dialog.getByLabel('UTC Offset', { exact: true })).toBeFocused();
  await keyboard.press('Control+A');
  await keyboard.type('+04:00');
  await keyboard.press('Enter');
  await expect(device.dialog).toBeHidden();
  await expect(device.row('/3/0/14').locator('.value')).toContainText('+04:00');

  await keyboard.press('?');
  await expect(page.getByRole('dialog', { name: 'Keyboard' })).toBeVisible();
  await keyboard.press('Escape');
  await expect(page.getByRole('dialog', { name: 'Keyboard' })).toBeHidden();

  await keyboard.press('/');
  await expect(page.getByRole('searchbox', { name: 'Find a device' })).toBeFocused();
  await keyboard.type(endpoint);
  await keyboard.press('Enter');
  await expect(page).toHaveURL(/\/devices\?query=/);
  await expect(link).toBeVisible();
});
