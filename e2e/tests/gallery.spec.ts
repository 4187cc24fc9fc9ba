import { expectAccessible, expectNoOverflow } from '../fixtures/accessibility.ts';
import { expect, test } from '../fixtures/test.ts';

/** The release page is cut into modules, a development page is not; and only that one has the gallery. */
const isRelease = async (load: () => Promise<string>): Promise<boolean> => (await load()).includes('/modules-');

for (const colorScheme of ['light', 'dark'] as const) {
  test.describe(`the gallery, ${colorScheme}`, () => {
    test.use({ colorScheme });

    test('axe finds nothing in any primitive, and a release has no gallery', async ({ page, api, request }) => {
      test.setTimeout(480_000);
      expect((await api.get('/session')).ok()).toBe(true);
      await page.goto('/gallery');
      if (await isRelease(async () => (await request.get('/')).text())) {
        await expect(page.getByRole('main')).not.toContainText('Gallery');
        await expect(page.getByRole('heading', { name: 'There is no page at this address' })).toBeVisible();
        return;
      }
      await expect(page.getByRole('heading', { name: 'Gallery' })).toBeVisible();
      for (const width of [360, 768, 1280]) {
        await page.setViewportSize({ width, height: 800 });
        await expectNoOverflow(page, `at ${width}`);
        await expectAccessible(page, `at ${width}`);
      }
      for (const tone of ['Plain', 'Good', 'Warning', 'Bad']) {
        await page.getByRole('region', { name: 'Toasts and notices' }).getByRole('button', { name: tone }).click();
      }
      await page.getByText('With a tip', { exact: true }).hover();
      await expect(page.getByRole('tooltip')).toBeVisible();
      await expectAccessible(page, 'toasts and a tip');
      await page.getByLabel('A menu').click();
      await expectAccessible(page, 'a menu');
      await page.keyboard.press('Escape');
      const dialog = page.getByRole('dialog');
      for (const name of ['A form…', 'Wide…']) {
        await page.getByRole('button', { name }).click();
        await expect(dialog).toBeVisible();
        await expectAccessible(page, name);
        await page.keyboard.press('Escape');
        await expect(dialog).toBeHidden();
      }
      await page.getByRole('button', { name: 'To be answered…' }).click();
      await page.keyboard.press('Escape');
      await expectAccessible(page, 'a dialog that is to be answered');
      await dialog.getByRole('button', { name: 'Answer' }).click();
      await expect(dialog).toBeHidden();
    });
  });
}
