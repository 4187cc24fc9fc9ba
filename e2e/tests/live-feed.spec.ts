import { simulate } from '../fixtures/devices.ts';
import { expect, test } from '../fixtures/test.ts';
import { DevicesPage } from '../pages/devices.ts';

test.describe('the live feed', () => {
  test('a lost connection is told, and what was missed appears when it is back', async ({ page, api, server, beside }) => {
    expect((await api.get('/session')).ok()).toBe(true);
    const devices = new DevicesPage(page);
    await devices.open();
    await expect(devices.live).toBeVisible();

    await server.kill();
    await expect(devices.frame.feed).toHaveText(/Reconnecting/);

    await server.run();
    beside(simulate(server, ['--devices', '1']));
    await expect(devices.live).toBeVisible({ timeout: 30_000 });
    await expect(devices.rows).toHaveCount(1);
    await expect(devices.rows.first()).toContainText('Online');
  });

  test('two pages see the same device come', async ({ page, context, api, server, beside }) => {
    expect((await api.get('/session')).ok()).toBe(true);
    const first = new DevicesPage(page);
    const second = new DevicesPage(await context.newPage());
    for (const devices of [first, second]) {
      await devices.open();
      await expect(devices.live).toBeVisible();
    }
    beside(simulate(server, ['--devices', '1']));
    for (const devices of [first, second]) {
      await expect(devices.rows).toHaveCount(1);
    }
  });
});
