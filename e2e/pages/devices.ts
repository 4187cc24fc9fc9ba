import type { Locator, Page } from '@playwright/test';
import { Frame } from './frame.ts';

/** The list of devices. */
export class DevicesPage {
  readonly frame: Frame;
  readonly heading: Locator;
  readonly filter: Locator;

  constructor(readonly page: Page) {
    this.frame = new Frame(page);
    this.heading = page.getByRole('heading', { name: 'Devices' });
    this.filter = page.getByRole('searchbox', { name: 'Filter the devices' });
  }

  async open(query = ''): Promise<void> {
    await this.page.goto(`/devices${query}`);
  }

  /** The feed's state when changes appear by themselves. */
  get live(): Locator {
    return this.frame.feed.getByText('Live', { exact: true });
  }

  row(endpoint: string): Locator {
    return this.page.getByRole('row').filter({ has: this.page.getByRole('link', { name: endpoint, exact: true }) });
  }

  /** Every row but the head. */
  get rows(): Locator {
    return this.page.getByRole('row').filter({ has: this.page.getByRole('link') });
  }

  head(column: string): Locator {
    return this.page.getByRole('columnheader', { name: column });
  }

  async openDevice(endpoint: string): Promise<void> {
    await this.row(endpoint).getByRole('link').first().click();
  }
}
