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
  pick.onDidChangeValue((value) => {
    const typed = value.trim();
    const selected = new Set(pick.selectedItems.map((item) => item.label));
    pick.items =
      typed === '' ? known : [...known, { label: typed, description: vscode.l10n.t('comment'), alwaysShow: true }];
    pick.selectedItems = pick.items.filter((item) => selected.has(item.label));
  });
  const answer = await new Promise<{ reasons: Reason[]; comment: string } | undefined>((resolve) => {
    pick.onDidAccept(() => {
      // Enter without a tick takes the highlighted line, be it a reason or what was typed.
      const picked = pick.selectedItems.length > 0 ? pick.selectedItems : pick.activeItems.slice(0, 1);
      const chosen = picked.flatMap(({ reason }) => (reason ? [reason] : []));
      const own = picked.filter(({ reason }) => !reason).map(({ label }) => label);
      resolve({ reasons: chosen, comment: own.join(' ') });
    });
    pick.onDidHide(() => resolve(undefined));
    pick.show();
  });
  pick.dispose();
  return answer;
}
