// Shows the rating panel without VS Code.
//   node webview-ui/preview.mjs                       serves it; open the printed address in a browser
//   node webview-ui/preview.mjs --shots <folder>      pictures in four themes at three widths
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { chromiumPath, launch, openPanel } from './preview/browser.ts';
import { buildPanel, startHarness, themeNames } from './preview/harness.ts';
import { scenes } from './preview/scenes.ts';

const { values } = parseArgs({
  options: { shots: { type: 'string' }, only: { type: 'string' }, theme: { type: 'string' } },
});
const nowMs = Date.now();

if (values.shots === undefined) {
  const harness = await startHarness({ nowMs });
  for (const theme of themeNames) console.log(`${harness.origin}/?theme=${theme}`);
} else {
  const executable = chromiumPath();
  if (!executable) throw new Error('No Chromium found; set CHROME_PATH to its path.');
  await mkdir(values.shots, { recursive: true });
  const browser = await launch(executable);
  const bundle = join(values.shots, '.bundle');
  await buildPanel(bundle);
  for (const scene of scenes) {
    if (values.only && !scene.name.startsWith(values.only)) continue;
    for (const theme of scene.themes ?? themeNames) {
      if (values.theme && theme !== values.theme) continue;
      for (const width of scene.widths) {
        const harness = await startHarness({ nowMs, bundle, empty: scene.empty ?? false });
        scene.prepare?.(harness);
        const panel = await openPanel(browser, harness, {
          theme,
          width,
          height: scene.height ?? 900,
          loading: scene.loading ?? false,
          sharp: true,
        });
        await scene.act?.(panel, harness);
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
