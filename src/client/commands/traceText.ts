import type { Trace } from '../../protocol/rpc.ts';
import type { L10n } from '../platform/l10n.ts';
import { cell, fenced } from './fence.ts';

/** The last requests as Markdown, newest first: what was asked, how long each step took, what came back. */
export function traceText(traces: readonly Trace[], l10n: L10n): string {
  const title = `# ${l10n.t('Recent requests')}`;
  if (traces.length === 0) return `${title}\n\n${l10n.t('None yet in this session.')}\n`;
  const newestFirst = [...traces].sort((a, b) => b.at - a.at);
  const note = l10n.t('Kept in memory until the window closes. This text holds your code.');
  return `${[title, '', note, ...newestFirst.map((trace) => oneTrace(trace, l10n))].join('\n')}\n`;
}

function oneTrace({ at, kind, file, model, steps, prompt, answers, decision }: Trace, l10n: L10n): string {
  const time = new Date(at).toISOString().slice(11, 23);
  const what = kind === 'inline' ? l10n.t('suggestion') : l10n.t('requested edit');
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
    ...(prompt === '' ? [] : ['', `### ${l10n.t('Prompt')}`, '', fenced(prompt)]),
    ...answers.flatMap((answer, index) => ['', `### ${l10n.t('Answer {0}', index + 1)}`, '', fenced(answer)]),
  ].join('\n');
}
