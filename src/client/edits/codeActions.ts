import * as vscode from 'vscode';
import { commands } from '../../protocol/ids.ts';
import type { ProposeArguments } from './editController.ts';

/** Offers a requested edit in the lightbulb menu: on a selection, and as a fix for a problem under the cursor. */
export class EditCodeActions implements vscode.CodeActionProvider {
  static readonly kinds = [vscode.CodeActionKind.RefactorRewrite, vscode.CodeActionKind.QuickFix];

  provideCodeActions(
    _document: vscode.TextDocument,
    range: vscode.Range | vscode.Selection,
    context: vscode.CodeActionContext,
  ): vscode.CodeAction[] {
    const action = (title: string, kind: vscode.CodeActionKind, given: ProposeArguments): vscode.CodeAction => {
      const made = new vscode.CodeAction(title, kind);
      made.command = { command: commands.proposeEdit, title, arguments: [given] };
      return made;
    };
    const fixes = context.diagnostics.slice(0, 1).map((problem) => {
      const made = action(vscode.l10n.t('Fix with Attune'), vscode.CodeActionKind.QuickFix, {
        instruction: vscode.l10n.t('Fix this problem: {0}', problem.message),
      });
      made.diagnostics = [problem];
      return made;
    });
    if (range.isEmpty) return fixes;
    return [
      ...fixes,
      action(vscode.l10n.t('Propose an edit with Attune…'), vscode.CodeActionKind.RefactorRewrite, { range }),
    ];
  }
}
