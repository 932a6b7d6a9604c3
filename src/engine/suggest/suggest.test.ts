import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { EngineConfig } from '../../protocol/config.ts';
import type { Event } from '../../protocol/episode.ts';
import { featureNames, featureVersion } from '../learn/acceptanceFeatures.ts';
import type { ModelChunk } from '../models/languageModel.ts';
import { type Bench, bench, fails, never, says } from './testing/bench.ts';
import { bad, good, nextId } from './testing/entries.ts';

async function start(
  t: TestContext,
  over: Partial<EngineConfig> = {},
  options: Parameters<typeof bench>[1] = {},
): Promise<Bench> {
  const made = await bench(over, options);
  t.after(() => made.close());
  return made;
}

const happened = (b: Bench, episodeId: string, type: Event['type'], over: Partial<Event> = {}) =>
  b.store.addEvents([{ id: nextId(), episodeId, at: b.clock.time, type, ...over }]);

/** Every deadline is over at once. */
const hurried = {
  after(_ms: number, fire: () => void) {
    setImmediate(fire);
    return () => {};
  },
};

const area = 'export function area(r: number) {\n  ▮\n}\n';
const volume = 'export function volume(r: number) {\n  ▮\n}\n';
const surface = 'export function surface(r: number) {\n  ▮\n}\n';

test('an offer is cleaned, ranged, and remembered with its event', async (t) => {
  const b = await start(t);
  b.script = () => says('```ts\nreturn Math.PI * r ** 2;\n```');
  const result = await b.suggester.suggest(b.at('src/area.ts', area), never());
  assert.equal(result.items.length, 1);
  const [item] = result.items;
  assert.equal(item?.insertText, 'return Math.PI * r ** 2;');
  assert.deepEqual(item?.range, { startLine: 1, startCharacter: 2, endLine: 1, endCharacter: 2 });
  const entry = b.store.get(result.episodeId!)!;
  assert.equal(entry.episode.file, 'src/area.ts');
  assert.equal(entry.episode.offered, 0);
  assert.equal(entry.episode.propensity, 1);
  assert.equal(entry.episode.candidates[0]?.text, 'return Math.PI * r ** 2;');
  assert.deepEqual(
    entry.events.map(({ type, candidateId }) => [type, candidateId]),
    [['offered', item?.candidateId]],
  );
});

test('typing along asks no model, writes no second episode and keeps the ids', async (t) => {
  const b = await start(t);
  b.script = () => says('return Math.PI * r ** 2;');
  const first = await b.suggester.suggest(b.at('src/area.ts', area), never());
  for (const typed of ['r', 're', 'return', 'return Math.']) {
    const again = await b.suggester.suggest(b.at('src/area.ts', area.replace('▮', `${typed}▮`)), never());
    assert.equal(again.episodeId, first.episodeId);
    assert.equal(again.items[0]?.candidateId, first.items[0]?.candidateId);
    assert.equal(typed + again.items[0]?.insertText, 'return Math.PI * r ** 2;');
    assert.equal(again.items[0]?.range.startCharacter, 2 + typed.length);
  }
  assert.equal(b.requests.length, 1);
  assert.equal(b.store.size, 1);
});

test('the next prompt for a similar place holds the well-rated edit and not the badly rated one', async (t) => {
  const b = await start(t);
  b.script = () => says('return Math.pow(r, 2);');
  const disliked = await b.suggester.suggest(b.at('src/area.ts', area), never());
  await b.rate(disliked.episodeId!, { ...bad, reasons: ['wrongStyle'], comment: 'operators, please' });
  b.script = () => says('return (4 / 3) * Math.PI * r ** 3;');
  const liked = await b.suggester.suggest(b.at('src/volume.ts', volume), never());
  await b.rate(liked.episodeId!, good);
  b.script = () => says('return 4 * Math.PI * r ** 2;');
  const result = await b.suggester.suggest(b.at('src/surface.ts', surface), never());
  const request = b.requests.at(-1)!;
  assert.ok(request.kind === 'fillIn');
  assert.match(request.preamble, /\/\/ \| {3}return \(4 \/ 3\) \* Math\.PI \* r \*\* 3;/);
  assert.doesNotMatch(request.preamble, /Math\.pow/);
  assert.match(request.preamble, /^\/\/ Avoid: wrong style \("operators, please"\)$/m);
  assert.deepEqual(
    b.store.get(result.episodeId!)!.episode.examples.map(({ episodeId }) => episodeId),
    [liked.episodeId],
  );
});

test('“never use this again” holds for the edit and for any with the same text', async (t) => {
  const b = await start(t);
  b.script = () => says('return (4 / 3) * Math.PI * r ** 3;');
  const first = await b.suggester.suggest(b.at('src/volume.ts', volume), never());
  const second = await b.suggester.suggest(b.at('src/other.ts', `// other\n${volume}`), never());
  await b.rate(first.episodeId!, good);
  await b.rate(second.episodeId!, good);
  await b.store.direct([{ id: nextId(), episodeId: first.episodeId!, at: b.clock.time, use: 'never' }]);
  await b.suggester.suggest(b.at('src/surface.ts', surface), never());
  const request = b.requests.at(-1)!;
  assert.ok(request.kind === 'fillIn' && !request.preamble.includes('(4 / 3)'), 'neither of the two is an example');
});

test('what was dismissed is not offered again at that line, however often the model says it', async (t) => {
  const b = await start(t);
  b.script = () => says('return Math.pow(r, 2);');
  const first = await b.suggester.suggest(b.at('src/area.ts', area), never());
  happened(b, first.episodeId!, 'rejected', { candidateId: first.items[0]!.candidateId, reason: 'escape' });
  b.clock.time += 6000;
  const again = await b.suggester.suggest(b.at('src/area.ts', area), never());
  assert.deepEqual(again.items, []);
  assert.equal(again.silence, 'You turned this down here.');
  const typed = await b.suggester.suggest(b.at('src/area.ts', area.replace('▮', 're▮')), never());
  assert.deepEqual(typed.items, []);
  const silent = [...b.store.entries()].filter(({ episode }) => episode.offered === null);
  assert.equal(silent.length, 1, 'typing it out by hand is logged once');
  assert.equal(silent[0]?.episode.candidates[0]?.droppedBy, 'refused');
});

test('a rejection counts at once, even while nothing hears of it from the memory', async (t) => {
  const b = await start(t, {}, { deafMemory: true, slowMemory: true, timer: hurried });
  b.script = () => says('return Math.pow(r, 2);');
  const params = { ...b.at('src/area.ts', area), trigger: 'explicit' as const };
  const first = await b.suggester.suggest(params, never());
  happened(b, first.episodeId!, 'rejected', { candidateId: first.items[0]!.candidateId, reason: 'escape' });
  assert.equal((await b.suggester.suggest(params, never())).items.length, 1, 'nobody has said so yet');
  b.suggester.judged(b.store.get(first.episodeId!)!);
  assert.equal((await b.suggester.suggest(params, never())).silence, 'You turned this down here.');
});

test('for five seconds the line where something was turned down is quiet, and no model is asked', async (t) => {
  const b = await start(t);
  b.script = () => says('return Math.pow(r, 2);');
  const first = await b.suggester.suggest(b.at('src/area.ts', area), never());
  happened(b, first.episodeId!, 'rejected', { candidateId: first.items[0]!.candidateId, reason: 'escape' });
  b.script = () => says('return r ** 2 * Math.PI;');
  const ask = async (marked: string, trigger: 'automatic' | 'explicit' = 'automatic') => {
    const asked = b.requests.length;
    const { silence } = await b.suggester.suggest({ ...b.at('src/area.ts', marked), trigger }, never());
    return [silence, b.requests.length > asked];
  };
  const quiet = ['You just turned something down on this line.', false];
  assert.deepEqual(await ask(area), quiet);
  b.clock.time += 4900;
  assert.deepEqual(await ask(area.replace('▮', 'r▮')), quiet);
  assert.deepEqual(await ask(`// above\n${area}`), quiet, 'the line has moved');
  assert.deepEqual(await ask(`${area.replace('▮', '')}const x = ▮`), [undefined, true], 'another line');
  assert.deepEqual(await ask(area, 'explicit'), [undefined, true], 'asked for by hand');
  b.clock.time += 200;
  assert.deepEqual(await ask(area.replace('▮', 'x = ▮')), [undefined, true], 'a moment later');
});

test('an answer that was still on its way when the line was turned down is not shown either', async (t) => {
  const b = await start(t);
  b.script = () => says('return Math.pow(r, 2);');
  const first = await b.suggester.suggest(b.at('src/area.ts', area), never());
  const params = b.at('src/area.ts', area.replace('▮', 'x = ▮'));
  b.script = () => {
    happened(b, first.episodeId!, 'rejected', { candidateId: first.items[0]!.candidateId, reason: 'escape' });
    return says('r ** 2 * Math.PI;');
  };
  const late = await b.suggester.suggest(params, never());
  assert.deepEqual([late.items, late.silence], [[], 'You just turned something down on this line.']);
});

test('what was just taken out is not offered back; a minute later it may be', async (t) => {
  const b = await start(t);
  b.script = () => says('return Math.pow(r, 2);');
  b.at('src/area.ts', area.replace('▮', 'return Math.pow(r, 2);▮'));
  const params = b.at('src/area.ts', area);
  const ask = async () => (await b.suggester.suggest(params, never())).items[0]?.insertText;
  assert.equal(await ask(), undefined);
  assert.match(b.traces.recent()[0]!.decision, /undoesRecentEdit/);
  b.clock.time += 61_000;
  assert.equal(await ask(), 'return Math.pow(r, 2);');
});

test('one line is asked for and shown where code goes on below, several where a block begins', async (t) => {
  const b = await start(t);
  b.script = () => says('await load(id);\n  const b = 2;');
  const one = await b.suggester.suggest(b.at('src/a.ts', 'f() {\n  const a = ▮\n  use(a);\n}'), never());
  assert.equal(one.items[0]?.insertText, 'await load(id);');
  b.script = () => says('\n  await load(id);\n  const b = 2;');
  const several = await b.suggester.suggest(b.at('src/b.ts', 'f() {▮\n}'), never());
  assert.equal(several.items[0]?.insertText, '\n  await load(id);\n  const b = 2;');
  const stops = b.requests.map((request) => request.kind === 'fillIn' && request.stop);
  assert.deepEqual(stops, [['\n'], []]);
  const [trace] = b.traces.recent();
  assert.equal(trace?.steps.find(({ name }) => name === 'lines')?.note, 'several: the line opens a block');
});

test('where one line is asked for, no more of an answer is read, wrapped or not', async (t) => {
  const b = await start(t);
  let pieces = 0;
  b.script = async function* (): AsyncIterable<ModelChunk> {
    for (const text of ['```ts\n', 'await load', '(id);\n', '  if (a) {', '\n']) {
      pieces += 1;
      yield { type: 'text', text };
    }
    yield { type: 'end', finish: 'stop' };
  };
  const { items } = await b.suggester.suggest(b.at('src/a.ts', 'f() {\n  const a = ▮\n  use(a);\n}'), never());
  assert.equal(items[0]?.insertText, 'await load(id);');
  assert.equal(pieces, 3);
});

test('a refusal holds at its place for long: fifty requests, edits above and below, and many refusals elsewhere', async (t) => {
  const b = await start(t);
  b.script = () => says('return Math.pow(r, 2);');
  const refuse = async (file: string, text: string) => {
    const offer = await b.suggester.suggest({ ...b.at(file, text), trigger: 'explicit' }, never());
    happened(b, offer.episodeId!, 'rejected', { candidateId: offer.items[0]!.candidateId, reason: 'escape' });
  };
  await refuse('src/area.ts', area);
  for (let index = 0; index < 60; index += 1) {
    b.script = () => says(`other${index}.call(${index});`);
    await refuse('src/area.ts', `function other${index}() {\n  const value${index} = ▮\n}\n`);
  }
  b.clock.time += 6000;
  for (let index = 0; index < 50; index += 1) {
    const text = 'return Math.pow(r, 2);';
    const typed = text.slice(0, index % 4);
    b.script = () => says(text.slice(typed.length));
    const here = area.replace('▮', `${typed}▮`);
    const edited = `// ${index}\n${'more();\n'.repeat(index)}${here}// below ${index}\n`;
    const again = await b.suggester.suggest(b.at('src/area.ts', edited), never());
    assert.equal(again.silence, 'You turned this down here.', `request ${index}`);
  }
});

test('after a restart the latest refusals hold, not the oldest', async (t) => {
  const b = await start(t);
  const at = (index: number) => `function f${index}() {\n  ▮\n}\n`;
  for (let index = 0; index < 60; index += 1) {
    b.script = () => says(`call${index}.now(${index});`);
    const offer = await b.suggester.suggest({ ...b.at('src/many.ts', at(index)), trigger: 'explicit' }, never());
    happened(b, offer.episodeId!, 'rejected', { candidateId: offer.items[0]!.candidateId, reason: 'escape' });
  }
  // As after a restart: what is followed is read from the store again.
  b.suggester.forget();
  for (const index of [59, 0]) {
    b.script = () => says(`call${index}.now(${index});`);
    const again = await b.suggester.suggest({ ...b.at('src/many.ts', at(index)), trigger: 'explicit' }, never());
    assert.equal(again.silence, 'You turned this down here.');
  }
});

test('what is never taken is no longer offered, whatever its words, and with memory off it is', async (t) => {
  for (const examples of [4, 0]) {
    const b = await start(t, { examples });
    let shown = 0;
    for (let index = 0; index < 80; index += 1) {
      b.script = () => says(`guess${index}.again();`);
      const offer = await b.suggester.suggest(b.at('src/area.ts', `a${index}();\nconst x${index} = ▮\n`), never());
      if (offer.episodeId === null) continue;
      if (index >= 60) shown += 1;
      b.clock.time += 1000;
      happened(b, offer.episodeId, 'ignored', { reason: 'typedPast' });
    }
    if (examples === 0) assert.equal(shown, 20);
    else assert.ok(shown <= 5, `${shown} of 20`);
    const told = [...b.store.entries()].map(({ episode }) => episode);
    assert.ok(told.every(({ propensity }) => propensity > 0));
  }
});

test('with the built-in model a kept edit comes back at the next similar place, and says where it is from', async (t) => {
  const b = await start(t, { inlineModel: 'workspace' });
  b.workspace.addFile('src/seed.ts', 'typescript', 'export const nothing = 1;\n');
  const id = nextId();
  b.store.addEpisode({
    id,
    at: b.clock.time,
    kind: 'inline',
    file: 'src/one.ts',
    languageId: 'typescript',
    range: { startLine: 2, startCharacter: 2, endLine: 2, endCharacter: 2 },
    instruction: '',
    prefix: 'export async function one(id: string) {\n  checkAccess(id);\n  const user = await load(id);\n  ',
    before: '',
    suffix: '\n}\n',
    candidates: [{ id: nextId(), text: 'if (user === null) throw new NotFound(id);', model: 'workspace' }],
    offered: 0,
    propensity: 1,
    examples: [],
  });
  await b.rate(id, good);
  const there = b.at(
    'src/two.ts',
    'export async function two(id: string) {\n  checkAccess(id);\n  const order = await load(id);\n  ▮\n}\n',
  );
  const result = await b.suggester.suggest(there, never());
  assert.equal(result.items[0]?.insertText, 'if (order === null) throw new NotFound(id);');
  const { episode } = b.store.get(result.episodeId!)!;
  assert.deepEqual(
    episode.examples.map(({ episodeId }) => episodeId),
    [id],
  );
  assert.equal(episode.candidates[0]?.model, 'memory');
  await b.rate(id, bad);
  const after = await b.suggester.suggest(there, never());
  assert.ok(!after.items.some(({ insertText }) => insertText.includes('NotFound')), 'a changed mind counts at once');
});

test('with the built-in model what the project says often is offered, without any memory', async (t) => {
  const b = await start(t, { inlineModel: 'workspace' });
  for (let index = 0; index < 6; index += 1) {
    b.workspace.addFile(
      `src/h${index}.ts`,
      'typescript',
      `export function handler${index}() {\n  try {\n    run();\n  } catch (error) {\n    logger.error(toMessage(error));\n  }\n}\n`,
    );
  }
  const result = await b.suggester.suggest(
    b.at('src/new.ts', 'export function fresh() {\n  try {\n    run();\n  } catch (error) {\n    logger.▮\n  }\n}\n'),
    never(),
  );
  assert.equal(result.items[0]?.insertText, 'error(toMessage(error));');
  assert.equal(b.store.get(result.episodeId!)!.episode.candidates[0]?.model, 'workspace');
});

test('memory off means off: no example, no refusal', async (t) => {
  const b = await start(t, { examples: 0 });
  b.script = () => says('return Math.pow(r, 2);');
  const first = await b.suggester.suggest(b.at('src/area.ts', area), never());
  await b.rate(first.episodeId!, bad);
  b.clock.time += 6000;
  const again = await b.suggester.suggest(b.at('src/area.ts', area), never());
  assert.equal(again.items[0]?.insertText, 'return Math.pow(r, 2);');
});

test('excluded files are neither read nor sent nor stored', async (t) => {
  const b = await start(t);
  b.script = () => says('anything();');
  for (const file of ['.env', 'secret/keys.ts']) {
    const result = await b.suggester.suggest(b.at(file, 'PASSWORD=hunter2\n▮', 'properties'), never());
    assert.deepEqual(result.items, []);
    assert.match(result.silence!, /excluded/);
  }
  assert.equal(b.requests.length, 0);
  assert.equal(b.store.size, 0);
});

const token = ['ghp', 'a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8'].join('_');

test('secrets are taken out of what is sent and of what is stored', async (t) => {
  const b = await start(t);
  b.script = () => says('connect(key, options);');
  const result = await b.suggester.suggest(b.at('src/a.ts', `const key = "${token}";\n▮\n`), never());
  assert.equal(result.items[0]?.insertText, 'connect(key, options);');
  assert.ok(!JSON.stringify(b.requests).includes(token));
  assert.ok(!JSON.stringify([...b.store.entries()]).includes(token));
  assert.ok(!JSON.stringify(b.traces.recent()).includes(token));
});

test('a request for a text that has changed since is silence, and a late answer is not shown', async (t) => {
  const b = await start(t);
  const params = b.at('src/area.ts', area);
  b.at('src/area.ts', area.replace('▮', 'x▮'));
  assert.match((await b.suggester.suggest(params, never())).silence!, /changed/);
  assert.equal(b.requests.length, 0);
  const now = b.at('src/area.ts', area);
  b.script = () => {
    b.at('src/area.ts', area.replace('▮', 'y▮'));
    return says('return 1 + 2 + 3;');
  };
  assert.equal((await b.suggester.suggest(now, never())).silence, 'Typing went on.');
  assert.equal(b.store.size, 0);
});

test('at most two requests are alive; the oldest is aborted and its connection closed', async (t) => {
  const b = await start(t);
  const aborted: number[] = [];
  const release: (() => void)[] = [];
  b.script = async function* (_request, signal, call): AsyncIterable<ModelChunk> {
    await new Promise<void>((resolve) => {
      release.push(resolve);
      signal.addEventListener('abort', () => {
        aborted.push(call);
        resolve();
      });
    });
    yield* signal.aborted ? fails({ reason: 'cancelled' }) : says(`return ${call}00000;`);
  };
  const params = b.at('src/area.ts', area);
  const asked = [];
  for (let index = 0; index < 3; index += 1) {
    asked.push(b.suggester.suggest(params, never()));
    while (b.requests.length < index + 1) await new Promise((resolve) => setImmediate(resolve));
  }
  assert.deepEqual(aborted, [0]);
  for (const one of release) one();
  const results = await Promise.all(asked);
  assert.deepEqual(
    results.map(({ items }) => items[0]?.insertText),
    [undefined, 'return 100000;', 'return 200000;'],
  );
});

test('a cancelled request leaves nothing behind', async (t) => {
  const b = await start(t);
  const controller = new AbortController();
  b.script = () => {
    controller.abort();
    return says('return 123456;');
  };
  const result = await b.suggester.suggest(b.at('src/area.ts', area), controller.signal);
  assert.deepEqual(result.items, []);
  assert.equal(b.store.size, 0);
});

test('a memory that is slow is left out, and the trace says so', async (t) => {
  const b = await start(t, {}, { timer: hurried, slowMemory: true });
  b.script = () => says('return 123456;');
  const result = await b.suggester.suggest(b.at('src/area.ts', area), never());
  assert.equal(result.items.length, 1);
  const step = b.traces.recent()[0]!.steps.find(({ name }) => name === 'memory');
  assert.equal(step?.note, 'dropped: not ready after 100 ms');
});

test('a model that cannot be reached is silence with the reason', async (t) => {
  const b = await start(t);
  b.script = () => fails({ message: 'Ollama is not running.' });
  assert.equal((await b.suggester.suggest(b.at('src/area.ts', area), never())).silence, 'Ollama is not running.');
  assert.equal(b.traces.recent()[0]?.decision, 'silence: Ollama is not running.');
});

test('an answer the filters drop is no episode', async (t) => {
  const b = await start(t);
  b.script = () => says('}');
  const result = await b.suggester.suggest(b.at('src/area.ts', area), never());
  assert.match(result.silence!, /Nothing usable/);
  assert.equal(b.store.size, 0);
});

test('with the suggest widget open the offer begins with its item and takes the place of the begun word', async (t) => {
  const b = await start(t);
  b.script = (request) =>
    says(request.kind === 'fillIn' && request.prefix.endsWith('Math.sqrt') ? '(r * r);' : 'wrong');
  const params = { ...b.at('src/area.ts', area.replace('▮', 'return Math.sq▮')), selectedCompletion: 'sqrt' };
  const result = await b.suggester.suggest(params, never());
  assert.equal(result.items[0]?.insertText, 'sqrt(r * r);');
  assert.deepEqual(result.items[0]?.range, { startLine: 1, startCharacter: 14, endLine: 1, endCharacter: 16 });
  const { episode } = b.store.get(result.episodeId!)!;
  assert.deepEqual([episode.before, episode.candidates[0]?.text], ['sq', 'sqrt(r * r);']);
  assert.ok(episode.prefix.endsWith('return Math.'));
});

test('in a CRLF document line and character are the editor’s', async (t) => {
  const b = await start(t);
  b.script = () => says('return 123456;');
  const result = await b.suggester.suggest(b.at('src/area.ts', 'a();\r\nfunction f() {\r\n  ▮\r\n}\r\n'), never());
  assert.deepEqual(result.items[0]?.range, { startLine: 2, startCharacter: 2, endLine: 2, endCharacter: 2 });
  assert.ok(b.requests.every((request) => request.kind === 'fillIn' && !request.prefix.includes('\r')));
});

test('every request leaves a trace of timed steps, and only the last fifty are kept', async (t) => {
  const b = await start(t);
  b.script = () => {
    b.clock.time += 40;
    return says('return 123456;');
  };
  await b.suggester.suggest(b.at('src/area.ts', area), never());
  const [trace] = b.traces.recent();
  const names = trace!.steps.map(({ name }) => name);
  // The sources work side by side: which is done first doesn't matter.
  assert.deepEqual(
    [...names.slice(0, 2), ...names.slice(2, 5).sort(), ...names.slice(5)],
    ['cache', 'lines', 'memory', 'open files', 'recent edits', 'prompt', 'model', 'decision'],
  );
  assert.equal(trace?.steps.find(({ name }) => name === 'model')?.ms, 40);
  assert.match(trace!.prompt, /▮/);
  assert.deepEqual(trace?.answers, ['return 123456;']);
  for (let index = 0; index < 60; index += 1) {
    await b.suggester.suggest(b.at('src/area.ts', `${index}${area}`), never());
  }
  assert.equal(b.traces.recent().length, 50);
});

test('the trace of an episode shows every candidate, and is not pushed out by typing along', async (t) => {
  const b = await start(t);
  b.script = (_request, _signal, call) => says(call % 3 === 0 ? '}' : `return ${call % 3}23456;`);
  const first = await b.suggester.suggest({ ...b.at('src/area.ts', area), trigger: 'explicit' }, never());
  for (let typed = 1; typed < 12; typed += 1) {
    const rest = area.replace('▮', `${first.items[0]!.insertText.slice(0, typed)}▮`);
    assert.equal((await b.suggester.suggest(b.at('src/area.ts', rest), never())).episodeId, first.episodeId);
  }
  const [again, made, ...others] = b.traces.of(first.episodeId!);
  assert.equal(others.length, 0);
  assert.match(again!.decision, /again$/);
  const { episode } = b.store.get(first.episodeId!)!;
  assert.equal(made!.at, episode.requestedAt);
  assert.deepEqual(
    made!.candidates.map(({ text, model, droppedBy }) => [text, model, droppedBy]),
    episode.candidates.map(({ text, model, droppedBy }) => [text, model, droppedBy]),
  );
  assert.deepEqual(made!.candidates.map(({ droppedBy }) => droppedBy).sort(), ['empty', undefined, undefined]);
  assert.ok(made!.candidates.every(({ chance, droppedBy }) => (chance === undefined) === (droppedBy !== undefined)));
  assert.deepEqual(b.traces.of(nextId()), []);
});

test('an episode holds what the decision saw: features of what could be offered, and how likely each came first', async (t) => {
  for (const examples of [4, 0]) {
    const b = await start(t, { examples });
    b.script = (_request, _signal, call) => {
      b.clock.time += 70;
      return says(call % 3 === 0 ? '}' : `return ${call % 3}23456;`);
    };
    const asked = b.clock.time;
    const result = await b.suggester.suggest({ ...b.at('src/area.ts', area), trigger: 'explicit' }, never());
    const { episode } = b.store.get(result.episodeId!)!;
    assert.equal(episode.featureVersion, featureVersion);
    assert.deepEqual([episode.requestedAt, episode.at], [asked, asked + 210]);
    for (const { droppedBy, features, propensity } of episode.candidates) {
      assert.equal(features?.length, droppedBy === undefined ? featureNames.length : undefined);
      assert.equal(propensity === undefined, droppedBy !== undefined);
      for (const value of features ?? []) assert.equal(value, Number(value.toPrecision(4)));
    }
    // With memory the better one is drawn, for the server says of none how sure it is; without, nothing learnt has a say.
    const [first = 0, other = 0, dropped] = episode.candidates.map(({ propensity }) => propensity);
    assert.equal(dropped, undefined);
    if (examples === 0) assert.deepEqual([first, other], [1, 0]);
    else assert.ok(Math.abs(first + other - 1) < 1e-12 && Math.min(first, other) >= 0.025, `${first} and ${other}`);
    assert.equal(episode.propensity, first);
  }
});

test('a new configuration counts from the next request on', async (t) => {
  const b = await start(t);
  b.script = () => says('return 123456;');
  const params = b.at('src/area.ts', area);
  await b.suggester.suggest({ ...params, trigger: 'explicit' }, never());
  assert.equal(b.requests.length, 3, 'asked for by hand, there are alternatives');
  const { defaultConfig } = await import('../../protocol/config.ts');
  b.suggester.configure({ ...defaultConfig, candidates: 1 });
  await b.suggester.suggest({ ...params, trigger: 'explicit' }, never());
  assert.equal(b.requests.length, 4);
});

test('a request a few keys later joins the one under way: one question, one episode, the rest of the answer', async (t) => {
  const b = await start(t);
  const { promise: released, resolve: release } = Promise.withResolvers<void>();
  const aborted: number[] = [];
  b.script = async function* (_request, signal, call): AsyncIterable<ModelChunk> {
    signal.addEventListener('abort', () => aborted.push(call));
    yield { type: 'text', text: 'return' };
    await released;
    yield* says(' Math.PI * r ** 2;');
  };
  const keystroke = new AbortController();
  const first = b.suggester.suggest(b.at('src/area.ts', area), keystroke.signal);
  while (b.requests.length === 0) await new Promise((resolve) => setImmediate(resolve));
  const later = b.at('src/area.ts', area.replace('▮', 're▮'));
  keystroke.abort();
  assert.equal((await first).silence, 'Typing went on.');
  const second = b.suggester.suggest(later, never());
  release();
  const result = await second;
  assert.equal(result.items[0]?.insertText, 'turn Math.PI * r ** 2;');
  assert.equal(result.items[0]?.range.startCharacter, 4);
  assert.equal(b.requests.length, 1);
  assert.equal(b.store.size, 1);
  const { episode } = b.store.get(result.episodeId!)!;
  assert.ok(episode.prefix.endsWith('  re'));
  assert.equal(episode.candidates[0]?.text, 'turn Math.PI * r ** 2;');
  assert.match(b.traces.of(episode.id)[0]!.steps.find(({ name }) => name === 'joined')!.note, /2 characters/);
});

test('a joined answer that goes another way is not offered: the model is asked at the new place', async (t) => {
  const b = await start(t);
  const { promise: released, resolve: release } = Promise.withResolvers<void>();
  b.script = async function* (_request, _signal, call): AsyncIterable<ModelChunk> {
    if (call === 0) await released;
    yield* says(call === 0 ? 'return 123456;' : 'reate(r);');
  };
  const first = b.suggester.suggest(b.at('src/area.ts', area), never());
  while (b.requests.length === 0) await new Promise((resolve) => setImmediate(resolve));
  const second = b.suggester.suggest(b.at('src/area.ts', area.replace('▮', 'c▮')), never());
  release();
  assert.equal((await first).silence, 'Typing went on.');
  assert.equal((await second).items[0]?.insertText, 'reate(r);');
  assert.equal(b.requests.length, 2);
  assert.equal(b.store.size, 1);
});

test('typing against what is being streamed closes that connection at once and asks anew', async (t) => {
  const b = await start(t);
  const closed: number[] = [];
  b.script = async function* (_request, signal, call): AsyncIterable<ModelChunk> {
    yield { type: 'text', text: call === 0 ? 'return ' : 'reate(r);' };
    if (call === 0) await new Promise((resolve) => signal.addEventListener('abort', resolve));
    if (signal.aborted) closed.push(call);
    yield* signal.aborted ? fails({ reason: 'cancelled' }) : says('');
  };
  const first = b.suggester.suggest(b.at('src/area.ts', area), never());
  while (b.requests.length === 0) await new Promise((resolve) => setImmediate(resolve));
  const second = await b.suggester.suggest(b.at('src/area.ts', area.replace('▮', 'c▮')), never());
  assert.equal((await first).silence, 'Typing went on.');
  assert.deepEqual(closed, [0]);
  assert.equal(second.items[0]?.insertText, 'reate(r);');
});
