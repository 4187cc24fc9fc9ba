import type { Locator, Page } from '@playwright/test';
import { serverProgram } from '../fixtures/environment.ts';
import { Keyboard } from '../fixtures/keyboard.ts';
import { Program } from '../fixtures/program.ts';
import { expect, test } from '../fixtures/test.ts';
import { DevicesPage } from '../pages/devices.ts';

test.describe('provisioning by keyboard alone', () => {
  test('a device is made known, and one of the same name told', async ({ page, api }) => {
    const keyboard = await provisioning(page, () => api.get('/session'));
    const form = page.getByRole('textbox', { name: 'Endpoint' });
    await keyboard.to(form);
    await keyboard.press('Enter');
    await expect(page.getByText('Enter the endpoint name.')).toBeVisible();
    await expect(form).toBeFocused();
    await keyboard.type('pump-7');
    await keyboard.choose(page.getByLabel('To register it proves itself by'), 'A raw public key, its pair');
    await keyboard.use(page.getByRole('button', { name: 'Make it known' }));
    const made = page.getByRole('status').filter({ hasText: 'is known now' });
    await expect(made).toBeVisible();
    await keyboard.seen();
    const saving = page.waitForEvent('download');
    await keyboard.use(made.getByRole('button', { name: 'Save as a file' }));
    expect((await saving).suggestedFilename()).toBe('pump-7-keys.csv');
    await keyboard.use(made.getByRole('button', { name: 'Done' }));
    await expect(form).toBeFocused();

    await keyboard.type('pump-7');
    await keyboard.press('Enter');
    await expect(page.getByText('A device of this name is known already.')).toBeVisible();
    await expect(form).toBeFocused();
    await keyboard.use(page.getByRole('button', { name: 'Describe it anew' }));
    await expect(page.getByRole('status').filter({ hasText: 'is described anew' })).toBeVisible();
    await keyboard.seen();
  });

  test('a file of devices is chosen, looked at, left for another, and taken', async ({ page, api }) => {
    const keyboard = await provisioning(page, () => api.get('/session'));
    await keyboard.tab('Import');
    const file = page.getByLabel('Choose a CSV file, or drop it here');
    await choose(page, keyboard, file, 'endpoint,colour\npump,red\n');
    await expect(page.getByRole('alert')).toContainText('colour');
    await expect(file).toBeFocused();
    await choose(page, keyboard, file, 'endpoint,mode\npump-1,psk\npump-2,magic\n');
    await expect(page.getByText('2 rows, 1 of it fit to be taken.')).toBeVisible();
    await keyboard.use(page.getByRole('button', { name: 'Another file' }));
    await expect(page.getByText('2 rows, 1 of it fit to be taken.')).toBeHidden();
    await keyboard.seen();
    await choose(page, keyboard, file, 'endpoint,mode\npump-1,psk\npump-2,psk\n');
    await keyboard.use(page.getByRole('button', { name: 'Import 2 devices' }));
    const report = page.getByRole('region', { name: 'The import' });
    await expect(report.getByText('Done', { exact: true })).toBeVisible();
    await keyboard.seen();
    const saving = page.waitForEvent('download');
    await keyboard.use(report.getByRole('button', { name: 'Save the keys' }));
    await saving;
    await expect(report.getByRole('button', { name: 'Save the keys' })).toBeHidden();
    await keyboard.seen();
  });

  test('a configuration is made, refused while it locks devices out, tried and deleted', async ({ page, api }) => {
    const keyboard = await provisioning(page, () => api.get('/session'));
    await keyboard.tab('Configurations');
    await keyboard.use(page.getByRole('link', { name: 'New configuration' }));
    await keyboard.fill(page.getByLabel('Name', { exact: true }), 'main');
    await keyboard.choose(page.getByLabel('Who gets it'), 'Every device');
    const uri = page.getByLabel('URI', { exact: true });
    await keyboard.fill(uri, 'coaps://');
    const check = page.getByRole('region', { name: 'Check and keep' });
    const keep = check.getByRole('button', { name: 'Keep' });
    await expect(check.getByRole('status')).toContainText('would not be sent to any device');
    await expect(uri).toBeFocused();
    await keyboard.use(keep);
    await expect(check.getByRole('alert')).toContainText('Not kept.');
    await expect(keep).toBeFocused();
    await keyboard.to(uri, { by: 'Shift+Tab' });
    await keyboard.fill(uri, '${coaps_uri}');
    await expect(check.getByRole('status')).toContainText(/It can be kept|Nothing speaks/);
    await keyboard.use(keep);
    await expect(page).toHaveURL(/\/configurations\/main$/);
    await keyboard.seen();

    const dry = page.getByRole('region', { name: 'Dry run' });
    await keyboard.fill(dry.getByLabel('For the device'), 'pump-1');
    await keyboard.press('Enter');
    await expect(dry.getByRole('listitem').last()).toContainText('POST /bs');
    await keyboard.seen();
    const remove = check.getByRole('button', { name: /^Delete/ });
    await keyboard.use(remove);
    const dialog = page.getByRole('dialog');
    await expect(dialog).toBeVisible();
    await keyboard.press('Escape');
    await expect(dialog).toBeHidden();
    await expect(remove).toBeFocused();
    await keyboard.press('Enter');
    await keyboard.use(dialog.getByRole('button', { name: /^Delete/ }));
    await expect(page.getByText('No configuration yet')).toBeVisible();
    await keyboard.seen();
  });

  test('a device that waits is let in, and its bootstrap followed', async ({ page, api, server, beside }) => {
    test.setTimeout(120_000);
    const put = await api.put('/bootstrap/configurations/main', {
      applies_to: { all: true },
      configuration: { servers: [{ short_server_id: 101, uri: '${coap_uri}', lifetime: 300 }] },
    });
    expect(put.status()).toBe(200);
    const keyboard = await provisioning(page, () => api.get('/session'));
    await keyboard.tab('Waiting');
    beside(new Program('muster simulate', serverProgram, ['simulate', '--bootstrap', server.bootstrap, '--endpoint', 'stranger-17']));
    const dialog = page.getByRole('dialog');
    await keyboard.use(page.getByRole('button', { name: 'Let in by rule, as stranger-17' }));
    await expect(dialog.getByLabel('Endpoint names')).toBeFocused();
    await keyboard.press('Enter');
    await expect(dialog).toBeHidden();
    const rule = page.getByRole('button', { name: 'Remove the rule stranger-*' });
    await keyboard.use(rule);
    await expect(page.getByText('No rule', { exact: true })).toBeVisible();
    await keyboard.seen();
    const letIn = page.getByRole('button', { name: 'Let stranger-17 in', exact: true });
    await keyboard.use(letIn);
    await expect(dialog).toBeVisible();
    await keyboard.press('Escape');
    await expect(dialog).toBeHidden();
    await expect(letIn).toBeFocused();
    await keyboard.press('Enter');
    await keyboard.to(dialog.getByLabel('Label'));
    await keyboard.press('Enter');
    await expect(dialog).toBeHidden();
    await expect(letIn).toHaveCount(0);
    await keyboard.seen();

    await keyboard.tab('Sessions');
    const session = page.getByRole('row').filter({ hasText: 'stranger-17' });
    await expect(session).toContainText('Finished', { timeout: 60_000 });
    await keyboard.use(session.getByRole('link', { name: /^Steps of/ }));
    const step = page.getByRole('list', { name: 'Steps' }).getByRole('listitem').filter({ hasText: 'PUT /0/1' });
    await keyboard.use(step.getByText(/^Sent: /));
    await expect(step.locator('code')).toContainText(/^[0-9a-f]{2} /);
    await keyboard.seen();
  });

  test('how a device is connected is read, and it is decommissioned and let come again', async ({ page, api }) => {
    expect((await api.post('/devices', { endpoint: 'pump-7' })).status()).toBe(201);
    const keyboard = await provisioning(page, () => api.get('/session'));
    await keyboard.tab('Connect');
    await keyboard.to(page.getByRole('searchbox', { name: 'Endpoint of the device' }));
    await keyboard.type('pump-7');
    await expect(page).toHaveURL(/device=pump-7/);
    const command = page.getByRole('region', { name: "Muster's simulator" }).locator('code');
    await expect(command).toContainText('--endpoint pump-7');
    const way = page.getByRole('link', { name: 'Asks for its bootstrap first' });
    await keyboard.use(way);
    await expect(command).toContainText('--bootstrap');
    await expect(way).toBeFocused();

    await keyboard.tab('Decommissioned');
    await keyboard.to(page.getByLabel('Endpoint', { exact: true }));
    await keyboard.press('Control+A');
    await keyboard.type('pump-7');
    await keyboard.press('Enter');
    const confirm = page.getByRole('button', { name: 'Decommission', exact: true });
    await expect(confirm).toBeDisabled();
    await keyboard.to(page.getByLabel('Type the endpoint name to confirm'));
    await keyboard.type('pump-7');
    await keyboard.use(confirm);
    const again = page.getByRole('button', { name: 'Let pump-7 come again' });
    await expect(again).toBeVisible();
    await keyboard.seen();
    await keyboard.use(again);
    const dialog = page.getByRole('dialog');
    await expect(dialog).toBeVisible();
    await keyboard.press('Escape');
    await expect(dialog).toBeHidden();
    await expect(again).toBeFocused();
    await keyboard.press('Enter');
    await keyboard.use(dialog.getByRole('button', { name: 'Let it come again' }));
    await expect(page.getByText('No device was decommissioned')).toBeVisible();
    await keyboard.seen();
  });
});

/** Goes to Provisioning from the list of devices. */
async function provisioning(page: Page, logIn: () => Promise<unknown>): Promise<Keyboard> {
  await logIn();
  const keyboard = new Keyboard(page);
  await page.goto('/devices');
  await expect(new DevicesPage(page).heading).toBeVisible();
  await keyboard.go('p', 'Provisioning');
  return keyboard;
}

/** Opens the browser's choice of a file by key, and chooses one there. */
async function choose(page: Page, keyboard: Keyboard, input: Locator, csv: string): Promise<void> {
  await keyboard.to(input);
  const choosing = page.waitForEvent('filechooser');
  await keyboard.press('Enter');
  await (await choosing).setFiles({ name: 'pumps.csv', mimeType: 'text/csv', buffer: Buffer.from(csv) });
}
