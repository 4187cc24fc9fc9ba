import { simulate } from '../fixtures/devices.ts';
import { deviceWith } from '../fixtures/fleet.ts';
import { Keyboard } from '../fixtures/keyboard.ts';
import { expect, test as base } from '../fixtures/test.ts';
import { DevicePage } from '../pages/device.ts';

/** A simulated device with an open page that is used by keys alone. */
const test = base.extend<{ device: DevicePage; keyboard: Keyboard }>({
  device: async ({ page, api, server, beside }, use) => {
    beside(simulate(server, ['--devices', '8']));
    const device = new DevicePage(page, await deviceWith(api, [3, 3303]));
    await api.operation(device.endpoint, { op: 'read', path: '/3/0' });
    await api.operation(device.endpoint, { op: 'read', path: '/3303/0' });
    await device.open();
    await expect(device.frame.feed).toHaveText('Live');
    await use(device);
  },

  keyboard: async ({ page }, use) => {
    await use(new Keyboard(page));
  },
});

test.describe('a device by keyboard alone', () => {
  test('Live: a number is added and taken off, the chart read, zoomed and stopped', async ({ page, device, keyboard }) => {
    await keyboard.tab('Live');
    const chart = page.getByRole('img', { name: /^Line chart of/ });
    await expect(chart).toBeVisible();
    await keyboard.use(page.getByText('Add a number'));
    await keyboard.use(page.getByRole('listitem').filter({ hasText: '/3303/0/5700' }).getByRole('button'));
    await expect(page).toHaveURL(/path=.*\/3303\/0\/5700/);
    await expect(chart).toHaveAccessibleName(/\/3303\/0\/5700/);
    await keyboard.seen();
    await keyboard.use(page.getByRole('button', { name: 'Take /3303/0/5700 off the chart' }));
    await expect(chart).not.toHaveAccessibleName(/\/3303\/0\/5700/);
    await keyboard.seen();

    await keyboard.to(page.getByRole('radio', { checked: true }).and(device.panel.getByRole('radio')));
    await keyboard.press('ArrowRight');
    await expect(page).toHaveURL(/window=/);
    await keyboard.seen();
    await keyboard.use(page.getByRole('button', { name: 'Zoom in' }));
    await expect(page).toHaveURL(/zoom=\d+_\d+/);
    await keyboard.use(page.getByRole('button', { name: 'Whole' }));
    await expect(page).not.toHaveURL(/zoom=/);
    await keyboard.seen();
    await keyboard.to(chart);
    await keyboard.press('End', 'ArrowLeft');
    await expect(page.locator('.crosshair-text')).toContainText('/');
    await keyboard.press('+');
    await expect(page).toHaveURL(/zoom=\d+_\d+/);
    await expect(chart).toBeFocused();
    await keyboard.press('0', 'Escape');
    await expect(page).not.toHaveURL(/zoom=/);
    await keyboard.use(page.getByRole('button', { name: 'Pause' }));
    await expect(page.getByRole('button', { name: 'Go on' })).toBeFocused();
    await keyboard.press('Enter');
    await expect(page.getByRole('button', { name: 'Pause' })).toBeFocused();
    await keyboard.use(page.getByText('The latest values as a table'));
    await keyboard.to(page.getByRole('region', { name: 'Latest values' }));
  });

  test('Timeline: kinds of events are left out, and the span is chosen', async ({ page, device, keyboard }) => {
    await keyboard.tab('Timeline');
    const registered = device.panel.locator('.headline').filter({ hasText: /^Registered from/ });
    await expect(registered).toHaveCount(1);
    const plots = page.getByRole('region', { name: 'On one axis of time' });
    await keyboard.to(plots.getByRole('radio', { checked: true }));
    await keyboard.press('ArrowRight');
    await expect(page).toHaveURL(/span=/);
    await keyboard.seen();
    const kind = device.panel.getByRole('checkbox', { name: 'Registration' });
    await keyboard.use(kind, 'Space');
    await expect(registered).toHaveCount(0);
    await expect(page).toHaveURL(/kinds=/);
    await expect(kind).toBeFocused();
    await keyboard.seen();
    await keyboard.press('Space');
    await expect(registered).toHaveCount(1);
  });

  test('Messages: one is chosen, its parts looked at, the list narrowed and stopped', async ({ page, device, keyboard }) => {
    await keyboard.tab('Messages');
    await keyboard.to(device.panel.getByRole('searchbox'));
    await keyboard.type('/3/0');
    await expect(page).toHaveURL(/filter=/);
    const rungs = device.panel.getByRole('region', { name: 'Messages' }).getByRole('button');
    await expect(rungs.first()).toBeVisible();
    await keyboard.to(rungs.first());
    await keyboard.press('ArrowDown');
    await expect(rungs.nth(1)).toBeFocused();
    await keyboard.press('Enter');
    const decoded = page.getByRole('region', { name: 'Decoded' });
    await expect(decoded).toBeVisible();
    await expect(rungs.nth(1)).toBeFocused();
    await keyboard.to(decoded.locator('.part').filter({ hasText: '/3/0/0' }).first());
    await expect(page.getByRole('region', { name: 'Hex dump' }).locator('.on').first(), 'its bytes light up').toBeVisible();
    await keyboard.press('Escape');
    await expect(decoded).toBeHidden();
    await expect(rungs.nth(1)).toBeFocused();
    await keyboard.press('Enter');
    await keyboard.use(page.getByRole('button', { name: 'Close the details' }));
    await expect(decoded).toBeHidden();
    await expect(rungs.nth(1)).toBeFocused();

    await keyboard.choose(page.getByLabel('Which messages'), 'To the device');
    await expect(page).toHaveURL(/kind=down/);
    await keyboard.use(page.getByRole('button', { name: 'Pause' }));
    await expect(page.getByRole('button', { name: 'Go on' })).toBeFocused();
    const capture = page.getByRole('button', { name: 'Capture…' });
    await keyboard.use(capture);
    await expect(device.dialog.getByLabel('For')).toBeFocused();
    await keyboard.press('Escape');
    await expect(device.dialog).toBeHidden();
    await expect(capture).toBeFocused();
    await keyboard.press('Enter');
    await keyboard.use(device.dialog.getByRole('button', { name: 'Begin' }));
    await expect(device.dialog).toBeHidden();
    await keyboard.use(page.getByRole('button', { name: 'End and throw away' }));
    await expect(device.panel).toContainText('A capture keeps this one');
    await keyboard.seen();
  });

  test('Settings: what people say of it is kept after a mistake, and a removal thought better of', async ({ page, api, device, keyboard }) => {
    await keyboard.tab('Settings');
    await keyboard.fill(page.getByRole('textbox', { name: 'Label' }), 'Pump 9');
    await keyboard.fill(page.getByLabel('Tags'), '=berlin');
    const save = page.getByRole('button', { name: 'Save' });
    await keyboard.use(save);
    await expect(page.getByRole('alert')).toContainText('has no name before its');
    await expect(save).toBeFocused();
    await keyboard.to(page.getByLabel('Tags'), { by: 'Shift+Tab' });
    await keyboard.fill(page.getByLabel('Tags'), 'site=berlin');
    await keyboard.use(save);
    await expect(page.getByRole('heading', { name: 'Pump 9' })).toBeVisible();
    await expect(save).toBeFocused();
    await expect.poll(() => api.device(device.endpoint)).toMatchObject({ tags: { site: 'berlin' } });

    const remove = page.getByRole('button', { name: 'Decommission…' });
    await keyboard.use(remove);
    await expect(device.dialog.getByLabel('Type the endpoint name to confirm')).toBeFocused();
    await keyboard.press('Escape');
    await expect(device.dialog).toBeHidden();
    await expect(remove).toBeFocused();
  });
});

base('who may do what on a device is read and changed by keyboard alone', async ({ page, api, server, beside }) => {
  beside(simulate(server, ['--profile', 'shared']));
  const device = new DevicePage(page, await deviceWith(api, [2, 3311]));
  const keyboard = new Keyboard(page);
  await device.open();
  await expect(device.row('/3/0')).toBeVisible();
  await keyboard.tab('Access');
  await keyboard.use(page.getByRole('button', { name: 'Read the access control' }));
  await expect(page.getByText('This server is 1 on the device.')).toBeVisible();
  await keyboard.seen();
  const change = page.getByRole('button', { name: 'Change who may do what with /3303/0 Temperature' });
  await keyboard.use(change);
  const write = device.dialog.getByRole('button', { name: /^Write/ });
  await expect(write).toBeDisabled();
  await keyboard.press('Escape');
  await expect(device.dialog).toBeHidden();
  await expect(change).toBeFocused();
  await keyboard.press('Enter');
  await keyboard.use(device.dialog.getByLabel('Server 102 may write'), 'Space');
  await keyboard.use(write);
  await expect(device.dialog).toBeHidden();
  const row = page.getByRole('table', { name: 'Access rights' }).getByRole('row').filter({ hasText: '/3303/0' });
  await expect(row).toContainText('read and write');
  await expect(page.getByText('Written, not read back')).toHaveCount(0);
  await keyboard.seen();
});
