import type { Page } from '@playwright/test';
import { expectAccessible, expectNoOverflow } from '../fixtures/accessibility.ts';
import { simulate } from '../fixtures/devices.ts';
import { deviceWith } from '../fixtures/fleet.ts';
import { expect, test } from '../fixtures/test.ts';
import { DevicesPage } from '../pages/devices.ts';
import { LoginPage } from '../pages/login.ts';

/** A telephone, a tablet, a desk. */
const WIDTHS = [360, 768, 1280];
/** The widths between which what is on a page changes; axe takes its time. */
const AXE_WIDTHS = [360, 1280];

type Visit = { what: string; open: (page: Page) => Promise<void> };

/** Every page in every state that can be had without an operation, once it shows what it is about. */
function visits(endpoint: string): Visit[] {
  const tab = (name: string): Visit => ({
    what: `device, ${name}`,
    open: async (page) => {
      await page.goto(`/devices/${endpoint}/${name.toLowerCase()}`);
      await expect(page.getByRole('tab', { name, selected: true })).toBeVisible();
      await expect(page.getByRole('tabpanel')).not.toHaveAttribute('aria-busy', 'true');
    },
  });
  const place = (path: string, title: string): Visit => ({
    what: path,
    open: async (page) => {
      await page.goto(`/${path}`);
      await expect(page.getByRole('heading', { level: 1, name: title, exact: true })).toBeVisible();
      await expect(page.getByText('Loading…')).toHaveCount(0);
    },
  });
  return [
    {
      what: 'devices',
      open: async (page) => {
        await page.goto('/devices');
        await expect(new DevicesPage(page).row(endpoint)).toBeVisible();
      },
    },
    {
      what: 'devices, nothing found',
      open: async (page) => {
        await page.goto('/devices?query=nothing-is-called-so');
        await expect(page.getByText(/no device/i).first()).toBeVisible();
      },
    },
    tab('Objects'),
    tab('Live'),
    tab('Timeline'),
    tab('Messages'),
    tab('Access'),
    tab('Settings'),
    {
      what: 'device, several paths together',
      open: async (page) => {
        await page.goto(`/devices/${endpoint}`);
        await page.getByRole('button', { name: 'Several together…' }).click();
        await page.getByRole('dialog').getByRole('button', { name: /^Pick .*\/3\/0\/14$/ }).click();
        await page.getByRole('dialog').getByText('Write', { exact: true }).click();
        await expect(page.getByRole('dialog').locator('.form-row')).toBeVisible();
      },
    },
    ...['diagnosis', 'queue', 'security'].map(
      (part): Visit => ({
        what: `device, ${part}`,
        open: async (page) => {
          await page.goto(`/devices/${endpoint}?open=${part}`);
          await expect(page.locator(`#${part} ol, #${part} .fold-note`).first()).toBeVisible();
        },
      }),
    ),
    place('overview', 'Overview'),
    place('credentials', 'Credentials'),
    place('provisioning', 'Provisioning'),
    ...['import', 'configurations', 'configurations/+', 'configurations/+?as=json', 'waiting', 'sessions', 'connect', 'decommissioned'].map(
      (part) => place(`provisioning/${part}`, 'Provisioning'),
    ),
    place('models?query=3303', 'Object models'),
    place('models/3303', 'Temperature'),
    place('audit', 'Audit'),
    ...['account', 'users', 'tokens', 'links', 'server', 'about'].map((tab) => place(`settings/${tab}`, 'Settings')),
    {
      what: 'an unknown device',
      open: async (page) => {
        await page.goto('/devices/nobody');
        await expect(page.getByRole('main')).toContainText('nobody');
      },
    },
    {
      what: 'an unknown address',
      open: async (page) => {
        await page.goto('/nowhere');
        await expect(page.getByRole('main').getByRole('heading').first()).toBeVisible();
      },
    },
    {
      what: 'the account menu',
      open: async (page) => {
        await page.goto('/devices');
        await page.getByLabel(/^Account /).click();
        await expect(page.getByRole('button', { name: 'Log out' })).toBeVisible();
      },
    },
    {
      what: 'the palette',
      open: async (page) => {
        await page.goto(`/devices/${endpoint}`);
        await expect(page.getByRole('tabpanel')).not.toHaveAttribute('aria-busy', 'true');
        await page.keyboard.press('Control+k');
        await expect(page.getByRole('dialog').getByRole('combobox')).toBeFocused();
        await page.keyboard.type('e');
        await expect(page.getByRole('option', { name: endpoint })).toBeVisible();
      },
    },
    {
      what: 'the keyboard help',
      open: async (page) => {
        await page.goto('/devices');
        await expect(new DevicesPage(page).heading).toBeVisible();
        await page.keyboard.press('?');
        await expect(page.getByRole('dialog', { name: 'Keyboard' })).toBeVisible();
      },
    },
  ];
}

for (const colorScheme of ['light', 'dark'] as const) {
  test.describe(`every page, ${colorScheme}`, () => {
    test.use({ colorScheme });

    test('log in: axe finds nothing and nothing overflows', async ({ page }) => {
      const login = new LoginPage(page);
      await login.open();
      await expect(login.submit).toBeVisible();
      await checkAt(page, 'log in');
    });

    test('an empty list: axe finds nothing and nothing overflows', async ({ page, api }) => {
      expect((await api.get('/devices')).ok()).toBe(true);
      await page.goto('/devices');
      await expect(new DevicesPage(page).heading).toBeVisible();
      await checkAt(page, 'an empty list');
    });

    test('all others: axe finds nothing and nothing overflows', async ({ page, api, server, beside }) => {
      test.setTimeout(480_000);
      beside(simulate(server, ['--devices', '8']));
      const endpoint = await deviceWith(api, [3303]);
      await api.operation(endpoint, { op: 'read', path: '/3/0' });
      await api.operation(endpoint, { op: 'observe', path: '/3303/0/5700' });
      for (const { what, open } of visits(endpoint)) {
        await test.step(what, async () => {
          await open(page);
          await checkAt(page, what);
        });
      }
    });
  });
}

async function checkAt(page: Page, what: string): Promise<void> {
  for (const width of WIDTHS) {
    await page.setViewportSize({ width, height: 800 });
    await expectNoOverflow(page, `${what} at ${width}`);
    if (AXE_WIDTHS.includes(width)) {
      await expectAccessible(page, `${what} at ${width}`);
    }
  }
}
