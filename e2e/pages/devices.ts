import type { Locator, Page } from '@playwright/test';
import { Frame } from './frame.ts';

/** The list of devices. */
export class DevicesPage {
  readonly frame: Frame;
  readonly heading: Locator;
  readonly filter: Locator;
  readonly grid: Locator;
  readonly suggestions: Locator;

  constructor(readonly page: Page) {
    this.frame = new Frame(page);
    this.heading = page.getByRole('heading', { name: 'Devices' });
    this.filter = page.getByRole('combobox', { name: 'Filter the devices' });
    this.grid = page.getByRole('grid', { name: 'Devices' });
    this.suggestions = page.getByRole('listbox', { name: 'Suggestions' });
  }

  async open(query = ''): Promise<void> {
    await this.page.goto(`/devices${query}`);
  }

  /** The feed's state when changes appear by themselves. */
  get live(): Locator {
    return this.frame.feed.getByText('Live', { exact: true });
  }

  row(endpoint: string): Locator {
    return this.page.getByRole('row').filter({ has: this.link(endpoint) });
  }

  link(endpoint: string): Locator {
    return this.page.getByRole('link', { name: endpoint, exact: true });
  }

  /** Every row but the head; of a long list those that are in sight, and some beside them. */
  get rows(): Locator {
    return this.page.getByRole('row').filter({ has: this.page.getByRole('link') });
  }

  head(column: string): Locator {
    return this.page.getByRole('columnheader', { name: column });
  }

  /** What the heads say, from left to right, without that of the check boxes. */
  async columns(): Promise<string[]> {
    const heads = await this.page.getByRole('columnheader').filter({ visible: true }).allTextContents();
    return heads.map((head) => head.trim()).filter((head) => head !== 'Selected');
  }

  async openDevice(endpoint: string): Promise<void> {
    await this.row(endpoint).getByRole('link').first().click();
  }
}
