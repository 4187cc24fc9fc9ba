import { simulate } from '../fixtures/devices.ts';
import { deviceWith } from '../fixtures/fleet.ts';
import { expect, test as base } from '../fixtures/test.ts';
import { DevicePage } from '../pages/device.ts';

/** A simulated device with its page. */
const test = base.extend<{ device: DevicePage }>({
  device: async ({ page, api, server, beside }, use) => {
    beside(simulate(server, ['--devices', '8']));
    await use(new DevicePage(page, await deviceWith(api, [3, 3303])));
  },
});

test.describe('several paths in one message', () => {
  test('are picked, saved by name, and read together', async ({ page, api, device }) => {
    await device.open();
    await page.getByRole('button', { name: 'Several together…' }).click();
    const dialog = device.dialog;
    await dialog.getByLabel('Paths', { exact: true }).fill('/3/0/13');
    await dialog.getByRole('button', { name: /^Pick .*\/3\/0\/13$/ }).click();
    await dialog.getByLabel('Paths', { exact: true }).fill('sensor value');
    await dialog.getByRole('button', { name: /^Pick .*\/3303\/0\/5700$/ }).click();
    await dialog.getByRole('button', { name: 'Save these…' }).click();
    await dialog.getByLabel('Name of the set').fill('clock and heat');
    await dialog.getByRole('button', { name: 'Save', exact: true }).click();
    await expect(dialog.getByRole('list', { name: 'Saved sets' })).toContainText('clock and heat');
    await dialog.getByRole('button', { name: 'Send', exact: true }).click();
    await expect(dialog).toBeHidden();
    await expect(device.messages).toContainText('Read together: 2.05');
    await expect(device.row('/3303/0/5700').locator('.value')).not.toContainText('not read yet');
    expect(await (await api.get('/path-sets')).json()).toMatchObject({
      items: [{ name: 'clock and heat', paths: ['/3/0/13', '/3303/0/5700'], shared: false }],
    });
  });

  test('are written together, by keyboard, from a saved set', async ({ page, api, device }) => {
    await api.post('/path-sets', { name: 'zone', paths: ['/3/0/14', '/3/0/15'], shared: true });
    await device.open();
    await page.getByRole('button', { name: 'Several together…' }).focus();
    await page.keyboard.press('Enter');
    await device.dialog.getByRole('button', { name: 'zone', exact: true }).focus();
    await page.keyboard.press('Enter');
    await expect(device.dialog.getByRole('list', { name: 'Picked', exact: true }).getByRole('listitem')).toHaveCount(2);
    await device.dialog.getByRole('radio', { name: 'Read' }).focus();
    await page.keyboard.press('ArrowRight');
    await device.dialog.locator('.form-row', { hasText: '/3/0/14' }).getByRole('textbox').fill('+05:30');
    await device.dialog.locator('.form-row', { hasText: '/3/0/15' }).getByRole('textbox').fill('Asia/Kolkata');
    await page.keyboard.press('Enter');
    await expect(device.dialog).toBeHidden();
    await expect(device.messages).toContainText('Write together: 2.04');
    await expect(device.row('/3/0/15').locator('.value')).toContainText('Asia/Kolkata');
  });

  test('are observed together, and let go', async ({ page, api, device }) => {
    await api.post('/path-sets', { name: 'heat', paths: ['/3303/0/5700'] });
    await device.open();
    await page.getByRole('button', { name: 'Several together…' }).click();
    await device.dialog.getByRole('button', { name: 'heat', exact: true }).click();
    await device.dialog.getByText('Observe', { exact: true }).click();
    await device.dialog.getByRole('button', { name: 'Send', exact: true }).click();
    await expect(device.dialog).toBeHidden();
    await page.getByRole('button', { name: 'Several together…' }).click();
    await device.dialog.getByRole('button', { name: 'Stop observing' }).click();
    await expect(device.dialog).not.toContainText('Observed together now');
  });

  test('nothing is sent before something is picked', async ({ page, device }) => {
    await device.open();
    await page.getByRole('button', { name: 'Several together…' }).click();
    await device.dialog.getByRole('button', { name: 'Send', exact: true }).click();
    await expect(device.dialog.getByRole('alert')).toContainText('Pick at least one path');
  });
});

test.describe('what a device leaves behind', () => {
  test('Live: the past comes from the store, is zoomed into and saved as CSV', async ({ page, api, server, device }) => {
    for (let turn = 0; turn < 3; turn += 1) {
      await api.operation(device.endpoint, { op: 'read', path: '/3303/0/5700' });
    }
    await server.stop();
    await server.run();
    await device.open('Live', '?path=/3303/0/5700&window=1d');
    const chart = page.getByRole('img', { name: /^Line chart of/ });
    await expect(chart).toBeVisible();
    await page.getByText('The latest values as a table').click();
    const rows = page.getByRole('region', { name: 'Latest values' }).getByRole('row');
    await expect.poll(() => rows.count(), { message: 'numbers from before the restart' }).toBeGreaterThan(3);
    await page.getByRole('button', { name: 'Zoom in' }).click();
    await expect(page).toHaveURL(/zoom=\d+_\d+/);
    await chart.focus();
    await page.keyboard.press('0');
    await expect(page).not.toHaveURL(/zoom=/);
    const saved = page.waitForEvent('download');
    await page.getByRole('button', { name: 'CSV' }).click();
    const file = await saved;
    expect(file.suggestedFilename()).toMatch(/\.csv$/);
    const text = await readAll(await file.createReadStream());
    expect(text).toMatch(/^time,path,value\r\n\d{4}-\d\d-\d\dT[^,]+,\/3303\/0\/5700,-?\d/);
  });

  test('Messages: a capture is armed, and everything is had as files', async ({ page, api, device }) => {
    await device.open('Messages');
    await page.getByRole('button', { name: 'Capture…' }).click();
    await device.dialog.getByLabel('For').selectOption('1 day');
    await device.dialog.getByRole('button', { name: 'Begin' }).click();
    await expect(device.panel).toContainText(/Captures, ends in 23 h 59 min: \d+ messages? kept/);
    await api.operation(device.endpoint, { op: 'read', path: '/3/0/0' });
    await expect(device.panel).toContainText(/: [1-9]\d* messages? kept/, { timeout: 15_000 });
    for (const [link, ending] of [
      ['pcapng', /\.pcapng$/],
      ['JSON', /\.json$/],
    ] as const) {
      const saved = page.waitForEvent('download');
      await device.panel.getByRole('link', { name: link }).click();
      expect((await saved).suggestedFilename()).toMatch(ending);
    }
    await page.getByRole('button', { name: 'End and throw away' }).click();
    await expect(device.panel).toContainText('A capture keeps this one');
  });

  test('Messages: kinds of messages are chosen', async ({ page, api, device }) => {
    await api.operation(device.endpoint, { op: 'read', path: '/3/9/0' });
    await device.open('Messages');
    const rows = device.panel.getByRole('region', { name: 'Messages' }).getByRole('row');
    await expect(rows.filter({ hasText: 'GET' }).first()).toBeVisible();
    await page.getByLabel('Which messages').selectOption('Errors and repeats');
    await expect(page).toHaveURL(/kind=trouble/);
    await expect(rows.filter({ hasText: '4.04' }).first()).toBeVisible();
    await expect(rows.filter({ hasText: 'GET' })).toHaveCount(0);
  });

  test('a support bundle is saved', async ({ page, device }) => {
    await device.open();
    const saved = page.waitForEvent('download');
    await page.getByRole('link', { name: 'Support bundle' }).click();
    const file = await saved;
    expect(file.suggestedFilename()).toMatch(/\.zip$/);
    expect((await readAll(await file.createReadStream())).slice(0, 2)).toBe('PK');
  });

  test('Access: a device without access control says so', async ({ device }) => {
    await device.open('Access');
    await expect(device.panel).toContainText(/Every server may do everything|Not read yet|Server \d/);
  });
});

async function readAll(stream: NodeJS.ReadableStream): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of stream) {
    parts.push(Buffer.from(part));
  }
  return Buffer.concat(parts).toString('latin1');
}
