import { simulate } from '../fixtures/devices.ts';
import { deviceWith } from '../fixtures/fleet.ts';
import { Keyboard } from '../fixtures/keyboard.ts';
import { ADMIN } from '../fixtures/server.ts';
import { expect, test } from '../fixtures/test.ts';
import { DevicesPage } from '../pages/devices.ts';
import { LoginPage } from '../pages/login.ts';

/** What each page is for, done by keys alone. */
test.describe('by keyboard alone', () => {
  test('one logs in, after a mistake, and sees the fleet over time and its devices', async ({ page, api, server, beside, context }) => {
    beside(simulate(server, ['--devices', '2']));
    const endpoint = await deviceWith(api, [3]);
    await context.clearCookies();
    const keyboard = new Keyboard(page);
    const login = new LoginPage(page);

    await page.goto('/overview');
    await expect(login.name).toBeFocused();
    await keyboard.seen();
    await keyboard.type(ADMIN.username);
    await keyboard.press('Tab');
    await expect(login.password).toBeFocused();
    await keyboard.type('wrong');
    await keyboard.press('Enter');
    await expect(page.getByText('Name and password do not match.')).toBeVisible();
    await expect(login.password).toBeFocused();
    await keyboard.fill(login.password, ADMIN.password);
    await keyboard.press('Enter');
    await expect(page.getByRole('heading', { level: 1, name: 'Overview' })).toBeVisible();
    await keyboard.seen();

    const panel = page.getByRole('region', { name: 'Registrations and messages' });
    await keyboard.to(panel.getByRole('radio', { name: '10 min' }));
    await keyboard.press('ArrowRight');
    await expect(page).toHaveURL(/span=1h/);
    await expect(panel.getByRole('radio', { name: '1 h' })).toBeFocused();
    await keyboard.seen();
    await keyboard.to(panel.getByRole('img', { name: /^Registrations/ }));
    await keyboard.press('End');
    await expect(panel).toContainText(/registered \d+, updated \d+/);
    await keyboard.press('Escape');
    await expect(panel).not.toContainText(/registered \d+, updated \d+/);
    await keyboard.use(panel.getByText('The same as a table'));
    await keyboard.to(panel.getByRole('region', { name: 'Registrations and messages over time' }));
    await keyboard.to(panel.getByText('The same as a table'), { by: 'Shift+Tab' });
    await keyboard.press('Enter');
    await expect(panel.getByRole('table')).toHaveCount(0);

    await keyboard.use(page.getByRole('navigation', { name: 'Devices by state' }).getByRole('link', { name: /^Online/ }));
    await expect(page).toHaveURL(/\/devices\?query=state/);
    const devices = new DevicesPage(page);
    await expect(devices.link(endpoint)).toBeVisible();
    await expect(page.getByRole('main')).toBeFocused();
    await keyboard.press('j');
    await expect(devices.grid.getByRole('link').first()).toBeFocused();
    await keyboard.seen();
  });

  test('a credential is added, a mistake in it mended, and it is removed', async ({ page, api }) => {
    expect((await api.get('/session')).ok()).toBe(true);
    const keyboard = new Keyboard(page);
    await page.goto('/devices');
    await expect(new DevicesPage(page).heading).toBeVisible();
    await keyboard.go('k', 'Credentials');
    await expect(page.getByText('No credentials yet')).toBeVisible();

    const add = page.getByRole('button', { name: 'Add', exact: true });
    await keyboard.use(add);
    const dialog = page.getByRole('dialog');
    await expect(dialog.getByLabel('Endpoint')).toBeFocused();
    await keyboard.press('Escape');
    await expect(dialog).toBeHidden();
    await expect(add).toBeFocused();
    await keyboard.press('Enter');
    await expect(dialog.getByLabel('Endpoint')).toBeFocused();
    await keyboard.type('pump-7');
    await keyboard.fill(dialog.getByLabel('Key, in hexadecimal'), 'no hex');
    await keyboard.press('Enter');
    await expect(dialog.getByRole('alert')).toContainText('hexadecimal');
    await keyboard.fill(dialog.getByLabel('Key, in hexadecimal'), '00112233445566778899aabbccddeeff');
    await keyboard.press('Enter');
    await expect(dialog).toBeHidden();
    await expect(page.getByRole('row').filter({ hasText: 'pump-7' })).toContainText('Pre-shared key');
    await expect(add).toBeFocused();

    await keyboard.use(page.getByRole('button', { name: 'Generate a key' }));
    await expect(dialog.getByLabel('Endpoint')).toBeFocused();
    await keyboard.type('pump-8');
    await keyboard.press('Enter');
    await expect(dialog).toContainText('Copy the key now');
    await keyboard.seen();
    await keyboard.use(dialog.getByRole('button', { name: 'I have it' }));
    await expect(dialog).toBeHidden();
    await expect(page.getByRole('button', { name: 'Generate a key' })).toBeFocused();

    await keyboard.to(page.getByRole('searchbox', { name: 'Find a credential' }));
    await keyboard.type('pump-7');
    await expect(page).toHaveURL(/query=pump-7/);
    await expect(page.getByRole('row').filter({ hasText: 'pump-8' })).toHaveCount(0);
    await expect(page.getByRole('searchbox', { name: 'Find a credential' })).toBeFocused();
    const remove = page.getByRole('button', { name: 'Remove the credential of pump-7' });
    await keyboard.use(remove);
    await expect(dialog).toBeVisible();
    await keyboard.seen();
    await keyboard.press('Escape');
    await expect(remove).toBeFocused();
    await keyboard.press('Enter');
    await keyboard.use(dialog.getByRole('button', { name: 'Remove', exact: true }));
    await expect(dialog).toBeHidden();
    await expect(page.getByRole('heading', { name: /^No credential/ })).toBeVisible();
    await keyboard.seen();
    expect((await api.get('/credentials/pump-7')).status()).toBe(404);
  });

  test('a definition is found, one is uploaded after a wrong file, and removed', async ({ page, api }) => {
    expect((await api.get('/session')).ok()).toBe(true);
    const keyboard = new Keyboard(page);
    await page.goto('/devices');
    await expect(new DevicesPage(page).heading).toBeVisible();
    await keyboard.go('m', 'Object models');
    const find = page.getByRole('searchbox', { name: 'Find a definition' });
    await keyboard.to(find);
    await keyboard.type('3303');
    await expect(page.getByRole('row').filter({ hasText: 'Temperature' })).toHaveCount(2);
    await keyboard.use(page.getByRole('link', { name: 'Temperature', exact: true }));
    await expect(page.getByRole('heading', { level: 1, name: 'Temperature' })).toBeVisible();
    await expect(page.getByRole('main')).toBeFocused();
    await keyboard.go('m', 'Object models');

    const upload = page.getByRole('button', { name: 'Upload a definition' });
    await keyboard.use(upload);
    const dialog = page.getByRole('dialog', { name: 'Upload a definition' });
    const file = dialog.getByLabel('DDF file');
    await expect(file).toBeFocused();
    await keyboard.seen();
    await file.setInputFiles({ name: 'wrong.xml', mimeType: 'application/xml', buffer: Buffer.from('<LWM2M>\n<Object>') });
    await expect(dialog.getByRole('alert')).toContainText(/line \d/);
    await file.setInputFiles({ name: 'valve.xml', mimeType: 'application/xml', buffer: Buffer.from(VALVE) });
    await expect(dialog).toContainText('Valve of the greenhouse');
    await keyboard.seen();
    await keyboard.press('Escape');
    await expect(dialog).toBeHidden();
    await expect(upload).toBeFocused();

    await keyboard.to(find);
    await keyboard.type('greenhouse');
    await expect(page).toHaveURL(/query=greenhouse/);
    await keyboard.use(page.getByRole('link', { name: 'Valve of the greenhouse' }));
    await expect(page.getByRole('heading', { level: 1, name: 'Valve of the greenhouse' })).toBeVisible();
    await keyboard.use(page.getByRole('button', { name: 'Remove', exact: true }));
    const question = page.getByRole('dialog', { name: 'Remove the definition' });
    await keyboard.use(question.getByRole('button', { name: 'Remove', exact: true }));
    await expect(page).toHaveURL(/\/models$/);
    await keyboard.seen();
  });

  test('the audit log is read back and narrowed to a device', async ({ page, api }) => {
    test.setTimeout(90_000);
    for (let number = 0; number < 110; number++) {
      expect((await api.post('/devices', { endpoint: `pump-${number}` })).status()).toBe(201);
    }
    const keyboard = new Keyboard(page);
    await page.goto('/devices');
    await expect(new DevicesPage(page).heading).toBeVisible();
    await keyboard.go('a', 'Audit');
    const rows = page.getByRole('table', { name: 'Audit log' }).getByRole('row');
    await expect(rows).toHaveCount(101);
    const older = page.getByRole('button', { name: 'Older entries' });
    // It is the last of the page.
    await keyboard.to(older, { by: 'Shift+Tab' });
    await keyboard.press('Enter');
    await expect.poll(() => rows.count()).toBeGreaterThan(110);
    await expect(older).toHaveCount(0);
    await keyboard.seen();

    await keyboard.to(page.getByRole('searchbox', { name: 'Entries of one device' }));
    await keyboard.type('pump-3');
    await expect(page).toHaveURL(/device=pump-3$/);
    await expect(rows).toHaveCount(2);
    await keyboard.use(page.getByRole('button', { name: 'Read again' }));
    await keyboard.use(rows.getByRole('link', { name: 'pump-3' }));
    await expect(page).toHaveURL('/devices/pump-3');
    await expect(page.getByRole('main')).toBeFocused();
  });
});

const VALVE = `<?xml version="1.0"?>
<LWM2M><Object ObjectType="MODefinition"><Name>Valve of the greenhouse</Name><Description1>Opens and shuts.</Description1>
<ObjectID>32770</ObjectID><ObjectURN>urn:oma:lwm2m:x:32770</ObjectURN><MultipleInstances>Single</MultipleInstances>
<Mandatory>Optional</Mandatory><Resources><Item ID="1"><Name>Opening</Name><Operations>RW</Operations>
<MultipleInstances>Single</MultipleInstances><Mandatory>Mandatory</Mandatory><Type>Integer</Type>
<RangeEnumeration>0..100</RangeEnumeration><Units>%</Units><Description>How far.</Description></Item></Resources></Object></LWM2M>`;
