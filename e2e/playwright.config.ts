import { defineConfig } from '@playwright/test';
import { chromium } from './fixtures/chromium.ts';

/** The tests. Every one starts its own server, so that none sees what another did. */
export default defineConfig({
  testDir: 'tests',
  fullyParallel: true,
  forbidOnly: process.env['CI'] !== undefined,
  // A test that passes at the second try has found something.
  retries: 0,
  workers: 2,
  timeout: 60_000,
  expect: { timeout: 15_000 },
  outputDir: 'test-results',
  reporter: [
    ['list'],
    ['json', { outputFile: process.env['MUSTER_E2E_REPORT'] ?? 'test-results/report.json' }],
  ],
  use: {
    ...chromium,
    viewport: { width: 1280, height: 800 },
    locale: 'en-GB',
    timezoneId: 'UTC',
    trace: 'retain-on-failure',
    screenshot: 'only-on-failure',
  },
});
