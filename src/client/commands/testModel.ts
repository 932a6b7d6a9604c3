import * as vscode from 'vscode';
import type { ModelRow } from '../../protocol/rpc.ts';
import type { CommandDeps } from './deps.ts';
import { withEngineProgress } from './engineWork.ts';
import { showFailure } from './failure.ts';
import { modelDetail, usesNow } from './modelChoice.ts';
import { modelTestText } from './modelTestText.ts';

/** Arguments for scripts and tests: the model, without the picker. */
export type TestArguments = Pick<ModelRow, 'source' | 'id'>;

/** Asks a model for one completion and shows it with its timings. */
export async function testModel(deps: CommandDeps, given?: TestArguments): Promise<void> {
  const { engine, documents } = deps;
  const model = given ?? (await pickModel(deps));
  if (!model) return;
  const title = vscode.l10n.t('Attune: testing {0}', model.id);
  const result = await withEngineProgress(engine, { title, bar: false }, (_requestId, token) =>
    engine.ask('testModel', { source: model.source, id: model.id }, token),
  );
  if (!result.ok) {
    showFailure(result.failure);
    return;
  }
  await documents.show('model-test.md', modelTestText(model, result, vscode.l10n));
}

/** The models in use first. */
async function pickModel({ engine, config }: CommandDeps): Promise<ModelRow | undefined> {
  const { l10n } = vscode;
  const rows = engine.ask('listModels', {}).then((listed) => {
    const [problem] = listed.problems;
    if (listed.rows.length === 0 && problem) showFailure(problem);
    const inUse = (row: ModelRow): boolean => {
      const { inline, edit } = usesNow(row, config.current.engine);
      return inline || edit;
    };
    return listed.rows
      .map((row) => ({
        row,
        label: row.label,
        description: inUse(row) ? `$(check) ${l10n.t('in use')}` : '',
        detail: modelDetail(row, l10n),
      }))
      .sort((a, b) => Number(inUse(b.row)) - Number(inUse(a.row)));
  });
  const chosen = await vscode.window.showQuickPick(rows, { title: l10n.t('Test which model?') });
  return chosen?.row;
}
