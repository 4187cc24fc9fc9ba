import { simulate } from '../fixtures/devices.ts';
import { deviceWith } from '../fixtures/fleet.ts';
import { Keyboard } from '../fixtures/keyboard.ts';
import { expect, test } from '../fixtures/test.ts';

test.describe('overview', () => {
  test('counts lead to the devices, and what changed is told', async ({ page, api, server, beside }) => {
    beside(simulate(server, ['--devices', '2']));
    const endpoint = await deviceWith(api, [3]);
    await page.goto('/overview');
    await expect(page.getByRole('heading', { name: 'Overview' })).toBeVisible();
    const changes = page.getByRole('region', { name: 'The last hour' });
    await expect(changes.getByRole('listitem').filter({ hasText: endpoint })).toContainText('Registered');
    await page.getByRole('navigation', { name: 'Devices by state' }).getByRole('link', { name: /^Online/ }).click();
    await expect(page).toHaveURL(/\/devices\?query=state/);
    await expect(page.getByRole('link', { name: endpoint, exact: true })).toBeVisible();
  });

  test('what devices do over time is plotted, read by keys, and told as a table with its gap', async ({ page, api, server, beside }) => {
    beside(simulate(server, ['--devices', '3', '--lifetime', '30']));
    await deviceWith(api, [3]);
    await expect
      .poll(async () => {
        const { items } = (await (await api.get('/fleet/activity?span=600')).json()) as { items: { registered: number }[] };
        return items.reduce((sum, { registered }) => sum + registered, 0);
      })
      .toBe(3);
    await page.goto('/overview');
    const panel = page.getByRole('region', { name: 'Registrations and messages' });
    await expect(panel.getByRole('radio', { name: '10 min' }), 'a young server').toBeChecked();
    const plot = panel.getByRole('img', { name: /^Registrations: requests in each 10 s/ });
    await expect(plot.locator('path.series-1')).toHaveAttribute('d', /^M\d+ \d+H\d+/);
    await expect(panel.getByRole('listitem').filter({ hasText: 'Registered' })).toContainText('3');
    await expect(panel).toContainText('Where there is no line, the server did not run.');
    await plot.focus();
    // The step that goes on now has an end some seconds later, and stays the one that is told.
    await expect(async () => {
      await page.keyboard.press('End');
      await expect(panel).toContainText(/until now: registered \d+, updated \d+/, { timeout: 1_000 });
    }).toPass();
    await page.keyboard.press('Escape');
    await expect(panel).not.toContainText('until now');

    await panel.getByText('The same as a table').click();
    const table = panel.getByRole('region', { name: 'Registrations and messages over time' });
    await expect(table.getByRole('row').nth(1)).toContainText('until now');
    await expect(table.getByRole('row').last()).toContainText('the server did not run');

    await panel.getByText('24 h').click();
    await expect(page).toHaveURL(/span=24h/);
    await expect(panel.getByRole('img', { name: /^Messages: CoAP messages in each 5 min/ })).toBeVisible();
    await panel.getByRole('link', { name: 'Registered' }).click();
    await expect(page).toHaveURL(/query=registered%3C24h/);
    await expect(page.getByRole('grid', { name: 'Devices' }).getByRole('row')).toHaveCount(4);
  });

  test('every page is reached by two keys', async ({ page, api }) => {
    expect((await api.get('/session')).ok()).toBe(true);
    const keyboard = new Keyboard(page);
    await page.goto('/devices');
    await expect(page.getByRole('heading', { name: 'Devices', exact: true })).toBeVisible();
    for (const [key, title] of [
      ['o', 'Overview'],
      ['p', 'Provisioning'],
      ['k', 'Credentials'],
      ['m', 'Object models'],
      ['a', 'Audit'],
      ['s', 'Settings'],
      ['d', 'Devices'],
    ] as const) {
      await keyboard.go(key, title);
    }
  });

  test('the wait for the second key of one pair does not end the next pair', async ({ page, api }) => {
    expect((await api.get('/session')).ok()).toBe(true);
    await page.goto('/devices');
    await expect(page.getByRole('heading', { name: 'Devices', exact: true })).toBeVisible();
    await page.keyboard.type('ga');
    await expect(page.getByRole('heading', { name: 'Audit', exact: true })).toBeVisible();
    // A pair is waited for 1.2 s: the wait of the first ends between the keys of the second.
    await page.waitForTimeout(800);
    await page.keyboard.type('gs', { delay: 700 });
    await expect(page.getByRole('heading', { name: 'Settings', exact: true })).toBeVisible();
  });
});

test.describe('credentials', () => {
  test('a key is generated and shown once, the credential replaced and removed', async ({ page, api }) => {
    expect((await api.get('/credentials')).ok()).toBe(true);
    await page.goto('/credentials');
    await expect(page.getByText('No credentials yet')).toBeVisible();

    await page.getByRole('button', { name: 'Generate a key' }).click();
    const generate = page.getByRole('dialog', { name: 'Generate a key' });
    await expect(generate.getByLabel('Endpoint')).toBeFocused();
    await page.keyboard.type('meter-7');
    await page.keyboard.press('Enter');
    await expect(generate.getByText(/^[0-9a-f]{32}$/)).toBeVisible();
    const key = await generate.getByText(/^[0-9a-f]{32}$/).innerText();
    await generate.getByRole('button', { name: 'I have it' }).click();
    const row = page.getByRole('row').filter({ hasText: 'meter-7' });
    await expect(row).toContainText('Pre-shared key');
    await expect.poll(() => page.content(), 'the key is gone from the page').not.toContain(key);

    await row.getByRole('button', { name: /^Replace/ }).click();
    const add = page.getByRole('dialog', { name: 'Replace the credential' });
    await expect(add.getByLabel('Endpoint')).toHaveValue('meter-7');
    await add.getByLabel('Proves itself by').selectOption({ label: 'Raw public key' });
    await add.getByLabel('Public key, in hexadecimal').fill('no hex');
    await add.getByRole('button', { name: 'Replace' }).click();
    await expect(add.getByRole('alert')).toContainText('hexadecimal');
    await add.getByLabel('Proves itself by').selectOption({ label: 'Certificate' });
    await add.getByRole('button', { name: 'Replace' }).click();
    await expect(add).toBeHidden();
    await expect(row).toContainText('Certificate');

    await row.getByRole('button', { name: /^Remove/ }).click();
    const remove = page.getByRole('dialog', { name: 'Remove the credential' });
    await expect(remove).toContainText('meter-7');
    await page.keyboard.press('Escape');
    await expect(remove).toBeHidden();
    await row.getByRole('button', { name: /^Remove/ }).click();
    await remove.getByRole('button', { name: 'Remove', exact: true }).click();
    await expect(row).toBeHidden();
  });
});

test.describe('object models', () => {
  test('are found in every version', async ({ page, api }) => {
    expect((await api.get('/session')).ok()).toBe(true);
    await page.goto('/models');
    await page.getByRole('searchbox', { name: 'Find a definition' }).fill('3303');
    const rows = page.getByRole('row').filter({ hasText: 'Temperature' });
    await expect(rows).toHaveCount(2);
    await rows.first().getByRole('link').click();
    await expect(page.getByRole('heading', { level: 1, name: 'Temperature' })).toBeVisible();
    await expect(page.getByRole('row').filter({ hasText: 'Sensor Value' })).toContainText('5700');
  });

  test('a file with mistakes is refused by line', async ({ page, api }) => {
    expect((await api.get('/session')).ok()).toBe(true);
    await page.goto('/models');
    await page.getByRole('button', { name: 'Upload a definition' }).click();
    const dialog = page.getByRole('dialog', { name: 'Upload a definition' });
    const buffer = Buffer.from('<LWM2M>\n<Object ObjectType="MODefinition">\n<ObjectID>x</ObjectID>\n</Object>\n</LWM2M>');
    await dialog.getByLabel('DDF file').setInputFiles({ name: 'wrong.xml', mimeType: 'application/xml', buffer });
    await expect(dialog.getByRole('alert')).toContainText(/line \d/);
  });
});

test('the audit log tells who did what', async ({ page, api, server, beside }) => {
  beside(simulate(server, ['--devices', '1']));
  const endpoint = await deviceWith(api, [3]);
  await api.operation(endpoint, { op: 'read', path: '/3/0' });
  await page.goto('/audit');
  const row = page.getByRole('row').filter({ hasText: endpoint }).first();
  await expect(row).toContainText('admin');
  await expect(row).toContainText('Done');
});

test('settings tell where the server listens', async ({ page, api, server }) => {
  expect((await api.get('/session')).ok()).toBe(true);
  await page.goto('/settings/server');
  await expect(page.getByRole('region', { name: 'Listeners', exact: true })).toContainText(server.coap);
});
