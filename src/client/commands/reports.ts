import * as vscode from 'vscode';
import type { CommandDeps } from './deps.ts';
import { memoryText } from './memoryText.ts';
import { traceText } from './traceText.ts';

/** What is stored, how much and where, as a read-only document. */
export async function showMemoryStats({ engine, config, documents }: CommandDeps): Promise<void> {
  const stats = await engine.ask('memoryStats', {});
  const { maxMegabytes, maxEpisodes } = config.current.engine;
  await documents.show('memory.md', memoryText(stats, { megabytes: maxMegabytes, episodes: maxEpisodes }, vscode.l10n));
}

/** How the last suggestions came about, as a read-only document. */
export async function showTrace({ engine, documents }: CommandDeps): Promise<void> {
  const { traces } = await engine.ask('trace', {});
  await documents.show('trace.md', traceText(traces, vscode.l10n));
}
