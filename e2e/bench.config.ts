import { defineConfig } from '@playwright/test';
import { chromium } from './fixtures/chromium.ts';

/** What `cargo xtask bench --only browser` measures. No tests: nothing here fails because something took long. */
export default defineConfig({
  testDir: 'bench',
  workers: 1,
  timeout: 300_000,
  expect: { timeout: 30_000 },
  outputDir: 'test-results/bench',
  reporter: [['list']],
  use: {
    ...chromium,
    viewport: { width: 1280, height: 800 },
    locale: 'en-GB',
    timezoneId: 'UTC',
  },
});
