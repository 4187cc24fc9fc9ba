import { coapClient } from '../fixtures/environment.ts';
import { coapRequest } from '../fixtures/devices.ts';
import { expect, test } from '../fixtures/test.ts';
import { DevicesPage } from '../pages/devices.ts';

const peer = coapClient();

test.describe('a device registered by hand with libcoap', () => {
  test.skip('missing' in peer, 'missing' in peer ? peer.missing : '');

  test('registers, updates and signs off, and the page says so', async ({ page, api, server }) => {
    const devices = new DevicesPage(page);
    await devices.open();
    await expect(devices.live).toBeVisible();

    const registered = await coapRequest(server, 'post', '/rd?ep=by-hand&lt=300&lwm2m=1.1&b=U', '</1/0>,</3/0>');
    expect(registered).toContain('c:2.01');
    await expect(devices.row('by-hand')).toContainText('Online');
    const id = (await api.device('by-hand'))?.registration?.id;
    expect(id, 'the registration has an id').toBeTruthy();
    expect(registered, 'and its location was told').toContain(`Location-Path:${id}`);

    const updated = await coapRequest(server, 'post', `/rd/${id}?lt=600`);
    expect(updated).toContain('c:2.04');
    await expect(devices.row('by-hand')).toContainText('10 min');

    const signedOff = await coapRequest(server, 'delete', `/rd/${id}`);
    expect(signedOff).toContain('c:2.02');
    await expect(devices.row('by-hand')).toContainText('Signed off');

    const again = await coapRequest(server, 'post', `/rd/${id}?lt=600`);
    expect(again, 'a registration that is over is not found').toContain('c:4.04');
  });

  test('what is wrong is refused with the code the specification has for it', async ({ api, server }) => {
    const refused: [what: string, method: string, path: string, payload: string | undefined, code: string][] = [
      ['no endpoint name', 'post', '/rd?lt=300&lwm2m=1.1&b=U', '</3/0>', '4.00'],
      ['an unreadable payload', 'post', '/rd?ep=a&lt=300&lwm2m=1.1&b=U', '</3/0', '4.00'],
      ['a lifetime that is no number', 'post', '/rd?ep=a&lt=long&lwm2m=1.1&b=U', '</3/0>', '4.00'],
      ['a version of the future', 'post', '/rd?ep=a&lt=300&lwm2m=9.9&b=U', '</3/0>', '4.12'],
      ['an update of nobody', 'post', '/rd/nobody', undefined, '4.04'],
      ['a sign-off of nobody', 'delete', '/rd/nobody', undefined, '4.04'],
      ['a place that is none', 'get', '/nowhere', undefined, '4.04'],
    ];
    for (const [what, method, path, payload, code] of refused) {
      await test.step(what, async () => {
        expect.soft(await coapRequest(server, method, path, payload), what).toContain(`c:${code}`);
      });
    }
    expect((await (await api.get('/devices')).json()).total, 'no device came of it').toBe(0);
  });

  test('what is slightly wrong is served and told', async ({ page, api, server }) => {
    const registered = await coapRequest(server, 'post', '/rd?ep=careless&lt=300&lwm2m=1.1', '</3/0>;ver=1.1,</3/0>');
    expect(registered).toContain('c:2.01');
    const lint = (await api.device('careless'))?.registration?.lint ?? [];
    expect(lint.length, 'no binding, no Server object, a version on an instance, a link twice').toBeGreaterThanOrEqual(4);

    await page.goto('/devices/careless');
    await page.getByText('does not allow').click();
    for (const { message, section } of lint) {
      await expect(page.getByRole('main')).toContainText(message);
      await expect(page.getByRole('main')).toContainText(section);
    }
  });
});
