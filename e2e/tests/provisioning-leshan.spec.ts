import { leshan } from '../fixtures/devices.ts';
import { leshanClient } from '../fixtures/environment.ts';
import { expect, test } from '../fixtures/test.ts';

const peer = leshanClient();
const endpoint = 'urn:dev:ops:leshan-boots';
const hex = (text: string) => Buffer.from(text).toString('hex');

test('the Leshan client bootstraps over coaps and registers with the key that was made for it, both watched live', async ({
  page,
  context,
  api,
  server,
  beside,
}) => {
  test.skip('missing' in peer, 'missing' in peer ? peer.missing : '');
  test.setTimeout(180_000);
  const configured = await api.put('/bootstrap/configurations/main', {
    applies_to: { all: true },
    configuration: { servers: [{ short_server_id: 101, uri: '${coaps_uri}', lifetime: 300, security: { mode: 'psk' } }] },
  });
  expect(configured.status(), await configured.text()).toBe(200);

  // Made known in the page, with a key for its bootstrap alone; what it registers with is made at the bootstrap.
  await page.goto('/provisioning');
  await page.getByLabel('Endpoint').fill(endpoint);
  await page.getByLabel('To register it proves itself by').selectOption({ label: 'What it has, or gets at its bootstrap' });
  await page.getByLabel('For its bootstrap by').selectOption({ label: 'A pre-shared key that is made now' });
  await page.getByRole('button', { name: 'Make it known' }).click();
  const made = page.getByRole('status').filter({ hasText: 'is known now' });
  const key = await made.getByText(/^[0-9a-f]{32}$/).innerText();

  // Two people look on: one at the sessions, one at the device. Neither reloads.
  const other = await context.newPage();
  await other.goto(`/devices/${endpoint}`);
  await expect(other.getByText('Never seen').first()).toBeVisible();
  await page.goto('/provisioning/sessions');
  await expect(page.getByText('No device was bootstrapped yet')).toBeVisible();

  beside(leshan(server, { endpoint, bootstrap: true, credential: `psk:${hex(endpoint)}:${key}` }));
  const session = page.getByRole('row').filter({ hasText: endpoint });
  await expect(session).toBeVisible({ timeout: 60_000 });
  await expect(session).toContainText('Pre-shared key');
  await session.getByRole('link', { name: /^Steps of/ }).click();
  const steps = page.getByRole('list', { name: 'Steps' }).getByRole('listitem');
  await expect(steps.filter({ hasText: /PUT \/0/ }).first()).toContainText('2.04', { timeout: 60_000 });
  await expect(steps.filter({ hasText: 'POST /bs' }).last()).toContainText('2.04');
  await expect(page.getByRole('region', { name: 'The session' }).getByRole('status')).toContainText('Finished');

  // The key that was made lets it in over coaps: the device's page has the lock.
  await expect(other.locator('.badge').filter({ hasText: 'Online' }).first()).toBeVisible({ timeout: 60_000 });
  await expect(other.locator('.lock')).toBeVisible();
  await expect(other.locator('.lock.open')).toHaveCount(0);
  await expect.poll(async () => (await api.device(endpoint))?.registration?.lifetime).toBe(300);
});
