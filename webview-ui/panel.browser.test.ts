/** The panel in a real browser, under its real content security policy, with the extension host's session behind it. */
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, beforeEach, describe, test } from 'node:test';
import type { Browser, Locator } from 'playwright-core';
import { chromiumPath, launch, type OpenPanel, openPanel } from './preview/browser.ts';
import { type Harness, startHarness } from './preview/harness.ts';
import { buildPages, themeNames } from './preview/server.ts';

const executable = chromiumPath();
const skip = executable === null ? 'no Chromium on this machine; set CHROME_PATH to its path' : false;
const nowMs = Date.now();

describe('the rating panel in a browser', { skip }, () => {
  let browser: Browser;
  let harness: Harness;
  let panel: OpenPanel;

  let bundle: string;

  before(async () => {
    bundle = await mkdtemp(join(tmpdir(), 'attune-panel-'));
    [browser] = await Promise.all([launch(executable!), buildPages(bundle)]);
  });
  after(async () => {
    await browser.close();
    await rm(bundle, { recursive: true, force: true });
  });
  beforeEach(async (context) => {
    harness = await startHarness({ nowMs, bundle });
    panel = await openPanel(browser, harness, { theme: 'dark', width: 300 });
    const open = { harness, panel };
    if ('after' in context) {
      context.after(async () => {
        await open.panel.page.close();
        await open.harness.close();
      });
    }
  });

  const selected = (): Locator => panel.frame.locator('.card.selected');
  const key = (name: string): Promise<void> => panel.page.keyboard.press(name);
  const button = (name: string): Locator => selected().getByRole('button', { name, exact: true });
  const status = (text: string): Promise<void> => selected().getByText(text, { exact: true }).waitFor();
  const asked = (method: string): Record<string, unknown>[] =>
    harness.memory.asked.filter((one) => one.method === method).map((one) => one.params);
  /** Waits, frame by frame and for some seconds at most, for what the host is to hear. */
  const until = async (heard: () => boolean): Promise<void> => {
    for (let frames = 0; frames < 300 && !heard(); frames++) {
      await panel.page.evaluate(() => new Promise(requestAnimationFrame));
    }
  };
  const focused = (): Promise<string> =>
    panel.frame.evaluate(() => {
      const element = document.activeElement;
      return element?.getAttribute('aria-label') ?? element?.id ?? '';
    });

  test('a click on the thumb stores the rating and says so only when it is stored', async () => {
    harness.memory.state = 'slow';
    await button('Good').click();
    await status('Saving…');
    assert.equal(await panel.frame.getByText('Saved', { exact: true }).count(), 0);
    harness.memory.resume();
    await status('Saved');
    assert.deepEqual(
      asked('rate').map(({ thumb, withdrawn }) => [thumb, withdrawn]),
      [['up', false]],
    );
    assert.equal(await button('Good').getAttribute('aria-pressed'), 'true');
    await panel.frame.getByRole('status').getByText('Saved: rated good.').waitFor();
  });

  test('A5-01: the slider is worked by keyboard, reads its value, and a sweep is stored as one rating', async () => {
    const slider = selected().getByRole('slider', { name: 'Score' });
    assert.equal(await slider.getAttribute('aria-valuetext'), 'Not set');
    await slider.focus();
    for (let i = 0; i < 6; i++) await key('ArrowRight');
    assert.equal(await slider.getAttribute('aria-valuetext'), '6 of 10');
    await status('Saved');
    assert.deepEqual(
      asked('rate').map(({ score }) => score),
      [6],
    );
    await key('Home');
    await panel.frame.locator('.card.selected .withdraw').waitFor({ state: 'detached' });
    assert.deepEqual(
      asked('rate').map(({ withdrawn }) => withdrawn),
      [false, true],
    );
  });

  test('keys alone: move, rate, give reasons, comment, save, next unrated', async () => {
    await selected().focus();
    await key('0');
    await status('Saved');
    await key('Enter');
    assert.equal(await focused(), 'Good');
    await button('Wrong style').focus();
    await key('Space');
    await status('Not saved yet');
    await selected().getByRole('textbox', { name: 'Comment' }).focus();
    await panel.page.keyboard.type('g b 7 n / ?');
    assert.equal(asked('rate').length, 1, 'typing is not rating');
    await key('Control+Enter');
    await status('Saved');
    assert.deepEqual(asked('rate').at(-1), {
      episodeId: harness.memory.cards[0]!.episode.id,
      thumb: null,
      score: 10,
      reasons: ['wrongStyle'],
      comment: 'g b 7 n / ?',
      correction: null,
      withdrawn: false,
    });
    await key('Escape');
    assert.match(await focused(), /^orders\.ts, /);
    await key('n');
    assert.match(await focused(), /^test_importer\.py, .*not rated$/);
    await key('ArrowLeft');
    assert.match(await focused(), /^retry\.ts, /);
  });

  test('keys work as soon as VS Code gives the view the focus, and a command gives it to the card', async () => {
    assert.equal(await panel.frame.evaluate(() => document.activeElement?.localName), 'body');
    await panel.frame.evaluate(() => window.focus());
    await key('b');
    await status('Saved');
    assert.equal(asked('rate').at(-1)?.thumb, 'down');
    harness.session.reveal();
    await panel.frame.waitForFunction(() => document.activeElement?.classList.contains('card'));
    harness.session.reveal(harness.memory.cards[4]!.episode.id);
    await panel.frame.waitForFunction(() =>
      document.activeElement?.getAttribute('aria-label')?.startsWith('ThemePicker'),
    );
    const bottom = await panel.page.evaluate(() => document.body.scrollHeight - innerHeight);
    assert.ok(bottom > 0, 'the frame around the panel can be scrolled');
    assert.equal(await panel.page.evaluate(() => document.documentElement.scrollTop + document.body.scrollTop), 0);
    const top = await panel.frame.evaluate(() => {
      const [card, list] = [document.activeElement!, document.querySelector('.scroll')!];
      return card.getBoundingClientRect().top - list.getBoundingClientRect().top;
    });
    assert.ok(top >= 0 && top < 400, `the card begins ${top} px below the top of the list`);
  });

  test('search and filter narrow the list; / goes there, Escape leaves it', async () => {
    await selected().focus();
    await key('/');
    assert.equal(await focused(), 'search');
    await panel.page.keyboard.type('retry');
    await panel.frame.waitForFunction(() => document.querySelectorAll('.card').length === 1);
    assert.deepEqual(harness.posted.filter(({ type }) => type === 'search').at(-1), {
      type: 'search',
      query: 'retry',
      filter: 'all',
      order: 'newest',
    });
    await key('Escape');
    await panel.frame.waitForFunction(() => document.querySelectorAll('.card').length > 5);
    const filter = panel.frame.locator('#filter');
    await filter.click();
    await filter.getByRole('option', { name: 'Never used' }).click();
    await panel.frame.waitForFunction(() => document.querySelectorAll('.card').length === 1);
    assert.match((await panel.frame.locator('.card').getAttribute('aria-label')) ?? '', /^postings\.rs/);
  });

  test('one click puts those first whose rating would teach most; the few worth asking for say so', async () => {
    const names = () =>
      panel.frame.locator('.card').evaluateAll((all) => all.map((card) => card.getAttribute('data-id')));
    const order = panel.frame.getByRole('button', { name: 'First Those Whose Rating Would Teach Most', exact: true });
    const newest = await names();
    const marks = panel.frame.locator('.card .teaches');
    await marks.first().waitFor();
    assert.equal(await marks.count(), 1);
    assert.match(
      (await panel.frame.locator('.card:has(.teaches)').getAttribute('aria-label')) ?? '',
      /would teach most$/,
    );
    await order.click();
    await panel.frame.waitForFunction(
      (first) => document.querySelector('.card')!.getAttribute('data-id') !== first,
      newest[0],
    );
    assert.notDeepEqual(await names(), newest);
    await order.click();
    await panel.frame.waitForFunction(
      (first) => document.querySelector('.card')!.getAttribute('data-id') === first,
      newest[0],
    );
    assert.deepEqual(await names(), newest);
  });

  test('"Why this?" shows the examples with their similarity and forbids one', async () => {
    await selected().focus();
    await key('w');
    const example = panel.frame.locator('.example').first();
    await example.waitFor();
    assert.equal(await example.getByRole('meter').getAttribute('aria-label'), '91 % similar');
    await example.getByRole('button', { name: 'Never Use This Again' }).click();
    await example.getByRole('button', { name: 'Allow Again' }).waitFor();
    assert.deepEqual(asked('direct'), [{ episodeIds: [harness.memory.cards[1]!.episode.id], use: 'never' }]);
  });

  test('how a suggestion came about is opened by key, for the selected card, and by its button', async () => {
    const [first, second] = harness.memory.cards;
    await selected().focus();
    await key('t');
    await key('ArrowRight');
    await button('How It Came About').click();
    await until(() => harness.ran.length === 2);
    assert.deepEqual(harness.ran, [`trace ${first!.episode.id}`, `trace ${second!.episode.id}`]);
    await key('?');
    await panel.frame.locator('.help').getByText('How it came about').waitFor();
  });

  test('what the file holds now fills "What I wanted instead"', async () => {
    harness.currentText = '  find(id: string): Order | null {\n    return this.cache.get(id) ?? null;\n  }\n';
    await button('What I wanted instead').click();
    const field = selected().getByRole('textbox', { name: 'What I wanted instead' });
    await panel.frame.waitForFunction(
      () => (document.querySelector('#wanted-text') as HTMLTextAreaElement).value !== '',
    );
    assert.equal(await field.inputValue(), harness.currentText);
    await button('Save').click();
    await status('Saved');
    assert.equal(asked('rate').at(-1)?.correction, harness.currentText);
  });

  test('deleting asks first, and the focus lands on the next card', async () => {
    await selected().focus();
    await key('Delete');
    await panel.frame.waitForFunction(() => document.activeElement?.id === 'confirm-delete');
    assert.equal(asked('direct').length, 0);
    await key('Enter');
    await panel.frame.waitForFunction(() =>
      document.querySelector('.card.selected')?.getAttribute('aria-label')?.startsWith('invoices.ts'),
    );
    assert.deepEqual(
      asked('direct').map(({ use }) => use),
      ['deleted'],
    );
    await panel.frame.waitForFunction(() => document.activeElement?.classList.contains('card'));
  });

  test('what is typed survives a reload of the view', async () => {
    await selected().getByRole('textbox', { name: 'Comment' }).fill('not yet fin');
    await panel.page.reload();
    const frame = await (await panel.page.waitForSelector('#panel')).contentFrame();
    await frame!.waitForSelector('.card.selected textarea.comment');
    assert.equal(await frame!.locator('.card.selected textarea.comment').inputValue(), 'not yet fin');
  });

  test('a full disk is told in the card, and nothing typed is lost', async () => {
    harness.memory.state = 'full';
    await selected().getByRole('textbox', { name: 'Comment' }).fill('keep me');
    await button('Save').click();
    await status('The disk is full. Free some space and save again.');
    assert.equal(await selected().getByRole('textbox', { name: 'Comment' }).inputValue(), 'keep me');
    harness.memory.state = 'up';
    await button('Save').click();
    await status('Saved');
  });

  test('an engine that does not answer is told, with what was shown before still there', async () => {
    harness.memory.state = 'down';
    harness.session.refresh();
    await panel.frame.getByRole('alert').waitFor();
    assert.ok((await panel.frame.locator('.card').count()) > 5);
    await panel.frame.getByRole('button', { name: 'Restart' }).click();
    await until(() => harness.ran.includes('restartEngine'));
    assert.deepEqual(harness.ran, ['restartEngine']);
  });

  test('every control has a name, and Tab goes through the panel in reading order', async () => {
    await selected().focus();
    await key('w');
    await panel.frame.locator('.example').first().waitFor();
    await button('What I wanted instead').click();
    const client = await panel.page.context().newCDPSession(panel.page);
    const { nodes } = await client.send('Accessibility.getFullAXTree', { frameId: await frameId(client) });
    const controls = new Set([
      'button',
      'textbox',
      'searchbox',
      'slider',
      'combobox',
      'link',
      'article',
      'feed',
      'meter',
    ]);
    const seen = nodes.filter((node) => !node.ignored && controls.has(String(node.role?.value)));
    assert.ok(seen.length > 30, `only ${seen.length} controls were seen`);
    const nameless = seen.filter((node) => !String(node.name?.value ?? '').trim()).map((node) => node.role?.value);
    assert.deepEqual(nameless, []);

    await panel.frame.locator('#search input').focus();
    const order: string[] = [];
    for (let i = 0; i < 30; i++) {
      order.push(await focused());
      await key('Tab');
    }
    const places = [
      'search',
      'filter',
      'First Those Whose Rating Would Teach Most',
      /^orders\.ts/,
      'Good',
      'Bad',
      'Score',
      /^$/,
      'Comment',
      /^$/,
      'What I wanted instead',
    ];
    let at = 0;
    for (const name of order) {
      const wanted = places[at];
      if (wanted !== undefined && (wanted instanceof RegExp ? wanted.test(name) : wanted === name)) at++;
    }
    assert.equal(at, places.length, `stopped before ${places[at]} in ${order.join(' | ')}`);
    // One tab stop per list: no other card than the selected one is among them.
    assert.equal(order.filter((name) => /\.(ts|py|rs|tsx|sh), /.test(name)).length, 1);
  });

  test('no theme at any width breaks the content security policy, overflows, or lacks a style', async () => {
    for (const theme of themeNames) {
      const opened = await openPanel(browser, harness, { theme, width: 300 });
      await opened.frame.focus('.card.selected');
      await opened.page.keyboard.press('w');
      await opened.page.keyboard.press('?');
      await opened.frame.locator('.help').waitFor();
      await opened.frame.locator('.example').first().waitFor();
      for (const width of [200, 300, 600]) {
        await opened.page.setViewportSize({ width, height: 800 });
        const measured = await opened.frame.evaluate(() => ({
          overflow: [
            document.documentElement.scrollWidth - document.documentElement.clientWidth,
            document.documentElement.scrollHeight - document.documentElement.clientHeight,
          ],
          cutOff: [...document.querySelectorAll('button, input, textarea, vscode-button, .diff, .badge, time, meter')]
            .filter((element) => element.getBoundingClientRect().right > innerWidth)
            .map((element) => element.outerHTML.slice(0, 80)),
          font: document.fonts.check('16px codicon'),
          styled: getComputedStyle(document.querySelector('.card.selected')!).borderBottomStyle,
        }));
        assert.deepEqual(
          measured,
          { overflow: [0, 0], cutOff: [], font: true, styled: 'solid' },
          `${theme} at ${width}`,
        );
      }
      assert.deepEqual(opened.complaints, [], theme);
      await opened.page.close();
    }
  });

  test('the policy refuses inline scripts, inline styles and anything from elsewhere', async () => {
    const blocked = await panel.frame.evaluate(async () => {
      const refused: string[] = [];
      document.addEventListener('securitypolicyviolation', (event) => refused.push(event.effectiveDirective));
      const script = document.createElement('script');
      script.textContent = 'globalThis.intruder = true';
      document.body.append(script);
      const holder = document.createElement('div');
      holder.innerHTML = '<p style="color: red">x</p><img src="https://example.invalid/a.png">';
      document.body.append(holder);
      await fetch('https://example.invalid/').catch(() => {});
      await new Promise((resolve) => setTimeout(resolve, 0));
      return { refused, intruder: 'intruder' in globalThis };
    });
    assert.equal(blocked.intruder, false);
    for (const directive of ['script-src-elem', 'style-src-attr', 'img-src', 'connect-src']) {
      assert.ok(blocked.refused.includes(directive), `${directive} in ${blocked.refused.join(', ')}`);
    }
  });

  async function frameId(client: { send(method: 'Page.getFrameTree'): Promise<unknown> }): Promise<string> {
    const { frameTree } = (await client.send('Page.getFrameTree')) as {
      frameTree: { childFrames: { frame: { id: string } }[] };
    };
    return frameTree.childFrames[0]!.frame.id;
  }
});
