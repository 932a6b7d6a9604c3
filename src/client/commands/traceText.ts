import type { Trace } from '../../protocol/rpc.ts';
import type { L10n } from '../platform/l10n.ts';
import { cell, fenced, inlineCode } from './fence.ts';

/**
 * The last requests as Markdown, newest first: what was asked, how long each step took, what came back and what was decided. `of`:
 * all of them, or those that one suggestion came of.
 */
export function traceText(traces: readonly Trace[], of: 'all' | 'one', l10n: L10n): string {
  const title = `# ${of === 'all' ? l10n.t('Recent requests') : l10n.t('How this suggestion came about')}`;
  const none =
    of === 'all'
      ? l10n.t('None yet in this session.')
      : l10n.t('That is no longer kept: only the last 50 requests of a session are.');
  if (traces.length === 0) return `${title}\n\n${none}\n`;
  const newestFirst = [...traces].sort((a, b) => b.at - a.at);
  const note = l10n.t('Kept in memory until the window closes. This text holds your code.');
  return `${[title, '', note, ...newestFirst.map((trace) => oneTrace(trace, l10n))].join('\n')}\n`;
}

/** Longer texts stand among the answers. */
const mostCharacters = 120;

function candidateRow({ text, model, probability, chance, droppedBy }: Trace['candidates'][number]): string {
  const line = text.replace(/\n/g, '⏎');
  const short = line.length > mostCharacters ? `${line.slice(0, mostCharacters)}…` : line;
  const share = (value: number | undefined) => (value === undefined ? '' : value.toFixed(2));
  return `| ${cell(inlineCode(short))} | ${cell(model)} | ${share(probability)} | ${share(chance)} | ${cell(droppedBy ?? '')} |`;
}

function oneTrace(trace: Trace, l10n: L10n): string {
  const { at, kind, file, model, steps, prompt, answers, candidates, decision } = trace;
  const time = new Date(at).toISOString().slice(11, 23);
  const whats = {
    inline: l10n.t('suggestion'),
    edit: l10n.t('requested edit'),
    nextEdit: l10n.t('the same change elsewhere'),
  };
  const what = whats[kind];
  const totalMs = steps.reduce((sum, { ms }) => sum + ms, 0);
  return [
    '',
    `## ${time} ${what} · ${file === '' ? l10n.t('untitled') : file} · ${model}`,
    '',
    `${decision === '' ? '' : `**${decision}** · `}${l10n.t('{0} ms', totalMs.toFixed(1))}`,
    '',
    `| ${l10n.t('step')} | ms | |`,
    '|---|---:|---|',
    ...steps.map(({ name, ms, note }) => `| ${cell(name)} | ${ms.toFixed(1)} | ${cell(note)} |`),
    ...(candidates.length === 0
      ? []
      : [
          '',
          `| ${[l10n.t('candidate'), l10n.t('source'), l10n.t('probability'), l10n.t('chance'), l10n.t('dropped by')].join(' | ')} |`,
          '|---|---|---:|---:|---|',
          ...candidates.map(candidateRow),
        ]),
    ...(prompt === '' ? [] : ['', `### ${l10n.t('Prompt')}`, '', fenced(prompt)]),
    ...answers.flatMap((answer, index) => ['', `### ${l10n.t('Answer {0}', index + 1)}`, '', fenced(answer)]),
  ].join('\n');
}
