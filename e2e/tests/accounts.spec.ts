import type { Page } from '@playwright/test';
import type { Api } from '../fixtures/api.ts';
import { ADMIN } from '../fixtures/server.ts';
import { expect, test } from '../fixtures/test.ts';
import { Frame } from '../pages/frame.ts';
import { LoginPage } from '../pages/login.ts';

/** A page at an address, logged in as the administrator. */
async function openAt(page: Page, api: Api, path: string): Promise<void> {
  expect((await api.get('/session')).ok()).toBe(true);
  await page.goto(path);
}

test.describe('users', () => {
  test('one is added with a made-up password, logs in, gets another role and is removed', async ({ page, api, browser, server }) => {
    await openAt(page, api, '/settings/users');
    await page.getByRole('button', { name: 'Add a user' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Name').fill('ann');
    await dialog.getByLabel('Role').selectOption({ label: 'Operator' });
    await expect(dialog).toContainText('gives out links');
    await dialog.getByRole('button', { name: 'Add', exact: true }).click();
    const secret = dialog.getByText(/^[a-z2-8]{5}(-[a-z2-8]{5}){3}$/);
    await expect(secret).toBeVisible();
    const password = await secret.innerText();
    await dialog.getByRole('button', { name: 'I have it' }).click();
    await expect(dialog).toBeHidden();
    await expect.poll(() => page.content(), 'the password is gone from the page').not.toContain(password);

    const row = page.getByRole('row').filter({ hasText: 'ann' });
    await expect(row).toContainText('Operator');
    await expect(row).toContainText('Never');

    const other = await browser.newContext({ baseURL: server.url });
    const ann = await other.newPage();
    await new LoginPage(ann).open();
    await new LoginPage(ann).logIn({ username: 'ann', password });
    await expect(new Frame(ann).account).toBeVisible();

    await row.getByRole('button', { name: 'Change the role of ann' }).click();
    await dialog.getByLabel('Role').selectOption({ label: 'Viewer' });
    await dialog.getByRole('button', { name: 'Save' }).click();
    await expect(row).toContainText('Viewer');
    await expect(ann.getByRole('dialog', { name: 'Your session ended' })).toBeVisible();
    await ann.getByLabel('Password').fill(password);
    await ann.getByRole('button', { name: 'Log in' }).click();
    await expect(ann.getByRole('dialog')).toBeHidden();
    await ann.goto('/settings/users');
    await expect(ann.getByRole('main')).toContainText('takes the role Administrator');
    await expect(ann.getByRole('tab', { name: 'Users' })).toHaveCount(0);
    await other.close();

    await row.getByRole('button', { name: 'Remove ann' }).click();
    await expect(dialog).toContainText('the sessions end at once');
    await dialog.getByRole('button', { name: 'Remove', exact: true }).click();
    await expect(row).toBeHidden();
  });

  test('the last administrator is kept, and told so in place', async ({ page, api }) => {
    await openAt(page, api, '/settings/users');
    await page.getByRole('button', { name: 'Remove admin' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('button', { name: 'Remove', exact: true }).click();
    await expect(dialog.getByRole('alert')).toContainText('last administrator');
  });
});

test('a token is told once, used by a script and revoked', async ({ page, api, playwright, server }) => {
  await openAt(page, api, '/settings/tokens');
  await expect(page.getByText('No tokens yet')).toBeVisible();
  await page.getByRole('button', { name: 'Create a token' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Name').fill('nightly');
  await dialog.getByLabel('Note').fill('reads the meters');
  await dialog.getByLabel('Holds for').selectOption({ label: '30 days' });
  await dialog.getByRole('button', { name: 'Create', exact: true }).click();
  const secret = await dialog.getByText(/^muster_[0-9a-f]{64}$/).innerText();
  await dialog.getByRole('button', { name: 'I have it' }).click();

  const script = await playwright.request.newContext({ extraHTTPHeaders: { authorization: `Bearer ${secret}` } });
  const ask = async () => (await script.get(`${server.url}/api/v1/devices`)).status();
  expect(await ask()).toBe(200);
  await page.reload();
  const row = page.getByRole('row').filter({ hasText: 'nightly' });
  await expect(row).toContainText('reads the meters');
  await expect(row).toContainText('by admin');
  await expect(row).not.toContainText('Never');
  await row.getByRole('button', { name: 'Revoke nightly' }).click();
  await dialog.getByRole('button', { name: 'Revoke', exact: true }).click();
  await expect(row).toBeHidden();
  expect(await ask()).toBe(401);
  await script.dispose();
});

test.describe('the own account', () => {
  test('the password is changed with the old one, which ends the other sessions', async ({ page, api, browser, server }) => {
    const other = await browser.newContext({ baseURL: server.url });
    const elsewhere = await other.newPage();
    await new LoginPage(elsewhere).open();
    await new LoginPage(elsewhere).logIn(ADMIN);
    await expect(new Frame(elsewhere).account).toBeVisible();

    await openAt(page, api, '/settings');
    await expect(page).toHaveURL(/\/settings$/);
    await page.getByLabel('Old password').fill('wrong');
    await page.getByLabel('New password', { exact: true }).fill('battery staple');
    await page.getByLabel('New password, once more').fill('battery');
    await page.getByRole('button', { name: 'Change the password' }).click();
    await expect(page.getByText('This is not the same.')).toBeVisible();
    await page.getByLabel('New password, once more').fill('battery staple');
    await page.getByRole('button', { name: 'Change the password' }).click();
    await expect(page.getByRole('alert')).toContainText('the old password is wrong');
    await page.getByLabel('Old password').fill(ADMIN.password);
    await page.getByRole('button', { name: 'Change the password' }).click();
    await expect(page.getByRole('log', { name: 'Messages' })).toContainText('was changed');
    await expect(page.getByRole('table', { name: 'Sessions' }).getByRole('row')).toHaveCount(2);
    await expect(elsewhere.getByRole('dialog', { name: 'Your session ended' })).toBeVisible();
    await other.close();
  });

  test('a session elsewhere is ended from here', async ({ page, api, browser, server }) => {
    const other = await browser.newContext({ baseURL: server.url, userAgent: 'Mozilla/5.0 (Windows NT 10.0) Firefox/133.0' });
    const elsewhere = await other.newPage();
    await new LoginPage(elsewhere).open();
    await new LoginPage(elsewhere).logIn(ADMIN);
    await expect(new Frame(elsewhere).account).toBeVisible();
    await openAt(page, api, '/settings/account');
    await page.getByRole('button', { name: 'End the session of Firefox on Windows' }).click();
    await expect(page.getByRole('row').filter({ hasText: 'Firefox on Windows' })).toBeHidden();
    await expect(elsewhere.getByRole('dialog', { name: 'Your session ended' })).toBeVisible();
    await other.close();
  });
});
