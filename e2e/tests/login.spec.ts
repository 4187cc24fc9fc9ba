import { ADMIN } from '../fixtures/server.ts';
import { expect, test } from '../fixtures/test.ts';
import { Frame } from '../pages/frame.ts';
import { LoginPage } from '../pages/login.ts';

test.describe('log in', () => {
  test('a wrong password is told, and the page stays shut', async ({ page }) => {
    const login = new LoginPage(page);
    await login.open();
    await login.logIn({ ...ADMIN, password: 'wrong' });
    await expect(page.getByText('Name and password do not match.')).toBeVisible();
    await expect(login.password).toBeFocused();
    await expect(page).toHaveURL(/\/login/);
  });

  test('missing entries are asked for without a request', async ({ page }) => {
    const login = new LoginPage(page);
    await login.open();
    await login.submit.click();
    await expect(page.getByText('Enter your name.')).toBeVisible();
    await expect(page.getByText('Enter your password.')).toBeVisible();
  });

  test('the right one opens the page that was asked for', async ({ page }) => {
    await page.goto('/devices?query=nobody');
    await expect(page).toHaveURL(/\/login\?/);
    await new LoginPage(page).logIn(ADMIN);
    await expect(page).toHaveURL(/\/devices\?query=nobody$/);
    await expect(page.getByRole('heading', { name: 'Devices' })).toBeVisible();
  });

  test('a session lasts over a reload and ends with the log out', async ({ page }) => {
    const login = new LoginPage(page);
    await login.open();
    await login.logIn(ADMIN);
    await expect(page).toHaveURL(/\/devices/);
    await page.reload();
    await new Frame(page).logOut();
    await expect(login.submit).toBeVisible();
    await page.goto('/devices');
    await expect(login.submit).toBeVisible();
  });
});
