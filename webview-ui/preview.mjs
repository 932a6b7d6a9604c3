// Shows the rating panel, or the training view, without VS Code.
//   node webview-ui/preview.mjs [--training]          serves it; open the printed address in a browser
//   node webview-ui/preview.mjs [--training] --shots <folder> [--only SCENE] [--theme NAME]
//                                                     pictures in four themes at several widths
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { chromiumPath, launch, openPanel } from './preview/browser.ts';
import { startHarness } from './preview/harness.ts';
import { scenes } from './preview/scenes.ts';
import { buildPages, themeNames } from './preview/server.ts';
import { previewTraining } from './preview/trainingData.ts';
import { startTrainingHarness } from './preview/trainingHarness.ts';
import { trainingScenes } from './preview/trainingScenes.ts';

const { values } = parseArgs({
  options: {
    training: { type: 'boolean', default: false },
    shots: { type: 'string' },
    only: { type: 'string' },
    theme: { type: 'string' },
  },
});
const nowMs = Date.now();
const pages = values.training
  ? {
      scenes: trainingScenes,
      start: ({ ratings = 2000 }, bundle) => startTrainingHarness({ state: previewTraining(nowMs, ratings), bundle }),
      ready: 'section',
      whole: true,
    }
  : {
      scenes,
      start: ({ empty = false }, bundle) => startHarness({ nowMs, bundle, empty }),
      whole: false,
    };

/** All of the page in one picture: the window becomes as high as it. */
async function grow({ page, frame }, width) {
  const height = await frame.evaluate(() => document.documentElement.scrollHeight);
  await page.setViewportSize({ width, height: Math.min(6000, height) });
  await frame.evaluate(() => new Promise(requestAnimationFrame));
}

if (values.shots === undefined) {
  const harness = await pages.start({});
  for (const theme of themeNames) console.log(`${harness.origin}/?theme=${theme}`);
} else {
  const executable = chromiumPath();
  if (!executable) throw new Error('No Chromium found; set CHROME_PATH to its path.');
  await mkdir(values.shots, { recursive: true });
  const browser = await launch(executable);
  const bundle = join(values.shots, '.bundle');
  await buildPages(bundle);
  for (const scene of pages.scenes) {
    if (values.only && !scene.name.startsWith(values.only)) continue;
    for (const theme of scene.themes ?? themeNames) {
      if (values.theme && theme !== values.theme) continue;
      for (const width of scene.widths) {
        const harness = await pages.start(scene, bundle);
        scene.prepare?.(harness);
        const panel = await openPanel(browser, harness, {
          theme,
          width,
          height: scene.height ?? 900,
          loading: scene.loading ?? false,
          sharp: scene.sharp ?? true,
          ...(pages.ready ? { ready: pages.ready } : {}),
        });
        await scene.act?.(panel, harness);
        if (pages.whole && scene.height === undefined) await grow(panel, width);
        const file = `${scene.name}-${theme}-${width}.png`;
        await panel.page.screenshot({ path: join(values.shots, file) });
        for (const complaint of panel.complaints) console.log(`${file}: ${complaint}`);
        await panel.page.close();
        await harness.close();
      }
    }
  }
  await browser.close();
  await rm(bundle, { recursive: true });
}
