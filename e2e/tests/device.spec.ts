import { simulate } from '../fixtures/devices.ts';
import { deviceWith } from '../fixtures/fleet.ts';
import { expect, test as base } from '../fixtures/test.ts';
import { DevicePage } from '../pages/device.ts';
import { DevicesPage } from '../pages/devices.ts';

/** The object with a resource of every type. */
const TEST_OBJECT = 3442;

/** A simulated device that has the objects a test needs, with its page. */
const test = base.extend<{ device: (...objects: number[]) => Promise<DevicePage> }>({
  device: async ({ page, api, server, beside }, use) => {
    await use(async (...objects) => {
      const fleet = objects.includes(TEST_OBJECT) ? ['--profile', 'test-object'] : ['--devices', '8'];
      beside(simulate(server, fleet));
      return new DevicePage(page, await deviceWith(api, objects));
    });
  },
});

test.describe('a device', () => {
  test('is reached from the list, with its state told by evidence', async ({ page, device }) => {
    const one = await device(3);
    const devices = new DevicesPage(page);
    await devices.open();
    await devices.openDevice(one.endpoint);
    await expect(page).toHaveURL(new RegExp(`/devices/${one.endpoint}`));
    await expect(one.state).toHaveText(/Online|Asleep/);
    await expect(page.locator('.evidence')).toContainText(/Last message .* lifetime ends/);
  });

  test('reads an instance', async ({ device }) => {
    const one = await device(3);
    await one.openAt('/3/0');
    await one.action('Read all', '/3/0').click();
    await expect(one.messages).toContainText('2.05');
    await expect(one.row('/3/0/0').locator('.value')).not.toContainText('not read yet');
    await expect(one.row('/3/0/0')).toContainText('read');
  });

  test('writes a resource, shows that it is not confirmed, and reads it back', async ({ device }) => {
    const one = await device(3);
    await one.openAt('/3/0/14');
    await one.write('/3/0/14', 'UTC Offset', '+02:00');
    await expect(one.messages).toContainText('2.04');
    await expect(one.row('/3/0/14').locator('.value')).toContainText('+02:00');
    await expect(one.row('/3/0/14')).toContainText('written, not confirmed');
    await one.action('Read', '/3/0/14').click();
    await expect(one.row('/3/0/14')).not.toContainText('not confirmed');
    await expect(one.row('/3/0/14').locator('.value')).toContainText('+02:00');
  });

  test('refuses a value that does not fit before it is sent', async ({ device }) => {
    const one = await device(TEST_OBJECT);
    await one.openAt('/3442/0/120');
    await one.action('Write', '/3442/0/120').click();
    await one.dialog.getByRole('textbox').first().fill('many');
    await one.dialog.getByRole('button', { name: 'Write', exact: true }).click();
    await expect(one.dialog).toContainText('Type a whole number');
    await one.page.keyboard.press('Escape');
    await expect(one.dialog).toBeHidden();
  });

  test('executes a resource', async ({ device }) => {
    const one = await device(TEST_OBJECT);
    await one.openAt('/3442/0/0');
    await one.action('Execute', '/3442/0/0').click();
    await one.dialog.getByRole('button', { name: 'Execute', exact: true }).click();
    await expect(one.dialog).toBeHidden();
    await expect(one.messages).toContainText('2.04');
  });

  test('tells a refusal in words', async ({ api, device }) => {
    const one = await device(3);
    const refused = await api.operation(one.endpoint, { op: 'read', path: '/3/9/0' });
    expect(refused).toMatchObject({ state: 'failed', code: '4.04' });
    expect(refused.message, 'a sentence').toMatch(/\w+ \w+/);
  });

  test('observes a resource: values arrive, the chart moves, and the observation ends', async ({ device }) => {
    const one = await device(3303);
    await one.openAt('/3303/0/5700');
    await one.action('Observe', '/3303/0/5700').click();
    await expect(one.row('/3303/0/5700')).toContainText('observed');
    await expect(one.row('/3303/0/5700')).toContainText('notified');
    const value = one.row('/3303/0/5700').locator('.value-text');
    const first = await value.textContent();
    await expect(value).not.toHaveText(first ?? '', { timeout: 20_000 });

    await one.action('Stop observing', '/3303/0/5700').click();
    await expect(one.row('/3303/0/5700').locator('.observed')).toHaveCount(0);
  });

  test('creates an instance and deletes it again', async ({ device }) => {
    const one = await device(TEST_OBJECT);
    await one.openAt('/3442');
    await one.action('Create', '/3442').click();
    await one.dialog.getByLabel('Instance id').fill('7');
    await one.dialog.getByRole('checkbox', { name: '/3442/0/110' }).check();
    await one.dialog.locator('.form-row', { hasText: '/3442/0/110' }).getByRole('textbox').fill('made by hand');
    await one.dialog.getByRole('button', { name: 'Create', exact: true }).click();
    await expect(one.dialog).toBeHidden();
    await expect(one.messages).toContainText('2.01');
    await expect(one.row('/3442/7')).toBeVisible();

    await one.openAt('/3442/7');
    await one.action('Delete', '/3442/7').click();
    await expect(one.dialog).toContainText('cannot be undone');
    await one.dialog.getByRole('button', { name: 'Delete', exact: true }).click();
    await expect(one.dialog).toBeHidden();
    await expect(one.messages).toContainText('2.02');
    await expect(one.row('/3442/7')).toHaveCount(0);
  });

  test('discovers what an object says of itself', async ({ device }) => {
    const one = await device(3);
    await one.openAt('/3/0');
    await one.action('Discover', '/3/0').click();
    await expect(one.dialog.getByRole('cell', { name: '/3/0/14', exact: true })).toBeVisible();
    await one.dialog.getByRole('button', { name: 'Close' }).first().click();
    await expect(one.dialog).toBeHidden();
  });

  test('goes through the tabs by keyboard', async ({ page, device }) => {
    const one = await device(3);
    await one.open();
    await one.tab('Objects').focus();
    await page.keyboard.press('ArrowRight');
    await expect(one.tab('Live')).toBeFocused();
    await page.keyboard.press('Enter');
    await expect(one.tab('Live')).toHaveAttribute('aria-selected', 'true');
    await expect(page).toHaveURL(/\/live$/);
    await page.goBack();
    await expect(one.tab('Objects')).toHaveAttribute('aria-selected', 'true');
  });

  test('takes a label', async ({ page, device }) => {
    const one = await device(3);
    await one.open();
    await page.getByRole('button', { name: 'Give it a label' }).click();
    await page.getByRole('textbox', { name: 'Label' }).fill('Pump, Dock Rd 16');
    await page.getByRole('button', { name: 'Save' }).click();
    await expect(page.getByRole('heading', { name: 'Pump, Dock Rd 16' })).toBeVisible();
    await page.goto('/devices?query=dock');
    await expect(new DevicesPage(page).row(one.endpoint)).toContainText('Pump, Dock Rd 16');
  });
});
