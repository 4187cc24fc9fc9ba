import { defineConfig } from '@playwright/test';
import { chromium } from './fixtures/chromium.ts';

/** `cargo xtask screenshots`: the pictures of the documentation. Not tests; what they show must be there, though. */
export default defineConfig({
  testDir: 'screenshots',
  workers: 1,
  timeout: 180_000,
  expect: { timeout: 30_000 },
  outputDir: 'test-results/screenshots',
  reporter: [['list']],
  use: {
    ...chromium,
    viewport: { width: 1280, height: 800 },
    deviceScaleFactor: 1,
    locale: 'en-GB',
    timezoneId: 'UTC',
  },
});
