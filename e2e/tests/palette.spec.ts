import type { Locator, Page } from '@playwright/test';
import { expectAccessible } from '../fixtures/accessibility.ts';
import { simulate } from '../fixtures/devices.ts';
import { deviceWith } from '../fixtures/fleet.ts';
import { PAGES_MODULE } from '../fixtures/modules.ts';
import { provision } from '../fixtures/registry.ts';
import { expect, test } from '../fixtures/test.ts';
import { DevicePage } from '../pages/device.ts';
import { DevicesPage } from '../pages/devices.ts';
import { LoginPage } from '../pages/login.ts';

/** The palette over any page. */
class Palette {
  readonly dialog: Locator;
  readonly input: Locator;
  readonly options: Locator;

  constructor(private readonly page: Page) {
    this.dialog = page.getByRole('dialog', { name: 'Go to, or do' });
    this.input = this.dialog.getByRole('combobox');
    this.options = this.dialog.getByRole('option');
  }

  async open(): Promise<void> {
    await this.page.keyboard.press('Control+k');
    await expect(this.input).toBeFocused();
  }

  group(name: string): Locator {
    return this.dialog.getByRole('group', { name });
  }

  option(text: string | RegExp): Locator {
    return this.options.filter({ hasText: text });
  }

  get active(): Locator {
    return this.dialog.getByRole('option', { selected: true });
  }

  /** Types, and goes to or does what is the best then. */
  async choose(typed: string, expected: string | RegExp): Promise<void> {
    await this.open();
    await this.page.keyboard.type(typed);
    await expect(this.active).toContainText(expected);
    await this.page.keyboard.press('Enter');
    await expect(this.dialog).toBeHidden();
  }
}

test.describe('the palette', () => {
  test('goes to any device and page, and acts, without a mouse', async ({ page, api, server, beside }) => {
    beside(simulate(server, ['--devices', '3']));
    const endpoint = await deviceWith(api, [3, 3303]);
    const palette = new Palette(page);
    await page.goto('/devices');
    await expect(new DevicesPage(page).heading).toBeVisible();

    await palette.choose(endpoint, endpoint);
    await expect(page).toHaveURL(`/devices/${endpoint}`);
    const device = new DevicePage(page, endpoint);
    await expect(device.row('/3/0')).toBeVisible();
    await expect(page.getByRole('main')).toBeFocused();

    await palette.choose('messa', 'Messages');
    await expect(device.tab('Messages')).toHaveAttribute('aria-selected', 'true');
    await palette.choose('what the device is', '/3/0');
    await expect(device.messages).toContainText('2.05');
    await palette.choose('reboot', 'Reboot…');
    await expect(page.getByRole('dialog', { name: /^Execute \/3\/0\/4/ })).toBeVisible();
    await expect(page, 'a link to it asks for nothing').toHaveURL(/objects\?path=\/3\/0\/4$/);
    await page.keyboard.press('Control+k');
    await expect(palette.dialog, 'nothing typed in a dialog is lost').toBeHidden();
    await page.keyboard.press('Escape');

    await palette.choose('prvimp', 'Provisioning › Import');
    await expect(page).toHaveURL('/provisioning/import');
    await palette.choose('upload', 'Upload an object definition');
    await expect(page.getByRole('dialog', { name: 'Upload a definition' })).toBeVisible();
    await expect(page).toHaveURL('/models');
    await page.keyboard.press('Escape');
    await palette.choose('dark', 'Theme: Dark');
    await expect(page.locator('html')).toHaveAttribute('data-theme', 'dark');
    await page.getByLabel(/^Account /).click();
    await expect(page.getByRole('radio', { name: 'Dark' }), 'the menu shows it too').toBeChecked();
    await page.keyboard.press('Escape');

    await palette.open();
    await expect(palette.group('Opened last').getByRole('option').first()).toContainText(endpoint);
    await page.keyboard.press('ArrowUp');
    await expect(palette.active, 'it goes round').toContainText('Log out');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await expect(page).toHaveURL(`/devices/${endpoint}`);
  });

  test('what is typed before it is loaded is not lost', async ({ page, api }) => {
    expect((await api.get('/session')).ok()).toBe(true);
    let load = () => {};
    const asked = new Promise<void>((resolve) => (load = resolve));
    await page.route(PAGES_MODULE, async (route) => {
      await asked;
      await route.continue();
    });
    const palette = new Palette(page);
    await page.goto('/devices');
    await expect(new DevicesPage(page).heading).toBeVisible();
    await page.keyboard.press('Control+k');
    await expect(palette.dialog).toBeVisible();
    await page.keyboard.type('au');
    await expect(palette.input, 'its module is held back').toHaveCount(0);
    load();
    await expect(palette.input).toHaveValue('au');
    await page.keyboard.type('dit');
    await expect(palette.input).toHaveValue('audit');
    await expect(palette.active).toContainText('Audit');
  });

  test('offers what can be done with the selected row, and gives the focus back', async ({ page, api, server, beside }) => {
    beside(simulate(server, ['--devices', '3']));
    const endpoint = await deviceWith(api, [3303]);
    const device = new DevicePage(page, endpoint);
    const palette = new Palette(page);
    expect((await api.get('/session')).ok()).toBe(true);
    await page.goto(`/devices/${endpoint}/objects?path=/3303/0/5700`);
    await expect(device.row('/3303/0/5700')).toBeVisible();
    await device.row('/3303/0/5700').focus();

    await palette.open();
    await page.keyboard.press('Escape');
    await expect(palette.dialog).toBeHidden();
    await expect(device.row('/3303/0/5700')).toBeFocused();
    await palette.choose('observe 5700', 'Observe /3303/0/5700');
    // What is offered next is what the page knows then, which may be later than what the server knows.
    const observed = device.row('/3303/0/5700').locator('.observed');
    await expect(observed).toHaveCount(1);
    await palette.choose('end 5700', 'End the observation of /3303/0/5700');
    await expect(observed).toHaveCount(0);
    await expect.poll(async () => (await (await api.get(`/devices/${endpoint}/observations`)).json()).items.length).toBe(0);

    const bundle = page.waitForEvent('download');
    await palette.choose('bundle', 'Download the support bundle');
    expect((await bundle).suggestedFilename()).toMatch(/\.zip$/);
  });

  test('an answer to what is not typed any more is dropped, and Enter waits for the one that is', async ({ page, api }) => {
    await provision(api, 30);
    const palette = new Palette(page);
    await page.goto('/overview');
    await expect(page.getByRole('heading', { name: 'Overview' })).toBeVisible();
    let release = () => {};
    const held = new Promise<void>((resolve) => (release = resolve));
    await page.route(/\/devices\?.*unit-0001/, async (route) => {
      await held;
      await route.continue();
    });
    await palette.open();
    await page.keyboard.type('unit-0001');
    const asked = page.waitForRequest(/unit-0001/);
    await asked;
    await page.keyboard.press('Backspace');
    await page.keyboard.type('2');
    await expect(palette.active).toContainText('unit-0002');
    const late = page.waitForResponse(/unit-0001/);
    release();
    await late;
    await expect(palette.active).toContainText('unit-0002');

    await page.keyboard.press('Control+A');
    await page.keyboard.type('unit-0023');
    await page.keyboard.press('Enter');
    await expect(page).toHaveURL('/devices/unit-0023');
  });

  test('says that the devices cannot be searched, and that nothing is called so', async ({ page, api, server }) => {
    expect((await api.get('/session')).ok()).toBe(true);
    const palette = new Palette(page);
    await page.goto('/overview');
    await expect(page.getByRole('heading', { name: 'Overview' })).toBeVisible();
    await palette.open();
    await page.keyboard.type('zzz');
    await expect(palette.options).toHaveCount(1);
    await expect(palette.options).toContainText('All devices that match “zzz”');
    await server.stop();
    await page.keyboard.type('z');
    await expect(palette.dialog.getByRole('alert')).toContainText('The server cannot be reached');
    await expectAccessible(page, 'the palette in trouble');
  });

  test('offers to a viewer what a viewer may', async ({ page, api, server, beside }) => {
    beside(simulate(server, ['--devices', '1']));
    const endpoint = await deviceWith(api, [3]);
    const viewer = { username: 'vera', password: 'correct horse battery' };
    expect((await api.post('/users', { name: viewer.username, password: viewer.password, role: 'viewer' })).ok()).toBe(true);
    await page.context().clearCookies();
    const login = new LoginPage(page);
    await login.open();
    await login.logIn(viewer);
    await expect(new DevicesPage(page).heading).toBeVisible();
    await page.goto(`/devices/${endpoint}`);
    await expect(new DevicePage(page, endpoint).row('/3/0')).toBeVisible();
    const palette = new Palette(page);
    await palette.open();
    await expect(palette.option('Copy the endpoint name')).toBeVisible();
    for (const title of ['Reboot…', 'Decommission…', 'Download the support bundle', 'Import devices from CSV', 'Add a user']) {
      await expect(palette.option(title)).toHaveCount(0);
    }
    await page.keyboard.type('audit');
    await expect(palette.group('Pages')).toHaveCount(0);
  });

  test('fills a telephone, where a finger opens, uses and closes it', async ({ page, api }) => {
    await provision(api, 3);
    await page.setViewportSize({ width: 360, height: 740 });
    await page.goto('/devices');
    await expect(new DevicesPage(page).heading).toBeVisible();
    const palette = new Palette(page);
    await page.getByRole('button', { name: 'Go to, or do' }).click();
    await expect(palette.input).toBeFocused();
    expect(await palette.dialog.boundingBox()).toEqual({ x: 0, y: 0, width: 360, height: 740 });
    await palette.dialog.getByRole('button', { name: 'Close' }).click();
    await expect(page.getByRole('button', { name: 'Go to, or do' })).toBeFocused();
    await page.getByRole('button', { name: 'Go to, or do' }).click();
    await palette.input.fill('unit-0002');
    await palette.option('unit-0002').filter({ hasNotText: 'All devices' }).click();
    await expect(page).toHaveURL('/devices/unit-0002');
  });
});
