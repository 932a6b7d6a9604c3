/** The extension under test, and what it remembers. */
import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import type { AttuneApi } from '../../../src/client/api.ts';
import type { EpisodeCard } from '../../../src/protocol/episode.ts';
import { commands } from '../../../src/protocol/ids.ts';
import type { Trace } from '../../../src/protocol/rpc.ts';
import { waitFor } from './ui.ts';

/** Attune's API, when its engine answers. */
export async function attune(): Promise<AttuneApi> {
  const extension = vscode.extensions.getExtension<AttuneApi>('attune.attune');
  assert.ok(extension, 'VS Code does not know attune.attune');
  const api = await extension.activate();
  await api.ready;
  return api;
}

/** The newest episodes, newest first. */
export async function episodes(query = ''): Promise<readonly EpisodeCard[]> {
  const api = await attune();
  return (await api.engine.ask('listEpisodes', { query, filter: 'all', limit: 50 })).cards;
}

/** Waits until an episode satisfies `predicate`. */
export function episode(predicate: (card: EpisodeCard) => boolean, what: string): Promise<EpisodeCard> {
  return waitFor(async () => (await episodes()).find(predicate), what);
}

/** The latest requests, newest first. */
export async function traces(): Promise<readonly Trace[]> {
  const api = await attune();
  return (await api.engine.ask('trace', {})).traces;
}

/** Waits until the workspace has been read. */
export async function workspaceRead(): Promise<void> {
  const api = await attune();
  await waitFor(
    async () => {
      const { workspaceModel } = await api.engine.ask('memoryStats', {});
      return !workspaceModel.building && workspaceModel.files > 0;
    },
    'the workspace to be read',
    30_000,
  );
}

/** Forgets everything, and waits until what there is to suggest from has been read anew. */
export async function forgetAll(): Promise<void> {
  await vscode.commands.executeCommand(commands.resetMemory, { confirmed: true });
  await workspaceRead();
}
