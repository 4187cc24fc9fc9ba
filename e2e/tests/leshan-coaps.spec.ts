import type { Api } from '../fixtures/api.ts';
import { leshan } from '../fixtures/devices.ts';
import { leshanClient } from '../fixtures/environment.ts';
import { Authority, keyPair } from '../fixtures/keys.ts';
import { expect, test } from '../fixtures/test.ts';
import { DevicePage } from '../pages/device.ts';
import { DevicesPage } from '../pages/devices.ts';

/*
 * The DTLS of the Leshan client is Scandium's: nothing of it is ours. LwM2M Transport 1.2 section 5.2, RFC 9146.
 */

const peer = leshanClient();
const endpoint = 'urn:dev:ops:leshan-secured';
const hex = (text: string) => Buffer.from(text).toString('hex');
const authority = 'missing' in peer ? undefined : new Authority();

/** Makes the device known and gives what the client is started with. */
type Provision = (api: Api) => Promise<string>;

async function keep(api: Api, credential: Record<string, unknown>): Promise<void> {
  const answer = await api.post('/credentials', { endpoint, ...credential });
  expect(answer.status(), await answer.text()).toBe(201);
}

async function identity(api: Api): Promise<{ public_key: string; certificates: string[] }> {
  return (await (await api.get('/server/identity')).json()) as { public_key: string; certificates: string[] };
}

const byPsk: Provision = async (api) => {
  const key = '000102030405060708090a0b0c0d0e0f';
  await keep(api, { mode: 'psk', identity: 'leshan', key });
  return `psk:${hex('leshan')}:${key}`;
};

const byPublicKey: Provision = async (api) => {
  const keys = keyPair();
  await keep(api, { mode: 'rpk', public_key: keys.publicKey });
  return `rpk:${keys.publicKey}:${keys.privateKey}:${(await identity(api)).public_key}`;
};

const byCertificate: Provision = async (api) => {
  await keep(api, { mode: 'x509' });
  const device = authority?.certify(endpoint);
  return `x509:${device?.certificate}:${device?.privateKey}:${(await identity(api)).certificates[0]}`;
};

async function eventsOf(api: Api, kind: string): Promise<unknown[]> {
  const list = await (await api.get(`/devices/${endpoint}/events?kinds=${kind}`)).json();
  return list.items as unknown[];
}

test.describe('a device on the Leshan client library over coaps', () => {
  test.skip('missing' in peer, 'missing' in peer ? peer.missing : '');
  test.setTimeout(120_000);
  test.use({ serverFlags: authority === undefined ? [] : ['--config', authority.config] });

  for (const [mode, word, provision] of [
    ['psk', 'Pre-shared key', byPsk],
    ['rpk', 'Raw public key', byPublicKey],
    ['x509', 'Certificate', byCertificate],
  ] as const) {
    test(`by ${word}: on the page with its lock, read, observed, and not asked anew after a restart`, async ({
      page,
      api,
      server,
      beside,
    }) => {
      const credential = await provision(api);
      const client = beside(leshan(server, { endpoint, credential, moveEveryMs: 250 }));
      await client.line(/^registered /);
      await expect
        .poll(async () => (await api.device(endpoint))?.registration)
        .toMatchObject({ session: { mode, connection_id: true, resumed: false } });
      const registration = (await api.device(endpoint))?.registration;

      const device = new DevicePage(page, endpoint);
      await test.step('it is on the page with its lock', async () => {
        const devices = new DevicesPage(page);
        await devices.open('?columns=state,endpoint,security');
        await expect(devices.row(endpoint)).toContainText(word);
        await expect(devices.row(endpoint).locator('.lock-word use')).toHaveAttribute('href', '/icons.svg#lock');
        await device.open('Objects', '?open=security');
        await expect(page.locator('.device-head .lock')).toContainText(`Secured: ${word}`);
        await expect(page.locator('.device-head .lock use')).toHaveAttribute('href', '/icons.svg#lock');
        for (const text of [word, 'CCM', 'A full handshake', 'Yes: outlives a new address']) {
          await expect(page.locator('#security')).toContainText(text);
        }
      });
      await test.step('it is read on the page', async () => {
        await device.openAt('/3/0/0');
        await device.action('Read', '/3/0/0').click();
        await expect(device.messages).toContainText('2.05');
        await expect(device.row('/3/0/0').locator('.value')).toContainText('Independent Devices');
      });
      await test.step('it is observed, and its notifications arrive on the page', async () => {
        await device.openAt('/3303/0/5700');
        await device.action('Observe', '/3303/0/5700').click();
        await expect(device.row('/3303/0/5700')).toContainText('notified');
        const value = device.row('/3303/0/5700').locator('.value-text');
        const first = await value.textContent();
        await expect(value).not.toHaveText(first ?? '');
      });
      const lastValueAt = async () => {
        const list = await (await api.get(`/devices/${endpoint}/values/3303/0/5700`)).json();
        return list.items[0]?.at as string | undefined;
      };
      const first = await lastValueAt();
      await expect.poll(lastValueAt, { message: 'its value moves' }).not.toBe(first);

      await test.step('the server is restarted', async () => {
        await server.stop();
        await server.run();
        const before = await lastValueAt();
        await expect.poll(lastValueAt, { message: 'a notification arrived after the restart' }).not.toBe(before);
        const told = client.lines.length;
        client.tell('update');
        await client.line(/^updated$/, { skip: told });
        expect(await eventsOf(api, 'session_started'), 'there was one handshake').toHaveLength(1);
        expect((await api.device(endpoint))?.registration?.id).toBe(registration?.id);
      });
    });
  }
});
