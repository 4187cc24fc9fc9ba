import { expectAccessible, expectNoOverflow } from '../fixtures/accessibility.ts';
import { simulate } from '../fixtures/devices.ts';
import { deviceWith } from '../fixtures/fleet.ts';
import { expect, test } from '../fixtures/test.ts';

/*
 * A device that two servers share says by object 2 what each may do. The simulated one also holds to it, with rules of
 * its own. LwM2M Core 1.2 section 8.
 */

test('who may do what is read, changed by its owner, read back, and warned about before one locks oneself out', async ({
  page,
  api,
  server,
  beside,
}) => {
  test.setTimeout(120_000);
  beside(simulate(server, ['--profile', 'shared']));
  const endpoint = await deviceWith(api, [2, 3311]);
  await page.goto(`/devices/${endpoint}/access`);
  await expect(page.getByText('its entries were not read yet')).toBeVisible();
  await page.getByRole('button', { name: 'Read the access control' }).click();

  const table = page.getByRole('table', { name: 'Access rights' });
  const row = (path: string) => table.getByRole('row').filter({ hasText: path });
  await expect(page.getByText('This server is 1 on the device.')).toBeVisible();
  await expect(row('/3/0')).toContainText('read, write and execute');
  await expect(row('/3/0')).toContainText('The bootstrap server');
  await expect(row('/3311/1')).toContainText('Server 102');
  // Only what this server owns can be changed from here.
  await expect(row('/3/0').getByRole('button')).toHaveCount(0);
  await expect(row('/3311/1').getByRole('button')).toHaveCount(0);

  // The other server gets one right more, without a mouse.
  await row('/3303/0').getByRole('button', { name: 'Change who may do what with /3303/0 Temperature' }).focus();
  await page.keyboard.press('Enter');
  const dialog = page.getByRole('dialog', { name: 'Who may do what with /3303/0 Temperature' });
  const write = dialog.getByRole('button', { name: /^Write/ });
  await expect(dialog.getByText('Nothing is changed yet.')).toBeVisible();
  await expect(write).toBeDisabled();
  await dialog.getByLabel('Server 102 may write').focus();
  await page.keyboard.press('Space');
  await expect(dialog.getByRole('row').filter({ hasText: 'Server 102' })).toContainText('read and write');
  await expect(dialog.getByText(/^On the wire: PUT \/2\/5\/2 as /)).toBeVisible();
  await dialog.getByLabel('Another server').fill('70000');
  await dialog.getByRole('button', { name: 'Add it to the list' }).click();
  await expect(dialog.getByText('A short server id is a number from 1 to 65534.')).toBeVisible();
  await dialog.getByLabel('Another server').fill('103');
  await page.keyboard.press('Enter');
  await expect(dialog.getByLabel('Server 103 may read')).toBeChecked();
  for (const width of [360, 1280]) {
    await page.setViewportSize({ width, height: 800 });
    await expectNoOverflow(page, `changing rights at ${width}`);
    await expectAccessible(page, `changing rights at ${width}`);
  }
  await write.click();
  await expect(dialog).toBeHidden();
  await expect(row('/3303/0')).toContainText('read and write');
  await expect(table.getByRole('columnheader', { name: 'Server 103' })).toBeVisible();
  // What is shown was told by the device.
  await expect(page.getByText('Written, not read back')).toHaveCount(0);
  const held = await api.operation(endpoint, { op: 'read', path: '/2/5/2' });
  expect(held.values.map(({ path, value }) => [path, value])).toEqual([
    ['/2/5/2/102', 3],
    ['/2/5/2/103', 1],
  ]);

  // Both others lose theirs: an empty list.
  await row('/3303/0').getByRole('button').click();
  await dialog.getByLabel('Server 102 is in the list').uncheck();
  await dialog.getByLabel('Server 103 is in the list').uncheck();
  await write.click();
  await expect(dialog).toBeHidden();
  await expect(row('/3303/0').getByRole('cell').nth(2)).toContainText('nothing');
  await expect(table.getByRole('columnheader', { name: 'Server 103' })).toHaveCount(0);

  // Who takes a right from himself is told, and is refused by the device afterwards.
  await row('/3303/0').getByRole('button').click();
  await dialog.getByLabel('Server 1 (this one) is in the list').check();
  await dialog.getByLabel('Server 1 (this one) may read').uncheck();
  await expect(dialog.getByRole('alert')).toContainText('This server could not read /3303/0 any more.');
  await dialog.getByRole('button', { name: 'Write it all the same' }).click();
  await expect(dialog).toBeHidden();
  expect(await api.operation(endpoint, { op: 'read', path: '/3303/0/5700' })).toMatchObject({ state: 'failed', code: '4.01' });

  for (const width of [360, 768, 1280]) {
    await page.setViewportSize({ width, height: 800 });
    await expectNoOverflow(page, `rights at ${width}`);
  }
  await expectAccessible(page, 'rights');
});

test('a change for a sleeping device waits, and says so', async ({ page, api, server, beside }) => {
  beside(simulate(server, ['--profile', 'shared', '--queue-mode']));
  const endpoint = await deviceWith(api, [2, 3311]);
  for (const path of ['/1', '/2']) {
    expect(await api.operation(endpoint, { op: 'read', path })).toMatchObject({ state: 'done' });
  }
  const patched = await page.request.patch(`${server.url}/api/v1/devices/${endpoint}`, {
    data: { awake_window: 1 },
    headers: { 'x-csrf-token': ((await (await api.get('/session')).json()) as { csrf_token: string }).csrf_token },
  });
  expect(patched.ok()).toBe(true);
  await expect.poll(() => api.stateOf(endpoint), { timeout: 20_000 }).toBe('asleep');
  await page.goto(`/devices/${endpoint}/access`);
  await page.getByRole('button', { name: /^Change who may do what with \/3303\/0/ }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Server 102 may write').check();
  await expect(dialog.getByText('The device is not listening now.')).toBeVisible();
  await dialog.getByRole('button', { name: 'Write to the device' }).click();
  const row = page.getByRole('row').filter({ hasText: '/3303/0' });
  await expect(row).toContainText('A change waits for the device', { timeout: 20_000 });
  await expect(row.getByRole('cell').nth(2), 'what the device said is still shown').not.toContainText('write');
});
