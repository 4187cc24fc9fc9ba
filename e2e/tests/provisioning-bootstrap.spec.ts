import { readFile } from 'node:fs/promises';
import { Program } from '../fixtures/program.ts';
import { serverProgram } from '../fixtures/environment.ts';
import { coapRequest, coapSend, simulate } from '../fixtures/devices.ts';
import { deviceWith } from '../fixtures/fleet.ts';
import type { Server } from '../fixtures/server.ts';
import { expect, test } from '../fixtures/test.ts';

/** One simulated device that asks the bootstrap server for its configuration. */
function bootstrapped(server: Server, endpoint: string, flags: string[] = []): Program {
  const where = flags.length > 0 ? server.secureBootstrap : server.bootstrap;
  return new Program('muster simulate', serverProgram, ['simulate', '--bootstrap', where, '--endpoint', endpoint, ...flags]);
}

const PLAIN = {
  applies_to: { all: true },
  configuration: { servers: [{ short_server_id: 101, uri: '${coap_uri}', lifetime: 300 }] },
};

test.describe('a bootstrap configuration', () => {
  test('is made in the form, refused while it locks devices out, kept, and tried on a device', async ({ page, api }) => {
    expect((await api.get('/session')).ok()).toBe(true);
    await page.goto('/provisioning/configurations');
    await expect(page.getByText('No configuration yet')).toBeVisible();
    await page.getByRole('link', { name: 'New configuration' }).click();
    await page.getByLabel('Name', { exact: true }).fill('main');
    await page.getByLabel('Who gets it').selectOption({ label: 'Every device' });
    const check = page.getByRole('region', { name: 'Check and keep' });
    await expect(check.getByRole('status')).toContainText(/It can be kept|Nothing speaks/);

    await page.getByLabel('URI', { exact: true }).fill('coaps://');
    await expect(page.locator('.pv-card').getByText(/^(Not sent|Locks the device out): /).first()).toBeVisible();
    await expect(check.getByRole('status')).toContainText('would not be sent to any device');
    await check.getByRole('button', { name: 'Keep' }).click();
    await expect(check.getByRole('alert')).toContainText('Not kept.');
    await page.getByLabel('URI', { exact: true }).fill('${coaps_uri}');
    await expect(check.getByRole('status')).toContainText(/It can be kept|Nothing speaks/);
    await check.getByRole('button', { name: 'Keep' }).click();
    await expect(page).toHaveURL(/\/configurations\/main$/);
    const kept = (await (await api.get('/bootstrap/configurations/main')).json()) as { configuration: { servers: { uri: string }[] } };
    expect(kept.configuration.servers[0]?.uri).toBe('${coaps_uri}');

    const dry = page.getByRole('region', { name: 'Dry run' });
    await dry.getByLabel('For the device').fill('pump-1');
    await page.keyboard.press('Enter');
    await expect(dry.getByRole('listitem').filter({ hasText: 'PUT /0/1' })).toContainText('coaps://');
    await expect(dry.getByRole('listitem').filter({ hasText: 'PUT /0/1' })).toContainText('Secret');
    await expect(dry.getByRole('listitem').last()).toContainText('POST /bs');
  });

  test('as JSON tells a mistake by its line and loses nothing that was typed', async ({ page, api }) => {
    expect((await api.put('/bootstrap/configurations/main', PLAIN)).status()).toBe(200);
    await page.goto('/provisioning/configurations/main?as=json');
    const text = page.getByLabel('Configuration as JSON');
    const good = await text.inputValue();
    expect(JSON.parse(good)).toMatchObject(PLAIN.configuration);
    await text.fill('{\n  "servers": [],\n}');
    await expect(page.getByText('Line 3, column 1: trailing comma.')).toBeVisible();
    await page.getByRole('button', { name: 'Keep' }).click();
    await expect(page.getByRole('alert')).toContainText('The JSON cannot be read');
    await page.getByRole('link', { name: 'Form', exact: true }).click();
    await expect(page.getByText('What you typed is kept in the JSON view.')).toBeVisible();
    await page.getByRole('link', { name: 'JSON', exact: true }).click();
    await expect(text).toHaveValue('{\n  "servers": [],\n}');
    await text.fill(good.replace('${coap_uri}', 'coap://192.0.2.1:5683'));
    await page.getByRole('button', { name: 'Keep' }).click();
    await expect(page.getByText('The configuration main is kept')).toBeVisible();
    await page.getByRole('link', { name: 'Form', exact: true }).click();
    await expect(page.getByLabel('URI', { exact: true })).toHaveValue('coap://192.0.2.1:5683');

    // A name that is taken is not overwritten by a new one.
    await page.goto('/provisioning/configurations/+');
    await page.getByLabel('Name', { exact: true }).fill('main');
    await page.getByRole('button', { name: 'Keep' }).click();
    await expect(page.getByText('A configuration of this name is there already.')).toBeVisible();
  });
});

test('an unknown device waits, is let in with the keyboard, and its bootstrap is watched step by step', async ({
  page,
  api,
  server,
  beside,
}) => {
  test.setTimeout(120_000);
  expect((await api.put('/bootstrap/configurations/main', PLAIN)).status()).toBe(200);
  await page.goto('/provisioning/sessions');
  await expect(page.getByText('No device was bootstrapped yet')).toBeVisible();
  await page.goto('/provisioning/waiting');
  await expect(page.getByText('No device waits')).toBeVisible();
  beside(bootstrapped(server, 'stranger-17'));
  const row = page.getByRole('row').filter({ hasText: 'stranger-17' });
  await expect(row).toContainText('Nothing: it may be anybody', { timeout: 20_000 });

  // By rule: names like this one, of devices that proved themselves.
  await row.getByRole('button', { name: 'Let in by rule, as stranger-17' }).click();
  const rule = page.getByRole('dialog', { name: 'Let devices in by rule' });
  await expect(rule.getByLabel('Endpoint names')).toHaveValue('stranger-*');
  await rule.getByRole('button', { name: 'Keep the rule' }).click();
  await expect(page.getByRole('table', { name: 'Rules' }).getByRole('row').filter({ hasText: 'stranger-*' })).toContainText('Proved');
  await page.getByRole('button', { name: 'Remove the rule stranger-*' }).click();
  await expect(page.getByText('No rule', { exact: true })).toBeVisible();

  await row.getByRole('button', { name: 'Let stranger-17 in', exact: true }).focus();
  await page.keyboard.press('Enter');
  const dialog = page.getByRole('dialog', { name: 'Let this device in' });
  await expect(dialog).toContainText('whoever knows this name can be it');
  await dialog.getByLabel('Label').fill('Stranger');
  await page.keyboard.press('Enter');
  await expect(dialog).toBeHidden();

  // It asks again by itself; its session appears without a reload.
  await page.getByRole('tab', { name: 'Sessions' }).click();
  const session = page.getByRole('row').filter({ hasText: 'stranger-17' });
  await expect(session).toContainText('Finished', { timeout: 60_000 });
  await session.getByRole('link', { name: /^Steps of/ }).click();
  const steps = page.getByRole('list', { name: 'Steps' }).getByRole('listitem');
  await expect(steps.filter({ hasText: 'PUT /0/1' })).toContainText('2.04');
  await expect(steps.filter({ hasText: 'POST /bs' }).last()).toContainText('2.04');
  await steps.filter({ hasText: 'PUT /0/1' }).getByText(/^Sent: /).click();
  await expect(steps.filter({ hasText: 'PUT /0/1' }).locator('code')).toContainText(/^[0-9a-f]{2} /);
  await expect.poll(() => api.stateOf('stranger-17')).toBe('online');
});

test('a device is connected by the command of its tile, seen as it comes, and decommissioned', async ({
  page,
  api,
  server,
  beside,
}) => {
  test.setTimeout(120_000);
  expect((await api.get('/session')).ok()).toBe(true);
  await page.goto('/provisioning');
  await page.getByLabel('Endpoint').fill('pump-7');
  await page.getByRole('button', { name: 'Make it known' }).click();
  await page.getByRole('link', { name: 'How to connect it' }).click();
  await expect(page.getByText('Waiting for pump-7')).toBeVisible();
  const tile = page.getByRole('region', { name: "Muster's simulator" });
  const command = await tile.locator('code').innerText();
  expect(command).toMatch(/^muster simulate --server coaps:\/\/127\.0\.0\.1:\d+ --endpoint pump-7 --psk-key [0-9a-f]{32}$/);
  await expect(page.getByRole('region', { name: "Anjay's demo client" }).locator('code')).toContainText('--identity 70756d702d37 --key ');
  beside(new Program('muster simulate', serverProgram, command.split(' ').slice(1)));
  await expect(page.getByText('It is here:')).toBeVisible({ timeout: 30_000 });
  await page.reload();
  await expect(tile.locator('code')).toContainText('--psk-key KEY_IN_HEX');
  await page.getByRole('link', { name: 'Asks for its bootstrap first' }).click();
  await expect(tile.locator('code')).toContainText(`--bootstrap ${server.secureBootstrap}`);

  await page.getByRole('tab', { name: 'Decommissioned' }).click();
  await expect(page.getByText('No device was decommissioned')).toBeVisible();
  await page.getByLabel('Endpoint').fill('pump-7');
  await page.keyboard.press('Enter');
  await expect(page.getByText('Its credential (pre-shared key) is revoked')).toBeVisible();
  const confirm = page.getByRole('button', { name: 'Decommission', exact: true });
  await page.getByLabel('Type the endpoint name to confirm').fill('pump');
  await expect(confirm).toBeDisabled();
  await page.getByLabel('Type the endpoint name to confirm').fill('pump-7');
  await confirm.click();
  const row = page.getByRole('row').filter({ hasText: 'pump-7' });
  await expect(row).toContainText('Refused');
  const saving = page.waitForEvent('download');
  await row.getByRole('link', { name: 'Save the archive of pump-7' }).click();
  const lines = (await readFile(await (await saving).path(), 'utf8')).trim().split('\n');
  expect((JSON.parse(lines[0] ?? '') as { type: string }).type).toBe('device');
  await row.getByRole('button', { name: 'Let pump-7 come again' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Let it come again' }).click();
  await expect(page.getByText('No device was decommissioned')).toBeVisible();
});

test('a device is decommissioned from its own page, and followed from there', async ({ page, api, server, beside }) => {
  beside(simulate(server, ['--devices', '1']));
  const endpoint = await deviceWith(api, [3]);
  await page.goto(`/devices/${endpoint}/settings`);
  await page.getByRole('button', { name: 'Decommission…' }).click();
  const dialog = page.getByRole('dialog', { name: 'Decommission this device?' });
  await dialog.getByLabel('Type the endpoint name to confirm').fill(endpoint);
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(/\/provisioning\/decommissioned$/);
  await expect(page.getByRole('row').filter({ hasText: endpoint })).toContainText('Refused');

  // At its next contact it is refused, and its archive opens.
  const query = `ep=${encodeURIComponent(endpoint)}&lt=300&lwm2m=1.1&b=U`;
  expect(await coapRequest(server, 'post', `/rd?${query}`, '</1/0>,</3/0>')).toContain('4.03');
  const saving = page.waitForEvent('download');
  await page.getByRole('link', { name: `Save the archive of ${endpoint}` }).click();
  const lines = (await readFile(await (await saving).path(), 'utf8')).trim().split('\n');
  const records = lines.map((line) => JSON.parse(line) as { type: string; content: { endpoint?: string } });
  expect(records[0]).toMatchObject({ type: 'device', content: { endpoint } });
  expect(records.map(({ type }) => type)).toContain('event');
});

test('a session that a killed server left in the middle says so, and where the rest is told', async ({ page, api, server }) => {
  expect((await api.put('/bootstrap/configurations/main', PLAIN)).status()).toBe(200);
  expect((await api.post('/devices', { endpoint: 'cut-off' })).status()).toBe(201);
  // It asks, and answers nothing of what is written to it then.
  expect(await coapSend('post', `${server.bootstrap}/bs?ep=cut-off`)).toContain('2.04');
  const running = async () => (await (await api.get('/bootstrap/sessions?state=running')).json()).items as unknown[];
  await expect.poll(async () => (await running()).length).toBe(1);
  await server.kill();
  await server.run();
  await page.goto('/provisioning/sessions');
  const row = page.getByRole('row').filter({ hasText: 'cut-off' });
  await expect(row).toContainText('The server ended in the middle, without warning.');
  await row.getByRole('link', { name: /^Steps of/ }).click();
  await expect(page.getByRole('alert')).toContainText('The server ended in the middle, without warning.');
  await page.getByRole('link', { name: "The device's timeline" }).click();
  await expect(page.getByRole('tab', { name: 'Timeline', selected: true })).toBeVisible();
  await expect(page.getByRole('tabpanel')).toContainText(/bootstrap/i);
});
