import { existsSync } from 'node:fs';
import { type Browser, chromium, type Frame, type Page } from 'playwright-core';
import type { PageServer, ThemeName } from './server.ts';

/** Where Debian, Ubuntu, Fedora, macOS and Windows put it; `CHROME_PATH` names another. */
const places = [
  process.env.CHROME_PATH ?? '',
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
];

/** Null: there is no Chromium here. */
export const chromiumPath = (): string | null => places.find((path) => path !== '' && existsSync(path)) ?? null;

export async function launch(executablePath: string): Promise<Browser> {
  // In a container root has no user namespaces for the sandbox; the page is ours and loads nothing from elsewhere.
  return chromium.launch({ executablePath, headless: true, chromiumSandbox: false, args: ['--disable-gpu'] });
}

export interface OpenPanel {
  readonly page: Page;
  /** The panel's own document. */
  readonly frame: Frame;
  /** Errors and refusals (content security policy) the page reported. */
  readonly complaints: string[];
}

/** Opens the panel and waits until it has shown its first snapshot (or, with `loading`, until it is rendered). */
export async function openPanel(
  browser: Browser,
  harness: Pick<PageServer, 'origin'>,
  options: {
    readonly theme: ThemeName;
    readonly width: number;
    readonly height?: number;
    readonly loading?: boolean;
    readonly sharp?: boolean;
    /** What to wait for, where it is not the rating panel. */
    readonly ready?: string;
    readonly calm?: boolean;
  },
): Promise<OpenPanel> {
  const page = await browser.newPage({
    viewport: { width: options.width, height: options.height ?? 800 },
    deviceScaleFactor: options.sharp ? 2 : 1,
    reducedMotion: options.calm ? 'reduce' : 'no-preference',
  });
  const complaints: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(error.message));
  await page.goto(`${harness.origin}/?theme=${options.theme}`);
  const element = await page.waitForSelector('#panel');
  const frame = await element.contentFrame();
  if (!frame) throw new Error('The panel has no frame.');
  await frame.waitForSelector(options.ready ?? (options.loading ? 'attune-panel .footer' : '.card, .empty'));
  await frame.evaluate(() => document.fonts.ready);
  return { page, frame, complaints };
}
