/** The training view in a real browser, under its real content security policy. */
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { Browser, Locator } from 'playwright-core';
import { chromiumPath, launch, type OpenPanel, openPanel } from './preview/browser.ts';
import { buildPages, type ThemeName, themeNames } from './preview/server.ts';
import { previewSteps, previewTraining, type RatingCount } from './preview/trainingData.ts';
import { startTrainingHarness, type TrainingHarness } from './preview/trainingHarness.ts';
import { underWay } from './preview/trainingScenes.ts';

const executable = chromiumPath();
const skip = executable === null ? 'no Chromium on this machine; set CHROME_PATH to its path' : false;
const nowMs = Date.now();

describe('the training view in a browser', { skip }, () => {
  let browser: Browser;
  let bundle: string;

  before(async () => {
    bundle = await mkdtemp(join(tmpdir(), 'attune-training-'));
    [browser] = await Promise.all([launch(executable!), buildPages(bundle)]);
  });
  after(async () => {
    await browser.close();
    await rm(bundle, { recursive: true, force: true });
  });

  interface Opened extends OpenPanel {
    readonly harness: TrainingHarness;
    readonly button: (name: string | RegExp) => Locator;
    readonly key: (name: string) => Promise<void>;
    /** Waits, frame by frame and for some seconds at most, for what the host is to hear. */
    readonly heard: (type: string) => Promise<Record<string, unknown> | undefined>;
    readonly focused: () => Promise<string>;
  }

  async function opened(
    context: { after(fn: () => Promise<void>): void },
    ratings: RatingCount,
    options: {
      readonly theme?: ThemeName;
      readonly width?: number;
      readonly calm?: boolean;
      readonly prepare?: (harness: TrainingHarness) => void;
    } = {},
  ): Promise<Opened> {
    const harness = await startTrainingHarness({ state: previewTraining(nowMs, ratings), bundle });
    options.prepare?.(harness);
    const { theme = 'dark', width = 900, calm = false } = options;
    const panel = await openPanel(browser, harness, { theme, width, calm, ready: 'section' });
    context.after(async () => {
      await panel.page.close();
      await harness.close();
    });
    const { page, frame } = panel;
    return {
      ...panel,
      harness,
      button: (name) => frame.getByRole('button', { name, exact: typeof name === 'string' }),
      key: (name) => page.keyboard.press(name),
      async heard(type) {
        const find = () => harness.posted.findLast((message) => message.type === type);
        for (let frames = 0; frames < 300 && !find(); frames++) {
          await page.evaluate(() => new Promise(requestAnimationFrame));
        }
        return find();
      },
      focused: () =>
        frame.evaluate(() => {
          const element = document.activeElement as HTMLElement | null;
          return element?.getAttribute('aria-label') ?? element?.textContent?.replace(/\s+/g, ' ').trim() ?? '';
        }),
    };
  }

  test('with 0 ratings it says what to do, and nothing that needs data is offered', async (context) => {
    const { frame, button, heard } = await opened(context, 0);
    await frame.getByRole('heading', { name: 'Nothing to learn from yet' }).waitFor();
    assert.match((await frame.locator('.steps').innerText()) ?? '', /About 20 labels .* 50 decisions/s);
    assert.equal(await button('Train…').count(), 0);
    assert.equal(await frame.locator('attune-chart').count(), 0);
    await button('Rate Proposals').click();
    assert.deepEqual(await heard('command'), { type: 'command', command: 'openRatings' });
  });

  test('with 1 rating it says how many are needed, and Train waits', async (context) => {
    const { frame, button, harness, heard } = await opened(context, 1);
    await frame.getByRole('meter', { name: 'Reward model: 3 of 20 labels' }).waitFor();
    assert.equal(await button('Train…').getAttribute('aria-disabled'), 'true');
    await button('Train…').click({ force: true });
    await button('Dry Run').click();
    assert.deepEqual(await heard('train'), {
      type: 'train',
      layers: ['rewardModel', 'selector'],
      dryRun: true,
      resume: false,
    });
    assert.equal(harness.posted.filter(({ type }) => type === 'train').length, 1);
  });

  test('what was left out is said with its reasons, and layers are chosen by keyboard', async (context) => {
    const { frame, button, heard, key } = await opened(context, 20);
    await frame.getByText('Left out: 25').click();
    await frame.getByText('ignored because the file was closed: 9').waitFor();
    await frame.getByRole('checkbox', { name: 'Selector' }).focus();
    await key('Space');
    await button('Train…').focus();
    await key('Enter');
    assert.deepEqual((await heard('train'))?.layers, ['rewardModel']);
  });

  test('charts say what is to be seen, and hold the same data as a table', async (context) => {
    const { frame, key } = await opened(context, 2000);
    const image = frame.getByRole('img', { name: /^Accepted of shown, over time/ });
    await image.waitFor();
    const description = await frame.locator('attune-chart desc').first().textContent();
    assert.match(description ?? '', /^From \d+\u00a0% \(.* to .*\) in the oldest part/);
    await frame.getByRole('button', { name: 'Data: Accepted of shown, over time' }).focus();
    await key('Enter');
    const table = frame.getByRole('region', { name: 'Accepted of shown, over time' });
    assert.ok((await table.getByRole('row').count()) > 20);
    assert.equal(await table.getByRole('columnheader').first().innerText(), 'From');
  });

  test('pointing at a chart reads the nearest place off', async (context) => {
    const { frame, page } = await opened(context, 2000);
    const box = (await frame.locator('svg.chart').first().boundingBox())!;
    await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
    await frame.waitForFunction(() => /\d\u00a0%/.test(document.querySelector('.readout')?.textContent ?? ''));
    assert.equal(await frame.locator('svg.chart .cursor').count(), 1);
  });

  test('a training under way: stages, share, curves as they come; cancelling is said until it is done', async (context) => {
    const view = await opened(context, 2000);
    const { frame, harness, button, heard } = view;
    await underWay(view, harness);
    assert.match(await frame.locator('.stages [aria-current="step"]').innerText(), /^Selector\s*: under way$/);
    assert.ok((await frame.getByRole('progressbar').evaluate((bar) => (bar as HTMLProgressElement).value)) > 0.8);
    await frame.getByText('about 2 s left').waitFor();
    const titles = await frame.locator('.multiples .chart-title').allInnerTexts();
    for (const name of ['Policy loss', 'Value loss', 'Approximate KL of an update', 'Clip fraction', 'Entropy']) {
      assert.ok(titles.includes(`PPO · ${name}`), `${name} in ${titles}`);
    }
    assert.ok(titles.includes('PPO · Explained variance'));
    await frame.getByRole('status').getByText('Stage: Selector.').waitFor();
    await button('Cancel Training').click();
    assert.deepEqual(await heard('cancel'), { type: 'cancel' });
    assert.equal(await button('Cancelling…').getAttribute('aria-disabled'), 'true');
    harness.change((state) => ({
      ...state,
      running: null,
      unfinished: { at: nowMs, stage: 'selector', why: 'cancelled', finished: ['reading', 'rewardModel'] },
    }));
    await button('Resume').waitFor();
    await frame
      .getByRole('status')
      .getByText(/^Training has stopped/)
      .waitFor();
  });

  test('a thousand steps at once are drawn a few times, not a thousand', async (context) => {
    const view = await opened(context, 2000);
    const { frame, harness } = view;
    await underWay(view, harness, 10);
    await frame.evaluate(() => {
      const counter = globalThis as unknown as { drawn: number };
      counter.drawn = 0;
      new MutationObserver(() => counter.drawn++).observe(document.querySelector('.multiples .line')!, {
        attributes: true,
      });
    });
    for (const step of previewSteps(1000)) harness.step(step);
    await frame.getByText('PPO, round 1000 of 1000').waitFor();
    const drawn = await frame.evaluate(() => (globalThis as unknown as { drawn: number }).drawn);
    assert.ok(drawn >= 1 && drawn < 60, `${drawn} times`);
  });

  test('the focus is kept over updates, and goes to Cancel or to the next best place when its button goes', async (context) => {
    const view = await opened(context, 20);
    const { frame, harness, button, focused } = view;
    await button('Train…').focus();
    harness.change((state) => ({ ...state, data: { ...state.data, newRatings: 21 } }));
    await frame.getByText('21 new ratings').waitFor();
    assert.equal(await focused(), 'Train…');
    await underWay(view, harness, 20);
    assert.equal(await focused(), 'Train…', 'the button is still there');
    await button('Cancel Training').focus();
    harness.change((state) => ({ ...state, running: null }));
    await frame.locator('.running').waitFor({ state: 'detached' });
    assert.equal(await focused(), 'What there is to learn from');
  });

  test('an unfinished training is resumed, or discarded after a question that can be declined', async (context) => {
    const { button, heard, key, focused, harness } = await opened(context, 20, {
      prepare(preview) {
        preview.state = {
          ...preview.state!,
          unfinished: { at: nowMs, stage: 'selector', why: 'interrupted', finished: ['reading', 'rewardModel'] },
        };
      },
    });
    await button('Resume').click();
    assert.deepEqual(await heard('train'), {
      type: 'train',
      layers: ['rewardModel', 'selector'],
      dryRun: false,
      resume: true,
    });
    await button('Discard…').focus();
    await key('Enter');
    await button('Keep').waitFor();
    assert.equal(await focused(), 'Discard');
    assert.equal(
      harness.posted.some(({ type }) => type === 'discard'),
      false,
    );
    await button('Keep').click();
    assert.equal(await focused(), 'Discard…');
    await key('Enter');
    await key('Enter');
    assert.deepEqual(await heard('discard'), { type: 'discard' });
  });

  test('versions: arrows move through a list that is one tab stop, and the chapter follows', async (context) => {
    const { frame, key, harness } = await opened(context, 2000);
    const list = frame.getByRole('listbox', { name: 'Reward model: versions, newest first' });
    assert.equal(await list.locator('[tabindex="0"]').count(), 1);
    await list.locator('[tabindex="0"]').focus();
    await key('ArrowDown');
    await frame.getByRole('heading', { name: 'Reward model 3' }).waitFor();
    assert.match((await list.locator('[aria-selected="true"]').innerText()) ?? '', /stale, serves now/);
    await frame
      .getByRole('listbox', { name: /^Selector/ })
      .locator('[tabindex="0"]')
      .focus();
    await key('Enter');
    await frame.getByRole('heading', { name: 'Selector 3' }).waitFor();
    await list.locator('[tabindex="0"]').focus();
    await key('End');
    await frame.getByRole('heading', { name: 'Reward model 1' }).waitFor();
    assert.equal(await frame.evaluate(() => document.activeElement?.getAttribute('role')), 'option');
    await frame.getByText('prefers early returns').waitFor();
    const asked = harness.posted.filter(({ type }) => type === 'run').map(({ id }) => id);
    assert.equal(new Set(asked).size, asked.length, 'each run is asked for once');
  });

  test('a candidate is activated or rejected, what serves is rolled back, reports and episodes are opened', async (context) => {
    const { frame, button, heard, harness } = await opened(context, 2000);
    const versions = harness.state!.versions;
    await button('Activate').click();
    assert.deepEqual(await heard('decide'), { type: 'decide', id: versions[0]!.id, decision: 'activate' });
    await frame.getByRole('status').getByText('Selector 3 serves now.').waitFor();
    assert.equal(await button('Activate').count(), 0);
    await button('Open Report').click();
    assert.deepEqual(await heard('report'), { type: 'report', id: versions[0]!.id });
    await button('Roll Back: Selector 3').click();
    assert.deepEqual(await heard('rollBack'), { type: 'rollBack', layer: 'selector' });
    await frame.getByRole('status').getByText('Selector 2 serves now.').waitFor();
    await frame.getByRole('option', { name: /^Reward model 4 / }).click();
    await button('Open the suggestion in orders.ts').click();
    assert.equal((await heard('openEpisode'))?.episodeId, versions[1]!.id);
    await button('Reject').click();
    await frame.locator('.detail-head').getByText('rejected').waitFor();
    assert.deepEqual(harness.ran, ['report # ppo', `open ${versions[1]!.id}`]);
  });

  test('two versions stand side by side, each figure on one scale', async (context) => {
    const { frame } = await opened(context, 2000);
    await frame.getByRole('option', { name: /^Reward model 4 / }).click();
    await frame.getByRole('combobox', { name: 'Compare with' }).selectOption({ label: 'Reward model 3' });
    const table = frame.getByRole('region', { name: 'Reward model 4 and Reward model 3' });
    const row = table.getByRole('row', { name: /^Rank correlation/ });
    assert.match(await row.innerText(), /0\.61 \(0\.53 to 0\.69\)[\s\S]*0\.56 \(0\.46 to 0\.66\)/);
    await table.getByText('The intervals overlap: the difference may be chance.').first().waitFor();
  });

  test('a harmful verdict offers the way back; no signal is called that', async (context) => {
    const harmful = await opened(context, 2000, {
      prepare(preview) {
        preview.verdict = { kind: 'noSignal', reason: 'No learnable signal.' };
        preview.state = {
          ...preview.state!,
          help: { ...preview.state!.help, kind: 'harms', text: 'harms: 6 % to 22 % fewer accepted' },
        };
      },
    });
    await harmful.frame.getByText('Harms: 6 % to 22 % fewer accepted').waitFor();
    await harmful.button('Roll Back: Reward model 3').click();
    assert.deepEqual(await harmful.heard('rollBack'), { type: 'rollBack', layer: 'rewardModel' });
    await harmful.frame.getByText('No learnable signal.').first().waitFor();
  });

  test('a machine without ONNX Runtime says what it can’t train, and trains the rest', async (context) => {
    const { frame, button, heard } = await opened(context, 20, {
      prepare(preview) {
        preview.state = { ...preview.state!, unsupported: 'There is no build of ONNX Runtime for it.' };
      },
    });
    await frame
      .getByRole('note')
      .getByText(/no build of ONNX Runtime/)
      .waitFor();
    assert.equal(await button('Train…').getAttribute('aria-disabled'), 'false');
    await button('Check What This Machine Can Train On').click();
    assert.deepEqual(await heard('command'), { type: 'command', command: 'checkTraining' });
  });

  test('a failure and a restricted workspace are told with the next step', async (context) => {
    const { frame, button, harness, heard } = await opened(context, 20, {
      prepare(preview) {
        preview.problem = { kind: 'restricted', message: 'Restricted Mode: nothing is trained here.' };
      },
    });
    await frame.getByRole('note').getByText('Restricted Mode').waitFor();
    assert.equal(await button('Train…').getAttribute('aria-disabled'), 'true');
    await button('Manage Trust').click();
    assert.deepEqual(await heard('command'), { type: 'command', command: 'manageTrust' });
    harness.tell({ type: 'failed', message: 'The disk is full.', nextStep: 'Free some space.' });
    await frame.getByRole('alert').getByText('Free some space.').waitFor();
    await button('Close').click();
    await frame.getByRole('alert').waitFor({ state: 'detached' });
  });

  test('a run that does not come can be asked for again', async (context) => {
    const { frame, button, harness } = await opened(context, 2000, {
      prepare(preview) {
        preview.answersRuns = false;
      },
    });
    await frame.getByRole('alert').getByText('The version is damaged.').waitFor();
    harness.answersRuns = true;
    await frame.evaluate(() => new Promise((resolve) => setTimeout(resolve, 600)));
    await button('Try Again').click();
    await frame.getByText('Kinds tried, on decisions held out').waitFor();
  });

  test('what is looked at and the curves survive a reload of the view', async (context) => {
    const view = await opened(context, 2000);
    const { page, frame, harness } = view;
    await underWay(view, harness);
    await frame.getByRole('option', { name: /^Reward model 1 / }).click();
    await frame.waitForFunction(() => /"toggled"/.test(sessionStorage.getItem('state') ?? ''));
    await frame.evaluate(() => new Promise((resolve) => setTimeout(resolve, 1100)));
    await page.reload();
    const again = (await (await page.waitForSelector('#panel')).contentFrame())!;
    await again.getByRole('heading', { name: 'Reward model 1' }).waitFor();
    await again.locator('.multiples .line').first().waitFor();
  });

  test('every control has a name, Tab goes through the view in reading order and out of it', async (context) => {
    const view = await opened(context, 2000);
    const { page, frame, key, focused } = view;
    await frame.getByRole('option', { name: /^Reward model 4 / }).click();
    await frame.getByText('prefers early returns').waitFor();
    const client = await page.context().newCDPSession(page);
    const { frameTree } = (await client.send('Page.getFrameTree')) as unknown as {
      frameTree: { childFrames: { frame: { id: string } }[] };
    };
    const { nodes } = await client.send('Accessibility.getFullAXTree', { frameId: frameTree.childFrames[0]!.frame.id });
    const controls = new Set([
      'button',
      'checkbox',
      'combobox',
      'listbox',
      'option',
      'img',
      'image',
      'meter',
      'region',
      'group',
    ]);
    const seen = nodes.filter((node) => !node.ignored && controls.has(String(node.role?.value)));
    assert.ok(seen.length > 25, `only ${seen.length} controls were seen`);
    const nameless = seen
      .filter((node) => node.role?.value !== 'group' && !String(node.name?.value ?? '').trim())
      .map((node) => node.role?.value);
    assert.deepEqual(nameless, []);

    await frame.getByRole('button', { name: /^Data: Accepted/ }).focus();
    const order = [await focused()];
    for (let i = 0; i < 60; i++) {
      await key('Tab');
      const inside = await page.evaluate(() => document.activeElement?.id === 'panel');
      if (!inside) break;
      order.push(await focused());
    }
    assert.ok(order.length < 60, 'Tab never leaves the view');
    const places = [
      /^Data: Accepted/,
      /^Left out/,
      /Train…/,
      /^Dry Run/,
      /^Rate/,
      /^Reward model 4/,
      /^Selector 3/,
      /^Activate/,
      /^History/,
    ];
    let at = 0;
    for (const name of order) if (places[at]?.test(name)) at++;
    assert.equal(at, places.length, `stopped before ${places[at]} in ${order.join(' | ')}`);
  });

  test('no theme at any width breaks the content security policy, overflows, or lacks a style', async (context) => {
    for (const theme of themeNames) {
      const view = await opened(context, 2000, { theme, width: 1100 });
      const { page, frame, complaints, harness } = view;
      await underWay(view, harness);
      await frame.getByRole('option', { name: /^Reward model 4 / }).click();
      await frame.getByRole('combobox', { name: 'Compare with' }).selectOption({ label: 'Reward model 3' });
      await frame.getByText('prefers early returns').waitFor();
      for (const width of [300, 480, 1100]) {
        await page.setViewportSize({ width, height: 800 });
        // The charts hear of their new width with the next frames.
        await frame.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
        const measured = await frame.evaluate(() => ({
          overflow: document.documentElement.scrollWidth - document.documentElement.clientWidth,
          cutOff: [...document.querySelectorAll('button, input, select, svg, progress, meter, h1, h2, h3, h4, p, dd')]
            .filter(
              (element) => !element.closest('.table-scroll') && element.getBoundingClientRect().right > innerWidth,
            )
            .map((element) => element.outerHTML.slice(0, 80)),
          font: document.fonts.check('16px codicon'),
          line: getComputedStyle(document.querySelector('.chart .line')!).stroke,
        }));
        const { line, ...rest } = measured;
        assert.deepEqual(rest, { overflow: 0, cutOff: [], font: true }, `${theme} at ${width}`);
        assert.match(line, /^rgb/, theme);
      }
      assert.deepEqual(complaints, [], theme);
    }
  });

  test('where motion is unwanted curves are drawn at a calm pace, and all of them are', async (context) => {
    const view = await opened(context, 2000, { calm: true });
    const { frame, harness } = view;
    await underWay(view, harness, 40);
    await frame.getByText('PPO, round 40 of 40').waitFor();
    const moving = await frame.evaluate(
      () => document.getAnimations().filter((animation) => animation.playState === 'running').length,
    );
    assert.equal(moving, 0);
  });
});
