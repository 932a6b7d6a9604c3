/** Translates a message of the source, `{0}` standing for the first argument. `vscode.l10n` is one. */
export interface L10n {
  t(message: string, ...args: (string | number | boolean)[]): string;
}

/** English as written in the source, for what runs without an editor. */
export const plainL10n: L10n = {
  t: (message, ...args) =>
    message.replace(/\{(\d+)\}/g, (whole, index: string) => String(args[Number(index)] ?? whole)),
};
