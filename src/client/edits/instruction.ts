import * as vscode from 'vscode';

/** Most instructions remembered. */
const historyLength = 30;

/** What the input box remembers between sessions. */
export interface InstructionHistory {
  get(): readonly string[];
  set(instructions: readonly string[]): void;
}

/** Puts `instruction` in front, once. */
export function remembered(history: readonly string[], instruction: string): string[] {
  return [instruction, ...history.filter((other) => other !== instruction)].slice(0, historyLength);
}

/** Asks for an instruction; earlier ones are offered below and found by typing. Undefined: dismissed. */
export async function askInstruction(options: {
  readonly title: string;
  readonly placeholder: string;
  readonly history: InstructionHistory;
}): Promise<string | undefined> {
  const pick = vscode.window.createQuickPick();
  pick.title = options.title;
  pick.placeholder = options.placeholder;
  const earlier = options.history.get().map((label) => ({ label, iconPath: new vscode.ThemeIcon('history') }));
  const show = (): void => {
    const typed = pick.value.trim();
    const own = typed === '' ? [] : [{ label: typed, iconPath: new vscode.ThemeIcon('sparkle'), alwaysShow: true }];
    pick.items = [...own, ...earlier.filter(({ label }) => label !== typed)];
  };
  show();
  const chosen = await new Promise<string | undefined>((resolve) => {
    pick.onDidChangeValue(show);
    pick.onDidAccept(() => resolve(pick.activeItems[0]?.label ?? (pick.value.trim() || undefined)));
    pick.onDidHide(() => resolve(undefined));
    pick.show();
  });
  pick.dispose();
  if (chosen !== undefined) options.history.set(remembered(options.history.get(), chosen));
  return chosen;
}
