import type { Api } from '../fixtures/api.ts';
import { leshan } from '../fixtures/devices.ts';
import { leshanClient } from '../fixtures/environment.ts';
import { expect, test } from '../fixtures/test.ts';

const peer = leshanClient();

type Session = { state: string; security: string; steps: { message: string; code: string | null }[] };
/** The bootstrap sessions of a device, the newest first. */
async function sessionsOf(api: Api, endpoint: string): Promise<Session[]> {
  const list = (await (await api.get(`/devices/${endpoint}/bootstrap`)).json()) as { sessions: Session[] };
  return list.sessions;
}

type Report = { created: number; refused: { line: number; reason: string }[]; refused_total: number };

test.describe('a device on the Leshan client library that is bootstrapped over coaps', () => {
  test.skip('missing' in peer, 'missing' in peer ? peer.missing : '');
  test.setTimeout(120_000);

  for (const mode of ['psk', 'rpk', 'x509']) {
    test(`it registers over coaps by the ${mode} it was given, and is refused once it is decommissioned`, async ({
      api,
      server,
      beside,
    }) => {
      const endpoint = `urn:dev:ops:${mode}`;
      const put = await api.put('/bootstrap/configurations/main', {
        applies_to: { all: true },
        configuration: {
          servers: [{ short_server_id: 101, uri: '${coaps_uri}', security: { mode }, lifetime: 300 }],
        },
      });
      expect(put.status(), await put.text()).toBe(200);
      const made = await api.post('/devices', { endpoint, bootstrap_mode: 'psk', bootstrap_identity: 'from the factory' });
      expect(made.status()).toBe(201);
      const key = ((await made.json()) as { generated_bootstrap: { key: string } }).generated_bootstrap.key;

      const identity = Buffer.from('from the factory').toString('hex');
      const client = beside(leshan(server, { endpoint, bootstrap: true, credential: `psk:${identity}:${key}` }));
      await client.line(/^registered /);
      await expect.poll(() => api.stateOf(endpoint)).toBe('online');
      const device = (await (await api.get(`/devices/${endpoint}`)).json()) as { security: string };
      expect(device.security).toBe(mode);
      const read = await api.operation(endpoint, { op: 'read', path: '/3/0/0' });
      expect(read.values[0]?.value).toBe('Independent Devices');
      // The device comes as soon as it was told that its bootstrap is over; the record of that may be later.
      const session = async () => (await sessionsOf(api, endpoint))[0];
      await expect.poll(session).toMatchObject({ state: 'finished', security: 'psk' });
      expect((await session())?.steps.map((step) => step.message).filter((message) => message !== '')).toEqual([
        expect.stringMatching(/^POST \/bs\?.*ep=urn:dev:ops/),
        'GET /',
        'DELETE /0',
        'DELETE /1',
        'PUT /0/1',
        'PUT /1/0',
        'POST /bs',
      ]);

      // It is decommissioned: at its next contact it is refused, and its history can be read.
      expect((await api.delete(`/devices/${endpoint}`)).status()).toBe(204);
      client.tell('update');
      await client.line(/^(update|register)-(refused|unanswered)/);
      expect(await api.device(endpoint)).toBeUndefined();
      const archive = await api.get(`/decommissioned/${endpoint}/archive`);
      const lines = (await archive.text()).trim().split('\n').map((line) => JSON.parse(line) as { type: string });
      expect(lines[0]?.type).toBe('device');
      expect(lines.some((line) => line.type === 'bootstrap')).toBe(true);
      expect((await api.get(`/credentials/${endpoint}`)).status()).toBe(404);
    });
  }
});

type Made = { generated_bootstrap: { key: string; public_key: string; private_key: string; certificate: string } };

test.describe('the same by every credential for the bootstrap, and told to come again', () => {
  test.skip('missing' in peer, 'missing' in peer ? peer.missing : '');
  test.setTimeout(120_000);

  for (const mode of ['none', 'psk', 'rpk', 'x509'] as const) {
    test(`it is bootstrapped by ${mode}, and again by Execute /1/0/9`, async ({ api, server, beside }) => {
      const endpoint = `urn:dev:ops:again-${mode}`;
      const give = async (lifetime: number) => {
        const security = mode === 'none' ? { mode } : { mode: 'psk' };
        const uri = mode === 'none' ? '${coap_uri}' : '${coaps_uri}';
        const servers = [{ short_server_id: 101, uri, security, lifetime }];
        const put = await api.put('/bootstrap/configurations/main', { applies_to: { all: true }, configuration: { servers } });
        expect(put.status(), await put.text()).toBe(200);
      };
      await give(300);
      const asked = mode === 'none' ? {} : { bootstrap_mode: mode, bootstrap_generate: true };
      const made = await api.post('/devices', { endpoint, ...asked });
      expect(made.status(), await made.text()).toBe(201);
      const { generated_bootstrap: own } = (await made.json()) as Made;
      const known = (await (await api.get('/server/identity')).json()) as { public_key: string; certificates: string[] };
      const credential = {
        none: undefined,
        psk: `psk:${Buffer.from(endpoint).toString('hex')}:${own?.key}`,
        rpk: `rpk:${own?.public_key}:${own?.private_key}:${known.public_key}`,
        x509: `x509:${own?.certificate}:${own?.private_key}:${known.certificates[0]}`,
      }[mode];
      const client = beside(leshan(server, { endpoint, bootstrap: true, ...(credential === undefined ? {} : { credential }) }));
      await client.line(/^registered /);
      const lifetime = async () => (await api.device(endpoint))?.registration?.lifetime;
      await expect.poll(lifetime).toBe(300);

      await give(600);
      const begun = await api.post(`/devices/${endpoint}/bootstrap`, {});
      expect(begun.status(), await begun.text()).toBe(202);
      await expect.poll(lifetime, { timeout: 60_000 }).toBe(600);
      await expect
        .poll(async () => (await sessionsOf(api, endpoint)).map((session) => [session.state, session.security]))
        .toEqual([
          ['finished', mode],
          ['finished', mode],
        ]);
    });
  }
});

test.describe('begun by the server, as LwM2M 1.0 has it', () => {
  test.skip('missing' in peer, 'missing' in peer ? peer.missing : '');
  test.setTimeout(120_000);

  test('a client that does not know of it is left as it was, and it is said why', async ({ api, server, beside }) => {
    const endpoint = 'urn:dev:ops:unasked';
    const servers = [{ short_server_id: 101, uri: '${coap_uri}', lifetime: 300 }];
    await api.put('/bootstrap/configurations/main', { applies_to: { all: true }, configuration: { servers } });
    expect((await api.post('/devices', { endpoint })).status()).toBe(201);
    const client = beside(leshan(server, { endpoint, bootstrap: true }));
    await client.line(/^registered /);
    await expect.poll(async () => (await api.device(endpoint))?.registration?.lifetime).toBe(300);
    const begun = await api.post(`/devices/${endpoint}/bootstrap`, { direct: true });
    expect(begun.status(), await begun.text()).toBe(202);
    const session = async () => {
      const list = await (await api.get(`/devices/${endpoint}/bootstrap`)).json();
      return (list as { sessions: (Session & { by_server: boolean; reason: string | null })[] }).sessions[0];
    };
    await expect.poll(async () => (await session())?.state, { timeout: 60_000 }).toBe('failed');
    const failed = await session();
    expect(failed?.by_server).toBe(true);
    expect(failed?.reason).toContain('refused /0/1');
    const read = await api.operation(endpoint, { op: 'read', path: '/1/0/1' });
    expect(read.values[0]?.value, 'it is registered as before').toBe(300);
  });
});

test('100,000 devices are imported in under a minute, with ten bad rows by line', async ({ api }) => {
  test.setTimeout(180_000);
  const rows = ['endpoint,mode,label,tags,group'];
  const bad: number[] = [];
  for (let number = 1; number <= 100_000; number += 1) {
    if (number % 10_000 === 0) {
      bad.push(number + 1);
      rows.push(`urn:dev:mass:${number},magic,,,`);
    } else {
      rows.push(`urn:dev:mass:${number},psk,Meter ${number},site=berlin;floor=${number % 40},meters`);
    }
  }
  const began = Date.now();
  const answered = api.postRaw('/devices/import?id=mass', rows.join('\n'), 'text/csv');
  // Progress can be asked for meanwhile.
  await expect
    .poll(async () => {
      const progress = await api.get('/imports/mass');
      return progress.ok() ? ((await progress.json()) as { created: number }).created : 0;
    })
    .toBeGreaterThan(0);
  const report = (await (await answered).json()) as Report;
  expect(Date.now() - began, 'milliseconds').toBeLessThan(60_000);
  expect(report.created).toBe(99_990);
  expect(report.refused.map((row) => row.line)).toEqual(bad);
  expect(report.refused[0]?.reason).toContain("'magic' is no mode");
  const keys = await (await api.post('/imports/mass/credentials', {})).text();
  expect(keys.trim().split('\r\n')).toHaveLength(99_991);
});
