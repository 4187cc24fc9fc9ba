import { simulate } from '../fixtures/devices.ts';
import { deviceWith } from '../fixtures/fleet.ts';
import { ADMIN } from '../fixtures/server.ts';
import { expect, test as base } from '../fixtures/test.ts';
import { DevicePage } from '../pages/device.ts';

/** A simulated device with its page. */
const test = base.extend<{ device: DevicePage }>({
  device: async ({ page, api, server, beside }, use) => {
    beside(simulate(server, ['--devices', '8']));
    await use(new DevicePage(page, await deviceWith(api, [3, 4])));
  },
});

test.describe('looking after a device', () => {
  test('the diagnosis lists checks with what they looked at, and tests the round trip', async ({ page, device }) => {
    await device.open();
    const diagnosis = page.locator('#diagnosis');
    await diagnosis.locator('summary').click();
    await expect(page).toHaveURL(/open=diagnosis/);
    const checks = diagnosis.getByRole('list', { name: 'Checks' }).getByRole('listitem');
    await expect(checks).toHaveCount(8);
    await expect(checks.filter({ hasText: 'Registration' })).toContainText(/Registered .* ago, last Update/);
    await expect(checks.filter({ hasText: 'Reachability' })).toContainText(/Looked at its last message/);
    await page.getByRole('button', { name: 'Test the round trip' }).click();
    await expect(device.messages).toContainText(/Answered 2\.05 Content after \d+ ms/);
    await expect(checks.filter({ hasText: 'Reachability' })).toContainText(/The last answer took \d+ ms/);
  });

  test('the diagnosis opens by keyboard, and a link shows it open', async ({ page, device }) => {
    await device.open();
    await page.locator('#diagnosis summary').focus();
    await page.keyboard.press('Enter');
    await expect(page.getByRole('list', { name: 'Checks' })).toBeVisible();
    await page.reload();
    await expect(page.getByRole('list', { name: 'Checks' })).toBeVisible();
  });

  test('an endpoint that has only a credential is told what it lacks', async ({ page, api }) => {
    const kept = await api.post('/credentials', { endpoint: 'new-meter', mode: 'psk', identity: 'm', key: '00112233445566778899aabbccddeeff' });
    expect(kept.status()).toBe(201);
    await new DevicePage(page, 'new-meter').open('Objects', '?open=diagnosis');
    const checks = page.getByRole('list', { name: 'Checks' });
    await expect(checks).toContainText('A pre-shared key is kept for it');
    await expect(checks).toContainText('It has never registered');
  });

  test('the queue shows what came of an operation, and does it again', async ({ page, api, device }) => {
    await api.operation(device.endpoint, { op: 'read', path: '/3/9/0' });
    await device.open('Objects', '?open=queue');
    const ended = page.getByRole('list', { name: 'Ended' }).getByRole('listitem').filter({ hasText: '/3/9/0' });
    await expect(ended.first()).toContainText('4.04 Not Found');
    await ended.first().getByRole('button', { name: /^Retry Read/ }).click();
    await expect(ended).toHaveCount(2);
  });

  test('a write says what it is on the wire before it is sent', async ({ device }) => {
    await device.openAt('/3/0/14');
    await device.action('Write', '/3/0/14').click();
    await device.dialog.getByLabel('UTC Offset', { exact: true }).fill('+02:00');
    await expect(device.dialog.getByRole('status')).toHaveText(/On the wire: PUT \/3\/0\/14 as \S+, \d+ bytes\./);
  });

  test('the timeline draws events and round trips on one axis', async ({ page, api, device }) => {
    await api.operation(device.endpoint, { op: 'read', path: '/3/0/0' });
    await device.open('Timeline', '?span=1h');
    const plots = page.getByRole('region', { name: 'On one axis of time' });
    await expect(plots.locator('.mark').first()).toBeVisible();
    await expect(plots.locator('.lane', { hasText: 'Round trip' })).toContainText(/\d ms/);
    await plots.getByText('7 d').click();
    await expect(page).toHaveURL(/span=7d/);
  });

  test('the security panel says that the device proves nothing', async ({ page, device }) => {
    await device.open('Objects', '?open=security');
    await expect(page.locator('#security')).toContainText('There is no session');
    await expect(page.locator('.device-head .lock')).toContainText('Not secured');
  });

  test('settings: label, tags and notes are kept; what cannot be is told in place', async ({ page, api, device }) => {
    await device.open('Settings');
    await page.getByLabel('Tags').fill('=berlin');
    await page.getByRole('button', { name: 'Save' }).click();
    await expect(page.getByRole('alert')).toContainText('has no name before its');
    await page.getByLabel('Tags').fill('site=berlin');
    await page.getByLabel('Notes').fill('contact=night watch');
    await page.getByRole('button', { name: 'Save' }).click();
    await expect(device.messages).toContainText('Saved');
    await expect.poll(() => api.device(device.endpoint)).toMatchObject({ tags: { site: 'berlin' }, metadata: { contact: 'night watch' } });
  });

  test('settings: how a device is talked to is set, told in place and taken back', async ({ api, device }) => {
    await device.open('Settings');
    const talk = device.panel.getByRole('region', { name: 'How it is talked to' });
    await expect(talk).toContainText('sent again 4 times, and given up after 93 s');
    await expect(talk).toContainText('Empty: 2');
    await talk.getByLabel('First wait for an acknowledgement').fill('1000');
    await talk.getByRole('button', { name: 'Talk to it like this' }).click();
    await expect(talk.getByRole('alert')).toContainText('from 0.1 to 300');
    await talk.getByLabel('First wait for an acknowledgement').fill('10');
    await talk.getByLabel('Sent again at most').fill('2');
    await talk.getByLabel('Largest block of a transfer').selectOption({ label: '256 bytes' });
    await talk.getByLabel('Format that is tried first').selectOption({ label: 'TLV' });
    await talk.getByLabel('It does not answer composite operations').check();
    await talk.getByRole('button', { name: 'Talk to it like this' }).click();
    await expect(talk).toContainText('sent again 2 times, and given up after 105 s');

    const composite = await api.operation(device.endpoint, { op: 'read_composite', paths: ['/3/0/0'] });
    expect(composite.message).toContain('no composite operations');
    await device.open('Settings');
    await expect(talk.getByLabel('First wait for an acknowledgement')).toHaveValue('10');
    await expect(talk.getByLabel('It does not answer composite operations')).toBeChecked();
    await talk.getByRole('button', { name: 'As usual again' }).click();
    await expect(talk).toContainText('given up after 93 s');
    await expect(talk.getByLabel('First wait for an acknowledgement')).toHaveValue('');
  });

  test('settings: a device is removed once its name was typed', async ({ page, api, device }) => {
    await device.open('Settings');
    await page.getByRole('button', { name: 'Decommission…' }).click();
    const remove = device.dialog.getByRole('button', { name: 'Decommission', exact: true });
    await expect(remove).toBeDisabled();
    await device.dialog.getByLabel('Type the endpoint name to confirm').fill(device.endpoint);
    await page.keyboard.press('Enter');
    await expect(page).toHaveURL(/\/provisioning\/decommissioned$/);
    await expect.poll(async () => (await api.get('/audit')).text()).toContain(`DELETE`);
  });

  test('a device that somebody else removes says so, and keeps what is being typed', async ({ page, api, device }) => {
    await device.open('Settings');
    await expect(device.frame.feed).toHaveText('Live');
    await page.getByLabel('Notes').fill('typed before');
    expect((await api.delete(`/devices/${device.endpoint}`)).status()).toBe(204);
    await expect(device.standing).toContainText('removed by a person');
    await expect(page.getByLabel('Notes')).toHaveValue('typed before');
  });

  test('a session that ends in the middle of a form loses nothing', async ({ page, device }) => {
    // The feed and what it makes the page read would find out first; here it never answers.
    await page.routeWebSocket(/\/ws$/, () => undefined);
    await device.open('Settings');
    await page.getByRole('textbox', { name: 'Label' }).fill('Pump 9');
    await page.context().clearCookies();
    await page.getByRole('button', { name: 'Save' }).click();
    const again = page.getByRole('dialog', { name: 'Your session ended' });
    await expect(again).toBeVisible();
    await again.getByLabel('Password').fill(ADMIN.password);
    await again.getByRole('button', { name: 'Log in' }).click();
    await expect(again).toBeHidden();
    await expect(page.getByRole('textbox', { name: 'Label' })).toHaveValue('Pump 9');
    await expect(page.getByRole('heading', { name: 'Pump 9' })).toBeVisible();
  });
});
