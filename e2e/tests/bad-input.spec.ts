import { simulate } from '../fixtures/devices.ts';
import { deviceWith } from '../fixtures/fleet.ts';
import { expect, test } from '../fixtures/test.ts';

test.describe('bad input', () => {
  test('the API answers what HTTP has for it, and nothing else changes', async ({ api, server, beside, request }) => {
    beside(simulate(server, ['--devices', '1', '--prefix', 'steady']));
    const endpoint = await deviceWith(api, [3]);
    const device = `/devices/${endpoint}`;
    const before = await api.device(endpoint);

    const fiveMegabytes = `{"op":"write","path":"/3/0/14","value":"${'x'.repeat(5_000_000)}"}`;
    const posts: { what: string; path: string; body: string; status: number; code: string; contentType?: string }[] = [
      { what: 'a 5 MB body', path: `${device}/operations`, body: fiveMegabytes, status: 413, code: 'too_large' },
      { what: 'no JSON', path: `${device}/operations`, body: '{"op":', status: 400, code: 'bad_request' },
      { what: 'a list for an object', path: `${device}/operations`, body: '[]', status: 400, code: 'bad_request' },
      { what: 'no body', path: `${device}/operations`, body: '', status: 400, code: 'bad_request' },
      { what: 'another media type', path: `${device}/operations`, body: 'op=read', status: 415, code: 'unsupported_media_type', contentType: 'application/x-www-form-urlencoded' },
      { what: 'an unknown operation', path: `${device}/operations`, body: '{"op":"explode","path":"/3/0/0"}', status: 400, code: 'bad_request' },
      { what: 'an unknown field', path: `${device}/operations`, body: '{"op":"read","path":"/3/0/0","loud":true}', status: 400, code: 'bad_request' },
      { what: 'a path that is none', path: `${device}/operations`, body: '{"op":"read","path":"/3/x"}', status: 400, code: 'bad_request' },
      { what: 'a path out of range', path: `${device}/operations`, body: '{"op":"read","path":"/3/0/65536"}', status: 400, code: 'bad_request' },
      { what: 'a path of five levels', path: `${device}/operations`, body: '{"op":"read","path":"/3/0/0/0/0"}', status: 400, code: 'bad_request' },
      { what: 'no path', path: `${device}/operations`, body: '{"op":"read"}', status: 400, code: 'bad_request' },
      { what: 'a number for a text', path: `${device}/operations`, body: '{"op":"write","path":"/3/0/14","value":7}', status: 422, code: 'does_not_fit_model' },
      { what: 'a device that is not there', path: '/devices/nobody/operations', body: '{"op":"read","path":"/3/0/0"}', status: 404, code: 'not_found' },
      { what: 'an observation of no path', path: `${device}/observations`, body: '{"path":"3303"}', status: 400, code: 'bad_request' },
    ];
    for (const { what, path, body, status, code, contentType } of posts) {
      await test.step(what, async () => {
        const answer = await api.postRaw(path, body, contentType);
        expect.soft({ status: answer.status(), code: await codeOf(answer) }, what).toEqual({ status, code });
      });
    }

    const gets: { what: string; path: string; status: number; code: string }[] = [
      { what: 'an unknown resource', path: '/nothing', status: 404, code: 'not_found' },
      { what: 'an unknown device', path: '/devices/nobody', status: 404, code: 'not_found' },
      { what: 'a path that is none', path: `${device}/values/3/x`, status: 400, code: 'bad_request' },
      { what: 'an endpoint that is no UTF-8', path: '/devices/%ff', status: 400, code: 'bad_request' },
      { what: 'a limit that is no number', path: '/devices?limit=many', status: 400, code: 'bad_request' },
      { what: 'a column that is none', path: '/devices?sort=colour', status: 400, code: 'bad_request' },
      { what: 'a cursor of somebody’s own', path: '/devices?cursor=zzz', status: 400, code: 'bad_request' },
      { what: 'an unknown parameter', path: '/devices?colour=red', status: 400, code: 'bad_request' },
    ];
    for (const { what, path, status, code } of gets) {
      await test.step(what, async () => {
        const answer = await api.get(path);
        expect.soft({ status: answer.status(), code: await codeOf(answer) }, what).toEqual({ status, code });
      });
    }

    const anonymous = await request.get(`${server.url}/api/v1/devices`, { headers: { cookie: '' } });
    expect.soft(anonymous.status(), 'without a session').toBe(401);

    const after = await api.device(endpoint);
    expect(after?.state).toBe(before?.state);
    expect(after?.registration?.id).toBe(before?.registration?.id);
    expect(server.running).toBe(true);
  });
});

async function codeOf(answer: { json(): Promise<unknown> }): Promise<unknown> {
  try {
    const body = (await answer.json()) as { code?: unknown; message?: unknown; request_id?: unknown };
    return typeof body.message === 'string' && typeof body.request_id === 'string' ? body.code : body;
  } catch {
    return 'the body is not JSON';
  }
}
