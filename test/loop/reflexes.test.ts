/**
 * A rejected suggestion does not come back: not in the next fifty requests at its place, through edits above, below and on
 * its line, under other names, after the document was reopened or the engine restarted. Real engine process; a server that
 * always says the same, and the workspace model.
 */
import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { type HeadlessEngine, startEngine } from '../../src/lab/headless.ts';
import type { EngineConfig } from '../../src/protocol/config.ts';
import type { Event } from '../../src/protocol/episode.ts';
import type { ClientRequests, Result } from '../../src/protocol/rpc.ts';
import type { FakeServer } from '../fakes/fakeServer.ts';
import { startOpenaiServer } from '../fakes/openaiServer.ts';

type Answer = Result<ClientRequests, 'suggest'>;
const turnedDown = 'You turned this down here.';
const squash = (text: string): string => text.replace(/\s+/g, '');

async function folder(t: TestContext): Promise<string> {
  const root = await mkdtemp(join(tmpdir(), 'attune-reflexes-'));
  t.after(() => rm(root, { recursive: true, force: true, maxRetries: 5 }));
  return root;
}

async function start(t: TestContext, root: string, config: Partial<EngineConfig>): Promise<HeadlessEngine> {
  const engine = await startEngine({
    folders: [{ path: root, name: 'work' }],
    storagePath: join(root, '.memory'),
    cachePath: join(root, '.cache'),
    config,
  });
  t.after(() => engine.stop());
  await engine.indexed();
  return engine;
}

const served = (server: FakeServer): Partial<EngineConfig> => ({
  inlineModel: 'openai',
  candidates: 1,
  openai: { baseUrl: `${server.url}/v1`, model: 'qwen2.5-coder', completions: 'always' },
});

/** A document as an editor holds it; `▮` stands where the developer is, and no edit goes across it. */
class Desk {
  engine: HeadlessEngine;
  readonly uri: string;
  readonly #path: string;
  readonly #languageId: string;
  #marked: string;
  #version = 1;

  constructor(engine: HeadlessEngine, path: string, marked: string, languageId = 'typescript') {
    this.engine = engine;
    this.uri = pathToFileURL(path).href;
    this.#path = path;
    this.#languageId = languageId;
    this.#marked = marked;
    this.open();
  }

  get text(): string {
    return this.#marked.replace('▮', '');
  }

  open(): void {
    const { uri, text } = this;
    this.#version += 1;
    this.engine.tell('documentOpened', {
      uri,
      path: this.#path,
      languageId: this.#languageId,
      version: this.#version,
      text,
    });
  }

  close(): void {
    this.engine.tell('documentClosed', { uri: this.uri });
  }

  /** Every match becomes `put`, in one event. */
  edit(find: RegExp | string, put: string): void {
    const pattern = typeof find === 'string' ? new RegExp(find.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')) : find;
    const mark = this.#marked.indexOf('▮');
    const found = pattern.global
      ? [...this.#marked.matchAll(pattern)]
      : [pattern.exec(this.#marked)].filter((one) => one !== null);
    assert.ok(found.length > 0, `${find} in ${this.#marked}`);
    const changes = found.reverse().map((match) => {
      this.#marked = this.#marked.slice(0, match.index) + put + this.#marked.slice(match.index + match[0].length);
      return { offset: match.index - (match.index > mark ? 1 : 0), length: match[0].length, text: put };
    });
    this.#tell(changes);
  }

  /** Types at the cursor, or with a negative number deletes before it. */
  type(what: string | number): void {
    const at = this.#marked.indexOf('▮');
    const [before, after] = [this.#marked.slice(0, at), this.#marked.slice(at)];
    if (typeof what === 'string') {
      this.#marked = before + what + after;
      this.#tell([{ offset: at, length: 0, text: what }]);
    } else {
      this.#marked = before.slice(0, what) + after;
      this.#tell([{ offset: at + what, length: -what, text: '' }]);
    }
  }

  /** The whole text is replaced at once, as with other line ends. */
  replaceAll(change: (marked: string) => string): void {
    const length = this.text.length;
    this.#marked = change(this.#marked);
    this.#tell([{ offset: 0, length, text: this.text }]);
  }

  /** Everything is deleted, and undone. */
  deleteAndUndo(): void {
    const { text } = this;
    this.#tell([{ offset: 0, length: text.length, text: '' }]);
    this.#tell([{ offset: 0, length: 0, text }]);
  }

  goTo(after: string): void {
    const text = this.text;
    const at = text.indexOf(after) + after.length;
    assert.ok(text.includes(after), `${after} in ${text}`);
    this.#marked = `${text.slice(0, at)}▮${text.slice(at)}`;
  }

  ask(trigger: 'automatic' | 'explicit' = 'explicit'): Promise<Answer> {
    const offset = this.#marked.indexOf('▮');
    return this.engine.ask('suggest', { uri: this.uri, version: this.#version, offset, trigger });
  }

  /** The first item as the text at the cursor would get it. */
  async offered(): Promise<string | undefined> {
    const { items } = await this.ask();
    return items[0]?.insertText;
  }

  happened({ episodeId, items }: Answer, type: Event['type'], reason?: string): void {
    const event = { episodeId: episodeId!, candidateId: items[0]!.candidateId, at: Date.now(), type };
    this.engine.tell('events', { events: [reason === undefined ? event : { ...event, reason }] });
  }

  #tell(changes: { offset: number; length: number; text: string }[]): void {
    this.#version += 1;
    this.engine.tell('documentChanged', { uri: this.uri, version: this.#version, changes });
  }
}

const source = `import { unit } from './unit.ts';

export function area(r: number): number {
  const half = r / 2;
  ▮
}

class Box {
  constructor(readonly size: number) {}

  volume(r: number): number {
    const half = this.size;
    \n    return half;
  }
}
`;
const same = 'return Math.pow(r, 2) * unit;';

/** What a developer does around the place; each leaves the cursor on the line where the text was turned down. */
const edits: readonly ((desk: Desk, index: number) => void)[] = [
  (desk, index) => desk.edit(/^/, `// note ${index}\n`),
  (desk, index) => desk.edit(/(?=const half = r)/, `log(${index});\n  `),
  (desk, index) => desk.edit(/(?=\n\}\r?\n)/, `\n  after(${index});`),
  (desk) => desk.type('ret'),
  (desk) => desk.type(-3),
  (desk, index) => desk.edit(/$/, `\nexport function below${index}(): void {}\n`),
  (desk) => desk.replaceAll((text) => text.replaceAll('\n', '\r\n')),
  (desk) => desk.deleteAndUndo(),
  (desk) => desk.replaceAll((text) => text.replaceAll('\r\n', '\n')),
  (desk) => desk.edit(/^ {2}(?=\S|▮)/gm, '\t'),
  (desk) => desk.type('const result = '),
  (desk) => desk.type(-'const result = '.length),
  (desk) => desk.edit(/^\t(?=\S|▮)/gm, '  '),
  (desk, index) => desk.edit(/export function \w+/, `export function area${index}`),
];

test('a server that always says the same is not heard again at that place, fifty times', async (t) => {
  const root = await folder(t);
  const server = await startOpenaiServer();
  t.after(() => server.close());
  const engine = await start(t, root, served(server));
  let name = 'r';
  let says = same;
  server.script = () => ({ kind: 'text', deltas: [says] });
  const desk = new Desk(engine, join(root, 'area.ts'), source);
  const first = await desk.ask();
  assert.equal(first.items[0]?.insertText, same);
  desk.happened(first, 'rejected', 'escape');

  const automatic = await desk.ask('automatic');
  assert.deepEqual([automatic.items, automatic.silence], [[], 'You just turned something down on this line.']);
  server.clear();
  for (let index = 0; index < 50; index += 1) {
    if (index % 10 === 9) {
      // A local name changes, and the model goes with it or not.
      const next = name === 'r' ? 'radius' : 'r';
      desk.edit(new RegExp(`(?<=half = |area\\d*\\()${name}\\b`, 'g'), next);
      name = next;
    } else edits[(index - Math.floor(index / 10)) % edits.length]!(desk, index);
    says = index % 2 === 0 ? same : same.replace('(r,', `(${name},`);
    const again = await desk.ask();
    assert.deepEqual(again.items, [], `request ${index}: ${desk.text}`);
    assert.equal(again.silence, turnedDown, `request ${index}`);
  }
  assert.equal(server.requests.length, 50, 'the model was asked each time and said it each time');

  says = 'return half * half;';
  assert.equal(await desk.offered(), says, 'something else is welcome there');
  says = same;
  desk.goTo('const half = this.size;\n    ');
  const inBox = await desk.ask();
  assert.equal(inBox.items[0]?.insertText, same, 'in another scope it may be right');
  desk.happened(inBox, 'accepted');
});

test('taken in another scope it stays welcome there, and unwelcome where it was turned down', async (t) => {
  const root = await folder(t);
  const server = await startOpenaiServer();
  t.after(() => server.close());
  const engine = await start(t, root, served(server));
  server.script = () => ({ kind: 'text', deltas: [same] });
  const desk = new Desk(engine, join(root, 'area.ts'), source);
  desk.happened(await desk.ask(), 'rejected', 'escape');
  const place = 'const half = r / 2;\n  ';
  desk.goTo('const half = this.size;\n    ');
  const taken = await desk.ask();
  assert.equal(taken.items[0]?.insertText, same);
  desk.happened(taken, 'accepted');
  desk.type(same);
  desk.edit(/$/, '\nexport class Ball {\n  surface(r: number): number {\n    check(r);\n    \n  }\n}\n');
  desk.goTo('check(r);\n    ');
  assert.equal(await desk.offered(), same);
  desk.goTo(place);
  assert.equal((await desk.ask()).silence, turnedDown);
});

test('turned down in any way, it is gone with the very next request', async (t) => {
  const root = await folder(t);
  const server = await startOpenaiServer();
  t.after(() => server.close());
  const engine = await start(t, root, served(server));
  const ways: readonly [string, (desk: Desk, offer: Answer) => void][] = [
    ['escape', (desk, offer) => desk.happened(offer, 'rejected', 'escape')],
    ['deleted into', (desk, offer) => desk.happened(offer, 'rejected', 'deleted')],
    [
      'a word taken, and the rest dismissed',
      (desk, offer) => {
        desk.happened(offer, 'partlyAccepted');
        desk.type('return ');
        desk.happened(offer, 'rejected', 'escape');
        server.script = () => ({ kind: 'text', deltas: [same.slice('return '.length)] });
      },
    ],
    [
      'undone',
      (desk, offer) => {
        desk.happened(offer, 'accepted');
        desk.type(same);
        desk.type(-same.length);
        desk.happened(offer, 'reverted');
      },
    ],
    [
      'thumb down',
      (_desk, offer) => {
        const said = {
          thumb: 'down' as const,
          score: null,
          reasons: [],
          comment: '',
          correction: null,
          withdrawn: false,
        };
        // Not waited for: the disk is slower than the next key.
        rated.push(engine.ask('rate', { episodeId: offer.episodeId!, ...said }));
      },
    ],
  ];
  const rated: Promise<unknown>[] = [];
  for (const [index, [name, turnDown]] of ways.entries()) {
    const lines = Array.from({ length: 6 }, (_, line) => `  way${index}Step${line}(${line + index * 7});`).join('\n');
    const text = `export function way${index}(r: number, unit: number) {\n${lines}\n  ▮\n}\n`;
    const desk = new Desk(engine, join(root, `way${index}.ts`), text);
    server.script = () => ({ kind: 'text', deltas: [same] });
    const offer = await desk.ask();
    assert.equal(offer.items[0]?.insertText, same, name);
    turnDown(desk, offer);
    assert.equal((await desk.ask()).silence, turnedDown, name);
  }
  await Promise.all(rated);
});

test('only ignored, it may come again', async (t) => {
  const root = await folder(t);
  const server = await startOpenaiServer();
  t.after(() => server.close());
  const engine = await start(t, root, served(server));
  server.script = () => ({ kind: 'text', deltas: [same] });
  const desk = new Desk(engine, join(root, 'area.ts'), source);
  desk.happened(await desk.ask(), 'ignored', 'moved');
  assert.equal(await desk.offered(), same);
});

test('reopened, and after a restart of the engine, the memory holds on to it', async (t) => {
  const root = await folder(t);
  const server = await startOpenaiServer();
  t.after(() => server.close());
  const engine = await start(t, root, served(server));
  server.script = () => ({ kind: 'text', deltas: [same] });
  const desk = new Desk(engine, join(root, 'area.ts'), source);
  desk.happened(await desk.ask(), 'rejected', 'escape');
  desk.close();
  desk.edit(/^/, '// changed meanwhile\n');
  desk.open();
  assert.equal((await desk.ask()).silence, turnedDown, 'reopened');
  desk.edit(/(?=const half = r)/, 'log(1);\n  ');
  assert.equal((await desk.ask()).silence, turnedDown, 'and edited');
  await engine.stop();
  desk.engine = await start(t, root, served(server));
  desk.open();
  assert.equal((await desk.ask()).silence, turnedDown, 'restarted');
});

test('the workspace model doesn’t insist either, fifty times, and says it elsewhere', async (t) => {
  const root = await folder(t);
  await mkdir(join(root, 'src'));
  for (let index = 0; index < 8; index += 1) {
    await writeFile(
      join(root, 'src', `handler${index}.ts`),
      `export function handler${index}() {\n  try {\n    run();\n  } catch (error) {\n    logger.error(toMessage(error));\n  }\n}\n`,
    );
  }
  const engine = await start(t, root, { inlineModel: 'workspace' });
  const handler = (name: string, mark: string): string =>
    `export function ${name}() {\n  try {\n    run();\n  } catch (error) {\n    logger.${mark}\n  }\n}\n`;
  const desk = new Desk(engine, join(root, 'src', 'new.ts'), `${handler('fresh', '▮')}\n${handler('other', '')}`);
  const first = await desk.ask();
  const rejected = first.items[0]!.insertText;
  assert.equal(rejected, 'error(toMessage(error));');
  desk.happened(first, 'rejected', 'escape');
  let refused = 0;
  for (let index = 0; index < 50; index += 1) {
    const typed = rejected.slice(0, index % 5);
    if (index % 3 === 0) desk.edit(/^/, `// note ${index}\n`);
    if (index % 3 === 1) desk.edit(/(?=run\(\);)/, `step${index}();\n    `);
    if (index % 3 === 2) desk.edit(/$/, `// below ${index}\n`);
    desk.type(typed);
    const { items, silence } = await desk.ask();
    for (const { insertText } of items)
      assert.notEqual(squash(typed + insertText), squash(rejected), `request ${index}`);
    if (silence === turnedDown) refused += 1;
    if (typed !== '') desk.type(-typed.length);
  }
  assert.ok(refused > 0, 'the model goes on saying it');
  desk.goTo(desk.text.slice(0, desk.text.lastIndexOf('logger.') + 'logger.'.length));
  assert.equal(await desk.offered(), rejected, 'at another place it may be right');
});
