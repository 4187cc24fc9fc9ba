import type { Api } from '../fixtures/api.ts';
import { simulate } from '../fixtures/devices.ts';
import { Authority } from '../fixtures/keys.ts';
import { expect, test } from '../fixtures/test.ts';
import { DevicePage } from '../pages/device.ts';

/*
 * Which credential is whose: certificates that carry another name than the endpoint's, and the way from a diagnosis to
 * the credential of its device. LwM2M Transport 1.2 section 5.2.
 */

const authority = new Authority();
test.use({ serverFlags: ['--config', authority.config] });

const key = '000102030405060708090a0b0c0d0e0f';

async function timesOf(api: Api, endpoint: string, kind: string): Promise<number> {
  const list = await (await api.get(`/devices/${endpoint}/events?kinds=${kind}`)).json();
  return (list.items as unknown[]).length;
}

test('a certificate of another name is entered for its endpoint, shown, and loses its session with the row', async ({
  page,
  api,
  server,
  beside,
}) => {
  test.setTimeout(90_000);
  const endpoint = 'pump-00000';
  const name = 'WM-110 4711';
  await page.goto('/credentials');
  const dialog = page.getByRole('dialog');
  const enter = async (whose: string, known: string) => {
    await page.getByRole('button', { name: 'Add', exact: true }).click();
    await dialog.getByLabel('Endpoint').fill(whose);
    await dialog.getByLabel('Proves itself by').selectOption({ label: 'Certificate' });
    await dialog.getByLabel('Name in the certificate').fill(known);
    await dialog.getByRole('button', { name: 'Add', exact: true }).click();
  };
  await enter(endpoint, name);
  await expect(dialog).toBeHidden();
  const row = page.getByRole('row').filter({ hasText: endpoint });
  await expect(row).toContainText(name);

  // It is one endpoint's alone, and what is no name is told where it was typed.
  await enter('pump-00001', name);
  await expect(dialog.getByRole('alert')).toContainText(`the endpoint '${endpoint}' has this`);
  await dialog.getByLabel('Name in the certificate').fill('sha256:12');
  await dialog.getByRole('button', { name: 'Add', exact: true }).click();
  await expect(dialog.getByRole('alert')).toContainText('64 hexadecimal digits');
  await page.keyboard.press('Escape');

  // Found by the certificate, and there again when it is replaced.
  await page.getByRole('searchbox', { name: 'Find a credential' }).fill('4711');
  await expect(page).toHaveURL(/query=4711/);
  await expect(row).toBeVisible();
  await row.getByRole('button', { name: `Replace the credential of ${endpoint}` }).click();
  await expect(dialog.getByLabel('Name in the certificate')).toHaveValue(name);
  await page.keyboard.press('Escape');

  const device = authority.certifyFiles(name);
  const identity = (await (await api.get('/server/identity')).json()) as { certificates: string[] };
  const ca = authority.write('server.pem', identity.certificates[0] ?? '');
  const shows = ['--certificate', device.certificate, '--key', device.key, '--ca', ca];
  const uri = server.coaps.replace('127.0.0.1', 'localhost');
  beside(simulate(server, ['--prefix', 'pump-', '--devices', '1', ...shows], uri));
  await expect.poll(async () => (await api.device(endpoint))?.registration).toMatchObject({ session: { mode: 'x509' } });
  await new DevicePage(page, endpoint).open('Objects', '?open=security');
  await expect(page.locator('.device-head')).toContainText('Secured: Certificate');
  await expect(page.locator('#security')).toContainText(name);

  await page.goto('/credentials?query=4711');
  await page.getByRole('button', { name: `Remove the credential of ${endpoint}` }).click();
  await dialog.getByRole('button', { name: 'Remove', exact: true }).click();
  await expect(dialog).toBeHidden();
  await expect.poll(() => timesOf(api, endpoint, 'session_ended')).toBeGreaterThanOrEqual(1);
  await new DevicePage(page, endpoint).open('Objects', '?open=security');
  await expect(page.locator('#security')).toContainText('its credential was withdrawn');
});

test('a diagnosis leads to the credential of its device, and from there to a new one', async ({ page, api }) => {
  const keep = async (endpoint: string) => {
    const answer = await api.post('/credentials', { endpoint, mode: 'psk', identity: endpoint, key });
    expect(answer.status()).toBe(201);
  };
  for (const endpoint of ['meter-7', 'meter-8']) {
    await keep(endpoint);
  }
  const fix = async (endpoint: string) => {
    await new DevicePage(page, endpoint).open('Objects', '?open=diagnosis');
    await page.getByRole('list', { name: 'Checks' }).getByRole('link', { name: 'Credential' }).first().click();
    await expect(page).toHaveURL(new RegExp(`/credentials\\?.*endpoint=${endpoint}`));
  };
  await fix('meter-8');
  const rows = page.getByRole('table', { name: 'Credentials' }).getByRole('row').filter({ has: page.getByRole('link') });
  await expect(rows).toHaveCount(1);
  await expect(rows).toContainText('meter-8');

  // Without a credential the page says of whom, and what is begun here is for that device.
  await page.getByRole('button', { name: 'Remove the credential of meter-8' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('button', { name: 'Remove', exact: true }).click();
  await expect(dialog).toBeHidden();
  await expect(page.getByRole('main')).toContainText('The server keeps no key, public key or certificate for meter-8');
  await fix('meter-8');
  await expect(page.getByRole('heading', { name: 'No credential is kept for it' })).toBeVisible();
  await page.getByRole('button', { name: 'Generate a key' }).click();
  await expect(dialog.getByLabel('Endpoint')).toHaveValue('meter-8');
  await dialog.getByRole('button', { name: 'Generate', exact: true }).click();
  await dialog.getByRole('button', { name: 'I have it' }).click();
  await expect(rows).toContainText('meter-8');
  expect((await api.get('/credentials/meter-8')).status()).toBe(200);

  // Once something else is looked for, new credentials are for nobody in particular.
  await page.getByRole('searchbox', { name: 'Find a credential' }).fill('meter');
  await expect(rows).toHaveCount(2);
  await page.getByRole('button', { name: 'Add', exact: true }).click();
  await expect(dialog.getByLabel('Endpoint')).toHaveValue('');
});
