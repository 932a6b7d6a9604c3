import type { ClientRequests, ModelRow, Result } from '../../protocol/rpc.ts';
import type { L10n } from '../platform/l10n.ts';
import { cell, fenced } from './fence.ts';

type Tested = Extract<Result<ClientRequests, 'testModel'>, { ok: true }>;

/** The result of “Test This Model” as Markdown. */
export function modelTestText(model: Pick<ModelRow, 'source' | 'id'>, tested: Tested, l10n: L10n): string {
  const { text, firstTokenMs, totalMs, template, usage } = tested;
  const perSecond =
    usage && totalMs > firstTokenMs
      ? ((1000 * Math.max(0, usage.completionTokens - 1)) / (totalMs - firstTokenMs)).toFixed(1)
      : null;
  const rows: [string, string][] = [
    [l10n.t('Model'), model.source === model.id ? model.id : `${model.source}: ${model.id}`],
    [l10n.t('Prompt form'), template],
    [l10n.t('First token'), l10n.t('{0} ms', Math.round(firstTokenMs))],
    [l10n.t('Complete'), l10n.t('{0} ms', Math.round(totalMs))],
    ...(usage
      ? [
          [l10n.t('Tokens'), l10n.t('{0} read, {1} written', usage.promptTokens, usage.completionTokens)] satisfies [
            string,
            string,
          ],
        ]
      : []),
    ...(perSecond === null
      ? []
      : [[l10n.t('Speed'), l10n.t('{0} tokens a second', perSecond)] satisfies [string, string]]),
  ];
  return [
    `# ${l10n.t('Test of {0}', model.id)}`,
    '',
    '| | |',
    '|---|---|',
    ...rows.map(([name, value]) => `| ${cell(name)} | ${cell(value)} |`),
    '',
    `## ${l10n.t('What it wrote')}`,
    '',
    text.trim() === '' ? l10n.t('Nothing. The prompt form may be the wrong one for this model.') : fenced(text),
    '',
  ].join('\n');
}
