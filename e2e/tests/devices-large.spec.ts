import { readFile } from 'node:fs/promises';
import { simulate } from '../fixtures/devices.ts';
import { provision } from '../fixtures/registry.ts';
import { expect, test } from '../fixtures/test.ts';
import { DevicesPage } from '../pages/devices.ts';

const COUNT = 1200;

test.describe('a long list', () => {
  test('is there only where one looks, and its scroll bar is true to all of it', async ({ page, api }) => {
    const endpoints = await provision(api, COUNT);
    const devices = new DevicesPage(page);
    await devices.open();
    await expect(devices.link('unit-0000')).toBeVisible();
    await expect(devices.grid).toHaveAttribute('aria-rowcount', String(COUNT + 1));
    await expect(page.getByText(`1,200 devices`)).toBeVisible();
    expect(await devices.rows.count()).toBeLessThan(60);
    const height = () => page.evaluate(() => document.documentElement.scrollHeight);
    await expect.poll(height).toBeGreaterThan(COUNT * 36);
    const tall = await height();
    expect(tall).toBeLessThan(COUNT * 36 + 800);

    await page.evaluate((to) => window.scrollTo(0, to), tall / 2);
    const middle = devices.link('unit-0600');
    await expect(middle).toBeVisible();
    expect(await devices.rows.count()).toBeLessThan(60);
    await expect(devices.row('unit-0600')).toHaveAttribute('aria-rowindex', '602');
    await page.evaluate((to) => window.scrollTo(0, to), tall);
    await expect(devices.link(endpoints[COUNT - 1] ?? '')).toBeInViewport();
  });

  test('is walked by keyboard, selected by x and Shift, and left and come back to', async ({ page, api }) => {
    await provision(api, COUNT);
    const devices = new DevicesPage(page);
    const { keyboard } = page;
    await devices.open();
    await expect(devices.link('unit-0000')).toBeVisible();

    await keyboard.press('j');
    await expect(devices.link('unit-0000')).toBeFocused();
    await keyboard.press('ArrowDown');
    await expect(devices.link('unit-0001')).toBeFocused();
    await keyboard.press('x');
    await expect(devices.row('unit-0001')).toHaveAttribute('aria-selected', 'true');
    await keyboard.press('Shift+ArrowDown');
    await keyboard.press('Shift+ArrowDown');
    await expect(page.getByText('3 devices selected')).toBeVisible();
    await expect(devices.row('unit-0003')).toHaveAttribute('aria-selected', 'true');

    await keyboard.press('End');
    await expect(devices.link('unit-1199')).toBeFocused();
    await expect(devices.link('unit-1199')).toBeInViewport();
    await keyboard.press('PageUp');
    await expect(devices.link('unit-1199')).not.toBeFocused();
    await keyboard.press('Home');
    await expect(devices.link('unit-0000')).toBeFocused();
    await expect(page.getByText('3 devices selected'), 'selected rows that are away stay selected').toBeVisible();
    await keyboard.press('Escape');
    await expect(page.getByText('3 devices selected')).toBeHidden();

    // A row that is away takes the focus once it is there.
    const focused = devices.grid.getByRole('link').and(page.locator(':focus'));
    for (let pressed = 0; pressed < 4; pressed++) {
      const before = await focused.innerText();
      await keyboard.press('PageDown');
      await expect(focused).not.toHaveText(before);
    }
    const far = await focused.textContent();
    expect(Number(far?.slice(5))).toBeGreaterThan(40);
    await keyboard.press('Enter');
    await expect(page).toHaveURL(new RegExp(`/devices/${far}`));
    await page.goBack();
    await expect(page.getByRole('link', { name: far ?? '', exact: true })).toBeFocused();
    await expect(page).toHaveURL(new RegExp(`device=${far}`));
  });

  test('is filtered by a query that helps itself', async ({ page, api }) => {
    await provision(api, COUNT);
    const devices = new DevicesPage(page);
    const { keyboard } = page;
    await devices.open();
    await expect(devices.link('unit-0000')).toBeVisible();

    await devices.filter.focus();
    await keyboard.type('ta');
    await expect(devices.suggestions.getByRole('option', { name: /^tag:/ })).toBeVisible();
    await keyboard.press('ArrowDown');
    await keyboard.press('Enter');
    await expect(devices.filter).toHaveValue('tag:');
    await expect(devices.suggestions.getByRole('option', { name: 'site=bonn' })).toBeVisible();
    await keyboard.type('site=b');
    await devices.suggestions.getByRole('option', { name: 'site=bonn' }).click();
    await expect(page.getByText('600 of 1,200 devices match')).toBeVisible();
    await expect(devices.link('unit-0001')).toBeVisible();
    await expect(devices.link('unit-0000')).toHaveCount(0);
    await expect(page).toHaveURL(/query=tag:site%3Dbonn/);

    await keyboard.type('seen>soon');
    const alert = page.getByRole('alert').filter({ hasText: 'Not understood' });
    await expect(alert).toContainText("'soon' is neither a span of time");
    await expect(alert).toContainText('at character 20');
    await expect(page.locator('.query-marks u')).toHaveText('soon');
    await expect(devices.filter).toHaveAttribute('aria-invalid', 'true');
    await expect(page.getByText('600 of 1,200 devices match'), 'the list stays as it was').toBeVisible();
    await page.getByRole('button', { name: 'Clear the filter' }).click();
    await expect(alert).toHaveCount(0);
    await expect(page.getByText('1,200 devices', { exact: true })).toBeVisible();

    await devices.open('?query=state:gone');
    await expect(page.getByRole('main')).toContainText("there is no state 'gone'");
  });

  test('shows the columns one chooses, keeps views of them by name, and is saved as CSV', async ({ page, api, server, beside }) => {
    beside(simulate(server, ['--devices', '3']));
    await expect.poll(async () => (await api.devices()).length).toBe(3);
    const devices = new DevicesPage(page);
    await devices.open();
    await expect(devices.rows).toHaveCount(3);
    await expect.poll(() => devices.columns()).toContain('Firmware');

    await page.getByRole('button', { name: 'Columns' }).click();
    const dialog = page.getByRole('dialog', { name: 'Columns' });
    await dialog.getByLabel('Firmware', { exact: true }).uncheck();
    await dialog.getByLabel('Security', { exact: true }).check();
    await dialog.getByRole('button', { name: 'Move Endpoint to the left' }).click();
    await page.keyboard.press('Escape');
    const columns = ['Endpoint', 'State', 'Label', 'Model', 'Battery', 'Last seen', 'Next due', 'Security'];
    await expect.poll(() => devices.columns()).toEqual(columns);
    await expect(page).toHaveURL(/columns=endpoint,state/);
    await devices.open();
    await expect(devices.rows).toHaveCount(3);
    await expect.poll(() => devices.columns(), 'they are kept for the account').toEqual(columns);

    await devices.filter.fill('state:online');
    await expect(page).toHaveURL(/query=state:online/);
    await devices.head('Last seen').getByRole('button').click();
    await page.getByLabel('Saved views').click();
    await page.getByRole('button', { name: 'Save this view…' }).click();
    await page.getByLabel('Name').fill('What is up');
    await page.keyboard.press('Enter');
    await expect(page.getByText('The view “What is up” is saved')).toBeVisible();
    await devices.open();
    await page.getByLabel('Saved views').click();
    await page.getByRole('link', { name: 'What is up' }).click();
    await expect(devices.filter).toHaveValue('state:online');
    await expect(devices.head('Last seen')).toHaveAttribute('aria-sort', 'descending');

    const saved = page.waitForEvent('download');
    await page.getByRole('link', { name: 'Export all that match as CSV' }).click();
    const text = await readFile(await (await saved).path(), 'utf8');
    const lines = text.trimEnd().split('\r\n');
    expect(lines).toHaveLength(4);
    expect(lines[0]).toBe('endpoint,state,label,model,battery,last_seen,next_due,security');
    expect(lines[1]).toMatch(/^[^,]+,online,/);

    await page.getByLabel('Saved views').click();
    await page.getByRole('button', { name: 'Remove the view What is up' }).click();
    await expect(page.getByText('The view “What is up” is removed')).toBeVisible();
  });
});
