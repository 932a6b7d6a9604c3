import * as vscode from 'vscode';
import { type Reason, reasons } from '../../protocol/episode.ts';

function reasonLabel(reason: Reason): string {
  switch (reason) {
    case 'wrongPlace':
      return vscode.l10n.t('Wrong place');
    case 'wrongStyle':
      return vscode.l10n.t('Wrong style');
    case 'brokenCode':
      return vscode.l10n.t('Broken code');
    case 'repeats':
      return vscode.l10n.t('Repeats');
    case 'inventedNames':
      return vscode.l10n.t('Invented names');
    case 'tooMuch':
      return vscode.l10n.t('Too much');
    case 'tooLittle':
      return vscode.l10n.t('Too little');
    case 'undidMyChange':
      return vscode.l10n.t('Undid my change');
  }
}

/** Why a proposal is rejected: chips, and free text typed into the same box. Undefined: dismissed. */
export async function askReasons(): Promise<{ reasons: Reason[]; comment: string } | undefined> {
  const pick = vscode.window.createQuickPick<vscode.QuickPickItem & { readonly reason?: Reason }>();
  pick.canSelectMany = true;
  pick.title = vscode.l10n.t('Reject because…');
  pick.placeholder = vscode.l10n.t('Choose reasons, or type your own and press Enter');
  const known = reasons.map((reason) => ({ label: reasonLabel(reason), reason }));
  pick.items = known;
  // Typed text filters the list; as an item of its own it stays, so that it can be the reason.
  const fitting = (typed: string) => known.filter(({ label }) => label.toLowerCase().includes(typed.toLowerCase()));
  // A quick pick puts an exact match first, so what was typed is an item only where no reason fits it.
  pick.onDidChangeValue((value) => {
    const typed = value.trim();
    const selected = new Set(pick.selectedItems.map((item) => item.label));
    const own = { label: typed, description: vscode.l10n.t('comment'), alwaysShow: true };
    pick.items = typed === '' || fitting(typed).length > 0 ? known : [...known, own];
    pick.selectedItems = pick.items.filter((item) => selected.has(item.label));
  });
  const answer = await new Promise<{ reasons: Reason[]; comment: string } | undefined>((resolve) => {
    pick.onDidAccept(() => {
      const typed = pick.value.trim();
      const ticked = pick.selectedItems;
      const best = typed === '' ? [] : fitting(typed).slice(0, 1);
      // Enter without a tick takes the first line that fits what was typed, else what was typed.
      const chosen = ticked.length > 0 || best.length === 0 ? ticked : best;
      const comment =
        chosen.length === 0
          ? typed
          : chosen
              .filter(({ reason }) => !reason)
              .map(({ label }) => label)
              .join(' ');
      resolve({ reasons: chosen.flatMap(({ reason }) => (reason ? [reason] : [])), comment });
    });
    pick.onDidHide(() => resolve(undefined));
    pick.show();
  });
  pick.dispose();
  return answer;
}
