import { leshanClient } from '../fixtures/environment.ts';
import { leshan, simulate } from '../fixtures/devices.ts';
import { registered } from '../fixtures/fleet.ts';
import { expect, test } from '../fixtures/test.ts';

const peer = leshanClient();

test.describe('kill -9', () => {
  test('devices are still there afterwards, without registering again', async ({ api, server, beside }) => {
    beside(simulate(server, ['--devices', '3']));
    await expect.poll(async () => (await api.devices()).map(({ state }) => state)).toEqual(['online', 'online', 'online']);
    const before = await Promise.all((await api.devices()).map(({ endpoint }) => api.device(endpoint)));

    await server.kill();
    await server.run();

    for (const device of before) {
      const now = await api.device(device?.endpoint ?? '');
      expect(now?.registration?.id).toBe(device?.registration?.id);
    }
    const read = await api.operation(before[0]?.endpoint ?? '', { op: 'read', path: '/3/0/0' });
    expect(read).toMatchObject({ state: 'done', code: '2.05' });
  });

  test('the next Update and notification are accepted', async ({ api, server, beside }) => {
    test.skip('missing' in peer, 'missing' in peer ? peer.missing : '');
    const endpoint = 'survivor';
    const device = beside(leshan(server, { endpoint, moveEveryMs: 200 }));
    await device.line(/^registered /);
    await registered(api, endpoint);
    const observed = await api.operation(endpoint, { op: 'observe', path: '/3303/0/5700' });
    expect(observed).toMatchObject({ state: 'done', code: '2.05' });
    const notifications = async () => {
      const list = await (await api.get(`/devices/${endpoint}/observations`)).json();
      return (list.items[0]?.notifications ?? 0) as number;
    };
    await expect.poll(notifications).toBeGreaterThan(1);
    const registration = (await api.device(endpoint))?.registration?.id;

    await server.kill();
    await server.run();

    const lastValueAt = async () => {
      const list = await (await api.get(`/devices/${endpoint}/values/3303/0/5700`)).json();
      return list.items[0]?.at as string | undefined;
    };
    const at = await lastValueAt();
    await expect.poll(lastValueAt, { message: 'a notification arrived after the restart' }).not.toBe(at);

    const told = device.lines.length;
    device.tell('update');
    await device.line(/^updated$/, { skip: told });
    expect(device.output).not.toMatch(/refused|unanswered/);
    expect((await api.device(endpoint))?.registration?.id, 'it is the same registration').toBe(registration);
  });
});
