// Takes pictures of the real thing:  node test/vscode/screens.mjs [--out DIR] [--theme light,dark,hc,hcLight] [--scene NAME,…]
// VS Code runs the built extension as an installed one, so dialogs and notifications show. The model behind requested
// edits is the local demonstration server of test/fakes.
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { findChromium } from './host/chromium.mjs';
import { installHost, ROOT } from './host/install.mjs';
import { exitOnSignals, linkExtension, openProfile, THEMES, temporaryFolder, writeSettings } from './host/profile.mjs';
import { openWorkbench, startBrowser, startServer } from './host/server.mjs';

const SAMPLE = path.join(ROOT, 'test/fixtures/sample-workspace');
const READY_LIMIT_MS = 60_000;
/** A place in the title bar that reacts to nothing. */
const NOWHERE = [250, 18];

/** The title a user finds `command` by in the palette, with its category, translated as VS Code does. */
function paletteTitle(root, command) {
  const manifest = JSON.parse(fs.readFileSync(path.join(root, 'package.json'), 'utf8'));
  const strings = JSON.parse(fs.readFileSync(path.join(root, 'package.nls.json'), 'utf8'));
  const translated = (text) => text.replace(/^%(.+)%$/, (_, key) => strings[key] ?? key);
  const entry = manifest.contributes.commands.find((candidate) => candidate.command === command);
  if (!entry) throw new Error(`${command} is not in package.json`);
  return entry.category ? `${translated(entry.category)}: ${translated(entry.title)}` : translated(entry.title);
}

/** What a scene can do to the window. */
function hands(page, server) {
  const press = async (...keys) => {
    for (const key of keys) await page.keyboard.press(key);
  };
  /** Types into the quick input and takes the first entry that shows `label`. */
  const pick = async (opener, text, label) => {
    await press(opener);
    const input = page.locator('.quick-input-widget input').first();
    await input.waitFor();
    await input.fill(text);
    await page.locator('.quick-input-widget .monaco-list-row').filter({ hasText: label }).first().click();
  };
  return {
    page,
    server,
    press,
    panel: page
      .frameLocator('iframe.webview.ready[src*="extensionId=attune.attune"]')
      .first()
      .frameLocator('iframe#active-frame'),
    /** Runs one of VS Code's own commands by its English title. */
    palette: (title) => pick('F1', `>${title}`, title),
    command: (id) => {
      const title = paletteTitle(ROOT, id);
      return pick('F1', `>${title}`, title);
    },
    openFile: async (file) => {
      await pick('Control+p', file, path.basename(file));
      await page.locator('.tab.active', { hasText: path.basename(file) }).waitFor();
      await page.locator('.editor-group-container.active .monaco-editor.focused').waitFor();
    },
    /** An open input box, told from the palette by what stands in it while it is empty. */
    quickInput: (placeholder) => page.locator(`.quick-input-widget input[placeholder*="${placeholder}"]`),
    clickEditor: () => page.locator('.editor-group-container.active .monaco-editor .view-line').first().click(),
    /** Selects whole lines, counted from 1. */
    selectLines: async (first, last) => {
      await press('Control+g');
      await page.locator('.quick-input-widget input').first().fill(`:${first}`);
      await press('Enter');
      await page.locator('.quick-input-widget').waitFor({ state: 'hidden' });
      await press('Home', 'Home');
      for (let line = first; line <= last; line++) await press('Shift+ArrowDown');
    },
  };
}

/** Opens one window in `theme` and photographs `scenes` in it. Returns what went wrong, by scene. */
async function photograph({ host, chromium, scenes, extraFiles, theme, out, model }) {
  const temporary = temporaryFolder('attune-screens-');
  const folder = path.join(temporary.folder, 'corner-shop');
  fs.cpSync(SAMPLE, folder, { recursive: true });
  for (const [file, text] of Object.entries(extraFiles)) {
    fs.mkdirSync(path.dirname(path.join(folder, file)), { recursive: true });
    fs.writeFileSync(path.join(folder, file), text);
  }
  const profile = openProfile({ user: path.join(temporary.folder, 'u'), extensions: path.join(temporary.folder, 'x') });
  const extra = {
    'attune.edit.model': 'openai',
    'attune.openai.baseUrl': model.baseUrl,
    'attune.openai.model': model.name,
  };
  writeSettings(profile, { theme, extra });
  linkExtension(profile, ROOT);
  const problems = [];
  let server;
  let browser;
  try {
    server = await startServer(host, profile);
    browser = await startBrowser(chromium, profile);
    const page = browser.pages()[0] ?? (await browser.newPage());
    await openWorkbench(page, server.url(folder));
    await page.locator('.statusbar-item[id^="attune.attune"]').first().waitFor({ timeout: READY_LIMIT_MS });
    for (const { name, run } of scenes) {
      const file = path.join(out, `${name}-${theme}.png`);
      try {
        await run(hands(page, server));
        // Tooltips are for whoever has the mouse.
        await page.mouse.move(...NOWHERE);
        await page.locator('.workbench-hover:visible').waitFor({ state: 'detached', timeout: 5000 });
        await page.screenshot({ path: file, animations: 'disabled' });
        console.log(`  ${path.relative(process.cwd(), file)}`);
      } catch (error) {
        await page.screenshot({ path: path.join(out, `${name}-${theme}-failed.png`), animations: 'disabled' });
        problems.push(`${name} (${theme}): ${error.message.split('\n')[0]}`);
      }
    }
  } finally {
    await browser?.close();
    await server?.stop();
    temporary.remove();
  }
  return problems;
}

async function main() {
  const { values } = parseArgs({
    options: {
      out: { type: 'string', default: path.join(ROOT, '.cache/screens') },
      theme: { type: 'string', default: 'light,dark,hc,hcLight' },
      scene: { type: 'string' },
    },
  });
  exitOnSignals();
  const themes = values.theme.split(',');
  for (const theme of themes)
    if (!Object.hasOwn(THEMES, theme)) throw new Error(`--theme: any of ${Object.keys(THEMES).join(',')}`);
  const host = await installHost();
  if (!host.ok) throw new Error(host.reason);
  const chromium = findChromium();
  if (!chromium.ok) throw new Error(chromium.reason);
  const out = path.resolve(values.out);
  fs.mkdirSync(out, { recursive: true });

  // TypeScript, so only here: whoever imports `photograph` alone needs no Node that strips types.
  const { extraFiles, scenes } = await import('./scenes.mjs');
  const { startOpenaiServer } = await import('../fakes/openaiServer.ts');
  const { demonstration } = await import('../fakes/editing.ts');
  const wanted = values.scene?.split(',');
  const chosen = scenes.filter(({ name }) => !wanted || wanted.includes(name));
  if (chosen.length === 0) throw new Error(`--scene: any of ${scenes.map(({ name }) => name).join(',')}`);
  const fake = await startOpenaiServer({ script: demonstration(1) });
  const model = { baseUrl: `${fake.url}/v1`, name: 'demo-coder' };
  const problems = [];
  try {
    for (const theme of themes)
      problems.push(
        ...(await photograph({ host, chromium: chromium.file, scenes: chosen, extraFiles, theme, out, model })),
      );
  } finally {
    await fake.close();
  }
  for (const problem of problems) console.error(`  ✖ ${problem}`);
  return problems.length === 0 ? 0 : 1;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  try {
    process.exit(await main());
  } catch (error) {
    console.error(error.message);
    process.exit(1);
  }
}
