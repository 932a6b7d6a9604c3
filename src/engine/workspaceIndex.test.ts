import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Episode, Event } from '../protocol/episode.ts';
import { silentLog } from './clock.ts';
import type { StoredEpisode } from './memory/store.ts';
import { createWorkspaceModel, type WorkspaceModel } from './models/workspace/model.ts';
import { ignoreRules } from './workspace/ignore.ts';
import { WorkspaceIndex } from './workspaceIndex.ts';

interface Added {
  readonly text: string;
  readonly weight: number;
}

function index(): { readonly index: WorkspaceIndex; readonly added: Added[] } {
  const added: Added[] = [];
  const model = { addKept: (text: string, _: string, weight: number) => added.push({ text, weight }) };
  const store = { entries: () => [] };
  const clock = { now: () => 0 };
  // Only what is called here: reading files has its own tests.
  const made = new WorkspaceIndex({ model: model as unknown as WorkspaceModel, store, clock, log: silentLog });
  return { index: made, added };
}

let made = 0;
function kept(prefix: string, text: string, types: readonly Event['type'][] = ['accepted']): StoredEpisode {
  const id = `01890000-0000-7000-8000-${(made++).toString(16).padStart(12, '0')}`;
  const episode: Episode = {
    id,
    at: 0,
    kind: 'inline',
    file: 'src/a.ts',
    languageId: 'typescript',
    range: { startLine: 0, startCharacter: 0, endLine: 0, endCharacter: 0 },
    instruction: '',
    prefix,
    before: '',
    suffix: '',
    candidates: [{ id, text, model: 'workspace' }],
    offered: 0,
    propensity: 1,
    examples: [],
  };
  const events = types.map((type): Event => ({ id, episodeId: id, at: 1, type }));
  return { episode, events, rating: null, otherRatings: [], forbidden: false };
}

test('of a kept edit the model reads its own line and the one before, not what stood there anyway', () => {
  const { index: to, added } = index();
  to.learn(kept('one();\ntwo();\nthree();\n  const x = ', 'load(id);'));
  assert.deepEqual(
    added.map(({ text }) => text),
    ['three();\n  const x = load(id);'],
  );
});

test('the same text kept again counts once: typing alike all day does not drown the rest', () => {
  const { index: to, added } = index();
  for (let times = 0; times < 5; times += 1) to.learn(kept(`// ${times}\na();\n`, 'b();'));
  assert.equal(added.length, 1);
  to.learn(kept('a();\n', 'c();'));
  assert.equal(added.length, 2);
});

test('a kept edit is worth at most one occurrence in a file', () => {
  const { index: to, added } = index();
  to.learn(kept('', 'accepted();'));
  to.learn(kept('', 'retained();', ['accepted', 'retained']));
  assert.ok(added.length === 2 && added.every(({ weight }) => weight > 0 && weight <= 1));
});

test('what was ignored, refused, undone or forbidden is not learnt', () => {
  const { index: to, added } = index();
  to.learn(kept('', 'ignored();', ['ignored']));
  to.learn(kept('', 'rejected();', ['rejected']));
  to.learn(kept('', 'reverted();', ['accepted', 'reverted']));
  to.learn({ ...kept('', 'forbidden();'), forbidden: true });
  assert.deepEqual(added, []);
});

test('a build that gives way to another leaves nothing behind that the new rules exclude', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'attune-index-'));
  try {
    for (let nth = 0; nth < 20; nth += 1)
      await writeFile(join(folder, `private${nth}.ts`), `const a${nth} = ${nth};\n`);
    await writeFile(join(folder, 'open.ts'), 'const b = 1;\n');
    const clock = { now: () => 0 };
    const model = createWorkspaceModel({ maxBytes: 8_000_000, log: silentLog, clock });
    const to = new WorkspaceIndex({ model, store: { entries: () => [] }, clock, log: silentLog });
    const folders = [{ path: folder, name: 'work' }];
    const asked = (exclude: string[]) => ({ folders, rules: ignoreRules({ folders, exclude }), onProgress: () => {} });
    const giveWay = new AbortController();
    const first = to.build(asked([]), giveWay.signal);
    const reading = Promise.withResolvers<void>();
    const add = model.addFile.bind(model);
    model.addFile = (...file) => {
      add(...file);
      reading.resolve();
    };
    await reading.promise;
    giveWay.abort();
    const second = to.build(asked(['private*']), new AbortController().signal);
    assert.ok((await first).files < 21, 'the first one stopped early');
    assert.ok(to.building, 'and the second one still counts as under way');
    assert.equal((await second).files, 1);
    assert.equal(model.stats().files, 1);
    assert.ok(!to.building);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
