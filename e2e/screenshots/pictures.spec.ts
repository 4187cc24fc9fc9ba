import { join } from 'node:path';
import type { Page } from '@playwright/test';
import { serverProgram } from '../fixtures/environment.ts';
import { deviceWith } from '../fixtures/fleet.ts';
import { Program } from '../fixtures/program.ts';
import type { Api } from '../fixtures/api.ts';
import { expect, test } from '../fixtures/test.ts';
import { DevicePage, type DeviceTab } from '../pages/device.ts';
import { Frame } from '../pages/frame.ts';

const FOLDER = join(import.meta.dirname, '../../docs/screenshots');

/** How many values the chart is to show before its picture is taken. */
const VALUES = 25;

/** Known before it comes, so that it is bootstrapped; the other one waits to be let in. */
const BOOTED = 'urn:dev:mac:0024befffe804ff1';

/** One picture: its file's name, and how the page gets to what it shows. */
type Picture = { name: string; open: (page: Page) => Promise<void> };

test.use({ serverFlags: ['--demo'] });

test('the pictures of the documentation', async ({ page, api, server, beside }) => {
  test.setTimeout(600_000);
  const endpoint = await deviceWith(api, [3303]);
  const secured = await securedDevice(api);
  await furnish(api);
  for (const booting of [BOOTED, 'urn:dev:mac:0024befffe80aa17']) {
    const flags = ['simulate', '--bootstrap', server.bootstrap, '--endpoint', booting];
    beside(new Program('muster simulate', serverProgram, flags));
  }

  for (const path of ['/3/0', '/3303/0']) {
    expect(await api.operation(endpoint, { op: 'read', path })).toMatchObject({ state: 'done' });
  }
  expect(await api.operation(endpoint, { op: 'observe', path: '/3303/0/5700' })).toMatchObject({ state: 'done' });
  const notified = async () => (await (await api.get(`/devices/${endpoint}/observations`)).json()).items[0].notifications as number;
  await expect.poll(notified, { timeout: 120_000 }).toBeGreaterThan(VALUES);
  await expect.poll(async () => (await (await api.get('/bootstrap/sessions')).json()).items.length as number).toBeGreaterThan(0);

  for (const picture of pictures(endpoint, secured)) {
    await test.step(picture.name, async () => {
      await picture.open(page);
      await expect(page.getByText('Loading…')).toHaveCount(0);
      await take(page, picture.name);
    });
  }
});

/** Every page, with something on it. */
function pictures(endpoint: string, secured: string): Picture[] {
  const place = (name: string, path: string, title: string): Picture => ({
    name,
    open: async (page) => {
      await page.goto(path);
      await expect(page.getByRole('heading', { level: 1, name: title, exact: true })).toBeVisible();
    },
  });
  const tab = (name: string, on: string, which: DeviceTab, query = '', ready?: (device: DevicePage) => Promise<void>): Picture => ({
    name,
    open: async (page) => {
      const device = new DevicePage(page, on);
      await device.open(which, query);
      await ready?.(device);
    },
  });
  return [
    place('overview', '/overview', 'Overview'),
    place('devices', '/devices', 'Devices'),
    tab('objects', endpoint, 'Objects', '?path=/3/0/14', async (device) => {
      await expect(device.row('/3/0/14')).toBeVisible();
    }),
    tab('live', endpoint, 'Live', '?path=/3303/0/5700&window=1m', async ({ panel }) => {
      await expect(panel.getByRole('img').or(panel.locator('canvas')).first()).toBeVisible();
    }),
    tab('timeline', endpoint, 'Timeline', '?span=1h'),
    tab('messages', endpoint, 'Messages', '?filter=/3/0', async ({ page, panel }) => {
      await panel.getByRole('row').filter({ hasText: '2.05' }).getByRole('button').first().click();
      await expect(page.getByRole('region', { name: 'Decoded' })).toBeVisible();
    }),
    tab('access', endpoint, 'Access'),
    tab('device-settings', endpoint, 'Settings'),
    tab('diagnosis', secured, 'Objects', '?open=diagnosis'),
    tab('security', secured, 'Objects', '?open=security'),
    place('credentials', '/credentials', 'Credentials'),
    place('provisioning', '/provisioning', 'Provisioning'),
    place('import', '/provisioning/import', 'Provisioning'),
    place('configurations', '/provisioning/configurations/main', 'Provisioning'),
    place('waiting', '/provisioning/waiting', 'Provisioning'),
    {
      name: 'bootstrap-session',
      open: async (page) => {
        await page.goto('/provisioning/sessions');
        await page.getByRole('main').getByRole('link', { name: /^Steps of/ }).first().click();
      },
    },
    place('connect', '/provisioning/connect', 'Provisioning'),
    place('decommissioned', '/provisioning/decommissioned', 'Provisioning'),
    place('models', '/models?query=temperature', 'Object models'),
    place('model', '/models/3303', 'Temperature'),
    place('audit', '/audit', 'Audit'),
    place('account', '/settings/account', 'Settings'),
    place('users', '/settings/users', 'Settings'),
    place('server', '/settings/server', 'Settings'),
  ];
}

/** Gives the pages of provisioning something to show. */
async function furnish(api: Api): Promise<void> {
  const made = async (answer: Promise<{ ok(): boolean; status(): number; text(): Promise<string> }>) => {
    const got = await answer;
    expect(got.ok(), `${got.status()} ${await got.text()}`).toBe(true);
  };
  const configuration = { servers: [{ short_server_id: 101, uri: '${coap_uri}', lifetime: 300 }] };
  await made(api.put('/bootstrap/configurations/main', { applies_to: { all: true }, configuration }));
  for (const [endpoint, label] of [
    ['meter-0419', 'Cellar, north'],
    ['meter-0420', 'Cellar, south'],
    ['meter-0007', 'Taken out in May'],
    [BOOTED, 'Stairs'],
  ]) {
    await made(api.post('/devices', { endpoint, label, tags: { site: 'berlin' } }));
  }
  await made(api.delete('/devices/meter-0007'));
  const rows = ['endpoint,mode,label', 'meter-0501,psk,Roof', 'meter-0502,psk,Attic', 'meter-0503,magic,Stairs'];
  await made(api.postRaw('/devices/import?id=meters', rows.join('\n'), 'text/csv'));
}

/** A device of the demo that proves who it is. */
async function securedDevice(api: Api): Promise<string> {
  let found: string | undefined;
  await expect
    .poll(async () => {
      for (const { endpoint } of await api.devices()) {
        const detail = await (await api.get(`/devices/${encodeURIComponent(endpoint)}`)).json();
        if (detail.registration !== null && detail.registration.security !== 'none') {
          found = endpoint;
        }
      }
      return found;
    })
    .toBeDefined();
  return found ?? '';
}

async function take(page: Page, name: string): Promise<void> {
  await expect(new Frame(page).feed).toHaveText('Live');
  await page.mouse.move(0, 0);
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    // The chart is drawn in the new colours with the next frame.
    await page.evaluate(() => new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn))));
    await page.screenshot({ path: join(FOLDER, `${name}-${colorScheme}.png`), animations: 'disabled' });
  }
}
