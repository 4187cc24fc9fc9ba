import type { Page } from '@playwright/test';
import { simulate } from '../fixtures/devices.ts';
import { Feed } from '../fixtures/feed.ts';
import { deviceWith } from '../fixtures/fleet.ts';
import { Keyboard } from '../fixtures/keyboard.ts';
import { expect, test } from '../fixtures/test.ts';
import { DevicePage } from '../pages/device.ts';
import { DevicesPage } from '../pages/devices.ts';

/** How long the flood lasts; longer by hand: `MUSTER_FLOOD_SECONDS=30`. */
const FLOOD_SECONDS = Number(process.env['MUSTER_FLOOD_SECONDS'] ?? '10');

test.describe('in the middle of something', () => {
  test('the live feed is cut and restored: the write ends well, and what was missed appears', async ({ page, api, server, beside }) => {
    beside(simulate(server, ['--devices', '1']));
    const endpoint = await deviceWith(api, [3]);
    const feed = await Feed.of(page);
    const device = new DevicePage(page, endpoint);
    await device.openAt('/3/0/14');

    const { sent, release } = await hold(page);
    await device.action('Write', '/3/0/14').click();
    await device.dialog.getByLabel('UTC Offset', { exact: true }).fill('+02:00');
    await device.dialog.getByRole('button', { name: 'Write', exact: true }).click();
    await sent;
    await feed.cut();
    await expect(device.standing).toContainText('live feed is interrupted');
    release();
    await expect(device.messages).toContainText('2.04');
    await expect(device.dialog).toBeHidden();

    expect(await api.operation(endpoint, { op: 'write', path: '/3/0/15', value: 'Europe/Oslo' })).toMatchObject({ state: 'done' });
    feed.restore();
    await expect(device.frame.feed).toHaveText('Live', { timeout: 40_000 });
    await expect(device.standing).not.toContainText('interrupted');
    await expect(device.row('/3/0/14').locator('.value')).toContainText('+02:00');
    await expect(device.row('/3/0/15').locator('.value')).toContainText('Europe/Oslo');
  });

  test('the server is killed and started again: the form says so, keeps what was typed and works afterwards', async ({ page, api, server, beside }) => {
    beside(simulate(server, ['--devices', '1']));
    const endpoint = await deviceWith(api, [3]);
    const device = new DevicePage(page, endpoint);
    await device.openAt('/3/0/14');
    const { sent, release } = await hold(page);
    await device.action('Write', '/3/0/14').click();
    const field = device.dialog.getByLabel('UTC Offset', { exact: true });
    await field.fill('+02:00');
    const write = device.dialog.getByRole('button', { name: 'Write', exact: true });
    await write.click();
    await sent;
    await server.kill();
    release();
    await expect(device.dialog.getByRole('alert')).toContainText('The server cannot be reached');
    await expect(field).toHaveValue('+02:00');

    await server.run();
    await expect(device.frame.feed).toHaveText('Live', { timeout: 40_000 });
    await write.click();
    await expect(device.dialog).toBeHidden();
    await expect(device.row('/3/0/14').locator('.value')).toContainText('+02:00');
  });
});

for (const [what, hours] of [
  ['an hour ahead', 1],
  ['an hour behind', -1],
] as const) {
  test(`ages are right on a computer whose clock is ${what}`, async ({ page, api, server, beside }) => {
    beside(simulate(server, ['--devices', '1']));
    const endpoint = await deviceWith(api, [3]);
    await page.addInitScript((ahead) => {
      const Real = Date;
      const now = () => Real.now() + ahead;
      // What code without the clock calls is left alone.
      window.Date = new Proxy(Real, {
        construct: (_, given) => (given.length === 0 ? new Real(now()) : Reflect.construct(Real, given)),
        get: (target, name) => (name === 'now' ? now : Reflect.get(target, name)),
      });
    }, hours * 3_600_000);
    const devices = new DevicesPage(page);
    await devices.open();
    await expect(devices.live).toBeVisible();
    const seen = devices.row(endpoint).locator('time').first();
    await expect(seen).toHaveText(/^(now|\d+ s)$/);

    const device = new DevicePage(page, endpoint);
    await device.open();
    await expect(device.frame.feed).toHaveText('Live');
    const fact = (name: string) => page.locator('.facts > div').filter({ hasText: name }).locator('time');
    await expect(fact('Registered')).toHaveText(/^(now|\d+ s ago)$/);
    await expect(device.state).toHaveText(/Online|Asleep/);
    // A link's time is counted from the server's clock too.
    await page.getByRole('button', { name: 'Give out a link' }).click();
    await device.dialog.getByLabel('Holds for').selectOption({ label: 'An hour' });
    await device.dialog.getByRole('button', { name: 'Make the link' }).click();
    await device.dialog.getByRole('button', { name: 'I have it' }).click();
    await page.goto('/settings/links');
    await expect(page.getByRole('row').filter({ hasText: endpoint })).toContainText(/in (59 min|1 h)/);
  });
}

test('10,000 events a second do not freeze the page', async ({ page, api, server, beside }) => {
  test.setTimeout(120_000 + FLOOD_SECONDS * 2000);
  beside(simulate(server, ['--devices', '8']));
  const endpoint = await deviceWith(api, [3303]);
  const feed = await Feed.of(page);
  const device = new DevicePage(page, endpoint);
  await device.openAt('/3303/0');
  // A notification each second, also while the temperature stays as it is.
  const everySecond = { op: 'write_attributes', path: '/3303/0/5700', value: { pmax: 1 } };
  expect(await api.operation(endpoint, everySecond)).toMatchObject({ state: 'done' });
  expect(await api.operation(endpoint, { op: 'observe', path: '/3303/0/5700' })).toMatchObject({ state: 'done' });
  // One alone in its frame: all others are made from it.
  let model: Events | undefined;
  await expect.poll(() => (model = feed.frames.map(readEvent).findLast((found) => found !== undefined))).toBeDefined();
  if (model === undefined) {
    return;
  }
  const event = model;

  await page.evaluate(() => {
    const told = window as unknown as { longest: number };
    told.longest = 0;
    new PerformanceObserver((list) => {
      for (const { duration } of list.getEntries()) {
        told.longest = Math.max(told.longest, duration);
      }
    }).observe({ type: 'longtask' });
  });
  const until = Date.now() + FLOOD_SECONDS * 1000;
  let sequence = event.sequence;
  let sent = 0;
  let slowest = 0;
  const begun = Date.now();
  const flood = (async () => {
    while (Date.now() < until) {
      // What is due by now: an event loop that was late sends more, so that the rate holds.
      const due = Math.min(2000, Math.floor(((Date.now() - begun) / 1000) * 10_000) - sent);
      if (due > 0) {
        feed.send(writeEvents(event, sequence + 1, due));
        sequence += due;
        sent += due;
      }
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  })();
  for (let turn = 0; Date.now() < until - 1000; turn++) {
    const tab = turn % 2 === 0 ? 'Timeline' : 'Objects';
    const pressed = Date.now();
    await device.tab(tab).click();
    await expect(device.tab(tab)).toHaveAttribute('aria-selected', 'true');
    slowest = Math.max(slowest, Date.now() - pressed);
  }
  await flood;
  const longest = await page.evaluate(() => (window as unknown as { longest: number }).longest);
  test.info().annotations.push({ type: 'flood', description: `${sent} events; longest task ${longest} ms; slowest click ${slowest} ms` });
  expect(sent).toBeGreaterThan(FLOOD_SECONDS * 8000);
  expect(longest, 'the longest task').toBeLessThan(1000);
  expect(slowest, 'the slowest answer to a click').toBeLessThan(3000);
  await expect(device.frame.feed).toHaveText('Live');
});

test('a link to a device is given out by keyboard alone', async ({ page, api, server, beside }) => {
  beside(simulate(server, ['--devices', '1']));
  const endpoint = await deviceWith(api, [3]);
  const keyboard = new Keyboard(page);
  await new DevicePage(page, endpoint).open();
  const give = page.getByRole('button', { name: 'Give out a link' });
  await keyboard.use(give);
  const dialog = page.getByRole('dialog', { name: 'A link to this device' });
  await expect(dialog.getByLabel('Holds for')).toBeFocused();
  await keyboard.press('Tab');
  await keyboard.type('for the installer');
  await keyboard.press('Enter');
  await expect(dialog.getByText(/\/link#[0-9a-f]{64}$/)).toBeVisible();
  await keyboard.seen();
  await keyboard.press('Escape');
  await expect(dialog).toBeHidden();
  await expect(give).toBeFocused();
});

test.describe('what a screen reader is told', () => {
  test('the log in', async ({ page }) => {
    await page.goto('/login');
    await expect(page.getByRole('main')).toMatchAriaSnapshot(`
      - heading "Log in" [level=1]
      - text: Name
      - textbox "Name"
      - text: Password
      - textbox "Password"
      - button "Log in"
    `);
  });

  test('the frame and the devices', async ({ page, api }) => {
    expect((await api.get('/session')).ok()).toBe(true);
    await page.goto('/devices');
    await expect(page.getByRole('navigation', { name: 'Main' })).toMatchAriaSnapshot(`
      - navigation "Main":
        - link "Overview"
        - link "Devices"
        - link "Credentials"
        - link "Models"
        - link "Audit"
        - link "Settings"
    `);
    await expect(page.getByRole('main')).toMatchAriaSnapshot(`
      - heading "Devices" [level=1]
    `);
  });

  test('a device: what it is, what is wrong with it, and what it has', async ({ page, api, server, beside }) => {
    beside(simulate(server, ['--devices', '1']));
    const device = new DevicePage(page, await deviceWith(api, [3]));
    await device.openAt('/3/0');
    await expect(page.getByRole('main')).toMatchAriaSnapshot(`
      - main:
        - navigation "You are here":
          - link "Devices"
        - heading /urn:dev:ops:.*/ [level=1]
        - term: Manufacturer
        - definition: Norrvik Instruments
        - status: /State. Online/
        - group:
          - heading "Diagnosis" [level=2]
        - group:
          - heading "Queue" [level=2]
        - group:
          - heading "Security" [level=2]
        - tablist "About this device":
          - tab "Objects" [selected]
          - tab "Live"
          - tab "Timeline"
          - tab "Messages"
          - tab "Access"
          - tab "Settings"
    `);
    await expect(page.getByRole('treegrid', { name: 'Objects of the device' })).toMatchAriaSnapshot(`
      - treegrid "Objects of the device":
        - rowgroup:
          - row:
            - columnheader "Name"
            - columnheader "Path"
            - columnheader "Value"
            - columnheader "Age"
            - columnheader "Actions"
        - rowgroup:
          - row /Device version 1.1/ [expanded] [level=1] [selected]:
            - gridcell:
              - button "Close /3/0"
          - row /Manufacturer/ [level=2]:
            - gridcell "Manufacturer"
            - gridcell "/3/0/0"
    `);
  });

  test('the form that makes a device known', async ({ page, api }) => {
    expect((await api.get('/session')).ok()).toBe(true);
    await page.goto('/provisioning');
    await expect(page.getByRole('tabpanel', { name: 'Devices' })).toMatchAriaSnapshot(`
      - tabpanel "Devices":
        - heading "Make a device known" [level=2]
        - textbox "Endpoint"
        - textbox "Label"
        - textbox "Group"
        - combobox "To register it proves itself by"
        - combobox "For its bootstrap by"
        - combobox "Bootstrap configuration"
        - button "Make it known"
        - region "Known, never seen":
          - heading "Known, never seen" [level=2]
          - status: 0 devices
    `);
  });

  test('the settings', async ({ page, api }) => {
    expect((await api.get('/session')).ok()).toBe(true);
    await page.goto('/settings/users');
    await expect(page.getByRole('main')).toMatchAriaSnapshot(`
      - heading "Settings" [level=1]
      - tablist "Settings":
        - tab "Account"
        - tab "Users" [selected]
        - tab "Tokens"
        - tab "Links"
        - tab "Server"
        - tab "About"
      - tabpanel "Users":
        - status: 1 user
        - button "Add a user"
        - region "Users":
          - table "Users":
            - rowgroup:
              - row "Name Role Last log-in Sessions Since Actions"
            - rowgroup:
              - row /admin \\(you\\) Administrator/
    `);
    await page.goto('/settings/account');
    await expect(page.getByRole('tabpanel')).toMatchAriaSnapshot(`
      - tabpanel "Account":
        - region "Account":
          - heading "Account" [level=2]
        - region "Appearance":
          - heading "Appearance" [level=2]
          - group "Theme":
            - radio "System"
            - radio "Light"
            - radio "Dark"
        - region "Password":
          - textbox "Old password"
          - textbox "New password"
          - textbox "New password, once more"
          - button "Change the password"
        - region "Sessions":
          - region "All sessions":
            - table "Sessions"
    `);
  });
});

/** Holds the next operation back, as a slow network does, until it is released. */
async function hold(page: Page): Promise<{ sent: Promise<void>; release: () => void }> {
  let release = (): void => undefined;
  let tellSent = (): void => undefined;
  const gate = new Promise<void>((resolve) => (release = resolve));
  const sent = new Promise<void>((resolve) => (tellSent = resolve));
  await page.route(
    /\/operations\?wait=/,
    async (route) => {
      tellSent();
      await gate;
      await route.continue();
    },
    { times: 1 },
  );
  return { sent, release: () => release() };
}

/*
 * Frames of events, written by hand from one that the server sent: a number for the kind of frame, the subscription, how
 * many, and each event with its sequence number first. Numbers are varints (shared/src/live.rs, postcard).
 */

const EVENTS = 3;
const VALUES = 3;

type Events = { id: number; sequence: number; rest: Buffer };

/** The event of a frame that holds one, and values. */
function readEvent(frame: Buffer): Events | undefined {
  if (frame[0] !== EVENTS) {
    return undefined;
  }
  let [id, at] = varint(frame, 1);
  let count: number;
  [count, at] = varint(frame, at);
  let sequence: number;
  [sequence, at] = varint(frame, at);
  const rest = frame.subarray(at);
  // Behind the time and the endpoint stands the kind of event.
  const [, afterTime] = varint(rest, 0);
  const [length, text] = varint(rest, afterTime);
  return count === 1 && rest[text + length] === VALUES ? { id, sequence, rest } : undefined;
}

function writeEvents(model: Events, first: number, count: number): Buffer {
  const parts = [Buffer.from([EVENTS]), written(model.id), written(count)];
  for (let index = 0; index < count; index++) {
    parts.push(written(first + index), model.rest);
  }
  return Buffer.concat(parts);
}

function varint(bytes: Buffer, from: number): [number, number] {
  let value = 0;
  let factor = 1;
  for (let at = from; ; at++) {
    const byte = bytes[at] ?? 0;
    value += (byte & 0x7f) * factor;
    factor *= 128;
    if (byte < 0x80) {
      return [value, at + 1];
    }
  }
}

function written(value: number): Buffer {
  const bytes: number[] = [];
  while (value > 0x7f) {
    bytes.push((value % 128) | 0x80);
    value = Math.floor(value / 128);
  }
  bytes.push(value);
  return Buffer.from(bytes);
}
