import { simulate } from '../fixtures/devices.ts';
import { expect, test } from '../fixtures/test.ts';
import { DevicesPage } from '../pages/devices.ts';

test.describe('devices', () => {
  test('an empty list says what to do next', async ({ page, api, server }) => {
    expect((await api.get('/devices')).ok()).toBe(true);
    await new DevicesPage(page).open();
    await expect(page.getByRole('main')).toContainText(/no device/i);
    await expect(page.getByRole('main'), 'where a device is to register').toContainText(new URL(server.coap).port);
  });

  test('simulated devices appear by themselves, with state and evidence', async ({ page, api, server, beside }) => {
    expect((await api.get('/devices')).ok()).toBe(true);
    const devices = new DevicesPage(page);
    await devices.open();
    await expect(devices.live).toBeVisible();
    beside(simulate(server, ['--devices', '5']));
    await expect(devices.rows).toHaveCount(5);
    for (const row of await devices.rows.all()) {
      await expect(row).toContainText(/Online|Asleep/);
    }
  });

  test('the order is chosen at the head and kept in the address', async ({ page, api, server, beside }) => {
    beside(simulate(server, ['--devices', '4']));
    await expect.poll(async () => (await api.devices()).length).toBe(4);
    const devices = new DevicesPage(page);
    await devices.open();
    await expect(devices.rows).toHaveCount(4);

    const names = () => devices.rows.getByRole('link').evaluateAll((links) => links.map((link) => link.textContent?.trim() ?? ''));
    const sorted = [...(await names())].sort();
    const head = devices.head('Endpoint');
    await head.getByRole('button').click();
    await expect(head).toHaveAttribute('aria-sort', /ascending|descending/);
    if ((await head.getAttribute('aria-sort')) === 'descending') {
      await head.getByRole('button').click();
    }
    await expect(head).toHaveAttribute('aria-sort', 'ascending');
    await expect.poll(names).toEqual(sorted);
    await head.getByRole('button').click();
    await expect(head).toHaveAttribute('aria-sort', 'descending');
    await expect.poll(names).toEqual([...sorted].reverse());
    await expect(page).toHaveURL(/sort=-endpoint/);

    await page.reload();
    await expect(head).toHaveAttribute('aria-sort', 'descending');
    await expect.poll(names).toEqual([...sorted].reverse());
  });

  test('a filter narrows the list and is kept in the address', async ({ page, api, server, beside }) => {
    beside(simulate(server, ['--devices', '3']));
    await expect.poll(async () => (await api.devices()).length).toBe(3);
    const devices = new DevicesPage(page);
    await devices.open();
    await expect(devices.rows).toHaveCount(3);
    const wanted = (await devices.rows.first().getByRole('link').first().textContent())?.trim() ?? '';

    await devices.filter.fill(wanted);
    await expect(devices.rows).toHaveCount(1);
    await expect(page).toHaveURL(/query=/);
    await page.reload();
    await expect(devices.filter).toHaveValue(wanted);
    await expect(devices.rows).toHaveCount(1);

    await devices.filter.fill('nothing-is-called-so');
    await expect(devices.rows).toHaveCount(0);
    await expect(page.getByRole('main')).toContainText(/no device/i);

    await devices.filter.fill('state:offline');
    await expect(devices.rows).toHaveCount(0);
    await devices.filter.fill('state:online');
    await expect(devices.rows).toHaveCount(3);
  });

  test.describe('with --demo', () => {
    test.use({ serverFlags: ['--demo'] });

    test('the page is alive at once', async ({ page, api }) => {
      expect((await api.get('/devices')).ok()).toBe(true);
      const devices = new DevicesPage(page);
      await devices.open();
      await expect.poll(() => devices.rows.count()).toBeGreaterThan(2);
      await expect(devices.rows.first()).toContainText(/Online|Asleep/);
    });
  });
});
