import assert from 'node:assert/strict';
import { suite, suiteSetup, suiteTeardown, test } from 'mocha';
import type * as vscode from 'vscode';
import type { AttuneApi } from '../../../src/client/api.ts';
import { retentionMs } from '../../../src/client/inline/keptRanges.ts';
import type { FakeServer } from '../../fakes/fakeServer.ts';
import { startOpenaiServer } from '../../fakes/openaiServer.ts';
import { attune } from './attune.ts';
import { keeping } from './lifecycle/keeping.ts';
import { leaving } from './lifecycle/leaving.ts';
import { others } from './lifecycle/others.ts';
import { places } from './lifecycle/places.ts';
import { registerProviders } from './lifecycle/providers.ts';
import { refusing } from './lifecycle/refusing.ts';
import { agrees, type Session, tableOf } from './lifecycle/session.ts';
import { Ear, Stage } from './lifecycle/stage.ts';
import { taking } from './lifecycle/taking.ts';
import { typing } from './lifecycle/typing.ts';
import { closeEditors, configure, control, restoreSettings } from './ui.ts';

/** Longer than the suite: only the sessions that are about it look at what survives. */
const neverMs = [3_600_000, 7_200_000] as const;
/** Once before the session goes on, but after what waits for a command was told; once when it is certainly over. */
const soonMs = [800, 12_000] as const;
const mostAttempts = 5;
/** Those that keep their documents open come last: the others close all there are. */
const sessions = [...taking, ...typing, ...refusing, ...leaving, ...others, ...places, ...keeping];

suite('lifecycle: what is inferred is what was done', () => {
  let api: AttuneApi;
  let server: FakeServer;
  let ear: Ear;
  let providers: vscode.Disposable;
  let files = 0;
  const played: Stage[] = [];

  suiteSetup(async () => {
    api = await attune();
    server = await startOpenaiServer();
    ear = new Ear(api);
    providers = registerProviders();
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
    await restoreSettings();
    api.setRetentionDelays(retentionMs);
    ear.dispose();
    providers.dispose();
    await server.close();
  });

  /** Plays a session, again if the machine was too slow for it. */
  async function play(session: Session): Promise<Stage> {
    for (let attempt = 1; ; attempt += 1) {
      const stage = new Stage(session, { api, ear, server });
      files += 1;
      await stage.play(`src/sessions/session${files}.${session.language ?? 'java'}`);
      if (!stage.tooSlow || attempt === mostAttempts) {
        played.push(stage);
        return stage;
      }
      await stage.clear();
    }
  }

  for (const session of sessions) {
    test(session.name, async () => {
      // The next one's reflexes and settings are its own; documents in which something is looked at stay open.
      api.setRetentionDelays(session.keeps ? soonMs : neverMs);
      const stage = await play(session);
      if (session.keeps) await stage.leave();
      else {
        await stage.finish();
        await stage.clear();
        assert.ok(agrees(stage.row), tableOf([stage.row]));
      }
    });
  }

  test('every session in one table', async () => {
    for (const stage of played) await stage.finish();
    // Events that came after a session had ended are in it too.
    const rows = played.map(({ row }) => row);
    const agreeing = rows.filter(agrees);
    await control({ action: 'print', text: `${tableOf(rows)}\n${agreeing.length} of ${rows.length} agree` });
    assert.equal(agreeing.length, rows.length);
  });
});
