import { Keyboard } from '../fixtures/keyboard.ts';
import { ADMIN } from '../fixtures/server.ts';
import { expect, test } from '../fixtures/test.ts';
import { DevicesPage } from '../pages/devices.ts';
import { Frame } from '../pages/frame.ts';
import { LoginPage } from '../pages/login.ts';

test.describe('the settings by keyboard alone', () => {
  test('the theme is chosen, the password changed after every mistake, and one logs out', async ({ page, api }) => {
    expect((await api.get('/session')).ok()).toBe(true);
    const keyboard = new Keyboard(page);
    await page.goto('/devices');
    await expect(new DevicesPage(page).heading).toBeVisible();
    await keyboard.go('s', 'Settings');

    const look = page.getByRole('region', { name: 'Appearance' });
    await keyboard.to(look.getByRole('radio', { name: 'System' }));
    await keyboard.press('ArrowRight', 'ArrowRight');
    await expect(page.locator('html')).toHaveAttribute('data-theme', 'dark');
    await expect(look.getByRole('radio', { name: 'Dark' })).toBeFocused();
    await keyboard.seen();

    const [old, fresh, again] = ['Old password', 'New password', 'New password, once more'].map((label) => page.getByLabel(label, { exact: true }));
    if (old === undefined || fresh === undefined || again === undefined) {
      throw new Error('there are three fields');
    }
    await keyboard.fill(old, 'wrong');
    await keyboard.fill(fresh, 'short');
    await keyboard.press('Enter');
    await expect(fresh).toHaveAttribute('aria-invalid', 'true');
    await expect(fresh).toBeFocused();
    await keyboard.fill(fresh, 'battery staple');
    await keyboard.fill(again, 'battery');
    await keyboard.press('Enter');
    await expect(page.getByText('This is not the same.')).toBeVisible();
    await expect(again).toBeFocused();
    await keyboard.fill(again, 'battery staple');
    await keyboard.press('Enter');
    await expect(page.getByRole('alert')).toContainText('the old password is wrong');
    await expect(again).toBeFocused();
    await keyboard.fill(old, ADMIN.password);
    await keyboard.use(page.getByRole('button', { name: 'Change the password' }));
    await expect(page.getByRole('log', { name: 'Messages' })).toContainText('was changed');
    await expect(old).toHaveValue('');
    await keyboard.seen();

    const { account } = new Frame(page);
    await keyboard.use(account);
    const logOut = page.getByRole('button', { name: 'Log out' });
    await keyboard.to(logOut);
    await keyboard.press('Escape');
    await expect(logOut).toBeHidden();
    await expect(account).toBeFocused();
    await keyboard.press('Enter');
    await keyboard.use(logOut);
    const login = new LoginPage(page);
    await expect(login.name).toBeFocused();
    await keyboard.type(ADMIN.username);
    await keyboard.fill(login.password, 'battery staple');
    await keyboard.press('Enter');
    await expect(new DevicesPage(page).heading).toBeVisible();
    await keyboard.seen();
  });

  test('a user is added, gets another role and is removed', async ({ page, api }) => {
    expect((await api.get('/session')).ok()).toBe(true);
    const keyboard = new Keyboard(page);
    await page.goto('/devices');
    await expect(new DevicesPage(page).heading).toBeVisible();
    await keyboard.go('s', 'Settings');
    await keyboard.tab('Users');
    await expect(page).toHaveURL(/\/settings\/users$/);
    const add = page.getByRole('button', { name: 'Add a user' });
    await keyboard.use(add);
    const dialog = page.getByRole('dialog');
    await expect(dialog.getByLabel('Name')).toBeFocused();
    await keyboard.press('Enter');
    await expect(dialog.getByText('Enter a name.')).toBeVisible();
    await keyboard.type('ann');
    await keyboard.choose(dialog.getByLabel('Role'), 'Viewer');
    await keyboard.to(dialog.getByLabel('Password'));
    await keyboard.type('battery staple');
    await keyboard.press('Enter');
    await expect(dialog).toBeHidden();
    await expect(add).toBeFocused();
    const row = page.getByRole('row').filter({ hasText: 'ann' });
    await expect(row).toContainText('Viewer');

    const role = page.getByRole('button', { name: 'Change the role of ann' });
    await keyboard.use(role);
    await expect(dialog.getByLabel('Role')).toBeFocused();
    await keyboard.choose(dialog.getByLabel('Role'), 'Support');
    await keyboard.use(dialog.getByRole('button', { name: 'Save' }));
    await expect(row).toContainText('Support');
    await expect(dialog).toBeHidden();
    await keyboard.seen();

    const remove = page.getByRole('button', { name: 'Remove ann' });
    await keyboard.use(remove);
    await keyboard.press('Escape');
    await expect(dialog).toBeHidden();
    await expect(remove).toBeFocused();
    await keyboard.press('Enter');
    await keyboard.use(dialog.getByRole('button', { name: 'Remove', exact: true }));
    await expect(row).toBeHidden();
    await expect(dialog).toBeHidden();
    await keyboard.seen();
  });

  test('a token is created, told once and revoked', async ({ page, api }) => {
    expect((await api.get('/session')).ok()).toBe(true);
    const keyboard = new Keyboard(page);
    await page.goto('/devices');
    await expect(new DevicesPage(page).heading).toBeVisible();
    await keyboard.go('s', 'Settings');
    await keyboard.tab('Tokens');
    const create = page.getByRole('button', { name: 'Create a token' });
    await keyboard.use(create);
    const dialog = page.getByRole('dialog');
    await expect(dialog.getByLabel('Name')).toBeFocused();
    await keyboard.type('nightly');
    await keyboard.choose(dialog.getByLabel('Holds for'), '30 days');
    await keyboard.use(dialog.getByRole('button', { name: 'Create', exact: true }));
    await expect(dialog.getByText(/^muster_[0-9a-f]{64}$/)).toBeVisible();
    await keyboard.seen();
    await keyboard.use(dialog.getByRole('button', { name: 'I have it' }));
    await expect(dialog).toBeHidden();
    await expect(create).toBeFocused();
    const revoke = page.getByRole('button', { name: 'Revoke nightly' });
    await keyboard.use(revoke);
    await keyboard.use(dialog.getByRole('button', { name: 'Revoke', exact: true }));
    await expect(page.getByText('No tokens yet')).toBeVisible();
    await expect(dialog).toBeHidden();
    await keyboard.seen();

    for (const tab of ['Links', 'Server', 'About']) {
      await keyboard.tab(tab);
    }
  });
});
