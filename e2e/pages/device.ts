import { type Locator, type Page, expect } from '@playwright/test';
import { Frame } from './frame.ts';

export type DeviceTab = 'Objects' | 'Live' | 'Timeline' | 'Messages' | 'Access' | 'Settings';

/** The page of one device. */
export class DevicePage {
  readonly frame: Frame;
  readonly panel: Locator;
  readonly dialog: Locator;
  /** What the page tells of operations that came to an end. */
  readonly messages: Locator;
  readonly standing: Locator;

  constructor(
    readonly page: Page,
    readonly endpoint: string,
  ) {
    this.frame = new Frame(page);
    this.panel = page.getByRole('tabpanel');
    this.dialog = page.getByRole('dialog');
    this.messages = page.getByRole('log', { name: 'Messages' });
    this.standing = page.getByRole('status').filter({ hasText: 'State:' });
  }

  async open(tab: DeviceTab = 'Objects', query = ''): Promise<void> {
    await this.page.goto(`/devices/${encodeURIComponent(this.endpoint)}/${tab.toLowerCase()}${query}`);
    await expect(this.tab(tab)).toHaveAttribute('aria-selected', 'true');
  }

  /** Opens the tree at a path, with what can be done to it. */
  async openAt(path: string): Promise<void> {
    await this.open('Objects', `?path=${encodeURIComponent(path)}`);
    await expect(this.row(path)).toBeVisible();
    await expect(this.frame.feed).toHaveText('Live');
  }

  tab(name: DeviceTab): Locator {
    return this.page.getByRole('tab', { name });
  }

  row(path: string): Locator {
    return this.page.locator(`tr[data-path="${path}"]`);
  }

  /** A button of the tree that does something to a path. */
  action(word: string, path: string): Locator {
    return this.page.getByRole('button', { name: `${word} ${path}`, exact: true }).first();
  }

  /** The state's badge beside the device's name. */
  get state(): Locator {
    return this.page.locator('.device-head .badge');
  }

  async write(path: string, label: string, value: string): Promise<void> {
    await this.action('Write', path).click();
    await this.dialog.getByLabel(label, { exact: true }).fill(value);
    await this.dialog.getByRole('button', { name: 'Write', exact: true }).click();
    await expect(this.dialog).toBeHidden();
  }
}
