import assert from 'node:assert/strict';
import { suite, suiteSetup, suiteTeardown, test } from 'mocha';
import type { AttuneApi } from '../../../src/client/api.ts';
import type { FakeServer } from '../../fakes/fakeServer.ts';
import { startOpenaiServer } from '../../fakes/openaiServer.ts';
import { attune } from './attune.ts';
import { agrees, type Session, tableOf } from './lifecycle/session.ts';
import { Ear, Stage } from './lifecycle/stage.ts';
import { taking } from './lifecycle/taking.ts';
import { closeEditors, configure, control } from './ui.ts';

/** Longer than the suite: only the sessions that are about it look at what survives. */
const neverMs = [3_600_000, 7_200_000] as const;

suite('lifecycle: what is inferred is what was done', () => {
  let api: AttuneApi;
  let server: FakeServer;
  let ear: Ear;
  const played: Stage[] = [];

  suiteSetup(async () => {
    api = await attune();
    server = await startOpenaiServer();
    ear = new Ear(api);
    await configure({
      'inline.model': 'openai',
      'openai.baseUrl': `${server.url}/v1`,
      'openai.model': 'demo-coder',
      'openai.completionsEndpoint': 'always',
      'memory.examples': 0,
    });
    api.setRetentionDelays(neverMs);
  });
  suiteTeardown(async () => {
    await closeEditors();
    await configure({
      'inline.model': undefined,
      'openai.baseUrl': undefined,
      'openai.model': undefined,
      'openai.completionsEndpoint': undefined,
      'memory.examples': undefined,
    });
    ear.dispose();
    await server.close();
  });

  async function play(session: Session): Promise<Stage> {
    const stage = new Stage(session, { api, ear, server });
    played.push(stage);
    await stage.play(`src/sessions/session${played.length}.${session.language ?? 'java'}`);
    return stage;
  }

  for (const session of taking) {
    test(session.name, async () => {
      const stage = await play(session);
      await stage.finish();
      await stage.clear();
      assert.ok(agrees(stage.row), tableOf([stage.row]));
    });
  }

  test('the table of all sessions', async () => {
    // Events that came after a session had ended are in it too.
    const rows = played.map(({ row }) => row);
    const agreeing = rows.filter(agrees);
    await control({ action: 'print', text: `${tableOf(rows)}\n${agreeing.length} of ${rows.length} agree` });
    assert.equal(agreeing.length, rows.length);
  });
});
