import type { Locator, Page } from '@playwright/test';

/** The log in page. */
export class LoginPage {
  readonly name: Locator;
  readonly password: Locator;
  readonly submit: Locator;

  constructor(private readonly page: Page) {
    this.name = page.getByRole('textbox', { name: 'Name' });
    this.password = page.getByLabel('Password');
    this.submit = page.getByRole('button', { name: 'Log in' });
  }

  async open(): Promise<void> {
    await this.page.goto('/login');
  }

  async logIn(account: { username: string; password: string }): Promise<void> {
    await this.name.fill(account.username);
    await this.password.fill(account.password);
    await this.submit.click();
  }
}
