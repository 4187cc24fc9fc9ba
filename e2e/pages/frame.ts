import type { Locator, Page } from '@playwright/test';

/** What is around every page once somebody is logged in. */
export class Frame {
  readonly feed: Locator;
  readonly account: Locator;

  constructor(private readonly page: Page) {
    this.feed = page.locator('.feed');
    this.account = page.getByLabel(/^Account /);
  }

  async logOut(): Promise<void> {
    await this.account.click();
    await this.page.getByRole('button', { name: 'Log out' }).click();
  }

  async chooseTheme(theme: 'Light' | 'Dark' | 'System'): Promise<void> {
    await this.account.click();
    await this.page.getByRole('radio', { name: theme }).check({ force: true });
    await this.page.keyboard.press('Escape');
  }
}
