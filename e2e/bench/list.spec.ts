import { writeFile } from 'node:fs/promises';
import { expect, type Page, test } from '@playwright/test';
import { CoapDevice } from './coap-device.ts';

/** What is told by `cargo xtask bench`: where the server is, who may log in, where the figures go. */
const url = process.env['MUSTER_BENCH_URL'] ?? '';
const coap = new URL(process.env['MUSTER_BENCH_COAP'] ?? 'coap://127.0.0.1:5683');
const password = process.env['MUSTER_BENCH_PASSWORD'] ?? '';
const out = process.env['MUSTER_BENCH_OUT'] ?? '/dev/stdout';

const OPENINGS = 9;
const ASKED = 9;
const RUNS = 5;
const FRAMES = 240;
const CHANGES = 20;

/** Samples by what they are of; milliseconds, or megabytes for memory. */
const samples: Record<string, number[]> = {};

function note(what: string, value: number): void {
  (samples[what] ??= []).push(value);
}

/** Milliseconds from the start of the navigation until a device is named in the list, looked at in every frame. */
const FIRST_ROW = `new Promise((resolve) => {
  const look = () => {
    const link = document.querySelector('.list-rows .list-row:not(.blank) .row-link');
    link?.textContent ? resolve(performance.now()) : requestAnimationFrame(look);
  };
  look();
})`;

test.afterAll(async () => {
  await writeFile(out, JSON.stringify(samples));
});

test('the list', async ({ page, context }) => {
  const session = await context.request.post(`${url}/api/v1/session`, { data: { username: 'admin', password } });
  expect(session.ok(), await session.text()).toBe(true);

  await keepMemories(page);
  for (let turn = 0; turn < OPENINGS; turn++) {
    await page.goto(`${url}/devices`, { waitUntil: 'commit' });
    note('first rows after the page is loaded', await page.evaluate<number>(FIRST_ROW));
  }
  for (let turn = 0; turn < OPENINGS; turn++) {
    await page.goto(`${url}/settings`);
    await expect(page.getByRole('heading', { level: 1, name: 'Settings' })).toBeVisible();
    const took = await page.evaluate<number>(`(() => {
      const begun = performance.now();
      document.querySelector('.rail a[href="/devices"]').click();
      return ${FIRST_ROW}.then((now) => now - begun);
    })()`);
    note('first rows after going to the list from another page', took);
  }

  for (const [what, query] of [
    ['by endpoint, from the middle', 'sort=endpoint&offset=50000'],
    ['the last seen first', 'sort=-last_seen'],
    ['a word in any text', 'query=99'],
    ['two terms and a sort', 'query=state:online%20lifetime%3E60&sort=-next_due&offset=50000'],
  ] as const) {
    for (let turn = 0; turn < ASKED; turn++) {
      const begun = performance.now();
      const answer = await context.request.get(`${url}/api/v1/devices?limit=160&${query}`);
      await answer.body();
      note(`answer of the server: ${what}`, performance.now() - begun);
    }
  }

  await page.goto(`${url}/devices`);
  await page.evaluate(FIRST_ROW);
  for (let run = 0; run < RUNS; run++) {
    for (const frame of await scroll(page, 90)) {
      note('a frame while scrolling by 90 pixels a frame', frame);
    }
    for (const frame of await scroll(page, 9000)) {
      note('a frame while pulling the scroll bar by 250 rows a frame', frame);
    }
  }
  note('memory of the tab', await memory(page));
});

test('a value', async ({ page, context }) => {
  await context.request.post(`${url}/api/v1/session`, { data: { username: 'admin', password } });
  const device = await CoapDevice.register(coap, 'bench-browser');
  await device.send('/3303/0/5700', 1);
  await page.goto(`${url}/devices/bench-browser/objects`);
  const row = page.locator('tr[data-path="/3303/0/5700"]');
  await expect(row).toContainText('1');
  for (let turn = 0; turn < CHANGES; turn++) {
    const value = 100 + turn;
    const seen = row.evaluate(
      (element, text) =>
        new Promise<number>((resolve) => {
          const look = () => (element.textContent.includes(text) ? resolve(Date.now()) : requestAnimationFrame(look));
          look();
        }),
      String(value),
    );
    const left = await device.send('/3303/0/5700', value);
    note('a value from the device to the screen', (await seen) - left);
  }
  device.close();
});

/** Scrolls by so many pixels in each frame; how long each frame took. */
async function scroll(page: Page, by: number): Promise<number[]> {
  await page.evaluate(() => window.scrollTo(0, 0));
  await page.evaluate(FIRST_ROW);
  return page.evaluate(
    ([frames, by]) =>
      new Promise<number[]>((resolve) => {
        const took: number[] = [];
        let before = performance.now();
        const step = (now: number) => {
          took.push(now - before);
          before = now;
          if (took.length > frames) {
            resolve(took.slice(1));
            return;
          }
          window.scrollBy(0, by);
          requestAnimationFrame(step);
        };
        requestAnimationFrame(step);
      }),
    [FRAMES, by] as const,
  );
}

/** Megabytes that the tab holds for scripts: their heap, after what is not used was collected, and the memory of the WASM. */
async function memory(page: Page): Promise<number> {
  const tab = await page.context().newCDPSession(page);
  await tab.send('HeapProfiler.collectGarbage');
  await tab.send('Performance.enable');
  const { metrics } = await tab.send('Performance.getMetrics');
  const heap = metrics.find((metric) => metric.name === 'JSHeapUsedSize')?.value ?? 0;
  const wasm = await page.evaluate(() => {
    const { memories } = window as unknown as { memories: Set<WebAssembly.Memory> };
    return [...memories].reduce((sum, memory) => sum + memory.buffer.byteLength, 0);
  });
  return (heap + wasm) / 1e6;
}

/** Has the page keep the memories of its WASM modules where they can be looked at. */
async function keepMemories(page: Page): Promise<void> {
  await page.addInitScript(() => {
    const memories = new Set<WebAssembly.Memory>();
    Object.assign(window, { memories });
    for (const name of ['instantiate', 'instantiateStreaming'] as const) {
      const original = WebAssembly[name] as (...given: unknown[]) => Promise<WebAssembly.Instance | WebAssembly.WebAssemblyInstantiatedSource>;
      const noted = async (...given: unknown[]) => {
        const made = await original(...given);
        const { exports } = made instanceof WebAssembly.Instance ? made : made.instance;
        for (const held of Object.values(exports)) {
          if (held instanceof WebAssembly.Memory) {
            memories.add(held);
          }
        }
        return made;
      };
      Object.assign(WebAssembly, { [name]: noted });
    }
  });
}
