import type { Api, Operation } from '../fixtures/api.ts';
import { leshan } from '../fixtures/devices.ts';
import { leshanClient } from '../fixtures/environment.ts';
import { registered } from '../fixtures/fleet.ts';
import type { Program } from '../fixtures/program.ts';
import { expect, test } from '../fixtures/test.ts';
import { DevicePage } from '../pages/device.ts';

const peer = leshanClient();
const ENDPOINT = 'leshan';

/** A value of every type for the test object, 3442: the resource, its type's name, what is written, the formats that can say it. */
const STRUCTURED = ['tlv', 'json', 'senml_json', 'senml_cbor'];
const SINGLE = [...STRUCTURED, 'text', 'cbor'];
const TYPES: [id: number, type: string, value: unknown, formats: string[]][] = [
  [110, 'string', 'a text', SINGLE],
  [120, 'integer', -1234567, SINGLE],
  [125, 'unsigned', 4000000000, SINGLE],
  [130, 'float', -2.5, SINGLE],
  [140, 'boolean', true, SINGLE],
  [150, 'opaque', 'AAH/', [...STRUCTURED, 'opaque', 'cbor']],
  [160, 'time', '2026-03-01T12:30:00Z', SINGLE],
  [170, 'object_link', '3:0', SINGLE],
];

/** An operation that has to succeed with this code. */
async function succeeds(api: Api, body: Record<string, unknown>, code: string): Promise<Operation> {
  const operation = await api.operation(ENDPOINT, body);
  expect(operation, JSON.stringify(body)).toMatchObject({ state: 'done', code });
  return operation;
}

/** The value of one path in the answer, in the form in which it would be written. */
function valueOf(operation: Operation, path: string): unknown {
  return operation.values.find((value) => value.path === path)?.value;
}

/** Waits until the client has registered and the server has it. */
async function comes(client: Program, api: Api): Promise<void> {
  await client.line(/^registered /);
  await registered(api, ENDPOINT);
}

test.describe('every operation of LwM2M 1.1 with the Leshan client', () => {
  test.skip('missing' in peer, 'missing' in peer ? peer.missing : '');
  test.setTimeout(120_000);

  test('every type is written and read in every format', async ({ api, server, beside }) => {
    await comes(beside(leshan(server, { endpoint: ENDPOINT, moveEveryMs: 0 })), api);
    for (const [id, type, value, formats] of TYPES) {
      const path = `/3442/0/${id}`;
      for (const format of formats) {
        await test.step(`${type} in ${format}`, async () => {
          await succeeds(api, { op: 'write', path, value, format }, '2.04');
          const read = await succeeds(api, { op: 'read', path, format }, '2.05');
          expect(read.values, `${type} in ${format}`).toHaveLength(1);
          expect(valueOf(read, path), `${type} in ${format}`).toEqual(value);
        });
      }
    }
    const core = '</3/0>,</3303/0/5700>';
    for (const format of ['tlv', 'text', 'senml_cbor']) {
      await succeeds(api, { op: 'write', path: '/3442/0/180', value: core, format }, '2.04');
      const read = await succeeds(api, { op: 'read', path: '/3442/0/180', format }, '2.05');
      expect(String(valueOf(read, '/3442/0/180')), format).toContain('</3303/0/5700>');
    }
  });

  test('instances are the same through every structured format', async ({ api, server, beside }) => {
    await comes(beside(leshan(server, { endpoint: ENDPOINT, moveEveryMs: 0 })), api);
    const several = { 0: 'zero', 7: 'seven' };
    await succeeds(api, { op: 'write', path: '/3442/0/1110', value: several, format: 'tlv' }, '2.04');
    const shown = async (format: string): Promise<unknown> => {
      const read = await succeeds(api, { op: 'read', path: '/3442/0', format }, '2.05');
      return Object.fromEntries(read.values.map(({ path, value }) => [path, value]));
    };
    const inTlv = await shown('tlv');
    expect(inTlv).toMatchObject({ '/3442/0/1110/0': 'zero', '/3442/0/1110/7': 'seven' });
    for (const format of ['json', 'senml_json', 'senml_cbor']) {
      expect(await shown(format), format).toEqual(inTlv);
    }
    for (const format of ['tlv', 'json', 'senml_json', 'senml_cbor']) {
      const object = await succeeds(api, { op: 'read', path: '/3442', format }, '2.05');
      expect(valueOf(object, '/3442/0/1110/7'), format).toBe('seven');
      await succeeds(api, { op: 'update', path: '/3442/0', value: { 110: `by ${format}`, 120: 12 }, format }, '2.04');
      const read = await succeeds(api, { op: 'read', path: '/3442/0/110' }, '2.05');
      expect(valueOf(read, '/3442/0/110')).toBe(`by ${format}`);
    }
    await test.step('a resource instance', async () => {
      for (const format of ['text', 'cbor', 'tlv', 'senml_json', 'senml_cbor']) {
        const path = '/3442/0/1110/7';
        await succeeds(api, { op: 'write', path, value: format, format }, '2.04');
        expect(valueOf(await succeeds(api, { op: 'read', path, format }, '2.05'), path)).toBe(format);
      }
    });
  });

  test('create, delete, execute, discover, attributes', async ({ api, server, beside }) => {
    const client = beside(leshan(server, { endpoint: ENDPOINT, moveEveryMs: 0 }));
    await comes(client, api);
    for (const format of ['tlv', 'senml_json', 'senml_cbor']) {
      await test.step(`create in ${format}`, async () => {
        const created = await succeeds(api, { op: 'create', path: '/3442/5', value: { 110: 'made' }, format }, '2.01');
        expect(created).toMatchObject({ location: '/3442/5' });
        const read = await succeeds(api, { op: 'read', path: '/3442/5/110' }, '2.05');
        expect(valueOf(read, '/3442/5/110')).toBe('made');
        await succeeds(api, { op: 'delete', path: '/3442/5' }, '2.02');
        expect(await api.operation(ENDPOINT, { op: 'read', path: '/3442/5/110' })).toMatchObject({
          state: 'failed',
          code: '4.04',
        });
      });
    }
    await test.step('create without an identifier', async () => {
      const created = await succeeds(api, { op: 'create', path: '/3442', value: { 110: 'chosen' } }, '2.01');
      expect(created).toMatchObject({ location: expect.stringMatching(/^\/3442\/\d+$/) as unknown });
    });
    await succeeds(api, { op: 'execute', path: '/3303/0/5605' }, '2.04');
    await client.line(/^executed \/3303\/0\/5605$/);
    await succeeds(api, { op: 'execute', path: '/3442/0/3', value: "0='a',3" }, '2.04');
    const given = await succeeds(api, { op: 'read', path: '/3442/0/4' }, '2.05');
    expect(given.values.map(({ path, value }) => [path, value])).toEqual([
      ['/3442/0/4/0', 'a'],
      ['/3442/0/4/3', ''],
    ]);
    await succeeds(api, { op: 'write_attributes', path: '/3303/0/5700', value: { pmin: 1, pmax: 60, st: 0.5 } }, '2.04');
    const discovered = await succeeds(api, { op: 'discover', path: '/3303/0' }, '2.05');
    expect(discovered).toMatchObject({ links: expect.stringMatching(/<\/3303\/0\/5700>;[^,]*pmax=60/) as unknown });
    for (const path of ['/3', '/3/0', '/3442/0/1110']) {
      expect(await succeeds(api, { op: 'discover', path }, '2.05')).toMatchObject({
        links: expect.stringContaining(`<${path}`) as unknown,
      });
    }
    expect(await api.operation(ENDPOINT, { op: 'read', path: '/3/0/99' })).toMatchObject({ state: 'failed', code: '4.04' });
    const lifetime = { op: 'write', path: '/1/0/1', value: 777 };
    await succeeds(api, lifetime, '2.04');
    await succeeds(api, { op: 'execute', path: '/1/0/8' }, '2.04');
    await client.line(/^updated$/);
  });

  test('composites, observations and Send', async ({ api, server, beside }) => {
    const client = beside(leshan(server, { endpoint: ENDPOINT, moveEveryMs: 0 }));
    await comes(client, api);
    for (const format of ['senml_json', 'senml_cbor']) {
      await test.step(`together in ${format}`, async () => {
        const value = { '/3442/0/110': format, '/3/0/14': '+01:00' };
        await succeeds(api, { op: 'write_composite', value, format }, '2.04');
        const paths = ['/3442/0/110', '/3/0/14', '/3303/0', '/3442/0/9999'];
        const read = await succeeds(api, { op: 'read_composite', paths, format }, '2.05');
        expect(valueOf(read, '/3442/0/110')).toBe(format);
        expect(valueOf(read, '/3/0/14')).toBe('+01:00');
        expect(valueOf(read, '/3303/0/5701')).toBe('Cel');
        await succeeds(api, { op: 'observe_composite', paths: ['/3303/0/5700', '/3/0/9'], format }, '2.05');
        client.tell('set 31.5');
        await expect(async () => expect(await known(api, '/3303/0/5700')).toBe(31.5)).toPass();
        await succeeds(api, { op: 'cancel_observe', paths: ['/3303/0/5700', '/3/0/9'] }, '2.05');
        client.tell('set 20');
      });
    }
    for (const [index, format] of ['text', 'tlv', 'senml_json', 'senml_cbor', 'json', 'cbor'].entries()) {
      await test.step(`notified in ${format}`, async () => {
        await succeeds(api, { op: 'observe', path: '/3303/0/5700', format }, '2.05');
        client.tell(`set ${40 + index}`);
        await expect(async () => expect(await known(api, '/3303/0/5700')).toBe(40 + index)).toPass();
        await succeeds(api, { op: 'cancel_observe', path: '/3303/0/5700' }, '2.05');
      });
    }
    for (const [name, number, value] of [['SenML JSON', 110, 51.5], ['SenML CBOR', 112, 52.5]] as const) {
      await test.step(`sent in ${name}`, async () => {
        const skip = client.lines.length;
        client.tell(`set ${value}`);
        client.tell(`send ${number} /3303/0/5700 /3/0/9`);
        await client.line(/^sent 204$/, { skip });
        await expect(async () => expect(await known(api, '/3303/0/5700')).toBe(value)).toPass();
      });
    }
  });
});

test.describe('a Leshan client in queue mode', () => {
  test.skip('missing' in peer, 'missing' in peer ? peer.missing : '');
  test.setTimeout(120_000);
  test.use({ serverEnvironment: { MUSTER__LWM2M__AWAKE_WINDOW_SECONDS: '2' } });

  test('five operations wait while it sleeps, and are delivered in order when it wakes', async ({
    page,
    api,
    server,
    beside,
  }) => {
    const client = beside(leshan(server, { endpoint: ENDPOINT, queueMode: true, lifetime: 600, moveEveryMs: 0 }));
    await comes(client, api);
    await expect(async () => expect(await api.stateOf(ENDPOINT)).toBe('asleep')).toPass();

    const asked = [
      { op: 'write', path: '/3/0/14', value: '+01:00' },
      { op: 'execute', path: '/3303/0/5605' },
      { op: 'write', path: '/3/0/15', value: 'Europe/Oslo' },
      { op: 'execute', path: '/3/0/4' },
      { op: 'read', path: '/3/0/14' },
    ];
    const ids: number[] = [];
    for (const body of asked) {
      const answer = await api.post(`/devices/${ENDPOINT}/operations`, body);
      expect(answer.status(), await answer.text()).toBe(202);
      ids.push(((await answer.json()) as Operation).id);
    }
    const waiting = await operations(api, ids);
    expect(waiting.map(({ state, position }) => [state, position])).toEqual([1, 2, 3, 4, 5].map((place) => ['queued', place]));
    expect(client.output, 'nothing was sent to it').not.toMatch(/^(written|executed)/m);

    const device = new DevicePage(page, ENDPOINT);
    await device.open('Timeline');
    await expect(device.state).toHaveText('Asleep');
    client.tell('update');
    await client.line(/^executed \/3\/0\/4$/);
    await expect(async () => {
      const states = (await operations(api, ids)).map(({ state, code }) => `${state} ${code}`);
      expect(states).toEqual(['done 2.04', 'done 2.04', 'done 2.04', 'done 2.04', 'done 2.05']);
    }).toPass();
    const done = client.lines.filter((line) => /^(written|executed)/.test(line));
    expect(done, 'in the order in which they were asked').toEqual([
      'written /3/0/14 +01:00',
      'executed /3303/0/5605',
      'written /3/0/15 Europe/Oslo',
      'executed /3/0/4',
    ]);
    const finished = (await operations(api, ids)).map(({ finished_at }) => finished_at ?? '');
    expect([...finished].sort(), 'one after the other').toEqual(finished);
    for (const { word, path, code } of [
      { word: 'Write', path: '/3/0/14', code: '2.04' },
      { word: 'Execute', path: '/3303/0/5605', code: '2.04' },
      { word: 'Write', path: '/3/0/15', code: '2.04' },
      { word: 'Execute', path: '/3/0/4', code: '2.04' },
      { word: 'Read', path: '/3/0/14', code: '2.05' },
    ]) {
      const told = device.panel.getByRole('listitem').filter({ hasText: path }).filter({ hasText: code });
      await expect(told.filter({ hasText: word }).first(), `${word} ${path}`).toBeVisible();
    }
    await device.openAt('/3/0/14');
    await expect(device.row('/3/0/14').locator('.value')).toContainText('+01:00');
  });
});

type Listed = Operation & { position?: number; finished_at?: string };

/** These operations as they stand. */
async function operations(api: Api, ids: number[]): Promise<Listed[]> {
  const each = ids.map(async (id) => (await (await api.get(`/devices/${ENDPOINT}/operations/${id}`)).json()) as Listed);
  return Promise.all(each);
}

/** What is known of a path. */
async function known(api: Api, path: string): Promise<unknown> {
  const values = (await (await api.get(`/devices/${ENDPOINT}/values${path}`)).json()) as { items: { value: unknown }[] };
  return values.items[0]?.value;
}
