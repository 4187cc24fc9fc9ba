import { simulate } from '../fixtures/devices.ts';
import { deviceWith } from '../fixtures/fleet.ts';
import { ADMIN } from '../fixtures/server.ts';
import { expect, test } from '../fixtures/test.ts';
import { DevicePage } from '../pages/device.ts';

test.describe('what somebody began goes on', () => {
  test('a session ends in the middle of a form: after the log-in on the spot the write is sent', async ({ page, api, server, beside }) => {
    beside(simulate(server, ['--devices', '1']));
    const endpoint = await deviceWith(api, [3]);
    // The live feed would tell of the end before anything is pressed; here it never answers.
    await page.routeWebSocket(/\/ws$/, () => undefined);
    const device = new DevicePage(page, endpoint);
    await device.open('Objects', '?path=/3/0/14');
    await device.action('Write', '/3/0/14').click();
    const form = page.getByRole('dialog', { name: /^Write/ });
    await form.getByLabel('UTC Offset', { exact: true }).fill('+05:30');
    await api.delete('/session');
    await form.getByRole('button', { name: 'Write', exact: true }).click();

    const again = page.getByRole('dialog', { name: 'Your session ended' });
    await expect(again.getByLabel('Password')).toBeFocused();
    await page.keyboard.press('Escape');
    await expect(again, 'it cannot be closed without an answer').toBeVisible();
    await page.keyboard.type('wrong');
    await page.keyboard.press('Enter');
    await expect(again).toContainText('do not match');
    await again.getByLabel('Password').fill(ADMIN.password);
    await page.keyboard.press('Enter');
    await expect(again).toBeHidden();
    await expect(device.messages).toContainText('2.04');
    await expect(form).toBeHidden();
    const written = async () => {
      const list = (await (await api.get(`/devices/${endpoint}/values/3/0/14`)).json()) as { items?: { value: unknown }[] };
      return list.items?.[0]?.value;
    };
    await expect.poll(written).toBe('+05:30');
  });
});

test('what a device refuses is told in its form, and what was typed stays', async ({ page, api, server, beside }) => {
  beside(simulate(server, ['--devices', '1', '--profile', 'street-light']));
  const endpoint = await deviceWith(api, [3311]);
  const device = new DevicePage(page, endpoint);
  await device.openAt('/3311/0/5852');
  await device.action('Write', '/3311/0/5852').click();
  await device.dialog.getByRole('textbox').first().fill('7');
  await device.dialog.getByRole('button', { name: 'Write', exact: true }).click();
  await expect(device.dialog.getByRole('alert')).toContainText('refused with 4.00');
  await expect(device.dialog.getByRole('alert')).toContainText('can only be set to 0');
  await expect(device.dialog.getByRole('textbox').first()).toHaveValue('7');
});

test('who else looks at a device, and what they changed, is told', async ({ page, api, server, beside, browser }) => {
  beside(simulate(server, ['--devices', '1']));
  const endpoint = await deviceWith(api, [3]);
  expect((await api.post('/users', { name: 'ann', role: 'operator', password: 'battery staple' })).status()).toBe(201);
  const device = new DevicePage(page, endpoint);
  await device.openAt('/3/0/14');
  const presence = page.locator('.presence');
  await expect(presence).toHaveText('');

  const other = await browser.newContext({ baseURL: server.url });
  const ann = await other.newPage();
  await ann.goto(`/devices/${endpoint}`);
  await ann.getByRole('textbox', { name: 'Name' }).fill('ann');
  await ann.getByLabel('Password').fill('battery staple');
  await ann.getByRole('button', { name: 'Log in' }).click();
  await expect(presence).toContainText('ann looks at it too');
  await expect(ann.locator('.presence')).toContainText('admin looks at it too');
  const hers = new DevicePage(ann, endpoint);
  await hers.openAt('/3/0/14');
  await hers.write('/3/0/14', 'UTC Offset', '+03:00');
  await expect(presence).toContainText('ann wrote /3/0/14');
  await other.close();
  await expect(presence).not.toContainText('looks at it too');
});
